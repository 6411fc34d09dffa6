// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"hustings/format/sheet"
	"hustings/kit/fault"
)

// Index is a roll that is ready for one new record at a time. It may be used
// from several goroutines.
type Index struct {
	mu    sync.Mutex // guards all below; one lookup takes milliseconds
	s     *scorer
	roll  *roll
	lists [fineKeys][]uint64 // the records that have each key, by key, as they were at the start
	byID  []uint64           // hash of id and record, by hash
	added map[uint64][]int32 // by key number and key, and by id under number fineKeys
	gone  map[int32]bool
	among int // of how many records Weigh was asked last
}

// Hit is a record of the roll that may be the person asked for.
type Hit struct {
	ID          string
	Weight      float64
	Probability float64
	Tier        Tier
	Steps       []Step // sum to Weight
}

// NewIndex reads a roll and learns from it how its records come to look alike.
func NewIndex(file Source, o Options) (*Index, error) {
	r, err := readRoll(file.Name, file.In, o.Columns)
	if err != nil {
		return nil, err
	}
	if err := unmapped(o.Columns, r); err != nil {
		return nil, err
	}
	s := &scorer{lex: r.lex, recs: r.recs, rare: countValues(r.lex, r.recs)}
	p := makePlan(r.lex, r.recs, len(r.recs))
	defer p.spill.close()
	s.m = learn(s, p)
	s.m.expectOne(len(r.recs))
	x := &Index{s: s, roll: r, added: make(map[uint64][]int32), gone: make(map[int32]bool)}
	x.list(p)
	return x, nil
}

// expectOne sets what is believed of a new record before it is seen: it is as
// likely as not of somebody on the roll.
func (m *model) expectOne(records int) {
	m.rate[wayMatch] = 0.5 / float64(max(1, records))
	m.settle()
}

// list keeps for each key the records that have it.
func (x *Index) list(p *plan) {
	var room [2][]uint64
	for k := range fineKeys {
		x.lists[k] = slices.Clone(p.sorted(k, &room))
	}
	x.byID = make([]uint64, len(x.roll.ends))
	for i := range x.byID {
		x.byID[i] = uint64(hash(x.roll.id(int32(i))))<<32 | uint64(i)
	}
	slices.Sort(x.byID)
}

// Close gives back the room that a large roll takes outside memory. The index
// must not be used afterwards.
func (x *Index) Close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.roll.spill.close()
}

// File says what was read of the roll.
func (x *Index) File() File { return x.roll.File }

// read makes a record of named values, with words that are new put at the end
// of the lexicon.
func (x *Index) read(values map[Column]string) (record, []string, error) {
	for c := range values {
		if !slices.Contains(Columns(), c) {
			return record{}, nil, fault.New(fault.Invalid, "there is no column %q", c)
		}
	}
	var problems sheet.Problems
	rd := newReader(x.roll, &problems)
	rd.value = func(c Column) string { return strings.TrimSpace(values[c]) }
	if values[Middle] != "" {
		rd.at.at = map[Column]int{Middle: 0}
	}
	r := rd.read()
	r.birth &^= turnable
	r.restamp(x.roll.lex)
	var said []string
	for _, p := range problems.List {
		said = append(said, p.String())
	}
	return r, said, nil
}

// Lookup finds the records that may be the person with the values, the
// likeliest first, down to even odds or, with all, to one in a thousand. It
// also says which values it could not use.
func (x *Index) Lookup(values map[Column]string, all bool) ([]Hit, []string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	words := len(x.s.lex.words)
	r, said, err := x.read(values)
	if err != nil {
		return nil, nil, err
	}
	defer x.s.lex.forget(words)
	at := int32(len(x.s.recs))
	x.s.recs = append(grow(&x.roll.spill, x.s.recs, 1), r)
	defer func() { x.s.recs = x.s.recs[:at] }()
	x.s.rare.count(&r, 1)
	defer x.s.rare.count(&r, -1)
	least := ReviewWeight
	if all {
		least = NoneWeight
	}
	return x.hits(at, least), said, nil
}

// forget takes back the words after the first n.
func (l *lexicon) forget(n int) {
	for _, w := range l.words[n:] {
		delete(l.by, w.folded)
	}
	l.words = l.words[:n]
}

// hits weighs every record that shares a key with record at.
func (x *Index) hits(at int32, least float64) []Hit {
	top := x.s.ceilings()
	var out []Hit
	for _, i := range x.candidates(at) {
		if h, ok := x.hit(top, i, at, least); ok {
			h.ID = x.roll.id(i)
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.ID, b.ID)) })
	return out
}

// mostOfKey is how many records of one key are looked at. A key that more
// share says too little; the other keys find whom it would.
const mostOfKey = 20_000

// candidates are the records that share a key with record at, once each.
func (x *Index) candidates(at int32) []int32 {
	var keys [numKeys]uint32
	keysOf(x.s.lex, &x.s.recs[at], &keys)
	var out []int32
	for k := range fineKeys {
		if keys[k] == 0 {
			continue
		}
		list := under(x.lists[k], keys[k])
		if len(list) > mostOfKey {
			continue
		}
		for _, e := range list {
			out = append(out, int32(uint32(e)))
		}
		out = append(out, x.added[uint64(k)<<32|uint64(keys[k])]...)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(i int32) bool { return i == at || x.gone[i] })
}

// under gives the part of a list that has a key.
func under(list []uint64, key uint32) []uint64 {
	from, _ := slices.BinarySearch(list, uint64(key)<<32)
	to := from
	for to < len(list) && uint32(list[to]>>32) == key {
		to++
	}
	return list[from:to]
}

// Add puts a record into the roll. An id that is there already is refused.
func (x *Index) Add(id string, values map[Column]string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, there := x.find(id); there {
		return fault.New(fault.Conflict, "the roll has a record %s already", id)
	}
	r, _, err := x.read(values)
	if err != nil {
		return err
	}
	at := int32(len(x.s.recs))
	x.s.recs = append(grow(&x.roll.spill, x.s.recs, 1), r)
	x.roll.ids = append(x.roll.ids, id...)
	x.roll.ends = append(x.roll.ends, uint32(len(x.roll.ids)))
	x.s.rare.count(&r, 1)
	var keys [numKeys]uint32
	keysOf(x.s.lex, &r, &keys)
	for k := range fineKeys {
		if keys[k] != 0 {
			x.enter(uint64(k)<<32|uint64(keys[k]), at)
		}
	}
	x.enter(idKey(id), at)
	return nil
}

func (x *Index) enter(key uint64, at int32) { x.added[key] = append(x.added[key], at) }

func idKey(id string) uint64 { return uint64(fineKeys)<<32 | uint64(hash(id)) }

// Remove takes a record out of the roll. A changed record is removed and added
// again.
func (x *Index) Remove(id string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	i, there := x.find(id)
	if !there {
		return fault.New(fault.NotFound, "the roll has no record %s", id)
	}
	x.gone[i] = true
	x.s.rare.count(&x.s.recs[i], -1)
	return nil
}

// Len is how many records the roll has.
func (x *Index) Len() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.s.recs) - len(x.gone)
}

func (x *Index) find(id string) (int32, bool) {
	var list []int32
	for _, e := range under(x.byID, hash(id)) {
		list = append(list, int32(uint32(e)))
	}
	for _, i := range append(list, x.added[idKey(id)]...) {
		if !x.gone[i] && x.roll.id(i) == id {
			return i, true
		}
	}
	return 0, false
}
