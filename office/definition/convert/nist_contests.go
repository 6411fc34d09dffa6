// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/nisterr"
)

// contest writes a contest, and the candidates and offices it speaks of.
func (w *nistWriter) contest(i int) nisterr.Contest {
	c := &w.def.Contests[i]
	id := w.contests[c.ID]
	out := nisterr.Contest{
		Kind: nistKind(c.Kind), ID: id, Name: fileName(c), BallotSubTitle: intl(c.Subtitle), ElectionDistrictId: w.districtOf(c),
		ExternalIdentifier: identifiers(withoutKey(c.External, otherVariationKey), [2]string{ourMark, changed(id, string(c.ID))}),
	}
	if !isOnlyName(c) {
		out.BallotTitle = intl(c.Name)
	}
	if c.Rotates {
		out.HasRotation = nisterr.Some(true)
	}
	out.VoteVariation = nisterr.VoteVariation(c.Variation)
	if !out.VoteVariation.Valid() {
		out.VoteVariation, out.OtherVoteVariation = nisterr.VoteVariationOther, string(c.Variation)
	} else if out.VoteVariation == nisterr.VoteVariationOther {
		out.OtherVoteVariation = c.External[otherVariationKey]
	}
	w.kind(&out, i)
	for _, ch := range c.Choices {
		out.ContestSelection = append(out.ContestSelection, w.selection(i, c, ch))
	}
	return out
}

func nistKind(k election.ContestKind) nisterr.ContestKind {
	for nist, ours := range nistKinds {
		if ours == k {
			return nist
		}
	}
	return nisterr.CandidateContest
}

// fileName is what files call a contest.
func fileName(c *election.Contest) string {
	if n := c.External[nameKey]; n != "" {
		return n
	}
	if n := c.Name.String(); n != "" {
		return n
	}
	return string(c.ID)
}

// isOnlyName says whether a contest has no other title than its English name.
func isOnlyName(c *election.Contest) bool {
	return len(c.Name) == 1 && c.Name["en"] != "" && c.External[nameKey] == ""
}

func withoutKey(m map[string]string, key string) map[string]string {
	if _, has := m[key]; !has {
		return m
	}
	out := union(m, nil)
	delete(out, key)
	return out
}

// districtOf is where a contest is held; without a district, everywhere.
func (w *nistWriter) districtOf(c *election.Contest) string {
	if id, ok := w.districts[c.District]; ok {
		return id
	}
	return w.units[w.def.Election.Scope]
}

// kind writes what only some kinds of contests have.
func (w *nistWriter) kind(out *nisterr.Contest, i int) {
	c := &w.def.Contests[i]
	switch out.Kind {
	case nisterr.CandidateContest:
		out.VotesAllowed = nisterr.Some(int64(c.VotesAllowed))
		if c.Elected > 0 {
			out.NumberElected = nisterr.Some(int64(c.Elected))
		}
		out.OfficeIds = w.officesOf(c)
		if id, ok := w.parties[c.PrimaryParty]; ok {
			out.PrimaryPartyIds = []string{id}
		}
	case nisterr.RetentionContest:
		if ids := w.officesOf(c); len(ids) > 0 {
			out.OfficeId = ids[0]
		}
		holder := c.Holder
		if len(holder) == 0 {
			holder = c.Name
		}
		out.CandidateId = w.candidate(member{id: c.External[candidateKey], name: holder}, "h"+strconv.Itoa(i), nisterr.Candidate{}, string(c.ID))
		w.question(out, c)
	case nisterr.BallotMeasureContest:
		w.question(out, c)
	}
}

func (w *nistWriter) question(out *nisterr.Contest, c *election.Contest) {
	out.FullText = intl(c.Question)
	if c.Threshold != nil {
		out.PassageThreshold = nisterr.Text("en", thresholdText(*c.Threshold))
	}
}

