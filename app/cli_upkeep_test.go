// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestUpkeepByCommand runs programmes at the machine itself.
func TestUpkeepByCommand(t *testing.T) {
	folder := t.TempDir()
	environ := []string{"HUSTINGS_DATA_FOLDER=" + folder}
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := Main(args, strings.NewReader(""), &out, &errOut, environ); code != want {
			t.Fatalf("%q: exit code %d, want %d: %s%s", args, code, want, errOut.String(), out.String())
		}
		return out.String() + errOut.String()
	}
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	people := "voter_id,first_name,last_name,birth_date,address,city,state,zip\n1,Ann,Byrd,1950-01-02,12 Elm St,Vale,XX,00501\n2,Ben,Castillo,1960-03-04,14 Oak St,Vale,XX,00501\n"
	run(exitOK, "registry", "load", write("roll.csv", people))
	moves := write("back.csv", "voter_id,first_name,last_name,birth_date,address,city,state,zip,return_code,move_type,effective,new_address,new_city,new_state,new_zip\n"+
		"1,Ann,Byrd,1950-01-02,12 Elm St,Vale,XX,00501,A,I,2026-08-01,5 Far Rd,Elsewhere,YY,99999\n")
	said := run(exitOK, "upkeep", "run", "ncoa", moves)
	id := regexp.MustCompile(`run ([0-9a-f-]{36}): open, 1 lines, 1 of them ask for something, 1 with a voter`).FindStringSubmatch(said)
	if id == nil {
		t.Fatalf("run says %q", said)
	}
	if again := run(exitOK, "upkeep", "run", "ncoa", moves); !strings.Contains(again, id[1]) {
		t.Errorf("the same file made another run: %q", again)
	}
	held := write("deaths.csv", "first_name,last_name,birth_date,death_date\nAnn,Byrd,,2026-08-01\n")
	if said := run(exitHeld, "upkeep", "run", "deaths", held); !strings.Contains(said, "birth_date is blank in 100.0 % of the rows") {
		t.Errorf("a file without birth dates: %q", said)
	}
	if said := run(exitOK, "upkeep", "report", id[1]); !strings.HasPrefix(said, "programme,run,voter_id") {
		t.Errorf("report says %q", said)
	}
	if said := run(exitOK, "upkeep", "undo", id[1], "--why", "the wrong file"); !strings.Contains(said, "is taken back; of 0 voters something stays") {
		t.Errorf("undo says %q", said)
	}
	run(exitUsage, "upkeep", "run", "ncoa")
}
