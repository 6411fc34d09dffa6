// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"hustings/fake/idp"
)

// The operator sets single sign-on up from the machine, before anybody can sign
// in; the secret comes from a file or from standard input.
func TestSingleSignOnFromTheCommandLine(t *testing.T) {
	folder := openHouse(t).Config.Data.Folder // skips where the front end is not built
	run := func(in string, args ...string) (int, string) {
		t.Helper()
		var out bytes.Buffer
		code := Main(append([]string{"sso"}, args...), strings.NewReader(in), &out, &out, []string{"HUSTINGS_DATA_FOLDER=" + folder,
			"HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale", "HUSTINGS_DOORS_OFFICE_URL=https://office.vale.example/"})
		return code, out.String()
	}
	house := idp.New("", "office", "s3cret")
	server := httptest.NewServer(house)
	defer server.Close()
	house.URL = server.URL
	add := []string{"add", "--name", "County", "--issuer", house.URL, "--client", "office", "--domain", "vale.example"}
	for _, tt := range []struct {
		name, in string
		args     []string
		ok       bool
		want     string
	}{
		{"an address in clear", "", []string{"add", "--name", "X", "--issuer", "http://login.example", "--client", "x"}, false, "https://"},
		{"a rule that is none", "", append(add, "--rule", "groups: x"), false, "write a rule like"},
		{"a role that is none", "", append(add, "--rule", "groups = a -> king"), false, `no role "king"`},
		{"an empty secret", " \n", append(add, "--secret-file", "-"), false, "the secret is empty"},
		{"a secret file that is not there", "", append(add, "--secret-file", "/nonexistent"), false, "cannot be read"},
		{"a good one", "s3cret\n", append(add, "--secret-file", "-", "--rule", "groups = a -> viewer", "--rule", "groups = b, c -> admin"), true, "https://office.vale.example/sign-in/with/"},
	} {
		code, said := run(tt.in, tt.args...)
		if (code == exitOK) != tt.ok || !strings.Contains(said, tt.want) {
			t.Errorf("%s: %d %s", tt.name, code, said)
		}
	}
	_, listed := run("", "list")
	if strings.Count(listed, "\n") != 1 || !strings.Contains(listed, "County") || strings.Contains(listed, "s3cret") {
		t.Fatalf("the list: %s", listed)
	}
	_, asJSON := run("", "list", "--json")
	if strings.Contains(asJSON, "s3cret") || !strings.Contains(asJSON, "b, c") {
		t.Errorf("as JSON: %s", asJSON)
	}
	id := strings.Fields(listed)[0]
	for _, tt := range []struct {
		name string
		args []string
		ok   bool
		want string
	}{
		{"asks it", []string{"try", id}, true, "keys        1"},
		{"cannot be removed while it is on", []string{"remove", id, "--reason", "x"}, false, "Stop the provider first"},
		{"becomes another house", []string{"add", "--id", id, "--name", "X", "--issuer", "https://other.example", "--client", "office"}, false, "stays the house that it is"},
		{"is stopped", []string{"stop", id, "--reason", "over"}, true, ""},
		{"is stopped again", []string{"stop", id, "--reason", "over"}, false, "stopped already"},
		{"is removed", []string{"remove", id, "--reason", "over"}, true, ""},
		{"is asked when it is gone", []string{"try", id}, false, "no such provider"},
	} {
		code, said := run("", tt.args...)
		if (code == exitOK) != tt.ok || !strings.Contains(said, tt.want) {
			t.Errorf("%s: %d %s", tt.name, code, said)
		}
	}
}
