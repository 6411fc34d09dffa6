// SPDX-License-Identifier: Apache-2.0

// Package roll makes up the voters of a synthetic county: households on the
// streets of its precincts, with couples, grown children, twins, fathers and
// sons of one name, apartments and farms. Everything follows from a seed; the
// same seed makes the same people. It is named fake because nobody in it is
// real: names are drawn by how common they are, and the State of Meridian (XX)
// does not exist.
//
//	r := roll.New(county.New(1, day, zone), roll.Options{Seed: 1, Voters: 1_000_000})
//	err := r.Each(func(p *roll.Person) error { … })
//	ranges := r.Segments()
//
// People come one by one, household by household, so that a million need little
// memory. Slip makes a second record of somebody as offices get them: with slips
// of the finger, nicknames, moves and new names. Intakes makes forms that reach
// the office.
package roll

import (
	"math/rand/v2"

	"hustings/election"
	"hustings/fake/county"
)

// Options say what to make.
type Options struct {
	Seed       uint64
	Voters     int     // 0: as many as the county has
	Duplicates float64 // share of the voters who are on the roll a second time, with slips
}

// Person is a voter.
type Person struct {
	ID   string // number of the registration
	Self int    // who they are: records of one person share it
	Home int    // number of the household

	First, Middle, Last, Suffix string
	Female                      bool
	Birth                       Day
	Twin                        bool

	Address Address
	Mail    *Address // where mail goes, where that is elsewhere

	Party      election.PartyID
	Precinct   election.UnitID
	Districts  []election.DistrictID // of the precinct; shared, never changed
	Status     string                // active, inactive, pending, cancelled
	Reason     string                // as office/registry names reasons
	Registered Day
	Source     string // as SP 1500-102 spells request methods
	Phone      string
	Email      string
	License    string
	SSN4       string
	Language   string
	Protected  bool     // takes part in a programme of address confidentiality
	Slips      []string // of a second record: what is different about it
}

// Day is a day of the calendar.
type Day struct{ Year, Month, Day int }

// String writes a day as 2026-11-03, and nothing for no day.
func (d Day) String() string {
	if d.Year == 0 {
		return ""
	}
	b := [10]byte{byte('0' + d.Year/1000%10), byte('0' + d.Year/100%10), byte('0' + d.Year/10%10), byte('0' + d.Year%10), '-',
		byte('0' + d.Month/10), byte('0' + d.Month%10), '-', byte('0' + d.Day/10), byte('0' + d.Day%10)}
	return string(b[:])
}

// Address is where somebody lives, or gets mail.
type Address struct {
	Number, Before, Street, Type string
	UnitKind, Unit               string
	Box                          string // PO BOX 12
	City, State, ZIP             string
}

// Segment is a range of house numbers that lies in one precinct.
type Segment struct {
	Before, Street, Type string
	Low, High            int
	Side                 string // even, odd, both
	City, ZIP            string
	Precinct             election.UnitID
}

// Roll makes voters.
type Roll struct {
	o        Options
	county   *county.County
	streets  []string
	names    *names
	segments []Segment
}

// New gets ready to make the voters of a county.
func New(c *county.County, o Options) *Roll {
	r := &Roll{o: o, county: c, names: newNames()}
	if r.o.Voters <= 0 {
		r.o.Voters = int(*c.Definition().Units[0].Registered)
	}
	return r
}

// The things that are drawn by chance. Each has its own stream of numbers, so
// that a change to one leaves the others as they were.
const (
	drawPeople uint64 = iota + 0x7011
	drawStreets
	drawSecond
	drawIntake
)

func (r *Roll) rand(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(r.o.Seed, stream)) }

// Segments are the ranges of house numbers that the people live in. They are
// known once Each has come to its end.
func (r *Roll) Segments() []Segment { return r.segments }

// leaves are the units where people vote, with how many of all voters.
func (r *Roll) leaves() (out []*election.Unit, voters []int) {
	def := r.county.Definition()
	split := make(map[election.UnitID]bool)
	for i := range def.Units {
		if def.Units[i].Type == election.SplitPrecinct {
			split[def.Units[i].Parent] = true
		}
	}
	all := int64(0)
	for i := range def.Units {
		u := &def.Units[i]
		if u.Type != election.County && !split[u.ID] && u.Registered != nil {
			out = append(out, u)
			all += *u.Registered
		}
	}
	passed, given := int64(0), 0
	for _, u := range out {
		passed += *u.Registered
		upTo := int(int64(r.o.Voters) * passed / all)
		voters = append(voters, upTo-given)
		given = upTo
	}
	return out, voters
}

// Each makes the voters, precinct by precinct, and then the second records. A
// person is only there until the next; an error of do ends it and comes back as
// it is.
func (r *Roll) Each(do func(*Person) error) error {
	second := int(float64(r.o.Voters) * r.o.Duplicates)
	first := r.o.Voters - second
	m := r.maker(first)
	slips := r.rand(drawSecond)
	var chosen []Person
	leaves, voters := r.leaves()
	all := 0
	for i, u := range leaves {
		want := voters[i] * first / max(1, r.o.Voters)
		if i == len(leaves)-1 {
			want = first - all
		}
		all += want
		err := m.precinct(u, want, func(p *Person) error {
			if left := first - p.Self; len(chosen) < second && slips.IntN(left+1) < second-len(chosen) {
				chosen = append(chosen, *p)
			}
			return do(p)
		})
		if err != nil {
			return err
		}
	}
	r.segments = m.land.segments
	for i := range chosen {
		p := r.Slip(&chosen[i], slips)
		m.number(p, first+i+1)
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}
