// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The land is laid out as the West was surveyed: in townships of six miles,
// quartered again and again where people live close together. All borders run
// along the lines of this grid, so that neighbours share them exactly; only
// when the map is drawn are the lines bent (see bend.go).
const (
	township = 64 // steps; a step is 150 m
	wide     = 8 * township
	high     = 6 * township
	river    = 3 * township // the river is this line of the grid
)

// outline says which townships belong to the county, the northernmost first.
var outline = [high / township]string{
	"######..",
	"#######.",
	"########",
	"########",
	".#######",
	".######.",
}

// settlement is where people live close together.
type settlement struct {
	id, name, kind string
	x, y           float64
	voters         float64
	spread         float64 // steps within which most of them live
	reach          float64 // of the town limits
}

var settlements = [...]settlement{
	{"marlow", "Marlow", "city", 236, 196, 106_000, 23, 55},
	{"fairhaven", "Fairhaven", "town", 378, 266, 17_500, 11, 26},
	{"cedar-fork", "Cedar Fork", "town", 100, 302, 8_000, 8, 18},
	{"bright-prairie", "Bright Prairie", "town", 130, 80, 8_500, 8, 18},
	{"stonebridge", "Stonebridge", "town", 392, 94, 11_000, 9, 21},
}

const (
	allVoters     = 190_000
	countryVoters = 39_000.0
	rural         = -1 // the zone outside of all towns
	precincts     = 96
	splits        = 4
)

// block is a square of the grid that no border crosses.
type block struct {
	x, y, size int // south-west corner
	voters     int64
	zone       int // the settlement, or rural
	precinct   int
	east       bool // of the line between the school districts
}

func (b *block) middle() (x, y float64) {
	return float64(b.x) + float64(b.size)/2, float64(b.y) + float64(b.size)/2
}

func (b *block) north() bool { return b.y >= river }

// land is the county's land, cut into blocks, precincts and parts of precincts.
type land struct {
	bend
	towns     [len(settlements)]settlement
	blocks    []block
	at        []int16 // the block of each step of the grid, -1 outside
	corner    []bool  // points of the grid where a border may turn
	next      [][]side
	precincts []*area
	parts     map[int][]*area // of the precincts that are split
}

// area is a set of blocks: a precinct or a part of one.
type area struct {
	zone   int
	blocks []int
	voters int64
	x, y   float64 // where its voters live, on average
}

// side is a border that a block has with another.
type side struct{ block, length int }

func newLand(seed uint64) *land {
	r := rand.New(rand.NewPCG(seed, drawLand))
	l := &land{towns: settlements}
	for i := range l.towns {
		l.towns[i].x += 20*r.Float64() - 10
		if i > 0 { // the city stays on the river
			l.towns[i].y += 20*r.Float64() - 10
		}
	}
	l.bend = newBend(r, l.towns[0])
	hills := noise(r.Uint64())
	for row, line := range outline {
		for col, c := range line {
			if c == '#' {
				l.quarter(block{x: col * township, y: high - (row+1)*township, size: township})
			}
		}
	}
	l.settle(hills)
	l.survey()
	l.carve(r)
	l.split()
	return l
}

// density is voters per square step, before they are scaled to allVoters.
func (l *land) density(x, y float64) float64 {
	d := countryVoters / (wide * high) * (0.7 + 1.6*math.Exp(-math.Hypot(x-l.towns[0].x, y-l.towns[0].y)/70))
	for _, t := range l.towns {
		away := math.Hypot(x-t.x, y-t.y) / t.spread
		d += t.voters / (2 * math.Pi * t.spread * t.spread) * math.Exp(-away*away/2)
	}
	return d
}

// quarter cuts a block until few enough people live in it.
func (l *land) quarter(b block) {
	half := b.size / 2
	most := 0.0
	for i := range 4 {
		x, y := float64(b.x+(i%2)*half)+float64(half)/2, float64(b.y+(i/2)*half)+float64(half)/2
		most = max(most, l.density(x, y))
	}
	if b.size <= 16 && (b.size == 2 || most*float64(b.size*b.size) < 260) {
		l.blocks = append(l.blocks, b)
		return
	}
	for i := range 4 {
		l.quarter(block{x: b.x + (i%2)*half, y: b.y + (i/2)*half, size: half})
	}
}

