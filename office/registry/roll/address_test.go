// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadLine(t *testing.T) {
	for _, tt := range []struct {
		line, back string
		want       Address
	}{
		{"12 N Main Street Apt 4", "12 N MAIN ST APT 4", Address{Number: "12", Before: "N", Street: "MAIN", Type: "ST", UnitKind: "APT", Unit: "4"}},
		{"12 1/2 Oak Ave. SW #3", "12 1/2 OAK AVE SW #3", Address{Number: "12 1/2", Street: "OAK", Type: "AVE", After: "SW", UnitKind: "#", Unit: "3"}},
		{"7 NORTH ST", "7 NORTH ST", Address{Number: "7", Street: "NORTH", Type: "ST"}},
		{"100 COURT", "100 COURT", Address{Number: "100", Street: "COURT"}},
		{"23B BROADWAY", "23B BROADWAY", Address{Number: "23B", Street: "BROADWAY"}},
		{"5 LAKE VIEW RD UNIT B", "5 LAKE VIEW RD UNIT B", Address{Number: "5", Street: "LAKE VIEW", Type: "RD", UnitKind: "UNIT", Unit: "B"}},
		{"9 ELM ST BLDG 2 APT 4", "9 ELM ST BLDG 2 APT 4", Address{Number: "9", Street: "ELM", Type: "ST", UnitKind: "BLDG", Unit: "2 APT 4"}},
		{"PO Box 12", "PO Box 12", Address{Lines: []string{"PO Box 12"}}},
		{"third house behind the mill", "third house behind the mill", Address{Lines: []string{"third house behind the mill"}}},
		{"", "", Address{}},
	} {
		t.Run(tt.line, func(t *testing.T) {
			got := ReadLine(tt.line)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if got.Line() != tt.back {
				t.Errorf("it is written as %q, want %q", got.Line(), tt.back)
			}
			if got.Empty() != (tt.line == "") {
				t.Errorf("empty is %v", got.Empty())
			}
		})
	}
}

// FuzzReadLine takes any line apart; what is written of it says the same again.
func FuzzReadLine(f *testing.F) {
	f.Add("12 1/2 N Main Street SW Apt 4")
	f.Add("1 PH PH")
	f.Fuzz(func(t *testing.T, line string) {
		a := ReadLine(line)
		if again := ReadLine(a.Line()); a.Number != "" && again.Line() != a.Line() {
			t.Errorf("%q becomes %q and then %q", line, a.Line(), again.Line())
		}
	})
}
