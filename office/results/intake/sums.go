// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"slices"
	"strings"

	"hustings/election"
	"hustings/office/results/tally"
)

// Some rows of a file are sums of others. Adding them up again counts votes
// twice, leaving them out can lose votes, and their names do not tell: "Write-
// in" is the sum of the named write-ins in one county and one more choice in
// the next. So the numbers decide.

// wholes settles rows "Countywide": where every number is the sum of the
// county's other rows they are the county itself; else they are ballots that
// the county counted centrally.
func (b *book) wholes() {
	for i := range b.st.Units {
		u := &b.st.Units[i]
		if u.Type != countywide {
			continue
		}
		u.Type = election.BallotBatch
		key, level := "countywide_batch", tally.Warn
		if b.isSum(int32(i)) {
			u.Type, key, level = election.County, "countywide_total", tally.Info
		}
		b.find("C06", level, key, int(u.Line), map[string]string{"name": u.Name, "county": u.County, "unit": u.County})
		if u.Type == election.County {
			u.Name = ""
		}
	}
}

// countywide stands in for a unit's type until wholes has looked at it.
const countywide election.UnitType = "countywide"

// isSum says whether each number of a unit is the sum of the same number over
// the other units of its county, or whether there is no other unit.
func (b *book) isSum(unit int32) bool {
	type key struct {
		choice     int32
		typ, round int16
	}
	own, sums, others := make(map[key]int64), make(map[key]int64), false
	county := b.st.Units[unit].County
	for _, c := range b.st.Counts {
		k := key{c.Choice, c.Type, c.Round}
		u := b.st.Units[c.Unit]
		switch {
		case c.Unit == unit:
			own[k] += c.N
		case u.County == county && u.Type != election.County:
			sums[k] += c.N
			others = true
		}
	}
	if !others {
		return true
	}
	for k, n := range own {
		if sums[k] != n {
			return false
		}
	}
	return true
}

// subtotals finds write-in rows that are the sum of others, county by county.
func (b *book) subtotals() {
	whole := make(map[int32][]int32) // generic write-ins by contest
	others := make(map[int32]int)
	for i, ch := range b.st.Choices {
		switch {
		case ch.Contest < 0 || ch.Measure != 0:
		case tally.GenericWriteIn(ch.Name):
			whole[ch.Contest] = append(whole[ch.Contest], int32(i))
		case ch.Party == "":
			others[ch.Contest]++
		}
	}
	for c := range whole {
		if others[c] == 0 {
			delete(whole, c)
		}
	}
	if len(whole) == 0 {
		return
	}
	t := b.tables(whole)
	for _, k := range t.order {
		for _, w := range whole[k.contest] {
			b.settleWriteIns(t.by[k], k, w)
		}
	}
}

// tableKey is a contest in a county.
type tableKey struct {
	contest int32
	county  string
}

// table is the numbers of one contest in one county: a row for each unit and
// vote type, a column for each choice.
type table struct {
	choices []int32 // in the order in which the file first gives them
	counts  []int32 // positions in Statement.Counts, by unit, type and round
}

type tables struct {
	by    map[tableKey]*table
	order []tableKey
}

func (b *book) tables(whole map[int32][]int32) tables {
	t := tables{by: make(map[tableKey]*table)}
	var last tableKey
	var at *table
	for i, c := range b.st.Counts {
		ch := &b.st.Choices[c.Choice]
		if ch.Measure != 0 || whole[ch.Contest] == nil {
			continue
		}
		k := tableKey{ch.Contest, b.st.Units[c.Unit].County}
		if at == nil || k != last {
			if at = t.by[k]; at == nil {
				at = &table{}
				t.by[k] = at
				t.order = append(t.order, k)
			}
			last = k
		}
		at.counts = append(at.counts, int32(i))
	}
	for _, at := range t.by {
		b.arrange(at)
	}
	return t
}

// arrange lists a table's choices by first line and its counts by unit.
func (b *book) arrange(t *table) {
	first := make(map[int32]int32)
	for _, i := range t.counts {
		c := b.st.Counts[i]
		if line, ok := first[c.Choice]; !ok || c.Line < line {
			first[c.Choice] = c.Line
		}
	}
	for c := range first {
		t.choices = append(t.choices, c)
	}
	slices.SortFunc(t.choices, func(a, b int32) int { return cmp.Or(cmp.Compare(first[a], first[b]), cmp.Compare(a, b)) })
	slices.SortStableFunc(t.counts, func(x, y int32) int {
		a, c := b.st.Counts[x], b.st.Counts[y]
		return cmp.Or(cmp.Compare(a.Unit, c.Unit), cmp.Compare(a.Type, c.Type), cmp.Compare(a.Round, c.Round))
	})
}

