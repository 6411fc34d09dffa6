// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/extract/list"
)

// Order asks for a list.
type Order struct {
	list.Choices
	Recipient string // who gets it
	Purpose   string // for what
	Agreed    bool   // the recipient has agreed to what may be done with it
}

// State is how far an extract is.
type State string

// The states of an extract.
const (
	Waiting State = "waiting" // for a second person
	Queued  State = "queued"
	Made    State = "made"
	Failed  State = "failed"
	Refused State = "refused"
	Expired State = "expired"
	Written State = "written" // straight into a file at the machine; nothing is kept
)

// One is an extract.
type One struct {
	ID        string
	Choices   list.Choices
	Recipient string
	Purpose   string
	State     State
	Second    bool
	AskedBy   string
	AskedName string
	AskedAt   time.Time
	AgreedBy  string
	Job       string
	Report    list.Report
	Problem   string
	MadeAt    time.Time // zero before
	Expires   time.Time

	secret []byte
}

// Number is what an extract is called on its file: the end of its id, which is
// drawn at random.
func (o One) Number() string {
	tail := strings.ToUpper(o.ID)
	return "E-" + tail[max(0, len(tail)-8):]
}

// Lapsed says whether an extract has waited for a second person for longer than
// requests live.
func (o One) Lapsed(now time.Time) bool {
	return o.State == Waiting && now.After(pair.Act{}.Until(o.AskedAt))
}

const mostSaid = 500

// check says what of an order cannot be, and fills in what may be left out.
func (s *Extract) check(o *Order) error {
	if o.AsOf == "" {
		o.AsOf = s.today()
	}
	if o.List == list.Jury && o.Seed == "" {
		o.Seed = id.Token(16)
	}
	o.Recipient, o.Purpose = strings.TrimSpace(o.Recipient), strings.TrimSpace(o.Purpose)
	wrong := []error{o.Check()}
	if o.Recipient == "" || len(o.Recipient) > mostSaid {
		wrong = append(wrong, fault.On("recipient", fault.New(fault.Invalid, "Say who gets the list.")))
	}
	if o.Purpose == "" || len(o.Purpose) > mostSaid {
		wrong = append(wrong, fault.On("purpose", fault.New(fault.Invalid, "Say what the list is for; it is recorded.")))
	}
	if !o.Agreed {
		wrong = append(wrong, fault.On("agreed", fault.New(fault.Invalid, "The recipient has to agree to what may be done with the list.")))
	}
	return errors.Join(wrong...)
}

// lookFor is how long a preview may take. Whatever it has not seen by then, it
// says so.
const lookFor = 3 * time.Second

// Look shows how a list would begin.
func (s *Extract) Look(ctx context.Context, c list.Choices) (list.Preview, error) {
	if c.AsOf == "" {
		c.AsOf = s.today()
	}
	if err := c.Check(); err != nil {
		return list.Preview{}, err
	}
	if err := ledger.Saw(ctx, s.DB, event.ExtractLooked{List: string(c.List), Format: string(c.Format)}); err != nil {
		return list.Preview{}, err
	}
	return s.look(ctx, c)
}

func (s *Extract) look(ctx context.Context, c list.Choices) (list.Preview, error) {
	enough, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	return list.Look(c, s.Roll.RollAsOf(ctx, c.AsOf), func() bool { return enough.Err() != nil })
}

// twoPeople says whether a list takes two people: one that is not public and
// has many voters, or may have.
func (s *Extract) twoPeople(ctx context.Context, c list.Choices) (bool, error) {
	if c.List == list.Public {
		return false, nil
	}
	if c.List == list.Jury {
		return int64(c.Draw) >= s.TwoFrom, nil
	}
	p, err := s.look(ctx, c)
	return !p.Whole || p.Voters >= s.TwoFrom, err
}

// Ask asks for a list. It is made when the second person has agreed, where it
// takes one, and else at once.
func (s *Extract) Ask(ctx context.Context, o Order) (One, error) {
	if err := s.check(&o); err != nil {
		return One{}, err
	}
	second, err := s.twoPeople(ctx, o.Choices)
	if err != nil {
		return One{}, err
	}
	me := who.From(ctx)
	one := One{ID: id.New(), Choices: o.Choices, Recipient: o.Recipient, Purpose: o.Purpose, State: Queued, Second: second,
		AskedBy: me.ID, AskedName: me.Name, AskedAt: s.Now()}
	if second {
		one.State = Waiting
	}
	return one, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.insert(ctx, tx, one); err != nil {
			return err
		}
		tx.Record(one.asked())
		if second {
			_, err := s.Pairs.Ask(ctx, tx, pair.Ask{Act: actMake, Subject: one.ID, Reason: one.Purpose})
			return err
		}
		return s.enqueue(ctx, tx, one.ID, "")
	})
}

func (o One) asked() event.ExtractAsked {
	return event.ExtractAsked{Extract: o.ID, Number: o.Number(), List: string(o.Choices.List), Format: string(o.Choices.Format),
		Recipient: o.Recipient, Purpose: o.Purpose, AsOf: o.Choices.AsOf, Seed: o.Choices.Seed, Second: o.Second}
}

type makeArgs struct{ Extract string }

// enqueue has the list made.
func (s *Extract) enqueue(ctx context.Context, tx *db.Tx, one, agreedBy string) error {
	work, err := job.Enqueue(ctx, tx, job.Order{Kind: jobMake, Args: makeArgs{one}, Key: one})
	if err != nil {
		return err
	}
	return s.markQueued(ctx, tx, one, work, agreedBy)
}

const actMake = "extract.make"

// act is that two people let a list out.
func (s *Extract) act() pair.Act {
	return pair.Act{Name: actMake, Key: "extract.act", Needs: mayMake, Level: 2,
		Do: func(ctx context.Context, tx *db.Tx, r pair.Request) error {
			return s.enqueue(ctx, tx, r.Subject, who.From(ctx).ID)
		},
		Show: func(ctx context.Context, r pair.Request) ([]string, error) {
			one, err := s.Find(ctx, r.Subject)
			if err != nil {
				return nil, err
			}
			return s.lines(web.Words(ctx), one), nil
		}}
}

// heardRefusal ends an extract that the second person refused.
func (s *Extract) heardRefusal(ctx context.Context, e ledger.Entry) error {
	var f event.SecondRefused
	if err := json.Unmarshal(e.Data, &f); err != nil {
		return err
	}
	if f.Act != actMake || e.Jurisdiction != s.Jurisdiction {
		return nil
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		done, err := s.markRefused(ctx, tx, f.About, f.Reason)
		if err != nil || !done {
			tx.Silently("it was refused already")
			return err
		}
		tx.Record(event.ExtractFailed{Extract: f.About, Number: One{ID: f.About}.Number(), Why: f.Reason})
		return nil
	})
}
