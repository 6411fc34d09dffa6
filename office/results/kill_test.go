// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/ledger"
	"hustings/kit/publish"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/results/site"
)

// TestMain lets the test binary be its own victim: with HUSTINGS_VICTIM set it
// takes, approves and publishes files until it is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("HUSTINGS_VICTIM"); dir != "" {
		if err := victim(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// openAt opens the room on a folder that survives the process.
func openAt(dir string) (*Results, *db.DB, error) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(dir, "h.db"), db.Options{Log: quiet, Strict: true})
	if err != nil {
		return nil, nil, err
	}
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, nil, err
	}
	shelf, err := publish.Open(filepath.Join(dir, "published"), publish.Options{Log: quiet, Poll: -1})
	if err != nil {
		return nil, nil, err
	}
	catalog, err := words.New("es")
	if err != nil {
		return nil, nil, err
	}
	now := time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC)
	s := New(Deps{DB: d, Blobs: blobs, Shelf: shelf, Words: catalog, Now: func() time.Time { return now }, Log: quiet,
		Jurisdiction: "vale", Definitions: ballots{valley()}, Pairs: anyTwo{}, Style: site.Asset{Path: "assets/site.css"}, Script: site.Asset{Path: "assets/site.js"}})
	for _, w := range s.Room().Words {
		if err := catalog.Add(w); err != nil {
			return nil, nil, err
		}
	}
	return s, d, d.Migrate(asPerson("setup"), []db.Source{{Room: "results", FS: migrations}})
}

func asPerson(name string) context.Context {
	return who.With(context.Background(), who.Person{ID: name, Name: name, Jurisdiction: "vale", Via: who.Browser})
}

// victim works as fast as it can and says what has been acknowledged.
func victim(dir string) error {
	s, d, err := openAt(dir)
	if err != nil {
		return err
	}
	if _, err := findNight(context.Background(), d, "vale", "e"); err != nil {
		for _, do := range []func() error{
			func() error { return s.Open(asPerson("chief"), "e") },
			func() error { return s.SaveSource(asPerson("chief"), "e", Source{ID: "central", Name: "Central"}) },
			func() error { return s.GoLive(asPerson("chief"), "e") },
		} {
			if err := do(); err != nil {
				return err
			}
		}
	}
	go func() { _ = (&ledger.Ledger{DB: d, Log: s.Log}).Run(context.Background(), s.Room().Hears) }()
	for {
		n, err := findNight(context.Background(), d, "vale", "e")
		if err != nil {
			return err
		}
		votes := int(n.Version) + 100
		r, err := s.Take(asPerson("ann"), Upload{Election: "e", Source: "central", Name: "f.csv",
			Body: strings.NewReader(file(votes, 90, 90, 95)), Correction: "kill"})
		if err != nil {
			return err
		}
		if r.State == Held {
			fmt.Println("held", r.ID)
			if _, err := s.Approve(asPerson("bo"), r.ID, n.Version, "checked"); err != nil {
				return err
			}
			fmt.Println("approved", n.Version+1)
		}
	}
}

// TestKilledAtAnyMomentNothingIsHalf kills the victim again and again and looks
// after each time: what was acknowledged is there, a version has its report
// and its fact, and the house goes on to publish what was approved.
// HUSTINGS_KILLS sets how often (12).
func TestKilledAtAnyMomentNothingIsHalf(t *testing.T) {
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("HUSTINGS_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	acknowledged := int64(0)
	var slowest time.Duration
	for i := range kills {
		acknowledged = max(acknowledged, runVictim(t, dir, time.Duration(30+rand.IntN(250))*time.Millisecond))
		began := time.Now()
		s, d, err := openAt(dir)
		if err != nil {
			t.Fatalf("kill %d: the house does not open: %v", i, err)
		}
		inspect(t, s, d, acknowledged)
		catchUp(t, s, d)
		slowest = max(slowest, time.Since(began))
		_ = s.Shelf.Close()
		_ = d.Close()
	}
	t.Logf("%d kills, %d versions acknowledged, slowest restart until all was published %s", kills, acknowledged, slowest)
}

// runVictim lets the victim work for a while, kills it, and returns the last
// version that it acknowledged.
func runVictim(t *testing.T, dir string, life time.Duration) (last int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HUSTINGS_VICTIM="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "approved "); ok {
			last, _ = strconv.ParseInt(v, 10, 64)
		}
	}
	_ = cmd.Wait() // it was killed
	return last
}

// inspect compares what the tables, the ledger and the shelf say.
func inspect(t *testing.T, s *Results, d *db.DB, acknowledged int64) {
	t.Helper()
	ctx := context.Background()
	n, err := findNight(ctx, d, "vale", "e")
	if err != nil {
		if acknowledged == 0 {
			return // killed before the election was opened
		}
		t.Fatal(err)
	}
	if n.Version < acknowledged {
		t.Fatalf("version %d was acknowledged and the house knows %d", acknowledged, n.Version)
	}
	versions, err := listVersions(ctx, d, "vale", "e")
	if err != nil || int64(len(versions)) != n.Version {
		t.Fatalf("%d versions for version %d: %v", len(versions), n.Version, err)
	}
	facts := make(map[string]int)
	for e, err := range (&ledger.Ledger{DB: d}).All(ctx, "vale", 0) {
		if err != nil {
			t.Fatal(err)
		}
		facts[e.Name]++
	}
	if facts["results.approved.v1"] != len(versions) {
		t.Fatalf("%d versions and %d facts of approval", len(versions), facts["results.approved.v1"])
	}
	for _, v := range versions {
		r, err := findReport(ctx, d, "vale", v.Report)
		if err != nil || r.State != Approved || r.Version != v.Number {
			t.Fatalf("version %d: its report is %+v, %v", v.Number, r, err)
		}
		if _, err := s.Findings(ctx, r); err != nil {
			t.Fatalf("version %d: %v", v.Number, err)
		}
	}
	if p, ok := s.Shelf.Current("results/e"); ok {
		if p.Version > n.Version {
			t.Fatalf("the public sees version %d and %d was approved", p.Version, n.Version)
		}
		if err := s.Shelf.Check(ctx, "results/e", 0); err != nil {
			t.Fatal(err)
		}
	}
}

// catchUp lets the listeners work until the public sees the approved version.
func catchUp(t *testing.T, s *Results, d *db.DB) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = (&ledger.Ledger{DB: d, Log: s.Log}).Run(ctx, s.Room().Hears)
	}()
	defer func() { stop(); <-done }()
	for range 1500 {
		n, err := findNight(ctx, d, "vale", "e")
		p, _ := s.Shelf.Current("results/e")
		if err != nil || p.Version == n.Version {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("what was approved was not published within 30 s of a restart")
}