// settleWriteIns decides what one write-in row of a contest is in one county.
func (b *book) settleWriteIns(t *table, k tableKey, whole int32) {
	if !slices.Contains(t.choices, whole) {
		return
	}
	key, level, likely := "", tally.Warn, []int32(nil)
	for _, parts := range b.candidatesForParts(t, whole) {
		if len(parts) == 0 {
			continue
		}
		sum, proven := b.makesUp(t, whole, parts)
		switch {
		case proven:
			b.turnIntoSubtotal(t, k, whole, parts)
			return
		case sum:
			key, level, likely = "write_ins_unproven", tally.Hold, parts
		case key == "":
			key = "write_ins_apart"
		}
	}
	if key != "" {
		b.find("C06", level, key, int(b.st.Choices[whole].Line), b.writeInArgs(k, whole, likely))
	}
}

// candidatesForParts lists which choices may make up a write-in row, the
// likeliest first: those that say they are write-ins; all without a party,
// where others have one; those that the file lists below it.
func (b *book) candidatesForParts(t *table, whole int32) [][]int32 {
	var marked, partyless, below []int32
	anyParty, after := false, false
	for _, c := range t.choices {
		ch := b.st.Choices[c]
		switch {
		case c == whole:
			after = true
			continue
		case ch.Party != "":
			anyParty = true
			continue
		case tally.GenericWriteIn(ch.Name) || tally.Answer(ch.Name) != "":
			continue
		case ch.Kind == election.WriteIn:
			marked = append(marked, c)
		}
		partyless = append(partyless, c)
		if after {
			below = append(below, c)
		}
	}
	if !anyParty {
		partyless = nil
	}
	if len(marked) == 0 {
		below = nil // with nothing that looks like a write-in, chance could decide
	}
	return [][]int32{marked, partyless, below}
}

// enough is how many numbers above zero must agree before a sum is believed to
// be no accident.
const enough = 3

// makesUp says whether the parts sum to the whole in every unit and vote type,
// and whether that was so often enough above zero to prove it.
func (b *book) makesUp(t *table, whole int32, parts []int32) (sum, proven bool) {
	isPart := make(map[int32]bool, len(parts))
	for _, p := range parts {
		isPart[p] = true
	}
	above := 0
	for i := 0; i < len(t.counts); {
		j, sum, want, has := i, int64(0), int64(0), false
		for ; j < len(t.counts) && b.sameRow(t.counts[i], t.counts[j]); j++ {
			c := b.st.Counts[t.counts[j]]
			if c.Choice == whole {
				want, has = want+c.N, true
			} else if isPart[c.Choice] {
				sum += c.N
			}
		}
		i = j
		if has && sum != want || !has && sum != 0 {
			return false, false
		}
		if has && want > 0 {
			above++
		}
	}
	return above > 0, above >= enough
}

func (b *book) sameRow(x, y int32) bool {
	a, c := b.st.Counts[x], b.st.Counts[y]
	return a.Unit == c.Unit && a.Type == c.Type && a.Round == c.Round
}

func (b *book) turnIntoSubtotal(t *table, k tableKey, whole int32, parts []int32) {
	name := b.st.Choices[whole].Name
	sub := b.measure(k.contest, tally.Subtotal, name, int(b.st.Choices[whole].Line))
	for _, i := range t.counts {
		if b.st.Counts[i].Choice == whole {
			b.st.Counts[i].Choice = sub
		}
	}
	for _, p := range parts {
		b.st.Choices[p].Kind = election.WriteIn
	}
	b.find("C06", tally.Info, "write_ins_subtotal", int(b.st.Choices[whole].Line), b.writeInArgs(k, whole, parts))
}

func (b *book) writeInArgs(k tableKey, whole int32, parts []int32) map[string]string {
	c := b.st.Contests[k.contest]
	var names []string
	for _, p := range parts {
		names = append(names, b.st.Choices[p].Name)
	}
	return map[string]string{
		"contest": tally.ContestTitle(c.Name, c.District), "county": k.county, "unit": k.county, "choice": b.st.Choices[whole].Name,
		"parts": strings.Join(names, "; "), "n": itoa(len(parts)),
	}
}
