// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Streets finds the segment in which an address lies. It does not change, and
// may be asked by many at once.
type Streets struct {
	segments []Segment
	streets  map[string][]group   // by street
	names    map[string][]string  // streets by name alone, without direction and type
	cities   map[string][]stretch // segments of whole cities
}

// group is a street in one city and ZIP code, as its segments write them.
type group struct {
	zip         uint32
	city, state string
	ranges      []stretch // by prefix and first number
}

// Flaw is something wrong with the segments.
type Flaw struct {
	Kind     FlawKind
	Segments []string // ids
	Units    []election.UnitID
	Why      string
}

// FlawKind is what is wrong.
type FlawKind string

// The flaws.
const (
	Unusable FlawKind = "unusable" // it cannot be read, and assigns nobody
	Overlap  FlawKind = "overlap"  // two claim the same houses for different precincts
	Double   FlawKind = "double"   // two claim the same houses for one precinct
	Gap      FlawKind = "gap"      // no segment has these numbers between two that are there
)

// maxFlaws is how many flaws are told; a list of ranges that is worse than
// that needs another look first.
const maxFlaws = 10_000

// NewStreets builds the index, and tells what is wrong with the segments.
func NewStreets(segments []Segment) (*Streets, []Flaw) {
	s := &Streets{segments: segments, streets: map[string][]group{}, names: map[string][]string{}, cities: map[string][]stretch{}}
	var flaws []Flaw
	type home struct {
		street, city, state string
		zip                 uint32
	}
	groups := map[home][]stretch{}
	for i := range segments {
		t, street, why := segments[i].read()
		if why != "" {
			if len(flaws) < maxFlaws {
				flaws = append(flaws, Flaw{Unusable, []string{segments[i].ID}, nil, fmt.Sprintf("segment %s %s", segments[i].ID, why)})
			}
			continue
		}
		t.at = int32(i)
		if t.allStreets {
			s.cities[t.city] = append(s.cities[t.city], t)
			continue
		}
		h := home{street, t.city, t.state, t.zip}
		groups[h] = append(groups[h], t)
	}
	for h, ranges := range groups {
		slices.SortFunc(ranges, order)
		furthest := 0
		for i := range ranges {
			if i == 0 || ranges[i].prefix != ranges[i-1].prefix {
				furthest = 0
			}
			furthest = max(furthest, ranges[i].to)
			ranges[i].furthest = furthest
		}
		s.streets[h.street] = append(s.streets[h.street], group{h.zip, h.city, h.state, ranges})
	}
	for street, list := range s.streets {
		slices.SortFunc(list, func(a, b group) int {
			return cmp.Or(cmp.Compare(a.city, b.city), cmp.Compare(a.zip, b.zip), cmp.Compare(a.state, b.state))
		})
		name := bare(street)
		s.names[name] = append(s.names[name], street)
	}
	for _, streets := range s.names {
		slices.Sort(streets)
	}
	flaws = append(flaws, s.flaws(maxFlaws-len(flaws))...)
	sortFlaws(flaws)
	return s, flaws
}

// order puts whole streets first, and ranges by series and first number.
func order(a, b stretch) int {
	if a.allHouses != b.allHouses {
		if a.allHouses {
			return -1
		}
		return 1
	}
	return cmp.Or(strings.Compare(a.prefix, b.prefix), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.at, b.at))
}

// bare is a street without its direction and type, to find what somebody may
// have meant.
func bare(street string) string {
	var room [16]string
	w := words(room[:0], street)
	for len(w) > 1 && isDirection(w[len(w)-1]) {
		w = w[:len(w)-1]
	}
	if len(w) > 1 && isType(w[len(w)-1]) {
		w = w[:len(w)-1]
	}
	for len(w) > 1 && isDirection(w[0]) {
		w = w[1:]
	}
	return join(w)
}

// asked is an address as it is looked up.
type asked struct {
	house       House
	street      string
	unit        string
	zip         uint32
	city, state string
	ok          bool // there is a number and a street
}

