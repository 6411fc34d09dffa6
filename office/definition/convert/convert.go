// SPDX-License-Identifier: Apache-2.0

// Package convert turns the files that offices and vendors exchange into
// definitions of elections, and back:
//
//	Read       a file of any known format -> definition, and what could not be used
//	Check      what must be mended before a definition can be locked
//	Diff       what one definition says otherwise than another
//	Formats    what a definition can be written as
//	Template   the empty spreadsheet, with examples
//
// It is pure: it knows no database, no clock and no other files. The same
// definition always gives the same bytes; where a format asks when it was
// written, it gets the first day of the election.
//
// Ids of outside files are kept as they are, so that a results file which uses
// them needs no translation. Where a format cannot hold one of our ids (XML ids
// begin with a letter), it is written in the form of markID and found again.
package convert

import (
	"cmp"
	"embed"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
)

// Words are the sentences of this package.
//
//go:embed words/*.json
var Words embed.FS

// Level is how grave a problem is.
type Level string

// The levels, gravest first.
const (
	Block Level = "block" // the definition cannot be locked
	Hold  Level = "hold"  // a person must look, and may go on
	Warn  Level = "warn"
	Info  Level = "info"
)

// Problem is one thing that is wrong with a file or a definition.
type Problem struct {
	Level Level
	Line  int               // of the file; 0 where there is none
	Key   string            // of the sentence
	Args  map[string]string // its placeholders
	Where string            // what it is about: an id
}

// Result is what a file came to.
type Result struct {
	Def      *election.Definition
	Format   string // a name for people: "NIST SP 1500-100 (XML)"
	Problems []Problem
}

// Errors are the problems that keep a definition from being locked.
func Errors(list []Problem) []Problem {
	var out []Problem
	for _, p := range list {
		if p.Level == Block {
			out = append(out, p)
		}
	}
	return out
}

// mostProblems bounds what is kept word by word; nobody reads more.
const mostProblems = 1000

// notes collects problems. Beyond mostProblems they are only counted.
type notes struct {
	list []Problem
	more map[Level]int
}

// say notes a problem. kv are placeholders and their values.
func (n *notes) say(level Level, key, where string, kv ...string) {
	n.at(0, level, key, where, kv...)
}

// at notes a problem on a line of the file.
func (n *notes) at(line int, level Level, key, where string, kv ...string) {
	if len(n.list) >= mostProblems {
		if n.more == nil {
			n.more = make(map[Level]int)
		}
		n.more[level]++
		return
	}
	p := Problem{Level: level, Line: line, Key: "definition.problem." + key, Where: where}
	if len(kv) > 0 {
		p.Args = make(map[string]string, len(kv)/2)
		for i := 0; i+1 < len(kv); i += 2 {
			p.Args[kv[i]] = kv[i+1]
		}
	}
	n.list = append(n.list, p)
}

// problems lists what was noted, the gravest first, each level in the order of
// the file.
func (n *notes) problems() []Problem {
	list := n.list
	for _, level := range []Level{Block, Hold, Warn, Info} {
		if k := n.more[level]; k > 0 {
			list = append(list, Problem{Level: level, Key: "definition.problem.more", Args: map[string]string{"count": strconv.Itoa(k)}})
		}
	}
	slices.SortStableFunc(list, func(a, b Problem) int { return cmp.Compare(gravity(a.Level), gravity(b.Level)) })
	return list
}

func gravity(l Level) int { return slices.Index([]Level{Block, Hold, Warn, Info}, l) }

// few names the first of many: "0615, 0616, 0617 and 12 more".
func few(names []string) string {
	const shown = 8
	if len(names) <= shown+1 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:shown], ", ") + " … (+" + strconv.Itoa(len(names)-shown) + ")"
}
