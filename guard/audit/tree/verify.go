// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/sync/errgroup"
)

// Problem is something in a log's files that should not be.
type Problem struct {
	File string
	What string
}

// String says where and what.
func (p Problem) String() string { return p.File + ": " + p.What }

// Verified is a log whose every file was looked at.
type Verified struct {
	Folder   Folder
	Size     uint64 // leaves that are there and covered by the checkpoint
	Problems []Problem
	bad      map[uint64]bool // bundles whose leaves cannot be believed
	nodes1   []Hash          // the nodes over full bundles
}

// Verify reads every file of the log that the checkpoint covers, works the
// tree out anew and compares. It takes memory for one node in 256 leaves.
func (f Folder) Verify(ctx context.Context, c Checkpoint) (*Verified, error) {
	w := &walk{Folder: f, v: &Verified{Folder: f, Size: c.Size, bad: map[uint64]bool{}}}
	w.bound(c)
	if err := w.bottom(ctx); err != nil {
		return nil, err
	}
	w.settle(c)
	w.upper()
	w.state(c)
	w.v.nodes1 = w.nodes1
	slices.SortFunc(w.v.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.What, b.What))
	})
	return w.v, nil
}

// walk is a verification under way.
type walk struct {
	Folder
	v       *Verified
	mu      sync.Mutex // guards v.Problems, v.bad and doubts while the workers run
	nodes1  []Hash     // the nodes over full bundles
	rest    []Hash     // the nodes of the leaves behind them
	doubts  []doubt
	unknown bool // something is missing, so that the root cannot be known
}

// doubt is a bundle and a tile that do not agree. Which of them is wrong shows
// when the root is known.
type doubt struct {
	index        uint64
	bundle, tile []Hash // the nodes of its leaves by the one and by the other
	names        [2]string
	leaf         int // the first that differs
}

func (w *walk) problem(file, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.v.Problems = append(w.v.Problems, Problem{file, fmt.Sprintf(format, args...)})
}

