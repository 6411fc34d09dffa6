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
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/kit/words"
)

// staff knows a person by a header and lets ann do everything, bo nothing.
type staff struct{ gone, dismissed *atomic.Bool } // everybody has signed out; ann may nothing any more

func (staff) Who(r *http.Request) (who.Person, bool) {
	name := r.Header.Get("X-Test")
	return who.Person{ID: name, Name: name}, name != ""
}

func (s staff) Still(r *http.Request) bool { return r.Header.Get("X-Test") != "" && !s.gone.Load() }

func (s staff) May(_ context.Context, p who.Person, permission string) error {
	if p.ID == "ann" && !s.dismissed.Load() {
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
	people := staff{new(atomic.Bool), new(atomic.Bool)}
	return &Server{Routes: routes, Sessions: people, Access: people, Words: c, Office: "Vale County",
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

// TestARouteMaySayItsFaultsItself asks an interface that has a form of its own
// for what is wrong, before its handler and in it.
func TestARouteMaySayItsFaultsItself(t *testing.T) {
	office, err := server(t, Route{Pattern: "GET /standard", Needs: "r.do",
		Do: func(http.ResponseWriter, *http.Request) error { return fault.New(fault.Conflict, "twice") },
		Fault: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "standard: "+fault.Sentence(err))
		}}).Door(OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	for as, want := range map[string]struct {
		status int
		body   string
	}{"": {401, "standard: Please sign in first."}, "bo": {403, "standard: You need the permission r.do."}, "ann": {409, "standard: twice"}} {
		r, w := httptest.NewRequest("GET", "/standard", nil), httptest.NewRecorder()
		if as != "" {
			r.Header.Set("X-Test", as)
		}
		office.ServeHTTP(w, r)
		if w.Code != want.status || w.Body.String() != want.body {
			t.Errorf("as %q: got %d %q, want %d %q", as, w.Code, w.Body, want.status, want.body)
		}
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
	proxies, err := Networks([]string{"10.0.0.0/8", "192.0.2.77", "::ffff:172.16.0.0/108", "2001:db8:1::9"})
	if err != nil {
		t.Fatal(err)
	}
	l := newLimiter(Rate{PerSecond: 1, Burst: 2}, proxies, func() time.Time { return now }, func(netip.Addr) {})
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
	slow := newLimiter(Rate{PerSecond: 0.01, Burst: 2}, nil, func() time.Time { return now }, func(netip.Addr) {})
	addr := netip.MustParseAddr("192.0.2.1")
	slow.allow(addr)
	slow.allow(addr)
	now = now.Add(70 * time.Second)
	if slow.allow(addr) {
		t.Error("an empty bucket was forgotten before it was full again")
	}
	for _, tt := range []struct{ name, peer, forwarded, want string }{
		{"the peer itself", "192.0.2.1:99", "198.51.100.7", "192.0.2.1"},
		{"behind our proxy", "10.0.0.1:99", "198.51.100.7", "198.51.100.7"},
		{"a lie before the proxy's word", "10.0.0.1:99", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
		{"a lie in a header of its own", "10.0.0.1:99", "203.0.113.9\n198.51.100.7", "198.51.100.7"},
		{"behind two of our proxies", "10.0.0.1:99", "198.51.100.7, 10.0.0.2", "198.51.100.7"},
		{"behind a proxy that is known by its bare address", "192.0.2.77:99", "198.51.100.7", "198.51.100.7"},
		{"behind a proxy of a mapped network", "172.16.3.4:99", "198.51.100.7", "198.51.100.7"},
		{"behind a proxy over IPv6", "[2001:db8:1::9]:99", "198.51.100.7", "198.51.100.7"},
		{"a proxy that tells the port", "10.0.0.1:99", "198.51.100.7:4711", "198.51.100.7"},
		{"a proxy that tells nonsense", "10.0.0.1:99", "unknown", "10.0.0.1"},
		{"IPv6 in full", "[2001:db8::1]:99", "", "2001:db8::1"},
		{"IPv4 in IPv6 clothes", "[::ffff:192.0.2.1]:99", "", "192.0.2.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.peer
		r.Header["X-Forwarded-For"] = strings.Split(tt.forwarded, "\n")
		if got := l.address(r).String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
	if got := Network(netip.MustParseAddr("2001:db8::1")).String(); got != "2001:db8::" {
		t.Errorf("IPv6 should count by network, got %s", got)
	}
}

func TestProxiesThatCannotBeReadAreRefused(t *testing.T) {
	for _, tt := range []string{"proxy.example", "10.0.0.0/33", "10.0.0", "", "10.0.0.1:80"} {
		s := server(t)
		s.Proxies = []string{"10.0.0.0/8", tt}
		if _, err := s.Door(OfficeDoor); err == nil || !strings.Contains(err.Error(), strconv.Quote(tt)) {
			t.Errorf("%q: got %v", tt, err)
		}
	}
}

func TestAddressIsTheOneBehindTheProxy(t *testing.T) {
	s := server(t, Route{Pattern: "GET /me", Needs: Public, Do: func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, Address(r.Context()).String())
		return err
	}})
	s.Proxies = []string{"192.0.2.1"}
	w := ask(t, s, OfficeDoor, "GET", "/me", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "2001:db8::7") })
	if w.Body.String() != "2001:db8::7" {
		t.Errorf("got %s", w.Body)
	}
	if Address(context.Background()).IsValid() {
		t.Error("there is an address outside of a request")
	}
}

// ask sends one request from 192.0.2.1 to a door.
func ask(t *testing.T, s *Server, d Door, method, path string, with func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	door, err := s.Door(d)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, nil)
	if with != nil {
		with(r)
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

func TestARouteMayHaveALimitOfItsOwn(t *testing.T) {
	s := server(t, Route{Pattern: "POST /sign-in", Needs: Public, Rate: Rate{PerSecond: 0.1, Burst: 2}, Do: page("in")},
		Route{Pattern: "GET /open", Needs: Public, Do: page("open")})
	now := time.Unix(0, 0)
	s.Now = func() time.Time { return now }
	door, err := s.Door(OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	post := func(method, path, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.RemoteAddr = from + ":99"
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w
	}
	for _, tt := range []struct {
		name, method, path, from string
		after                    time.Duration
		want                     int
	}{
		{"the first", "POST", "/sign-in", "192.0.2.1", 0, 200},
		{"the second", "POST", "/sign-in", "192.0.2.1", 0, 200},
		{"one too many", "POST", "/sign-in", "192.0.2.1", 0, 429},
		{"another page", "GET", "/open", "192.0.2.1", 0, 200},
		{"another address", "POST", "/sign-in", "192.0.2.2", 0, 200},
		{"not yet", "POST", "/sign-in", "192.0.2.1", 9 * time.Second, 429},
		{"after a wait", "POST", "/sign-in", "192.0.2.1", time.Second, 200},
	} {
		now = now.Add(tt.after)
		w := post(tt.method, tt.path, tt.from)
		if w.Code != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, w.Code, tt.want)
		}
		if w.Code == 429 && (w.Header().Get("Retry-After") != "10" || !strings.Contains(w.Body.String(), "from your address") || w.Header().Get("Content-Security-Policy") != Policy) {
			t.Errorf("%s: got %v %s", tt.name, w.Header(), w.Body)
		}
	}
}

func TestAStrangerAtThePublicDoorIsNotSentToSignIn(t *testing.T) {
	s := server(t, Route{Pattern: "GET /press/events", Needs: "r.press", Door: PublicDoor, Do: page("press")},
		Route{Pattern: "GET /api/press", Needs: "r.press", Door: PublicDoor, Do: page("press")})
	for _, tt := range []struct{ name, path, accept, kind, want string }{
		{"a browser", "/press/events", "text/html", "text/plain; charset=utf-8", "This address needs a key."},
		{"a program", "/press/events", "application/json", "application/json; charset=utf-8", `"kind":"sign-in"`},
		{"an address for programs", "/api/press", "", "application/json; charset=utf-8", `"kind":"sign-in"`},
	} {
		w := ask(t, s, PublicDoor, "GET", tt.path, func(r *http.Request) { r.Header.Set("Accept", tt.accept) })
		if w.Code != 401 || w.Header().Get("Location") != "" || w.Header().Get("Content-Type") != tt.kind ||
			w.Header().Get("WWW-Authenticate") != "Bearer" || w.Header().Get("Content-Security-Policy") != Policy || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: got %d %v %s", tt.name, w.Code, w.Header(), w.Body)
		}
	}
}

func TestAStreamEndsWhenItsReaderMayNoLongerListen(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(staff)
	}{
		{"who signs out", func(s staff) { s.gone.Store(true) }},
		{"who loses the permission", func(s staff) { s.dismissed.Store(true) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			st := NewStream(1)
			st.beat = 5 * time.Millisecond
			s := server(t, Route{Pattern: "GET /events", Needs: "r.view", Timeout: -1, Do: st.Serve})
			office, err := s.Door(OfficeDoor)
			if err != nil {
				t.Fatal(err)
			}
			srv := httptest.NewServer(office)
			defer srv.Close()
			r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/events", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Test", "ann")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			lines := bufio.NewScanner(res.Body)
			for range 3 { // it goes on while nothing has changed
				for lines.Scan() && lines.Text() != ": alive" {
				}
			}
			if err := lines.Err(); err != nil || st.Readers() != 1 {
				t.Fatalf("ended early: %v", err)
			}
			tt.end(s.Sessions.(staff))
			ended := make(chan struct{})
			go func() {
				for lines.Scan() {
				}
				close(ended)
			}()
			select {
			case <-ended:
			case <-time.After(5 * time.Second):
				t.Error("the stream goes on")
			}
		})
	}
}

