// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// testReport makes a valid report with so many contests, choices and precincts.
func testReport(contests, precincts, choices int) *ElectionReport {
	rep := &ElectionReport{
		Format: ReportDetailLevelPrecinctLevel, GeneratedDate: "2026-11-03T21:42:00-05:00",
		Issuer: "Elder County", IssuerAbbreviation: "EC", VendorApplicationId: "test",
		SequenceStart: Some[int64](1), SequenceEnd: Some[int64](1), Status: ResultsStatusUnofficialPartial,
	}
	rep.GpUnit = append(rep.GpUnit, GpUnit{Kind: ReportingUnit, ID: "county", Type: ReportingUnitTypeCounty})
	for i := range precincts {
		id := "precinct-" + strconv.Itoa(i)
		rep.GpUnit = append(rep.GpUnit, GpUnit{Kind: ReportingUnit, ID: id, Type: ReportingUnitTypePrecinct})
		rep.GpUnit[0].ComposingGpUnitIds = append(rep.GpUnit[0].ComposingGpUnitIds, id)
	}
	e := Election{
		Name: Text("en", "General"), ElectionScopeId: "county", Type: ElectionTypeGeneral,
		StartDate: "2026-11-03", EndDate: "2026-11-03",
	}
	for i := range contests {
		c := Contest{Kind: CandidateContest, ID: "contest-" + strconv.Itoa(i), Name: "Contest " + strconv.Itoa(i),
			ElectionDistrictId: "county", VotesAllowed: Some[int64](1)}
		for k := range choices {
			s := ContestSelection{Kind: CandidateSelection, ID: c.ID + "-" + strconv.Itoa(k)}
			for p := range precincts {
				s.VoteCounts = append(s.VoteCounts, VoteCounts{GpUnitId: "precinct-" + strconv.Itoa(p), Type: CountItemTypeTotal,
					Count: Some(float64(p*k + i))})
			}
			c.ContestSelection = append(c.ContestSelection, s)
		}
		e.Contest = append(e.Contest, c)
	}
	rep.Election = []Election{e}
	return rep
}