// ask reads an address that may be in any form.
func ask(a *roll.Address) (q asked) {
	if a.Number == "" || a.Street == "" {
		r := Normal(*a)
		if r.Kind != Street {
			return q
		}
		a = &r.Address
	}
	if len(a.Street)+len(a.Before)+len(a.Type)+len(a.After)+len(a.Unit)+len(a.City)+len(a.State) > maxLine || len(a.Number) > 32 {
		return q
	}
	if q.house, q.ok = readHouse(clean(a.Number)); !q.ok {
		if q.house, q.ok = spacedGrid(a.Number); !q.ok {
			return q
		}
	}
	var room [24]string
	w, unit := readStreet(room[:0], a)
	q.street = string(wayKey(nil, w))
	q.unit = door(cmp.Or(a.UnitKind, unit[0]), cmp.Or(a.Unit, unit[1]))
	q.city = cityName(a.City)
	q.zip = fiveDigits(a.ZIP)
	if q.state = a.State; q.state != "" && (len(q.state) != 2 || states[q.state] == "") {
		q.state = cmp.Or(states[clean(q.state)], clean(q.state))
	}
	q.ok = w.name != ""
	return q
}

// spacedGrid reads N6 W23001.
func spacedGrid(number string) (House, bool) {
	n, rest := takeHouse(append(strings.Fields(clean(number)), "X"))
	if n == "" || len(rest) != 1 {
		return House{}, false
	}
	return readHouse(n)
}

// Match is what the segments say about an address.
type Match struct {
	Confidence Confidence
	Unit       election.UnitID   // "" where there is none, or more than one
	Units      []election.UnitID // the choice, where there is more than one
	Segment    string            // id of the segment that decided
	Note       string            // what was left out of account
}

// Find looks an address up. Of several segments that hold it the one counts
// that knows most about it: a unit before a fraction, one house before a range,
// a range before a whole street or city.
func (s *Streets) Find(a roll.Address) Match {
	q := ask(&a)
	return s.find(&q)
}

func (s *Streets) find(q *asked) Match {
	if !q.ok {
		return Match{}
	}
	groups := s.streets[q.street]
	for _, how := range [...]struct {
		fits func(*asked, *group) bool
		note string
		sure Confidence
	}{
		{exactly, "", Certain},
		{byZIP, "the city is another in the list of streets; the ZIP code is the same", Likely},
		{byCity, "the ZIP code is another in the list of streets; the city is the same", Likely},
	} {
		if m := s.among(groups, q, how.fits); m.Confidence != None {
			m.Confidence = min(m.Confidence, how.sure)
			m.Note = cmp.Or(m.Note, how.note)
			return m
		}
	}
	if h, ok := q.house.joined(); ok {
		plain := *q
		plain.house = h
		if m := s.among(groups, &plain, exactly); m.Confidence != None {
			m.Confidence = min(m.Confidence, Likely)
			m.Note = "the list of streets writes the house number without its hyphen"
			return m
		}
	}
	if len(groups) == 0 {
		if m := s.meant(q); m.Confidence != None {
			return m
		}
	}
	return s.wholeCity(q)
}

func exactly(q *asked, g *group) bool {
	return sameState(q, g) && (q.zip == g.zip || q.zip == 0 || g.zip == 0) && (q.city == g.city || q.city == "" && q.zip != 0 || g.city == "")
}

func byZIP(q *asked, g *group) bool  { return sameState(q, g) && q.zip != 0 && q.zip == g.zip }
func byCity(q *asked, g *group) bool { return sameState(q, g) && q.city != "" && q.city == g.city }

func sameState(q *asked, g *group) bool {
	return q.state == g.state || q.state == "" || g.state == ""
}

