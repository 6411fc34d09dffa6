// SPDX-License-Identifier: Apache-2.0

// How a table was last sorted, by its id: kept when new numbers arrive.
const order = new Map();

/** value reads a cell as a number where it is one. */
function value(row, column) {
  const cell = row.cells[column];
  if (!cell) return -1;
  if (column === 0) return cell.textContent.trim();
  const digits = cell.textContent.replace(/[^\d.]/g, "");
  return digits === "" ? -1 : Number(digits);
}

const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

function sort(table, column, ascending) {
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => {
    const [x, y] = [value(a, column), value(b, column)];
    const sign = ascending ? 1 : -1;
    return sign * (typeof x === "string" ? collator.compare(x, y) : x - y);
  });
  table.tBodies[0].append(...rows);
  [...table.tHead.rows[0].cells].forEach((th, i) => {
    if (i === column) th.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    else th.removeAttribute("aria-sort");
  });
  order.set(table.id, [column, ascending]);
}

function sortable(table) {
  [...table.tHead.rows[0].cells].forEach((th, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", () => {
      const now = th.getAttribute("aria-sort");
      sort(table, column, now ? now === "descending" : column === 0);
    });
  });
  if (order.has(table.id)) sort(table, ...order.get(table.id));
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function narrow(input) {
  const list = document.getElementById(input.dataset.filter);
  if (!list) return;
  const want = plain(input.value.trim());
  let left = 0;
  for (const item of list.matches("table") ? list.tBodies[0].rows : list.querySelectorAll("[data-find]")) {
    const text = item.dataset.find ?? item.cells[0].textContent;
    item.hidden = want !== "" && !plain(text).includes(want);
    if (!item.hidden) left++;
  }
  for (const group of list.querySelectorAll(".group")) group.hidden = !group.querySelector("[data-find]:not([hidden])");
  input.parentElement.querySelector(".finder-say").textContent = left === 0 ? input.dataset.none : want === "" ? "" : String(left);
}

/** tables makes tables sortable and shows the boxes that narrow long lists. */
export function tables() {
  for (const table of document.querySelectorAll("table[data-sort]")) {
    if (!table.tHead.querySelector("button")) sortable(table);
  }
  for (const input of document.querySelectorAll("input[data-filter]")) {
    input.closest(".finder").hidden = false;
    if (!input.dataset.on) input.addEventListener("input", () => narrow(input));
    input.dataset.on = "1";
    narrow(input);
  }
}
