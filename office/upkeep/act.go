// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/who"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

// Decide writes down whether a line is about the voter it was matched with, by
// whom and when, and does what comes of it. For a duplicate, keep is the
// registration that stays. What a court ordered needs the number of its case.
func (s *Upkeep) Decide(ctx context.Context, run, number string, d Decision, keep roll.ID, why, document string) (Candidate, error) {
	why, document = strings.TrimSpace(why), strings.TrimSpace(document)
	c, err := s.Candidate(ctx, run, number)
	if err != nil {
		return c, err
	}
	r, err := s.Run(ctx, run)
	if err != nil {
		return c, err
	}
	if document == "" {
		document = c.Line.Case
	}
	switch {
	case r.State != Open:
		return c, fault.New(fault.Conflict, "This run is not open. Nothing can be decided in it.")
	case d != Same && d != Different && d != Unsure:
		return c, fault.On("decision", fault.New(fault.Invalid, "Say whether it is the same person."))
	case c.Tier == match.None:
		return c, fault.New(fault.Conflict, "This pair is in the sample alone. Nothing comes of it.")
	case d == Same && c.Kind == Courts && document == "":
		return c, fault.On("document", fault.New(fault.Invalid, "Give the number of the case."))
	case d == Same && c.Action == MergeIn && keep != c.Voter && keep != c.Other:
		return c, fault.On("keep", fault.New(fault.Invalid, "Choose which registration stays."))
	}
	if d == Same && c.Action == MergeIn && keep == c.Other {
		c.Voter, c.Other = c.Other, c.Voter
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.decide(ctx, tx, &c, d, why, document) }); err != nil {
		return c, err
	}
	c.Decision = d
	if d != Same {
		return c, nil
	}
	return c, s.act(ctx, &c)
}

// Reconsider takes a decision back, and what came of it.
func (s *Upkeep) Reconsider(ctx context.Context, run, number, why string) (stays []string, err error) {
	if why = strings.TrimSpace(why); why == "" {
		return nil, fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	c, err := s.Candidate(ctx, run, number)
	if err != nil {
		return nil, err
	}
	if c.Decision == Undecided && c.Done == "" {
		return nil, fault.New(fault.Conflict, "Nothing was decided here yet.")
	}
	if stays, err = s.takeBack(ctx, &c, why); err != nil {
		return stays, err
	}
	return stays, s.DB.Write(ctx, func(tx *db.Tx) error { return s.decide(ctx, tx, &c, Undecided, why, "") })
}

// ActOnSure does what comes of all pairs of the automatic tier of a run, and of
// those that a person decided and that were not finished.
func (s *Upkeep) ActOnSure(ctx context.Context, run string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := s.findRun(ctx, tx, run)
		if err != nil {
			return err
		}
		if r.State != Open {
			return fault.New(fault.Conflict, "This run is not open. Nothing can be decided in it.")
		}
		return s.queue(ctx, tx, jobAct, run)
	})
}

// actJob acts on what is sure. It may run twice: each act is done once.
func (s *Upkeep) actJob(ctx context.Context, w *job.Work) error {
	var a jobArgs
	if err := w.Args(&a); err != nil {
		return err
	}
	return s.actOn(ctx, a.Run, w.Progress)
}

func (s *Upkeep) actOn(ctx context.Context, run string, say progress) error {
	list, err := s.candidates(ctx, `and c.run = $2 and c.done = '' and (c.tier = 'auto' and c.decision = '' or c.decision = 'same') order by c.number`, run)
	if err != nil {
		return err
	}
	for i := range list {
		say(int64(i), int64(len(list)), "acting")
		if err := s.act(ctx, &list[i]); err != nil && !ordinary(err) {
			return err
		}
	}
	return nil
}

// ordinary says whether an error is about one voter; it was noted with the
// pair, and the others go on.
func ordinary(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.NotFound:
		return true
	}
	return false
}

// act does what comes of a pair. None of it takes anybody off the roll.
func (s *Upkeep) act(ctx context.Context, c *Candidate) error {
	var err error
	switch c.Action {
	case Update:
		err = s.move(ctx, c)
	case Notify:
		err = s.ask(ctx, c)
	case Propose:
		err = s.done(ctx, c, "proposed")
	case MergeIn:
		if c.Decision != Same { // two registrations are made one by a person alone
			return nil
		}
		if err = s.Merger.Merge(ctx, c.Voter, c.Other, Change{From: s.today(), Why: s.because(c), Cause: c.cause()}); err == nil {
			err = s.done(ctx, c, "merged")
		}
	case Restore:
		if c.Decision != Same {
			return nil
		}
		err = s.restore(ctx, c)
	}
	if err != nil && ordinary(err) {
		return cmp.Or(s.trouble(ctx, c, fault.Sentence(err)), err)
	}
	return err
}

// because is why a voter is changed, as the roll's history says it.
func (s *Upkeep) because(c *Candidate) string {
	return fmt.Sprintf("list maintenance, %s, run %s line %d", c.Kind, c.Run, c.Line.Number)
}

func (s *Upkeep) done(ctx context.Context, c *Candidate, what string) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.setDone(ctx, tx, c, what, s.Now()) })
	if err == nil {
		c.Done = what
	}
	return err
}

