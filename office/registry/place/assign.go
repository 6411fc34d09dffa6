// SPDX-License-Identifier: Apache-2.0

package place

import (
	"iter"
	"slices"

	"hustings/election"
	"hustings/office/registry/roll"
)

// Assigner says where an address votes. Any of its fields may be empty; it must
// not change while it is used.
type Assigner struct {
	Streets   *Streets
	Areas     *Layer                                    // precincts or splits, by id
	Districts []*Layer                                  // districts that do not follow precincts; ids are those of districts
	Parent    map[election.UnitID]election.UnitID       // the precinct of a split
	Of        map[election.UnitID][]election.DistrictID // the districts of a precinct or split
}

// How is by what an answer was found.
type How string

// By what an answer was found.
const (
	ByRange  How = "street range"
	ByMap    How = "map"
	ByBoth   How = "street range and map"
	ByNobody How = ""
)

// Answer is where an address votes.
type Answer struct {
	Unit       election.UnitID
	Districts  []election.DistrictID
	How        How
	Confidence Confidence
	Choice     []election.UnitID // the possible ones, where there is more than one
	Segment    string            // id of the street segment
	Map        election.UnitID   // what the map says, where it says something else
	Note       string            // why it is not certain
}

// Assign finds precinct or split and districts of an address and of the point
// in it. The street range wins over the map; where they differ the answer is
// Unsure.
func (s *Assigner) Assign(a roll.Address) Answer {
	var m Match
	if s.Streets != nil {
		m = s.Streets.Find(a)
	}
	var spot Spot
	if s.Areas != nil && a.Point != nil {
		spot = s.Areas.At(*a.Point)
	}
	out := s.combine(m, spot)
	out.Districts = s.districts(out.Unit, a.Point)
	return out
}

// combine weighs what the ranges say against what the map says.
func (s *Assigner) combine(m Match, spot Spot) Answer {
	drawn := election.UnitID(spot.ID)
	out := Answer{Unit: m.Unit, How: ByRange, Confidence: m.Confidence, Choice: m.Units, Segment: m.Segment, Note: m.Note}
	switch {
	case m.Confidence == None && drawn == "":
		return Answer{Note: "neither a street range nor the map has this address"}
	case m.Confidence == None:
		return byMap(drawn, spot)
	case drawn == "":
		return out
	case m.Unit == "" && slices.ContainsFunc(m.Units, func(u election.UnitID) bool { return s.related(u, drawn) }):
		out.Unit, out.How, out.Confidence = drawn, ByBoth, Likely
		out.Note = "the street ranges leave a choice, and the map decides"
		return out
	case m.Unit == "":
		out.Map = drawn
		return out
	case s.related(m.Unit, drawn):
		out.How = ByBoth
		if s.Parent[drawn] == m.Unit { // the map knows the split
			out.Unit = drawn
			if spot.Near || len(spot.Others) > 0 {
				out.Confidence, out.Note = min(out.Confidence, Likely), "the border of the split is near"
			}
		}
		return out
	}
	out.Map = drawn
	if !touches(s, spot, m.Unit) {
		out.Confidence, out.Note = Unsure, "the map has this address in another precinct"
		if spot.Near {
			out.Confidence, out.Note = Likely, "the map has the other side of a border that is near"
		}
	}
	return out
}

// touches says whether a point on a border is on that of the unit.
func touches(s *Assigner, spot Spot, unit election.UnitID) bool {
	return slices.ContainsFunc(spot.Others, func(o string) bool { return s.related(unit, election.UnitID(o)) })
}

func byMap(drawn election.UnitID, spot Spot) Answer {
	out := Answer{Unit: drawn, How: ByMap, Confidence: Likely, Note: "no street range has this address"}
	if spot.Near {
		out.Note = "no street range has this address, and a border is near"
	}
	if len(spot.Others) > 0 {
		out.Confidence, out.Note = Unsure, "no street range has this address, and it lies on a border or where shapes overlap"
		out.Choice = append(out.Choice, drawn)
		for _, o := range spot.Others {
			out.Choice = append(out.Choice, election.UnitID(o))
		}
	}
	return out
}

// related says whether two units are the same, or one is a split of the other.
func (s *Assigner) related(a, b election.UnitID) bool {
	return a == b || s.Parent[a] == b || s.Parent[b] == a
}

// districts are those of the unit and its precinct, and those drawn on their
// own maps.
func (s *Assigner) districts(unit election.UnitID, p *roll.Point) []election.DistrictID {
	own, above := s.Of[unit], s.Of[s.Parent[unit]]
	if len(above) == 0 && len(s.Districts) == 0 {
		return own
	}
	out := append(slices.Clip(own), above...)
	if p != nil {
		for _, l := range s.Districts {
			if spot := l.At(*p); spot.ID != "" {
				out = append(out, election.DistrictID(spot.ID))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Disagreement is an address that the ranges and the map put in different
// precincts.
type Disagreement struct {
	Voter          roll.ID
	Range, Map     election.UnitID
	Segment        string
	NearBorder     bool // the map may be wrong by the width of a street
	RangeUnsettled []election.UnitID
}

// Compare lists the addresses with a point on which ranges and map disagree,
// and says how many have both.
func (s *Assigner) Compare(voters iter.Seq2[roll.ID, roll.Address]) (list []Disagreement, both int) {
	if s.Streets == nil || s.Areas == nil {
		return nil, 0
	}
	for id, a := range voters {
		if a.Point == nil {
			continue
		}
		m, spot := s.Streets.Find(a), s.Areas.At(*a.Point)
		if m.Confidence == None || spot.ID == "" {
			continue
		}
		both++
		drawn := election.UnitID(spot.ID)
		agree := func(u election.UnitID) bool { return s.related(u, drawn) || touches(s, spot, u) }
		if m.Unit != "" && agree(m.Unit) || slices.ContainsFunc(m.Units, agree) {
			continue
		}
		list = append(list, Disagreement{id, m.Unit, drawn, m.Segment, spot.Near, m.Units})
	}
	return list, both
}
