// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// read gives the whole table as lines of "line: cell|cell" and the problems.
func read(t testing.TB, name string, r io.Reader, lim Limits, how ...Choice) (rows, problems []string, err error) {
	t.Helper()
	table, err := Open(name, r, lim, how...)
	if err != nil {
		return nil, nil, err
	}
	rows = append(rows, strings.Join(table.Header, "|"))
	for row, rowErr := range table.Rows() {
		if rowErr != nil {
			err = rowErr
			break
		}
		cells := make([]string, row.Len())
		for i := range cells {
			cells[i] = row.Cell(i)
		}
		rows = append(rows, fmt.Sprintf("%d: %s", row.Line, strings.Join(cells, "|")))
	}
	for _, p := range table.Problems.List {
		problems = append(problems, p.String())
	}
	return rows, problems, err
}

func utf16Bytes(s string, big, bom bool) string {
	var b []byte
	if bom {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		lo, hi := byte(u), byte(u>>8)
		if big {
			lo, hi = hi, lo
		}
		b = append(b, lo, hi)
	}
	return string(b)
}

func TestOpenText(t *testing.T) {
	for _, tt := range []struct {
		name, in       string
		rows, problems []string
	}{
		{"plain CSV", "county,votes\nPima,12\nYuma,3\n", []string{"county|votes", "2: Pima|12", "3: Yuma|3"}, nil},
		{"no line end at the end", "county,votes\nPima,12", []string{"county|votes", "2: Pima|12"}, nil},
		{"Windows line ends", "county,votes\r\nPima,12\r\n", []string{"county|votes", "2: Pima|12"}, nil},
		{"old Macintosh line ends", "county,votes\rPima,12\rYuma,3\r", []string{"county|votes", "2: Pima|12", "3: Yuma|3"}, nil},
		{"all three line ends in one file", "county,votes\r\nPima,1\rYuma,2\nGila,3", []string{"county|votes", "2: Pima|1", "3: Yuma|2", "4: Gila|3"}, nil},
		{"tabs", "county\tvotes\nSanta Cruz, AZ\t12\n", []string{"county|votes", "2: Santa Cruz, AZ|12"}, nil},
		{"semicolons with commas in the cells", "county;name;votes\nPima;Smith, J;1\nYuma;Doe, K;2\n", []string{"county|name|votes", "2: Pima|Smith, J|1", "3: Yuma|Doe, K|2"}, nil},
		{"pipes", "county|votes\nPima|12\n", []string{"county|votes", "2: Pima|12"}, nil},
		{"one column", "county\nPima\nYuma\n", []string{"county", "2: Pima", "3: Yuma"}, nil},
		{"Excel says its delimiter", "sep=;\na;b,c\n1;2\n", []string{"a|b_c", "3: 1|2"}, nil},
		{"a UTF-8 byte order mark", "\ufeffcounty,votes\nPima,1\n", []string{"county|votes", "2: Pima|1"}, nil},
		{"UTF-16, little endian", utf16Bytes("county,votes\r\nDoña Ana,1\r\n", false, true), []string{"county|votes", "2: Doña Ana|1"}, nil},
		{"UTF-16, big endian", utf16Bytes("county,votes\nDoña Ana,1\n", true, true), []string{"county|votes", "2: Doña Ana|1"}, nil},
		{"UTF-16 without a mark", utf16Bytes("county\tvotes\nPima\t1\n", false, false), []string{"county|votes", "2: Pima|1"}, nil},
		{"quotes, commas and line ends in cells", "a,b\n\"x, \"\"y\"\"\nz\",2\n3,4\n", []string{"a|b", "2: x, \"y\"\nz|2", "4: 3|4"}, nil},
		{"a blank after the closing quote", "a,b\n\"x\" ,2\n", []string{"a|b", "2: x|2"}, nil},
		{"an empty quoted cell", "a,b\n\"\",\"\"\n\"\",1\n", []string{"a|b", "3: |1"}, []string{"1 rows in which every cell is empty were left out"}},
		{"blank lines", "\n\na,b\n\n1,2\n   \n3,4\n\n", []string{"a|b", "5: 1|2", "7: 3|4"}, nil},
		{"rows that are too short and too long", "a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n", []string{"a|b|c", "2: 1|2", "3: 1|2|3|4", "4: 1|2|3"}, []string{
			"line 2: the row has 2 cells but the header has 3; the missing ones were read as empty",
			"line 3: the row has 4 cells but the header has 3; a delimiter inside a cell may lack its quotes"}},
		{"Windows-1252", "county,name\nPima,Ra\xfal Grijalva\nDo\xf1a Ana,X\n", []string{"county|name", "2: Pima|Raúl Grijalva", "3: Doña Ana|X"}, []string{
			"line 2: from here on 2 bytes are not UTF-8; they were read as Windows-1252: check the accents, or save the file as UTF-8"}},
		{"UTF-8 and Windows-1252 pasted together", "a,b\nRaúl,1\nRa\xfal,2\n", []string{"a|b", "2: Raúl|1", "3: Raúl|2"}, []string{
			"line 3: from here on 1 bytes are not UTF-8; they were read as Windows-1252: check the accents, or save the file as UTF-8"}},
		{"columns without a name or with the same one", "a,,a,b\n1,2,3,4\n", []string{"a|column_2|a_3|b", "2: 1|2|3|4"}, []string{
			"line 1: column 2 has no name in the header; it is called column_2",
			`line 1: columns 1 and 3 are both called "a"; the second is called a_3`}},
		{"titles become names", "Early Voting,  Total Votes ,% Turnout,Candidate/Choice\n1,2,3,4\n", []string{"early_voting|total_votes|turnout|candidate_choice", "2: 1|2|3|4"}, nil},
		{"empty columns at the right", "a,b,,\n1,2,,\n", []string{"a|b", "2: 1|2"}, nil},

		{"a nickname in quotes that are not doubled", "name,votes\n\"MUNDELL, WILLIAM \"BILL\"\",5\nx,6\n", []string{"name|votes", "2: MUNDELL, WILLIAM \"BILL\"|5", "3: x|6"}, []string{
			"line 2: a quote inside a quoted cell is not written twice; it was read as part of the text"}},
		{"a cell that only begins with quotes", "name,votes\n\"Bob\" Smith,5\nx,6\n", []string{"name|votes", `2: "Bob" Smith|5`, "3: x|6"}, []string{
			"line 2: a quote opens a cell and is never closed; the line was read on its own and the quote as part of the text"}},
		{"a quote in the middle", "name,votes\n6\" pipe,5\nx,6\n", []string{"name|votes", `2: 6" pipe|5`, "3: x|6"}, nil},
		{"a quote that never closes loses no row", "name,votes\n\"Bob,5\nx,6\ny,7\n", []string{"name|votes", `2: "Bob|5`, "3: x|6", "4: y|7"}, []string{
			"line 2: a quote opens a cell and is never closed; the line was read on its own and the quote as part of the text"}},
		{"two forgotten quotes swallow no rows between them", "a,b,c,d,e\n\"x,1,2,3,4\nm,1,2,3,4\nn,1,2,3,4\ny\",1,2,3,4\n",
			[]string{"a|b|c|d|e", `2: "x|1|2|3|4`, "3: m|1|2|3|4", "4: n|1|2|3|4", `5: y"|1|2|3|4`}, []string{
				"line 2: a quote opens a cell and is never closed; the line was read on its own and the quote as part of the text"}},
		{"a good quoted cell before a bad one", "a,b,c\n\"x, y\",\"z,3\n1,2,3\n", []string{"a|b|c", `2: x, y|"z|3`, "3: 1|2|3"}, []string{
			"line 2: a quote opens a cell and is never closed; the line was read on its own and the quote as part of the text"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, problems, err := read(t, "night.csv", strings.NewReader(tt.in), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.rows, rows); d != "" {
				t.Errorf("rows of %q (-want +got):\n%s", tt.in, d)
			}
			if d := cmp.Diff(tt.problems, problems); d != "" {
				t.Errorf("problems of %q (-want +got):\n%s", tt.in, d)
			}
		})
	}
}

