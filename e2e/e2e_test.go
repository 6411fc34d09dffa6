// SPDX-License-Identifier: Apache-2.0

// Package e2e walks through the running house in a real browser: the office's
// pages on a phone and on a desk, light and dark, in each language, by axe;
// and the journey of a results file without any script.
package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"hustings/app"
	"hustings/election"
	"hustings/fake/county"
	"hustings/guard/access"
	"hustings/kit/hide"
	"hustings/kit/who"
	"hustings/office/results"
)

var shots = flag.String("shots", "", "keep screenshots of the pages in this folder")

const password = "a sentence that is easy to remember"

// office is a running house with the synthetic county, some of its night
// already in: one report published, one held.
type office struct {
	*app.House
	t     *testing.T
	place *county.County
	e     election.ID
	held  string // path of the held report
}

func openOffice(t *testing.T) *office {
	t.Helper()
	place := county.New(7, "2026-11-03", "America/Denver")
	cfg := app.Defaults()
	cfg.Data.Folder = t.TempDir()
	cfg.Office.Name = "Test County Elections"
	cfg.Office.Jurisdiction = place.Definition().Election.Jurisdiction
	cfg.Doors.Public, cfg.Doors.Office, cfg.Doors.Rate = "127.0.0.1:0", "127.0.0.1:0", 0
	cfg.Results.PublishBefore = true
	h, err := app.Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	if err != nil {
		if strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(err)
	}
	o := &office{House: h, t: t, place: place, e: place.Definition().Election.ID}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done; h.Close() })
	<-h.Opened
	o.furnish()
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) as(name string) context.Context {
	return who.With(context.Background(), who.Person{ID: name, Name: name, Jurisdiction: o.Config.Office.Jurisdiction, Via: who.CLI})
}

// furnish hires two people, locks the definition, publishes the first delivery
// and leaves the second one held.
func (o *office) furnish() {
	o.t.Helper()
	ctx := o.as("setup")
	for email, roles := range map[string][]access.Role{
		"clerk@county.example": {access.Clerk}, "approver@county.example": {access.Approver, access.Admin, access.Editor}} {
		a, err := o.Identity.Add(ctx, email, strings.SplitN(email, "@", 2)[0], hide.New(password))
		o.must(err)
		for _, r := range roles {
			o.must(o.Access.Grant(ctx, a.ID, r))
		}
	}
	v, err := o.Definition.SaveDraft(ctx, o.place.Definition(), "synthetic")
	o.must(err)
	o.must(o.Definition.Lock(ctx, o.e, v.Hash, ""))
	o.must(o.Results.Open(ctx, o.e))
	o.must(o.Results.GoLive(ctx, o.e))
	night := o.place.Night()
	for i, d := range night {
		o.must(o.Results.SaveSource(ctx, o.e, results.Source{ID: d.Source, Name: d.SourceName, Incremental: d.Incremental, ByType: d.ByType}))
		if i > 1 {
			continue
		}
		r, err := o.Results.Take(o.as("clerk"), results.Upload{Election: o.e, Source: d.Source, Name: d.Name, Body: strings.NewReader(string(d.Body))})
		o.must(err)
		o.held = "/results/" + string(o.e) + "/reports/" + r.ID
		if i == 0 {
			_, err = o.Results.Approve(o.as("approver"), r.ID, 0, "compared with the tapes")
			o.must(err)
		}
	}
	for range 500 {
		if _, ok := o.Shelf.Current("results/" + string(o.e)); ok {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	o.t.Fatal("nothing was published within 10 s")
}

// browser starts Chromium, or skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed; the office's pages are not looked at in a browser")
	}
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
	ctx, stop = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(stop)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// pages are the kinds of pages of the office.
func (o *office) pages() map[string]string {
	e := string(o.e)
	return map[string]string{
		"sign-in": "/sign-in", "account": "/account", "elections": "/results", "desk": "/results/" + e,
		"upload": "/results/" + e + "/upload", "report": o.held, "sources": "/results/" + e + "/sources",
		"entry":       "/results/" + e + "/entry?unit=" + url.QueryEscape(string(o.leaf())) + "&contest=" + url.QueryEscape(string(o.place.Definition().Contests[0].ID)),
		"definitions": "/definition", "definition": "/definition/" + e, "import": "/definition/import", "aliases": "/definition/" + e + "/aliases",
		"missing": "/nowhere",
	}
}

func (o *office) leaf() election.UnitID {
	for _, u := range o.place.Definition().Units {
		if u.Type == election.Precinct {
			return u.ID
		}
	}
	return ""
}

// TestOfficePagesAreAccessible asks axe about every kind of page.
func TestOfficePagesAreAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a minute; run without -short")
	}
	axe, err := os.ReadFile("../web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: run npm ci in web")
	}
	ctx := browser(t)
	o := openOffice(t)
	base := "http://" + o.Office
	o.must(chromedp.Run(ctx, chromedp.Navigate(base+"/sign-in"),
		chromedp.SendKeys("#email", "approver@county.example"), chromedp.SendKeys("#password", password),
		chromedp.Submit("#password"), chromedp.WaitVisible("main")))
	for _, view := range []struct {
		name, lang, scheme string
		width              int64
	}{{"phone-es-light", "es", "light", 320}, {"desk-en-dark", "en", "dark", 1280}, {"phone-en-dark", "en", "dark", 320}, {"desk-es-light", "es", "light", 1280}} {
		for name, path := range o.pages() {
			t.Run(view.name+"/"+name, func(t *testing.T) {
				var found, wide string
				var shot []byte
				err := chromedp.Run(ctx,
					emulation.SetDeviceMetricsOverride(view.width, 900, 1, false),
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}}),
					chromedp.Navigate(base+"/language/"+view.lang+"?next="+url.QueryEscape(path)),
					chromedp.WaitVisible("main"),
					chromedp.Evaluate(string(axe)+"; true", nil),
					chromedp.Evaluate(`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 160)).join(" | "))))`,
						&found, awaited),
					chromedp.Evaluate(`document.documentElement.scrollWidth > innerWidth ? document.documentElement.scrollWidth + " px wide" : ""`, &wide),
					chromedp.FullScreenshot(&shot, 90))
				if err != nil {
					t.Fatal(err)
				}
				if *shots != "" {
					o.must(os.WriteFile(filepath.Join(*shots, name+"-"+view.name+".jpg"), shot, 0o644))
				}
				var list []string
				o.must(json.Unmarshal([]byte(found), &list))
				for _, v := range list {
					t.Error(v)
				}
				if wide != "" {
					t.Errorf("the page scrolls sideways: %s in %d", wide, view.width)
				}
			})
		}
	}
}

