// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/kit/fault"
)

// nistLevels are how grave what the reader of reports finds is for a
// definition. A reference into nothing may be a precinct that loses its style.
var nistLevels = map[nisterr.Rule]Level{
	nisterr.RuleDuplicateID: Hold, nisterr.RuleDangling: Hold, nisterr.RuleWrongClass: Hold, nisterr.RuleCycle: Hold,
	nisterr.RuleValue: Warn, nisterr.RuleMissing: Warn, nisterr.RuleCode: Warn, nisterr.RuleFormat: Warn,
	nisterr.RuleNegative: Warn, nisterr.RuleFraction: Warn, nisterr.RuleEncoding: Warn, nisterr.RuleMore: Warn,
}

// readNIST reads a report of NIST SP 1500-100: before the election it holds
// everything but counts, and those of a later one are passed over.
func readNIST(body []byte, want election.ID) (*election.Definition, string, *notes, error) {
	rep, found, err := nisterr.Read(bytes.NewReader(body), nisterr.Limits{})
	if err != nil {
		return nil, "", nil, fault.Wrap(fault.Invalid, err, "The file could not be read as NIST SP 1500-100: %s", err.Error())
	}
	n := &notes{}
	for _, p := range found {
		n.at(p.Line, cmp.Or(nistLevels[p.Rule], Info), "file", p.ID, "say", p.String())
	}
	e := pickElection(rep, want, n)
	if e == nil {
		return nil, "", nil, fault.New(fault.Invalid, "The report holds no election.")
	}
	r := &nistReader{rep: rep, e: e, notes: n, def: &election.Definition{}}
	return r.read(), nistName(rep), n, nil
}

func nistName(rep *nisterr.ElectionReport) string {
	switch rep.Dialect {
	case nisterr.Google:
		return "NIST SP 1500-100 (Google)"
	case nisterr.NISTv1:
		return "NIST SP 1500-100 v1"
	}
	return "NIST SP 1500-100 v2"
}

// pickElection is the election that is wanted, or the one with the most on the
// ballot.
func pickElection(rep *nisterr.ElectionReport, want election.ID, n *notes) *nisterr.Election {
	var best *nisterr.Election
	var others []string
	for i := range rep.Election {
		e := &rep.Election[i]
		switch {
		case best == nil:
			best = e
		case nistElectionID(e) == want && nistElectionID(best) != want,
			selections(e) > selections(best) && nistElectionID(best) != want:
			others = append(others, nistElectionName(best))
			best = e
		default:
			others = append(others, nistElectionName(e))
		}
	}
	if len(others) > 0 {
		n.say(Hold, "several_elections", "", "taken", nistElectionName(best), "others", few(others))
	}
	return best
}

func nistElectionName(e *nisterr.Election) string { return nameOf(e.Name, e.StartDate) }

func selections(e *nisterr.Election) int {
	n := 0
	for i := range e.Contest {
		n += len(e.Contest[i].ContestSelection)
	}
	return n
}

func nistElectionID(e *nisterr.Election) election.ID {
	if id := ourID("", e.ExternalIdentifier); id != "" {
		return election.ID(id)
	}
	return electionID(election.Date(e.EndDate), election.Type(e.Type), wording(e.Name).String())
}

// nistReader makes a definition of a report.
type nistReader struct {
	rep     *nisterr.ElectionReport
	e       *nisterr.Election
	def     *election.Definition
	notes   *notes
	cast    cast
	units   *nistUnits
	offices map[string]*nisterr.Office
	held    map[string]int // contests taken, by the file's id, in def.Contests
	headers int
}