func TestWritersRefuse(t *testing.T) {
	const both, onlyJSON, onlyXML = "JSON XML", "JSON", "XML"
	for _, tt := range []struct {
		name   string
		spoil  func(*ElectionReport)
		refuse string
		rule   Rule
	}{
		{"a missing issuer", func(r *ElectionReport) { r.Issuer = "" }, both, RuleMissing},
		{"a missing count", func(r *ElectionReport) { r.Election[0].Contest[0].ContestSelection[0].VoteCounts[0].Count.Set = false }, both, RuleMissing},
		{"a contest without a class", func(r *ElectionReport) { r.Election[0].Contest[0].Kind = "" }, both, RuleMissing},
		{"a contest without an id", func(r *ElectionReport) { r.Election[0].Contest[0].ID = "" }, both, RuleMissing},
		{"a text without a language in it", func(r *ElectionReport) { r.Election[0].Name = &InternationalizedText{} }, both, RuleMissing},
		{"a class that does not exist", func(r *ElectionReport) { r.GpUnit[0].Kind = "Precinct" }, both, RuleCode},
		{"a status that does not exist", func(r *ElectionReport) { r.Status = "final" }, both, RuleCode},
		{"a field of another class", func(r *ElectionReport) { r.Election[0].Contest[0].CandidateId = "county" }, both, RuleMisplaced},
		{"a date that is none", func(r *ElectionReport) { r.Election[0].StartDate = "2026-02-29" }, both, RuleFormat},
		{"a date in the year 0", func(r *ElectionReport) { r.Election[0].StartDate = "0000-01-01" }, both, RuleFormat},
		{"a date with a zone", func(r *ElectionReport) { r.Election[0].StartDate = "2026-11-03-05:00" }, onlyJSON, RuleFormat},
		{"a time without its zone", func(r *ElectionReport) { r.GeneratedDate = "2026-11-03T21:42:00" }, both, RuleFormat},
		{"a time with fractions", func(r *ElectionReport) { r.GeneratedDate = "2026-11-03T21:42:00.5Z" }, both, RuleFormat},
		{"midnight at the end of the day", func(r *ElectionReport) { r.GeneratedDate = "2026-11-03T24:00:00Z" }, onlyJSON, RuleFormat},
		{"a zone that is too far", func(r *ElectionReport) { r.GeneratedDate = "2026-11-03T21:42:00+14:30" }, both, RuleFormat},
		{"a colour by name", func(r *ElectionReport) {
			r.Party = []Party{{Kind: SingleParty, ID: "p", Name: Text("en", "P"), Color: "red"}}
		}, both, RuleFormat},
		{"half an address", func(r *ElectionReport) { r.withLink("www.example.org") }, onlyJSON, RuleFormat},
		{"an address with a space", func(r *ElectionReport) { r.withLink("https://example.org/a b") }, onlyJSON, RuleFormat},
		{"an address with a bracket", func(r *ElectionReport) { r.withLink("https://example.org/[a]") }, both, RuleFormat},
		{"an address with a stray percent sign", func(r *ElectionReport) { r.withLink("https://example.org/?a=100%") }, both, RuleFormat},
		{"an address with two fragments", func(r *ElectionReport) { r.withLink("https://example.org/#a#b") }, both, RuleFormat},
		{"an address that is none", func(r *ElectionReport) { r.withLink("http://[::1") }, both, RuleFormat},
		{"a language with an underscore", func(r *ElectionReport) { r.Election[0].Name = Text("en_US", "General") }, onlyXML, RuleFormat},
		{"a remark that is too long", func(r *ElectionReport) {
			r.Person = []Person{{ID: "a", ContactInformation: []ContactInformation{{Phone: []AnnotatedString{{Annotation: strings.Repeat("é", 33)}}}}}}
		}, both, RuleFormat},
		{"an id that starts with a digit", func(r *ElectionReport) { r.Person = []Person{{ID: "1a"}} }, onlyXML, RuleFormat},
		{"an id with a colon", func(r *ElectionReport) { r.Person = []Person{{ID: "a:b"}} }, onlyXML, RuleFormat},
		{"a character that XML does not have", func(r *ElectionReport) { r.Notes = "a\x0bb" }, onlyXML, RuleFormat},
		{"bytes that are not text", func(r *ElectionReport) { r.Notes = "a\xff" }, both, RuleFormat},
		{"an id that is not text", func(r *ElectionReport) { r.Person = []Person{{ID: "a\xff"}} }, both, RuleFormat},
		{"a number that is none", func(r *ElectionReport) {
			r.Election[0].Contest[0].ContestSelection[0].VoteCounts[0].Count = Some(math.NaN())
		}, both, RuleFormat},
		{"an id twice", func(r *ElectionReport) { r.GpUnit[1].ID = "county" }, both, RuleDuplicateID},
		{"a reference to nothing", func(r *ElectionReport) { r.Election[0].ElectionScopeId = "state" }, both, RuleDangling},
		{"a reference to the wrong class", func(r *ElectionReport) { r.Election[0].ElectionScopeId = "contest-0" }, both, RuleWrongClass},
		{"nothing that is valid, such as a negative count", func(r *ElectionReport) { r.Election[0].Contest[0].ContestSelection[0].VoteCounts[0].Count = Some(-1.0) }, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, spelling := range []string{onlyJSON, onlyXML} {
				rep := testReport(1, 2, 1)
				tt.spoil(rep)
				var out bytes.Buffer
				err := WriteJSON(&out, rep)
				if spelling == onlyXML {
					out.Reset()
					err = WriteXML(&out, rep)
				}
				if !strings.Contains(tt.refuse, spelling) {
					if err != nil {
						t.Errorf("%s: %v", spelling, err)
					}
					continue
				}
				var refusal *Refusal
				if !errors.As(err, &refusal) {
					t.Fatalf("%s: got %v, want a refusal", spelling, err)
				}
				found := false
				for _, p := range refusal.Problems {
					found = found || p.Rule == tt.rule
				}
				if !found || out.Len() > 0 || !strings.Contains(err.Error(), "cannot be written as "+spelling) {
					t.Errorf("%s: %v; want rule %s, and nothing written (%d bytes are)", spelling, err, tt.rule, out.Len())
				}
			}
		})
	}
}

// withLink puts an address on the web into a report.
func (rep *ElectionReport) withLink(uri string) {
	rep.Party = []Party{{Kind: SingleParty, ID: "p", Name: Text("en", "P"), LogoUri: []AnnotatedUri{{Content: uri}}}}
}

func TestARefusalListsAFewReasonsAndCountsTheRest(t *testing.T) {
	err := WriteJSON(io.Discard, &ElectionReport{})
	want := "the report cannot be written as JSON: ElectionReport: Format is missing; ElectionReport: GeneratedDate is missing; " +
		"ElectionReport: Issuer is missing; ElectionReport: IssuerAbbreviation is missing; ElectionReport: SequenceStart is missing; and 3 more"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestWritersPassOnTheErrorOfTheDisk(t *testing.T) {
	full := errors.New("the disk is full")
	rep := testReport(4, 200, 5)
	for name, write := range map[string]func(io.Writer, *ElectionReport) error{"JSON": WriteJSON, "XML": WriteXML} {
		if err := write(failing{full}, rep); !errors.Is(err, full) {
			t.Errorf("%s: got %v, want %v", name, err, full)
		}
	}
}

// failing is a writer that cannot write.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
