// SPDX-License-Identifier: Apache-2.0
import { keepPlace } from "./place.js";

// Where the stream is full or lost, the page is read again this often.
const fallback = 30_000;

/** read takes a part of this page from the server, as it is now. */
async function read(id, done) {
  const answer = await fetch(location.href, { cache: "no-cache", headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, fresh] = [document.getElementById(id), page.getElementById(id)];
  if (!now || !fresh || now.innerHTML === fresh.innerHTML) return;
  const back = keepPlace();
  now.replaceChildren(...fresh.childNodes);
  done(now);
  back();
}

// An element with data-stream="/address" listens there. At each event, named
// in data-on or "changed", the part of the page whose id is in data-refresh is
// read again. Forms belong outside that part: what is typed must stay.
function listen(element, done) {
  const id = element.dataset.refresh;
  let source, due, poll;
  const again = () => {
    // Many events in one moment are one look.
    clearTimeout(due);
    due = setTimeout(() => read(id, done).catch(() => {}), 200 + Math.random() * 200);
  };
  const lost = (is) => {
    document.documentElement.classList.toggle("stream-lost", is);
    clearInterval(poll);
    if (is) poll = setInterval(again, fallback);
  };
  const start = () => {
    source = new EventSource(element.dataset.stream);
    for (const name of (element.dataset.on ?? "changed").split(/\s+/)) source.addEventListener(name, again);
    source.addEventListener("open", () => {
      lost(false);
      again(); // whatever happened while nobody listened
    });
    source.addEventListener("error", () => {
      lost(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(start, 2 * fallback);
    });
  };
  start();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (shown) => shown.persisted && start());
}

/** streams starts the listeners of a page; done is told of each part that was read again. */
export function streams(root, done) {
  for (const element of root.querySelectorAll("[data-stream][data-refresh]")) {
    if (element.dataset.listening) continue;
    element.dataset.listening = "1";
    listen(element, done);
  }
}
