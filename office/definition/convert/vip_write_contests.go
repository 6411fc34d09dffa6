// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strconv"

	"hustings/election"
	"hustings/format/vip"
)

// contest writes a contest, its selections, and the candidates and offices it
// speaks of.
func (w *vipWriter) contest(i int) {
	c := &w.def.Contests[i]
	id := w.contests[c.ID]
	base := vip.Contest{
		Element: vip.Element{ID: id}, Name: fileName(c), BallotSubTitle: vipWords(c.Subtitle, ""), ElectoralDistrictID: w.districtFor(c),
		SequenceOrder: vip.Some(i + 1), ExternalIdentifiers: vipIdentifiers(withoutKey(c.External, otherVariationKey), changed(string(id), string(c.ID))),
	}
	if !isOnlyName(c) {
		base.BallotTitle = vipWords(c.Name, "")
	}
	if c.Rotates {
		base.HasRotation = vip.Some(true)
	}
	base.VoteVariation, base.OtherVoteVariation = variation(c)
	for _, ch := range c.Choices {
		base.BallotSelectionIDs = append(base.BallotSelectionIDs, w.selection(i, c, ch))
	}
	switch c.Kind {
	case election.MeasureContest:
		w.out.BallotMeasureContests = append(w.out.BallotMeasureContests, measureOf(base, c))
	case election.RetentionContest:
		w.retention(base, i)
	case election.PartyContest:
		w.out.PartyContests = append(w.out.PartyContests, vip.PartyContest{Contest: base})
	default:
		x := vip.CandidateContest{Contest: base, VotesAllowed: vip.Some(c.VotesAllowed), OfficeIDs: w.officesOf(c)}
		if c.Elected > 0 {
			x.NumberElected = vip.Some(c.Elected)
		}
		if p, ok := w.parties[c.PrimaryParty]; ok {
			x.PrimaryPartyIDs = []vip.ID{vip.ID(p)}
		}
		w.out.CandidateContests = append(w.out.CandidateContests, x)
	}
}

func measureOf(base vip.Contest, c *election.Contest) vip.BallotMeasureContest {
	x := vip.BallotMeasureContest{Contest: base, FullText: vipWords(c.Question, "")}
	if c.Threshold != nil {
		x.PassageThreshold = vip.English(thresholdText(*c.Threshold))
	}
	return x
}

func (w *vipWriter) retention(base vip.Contest, i int) {
	c := &w.def.Contests[i]
	holder := c.Holder
	if len(holder) == 0 {
		holder = c.Name
	}
	x := vip.RetentionContest{BallotMeasureContest: measureOf(base, c)}
	x.CandidateID = w.candidate(member{id: c.External[candidateKey], name: holder}, "h"+strconv.Itoa(i), vip.Candidate{}, string(c.ID))
	if ids := w.officesOf(c); len(ids) > 0 {
		x.OfficeID = ids[0]
	}
	w.out.RetentionContests = append(w.out.RetentionContests, x)
}

// districtFor is where a contest is held; for one without a district, one that
// covers everything is made.
func (w *vipWriter) districtFor(c *election.Contest) vip.ID {
	if id, ok := w.districts[c.District]; ok {
		return id
	}
	if w.everywhere == "" {
		d := election.District{Name: election.T(issuer(w.def)), Type: "other"}
		if root := rootOf(w.def); root != nil {
			d.ID, d.Type, d.External = election.DistrictID(root.ID), string(root.Type), root.External
		}
		if id, ok := w.districts[d.ID]; ok {
			w.everywhere = id
			return id
		}
		w.everywhere = vip.ID(w.ids.mark("area", string(d.ID)))
		x := vip.ElectoralDistrict{Element: vip.Element{ID: w.everywhere}, Name: d.Name.String(), ExternalIdentifiers: vipIdentifiers(d.External, "")}
		x.Type, x.OtherType = districtType(d.Type, d.External)
		w.out.ElectoralDistricts = append(w.out.ElectoralDistricts, x)
	}
	return w.everywhere
}

