// SPDX-License-Identifier: Apache-2.0

// Package rules holds who may register to vote and until when, as each state's
// law has it: dated data, one file for each state, that an office can put its
// own in the place of. It thinks and touches nothing.
//
//	book, err := rules.Shipped()
//	now, err := book.For("PA", today)
//	day, ok := now.Deadline("2026-11-03", roll.ByMail)
//
// A file is TOML: the state, and one edition for each time that its law
// changed, from the day on which that holds. What we were not sure of stands
// under confirm, and an office reads it before it relies on the rest.
package rules

import (
	"embed"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

//go:embed states/*.toml
var states embed.FS

// Book is the rules of some states.
type Book struct {
	states map[string][]Rules // by postal code, the newest edition first
}

// Rules are a state's rules from a day on.
type Rules struct {
	State string        `toml:"-"`
	Name  election.Text `toml:"-"` // the state's
	From  election.Date `toml:"from"`
	Law   string        `toml:"law"`     // where they stand
	Doubt []string      `toml:"confirm"` // what the office confirms before it relies on it

	Age         int        `toml:"age"`          // of a voter
	AgeBy       By         `toml:"age_by"`       // on which day they must have it
	PreRegister Age        `toml:"pre_register"` // from which age on they may register ahead; zero: they may not
	Deadlines   []Deadline `toml:"deadline"`
	SameDay     *Window    `toml:"same_day"` // days on which one registers in person and votes at once

	Licence    Licence     `toml:"licence"`
	Online     Web         `toml:"online"`
	Parties    *Question   `toml:"party"` // nil: nobody is asked
	Races      *Question   `toml:"race"`
	Statements []Statement `toml:"statement"`
}

// By is the day on which a voter must be of age.
type By string

// The days.
const (
	ByToday    By = "today"    // when they register
	ByElection By = "election" // the next election's
	ByGeneral  By = "general"  // the next general election's
)

// Age is a number of years and months.
type Age struct {
	Years  int `toml:"years"`
	Months int `toml:"months"`
}

// Deadline is until when one registers for an election, by one way of doing it.
type Deadline struct {
	How      Method `toml:"by"`
	Days     int    `toml:"days"`     // before the election
	Moves    Moves  `toml:"moves"`    // where that day is no working day
	Received bool   `toml:"received"` // by mail: it must have come by then; else the postmark counts
}

// Method is a way to register, as deadlines tell them apart.
type Method string

// The ways.
const (
	Online   Method = "online"
	Mail     Method = "mail"
	InPerson Method = "in-person"
)

// Moves says what becomes of a deadline on a Saturday, a Sunday or a federal
// holiday.
type Moves string

// Where a deadline moves to.
const (
	Stays Moves = ""
	Next  Moves = "next-working-day"
)

// Window is the days before an election from which and to which something is
// possible.
type Window struct {
	From  int           `toml:"from"`
	To    int           `toml:"to"`
	Where election.Text `toml:"where"`
}

// Licence is how the state numbers drivers' licences and identity cards.
type Licence struct {
	Pattern string        `toml:"pattern"` // a regular expression over capital letters and digits
	Shape   election.Text `toml:"shape"`   // the same in words

	pattern *regexp.Regexp
}

// Web is what registering on the web takes.
type Web struct {
	Closed      election.Text         `toml:"closed"`      // why the state takes no registrations on the web, and what to do
	Identifiers []roll.IdentifierKind `toml:"identifiers"` // one of these must be given; empty: none need be
	Signature   []Signature           `toml:"signature"`   // where a signature may come from; empty: none is needed
}

// Signature is where a signature comes from.
type Signature string

// The sources of a signature.
const (
	FromLicence Signature = "licence"
	Drawn       Signature = "drawn"
	Uploaded    Signature = "uploaded"
)

// Question is one with a list of answers.
type Question struct {
	Required bool     `toml:"required"` // it must be answered
	Choices  []Choice `toml:"choice"`
}

// Choice is an answer, under the code that the roll keeps.
type Choice struct {
	Code string        `toml:"code"`
	Name election.Text `toml:"name"`
}

// Statement is a sentence that whoever registers affirms.
type Statement struct {
	ID    string        `toml:"id"`    // as VoterClassificationType of SP 1500-102 has it, or the state's own
	Value string        `toml:"value"` // what its sentence says of the id: yes, or no ("I am not…"); "" is yes
	Text  election.Text `toml:"text"`
}

// Shipped are the rules that come with the house.
func Shipped() (*Book, error) {
	all := &Book{states: map[string][]Rules{}}
	names, err := fs.Glob(states, "states/*.toml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		f, err := states.Open(name)
		if err != nil {
			return nil, err
		}
		one, err := Read(f)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the rules in %s", name)
		}
		all = all.With(one)
	}
	return all, nil
}

// With is a book in which other's states take the place of those that are there.
func (b *Book) With(other *Book) *Book {
	out := &Book{states: make(map[string][]Rules, len(b.states)+len(other.states))}
	for _, from := range []*Book{b, other} {
		for state, list := range from.states {
			out.states[state] = list
		}
	}
	return out
}

// States are the postal codes of the states in the book.
func (b *Book) States() []string {
	var out []string
	for s := range b.states {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// For are the rules of a state as they stand on a day.
func (b *Book) For(state string, on election.Date) (Rules, error) {
	list := b.states[strings.ToUpper(state)]
	if len(list) == 0 {
		return Rules{}, fault.New(fault.NotFound, "No registration rules are here for the state “%s”. Write a file of them and name it in registry.rules.", state)
	}
	for _, r := range list {
		if r.From <= on {
			return r, nil
		}
	}
	return Rules{}, fault.New(fault.NotFound, "The registration rules of %s begin on %s; none hold on %s. Add an edition to the file that registry.rules names.", list[0].State, list[len(list)-1].From, on)
}

// CheckLicence reads the number of a licence or identity card as people write
// it, and says what is wrong with one that the state cannot have given out.
func (r *Rules) CheckLicence(number string) (string, error) {
	var b strings.Builder
	for _, c := range strings.ToUpper(number) {
		switch {
		case c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '*':
			b.WriteRune(c)
		case c != ' ' && c != '-' && c != '.' && c != '\t':
			return "", fault.New(fault.Invalid, "A licence number has letters and digits only. Type it as it stands on the card.")
		}
	}
	if r.Licence.pattern != nil && !r.Licence.pattern.MatchString(b.String()) {
		return "", fault.New(fault.Invalid, "This is not the number of a licence or identity card of %s. Type it as it stands on the card.", r.Name.String())
	}
	return b.String(), nil
}

// Takes says whether a number of a kind may be given when registering on the
// web.
func (o *Web) Takes(kind roll.IdentifierKind) bool {
	return len(o.Identifiers) == 0 || slices.Contains(o.Identifiers, kind)
}
