// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

// mostPayload bounds what a request carries.
const mostPayload = 128 << 10

// act is what the house knows about a kind of request.
func (s *Access) act(name string) (pair.Act, error) {
	if c := s.catalogue.Load(); c != nil {
		if a, ok := c.acts[name]; ok {
			return a, nil
		}
	}
	return pair.Act{}, fault.New(fault.Internal, "no room of the house has the act %q in its manifest", name)
}

// Ask implements pair.Book.
func (s *Access) Ask(ctx context.Context, tx *db.Tx, a pair.Ask) (pair.Request, error) {
	act, err := s.act(a.Act)
	if err != nil {
		return pair.Request{}, err
	}
	a.Reason = strings.TrimSpace(a.Reason)
	if a.Reason == "" {
		return pair.Request{}, fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	if len(a.Reason) > mostReason || len(a.Payload) > mostPayload {
		return pair.Request{}, fault.New(fault.TooLarge, "This is more than a request can hold.")
	}
	me, now := who.From(ctx), s.Now()
	r := pair.Request{ID: id.New(), Jurisdiction: me.Jurisdiction, Ask: a, AskedBy: me.ID, AskedName: me.Name, AskedAt: now,
		Expires: act.Until(now), State: pair.Asked}
	if err := expireRequests(ctx, tx, me.Jurisdiction, now); err != nil {
		return r, err
	}
	hit, err := insertRequest(ctx, tx, r)
	if err != nil {
		return r, err
	}
	if !hit {
		return r, fault.New(fault.Conflict, "This is waiting for a second person already.")
	}
	tx.Record(event.SecondAsked{Request: r.ID, Act: a.Act, About: a.Subject, Reason: a.Reason})
	return r, nil
}

// Agree implements pair.Book: the person who acts becomes the second person.
func (s *Access) Agree(ctx context.Context, tx *db.Tx, act, subject, reason string) (pair.Request, error) {
	r, err := s.waiting(ctx, tx, act, subject)
	if err != nil {
		return r, err
	}
	if err := s.maySecond(ctx, r); err != nil {
		return r, err
	}
	if err := s.mayStillAsk(ctx, r); err != nil {
		return r, err
	}
	return s.settle(ctx, tx, r, pair.Agreed, reason)
}

// Refuse implements pair.Book: whoever asked withdraws, whoever could agree
// refuses.
func (s *Access) Refuse(ctx context.Context, tx *db.Tx, act, subject, reason string) (pair.Request, error) {
	r, err := s.waiting(ctx, tx, act, subject)
	if err != nil {
		return r, err
	}
	if who.From(ctx).ID == r.AskedBy {
		return s.settle(ctx, tx, r, pair.Withdrawn, reason)
	}
	if strings.TrimSpace(reason) == "" {
		return r, fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	if err := s.maySecond(ctx, r); err != nil {
		return r, err
	}
	return s.settle(ctx, tx, r, pair.Refused, reason)
}

// waiting finds the request about a subject that waits and has not run out.
func (s *Access) waiting(ctx context.Context, tx *db.Tx, act, subject string) (pair.Request, error) {
	r, err := findWaiting(ctx, tx, who.From(ctx).Jurisdiction, act, subject)
	if none(err) {
		return r, fault.New(fault.NotFound, "Nothing about this is waiting for a second person.")
	}
	if err == nil && !s.Now().Before(r.Expires) {
		return r, fault.New(fault.Conflict, "The request has run out. Whoever asked may ask again.")
	}
	return r, err
}

// maySecond asks whether who acts may be the second person of a request: the
// rule itself, the permission, and how well they have proved who they are.
func (s *Access) maySecond(ctx context.Context, r pair.Request) error {
	me := who.From(ctx)
	if err := pair.Second(me, append(slices.Clone(r.Also), r.AskedBy)...); err != nil {
		return err
	}
	act, err := s.act(r.Act)
	if err != nil {
		return err
	}
	rec := room.Record{Room: groupOf(act.Needs), Kind: "request", ID: r.ID, Jurisdiction: r.Jurisdiction, By: r.AskedBy, State: string(r.State)}
	if err := s.On(ctx, act.Needs, rec); err != nil {
		return err
	}
	if ask := (web.StepUp{Level: act.Level}); s.StepUp && !ask.Met(me, s.Now()) {
		return ask
	}
	return nil
}

// mayStillAsk asks whether whoever asked could ask today: who was broken into,
// or has left, does nothing more through somebody else. The operator and the
// house itself have no account that could end, and no roles.
func (s *Access) mayStillAsk(ctx context.Context, r pair.Request) error {
	if r.AskedBy == operatorID || strings.HasPrefix(r.AskedBy, who.System("", "").ID) {
		return nil
	}
	if s.People != nil {
		works, err := s.People.Works(ctx, r.AskedBy)
		if err != nil {
			return err
		}
		if !works {
			return fault.New(fault.Conflict, "The account of whoever asked for this is disabled or over. Refuse the request.")
		}
	}
	act, err := s.act(r.Act)
	if err != nil {
		return err
	}
	asks := act.Asks
	if len(asks) == 0 {
		asks = []string{act.Needs}
	}
	st, err := s.standing(ctx)
	if err != nil {
		return err
	}
	asker := question{me: signedIn(who.Person{ID: r.AskedBy, Jurisdiction: r.Jurisdiction}), held: st.held(r.AskedBy, r.Jurisdiction), where: r.Jurisdiction, now: sampleTime}
	rules := st.rulesOf(r.Jurisdiction)
	for _, permission := range asks {
		asker.action = permission
		if can(permission, situations, rules.in(situations, asker)).Ever() {
			return nil
		}
	}
	return fault.New(fault.Conflict, "Whoever asked for this may not ask for it any more. Refuse the request.")
}

// settle writes down how a request ended.
func (s *Access) settle(ctx context.Context, tx *db.Tx, r pair.Request, to pair.State, answer string) (pair.Request, error) {
	me := who.From(ctx)
	r.State, r.DecidedBy, r.DecidedName, r.DecidedAt, r.Answer = to, me.ID, me.Name, s.Now(), strings.TrimSpace(answer)
	if len(r.Answer) > mostReason {
		return r, fault.On("reason", fault.New(fault.TooLarge, "The reason is longer than %d letters.", mostReason))
	}
	hit, err := decideRequest(ctx, tx, r)
	if err != nil {
		return r, err
	}
	if !hit {
		return r, fault.New(fault.Conflict, "Someone else was quicker to decide this.")
	}
	if to == pair.Agreed {
		tx.Record(event.SecondAgreed{Request: r.ID, Act: r.Act, About: r.Subject, AskedBy: r.AskedBy, Reason: r.Answer})
	} else {
		tx.Record(event.SecondRefused{Request: r.ID, Act: r.Act, About: r.Subject, AskedBy: r.AskedBy, Reason: r.Answer, Withdrawn: to == pair.Withdrawn})
	}
	return r, nil
}

// Request finds a request of the office of who acts.
func (s *Access) Request(ctx context.Context, id string) (pair.Request, error) {
	r, err := findRequest(ctx, s.DB, who.From(ctx).Jurisdiction, id)
	if none(err) {
		return r, fault.New(fault.NotFound, "There is no such request.")
	}
	return s.aged(r), err
}

// Requests lists the requests of the office of who acts, the newest first.
func (s *Access) Requests(ctx context.Context) ([]pair.Request, error) {
	list, err := listRequests(ctx, s.DB, who.From(ctx).Jurisdiction)
	for i, r := range list {
		list[i] = s.aged(r)
	}
	return list, err
}

// aged calls a request expired that nobody has decided in time.
func (s *Access) aged(r pair.Request) pair.Request {
	if r.State == pair.Asked && !s.Now().Before(r.Expires) {
		r.State = pair.Expired
	}
	return r
}

// Decide is the second person's decision on the request's own page: what was
// asked for happens in the same write.
func (s *Access) Decide(ctx context.Context, id string, agree bool, reason string) (pair.Request, error) {
	r, err := s.Request(ctx, id)
	if err != nil {
		return r, err
	}
	act, err := s.act(r.Act)
	if err != nil {
		return r, err
	}
	if agree && act.Do == nil {
		return r, fault.New(fault.Conflict, "This is decided on the page of what it is about.")
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if !agree {
			_, err := s.Refuse(ctx, tx, r.Act, r.Subject, reason)
			return err
		}
		done, err := s.Agree(ctx, tx, r.Act, r.Subject, reason)
		if err != nil {
			return err
		}
		if done.ID != r.ID {
			return fault.New(fault.Conflict, "Someone else was quicker to decide this.")
		}
		return act.Do(ctx, tx, done)
	})
	s.memory.forget()
	return r, err
}
