// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/kit/fault"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// quiet are the options of most tests: no polling, so that a test decides when
// a shelf looks, and a clock that stands still.
func quiet() Options {
	return Options{Poll: -1, Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func open(t testing.TB, dir string) *Shelf {
	t.Helper()
	s, err := Open(dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// files maps paths to bodies; a body of "-" removes the file.
type files map[string]string

func (f files) putInto(t testing.TB, d *Draft) {
	t.Helper()
	for path, body := range f {
		var err error
		if body == "-" {
			err = d.Remove(path)
		} else {
			err = d.Put(path, []byte(body))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// publish publishes files on top of the current edition.
func publish(t testing.TB, s *Shelf, site string, f files) Result {
	t.Helper()
	d, err := s.Begin(site)
	if err != nil {
		t.Fatal(err)
	}
	f.putInto(t, d)
	r, err := d.Commit(context.Background(), Pointer{Status: "unofficial-partial"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// have reads a whole edition back; version 0 is the current one.
func have(t testing.TB, s *Shelf, site string, version int64) files {
	t.Helper()
	e, err := s.Edition(context.Background(), site, version)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(context.Background(), site, version); err != nil {
		t.Fatal(err)
	}
	got := files{}
	for _, p := range e.Paths() {
		f, err := s.Read(context.Background(), site, version, p)
		if err != nil {
			t.Fatal(err)
		}
		got[p] = string(f.Body)
	}
	return got
}

// resultsPage is a results page of about n bytes: words repeat, numbers do not.
func resultsPage(r *rand.Rand, n int) []byte {
	var b bytes.Buffer
	b.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Precinct results</title></head><body><main id="main-content">`)
	for c := 0; b.Len() < n; c++ {
		fmt.Fprintf(&b, `<section aria-labelledby="contest-%d"><h2 id="contest-%d">Board of Supervisors, District %d</h2><table class="usa-table usa-table--striped"><caption>Votes by choice and vote type</caption><thead><tr><th scope="col">Choice</th><th scope="col">Party</th><th scope="col">Early</th><th scope="col">Election day</th><th scope="col">Total</th><th scope="col">Share</th></tr></thead><tbody>`, c, c, r.Intn(90))
		for range 2 + r.Intn(4) {
			early, day := r.Intn(3000), r.Intn(900)
			fmt.Fprintf(&b, `<tr><th scope="row">Candidate %d</th><td>%s</td><td class="text-right">%d</td><td class="text-right">%d</td><td class="text-right">%d</td><td class="text-right">%d.%02d %%</td></tr>`,
				r.Intn(400), []string{"DEM", "REP", "LBT", "GRN"}[r.Intn(4)], early, day, early+day, r.Intn(100), r.Intn(100))
		}
		b.WriteString(`</tbody></table></section>`)
	}
	b.WriteString(`</main></body></html>`)
	return b.Bytes()
}

func TestAnEditionBuildsOnTheOneBefore(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	long := strings.Repeat("precinct 12: 401 votes. ", 100)
	if got, want := publish(t, s, "results/x", files{"index.html": "one", "a/b.json": long, "old.txt": "o"}), (Result{Version: 1, Changed: 3}); got.Version != want.Version || got.Changed != want.Changed || got.Kept+got.Removed != 0 {
		t.Errorf("first edition: got %+v, want %+v", got, want)
	}
	got := publish(t, s, "results/x", files{"index.html": "two", "a/b.json": long, "old.txt": "-", "new.txt": "n"})
	if want := (Result{Version: 2, Changed: 2, Kept: 1, Removed: 1, Bytes: 4}); got != want {
		t.Errorf("second edition: got %+v, want %+v", got, want)
	}
	for _, s := range []*Shelf{s, open(t, dir)} {
		if diff := cmp.Diff(files{"index.html": "two", "a/b.json": long, "new.txt": "n"}, have(t, s, "results/x", 0)); diff != "" {
			t.Errorf("current edition (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(files{"index.html": "one", "a/b.json": long, "old.txt": "o"}, have(t, s, "results/x", 1)); diff != "" {
			t.Errorf("edition 1 (-want +got):\n%s", diff)
		}
		if p, ok := s.Current("results/x"); !ok || p.Version != 2 || p.Status != "unofficial-partial" || !p.At.Equal(noon) {
			t.Errorf("got pointer %+v", p)
		}
		if diff := cmp.Diff([]string{"results/x"}, s.Sites()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestVersionsThatTheCallerDecides(t *testing.T) {
	for _, tt := range []struct {
		name    string
		version int64
		whole   bool
		put     files
		status  string
		want    fault.Kind
		result  Result
	}{
		{"the next one", 6, false, files{"b": "b"}, "", "", Result{Version: 6, Changed: 1, Kept: 1, Bytes: 1}},
		{"a gap is fine, the database decides", 60, false, files{"a": "-"}, "", "", Result{Version: 60, Removed: 1}},
		{"the same again does nothing", 5, false, files{"a": "a"}, "", "", Result{Version: 5, Kept: 1, Already: true}},
		{"the same again, whole, does nothing", 5, true, files{"a": "a"}, "", "", Result{Version: 5, Kept: 1, Already: true}},
		{"the same version with another body", 5, false, files{"a": "x"}, "", fault.Conflict, Result{}},
		{"the same version with a file less", 5, true, nil, "", fault.Conflict, Result{}},
		{"the same version with another status", 5, false, files{"a": "a"}, "certified", fault.Conflict, Result{}},
		{"a lower one", 4, false, files{"a": "a"}, "", fault.Conflict, Result{}},
		{"none", 0, false, nil, "", fault.Invalid, Result{}},
		{"a negative one", -3, false, nil, "", fault.Invalid, Result{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			first, err := s.BeginVersion("x", 5)
			if err != nil {
				t.Fatal(err)
			}
			files{"a": "a"}.putInto(t, first)
			if _, err := first.Commit(t.Context(), Pointer{}); err != nil {
				t.Fatal(err)
			}
			var got Result
			d, err := s.BeginVersion("x", tt.version)
			if err == nil {
				tt.put.putInto(t, d)
				if tt.whole {
					d.Whole()
				}
				got, err = d.Commit(t.Context(), Pointer{Status: tt.status})
			}
			if fault.KindOf(err) != tt.want || got != tt.result {
				t.Errorf("got %+v and %v, want %+v and kind %q", got, err, tt.result, tt.want)
			}
		})
	}
}

func TestWhatCannotBePublished(t *testing.T) {
	s := open(t, t.TempDir())
	for _, tt := range []struct{ name, site, path string }{
		{"no path", "x", ""},
		{"up and out", "x", "../secret"},
		{"up and out further on", "x", "a/../../secret"},
		{"up at the end", "x", "a/.."},
		{"from the root", "x", "/etc/passwd"},
		{"a dot", "x", "./a"},
		{"a backslash", "x", `..\secret`},
		{"a double slash", "x", "a//b"},
		{"a folder", "x", "a/"},
		{"a NUL", "x", "a\x00b"},
		{"a line feed, which would break the manifest", "x", "a\nb"},
		{"a tab, which would break the manifest", "x", "a\tb"},
		{"bytes that are no UTF-8", "x", "a\xff"},
		{"the pointer", "x", "current.json"},
		{"an archive address", "x", "v2/a"},
		{"an archive address as a file", "x", "v2"},
		{"a very long name", "x", strings.Repeat("a", 256)},
		{"a very long path", "x", strings.Repeat("abcdefg/", 128) + "a"},
		{"a site that goes up", "../x", "a"},
		{"a site with a leading slash", "/x", "a"},
		{"a site with a trailing slash", "x/", "a"},
		{"a hidden site", ".x", "a"},
		{"a site with a tilde", "a~b", "a"},
		{"a site with an archive address", "x/v2", "a"},
		{"a site with a space", "a b", "a"},
		{"a very long site", strings.Repeat("a", 201), "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := s.Begin(tt.site)
			if err == nil {
				err = d.Put(tt.path, []byte("x"))
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v, want a refusal", err)
			}
			if d != nil {
				if err := d.Remove(tt.path); fault.KindOf(err) != fault.Invalid {
					t.Errorf("removing it: got %v, want a refusal", err)
				}
			}
		})
	}
	t.Run("what looks alike is fine", func(t *testing.T) {
		publish(t, s, "results/2026-11-03-general", files{"v2a/x": "1", "vote/v2": "2", "a/current.json": "3", ".well-known/security.txt": "4", "a b/ö.html": "5", "v02": "6", "...": "7"})
	})
	t.Run("a file cannot be a folder as well", func(t *testing.T) {
		d, _ := s.Begin("y")
		files{"a": "1", "a-b": "2", "a/b": "3"}.putInto(t, d)
		if _, err := d.Commit(t.Context(), Pointer{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %v, want a refusal", err)
		}
	})
	for name, f := range map[string]File{
		"a header that is ours":        {Path: "a", Headers: map[string]string{"content-length": "3"}},
		"a cookie":                     {Path: "a", Headers: map[string]string{"Set-Cookie": "a=b"}},
		"a header that splits":         {Path: "a", Headers: map[string]string{"X-A": "b\r\nSet-Cookie: c"}},
		"a header name with a space":   {Path: "a", Headers: map[string]string{"X A": "b"}},
		"a type that splits":           {Path: "a", Type: "text/html\r\nX: y"},
		"a cache policy we never made": {Path: "a", Cache: "tomorrow"},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := s.Begin("z")
			if err := d.PutFile(f); fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v, want a refusal", err)
			}
		})
	}
}

func TestTheSameFilesGiveTheSameBytes(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	type named struct {
		File
	}
	var all []named
	for i := range 60 {
		f := File{Path: fmt.Sprintf("p/%02d.html", i), Body: resultsPage(r, 3000)}
		if i%3 == 0 {
			f.Headers = map[string]string{"Content-Security-Policy": "frame-ancestors *", "X-Robots-Tag": "noindex"}
		}
		if i%10 == 9 {
			f.Body = all[0].Body // several files, one body
		}
		all = append(all, named{f})
	}
	var want [2][]byte
	for try := range 4 {
		dir := t.TempDir()
		d, err := open(t, dir).Begin("x")
		if err != nil {
			t.Fatal(err)
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var wait sync.WaitGroup
		for _, f := range all {
			wait.Go(func() {
				if err := d.PutFile(f.File); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if _, err := d.Commit(t.Context(), Pointer{}); err != nil {
			t.Fatal(err)
		}
		for i, ext := range []string{packExt, manifestExt} {
			got, err := os.ReadFile(filepath.Join(dir, "x", "v1"+ext))
			if err != nil {
				t.Fatal(err)
			}
			if try == 0 {
				want[i] = got
			} else if !bytes.Equal(got, want[i]) {
				t.Errorf("try %d: v1%s differs from the first try", try, ext)
			}
		}
	}
}

func TestASmallUpdateWritesASmallPack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	r := rand.New(rand.NewSource(1))
	all := files{}
	for i := range 200 {
		all[fmt.Sprintf("precinct/%d.html", i)] = string(resultsPage(r, 8000))
	}
	first := publish(t, s, "x", all)
	all["precinct/7.html"] = string(resultsPage(r, 8000))
	second := publish(t, s, "x", all)
	if second.Changed != 1 || second.Kept != 199 || second.Bytes*100 > first.Bytes {
		t.Errorf("first wrote %d bytes; second %+v", first.Bytes, second)
	}
	third := publish(t, s, "x", files{"copy.html": all["precinct/7.html"]})
	if third.Bytes != 0 {
		t.Errorf("a copy of a body that is there wrote %d bytes", third.Bytes)
	}
	if _, err := os.Stat(filepath.Join(dir, "x", "v3.pack")); !missing(err) {
		t.Errorf("an edition with nothing new has a pack: %v", err)
	}
	all["copy.html"] = all["precinct/7.html"]
	if diff := cmp.Diff(all, have(t, open(t, dir), "x", 0)); diff != "" {
		t.Error(diff)
	}
}

func TestTwoShelvesOnOneFolder(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	publish(t, a, "x", files{"a": "1"})
	if _, ok := b.Current("x"); ok {
		t.Fatal("the second shelf cannot know yet")
	}
	b.Refresh()
	if diff := cmp.Diff(files{"a": "1"}, have(t, b, "x", 0)); diff != "" {
		t.Error(diff)
	}
	publish(t, b, "x", files{"b": "2"})
	t.Run("a draft on an older edition must not undo the newer one", func(t *testing.T) {
		d, _ := a.Begin("x") // a still shows edition 1
		files{"c": "3"}.putInto(t, d)
		if _, err := d.Commit(t.Context(), Pointer{}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("got %v, want a conflict", err)
		}
	})
	t.Run("after that the shelf has caught up", func(t *testing.T) {
		if got := publish(t, a, "x", files{"c": "3"}).Version; got != 3 {
			t.Errorf("got version %d, want 3", got)
		}
		if diff := cmp.Diff(files{"a": "1", "b": "2", "c": "3"}, have(t, a, "x", 0)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a whole draft needs nothing from before", func(t *testing.T) {
		d, _ := b.Begin("x") // b still shows edition 2
		d.Whole()
		files{"b": "2"}.putInto(t, d)
		if r, err := d.Commit(t.Context(), Pointer{}); err != nil || r.Version != 4 || r.Bytes != 0 {
			t.Errorf("got %+v, %v", r, err)
		}
		a.Refresh()
		if diff := cmp.Diff(files{"b": "2"}, have(t, a, "x", 0)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a site that is being published elsewhere", func(t *testing.T) {
		unlock, err := (*b.sites.Load())["x"].tryLock()
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		d, _ := a.Begin("x")
		if _, err := d.Commit(ctx, Pointer{}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("got %v, want a conflict", err)
		}
	})
}

func TestANodeThatOnlyReads(t *testing.T) {
	dir := t.TempDir()
	office := open(t, dir)
	publish(t, office, "x", files{"a": "1"})
	if err := os.WriteFile(filepath.Join(dir, "x", "v2.pack"+tempExt), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	opt := quiet()
	opt.ReadOnly, opt.Poll = true, 5*time.Millisecond
	public, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer public.Close()
	if _, err := public.Begin("x"); fault.KindOf(err) != fault.Denied {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "x", "v2.pack"+tempExt)); err != nil {
		t.Errorf("a reader must not clean: %v", err)
	}
	publish(t, office, "x", files{"a": "2"})
	publish(t, office, "y", files{"a": "3"})
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		x, _ := public.Current("x")
		y, _ := public.Current("y")
		if x.Version == 2 && y.Version == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the reader still shows %d and %d", x.Version, y.Version)
		}
	}
}

func TestADraftIsPublishedOnce(t *testing.T) {
	s := open(t, t.TempDir())
	d, _ := s.Begin("x")
	d.Put("a", []byte("a"))
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Commit(stopped, Pointer{}); err == nil {
		t.Error("a commit that was called off succeeded")
	}
	if _, ok := s.Current("x"); ok {
		t.Error("a commit that was called off is in front of the public")
	}
	if _, err := d.Commit(t.Context(), Pointer{}); err != nil {
		t.Errorf("trying again: %v", err)
	}
	if _, err := d.Commit(t.Context(), Pointer{}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
	if err := d.Put("b", nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
}

// TestReadersNeverSeeHalfAnEdition publishes while many read: each page of an
// edition says its version, and a reader who takes an edition must find that
// version on all pages.
func TestReadersNeverSeeHalfAnEdition(t *testing.T) {
	s := open(t, t.TempDir())
	all := func(v int) files {
		f := files{}
		for i := range 20 {
			f[fmt.Sprintf("%d.html", i)] = strings.Repeat(fmt.Sprintf("edition %d; ", v), 20)
		}
		return f
	}
	publish(t, s, "x", all(1))
	done := make(chan struct{})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				e, err := s.Edition(context.Background(), "x", 0)
				if err != nil {
					t.Error(err)
					return
				}
				want := strings.Repeat(fmt.Sprintf("edition %d; ", e.Version()), 20)
				for i := range 20 {
					f, err := s.file(e, e.pages[fmt.Sprintf("%d.html", i)])
					if err != nil || string(f.Body) != want {
						t.Errorf("edition %d, page %d: %.20q, %v", e.Version(), i, f.Body, err)
						return
					}
				}
			}
		})
	}
	for v := 2; v <= 25; v++ {
		publish(t, s, "x", all(v))
	}
	close(done)
	wait.Wait()
}
