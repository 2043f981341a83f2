// The page that stands in for a rep's pages without a network: a meeting begins with a code that was reserved before,
// and waits on the phone until there is a network again.
"use strict";
(async () => {
  const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u3099\u309a]/g;
  const APOSTROPHES = /['`\u00b4\u02b9-\u02bf\u055a\u05f3\u05f4\u2018\u2019\u2032\uff07]/g;
  const WORDS_OF_ONE = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/gu;
  const MOST_WORDS = 8;
  const PLAIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
    "ı": "i", "ŋ": "n", "ς": "σ", "ي": "ی", "ى": "ی", "ك": "ک",
  };
  const $ = (id) => document.getElementById(id);
  const shown = document.documentElement.dataset;
  let kept = await phone.read().catch(() => phone.NOTHING);
  let pause = 1000;
  let timer;

  // --- what is shown: nothing but words, whom to meet, or a code
  function draw() {
    const token = location.hash.slice(1);
    const meeting = !kept.locked && kept.waiting.find((each) => each.code.token === token);
    const has = phone.usable(kept).length > 0 || (!kept.locked && kept.waiting.length > 0);
    $("nothing").hidden = has;
    $("home").hidden = !has || !!meeting;
    $("code").hidden = !meeting;
    late.show(kept);
    if (meeting) drawCode(meeting);
    else if (has) drawContacts();
  }

  function drawContacts() {
    const typed = $("find").value;
    const found = kept.contacts.filter((each) => holdsWords([each.name, each.account], typed));
    const row = $("contact-row").content;
    $("contacts").replaceChildren(...found.slice(0, 8).map((each) => {
      const made = row.cloneNode(true);
      made.querySelector("strong bdi").textContent = each.name;
      made.querySelector(".soft bdi").textContent = each.account;
      made.querySelector("button").onclick = () => start([{ contact_id: each.id, name: each.name, account: each.account }]);
      return made;
    }));
    $("contacts").hidden = !found.length;
    if (!found.length) $("somebody-new").open = true;
  }

  function drawCode(meeting) {
    for (const part of document.querySelectorAll("[data-name]")) part.textContent = meeting.name;
    for (const part of document.querySelectorAll("[data-first]")) part.textContent = meeting.name.split(" ")[0];
    $("account").textContent = meeting.account;
    $("spelled").textContent = meeting.code.address.split("://")[1].replace(/[^/]*$/, meeting.code.spelled);
    $("share").dataset.share = meeting.code.address;
    const svg = document.querySelector(".qr svg");
    svg.setAttribute("viewBox", `0 0 ${meeting.code.size} ${meeting.code.size}`);
    svg.setAttribute("aria-label", svg.dataset.label.replace("…", meeting.name));
    for (const side of ["width", "height"]) svg.querySelector("rect").setAttribute(side, meeting.code.size);
    svg.querySelector("path").setAttribute("d", meeting.code.path);
    $("refused").textContent = meeting.refused || "";
    $("undo").onclick = async () => { await late.drop(meeting.code.token); await again(); location.hash = ""; };
    document.title = `${document.title.split(" · ")[0]} · ${meeting.name}`;
  }

  // --- As the server finds names, too (feedback/core/finding.py): small letters without their marks, plain ones in place
  // of those that have none, and spaces for all that is no letter, mark or digit; each Chinese or Japanese letter is a word.
  function holdsWords(parts, typed) {
    const words = folded(typed).split(" ").filter(Boolean).slice(0, MOST_WORDS);
    const spelled = parts.flatMap((part) => [part, part.replace(APOSTROPHES, " ")]);
    const there = ` ${spelled.map(folded).join(" ")}`;
    return words.length ? words.every((word) => there.includes(` ${word}`)) : !typed.trim();
  }

  function folded(text) {
    const letters = text.normalize("NFKD").toLowerCase().normalize("NFKD").replace(MARKS, "").replace(APOSTROPHES, "");
    const plain = letters.replace(/./gu, (one) => PLAIN[one] ?? one).replace(WORDS_OF_ONE, " $& ");
    return plain.replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
  }

  async function again() {
    kept = await phone.read();
    draw();
  }

  // --- beginning a meeting
  async function start(people, form_key = newKey(), topic = "") {
    const begun = await phone.change((kept) => people.map((each) => phone.begin(kept, each, form_key, topic)));
    kept = await phone.read();
    const first = begun.find(Boolean);
    if (first) history.pushState(null, "", "/offline#" + first.code.token);
    draw();
    scrollTo(0, 0);
  }

  function newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // The form that could not be sent, as the service worker hands it on.
  async function startWhatFailed() {
    if (!shown.start) return;
    const sent = new URLSearchParams(decodeURIComponent(shown.start));
    delete shown.start;
    history.replaceState(null, "", "/offline");
    const known = [...JSON.parse(sessionStorage.asked || "[]"), ...kept.contacts.map((each) => ({ ...each, contact_id: each.id }))];
    const people = sent.getAll("contact_id").filter(Boolean).map((id) => {
      const { name = "?", account = "" } = known.find((each) => each.contact_id === id) || {};
      return { contact_id: id, name, account };
    });
    const [name, account] = [sent.get("contact_name") || "", sent.get("account_name") || ""].map((text) => text.trim());
    if (name && account) people.push({ contact_name: name, account_name: account, name, account });
    else if (name || account) {
      $("somebody-new").open = true;
      document.forms.new.contact_name.value = name;
      document.forms.new.account_name.value = account;
    }
    if (people.length) await start(people, sent.get("form_key") || undefined, sent.get("topic") || "");
  }

  // --- going on as soon as there is a network
  async function look() {
    clearTimeout(timer);
    try {
      const arrived = await late.send();
      const mine = arrived && arrived[location.hash.slice(1)];
      if (mine) return location.replace(mine);
      await again();
      if (!arrived || ($("code").hidden && !busy())) return goOn();
    } catch { /* still without */ }
    pause = Math.min(pause * 2, 30000);
    timer = setTimeout(look, pause);
  }

  function goOn() {
    if (location.pathname === "/offline") location.replace("/");
    else location.reload();
  }

  // Nobody's typing is taken away.
  function busy() {
    return !$("home").hidden && !!($("find").value || document.forms.new.contact_name.value);
  }

  document.forms.new.addEventListener("submit", (event) => {
    event.preventDefault();
    const [name, account] = ["contact_name", "account_name"].map((each) => event.target[each].value.trim());
    event.target.reset();
    start([{ contact_name: name, account_name: account, name, account }]);
  });
  $("find").addEventListener("input", drawContacts);
  addEventListener("hashchange", again);
  addEventListener("popstate", again);
  addEventListener("online", () => { pause = 1000; look(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

  draw();
  await startWhatFailed();
  timer = setTimeout(look, 1000);
})();
