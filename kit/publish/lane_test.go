// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// laned starts a server with a fast lane and one without, on the same shelf.
// The one with the lane marks what did not go through it.
func laned(t testing.TB, s *Shelf, opt LaneOptions) (fast, plain string, srv *http.Server) {
	t.Helper()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range opt.Headers {
			w.Header()[name] = values
		}
		s.ServeHTTP(w, r)
	})
	marked := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Handed-On", "yes")
		h.ServeHTTP(w, r)
	})
	listen := func() net.Listener {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return ln
	}
	a, b := s.Lane(listen(), opt), listen()
	srv = &http.Server{Handler: marked}
	other := &http.Server{Handler: h}
	go srv.Serve(a)
	go other.Serve(b)
	t.Cleanup(func() { srv.Close(); other.Close() })
	return a.Addr().String(), b.Addr().String(), srv
}

// say sends bytes as they are and reads n answers.
func say(t testing.TB, addr, text string, methods ...string) []*http.Response {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	go io.WriteString(c, text)
	in := bufio.NewReader(c)
	var all []*http.Response
	for _, method := range methods {
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("after %d answers: %v", len(all), err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		all = append(all, resp)
	}
	return all
}

func bodyOf(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(b))
	return string(b)
}

// TestTheLaneAnswersLikeTheServer sends the same bytes to a server with a lane
// and to one without. Every answer must be the same, whoever gave it.
func TestTheLaneAnswersLikeTheServer(t *testing.T) {
	s, _, text := served(t)
	publish(t, s, "results/x", files{"huge.html": string(resultsPage(rand.New(rand.NewSource(1)), 8<<20)), "a/x:y@z.txt": text})
	fast, plain, _ := laned(t, s, LaneOptions{Headers: http.Header{
		"X-Content-Type-Options": {"nosniff"}, "Content-Security-Policy": {"default-src 'self'"}, "X-Two": {"a", "b"},
	}})
	tag := say(t, plain, get("/results/x/a/", "Accept-Encoding: gzip"), "GET")[0].Header.Get("Etag")
	for _, tt := range []struct {
		name, text string
		lane       bool
	}{
		{"a small page", get("/results/x/"), true},
		{"a page, brotli", get("/results/x/a/", "Accept-Encoding: gzip, deflate, br, zstd"), true},
		{"a page, gzip", get("/results/x/a/", "Accept-Encoding: gzip"), true},
		{"a page by its file", get("/results/x/index.html"), true},
		{"the root", get("/"), true},
		{"a file of the root", get("/robots.txt", "accept-encoding: br"), true},
		{"the pointer", get("/results/x/current.json", "Accept-Encoding: gzip"), true},
		{"an image", get("/results/x/photo.png"), true},
		{"an empty file", get("/results/x/empty.txt"), true},
		{"a hashed name", get("/results/x/app.3f9a2c.css", "ACCEPT-ENCODING: br"), true},
		{"headers of its own", get("/results/x/widget.html", "Accept-Encoding: gzip"), true},
		{"odd letters", get("/results/x/a/x:y@z.txt", "Accept-Encoding: gzip"), true},
		{"what the client has", get("/results/x/a/", "Accept-Encoding: gzip", "If-None-Match: "+tag), true},
		{"what the client has, weakly", get("/results/x/a/", "Accept-Encoding: gzip", "If-None-Match: \"x\", W/"+tag), true},
		{"another tag", get("/results/x/a/", "Accept-Encoding: gzip", `If-None-Match: "x"`), true},
		{"a browser's headers", get("/results/x/a/", "User-Agent: Mozilla/5.0 (X11) \xc3\xa9", "Accept: text/html,*/*;q=0.8", "Cookie: a=b; c=d", "Connection: keep-alive", "Accept-Encoding: br", "Sec-Fetch-Mode: navigate", "Empty:"), true},

		{"plain bytes of a packed page", get("/results/x/a/data.json"), false},
		{"a folder without its slash", get("/results/x/a"), false},
		{"a site without its slash", get("/results/x"), false},
		{"an archived page", get("/results/x/v1/a/"), false},
		{"nothing there", get("/none"), false},
		{"a query", get("/results/x/a/?lang=es"), false},
		{"an escape", get("/results/x/%61/"), false},
		{"up and out", get("/results/x/a/../a/"), false},
		{"two slashes", get("//results/x/a/"), false},
		{"a body too big for the lane", get("/results/x/huge.html", "Accept-Encoding: gzip"), false},
		{"a part", get("/results/x/photo.png", "Range: bytes=0-9"), false},
		{"a condition we leave alone", get("/results/x/a/", "If-Match: \"x\""), false},
		{"tags in two lines", get("/results/x/a/", "Accept-Encoding: gzip", `If-None-Match: "x"`, "If-None-Match: "+tag), false},
		{"codings in two lines", get("/results/x/a/", "Accept-Encoding: gzip;q=0", "Accept-Encoding: br"), false},
		{"an upgrade", get("/results/x/a/", "Connection: Upgrade", "Upgrade: h2c"), false},
		{"the last request", get("/results/x/a/", "Connection: close"), false},
		{"only the head", strings.Replace(get("/results/x/a/"), "GET", "HEAD", 1), false},
		{"an older protocol", strings.Replace(get("/results/x/a/", "Connection: keep-alive"), "HTTP/1.1", "HTTP/1.0", 1), false},
		{"a full address", strings.Replace(get("/results/x/a/"), "GET /", "GET http://h/", 1), false},
		{"no host", "GET / HTTP/1.1\r\n\r\n", false},
		{"two hosts", get("/", "Host: two"), false},
		{"a host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", false},
		{"a folded header", get("/", "X-A: b", " c"), false},
		{"a space before the colon", get("/", "X-A : b"), false},
		{"a header without a name", get("/", ": b"), false},
		{"a header without a colon", get("/", "abc"), false},
		{"a control character", get("/", "X-A: \x01"), false},
		{"a NUL", get("/", "X-A: \x00"), false},
		{"line feeds alone", "GET / HTTP/1.1\nHost: h\n\n", false},
		{"a line feed inside", get("/", "X-A: b\nX-C: d"), false},
		{"writing", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", false},
		{"reading with a body", get("/", "Content-Length: 3") + "abc", false},
		{"reading with chunks", get("/", "Transfer-Encoding: chunked") + "3\r\nabc\r\n0\r\n\r\n", false},
		{"a long header", get("/", "Cookie: "+strings.Repeat("a", 6000)), false},
		{"nonsense", "\x16\x03\x01\x02\x00\r\n\r\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			method, _, _ := strings.Cut(tt.text, " ")
			if method != "HEAD" {
				method = "GET"
			}
			got, want := say(t, fast, tt.text, method)[0], say(t, plain, tt.text, method)[0]
			handedOn := got.Header.Get("X-Handed-On") != "" || got.StatusCode == 400 || got.StatusCode == 505
			if handedOn == tt.lane {
				t.Errorf("handed on: %v", handedOn)
			}
			got.Header.Del("X-Handed-On")
			for _, r := range []*http.Response{got, want} {
				if _, err := http.ParseTime(r.Header.Get("Date")); err != nil && r.StatusCode < 400 {
					t.Errorf("date: %v", err)
				}
				r.Header.Del("Date")
			}
			if got.StatusCode != want.StatusCode || got.ContentLength != want.ContentLength || got.Close != want.Close {
				t.Errorf("got %s, length %d, close %v; want %s, length %d, close %v", got.Status, got.ContentLength, got.Close, want.Status, want.ContentLength, want.Close)
			}
			if diff := cmp.Diff(want.Header, got.Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if bodyOf(got) != bodyOf(want) {
				t.Errorf("got %d bytes, want %d", len(bodyOf(got)), len(bodyOf(want)))
			}
		})
	}
}

// get is the text of a request.
func get(path string, headers ...string) string {
	text := "GET " + path + " HTTP/1.1\r\nHost: h\r\n"
	for _, h := range headers {
		text += h + "\r\n"
	}
	return text + "\r\n"
}

func TestManyRequestsOnOneConnection(t *testing.T) {
	s, _, text := served(t)
	fast, _, _ := laned(t, s, LaneOptions{})
	post := "POST /results/x/ HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
	together := get("/results/x/") + get("/results/x/photo.png") + get("/none") + get("/results/x/") + post + get("/robots.txt")
	want := []string{"x two", text, "nothing here", "x two", "This address can only be read.\n", "all"}
	for name, split := range map[string]int{"all at once": len(together), "byte by byte": 1, "in pieces": 37} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", fast)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(20 * time.Second))
			go func() {
				for rest := together; rest != ""; rest = rest[min(split, len(rest)):] {
					io.WriteString(c, rest[:min(split, len(rest))])
				}
			}()
			in := bufio.NewReader(c)
			for i, body := range want {
				resp, err := http.ReadResponse(in, nil)
				if err != nil {
					t.Fatalf("answer %d: %v", i, err)
				}
				if got, _ := io.ReadAll(resp.Body); string(got) != body {
					t.Errorf("answer %d: got %.30q, want %.30q", i, got, body)
				}
				if handedOn := resp.Header.Get("X-Handed-On") != ""; handedOn != (i >= 2) {
					t.Errorf("answer %d: handed on %v", i, handedOn)
				}
			}
		})
	}
}

