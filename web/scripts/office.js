// SPDX-License-Identifier: Apache-2.0
//
// What the office's pages gain from script. Each works as a plain form or link
// without it.
import htmx from "htmx.org/dist/htmx.esm.js";
import { menus } from "./menu.js";
import { passkeys } from "./passkey.js";
import { streams } from "./stream.js";
import { uploads } from "./upload.js";

// The pages' content security policy allows neither evaluation nor inline
// styles; htmx is set to need neither, to stay on this host, and to run no
// script that comes in with a fragment.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  scrollBehavior: "auto",
});

menus(document);
passkeys(document);
uploads(document);
streams(document);
