// Where somebody in a room picks a name: the phone remembers it, so that scanning the code again leads to the same page,
// and makes nobody twice. Who else is at this phone chooses a name of their own. A rep's phone remembers nothing.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const speak = document.querySelector("[name=speak]");
  speak.form.addEventListener("change", () => speak.form.submit());
  const known = document.querySelector("[data-room]");
  if (!known) return;
  if (location.hash === "#else") document.getElementById("else").open = true;  // sent here to type a name
  const name = "room " + known.dataset.room;
  let names = [];
  function keep() {
    try { localStorage.setItem(name, JSON.stringify({ until: known.dataset.until, names })); } catch { /* private mode */ }
  }
  try {
    for (const each of Object.keys(localStorage)) {
      const old = /^room \w/.test(each) && JSON.parse(localStorage.getItem(each));
      if (old && !(Date.now() < old.until * 1000)) localStorage.removeItem(each);  // its code has ended
    }
    names = JSON.parse(localStorage.getItem(name)).names;
  } catch { /* nothing was kept, or nothing of ours */ }
  const fields = ["who", "name", "once"];
  const same = (one, other) => fields.every((field) => one[field] === other[field]);
  const button = (who) => document.querySelector(`.names button[value="${CSS.escape(who)}"]`);
  if ("refused" in known.dataset) {
    names.shift();
    keep();
  } else {
    const form = known.querySelector("form");
    for (const each of names.filter((one) => one.who === "else" || button(one.who))) {
      const shown = known.insertBefore(form.cloneNode(true), form);
      for (const field of fields) shown.elements[field].value = each[field];
      shown.querySelector("bdi").textContent = each.name;
      known.hidden = false;
    }
    form.remove();
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const who = event.submitter && event.submitter.name === "who" && event.submitter.value;
    if (!who || known.contains(form)) return;
    const typed = who === "else" ? form.elements : null;
    const gone = {
      who,
      once: typed ? typed.once.value : "",
      name: typed ? typed.name.value : event.submitter.textContent.replace(/\s+/g, " ").trim(),
    };
    names = [gone, ...names.filter((one) => !same(one, gone))].slice(0, 5);
    keep();
  });
});
