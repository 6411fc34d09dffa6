// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"math"
	"slices"
)

// example is a pair that the model learns from; it stands for so many pairs.
type example struct {
	evidence
	order   uint64
	stands  float64
	strange bool // they share no key, so they are two people who have nothing to do with each other
}

const (
	learnPaired = 250_000 // pairs that share a key
	learnRandom = 120_000 // pairs that share none
	rounds      = 30
)

// learn estimates, without any labels, how often pairs come about in each way
// and how far they agree: expectation and maximisation over all pairs of the
// files, of which those that share a key are looked at closely and the others
// by a random sample.
func learn(s *scorer, p *plan) *model {
	paired, total := s.pairedExamples(p)
	all := float64(p.n) * float64(p.n-1) / 2
	if p.link() {
		all = float64(p.left) * float64(p.n-p.left)
	}
	random := s.randomExamples(p)
	for i := range random {
		random[i].stands = max(all-float64(total), 0) / float64(len(random))
	}
	examples := append(paired, random...)
	slices.SortFunc(examples, func(a, b example) int {
		return cmp.Or(cmp.Compare(a.order, b.order), slices.Compare(a.agreement[:], b.agreement[:]))
	})
	m := startingModel(p, all, examples)
	m.belief = strength
	if len(paired) > 0 {
		m.belief += 2 * paired[0].stands // one pair picked by luck must not outweigh what is believed
	}
	for range rounds {
		m.settle()
		if m.improve(examples, all) < 1e-5 {
			break
		}
	}
	m.settle()
	return m
}

// startingModel believes the priors, and takes all pairs as two people.
func startingModel(p *plan, all float64, examples []example) *model {
	m := &model{seen: priors}
	people := float64(p.n)
	if p.link() {
		people = float64(min(p.left, p.n-p.left))
	}
	m.people = people
	m.rate = [numWays]float64{wayMatch: 0.2 * people / all, wayHousehold: 0.3 * people / all, wayTwins: 0.005 * people / all, wayNamesakes: 0.005 * people / all, wayStrangers: 0.0005 * people / all}
	for i := range examples {
		e := &examples[i]
		for t, l := range e.agreement {
			if l > 0 {
				m.chance[t][l] += e.stands
			}
		}
	}
	m.finish()
	return m
}

// finish makes the counts in a model shares, and fills in what is as by chance.
func (m *model) finish() {
	for t := range m.chance {
		m.chance[t][0] = 0
	}
	m.chance.normalise()
	for w := range m.seen {
		m.seen[w].normalise()
	}
}

// commonest bounds how many pairs of a kind there are for each person. Without
// a bound, people who moved would be taken for strangers of one name, and people
// whose given name was changed for twins, where nothing in a file tells them
// apart. About one person in a hundred has a twin on the same roll.
var commonest = [numWays]float64{wayTwins: 0.01, wayNamesakes: 0.01, wayStrangers: 0.005}

// improve is one round: how likely each example came about in each way, and
// from that the tables anew. It gives by how much the rate of matches moved.
func (m *model) improve(examples []example, all float64) float64 {
	next := model{seen: priors}
	for w := range next.seen {
		for t := range numTraits {
			for l := range levels {
				next.seen[w][t][l] *= m.belief
			}
		}
	}
	var count [numWays]float64
	type part struct {
		model
		count [numWays]float64
	}
	pieces := make([]part, (len(examples)+piece-1)/piece)
	inParallel(len(examples), piece, func(_, from, to int) {
		x := &pieces[from/piece]
		for i := from; i < to; i++ {
			m.share(&examples[i], &x.model, &x.count)
		}
	})
	for i := range pieces { // in their order, so that every run adds alike
		x := &pieces[i]
		for w := range numWays {
			count[w] += x.count[w]
		}
		for t := range numTraits {
			for l := range levels {
				next.chance[t][l] += x.chance[t][l]
				for w := range numWays {
					next.seen[w][t][l] += x.seen[w][t][l]
				}
			}
		}
	}
	before := m.rate[wayMatch]
	count[wayMatch] += 0.5
	for w := wayMatch + 1; w < numWays; w++ {
		count[w] += 0.2
	}
	for w := range numWays {
		next.rate[w] = min(count[w]/(all+1), 0.2)
	}
	copies := 1 + next.rate[wayMatch]*all/m.people
	for w, most := range commonest {
		if most > 0 {
			next.rate[w] = min(next.rate[w], most*m.people*copies/all)
		}
	}
	next.finish()
	m.rate, m.seen, m.chance = next.rate, next.seen, next.chance
	return math.Abs(m.rate[wayMatch]-before) / before
}

