// Passkeys: asks the browser to make one or to show one, and sends what it says by the form.
"use strict";
(() => {
  if (!window.PublicKeyCredential) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=+$/, "");

  async function ask(address) {
    const reply = await fetch(address, { headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Error(String(reply.status));
    const options = await reply.json();
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      options[list] = (options[list] || []).map((each) => ({ ...each, id: bytes(each.id) }));
    }
    return options;
  }

  function written(shown) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (shown.response[name]) response[name] = text(shown.response[name]);
    }
    if (shown.response.getTransports) response.transports = shown.response.getTransports();
    const { id, type } = shown;
    return JSON.stringify({
      id, type, rawId: text(shown.rawId), response, clientExtensionResults: shown.getClientExtensionResults(),
    });
  }

  async function use(form, address, call) {
    const reason = form.querySelector("[role=alert]");
    reason.hidden = true;
    try {
      const field = form.querySelector("[data-shown]") || form.elements.passkey;
      field.value = written(await call({ publicKey: await ask(address) }));
    } catch {
      reason.hidden = false;
      return;
    }
    form.submit();
  }

  const made = (options) => navigator.credentials.create(options);
  const shown = (options) => navigator.credentials.get(options);
  for (const form of document.querySelectorAll("form[data-passkey], form[data-new-passkey]")) {
    form.hidden = false;
    const address = form.dataset.newPasskey || form.dataset.passkey;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      use(form, address, form.dataset.newPasskey ? made : shown);
    });
  }
})();
