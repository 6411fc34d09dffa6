// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/who"
)

const night = `// On the night nobody but the clerk looks.
@id("night")
forbid (principal in Role::"viewer", action == Action::"results.view", resource);

@id("helpers")
permit (principal in Role::"helper", action in [Action::"results.view", Action::"results.upload"], resource);
`

// TestPoliciesThatAreRefused: each is refused with what is wrong, and none
// comes into force.
func TestPoliciesThatAreRefused(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.grant("sam", access.Security, vale)
	for _, tt := range []struct {
		name, text, want string
		kind             fault.Kind
	}{
		{"no policy language", "let everybody in", "cannot be read", fault.Invalid},
		{"a policy that is cut", `permit (principal, action, resource) when { principal`, "cannot be read", fault.Invalid},
		{"an action that no room has", `permit (principal, action == Action::"results.burn", resource);`, `unrecognized action`, fault.Invalid},
		{"a type that there is not", `permit (principal is Robot, action, resource);`, "unrecognized entity type", fault.Invalid},
		{"an attribute that records do not have", `permit (principal, action, resource is Record) when { resource.owner == principal };`, "owner", fault.Invalid},
		{"an attribute that may be missing, not asked for", `permit (principal, action, resource is Record) when { resource.by == principal };`, "by", fault.Invalid},
		{"a comparison of what cannot be equal", `permit (principal, action, resource) when { context.level == "3" };`, "line 1", fault.Invalid},
		{"two of the same name", "@id(\"a\") permit (principal, action, resource);\n@id(\"a\") forbid (principal is Person, action, resource);", "line 2", fault.Invalid},
		{"a forbid for everybody, the house too", `forbid (principal, action, resource);`, "principal is Person", fault.Invalid},
		{"a forbid for the house", `forbid (principal is House, action == Action::"results.approve", resource);`, "house itself", fault.Invalid},
		{"a forbid that locks out the operator", `forbid (principal is Operator, action in Action::"access", resource);`, "operator", fault.Invalid},
		{"too long", strings.Repeat("// nothing to see here\n", 2000), "bytes long", fault.TooLarge},
		{"too many", many(65), "65 policies", fault.TooLarge},
		{"too deep", `permit (principal, action, resource) when { ` + strings.Repeat("(", 10_000) + "true" + strings.Repeat(")", 10_000) + ` };`, "deep", fault.TooLarge},
		{"too many words", `permit (principal, action, resource) when { true` + strings.Repeat(" && true", 2500) + ` };`, "words", fault.TooLarge},
	} {
		_, err := h.Propose(as("sam", vale), tt.text, "because")
		if fault.KindOf(err) != tt.kind || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: got %v (%s), want %q", tt.name, err, fault.KindOf(err), tt.want)
		}
	}
	list, err := h.Requests(as("sam", vale))
	if own, e := h.Own(t.Context(), vale); err != nil || e != nil || len(list) != 0 || own.Version != 0 {
		t.Errorf("left behind: %v, %+v (%v, %v)", list, own, err, e)
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "@id(\"p%d\") permit (principal, action, resource);\n", i)
	}
	return b.String()
}

// TestPoliciesOfAnOffice: asked for by one, agreed to by another, in force in
// the office and below it, and back again.
func TestPoliciesOfAnOffice(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.grant("sam", access.Security, vale)
		h.grant("pat", access.Admin, vale)
		h.grant("vic", access.Viewer, vale)
		h.grant("dot", access.Viewer, dale)
		diff, err := h.Diff(t.Context(), vale, night)
		h.must(err)
		var lines []string
		for _, c := range diff {
			lines = append(lines, c.String())
		}
		for _, want := range []string{
			"vic loses results.view in county:vale",
			"role viewer loses results.view in county:vale",
			"role helper gains results.upload in county:vale",
			"role helper gains results.view in county:vale",
		} {
			if !slices.Contains(lines, want) {
				t.Errorf("the comparison does not say %q", want)
			}
		}
		if len(lines) != 4 {
			t.Errorf("the comparison says %q", lines)
		}
		asked, err := h.Propose(as("sam", vale), night, "a quiet night")
		h.must(err)
		h.must(h.May(t.Context(), person("vic", vale), "results.view")) // nothing yet
		if _, err := h.Decide(as("sam", vale), asked.ID, true, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("whoever asked agrees: got %v", err)
		}
		if _, err := h.Decide(as("vic", vale), asked.ID, true, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("a viewer agrees: got %v", err)
		}
		if _, err := h.Decide(setup(vale), asked.ID, true, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("the operator agrees: got %v", err)
		}
		_, err = h.Decide(as("pat", vale), asked.ID, true, "looked at it")
		h.must(err)
		if err := h.May(t.Context(), person("vic", vale), "results.view"); fault.KindOf(err) != fault.Denied {
			t.Errorf("a viewer under the new policies: got %v", err)
		}
		h.must(h.May(t.Context(), person("dot", dale), "results.view"))
		if err := h.Grant(setup(dale), "hal", "helper"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a role of another office: got %v", err)
		}
		h.grant("hal", "helper", vale)
		h.must(h.May(t.Context(), person("hal", vale), "results.upload"))
		if _, err := h.Decide(as("pat", vale), asked.ID, true, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("agreeing twice: got %v", err)
		}
		h.grant("sue", access.Security, vale)
		back, err := h.Propose(as("sue", vale), "", "the night is over")
		h.must(err)
		_, err = h.Decide(as("sam", vale), back.ID, true, "")
		h.must(err)
		h.must(h.May(t.Context(), person("vic", vale), "results.view"))
		first, err := h.OwnVersion(t.Context(), vale, 1)
		h.must(err)
		if first.Text != night || first.AskedBy != "sam" || first.AgreedBy != "pat" {
			t.Errorf("version 1 is kept as %+v", first)
		}
	})
}

