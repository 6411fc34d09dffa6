// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/web"
	"hustings/kit/who"
)

// Why a house's word let nobody in. The record says it; whoever failed is told
// no more than that it did not work.
const (
	badWord     = "its answer could not be believed"
	noAddress   = "it does not vouch for the person's address"
	otherDomain = "it does not speak for the domain of the person's address"
	noAccount   = "nobody here has the address, and it makes no accounts"
	notStaff    = "the account is disabled or is no person's"
	powerful    = "the account holds a powerful role, which no address opens: link it at the machine with hustings sso link"
	otherPerson = "it vouches for somebody else in this account already"
	notLinked   = "it does not vouch for the account that is signed in"
	ended       = "the account is disabled, ended or asleep"
)

// refusal says why a word let nobody in.
type refusal struct {
	reason  string
	account string // whose it would have been, where that is known
}

// Error implements error.
func (r refusal) Error() string { return r.reason }

var (
	errRefused      = fault.New(fault.SignIn, "This house could not let you in by the other house's word. Ask your administrator: the office's record says why.")
	errAgainRefused = fault.New(fault.Invalid, "The other house did not prove that it is you. Try again, or prove it in another way.")
)

// unknown is how old a proof is taken to be of which a house says nothing: too
// old for whatever asks for a fresh one.
const unknown = 24 * time.Hour

// proved is when the person proved to the house who they are.
func (s *Federation) proved(w word) time.Time {
	if w.Proved.IsZero() {
		return s.Now().Add(-unknown)
	}
	return w.Proved
}

// arrive goes on with a word that was checked, to what the flow was for.
func (s *Federation) arrive(w http.ResponseWriter, r *http.Request, p Provider, f flow, said word) error {
	if f.purpose == toTry {
		return s.tried(w, r, p, &said, nil)
	}
	if f.purpose == toAgain {
		return s.provedAgain(w, r, p, f, said)
	}
	link, err := s.linked(r.Context(), p, said)
	if err == nil {
		err = s.stands(r.Context(), link.Account)
	}
	if err == nil {
		err = s.setRoles(s.acting(r.Context()), p, link.Account, said.Claims)
	}
	if err == nil {
		err = s.Desk.Enter(w, r, Vouched{link.Account, said.Level, s.proved(said)}, f.goal.Get("next"),
			func(ctx context.Context, tx *db.Tx, session string) error {
				now := s.Now()
				if err := s.use(ctx, tx, link, now); err != nil {
					return err
				}
				return insertSession(ctx, tx, s.Jurisdiction, begun{session, p.ID, said.Subject, said.SID, link.Account}, now, now.Add(-s.Longest-time.Hour))
			})
	}
	if fault.KindOf(err) == fault.SignIn {
		err = refusal{ended, link.Account}
	}
	if why := new(refusal); errors.As(err, why) {
		return s.refuse(w, r, p, f, *why, err)
	}
	return s.lost(w, r, err)
}

// stands refuses an account that may not sign in, before its roles are looked at.
func (s *Federation) stands(ctx context.Context, account string) error {
	who, err := s.People.ByID(ctx, account)
	if err == nil && !who.Staff {
		err = refusal{ended, account}
	}
	return err
}

// hold begins each write by a provider's word. Stopping may have come while the
// provider was still answering.
func (s *Federation) hold(ctx context.Context, tx *db.Tx, provider string) error {
	ok, err := holdProvider(ctx, tx, s.Jurisdiction, provider)
	if err == nil && !ok {
		err = errWay
	}
	return err
}

// use marks a link as used, unless it has ended meanwhile or the provider has.
func (s *Federation) use(ctx context.Context, tx *db.Tx, l Link, now time.Time) error {
	if err := s.hold(ctx, tx, l.Provider); err != nil {
		return err
	}
	ok, err := useLink(ctx, tx, s.Jurisdiction, l.ID, now)
	if err == nil && !ok {
		err = errWay
	}
	return err
}