func (w *vipWriter) officesOf(c *election.Contest) []vip.ID {
	var out []vip.ID
	for _, o := range officesOf(c) {
		key := o.id + "\x00" + o.name
		id, done := w.officeIDs[key]
		if !done {
			if id = vip.ID(o.id); o.id == "" || w.ids[o.id] {
				id = vip.ID(w.ids.mark("o", o.name))
			} else {
				id = vip.ID(w.ids.take("o", o.id))
			}
			w.officeIDs[key] = id
			w.out.Offices = append(w.out.Offices, vip.Office{Element: vip.Element{ID: id}, Name: vip.English(o.name), ElectoralDistrictID: w.districtFor(c)})
		}
		out = append(out, id)
	}
	return out
}

// selection writes a choice and returns its id.
func (w *vipWriter) selection(i int, c *election.Contest, ch election.Choice) vip.ID {
	id := vip.ID(w.choices[i][ch.ID])
	base := vip.Selection{Element: vip.Element{ID: id}}
	parties := knownParties(ch.Parties, w.parties)
	switch {
	case c.Kind == election.MeasureContest || c.Kind == election.RetentionContest:
		w.out.BallotMeasureSelections = append(w.out.BallotMeasureSelections, vip.BallotMeasureSelection{Selection: base, Answer: vipWords(ch.Name, string(ch.ID))})
		return id
	case c.Kind == election.PartyContest && len(parties) > 0:
		w.out.PartySelections = append(w.out.PartySelections, vip.PartySelection{Selection: base, PartyIDs: vipIDs(parties)})
		return id
	}
	out := vip.CandidateSelection{Selection: base}
	if ch.Kind == election.WriteIn {
		out.IsWriteIn = vip.Some(true)
	}
	like := vip.Candidate{ExternalIdentifiers: vipIdentifiers(ch.External, changed(string(id), string(ch.ID)))}
	if len(parties) > 0 {
		like.PartyID = vip.ID(parties[0])
		out.EndorsementPartyIDs = vipIDs(parties[1:])
	}
	if ch.Incumbent {
		like.IsIncumbent = vip.Some(true)
	}
	if ch.Withdrawn {
		like.PreElectionStatus = "withdrawn"
	}
	for k, m := range members(ch) {
		if len(ch.Ticket) > 1 {
			like.IsTopTicket = vip.Some(k == 0)
		}
		out.CandidateIDs = append(out.CandidateIDs, w.candidate(m, "m"+strconv.Itoa(i)+"x"+strconv.Itoa(k), like, string(ch.ID)))
		like.ExternalIdentifiers = nil
	}
	if len(out.CandidateIDs) == 0 { // feeds want somebody for every line, even one to write on
		out.CandidateIDs = []vip.ID{w.candidate(member{name: ch.Name}, "m"+strconv.Itoa(i), vip.Candidate{}, string(ch.ID))}
	}
	w.out.CandidateSelections = append(w.out.CandidateSelections, out)
	return id
}

func vipIDs(list []string) []vip.ID {
	var out []vip.ID
	for _, id := range list {
		out = append(out, vip.ID(id))
	}
	return out
}

// candidate writes a person, and returns the id. One whose id is there already
// under the same name is the same person.
func (w *vipWriter) candidate(m member, kind string, like vip.Candidate, choice string) vip.ID {
	name := m.name
	if len(name) == 0 {
		name = election.T(choice)
	}
	if at, ok := w.people[m.id]; ok && vipText(w.out.Candidates[at].BallotName).String() == name.String() {
		if have := &w.out.Candidates[at]; have.ExternalIdentifiers == nil {
			have.ExternalIdentifiers = like.ExternalIdentifiers
		}
		return vip.ID(m.id)
	}
	id := m.id
	if id != "" && !w.ids[id] {
		id = w.ids.take("n", id)
	} else {
		id = w.ids.mark(kind, choice)
	}
	w.people[id] = len(w.out.Candidates)
	like.ID, like.BallotName = vip.ID(id), vipWords(name, choice)
	w.out.Candidates = append(w.out.Candidates, like)
	return vip.ID(id)
}
