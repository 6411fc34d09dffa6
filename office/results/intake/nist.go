// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// OurCode is the kind of external identifier under which our own exports keep
// the ids of the definition.
const OurCode = "hustings"

// nist reads an election results report of NIST SP 1500-100, in JSON or XML,
// version 2 or 1 or Google's dialect: a statement for each election in it.
func nist(name string, r io.Reader, format string, o Options) ([]*tally.Statement, error) {
	rep, problems, err := nisterr.Read(r, nisterr.Limits{Bytes: o.Limits.Bytes, Problems: o.Limits.Problems})
	if err != nil {
		return nil, fileError(name, err)
	}
	var out []*tally.Statement
	for i := range rep.Election {
		n := newNistReport(name, format, rep, &rep.Election[i])
		if i == 0 {
			n.reportProblems(problems)
		}
		st, err := n.read()
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	if len(out) == 0 {
		return nil, fileError(name, errors.New("the report holds no election"))
	}
	return out, nil
}

// nistReport turns one election of a report into counts.
type nistReport struct {
	*book
	rep *nisterr.ElectionReport
	e   *nisterr.Election

	gpunits    map[string]*nisterr.GpUnit
	parents    map[string][]string
	candidates map[string]*nisterr.Candidate
	parties    map[string]*nisterr.Party
	offices    map[string]*nisterr.Office
	persons    map[string]*nisterr.Person
	at         map[string]int32 // position of a unit by id
	suppressed gaps
}

// nistFormats are the names of the formats, so that every code of a report can
// be told from the running numbers of other formats.
var nistFormats = map[string]string{"nist-json": "nist-json", "nist-xml": "nist-xml", "google-cdf-xml": "nist-google"}

func newNistReport(name, format string, rep *nisterr.ElectionReport, e *nisterr.Election) *nistReport {
	n := &nistReport{
		book: newBook(name, nistFormats[format]), rep: rep, e: e,
		gpunits: make(map[string]*nisterr.GpUnit), parents: make(map[string][]string),
		candidates: make(map[string]*nisterr.Candidate), parties: make(map[string]*nisterr.Party),
		offices: make(map[string]*nisterr.Office), persons: make(map[string]*nisterr.Person), at: make(map[string]int32),
	}
	for i := range rep.GpUnit {
		u := &rep.GpUnit[i]
		n.gpunits[u.ID] = u
		for _, k := range u.ComposingGpUnitIds {
			n.parents[k] = append(n.parents[k], u.ID)
		}
	}
	for i := range e.Candidate {
		n.candidates[e.Candidate[i].ID] = &e.Candidate[i]
	}
	for i := range rep.Party {
		n.parties[rep.Party[i].ID] = &rep.Party[i]
	}
	for i := range rep.Office {
		n.offices[rep.Office[i].ID] = &rep.Office[i]
	}
	for i := range rep.Person {
		n.persons[rep.Person[i].ID] = &rep.Person[i]
	}
	return n
}

func (n *nistReport) read() (*tally.Statement, error) {
	n.heading()
	n.facts()
	for i := range n.e.Contest {
		n.nistContest(&n.e.Contest[i])
	}
	n.progress()
	n.st.Rows = len(n.st.Counts)
	n.suppressed.report(n.book, tally.Warn, "suppressed")
	return n.finish()
}

// heading takes what the report says about itself.
func (n *nistReport) heading() {
	n.st.Election = n.e.Name.In("en")
	n.st.Date = election.Date(n.e.StartDate)
	n.st.Status = election.Status(n.rep.Status)
	n.st.Test = n.rep.IsTest.Set && n.rep.IsTest.Value
	if at, err := time.Parse(time.RFC3339, n.rep.GeneratedDate); err == nil {
		n.st.Generated = at.UTC()
	}
	for _, x := range slices.Concat(n.rep.ExternalIdentifier, n.e.ExternalIdentifier) {
		if x.OtherType == OurCode && strings.HasPrefix(x.Value, "sha256:") {
			n.st.Definition = x.Value
		}
	}
	if scope := n.gpunits[n.e.ElectionScopeId]; scope != nil && scope.Type == nisterr.ReportingUnitTypeState {
		n.st.State = tally.StateCode(scope.Name.In("en"))
	}
}

// code is the id by which the definition may know an element: ours, if the
// report came from us, else the element's own.
func code(id string, external []nisterr.ExternalIdentifier) string {
	for _, x := range external {
		if x.OtherType == OurCode {
			return x.Value
		}
	}
	return id
}

// rank orders the kinds of units that contain one another on the way from a
// ballot to the state; other kinds are districts, which cut across.
var rank = map[nisterr.ReportingUnitType]int{
	nisterr.ReportingUnitTypeBallotBatch: 1, nisterr.ReportingUnitTypeSplitPrecinct: 1, nisterr.ReportingUnitTypeDropBox: 1,
	nisterr.ReportingUnitTypePrecinct: 2, nisterr.ReportingUnitTypeCombinedPrecinct: 3,
	nisterr.ReportingUnitTypeWard: 5, nisterr.ReportingUnitTypeVillage: 6, nisterr.ReportingUnitTypeTown: 6,
	nisterr.ReportingUnitTypeTownship: 6, nisterr.ReportingUnitTypeCity: 6, nisterr.ReportingUnitTypeMunicipality: 6,
	nisterr.ReportingUnitTypeBorough: 6, nisterr.ReportingUnitTypeCounty: 7, nisterr.ReportingUnitTypeState: 8,
	nisterr.ReportingUnitTypeCountry: 9,
}

// unitAt is the position of a unit that something was counted in, together
// with the units that contain it.
func (n *nistReport) unitAt(id string, line int) int32 {
	if at, ok := n.at[id]; ok {
		return at
	}
	u := n.gpunits[id]
	if u == nil {
		n.find("I01", tally.Block, "dangling_unit", line, map[string]string{"id": id})
		at := n.unit(unitKey{"", "", id}, func() tally.NamedUnit { return tally.NamedUnit{Code: id, Parent: -1, Line: int32(line)} })
		n.at[id] = at
		return at
	}
	n.at[id] = -1 // a unit that contains itself ends here
	parent := int32(-1)
	if up := n.parentOf(u); up != "" {
		parent = n.unitAt(up, line)
	}
	at := n.unit(unitKey{"", u.Name.In("en"), id}, func() tally.NamedUnit {
		return tally.NamedUnit{Name: strings.TrimSpace(u.Name.In("en")), Number: u.Number, Code: code(id, u.ExternalIdentifier),
			Type: unitType(u), Parent: parent, Line: int32(u.Line)}
	})
	n.at[id] = at
	return at
}

func unitType(u *nisterr.GpUnit) election.UnitType {
	if u.Kind == nisterr.ReportingDevice || u.Type == "" {
		return election.OtherUnit
	}
	return election.UnitType(u.Type)
}

// parentOf is the smallest unit that contains u on the way up; a unit that no
// other contains lies in the scope of the election.
func (n *nistReport) parentOf(u *nisterr.GpUnit) string {
	best, bestRank := "", math.MaxInt
	for _, id := range n.parents[u.ID] {
		p := n.gpunits[id]
		if r := rank[p.Type]; r > rank[u.Type] && r < bestRank {
			best, bestRank = id, r
		}
	}
	if best == "" && u.ID != n.e.ElectionScopeId && n.gpunits[n.e.ElectionScopeId] != nil && !n.above(n.e.ElectionScopeId, u.ID) {
		return n.e.ElectionScopeId
	}
	return best
}

// above says whether a unit lies above another, following the smallest
// containers.
func (n *nistReport) above(from, id string) bool {
	for steps := 0; from != "" && steps < 32; steps++ {
		if from == id {
			return true
		}
		next := ""
		for _, up := range n.parents[from] {
			if p, u := n.gpunits[up], n.gpunits[from]; p != nil && u != nil && rank[p.Type] > rank[u.Type] {
				next = up
			}
		}
		from = next
	}
	return false
}

// facts takes ballots cast and registered voters.
func (n *nistReport) facts() {
	for i := range n.e.BallotCounts {
		c := &n.e.BallotCounts[i]
		if c.IsSuppressedForPrivacy.Value && n.typeOf(c.Type, c.OtherType) != tally.TotalType {
			n.suppressed.add("", c.Line)
			continue
		}
		for _, f := range []struct {
			n nisterr.Opt[int64]
			m tally.Measure
		}{{c.BallotsCast, tally.Ballots}, {c.BallotsOutstanding, tally.Outstanding}, {c.BallotsRejected, tally.Rejected}} {
			if possible(f.n) {
				n.count(n.unitAt(c.GpUnitId, c.Line), n.measure(tally.NoContest, f.m, "", c.Line), n.typeOf(c.Type, c.OtherType),
					n.round(c.Round), c.Line, f.n.Value)
			}
		}
	}
	for i := range n.rep.GpUnit {
		u := &n.rep.GpUnit[i]
		if possible(u.VotersRegistered) {
			n.count(n.unitAt(u.ID, u.Line), n.measure(tally.NoContest, tally.Registered, "", u.Line), tally.TotalType, 0, u.Line, u.VotersRegistered.Value)
		}
	}
}

// possible says that a number is there and can be a count; the reader has told
// of those that cannot.
func possible(v nisterr.Opt[int64]) bool { return v.Set && v.Value >= 0 && v.Value <= sheet.MaxCount }

func (n *nistReport) typeOf(t nisterr.CountItemType, other string) int16 {
	if t == nisterr.CountItemTypeTotal || t == "" {
		return tally.TotalType
	}
	if other != "" {
		return n.voteType(other, "")
	}
	return n.voteType(string(t), election.CountItem(t))
}

// round is a round as we number it: from 1, with 0 for contests without any.
// The standard lets the first round be 0; then every round is one later.
func (n *nistReport) round(r nisterr.Opt[int64]) int16 {
	if !r.Set || r.Value < 0 || r.Value > math.MaxInt16 {
		return 0
	}
	return int16(r.Value)
}

func (n *nistReport) nistContest(c *nisterr.Contest) {
	at := n.contest(contestKey{c.Name, n.districtOf(c), n.primaryOf(c), code(c.ID, c.ExternalIdentifier)}, c.Line)
	n.describe(&n.st.Contests[at], c)
	for i := range c.ContestSelection {
		n.selection(at, c, &c.ContestSelection[i])
	}
	told := slices.ContainsFunc(c.ContestSelection, func(s nisterr.ContestSelection) bool { return s.IsWriteIn.Value && len(s.VoteCounts) > 0 })
	for i := range c.OtherCounts {
		n.otherCounts(at, &c.OtherCounts[i], told)
	}
}

// describe takes what the report says of a contest beyond its name.
func (n *nistReport) describe(to *tally.NamedContest, c *nisterr.Contest) {
	to.Kind = map[nisterr.ContestKind]election.ContestKind{
		nisterr.CandidateContest: election.CandidateContest, nisterr.BallotMeasureContest: election.MeasureContest,
		nisterr.RetentionContest: election.RetentionContest, nisterr.PartyContest: election.PartyContest,
	}[c.Kind]
	to.Variation = election.Variation(c.VoteVariation)
	to.VotesAllowed, to.Elected = small(c.VotesAllowed), small(c.NumberElected)
	if c.Kind != nisterr.CandidateContest && to.VotesAllowed == 0 {
		to.VotesAllowed = 1
	}
	to.Reported, to.Expected = small(c.SubUnitsReported), small(c.TotalSubUnits)
}

func small(v nisterr.Opt[int64]) int {
	if !v.Set || v.Value < 0 || v.Value > math.MaxInt32 {
		return 0
	}
	return int(v.Value)
}

// districtOf names the district of a contest where it is less than the whole.
func (n *nistReport) districtOf(c *nisterr.Contest) string {
	u := n.gpunits[c.ElectionDistrictId]
	if u == nil || c.ElectionDistrictId == n.e.ElectionScopeId {
		return ""
	}
	name := cmp.Or(strings.TrimSpace(u.Name.In("en")), u.ID)
	if strings.Contains(tally.Fold(c.Name), tally.Fold(name)) {
		return "" // the contest's name says it already
	}
	return name
}

func (n *nistReport) primaryOf(c *nisterr.Contest) string {
	if len(c.PrimaryPartyIds) != 1 {
		return ""
	}
	return n.partyName(c.PrimaryPartyIds[0])
}

func (n *nistReport) partyName(id string) string {
	p := n.parties[id]
	if p == nil {
		return ""
	}
	return cmp.Or(p.Abbreviation.In("en"), p.Name.In("en"), id)
}

// selection takes the votes for one choice.
func (n *nistReport) selection(contest int32, c *nisterr.Contest, s *nisterr.ContestSelection) {
	name, party := n.nameOf(s)
	at := n.choice(contest, name, party, n.selectionCode(s), s.Line)
	ch := &n.st.Choices[at]
	if s.IsWriteIn.Value {
		ch.Kind = election.WriteIn
	}
	if s.Kind == nisterr.PartySelection {
		ch.Kind = election.Ticket
	}
	if s.Kind == nisterr.BallotMeasureSelection {
		ch.Kind = cmp.Or(tally.Answer(name), election.Option)
	}
	base := n.firstRound(c)
	for i := range s.VoteCounts {
		v := &s.VoteCounts[i]
		switch {
		case v.IsSuppressedForPrivacy.Value && (v.Count.Value == 0 || n.typeOf(v.Type, v.OtherType) != tally.TotalType):
			n.suppressed.add("", v.Line) // a 0 here says that the number is hidden
		case v.Count.Set:
			n.votes(at, v, base)
		}
	}
}

// firstRound is what to add to a report's rounds so that they start at 1.
func (n *nistReport) firstRound(c *nisterr.Contest) int16 {
	zero, more := false, false
	for i := range c.ContestSelection {
		for _, v := range c.ContestSelection[i].VoteCounts {
			zero = zero || v.Round.Set && v.Round.Value == 0
			more = more || v.Round.Set && v.Round.Value > 0
		}
	}
	if zero && more {
		return 1
	}
	return 0
}

func (n *nistReport) votes(choice int32, v *nisterr.VoteCounts, base int16) {
	votes := v.Count.Value
	if votes != math.Trunc(votes) || votes < 0 || votes > sheet.MaxCount {
		return // the reader has said so already
	}
	round := n.round(v.Round)
	if v.Round.Set {
		round += base
	}
	n.count(n.unitAt(v.GpUnitId, v.Line), choice, n.typeOf(v.Type, v.OtherType), round, v.Line, int64(votes))
}

// selectionCode is the id of a choice; only some kinds have identifiers of
// their own, of the others the candidate has them.
func (n *nistReport) selectionCode(s *nisterr.ContestSelection) string {
	external := s.ExternalIdentifier
	if len(s.CandidateIds) > 0 {
		if c := n.candidates[s.CandidateIds[0]]; c != nil {
			external = c.ExternalIdentifier
		}
	}
	return code(s.ID, external)
}

// nameOf is the name and party of a choice, as the ballot has it.
func (n *nistReport) nameOf(s *nisterr.ContestSelection) (name, party string) {
	if s.Selection != nil {
		return strings.TrimSpace(s.Selection.In("en")), ""
	}
	var names []string
	for _, id := range s.CandidateIds {
		c := n.candidates[id]
		if c == nil {
			names = append(names, id)
			continue
		}
		full := c.BallotName.In("en")
		if p := n.persons[c.PersonId]; full == "" && p != nil {
			full = p.FullName.In("en")
		}
		names = append(names, strings.TrimSpace(full))
		party = cmp.Or(party, n.partyName(c.PartyId))
	}
	for _, id := range s.EndorsementPartyIds {
		party = cmp.Or(party, n.partyName(id))
	}
	for _, id := range s.PartyIds {
		names = append(names, n.fullPartyName(id))
		party = cmp.Or(party, n.partyName(id))
	}
	if len(names) == 0 && s.IsWriteIn.Value {
		return "Write-in", ""
	}
	return cmp.Or(strings.Join(names, " / "), s.ID), party
}

func (n *nistReport) fullPartyName(id string) string {
	if p := n.parties[id]; p != nil {
		return cmp.Or(p.Name.In("en"), id)
	}
	return id
}

// otherCounts takes overvotes, undervotes and write-ins of a contest. Where
// write-ins are choices, which told says, this is their sum once more.
func (n *nistReport) otherCounts(contest int32, o *nisterr.OtherCounts, told bool) {
	for _, v := range []struct {
		n nisterr.Opt[float64]
		m tally.Measure
	}{{o.Overvotes, tally.Over}, {o.Undervotes, tally.Under}} {
		if v.n.Set && v.n.Value == math.Trunc(v.n.Value) && v.n.Value >= 0 && v.n.Value <= sheet.MaxCount {
			n.count(n.unitAt(o.GpUnitId, o.Line), n.measure(contest, v.m, "", o.Line), tally.TotalType, 0, o.Line, int64(v.n.Value))
		}
	}
	if !possible(o.WriteIns) {
		return
	}
	at := n.measure(contest, tally.Subtotal, "Write-in", o.Line)
	if !told {
		at = n.choice(contest, "Write-in", "", "", o.Line)
	}
	n.count(n.unitAt(o.GpUnitId, o.Line), at, tally.TotalType, 0, o.Line, o.WriteIns.Value)
}

// progress takes how far counts have come.
func (n *nistReport) progress() {
	for i := range n.rep.GpUnit {
		u := &n.rep.GpUnit[i]
		at, counted := n.at[u.ID]
		if !counted || at < 0 {
			continue
		}
		for _, s := range u.CountStatus {
			n.st.Progress = append(n.st.Progress, tally.Progress{Unit: at, Type: n.typeOf(s.Type, s.OtherType), State: election.CountState(s.Status),
				Reported: small(u.SubUnitsReported), Expected: small(u.TotalSubUnits), Percent: -1})
		}
		if len(u.CountStatus) == 0 && u.TotalSubUnits.Set {
			n.st.Progress = append(n.st.Progress, tally.Progress{Unit: at, State: election.Unknown,
				Reported: small(u.SubUnitsReported), Expected: small(u.TotalSubUnits), Percent: -1})
		}
	}
}

// levels says which problems of a report stop it: those that lose a count or
// leave it without a unit. The rest concern what results do not need.
var levels = map[nisterr.Rule]tally.Level{
	nisterr.RuleNegative: tally.Block, nisterr.RuleFraction: tally.Block, nisterr.RuleValue: tally.Block,
	nisterr.RuleDuplicateID: tally.Block, nisterr.RuleDangling: tally.Block, nisterr.RuleWrongClass: tally.Block,
	nisterr.RuleCycle: tally.Block, nisterr.RuleDuplicateCount: tally.Block,
	nisterr.RuleMissing: tally.Warn, nisterr.RuleCode: tally.Warn, nisterr.RuleFormat: tally.Warn,
	nisterr.RuleUnknown: tally.Info, nisterr.RuleRepeated: tally.Warn, nisterr.RuleDialect: tally.Info,
	nisterr.RuleEncoding: tally.Warn, nisterr.RuleMisplaced: tally.Warn, nisterr.RuleUnused: tally.Info, nisterr.RuleMore: tally.Warn,
}

func (n *nistReport) reportProblems(problems []nisterr.Problem) {
	for _, p := range problems {
		check, level := "I01", levels[p.Rule]
		counting := p.Element == "VoteCounts" || p.Element == "BallotCounts" || p.Element == "OtherCounts"
		switch {
		case p.Rule == nisterr.RuleNegative || p.Rule == nisterr.RuleFraction || p.Rule == nisterr.RuleValue:
			check = "I08"
			if !counting {
				level = tally.Warn
			}
		case level == tally.Block && !counting && p.Rule == nisterr.RuleDangling:
			level = tally.Warn // a style or a person that points to nothing loses no vote
		}
		n.find(check, cmp.Or(level, tally.Warn), "report_problem", p.Line, map[string]string{
			"element": p.Element, "id": p.ID, "field": p.Field, "say": p.Say})
	}
}
