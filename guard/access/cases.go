// SPDX-License-Identifier: Apache-2.0

package access

import (
	"regexp"
	"slices"
	"time"

	"hustings/kit/room"
	"hustings/kit/who"
)

// sampleID and elsewhere are a person and an office that are nobody's.
const (
	sampleID  = "somebody"
	elsewhere = "ocd-division/sample"
)

// sample is the question whether somebody who holds only this role may do
// something, signed in as well as can be.
func sample(role Role, action string) *question {
	return &question{me: signedIn(who.Person{ID: sampleID, Jurisdiction: elsewhere}), held: []Role{role}, where: elsewhere, action: action, now: sampleTime}
}

// sampleTime is now, for questions about nobody.
var sampleTime = time.Unix(1e9, 0)

// signedIn is a person who has just proved as well as can be that it is them.
func signedIn(p who.Person) who.Person {
	p.Via, p.Level, p.Proved = who.Browser, 3, sampleTime
	return p
}

// situation is one of the cases in which a question is asked, for what may
// depend on it: no list of all records and requests can be gone through, but
// the ways in which policies can tell them apart are few.
type situation struct {
	name string // words key after "access.case."
	lit  string // a text that the policies compare with, if that is the case
	set  func(q *question)
}

// The situations that are always tried. The first is the question about the
// room as a whole, which is what a route asks.
var situations = []situation{
	{name: "room", set: func(*question) {}},
	{name: "other", set: func(q *question) { q.record = record(q, room.Record{By: sampleID + " else"}) }},
	{name: "own", set: func(q *question) { q.record = record(q, room.Record{By: q.me.ID}) }},
	{name: "about", set: func(q *question) { q.record = record(q, room.Record{By: sampleID + " else", Of: q.me.ID}) }},
	{name: "protected", set: func(q *question) { q.record = record(q, room.Record{By: sampleID + " else", Protected: true}) }},
	{name: "weak", set: func(q *question) { q.me.Level, q.me.Proved = 1, sampleTime.Add(-24*time.Hour) }},
	{name: "api", set: func(q *question) { q.me.Via, q.me.Level, q.me.Proved = who.API, 1, time.Time{} }},
}

// record is a sample record of the room that an action is about.
func record(q *question, r room.Record) *room.Record {
	r.Room, r.ID, r.Jurisdiction = groupOf(q.action), "sample", q.where
	return &r
}

var literal = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// mostLiterals bounds how many texts of the policies are tried.
const mostLiterals = 40

// with adds situations for the texts that policies compare with: each as the
// kind, the state and the election of a record.
func situationsFor(texts ...string) []situation {
	out := slices.Clone(situations)
	var seen []string
	for _, text := range texts {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if lit := m[1]; lit != "" && len(lit) < 80 && len(seen) < mostLiterals && !slices.Contains(seen, lit) {
				seen = append(seen, lit)
			}
		}
	}
	for _, lit := range seen {
		for name, put := range map[string]func(*room.Record){
			"kind":     func(r *room.Record) { r.Kind = lit },
			"state":    func(r *room.Record) { r.State = lit },
			"election": func(r *room.Record) { r.Election = lit },
		} {
			out = append(out, situation{name: name, lit: lit, set: func(q *question) {
				r := room.Record{By: sampleID + " else"}
				put(&r)
				q.record = record(q, r)
			}})
		}
	}
	slices.SortStableFunc(out[len(situations):], func(a, b situation) int {
		switch {
		case a.lit != b.lit:
			return compareText(a.lit, b.lit)
		}
		return compareText(a.name, b.name)
	})
	return out
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// in asks a question in each situation.
func (r *rules) in(list []situation, base question) []bool {
	out := make([]bool, len(list))
	for i, c := range list {
		q := base
		c.set(&q)
		out[i] = r.ask(&q).allow
	}
	return out
}

// Can says in which situations something is permitted.
type Can struct {
	Permission string
	Usually    bool     // asked about the room as a whole
	But        []string // situations in which it is the other way round
}

// Ever says whether it is permitted in any situation.
func (c Can) Ever() bool { return c.Usually || len(c.But) > 0 }

// can sums up what was decided in each situation.
func can(permission string, list []situation, allowed []bool) Can {
	c := Can{Permission: permission, Usually: allowed[0]}
	for i, is := range allowed {
		if is != c.Usually {
			c.But = append(c.But, list[i].name)
		}
	}
	return c
}
