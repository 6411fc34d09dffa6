// SPDX-License-Identifier: Apache-2.0
//
// USWDS writes left and right; our pages are also read from right to left.
// This turns physical properties into logical ones, so that one sheet serves
// both directions, and drops the web fonts, for which our pages have no use.

const renamed = {
  "margin-left": "margin-inline-start",
  "margin-right": "margin-inline-end",
  "padding-left": "padding-inline-start",
  "padding-right": "padding-inline-end",
  "border-left": "border-inline-start",
  "border-right": "border-inline-end",
  "border-left-color": "border-inline-start-color",
  "border-right-color": "border-inline-end-color",
  "border-left-style": "border-inline-start-style",
  "border-right-style": "border-inline-end-style",
  "border-left-width": "border-inline-start-width",
  "border-right-width": "border-inline-end-width",
  "border-top-left-radius": "border-start-start-radius",
  "border-top-right-radius": "border-start-end-radius",
  "border-bottom-left-radius": "border-end-start-radius",
  "border-bottom-right-radius": "border-end-end-radius",
  left: "inset-inline-start",
  right: "inset-inline-end",
};

const sided = new Set(["text-align", "float", "clear"]);

/** parts splits a value at spaces that are outside brackets. */
export function parts(value) {
  const out = [""];
  let depth = 0;
  for (const c of value.trim()) {
    if (c === "(") depth++;
    if (c === ")") depth--;
    if (c === " " && depth === 0) {
      if (out.at(-1)) out.push("");
      continue;
    }
    out[out.length - 1] += c;
  }
  return out;
}

function declaration(decl) {
  if (renamed[decl.prop]) {
    decl.prop = renamed[decl.prop];
    return;
  }
  if (sided.has(decl.prop)) {
    const start = decl.prop === "text-align" ? ["start", "end"] : ["inline-start", "inline-end"];
    decl.value = decl.value.replace(/\bleft\b/, start[0]).replace(/\bright\b/, start[1]);
    return;
  }
  if (decl.prop === "margin" || decl.prop === "padding") {
    const [top, right, bottom, left] = parts(decl.value);
    if (left === undefined || left === right) return;
    const important = decl.important;
    decl.replaceWith(
      { prop: `${decl.prop}-block`, value: `${top} ${bottom}`, important },
      { prop: `${decl.prop}-inline`, value: `${left} ${right}`, important },
    );
  }
}

/** logical is a PostCSS plugin. */
export const logical = {
  postcssPlugin: "hustings-logical",
  AtRule: { "font-face": (rule) => rule.remove() },
  Declaration: declaration,
};
