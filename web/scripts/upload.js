// SPDX-License-Identifier: Apache-2.0

/** send posts a form with its files and shows how far it has come. */
function send(form, bar, say) {
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (at) => {
    if (!at.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((100 * at.loaded) / at.total);
    say(`${bar.value} %`);
  });
  // Sent is not yet checked: the bar goes on without an end until the answer comes.
  request.upload.addEventListener("load", () => bar.removeAttribute("value"));
  request.addEventListener("load", () => show(request));
  request.addEventListener("error", () => {
    // A plain submission shows whatever the browser has to say about the connection.
    form.dataset.plain = "1";
    form.requestSubmit();
  });
  request.send(new FormData(form));
}

/** show puts the answer in front of the person: the page it led to, or the form with what was wrong. */
function show(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (request.status < 400 || !main) {
    location.assign(request.responseURL);
    return;
  }
  document.querySelector("main").replaceWith(document.adoptNode(main));
  const heading = main.querySelector("[role=alert]") ?? main.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus();
  uploads(main);
}

function enhance(form) {
  const input = form.querySelector("input[type=file]");
  if (!input) return;
  const zone = form.querySelector("[data-drop]") ?? form;
  const bar = form.querySelector("progress") ?? zone.appendChild(document.createElement("progress"));
  bar.hidden = true;
  bar.max = 100;
  const status = zone.appendChild(document.createElement("p"));
  status.setAttribute("role", "status");
  const say = (text) => (status.textContent = text);
  const names = () => say([...input.files].map((f) => f.name).join(", "));

  let depth = 0; // entering a child fires before leaving its parent
  const over = (by) => {
    depth = Math.max(0, depth + by);
    zone.classList.toggle("over", depth > 0);
  };
  zone.classList.add("droppable");
  zone.addEventListener("dragenter", () => over(1));
  zone.addEventListener("dragleave", () => over(-1));
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    over(-depth);
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    names();
  });
  input.addEventListener("change", names);
  form.addEventListener("submit", (event) => {
    if (input.files.length === 0 || form.dataset.plain || event.defaultPrevented) return;
    event.preventDefault();
    form.querySelectorAll("button[type=submit]").forEach((button) => (button.disabled = true));
    send(form, bar, say);
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
