// SPDX-License-Identifier: Apache-2.0
import { keepPlace } from "./place.js";

const root = document.documentElement;
const top = root.dataset.top ?? "";
const line = document.getElementById("live");
const announcer = document.getElementById("announce");

// Readers ask at different moments and less often while nothing answers, so
// that a server in trouble is not asked by everyone at once.
const jitter = (seconds) => seconds * (0.85 + Math.random() * 0.3) * 1000;
const longest = 300;

async function read(address) {
  // no-cache asks again with the ETag: nothing new costs a few bytes.
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  if (!answer.ok) throw Object.assign(new Error(`${address}: ${answer.status}`), { status: answer.status });
  return answer;
}

function clock(time) {
  return new Intl.DateTimeFormat(root.lang, { hour: "numeric", minute: "2-digit", hour12: true, timeZone: root.dataset.zone }).format(new Date(time));
}

function sentence(name, time, version = "") {
  return line.dataset[name].replace("{time}", clock(time)).replace("{version}", version);
}

function show(live, fresh) {
  if (!line || !live.at) return;
  const said = [fresh ? line.dataset.fresh : "", sentence("updated", live.at), live.next ? sentence("next", live.next) : ""];
  line.textContent = said.filter(Boolean).join(" · ");
  line.hidden = false;
  line.classList.toggle("fresh", fresh);
  sealed(live.sealed);
}

/** sealed says in the footer where the office's sealed log stood. */
function sealed(at) {
  const seal = document.getElementById("seal");
  if (!seal || !at) return;
  seal.textContent = seal.dataset.sealed.replace("{size}", at.entries).replace("{root}", at.root);
  seal.hidden = false;
}

/** frozen says that this page is a kept version, beside which there is no pointer. */
async function frozen() {
  const live = await (await read(top + "live.json")).json();
  line.textContent = sentence("frozen", live.at, live.version);
  line.hidden = false;
  line.classList.add("fresh");
}

/** mark lets the eye find the numbers that changed. */
function mark(before, after) {
  const old = before.querySelectorAll("td");
  after.querySelectorAll("td").forEach((cell, i) => {
    if (old[i] && old[i].textContent !== cell.textContent) cell.classList.add("changed");
  });
}

/** swap puts the live parts of a freshly read page in place of the old ones. */
function swap(page) {
  let swapped = false;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.innerHTML === part.dataset.was || fresh.innerHTML === part.innerHTML) continue;
    const was = fresh.innerHTML;
    const typed = [...part.querySelectorAll("input[id]")].map((input) => [input.id, input.value]);
    mark(part, fresh);
    part.replaceChildren(...fresh.childNodes);
    part.dataset.was = was;
    for (const [id, value] of typed) {
      const input = document.getElementById(id);
      if (input) input.value = value;
    }
    swapped = true;
  }
  return swapped;
}

/** announce tells a screen reader what changed, once and quietly. */
function announce() {
  if (!announcer) return;
  const lead = document.querySelector("[data-say]");
  announcer.textContent = [line?.dataset.fresh, lead?.textContent].filter(Boolean).join(" ");
}

/** watch waits for another version and calls changed after its numbers are in place. */
export function watch(changed) {
  if (!line || location.protocol === "file:") return;
  let version;
  let wait = 15;

  async function refresh() {
    const text = await (await read(location.href.split("#")[0])).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.documentElement.dataset.page === root.dataset.page && swap(page);
  }

  async function look() {
    try {
      const pointer = await (await read(top + "current.json")).json();
      const first = version === undefined;
      if (pointer.version !== version) {
        const live = await (await read(top + "live.json")).json();
        const back = keepPlace();
        const fresh = !first && (await refresh());
        version = pointer.version;
        show(live, fresh);
        if (fresh) {
          changed();
          back(); // after the tables were sorted again, for moving an element takes its focus
          announce();
        }
      }
      wait = pointer.next_poll_seconds || 30;
    } catch (error) {
      if (error.status === 404 && version === undefined) return frozen().catch(() => {});
      wait = Math.min(longest, wait * 2);
      if (wait > 60 && version !== undefined) line.textContent = line.dataset.offline;
    }
    setTimeout(look, jitter(wait));
  }

  // A page in the background does not ask; it looks again when it is seen.
  function awake() {
    if (!document.hidden) return look();
    document.addEventListener("visibilitychange", awake, { once: true });
  }
  awake();
}
