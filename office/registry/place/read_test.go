// SPDX-License-Identifier: Apache-2.0

package place

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/office/registry/roll"
)

func TestReadLine(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		a          roll.Address
	}{
		{"the words of Publication 28", "12 North Main Street Apartment 4-b", roll.Address{Number: "12", Before: "N", Street: "MAIN", Type: "ST", UnitKind: "APT", Unit: "4-B"}},
		{"dots and commas", "12 n. main st., #4", roll.Address{Number: "12", Before: "N", Street: "MAIN", Type: "ST", UnitKind: "#", Unit: "4"}},
		{"a fraction", "12 1/2 Oak Ave. S.W.", roll.Address{Number: "12 1/2", Street: "OAK", Type: "AVE", After: "SW"}},
		{"a fraction of one letter", "12½ Oak Av", roll.Address{Number: "12 1/2", Street: "OAK", Type: "AVE"}},
		{"a fraction behind a hyphen", "12-1/2 Oak Avnue", roll.Address{Number: "12 1/2", Street: "OAK", Type: "AVE"}},
		{"Queens", "037-18 35th Avenue", roll.Address{Number: "37-18", Street: "35TH", Type: "AVE"}},
		{"a Wisconsin grid", "N6W23001 Bluemound Rd", roll.Address{Number: "N6W23001", Street: "BLUEMOUND", Type: "RD"}},
		{"a grid with a blank", "W239 N1700 Hwy J", roll.Address{Number: "W239N1700", Street: "HIGHWAY J"}},
		{"a Utah grid", "1234 South 500 East", roll.Address{Number: "1234", Before: "S", Street: "500", After: "E"}},
		{"a letter behind the number", "23B Broadway NW", roll.Address{Number: "23B", Street: "BROADWAY", After: "NW"}},
		{"a street called North", "7 NORTH ST", roll.Address{Number: "7", Street: "NORTH", Type: "ST"}},
		{"a street called E", "7 N E ST", roll.Address{Number: "7", Before: "N", Street: "E", Type: "ST"}},
		{"two directions", "7 North East 5th St", roll.Address{Number: "7", Before: "NE", Street: "5TH", Type: "ST"}},
		{"an avenue with a letter", "5 Ave. E", roll.Address{Number: "5", Street: "AVENUE E"}},
		{"a street that is one type", "100 Court", roll.Address{Number: "100", Street: "COURT"}},
		{"two types", "789 MAIN AVENUE DRIVE", roll.Address{Number: "789", Street: "MAIN AVENUE", Type: "DR"}},
		{"a numbered street in words", "9 Forty-Second St", roll.Address{Number: "9", Street: "42ND", Type: "ST"}},
		{"first street", "9 first street", roll.Address{Number: "9", Street: "1ST", Type: "ST"}},
		{"a county road", "20 CR 12", roll.Address{Number: "20", Street: "COUNTY ROAD 12"}},
		{"a county road with letters", "20 N County Hwy KK E", roll.Address{Number: "20", Before: "N", Street: "COUNTY HIGHWAY KK", After: "E"}},
		{"a US highway", "20 U.S. 44 Ste 5", roll.Address{Number: "20", Street: "US HIGHWAY 44", UnitKind: "STE", Unit: "5"}},
		{"a state's highway", "20 NC Hwy 54", roll.Address{Number: "20", Street: "NC HIGHWAY 54"}},
		{"a state's highway in short", "20 NC 54 W", roll.Address{Number: "20", Street: "NC HIGHWAY 54", After: "W"}},
		{"an interstate", "20 I-40", roll.Address{Number: "20", Street: "INTERSTATE 40"}},
		{"farm to market", "20 Farm to Market Rd 1187", roll.Address{Number: "20", Street: "FM 1187"}},
		{"an old highway", "20 Old Highway 11 Byp", roll.Address{Number: "20", Street: "OLD HIGHWAY 11 BYPASS"}},
		{"a highway with a name", "20 Pacific Coast Hwy", roll.Address{Number: "20", Street: "PACIFIC COAST", Type: "HWY"}},
		{"Spanish", "45 Avda. César Chávez", roll.Address{Number: "45", Street: "AVENIDA CESAR CHAVEZ"}},
		{"Spanish that ends like a type", "45 Calle Vista", roll.Address{Number: "45", Street: "CALLE VISTA"}},
		{"Spanish and English", "45 Camino Real Dr", roll.Address{Number: "45", Street: "CAMINO REAL", Type: "DR"}},
		{"Puerto Rico", "Urb. Las Gladiolas 150 Calle A", roll.Address{Number: "150", Street: "CALLE A", Lines: []string{"URB LAS GLADIOLAS"}}},
		{"the number behind the street", "Calle Sol #150", roll.Address{Number: "150", Street: "CALLE SOL"}},
		{"building and apartment", "9 ELM ST BUILDING 2 APARTMENT 4", roll.Address{Number: "9", Street: "ELM", Type: "ST", UnitKind: "BLDG", Unit: "2 APT 4"}},
		{"a floor", "9 Elm St, 2nd Floor", roll.Address{Number: "9", Street: "ELM", Type: "ST", UnitKind: "FL", Unit: "2"}},
		{"the rear", "9 Elm St (rear)", roll.Address{Number: "9", Street: "ELM", Type: "ST", UnitKind: "REAR"}},
		{"a street called Front", "9 N FRONT", roll.Address{Number: "9", Before: "N", Street: "FRONT"}},
		{"a unit without a word", "9 ELM ST 4B", roll.Address{Number: "9", Street: "ELM", Type: "ST", UnitKind: "#", Unit: "4B"}},
		{"the unit first", "Apt 4, 9 Elm St", roll.Address{Number: "9", Street: "ELM", Type: "ST", UnitKind: "APT", Unit: "4"}},
		{"a street with a word of units", "5 LAKE UNIT ROAD", roll.Address{Number: "5", Street: "LAKE UNIT", Type: "RD"}},
		{"a pier", "5 HARBOR DR SLIP 12", roll.Address{Number: "5", Street: "HARBOR", Type: "DR", UnitKind: "SLIP", Unit: "12"}},
		{"city, state and ZIP", "12 Main St Apt 4, Saint Paul, MN 55101-1234", roll.Address{Number: "12", Street: "MAIN", Type: "ST", UnitKind: "APT", Unit: "4", City: "SAINT PAUL", State: "MN", ZIP: "55101-1234"}},
		{"a state in words", "12 Main St, Durham, North Carolina", roll.Address{Number: "12", Street: "MAIN", Type: "ST", City: "DURHAM", State: "NC"}},
		{"a comma before the unit", "12 Main St, Apt 4", roll.Address{Number: "12", Street: "MAIN", Type: "ST", UnitKind: "APT", Unit: "4"}},
		{"no comma at all", "12 PARK AVE SW APT 4 ST PAUL MN 55101", roll.Address{Number: "12", Street: "PARK", Type: "AVE", After: "SW", UnitKind: "APT", Unit: "4", City: "ST PAUL", State: "MN", ZIP: "55101"}},
		{"a post office box", "P.O. Box 0012", roll.Address{Lines: []string{"PO BOX 12"}}},
		{"a box in Spanish", "Apartado 12, San Juan, PR 00936", roll.Address{Lines: []string{"PO BOX 12"}, City: "SAN JUAN", State: "PR", ZIP: "00936"}},
		{"a rural route", "R.R. 2, Box 18-A", roll.Address{Lines: []string{"RR 2 BOX 18-A"}}},
		{"a rural route as RFD", "RFD Route 4 #87", roll.Address{Lines: []string{"RR 4 BOX 87"}}},
		{"route and box", "Route 2 Box 5", roll.Address{Lines: []string{"RR 2 BOX 5"}}},
		{"a star route", "Star Route 72 Box 293A", roll.Address{Lines: []string{"HC 72 BOX 293A"}}},
		{"a soldier", "PSC 802 Box 74, APO, AE 09499", roll.Address{Lines: []string{"PSC 802 BOX 74"}, City: "APO", State: "AE", ZIP: "09499"}},
		{"a box behind the street", "12 Main St PO Box 5", roll.Address{Number: "12", Street: "MAIN", Type: "ST", Lines: []string{"PO BOX 5"}}},
		{"no address", "third house behind the mill", roll.Address{Lines: []string{"third house behind the mill"}}},
		{"an ordinal is no house number", "1st Avenue", roll.Address{Lines: []string{"1st Avenue"}}},
		{"nothing", " , ", roll.Address{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Read(tt.line)
			if diff := cmp.Diff(tt.a, got.Address); diff != "" && len(tt.a.Lines)+len(tt.a.Number) > 0 {
				t.Error(diff)
			}
			if got.Typed != tt.line {
				t.Errorf("it was typed as %q", got.Typed)
			}
			if again := Normal(got.Address); got.Kind != Unread && cmp.Diff(got.Address, again.Address) != "" {
				t.Errorf("a second time: %s", cmp.Diff(got.Address, again.Address))
			}
		})
	}
}

