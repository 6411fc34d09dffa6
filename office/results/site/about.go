// SPDX-License-Identifier: Apache-2.0

package site

// about tells how to read the pages and how to check them.
func (p *page) about() {
	p.open(p.words("nav.about"), "page-about")
	p.raw("<div class=\"head\"><h1>")
	p.say("nav.about")
	p.raw("</h1></div>\n<div class=\"prose\">\n")
	for _, key := range []string{"unofficial", "leading", "reporting", "share", "under", "over", "types", "measure", "recount", "small", "map"} {
		if key == "recount" && p.Recount == nil || key == "small" && p.SmallUnit <= 0 {
			continue
		}
		p.raw("<h2>")
		p.say("about." + key)
		p.raw("</h2>\n<p>")
		p.say("about."+key+".say", "n", p.v.Number(p.SmallUnit))
		if key == "recount" {
			p.raw(" ")
			p.text(p.recountRule())
		}
		p.raw("</p>\n")
	}
	p.verify()
	p.raw("</div>\n")
	p.close()
}

// recountRule is the margin of the recount rule in words, and the law's own.
func (p *page) recountRule() string {
	r, out := p.Recount, ""
	switch {
	case r.Denominator > 0 && r.Votes > 0:
		out = p.words("recount.either", "share", p.v.Percent(r.Numerator, r.Denominator), "votes", r.Votes)
	case r.Denominator > 0:
		out = p.words("recount.share", "share", p.v.Percent(r.Numerator, r.Denominator))
	case r.Votes > 0:
		out = p.words("recount.votes", "votes", r.Votes)
	}
	if law := r.Law.In(p.v.Lang()); law != "" {
		out += " " + law
	}
	return out
}

func (p *page) verify() {
	p.raw("<h2 id=\"verify\">")
	p.say("verify")
	p.raw("</h2>\n<p>")
	p.say("verify.say")
	p.raw("</p>\n")
	if p.Checkpoint != "" {
		p.raw("<p>")
		p.say("verify.checkpoint")
		p.raw("</p>\n<pre class=\"checkpoint\" tabindex=\"0\">")
		p.text(p.Checkpoint)
		p.raw("</pre>\n")
	}
	if p.Verify != "" {
		p.raw(`<p><a href="`)
		p.text(p.Verify)
		p.raw(`">`)
		p.say("verify.page")
		p.raw("</a></p>\n")
	}
	p.raw("<p>")
	p.link("archive")
	p.say("foot.archive")
	p.raw("</a></p>\n")
}

// downloads lists the files beside the pages.
func (p *page) downloads() {
	p.open(p.words("nav.downloads"), "page-downloads")
	p.raw("<div class=\"head\"><h1>")
	p.say("nav.downloads")
	p.raw("</h1><p class=\"meta\">")
	p.say("downloads.say")
	p.raw("</p></div>\n<div id=\"numbers\" data-live=\"\">")
	if len(p.Downloads) == 0 {
		p.raw("<p class=\"quiet\">")
		p.say("downloads.none")
		p.raw("</p>")
	}
	p.raw("<ul class=\"files\">\n")
	for _, d := range p.Downloads {
		p.raw(`<li><a href="`)
		p.text(p.top + d.Path)
		p.raw(`" download="">`)
		p.text(d.Name)
		p.raw("</a> ")
		if d.Size > 0 {
			p.raw(`<span class="size">`)
			p.text(p.sizeOf(d.Size))
			p.raw("</span>")
		}
		if key := "results.site.file." + d.Name; p.v.Has(key) {
			p.raw("<p>")
			p.text(p.v.T(key))
			p.raw("</p>")
		}
		p.raw("</li>\n")
	}
	p.raw("</ul></div>\n<section><h2>")
	p.say("downloads.json")
	p.raw("</h2><p>")
	p.say("downloads.json.say")
	p.raw("</p></section>\n")
	p.close()
}

