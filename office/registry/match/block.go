// SPDX-License-Identifier: Apache-2.0

package match

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Two records are compared when they share a key. No key trusts a single
// trait: what one slip of the finger hides from one key, another key finds.
//
// The fine keys are always used. The coarse keys find records in which much is
// wrong; they are used while they bring no more pairs than can be afforded,
// which is in small files.
const (
	fineKeys  = 14
	numKeys   = 30
	blockMost = 40_000 // pairs of one block; a larger one says too little about its records
)

// keysOf gives the keys of a record, 0 where it lacks what a key is made of.
func keysOf(l *lexicon, r *record, out *[numKeys]uint32) {
	g, s := &l.words[r.given], &l.words[r.surname]
	var gi, si, gr, ss, gs uint64
	if r.given != 0 {
		gi, gr, gs = 1+uint64(g.root())%64, uint64(g.root()), uint64(g.sound)
	}
	if r.surname != 0 {
		si, ss = 1+uint64(soundClass(s)), uint64(s.sound)
	}
	y, m, d := r.birth.parts()
	birth, year := uint64(0), uint64(y)
	if r.birth.whole() {
		birth = uint64(r.birth)
	}
	monthDay, yearMonth := uint64(0), uint64(0)
	if m > 0 {
		yearMonth = year*100 + uint64(m)
		if d > 0 {
			monthDay = uint64(min(m, d)*100 + max(m, d)) // the same when they are exchanged
		}
	}
	town := uint64(l.words[r.postcode].whole)
	if r.postcode == 0 {
		town = uint64(l.words[r.city].whole)
	}
	city, post := uint64(l.words[r.city].sound), uint64(l.words[r.postcode].whole)
	if r.city == 0 {
		city = 0
	}
	if r.postcode == 0 {
		post = 0
	}
	house, street, core := uint64(l.words[r.house].whole), uint64(l.words[r.street].sound), uint64(r.core)
	if r.house == 0 {
		house = 0
	}
	if r.street == 0 {
		street = 0
	}
	lo, hi := min(gs, ss), max(gs, ss)
	surname, given := uint64(s.whole)*min(1, si), gr
	*out = [numKeys]uint32{
		key(0, uint64(r.ids[idLicence]), 1),
		key(1, uint64(r.ids[idNational]), 1),
		key(2, uint64(r.ids[idSSN4]), gi),
		key(3, uint64(r.ids[idSSN4]), year),
		key(4, uint64(r.phone.lastSeven()), 1),
		key(5, uint64(r.door), 1),
		key(6, birth, gi),
		key(7, birth, si),
		key(8, surname, given),
		key(9, lo*hi, lo, hi, year),
		key(10, monthDay, ss, gi),
		key(11, yearMonth, gr, town),
		key(12, uint64(r.email), 1),
		key(13, gr, ss, town),
		// From here on coarse.
		key(14, birth, 1),
		key(15, house, street),
		key(16, gs, city),
		key(17, ss, city),
		key(18, lo*hi, lo, hi),
		key(19, gs, post),
		key(20, ss, post),
		key(21, yearMonth, post),
		key(22, core, post),
		key(23, house, post),
		key(24, gr, street),
		key(25, ss, street),
		key(26, yearMonth, gr),
		key(27, yearMonth, ss),
		key(28, monthDay, gi),
		key(29, house, gr),
	}
}

func soundClass(w *word) uint32 {
	if w.text == "" {
		return 0
	}
	return uint32(w.text[0])
}

// key hashes parts that must all be there.
func key(n uint64, parts ...uint64) uint32 {
	h := n + 1
	for _, p := range parts {
		if p == 0 {
			return 0
		}
		h = stir(h, p)
	}
	return short(h)
}

// keyNames are what the keys are called in reports.
var keyNames = [numKeys]string{"licence", "national number", "SSN4 and given name", "SSN4 and year of birth", "telephone", "house, street and town",
	"birth date and given name", "birth date and surname", "surname and given name", "sound of both names and year of birth", "day and month of birth and sound of surname",
	"month of birth, given name and town", "e-mail", "given name, sound of surname and town", "birth date", "house and sound of street", "sound of given name and town",
	"sound of surname and town", "sound of both names", "sound of given name and postcode", "sound of surname and postcode", "month of birth and postcode", "street and postcode",
	"house and postcode", "given name and sound of street", "sound of surname and sound of street", "month of birth and given name", "month of birth and sound of surname",
	"day and month of birth and given name", "house and given name"}

// Key says how many pairs a key brought, and what was too large to look into.
type Key struct {
	Name    string `json:"name"`
	Pairs   int64  `json:"pairs"`
	Skipped int    `json:"skipped_blocks,omitempty"`
}

// plan says which records are compared with which.
type plan struct {
	n, left int // records; the first left of them are the left file, all of them where there is one file
	width   int // keys of a record
	keys    []uint32
	used    []int
	spill   spill
	Keys    []Key
}

// link says whether there are two files.
func (p *plan) link() bool { return p.left < p.n }

// affordable is how many pairs are compared for n records.
func affordable(n int) int64 { return max(6_000_000, 40*int64(n)) }

