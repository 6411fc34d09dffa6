// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"slices"
)

// scorer compares the records of one or two files.
type scorer struct {
	lex  *lexicon
	recs []record
	rare *rarity
	m    *model
}

// look gathers the evidence of a pair.
func (s *scorer) look(a, b int32, e *evidence) {
	compare(s.lex, &s.recs[a], &s.recs[b], &e.agreement)
	s.rare.fill(&s.recs[a], &s.recs[b], e)
}

// scored is a pair that is worth keeping.
type scored struct {
	a, b    int32
	weight  float64
	caution float64 // bits that it needs above others for the automatic tier
	rivals  float64 // bits that better partners of its records took off
}

// score weighs all pairs of a plan and keeps those of at least the weight.
func (s *scorer) score(p *plan, least float64) []scored {
	type worker struct {
		kept []scored
		_    [64]byte
	}
	by := make([]worker, workers())
	top := s.ceilings()
	p.each(func(w int, a, b int32) {
		var e evidence
		if !s.promising(top, a, b, &e, least) {
			return
		}
		if weight := s.m.weigh(&e, least); weight >= least {
			by[w].kept = append(by[w].kept, scored{a: a, b: b, weight: weight, caution: caution(&e.agreement)})
		}
	})
	var out []scored
	for i := range by {
		out = append(out, by[i].kept...)
	}
	slices.SortFunc(out, func(x, y scored) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return out
}

// caution is how many bits more than others a pair needs for the automatic
// tier, because something in it is for a person's eye whatever its weight: an
// identifier or a generation in conflict, another given name, another date of
// birth.
func caution(a *agreement) float64 {
	const each = 8
	bits := 0.0
	for _, t := range [...]trait{tSSN4, tLicence, tNational, tSuffix} {
		if a[t] == 3 {
			bits += each
		}
	}
	if a[tGiven] == 8 {
		bits += each
	}
	if a[tBirth] >= 6 && a[tBirth] != 9 {
		bits += each
	}
	return bits
}

// Tier says what may be done with a pair.
type Tier string

// The tiers. Auto and Review together are what the command calls matches.
const (
	Auto   Tier = "auto"   // one person beyond reasonable doubt
	Review Tier = "review" // likelier one person than two; somebody looks at it
	None   Tier = "none"   // not a match
)

// The weights, in bits, at which the tiers begin. Zero is even odds, which is
// where a list of matches has the best of precision and recall together; 6.63
// bits are odds of ninety-nine to one for the least of the automatic pairs,
// and most of them are far above it.
const (
	ReviewWeight = 0.0
	AutoWeight   = 6.63
	NoneWeight   = -10.0 // pairs below it are not listed at all

	doubtfulWeight = -3.0 // pairs below it add next to nothing to the estimates
)

func tierOf(x scored) Tier {
	switch {
	case x.weight >= AutoWeight+x.caution:
		return Auto
	case x.weight >= ReviewWeight:
		return Review
	}
	return None
}

// rivalry is what it means that another record fits better. Where a record of
// one file has a sure partner in the other, a second partner would be a
// duplicate inside that file, which is rarer than a partner is; by how many
// bits, the sure pairs themselves tell.
type rivalry struct {
	best [2][]float32 // the weight of the best pair of each record, left and right
	bits float64
}

// The other pair must be sure, and by so much better.
const (
	sureWeight = 12.0
	sureMargin = 6.0
)

func findRivals(found []scored, n, left int) *rivalry {
	r := &rivalry{}
	sure := make([]uint8, n)
	best := make([]float32, n)
	for _, x := range found {
		for _, i := range [...]int32{x.a, x.b} {
			best[i] = max(best[i], float32(x.weight))
			if x.weight >= sureWeight && sure[i] < 2 {
				sure[i]++
			}
		}
	}
	r.best = [2][]float32{best[:left], best[left:]}
	one, two := 0.0, 0.0
	for _, s := range sure {
		if s > 0 {
			one++
		}
		if s > 1 {
			two++
		}
	}
	if one > 0 {
		r.bits = max(0, bits(one/float64(n), rare)-bits((two+0.5)/one, rare))
	}
	return r
}

// against is how many bits rivals take off a pair of a weight.
func (r *rivalry) against(x scored, left int) float64 {
	off := 0.0
	for _, best := range [...]float32{r.best[0][x.a], r.best[1][int(x.b)-left]} {
		if float64(best) >= max(sureWeight, x.weight+sureMargin) {
			off += r.bits
		}
	}
	return off
}

// ceilings are the most bits that each degree of agreement can speak for a
// match, however rare the value.
type ceilings struct {
	table
	start     float64 // before anything is seen
	names     float64 // the most that names can add
	elsewhere float64 // the most that an address can add when neither house nor street is the same
	otherTown float64 // and when the postcodes differ too
	home      float64 // when house or street is the same
}

func (s *scorer) ceilings() *ceilings {
	c := &ceilings{start: s.m.logRate[wayMatch] - s.m.logRest}
	for t := range numTraits {
		for l := 1; l < levels; l++ {
			by := s.m.logChance[t][l]
			if believed[t] > 0 && (l == 1 || l == 2 || l >= 6) {
				by = min(by, bits(least[t], 1e-12))
			}
			if t == tGiven && l == 6 {
				by += bits(least[tSurname], 1e-12)
			}
			c.table[t][l] = s.m.logSeen[wayMatch][t][l] - by
		}
	}
	c.names = max(0, c.most(tGiven, 1, levels)) + max(0, c.most(tSurname, 1, levels)) + max(0, c.most(tMiddle, 1, levels))
	line2 := max(0, c.most(tLine2, 1, 4))
	away := max(0, c.most(tDoor, 5, 8))
	c.elsewhere = away + max(0, c.most(tPlace, 1, 7)) + line2
	c.otherTown = away + max(0, c.most(tPlace, 3, 7)) + line2
	c.home = max(0, c.most(tDoor, 1, levels)) + max(0, c.most(tPlace, 1, levels)) + line2
	return c
}

func (c *ceilings) most(t trait, from, to int) float64 {
	best := c.table[t][from]
	for l := from + 1; l < to; l++ {
		best = max(best, c.table[t][l])
	}
	return best
}

// promising gathers the evidence of a pair, the cheapest first, and stops when
// the weight can no longer reach the least that is wanted.
func (s *scorer) promising(c *ceilings, a, b int32, e *evidence, least float64) bool {
	x, y := &s.recs[a], &s.recs[b]
	compareNumbers(x, y, &e.agreement)
	rest := c.atMost(x, y)
	sum := c.start + s.lifts(e, x, y, tSSN4, tLicence, tNational, tBirth, tPhone, tSuffix, tSex, tEmail)
	if sum+c.names+rest < least {
		return false
	}
	compareWhoTheyAre(s.lex, x, y, &e.agreement)
	sum += s.lifts(e, x, y, tGiven, tSurname, tMiddle)
	if sum+rest < least {
		return false
	}
	compareWhereTheyLive(s.lex, x, y, &e.agreement)
	s.lifts(e, x, y, tDoor, tPlace, tLine2)
	return true
}

// lifts fills in how likely some traits agree by chance, and sums what they
// say.
func (s *scorer) lifts(e *evidence, a, b *record, traits ...trait) float64 {
	sum := 0.0
	for _, t := range traits {
		e.chance[t] = byTable
		if l := e.agreement[t]; l != 0 {
			if believed[t] > 0 {
				e.chance[t] = s.rare.chance(t, l, a, b)
			}
			sum += s.m.lift(wayMatch, t, e)
		}
	}
	return sum
}

// atMost bounds what two addresses can say, by a glance at them.
func (c *ceilings) atMost(a, b *record) float64 {
	switch {
	case a.house == b.house || a.house == 0 || b.house == 0 || a.street == b.street || a.core == b.core:
		return c.home
	case a.postcode == b.postcode || a.postcode == 0 || b.postcode == 0:
		return c.elsewhere
	}
	return c.otherTown
}
