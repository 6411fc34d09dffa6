// SPDX-License-Identifier: Apache-2.0

package match

import "math"

// A pair of records comes about in one of five ways. The first is what is
// looked for; the others are how two people come to look alike. Relatives at
// one address share surname, house and telephone for one reason, so counting
// each as evidence of its own would take them for one person; as ways of their
// own, they are weighed against it.
const (
	wayMatch     = iota // one person
	wayHousehold        // two people at one address
	wayTwins            // born on one day, at one address
	wayNamesakes        // father and son, mother and daughter, of one name
	wayStrangers        // of one name, born on one day, by chance or by fashion
	numWays
)

var wayNames = [numWays]string{wayHousehold: "may be two people of one household", wayTwins: "may be twins", wayNamesakes: "may be parent and child of one name",
	wayStrangers: "may be two people of one name who were born on one day"}

// table is how often each degree of agreement comes about.
type table [numTraits][levels]float64

// tie says what a way of meeting shares with another.
type tie uint8

const (
	tieChance tie = iota // as in two people who have nothing to do with each other
	tieMatch             // as in two records of one person
	tieOwn               // learnt from the data
)

// ties of each way and trait; what is not named is as by chance.
var ties = [numWays][numTraits]tie{
	wayHousehold: {tBirth: tieOwn, tGiven: tieOwn, tSurname: tieOwn, tDoor: tieMatch, tPlace: tieMatch, tPhone: tieOwn, tSex: tieOwn, tLine2: tieMatch, tEmail: tieOwn},
	wayTwins:     {tBirth: tieMatch, tGiven: tieOwn, tSurname: tieOwn, tDoor: tieMatch, tPlace: tieMatch, tPhone: tieOwn, tSex: tieOwn, tLine2: tieMatch, tEmail: tieOwn},
	wayNamesakes: {tBirth: tieOwn, tGiven: tieMatch, tSurname: tieMatch, tDoor: tieMatch, tPlace: tieMatch, tPhone: tieOwn, tMiddle: tieOwn, tSuffix: tieOwn, tSex: tieOwn, tLine2: tieMatch, tEmail: tieOwn},
	wayStrangers: {tBirth: tieMatch, tGiven: tieMatch, tSurname: tieMatch, tSex: tieMatch},
}

// priors are what is believed of a way before any data is seen; the data
// overrule them as soon as there is some.
var priors = [numWays]table{
	wayMatch: {
		tSSN4: {1: .96, 2: .025, 3: .015}, tLicence: {1: .94, 2: .03, 3: .03}, tNational: {1: .93, 2: .05, 3: .02},
		tBirth:   {1: .925, 2: .01, 3: .025, 4: .012, 5: .006, 6: .004, 7: .004, 8: .001, 9: .01, 10: .002, 11: .001},
		tGiven:   {1: .80, 2: .06, 3: .07, 4: .02, 5: .01, 6: .005, 7: .01, 8: .004, 9: .01},
		tSurname: {1: .87, 2: .02, 3: .05, 4: .015, 5: .04, 6: .005},
		tDoor:    {1: .69, 2: .08, 3: .01, 4: .015, 5: .005, 6: .01, 7: .13, 8: .06, 9: .01, 10: .002},
		tPlace:   {1: .35, 2: .1, 3: .15, 4: .05, 5: .25, 6: .1, 7: .83, 8: .05, 9: .06, 10: .03, 11: .02, 12: .01},
		tPhone:   {1: .75, 2: .03, 3: .22}, tMiddle: {1: .5, 2: .4, 3: .04, 4: .06}, tSuffix: {1: .5, 2: .48, 3: .02},
		tSex: {1: .985, 2: .015}, tLine2: {1: .75, 2: .15, 3: .1}, tEmail: {1: .8, 2: .2},
	},
	wayHousehold: {
		tBirth:   {1: .0001, 2: .0005, 3: .005, 4: .02, 5: .001, 6: .03, 7: .5, 8: .4, 9: .02, 10: .02, 11: .003},
		tGiven:   {2: .005, 3: .005, 4: .015, 5: .02, 6: .0001, 7: .01, 8: .937, 9: .008},
		tSurname: {1: .75, 2: .02, 3: .01, 4: .01, 5: .2, 6: .01},
		tPhone:   {1: .3, 2: .01, 3: .69}, tSex: {1: .4, 2: .6}, tEmail: {1: .1, 2: .9},
	},
	wayTwins: {
		tGiven:   {2: .003, 3: .006, 4: .03, 5: .02, 6: .0001, 7: .01, 8: .924, 9: .007},
		tSurname: {1: .94, 2: .01, 3: .02, 4: .005, 5: .02, 6: .005},
		tPhone:   {1: .3, 2: .01, 3: .69}, tSex: {1: .65, 2: .35}, tEmail: {1: .1, 2: .9},
	},
	wayNamesakes: {
		tBirth:  {1: .0001, 2: .0001, 3: .002, 4: .005, 5: .0005, 6: .001, 7: .1, 8: .88, 9: .0005, 10: .0005, 11: .0113},
		tPhone:  {1: .3, 2: .01, 3: .69},
		tMiddle: {1: .4, 2: .25, 3: .05, 4: .3}, tSuffix: {1: .05, 2: .6, 3: .35}, tSex: {1: .97, 2: .03}, tEmail: {1: .1, 2: .9},
	},
}

