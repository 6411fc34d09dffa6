// SPDX-License-Identifier: Apache-2.0

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const list = (credentials) => credentials?.map((c) => ({ ...c, id: bytes(c.id) }));

/** create has a passkey made, from the options that the server sent. */
async function create({ publicKey: o }) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...o,
      challenge: bytes(o.challenge),
      user: { ...o.user, id: bytes(o.user.id) },
      excludeCredentials: list(o.excludeCredentials),
    },
  });
  const r = made.response;
  return answer(made, {
    attestationObject: text(r.attestationObject),
    transports: r.getTransports?.() ?? [],
  });
}

/** get has a passkey sign. */
async function get({ publicKey: o }) {
  const signed = await navigator.credentials.get({
    publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: list(o.allowCredentials) },
  });
  const r = signed.response;
  return answer(signed, {
    authenticatorData: text(r.authenticatorData),
    signature: text(r.signature),
    userHandle: r.userHandle ? text(r.userHandle) : undefined,
  });
}

const answer = (credential, response) =>
  JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });

/** ask begins a ceremony with what stands in the form. */
async function ask(form) {
  const reply = await fetch(form.dataset.begin, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams(new FormData(form)),
  });
  const said = await reply.json();
  if (said.error?.kind === "step-up") {
    location.assign(`${said.error.page}&next=${encodeURIComponent(location.pathname + location.search)}`);
    return new Promise(() => {}); // this page is on its way out
  }
  if (!reply.ok) throw new Error(said.error?.message);
  return said;
}

async function perform(form, alert) {
  try {
    const { ceremony, options } = await ask(form);
    form.elements.ceremony.value = ceremony;
    form.elements.answer.value = await (form.dataset.passkey === "create" ? create(options) : get(options));
    form.submit();
  } catch (e) {
    // A browser says little about why a person's choice came to nothing, and says it in words for developers.
    alert.textContent = (e instanceof DOMException ? "" : e.message) || form.dataset.failed;
    alert.hidden = false;
    form.querySelector("button").disabled = false;
  }
}

/** passkeys lets the forms of a page that need one ask for it. */
export function passkeys(page) {
  for (const form of page.querySelectorAll("form[data-passkey]")) {
    const alert = form.querySelector("[data-alert]");
    if (!window.PublicKeyCredential || !navigator.credentials) {
      alert.textContent = form.dataset.missing;
      alert.hidden = false;
      form.querySelector("button").disabled = true;
      continue;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      alert.hidden = true;
      form.querySelector("button").disabled = true;
      perform(form, alert);
    });
  }
}
