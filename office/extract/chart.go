// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"hustings/kit/words"
	"hustings/office/extract/figure"
)

// chart is a picture of bars, and the table beside it.
type chart struct {
	id, title, of string // of: what the values are
	bars          []bar
	most          int64
}

// bar is one value of a chart, and its row in the table.
type bar struct {
	name   string
	n, all int64  // may vote, in any state
	path   string // where the number leads; "" for nowhere
	short  string // what stands below the bar; "" for nothing
}

// share is how far a bar goes, of a whole.
func (c chart) share(n, whole int64) string {
	if c.most == 0 {
		return "0"
	}
	return strconv.FormatFloat(float64(n)/float64(c.most)*float64(whole), 'f', 1, 64)
}

// down is where the top of an upright bar is.
func (c chart) down(n, whole int64) string {
	if c.most == 0 {
		return strconv.FormatInt(whole, 10)
	}
	return strconv.FormatFloat(float64(whole)-float64(n)/float64(c.most)*float64(whole), 'f', 1, 64)
}

// speaker names values in a language.
type speaker struct{ *words.Printer }

// has says a sentence where there is one for a value, and else the value.
func (p speaker) has(prefix, value string) string {
	if value == "" {
		return p.T("extract.none")
	}
	if p.Has(prefix + value) {
		return p.T(prefix + value)
	}
	return value
}

// links leads from a number to the list of whom it counts.
func listOf(kind, field, value string) string {
	return "/extract/lists/" + kind + "?" + url.Values{field: {value}}.Encode()
}

func (c *chart) add(b bar) {
	c.bars = append(c.bars, b)
	c.most = max(c.most, b.n)
}

// days are all days of the count, those without a registration too.
func (p speaker) days(n *figure.Counts) chart {
	c := chart{id: "days", title: p.T("extract.days"), of: p.T("extract.day")}
	t, err := time.Parse(time.DateOnly, string(n.AsOf))
	if err != nil {
		return c
	}
	for i := figure.Days - 1; i >= 0; i-- {
		on := t.AddDate(0, 0, -i)
		day := on.Format(time.DateOnly)
		b := bar{name: p.Date(on), n: n.Of(figure.Day, day)}
		b.all = b.n
		if b.n > 0 {
			b.path = "/extract/lists/new?" + url.Values{"since": {day}, "as_of": {day}}.Encode()
		}
		if on.Weekday() == time.Monday && i > 1 { // the last two have no room
			b.short = on.Format("1/2")
		}
		c.add(b)
	}
	return c
}

func (p speaker) states(n *figure.Counts) chart {
	c := chart{id: "states", title: p.T("extract.by.state"), of: p.T("extract.state")}
	for _, s := range allStates {
		if k := n.Of(figure.All, "", s); k > 0 {
			c.add(bar{name: p.T("extract.state." + string(s)), n: k, all: k, path: "/extract/lists/changed?" + url.Values{"states": {string(s)}, "since": {"1900-01-01"}}.Encode()})
		}
	}
	return c
}

func (p speaker) sources(n *figure.Counts) chart {
	return p.values(n, figure.Source, "sources", "extract.by.source", "extract.source", nil)
}

func (p speaker) parties(n *figure.Counts) chart {
	return p.values(n, figure.Party, "parties", "extract.by.party", "extract.party", func(v string) string { return listOf("party", "parties", v) })
}

func (p speaker) ages(n *figure.Counts) chart {
	return p.values(n, figure.Age, "ages", "extract.by.age", "extract.age", nil)
}

// mostBars bounds a chart; what is beyond is in one bar.
const mostBars = 24

func (p speaker) values(n *figure.Counts, s figure.Sort, id, title, of string, path func(string) string) chart {
	c := chart{id: id, title: p.T(title), of: p.T(of)}
	var rest bar
	for i, v := range n.Values(s) {
		b := bar{name: p.has(of+".", v), n: n.Of(s, v, figure.Registered...), all: n.Of(s, v)}
		if path != nil && v != "" {
			b.path = path(v)
		}
		if i >= mostBars {
			rest = bar{name: p.T("extract.others"), n: rest.n + b.n, all: rest.all + b.all}
			continue
		}
		c.add(b)
	}
	if rest.name != "" {
		c.add(rest)
	}
	return c
}

func (p speaker) precincts(n *figure.Counts) (out []bar) {
	for _, v := range n.Values(figure.Precinct) {
		b := bar{name: v, n: n.Of(figure.Precinct, v, figure.Registered...), all: n.Of(figure.Precinct, v)}
		if v == "" {
			b.name = p.T("extract.none")
		} else {
			b.path = listOf("precinct", "precincts", v)
		}
		out = append(out, b)
	}
	return out
}

// upright are the numbers of an upright bar among some, in a picture of 600 by
// 80.
func upright(c chart, i int) (x, y, width, height string) {
	step := 600 / float64(max(len(c.bars), 1))
	n := c.bars[i].n
	return fmt.Sprintf("%.1f", float64(i)*step), c.down(n, 80), fmt.Sprintf("%.1f", step*0.8), c.share(n, 80)
}
