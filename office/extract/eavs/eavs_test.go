// SPDX-License-Identifier: Apache-2.0

package eavs

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hustings/election"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

func book(t testing.TB) *Book {
	t.Helper()
	b, err := Survey()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func each(voters ...roll.Voter) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		for i := range voters {
			if !yield(list.Entry{Voter: &voters[i], From: "2020-01-01"}, nil) {
				return
			}
		}
	}
}

var period = Period{From: "2024-11-06", To: "2026-11-03"}

func TestAConceptKeepsItsMeaningWhenCodesChange(t *testing.T) {
	b := book(t)
	for _, tt := range []struct{ year, concept, code string }{
		{"2022", "notices", "A8a"}, {"2024", "notices", "A10a"}, {"2016", "active", "A3a"}, {"2024", "rejected", "A3f"}, {"2022", "rejected", "A3e"},
		{"2026", "removed", "A12a"}, // the newest that is known
	} {
		i := slices.IndexFunc(b.Items, func(i Item) bool { return i.Concept == tt.concept })
		if got := b.Items[i].Codes[b.Mapped(tt.year)]; got != tt.code {
			t.Errorf("%s in %s is %s, want %s", tt.concept, tt.year, got, tt.code)
		}
	}
	if b.Mapped("2010") != "" || len(b.Of("2010")) != 0 {
		t.Error("a year before the first has codes")
	}
}

// TestCodesAreThoseOfTheCrosswalk holds our codes against a public crosswalk.
func TestCodesAreThoseOfTheCrosswalk(t *testing.T) {
	body, err := os.ReadFile("../../../../shared/data/eavs/eavs_code_crosswalk.csv")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the survey's crosswalk is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"reg_active": "active", "reg_inactive": "inactive", "reg_forms": "forms", "reg_new_valid": "new", "reg_rejected": "rejected",
		"confirm_sent": "notices", "removed_total": "removed", "same_day": "sameday"}
	b, found := book(t), 0
	for _, row := range rows[1:] {
		concept := names[row[0]]
		for _, i := range b.Items {
			if i.Concept != concept {
				continue
			}
			found++
			for k, year := range rows[0][1:] {
				if got := i.Codes[strings.TrimPrefix(year, "y")]; got != row[k+1] {
					t.Errorf("%s in %s: %s, the crosswalk says %s", concept, year, got, row[k+1])
				}
			}
		}
	}
	if found != len(names) {
		t.Errorf("%d of %d concepts found", found, len(names))
	}
}

func TestWhatTheRollSays(t *testing.T) {
	r, err := Read(period, each(
		roll.Voter{State: roll.Active, County: "A", Precinct: "1"},
		roll.Voter{State: roll.Challenged, County: "A", Precinct: "1"},
		roll.Voter{State: roll.Inactive, County: "B", Precinct: "2"},
		roll.Voter{State: roll.Pending}, roll.Voter{State: roll.PreRegistered},
		roll.Voter{State: roll.Cancelled, Reason: roll.Deceased, Since: "2025-01-01", County: "B"},
		roll.Voter{State: roll.Cancelled, Reason: roll.Mistake, Since: "2025-01-01"},
		roll.Voter{State: roll.Cancelled, Reason: roll.Deceased, Since: "2023-01-01"},
	))
	if err != nil {
		t.Fatal(err)
	}
	a := book(t).Compute(Facts{Roll: r})
	for concept, want := range map[string]string{"total": "3", "active": "2", "inactive": "1", "removed": "2", "removed/death": "1", "removed/other": "1",
		"removed/felony": "0", "forms": "-99", "voted": "-99", "notices": "-99"} {
		if got := a[concept].String(); got != want {
			t.Errorf("%s is %s, want %s", concept, got, want)
		}
	}
	if r.Counties["A"].Active != 2 || r.Counties["B"].Removed != 1 || r.Places["2"].Inactive != 1 {
		t.Errorf("by county %+v", r.Counties)
	}
}

func TestApplicationsBySourceAndOutcome(t *testing.T) {
	a := book(t).Compute(Facts{Counted: true, Tallies: []Tally{
		{roll.ToRegister, roll.Created, roll.ByMail, 5}, {roll.ToRegister, roll.Created, roll.ByFax, 1}, {roll.ToPreRegister, roll.Created, roll.MotorVehicles, 2},
		{roll.ToUpdate, roll.Updated, roll.ByInternet, 7}, {roll.ToRegister, roll.IsDuplicate, roll.Drive, 3}, {roll.ToRegister, roll.Rejected, roll.UnknownSource, 4},
		{roll.ToRegister, roll.Lacking, roll.ByMail, 1}, {roll.ToRegister, "", roll.ByMail, 1}}})
	for concept, want := range map[string]string{"forms": "24", "new": "6", "new/mail": "6", "preregistered": "2", "update/online": "7", "duplicate/drives": "3",
		"rejected/other1": "4", "otherform": "2", "forms/mail": "8", "forms/vehicles": "2", "forms/polls": "-99"} {
		if got := a[concept].String(); got != want {
			t.Errorf("%s is %s, want %s", concept, got, want)
		}
	}
	for _, f := range book(t).Check(a) {
		if f.Lacks == "" && !f.Holds {
			t.Errorf("%s does not hold: %+v", f.Check.Name, f)
		}
	}
}

