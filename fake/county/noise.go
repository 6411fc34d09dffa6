// SPDX-License-Identifier: Apache-2.0

package county

import (
	"math"
	"math/rand/v2"
)

// noise is a smooth random landscape between -1 and 1: places near each other
// have values near each other.
type noise uint64

// at is the height of the landscape, its hills about one unit apart.
func (n noise) at(x, y float64) float64 {
	return (n.octave(x, y) + n.octave(2*x+17, 2*y-31)/2) / 1.5
}

func (n noise) octave(x, y float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := smooth(x-x0), smooth(y-y0)
	south := mix(n.corner(x0, y0), n.corner(x0+1, y0), fx)
	north := mix(n.corner(x0, y0+1), n.corner(x0+1, y0+1), fx)
	return mix(south, north, fy)
}

func (n noise) corner(x, y float64) float64 {
	h := uint64(n) ^ uint64(int64(x))*0x9e3779b97f4a7c15 ^ uint64(int64(y))*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>31) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>29) * 0x94d049bb133111eb
	return float64((h^h>>32)&0xffffff)/0x7fffff - 1
}

// smooth goes from 0 to 1 and is level at both ends.
func smooth(t float64) float64 {
	t = min(1, max(0, t))
	return t * t * (3 - 2*t)
}

func mix(a, b, t float64) float64 { return a + (b-a)*t }

// draw is how many of n things happen that each happen with chance p.
func draw(r *rand.Rand, n int64, p float64) int64 {
	p = min(1, max(0, p))
	if n <= 40 {
		hits := int64(0)
		for range n {
			if r.Float64() < p {
				hits++
			}
		}
		return hits
	}
	mean := float64(n) * p
	return min(n, max(0, int64(math.Round(mean+math.Sqrt(mean*(1-p))*r.NormFloat64()))))
}

// deal shares n things out by weight; the shares add up to n.
func deal(r *rand.Rand, n int64, weights []float64) []int64 {
	out, left := make([]int64, len(weights)), 0.0
	for _, w := range weights {
		left += w
	}
	for i, w := range weights {
		if i == len(weights)-1 {
			out[i] = n
			break
		}
		if left > 0 {
			out[i] = draw(r, n, w/left)
		}
		n, left = n-out[i], left-w
	}
	return out
}
