// SPDX-License-Identifier: Apache-2.0

package export

import (
	"embed"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/office/results/tally"
)

// Words are the sentences of what a format cannot carry.
//
//go:embed words/*.json
var Words embed.FS

// Loss is something that a format could not carry, as a key of Words and its
// arguments.
type Loss struct {
	Key  string
	Args map[string]string
}

// Lost says what of the results the format of that name cannot carry: of
// openelections, ncsbe, csv, xlsx, nist-json and nist-xml. What is hidden to
// protect few ballots is not lost; it is hidden in all of them.
func Lost(format string, in Input) []Loss {
	l := &losses{x: in.Tally.Index, t: in.Tally}
	l.count()
	carries, ok := carried[format]
	if !ok {
		return nil
	}
	if carries.numbers != nil {
		l.measures(carries.numbers)
	}
	if !carries.rounds {
		l.say("rounds", len(l.rounds))
	}
	if format == "nist-json" || format == "nist-xml" {
		l.say("other_types", len(l.otherTypes))
	}
	if format == "ncsbe" {
		l.northCarolina()
	}
	if !carries.progress {
		l.say("progress", l.progress)
	}
	return l.out
}

// carried is what each format has room for.
var carried = map[string]struct {
	numbers          []tally.Measure // besides votes; nil: all
	rounds, progress bool
}{
	"openelections": {numbers: []tally.Measure{tally.Over, tally.Under, tally.Ballots, tally.Registered, tally.Blank}},
	"ncsbe":         {numbers: []tally.Measure{tally.Over, tally.Under}},
	"csv":           {rounds: true},
	"xlsx":          {},
	"nist-json":     {numbers: nistNumbers, rounds: true, progress: true},
	"nist-xml":      {numbers: nistNumbers, rounds: true, progress: true},
}

var nistNumbers = []tally.Measure{tally.Over, tally.Under, tally.Ballots, tally.Registered, tally.Rejected, tally.Outstanding, tally.CheckIns}

// losses counts what there is that a format may not carry.
type losses struct {
	x   *tally.Index
	t   *tally.Tally
	out []Loss

	facts      map[tally.Measure]int // numbers besides votes, by kind
	rounds     map[int32]bool        // contests with more than one round
	otherTypes map[int32]bool        // contests whose over- or undervotes are told by vote type
	progress   int                   // units that say how far they are
}

func (l *losses) count() {
	l.facts, l.rounds, l.otherTypes = make(map[tally.Measure]int), make(map[int32]bool), make(map[int32]bool)
	for u := range l.x.Def.Units {
		for _, c := range l.t.At(int32(u)) {
			if c.Choice < 0 && c.Type == tally.TotalType && !l.sum(int32(u), c) {
				l.facts[c.Choice]++
			}
			if c.Round > 1 {
				l.rounds[c.Contest] = true
			}
			if (c.Choice == tally.Over || c.Choice == tally.Under) && c.Type != tally.TotalType {
				l.otherTypes[c.Contest] = true
			}
		}
		for typ := range int16(len(l.x.Def.VoteTypes) + 1) {
			if _, ok := l.t.Progress(int32(u), typ); ok {
				l.progress++
				break
			}
		}
	}
}

// sum says whether a number is the sum of those of the units below.
func (l *losses) sum(u int32, c tally.Cell) bool {
	return slices.ContainsFunc(l.x.Children(u), func(k int32) bool {
		return slices.ContainsFunc(l.t.Contest(k, c.Contest), func(d tally.Cell) bool { return d.Choice == c.Choice })
	})
}

// say notes a loss of n things, if there are any.
func (l *losses) say(key string, n int, more ...string) {
	if n == 0 {
		return
	}
	args := map[string]string{"n": strconv.Itoa(n)}
	for i := 0; i+1 < len(more); i += 2 {
		args[more[i]] = more[i+1]
	}
	l.out = append(l.out, Loss{"results.export.lost." + key, args})
}

// measures tells of the numbers besides votes that have no room.
func (l *losses) measures(room []tally.Measure) {
	n := 0
	var names []string
	for m := tally.Over; m >= lowest; m-- {
		if l.facts[m] > 0 && !slices.Contains(room, m) {
			n += l.facts[m]
			names = append(names, l.x.ChoiceName(tally.NoContest, m))
		}
	}
	l.say("numbers", n, "names", strings.Join(names, ", "))
}

// northCarolina tells of vote types that share one of the four columns, and of
// those that have none.
func (l *losses) northCarolina() {
	in := make(map[int][]string)
	var none []string
	for _, v := range l.x.Def.VoteTypes {
		if at, ok := ncColumns[v.Item]; ok {
			in[at] = append(in[at], v.Name.String())
		} else if v.Item != election.Total {
			none = append(none, v.Name.String())
		}
	}
	for at := range 4 {
		if len(in[at]) > 1 {
			l.say("types_joined", len(in[at]), "names", strings.Join(in[at], ", "))
		}
	}
	l.say("types", len(none), "names", strings.Join(none, ", "))
}
