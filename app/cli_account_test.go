// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestTokensFromTheCommandLine(t *testing.T) {
	folder := openHouse(t).Config.Data.Folder // skips where the front end is not built
	run := func(args ...string) (int, string, string) {
		t.Helper()
		var out, problem bytes.Buffer
		code := Main(args, strings.NewReader(""), &out, &problem, []string{
			"HUSTINGS_DATA_FOLDER=" + folder, "HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale"})
		return code, out.String(), problem.String()
	}
	for _, email := range []string{"ann@vale.example", "bo@vale.example"} {
		if code, _, problem := run("account", "invite", email, "--name", "X"); code != exitOK {
			t.Fatal(problem)
		}
	}
	code, made, problem := run("account", "token", "ann@vale.example", "--purpose", "uploads", "--life", "1h")
	if code != exitOK || !strings.HasPrefix(made, "token ") {
		t.Fatalf("got %d, %s%s", code, made, problem)
	}
	tokenID := strings.Fields(made)[1]

	for _, tt := range []struct {
		name string
		args []string
		ok   bool
		want string
	}{
		{"for longer than 400 days", []string{"ann@vale.example", "--purpose", "x", "--life", "9601h"}, false, "at most 400 days"},
		{"for nobody", []string{"eve@vale.example", "--purpose", "x"}, false, "no such account"},
		{"for nothing", []string{"ann@vale.example"}, false, "--purpose"},
		{"two things at once", []string{"ann@vale.example", "--list", "--revoke", "x"}, false, "--revoke"},
		{"the list", []string{"ann@vale.example", "--list"}, true, tokenID},
		{"another's token", []string{"bo@vale.example", "--revoke", tokenID}, false, "no such token"},
		{"their own", []string{"ann@vale.example", "--revoke", tokenID}, true, ""},
		{"their own once more", []string{"ann@vale.example", "--revoke", tokenID}, false, "no such token"},
	} {
		code, out, problem := run(append([]string{"account", "token"}, tt.args...)...)
		if (code == exitOK) != tt.ok || !strings.Contains(out+problem, tt.want) {
			t.Errorf("%s: got %d, %s%s", tt.name, code, out, problem)
		}
	}
	_, out, _ := run("account", "token", "ann@vale.example", "--list", "--json")
	var left []any
	if err := json.Unmarshal([]byte(out), &left); err != nil || len(left) != 0 {
		t.Errorf("left: %s, %v", out, err)
	}
}

func TestNobodyChoosesAnothersPassword(t *testing.T) {
	folder := openHouse(t).Config.Data.Folder
	for _, tt := range []struct {
		name, rehearsal string
		want            int
	}{{"in an office", "false", exitUsage}, {"in a rehearsal", "true", exitOK}} {
		for _, args := range [][]string{{"account", "add", "ann@vale.example", "--name", "Ann", "--make"}, {"account", "password", "ann@vale.example", "--make"}} {
			var out, problem bytes.Buffer
			code := Main(args, strings.NewReader(""), &out, &problem, []string{"HUSTINGS_DATA_FOLDER=" + folder, "HUSTINGS_SIGN_IN_REHEARSAL=" + tt.rehearsal,
				"HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale"})
			if code != tt.want && (tt.want == exitOK || code == exitOK) || tt.want != exitOK && strings.Contains(out.String(), "password ") {
				t.Errorf("%s, %q: exit code %d: %s%s", tt.name, args[:2], code, out.String(), problem.String())
			}
		}
	}
}
