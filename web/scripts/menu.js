// SPDX-License-Identifier: Apache-2.0
//
// A group of the menu is a <details>, which opens and closes by itself. With
// script it also closes as people expect of a menu: by Escape, and when they go
// on elsewhere.

export function menus(document) {
  const open = () => document.querySelectorAll("details.office-more[open]");
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
  });
  for (const gone of ["click", "focusin"]) {
    document.addEventListener(gone, (e) => {
      for (const menu of open()) if (!menu.contains(e.target)) menu.open = false;
    });
  }
}
