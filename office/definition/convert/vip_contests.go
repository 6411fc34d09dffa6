// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/vip"
)

// vipContest is a contest of a feed, of whichever class, with its place in it.
type vipContest struct {
	out   election.Contest
	base  *vip.Contest
	order int // SequenceOrder, 0 where absent
}

// contests takes the contests of all classes, in the order of the ballot.
func (r *vipReader) contests() {
	offices := make(map[vip.ID]string, len(r.feed.Offices))
	for i := range r.feed.Offices {
		offices[r.feed.Offices[i].ID] = vipText(r.feed.Offices[i].Name).String()
	}
	selections := r.selections()
	var list []vipContest
	add := func(c *vip.Contest, kind election.ContestKind, fill func(*election.Contest)) {
		out := r.contest(c, kind)
		fill(&out)
		for _, id := range c.BallotSelectionIDs {
			s, ok := selections[id]
			if !ok {
				continue // the reader of feeds has said so
			}
			out.Choices = append(out.Choices, r.cast.choice(s, r.notes, c.Line))
		}
		complete(&out)
		list = append(list, vipContest{out, c, c.SequenceOrder.Value})
	}
	for i := range r.feed.PartyContests {
		add(&r.feed.PartyContests[i].Contest, election.PartyContest, func(*election.Contest) {})
	}
	for i := range r.feed.CandidateContests {
		c := &r.feed.CandidateContests[i]
		add(&c.Contest, election.CandidateContest, func(out *election.Contest) {
			out.VotesAllowed, out.Elected = c.VotesAllowed.Value, c.NumberElected.Value
			if len(c.PrimaryPartyIDs) > 0 {
				out.PrimaryParty = partyOf(c.PrimaryPartyIDs[0])
			}
			if len(c.PrimaryPartyIDs) > 1 {
				r.notes.at(c.Line, Warn, "one_primary_party", string(c.ID), "contest", out.Name.String(), "party", string(c.PrimaryPartyIDs[0]))
			}
			setOffices(out, c.OfficeIDs, offices)
		})
	}
	for i := range r.feed.RetentionContests {
		c := &r.feed.RetentionContests[i]
		add(&c.Contest, election.RetentionContest, func(out *election.Contest) {
			r.question(out, &c.BallotMeasureContest)
			out.Holder = r.cast.people[string(c.CandidateID)].name
			if !isMarked(string(c.CandidateID)) && c.CandidateID != "" {
				out.External = union(out.External, map[string]string{candidateKey: string(c.CandidateID)})
			}
			if c.OfficeID != "" {
				setOffices(out, []vip.ID{c.OfficeID}, offices)
			}
		})
	}
	for i := range r.feed.BallotMeasureContests {
		c := &r.feed.BallotMeasureContests[i]
		add(&c.Contest, election.MeasureContest, func(out *election.Contest) { r.question(out, c) })
	}
	r.def.Contests = ballotOrder(list, r.feed)
}

// ballotOrder sorts contests by their sequence; where the feed has none, as the
// ballot styles have them.
func ballotOrder(list []vipContest, feed *vip.Feed) []election.Contest {
	sequenced := !slices.ContainsFunc(list, func(c vipContest) bool { return c.order == 0 })
	if sequenced {
		slices.SortStableFunc(list, func(a, b vipContest) int { return cmp.Compare(a.order, b.order) })
	} else if order := styleOrder(feed); len(order) > 0 {
		at := func(c vipContest) int {
			if i, ok := order[c.base.ID]; ok {
				return i
			}
			return len(order)
		}
		slices.SortStableFunc(list, func(a, b vipContest) int { return cmp.Compare(at(a), at(b)) })
	}
	var out []election.Contest
	for _, c := range list {
		out = append(out, c.out)
	}
	return out
}

// styleOrder merges the orders of all ballot styles: a contest that a style
// adds stands behind the one that is before it on that style.
func styleOrder(feed *vip.Feed) map[vip.ID]int {
	ordered := make(map[vip.ID]vip.ID, len(feed.OrderedContests))
	for i := range feed.OrderedContests {
		ordered[feed.OrderedContests[i].ID] = feed.OrderedContests[i].ContestID
	}
	var all []vip.ID
	seen := make(map[vip.ID]bool)
	for i := range feed.BallotStyles {
		last := -1
		for _, oc := range feed.BallotStyles[i].OrderedContestIDs {
			id := ordered[oc]
			if id == "" {
				continue
			}
			if seen[id] {
				last = max(last, slices.Index(all, id))
				continue
			}
			seen[id] = true
			last++
			all = slices.Insert(all, last, id)
		}
	}
	at := make(map[vip.ID]int, len(all))
	for i, id := range all {
		at[id] = i
	}
	return at
}

// contest takes what contests of all classes have.
func (r *vipReader) contest(c *vip.Contest, kind election.ContestKind) election.Contest {
	id, codes := vipExternals(c.ID, c.ExternalIdentifiers)
	out := election.Contest{ID: election.ContestID(id), Kind: kind, Variation: election.Variation(c.VoteVariation), Subtitle: vipText(c.BallotSubTitle),
		Rotates: c.HasRotation.Value, External: codes}
	if c.VoteVariation == "1-of-m" {
		out.Variation = election.Plurality
	}
	if c.VoteVariation == "other" && c.OtherVoteVariation != "" {
		out.External = union(out.External, map[string]string{otherVariationKey: c.OtherVoteVariation})
	}
	if c.ElectoralDistrictID != "" {
		out.District = election.DistrictID(unmarkID(string(c.ElectoralDistrictID)))
	}
	setTitle(&out, vipText(c.BallotTitle), strings.TrimSpace(c.Name))
	return out
}

