// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"maps"
	"math/rand"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/results/tally"
)

var (
	look   = flag.String("look", "", "write the county's pages into this folder, to look at them in a browser")
	update = flag.Bool("update", false, "rewrite the golden pages")
)

// rendered is all pages of an input by path.
func rendered(t testing.TB, in Input) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	put := func(path string, body []byte) error {
		if _, twice := out[path]; twice {
			t.Errorf("%s was put twice", path)
		}
		out[path] = body
		return nil
	}
	if err := Render(context.Background(), in, put); err != nil {
		t.Fatal(err)
	}
	return out
}

// after is the way from one version to the next.
func after(t testing.TB, prev *Input, next Input) *Step {
	t.Helper()
	var was *Edition
	now, err := Open(next)
	if err == nil && prev != nil {
		was, err = Open(*prev)
	}
	if err != nil {
		t.Fatal(err)
	}
	return now.After(was)
}

func countyNight(t testing.TB, tags ...string) []Input {
	return evening(t, NewFrame(tally.NewIndex(larkspur()), catalog(t, tags...)), 0, 0.12, 0.3, 0.55, 0.8)
}

func last[T any](list []T) T { return list[len(list)-1] }

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	a := rendered(t, last(countyNight(t, "es")))
	b := rendered(t, last(countyNight(t, "es")))
	if d := cmp.Diff(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))); d != "" {
		t.Fatal(d)
	}
	for path, body := range a {
		if !bytes.Equal(body, b[path]) {
			t.Errorf("%s differs from one rendering to the next", path)
		}
	}
}

