// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// TestEveryCommandNamesItsPermission walks the command line: like a route, a
// command says what it needs, and what it needs there is.
func TestEveryCommandNamesItsPermission(t *testing.T) {
	var cmds commands
	parser, err := kong.New(&cmds)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{theHouse: true, noHouse: true}
	for _, r := range openHouse(t).Rooms {
		for _, p := range r.Permissions {
			known[p.Name] = true
		}
	}
	there := make(map[string]bool)
	for _, leaf := range parser.Model.Leaves(false) {
		there[leaf.Path()] = true
		if need := commandNeeds[leaf.Path()]; !known[need] {
			t.Errorf("the command %q needs %q, which is nothing that the house knows; see commandNeeds", leaf.Path(), need)
		}
	}
	for path := range commandNeeds {
		if !there[path] {
			t.Errorf("there is no command %q", path)
		}
	}
}

// TestCommandsAreRefused: a command without an entry, and one that a policy of
// the office forbids to the operator.
func TestCommandsAreRefused(t *testing.T) {
	h := openHouse(t)
	ctx := operator(context.Background(), h.Config)
	forbid(t, h, `forbid (principal is Operator, action == Action::"results.upload", resource);`)
	for _, tt := range []struct {
		name, command string
		want          fault.Kind
	}{
		{"a command that the policies permit", "ledger tail", ""},
		{"one that the office forbids", "results import", fault.Denied},
		{"one that nobody thought of", "ledger burn", fault.Denied},
	} {
		if err := (&terminal{command: tt.command}).permitted(ctx, h); fault.KindOf(err) != tt.want {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// forbid puts policies into force in an office, by two people.
func forbid(t *testing.T, h *House, text string) {
	t.Helper()
	ctx := operator(context.Background(), h.Config)
	r, err := h.Access.Propose(ctx, text, "because")
	if err == nil {
		err = h.Access.Grant(ctx, "sam", access.Security)
	}
	if err == nil {
		sam := who.Person{ID: "sam", Jurisdiction: h.Config.Office.Jurisdiction, Via: who.Browser, Level: 3, Proved: h.Now()}
		_, err = h.Access.Decide(who.With(ctx, sam), r.ID, true, "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAccessCommands plays the commands as an operator would.
func TestAccessCommands(t *testing.T) {
	dir := t.TempDir()
	env := []string{"HUSTINGS_DATA_FOLDER=" + filepath.Join(dir, "data"), "HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale"}
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errOut strings.Builder
		if code := Main(args, strings.NewReader(""), &out, &errOut, env); code != want {
			if strings.Contains(errOut.String(), "front end is not built") {
				t.Skip("the front end is not built; run make web")
			}
			t.Fatalf("%v: exit code %d, want %d\n%s%s", args, code, want, out.String(), errOut.String())
		}
		return out.String() + errOut.String()
	}
	good, bad := filepath.Join(dir, "good.cedar"), filepath.Join(dir, "bad.cedar")
	for path, text := range map[string]string{
		good: `@id("no-machine") forbid (principal is Operator, action == Action::"results.upload", resource);
@id("night") forbid (principal in Role::"viewer", action == Action::"results.view", resource);`,
		bad: `permit (principal, action == Action::"results.burn", resource);`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run(exitOK, "account", "invite", "--name", "Ann", "ann@vale.example")
	for _, tt := range []struct {
		name string
		args string
		code int
		want []string
	}{
		{"a role is given", "access grant ann@vale.example viewer --reason needed", exitOK, nil},
		{"a second that should be apart is given with a warning", "access grant ann@vale.example results-clerk --reason night", exitOK, nil},
		{"and so it is", "access grant ann@vale.example results-approver --reason night", exitOK, []string{"warning", "own-report"}},
		{"grants are listed", "access grants", exitOK, []string{"ann@vale.example", "viewer"}},
		{"and taken away", "access revoke ann@vale.example results-approver --reason over", exitOK, nil},
		{"who can", "access who-can results.upload", exitOK, []string{"ann@vale.example"}},
		{"what can", "access what-can ann@vale.example", exitOK, []string{"results.enter"}},
		{"roles", "access roles", exitOK, []string{"admin (granted by two people)", "results.approve (but not: own)"}},
		{"a policy that is no good", "access policy check " + bad, exitUsage, []string{"line 1", "results.burn"}},
		{"one that is", "access policy check " + good, exitOK, []string{"the policies are good"}},
		{"what it would change", "access policy diff " + good, exitOK, []string{"ann@vale.example loses results.view", "role viewer loses results.view"}},
		{"it is asked for, and waits", "access policy apply " + good + " --reason night", exitOK, []string{"/access/requests/"}},
		{"a permission that there is not", "access who-can results.burn", exitUsage, []string{"results.burn"}},
	} {
		out := run(tt.code, strings.Fields(tt.args)...)
		for _, want := range tt.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is not in %q", tt.name, want, out)
			}
		}
	}
}

// TestExamplesOfTheRunbookAreGood checks the policies that the runbook shows.
func TestExamplesOfTheRunbookAreGood(t *testing.T) {
	body, err := os.ReadFile("../docs/runbook/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(body), "```cedar\n")
	text, _, _ = strings.Cut(text, "```")
	if h := openHouse(t); text == "" {
		t.Error("the runbook shows no policies")
	} else if err := h.Access.Check(h.Config.Office.Jurisdiction, text); err != nil {
		t.Error(err)
	}
}
