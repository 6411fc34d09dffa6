// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"slices"
	"strings"

	"hustings/election"
)

// countItems are the count groups of NIST in the order in which offices list
// them, with the names that people know them by.
var countItems = []struct {
	item election.CountItem
	name string
}{
	{election.ElectionDay, "Election day"}, {election.Early, "Early voting"}, {election.Absentee, "Absentee"},
	{election.AbsenteeMail, "Absentee by mail"}, {election.AbsenteeInPerson, "Absentee in person"},
	{election.AbsenteeFWAB, "Federal write-in absentee"}, {election.UOCAVA, "Military and overseas"},
	{election.Provisional, "Provisional"}, {election.WriteInItem, "Write-in"}, {election.OtherItem, "Other"},
}

// itemRank is the place of a count group in countItems, -1 for none of them.
func itemRank(item election.CountItem) int {
	for i, c := range countItems {
		if c.item == item {
			return i
		}
	}
	return -1
}

// voteTypes collects the count groups that a file speaks of.
type voteTypes struct {
	seen map[string]election.VoteType
}

// add notes a count group. The total of all is none.
func (v *voteTypes) add(item, other string) {
	at := itemRank(election.CountItem(item))
	if at < 0 {
		return
	}
	t := election.VoteType{ID: election.VoteTypeID(item), Name: election.T(countItems[at].name), Item: election.CountItem(item)}
	if name := strings.TrimSpace(other); t.Item == election.OtherItem && name != "" {
		t.Name = election.T(name)
		if t.ID = election.VoteTypeID(slug(name)); t.ID == "" {
			t.ID = "other"
		}
	}
	if v.seen == nil {
		v.seen = make(map[string]election.VoteType)
	}
	if _, have := v.seen[string(t.ID)]; !have {
		v.seen[string(t.ID)] = t
	}
}

// list gives the count groups in the order of countItems.
func (v *voteTypes) list() []election.VoteType {
	var out []election.VoteType
	for _, id := range sortedKeys(v.seen) {
		out = append(out, v.seen[id])
	}
	slices.SortStableFunc(out, func(a, b election.VoteType) int { return itemRank(a.Item) - itemRank(b.Item) })
	return out
}
