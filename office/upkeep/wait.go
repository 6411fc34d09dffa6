// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"encoding/json"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/office/registry/roll"
)

// Stages of a notice.
const (
	Written   = "written"   // it waits to be printed
	Waiting   = "waiting"   // it went out; the voter is inactive
	Answered  = "answered"  // the card came back; somebody reads what it says
	Confirmed = "confirmed" // they are still here
	Moved     = "moved"     // they wrote that they have left
	Voted     = "voted"
	Removed   = "removed"
	TakenBack = "undone"
	Told      = "told" // it told of a change, and asks for nothing
)

// Stages are the stages of a notice that asks, in their order.
func Stages() []string { return []string{Written, Waiting, Answered, Moved, Confirmed, Voted, Removed} }

// heard hears what became of letters.
func (s *Upkeep) heard(ctx context.Context, e ledger.Entry) error {
	var l event.LetterReturned // all of them say these
	if err := json.Unmarshal(e.Data, &l); err != nil {
		return err
	}
	on := election.DayOf(e.At.In(s.zone()))
	switch e.Name {
	case event.LetterIssued{}.Name():
		return s.issued(ctx, l.Letter, on)
	case event.LetterAnswered{}.Name():
		return s.answered(ctx, l.Letter, on)
	case event.LetterReturned{}.Name():
		return s.returned(ctx, l, on)
	}
	return s.returnUndone(ctx, l.Letter, on)
}

// issued makes the voter inactive to whom a notice went out, and begins the
// wait: 52 U.S.C. 20507(d)(1)(B).
func (s *Upkeep) issued(ctx context.Context, letter string, on election.Date) error {
	n, err := s.findNotice(ctx, s.DB, "letter", letter)
	if err != nil || n.ID == "" || n.Stage != Written {
		return err
	}
	votes, err := s.votes(ctx, n.Voter)
	if err != nil {
		return err
	}
	for _, day := range votes {
		if day >= on { // they voted while the letter was at the printer's
			return s.step(ctx, n, Voted, on, on, "")
		}
	}
	err = s.Desk.Revise(ctx, n.Voter, Change{From: on, Why: "a notice under 52 U.S.C. 20507(d)(2) was sent", Cause: n.cause() + becauseIssued}, func(v *roll.Voter) error {
		if v.State == roll.Active || v.State == roll.Challenged {
			v.State, v.Reason, v.Since = roll.Inactive, roll.ConfirmationSent, on
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.step(ctx, n, Waiting, on, on, due(on))
}

// answered notes that a card came back. Until somebody has read what it says,
// nothing is done with the voter.
func (s *Upkeep) answered(ctx context.Context, letter string, on election.Date) error {
	n, err := s.findNotice(ctx, s.DB, "letter", letter)
	if err != nil || n.ID == "" || n.Stage != Waiting {
		return err
	}
	return s.step(ctx, n, Answered, on, n.Issued, n.Due)
}

// Answer writes down what the card of a notice says: that the voter is here
// still, or, in writing, that they have left.
func (s *Upkeep) Answer(ctx context.Context, notice string, left bool, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	n, err := s.findNotice(ctx, s.DB, "id", notice)
	if err != nil {
		return err
	}
	if n.Stage != Answered && n.Stage != Waiting {
		return fault.New(fault.Conflict, "This notice does not wait for an answer.")
	}
	if left {
		return s.step(ctx, n, Moved, s.today(), n.Issued, n.Due)
	}
	return s.back(ctx, n, Confirmed, s.today(), "answered the notice: "+why)
}

// back makes a voter active again who answered or voted.
func (s *Upkeep) back(ctx context.Context, n noticeRow, stage string, on election.Date, why string) error {
	err := s.Desk.Revise(ctx, n.Voter, Change{From: on, Why: why, Cause: n.cause() + becauseAnswered}, func(v *roll.Voter) error {
		if v.State == roll.Inactive {
			v.State, v.Reason, v.Since = roll.Active, roll.Verified, on
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.step(ctx, n, stage, on, n.Issued, n.Due)
}

// returned notes that a letter came back. Where it was another letter than a
// notice, the voter may have left, and is sent a notice.
func (s *Upkeep) returned(ctx context.Context, l event.LetterReturned, on election.Date) error {
	n, err := s.findNotice(ctx, s.DB, "letter", l.Letter)
	if err != nil {
		return err
	}
	if n.ID != "" && n.Leaves {
		return s.mark(ctx, n, on)
	}
	v, err := s.Roll.Voter(ctx, roll.ID(l.About))
	if fault.KindOf(err) == fault.NotFound {
		return nil // it was about no voter
	}
	if err != nil || v.State != roll.Active {
		return err
	}
	under, err := s.underWay(ctx, v.ID)
	if err != nil || under != "" {
		return err
	}
	to, err := mailing(&v)
	if err != nil {
		s.Log.Warn("mail to a voter came back, and there is no address for a notice", "voter", v.ID)
		return nil
	}
	n = noticeRow{ID: string(Returned) + "/" + l.Letter, Voter: v.ID, Kind: Returned, Leaves: true}
	if n.Letter, err = s.write(ctx, &v, Notice{Kind: "confirmation", Address: to}, n.cause()); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error { return s.insertNotice(ctx, tx, n) })
}

// returnUndone takes back what was noted of a letter's return by mistake.
func (s *Upkeep) returnUndone(ctx context.Context, letter string, on election.Date) error {
	n, err := s.findNotice(ctx, s.DB, "letter", letter)
	if err != nil {
		return err
	}
	if n.Stage == Answered {
		return s.step(ctx, n, Waiting, on, n.Issued, n.Due)
	}
	n, err = s.findNotice(ctx, s.DB, "id", string(Returned)+"/"+letter)
	if err != nil || n.Stage != Written {
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
	if err := s.Letters.Withdraw(ctx, n.Letter, "the mail had not come back after all"); err != nil && !ordinary(err) {
		return err
	}
	return s.step(ctx, n, TakenBack, on, "", "")
}

// voted makes a voter active again who voted while a notice waited.
func (s *Upkeep) voted(ctx context.Context, voter roll.ID, day election.Date) error {
	list, err := s.notices(ctx, `voter = $2 and (stage in ('waiting', 'answered') or stage = 'moved' and answered_on < $3) and issued_on <= $3`, string(voter), string(day))
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := s.back(ctx, n, Voted, day, "voted"); err != nil {
			return err
		}
	}
	return nil
}