// makePlan computes all keys, drops blocks that are too large and coarse keys
// that would bring too many pairs.
func makePlan(l *lexicon, recs []record, left int) *plan {
	p := &plan{n: len(recs), left: left, width: numKeys}
	if len(recs) > 300_000 {
		p.width = fineKeys
	}
	p.keys = newList[uint32](&p.spill, p.n*p.width)
	inParallel(p.n, 1<<14, func(_, from, to int) {
		var k [numKeys]uint32
		for i := from; i < to; i++ {
			keysOf(l, &recs[i], &k)
			copy(p.keys[i*p.width:(i+1)*p.width], k[:p.width])
		}
	})
	budget := affordable(p.n)
	var room [2][]uint64
	for k := range p.width {
		list := p.sorted(k, &room)
		got := p.weigh(k, list)
		if k >= fineKeys && got.Pairs > budget {
			p.drop(k)
			continue
		}
		budget -= got.Pairs
		if got.Pairs > 0 || got.Skipped > 0 {
			p.used = append(p.used, k)
			p.Keys = append(p.Keys, got)
		}
	}
	return p
}

// weigh counts the pairs of a key and drops its blocks that are too large.
func (p *plan) weigh(k int, list []uint64) Key {
	out := Key{Name: keyNames[k]}
	for from := 0; from < len(list); {
		to := blockEnd(list, from)
		n := p.pairsOf(list[from:to])
		if n > blockMost {
			out.Skipped++
			for _, e := range list[from:to] {
				p.keys[int(uint32(e))*p.width+k] = 0
			}
		} else {
			out.Pairs += n
		}
		from = to
	}
	return out
}

func (p *plan) drop(k int) {
	for i := range p.n {
		p.keys[i*p.width+k] = 0
	}
}

// pairsOf is how many pairs a block makes.
func (p *plan) pairsOf(block []uint64) int64 {
	n := int64(len(block))
	if !p.link() {
		return n * (n - 1) / 2
	}
	lefts := int64(p.split(block))
	return lefts * (n - lefts)
}

// split is how many records of a block are of the left file; they come first.
func (p *plan) split(block []uint64) int {
	i, _ := slices.BinarySearchFunc(block, uint32(p.left), func(e uint64, left uint32) int {
		return int(int64(uint32(e)) - int64(left))
	})
	return i
}

func blockEnd(list []uint64, from int) int {
	k := list[from] >> 32
	to := from + 1
	for to < len(list) && list[to]>>32 == k {
		to++
	}
	return to
}

// sorted lists the records that have key k, by key.
func (p *plan) sorted(k int, room *[2][]uint64) []uint64 {
	list := room[0][:0]
	for i := range p.n {
		if v := p.keys[i*p.width+k]; v != 0 {
			list = append(list, uint64(v)<<32|uint64(i))
		}
	}
	if cap(room[1]) < len(list) {
		room[1] = make([]uint64, len(list))
	}
	room[0] = sortByKey(list, room[1][:len(list)])
	return room[0]
}

// sortByKey sorts by the upper half of each number; the order of the lower
// halves stays, so they are sorted too.
func sortByKey(list, spare []uint64) []uint64 {
	if len(list) < 1<<13 {
		slices.Sort(list)
		return list
	}
	for shift := 32; shift < 64; shift += 16 {
		var count [1 << 16]int32
		for _, v := range list {
			count[v>>shift&0xffff]++
		}
		at := int32(0)
		for i, c := range count {
			count[i], at = at, at+c
		}
		for _, v := range list {
			d := v >> shift & 0xffff
			spare[count[d]] = v
			count[d]++
		}
		list, spare = spare, list
	}
	return list
}

// each calls do once for every pair that shares a key, from several
// goroutines; worker tells them apart.
func (p *plan) each(do func(worker int, a, b int32)) {
	var room [2][]uint64
	for _, k := range p.used {
		list := p.sorted(k, &room)
		cuts := cut(list)
		inParallel(len(cuts)-1, 1, func(worker, i, _ int) {
			p.blocks(k, list[cuts[i]:cuts[i+1]], worker, do)
		})
	}
}

// cut divides a sorted list into pieces at block ends.
func cut(list []uint64) []int {
	const piece = 1 << 13
	cuts := []int{0}
	for at := 0; at < len(list); {
		at = min(at+piece, len(list))
		for at < len(list) && list[at]>>32 == list[at-1]>>32 {
			at++
		}
		cuts = append(cuts, at)
	}
	return cuts
}

func (p *plan) blocks(k int, list []uint64, worker int, do func(worker int, a, b int32)) {
	for from := 0; from < len(list); {
		to := blockEnd(list, from)
		block := list[from:to]
		from = to
		if len(block) < 2 {
			continue
		}
		lefts, rights := block, block
		if p.link() {
			i := p.split(block)
			lefts, rights = block[:i], block[i:]
		}
		for i, x := range lefts {
			if !p.link() {
				rights = block[i+1:]
			}
			for _, y := range rights {
				if a, b := uint32(x), uint32(y); !p.met(k, a, b) {
					do(worker, int32(a), int32(b))
				}
			}
		}
	}
}

// met says whether two records share a key before k, so that the pair was seen
// already.
func (p *plan) met(k int, a, b uint32) bool {
	x, y := p.keys[int(a)*p.width:], p.keys[int(b)*p.width:]
	for j := range k {
		if x[j] == y[j] && x[j] != 0 {
			return true
		}
	}
	return false
}

// paired says whether two records share any key.
func (p *plan) paired(a, b int32) bool { return p.met(p.width, uint32(a), uint32(b)) }

// workers is how many goroutines share the work.
func workers() int { return runtime.GOMAXPROCS(0) }

// inParallel does 0..n in steps, each step once.
func inParallel(n, step int, do func(worker, from, to int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for w := range workers() {
		all.Go(func() {
			for {
				from := int(next.Add(int64(step))) - step
				if from >= n {
					return
				}
				do(w, from, min(from+step, n))
			}
		})
	}
	all.Wait()
}
