// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"slices"
	"sort"
	"strings"

	"hustings/election"
)

// person is a candidate as NIST and VIP files have him.
type person struct {
	name                 election.Text
	party                election.PartyID
	incumbent, withdrawn bool
	external             map[string]string
}

// selection is an answer to a contest as NIST and VIP files have it.
type selection struct {
	id         string
	candidates []string           // several on a ticket
	parties    []election.PartyID // endorsing ones; of a party selection, the parties
	party      bool               // a party selection
	writeIn    bool
	answer     election.Text // of a measure
	external   map[string]string
}

// cast is everybody that the selections of a file refer to.
type cast struct {
	people  map[string]person
	parties map[election.PartyID]election.Text
}

// Keys of External maps under which ids of people and offices are kept, so
// that they can be written back.
const (
	candidateKey = "candidate-id"
	officeKey    = "office-id"
	nameKey      = "file-name" // of a contest: what files call it, where ballots have another title
)

// writeInName is what a line for write-ins is called that has no name.
const writeInName = "Write-in"

// choice makes a choice of a selection.
func (c *cast) choice(s selection, n *notes, line int) election.Choice {
	ch := election.Choice{ID: election.ChoiceID(unmarkID(s.id)), Kind: election.Candidate, External: s.external}
	switch {
	case s.answer != nil:
		ch.Name, ch.Kind = s.answer, answerKind(s.answer)
		return ch
	case s.party:
		ch.Kind = election.Ticket
		ch.Parties = s.parties
		ch.Name = joined(s.parties, func(p election.PartyID) election.Text { return c.parties[p] })
	default:
		c.stand(&ch, s, n, line)
	}
	if len(ch.Name) == 0 {
		ch.Name = election.T(s.id)
		n.at(line, Warn, "no_choice_name", s.id, "id", s.id)
	}
	return ch
}

// stand fills in who stands for election.
func (c *cast) stand(ch *election.Choice, s selection, n *notes, line int) {
	var kept []string
	for _, id := range s.candidates {
		p, ok := c.people[id]
		if !ok {
			n.at(line, Hold, "no_candidate", s.id, "id", id, "choice", s.id)
			continue
		}
		if p.party != "" && !slices.Contains(ch.Parties, p.party) {
			ch.Parties = append(ch.Parties, p.party)
		}
		ch.Incumbent = ch.Incumbent || p.incumbent
		ch.Withdrawn = ch.Withdrawn || p.withdrawn
		if len(kept) == 0 {
			ch.External = union(ch.External, p.external)
		}
		if !isMarked(id) {
			kept = append(kept, id)
		}
	}
	for _, p := range s.parties {
		if !slices.Contains(ch.Parties, p) {
			ch.Parties = append(ch.Parties, p)
		}
	}
	name := func(id string) election.Text { return c.people[id].name }
	ch.Name = joined(s.candidates, name)
	if len(s.candidates) > 1 {
		for _, id := range s.candidates {
			ch.Ticket = append(ch.Ticket, c.people[id].name)
		}
	}
	if len(kept) == len(s.candidates) && len(kept) > 0 {
		ch.External = union(ch.External, map[string]string{candidateKey: strings.Join(kept, " ")})
	}
	if s.writeIn {
		ch.Kind = election.WriteIn
		if len(ch.Name) == 0 {
			ch.Name = election.T(writeInName)
		}
	}
}

// union is both maps in a new one; nil for nothing.
func union(a, b map[string]string) map[string]string {
	if len(a)+len(b) == 0 {
		return nil
	}
	out := make(map[string]string, len(a)+len(b))
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}

// joined puts the names of several into one, in every language that any has.
func joined[T any](list []T, name func(T) election.Text) election.Text {
	if len(list) == 1 {
		return name(list[0])
	}
	var out election.Text
	for _, one := range list {
		for tag := range name(one) {
			if _, done := out[tag]; done {
				continue
			}
			parts := make([]string, 0, len(list))
			for _, each := range list {
				parts = append(parts, name(each).In(tag))
			}
			if out == nil {
				out = make(election.Text)
			}
			out[tag] = strings.Join(parts, " / ")
		}
	}
	return out
}

