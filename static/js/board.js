// The live leaderboard looks again by itself, and moves nothing that is being read.
"use strict";
const reading = () => {
  const chosen = getSelection();
  const board = document.getElementById("board");
  return document.hidden || (chosen && !chosen.isCollapsed && board.contains(chosen.anchorNode));
};
let seen = null;  // the tag of what is shown
let held = null;  // the row at the top of the window, and where it stands

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "board" && reading()) event.preventDefault();
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "board" && seen) event.detail.headers["If-None-Match"] = seen;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "board") return;
  seen = event.detail.xhr.getResponseHeader("ETag") || seen;
  if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
  const row = [...document.querySelectorAll("#board tr[id]")].find((each) => each.getBoundingClientRect().bottom > 0);
  held = row && { id: row.id, top: row.getBoundingClientRect().top };
});
document.addEventListener("htmx:afterSwap", () => {
  const row = held && document.getElementById(held.id);
  if (row && scrollY > 0) scrollBy(0, row.getBoundingClientRect().top - held.top);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) htmx.trigger("#board", "look");
});
