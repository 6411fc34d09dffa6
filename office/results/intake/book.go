// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"math"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/office/results/tally"
)

// book fills a statement row by row. Each name is stored once; files repeat
// theirs from row to row, so the last one is tried first.
type book struct {
	st       *tally.Statement
	units    map[unitKey]int32
	contests map[contestKey]int32
	choices  map[choiceKey]int32
	types    map[string]int16

	lastUnit    unitKey
	lastContest contestKey
	lastChoice  choiceKey
	lastUnitAt  int32
	contestAt   int32
	choiceAt    int32

	most limits
	over error // the first limit that was passed
}

type unitKey struct{ county, name, code string }

type contestKey struct{ name, district, party, code string }

type choiceKey struct {
	contest, measure  int32
	name, party, code string
}

func newBook(path, format string) *book {
	return &book{
		st:    &tally.Statement{Path: path, Format: format, Types: []tally.NamedType{{Name: "total", Item: election.Total}}},
		units: make(map[unitKey]int32), contests: make(map[contestKey]int32), choices: make(map[choiceKey]int32),
		types:      make(map[string]int16),
		lastUnitAt: -1, contestAt: -1, choiceAt: -1, most: most,
	}
}

// unit returns the position of a unit, which make describes when it is new.
func (b *book) unit(k unitKey, describe func() tally.NamedUnit) int32 {
	if b.lastUnitAt >= 0 && k == b.lastUnit {
		return b.lastUnitAt
	}
	n, ok := b.units[k]
	if !ok {
		u := describe()
		if !b.room("units", len(b.st.Units), b.most.units, int(u.Line)) {
			return 0
		}
		n = int32(len(b.st.Units))
		b.units[k] = n
		b.st.Units = append(b.st.Units, u)
	}
	b.lastUnit, b.lastUnitAt = k, n
	return n
}

// precinct is a unit by its county and name; an empty name is the county.
func (b *book) precinct(county, name string, line int) int32 {
	return b.unit(unitKey{county, name, ""}, func() tally.NamedUnit {
		u := tally.NamedUnit{County: county, Name: name, Number: leadingNumber(name), Parent: -1, Line: int32(line)}
		switch {
		case name == "":
			u.Type = election.County
		case isBatch(name):
			u.Type = election.BallotBatch
		}
		return u
	})
}

// leadingNumber is the number that a precinct's name begins with, as printed:
// "0042" of "0042 ALPINE". A name that is all number is its own number.
func leadingNumber(name string) string {
	n := 0
	for n < len(name) && name[n] >= '0' && name[n] <= '9' {
		n++
	}
	if n == 0 || n > 9 || n < len(name) && !strings.ContainsRune(" -:–", rune(name[n])) {
		return ""
	}
	return name[:n]
}

// batches are words in names of what counts ballots of many precincts.
var batches = []string{
	"absentee", "one stop", "onestop", "provisional", "central count", "vote by mail", "mail ballots", "mail in",
	"early voting", "early vote", "uocava", "military", "overseas", "in person absentee", "advance voting",
	"limited ballots", "federal only", "transfer", "av counting board", "avcb",
}

// isBatch says that a precinct's name means ballots counted centrally, such as
// an absentee board. A road may be called Military: the name must say no more
// than that, or begin with it.
func isBatch(name string) bool {
	k := tally.Squeeze(name)
	for _, w := range batches {
		rest, ok := strings.CutPrefix(k, w)
		if ok && (rest == "" || strings.HasPrefix(rest, " ") && restIsPlain(rest)) {
			return true
		}
	}
	return false
}

// restIsPlain says that a name goes on with words that still mean a pile of
// ballots: "absentee board 3", but not "military road elementary".
func restIsPlain(rest string) bool {
	for _, w := range strings.Fields(rest) {
		switch w {
		case "board", "boards", "ballot", "ballots", "vote", "votes", "voting", "precinct", "site", "sites", "center",
			"count", "counting", "by", "mail", "in", "person", "and", "absentee", "overseas", "uocava", "military",
			"provisional", "early", "one", "stop", "batch", "group", "district", "total":
			continue
		}
		if _, err := strconv.Atoi(w); err != nil {
			return false
		}
	}
	return true
}

// contest returns the position of a contest.
func (b *book) contest(k contestKey, line int) int32 {
	if b.contestAt >= 0 && k == b.lastContest {
		return b.contestAt
	}
	n, ok := b.contests[k]
	if !ok {
		if !b.room("contests", len(b.st.Contests), b.most.contests, line) {
			return 0
		}
		n = int32(len(b.st.Contests))
		b.contests[k] = n
		b.st.Contests = append(b.st.Contests, tally.NamedContest{Name: k.name, District: k.district, Party: k.party, Code: k.code, Line: int32(line)})
	}
	b.lastContest, b.contestAt = k, n
	return n
}

// choice returns the position of a choice of a contest.
func (b *book) choice(contest int32, name, party, code string, line int) int32 {
	return b.named(choiceKey{contest, 0, name, party, code}, line)
}

// measure returns the position of a measure of a contest or, for NoContest, of
// units.
func (b *book) measure(contest int32, m tally.Measure, name string, line int) int32 {
	return b.named(choiceKey{contest, m, name, "", ""}, line)
}

