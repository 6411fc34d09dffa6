// SPDX-License-Identifier: Apache-2.0
//
// Builds styles and scripts into dist, under names that carry a hash of their
// content, and a manifest that says which name is whose.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import postcss from "postcss";
import * as sass from "sass";
import { logical } from "./logical.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");
const cache = join(here, "node_modules/.cache/hustings");
const uswds = join(here, "node_modules/@uswds/uswds");
const target = ["chrome111", "firefox113", "safari16.4"];

const hash = (text, length = 10) => createHash("sha256").update(text).digest("hex").slice(0, length);

/** sheet compiles one style sheet, or takes it from the cache: USWDS is slow to compile. */
async function sheet(name) {
  const other = name === "site" ? "office" : "site";
  const sources = readdirSync(join(here, "styles"))
    .filter((f) => !f.replace("_", "").startsWith(other))
    .sort()
    .map((f) => readFileSync(join(here, "styles", f), "utf8"));
  const tools = ["build.mjs", "logical.mjs", "package-lock.json"].map((f) => readFileSync(join(here, f), "utf8"));
  const kept = join(cache, `${name}-${hash([...sources, ...tools].join("\0"), 24)}.css`);
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const compiled = sass.compile(join(here, "styles", `${name}.scss`), {
    loadPaths: [join(uswds, "packages")],
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  const { css } = await postcss([logical]).process(compiled.css, { from: undefined });
  const out = await esbuild.build({
    stdin: { contents: css, loader: "css", resolveDir: here },
    bundle: true,
    minify: true,
    write: false,
    target,
    loader: { ".svg": "dataurl" },
    external: ["data:*"],
    plugins: [{
      // Icons of USWDS become part of the sheet: the page asks for nothing else.
      name: "icons",
      setup(build) {
        build.onResolve({ filter: /^\/img\// }, (args) => ({ path: join(uswds, "dist", args.path) }));
      },
    }],
    logLevel: "warning",
  });
  mkdirSync(cache, { recursive: true });
  writeFileSync(kept, out.outputFiles[0].text);
  return out.outputFiles[0].text;
}

async function script(name) {
  const out = await esbuild.build({
    entryPoints: [join(here, "scripts", `${name}.js`)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target,
    legalComments: "inline",
    logLevel: "warning",
  });
  return out.outputFiles[0].text;
}

const built = {
  "site.css": sheet("site"),
  "office.css": sheet("office"),
  "site.js": script("site"),
  "office.js": script("office"),
  "register.js": script("register"),
};
const manifest = {};
for (const f of existsSync(dist) ? readdirSync(dist) : []) {
  if (f !== "README.md") rmSync(join(dist, f), { recursive: true });
}
mkdirSync(dist, { recursive: true });
for (const [name, body] of Object.entries(built)) {
  const text = await body;
  const [base, ext] = name.split(".");
  manifest[name] = `${base}-${hash(text)}.${ext}`;
  writeFileSync(join(dist, manifest[name]), text);
}
writeFileSync(join(dist, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
