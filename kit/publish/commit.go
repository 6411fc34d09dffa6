// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"time"

	"hustings/kit/fault"
)

// Result says what a publication did.
type Result struct {
	Version int64
	Changed int   // files that are new or differ from the previous edition
	Kept    int   // files that are the same
	Removed int   // files that the previous edition had
	Bytes   int64 // written to the pack: zero when nothing changed
	Already bool  // this version was published before with this content; nothing was done
}

// plan is what a commit is going to write.
type plan struct {
	result Result
	m      *manifest
	bodies []stored // of each file, in the order of m.files
	fresh  []stored // what goes into the pack, in this order
	users  []use    // which file has which of fresh
}

type use struct{ file, body int }

// Commit publishes the draft. When it returns without an error the edition is
// on disk for good and in front of the public; when it returns an error, or
// the machine stops on the way, the previous edition is, whole.
func (d *Draft) Commit(ctx context.Context, p Pointer) (Result, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return Result{}, errDone
	}
	if err := makeDir(d.st.dir); err != nil {
		return Result{}, fault.Wrap(fault.Unavailable, err, "the folder for %s cannot be made", siteWord(d.st.name))
	}
	unlock, err := d.st.lock(ctx)
	if err != nil {
		return Result{}, err
	}
	defer unlock()
	d.st.mu.Lock()
	defer d.st.mu.Unlock()
	d.shelf.followLocked(d.st) // another process may have published meanwhile
	now := d.st.view.Load()
	version, err := d.number(now)
	if err != nil {
		return Result{}, err
	}
	if p.At.IsZero() {
		p.At = d.shelf.opt.Now()
	}
	p.At, p.Version, p.Manifest = p.At.UTC(), version, ""
	pl, err := d.plan(now, p)
	if err != nil {
		return Result{}, err
	}
	if now != nil && version == now.pointer.Version && d.st.problem.Load() == nil {
		return d.again(pl, now)
	}
	d.st.tidy()
	if err := d.write(ctx, pl); err != nil {
		return Result{}, fault.Wrap(kindOf(err), err, "edition %d of %s could not be published", version, siteWord(d.st.name))
	}
	d.finish()
	return pl.result, nil
}

// finish ends a draft that was published.
func (d *Draft) finish() {
	d.done = true
	for _, p := range d.bodies {
		if p.stored.spool != nil {
			p.stored.spool.file.Close()
		}
	}
}

// kindOf keeps the kind of an error that has one; anything else that stops a
// publication is a disk that is full or gone.
func kindOf(err error) fault.Kind {
	if k := fault.KindOf(err); k != fault.Internal {
		return k
	}
	return fault.Unavailable
}

// number settles the version and refuses what would step back or overlook
// another publisher's work.
func (d *Draft) number(now *view) (int64, error) {
	if err := d.st.damaged(); err != nil && !d.whole {
		return 0, err
	}
	var top int64
	if now != nil {
		top = now.pointer.Version
	}
	moved := now != nil && (d.base == nil || d.base.pointer.Version != top)
	switch {
	case d.version > 0 && d.version < top:
		return 0, errLower(d.st.name, d.version, top)
	case moved && !d.whole && d.version != top:
		return 0, fault.New(fault.Conflict, "someone else has published edition %d of %s meanwhile; begin again on top of it", top, siteWord(d.st.name))
	case d.version > 0:
		return d.version, nil
	}
	if p := d.st.problem.Load(); p != nil {
		top = max(top, p.Version) // the number of a damaged edition is not used twice
		for _, n := range d.st.versions() {
			top = max(top, n)
		}
	}
	return top + 1, nil
}

// again answers a publication of the version that is current: the same
// content is fine, and other content is refused.
func (d *Draft) again(pl *plan, now *view) (Result, error) {
	r := pl.result
	if r.Changed+r.Removed > 0 || pl.m.Pointer.Status != now.pointer.Status || pl.m.Pointer.Reason != now.pointer.Reason {
		return Result{}, fault.New(fault.Conflict, "edition %d of %s is already published with other content", now.pointer.Version, siteWord(d.st.name))
	}
	d.finish()
	r.Already, r.Bytes = true, 0
	return r, nil
}

// plan merges the draft with what it keeps of the edition before.
func (d *Draft) plan(now *view, p Pointer) (*plan, error) {
	pl := &plan{result: Result{Version: p.Version}, m: &manifest{Site: d.st.name, Version: p.Version, Pointer: p}}
	files := d.merge(now, pl)
	if len(files) > maxFiles {
		return nil, fault.New(fault.TooLarge, "%s has more than %d files", siteWord(d.st.name), maxFiles)
	}
	sort.Slice(files, func(i, j int) bool { return files[i].path < files[j].path })
	if err := pl.takeKinds(files); err != nil {
		return nil, err
	}
	pl.takeBodies(files, d.base, now)
	return pl, pl.m.checkFolders()
}

func (d *Draft) merge(now *view, pl *plan) []*drafted {
	files := make([]*drafted, 0, len(d.files))
	for _, f := range d.files {
		if f != nil {
			files = append(files, f)
		}
	}
	pl.result.Changed = len(files)
	if now == nil {
		return files
	}
	before := now.edition.manifest
	for i := range before.files {
		old := &before.files[i]
		put, named := d.files[old.path]
		switch {
		case put != nil && put.sum == old.sum && sameKind(put.kind, before.Kinds[old.kind]):
			pl.result.Changed--
			pl.result.Kept++
		case put != nil: // changed
		case named || d.whole:
			pl.result.Removed++
		default:
			pl.result.Kept++
			files = append(files, &drafted{entry: *old, kind: before.Kinds[old.kind]})
		}
	}
	return files
}

