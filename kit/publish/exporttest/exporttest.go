// SPDX-License-Identifier: Apache-2.0

// Package exporttest holds the tests that every publish.Target must pass: the
// same for a folder and for a bucket.
package exporttest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/kit/publish"
)

// Seen is a target as someone sees it who does not know about Export: the
// files with their content, without the record that Export keeps.
type Seen func(t testing.TB) map[string]string

// Opener makes an empty target.
type Opener func(t testing.TB) (publish.Target, Seen)

// watched is a target that notes what is asked of it, in order, and can be
// made to fail.
type watched struct {
	publish.Target
	mu       sync.Mutex // guards everything below
	asked    []string
	failFrom int // fail from this Put on; 0 for never
	puts     int
}

var errStop = errors.New("the line is cut")

func (w *watched) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, what)
}

func (w *watched) Put(ctx context.Context, c publish.Copy) error {
	w.mu.Lock()
	w.puts++
	fail := w.failFrom > 0 && w.puts >= w.failFrom
	w.mu.Unlock()
	if fail {
		return errStop
	}
	w.note("put " + c.Path)
	return w.Target.Put(ctx, c)
}

func (w *watched) Delete(ctx context.Context, path string) error {
	w.note("delete " + path)
	return w.Target.Delete(ctx, path)
}

// order lists what was asked, without the records, and forgets it.
func (w *watched) order() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := slices.DeleteFunc(w.asked, func(s string) bool { return strings.Contains(s, ".hustings-export") })
	w.asked = nil
	return asked
}

// Shelf opens an empty shelf.
func Shelf(t testing.TB) *publish.Shelf {
	t.Helper()
	s, err := publish.Open(t.TempDir(), publish.Options{
		Poll: -1, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now: func() time.Time { return time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Publish publishes exactly these files.
func Publish(t testing.TB, s *publish.Shelf, site string, files map[string]string) {
	t.Helper()
	d, err := s.Begin(site)
	if err != nil {
		t.Fatal(err)
	}
	d.Whole()
	for path, body := range files {
		if err := d.Put(path, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Commit(t.Context(), publish.Pointer{}); err != nil {
		t.Fatal(err)
	}
}

type files = map[string]string

// Run runs every test against targets that open makes.
func Run(t *testing.T, open Opener) {
	t.Run("an edition and the next", func(t *testing.T) { nextEdition(t, open) })
	t.Run("several sites", func(t *testing.T) { severalSites(t, open) })
	t.Run("the archive", func(t *testing.T) { archive(t, open) })
	t.Run("cut off at every file", func(t *testing.T) { cutOff(t, open) })
	t.Run("someone changed the target", func(t *testing.T) { verify(t, open) })
	t.Run("a file becomes a folder and back", func(t *testing.T) { fileAndFolder(t, open) })
	t.Run("progress", func(t *testing.T) { progress(t, open) })
	t.Run("a record that is not ours", func(t *testing.T) { foreignRecord(t, open) })
	t.Run("called off", func(t *testing.T) {
		s := Shelf(t)
		Publish(t, s, "x", files{"a": "1"})
		to, _ := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Export(ctx, to, publish.ExportOptions{}); err == nil {
			t.Error("no error")
		}
	})
}

// export exports and compares what it says it did.
func export(t testing.TB, s *publish.Shelf, to publish.Target, opt publish.ExportOptions, want publish.Exported) {
	t.Helper()
	got, err := s.Export(t.Context(), to, opt)
	if err != nil {
		t.Fatal(err)
	}
	if want.Bytes == 0 {
		got.Bytes = 0
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// compare compares a target with what should be there; the pointers only by
// being there.
func compare(t testing.TB, seen Seen, want files) {
	t.Helper()
	got := seen(t)
	for path := range got {
		if strings.HasSuffix(path, "current.json") {
			got[path] = "pointer"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the target (-want +got):\n%s", diff)
	}
}

func nextEdition(t *testing.T, open Opener) {
	s := Shelf(t)
	target, seen := open(t)
	to := &watched{Target: target}
	if err := target.Put(t.Context(), publish.Copy{Path: "foreign.txt", Body: []byte("not ours"), Sum: sum("not ours")}); err != nil {
		t.Fatal(err)
	}
	Publish(t, s, "r/x", files{"index.html": "one", "a/b.json": "{}", "old/deep/c.txt": "c", "empty.txt": ""})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 5})
	compare(t, seen, files{"foreign.txt": "not ours", "r/x/index.html": "one", "r/x/a/b.json": "{}", "r/x/old/deep/c.txt": "c", "r/x/empty.txt": "", "r/x/current.json": "pointer"})
	if order := to.order(); order[len(order)-1] != "put r/x/current.json" {
		t.Errorf("the pointer must come last: %v", order)
	}
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Skipped: 5})
	if order := to.order(); len(order) != 0 {
		t.Errorf("nothing has changed, and yet: %v", order)
	}
	Publish(t, s, "r/x", files{"index.html": "two", "a/b.json": "{}", "empty.txt": ""})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 2, Skipped: 2, Removed: 1})
	want := []string{"put r/x/index.html", "put r/x/current.json", "delete r/x/old/deep/c.txt"}
	if diff := cmp.Diff(want, to.order()); diff != "" {
		t.Errorf("changed files, then the pointer, then what is gone:\n%s", diff)
	}
	compare(t, seen, files{"foreign.txt": "not ours", "r/x/index.html": "two", "r/x/a/b.json": "{}", "r/x/empty.txt": "", "r/x/current.json": "pointer"})
}

func severalSites(t *testing.T, open Opener) {
	s := Shelf(t)
	to, seen := open(t)
	Publish(t, s, "", files{"index.html": "root"})
	Publish(t, s, "x", files{"index.html": "x"})
	Publish(t, s, "x/y", files{"index.html": "y"})
	export(t, s, to, publish.ExportOptions{Sites: []string{"x"}}, publish.Exported{Written: 2})
	compare(t, seen, files{"x/index.html": "x", "x/current.json": "pointer"})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 4, Skipped: 2})
	Publish(t, s, "", files{"start.html": "root"})
	Publish(t, s, "x", files{"start.html": "x"})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 4, Skipped: 2, Removed: 2})
	compare(t, seen, files{"start.html": "root", "current.json": "pointer", "x/start.html": "x", "x/current.json": "pointer", "x/y/index.html": "y", "x/y/current.json": "pointer"})
	if _, err := s.Export(t.Context(), to, publish.ExportOptions{Sites: []string{"none"}}); err == nil {
		t.Error("a site that is not there: no error")
	}
}

