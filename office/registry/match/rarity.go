// SPDX-License-Identifier: Apache-2.0

package match

// rarity knows how often each value stands in the files. Two people share the
// surname SMITH more easily than the surname ZYWICKI.
type rarity struct {
	n       float64
	lex     *lexicon
	given   []uint32
	surname []uint32
	middle  []uint32
	town    []uint32 // by postcode, or town where there is no postcode
	line2   []uint32
	birth   []uint32
	hashed  [5]counter
	logs    [numTraits][]float64 // by count, in bits
}

// The values too many to count one by one.
const (
	cDoor = iota
	cPhone
	cSSN4
	cLicence
	cNational
)

// counter counts hashed values; two that fall together count as one, which
// only makes both look commoner.
type counter struct {
	n    []uint32
	mask uint64
}

func newCounter(records int) counter {
	size := 1 << 12
	for size < 4*records && size < 1<<24 {
		size *= 2
	}
	return counter{make([]uint32, size), uint64(size - 1)}
}

func (c *counter) at(v uint64) *uint32 { return &c.n[stir(v, 7)&c.mask] }

// believed is how likely two people share a value of which nothing is known,
// and how many records that belief is worth.
var believed = [numTraits]float64{tSSN4: 1e-4, tLicence: 1e-7, tNational: 1e-7, tBirth: 1.0 / 25000, tGiven: 1.0 / 400, tSurname: 1.0 / 2500,
	tDoor: 1e-5, tPlace: 1.0 / 200, tPhone: 1e-6, tMiddle: 1.0 / 300, tLine2: 1.0 / 500, tEmail: 1e-7}

// least is how likely at the least, whatever the count says: no surname is so
// rare that it proves who somebody is.
var least = [numTraits]float64{tSSN4: 1e-4, tLicence: 1e-7, tNational: 1e-7, tBirth: 1.0 / 40000, tGiven: 3e-6, tSurname: 3e-6,
	tDoor: 2e-7, tPlace: 1e-5, tPhone: 1e-7, tMiddle: 1e-5, tLine2: 1e-5, tEmail: 1e-8}

const beliefStrength = 2000

func birthSlot(d day) int {
	y, m, dd := d.parts()
	if y < oldest || y > youngest || m > 12 || dd > 31 {
		return 0
	}
	return ((y-oldest)*13+m)*32 + dd
}

func countValues(l *lexicon, recs []record) *rarity {
	words := len(l.words)
	q := &rarity{n: float64(len(recs)), lex: l, given: make([]uint32, words), surname: make([]uint32, words), middle: make([]uint32, words),
		town: make([]uint32, words), line2: make([]uint32, words), birth: make([]uint32, (youngest-oldest+1)*13*32)}
	for i := range q.hashed {
		q.hashed[i] = newCounter(len(recs))
	}
	for i := range recs {
		q.count(&recs[i], 1)
	}
	for t := range numTraits {
		if believed[t] > 0 {
			q.logs[t] = make([]float64, 1024)
			for c := range q.logs[t] {
				q.logs[t][c] = q.logRate(t, uint32(c))
			}
		}
	}
	return q
}

// count adds a record to the counts, or with -1 takes it out.
func (q *rarity) count(r *record, by int32) {
	d := uint32(by)
	for _, list := range []*[]uint32{&q.given, &q.surname, &q.middle, &q.town, &q.line2} {
		if grow := len(q.lex.words) - len(*list); grow > 0 {
			*list = append(*list, make([]uint32, grow)...)
		}
	}
	q.given[r.given] += d
	q.surname[r.surname] += d
	q.middle[r.middle] += d
	q.town[r.town()] += d
	q.line2[r.line2] += d
	q.birth[birthSlot(r.birth)] += d
	*q.hashed[cDoor].at(uint64(r.door)) += d
	*q.hashed[cPhone].at(uint64(r.phone.lastSeven())) += d
	for i, c := range r.ids {
		*q.hashed[cSSN4+i].at(uint64(c)) += d
	}
}

func (r *record) town() uint32 {
	if r.postcode != 0 {
		return r.postcode
	}
	return r.city
}

// logRate is how many bits rare a value is that stands on count records, the
// two at hand among them, which say nothing about how common it is.
func (q *rarity) logRate(t trait, count uint32) float64 {
	others := float64(max(count, 2) - 2)
	p := (others + beliefStrength*believed[t]) / (q.n + beliefStrength)
	return bits(max(p, least[t]), 1e-9)
}

func (q *rarity) log(t trait, count uint32) float64 {
	if int(count) < len(q.logs[t]) {
		return q.logs[t][count]
	}
	return q.logRate(t, count)
}

// byTable stands where the likelihood of an agreement by chance does not
// depend on the value that agrees.
const byTable = 1

// fill computes how likely the agreement of a pair is by chance, where that
// depends on the value.
func (q *rarity) fill(a, b *record, e *evidence) {
	for t := range numTraits {
		e.chance[t] = byTable
		if l := e.agreement[t]; l != 0 && believed[t] > 0 {
			e.chance[t] = q.chance(t, l, a, b)
		}
	}
}

func (q *rarity) chance(t trait, l uint8, a, b *record) float64 {
	switch {
	case t == tGiven && l == 6:
		return q.words(tGiven, q.given, a.given, b.surname) + q.words(tSurname, q.surname, a.surname, b.given) + 1
	case t == tPlace && (l == 1 || l == 2 || l == 7 || l == 8) && a.town() == b.town():
		return q.words(t, q.town, a.town(), b.town())
	case l != 1:
		return byTable
	}
	switch t {
	case tGiven:
		return q.words(t, q.given, a.given, b.given)
	case tSurname:
		return q.words(t, q.surname, a.surname, b.surname)
	case tMiddle:
		return q.words(t, q.middle, a.middle, b.middle)
	case tLine2:
		return q.words(t, q.line2, a.line2, b.line2)
	case tBirth:
		return q.log(t, q.birth[birthSlot(a.birth)])
	case tDoor:
		return q.log(t, max(*q.hashed[cDoor].at(uint64(a.door)), *q.hashed[cDoor].at(uint64(b.door))))
	case tPhone:
		return q.log(t, *q.hashed[cPhone].at(uint64(a.phone.lastSeven())))
	case tEmail:
		return q.log(t, 2)
	case tSSN4, tLicence, tNational:
		return q.log(t, *q.hashed[cSSN4+int(t-tSSN4)].at(uint64(a.ids[t-tSSN4])))
	}
	return byTable
}

func (q *rarity) words(t trait, counts []uint32, a, b uint32) float64 {
	return q.log(t, max(countOf(counts, a), countOf(counts, b)))
}

// countOf is 0 for a word that came after the counts were made.
func countOf(counts []uint32, w uint32) uint32 {
	if int(w) < len(counts) {
		return counts[w]
	}
	return 0
}
