// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
)

// Roles knows what people may do and changes it.
type Roles interface {
	All() []string
	Held(ctx context.Context, account string) ([]string, error)
	Grant(ctx context.Context, account, role string) error
	Revoke(ctx context.Context, account, role string) error
}

// How long one-time links are good.
const (
	linkLife  = 72 * time.Hour
	firstLife = 24 * time.Hour
)

// firstRole is what the first administrator is made.
const firstRole = "admin"

// byFirst is who made the first administrator's link.
const byFirst = "first start"

// Invite makes an account that cannot sign in yet, and the one-time link with
// which its person chooses how to.
func (s *Identity) Invite(ctx context.Context, email, name string, expires time.Time) (a Account, secret hide.String, err error) {
	a = s.newPerson(email, name)
	a.Expires = expires
	if err := a.check(s.Now()); err != nil {
		return a, secret, err
	}
	return a, secret, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertAccount(ctx, tx, s.Jurisdiction, a, ""); err != nil {
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name})
		if !expires.IsZero() {
			tx.Record(event.AccountExpires{Account: a.ID, At: expires})
		}
		secret, err = s.link(ctx, tx, a.ID, who.From(ctx).ID, linkLife, false)
		return err
	})
}

// Relink makes a new one-time link for an account; earlier links end. With
// reset all that the account signed in with is taken away at once, for a person
// who has lost it.
func (s *Identity) Relink(ctx context.Context, account string, reset bool) (secret hide.String, err error) {
	a, err := findByID(ctx, s.DB, s.Jurisdiction, account)
	if err != nil {
		return secret, err
	}
	if a.Kind != Human {
		return secret, fault.New(fault.Invalid, "Only a person's account has a link to sign in with.")
	}
	return secret, s.DB.Write(ctx, func(tx *db.Tx) error {
		if reset {
			if err := s.forget(ctx, tx, account); err != nil {
				return err
			}
		}
		secret, err = s.link(ctx, tx, account, who.From(ctx).ID, linkLife, reset)
		return err
	})
}

func (s *Identity) link(ctx context.Context, tx *db.Tx, account, by string, life time.Duration, reset bool) (hide.String, error) {
	now, secret := s.Now(), id.Token(32)
	tx.Record(event.LinkMade{Account: account, Expires: now.Add(life), Reset: reset})
	if account != "" {
		if err := s.note(ctx, tx, account, entry{What: "link-made", Alert: true}, Place{}); err != nil {
			return hide.String{}, err
		}
	}
	return hide.New(secret), insertLink(ctx, tx, s.Jurisdiction, digest(secret), link{account, by, now.Add(life)}, now)
}

// FirstLink makes the one-time link of the first administrator, where nobody can
// sign in to the house yet; ok is false where somebody can. An earlier one ends.
func (s *Identity) FirstLink(ctx context.Context) (secret hide.String, ok bool, err error) {
	has, err := hasWay(ctx, s.DB, s.Jurisdiction)
	if err != nil || has {
		return secret, false, err
	}
	return secret, true, s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		secret, err = s.link(ctx, tx, "", byFirst, firstLife, false)
		return err
	})
}

var errLink = fault.New(fault.Gone, "This link has been used, has ended, or was replaced by a newer one. Ask your administrator for a new one.")

// Welcome is what a one-time link leads to.
type Welcome struct {
	Account Account // zero: the first administrator, who has yet to say who they are
	Factors Factors
	by      string
}

// Welcome reads a one-time link without using it: programs that scan mail open
// links, too.
func (s *Identity) Welcome(ctx context.Context, secret hide.String) (w Welcome, err error) {
	l, ok, err := findLink(ctx, s.DB, s.Jurisdiction, digest(secret.Reveal()), s.Now())
	if err != nil {
		return w, err
	}
	if !ok {
		return w, errLink
	}
	w.by = l.by
	if l.account == "" {
		return w, nil
	}
	if w.Account, err = findByID(ctx, s.DB, s.Jurisdiction, l.account); err != nil {
		return w, err
	}
	if w.Account.Ended(s.Now(), s.Dormant) {
		return w, errLink
	}
	w.Factors, err = s.Factors(ctx, l.account)
	return w, err
}

