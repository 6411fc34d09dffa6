// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"errors"
	"fmt"
	"hash/fnv"
	"runtime"
	"testing"

	"hustings/election"
	"hustings/fake/county"
)

var alder = county.New(1, "2026-11-03", "America/Denver")

func all(t testing.TB, o Options) (*Roll, []Person) {
	t.Helper()
	r := New(alder, o)
	var out []Person
	if err := r.Each(func(p *Person) error {
		out = append(out, *p)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return r, out
}

// TestSameSeedSamePeople makes a roll twice, and another one.
func TestSameSeedSamePeople(t *testing.T) {
	sum := func(seed uint64) uint64 {
		h := fnv.New64a()
		_, list := all(t, Options{Seed: seed, Voters: 2000, Duplicates: 0.05})
		for _, p := range list {
			p.Mail = nil
			fmt.Fprintf(h, "%+v\n", p)
		}
		return h.Sum64()
	}
	if sum(1) != sum(1) || sum(1) == sum(2) {
		t.Error("the people do not follow from the seed")
	}
}

// TestPeopleAreAsInACounty looks at what a roll must have for those who match
// records, and at what it must not.
func TestPeopleAreAsInACounty(t *testing.T) {
	const n = 50_000
	r, list := all(t, Options{Seed: 3, Voters: n, Duplicates: 0.02})
	if len(list) != n {
		t.Fatalf("%d voters, want %d", len(list), n)
	}
	ids, selves, homes := map[string]bool{}, map[int]int{}, map[int][]*Person{}
	precincts := map[election.UnitID]int{}
	var twins, juniors, flats, slips, protected, young, old int
	for i := range list {
		p := &list[i]
		ids[p.ID] = true
		selves[p.Self]++
		if len(p.Slips) > 0 {
			slips++
			continue
		}
		homes[p.Home] = append(homes[p.Home], p)
		precincts[p.Precinct]++
		for _, x := range []struct {
			is bool
			n  *int
		}{{p.Twin, &twins}, {p.Suffix == "JR", &juniors}, {p.Address.Unit != "", &flats}, {p.Protected, &protected}, {p.Birth.Year > 1996, &young}, {p.Birth.Year < 1962, &old}} {
			if x.is {
				*x.n++
			}
		}
		if p.First == "" || p.Last == "" || p.Address.Number == "" || p.Precinct == "" || p.License == "" && p.SSN4 == "" {
			t.Fatalf("something is missing: %+v", *p)
		}
		if b := p.Birth; b.Month < 1 || b.Month > 12 || b.Day < 1 || b.Day > daysIn(b.Year, b.Month) || before(Day{2008, 9, 30}, b) {
			t.Fatalf("nobody on the roll is born on %v", b)
		}
		if g := p.Registered; g.Day > daysIn(g.Year, g.Month) {
			t.Fatalf("registered on %v", g)
		}
		if before(p.Registered, Day{p.Birth.Year + 18, p.Birth.Month, min(p.Birth.Day, 28)}) && p.Registered != standsOn || before(standsOn, p.Registered) {
			t.Fatalf("born on %v, registered on %v", p.Birth, p.Registered)
		}
	}
	if len(ids) != n || slips != n/50 || len(selves) != n-n/50 {
		t.Errorf("%d numbers, %d second records, %d people", len(ids), slips, len(selves))
	}
	couples := 0
	for _, h := range homes {
		if len(h) > 1 && h[0].Last == h[1].Last {
			couples++
		}
	}
	for _, x := range []struct {
		what          string
		n, least, max int
	}{
		{"twins", twins, 100, 800}, {"juniors", juniors, 80, 1500}, {"in flats", flats, 5000, 25000}, {"protected", protected, 5, 60}, {"under 30", young, 5000, 15000}, {"over 64", old, 8000, 20000},
		{"households", len(homes), n / 3, n * 2 / 3}, {"households of one name", couples, n / 10, n / 2}, {"precincts", len(precincts), 100, 100},
	} {
		if x.n < x.least || x.n > x.max {
			t.Errorf("%d %s, want %d to %d", x.n, x.what, x.least, x.max)
		}
	}
	segmentsHold(t, r, list)
}

// segmentsHold checks that everybody lives in a range of house numbers of their
// precinct, and that no number is in two.
func segmentsHold(t *testing.T, r *Roll, list []Person) {
	t.Helper()
	type street struct{ before, name, kind, zip string }
	in := map[street][]Segment{}
	sides := 0
	for _, s := range r.Segments() {
		k := street{s.Before, s.Street, s.Type, s.ZIP}
		for _, o := range in[k] {
			if o.Low <= s.High && s.Low <= o.High && (o.Side == "both" || s.Side == "both" || o.Side == s.Side) {
				t.Fatalf("%+v and %+v overlap", o, s)
			}
		}
		in[k] = append(in[k], s)
		if s.Side != "both" {
			sides++
		}
	}
	if sides < 10 {
		t.Errorf("%d ranges of one side, want some", sides)
	}
	for i := range list {
		p := &list[i]
		if len(p.Slips) > 0 {
			continue
		}
		n, found := 0, false
		fmt.Sscan(p.Address.Number, &n)
		for _, s := range in[street{p.Address.Before, p.Address.Street, p.Address.Type, p.Address.ZIP}] {
			if n >= s.Low && n <= s.High && (s.Side == "both" || (s.Side == "odd") == (n%2 == 1)) {
				found = found || s.Precinct == p.Precinct
			}
		}
		if !found {
			t.Fatalf("nobody of %s lives at %+v", p.Precinct, p.Address)
		}
	}
}

// TestSlipsChangeSomething makes second records; each says what is different.
func TestSlipsChangeSomething(t *testing.T) {
	_, list := all(t, Options{Seed: 5, Voters: 20_000, Duplicates: 0.1})
	first := map[int]Person{}
	seen := map[string]bool{}
	for _, p := range list {
		if len(p.Slips) == 0 {
			first[p.Self] = p
			continue
		}
		o := first[p.Self]
		p2, s2 := p, p.Slips
		p2.ID, p2.Slips = o.ID, nil
		if fmt.Sprintf("%+v", p2) == fmt.Sprintf("%+v", o) {
			t.Errorf("%v, and nothing is different: %+v", s2, o)
		}
		for _, s := range s2 {
			seen[s] = true
		}
		if p.License == "" && p.SSN4 == "" || p.Birth.Day > daysIn(p.Birth.Year, p.Birth.Month) {
			t.Errorf("%+v", p)
		}
	}
	if len(seen) != len(slips) {
		t.Errorf("%d of %d kinds of slips were made", len(seen), len(slips))
	}
}

// TestIntakes makes forms of all kinds, the same for the same seed.
func TestIntakes(t *testing.T) {
	forms := func() (list []Intake, kinds map[string]int) {
		kinds = map[string]int{}
		if err := New(alder, Options{Seed: 2, Voters: 5000}).Intakes(600, func(in *Intake) error {
			list = append(list, *in)
			kinds[in.Kind]++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return list, kinds
	}
	list, kinds := forms()
	again, _ := forms()
	known := 0
	for i, in := range list {
		if in.Of != "" {
			known++
		}
		if in.ID != "" || in.Last == "" {
			t.Errorf("a form with a number, or without a name: %+v", in)
		}
		if o := again[i]; o.Of != in.Of || o.Last != in.Last || o.Address != in.Address || o.Birth != in.Birth {
			t.Fatalf("form %d does not follow from the seed", i)
		}
	}
	if len(list) != 600 || known != 360 {
		t.Errorf("%d forms, %d of known people", len(list), known)
	}
	for _, k := range []string{"new", "address", "name", "party", "again", "incomplete"} {
		if kinds[k] < 5 {
			t.Errorf("%d forms of the kind %s", kinds[k], k)
		}
	}
}

func TestEachStopsWhereAsked(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	err := New(alder, Options{Seed: 1, Voters: 1000}).Each(func(*Person) error {
		n++
		return enough
	})
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

// BenchmarkMillion makes people; the memory that stays is told too.
func BenchmarkMillion(b *testing.B) {
	const n = 200_000
	for b.Loop() {
		r := New(alder, Options{Seed: 1, Voters: n})
		if err := r.Each(func(*Person) error { return nil }); err != nil {
			b.Fatal(err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc>>20), "MB-held")
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "voters/s")
}