// TestWhatIsAgreedIsCheckedAgain: a request that carries what was never
// checked, or that was compared with policies of before, does not come into
// force.
func TestWhatIsAgreedIsCheckedAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.grant("sam", access.Security, vale)
		h.grant("pat", access.Admin, vale)
		smuggle := func(text string, base int64) pair.Request {
			t.Helper()
			payload, err := json.Marshal(map[string]any{"Text": text, "Base": base})
			h.must(err)
			var r pair.Request
			ctx := as("sam", vale)
			h.must(h.DB.Write(ctx, func(tx *db.Tx) error {
				r, err = h.Ask(ctx, tx, pair.Ask{Act: "access.policy", Subject: vale, Reason: "because", Payload: payload})
				return err
			}))
			return r
		}
		for _, tt := range []struct {
			name, text string
			base       int64
			want       fault.Kind
		}{
			{"an action that no room has", `permit (principal, action == Action::"results.burn", resource);`, 0, fault.Invalid},
			{"compared with another version", night, 7, fault.Conflict},
		} {
			r := smuggle(tt.text, tt.base)
			if _, err := h.Decide(as("pat", vale), r.ID, true, ""); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if own, err := h.Own(t.Context(), vale); err != nil || own.Version != 0 {
				t.Errorf("%s: in force is %+v (%v)", tt.name, own, err)
			}
			_, err := h.Decide(as("pat", vale), r.ID, false, "no good")
			h.must(err)
		}
	})
}

// TestStatePolicies: what a state adds holds in its counties.
func TestStatePolicies(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.grant("sam", access.Security, state)
	h.grant("pat", access.Admin, state)
	h.grant("vic", access.Viewer, vale)
	const own = `@id("dale-sees-nothing")
forbid (principal in Role::"viewer", action == Action::"results.view", resource in Jurisdiction::"` + dale + `");
@id("protected")
forbid (principal is Person, action == Action::"results.view", resource is Record) when { resource.protected };
`
	diff, err := h.Diff(t.Context(), state, own)
	h.must(err)
	says := fmt.Sprint(diff)
	for _, want := range []string{
		"role viewer loses results.view in county:dale",
		"role viewer loses results.view in state:xx, only: protected",
		"vic loses results.view in county:vale, only: protected",
	} {
		if !strings.Contains(says, want) {
			t.Errorf("the comparison does not say %q: %s", want, says)
		}
	}
	asked, err := h.Propose(as("sam", state), own, "because")
	h.must(err)
	_, err = h.Decide(as("pat", state), asked.ID, true, "")
	h.must(err)
	h.grant("dot", access.Viewer, dale)
	h.must(h.May(t.Context(), person("vic", vale), "results.view"))
	if err := h.May(t.Context(), person("dot", dale), "results.view"); fault.KindOf(err) != fault.Denied {
		t.Errorf("in the county that the state's policy names: got %v", err)
	}
}

