// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// deaths counts a file of n deaths, made as the function says.
func deaths(t *testing.T, n int, change func(i int, row map[string]string)) Profile {
	t.Helper()
	c, err := For("deaths")
	if err != nil {
		t.Fatal(err)
	}
	k := NewCounter(c)
	for i := range n {
		row := map[string]string{"last_name": "Byrd", "first_name": "Ann", "ssn4": "1234", "death_date": "2026-08-01",
			"birth_date": time.Date(1925, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*7919%20000).Format(time.DateOnly)}
		if change != nil {
			change(i, row)
		}
		k.Row(func(column string) string { return row[column] })
	}
	return k.Profile()
}

func kinds(v Verdict) string {
	var out []string
	for _, f := range v.Findings {
		out = append(out, strings.TrimSuffix(string(f.Kind)+" "+f.Column, " "))
	}
	return strings.Join(out, ", ")
}

func TestCheck(t *testing.T) {
	c, err := For("deaths")
	if err != nil {
		t.Fatal(err)
	}
	usual := []Profile{deaths(t, 1000, nil), deaths(t, 1100, nil), deaths(t, 900, nil)}
	for _, tt := range []struct {
		name string
		p    Profile
		want string
	}{
		{"a file as always", deaths(t, 1050, nil), ""},
		{"birth dates are blank, as in Los Angeles in 2018", deaths(t, 1000, func(i int, r map[string]string) {
			if i%5 == 0 {
				r["birth_date"] = ""
			}
		}), "blank birth_date"},
		{"all of them are blank", deaths(t, 1000, func(_ int, r map[string]string) { r["birth_date"] = " " }), "blank birth_date"},
		{"a program wrote one day for all", deaths(t, 1000, func(_ int, r map[string]string) { r["birth_date"] = "1900-01-01" }), "few-births, same-births"},
		{"a placeholder stands for some", deaths(t, 1000, func(i int, r map[string]string) {
			if i%20 == 0 {
				r["birth_date"] = "1901-01-01"
			}
		}), "same-births"},
		{"days are written in words", deaths(t, 1000, func(i int, r map[string]string) { r["death_date"] = "last Friday" }), "unreadable death_date"},
		{"nothing came", deaths(t, 0, nil), "empty, too-few"},
		{"far too few", deaths(t, 60, nil), "too-few"},
		{"far too many", deaths(t, 3000, nil), "too-many"},
		{"numbers are blanker than usual", deaths(t, 1000, func(i int, r map[string]string) {
			if i%2 == 0 {
				r["ssn4"] = ""
			}
		}), "blanker ssn4"},
		{"rows that cannot be used", func() Profile { p := deaths(t, 900, nil); p.Rejected = 100; return p }(), "rejected"},
		{"a column is missing", func() Profile {
			p := deaths(t, 1000, nil)
			delete(p.Columns, "death_date")
			return p
		}(), "missing death_date"},
		{"a column that may be missing is", func() Profile {
			p := deaths(t, 1000, nil)
			delete(p.Columns, "ssn4")
			return p
		}(), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := Check(c, tt.p, usual)
			if got := kinds(v); got != tt.want {
				t.Errorf("it was found: %s, want: %s\n%v", got, tt.want, v.Findings)
			}
			if (v.Answer == Hold) != (tt.want != "") {
				t.Errorf("the answer is %s", v.Answer)
			}
			for _, f := range v.Findings {
				if len(f.String()) < 20 {
					t.Errorf("%q says nothing", f)
				}
			}
		})
	}
}

func TestLacks(t *testing.T) {
	c, err := For("jury")
	if err != nil {
		t.Fatal(err)
	}
	k := NewCounter(c)
	k.Lacks("claim")
	k.Row(func(string) string { return "" })
	k.Reject()
	p := k.Profile()
	if _, there := p.Columns["claim"]; there || p.Rows != 1 || p.Rejected != 1 {
		t.Errorf("%+v", p)
	}
}

func TestFirstFileHasNoUsual(t *testing.T) {
	c, err := For("deaths")
	if err != nil {
		t.Fatal(err)
	}
	if v := Check(c, deaths(t, 40, nil), nil); v.Answer != Pass {
		t.Errorf("the first file of a source was held: %v", v.Findings)
	}
}

func TestRead(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a contract", "source = \"x\"\nversion = 1\n[[column]]\nname = \"a\"\n", ""},
		{"a misspelt limit", "source = \"x\"\nversion = 1\n[[column]]\nname = \"a\"\nblanks = 0.1\n", "blanks"},
		{"a share beyond one", "source = \"x\"\nversion = 1\n[[column]]\nname = \"a\"\nblank = 5.0\n", "a.blank"},
		{"a share that is no number", "source = \"x\"\nversion = 1\nrejected = nan\n[[column]]\nname = \"a\"\n", "rejected"},
		{"no version", "source = \"x\"\n[[column]]\nname = \"a\"\n", "version"},
		{"no columns", "source = \"x\"\nversion = 1\n", "0 columns"},
		{"a column twice", "source = \"x\"\nversion = 1\n[[column]]\nname = \"a\"\n[[column]]\nname = \"a\"\n", "twice"},
		{"an unknown format", "source = \"x\"\nversion = 1\n[[column]]\nname = \"a\"\nformat = \"moon\"\n", "moon"},
		{"days of birth nowhere", "source = \"x\"\nversion = 1\n[births]\ncolumn = \"b\"\n[[column]]\nname = \"a\"\n", "no column"},
		{"no TOML", "source = ", "could not be read"},
		{"too long", strings.Repeat("#", mostBytes+1), "longer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tt.text))
			if got := fmt.Sprint(err); tt.want == "" && err != nil || tt.want != "" && !strings.Contains(got, tt.want) {
				t.Errorf("it says %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := For("moon"); err == nil || !strings.Contains(err.Error(), "deaths") {
		t.Errorf("an unknown source: %v", err)
	}
}

func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		f    Format
		v    string
		want bool
	}{
		{Day, "1980-02-29", true}, {Day, "02/29/1981", false}, {Day, "2/9/1981", true}, {Day, "19810209", true}, {Day, "1700-01-01", false},
		{Zip, "27601", true}, {Zip, "27601-1234", true}, {Zip, "2760", false}, {Four, "0001", true}, {Four, "12a4", false},
		{State, "NC", true}, {State, "N1", false}, {Code, "91", true}, {Code, "9;1", false}, {Any, "…", true},
	} {
		if got := tt.f.fits(tt.v); got != tt.want {
			t.Errorf("%s as %s: %v", tt.v, tt.f, got)
		}
	}
}

// FuzzReadContract reads any bytes as a contract; one that is read is whole and
// holds back what it says.
func FuzzReadContract(f *testing.F) {
	list, err := shipped.ReadDir("contracts")
	if err != nil {
		f.Fatal(err)
	}
	for _, one := range list {
		text, err := shipped.ReadFile("contracts/" + one.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("source = \"x\"\nversion = 1\n[[column]]\nname = \"a\"\nblank = nan\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		k := NewCounter(c)
		for range 10 {
			k.Row(func(string) string { return "" })
		}
		p := k.Profile()
		if diff := cmp.Diff(Check(c, p, nil), Check(c, p, nil)); diff != "" {
			t.Error(diff)
		}
		for _, col := range c.Column {
			found := strings.Contains(kinds(Check(c, p, nil)), "blank "+col.Name)
			if found != (col.Blank < 1) {
				t.Errorf("all of %q is blank, of which %v may be: found %v", col.Name, col.Blank, found)
			}
		}
	})
}
