// SPDX-License-Identifier: Apache-2.0

package site

import (
	"slices"
	"strings"

	"hustings/office/results/tally"
)

// layer is the units of a map that look the same.
type layer struct {
	place    int    // in the legend
	class    string // of the colour; empty: ink
	strength int    // of the colour, 1 to 5
	pattern  string // instead of a colour: x-none, x-tied
	texture  int    // over the colour, 1 to 3; 0: none
	name     string // escaped; layers of one name share a line of the legend
	units    []int  // positions in the chart
}

// looksLike says whether two layers are one.
func (l layer) looksLike(o layer) bool { return l.place == o.place && l.strength == o.strength }

// layers sorts a chart's units by what look says of each; ok is false for a
// unit that is not on the map.
func layers(c *chart, look func(u int32) (l layer, ok bool)) []layer {
	var out []layer
	for i, u := range c.units {
		l, ok := look(u)
		if !ok {
			continue
		}
		at := slices.IndexFunc(out, l.looksLike)
		if at < 0 {
			out = append(out, l)
			at = len(out) - 1
		}
		out[at].units = append(out[at].units, i)
	}
	slices.SortFunc(out, func(a, b layer) int {
		if a.place != b.place {
			return a.place - b.place
		}
		return a.strength - b.strength
	})
	return out
}

// leaders draws who leads where: the colour tells the leader and so does a
// texture, and the strength tells by how much.
func (p *page) leaders(all, part *standing) {
	c := p.charts[all.u]
	if c == nil {
		return
	}
	list := layers(c, func(u int32) (layer, bool) {
		p.standing(all.c, u, part)
		first := part.first()
		switch {
		case part.expected == 0 && part.total == 0:
			return layer{}, false // not on the ballot here
		case part.total == 0:
			return p.silent(), true
		case first < 0:
			return layer{place: len(all.order), pattern: "x-tied", name: escaped(p.words("tied"))}, true
		}
		// Whoever leads overall has no texture, the next the first, and so on.
		place := slices.Index(all.order, first)
		return layer{place: place, class: p.tones[all.c][first], strength: stepOf(part.lead()*100/part.total, 5, 10, 20, 35),
			texture: min(place, 3), name: p.v.choices[all.c][first]}, true
	})
	p.figureOf(c, list, "map.name", true)
}

// silent is how units look that have not reported.
func (p *page) silent() layer {
	return layer{place: 1 << 20, pattern: "x-none", name: escaped(p.words("state.not-processed"))}
}

// shareClass colours what is nobody's: a share of voters.
const shareClass = "ta"

// turnoutMap draws the turnout of the parts of a unit.
func (p *page) turnoutMap(u int32) {
	c := p.charts[u]
	if c == nil {
		return
	}
	list := layers(c, func(k int32) (layer, bool) {
		if done, _ := p.rep.at(k, tally.NoContest); done == 0 || p.turn.of[k] <= 0 {
			return p.silent(), true
		}
		n := stepOf(p.turn.votes[k]*100/p.turn.of[k], 40, 50, 60, 70)
		return layer{place: n, class: shareClass, strength: n, name: escaped(p.words("turnout.step." + string(rune('0'+n))))}, true
	})
	p.figureOf(c, list, "map.turnout", false)
}

// stepOf sorts a share into five steps at four limits.
func stepOf(n int64, limits ...int64) int {
	for i, limit := range limits {
		if n < limit {
			return i + 1
		}
	}
	return len(limits) + 1
}

// figureOf draws a map, cropped to the units that it shows, with its legend.
func (p *page) figureOf(c *chart, list []layer, name string, ramp bool) {
	if len(list) == 0 {
		return
	}
	view := c.boxes[list[0].units[0]]
	for _, l := range list {
		for _, i := range l.units {
			view = view.with(c.boxes[i])
		}
	}
	wide, high := int64(view.hi.x-view.lo.x), int64(view.hi.y-view.lo.y)
	span := max(wide, high, 1)
	margin := span / 200
	p.raw(`<figure class="map"><svg class="map-drawing" viewBox="`)
	for i, n := range []int64{int64(view.lo.x) - margin, int64(view.lo.y) - margin, wide + 2*margin, high + 2*margin} {
		if i > 0 {
			p.raw(" ")
		}
		p.int(n)
	}
	p.raw(`" role="img" aria-labelledby="map-name" data-map="parts"><title id="map-name">`)
	p.say(name)
	p.raw("</title>\n")
	p.textures(span)
	for _, l := range list {
		p.layer(c, l)
	}
	for _, l := range list {
		p.overlay(c, l)
	}
	p.raw("</svg>\n<figcaption>")
	if !ramp {
		p.raw("<p class=\"ramp\">")
		p.say("turnout")
		p.raw("</p>\n")
	}
	p.legend(list)
	if ramp {
		p.ramp()
	}
	p.raw("</figcaption></figure>\n")
}

// fill writes the attribute that colours a layer.
func (p *page) fill(l layer, strength int) {
	if l.pattern != "" {
		p.raw(` fill="url(#` + l.pattern + `)"`)
		return
	}
	p.raw(` class="`)
	if l.class != "" {
		p.raw(l.class)
		p.raw(" ")
	}
	p.raw("s")
	p.int(int64(strength))
	p.raw(`"`)
}

func (p *page) layer(c *chart, l layer) {
	p.raw("<g")
	p.fill(l, l.strength)
	p.raw(">")
	for _, i := range l.units {
		if c.file != "" {
			p.useShape(c, i)
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
	p.raw("</g>\n")
}

// overlay lays a texture over the units of a layer.
func (p *page) overlay(c *chart, l layer) {
	if l.texture == 0 {
		return
	}
	p.raw(`<g class="x" fill="url(#x`)
	p.int(int64(l.texture))
	p.raw(`)">`)
	for _, i := range l.units {
		p.useShape(c, i)
	}
	p.raw("</g>\n")
}

// useShape draws a unit whose borders are elsewhere: in the shared file, or
// above in this page.
func (p *page) useShape(c *chart, i int) {
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
func (p *page) legend(list []layer) {
	p.raw("<ul class=\"legend\">")
	for i := 0; i < len(list); {
		l, n := list[i], 0
		for i < len(list) && list[i].name == l.name {
			n += len(list[i].units)
			i++
		}
		p.raw(`<li><svg class="swatch" viewBox="0 0 40 40" aria-hidden="true"><rect`)
		strength := 5 // of a leader; a share is told by the strength itself
		if l.class == shareClass {
			strength = l.strength
		}
		p.fill(l, strength)
		p.raw(` width="40" height="40"/>`)
		if l.texture > 0 {
			p.raw(`<rect fill="url(#x`)
			p.int(int64(l.texture))
			p.raw(`)" width="40" height="40"/>`)
		}
		p.raw(`</svg>`)
		p.name(l.name)
		p.raw(" <span class=\"count\">")
		p.num(int64(n))
		p.raw("</span></li>")
	}
	p.raw("</ul>\n")
}

// ramp explains the strength of the colours.
func (p *page) ramp() {
	p.raw("<p class=\"ramp\"><span>")
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
