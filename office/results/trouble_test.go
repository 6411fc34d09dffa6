// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

// votes are Ada's votes in all, as the office would show them now.
func (n *night) votes() int64 {
	n.t.Helper()
	pic, err := n.see(context.Background(), "e")
	n.must(err)
	v, _ := pic.tally.N(pic.index.Root(), 0, 0, 0)
	return v
}

func (n *night) takeFrom(source, body string) Report {
	n.t.Helper()
	r, err := n.Take(n.as("ann"), Upload{Election: "e", Source: source, Name: source + ".csv", Body: strings.NewReader(body)})
	n.must(err)
	return r
}

// tries approves with a reason and returns the error.
func (n *night) tries(r Report, reason string) error {
	n.t.Helper()
	now, err := findNight(context.Background(), n.DB, n.Jurisdiction, "e")
	n.must(err)
	_, err = n.Approve(n.as("bo"), r.ID, now.Version, reason)
	return err
}

func TestAReportIsCheckedAgainWhenSomethingWasPublishedMeanwhile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "other", Name: "Other"}))
		n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "adds", Name: "Adds", Incremental: true}))
		n.must(n.GoLive(n.as("chief"), "e"))
		newer, older := n.takeFrom("central", file(120, 100, 90, 95)), n.takeFrom("central", file(50, 40, 30, 20))
		twice := n.takeFrom("other", file(120, 100, 90, 95))
		n.must(n.tries(newer, ""))
		if err := n.tries(older, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an older file after a newer one needs a reason, got %v", err)
		}
		if err := n.tries(twice, "x"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the same numbers from another source: got %v", err)
		}
		if got := n.votes(); got != 210 {
			t.Errorf("Ada has %d votes, want 210", got)
		}
	})
}

func TestVotesAreNotCountedTwiceByTwoSources(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "other", Name: "Other"}))
		n.must(n.GoLive(n.as("chief"), "e"))
		n.must(n.tries(n.takeFrom("central", file(120, 100, -1, 0)), "x"))
		if r := n.takeFrom("other", file(121, 100, 90, 95)); r.Holds == 0 || !strings.Contains(n.findings(r), "Central count") {
			t.Errorf("precinct One from two sources is not held:\n%s", n.findings(r))
		}
		if r := n.takeFrom("other", file(-1, 0, 90, 95)); strings.Contains(n.findings(r), "Central count") {
			t.Errorf("different precincts are no overlap:\n%s", n.findings(r))
		}
	})
}

func TestChangingASourceChangesNothingThatWasApproved(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		n.approve(n.take("ann", file(130, 110, 95, 99), ""))
		n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "central", Name: "Central count", Incremental: true}))
		ask, err := n.AskStatus(n.as("ann"), "e", "", election.UnofficialComplete, "all in")
		n.must(err)
		n.approve(ask)
		if got := n.votes(); got != 225 {
			t.Errorf("Ada has %d votes, want 225", got)
		}
	})
}

func TestAStatusStaysUntilAnotherIsApproved(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		if v := n.approve(n.take("ann", file(119, 100, 90, 95), "misread card")); v.Status != election.Correction {
			t.Errorf("a correction is called %s", v.Status)
		}
		if v := n.approve(n.take("ann", file(125, 101, 91, 96), "")); v.Status != election.UnofficialPartial {
			t.Errorf("the update after a correction is called %s", v.Status)
		}
		certify, err := n.AskStatus(n.as("ann"), "e", "", election.Certified, "canvass complete")
		n.must(err)
		late := n.take("ann", file(126, 101, 91, 96), "late")
		if err := n.tries(certify, "x"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("certified while a report is held: got %v", err)
		}
		n.must(n.Return(n.as("bo"), late.ID, "too late"))
		n.approve(certify)
		contest, err := n.AskStatus(n.as("ann"), "e", "c", election.Recount, "margin")
		n.must(err)
		if v := n.approve(contest); v.Status != election.Certified {
			t.Errorf("one contest's recount calls the election %s", v.Status)
		}
		if page := n.page("results/e", 5, "contest/c.html"); !strings.Contains(strings.ToLower(page), "recount") {
			t.Error("the contest's page does not say that it is recounted")
		}
	})
}

func TestAReplacedFileMayComeAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		n.approve(n.take("ann", file(310, 110, 95, 99), ""))
		back := n.take("ann", file(120, 100, 90, 95), "the second file was wrong")
		if back.Again {
			t.Fatal("the first file was replaced, so it is no repeat")
		}
		n.approve(back)
		if got := n.votes(); got != 210 {
			t.Errorf("Ada has %d votes, want 210", got)
		}
	})
}

func TestHandEntryIsTheWorkOfThreePeople(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		type_ := func(as string) (Report, error) {
			return n.Enter(n.as(as), "e", Typing{Unit: "1", Contest: "c", Numbers: Numbers{"a": 15, "b": 15}})
		}
		_, err := type_("ann")
		n.must(err)
		var all sync.WaitGroup
		var mu sync.Mutex
		var made []Report
		for range 4 {
			all.Go(func() {
				if r, err := type_("cy"); err == nil && r.ID != "" {
					mu.Lock()
					made = append(made, r)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if len(made) != 1 {
			t.Fatalf("four equal second typings made %d reports, want 1", len(made))
		}
		for _, as := range []string{"ann", "cy"} {
			if _, err := n.Approve(n.as(as), made[0].ID, 0, "x"); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s typed it and approves it: got %v", as, err)
			}
		}
		if _, err := n.Enter(n.as("ann"), "e", Typing{Unit: "2", Contest: "c", Numbers: Numbers{"nonsense": 1}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an unknown field: got %v", err)
		}
	})
}

func TestAWithdrawnFileIsNotIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		r := n.take("ann", file(120, 100, 90, 95), "")
		n.approve(r)
		ask, err := n.AskWithdrawal(n.as("ann"), r.ID, "test deck")
		n.must(err)
		n.approve(ask)
		desk, err := n.deskOf(n.as("bo"), "e")
		n.must(err)
		if desk.in() != 0 || desk.reported != 0 {
			t.Errorf("%d sources in, %d precincts reported, want none", desk.in(), desk.reported)
		}
	})
}

func TestTheWatchedFolderTakesWhatItCan(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		folder := filepath.Join(t.TempDir(), "in [box]")
		for name, body := range map[string]string{
			"e/central/night.csv":  file(120, 100, 90, 95),
			"e/central/broken.csv": "this is no table",
			"e/unknown/night.csv":  file(1, 1, 1, 1),
			"a/aaa/stray.csv":      "county,precinct\n",
			"a/aaa/unread":         "a file where a folder should be",
		} {
			path := filepath.Join(folder, name)
			n.must(os.MkdirAll(filepath.Dir(path), 0o755))
			n.must(os.WriteFile(path, []byte(body), 0o644))
		}
		w := &watcher{results: n.Results, folder: folder, seen: make(map[string]stamp)}
		for range 2 {
			_ = w.look(context.Background()) // the stray file is an error, told each time
		}
		reports, err := listReports(context.Background(), n.DB, n.Jurisdiction, "e", Test)
		n.must(err)
		if len(reports) != 1 || reports[0].File != "night.csv" {
			t.Errorf("got %+v, want night.csv alone", reports)
		}
		for _, glob := range []string{"e/central/taken/*night.csv", "e/central/unread/*broken.csv.txt", "e/unknown/unread/*night.csv"} {
			dir, pattern := filepath.Split(glob)
			entries, _ := os.ReadDir(filepath.Join(folder, dir))
			found := false
			for _, f := range entries {
				if ok, _ := filepath.Match(pattern, f.Name()); ok {
					found = true
				}
			}
			if !found {
				t.Errorf("nothing matches %s", glob)
			}
		}
	})
}

func TestAnUnknownZoneKeepsEverythingIn(t *testing.T) {
	def := valley()
	def.Election.TimeZone = "America/Pheonix"
	if at, err := def.LastClose(); err == nil {
		t.Errorf("an unknown zone closes at %s", at)
	}
}

func TestTheStartPageIsWrittenAfterACrash(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		n.page("results/e", 1, "index.html")
		for range 100 {
			if _, ok := n.Shelf.Current(""); ok {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Error("there is no public start page")
	})
}
