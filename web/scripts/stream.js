// SPDX-License-Identifier: Apache-2.0
import htmx from "htmx.org/dist/htmx.esm.js";

// An element with data-stream="/address" listens there. When an event arrives
// whose name is in data-on (or any, without it), the element is read again
// from data-read, or from this page by its id.
function listen(element) {
  const names = (element.dataset.on ?? "message").split(/\s+/);
  const source = new EventSource(element.dataset.stream);
  let due;
  const again = () => {
    // Many events in one moment are one look.
    clearTimeout(due);
    due = setTimeout(() => {
      if (!document.contains(element)) return source.close();
      htmx.ajax("GET", element.dataset.read ?? location.href, { target: element, select: `#${element.id}`, swap: "outerHTML" });
    }, 250);
  };
  for (const name of names) source.addEventListener(name, again);
  const state = (on) => document.documentElement.classList.toggle("stream-lost", !on);
  source.addEventListener("open", () => state(true));
  source.addEventListener("error", () => {
    state(false);
    if (!document.contains(element)) source.close();
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

/** streams starts the listeners of a page. */
export function streams(root) {
  const found = [...root.querySelectorAll("[data-stream]")];
  if (root.matches?.("[data-stream]")) found.push(root);
  for (const element of found) {
    if (element.dataset.listening) continue;
    element.dataset.listening = "1";
    listen(element);
  }
}
