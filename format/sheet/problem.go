// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"strconv"
)

// Problem is something in a file that could not be used as it stands, although
// the rest of the file could.
type Problem struct {
	Line  int    // 1 for the first line, 0 when it concerns the whole file
	Field string // the column or element, "" when it concerns the whole line
	Say   string // what is wrong and what was done about it
}

// String gives the problem as one line for a person.
func (p Problem) String() string {
	s := p.Say
	if p.Field != "" {
		s = p.Field + ": " + s
	}
	if p.Line > 0 {
		s = "line " + strconv.Itoa(p.Line) + ": " + s
	}
	return s
}

// Problems collects what was wrong with a file. It keeps the first ones word
// by word and counts the rest, so that a hopeless file cannot fill the memory.
type Problems struct {
	List []Problem
	More int // further problems that were counted and not kept
	Keep int // how many to keep; 0 means the default of Limits.Problems
}

// Add notes one problem. Say and args work as in fmt.Sprintf.
func (p *Problems) Add(line int, field, say string, args ...any) {
	if p.Full() {
		p.More++
		return
	}
	if len(args) > 0 {
		say = fmt.Sprintf(say, args...)
	}
	p.List = append(p.List, Problem{Line: line, Field: field, Say: say})
}

// Full says whether further problems will only be counted.
func (p *Problems) Full() bool {
	keep := p.Keep
	if keep <= 0 {
		keep = DefaultLimits.Problems
	}
	return len(p.List) >= keep
}

// Join takes over the problems of a part of the same file.
func (p *Problems) Join(other *Problems) {
	for _, o := range other.List {
		p.Add(o.Line, o.Field, "%s", o.Say)
	}
	p.More += other.More
}

// Len is the number of problems, kept and counted.
func (p *Problems) Len() int { return len(p.List) + p.More }
