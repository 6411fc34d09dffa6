// SPDX-License-Identifier: Apache-2.0

package site

import (
	"slices"
	"time"

	"hustings/election"
	"hustings/office/results/tally"
)

// index is the front page: how far the count has come, the contests that
// everyone votes on, and every contest in ballot order.
func (p *page) index() {
	p.open(p.electionName(), "page-index")
	p.raw("<div class=\"hero\"><h1>")
	p.text(p.electionName())
	p.raw("</h1><p class=\"hero-day\">")
	p.text(p.electionDay())
	p.raw(" · ")
	p.name(p.unitNames[p.x.Root()])
	p.raw("</p></div>\n<div id=\"numbers\" data-live=\"\">\n")
	p.clockLine()
	p.unitFacts(p.x.Root())
	p.latest()
	p.headlines()
	p.raw("</div>\n")
	p.allContests()
	p.close()
}

// clockLine is the version, its time and the next one: the front page says so
// even to readers without script.
func (p *page) clockLine() {
	p.raw("<p class=\"clock\">")
	p.say("version", "version", p.Version)
	p.raw(" · ")
	p.moment(p.At)
	if !p.Next.IsZero() {
		p.raw(" · ")
		p.say("next")
		p.raw(" ")
		p.clock(p.Next)
	}
	p.raw("</p>\n")
}

// latest links to what the newest version changed.
func (p *page) latest() {
	if len(p.Changes) == 0 {
		return
	}
	c := p.Changes[len(p.Changes)-1]
	p.raw("<p class=\"latest\">")
	p.link(changePath(c))
	p.say("changes.at", "time", p.v.Clock(p.local(c.At)))
	p.raw("</a> ")
	p.text(c.Note.In(p.v.Lang()))
	p.raw("</p>\n")
}

func (p *page) headlines() {
	p.raw("<section class=\"headlines\"><h2 class=\"usa-sr-only\">")
	p.say("headlines")
	p.raw("</h2>\n<div class=\"cards cards-large\">\n")
	for _, c := range p.headers {
		p.standing(c, p.focus[c], &p.st)
		p.card(&p.st, 5, "h3")
	}
	p.raw("</div></section>\n")
}

// allContests lists every contest under the heading of its kind.
func (p *page) allContests() {
	p.raw("<section class=\"all\" id=\"all\"><h2>")
	p.say("contests.all")
	p.raw("</h2>\n")
	p.finder("races", len(p.x.Def.Contests))
	p.raw("<div id=\"races\" data-live=\"\">\n")
	for _, kind := range []election.ContestKind{election.CandidateContest, election.PartyContest, election.MeasureContest, election.RetentionContest} {
		var list []int32
		for c := range p.x.Def.Contests {
			if p.x.Def.Contests[c].Kind == kind || kind == election.CandidateContest && p.x.Def.Contests[c].Kind == "" {
				list = append(list, int32(c))
			}
		}
		if len(list) == 0 {
			continue
		}
		p.raw("<section class=\"group\"><h3>")
		p.say("kind." + string(kind))
		p.raw("</h3>\n<div class=\"cards\">\n")
		for _, c := range list {
			p.standing(c, p.focus[c], &p.st)
			p.card(&p.st, 2, "h4")
		}
		p.raw("</div></section>\n")
	}
	p.raw("</div></section>\n")
}

// status shows how far the count has come: by unit and vote type, and by
// source of counts.
func (p *page) status() {
	root := p.x.Root()
	p.open(p.words("nav.status"), "page-status")
	p.raw("<div class=\"head\"><h1>")
	p.say("nav.status")
	p.raw("</h1></div>\n<div id=\"numbers\" data-live=\"\">\n")
	p.reporting(p.rep.at(root, tally.NoContest))
	p.raw("<p>")
	p.say("progress.say")
	p.raw("</p>\n")
	p.progressTable(root)
	p.sources()
	p.raw("</div>\n")
	p.close()
}

func (p *page) progressTable(root int32) {
	kids := p.x.Children(root)
	types := p.typesReported()
	p.raw("<section class=\"list\"><h2>")
	p.say(p.byKey(root))
	p.raw("</h2>\n")
	p.finder("parts", len(kids))
	p.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("nav.status")
	p.raw("\"><table class=\"grid grid-parts grid-state\" id=\"parts\" data-sort=\"\"><thead><tr>")
	p.column(p.oneKey(root))
	p.column("reporting.column")
	for _, t := range types {
		p.raw(`<th scope="col">`)
		p.raw(p.v.types[t])
		p.raw("</th>")
	}
	p.raw("</tr></thead><tbody>\n")
	for _, k := range kids {
		p.raw(`<tr><th scope="row"><a href="`)
		p.href(p.unitPaths[k])
		p.raw(`">`)
		p.name(p.unitNames[k])
		p.raw("</a></th><td>")
		if len(p.x.Children(k)) > 0 {
			done, due := p.rep.at(k, tally.NoContest)
			p.num(int64(done))
			p.raw("/")
			p.num(int64(due))
		} else {
			p.state(p.stateOf(k, tally.TotalType))
		}
		p.raw("</td>")
		for _, t := range types {
			p.raw("<td>")
			p.state(p.stateOf(k, t))
			p.raw("</td>")
		}
		p.raw("</tr>\n")
	}
	p.raw("</tbody></table></div></section>\n")
}

// typesReported lists the vote types that anything is known about.
func (s *Edition) typesReported() []int16 {
	var out []int16
	for _, cell := range s.t.At(s.x.Root()) {
		if cell.Type != tally.TotalType && !slices.Contains(out, cell.Type) {
			out = append(out, cell.Type)
		}
	}
	for _, k := range s.x.Children(s.x.Root()) {
		for typ := int16(1); int(typ) <= len(s.x.Def.VoteTypes); typ++ {
			if _, ok := s.t.Progress(k, typ); ok && !slices.Contains(out, typ) {
				out = append(out, typ)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (p *page) sources() {
	if len(p.Sources) == 0 {
		return
	}
	p.raw("<section class=\"list\"><h2>")
	p.say("sources")
	p.raw("</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("sources")
	p.raw("\"><table class=\"grid grid-state\"><thead><tr>")
	p.column("source")
	p.column("count")
	p.column("source.at")
	p.column("note.column")
	p.raw("</tr></thead><tbody>\n")
	for _, s := range p.Sources {
		p.raw(`<tr><th scope="row">`)
		p.name(escaped(s.Name))
		p.raw("</th><td>")
		p.state(orState(s.State))
		p.raw("</td><td>")
		if s.At.IsZero() {
			p.raw("–")
		} else {
			p.moment(s.At)
		}
		p.raw("</td><td>")
		p.text(s.Note)
		p.raw("</td></tr>\n")
	}
	p.raw("</tbody></table></div></section>\n")
}

func orState(s election.CountState) election.CountState {
	if s == "" {
		return election.Unknown
	}
	return s
}

// published is the time of a version for machines.
func published(at time.Time) string { return at.UTC().Format(time.RFC3339) }
