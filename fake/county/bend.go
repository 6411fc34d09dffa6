// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math"
	"math/rand/v2"
)

// bend turns points of the grid into longitude and latitude. It moves whole
// neighbourhoods together and never folds the map, so borders that do not
// cross on the grid do not cross on the map:
//
//   - the line of the river meanders, and pulls the land beside it along
//   - the east of the county follows a ridge
//   - the streets of the city stand at an angle to the survey
//   - no line elsewhere is quite straight
type bend struct {
	hills  noise
	cx, cy float64 // middle of the city
	turn   float64 // of its streets, in radians
}

// The south-west corner of the county.
const (
	westernmost  = -109.62
	southernmost = 43.08
	metresADeg   = 111_320.0
	metresAStep  = 150.88 // six miles in 64 steps
)

func newBend(r *rand.Rand, city settlement) bend {
	return bend{hills: noise(r.Uint64()), cx: city.x, cy: city.y, turn: 0.30 + 0.15*r.Float64()}
}

// degrees is a point of the grid on the map.
func (b *bend) degrees(gx, gy int) [2]float64 {
	x, y := b.wiggle(float64(gx), float64(gy))
	x, y = b.meander(x, y)
	x, y = b.ridge(x, y)
	x, y = b.streets(x, y)
	lat := southernmost + y*metresAStep/metresADeg
	middle := southernmost + high/2*metresAStep/metresADeg
	lon := westernmost + x*metresAStep/(metresADeg*math.Cos(middle*math.Pi/180))
	return [2]float64{fine(lon), fine(lat)}
}

// fine rounds to about a metre.
func fine(degrees float64) float64 { return math.Round(degrees*1e5) / 1e5 }

// wiggle moves roads off the survey lines, but not the county's own border.
func (b *bend) wiggle(x, y float64) (float64, float64) {
	inside := min(x, y, wide-x, high-y) / 10
	by := 1.6 * smooth(inside)
	return x + by*b.hills.at(x/11, y/11), y + by*b.hills.at(x/11+90, y/11)
}

// meander bends the line of the river, most at the line itself.
func (b *bend) meander(x, y float64) (float64, float64) {
	near := 1 - smooth(math.Abs(y-river)/60)
	calm := 0.35 + 0.65*smooth((math.Hypot(x-b.cx, y-b.cy)-30)/60) // it was straightened in the city
	return x, y + near*calm*(16*b.hills.at(x/44+7, 200)+5*b.hills.at(x/11+7, 300))
}

// ridge bends the eastern border.
func (b *bend) ridge(x, y float64) (float64, float64) {
	near := smooth((x - 300) / 84)
	return x + near*(13*b.hills.at(500, y/50)+6*b.hills.at(500, y/12)), y
}

// streets turns the city's grid, ever less with the distance from its middle.
func (b *bend) streets(x, y float64) (float64, float64) {
	dx, dy := x-b.cx, y-b.cy
	away := math.Hypot(dx, dy) / 58
	sin, cos := math.Sincos(b.turn * math.Exp(-away*away))
	return b.cx + dx*cos - dy*sin, b.cy + dx*sin + dy*cos
}
