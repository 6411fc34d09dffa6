// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/who"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
	"hustings/office/registry/verify"
)

// The jobs.
const (
	processKind = "intake.process" // takes applications on; one at a time has all of them
	sweepKind   = "intake.sweep"   // sees to it that what waits for a service is asked again
)

// asks are what applications ask for; what else comes is answered, and no more.
var asks = []roll.Ask{roll.ToRegister, roll.ToPreRegister, roll.ToUpdate, roll.ToCancel}

// pace is how many applications are taken on together: their numbers are asked
// about with one request.
const pace = 50

// heard has an accepted application taken on.
func (s *Intake) heard(ctx context.Context, e ledger.Entry) error {
	ctx = who.With(ctx, who.System("intake", e.Jurisdiction))
	return s.goOn(ctx)
}

// goOn queues the job that takes applications on. Where one is queued or at work
// already, that is enough: it looks for more before it ends, and what slips
// through between the two the sweep finds.
func (s *Intake) goOn(ctx context.Context) error {
	var due int
	if err := s.DB.QueryRowContext(ctx, `
		select count(*) from intake_application where jurisdiction = $1 and (step = 'accepted' or step = 'verifying' and retry_at <= $2)`, s.Jurisdiction, s.Now()).Scan(&due); err != nil || due == 0 {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := job.Enqueue(ctx, tx, job.Order{Kind: processKind, Key: processKind})
		return err
	})
}

func (s *Intake) sweep(ctx context.Context, _ *job.Work) error { return s.goOn(ctx) }

// work is the job.
func (s *Intake) work(ctx context.Context, w *job.Work) error {
	n, err := s.Process(ctx)
	if err != nil {
		return err
	}
	return w.Result(map[string]int{"applications": n})
}

// Process takes on every application whose turn it is, until there are no more.
func (s *Intake) Process(ctx context.Context) (done int, err error) {
	for {
		list, err := s.due(ctx)
		if err != nil || len(list) == 0 {
			return done, err
		}
		verdicts := s.ask(ctx, list)
		for i := range list {
			if err := ctx.Err(); err != nil {
				return done, err
			}
			if err := s.takeOn(ctx, list[i].ID, verdicts[list[i].ID]); err != nil {
				return done, fmt.Errorf("the application %s: %w", list[i].ID, err)
			}
			done++
		}
	}
}

// due are the next applications whose turn it is, what counts first first.
func (s *Intake) due(ctx context.Context) ([]Application, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+applicationRow+` from intake_application
		where jurisdiction = $1 and (step = 'accepted' or step = 'verifying' and retry_at <= $2) order by counts_on, received_at, id limit $3`, s.Jurisdiction, s.Now(), pace)
	return s.openAll(ctx, rows, err)
}

// ask asks about the numbers of all who want to be registered.
func (s *Intake) ask(ctx context.Context, list []Application) map[ID]*verify.Verdict {
	var people []verify.Person
	var of []ID
	for i := range list {
		a := &list[i]
		if (a.Asks == roll.ToRegister || a.Asks == roll.ToPreRegister) && a.Decided.Numbers == "" {
			people, of = append(people, verify.Of(a.Voter)), append(of, a.ID)
		}
	}
	out := make(map[ID]*verify.Verdict, len(of))
	if len(people) == 0 {
		return out
	}
	for i, v := range s.Numbers.Many(ctx, people) {
		out[of[i]] = &v
	}
	return out
}

// takeOn takes one application as far as it goes.
func (s *Intake) takeOn(ctx context.Context, app ID, v *verify.Verdict) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	a, err := s.find(ctx, s.DB, app)
	if err != nil {
		return err
	}
	switch {
	case a.Step == Verifying:
		err = s.settle(ctx, &a, v)
	case a.Step == Accepted && !slices.Contains(asks, a.Asks):
		err = s.end(ctx, &a, ending{outcome: roll.Rejected, reason: AsksOther})
	case a.Step == Accepted && a.Asks == roll.ToCancel:
		err = s.cancel(ctx, &a)
	case a.Step == Accepted:
		err = s.register(ctx, &a, v)
	}
	if quicker(err) {
		return nil
	}
	if k := fault.KindOf(err); k == fault.Invalid || k == fault.Conflict || k == fault.NotFound {
		return s.wait(ctx, &a, Unsound, entry{note: fault.Sentence(err)}) // the roll says why; a person sees to it
	}
	return err
}

