// SPDX-License-Identifier: Apache-2.0

// Package match finds the records that are of one person: duplicates inside a
// roll, the lines of a file in a roll, or one new record in a roll.
//
//	res, err := match.Files(ctx, left, right, match.Options{})
//	for _, p := range res.Pairs { … res.Explain(p) … }
//
// Every pair gets a weight in bits: the logarithm to base two of the odds that
// the two records are one person. It is the sum of what each trait says (the
// model of Fellegi and Sunter, learnt from the files themselves by expectation
// and maximisation, without any labels), of how rare the values are that
// agree, and of a doubt where two people of one household, twins, or parent and
// child of one name would look alike too. Explain shows the sum.
//
// A pair of weight 0 or more is a match. Tier auto is for pairs of 6.63 bits or
// more (99 in 100) with nothing in them that somebody should look at; the other matches are
// of tier review. Nobody is ever taken off a roll because of a match alone.
//
// It is pure computing: no database, no clock, no chance. The same input gives
// the same output, whatever the order of the rows and of the files.
package match

import (
	"cmp"
	"io"
	"maps"
	"slices"

	"hustings/format/sheet"
	"hustings/kit/fault"
)

// Source is a file to read.
type Source struct {
	Name string // for messages, and for nothing else
	In   io.Reader
}

// Options say what is wanted.
type Options struct {
	Columns  map[string]Column // what headers mean, where they do not say it themselves
	OneToOne bool              // each record is in one pair at most: its best
	All      bool              // list pairs of tier none too
}

// Pair is two records that may be one person.
type Pair struct {
	A, B   int32 // the records, by their number in the input, the right file after the left
	Weight float64
	Tier   Tier
	rivals float64
}

// Result is what was found.
type Result struct {
	Files []File
	Pairs []Pair // the heaviest first
	Keys  []Key
	// What the weights say of themselves.
	Expected float64 // matches there are among the pairs compared
	Tiers    map[Tier]Estimate

	scorer *scorer
	rolls  []*roll
	left   int
	rivals *rivalry
}

// Estimate says how good a tier should be, by the weights alone.
type Estimate struct {
	Pairs     int     `json:"pairs"`
	Precision float64 `json:"estimated_precision"`
	Recall    float64 `json:"estimated_recall"`
}

// Duplicates finds the records of one file that are of one person.
func Duplicates(file Source, o Options) (*Result, error) {
	r, err := readRoll(file.Name, file.In, o.Columns)
	if err != nil {
		return nil, err
	}
	if err := unmapped(o.Columns, r); err != nil {
		return nil, err
	}
	return run([]*roll{r}, r.lex, r.recs, len(r.recs), o), nil
}

// unmapped refuses a map that names a header which no file has: it is
// misspelt, and what it was to say would be lost.
func unmapped(given map[string]Column, rolls ...*roll) error {
	for _, h := range slices.Sorted(maps.Keys(given)) {
		has := func(r *roll) bool { return slices.Contains(r.headers, sheet.Snake(h)) }
		if !slices.ContainsFunc(rolls, has) {
			return fault.New(fault.Invalid, "the column map names %q, and no file has such a column", h)
		}
	}
	return nil
}

// Link finds the records of two files that are of one person.
func Link(left, right Source, o Options) (*Result, error) {
	var rolls [2]*roll
	var errs [2]error
	files := [2]Source{left, right}
	inParallel(2, 1, func(_, i, _ int) {
		rolls[i], errs[i] = readRoll(files[i].Name, files[i].In, o.Columns)
	})
	if err := cmp.Or(errs[0], errs[1]); err != nil {
		return nil, err
	}
	if err := unmapped(o.Columns, rolls[:]...); err != nil {
		return nil, err
	}
	recs := joinRolls(rolls[0], rolls[1])
	return run(rolls[:], rolls[0].lex, recs, len(rolls[0].recs), o), nil
}

