// SPDX-License-Identifier: Apache-2.0

package provision_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/event"
	"hustings/guard/provision"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
)

// office is the room behind an office door, with accounts and roles of the
// test's own.
type office struct {
	*provision.Provision
	t        testing.TB
	d        *db.DB
	door     http.Handler
	now      time.Time
	accounts []provision.Account
	held     map[string][]string // account -> roles
	by       map[string]string   // account and role -> who gave it
	broken   error               // what giving and taking answers, if set
	asked    []pair.Ask
}

func open(t testing.TB, d *db.DB) *office {
	t.Helper()
	o := &office{t: t, d: d, now: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), held: map[string][]string{}, by: map[string]string{}}
	o.Provision = provision.New(provision.Deps{DB: d, Now: func() time.Time { return o.now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Jurisdiction: dbtest.Jurisdiction, URL: "https://office.vale.example/", Accounts: o, Roles: roles{o}, Pairs: o})
	if err := d.Migrate(t.Context(), []db.Source{{Room: "provision", FS: o.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Add(web.Sentences), c.Add(o.Room().Words[0])); err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Routes: o.Room().Routes, Menu: o.Room().Menu, Sessions: o, Access: o, Words: c, Office: "Vale", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now}
	for i := range s.Routes {
		s.Routes[i].Rate = web.Rate{}
	}
	if o.door, err = s.Door(web.OfficeDoor); err != nil {
		t.Fatal(err)
	}
	return o
}

// Who knows the program and the clerk by their token.
func (o *office) Who(r *http.Request) (who.Person, bool) {
	name, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return who.Person{ID: name, Name: name, Jurisdiction: dbtest.Jurisdiction, Via: who.API}, ok
}

func (o *office) Still(*http.Request) bool { return true }

// May lets the program provision, and the clerk manage.
func (o *office) May(_ context.Context, p who.Person, permission string) error {
	if p.ID == "program" && permission == "provision.people" || p.ID == "clerk" && permission != "provision.people" {
		return nil
	}
	return fault.New(fault.Denied, "no")
}

func (o *office) All(context.Context) ([]provision.Account, error) { return o.accounts, nil }

func (o *office) find(is func(a *provision.Account) bool) (*provision.Account, error) {
	for i := range o.accounts {
		if is(&o.accounts[i]) {
			return &o.accounts[i], nil
		}
	}
	return &provision.Account{}, fault.New(fault.NotFound, "no account")
}

func (o *office) ByID(_ context.Context, account string) (provision.Account, error) {
	a, err := o.find(func(a *provision.Account) bool { return a.ID == account })
	return *a, err
}

func (o *office) ByEmail(_ context.Context, email string) (provision.Account, error) {
	a, err := o.find(func(a *provision.Account) bool { return a.Email == strings.ToLower(email) })
	return *a, err
}

func (o *office) Provide(ctx context.Context, email, name string, also func(tx *db.Tx, account string) error) error {
	a := provision.Account{ID: id.New(), Email: email, Name: name, Human: true}
	if !strings.Contains(email, "@") {
		return fault.On("email", fault.New(fault.Invalid, "no address"))
	}
	if err := o.d.Write(ctx, func(tx *db.Tx) error { return also(tx, a.ID) }); err != nil {
		return err
	}
	o.accounts = append(o.accounts, a)
	return nil
}

func (o *office) Rename(ctx context.Context, account, email, name string, may func(tx *db.Tx, moves bool) error) error {
	if other, err := o.find(func(a *provision.Account) bool { return a.Email == email && a.ID != account }); err == nil {
		return fault.On("email", fault.New(fault.Conflict, "taken by %s", other.ID))
	}
	a, err := o.find(func(a *provision.Account) bool { return a.ID == account })
	if err != nil {
		return err
	}
	err = o.d.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a test's own accounts")
		return may(tx, a.Email != email)
	})
	if err == nil {
		a.Email, a.Name = email, name
	}
	return err
}

func (o *office) Disable(_ context.Context, account, _ string) error {
	a, err := o.find(func(a *provision.Account) bool { return a.ID == account })
	a.Disabled = true
	return err
}

func (o *office) Enable(_ context.Context, account string) error {
	a, err := o.find(func(a *provision.Account) bool { return a.ID == account })
	a.Disabled = false
	return err
}

// hire is an account that people made.
func (o *office) hire(email string) string {
	a := provision.Account{ID: id.New(), Email: email, Name: email, Human: true}
	o.accounts = append(o.accounts, a)
	return a.ID
}

