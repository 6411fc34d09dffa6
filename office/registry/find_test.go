// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"slices"
	"strings"
	"testing"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

func TestPeopleAreFoundAsTheyAreTyped(t *testing.T) {
	people := []struct{ first, middle, last, birth, number, street, phone string }{
		{"María", "Elena", "García-López", "1980-02-29", "12", "Elm", "555-010-0001"},
		{"William", "", "O'Neill", "1955-07-04", "14", "Elm", "555-010-0002"},
		{"Bob", "", "de la Cruz", "1990-01-01", "99", "Oak Hill", ""},
		{"Robert", "James", "Smith", "1971-11-03", "100", "Oak", ""},
		{"Roberta", "", "Smith", "1999-05-05", "1000", "Oak", ""},
		{"Jürgen", "", "Müller", "1966-06-06", "7", "Main", ""},
		{"Anh", "", "Nguyen", "1985-12-31", "7", "Main", ""},
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		ids := make(map[string]roll.ID)
		for _, p := range people {
			v := mary()
			v.Name = roll.Name{First: p.first, Middle: p.middle, Last: p.last}
			v.Birth, v.Home.Number, v.Home.Street = election.Date(p.birth), p.number, p.street
			if v.Identifiers = nil; p.last == "Müller" {
				v.Identifiers = []roll.Identifier{{Kind: roll.License, Value: hide.New("D-123 456 X")}}
			}
			v.Contact = []roll.Contact{{Kind: "phone", Value: p.phone}, {Kind: "email", Value: strings.ToLower(p.middle+p.number) + "@Mail.example"}}
			ids[p.last+p.first] = k.register(v, "2026-09-01").ID
		}
		hidden := mary()
		hidden.Name, hidden.Protected, hidden.Home.Street = roll.Name{First: "Olive", Last: "Hidden"}, "address confidentiality", "Secret"
		k.register(hidden, "2026-09-01")
		for _, tt := range []struct{ typed, first, why string }{
			{"garcia lopez", "García-López", "last.exact"},
			{"Garcia-Lopez, Maria", "García-López", "last.exact"},
			{"maria lopez", "García-López", "last.exact"},
			{"LOPEZ", "García-López", "last.exact"},
			{"elena garcia", "García-López", "last.begins"},
			{"oneill bill", "O'Neill", "first.nickname"},
			{"O’Neil", "O'Neill", "last.begins"},
			{"delacruz bob", "de la Cruz", "last.exact"},
			{"De La Cruz Robert", "de la Cruz", "first.nickname"},
			{"cruz", "de la Cruz", "last.exact"},
			{"smith rob", "Smith", "last.exact"},
			{"smiht robert", "Smith", "last.slip"},
			{"Robert James Smith", "Smith", "last.exact"},
			{"muller", "Müller", "last.exact"},
			{"nguyen anh 1985", "Nguyen", "birthyear"},
			{"nguyen 12/31/1985", "Nguyen", "birth"},
			{"anh 12/31/1985", "Nguyen", "birth"},
			{"lopez 2/29/1980", "García-López", "birth"},
			{"elena 2/29/1980", "García-López", "birth"},
			{"robert smith 11/4/1971", "Smith", "birthslip"},
			{"bill o'neill 7/4/1955", "O'Neill", "birth"},
			{"1966-06-06", "Müller", "birth"},
			{"14 elm", "O'Neill", "address"},
			{"14 Elm St", "O'Neill", "address"},
			{"(555) 010-0002", "O'Neill", "phone"},
			{"ELENA12@mail.example", "García-López", "email"},
			{string(ids["NguyenAnh"]), "Nguyen", "number"},
			{"d123456x", "Müller", "licence"},
		} {
			hits, err := k.Find(k.ctx, tt.typed)
			if err != nil || len(hits) == 0 || hits[0].Name.Last != tt.first || !slices.Contains(hits[0].Why, tt.why) {
				t.Errorf("%q: got %v, %v", tt.typed, short(hits), err)
			}
		}
		other := mary()
		other.ID, other.Name.Last = "AL-0042", "Roe"
		if _, err := k.Load(k.ctx, "2026-09-01", func(yield func(roll.Voter, error) bool) { yield(other, nil) }); err != nil {
			t.Fatal(err)
		}
		if hits, err := k.Find(k.ctx, "AL-0042"); err != nil || len(hits) != 1 || hits[0].Name.Last != "Roe" {
			t.Errorf("a number with letters finds %v, %v", short(hits), err)
		}
		if hits, _ := k.Find(k.ctx, "100 oak"); len(hits) != 1 || hits[0].Name.First != "Robert" {
			t.Errorf("100 oak finds %v", short(hits))
		}
		for _, typed := range []string{"zzyzx", "nguyen 1970", "12 secret", "garcia 1981-02-27"} {
			if hits, err := k.Find(k.ctx, typed); err != nil || len(hits) > 0 {
				t.Errorf("%q finds %v, %v", typed, short(hits), err)
			}
		}
		if hits, _ := k.Find(k.ctx, "hidden olive"); len(hits) != 1 || hits[0].Home.Street != "" {
			t.Errorf("a protected voter is shown as %v", hits)
		}
		for _, typed := range []string{"", "   ", strings.Repeat("a", 300)} {
			if _, err := k.Find(k.ctx, typed); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%.10q: got %v", typed, err)
			}
		}
	}, source())
}

// short is a list of hits for a message.
func short(hits []Hit) (out []string) {
	for _, h := range hits {
		out = append(out, h.Name.First+" "+h.Name.Last+" "+strings.Join(h.Why, "+"))
	}
	return out
}

func FuzzReadQuery(f *testing.F) {
	for _, s := range []string{"Smith, Bob", "12 Elm St", "555 010 0001", "1980", "a@b", ",", "1/2/1980 x", "\xff,\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := readQuery(text)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
		if len(q.Names) > 8 {
			t.Errorf("%q may be %d names", text, len(q.Names))
		}
	})
}
