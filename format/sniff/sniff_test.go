// SPDX-License-Identifier: Apache-2.0

package sniff

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"hustings/format/clarity"
	"hustings/format/enhanced"
	"hustings/format/ncsbe"
	"hustings/format/openelections"
	"hustings/format/sheet"
)

func zipOf(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, files[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func workbook(t testing.TB, header ...string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := sheet.NewWorkbook(&b, "Results", header)
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]any, len(header))
	for i := range cells {
		cells[i] = i
	}
	if err := w.Write(cells...); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wide(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

const (
	oeCSV     = "county,precinct,office,district,party,candidate,votes\nGila,1,Sheriff,,DEM,Ann,5\n"
	oeTypes   = "county,precinct,office,district,party,candidate,election_day_votes,advanced_votes\nGila,1,Sheriff,,DEM,Ann,5,1\n"
	ncTSV     = "County\tElection Date\tPrecinct\tContest Group ID\tContest Type\tContest Name\tChoice\tChoice Party\tVote For\tElection Day\tEarly Voting\tAbsentee by Mail\tProvisional\tTotal Votes\tReal Precinct\nW\t11/03/2026\tP\t1\tS\tC\tX\t\t1\t1\t1\t1\t1\t4\tY\n"
	el45Line  = "01000010012000021DEMCNT0001SHERIFF                                                 ANN SMITH                             OAK 12                        LARKSPUR                 01 \n"
	clarXML   = "<?xml version=\"1.0\"?>\n<!--snapshot-->\n<ElectionResult><Region>Oak</Region></ElectionResult>"
	googleXML = `<ElectionReport xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Election/></ElectionReport>`
	nistXML   = `<?xml version="1.0" encoding="UTF-8"?><ElectionReport xmlns="http://itl.nist.gov/ns/voting/1500-100/v2"/>`
	evJSON    = `{"electionName":"x","localResults":[{"name":"Oak","ballotItems":[]}]}`
)

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		name, file, in string
		want           Kind
	}{
		{"OpenElections", "a.csv", oeCSV, OpenElections},
		{"OpenElections without a total", "a.csv", oeTypes, OpenElections},
		{"OpenElections in UTF-16", "a.csv", wide(oeCSV), OpenElections},
		{"OpenElections with a byte order mark and another name", "results.json", "\ufeff" + oeCSV, OpenElections},
		{"North Carolina", "results_pct_20261103.txt", ncTSV, NCSBE},
		{"ES&S", "el45.txt", strings.Repeat(el45Line, 3), ESS},
		{"ES&S with a cut last line", "el45.txt", strings.Repeat(el45Line, 30) + el45Line[:40], ESS},
		{"our own table", "a.csv", "election,county,unit,unit_id,contest,contest_id,choice,choice_id,vote_type,votes\ne,Oak,1,oak-1,Mayor,m,Ann,a,total,1\n", Hustings},
		{"our own workbook, saved as CSV", "a.csv", "County,Unit,Contest,Choice,Party,Votes,Early\nOak,1,Mayor,Ann,,1,1\n", Hustings},
		{"another table", "a.csv", "name,phone\nAnn,1\nBo,2\n", CSV},
		{"another table with tabs", "a.csv", "name\tphone\nAnn\t1\n", TSV},
		{"a table that is only a header", "a.csv", "name,phone", CSV},
		{"a table of one column", "a.csv", "precinct\n1\n2\n", CSV},
		{"a workbook", "a.csv", workbook(t, "a", "b"), XLSX},
		{"an archive", "a.zip", zipOf(t, "a.csv", oeCSV), Zip},
		{"Clarity", "detail.xml", clarXML, ClarityXML},
		{"Clarity in UTF-16", "detail.xml", wide(strings.Replace(clarXML, "1.0\"", "1.0\" encoding=\"utf-16\"", 1)), ClarityXML},
		{"VIP", "feed.xml", "<VipObject schemaVersion=\"6.0\">", VIPXML},
		{"NIST in XML", "x", nistXML, NISTXML},
		{"Google's dialect", "x", googleXML, GoogleXML},
		{"NIST in JSON", "x.json", `{"@type":"ElectionResults.ElectionReport","Election":[`, NISTJSON},
		{"NIST in JSON with its type at the end", "x.json", `{"Election":[{"@type":"ElectionResults.Election"}],"@type":"ElectionResults.ElectionReport"}`, NISTJSON},
		{"Enhanced Voting", "x.json", evJSON, EnhancedJSON},
		{"Enhanced Voting, cut short", "x.json", `{"id":1,"jurisdiction":{"a":[1,2]},"results":{"ballotItems":[{"ballotOptions":[{"na`, EnhancedJSON},
		{"GeoJSON", "x.json", `{"type":"FeatureCollection","features":[]}`, GeoJSON},
		{"GeoJSON with its type at the end and cut short", "x.json", `{"features":[{"type":"Feature","geometry":{"type":"Poly`, GeoJSON},
		{"TopoJSON", "x.json", `{"type":"Topology","objects":{}`, TopoJSON},
		{"TopoJSON with its type at the end", "x.json", `{"arcs":[[[1,2]]],"transform":{"scale":[1,1]},"objects":{}`, TopoJSON},
		{"a web page", "a.xls", "<html><table></table></html>", Unknown},
		{"a PDF", "a.csv", "%PDF-1.4", Unknown},
		{"prose", "a.txt", "Dear clerk,\nplease find the results, all of them, attached.\nThey are final, I hope, and right, and complete.\nYours,\nthe vendor, Inc.\n", Unknown},
		{"nothing", "a.csv", "", Unknown},
		{"blanks", "a.csv", " \n\t\n", Unknown},
		{"zero bytes", "a.csv", "\x00\x00\x00\x00\x00\x00", Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Detect(tt.file, []byte(tt.in)); got != tt.want {
				t.Errorf("got %s, want %s", string(got), string(tt.want))
			}
		})
	}
}