// disabled says whether an account is.
func (o *office) disabled(account string) bool {
	a, err := o.ByID(o.t.Context(), account)
	if err != nil {
		o.t.Fatal(err)
	}
	return a.Disabled
}

// roles are those of the office: All has another meaning for accounts.
type roles struct{ *office }

func (r roles) All(context.Context) ([]string, error) {
	return []string{"admin", "clerk", "viewer"}, nil
}

func (r roles) Powerful(_ context.Context, role string) (bool, error) { return role == "admin", nil }

func (r roles) Opens(_ context.Context, _ db.Reader, account string) (bool, error) {
	return slices.Contains(r.held[account], "admin"), nil
}

func (r roles) Held(ctx context.Context, account string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, role := range r.held[account] {
		out[role] = r.by[account+" "+role] == who.From(ctx).ID
	}
	return out, nil
}

func (r roles) Give(ctx context.Context, account, role, _ string) error {
	if r.broken != nil {
		return r.broken
	}
	r.held[account] = append(r.held[account], role)
	r.by[account+" "+role] = who.From(ctx).ID
	return nil
}

func (r roles) Take(_ context.Context, account, role, _ string) error {
	if r.broken != nil {
		return r.broken
	}
	r.held[account] = slices.DeleteFunc(r.held[account], func(one string) bool { return one == role })
	return nil
}

func (o *office) Ask(_ context.Context, tx *db.Tx, a pair.Ask) (pair.Request, error) {
	tx.Silently("a book of the test's own")
	o.asked = append(o.asked, a)
	return pair.Request{Ask: a}, nil
}

func (o *office) Agree(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, errors.New("agreed on the page of the request")
}

func (o *office) Refuse(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, errors.New("refused on the page of the request")
}

// reply is an answer of the door.
type reply struct {
	status int
	head   http.Header
	body   map[string]any
	raw    string
}

// of is a value within the body: "meta.version", "Resources.0.id".
func (a reply) of(path string) any {
	var v any = a.body
	for _, step := range strings.Split(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			if n := int(step[0] - '0'); n < len(in) {
				v = in[n]
			} else {
				return nil
			}
		}
	}
	return v
}

// send is a request of the program; head is names and values of headers.
func (o *office) send(method, path, body string, head ...string) reply {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer program")
	r.Header.Set("Content-Type", "application/scim+json")
	r.Header.Set("Accept", "application/scim+json")
	for i := 0; i+1 < len(head); i += 2 {
		if r.Header.Set(head[i], head[i+1]); head[i+1] == "" {
			r.Header.Del(head[i])
		}
	}
	w := httptest.NewRecorder()
	o.door.ServeHTTP(w, r)
	a := reply{status: w.Code, head: w.Header(), raw: w.Body.String()}
	if strings.HasPrefix(a.raw, "{") {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			o.t.Fatal(err)
		}
	}
	return a
}

