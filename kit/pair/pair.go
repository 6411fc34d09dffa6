// SPDX-License-Identifier: Apache-2.0

// Package pair is the two-person rule: what it asks of the two, and how a room
// makes use of it. One person asks, with a reason; another, who has the
// permission and has proved well enough who they are, agrees; then it happens,
// in the same write as the record of both.
//
//	asked -> agreed (and done) | refused | withdrawn | expired
//
// A room lists its acts in its manifest and has a Book in its Deps. Where it
// holds something for a second person, it asks; where that person decides, it
// says so:
//
//	_, err := s.Pairs.Ask(ctx, tx, pair.Ask{Act: "results.approve", Subject: r.ID, Reason: why})
//	_, err := s.Pairs.Agree(ctx, tx, "results.approve", r.ID, why)
//
// Both work inside of the room's own write, so that neither is there without
// the other. guard/access keeps the book.
package pair

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// Act is one kind of thing that needs two people.
type Act struct {
	Name  string        // "access.policy"; it never changes, for requests carry it
	Key   string        // words key of what it is called
	Needs string        // permission of the second person
	Asks  []string      // permissions of the first, who must still have one of them then; none: Needs
	Level int           // how well the second person must have proved who they are; 0: as they signed in
	Life  time.Duration // how long a request waits; 0: three days

	// Path is the page where the second person sees what they would agree to.
	// Nil: the page of the request itself.
	Path func(subject string) string

	// Do is what happens when the second person agrees on the page of the
	// request. It runs inside of their write. Nil: the room does it itself, and
	// calls Agree.
	Do func(ctx context.Context, tx *db.Tx, r Request) error

	// Show puts what is asked for into words of a language, a line each. Nil:
	// the subject and the reason say it all.
	Show func(ctx context.Context, r Request) ([]string, error)
}

// Until is when a request made now ends by itself.
func (a Act) Until(now time.Time) time.Time {
	if a.Life == 0 {
		return now.Add(72 * time.Hour)
	}
	return now.Add(a.Life)
}

// State is where a request stands.
type State string

// The states of a request.
const (
	Asked     State = "asked"
	Agreed    State = "agreed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Expired   State = "expired"
)

// Ask is what the first person hands in.
type Ask struct {
	Act     string
	Subject string          // what it is about: a report, a person
	Reason  string          // why; never empty
	Also    []string        // ids of others who had a hand in it, and so cannot be the second person
	Payload json.RawMessage // what Do needs; at most 128 KiB
}

// Request is what the book holds.
type Request struct {
	ID, Jurisdiction string
	Ask
	AskedBy, AskedName     string
	AskedAt, Expires       time.Time
	State                  State
	DecidedBy, DecidedName string
	DecidedAt              time.Time
	Answer                 string // the second person's reason
}

// Wanted reads what a request asks for, as its room wrote it down.
func Wanted[T any](r Request) (v T, err error) {
	if err = json.Unmarshal(r.Payload, &v); err != nil {
		return v, fault.Wrap(fault.Internal, err, "the payload of the request %s", r.ID)
	}
	return v, nil
}

// Book keeps requests and who decided them.
type Book interface {
	// Ask writes a request down. Asking again for the same subject while a
	// request waits is a conflict.
	Ask(ctx context.Context, tx *db.Tx, a Ask) (Request, error)
	// Agree decides the waiting request about a subject, once the person who
	// acts may be its second person.
	Agree(ctx context.Context, tx *db.Tx, act, subject, reason string) (Request, error)
	// Refuse ends it without anything happening; the one who asked withdraws.
	Refuse(ctx context.Context, tx *db.Tx, act, subject, reason string) (Request, error)
}

// operator is who runs the program at the machine itself; everybody who can is
// the same to us.
const operator = "operator"

// Second says whether a person may be the second one: somebody we know by an
// account of their own, who is none of the first, neither by themselves nor
// acting for them. Which permission and level they need is asked elsewhere.
func Second(p who.Person, first ...string) error {
	switch {
	case !p.Known() || p.Via == who.House || p.Via == who.Watch || p.ID == operator:
		return fault.New(fault.Denied, "The second person must be signed in with an account of their own.")
	case slices.Contains(first, p.ID) || p.OnBehalf != "" && slices.Contains(first, p.OnBehalf):
		return fault.New(fault.Denied, "You had a hand in this yourself. A second person must agree.")
	}
	return nil
}
