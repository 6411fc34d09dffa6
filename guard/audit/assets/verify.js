// SPDX-License-Identifier: Apache-2.0
//
// Checks a result file in the reader's own browser: the file's hash stands in
// the list of a published version, the list's hash in an entry of the ledger,
// the entry in the sealed log, and the log's root under the office's signature.
// Nothing is sent anywhere.
(() => {
  "use strict";
  const form = document.getElementById("verify");
  const out = document.getElementById("verdict");
  if (!form || !out || !window.crypto || !crypto.subtle) return;
  form.hidden = false;

  const utf8 = new TextEncoder();
  const sha = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const base64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const hex = (text) => Uint8Array.from(text.match(/../g) || [], (b) => parseInt(b, 16));
  const urlText = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) { all.set(p, at); at += p.length; }
    return all;
  };
  const eight = (n) => { const b = new DataView(new ArrayBuffer(8)); b.setBigUint64(0, BigInt(n)); return new Uint8Array(b.buffer); };
  const field = (bytes) => join(eight(bytes.length), bytes);
  const need = (ok, why) => { if (!ok) throw new Error(why); };

  /** entryHash is the hash of a ledger entry in its chain. */
  const entryHash = (e) => sha(join(...[
    "hustings ledger entry v1", e.jurisdiction, String(e.seq), e.id, e.at, e.actor, e.on_behalf, e.via, e.request, e.name, e.subject, e.data,
  ].map((s) => field(utf8.encode(s))), field(hex(e.prev))));

  /** rootOf climbs from a leaf to the root of a tree of a size (RFC 9162, 2.1.3.2). */
  const rootOf = async (leaf, index, size, proof) => {
    let fn = BigInt(index), sn = BigInt(size) - 1n, r = await sha(join(Uint8Array.of(0), leaf));
    need(fn <= sn, "the place is beyond the tree");
    for (const p of proof) {
      need(sn > 0n, "the proof is too long");
      if (fn & 1n || fn === sn) {
        r = await sha(join(Uint8Array.of(1), p, r));
        while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
      } else {
        r = await sha(join(Uint8Array.of(1), r, p));
      }
      fn >>= 1n; sn >>= 1n;
    }
    need(sn === 0n, "the proof is too short");
    return r;
  };

  /** signed checks a checkpoint's signature and gives its size and root. */
  const signed = async (text, vkey) => {
    const cut = vkey.indexOf("+"), cut2 = vkey.indexOf("+", cut + 1);
    const name = vkey.slice(0, cut), id = hex(vkey.slice(cut + 1, cut2)), raw = base64(vkey.slice(cut2 + 1));
    need(raw[0] === 1 && raw.length === 33, "the key is of another kind");
    const key = await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]);
    const end = text.indexOf("\n\n") + 1;
    const body = utf8.encode(text.slice(0, end));
    let good = false;
    for (const line of text.slice(end + 1).split("\n")) {
      if (!line.startsWith("— " + name + " ")) continue;
      const sig = base64(line.slice(name.length + 3));
      if (same(sig.slice(0, 4), id)) good = good || await crypto.subtle.verify({ name: "Ed25519" }, key, sig.slice(4), body);
    }
    need(good, "the checkpoint is not signed by the office's key");
    const [origin, size, root] = text.split("\n");
    need(origin === name, "the checkpoint is of another log");
    return { size, root: base64(root) };
  };

  /** prove checks a receipt. */
  const prove = async (r, vkey) => {
    const hash = await entryHash(r.entry);
    need(same(hash, hex(r.entry.hash)), "the entry does not fit its hash");
    const place = utf8.encode(r.entry.jurisdiction);
    const leaf = await sha(join(utf8.encode("hustings audit leaf v1\n"), hex(r.salt), eight(place.length), place, eight(r.entry.seq), hash));
    const cp = await signed(r.checkpoint, vkey);
    const root = await rootOf(leaf, r.index, cp.size, (r.proof || []).map(base64));
    need(same(root, cp.root), "the proof does not lead to the signed root");
  };

  const get = async (path, as) => {
    const res = await fetch(new URL(path, form.dataset.top), { cache: "no-store" });
    need(res.ok, path + ": " + res.status);
    return as === "bytes" ? new Uint8Array(await res.arrayBuffer()) : res.json();
  };

  /** find looks for a file's hash in the lists, the newest first. */
  const find = async (want) => {
    for (const version of (await get("receipts.json")).slice().reverse()) {
      const list = await get(version.list, "bytes");
      const line = new TextDecoder().decode(list).split("\n").map((l) => l.split("\t")).find((l) => l.length > 2 && l[1] === want);
      if (line) return { version, list, path: line[0] };
    }
    return null;
  };

  const say = (kind, text) => {
    out.className = "verdict verdict--" + kind;
    out.textContent = text;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, k) => values[k]);

  form.dataset.top = new URL(form.dataset.root, location.href).href;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (!file) return;
    say("busy", form.dataset.busy);
    try {
      const hit = await find(urlText(await sha(await file.arrayBuffer())));
      if (!hit) return say("bad", form.dataset.unknown);
      const receipt = await get(hit.version.receipt);
      need(JSON.parse(receipt.entry.data).SHA256 === urlText(await sha(hit.list)), "the list is not the one that was sealed");
      await prove(receipt, form.dataset.key);
      say("good", fill(form.dataset.good, { path: hit.path, election: hit.version.election, version: hit.version.version, at: hit.version.at, leaf: receipt.index }));
    } catch (err) {
      say("bad", fill(form.dataset.bad, { why: err.message }));
    }
  });
})();
