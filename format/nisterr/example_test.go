// SPDX-License-Identifier: Apache-2.0

package nisterr_test

import (
	"fmt"
	"os"
	"strings"

	"hustings/format/nisterr"
)

func ExampleRead() {
	file := strings.NewReader(`<ElectionReport xmlns="http://itl.nist.gov/ns/voting/1500-100/v2"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Election>
    <Contest xsi:type="CandidateContest" ObjectId="mayor">
      <ContestSelection xsi:type="CandidateSelection" ObjectId="ash">
        <VoteCounts><GpUnitId>p1</GpUnitId><Type>total</Type><Count>1,204</Count></VoteCounts>
        <VoteCounts><GpUnitId>p2</GpUnitId><Type>total</Type><Count>377</Count></VoteCounts>
      </ContestSelection>
    </Contest>
  </Election>
</ElectionReport>`)
	rep, problems, err := nisterr.Read(file, nisterr.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range rep.Election[0].Contest[0].ContestSelection[0].VoteCounts {
		fmt.Println(v.Line, v.GpUnitId, v.Count.Set, v.Count.Value)
	}
	for _, p := range problems {
		if p.Rule == nisterr.RuleValue {
			fmt.Println(p)
		}
	}
	// Output:
	// 6 p1 false 0
	// 7 p2 true 377
	// line 6: VoteCounts (ash): Count is "1,204", which is not a number
}

func ExampleWriteJSON() {
	rep := &nisterr.ElectionReport{
		Format:        nisterr.ReportDetailLevelSummaryContest,
		GeneratedDate: "2026-11-03T21:42:00-05:00",
		Issuer:        "Elder County", IssuerAbbreviation: "EC", VendorApplicationId: "example",
		SequenceStart: nisterr.Some[int64](1), SequenceEnd: nisterr.Some[int64](1),
		Status: nisterr.ResultsStatusPreElection,
		Party:  []nisterr.Party{{Kind: nisterr.SingleParty, ID: "oak", Name: nisterr.Text("en", "Oak")}},
	}
	if err := nisterr.WriteJSON(os.Stdout, rep); err != nil {
		fmt.Println(err)
	}
	rep.Status = "final"
	fmt.Println(nisterr.WriteXML(os.Stdout, rep))
	// Output:
	// {"@type": "ElectionResults.ElectionReport",
	//  "Format": "summary-contest",
	//  "GeneratedDate": "2026-11-03T21:42:00-05:00",
	//  "Issuer": "Elder County",
	//  "IssuerAbbreviation": "EC",
	//  "Party": [
	//   {"@type": "ElectionResults.Party", "@id": "oak",
	//    "Name": {"@type": "ElectionResults.InternationalizedText",
	//     "Text": [
	//      {"@type": "ElectionResults.LanguageString", "Content": "Oak", "Language": "en"}
	//     ]
	//    }
	//   }
	//  ],
	//  "SequenceStart": 1,
	//  "SequenceEnd": 1,
	//  "Status": "pre-election",
	//  "VendorApplicationId": "example"
	// }
	// the report cannot be written as XML: ElectionReport: Status is "final", which is none of certified, correction, pre-election, recount, unofficial-complete, unofficial-partial
}

func ExampleCheck() {
	rep := &nisterr.ElectionReport{GpUnit: []nisterr.GpUnit{
		{Kind: nisterr.ReportingUnit, ID: "county", ComposingGpUnitIds: []string{"town"}},
		{Kind: nisterr.ReportingUnit, ID: "town", ComposingGpUnitIds: []string{"county", "ward-9"}},
	}}
	for _, p := range nisterr.Check(rep) {
		fmt.Println(p)
	}
	// Output:
	// ReportingUnit (town): ComposingGpUnitIds points to "ward-9", which is not in the file
	// ReportingUnit (town): a unit is part of itself: county > town > county
}
