// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/conf"
	"hustings/kit/hide"
	"hustings/kit/log"
	"hustings/kit/web"
	"hustings/kit/who"
)

// What docs/rabetv.md and docs/asvs.md say of the house as a whole, asked at its
// doors.

const (
	passwordOfAnn = "the clerk walks to the annexe"
	wrongOfAnn    = "the clerk strolls to the annexe"
)

// watched is a house at its doors, with its log in a buffer, and Ann in it.
type watched struct {
	*House
	t    *testing.T
	log  *bytes.Buffer
	now  time.Time    // by the house's clock
	door http.Handler // the office's
	base string       // where browsers find it, once there are some
}

func openWatched(t *testing.T, set func(*Config)) *watched {
	t.Helper()
	h := &watched{t: t, log: new(bytes.Buffer), now: time.Now()}
	cfg := Defaults()
	cfg.Data.Folder = t.TempDir()
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:vale"
	cfg.SignIn.Rehearsal = true // a password alone will do
	set(&cfg)
	l, err := log.New(h.log, "json", "debug")
	if err != nil {
		t.Fatal(err)
	}
	if h.House, err = Open(context.Background(), cfg, l, func() time.Time { return h.now }); err != nil {
		if strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	s, err := h.server()
	if err != nil {
		t.Fatal(err)
	}
	if h.door, err = s.Door(web.OfficeDoor); err != nil {
		t.Fatal(err)
	}
	return h
}

// hire gives somebody an account with roles.
func (h *watched) hire(name string, roles ...access.Role) (account string) {
	h.t.Helper()
	ctx := operator(h.t.Context(), h.Config)
	a, err := h.Identity.Add(ctx, name+"@vale.example", name, hide.New(passwordOfAnn))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range roles {
		if err := h.Access.Grant(ctx, a.ID, r); err != nil {
			h.t.Fatal(err)
		}
	}
	return a.ID
}

// send asks the office door; form is nil for a GET.
func (h *watched) send(path string, form url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.door.ServeHTTP(w, r)
	return w
}

// signIn sends the sign-in form and gives the session's cookie, nil for none.
func (h *watched) signIn(name, password string, with ...*http.Cookie) *http.Cookie {
	return session(h.send("/sign-in", url.Values{"email": {name + "@vale.example"}, "password": {password}}, with...))
}

// session is the cookie of a session in an answer, nil for none.
func session(w *httptest.ResponseRecorder) *http.Cookie {
	for _, c := range w.Result().Cookies() {
		if strings.TrimPrefix(c.Name, "__Host-") == "hustings" && c.MaxAge > 0 {
			return c
		}
	}
	return nil
}

// TestAFreshHouseLetsNobodyIn: no account is there before somebody made one, and
// so no password that everybody knows.
func TestAFreshHouseLetsNobodyIn(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	if list, err := h.Identity.Accounts(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("accounts: %v, %v", list, err)
	}
	for _, email := range []string{"admin", "root", "operator", "admin@example.com", "operator@vale.example"} {
		for _, password := range []string{"", "admin", "password", "hustings", "changeme"} {
			w := h.send("/sign-in", url.Values{"email": {email}, "password": {password}})
			if w.Code < 400 || h.send("/results", nil, w.Result().Cookies()...).Code == http.StatusOK {
				t.Errorf("%s %q: got %d", email, password, w.Code)
			}
		}
	}
}

// TestACookieOpensThisHouseAlone looks at what a browser is given.
func TestACookieOpensThisHouseAlone(t *testing.T) {
	for _, https := range []bool{false, true} {
		h := openWatched(t, func(c *Config) { c.Doors.HTTPS = https })
		h.hire("ann")
		c := h.signIn("ann", passwordOfAnn)
		if c == nil {
			t.Fatal("not signed in")
		}
		if !c.HttpOnly || c.Secure != https || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("https %v: %+v", https, c)
		}
		if strings.HasPrefix(c.Name, "__Host-") != https {
			t.Errorf("https %v: the cookie is called %s", https, c.Name)
		}
		if want := h.Config.Doors.Longest.Or(0); time.Duration(c.MaxAge)*time.Second != want {
			t.Errorf("it is kept for %d s, want %v", c.MaxAge, want)
		}
		if len(c.Value) < 43 { // 32 bytes in base64
			t.Errorf("the secret has %d letters", len(c.Value))
		}
	}
}

