// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// A person who is signed in proves again that it is them: before something that
// matters, or to reach a higher level. The session gets a new secret, so that
// one that was copied before ends here.

// allowedMisses is how many wrong proofs a session bears.
const allowedMisses = 5

// errAgain is said for every proof that failed.
var errAgain = fault.New(fault.Invalid, "This did not match. Try again; after five wrong tries this session ends.")

// AskAgain begins a proof by one of the account's own passkeys of a level.
func (s *Identity) AskAgain(ctx context.Context, at Site, level int) (c Challenge, err error) {
	me := who.From(ctx)
	party, err := s.party(at)
	if err != nil {
		return c, err
	}
	keys, err := listPasskeys(ctx, s.DB, s.Jurisdiction, me.ID)
	if err != nil {
		return c, err
	}
	var allowed []protocol.CredentialDescriptor
	for _, k := range keys {
		if k.Level() >= level {
			known, err := k.credential()
			if err != nil {
				return c, err
			}
			allowed = append(allowed, known.Descriptor())
		}
	}
	if len(allowed) == 0 {
		return c, fault.New(fault.Invalid, "Your account has no passkey that is good enough for this.")
	}
	options, kept, err := party.BeginDiscoverableLogin(webauthn.WithAllowedCredentials(allowed))
	if err != nil {
		return c, err
	}
	c.Options = options
	c.Ceremony, err = s.begun(ctx, againPasskey, me.ID, kept, ceremonyLife)
	return c, err
}

// AgainByPasskey ends what AskAgain began and returns the session's new secret.
func (s *Identity) AgainByPasskey(ctx context.Context, at Site, key hide.String, answer []byte) (hide.String, error) {
	me := who.From(ctx)
	k, counter, backedUp, err := s.signed(ctx, at, againPasskey, me.ID, key, answer)
	if fault.KindOf(err) == fault.SignIn {
		return hide.String{}, s.miss(ctx, "passkey not accepted")
	}
	if err != nil {
		return hide.String{}, err
	}
	return s.proved(ctx, func(tx *db.Tx) (proof, error) {
		if err := s.countPasskey(ctx, tx, k, counter, backedUp); err != nil {
			return proof{}, nil
		}
		return proof{method: byPasskey, level: k.Level()}, nil
	})
}

// AgainByCode takes a code of the app, or a recovery code in its place.
func (s *Identity) AgainByCode(ctx context.Context, code string) (hide.String, error) {
	me := who.From(ctx)
	found, err := s.second(ctx, me.ID, code)
	if err != nil {
		return hide.String{}, err
	}
	return s.proved(ctx, func(tx *db.Tx) (proof, error) {
		if !found.has {
			return proof{}, nil
		}
		return s.spend(ctx, tx, me.ID, found)
	})
}

// AgainByPassword takes the password, which proves no more than level 1.
func (s *Identity) AgainByPassword(ctx context.Context, password hide.String) (hide.String, error) {
	me := who.From(ctx)
	right, err := s.isPassword(ctx, me.ID, password)
	if err != nil {
		return hide.String{}, err
	}
	return s.proved(ctx, func(*db.Tx) (proof, error) {
		if !right {
			return proof{}, nil
		}
		return proof{method: byPassword, level: 1}, nil
	})
}

// isPassword says whether a password is the account's.
func (s *Identity) isPassword(ctx context.Context, account string, password hide.String) (bool, error) {
	phc, err := passwordOf(ctx, s.DB, s.Jurisdiction, account)
	if err != nil {
		return false, err
	}
	return s.matches(ctx, password, phc)
}

// proved gives the session of who acts a new secret and a fresh proof, where
// there is one; a password alone is none once the session has shown more. The
// session is then of the level that was proved last: a code of the app makes no
// old proof by a passkey fresh again. Whatever asks for level 2 goes on, and
// whatever asks for level 3 asks for the passkey.
func (s *Identity) proved(ctx context.Context, by func(*db.Tx) (proof, error)) (secret hide.String, err error) {
	me, now, text, good := who.From(ctx), s.Now(), id.Token(32), false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := by(tx)
		if good = err == nil && p.level > 0 && (p.level > 1 || me.Level <= 1); err != nil || !good {
			tx.Silently("the proof failed; that is recorded with the count of failures")
			return err
		}
		at := now
		if !p.at.IsZero() && p.at.Before(now) {
			at = p.at
		}
		ok, err := renewSession(ctx, tx, s.Jurisdiction, me.Session, digest(text), p.level, at, now)
		if err == nil && !ok {
			err = fault.New(fault.SignIn, "Please sign in first.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.ProvedAgain{Account: me.ID, Session: me.Session, Method: p.method, Level: p.level})
		return nil
	})
	switch {
	case err != nil:
		return secret, err
	case !good:
		return secret, s.miss(ctx, "wrong password or code")
	}
	return hide.New(text), nil
}

// miss counts a failed proof and ends the session at the last that it bears.
func (s *Identity) miss(ctx context.Context, why string) error {
	me, ended := who.From(ctx), false
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ProofRefused{Account: me.ID, Session: me.Session, Reason: why})
		n, err := addMiss(ctx, tx, s.Jurisdiction, me.Session)
		if err != nil {
			return err
		}
		if ended = n >= allowedMisses; !ended {
			return nil
		}
		tx.Record(event.SessionEnded{Account: me.ID, Session: me.Session, Reason: why})
		if _, err := endSessionByID(ctx, tx, s.Jurisdiction, me.ID, me.Session); err != nil {
			return err
		}
		return s.note(ctx, tx, me.ID, entry{What: "session-ended", Detail: why, Alert: true}, Place{})
	})
	switch {
	case err != nil:
		return err
	case ended:
		return fault.New(fault.SignIn, "Please sign in first.")
	}
	return errAgain
}