// otherVariationKey is where a vote variation is kept that has no code.
const otherVariationKey = "other-variation"

func setOffices(out *election.Contest, ids []vip.ID, offices map[vip.ID]string) {
	var names, kept []string
	for _, id := range ids {
		name, ok := offices[id]
		if !ok {
			continue
		}
		names = append(names, cmp.Or(name, string(id)))
		if !isMarked(string(id)) {
			kept = append(kept, string(id))
		}
	}
	out.Office = strings.Join(names, " / ")
	if len(kept) > 0 {
		out.External = union(out.External, map[string]string{officeKey: strings.Join(kept, " ")})
	}
}

func (r *vipReader) question(out *election.Contest, c *vip.BallotMeasureContest) {
	out.Question = vipText(c.FullText)
	if len(out.Question) == 0 {
		out.Question = vipText(c.SummaryText)
	}
	passage := vipText(c.PassageThreshold).String()
	if passage == "" {
		return
	}
	if t, ok := threshold(passage); ok {
		out.Threshold = &t
		return
	}
	r.notes.at(c.Line, Hold, "threshold_unread", string(c.ID), "contest", out.Name.String(), "text", passage)
}

// selections lists the selections of all classes by id.
func (r *vipReader) selections() map[vip.ID]selection {
	all := make(map[vip.ID]selection, len(r.feed.CandidateSelections)+len(r.feed.BallotMeasureSelections))
	for i := range r.feed.CandidateSelections {
		s := &r.feed.CandidateSelections[i]
		in := selection{id: string(s.ID), parties: partiesOf(s.EndorsementPartyIDs), writeIn: s.IsWriteIn.Value}
		for _, c := range s.CandidateIDs {
			in.candidates = append(in.candidates, string(c))
		}
		all[s.ID] = in
	}
	for i := range r.feed.BallotMeasureSelections {
		s := &r.feed.BallotMeasureSelections[i]
		in := selection{id: string(s.ID), answer: vipText(s.Answer)}
		if len(in.answer) == 0 {
			in.answer = election.T(string(s.ID))
		}
		all[s.ID] = in
	}
	for i := range r.feed.PartySelections {
		s := &r.feed.PartySelections[i]
		all[s.ID] = selection{id: string(s.ID), party: true, parties: partiesOf(s.PartyIDs)}
	}
	return all
}

// styles makes ballot styles; the units are those of the precincts that name
// the style.
func (r *vipReader) styles() {
	contests := make(map[election.ContestID]*election.Contest, len(r.def.Contests))
	for i := range r.def.Contests {
		contests[r.def.Contests[i].ID] = &r.def.Contests[i]
	}
	ids := make(map[vip.ID]election.ContestID)
	for _, c := range bases(r.feed) {
		own, _ := vipExternals(c.ID, c.ExternalIdentifiers)
		ids[c.ID] = election.ContestID(own)
	}
	ordered := make(map[vip.ID]*vip.OrderedContest, len(r.feed.OrderedContests))
	for i := range r.feed.OrderedContests {
		ordered[r.feed.OrderedContests[i].ID] = &r.feed.OrderedContests[i]
	}
	units := make(map[vip.ID][]election.UnitID)
	for i := range r.feed.Precincts {
		p := &r.feed.Precincts[i]
		if p.BallotStyleID != "" {
			units[p.BallotStyleID] = append(units[p.BallotStyleID], r.units[p.ID])
		}
		for _, id := range furtherStyles(p) {
			units[id] = append(units[id], r.units[p.ID])
		}
	}
	for i := range r.feed.BallotStyles {
		s := &r.feed.BallotStyles[i]
		out := election.Style{ID: election.StyleID(unmarkID(string(s.ID))), Units: units[s.ID]}
		if len(s.PartyIDs) > 0 {
			out.Party = partyOf(s.PartyIDs[0])
		}
		for _, oc := range s.OrderedContestIDs {
			o := ordered[oc]
			if o == nil {
				continue
			}
			con := contests[ids[o.ContestID]]
			if con == nil || slices.Contains(out.Contests, con.ID) {
				continue
			}
			out.Contests = append(out.Contests, con.ID)
			var listed []string
			for _, id := range o.OrderedBallotSelectionIDs {
				listed = append(listed, string(id))
			}
			orders(&out, con, listed)
		}
		r.def.Styles = append(r.def.Styles, out)
	}
}

// styleMark is the kind of the external identifiers in which our own feeds keep
// a precinct's ballot styles after the first.
const styleMark = ourMark + "-style"

func furtherStyles(p *vip.Precinct) []vip.ID {
	if p.ExternalIdentifiers == nil {
		return nil
	}
	var out []vip.ID
	for _, x := range p.ExternalIdentifiers.Identifiers {
		if x.OtherType == styleMark {
			out = append(out, vip.ID(strings.TrimSpace(x.Value)))
		}
	}
	return out
}

// bases lists the contests of all classes.
func bases(f *vip.Feed) []*vip.Contest {
	var out []*vip.Contest
	for i := range f.CandidateContests {
		out = append(out, &f.CandidateContests[i].Contest)
	}
	for i := range f.BallotMeasureContests {
		out = append(out, &f.BallotMeasureContests[i].Contest)
	}
	for i := range f.RetentionContests {
		out = append(out, &f.RetentionContests[i].Contest)
	}
	for i := range f.PartyContests {
		out = append(out, &f.PartyContests[i].Contest)
	}
	return out
}
