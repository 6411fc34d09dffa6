// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hustings/format/sheet"
	"hustings/format/vri"
)

// onFiles runs a command of the registry on files in a folder.
func onFiles(t *testing.T, files map[string]string, args ...string) (code int, out, problem string) {
	t.Helper()
	folder := t.TempDir()
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	var said, bad bytes.Buffer
	code = Main(append([]string{"registry"}, args...), strings.NewReader(""), &said, &bad, nil)
	return code, said.String(), bad.String()
}

const rollCSV = `voter_id,last_name,first_name,dob,address,city,state,zip,status,party,registration_date,dl,confidential
1,DOE,=JO,02/03/1980,12 MAIN ST,MARLOW,XX,00001,active,GRE,1/2/2000,X99,N
2,ROE,AL,02/30/1990,13 MAIN ST,MARLOW,XX,00001,inactive,BLU,1/2/2010,,N
2,POE,ED,05/06/1970,14 MAIN ST,MARLOW,XX,00001,active,GRE,1/2/2005,,
3,LOW,MO,05/06/1971,15 SECRET ST,MARLOW,XX,00001,active,GRE,1/2/2005,,Y
4,CUT,OF
`

const request = `{"@type":"VRI.VoterRecordsRequest","Type":["registration"],"GeneratedDate":"2026-1-2","RequestMethod":"voter-via-mail","TransactionId":"t-9",
"Subject":{"@type":"VRI.Voter","DateOfBirth":"1980-02-30","Name":{"@type":"VRI.Name","LastName":"Roe"},
"ResidenceAddress":{"@type":"addr.GeneralAddressClass_type","USPSGeneralDeliveryPoint":"1 ELM ST","CompletePlaceName":{"PlaceName":[{"Value":"MARLOW"}]},"StateName":"XX","ZipCode":"soon"}}}`

func TestRegistryCheck(t *testing.T) {
	code, out, problem := onFiles(t, map[string]string{"roll.csv": rollCSV, "request.json": request}, "check", "roll.csv", "request.json")
	if code != exitHeld {
		t.Errorf("exit %d: %s", code, problem)
	}
	for _, want := range []string{
		"csv · UTF-8 · 4 records · 1 left out · 1 protected", "statuses: active 3, inactive 1", "parties: GRE 3, BLU 1", "born: 1970-05-06 to 1980-02-03",
		"registered: 2000-01-02 to 2010-01-02", "line 4 has the same number as line 3", "line 3: dob: it is no day of the calendar", "line 6: the row has 3 cells",
		"vri-json", "requests: registration 1", "Voter.DateOfBirth: it is no day of the calendar",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(out, "1990") || strings.Contains(out, "X99") {
		t.Errorf("a private value is told:\n%s", out)
	}
}

func TestRegistryCheckAsJSON(t *testing.T) {
	code, out, problem := onFiles(t, map[string]string{"roll.csv": rollCSV}, "check", "--json", "roll.csv")
	var got struct{ Files []holding }
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitHeld {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, problem)
	}
	h := got.Files[0]
	if h.Records != 4 || h.LeftOut != 1 || h.Repeated != 1 || h.Missing["birth date"] != 1 || h.Protected != 1 || len(h.Troubles) == 0 {
		t.Errorf("%+v", h)
	}
}

func TestRegistryCheckExitCodes(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"a clean roll", "voter_id,last_name\n1,DOE\n", exitOK},
		{"a line that cannot be used", "voter_id,last_name\n1,DOE\n2,ROE,3\n", exitHeld},
		{"a file cut off", `{"@type":"VRI.VoterRecordResults","VoterRecord":[{"@type":"VRI.VoterRecord","Voter":{"Name":{"LastName":"Roe"}}},{"@ty`, exitBlocked},
		{"no roll at all", "a,b\n1,2\n", exitUsage},
		{"nothing", "", exitUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, out, problem := onFiles(t, map[string]string{"f": tt.body}, "check", "f"); code != tt.want {
				t.Errorf("exit %d, want %d: %s%s", code, tt.want, out, problem)
			}
		})
	}
}

func TestRegistryConvert(t *testing.T) {
	for _, to := range []string{"vri-json", "vri-xml", "nc", "csv", "xlsx"} {
		t.Run(to, func(t *testing.T) {
			code, _, said := onFiles(t, map[string]string{"roll.csv": rollCSV}, "convert", "roll.csv", "--to", to, "--out", "out")
			body, err := os.ReadFile("out")
			if code != exitOK || err != nil {
				t.Fatalf("exit %d, %v: %s", code, err, said)
			}
			for _, want := range []string{"4 records read, 1 left out", "3 records written", "1 protected voters were left out", "not carried"} {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not in\n%s", want, said)
				}
			}
			if bytes.Contains(body, []byte("SECRET")) {
				t.Error("the home of a protected voter is in the file")
			}
			info, _ := os.Stat("out")
			if secret := strings.HasPrefix(to, "vri"); secret != (info.Mode().Perm() == 0o600) {
				t.Errorf("anybody may read the file: %v", info.Mode())
			}
			var again bytes.Buffer
			if code := Main([]string{"registry", "check", "out"}, strings.NewReader(""), &again, &again, nil); code != exitHeld { // two have one number
				t.Errorf("what was written is read with exit %d:\n%s", code, again.String())
			}
		})
	}
}

// TestRegistryConvertKeepsARequest writes a single message in the other spelling
// with everything in it.
func TestRegistryConvertKeepsARequest(t *testing.T) {
	code, out, said := onFiles(t, map[string]string{"in.json": request}, "convert", "in.json", "--to", "vri-xml", "--out", "-")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, said)
	}
	_, list, err := vri.Read("out", strings.NewReader(out), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	q := list[0].Request
	if q.TransactionId != "t-9" || q.GeneratedDate != "2026-01-02" || q.Subject.ResidenceAddress.PlaceStateZip[0] != "MARLOW, XX soon" {
		t.Errorf("%+v %+v", q, q.Subject.ResidenceAddress)
	}
	if !strings.Contains(said, "they were written as one line") {
		t.Error(said)
	}
	secret := strings.Replace(request, `"Name"`, `"VoterClassification":[{"Type":"protected-voter","Assertion":"yes"}],"Name"`, 1)
	if code, _, said := onFiles(t, map[string]string{"in.json": secret}, "convert", "in.json", "--to", "vri-xml", "--out", "-"); code != exitFailed || !strings.Contains(said, "--private") {
		t.Errorf("exit %d: %s", code, said)
	}
}
