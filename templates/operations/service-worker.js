// Keeps the shell and the QR code that was last shown, so that a rep can show it without a network.
// Nothing else of the signed-in pages stays on the phone. A new version takes over at once.
"use strict";
const SHELL = "shell {{ version }}";
const CODES = "codes";
const KEPT = {{ kept|tojson }};
const OFFLINE = {{ offline|tojson }};
const CODE_PAGE = /^\/meetings\/[0-9a-f-]{36}$/;
const MOST_CODES = 5;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([...KEPT, OFFLINE])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== SHELL && name !== CODES) await caches.delete(name);
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin || /^\/f\//i.test(url.pathname)) return;
  if (event.request.method === "POST" && url.pathname.startsWith("/sign-")) {
    event.waitUntil(caches.delete(CODES));  // whoever signs in or out leaves no code behind
  } else if (event.request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  } else if (event.request.mode === "navigate" && event.request.method === "GET") {
    event.respondWith(page(event.request, url));
  }
});

async function page(request, url) {
  const codes = CODE_PAGE.test(url.pathname) ? await caches.open(CODES) : null;
  try {
    const reply = await fetch(request);
    if (codes && reply.ok && !reply.redirected) {
      await codes.put(url.pathname, reply.clone());
      for (const old of (await codes.keys()).slice(0, -MOST_CODES)) await codes.delete(old);
    }
    return reply;
  } catch {
    const kept = codes && await codes.match(url.pathname);
    if (!kept) return caches.match(OFFLINE);
    // Marked, so that the page says it is from the phone and not live.
    const words = (await kept.text()).replace("<html ", "<html data-from-phone ");
    return new Response(words, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  }
}
