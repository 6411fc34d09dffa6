// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"fmt"
	"reflect"
)

// unknownLanguage marks texts from files that do not say in which language
// they are: "und", the tag of BCP 47 for that.
const unknownLanguage = "und"

var textPlan = reportPlan.byName["Election"].plan.byName["Name"].plan

// defaultKind is the class of an element of a family that does not say its
// class. Only parties may: a Party is a class of its own, while there is no
// such thing as a mere Contest.
var defaultKind = map[string]string{"Party": string(SingleParty)}

// alias says how version 2 calls what another dialect calls otherwise.
type alias struct {
	to   string // the field
	kind string // the class of the element, where only its name tells
	wrap bool   // no element of its own, only a box around the real ones
}

var boxed = alias{wrap: true}

// aliases holds the names of NIST version 1 and of Google, by class of
// version 2. What is in neither list is left aside and told. Version 1 and
// its changes: Changes_From_V1_XML_Schema.md of the standard.
var aliases = map[string]map[string]alias{
	"": {
		"ExternalIdentifiers": boxed,
		"ElectoralDistrictId": {to: "ElectionDistrictId"},
		"Device":              {to: "DeviceClass"},
	},
	"ElectionReport": {
		"GpUnitCollection": boxed,
		"OfficeCollection": boxed,
		"PartyCollection":  boxed,
		"PersonCollection": boxed,
	},
	"Election": {
		"BallotStyleCollection": boxed,
		"CandidateCollection":   boxed,
		"ContestCollection":     boxed,
	},
	"Contest": {
		"BallotSelection":               {to: "ContestSelection"},
		"NoneOfTheAboveBallotSelection": {to: "ContestSelection", kind: string(BallotMeasureSelection)},
		"AggregateBallotSelection":      {to: "ContestSelection", kind: string(BallotMeasureSelection)},
	},
	"ContestSelection": {"VoteCountsCollection": boxed},
	"BallotStyle":      {"OrderedContest": {to: "OrderedContent", kind: string(OrderedContest)}},
	"OrderedContent":   {"OrderedBallotSelectionIds": {to: "OrderedContestSelectionIds"}},
	"GpUnit":           {"InternationalizedName": {to: "Name"}},
	"Party":            {"InternationalizedAbbreviation": {to: "Abbreviation"}},
}

// otherChild reads a child element that version 2 does not know by name.
func (x *xmlReader) otherChild(e *xmlElement, name string) error {
	a, known := aliases[e.p.class][name]
	if !known {
		a, known = aliases[""][name]
	}
	f := e.p.byName[a.to]
	switch {
	case name == "SummaryCounts" && (e.p.class == "Contest" || e.p.class == "GpUnit"):
		x.older(e, name)
		return x.summary(e)
	case known && a.wrap:
		x.older(e, name)
		return x.unbox(e)
	case known && f != nil:
		x.older(e, name)
		return x.field(e, f, a.kind)
	}
	x.unknown(e, name)
	return x.skip()
}

// unbox reads the elements in a box as if it were not there.
func (x *xmlReader) unbox(e *xmlElement) error {
	if err := x.enter(x.scan.pos); err != nil {
		return err
	}
	defer x.leave()
	for {
		token, err := x.scan.next()
		if err != nil {
			return err
		}
		switch token {
		case xmlEnd:
			return nil
		case xmlStart:
			if err := x.child(e); err != nil {
				return err
			}
		}
	}
}

// translate gives the version 2 spelling of a value.
func (x *xmlReader) translate(e *xmlElement, f *field, b []byte) []byte {
	switch {
	case f.name == "VoteVariation" && string(bytes.TrimSpace(b)) == "1-of-m":
		x.older(e, f.name)
		return []byte(VoteVariationNOfM) // which "includes vote for 1"
	case f.format == "color" && x.space != spaceV2:
		return bytes.ToLower(b) // both cases are allowed there
	}
	return b
}

// summaryCounts is what version 1 had in place of BallotCounts and
// OtherCounts: everything but votes, in a contest or in a unit.
type summaryCounts struct {
	Line int

	DeviceClass            *DeviceClass
	GpUnitId               string `err:"ref=ReportingDevice|ReportingUnit"`
	IsSuppressedForPrivacy Opt[bool]
	Type                   CountItemType
	OtherType              string
	BallotsCast            Opt[int64]
	BallotsOutstanding     Opt[int64]
	BallotsRejected        Opt[int64]
	Overvotes              Opt[float64]
	Undervotes             Opt[float64]
	WriteIns               Opt[int64]
}

// ballots says whether it counts ballots, other whether it counts marks.
func (s *summaryCounts) ballots() bool {
	return s.BallotsCast.Set || s.BallotsOutstanding.Set || s.BallotsRejected.Set
}

func (s *summaryCounts) other() bool {
	return s.Overvotes.Set || s.Undervotes.Set || s.WriteIns.Set
}

// unitSummary is a summary in a unit. It goes to the election, but a file
// may name its units first.
type unitSummary struct {
	unit string
	summaryCounts
}

// summary reads a SummaryCounts of version 1.
func (x *xmlReader) summary(e *xmlElement) error {
	var s summaryCounts
	if err := x.spend(sumPlan.size); err != nil {
		return err
	}
	if err := x.element(sumPlan, reflect.ValueOf(&s).Elem()); err != nil {
		return err
	}
	if e.p.class == "GpUnit" {
		x.left = append(x.left, unitSummary{idOf(e.p, e.v), s})
		return nil
	}
	c := e.v.Addr().Interface().(*Contest)
	if s.ballots() {
		x.aside(s.Line, c.ID, "ballots cast, outstanding or rejected have no place in a contest")
	}
	switch {
	case !s.other():
	case s.Type != "" && s.Type != CountItemTypeTotal:
		x.aside(s.Line, c.ID, "overvotes, undervotes and write-ins have no type in version 2, so only totals can be used")
	default:
		c.OtherCounts = append(c.OtherCounts, OtherCounts{Line: s.Line, DeviceClass: s.DeviceClass, GpUnitId: s.GpUnitId,
			Overvotes: s.Overvotes, Undervotes: s.Undervotes, WriteIns: s.WriteIns})
	}
	return nil
}

// aside tells of a summary that could not be used.
func (x *xmlReader) aside(line int, id, say string) {
	x.tell(Problem{Line: line, Element: "SummaryCounts", ID: id, Rule: RuleDialect, Say: say + "; it was left aside"})
}

// settleUnits gives the ballots counted in units to the election.
func (x *xmlReader) settleUnits(rep *ElectionReport) {
	for i := range x.left {
		s := &x.left[i]
		unit := s.GpUnitId
		if unit == "" {
			unit = s.unit
		}
		if s.other() {
			x.aside(s.Line, s.unit, "overvotes, undervotes and write-ins belong to a contest, not to a unit")
		}
		switch {
		case !s.ballots():
		case len(rep.Election) != 1:
			x.aside(s.Line, s.unit, fmt.Sprintf("ballots are counted per election, and there are %d", len(rep.Election)))
		default:
			to := &rep.Election[0].BallotCounts
			*to = append(*to, BallotCounts{Line: s.Line, DeviceClass: s.DeviceClass, GpUnitId: unit,
				IsSuppressedForPrivacy: s.IsSuppressedForPrivacy, Type: s.Type, OtherType: s.OtherType,
				BallotsCast: s.BallotsCast, BallotsOutstanding: s.BallotsOutstanding, BallotsRejected: s.BallotsRejected})
		}
	}
}
