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
		f := p.index.OverlapFinding(o, p.source(other.Source).Name, other.File)
		if (r.Kind == Hand) != (other.Kind == Hand) {
			f.Level = tally.Block
		}
		out = append(out, f)
	}
	return out
}
