// SPDX-License-Identifier: Apache-2.0

package spell

import "testing"

func TestWordsOfAddresses(t *testing.T) {
	for _, tt := range []struct {
		name, word, want string
		ask              func(string) (string, bool)
	}{
		{"a type in full", "STREET", "ST", StreetType},
		{"a type as people shorten it", "AV", "AVE", StreetType},
		{"a type misspelled, as Publication 28 lists it", "AVNUE", "AVE", StreetType},
		{"a short form", "BLVD", "BLVD", StreetType},
		{"a name", "MAIN", "", StreetType},
		{"a direction", "SOUTHWEST", "SW", Direction},
		{"a short direction", "SW", "SW", Direction},
		{"two letters that are none", "SN", "", Direction},
		{"a kind of unit", "APARTMENT", "APT", UnitKind},
		{"the state of Florida", "FL", "", UnitKind},
		{"nothing", "", "", StreetType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, known := tt.ask(tt.word); got != tt.want || known != (tt.want != "") {
				t.Errorf("%q is %q (%v), want %q", tt.word, got, known, tt.want)
			}
		})
	}
}

func TestPartsOfABuilding(t *testing.T) {
	for _, tt := range []struct {
		word, want string
		alone      bool
	}{{"BASEMENT", "BSMT", true}, {"BSMT", "BSMT", true}, {"REAR", "REAR", true}, {"PIER", "PIER", false}, {"HNGR", "HNGR", false}, {"APT", "", false}} {
		if got, alone, known := UnitPart(tt.word); got != tt.want || alone != tt.alone || known != (tt.want != "") {
			t.Errorf("%s is %q, %v, %v", tt.word, got, alone, known)
		}
	}
}

// A short form must not be the long form of something else, or an address that
// is written twice would change the second time.
func TestShortFormsStay(t *testing.T) {
	for _, table := range []map[string]string{streetTypes, directions, unitKinds, parts, berths} {
		for long, short := range table {
			if again, found := table[short]; found && again != short {
				t.Errorf("%s becomes %s and then %s", long, short, again)
			}
		}
	}
}