// move changes where a voter lives, inside of the jurisdiction, and tells them.
func (s *Upkeep) move(ctx context.Context, c *Candidate) error {
	v, err := s.Roll.Voter(ctx, c.Voter)
	if err != nil {
		return err
	}
	spot, here, err := s.Places.Place(ctx, *c.Line.New)
	if err != nil {
		return err
	}
	if !here || !spot.Sure {
		return fault.New(fault.Conflict, "The new address is not sure to be in one precinct any more. Look at it by hand.")
	}
	from := effective(&c.Line, s.today())
	if err := s.Desk.Revise(ctx, c.Voter, Change{From: from, Why: s.because(c), Cause: c.cause()}, func(v *roll.Voter) error {
		v.Home, v.Precinct, v.Districts = c.Line.New.Clone(), spot.Precinct, spot.Districts
		return nil
	}); err != nil {
		return err
	}
	return s.notify(ctx, c, &v, Notice{Kind: "transfer", Address: *c.Line.New, From: from}, "updated")
}

// ask writes to a voter who seems to have left.
func (s *Upkeep) ask(ctx context.Context, c *Candidate) error {
	v, err := s.Roll.Voter(ctx, c.Voter)
	if err != nil {
		return err
	}
	if why := needless(Notify, &v); why != "" {
		return fault.New(fault.Conflict, "This voter is not active any more. No notice is needed.")
	}
	under, err := s.underWay(ctx, c.Voter)
	if err != nil {
		return err
	}
	if under != "" && under != c.key() {
		return fault.New(fault.Conflict, "A notice to this voter is under way already.")
	}
	to, err := mailing(&v)
	if err != nil {
		return err
	}
	if c.Line.New != nil && v.Protected == "" {
		to = *c.Line.New // forwardable mail goes to where they are said to be
	}
	return s.notify(ctx, c, &v, Notice{Kind: "confirmation", Address: to}, "noticed")
}

// mailing is where mail to a voter goes. Nothing is ever sent to the residence
// of a protected one.
func mailing(v *roll.Voter) (roll.Address, error) {
	switch {
	case v.Mail != nil && !v.Mail.Empty():
		return *v.Mail, nil
	case v.Protected != "":
		return roll.Address{}, fault.New(fault.Invalid, "The voter is protected and has no mailing address. Write through their programme, by hand.")
	case v.Home.Empty():
		return roll.Address{}, fault.New(fault.Invalid, "The voter has no address to which mail could go.")
	}
	return v.Home, nil
}

// notify writes a letter, and down that it was written.
func (s *Upkeep) notify(ctx context.Context, c *Candidate, v *roll.Voter, n Notice, done string) error {
	letter, err := s.write(ctx, v, n, c.cause())
	if err != nil {
		return err
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.insertNotice(ctx, tx, noticeRow{ID: c.key(), Voter: c.Voter, Kind: c.Kind, Letter: letter, Leaves: n.Kind == "confirmation"}); err != nil {
			return err
		}
		return s.setDone(ctx, tx, c, done, s.Now())
	}); err != nil {
		return err
	}
	c.Done = done
	return nil
}

// write hands a letter to whoever writes letters.
func (s *Upkeep) write(ctx context.Context, v *roll.Voter, n Notice, cause string) (string, error) {
	today := s.today()
	n.To, n.About, n.Cause = []string{v.Name.String()}, v.ID, cause
	if len(v.Langs) > 0 {
		n.Language = v.Langs[0]
	}
	if n.Kind == "confirmation" {
		n.Until = nextGeneral(nextGeneral(today))
		n.ReplyBy = replyBy(today)
	}
	return s.Letters.Write(ctx, n)
}

// replyBy is until when the card should come back: thirty days before the next
// federal general election, or in thirty days where that is nearer.
func replyBy(today election.Date) election.Date {
	return max(after(nextGeneral(today), -30), after(today, 30))
}

// restore puts a voter back on the roll whose right to vote was restored.
func (s *Upkeep) restore(ctx context.Context, c *Candidate) error {
	err := s.Desk.Revise(ctx, c.Voter, Change{From: effective(&c.Line, s.today()), Why: s.because(c), Cause: c.cause()}, func(v *roll.Voter) error {
		if why := needless(Restore, v); why != "" {
			return fault.New(fault.Conflict, "This voter was not taken off for a conviction or incapacity.")
		}
		v.State, v.Reason, v.Since = roll.Active, roll.Verified, effective(&c.Line, s.today())
		return nil
	})
	if err != nil {
		return err
	}
	return s.done(ctx, c, "restored")
}

// person refuses whoever is not a person: a job, a listener, a watched folder.
// Nobody is taken off the roll but by people.
func person(p who.Person) error {
	if !p.Known() || p.Via == who.House || p.Via == who.Watch {
		return fault.New(fault.Denied, "Only a person may take voters off the roll.")
	}
	return nil
}

// told records how far a notice has come.
func told(tx *db.Tx, n noticeRow, stage string, on, due election.Date) {
	tx.Record(event.UpkeepNotice{Notice: n.ID, Voter: string(n.Voter), Letter: n.Letter, Stage: stage, On: on, Due: due})
}
