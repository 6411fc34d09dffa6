// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/publish"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/results/site"
)

// ballots stands for the definition room: one locked election.
type ballots struct{ def *election.Definition }

func (b ballots) Locked(context.Context) ([]election.Ballot, error) {
	return []election.Ballot{{Election: b.def.Election.ID, Name: b.def.Election.Name, Hash: b.def.Hash()}}, nil
}

func (b ballots) ByHash(_ context.Context, _ election.ID, hash string) (*election.Definition, error) {
	if hash != b.def.Hash() {
		return nil, fault.New(fault.NotFound, "no definition %s", hash)
	}
	return b.def, nil
}

func (ballots) Aliases(context.Context, election.ID) ([]election.Alias, error) { return nil, nil }

// anyTwo stands for the book of the two-person rule, without permissions.
type anyTwo struct{}

func (anyTwo) Ask(_ context.Context, _ *db.Tx, a pair.Ask) (pair.Request, error) {
	return pair.Request{Ask: a}, nil
}

func (anyTwo) Agree(ctx context.Context, _ *db.Tx, _, _, _ string) (pair.Request, error) {
	return pair.Request{}, pair.Second(who.From(ctx))
}

func (anyTwo) Refuse(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, nil
}

// night is the room on a fresh database after the polls have closed.
type night struct {
	*Results
	t   *testing.T
	now time.Time
}

func openNight(t *testing.T, d *db.DB) *night {
	t.Helper()
	n := &night{t: t, now: time.Date(2026, 11, 4, 3, 0, 0, 0, time.UTC)} // 20:00 in Phoenix
	quiet := slog.New(slog.NewTextHandler(t.Output(), nil))
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	shelf, err := publish.Open(t.TempDir(), publish.Options{Log: quiet, Poll: -1})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	n.Results = New(Deps{DB: d, Blobs: blobs, Shelf: shelf, Words: catalog, Now: func() time.Time { return n.now }, Log: quiet,
		Jurisdiction: "vale", Definitions: ballots{valley()}, Pairs: anyTwo{},
		Style: site.Asset{Path: "assets/site.css"}, Script: site.Asset{Path: "assets/site.js"}})
	for _, w := range n.Room().Words {
		if err := catalog.Add(w); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Migrate(n.as("setup"), []db.Source{{Room: "results", FS: migrations}}); err != nil {
		t.Fatal(err)
	}
	n.must(n.Open(n.as("chief"), "e"))
	n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "central", Name: "Central count"}))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = (&ledger.Ledger{DB: d, Log: quiet}).Run(ctx, n.Room().Hears)
	}()
	t.Cleanup(func() { cancel(); <-done; _ = shelf.Close() })
	return n
}

func (n *night) as(name string) context.Context {
	return who.With(context.Background(), who.Person{ID: name, Name: name, Jurisdiction: "vale", Via: who.Browser})
}

func (n *night) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// file is an OpenElections file: votes of Ada and Ben in the two precincts.
func file(ada1, ben1, ada2, ben2 int) string {
	out := "county,precinct,office,district,party,candidate,votes\n"
	for i, v := range [][2]int{{ada1, ben1}, {ada2, ben2}} {
		p := []string{"One", "Two"}[i]
		if v[0] < 0 {
			continue
		}
		out += fmt.Sprintf("Valley,%s,Ballots Cast,,,,%d\nValley,%s,Mayor,,,Ada,%d\nValley,%s,Mayor,,,Ben,%d\n", p, v[0]+v[1], p, v[0], p, v[1])
	}
	return out
}

func (n *night) take(as, body, correction string) Report {
	n.t.Helper()
	r, err := n.Take(n.as(as), Upload{Election: "e", Source: "central", Name: "results.csv", Body: strings.NewReader(body), Correction: correction})
	n.must(err)
	return r
}

// approve approves as bo on what is published now, giving a reason where one
// is needed.
func (n *night) approve(r Report) Version {
	n.t.Helper()
	now, err := findNight(context.Background(), n.DB, n.Jurisdiction, "e")
	n.must(err)
	v, err := n.Approve(n.as("bo"), r.ID, now.Version, "checked against the tape")
	n.must(err)
	return v
}

