// SPDX-License-Identifier: Apache-2.0

// Package list makes lists out of a roll: which lists there are, whom each may
// name, which columns it may show, in which order, and how it is written. It is
// pure: no database, no clock.
//
//	rep, err := list.Make(out, choices, made, roll)
//
// Voters of a programme of address confidentiality are in no list, whatever is
// chosen. No list has identifiers, signatures or pictures.
package list

import (
	"slices"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Kind is a kind of list.
type Kind string

// The kinds of lists.
const (
	Public   Kind = "public"   // the file that anybody may have
	Precinct Kind = "precinct" // by precinct, in walking order
	Party    Kind = "party"
	Jury     Kind = "jury"   // drawn from those who may be
	Street   Kind = "street" // every door of a street
	New      Kind = "new"    // registered since a day
	Changed  Kind = "changed"
	Wishes   Kind = "wishes" // who wishes to get a ballot by mail or otherwise
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Public, Precinct, Party, Jury, Street, New, Changed, Wishes} }

// Format is how a list is written.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	XLSX    Format = "xlsx"
	JSON    Format = "json"  // one array
	Lines   Format = "jsonl" // an object a line
	Parquet Format = "parquet"
	NC      Format = "nc" // the voter file of North Carolina
	VRIJSON Format = "vri-json"
	VRIXML  Format = "vri-xml"
)

// Formats lists the formats that a kind of list can be written in. The layouts
// of others show a whole registration, so lists that show less have none.
func Formats(k Kind) []Format {
	all := []Format{CSV, XLSX, JSON, Lines, Parquet}
	switch k {
	case Jury, Wishes:
		return all
	}
	return append(all, NC, VRIJSON, VRIXML)
}

// Ending is how a file of a format ends its name.
func (f Format) Ending() string {
	switch f {
	case NC:
		return "txt"
	case VRIJSON:
		return "vri.json"
	case VRIXML:
		return "vri.xml"
	}
	return string(f)
}

// fixed says whether a format has columns of its own.
func (f Format) fixed() bool { return f == NC || f == VRIJSON || f == VRIXML }

// Packed says whether a format is compressed in itself.
func (f Format) Packed() bool { return f == XLSX || f == Parquet }

// Entry is a voter as they stood on the day of a list.
type Entry struct {
	Voter    *roll.Voter   // only there until the next
	From     election.Date // from when this holds
	Recorded election.Date // when that was recorded
}

// standing says whom a list may name at all, before anybody chooses.
func (k Kind) standing(v *roll.Voter) bool {
	switch k {
	case Precinct, Party, Street, Wishes:
		return v.State.Votes()
	case Jury:
		return v.State == roll.Active
	case Public, New:
		return v.State != roll.PreRegistered // they are minors
	}
	return true
}

// States lists the states that can be chosen for a kind of list.
func (k Kind) States() []roll.State {
	all := []roll.State{roll.Active, roll.Inactive, roll.Challenged, roll.Pending, roll.PreRegistered, roll.Denied, roll.Cancelled}
	return slices.DeleteFunc(all, func(s roll.State) bool { return !k.standing(&roll.Voter{State: s}) })
}
