// SPDX-License-Identifier: Apache-2.0

package nisterr

import "testing"

func TestCodesKnowTheirOwn(t *testing.T) {
	for _, codes := range []struct {
		name  string
		list  []string
		valid func(string) bool
	}{
		{"BallotMeasureType", words(allBallotMeasureType), func(s string) bool { return BallotMeasureType(s).Valid() }},
		{"CandidatePostElectionStatus", words(allCandidatePostElectionStatus), func(s string) bool { return CandidatePostElectionStatus(s).Valid() }},
		{"CandidatePreElectionStatus", words(allCandidatePreElectionStatus), func(s string) bool { return CandidatePreElectionStatus(s).Valid() }},
		{"CountItemStatus", words(allCountItemStatus), func(s string) bool { return CountItemStatus(s).Valid() }},
		{"CountItemType", words(allCountItemType), func(s string) bool { return CountItemType(s).Valid() }},
		{"DayType", words(allDayType), func(s string) bool { return DayType(s).Valid() }},
		{"DeviceType", words(allDeviceType), func(s string) bool { return DeviceType(s).Valid() }},
		{"ElectionType", words(allElectionType), func(s string) bool { return ElectionType(s).Valid() }},
		{"GeoSpatialFormat", words(allGeoSpatialFormat), func(s string) bool { return GeoSpatialFormat(s).Valid() }},
		{"IdentifierType", words(allIdentifierType), func(s string) bool { return IdentifierType(s).Valid() }},
		{"OfficeTermType", words(allOfficeTermType), func(s string) bool { return OfficeTermType(s).Valid() }},
		{"ReportDetailLevel", words(allReportDetailLevel), func(s string) bool { return ReportDetailLevel(s).Valid() }},
		{"ReportingUnitType", words(allReportingUnitType), func(s string) bool { return ReportingUnitType(s).Valid() }},
		{"ResultsStatus", words(allResultsStatus), func(s string) bool { return ResultsStatus(s).Valid() }},
		{"VoteVariation", words(allVoteVariation), func(s string) bool { return VoteVariation(s).Valid() }},
		{"ContestKind", words(allContestKind), func(s string) bool { return ContestKind(s).Valid() }},
		{"SelectionKind", words(allSelectionKind), func(s string) bool { return SelectionKind(s).Valid() }},
		{"GpUnitKind", words(allGpUnitKind), func(s string) bool { return GpUnitKind(s).Valid() }},
		{"PartyKind", words(allPartyKind), func(s string) bool { return PartyKind(s).Valid() }},
		{"OrderedKind", words(allOrderedKind), func(s string) bool { return OrderedKind(s).Valid() }},
	} {
		for _, code := range codes.list {
			if !codes.valid(code) {
				t.Errorf("%s does not know %q", codes.name, code)
			}
		}
		for _, code := range []string{"", "no-such-code", "Total"} {
			if codes.valid(code) {
				t.Errorf("%s takes %q", codes.name, code)
			}
		}
	}
}

func TestATextIsFoundByItsLanguage(t *testing.T) {
	both := &InternationalizedText{Text: []LanguageString{{"Governor", "en"}, {"Gobernador", "es"}}}
	for _, tt := range []struct {
		name     string
		text     *InternationalizedText
		language string
		want     string
	}{
		{"the language is there", both, "es", "Gobernador"},
		{"it is not, so the first one must do", both, "zh", "Governor"},
		{"there is no text", &InternationalizedText{}, "en", ""},
		{"there is nothing at all", nil, "en", ""},
	} {
		if got := tt.text.In(tt.language); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