func TestOneDoorHasOneKey(t *testing.T) {
	for _, same := range [][]string{
		{"12 N Main St Apt 4B, Durham, NC 27701", "12 North Main Street #4-B, DURHAM NC 27701-1234", "012 N. MAIN STREET UNIT 4 B, Durham, NC 27701"},
		{"5 FIRST AVE", "5 1st Avenue", "5 1 AVE"},
		{"5 St. Mary's Rd", "5 SAINT MARYS ROAD"},
		{"37-08 Broadway", "37-8 BROADWAY"},
		{"20 HWY 44", "20 Highway 44"},
		{"8 Mt Vernon Pl", "8 Mount Vernon Place"},
	} {
		first := Read(same[0])
		for _, line := range same[1:] {
			if r := Read(line); r.Key() != first.Key() {
				t.Errorf("%q is %s, %q is %s", same[0], first.Key(), line, r.Key())
			}
		}
	}
	for _, apart := range [][2]string{{"12 Main St", "12 N Main St"}, {"12 Main St", "12 Main Ave"}, {"12 Main St #1", "12 Main St #2"}, {"12 Main St", "12 1/2 Main St"}} {
		a, b := Read(apart[0]), Read(apart[1])
		if a.Key() == b.Key() {
			t.Errorf("%q and %q are both %s", apart[0], apart[1], a.Key())
		}
	}
}

