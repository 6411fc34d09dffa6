// SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"strconv"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/office/results/tally"
)

// election makes the one election of the report.
func (r *report) election() nisterr.Election {
	def := r.x.Def.Election
	e := nisterr.Election{
		Name: text(def.Name), StartDate: string(cmp.Or(def.Start, def.End)), EndDate: string(cmp.Or(def.End, def.Start)),
		Type: nisterr.ElectionType(def.Type), ExternalIdentifier: external(string(def.ID), nil),
	}
	if !e.Type.Valid() {
		e.Type, e.OtherType = nisterr.ElectionTypeOther, string(def.Type)
	}
	if r.in.Definition != "" {
		e.ExternalIdentifier = append(e.ExternalIdentifier, nisterr.ExternalIdentifier{Type: nisterr.IdentifierTypeOther, OtherType: ourCode, Value: r.in.Definition})
	}
	if root := r.x.Root(); root >= 0 {
		e.ElectionScopeId = r.units[root]
	}
	e.BallotCounts = r.ballots()
	contests := r.contestCells()
	ids := make(map[election.ContestID]string, len(r.x.Def.Contests))
	for i := range r.x.Def.Contests {
		c, candidates := r.contest(int32(i), contests[i])
		ids[r.x.Def.Contests[i].ID] = c.ID
		e.Candidate = append(e.Candidate, candidates...)
		e.Contest = append(e.Contest, c)
	}
	e.BallotStyle = r.styles(ids)
	return e
}

// ballots lists the ballots cast, not yet counted and rejected in every unit.
func (r *report) ballots() []nisterr.BallotCounts {
	var out []nisterr.BallotCounts
	for u := range r.x.Def.Units {
		hidden := r.privacy.Hidden(int32(u), tally.NoContest)
		at := make(map[int16]int)
		for _, c := range r.t.Contest(int32(u), tally.NoContest) {
			if c.Choice != tally.Ballots && c.Choice != tally.Outstanding && c.Choice != tally.Rejected || hidden && c.Type != tally.TotalType {
				continue
			}
			i, ok := at[c.Type]
			if !ok {
				i = len(out)
				at[c.Type] = i
				b := nisterr.BallotCounts{GpUnitId: r.units[u]}
				b.Type, b.OtherType = r.item(c.Type)
				if hidden {
					b.IsSuppressedForPrivacy = nisterr.Some(true)
				}
				out = append(out, b)
			}
			switch c.Choice {
			case tally.Ballots:
				out[i].BallotsCast = nisterr.Some(c.N)
			case tally.Outstanding:
				out[i].BallotsOutstanding = nisterr.Some(c.N)
			case tally.Rejected:
				out[i].BallotsRejected = nisterr.Some(c.N)
			}
		}
	}
	return out
}

func (r *report) item(t int16) (nisterr.CountItemType, string) {
	if t == tally.TotalType {
		return nisterr.CountItemTypeTotal, ""
	}
	return r.items[t-1].typ, r.items[t-1].other
}

// contestCells sorts the cells of all units by contest; a tally has them by
// unit.
func (r *report) contestCells() [][]tally.Cell {
	n := make([]int, len(r.x.Def.Contests))
	for u := range r.x.Def.Units {
		for _, c := range r.t.At(int32(u)) {
			if c.Contest >= 0 {
				n[c.Contest]++
			}
		}
	}
	out := make([][]tally.Cell, len(n))
	for i := range out {
		out[i] = make([]tally.Cell, 0, n[i])
	}
	for u := range r.x.Def.Units {
		for _, c := range r.t.At(int32(u)) {
			if c.Contest >= 0 {
				out[c.Contest] = append(out[c.Contest], c)
			}
		}
	}
	return out
}

// kinds are the classes of contests.
var kinds = map[election.ContestKind]nisterr.ContestKind{
	election.CandidateContest: nisterr.CandidateContest, election.MeasureContest: nisterr.BallotMeasureContest,
	election.RetentionContest: nisterr.RetentionContest, election.PartyContest: nisterr.PartyContest,
}

