// SPDX-License-Identifier: Apache-2.0

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// icon is the tab icon: a ballot box slot and a rising bar.
var icon = func() Asset {
	body := []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#1b3a57"/>` +
		`<path d="M7 24V14h4v10zm7 0V8h4v16zm7 0v-6h4v6z" fill="#fff"/></svg>` + "\n")
	sum := sha256.Sum256(body)
	return Asset{Path: "assets/icon-" + hex.EncodeToString(sum[:5]) + ".svg", Body: body}
}()

// head writes a page up to its body. robots keeps a page out of search engines.
func (p *page) head(title, class string) {
	p.raw("<!DOCTYPE html>\n<html lang=\"")
	p.raw(p.v.Lang())
	p.raw(`" dir="`)
	p.raw(p.v.Dir())
	p.raw(`" class="`)
	p.raw(class)
	if p.Test {
		p.raw(" test")
	}
	p.raw(`" data-top="`)
	p.raw(p.top)
	p.raw(`" data-page="`)
	p.raw(p.pg.path)
	p.raw(`" data-zone="`)
	p.text(p.zone.String())
	p.raw("\">\n<head>\n<meta charset=\"utf-8\"/>\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" +
		"<meta name=\"color-scheme\" content=\"light dark\"/>\n")
	if p.Test || p.pg.kind == missingPage {
		p.raw("<meta name=\"robots\" content=\"noindex, nofollow\"/>\n")
	}
	p.raw("<title>")
	if p.Test {
		p.say("test.title")
		p.raw(" · ")
	}
	p.text(title)
	if p.pg.kind != indexPage {
		p.raw(" · ")
		p.text(p.electionName())
	}
	p.raw("</title>\n")
	p.links()
	p.raw("</head>\n")
}