// TestASessionIsNewEachTimeAndEndsWithSigningOut: a secret that was planted in
// the browser before is not taken over, and one that was used is of no use later.
func TestASessionIsNewEachTimeAndEndsWithSigningOut(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann")
	planted := &http.Cookie{Name: "hustings", Value: strings.Repeat("A", 43)}
	first := h.signIn("ann", passwordOfAnn, planted)
	second := h.signIn("ann", passwordOfAnn)
	if first == nil || second == nil || first.Value == planted.Value || first.Value == second.Value {
		t.Fatalf("got %v and %v", first, second)
	}
	if w := h.send("/account", nil, planted); w.Code == http.StatusOK {
		t.Error("the planted secret signs in")
	}
	if w := h.send("/account", nil, first); w.Code != http.StatusOK {
		t.Fatalf("signed in: got %d", w.Code)
	}
	out := h.send("/sign-out", url.Values{}, first)
	if gone := out.Result().Cookies(); !slices.ContainsFunc(gone, func(c *http.Cookie) bool { return c.Name == "hustings" && c.MaxAge < 0 }) {
		t.Errorf("the browser keeps the cookie: %v", gone)
	}
	if w := h.send("/account", nil, first); w.Code == http.StatusOK {
		t.Error("after signing out the secret still signs in")
	}
}

// TestEveryPageOfStaffHasASignOut opens each page that somebody signed in can
// see, in a house with one of everything.
func TestEveryPageOfStaffHasASignOut(t *testing.T) {
	vale, _, kept := twoOffices(t)
	seen := 0
	for _, r := range vale.routes() {
		if r.Method() != http.MethodGet || r.Door == web.PublicDoor || r.Needs == web.Public || r.Timeout < 0 {
			continue
		}
		w := vale.ask(r, func(name string) string {
			if id, ok := idOf(kept, r.Path(), name); ok {
				return id
			}
			return "anything"
		})
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || w.Code == http.StatusSeeOther {
			continue
		}
		seen++
		if !strings.Contains(w.Body.String(), `action="/sign-out"`) {
			t.Errorf("%s (%d) has no way out", r.Pattern, w.Code)
		}
	}
	if seen < 15 {
		t.Errorf("only %d pages were seen", seen)
	}
}

