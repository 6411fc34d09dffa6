// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestTheOfficeSheetIsLegible shows every shape of the office's pages in the
// light and the dark theme, wide and narrow, and asks axe.
func TestTheOfficeSheetIsLegible(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while; run without -short")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run npm ci")
	}
	server := httptest.NewServer(officePages(t))
	defer server.Close()
	profile, err := os.MkdirTemp("", "hustings-browser-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(profile)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile))...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	ctx, stop = context.WithTimeout(ctx, time.Minute)
	defer stop()
	for _, tt := range []struct {
		name   string
		wide   int64
		scheme string
	}{{"wide and light", 1280, "light"}, {"wide and dark", 1280, "dark"}, {"narrow and light", 320, "light"}, {"narrow and dark", 320, "dark"}} {
		t.Run(tt.name, func(t *testing.T) {
			var found, display string
			var over int64
			if err := chromedp.Run(ctx,
				emulation.SetDeviceMetricsOverride(tt.wide, 900, 1, false),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: tt.scheme}}),
				chromedp.Navigate(server.URL+"/office.html"),
				chromedp.Evaluate(`getComputedStyle(document.querySelector(".office-header")).display`, &display),
				chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &over),
				chromedp.Evaluate(string(axe)+";0", nil),
				chromedp.Evaluate(`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).then(r => r.violations.map(v =>
					v.help + "\n" + v.nodes.slice(0, 4).map(n => n.html.slice(0, 120) + "  " + n.failureSummary).join("\n")).join("\n"))`, &found,
					func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
			); err != nil {
				t.Fatal(err)
			}
			if display != "flex" {
				t.Errorf("the sheet is not in force: the header's display is %q", display)
			}
			if found != "" {
				t.Error(found)
			}
			if over > 0 {
				t.Errorf("the page is %d pixels wider than the screen", over)
			}
		})
	}
}

// officePages serves the sample page under the policy of real ones.
func officePages(t *testing.T) http.Handler {
	mux := http.NewServeMux()
	for _, name := range []string{"office.css", "office.js"} {
		path, _, err := Asset(name)
		if err != nil {
			t.Skip(err)
		}
		mux.HandleFunc("/assets/"+name, func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = "/" + path
			Handler().ServeHTTP(w, r)
		})
	}
	mux.HandleFunc("/office.html", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'")
		http.ServeFile(w, r, filepath.Join("testdata", "office.html"))
	})
	return mux
}
