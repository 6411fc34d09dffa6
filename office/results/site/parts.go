// SPDX-License-Identifier: Apache-2.0

package site

import (
	"slices"

	"hustings/election"
)

// columns is how many choices the table of parts tells apart; the others are
// summed, and each has its row on the precinct's own page.
const columns = 3

// parts compares the parts of a unit: a map and the table that says the same.
func (p *page) parts(st *standing) {
	kids := p.partsWith(st.c, st.u)
	if len(kids) == 0 || st.total == 0 {
		return
	}
	// The top of the whole decides the columns; the parts reuse the standing.
	shown := slices.Clone(st.order)
	if st.needs() == nil && st.def.Kind == election.CandidateContest {
		shown = shown[:min(columns, len(shown))]
	}
	p.raw("<section class=\"parts\"><h2>")
	p.say(p.byKey(st.u))
	p.raw("</h2>\n<div class=\"parts-grid\">\n")
	all := *st
	var part standing
	p.leaders(&all, &part)
	p.partsTable(&all, &part, kids, shown)
	p.raw("</div></section>\n")
}

func (p *page) byKey(u int32) string {
	if p.partsKey(u) == "nav.counties" {
		return "by.county"
	}
	return "by.precinct"
}

// partsWith lists the units directly below u whose voters see the contest.
func (p *page) partsWith(c, u int32) []int32 {
	var out []int32
	for _, k := range p.x.Children(u) {
		if p.rep.expectedAt(k, c) > 0 || len(p.t.Contest(k, c)) > 0 {
			out = append(out, k)
		}
	}
	return out
}

func (p *page) partsTable(all, part *standing, kids, shown []int32) {
	deep := p.partsKey(all.u) == "nav.counties"
	others := len(shown) < len(all.order)
	p.raw("<div class=\"parts-table\">")
	p.finder("parts", len(kids))
	p.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say(p.byKey(all.u))
	p.raw("\"><table class=\"grid grid-parts\" id=\"parts\" data-sort=\"\"><thead><tr><th scope=\"col\">")
	p.say(p.oneKey(all.u))
	p.raw("</th>")
	p.column("ahead.by")
	for _, i := range shown {
		p.raw(`<th scope="col"><i class="dot `)
		p.raw(p.tones[all.c][i])
		p.raw(`"></i>`)
		p.name(p.v.choices[all.c][i])
		p.raw("</th>")
	}
	if others {
		p.column("others")
	}
	p.column("total")
	if deep {
		p.column("reporting.column")
	}
	p.raw("</tr></thead><tbody>\n")
	for _, k := range kids {
		p.standing(all.c, k, part)
		p.partRow(part, shown, others, deep)
	}
	p.raw("</tbody></table></div></div>\n")
}

func (p *page) column(key string) {
	p.raw(`<th scope="col">`)
	p.say(key)
	p.raw("</th>")
}

func (p *page) oneKey(u int32) string {
	if p.partsKey(u) == "nav.counties" {
		return "county"
	}
	return "precinct"
}

func (p *page) partRow(st *standing, shown []int32, others, deep bool) {
	p.raw(`<tr id="`)
	p.b = appendUnitMark(p.b, st.u)
	p.raw(`"><th scope="row"><a href="`)
	if len(p.x.Children(st.u)) > 0 {
		p.href(p.contestPath(st.c, st.u))
	} else {
		p.href(p.unitPaths[st.u])
	}
	p.raw(`">`)
	p.name(p.unitNames[st.u])
	p.raw("</a></th>")
	if st.reported == 0 && st.total == 0 {
		p.raw(`<td class="none" colspan="`)
		n := len(shown) + 2
		if others {
			n++
		}
		if deep {
			n++
		}
		p.int(int64(n))
		p.raw(`">`)
		p.say("state.not-processed")
		p.raw("</td></tr>\n")
		return
	}
	first := st.first()
	p.raw("<td>")
	if first < 0 {
		p.raw("–")
	} else {
		p.raw(`<i class="dot `)
		p.raw(p.tones[st.c][first])
		p.raw(`"></i>`)
		p.percent(st.lead(), st.total)
	}
	p.raw("</td>")
	var listed int64
	for _, i := range shown {
		if i == first {
			p.raw("<td><b>")
		} else {
			p.raw("<td>")
		}
		p.numOr(st.votes[i], "–")
		if i == first {
			p.raw("</b>")
		}
		p.raw("</td>")
		listed += max(0, st.votes[i])
	}
	if others {
		p.raw("<td>")
		p.num(st.total - listed)
		p.raw("</td>")
	}
	p.raw("<td>")
	p.num(st.total)
	p.raw("</td>")
	if deep {
		p.raw("<td>")
		p.num(int64(st.reported))
		p.raw("/")
		p.num(int64(st.expected))
		p.raw("</td>")
	}
	p.raw("</tr>\n")
}

// finder is the box that narrows a long table; the script shows it.
func (p *page) finder(id string, rows int) {
	if rows < 12 {
		return
	}
	p.raw(`<p class="finder" hidden=""><label for="find-`)
	p.raw(id)
	p.raw(`">`)
	p.say("find." + id)
	p.raw(`</label> <input class="usa-input" type="search" id="find-`)
	p.raw(id)
	p.raw(`" data-filter="`)
	p.raw(id)
	p.raw(`" data-none="`)
	p.say("find.none")
	p.raw(`"/><span class="finder-say" role="status"></span></p>`)
}