func archive(t *testing.T, open Opener) {
	s := Shelf(t)
	to, seen := open(t)
	Publish(t, s, "x", files{"a.txt": "one", "same.txt": "same"})
	Publish(t, s, "x", files{"a.txt": "two", "same.txt": "same"})
	want := files{"x/a.txt": "two", "x/same.txt": "same", "x/current.json": "pointer",
		"x/v1/a.txt": "one", "x/v1/same.txt": "same", "x/v2/a.txt": "two", "x/v2/same.txt": "same"}
	export(t, s, to, publish.ExportOptions{Archive: true}, publish.Exported{Written: 7})
	compare(t, seen, want)
	Publish(t, s, "x", files{"a.txt": "three"})
	want["x/a.txt"] = "three"
	delete(want, "x/same.txt")
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 2, Removed: 1})
	compare(t, seen, want) // archived addresses never move, even where the archive was not asked for
}

// cutOff breaks the line at each file in turn. Until the pointer is there the
// old one stays, and going on brings exactly what an unbroken export would.
func cutOff(t *testing.T, open Opener) {
	first := files{"a.txt": "1", "b.txt": "1", "c.txt": "1", "gone.txt": "1"}
	second := files{"a.txt": "2", "b.txt": "2", "c.txt": "1", "new.txt": "2"}
	want := files{"x/current.json": "pointer"}
	for path, body := range second {
		want["x/"+path] = body
	}
	for cut := 1; ; cut++ {
		s := Shelf(t)
		target, seen := open(t)
		to := &watched{Target: target}
		Publish(t, s, "x", first)
		export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 5})
		pointer := seen(t)["x/current.json"]
		Publish(t, s, "x", second)
		to.puts, to.failFrom = 0, cut
		_, err := s.Export(t.Context(), to, publish.ExportOptions{})
		to.failFrom = 0
		if err == nil {
			if cut < 5 {
				t.Errorf("the export needed only %d writes", cut-1)
			}
			return
		}
		if !errors.Is(err, errStop) {
			t.Fatal(err)
		}
		order := to.order()
		if seen(t)["x/current.json"] != pointer && !slices.Contains(order, "put x/current.json") {
			t.Error("the pointer changed by itself")
		}
		if slices.Contains(order, "delete x/gone.txt") && !slices.Contains(order, "put x/current.json") {
			t.Error("a file was removed while the old pointer still stood")
		}
		if _, err := s.Export(t.Context(), to, publish.ExportOptions{}); err != nil {
			t.Fatal(err)
		}
		compare(t, seen, maps.Clone(want))
	}
}