// TestRequestsRunOut: what nobody decides in time cannot be agreed to, and may
// be asked for again.
func TestRequestsRunOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.grant("sam", access.Security, vale)
		h.grant("pat", access.Admin, vale)
		asked, err := h.Propose(as("sam", vale), night, "because")
		h.must(err)
		if _, err := h.Propose(as("sam", vale), night, "again"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("asking twice: got %v", err)
		}
		h.clock = h.clock.Add(73 * time.Hour)
		if _, err := h.Decide(as("pat", vale), asked.ID, true, ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("agreeing after it ran out: got %v", err)
		}
		if r, err := h.Request(as("pat", vale), asked.ID); err != nil || r.State != pair.Expired {
			t.Errorf("it is called %q (%v)", r.State, err)
		}
		again, err := h.Propose(as("sam", vale), night, "because")
		h.must(err)
		r, err := h.Decide(as("sam", vale), again.ID, false, "changed my mind")
		h.must(err)
		if r, err = h.Request(as("pat", vale), r.ID); err != nil || r.State != pair.Withdrawn {
			t.Errorf("withdrawn, it is called %q (%v)", r.State, err)
		}
		if _, err := h.Request(as("kim", dale), r.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("from another county: got %v", err)
		}
	})
}

// TestPowerfulRoles wait for a second person; others do not.
func TestPowerfulRoles(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.grant("pat", access.Admin, vale)
		h.grant("sam", access.Security, vale)
		h.grant("ron", access.Admin, vale)
		give := func(by, to string, r access.Role) (*pair.Request, error) {
			return h.Give(as(by, vale), access.Grant{Jurisdiction: vale, Person: to, Role: r, Reason: "needed"})
		}
		if asked, err := give("pat", "ann", access.Clerk); err != nil || asked != nil {
			t.Errorf("a clerk: got %v, %v", asked, err)
		}
		if _, err := give("pat", "pat", access.Clerk); fault.KindOf(err) != fault.Denied {
			t.Errorf("to oneself: got %v", err)
		}
		if _, err := give("ann", "bo", access.Clerk); fault.KindOf(err) != fault.Denied {
			t.Errorf("by a clerk: got %v", err)
		}
		if _, err := h.Give(as("pat", vale), access.Grant{Jurisdiction: vale, Person: "bo", Role: access.Clerk}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: got %v", err)
		}
		if _, err := h.Give(as("pat", vale), access.Grant{Jurisdiction: dale, Person: "bo", Role: access.Clerk, Reason: "x"}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("in another county: got %v", err)
		}
		asked, err := give("pat", "ann", access.Admin)
		h.must(err)
		if asked == nil {
			t.Fatal("an administrator was made by one person")
		}
		if err := h.May(t.Context(), person("ann", vale), "access.grant"); fault.KindOf(err) != fault.Denied {
			t.Errorf("before a second person agreed: got %v", err)
		}
		for _, who := range []string{"pat", "ann"} {
			if _, err := h.Decide(as(who, vale), asked.ID, true, ""); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s agrees: got %v", who, err)
			}
		}
		// Whoever asked must still be allowed to when the other agrees.
		h.must(h.Revoke(setup(vale), "pat", access.Admin))
		if _, err := h.Decide(as("sam", vale), asked.ID, true, ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("after the one who asked lost the role: got %v", err)
		}
		h.grant("pat", access.Admin, vale)
		_, err = h.Decide(as("sam", vale), asked.ID, true, "")
		h.must(err)
		h.must(h.May(t.Context(), person("ann", vale), "access.grant"))
	})
}

// TestBook is the two-person rule as a room uses it, inside of its own write.
func TestBook(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		rooms := manifest(h.Access)
		for i, r := range rooms {
			if r.Name == "results" {
				rooms[i].Pairs = []pair.Act{{Name: "results.approve", Needs: "results.approve", Asks: []string{"results.upload", "results.enter"}, Life: time.Hour}}
			}
		}
		h.must(h.Learn(rooms))
		h.grant("bo", access.Approver, vale)
		h.grant("ann", access.Clerk, vale)
		h.grant("cy", access.Approver, vale)
		write := func(ctx context.Context, do func(tx *db.Tx) error) error { return h.DB.Write(ctx, do) }
		ann, bo, cy := as("ann", vale), as("bo", vale), as("cy", vale)
		h.must(write(ann, func(tx *db.Tx) error {
			_, err := h.Ask(ann, tx, pair.Ask{Act: "results.approve", Subject: "r1", Reason: "precinct 12", Also: []string{"cy"}})
			return err
		}))
		agree := func(ctx context.Context, fail error) error {
			return write(ctx, func(tx *db.Tx) error {
				if _, err := h.Agree(ctx, tx, "results.approve", "r1", "compared"); err != nil {
					return err
				}
				return fail
			})
		}
		for name, ctx := range map[string]context.Context{"who sent it in": ann, "the other who typed": cy, "somebody of another county": as("bo", dale)} {
			if err := agree(ctx, nil); err == nil {
				t.Errorf("%s may agree", name)
			}
		}
		// What the room does with it fails: then nobody has agreed.
		if err := agree(bo, fault.New(fault.Conflict, "the room says no")); fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		h.must(agree(bo, nil))
		if err := agree(bo, nil); fault.KindOf(err) != fault.NotFound {
			t.Errorf("agreeing twice: got %v", err)
		}
		if err := write(ann, func(tx *db.Tx) error {
			_, err := h.Ask(ann, tx, pair.Ask{Act: "results.burn", Subject: "r1", Reason: "x"})
			return err
		}); fault.KindOf(err) != fault.Internal {
			t.Errorf("an act of no room: got %v", err)
		}
	})
}

