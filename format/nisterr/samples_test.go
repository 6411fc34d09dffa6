// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// difference compares reports by what they say, not by where it stood. It
// forgets the lines of both.
func difference(a, b *ElectionReport) string {
	for _, rep := range []*ElectionReport{a, b} {
		rep.Dialect = NISTv2
		forgetLines(reportPlan, reflect.ValueOf(rep).Elem())
	}
	if reflect.DeepEqual(a, b) { // cmp.Diff takes a second for a city
		return ""
	}
	return cmp.Diff(a, b)
}

// forgetLines sets the line of an element, and of all in it, to 0.
func forgetLines(p *plan, v reflect.Value) {
	if p.line >= 0 {
		v.Field(p.line).SetInt(0)
	}
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		switch {
		case !isSet(f, fv):
		case f.shape == shapePart:
			forgetLines(f.plan, fv.Elem())
		case f.shape == shapeParts:
			for k := range fv.Len() {
				forgetLines(f.plan, fv.Index(k))
			}
		}
	}
}

// sampleFiles lists the real files, or skips the test.
func sampleFiles(t testing.TB, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(nistData, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("the NIST samples are not beside the repository")
	}
	return files
}

// mustRead reads a report that has to be readable.
func mustRead(t testing.TB, raw []byte) (*ElectionReport, []Problem) {
	t.Helper()
	rep, problems, err := Read(bytes.NewReader(raw), Limits{})
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return rep, problems
}

func readFile(t testing.TB, name string) (*ElectionReport, []Problem) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return mustRead(t, raw)
}

var officialSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	raw, err := os.ReadFile(filepath.Join(nistData, "schema/NIST_V2_election_results_reporting.json"))
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

