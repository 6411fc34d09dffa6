// SPDX-License-Identifier: Apache-2.0

package county

import (
	"bytes"
	"io"
	"slices"
	"time"

	"hustings/election"
	"hustings/format/nisterr"
)

// nistFile is an election results report of the central count.
type nistFile struct {
	*County
	at     time.Duration
	status nisterr.ResultsStatus
	tapes  []tape
	types  []int // that the file tells apart
	state  map[int]nisterr.CountItemStatus
	rounds bool  // of the ranked race
	left   int64 // provisional ballots not yet counted, -1 where the file does not say
	test   bool
}

func (f *nistFile) xml() []byte  { return f.write(nisterr.WriteXML) }
func (f *nistFile) json() []byte { return f.write(nisterr.WriteJSON) }

func (f *nistFile) write(as func(io.Writer, *nisterr.ElectionReport) error) []byte {
	var out bytes.Buffer
	must(as(&out, f.report()))
	return out.Bytes()
}

// must is for errors that only a mistake in this package can cause.
func must(err error) {
	if err != nil {
		panic("county: " + err.Error())
	}
}

func (f *nistFile) report() *nisterr.ElectionReport {
	rep := &nisterr.ElectionReport{
		Format: nisterr.ReportDetailLevelPrecinctLevel, GeneratedDate: f.closes.Add(f.at).Format(time.RFC3339),
		Issuer: countyName, IssuerAbbreviation: "AC", VendorApplicationId: "Central Count 4.2", Status: f.status,
		SequenceStart: nisterr.Some[int64](1), SequenceEnd: nisterr.Some[int64](1),
		GpUnit: f.units(), Election: []nisterr.Election{f.results()},
	}
	if f.test {
		rep.IsTest, rep.TestType = nisterr.Some(true), "logic and accuracy"
	}
	for _, p := range parties {
		rep.Party = append(rep.Party, nisterr.Party{Kind: nisterr.SingleParty, ID: "party." + string(p.ID), Name: text(p.Name),
			Abbreviation: nisterr.Text("en", p.Abbr), Color: p.Color})
	}
	return rep
}

// text is a wording in its languages, English first.
func text(t election.Text) *nisterr.InternationalizedText {
	out := nisterr.Text("en", t["en"])
	if es, ok := t["es"]; ok {
		out.Text = append(out.Text, nisterr.LanguageString{Content: es, Language: "es"})
	}
	return out
}

// units lists the county, its precincts, and the districts of its contests.
func (f *nistFile) units() (out []nisterr.GpUnit) {
	inside := make(map[election.UnitID][]string)
	for _, u := range f.def.Units {
		if u.Parent != "" {
			inside[u.Parent] = append(inside[u.Parent], string(u.ID))
		}
	}
	for _, u := range f.def.Units {
		g := nisterr.GpUnit{Kind: nisterr.ReportingUnit, ID: string(u.ID), Name: nisterr.Text("en", u.Name), Number: u.Number,
			Type: nisterr.ReportingUnitType(u.Type), ComposingGpUnitIds: inside[u.ID]}
		if len(inside[u.ID]) == 0 {
			g.VotersRegistered = nisterr.Some(*u.Registered)
			for _, t := range f.types {
				if s, ok := f.state[t]; ok {
					g.CountStatus = append(g.CountStatus, nisterr.CountStatus{Status: s, Type: item(t)})
				}
			}
		}
		out = append(out, g)
	}
	for _, d := range f.def.Districts {
		if slices.ContainsFunc(f.races, func(r race) bool { return r.District == d.ID }) {
			out = append(out, nisterr.GpUnit{Kind: nisterr.ReportingUnit, ID: "district." + string(d.ID), Name: text(d.Name), Number: d.Number,
				Type: nisterr.ReportingUnitType(d.Type)})
		}
	}
	return out
}

func item(typ int) nisterr.CountItemType { return nisterr.CountItemType(voteTypes[typ].Item) }

func (f *nistFile) results() nisterr.Election {
	e := f.def.Election
	out := nisterr.Election{ElectionScopeId: string(countyID), Name: text(e.Name), StartDate: string(e.Start), EndDate: string(e.End),
		Type: nisterr.ElectionTypeGeneral}
	for i := range f.tapes {
		t := &f.tapes[i]
		add := func(item nisterr.CountItemType, n int64) {
			out.BallotCounts = append(out.BallotCounts, nisterr.BallotCounts{GpUnitId: string(t.unit), Type: item, BallotsCast: nisterr.Some(n)})
		}
		add(nisterr.CountItemTypeTotal, total(t.ballots))
		for _, typ := range f.types {
			add(item(typ), t.ballots[typ])
		}
	}
	if f.left >= 0 {
		out.BallotCounts = append(out.BallotCounts, nisterr.BallotCounts{GpUnitId: string(countyID), Type: nisterr.CountItemTypeProvisional,
			BallotsOutstanding: nisterr.Some(f.left)})
	}
	for k := range f.races {
		out.Candidate = append(out.Candidate, candidates(&f.races[k])...)
		out.Contest = append(out.Contest, f.contest(k))
	}
	return out
}

// choiceID is unique in the whole file, as XML asks for.
func choiceID(r *race, ch election.Choice) string { return string(r.ID) + "." + string(ch.ID) }

