// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"

	"hustings/office/registry/spell"
)

func readText(t *testing.T, text string) *roll {
	t.Helper()
	r, err := readRoll("people.csv", strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// person writes a record as text, for comparing.
func (r *roll) person(i int) string {
	rec, w := &r.recs[i], r.lex.words
	return strings.Join([]string{w[rec.given].folded, w[rec.middle].folded, w[rec.surname].folded, w[rec.house].text, w[rec.street].text, w[rec.unit].text, w[rec.city].folded, w[rec.postcode].text}, "|")
}

func TestDirtyFilesAreReadAndReported(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		records    int
		says       string
	}{
		{"a date that is not in the calendar", "id,first_name,last_name,dob\n1,ANN,LEE,1980-02-30\n", 1, "line 2: birth_date: \"1980-02-30\" is not in the calendar"},
		{"a date that is none", "id,first_name,last_name,dob\n1,ANN,LEE,soon\n", 1, "line 2: birth_date: \"soon\" is no date of birth"},
		{"blank birth dates", "id,first_name,last_name,dob\n1,ANN,LEE,\n2,BO,ROY,  \n", 2, ""},
		{"a shifted row", "id,first_name,last_name,dob\n1,ANN,LEE,1980-02-03\n2,BO,VAN, DYKE,1980-02-03\n", 1, "line 3: the row has 5 cells but the header has 4"},
		{"a row that ends too early", "id,first_name,last_name,dob\n1,ANN\n", 1, "line 2: the row has 2 cells"},
		{"Windows-1252", "id,first_name,last_name,dob\n1,Jos\xe9,Nu\xf1ez,1980-02-03\n", 1, "read as Windows-1252"},
		{"a telephone number that is none", "id,first_name,last_name,phone\n1,ANN,LEE,call me\n", 1, "line 2: phone: \"call me\" is no telephone number"},
		{"a field of ten megabytes", "id,first_name,last_name,dob\n1," + strings.Repeat("A", 10<<20) + ",LEE,1980-02-03\n2,BO,ROY,1981-02-03\n", 2, "line 2: given_name: a value of 10485760 characters is nobody's"},
		{"ids that repeat", "voter_id,first_name,last_name,dob\n7,ANN,LEE,1980-02-03\n7,BO,ROY,1981-02-03\n", 2, "the same value stands on several lines, so it cannot be the id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := readText(t, tt.text)
			said := strings.Join(r.File.Problems, "\n")
			if r.File.Records != tt.records || !strings.Contains(said, tt.says) || tt.says == "" && said != "" {
				t.Errorf("%d records, %q; want %d records and %q", r.File.Records, said, tt.records, tt.says)
			}
			if lines := strings.Count(strings.TrimSpace(tt.text), "\n"); r.File.Records+r.File.LeftOut != lines {
				t.Errorf("%d records and %d left out of %d lines", r.File.Records, r.File.LeftOut, lines)
			}
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	var cut bytes.Buffer
	z := gzip.NewWriter(&cut)
	z.Write([]byte(strings.Repeat("id,first_name,last_name\n1,ANN,LEE\n", 9999)))
	z.Close()
	for _, tt := range []struct{ name, text, says string }{
		{"nothing", "", "the file is empty"},
		{"no columns of people", "a,b\n1,2\n", "fewer than two columns were recognised"},
		{"half of a packed file", cut.String()[:cut.Len()/2], "unexpected EOF"},
		{"not packed after all", "\x1f\x8bplain", "cannot be unpacked"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00", "people.csv"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readRoll("people.csv", strings.NewReader(tt.text), nil); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

func TestHeadersAreRecognised(t *testing.T) {
	for _, tt := range []struct{ name, header, row, want string }{
		{"Australian", "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode", "1, ann, lee, 7, wallaby place, delmar, cleveland, 2119", "ANN||LEE|7|WALLABYPL||CLEVELAND|2119"},
		{"North Carolina", "ncid\tlast_name\tfirst_name\tmiddle_name\tres_street_address\tres_city_desc\tzip_code\tmail_addr1", "A1\tLEE\tANN\tMAY\t12 N MAIN ST  APT 4B\tVALE\t27001\tPO BOX 1", "ANN|MAY|LEE|12|NMAINST|4B|VALE|27001"},
		{"street in parts", "id,first,last,house_num,street_dir,street_name,street_type_cd,unit_num,city,zip", "1,ANN,LEE,12,N,MAIN,STREET,4B,VALE,270011234", "ANN||LEE|12|NMAINST|4B|VALE|27001"},
		{"whole names", "name,address,city", `"LEE, ANN MAY",12 Main Street #4B,VALE`, "ANN|MAY|LEE|12|MAINST|4B|VALE|"},
		{"whole names the other way round", "full_name,dob", "Juan M. de la Cruz Jr,1980-01-02", "JUAN|M|DE LA CRUZ|||||"},
		{"an initial behind the given name", "first_name,last_name", "John A,Lee", "JOHN|A|LEE|||||"},
		{"a generation behind the surname", "first_name,last_name", "John,Lee Jr.", "JOHN||LEE|||||"},
		{"headers in one word", "FirstName,LastName,StreetNumber,StreetName,PostCode", "Ann,Lee,7,Wallaby Place,2119", "ANN||LEE|7|WALLABYPL|||2119"},
		{"capitals and spaces", "First Name,LAST-NAME,Date of Birth", "Ann,O'Neill,1/2/1980", "ANN||ONEILL|||||"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := readText(t, tt.header+"\n"+tt.row+"\n").person(0); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestTruthIsNoEvidence(t *testing.T) {
	r := readText(t, "person_id,first_name,last_name,cluster\n7,ANN,LEE,1\n7,BO,ROY,1\n")
	if !slices.Equal(r.File.Ignored, []string{"person_id", "cluster"}) || r.File.ID != "line number" || r.id(1) != "3" {
		t.Errorf("ignored %v, ids from %s, the second is %s", r.File.Ignored, r.File.ID, r.id(1))
	}
}

func TestDatesOfBirth(t *testing.T) {
	for _, tt := range []struct {
		text string
		want day
	}{
		{"1980-02-03", 19800203}, {"19800203", 19800203}, {"1980/2/3", 19800203}, {"1980-02-03T00:00:00", 19800203}, {"1980-02-03 00:00:00", 19800203},
		{"02/13/1980", 19800213}, {"13/02/1980", 19800213}, {"13.02.1980", 19800213}, {"13-Feb-1980", 19800213}, {"Feb 13, 1980", 19800213}, {"13 February 80", 19800213},
		{"02131980", 19800213}, {"1980", 19800000}, {"02/1980", 19800200}, {"1980-02", 19800200}, {"2/3/80", 19800203 | turnable}, {"3/4/05", 20050304 | turnable},
		{"0000-00-00", 0}, {"soon", 0}, {"1799-01-01", 0}, {"12", 0}, {"", 0}, {"99999999999999999999", 0},
	} {
		if got := readDay(tt.text); got != tt.want {
			t.Errorf("%q is %d, want %d", tt.text, got, tt.want)
		}
	}
}

func TestAFileSettlesWhetherTheDayComesFirst(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       day
	}{
		{"one date with a thirteenth day first", "first_name,last_name,dob\nA,B,03/04/1980\nC,D,25/12/1990\n", 19800403},
		{"one with the month first", "first_name,last_name,dob\nA,B,03/04/1980\nC,D,12/25/1990\n", 19800304},
		{"none that tells", "first_name,last_name,dob\nA,B,03/04/1980\n", 19800304},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := readText(t, tt.text).recs[0].birth; got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		house, line, unit string
		want              place
	}{
		{"", "123 North Main Street Apartment 4-B", "", place{"123", "NMAINST", "MAIN", "4B"}},
		{"123", "N MAIN ST", "APT 4B", place{"123", "NMAINST", "MAIN", "4B"}},
		{"", "123 N. Main St. #4B", "", place{"123", "NMAINST", "MAIN", "4B"}},
		{"0123", "MAIN ST NW", "", place{"123", "MAINSTNW", "MAIN", ""}},
		{"", "12 1/2 Oak Av", "", place{"12H", "OAKAVE", "OAK", ""}},
		{"7", "North Ave", "", place{"7", "NAVE", "AVE", ""}},
		{"", "PO Box 7", "", place{"", "POBOX7", "POBOX7", ""}},
		{"5", "Avenue B", "", place{"5", "AVENUEB", "AVENUEB", ""}},
		{"", "", "", place{}},
	} {
		if got := readDoor(tt.house, tt.line, tt.unit); got != tt.want {
			t.Errorf("%q %q %q is %+v, want %+v", tt.house, tt.line, tt.unit, got, tt.want)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{"O'Neill": "ONEILL", "Åsa  Bergström": "ASA BERGSTROM", "Nuñez-Díaz": "NUNEZ DIAZ", "Łukasz Weiß": "LUKASZ WEISS",
		"  a ": "A", "A B": "A B", "李": "李", "": "", "--": ""} {
		if got := fold(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestCodes(t *testing.T) {
	near := func(a, b string) bool { return readCode(a).nearTo(readCode(b)) }
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"123456789", "123456798", true}, {"123456789", "123456780", true}, {"123456789", "12345678", true}, {"123456789", "987654321", false},
		{"1234", "1243", true}, {"1234", "4321", false}, {"0123", "0124", true}, {"AB12345678901234", "AB12345678901235", false},
	} {
		if near(tt.a, tt.b) != tt.want || near(tt.b, tt.a) != tt.want {
			t.Errorf("%s and %s: want near %v", tt.a, tt.b, tt.want)
		}
	}
	for _, none := range []string{"", "0000", "999999999", "9999", "-", "00"} {
		if readCode(none) != 0 {
			t.Errorf("%q is taken for a number", none)
		}
	}
	if readPhone("+1 (919) 555-0142") != readPhone("919.555.0142") || readPhone("919-555-0142").lastSeven() != readPhone("5550142") {
		t.Error("one telephone number is read in two ways")
	}
}

func TestTheLastFourOfASocialSecurityNumber(t *testing.T) {
	for in, want := range map[string]string{"123-45-6789": "6789", "123456789": "6789", "XXX-XX-6789": "6789", "***-**-6789": "6789", "6789": "", "6888119": "", "AB1234567": "", "": ""} {
		if got := lastFour(in); got != want {
			t.Errorf("%q ends in %q, want %q", in, got, want)
		}
	}
	left := readText(t, "first_name,last_name,ssn\nAnn,Lee,XXX-XX-6789\nAnn,Lee,123-45-6789\nAnn,Lee,\n")
	var a agreement
	compareNumbers(&left.recs[0], &left.recs[1], &a)
	if a[tSSN4] != 1 || a[tNational] != 0 {
		t.Errorf("a masked number agrees %d and %d", a[tSSN4], a[tNational])
	}
	compareNumbers(&left.recs[1], &left.recs[1], &a)
	if a[tSSN4] != 0 || a[tNational] != 1 {
		t.Errorf("a whole number agrees %d and %d", a[tSSN4], a[tNational])
	}
}

func TestSlips(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"MARTHA", "MARHTA", 1}, {"KITTEN", "SITTING", 3}, {"A", "A", 0}, {"ABCDEF", "AF", 4}, {"STOULTATRO", "STOULTATR", 1}} {
		a, b := tt.a, tt.b
		if len(a) < len(b) {
			a, b = b, a
		}
		if got := spell.Slips(a, b); got != tt.want {
			t.Errorf("%s to %s takes %d slips, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func FuzzReadRoll(f *testing.F) {
	f.Add("rec_id,first_name,last_name,dob,street,unit,phone,ssn4\n1,Ann,Lee,1980-02-03,12 Main St #4,,9195550142,1234\n")
	f.Add("name;address;dob\n\"Lee, Ann Jr\";12 1/2 N Oak;3/4/80\n")
	f.Add("first_name\tlast_name\tdob\n\xe9\t\x00\t99999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := readRoll("people.csv", strings.NewReader(text), nil)
		if err != nil {
			return
		}
		if len(r.recs) != len(r.ends) || len(r.recs) != r.File.Records {
			t.Fatalf("%d records, %d ids", len(r.recs), len(r.ends))
		}
		if len(r.recs) > 50 {
			return
		}
		res := run([]*roll{r}, r.lex, r.recs, len(r.recs), Options{All: true})
		for _, p := range res.Pairs {
			if p.A == p.B {
				t.Fatal("a record is paired with itself")
			}
		}
	})
}

func FuzzLikeness(f *testing.F) {
	f.Add("SMITH", "SMYTHE")
	f.Add("", "A")
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = fold(a), fold(b)
		if likeness(a, b) != likeness(b, a) {
			t.Errorf("%q and %q are %d one way and %d the other", a, b, likeness(a, b), likeness(b, a))
		}
	})
}
