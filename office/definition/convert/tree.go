// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"slices"
	"strings"

	"hustings/election"
)

// tree is the units of a definition, by who contains whom.
type tree struct {
	def  *election.Definition
	at   map[election.UnitID]int
	kids [][]int
}

func treeOf(def *election.Definition) *tree {
	t := &tree{def: def, at: make(map[election.UnitID]int, len(def.Units)), kids: make([][]int, len(def.Units))}
	for i, u := range def.Units {
		if _, twice := t.at[u.ID]; !twice {
			t.at[u.ID] = i
		}
	}
	for i, u := range def.Units {
		if p, ok := t.at[u.Parent]; ok && u.Parent != "" && p != i {
			t.kids[p] = append(t.kids[p], i)
		}
	}
	return t
}

// leaves calls do for every unit at or below i that contains no other. Units
// that contain themselves are passed over.
func (t *tree) leaves(i int, do func(leaf int)) {
	t.walk(i, 0, func(u, _ int) {
		if len(t.kids[u]) == 0 {
			do(u)
		}
	})
}

// maxDepth is deeper than any real tree of units; a longer way is a circle.
const maxDepth = 32

// walk calls do for a unit and all below it, each before those it contains.
func (t *tree) walk(i, depth int, do func(u, depth int)) {
	if depth > maxDepth {
		return
	}
	do(i, depth)
	for _, k := range t.kids[i] {
		t.walk(k, depth+1, do)
	}
}

// above is the nearest unit at or above i for which ok holds, -1 for none.
func (t *tree) above(i int, ok func(u election.Unit) bool) int {
	for steps := 0; steps <= maxDepth; steps++ {
		if ok(t.def.Units[i]) {
			return i
		}
		p, has := t.at[t.def.Units[i].Parent]
		if !has || t.def.Units[i].Parent == "" {
			return -1
		}
		i = p
	}
	return -1
}

// arrange puts a definition's units into the order in which people look for
// them, each after what contains it and siblings by number and name, and lists
// of units and districts into the order of the units and districts. Files of
// one election then give one definition, whatever their order.
func arrange(def *election.Definition) {
	t := treeOf(def)
	for _, kids := range t.kids {
		slices.SortStableFunc(kids, func(a, b int) int { return compareUnits(def.Units[a], def.Units[b]) })
	}
	out := make([]election.Unit, 0, len(def.Units))
	seen := make([]bool, len(def.Units))
	put := func(u, _ int) {
		if !seen[u] {
			seen[u] = true
			out = append(out, def.Units[u])
		}
	}
	if root, ok := t.at[def.Election.Scope]; ok {
		t.walk(root, 0, put)
	}
	for i, u := range def.Units {
		if _, has := t.at[u.Parent]; !has || u.Parent == "" {
			t.walk(i, 0, put)
		}
	}
	for i := range def.Units { // what hangs in a circle comes last; Check tells
		put(i, 0)
	}
	def.Units = out
	arrangeLists(def)
}

func arrangeLists(def *election.Definition) {
	units := make(map[election.UnitID]int, len(def.Units))
	for i, u := range def.Units {
		units[u.ID] = i
	}
	districts := make(map[election.DistrictID]int, len(def.Districts))
	for i, d := range def.Districts {
		districts[d.ID] = i
	}
	for i := range def.Units {
		def.Units[i].Districts = inOrder(def.Units[i].Districts, districts)
	}
	for i := range def.Styles {
		def.Styles[i].Units = inOrder(def.Styles[i].Units, units)
	}
	for i := range def.Places {
		def.Places[i].Units = inOrder(def.Places[i].Units, units)
	}
	slices.SortStableFunc(def.Shapes, func(a, b election.Shape) int { return cmp.Compare(units[a.Unit], units[b.Unit]) })
}

// inOrder is a sorted copy of a list of ids without repetitions, nil for none.
// Ids that nothing has come last.
func inOrder[K cmp.Ordered](list []K, order map[K]int) []K {
	if len(list) == 0 {
		return nil
	}
	out := slices.Clone(list)
	slices.SortFunc(out, func(a, b K) int {
		ia, oka := order[a]
		ib, okb := order[b]
		switch {
		case oka && okb:
			return cmp.Compare(ia, ib)
		case oka:
			return -1
		case okb:
			return 1
		}
		return cmp.Compare(a, b)
	})
	return slices.Compact(out)
}

// compareUnits orders siblings: those with a number first, by number.
func compareUnits(a, b election.Unit) int {
	if (a.Number == "") != (b.Number == "") {
		return cmp.Compare(b.Number, a.Number)
	}
	return cmp.Or(compareNatural(a.Number, b.Number), compareNatural(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// compareNatural orders names so that "Precinct 9" comes before "Precinct 10".
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		da, db := digitRun(a), digitRun(b)
		if da > 0 && db > 0 {
			na, nb := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
			if c := cmp.Or(cmp.Compare(len(na), len(nb)), cmp.Compare(na, nb)); c != 0 {
				return c
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digitRun(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