func TestChecks(t *testing.T) {
	b := book(t)
	find := func(a Answers, name string) Finding {
		for _, f := range b.Check(a) {
			if f.Check.Name == name {
				return f
			}
		}
		t.Fatal("no check", name)
		return Finding{}
	}
	for _, tt := range []struct {
		name, check string
		a           Answers
		holds       bool
		lacks       string
	}{
		{"active and inactive are all", "reg_active", Answers{"total": {N: 3}, "active": {N: 2}, "inactive": {N: 1}}, true, ""},
		{"some are missing", "reg_active", Answers{"total": {N: 4}, "active": {N: 2}, "inactive": {N: 1}}, false, ""},
		{"more forms ended than came", "reg_forms", Answers{"forms": {N: 4}, "new": {N: 3}, "rejected": {N: 2}}, false, ""},
		{"without a total nothing is said", "reg_forms", Answers{"new": {N: 3}}, false, "forms"},
		{"a part that is not available leaves room", "removed", Answers{"removed": {N: 5}, "removed/death": {N: 3}, "removed/moved": {Kind: NoData}}, true, ""},
		{"but not for more than all", "removed", Answers{"removed": {N: 2}, "removed/death": {N: 3}, "removed/moved": {Kind: NoData}}, false, ""},
		{"none of the parts is known", "participation", Answers{"voted": {N: 2}}, true, "voted/*"},
	} {
		if f := find(tt.a, tt.check); f.Holds != tt.holds || f.Lacks != tt.lacks {
			t.Errorf("%s: %+v", tt.name, f)
		}
	}
}

func TestMissingIsSaidAsTheCommissionWantsIt(t *testing.T) {
	b := book(t)
	a := b.Compute(Facts{Roll: &Rolled{Area: Area{Active: 2, Inactive: 1}}})
	b.Exclude(a, "2024", []string{"A2", "F1g"})
	delete(a, "notices/other")
	var out bytes.Buffer
	if err := b.Write(&out, Place{"0100100000", "VALE COUNTY", "", "XX"}, "2024", a); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "0100100000" {
		t.Fatal(rows, err)
	}
	got := map[string]string{}
	for i, code := range rows[0] {
		got[code] = rows[1][i]
	}
	for code, want := range map[string]string{"A1a": "3", "A2a": "-88", "A2c": "-88", "A3a": "-99", "F1a": "-99", "F1g": "-88", "A10f": ""} {
		if got[code] != want {
			t.Errorf("%s is %q, want %q", code, got[code], want)
		}
	}
	if i, j := slices.Index(rows[0], "A9l"), slices.Index(rows[0], "A10a"); i < 0 || j != i+1 {
		t.Errorf("A9l is column %d, A10a %d", i, j)
	}
}

// TestPartsMakeTheWhole: counties and precincts sum to the total, and every
// removal has a reason of the survey.
func TestPartsMakeTheWhole(t *testing.T) {
	b := book(t)
	rapid.Check(t, func(t *rapid.T) {
		var voters []roll.Voter
		for range rapid.IntRange(0, 100).Draw(t, "voters") {
			voters = append(voters, roll.Voter{State: rapid.SampledFrom([]roll.State{roll.Active, roll.Inactive, roll.Cancelled, roll.Challenged, roll.Pending}).Draw(t, "state"),
				Reason: rapid.SampledFrom([]roll.Reason{"", roll.Deceased, roll.Moved, roll.Sustained, roll.TwoElections}).Draw(t, "reason"),
				Since:  rapid.SampledFrom([]election.Date{"", "2025-05-05", "2023-01-01"}).Draw(t, "since"),
				County: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "county"), Precinct: election.UnitID(rapid.SampledFrom([]string{"1", "2", ""}).Draw(t, "precinct"))})
		}
		r, err := Read(period, each(voters...))
		if err != nil {
			t.Fatal(err)
		}
		for _, by := range []map[string]*Area{r.Counties, r.Places} {
			var sum Area
			for _, a := range by {
				sum.Active, sum.Inactive, sum.Removed = sum.Active+a.Active, sum.Inactive+a.Inactive, sum.Removed+a.Removed
			}
			if sum != r.Area {
				t.Fatalf("%+v is not %+v", sum, r.Area)
			}
		}
		for _, f := range b.Check(b.Compute(Facts{Roll: r})) {
			if f.Lacks == "" && !f.Holds {
				t.Fatalf("%+v", f)
			}
		}
	})
}
