// SPDX-License-Identifier: Apache-2.0
import { keepPlace } from "./place.js";

// Where the stream is full or lost, the page is read again this often; where
// it is not, less often, for some things change by the clock alone.
const fallback = 30_000;
const clock = 60_000;

const title = document.title;

/** badge puts a number before the title, to be seen from another window. */
function badge(part) {
  const count = Number(part.querySelector("[data-badge]")?.dataset.badge);
  document.title = count > 0 ? `(${count}) ${title}` : title;
}

/** say tells a screen reader the sentence that matters, once it is another. */
function say(element, part) {
  const announcer = document.getElementById(element.dataset.say);
  const text = part.querySelector("[data-said]")?.textContent;
  if (announcer && text && announcer.textContent !== text) announcer.textContent = text;
}

/** read takes a part of this page from the server, as it is now. */
async function read(element) {
  const id = element.dataset.refresh;
  const answer = await fetch(location.href, { cache: "no-cache", headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, fresh] = [document.getElementById(id), page.getElementById(id)];
  if (!now || !fresh || now.innerHTML === fresh.innerHTML) return;
  const back = keepPlace();
  now.replaceChildren(...fresh.childNodes);
  back();
  badge(now);
  say(element, now);
}

// An element with data-stream="/address" listens there. At each event, named
// in data-on or "changed", the part of the page whose id is in data-refresh is
// read again, and its sentence with data-said is put where data-say says.
// Forms belong outside that part: what is typed must stay.
function listen(element) {
  let source, due, poll;
  const again = () => {
    // Many events in one moment are one look.
    clearTimeout(due);
    due = setTimeout(() => read(element).catch(() => {}), 200 + Math.random() * 200);
  };
  const heard = (is) => {
    document.documentElement.classList.toggle("stream-on", is);
    document.documentElement.classList.toggle("stream-lost", !is);
    clearInterval(poll);
    poll = setInterval(again, is ? clock : fallback);
  };
  const start = () => {
    source = new EventSource(element.dataset.stream);
    for (const name of (element.dataset.on ?? "changed").split(/\s+/)) source.addEventListener(name, again);
    source.addEventListener("open", () => {
      heard(true);
      again(); // whatever happened while nobody listened
    });
    source.addEventListener("error", () => {
      heard(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(start, 2 * fallback);
    });
  };
  start();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (shown) => shown.persisted && start());
}

/** streams starts the listeners of a page. */
export function streams(root) {
  for (const element of root.querySelectorAll("[data-stream][data-refresh]")) {
    badge(document.getElementById(element.dataset.refresh) ?? element);
    listen(element);
  }
}
