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
		{"an unknown setting is named with its line", "# a\n[doors]\nlangs = [\n\"en\",\n]\npubic = \"x\"", nil, "unknown setting doors.pubic (line 6)"},
		{"every unknown setting is named", "nme = 1\n[doors]\npubic = 1", nil, "nme (line 1), doors.pubic (line 3)"},
		{"a dotted key is found", "doors.max = 1\ndoors . \"pubic\" = 1", nil, "doors.pubic (line 2)"},
		{"a key in an inline table is found", "\ndoors = {max = 1, pubic = 1}", nil, "doors.pubic (line 2)"},
		{"an unknown section is named once", "[doorz]\npublic = \"x\"\n[doors]\nmax = 1", nil, "unknown setting doorz (line 1);"},
		{"what a container platform injects is passed over", "", []string{"HUSTINGS_SERVICE_HOST=10.0.0.1", "HUSTINGS_SERVICE_PORT=80",
			"HUSTINGS_SERVICE_PORT_HTTP=80", "HUSTINGS_PORT=tcp://10.0.0.1:80", "HUSTINGS_PORT_80_TCP=tcp://10.0.0.1:80", "HUSTINGS_PORT_80_TCP_ADDR=10.0.0.1",
			"HUSTINGS_OFFICE_SERVICE_HOST=10.0.0.1", "HUSTINGS_OFFICE_PORT=tcp://10.0.0.1:81", "HUSTINGS_OFFICE_PORT_81_TCP_PROTO=tcp"}, ""},
		{"a port that is no setting is not passed over", "", []string{"HUSTINGS_DOORS_PORT=80"}, "HUSTINGS_DOORS_PORT"},
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

func TestPrintedStringsReadBack(t *testing.T) {
	for _, text := range []string{"plain", "a \"quoted\" back\\slash", "bell \a, tab \t, delete \x7f, escape \x1b, vertical \v", "two\nlines", "Peña — 選挙 \u202e"} {
		var a, b settings
		a.Name, a.Doors.Langs = text, []string{text}
		var out strings.Builder
		if err := Print(&out, &a); err != nil {
			t.Fatal(err)
		}
		if err := parse(&b, "printed", out.String()); err != nil || b.Name != text || b.Doors.Langs[0] != text {
			t.Errorf("%q: read back %q, %v from\n%s", text, b.Name, err, out.String())
		}
	}
}

func TestPasswordsAreNotPrinted(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{"before the host", "postgres://ann:s3cret@db.example:5432/hustings?sslmode=require", "postgres://ann:xxxxx@db.example:5432/hustings?sslmode=require"},
		{"with several hosts", "postgres://ann:s3cret@a:5432,b:5432/hustings", "postgres://ann:xxxxx@a:5432,b:5432/hustings"},
		{"with an @ in it", "postgres://ann:s3cret@s3cret@a/hustings", "postgres://ann:xxxxx@a/hustings"},
		{"among the parameters", "postgres:///hustings?user=ann&password=s3cret&host=/run&SSLpassword=s3cret", "postgres:///hustings?user=ann&password=xxxxx&host=/run&SSLpassword=xxxxx"},
		{"with a slash that should have been escaped", "postgres://ann:s3/cret@a/hustings", "xxxxx"},
		{"none", "postgres://ann@a/hustings", "postgres://ann@a/hustings"},
		{"a file", "sqlite:/var/lib/a@b.db", "sqlite:/var/lib/a@b.db"},
	} {
		var cfg struct {
			Database string `toml:"database" doc:"where" hide:"password"`
		}
		cfg.Database = tt.url
		var out strings.Builder
		if err := Print(&out, &cfg); err != nil || !strings.HasPrefix(out.String(), "database = \""+tt.want+"\" #") {
			t.Errorf("%s: got %s, %v", tt.name, out.String(), err)
		}
	}
}
