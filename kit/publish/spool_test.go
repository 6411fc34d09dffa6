// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"hustings/kit/fault"
)

// pieces writes a body so many bytes at a time.
func pieces(body string, size int) func(io.Writer) error {
	return func(w io.Writer) error {
		for len(body) > 0 {
			n := min(size, len(body))
			if _, err := io.WriteString(w, body[:n]); err != nil {
				return err
			}
			body = body[n:]
		}
		return nil
	}
}

func begin(t testing.TB, s *Shelf) *Draft {
	t.Helper()
	d, err := s.Begin("x")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A body that is handed over piece by piece is stored like one that is handed
// over whole, byte for byte.
func TestPuttingFromAWriterIsPutting(t *testing.T) {
	page := string(resultsPage(rand.New(rand.NewSource(1)), 3<<20))
	noise := make([]byte, 2<<20)
	rand.New(rand.NewSource(2)).Read(noise)
	for _, tt := range []struct{ name, path, body string }{
		{"nothing", "a.csv", ""},
		{"a few bytes", "a.csv", "county,votes\n"},
		{"a page", "a.html", page[:30_000]},
		{"as large as can be in memory", "a.csv", page[:bigFile]},
		{"one byte more", "a.csv", page[:bigFile+1]},
		{"a download", "a.csv", page},
		{"a workbook", "a.xlsx", page},
		{"what does not shrink after all", "a.csv", string(noise)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var packs [2][]byte
			for i, put := range []func(*Draft) error{
				func(d *Draft) error { return d.Put(tt.path, []byte(tt.body)) },
				func(d *Draft) error { return d.PutFrom(tt.path, pieces(tt.body, 7777)) },
			} {
				dir := t.TempDir()
				s := open(t, dir)
				d := begin(t, s)
				if err := put(d); err != nil {
					t.Fatal(err)
				}
				commit(t, d)
				if got := have(t, s, "x", 0)[tt.path]; got != tt.body {
					t.Fatalf("%d bytes came back, want %d", len(got), len(tt.body))
				}
				packs[i], _ = os.ReadFile(filepath.Join(dir, "x", "v1.pack"))
				checkNoLeftovers(t, filepath.Join(dir, "x"), 1)
				if got := have(t, open(t, dir), "x", 0)[tt.path]; got != tt.body {
					t.Fatalf("after a restart %d bytes came back, want %d", len(got), len(tt.body))
				}
			}
			if !bytes.Equal(packs[0], packs[1]) {
				t.Errorf("packs of %d and %d bytes differ", len(packs[0]), len(packs[1]))
			}
		})
	}
}

func TestABigFileThatDidNotChangeIsNotStoredAgain(t *testing.T) {
	s := open(t, t.TempDir())
	big := strings.Repeat("county,precinct,votes\n", bigFile/10)
	for i, want := range []bool{true, false} {
		d := begin(t, s)
		var wait sync.WaitGroup
		for _, path := range []string{"a.csv", "b.csv", "c.csv"} { // the same body under three names, at the same time
			wait.Go(func() {
				if err := d.PutFrom(path, pieces(big, 50_000)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if r := commit(t, d); r.Bytes > 0 != want || r.Bytes > int64(len(big))*3/2 {
			t.Errorf("edition %d: %d bytes written", i+1, r.Bytes)
		}
		if got := have(t, s, "x", 0); got["a.csv"] != big || got["b.csv"] != big || got["c.csv"] != big {
			t.Errorf("edition %d does not have what was put", i+1)
		}
	}
}

func TestAFileThatCannotBeMadeChangesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	publish(t, s, "x", files{"a.csv": "one"})
	broken := errors.New("no report")
	for _, n := range []int{0, 100, 3 << 20} {
		d := begin(t, s)
		err := d.PutFrom("a.csv", func(w io.Writer) error {
			if err := pieces(strings.Repeat("x", n), 10_000)(w); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: got %v", n, err)
		}
		if r := commit(t, d); r.Changed != 0 || have(t, s, "x", 0)["a.csv"] != "one" {
			t.Errorf("after %d bytes: got %+v", n, r)
		}
	}
	d := begin(t, s)
	if err := d.PutFrom("../a", pieces("x", 1)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a path that leads out: got %v", err)
	}
	checkNoLeftovers(t, filepath.Join(dir, "x"), 4)
}

// A commit that failed may be tried again.
func TestASpooledFileOutlivesAFailedCommit(t *testing.T) {
	s := open(t, t.TempDir())
	big := strings.Repeat("county,precinct,votes\n", bigFile/10)
	d := begin(t, s)
	if err := d.PutFrom("a.csv", pieces(big, 50_000)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.after = func(step string) { cancel() }
	if _, err := d.Commit(ctx, Pointer{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	s.after = nil
	commit(t, d)
	if got := have(t, s, "x", 0)["a.csv"]; got != big {
		t.Errorf("%d bytes came back, want %d", len(got), len(big))
	}
}

// A download of many megabytes must not take as many in memory.
func TestBigFilesStayOutOfMemory(t *testing.T) {
	line := bytes.Repeat([]byte("county,precinct,votes\n"), 500)
	const lines = 6000 // 66 MB
	for _, tt := range []struct {
		path  string
		bytes int64 // that are written
	}{{"a.csv", 1 << 20}, {"a.xlsx", int64(len(line) * lines)}} {
		t.Run(tt.path, func(t *testing.T) {
			s := open(t, t.TempDir())
			d := begin(t, s)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := d.PutFrom(tt.path, func(w io.Writer) error {
				for range lines {
					if _, err := w.Write(line); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if r := commit(t, d); r.Bytes > tt.bytes {
				t.Errorf("%d bytes were written, want at most %d", r.Bytes, tt.bytes)
			}
			runtime.ReadMemStats(&after)
			if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 16 {
				t.Errorf("%d MB were allocated for a file of 66 MB", got)
			}
		})
	}
}

func TestARareFileIsPackedWithGzipAlone(t *testing.T) {
	page := resultsPage(rand.New(rand.NewSource(1)), 200_000)
	for _, rare := range []bool{false, true} {
		s := open(t, t.TempDir())
		d := begin(t, s)
		if err := d.PutFile(File{Path: "a.html", Body: page, Rare: rare}); err != nil {
			t.Fatal(err)
		}
		commit(t, d)
		e, err := s.Edition(t.Context(), "x", 0)
		if err != nil {
			t.Fatal(err)
		}
		at := e.pages["a.html"].at
		if at.gz == 0 || at.raw != 0 || at.br > 0 == rare {
			t.Errorf("rare %v: got %d bytes raw, %d gzip, %d brotli", rare, at.raw, at.gz, at.br)
		}
		d = begin(t, s)
		if err := d.PutFile(File{Path: "b.html", Body: page, Rare: !rare}); err != nil {
			t.Fatal(err)
		}
		if r := commit(t, d); r.Bytes != 0 {
			t.Errorf("rare %v: %d bytes were written for a body that is there", rare, r.Bytes)
		}
	}
}
