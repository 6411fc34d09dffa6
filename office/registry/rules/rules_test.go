// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"
	"testing"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

func shipped(t *testing.T, state string, on election.Date) Rules {
	t.Helper()
	book, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r, err := book.For(state, on)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDeadline(t *testing.T) {
	for _, tt := range []struct {
		name, state string
		election    election.Date
		from        roll.Source
		want        election.Date
	}{
		{"25 days in North Carolina, a Friday", "NC", "2026-11-03", roll.ByMail, "2026-10-09"},
		{"29 days in Arizona, a Monday", "AZ", "2026-11-03", roll.ByInternet, "2026-10-05"},
		{"an Arizona primary whose day is a Monday", "AZ", "2026-07-21", roll.ByInternet, "2026-06-22"},
		{"15 days in Pennsylvania", "PA", "2026-11-03", roll.AtOffice, "2026-10-19"},
		{"Texas takes none on the web", "TX", "2026-11-03", roll.ByInternet, ""},
		{"30 days in Texas is a Sunday and moves", "TX", "2026-11-03", roll.ByMail, "2026-10-05"},
		{"a drive's forms count as handed in", "TX", "2026-11-03", roll.Drive, "2026-10-05"},
		{"Ohio's falls on a Sunday", "OH", "2026-11-03", roll.ByMail, "2026-10-05"},
		{"a deadline on Columbus Day moves", "FL", "2024-11-12", roll.ByInternet, "2024-10-15"},
		{"Michigan takes people on election day", "MI", "2026-11-03", roll.AtOffice, "2026-11-03"},
		{"no day at all", "NC", "soon", roll.ByMail, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := shipped(t, tt.state, "2026-01-01")
			if got, ok := r.Deadline(tt.election, tt.from); got != tt.want || ok != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got, ok, tt.want)
			}
		})
	}
}

func TestEligible(t *testing.T) {
	next := []election.Date{"2026-05-19", "2025-01-01"}
	for _, tt := range []struct {
		name, state string
		birth, on   election.Date
		may         roll.Ask
		from        election.Date
		ok          bool
	}{
		{"of age long since", "NC", "1970-02-03", "2026-03-01", roll.ToRegister, "", true},
		{"eighteen on the day of the general election", "NC", "2008-11-03", "2026-03-01", roll.ToRegister, "", true},
		{"eighteen a day later registers ahead", "NC", "2008-11-04", "2026-03-01", roll.ToPreRegister, "", true},
		{"sixteen tomorrow", "NC", "2010-03-02", "2026-03-01", "", "2026-03-02", true},
		{"Pennsylvania looks to the next election", "PA", "2008-06-01", "2026-03-01", "", "2026-06-01", true},
		{"and knows no registering ahead", "PA", "2008-05-19", "2026-03-01", roll.ToRegister, "", true},
		{"Florida looks to today", "FL", "2008-05-19", "2026-03-01", roll.ToPreRegister, "", true},
		{"Texas from seventeen and ten months", "TX", "2008-05-01", "2026-03-01", roll.ToPreRegister, "", true},
		{"but not before", "TX", "2008-05-02", "2026-03-01", "", "2026-03-02", true},
		{"born on a leap day", "FL", "2008-02-29", "2026-03-01", roll.ToRegister, "", true},
		{"not born yet", "NC", "2026-03-02", "2026-03-01", "", "", false},
		{"no date", "NC", "1970-02-30", "2026-03-01", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := shipped(t, tt.state, "2026-01-01")
			got, ok := r.Eligible(tt.birth, tt.on, next)
			if got.May != tt.may || got.From != tt.from || ok != tt.ok {
				t.Errorf("got %+v, %v; want %q from %q, %v", got, ok, tt.may, tt.from, tt.ok)
			}
		})
	}
}

func TestNextGeneral(t *testing.T) {
	for on, want := range map[election.Date]election.Date{
		"2026-11-03": "2026-11-03", "2026-11-04": "2028-11-07", "2025-01-01": "2026-11-03", "2028-01-01": "2028-11-07", "2022-05-05": "2022-11-08"} {
		if got := NextGeneral(on); got != want {
			t.Errorf("after %s: got %s, want %s", on, got, want)
		}
	}
}

