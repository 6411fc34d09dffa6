// SPDX-License-Identifier: Apache-2.0

package results

import "hustings/office/results/tally"

// overlaps finds what a report counts that another source counts already.
// Where it cannot be known it is only pointed out. Beside numbers typed by hand
// a file is refused, and the other way round, because typing stands in for a
// file.
func (p *picture) overlaps(r Report, sheet *tally.Sheet) []tally.Finding {
	var out []tally.Finding
	for i, other := range p.reports {
		if other.Source == r.Source {
			continue
		}
		o := tally.FindOverlap(sheet, p.sheets[i])
		if o.N == 0 {
			continue
		}
		level := tally.Warn
		switch {
		case (r.Kind == Hand) != (other.Kind == Hand):
			level = tally.Block
		case o.Sure:
			level = tally.Hold
		}
		out = append(out, p.index.OverlapFinding(o, level, p.source(other.Source).Name, other.File))
	}
	return out
}