// contest makes one contest with its choices and counts, and the candidates
// that stand in it.
func (r *report) contest(i int32, cells []tally.Cell) (nisterr.Contest, []nisterr.Candidate) {
	def := &r.x.Def.Contests[i]
	c := nisterr.Contest{
		Kind: kinds[def.Kind], ID: r.id("co", string(def.ID)), Name: def.Name.String(), ElectionDistrictId: r.areas[def.District],
		ExternalIdentifier: external(string(def.ID), def.External), SequenceOrder: nisterr.Some(int64(i) + 1),
		VoteVariation: nisterr.VoteVariation(def.Variation),
	}
	if c.Kind == "" {
		c.Kind = nisterr.CandidateContest
	}
	if root := r.x.Root(); c.ElectionDistrictId == "" && root >= 0 {
		c.ElectionDistrictId = r.units[root]
	}
	if c.VoteVariation != "" && !c.VoteVariation.Valid() {
		c.VoteVariation, c.OtherVoteVariation = nisterr.VoteVariationOther, string(def.Variation)
	}
	if root := r.x.Root(); root >= 0 {
		reported, expected := r.t.Reporting(root, i)
		c.SubUnitsReported, c.TotalSubUnits = nisterr.Some(int64(reported)), nisterr.Some(int64(expected))
		c.CountStatus = []nisterr.CountStatus{{Status: r.stateOf(reported, expected), Type: nisterr.CountItemTypeTotal}}
	}
	candidates := r.describe(&c, def)
	r.selections(&c, def, &candidates)
	r.counts(&c, i, cells)
	return c, candidates
}

// describe adds what only some classes of contests have.
func (r *report) describe(c *nisterr.Contest, def *election.Contest) []nisterr.Candidate {
	switch c.Kind {
	case nisterr.CandidateContest:
		c.VotesAllowed = nisterr.Some(int64(max(1, def.VotesAllowed)))
		c.NumberElected = nisterr.Some(int64(max(1, def.Elected)))
		if id := r.party(def.PrimaryParty); id != "" {
			c.PrimaryPartyIds = []string{id}
		}
	case nisterr.BallotMeasureContest, nisterr.RetentionContest:
		if len(def.Question) > 0 {
			c.FullText = text(def.Question)
		}
		if t := def.Threshold; t != nil {
			c.PassageThreshold = nisterr.Text("en", threshold(t))
		}
		if c.Kind == nisterr.RetentionContest { // about a person, whose name is the contest's
			id := r.id("ca", string(def.ID))
			c.CandidateId = id
			return []nisterr.Candidate{{ID: id, BallotName: text(def.Name)}}
		}
	}
	return nil
}

func threshold(t *election.Threshold) string {
	s := strconv.FormatInt(t.Numerator, 10) + "/" + strconv.FormatInt(t.Denominator, 10) + " of " + cmp.Or(t.Of, "votes")
	if t.Over {
		return "more than " + s
	}
	return "at least " + s
}

// selections lists the choices of a contest in the order of the ballot.
func (r *report) selections(c *nisterr.Contest, def *election.Contest, candidates *[]nisterr.Candidate) {
	c.ContestSelection = make([]nisterr.ContestSelection, len(def.Choices))
	for j := range def.Choices {
		ch := &def.Choices[j]
		s := &c.ContestSelection[j]
		s.ID = r.id("cs", string(def.ID), string(ch.ID))
		s.SequenceOrder = nisterr.Some(int64(j) + 1)
		switch {
		case c.Kind == nisterr.BallotMeasureContest || c.Kind == nisterr.RetentionContest:
			s.Kind = nisterr.BallotMeasureSelection
			s.Selection = text(ch.Name)
			s.ExternalIdentifier = external(string(ch.ID), ch.External)
		case (c.Kind == nisterr.PartyContest || ch.Kind == election.Ticket) && len(ch.Parties) > 0:
			s.Kind = nisterr.PartySelection
			for _, p := range ch.Parties {
				if id := r.party(p); id != "" {
					s.PartyIds = append(s.PartyIds, id)
				}
			}
		default:
			*candidates = append(*candidates, r.candidate(s, def, ch))
		}
	}
}

