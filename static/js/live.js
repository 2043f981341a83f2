// A page that looks again by itself, and moves nothing that is being read. The element with data-live asks for
// itself (hx-get); its parts that have an id keep their place and their focus.
"use strict";
const live = document.querySelector("[data-live]").id;
const reading = () => {
  const chosen = getSelection();
  const shown = document.getElementById(live);
  return document.hidden || (chosen && !chosen.isCollapsed && shown.contains(chosen.anchorNode));
};
let seen = null;  // the tag of what is shown
let held = null;  // the part at the top of the window, and where it stands

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === live && reading()) event.preventDefault();
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === live && seen) event.detail.headers["If-None-Match"] = seen;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== live) return;
  seen = event.detail.xhr.getResponseHeader("ETag") || seen;
  if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
  const part = [...document.querySelectorAll(`#${live} :is(tr, li)[id]`)].find((each) => each.getBoundingClientRect().bottom > 0);
  held = part && { id: part.id, top: part.getBoundingClientRect().top };
});
document.addEventListener("htmx:afterSwap", () => {
  const part = held && document.getElementById(held.id);
  if (part && scrollY > 0) scrollBy(0, part.getBoundingClientRect().top - held.top);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) htmx.trigger(`#${live}`, "look");
});