// page waits until a version is published and returns a page of it.
func (n *night) page(site string, version int64, path string) string {
	n.t.Helper()
	for range 200 {
		if p, ok := n.Shelf.Current(site); ok && p.Version >= version {
			f, err := n.Shelf.Read(context.Background(), site, version, path)
			n.must(err)
			return string(f.Body)
		}
		time.Sleep(20 * time.Millisecond)
	}
	n.t.Fatalf("version %d of %s was not published within 4 s", version, site)
	return ""
}

func (n *night) findings(r Report) string {
	n.t.Helper()
	list, err := n.Findings(context.Background(), r)
	n.must(err)
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %s %s", f.Check, f.Level, n.Words.In("en").Say(f.Key, f.Args)))
	}
	return strings.Join(out, "\n")
}

func TestResultsGoOutOnlyWhenASecondPersonHasLooked(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		r := n.take("ann", file(120, 100, 90, 95), "")
		if r.State != Held {
			t.Fatalf("state %s:\n%s", r.State, n.findings(r))
		}
		if _, err := n.Approve(n.as("ann"), r.ID, 0, "x"); fault.KindOf(err) != fault.Denied {
			t.Errorf("the uploader approves: got %v", err)
		}
		if _, ok := n.Shelf.Current("results/e"); ok {
			t.Error("something was published before approval")
		}
		if v := n.approve(r); v.Number != 1 {
			t.Errorf("version %d, want 1", v.Number)
		}
		if page := n.page("results/e", 1, "contest/c.html"); !strings.Contains(page, "210") || !strings.Contains(page, "195") {
			t.Errorf("the contest's page lacks the sums 210 and 195:\n%s", page)
		}
		if _, err := n.Approve(n.as("cy"), r.ID, 1, "again"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("approved twice: got %v", err)
		}
	})
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		first := n.take("ann", file(120, 100, 90, 95), "")
		again := n.take("cy", file(120, 100, 90, 95), "")
		if !again.Again || again.ID != first.ID {
			t.Errorf("got %+v, want the first report", again)
		}
		n.approve(first)
		if again := n.take("cy", file(120, 100, 90, 95), ""); !again.Again || again.State != Approved {
			t.Errorf("after approval: got %+v", again)
		}
	})
}

func TestChecksHoldAndBlock(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		for _, tt := range []struct {
			name, body, correction string
			state                  State
			check                  string
		}{
			{"an unknown precinct is refused", strings.Replace(file(130, 110, 95, 99), "Two", "Nowhere", -1), "", Blocked, "I01"},
			{"a negative number is refused", strings.Replace(file(130, 110, 95, 99), ",130", ",-130", 1), "", Blocked, "I08"},
			{"a number that goes down is held", file(119, 100, 90, 95), "", Held, "T01"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				r := n.take("ann", tt.body, tt.correction)
				if got := n.findings(r); r.State != tt.state || !strings.Contains(got, tt.check) {
					t.Errorf("state %s, want %s with %s:\n%s", r.State, tt.state, tt.check, got)
				}
				if r.State == Blocked {
					if _, err := n.Approve(n.as("bo"), r.ID, 1, "x"); fault.KindOf(err) != fault.Conflict {
						t.Errorf("a blocked report was approved: %v", err)
					}
				}
			})
		}
		t.Run("a held report needs a reason", func(t *testing.T) {
			r := n.take("ann", file(118, 100, 90, 95), "")
			if _, err := n.Approve(n.as("bo"), r.ID, 1, " "); fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestNothingIsPublishedBeforeTheLastPollCloses(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		r := n.take("ann", file(120, 100, 90, 95), "")
		n.now = time.Date(2026, 11, 4, 1, 59, 0, 0, time.UTC) // 18:59 in Phoenix
		if _, err := n.Approve(n.as("bo"), r.ID, 0, "x"); fault.KindOf(err) != fault.Denied || !strings.Contains(fault.Sentence(err), "19:00") {
			t.Errorf("got %v", err)
		}
		n.now = time.Date(2026, 11, 4, 2, 0, 0, 0, time.UTC)
		if _, err := n.Approve(n.as("bo"), r.ID, 0, "x"); err != nil {
			t.Errorf("at closing time: %v", err)
		}
	})
}

