// SPDX-License-Identifier: Apache-2.0

// Package gate says whether a file from outside may touch the roll. Each source
// has a contract: the columns that it must have, how they are written, how many
// of them may be blank, how large the file usually is. A file is counted while
// it is read, and what was counted is held against the contract and against the
// files that came before.
//
//	c := gate.NewCounter(contract)
//	for each row { c.Row(func(column string) string { … }) }
//	verdict := gate.Check(contract, c.Profile(), earlier)
//
// In 2018 a county's roster lacked 118,522 voters, because birth dates had been
// blank in a file from another office and nobody had counted them. A file like
// that is held here before anybody is touched by it.
//
// It is pure thinking: no database, no clock.
package gate

import (
	"cmp"
	"fmt"
	"slices"
)

// Verdict is the answer of the gate, with everything that speaks against the
// file.
type Verdict struct {
	Answer   Answer
	Contract string // source and version
	Findings []Finding
}

// Answer is what becomes of a file.
type Answer string

// The answers.
const (
	Pass Answer = "pass"
	Hold Answer = "hold" // until a second person has released it
)

// Finding is one thing in which a file is not as agreed. Got and Limit are
// shares, but for counts of rows and of days.
type Finding struct {
	Kind   Kind
	Column string `json:",omitempty"`
	Got    float64
	Limit  float64
	Rows   int `json:",omitempty"` // how many rows it is about
}

// Kind is a kind of finding.
type Kind string

// The kinds of findings.
const (
	Missing    Kind = "missing"    // the file has no such column
	Blank      Kind = "blank"      // too many rows have nothing in the column
	Unreadable Kind = "unreadable" // too many rows have something in it that is not of its format
	Blanker    Kind = "blanker"    // more rows than in earlier files have nothing in it
	Rejected   Kind = "rejected"   // too many rows could not be used
	TooFew     Kind = "too-few"    // far fewer rows than in earlier files
	TooMany    Kind = "too-many"
	Empty      Kind = "empty"       // fewer rows than a file of this source has at least
	FewBirths  Kind = "few-births"  // so many people are born on more days
	SameBirths Kind = "same-births" // one day of birth stands for far too many
)

// String gives a finding as a sentence.
func (f Finding) String() string {
	share := func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }
	switch f.Kind {
	case Missing:
		return fmt.Sprintf("the column %s is missing; ask the sender for a file that has it", f.Column)
	case Blank:
		return fmt.Sprintf("%s is blank in %s of the rows (%d); at most %s may be", f.Column, share(f.Got), f.Rows, share(f.Limit))
	case Unreadable:
		return fmt.Sprintf("%s cannot be read in %s of the rows (%d); at most %s may be so", f.Column, share(f.Got), f.Rows, share(f.Limit))
	case Blanker:
		return fmt.Sprintf("%s is blank in %s of the rows; in earlier files it was in %s", f.Column, share(f.Got), share(f.Limit))
	case Rejected:
		return fmt.Sprintf("%s of the rows (%d) could not be used; at most %s may be so", share(f.Got), f.Rows, share(f.Limit))
	case TooFew:
		return fmt.Sprintf("%.0f rows; after earlier files at least %.0f were to be expected", f.Got, f.Limit)
	case TooMany:
		return fmt.Sprintf("%.0f rows; after earlier files at most %.0f were to be expected", f.Got, f.Limit)
	case Empty:
		return fmt.Sprintf("%.0f rows; a file of this source has %.0f at least", f.Got, f.Limit)
	case FewBirths:
		return fmt.Sprintf("%.0f different days of birth; so many people are born on %.0f days at least", f.Got, f.Limit)
	case SameBirths:
		return fmt.Sprintf("one day of birth stands in %s of the rows (%d); at most %s may be", share(f.Got), f.Rows, share(f.Limit))
	}
	return string(f.Kind)
}

// Check holds what was counted of a file against the contract and against the
// profiles of earlier files of the same source that were let in, the newest
// last.
func Check(c *Contract, p Profile, earlier []Profile) Verdict {
	k := checker{agreed: c, got: &p, earlier: earlier}
	k.size()
	k.columns()
	k.births()
	v := Verdict{Answer: Pass, Contract: fmt.Sprintf("%s v%d", c.Source, c.Version), Findings: k.found}
	if len(k.found) > 0 {
		v.Answer = Hold
	}
	return v
}