// must wants a status.
func (o *office) must(a reply, status int) reply {
	o.t.Helper()
	if a.status != status {
		o.t.Fatalf("got %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// add provisions somebody and returns their id.
func (o *office) add(email string) string {
	o.t.Helper()
	a := o.must(o.send("POST", "/scim/v2/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"`+email+`","active":true}`), 201)
	return a.of("id").(string)
}

func query(path, filter string) string { return path + "?filter=" + url.QueryEscape(filter) }

// TestADirectoryKeepsAnAccount goes through somebody's years here, with the
// requests that Entra ID sends.
func TestADirectoryKeepsAnAccount(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		if a := o.must(o.send("GET", query("/scim/v2/Users", `userName eq "Ann.Olsen@vale.gov"`), ""), 200); a.of("totalResults") != 0.0 {
			t.Fatalf("got %s", a.raw)
		}
		made := o.must(o.send("POST", "/scim/v2/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"0a21f0f2","userName":"Ann.Olsen@vale.gov","active":true,
			"displayName":"Ann Olsen","emails":[{"primary":true,"type":"work","value":"ann@vale.gov"}],"meta":{"resourceType":"User"},
			"name":{"formatted":"Ann Olsen","familyName":"Olsen","givenName":"Ann"},"roles":[],"title":"Clerk",
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Elections"}}`), 201)
		user := made.of("id").(string)
		at := "/scim/v2/Users/" + user
		if made.head.Get("Location") != "https://office.vale.example"+at || made.head.Get("ETag") != `W/"1"` || made.of("meta.version") != `W/"1"` ||
			made.of("userName") != "ann.olsen@vale.gov" || made.of("emails.0.value") != "ann@vale.gov" || made.of("name.givenName") != "Ann" || made.of("active") != true ||
			!strings.HasPrefix(made.head.Get("Content-Type"), "application/scim+json") {
			t.Errorf("got %v %s", made.head, made.raw)
		}
		if a := o.accounts[0]; a.ID != user || a.Name != "Ann Olsen" || a.Email != "ann.olsen@vale.gov" {
			t.Errorf("got %+v", a)
		}
		found := o.must(o.send("GET", query("/scim/v2/Users", `userName eq "Ann.Olsen@vale.gov"`), ""), 200)
		if found.of("totalResults") != 1.0 || found.of("Resources.0.externalId") != "0a21f0f2" {
			t.Errorf("got %s", found.raw)
		}
		stop := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`
		for range 2 { // it may be sent again
			if a := o.must(o.send("PATCH", at, stop), 200); a.of("active") != false || a.of("meta.version") != `W/"2"` || !o.disabled(user) {
				t.Errorf("got %s, disabled %v", a.raw, o.disabled(user))
			}
		}
		if a := o.must(o.send("PATCH", at, strings.Replace(stop, "False", "True", 1)), 200); a.of("active") != true || o.disabled(user) {
			t.Errorf("got %s, disabled %v", a.raw, o.disabled(user))
		}
		name := `{"Operations":[{"op":"Add","path":"name.familyName","value":"Berg"},{"op":"Replace","path":"displayName","value":"Ann Berg"},{"op":"Replace","path":"userName","value":"ann.berg@vale.gov"}]}`
		if a := o.must(o.send("PATCH", at, name), 200); a.of("name.familyName") != "Berg" || o.accounts[0].Name != "Ann Berg" || o.accounts[0].Email != "ann.berg@vale.gov" {
			t.Errorf("got %s, %+v", a.raw, o.accounts[0])
		}
		put := o.must(o.send("PUT", at, `{"userName":"ann.berg@vale.gov","active":true,"name":{"givenName":"Ann"},"id":"`+user+`"}`), 200)
		if put.of("name.familyName") != nil || put.of("displayName") != nil || put.of("emails") != nil || o.accounts[0].Name != "Ann" {
			t.Errorf("got %s, %+v", put.raw, o.accounts[0])
		}
		o.must(o.send("DELETE", at, ""), 204)
		if !o.disabled(user) {
			t.Error("she is gone and may still sign in")
		}
		o.must(o.send("GET", at, ""), 404)
		o.must(o.send("PATCH", at, stop), 404)
		o.must(o.send("DELETE", at, ""), 404)
		if a := o.send("GET", "/scim/v2/Users", ""); a.of("totalResults") != 0.0 {
			t.Errorf("got %s", a.raw)
		}
		again := o.must(o.send("POST", "/scim/v2/Users", `{"userName":"ann.berg@vale.gov"}`), 409)
		if again.of("scimType") != "uniqueness" {
			t.Errorf("got %s", again.raw)
		}
		if err := o.HandOver(dbtest.Context(t), "ann.berg@vale.gov"); err != nil {
			t.Fatal(err)
		}
		if a := o.must(o.send("GET", at, ""), 200); a.of("active") != false {
			t.Errorf("got %s", a.raw)
		}
		if a := o.must(o.send("PATCH", at, strings.Replace(stop, "False", "True", 1)), 200); a.of("active") != true || o.disabled(user) {
			t.Errorf("she is back: got %s, disabled %v", a.raw, o.disabled(user))
		}
	})
}

// TestWhatPeopleMadeIsTheirs has accounts that people made, and disabled.
func TestWhatPeopleMadeIsTheirs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		theirs, boss := o.hire("bo@vale.gov"), o.hire("boss@vale.gov")
		o.held[boss] = []string{"admin"}
		if a := o.must(o.send("POST", "/scim/v2/Users", `{"userName":"BO@vale.gov","active":false}`), 409); a.of("scimType") != "uniqueness" || o.disabled(theirs) {
			t.Errorf("got %s", a.raw)
		}
		o.must(o.send("GET", "/scim/v2/Users/"+theirs, ""), 404)
		o.must(o.send("DELETE", "/scim/v2/Users/"+theirs, ""), 404)
		ctx := dbtest.Context(t)
		if err := o.HandOver(ctx, "boss@vale.gov"); fault.KindOf(err) != fault.Denied {
			t.Errorf("an administrator was handed over: %v", err)
		}
		if err := o.HandOver(ctx, "nobody@vale.gov"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %v", err)
		}
		if err := o.HandOver(ctx, "bo@vale.gov"); err != nil {
			t.Fatal(err)
		}
		if err := o.HandOver(ctx, "bo@vale.gov"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("got %v", err)
		}
		at := "/scim/v2/Users/" + theirs
		o.must(o.send("GET", at, ""), 200)
		if err := o.Disable(ctx, theirs, "people"); err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{`{"userName":"bo@vale.gov","active":true}`, `{"userName":"bo@vale.gov","displayName":"Bo","active":true}`} {
			if a := o.must(o.send("PUT", at, body), 200); a.of("active") != false || !o.disabled(theirs) {
				t.Errorf("a program enabled what people disabled: %s", a.raw)
			}
		}
		o.must(o.send("PATCH", at, `{"Operations":[{"op":"replace","value":{"active":false}}]}`), 200)
		if a := o.must(o.send("PATCH", at, `{"Operations":[{"op":"replace","value":{"active":true}}]}`), 200); a.of("active") != false || !o.disabled(theirs) {
			t.Errorf("a program enabled what people disabled: %s", a.raw)
		}
		other := o.add("cy@vale.gov")
		if a := o.must(o.send("PUT", "/scim/v2/Users/"+other, `{"userName":"bo@vale.gov"}`), 409); a.of("scimType") != "uniqueness" {
			t.Errorf("got %s", a.raw)
		}
	})
}

// refusals are the facts about changes that were refused.
func (o *office) refusals() (list []string) {
	o.t.Helper()
	rows, err := o.d.QueryContext(o.t.Context(), `select data from ledger_entry where name = 'provision.refused.v1' order by seq`)
	list, err = db.Collect(rows, err, func(scan func(...any) error) (data string, err error) { return data, scan(&data) })
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

// TestAPowerfulAccountKeepsItsAddress: whoever has the address is let in by
// single sign-on, so a program cannot give it to somebody else.
func TestAPowerfulAccountKeepsItsAddress(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		bo := o.add("bo@vale.gov")
		o.held[bo] = []string{"clerk", "admin"} // by people
		at := "/scim/v2/Users/" + bo
		for method, body := range map[string]string{
			"PATCH": `{"Operations":[{"op":"replace","path":"userName","value":"eve@vale.gov"},{"op":"replace","path":"displayName","value":"Eve"}]}`,
			"PUT":   `{"userName":"eve@vale.gov","active":true}`,
		} {
			o.must(o.send(method, at, body), 409)
			if a, err := o.ByID(t.Context(), bo); err != nil || a.Email != "bo@vale.gov" || a.Name != "bo@vale.gov" {
				t.Errorf("%s: got %+v, %v", method, a, err)
			}
			if a := o.must(o.send("GET", at, ""), 200); a.of("userName") != "bo@vale.gov" {
				t.Errorf("%s: got %s", method, a.raw)
			}
		}
		if got := o.refusals(); len(got) != 2 || !strings.Contains(got[0], bo) || !strings.Contains(got[0], `"userName"`) {
			t.Errorf("recorded %v", got)
		}
		o.must(o.send("PATCH", at, `{"Operations":[{"op":"replace","path":"displayName","value":"Bo Berg"},{"op":"replace","path":"userName","value":"Bo@vale.gov"}]}`), 200)
		o.held[bo] = []string{"clerk"}
		o.must(o.send("PATCH", at, `{"Operations":[{"op":"replace","path":"userName","value":"bo.berg@vale.gov"}]}`), 200)
		if a, err := o.ByID(t.Context(), bo); err != nil || a.Email != "bo.berg@vale.gov" || a.Name != "Bo Berg" || len(o.refusals()) != 2 {
			t.Errorf("without the role: got %+v, %v, %v", a, err, o.refusals())
		}
	})
}

// TestGroupsGiveRoles has what members get and lose.
func TestGroupsGiveRoles(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ctx := dbtest.Context(t)
		ann, bo := o.add("ann@vale.gov"), o.add("bo@vale.gov")
		o.held[bo] = []string{"viewer"} // people gave it
		made := o.must(o.send("POST", "/scim/v2/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"8aa1","displayName":"Results",
			"members":[{"value":"`+ann+`"}]}`), 201)
		group := made.of("id").(string)
		at := "/scim/v2/Groups/" + group
		if made.of("members.0.value") != ann || made.of("members.0.type") != "User" || made.of("members.0.display") != "ann@vale.gov" {
			t.Errorf("got %s", made.raw)
		}
		want := func(when string, annHas, boHas string) {
			t.Helper()
			if a, b := strings.Join(o.held[ann], " "), strings.Join(o.held[bo], " "); a != annHas || b != boHas {
				t.Errorf("%s: ann has %q, bo %q; want %q, %q", when, a, b, annHas, boHas)
			}
		}
		want("before anybody said what it gives", "", "viewer")
		if waits, err := o.SetRole(ctx, group, "viewer", "they look"); waits || err != nil {
			t.Fatal(waits, err)
		}
		want("mapped", "viewer", "viewer")
		o.must(o.send("PATCH", at, `{"Operations":[{"op":"Add","path":"members","value":[{"value":"`+bo+`"}]}]}`), 200)
		if _, err := o.SetRole(ctx, group, "clerk", "they count"); err != nil {
			t.Fatal(err)
		}
		want("both are members", "viewer clerk", "viewer clerk")
		if a := o.send("GET", query("/scim/v2/Users", `groups.value eq "`+group+`" and userName sw "ann"`), ""); a.of("Resources.0.groups.0.display") != "Results" {
			t.Errorf("got %s", a.raw)
		}
		if a := o.send("GET", "/scim/v2/Users/"+ann, ""); a.of("groups.0.value") != group {
			t.Errorf("got %s", a.raw)
		}
		if o.by[ann+" viewer"] != "system:provision" {
			t.Errorf("given by %q", o.by[ann+" viewer"])
		}
		o.must(o.send("PATCH", at, `{"Operations":[{"op":"Remove","path":"members","value":[{"value":"`+bo+`"}]}]}`), 200)
		want("bo left, and keeps what people gave", "viewer clerk", "viewer")
		o.must(o.send("PATCH", "/scim/v2/Users/"+ann, `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`), 200)
		want("ann is stopped", "", "viewer")
		o.must(o.send("PATCH", "/scim/v2/Users/"+ann, `{"Operations":[{"op":"Replace","path":"active","value":"True"}]}`), 200)
		want("ann is back", "clerk viewer", "viewer")
		if err := o.RemoveRole(ctx, group, "viewer", "they do not look"); err != nil {
			t.Fatal(err)
		}
		want("unmapped", "clerk", "viewer")
		o.must(o.send("DELETE", at, ""), 204)
		want("the group is gone", "", "viewer")
		o.must(o.send("GET", at, ""), 404)
		for name, err := range map[string]error{
			"a role of no group": func() error { _, err := o.SetRole(ctx, group, "viewer", "x"); return err }(),
			"a role not given":   o.RemoveRole(ctx, group, "viewer", "x"),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// TestARoleThatPeopleGaveSinceStays has a role that a group gave, and that
// people took and gave again.
func TestARoleThatPeopleGaveSinceStays(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ctx := dbtest.Context(t)
		ann := o.add("ann@vale.gov")
		group := o.must(o.send("POST", "/scim/v2/Groups", `{"displayName":"Results","members":[{"value":"`+ann+`"}]}`), 201).of("id").(string)
		if _, err := o.SetRole(ctx, group, "clerk", "they count"); err != nil || o.by[ann+" clerk"] != "system:provision" {
			t.Fatal(err, o.by)
		}
		r := roles{o}
		if err := errors.Join(r.Take(ctx, ann, "clerk", "a mistake"), r.Give(ctx, ann, "clerk", "none after all")); err != nil {
			t.Fatal(err)
		}
		o.must(o.send("DELETE", "/scim/v2/Groups/"+group, ""), 204)
		if got := strings.Join(o.held[ann], " "); got != "clerk" {
			t.Errorf("the group is gone: she has %q, want what people gave", got)
		}
		o.must(o.send("DELETE", "/scim/v2/Users/"+ann, ""), 204)
		if got := strings.Join(o.held[ann], " "); got != "clerk" || !o.disabled(ann) {
			t.Errorf("she is gone: she has %q", got)
		}
	})
}

// TestWhatGoesWrongIsDoneLater has roles that cannot be given just now: the
// group stands, and the fact brings them.
func TestWhatGoesWrongIsDoneLater(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := o.add("ann@vale.gov")
	group := o.must(o.send("POST", "/scim/v2/Groups", `{"displayName":"Results"}`), 201).of("id").(string)
	if _, err := o.SetRole(dbtest.Context(t), group, "clerk", "they count"); err != nil {
		t.Fatal(err)
	}
	o.broken = errors.New("down")
	o.must(o.send("PATCH", "/scim/v2/Groups/"+group, `{"Operations":[{"op":"add","path":"members","value":[{"value":"`+ann+`"}]}]}`), 200)
	o.broken = nil
	data, err := json.Marshal(event.GroupProvisioned{Group: group, What: "changed", Added: []string{ann}})
	if err != nil {
		t.Fatal(err)
	}
	e := db.Entry{Jurisdiction: dbtest.Jurisdiction, Name: event.GroupProvisioned{}.Name(), Data: data}
	if err := o.Room().Hears[0].Do(t.Context(), e); err != nil || strings.Join(o.held[ann], " ") != "clerk" {
		t.Errorf("got %v, %v", o.held, err)
	}
	o.broken = fault.New(fault.Denied, "the policies forbid it") // for good: nothing waits for it
	bo := o.add("bo@vale.gov")
	o.must(o.send("PATCH", "/scim/v2/Groups/"+group, `{"Operations":[{"op":"add","path":"members","value":[{"value":"`+bo+`"}]}]}`), 200)
	e.Data = []byte(`{"Added":["` + bo + `"]}`)
	if err := o.Room().Hears[0].Do(t.Context(), e); err != nil || len(o.held[bo]) != 0 {
		t.Errorf("got %v, %v", o.held, err)
	}
}

// TestAPowerfulRoleTakesTwo has a role that waits, and is given once the fact
// of the second person's agreement is heard.
func TestAPowerfulRoleTakesTwo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ctx := dbtest.Context(t)
		ann := o.add("ann@vale.gov")
		group := o.must(o.send("POST", "/scim/v2/Groups", `{"displayName":"Bosses","members":[{"value":"`+ann+`"}]}`), 201).of("id").(string)
		waits, err := o.SetRole(ctx, group, "admin", "they run it")
		if err != nil || !waits || len(o.asked) != 1 || len(o.held[ann]) != 0 {
			t.Fatalf("waits %v, %v, asked %v, held %v", waits, err, o.asked, o.held)
		}
		room := o.Room()
		act := room.Pairs[0]
		if err := d.Write(ctx, func(tx *db.Tx) error { return act.Do(ctx, tx, pair.Request{Ask: o.asked[0], AskedBy: "ann"}) }); err != nil {
			t.Fatal(err)
		}
		if len(o.held[ann]) != 0 {
			t.Fatal("roles were given inside of the write")
		}
		if _, err := o.SetRole(ctx, group, "admin", "once more"); err != nil { // and is agreed to only after it was taken
			t.Fatal(err)
		}
		if err := o.RemoveRole(ctx, group, "admin", "a mistake"); err != nil {
			t.Fatal(err)
		}
		agree := func(a pair.Ask) error {
			return d.Write(ctx, func(tx *db.Tx) error { return act.Do(ctx, tx, pair.Request{Ask: a, AskedBy: "ann"}) })
		}
		for i, a := range o.asked {
			if err := agree(a); fault.KindOf(err) != fault.Conflict {
				t.Errorf("request %d is older than the removal: got %v", i, err)
			}
		}
		if _, err := o.SetRole(ctx, group, "admin", "they run it after all"); err != nil {
			t.Fatal(err)
		}
		if err := agree(o.asked[2]); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(event.GroupMapped{Group: group, Role: "admin", Gives: true})
		if err != nil {
			t.Fatal(err)
		}
		hear := room.Hears[0]
		o.broken = fault.New(fault.Unavailable, "down")
		e := db.Entry{Jurisdiction: dbtest.Jurisdiction, Name: event.GroupMapped{}.Name(), Data: data}
		if err := hear.Do(t.Context(), e); err == nil {
			t.Error("a role that could not be given was passed over")
		}
		o.broken = nil
		for range 2 { // facts may come twice
			if err := hear.Do(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Join(o.held[ann], " ") != "admin" {
			t.Errorf("got %v", o.held)
		}
		e.Jurisdiction = "elsewhere"
		if err := hear.Do(t.Context(), e); err != nil {
			t.Error(err)
		}
		for _, tt := range []struct {
			role, why string
			want      fault.Kind
		}{{"clerk", " ", fault.Invalid}, {"king", "x", fault.Invalid}, {"clerk", strings.Repeat("x", 501), fault.TooLarge}} {
			if _, err := o.SetRole(ctx, group, tt.role, tt.why); fault.KindOf(err) != tt.want {
				t.Errorf("%s, %.3q: got %v", tt.role, tt.why, err)
			}
		}
	})
}