// provedAgain takes a word as a proof that it is still the person of the
// session.
func (s *Federation) provedAgain(w http.ResponseWriter, r *http.Request, p Provider, f flow, said word) error {
	link, ok, err := findLink(r.Context(), s.DB, s.Jurisdiction, p.ID, said.Subject)
	if err != nil {
		return err
	}
	if !ok {
		return s.refuse(w, r, p, f, refusal{notLinked, who.From(r.Context()).ID}, nil)
	}
	return s.Desk.Again(w, r, Vouched{link.Account, said.Level, s.proved(said)}, f.goal, func(ctx context.Context, tx *db.Tx) error {
		return s.use(ctx, tx, link, s.Now())
	})
}

// refuse records why a word let nobody in, and tells whoever came in general
// words.
func (s *Federation) refuse(w http.ResponseWriter, r *http.Request, p Provider, f flow, why refusal, cause error) error {
	ctx := r.Context()
	s.Log.WarnContext(ctx, "single sign-on refused", "provider", p.ID, "reason", why.reason, "error", told(cause))
	address := ""
	if from := web.Address(ctx); from.IsValid() {
		address = from.String()
	}
	err := s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Record(event.WordRefused{Provider: p.ID, House: p.Name, Reason: why.reason, Account: why.account, Address: address})
		return nil
	})
	if err != nil {
		return err
	}
	switch f.purpose {
	case toTry:
		return s.tried(w, r, p, nil, cause)
	case toAgain:
		return s.Desk.Refused(w, r, f.goal, errAgainRefused)
	}
	return s.Desk.Refused(w, r, nil, errRefused)
}

// told is a cause as it is written down: what a provider sent may be long.
func told(cause error) string {
	if cause == nil {
		return ""
	}
	return clipTo(cause.Error(), 1000)
}

// linked finds whom a word is for: the account that the house vouches for; else
// one with the address, where the house speaks for its domain; else a new one,
// where it may make some.
func (s *Federation) linked(ctx context.Context, p Provider, said word) (Link, error) {
	link, ok, err := findLink(ctx, s.DB, s.Jurisdiction, p.ID, said.Subject)
	if err != nil || ok {
		return link, err
	}
	switch {
	case said.Email == "" || !said.Verified:
		return link, refusal{reason: noAddress}
	case !p.speaks(said.Email):
		return link, refusal{reason: otherDomain}
	}
	how := "address"
	who, err := s.People.ByEmail(ctx, said.Email)
	if fault.KindOf(err) == fault.NotFound {
		if !p.Makes {
			return link, refusal{reason: noAccount}
		}
		how = "made"
		who, err = s.make(ctx, said)
	}
	switch {
	case err != nil:
		return link, err
	case !who.Staff:
		return link, refusal{notStaff, who.ID}
	}
	// An address is as good as whoever gives addresses out over there; that is
	// not enough for a role that opens all other doors.
	strong, err := s.Roles.Powerful(s.acting(ctx), who.ID)
	if err == nil && strong && how == "address" {
		err = refusal{powerful, who.ID}
	}
	if err != nil {
		return link, err
	}
	return s.link(s.acting(ctx), p, who, said.Subject, how)
}

// Link has a provider vouch for an account by the name that it has for the
// person.
func (s *Federation) Link(ctx context.Context, provider, subject, account string) error {
	if subject == "" || len(subject) > mostText || !printable(subject) {
		return fault.New(fault.Invalid, "Give the name that the house has for the person, as its page of a trial shows it.")
	}
	p, err := s.Provider(ctx, provider)
	if err != nil {
		return err
	}
	who, err := s.People.ByID(ctx, account)
	if err != nil {
		return err
	}
	_, err = s.link(ctx, p, who, subject, "hand")
	if why := new(refusal); errors.As(err, why) {
		return fault.New(fault.Conflict, "This house vouches for somebody else in this account, or for another account by this name, already.")
	}
	return err
}

// make makes an account for a person of a house's.
func (s *Federation) make(ctx context.Context, said word) (Person, error) {
	name := said.Name
	if name == "" {
		name = said.Email
	}
	who, err := s.People.Provide(s.acting(ctx), said.Email, name)
	if fault.KindOf(err) == fault.Conflict { // two browsers at once: the other was quicker
		return s.People.ByEmail(ctx, said.Email)
	}
	if fault.KindOf(err) == fault.Invalid { // an address that is none, a name without a letter
		return who, refusal{reason: noAddress}
	}
	return who, err
}