// among finds the segments of a street that know most about an address.
func (s *Streets) among(groups []group, q *asked, fits func(*asked, *group) bool) (m Match) {
	best := -1
	for i := range groups {
		if !fits(q, &groups[i]) {
			continue
		}
		for t := range groups[i].at(q.house) {
			if int(t.rank) >= best && t.covers(q.house, q.unit) {
				if int(t.rank) > best {
					best, m = int(t.rank), Match{}
				}
				s.add(&m, t)
			}
		}
	}
	return m.decide()
}

// at gives the stretches that may hold a number: those of whole streets, and
// those that begin before it and reach as far.
func (g *group) at(h House) func(func(*stretch) bool) {
	return func(yield func(*stretch) bool) {
		for i := 0; i < len(g.ranges) && g.ranges[i].allHouses; i++ {
			if !yield(&g.ranges[i]) {
				return
			}
		}
		n, _ := slices.BinarySearchFunc(g.ranges, h, func(t stretch, h House) int {
			if t.allHouses || t.prefix < h.Prefix || t.prefix == h.Prefix && t.from <= h.Number {
				return -1
			}
			return 1
		})
		for i := n - 1; i >= 0 && !g.ranges[i].allHouses && g.ranges[i].prefix == h.Prefix && g.ranges[i].furthest >= h.Number; i-- {
			if !yield(&g.ranges[i]) {
				return
			}
		}
	}
}

func (s *Streets) add(m *Match, t *stretch) {
	seg := &s.segments[t.at]
	if m.Unit == "" {
		m.Unit, m.Segment = seg.Unit, seg.ID
		return
	}
	if m.Unit == seg.Unit {
		m.Segment = min(m.Segment, seg.ID) // the same one whatever the order of the list
		return
	}
	if len(m.Units) == 0 {
		m.Units = []election.UnitID{m.Unit}
	}
	if !slices.Contains(m.Units, seg.Unit) {
		m.Units = append(m.Units, seg.Unit)
	}
}

// decide says how sure the answer is.
func (m Match) decide() Match {
	switch {
	case len(m.Units) > 1:
		slices.Sort(m.Units)
		m.Confidence, m.Unit, m.Segment = Unsure, "", ""
		m.Note = "the list of streets has this address in more than one precinct"
	case m.Unit != "":
		m.Confidence, m.Units = Certain, nil
	}
	return m
}

// meant tries streets of the same name where the direction or the type was
// left out. More than one that has the number is a choice for people.
func (s *Streets) meant(q *asked) (m Match) {
	for _, street := range s.names[bare(q.street)] {
		if !leftOut(q.street, street) {
			continue
		}
		if one := s.among(s.streets[street], q, exactly); one.Unit != "" && m.Unit == "" && len(m.Units) == 0 {
			m = Match{Confidence: Likely, Unit: one.Unit, Segment: one.Segment, Note: "taken for " + street}
		} else if one.Confidence != None {
			m.Units = append(m.Units, append(one.Units, one.Unit, m.Unit)...)
		}
	}
	if len(m.Units) == 0 {
		return m
	}
	slices.Sort(m.Units)
	m.Units = slices.DeleteFunc(slices.Compact(m.Units), func(u election.UnitID) bool { return u == "" })
	if len(m.Units) == 1 {
		return Match{Confidence: Likely, Unit: m.Units[0], Segment: m.Segment, Note: m.Note}
	}
	return Match{Confidence: Unsure, Units: m.Units, Note: "several streets have this name and number; the direction or type is missing"}
}

// leftOut says whether one of two streets is the other without some of its
// words, in their order: ELM is N ELM ST, but ELM AVE is not ELM ST.
func leftOut(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	for _, w := range y {
		if len(x) > 0 && x[0] == w {
			x = x[1:]
		}
	}
	return len(x) == 0
}

// wholeCity falls back to segments that cover all streets of a city.
func (s *Streets) wholeCity(q *asked) (m Match) {
	for _, t := range s.cities[q.city] {
		if q.state == "" || t.state == "" || q.state == t.state {
			s.add(&m, &t)
		}
	}
	return m.decide()
}
