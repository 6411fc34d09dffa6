// SPDX-License-Identifier: Apache-2.0
//
// What the public pages gain from script: new numbers without a reload, tables
// that sort and narrow, names under the pointer on a map, and the turning of
// the big screen. Everything can be read without it.
import { watch } from "./live.js";
import { maps } from "./map.js";
import { rotate } from "./screen.js";
import { tables } from "./table.js";

function enhance() {
  tables();
  maps();
}

enhance();
const turn = rotate();
watch(() => {
  enhance();
  turn();
});
