// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"context"
	"fmt"
	"math/rand"
	"runtime"
	"sync"
	"testing"
	"time"
)

// statewide makes what a state with 1,500 precincts publishes: 3,200 pages of
// 5 to 40 kB and a small JSON twin of each.
func statewide(r *rand.Rand) (pages, twins []File) {
	for i := range 3200 {
		pages = append(pages, File{Path: fmt.Sprintf("precinct/%d/index.html", i), Body: resultsPage(r, 5_000+r.Intn(35_000))})
		twins = append(twins, File{Path: fmt.Sprintf("precinct/%d/data.json", i), Body: resultsPage(r, 2_000+r.Intn(6_000))})
	}
	return pages, twins
}

// putAll hands files over from as many goroutines as there are cores.
func putAll(t testing.TB, d *Draft, all []File) {
	t.Helper()
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(all); i += workers {
				if err := d.PutFile(all[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

func commit(t testing.TB, d *Draft) Result {
	t.Helper()
	r, err := d.Commit(context.Background(), Pointer{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAStateFitsInMemory opens a statewide edition, serves every page once and
// measures what stays in memory.
func TestAStateFitsInMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("publishes 6,400 files")
	}
	dir := t.TempDir()
	pages, twins := statewide(rand.New(rand.NewSource(1)))
	d, err := open(t, dir).Begin("results/x")
	if err != nil {
		t.Fatal(err)
	}
	putAll(t, d, pages)
	putAll(t, d, twins)
	commit(t, d)
	pages, twins, d = nil, nil, nil
	before := inUse()
	start := time.Now()
	s := open(t, dir)
	opened := time.Since(start)
	used := inUse() - before
	runtime.KeepAlive(s)
	t.Logf("opened in %v, %d MB in memory", opened, used>>20)
	if used > 60<<20 {
		t.Errorf("a statewide edition takes %d MB of memory; with room for the next one it must stay under 150", used>>20)
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkAStatePublished measures the first publication of 3,200 pages, one
// page that changes afterwards, and opening the folder.
func BenchmarkAStatePublished(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	pages, _ := statewide(r)
	b.Run("3200 pages on one core", func(b *testing.B) {
		for b.Loop() {
			d, err := open(b, b.TempDir()).Begin("x")
			if err != nil {
				b.Fatal(err)
			}
			for _, f := range pages {
				if err := d.PutFile(f); err != nil {
					b.Fatal(err)
				}
			}
			commit(b, d)
		}
	})
	b.Run("3200 pages on all cores", func(b *testing.B) {
		for b.Loop() {
			d, err := open(b, b.TempDir()).Begin("x")
			if err != nil {
				b.Fatal(err)
			}
			putAll(b, d, pages)
			commit(b, d)
		}
	})
	dir := b.TempDir()
	s := open(b, dir)
	d, err := s.Begin("x")
	if err != nil {
		b.Fatal(err)
	}
	putAll(b, d, pages)
	commit(b, d)
	b.Run("one page changes", func(b *testing.B) {
		for b.Loop() {
			d, err := s.Begin("x")
			if err != nil {
				b.Fatal(err)
			}
			putAll(b, d, []File{{Path: pages[7].Path, Body: resultsPage(r, 20_000)}})
			commit(b, d)
		}
	})
	b.Run("the whole set, one page changed", func(b *testing.B) {
		for b.Loop() {
			d, err := s.Begin("x")
			if err != nil {
				b.Fatal(err)
			}
			pages[7].Body = resultsPage(r, 20_000)
			d.Whole()
			putAll(b, d, pages)
			commit(b, d)
		}
	})
	b.Run("opening the folder", func(b *testing.B) {
		for b.Loop() {
			open(b, dir)
		}
	})
}
