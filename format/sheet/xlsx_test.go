// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// zipOf packs files given as name, content, name, content …
func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		h := &zip.FileHeader{Name: files[i], Method: zip.Store}
		if len(files[i+1]) > 1000 {
			h.Method = zip.Deflate // worth its time only here
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, files[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	rootRels  = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookXML   = `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Results" sheetId="1" r:id="r1"/></sheets></workbook>`
	bookRels  = `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Relationships>`
	stylesXML = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="m/d/yy"/><numFmt numFmtId="165" formatCode="00000"/><numFmt numFmtId="166" formatCode="000\-00\-0000"/><numFmt numFmtId="167" formatCode="[h]:mm:ss"/><numFmt numFmtId="168" formatCode="&quot;days &quot;#,##0;[Red]-#,##0"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="1"/><xf numFmtId="168"/><xf numFmtId="22"/></cellXfs></styleSheet>`
	textsXML = `<sst><si><t>county</t></si><si><r><t>vo</t></r><r><rPr><b/></rPr><t>tes</t></r><rPh><t>IGNORED</t></rPh></si><si><t xml:space="preserve"> Pima_x000D_ &amp; Yuma</t></si></sst>`
)

// bookOf makes a workbook whose one sheet has these rows, in XML.
func bookOf(t testing.TB, rows string) []byte {
	t.Helper()
	return zipOf(t, "[Content_Types].xml", "<Types/>", "_rels/.rels", rootRels, "xl/workbook.xml", bookXML,
		"xl/_rels/workbook.xml.rels", bookRels, "xl/styles.xml", stylesXML, "xl/sharedStrings.xml", textsXML,
		"xl/worksheets/sheet1.xml", `<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
}

const header = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`

func TestOpenWorkbook(t *testing.T) {
	for _, tt := range []struct {
		name, sheet    string
		rows, problems []string
	}{
		{"shared and rich texts", header + `<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>12</v></c></row>`, []string{"county|votes", "2: Pima\r & Yuma|12"}, nil},
		{"inline texts, formulas and truth", header + `<row r="2"><c r="A2" t="inlineStr"><is><t>Gila</t></is></c><c r="B2"><f>1+1</f><v>2</v></c></row><row r="3"><c r="A3" t="str"><f>"a"</f><v>a</v></c><c r="B3" t="b"><v>1</v></c></row>`, []string{"county|votes", "2: Gila|2", "3: a|TRUE"}, nil},
		{"gaps between cells and rows", header + `<row r="7"><c r="B7"><v>5</v></c></row>`, []string{"county|votes", "7: |5"}, nil},
		{"no references at all", `<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c t="inlineStr"><is><t>x</t></is></c><c><v>4</v></c></row>`, []string{"county|votes", "2: x|4"}, nil},
		{"a name space prefix", strings.ReplaceAll(strings.ReplaceAll(header, "<", "<x:"), "<x:/", "</x:") + `<x:row r="2"><x:c r="A2"><x:v>1</x:v></x:c></x:row>`, []string{"county|votes", "2: 1"}, nil},
		{"title rows above are the header then", `<row r="3"><c r="A3" t="s"><v>0</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>`, []string{"county", "4: 1"}, nil},
		{"cells that only have a colour", header + `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>1</v></c><c r="C2" s="1"/></row><row r="3"><c r="A3" s="2"/></row>`, []string{"county|votes", "2: county|1"}, []string{"1 rows in which every cell is empty were left out"}},
		{"numbers as another program writes them", header + `<row r="2"><c r="A2"><v>12.0</v></c><c r="B2"><v>1.2345678E7</v></c></row>`, []string{"county|votes", "2: 12|12345678"}, nil},
		{"a fraction that the format hides", header + `<row r="2"><c r="A2" s="5"><v>12.5</v></c><c r="B2" s="6"><v>0.30000000000000004</v></c></row>`, []string{"county|votes", "2: 12.5|0.3"}, nil},
		{"dates keep their century", header + `<row r="2"><c r="A2" s="1"><v>44138</v></c><c r="B2" s="2"><v>7310</v></c></row><row r="3"><c r="A3" s="7"><v>44138.5</v></c><c r="B3" s="1"><v>1</v></c></row>`, []string{"county|votes", "2: 2020-11-03|1920-01-05", "3: 2020-11-03 12:00:00|1900-01-01"}, nil},
		{"a time of day", header + `<row r="2"><c r="A2" s="7"><v>0.833333333333333</v></c><c r="B2"><v>1</v></c></row>`, []string{"county|votes", "2: 20:00:00|1"}, nil},
		{"identifiers keep their zeros", header + `<row r="2"><c r="A2" s="3"><v>501</v></c><c r="B2" s="4"><v>12345678</v></c></row>`, []string{"county|votes", "2: 00501|012-34-5678"}, nil},
		{"an error in a cell", header + `<row r="2"><c r="A2" t="e"><v>#REF!</v></c><c r="B2"><v>1</v></c></row>`, []string{"county|votes", "2: #REF!|1"}, []string{"line 2: A: the cell holds the error #REF!"}},
		{"a formula without its result", header + `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><f>SUM(C1:C9)</f></c></row>`, []string{"county|votes", "2: county|"}, []string{"line 2: B: the formula in this cell has no saved result; open the workbook in a spreadsheet program and save it"}},
		{"a row that is too long", header + `<row r="2"><c r="A2"><v>1</v></c><c r="D2"><v>4</v></c></row>`, []string{"county|votes", "2: 1|||4"}, []string{"line 2: the row has 4 cells but the header has 2; a delimiter inside a cell may lack its quotes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, problems, err := read(t, "night.xlsx", bytes.NewReader(bookOf(t, tt.sheet)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.rows, rows); d != "" {
				t.Errorf("rows (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.problems, problems); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

func TestOpenWorkbookRefuses(t *testing.T) {
	deep := strings.Repeat("<x>", 1000)
	for _, tt := range []struct {
		name, want string
		in         []byte
		lim        Limits
	}{
		{"XML that is cut short, instead of ending early", "night.xlsx, line 2: the workbook is damaged; open it in a spreadsheet program, save it again and check the number of rows (unexpected EOF)",
			zipOf(t, "xl/workbook.xml", bookXML, "xl/_rels/workbook.xml.rels", bookRels, "xl/sharedStrings.xml", textsXML, "xl/styles.xml", stylesXML,
				"xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+header+`<row r="2"><c r="A2"><v>1</v></c></row>`), Limits{}},
		{"entities", "night.xlsx, line 2: the workbook is damaged; open it in a spreadsheet program, save it again and check the number of rows (the entity &lol; is not known)",
			bookOf(t, header+`<row r="2"><c r="A2" t="inlineStr"><is><t>&lol;</t></is></c></row>`), Limits{}},
		{"elements nested without end", "", bookOf(t, header+"<row>"+deep), Limits{}},
		{"rows out of order", "night.xlsx, line 1: the row after this one is numbered \"1\", which cannot be; save the workbook again", bookOf(t, header+`<row r="1"/>`), Limits{}},
		{"a text that is not there", "", bookOf(t, header+`<row r="2"><c r="A2" t="s"><v>99</v></c></row>`), Limits{}},
		{"more columns than allowed", `night.xlsx, line 2: the row has more columns than the limit of 3; if the file is right, raise the import limit "columns", otherwise split the file`, bookOf(t, header+`<row r="2"><c r="D2"><v>1</v></c></row>`), Limits{Columns: 3}},
		{"a longer cell than allowed", `night.xlsx, line 2: a cell is longer than the limit of 8 bytes; if the file is right, raise the import limit "cell", otherwise split the file`, bookOf(t, header+`<row r="2"><c r="A2" t="inlineStr"><is><t>123456789</t></is></c></row>`), Limits{Cell: 8}},
		{"a zip that is no workbook", "night.xlsx: this is a zip archive, not a table; unpack it first", zipOf(t, "a.csv", "a,b\n"), Limits{}},
		{"a binary workbook", "night.xlsx: this is a binary workbook (.xlsb); save it as .xlsx or CSV (UTF-8)", zipOf(t, "[Content_Types].xml", "", "_rels/.rels", strings.ReplaceAll(rootRels, "workbook.xml", "workbook.bin")), Limits{}},
		{"a workbook without its parts", "night.xlsx: the workbook lacks its part xl/workbook.xml; open it in a spreadsheet program and save it as .xlsx or CSV", zipOf(t, "[Content_Types].xml", ""), Limits{}},
		{"a bomb of zeros", `night.xlsx: the archive unpacks to more times its size than the limit of 200; if the file is right, raise the import limit "ratio", otherwise split the file`, bookOf(t, strings.Repeat(" ", 20<<20)), Limits{}},
		{"more than may be unpacked", `night.xlsx: the archive unpacks to more than the limit of 1 MiB; if the file is right, raise the import limit "unpacked", otherwise split the file`, bookOf(t, strings.Repeat(" ", 2<<20)), Limits{Unpacked: 1 << 20}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read(t, "night.xlsx", bytes.NewReader(tt.in), tt.lim)
			if err == nil || tt.want != "" && err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("%v does not say which file", err)
			}
		})
	}
}

// excelBook writes a workbook with the library that others use.
func excelBook(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range order {
		if i == 0 {
			f.SetSheetName("Sheet1", name)
		} else {
			f.NewSheet(name)
		}
		for r, row := range sheets[name] {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", r+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookOfAnotherProgram(t *testing.T) {
	in := excelBook(t, map[string][][]any{
		"Notes":   {{"read me"}},
		"Results": {{"county", "votes", "day"}, {"Doña Ana", 1234, time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)}},
	}, "Notes", "Results")
	rows, problems, err := read(t, "night.csv", bytes.NewReader(in), Limits{}, PickSheet("results"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"county|votes|day", "2: Doña Ana|1234|2026-11-03"}, rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"the name ends in .csv but the file is an Excel workbook; it was read as one"}, problems); d != "" {
		t.Error(d)
	}
	_, problems, err = read(t, "night.xlsx", bytes.NewReader(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{`the workbook has 2 sheets (Notes, Results); only "Notes" was read`}, problems); d != "" {
		t.Error(d)
	}
	_, _, err = read(t, "night.xlsx", bytes.NewReader(in), Limits{}, PickSheet("Precincts"))
	if want := `night.xlsx: the workbook has no sheet "Precincts"; it has: Notes, Results`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestTextCalledWorkbook(t *testing.T) {
	_, problems, err := read(t, "night.xlsx", strings.NewReader("a\tb\n1\t2\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"the name ends in .xlsx but the file is plain text; it was read as tsv"}, problems); d != "" {
		t.Error(d)
	}
}

// The same file must read the same from disk, where an archive is read by
// position, and from a stream, where it is held in memory.
func TestWorkbookFromDisk(t *testing.T) {
	in := bookOf(t, header+`<row r="2"><c r="A2"><v>1</v></c></row>`)
	path := t.TempDir() + "/a.xlsx"
	if err := os.WriteFile(path, in, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fromDisk, _, err := read(t, "a.xlsx", f, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	fromStream, _, err := read(t, "a.xlsx", oneByte{bytes.NewReader(in)}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(fromDisk, fromStream); d != "" {
		t.Error(d)
	}
}

// Whatever the date, the days count as Excel counts them.
func TestDates(t *testing.T) {
	for _, tt := range []struct {
		serial   float64
		from1904 bool
		want     string
	}{
		{1, false, "1900-01-01"}, {59, false, "1900-02-28"}, {61, false, "1900-03-01"}, {36526, false, "2000-01-01"},
		{0, true, "1904-01-01"}, {42675, true, "2020-11-02"}, {44138.999999, false, "2020-11-04"}, {44138.25, false, "2020-11-03 06:00:00"},
	} {
		got, ok := showDate(tt.serial, tt.from1904)
		if !ok || got != tt.want {
			t.Errorf("day %v (from 1904: %v): got %q, want %q", tt.serial, tt.from1904, got, tt.want)
		}
	}
	if got, ok := showDate(2958466, false); ok {
		t.Errorf("the year 10000 is no date, got %q", got)
	}
}

func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		code string
		want numberFormat
	}{
		{"General", numberFormat{}}, {"#,##0", numberFormat{}}, {"0", numberFormat{}}, {"0.00", numberFormat{}}, {"0%", numberFormat{}},
		{`"$"#,##0.00_);[Red]\("$"#,##0.00\)`, numberFormat{}}, {"@", numberFormat{}}, {"0.00E+00", numberFormat{}},
		{"yyyy-mm-dd", numberFormat{date: true}}, {"[$-409]mmmm d, yyyy;@", numberFormat{date: true}}, {"[h]:mm", numberFormat{date: true}}, {"h:mm AM/PM", numberFormat{date: true}},
		{"00000", numberFormat{pad: "00000"}}, {`00000\-0000`, numberFormat{pad: "00000-0000"}}, {`"`, numberFormat{}}, {"[", numberFormat{}}, {`\`, numberFormat{}},
	} {
		if got := formatOf("164", tt.code); got != tt.want {
			t.Errorf("format %s: got %+v, want %+v", tt.code, got, tt.want)
		}
	}
}

func TestRealWorkbook(t *testing.T) {
	in := realFile(t, "fec/FEC_Format_v8.3.0.1.xlsx")
	rows, _, err := read(t, "fec.xlsx", bytes.NewReader(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(name)
		if err != nil || !visible {
			continue
		}
		want := 0
		theirs, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, cells := range theirs {
			if !allEmpty(cells) {
				want++
			}
		}
		got, _, err := read(t, "fec.xlsx", bytes.NewReader(in), Limits{}, PickSheet(name))
		if err != nil || len(got) != want {
			t.Errorf("sheet %s: got %d rows (%v), want %d", name, len(got), err, want)
		}
	}
	if len(rows) == 0 {
		t.Error("no rows")
	}
}

func FuzzReadWorkbook(f *testing.F) {
	f.Add([]byte(header + `<row r="2"><c r="A2" s="1"><v>44138</v></c></row>`))
	f.Add([]byte(`<row><c t="s"><v>-1</v></c></row>`))
	f.Add([]byte(`<row r="1"><c r="ZZZ1" t="inlineStr"><is><r><t>x</t></r></is></c></row>`))
	f.Fuzz(func(t *testing.T, rows []byte) {
		read(t, "x.xlsx", bytes.NewReader(bookOf(t, string(rows))), Limits{Columns: 100, Cell: 1000, Rows: 1000})
	})
}

// FuzzReadZip feeds whole files, so that the archive itself is damaged too.
func FuzzReadZip(f *testing.F) {
	f.Add(bookOf(f, header))
	f.Add(zipOf(f, "../../a.csv", "a,b\n1,2\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		lim := Limits{Unpacked: 1 << 20, Columns: 100, Cell: 1000, Rows: 1000}
		read(t, "x.zip", bytes.NewReader(in), lim)
		if r, _, err := Unwrap("x.zip", bytes.NewReader(in), lim); err == nil {
			io.Copy(io.Discard, r)
		}
	})
}

func BenchmarkReadStatewideWorkbook(b *testing.B) {
	var buf bytes.Buffer
	w, err := NewWorkbook(&buf, "Results", strings.Split("county,precinct,office,district,candidate,party,votes,early_voting,election_day,provisional", ","))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 48000 {
		if err := w.Write("Coconino", fmt.Sprintf("FLAGSTAFF %d", i%1500), "U.S. Senate", "", "KELLY, MARK", "DEM", N(int64(3*i)), N(int64(2*i)), N(int64(i)), Count{}); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	in := buf.Bytes()
	b.ReportAllocs()
	for b.Loop() {
		table, err := Open("az.xlsx", bytes.NewReader(in), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, err := range table.Rows() {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 48000 {
			b.Fatal(n)
		}
	}
}
