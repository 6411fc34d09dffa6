// SPDX-License-Identifier: Apache-2.0

package site

import (
	"slices"
	"strings"

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
	p.choropleth(&all, &part)
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

// choropleth draws who leads where: the colour tells the leader and so does a
// texture, and the strength tells by how much.
func (p *page) choropleth(all, part *standing) {
	chart := p.charts[all.u]
	if chart == nil {
		return
	}
	layers := p.layersOf(all, part, chart)
	if len(layers) == 0 {
		return
	}
	view := chart.boxes[layers[0].units[0]]
	for _, l := range layers {
		for _, i := range l.units {
			view = view.with(chart.boxes[i])
		}
	}
	p.raw(`<figure class="map"><svg class="map-drawing" viewBox="`)
	span := int64(max(view.hi.x-view.lo.x, view.hi.y-view.lo.y, 1))
	margin := span / 200
	for i, n := range []int64{int64(view.lo.x) - margin, int64(view.lo.y) - margin, int64(view.hi.x-view.lo.x) + 2*margin, int64(view.hi.y-view.lo.y) + 2*margin} {
		if i > 0 {
			p.raw(" ")
		}
		p.int(n)
	}
	p.raw(`" role="img" aria-labelledby="map-name" data-map="parts"><title id="map-name">`)
	p.say("map.name")
	p.raw("</title>\n")
	p.textures(span)
	for _, l := range layers {
		p.layer(chart, l)
	}
	for _, l := range layers {
		p.overlay(all, chart, l)
	}
	p.raw("</svg>\n<figcaption>")
	p.legend(all, layers)
	p.raw("</figcaption></figure>\n")
}

// layer is the units of a map that look the same.
type layer struct {
	choice   int32 // -1: tied, -2: nothing reported
	strength int
	units    []int // positions in the chart
}

const (
	layerTied = -1
	layerNone = -2
)

func (p *page) layersOf(all, part *standing, chart *chart) []layer {
	var out []layer
	for i, u := range chart.units {
		p.standing(all.c, u, part)
		l := layer{choice: part.first(), strength: strengthOf(part)}
		switch {
		case part.expected == 0 && part.total == 0:
			continue // not on the ballot here
		case part.total == 0:
			l.choice, l.strength = layerNone, 0
		case l.choice < 0:
			l.choice, l.strength = layerTied, 0
		}
		at := slices.IndexFunc(out, func(o layer) bool { return o.choice == l.choice && o.strength == l.strength })
		if at < 0 {
			out = append(out, l)
			at = len(out) - 1
		}
		out[at].units = append(out[at].units, i)
	}
	slices.SortFunc(out, func(a, b layer) int {
		if a.choice != b.choice {
			return placeOf(all, a.choice) - placeOf(all, b.choice)
		}
		return a.strength - b.strength
	})
	return out
}

// placeOf is a choice's place in the whole; ties and silence come last.
func placeOf(st *standing, choice int32) int {
	if choice < 0 {
		return len(st.order) - int(choice)
	}
	return slices.Index(st.order, choice)
}

// strengthOf sorts a lead into five steps: under 5, 10, 20 and 35 points, and more.
func strengthOf(st *standing) int {
	if st.total == 0 {
		return 0
	}
	points := st.lead() * 100 / st.total
	for i, limit := range []int64{5, 10, 20, 35} {
		if points < limit {
			return i + 1
		}
	}
	return 5
}

func (p *page) layer(c *chart, l layer) {
	switch l.choice {
	case layerNone:
		p.raw(`<g fill="url(#x-none)">`)
	case layerTied:
		p.raw(`<g fill="url(#x-tied)">`)
	default:
		p.raw(`<g class="`)
		p.raw(p.tones[p.pg.c][l.choice])
		p.raw(` s`)
		p.int(int64(l.strength))
		p.raw(`">`)
	}
	p.shapes(c, l.units)
	p.raw("</g>\n")
}

// overlay lays a texture over the units where another choice leads than the
// one that leads overall.
func (p *page) overlay(all *standing, c *chart, l layer) {
	place := placeOf(all, l.choice)
	if l.choice < 0 || place == 0 {
		return
	}
	p.raw(`<g class="x" fill="url(#x`)
	p.int(int64(min(place, 3)))
	p.raw(`)">`)
	for _, i := range l.units {
		p.raw(`<use href="`)
		if c.file != "" {
			p.raw(p.top)
			p.raw(c.file)
			p.raw("#")
		} else {
			p.raw("#m")
		}
		p.b = appendUnitMark(p.b, c.units[i])
		p.raw(`"/>`)
	}
	p.raw("</g>\n")
}

func (p *page) shapes(c *chart, units []int) {
	for _, i := range units {
		if c.file != "" {
			p.raw(`<use href="`)
			p.raw(p.top)
			p.raw(c.file)
			p.raw("#")
			p.b = appendUnitMark(p.b, c.units[i])
			p.raw(`"/>`)
			continue
		}
		p.raw(`<path id="m`)
		p.b = appendUnitMark(p.b, c.units[i])
		p.raw(`" d="`)
		p.raw(c.paths[i])
		p.raw(`"><title>`)
		p.raw(p.unitNames[c.units[i]])
		p.raw(`</title></path>`)
	}
}

// textures are the patterns that tell leaders apart without colour, as large
// as the part of the map that is shown asks for.
func (p *page) textures(span int64) {
	for i, part := range textureParts {
		if i > 0 {
			p.int(max(1, span*100/gridSize))
		}
		p.raw(part)
	}
}

// textureParts are cut where the scale, in hundredths, goes.
var textureParts = strings.Split(`<defs>`+
	`<pattern id="x-none" width="16" height="16" patternUnits="userSpaceOnUse" patternTransform="rotate(45) scale(@e-2)">`+
	`<rect class="x-ground" width="16" height="16"/><rect class="x-line" width="4" height="16"/></pattern>`+
	`<pattern id="x-tied" width="20" height="20" patternUnits="userSpaceOnUse" patternTransform="scale(@e-2)">`+
	`<rect class="x-even" width="20" height="20"/><path class="x-line" d="M0 8h20v4H0zM8 0h4v20H8z"/></pattern>`+
	`<pattern id="x1" width="18" height="18" patternUnits="userSpaceOnUse" patternTransform="rotate(45) scale(@e-2)">`+
	`<rect class="x-mark" width="5" height="18"/></pattern>`+
	`<pattern id="x2" width="20" height="20" patternUnits="userSpaceOnUse" patternTransform="scale(@e-2)">`+
	`<circle class="x-mark" cx="10" cy="10" r="4"/></pattern>`+
	`<pattern id="x3" width="18" height="18" patternUnits="userSpaceOnUse" patternTransform="rotate(-45) scale(@e-2)">`+
	`<rect class="x-mark" width="9" height="18"/></pattern></defs>`+"\n", "@")

// legend explains the map and counts its units.
func (p *page) legend(all *standing, layers []layer) {
	p.raw("<ul class=\"legend\">")
	for i := 0; i < len(layers); {
		choice, n := layers[i].choice, 0
		for i < len(layers) && layers[i].choice == choice {
			n += len(layers[i].units)
			i++
		}
		p.raw(`<li><svg class="swatch" viewBox="0 0 40 40" aria-hidden="true"><rect `)
		switch choice {
		case layerNone:
			p.raw(`fill="url(#x-none)"`)
		case layerTied:
			p.raw(`fill="url(#x-tied)"`)
		default:
			p.raw(`class="`)
			p.raw(p.tones[all.c][choice])
			p.raw(` s5"`)
		}
		p.raw(` width="40" height="40"/>`)
		if place := placeOf(all, choice); choice >= 0 && place > 0 {
			p.raw(`<rect fill="url(#x`)
			p.int(int64(min(place, 3)))
			p.raw(`)" width="40" height="40"/>`)
		}
		p.raw(`</svg>`)
		switch choice {
		case layerNone:
			p.say("state.not-processed")
		case layerTied:
			p.say("tied")
		default:
			p.name(p.v.choices[all.c][choice])
		}
		p.raw(" <span class=\"count\">")
		p.num(int64(n))
		p.raw("</span></li>")
	}
	p.raw("</ul>\n<p class=\"ramp\"><span>")
	p.say("map.lead")
	p.raw(`</span> <svg viewBox="0 0 200 12" aria-hidden="true" class="ramp-drawing">`)
	for i := range 5 {
		p.raw(`<rect class="s`)
		p.int(int64(i + 1))
		p.raw(`" x="`)
		p.int(int64(40 * i))
		p.raw(`" width="38" height="12"/>`)
	}
	p.raw("</svg> <span>")
	p.say("map.steps")
	p.raw("</span></p>")
}