// Introduce gives the first administrator's link its account.
func (s *Identity) Introduce(ctx context.Context, secret hide.String, email, name string) error {
	a := s.newPerson(email, name)
	if err := a.check(s.Now()); err != nil {
		return err
	}
	return s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		l, ok, err := findLink(ctx, tx, s.Jurisdiction, digest(secret.Reveal()), s.Now())
		if err != nil {
			return err
		}
		if !ok || l.by != byFirst {
			return errLink
		}
		if l.account != "" { // said before; the first answer stands
			tx.Silently("the first administrator introduced themselves again")
			return nil
		}
		if known, _, err := findAccount(ctx, tx, s.Jurisdiction, a.Email); err == nil {
			a = known // of an earlier first start that nobody ended
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		} else if err := insertAccount(ctx, tx, s.Jurisdiction, a, ""); err != nil {
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name})
		bound, err := bindLink(ctx, tx, s.Jurisdiction, digest(secret.Reveal()), a.ID)
		if err == nil && !bound {
			err = errLink
		}
		return err
	})
}

// settle makes the first administrator one before they come in. A house that
// stops in between finds the role granted and the link still good.
func (s *Identity) settle(ctx context.Context, w Welcome) error {
	if w.Account.ID == "" {
		return errLink
	}
	if w.by != byFirst || s.Roles == nil {
		return nil
	}
	has, err := hasWay(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	if has {
		return errLink // somebody else is in the house by now
	}
	return s.Roles.Grant(who.With(ctx, who.System("first start", s.Jurisdiction)), w.Account.ID, firstRole)
}

// WelcomeByPasskey ends a welcome: the account has a passkey, and a session
// begins. The ceremony was begun with OfferPasskey.
func (s *Identity) WelcomeByPasskey(ctx context.Context, at Site, secret hide.String, name string, key hide.String, answer []byte, from Place) (e Entry, err error) {
	w, err := s.Welcome(ctx, secret)
	if err != nil {
		return e, err
	}
	k, err := s.created(ctx, at, w.Account.ID, key, answer)
	if err != nil {
		return e, err
	}
	return e, s.welcome(ctx, w, secret, func(ctx context.Context, tx *db.Tx) error {
		if err := s.keepPasskey(ctx, tx, &k, name); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, w.Account, proof{method: byPasskey, level: k.Level()}, from)
		return err
	})
}

// WelcomeByPassword ends a welcome with a password and an app that PrepareApp
// has prepared; it returns recovery codes, shown once.
func (s *Identity) WelcomeByPassword(ctx context.Context, secret, password hide.String, code string, from Place) (e Entry, codes []hide.String, err error) {
	w, err := s.Welcome(ctx, secret)
	if err != nil {
		return e, nil, err
	}
	if err := s.checkPassword(password, shortestBeside, w.Account); err != nil {
		return e, nil, err
	}
	app, step, err := s.confirmed(ctx, w.Account.ID, code)
	if err != nil {
		return e, nil, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return e, nil, err
	}
	return e, codes, s.welcome(ctx, w, secret, func(ctx context.Context, tx *db.Tx) error {
		if err := updatePassword(ctx, tx, s.Jurisdiction, w.Account.ID, hash); err != nil {
			return err
		}
		tx.Record(event.PasswordChanged{Account: w.Account.ID})
		if codes, err = s.keepApp(ctx, tx, w.Account.ID, app, step); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, w.Account, proof{method: byApp, level: 2}, from)
		return err
	})
}

// welcome uses a link up and lets its person in, both or neither.
func (s *Identity) welcome(ctx context.Context, w Welcome, secret hide.String, in func(context.Context, *db.Tx) error) error {
	if err := s.settle(ctx, w); err != nil {
		return err
	}
	ctx = who.With(ctx, who.Person{ID: w.Account.ID, Name: w.Account.Name, Jurisdiction: s.Jurisdiction, Via: who.Browser})
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		ok, err := takeLink(ctx, tx, s.Jurisdiction, digest(secret.Reveal()), s.Now())
		if err == nil && !ok {
			err = errLink
		}
		if err != nil {
			return err
		}
		tx.Record(event.LinkUsed{Account: w.Account.ID})
		return in(ctx, tx)
	})
}
