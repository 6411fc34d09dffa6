// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"cmp"
	_ "embed"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"hustings/election"
	"hustings/kit/fault"
)

// Practice is what a state does, from a day on.
type Practice struct {
	State        string        `toml:"state"` // "" for every state without a row of its own
	From         election.Date `toml:"from"`
	Source       string        `toml:"source"` // the law or rule
	Order        []Kind        `toml:"order"`
	LicenseNames Comparison    `toml:"license_names"`
	SSN4Names    Comparison    `toml:"ssn4_names"`
	Fields       []Field       `toml:"fields"`    // of a licence's record, those that must agree
	Standings    []Standing    `toml:"standings"` // of a licence that agrees, those that verify
	SSN4Matches  []Code        `toml:"ssn4_matches"`
}

// Practices are those of all states.
type Practices []Practice

//go:embed practice.toml
var shipped []byte

// Shipped are the practices that come with the program.
func Shipped() Practices {
	list, err := readPractices(shipped)
	if err != nil {
		panic(err) // a test reads the same file
	}
	return list
}

// mostPractices is the size of a file of practices: every state could have a
// hundred rows.
const mostPractices = 1 << 20

// ReadPractices reads a table of practices as practice.toml has it.
func ReadPractices(r io.Reader) (Practices, error) {
	body, err := io.ReadAll(io.LimitReader(r, mostPractices+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The table of practices cannot be read.")
	}
	if len(body) > mostPractices {
		return nil, fault.New(fault.TooLarge, "The table of practices is larger than %d bytes.", mostPractices)
	}
	return readPractices(body)
}

func readPractices(body []byte) (Practices, error) {
	var file struct {
		Practice Practices `toml:"practice"`
	}
	meta, err := toml.Decode(string(body), &file)
	if err != nil {
		var at toml.ParseError
		if errors.As(err, &at) {
			return nil, fault.New(fault.Invalid, "The table of practices, line %d: %s", at.Position.Line, at.Message)
		}
		return nil, fault.Wrap(fault.Invalid, err, "The table of practices cannot be read.")
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fault.New(fault.Invalid, "The table of practices has a field %q that there is not.", unknown[0].String())
	}
	if !slices.ContainsFunc(file.Practice, func(p Practice) bool { return p.State == "" }) {
		return nil, fault.New(fault.Invalid, "The table of practices has no row without a state, which all others rest on.")
	}
	for i, p := range file.Practice {
		err := p.check()
		if slices.ContainsFunc(file.Practice[:i], func(q Practice) bool { return q.State == p.State && q.From == p.From }) {
			err = errors.New("another row is of the same state and day")
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "The table of practices, row %d: %s", i+1, err)
		}
	}
	return file.Practice, nil
}

// check says what is wrong with a row.
func (p Practice) check() error {
	whole := p.State == ""
	if _, err := time.Parse(time.DateOnly, string(p.From)); err != nil {
		return errors.New("from wants a day, as 2026-11-03")
	}
	if !whole && (len(p.State) != 2 || strings.Trim(p.State, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return errors.New("state wants two letters, as AZ")
	}
	if p.Source == "" {
		return errors.New("source wants the law or rule that it rests on")
	}
	return errors.Join(
		each("order", p.Order, whole, kinds),
		one("license_names", p.LicenseNames, whole),
		one("ssn4_names", p.SSN4Names, whole),
		each("fields", p.Fields, whole, fields),
		each("standings", p.Standings, whole, standings),
		// Only answers about living people can verify anybody.
		each("ssn4_matches", p.SSN4Matches, whole, []Code{SingleAlive, MultipleAlive}))
}

// each wants every value to be of a list, and once.
func each[T ~string](name string, got []T, needed bool, known []T) error {
	if needed && len(got) == 0 {
		return errors.New(name + " is missing in the row without a state")
	}
	for i, x := range got {
		if !slices.Contains(known, x) {
			return errors.New(name + " = " + clip(string(x)) + ": there is no such value")
		}
		if slices.Contains(got[:i], x) {
			return errors.New(name + " has " + string(x) + " twice")
		}
	}
	return nil
}

func one(name string, got Comparison, needed bool) error {
	if got == "" && !needed {
		return nil
	}
	return each(name, []Comparison{got}, needed, []Comparison{Exact, Lenient})
}

// clip keeps a value from filling the screen.
func clip(text string) string { return text[:min(len(text), 60)] }

// On is the practice of a state on a day.
func (l Practices) On(state string, day election.Date) Practice {
	p := l.newest("", day)
	own := l.newest(state, day)
	if state == "" || own.From == "" {
		return p
	}
	own.Order, own.Fields = stated(own.Order, p.Order), stated(own.Fields, p.Fields)
	own.Standings, own.SSN4Matches = stated(own.Standings, p.Standings), stated(own.SSN4Matches, p.SSN4Matches)
	own.LicenseNames, own.SSN4Names = cmp.Or(own.LicenseNames, p.LicenseNames), cmp.Or(own.SSN4Names, p.SSN4Names)
	return own
}

func stated[T any](own, general []T) []T {
	if len(own) > 0 {
		return own
	}
	return general
}

// newest is the row of a state that holds on a day, or no row.
func (l Practices) newest(state string, day election.Date) (p Practice) {
	for _, row := range l {
		if row.State == state && row.From <= day && row.From >= p.From {
			p = row
		}
	}
	return p
}
