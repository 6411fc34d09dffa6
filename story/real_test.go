// SPDX-License-Identifier: Apache-2.0

//go:build unix

package story

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// shared is a file of public data, which is not part of the repository.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the public data is not here: %v", err)
	}
	return path
}

const (
	arizona   = "results/az-2020-general/20201103__az__general__precinct.csv"
	pima      = "results/az-2020-general/20201103__az__general__pima__precinct.csv"
	georgia21 = "results/ga-2021-runoff/20210105__ga__runoff.csv"
	georgia22 = "results/ga-2022-runoff/20221206__ga__general_runoff__precinct.csv"
)

func readFile(t testing.TB, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	must(t, err)
	return string(body)
}

// records are the rows of a table by the names of its columns.
func records(t testing.TB, text string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	must(t, err)
	var out []map[string]string
	for _, row := range all[1:] {
		r := make(map[string]string, len(row))
		for i, name := range all[0] {
			r[name] = row[i]
		}
		out = append(out, r)
	}
	return out
}

func number(t testing.TB, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	must(t, err)
	return n
}

// TestMaricopa joins a county's own feed, its boundaries and its results, which
// come from three places.
func TestMaricopa(t *testing.T) {
	t.Parallel()
	feed, shapes := shared(t, "vip/vipfeed-04013-2020-11-03.xml"), shared(t, "geo/maricopa-2020-precincts.geojson")
	splits := shared(t, "geo/maricopa-2020-precinct-splits.geojson")
	dir := t.TempDir()
	var rows strings.Builder
	for i, line := range strings.SplitAfter(readFile(t, shared(t, arizona)), "\n") {
		if i == 0 || strings.HasPrefix(line, "Maricopa,") {
			rows.WriteString(line)
		}
	}
	night := filepath.Join(dir, "20201103__az__general__maricopa__precinct.csv")
	must(t, os.WriteFile(night, []byte(rows.String()), 0o644))
	contests, joined := filepath.Join(dir, "contests.json"), filepath.Join(dir, "maricopa.json")
	mustRun(t, 0, "definition", "derive", night, "--out", contests)
	mustRun(t, 0, "definition", "convert", contests, feed, shapes, "--to", "hustings-json", "--out", joined)

	for _, tt := range []struct {
		name                    string
		files                   []string
		contests, places, shape int
	}{
		{"the feed alone", []string{feed}, 0, 560, 0},
		{"the feed and precincts", []string{feed, shapes}, 0, 560, 743},
		{"the feed, precincts and their 568 splits", []string{feed, shapes, splits}, 0, 560, 743 + 568},
		{"contests, the feed and precincts", []string{joined}, 30, 560, 743},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got struct{ Contests, Places, Shapes int }
			r := mustRun(t, 0, append([]string{"definition", "check", "--json"}, tt.files...)...)
			must(t, json.Unmarshal([]byte(r.out), &got))
			if got.Contests != tt.contests || got.Places != tt.places || got.Shapes != tt.shape {
				t.Errorf("%d contests, %d places, %d boundaries, want %d, %d, %d", got.Contests, got.Places, got.Shapes, tt.contests, tt.places, tt.shape)
			}
		})
	}

	t.Run("every precinct joins and balances", func(t *testing.T) {
		c := checkFiles(t, 0, "--definition", joined, night)
		if f := c.Files[0]; f.Units != 743 || f.Ballots != 2089563 || count(f.Findings, "", "block") != 0 {
			t.Errorf("%d units, %d ballots, %d refused", f.Units, f.Ballots, count(f.Findings, "", "block"))
		}
		president, ballots, choices := make(map[string]int64), make(map[string]int64), make(map[string]int64)
		for _, r := range records(t, mustRun(t, 0, "results", "convert", night, "--definition", joined, "--to", "csv", "--out", "-").out) {
			if r["vote_type"] != "total" {
				continue
			}
			n := number(t, r["votes"])
			switch {
			case r["contest_id"] == "president":
				president[r["unit_id"]] += n
				choices[r["choice_id"]] += n
			case r["contest_id"] == "" && r["choice"] == "Ballots cast":
				ballots[r["unit_id"]] += n
			}
		}
		if d := cmp.Diff(ballots, president); d != "" || len(ballots) != 743 {
			t.Errorf("%d precincts; ballots and votes for President with over- and undervotes (-ballots +votes):\n%s", len(ballots), d)
		}
		if choices["biden-harris"] != 1040774 || choices["trump-pence"] != 995665 {
			t.Errorf("Biden %d, Trump %d", choices["biden-harris"], choices["trump-pence"])
		}
	})

	t.Run("the map has 743 precincts", func(t *testing.T) {
		site := filepath.Join(dir, "site")
		mustRun(t, 0, "results", "render", night, "--geo", shapes, "--out", site)
		maps, err := filepath.Glob(filepath.Join(site, "assets", "map-*.svg"))
		must(t, err)
		if len(maps) != 1 {
			t.Fatalf("%d shared drawings, want 1", len(maps))
		}
		if n := strings.Count(readFile(t, maps[0]), "<path "); n != 743 {
			t.Errorf("%d shapes, want 743", n)
		}
		used := make(map[string]bool)
		for _, m := range regexp.MustCompile(`<use href="[^"]*(#u[^"]*)"`).FindAllStringSubmatch(readFile(t, filepath.Join(site, "contest", "president.html")), -1) {
			used[m[1]] = true
		}
		if len(used) != 743 {
			t.Errorf("the page of the President shows %d precincts, want 743", len(used))
		}
		_, err = deadLinks(site)
		must(t, err)
	})
}