func TestWhatWasSaidAlwaysFitsItsCookie(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"a short name", "night.xml", "night.xml"},
		{"a long name", strings.Repeat("n", 20_000), "nnnn…"},
		{"a long name in another script", strings.Repeat("選", 3_000), "選選…"},
		{"a name that JSON makes longer", strings.Repeat("<", 3_000), "&lt;&lt;…"},
		{"bytes that are no text", strings.Repeat("\xff", 3_000), "…"},
	} {
		s := server(t, Route{Pattern: "POST /do", Needs: Public, Do: func(w http.ResponseWriter, r *http.Request) error {
			return Done(w, r, "/next", "test.said", "file", tt.file, "other", "kept")
		}}, Route{Pattern: "GET /next", Needs: Public, Do: page("next")})
		if err := s.Words.Add(fstest.MapFS{"words/en.json": {Data: []byte(`{"test.said": "{file}, {other}"}`)}}); err != nil {
			t.Fatal(err)
		}
		s.TLS = true
		header := ask(t, s, OfficeDoor, "POST", "/do", nil).Header().Get("Set-Cookie")
		if len(header) > 4000 || !strings.HasPrefix(header, "said=") || !strings.Contains(header, "; Secure") {
			t.Errorf("%s: %d bytes: %.60s", tt.name, len(header), header)
			continue
		}
		cookie, _, _ := strings.Cut(header, ";")
		next := ask(t, s, OfficeDoor, "GET", "/next", func(r *http.Request) { r.Header.Set("Cookie", cookie) })
		if body := next.Body.String(); !strings.Contains(body, tt.want+", kept") || !utf8.ValidString(body) {
			t.Errorf("%s: the next page does not say %q", tt.name, tt.want)
		}
		if gone := next.Header().Get("Set-Cookie"); !strings.Contains(gone, "Max-Age=0") || !strings.Contains(gone, "; Secure") {
			t.Errorf("%s: the cookie stays: %s", tt.name, gone)
		}
	}
}