func (r *nistReader) read() *election.Definition {
	r.election()
	r.parties()
	r.people()
	r.units = newNISTUnits(r.rep, r.e, r.notes)
	r.units.fill(r.def)
	r.offices = make(map[string]*nisterr.Office, len(r.rep.Office))
	for i := range r.rep.Office {
		r.offices[r.rep.Office[i].ID] = &r.rep.Office[i]
	}
	r.held = make(map[string]int, len(r.e.Contest))
	for i := range r.e.Contest {
		r.contest(&r.e.Contest[i])
	}
	r.styles()
	r.voteTypes()
	settle(r.def, "")
	times := &r.units.times
	if st, ok := findState(r.def.Election.State); ok && external(r.e.ExternalIdentifier, ourZone) == "" && len(times.seen) > 0 {
		r.def.Election.TimeZone = zoneFor(st, times.seen)
	}
	times.settle(r.def, counties(r.def) > 1, r.notes)
	arrange(r.def)
	r.leftOut()
	return r.def
}

func counties(def *election.Definition) int {
	n := 0
	for _, u := range def.Units {
		if u.Type == election.County {
			n++
		}
	}
	return n
}

func (r *nistReader) election() {
	e := &r.def.Election
	e.ID = nistElectionID(r.e)
	e.Name = wording(r.e.Name)
	e.Type = election.Type(r.e.Type)
	e.Start, e.End = election.Date(r.e.StartDate), election.Date(r.e.EndDate)
	if e.Name == nil {
		e.Name = election.T(string(e.ID))
	}
	x := r.e.ExternalIdentifier
	e.State, e.TimeZone, e.PollsOpen, e.PollsClose = external(x, ourState), external(x, ourZone), external(x, ourOpen), external(x, ourClose)
	e.Jurisdiction = externals(x)["ocd-id"]
}

func (r *nistReader) parties() {
	r.cast.parties = make(map[election.PartyID]election.Text, len(r.rep.Party))
	for i := range r.rep.Party {
		p := &r.rep.Party[i]
		out := election.Party{ID: r.partyID(p.ID), Name: wording(p.Name), Abbr: wording(p.Abbreviation).String(), Color: strings.ToLower(p.Color)}
		if _, twice := r.cast.parties[out.ID]; twice {
			continue
		}
		if len(out.Name) == 0 {
			out.Name = election.T(cmp.Or(out.Abbr, p.ID))
		}
		r.cast.parties[out.ID] = out.Name
		r.def.Parties = append(r.def.Parties, out)
	}
}

func (r *nistReader) partyID(id string) election.PartyID { return election.PartyID(unmarkID(id)) }

func (r *nistReader) people() {
	persons := make(map[string]*nisterr.Person, len(r.rep.Person))
	for i := range r.rep.Person {
		persons[r.rep.Person[i].ID] = &r.rep.Person[i]
	}
	r.cast.people = make(map[string]person, len(r.e.Candidate))
	for i := range r.e.Candidate {
		c := &r.e.Candidate[i]
		p := person{name: wording(c.BallotName), incumbent: c.IsIncumbent.Value, external: externals(c.ExternalIdentifier)}
		if c.PartyId != "" {
			p.party = r.partyID(c.PartyId)
		}
		if who := persons[c.PersonId]; len(p.name) == 0 && who != nil {
			p.name = wording(who.FullName)
			if len(p.name) == 0 {
				p.name = plainText(strings.Join([]string{who.FirstName, who.LastName}, " "))
			}
		}
		p.withdrawn = c.PreElectionStatus == nisterr.CandidatePreElectionStatusWithdrawn || c.PostElectionStatus == nisterr.CandidatePostElectionStatusWithdrawn
		r.cast.people[c.ID] = p
	}
}

var nistKinds = map[nisterr.ContestKind]election.ContestKind{
	nisterr.CandidateContest: election.CandidateContest, nisterr.BallotMeasureContest: election.MeasureContest,
	nisterr.RetentionContest: election.RetentionContest, nisterr.PartyContest: election.PartyContest,
}

// onlyGroups says whether a contest only puts others together, as Google's feeds
// do with a primary and its states. Nothing can be counted in it.
func onlyGroups(rep *nisterr.ElectionReport, c *nisterr.Contest) bool {
	return rep.Dialect == nisterr.Google && len(c.ContestSelection) == 0
}

