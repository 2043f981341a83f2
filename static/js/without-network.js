// Signed-in pages of a rep, and the page that stands in for them without a network: sends the meetings that wait, fetches
// codes and contacts for the next ones, and shows what waits.
"use strict";
self.late = (() => {
  const FRESH = 5 * 60 * 1000;  // ms in which what is kept is not asked for anew
  const possible = isSecureContext && "serviceWorker" in navigator && "indexedDB" in self;

  // Returns what the server says, undefined where nobody is signed in; throws where it cannot be reached.
  async function ask(address, fields) {
    const more = fields && { method: "POST", body: new URLSearchParams(fields) };
    const reply = await fetch(address, { ...more, cache: "no-store", headers: { "HX-Request": "true" } });
    if (reply.headers.has("HX-Redirect") || reply.status === 403) return undefined;
    if (!(reply.headers.get("Content-Type") || "").startsWith("application/json")) throw reply;
    return reply.json();
  }

  // Sends all that waits and fetches what is missing. Returns the addresses of the meetings that arrived, by token;
  // undefined where nobody is signed in. Throws where the server cannot be reached.
  async function send() {
    const now = await ask("/meetings/reserved");
    if (!now) return undefined;
    const kept = await phone.change((kept) => {
      if (kept.who !== now.who) Object.assign(kept, structuredClone(phone.NOTHING));  // of somebody else
      Object.assign(kept, { who: now.who, locked: false, contacts: now.contacts, at: Date.now() });
      kept.codes = phone.usable(kept);
      return structuredClone(kept);
    });
    const arrived = {};
    for (const each of kept.waiting.filter((each) => !each.refused)) {
      const { contact_id = "", contact_name = "", account_name = "", topic = "", form_key = "" } = each;
      const ago = Math.max(0, Math.round((Date.now() - each.began) / 1000));
      const said = contact_id ? { contact_id } : { contact_name, account_name };
      const reply = await ask("/meetings/late", { ...said, topic, form_key, ago, token: each.code.token, csrf_token: now.csrf });
      if (!reply) return undefined;
      if (reply.meeting) arrived[each.code.token] = reply.meeting;
      await phone.change((kept) => {
        const same = kept.waiting.find((one) => one.code.token === each.code.token);
        if (same && reply.refused) same.refused = reply.refused;
        else if (reply.meeting) kept.waiting = kept.waiting.filter((one) => one !== same);
      });
    }
    if (kept.codes.length < now.stock) {
      const more = await ask("/meetings/reserved", { has: kept.codes.length, csrf_token: now.csrf });
      await phone.change((kept) => {
        for (const { lasts, ...code } of more?.codes || []) kept.codes.push({ ...code, until: Date.now() + lasts * 1000 });
      });
    }
    return arrived;
  }

  // Shows what waits, and how many codes are ready, where the page has room for it.
  function show(kept) {
    const card = document.getElementById("waits");
    if (!card) return;
    const row = document.getElementById("waiting-row").content;
    card.hidden = !kept.waiting.length || kept.locked;
    card.querySelector("ul").replaceChildren(...kept.waiting.map((each) => {
      const made = row.cloneNode(true);
      made.querySelector("strong bdi").textContent = each.name;
      made.querySelector(".soft bdi").textContent = each.account;
      made.querySelector("time").textContent = new Date(each.began).toLocaleTimeString([], { timeStyle: "short" });
      made.querySelector("a").href = "/offline#" + each.code.token;
      if (each.refused) made.querySelector(".reason").textContent = each.refused;
      made.querySelector(".go").hidden = !!each.refused;
      made.querySelector("button").hidden = !each.refused;
      made.querySelector("button").onclick = async () => { await drop(each.code.token); show(await phone.read()); };
      return made;
    }));
    const ready = phone.usable(kept).length;
    for (const words of document.querySelectorAll("[data-ready]")) {
      words.hidden = words.dataset.ready !== (ready > 1 ? "many" : String(ready));
      for (const number of words.querySelectorAll("b")) number.textContent = ready;
    }
  }

  function drop(token) {
    return phone.change((kept) => { kept.waiting = kept.waiting.filter((each) => each.code.token !== token); });
  }

  // A live page of a rep.
  async function live() {
    const home = document.getElementById("waits");
    if (!possible) {
      for (const words of document.querySelectorAll("[data-needs-https]")) words.hidden = false;
      return;
    }
    const kept = await phone.read();
    show(kept);
    if (!home && !kept.waiting.length) return;
    const due = Date.now() - kept.at > FRESH || kept.locked || kept.codes.length < 2 || kept.waiting.length;
    if (!due) return;
    const arrived = await send();
    if (home && Object.keys(arrived || {}).length) return location.reload();
    show(await phone.read());
  }

  // Should the form that asks for a code not get through, the page that stands in for it knows whom it was about.
  function remember(event) {
    const chosen = [...event.target.querySelectorAll("[name=contact_id]:checked")];
    if (event.submitter?.name === "contact_id") chosen.push(event.submitter);
    const asked = chosen.map((each) => {
      const row = each.closest(".row");
      const text = (part) => row?.querySelector(part)?.textContent.trim() || "";
      return { contact_id: each.value, name: text("strong"), account: text(".soft bdi") || text(".soft") };
    });
    sessionStorage.asked = JSON.stringify(asked);
  }

  // Signing out forgets what waits, so it is sent before; where that fails, the person decides.
  async function beforeSigningOut(event) {
    const form = event.target;
    if (form.dataset.sure || !possible) return;
    event.preventDefault();
    await send().catch(() => {});
    const { waiting } = await phone.read().catch(() => phone.NOTHING);
    if (waiting.length && !confirm(form.dataset.waits)) {
      delete form.dataset.sent;
      for (const busy of form.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
      return;
    }
    form.dataset.sure = "1";
    form.append(Object.assign(document.createElement("input"), {
      type: "hidden", name: event.submitter?.name || "", value: event.submitter?.value || "",
    }));
    form.submit();
  }

  document.addEventListener("submit", (event) => {
    const to = new URL(event.target.action, location.href).pathname;
    if (to === "/meetings/new" && event.target.method === "post") remember(event);
    if (to === "/sign-out" && event.target.dataset.waits) beforeSigningOut(event);
  }, { capture: true });

  return { drop, live, possible, send, show };
})();
if ("signedIn" in document.body.dataset) {
  late.live().catch(() => {});
  addEventListener("online", () => late.live().catch(() => {}));
}
