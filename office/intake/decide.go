// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

// A person decides about an application that cannot go on by itself. Each
// decision is recorded with who and why, and can be undone: Reopen.

// AsNew says that an application is of nobody in the roll.
func (s *Intake) AsNew(ctx context.Context, app ID, version int64, why string) error {
	return s.decide(ctx, app, version, "new", why, func(d *Decision) error {
		d.New, d.Voter = true, ""
		return nil
	})
}

// IsVoter says whose an application is.
func (s *Intake) IsVoter(ctx context.Context, app ID, version int64, voter roll.ID, why string) error {
	v, err := s.People.Voter(ctx, voter)
	if err != nil {
		return err
	}
	if v.Into != "" {
		return fault.New(fault.Conflict, "%s was merged into %s; choose that one.", voter, v.Into)
	}
	return s.decide(ctx, app, version, "voter", why, func(d *Decision) error {
		d.New, d.Voter = false, voter
		return nil
	})
}

// Votes says where an application's residence votes; an empty precinct: it goes
// on without one.
func (s *Intake) Votes(ctx context.Context, app ID, version int64, precinct election.UnitID, why string) error {
	return s.decide(ctx, app, version, "precinct", why, func(d *Decision) error {
		d.Precinct, d.Unplaced = precinct, precinct == ""
		return nil
	})
}

// Prove says what an applicant's numbers prove: verify.Verified, or
// verify.NeedsID.
func (s *Intake) Prove(ctx context.Context, app ID, version int64, step verify.Step, why string) error {
	if step != verify.Verified && step != verify.NeedsID {
		return fault.New(fault.Invalid, "Say whether the numbers are verified or identification is shown.")
	}
	return s.decide(ctx, app, version, "numbers", why, func(d *Decision) error {
		d.Numbers = step
		return nil
	})
}

// decide takes down what a person decided, and lets the application go on.
func (s *Intake) decide(ctx context.Context, app ID, version int64, what, why string, change func(*Decision) error) error {
	s.turn.Lock()
	a, err := s.looked(ctx, app, version)
	if err == nil {
		err = change(&a.Decided)
	}
	if err == nil {
		err = s.decided(ctx, &a, what, why)
	}
	s.turn.Unlock()
	if err != nil {
		return err
	}
	return s.takeOn(ctx, app, nil)
}

// decided writes a decision down.
func (s *Intake) decided(ctx context.Context, a *Application, what, why string) error {
	if a.Decided.Voter != "" && a.VoterID == "" {
		a.VoterID = a.Decided.Voter
	}
	a.Step, a.RetryAt = Accepted, s.Now()
	if a.Doubt == NumberOdd {
		a.Step = Verifying // it is in the roll already
	}
	a.Doubt = ""
	return s.step(ctx, a, entry{what: "decided." + what, note: why}, func(tx *db.Tx) error {
		tx.Record(decidedFact(a, what, why))
		return nil
	})
}

func decidedFact(a *Application, what, why string) event.ApplicationDecided {
	return event.ApplicationDecided{Application: string(a.ID), Decision: what, Voter: string(a.Decided.Voter), Reason: why}
}

// looked is an application that waits for a person, as the person saw it.
func (s *Intake) looked(ctx context.Context, app ID, version int64) (Application, error) {
	a, err := s.find(ctx, s.DB, app)
	switch {
	case err != nil:
		return a, err
	case a.Version != version:
		return a, errQuicker
	case a.Step != Looking && a.Step != Verifying && a.Step != Entering:
		return a, fault.New(fault.Conflict, "This application does not wait for a decision.")
	}
	return a, nil
}

// AskFor ends an application because something is missing; the applicant is
// asked for it in a letter.
func (s *Intake) AskFor(ctx context.Context, app ID, version int64, missing []string, why string) error {
	if len(missing) == 0 {
		return fault.On("missing", fault.New(fault.Invalid, "Choose what the applicant is asked for."))
	}
	for _, m := range missing {
		if !slices.Contains(askable, m) {
			return fault.On("missing", fault.New(fault.Invalid, "%q is nothing that an applicant is asked for.", m))
		}
	}
	return s.finish(ctx, app, version, ending{outcome: roll.Lacking, reason: Missing, missing: missing, note: why})
}

// askable are what an applicant can be asked for.
var askable = []string{"name", "birth", "home", "citizen", "signature", "number", "other"}

// Reject turns an application away for a reason of the law.
func (s *Intake) Reject(ctx context.Context, app ID, version int64, reason Reason, why string) error {
	if !slices.Contains(rejections, reason) {
		return fault.On("reason", fault.New(fault.Invalid, "Choose a reason from the list."))
	}
	if strings.TrimSpace(why) == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	return s.finish(ctx, app, version, ending{outcome: roll.Rejected, reason: reason, note: why})
}

