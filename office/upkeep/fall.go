// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"hustings/kit/words"
	"hustings/office/registry/gate"
	"hustings/office/registry/match"
)

// chart is a waterfall as bars, each beginning where the one before ended.
type chart struct {
	zero, high string
	list       []bar
}

type bar struct {
	x, y, w string
	up      bool
	sum     float64 // after this step
}

// wide is how wide a waterfall is, in its own units.
const wide = 600.0

func (c *chart) box() string { return "0 0 600 " + c.high }

// falling draws the steps of a weight.
func falling(steps []match.Step) chart {
	low, top, sum := 0.0, 0.0, 0.0
	for _, st := range steps {
		sum += st.Bits
		low, top = min(low, sum), max(top, sum)
	}
	scale := (wide - 4) / max(top-low, 1)
	at := func(v float64) float64 { return 2 + (v-low)*scale }
	c := chart{zero: digits(at(0)), high: strconv.Itoa(14*len(steps) + 4)}
	sum = 0
	for i, st := range steps {
		from, to := sum, sum+st.Bits
		c.list = append(c.list, bar{x: digits(at(min(from, to))), y: strconv.Itoa(14*i + 4), w: digits(max(1, (max(from, to)-min(from, to))*scale)), up: st.Bits >= 0, sum: to})
		sum = to
	}
	return c
}

func digits(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// bits is a weight as people read it.
func bits(x float64) string { return fmt.Sprintf("%+.1f", x) }

// percent is a share as people read it.
func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func sorted(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

// findingText says what speaks against a file.
func findingText(p *words.Printer, f gate.Finding) string {
	got, limit := percent(f.Got), percent(f.Limit)
	switch f.Kind {
	case gate.TooFew, gate.TooMany, gate.Empty, gate.FewBirths:
		got, limit = p.Number(int64(f.Got)), p.Number(int64(f.Limit))
	}
	return p.T("upkeep.gate."+string(f.Kind), "column", f.Column, "got", got, "limit", limit, "rows", p.Number(int64(f.Rows)))
}
