// SPDX-License-Identifier: Apache-2.0

package sniff

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"hustings/format/openelections"
	"hustings/format/sheet"
)

// look tells the kind of a file from its first bytes and, where it is of no
// known kind, what it seems to be.
func look(name string, head []byte) (kind Kind, seems string) {
	if len(bytes.TrimSpace(head)) == 0 {
		return Unknown, "the file is empty"
	}
	if sheet.IsZip(head) {
		if bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("xl/workbook.xml")) {
			return XLSX, ""
		}
		return Zip, ""
	}
	if say := sheet.NotText(head); say != "" {
		return Unknown, say
	}
	text, ok := asText(name, head)
	if !ok {
		return Unknown, strange(name, head)
	}
	start := bytes.TrimSpace(text)
	switch {
	case bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[")):
		return jsonKind(start)
	case bytes.HasPrefix(start, []byte("<")):
		return xmlKind(name, head, start)
	}
	return textKind(name, text, len(head) >= HeadSize)
}

// asText decodes the head as text. The last letter may be cut in half; that
// costs nothing, because it is at the end of what is looked at.
func asText(name string, head []byte) ([]byte, bool) {
	b, err := io.ReadAll(sheet.NewText(name, bytes.NewReader(head), sheet.Limits{}))
	return b, err == nil && len(b) > 0
}

// strange asks the table reader what a file is that is no text.
func strange(name string, head []byte) string {
	_, err := sheet.Open(name, bytes.NewReader(head), sheet.Limits{})
	return reason(err)
}

// reason is the sentence of an error without the file's name.
func reason(err error) string {
	if e, ok := err.(*sheet.Error); ok {
		return e.Say
	}
	return "the file is of no known kind"
}

// keys is what the beginning of a JSON file shows: the keys at each depth and
// the values of those that say what an object is.
type keys struct {
	top   map[string]bool // keys of the outermost object
	any   map[string]bool // keys at any depth
	types map[string]bool // values of type and @type
	outer string          // type or @type of the outermost object
}

// collect walks through the beginning of a JSON file up to where it is cut.
func collect(text []byte) keys {
	k := keys{top: map[string]bool{}, any: map[string]bool{}, types: map[string]bool{}}
	dec := json.NewDecoder(bytes.NewReader(text))
	var inObject []bool // for each open bracket: is it an object
	key, wantKey := "", false
	for len(inObject) < 100 {
		tok, err := dec.Token()
		if err != nil {
			return k
		}
		switch v := tok.(type) {
		case json.Delim:
			switch v {
			case '{', '[':
				inObject = append(inObject, v == '{')
			default:
				inObject = inObject[:len(inObject)-1]
			}
			wantKey = len(inObject) > 0 && inObject[len(inObject)-1]
			key = ""
			continue
		case string:
			if wantKey {
				key, wantKey = v, false
				k.any[v] = true
				k.top[v] = k.top[v] || len(inObject) == 1
				continue
			}
			if key == "type" || key == "@type" {
				k.types[v] = true
				if len(inObject) == 1 {
					k.outer = v
				}
			}
		}
		wantKey = len(inObject) > 0 && inObject[len(inObject)-1]
	}
	return k
}

// geometries are what a GeoJSON object can be.
var geometries = map[string]bool{
	"FeatureCollection": true, "Feature": true, "Point": true, "MultiPoint": true, "LineString": true,
	"MultiLineString": true, "Polygon": true, "MultiPolygon": true, "GeometryCollection": true,
}

func jsonKind(text []byte) (Kind, string) {
	k := collect(text)
	switch {
	case k.outer == "ElectionResults.ElectionReport":
		return NISTJSON, ""
	case strings.HasPrefix(k.outer, "BallotDefinition."):
		return Unknown, "the file is a NIST ballot definition (JSON), not results"
	case strings.HasPrefix(k.outer, "CVR."):
		return Unknown, "the file holds NIST cast vote records (JSON), not results"
	case strings.HasPrefix(k.outer, "EventLogging."):
		return Unknown, "the file is a NIST event log (JSON), not results"
	case k.outer == "Topology", k.top["arcs"] && (k.top["objects"] || k.top["transform"]):
		return TopoJSON, ""
	case geometries[k.outer], k.top["features"] && k.types["Feature"]:
		return GeoJSON, ""
	case k.top["localResults"], k.any["ballotItems"] && k.any["ballotOptions"], k.top["results"] && k.top["electionName"]:
		return EnhancedJSON, ""
	}
	for t := range k.types {
		if strings.HasPrefix(t, "ElectionResults.") {
			return NISTJSON, ""
		}
	}
	return Unknown, "the file is JSON of no known kind"
}