// bound makes sure that a forged checkpoint cannot make us look for leaves that
// nobody has.
func (w *walk) bound(c Checkpoint) {
	last := (c.Size - 1) / width
	if c.Size == 0 || w.there(last) {
		return
	}
	w.problem(layout.EntriesPath(last, layout.PartialTileSize(0, last, c.Size)), "missing, though the checkpoint speaks of %d leaves", c.Size)
	low, high := uint64(0), last // bundles below low are there
	for low < high {
		if mid := low + (high-low)/2; w.there(mid) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	w.v.Size, w.unknown = low*width, true
}

// there reports whether a bundle is, whole or in part.
func (w *walk) there(bundle uint64) bool {
	full := filepath.Join(string(w.Folder), filepath.FromSlash(layout.EntriesPath(bundle, 0)))
	if _, err := os.Stat(full); err == nil {
		return true
	}
	_, err := os.Stat(full + ".p")
	return err == nil
}

// atOnce is how many bundles a worker takes at a time.
const atOnce = 64

// bottom reads all bundles and the tiles right above them.
func (w *walk) bottom(ctx context.Context) error {
	full := w.v.Size / width
	w.nodes1 = make([]Hash, full)
	workers, busy := errgroup.WithContext(ctx)
	workers.SetLimit(max(2, runtime.GOMAXPROCS(0)))
	for from := uint64(0); from < full && busy.Err() == nil; from += atOnce {
		workers.Go(func() error {
			for i := from; i < min(from+atOnce, full); i++ {
				if nodes := w.leaves(i, width); nodes != nil {
					w.nodes1[i] = perfect(nodes)
				}
				w.leftovers(i)
			}
			return busy.Err()
		})
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	if n := int(w.v.Size % width); n > 0 {
		w.rest = w.leaves(full, n)
		w.leftovers(full)
	}
	return ctx.Err()
}

// leaves gives the nodes of n leaves of a bundle, as the bundle has them, or
// where it cannot be read as the tile has them; nil where neither can be read.
func (w *walk) leaves(index uint64, n int) []Hash {
	raw, bname, berr := w.bundle(index, n)
	tile, tname, terr := w.nodes(0, index, n)
	if berr != nil {
		w.problem(bname, "%s", sentence(berr))
		w.distrust(index)
	}
	if terr != nil {
		w.problem(tname, "%s", sentence(terr))
	}
	var nodes []Hash
	if berr == nil {
		nodes = make([]Hash, n)
		for i := range raw {
			nodes[i] = leafHash(raw[i][:])
		}
	}
	switch {
	case berr != nil && terr != nil:
		w.mu.Lock()
		w.unknown = true
		w.mu.Unlock()
		return nil
	case berr != nil:
		return tile
	case terr != nil:
		return nodes
	}
	for i := range nodes {
		if nodes[i] != tile[i] {
			w.mu.Lock()
			w.doubts = append(w.doubts, doubt{index, slices.Clone(nodes), tile, [2]string{bname, tname}, i})
			w.mu.Unlock()
			break
		}
	}
	return nodes
}

func sentence(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "missing"
	}
	return err.Error()
}

func (w *walk) distrust(bundle uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.v.bad[bundle] = true
}

// leftovers looks at the partial files that stand beside a full one until they
// are swept: each must be its beginning.
func (w *walk) leftovers(index uint64) {
	for _, p := range w.parts(layout.EntriesPath(index, 0)) {
		small, name, err := w.bundle(index, p)
		whole, _, werr := w.bundle(index, w.count(0, index))
		w.compare(name, small, err, whole, werr)
	}
	for _, p := range w.parts(layout.TilePath(0, index, 0)) {
		small, name, err := w.nodes(0, index, p)
		whole, _, werr := w.nodes(0, index, w.count(0, index))
		w.compare(name, small, err, whole, werr)
	}
}

// count is how many items the tree has in a tile of a level.
func (w *walk) count(level, index uint64) int {
	if p := layout.PartialTileSize(level, index, w.v.Size); p != 0 {
		return int(p)
	}
	return width
}

func (w *walk) compare(name string, small []Hash, err error, whole []Hash, werr error) {
	switch {
	case err != nil:
		w.problem(name, "%s", sentence(err))
	case werr != nil:
		// the whole one is told of elsewhere
	case !slices.Equal(small[:min(len(small), len(whole))], whole[:min(len(small), len(whole))]):
		w.problem(name, "it was altered: it is not the beginning of what stands beside it")
	}
}

// parts lists the partial files beside a full one.
func (w *walk) parts(full string) (list []int) {
	files, err := os.ReadDir(filepath.Join(string(w.Folder), filepath.FromSlash(full)) + ".p")
	if err != nil {
		return nil // there are none
	}
	for _, f := range files {
		if n, err := strconv.Atoi(f.Name()); err == nil && n > 0 && n < width {
			list = append(list, n)
		}
	}
	return list
}

// tries bounds how many ways of believing either side of the doubts are tried.
const tries = 6

// settle finds out which side of each doubt leads to the checkpoint's root.
func (w *walk) settle(c Checkpoint) {
	if w.unknown {
		w.undecided()
		return
	}
	open := w.doubts[:min(len(w.doubts), tries)]
	for mask := range 1 << len(open) {
		for i, d := range open {
			w.believe(d, mask&(1<<i) != 0)
		}
		if w.root() == c.Root {
			w.decided(open, mask)
			return
		}
	}
	w.undecided()
	if len(w.doubts) == 0 {
		w.problem(layout.CheckpointPath, "its root is not that of the tiles: it was altered, or the tiles are of another log")
	}
}

// believe takes the nodes of the tile, or those of the bundle.
func (w *walk) believe(d doubt, tile bool) {
	nodes := d.bundle
	if tile {
		nodes = d.tile
	}
	if d.index == uint64(len(w.nodes1)) {
		w.rest = nodes
		return
	}
	w.nodes1[d.index] = perfect(slices.Clone(nodes))
}

func (w *walk) decided(open []doubt, mask int) {
	for i, d := range open {
		if mask&(1<<i) != 0 {
			w.v.bad[d.index] = true
			w.problem(d.names[0], "leaf %d was altered", d.index*width+uint64(d.leaf))
		} else {
			w.problem(d.names[1], "the node of leaf %d was altered", d.index*width+uint64(d.leaf))
		}
	}
	for _, d := range w.doubts[len(open):] {
		w.problem(d.names[1], "the node of leaf %d was altered", d.index*width+uint64(d.leaf))
	}
}

func (w *walk) undecided() {
	for _, d := range w.doubts {
		w.v.bad[d.index] = true
		w.problem(d.names[0], "leaf %d does not agree with %s, and neither leads to the checkpoint", d.index*width+uint64(d.leaf), d.names[1])
	}
}

// levels are the nodes of each tile level above the leaves.
func (w *walk) levels() (all [][]Hash) {
	for nodes := w.nodes1; len(nodes) > 0; {
		all = append(all, nodes)
		up := make([]Hash, len(nodes)/width)
		for i := range up {
			up[i] = perfect(slices.Clone(nodes[i*width : (i+1)*width]))
		}
		nodes = up
	}
	return all
}

func (w *walk) root() Hash {
	if w.v.Size == 0 {
		return emptyRoot
	}
	rest := fold(w.rest, nil)
	for _, nodes := range w.levels() {
		rest = fold(nodes[len(nodes)/width*width:], rest)
	}
	return *rest
}

// upper compares the tiles above those of the leaves.
func (w *walk) upper() {
	for l, nodes := range w.levels() {
		level := uint64(l + 1)
		for i := 0; i < len(nodes); i += width {
			n := min(width, len(nodes)-i)
			list, name, err := w.nodes(level, uint64(i/width), n)
			if err != nil {
				w.problem(name, "%s", sentence(err))
			} else if !slices.Equal(list, nodes[i:i+n]) && !w.unknown {
				w.problem(name, "it was altered: its nodes are not those of the leaves below")
			}
			for _, p := range w.parts(layout.TilePath(level, uint64(i/width), 0)) {
				small, name, err := w.nodes(level, uint64(i/width), p)
				w.compare(name, small, err, nodes[i:i+n], nil)
			}
		}
	}
}

// state looks at what Tessera remembers of the tree.
func (w *walk) state(c Checkpoint) {
	const name = ".state/treeState"
	b, err := w.read(name, maxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return // a mirror has none
	}
	var s struct {
		Size uint64 `json:"size"`
		Root []byte `json:"root"`
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	again, merr := json.Marshal(s)
	switch {
	case err == nil && merr == nil && !bytes.Equal(again, b):
		w.problem(name, "it was altered: it is not written as it always is")
	case err != nil:
		w.problem(name, "it cannot be read: %s", err)
	case s.Size < c.Size:
		w.problem(name, "it speaks of %d leaves, fewer than the checkpoint", s.Size)
	case !w.unknown && len(w.doubts) == 0:
		root, err := w.grown(s.Size)
		if err != nil || !bytes.Equal(root[:], s.Root) {
			w.problem(name, "it speaks of %d leaves under a root that is not theirs", s.Size)
		}
	}
}

// grown is the root over leaves that are in and not yet under a checkpoint, and
// over all before them.
func (w *walk) grown(size uint64) (root Hash, err error) {
	full := uint64(len(w.nodes1))
	more := &walk{Folder: w.Folder, v: &Verified{Size: size}, nodes1: slices.Clone(w.nodes1)}
	for i := full; i*width < size; i++ {
		leaves, _, err := w.bundle(i, int(min(width, size-i*width)))
		if err != nil {
			return root, err
		}
		nodes := make([]Hash, len(leaves))
		for k := range leaves {
			nodes[k] = leafHash(leaves[k][:])
		}
		if len(nodes) == width {
			more.nodes1 = append(more.nodes1, perfect(nodes))
		} else {
			more.rest = nodes
		}
	}
	return more.root(), nil
}

// Reader compares leaves with those of a verified log. It belongs to one
// goroutine.
type Reader struct {
	v      *Verified
	bundle uint64
	leaves []Hash
	nodes  []Hash
}

// Reader reads the log's leaves.
func (v *Verified) Reader() *Reader { return &Reader{v: v} }

// Has reports whether the log has this leaf at this place; known is false where
// the log's own files are too damaged to say.
func (r *Reader) Has(index uint64, leaf Hash) (has, known bool) {
	if index >= r.v.Size {
		return false, true
	}
	if b := index / width; r.leaves == nil && r.nodes == nil || b != r.bundle {
		r.load(b)
	}
	switch i := int(index % width); {
	case i < len(r.leaves):
		return r.leaves[i] == leaf, true
	case i < len(r.nodes):
		return r.nodes[i] == leafHash(leaf[:]), true
	}
	return false, false
}

func (r *Reader) load(bundle uint64) {
	n := int(min(width, r.v.Size-bundle*width))
	r.bundle, r.leaves, r.nodes = bundle, nil, nil
	if !r.v.bad[bundle] {
		r.leaves, _, _ = r.v.Folder.bundle(bundle, n) // a problem was told of before
		return
	}
	r.nodes, _, _ = r.v.Folder.nodes(0, bundle, n)
}

// Last reads the last leaf of a log of a size.
func (f Folder) Last(size uint64) (leaf Hash, err error) {
	n := int((size-1)%width) + 1
	leaves, name, err := f.bundle((size-1)/width, n)
	if err != nil {
		return leaf, fmt.Errorf("%s: %w", name, err)
	}
	return leaves[n-1], nil
}

// Leaves are the leaves of a log from one to another, that one not included.
func (f Folder) Leaves(from, to uint64) (out []Hash, err error) {
	for index := from / width; index*width < to; index++ {
		n := int(min(width, to-index*width))
		leaves, name, err := f.bundle(index, n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		skip := 0
		if index == from/width {
			skip = int(from % width)
		}
		out = append(out, leaves[skip:n]...)
	}
	return out, nil
}

// RootAt is the root that the log had when it had fewer leaves. It is not known
// where the log's files are damaged.
func (v *Verified) RootAt(size uint64) (root Hash, ok bool) {
	if size > v.Size || len(v.Problems) > 0 {
		return root, false
	}
	if size == 0 {
		return emptyRoot, true
	}
	w := &walk{Folder: v.Folder, v: &Verified{Folder: v.Folder, Size: size, bad: map[uint64]bool{}}, nodes1: v.nodes1[:size/width]}
	if n := int(size % width); n > 0 {
		leaves, _, err := v.Folder.bundle(size/width, int(min(width, v.Size-size/width*width)))
		if err != nil {
			return root, false
		}
		for _, leaf := range leaves[:n] {
			w.rest = append(w.rest, leafHash(leaf[:]))
		}
	}
	return w.root(), true
}
