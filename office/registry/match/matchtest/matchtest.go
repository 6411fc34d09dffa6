// SPDX-License-Identifier: Apache-2.0

// Package matchtest makes up people, households and the mistakes in their
// records, for trying out matching: the same seed gives the same people. Who is
// who is in the record ids, which matching does not look at: A12 and B12 are
// person 12, and so is A12x1.
package matchtest

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
)

// Town says what kind of people to make up, and how badly they are written
// down.
type Town struct {
	Seed       uint64
	People     int
	Errors     float64  // times the usual number of mistakes; 0 makes none
	Duplicates float64  // share of people who are twice on the left list
	Shared     float64  // share of people on the left list who are on the right one too
	Without    []string // columns to leave out
	Australian bool     // other headers, states, postcodes and dates
}

// Person is somebody as they are.
type person struct {
	number                        int
	given, middle, surname        string
	suffix, sex                   string
	year, month, day              int
	house, street, unit           string
	city, zip                     string
	phone, ssn4, licence          string
	hasPhone, hasSSN4, hasLicence bool
}

// columns of the lists, by what they are called on either side of the ocean.
var columns = [][2]string{{"rec_id", "rec_id"}, {"last_name", "surname"}, {"first_name", "given_name"}, {"middle_name", "middle_name"}, {"suffix", "suffix"}, {"sex", "sex"},
	{"dob", "date_of_birth"}, {"house_number", "street_number"}, {"street", "address_1"}, {"unit", "unit"}, {"city", "suburb"}, {"zip", "postcode"}, {"state", "state"},
	{"phone", "phone"}, {"ssn4", "ssn4"}, {"dl_number", "licence"}}

// Left writes the left list: everybody once, some twice.
func (t Town) Left(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	t.header(out)
	t.each(func(p *person, r *rand.Rand) {
		t.write(out, r, p, fmt.Sprintf("A%d", p.number), 0.2)
		if r.Float64() < t.Duplicates {
			t.write(out, r, p, fmt.Sprintf("A%dx1", p.number), 1)
		}
	})
	return out.Flush()
}

// Right writes the right list: a share of the people on the left one, and as
// many others.
func (t Town) Right(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	t.header(out)
	t.each(func(p *person, r *rand.Rand) {
		r.Uint64() // the right list makes its own mistakes
		if r.Float64() < t.Shared {
			t.write(out, r, p, fmt.Sprintf("B%d", p.number), 1)
		}
	})
	other := t
	other.Seed, other.People = t.Seed+1_000_003, int(float64(t.People)*(1-t.Shared))
	other.each(func(p *person, r *rand.Rand) {
		t.write(out, r, p, fmt.Sprintf("B%d", p.number+t.People), 1)
	})
	return out.Flush()
}

// Who is the person behind a record id.
func Who(id string) string {
	who, _, _ := strings.Cut(id[1:], "x")
	return who
}

func (t Town) header(out *bufio.Writer) {
	var names []string
	for _, c := range columns {
		if t.has(c[0]) {
			names = append(names, c[t.ocean()])
		}
	}
	out.WriteString(strings.Join(names, ",") + "\n")
}

func (t Town) has(column string) bool {
	for _, c := range t.Without {
		if c == column {
			return false
		}
	}
	return true
}

func (t Town) ocean() int {
	if t.Australian {
		return 1
	}
	return 0
}

// each makes everybody, household by household.
func (t Town) each(do func(p *person, r *rand.Rand)) {
	made := 0
	for home := uint64(0); made < t.People; home++ {
		r := rand.New(rand.NewPCG(t.Seed, home))
		for _, p := range t.household(r) {
			if made == t.People {
				return
			}
			made++
			p.number = made
			do(&p, rand.New(rand.NewPCG(t.Seed, uint64(made)<<32)))
		}
	}
}

func (t Town) household(r *rand.Rand) []person {
	size := [...]int{1, 1, 1, 1, 2, 2, 2, 3, 3, 4}[r.IntN(10)]
	street := fmt.Sprintf("%s %s", streetName(r), types[r.IntN(len(types))])
	if r.IntN(4) == 0 {
		street = "NSEW"[r.IntN(4):][:1] + " " + street
	}
	house, unit := fmt.Sprint(1+r.IntN(9899)), ""
	if r.IntN(6) == 0 {
		unit = fmt.Sprintf("APT %d%c", 1+r.IntN(40), 'A'+rune(r.IntN(4)))
	}
	place := r.IntN(40 + t.People/3000)
	city, zip := cityName(place), fmt.Sprint(27000+place)
	if t.Australian {
		zip = fmt.Sprint(2000 + place*7%6000)
	}
	family, phone := surname(r), fmt.Sprintf("%d555%04d", 200+r.IntN(700), r.IntN(10000))
	var out []person
	for i := range size {
		p := t.somebody(r)
		p.house, p.street, p.unit, p.city, p.zip, p.phone = house, street, unit, city, zip, phone
		if r.IntN(3) > 0 {
			p.phone = fmt.Sprintf("%d%07d", 200+r.IntN(700), r.IntN(1e7))
		}
		if i == 0 || r.IntN(10) < 7 {
			p.surname = family
		}
		if i > 0 {
			relate(r, &out[0], &out[len(out)-1], &p, i)
		}
		out = append(out, p)
	}
	return out
}