// gone are the people whose accounts are of no use any more.
type gone map[string]bool

func (g gone) People(context.Context) ([]access.Person, error) { return nil, nil }

func (g gone) Works(_ context.Context, account string) (bool, error) { return !g[account], nil }

// TestWhoAskedMustStillBeAbleToAsk: what somebody asked for who was broken into,
// or has left, happens through nobody else.
func TestWhoAskedMustStillBeAbleToAsk(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		away := gone{}
		h.People = away
		rooms := manifest(h.Access)
		done := 0
		do := func(context.Context, *db.Tx, pair.Request) error { done++; return nil }
		for i, r := range rooms {
			switch r.Name {
			case "results":
				rooms[i].Pairs = []pair.Act{{Name: "results.approve", Needs: "results.approve", Asks: []string{"results.enter", "results.upload"}, Do: do}}
			case "keys":
				rooms[i].Pairs = []pair.Act{{Name: "keys.shred", Needs: "keys.manage", Do: do}}
			}
		}
		h.must(h.Learn(rooms))
		h.grant("bo", access.Approver, vale)
		h.grant("bo", access.Security, vale)
		system := who.With(t.Context(), who.System("watched-folder", vale))
		for i, tt := range []struct {
			name, act string
			asks      context.Context
			roles     []access.Role
			then      func(asker string)
			want      fault.Kind // 0: it happens
		}{
			{"a clerk sends in a report", "results.approve", as("ann", vale), []access.Role{access.Clerk}, nil, ""},
			{"a clerk has lost the role", "results.approve", as("ann", vale), []access.Role{access.Clerk},
				func(a string) { h.must(h.Revoke(setup(vale), a, access.Clerk)) }, fault.Conflict},
			{"a clerk's account is disabled", "results.approve", as("ann", vale), []access.Role{access.Clerk},
				func(a string) { away[a] = true }, fault.Conflict},
			{"an administrator has another role now", "keys.shred", as("ann", vale), []access.Role{access.Admin}, func(a string) {
				h.must(h.Revoke(setup(vale), a, access.Admin))
				h.grant(a, access.Viewer, vale)
			}, fault.Conflict},
			{"an administrator's account is disabled", "keys.shred", as("ann", vale), []access.Role{access.Admin},
				func(a string) { away[a] = true }, fault.Conflict},
			{"an administrator of the state asks for the county", "keys.shred", as("ann", vale), nil, nil, ""},
			{"the house has no account", "results.approve", system, nil, func(a string) { away[a] = true }, ""},
			{"the operator has no account", "keys.shred", setup(vale), nil, func(a string) { away[a] = true }, ""},
		} {
			asker := who.From(tt.asks).ID
			for _, r := range tt.roles {
				h.grant(asker, r, vale)
			}
			if tt.roles == nil && asker == "ann" {
				h.grant(asker, access.Admin, state)
			}
			var r pair.Request
			h.must(h.DB.Write(tt.asks, func(tx *db.Tx) (err error) {
				r, err = h.Ask(tt.asks, tx, pair.Ask{Act: tt.act, Subject: "s" + strconv.Itoa(i), Reason: "because"})
				return err
			}))
			if tt.then != nil {
				tt.then(asker)
			}
			before := done
			_, err := h.Decide(as("bo", vale), r.ID, true, "")
			if happened := done > before; (err == nil) != (tt.want == "") || err != nil && fault.KindOf(err) != tt.want || happened != (tt.want == "") {
				t.Errorf("%s: got %v, happened %v", tt.name, err, happened)
			}
			if tt.want != "" {
				_, err := h.Decide(as("bo", vale), r.ID, false, "she has left")
				h.must(err)
			}
			clear(away)
			for _, role := range tt.roles {
				_ = h.Revoke(setup(vale), asker, role) // where it is not gone already
			}
		}
	})
}