// link has a house vouch for an account from now on, and tells its owner.
func (s *Federation) link(ctx context.Context, p Provider, who Person, subject, how string) (Link, error) {
	l := Link{ID: id.New(), Provider: p.ID, Subject: subject, Account: who.ID, Since: s.Now()}
	ours := false
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		err := s.hold(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if ours, err = insertLink(ctx, tx, s.Jurisdiction, l); err != nil || !ours {
			tx.Silently("the house vouches for the account, or for somebody by this name, already")
			return err
		}
		tx.Record(event.AccountLinked{Account: who.ID, Provider: p.ID, House: p.Name, How: how})
		return s.People.Linked(ctx, tx, who.ID, p.Name)
	})
	if err != nil || ours {
		return l, err
	}
	// Two browsers of one person at once end here, and so does a second person
	// of the house who came by the first one's address.
	l, ok, err := findLink(ctx, s.DB, s.Jurisdiction, p.ID, subject)
	if err == nil && (!ok || l.Account != who.ID) {
		err = refusal{otherPerson, who.ID}
	}
	return l, err
}

// setRoles gives an account the roles that a provider's rules give for claims,
// and takes those that they gave before and give no more. Roles that people
// gave stay as they are. What is to be given is written down first: a fall in
// between leaves nothing that nobody would take away again.
func (s *Federation) setRoles(ctx context.Context, p Provider, account string, claims Claims) error {
	want := p.roles(claims)
	known, err := s.Roles.All(ctx)
	if err != nil {
		return err
	}
	maps.DeleteFunc(want, func(role string, _ Rule) bool { return !slices.Contains(known, role) }) // the office has done away with it
	held, err := s.Roles.Held(ctx, account)
	if err != nil {
		return err
	}
	all, err := listGiven(ctx, s.DB, s.Jurisdiction, "", account)
	if err != nil {
		return err
	}
	for _, role := range slices.Sorted(maps.Keys(want)) {
		if byRule, has := held[role]; has && (!byRule || slices.Contains(all, given{p.ID, account, role})) {
			continue
		}
		if err := s.give(ctx, p, given{p.ID, account, role}, want[role]); err != nil {
			return err
		}
	}
	for _, g := range all {
		if _, still := want[g.role]; g.provider != p.ID || still {
			continue
		}
		byOthers := slices.ContainsFunc(all, func(o given) bool { return o.role == g.role && o.provider != p.ID })
		if err := s.takeBack(ctx, p, g, held[g.role] && !byOthers); err != nil {
			return err
		}
	}
	return nil
}

func (s *Federation) give(ctx context.Context, p Provider, g given, by Rule) error {
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the role itself is recorded where it is granted")
		if err := s.hold(ctx, tx, p.ID); err != nil {
			return err
		}
		return insertGiven(ctx, tx, s.Jurisdiction, g, s.Now())
	})
	if err != nil {
		return err
	}
	return s.Roles.Give(ctx, g.account, g.role, p.Name+": "+by.String())
}

func (s *Federation) takeBack(ctx context.Context, p Provider, g given, ours bool) error {
	if ours {
		if err := s.Roles.Take(ctx, g.account, g.role, p.Name+": no rule gives it any more"); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the role itself is recorded where it is revoked")
		return deleteGiven(ctx, tx, s.Jurisdiction, g)
	})
}

// Links are the links of an account.
func (s *Federation) Links(ctx context.Context, q db.Reader, account string) ([]Link, error) {
	return listLinks(ctx, q, s.Jurisdiction, account)
}

// Unlink ends a link of an account, or all of them for "".
func (s *Federation) Unlink(ctx context.Context, tx *db.Tx, account, link string) error {
	ended, err := deleteLinks(ctx, tx, s.Jurisdiction, account, link)
	if err != nil {
		return err
	}
	for _, l := range ended {
		tx.Record(event.AccountUnlinked{Account: account, Provider: l.Provider})
	}
	return nil
}
