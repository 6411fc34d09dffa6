// SPDX-License-Identifier: Apache-2.0

// Package eavs computes what the roll knows of the Election Administration and
// Voting Survey, sections A and F: by concept, never by code, because the
// Election Assistance Commission renumbers its codes with each survey. Which
// code a concept has in which year is data (codes.json). It is pure.
//
//	answers := eavs.Compute(facts)
//	findings := eavs.Book.Check(answers)
//	err := eavs.Book.Write(w, place, year, answers)
package eavs

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

//go:embed codes.json
var codes []byte

// Item is a question of the survey.
type Item struct {
	Concept string            `json:"concept"`
	Codes   map[string]string `json:"codes"`            // by year
	Unsure  bool              `json:"unsure,omitempty"` // the newest code is to be checked against the codebook
}

// Check is a rule that the answers must keep.
type Check struct {
	Name string   `json:"name"`
	Sum  []string `json:"sum"` // concepts; forms/* is all of forms by source
	Is   string   `json:"is"`  // = or <=
	Of   string   `json:"of"`
}

// Book is the survey's questions and rules.
type Book struct {
	Years  []string `json:"years"`
	Items  []Item   `json:"items"`
	Checks []Check  `json:"checks"`
}

// Survey reads the book that comes with the program.
func Survey() (*Book, error) {
	var b Book
	if err := json.Unmarshal(codes, &b); err != nil {
		return nil, err
	}
	return &b, b.check()
}

// check says what of a book cannot be.
func (b *Book) check() error {
	known := make(map[string]bool)
	used := make(map[string]string)
	var wrong []error
	for _, i := range b.Items {
		if known[i.Concept] || len(i.Codes) == 0 {
			wrong = append(wrong, fmt.Errorf("the concept %q is there twice, or has no code", i.Concept))
		}
		known[i.Concept] = true
		for year, code := range i.Codes {
			if other := used[year+code]; other != "" || !slices.Contains(b.Years, year) {
				wrong = append(wrong, fmt.Errorf("%s of %s is both %q and %q, or the year is none", code, year, other, i.Concept))
			}
			used[year+code] = i.Concept
		}
	}
	for _, c := range b.Checks {
		for _, name := range append(slices.Clone(c.Sum), c.Of) {
			if !known[strings.TrimSuffix(name, "/*")] {
				wrong = append(wrong, fmt.Errorf("the check %q asks for %q, which is no concept", c.Name, name))
			}
		}
	}
	return errors.Join(wrong...)
}

// Mapped is the year whose codes are used for a survey: its own, or the newest
// before it. A year before the first has none.
func (b *Book) Mapped(year string) string {
	out := ""
	for _, y := range b.Years {
		if y <= year {
			out = y
		}
	}
	return out
}

// Of lists the items that have a code in a year, in the order of their codes.
func (b *Book) Of(year string) []Item {
	year = b.Mapped(year)
	var out []Item
	for _, i := range b.Items {
		if i.Codes[year] != "" {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(x, y Item) int { return compare(x.Codes[year], y.Codes[year]) })
	return out
}

// compare sorts A9l before A10a.
func compare(a, b string) int {
	pa, na, ra := parts(a)
	pb, nb, rb := parts(b)
	switch {
	case pa != pb:
		return strings.Compare(pa, pb)
	case na != nb:
		return na - nb
	}
	return strings.Compare(ra, rb)
}

func parts(code string) (letter string, n int, rest string) {
	if code == "" {
		return
	}
	letter, rest = code[:1], code[1:]
	for rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		n, rest = n*10+int(rest[0]-'0'), rest[1:]
	}
	return letter, n, rest
}

// Kind is what an answer is.
type Kind string

// The kinds of answers. The commission tells apart what does not apply, what is
// not available, and what was left blank.
const (
	Known    Kind = ""      // a number
	NoData   Kind = "-99"   // the office has no such data
	NotHere  Kind = "-88"   // it does not apply here
	NotAsked Kind = "blank" // nobody has answered
)

// Answer is what is known of a concept, and how.
type Answer struct {
	Kind Kind   `json:"kind,omitempty"`
	N    int64  `json:"n,omitempty"`
	How  string `json:"how,omitempty"` // words key, without extract.eavs.how.
}

// String is the answer as the survey's table has it.
func (a Answer) String() string {
	switch a.Kind {
	case Known:
		return fmt.Sprint(a.N)
	case NotAsked:
		return ""
	}
	return string(a.Kind)
}

// Answers are by concept.
type Answers map[string]Answer

// Exclude marks codes of a year as not applying here: A2 stands for all that
// begins with it.
func (b *Book) Exclude(a Answers, year string, prefixes []string) {
	for _, i := range b.Of(year) {
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(i.Codes[b.Mapped(year)], p); ok && (rest == "" || rest[0] < '0' || rest[0] > '9') {
				a[i.Concept] = Answer{Kind: NotHere, How: "office"}
			}
		}
	}
}

// Finding is what a check found.
type Finding struct {
	Check  Check  `json:"check"`
	Holds  bool   `json:"holds"`
	Sum    int64  `json:"sum"`
	Of     int64  `json:"of"`
	Lacks  string `json:"lacks,omitempty"` // the concept for want of which it cannot be applied
	Blanks int    `json:"blanks,omitempty"`
}

// Check applies the rules. What is not available of a sum's parts is left out
// of it, and then the sum can only be said to be too large.
func (b *Book) Check(a Answers) (out []Finding) {
	for _, c := range b.Checks {
		f := Finding{Check: c}
		of, ok := a[c.Of]
		if f.Of = of.N; !ok || of.Kind != Known {
			f.Lacks = c.Of
			out = append(out, f)
			continue
		}
		known := 0
		for _, name := range b.spread(c.Sum) {
			switch part, ok := a[name]; {
			case ok && part.Kind == Known:
				f.Sum += part.N
				known++
			case !ok || part.Kind != NotHere:
				f.Blanks++
			}
		}
		if known == 0 {
			f.Lacks = c.Sum[0]
		}
		f.Holds = f.Sum <= f.Of && (c.Is == "<=" || f.Blanks > 0 || f.Sum == f.Of)
		out = append(out, f)
	}
	return out
}

// spread puts all parts in the place of forms/*.
func (b *Book) spread(names []string) (out []string) {
	for _, n := range names {
		of, all := strings.CutSuffix(n, "*")
		if !all {
			out = append(out, n)
			continue
		}
		for _, i := range b.Items {
			if strings.HasPrefix(i.Concept, of) {
				out = append(out, i.Concept)
			}
		}
	}
	return out
}
