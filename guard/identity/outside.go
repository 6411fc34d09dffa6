// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// Outside knows the other houses whose word is taken for who somebody is:
// single sign-on. It checks what they say; here a session begins by it.
type Outside interface {
	// Ways are the houses that sign people in here, in the order of the page.
	Ways(ctx context.Context) ([]Way, error)
	// Links are the houses that vouch for an account.
	Links(ctx context.Context, q db.Reader, account string) ([]Link, error)
	// Unlink ends one link of an account, or all of them for "", as part of
	// the write that takes away what it signs in with.
	Unlink(ctx context.Context, tx *db.Tx, account, link string) error
	// Left is the page for a person who has signed out of a session, "" for
	// the page of the sign-in: the other house may hold a session of its own.
	Left(ctx context.Context, session string) (path string, err error)
}

// Way is another house as the pages of the sign-in show it. A link leads to its
// Path with the field next; a person who proves again that it is them sends a
// form there with the fields of their goal.
type Way struct {
	Name, Path string
	Level      int // the best that its word is worth
}

// Link says that another house vouches for an account.
type Link struct {
	ID, Name string // the link's, and the house's
	Level    int
	Since    time.Time
}

// Vouched is another house's word for a person, checked.
type Vouched struct {
	Account string
	Level   int
	Proved  time.Time // when the person proved to that house who they are; zero: now
}

// Linked tells an account's owner, as part of the write that links it, that
// another house vouches for it from now on.
func (s *Identity) Linked(ctx context.Context, tx *db.Tx, account, house string) error {
	return s.note(ctx, tx, account, entry{What: "linked", Detail: house, Alert: true}, Place{})
}

// Unlink ends a link of an account, unless it is the last way in.
func (s *Identity) Unlink(ctx context.Context, account, link string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var name string
		err := s.leaves(ctx, tx, account, func(f *Factors) {
			for i, l := range f.Linked {
				if l.ID == link {
					name = l.Name
					f.Linked = append(f.Linked[:i:i], f.Linked[i+1:]...)
					return
				}
			}
		})
		if err != nil {
			return err
		}
		if name == "" {
			return fault.New(fault.NotFound, "This link has ended already.")
		}
		if err := s.Outside.Unlink(ctx, tx, account, link); err != nil {
			return err
		}
		return s.note(ctx, tx, account, entry{What: "unlinked", Detail: name, Alert: true}, Place{})
	})
}

// EnterVouched begins a session by another house's word, and does also in the
// same write. The fault of kind SignIn is for an account that is disabled,
// ended or asleep.
func (s *Identity) EnterVouched(ctx context.Context, v Vouched, from Place, also func(ctx context.Context, tx *db.Tx, e Entry) error) (e Entry, err error) {
	a, err := findByID(ctx, s.DB, s.Jurisdiction, v.Account)
	if err != nil {
		return e, err
	}
	ctx = who.With(ctx, who.Person{ID: a.ID, Name: a.Name, Jurisdiction: s.Jurisdiction, Via: who.Browser})
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if e, err = s.enter(ctx, tx, a, proof{method: bySSO, level: v.Level, at: v.Proved}, from); err != nil {
			return err
		}
		return also(ctx, tx, e)
	})
	return e, err
}

// AgainVouched takes another house's word as a proof that it is still the
// person of the session, and does also in the same write; the session gets a
// new secret. A word for another account is a wrong proof.
func (s *Identity) AgainVouched(ctx context.Context, v Vouched, also func(ctx context.Context, tx *db.Tx) error) (hide.String, error) {
	return s.proved(ctx, func(tx *db.Tx) (proof, error) {
		if v.Account != who.From(ctx).ID {
			return proof{}, nil
		}
		return proof{method: bySSO, level: v.Level, at: v.Proved}, also(ctx, tx)
	})
}

// outside are the other houses that sign people in.
func (s *Identity) outside(ctx context.Context) ([]Way, error) {
	if s.Outside == nil {
		return nil, nil
	}
	return s.Outside.Ways(ctx)
}

func (s *Identity) links(ctx context.Context, q db.Reader, account string) ([]Link, error) {
	if s.Outside == nil {
		return nil, nil
	}
	return s.Outside.Links(ctx, q, account)
}

// Place is where a request comes from.
func (s *Identity) Place(r *http.Request) Place { return s.place(r) }

// Admit answers with the session of a sign-in and leads on to next, or to what
// the person should look at first.
func (s *Identity) Admit(w http.ResponseWriter, r *http.Request, e Entry, next string) error {
	return s.enterPage(w, r, e, next)
}

// Refused shows the page of the sign-in with the reason why somebody was not
// let in.
func (s *Identity) Refused(w http.ResponseWriter, r *http.Request, wrong error) error {
	return s.signInPage(w, r, "", wrong)
}

// Proved goes on after a proof to the goal in the fields of the form that began
// it, or says what was wrong and asks again.
func (s *Identity) Proved(w http.ResponseWriter, r *http.Request, goal url.Values, secret hide.String, err error) error {
	return s.proofPage(w, r, goalIn(goal), secret, err)
}

// Provide makes an account for a person whom another house sends: nobody has to
// invite them, and they sign in by that house's word. It does also in the same
// write.
func (s *Identity) Provide(ctx context.Context, email, name string, also ...func(tx *db.Tx, a Account) error) (Account, error) {
	a := s.newPerson(email, name)
	if err := a.check(s.Now()); err != nil {
		return a, err
	}
	return a, s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		if err := insertAccount(ctx, tx, s.Jurisdiction, a, ""); err != nil {
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name})
		for _, do := range also {
			if err := do(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// Rename gives an account another name or address, if may agrees to it in the
// same write: whoever has an address may be let in by it.
func (s *Identity) Rename(ctx context.Context, account, email, name string, may func(tx *db.Tx, moves bool) error) error {
	next := s.newPerson(email, name)
	if err := next.check(s.Now()); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := findByID(ctx, tx, s.Jurisdiction, account)
		if err != nil {
			return err
		}
		if was.Email == next.Email && was.Name == next.Name {
			tx.Silently("the account has this name and address already")
			return nil
		}
		if err := may(tx, was.Email != next.Email); err != nil {
			return err
		}
		if err := updateName(ctx, tx, s.Jurisdiction, account, next.Email, next.Name); err != nil {
			return err
		}
		tx.Record(event.AccountRenamed{Account: account, Person: next.Name, NewAddress: was.Email != next.Email})
		return s.note(ctx, tx, account, entry{What: "renamed", Detail: next.Name, Alert: true}, Place{})
	})
}