func verify(t *testing.T, open Opener) {
	s := Shelf(t)
	to, seen := open(t)
	Publish(t, s, "x", files{"a.txt": "1", "b.txt": "1", "c.txt": "1"})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 4})
	if err := to.Put(t.Context(), publish.Copy{Path: "x/a.txt", Body: []byte("2"), Sum: sum("2")}); err != nil {
		t.Fatal(err)
	}
	if err := to.Delete(t.Context(), "x/b.txt"); err != nil {
		t.Fatal(err)
	}
	export(t, s, to, publish.ExportOptions{Verify: true}, publish.Exported{Written: 2, Skipped: 2})
	compare(t, seen, files{"x/a.txt": "1", "x/b.txt": "1", "x/c.txt": "1", "x/current.json": "pointer"})
	if err := to.Delete(t.Context(), "x/b.txt"); err != nil {
		t.Fatal(err)
	}
	if err := to.Delete(t.Context(), "x/b.txt"); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
}

func fileAndFolder(t *testing.T, open Opener) {
	s := Shelf(t)
	to, seen := open(t)
	Publish(t, s, "x", files{"a": "file", "b/c": "deep"})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 3})
	Publish(t, s, "x", files{"a/b": "deep", "b": "file"})
	export(t, s, to, publish.ExportOptions{}, publish.Exported{Written: 3, Removed: 2})
	compare(t, seen, files{"x/a/b": "deep", "x/b": "file", "x/current.json": "pointer"})
}

func progress(t *testing.T, open Opener) {
	s := Shelf(t)
	to, _ := open(t)
	all := files{}
	for i := range 50 {
		all[fmt.Sprintf("%d.txt", i)] = fmt.Sprint(i)
	}
	Publish(t, s, "x", all)
	n := 0
	export(t, s, to, publish.ExportOptions{Progress: func(p publish.Progress) {
		n++
		if p.Done != n || p.Total != 51 || p.Site != "x" || (p.Path == "x/current.json") != (n == 51) {
			t.Errorf("call %d: got %+v", n, p)
		}
	}}, publish.Exported{Written: 51})
	if n != 51 {
		t.Errorf("told %d times, want 51", n)
	}
}

// foreignRecord puts records at the target that would have other files removed.
func foreignRecord(t *testing.T, open Opener) {
	hash := strings.Repeat("A", 43)
	for _, text := range []string{
		"", "something else", "hustings export 1\nno tab\n", "hustings export 1\n" + hash + "\t../../etc/passwd\n",
		"hustings export 1\n" + hash + "\tother/site.html\n", "hustings export 1\nAAAA\tx/a\n",
		"hustings export 1\n" + hash + "\tx/v1/../../y\n",
	} {
		s := Shelf(t)
		to, _ := open(t)
		Publish(t, s, "x", files{"a.txt": "1"})
		if err := to.Put(t.Context(), publish.Copy{Path: ".hustings-export/x", Body: []byte(text), Sum: sum(text)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Export(t.Context(), to, publish.ExportOptions{}); err == nil || !strings.Contains(err.Error(), "not a record of an export") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func sum(body string) [sha256.Size]byte { return sha256.Sum256([]byte(body)) }