func (b *book) named(k choiceKey, line int) int32 {
	if b.choiceAt >= 0 && k == b.lastChoice {
		return b.choiceAt
	}
	n, ok := b.choices[k]
	if !ok {
		if !b.room("choices", len(b.st.Choices), b.most.choices, line) {
			return 0
		}
		n = int32(len(b.st.Choices))
		b.choices[k] = n
		c := tally.NamedChoice{Contest: k.contest, Measure: k.measure, Name: k.name, Party: k.party, Code: k.code, Line: int32(line)}
		if k.measure == 0 {
			c.Kind = choiceKind(k.name)
		}
		b.st.Choices = append(b.st.Choices, c)
	}
	b.lastChoice, b.choiceAt = k, n
	return n
}

// choiceKind is what a name alone says about a choice. Yes and no are settled
// later, when the other choices of the contest are known.
func choiceKind(name string) election.ChoiceKind {
	if tally.GenericWriteIn(name) || tally.OtherWriteIn(name) {
		return election.WriteIn
	}
	if _, ok := tally.WriteInName(name); ok {
		return election.WriteIn
	}
	return ""
}

// voteType returns the position of a vote type. A file can name at most so
// many as fit; no real one comes near.
func (b *book) voteType(name string, item election.CountItem) int16 {
	if n, ok := b.types[name]; ok {
		return n
	}
	if len(b.st.Types) == math.MaxInt16 {
		return math.MaxInt16 - 1
	}
	if item == "" {
		item = tally.Item(name)
	}
	n := int16(len(b.st.Types))
	b.types[name] = n
	b.st.Types = append(b.st.Types, tally.NamedType{Name: name, Item: item})
	return n
}

// keepTypes takes out vote types that turned out to be something else, with
// the counts under them, and closes the gaps. types[i] stays if keep[i]. No
// vote type may be asked for after that.
func (b *book) keepTypes(types []int16, keep []bool) {
	to := make([]int16, len(b.st.Types))
	for i, t := range types {
		if !keep[i] {
			to[t] = -1
		}
	}
	kept := b.st.Types[:0]
	for i, t := range b.st.Types {
		if to[i] >= 0 {
			to[i] = int16(len(kept))
			kept = append(kept, t)
		}
	}
	if len(kept) == len(to) {
		return
	}
	b.st.Types = kept
	counts := b.st.Counts[:0]
	for _, c := range b.st.Counts {
		if c.Type = to[c.Type]; c.Type >= 0 {
			counts = append(counts, c)
		}
	}
	b.st.Counts = counts
}

// limits bounds what is kept of one file.
type limits struct{ units, contests, choices, counts int }

// most is what a large state needs several times over: some ten thousand
// precincts, some thousand contests, some million numbers. Every name costs a
// hundred times the memory of a number, when a definition is derived from it.
var most = limits{units: 200_000, contests: 50_000, choices: 500_000, counts: 10_000_000}

// room says whether one more of something may be kept, and notes the first time
// that it may not. The file is refused at its end.
func (b *book) room(what string, have, most, line int) bool {
	if have >= most && b.over == nil {
		b.over = sheet.OverLimit(b.st.Path, line, what, int64(most), "the file holds more "+what)
	}
	return have < most
}

func (b *book) count(unit, choice int32, typ int16, round int16, line int, n int64) {
	if !b.room("counts", len(b.st.Counts), b.most.counts, line) {
		return
	}
	b.st.Counts = append(b.st.Counts, tally.Count{Unit: unit, Choice: choice, Type: typ, Round: round, Line: int32(line), N: n})
}

// find notes a finding. Its line is always among the arguments.
func (b *book) find(check string, level tally.Level, key string, line int, args map[string]string) {
	args["line"] = itoa(line)
	b.st.Findings = append(b.st.Findings, tally.Finding{Check: check, Level: level, Key: "results.intake." + key, Line: line, Args: args,
		Unit: args["unit"], Contest: args["contest"], Choice: args["choice"]})
}

// finish settles what only the whole file can tell.
func (b *book) finish() (*tally.Statement, error) {
	if b.over != nil {
		return nil, b.over
	}
	b.wholes()
	b.subtotals()
	b.answers()
	total, typed := false, false
	for _, c := range b.st.Counts {
		if c.Type == tally.TotalType {
			total = total || b.st.Choices[c.Choice].Measure >= 0
		} else {
			typed = true
		}
	}
	b.st.TotalOnly, b.st.NoTotals = !typed, typed && !total
	return b.st, nil
}

// answers marks yes and no in contests that have no other choices.
func (b *book) answers() {
	other := make([]bool, len(b.st.Contests))
	for _, ch := range b.st.Choices {
		if ch.Contest >= 0 && ch.Measure == 0 && ch.Kind != election.WriteIn && (tally.Answer(ch.Name) == "" || ch.Party != "") {
			other[ch.Contest] = true
		}
	}
	for i := range b.st.Choices {
		ch := &b.st.Choices[i]
		if ch.Contest >= 0 && ch.Measure == 0 && ch.Kind == "" && !other[ch.Contest] {
			ch.Kind = tally.Answer(ch.Name)
		}
	}
}
