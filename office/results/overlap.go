// SPDX-License-Identifier: Apache-2.0

package results

import (
	"strconv"

	"hustings/office/results/tally"
)

// place is a unit's contest.
type place struct{ unit, contest int32 }

// overlaps finds what a report counts that another source counts already: the
// votes would be added twice. Two sources may share a unit's contest where
// they tell different vote types; where one of them tells totals only it cannot
// be known, and is only pointed out. Beside numbers typed by hand a file is
// refused, and the other way round, because typing stands in for a file.
func (p *picture) overlaps(r Report, sheet *tally.Sheet) []tally.Finding {
	mine := typesAt(sheet)
	var out []tally.Finding
	for i, other := range p.reports {
		if other.Source == r.Source {
			continue
		}
		n, first, level := 0, place{}, tally.Warn
		for at, types := range typesAt(p.sheets[i]) {
			if own, both := mine[at]; both && (own&types != 0 || own == totals || types == totals) {
				if n == 0 || at.unit < first.unit || at.unit == first.unit && at.contest < first.contest {
					first = at
				}
				n++
				if own&types != 0 {
					level = tally.Hold
				}
			}
		}
		if n == 0 {
			continue
		}
		if (r.Kind == Hand) != (other.Kind == Hand) {
			level = tally.Block
		}
		out = append(out, tally.Finding{Check: "I02", Level: level, Key: "results.overlap", Unit: p.index.UnitName(first.unit),
			Contest: p.index.Def.Contests[first.contest].Name.String(),
			Args: map[string]string{"n": strconv.Itoa(n), "source": p.source(other.Source).Name, "file": other.File,
				"unit": p.index.UnitName(first.unit), "contest": p.index.Def.Contests[first.contest].Name.String()}})
	}
	return out
}

// totals marks a unit's contest whose numbers are not told apart by vote type.
const totals uint64 = 1

// typesAt says for each unit's contest which vote types a sheet has votes of,
// one bit each. A total beside vote types is their sum and does not count.
func typesAt(sheet *tally.Sheet) map[place]uint64 {
	out := make(map[place]uint64)
	for _, c := range sheet.Cells {
		if c.Contest >= 0 && c.Choice >= 0 && c.Round == 0 {
			out[place{c.Unit, c.Contest}] |= 1 << min(uint(c.Type), 63)
		}
	}
	for at, types := range out {
		if types != totals {
			out[at] = types &^ totals
		}
	}
	return out
}
