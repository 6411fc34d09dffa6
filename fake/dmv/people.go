// SPDX-License-Identifier: Apache-2.0

package dmv

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Applicant is somebody who registers, and what their check should come to.
type Applicant struct {
	Case string
	// Record is what they write on the form; Standing and Dead say nothing.
	Record
}

// Cases are the kinds of applicants, which New makes in turn.
var Cases = []string{
	"license matches", "license nickname", "license hyphen", "license suffix", "license last name differs", "license birth differs",
	"license expired", "license surrendered", "license out of state", "license not found", "license not found, ssn4 matches",
	"no match", "single match alive", "single match deceased", "multiple matches alive", "multiple matches deceased", "multiple matches mixed",
	"invalid input", "no number",
}

// New is an office whose records belong to made-up applicants: Cases in turn,
// each of them in every run of len(Cases). The same seed makes the same people.
func New(seed uint64, applicants int) *Office {
	o := &Office{byLicense: make(map[string]Record), answered: make(map[string]reply), moods: make(map[string][]Mood), slow: 3 * time.Second}
	m := maker{rand.New(rand.NewPCG(seed, 0xd31)), o}
	for i := range applicants {
		o.applicants = append(o.applicants, m.applicant(Cases[i%len(Cases)], i))
	}
	return o
}

// The names of made-up people. Each of the first has a short form in the second.
var (
	firsts    = strings.Fields("ROBERT WILLIAM MARGARET ELIZABETH JAMES KATHERINE THOMAS PATRICIA")
	nicknames = strings.Fields("BOB BILL PEGGY LIZ JIM KATE TOM PATTY")
	lasts     = strings.Fields("ABBOTT BRANDT CASTILLO DUNN ESPINOZA FARRELL GREER HOLLIS IBARRA JENSEN KOWALSKI LUND")
)

type maker struct {
	*rand.Rand
	o *Office
}

// applicant makes one applicant and puts the records into the office.
func (m maker) applicant(kind string, n int) Applicant {
	name := m.IntN(len(firsts))
	r := Record{First: firsts[name], Last: lasts[m.IntN(len(lasts))] + letters(n), Standing: "valid"}
	r.Birth = time.Date(1930+m.IntN(77), time.Month(1+m.IntN(12)), 1+m.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	license, ssn4 := fmt.Sprintf("M%08d", 10_000_000+n), fmt.Sprintf("%04d", 1+m.IntN(9999))
	form, found := strings.CutPrefix(kind, "license ")
	if found {
		r.License = license
		return Applicant{kind, m.driver(form, r, nicknames[name], ssn4)}
	}
	return Applicant{kind, m.nonDriver(kind, r, ssn4)}
}

// driver makes somebody with a licence; the result is what they write.
func (m maker) driver(form string, r Record, nickname, ssn4 string) Record {
	filed, says := r, r
	switch form {
	case "nickname":
		says.First = nickname
	case "hyphen":
		filed.Last, says.Last = r.Last+" GREER", r.Last+"-GREER"
	case "suffix":
		filed.Suffix = "JR"
	case "last name differs":
		says.Last = "VANDERMEER"
	case "birth differs":
		says.Birth = "1929" + r.Birth[4:]
	case "expired", "surrendered":
		filed.Standing = form
	case "out of state":
		filed.Standing = "out-of-state"
	case "not found":
		filed.License = ""
	case "not found, ssn4 matches":
		filed.License, filed.SSN4, says.SSN4 = "", ssn4, ssn4
	}
	m.o.Add(filed)
	return says
}

// nonDriver makes somebody without a licence.
func (m maker) nonDriver(kind string, r Record, ssn4 string) Record {
	r.Standing = ""
	alive, dead := r, r
	alive.SSN4, dead.SSN4, dead.Dead = ssn4, ssn4, true
	says := alive
	switch kind {
	case "single match alive":
		m.o.Add(alive)
	case "single match deceased":
		m.o.Add(dead)
	case "multiple matches alive":
		m.o.Add(alive, alive)
	case "multiple matches deceased":
		m.o.Add(dead, dead)
	case "multiple matches mixed":
		m.o.Add(alive, dead)
	case "invalid input":
		says.SSN4 = ssn4[:3] + "X"
	case "no number":
		says.SSN4 = ""
	}
	return says
}

// letters writes a number in letters, so that no two applicants share a name.
func letters(n int) string {
	text := ""
	for n++; n > 0; n = (n - 1) / 26 {
		text = string(rune('A'+(n-1)%26)) + text
	}
	return text
}
