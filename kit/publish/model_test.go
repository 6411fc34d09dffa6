// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAnySequenceOfEditionsEqualsAMap draws editions at random (puts, removals,
// whole or not, through one of two shelves, with reopening in between) and
// compares every edition, current and archived, with a plain map.
func TestAnySequenceOfEditionsEqualsAMap(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp("", "publish")
		if err != nil {
			r.Fatal(err)
		}
		defer os.RemoveAll(dir)
		shelves := []*Shelf{open(t, dir), open(t, dir)}
		editions := []files{{}}
		for range rapid.IntRange(1, 6).Draw(r, "editions") {
			s := rapid.SampledFrom(shelves).Draw(r, "shelf")
			s.Refresh()
			d, err := s.Begin("a/b")
			if err != nil {
				r.Fatal(err)
			}
			want := maps.Clone(editions[len(editions)-1])
			if rapid.Bool().Draw(r, "whole") {
				d.Whole()
				want = files{}
			}
			drawEdition(r, d, want)
			got, err := d.Commit(t.Context(), Pointer{})
			if err != nil {
				r.Fatal(err)
			}
			compareCounts(r, got, editions[len(editions)-1], want)
			editions = append(editions, want)
			if rapid.Bool().Draw(r, "reopen") {
				shelves[0] = open(t, dir)
			}
		}
		for _, s := range shelves {
			s.Refresh()
			for v, want := range editions[1:] {
				if diff := cmp.Diff(want, have(t, s, "a/b", int64(v+1))); diff != "" {
					r.Fatalf("edition %d (-want +got):\n%s", v+1, diff)
				}
			}
		}
	})
}

// drawEdition does the same to a draft and to a map.
func drawEdition(r *rapid.T, d *Draft, want files) {
	paths := []string{"index.html", "a/index.html", "a/b.json", "c.png", "d.txt", "e"}
	bodies := []string{"", "x", "y", strings.Repeat("long and dull ", 50), strings.Repeat("another one ", 70), strings.Repeat("too big for memory ", bigFile/18)}
	done := map[string]bool{}
	for range rapid.IntRange(0, 6).Draw(r, "changes") {
		path := rapid.SampledFrom(paths).Draw(r, "path")
		if done[path] {
			continue // twice in one whole edition: the map would differ on what a removal means
		}
		done[path] = true
		if rapid.IntRange(0, 3).Draw(r, "remove") == 0 {
			if err := d.Remove(path); err != nil {
				r.Fatal(err)
			}
			delete(want, path)
			continue
		}
		want[path] = rapid.SampledFrom(bodies).Draw(r, "body")
		var err error
		if rapid.Bool().Draw(r, "from") {
			err = d.PutFrom(path, pieces(want[path], 100_000))
		} else {
			err = d.Put(path, []byte(want[path]))
		}
		if err != nil {
			r.Fatal(err)
		}
	}
}

func compareCounts(r *rapid.T, got Result, before, after files) {
	want := Result{Version: got.Version, Bytes: got.Bytes}
	for path, body := range after {
		if old, ok := before[path]; ok && old == body {
			want.Kept++
		} else {
			want.Changed++
		}
	}
	for path := range before {
		if _, ok := after[path]; !ok {
			want.Removed++
		}
	}
	if got != want {
		r.Fatalf("got %+v, want %+v", got, want)
	}
}
