// SPDX-License-Identifier: Apache-2.0

package results

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/office/results/check"
)

func (n *night) hold(kind ReferenceKind, name, body string) []string {
	n.t.Helper()
	found, err := n.SaveReference(n.as("chief"), "e", kind, name, strings.NewReader(body))
	n.must(err)
	var out []string
	for _, f := range found {
		out = append(out, f.Check+" "+n.Words.In("en").Say(f.Key, f.Args))
	}
	return out
}

func TestBallotsAreHeldAgainstCheckIns(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		if said := n.hold(CheckIns, "pollbook.csv", "precinct,check_ins\nOne,220\nTwo,100\n"); len(said) > 0 {
			t.Fatal(said)
		}
		r := n.take("ann", file(120, 100, 90, 95), "")
		if said := n.findings(r); !strings.Contains(said, "C02 hold") || strings.Contains(said, "One") && strings.Count(said, "C02") != 1 {
			t.Errorf("185 ballots of 100 voters in Two, got:\n%s", said)
		}
		n.must(n.RemoveReference(n.as("chief"), "e", CheckIns))
		if r := n.take("ann", file(121, 100, 90, 95), ""); strings.Contains(n.findings(r), "C02") {
			t.Error("the count is held against a file that was removed")
		}
	})
}

func TestTheTestDeckMustComeOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		deck := file(150, 20, 30, 140)
		if said := n.hold(Deck, "deck.csv", deck); len(said) > 0 {
			t.Fatal(said)
		}
		if r := n.take("ann", file(20, 150, 140, 30), ""); r.State != Blocked || !strings.Contains(n.findings(r), "D03 block") {
			t.Errorf("labels exchanged in the test: %s\n%s", r.State, n.findings(r))
		}
		if r := n.take("ann", deck, ""); r.State != Held {
			t.Errorf("the deck itself in the test: %s\n%s", r.State, n.findings(r))
		}
	})
}

func TestUnitsThatAreLateAreNamed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.GoLive(n.as("chief"), "e"))
		if said := n.hold(DueTimes, "usual.csv", "precinct,due\nOne,19:30\nTwo,7:45 pm\n"); len(said) > 0 {
			t.Fatal(said)
		}
		r := n.take("ann", file(120, 100, -1, 0), "")
		if said := n.findings(r); strings.Count(said, "S03 warn") != 1 || !strings.Contains(said, "Two") {
			t.Errorf("at 20:00 without Two, got:\n%s", said)
		}
	})
}

func TestAReferenceIsKeptOnlyWhenItIsUnderstood(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		for _, tt := range []struct {
			name string
			kind ReferenceKind
			body string
			want string
		}{
			{"no such column", CheckIns, "precinct,ballots\nOne,3\n", "needs the columns precinct (or id) and check_ins"},
			{"no number", CheckIns, "precinct,check_ins\nOne,many\n", `line 2, check_ins: "many" is no number of voters`},
			{"no time", DueTimes, "precinct,due\nOne,late\n", `line 2, due: "late" is no time`},
			{"nothing filled in", CheckIns, "precinct,check_ins\nOne,\nTwo,\n", "holds no numbers"},
			{"no such kind", "votes", "precinct,check_ins\nOne,1\n", "Say what the file tells"},
		} {
			_, err := n.SaveReference(n.as("chief"), "e", tt.kind, "a.csv", strings.NewReader(tt.body))
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
			}
		}
		if said := n.hold(CheckIns, "a.csv", "precinct,check_ins\nOne,1\nNowhere,2\n"); len(said) != 1 || !strings.Contains(said[0], "Nowhere") {
			t.Errorf("an unknown precinct: got %q", said)
		}
		if pic, err := n.see(n.as("chief"), "e"); err != nil || len(pic.references) > 0 {
			t.Errorf("kept all the same: %v, %v", pic.references, err)
		}
	})
}

func TestVotesWaitForTheZeroReport(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		n.must(n.SaveSource(n.as("chief"), "e", Source{ID: "central", Name: "Central count", Zero: check.ZeroAwaits}))
		n.must(n.GoLive(n.as("chief"), "e"))
		if r := n.take("ann", file(120, 100, 90, 95), ""); r.State != Blocked || !strings.Contains(n.findings(r), "I05 block") {
			t.Fatalf("votes before the zero report: %s\n%s", r.State, n.findings(r))
		}
		zero := n.take("ann", file(0, 0, 0, 0), "")
		if zero.State != Held {
			t.Fatalf("the zero report: %s\n%s", zero.State, n.findings(zero))
		}
		n.approve(zero)
		n.now = n.now.Add(time.Minute)
		if r := n.take("ann", file(120, 100, 90, 95), ""); r.State != Held {
			t.Errorf("votes after the zero report: %s\n%s", r.State, n.findings(r))
		}
	})
}

func TestAnUnknownNameLeadsToWhereItIsExplained(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		n := openNight(t, d)
		r := n.take("ann", strings.ReplaceAll(file(120, 100, 90, 95), "Mayor,,,Ada", "Mayor,,,Adda"), "")
		list, err := n.Findings(n.as("ann"), r)
		n.must(err)
		for _, f := range list {
			if f.Check != "I01" {
				continue
			}
			u, err := url.Parse(aliasPath("e", f))
			n.must(err)
			if q := u.Query(); u.Path != "/definition/e/aliases" || q.Get("kind") != "choice" || q.Get("name") != "Adda" {
				t.Errorf("leads to %s", u)
			}
			return
		}
		t.Error("the unknown name was not found")
	})
}
