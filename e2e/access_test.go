// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// The people of these tests.
const (
	chief    = "chief@county.example"
	security = "sam@county.example"
	helper   = "hal@county.example"
)

// guards gives the office an administrator, a security officer and somebody
// without a role.
func guards(o *office) map[string]string {
	o.t.Helper()
	ids := make(map[string]string)
	for email, role := range map[string]access.Role{chief: access.Admin, security: access.Security, helper: ""} {
		a, err := o.Identity.Add(o.as(""), email, strings.ToUpper(email[:1])+email[1:strings.Index(email, "@")], hide.New(password))
		if fault.KindOf(err) == fault.Conflict {
			a, err = o.Identity.ByEmail(o.as(""), email)
		}
		o.must(err)
		ids[email] = a.ID
		if role != "" {
			o.must(o.Access.Grant(o.as(""), a.ID, role))
		}
	}
	return ids
}

const forbidNight = `// Viewers look again in the morning.
@id("night")
forbid (principal in Role::"viewer", action == Action::"results.view", resource);
`

var (
	requestPath = regexp.MustCompile(`/access/requests/[0-9a-f-]{36}`)
	reviewPath  = regexp.MustCompile(`/access/reviews/[0-9a-f-]{36}`)
)

// at is the page that a form led to.
func (p *person) at(path string, form url.Values) (page, landed string) {
	p.t.Helper()
	res, err := p.client.PostForm("http://"+p.Office+path, form)
	p.must(err)
	return p.body(res), res.Request.URL.Path
}