// A reader that gives one byte at a time must not change anything: letters and
// line ends may fall between two reads.
func TestSmallReadsGiveTheSameRows(t *testing.T) {
	in := "a,b\r\n\"Raúl, \"\"R\"\"\r\n\",Do\xf1a\r\nx,ñ\r"
	want, _, err := read(t, "a.csv", strings.NewReader(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := read(t, "a.csv", oneByte{strings.NewReader(in)}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, file, in string
		lim            Limits
		want, limit    string
	}{
		{"an empty file", "a.csv", "", Limits{}, "a.csv: the file is empty: it has no header and no rows", ""},
		{"a file of blank lines", "a.csv", "\n\n  \n", Limits{}, "a.csv: the file is empty: it has no header and no rows", ""},
		{"NUL bytes", "a.csv", "a,b\n1,2\n3,\x004\n", Limits{}, "a.csv, line 3: the file holds a NUL byte, so it is not a text file or was damaged on its way; export it again as CSV (UTF-8) or as .xlsx", ""},
		{"a PDF", "a.csv", "%PDF-1.7 ...", Limits{}, "a.csv: this is a PDF, which holds pictures of tables; ask for the CSV or Excel export of the report", ""},
		{"a web page called .xls", "a.xls", "\n<html><table>", Limits{}, "a.xls: this is a web page, even if it is called .xls; open it in a spreadsheet program and save it as .xlsx or CSV", ""},
		{"an old workbook", "a.xls", oleMagic + strings.Repeat("\x00", 600) + string(wide("Workbook")), Limits{}, "a.xls: this is an Excel workbook in the old format (.xls); open it in a spreadsheet program and save it as .xlsx or CSV (UTF-8)", ""},
		{"a workbook with a password", "a.xlsx", oleMagic + strings.Repeat("\x00", 6000) + string(wide("EncryptedPackage")), Limits{}, "a.xlsx: this workbook has a password; open it in Excel, remove the password (File, Info, Protect Workbook) and save it again", ""},
		{"gzip", "a.csv.gz", "\x1f\x8b\x08", Limits{}, "a.csv.gz: this is a gzip archive; unpack it first", ""},
		{"a zip that is cut short", "a.xlsx", "PK\x03\x04 and then nothing", Limits{}, "a.xlsx: the archive is cut short or damaged; fetch or export it again (zip: not a valid zip file)", ""},
		{"too many bytes", "a.csv", "a,b\n" + strings.Repeat("1,2\n", 100), Limits{Bytes: 100}, `a.csv: the file is larger than the limit of 100 bytes; if the file is right, raise the import limit "bytes", otherwise split the file`, "bytes"},
		{"too many rows", "a.csv", "a,b\n1,2\n1,2\n1,2\n", Limits{Rows: 2}, `a.csv, line 4: the file has more rows than the limit of 2; if the file is right, raise the import limit "rows", otherwise split the file`, "rows"},
		{"too many columns", "a.csv", "a,b\n1,2\n1,2,3,4\n", Limits{Columns: 3}, `a.csv, line 3: the row has more columns than the limit of 3; if the file is right, raise the import limit "columns", otherwise split the file`, "columns"},
		{"too many columns in quotes", "a.csv", "a,b\n1,2\n\"1\",2,3,4\n", Limits{Columns: 3}, `a.csv, line 3: the row has more columns than the limit of 3; if the file is right, raise the import limit "columns", otherwise split the file`, "columns"},
		{"a long cell", "a.csv", "a,b\n1,2345678901\n", Limits{Cell: 9}, `a.csv, line 2: a cell is longer than the limit of 9 bytes; if the file is right, raise the import limit "cell", otherwise split the file`, "cell"},
		{"a long line", "a.csv", "a,b\n1,2345678901\n", Limits{Line: 9}, `a.csv, line 2: the row is longer than the limit of 9 bytes; if the file is right, raise the import limit "line", otherwise split the file`, "line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read(t, tt.file, strings.NewReader(tt.in), tt.lim)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			var e *Error
			if !errors.As(err, &e) || e.Limit != tt.limit {
				t.Errorf("got %#v, want limit %q", e, tt.limit)
			}
		})
	}
}

// endless gives the same bytes for ever and counts what was taken.
type endless struct {
	piece string
	at    int
	given int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.piece[e.at]
		e.at = (e.at + 1) % len(e.piece)
	}
	e.given += int64(len(p))
	return len(p), nil
}

