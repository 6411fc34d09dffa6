// SPDX-License-Identifier: Apache-2.0

package site

import (
	"hustings/election"
)

// rows says how much of a contest a table shows.
type rows struct {
	marks   bool   // who is leading
	brief   bool   // without what is known of the choices themselves
	types   bool   // a column for each vote type
	limit   int    // at most so many choices; 0: all
	caption string // words key; empty: the contest's name
}

// choiceTable writes a contest's choices with votes, share and bar.
func (p *page) choiceTable(st *standing, r rows) {
	types := r.types && len(st.typed) > 0
	p.raw(`<table class="choices`)
	if types {
		p.raw(" choices-typed")
	}
	p.raw("\"><caption class=\"usa-sr-only\">")
	if r.caption != "" {
		p.say(r.caption)
	} else {
		p.raw(p.v.contests[st.c])
	}
	p.raw("</caption><thead><tr><th scope=\"col\">")
	p.say("choice")
	p.raw("</th>")
	if types {
		for _, t := range st.typed {
			p.raw(`<th scope="col">`)
			p.raw(p.v.types[t])
			p.raw("</th>")
		}
	}
	p.raw(`<th scope="col">`)
	p.say("votes")
	p.raw(`</th><th scope="col">`)
	p.say("share")
	p.raw("</th></tr></thead><tbody>\n")
	shown := st.order
	if r.limit > 0 && len(shown) > r.limit+1 {
		shown = shown[:r.limit]
	}
	for place, i := range shown {
		p.choiceRow(st, i, r, types, place < st.ahead)
	}
	p.raw("</tbody></table>\n")
	if more := len(st.order) - len(shown); more > 0 {
		p.raw("<p class=\"more\">")
		p.tell("more", int64(more), "votes", p.v.Number(st.sumOf(st.order[len(shown):])))
		p.raw("</p>\n")
	}
}

func (st *standing) sumOf(choices []int32) int64 {
	var sum int64
	for _, i := range choices {
		sum += max(0, st.votes[i])
	}
	return sum
}

func (p *page) choiceRow(st *standing, i int32, r rows, types, ahead bool) {
	choice := &st.def.Choices[i]
	// More yes than no may still be too few, so a measure's answers carry no
	// mark; the sentence above them says how it stands.
	ahead = ahead && r.marks && st.needs() == nil && p.decides(st)
	if ahead {
		p.raw(`<tr class="ahead">`)
	} else {
		p.raw("<tr>")
	}
	p.raw(`<th scope="row"><span class="name">`)
	p.name(p.v.choices[st.c][i])
	p.raw("</span>")
	p.partyTags(st, i)
	if !r.brief {
		p.tags(choice)
	}
	if st.round > 0 && st.votes[i] == absent {
		p.tag("eliminated")
	}
	if ahead {
		p.mark(st)
	}
	p.bar(st, i)
	p.raw("</th>")
	if types {
		for k := range st.typed {
			p.raw("<td>")
			p.numOr(st.byType[int(i)*len(st.typed)+k], "–")
			p.raw("</td>")
		}
	}
	p.raw(`<td>`)
	p.numOr(st.votes[i], "–")
	p.raw(`</td><td>`)
	if st.votes[i] == absent {
		p.raw("–")
	} else {
		p.percent(st.votes[i], st.base())
	}
	p.raw("</td></tr>\n")
}

// mark says what being ahead means. Nobody has won before the count is certified.
func (p *page) mark(st *standing) {
	key := "mark.leading"
	switch {
	case p.final(st.c) && p.x.Def.Election.Type != election.General && p.x.Def.Election.Type != election.Special &&
		p.x.Def.Election.Type != election.Runoff:
		key = "mark.nominated"
	case p.final(st.c):
		key = "mark.elected"
	}
	p.raw(` <span class="mark">`)
	p.say(key)
	p.raw(`</span>`)
}

func (p *page) tags(choice *election.Choice) {
	if choice.Incumbent {
		p.tag("incumbent")
	}
	if choice.Kind == election.WriteIn {
		p.tag("writein")
	}
	if choice.Withdrawn {
		p.tag("withdrawn")
	}
}

func (p *page) tag(key string) {
	p.raw(` <span class="tag">`)
	p.say(key)
	p.raw(`</span>`)
}

// bar draws a choice's share, and for a measure the line that it has to reach.
// Widths are attributes of the drawing, since pages carry no inline styles.
func (p *page) bar(st *standing, i int32) {
	p.raw(`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true"><rect class="`)
	p.raw(p.tones[st.c][i])
	p.raw(`" width="`)
	p.int(perMille(st.votes[i], st.base()))
	p.raw(`" height="10"/>`)
	if need := st.needs(); need != nil && need.Denominator > 0 && i == st.yes() {
		at := need.Numerator * 1000 / need.Denominator
		p.raw(`<line class="goal" x1="`)
		p.int(at)
		p.raw(`" x2="`)
		p.int(at)
		p.raw(`" y1="0" y2="10"/>`)
	}
	p.raw(`</svg>`)
}

// card shows a contest small: its name, its leading choices, how much is in.
func (p *page) card(st *standing, limit int, heading string) {
	p.raw(`<article class="card" data-find="`)
	p.raw(p.v.contests[st.c])
	for _, name := range p.v.choices[st.c] {
		p.raw(" ")
		p.raw(name)
	}
	p.raw(`">`)
	p.raw("<" + heading + ">")
	p.link(p.contestPath(st.c, st.u))
	p.name(p.v.contests[st.c])
	p.raw("</a></" + heading + ">\n")
	if limit > 2 && st.total > 0 {
		p.raw("<p class=\"card-lead\">")
		p.text(p.leadSentence(st))
		p.raw("</p>\n")
	}
	p.choiceTable(st, rows{marks: st.total > 0, limit: limit, brief: limit <= 2})
	p.raw("<p class=\"card-foot\">")
	p.tell("reporting.short", int64(st.expected), "done", int64(st.reported))
	if more := max(1, st.def.VotesAllowed); more > 1 {
		p.raw(" · ")
		p.tell("vote.for", int64(more))
	}
	p.raw("</p></article>\n")
}
