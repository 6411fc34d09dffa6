// SPDX-License-Identifier: Apache-2.0

package sheet

import "testing"

func TestParseCount(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Count
		err  string
	}{
		{"0", N(0), ""},
		{"12", N(12), ""},
		{" 12 ", N(12), ""},
		{"\u00a012", N(12), ""},
		{"007", N(7), ""},
		{"1,234", N(1234), ""},
		{"1,234,567", N(1234567), ""},
		{`"1,234"`, N(1234), ""},
		{"'12", N(12), ""},
		{"+5", N(5), ""},
		{"12.0", N(12), ""},
		{"12.", N(12), ""},
		{"1,234.00", N(1234), ""},
		{"2147483647", N(2147483647), ""},
		{"0000000000012", N(12), ""},

		{"", Count{}, ""},
		{"   ", Count{}, ""},
		{"-", Count{}, ""},
		{"—", Count{}, ""},
		{"N/A", Count{}, ""},
		{"null", Count{}, ""},
		{"*", Count{Is: Suppressed}, ""},
		{"***", Count{Is: Suppressed}, ""},
		{"Suppressed", Count{Is: Suppressed}, ""},
		{"<10", Count{Is: Suppressed}, ""},
		{"< 10", Count{Is: Suppressed}, ""},

		{"12.5", Count{}, `"12.5" is not a whole number`},
		{"-3", Count{}, `"-3" is negative, and a count cannot be`},
		{"−3", Count{}, `"−3" is negative, and a count cannot be`},
		{"(12)", Count{}, `"(12)" is negative, and a count cannot be`},
		{"2147483648", Count{}, `"2147483648" is larger than any count can be (2147483647)`},
		{"99999999999999999999", Count{}, `"99999999999999999999" is larger than any count can be (2147483647)`},
		{"1,23", Count{}, `"1,23" is not a number`},
		{"1234,567", Count{}, `"1234,567" is not a number`},
		{",123", Count{}, `",123" is not a number`},
		{"1.2E+05", Count{}, `"1.2E+05" was shortened by a spreadsheet; format the column as a plain number and save again`},
		{"42.03%", Count{}, `"42.03%" is a percentage, not a count`},
		{".", Count{}, ""},
		{".5", Count{}, `".5" is not a number`},
		{"12 votes", Count{}, `"12 votes" is not a number`},
		{"0x1F", Count{}, `"0x1F" is not a number`},
		{"1_000", Count{}, `"1_000" is not a number`},
		{"<b>", Count{}, `"<b>" is not a number`},
		{"١٢", Count{}, `"١٢" is not a number`},
	} {
		got, err := ParseCount(tt.in)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got != tt.want || said != tt.err {
			t.Errorf("ParseCount(%q): got %+v, %q; want %+v, %q", tt.in, got, said, tt.want, tt.err)
		}
	}
}

func TestACountReadsBackAsItWasWritten(t *testing.T) {
	for _, c := range []Count{N(0), N(1234567), {}, {Is: Suppressed}} {
		got, err := ParseCount(c.String())
		if err != nil || got != c {
			t.Errorf("%+v is written %q and reads back as %+v (%v)", c, c, got, err)
		}
	}
}

func FuzzParseCount(f *testing.F) {
	for _, s := range []string{"12", "1,234", "", "*", "12.0", "-3", "1e5", "<10"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCount(s)
		if err != nil && c != (Count{}) {
			t.Errorf("ParseCount(%q) gives both %+v and %v", s, c, err)
		}
		if c.N < 0 || c.N > MaxCount || c.N != 0 && !c.Known() {
			t.Errorf("ParseCount(%q) gives %+v", s, c)
		}
	})
}