func TestAnEndlessFileStopsAtTheLimit(t *testing.T) {
	const limit = 2 << 20
	for _, tt := range []struct{ name, piece, limit string }{
		{"of good rows", "Pima,12\n", "bytes"},
		{"of one line", "x", "line"},
		{"of quotes", "\"", "line"},
		{"of cells", ",", "line"},
		{"of blank lines", "\n", "bytes"},
		{"of quotes that open and never close", "\"x,\n", "bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := &endless{piece: tt.piece}
			_, _, err := read(t, "big.csv", io.MultiReader(strings.NewReader("county,votes\n"), io.LimitReader(src, 1<<30)), Limits{Bytes: limit})
			var e *Error
			if !errors.As(err, &e) || e.Limit != tt.limit {
				t.Errorf("got %v, want the limit %q", err, tt.limit)
			}
			if src.given > limit+chunk {
				t.Errorf("read %d bytes beyond a limit of %d", src.given, limit)
			}
		})
	}
}

func TestAReaderThatFails(t *testing.T) {
	broken := errors.New("the line went dead")
	_, _, err := read(t, "a.csv", io.MultiReader(strings.NewReader("a,b\n1,2\n3,"), errReader{broken}), Limits{})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's own error", err)
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func TestChoices(t *testing.T) {
	rows, _, err := read(t, "a.csv", strings.NewReader("1,2\n3,4\n"), Limits{}, Headless())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"column_1|column_2", "1: 1|2", "2: 3|4"}, rows); d != "" {
		t.Error(d)
	}
	rows, _, err = read(t, "a.csv", strings.NewReader("a,b;c\n1,2;3\n"), Limits{}, Delimited(';'))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a_b|c", "2: 1,2|3"}, rows); d != "" {
		t.Error(d)
	}
}

