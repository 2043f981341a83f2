// What a rep's phone keeps to begin meetings without a network: codes reserved while there was one, the contacts met
// lately, and the meetings that wait to be sent. In IndexedDB, which pages and the service worker share, and where two
// tabs cannot take the same code.
"use strict";
self.phone = (() => {
  const NOTHING = { who: null, at: 0, locked: false, codes: [], contacts: [], waiting: [] };
  const SAME_MEETING = 60 * 60 * 1000;  // ms in which the same person is the same code
  let opened;

  function open() {
    opened ||= new Promise((done, failed) => {
      const asked = indexedDB.open("without network", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
    return opened;
  }

  // Lets `by` change what is kept, in one transaction; returns what it returns.
  async function change(by) {
    const going = (await open()).transaction("kept", "readwrite", { durability: "strict" });
    return new Promise((done, failed) => {
      const store = going.objectStore("kept");
      const asked = store.get("all");
      let made;
      asked.onsuccess = () => {
        const kept = { ...structuredClone(NOTHING), ...asked.result };
        made = by(kept);
        store.put(kept, "all");
      };
      going.oncomplete = () => done(made);
      going.onabort = () => failed(going.error);
    });
  }

  async function read() {
    const store = (await open()).transaction("kept").objectStore("kept");
    return new Promise((done, failed) => {
      const asked = store.get("all");
      asked.onsuccess = () => done({ ...structuredClone(NOTHING), ...asked.result });
      asked.onerror = () => failed(asked.error);
    });
  }

  function usable(kept) {
    return kept.locked ? [] : kept.codes.filter((code) => code.until > Date.now());
  }

  // Takes a code for a person ({ contact_id } or { contact_name, account_name }, and what they are called), who was met
  // now; the same person within the hour has the same. Returns the meeting, undefined where there is no code.
  function begin(kept, person, form_key, topic) {
    const key = (each) => [each.contact_id, each.name, each.account].join("\n");
    const same = kept.waiting.find((each) =>
      key(each) === key(person) && !each.refused && Date.now() - each.began < SAME_MEETING);
    const code = usable(kept)[0];
    if (same || !code) return same;
    kept.codes = kept.codes.filter((each) => each.token !== code.token);
    kept.waiting.push({ ...person, form_key, topic, code, began: Date.now() });
    return kept.waiting.at(-1);
  }

  // In a client's hand, or signed out of by the server: nothing of it is shown until its rep is seen here again.
  function lock() {
    return change((kept) => { kept.locked = true; });
  }

  function forget() {
    return change((kept) => Object.assign(kept, structuredClone(NOTHING)));
  }

  return { begin, change, forget, lock, read, usable, NOTHING };
})();