func TestOpen(t *testing.T) {
	book := workbook(t, "county", "precinct", "office", "district", "party", "candidate", "votes")
	for _, tt := range []struct {
		name, file, in, want string
		kind                 Kind
		as                   string
		notes                []string
	}{
		{"as it is called", "a.csv", oeCSV, oeCSV, OpenElections, "a.csv", nil},
		{"a name that lies", "a.xml", oeCSV, oeCSV, OpenElections, "a.xml", []string{"the name ends in .xml but the file is results in OpenElections columns; it was read as what it is"}},
		{"a name that says nothing", "upload", clarXML, clarXML, ClarityXML, "upload", nil},
		{"a workbook called .csv", "a.csv", book, book, OpenElections, "a.csv", []string{"the name ends in .csv but the file is an Excel workbook; it was read as what it is"}},
		{"in an archive", "a.zip", zipOf(t, "../x/detail.xml", clarXML), clarXML, ClarityXML, "a.zip/detail.xml", nil},
		{"beside a note in an archive", "a.zip", zipOf(t, "README.txt", "read me\n", "results.txt", ncTSV, "logo.png", "\x89PNG\r\n"), ncTSV, NCSBE, "a.zip/results.txt", []string{"the archive also holds README.txt, logo.png, which was left out"}},
	} {
		for _, how := range []string{"by position", "as a stream"} {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				var r io.Reader = strings.NewReader(tt.in)
				if how == "as a stream" {
					r = io.MultiReader(r)
				}
				f, err := Open(tt.file, r, sheet.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				got, err := io.ReadAll(f)
				if err != nil || string(got) != tt.want {
					t.Errorf("got %d bytes (%v), want %d", len(got), err, len(tt.want))
				}
				if f.Kind != tt.kind || f.Name != tt.as {
					t.Errorf("got %s as %s, want %s as %s", f.Kind, f.Name, tt.kind, tt.as)
				}
				if d := cmp.Diff(tt.notes, f.Notes); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	many := make([]string, 0, 60)
	for i := range 30 {
		many = append(many, fmt.Sprint(i, ".png"), "x")
	}
	for _, tt := range []struct {
		name, file, in, want string
		lim                  sheet.Limits
	}{
		{"an empty file", "a.csv", "", "a.csv: the file is empty" + lookedFor, sheet.Limits{}},
		{"a PDF", "a.csv", "%PDF-1.4", "a.csv: this is a PDF, which holds pictures of tables; ask for the CSV or Excel export of the report" + lookedFor, sheet.Limits{}},
		{"a ballot definition", "a.json", `{"@type":"BallotDefinition.ElectionReport"}`, "a.json: the file is a NIST ballot definition (JSON), not results" + lookedFor, sheet.Limits{}},
		{"cast vote records", "a.json", `{"@type":"CVR.CastVoteRecordReport"}`, "a.json: the file holds NIST cast vote records (JSON), not results" + lookedFor, sheet.Limits{}},
		{"JSON of another kind", "a.json", `{"a":1}`, "a.json: the file is JSON of no known kind" + lookedFor, sheet.Limits{}},
		{"XML of another kind", "a.xml", `<rss version="2.0"/>`, "a.xml: the file is XML with the outermost element rss, which is of no known kind" + lookedFor, sheet.Limits{}},
		{"XML with entities", "a.xml", `<!DOCTYPE x [<!ENTITY a "b">]><VipObject/>`, "a.xml: the file looks like XML but could not be read as such (the file has a document type definition (<!DOCTYPE>), which is not accepted because entities can be used to do harm; remove it)" + lookedFor, sheet.Limits{}},
		{"an archive in an archive", "a.zip", zipOf(t, "b.zip", zipOf(t, "a.csv", oeCSV)), "a.zip/b.zip: an archive or workbook inside an archive is not opened; unpack the outer one first", sheet.Limits{}},
		{"two files that could be meant", "a.zip", zipOf(t, "a.csv", oeCSV, "b.csv", oeCSV), "a.zip: the archive holds several files that could be meant (a.csv, b.csv); upload the one to be read", sheet.Limits{}},
		{"an archive of nothing known", "a.zip", zipOf(t, "a.png", "\x89PNG"), "a.zip: the archive holds no file of a known kind (a.png)" + lookedFor, sheet.Limits{}},
		{"an archive of too many files", "a.zip", zipOf(t, many...), `a.zip: the archive holds more files than the limit of 20; if the file is right, raise the import limit "entries", otherwise split the file`, sheet.Limits{Entries: 20}},
		{"a bomb", "a.zip", zipOf(t, "a.csv", strings.Repeat("0", 20<<20)), `a.zip: the archive unpacks to more times its size than the limit of 200; if the file is right, raise the import limit "ratio", otherwise split the file`, sheet.Limits{}},
		{"an archive that unpacks to too much", "a.zip", zipOf(t, "a.csv", strings.Repeat("0", 2<<20)), `a.zip: the archive unpacks to more than the limit of 1 MiB; if the file is right, raise the import limit "unpacked", otherwise split the file`, sheet.Limits{Unpacked: 1 << 20}},
		{"an archive that is cut short", "a.zip", zipOf(t, "a.csv", oeCSV)[:60], "a.zip: the archive is cut short or damaged; fetch or export it again (zip: not a valid zip file)", sheet.Limits{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(tt.file, strings.NewReader(tt.in), tt.lim)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// A stream that never ends is looked at and not swallowed.
func TestOpenReadsOnlyTheBeginning(t *testing.T) {
	var given counter
	f, err := Open("a.csv", io.TeeReader(io.LimitReader(endless{}, 1<<30), &given), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Kind != CSV || given > HeadSize {
		t.Errorf("got %s after %d bytes, want a table after no more than %d", f.Kind, given, HeadSize)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "a,b\n"[i%4]
	}
	return len(p) &^ 3, nil
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func TestAReaderThatFails(t *testing.T) {
	broken := errors.New("the line went dead")
	_, err := Open("a.csv", io.MultiReader(strings.NewReader("a,b\n"), failing{broken}), sheet.Limits{})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Files of each kind that the data sets hold, whatever they are called.
func TestRealFiles(t *testing.T) {
	for pattern, want := range map[string]Kind{
		"results/*/*.csv":                  OpenElections,
		"results/clarity-xml/*.xml":        ClarityXML,
		"nist-err/samples/*/err-*.json":    NISTJSON,
		"nist-err/samples/*/err-*.xml":     NISTXML,
		"nist-err/samples/*/pe-err-*.json": NISTJSON,
		"nist-err/samples/*/pe-err-*.xml":  NISTXML,
		"nist-err/google-cdf/*_feed*.xml":  GoogleXML,
		"vip/sample_feed_v5.2.xml":         VIPXML,
		"geo/*.geojson":                    GeoJSON,
		"geo/*.topojson":                   TopoJSON,
		"geo/*-10m.json":                   TopoJSON,
		"fec/*.xlsx":                       XLSX,
		"linkage/*.csv":                    CSV,
		"nist-err/samples/*/bd-*.json":     Unknown,
		"nist-err/samples/*/bd-*.xml":      Unknown,
		"nist-cvr/*.xml":                   Unknown,
	} {
		t.Run(pattern, func(t *testing.T) {
			paths, _ := filepath.Glob("../../../shared/data/" + pattern)
			if len(paths) == 0 {
				t.Skip("the public data sets are not beside the repository: " + pattern)
			}
			for _, p := range paths {
				f, err := OpenFile(p, sheet.Limits{})
				got := Unknown
				if err == nil {
					got = f.Kind
					f.Close()
				}
				if got != want {
					t.Errorf("%s: got %s (%v), want %s", p, string(got), err, string(want))
				}
			}
		})
	}
}

func TestOpenFileThatIsNotThere(t *testing.T) {
	if _, err := OpenFile(t.TempDir()+"/none.csv", sheet.Limits{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// What is recognised can be read by the reader of its kind.
func TestWhatIsRecognisedReads(t *testing.T) {
	readers := map[Kind]func(f *File) error{
		OpenElections: func(f *File) error { _, err := openelections.Read(f.Name, f, sheet.Limits{}); return err },
		NCSBE:         func(f *File) error { _, err := ncsbe.Read(f.Name, f, sheet.Limits{}); return err },
		ClarityXML:    func(f *File) error { _, err := clarity.Read(f.Name, f, sheet.Limits{}); return err },
		EnhancedJSON:  func(f *File) error { _, err := enhanced.Read(f.Name, f, sheet.Limits{}); return err },
		XLSX:          func(f *File) error { _, err := sheet.Open(f.Name, f, sheet.Limits{}); return err },
	}
	nc := []string{"County", "Election Date", "Precinct", "Contest Group ID", "Contest Name", "Choice", "Total Votes", "Real Precinct"}
	for _, in := range []string{
		oeCSV, wide(oeCSV), ncTSV, clarXML, wide(strings.Replace(clarXML, "1.0\"", "1.0\" encoding=\"utf-16\"", 1)), evJSON, wide(evJSON),
		zipOf(t, "a.txt", ncTSV), zipOf(t, "a.xml", clarXML), workbook(t, "a", "b"), workbook(t, nc...),
		workbook(t, "county", "precinct", "office", "district", "party", "candidate", "votes"),
	} {
		f, err := Open("x", strings.NewReader(in), sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := readers[f.Kind](f); err != nil {
			t.Errorf("%s: %v", f.Kind, err)
		}
	}
}

func FuzzDetect(f *testing.F) {
	for _, s := range []string{oeCSV, ncTSV, el45Line, clarXML, nistXML, googleXML, evJSON, `{"type":"Topology"}`, "\xff\xfe<\x00", "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		kind, seems := look("x", in)
		if (kind == Unknown) != (seems != "") {
			t.Errorf("%q is %s and seems %q", in, string(kind), seems)
		}
		file, err := Open("x", bytes.NewReader(in), sheet.Limits{Unpacked: 1 << 20, Bytes: 1 << 20})
		if err == nil && (file.Kind == Unknown || file.Kind == Zip) {
			t.Errorf("%q opens as %s", in, string(file.Kind))
		}
	})
}

func ExampleDetect() {
	fmt.Println(Detect("night.txt", []byte("county,precinct,office,party,candidate,votes\nGila,1,Sheriff,DEM,Ann,5\n")))
	fmt.Println(Detect("night.csv", []byte("<ElectionResult><Region>Oak</Region></ElectionResult>")))
	// Output:
	// results in OpenElections columns
	// Clarity detail XML
}

func BenchmarkDetect(b *testing.B) {
	in := []byte(strings.Repeat(oeCSV, 1000)[:HeadSize])
	b.ReportAllocs()
	for b.Loop() {
		if Detect("a.csv", in) != OpenElections {
			b.Fatal("not recognised")
		}
	}
}
