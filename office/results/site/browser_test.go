// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"hustings/office/results/tally"
)

var shots = flag.String("shots", "", "keep screenshots of the browser tests in this folder")

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"

// shelf serves pages as the edge does, under the strict policy, and lets a
// test put another version in their place.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (s *shelf) put(files map[string][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = files
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	body, ok := s.files[strings.TrimPrefix(r.URL.Path, "/")]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(r.URL.Path)))
	_, _ = w.Write(body)
}

// browse starts a browser, or skips the test where there is none.
func browse(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes half a minute; run without -short")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed; the pages are not looked at in a browser")
	}
	// The browser may still write to its profile when the test is over, so the
	// folder is not the test's own, which must be empty by then.
	profile, err := os.MkdirTemp("", "hustings-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(profile))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// complaints collects what the browser has to say: errors of scripts, and
// whatever the policy refused.
func complaints(ctx context.Context) func() []string {
	var mu sync.Mutex
	var list []string
	chromedp.ListenTarget(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			list = append(list, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError && !strings.HasSuffix(e.Entry.URL, "/favicon.ico") {
				list = append(list, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := list
		list = nil
		return out
	}
}

func open(t *testing.T, tags ...string) (*shelf, string, Input) {
	in := last(countyNight(t, tags...))
	dress(t, &in)
	s := &shelf{}
	s.put(withPointer(rendered(t, in), in))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL + "/", in
}

// withPointer adds the file that the publisher writes last.
func withPointer(files map[string][]byte, in Input) map[string][]byte {
	files["current.json"] = fmt.Appendf(nil, `{"version":%d,"next_poll_seconds":1}`, in.Version)
	return files
}

// TestPagesAreAccessible looks at each kind of page as a phone and as a desk
// screen show it, light and dark, in three languages, and asks axe.
func TestPagesAreAccessible(t *testing.T) {
	axe, err := os.ReadFile("../../../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run npm ci in web")
	}
	_, root, _ := open(t, "es", "ar-XB")
	ctx := browse(t)
	said := complaints(ctx)
	for _, tt := range []struct {
		page string
		wide int64
		dark bool
	}{
		{"index.html", 1280, false}, {"es/index.html", 320, true}, {"ar-XB/index.html", 1280, true},
		{"contest/governor.html", 1280, true}, {"es/contest/governor.html", 320, false}, {"ar-XB/contest/governor.html", 320, false},
		{"contest/mayor.html", 320, true}, {"contest/school-board.html", 1280, false}, {"contest/measure-3c.html", 320, false},
		{"county/larkspur.html", 320, true}, {"precinct/p-0030.html", 1280, false}, {"precinct/p-0096.html", 320, false},
		{"status.html", 1280, true}, {"changes.html", 320, false}, {"change/5.html", 1280, true}, {"archive.html", 320, false},
		{"downloads.html", 1280, false}, {"es/about.html", 320, true}, {"404.html", 1280, false}, {"screen.html", 1280, false},
		{"embed/governor.html", 320, true},
	} {
		name := fmt.Sprintf("%s at %d, dark %v", tt.page, tt.wide, tt.dark)
		t.Run(name, func(t *testing.T) {
			var found string
			var over int64
			var shot []byte
			if err := chromedp.Run(ctx,
				emulation.SetDeviceMetricsOverride(tt.wide, 900, 1, false),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: map[bool]string{true: "dark", false: "light"}[tt.dark]},
					{Name: "prefers-reduced-motion", Value: "reduce"}}),
				chromedp.Navigate(root+tt.page),
				chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &over),
				chromedp.Evaluate(string(axe)+";0", nil),
				chromedp.Evaluate(`axe.run({runOnly:["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r =>
					r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.slice(0,3).map(n => n.html.slice(0,160) + "  " + n.failureSummary).join("\n")).join("\n"))`, &found,
					func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
			); err != nil {
				t.Fatal(err)
			}
			if found != "" {
				t.Error(found)
			}
			if over > 0 {
				t.Errorf("the page is %d pixels wider than the screen", over)
			}
			for _, s := range said() {
				t.Errorf("the browser says: %s", s)
			}
			if *shots == "" {
				return
			}
			if err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
				shot, err = cdp.CaptureScreenshot().WithCaptureBeyondViewport(true).WithClip(&cdp.Viewport{Width: float64(tt.wide), Height: 1800, Scale: 1}).Do(ctx)
				return err
			})); err != nil {
				t.Fatal(err)
			}
			file := strings.NewReplacer("/", "-", ".html", "").Replace(tt.page) + fmt.Sprintf("-%d-%v.png", tt.wide, tt.dark)
			if err := os.WriteFile(filepath.Join(*shots, file), shot, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestNewNumbersArrive opens a contest, publishes a version, and watches the
// page take the new numbers without losing the reader's place.
func TestNewNumbersArrive(t *testing.T) {
	s, root, in := open(t, "es")
	ctx := browse(t)
	said := complaints(ctx)
	var before, after, place, announced, sorted, filter string
	if err := chromedp.Run(ctx,
		chromedp.Navigate(root+"contest/governor.html"),
		chromedp.WaitVisible("#live"),
		chromedp.Text(".lead", &before),
		chromedp.Click("#parts thead th:nth-child(2) button"),
		chromedp.SendKeys("#find-parts", "Birch"),
		chromedp.Focus(`#parts a[href="../precinct/p-0002.html"]`),
	); err != nil {
		t.Fatal(err)
	}
	next := follow(t, in, func(n *Input) { n.Now = tally.Merge(n.Frame.Index, counted(n.Frame.Index, 1)) })
	s.put(withPointer(rendered(t, next), next))
	if err := chromedp.Run(ctx,
		chromedp.WaitVisible("#live.fresh"),
		chromedp.Text(".lead", &after),
		chromedp.Evaluate(`document.activeElement.getAttribute("href") ?? document.activeElement.tagName`, &place),
		chromedp.Text("#announce", &announced, chromedp.NodeReady),
		chromedp.Evaluate(`document.querySelector("#parts thead th:nth-child(2)").getAttribute("aria-sort")`, &sorted),
		chromedp.Evaluate(`document.getElementById("find-parts").value + " " + document.querySelectorAll("#parts tbody tr:not([hidden])").length`, &filter),
	); err != nil {
		t.Fatal(err)
	}
	if before == after {
		t.Errorf("the lead still says %q", after)
	}
	for _, got := range []struct{ what, is, want string }{
		{"the focus", place, "../precinct/p-0002.html"}, {"the order of the table", sorted, "descending"}, {"the filter and what it leaves", filter, "Birch 8"},
	} {
		if got.is != got.want {
			t.Errorf("%s is %q after the update, want %q", got.what, got.is, got.want)
		}
	}
	if !strings.Contains(announced, strings.TrimSpace(after)) {
		t.Errorf("the update was announced as %q, want it to hold %q", announced, after)
	}
	for _, c := range said() {
		t.Errorf("the browser says: %s", c)
	}
}

// TestThePagesAreWholeWithoutScript reads a contest with script off.
func TestThePagesAreWholeWithoutScript(t *testing.T) {
	_, root, _ := open(t)
	ctx := browse(t)
	var text string
	var tall []int64
	if err := chromedp.Run(ctx,
		emulation.SetScriptExecutionDisabled(true),
		chromedp.Navigate(root+"contest/governor.html"),
		chromedp.Text("main", &text),
		chromedp.Evaluate(`[...document.querySelectorAll(".map-drawing, #parts")].map(e => Math.round(e.getBoundingClientRect().height))`, &tall),
	); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"leads by", "77 of 96 precincts reporting", "0042 Fir Ford"} {
		if !strings.Contains(text, want) {
			t.Errorf("without script the page does not say %q", want)
		}
	}
	if len(tall) != 2 || tall[0] < 100 || tall[1] < 500 {
		body, _ := json.Marshal(tall)
		t.Errorf("the map and the table are %s pixels tall", body)
	}
	var index string
	if err := chromedp.Run(ctx, chromedp.Navigate(root+"index.html"), chromedp.Text("main", &index)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(index, "Version 5") || !strings.Contains(index, "Next update about 8:57 p.m.") {
		t.Errorf("without script the front page does not tell its version and the next")
	}
}

// TestTheMapAnswersThePointer points at a precinct on the map and reads its
// numbers; then at its row, and sees it light up on the map.
func TestTheMapAnswersThePointer(t *testing.T) {
	_, root, _ := open(t)
	ctx := browse(t)
	said := complaints(ctx)
	var tip string
	var lit bool
	if err := chromedp.Run(ctx,
		emulation.SetDeviceMetricsOverride(1280, 2400, 1, false),
		chromedp.Navigate(root+"contest/governor.html"),
		chromedp.WaitVisible("#live"),
		chromedp.Evaluate(`(() => {
			const box = document.getElementById("mu15").getBoundingClientRect();
			const at = {clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true};
			document.elementFromPoint(at.clientX, at.clientY).dispatchEvent(new PointerEvent("pointermove", at));
			return document.querySelector(".tip:not([hidden])")?.textContent ?? "";
		})()`, &tip),
		chromedp.Evaluate(`(() => {
			document.querySelector("#u15 th").dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
			return document.getElementById("mu15").classList.contains("hot");
		})()`, &lit),
	); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(tip, "0041 Elm Ford") || !strings.Contains(tip, "Thomas Whitfield: ") {
		t.Errorf("the tip says %q", tip)
	}
	if !lit {
		t.Error("the precinct's row does not light it up on the map")
	}
	for _, c := range said() {
		t.Errorf("the browser says: %s", c)
	}
}

// TestAKeptVersionSaysThatItIsOld opens a page of a frozen version, beside
// which the publisher keeps no pointer.
func TestAKeptVersionSaysThatItIsOld(t *testing.T) {
	s, root, in := open(t)
	files := make(map[string][]byte)
	for path, body := range rendered(t, in) {
		files["v5/"+path] = body
	}
	s.put(files)
	ctx := browse(t)
	var says string
	if err := chromedp.Run(ctx, chromedp.Navigate(root+"v5/contest/sheriff.html"), chromedp.WaitVisible("#live"), chromedp.Text("#live", &says)); err != nil {
		t.Fatal(err)
	}
	if want := "Version 5, kept as it was published at 8:42"; !strings.HasPrefix(says, want) {
		t.Errorf("the page says %q, want %q", says, want)
	}
}
