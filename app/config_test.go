// SPDX-License-Identifier: Apache-2.0

package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hustings/kit/conf"
	"hustings/kit/fault"
)

func TestSettingsAreChecked(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"none at all", "", ""},
		{"where the public finds it", "doors.public_url = 'https://results.vale.example/'", ""},
		{"a path below it", "doors.public_url = 'http://vale.example/results/'", ""},
		{"without a final slash", "doors.public_url = 'https://results.vale.example'", "doors.public_url"},
		{"without a scheme", "doors.public_url = 'results.vale.example/'", "doors.public_url"},
		{"with a scheme that runs in the page", "doors.public_url = 'javascript://vale.example/'", "doors.public_url"},
		{"without a host", "doors.public_url = 'https:///'", "doors.public_url"},
		{"with a question", "doors.public_url = 'https://vale.example/?a=/'", "doors.public_url"},
		{"proxies by address and by network", "doors.proxies = ['10.0.0.7', '2001:db8::/32', 'fd00::1']", ""},
		{"a proxy by name", "doors.proxies = ['proxy.vale.example']", "doors.proxies"},
		{"a network too long", "doors.proxies = ['10.0.0.0/40']", "doors.proxies"},
		{"no limit", "doors.rate = 0\ndoors.burst = 0", ""},
		{"a limit that lets nobody in", "doors.burst = 0", "doors.burst"},
		{"a limit below zero", "doors.rate = -1", "doors.rate"},
		{"a limit that is no number", "doors.rate = nan", "doors.rate"},
		{"two databases", "data.database = 'sqlite:a'\ndata.database_file = 'b'", "data.database_file"},
		{"a database file that is not there", "data.database_file = '/nowhere/url'", "data.database_file"},
		{"what the file holds is no setting", "data.url = 'postgres://a'", "data.url"},
	} {
		_, err := LoadConfig(written(t, tt.file), nil)
		if (err == nil) != (tt.want == "") || err != nil && (fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// written is the path of a file with this text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheDatabaseURLMayComeFromAFile(t *testing.T) {
	const url = "postgres://hustings:s3cret@db.example/hustings"
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"one line", url + "\n", true},
		{"an empty file", "\n", false},
		{"two lines", url + "\n" + url, false},
	} {
		cfg, err := LoadConfig("", []string{"HUSTINGS_DATA_DATABASE_FILE=" + written(t, tt.text)})
		if (err == nil) != tt.ok || tt.ok && cfg.database() != url {
			t.Errorf("%s: got %q, %v", tt.name, cfg.database(), err)
		}
		var out strings.Builder
		if err := conf.Print(&out, &cfg); err != nil || strings.Contains(out.String(), "s3cret") {
			t.Errorf("%s: the password is printed: %s, %v", tt.name, out.String(), err)
		}
	}
	cfg := Defaults()
	cfg.Data.Database = url
	var out strings.Builder
	if err := conf.Print(&out, &cfg); err != nil || !strings.Contains(out.String(), "postgres://hustings:xxxxx@db.example/hustings") {
		t.Errorf("got %s, %v", out.String(), err)
	}
	if cfg.database() != url {
		t.Errorf("the setting itself changed: %q", cfg.database())
	}
}
