// SPDX-License-Identifier: Apache-2.0

package file

import (
	"strings"
	"testing"

	"hustings/office/registry/roll"
)

func TestARequestIsAnApplication(t *testing.T) {
	for _, tt := range []struct {
		name, request string
		want          func(a roll.Application, signature []byte) bool
	}{
		{"of an agency, with a signature", `{"@type":"VRI.VoterRecordsRequest","GeneratedDate":"2026-08-01","Type":["registration"],"RequestMethod":"voter-via-internet",
			"RequestProxy":{"@type":"VRI.RequestProxy","Type":"motor-vehicle-office","TimeStamp":"2026-07-30"},"TransactionId":"t1","Form":"nvra",
			"AdditionalInfo":[{"@type":"VRI.AdditionalInfo","Name":"IsPollWorker","StringValue":"true"}],
			"Subject":{"@type":"VRI.Voter","Name":{"@type":"VRI.Name","FirstName":"Jo","LastName":"Doe"},
			"Signature":{"@type":"VRI.Signature","Date":"2026-07-29","FileValue":{"@type":"VRI.Image","Data":"aGVs\nbG8="}}}}`,
			func(a roll.Application, signature []byte) bool {
				return a.Asks == roll.ToRegister && a.Form == "nvra" && a.Voter.Source == roll.MotorVehicles && a.Delivered == "2026-07-30" && a.Signed == "2026-07-29" &&
					a.Transaction == "t1" && a.Remarks == "IsPollWorker: true" && string(signature) == "hello"
			}},
		{"for ballots alone", `{"@type":"VRI.VoterRecordsRequest","GeneratedDate":"2026-08-01","Type":["ballot-request"],"RequestMethod":"voter-via-mail","Form":"fpca",
			"BallotRequest":{"@type":"VRI.PermanentBallotRequest","BallotReceiptPreference":["email"]},"Subject":{"@type":"VRI.Voter","Name":{"@type":"VRI.Name","LastName":"Doe"}}}`,
			func(a roll.Application, _ []byte) bool {
				return a.Asks == roll.ToUpdate && a.Form == "fpca" && len(a.Voter.Wishes) == 1 && a.Voter.Wishes[0].Permanent
			}},
		{"to end a registration", `{"@type":"VRI.VoterRecordsRequest","GeneratedDate":"2026-08-01","Type":["other"],"OtherType":"Cancellation","RequestMethod":"voter-via-mail",
			"Subject":{"@type":"VRI.Voter","Name":{"@type":"VRI.Name","LastName":"Doe"}}}`,
			func(a roll.Application, _ []byte) bool { return a.Asks == roll.ToCancel }},
	} {
		n := 0
		_, err := Read("in", strings.NewReader(tt.request), Options{}, func(r *Record) error {
			n++
			if a, signature := Application(r); !tt.want(a, signature) {
				t.Errorf("%s: got %+v %q", tt.name, a, signature)
			}
			return nil
		})
		if err != nil || n != 1 {
			t.Errorf("%s: %d records, %v", tt.name, n, err)
		}
	}
}
