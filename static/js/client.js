// Saves every tap as it is made. Without a network the state waits in the phone's storage, says so, and
// goes out when the network is back or the page is opened again. Without this script the form still works.
"use strict";
(() => {
  const form = document.querySelector("form[data-rows], form[data-extras]");
  if (!form || !window.fetch) return;
  const rows = document.querySelector("form[data-rows]");
  const note = form.querySelector(".saved");
  const quiet = note && note.innerHTML;
  const mark = markOfThisPhone();
  const key = "answer " + location.pathname.toUpperCase();
  let last = Number(form.dataset.sequence || 0);
  let pause = 1000;
  let busy = false;
  let timer;
  let state = recall();

  function markOfThisPhone() {
    try {
      let found = localStorage.getItem("mark");
      if (!found) localStorage.setItem("mark", found = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()));
      return found;
    } catch { return ""; }
  }
  function recall() {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  }
  function keep() {
    try {
      if (state) localStorage.setItem(key, JSON.stringify(state));
      else localStorage.removeItem(key);
    } catch { /* private mode: the state lives as long as the page */ }
  }
  function show(fields) {
    for (const [name, value] of Object.entries(fields)) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio") field.checked = field.value === value;
        else if (field.tagName === "TEXTAREA") field.value = value;
      }
    }
  }
  function say(waiting) {
    if (!note) return;
    if (waiting) {
      note.dataset.waiting = "";
      note.textContent = form.dataset.waiting;
    } else if ("waiting" in note.dataset) {
      delete note.dataset.waiting;
      note.innerHTML = quiet;
    }
  }
  function changed(done) {
    last = Math.max(Date.now(), last + 1);
    state = { fields: Object.fromEntries(new FormData(form)), sequence: last, done: done || !!(state && state.done) };
    keep();
  }
  function soon(wait) {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }
  async function send() {
    if (!state || busy) return;
    busy = true;
    const sent = state;
    const body = new URLSearchParams({ ...sent.fields, sequence: sent.sequence, mark });
    if (sent.done) body.set("done", "1");
    try {
      const reply = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true });
      if (reply.status === 429 || reply.status >= 500) throw new Error(String(reply.status));
      if (state === sent) { state = null; keep(); }
      pause = 1000;
      say(false);
      if (reply.status === 422) form.submit();
      else if (!reply.ok) location.reload();
      else if (sent.done) location.assign(reply.headers.get("HX-Redirect") || location.href);
    } catch {
      say(true);
      pause = Math.min(pause * 2, 30000);
      soon(pause);
    }
    busy = false;
    if (state && state !== sent) soon(0);
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "speak") return form.submit();  // the server saves, and answers in that language
    changed(false);
    soon(120);
  });
  form.addEventListener("input", (event) => {
    if (event.target.tagName === "TEXTAREA") { changed(false); soon(600); }
  });
  for (const button of form.querySelectorAll("[data-speak]")) button.hidden = true;
  form.addEventListener("submit", (event) => {
    if (event.submitter && "speak" in event.submitter.dataset) return;
    event.preventDefault();
    changed(true);
    soon(0);
  });
  addEventListener("online", () => soon(0));
  addEventListener("pagehide", () => { if (state) send(); });
  addEventListener("storage", (event) => {
    if (event.key === key && event.newValue) show(JSON.parse(event.newValue).fields);
  });

  if (state) {
    show(state.fields);
    last = Math.max(last, state.sequence);
    soon(0);
  }
  if (rows) {
    const tell = () => fetch(rows.dataset.opened, { method: "POST", keepalive: true }).catch(() => {});
    if (document.prerendering) document.addEventListener("prerenderingchange", tell, { once: true });
    else tell();
  }
})();