// register puts an applicant into the roll, or changes their registration.
func (s *Intake) register(ctx context.Context, a *Application, v *verify.Verdict) error {
	if why := a.refused(); why != "" {
		return s.end(ctx, a, ending{outcome: roll.Rejected, reason: why})
	}
	signed, err := s.hasSignature(ctx, a.ID)
	if err != nil {
		return err
	}
	if missing := a.missing(signed); len(missing) > 0 {
		return s.end(ctx, a, ending{outcome: roll.Lacking, reason: Missing, missing: missing})
	}
	if signed {
		a.Voter.Signature = pictureRef(a.ID, signaturePicture)
	}
	f, err := s.whose(ctx, a)
	if err != nil {
		return err
	}
	if f.doubt != "" {
		return s.wait(ctx, a, f.doubt, entry{data: f.candidates})
	}
	state, doubt, err := s.eligible(a, f.decision.New)
	if err != nil || doubt != "" {
		return firstOf(err, func() error { return s.wait(ctx, a, doubt, entry{}) })
	}
	if doubt, e, err := s.place(ctx, a); err != nil || doubt != "" {
		return firstOf(err, func() error { return s.wait(ctx, a, doubt, e) })
	}
	if err := s.know(ctx, a, f); err != nil {
		return err
	}
	if a.Decided.New {
		return s.create(ctx, a, state, v)
	}
	return s.update(ctx, a, state, v)
}

