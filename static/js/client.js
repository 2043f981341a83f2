// Saves every tap as it is made. Without a network the state waits in the phone's storage, says so, and
// goes out when the network is back or the page is opened again. Without this script the form still works.
//
// The first tap makes the answer key: here, so that it works without a network, too. The page goes on at the address
// that carries it, and the phone remembers it, so that scanning the code again leads there. A phone that a rep lent
// remembers nothing but its mark.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form");
  const token = form.dataset.token;
  const lent = "lent" in form.dataset;
  const keyName = "key " + token;
  const stateName = "answer " + token;

  function read(name) {
    try { return localStorage.getItem(name); } catch { return null; }
  }
  function write(name, text) {
    try {
      if (text === null) localStorage.removeItem(name);
      else localStorage.setItem(name, text);
    } catch { /* private mode: it lives as long as the page */ }
  }
  function keyed(key) {
    return "/f/" + token + "/" + key + location.search;
  }

  let key = form.dataset.key || "";
  if (!key && !lent && read(keyName)) return location.replace(keyed(read(keyName)));
  if (key && !lent) write(keyName, key);
  const rows = "rows" in form.dataset;
  const note = form.querySelector(".saved");
  let quiet = note && note.innerHTML;
  let mark;
  let last = Number(form.dataset.sequence);
  let pause = 1000;
  let onItsWay = null;
  let timer;
  let told = !rows;
  let state = recall();

  function markOfThisPhone() {
    mark = mark || read("mark");
    if (!mark) write("mark", mark = newKey());
    return mark;
  }
  function newKey() {
    const letters = "34679CDFGHJKMNPQRTVWXY";  // 22 of 22: 98 random bits
    let made = "";
    while (made.length < 22) {
      for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
        if (byte < 242 && made.length < 22) made += letters[byte % 22];
      }
    }
    return made;
  }
  function recall() {
    try { return lent ? null : JSON.parse(read(stateName)); } catch { return null; }
  }
  function keep() {
    if (!lent) write(stateName, state && JSON.stringify(state));
  }
  function fieldsOf() {
    const fields = {};  // the first of a name: a checkbox stands before what holds when it is not checked
    for (const [name, value] of new FormData(form)) if (!(name in fields)) fields[name] = value;
    delete fields.speak;  // a tap chooses no language
    return fields;
  }
  function show({ fields, sequence }) {
    last = Math.max(last, sequence);
    for (const [name, value] of Object.entries(fields)) {
      for (const field of form.querySelectorAll(`[name="${name}"]`)) {
        if (field.type === "textarea") field.value = value;
        else field.checked = field.value === value;
      }
    }
  }
  function say(words) {
    if (!note) return;
    if (words) {
      note.dataset.waiting = "";
      note.textContent = words;
    } else if ("waiting" in note.dataset) {
      delete note.dataset.waiting;
      note.innerHTML = quiet;
    }
  }
  function holdKey() {
    if (!key) key = (!lent && read(keyName)) || newKey();  // another tab may have made it
    if (!lent) write(keyName, key);
  }
  function changed(done) {
    holdKey();
    last = Math.max(Date.now(), last + 1);
    state = { fields: fieldsOf(), sequence: last, done: done || (state && state.done) };
    keep();
  }
  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }
  // The address that carries the key, in the address bar and in the form.
  function goOn(address) {
    if (!address || form.action.endsWith(address)) return;
    form.action = address;
    history.replaceState(null, "", address);
    const receipt = form.querySelector("[data-receipt]");
    if (!receipt) return;
    receipt.href = address.replace(/(\?|$)/, "/receipt$1");
    quiet = note.innerHTML;
  }
  function notNow(reply) {
    return [408, 429].includes(reply.status) || reply.status >= 500;
  }
  async function tell() {
    try {
      told = !notNow(await fetch("/f/" + token + "/opened", { method: "POST", keepalive: true }));
    } catch { /* again before the next tap is sent */ }
  }
  async function send(leaving) {
    if (!state || onItsWay) return;
    const sent = onItsWay = state;
    const body = new URLSearchParams({ ...sent.fields, sequence: sent.sequence, mark: markOfThisPhone(), key });
    if (sent.done) body.set("done", "1");
    try {
      const telling = told || tell();
      if (!leaving) await telling;
      const reply = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true });
      if (notNow(reply)) throw reply;
      const ours = reply.status !== 409;  // else begun again on another phone: the taps wait
      if (state === sent && ours) { state = null; keep(); }
      pause = 1000;
      say("");
      goOn(reply.headers.get("HX-Replace-Url"));
      if (reply.status === 422) submit(sent.done && { done: "1" });
      else if (!reply.ok) {  // closed, erased, or begun again on another phone: the page at the key's address says which
        if (ours) state = null;
        keep();
        return lent ? location.reload() : location.replace(keyed(key));
      }
      // On a lent phone the back button shall not bring back what was tapped.
      else if (sent.done) location[lent ? "replace" : "assign"](reply.headers.get("HX-Redirect") || location.href);
    } catch {
      say(navigator.onLine ? form.dataset.away : form.dataset.waiting);  // what else would not answer
      pause = Math.min(pause * 2, 30000);
      soon(pause);
    }
    onItsWay = null;
    if (state !== sent) soon(0);
  }
  // Without script's help: the server saves, and answers in the chosen language, or says what is wrong.
  function submit(more) {
    for (const [name, value] of Object.entries({ key, ...more })) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    form.submit();
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "speak") return submit();
    if (event.target.name === "visibility" && !key && !form.querySelector("input[type=radio]:checked")) return;
    changed(false);
    soon(120);
  });
  form.addEventListener("input", (event) => {
    if (event.target.tagName === "TEXTAREA") { changed(false); soon(600); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.querySelector("input[type=radio]:checked") && !key) return say(form.dataset.none);
    changed(true);
    soon(0);
  });
  addEventListener("pageshow", (event) => { if (lent && event.persisted) location.reload(); });
  addEventListener("online", () => soon(0));
  addEventListener("pagehide", () => {
    if (state === onItsWay) return;
    onItsWay = null;  // there is no time to wait for what is on its way
    send(true);
  });
  addEventListener("storage", (event) => {
    if (event.key === stateName && event.newValue) show(JSON.parse(event.newValue));
  });

  // The menu of languages: to style them all takes a slow phone 13 ms, and nobody needs them before they see the page.
  const language = form.querySelector("noscript + label");
  if (language) requestAnimationFrame(() => setTimeout(() => {
    language.outerHTML = language.previousElementSibling.textContent;
  }));
  if (state) {
    holdKey();
    show(state);
    soon(0);
  }
  if (rows) {
    if (document.prerendering) document.addEventListener("prerenderingchange", tell);
    else setTimeout(tell);  // which waits for no paint, and keeps none waiting
  }
});
