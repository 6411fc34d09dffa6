// SPDX-License-Identifier: Apache-2.0

/** unit is the short name of the unit that a shape draws; its table row has it as id. */
function unit(shape) {
  const href = shape.getAttribute("href");
  return href ? href.slice(href.indexOf("#") + 1) : shape.id.replace(/^m/, "");
}

/** tell writes a row of the table into the tip: the place, and each choice's votes. */
function tell(tip, table, row) {
  tip.replaceChildren();
  const name = document.createElement("b");
  name.textContent = row.cells[0].textContent;
  tip.append(name);
  const heads = table.tHead.rows[0].cells;
  for (let i = 1; i < row.cells.length; i++) {
    const line = document.createElement("div");
    const head = row.cells[i].colSpan > 1 ? "" : heads[i].textContent.replace(/[↕↑↓]/g, "").trim() + ": ";
    line.textContent = head + row.cells[i].textContent;
    tip.append(line);
  }
}

function enhance(svg) {
  const table = document.getElementById(svg.dataset.map);
  if (!table) return;
  const figure = svg.closest("figure");
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  figure.append(tip);
  const shapes = new Map();
  for (const shape of svg.querySelectorAll("g:not(.x) > use, g:not(.x) > path")) {
    shapes.set(unit(shape), shape);
    // The tip says more than the browser's own.
    shape.querySelector("title")?.remove();
  }
  let hot;
  function light(id, at) {
    hot?.forEach((el) => el.classList.remove("hot"));
    hot = undefined;
    tip.hidden = true;
    const row = id && document.getElementById(id);
    if (!row) return;
    hot = [row, shapes.get(id)].filter(Boolean);
    hot.forEach((el) => el.classList.add("hot"));
    if (!at) return;
    tell(tip, table, row);
    tip.hidden = false;
    const box = figure.getBoundingClientRect();
    const x = Math.min(at.clientX - box.left + 14, box.width - tip.offsetWidth);
    tip.style.insetBlockStart = `${at.clientY - box.top + 16}px`;
    tip.style.left = `${Math.max(0, x)}px`;
  }
  svg.addEventListener("pointermove", (at) => light(at.target.closest("use, path") && unit(at.target.closest("use, path")), at));
  svg.addEventListener("pointerleave", () => light());
  svg.addEventListener("click", (at) => {
    const shape = at.target.closest("use, path");
    const link = shape && document.getElementById(unit(shape))?.querySelector("a");
    if (link && at.pointerType !== "touch") link.click();
  });
  for (const event of ["pointerover", "focusin"]) {
    table.addEventListener(event, (at) => light(at.target.closest("tr")?.id));
  }
  table.addEventListener("pointerleave", () => light());
}

/** maps ties each map to the table beside it. */
export function maps() {
  for (const svg of document.querySelectorAll("svg[data-map]")) {
    if (svg.dataset.on) continue;
    svg.dataset.on = "1";
    enhance(svg);
  }
}
