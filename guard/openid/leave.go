// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

// ends are the facts after which a session of an account may have ended, or a
// satellite may not be for its person any more.
var ends = []string{event.SignedOut{}.Name(), event.SessionEnded{}.Name(), event.AccountDisabled{}.Name(), event.PasswordChanged{}.Name(),
	event.PasswordRemoved{}.Name(), event.PasskeyRemoved{}.Name(), event.AppRemoved{}.Name(), event.LinkMade{}.Name(), event.LinkUsed{}.Name(),
	event.EnvelopeSealed{}.Name(), event.AccountExpires{}.Name(), event.RoleRevoked{}.Name()}

// heard looks after such a fact which visits of the account are over, and has
// the satellites told. It looks at what stands, so hearing a fact twice does
// nothing.
func (s *OpenID) heard(ctx context.Context, e ledger.Entry) error {
	var fact struct{ Account, Person string }
	if err := json.Unmarshal(e.Data, &fact); err != nil || fact.Account == "" && fact.Person == "" {
		return nil // about nobody
	}
	return s.leaveEnded(ctx, e.Jurisdiction, cmp.Or(fact.Account, fact.Person))
}

// leaveEnded ends the visits that are over, an account's or for "" everybody's:
// those of sessions that have ended, and those to satellites that are not for
// the person any more.
func (s *OpenID) leaveEnded(ctx context.Context, jurisdiction, account string) error {
	visits, err := listVisits(ctx, s.DB, jurisdiction, account)
	if err != nil || len(visits) == 0 {
		return err
	}
	clients, err := listClients(ctx, s.DB, jurisdiction)
	if err != nil {
		return err
	}
	gone := ""
	for _, v := range visits { // by session
		if v.session == gone {
			continue
		}
		_, stands, err := s.Staff.Session(ctx, jurisdiction, v.session)
		if err != nil {
			return err
		}
		if !stands {
			gone = v.session
			err = s.leave(ctx, jurisdiction, v.session, "")
		} else {
			err = s.leaveUnlessFor(ctx, jurisdiction, v, clients)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaveUnlessFor ends a visit whose person has lost the role that let them use
// the satellite.
func (s *OpenID) leaveUnlessFor(ctx context.Context, jurisdiction string, v visit, clients []Client) error {
	i := slices.IndexFunc(clients, func(c Client) bool { return c.ID == v.client })
	if i < 0 {
		return nil // removed a moment ago, and its visits with it
	}
	held, err := s.Roles.Held(ctx, jurisdiction, v.account)
	if err != nil || clients[i].allows(held) {
		return err
	}
	return s.leave(ctx, jurisdiction, v.session, v.client)
}

// leave ends the visits of a session, to one satellite or for "" to all, and
// queues the telling, in one write.
func (s *OpenID) leave(ctx context.Context, jurisdiction, session, client string) error {
	ctx = who.With(ctx, who.System("openid", jurisdiction))
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		visits, err := endVisits(ctx, tx, jurisdiction, session, client)
		if err != nil {
			return err
		}
		if len(visits) == 0 {
			tx.Silently("the visits had ended already")
		}
		for _, v := range visits {
			c, ok, err := findClient(ctx, tx, jurisdiction, v.client)
			if err != nil {
				return err
			}
			tells := ok && c.BackChannel != ""
			tx.Record(event.SatelliteLeft{Account: v.account, Client: v.client, Session: v.session, Tell: tells})
			if !tells {
				continue
			}
			if _, err := job.Enqueue(ctx, tx, job.Order{Kind: tellKind, Args: message{v.client, v.session, v.account, v.issuer}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// The room's jobs.
const (
	tellKind  = "openid.tell"
	keepKind  = "openid.keep"
	tellTries = 8
)

// message is what the job is told.
type message struct{ Client, Session, Account, Issuer string }

// tell tells one satellite that a session is over.
func (s *OpenID) tell(ctx context.Context, w *job.Work) error {
	var m message
	if err := w.Args(&m); err != nil {
		return err
	}
	in := who.From(ctx).Jurisdiction
	c, ok, err := findClient(ctx, s.DB, in, m.Client)
	if err != nil || !ok || c.BackChannel == "" {
		return err // it was removed: nobody is there to tell
	}
	problem := s.send(ctx, in, c.BackChannel, visit{m.Client, m.Session, m.Account, m.Issuer})
	if problem != nil && w.Try() < tellTries {
		return problem
	}
	told := event.SignOutTold{Account: m.Account, Client: m.Client, Session: m.Session, Taken: problem == nil}
	if problem != nil {
		told.Problem = clip(problem.Error())
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error { tx.Record(told); return nil }); err != nil {
		return err
	}
	return problem
}

// send posts a logout token: OpenID Connect Back-Channel Logout 1.0, section 2.5.
func (s *OpenID) send(ctx context.Context, jurisdiction, to string, v visit) error {
	by, err := s.signer(ctx, jurisdiction)
	if err != nil {
		return err
	}
	token, err := s.logoutToken(by, v)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(url.Values{"logout_token": {token}}.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.Client.Do(r)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the satellite cannot be reached: %s", err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 4096)) // what it says is of no use to us
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		return fault.New(fault.Unavailable, "the satellite answered %s", fmt.Sprint(res.StatusCode))
	}
	return nil
}

// keep is done each hour: sessions whose longest time is over are left, keys are
// renewed, and what has expired is forgotten.
func (s *OpenID) keep(ctx context.Context, _ *job.Work) error { return s.Keep(ctx) }

// Keep looks after the office of who acts, as the house does each hour.
func (s *OpenID) Keep(ctx context.Context) error {
	in := who.From(ctx).Jurisdiction
	left := s.leaveEnded(ctx, in, "")
	return errors.Join(left, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("what has expired was forgotten")
		// A code stays an hour longer, so that one that comes twice is known again.
		if err := deleteOld(ctx, tx, in, s.Now().Add(-time.Hour)); err != nil {
			return err
		}
		return s.keepKeys(ctx, tx, in)
	}))
}
