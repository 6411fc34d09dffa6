// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"hustings/kit/web"
)

// TestThePublicPagesAsServed follows the links that a voter follows, under the
// policy of the public door, and sees new numbers without asking for them.
func TestThePublicPagesAsServed(t *testing.T) {
	program := axe(t)
	b := openOffice(t).tab("")
	n := b.open("2026-11-25")
	_, r := n.take(n.files[0])
	n.approve(r)
	n.published(1)
	link := `href="results/` + string(n.e) + `/`
	b.eventually("the election on the start page", func() bool { return strings.Contains(b.public("/"), link) })
	b.look(views[0])

	b.voter("/")
	b.barriers(program, views[0].wide)
	b.follow(`main a[href*="` + string(n.e) + `"]`)
	b.follow(`main a[href*="contest/"]`)
	b.follow(`main a[href*="precinct/"]`)
	b.quiet("")
	b.voter("/nowhere")
	if got := ask[string](b, "document.body.innerText"); !strings.Contains(got, "There is no such page.") {
		t.Errorf("a page that is not there says %q", got)
	}
	b.quiet("404")
	b.live(n)
}

// hasten is a page's clock that runs twenty times as fast: a reader asks every
// half minute, and the test would too.
const hasten = `{ const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms / 20); }`

// live waits for the numbers of another version on a page that stays open.
func (b *tab) live(n *night) {
	b.t.Helper()
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(hasten).Do(ctx)
		return err
	}))
	b.voter("/results/" + string(n.e) + "/")
	b.until(`document.getElementById("live").textContent !== ""`)
	b.run(chromedp.Evaluate(`window.samePage = true`, nil))
	_, r := n.take(n.from("polls", 0))
	n.approve(r)
	n.published(2)
	b.until(`document.getElementById("live").classList.contains("fresh")`)
	if !ask[bool](b, `window.samePage === true`) {
		b.t.Error("the page was loaded again")
	}
	b.quiet("/favicon.ico") // of the page that is not there, which names no icon
}

// voter opens a page of the public door.
func (b *tab) voter(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate("http://"+b.Public+path), chromedp.WaitReady("body", chromedp.ByQuery))
}

// follow clicks the first such link and waits for another page.
func (b *tab) follow(link string) {
	b.t.Helper()
	was := ask[string](b, "location.pathname")
	b.run(chromedp.WaitReady(link, chromedp.ByQuery), chromedp.Evaluate(`document.querySelector(`+"`"+link+"`"+`).click()`, nil))
	b.until(`location.pathname !== "` + was + `" && document.readyState === "complete" && document.querySelector("main h1")`)
}

// public is a page of the public door, which must carry the policy.
func (o *office) public(path string) string {
	o.t.Helper()
	res, err := http.Get("http://" + o.Public + path)
	o.must(err)
	if got := res.Header.Get("Content-Security-Policy"); got != web.Policy {
		o.t.Errorf("%s: got the policy %q, want %q", path, got, web.Policy)
	}
	if res.StatusCode == http.StatusNotFound {
		_ = res.Body.Close()
		return ""
	}
	return (&person{office: o}).body(res)
}
