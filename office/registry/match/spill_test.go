// SPDX-License-Identifier: Apache-2.0

package match

import "testing"

func TestALargeListIsKeptInAFileAndMovesAsItGrows(t *testing.T) {
	var s spill
	defer s.close()
	list := grow(&s, nil, 1)
	const n = 3_000_000
	for i := range n {
		list = append(grow(&s, list, 1), record{line: uint32(i)})
	}
	if len(s.mapped) != 1 {
		t.Errorf("%d files are mapped, want one", len(s.mapped))
	}
	for i := range list {
		if list[i].line != uint32(i) {
			t.Fatalf("record %d is of line %d", i, list[i].line)
		}
	}
	if len(list) != n {
		t.Errorf("%d records, want %d", len(list), n)
	}
}