func (p *page) links() {
	for _, sheet := range []string{p.Style.Path, p.palette.Path} {
		p.raw(`<link rel="stylesheet" href="`)
		p.raw(p.top)
		p.raw(sheet)
		p.raw("\"/>\n")
	}
	p.raw(`<script src="`)
	p.raw(p.top)
	p.raw(p.Script.Path)
	p.raw("\" defer=\"\"></script>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"")
	p.raw(p.top)
	p.raw(icon.Path)
	p.raw("\"/>\n")
	if p.pg.hasTwin() {
		p.raw(`<link rel="alternate" type="application/json" href="`)
		p.raw(p.top)
		p.raw(p.pg.path)
		p.raw(".json\"/>\n")
	}
	p.raw(`<link rel="alternate" type="application/atom+xml" href="`)
	p.raw(p.up)
	p.raw("feed.xml\"/>\n")
	for _, v := range p.voices {
		if v != p.v {
			p.raw(`<link rel="alternate" hreflang="`)
			p.raw(v.Lang())
			p.raw(`" href="`)
			p.here(v)
			p.raw("\"/>\n")
		}
	}
}

// here writes the address of this page in another language.
func (p *page) here(v *voice) {
	p.raw(p.top)
	p.raw(v.folder)
	p.raw(p.pg.path)
	p.raw(".html")
}

// href writes the address of a page in the same language.
func (p *page) href(path string) {
	p.raw(p.up)
	p.raw(path)
	p.raw(".html")
}

func (p *page) link(path string) {
	p.raw(`<a href="`)
	p.href(path)
	p.raw(`">`)
}

func (p *page) electionName() string { return p.x.Def.Election.Name.In(p.v.Lang()) }

// electionDay is the last day of voting, written out.
func (p *page) electionDay() string {
	day, err := p.x.Def.Election.End.In(p.zone)
	if err != nil {
		return string(p.x.Def.Election.End)
	}
	return p.v.Date(day)
}

// open writes everything above a page's own content.
func (p *page) open(title, class string) {
	p.head(title, class)
	p.raw("<body>\n<a class=\"usa-skipnav\" href=\"#main\">")
	p.say("skip")
	p.raw("</a>\n")
	p.testBanner()
	p.masthead()
	p.statusBar()
	p.raw("<main id=\"main\" class=\"wrap\">\n")
}

// testBanner says on every page of a test that the numbers are not votes.
func (p *page) testBanner() {
	if !p.Test {
		return
	}
	p.raw(`<div class="test-banner" role="region" aria-label="`)
	p.say("test.title")
	p.raw(`"><strong>`)
	p.say("test.title")
	p.raw("</strong> ")
	p.say("test.say")
	p.raw("</div>\n")
}

func (p *page) masthead() {
	p.raw("<header class=\"masthead\"><div class=\"wrap\">\n<div class=\"masthead-top\"><p class=\"office\">")
	p.text(p.Office.Name.In(p.v.Lang()))
	p.raw("</p>")
	p.languages()
	p.raw("</div>\n<p class=\"election\">")
	p.link("index")
	p.text(p.electionName())
	p.raw("</a> <span class=\"day\">")
	p.text(p.electionDay())
	p.raw("</span></p>\n<nav aria-label=\"")
	p.say("nav")
	p.raw("\"><ul>")
	root := p.x.Root()
	for _, at := range []struct{ key, path string }{
		{"nav.index", "index"}, {p.partsKey(root), p.unitPaths[root]}, {"nav.status", "status"}, {"nav.changes", "changes"},
		{"nav.downloads", "downloads"}, {"nav.about", "about"},
	} {
		p.raw(`<li><a href="`)
		p.href(at.path)
		p.raw(`"`)
		if at.path == p.pg.path {
			p.raw(` aria-current="page"`)
		}
		p.raw(">")
		p.say(at.key)
		p.raw("</a></li>")
	}
	p.raw("</ul></nav>\n</div></header>\n")
}

// partsKey is what the parts of a unit are called: counties, or precincts,
// which may have splits of their own.
func (p *page) partsKey(u int32) string {
	for _, k := range p.x.Children(u) {
		if !p.x.Def.Units[k].Leaf() {
			return "nav.counties"
		}
	}
	return "nav.precincts"
}

func (p *page) languages() {
	if len(p.voices) < 2 {
		return
	}
	p.raw(`<ul class="langs">`)
	for _, v := range p.voices {
		if v == p.v {
			continue
		}
		p.raw(`<li><a lang="`)
		p.raw(v.Lang())
		p.raw(`" hreflang="`)
		p.raw(v.Lang())
		p.raw(`" dir="`)
		p.raw(v.Dir())
		p.raw(`" href="`)
		p.here(v)
		p.raw(`">`)
		p.text(v.lang.Endonym)
		p.raw(`</a></li>`)
	}
	p.raw(`</ul>`)
}

// statusBar says in plain words how final the numbers are. The line beside it
// is filled by the script from current.json.
func (p *page) statusBar() {
	p.raw(`<div class="standing standing-`)
	p.raw(string(p.Status))
	p.raw(`" role="region" aria-label="`)
	p.say("status")
	p.raw(`"><div class="wrap"><p class="standing-say"><strong>`)
	p.say("status." + string(p.Status))
	p.raw("</strong> <span>")
	p.say("status." + string(p.Status) + ".say")
	p.raw("</span></p>")
	p.liveLine()
	p.raw("</div></div>\n")
}

// liveLine is the line that the script fills, with the sentences it needs.
func (p *page) liveLine() {
	p.raw(`<p class="live" id="live" hidden=""`)
	for _, key := range []string{"updated", "next", "fresh", "offline", "frozen"} {
		p.raw(" data-")
		p.raw(key)
		p.raw(`="`)
		p.say("live."+key, "time", "{time}", "version", "{version}")
		p.raw(`"`)
	}
	p.raw(`></p><p class="usa-sr-only" id="announce" role="status"></p>`)
}

// close writes everything below a page's own content.
func (p *page) close() {
	p.raw("</main>\n<footer class=\"foot\"><div class=\"wrap\">\n")
	if at, ok := p.Stamps[p.pg.path]; ok {
		p.raw("<p class=\"stamp\">")
		p.say("stamp")
		p.raw(" ")
		p.moment(at)
		p.raw("</p>\n")
	}
	p.raw("<ul class=\"foot-links\">")
	for _, at := range []struct{ key, path string }{
		{"foot.screen", "screen.html"}, {"foot.archive", "archive.html"}, {"foot.feed", "feed.xml"}, {"verify", "about.html#verify"},
	} {
		p.raw(`<li><a href="`)
		p.raw(p.up)
		p.raw(at.path)
		p.raw(`">`)
		p.say(at.key)
		p.raw("</a></li>")
	}
	if p.pg.hasTwin() {
		p.raw(`<li><a href="`)
		p.raw(p.top)
		p.raw(p.pg.path)
		p.raw(`.json">`)
		p.say("foot.json")
		p.raw("</a></li>")
	}
	p.raw("</ul>\n<p class=\"seal\" id=\"seal\" hidden=\"\" data-sealed=\"")
	p.say("foot.sealed", "size", "{size}", "root", "{root}")
	p.raw("\"></p>\n")
	p.contact()
	p.raw("</div></footer>\n</body>\n</html>\n")
}

func (p *page) contact() {
	o := p.Office
	p.raw("<address>")
	p.text(o.Name.In(p.v.Lang()))
	for _, at := range []struct{ scheme, text string }{{"tel:", o.Phone}, {"mailto:", o.Email}, {"", o.URL}} {
		if at.text == "" {
			continue
		}
		p.raw(` · <a href="`)
		p.raw(at.scheme)
		p.text(at.text)
		p.raw(`">`)
		p.text(at.text)
		p.raw("</a>")
	}
	p.raw("</address>\n")
}

// crumbs writes the way from the index to this page.
func (p *page) crumbs(steps ...step) {
	p.raw(`<nav class="usa-breadcrumb" aria-label="`)
	p.say("crumbs")
	p.raw(`"><ol class="usa-breadcrumb__list">`)
	for _, s := range append([]step{{"index", escaped(p.words("nav.index"))}}, steps...) {
		p.raw(`<li class="usa-breadcrumb__list-item"><a class="usa-breadcrumb__link" href="`)
		p.href(s.path)
		p.raw(`">`)
		p.name(s.name)
		p.raw("</a></li>")
	}
	p.raw("</ol></nav>\n")
}

// step is a page on the way: its path and escaped name.
type step struct{ path, name string }

// stampOf is when a page's numbers last changed.
func (s *Edition) stampOf(path string) time.Time {
	if at, ok := s.Stamps[path]; ok {
		return at
	}
	return s.At
}