// candidates are the people of a contest: one for each choice, of a ticket two,
// and who asks to stay in office.
func candidates(r *race) (out []nisterr.Candidate) {
	if r.Kind == election.RetentionContest {
		return []nisterr.Candidate{{ID: "judge." + string(r.ID), BallotName: text(r.Holder), IsIncumbent: nisterr.Some(true)}}
	}
	for _, ch := range r.Choices {
		if r.Kind != election.CandidateContest || ch.ID == "write-in" {
			continue
		}
		names := ch.Ticket
		if len(names) == 0 {
			names = []election.Text{ch.Name}
		}
		for i, name := range names {
			p := nisterr.Candidate{ID: candidateID(r, ch, i), BallotName: text(name)}
			if len(ch.Parties) > 0 {
				p.PartyId = "party." + string(ch.Parties[0])
			}
			if ch.Withdrawn {
				p.PreElectionStatus = nisterr.CandidatePreElectionStatusWithdrawn
			}
			out = append(out, p)
		}
	}
	return out
}

func candidateID(r *race, ch election.Choice, nth int) string {
	return "candidate." + choiceID(r, ch) + []string{"", ".second"}[nth]
}

func (f *nistFile) contest(k int) nisterr.Contest {
	r := &f.races[k]
	out := nisterr.Contest{ID: string(r.ID), Name: r.Name["en"], BallotTitle: text(r.Name), ElectionDistrictId: "district." + string(r.District),
		VoteVariation: nisterr.VoteVariation(r.Variation), SequenceOrder: nisterr.Some(int64(k + 1))}
	switch r.Kind {
	case election.CandidateContest:
		out.Kind = nisterr.CandidateContest
		out.VotesAllowed, out.NumberElected = nisterr.Some(int64(r.VotesAllowed)), nisterr.Some(int64(r.Elected))
	case election.RetentionContest:
		out.Kind, out.CandidateId, out.FullText = nisterr.RetentionContest, "judge."+string(r.ID), text(r.Question)
	default:
		out.Kind, out.FullText = nisterr.BallotMeasureContest, text(r.Question)
	}
	for i := range r.Choices {
		out.ContestSelection = append(out.ContestSelection, f.selection(k, i))
	}
	for i := range f.tapes {
		if rc := f.tapes[i].find(k); rc != nil {
			out.OtherCounts = append(out.OtherCounts, nisterr.OtherCounts{GpUnitId: string(f.tapes[i].unit),
				Overvotes: nisterr.Some(float64(total(rc.over))), Undervotes: nisterr.Some(float64(total(rc.under)))})
		}
	}
	return out
}

func (f *nistFile) selection(k, choice int) nisterr.ContestSelection {
	r, ch := &f.races[k], f.races[k].Choices[choice]
	s := nisterr.ContestSelection{Kind: nisterr.BallotMeasureSelection, ID: choiceID(r, ch), SequenceOrder: nisterr.Some(int64(choice + 1))}
	if r.Kind == election.CandidateContest {
		s.Kind = nisterr.CandidateSelection
		f.people(&s, r, ch)
	} else {
		s.Selection = text(ch.Name)
	}
	for i := range f.tapes {
		if rc := f.tapes[i].find(k); rc != nil {
			s.VoteCounts = append(s.VoteCounts, f.votes(f.tapes[i].unit, rc.votes[choice])...)
		}
	}
	if f.rounds && k == f.rankedRace() {
		s.VoteCounts = append(s.VoteCounts, f.roundCounts(choice)...)
	}
	return s
}

// people says whom a choice stands for.
func (f *nistFile) people(s *nisterr.ContestSelection, r *race, ch election.Choice) {
	if ch.Kind == election.WriteIn {
		s.IsWriteIn = nisterr.Some(true)
	}
	if ch.ID == "write-in" {
		return
	}
	for i := range max(1, len(ch.Ticket)) {
		s.CandidateIds = append(s.CandidateIds, candidateID(r, ch, i))
	}
	if len(ch.Parties) > 1 {
		for _, p := range ch.Parties {
			s.EndorsementPartyIds = append(s.EndorsementPartyIds, "party."+string(p))
		}
	}
}

func (f *nistFile) votes(unit election.UnitID, n [types]int64) []nisterr.VoteCounts {
	out := []nisterr.VoteCounts{{GpUnitId: string(unit), Type: nisterr.CountItemTypeTotal, Count: nisterr.Some(float64(total(n)))}}
	for _, t := range f.types {
		out = append(out, nisterr.VoteCounts{GpUnitId: string(unit), Type: item(t), Count: nisterr.Some(float64(n[t]))})
	}
	return out
}

// roundCounts are a choice's votes in every round of the ranked race.
func (f *nistFile) roundCounts(choice int) (out []nisterr.VoteCounts) {
	for n, r := range f.County.rounds {
		for i, votes := range r.votes {
			if votes != nil {
				out = append(out, nisterr.VoteCounts{GpUnitId: string(f.leaves[i].unit), Type: nisterr.CountItemTypeTotal,
					Round: nisterr.Some(int64(n + 1)), Count: nisterr.Some(float64(votes[choice]))})
			}
		}
	}
	return out
}
