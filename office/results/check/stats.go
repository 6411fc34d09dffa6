// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"slices"
)

// median is the middle of a list, or the mean of its two middles.
func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(list))
	if n := len(s) / 2; len(s)%2 == 1 {
		return s[n]
	} else {
		return (s[n-1] + s[n]) / 2
	}
}

// middle is the median of a list and its robust standard deviation: 1.4826
// times the median absolute deviation, which equals the standard deviation
// where the list is normal and is not moved by the outliers that are looked for.
func middle(list []float64) (m, deviation float64) {
	m = median(list)
	away := make([]float64, len(list))
	for i, v := range list {
		away[i] = math.Abs(v - m)
	}
	return m, 1.4826 * median(away)
}

// rateDeviation is the standard deviation to expect of a rate seen on n
// ballots: the spread of the units, but at least a floor (a share), and the
// binomial noise of a small unit.
func rateDeviation(spread, floor, rate float64, n int64) float64 {
	spread = max(spread, floor)
	return math.Sqrt(spread*spread + rate*(1-rate)/float64(max(n, 1)))
}

func percent(part, of int64) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(part) / float64(of)
}