func TestTheLaneAsksWhomToAdmit(t *testing.T) {
	s, _, _ := served(t)
	var mu sync.Mutex
	left := 2
	fast, _, _ := laned(t, s, LaneOptions{Admit: func(remote net.Addr) bool {
		mu.Lock()
		defer mu.Unlock()
		left--
		return left >= 0 && strings.HasPrefix(remote.String(), "127.0.0.1:")
	}})
	for i, r := range say(t, fast, strings.Repeat(get("/robots.txt"), 3), "GET", "GET", "GET") {
		if handedOn := r.Header.Get("X-Handed-On") != ""; handedOn != (i == 2) {
			t.Errorf("request %d: handed on %v", i, handedOn)
		}
	}
}

func TestTheLaneTellsWhatItServed(t *testing.T) {
	s, _, _ := served(t)
	heard := make(chan string, 10)
	fast, _, _ := laned(t, s, LaneOptions{Served: func(path string) { heard <- path }})
	say(t, fast, get("/robots.txt")+get("/results/x/current.json")+get("/none")+get("/robots.txt"), "GET", "GET", "GET", "GET")
	close(heard) // the lane is done: it has handed the connection on
	var got []string
	for path := range heard {
		got = append(got, path)
	}
	if diff := cmp.Diff([]string{"/robots.txt", "/results/x/current.json"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheLaneShowsTheNewEdition(t *testing.T) {
	s, _, _ := served(t)
	fast, _, _ := laned(t, s, LaneOptions{})
	c, err := net.Dial("tcp", fast)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for _, want := range []string{"x two", "x three", "x four"} {
		if want != "x two" {
			publish(t, s, "results/x", files{"index.html": want})
		}
		io.WriteString(c, get("/results/x/"))
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(resp.Body); string(got) != want || resp.Header.Get("X-Handed-On") != "" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestClosingTheLane(t *testing.T) {
	s, _, _ := served(t)
	fast, _, srv := laned(t, s, LaneOptions{})
	idle, err := net.Dial("tcp", fast)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	io.WriteString(idle, get("/robots.txt"))
	in := bufio.NewReader(idle)
	if resp, err := http.ReadResponse(in, nil); err != nil {
		t.Fatal(err)
	} else {
		io.ReadAll(resp.Body)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	start := time.Now()
	if err := srv.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > laneWait {
		t.Errorf("an idle connection held it up for %v", took)
	}
	idle.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the idle connection: got %v, want its end", err)
	}
	if c, err := net.Dial("tcp", fast); err == nil {
		c.Close()
		t.Error("someone still listens")
	}
}

// TestManyClientsInTheLane reads while editions change, with the race detector
// in mind: each answer must be of one edition, whole.
func TestManyClientsInTheLane(t *testing.T) {
	s := open(t, t.TempDir())
	edition := func(n int) files {
		return files{"index.html": strings.Repeat(fmt.Sprintf("edition %d. ", n), 300)}
	}
	publish(t, s, "x", edition(1))
	fast, _, _ := laned(t, s, LaneOptions{})
	done := make(chan struct{})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for last := 0; ; {
				select {
				case <-done:
					return
				default:
				}
				for _, r := range say(t, fast, strings.Repeat(get("/x/", "Accept-Encoding: identity;q=0, br;q=0, gzip"), 5), "GET", "GET", "GET", "GET", "GET") {
					body := unpacked(t, r, bodyOf(r))
					var n int
					fmt.Sscanf(body, "edition %d.", &n)
					if body != edition(n)["index.html"] || n < last {
						t.Errorf("after edition %d: %.40q", last, body)
						return
					}
					last = n
				}
			}
		})
	}
	for n := 2; n <= 20; n++ {
		publish(t, s, "x", edition(n))
	}
	close(done)
	wait.Wait()
}

// FuzzReadLaneRequest feeds anything. What the lane takes, net/http must read in
// the same way: the same path, the same conditions, no body, nothing left over.
func FuzzReadLaneRequest(f *testing.F) {
	f.Add([]byte(get("/results/x/", "Accept-Encoding: gzip", `If-None-Match: "a"`, "Connection: keep-alive")))
	f.Add([]byte(get("/a", "Content-Length: 3") + "abc"))
	f.Add([]byte(get("/a", "Transfer-Encoding: chunked") + "0\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\nHost: [::1]:80\r\nX: y\r\n z\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		end := headEnd(in, 0)
		if end == 0 {
			return
		}
		got, ok := readLaneRequest(in[:end])
		if !ok {
			return
		}
		rest := bufio.NewReader(bytes.NewReader(in))
		want, err := http.ReadRequest(rest)
		if err != nil {
			t.Fatalf("net/http refuses it: %v", err)
		}
		if want.Method != "GET" || want.URL.Path != got.path || want.URL.RawQuery != "" || want.Close || want.ContentLength != 0 || len(want.TransferEncoding) > 0 || want.Host == "" {
			t.Fatalf("got %+v, net/http reads %+v", got, want)
		}
		if ae, inm := want.Header.Get("Accept-Encoding"), want.Header.Get("If-None-Match"); ae != got.acceptEncoding[0] || inm != got.ifNoneMatch[0] {
			t.Fatalf("got %+v, net/http reads %q and %q", got, ae, inm)
		}
		if left, _ := io.ReadAll(rest); string(left) != string(in[end:]) {
			t.Fatalf("net/http leaves %q, we leave %q", left, in[end:])
		}
	})
}
