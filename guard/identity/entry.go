// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"net/netip"
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

// Place is where somebody asks from.
type Place struct {
	Address netip.Addr
	Agent   string      // what the browser calls itself
	Browser hide.String // the secret by which we know the browser again; empty for a new one
}

// network is what the place's address counts as, "" where it has none.
func (p Place) network() string {
	if !p.Address.IsValid() {
		return ""
	}
	return web.Network(p.Address).String()
}

func (p Place) at() string {
	if !p.Address.IsValid() {
		return ""
	}
	return p.Address.String()
}

func (p Place) agent() string { return clip(p.Agent, 200) }

// Entry is what a browser is given when its person has signed in.
type Entry struct {
	Secret  hide.String // of the session
	Browser hide.String // by which we know the browser again
	Account Account
	Session string // what screens and facts call the session; it opens nothing
	Level   int
	Alerts  int // entries of the history that the person should look at
}

// How somebody proved who they are.
const (
	byPassword = "password"
	byApp      = "password and app"
	byCode     = "password and recovery code"
	byPasskey  = "passkey"
	byEnvelope = "envelope"
	bySSO      = "single sign-on"
)

// proof is a proof that has been checked.
type proof struct {
	method string
	level  int
	at     time.Time // zero: now
}

// enter begins a session. The account's row is taken, so that disabling it
// comes wholly before this or ends this session with the rest.
func (s *Identity) enter(ctx context.Context, tx *db.Tx, a Account, by proof, from Place) (Entry, error) {
	now := s.Now()
	e := Entry{Account: a, Level: by.level, Secret: hide.New(id.Token(32)), Browser: from.Browser}
	if stands, err := use(ctx, tx, s.Jurisdiction, a.ID, now, s.dormant(now)); err != nil || !stands {
		if err == nil {
			err = errRefused
		}
		return e, err
	}
	if from.network() != "" {
		if err := rememberAddress(ctx, tx, s.Jurisdiction, a.ID, from.network(), now); err != nil {
			return e, err
		}
	}
	fresh, err := s.meet(ctx, tx, a.ID, &e)
	if err != nil {
		return e, err
	}
	ses := session{hash: digest(e.Secret.Reveal()), id: id.New(), account: a, level: by.level, method: by.method,
		created: now, proved: now, address: from.at(), agent: from.agent()}
	if !by.at.IsZero() && by.at.Before(now) {
		ses.proved = by.at
	}
	e.Session = ses.id
	tx.Record(event.SignedIn{Account: a.ID, Address: ses.address, Agent: ses.agent, Session: ses.id, Method: by.method, Level: by.level, NewBrowser: fresh})
	if err := insertSession(ctx, tx, s.Jurisdiction, ses); err != nil {
		return e, err
	}
	if err := s.note(ctx, tx, a.ID, entry{What: "signed-in", Detail: by.method, Alert: fresh}, from); err != nil {
		return e, err
	}
	e.Alerts, err = countAlerts(ctx, tx, s.Jurisdiction, a.ID)
	return e, err
}

// mostBrowsers is how many browsers an account knows.
const mostBrowsers = 20

// meet makes the browser known to the account and says whether it was not and
// others were: the owner hears of that.
func (s *Identity) meet(ctx context.Context, tx *db.Tx, account string, e *Entry) (fresh bool, err error) {
	if len(e.Browser.Reveal()) < 20 { // none, or nothing that we gave out
		e.Browser = hide.New(id.Token(32))
	}
	known, others, err := knowsBrowser(ctx, tx, s.Jurisdiction, account, digest(e.Browser.Reveal()))
	if err != nil {
		return false, err
	}
	return !known && others, rememberBrowser(ctx, tx, s.Jurisdiction, account, digest(e.Browser.Reveal()), s.Now(), mostBrowsers)
}

// dormant is the moment before which an account must have been used last to
// be taken for asleep.
func (s *Identity) dormant(now time.Time) time.Time { return now.Add(-s.Dormant) }

// even lets refusals take the same time, up to the next full step, whatever
// was found wrong on the way.
func even(ctx context.Context, began time.Time) {
	const step = 50 * time.Millisecond
	wait := step - time.Since(began)%step
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

// errRefused is said for a wrong password, an unknown address, a disabled and
// a locked account alike.
var errRefused = fault.New(fault.SignIn, "This did not match, or the account is resting after several wrong tries. Check the address, the password and the code; wait a few minutes, then try again.")

// SignIn checks a password, and the code of an app or a recovery code where the
// account has them, and begins a session. The fault of kind SignIn does not say
// what was wrong. Checking takes a while and waits its turn, so the account may
// be locked, disabled or given another password meanwhile: what counts is what
// stands in the database when the session is written.
func (s *Identity) SignIn(ctx context.Context, email string, password hide.String, code string, from Place) (e Entry, err error) {
	began := time.Now()
	a := attempt{email: strings.ToLower(strings.TrimSpace(email)), code: code, Place: from}
	a.account, a.phc, err = findAccount(ctx, s.DB, s.Jurisdiction, a.email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return e, err
	}
	if a.right, err = s.matches(ctx, password, a.phc); err != nil {
		return e, err
	}
	if a.right && outdated(a.phc) {
		if a.renewed, err = s.hash(ctx, password); err != nil {
			return e, err
		}
	}
	if a.second, err = s.second(ctx, a.account.ID, code); err != nil {
		return e, err
	}
	ctx = who.With(ctx, who.Person{ID: a.account.ID, Name: a.account.Name, Jurisdiction: s.Jurisdiction, Via: who.Browser})
	in := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		by, ok, err := s.decide(ctx, tx, a)
		if in = ok; err != nil || !ok {
			return err
		}
		if a.renewed != "" {
			if err := rehash(ctx, tx, s.Jurisdiction, a.account.ID, a.phc, a.renewed); err != nil {
				return err
			}
		}
		e, err = s.enter(ctx, tx, a.account, by, from)
		return err
	})
	if err == nil && !in {
		err = errRefused
	}
	if fault.KindOf(err) == fault.SignIn {
		even(ctx, began)
		err = errRefused
	}
	return e, err
}