// validJSON holds a JSON file against the official schema.
func validJSON(t testing.TB, raw []byte) error {
	t.Helper()
	schema, err := officialSchema()
	if os.IsNotExist(err) {
		t.Skip("the JSON Schema of NIST is not beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// checkXML holds XML files against the official schema.
func checkXML(t testing.TB, files ...string) {
	t.Helper()
	xsd := filepath.Join(nistData, "schema/NIST_V2_election_results_reporting.xsd")
	if _, err := os.Stat(xsd); err != nil {
		t.Skip("the XML Schema of NIST is not beside the repository")
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	out, err := exec.Command(xmllint, append([]string{"--noout", "--schema", xsd}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

func writeJSON(t testing.TB, rep *ElectionReport) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteJSON(&out, rep); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func writeXML(t testing.TB, rep *ElectionReport) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := WriteXML(&out, rep); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSamplesOfNISTReadWithoutAProblem(t *testing.T) {
	for _, file := range sampleFiles(t, "samples/*/err-*", "samples/*/pe-err-*") {
		rep, problems := readFile(t, file)
		for _, p := range problems {
			t.Errorf("%s: %s", filepath.Base(file), p)
		}
		if rep.Dialect != NISTv2 || len(rep.Election) == 0 || len(rep.GpUnit) == 0 {
			t.Errorf("%s: dialect %s, %d elections, %d units", file, rep.Dialect, len(rep.Election), len(rep.GpUnit))
		}
		for _, p := range Check(rep) {
			if p.Rule != RuleUnused { // NIST leaves a few polling places and one candidate alone
				t.Errorf("%s: %s", filepath.Base(file), p)
			}
		}
	}
}

func TestSamplesComeBackValidAndTheSame(t *testing.T) {
	dir := t.TempDir()
	var written []string
	for _, file := range sampleFiles(t, "samples/*/err-*", "samples/*/pe-err-*") {
		rep, _ := readFile(t, file)
		asText := writeJSON(t, rep)
		if err := validJSON(t, asText); err != nil {
			t.Errorf("%s as JSON: %v", file, err)
		}
		back, problems := mustRead(t, asText)
		if diff := difference(rep, back); diff != "" || len(problems) > 0 {
			t.Errorf("%s through JSON: %v\n%s", file, problems, diff)
		}
		asTags := writeXML(t, back)
		again, problems := mustRead(t, asTags)
		if diff := difference(rep, again); diff != "" || len(problems) > 0 {
			t.Errorf("%s through JSON and XML: %v\n%s", file, problems, diff)
		}
		if !bytes.Equal(asText, writeJSON(t, again)) {
			t.Errorf("%s: JSON > XML > JSON does not give the same bytes", file)
		}
		name := filepath.Join(dir, filepath.Base(file)+".xml")
		if err := os.WriteFile(name, asTags, 0o600); err != nil {
			t.Fatal(err)
		}
		written = append(written, name)
	}
	checkXML(t, written...)
}

// The two files of each sample say the same, with two differences of their
// own: the time of making is once in UTC and once with a zone of +00:00, and
// Cambridge gives the answers to its questions ids in bms- in JSON and in bmc-
// in XML. Nothing refers to those.
func TestSamplesSayTheSameInJSONAndXML(t *testing.T) {
	for _, file := range sampleFiles(t, "samples/*/*err-*.json") {
		fromJSON, _ := readFile(t, file)
		fromXML, _ := readFile(t, strings.TrimSuffix(file, "json")+"xml")
		for _, rep := range []*ElectionReport{fromJSON, fromXML} {
			made, err := time.Parse(time.RFC3339, rep.GeneratedDate)
			if err != nil {
				t.Fatal(err)
			}
			rep.GeneratedDate = made.UTC().Format(time.RFC3339)
			for i := range rep.Election[0].Contest {
				c := &rep.Election[0].Contest[i]
				for k := range c.ContestSelection {
					if s := &c.ContestSelection[k]; s.Kind == BallotMeasureSelection && strings.HasPrefix(c.ID, "bmc-question-") {
						s.ID = strings.Replace(s.ID, "bmc-", "bms-", 1)
					}
				}
			}
		}
		if diff := difference(fromJSON, fromXML); diff != "" {
			t.Errorf("%s (-JSON +XML):\n%s", filepath.Base(file), diff)
		}
	}
}

func TestCambridgeCountsAreAllThere(t *testing.T) {
	for _, file := range sampleFiles(t, "samples/cambridge-2022-general/err-*") {
		rep, _ := readFile(t, file)
		var votes, others int
		lines := map[int]bool{}
		for _, c := range rep.Election[0].Contest {
			others += len(c.OtherCounts)
			for _, s := range c.ContestSelection {
				votes += len(s.VoteCounts)
				for _, v := range s.VoteCounts {
					lines[v.Line] = true
				}
			}
		}
		if votes != 2160 || others != 660 || len(rep.Election[0].BallotCounts) != 42 || len(rep.GpUnit) != 88 {
			t.Errorf("%s: got %d votes, %d other counts, %d ballot counts, %d units; want 2160, 660, 42, 88",
				filepath.Base(file), votes, others, len(rep.Election[0].BallotCounts), len(rep.GpUnit))
		}
		if len(lines) != votes {
			t.Errorf("%s: %d counts start on %d different lines", filepath.Base(file), votes, len(lines))
		}
	}
}

func TestFeedsOfGoogleRead(t *testing.T) {
	for _, file := range sampleFiles(t, "google-cdf/*feed*.xml") {
		rep, problems := readFile(t, file)
		if rep.Dialect != Google {
			t.Errorf("%s: dialect %s", file, rep.Dialect)
		}
		for _, p := range problems {
			switch p.Rule {
			case RuleUnknown, RuleMisplaced, RuleRepeated, RuleCode, RuleFormat: // what version 2 does not have
			default:
				t.Errorf("%s: %s", filepath.Base(file), p)
			}
		}
		for _, p := range Check(rep) {
			if p.Rule != RuleUnused {
				t.Errorf("%s: %s", filepath.Base(file), p)
			}
		}
	}
}

func TestPrecinctFeedOfGoogleLosesNoCount(t *testing.T) {
	raw := dataFile(t, "google-cdf/post_election_sample_feed_precincts.xml")
	rep, _ := mustRead(t, raw)
	votes := 0
	for _, c := range rep.Election[0].Contest {
		for _, s := range c.ContestSelection {
			votes += len(s.VoteCounts)
			for _, v := range s.VoteCounts {
				if !v.Count.Set || v.GpUnitId == "" {
					t.Errorf("line %d: %+v", v.Line, v)
				}
			}
		}
	}
	if want := bytes.Count(raw, []byte("<VoteCounts>")); votes != want || want != 992 {
		t.Errorf("got %d vote counts, the file has %d", votes, want)
	}
}

func TestOtherFormatsOfNISTAreNotReports(t *testing.T) {
	for _, file := range sampleFiles(t, "samples/*/bd-*.json", "samples/cvr/*.json", "samples/*/eel-*.json") {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(bytes.NewReader(raw), Limits{}); err == nil || !strings.Contains(err.Error(), "not an") {
			t.Errorf("%s: got %v, want an error that names what it is", filepath.Base(file), err)
		}
	}
}