// xmlKind looks at the outermost element.
func xmlKind(name string, head, start []byte) (Kind, string) {
	if bytes.HasPrefix(bytes.ToLower(start), []byte("<!doctype html")) || bytes.HasPrefix(bytes.ToLower(start), []byte("<html")) || bytes.HasPrefix(bytes.ToLower(start), []byte("<table")) {
		return Unknown, strange(name, head)
	}
	x := sheet.NewXML(bytes.NewReader(start))
	for {
		piece, err := x.Next()
		if err != nil {
			return Unknown, "the file looks like XML but could not be read as such (" + err.Error() + ")"
		}
		if piece == sheet.Start {
			return rootKind(string(x.Name()), string(x.Space()))
		}
	}
}

func rootKind(name, space string) (Kind, string) {
	switch {
	case name == "VipObject":
		return VIPXML, ""
	case name == "ElectionResult":
		return ClarityXML, ""
	case name == "ElectionReport" && strings.Contains(space, "/1500-100/"):
		return NISTXML, ""
	case name == "ElectionReport" && space == "":
		return GoogleXML, "" // the dialect knows no name space
	case name == "BallotDefinition":
		return Unknown, "the file is a NIST ballot definition (XML), not results"
	case name == "CastVoteRecordReport":
		return Unknown, "the file holds NIST cast vote records (XML), not results"
	case name == "EML":
		return Unknown, "the file is EML, which is not read here"
	}
	return Unknown, "the file is XML with the outermost element " + shorten(name) + ", which is of no known kind"
}

func shorten(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// textKind tells tables and fixed widths apart. cut says that text is only the
// beginning of the file.
func textKind(name string, text []byte, cut bool) (Kind, string) {
	if cut {
		if i := bytes.LastIndexByte(text, '\n'); i > 0 {
			text = text[:i+1] // the last line may be cut in half
		}
	}
	if isEL45(text) {
		return ESS, ""
	}
	t, err := sheet.Open(name, bytes.NewReader(text), sheet.Limits{})
	if err != nil {
		return Unknown, reason(err)
	}
	if !isTable(t) {
		return Unknown, "the file is text, but neither a table nor lines of one width"
	}
	return tableKind(t), ""
}

// isTable says whether text has rows of the header's width. Prose has commas
// too, but not the same number in each line. One column is a table if its
// lines are short.
func isTable(t *sheet.Table) bool {
	rows, wide := 0, 0
	for row, err := range t.Rows() {
		if err != nil {
			break
		}
		rows++
		if len(t.Header) == 1 && len(row.Raw(0)) > 100 {
			wide++
		}
	}
	short, long := t.Ragged()
	return (short+long+wide)*2 <= rows
}

// tableKind tells a table by its columns.
func tableKind(t *sheet.Table) Kind {
	has := func(names ...string) bool { return t.Col(names...) >= 0 }
	switch {
	case has("contest_group_id", "real_precinct") && has("choice") && has("contest_name"),
		has("one_stop", "early_voting") && has("absentee_by_mail") && has("choice") && has("contest_name", "contest") && has("precinct"):
		return NCSBE
	case has("unit_id") && has("contest_id") && has("choice_id") && has("vote_type") && has("votes"),
		len(t.Header) >= len(ownWorkbook) && slices.Equal(t.Header[:len(ownWorkbook)], ownWorkbook):
		return Hustings
	case openelections.Fits(t.Header):
		return OpenElections
	case t.Format == sheet.XLSX:
		return XLSX
	case t.Format == sheet.TSV:
		return TSV
	}
	return CSV
}

// ownWorkbook is how the header of the workbook begins that Hustings writes.
var ownWorkbook = []string{"county", "unit", "contest", "choice", "party", "votes"}

// isEL45 says whether most lines are an ES&S export in the usual widths: 17
// digits in front, and long enough to reach the name of the precinct.
func isEL45(text []byte) bool {
	lines, fit := 0, 0
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n \x1a")
		if len(line) == 0 {
			continue
		}
		lines++
		if len(line) >= 122 && numbers(line[:17]) {
			fit++
		}
		if lines == 50 {
			break
		}
	}
	return lines > 0 && fit*10 >= lines*9
}

// numbers says whether b holds digits, with blanks before each number.
func numbers(b []byte) bool {
	digits := 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c != ' ':
			return false
		}
	}
	return digits >= 4
}
