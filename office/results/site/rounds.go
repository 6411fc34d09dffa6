// SPDX-License-Identifier: Apache-2.0

package site

import (
	"hustings/office/results/tally"
)

// round is one round of a ranked contest.
type round struct {
	votes     []int64 // by choice, absent where a choice is out
	exhausted int64
	total     int64
}

// roundsOf collects the rounds of a ranked contest in a unit.
func (s *Edition) roundsOf(st *standing) []round {
	out := make([]round, st.rounds)
	for i := range out {
		out[i] = round{votes: refill(nil, len(st.def.Choices)), exhausted: absent}
	}
	for _, cell := range s.t.Contest(st.u, st.c) {
		if cell.Round < 1 || cell.Type != tally.TotalType {
			continue
		}
		r := &out[cell.Round-1]
		switch {
		case cell.Choice >= 0:
			r.votes[cell.Choice] = cell.N
			r.total += cell.N
		case cell.Choice == tally.Exhausted:
			r.exhausted = cell.N
		}
	}
	return out
}

// rounds shows how a ranked contest was counted: a bar for each round, and the
// table with what every choice gained.
func (p *page) rounds(st *standing) {
	if st.rounds < 1 {
		return
	}
	rounds := p.roundsOf(st)
	p.raw("<section class=\"rounds\"><h2>")
	p.say("rounds")
	p.raw("</h2>\n<p>")
	p.say("rounds.say")
	p.raw("</p>\n")
	p.roundBars(st, rounds)
	p.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
	p.say("rounds")
	p.raw("\"><table class=\"grid\"><thead><tr>")
	p.column("choice")
	for i := range rounds {
		p.raw(`<th scope="col">`)
		p.say("round", "round", i+1)
		p.raw("</th>")
	}
	p.raw("</tr></thead><tbody>\n")
	for _, i := range st.order {
		p.raw(`<tr><th scope="row">`)
		p.name(p.v.choices[st.c][i])
		p.raw("</th>")
		for k := range rounds {
			p.roundCell(rounds, k, func(r round) int64 { return r.votes[i] })
		}
		p.raw("</tr>\n")
	}
	p.raw(`<tr><th scope="row">`)
	p.say("fact.exhausted")
	p.raw("</th>")
	for k := range rounds {
		p.roundCell(rounds, k, func(r round) int64 { return r.exhausted })
	}
	p.raw("</tr>\n</tbody></table></div></section>\n")
}

func (p *page) roundCell(rounds []round, k int, of func(round) int64) {
	n := of(rounds[k])
	p.raw("<td>")
	if n == absent {
		if k > 0 && of(rounds[k-1]) != absent {
			p.say("eliminated")
		} else {
			p.raw("–")
		}
		p.raw("</td>")
		return
	}
	p.num(n)
	if k > 0 {
		if was := max(0, of(rounds[k-1])); n != was {
			p.raw(` <span class="gain">`)
			if n > was {
				p.raw("+")
			} else {
				p.raw("−")
			}
			p.num(max(n-was, was-n))
			p.raw("</span>")
		}
	}
	p.raw("</td>")
}

// roundBars draws each round as one bar of all its votes, choices in the same
// order, joined by bands, so that the eye can follow where votes went. Half of
// the continuing votes is marked.
func (p *page) roundBars(st *standing, rounds []round) {
	const bar, gap = 26, 22
	whole := int64(0)
	for _, r := range rounds {
		whole = max(whole, r.total+max(0, r.exhausted))
	}
	if whole == 0 {
		return
	}
	p.raw(`<svg class="flow" viewBox="0 0 1000 `)
	p.int(int64(len(rounds)*(bar+gap) - gap))
	p.raw(`" role="img" aria-label="`)
	p.say("rounds.drawing")
	p.raw(`">`)
	var last [][2]int64
	for k, r := range rounds {
		y := int64(k * (bar + gap))
		spans := make([][2]int64, len(st.order))
		x := int64(0)
		for place, i := range st.order {
			w := max(0, r.votes[i]) * 1000 / whole
			spans[place] = [2]int64{x, x + w}
			x += w
		}
		for place, i := range st.order {
			tone := p.tones[st.c][i]
			if last != nil && spans[place][1] > spans[place][0] {
				p.band(tone, last[place], spans[place], y-gap, y)
			}
			if spans[place][1] > spans[place][0] {
				p.raw(`<rect class="` + tone + `" x="`)
				p.int(spans[place][0])
				p.raw(`" y="`)
				p.int(y)
				p.raw(`" width="`)
				p.int(max(1, spans[place][1]-spans[place][0]-2))
				p.raw(`" height="26"/>`)
			}
		}
		half := r.total * 500 / whole
		p.raw(`<line class="goal" x1="`)
		p.int(half)
		p.raw(`" x2="`)
		p.int(half)
		p.raw(`" y1="`)
		p.int(y - 3)
		p.raw(`" y2="`)
		p.int(y + bar + 3)
		p.raw(`"/>`)
		last = spans
	}
	p.raw("</svg>\n")
}

// band joins a choice's share of one round with its share of the next.
func (p *page) band(tone string, from, to [2]int64, y0, y1 int64) {
	p.raw(`<path class="band ` + tone + `" d="M`)
	y0 += 4
	y1 -= 4
	for i, at := range [][2]int64{{from[0], y0}, {from[1] - 2, y0}, {to[1] - 2, y1}, {to[0], y1}} {
		if i > 0 {
			p.raw("L")
		}
		p.int(at[0])
		p.raw(" ")
		p.int(at[1])
	}
	p.raw(`z"/>`)
}
