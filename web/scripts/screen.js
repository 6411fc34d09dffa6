// SPDX-License-Identifier: Apache-2.0

/** rotate turns over the slides of the big screen. It returns what to call when the slides were replaced. */
export function rotate() {
  const main = document.querySelector("main[data-rotate]");
  if (!main) return () => {};
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let at = 0;
  let paused = calm;

  function show() {
    const slides = main.querySelectorAll(".slide");
    at %= slides.length || 1;
    slides.forEach((slide, i) => slide.classList.toggle("on", i === at));
  }

  function step(by) {
    const count = main.querySelectorAll(".slide").length || 1;
    at = (at + by + count) % count;
    show();
  }

  // WCAG 2.2.2: whatever moves by itself for more than five seconds can be stopped.
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pause";
  const label = () => (button.textContent = paused ? main.dataset.play : main.dataset.pause);
  button.addEventListener("click", () => {
    paused = !paused;
    label();
  });
  document.body.append(button);
  document.addEventListener("keydown", (key) => {
    if (key.key === "ArrowRight") step(1);
    if (key.key === "ArrowLeft") step(-1);
  });
  label();
  main.classList.add("rotating");
  show();
  setInterval(() => paused || step(1), Number(main.dataset.rotate) * 1000);
  return show;
}