func (p *page) sizeOf(n int64) string {
	if n < 1000*1000 {
		return p.words("size.kb", "n", max(1, n/1000))
	}
	return p.words("size.mb", "n", p.v.Number(n/1_000_000)+p.v.lang.Decimal+string(rune('0'+n/100_000%10)))
}

// missing is the page for an address that does not exist. It may be served at
// any depth, so its links start at the folder's own address where that is known.
func (p *page) missing() {
	if p.URL != "" {
		p.top = p.URL
		p.up = p.top + p.v.folder
	}
	p.open(p.words("missing"), "page-missing")
	p.raw("<div class=\"head\"><h1>")
	p.say("missing")
	p.raw("</h1><p>")
	p.say("missing.say")
	p.raw("</p><p>")
	p.link("index")
	p.say("nav.index")
	p.raw("</a></p></div>\n")
	p.close()
}

// embed is one contest alone, for other sites to show in a frame.
func (p *page) embed() {
	p.standing(p.pg.c, p.pg.u, &p.st)
	p.head(p.x.Def.Contests[p.pg.c].Name.In(p.v.Lang()), "page-embed")
	p.raw("<body>\n")
	p.testBanner()
	p.raw("<main id=\"main\" class=\"embed\">\n<div id=\"numbers\" data-live=\"\">\n")
	p.raw("<p class=\"kicker\">")
	p.text(p.electionName())
	p.raw("</p>\n<h1><a target=\"_top\" href=\"")
	p.href(p.contestPaths[p.pg.c])
	p.raw("\">")
	p.name(p.v.contests[p.pg.c])
	p.raw("</a></h1>\n")
	p.lead(&p.st)
	p.choiceTable(&p.st, rows{marks: true, limit: 6, caption: "choices.caption"})
	p.raw("<p class=\"standing-say standing-")
	p.raw(string(p.Status))
	p.raw("\"><strong>")
	p.say("status." + string(p.Status))
	p.raw("</strong> · ")
	p.text(p.Office.Name.In(p.v.Lang()))
	p.raw("</p>\n</div>\n")
	p.liveLine()
	p.raw("</main>\n</body>\n</html>\n")
}

// screen is for the wall of a lobby: one contest at a time, in large type,
// turned over by the script. Without script they stand one below the other.
func (p *page) screen() {
	p.head(p.words("foot.screen"), "page-screen")
	p.raw("<body>\n")
	p.testBanner()
	p.raw("<header class=\"screen-head\"><p class=\"office\">")
	p.text(p.Office.Name.In(p.v.Lang()))
	p.raw("</p><h1>")
	p.text(p.electionName())
	p.raw("</h1><p class=\"screen-status\"><strong>")
	p.say("status." + string(p.Status))
	p.raw("</strong></p>")
	p.liveLine()
	p.raw("</header>\n<main id=\"main\" data-rotate=\"12\" data-pause=\"")
	p.say("screen.pause")
	p.raw("\" data-play=\"")
	p.say("screen.play")
	p.raw("\">\n<div id=\"numbers\" data-live=\"\">\n")
	p.raw("<section class=\"slide\"><h2>")
	p.say("count")
	p.raw("</h2>")
	p.unitFacts(p.x.Root())
	p.raw("</section>\n")
	for _, c := range p.screened() {
		p.standing(c, p.focus[c], &p.st)
		p.raw("<section class=\"slide\"><h2>")
		p.name(p.v.contests[c])
		p.raw("</h2>\n")
		p.lead(&p.st)
		p.choiceTable(&p.st, rows{marks: true, limit: 5})
		p.raw("</section>\n")
	}
	p.raw("</div>\n</main>\n</body>\n</html>\n")
}

// screened lists the contests of the big screen: the headline ones, then the
// others, two dozen at most, so that each comes round within five minutes.
func (s *Edition) screened() []int32 {
	out := append([]int32(nil), s.headers...)
	in := make(map[int32]bool)
	for _, c := range out {
		in[c] = true
	}
	for c := range s.x.Def.Contests {
		if len(out) < 24 && !in[int32(c)] {
			out = append(out, int32(c))
		}
	}
	return out
}
