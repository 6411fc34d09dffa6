// SPDX-License-Identifier: Apache-2.0

package site

import (
	"slices"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// Change is one published version and what it changed.
type Change struct {
	Version int             `json:"version"`
	At      time.Time       `json:"at"`
	Kind    ChangeKind      `json:"kind"`
	Status  election.Status `json:"status"`
	// Note is the office's reason, shown as written. A correction or a
	// retraction is not published without one.
	Note     election.Text   `json:"note,omitempty"`
	Ballots  int64           `json:"ballots"` // cast, in all, as of this version
	Reported int             `json:"reported"`
	Expected int             `json:"expected"`
	Contests []ContestChange `json:"contests,omitempty"`
	Path     string          `json:"path,omitempty"`   // of the frozen pages, relative to the root of the pages
	Digest   string          `json:"digest,omitempty"` // of the frozen pages, as the ledger has it
}

// ChangeKind is why a version was published.
type ChangeKind string

// The reasons for a version.
const (
	Opened    ChangeKind = "opened" // the pages before any count
	Counted   ChangeKind = "counted"
	Corrected ChangeKind = "corrected"
	Retracted ChangeKind = "retracted"
	Restated  ChangeKind = "restated" // another status, the same numbers
)

// ContestChange is a contest before and after a version.
type ContestChange struct {
	Contest election.ContestID `json:"contest"`
	Before  Stand              `json:"before"`
	After   Stand              `json:"after"`
}

// Stand is who was ahead in a contest, and by how much.
type Stand struct {
	Leader election.ChoiceID `json:"leader,omitempty"` // empty: nobody, or a tie
	Votes  int64             `json:"votes"`            // of the leader
	Lead   int64             `json:"lead"`
	Total  int64             `json:"total"`
}

// Differences compares two tallies of one index and lists the contests whose
// numbers changed. A nil prev is an empty tally.
func Differences(prev, next *tally.Tally) []ContestChange {
	x := next.Index
	if prev == nil {
		prev = tally.Merge(x)
	}
	var out []ContestChange
	for c, def := range x.Def.Contests {
		before, after := standOf(prev, int32(c)), standOf(next, int32(c))
		if before != after {
			out = append(out, ContestChange{Contest: def.ID, Before: before, After: after})
		}
	}
	return out
}

func standOf(t *tally.Tally, c int32) Stand {
	var st standing
	st.count(t, c, t.Index.Root())
	out := Stand{Total: st.total, Lead: st.lead()}
	if first := st.first(); first >= 0 {
		out.Leader, out.Votes = st.def.Choices[first].ID, st.votes[first]
	}
	return out
}

// changes is the log: one line a version, the newest first, and the line of
// ballots counted over time.
func (p *page) changes() {
	p.open(p.words("nav.changes"), "page-changes")
	p.raw("<div class=\"head\"><h1>")
	p.say("nav.changes")
	p.raw("</h1><p class=\"meta\">")
	p.say("changes.say")
	p.raw("</p></div>\n<div id=\"numbers\" data-live=\"\">\n")
	p.timeline()
	p.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("nav.changes")
	p.raw("\"><table class=\"grid grid-log\"><thead><tr>")
	for _, key := range []string{"time.column", "what", "ballots", "reporting.column", "leaders"} {
		p.column(key)
	}
	p.raw("</tr></thead><tbody>\n")
	for i := len(p.Changes) - 1; i >= 0; i-- {
		p.logRow(i)
	}
	p.raw("</tbody></table></div>\n</div>\n")
	p.close()
}

func (p *page) logRow(i int) {
	c := p.Changes[i]
	p.raw(`<tr class="log log-` + string(c.Kind) + `"><th scope="row">`)
	p.link(changePath(c))
	p.clock(c.At)
	p.raw("</a></th><td>")
	p.kindTag(c)
	p.text(c.Note.In(p.v.Lang()))
	p.raw("</td><td>")
	p.num(c.Ballots)
	p.raw("</td><td>")
	p.num(int64(c.Reported))
	p.raw("/")
	p.num(int64(c.Expected))
	p.raw("</td><td>")
	if n := leadersChanged(c); n > 0 {
		p.tell("leaders.changed", int64(n))
	} else {
		p.raw("–")
	}
	p.raw("</td></tr>\n")
}

func (p *page) kindTag(c Change) {
	p.raw(`<span class="kind kind-` + string(c.Kind) + `">`)
	if c.Kind == Restated {
		p.say("status." + string(c.Status))
	} else {
		p.say("change." + string(c.Kind))
	}
	p.raw("</span> ")
}

// leadersChanged counts the contests in which another choice came to lead.
func leadersChanged(c Change) int {
	n := 0
	for _, d := range c.Contests {
		if d.Before.Leader != d.After.Leader && d.Before.Total > 0 {
			n++
		}
	}
	return n
}

// change is one version in full: every contest before and after.
func (p *page) change(i int) {
	c := p.Changes[i]
	title := p.words("changes.at", "time", p.v.Clock(p.local(c.At)))
	p.open(title, "page-change")
	p.crumbs(step{"changes", escaped(p.words("nav.changes"))})
	p.raw("<div class=\"head\"><p class=\"kicker\">")
	p.say("version", "version", c.Version)
	p.raw(" · ")
	p.moment(c.At)
	p.raw("</p>\n<h1>")
	p.text(title)
	p.raw("</h1><p class=\"meta\">")
	p.kindTag(c)
	p.text(c.Note.In(p.v.Lang()))
	p.raw("</p></div>\n")
	p.raw("<dl class=\"figures\">\n")
	before := Change{}
	if i > 0 {
		before = p.Changes[i-1]
	}
	p.gain("ballots", c.Ballots, before.Ballots)
	p.gain("nav.precincts", int64(c.Reported), int64(before.Reported))
	p.raw("</dl>\n")
	p.changedContests(c)
	p.neighbours(i)
	p.close()
}

func (p *page) gain(key string, now, before int64) {
	p.raw("<div><dt>")
	p.say(key)
	p.raw("</dt><dd>")
	p.num(now)
	p.raw(` <span class="gain">`)
	p.signed(now - before)
	p.raw("</span></dd></div>\n")
}

func (p *page) signed(n int64) {
	switch {
	case n > 0:
		p.raw("+")
	case n < 0:
		p.raw("−")
		n = -n
	}
	p.num(n)
}

func (p *page) changedContests(c Change) {
	if len(c.Contests) == 0 {
		p.raw("<p class=\"quiet\">")
		p.say("changes.none")
		p.raw("</p>\n")
		return
	}
	p.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("contests")
	p.raw("\"><table class=\"grid grid-log\"><thead><tr>")
	for _, key := range []string{"contest", "mark.leading", "votes", "fact.lead", "fact.votes"} {
		p.column(key)
	}
	p.raw("</tr></thead><tbody>\n")
	for _, d := range c.Contests {
		at, ok := p.x.Contest(d.Contest)
		if !ok {
			continue
		}
		p.raw(`<tr><th scope="row">`)
		p.link(p.contestPaths[at])
		p.name(p.v.contests[at])
		p.raw("</a></th><td>")
		if d.Before.Leader != d.After.Leader && d.Before.Total > 0 {
			p.raw(`<s>`)
			p.leaderName(at, d.Before.Leader)
			p.raw(`</s> → <b>`)
			p.leaderName(at, d.After.Leader)
			p.raw(`</b>`)
		} else {
			p.leaderName(at, d.After.Leader)
		}
		p.raw("</td>")
		for _, pair := range [][2]int64{{d.After.Votes, d.Before.Votes}, {d.After.Lead, d.Before.Lead}, {d.After.Total, d.Before.Total}} {
			p.raw("<td>")
			p.num(pair[0])
			if pair[0] != pair[1] {
				p.raw(` <span class="gain">`)
				p.signed(pair[0] - pair[1])
				p.raw("</span>")
			}
			p.raw("</td>")
		}
		p.raw("</tr>\n")
	}
	p.raw("</tbody></table></div>\n")
}

func (p *page) leaderName(c int32, id election.ChoiceID) {
	for i, choice := range p.x.Def.Contests[c].Choices {
		if choice.ID == id {
			p.name(p.v.choices[c][i])
			return
		}
	}
	p.raw("–")
}

// neighbours links the version before. The one after is not linked: this page
// never changes once it is published.
func (p *page) neighbours(i int) {
	p.raw("<ul class=\"pair\">")
	if i > 0 {
		p.raw("<li>")
		p.link(changePath(p.Changes[i-1]))
		p.say("changes.before")
		p.raw("</a></li>")
	}
	p.raw("<li>")
	p.link("changes")
	p.say("changes.all")
	p.raw("</a></li></ul>\n")
}

// growth tells how a contest's count came in: each version that changed it.
func (p *page) growth(c, u int32) {
	if u != p.focus[c] {
		return // versions tell of whole contests
	}
	id, any := p.x.Def.Contests[c].ID, false
	for i := len(p.Changes) - 1; i >= 0; i-- {
		at := slices.IndexFunc(p.Changes[i].Contests, func(d ContestChange) bool { return d.Contest == id })
		if at < 0 {
			continue
		}
		if !any {
			p.growthHead()
			any = true
		}
		p.growthRow(c, p.Changes[i], p.Changes[i].Contests[at])
	}
	if any {
		p.raw("</tbody></table></div></section>\n")
	}
}

func (p *page) growthHead() {
	p.raw("<section class=\"growth\"><h2>")
	p.say("growth")
	p.raw("</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("growth")
	p.raw("\"><table class=\"grid grid-log\"><thead><tr>")
	for _, key := range []string{"time.column", "mark.leading", "fact.lead", "fact.votes"} {
		p.column(key)
	}
	p.raw("</tr></thead><tbody>\n")
}

func (p *page) growthRow(c int32, v Change, d ContestChange) {
	p.raw(`<tr><th scope="row">`)
	p.link(changePath(v))
	p.clock(v.At)
	p.raw("</a></th><td>")
	p.leaderName(c, d.After.Leader)
	p.raw("</td><td>")
	p.num(d.After.Lead)
	p.raw("</td><td>")
	p.num(d.After.Total)
	p.raw(` <span class="gain">`)
	p.signed(d.After.Total - d.Before.Total)
	p.raw("</span></td></tr>\n")
}

// timeline draws ballots counted against time, a step at each version.
func (p *page) timeline() {
	if len(p.Changes) < 2 {
		return
	}
	first, last := p.Changes[0].At, p.Changes[len(p.Changes)-1].At
	var most int64
	for _, c := range p.Changes {
		most = max(most, c.Ballots)
	}
	span := last.Sub(first).Seconds()
	if span <= 0 || most == 0 {
		return
	}
	x := func(at time.Time) int64 { return int64(at.Sub(first).Seconds() / span * 960) }
	y := func(n int64) int64 { return 200 - n*190/most }
	p.raw(`<figure class="timeline"><svg viewBox="0 0 1000 204" preserveAspectRatio="none" role="img" aria-label="`)
	p.say("timeline.name")
	p.raw(`"><path class="area" d="M0 200V`)
	p.steps(x, y)
	p.raw(`V200z"/><path class="line" d="M0 `)
	p.steps(x, y)
	p.raw(`"/></svg><figcaption><span>`)
	p.clock(first)
	p.raw("</span><span>")
	p.say("timeline.say", "n", p.v.Number(most))
	p.raw("</span><span>")
	p.clock(last)
	p.raw("</span></figcaption></figure>\n")
}

func (p *page) steps(x func(time.Time) int64, y func(int64) int64) {
	for i, c := range p.Changes {
		if i > 0 {
			p.raw("H")
			p.int(x(c.At))
			p.raw("V")
		}
		p.int(y(c.Ballots))
	}
	p.raw("H1000")
}

// archive lists every version with its frozen pages.
func (p *page) archive() {
	p.open(p.words("foot.archive"), "page-archive")
	p.raw("<div class=\"head\"><h1>")
	p.say("foot.archive")
	p.raw("</h1><p class=\"meta\">")
	p.say("archive.say")
	p.raw("</p></div>\n<div id=\"numbers\" data-live=\"\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("foot.archive")
	p.raw("\"><table class=\"grid grid-log\"><thead><tr>")
	for _, key := range []string{"version.column", "time.column", "status", "digest"} {
		p.column(key)
	}
	p.raw("</tr></thead><tbody>\n")
	for i := len(p.Changes) - 1; i >= 0; i-- {
		c := p.Changes[i]
		p.raw(`<tr><th scope="row">`)
		if c.Path != "" {
			p.raw(`<a href="`)
			// A frozen copy of this page stands elsewhere than the page itself.
			p.text(orElse(p.URL, p.top) + c.Path)
			p.raw(`">`)
		}
		p.num(int64(c.Version))
		if c.Path != "" {
			p.raw("</a>")
		}
		p.raw("</th><td>")
		p.moment(c.At)
		p.raw("</td><td>")
		p.say("status." + string(c.Status))
		p.raw("</td><td class=\"digest\">")
		p.text(c.Digest)
		p.raw("</td></tr>\n")
	}
	p.raw("</tbody></table></div></div>\n")
	p.close()
}

// feed is the log as an Atom feed.
func (p *page) feed() {
	id := "tag:" + orElse(p.x.Def.Election.Jurisdiction, "results") + "," + string(p.x.Def.Election.End) + ":" + string(p.x.Def.Election.ID)
	p.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"")
	p.raw(p.v.Lang())
	p.raw("\">\n<id>")
	p.text(id)
	p.raw("</id>\n<title>")
	if p.Test {
		p.say("test.title")
		p.raw(": ")
	}
	p.text(p.electionName())
	p.raw("</title>\n<updated>")
	p.raw(published(p.At))
	p.raw("</updated>\n<author><name>")
	p.text(orElse(p.Office.Name.In(p.v.Lang()), p.electionName()))
	p.raw("</name></author>\n<link rel=\"self\" href=\"")
	p.text(p.address("feed.xml"))
	p.raw("\"/>\n<link href=\"")
	p.text(p.address("index.html"))
	p.raw("\"/>\n")
	for i := len(p.Changes) - 1; i >= max(0, len(p.Changes)-30); i-- {
		p.entry(id, p.Changes[i])
	}
	p.raw("</feed>\n")
}

func (p *page) entry(id string, c Change) {
	p.raw("<entry><id>")
	p.text(id + ":")
	p.int(int64(c.Version))
	p.raw("</id><title>")
	p.say("changes.at", "time", p.v.Clock(p.local(c.At)))
	p.raw(" · ")
	p.say("status." + string(c.Status))
	p.raw("</title><updated>")
	p.raw(published(c.At))
	p.raw("</updated><link href=\"")
	p.text(p.address(changePath(c) + ".html"))
	p.raw("\"/><summary>")
	p.text(c.Note.In(p.v.Lang()))
	p.raw(" ")
	p.tell("ballots.counted", c.Ballots)
	p.raw(" ")
	p.tell("reporting", int64(c.Expected), "done", int64(c.Reported), "share", p.v.Percent(int64(c.Reported), int64(c.Expected)))
	p.raw("</summary></entry>\n")
}

// address is where a page stands, absolute where the folder's own address is known.
func (p *page) address(path string) string {
	if p.URL == "" {
		return path
	}
	return p.URL + p.v.folder + path
}