// relate makes the second of a household a spouse, the others children; some
// are twins, and some bear a parent's name.
func relate(r *rand.Rand, head, last, p *person, i int) {
	if i == 1 {
		p.year = head.year + r.IntN(11) - 5
		return
	}
	p.year, p.surname = head.year+20+r.IntN(18), head.surname
	if i > 2 && r.IntN(20) == 0 {
		p.year, p.month, p.day = last.year, last.month, last.day
	}
	if p.sex == head.sex && r.IntN(8) == 0 {
		p.given, p.suffix = head.given, "JR"
		head.suffix = "SR"
	}
}

func (t Town) somebody(r *rand.Rand) person {
	p := person{sex: "F", surname: surname(r), year: 1932 + r.IntN(40) + r.IntN(36), month: 1 + r.IntN(12), day: 1 + r.IntN(28)}
	if r.IntN(2) == 0 {
		p.sex = "M"
	}
	p.given, p.middle = given(r, p.sex), given(r, p.sex)
	if r.IntN(8) == 0 {
		p.middle = ""
	}
	p.ssn4, p.licence = fmt.Sprintf("%04d", r.IntN(10000)), fmt.Sprintf("%09d", r.IntN(1e9))
	p.hasPhone, p.hasSSN4, p.hasLicence = r.IntN(10) < 4, r.IntN(10) < 5, r.IntN(10) < 7
	return p
}

// zipf picks a rank out of n, the first ranks most often.
func zipf(r *rand.Rand, n int, s float64) int {
	u := r.Float64()
	top := math.Pow(float64(n), 1-s)
	return min(n-1, int(math.Pow(u*(top-1)+1, 1/(1-s)))-1)
}

func surname(r *rand.Rand) string { return madeUp(zipf(r, 30000, 0.8), 7) }
func given(r *rand.Rand, sex string) string {
	list := men
	if sex == "F" {
		list = women
	}
	if r.IntN(12) == 0 {
		return madeUp(zipf(r, 3000, 0.7), 13)
	}
	return list[zipf(r, len(list), 0.6)]
}
func streetName(r *rand.Rand) string { return madeUp(zipf(r, 8000, 0.5), 31) }
func cityName(n int) string {
	return madeUp(n, 97) + " " + [...]string{"HILL", "SPRINGS", "PARK", "CITY"}[n%4]
}

// madeUp is name n of a list of names that nobody bears.
func madeUp(n, list int) string {
	x := uint32(n*2654435761+list*40503) ^ 0x9e37
	var b strings.Builder
	for i := range 2 + n%3/2 + min(1, n/900) {
		x = x*1664525 + 1013904223
		b.WriteString(starts[x>>27%uint32(len(starts))])
		x = x*1664525 + 1013904223
		b.WriteString(vowels[x>>28%uint32(len(vowels))])
		if i == 0 {
			x = x*1664525 + 1013904223
			b.WriteString(ends[x>>28%uint32(len(ends))])
		}
	}
	return b.String()
}

var (
	starts = strings.Fields("B BR C CH CL D DR F FR G GR H J K KL L M N P PR QU R S SCH SH ST T TR V W Y Z")
	vowels = strings.Fields("A E I O U AI EA OU A E I O A E IE EE")
	ends   = strings.Fields("N R L S M T ND RT LL NG CK RS NN LD SS TH")
	types  = strings.Fields("ST AVE RD LN DR CT BLVD CIR PL WAY")
	men    = strings.Fields(`JAMES ROBERT JOHN MICHAEL DAVID WILLIAM RICHARD JOSEPH THOMAS CHARLES CHRISTOPHER DANIEL MATTHEW ANTHONY MARK DONALD STEVEN PAUL ANDREW JOSHUA
KENNETH KEVIN BRIAN GEORGE EDWARD RONALD TIMOTHY JASON JEFFREY RYAN JACOB GARY NICHOLAS ERIC JONATHAN STEPHEN LARRY JUSTIN SCOTT BRANDON BENJAMIN SAMUEL GREGORY FRANK
ALEXANDER RAYMOND PATRICK JACK DENNIS JERRY TYLER AARON JOSE ADAM HENRY NATHAN DOUGLAS ZACHARY PETER KYLE WALTER ETHAN JEREMY HAROLD KEITH CHRISTIAN ROGER NOAH GERALD CARL`)
	women = strings.Fields(`MARY PATRICIA JENNIFER LINDA ELIZABETH BARBARA SUSAN JESSICA SARAH KAREN LISA NANCY BETTY MARGARET SANDRA ASHLEY KIMBERLY EMILY DONNA MICHELLE
CAROL AMANDA DOROTHY MELISSA DEBORAH STEPHANIE REBECCA SHARON LAURA CYNTHIA KATHLEEN AMY ANGELA SHIRLEY ANNA BRENDA PAMELA EMMA NICOLE HELEN SAMANTHA KATHERINE CHRISTINE
DEBRA RACHEL CAROLYN JANET CATHERINE MARIA HEATHER DIANE RUTH JULIE OLIVIA JOYCE VIRGINIA VICTORIA KELLY LAUREN CHRISTINA JOAN EVELYN JUDITH MEGAN ANDREA CHERYL HANNAH`)
)
