// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/words"
	"hustings/office/extract/eavs"
)

// fields are the names of what is wrong, in order.
func fields(wrong map[string]string) []string { return slices.Sorted(maps.Keys(wrong)) }

// joined is a list in one field.
func joined(list []string) string { return strings.Join(list, ", ") }

// number is a number in a field, nothing for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// describes are the ids of what describes a field.
func describes(p *words.Printer, f form, name string) string {
	var ids []string
	if p.Has("extract.hint." + name) {
		ids = append(ids, name+"-hint")
	}
	if f.wrong[name] != "" {
		ids = append(ids, name+"-wrong")
	}
	return strings.Join(ids, " ")
}

// described are the ids of what describes a field.
func described(name, hint, wrong string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, name+"-hint")
	}
	if wrong != "" {
		ids = append(ids, name+"-wrong")
	}
	return strings.Join(ids, " ")
}

// question is what a concept of the survey asks: of those by source, the block
// and the source.
func question(p *words.Printer, concept string) string {
	block, part, by := strings.Cut(concept, "/")
	if !by {
		return p.T("extract.eavs." + concept)
	}
	switch block {
	case "notices", "removed", "voted":
		return p.T("extract.eavs."+block) + ": " + p.T("extract.eavs."+block+"."+part)
	}
	return p.T("extract.eavs."+block) + ": " + p.T("extract.eavs.by."+part)
}

// finding says what a check found.
func finding(p *words.Printer, f eavs.Finding) string {
	var sum []string
	for _, c := range f.Check.Sum {
		if block, all := strings.CutSuffix(c, "/*"); all {
			sum = append(sum, p.T("extract.check.parts", "of", p.T("extract.eavs."+block)))
			continue
		}
		sum = append(sum, question(p, c))
	}
	args := []any{"sum", strings.Join(sum, " + "), "n", p.Number(f.Sum), "of", question(p, f.Check.Of), "whole", p.Number(f.Of)}
	key := "extract.check.holds"
	switch {
	case f.Lacks != "":
		key = "extract.check.lacks"
	case !f.Holds:
		key = "extract.check.broken"
	case f.Check.Is == "=" && f.Blanks > 0:
		key = "extract.check.partly"
	case f.Check.Is == "<=":
		key = "extract.check.most"
	}
	return p.T(key, args...)
}

// hows are the ways in which answers were come by.
func hows(a eavs.Answers) []string {
	used := make(map[string]bool)
	for _, one := range a {
		used[one.How] = true
	}
	return slices.Sorted(maps.Keys(used))
}
