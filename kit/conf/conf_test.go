// SPDX-License-Identifier: Apache-2.0

package conf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hustings/kit/fault"
)

type settings struct {
	Name  string `toml:"name" doc:"the office"`
	Doors struct {
		Public string   `toml:"public" doc:"address"`
		Idle   Duration `toml:"idle" doc:"how long"`
		Langs  []string `toml:"langs" doc:"languages"`
		Max    int64    `toml:"max" doc:"bytes"`
	} `toml:"doors"`
}

func TestLoad(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		env        []string
		want       string // part of the error
	}{
		{"a good file", "name = \"Vale\"\n[doors]\nidle = \"15m\"\nmax = 5", nil, ""},
		{"an unknown setting is named", "[doors]\npubic = \"x\"", nil, "unknown setting doors.pubic"},
		{"a broken line is named", "name = \"x\"\n[doors]\nmax = five\n", nil, "line 3"},
		{"a length of time without a unit", "[doors]\nidle = \"15\"", nil, "such as 90s"},
		{"an unknown variable is named", "", []string{"HUSTINGS_DOORS_PUBIC=x"}, "HUSTINGS_DOORS_PUBIC"},
		{"a number that is none", "", []string{"HUSTINGS_DOORS_MAX=many"}, "whole number"},
		{"other programs' variables are not ours", "", []string{"PATH=x"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "h.toml")
			if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
				t.Fatal(err)
			}
			err := Load(&settings{}, path, tt.env)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error()+fault.Sentence(err), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheEnvironmentGoesOverTheFileAndPrintReadsBack(t *testing.T) {
	var a settings
	a.Doors.Public = "default"
	if err := Load(&a, "", []string{"HUSTINGS_DOORS_IDLE=90s", "HUSTINGS_DOORS_LANGS=en,es", "HUSTINGS_NAME=Vale"}); err != nil {
		t.Fatal(err)
	}
	if time.Duration(a.Doors.Idle) != 90*time.Second || len(a.Doors.Langs) != 2 || a.Doors.Public != "default" {
		t.Errorf("got %+v", a)
	}
	var out strings.Builder
	if err := Print(&out, &a); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "printed.toml")
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var b settings
	if err := Load(&b, path, nil); err != nil || b.Name != "Vale" || b.Doors.Idle != a.Doors.Idle || len(b.Doors.Langs) != 2 {
		t.Errorf("read back %+v, %v from\n%s", b, err, out.String())
	}
}