func (r *nistReader) contest(c *nisterr.Contest) {
	if onlyGroups(r.rep, c) {
		r.notes.at(c.Line, Hold, "contest_empty", c.ID, "contest", c.Name)
		return
	}
	out := election.Contest{
		ID: election.ContestID(ourID(c.ID, c.ExternalIdentifier)), Kind: nistKinds[c.Kind], Variation: election.Variation(c.VoteVariation),
		VotesAllowed: int(c.VotesAllowed.Value), Elected: int(c.NumberElected.Value), Subtitle: wording(c.BallotSubTitle),
		Rotates: c.HasRotation.Value, External: externals(c.ExternalIdentifier),
	}
	if out.Kind == "" {
		out.Kind = election.CandidateContest
	}
	setTitle(&out, wording(c.BallotTitle), strings.TrimSpace(c.Name))
	if c.VoteVariation == nisterr.VoteVariationOther && c.OtherVoteVariation != "" {
		out.External = union(out.External, map[string]string{otherVariationKey: c.OtherVoteVariation})
	}
	if u := r.units.byID[c.ElectionDistrictId]; u != nil {
		out.District = districtID(u)
	}
	if len(c.PrimaryPartyIds) > 0 {
		out.PrimaryParty = r.partyID(c.PrimaryPartyIds[0])
		if len(c.PrimaryPartyIds) > 1 {
			r.notes.at(c.Line, Warn, "one_primary_party", c.ID, "contest", out.Name.String(), "party", c.PrimaryPartyIds[0])
		}
	}
	r.office(&out, c)
	r.measure(&out, c)
	for i := range c.ContestSelection {
		out.Choices = append(out.Choices, r.selection(&c.ContestSelection[i]))
	}
	complete(&out)
	r.held[c.ID] = len(r.def.Contests)
	r.def.Contests = append(r.def.Contests, out)
}

// setTitle takes a contest's name as ballots have it, and keeps what files call
// it.
func setTitle(out *election.Contest, ballot election.Text, name string) {
	out.Name = ballot
	switch {
	case len(ballot) == 0:
		out.Name = election.T(cmp.Or(name, string(out.ID)))
	case name != "" && name != ballot.String():
		out.External = union(out.External, map[string]string{nameKey: name})
	}
}

func (r *nistReader) office(out *election.Contest, c *nisterr.Contest) {
	ids := slices.Clone(c.OfficeIds)
	if c.OfficeId != "" {
		ids = append(ids, c.OfficeId)
	}
	var names, kept []string
	for _, id := range ids {
		o := r.offices[id]
		if o == nil {
			continue
		}
		names = append(names, nameOf(o.Name, o.ID))
		if !isMarked(id) {
			kept = append(kept, id)
		}
	}
	out.Office = strings.Join(names, " / ")
	if len(kept) > 0 {
		out.External = union(out.External, map[string]string{officeKey: strings.Join(kept, " ")})
	}
}

// measure takes what only measures and retentions have.
func (r *nistReader) measure(out *election.Contest, c *nisterr.Contest) {
	out.Question = wording(c.FullText)
	if len(out.Question) == 0 {
		out.Question = wording(c.SummaryText)
	}
	if passage := wording(c.PassageThreshold).String(); passage != "" {
		if t, ok := threshold(passage); ok {
			out.Threshold = &t
		} else {
			r.notes.at(c.Line, Hold, "threshold_unread", c.ID, "contest", out.Name.String(), "text", passage)
		}
	}
	if c.CandidateId != "" {
		out.Holder = r.cast.people[c.CandidateId].name
		if !isMarked(c.CandidateId) {
			out.External = union(out.External, map[string]string{candidateKey: c.CandidateId})
		}
	}
}

