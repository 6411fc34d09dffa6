// SPDX-License-Identifier: Apache-2.0

package spell

import (
	_ "embed"
	"strings"
	"sync"
)

// nicknames.txt holds one given name a line with the short and pet forms that
// go with it, in English and Spanish; written for Hustings.
//
//go:embed nicknames.txt
var nicknameLines string

var families = sync.OnceValue(func() []string { return strings.Split(strings.TrimSpace(nicknameLines), "\n") })

// nicknames gives the families of names that a name belongs to, the likeliest
// first. BERT is of ALBERT and of ROBERT.
var nicknames = sync.OnceValue(func() map[string][]uint16 {
	out := make(map[string][]uint16)
	for i, line := range families() {
		for j, name := range strings.Fields(line) {
			family := uint16(i + 1)
			if j == 0 {
				out[name] = append([]uint16{family}, out[name]...) // its own family goes first
				continue
			}
			out[name] = append(out[name], family)
		}
	}
	return out
})

// Families are the families of given names that a folded name belongs to.
func Families(name string) []uint16 { return nicknames()[name] }

// Forms are the other names of a folded given name's families: BILL for WILLIAM.
func Forms(name string) (out []string) {
	for _, f := range Families(name) {
		for _, other := range strings.Fields(families()[f-1]) {
			if other != name {
				out = append(out, other)
			}
		}
	}
	return out
}

// Related says whether two given names are forms of one.
func Related(a, b []uint16) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