func TestTheLanguageCookieIsSecureOverHTTPS(t *testing.T) {
	for _, tls := range []bool{true, false} {
		s := server(t, Route{Pattern: "GET /language/{tag}", Needs: Public, Do: ChooseLanguage})
		s.TLS = tls
		w := ask(t, s, OfficeDoor, "GET", "/language/es?next=/%09/evil.example", nil)
		if got := w.Header().Get("Set-Cookie"); strings.Contains(got, "; Secure") != tls || w.Header().Get("Location") != "/" {
			t.Errorf("https %v: got %s, %s", tls, got, w.Header().Get("Location"))
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
		{"/\t/evil.example", "/"}, {"/\n/evil.example", "/"}, {"/\x00/evil.example", "/"}, {"/\x1f/evil.example", "/"}, {"/\x7f/evil.example", "/"},
		{"\t//evil.example", "/"}, {"/a//b", "/"}, {"/a?b=c\t", "/"}, {"/.//evil.example", "/"},
		{"/results?at=a//b#c//d", "/results?at=a//b#c//d"}, {"/español", "/español"},
	} {
		if got := Local(tt.in); got != tt.want {
			t.Errorf("Local(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAttacksAreLogged(t *testing.T) {
	s := server(t, Route{Pattern: "POST /sign-in", Needs: Public, Rate: Rate{PerSecond: 0.1, Burst: 2}, Do: page("in")},
		Route{Pattern: "POST /told", Needs: Public, Cross: true, Do: page("told")})
	var lines strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&lines, nil))
	now := time.Unix(0, 0)
	s.Now = func() time.Time { return now }
	door, err := s.Door(OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	post := func(path, site string) int {
		r := httptest.NewRequest("POST", path, nil)
		r.RemoteAddr = "192.0.2.1:99"
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return w.Code
	}
	for range 5 {
		post("/sign-in", "same-origin")
	}
	if got := strings.Count(lines.String(), "msg=flood"); got != 1 {
		t.Errorf("a flood leaves %d lines in its first minute, want one: %s", got, lines.String())
	}
	now = now.Add(3 * time.Minute)
	for range 5 {
		post("/sign-in", "same-origin")
	}
	if got := strings.Count(lines.String(), "msg=flood"); got != 2 {
		t.Errorf("a flood that goes on leaves %d lines, want two", got)
	}
	if code := post("/sign-in", "cross-site"); code != 403 || !strings.Contains(lines.String(), "msg=refused") {
		t.Errorf("another site's form: status %d, and the log says %s", code, lines.String())
	}
	if code := post("/told", "cross-site"); code != 200 {
		t.Errorf("another site's form where those are taken: status %d", code)
	}
}
