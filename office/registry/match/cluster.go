// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"slices"
)

// Clusters gathers records that matches hold together, directly or through
// others: each cluster is one person as far as the matches go. Records and
// clusters are in the order of their ids.
func (r *Result) Clusters() [][]int32 {
	parent := make(map[int32]int32)
	var root func(i int32) int32
	root = func(i int32) int32 {
		p, ok := parent[i]
		if !ok || p == i {
			return i
		}
		p = root(p)
		parent[i] = p
		return p
	}
	for _, p := range r.Pairs {
		if p.Tier != None {
			a, b := root(p.A), root(p.B)
			parent[a], parent[b] = min(a, b), min(a, b)
		}
	}
	by := make(map[int32][]int32)
	for i := range parent {
		by[root(i)] = append(by[root(i)], i)
	}
	out := make([][]int32, 0, len(by))
	for _, members := range by {
		slices.SortFunc(members, r.byID)
		out = append(out, members)
	}
	slices.SortFunc(out, func(a, b []int32) int { return r.byID(a[0], b[0]) })
	return out
}

// byID orders records by file and id.
func (r *Result) byID(a, b int32) int {
	return cmp.Or(cmp.Compare(r.Side(a), r.Side(b)), cmp.Compare(r.ID(a), r.ID(b)))
}

// Side says of which file a record is: 0 for the left, 1 for the right.
func (r *Result) Side(i int32) int {
	if int(i) < r.left {
		return 0
	}
	return 1
}
