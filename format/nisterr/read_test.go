// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// smallXML is a report with one candidate, whose name is the test's.
func smallXML(encoding, name string) string {
	decl := ""
	if encoding != "" {
		decl = `<?xml version="1.0" encoding="` + encoding + `"?>` + "\n"
	}
	return decl + `<ElectionReport xmlns="` + spaceV2 + `"><Election><Candidate ObjectId="c"><BallotName><Text Language="en">` +
		name + `</Text></BallotName></Candidate></Election></ElectionReport>`
}

// smallJSON is the same in JSON.
func smallJSON(name string) string {
	return `{"@type": "ElectionResults.ElectionReport", "Election": [{"@type": "ElectionResults.Election", "Candidate": [{
		"@type": "ElectionResults.Candidate", "@id": "c", "BallotName": {"@type": "ElectionResults.InternationalizedText",
		"Text": [{"@type": "ElectionResults.LanguageString", "Language": "en", "Content": "` + name + `"}]}}]}]}`
}

// asUTF16 spells a text in two-byte characters.
func asUTF16(s string, big, mark bool) string {
	var out []byte
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xFEFF}, units...)
	}
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}

func TestEncodings(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       string
		remarked   bool
	}{
		{"XML that declares nothing", smallXML("", "Søren"), "Søren", false},
		{"XML in UTF-8", smallXML("UTF-8", "Søren"), "Søren", false},
		{"XML with a mark at the start", "\ufeff" + smallXML("UTF-8", "Søren"), "Søren", false},
		{"XML in Windows-1252", smallXML("windows-1252", "S\xf8ren \x80"), "Søren €", false},
		{"XML in Latin-1", smallXML("ISO-8859-1", "S\xf8ren"), "Søren", false},
		{"XML in Latin-9", smallXML("iso-8859-15", "\xa4"), "€", false},
		{"XML that says UTF-8 and is not", smallXML("utf-8", "S\xf8ren"), "Søren", true},
		{"XML in UTF-16, little end first", asUTF16(smallXML("UTF-16", "Søren 👍"), false, true), "Søren 👍", false},
		{"XML in UTF-16, big end first", asUTF16(smallXML("UTF-16", "Søren"), true, true), "Søren", false},
		{"XML in UTF-16 without a mark", asUTF16(smallXML("UTF-16", "Søren"), false, false), "Søren", false},
		{"XML in UTF-16 without a mark, big end first", asUTF16(smallXML("UTF-16", "Søren"), true, false), "Søren", false},
		{"XML with spaces before it", "\n\n " + smallXML("", "Ann"), "Ann", false},
		{"JSON in UTF-8", smallJSON("Søren"), "Søren", false},
		{"JSON with a mark at the start", "\ufeff" + smallJSON("Søren"), "Søren", false},
		{"JSON in UTF-16", asUTF16(smallJSON("Søren"), false, true), "Søren", false},
		{"JSON in Windows-1252", smallJSON("S\xf8ren"), "Søren", true},
		{"JSON with escapes", smallJSON(`S\u00f8ren \ud83d\udc4d\n\"\/`), "Søren 👍\n\"/", false},
		{"JSON with half a pair", smallJSON(`\ud83d!`), "\ufffd!", false},
		{"JSON with two first halves", smallJSON(`\ud83d\ud83d\udc4d`), "\ufffd👍", false},
		{"XML with references", smallXML("", "&lt;&#x1F44D;&#65;&gt;&amp;&quot;&apos;"), "<👍A>&\"'", false},
		{"XML with text in pieces", smallXML("", "a<!-- b -->c<![CDATA[<d>&]]>e<?f?>"), "ac<d>&e", false},
		{"XML with the line ends of Windows", smallXML("", "a\r\nb\rc"), "a\nb\nc", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep, problems := mustRead(t, []byte(tt.file))
			if got := rep.Election[0].Candidate[0].BallotName.In("en"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			remarked := false
			for _, p := range problems {
				remarked = remarked || p.Rule == RuleEncoding
			}
			if remarked != tt.remarked {
				t.Errorf("remarked on the encoding: %v, want %v", remarked, tt.remarked)
			}
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	deep := strings.Repeat("<OfficeGroup>", 100)
	for _, tt := range []struct{ name, file, want string }{
		{"nothing", "", "empty"},
		{"nothing but spaces", " \n\t", "empty"},
		{"a spreadsheet", "county,precinct\n", "neither JSON nor XML"},
		{"a JSON list", `[]`, "start with {"},
		{"another sort of JSON", `{"votes": 3}`, "not an ElectionReport"},
		{"cast vote records", `{"@type": "CVR.CastVoteRecordReport", "CVR": []}`, "is a CVR.CastVoteRecordReport"},
		{"a JSON upload cut short", smallJSON("Ann")[:150], "line 2: the file ends too early"},
		{"a comma too many", "{\"Election\": [],\n}", "line 2: a comma stands before '}'"},
		{"a comma too few", `{"Notes": "a" "Issuer": "b"}`, "line 1: '\"' stands where a comma"},
		{"two reports in one file", smallJSON("Ann") + "\n{}", "more text after the end"},
		{"JSON with an unknown escape", smallJSON(`\q`), `\q, which JSON does not know`},
		{"a word that JSON does not know", `{"Notes": nil}`, "\"nil\" stands where a value"},
		{"JSON with a broken escape", smallJSON(`\u00zz`), "not a character"},
		{"JSON that goes too deep", `{"x":` + strings.Repeat("[", 100), "deeper than is read"},
		{"JSON groups that go too deep", `{"OfficeGroup":[` + strings.Repeat(`{"SubOfficeGroup":[`, 100), "more than 64 deep"},
		{"JSON lists in place of a value", `{"Status":` + strings.Repeat("[", 100), "more than 64 deep"},
		{"another sort of XML", "<feed/>", "is a <feed>"},
		{"an XML upload cut short", smallXML("", "Ann")[:150], "ends too early"},
		{"tags in the wrong order", "<ElectionReport>\n<Election></ElectionReport>", "line 2: </ElectionReport> stands where </Election> should be"},
		{"a tag that was never opened", "<ElectionReport></ElectionReport></a>", "never opened"},
		{"two XML reports in one file", "<ElectionReport/><ElectionReport/>", "more text after the end"},
		{"text before the report", "<?xml version='1.0'?>hello<ElectionReport/>", "outside of the report"},
		{"a lone ampersand", smallXML("", "Oak & Elm"), "written &amp;"},
		{"a lone less-than", smallXML("", "a < b"), "written &lt;"},
		{"a character that XML does not have", smallXML("", "&#0;"), "not a character"},
		{"an attribute without a value", "<ElectionReport a>", "no value"},
		{"an attribute without marks", "<ElectionReport a=b>", "no quotation marks"},
		{"an attribute twice", `<ElectionReport a="b" a="c">`, "given twice"},
		{"a comment without an end", "<ElectionReport><!-- ", "has no end"},
		{"XML that goes too deep", "<ElectionReport>" + deep, "more than 64 deep"},
		{"unknown XML that goes too deep", "<ElectionReport><x>" + deep, "more than 64 deep"},
		{"boxes that go too deep", "<ElectionReport>" + strings.Repeat("<ExternalIdentifiers>", 100), "more than 64 deep"},
		{"an unknown encoding", `<?xml version="1.0" encoding="EBCDIC"?><ElectionReport/>`, `declares the encoding "EBCDIC"`},
		{"UTF-16 with half a character", asUTF16(smallXML("", "Ann"), false, true) + "x", "middle of a character"},
		{"a document type", `<!DOCTYPE ElectionReport [<!ENTITY a "ha">]><ElectionReport>&a;</ElectionReport>`, "document type"},
		{"an entity of its own", smallXML("", "&a;"), "not a character"},
		{"many namespaces", "<ElectionReport" + strings.Repeat(` xmlns:a="b"`, 70) + ">", "64 namespaces"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep, _, err := Read(strings.NewReader(tt.file), Limits{})
			if err == nil {
				t.Fatalf("it was read: %+v", rep)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want something about %q", err, tt.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	many := `{"Election":[` + strings.Repeat("{},", 100_000) + `{}]}`
	manyTags := "<ElectionReport>" + strings.Repeat("<Election/>", 100_000) + "</ElectionReport>"
	for _, tt := range []struct {
		name, file, want string
		limits           Limits
	}{
		{"a file that is too large", smallJSON("Ann"), "larger than 100 bytes", Limits{Bytes: 100}},
		{"a small JSON file with a huge report", many, "more than 1000000 bytes of memory", Limits{Memory: 1e6}},
		{"a small XML file with a huge report", manyTags, "more than 1000000 bytes of memory", Limits{Memory: 1e6}},
		{"a list of ids without end", `<ElectionReport><Party><LeaderPersonIds>` + strings.Repeat("a ", 1e5), "ends too early", Limits{Memory: 1e6}},
		{"a list of ids that is too long", `{"Party":[{"PartyIds":[` + strings.Repeat(`"a",`, 1e5) + `"a"]}]}`, "bytes of memory", Limits{Memory: 1e6}},
		{"addresses without end", `{"Person":[{"MiddleName":[` + strings.Repeat(`"",`, 1e5) + `""]}]}`, "bytes of memory", Limits{Memory: 1e6}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Read(strings.NewReader(tt.file), tt.limits)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want something about %q", err, tt.want)
			}
		})
	}
}

func TestProblemsAreCountedWhenThereAreTooMany(t *testing.T) {
	var file strings.Builder
	file.WriteString(`{"@type": "ElectionResults.ElectionReport", "GpUnit": [`)
	for i := range 50 {
		fmt.Fprintf(&file, `{"@type": "ElectionResults.ReportingUnit", "@id": "u%d", "Type": "x", "odd%d": 1},`, i, i)
	}
	file.WriteString(`{"@type": "ElectionResults.ReportingUnit", "@id": "last", "Type": "county"}]}`)
	_, problems, err := Read(strings.NewReader(file.String()), Limits{Problems: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) != 11 || problems[10].Rule != RuleMore {
		t.Fatalf("got %d problems, the last %v; want 10 and how many are left", len(problems), problems[len(problems)-1])
	}
	// 50 unknown members, 50 unknown types and 8 missing fields of the report.
	if want := "98 more problems are not listed"; problems[10].Say != want {
		t.Errorf("got %q, want %q", problems[10].Say, want)
	}
}

func TestAFailingReaderIsNotAnEmptyFile(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, read := range map[string]func(io.Reader, Limits) (*ElectionReport, []Problem, error){
		"Read": Read, "ReadJSON": ReadJSON, "ReadXML": ReadXML,
	} {
		if _, _, err := read(iotest.ErrReader(broken), Limits{}); !errors.Is(err, broken) {
			t.Errorf("%s: got %v, want %v", name, err, broken)
		}
	}
}

func TestReadJSONAndReadXMLTakeOnlyTheirOwn(t *testing.T) {
	if _, _, err := ReadJSON(strings.NewReader(smallJSON("Ann")), Limits{}); err != nil {
		t.Error(err)
	}
	if _, _, err := ReadXML(strings.NewReader(smallXML("", "Ann")), Limits{}); err != nil {
		t.Error(err)
	}
	if _, _, err := ReadJSON(strings.NewReader(smallXML("", "Ann")), Limits{}); err == nil {
		t.Error("ReadJSON took XML")
	}
	if _, _, err := ReadXML(strings.NewReader(smallJSON("Ann")), Limits{}); err == nil {
		t.Error("ReadXML took JSON")
	}
}

func TestEachCountKnowsItsLine(t *testing.T) {
	raw := testReport(3, 40, 4)
	var asText, asTags bytes.Buffer
	if err := errors.Join(WriteJSON(&asText, raw), WriteXML(&asTags, raw)); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"JSON": asText.Bytes(), "XML": asTags.Bytes()} {
		rep, _ := mustRead(t, file)
		text := strings.Split(string(file), "\n")
		for _, c := range rep.Election[0].Contest {
			for _, s := range c.ContestSelection {
				for _, v := range s.VoteCounts {
					if line := text[v.Line-1]; !strings.Contains(line, "VoteCounts") || !strings.Contains(line, v.GpUnitId) {
						t.Fatalf("%s: the count of %s is not on line %d: %s", name, v.GpUnitId, v.Line, line)
					}
				}
			}
		}
	}
}