// TestArizona reproduces the list of faults of the statewide file, no more and
// no fewer, and refuses nothing.
func TestArizona(t *testing.T) {
	t.Parallel()
	path := shared(t, arizona)
	f := checkFiles(t, 3, path).Files[0]
	if f.Rows != 47960 || f.Units != 1489 || count(f.Findings, "", "block") != 0 {
		t.Errorf("%d rows, %d units, %d refused", f.Rows, f.Units, count(f.Findings, "", "block"))
	}
	odd, blank, subtotals := make(map[string]int), 0, 0
	empty := regexp.MustCompile(`^\w+: (\d+) rows have no number`)
	for _, x := range f.Findings {
		county, _, _ := strings.Cut(x.Unit, " / ")
		switch m := empty.FindStringSubmatch(x.Message); {
		case x.Check == "C01":
			odd[county]++
		case x.Check == "I08" && m != nil:
			blank += int(number(t, m[1]))
		case x.Check == "C06" && x.Level == "info":
			subtotals++
		}
	}
	if d := cmp.Diff(map[string]int{"Navajo": 331, "Yuma": 237, "Cochise": 1}, odd); d != "" {
		t.Errorf("rows whose vote types do not make their total (-want +got):\n%s", d)
	}
	if blank != 94 || subtotals != 16 {
		t.Errorf("%d empty cells and %d subtotals of write-ins, want 94 and 16", blank, subtotals)
	}
	// The empty cells by the file itself: the README says Graham alone.
	none := make(map[string]int)
	for _, r := range records(t, readFile(t, path)) {
		if r["votes"] == "" {
			none[r["county"]]++
		}
	}
	if d := cmp.Diff(map[string]int{"Graham": 46, "Mohave": 48}, none); d != "" {
		t.Errorf("empty cells (-want +got):\n%s", d)
	}
}