// TestAResultsFileGoesTheWholeWayWithoutScripts uses plain forms and links, as
// a browser without JavaScript does.
func TestAResultsFileGoesTheWholeWayWithoutScripts(t *testing.T) {
	o := openOffice(t)
	approver := o.signIn("approver@county.example")
	page := approver.get(o.held)
	for _, want := range []string{`name="base"`, "/approve"} {
		if !strings.Contains(page, want) {
			t.Fatalf("the report's page lacks %s:\n%s", want, page)
		}
	}
	base := between(page, `name="base" value="`, `"`)
	approver.post(o.held+"/approve", url.Values{"base": {base}, "reason": {"compared with the tapes"}})
	for range 500 {
		if p, ok := o.Shelf.Current("results/" + string(o.e)); ok && p.Version >= 2 {
			res, err := http.Get("http://" + o.Public + "/results/" + string(o.e) + "/")
			o.must(err)
			body, err := io.ReadAll(res.Body)
			o.must(err)
			o.must(res.Body.Close())
			if res.StatusCode != http.StatusOK || !strings.Contains(string(body), "<main") {
				t.Errorf("the public page: %s", res.Status)
			}
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the approved report was not published within 10 s")
}

type person struct {
	o      *office
	client *http.Client
}

func (o *office) signIn(email string) *person {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	o.must(err)
	p := &person{o, &http.Client{Jar: jar}}
	p.post("/sign-in", url.Values{"email": {email}, "password": {password}})
	return p
}

func (p *person) get(path string) string {
	p.o.t.Helper()
	res, err := p.client.Get("http://" + p.o.Office + path)
	p.o.must(err)
	return p.body(res)
}

func (p *person) post(path string, form url.Values) string {
	p.o.t.Helper()
	res, err := p.client.PostForm("http://"+p.o.Office+path, form)
	p.o.must(err)
	return p.body(res)
}

func (p *person) body(res *http.Response) string {
	p.o.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	p.o.must(err)
	if res.StatusCode >= 300 {
		p.o.t.Fatal(fmt.Sprintf("%s: %s\n%s", res.Request.URL, res.Status, body))
	}
	return string(body)
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	out, _, _ := strings.Cut(rest, after)
	return out
}
