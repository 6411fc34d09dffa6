// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// downloads is a shelf with big files, all different.
func downloads(t testing.TB, n int) (*Shelf, []string) {
	t.Helper()
	s := open(t, t.TempDir())
	d := begin(t, s)
	var bodies []string
	for i := range n {
		bodies = append(bodies, string(resultsPage(rand.New(rand.NewSource(int64(i))), 2*bigFile)))
		if err := d.PutFrom(fmt.Sprintf("%d.csv", i), pieces(bodies[i], 100_000)); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, d)
	return s, bodies
}

// Many clients read ranges of more files than there is room for.
func TestRangesWhileCopiesComeAndGo(t *testing.T) {
	s, bodies := downloads(t, 5)
	s.copies.limit = 5 * bigFile // two of them
	srv := httptest.NewServer(s)
	var wait sync.WaitGroup
	for client := range 8 {
		wait.Go(func() {
			r := rand.New(rand.NewSource(int64(client)))
			for range 12 {
				i := r.Intn(len(bodies))
				from := r.Intn(len(bodies[i]) - 1000)
				resp, body := ask(t, srv, "GET", fmt.Sprintf("/x/%d.csv", i), "Range", fmt.Sprintf("bytes=%d-%d", from, from+999))
				if resp.StatusCode != 206 || body != bodies[i][from:from+1000] {
					t.Errorf("%d.csv: got status %d and %d bytes", i, resp.StatusCode, len(body))
				}
			}
		})
	}
	wait.Wait()
	srv.Close() // waits for every answer
	s.copies.mu.Lock()
	defer s.copies.mu.Unlock()
	if s.copies.used > s.copies.limit || len(s.copies.copies) > 2 {
		t.Errorf("%d copies of %d bytes are kept", len(s.copies.copies), s.copies.used)
	}
	for _, c := range s.copies.copies {
		if c.readers != 0 {
			t.Errorf("%d readers never left", c.readers)
		}
	}
}

// Whoever is reading a copy reads it to its end, even if it is dropped
// meanwhile.
func TestACopyOutlivesItsPlace(t *testing.T) {
	s, bodies := downloads(t, 2)
	s.copies.limit = 3 * bigFile
	e, err := s.Edition(t.Context(), "x", 0)
	if err != nil {
		t.Fatal(err)
	}
	first, done, err := s.seekable(t.Context(), e, e.pages["0.csv"])
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := s.seekable(t.Context(), e, e.pages["1.csv"])
	if err != nil {
		t.Fatal(err)
	}
	other()
	if len(s.copies.copies) != 1 {
		t.Errorf("%d copies are kept, want the later one alone", len(s.copies.copies))
	}
	if got, err := io.ReadAll(first); err != nil || string(got) != bodies[0] {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	done()
	if _, err := first.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Read(make([]byte, 1)); err == nil {
		t.Error("the copy is still open after its last reader left")
	}
}

func TestACopyIsNotWaitedForInVain(t *testing.T) {
	s, _ := downloads(t, 1)
	e, err := s.Edition(t.Context(), "x", 0)
	if err != nil {
		t.Fatal(err)
	}
	s.copies.making <- struct{}{} // someone makes a copy, and takes long
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.seekable(ctx, e, e.pages["0.csv"]); err == nil {
		t.Error("a client that left was served")
	}
	// What needs no copy is not held up.
	srv := httptest.NewServer(s)
	defer srv.Close()
	for _, ask1 := range [][]string{{"HEAD", "identity"}, {"GET", "gzip"}} {
		if resp, _ := ask(t, srv, ask1[0], "/x/0.csv", "Accept-Encoding", ask1[1]); resp.StatusCode != 200 {
			t.Errorf("%v: got status %d", ask1, resp.StatusCode)
		}
	}
}

// Packs that were written before big bodies were packed alone hold them plain
// too, and are served from there.
func TestPacksOfEarlierTimes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	body := string(resultsPage(rand.New(rand.NewSource(1)), 2*bigFile))
	d := begin(t, s)
	if err := d.Put("a.csv", []byte(body)); err != nil {
		t.Fatal(err)
	}
	d.files["a.csv"].body.stored.raw = []byte(body)
	commit(t, d)
	for _, s := range []*Shelf{s, open(t, dir)} {
		if got := have(t, s, "x", 0)["a.csv"]; got != body {
			t.Errorf("got %d bytes", len(got))
		}
		srv := httptest.NewServer(s)
		defer srv.Close()
		if resp, got := ask(t, srv, "GET", "/x/a.csv", "Range", "bytes=1000-1999"); resp.StatusCode != 206 || got != body[1000:2000] {
			t.Errorf("got status %d and %d bytes", resp.StatusCode, len(got))
		}
		if len(s.copies.copies) > 0 {
			t.Error("a copy was made of what lies plain in the pack")
		}
	}
}

// A reader of its own folder leaves nothing in it, not even for a moment.
func TestAReadOnlyShelfCopiesElsewhere(t *testing.T) {
	writer, bodies := downloads(t, 1)
	opt := quiet()
	opt.ReadOnly = true
	s, err := Open(writer.dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	site := filepath.Join(writer.dir, "x")
	before, err := os.Stat(site)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	defer srv.Close()
	if resp, got := ask(t, srv, "GET", "/x/0.csv"); resp.StatusCode != 200 || got != bodies[0] {
		t.Errorf("got status %d and %d bytes", resp.StatusCode, len(got))
	}
	if after, err := os.Stat(site); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the folder was changed: %v", err)
	}
}

// BenchmarkAPlainDownload serves a download of 20 MB to a client that does not
// speak gzip: the first, and any other.
func BenchmarkAPlainDownload(b *testing.B) {
	s := open(b, b.TempDir())
	d := begin(b, s)
	body := resultsPage(rand.New(rand.NewSource(1)), 20<<20)
	if err := d.Put("a.csv", body); err != nil {
		b.Fatal(err)
	}
	commit(b, d)
	for _, first := range []bool{true, false} {
		b.Run(map[bool]string{true: "the first", false: "any other"}[first], func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if first {
					s.copies = newPlainCopies(copiesBytes)
				}
				w := httptest.NewRecorder()
				w.Body = nil
				s.ServeHTTP(w, httptest.NewRequest("GET", "/x/a.csv", nil))
			}
		})
	}
}