// TestNothingSecretIsKeptInClearOrLogged signs in rightly and wrongly, makes a
// token and uses it; then none of the secrets is in the log, in the ledger, or in
// any file of the house.
func TestNothingSecretIsKeptInClearOrLogged(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	ann := h.hire("ann", access.Clerk)
	h.signIn("ann", wrongOfAnn)
	cookie := h.signIn("ann", passwordOfAnn)
	if cookie == nil {
		t.Fatal("not signed in")
	}
	_, token, err := h.Identity.MakeToken(operator(t.Context(), h.Config), ann, "uploads", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/results", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	if h.door.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Fatalf("by the token: got %d", w.Code)
	}
	secrets := map[string]string{"the password": passwordOfAnn, "a wrong password": wrongOfAnn, "the session's secret": cookie.Value, "the token": token}
	for name, text := range secrets {
		if strings.Contains(h.log.String(), text) {
			t.Errorf("%s is in the log", name)
		}
	}
	files := 0
	err = filepath.WalkDir(h.Config.Data.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		body, err := os.ReadFile(path)
		for name, text := range secrets {
			if bytes.Contains(body, []byte(text)) {
				t.Errorf("%s is in %s", name, path)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestWhoeverComesInIsRecorded: each sign-in, refusal and sign-out is an entry
// of the ledger that says who, from where, and at what time.
func TestWhoeverComesInIsRecorded(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	ann := h.hire("ann")
	h.signIn("ann", wrongOfAnn)
	cookie := h.signIn("ann", passwordOfAnn)
	h.send("/sign-out", url.Values{}, cookie)
	want := []string{"identity.sign-in-refused.v1", "identity.signed-in.v1", "identity.signed-out.v1"}
	var got []string
	for e, err := range h.Ledger.All(t.Context(), h.Config.Office.Jurisdiction, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(want, e.Name) {
			continue
		}
		got = append(got, e.Name)
		if e.Subject != ann || e.Via != who.Browser || time.Since(e.At) > time.Minute || e.At.Location() != time.UTC {
			t.Errorf("%s: %+v", e.Name, e)
		}
		if e.Name != "identity.signed-out.v1" && !bytes.Contains(e.Data, []byte(`"192.0.2.1"`)) {
			t.Errorf("%s does not say from where: %s", e.Name, e.Data)
		}
		if e.Name == "identity.signed-in.v1" && !bytes.Contains(e.Data, []byte(`"Method":"password"`)) {
			t.Errorf("%s does not say how: %s", e.Name, e.Data)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("recorded %v", got)
	}
}

// TestAnUnexpectedErrorIsLoggedAndNotShown breaks a page in two ways.
func TestAnUnexpectedErrorIsLoggedAndNotShown(t *testing.T) {
	const inside = "dial tcp 10.9.8.7:5432: password=hunter2hunter2"
	for name, broken := range map[string]web.Handler{
		"an error": func(http.ResponseWriter, *http.Request) error { return errors.New(inside) },
		"a panic":  func(http.ResponseWriter, *http.Request) error { panic(inside) },
	} {
		h := openWatched(t, func(*Config) {})
		s, err := h.server()
		if err != nil {
			t.Fatal(err)
		}
		s.Routes = append(s.Routes, web.Route{Pattern: "GET /broken", Needs: web.Public, Do: broken})
		if h.door, err = s.Door(web.OfficeDoor); err != nil {
			t.Fatal(err)
		}
		w := h.send("/broken", nil)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "10.9.8.7") || strings.Contains(w.Body.String(), "goroutine") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if !slices.ContainsFunc(logLines(t, h.log), func(line map[string]any) bool {
			return line["level"] == "ERROR" && line["path"] == "/broken" && strings.Contains(fmt.Sprint(line), inside)
		}) {
			t.Errorf("%s: logged %s", name, h.log)
		}
	}
}

// logLines reads a log as a program does that collects it.
func logLines(t *testing.T, b *bytes.Buffer) (out []map[string]any) {
	t.Helper()
	for line := range strings.Lines(b.String()) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		t.Fatal("nothing was logged")
	}
	return out
}

// TestALogLineCannotBeForged: whatever came in stays inside its field, and each
// line has a time with its zone.
func TestALogLineCannotBeForged(t *testing.T) {
	const forged = "x\n{\"level\":\"INFO\",\"msg\":\"all is well\"}\r\ntime=2026 level=INFO msg=\"all is well\" \x1b[2J\x00"
	for _, format := range []string{"json", "text"} {
		var b bytes.Buffer
		l, err := log.New(&b, format, "")
		if err != nil {
			t.Fatal(err)
		}
		l.WarnContext(who.WithRequest(t.Context(), "r1"), "refused", "path", forged, "error", errors.New(forged))
		if n := strings.Count(b.String(), "\n"); n != 1 || strings.ContainsAny(b.String(), "\r\x1b\x00") {
			t.Errorf("%s: %d lines: %q", format, n, b.String())
		}
		at := time.Time{}
		if format == "json" {
			one := logLines(t, &b)[0]
			at, err = time.Parse(time.RFC3339Nano, fmt.Sprint(one["time"]))
			if one["path"] != forged || one["request"] != "r1" {
				t.Errorf("got %v", one)
			}
		} else {
			text, _, _ := strings.Cut(strings.TrimPrefix(b.String(), "time="), " ")
			at, err = time.Parse(time.RFC3339Nano, text)
		}
		if err != nil || time.Since(at) > time.Minute {
			t.Errorf("%s: %v, %v", format, at, err)
		}
	}
}

// TestWithoutItsDatabaseTheHouseLetsNobodyDoAnything: what cannot be decided is
// refused.
func TestWithoutItsDatabaseTheHouseLetsNobodyDoAnything(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann", access.Clerk)
	cookie := h.signIn("ann", passwordOfAnn)
	if w := h.send("/results", nil, cookie); w.Code != http.StatusOK {
		t.Fatalf("before: got %d", w.Code)
	}
	if err := h.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/results", "/account", "/access"} {
		if w := h.send(path, nil, cookie); w.Code == http.StatusOK {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
	if h.signIn("ann", passwordOfAnn) != nil {
		t.Error("somebody could sign in")
	}
}

// TestAFormSetsItsOwnFieldsOnly sends along what nobody may choose: by whom,
// when and where a role was granted.
func TestAFormSetsItsOwnFieldsOnly(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	pat := h.hire("ann", access.Admin)
	bo := h.hire("bo")
	cookie := h.signIn("ann", passwordOfAnn)
	elsewhere := strings.Replace(h.Config.Office.Jurisdiction, "county:vale", "county:dale", 1)
	w := h.send("/access/people/"+bo+"/grant", url.Values{"role": {"viewer"}, "reason": {"new here"},
		"by": {"somebody"}, "By": {"somebody"}, "at": {"2020-01-01"}, "person": {"eve"}, "Person": {"eve"}, "jurisdiction": {elsewhere}, "Jurisdiction": {elsewhere}}, cookie)
	if w.Code >= 400 {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	list, err := h.Access.Grants(t.Context(), "ocd-division/country:us")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(g access.Grant) bool { return g.Role == access.Viewer })
	if i < 0 {
		t.Fatalf("nothing was granted: %+v", list)
	}
	if g := list[i]; g.Person != bo || g.By != pat || g.Jurisdiction != h.Config.Office.Jurisdiction || time.Since(g.At) > time.Minute {
		t.Errorf("granted %+v", g)
	}
}

// TestAPasswordIsTakenAsItIs: nothing is cut off it, nothing is folded, and it
// stays good for years.
func TestAPasswordIsTakenAsItIs(t *testing.T) {
	const password = " Ünder the Annexe,\tat noon: " + "0123456789 abcdefghij 0123456789 abcdefghij 0123456789 klm\u212Bpqrst end "
	h := openWatched(t, func(c *Config) { c.SignIn.Dormant = 100 * 365 * 24 * conf.Duration(time.Hour) })
	if _, err := h.Identity.Add(operator(t.Context(), h.Config), "ann@vale.example", "Ann", hide.New(password)); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]string{
		"without its spaces":              strings.TrimSpace(password),
		"in small letters":                strings.ToLower(password),
		"cut after 72 bytes":              password[:72],
		"without its last letter":         password[:len(password)-1],
		"with one more":                   password + "x",
		"with a sign that looks the same": strings.ReplaceAll(password, "\u212B", "\u00C5"),
	} {
		if h.signIn("ann", other) != nil {
			t.Errorf("%s it signs in, too", name)
		}
		h.now = h.now.Add(time.Hour)
	}
	h.now = h.now.AddDate(5, 0, 0)
	if h.signIn("ann", password) == nil {
		t.Error("after five years it signs in no more")
	}
}

// TestASessionEndsAfterItsLongest: somebody who never rests signs in again after
// a shift.
func TestASessionEndsAfterItsLongest(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann")
	cookie := h.signIn("ann", passwordOfAnn)
	began := h.now
	for h.now.Sub(began) < 13*time.Hour {
		h.now = h.now.Add(19 * time.Minute)
		in := h.send("/account", nil, cookie).Code == http.StatusOK
		if want := h.now.Sub(began) <= 12*time.Hour; in != want {
			t.Fatalf("after %v: signed in %v", h.now.Sub(began), in)
		}
	}
}

// TestAnAdministratorEndsSomebodysSessions on the page of the person.
func TestAnAdministratorEndsSomebodysSessions(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann", access.Admin)
	bo := h.hire("bo")
	admin, first, second := h.signIn("ann", passwordOfAnn), h.signIn("bo", passwordOfAnn), h.signIn("bo", passwordOfAnn)
	if w := h.send("/staff/"+bo+"/sessions/end", url.Values{}, first); w.Code != http.StatusForbidden {
		t.Errorf("by somebody who may not: got %d", w.Code)
	}
	if w := h.send("/staff/"+bo+"/sessions/end", url.Values{}, admin); w.Code >= 400 {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	for _, c := range []*http.Cookie{first, second} {
		if h.send("/account", nil, c).Code == http.StatusOK {
			t.Error("a session goes on")
		}
	}
	if h.send("/account", nil, admin).Code != http.StatusOK {
		t.Error("the administrator's own session ended")
	}
}

// TestAdministratorsSeeWhoHasAnAccount on the page and at the machine, and
// nobody else does.
func TestAdministratorsSeeWhoHasAnAccount(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann", access.Admin)
	h.hire("bo", access.Clerk)
	page := h.send("/staff", nil, h.signIn("ann", passwordOfAnn))
	for _, want := range []string{"ann@vale.example", "bo@vale.example", "results-clerk"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if w := h.send("/staff", nil, h.signIn("bo", passwordOfAnn)); w.Code != http.StatusForbidden {
		t.Errorf("a clerk gets %d", w.Code)
	}
	var out, problem bytes.Buffer
	code := Main([]string{"account", "list"}, strings.NewReader(""), &out, &problem,
		[]string{"HUSTINGS_DATA_FOLDER=" + h.Config.Data.Folder, "HUSTINGS_OFFICE_JURISDICTION=" + h.Config.Office.Jurisdiction})
	if code != exitOK || !strings.Contains(out.String(), "bo@vale.example") {
		t.Errorf("at the machine: %d %s%s", code, &out, &problem)
	}
}

// TestChangesOfRightsAreRecorded grants and takes away a role on the pages, and
// asks for a powerful one, which a second person has to agree to.
func TestChangesOfRightsAreRecorded(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	pat := h.hire("ann", access.Admin)
	bo := h.hire("bo")
	cookie := h.signIn("ann", passwordOfAnn)
	for _, step := range []struct{ do, role string }{{"grant", "viewer"}, {"revoke", "viewer"}, {"grant", "admin"}} {
		if w := h.send("/access/people/"+bo+"/"+step.do, url.Values{"role": {step.role}, "reason": {"because of " + step.role}}, cookie); w.Code >= 400 {
			t.Fatalf("%v: got %d: %s", step, w.Code, w.Body)
		}
	}
	var got []string
	for e, err := range h.Ledger.All(t.Context(), h.Config.Office.Jurisdiction, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(e.Name, "access.") || e.Actor != pat {
			continue
		}
		if got = append(got, e.Name); !strings.Contains(string(e.Data), bo) || !strings.Contains(string(e.Data), "because of") {
			t.Errorf("%s does not say about whom or why: %s", e.Name, e.Data)
		}
	}
	if want := []string{"access.role-granted.v1", "access.role-revoked.v1", "access.second-asked.v1"}; !slices.Equal(got, want) {
		t.Errorf("recorded %v", got)
	}
	if held, err := h.Access.Held(t.Context(), who.Person{ID: bo, Jurisdiction: h.Config.Office.Jurisdiction}); err != nil || len(held) != 0 {
		t.Errorf("before a second person agreed: %v, %v", held, err)
	}
}

// TestChangingHowOneSignsInAsksForAFreshProof asks each route of one's own
// account that does, a while after the sign-in.
func TestChangingHowOneSignsInAsksForAFreshProof(t *testing.T) {
	h := openWatched(t, func(c *Config) { c.SignIn.Rehearsal, c.SignIn.PasswordAlone = false, true })
	h.hire("ann")
	cookie := h.signIn("ann", passwordOfAnn)
	if w := h.send("/account/password", nil, cookie); w.Code != http.StatusOK {
		t.Fatalf("right after the sign-in: got %d", w.Code)
	}
	h.now = h.now.Add(11 * time.Minute)
	asked := 0
	for _, r := range askable(t, h.House, true).routes() {
		path := placed(r, anything)
		if r.Method() != http.MethodPost || !strings.HasPrefix(path, "/account/") || strings.HasPrefix(path, "/account/sessions/") ||
			strings.HasPrefix(path, "/account/history/") || strings.HasSuffix(path, "/name") {
			continue
		}
		asked++
		w := h.send(path, url.Values{"password": {passwordOfAnn + "!"}, "current": {passwordOfAnn}}, cookie)
		if !strings.Contains(w.Header().Get("Location")+w.Body.String(), web.AgainPath) {
			t.Errorf("%s: got %d without a question", r.Pattern, w.Code)
		}
	}
	if asked < 8 {
		t.Errorf("only %d routes were asked", asked)
	}
	if h.send("/account", nil, cookie).Code != http.StatusOK {
		t.Error("something was changed all the same: the session ended")
	}
}

// TestNoSessionBeginsByItself opens every page that anybody may see.
func TestNoSessionBeginsByItself(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann")
	seen := 0
	for _, r := range askable(t, h.House, true).routes() {
		if r.Method() != http.MethodGet || r.Door == web.PublicDoor || r.Needs != web.Public {
			continue
		}
		seen++
		if c := session(h.send(placed(r, anything), nil)); c != nil {
			t.Errorf("%s begins a session", r.Pattern)
		}
	}
	if seen < 2 {
		t.Errorf("only %d pages were seen", seen)
	}
}

// TestPasswordsAreHashedSlowly reads what the database keeps of two equal
// passwords.
func TestPasswordsAreHashedSlowly(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	kept := make(map[string]bool)
	for _, name := range []string{"ann", "bo"} {
		var phc string
		if err := h.DB.QueryRowContext(t.Context(), `select password from identity_account where id = $1`, h.hire(name)).Scan(&phc); err != nil {
			t.Fatal(err)
		}
		var memory, passes, lanes int
		parts := strings.Split(phc, "$")
		if len(parts) != 6 || parts[1] != "argon2id" || len(parts[4]) < 22 || len(parts[5]) < 43 {
			t.Fatalf("kept is %s", phc)
		}
		if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || memory < 19*1024 || passes < 2 {
			t.Errorf("%s: %v", parts[3], err)
		}
		kept[parts[4]], kept[parts[5]] = true, true
	}
	if len(kept) != 4 {
		t.Error("equal passwords have something in common")
	}
}

// TestEveryWayInIsDocumented holds the table of the ways in in docs/asvs.md
// against the routes of the office door that anybody may send something to.
func TestEveryWayInIsDocumented(t *testing.T) {
	body, err := os.ReadFile("../docs/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(body), "\n## Ways in\n")
	section, _, _ = strings.Cut(section, "\n## ")
	listed := 0
	for _, r := range askable(t, openHouse(t), true).routes() {
		if r.Needs != web.Public || r.Method() == http.MethodGet || r.Door == web.PublicDoor {
			continue
		}
		listed++
		if !strings.Contains(section, "| `"+r.Pattern+"` |") {
			t.Errorf("docs/asvs.md does not list %s under Ways in", r.Pattern)
		}
	}
	if got := strings.Count(section, "| `POST "); got != listed {
		t.Errorf("docs/asvs.md lists %d ways in, the house has %d", got, listed)
	}
}

// TestTheDocumentedLimitsAreThoseInForce reads the table of limits in
// docs/asvs.md: each setting has the value that it has here.
func TestTheDocumentedLimitsAreThoseInForce(t *testing.T) {
	body, err := os.ReadFile("../docs/asvs.md")
	if err != nil {
		t.Fatal(err)
	}
	c := Defaults()
	for setting, value := range map[string]any{
		"doors.idle": c.Doors.Idle.Or(0), "doors.longest": c.Doors.Longest.Or(0), "doors.rate": c.Doors.Rate, "doors.burst": c.Doors.Burst,
		"sign_in.password_alone": c.SignIn.PasswordAlone, "sign_in.dormant": c.SignIn.Dormant.Or(0), "sign_in.rehearsal": c.SignIn.Rehearsal,
		"access.step_up": c.Access.StepUp, "keys.rotate": c.Keys.Rotate.Or(0),
	} {
		if row := fmt.Sprintf("| `%s` | `%v` |", setting, value); !strings.Contains(string(body), row) {
			t.Errorf("docs/asvs.md has no row %s", row)
		}
	}
}

// TestSigningInAnewEndsTheSessionBefore: what the same browser had open is not
// left open behind it, whoever signs in.
func TestSigningInAnewEndsTheSessionBefore(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	h.hire("ann")
	h.hire("bo")
	first := h.signIn("ann", passwordOfAnn)
	second := h.signIn("bo", passwordOfAnn, first)
	if second == nil {
		t.Fatal("nobody signed in")
	}
	if w := h.send("/account", nil, first); w.Code == http.StatusOK {
		t.Error("the session before is still open")
	}
	if w := h.send("/account", nil, second); w.Code != http.StatusOK {
		t.Errorf("the new session: got %d", w.Code)
	}
}

// TestSessionsAreEndedAfterANewProof: who finds an open browser cannot lock its
// owner out of the others.
func TestSessionsAreEndedAfterANewProof(t *testing.T) {
	h := openWatched(t, func(c *Config) { c.SignIn.Rehearsal = false; c.SignIn.PasswordAlone = true })
	h.hire("ann")
	cookie := h.signIn("ann", passwordOfAnn)
	h.now = h.now.Add(20 * time.Minute)
	for _, path := range []string{"/account/sessions/end", "/account/sessions/x/end"} {
		if w := h.send(path, url.Values{}, cookie); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Confirm that it is you") {
			t.Errorf("%s: got %d, want to be asked for a new proof\n%s", path, w.Code, w.Body)
		}
	}
}

// TestRefusalsAreLogged: a line says who asked for what they may not have.
func TestRefusalsAreLogged(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	ann := h.hire("ann", access.Viewer)
	if w := h.send("/results", url.Values{"election": {"e"}}, h.signIn("ann", passwordOfAnn)); w.Code != http.StatusForbidden {
		t.Fatalf("got %d, want 403", w.Code)
	}
	r := httptest.NewRequest(http.MethodGet, "/results", nil)
	r.Header.Set("Authorization", "Bearer not-a-key")
	h.door.ServeHTTP(httptest.NewRecorder(), r)
	h.send("/welcome?key=not-a-link", nil)
	for _, kind := range []string{"sign-in", "gone"} {
		if !strings.Contains(h.log.String(), `"msg":"refused","kind":"`+kind+`"`) {
			t.Errorf("a key or a link that is not good leaves no line:\n%s", h.log)
		}
	}
	if strings.Contains(h.log.String(), "not-a-") {
		t.Errorf("the log has the key itself:\n%s", h.log)
	}
	var line struct{ Level, Msg, Person, Path, Address, Request string }
	for l := range strings.Lines(h.log.String()) {
		if strings.Contains(l, `"msg":"refused","kind":"denied"`) {
			if err := json.Unmarshal([]byte(l), &line); err != nil {
				t.Fatal(err)
			}
		}
	}
	if line.Level != "WARN" || line.Person != ann || line.Path != "/results" || line.Address == "" || line.Request == "" {
		t.Errorf("got %+v", line)
	}
}