const piece = 8192

// share divides an example among the ways in which it may have come about.
func (m *model) share(e *example, to *model, count *[numWays]float64) {
	var odds [numWays]float64
	sum := 1.0
	for w := range numWays {
		if e.strange {
			break
		}
		b := m.logRate[w] - m.logRest
		for t := range numTraits {
			b += m.lift(w, t, &e.evidence)
		}
		odds[w] = math.Exp2(min(b, 300))
		sum += odds[w]
	}
	rest := e.stands / sum
	for t, l := range e.agreement {
		if l > 0 {
			to.chance[t][l] += rest
		}
	}
	for w := range numWays {
		p := e.stands * odds[w] / sum
		if p < 1e-9 {
			continue
		}
		count[w] += p
		for t, l := range e.agreement {
			if l > 0 && (w == wayMatch || ties[w][t] == tieOwn) {
				to.seen[w][t][l] += p
			}
		}
	}
}

// pairedExamples picks pairs that share a key, by what the records say and not
// by where they stand, and counts all such pairs.
func (s *scorer) pairedExamples(p *plan) (picked []example, total int64) {
	expected := int64(0)
	for _, k := range p.Keys {
		expected += k.Pairs
	}
	every := max(1, expected/learnPaired)
	limit := uint64(math.MaxUint64) / uint64(every)
	type found struct {
		list  []example
		total int64
		_     [64]byte
	}
	by := make([]found, workers())
	p.each(func(worker int, a, b int32) {
		f := &by[worker]
		f.total++
		order := s.order(a, b)
		if order > limit {
			return
		}
		e := example{order: order, stands: float64(every)}
		s.look(a, b, &e.evidence)
		f.list = append(f.list, e)
	})
	for i := range by {
		picked = append(picked, by[i].list...)
		total += by[i].total
	}
	if n := float64(len(picked)); n > 0 {
		for i := range picked {
			picked[i].stands = float64(total) / n
		}
	}
	return picked, total
}

// order is the same for a pair whichever comes first.
func (s *scorer) order(a, b int32) uint64 {
	x, y := s.recs[a].stamp, s.recs[b].stamp
	return stir(uint64(min(x, y)), uint64(max(x, y)))
}

// randomExamples are pairs that share no key.
func (s *scorer) randomExamples(p *plan) []example {
	lefts, rights := s.sample(0, p.left), s.sample(p.left, p.n)
	if !p.link() {
		rights = lefts
	}
	var out []example
	add := func(a, b int32) {
		if a == b || p.paired(a, b) {
			return
		}
		e := example{order: s.order(a, b), strange: true}
		s.look(a, b, &e.evidence)
		out = append(out, e)
	}
	n := max(len(lefts), len(rights))
	if n == 0 || len(lefts) == 0 || len(rights) == 0 {
		return nil
	}
	for shift := 0; shift < n && len(out) < learnRandom; shift++ {
		for i := range n {
			j := i + shift
			if !p.link() && (shift == 0 || j >= n) {
				continue
			}
			add(lefts[i%len(lefts)], rights[j%len(rights)])
			if p.link() && shift > 0 {
				add(lefts[j%len(lefts)], rights[i%len(rights)]) // the same whichever file is called left
			}
		}
	}
	return out
}

// sample gives up to a few thousand records in an order that depends on what
// they say alone.
func (s *scorer) sample(from, to int) []int32 {
	const most = 4000
	every := uint32(max(1, (to-from)/most))
	var out []int32
	for i := from; i < to; i++ {
		if s.recs[i].stamp%every == 0 {
			out = append(out, int32(i))
		}
	}
	slices.SortFunc(out, func(a, b int32) int { return cmp.Compare(s.recs[a].stamp, s.recs[b].stamp) })
	return out
}
