// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"reflect"
	"strconv"
	"strings"

	"hustings/election"
)

// ChangeKind is what happened to something.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Change is one thing that one definition says otherwise than another.
type Change struct {
	Kind   ChangeKind
	Noun   string // election, contest, choice, style, vote-type, party, district, unit, place or shape
	ID     string
	Name   string
	Field  string // empty where the whole was added or removed
	Before string
	After  string
}

// Diff lists what changes from one definition to another, contests and choices
// first. Without a definition before, everything is added.
func Diff(before, after *election.Definition) []Change {
	d := &differ{fresh: before == nil}
	if before == nil {
		before = &election.Definition{}
	}
	d.contests(before, after)
	d.election(before, after)
	compare(d, "style", before.Styles, after.Styles, styleID, styleFields)
	compare(d, "vote-type", before.VoteTypes, after.VoteTypes, voteTypeID, voteTypeFields)
	compare(d, "party", before.Parties, after.Parties, partyID, partyFields)
	compare(d, "district", before.Districts, after.Districts, districtKey, districtFields)
	compare(d, "unit", before.Units, after.Units, unitID, unitFields)
	compare(d, "place", before.Places, after.Places, placeID, placeFields)
	d.shapes(before, after)
	return d.out
}

type differ struct {
	out   []Change
	fresh bool // there was nothing before
}

// field is one thing that can be said about a noun. The first field is its name.
type field[T any] struct {
	name string
	say  func(T) string
}

// compare lists what was added, changed and removed in a list.
func compare[T any, K ~string](d *differ, noun string, before, after []T, key func(T) K, fields []field[T]) {
	was := indexOf(before, key)
	for _, x := range after {
		at, had := was[key(x)]
		if !had {
			d.out = append(d.out, Change{Kind: Added, Noun: noun, ID: string(key(x)), Name: fields[0].say(x), After: summary(x, fields)})
			continue
		}
		d.fields(noun, string(key(x)), fields[0].say(x), func(yield func(name, before, after string)) {
			for _, f := range fields {
				yield(f.name, f.say(before[at]), f.say(x))
			}
		})
	}
	is := indexOf(after, key)
	for _, x := range before {
		if _, has := is[key(x)]; !has {
			d.out = append(d.out, Change{Kind: Removed, Noun: noun, ID: string(key(x)), Name: fields[0].say(x), Before: summary(x, fields)})
		}
	}
}

// fields lists the fields that differ.
func (d *differ) fields(noun, id, name string, each func(yield func(name, before, after string))) {
	each(func(f, before, after string) {
		if before != after {
			d.out = append(d.out, Change{Kind: Changed, Noun: noun, ID: id, Name: name, Field: f, Before: before, After: after})
		}
	})
}

// summary says in one line what is added or removed: the first fields after
// the name that say something.
func summary[T any](x T, fields []field[T]) string {
	var out []string
	for _, f := range fields[1:] {
		if s := f.say(x); s != "" && len(out) < 3 {
			out = append(out, f.name+": "+shorten(s))
		}
	}
	return strings.Join(out, "; ")
}

// shorten cuts a text that would fill a table cell.
func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// wordsOf writes a wording in all its languages.
func wordsOf(t election.Text) string {
	if len(t) == 1 && t["en"] != "" {
		return t["en"]
	}
	var out []string
	for _, tag := range tags(t) {
		out = append(out, "["+tag+"] "+t[tag])
	}
	return strings.Join(out, " ")
}

// contests compares contests, each followed by its choices.
func (d *differ) contests(before, after *election.Definition) {
	was := indexOf(before.Contests, contestID)
	for _, c := range after.Contests {
		var old election.Contest
		if at, had := was[c.ID]; had {
			old = before.Contests[at]
			compare(d, "contest", []election.Contest{old}, []election.Contest{c}, contestID, contestFields)
		} else {
			compare(d, "contest", nil, []election.Contest{c}, contestID, contestFields)
		}
		d.choices(old, c)
	}
	is := indexOf(after.Contests, contestID)
	for _, c := range before.Contests {
		if _, has := is[c.ID]; !has {
			compare(d, "contest", []election.Contest{c}, nil, contestID, contestFields)
		}
	}
	d.order(before, after)
}

// order says that the same contests stand in another order.
func (d *differ) order(before, after *election.Definition) {
	a, b := inBoth(before.Contests, after.Contests, contestID)
	if !d.fresh && a != b {
		d.out = append(d.out, Change{Kind: Changed, Noun: "election", ID: string(after.Election.ID), Name: after.Election.Name.String(), Field: "order of contests", Before: a, After: b})
	}
}

// inBoth lists the ids that two lists have in common, in the order of each.
func inBoth[T any, K ~string](before, after []T, key func(T) K) (a, b string) {
	was, is := indexOf(before, key), indexOf(after, key)
	list := func(in []T, other map[K]int) string {
		var out []string
		for _, x := range in {
			if _, both := other[key(x)]; both {
				out = append(out, string(key(x)))
			}
		}
		return strings.Join(out, ", ")
	}
	return list(before, is), list(after, was)
}

func (d *differ) choices(old, c election.Contest) {
	from := len(d.out)
	compare(d, "choice", old.Choices, c.Choices, choiceID, choiceFields)
	for i := from; i < len(d.out); i++ {
		d.out[i].Name += " · " + c.Name.String()
	}
	if a, b := inBoth(old.Choices, c.Choices, choiceID); a != b {
		d.out = append(d.out, Change{Kind: Changed, Noun: "contest", ID: string(c.ID), Name: c.Name.String(), Field: "order of choices", Before: a, After: b})
	}
}

func (d *differ) election(before, after *election.Definition) {
	e := after.Election
	if d.fresh {
		d.out = append(d.out, Change{Kind: Added, Noun: "election", ID: string(e.ID), Name: e.Name.String(), After: summary(*after, electionFields)})
		return
	}
	d.fields("election", string(e.ID), e.Name.String(), func(yield func(name, before, after string)) {
		for _, f := range electionFields {
			yield(f.name, f.say(*before), f.say(*after))
		}
	})
}

// shapes compares boundaries point by point, and tells their size.
func (d *differ) shapes(before, after *election.Definition) {
	was := indexOf(before.Shapes, shapeUnit)
	names := make(map[election.UnitID]string, len(after.Units))
	for _, list := range [][]election.Unit{before.Units, after.Units} {
		for _, u := range list {
			names[u.ID] = u.Name
		}
	}
	for _, s := range after.Shapes {
		at, had := was[s.Unit]
		c := Change{Kind: Added, Noun: "shape", ID: string(s.Unit), Name: names[s.Unit], After: size(s)}
		if had {
			if reflect.DeepEqual(before.Shapes[at], s) {
				continue
			}
			c.Kind, c.Field, c.Before = Changed, "boundary", size(before.Shapes[at])
		}
		d.out = append(d.out, c)
	}
	is := indexOf(after.Shapes, shapeUnit)
	for _, s := range before.Shapes {
		if _, has := is[s.Unit]; !has {
			d.out = append(d.out, Change{Kind: Removed, Noun: "shape", ID: string(s.Unit), Name: names[s.Unit], Before: size(s)})
		}
	}
}

// size is how large a boundary is: "2 polygons, 412 points".
func size(s election.Shape) string {
	points := 0
	for _, p := range s.Polygons {
		for _, r := range p {
			points += len(r)
		}
	}
	return strconv.Itoa(len(s.Polygons)) + " polygons, " + strconv.Itoa(points) + " points"
}