// TestChangedPagesMakeTheWhole publishes a night version by version and checks
// that the pages of one version and the changed pages of the next are together
// all pages of the next, byte for byte, and that nothing unchanged is written.
func TestChangedPagesMakeTheWhole(t *testing.T) {
	night := countyNight(t, "es")
	f := night[0].Frame
	one := tally.Merge(f.Index, counted(f.Index, 0.55), onePrecinct(f.Index, "p-0006"))
	night = append(night[:4:4], follow(t, night[3], func(in *Input) { in.Now = one }),
		follow(t, night[3], func(in *Input) { in.Status = election.Certified }),
		follow(t, night[3], func(in *Input) { in.Now = small(f.Index, 0.55) }))
	for i := 1; i < len(night); i++ {
		prev := night[min(i-1, 3)]
		folder := rendered(t, prev)
		wrote := 0
		err := after(t, &prev, night[i]).Render(context.Background(), func(path string, body []byte) error {
			if bytes.Equal(folder[path], body) && !strings.HasPrefix(path, "assets/") && prev.Status == night[i].Status {
				t.Errorf("version %d: %s was written and is the same", i+1, path)
			}
			wrote++
			folder[path] = body
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		whole := rendered(t, night[i])
		for path, body := range whole {
			if !bytes.Equal(folder[path], body) {
				t.Errorf("version %d: %s should have been written again", i+1, path)
			}
		}
		t.Logf("version %d: %d of %d files written", i+1, wrote, len(whole))
	}
}

// follow is the version after one, with something changed.
func follow(t *testing.T, prev Input, change func(*Input)) Input {
	next := prev
	next.Version++
	next.At = prev.At.Add(14 * time.Minute)
	change(&next)
	next.Changes = append(slices.Clone(prev.Changes), Change{Version: next.Version, At: next.At, Kind: Counted, Status: next.Status,
		Contests: Differences(prev.Now, next.Now)})
	next.Stamps = after(t, &prev, next).now.Stamps
	return next
}

// onePrecinct is the count of one precinct.
func onePrecinct(x *tally.Index, id election.UnitID) *tally.Sheet {
	s := &tally.Sheet{Index: x}
	u, _ := x.Unit(id)
	countPrecinct(x, s, u, rand.New(rand.NewSource(int64(u))), 0.5)
	tally.Sort(s.Cells)
	return s
}

// small is the count with one ballot of a large precinct taken away, down to
// fewer than the threshold, so that what is hidden elsewhere changes too.
func small(x *tally.Index, share float64) *tally.Tally {
	s := counted(x, share)
	u, _ := x.Unit("p-0001")
	for i := range s.Cells {
		if c := &s.Cells[i]; c.Unit == u && c.Choice != tally.Registered {
			c.N /= 200
		}
	}
	return tally.Merge(x, s)
}

func TestOnePrecinctChangesFewPages(t *testing.T) {
	prev := countyNight(t)[3]
	f := prev.Frame
	next := follow(t, prev, func(in *Input) {
		in.Now = tally.Merge(f.Index, counted(f.Index, 0.55), onePrecinct(f.Index, "p-0006"))
	})
	var precincts []string
	if err := after(t, &prev, next).Render(context.Background(), func(path string, body []byte) error {
		if strings.HasPrefix(path, "precinct/") {
			precincts = append(precincts, path)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"precinct/p-0006.html", "precinct/p-0006.json"}, precincts); d != "" {
		t.Error(d)
	}
	if got := next.Stamps["precinct/p-0007"]; got.Equal(next.At) {
		t.Errorf("precinct 0007 is stamped %v, though its numbers did not change", got)
	}
	if got := next.Stamps["contest/governor"]; !got.Equal(next.At) {
		t.Errorf("the governor's contest is stamped %v, want %v", got, next.At)
	}
}

// TestEveryPageIsWellFormed reads every page strictly: every element closed,
// every attribute quoted, no id twice, one h1, nothing inline that the content
// security policy forbids.
func TestEveryPageIsWellFormed(t *testing.T) {
	for path, body := range rendered(t, last(countyNight(t, "es", "ar-XB"))) {
		switch filepath.Ext(path) {
		case ".html":
			checkPage(t, path, body)
		case ".json":
			if !json.Valid(body) {
				t.Errorf("%s is not JSON: %.200s", path, body)
			}
		case ".xml":
			if err := readXML(body, nil); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func readXML(body []byte, see func(xml.StartElement)) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Entity = xml.HTMLEntity
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if el, ok := tok.(xml.StartElement); ok && see != nil {
			see(el)
		}
	}
}

func checkPage(t *testing.T, path string, body []byte) {
	t.Helper()
	ids := make(map[string]bool)
	headings := 0
	err := readXML(body, func(el xml.StartElement) {
		if el.Name.Local == "h1" {
			headings++
		}
		if el.Name.Local == "style" {
			t.Errorf("%s has an inline style sheet", path)
		}
		for _, a := range el.Attr {
			switch {
			case a.Name.Local == "id" && ids[a.Value]:
				t.Errorf("%s: id %q stands twice", path, a.Value)
			case a.Name.Local == "id":
				ids[a.Value] = true
			case a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on"):
				t.Errorf("%s: <%s> has an inline %s", path, el.Name.Local, a.Name.Local)
			}
		}
	})
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	if headings != 1 {
		t.Errorf("%s has %d h1, want 1", path, headings)
	}
	for _, filled := range []string{"{time}", "{version}", "{size}", "{root}"} { // by the script
		body = bytes.ReplaceAll(body, []byte(filled), nil)
	}
	if key := regexp.MustCompile(`results\.site\.[a-z.-]+|\{[a-z]+\}`).Find(body); key != nil {
		t.Errorf("%s shows %q: a sentence is missing or not filled", path, key)
	}
}

var reference = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	state := columbiaNight(t, 3, 4)
	x := state.Frame.Index
	county, _ := x.Unit("county-02")
	alone := state // a county that counts for itself, before any of its precincts
	alone.Now = tally.Merge(x, &tally.Sheet{Index: x, Cells: []tally.Cell{{Unit: county, Contest: 2, Choice: 0, N: 7}}})
	for name, in := range map[string]Input{"county": last(countyNight(t, "es")), "state": state, "a county for itself": alone} {
		t.Run(name, func(t *testing.T) { followLinks(t, in) })
	}
}

func followLinks(t *testing.T, in Input) {
	files := rendered(t, in)
	for _, d := range in.Downloads {
		files[d.Path] = nil
	}
	for _, c := range in.Changes {
		files[c.Path] = nil
	}
	for from, body := range files {
		if !strings.HasSuffix(from, ".html") {
			continue
		}
		for _, m := range reference.FindAllSubmatch(body, -1) {
			to, fragment, _ := strings.Cut(string(m[1]), "#")
			if strings.Contains(to, ":") {
				continue
			}
			target := path.Join(path.Dir(from), to)
			if to == "" {
				target = from
			}
			there, ok := files[target]
			if !ok {
				t.Errorf("%s links to %s, which does not exist", from, m[1])
			}
			if fragment != "" && !bytes.Contains(there, []byte(`id="`+fragment+`"`)) {
				t.Errorf("%s links to %s, where nothing has that id", from, m[1])
			}
		}
	}
}

func TestATestIsMarkedOnEveryPage(t *testing.T) {
	in := last(countyNight(t, "es"))
	in.Test = true
	for path, body := range rendered(t, in) {
		want := []string{}
		switch filepath.Ext(path) {
		case ".html":
			word := "TEST"
			if strings.HasPrefix(path, "test/es/") {
				word = "PRUEBA"
			}
			want = []string{`class="test-banner"`, ` test"`, "<title>" + word, `content="noindex, nofollow"`}
		case ".json":
			want = []string{`"test":true`}
		case ".xml":
			want = []string{"<title>"}
		}
		if !strings.HasPrefix(path, "test/") {
			t.Errorf("%s of a test stands among real results", path)
		}
		for _, w := range want {
			if !bytes.Contains(body, []byte(w)) {
				t.Errorf("%s of a test lacks %s", path, w)
			}
		}
	}
}

func TestNobodyHasWonBeforeCertification(t *testing.T) {
	night := countyNight(t)
	won := regexp.MustCompile(`(?i)\b(won|winner|elected|passed|nominated)\b`)
	for path, body := range rendered(t, last(night)) {
		if strings.HasSuffix(path, ".html") && !strings.HasPrefix(path, "about") {
			if at := won.Find(body); at != nil {
				t.Errorf("%s says %q of an unofficial result", path, at)
			}
		}
	}
	certified := last(night)
	certified.Status = election.Certified
	pages := rendered(t, certified)
	for path, want := range map[string]string{"contest/governor.html": "won by", "contest/sheriff.html": "Elected", "contest/measure-2b.html": "Did not pass"} {
		if !bytes.Contains(pages[path], []byte(want)) {
			t.Errorf("%s, certified, does not say %q", path, want)
		}
	}
}

func TestPartOfAContestDecidesNothing(t *testing.T) {
	in := columbiaNight(t, 3, 4)
	in.Status = election.Certified
	pages := rendered(t, in)
	if !bytes.Contains(pages["contest/contest-00.html"], []byte("won by")) {
		t.Error("the whole state, certified, does not say who won")
	}
	for _, path := range []string{"contest/contest-00/county-01.html", "county/county-01.html"} {
		part := string(pages[path])
		if i := strings.Index(part, "Office No. 0"); i < 0 || strings.Contains(part[i:strings.Index(part[i:], "</table>")+i], "Elected") || strings.Contains(part, "won by") && path[:7] == "contest" {
			t.Errorf("%s says that somebody won who has the most votes in one county", path)
		}
	}
	if !bytes.Contains(pages["contest/contest-00/county-01.html"], []byte("has the most votes here")) {
		t.Error("the county's page does not say who has the most votes there")
	}
}

func TestAContestMayHaveAStatusOfItsOwn(t *testing.T) {
	prev := last(countyNight(t))
	c, _ := prev.Frame.Index.Contest("sheriff")
	next := follow(t, prev, func(in *Input) {
		in.Now = tally.Merge(in.Frame.Index, counted(in.Frame.Index, 0.8))
		in.Now.Status[c] = election.Recount
	})
	changed := make(map[string][]byte)
	if err := after(t, &prev, next).Render(context.Background(), func(path string, body []byte) error { changed[path] = body; return nil }); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(changed["contest/sheriff.html"], []byte("Recount under way.")) {
		t.Error("the sheriff's contest does not say that it is recounted")
	}
	if changed["contest/governor.html"] != nil {
		t.Error("another contest's page was written again")
	}
}

func TestSmallPrecinctsAreNotSplitByWayOfVoting(t *testing.T) {
	in := last(evening(t, NewFrame(tally.NewIndex(larkspur()), catalog(t)), 1))
	pages := rendered(t, in)
	for path, hidden := range map[string]bool{"precinct/p-0096": true, "precinct/p-0030": false} {
		html, twin := pages[path+".html"], pages[path+".json"]
		if got := !bytes.Contains(html, []byte("Provisional")); got != hidden {
			t.Errorf("%s hides vote types: %v, want %v", path, got, hidden)
		}
		if got := !bytes.Contains(twin, []byte(`"provisional"`)); got != hidden {
			t.Errorf("%s.json hides vote types: %v, want %v", path, got, hidden)
		}
	}
}

func TestNothingReportedIsNotZero(t *testing.T) {
	in := countyNight(t)[0]
	pages := rendered(t, in)
	for _, path := range []string{"contest/governor.html", "precinct/p-0001.html", "index.html"} {
		if !bytes.Contains(pages[path], []byte("–")) && !bytes.Contains(pages[path], []byte("Not reported")) {
			t.Errorf("%s, before any count, does not say that nothing is reported", path)
		}
		if bytes.Contains(pages[path], []byte("<td>0</td>")) {
			t.Errorf("%s, before any count, shows a zero", path)
		}
	}
}

func TestRightToLeftPages(t *testing.T) {
	page := rendered(t, last(countyNight(t, "ar-XB")))["ar-XB/contest/governor.html"]
	for _, want := range []string{`<html lang="ar-XB" dir="rtl"`, "<bdi>Thomas Whitfield</bdi>", "[Léádíñg~~"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestPagesStayAddressedAlike(t *testing.T) {
	for _, tt := range []struct {
		name string
		ids  []string
		want []string
	}{
		{"an id that is a slug stays", []string{"p-0001"}, []string{"p-0001"}},
		{"anything else becomes one", []string{"Precinct 12/A"}, []string{"precinct-12-a"}},
		{"two that fall together are told apart, the plain one unchanged", []string{"p-1", "P 1"}, []string{"p-1", "p-1-6b906186"}},
		{"nothing usable becomes a hash", []string{"選"}, []string{"c5c804cc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, slugs(tt.ids)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestWordsAreWholeInEveryLanguage keeps the files of words in step, and finds
// sentences that no page says.
func TestWordsAreWholeInEveryLanguage(t *testing.T) {
	read := func(tag string) map[string]words.Message {
		body, err := Words.ReadFile("words/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m, err := words.Parse(body)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	english := read("en")
	for _, finding := range words.Lint(english, read("es"), "es") {
		t.Error(finding)
	}
	var source []byte
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source = append(source, body...)
		}
	}
	made := []string{"status.", "state.", "kind.", "change.", "note.", "about.", "unit.", "live.", "file.", "measure.", "retention.", "need.", "lead.", "find.", "turnout.step."}
	for key := range english {
		key = strings.TrimPrefix(key, "results.site.")
		if slices.ContainsFunc(made, func(p string) bool { return strings.HasPrefix(key, p) }) {
			continue
		}
		if !bytes.Contains(source, []byte(`"`+key+`"`)) && !bytes.Contains(source, []byte(`.site.`+key+`"`)) {
			t.Errorf("no page says %q", key)
		}
	}
}

// TestGolden compares a few pages with what was looked at and found good.
// -update rewrites them.
func TestGolden(t *testing.T) {
	pages := rendered(t, last(countyNight(t, "es")))
	for _, path := range []string{"contest/measure-2b.html", "es/contest/sheriff.html", "contest/mayor.json", "precinct/p-0030.html", "changes.html", "feed.xml", "live.json"} {
		file := filepath.Join("testdata", "golden", strings.ReplaceAll(path, "/", "-"))
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, pages[path], 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(pages[path]), "\n")); d != "" {
			t.Errorf("%s differs from %s (-update rewrites it):\n%s", path, file, d)
		}
	}
}

// TestLook is for the eye: go test -run TestLook -look /tmp/pages ./office/results/site
func TestLook(t *testing.T) {
	if *look == "" {
		t.Skip("no -look folder given")
	}
	in := last(countyNight(t, "es", "ar-XB"))
	dress(t, &in)
	write := func(path string, body []byte) error {
		path = filepath.Join(*look, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		return os.WriteFile(path, body, 0o644)
	}
	for _, test := range []bool{false, true} {
		in.Test = test
		if err := Render(context.Background(), in, write); err != nil {
			t.Fatal(err)
		}
	}
	if err := write("current.json", []byte(`{"version":5,"at":"2026-11-04T03:42:00Z","status":"unofficial-partial","next_poll_seconds":15}`)); err != nil {
		t.Fatal(err)
	}
}

// dress gives the pages the built style sheet and script.
func dress(t testing.TB, in *Input) {
	t.Helper()
	for name, to := range map[string]*Asset{"site-*.css": &in.Style, "site-*.js": &in.Script} {
		built, err := filepath.Glob("../../../web/dist/" + name)
		if err != nil || len(built) != 1 {
			t.Skipf("the front end is not built (web/dist/%s): run make build", name)
		}
		body, err := os.ReadFile(built[0])
		if err != nil {
			t.Fatal(err)
		}
		*to = Asset{Path: "assets/" + filepath.Base(built[0]), Body: body}
	}
}

func TestTheAboutPageLeadsToWhereFilesAreChecked(t *testing.T) {
	in := last(countyNight(t))
	for _, address := range []string{"", "https://vote.example/verify/"} {
		in.Verify = address
		about := string(rendered(t, in)["about.html"])
		if led := strings.Contains(about, `href="https://vote.example/verify/"`); led != (address != "") {
			t.Errorf("with %q: leads there: %v", address, led)
		}
	}
}