// answers is how measures say yes and no.
var answers = map[string]election.ChoiceKind{
	"yes": election.Yes, "no": election.No, "si": election.Yes, "for": election.Yes, "against": election.No,
	"approve": election.Yes, "reject": election.No, "approved": election.Yes, "rejected": election.No,
	"retain": election.Yes, "do not retain": election.No, "remove": election.No, "oppose": election.No,
	"support": election.Yes, "yea": election.Yes, "nay": election.No, "accept": election.Yes,
	"yes/si": election.Yes, "yes / si": election.Yes, "no/no": election.No, "bonds yes": election.Yes, "bonds no": election.No,
	"for the measure": election.Yes, "against the measure": election.No, "for the amendment": election.Yes,
	"against the amendment": election.No, "levy yes": election.Yes, "levy no": election.No,
}

// answerKind says whether a measure's answer means yes or no.
func answerKind(t election.Text) election.ChoiceKind {
	k := strings.TrimRight(fold(t.String()), ".!")
	if kind, ok := answers[k]; ok {
		return kind
	}
	first, _, _ := strings.Cut(strings.NewReplacer(",", " ", "-", " ", "–", " ", ":", " ").Replace(k), " ")
	if first == "yes" || first == "no" {
		return answers[first]
	}
	return election.Option
}

// complete fills in what a file left out about a contest and follows from the
// rest.
func complete(c *election.Contest) {
	if c.VotesAllowed == 0 {
		c.VotesAllowed = 1
	}
	if c.Variation == "" {
		c.Variation = election.Plurality
		if c.VotesAllowed > 1 {
			c.Variation = election.NofM
		}
	}
	if c.Kind == election.CandidateContest && c.Elected == 0 {
		c.Elected = c.VotesAllowed
		if c.Variation == election.Ranked {
			c.Elected = 1 // the votes are ranks
		}
	}
}

// member is one name of a choice, as it is written as a candidate.
type member struct {
	id   string // that it had in a file; empty: none
	name election.Text
}

// members are the people of a choice; none for lines that are not people.
func members(c election.Choice) []member {
	switch c.Kind {
	case election.Candidate:
	case election.WriteIn:
		if c.External[candidateKey] == "" && len(c.Parties) == 0 && len(c.Name) == 1 && c.Name["en"] == writeInName {
			return nil
		}
	default:
		return nil
	}
	names := c.Ticket
	if len(names) < 2 {
		names = []election.Text{c.Name}
	}
	ids := strings.Fields(c.External[candidateKey])
	out := make([]member, len(names))
	for i, n := range names {
		out[i].name = n
		if len(ids) == len(names) {
			out[i].id = ids[i]
		}
	}
	return out
}

// isGenericWriteIn says whether a write-in line stands for whoever is written in.
func isGenericWriteIn(t election.Text) bool {
	k := strings.NewReplacer("-", "", " ", "").Replace(fold(t.String()))
	return k == "" || k == "writein" || k == "writeins"
}

// knownParties keeps the parties that the definition has.
func knownParties(list []election.PartyID, ids map[election.PartyID]string) []string {
	var out []string
	for _, p := range list {
		if id, ok := ids[p]; ok {
			out = append(out, id)
		}
	}
	return out
}

// orders keeps the order of choices on a style where it is not the contest's.
func orders(style *election.Style, con *election.Contest, listed []string) {
	if len(listed) == 0 {
		return
	}
	var want, have []election.ChoiceID
	on := make(map[election.ChoiceID]bool, len(listed))
	for _, id := range listed {
		c := election.ChoiceID(unmarkID(id))
		on[c] = true
		want = append(want, c)
	}
	for _, ch := range con.Choices {
		if on[ch.ID] {
			have = append(have, ch.ID)
		}
	}
	if len(have) == len(con.Choices) && slices.Equal(want, have) {
		return
	}
	if style.Orders == nil {
		style.Orders = make(map[election.ContestID][]election.ChoiceID)
	}
	style.Orders[con.ID] = want
}

// tags lists the languages of a wording, English first.
func tags(t election.Text) []string {
	out := make([]string, 0, len(t))
	for tag := range t {
		out = append(out, tag)
	}
	sort.Slice(out, func(i, j int) bool {
		if (out[i] == "en") != (out[j] == "en") {
			return out[i] == "en"
		}
		return out[i] < out[j]
	})
	return out
}
