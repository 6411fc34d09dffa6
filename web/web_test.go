// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func built() *files {
	return &files{from: fstest.MapFS{
		"dist/manifest.json":       {Data: []byte(`{"site.css": "site-0123456789.css", "site.js": "site-gone.js"}`)},
		"dist/site-0123456789.css": {Data: []byte("a{color:red}")},
	}}
}

func TestAsset(t *testing.T) {
	for _, tt := range []struct {
		name  string
		from  *files
		asset string
		path  string
		err   string
	}{
		{"a built file has a hashed path", built(), "site.css", "assets/site-0123456789.css", ""},
		{"a file that the build does not make", built(), "other.css", "", "the front end has no other.css: run make build"},
		{"a build that was cut short", built(), "site.js", "", "the front end is built in part only: run make build: open dist/site-gone.js: file does not exist"},
		{"before the build, one plain sentence", &files{from: fstest.MapFS{"dist/README.md": {}}}, "site.css", "", "the front end is not built: run make build"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path, body, err := tt.from.asset(tt.asset)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if path != tt.path || got != tt.err {
				t.Errorf("got %q, %q; want %q, %q", path, got, tt.path, tt.err)
			}
			if err == nil && string(body) != "a{color:red}" {
				t.Errorf("got %q", body)
			}
		})
	}
}

func TestHandler(t *testing.T) {
	h := built().handler()
	for _, tt := range []struct {
		name, path, accept string
		code               int
		kind, encoding     string
	}{
		{"a hashed name", "/assets/site-0123456789.css", "", 200, "text/css; charset=utf-8", ""},
		{"compressed for who can read it", "/assets/site-0123456789.css", "br, gzip", 200, "text/css; charset=utf-8", "gzip"},
		{"the icon", "/assets/icon.svg", "", 200, "image/svg+xml", ""},
		{"a plain name is not served", "/assets/site.css", "", 404, "text/plain; charset=utf-8", ""},
		{"nor the manifest", "/assets/manifest.json", "", 404, "text/plain; charset=utf-8", ""},
		{"nor anything else", "/assets/../web.go", "", 404, "text/plain; charset=utf-8", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.URL.Path = tt.path
			r.Header.Set("Accept-Encoding", tt.accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.code || w.Header().Get("Content-Type") != tt.kind || w.Header().Get("Content-Encoding") != tt.encoding {
				t.Errorf("got %d, %q, %q", w.Code, w.Header().Get("Content-Type"), w.Header().Get("Content-Encoding"))
			}
			if strings.HasSuffix(tt.path, "9.css") && !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("Cache-Control is %q", w.Header().Get("Cache-Control"))
			}
		})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/assets/site-0123456789.css", nil))
	if w.Body.Len() != 0 || w.Header().Get("Content-Length") != "12" {
		t.Errorf("HEAD gave %d bytes, Content-Length %s", w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

// TestTheLockNamesNoRegistry keeps the lock file usable behind any mirror.
func TestTheLockNamesNoRegistry(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if at := regexp.MustCompile(`"resolved"|https?://[^"]*(npmjs|registry)[^"]*`).Find(lock); at != nil {
		t.Errorf("package-lock.json has %s; delete it and run npm install", at)
	}
}

// TestBuiltSheetsServeBothDirections reads the built sheets, where there are
// any: what says left or right would be wrong for half of the readers, and what
// comes from elsewhere would be refused by the pages' policy.
func TestBuiltSheetsServeBothDirections(t *testing.T) {
	for _, name := range []string{"site.css", "office.css"} {
		_, body, err := Asset(name)
		if err != nil {
			t.Skip(err)
		}
		for _, wrong := range []string{
			`[;{](?:margin|padding|border)-(?:left|right)`, `[;{](?:left|right):`, `text-align:(?:left|right)`, `float:(?:left|right)`,
			`@font-face`, `@import`, `url\(["']?(?:https?:|//|/)[^)]{0,40}`,
		} {
			if at := regexp.MustCompile(wrong).Find(body); at != nil {
				t.Errorf("%s has %q", name, at)
			}
		}
	}
}

// TestBuiltScriptsNeedNoEvaluation keeps them within the pages' policy.
func TestBuiltScriptsNeedNoEvaluation(t *testing.T) {
	_, body, err := Asset("site.js")
	if err != nil {
		t.Skip(err)
	}
	if at := regexp.MustCompile(`\beval\(|new Function|innerHTML\s*=[^=]|document\.write`).Find(body); at != nil {
		t.Errorf("site.js has %q", at)
	}
	_, body, err = Asset("office.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"allowEval:!1", "includeIndicatorStyles:!1", "selfRequestsOnly:!0"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("office.js does not set %s", want)
		}
	}
}