// strength is how many pairs a belief is worth, where no samples are taken.
const strength = 25

// model is what was learnt: how often pairs come about in each way, and how far
// they then agree.
type model struct {
	rate   [numWays]float64 // of all pairs
	seen   [numWays]table
	chance table
	belief float64 // how many pairs the priors are worth

	people float64 // on the smaller list

	// In bits, for scoring.
	logRate   [numWays]float64
	logSeen   [numWays]table
	logChance table
	logRest   float64
}

// halves are degrees that are counted apart: what a town says depends on
// whether the door agreed.
func halves(t trait) [][2]int {
	if t == tPlace {
		return [][2]int{{1, 7}, {7, 13}}
	}
	return [][2]int{{1, levels}}
}

// normalise makes each half of each trait sum to one.
func (t *table) normalise() {
	for tr := range numTraits {
		for _, h := range halves(tr) {
			sum := 0.0
			for l := h[0]; l < h[1]; l++ {
				sum += t[tr][l]
			}
			if sum <= 0 {
				continue
			}
			for l := h[0]; l < h[1]; l++ {
				t[tr][l] /= sum
			}
		}
	}
}

// rare bounds how rare anything is taken to be: no sample says more.
const rare = 1e-6

// settle computes the logarithms, rounded so that sums taken in another order
// give the same weights.
func (m *model) settle() {
	rest := 1.0
	for w := range m.rate {
		m.logRate[w] = bits(m.rate[w], 1e-15)
		rest -= m.rate[w]
	}
	m.logRest = bits(rest, rare)
	for t := range numTraits {
		for l := range levels {
			m.logChance[t][l] = bits(m.chance[t][l], rare)
			for w := range numWays {
				m.logSeen[w][t][l] = bits(m.seen[w][t][l], rare)
			}
		}
	}
}

func bits(p, least float64) float64 { return math.Round(math.Log2(max(p, least))*1e6) / 1e6 }

// evidence is what is weighed of one pair: its agreement, and for each trait
// in bits how likely as much agreement is by chance; a number above zero means
// that the model's table says so.
type evidence struct {
	agreement
	chance [numTraits]float64
}

// lift is how many bits a trait speaks for a way of coming about, against
// chance.
func (m *model) lift(w int, t trait, e *evidence) float64 {
	l := e.agreement[t]
	if l == 0 {
		return 0
	}
	switch {
	case w == wayMatch:
	case ties[w][t] == tieChance:
		return 0
	case ties[w][t] == tieMatch:
		w = wayMatch
	case l == 1 && t == tGiven:
		return 0 // two of a household bear one name as often as any two people
	}
	if by := e.chance[t]; by < 0 {
		return m.logSeen[w][t][l] - by
	}
	return m.logSeen[w][t][l] - m.logChance[t][l]
}

// weigh gives the weight of a pair in bits: the logarithm of the odds that it
// is one person. Doubt can only lower it, so what is below the least before is
// not looked at any further.
func (m *model) weigh(e *evidence, least float64) float64 {
	match := m.logRate[wayMatch] - m.logRest
	for t := range numTraits {
		match += m.lift(wayMatch, t, e)
	}
	if match < least {
		return match
	}
	penalty, _ := m.doubt(e)
	return match - penalty
}

// doubt is how many bits the other ways of coming about take off, and which of
// them does most.
func (m *model) doubt(e *evidence) (off float64, worst int) {
	sum, most := 1.0, 0.0
	for w := wayMatch + 1; w < numWays; w++ {
		b := m.logRate[w] - m.logRest
		for t := range numTraits {
			b += m.lift(w, t, e)
		}
		x := math.Exp2(b)
		sum += x
		if x > most {
			most, worst = x, w
		}
	}
	return math.Log2(sum), worst
}

// Probability turns a weight into a probability.
func Probability(weight float64) float64 { return 1 / (1 + math.Exp2(-weight)) }
