// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/web"
	"hustings/kit/who"
)

// The envelope lets somebody in when nobody else can: a printed code, sealed in
// an envelope and kept in a safe. It opens an account of its own for an hour,
// once, and everybody sees that it was opened until somebody has looked into it.

// envelopeLife is how long what the envelope opens stays open.
const envelopeLife = time.Hour

// envelopeBytes make a code of 160 bits, 32 letters.
const envelopeBytes = 20

// SealEnvelope makes the code of a new envelope, to be printed and shown to
// nobody; the one before opens nothing any more. The account holds the roles.
func (s *Identity) SealEnvelope(ctx context.Context, roles ...string) (code hide.String, err error) {
	if len(roles) == 0 {
		return code, fault.On("role", fault.New(fault.Invalid, "Say which roles the envelope holds; without one it opens nothing."))
	}
	raw := make([]byte, envelopeBytes)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	plain := b32.EncodeToString(raw)
	a := Account{ID: id.New(), Name: "Envelope of " + s.Now().UTC().Format(time.DateOnly), Kind: Envelope, Created: s.Now()}
	a.Email = a.ID + "@envelope.invalid"
	if s.Roles != nil { // before the account: what it cannot do is of no use in an emergency
		for _, r := range roles {
			if err := s.Roles.Grant(ctx, a.ID, r); err != nil {
				return code, err
			}
		}
	}
	return hide.New(readable(plain)), s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.spoilEnvelopes(ctx, tx); err != nil {
			return err
		}
		if err := insertAccount(ctx, tx, s.Jurisdiction, a, "envelope "+recoveryHash("envelope", plain)); err != nil {
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name, Kind: string(Envelope)})
		tx.Record(event.EnvelopeSealed{Account: a.ID, Roles: roles})
		return nil
	})
}

// spoilEnvelopes ends the envelopes that there are.
func (s *Identity) spoilEnvelopes(ctx context.Context, tx *db.Tx) error {
	old, err := sealedEnvelopes(ctx, tx, s.Jurisdiction)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, account := range old {
		if err := setDisabled(ctx, tx, s.Jurisdiction, account, &now); err != nil {
			return err
		}
		tx.Record(event.AccountDisabled{Account: account, Reason: "a new envelope was sealed"})
		if err := s.endAll(ctx, tx, account); err != nil {
			return err
		}
	}
	return nil
}

var errEnvelope = fault.New(fault.SignIn, "This code opens nothing: it is mistyped, has been used, or a newer envelope was sealed.")

// OpenEnvelope begins a session with the envelope's code. Who opens it and why
// is recorded as they say it, and rings the alarm.
func (s *Identity) OpenEnvelope(ctx context.Context, code, person, reason string, from Place) (e Entry, err error) {
	person, reason = cleanName(person), strings.TrimSpace(clip(reason, 500))
	if person == "" || reason == "" {
		return e, fault.New(fault.Invalid, "Say who you are and why the envelope is opened; it is recorded, and everybody sees it.")
	}
	began := time.Now()
	ctx = who.With(ctx, who.Person{ID: "envelope", Name: person, Jurisdiction: s.Jurisdiction, Via: who.Browser})
	in := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		account, ok, err := takeEnvelope(ctx, tx, s.Jurisdiction, "envelope "+recoveryHash("envelope", plainCode(code)))
		if in = ok; err != nil {
			return err
		}
		if !ok {
			tx.Record(event.SignInRefused{Address: from.at(), Reason: "no envelope has this code"})
			return nil
		}
		a, err := findByID(ctx, tx, s.Jurisdiction, account)
		if err != nil {
			return err
		}
		tx.Record(event.EnvelopeOpened{Account: account, Person: person, Reason: reason, Address: from.at()})
		if err := s.note(ctx, tx, account, entry{What: "envelope-opened", Detail: person + ": " + reason, Alert: true}, from); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, a, proof{method: byEnvelope, level: 2}, from)
		return err
	})
	if err == nil && !in {
		even(ctx, began)
		err = errEnvelope
	}
	s.alarm.Store(nil) // read anew for the next page
	return e, err
}

// Opening is an envelope that was opened and that nobody has looked into.
type Opening struct {
	Account, Detail string
	At              time.Time
}

// Openings lists the envelopes that were opened and not looked into.
func (s *Identity) Openings(ctx context.Context) ([]Opening, error) {
	return listOpenings(ctx, s.DB, s.Jurisdiction)
}

// SawOpening takes down that somebody has looked into the opening of an
// envelope. It cannot be who opened it.
func (s *Identity) SawOpening(ctx context.Context, account, note string) error {
	note = strings.TrimSpace(clip(note, 2000))
	if note == "" {
		return fault.On("note", fault.New(fault.Invalid, "Say what came of it; it is recorded."))
	}
	me := who.From(ctx)
	if me.ID == account {
		return fault.New(fault.Denied, "Whoever opened the envelope cannot be the one who looks into it.")
	}
	s.alarm.Store(nil)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		hit, err := sawOpening(ctx, tx, s.Jurisdiction, account, s.Now())
		if err == nil && !hit {
			err = fault.New(fault.NotFound, "There is no opened envelope of this name.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.EnvelopeSeen{Account: account, Note: note})
		return nil
	})
}

// alarm is what the banner last read.
type alarm struct {
	read  time.Time
	count int
}

// bannerAge is how long a page may be behind with the alarm.
const bannerAge = 5 * time.Second

// Banner is what stands above every page of the office: that the envelope was
// opened, or that this is a rehearsal.
func (s *Identity) Banner(r *http.Request) string {
	now := time.Now()
	last := s.alarm.Load()
	if last == nil || now.Sub(last.read) > bannerAge {
		open, err := s.Openings(r.Context())
		if err != nil {
			return "" // the page has other means to say that the database is down
		}
		last = &alarm{now, len(open)}
		s.alarm.Store(last)
	}
	switch {
	case last.count > 0:
		return web.T(r.Context(), "identity.envelope.alarm")
	case s.Rehearsal:
		return web.T(r.Context(), "identity.rehearsal")
	}
	return ""
}
