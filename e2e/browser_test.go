// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is how long a browser may take for one step.
const patience = 30 * time.Second

// chromium is the one browser, started by the first test that needs it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
}

// browser starts Chromium, or skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes minutes; run without -short")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed; the pages are not looked at in a browser")
	}
	chromium.once.Do(func() { chromium.ctx, chromium.err = launch(program) })
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.ctx
}

func launch(program string) (context.Context, error) {
	profile, err := os.MkdirTemp("", "hustings-browser-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(profile))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(ctx)
	closes = append(closes, func() { end(); stop(); _ = os.RemoveAll(profile) })
	return ctx, chromedp.Run(ctx)
}

// tab is a window of the browser with cookies of its own.
type tab struct {
	*office
	*console
	ctx context.Context
}

// console is what a window's console had to say: errors of scripts, and what
// the policy refused.
type console struct {
	mu   sync.Mutex // guards said
	said []string
}

// tab opens a window with somebody signed in; nobody for an empty address.
func (o *office) tab(email string) *tab {
	o.t.Helper()
	ctx, stop := chromedp.NewContext(browser(o.t), chromedp.WithTargetID(o.window()))
	o.t.Cleanup(stop)
	b := &tab{o, &console{}, ctx}
	chromedp.ListenTarget(ctx, b.hear)
	o.must(chromedp.Run(ctx, log.Enable()))
	if email != "" {
		for _, c := range o.signIn(email).cookies() {
			b.run(network.SetCookie(c.Name, c.Value).WithDomain("127.0.0.1").WithPath("/").WithHTTPOnly(true))
		}
	}
	return b
}

// window opens an empty window apart from all others: it begins without a
// cookie, and what it is given goes with it.
func (o *office) window() target.ID {
	o.t.Helper()
	c := chromedp.FromContext(browser(o.t))
	ctx := cdp.WithExecutor(chromium.ctx, c.Browser)
	apart, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(ctx)
	o.must(err)
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(apart).WithNewWindow(true).Do(ctx)
	o.must(err)
	return id
}

// in is the same window for a part of the test.
func (b *tab) in(t *testing.T) *tab { return &tab{&office{b.House, t, b.people}, b.console, b.ctx} }

func (c *console) hear(ev any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		c.said = append(c.said, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			c.said = append(c.said, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// quiet reports whatever the console had to say since it was last asked, but
// for lines that contain a text.
func (b *tab) quiet(but string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.said {
		if but == "" || !strings.Contains(line, but) {
			b.t.Errorf("the browser's console says: %s", line)
		}
	}
	b.said = nil
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	b.must(chromedp.Run(ctx, actions...))
}

// visit opens a page of the office.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate("http://"+b.Office+path), chromedp.WaitReady("main", chromedp.ByQuery))
}

// ask evaluates a script's expression, waiting for it where it is a promise.
func ask[T any](b *tab, expression string) (out T) {
	b.t.Helper()
	b.run(chromedp.Evaluate(expression, &out, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return out
}

// until waits until an expression is true on the page, which may change
// meanwhile.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, patience)
	defer stop()
	for {
		var is bool
		err := chromedp.Run(ctx, chromedp.Evaluate("!!("+expression+")", &is))
		if ctx.Err() != nil {
			b.t.Fatalf("not within %s: %s; the page says %q", patience, expression, ask[string](b, "document.body.innerText"))
		}
		if err == nil && is {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// view is a way to look at a page.
type view struct {
	name, lang, scheme string
	wide               int64
}

var views = []view{
	{"phone-es-light", "es", "light", 320},
	{"desk-en-dark", "en", "dark", 1280},
	{"phone-en-dark", "en", "dark", 320},
	{"desk-es-light", "es", "light", 1280},
}

func (b *tab) look(v view) {
	b.t.Helper()
	b.run(emulation.SetDeviceMetricsOverride(v.wide, 900, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}),
		network.SetCookie("lang", v.lang).WithDomain("127.0.0.1").WithPath("/"))
}

// shoot keeps a picture of the whole page where -shots asks for it.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	var png []byte
	b.run(chromedp.FullScreenshot(&png, 100))
	b.must(os.MkdirAll(*shots, 0o755))
	b.must(os.WriteFile(filepath.Join(*shots, name+".png"), png, 0o644))
}

// cookies are those that a person without a browser has been given.
func (p *person) cookies() []*http.Cookie {
	return p.client.Jar.Cookies(&url.URL{Scheme: "http", Host: p.Office, Path: "/"})
}

// axe is the program that looks for barriers on a page.
func axe(t *testing.T) string {
	t.Helper()
	program, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run npm ci in web")
	}
	return string(program)
}

// rules are what axe asks: WCAG up to 2.2 AA, and good practice.
const rules = `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"]})
	.then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | ")))`

// barriers looks at the page that is open: what axe finds, and whether it
// scrolls sideways.
func (b *tab) barriers(axe string, wide int64) {
	b.t.Helper()
	b.run(chromedp.Evaluate(axe+";0", nil))
	for _, v := range ask[[]string](b, rules) {
		b.t.Error(v)
	}
	if w := ask[int64](b, "document.documentElement.scrollWidth"); w > wide {
		b.t.Errorf("the page scrolls sideways: %d px wide in %d", w, wide)
	}
}
