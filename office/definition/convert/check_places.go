// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"math"
	"strconv"
	"time"

	"hustings/election"
)

// places checks where people vote, and until when.
func (c *checker) places() {
	var closed []string
	for i := range c.def.Places {
		p := &c.def.Places[i]
		c.place(p)
		if !c.openOnDay(p) {
			closed = append(closed, cmp.Or(p.Name, string(p.ID)))
		}
	}
	e := c.def.Election
	switch {
	case len(closed) > 0 && e.PollsClose == "":
		c.say(Hold, "no_hours", "", "count", strconv.Itoa(len(closed)), "places", few(closed))
	case len(c.def.Places) == 0 && e.PollsClose == "":
		c.say(Hold, "no_close", "")
	}
}

// openOnDay says whether a place that takes voters on the last day says until
// when. Early sites may be closed by then.
func (c *checker) openOnDay(p *election.Place) bool {
	if p.Kind != election.PollingPlace && p.Kind != election.Center {
		return true
	}
	for _, h := range p.Hours {
		if h.Start <= c.def.Election.End && c.def.Election.End <= h.End {
			return true
		}
	}
	return false
}

func (c *checker) place(p *election.Place) {
	id, name := string(p.ID), cmp.Or(p.Name, string(p.ID))
	switch p.Kind {
	case election.PollingPlace, election.Center, election.EarlySite, election.DropBox, election.Office:
	default:
		c.say(Block, "place_kind", id, "place", name, "kind", string(p.Kind))
	}
	if p.Name == "" {
		c.say(Warn, "place_unnamed", id, "id", id)
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil {
		c.say(Block, "bad_zone", id, "zone", p.TimeZone)
	}
	for _, u := range p.Units {
		if _, ok := c.tree.at[u]; !ok {
			c.missing("place", id, "unit", string(u))
		}
	}
	if !onEarth(p.Lon, p.Lat) {
		c.say(Block, "off_earth", id, "noun", "place", "id", id)
	}
	for _, h := range p.Hours {
		switch {
		case !validDate(h.Start) || !validDate(h.End):
			c.say(Block, "hours_date", id, "place", name, "start", string(h.Start), "end", string(h.End))
		case h.Start > h.End:
			c.say(Block, "hours_order", id, "place", name, "start", string(h.Start), "end", string(h.End))
		case h.Open == "" || h.Close == "":
			c.say(Block, "hours_open", id, "place", name)
		default:
			c.clocks(name, h.Open, h.Close)
		}
	}
}

// onEarth says whether a position is a longitude and a latitude.
func onEarth(lon, lat float64) bool {
	return math.Abs(lon) <= 180 && math.Abs(lat) <= 90 // false for NaN
}

// shapes checks boundaries.
func (c *checker) shapes() {
	for _, s := range c.def.Shapes {
		id := string(s.Unit)
		if _, ok := c.tree.at[s.Unit]; !ok {
			c.missing("shape", id, "unit", id)
		}
		if len(s.Polygons) == 0 {
			c.say(Block, "shape_empty", id, "unit", id)
		}
		if key := badShape(s); key != "" {
			c.say(Block, key, id, "noun", "shape", "id", id, "unit", id)
		}
	}
}

// badShape is what is wrong with a boundary, "" for nothing.
func badShape(s election.Shape) string {
	for _, poly := range s.Polygons {
		if len(poly) == 0 {
			return "shape_empty"
		}
		for _, ring := range poly {
			if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
				return "shape_open"
			}
			for _, pt := range ring {
				if !onEarth(pt[0], pt[1]) {
					return "off_earth"
				}
			}
		}
	}
	return ""
}

// voteTypes checks count groups.
func (c *checker) voteTypes() {
	for _, t := range c.def.VoteTypes {
		switch {
		case t.Item == election.Total || t.ID == "total":
			c.say(Block, "type_total", string(t.ID))
		case itemRank(t.Item) < 0:
			c.say(Block, "type_item", string(t.ID), "type", cmp.Or(t.Name.String(), string(t.ID)), "item", string(t.Item))
		}
	}
}
