// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/office/results/tally"
)

func hasDevices(r *run) bool {
	return r.DefinitionHash != "" && slices.ContainsFunc(r.Devices, func(d Device) bool { return d.Definition != "" })
}

// D01: a device with another definition than the certified one. Antrim County
// 2020 changed three ballot designs and updated the cards of one township only.
func (r *run) deviceDefinition() {
	for _, d := range r.devices() {
		if d.Definition != "" && d.Definition != r.DefinitionHash {
			r.say(tally.Block, "", nowhere(), "device", d.Serial, "have", d.Definition, "want", r.DefinitionHash)
		}
	}
}

func (r *run) devices() []Device {
	return inOrder(r.Devices, func(a, b Device) int { return cmp.Compare(a.Serial, b.Serial) })
}

func hasChoices(r *run) bool {
	if slices.ContainsFunc(r.Devices, func(d Device) bool { return len(d.Layouts) > 0 }) {
		return true
	}
	return r.Sheet != nil && !r.x.Def.Derived && len(r.page.blocks) > 0
}

// D02: a device or file with other choices than the definition. DeKalb County
// 2022: a withdrawn candidate stayed on some devices, and all below moved up.
func (r *run) deviceChoices() {
	for _, d := range r.devices() {
		for _, l := range d.Layouts {
			r.layout(d, l)
		}
	}
	if !r.x.Def.Derived {
		for c := range r.page.byContest {
			r.choicesOfFile(int32(c))
		}
	}
}

func (r *run) layout(d Device, l Layout) {
	c, ok := r.x.Contest(l.Contest)
	if !ok {
		r.say(tally.Block, "contest", nowhere(), "device", d.Serial, "name", string(l.Contest))
		return
	}
	var want []election.ChoiceID
	for _, choice := range r.x.Def.Contests[c].Choices {
		want = append(want, choice.ID)
	}
	switch {
	case len(want) != len(l.Choices):
		r.say(tally.Block, "count", atContest(c), "device", d.Serial, "have", len(l.Choices), "want", len(want))
	case !slices.Equal(want, l.Choices):
		i := 0
		for want[i] == l.Choices[i] {
			i++
		}
		r.say(tally.Block, "order", atContest(c), "device", d.Serial, "place", i+1,
			"have", string(l.Choices[i]), "want", string(want[i]))
	}
}

// choicesOfFile looks for a printed choice that a file which does write zeros
// leaves out altogether.
func (r *run) choicesOfFile(contest int32) {
	con := r.x.Def.Contests[contest]
	seen, zeros, votes := make([]bool, len(con.Choices)), false, int64(0)
	for _, i := range r.page.byContest[contest] {
		votes += r.page.blocks[i].votes
		r.page.blocks[i].totals(func(c tally.Cell) {
			seen[c.Choice] = true
			zeros = zeros || c.N == 0
		})
	}
	for choice, here := range seen {
		if k := con.Choices[choice]; !here && zeros && votes >= expectAtAll && !k.Withdrawn && k.Kind != election.WriteIn {
			r.say(tally.Block, "missing", atContest(contest).at(int32(choice)), "votes", votes)
		}
	}
}

func hasDeck(r *run) bool { return r.Sheet != nil && r.Deck != nil && r.Mode == Test }

// D03: the logic-and-accuracy deck must come out exactly as it went in.
// Northampton County 2023 swapped the labels of two Yes/No questions on every
// machine; a deck with as many Yes as No could not have told.
func (r *run) deckComesOut() {
	for _, f := range CompareDeck(r.Deck, r.page.sheet) {
		if r.said++; r.said <= r.rules.MostFindings {
			r.findings = append(r.findings, f)
		} else {
			r.held = tally.Block
		}
	}
}

