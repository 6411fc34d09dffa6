// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// maxFile bounds a file of rules: the longest of ours is a tenth of it.
const maxFile = 64 << 10

// maxPattern bounds a licence's pattern, which is compiled.
const maxPattern = 200

// file is a file of rules as it is written.
type file struct {
	State    string        `toml:"state"`
	Name     election.Text `toml:"name"`
	Editions []Rules       `toml:"edition"`
}

// Read reads one state's file. A key that it does not know is an error: a
// deadline that was spelled wrong would be none.
func Read(r io.Reader) (*Book, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxFile {
		return nil, fault.New(fault.TooLarge, "A file of registration rules has at most %d bytes.", maxFile)
	}
	var f file
	meta, err := toml.Decode(string(body), &f)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The registration rules cannot be read: %s", err)
	}
	if left := meta.Undecoded(); len(left) > 0 {
		return nil, fault.New(fault.Invalid, "The registration rules have a key “%s” that nobody knows. Correct or remove it.", left[0].String())
	}
	return f.book()
}

// book checks a file and puts its editions in order.
func (f *file) book() (*Book, error) {
	f.State = strings.ToUpper(f.State)
	if !twoLetters.MatchString(f.State) {
		return nil, fault.New(fault.Invalid, "The registration rules name the state “%s”; want its postal code of two letters.", f.State)
	}
	if len(f.Editions) == 0 {
		return nil, fault.New(fault.Invalid, "The registration rules of %s have no edition. Add [[edition]] with from and the rest.", f.State)
	}
	if f.Name.String() == "" {
		return nil, fault.New(fault.Invalid, "The registration rules of %s lack the state's name. Add name.en.", f.State)
	}
	for i := range f.Editions {
		r := &f.Editions[i]
		r.State, r.Name = f.State, f.Name
		if field, want := r.check(); want != "" {
			return nil, fault.New(fault.Invalid, "The registration rules of %s, edition %d: %s: want %s.", f.State, i+1, field, want)
		}
	}
	slices.SortStableFunc(f.Editions, func(a, b Rules) int { return cmp.Compare(b.From, a.From) })
	return &Book{states: map[string][]Rules{f.State: f.Editions}}, nil
}

var twoLetters = regexp.MustCompile(`^[A-Z]{2}$`)

// check says which field of an edition cannot be used, and what it wants.
func (r *Rules) check() (field, want string) {
	switch {
	case !isDay(r.From):
		return "from", "a day such as 2026-01-01"
	case r.Age < 16 || r.Age > 30:
		return "age", "16 to 30"
	case !slices.Contains([]By{ByToday, ByElection, ByGeneral}, r.AgeBy):
		return "age_by", "today, election or general"
	case r.PreRegister.Years < 0 || r.PreRegister.Years >= r.Age || r.PreRegister.Months < 0 || r.PreRegister.Months > 11:
		return "pre_register", "years below the voting age, and months from 0 to 11"
	}
	if field, want := r.checkDeadlines(); want != "" {
		return field, want
	}
	if field, want := r.checkOnline(); want != "" {
		return field, want
	}
	return r.checkLists()
}

func (r *Rules) checkDeadlines() (field, want string) {
	seen := map[Method]bool{}
	for _, d := range r.Deadlines {
		switch {
		case !slices.Contains([]Method{Online, Mail, InPerson}, d.How) || seen[d.How]:
			return "deadline.by", "online, mail and in-person, each once"
		case d.Days < 0 || d.Days > 60:
			return "deadline.days", "0 to 60"
		case d.Moves != Stays && d.Moves != Next:
			return "deadline.moves", string(Next) + ", or nothing"
		}
		seen[d.How] = true
	}
	if w := r.SameDay; w != nil && (w.To < 0 || w.From < w.To || w.From > 60) {
		return "same_day", "from at most 60 days before the election, to at least 0"
	}
	return "", ""
}

func (r *Rules) checkOnline() (field, want string) {
	for _, k := range r.Online.Identifiers {
		if !slices.Contains([]roll.IdentifierKind{roll.License, roll.StateID, roll.SSN4}, k) {
			return "online.identifiers", "drivers-license, state-id and ssn4"
		}
	}
	for _, s := range r.Online.Signature {
		if !slices.Contains([]Signature{FromLicence, Drawn, Uploaded}, s) {
			return "online.signature", "licence, drawn and uploaded"
		}
	}
	if r.Licence.Pattern == "" {
		return "", ""
	}
	var err error
	if len(r.Licence.Pattern) > maxPattern {
		return "licence.pattern", "a short regular expression"
	}
	if r.Licence.pattern, err = regexp.Compile(`^(?:` + r.Licence.Pattern + `)$`); err != nil {
		return "licence.pattern", "a regular expression such as [A-Z][0-9]{8}"
	}
	return "", ""
}

// checkLists wants a code and a name of every answer, and a text of every
// statement.
func (r *Rules) checkLists() (field, want string) {
	for name, q := range map[string]*Question{"party": r.Parties, "race": r.Races} {
		if q == nil {
			continue
		}
		seen := map[string]bool{}
		for _, c := range q.Choices {
			if c.Code == "" || c.Name.String() == "" || seen[c.Code] {
				return name + ".choice", "a code of its own and a name"
			}
			seen[c.Code] = true
		}
		if len(q.Choices) == 0 {
			return name, "at least one choice"
		}
	}
	seen := map[string]bool{}
	for _, s := range r.Statements {
		if s.ID == "" || s.Text.String() == "" || seen[s.ID] {
			return "statement", "an id of its own and a text"
		}
		if s.Value != "" && s.Value != "yes" && s.Value != "no" {
			return "statement.value", "yes or no"
		}
		seen[s.ID] = true
	}
	return "", ""
}

func isDay(d election.Date) bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Year() >= 1900 && t.Year() < 2200
}
