// SPDX-License-Identifier: Apache-2.0

package provision_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

// TestWhatIsWrongIsSaidAsSCIMSaysIt has errors after RFC 7644, 3.12, also for
// who may not come in.
func TestWhatIsWrongIsSaidAsSCIMSaysIt(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := "/scim/v2/Users/" + o.add("ann@vale.gov")
	group := "/scim/v2/Groups/" + o.must(o.send("POST", "/scim/v2/Groups", `{"displayName":"Clerks"}`), 201).of("id").(string)
	long := strings.Repeat("x", 300)
	for _, tt := range []struct {
		name, method, path, body string
		head                     []string
		status                   int
		scimType                 string
	}{
		{"no token", "GET", "/scim/v2/Users", "", []string{"Authorization", ""}, 401, ""},
		{"a token without the permission", "GET", "/scim/v2/Users", "", []string{"Authorization", "Bearer clerk"}, 403, ""},
		{"nobody there", "GET", "/scim/v2/Users/0", "", nil, 404, ""},
		{"no group there", "GET", "/scim/v2/Groups/0", "", nil, 404, ""},
		{"a filter that cannot be read", "GET", query("/scim/v2/Users", "userName is"), "", nil, 400, "invalidFilter"},
		{"a number that is none", "GET", "/scim/v2/Users?count=all", "", nil, 400, "invalidValue"},
		{"an order by nothing", "GET", "/scim/v2/Users?sortBy=%20", "", nil, 400, "invalidPath"},
		{"an attribute without a name", "GET", "/scim/v2/Users?attributes=.x", "", nil, 400, "invalidPath"},
		{"no JSON", "POST", "/scim/v2/Users", "hello", nil, 400, "invalidSyntax"},
		{"a list", "POST", "/scim/v2/Users", "[]", nil, 400, "invalidSyntax"},
		{"two bodies", "POST", "/scim/v2/Users", `{"userName":"x@vale.gov"}{}`, nil, 400, "invalidSyntax"},
		{"no name", "POST", "/scim/v2/Users", `{"active":true}`, nil, 400, "invalidValue"},
		{"a name that is no address", "POST", "/scim/v2/Users", `{"userName":"ann"}`, nil, 400, "invalidValue"},
		{"a name that is a number", "POST", "/scim/v2/Users", `{"userName":5}`, nil, 400, "invalidValue"},
		{"a name without end", "POST", "/scim/v2/Users", `{"userName":"a@b.gov","displayName":"` + long + `"}`, nil, 400, "invalidValue"},
		{"a name with a control character", "POST", "/scim/v2/Users", `{"userName":"a@b.gov","name":{"givenName":"A\u0000"}}`, nil, 400, "invalidValue"},
		{"addresses that are numbers", "POST", "/scim/v2/Users", `{"userName":"a@b.gov","emails":[1]}`, nil, 400, "invalidValue"},
		{"active perhaps", "POST", "/scim/v2/Users", `{"userName":"a@b.gov","active":"perhaps"}`, nil, 400, "invalidValue"},
		{"somebody twice", "POST", "/scim/v2/Users", `{"userName":"ANN@vale.gov"}`, nil, 409, "uniqueness"},
		{"a body too large", "POST", "/scim/v2/Users", `{"userName":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, ""},
		{"an operation too many", "PATCH", ann, `{"Operations":[` + strings.Repeat(`{"op":"add"},`, 200) + `{"op":"add"}]}`, nil, 413, "tooMany"},
		{"the id", "PATCH", ann, `{"Operations":[{"op":"replace","path":"id","value":"x"}]}`, nil, 400, "mutability"},
		{"no target", "PATCH", ann, `{"Operations":[{"op":"remove"}]}`, nil, 400, "noTarget"},
		{"an older version", "PATCH", ann, `{"Operations":[{"op":"replace","path":"displayName","value":"x"}]}`, []string{"If-Match", `W/"7"`}, 412, ""},
		{"an older version, to be replaced", "PUT", ann, `{"userName":"ann@vale.gov"}`, []string{"If-Match", `W/"7"`}, 412, ""},
		{"an older version, to be removed", "DELETE", ann, "", []string{"If-Match", `"7"`}, 412, ""},
		{"a group without a name", "POST", "/scim/v2/Groups", `{}`, nil, 400, "invalidValue"},
		{"a group twice", "POST", "/scim/v2/Groups", `{"displayName":"CLERKS"}`, nil, 409, "uniqueness"},
		{"a member whom nobody knows", "PATCH", group, `{"Operations":[{"op":"add","path":"members","value":[{"value":"x"}]}]}`, nil, 400, "invalidValue"},
		{"a member without an id", "POST", "/scim/v2/Groups", `{"displayName":"y","members":[{"display":"Ann"}]}`, nil, 400, "invalidValue"},
		{"an older group", "PUT", group, `{"displayName":"z"}`, []string{"If-Match", `W/"7"`}, 412, ""},
		{"an older group, to be removed", "DELETE", group, "", []string{"If-Match", `W/"7"`}, 412, ""},
		{"much at once", "POST", "/scim/v2/Bulk", "{}", nil, 501, ""},
		{"oneself", "GET", "/scim/v2/Me", "", nil, 501, ""},
		{"a schema that nobody knows", "GET", "/scim/v2/Schemas/urn:x", "", nil, 404, ""},
		{"schemas by a filter", "GET", query("/scim/v2/Schemas", "id pr"), "", nil, 403, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := o.send(tt.method, tt.path, tt.body, tt.head...)
			want, _ := a.of("scimType").(string)
			if a.status != tt.status || want != tt.scimType || a.of("status") != fmt.Sprint(tt.status) || a.of("schemas.0") != "urn:ietf:params:scim:api:messages:2.0:Error" || a.of("detail") == "" ||
				!strings.HasPrefix(a.head.Get("Content-Type"), "application/scim+json") {
				t.Errorf("got %d %s", a.status, a.raw)
			}
		})
	}
	if a := o.must(o.send("GET", ann, ""), 200); a.of("meta.version") != `W/"1"` {
		t.Errorf("something was changed: %s", a.raw)
	}
	if a := o.send("GET", "/scim/v2/Users/0", "", "Accept-Language", "es"); a.of("detail") != "Aquí no hay tal usuario." {
		t.Errorf("got %s", a.raw)
	}
}

// TestVersions has what RFC 7644, 3.14 says of them.
func TestVersions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann := "/scim/v2/Users/" + o.add("ann@vale.gov")
		name := func(to string) string {
			return `{"Operations":[{"op":"replace","path":"displayName","value":"` + to + `"}]}`
		}
		if a := o.send("GET", ann, "", "If-None-Match", `W/"1"`); a.status != 304 || a.raw != "" {
			t.Errorf("got %d %s", a.status, a.raw)
		}
		if a := o.must(o.send("PATCH", ann, name("Ann"), "If-Match", `"7", W/"1"`), 200); a.head.Get("ETag") != `W/"2"` {
			t.Errorf("got %v", a.head)
		}
		o.must(o.send("PATCH", ann, name("Anna"), "If-Match", `W/"1"`), 412)
		o.must(o.send("PATCH", ann, name("Anna"), "If-Match", `*`), 200)
		o.must(o.send("GET", ann, "", "If-None-Match", `W/"2"`), 200)
		o.must(o.send("DELETE", ann, "", "If-Match", `W/"3"`), 204)
	})
}

// TestLists has pages, orders, filters and choices of attributes.
func TestLists(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	for _, n := range []string{"cy", "ann", "bo", "eve", "dee"} {
		o.add(n + "@vale.gov")
	}
	o.must(o.send("POST", "/scim/v2/Groups", `{"displayName":"Clerks","members":[{"value":"`+o.accounts[0].ID+`"}]}`), 201)
	names := func(a reply) string {
		o.must(a, 200)
		var out []string
		for _, r := range a.body["Resources"].([]any) {
			n, _ := r.(map[string]any)["userName"].(string)
			out = append(out, strings.TrimSuffix(n, "@vale.gov"))
		}
		return strings.Join(out, " ")
	}
	for _, tt := range []struct {
		query, want string
		total, from float64
	}{
		{"", "cy ann bo eve dee", 5, 1},
		{"startIndex=2&count=2", "ann bo", 5, 2},
		{"startIndex=0&count=1", "cy", 5, 1},
		{"startIndex=5&count=9", "dee", 5, 5},
		{"startIndex=6", "", 5, 6},
		{"startIndex=900000&count=200", "", 5, 900000},
		{"count=0", "", 5, 1},
		{"count=-3", "", 5, 1},
		{"sortBy=userName", "ann bo cy dee eve", 5, 1},
		{"sortBy=userName&sortOrder=descending&count=2", "eve dee", 5, 1},
		{"sortBy=meta.created&sortOrder=ascending", "cy ann bo eve dee", 5, 1},
		{"filter=" + url.QueryEscape(`userName sw "b" or userName co "v"`), "cy ann bo eve dee", 5, 1},
		{"filter=" + url.QueryEscape(`userName eq "BO@vale.gov"`), "bo", 1, 1},
		{"filter=" + url.QueryEscape(`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bo@vale.gov"`), "bo", 1, 1},
		{"filter=" + url.QueryEscape(`userName eq "nobody@vale.gov"`), "", 0, 1},
		{"filter=" + url.QueryEscape(`userName eq "bo@vale.gov" or userName eq "ann@vale.gov"`), "ann bo", 2, 1},
		{"filter=" + url.QueryEscape(`externalId eq "e7"`), "", 0, 1},
		{"filter=" + url.QueryEscape(`userName sw "b" or userName sw "e"`), "bo eve", 2, 1},
		{"filter=" + url.QueryEscape(`userName sw "b" or userName sw "e"`) + "&startIndex=2", "eve", 2, 2},
		{"filter=" + url.QueryEscape(`meta.lastModified gt "2020-01-01T00:00:00Z" and not (active eq false)`) + "&sortBy=userName", "ann bo cy dee eve", 5, 1},
	} {
		a := o.send("GET", "/scim/v2/Users?"+tt.query, "")
		if got := names(a); got != tt.want || a.of("totalResults") != tt.total || a.of("startIndex") != tt.from {
			t.Errorf("%s: got %q, %s", tt.query, got, a.raw)
		}
	}
	some := o.send("GET", "/scim/v2/Users?count=1&attributes=userName,NAME.familyName", "").of("Resources.0").(map[string]any)
	if len(some) != 3 || some["id"] == nil || some["schemas"] == nil || some["userName"] == nil {
		t.Errorf("got %v", some)
	}
	if g := o.send("GET", "/scim/v2/Groups?excludedAttributes=members", ""); g.of("Resources.0.members") != nil || g.of("Resources.0.displayName") != "Clerks" {
		t.Errorf("got %s", g.raw)
	}
	if g := o.send("GET", query("/scim/v2/Groups", `displayName eq "clerks" and members.value eq "`+o.accounts[0].ID+`"`), ""); g.of("totalResults") != 1.0 {
		t.Errorf("got %s", g.raw)
	}
}

// TestTheServerSaysWhatItDoes has the three addresses of RFC 7644, 4.
func TestTheServerSaysWhatItDoes(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	c := o.must(o.send("GET", "/scim/v2/ServiceProviderConfig", ""), 200)
	for path, want := range map[string]any{"patch.supported": true, "bulk.supported": false, "filter.supported": true, "filter.maxResults": 200.0,
		"sort.supported": true, "etag.supported": true, "changePassword.supported": false, "authenticationSchemes.0.type": "oauthbearertoken"} {
		if c.of(path) != want {
			t.Errorf("%s: got %v, want %v", path, c.of(path), want)
		}
	}
	types := o.must(o.send("GET", "/scim/v2/ResourceTypes", ""), 200)
	if types.of("totalResults") != 2.0 || types.of("Resources.0.endpoint") != "/Users" {
		t.Errorf("got %s", types.raw)
	}
	o.must(o.send("GET", "/scim/v2/ResourceTypes/Group", ""), 200)
	list := o.must(o.send("GET", "/scim/v2/Schemas", ""), 200)
	for _, s := range list.body["Resources"].([]any) {
		id := s.(map[string]any)["id"].(string)
		if one := o.must(o.send("GET", "/scim/v2/Schemas/"+id, ""), 200); one.of("id") != id || one.of("attributes.0.name") == nil {
			t.Errorf("got %s", one.raw)
		}
	}
}

// submit sends a form of the page as somebody.
func (o *office) submit(as, path string, fields url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(o.t.Context(), "POST", path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+as)
	w := httptest.NewRecorder()
	o.door.ServeHTTP(w, r)
	return w
}

// TestThePage has what people see, and what they say there.
func TestThePage(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	see := func() string {
		a := o.send("GET", "/staff/provisioning", "", "Authorization", "Bearer clerk", "Accept", "text/html")
		return o.must(a, 200).raw
	}
	if page := see(); !strings.Contains(page, "https://office.vale.example/scim/v2") || !strings.Contains(page, "No groups have come yet.") {
		t.Errorf("got %s", page)
	}
	ann := o.add("ann@vale.gov")
	group := o.must(o.send("POST", "/scim/v2/Groups", `{"displayName":"<b>Clerks","members":[{"value":"`+ann+`"}]}`), 201).of("id").(string)
	at := "/staff/provisioning/groups/" + group + "/roles"
	o.hire("bo@vale.gov")
	for _, tt := range []struct {
		name, as, path string
		fields         url.Values
		status         int
		see            string
	}{
		{"the program", "program", at, url.Values{"role": {"clerk"}, "reason": {"x"}}, http.StatusForbidden, ""},
		{"without a reason", "clerk", at, url.Values{"role": {"clerk"}}, http.StatusUnprocessableEntity, "Say why; it is recorded."},
		{"without a role", "clerk", at, url.Values{"reason": {"because of it"}}, http.StatusUnprocessableEntity, `value="because of it"`},
		{"a role", "clerk", at, url.Values{"role": {"clerk"}, "reason": {"x"}}, http.StatusSeeOther, "Gives the role: clerk"},
		{"the role again", "clerk", at, url.Values{"role": {"clerk"}, "reason": {"x"}}, http.StatusUnprocessableEntity, "The group gives this role already."},
		{"a powerful role", "clerk", at, url.Values{"role": {"admin"}, "reason": {"x"}}, http.StatusSeeOther, "admin (takes two people)"},
		{"the role away", "clerk", at + "/remove", url.Values{"role": {"clerk"}, "reason": {"x"}}, http.StatusSeeOther, "This group gives no roles."},
		{"the role away again", "clerk", at + "/remove", url.Values{"role": {"clerk"}, "reason": {"x"}}, http.StatusNotFound, ""},
		{"nobody handed over", "clerk", "/staff/provisioning/people", url.Values{"email": {"x@vale.gov"}}, http.StatusUnprocessableEntity, "There is no person with the address x@vale.gov."},
		{"somebody handed over", "clerk", "/staff/provisioning/people", url.Values{"email": {"Bo@vale.gov"}}, http.StatusSeeOther, "The directory keeps 2 accounts."},
	} {
		w := o.submit(tt.as, tt.path, tt.fields)
		page := w.Body.String()
		if tt.status == http.StatusSeeOther {
			page = see()
		}
		if w.Code != tt.status || !strings.Contains(page, tt.see) || strings.Contains(page, "<b>Clerks") {
			t.Errorf("%s: got %d %s", tt.name, w.Code, page)
		}
	}
}

// BenchmarkFind looks for one of 2,000 people as a directory does before each
// change.
func BenchmarkFind(b *testing.B) {
	o := open(b, dbtest.SQLite(b))
	for i := range 2000 {
		o.add(fmt.Sprintf("person%d@vale.gov", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		if a := o.send("GET", query("/scim/v2/Users", `userName eq "person1999@vale.gov"`), ""); a.of("totalResults") != 1.0 {
			b.Fatal(a.raw)
		}
	}
}