func firstOf(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

// eligible is the state in which an applicant would be registered.
func (s *Intake) eligible(a *Application, isNew bool) (roll.State, Doubt, error) {
	if a.Voter.Birth == "" && !isNew {
		return roll.Active, "", nil
	}
	r, err := s.rulesOn(a.CountsOn)
	if err != nil {
		return "", "", err
	}
	switch age(a, &r) {
	case roll.ToRegister:
		return roll.Active, "", nil
	case roll.ToPreRegister:
		return roll.PreRegistered, "", nil
	}
	return "", TooYoung, nil
}

// rulesOn are the rules of the state on a day. A state that nobody has rules for
// has those of federal law.
func (s *Intake) rulesOn(on election.Date) (rules.Rules, error) {
	r, err := s.Rules(on)
	if fault.KindOf(err) == fault.NotFound {
		return rules.Rules{}, nil
	}
	return r, err
}

// place finds where an applicant votes.
func (s *Intake) place(ctx context.Context, a *Application) (Doubt, entry, error) {
	v := &a.Voter
	if v.Home.Empty() {
		return "", entry{}, nil
	}
	v.Home = place.Normal(v.Home).Address
	got, err := s.Places.Place(ctx, v.Home)
	if err != nil {
		return "", entry{}, err
	}
	switch {
	case a.Decided.Precinct != "":
		v.Precinct, v.Districts = a.Decided.Precinct, nil
		if got.Unit == v.Precinct {
			v.Districts = got.Districts
		}
	case got.Confidence == place.Certain || got.Confidence == place.Likely && len(got.Choice) < 2:
		v.Precinct, v.Districts = got.Unit, got.Districts
	case !a.Decided.Unplaced:
		return WhereIsIt, entry{note: got.Note, data: got.Choice}, nil
	}
	return "", entry{}, nil
}

// know writes down whom an application is of before the roll is changed, so
// that whoever goes on after a crash does not look again.
func (s *Intake) know(ctx context.Context, a *Application, f found) error {
	if a.Decided.New || a.Decided.Voter != "" {
		return nil
	}
	a.Decided.New, a.Decided.Voter, a.VoterID = f.decision.New, f.decision.Voter, f.decision.Voter
	what := "new"
	if !a.Decided.New {
		what = "known"
	}
	return s.step(ctx, a, entry{what: what, data: f.candidates}, func(tx *db.Tx) error {
		tx.Silently("who it is of is told with what is done about it")
		return nil
	})
}

// causePrefix begins the causes of the roll's changes that are ours.
const causePrefix = "intake:"

// cause is what the roll's changes for an application rest on.
func (a *Application) cause() string { return fmt.Sprintf("%s%s/%d", causePrefix, a.ID, a.Attempt) }

// numbersCause is that of what follows when its numbers have been checked.
func (a *Application) numbersCause() string { return a.cause() + "/numbers" }

func (a *Application) change(why string) Change {
	return Change{From: a.CountsOn, Why: why, Cause: a.cause()}
}

// hasNumber says whether there is a number to ask about.
func hasNumber(v *roll.Voter) bool {
	return slices.ContainsFunc(v.Identifiers, func(i roll.Identifier) bool { return !i.None })
}

// whyOf is what the history of the roll says of a change.
func whyOf(a *Application) string {
	return "application of " + string(a.CountsOn) + ", " + string(a.Asks)
}

// pictureRef is how the roll names a picture that is kept here.
func pictureRef(app ID, n string) string { return causePrefix + string(app) + "/" + n }

func (s *Intake) hasSignature(ctx context.Context, app ID) (bool, error) {
	var n int
	err := s.DB.QueryRowContext(ctx, `select count(*) from intake_picture where jurisdiction = $1 and application = $2 and kind = $3`, s.Jurisdiction, string(app), signaturePicture).Scan(&n)
	return n > 0, err
}

// entry is a line of the trail of an application.
type entry struct {
	what, reason, note string
	data               any
}

// step writes what has changed of an application, with a line of its trail. Who
// was slower than another finds a conflict.
func (s *Intake) step(ctx context.Context, a *Application, e entry, tell func(tx *db.Tx) error) error {
	decided, err := json.Marshal(a.Decided)
	if err != nil {
		return err
	}
	data, err := json.Marshal(e.data)
	if err != nil {
		return err
	}
	now := s.Now()
	var ended, retry any
	if a.Step == Ended {
		ended = now
	}
	if a.Step == Verifying {
		retry = a.RetryAt
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `
			update intake_application set step = $4, doubt = $5, since = $6, retry_at = $7, tries = $8, version = version + 1, voter = $9, decided = $10,
				outcome = $11, reason = $12, missing = $13, ended_at = $14, attempt = $15
			where jurisdiction = $1 and id = $2 and version = $3`,
			s.Jurisdiction, string(a.ID), a.Version, string(a.Step), string(a.Doubt), now, retry, a.Tries, string(a.VoterID), string(decided),
			string(a.Outcome), string(a.Reason), strings.Join(a.Missing, " "), ended, a.Attempt)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return firstOf(err, func() error { return errQuicker })
		}
		if _, err := tx.ExecContext(ctx, `
			insert into intake_trail (jurisdiction, application, n, at, by_id, what, reason, note, data) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			s.Jurisdiction, string(a.ID), a.Version, now, me(ctx), e.what, e.reason, e.note, string(data)); err != nil {
			return err
		}
		return tell(tx)
	})
	if err == nil {
		a.Version++
	}
	return err
}

var errQuicker = fault.New(fault.Conflict, "Somebody else was quicker with this application. Look at it again.")

// wait lets an application wait for a person.
func (s *Intake) wait(ctx context.Context, a *Application, doubt Doubt, e entry) error {
	a.Step, a.Doubt = Looking, doubt
	e.what = "waits." + string(doubt)
	return s.step(ctx, a, e, func(tx *db.Tx) error {
		tx.Record(event.ApplicationWaits{Application: string(a.ID), Step: string(a.Step), Doubt: string(doubt)})
		return nil
	})
}

// retry lets an application wait until a service may answer, each time longer.
func (s *Intake) retry(ctx context.Context, a *Application, v *verify.Verdict) error {
	wait := min(time.Minute<<min(a.Tries, 6), time.Hour)
	a.Step, a.Doubt, a.RetryAt = Verifying, "", s.Now().Add(wait)
	if v != nil && v.After.After(a.RetryAt) {
		a.RetryAt = v.After
	}
	a.Tries++
	return s.step(ctx, a, entry{what: "verifying", reason: string(v.Reason), data: v}, func(tx *db.Tx) error {
		tx.Record(event.ApplicationWaits{Application: string(a.ID), Step: string(a.Step), Doubt: string(v.Reason)})
		return nil
	})
}
