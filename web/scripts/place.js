// SPDX-License-Identifier: Apache-2.0

/** keepPlace remembers which element has the focus, to give it back to its successor. */
export function keepPlace() {
  const focus = document.activeElement;
  const key = focus && focus !== document.body ? focus.id || focus.getAttribute("href") : null;
  return () => {
    if (!key || document.activeElement === focus) return;
    const same = document.getElementById(key) ?? document.querySelector(`main a[href="${CSS.escape(key)}"]`);
    same?.focus({ preventScroll: true });
  };
}