// settle gives each block its voters and its town.
func (l *land) settle(hills noise) {
	people, all := make([]float64, len(l.blocks)), 0.0
	for i := range l.blocks {
		b := &l.blocks[i]
		x, y := b.middle()
		people[i] = l.density(x, y) * float64(b.size*b.size) * (1 + 0.35*hills.at(x/9, y/9))
		all += people[i]
		b.zone = rural
		for k, t := range l.towns {
			if math.Hypot(x-t.x, y-t.y) < t.reach*(1+0.3*hills.at(x/14+40, y/14)) {
				b.zone = k
			}
		}
	}
	for i := range l.blocks {
		l.blocks[i].voters = int64(people[i] / all * allVoters)
	}
}

// survey notes which block lies where, which are neighbours, and where borders
// may turn.
func (l *land) survey() {
	l.at = slices.Repeat([]int16{-1}, wide*high)
	l.corner = make([]bool, (wide+1)*(high+1))
	for i, b := range l.blocks {
		for y := b.y; y < b.y+b.size; y++ {
			for x := b.x; x < b.x+b.size; x++ {
				l.at[y*wide+x] = int16(i)
			}
		}
	}
	for _, b := range l.blocks {
		l.turns(b)
	}
	l.next = make([][]side, len(l.blocks))
	for y := range high {
		for x := range wide {
			l.meet(l.block(x, y), l.block(x+1, y))
			l.meet(l.block(x, y), l.block(x, y+1))
		}
	}
}

// turns notes the points on the sides of a block where a border may turn: often
// on the river, now and then on the county's own border, seldom elsewhere.
func (l *land) turns(b block) {
	note := func(x, y, dx, dy int, outside bool) {
		pace := min(8, b.size)
		if dx > 0 && y == river {
			pace = 2
		} else if outside {
			pace = min(4, b.size)
		}
		for k := 0; k <= b.size; k += pace {
			l.corner[point(x+k*dx, y+k*dy)] = true
		}
	}
	note(b.x, b.y, 1, 0, l.block(b.x, b.y-1) < 0)
	note(b.x, b.y+b.size, 1, 0, l.block(b.x, b.y+b.size) < 0)
	note(b.x, b.y, 0, 1, l.block(b.x-1, b.y) < 0)
	note(b.x+b.size, b.y, 0, 1, l.block(b.x+b.size, b.y) < 0)
}

// point numbers the points of the grid.
func point(x, y int) int32 { return int32(y*(wide+1) + x) }

// block is the block at a step of the grid, -1 outside of the county.
func (l *land) block(x, y int) int {
	if x < 0 || y < 0 || x >= wide || y >= high {
		return -1
	}
	return int(l.at[y*wide+x])
}

// meet notes one step of border between two blocks.
func (l *land) meet(a, b int) {
	if a < 0 || b < 0 || a == b {
		return
	}
	for _, p := range [][2]int{{a, b}, {b, a}} {
		i := slices.IndexFunc(l.next[p[0]], func(s side) bool { return s.block == p[1] })
		if i < 0 {
			l.next[p[0]] = append(l.next[p[0]], side{block: p[1]})
			i = len(l.next[p[0]]) - 1
		}
		l.next[p[0]][i].length++
	}
}

// newArea gathers blocks.
func (l *land) newArea(blocks []int) *area {
	a := &area{zone: l.blocks[blocks[0]].zone, blocks: blocks}
	weight := 0.0
	for _, i := range blocks {
		b := &l.blocks[i]
		x, y := b.middle()
		w := float64(b.voters) + 0.01
		a.voters += b.voters
		a.x, a.y, weight = a.x+w*x, a.y+w*y, weight+w
	}
	a.x, a.y = a.x/weight, a.y/weight
	return a
}

// home is the middle of the block of an area in which most voters live.
func (l *land) home(a *area, nth int) [2]float64 {
	order := slices.Clone(a.blocks)
	slices.SortStableFunc(order, func(i, j int) int { return int(l.blocks[j].voters - l.blocks[i].voters) })
	b := l.blocks[order[nth%len(order)]]
	var p [2]float64
	for i := range 4 {
		q := l.degrees(b.x+(i%2)*b.size, b.y+(i/2)*b.size)
		p[0], p[1] = p[0]+q[0]/4, p[1]+q[1]/4
	}
	return [2]float64{fine(p[0]), fine(p[1])}
}