func TestCheckLicence(t *testing.T) {
	for _, tt := range []struct{ name, state, number, want string }{
		{"as on the card", "AZ", "d 1234-5678", "D12345678"},
		{"nine digits will do there", "AZ", "123456789", "123456789"},
		{"too short", "AZ", "D1234567", ""},
		{"another state's", "PA", "D12345678", ""},
		{"words", "PA", "none, sorry", ""},
		{"nothing", "PA", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := shipped(t, tt.state, "2026-01-01")
			got, err := r.CheckLicence(tt.number)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// TestTheShippedStates wants of each what pages need of it, in both languages.
func TestTheShippedStates(t *testing.T) {
	book, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(book.States()) < 8 {
		t.Errorf("only %v", book.States())
	}
	for _, state := range book.States() {
		r := shipped(t, state, "2026-11-23")
		texts := []election.Text{r.Name, r.Licence.Shape}
		for _, s := range r.Statements {
			texts = append(texts, s.Text)
		}
		if len(r.Statements) < 3 || r.Law == "" {
			t.Errorf("%s: %d statements, law %q", state, len(r.Statements), r.Law)
		}
		for _, text := range texts {
			if text["en"] == "" || text["es"] == "" {
				t.Errorf("%s: %v", state, text)
			}
		}
		if _, ok := r.Deadline("2026-11-03", roll.ByInternet); !ok && r.Online.Closed == nil {
			t.Errorf("%s: no deadline on the web", state)
		}
	}
}

const small = "state = \"vt\"\nname.en = \"Vermont\"\n[[edition]]\nfrom = \"2020-01-01\"\nage = 18\nage_by = \"election\"\n"

// TestReadSaysWhatIsWrong names the key and what it wants.
func TestReadSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a key nobody knows", small + "agee = 17\n", "edition.agee"},
		{"an age of four", strings.Replace(small, "18", "4", 1), "age: want 16 to 30"},
		{"a day that is none", strings.Replace(small, "2020-01-01", "2020-13-01", 1), "from: want a day"},
		{"no edition", "state = \"VT\"\n", "no edition"},
		{"no state", "", "two letters"},
		{"two deadlines for one way", small + strings.Repeat("[[edition.deadline]]\nby = \"mail\"\ndays = 3\n", 2), "each once"},
		{"a pattern that is none", small + "licence.pattern = \"[\"\n", "regular expression"},
		{"no TOML", "state = ", "cannot be read"},
		{"much too long", strings.Repeat("#", maxFile+1), "at most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestAnOfficePutsItsOwnRules keeps the others, and takes the edition of a day.
func TestAnOfficePutsItsOwnRules(t *testing.T) {
	book, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	own, err := Read(strings.NewReader(small + strings.Replace(small[strings.Index(small, "[["):], "2020-01-01", "2026-07-01", 1)))
	if err != nil {
		t.Fatal(err)
	}
	book = book.With(own)
	for on, want := range map[election.Date]election.Date{"2026-06-30": "2020-01-01", "2026-07-01": "2026-07-01"} {
		if r, err := book.For("VT", on); err != nil || r.From != want {
			t.Errorf("on %s: the edition of %s, %v", on, r.From, err)
		}
	}
	if _, err := book.For("VT", "2019-01-01"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before the first edition: %v", err)
	}
	if _, err := book.For("NC", "2026-01-01"); err != nil {
		t.Error(err)
	}
	if _, err := book.For("ZZ", "2026-01-01"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a state that is not there: %v", err)
	}
}

// FuzzRead gives it any bytes: an error or rules that answer.
func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add(strings.Repeat("a=[", 2000))
	for i := range 3 {
		f.Add(fmt.Sprintf("%s[[edition.deadline]]\nby = \"online\"\ndays = %d\nmoves = \"next-working-day\"\n", small, i*29))
	}
	f.Fuzz(func(t *testing.T, text string) {
		book, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, state := range book.States() {
			r, err := book.For(state, "2199-12-31")
			if err != nil {
				t.Fatal(err)
			}
			if last, ok := r.Deadline("2026-11-03", roll.ByMail); ok && last > "2026-11-03" {
				t.Errorf("a deadline of %s", last)
			}
			_, _ = r.Eligible("2008-02-29", "2026-01-01", nil)
			_, _ = r.CheckLicence("A1234567")
		}
	})
}
