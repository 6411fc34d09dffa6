// SPDX-License-Identifier: Apache-2.0
//
// What the pages of registration gain from script: a field to draw a signature
// in, and the focus on what is wrong. All else is plain forms.

/** drawing makes a canvas take strokes, and hands them over as a PNG. */
function drawing(option) {
  const canvas = option.querySelector('[data-sign="canvas"]');
  const field = option.querySelector('[data-sign="drawn"]');
  const pen = canvas.getContext("2d");
  let drawn = false;
  let last = null;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  const clear = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    drawn = false;
    field.value = "";
  };

  Object.assign(pen, { lineWidth: 3, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    pen.beginPath();
    pen.moveTo(...last);
    last = at(event);
    pen.lineTo(...last);
    pen.stroke();
    drawn = true;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      last = null;
      field.value = drawn ? canvas.toDataURL("image/png") : "";
    });
  }
  option.querySelector('[data-sign="clear"]').addEventListener("click", clear);
  option.hidden = false;
}

document.querySelectorAll('[data-sign="option"]').forEach(drawing);
document.querySelector("[data-problems]")?.focus();
