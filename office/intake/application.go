// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

// ID is the house's number of an application.
type ID string

// Step is how far an application has come.
type Step string

// The steps.
const (
	Entering  Step = "entering"  // scanned; somebody types what stands on it
	Accepted  Step = "accepted"  // safely kept; it goes on by itself
	Looking   Step = "look"      // a person looks at it, for the reason in Doubt
	Verifying Step = "verifying" // a service that is asked about its numbers does not answer
	Ended     Step = "ended"
)

// Doubt is why a person looks at an application.
type Doubt string

// The doubts.
const (
	WhoIsIt   Doubt = "who"      // it may be of somebody who is in the roll, or of nobody there
	WhereIsIt Doubt = "where"    // no precinct, or several, for the residence
	NumberOdd Doubt = "number"   // an office that was asked says something odd
	NotThere  Doubt = "notthere" // a change or an end of a registration that nobody has
	TooYoung  Doubt = "age"      // by its birth date; which may be a slip
	Again     Doubt = "again"    // its end was undone
	Unsound   Doubt = "unsound"  // the roll refused the change
)

// Application is an application with how far it has come.
type Application struct {
	roll.Application
	ID             ID
	Receipt        string // as it is read aloud
	Key            string
	Sender, Batch  string
	CountsOn       election.Date
	Step           Step
	Doubt          Doubt
	Since, RetryAt time.Time
	Tries, Version int64
	VoterID        roll.ID
	Attempt        int64
	Decided        Decision
	Outcome        roll.Outcome
	Reason         Reason
	Missing        []string
	EndedAt        time.Time
}

// Decision is what was decided about an application before the roll is changed.
type Decision struct {
	New      bool            `json:",omitempty"` // it is of nobody in the roll
	Voter    roll.ID         `json:",omitempty"` // it is of this voter
	Precinct election.UnitID `json:",omitempty"` // a person said where it votes
	Unplaced bool            `json:",omitempty"` // a person said to go on without a precinct
	Numbers  verify.Step     `json:",omitempty"` // a person said what the numbers prove: verified or needs-id
}

// clearPart is what of an application is kept readable.
type clearPart struct {
	roll.Application
	Voter json.RawMessage
}

// hiddenPart is what is sealed.
type hiddenPart struct {
	Voter string        `json:",omitempty"`
	Was   *roll.Address `json:",omitempty"` // where a protected voter lived
}

// part takes an application apart for keeping.
func part(a roll.Application) (clear string, hidden hide.String, err error) {
	voter, secret, err := roll.Part(a.Voter)
	if err != nil {
		return "", hidden, err
	}
	h := hiddenPart{Voter: secret.Reveal()}
	if a.Voter.Protected != "" {
		h.Was, a.Was.Home = a.Was.Home, nil
	}
	text, err := json.Marshal(clearPart{a, json.RawMessage(voter)})
	if err != nil || h == (hiddenPart{}) {
		return string(text), hidden, err
	}
	all, err := json.Marshal(h)
	return string(text), hide.New(string(all)), err
}

// whole puts an application together.
func whole(clear string, hidden hide.String) (a roll.Application, err error) {
	var c clearPart
	var h hiddenPart
	if err := json.Unmarshal([]byte(clear), &c); err != nil {
		return a, fault.Wrap(fault.Internal, err, "an application")
	}
	if !hidden.IsZero() {
		if err := json.Unmarshal([]byte(hidden.Reveal()), &h); err != nil {
			return a, fault.New(fault.Internal, "what is private of an application cannot be read")
		}
	}
	a = c.Application
	err = roll.Whole(&a.Voter, string(c.Voter), hide.New(h.Voter))
	if h.Was != nil {
		a.Was.Home = h.Was
	}
	return a, err
}

const applicationRow = `id, receipt, accept_key, sender, batch, counts_on, step, doubt, since, coalesce(retry_at, since), tries, version, voter, attempt, decided,
	outcome, reason, missing, coalesce(ended_at, since), body, private`

// sealedApplication is a row before it is opened.
type sealedApplication struct {
	Application
	body, missing, decided string
	private                []byte
}

func (a *sealedApplication) columns() []any {
	return []any{&a.ID, &a.Receipt, &a.Key, &a.Sender, &a.Batch, &a.CountsOn, &a.Step, &a.Doubt, db.AsTime(&a.Since), db.AsTime(&a.RetryAt), &a.Tries, &a.Version, &a.VoterID, &a.Attempt, &a.decided,
		&a.Outcome, &a.Reason, &a.missing, db.AsTime(&a.EndedAt), &a.body, &a.private}
}

// open reads a row. What is private stays closed where secrets is false.
func (s *Intake) open(ctx context.Context, q db.Reader, a *sealedApplication, secrets bool) (Application, error) {
	var hidden hide.String
	var err error
	if secrets {
		if hidden, err = s.Sealer.Open(ctx, q, private.At(s.Jurisdiction, string(a.ID)), a.private); err != nil {
			return a.Application, err
		}
	}
	if err := json.Unmarshal([]byte(a.decided), &a.Decided); err != nil {
		return a.Application, fault.Wrap(fault.Internal, err, "what was decided about the application %s", a.ID)
	}
	a.Receipt, a.Missing = Grouped(a.Receipt), strings.Fields(a.missing)
	if a.Step != Ended {
		a.EndedAt = time.Time{}
	}
	a.Application.Application, err = whole(a.body, hidden)
	return a.Application, err
}

var errNoApplication = fault.New(fault.NotFound, "There is no such application.")

// find reads one application whole.
func (s *Intake) find(ctx context.Context, q db.Reader, app ID) (Application, error) {
	var a sealedApplication
	err := q.QueryRowContext(ctx, `select `+applicationRow+` from intake_application where jurisdiction = $1 and id = $2`, s.Jurisdiction, string(app)).Scan(a.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		return a.Application, errNoApplication
	}
	if err != nil {
		return a.Application, err
	}
	return s.open(ctx, q, &a, true)
}

// Application is one application with everything that is kept of it.
func (s *Intake) Application(ctx context.Context, app ID) (Application, error) {
	return s.find(ctx, s.DB, app)
}

// accepted is the fact that an application has been accepted.
func accepted(app ID, a roll.Application, batch string, counts election.Date) event.ApplicationAccepted {
	return event.ApplicationAccepted{Application: string(app), Asks: string(a.Asks), Form: a.Form, Source: string(a.Voter.Source), Drive: a.Drive, Batch: batch, Counts: counts}
}
