// SPDX-License-Identifier: Apache-2.0

package app

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/fake/idp"
	"hustings/guard/access"
	"hustings/guard/federation"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// visitor is a browser at the office's real door. It follows redirects within
// the office and stops at those that lead elsewhere.
type visitor struct {
	*http.Client
	t    *testing.T
	base string
	at   string // where it is
}

// address opens the office's door to browsers, and has single sign-on lead back
// to it.
func (h *watched) address() string {
	if h.base == "" {
		server := httptest.NewServer(h.door)
		h.t.Cleanup(server.Close)
		h.base, h.Federation.URL = server.URL, server.URL+"/"
	}
	return h.base
}

func (h *watched) visitors(n int) []*visitor {
	h.t.Helper()
	out := make([]*visitor, n)
	for i := range out {
		jar, _ := cookiejar.New(nil) // never fails
		v := &visitor{&http.Client{Jar: jar}, h.t, h.address(), ""}
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		out[i] = v
	}
	return out
}

// goes asks for an address and follows where it leads, to the other house and
// back, until there is a page.
func (v *visitor) goes(to string, form url.Values) (status int, body string) {
	v.t.Helper()
	for range 10 {
		if strings.HasPrefix(to, "/") {
			to = v.base + to
		}
		method, sent := http.MethodGet, ""
		if form != nil {
			method, sent = http.MethodPost, form.Encode()
		}
		r, err := http.NewRequest(method, to, strings.NewReader(sent))
		if err != nil {
			v.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if v.at != "" {
			r.Header.Set("Referer", v.at)
		}
		res, err := v.Do(r)
		if err != nil {
			v.t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			v.t.Fatal(err)
		}
		v.at, status, body = r.URL.String(), res.StatusCode, string(text)
		next, err := r.URL.Parse(res.Header.Get("Location"))
		if err != nil || res.Header.Get("Location") == "" {
			return status, body
		}
		to, form = next.String(), nil
	}
	v.t.Fatalf("%s leads round in circles", to)
	return 0, ""
}

// reads is goes for a page that must be there and say some things.
func (v *visitor) reads(to string, form url.Values, want ...string) string {
	v.t.Helper()
	status, body := v.goes(to, form)
	for _, w := range want {
		if !strings.Contains(html.UnescapeString(body), w) {
			v.t.Fatalf("%s: %d, does not say %q:\n%s", v.at, status, w, body)
		}
	}
	return body
}

func (v *visitor) signsIn(name string) *visitor {
	v.reads("/sign-in", url.Values{"email": {name + "@vale.example"}, "password": {passwordOfAnn}})
	return v
}

var hiddenLine = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// form is the hidden fields of the form in a page that goes to an address.
func (v *visitor) form(body, to string) url.Values {
	v.t.Helper()
	_, rest, ok := strings.Cut(body, `action="`+to+`"`)
	if !ok {
		v.t.Fatalf("no form goes to %s:\n%s", to, body)
	}
	inner, _, _ := strings.Cut(rest, "</form>")
	out := make(url.Values)
	for _, m := range hiddenLine.FindAllStringSubmatch(inner, -1) {
		out.Add(m[1], html.UnescapeString(m[2]))
	}
	return out
}

// link is the first link in a page that leads to an address.
func (v *visitor) link(body, to string) string {
	v.t.Helper()
	_, rest, ok := strings.Cut(body, `href="`+to)
	if !ok {
		v.t.Fatalf("no link leads to %s:\n%s", to, body)
	}
	tail, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(to + tail)
}

// links has a house vouch for an account that no address opens.
func (h *watched) links(provider, subject, name string) {
	h.t.Helper()
	ctx := operator(h.t.Context(), h.Config)
	a, err := h.Identity.ByEmail(ctx, name+"@vale.example")
	if err == nil {
		err = h.Federation.Link(ctx, provider, subject, a.ID)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// pretend opens a pretend house with some people.
func (h *watched) pretend(people ...idp.Person) *idp.House {
	h.address()
	house := idp.New("", "office", "s3cret", people...)
	house.Now, house.As = func() time.Time { return h.now }, people[0].Subject
	server := httptest.NewServer(house)
	h.t.Cleanup(server.Close)
	house.URL = server.URL
	return house
}

func (h *watched) facts() (names []string) {
	h.t.Helper()
	for e, err := range h.Ledger.All(operator(h.t.Context(), h.Config), h.Config.Office.Jurisdiction, 0) {
		if err != nil {
			h.t.Fatal(err)
		}
		names = append(names, e.Name)
	}
	return names
}

// A provider counts once a second person has agreed to what they were shown.
// Then somebody comes in by its word: with an account, a role by a rule, and a
// page that tells them where to sign out there.
func TestSingleSignOnFromTheFirstFormToTheSignOut(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann", access.Admin)
	h.hire("bo", "security-officer")
	house := h.pretend(idp.Person{Subject: "u-cy", Email: "cy@vale.example", Name: "Cy", Claims: map[string]any{"groups": []string{"Elections"}}})
	v := h.visitors(3)
	ann, bo, cy := v[0].signsIn("ann"), v[1].signsIn("bo"), v[2]

	ann.reads("/federation", nil, "Nobody signs in here by another house's word yet")
	ann.reads("/federation/new?kind=oidc", nil, "Client id")
	typed := url.Values{"kind": {"oidc"}, "name": {"County sign-in"}, "issuer": {house.URL}, "client": {"office"}, "secret": {"s3cret"}, "scopes": {"email"},
		"level": {"1"}, "domains": {"vale.example"}, "makes": {"yes"}, "rules": {"groups = Elections -> viewer\ngroups = Elections -> nobody"}, "reason": {"the county asked"}}
	ann.reads("/federation", typed, `there is no role "nobody"`, "County sign-in")
	typed.Set("rules", "groups = Elections -> viewer")
	ann.reads("/federation", typed, "A second person has been asked to agree", "Nobody signs in here by another house's word yet")
	if _, body := cy.goes("/sign-in", nil); strings.Contains(body, "County sign-in") {
		t.Fatal("it counts before anybody agreed")
	}

	request := ann.link(ann.reads("/access/requests", nil), "/access/requests/")
	ann.goes(request+"/agree", url.Values{"reason": {"fine"}})
	if all, err := h.Federation.Providers(t.Context()); err != nil || len(all) != 0 {
		t.Fatalf("whoever asked agreed to it themselves: %v, %v", all, err)
	}
	bo.reads(request, nil, "County sign-in", house.URL, "vale.example", "groups = Elections -> viewer")
	bo.goes(request+"/agree", url.Values{"reason": {"fine"}})
	all, err := h.Federation.Providers(t.Context())
	if err != nil || len(all) != 1 || !all[0].Active {
		t.Fatalf("after the second person agreed: %v, %v", all, err)
	}
	ann.reads("/federation/"+all[0].ID, nil, "Redirect URI", "/sign-in/with/"+all[0].ID+"/back")

	t.Run("trying it", func(t *testing.T) {
		page := ann.reads("/federation/"+all[0].ID+"/try", nil, "On to County sign-in")
		ann.reads(ann.link(page, house.URL), nil, "It works.", "cy@vale.example", "viewer")
		if _, err := h.Identity.ByEmail(t.Context(), "cy@vale.example"); err == nil {
			t.Error("trying it made an account")
		}
	})

	page := cy.reads("/sign-in?next=/account", nil, "County sign-in")
	cy.reads(cy.link(page, "/sign-in/with/"), nil, "You are signed in as Cy")
	if !strings.HasSuffix(cy.at, "/account") {
		t.Errorf("led to %s", cy.at)
	}
	cy.reads("/account", nil, "County sign-in")
	account, err := h.Identity.ByEmail(t.Context(), "cy@vale.example")
	if err != nil {
		t.Fatal(err)
	}
	held, err := h.Access.Held(t.Context(), who.Person{ID: account.ID, Jurisdiction: h.Config.Office.Jurisdiction})
	if err != nil || !slices.Equal(held, []access.Role{"viewer"}) {
		t.Errorf("roles %v, %v", held, err)
	}
	page = cy.reads("/sign-out", url.Values{}, "You came by the word of County sign-in")
	if to := cy.link(page, house.URL+"/end-session"); !strings.Contains(to, "client_id=office") {
		t.Errorf("the way out there is %s", to)
	}
	if status, body := cy.goes("/account", nil); strings.Contains(body, "Cy") || status != http.StatusOK {
		t.Errorf("still signed in: %d %s", status, body)
	}
	for _, want := range []string{"federation.provider-set.v1", "federation.linked.v1", "identity.account-added.v1", "access.role-granted.v1", "access.second-agreed.v1"} {
		if !slices.Contains(h.facts(), want) {
			t.Errorf("the record does not tell %s", want)
		}
	}

	t.Run("the only way in stays", func(t *testing.T) {
		page := cy.reads("/sign-in/with/"+all[0].ID+"?next=/account", nil, "<bdi>Cy</bdi>")
		links, err := h.Federation.Links(t.Context(), h.DB, account.ID)
		if err != nil || len(links) != 1 || !strings.Contains(page, "/account/links/"+links[0].ID+"/end") {
			t.Fatalf("links %v, %v", links, err)
		}
		cy.goes("/account/links/"+links[0].ID+"/end", url.Values{})
		if after, err := h.Federation.Links(t.Context(), h.DB, account.ID); err != nil || len(after) != 1 {
			t.Errorf("after its owner ended the last: %v, %v", after, err)
		}
		if err := h.Identity.SetPassword(operator(t.Context(), h.Config), account.ID, hide.New(passwordOfAnn)); err != nil {
			t.Fatal(err)
		}
		cy.signsIn("cy")
		cy.goes("/account/links/"+links[0].ID+"/end", url.Values{})
		if after, err := h.Federation.Links(t.Context(), h.DB, account.ID); err != nil || len(after) != 0 || !slices.Contains(h.facts(), "federation.unlinked.v1") {
			t.Errorf("beside a password: %v, %v", after, err)
		}
	})
	t.Run("a disabled account", func(t *testing.T) {
		if err := h.Identity.Disable(operator(t.Context(), h.Config), account.ID, "left"); err != nil {
			t.Fatal(err)
		}
		status, body := cy.goes("/sign-in/with/"+all[0].ID, nil)
		if status != http.StatusUnauthorized || strings.Contains(body, "disabled") || !strings.Contains(body, "Ask your administrator") {
			t.Errorf("%d %s", status, body)
		}
	})
	t.Run("the house says that they signed out there", func(t *testing.T) {
		if err := h.Identity.Enable(operator(t.Context(), h.Config), account.ID); err != nil {
			t.Fatal(err)
		}
		cy.reads("/sign-in/with/"+all[0].ID+"?next=/account", nil, "You are signed in as Cy")
		ann.goes("/federation/"+all[0].ID+"/logout", url.Values{"logout_token": {house.LogoutToken("u-cy", "")}})
		if _, body := cy.goes("/account", nil); strings.Contains(body, "Cy") {
			t.Error("still signed in")
		}
		ann.reads("/account", nil, "You are signed in as ann")
	})
}

// Whoever came by two factors of the other house may do what wants two, and
// proves there again what wants a fresh proof; the form that was held goes on.
func TestProvingAgainAtTheOtherHouse(t *testing.T) {
	h := openWatched(t, func(c *Config) { c.SignIn.Rehearsal = false; c.SignIn.PasswordAlone = true })
	h.hire("ann", access.Admin)
	house := h.pretend(idp.Person{Subject: "u-ann", Email: "ann@vale.example", Name: "Ann", Claims: map[string]any{"amr": []string{"pwd", "otp"}}})
	id, _, err := h.Federation.Propose(operator(t.Context(), h.Config), federation.Change{Secret: hide.New("s3cret"), Settings: federation.Settings{
		Kind: federation.OIDC, Name: "County", Issuer: house.URL, Client: "office", Scopes: []string{"email"}, Level: 2, Proofs: []string{"otp"}, Domains: []string{"vale.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	h.links(id, "u-ann", "ann")
	ann := h.visitors(1)[0]
	page := ann.reads("/sign-in/with/"+id+"?next=/keys", nil, "single sign-on begun", "County", "I looked")
	ann.reads("/account/history/seen", ann.form(page, "/account/history/seen"), "Data keys") // its owner is told that it is linked
	ann.reads("/keys/rotate", url.Values{"what": {"data"}}, "New data keys")
	h.now = h.now.Add(11 * time.Minute)
	ann.reads("/keys", nil, "Data keys")
	page = ann.reads("/keys/rotate", url.Values{"what": {"kek"}, "why": {"a rehearsal"}}, "Confirm")
	page = ann.reads("/sign-in/again", ann.form(page, "/sign-in/again"), "County")
	page = ann.reads("/sign-in/with/"+id, ann.form(page, "/sign-in/with/"+id), "On to County")
	page = ann.reads(ann.link(page, house.URL), nil, "/keys/rotate")
	ann.reads("/keys/rotate", ann.form(page, "/keys/rotate"), "second person")
	if asked := house.Asked(); asked[len(asked)-1].Get("max_age") != "0" {
		t.Errorf("asked %v", asked)
	}

	t.Run("by another person's word", func(t *testing.T) {
		h.hire("bo")
		house.People = append(house.People, idp.Person{Subject: "u-bo", Email: "bo@vale.example", Name: "Bo"})
		bo := h.visitors(1)[0]
		house.As = "u-bo"
		bo.reads("/sign-in/with/"+id+"?next=/account", nil, "<bdi>bo</bdi>")
		h.now = h.now.Add(11 * time.Minute)
		page := ann.reads("/sign-in/again?next=/keys&level=2&within=600", nil, "County")
		page = ann.reads("/sign-in/with/"+id, ann.form(page, "/sign-in/with/"+id), "On to County")
		ann.goes(ann.link(page, house.URL), nil)
		ann.reads("/keys/rotate", url.Values{"what": {"kek"}, "why": {"x"}}, "Confirm")
	})
}
