// On a page that says the answer was given, or is being given, on another phone: this may be that phone. Then it
// leads on to the page that its key opens; else it forgets what is of no use any more. On the page that shows what was
// said: what still waits on this phone is sent, by the page that sends it.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-elsewhere]");
  if (!page) return;
  const token = page.dataset.elsewhere;
  const keyName = "key " + token;
  const stateName = "answer " + token;
  try {
    const key = localStorage.getItem(keyName);
    if ("send" in page.dataset) {
      if (localStorage.getItem(stateName)) location.replace(page.dataset.send);
    } else if ("forget" in page.dataset) localStorage.removeItem(keyName);  // the taps wait: to begin again sends them
    else if (key && !location.pathname.toUpperCase().includes(key)) {
      location.replace("/f/" + token + "/" + key + location.search);
    } else if ("answered" in page.dataset) localStorage.removeItem(stateName);
  } catch { /* private mode: nothing was kept */ }
});