// officesOf writes the offices of a contest, each once in the report.
func (w *nistWriter) officesOf(c *election.Contest) []string {
	var out []string
	for _, o := range officesOf(c) {
		key := o.id + "\x00" + o.name
		id, done := w.officeIDs[key]
		if !done {
			id = w.officeID(o)
			w.officeIDs[key] = id
			w.offices = append(w.offices, nisterr.Office{ID: id, Name: nisterr.Text("en", o.name)})
		}
		out = append(out, id)
	}
	return out
}

func (w *nistWriter) officeID(o office) string {
	if o.id != "" && !w.ids[o.id] {
		return w.ids.take("o", o.id)
	}
	return w.ids.mark("o", o.name)
}

// office is one that a contest elects to.
type office struct{ id, name string }

// officesOf takes a contest's offices apart again: "President / Vice President".
func officesOf(c *election.Contest) []office {
	if c.Office == "" {
		return nil
	}
	ids := strings.Fields(c.External[officeKey])
	names := strings.Split(c.Office, " / ")
	if len(ids) != len(names) {
		if len(ids) == 1 {
			return []office{{ids[0], c.Office}}
		}
		return []office{{"", c.Office}}
	}
	var out []office
	for i := range ids {
		out = append(out, office{ids[i], names[i]})
	}
	return out
}

// selection writes a choice.
func (w *nistWriter) selection(i int, c *election.Contest, ch election.Choice) nisterr.ContestSelection {
	id := w.choices[i][ch.ID]
	out := nisterr.ContestSelection{ID: id}
	switch {
	case c.Kind == election.MeasureContest || c.Kind == election.RetentionContest:
		out.Kind = nisterr.BallotMeasureSelection
		out.Selection = intl(ch.Name)
		out.ExternalIdentifier = identifiers(ch.External, [2]string{ourMark, changed(id, string(ch.ID))})
		return out
	case c.Kind == election.PartyContest && len(knownParties(ch.Parties, w.parties)) > 0:
		out.Kind = nisterr.PartySelection
		out.PartyIds = knownParties(ch.Parties, w.parties)
		return out
	}
	out.Kind = nisterr.CandidateSelection
	if ch.Kind == election.WriteIn {
		out.IsWriteIn = nisterr.Some(true)
	}
	parties := knownParties(ch.Parties, w.parties)
	like := nisterr.Candidate{ExternalIdentifier: identifiers(ch.External, [2]string{ourMark, changed(id, string(ch.ID))})}
	if len(parties) > 0 {
		like.PartyId = parties[0]
		out.EndorsementPartyIds = parties[1:]
	}
	if ch.Incumbent {
		like.IsIncumbent = nisterr.Some(true)
	}
	if ch.Withdrawn {
		like.PreElectionStatus = nisterr.CandidatePreElectionStatusWithdrawn
	}
	for k, m := range members(ch) {
		if len(ch.Ticket) > 1 {
			like.IsTopTicket = nisterr.Some(k == 0)
		}
		out.CandidateIds = append(out.CandidateIds, w.candidate(m, "m"+strconv.Itoa(i)+"x"+strconv.Itoa(k), like, string(ch.ID)))
		like.ExternalIdentifier = nil // the identifiers are those of the choice, kept with whoever heads it
	}
	return out
}

// candidate writes a person, and returns the id. One whose id is there already
// under the same name is the same person.
func (w *nistWriter) candidate(m member, kind string, like nisterr.Candidate, choice string) string {
	name := m.name
	if len(name) == 0 {
		name = election.T(choice)
	}
	if at, ok := w.people[m.id]; ok && wording(w.candidates[at].BallotName).String() == name.String() {
		if have := &w.candidates[at]; have.ExternalIdentifier == nil {
			have.ExternalIdentifier = like.ExternalIdentifier
		}
		return m.id
	}
	id := m.id
	if id != "" && !w.ids[id] {
		id = w.ids.take("n", id)
	} else {
		id = w.ids.mark(kind, choice)
	}
	w.people[id] = len(w.candidates)
	like.ID, like.BallotName = id, intl(name)
	w.candidates = append(w.candidates, like)
	return id
}
