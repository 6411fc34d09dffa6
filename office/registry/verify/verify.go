// SPDX-License-Identifier: Apache-2.0

// Package verify checks the numbers of a new registration as section 303(a)(5)
// of the Help America Vote Act asks (52 U.S.C. 21083(a)(5)): the driver's
// licence number against the motor-vehicle office of the state, or the last
// four digits of the social security number against the Social Security
// Administration, each with name and birth date.
//
//	verified · needs ID · asks a person · try later
//
// There is no fifth outcome. Where records do not match, the fault is more
// often theirs than the voter's (in one week of 2013, 96 of 100 questions of
// one large state came back without a match), so a voter who was not found shows identification
// when they first vote (section 303(b)), and a clerk looks at what is odd.
// Nothing that a service answers, and no failure to answer, turns anybody away.
//
// The package is a client and keeps nothing. What a state does is data
// (practice.toml). Private values are of a type that cannot print itself, leave
// this house in the bodies of requests alone, and nothing that a service says
// is quoted in an error or a log.
package verify

import (
	"context"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// Service answers questions about people: the answers are as many as the
// questions and in their order, and one that could not be had says why in Err.
type Service interface {
	Ask(ctx context.Context, list []Question) []Answer
}

// Check asks the services of a state and says what the roll does next.
type Check struct {
	License, SSN4 Service // nil where the state has none
	Practices     Practices
	State         string // two letters
	Zone          *time.Location
	Now           func() time.Time
}

// One checks one person.
func (c *Check) One(ctx context.Context, p Person) Verdict {
	return c.Many(ctx, []Person{p})[0]
}

// Many checks people, several with one request; the verdicts are in their
// order. Each person has a verdict whatever happens to the others.
func (c *Check) Many(ctx context.Context, people []Person) []Verdict {
	practice := c.Practices.On(c.State, election.DayOf(c.Now().In(c.Zone)))
	all := make([]*inquiry, len(people))
	for i, p := range people {
		all[i] = begin(p, practice)
	}
	// Each round asks every open inquiry's next question, and an inquiry has few.
	for round(ctx, c, all) {
	}
	out := make([]Verdict, len(all))
	for i, q := range all {
		out[i] = q.verdict
	}
	return out
}

// round asks each service what is to be asked of it next, and says whether
// anything was asked.
func round(ctx context.Context, c *Check, all []*inquiry) bool {
	next := make(map[Kind][]*inquiry)
	for _, q := range all {
		if len(q.ways) > 0 {
			next[q.ways[0].kind] = append(next[q.ways[0].kind], q)
		}
	}
	for _, kind := range kinds {
		if len(next[kind]) > 0 {
			c.ask(ctx, kind, next[kind])
		}
	}
	return len(next) > 0
}

// ask has a service answer the next question of each inquiry.
func (c *Check) ask(ctx context.Context, kind Kind, open []*inquiry) {
	service := c.License
	if kind == SSN4 {
		service = c.SSN4
	}
	if service == nil {
		for _, q := range open {
			q.skip()
		}
		return
	}
	list := make([]Question, len(open))
	for i, q := range open {
		list[i] = Question{ID: id.New(), Record: q.ways[0].name, Number: q.person.number(kind)}
	}
	answers := service.Ask(ctx, list)
	for i, q := range open {
		a := Answer{Err: &Trouble{Reason: NoAnswer, Err: fault.New(fault.Unavailable, "The service left a question without an answer.")}}
		if i < len(answers) {
			a = answers[i]
		}
		q.hear(a, list[i].ID, c.Now())
	}
}
