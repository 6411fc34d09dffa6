// SPDX-License-Identifier: Apache-2.0

package list

import (
	"errors"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// Choices say what is on a list. Where nothing of a sort is chosen, all of it is
// on it.
type Choices struct {
	List      Kind          `json:"list"`
	Format    Format        `json:"format"`
	AsOf      election.Date `json:"as_of"`           // the day as of which the roll is read
	Since     election.Date `json:"since,omitempty"` // of new and changed registrations
	Precincts []string      `json:"precincts,omitempty"`
	Districts []string      `json:"districts,omitempty"`
	Parties   []string      `json:"parties,omitempty"`
	States    []roll.State  `json:"states,omitempty"`
	Street    string        `json:"street,omitempty"`
	Columns   []string      `json:"columns,omitempty"`
	Draw      int           `json:"draw,omitempty"` // of a jury list: how many
	Seed      string        `json:"seed,omitempty"` // of the draw
}

// The most that may be chosen of a sort, and the longest text of it.
const (
	mostChosen = 5000
	mostLetter = 200
	mostDrawn  = 100_000
)

// Check says what of the choices cannot be, field by field.
func (c Choices) Check() error {
	if !slices.Contains(Kinds(), c.List) {
		return fault.On("list", fault.New(fault.Invalid, "There is no list “%s”.", c.List))
	}
	var wrong []error
	add := func(field string, err error) { wrong = append(wrong, fault.On(field, err)) }
	if !slices.Contains(Formats(c.List), c.Format) {
		add("format", fault.New(fault.Invalid, "This list cannot be written as “%s”; choose another format.", c.Format))
	}
	if !isDay(c.AsOf) {
		add("as_of", fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", c.AsOf))
	}
	if needs := c.List == New || c.List == Changed; needs && !isDay(c.Since) || c.Since != "" && !isDay(c.Since) {
		add("since", fault.New(fault.Invalid, "Say since which day, as in 2026-11-03."))
	}
	if c.List == Street && spell.Fold(c.Street) == "" {
		add("street", fault.New(fault.Invalid, "Name the street."))
	}
	if c.List == Jury && (c.Draw < 1 || c.Draw > mostDrawn) {
		add("draw", fault.New(fault.Invalid, "Say how many people are to be drawn, from 1 to %d.", mostDrawn))
	}
	for _, name := range c.Columns {
		if !slices.ContainsFunc(Columns(c.List), func(x Column) bool { return x.Name == name }) {
			add("columns", fault.New(fault.Invalid, "This list has no column “%s”.", name))
		}
	}
	for _, s := range c.States {
		if !slices.Contains(c.List.States(), s) {
			add("states", fault.New(fault.Invalid, "Nobody in the state “%s” is on this list.", s))
		}
	}
	for field, list := range map[string][]string{"precincts": c.Precincts, "districts": c.Districts, "parties": c.Parties} {
		if len(list) > mostChosen || slices.ContainsFunc(list, func(s string) bool { return len(s) > mostLetter }) {
			add(field, fault.New(fault.Invalid, "This is more than can be chosen at once."))
		}
	}
	if len(c.Street) > mostLetter || len(c.Seed) > mostLetter {
		add("street", fault.New(fault.Invalid, "This is more than can be chosen at once."))
	}
	return errors.Join(wrong...)
}

func isDay(d election.Date) bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// chooser says who is on a list.
type chooser struct {
	Choices
	precincts, districts, parties map[string]bool
	states                        map[roll.State]bool
	street                        string
}

func set[T comparable](list []T) map[T]bool {
	if len(list) == 0 {
		return nil
	}
	out := make(map[T]bool, len(list))
	for _, x := range list {
		out[x] = true
	}
	return out
}

func newChooser(c Choices) *chooser {
	return &chooser{Choices: c, precincts: set(c.Precincts), districts: set(c.Districts), parties: set(c.Parties), states: set(c.States), street: spell.Fold(c.Street)}
}

// takes says whether a voter is on the list. That a voter is not protected is
// asked elsewhere, once for every list.
func (c *chooser) takes(e Entry) bool {
	v := e.Voter
	switch {
	case !c.List.standing(v),
		c.states != nil && !c.states[v.State],
		c.precincts != nil && !c.precincts[string(v.Precinct)],
		c.parties != nil && !c.parties[string(v.Party)],
		c.districts != nil && !slices.ContainsFunc(v.Districts, func(d election.DistrictID) bool { return c.districts[string(d)] }):
		return false
	}
	switch c.List {
	case New:
		return v.Registered >= c.Since && v.Registered <= c.AsOf
	case Changed:
		return e.From >= c.Since || e.Recorded >= c.Since
	case Street:
		return onStreet(v, c.street)
	case Wishes:
		return wish(v, c.AsOf) != nil
	case Jury:
		return ofAge(v, c.AsOf) && !v.Home.Empty() && (v.Name.Last != "" || v.Name.Full != "")
	}
	return true
}

// onStreet says whether a voter lives on a street, by its name with or without
// its direction and its type.
func onStreet(v *roll.Voter, street string) bool {
	name := spell.Fold(v.Home.Street)
	if name == "" || !strings.Contains(street, name) {
		return false
	}
	h := v.Home
	for _, form := range [][]string{{h.Street}, {h.Street, h.Type}, {h.Before, h.Street}, {h.Before, h.Street, h.Type}, {h.Street, h.Type, h.After}, {h.Before, h.Street, h.Type, h.After}} {
		if spell.Fold(strings.Join(form, " ")) == street {
			return true
		}
	}
	return false
}

// ofAge says whether a voter is surely 18 on a day: of whom the year alone is
// known, once that year's last child is.
func ofAge(v *roll.Voter, on election.Date) bool {
	t, err := time.Parse(time.DateOnly, string(on))
	if err != nil {
		return false
	}
	if born, err := time.Parse(time.DateOnly, string(v.Birth)); err == nil {
		return !born.AddDate(18, 0, 0).After(t)
	}
	year := v.Year
	return year > 0 && t.Year()-year > 18
}

// wish is a voter's wish for a ballot that holds on a day; nil for none.
func wish(v *roll.Voter, on election.Date) *roll.Wish {
	for i := range v.Wishes {
		w := &v.Wishes[i]
		if (w.From == "" || w.From <= on) && (w.Until == "" || w.Until >= on) {
			return w
		}
	}
	return nil
}