func (r *nistReader) selection(s *nisterr.ContestSelection) election.Choice {
	in := selection{id: s.ID, candidates: s.CandidateIds, writeIn: s.IsWriteIn.Value, party: s.Kind == nisterr.PartySelection,
		external: externals(s.ExternalIdentifier)}
	if s.Kind == nisterr.BallotMeasureSelection {
		in.answer = wording(s.Selection)
	}
	for _, id := range slices.Concat(s.PartyIds, s.EndorsementPartyIds) {
		in.parties = append(in.parties, r.partyID(id))
	}
	return r.cast.choice(in, r.notes, s.Line)
}

func (r *nistReader) styles() {
	ids := make(taken)
	for i := range r.e.BallotStyle {
		s := &r.e.BallotStyle[i]
		var out election.Style
		for _, x := range s.ExternalIdentifier {
			if out.Name == "" && !strings.HasPrefix(x.OtherType, ourMark) {
				out.Name = strings.TrimSpace(x.Value)
			}
		}
		if own := external(s.ExternalIdentifier, ourMark); own != "" {
			out.ID = election.StyleID(own)
			ids[own] = true
		} else {
			out.ID = election.StyleID(ids.mint("style-"+strconv.Itoa(i+1), out.Name))
		}
		if len(s.PartyIds) > 0 {
			out.Party = r.partyID(s.PartyIds[0])
		}
		for _, id := range s.GpUnitIds {
			if u := r.units.byID[id]; u != nil && r.units.inTree(u) {
				out.Units = append(out.Units, election.UnitID(u.id))
			}
		}
		r.content(&out, s.OrderedContent, 0)
		r.def.Styles = append(r.def.Styles, out)
	}
}

// content takes the contests of a style out of the headings they stand under.
func (r *nistReader) content(out *election.Style, list []nisterr.OrderedContent, depth int) {
	for i := range list {
		o := &list[i]
		if o.HeaderId != "" {
			r.headers++
		}
		if at, ok := r.held[o.ContestId]; ok && !slices.Contains(out.Contests, r.def.Contests[at].ID) {
			out.Contests = append(out.Contests, r.def.Contests[at].ID)
			orders(out, &r.def.Contests[at], o.OrderedContestSelectionIds)
		}
		if depth < maxDepth {
			r.content(out, o.OrderedContent, depth+1)
		}
	}
}

// voteTypes takes the count groups that anything in the report speaks of.
func (r *nistReader) voteTypes() {
	v := &voteTypes{}
	for _, s := range r.e.CountStatus {
		v.add(string(s.Type), s.OtherType)
	}
	for i := range r.rep.GpUnit {
		for _, s := range r.rep.GpUnit[i].CountStatus {
			v.add(string(s.Type), s.OtherType)
		}
	}
	for i := range r.e.BallotCounts {
		v.add(string(r.e.BallotCounts[i].Type), r.e.BallotCounts[i].OtherType)
	}
	for i := range r.e.Contest {
		c := &r.e.Contest[i]
		for _, s := range c.CountStatus {
			v.add(string(s.Type), s.OtherType)
		}
		for k := range c.ContestSelection {
			for m := range c.ContestSelection[k].VoteCounts {
				v.add(string(c.ContestSelection[k].VoteCounts[m].Type), c.ContestSelection[k].VoteCounts[m].OtherType)
			}
		}
	}
	r.def.VoteTypes = v.list()
}

// leftOut says how much of the report a definition has no room for.
func (r *nistReader) leftOut() {
	statements := 0
	for i := range r.e.Contest {
		c := &r.e.Contest[i]
		if c.ProStatement != nil || c.ConStatement != nil || c.EffectOfAbstain != nil || c.SummaryText != nil && c.FullText != nil {
			statements++
		}
	}
	for _, l := range []struct {
		what string
		n    int
	}{{"people", len(r.rep.Person)}, {"headings", r.headers}, {"statements", statements}, {"office_groups", len(r.rep.OfficeGroup)}} {
		if l.n > 0 {
			r.notes.say(Info, "left_out_"+l.what, "", "count", fmt.Sprint(l.n))
		}
	}
}
