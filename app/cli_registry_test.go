// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const peopleLeft = `rec_id,last_name,first_name,dob,house_number,street,city,zip,person_id
1,Nakamura,Elizabeth,1971-03-09,12,Main Street,Vale,27001,p1
2,Okonkwo,James,1950-11-30,9,N Oak Avenue,Vale,27001,p2
3,Bergström,Åsa,1988-01-17,44,Elm Court,Vale,27001,p3
4,Petrov,Ivan,1969-07-02,7,Lake Dr,Vale,27002,p4
`

const peopleRight = `voter id,Surname,Given Name,Date of Birth,Address 1,Suburb,Postcode
a,NAKAMURA,BETH,03/09/1971,12 MAIN ST,VALE,27001
b,BERGSTROM,ASA,01/17/1988,44 ELM CT,VALE,27001
c,QUILL,ROSA,08/25/1990,3 HILL RD,VALE,27003
`

// people writes files into a folder and gives the command's answer.
func people(t *testing.T, files map[string]string, args ...string) (code int, out, problem string, folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, body := range files {
		if strings.HasSuffix(name, ".gz") {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write([]byte(body))
			z.Close()
			body = b.String()
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
	var said, bad bytes.Buffer
	code = Main(append([]string{"registry", "match"}, args...), strings.NewReader(""), &said, &bad, nil)
	return code, said.String(), bad.String(), folder
}

func TestTwoFilesAreLinked(t *testing.T) {
	code, out, problem, _ := people(t, map[string]string{"left.csv": peopleLeft, "right.csv.gz": peopleRight}, "left.csv", "right.csv.gz", "--out", "-", "--clusters", "c.csv")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, problem)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 || lines[0] != "left_id,right_id,weight,probability,tier,reasons" {
		t.Fatalf("got %q, want a header and two pairs", out)
	}
	for _, want := range []string{"1,a,", "3,b,"} {
		if !strings.Contains(out, "\n"+want) {
			t.Errorf("the pair %s is not in %s", want, out)
		}
	}
	for _, want := range []string{"not used: person_id", "ids from: voter id", "Given Name as given_name", "first_name as given_name", "2 matches"} {
		if !strings.Contains(problem, want) {
			t.Errorf("the report does not say %q: %s", want, problem)
		}
	}
	if body, err := os.ReadFile("c.csv"); err != nil || !strings.Contains(string(body), "1,left,1\n1,right,a\n") {
		t.Errorf("the clusters are %q, %v", body, err)
	}
}

func TestOnePairIsExplained(t *testing.T) {
	code, out, problem, _ := people(t, map[string]string{"left.csv": peopleLeft, "right.csv": peopleRight}, "left.csv", "right.csv", "--explain", "1,a", "--json")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, problem)
	}
	var r matchReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, s := range r.Explain {
		sum += s.Bits
	}
	if r.Weight == nil || sum-*r.Weight > 1e-9 || *r.Weight-sum > 1e-9 || len(r.Explain) < 5 {
		t.Errorf("the waterfall %+v sums to %v", r.Explain, sum)
	}
}

func TestAMapSaysWhatColumnsHold(t *testing.T) {
	files := map[string]string{
		"odd.csv":  "n,casa,nascita,fam\nJames,9 Oak,1950-11-30,Okonkwo\nJames,9 Oak,1950-11-30,Okonkwo\nRosa,3 Hill,1990-08-25,Quill\n",
		"map.toml": "given_name = \"n\"\nstreet = \"casa\"\nbirth_date = [\"nascita\"]\nsurname = \"fam\"\n",
		"bad.toml": "given_name = \"name\"\nsurname = \"fam\"\nstreet = \"casa\"\n",
		"odd.toml": "first = \"n\"\n",
	}
	for _, tt := range []struct {
		name, columns string
		code          int
		says          string
	}{
		{"a map names every column", "map.toml", exitOK, "fam as surname"},
		{"a header that is in no file", "bad.toml", exitUsage, `no file has such a column`},
		{"a column that is not known", "odd.toml", exitUsage, `there is no column "first"`},
		{"no map", "", exitUsage, "fewer than two columns were recognised"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"odd.csv", "--out", "out.csv"}
			if tt.columns != "" {
				args = append(args, "--columns", tt.columns)
			}
			if code, _, problem, _ := people(t, files, args...); code != tt.code || !strings.Contains(problem, tt.says) {
				t.Errorf("exit %d: %s; want exit %d saying %q", code, problem, tt.code, tt.says)
			}
		})
	}
}

func TestMatchIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		says string
	}{
		{"a file that is not there", []string{"gone.csv", "--out", "o.csv"}, "gone.csv cannot be read"},
		{"a folder", []string{".", "--out", "o.csv"}, "is a folder"},
		{"nowhere to write", []string{"left.csv"}, "--out"},
		{"one id to explain", []string{"left.csv", "--explain", "1"}, "two ids"},
		{"an id that is not there", []string{"left.csv", "--explain", "1,9"}, "has the id 9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, _, problem, _ := people(t, map[string]string{"left.csv": peopleLeft}, tt.args...); code == exitOK || !strings.Contains(problem, tt.says) {
				t.Errorf("exit %d: %s; want it refused with %q", code, problem, tt.says)
			}
		})
	}
}
