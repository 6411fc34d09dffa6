// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
)

// ask sends one request through a real server, without following redirects or
// unpacking, and reads the whole answer.
func ask(t testing.TB, srv *httptest.Server, method, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func unpacked(t testing.TB, resp *http.Response, body string) string {
	t.Helper()
	if body == "" {
		return "" // the answer to HEAD
	}
	var r io.Reader = strings.NewReader(body)
	switch resp.Header.Get("Content-Encoding") {
	case "gzip":
		var err error
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	case "br":
		r = brotli.NewReader(r)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// served is a shelf with three sites and two editions of one of them.
func served(t testing.TB) (*Shelf, *httptest.Server, string) {
	t.Helper()
	s := open(t, t.TempDir())
	text := strings.Repeat("precinct 12: 401 votes. ", 200)
	publish(t, s, "", files{"index.html": "welcome", "404.html": "nothing here", "robots.txt": "all", "results/index.html": "all elections"})
	publish(t, s, "results/x", files{"index.html": "x one", "a/index.html": text + "1", "photo.png": text})
	d, err := s.Begin("results/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []File{
		{Path: "index.html", Body: []byte("x two")},
		{Path: "a/index.html", Body: []byte(text + "2")},
		{Path: "a/data.json", Body: []byte(text)},
		{Path: "empty.txt"},
		{Path: "report", Body: []byte(text), Type: "text/plain; charset=utf-8"},
		{Path: "app.3f9a2c.css", Body: []byte(text), Cache: Forever},
		{Path: "widget.html", Body: []byte(text), Headers: map[string]string{"content-security-policy": "frame-ancestors *"}},
	} {
		if err := d.PutFile(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Commit(t.Context(), Pointer{Status: "certified", NextPoll: 15}); err != nil {
		t.Fatal(err)
	}
	publish(t, s, "results/y", files{"index.html": "y", "404.html": text})
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return s, srv, text
}

func TestEveryAddress(t *testing.T) {
	_, srv, text := served(t)
	const short = "public, max-age=10, stale-while-revalidate=60"
	const forever = "public, max-age=31536000, immutable"
	for _, tt := range []struct {
		name, method, path string
		status             int
		body               string
		contentType, cache string
		location           string
	}{
		{"the root", "GET", "/", 200, "welcome", "text/html; charset=utf-8", short, ""},
		{"a file of the root", "GET", "/robots.txt", 200, "all", "text/plain; charset=utf-8", short, ""},
		{"a folder of the root beside sites", "GET", "/results/", 200, "all elections", "text/html; charset=utf-8", short, ""},
		{"that folder without its slash", "GET", "/results", 301, "", "", short, "./results/"},
		{"a site", "GET", "/results/x/", 200, "x two", "text/html; charset=utf-8", short, ""},
		{"a site without its slash", "GET", "/results/x", 301, "", "", short, "./x/"},
		{"a query survives the slash", "GET", "/results/x?lang=es", 301, "", "", short, "./x/?lang=es"},
		{"a folder", "GET", "/results/x/a/", 200, text + "2", "text/html; charset=utf-8", short, ""},
		{"a folder without its slash", "GET", "/results/x/a", 301, "", "", short, "./a/"},
		{"a folder by its file", "GET", "/results/x/a/index.html", 200, text + "2", "text/html; charset=utf-8", short, ""},
		{"data", "GET", "/results/x/a/data.json", 200, text, "application/json", short, ""},
		{"an empty file", "GET", "/results/x/empty.txt", 200, "", "text/plain; charset=utf-8", short, ""},
		{"a type of its own", "GET", "/results/x/report", 200, text, "text/plain; charset=utf-8", short, ""},
		{"a hashed name", "GET", "/results/x/app.3f9a2c.css", 200, text, "text/css; charset=utf-8", forever, ""},
		{"kept from the edition before", "GET", "/results/x/photo.png", 200, text, "image/png", short, ""},
		{"an archived site", "GET", "/results/x/v1/", 200, "x one", "text/html; charset=utf-8", forever, ""},
		{"an archived site without its slash", "GET", "/results/x/v1", 301, "", "", forever, "./v1/"},
		{"an archived folder", "GET", "/results/x/v1/a/", 200, text + "1", "text/html; charset=utf-8", forever, ""},
		{"an archived folder without its slash", "GET", "/results/x/v1/a", 301, "", "", forever, "./a/"},
		{"the current edition by its number", "GET", "/results/x/v2/a/", 200, text + "2", "text/html; charset=utf-8", forever, ""},
		{"a later file is not in the archive", "GET", "/results/x/v1/a/data.json", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"an edition that is still to come", "GET", "/results/x/v3/", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"an edition that never was", "GET", "/results/x/v0/", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"an edition spelled another way", "GET", "/results/x/v01/", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"an edition beyond numbers", "GET", "/results/x/v99999999999999999999/", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"nothing there", "GET", "/results/x/none", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"a site's own page for that", "GET", "/results/y/none", 404, text, "text/html; charset=utf-8", short, ""},
		{"up and out", "GET", "/results/x/../../secret", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"up and out, escaped", "GET", "/results/x/%2e%2e/%2e%2e/secret", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"the manifest is not a page", "GET", "/results/x/v1.manifest", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"another host after two slashes", "GET", "//evil.example", 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"a very long address", "GET", "/" + strings.Repeat("a/", 4000), 404, "nothing here", "text/html; charset=utf-8", short, ""},
		{"only the head", "HEAD", "/results/x/a/", 200, "", "text/html; charset=utf-8", short, ""},
		{"the head of what is not there", "HEAD", "/none", 404, "", "text/html; charset=utf-8", short, ""},
		{"writing", "POST", "/results/x/a/", 405, "This address can only be read.\n", "text/plain; charset=utf-8", "", ""},
		{"writing where nothing is", "PUT", "/none", 405, "This address can only be read.\n", "text/plain; charset=utf-8", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, accept := range []string{"", "gzip", "br"} {
				resp, body := ask(t, srv, tt.method, tt.path, "Accept-Encoding", accept)
				if resp.StatusCode != tt.status {
					t.Fatalf("got status %d, want %d", resp.StatusCode, tt.status)
				}
				if got := unpacked(t, resp, body); got != tt.body {
					t.Errorf("accepting %q: got body %.40q, want %.40q", accept, got, tt.body)
				}
				for name, want := range map[string]string{"Content-Type": tt.contentType, "Cache-Control": tt.cache, "Location": tt.location} {
					if got := resp.Header.Get(name); got != want {
						t.Errorf("%s: got %q, want %q", name, got, want)
					}
				}
			}
		})
	}
}

func TestThePointerIsPublic(t *testing.T) {
	_, srv, _ := served(t)
	resp, body := ask(t, srv, "GET", "/results/x/current.json", "Accept-Encoding", "gzip, br")
	if !strings.HasPrefix(body, `{"version":2,"at":"2026-11-03T12:00:00Z","status":"certified","next_poll_seconds":15,"manifest":"`) {
		t.Errorf("got %s", body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Content-Encoding": "", "Access-Control-Allow-Origin": "*",
		"Cache-Control": "public, max-age=10, stale-while-revalidate=60",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if again, _ := ask(t, srv, "GET", "/results/x/current.json", "If-None-Match", resp.Header.Get("Etag")); again.StatusCode != 304 {
		t.Errorf("asking again: got status %d, want 304", again.StatusCode)
	}
}

func TestWhichFormIsSent(t *testing.T) {
	_, srv, text := served(t)
	for _, tt := range []struct{ name, accept, want string }{
		{"nothing said", "", ""},
		{"a browser", "gzip, deflate, br, zstd", "br"},
		{"gzip only", "gzip", "gzip"},
		{"the old name of gzip", "x-gzip", "gzip"},
		{"brotli only", "br", "br"},
		{"in capitals", "GZIP", "gzip"},
		{"anything", "*", "br"},
		{"anything but brotli", "br;q=0, *", "gzip"},
		{"gzip liked better", "gzip;q=1.0, br;q=0.9", "gzip"},
		{"gzip liked better by a hair", "br;q=0.999, gzip", "gzip"},
		{"brotli liked better", "gzip;q=0.2, br;q=0.8", "br"},
		{"plain liked better", "gzip;q=0.5, identity", ""},
		{"plain liked as much", "gzip, identity", "gzip"},
		{"gzip refused", "gzip;q=0", ""},
		{"gzip refused in full", "gzip;q=0.000, identity;q=0.1", ""},
		{"something we do not have", "zstd, deflate", ""},
		{"all refused: a page is better than a refusal", "*;q=0", ""},
		{"plain refused, nothing else known", "identity;q=0, zstd", ""},
		{"a weight above one", "gzip;q=2", ""},
		{"a weight that is none", "gzip;q=high", ""},
		{"a weight with too many digits", "gzip;q=0.5555", ""},
		{"spaces", " gzip ; q=0.5 ,\tbr ; q=0.4", "gzip"},
		{"empty parts", ",,gzip,,", "gzip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := ask(t, srv, "GET", "/results/x/a/data.json", "Accept-Encoding", tt.accept)
			if got := resp.Header.Get("Content-Encoding"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := unpacked(t, resp, body); got != text {
				t.Errorf("got %.40q", got)
			}
			if resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("got Vary %q", resp.Header.Get("Vary"))
			}
		})
	}
	t.Run("two lines", func(t *testing.T) {
		resp, _ := ask(t, srv, "GET", "/results/x/a/data.json", "Accept-Encoding", "br;q=0.1", "Accept-Encoding", "gzip")
		if got := resp.Header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("what is packed already does not vary", func(t *testing.T) {
		resp, body := ask(t, srv, "GET", "/results/x/photo.png", "Accept-Encoding", "gzip, br")
		if resp.Header.Get("Vary")+resp.Header.Get("Content-Encoding") != "" || body != text {
			t.Errorf("got %v", resp.Header)
		}
	})
}

func TestTheClientMayHaveItAlready(t *testing.T) {
	_, srv, _ := served(t)
	tags := map[string]string{}
	for _, accept := range []string{"identity", "gzip", "br"} {
		resp, _ := ask(t, srv, "GET", "/results/x/a/data.json", "Accept-Encoding", accept)
		tags[accept] = resp.Header.Get("Etag")
		if strings.HasPrefix(tags[accept], "W/") || len(tags[accept]) < 18 {
			t.Fatalf("%s: %q is not a strong tag", accept, tags[accept])
		}
	}
	if tags["identity"] == tags["gzip"] || tags["gzip"] == tags["br"] {
		t.Fatalf("different bytes have the same tag: %v", tags)
	}
	gz := tags["gzip"]
	for _, tt := range []struct {
		name, accept string
		ifNoneMatch  []string
		want         int
	}{
		{"the same tag", "gzip", []string{gz}, 304},
		{"a weak tag", "gzip", []string{"W/" + gz}, 304},
		{"one of a list", "gzip", []string{`"a", W/"b",` + gz}, 304},
		{"the first of a list", "gzip", []string{gz + `, "z"`}, 304},
		{"a comma inside a tag", "gzip", []string{`"a,b", ` + gz}, 304},
		{"two lines", "gzip", []string{`"a"`, gz}, 304},
		{"anything", "gzip", []string{"*"}, 304},
		{"another tag", "gzip", []string{`"a"`}, 200},
		{"the tag of another form", "br", []string{gz}, 200},
		{"no tag", "gzip", []string{""}, 200},
		{"without quotes", "gzip", []string{strings.Trim(gz, `"`)}, 200},
		{"without the last quote", "gzip", []string{gz[:len(gz)-1]}, 200},
		{"an upper-case weak mark only", "gzip", []string{"w/" + gz}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := []string{"Accept-Encoding", tt.accept}
			for _, h := range tt.ifNoneMatch {
				headers = append(headers, "If-None-Match", h)
			}
			for _, method := range []string{"GET", "HEAD"} {
				resp, body := ask(t, srv, method, "/results/x/a/data.json", headers...)
				if resp.StatusCode != tt.want {
					t.Fatalf("%s: got status %d, want %d", method, resp.StatusCode, tt.want)
				}
				if tt.want != 304 {
					continue
				}
				if body != "" || resp.Header.Get("Content-Type")+resp.Header.Get("Content-Encoding")+resp.Header.Get("Content-Length") != "" {
					t.Errorf("a 304 describes no body: %q, %v", body, resp.Header)
				}
				if resp.Header.Get("Etag") != gz || resp.Header.Get("Cache-Control") == "" || resp.Header.Get("Vary") == "" {
					t.Errorf("a 304 keeps tag, cache and vary: %v", resp.Header)
				}
			}
		})
	}
	t.Run("the tag outlives the edition", func(t *testing.T) {
		s, srv, _ := served(t)
		publish(t, s, "results/x", files{"other.txt": "new"})
		if resp, _ := ask(t, srv, "GET", "/results/x/a/data.json", "Accept-Encoding", "gzip", "If-None-Match", gz); resp.StatusCode != 304 {
			t.Errorf("got status %d", resp.StatusCode)
		}
	})
	t.Run("the head tells the length of the body", func(t *testing.T) {
		for accept := range tags {
			_, body := ask(t, srv, "GET", "/results/x/a/data.json", "Accept-Encoding", accept)
			resp, _ := ask(t, srv, "HEAD", "/results/x/a/data.json", "Accept-Encoding", accept)
			if resp.ContentLength != int64(len(body)) {
				t.Errorf("%s: got %d, want %d", accept, resp.ContentLength, len(body))
			}
		}
	})
}

func TestPartsOfADownload(t *testing.T) {
	s, srv, text := served(t)
	r := rand.New(rand.NewSource(1))
	big, photo := string(resultsPage(r, 3<<20)), make([]byte, 2<<20)
	r.Read(photo)
	publish(t, s, "results/x", files{"all.csv": big, "big.png": string(photo)})
	for _, archived := range []string{"", "v3/"} {
		for path, whole := range map[string]string{"a/data.json": text, "all.csv": big, "big.png": string(photo)} {
			n := len(whole)
			tag, _ := ask(t, srv, "HEAD", "/results/x/"+archived+path)
			etag := tag.Header.Get("Etag")
			for _, tt := range []struct {
				name, ask, ifRange, accept string
				status                     int
				want                       string
			}{
				{"the first bytes", "bytes=0-99", "", "", 206, whole[:100]},
				{"in the middle", "bytes=700-1299", "", "", 206, whole[700:1300]},
				{"from there to the end", "bytes=1000-", "", "", 206, whole[1000:]},
				{"the last bytes", "bytes=-10", "", "", 206, whole[n-10:]},
				{"a client that also unpacks", "bytes=0-99", "", "gzip, br", 206, whole[:100]},
				{"still the same file", "bytes=0-99", etag, "", 206, whole[:100]},
				{"the file has changed", "bytes=0-99", `"older"`, "", 200, whole},
				{"beyond the end", "bytes=99999999-", "", "", 416, ""},
				{"nonsense", "bytes=z", "", "", 416, ""},
				{"all of it", "", "", "", 200, whole},
			} {
				t.Run(archived+path+" "+tt.name, func(t *testing.T) {
					headers := []string{"Accept-Encoding", tt.accept}
					if tt.ask != "" {
						headers = append(headers, "Range", tt.ask)
					}
					if tt.ifRange != "" {
						headers = append(headers, "If-Range", tt.ifRange)
					}
					resp, body := ask(t, srv, "GET", "/results/x/"+archived+path, headers...)
					if resp.StatusCode != tt.status {
						t.Fatalf("got status %d, want %d", resp.StatusCode, tt.status)
					}
					if tt.status != 416 && (body != tt.want || resp.Header.Get("Content-Encoding") != "") {
						t.Errorf("got %d bytes, want %d; %v", len(body), len(tt.want), resp.Header)
					}
				})
			}
		}
	}
	t.Run("big plain bodies stay out of memory", func(t *testing.T) {
		e, err := s.Edition(t.Context(), "results/x", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"all.csv", "big.png"} {
			if n := len(e.pages[path].stored.raw); n != 0 {
				t.Errorf("%s: %d bytes in memory", path, n)
			}
		}
	})
}

func TestHeadersOfAFile(t *testing.T) {
	_, srv, _ := served(t)
	for _, path := range []string{"/results/x/widget.html", "/results/x/v2/widget.html"} {
		resp, _ := ask(t, srv, "GET", path)
		if got := resp.Header.Get("Content-Security-Policy"); got != "frame-ancestors *" {
			t.Errorf("%s: got %q", path, got)
		}
	}
	if resp, _ := ask(t, srv, "GET", "/results/x/"); resp.Header.Get("Content-Security-Policy") != "" {
		t.Error("the header of one file shows on another")
	}
}

func TestALayerInFrontKeepsItsHeaders(t *testing.T) {
	s, _, _ := served(t)
	for range 3 { // values that were shared and changed would pile up
		w := httptest.NewRecorder()
		w.Header().Set("Vary", "Cookie")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r := httptest.NewRequest("GET", "/results/x/a/data.json", nil)
		s.ServeHTTP(w, r)
		if diff := cmp.Diff([]string{"Cookie", "Accept-Encoding"}, w.Header().Values("Vary")); diff != "" {
			t.Error(diff)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("got %v", w.Header())
		}
		w.Header().Add("Vary", "Origin") // must not reach the next response
	}
}

func TestOtherHandlersMayAnswer(t *testing.T) {
	s, _, _ := served(t)
	for path, want := range map[string]bool{"/": true, "/results/x/": true, "/results/x": true, "/results/x/v1/": true, "/results/x/v9/": false, "/office/": false} {
		w := httptest.NewRecorder()
		if got := s.TryServe(w, httptest.NewRequest("GET", path, nil)); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		} else if !got && len(w.Header()) > 0 {
			t.Errorf("%s: something was written: %v", path, w.Header())
		}
	}
}

func TestAnEmptyShelf(t *testing.T) {
	srv := httptest.NewServer(open(t, t.TempDir()))
	defer srv.Close()
	for _, path := range []string{"/", "/current.json", "/v1/", "/a"} {
		if resp, body := ask(t, srv, "GET", path); resp.StatusCode != 404 || body != "There is no such page.\n" {
			t.Errorf("%s: got %d %q", path, resp.StatusCode, body)
		}
	}
}

// TestPagesStayUpWithoutTheirFolder is the promise of the read side: what is
// current is in memory, so it outlives even the disk.
func TestPagesStayUpWithoutTheirFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	publish(t, s, "x", files{"index.html": "still here", "data.json": strings.Repeat("1,2,3,", 200)})
	publish(t, s, "x", files{"new.txt": "new"})
	srv := httptest.NewServer(s)
	defer srv.Close()
	_, before := ask(t, srv, "GET", "/x/data.json", "Accept-Encoding", "gzip")
	if err := os.RemoveAll(filepath.Join(dir, "x")); err != nil {
		t.Fatal(err)
	}
	s.Refresh()
	if _, after := ask(t, srv, "GET", "/x/data.json", "Accept-Encoding", "gzip"); after != before {
		t.Error("the page is no longer the same")
	}
	if resp, body := ask(t, srv, "GET", "/x/"); resp.StatusCode != 200 || body != "still here" {
		t.Errorf("got %d %q", resp.StatusCode, body)
	}
	resp, _ := ask(t, srv, "GET", "/x/v1/index.html")
	if resp.StatusCode == 200 {
		t.Error("the archive was on the disk that is gone")
	}
	if resp.StatusCode != 404 && resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("nobody may keep that answer: %d %v", resp.StatusCode, resp.Header)
	}
}

func TestAnArchivedBodyThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	publish(t, s, "x", files{"a.txt": "one"})
	publish(t, s, "x", files{"a.txt": "two"})
	if err := os.WriteFile(filepath.Join(dir, "x", "v1.pack"), bytes.Repeat([]byte("?"), 100), 0o644); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	defer srv.Close()
	resp, body := ask(t, srv, "GET", "/x/v1/a.txt")
	if resp.StatusCode != 503 || resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Etag") != "" {
		t.Errorf("got %d %q %v", resp.StatusCode, body, resp.Header)
	}
	if resp, body := ask(t, srv, "GET", "/x/a.txt"); resp.StatusCode != 200 || body != "two" {
		t.Errorf("the current edition: got %d %q", resp.StatusCode, body)
	}
}

func BenchmarkAPage(b *testing.B) {
	s := open(b, b.TempDir())
	publish(b, s, "results/x", files{"a/index.html": string(resultsPage(rand.New(rand.NewSource(1)), 200_000))})
	r := httptest.NewRequest("GET", "/results/x/a/", nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	for _, bb := range []struct{ name, tag string }{{"200", ""}, {"304", s.mustTag(b, r)}} {
		b.Run(bb.name, func(b *testing.B) {
			if bb.tag != "" {
				r.Header.Set("If-None-Match", bb.tag)
			}
			w := &nowhere{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.h)
				s.ServeHTTP(w, r)
			}
		})
	}
}

func (s *Shelf) mustTag(t testing.TB, r *http.Request) string {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("got status %d", w.Code)
	}
	return w.Header().Get("Etag")
}

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct{ h http.Header }

func (n *nowhere) Header() http.Header         { return n.h }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}