// refused posts a form that is answered with a status, and gives the page.
func (p *person) refused(path string, form url.Values, status int) string {
	p.t.Helper()
	res, err := p.client.PostForm("http://"+p.Office+path, form)
	p.must(err)
	defer res.Body.Close()
	if res.StatusCode != status {
		p.t.Errorf("%s: got %s, want %d", path, res.Status, status)
	}
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := res.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// TestRolesAndPoliciesGoTheWholeWayWithoutScripts: a role is granted with a
// warning, a powerful one and a policy by two people, and a review is attested.
func TestRolesAndPoliciesGoTheWholeWayWithoutScripts(t *testing.T) {
	o := openOffice(t)
	ids := guards(o)
	pat, sam := o.signIn(chief), o.signIn(security)
	hal := "/access/people/" + ids[helper]

	pat.says(pat.get("/access"), "Hal")
	pat.says(pat.refused(hal+"/grant", url.Values{"role": {"results-clerk"}, "reason": {" "}}, http.StatusUnprocessableEntity), "Say why; it is recorded.")
	page, _ := pat.at(hal+"/grant", url.Values{"role": {"results-clerk"}, "reason": {"the night"}})
	pat.says(page, "now holds the role Results clerk")
	page = pat.refused(hal+"/grant", url.Values{"role": {"results-approver"}, "reason": {"the night"}}, http.StatusConflict)
	pat.says(page, `name="sure"`)
	page, landed := pat.at(hal+"/grant", url.Values{"role": {"admin"}, "reason": {"while I am away"}})
	if !requestPath.MatchString(landed) {
		t.Fatalf("a powerful role led to %s", landed)
	}
	pat.says(page, "somebody else must agree")
	sam.says(sam.get(landed), "is to hold the role Administrator")
	sam.says(sam.post(landed+"/agree", url.Values{"reason": {"asked Hal"}}), "Agreed, and done.")
	pat.says(pat.get("/access/who?permission=access.grant"), "Hal")
	pat.says(pat.post(hal+"/revoke", url.Values{"role": {"admin"}, "reason": {"back again"}}), "no longer holds")
	pat.says(pat.get("/access/unused?days=1"), "Roles nobody uses")
	pat.says(pat.get("/access/roles"), "needs a second person")

	sam.says(sam.refused("/access/policies/compare", url.Values{"text": {"let everybody in"}}, http.StatusUnprocessableEntity), "cannot be read")
	page = sam.post("/access/policies/compare", url.Values{"text": {forbidNight}})
	sam.says(page, "results.view")
	_, landed = sam.at("/access/policies", url.Values{"text": {forbidNight}, "reason": {"quiet"}})
	pat.says(pat.get(landed), "Whoever holds only the role Viewer")
	pat.post(landed+"/agree", nil)
	page = pat.get("/access/policies/1")
	pat.says(page, "Viewers look again in the morning.")
	_, landed = sam.at("/access/policies", url.Values{"text": {""}, "reason": {"morning"}})
	pat.post(landed+"/agree", nil)
	pat.says(pat.get("/access/policies/1"), "go back to this version")

	_, landed = sam.at("/access/reviews", url.Values{"reason": {"each quarter"}, "due": {"2027-01-31"}})
	if !reviewPath.MatchString(landed) {
		t.Fatalf("opening a review led to %s", landed)
	}
	sam.refused(landed+"/attest", url.Values{"attest": {"yes"}}, http.StatusConflict)
	for _, p := range []*person{sam, pat} {
		form := url.Values{}
		for _, m := range regexp.MustCompile(`type="radio"[^>]*name="(decision [^"]+)" value="kept"`).FindAllStringSubmatch(p.get(landed), -1) {
			form.Set(m[1], "kept")
		}
		p.post(landed+"/decide", form)
	}
	sam.says(sam.post(landed+"/attest", url.Values{"attest": {"yes"}}), "Fingerprint")
}

// TestAccessPagesAreAccessible asks axe about every page of roles and policies.
func TestAccessPagesAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	ids := guards(o)
	sam := who.With(t.Context(), who.Person{ID: ids[security], Name: "Sam", Jurisdiction: o.Config.Office.Jurisdiction, Via: who.Browser, Level: 3, Proved: o.Now()})
	rev, err := o.Access.OpenReview(sam, "each quarter", "2027-01-31")
	o.must(err)
	list, err := o.Access.Requests(sam)
	o.must(err)
	request := ""
	for _, r := range list {
		if r.State == "asked" && r.Act == "access.policy" {
			request = r.ID
		}
	}
	if request == "" {
		r, err := o.Access.Propose(sam, forbidNight+"// "+t.Name(), "quiet")
		o.must(err)
		request = r.ID
	}
	pages := []page{
		{name: "people", as: security, path: "/access"},
		{name: "person", as: chief, path: "/access/people/" + ids[helper]},
		{name: "person-apart", as: chief, path: "/access/people/" + ids[chief]},
		{name: "roles", as: security, path: "/access/roles"},
		{name: "who", as: security, path: "/access/who?permission=results.approve"},
		{name: "unused", as: security, path: "/access/unused?days=1"},
		{name: "requests", as: security, path: "/access/requests"},
		{name: "request-own", as: security, path: "/access/requests/" + request},
		{name: "request", as: chief, path: "/access/requests/" + request},
		{name: "policies", as: security, path: "/access/policies"},
		{name: "compare", as: security, path: "/access/policies", then: func(b *tab) {
			b.run(chromedp.SetValue("#text", forbidNight, chromedp.ByQuery), chromedp.Click("form[action='/access/policies/compare'] button", chromedp.ByQuery),
				chromedp.WaitReady("form[action='/access/policies']", chromedp.ByQuery))
		}},
		{name: "reviews", as: security, path: "/access/reviews"},
		{name: "review", as: security, path: "/access/reviews/" + rev.ID},
	}
	tabs := map[string]*tab{chief: o.tab(chief), security: o.tab(security)}
	for _, v := range views {
		for _, b := range tabs {
			b.look(v)
		}
		for _, p := range pages {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := tabs[p.as].in(t)
				b.visit(p.path)
				if p.then != nil {
					p.then(b)
				}
				b.barriers(program, v.wide)
				b.shoot("access-" + p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}
