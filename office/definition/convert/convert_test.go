// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"hustings/election"
)

// data is where public data lies when it is there.
const data = "../../../../shared/data/"

// sample reads a public file, or skips the test.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(data, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not beside the repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// samples lists public files, or skips the test.
func samples(t testing.TB, patterns ...string) []string {
	t.Helper()
	var out []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(data, p))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			name, err := filepath.Rel(data, f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		t.Skip("the public samples are not beside the repository")
	}
	return out
}

// mustRead reads a file that has to be readable.
func mustRead(t testing.TB, name string, body []byte, base *election.Definition) Result {
	t.Helper()
	res, err := Read(name, body, base)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return res
}

// written writes a definition in a format.
func written(t testing.TB, format string, def *election.Definition) []byte {
	t.Helper()
	f, ok := FormatNamed(format)
	if !ok {
		t.Fatalf("there is no format %q", format)
	}
	var b bytes.Buffer
	if err := f.Write(&b, def); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.Bytes()
}

// again writes a definition in a format and reads it back.
func again(t testing.TB, format string, def *election.Definition) *election.Definition {
	t.Helper()
	f, _ := FormatNamed(format)
	return mustRead(t, "file"+f.Ext, written(t, format, def), nil).Def
}

// same fails where two definitions differ.
func same(t testing.TB, what string, want, got *election.Definition) {
	t.Helper()
	if !reflect.DeepEqual(want, got) { // cmp.Diff takes a second for a county
		t.Errorf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
	if want.Hash() != got.Hash() {
		t.Errorf("%s: the hash is another", what)
	}
}

// has says whether problems hold one of this key and level, such as "hold no_zone".
func has(list []Problem, want string) bool {
	for _, p := range list {
		if string(p.Level)+" "+strings.TrimPrefix(p.Key, "definition.problem.") == want {
			return true
		}
	}
	return false
}

// keys lists the levels and keys of problems, each once.
func keys(list []Problem) []string {
	seen := make(map[string]bool)
	var out []string
	for _, p := range list {
		k := string(p.Level) + " " + strings.TrimPrefix(p.Key, "definition.problem.")
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

var errSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	raw, err := os.ReadFile(data + "nist-err/schema/NIST_V2_election_results_reporting.json")
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("err.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("err.json")
})

// validJSON holds a report against the official JSON Schema.
func validJSON(t testing.TB, body []byte) {
	t.Helper()
	schema, err := errSchema()
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the JSON Schema of NIST is not beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = schema.Validate(doc)
	}
	if err != nil {
		t.Error(err)
	}
}

// validXML holds files against an official XML Schema.
func validXML(t testing.TB, schema string, bodies ...[]byte) {
	t.Helper()
	schema = filepath.Join(data, schema)
	if _, err := os.Stat(schema); err != nil {
		t.Skip("the XML Schema is not beside the repository")
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	args := []string{"--noout", "--schema", schema}
	for i, body := range bodies {
		file := filepath.Join(t.TempDir(), string(rune('a'+i))+".xml")
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	if out, err := exec.Command(xmllint, args...).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%.2000s", err, out)
	}
}

// TestExampleIsClean holds the template's example to the same rules as any
// definition.
func TestExampleIsClean(t *testing.T) {
	if got := keys(Check(example())); len(got) > 0 {
		t.Errorf("the example has problems: %v", got)
	}
}

// TestOwnRoundTrips writes the example in every format and reads it back.
// Formats that carry less come to rest after the first time.
func TestOwnRoundTrips(t *testing.T) {
	ex := example()
	for _, format := range []string{"hustings-json", "spreadsheet"} {
		t.Run(format+" keeps everything", func(t *testing.T) { same(t, format, ex, again(t, format, ex)) })
	}
	for _, format := range []string{"nist-xml", "nist-json", "vip52", "vip60", "vip-csv"} {
		t.Run(format+" settles", func(t *testing.T) {
			one := again(t, format, ex)
			same(t, "second time", one, again(t, format, one))
			if len(one.Contests) != len(ex.Contests) || len(one.Places) != len(ex.Places) {
				t.Errorf("%d contests and %d places of %d and %d", len(one.Contests), len(one.Places), len(ex.Contests), len(ex.Places))
			}
		})
	}
	t.Run("NIST loses deadlines only", func(t *testing.T) {
		want := clone(ex)
		want.Election.Calendar = nil
		arrange(want)
		same(t, "nist", want, again(t, "nist-xml", ex))
	})
	t.Run("the same definition gives the same bytes", func(t *testing.T) {
		for _, f := range Formats {
			if f.Name == "geojson" {
				continue // has no boundaries
			}
			if !bytes.Equal(written(t, f.Name, ex), written(t, f.Name, ex)) {
				t.Errorf("%s differs from time to time", f.Name)
			}
		}
	})
	t.Run("what is written is valid", func(t *testing.T) {
		validJSON(t, written(t, "nist-json", ex))
		validXML(t, "nist-err/schema/NIST_V2_election_results_reporting.xsd", written(t, "nist-xml", ex))
		validXML(t, "vip/vip_spec_v5.2.xsd", written(t, "vip52", ex))
		validXML(t, "vip/vip_spec_v6.0.xsd", written(t, "vip60", ex))
	})
}

// TestAwkwardIDs writes ids that XML does not take, and ids that several
// contests share.
func TestAwkwardIDs(t *testing.T) {
	def := example()
	def.Units[1].ID, def.Styles[0].Units[0], def.Places[0].Units[0] = "0001", "0001", "0001"
	def.Units[2].ID, def.Units[3].Parent, def.Units[4].Parent = "Mill Road / 2", "Mill Road / 2", "Mill Road / 2"
	def.Contests[0].Choices[2].ID = "1"
	def.Contests[1].Choices[0].ID = "1"
	def.Contests[2].ID = "año_1"
	def.Styles[0].Contests[1], def.Styles[1].Contests[2] = "año_1", "año_1"
	def.Parties[0].ID, def.Contests[0].Choices[0].Parties[0] = "0001", "0001"
	def.Districts[1].ID, def.Contests[1].District = "hx_odd", "hx_odd"
	def.Units[3].Districts[1] = "hx_odd"
	def.Styles[1].Orders["school-board"] = []election.ChoiceID{"ida-jones", "1", "gus-hill"}
	if bad := Errors(Check(def)); len(bad) > 0 {
		t.Fatal(bad)
	}
	want := clone(def)
	want.Election.Calendar = nil
	arrange(want)
	for _, format := range []string{"nist-xml", "nist-json"} {
		same(t, format, want, again(t, format, def))
	}
	for _, format := range []string{"vip60", "vip-csv"} {
		got := again(t, format, def)
		for i, c := range got.Contests {
			if c.ID != def.Contests[i].ID || c.Choices[0].ID != def.Contests[i].Choices[0].ID {
				t.Errorf("%s: contest %s, choice %s of %s, %s", format, c.ID, c.Choices[0].ID, def.Contests[i].ID, def.Contests[i].Choices[0].ID)
			}
		}
	}
}

func TestMarkedIDsComeBack(t *testing.T) {
	for _, id := range []string{"", "0042", "año", "a..b", "hx_u..x", "a_b", "x\x00y", "Mill Road / 2", "日本", "_", "-"} {
		if got := unmarkID(markID("u1", id)); got != id {
			t.Errorf("%q came back as %q", id, got)
		}
		if got := markID("u1", id); !plainID.MatchString(got) {
			t.Errorf("%q was written as %q, which XML does not take", id, got)
		}
	}
	for _, foreign := range []string{"hx_", "hx_u", "hx_u..a_zz_b", "hx_u..a_41", "cc-president"} {
		if got := unmarkID(foreign); got != foreign {
			t.Errorf("the outside id %q was read as %q", foreign, got)
		}
	}
}

func TestThresholds(t *testing.T) {
	for _, tt := range []struct {
		text string
		want election.Threshold
		ok   bool
	}{
		{"majority", election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "votes"}, true},
		{"Simple Majority", election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "votes"}, true},
		{"50% + 1", election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "votes"}, true},
		{"60%", election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}, true},
		{"at least 60 percent", election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}, true},
		{"more than 55 %", election.Threshold{Numerator: 11, Denominator: 20, Over: true, Of: "votes"}, true},
		{"66.67%", election.Threshold{Numerator: 6667, Denominator: 10000, Of: "votes"}, true},
		{"Two-thirds", election.Threshold{Numerator: 2, Denominator: 3, Of: "votes"}, true},
		{"two thirds majority of ballots cast", election.Threshold{Numerator: 2, Denominator: 3, Of: "ballots"}, true},
		{"3/5", election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}, true},
		{"over 2/3", election.Threshold{Numerator: 2, Denominator: 3, Over: true, Of: "votes"}, true},
		{"0.6", election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}, true},
		{".6667", election.Threshold{Numerator: 6667, Denominator: 10000, Of: "votes"}, true},
		{"120%", election.Threshold{}, false},
		{"0/0", election.Threshold{}, false},
		{"as the law says", election.Threshold{}, false},
		{"", election.Threshold{}, false},
	} {
		got, ok := threshold(tt.text)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q: got %+v, %v, want %+v, %v", tt.text, got, ok, tt.want, tt.ok)
		}
		if ok {
			if back, _ := threshold(thresholdText(got)); back != got {
				t.Errorf("%q was written as %q and read as %+v", tt.text, thresholdText(got), back)
			}
		}
	}
}
