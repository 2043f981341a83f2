// Signed-in pages: configure htmx once, and the few things a phone can do better with script.
"use strict";
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = Object.assign(document.createElement("textarea"), { value: text });  // without https
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  const link = { url: button.dataset.share, title: button.dataset.title };
  try {
    if (navigator.share) return await navigator.share(link);
  } catch (error) {
    if (error.name === "AbortError") return;  // the share sheet was closed
  }
  await copy(link.url);
  button.textContent = document.body.dataset.linkCopied;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  button.textContent = document.body.dataset.copied;
});

// Several codes: dots, arrows and arrow keys lead from one to the next.
const dots = document.querySelector(".dots");
if (dots) {
  const codes = [...document.querySelectorAll(".code")];
  const links = [...dots.querySelectorAll("a")];
  const shown = () => Math.max(links.findIndex((link) => link.ariaCurrent), 0);  // none until it is first observed
  const show = (place) => codes[place]?.scrollIntoView({ inline: "center", block: "nearest" });
  const inView = new Set();
  const watch = new IntersectionObserver((seen) => {
    // Several may come at once, also of the same code: it came, and it went.
    for (const { target, isIntersecting } of seen) inView[isIntersecting ? "add" : "delete"](target);
    const front = codes.findIndex((code) => inView.has(code));
    if (front >= 0) links.forEach((link, place) => { link.ariaCurrent = place === front ? "true" : null; });
  }, { root: document.querySelector(".codes"), threshold: 0.7 });
  codes.forEach((code, place) => {
    watch.observe(code);
    code.addEventListener("focusin", () => show(place));  // what the keyboard comes to stands in front
  });
  dots.addEventListener("click", (event) => {
    const to = event.target.closest("a, button");
    if (!to) return;
    event.preventDefault();
    show(to.dataset.step ? shown() + Number(to.dataset.step) : links.indexOf(to));
  });
  addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target.closest("input, textarea, select, .codes")) return;
    event.preventDefault();
    show(shown() + step);
  });
  for (const arrow of dots.querySelectorAll("button")) arrow.hidden = false;
}

// The QR page stays awake while it is in front.
if (document.querySelector("[data-awake]") && "wakeLock" in navigator) {
  const hold = () => { if (!document.hidden) navigator.wakeLock.request("screen").catch(() => {}); };
  document.addEventListener("visibilitychange", hold);
  hold();
}

// Shown from the phone: live again as soon as it can be.
// A network that has just come back may fail once more, so it is asked a few times, and not for ever.
if ("fromPhone" in document.documentElement.dataset) {
  const later = () => { if (sessionStorage.tries > 0) { sessionStorage.tries -= 1; setTimeout(again, 1000); } };
  const again = () => fetch("/healthz", { cache: "no-store" }).then(() => location.reload()).catch(later);
  addEventListener("online", () => { sessionStorage.tries = 4; again(); });
  later();
} else delete sessionStorage.tries;

// A form is sent once, however often its button is pressed. What it saved by itself on the way is in it, so that is let
// go: an answer to it that came later would lead away from the page that is just coming.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
  if (self.htmx) htmx.trigger(event.target, "htmx:abort");
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
});
addEventListener("pageshow", (event) => {
  // Brought back by the back button as it was: it asks again whether it may still be seen.
  if (event.persisted && "signedIn" in document.body.dataset) return location.reload();
  for (const form of document.querySelectorAll("form")) delete form.dataset.sent;
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
});

// A filter goes as soon as it is chosen.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-go]")) event.target.form.requestSubmit();
});

// Sign-up: the browser knows the time zone.
for (const field of document.querySelectorAll("[data-own-zone]")) {
  if (field.value === "UTC") field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

// The phone keeps the shell and the open code.
if (document.body.dataset.signedIn !== undefined && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});
}
