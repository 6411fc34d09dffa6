// SPDX-License-Identifier: Apache-2.0

/** send posts a form with its files and tells how far it has come. */
function send(form, bar, say) {
  const request = new XMLHttpRequest();
  request.open(form.method, form.action);
  request.setRequestHeader("Accept", "text/html");
  request.upload.addEventListener("progress", (at) => {
    if (!at.lengthComputable) return;
    bar.hidden = false;
    bar.max = at.total;
    bar.value = at.loaded;
    say(form.dataset.sending?.replace("{percent}", String(Math.round((100 * at.loaded) / at.total))));
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    say(form.dataset.checking);
  });
  request.addEventListener("load", () => {
    // The server answered with a page, after a redirect: show it under its own address.
    if (request.status < 400 && request.responseURL) {
      location.assign(request.responseURL);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (main) document.querySelector("main").replaceWith(document.adoptNode(main));
    else say(form.dataset.failed);
    document.querySelector("[role=alert], h1")?.focus();
  });
  request.addEventListener("error", () => {
    bar.hidden = true;
    say(form.dataset.failed);
  });
  request.send(new FormData(form));
}

function zone(form) {
  const input = form.querySelector("input[type=file]");
  if (!input) return;
  const bar = document.createElement("progress");
  bar.hidden = true;
  bar.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() ?? "");
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  form.append(bar, status);
  const say = (text) => (status.textContent = text ?? "");
  const names = () => say([...input.files].map((f) => f.name).join(", "));
  const over = (on) => form.classList.toggle("dropzone-over", on);

  form.classList.add("dropzone");
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  form.addEventListener("dragleave", () => over(false));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    names();
  });
  input.addEventListener("change", names);
  form.addEventListener("submit", (event) => {
    if (input.files.length === 0 || form.hasAttribute("hx-post")) return;
    event.preventDefault();
    send(form, bar, say);
  });
}

/** uploads turns forms marked data-upload into places to drop files on. */
export function uploads(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) {
    if (form.dataset.on) continue;
    form.dataset.on = "1";
    zone(form);
  }
}