func TestNormalReadsParts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		in, out roll.Address
		problem string
	}{
		{"words in other fields", roll.Address{Number: "0012", Before: "North", Street: "Main Street", UnitKind: "Apartment", Unit: "#4", City: "Durham", State: "North Carolina", ZIP: "277011234"},
			roll.Address{Number: "12", Before: "N", Street: "MAIN", Type: "ST", UnitKind: "APT", Unit: "4", City: "DURHAM", State: "NC", ZIP: "27701-1234"}, ""},
		{"all in the street", roll.Address{Number: "12", Street: "E Capitol St NE Apt 4"}, roll.Address{Number: "12", Before: "E", Street: "CAPITOL", Type: "ST", After: "NE", UnitKind: "APT", Unit: "4"}, ""},
		{"a unit without its kind", roll.Address{Number: "12", Street: "OAK", Unit: "4"}, roll.Address{Number: "12", Street: "OAK", UnitKind: "#", Unit: "4"}, ""},
		{"kind and number in one field", roll.Address{Number: "12", Street: "OAK", Unit: "Suite 4"}, roll.Address{Number: "12", Street: "OAK", UnitKind: "STE", Unit: "4"}, ""},
		{"no number", roll.Address{Street: "OAK", Type: "ST"}, roll.Address{Street: "OAK", Type: "ST"}, "there is no house number"},
		{"a number that is none", roll.Address{Number: "twelve", Street: "OAK"}, roll.Address{Number: "twelve", Street: "OAK"}, "is no house number"},
		{"a ZIP code without its zero", roll.Address{Number: "1", Street: "OAK", ZIP: "2134"}, roll.Address{Number: "1", Street: "OAK", ZIP: "2134"}, "leading 0"},
		{"a state that is none", roll.Address{Number: "1", Street: "OAK", State: "ZQ"}, roll.Address{Number: "1", Street: "OAK", State: "ZQ"}, "no state"},
		{"another country", roll.Address{Number: "1", Street: "Rue de l'Est", Country: "FR"}, roll.Address{Number: "1", Street: "Rue de l'Est", Country: "FR"}, "other countries"},
		{"lines alone", roll.Address{Lines: []string{"12 oak street"}, City: "x"}, roll.Address{Number: "12", Street: "OAK", Type: "ST", City: "X"}, ""},
		{"too long", roll.Address{Number: "1", Street: strings.Repeat("A", 9000)}, roll.Address{Number: "1", Street: strings.Repeat("A", 9000)}, "at most"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Normal(tt.in)
			if diff := cmp.Diff(tt.out, got.Address); diff != "" {
				t.Error(diff)
			}
			said := ""
			for _, p := range got.Problems {
				said += p.String()
			}
			if tt.problem == "" && said != "" || !strings.Contains(said, tt.problem) {
				t.Errorf("problems %q, want %q", said, tt.problem)
			}
		})
	}
}

