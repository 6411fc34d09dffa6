// SPDX-License-Identifier: Apache-2.0

package county

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// carve cuts the land into precincts with a similar number of voters. None
// crosses the river or a town's limits, except where a few blocks would lie cut
// off from the rest.
func (l *land) carve(r *rand.Rand) {
	parts := make([][]int, 2*(len(l.towns)+1))
	for i := range l.blocks {
		p := 2 * (l.blocks[i].zone + 1)
		if l.blocks[i].north() {
			p++
		}
		parts[p] = append(parts[p], i)
	}
	first := 0
	for p, n := range l.apportion(parts) {
		if n > 0 {
			l.divide(r, parts[p], n, &first)
		}
	}
	for l.mend() {
	}
	l.gather()
}

// fewestInPart is how many voters a part of a town must have for a precinct of
// its own; what has fewer goes to the country around it.
const fewestInPart = 900

// apportion says into how many precincts each part is cut: one each, and then
// again and again one more for the part with the most crowded precincts.
func (l *land) apportion(parts [][]int) []int {
	out, weights, left := make([]int, len(parts)), make([]float64, len(parts)), precincts
	for p := len(parts) - 1; p >= 0; p-- {
		n := l.votersIn(parts[p])
		if p > 1 && n < fewestInPart {
			country := p % 2 // on the same side of the river
			parts[country], parts[p] = append(parts[country], parts[p]...), nil
			continue
		}
		weights[p] = float64(n)
		if p < 2 { // nobody should drive for an hour to vote
			weights[p] *= 1.7
		}
		out[p]++
		left--
	}
	for range left {
		crowded := 0
		for p := range parts {
			if weights[p]*float64(out[crowded]+1) > weights[crowded]*float64(out[p]+1) {
				crowded = p
			}
		}
		out[crowded]++
	}
	return out
}

func sign(n int) int { return cmp.Compare(n, 0) }

func (l *land) votersIn(blocks []int) (n int64) {
	for _, i := range blocks {
		n += l.blocks[i].voters
	}
	return n
}

// divide cuts blocks into n precincts, each time in two across the longer way.
func (l *land) divide(r *rand.Rand, blocks []int, n int, next *int) {
	if n == 1 || len(blocks) == 1 {
		for _, i := range blocks {
			l.blocks[i].precinct = *next
		}
		*next++
		return
	}
	angle := l.across(blocks) + (r.Float64()-0.5)*0.7
	sin, cos := math.Sincos(angle)
	along := func(i int) float64 {
		x, y := l.blocks[i].middle()
		return x*cos + y*sin
	}
	slices.SortFunc(blocks, func(i, j int) int { return cmp.Or(cmp.Compare(along(i), along(j)), cmp.Compare(i, j)) })
	half := n / 2
	share := float64(half) / float64(n) * (0.88 + 0.24*r.Float64()) // no two precincts are quite as large
	want, have, cut := int64(share*float64(l.votersIn(blocks))), int64(0), 0
	for cut < len(blocks)-(n-half) && (have < want || cut < half) {
		have += l.blocks[blocks[cut]].voters
		cut++
	}
	l.divide(r, blocks[:cut], half, next)
	l.divide(r, blocks[cut:], n-half, next)
}

// across is the direction in which blocks reach furthest: 0 for east.
func (l *land) across(blocks []int) float64 {
	lo, hi := [2]float64{wide, high}, [2]float64{}
	for _, i := range blocks {
		x, y := l.blocks[i].middle()
		lo, hi = [2]float64{min(lo[0], x), min(lo[1], y)}, [2]float64{max(hi[0], x), max(hi[1], y)}
	}
	if hi[0]-lo[0] >= hi[1]-lo[1] {
		return 0
	}
	return math.Pi / 2
}

// mend gives blocks that lie apart from the rest of their precinct to the
// neighbour with the longest border. It says whether there were any.
func (l *land) mend() (mended bool) {
	for p := range precincts {
		pieces := l.pieces(func(i int) bool { return l.blocks[i].precinct == p })
		for _, piece := range pieces[1:] {
			to := l.neighbour(piece)
			for _, i := range piece {
				l.blocks[i].precinct = to
			}
			mended = true
		}
	}
	return mended
}