// CompareDeck compares what a test deck must come to with what was shown at
// the other end: the public page read back, a file, a device's tape. It goes by
// the names that a reader sees, so that exchanged labels show, and the two
// sheets may be in different numberings. It also refuses a deck that could not
// have found an exchange, because two choices have as many votes.
func CompareDeck(expected, shown *tally.Sheet) []tally.Finding {
	var out []tally.Finding
	say := func(variant string, l label, args map[string]string) {
		args["unit"], args["row"], args["type"] = l.unit, strings.TrimPrefix(l.contest+", "+l.choice, ", "), l.typ
		out = append(out, tally.Finding{Check: "D03", Level: tally.Block, Key: "results.check.D03." + variant, Args: args,
			Unit: l.unit, Contest: l.contest, Choice: l.choice})
	}
	want, got := byLabel(expected), byLabel(shown)
	for _, l := range inLabelOrder(want, got) {
		w, asked := want[l]
		g, came := got[l]
		switch {
		case !asked && g != 0:
			say("extra", l, map[string]string{"votes": strconv.FormatInt(g, 10)})
		case asked && !came && w != 0:
			say("missing", l, map[string]string{"expected": strconv.FormatInt(w, 10)})
		case asked && came && w != g:
			say("differs", l, map[string]string{"expected": strconv.FormatInt(w, 10), "votes": strconv.FormatInt(g, 10)})
		}
	}
	return append(out, blindSpots(expected)...)
}

// label is a number's place in the words of the page.
type label struct{ unit, contest, choice, typ string }

func byLabel(s *tally.Sheet) map[label]int64 {
	out := make(map[label]int64)
	for _, c := range lay(s.Index, s).cells {
		if c.Choice == tally.Registered || c.Round != 0 {
			continue
		}
		out[labelOf(s.Index, c)] += c.N
	}
	return out
}

func labelOf(x *tally.Index, c tally.Cell) label {
	l := label{unit: x.UnitName(c.Unit), choice: x.ChoiceName(max(c.Contest, 0), c.Choice), typ: "total"}
	if c.Contest >= 0 {
		l.contest = x.Def.Contests[c.Contest].Name.String()
	}
	if c.Type != tally.TotalType {
		l.typ = x.Def.VoteTypes[c.Type-1].Name.String()
	}
	return l
}

func inLabelOrder(lists ...map[label]int64) []label {
	seen := make(map[label]bool)
	var out []label
	for _, list := range lists {
		for l := range list {
			if !seen[l] {
				seen[l] = true
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b label) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.contest, b.contest), cmp.Compare(a.choice, b.choice), cmp.Compare(a.typ, b.typ))
	})
	return out
}

// blindSpots lists the contests of a deck in which two choices have as many
// votes over all units, so that exchanging them would change nothing.
func blindSpots(deck *tally.Sheet) []tally.Finding {
	x := deck.Index
	sums := make([]map[int32]int64, len(x.Def.Contests))
	for _, c := range lay(x, deck).cells {
		if c.Contest >= 0 && c.Choice >= 0 && c.Type == tally.TotalType && c.Round == 0 && x.Def.Contests[c.Contest].Choices[c.Choice].Kind != election.WriteIn {
			if sums[c.Contest] == nil {
				sums[c.Contest] = make(map[int32]int64)
			}
			sums[c.Contest][c.Choice] += c.N
		}
	}
	var out []tally.Finding
	for contest, votes := range sums {
		name := x.Def.Contests[contest].Name.String()
		first := make(map[int64]int32)
		for choice := range int32(len(x.Def.Contests[contest].Choices)) {
			n, ok := votes[choice]
			if other, same := first[n]; ok && same {
				out = append(out, tally.Finding{Check: "D03", Level: tally.Block, Key: "results.check.D03.equal", Contest: name,
					Args: map[string]string{"contest": name, "choice": x.ChoiceName(int32(contest), choice),
						"other": x.ChoiceName(int32(contest), other), "votes": strconv.FormatInt(n, 10)}})
			} else if ok {
				first[n] = choice
			}
		}
	}
	return out
}
