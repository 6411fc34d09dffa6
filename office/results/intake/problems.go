// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"path"
	"strconv"
	"strings"

	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// unreadable tells the sentences of a table reader about numbers apart, so
// that people read them in their own language. A test holds them against what
// sheet.ParseCount really says.
var unreadable = []struct{ says, key string }{
	{" is negative", "number_negative"},
	{" is a percentage", "number_percent"},
	{" is not a whole number", "number_fraction"},
	{" is larger than any count", "number_large"},
	{" was shortened by a spreadsheet", "number_shortened"},
	{" is not a number", "number_text"},
}

// problems turns what a table reader could not use into findings. A number
// that cannot be read stops the file (check I08): it is a count that is
// missing. Anything else about the table is told and does not stop it.
func (b *book) problems(p *sheet.Problems) {
	for _, pr := range p.List {
		b.problem(pr.Line, pr.Field, pr.Say)
	}
	if p.More > 0 {
		b.find("I08", tally.Warn, "more_problems", 0, map[string]string{"n": itoa(p.More)})
	}
}

func (b *book) problem(line int, field, say string) {
	for _, u := range unreadable {
		if cut := strings.Index(say, u.says); cut >= 0 && strings.HasPrefix(say, `"`) {
			value, err := strconv.Unquote(say[:cut])
			if err != nil {
				value = say[:cut]
			}
			b.find("I08", tally.Block, u.key, line, map[string]string{"value": value, "field": field})
			return
		}
	}
	key := "line_problem"
	if line == 0 {
		key = "table_problem"
	} else if field != "" {
		say = field + ": " + say
	}
	b.find("I01", tally.Warn, key, line, map[string]string{"say": say, "field": field})
}

// gaps counts cells that a file left empty, by county, and says so once for
// each: an empty cell is "not reported", never zero.
type gaps struct {
	by    map[string]*gap
	order []string
}

type gap struct{ n, line int }

func (g *gaps) add(county string, line int) { g.addAll(county, gap{n: 1, line: line}) }

// addAll adds cells of one county; the first of all lines is kept.
func (g *gaps) addAll(county string, more gap) {
	if g.by == nil {
		g.by = make(map[string]*gap)
	}
	at := g.by[county]
	if at == nil {
		at = &gap{line: more.line}
		g.by[county] = at
		g.order = append(g.order, county)
	}
	at.n += more.n
	at.line = min(at.line, more.line)
}

func (g *gaps) report(b *book, level tally.Level, key string) {
	for _, county := range g.order {
		at, of := g.by[county], cmp.Or(county, path.Base(b.st.Path))
		b.find("I08", level, key, at.line, map[string]string{"n": itoa(at.n), "county": of, "unit": county})
	}
}