// candidate makes a candidate for a choice. Write-ins have one too, for their
// name and id.
func (r *report) candidate(s *nisterr.ContestSelection, def *election.Contest, ch *election.Choice) nisterr.Candidate {
	s.Kind = nisterr.CandidateSelection
	out := nisterr.Candidate{ID: r.id("ca", string(def.ID), string(ch.ID)), BallotName: text(ch.Name), ExternalIdentifier: external(string(ch.ID), ch.External)}
	s.CandidateIds = []string{out.ID}
	if ch.Kind == election.WriteIn {
		s.IsWriteIn = nisterr.Some(true)
	}
	if ch.Incumbent {
		out.IsIncumbent = nisterr.Some(true)
	}
	if ch.Withdrawn {
		out.PreElectionStatus = nisterr.CandidatePreElectionStatusWithdrawn
	}
	for k, p := range ch.Parties {
		id := r.party(p)
		if id == "" {
			continue
		}
		if k == 0 {
			out.PartyId = id
		}
		if len(ch.Parties) > 1 {
			s.EndorsementPartyIds = append(s.EndorsementPartyIds, id)
		}
	}
	return out
}

// counts puts the numbers of a contest to its choices.
func (r *report) counts(c *nisterr.Contest, contest int32, cells []tally.Cell) {
	room := make([]int, len(c.ContestSelection))
	for _, cell := range cells {
		if cell.Choice >= 0 {
			room[cell.Choice]++
		}
	}
	for j := range room {
		c.ContestSelection[j].VoteCounts = make([]nisterr.VoteCounts, 0, room[j])
	}
	for i := 0; i < len(cells); {
		j := i
		var lost nisterr.OtherCounts
		for ; j < len(cells) && cells[j].Unit == cells[i].Unit; j++ {
			r.one(c, &lost, cells[j])
		}
		if lost.Overvotes.Set || lost.Undervotes.Set {
			lost.GpUnitId = r.units[cells[i].Unit]
			c.OtherCounts = append(c.OtherCounts, lost)
		}
		i = j
	}
}

// one adds one number. Where vote types are hidden, the total says so, unless
// it is 0 and there is nothing to hide.
func (r *report) one(c *nisterr.Contest, lost *nisterr.OtherCounts, cell tally.Cell) {
	hidden := r.privacy.Hidden(cell.Unit, cell.Contest)
	switch {
	case cell.Choice >= 0 && (!hidden || cell.Type == tally.TotalType):
		v := nisterr.VoteCounts{GpUnitId: r.units[cell.Unit], Count: nisterr.Some(float64(cell.N))}
		v.Type, v.OtherType = r.item(cell.Type)
		if cell.Round > 0 {
			v.Round = nisterr.Some(int64(cell.Round))
		}
		if hidden && cell.N > 0 {
			v.IsSuppressedForPrivacy = nisterr.Some(true)
		}
		s := &c.ContestSelection[cell.Choice]
		s.VoteCounts = append(s.VoteCounts, v)
	case cell.Choice == tally.Over && cell.Type == tally.TotalType && cell.Round <= 1:
		lost.Overvotes = nisterr.Some(float64(cell.N))
	case cell.Choice == tally.Under && cell.Type == tally.TotalType && cell.Round <= 1:
		lost.Undervotes = nisterr.Some(float64(cell.N))
	}
}

// styles lists the ballot styles.
func (r *report) styles(contests map[election.ContestID]string) []nisterr.BallotStyle {
	var out []nisterr.BallotStyle
	for _, s := range r.x.Def.Styles {
		b := nisterr.BallotStyle{ExternalIdentifier: external(string(s.ID), nil)}
		for _, id := range s.Units {
			if u, ok := r.x.Unit(id); ok {
				b.GpUnitIds = append(b.GpUnitIds, r.units[u])
			}
		}
		for _, id := range s.Contests {
			if contests[id] != "" {
				b.OrderedContent = append(b.OrderedContent, nisterr.OrderedContent{Kind: nisterr.OrderedContest, ContestId: contests[id]})
			}
		}
		if id := r.party(s.Party); id != "" {
			b.PartyIds = []string{id}
		}
		if len(b.GpUnitIds) > 0 {
			out = append(out, b)
		}
	}
	return out
}
