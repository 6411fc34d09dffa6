// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/kit/words"
)

// staff knows a person by a header and lets ann do everything, bo nothing.
type staff struct{}

func (staff) Who(r *http.Request) (who.Person, bool) {
	name := r.Header.Get("X-Test")
	return who.Person{ID: name, Name: name}, name != ""
}

func (staff) May(_ context.Context, p who.Person, permission string) error {
	if p.ID == "ann" {
		return nil
	}
	return fault.New(fault.Denied, "You need the permission %s.", permission)
}

func server(t testing.TB, routes ...Route) *Server {
	t.Helper()
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(Sentences); err != nil {
		t.Fatal(err)
	}
	return &Server{Routes: routes, Sessions: staff{}, Access: staff{}, Words: c, Office: "Vale County",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now}
}

func page(text string) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return Show(w, r, Page{Title: text, Body: templ.Raw("<h1>" + text + "</h1>")})
	}
}

func TestDoors(t *testing.T) {
	s := server(t,
		Route{Pattern: "GET /open", Needs: Public, Do: page("open")},
		Route{Pattern: "GET /staff", Needs: SignedIn, Do: page("staff")},
		Route{Pattern: "GET /guarded", Needs: "r.do", Do: page("guarded")},
		Route{Pattern: "POST /change", Needs: "r.do", MaxBody: 10, Do: func(w http.ResponseWriter, r *http.Request) error {
			if _, err := io.ReadAll(r.Body); err != nil {
				return err
			}
			return Done(w, r, "/staff", "web.skip")
		}},
		Route{Pattern: "GET /broken", Needs: Public, Do: func(http.ResponseWriter, *http.Request) error { return errors.New("dsn password") }},
		Route{Pattern: "GET /panics", Needs: Public, Do: func(http.ResponseWriter, *http.Request) error { panic("secret") }},
		Route{Pattern: "GET /public-only", Needs: Public, Door: PublicDoor, Do: page("voters")},
	)
	office, err := s.Door(OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, method, path, as, site, body string
		status                             int
		want, never                        string
	}{
		{"anyone may see an open page", "GET", "/open", "", "", "", 200, "<h1>open</h1>", ""},
		{"a stranger is asked to sign in", "GET", "/staff", "", "", "", 303, "", "staff</h1>"},
		{"staff may", "GET", "/staff", "bo", "", "", 200, "staff", ""},
		{"staff without the permission may not", "GET", "/guarded", "bo", "", "", 403, "r.do", "guarded</h1>"},
		{"staff with the permission may", "GET", "/guarded", "ann", "", "", 200, "guarded", ""},
		{"a form of our own is taken", "POST", "/change", "ann", "same-origin", "x", 303, "", ""},
		{"a form of another site is refused", "POST", "/change", "ann", "cross-site", "x", 403, "another site", ""},
		{"a body too large is refused", "POST", "/change", "ann", "same-origin", "12345678901", 413, "10 bytes", ""},
		{"a stranger cannot post", "POST", "/change", "", "same-origin", "x", 401, "", ""},
		{"a broken handler tells nothing", "GET", "/broken", "", "", "", 500, "on our side", "password"},
		{"a panic tells nothing", "GET", "/panics", "", "", "", 500, "on our side", "secret"},
		{"an unknown address", "GET", "/nowhere", "", "", "", 404, "no page at this address", ""},
		{"the public door's pages are not at the office's", "GET", "/public-only", "ann", "", "", 404, "", "voters"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("X-Test", tt.as)
			if tt.site != "" {
				r.Header.Set("Sec-Fetch-Site", tt.site)
			}
			w := httptest.NewRecorder()
			office.ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) ||
				tt.never != "" && strings.Contains(w.Body.String(), tt.never) {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			if w.Header().Get("Content-Security-Policy") != Policy {
				t.Error("no Content-Security-Policy")
			}
		})
	}
}

func TestFaultsSpeakTheReadersLanguage(t *testing.T) {
	office, err := server(t).Door(OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/nowhere", nil)
	r.Header.Set("Accept-Language", "es-MX,es;q=0.9")
	w := httptest.NewRecorder()
	office.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), "No hay ninguna página") || !strings.Contains(w.Body.String(), `lang="es"`) {
		t.Errorf("got %s", w.Body)
	}
}

func TestARouteWithoutANeedIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		routes []Route
	}{
		{"no need", []Route{{Pattern: "GET /x", Do: page("x")}}},
		{"no handler", []Route{{Pattern: "GET /x", Needs: Public}}},
		{"two at one address", []Route{{Pattern: "GET /x", Needs: Public, Do: page("x")}, {Pattern: "GET /x", Needs: Public, Do: page("y")}}},
	} {
		if _, err := server(t, tt.routes...).Door(OfficeDoor); err == nil {
			t.Errorf("%s: want an error", tt.name)
		}
	}
}

func TestRateLimit(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(Rate{PerSecond: 1, Burst: 2}, []string{"10.0.0.0/8"}, func() time.Time { return now })
	ask := func(addr string) bool { return l.allow(netip.MustParseAddr(addr)) }
	got := []bool{ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")}
	now = now.Add(time.Second)
	got = append(got, ask("192.0.2.1"))
	want := []bool{true, true, false, true, true}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("request %d: got %v, want %v", i, got[i], want[i])
		}
	}
	for _, tt := range []struct{ name, peer, forwarded, want string }{
		{"the peer itself", "192.0.2.1:99", "198.51.100.7", "192.0.2.1"},
		{"behind our proxy", "10.0.0.1:99", "198.51.100.7", "198.51.100.7"},
		{"a lie before the proxy's word", "10.0.0.1:99", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
		{"IPv6 counts by network", "[2001:db8::1]:99", "", "2001:db8::"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.peer
		r.Header.Set("X-Forwarded-For", tt.forwarded)
		if got := l.address(r).String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestStream(t *testing.T) {
	st := NewStream(1)
	office, err := server(t, Route{Pattern: "GET /events", Needs: Public, Timeout: -1, Do: st.Serve}).Door(OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(office)
	defer srv.Close()
	res, err := http.Get(srv.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Scan() // hello: by now we are counted
	st.Send("published", `{"version":3}`)
	for lines.Scan() && lines.Text() != "event: published" {
	}
	lines.Scan()
	if got := lines.Text(); got != `data: {"version":3}` {
		t.Errorf("got %q", got)
	}
	full, err := http.Get(srv.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	full.Body.Close()
	if full.StatusCode != http.StatusTooManyRequests {
		t.Errorf("past the cap: got %d, want 429", full.StatusCode)
	}
	st.Shed()
	for lines.Scan() {
	}
	if st.Readers() != 0 {
		t.Errorf("after shedding: %d readers", st.Readers())
	}
}

func TestLocal(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"/results?x=1", "/results?x=1"}, {"//evil.example", "/"}, {"https://evil.example", "/"}, {"", "/"}, {`/\evil.example`, "/"},
	} {
		if got := Local(tt.in); got != tt.want {
			t.Errorf("Local(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