type checker struct {
	agreed  *Contract
	got     *Profile
	earlier []Profile
	found   []Finding
}

// read is how many rows the file has, used or not.
func (p *Profile) read() int { return p.Rows + p.Rejected }

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// size looks at how many rows there are, and how many could be used.
func (k *checker) size() {
	n := k.got.read()
	if n < k.agreed.Rows.Least {
		k.found = append(k.found, Finding{Kind: Empty, Got: float64(n), Limit: float64(k.agreed.Rows.Least)})
	}
	if got := share(k.got.Rejected, n); got > k.agreed.Rejected {
		k.found = append(k.found, Finding{Kind: Rejected, Got: got, Limit: k.agreed.Rejected, Rows: k.got.Rejected})
	}
	usual, known := median(k.earlier, func(p *Profile) (float64, bool) { return float64(p.read()), true })
	if !known || k.agreed.Rows.Change == 0 {
		return
	}
	least, most := usual*(1-min(k.agreed.Rows.Change, 1)), usual*(1+k.agreed.Rows.Change)
	switch {
	case float64(n) < least:
		k.found = append(k.found, Finding{Kind: TooFew, Got: float64(n), Limit: least})
	case float64(n) > most:
		k.found = append(k.found, Finding{Kind: TooMany, Got: float64(n), Limit: most})
	}
}

// columns looks at each column of the contract.
func (k *checker) columns() {
	for _, c := range k.agreed.Column {
		n, there := k.got.Columns[c.Name]
		if !there {
			if c.Required {
				k.found = append(k.found, Finding{Kind: Missing, Column: c.Name})
			}
			continue
		}
		rows := k.got.Rows
		blank := share(n.Blank, rows)
		if blank > c.Blank {
			k.found = append(k.found, Finding{Kind: Blank, Column: c.Name, Got: blank, Limit: c.Blank, Rows: n.Blank})
		} else if usual, known := median(k.earlier, usualBlank(c.Name)); known && c.More > 0 && blank > usual+c.More {
			k.found = append(k.found, Finding{Kind: Blanker, Column: c.Name, Got: blank, Limit: usual, Rows: n.Blank})
		}
		if wrong := share(n.Unreadable, rows); wrong > c.Unreadable {
			k.found = append(k.found, Finding{Kind: Unreadable, Column: c.Name, Got: wrong, Limit: c.Unreadable, Rows: n.Unreadable})
		}
	}
}

func usualBlank(column string) func(p *Profile) (float64, bool) {
	return func(p *Profile) (float64, bool) {
		n, there := p.Columns[column]
		return share(n.Blank, p.Rows), there && p.Rows > 0
	}
}

// days is about on how many days so many people were born: they live for some
// sixty years of voting age, so that days fill up as rows grow.
const days = 60 * 365

// births looks at the days of birth. A file in which a program wrote one date
// for all, or the same few, passes every look at single rows.
func (k *checker) births() {
	if !k.got.Births.Counted || k.got.Births.Known < 50 {
		return
	}
	n := float64(k.got.Births.Known)
	expected := days * (1 - 1/(1+n/days)) // grows with the rows, and fills up
	if least := expected * k.agreed.Births.Days; float64(k.got.Births.Days) < least {
		k.found = append(k.found, Finding{Kind: FewBirths, Got: float64(k.got.Births.Days), Limit: least})
	}
	if got := share(k.got.Births.Commonest, k.got.Births.Known); k.agreed.Births.Commonest > 0 && k.got.Births.Commonest > 5 && got > k.agreed.Births.Commonest {
		k.found = append(k.found, Finding{Kind: SameBirths, Got: got, Limit: k.agreed.Births.Commonest, Rows: k.got.Births.Commonest})
	}
}

// lately is how many earlier files say what is usual.
const lately = 8

// median is what is usual among the latest profiles that know the figure.
func median(earlier []Profile, of func(*Profile) (float64, bool)) (float64, bool) {
	var list []float64
	for i := len(earlier) - 1; i >= 0 && len(list) < lately; i-- {
		if v, known := of(&earlier[i]); known {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.SortFunc(list, cmp.Compare[float64])
	return list[len(list)/2], true
}
