// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/words"
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