// pieces are the connected pieces of a set of blocks, the one with the most
// voters first.
func (l *land) pieces(in func(block int) bool) (out [][]int) {
	seen := make([]bool, len(l.blocks))
	for i := range l.blocks {
		if seen[i] || !in(i) {
			continue
		}
		piece := []int{i}
		seen[i] = true
		for k := 0; k < len(piece); k++ {
			for _, s := range l.next[piece[k]] {
				if !seen[s.block] && in(s.block) {
					seen[s.block] = true
					piece = append(piece, s.block)
				}
			}
		}
		slices.Sort(piece)
		out = append(out, piece)
	}
	slices.SortStableFunc(out, func(a, b []int) int {
		return cmp.Or(cmp.Compare(l.votersIn(b), l.votersIn(a)), cmp.Compare(len(b), len(a)))
	})
	return out
}

// neighbour is the precinct with which a piece shares most of its border.
func (l *land) neighbour(piece []int) int {
	length := make([]int, precincts)
	own := l.blocks[piece[0]].precinct
	for _, i := range piece {
		for _, s := range l.next[i] {
			if p := l.blocks[s.block].precinct; p != own {
				length[p] += s.length
			}
		}
	}
	return slices.Index(length, slices.Max(length))
}

// gather makes the precincts of the blocks and numbers them as a reader would:
// town by town, from north to south, from west to east.
func (l *land) gather() {
	members := make([][]int, precincts)
	for i := range l.blocks {
		members[l.blocks[i].precinct] = append(members[l.blocks[i].precinct], i)
	}
	for _, blocks := range members {
		l.precincts = append(l.precincts, l.newArea(blocks))
	}
	row := func(a *area) int { return -int(a.y / 34) }
	slices.SortStableFunc(l.precincts, func(a, b *area) int {
		return cmp.Or(cmp.Compare(uint(a.zone), uint(b.zone)), cmp.Compare(row(a), row(b)), cmp.Compare(a.x, b.x))
	})
	for p, a := range l.precincts {
		for _, i := range a.blocks {
			l.blocks[i].precinct = p
		}
	}
}

// schoolLines are the lines of the survey on which one school district may end
// and the other begin; the first that cuts through enough precincts is taken.
var schoolLines = []int{176, 160, 144, 192, 128, 112, 208, 224}

// fewestVoters is how few may make a part of their own: of fewer, a count by
// vote type would say how people voted.
const fewestVoters = 250

// split lays the line between the school districts. The precincts that it cuts
// most evenly are split in two; the others go where most of their voters live.
func (l *land) split() {
	var best []cut
	line := schoolLines[0]
	for _, x := range schoolLines {
		if cuts := l.cuts(x); len(cuts) > len(best) {
			best, line = cuts, x
		}
		if len(best) >= splits {
			break
		}
	}
	l.parts = make(map[int][]*area)
	for _, c := range best[:min(splits, len(best))] {
		l.parts[c.precinct] = c.parts
	}
	for i := range l.blocks {
		l.blocks[i].east = l.blocks[i].x >= line
	}
}

// cut is a precinct that a line cuts in two.
type cut struct {
	precinct int
	parts    []*area // west and east
	smaller  int64   // voters of the smaller part
}

// cuts are the precincts that a line cuts into two parts worth having, the most
// even cut first.
func (l *land) cuts(line int) (out []cut) {
	for p, a := range l.precincts {
		var halves [2][]int
		for _, i := range a.blocks {
			side := boolInt(l.blocks[i].x >= line)
			halves[side] = append(halves[side], i)
		}
		if len(halves[0]) == 0 || len(halves[1]) == 0 || !l.whole(halves[0]) || !l.whole(halves[1]) {
			continue
		}
		c := cut{precinct: p, parts: []*area{l.newArea(halves[0]), l.newArea(halves[1])}}
		if c.smaller = min(c.parts[0].voters, c.parts[1].voters); c.smaller >= fewestVoters {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b cut) int { return cmp.Compare(b.smaller, a.smaller) })
	return out
}

// whole says whether blocks hang together.
func (l *land) whole(blocks []int) bool {
	return len(l.pieces(func(i int) bool { _, ok := slices.BinarySearch(blocks, i); return ok })) == 1
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
