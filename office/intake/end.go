// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"context"
	"database/sql"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

// The forms that applications have here, besides those of states.
const (
	formNVRA = "nvra" // the national mail voter registration form
	formFPCA = "fpca" // the federal post card application of voters overseas and in uniform
)

// ending is how an application ends.
type ending struct {
	outcome  roll.Outcome
	reason   Reason
	missing  []string
	changed  []string      // parts of the registration
	moved    bool          // to another precinct
	from     election.Date // from when it holds, where that is not the day that counts
	evidence *verify.Verdict
	note     string
}

// end ends an application: its letter is written and the end is told. Those that
// wait because they may be of the same person are looked at again.
func (s *Intake) end(ctx context.Context, a *Application, e ending) error {
	a.Outcome, a.Reason, a.Missing = e.outcome, e.reason, e.missing
	line := entry{what: "ended." + string(e.outcome), reason: string(e.reason), note: e.note, data: map[string]any{"changed": e.changed, "numbers": e.evidence}}
	if err := s.write(ctx, a, e); fault.KindOf(err) == fault.Invalid {
		line.note = strings.TrimSpace(line.note + " " + fault.Sentence(err)) // no letter for want of an address, say; the end stands
	} else if err != nil {
		return err
	}
	a.Step, a.Doubt = Ended, ""
	return s.step(ctx, a, line, func(tx *db.Tx) error {
		tx.Record(event.ApplicationEnded{Application: string(a.ID), Outcome: string(e.outcome), Reason: string(e.reason), Voter: string(a.VoterID), Source: string(a.Voter.Source)})
		if e.outcome != roll.Created && e.outcome != roll.Updated {
			return nil
		}
		_, err := tx.ExecContext(ctx, `
			update intake_application set step = 'accepted', doubt = '', version = version + 1
			where jurisdiction = $1 and birth = $2 and step = 'look' and doubt in ('who', 'notthere') and decided = '{}'`, s.Jurisdiction, string(a.Voter.Birth))
		return err
	})
}

// write writes the letter that goes with an end.
func (s *Intake) write(ctx context.Context, a *Application, e ending) error {
	if s.Letters == nil || e.reason == AsksOther {
		return nil
	}
	l := Letter{Kind: letterFor(a, e), Language: cmp.Or(a.Language, firstLang(a), "en"), Name: a.Voter.Name.String(), To: a.Voter.Home,
		About: cmp.Or(string(a.VoterID), string(a.ID)), Cause: a.cause(), Fields: map[string]string{"receipt": a.Receipt, "reason": string(e.reason), "missing": strings.Join(e.missing, " "),
			"asks": string(a.Asks), "received": string(a.CountsOn), "effective": string(cmp.Or(e.from, a.CountsOn)), "voter": string(a.VoterID), "precinct": string(a.Voter.Precinct)}}
	if a.Voter.Mail != nil {
		l.To = *a.Voter.Mail
	} else if a.Voter.Protected != "" {
		return fault.New(fault.Invalid, "No letter was written: a protected voter gave no mailing address.")
	}
	if l.To.Empty() {
		return fault.New(fault.Invalid, "No letter was written: the application has no address.")
	}
	return s.Letters.Write(ctx, l)
}

func firstLang(a *Application) string {
	if len(a.Voter.Langs) > 0 {
		return a.Voter.Langs[0]
	}
	return ""
}

// letterFor is the kind of letter that goes with an end.
func letterFor(a *Application, e ending) string {
	switch {
	case e.outcome == roll.Lacking:
		return "incomplete"
	case e.outcome == roll.Rejected:
		return "denial"
	case e.outcome == roll.IsDuplicate:
		return "duplicate"
	case a.Asks == roll.ToCancel:
		return "cancellation"
	case e.reason == NeedsID:
		return "id-required"
	case e.moved:
		return "transfer"
	}
	return "acknowledgement"
}

// openAll reads the rows of a query whole.
func (s *Intake) openAll(ctx context.Context, rows *sql.Rows, err error) ([]Application, error) {
	list, err := db.Collect(rows, err, func(scan func(...any) error) (a sealedApplication, err error) { return a, scan(a.columns()...) })
	if err != nil {
		return nil, err
	}
	out := make([]Application, len(list))
	for i := range list {
		if out[i], err = s.open(ctx, s.DB, &list[i], true); err != nil {
			return nil, err
		}
	}
	return out, nil
}
