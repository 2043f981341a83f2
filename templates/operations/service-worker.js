// Keeps the shell and the QR code that was last shown, so that a rep can show it without a network; and a page that
// begins meetings with codes reserved before (static/js/kept.js). Nothing else of the signed-in pages stays on the
// phone. A new version takes over at once; the shell before it stays, because a code that was opened earlier is drawn
// with it.
"use strict";
importScripts({{ static("js/kept.js")|tojson }});
const SHELL = "shell {{ version }}";
const CODES = "codes";
const KEPT = {{ kept|tojson }};
const OFFLINE = {{ offline|tojson }};
// Whoever signs in or out, by whatever way, or gives the phone away, leaves no code behind.
const CHANGES_HANDS = /^\/(sign-|join\/|new-password\/|set-up$|me\/organisation$)|\/hand-over$/;
const CODE_PAGE = /^\/meetings\/[0-9a-f-]{36}$/;
const MOST_CODES = 5;
const PATIENCE = 3000;  // ms for a poor network, where the code is on the phone already
const HOME = ["/", "/meetings", "/meetings/new"];
const AWAY = [502, 503, 504];  // says a proxy of a server that does not answer, or the server of its database

addEventListener("install", (event) => {
  // On a phone that a rep lends, a last tap may leave with its page: it waits for no worker that has to wake up.
  event.addRoutes?.({ condition: { urlPattern: { pathname: "/f/*" } }, source: "network" });
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([...KEPT, OFFLINE])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const earlier = (await caches.keys()).filter((name) => name !== SHELL && name !== CODES);  // oldest first
    for (const name of earlier.slice(0, -1)) await caches.delete(name);
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin || /^\/f\//i.test(url.pathname)) return;
  if (event.request.method === "POST" ? CHANGES_HANDS.test(url.pathname) : /^\/demo\//.test(url.pathname)) {
    event.waitUntil(Promise.all([caches.delete(CODES), url.pathname === "/sign-out" ? phone.forget() : phone.lock()]));
  } else if (event.request.mode === "navigate" && event.request.method === "POST" && url.pathname === "/meetings/new") {
    event.respondWith(begin(event.request));
  } else if (event.request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  } else if (event.request.mode === "navigate" && event.request.method === "GET") {
    event.respondWith(page(event.request, url));
  }
});

async function page(request, url) {
  const codes = CODE_PAGE.test(url.pathname) ? await caches.open(CODES) : null;
  const kept = codes && await codes.match(url.pathname);
  const home = HOME.includes(url.pathname) && await canBegin();
  try {
    const live = fetch(request).then((reply) => keep(reply, codes, url.pathname));
    if (url.pathname === "/sign-in") live.then(forget, () => {});
    const reply = await (kept || home ? Promise.race([live, late(home ? 2 * PATIENCE : PATIENCE)]) : live);
    if (home && AWAY.includes(reply.status)) throw reply;
    return reply;
  } catch {
    if (!kept) return caches.match(OFFLINE);
    // Marked, so that the page says it is from the phone and not live.
    const words = (await kept.text()).replace("<html ", "<html data-from-phone ");
    return new Response(words, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  }
}

// The form that asks for a code: where it does not get through, the page that stands in takes one from the phone.
// Should it have arrived all the same, both carry one key, and the server makes one meeting of them.
async function begin(request) {
  const copy = request.clone();
  if (!await canBegin()) return fetch(request);
  try {
    const reply = await Promise.race([fetch(request), late(PATIENCE)]);
    if (AWAY.includes(reply.status)) throw reply;
    return reply;
  } catch {
    const sent = new URLSearchParams(await copy.text());
    sent.delete("csrf_token");
    const words = await (await caches.match(OFFLINE)).text();
    const begun = words.replace("<html ", `<html data-start="${encodeURIComponent(sent)}" `);
    return new Response(begun, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  }
}

async function canBegin() {
  try {
    const kept = await phone.read();
    return phone.usable(kept).length > 0 || (!kept.locked && kept.waiting.length > 0);
  } catch {
    return false;
  }
}

async function keep(reply, codes, path) {
  if (codes && reply.ok && !reply.redirected) {
    try {
      await codes.put(path, reply.clone());
      for (const old of (await codes.keys()).slice(0, -MOST_CODES)) await codes.delete(old);
    } catch { /* the phone is full: the page is live all the same */ }
  }
  return reply;
}

// Whatever led to the sign-in page: the person whose pages these are is signed in here no more.
function forget(reply) {
  if (reply.ok && !reply.redirected) return Promise.all([caches.delete(CODES), phone.lock()]);
}

function late(patience) {
  return new Promise((_, refuse) => setTimeout(refuse, patience));
}