func TestOfTwoWhoApproveAtOnceOneWins(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "other", Name: "Other"}))
		a := n.take("ann", file(120, 100, -1, 0), "")
		b, err := n.Take(n.as("ann"), Upload{Election: "e", Source: "other", Name: "b.csv", Body: strings.NewReader(file(-1, 0, 90, 95))})
		n.must(err)
		var won, lost sync.Map
		var all sync.WaitGroup
		for i, id := range []string{a.ID, b.ID} {
			all.Go(func() {
				if _, err := n.Approve(n.as("bo"), id, 0, "x"); err == nil {
					won.Store(i, id)
				} else if fault.KindOf(err) == fault.Conflict {
					lost.Store(i, id)
				} else {
					t.Error(err)
				}
			})
		}
		all.Wait()
		count := func(m *sync.Map) (n int) { m.Range(func(any, any) bool { n++; return true }); return n }
		if count(&won) != 1 || count(&lost) != 1 {
			t.Errorf("%d won and %d lost, want one each", count(&won), count(&lost))
		}
	})
}

func TestWithdrawingIsANewVersionByTwoPeople(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		bad := n.take("ann", file(220, 110, 95, 99), "")
		n.approve(bad)
		if page := n.page("results/e", 2, "contest/c.html"); !strings.Contains(page, "315") {
			t.Errorf("version 2 lacks 315")
		}
		ask, err := n.AskWithdrawal(n.as("ann"), bad.ID, "wrong card was read")
		n.must(err)
		if _, err := n.Approve(n.as("ann"), ask.ID, 2, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("the one who asked approves: got %v", err)
		}
		n.approve(ask)
		if page := n.page("results/e", 3, "contest/c.html"); !strings.Contains(page, "210") || strings.Contains(page, "315") {
			t.Error("version 3 does not show the earlier report's 210 again")
		}
		if page := n.page("results/e", 3, "changes.html"); !strings.Contains(page, "checked against the tape") {
			t.Error("the public list of changes lacks the reason")
		}
		if page := n.page("results/e", 2, "contest/c.html"); !strings.Contains(page, "315") {
			t.Error("the archived version 2 has changed")
		}
	})
}

func TestATestNeverReachesTheLivePages(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		deck := n.take("ann", file(7, 3, 5, 2), "")
		n.approve(deck)
		if page := n.page("test/e", 1, "contest/c.html"); !strings.Contains(page, "test-banner") {
			t.Error("the test page has no banner")
		}
		late := n.take("ann", file(8, 3, 5, 2), "")
		n.must(n.GoLive(n.as("chief"), "e"))
		if _, err := n.Approve(n.as("bo"), late.ID, 1, "x"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a test report was approved after going live: %v", err)
		}
		n.approve(n.take("ann", file(120, 100, 90, 95), ""))
		page := n.page("results/e", 2, "contest/c.html")
		if strings.Contains(page, "test-banner") || !strings.Contains(page, "210") {
			t.Errorf("the live page is wrong:\n%s", page)
		}
	})
}

func TestNumbersTypedTwiceByDifferentPeople(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		enter := func(as string, ada int64) Report {
			r, err := n.Enter(n.as(as), "e", Typing{Unit: "1", Contest: "c", Numbers: Numbers{"a": ada, "b": 15}})
			n.must(err)
			return r
		}
		for _, tt := range []struct {
			name, as string
			ada      int64
			report   bool
		}{
			{"the first typing waits", "ann", 10, false},
			{"the same person again is still the first", "ann", 15, false},
			{"a second person who differs makes no report", "cy", 51, false},
			{"a second person who agrees does", "cy", 15, true},
		} {
			if r := enter(tt.as, tt.ada); (r.ID != "") != tt.report {
				t.Fatalf("%s: got %+v", tt.name, r)
			}
		}
	})
}
