// SPDX-License-Identifier: Apache-2.0

// Package who carries through a context the person who is acting and the
// request they are acting in, so that the ledger can say who did what.
package who

import (
	"context"
	"slices"
	"strings"
	"time"
)

// The ways in which a person can come to us.
const (
	Browser = "browser"
	API     = "api"
	CLI     = "cli"
	Watch   = "watch" // a watched folder: a file appeared
	House   = "system"
)

// Operator is the id of whoever works at the machine itself. Several people may;
// it is nobody's account.
const Operator = "operator"

// Person is who acts. The zero Person is nobody we know.
type Person struct {
	ID           string
	Name         string
	Jurisdiction string // the office they act in
	OnBehalf     string // the id of the person they act for, if not for themselves
	Via          string // browser, api, cli, watch or system

	// Level is how well the house knows that it is them, after the assurance
	// levels of NIST SP 800-63B-4: 1 one factor (a program's token, too), 2 two
	// factors, 3 a passkey that cannot leave its device. 0 is not known.
	Level int
	// Proved is when they last proved it: at sign-in, or since then by doing so
	// again. Zero for whoever cannot, such as a program.
	Proved time.Time
	// Session is the id of the session that they act in, "" outside of one. It
	// opens nothing.
	Session string
	// Scope is the permissions that a program's token is good for, apart by
	// spaces; "" is all that the person has.
	Scope string
}

// Covers reports whether the person's token, where they act by one, is good for
// a permission. Whether they have it is another question.
func (p Person) Covers(permission string) bool {
	return p.Scope == "" || slices.Contains(strings.Fields(p.Scope), permission)
}

// Known reports whether somebody is there.
func (p Person) Known() bool { return p.ID != "" }

// System is the house itself acting: a job, a listener, a schedule.
func System(name, jurisdiction string) Person {
	return Person{ID: "system:" + name, Name: name, Jurisdiction: jurisdiction, Via: House}
}

type personKey struct{}

type requestKey struct{}

// With puts p into the context.
func With(ctx context.Context, p Person) context.Context {
	return context.WithValue(ctx, personKey{}, p)
}

// From is the person who acts; the zero Person when nobody was put there.
func From(ctx context.Context) Person {
	p, _ := ctx.Value(personKey{}).(Person)
	return p
}

// WithRequest puts the id of the request into the context.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// Request is the id of the request, or "" outside of one.
func Request(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
