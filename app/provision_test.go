// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/guard/identity"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// program is a program at the office's door, with a token.
type program struct {
	t           *testing.T
	base, token string
}

// send asks, and wants a status; it gives what was answered.
func (p program) send(method, path, body string, status int) (of map[string]any) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Content-Type", "application/scim+json")
	r.Header.Set("Accept", "application/scim+json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		p.t.Fatalf("%s %s: got %s %s, %v; want %d", method, path, res.Status, raw, err, status)
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &of); err != nil {
			p.t.Fatal(err)
		}
	}
	return of
}

// TestADirectoryInTheHouse has a directory's program make somebody, a group
// give her a powerful role with two people, and all of it end as she leaves.
func TestADirectoryInTheHouse(t *testing.T) {
	for engine, database := range map[string]func(t *testing.T) string{
		"sqlite": func(*testing.T) string { return "" }, "postgres": func(t *testing.T) string { return dbtest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			h := openPort(t, database(t))
			h.work()
			ctx := operator(t.Context(), h.Config)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			directory, err := h.Identity.AddProgram(ctx, "county directory")
			must(err)
			_, token, err := h.Identity.MakeToken(ctx, directory.ID, "accounts", time.Hour, "provision.people")
			must(err)
			p := program{t, h.base, token}
			if said := p.send("GET", "/scim/v2/Users", "", http.StatusForbidden); said["status"] != "403" {
				t.Errorf("got %v", said)
			}
			must(h.Access.Grant(ctx, directory.ID, access.Directory))
			boss := p.send("POST", "/scim/v2/Users", `{"userName":"boss@vale.example"}`, http.StatusCreated)["id"].(string)
			must(h.Access.Grant(ctx, boss, access.Admin))
			p.send("PATCH", "/scim/v2/Users/"+boss, `{"Operations":[{"op":"replace","path":"userName","value":"eve@vale.example"}]}`, http.StatusConflict)
			if a, err := h.Identity.ByID(ctx, boss); err != nil || a.Email != "boss@vale.example" {
				t.Errorf("an administrator's address was changed: %+v, %v", a, err)
			}
			must(h.Access.Revoke(ctx, boss, access.Admin))
			p.send("PATCH", "/scim/v2/Users/"+boss, `{"Operations":[{"op":"replace","path":"userName","value":"eve@vale.example"}]}`, http.StatusOK)
			program{t, h.base, "hustings_nothing"}.send("GET", "/scim/v2/Users", "", http.StatusUnauthorized)

			ann := p.send("POST", "/scim/v2/Users", `{"userName":"Ann@vale.example","displayName":"Ann","active":true}`, http.StatusCreated)["id"].(string)
			a, err := h.Identity.ByEmail(ctx, "ann@vale.example")
			if err != nil || a.ID != ann || a.Name != "Ann" {
				t.Fatalf("got %+v, %v", a, err)
			}
			p.send("POST", "/scim/v2/Users", `{"userName":"ann"}`, http.StatusBadRequest)
			group := p.send("POST", "/scim/v2/Groups", `{"displayName":"Keepers","members":[{"value":"`+ann+`"}]}`, http.StatusCreated)["id"].(string)

			asker, second := h.hire("asker", access.Admin), h.hire("second", access.Security)
			as := func(account string) who.Person {
				return who.Person{ID: account, Name: account, Jurisdiction: h.Config.Office.Jurisdiction, Via: who.Browser, Level: 3, Proved: h.Now()}
			}
			waits, err := h.Provision.SetRole(who.With(t.Context(), as(asker)), group, string(access.Security), "they keep it")
			if err != nil || !waits {
				t.Fatalf("waits %v, %v", waits, err)
			}
			requests, err := h.Access.Requests(who.With(t.Context(), as(second)))
			must(err)
			if len(requests) != 1 || len(h.rolesOf(ann)) != 0 {
				t.Fatalf("got %+v, %v", requests, h.rolesOf(ann))
			}
			_, err = h.Access.Decide(who.With(t.Context(), as(second)), requests[0].ID, true, "yes")
			must(err)
			h.until("Ann has the role", func() bool { return slices.Contains(h.rolesOf(ann), access.Security) })

			secret, _, err := h.Identity.MakeToken(ctx, ann, "hers", time.Hour)
			if err != nil || secret == "" {
				t.Fatal(err)
			}
			p.send("PATCH", "/scim/v2/Users/"+ann, `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, http.StatusOK)
			a, err = h.Identity.ByID(ctx, ann)
			if tokens, e := h.Identity.Tokens(ctx, ann); err != nil || e != nil || !a.Disabled || len(tokens) != 0 || len(h.rolesOf(ann)) != 0 {
				t.Errorf("she is stopped: %+v, tokens %v, roles %v", a, tokens, h.rolesOf(ann))
			}
			p.send("PATCH", "/scim/v2/Users/"+ann, `{"Operations":[{"op":"Replace","path":"active","value":true}]}`, http.StatusOK)
			if got := h.rolesOf(ann); !slices.Contains(got, access.Security) {
				t.Errorf("she is back: roles %v", got)
			}
			p.send("DELETE", "/scim/v2/Users/"+ann, "", http.StatusNoContent)
			p.send("DELETE", "/scim/v2/Groups/"+group, "", http.StatusNoContent)
			if a, err = h.Identity.ByID(ctx, ann); err != nil || !a.Disabled || len(h.rolesOf(ann)) != 0 {
				t.Errorf("she is gone: %+v, %v, roles %v", a, err, h.rolesOf(ann))
			}
			h.Identity.PasswordAlone = true
			if _, err := h.Identity.SignIn(ctx, "ann@vale.example", hide.New(passwordOfAnn), "", identity.Place{}); err == nil {
				t.Error("somebody without a password signed in by one")
			}
		})
	}
}

// hire gives somebody an account with a role.
func (p *port) hire(name string, role access.Role) string {
	p.t.Helper()
	ctx := operator(p.t.Context(), p.Config)
	a, err := p.Identity.Add(ctx, name+"@vale.example", name, hide.New(passwordOfAnn))
	if err == nil {
		err = p.Access.Grant(ctx, a.ID, role)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return a.ID
}

// rolesOf are those that an account holds.
func (p *port) rolesOf(account string) []access.Role {
	p.t.Helper()
	held, err := p.Access.Held(p.t.Context(), who.Person{ID: account, Jurisdiction: p.Config.Office.Jurisdiction})
	if err != nil {
		p.t.Fatal(err)
	}
	return held
}

// until waits for what the listeners do.
func (p *port) until(what string, is func() bool) {
	p.t.Helper()
	for range 200 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("%s: not after ten seconds", what)
}
