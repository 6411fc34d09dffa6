// SPDX-License-Identifier: Apache-2.0

// Package figure counts a roll in one pass: by state, party, source, age,
// precinct, county and day of registration. It is pure.
package figure

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"hustings/election"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

// Sort is what registrations are counted by.
type Sort string

// The sorts.
const (
	All      Sort = "all" // one value, ""
	Party    Sort = "party"
	Source   Sort = "source"
	Age      Sort = "age"
	Precinct Sort = "precinct"
	County   Sort = "county"
	Day      Sort = "day" // of the last days, by when they registered
)

// Sorts lists the sorts.
func Sorts() []Sort { return []Sort{All, Party, Source, Age, Precinct, County, Day} }

// Days is how many days are counted by.
const Days = 60

// Counts are how many registrations there are, by sort, value and state.
type Counts struct {
	AsOf   election.Date
	Voters int64
	by     map[Sort]map[string]*[states]int64
}

var order = [...]roll.State{roll.Pending, roll.PreRegistered, roll.Active, roll.Inactive, roll.Challenged, roll.Denied, roll.Cancelled, ""}

const states = len(order)

func place(s roll.State) int {
	for i, one := range order {
		if one == s {
			return i
		}
	}
	return states - 1 // a state that nobody knows
}

// New begins a count of a roll as of a day.
func New(asOf election.Date) *Counts {
	c := &Counts{AsOf: asOf, by: make(map[Sort]map[string]*[states]int64)}
	for _, s := range Sorts() {
		c.by[s] = make(map[string]*[states]int64)
	}
	return c
}

// Count counts a roll. progress, which may be nil, hears now and then how far it
// is.
func Count(asOf election.Date, roll iter.Seq2[list.Entry, error], progress func(int64)) (*Counts, error) {
	c := New(asOf)
	n := newCounter(c)
	for e, err := range roll {
		if err != nil {
			return nil, err
		}
		n.add(e.Voter)
		if progress != nil && c.Voters%10_000 == 0 {
			progress(c.Voters)
		}
	}
	return c, nil
}

// counter knows what the days and ages are.
type counter struct {
	*Counts
	today time.Time
	first election.Date // of the days that are counted by
}

func newCounter(c *Counts) counter {
	t, err := time.Parse(time.DateOnly, string(c.AsOf))
	if err != nil {
		return counter{Counts: c}
	}
	return counter{c, t, election.DayOf(t.AddDate(0, 0, 1-Days))}
}

func (c counter) add(v *roll.Voter) {
	c.Voters++
	at := place(v.State)
	c.one(All, "", at)
	c.one(Party, string(v.Party), at)
	c.one(Source, string(v.Source), at)
	c.one(Age, c.age(v), at)
	c.one(Precinct, string(v.Precinct), at)
	c.one(County, v.County, at)
	if v.Registered >= c.first && v.Registered <= c.AsOf && c.first != "" {
		c.one(Day, string(v.Registered), at)
	}
}

func (c *Counts) one(s Sort, value string, at int) {
	n := c.by[s][value]
	if n == nil {
		n = new([states]int64)
		c.by[s][value] = n
	}
	n[at]++
}

// Ages are the groups by age, the youngest first; "" is who has no birth date.
var Ages = []string{"0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-", ""}

var upTo = [...]int{18, 25, 35, 45, 55, 65, 75}

// age is the group of a voter. Of whom the year alone is known, it is the age
// that they reach in this year.
func (c counter) age(v *roll.Voter) string {
	if c.today.IsZero() {
		return ""
	}
	years := 0
	if born := string(v.Birth); len(born) == len(time.DateOnly) && born[4] == '-' {
		years = c.today.Year() - number(born[:4])
		if born[5:] > string(c.AsOf)[5:] {
			years--
		}
	} else if v.Year > 0 {
		years = c.today.Year() - v.Year
	} else {
		return ""
	}
	for i, limit := range upTo {
		if years < limit {
			return Ages[i]
		}
	}
	return Ages[len(upTo)]
}

func number(s string) (n int) {
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	return n
}

// Row is how many registrations of a state there are of one value.
type Row struct {
	Sort  Sort
	Value string
	State roll.State
	N     int64
}

// Rows lists all counts that are not zero, in order.
func (c *Counts) Rows() []Row {
	var out []Row
	for sort, values := range c.by {
		for value, n := range values {
			for i, k := range n {
				if k > 0 {
					out = append(out, Row{sort, value, order[i], k})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.Value, b.Value), cmp.Compare(a.State, b.State))
	})
	return out
}

// Put puts a row back, such as was kept. A sort that nobody knows is left out.
func (c *Counts) Put(r Row) {
	values := c.by[r.Sort]
	if values == nil {
		return
	}
	n := values[r.Value]
	if n == nil {
		n = new([states]int64)
		values[r.Value] = n
	}
	n[place(r.State)] += r.N
}

// Of is how many registrations there are of a value in some states; in any where
// none is named.
func (c *Counts) Of(s Sort, value string, in ...roll.State) (sum int64) {
	n := c.by[s][value]
	if n == nil {
		return 0
	}
	for i, k := range n {
		if len(in) == 0 || slices.Contains(in, order[i]) {
			sum += k
		}
	}
	return sum
}

// Registered are the states of whoever may vote.
var Registered = []roll.State{roll.Active, roll.Inactive, roll.Challenged}

// Values lists the values of a sort: those of days and ages in their order,
// precincts by name, the others by how many may vote, the most first.
func (c *Counts) Values(s Sort) []string {
	var out []string
	for v := range c.by[s] {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b string) int {
		switch s {
		case Age:
			return slices.Index(Ages, a) - slices.Index(Ages, b)
		case Day, Precinct, County:
			return cmp.Compare(a, b)
		}
		return cmp.Or(cmp.Compare(c.Of(s, b, Registered...), c.Of(s, a, Registered...)), cmp.Compare(a, b))
	})
	return out
}