func TestLinesOfAnyLengthEnd(t *testing.T) {
	for _, line := range []string{strings.Repeat("1 ", 1<<20), strings.Repeat("#", 400), strings.Repeat(", ", 200), strings.Repeat("N ", 250) + "ST"} {
		if r := Read(line); len(r.Address.Street) > maxLine {
			t.Errorf("%d letters", len(r.Address.Street))
		}
	}
}

// Parts in any fields are read the same way twice, and as what they say.
func TestNormalOfNormalChangesNothing(t *testing.T) {
	word := rapid.SampledFrom([]string{"", "N", "north", "East", "SW", "Main", "Elm", "St", "street", "Ave.", "Avenue", "E", "Saint", "Mt", "Apt", "#", "#4", "4B", "12",
		"1/2", "First", "twenty", "Hwy", "US", "County Rd", "KK", "NC", "Calle", "de la Luna", "Lake", "View", "Unit", "Floor", "2nd", "Rear", "Box", "RR", "Old", "Bypass", "-", ",", "37-18", "N6", "W230"})
	field := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		a := roll.Address{Number: rapid.SampledFrom([]string{"12", "012", "37-018", "12 1/2", "N6 W230", "", "x"}).Draw(t, "number"), Before: word.Draw(t, "before"),
			Street: field.Draw(t, "street"), Type: word.Draw(t, "type"), After: word.Draw(t, "after"), UnitKind: word.Draw(t, "kind"), Unit: field.Draw(t, "unit"), City: field.Draw(t, "city")}
		once := Normal(a)
		twice := Normal(once.Address)
		if diff := cmp.Diff(once.Address, twice.Address); diff != "" {
			t.Fatalf("%+v: %s", a, diff)
		}
		if Key(a) != once.Key() {
			t.Fatalf("%+v: key %s and %s", a, Key(a), once.Key())
		}
	})
}

// An address written on one line is read from it as it was.
func TestALineSaysTheAddress(t *testing.T) {
	one := func(of ...string) *rapid.Generator[string] { return rapid.SampledFrom(of) }
	rapid.Check(t, func(t *rapid.T) {
		a := roll.Address{Number: one("12", "012", "37-18", "12 1/2", "N6W23001").Draw(t, "number"), Before: one("", "N", "SW").Draw(t, "before"),
			Street: one("MAIN", "ELM", "1ST", "SAINT PAUL", "LAKE VIEW", "OLD MILL", "MLK").Draw(t, "street"), Type: one("ST", "AVE", "RD", "BLVD").Draw(t, "type"),
			After: one("", "E", "NW").Draw(t, "after"), UnitKind: one("", "APT", "STE", "#").Draw(t, "kind")}
		if a.UnitKind != "" {
			a.Unit = one("4", "4B", "C", "12-1").Draw(t, "unit")
		}
		a = Normal(a).Address
		if got := Read(a.Line()).Address; cmp.Diff(a, got) != "" {
			t.Fatalf("%q: %s", a.Line(), cmp.Diff(a, got))
		}
	})
}

// FuzzReadLine reads any line; what was read, read again, is the same, by its
// parts and by its line.
func FuzzReadLine(f *testing.F) {
	for _, s := range []string{"12 1/2 N Main Street SW Apt 4, Saint Paul, MN 55101", "N6 W23001 Bluemound Rd", "RR 2 BOX 18", "Urb Las Gladiolas 150 Calle A",
		"20 OLD US HWY 44 BYP E #3", "1 PH PH", "1 NORTH EAST ST", "Calle Sol #150", "P.O. Box 1", "9 Élm St 2nd floor rear"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		r := Read(line)
		if r.Kind == Unread {
			return
		}
		again := Normal(r.Address)
		if diff := cmp.Diff(r.Address, again.Address); diff != "" {
			t.Fatalf("%q by its parts: %s", line, diff)
		}
		if r.Key() != again.Key() {
			t.Fatalf("%q: %s and then %s", line, r.Key(), again.Key())
		}
	})
}
