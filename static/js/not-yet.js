// On the page of a meeting that has not reached the server yet: looks again, soon at first and then less often, and at
// once when the phone is looked at again. Nothing can be tapped here, so nothing waits on this phone.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  if (!document.querySelector("[data-not-yet]")) return;
  let pause = 3000;
  let timer;
  async function look() {
    clearTimeout(timer);
    try {
      const reply = await fetch(location.href, { cache: "no-store" });
      if (reply.status < 500 && reply.status !== 429 && !reply.headers.has("Retry-After")) return location.reload();
    } catch { /* without a network: later */ }
    pause = Math.min(pause * 1.3, 60000);
    timer = setTimeout(look, pause);
  }
  timer = setTimeout(look, pause);
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
});