// joinRolls puts the records of two rolls behind one another, in the words of
// the left one.
func joinRolls(l, r *roll) []record {
	turn := make([]uint32, len(r.lex.words))
	for folded, n := range r.lex.by {
		if have, ok := l.lex.by[folded]; ok {
			turn[n] = have
			continue
		}
		turn[n] = uint32(len(l.lex.words))
		l.lex.words = append(l.lex.words, r.lex.words[n])
		l.lex.by[folded] = turn[n]
	}
	recs := append(grow(&l.spill, l.recs, len(r.recs)), r.recs...)
	for i := len(l.recs); i < len(recs); i++ {
		for _, w := range recs[i].wordFields() {
			*w = turn[*w]
		}
	}
	r.spill.close()
	r.recs, r.lex = nil, nil
	return recs
}

// run matches records, the first left of them against the others.
func run(rolls []*roll, lex *lexicon, recs []record, left int, o Options) *Result {
	s := &scorer{lex: lex, recs: recs, rare: countValues(lex, recs)}
	p := makePlan(lex, recs, left)
	defer p.spill.close()
	s.m = learn(s, p)
	least := doubtfulWeight
	if o.All {
		least = NoneWeight
	}
	found := s.score(p, least)
	res := &Result{Keys: p.Keys, scorer: s, rolls: rolls, left: left}
	if p.link() {
		res.rivals = findRivals(found, p.n, left)
		for i := range found {
			found[i].rivals = res.rivals.against(found[i], left)
		}
		for i := range found {
			found[i].weight -= found[i].rivals
		}
	}
	for _, r := range rolls {
		res.Files = append(res.Files, r.File)
	}
	res.estimate(found)
	if o.OneToOne {
		found = res.oneToOne(found)
	}
	for _, x := range found {
		if t := tierOf(x); t != None || o.All {
			res.Pairs = append(res.Pairs, Pair{x.a, x.b, x.weight, t, x.rivals})
		}
	}
	res.sort()
	return res
}

// Close gives back the room that a large roll takes outside memory. The result
// must not be used afterwards.
func (r *Result) Close() {
	for _, roll := range r.rolls {
		roll.spill.close()
	}
}

// ID is what the file calls a record.
func (r *Result) ID(i int32) string {
	if int(i) < r.left {
		return r.rolls[0].id(i)
	}
	return r.rolls[1].id(i - int32(r.left))
}

// sort puts the heaviest pairs first, and pairs of one weight by their ids, so
// that the order of the rows does not matter.
func (r *Result) sort() {
	slices.SortFunc(r.Pairs, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(r.ID(x.A), r.ID(y.A)), cmp.Compare(r.ID(x.B), r.ID(y.B)))
	})
}

// estimate sums up what the weights say of the tiers: a pair of probability
// 0.9 is nine tenths of a match.
func (r *Result) estimate(found []scored) {
	sums := map[Tier]float64{}
	r.Tiers = map[Tier]Estimate{}
	for _, x := range found {
		p, t := Probability(x.weight), tierOf(x)
		r.Expected += p
		sums[t] += p
		e := r.Tiers[t]
		e.Pairs++
		r.Tiers[t] = e
	}
	for t, e := range r.Tiers {
		e.Precision = sums[t] / float64(e.Pairs)
		e.Recall = sums[t] / max(r.Expected, 1e-9)
		r.Tiers[t] = e
	}
}

// oneToOne keeps for each record its heaviest pair, where the other record has
// no heavier one.
func (r *Result) oneToOne(found []scored) []scored {
	list := slices.Clone(found)
	slices.SortFunc(list, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(r.ID(x.a), r.ID(y.a)), cmp.Compare(r.ID(x.b), r.ID(y.b)))
	})
	taken := map[int32]bool{}
	var out []scored
	for _, x := range list {
		if !taken[x.a] && !taken[x.b] {
			taken[x.a], taken[x.b] = true, true
			out = append(out, x)
		}
	}
	return out
}

// Records is how many records there are, of both files.
func (r *Result) Records() int { return len(r.scorer.recs) }
