// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"slices"
	"strings"

	"hustings/kit/hide"
	"hustings/office/registry/spell"
)

// Comparison is how names are compared.
type Comparison string

// The comparisons.
const (
	// Exact wants the same letters; capitals and spaces around do not matter.
	Exact Comparison = "exact"
	// Lenient takes nicknames, hyphens, accents, one part of a compound name, an
	// initial for a middle name, and a suffix that only one side has.
	Lenient Comparison = "lenient"
)

// compare lists the fields in which two records differ.
func compare(c Comparison, a, b Record) (out []Field) {
	alike := map[Field]func(a, b string) bool{First: firstAlike, Middle: middleAlike, Last: lastAlike, Suffix: suffixAlike}
	for _, f := range fields {
		x, y := a.field(f).Reveal(), b.field(f).Reveal()
		same := strings.EqualFold(strings.TrimSpace(x), strings.TrimSpace(y))
		if how := alike[f]; !same && how != nil && c == Lenient {
			same = how(x, y)
		}
		if !same {
			out = append(out, f)
		}
	}
	return out
}

func (r Record) field(f Field) hide.String {
	return map[Field]hide.String{First: r.First, Middle: r.Middle, Last: r.Last, Suffix: r.Suffix, Birth: r.Birth}[f]
}

// partsAlike says whether two names are the same but for gaps, or one is a part
// of the other: GARCIA of GARCIA-LOPEZ.
func partsAlike(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	if strings.Join(a, "") == strings.Join(b, "") {
		return true
	}
	return len(a) == 1 && len(a[0]) > 1 && slices.Contains(b, a[0]) || len(b) == 1 && len(b[0]) > 1 && slices.Contains(a, b[0])
}

func words(text string) []string { return strings.Fields(spell.Fold(text)) }

func firstAlike(a, b string) bool {
	x, y := words(a), words(b)
	if partsAlike(x, y) {
		return true
	}
	return len(x) > 0 && len(y) > 0 && spell.Related(spell.Families(x[0]), spell.Families(y[0]))
}

func middleAlike(a, b string) bool {
	x, y := words(a), words(b)
	if len(x) == 0 || len(y) == 0 || partsAlike(x, y) {
		return true // many files have no middle names
	}
	initial := len(x[0]) == 1 || len(y[0]) == 1
	return initial && x[0][0] == y[0][0]
}

func lastAlike(a, b string) bool { return partsAlike(bare(words(a)), bare(words(b))) }

// generations are the suffixes of names, as they are written.
var generations = map[string]string{"JR": "JR", "JUNIOR": "JR", "SR": "SR", "SENIOR": "SR", "II": "II", "2ND": "II", "III": "III", "3RD": "III",
	"IV": "IV", "4TH": "IV", "V": "V", "5TH": "V"}

// bare is a last name without a suffix that was written behind it.
func bare(list []string) []string {
	if n := len(list); n > 1 && generations[list[n-1]] != "" {
		return list[:n-1]
	}
	return list
}

// suffixAlike lets a suffix be missing on one side. Father and son are told
// apart by it where both have one.
func suffixAlike(a, b string) bool {
	x, y := strings.Join(words(a), ""), strings.Join(words(b), "")
	if x == "" || y == "" {
		return true
	}
	return x == y || generations[x] != "" && generations[x] == generations[y]
}

// mostSpellings is how often a question is asked again in another spelling;
// most services charge for each.
const mostSpellings = 4

// spellings are other ways to write a person's name, the likeliest first: a
// service that compares letter by letter is asked with these where it found
// nobody.
func spellings(r Record) (out []Record) {
	first, last := words(r.First.Reveal()), bare(words(r.Last.Reveal()))
	seen := map[[2]string]bool{{strings.ToUpper(strings.TrimSpace(r.First.Reveal())), strings.ToUpper(strings.TrimSpace(r.Last.Reveal()))}: true}
	add := func(f, l string) {
		if key := [2]string{f, l}; l != "" && !seen[key] && len(out) < mostSpellings {
			seen[key] = true
			again := r
			again.First, again.Last = hide.New(f), hide.New(l)
			out = append(out, again)
		}
	}
	f, l := strings.Join(first, " "), strings.Join(last, " ")
	add(f, l) // without hyphens, accents and suffix
	if len(last) > 1 {
		add(f, last[0])
		add(f, last[len(last)-1])
	}
	if len(first) > 0 {
		for _, whole := range inFull(first[0]) {
			add(whole, l)
		}
	}
	add(f, strings.Join(last, ""))
	if len(first) > 1 {
		add(first[0], l)
	}
	return out
}

// inFull are the names that a short form may stand for: of each family of names
// the one that leads it.
func inFull(name string) (out []string) {
	forms := spell.Forms(name)
	for _, family := range spell.Families(name) {
		leads := func(f string) bool { return spell.Families(f)[0] == family }
		if i := slices.IndexFunc(forms, leads); i >= 0 {
			out = append(out, forms[i])
		}
	}
	return out
}