// TestPima holds the answer against the file itself: 249 rows, those of the
// registered voters, have no vote types; one of them has 0 voters, which is why
// 248 do not add up. Every row with vote types does.
func TestPima(t *testing.T) {
	t.Parallel()
	path := shared(t, pima)
	untyped, differ, wrong := 0, 0, 0
	for _, r := range records(t, readFile(t, path)) {
		sum, typed := int64(0), false
		for _, k := range []string{"early_voting", "election_day", "provisional"} {
			if r[k] != "" {
				sum, typed = sum+number(t, r[k]), true
			}
		}
		off := number(t, r["votes"]) != sum
		switch {
		case !typed:
			untyped++
			if off {
				differ++
			}
		case off:
			wrong++
		}
	}
	f := checkFiles(t, 0, path).Files[0]
	if untyped != 249 || differ != 248 || wrong != 0 || f.Rows != 24987 || f.Units != 249 {
		t.Errorf("%d rows without types, %d of them not 0, %d wrong; %d rows, %d units", untyped, differ, wrong, f.Rows, f.Units)
	}
	if n := count(f.Findings, "C01", ""); n != 0 || !slices.ContainsFunc(f.Findings, func(x finding) bool {
		return strings.HasPrefix(x.Message, "Pima: 249 rows do not tell all vote types")
	}) {
		t.Errorf("%d rows held; %v", n, f.Findings)
	}
}

// TestGeorgia reads two runoffs by one definition: four counties of the first
// are missing, which is not the same as zero.
func TestGeorgia(t *testing.T) {
	t.Parallel()
	old, new := shared(t, georgia21), shared(t, georgia22)
	dir := t.TempDir()
	def, report := filepath.Join(dir, "ga.json"), filepath.Join(dir, "ga21.json")
	mustRun(t, 0, "definition", "derive", old, new, "--out", def)
	mustRun(t, 0, "results", "convert", old, "--definition", def, "--to", "nist-json", "--out", report)
	var missing []string
	counties := 0
	for _, u := range reportOf(t, report).GpUnit {
		if u.Type != "county" {
			continue
		}
		counties++
		if len(u.CountStatus) == 1 && u.CountStatus[0].Status == "not-processed" {
			missing = append(missing, u.Name.Text[0].Content)
		}
	}
	if d := cmp.Diff([]string{"Camden", "Chattooga", "Grady", "Greene"}, missing); d != "" || counties != 159 {
		t.Errorf("%d counties; missing (-want +got):\n%s", counties, d)
	}
	if slices.ContainsFunc(countsOf(t, report), func(c string) bool { return strings.Contains(c, "Camden") }) {
		t.Error("a missing county has numbers")
	}

	f := checkFiles(t, 0, new).Files[0]
	if f.Rows != 5422 || f.Votes != 1820633+1721244 {
		t.Errorf("2022: %d rows, %d votes", f.Rows, f.Votes)
	}
	err22 := filepath.Join(dir, "ga22.json")
	mustRun(t, 0, "results", "convert", new, "--to", "nist-json", "--out", err22)
	for _, want := range []string{"Georgia|U.S. Senate|Raphael Warnock|total|1820633", "Georgia|U.S. Senate|Herschel Walker|total|1721244"} {
		if !slices.Contains(countsOf(t, err22), want) {
			t.Errorf("the report lacks %s", want)
		}
	}
}

