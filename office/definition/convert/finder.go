// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"strings"

	"hustings/election"
)

// way is how a value of a file names units.
type way string

// The ways, the surest first.
const (
	byCode   way = "id"
	byNumber way = "number"
	byTrim   way = "number without zeros"
	byName   way = "name"
)

var ways = []way{byCode, byNumber, byTrim, byName}

// finder finds units by what files call them. Something that means two units
// means neither.
type finder struct {
	def    *election.Definition
	county []int // the county that each unit lies in, nowhere where it lies in none
	named  map[unitName]int
	spoken map[string]int // counties by what a file calls them, as looked up so far
}

// unitName is a name of a unit, anywhere or within one county.
type unitName struct {
	county int
	way    way
	value  string
}

const (
	nowhere = -1
	twice   = -1 // stands for what means more than one unit
)

func newFinder(def *election.Definition) *finder {
	f := &finder{def: def, county: make([]int, len(def.Units)), named: make(map[unitName]int, 6*len(def.Units)), spoken: make(map[string]int)}
	t := treeOf(def)
	for i, u := range def.Units {
		f.county[i] = t.above(i, func(u election.Unit) bool { return u.Type == election.County })
		f.put(i, byCode, string(u.ID))
		for key, code := range u.External {
			if !internalKeys[key] && key != wardKey {
				f.put(i, byCode, code)
			}
		}
		f.put(i, byNumber, u.Number)
		if u.Number != "" {
			f.put(i, byTrim, trimZeros(u.Number))
		}
		f.put(i, byName, fold(u.Name))
	}
	for i, u := range def.Units { // an id is an id, whatever other units have as a code
		f.named[unitName{nowhere, byCode, string(u.ID)}] = i
	}
	return f
}

func (f *finder) put(i int, w way, value string) {
	if value == "" {
		return
	}
	for _, county := range []int{nowhere, f.county[i]} {
		k := unitName{county, w, value}
		if have, ok := f.named[k]; ok && have != i {
			f.named[k] = twice
		} else {
			f.named[k] = i
		}
	}
}

// trimZeros is a number as a person would compare it: "007A" is "7A".
func trimZeros(s string) string {
	if t := strings.TrimLeft(strings.TrimSpace(s), "0"); t != "" {
		return strings.ToUpper(t)
	}
	return "0"
}

// find gives the unit that a value names in one way: within a county, or
// nowhere in particular.
func (f *finder) find(w way, value string, county int) (int, bool) {
	if value == "" {
		return 0, false
	}
	switch w {
	case byTrim:
		value = trimZeros(value)
	case byName:
		value = fold(value)
	}
	i, ok := f.named[unitName{county, w, value}]
	return i, ok && i != twice
}

// any gives the unit that a value names in whichever way is the surest.
func (f *finder) any(county int, values map[way]string) (int, bool) {
	for _, w := range ways {
		if i, ok := f.find(w, values[w], county); ok {
			return i, true
		}
	}
	return 0, false
}