func TestColumnsAreFoundByName(t *testing.T) {
	table, err := Open("a.csv", strings.NewReader("County,Total Votes\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Col("votes", "total_votes"); got != 1 {
		t.Errorf("Col: got %d, want 1", got)
	}
	if got := table.Col("precinct"); got != -1 {
		t.Errorf("Col: got %d, want -1", got)
	}
	err = table.Need("county", "precinct", "candidate")
	want := "a.csv, line 1: the header lacks the column precinct, candidate; it has: county, total_votes"
	if err == nil || err.Error() != want {
		t.Errorf("Need: got %v\nwant %s", err, want)
	}
	if err := table.Need("county"); err != nil {
		t.Errorf("Need of a column that is there: %v", err)
	}
}

func TestProblemsAreKeptUpToABoundAndCountedBeyond(t *testing.T) {
	table, err := Open("a.csv", strings.NewReader("a,b\n"+strings.Repeat("1\n", 50)), Limits{Problems: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range table.Rows() {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(table.Problems.List) != 7 || table.Problems.Len() != 50 {
		t.Errorf("kept %d of %d, want 7 of 50", len(table.Problems.List), table.Problems.Len())
	}
	if short, long := table.Ragged(); short != 50 || long != 0 {
		t.Errorf("ragged: got %d short and %d long, want 50 and 0", short, long)
	}
}

func FuzzReadText(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\n\"x\"\"y\";2\n", "\xff\xfea\x00,\x00b\x00", "\"a\nb\nc", "a,b\n\"Bob\" S,1\n", "sep=,\n",
		"a\r\rb\r\n", "\xef\xbb\xbfx,y\n\xe9,\xc3", "a,b\n\"x\" y\",2\n3,4",
	} {
		f.Add([]byte(s))
	}
	lim := Limits{Bytes: 1 << 20, Line: 4096, Cell: 1024, Columns: 64, Rows: 10000}
	f.Fuzz(func(t *testing.T, in []byte) {
		rows, _, err := read(t, "x", bytes.NewReader(in), lim)
		again, _, err2 := read(t, "x", oneByte{bytes.NewReader(in)}, lim)
		if (err == nil) != (err2 == nil) || !cmp.Equal(rows, again) {
			t.Errorf("small reads differ for %q:\n%v %v\n%v %v", in, rows, err, again, err2)
		}
	})
}

func realFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../../shared/data/" + path)
	if err != nil {
		t.Skip("the public data set is not beside the repository: " + path)
	}
	return b
}

func TestRealFiles(t *testing.T) {
	for _, tt := range []struct {
		path string
		rows int
	}{
		{"results/az-2020-general/20201103__az__general__precinct.csv", 47960},
		{"results/az-2020-general/20201103__az__general__pima__precinct.csv", 24987},
		{"results/ga-2021-runoff/20210105__ga__runoff.csv", 15666},
		{"results/ga-2022-runoff/20221206__ga__general_runoff__precinct.csv", 5422},
	} {
		t.Run(tt.path, func(t *testing.T) {
			rows, problems, err := read(t, tt.path, bytes.NewReader(realFile(t, tt.path)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(rows)-1 != tt.rows || len(problems) > 0 {
				t.Errorf("got %d rows and the problems %q, want %d rows and none", len(rows)-1, problems, tt.rows)
			}
		})
	}
}

// statewide is a file of the size and shape of a statewide precinct file.
func statewide() []byte {
	var b bytes.Buffer
	b.WriteString("county,precinct,office,district,candidate,party,votes,early_voting,election_day,provisional\n")
	for i := range 48000 {
		fmt.Fprintf(&b, "Coconino,FLAGSTAFF %d,U.S. Senate,,\"KELLY, MARK\",DEM,%d,%d,%d,%d\n", i%1500, 3*i, 2*i, i, 0)
	}
	return b.Bytes()
}

func BenchmarkReadStatewideText(b *testing.B) {
	in := statewide()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		table, err := Open("az.csv", bytes.NewReader(in), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		votes, n := table.Col("votes"), 0
		for row, err := range table.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			if _, err := ParseCount(row.Cell(votes)); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 48000 {
			b.Fatal(n)
		}
	}
}