// TestGeorgiaGoneWrong plays real incidents on the file of 2022.
func TestGeorgiaGoneWrong(t *testing.T) {
	t.Parallel()
	path := shared(t, georgia22)
	good := readFile(t, path)
	dir := t.TempDir()
	def := filepath.Join(dir, "ga.json")
	mustRun(t, 0, "definition", "derive", path, "--out", def)
	lines := strings.SplitAfter(good, "\n")
	row := strings.Split(strings.TrimSpace(lines[1]), ",")
	last := len(row) - 4 // the first of four vote types
	with := func(n string) string {
		r := slices.Clone(row)
		r[last] = n
		return lines[0] + strings.Join(r, ",") + "\n" + strings.Join(lines[2:], "")
	}
	for _, tt := range []struct {
		name, body string
		code       int
		check      string
	}{
		{"a negative number", with("-" + row[last]), 4, "I08"},
		{"a name that the definition does not know", strings.Replace(good, row[1], "Nowhere "+row[1], 1), 4, "I01"},
		{"cut off in a row", good[:len(good)-12], 4, "I01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := filepath.Join(dir, "20221206__ga__general_runoff__bad.csv")
			must(t, os.WriteFile(bad, []byte(tt.body), 0o644))
			f := checkFiles(t, tt.code, "--definition", def, bad).Files[0]
			if count(f.Findings, tt.check, "block") == 0 {
				t.Errorf("no %s: %v", tt.check, f.Findings)
			}
		})
	}
	t.Run("the same file twice", func(t *testing.T) {
		again := filepath.Join(dir, "20221206__ga__general_runoff__again.csv")
		must(t, os.WriteFile(again, []byte(good), 0o644))
		if c := checkFiles(t, 4, path, again); count(c.Findings, "I02", "block") == 0 {
			t.Errorf("%v", c.Findings)
		}
	})
}

// report is what these tests look at in a NIST report.
type report struct {
	GpUnit []struct {
		ID          string `json:"@id"`
		Type        string
		Name        textOf
		CountStatus []struct{ Status string }
	}
	Election []struct {
		Candidate []struct {
			ID         string `json:"@id"`
			BallotName textOf
		}
		Contest []struct {
			Name             string
			ContestSelection []struct {
				CandidateIds []string
				VoteCounts   []struct {
					GpUnitId, Type string
					Count          float64
				}
			}
		}
	}
}

type textOf struct{ Text []struct{ Content string } }

func reportOf(t testing.TB, path string) (r report) {
	t.Helper()
	must(t, json.Unmarshal([]byte(readFile(t, path)), &r))
	return r
}

// countsOf lists every vote count of a report's candidates, in words.
func countsOf(t testing.TB, path string) (out []string) {
	t.Helper()
	r := reportOf(t, path)
	name := make(map[string]string)
	for _, u := range r.GpUnit {
		if len(u.Name.Text) > 0 {
			name[u.ID] = u.Name.Text[0].Content
		}
	}
	for _, e := range r.Election {
		for _, c := range e.Candidate {
			name[c.ID] = c.BallotName.Text[0].Content
		}
		for _, c := range e.Contest {
			for _, s := range c.ContestSelection {
				for _, v := range s.VoteCounts {
					if len(s.CandidateIds) > 0 {
						out = append(out, fmt.Sprintf("%s|%s|%s|%s|%.0f", name[v.GpUnitId], c.Name, name[s.CandidateIds[0]], v.Type, v.Count))
					}
				}
			}
		}
	}
	return out
}

