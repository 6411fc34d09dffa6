// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
)

// Reason is why an application ended as it did.
type Reason string

// The reasons. A rejection may also have one of the roll's, such as not-citizen.
const (
	AsAsked    Reason = "as-asked"
	NeedsID    Reason = "needs-id" // and identification is shown with the first vote (52 U.S.C. 21083(b))
	UnderAge   Reason = "under-age"
	TheSame    Reason = "same"          // the roll says it all already
	Overtaken  Reason = "overtaken"     // a later application said it since
	Missing    Reason = "missing"       // fields are missing; the voter was asked for them
	NotOnRoll  Reason = "not-on-roll"   // nobody to end the registration of
	NotOurs    Reason = "not-ours"      // another office's
	NoForm     Reason = "not-a-form"    // a sheet that is no application
	Withdrawn  Reason = "withdrawn"     // by the applicant
	Unreadable Reason = "unreadable"    // nobody can read it
	AsksOther  Reason = "other-request" // it asks for something that is no registration
)

// Standing is what an applicant is told.
type Standing struct {
	State   string // received, checking, done
	Outcome roll.Outcome
	Reason  Reason
	Since   time.Time
	Missing []string
}

// errNoStanding is the one answer where receipt or birth date are wrong.
var errNoStanding = fault.New(fault.NotFound, "No application has this receipt number together with this birth date.")

// Status says where an application stands to whoever has its receipt and the
// birth date on it. Whatever is wrong, the answer is the same, and takes as
// long.
func (s *Intake) Status(ctx context.Context, receipt string, birth election.Date) (Standing, error) {
	known, err := readReceipt(receipt)
	if err != nil {
		known = "none" // asked all the same
	}
	var a sealedApplication
	err = s.DB.QueryRowContext(ctx, `select `+applicationRow+` from intake_application where jurisdiction = $1 and receipt = $2`, s.Jurisdiction, known).Scan(a.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		a.body = `{"Voter":{"Birth":"0001-01-01"}}`
	} else if err != nil {
		return Standing{}, err
	}
	app, err := whole(a.body, hide.String{}) // a birth date is not among what is sealed
	if err != nil {
		return Standing{}, err
	}
	if subtle.ConstantTimeCompare([]byte(app.Voter.Birth), []byte(birth)) != 1 || a.ID == "" || birth == "" {
		return Standing{}, errNoStanding
	}
	out := Standing{State: "checking", Outcome: a.Outcome, Reason: a.Reason, Since: a.Since}
	switch a.Step {
	case Accepted:
		out.State = "received"
	case Ended:
		out.State = "done"
		if app, err := s.open(ctx, s.DB, &a, false); err == nil {
			out.Missing = app.Missing
		}
	}
	return out, nil
}

// Count is how many applications wait at a step, and since when the oldest.
type Count struct {
	Step   Step
	Doubt  Doubt
	N      int64
	Oldest time.Time
}

// Counts says what waits, by step and by what a person has to look at.
func (s *Intake) Counts(ctx context.Context) ([]Count, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select step, doubt, count(*), min(received_at) from intake_application
		where jurisdiction = $1 and step in ('entering', 'accepted', 'look', 'verifying')
		group by step, doubt order by step, doubt`, s.Jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (c Count, err error) {
		return c, scan(&c.Step, &c.Doubt, &c.N, db.AsTime(&c.Oldest))
	})
}

// Tallied is how many applications of a kind and source ended how.
type Tallied struct {
	Asks    roll.Ask
	Form    string
	Source  roll.Source
	Outcome roll.Outcome // "" for those that have not ended
	Reason  Reason
	N       int64
}

// Tally counts the applications that count for the days from and to, both
// included, as sections A3 to A9 of the survey after each general election ask.
func (s *Intake) Tally(ctx context.Context, from, to election.Date) ([]Tallied, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select asks, form, source, outcome, reason, count(*) from intake_application
		where jurisdiction = $1 and counts_on between $2 and $3 and step <> 'entering'
		group by asks, form, source, outcome, reason order by asks, form, source, outcome, reason`, s.Jurisdiction, string(from), string(to))
	return db.Collect(rows, err, func(scan func(...any) error) (t Tallied, err error) {
		return t, scan(&t.Asks, &t.Form, &t.Source, &t.Outcome, &t.Reason, &t.N)
	})
}
