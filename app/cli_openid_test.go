// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestSatellitesAtTheMachine registers one, gives it another secret, turns the
// keys and removes it.
func TestSatellitesAtTheMachine(t *testing.T) {
	folder := openHouse(t).Config.Data.Folder
	name := "https://office.vale.example/"
	run := func(args ...string) (code int, out, problem string) {
		var said, bad bytes.Buffer
		code = Main(append([]string{"openid"}, args...), strings.NewReader(""), &said, &bad, []string{"HUSTINGS_DATA_FOLDER=" + folder,
			"HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale", "HUSTINGS_DOORS_OFFICE_URL=" + name})
		return code, said.String(), bad.String()
	}
	add := []string{"client", "add", "Pollbook", "--redirect", "https://pollbook.example/back?a=b,c", "--scope", "roles", "--role", "viewer", "--level", "2"}
	name = ""
	if code, _, problem := run(add...); code == exitOK || !strings.Contains(problem, "doors.office_url") {
		t.Errorf("without a name: exit %d, %s", code, problem)
	}
	name = "https://office.vale.example/"
	code, out, problem := run(add...)
	if code != exitOK || !strings.HasPrefix(out, "issuer https://office.vale.example\nclient id ") || !strings.Contains(out, "\nclient secret ") {
		t.Fatalf("exit %d, %s%s", code, out, problem)
	}
	var list []struct {
		ID, Name         string
		Redirects, Roles []string
	}
	_, listed, _ := run("client", "list", "--json")
	if err := json.Unmarshal([]byte(listed), &list); err != nil || len(list) != 1 || list[0].Redirects[0] != "https://pollbook.example/back?a=b,c" || list[0].Roles[0] != "viewer" {
		t.Fatalf("%v: %s", err, listed)
	}
	secret := strings.TrimSpace(out[strings.LastIndex(out, " ")+1:])
	if strings.Contains(listed, secret) {
		t.Error("the list shows the secret")
	}
	for _, tt := range []struct {
		name, says string
		code       int
		args       []string
	}{
		{"the same name again", "already", exitFailed, add},
		{"a role that is none", "There is no role", exitUsage, append(add, "--role", "king")},
		{"another secret", "client secret ", exitOK, []string{"client", "secret", list[0].ID}},
		{"a secret for nobody", "no such satellite", exitUsage, []string{"client", "secret", "x"}},
		{"a first key", " signs from ", exitOK, []string{"rotate-keys"}},
		{"the next", " signs from ", exitOK, []string{"rotate-keys"}},
		{"one more while it waits", "waits already", exitFailed, []string{"rotate-keys"}},
		{"one that cannot wait", " signs from ", exitOK, []string{"rotate-keys", "--now"}},
		{"a program on a person's device", "client id ", exitOK, []string{"client", "add", "Tablet", "--redirect", "http://127.0.0.1:8123/", "--public"}},
		{"an end without a reason", "--reason", exitUsage, []string{"client", "remove", list[0].ID}},
		{"an end", "", exitOK, []string{"client", "remove", list[0].ID, "--reason", "over"}},
		{"its end again", "no such satellite", exitUsage, []string{"client", "remove", list[0].ID, "--reason", "over"}},
	} {
		code, out, problem := run(tt.args...)
		if code != tt.code || !strings.Contains(out+problem, tt.says) || tt.name == "a program on a person's device" && strings.Contains(out, "secret") {
			t.Errorf("%s: exit %d, %s%s", tt.name, code, out, problem)
		}
	}
}
