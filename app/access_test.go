// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

// asked is a house whose doors are asked by whom a test likes. Handlers are
// replaced by one that says it was reached, where stub is set.
type asked struct {
	*House
	t    *testing.T
	me   who.Person
	door map[web.Door]http.Handler
}

// Who and Still implement web.Sessions.
func (a *asked) Who(*http.Request) (who.Person, bool) { return a.me, a.me.Known() }
func (a *asked) Still(*http.Request) bool             { return a.me.Known() }

// reached is the answer of a handler that a request got through to.
const reached = http.StatusTeapot

func askable(t *testing.T, h *House, stub bool) *asked {
	t.Helper()
	a := &asked{House: h, t: t, door: make(map[web.Door]http.Handler)}
	s, err := h.server()
	if err != nil {
		t.Fatal(err)
	}
	s.Sessions, s.Rate = a, web.Rate{}
	for i := range s.Routes {
		s.Routes[i].Rate = web.Rate{}
		if stub {
			s.Routes[i].Do = func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(reached); return nil }
		}
	}
	for _, d := range []web.Door{web.OfficeDoor, web.PublicDoor} {
		if a.door[d], err = s.Door(d); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// signedIn makes the next requests somebody's, with the best of proofs.
func (a *asked) signedIn(id, jurisdiction string) {
	a.me = who.Person{ID: id, Name: id, Jurisdiction: jurisdiction, Via: who.Browser, Level: 3, Proved: a.Now(), Session: "session"}
}

// form is sent to every route, so that each gets as far as looking for what it
// is about.
const form = "base=0&reason=because&role=viewer&status=unofficial-complete&attest=yes&answer=yes&id=x&name=x&alias=x&at=20:15"

// ask sends a request to a route, with placeholders filled in.
func (a *asked) ask(r web.Route, fill func(name string) string) *httptest.ResponseRecorder {
	a.t.Helper()
	ctx, stop := context.WithTimeout(a.t.Context(), 2*time.Second) // streams end, too
	defer stop()
	req := httptest.NewRequestWithContext(ctx, r.Method(), placed(r, fill), strings.NewReader(form))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d := r.Door
	if d == "" {
		d = web.OfficeDoor
	}
	a.door[d].ServeHTTP(w, req)
	return w
}

var placeholder = regexp.MustCompile(`\{([a-z$]+)(\.\.\.)?\}`)

func placed(r web.Route, fill func(string) string) string {
	return placeholder.ReplaceAllStringFunc(r.Path(), func(m string) string {
		if name := placeholder.FindStringSubmatch(m)[1]; name != "$" {
			return fill(name)
		}
		return ""
	})
}

func anything(string) string { return "anything" }

// routes of the whole house.
func (a *asked) routes() []web.Route {
	s, err := a.server()
	if err != nil {
		a.t.Fatal(err)
	}
	return s.Routes
}

// hire makes a person for each role, who holds nothing else, and one who holds
// all roles but those that have a permission.
func (a *asked) hire() {
	a.t.Helper()
	for _, role := range access.Roles() {
		a.grant("only "+string(role), role)
	}
	for _, p := range a.permissions() {
		for _, role := range access.Roles() {
			if !slices.Contains(access.Permissions(role), p.Name) {
				a.grant("without "+p.Name, role)
			}
		}
	}
}

func (a *asked) permissions() (out []room.Permission) {
	for _, r := range a.Rooms {
		out = append(out, r.Permissions...)
	}
	return out
}

func (a *asked) grant(person string, r access.Role) {
	a.t.Helper()
	if err := a.Access.Grant(operator(a.t.Context(), a.Config), person, r); err != nil {
		a.t.Fatal(err)
	}
}

// TestShippedPoliciesSpeakOfTheHouse checks them against every room's manifest.
func TestShippedPoliciesSpeakOfTheHouse(t *testing.T) {
	if err := openHouse(t).Access.CheckShipped(); err != nil {
		t.Error(err)
	}
}

// TestEveryRouteIsRefusedWithoutItsPermission walks through every route of the
// house: nobody gets in, nor does whoever holds everything but the permission,
// nor whoever holds everything elsewhere, nor whoever has yet to prove better
// who they are.
func TestEveryRouteIsRefusedWithoutItsPermission(t *testing.T) {
	a := askable(t, openHouse(t), true)
	a.hire()
	here := a.Config.Office.Jurisdiction
	elsewhere := strings.Replace(here, "county:vale", "county:dale", 1)
	proofs := make(map[string]room.Permission)
	for _, p := range a.permissions() {
		proofs[p.Name] = p
	}
	for _, role := range access.Roles() {
		a.grant("everything", role)
	}
	for _, r := range a.routes() {
		a.me = who.Person{}
		if got := a.ask(r, anything).Code; (got == reached) != (r.Needs == web.Public) {
			t.Errorf("%s: nobody gets %d", r.Pattern, got)
		}
		a.signedIn("eve", here)
		if got := a.ask(r, anything).Code; (got == reached) != (r.Needs == web.Public || r.Needs == web.SignedIn) {
			t.Errorf("%s: somebody without a role gets %d", r.Pattern, got)
		}
		if r.Needs == web.Public || r.Needs == web.SignedIn {
			continue
		}
		for _, tt := range []struct{ name, id, where string }{
			{"with everything but the permission", "without " + r.Needs, here},
			{"with everything, in another county", "everything", elsewhere},
			{"with everything, in the state above", "everything", here[:strings.LastIndexByte(here, '/')]},
		} {
			a.signedIn(tt.id, tt.where)
			if got := a.ask(r, anything).Code; got != http.StatusForbidden {
				t.Errorf("%s: %s gets %d", r.Pattern, tt.name, got)
			}
		}
		a.signedIn("everything", here)
		if need := proofs[r.Needs]; need.Level > 0 {
			a.me.Level = need.Level - 1
			if got := a.ask(r, anything).Code; got == reached {
				t.Errorf("%s: with too weak a proof it is reached", r.Pattern)
			}
		}
	}
}

// TestGeneratedDocumentsOfAccess keeps docs/matrix.txt and the schema of the
// policies what they really are: which role gets through which door is found by
// knocking.
func TestGeneratedDocumentsOfAccess(t *testing.T) {
	a := askable(t, openHouse(t), true)
	a.hire()
	for name, got := range map[string][]byte{"matrix.txt": a.matrix(), "hustings.cedarschema": []byte(a.Access.Schema())} {
		path := filepath.Join("..", "docs", name)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("docs/%s is not fresh (%v); run make docs and read the difference", name, err)
		}
	}
}

// matrix is every route by every role: x where the role alone opens it.
func (a *asked) matrix() []byte {
	var b bytes.Buffer
	roles := access.Roles()
	fmt.Fprintln(&b, "Which role opens which door, found by asking each route as somebody who holds that role alone.")
	for i, r := range roles {
		fmt.Fprintf(&b, "%2d %s\n", i+1, r)
	}
	b.WriteString("\nmethod  path                                                          ")
	for i := range roles {
		fmt.Fprintf(&b, "%3d", i+1)
	}
	b.WriteString("  needs\n")
	var lines []string
	for _, r := range a.routes() {
		if r.Needs == web.Public {
			continue
		}
		line := fmt.Sprintf("%-7s %-62s", r.Method(), r.Path())
		for _, role := range roles {
			a.signedIn("only "+string(role), a.Config.Office.Jurisdiction)
			mark := "  ."
			if a.ask(r, anything).Code == reached {
				mark = "  x"
			}
			line += mark
		}
		lines = append(lines, line+"  "+r.Needs)
	}
	slices.Sort(lines)
	for _, l := range lines {
		fmt.Fprintln(&b, l)
	}
	return b.Bytes()
}
