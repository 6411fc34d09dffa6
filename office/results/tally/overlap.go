// SPDX-License-Identifier: Apache-2.0

package tally

import "strconv"

// Overlap is what two sheets of different sources both count.
type Overlap struct {
	N             int   // contests in units; 0: nothing
	Unit, Contest int32 // the first of them
	Sure          bool  // both tell the same vote types, or totals, of one at least
}

// FindOverlap finds what two sheets both count, so that its votes would be
// added twice. Two sources may share a unit's contest where they tell different
// vote types; where one of them tells totals only it cannot be known.
func FindOverlap(a, b *Sheet) (o Overlap) {
	mine := typesAt(a)
	for at, types := range typesAt(b) {
		own, both := mine[at]
		if !both || own&types == 0 && own != totalsOnly && types != totalsOnly {
			continue
		}
		if o.N == 0 || at.unit < o.Unit || at.unit == o.Unit && at.contest < o.Contest {
			o.Unit, o.Contest = at.unit, at.contest
		}
		o.N++
		o.Sure = o.Sure || own&types != 0
	}
	return o
}

// totalsOnly marks a unit's contest whose numbers are not told apart by vote type.
const totalsOnly uint64 = 1

// typesAt says for each unit's contest which vote types a sheet has votes of,
// one bit each. A total beside vote types is their sum and does not count.
func typesAt(sheet *Sheet) map[unitContest]uint64 {
	out := make(map[unitContest]uint64)
	for _, c := range sheet.Cells {
		if c.Contest >= 0 && c.Choice >= 0 && c.Round == 0 {
			out[unitContest{c.Unit, c.Contest}] |= 1 << min(uint(c.Type), 63)
		}
	}
	for at, types := range out {
		if types != totalsOnly {
			out[at] = types &^ totalsOnly
		}
	}
	return out
}

// OverlapFinding says an overlap with another source's file (check I02): it
// holds where the overlap is sure, and else only points it out.
func (x *Index) OverlapFinding(o Overlap, source, file string) Finding {
	level := Warn
	if o.Sure {
		level = Hold
	}
	unit, contest := x.UnitName(o.Unit), x.Def.Contests[o.Contest].Name.String()
	return Finding{Check: "I02", Level: level, Key: "results.intake.overlap", Unit: unit, Contest: contest,
		Args: map[string]string{"n": strconv.Itoa(o.N), "source": source, "file": file, "unit": unit, "contest": contest}}
}