func sameKind(a, b kind) bool {
	if a.Type != b.Type || a.Cache != b.Cache || len(a.Headers) != len(b.Headers) {
		return false
	}
	for name, value := range a.Headers {
		if other, ok := b.Headers[name]; !ok || other != value {
			return false
		}
	}
	return true
}

// takeKinds numbers the kinds in the order in which files need them, so that
// the same files give the same manifest.
func (pl *plan) takeKinds(files []*drafted) error {
	numbers := map[string]int{}
	plain := map[kindKey]int{} // files without headers of their own, which is nearly all
	pl.m.files = make([]entry, len(files))
	for i, f := range files {
		pl.m.files[i] = f.entry
		key := kindKey{f.kind.Type, f.kind.Cache}
		n, ok := plain[key]
		if len(f.kind.Headers) > 0 {
			text, err := json.Marshal(f.kind) // map keys come out sorted
			if err != nil {
				return err
			}
			if n, ok = numbers[string(text)]; !ok {
				numbers[string(text)] = len(pl.m.Kinds)
			}
		} else if !ok {
			plain[key] = len(pl.m.Kinds)
		}
		if !ok {
			n = len(pl.m.Kinds)
			pl.m.Kinds = append(pl.m.Kinds, f.kind)
		}
		pl.m.files[i].kind = n
	}
	if len(pl.m.Kinds) > maxKinds {
		return fault.New(fault.TooLarge, "the files have more than %d different sets of headers", maxKinds)
	}
	return nil
}

type kindKey struct {
	contentType string
	cache       Cache
}

// takeBodies sorts the bodies into those that earlier packs hold and those
// that this edition's pack will hold.
func (pl *plan) takeBodies(files []*drafted, before ...*view) {
	pl.bodies = make([]stored, len(files))
	inMemory := map[place]stored{}
	for _, v := range before {
		if v == nil {
			continue
		}
		for _, p := range v.edition.pages {
			if p.entry != nil {
				inMemory[p.at] = p.stored
			}
		}
	}
	number := map[*packed]int{}
	for i, f := range files {
		if f.body == nil {
			pl.bodies[i] = inMemory[f.at]
			continue
		}
		n, ok := number[f.body]
		if !ok {
			n = len(pl.fresh)
			number[f.body] = n
			pl.fresh = append(pl.fresh, f.body.stored)
			pl.result.Bytes += f.body.stored.size()
		}
		pl.users = append(pl.users, use{i, n})
		pl.bodies[i] = f.body.stored
		if f.size > bigFile {
			pl.bodies[i].raw, pl.bodies[i].spool = nil, nil // read from the pack when someone wants it plain
		}
	}
}

// write makes the edition durable, then swaps the pointer. The order is what
// keeps the previous edition whole: nothing that the old pointer leads to is
// touched, and the new pointer appears only when all it leads to is on disk.
func (d *Draft) write(ctx context.Context, pl *plan) error {
	st, version := d.st, pl.result.Version
	pointerPath := filepath.Join(st.dir, pointerName)
	var pointer []byte
	prepare := []step{
		{"pack", func() error { return pl.writePack(st.packPath(version)) }},
		{"manifest", func() (err error) {
			pointer, err = pl.writeManifest(st.manifestPath(version))
			return err
		}},
		{"folder", func() error { return syncDir(st.dir) }},
	}
	if err := d.do(ctx, prepare); err != nil {
		os.Remove(st.manifestPath(version)) // what stays is removed at the next Open
		os.Remove(st.packPath(version))
		return err
	}
	if err := d.do(ctx, []step{{"pointer", func() error { return writeBytes(pointerPath, pointer) }}}); err != nil {
		return err
	}
	// The pointer is swapped: from here on this edition is the current one, even
	// if the disk refuses to confirm it.
	st.seen, st.tried = pointer, time.Now()
	st.problem.Store(nil)
	st.view.Store(d.shelf.newView(d.shelf.newEdition(st, pl.m, pl.m.Pointer.Manifest, pl.bodies), pl.m.Pointer, pointer))
	return d.do(context.WithoutCancel(ctx), []step{{"confirmed", func() error { return syncDir(st.dir) }}})
}

// step is one thing that a commit does to the disk.
type step struct {
	name string
	do   func() error
}

func (d *Draft) do(ctx context.Context, steps []step) error {
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.do(); err != nil {
			return err
		}
		if d.shelf.after != nil {
			d.shelf.after(s.name)
		}
	}
	return nil
}

func (pl *plan) writePack(path string) error {
	if len(pl.fresh) == 0 {
		return nil
	}
	places, err := writePack(path, pl.result.Version, pl.fresh)
	if err != nil {
		return err
	}
	for _, u := range pl.users {
		pl.m.files[u.file].at = places[u.body]
	}
	return nil
}

// writeManifest writes the manifest and returns the pointer to it.
func (pl *plan) writeManifest(path string) (pointer []byte, err error) {
	data, err := pl.m.encode()
	if err != nil {
		return nil, err
	}
	if len(data) > maxManifest {
		return nil, fault.New(fault.TooLarge, "the list of files is larger than %d bytes", maxManifest)
	}
	if err := writeBytes(path, data); err != nil {
		return nil, err
	}
	hash := sha256.Sum256(data)
	pl.m.Pointer.Manifest = sumText.EncodeToString(hash[:])
	return pl.m.Pointer.encode()
}
