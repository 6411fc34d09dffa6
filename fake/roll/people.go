// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"

	"hustings/election"
)

// The day on which the roll stands: nobody on it is born or registered later.
var standsOn = Day{2026, 9, 30}

// ages are how many of a thousand voters are in each span of five years, from
// 18 to 22 on.
var ages = []int{62, 78, 82, 84, 86, 84, 82, 84, 88, 86, 72, 54, 34, 16, 6, 2}

// maker makes people.
type maker struct {
	*Roll
	r      *rand.Rand
	land   *land
	ages   []int // summed up
	people int   // so far
	homes  int
	p      Person // the person in hand
	lean   int    // of the precinct: how many of a hundred are of the first party
	party  []election.PartyID
	unit   *election.Unit
}

func (r *Roll) maker(voters int) *maker {
	m := &maker{Roll: r, r: r.rand(drawPeople), land: newLand(r.rand(drawStreets))}
	all := 0
	for _, n := range ages {
		all += n
		m.ages = append(m.ages, all)
	}
	for _, p := range r.county.Definition().Parties {
		m.party = append(m.party, p.ID)
	}
	return m
}

// precinct makes the voters of a precinct.
func (m *maker) precinct(u *election.Unit, voters int, do func(*Person) error) error {
	m.unit, m.lean = u, 22+m.r.IntN(40)
	m.land.move(u)
	for voters > 0 {
		for _, p := range m.household() {
			if voters == 0 {
				return nil // the rest of the household is not registered
			}
			voters--
			m.people++
			m.finish(p)
			if err := do(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// age draws the age of a voter.
func (m *maker) age() int {
	n := m.r.IntN(m.ages[len(m.ages)-1])
	return 18 + 5*sort.SearchInts(m.ages, n+1) + m.r.IntN(5)
}

// born draws the birthday of somebody of an age.
func (m *maker) born(age int) Day {
	d := Day{standsOn.Year - age, 1 + m.r.IntN(12), 0}
	d.Day = 1 + m.r.IntN(daysIn(d.Year, d.Month))
	if d.Month > standsOn.Month || d.Month == standsOn.Month && d.Day > standsOn.Day {
		d.Year--
		d.Day = min(d.Day, daysIn(d.Year, d.Month))
	}
	return d
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// household makes the voters who live at the next address.
func (m *maker) household() []*Person {
	m.homes++
	home := m.land.home()
	name := m.names.last(m.r)
	flat := home.Unit != ""
	var out []*Person
	add := func(female bool, age int, last string) *Person {
		p := &Person{Home: m.homes, Female: female, Last: last, Birth: m.born(max(age, 18)), Address: home}
		p.First = m.names.first(m.r, female, p.Birth.Year)
		out = append(out, p)
		return p
	}
	switch kind := m.r.IntN(100); {
	case kind < 34 || flat && kind < 52: // somebody alone
		add(m.r.IntN(100) < 53, m.age(), name)
	case flat && kind < 62 || kind < 38: // who share the rent
		age := 19 + m.r.IntN(12)
		for range 2 + m.r.IntN(3) {
			add(m.r.IntN(2) == 0, age+m.r.IntN(5), m.names.last(m.r))
		}
	case kind < 46: // one parent and a grown child
		age := 40 + m.r.IntN(40)
		parent := add(m.r.IntN(100) < 75, age, name)
		m.children(add, parent, name, age, 1+m.r.IntN(2))
	default: // a couple, often with grown children
		age := max(20, m.age())
		husband := add(false, age, name)
		wife := add(m.r.IntN(100) > 1, age-5+m.r.IntN(9), m.married(name))
		if age > 40 && m.r.IntN(100) < 32 {
			m.children(add, husband, name, min(age, wifeAge(wife)), 1+m.r.IntN(3))
		}
		if age > 35 && age < 62 && m.r.IntN(100) < 4 {
			add(m.r.IntN(100) < 70, age+22+m.r.IntN(10), name) // a grandparent
		}
	}
	return out
}

func wifeAge(p *Person) int { return standsOn.Year - p.Birth.Year }

// married is the name of a wife: mostly that of her husband.
func (m *maker) married(name string) string {
	switch n := m.r.IntN(100); {
	case n < 76:
		return name
	case n < 80:
		return m.names.last(m.r) + "-" + name
	}
	return m.names.last(m.r)
}

// children makes the grown children of a household: twins among them, and sons
// who are called as their fathers.
func (m *maker) children(add func(bool, int, string) *Person, parent *Person, name string, age, n int) {
	for i := 0; i < n; i++ {
		child := age - 20 - m.r.IntN(15)
		if child < 18 || child > 35 {
			continue
		}
		p := add(m.r.IntN(2) == 0, child, name)
		switch {
		case !p.Female && !parent.Female && m.r.IntN(100) < 9:
			p.First, p.Suffix, parent.Suffix = parent.First, "JR", "SR"
			if m.r.IntN(4) == 0 {
				p.Suffix, parent.Suffix = "III", "JR"
			}
			if m.r.IntN(3) == 0 {
				parent.Suffix = "" // who has always been called by the name alone
			}
		case m.r.IntN(100) < 3:
			twin := add(m.r.IntN(3) == 0 != p.Female, child, name)
			twin.Birth, twin.Twin, p.Twin = p.Birth, true, true
			if twin.First == p.First {
				twin.First = m.names.first(m.r, !twin.Female, p.Birth.Year)
				twin.Female = !twin.Female
			}
		}
	}
}

// finish gives a person everything that does not come from the household.
func (m *maker) finish(p *Person) {
	r := m.r
	p.Self = m.people
	switch n := r.IntN(100); {
	case p.Suffix == "JR" || p.Suffix == "III" || n < 60:
		p.Middle = m.names.first(r, p.Female, p.Birth.Year)
	case n < 85:
		p.Middle = m.names.first(r, p.Female, p.Birth.Year)[:1]
		if p.Middle[0] >= 0x80 {
			p.Middle = ""
		}
	}
	p.Precinct, p.Districts = m.unit.ID, m.unit.Districts
	p.Party = m.joins()
	m.status(p)
	m.reach(p)
	m.number(p, p.Self)
}

// number gives a registration its number. Numbers say nothing about a person.
func (m *maker) number(p *Person, n int) {
	p.ID = "XX" + pad(n*7919%100_000_007, 9)
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

// joins draws a party, or none.
func (m *maker) joins() election.PartyID {
	n := m.r.IntN(100)
	switch {
	case len(m.party) < 2 || n < 27:
		return ""
	case n < 27+m.lean*70/100:
		return m.party[0]
	case n < 96 || len(m.party) == 2:
		return m.party[1]
	}
	return m.party[2+m.r.IntN(len(m.party)-2)]
}

func (m *maker) status(p *Person) {
	r := m.r
	p.Status, p.Reason = "active", "verified"
	switch n := r.IntN(1000); {
	case n < 70:
		p.Status, p.Reason = "inactive", []string{"not-answered", "undeliverable"}[r.IntN(2)]
	case n < 85:
		p.Status, p.Reason = "pending", []string{"unverified", "incomplete"}[r.IntN(2)]
	case n < 100:
		p.Status, p.Reason = "cancelled", []string{"deceased", "moved", "two-elections", "by-voter", "felony"}[r.IntN(5)]
	}
	adult := p.Birth.Year + 18
	p.Registered = Day{adult + r.IntN(standsOn.Year-adult+1), 1 + r.IntN(12), 1 + r.IntN(28)}
	if r.IntN(3) == 0 { // many register in the autumn of a presidential year
		p.Registered.Year -= p.Registered.Year % 4
		p.Registered.Month = 8 + r.IntN(3)
	}
	first := Day{adult, p.Birth.Month, min(p.Birth.Day, daysIn(adult, p.Birth.Month))}
	if before(p.Registered, first) {
		p.Registered = first
	}
	if before(standsOn, p.Registered) {
		p.Registered = standsOn
	}
	p.Source = sources[r.IntN(len(sources))]
	p.Protected = r.IntN(2500) == 0
}

func before(a, b Day) bool {
	return a.Year < b.Year || a.Year == b.Year && (a.Month < b.Month || a.Month == b.Month && a.Day < b.Day)
}

// sources, as often as they come.
var sources = []string{"motor-vehicle-office", "motor-vehicle-office", "motor-vehicle-office", "motor-vehicle-office", "voter-via-internet", "voter-via-internet",
	"voter-via-internet", "voter-via-mail", "voter-via-mail", "voter-via-election-registrars-office", "public-assistance-office", "registration-drive-from-advocacy-group-or-political-party"}

// reach gives phone, mail and numbers.
func (m *maker) reach(p *Person) {
	r := m.r
	p.Language = "en"
	if n := r.IntN(100); n < 6 {
		p.Language = "es"
	}
	if r.IntN(100) < 72 {
		p.Phone = fmt.Sprintf("555%07d", r.IntN(10_000_000))
	}
	if r.IntN(100) < 38 {
		p.Email = fmt.Sprintf("voter%d@example.org", p.Self)
	}
	if r.IntN(100) < 91 {
		p.License = "X" + pad(p.Self*48271%100_000_007, 9)
	}
	if p.License == "" || r.IntN(100) < 55 {
		p.SSN4 = pad(r.IntN(10_000), 4)
	}
	box := 3
	if m.land.rural {
		box = 22
	}
	if r.IntN(100) < box {
		p.Mail = &Address{Box: "PO BOX " + strconv.Itoa(1+r.IntN(2500)), City: p.Address.City, State: "XX", ZIP: p.Address.ZIP}
	}
}
