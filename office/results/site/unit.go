// SPDX-License-Identifier: Apache-2.0

package site

import (
	"hustings/election"
	"hustings/office/results/tally"
)

// unitPage shows one unit: its turnout, its parts, and every contest in it.
func (p *page) unitPage() {
	u := p.pg.u
	p.open(unitName(p.x.Def.Units[u]), "page-unit")
	p.crumbs(p.wayTo(u)...)
	p.raw("<div class=\"head\"><p class=\"kicker\">")
	p.say("unit." + p.typeKey(u))
	p.raw("</p>\n<h1>")
	p.name(p.unitNames[u])
	p.raw("</h1></div>\n<div id=\"numbers\" data-live=\"\">\n")
	p.unitFacts(u)
	if p.privacy.Any(u) {
		p.note("small", "")
	}
	if len(p.x.Children(u)) > 0 {
		p.partsList(u)
	}
	p.unitContests(u)
	p.raw("</div>\n")
	p.close()
}

func (p *page) typeKey(u int32) string {
	switch t := p.x.Def.Units[u].Type; t {
	case election.State, election.County, election.City, election.Town, election.Ward, election.Precinct,
		election.SplitPrecinct, election.VoteCenter, election.BallotBatch:
		return string(t)
	}
	return "other"
}

// wayTo lists the units above u, the outermost first.
func (p *page) wayTo(u int32) []step {
	var out []step
	for up := p.parents[u]; up >= 0; up = p.parents[up] {
		out = append([]step{{p.unitPaths[up], p.unitNames[up]}}, out...)
	}
	return out
}

// unitFacts is a unit's turnout and how much of it is in.
func (p *page) unitFacts(u int32) {
	p.raw("<dl class=\"figures\">\n")
	p.figure("ballots", p.turn.ballots[u])
	p.figure("registered", p.turn.registered[u])
	p.turnout(u)
	if len(p.x.Children(u)) == 0 {
		p.raw("<div><dt>")
		p.say("count")
		p.raw("</dt><dd class=\"word\">")
		p.state(p.stateOf(u, tally.TotalType))
		p.raw("</dd></div>\n")
	}
	for _, fact := range []struct {
		key  string
		what tally.Measure
	}{{"fact.outstanding", tally.Outstanding}, {"fact.rejected", tally.Rejected}, {"fact.blank", tally.Blank}} {
		if n, ok := p.t.N(u, tally.NoContest, fact.what, tally.TotalType); ok {
			p.figure(fact.key, n)
		}
	}
	p.raw("</dl>\n")
	if len(p.x.Children(u)) > 0 {
		p.reporting(p.rep.at(u, tally.NoContest))
	}
}

func (p *page) figure(key string, n int64) {
	if n == absent {
		return
	}
	p.raw("<div><dt>")
	p.say(key)
	p.raw("</dt><dd>")
	p.num(n)
	p.raw("</dd></div>\n")
}

// partsList is the table of the units directly below, with their turnout.
func (p *page) partsList(u int32) {
	kids := p.x.Children(u)
	p.raw("<section class=\"list\"><h2>")
	p.say(p.partsKey(u))
	p.raw("</h2>\n<div class=\"parts-grid\">\n")
	p.turnoutMap(u)
	p.raw("<div class=\"parts-table\">")
	p.finder("parts", len(kids))
	p.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say(p.partsKey(u))
	p.raw("\"><table class=\"grid grid-parts\" id=\"parts\" data-sort=\"\"><thead><tr>")
	p.column(p.oneKey(u))
	for _, key := range []string{"registered", "ballots", "turnout", "reporting.column"} {
		p.column(key)
	}
	p.raw("</tr></thead><tbody>\n")
	for _, k := range kids {
		p.partsListRow(k)
	}
	p.raw("</tbody></table></div></div></div></section>\n")
}

func (p *page) partsListRow(k int32) {
	p.raw(`<tr id="`)
	p.b = appendUnitMark(p.b, k)
	p.raw(`"><th scope="row"><a href="`)
	p.href(p.unitPaths[k])
	p.raw(`">`)
	p.name(p.unitNames[k])
	p.raw("</a></th><td>")
	p.numOr(p.turn.registered[k], "–")
	p.raw("</td><td>")
	p.numOr(p.turn.ballots[k], "–")
	p.raw("</td><td>")
	p.percent(p.turn.votes[k], p.turn.of[k])
	p.raw("</td><td>")
	if len(p.x.Children(k)) > 0 {
		done, due := p.rep.at(k, tally.NoContest)
		p.num(int64(done))
		p.raw("/")
		p.num(int64(due))
	} else {
		p.state(p.stateOf(k, tally.TotalType))
	}
	p.raw("</td></tr>\n")
}

// unitContests shows every contest that is on the ballot of a unit or that it
// reported.
func (p *page) unitContests(u int32) {
	leaf := len(p.x.Children(u)) == 0
	p.raw("<section class=\"races\"><h2>")
	p.say("contests")
	p.raw("</h2>\n<div class=\"cards")
	if leaf {
		p.raw(" cards-leaf")
	}
	p.raw("\">\n")
	for c := range p.x.Def.Contests {
		c := int32(c)
		if p.rep.expectedAt(u, c) == 0 && len(p.t.Contest(u, c)) == 0 {
			continue
		}
		p.standing(c, u, &p.st)
		if !leaf {
			p.card(&p.st, 4, "h3")
			continue
		}
		p.leafContest(&p.st)
	}
	p.raw("</div></section>\n")
}

// leafContest is one contest in a unit that reports itself: all choices, and
// how they voted.
func (p *page) leafContest(st *standing) {
	p.raw("<article class=\"card\"><h3>")
	p.link(p.contestPath(st.c, st.u))
	p.name(p.v.contests[st.c])
	p.raw("</a></h3>\n")
	if st.total == 0 && st.reported == 0 {
		p.raw("<p class=\"quiet\">")
		p.say("state.not-processed")
		p.raw("</p></article>\n")
		return
	}
	p.choiceTable(st, rows{types: !p.privacy.Hidden(st.u, st.c)})
	if st.overUnder {
		p.raw("<p class=\"card-foot\">")
		if st.under != absent {
			p.say("fact.under")
			p.raw(" ")
			p.num(st.under)
		}
		if st.over != absent {
			if st.under != absent {
				p.raw(" · ")
			}
			p.say("fact.over")
			p.raw(" ")
			p.num(st.over)
		}
		p.raw("</p>")
	}
	p.raw("</article>\n")
}

// stateOf is how far the count of a vote type has come in a unit: as a source
// told it, else by whether anything was reported.
func (s *Edition) stateOf(u int32, typ int16) election.CountState {
	if g, ok := s.t.Progress(u, typ); ok {
		return g.State
	}
	done, _ := s.rep.at(u, tally.NoContest)
	if typ == tally.TotalType {
		if done > 0 {
			return reported
		}
		return election.NotProcessed
	}
	if s.privacy.Any(u) {
		return s.stateOf(u, tally.TotalType)
	}
	for _, cell := range s.t.At(u) {
		if cell.Type == typ && cell.N > 0 {
			return reported
		}
	}
	return election.NotProcessed
}

// reported is the state of a count that a source sent without saying whether
// it is complete.
const reported election.CountState = "reported"

// state writes a state as a shape and a word.
func (p *page) state(st election.CountState) {
	p.raw(`<span class="state state-`)
	p.raw(string(st))
	p.raw(`">`)
	p.say("state." + string(st))
	p.raw("</span>")
}