// TestReportsGoRound takes every sample with counts JSON, XML, JSON: each step
// is valid by the official schema and no number, name or id is lost.
func TestReportsGoRound(t *testing.T) {
	t.Parallel()
	schema := shared(t, "nist-err/schema/NIST_V2_election_results_reporting.json")
	compiled, err := jsonschema.NewCompiler().Compile(schema)
	must(t, err)
	_, noLint := exec.LookPath("xmllint")
	var files []string
	for _, pattern := range []string{"samples/*/err-*.*", "google-cdf/post_*.xml"} {
		found, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(schema)), pattern))
		must(t, err)
		files = append(files, found...)
	}
	if len(files) != 13 {
		t.Fatalf("%d samples, want 10 of NIST and 3 of Google", len(files))
	}
	flat := func(t *testing.T, path string) string {
		table, err := csv.NewReader(strings.NewReader(mustRun(t, 0, "results", "convert", path, "--to", "csv", "--out", "-").out)).ReadAll()
		must(t, err)
		// How a file cuts a contest's name into office and district is no count,
		// and a report has the one name.
		cut := func(name string) bool { return name == "office" || name == "district" }
		var out strings.Builder
		for _, row := range table {
			for i, cell := range row {
				if !cut(table[0][i]) {
					out.WriteString(cell + "|")
				}
			}
			out.WriteByte('\n')
		}
		return out.String()
	}
	var cambridge []string
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			step := []string{file, filepath.Join(dir, "1.json"), filepath.Join(dir, "2.xml"), filepath.Join(dir, "3.json")}
			want := flat(t, file)
			if strings.Contains(file, "Cambridge") {
				cambridge = append(cambridge, want)
			}
			for i := range step[1:] {
				to := "nist-" + filepath.Ext(step[i+1])[1:]
				mustRun(t, 0, "results", "convert", step[i], "--to", to, "--out", step[i+1])
				if got := flat(t, step[i+1]); got != want {
					t.Errorf("%s: %s", filepath.Base(step[i+1]), cmp.Diff(want, got))
				}
			}
			for _, path := range []string{step[1], step[3]} {
				v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(readFile(t, path))))
				must(t, err)
				if err := compiled.Validate(v); err != nil {
					t.Errorf("%s is not valid: %v", filepath.Base(path), err)
				}
			}
			if noLint != nil {
				t.Log("xmllint is not installed; the XML is not held against the XSD")
				return
			}
			if out, err := exec.Command("xmllint", "--noout", "--schema", strings.TrimSuffix(schema, ".json")+".xsd", step[2]).CombinedOutput(); err != nil {
				t.Errorf("the XML is not valid: %s", out)
			}
		})
	}
	if len(cambridge) != 2 || cambridge[0] != cambridge[1] {
		t.Error("Cambridge says one thing in JSON and another in XML")
	}
}

// TestTablesGoRound goes from OpenElections columns to NIST and back. What a
// report cannot carry is the vote type of over- and undervotes, and a district
// apart from the contest's name, for which the definition is asked; all else is
// equal after sorting.
func TestTablesGoRound(t *testing.T) {
	t.Parallel()
	lost := regexp.MustCompile(`,(Over|Under) Votes,(\d*),.*$`)
	for _, name := range []string{georgia22, arizona} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			dir := t.TempDir()
			nist, def := filepath.Join(dir, "night.json"), filepath.Join(dir, "definition.json")
			mustRun(t, 0, "definition", "derive", shared(t, name), "--out", def)
			mustRun(t, 0, "results", "convert", shared(t, name), "--to", "nist-json", "--out", nist)
			sorted := func(args ...string) []string {
				r := mustRun(t, 0, append([]string{"results", "convert", "--to", "openelections", "--out", "-"}, args...)...)
				lines := strings.Split(strings.TrimSpace(r.out), "\n")
				for i, l := range lines {
					lines[i] = lost.ReplaceAllString(l, ",$1 Votes,$2")
				}
				slices.Sort(lines)
				return lines
			}
			if d := cmp.Diff(sorted(shared(t, name)), sorted("--definition", def, nist)); d != "" {
				t.Errorf("(-table +report): %.4000s", d)
			}
		})
	}
}

// TestClarity reads both Clarity files. The certified one has votes for Cotton
// that no county has, and a person must look.
func TestClarity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file        string
		code, units int
		votes       int64
		held        []string
	}{
		{"ar-2014-general-county-level.xml", 3, 76, 462123, []string{"C01", "C05"}},
		{"ky-greenup-2014-primary-precinct-level-partial.xml", 0, 34, 2060, nil},
	} {
		t.Run(tt.file, func(t *testing.T) {
			f := checkFiles(t, tt.code, shared(t, "results/clarity-xml/"+tt.file)).Files[0]
			var held []string
			for _, x := range f.Findings {
				if x.Level == "hold" {
					held = append(held, x.Check)
				}
			}
			if d := cmp.Diff(tt.held, held); d != "" || f.Units != tt.units || f.Votes != tt.votes || f.Format != "clarity" {
				t.Errorf("%s, %d units, %d votes; held (-want +got):\n%s", f.Format, f.Units, f.Votes, d)
			}
		})
	}
}
