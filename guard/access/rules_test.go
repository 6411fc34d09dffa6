// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"pgregory.net/rapid"

	"hustings/kit/room"
	"hustings/kit/who"
)

// somePolicy draws a policy out of what policies can say.
func somePolicy(effect string) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		e := effect
		if e == "" {
			e = rapid.SampledFrom([]string{"permit", "forbid"}).Draw(t, "effect")
		}
		principal := rapid.SampledFrom([]string{"principal", "principal is Person", "principal is House", `principal in Role::"viewer"`,
			`principal in Role::"results-clerk"`, `principal == Person::"ann"`, `principal is Person in Role::"admin"`}).Draw(t, "principal")
		action := rapid.SampledFrom([]string{"action", `action == Action::"results.view"`, `action in Action::"results"`,
			`action in [Action::"results.view", Action::"definition"]`, `action == Action::"definition.edit"`}).Draw(t, "action")
		resource := rapid.SampledFrom([]string{"resource", "resource is Record", "resource is Room", `resource in Jurisdiction::"us/xx"`,
			`resource in Room::"results"`}).Draw(t, "resource")
		when := rapid.SampledFrom([]string{"", `when { context.level >= 2 }`, `unless { context.via == "api" }`, `when { resource has by && resource.by == principal }`,
			`when { resource.protected }`, `unless { resource has kind && resource.kind like "rep*" }`, `when { 9223372036854775807 + context.age > 0 }`}).Draw(t, "when")
		return fmt.Sprintf("%s (%s, %s, %s) %s;", e, principal, action, resource, when)
	})
}

func somePolicies(t *rapid.T, label, effect string) []rule {
	list := rapid.SliceOfN(somePolicy(effect), 0, 8).Draw(t, label)
	out, err := readPolicies(label, label+" ", strings.Join(list, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// someQuestion draws a question out of those that can be asked.
func someQuestion(t *rapid.T) *question {
	q := &question{
		me: who.Person{ID: rapid.SampledFrom([]string{"ann", "bo", "operator"}).Draw(t, "id"), Jurisdiction: "us/xx/vale",
			Via:   rapid.SampledFrom([]string{who.Browser, who.API, who.CLI, who.House}).Draw(t, "via"),
			Level: rapid.IntRange(0, 3).Draw(t, "level")},
		held:   rapid.SliceOfN(rapid.SampledFrom([]Role{Viewer, Clerk, Admin}), 0, 3).Draw(t, "held"),
		where:  rapid.SampledFrom([]string{"us/xx/vale", "us/yy/dale", "us/xx"}).Draw(t, "where"),
		action: rapid.SampledFrom([]string{"results.view", "results.upload", "definition.edit", "definition.view", "keys.view"}).Draw(t, "action"),
		now:    sampleTime,
	}
	if rapid.Bool().Draw(t, "record") {
		q.record = &room.Record{Room: groupOf(q.action), Kind: "report", ID: "r1", Jurisdiction: q.where,
			By: rapid.SampledFrom([]string{"", "ann", "bo"}).Draw(t, "by"), Protected: rapid.Bool().Draw(t, "protected")}
	}
	return q
}

// TestAForbidNeverGrants: whatever policies there are, one more forbid lets
// nobody in, and one more permit keeps nobody out.
func TestAForbidNeverGrants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := newRules(somePolicies(t, "base", ""))
		q := someQuestion(t)
		was := base.ask(q).allow
		if is := base.with(somePolicies(t, "forbids", "forbid")).ask(q).allow; is && !was {
			t.Fatal("a forbid has granted")
		}
		if is := base.with(somePolicies(t, "permits", "permit")).ask(q).allow; was && !is {
			t.Fatal("a permit has denied")
		}
		if newRules(nil).ask(q).allow {
			t.Fatal("without policies somebody is let in")
		}
	})
}

// TestLookingAtFewerPoliciesChangesNothing: what our index leaves out could not
// have matched. Where Cedar alone would allow and we deny, a forbid could not be
// worked out.
func TestLookingAtFewerPoliciesChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := somePolicies(t, "base", "")
		q := someQuestion(t)
		ours := newRules(list).ask(q)
		var all about
		for i := range list {
			all = append(all, &list[i])
		}
		decision, why := cedar.Authorize(all, q, q.request(true))
		failed := false
		for _, e := range why.Errors {
			failed = failed || newRules(list).forbids(e.PolicyID)
		}
		if theirs := decision == cedar.Allow; ours.allow != (theirs && !failed) {
			t.Fatalf("we say %v, Cedar says %v (failed forbids: %v)", ours.allow, theirs, failed)
		}
	})
}

// TestAForbidThatFailsHolds: overflow in a forbid does not open the door.
func TestAForbidThatFailsHolds(t *testing.T) {
	list, err := readPolicies("test", "", `permit (principal, action, resource);
@id("broken") forbid (principal, action, resource) when { 9223372036854775807 + context.level > 0 };`)
	if err != nil {
		t.Fatal(err)
	}
	q := sample(Viewer, "results.view")
	if v := newRules(list).ask(q); v.allow || len(v.by) != 1 || v.by[0] != "broken" {
		t.Errorf("got %+v", v)
	}
}

// TestTree: what covers what.
func TestTree(t *testing.T) {
	const us, xx, vale = "ocd-division/country:us", "ocd-division/country:us/state:xx", "ocd-division/country:us/state:xx/county:vale"
	for _, tt := range []struct {
		upper, lower string
		want         bool
	}{
		{xx, vale, true}, {us, vale, true}, {vale, vale, true}, {vale, xx, false}, {vale, vale + "-east", false},
		{"", vale, false}, {"ocd-division/country:u", us, false}, {vale, "", false}, {"vale", "vale", true},
	} {
		if got := covers(tt.upper, tt.lower); got != tt.want {
			t.Errorf("covers(%q, %q) = %v", tt.upper, tt.lower, got)
		}
	}
	if above(vale) != xx || above(xx) != us || above(us) != "" || above("vale") != "" {
		t.Error("what lies above is wrong")
	}
}

// FuzzReadPolicies: whatever comes in, reading ends in policies that can be
// asked, or in a fault.
func FuzzReadPolicies(f *testing.F) {
	_, text := shippedText()
	for _, t := range text {
		f.Add(t)
	}
	f.Add(`@apart("a b") forbid (principal is Person in Role::"x", action in [], resource) unless { if true then {a: [1, -2]} == {} else "x" like "*\u{1F}*" };`)
	f.Add("permit(principal,action,resource)when{" + strings.Repeat("!", 100) + "true};")
	f.Add("permit(principal,action,resource)when{" + strings.Repeat("(", 30))
	f.Fuzz(func(t *testing.T, text string) {
		list, err := readPolicies("fuzz", "", text)
		if err != nil {
			return
		}
		r := newRules(list)
		r.ask(sample(Viewer, "results.view"))
		r.roles()
		r.apart()
		_ = mendable(list)
		for _, one := range list {
			_ = one.policy.MarshalCedar()
		}
	})
}
