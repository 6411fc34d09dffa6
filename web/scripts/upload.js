// SPDX-License-Identifier: Apache-2.0

/** send posts a form with its files, shows how far it has come, and hands over the answer. */
function send(form, bar, say, done) {
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (at) => {
    if (!at.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((100 * at.loaded) / at.total);
  });
  // Sent is not yet checked: the bar goes on without an end until the answer comes.
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    if (bar.dataset.checking) say(bar.dataset.checking);
  });
  request.addEventListener("load", () => done(request));
  request.addEventListener("error", () => {
    // A plain submission shows whatever the browser has to say about the connection.
    form.dataset.plain = "1";
    form.requestSubmit();
  });
  request.send(new FormData(form));
}

/** turn puts the page that answered in place of this one. Asking for it again would lose what it has to say. */
function turn(page, address) {
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
  if (address !== location.href) history.pushState(null, "", address);
  shown = place();
  scrollTo(0, 0);
  look(document.querySelector("main [role=alert]") ?? document.querySelector("main h1"));
  uploads(document);
}

const place = () => location.pathname + location.search;
let shown = place();

// Going back leads to another page, which has to be read; a link to a place on
// this one does not.
addEventListener("popstate", () => place() !== shown && location.reload());

/** refuse says above the form what was wrong; what was chosen stays chosen. */
function refuse(form, page) {
  const alert = page.querySelector("main [role=alert]") ?? page.querySelector("main");
  form.querySelector(":scope > [role=alert]")?.remove();
  form.prepend(document.adoptNode(alert));
  look(alert);
}

function look(element) {
  element?.setAttribute("tabindex", "-1");
  element?.focus();
}

/** drops lets a file be dropped anywhere on the page: beside its place the browser would open it and leave. */
function drops(zone, take, signal) {
  let depth = 0; // entering a child fires before leaving its parent
  const over = (by) => {
    depth = Math.max(0, depth + by);
    zone.classList.toggle("over", depth > 0);
  };
  const on = (name, listener) => document.addEventListener(name, listener, { signal });
  on("dragenter", () => over(1));
  on("dragleave", () => over(-1));
  on("dragover", (event) => event.preventDefault());
  on("drop", (event) => {
    event.preventDefault();
    over(-depth);
    if (event.dataTransfer.files.length === 0) return;
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    take(one.files);
  });
}

function enhance(form) {
  const input = form.querySelector("input[type=file]");
  if (!input) return;
  const zone = form.querySelector("[data-drop]") ?? form;
  const bar = form.querySelector("progress") ?? zone.appendChild(document.createElement("progress"));
  const status = zone.appendChild(document.createElement("p"));
  status.setAttribute("role", "status");
  const say = (text) => (status.textContent = text);
  const names = () => say([...input.files].map((f) => f.name).join(", "));
  const working = (is) => {
    bar.hidden = true;
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = is;
  };
  const here = new AbortController();

  working(false);
  zone.classList.add("droppable");
  const take = (files) => {
    input.files = files;
    names();
  };
  drops(zone, take, here.signal);
  input.addEventListener("change", names);
  form.addEventListener("submit", (event) => {
    if (input.files.length === 0 || form.dataset.plain || event.defaultPrevented) return;
    event.preventDefault();
    working(true);
    send(form, bar, say, (request) => {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      if (request.status < 400) {
        here.abort();
        return turn(page, request.responseURL);
      }
      working(false);
      names();
      refuse(form, page);
    });
  });
}

/** uploads turns forms marked data-upload into places to drop files on, with progress. */
export function uploads(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) {
    if (form.dataset.enhanced) continue;
    form.dataset.enhanced = "1";
    enhance(form);
  }
}