// rejections are the reasons for which a person may turn an application away.
// That a number was not found is none of them.
var rejections = []Reason{Reason(roll.NotCitizen), UnderAge, Reason(roll.Felony), Reason(roll.Incapacity), Reason(roll.Deceased), NotOurs, NotOnRoll, NoForm, Unreadable, Withdrawn, AsksOther}

// Same ends an application as a duplicate of one that came before.
func (s *Intake) Same(ctx context.Context, app ID, version int64, why string) error {
	return s.finish(ctx, app, version, ending{outcome: roll.IsDuplicate, reason: TheSame, note: why})
}

// finish ends an application as a person says. What it changed in the roll
// before is taken back.
func (s *Intake) finish(ctx context.Context, app ID, version int64, e ending) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	a, err := s.looked(ctx, app, version)
	if err != nil {
		return err
	}
	if e.outcome != roll.IsDuplicate {
		if _, err := s.takeBack(ctx, &a, "the application ended as "+string(e.outcome)); err != nil {
			return err
		}
	}
	return s.end(ctx, &a, e)
}

// Reopen undoes an application's end: what it changed in the roll is taken back,
// and a person looks at it again. stays names what was changed since and stays.
func (s *Intake) Reopen(ctx context.Context, app ID, version int64, why string) (stays []string, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return nil, fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	a, err := s.find(ctx, s.DB, app)
	switch {
	case err != nil:
		return nil, err
	case a.Version != version:
		return nil, errQuicker
	case a.Step == Entering || a.Step == Accepted:
		return nil, fault.New(fault.Conflict, "Nothing has been decided about this application yet.")
	}
	was, voter := a.Outcome, a.VoterID
	if stays, err = s.takeBack(ctx, &a, why); err != nil {
		return nil, err
	}
	a.Attempt++
	a.Step, a.Doubt, a.Outcome, a.Reason, a.Missing, a.VoterID, a.Decided, a.Tries = Looking, Again, "", "", nil, "", Decision{}, 0
	return stays, s.step(ctx, &a, entry{what: "reopened", note: why, data: stays}, func(tx *db.Tx) error {
		tx.Record(event.ApplicationReopened{Application: string(app), Was: string(was), Voter: string(voter), Why: why})
		return nil
	})
}

// takeBack undoes what an application did to the roll.
func (s *Intake) takeBack(ctx context.Context, a *Application, why string) (stays []string, err error) {
	if a.VoterID == "" {
		return nil, nil
	}
	for _, cause := range []string{a.numbersCause(), a.cause()} {
		more, err := s.Roll.TakeBack(ctx, a.VoterID, cause, why)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		stays = append(stays, more...)
	}
	a.VoterID = ""
	return stays, nil
}

// GoOn lets an application that was reopened, or that waits, go on by itself
// from the beginning.
func (s *Intake) GoOn(ctx context.Context, app ID, version int64) error {
	return s.decide(ctx, app, version, "again", "", func(d *Decision) error {
		*d = Decision{}
		return nil
	})
}

// SendOn lets every application that waits for a reason go on by itself, such as
// once street ranges have been mended. It decides about none of them: whatever
// is in doubt still, waits again.
func (s *Intake) SendOn(ctx context.Context, doubt Doubt) (n int64, err error) {
	if !slices.Contains(sendable, doubt) {
		return 0, fault.New(fault.Invalid, "Such applications are decided one by one.")
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			update intake_application set step = 'accepted', doubt = '', version = version + 1
			where jurisdiction = $1 and step = 'look' and doubt = $2 and voter = ''`, s.Jurisdiction, string(doubt))
		if err != nil {
			return err
		}
		if n, err = done.RowsAffected(); err != nil || n == 0 {
			tx.Silently("nothing waits for that reason")
			return err
		}
		tx.Record(event.ApplicationsSentOn{Doubt: string(doubt), Applications: n})
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, s.goOn(ctx)
}

// sendable are the doubts that may have gone by themselves.
var sendable = []Doubt{WhoIsIt, WhereIsIt, NotThere, TooYoung, Unsound}

// Line is a line of an application's trail.
type Line struct {
	N                  int64
	At                 time.Time
	By                 string
	What, Reason, Note string
	Data               json.RawMessage
}

// Trail is what happened to an application, the first first.
func (s *Intake) Trail(ctx context.Context, app ID) ([]Line, error) {
	rows, err := s.DB.QueryContext(ctx, `select n, at, by_id, what, reason, note, data from intake_trail where jurisdiction = $1 and application = $2 order by n`, s.Jurisdiction, string(app))
	return db.Collect(rows, err, func(scan func(...any) error) (l Line, err error) {
		var data string
		err = scan(&l.N, db.AsTime(&l.At), &l.By, &l.What, &l.Reason, &l.Note, &data)
		l.Data = json.RawMessage(data)
		return l, err
	})
}

// quicker says that somebody else has taken an application on.
func quicker(err error) bool { return errors.Is(err, errQuicker) }
