// SPDX-License-Identifier: Apache-2.0

package matchtest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"strings"
)

// write puts a person on a list, with mistakes at a share of the town's rate.
func (t Town) write(out *bufio.Writer, r *rand.Rand, p *person, id string, share float64) {
	rate := t.Errors * share
	wrong := func(chance float64) bool { return r.Float64() < chance*rate }
	q := *p
	t.mistakes(r, &q, wrong)
	known := func(has bool, value string) string {
		if has {
			return value
		}
		return ""
	}
	values := [...]string{id, q.surname, q.given, q.middle, q.suffix, q.sex, t.date(r, &q, wrong), q.house, q.street, q.unit, q.city, q.zip, "NC",
		known(q.hasPhone, q.phone), known(q.hasSSN4, q.ssn4), known(q.hasLicence, q.licence)}
	if t.Australian {
		values[12] = "nsw"
	}
	first := true
	for i, c := range columns {
		if !t.has(c[0]) {
			continue
		}
		if !first {
			out.WriteByte(',')
		}
		first = false
		out.WriteString(values[i])
	}
	out.WriteByte('\n')
}

// mistakes is what happens to people between two lists: they move and marry,
// and whoever writes them down mishears and mistypes.
func (t Town) mistakes(r *rand.Rand, q *person, wrong func(float64) bool) {
	if wrong(0.15) {
		q.house, q.street, q.unit = fmt.Sprint(1+r.IntN(9899)), streetName(r)+" "+types[r.IntN(len(types))], ""
		place := r.IntN(40 + t.People/3000)
		q.city, q.zip = cityName(place), fmt.Sprint(27000+place)
	}
	if q.sex == "F" && q.year > 1955 && wrong(0.08) {
		q.surname = surname(r)
	}
	for _, s := range [...]*string{&q.given, &q.surname, &q.street} {
		if wrong(0.05) {
			*s = mistype(r, *s)
		}
	}
	if wrong(0.1) {
		q.given = short(r, q.given)
	}
	switch {
	case wrong(0.3) && q.middle != "":
		q.middle = q.middle[:1]
	case wrong(0.2):
		q.middle = ""
	}
	if wrong(0.45) {
		q.suffix = ""
	}
	if wrong(0.03) {
		q.licence = fmt.Sprintf("%09d", r.IntN(1e9))
	}
	if wrong(0.01) {
		q.ssn4 = fmt.Sprintf("%04d", r.IntN(10000))
	}
	if wrong(0.3) {
		q.phone = fmt.Sprintf("%d%07d", 200+r.IntN(700), r.IntN(1e7))
	}
}

// date writes a birth date, now and then a wrong one.
func (t Town) date(r *rand.Rand, q *person, wrong func(float64) bool) string {
	y, m, d := q.year, q.month, q.day
	switch {
	case wrong(0.01):
		return ""
	case wrong(0.01) && d <= 12:
		m, d = d, m
	case wrong(0.012):
		d = 1 + r.IntN(28)
	case wrong(0.008):
		y += 10 - 20*r.IntN(2)
	case wrong(0.006):
		m, d = 1, 1
	}
	if t.Australian {
		return fmt.Sprintf("%04d%02d%02d", y, m, d)
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

// mistype is one slip of the finger.
func mistype(r *rand.Rand, s string) string {
	if len(s) < 3 {
		return s
	}
	b := []byte(s)
	i := r.IntN(len(b) - 1)
	switch r.IntN(4) {
	case 0:
		b[i], b[i+1] = b[i+1], b[i]
	case 1:
		b[i] = 'A' + byte(r.IntN(26))
	case 2:
		b = append(b[:i], b[i+1:]...)
	default:
		return s[:i] + string('A'+rune(r.IntN(26))) + s[i:]
	}
	return string(b)
}

// pet are short forms that are on every list of them.
var pet = func() map[string][]string {
	out := map[string][]string{}
	for _, line := range strings.Split(`ROBERT BOB ROB BOBBY
WILLIAM BILL WILL BILLY
JAMES JIM JIMMY
JOHN JACK JOHNNY
MICHAEL MIKE
DAVID DAVE
RICHARD RICK DICK
JOSEPH JOE
THOMAS TOM
CHARLES CHUCK CHARLIE
CHRISTOPHER CHRIS
DANIEL DAN DANNY
ELIZABETH LIZ BETH BETTY
PATRICIA PAT PATTY TRISH
JENNIFER JEN JENNY
MARGARET PEGGY MAGGIE
SUSAN SUE
KATHERINE KATE KATHY
REBECCA BECKY
DEBORAH DEB DEBBIE
CATHERINE CATHY
SAMANTHA SAM
VICTORIA VICKY`, "\n") {
		f := strings.Fields(line)
		out[f[0]] = f[1:]
	}
	return out
}()

func short(r *rand.Rand, name string) string {
	if forms := pet[name]; forms != nil {
		return forms[r.IntN(len(forms))]
	}
	return name
}
