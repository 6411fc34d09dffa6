// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// SignOut ends the session behind a secret, and only that. What is no session
// is no secret of ours and ends nothing.
func (s *Identity) SignOut(ctx context.Context, secret string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		account, _, err := endSession(ctx, tx, s.Jurisdiction, digest(secret))
		if err != nil || account == "" {
			tx.Silently("there was no session to end")
			return err
		}
		tx.Record(event.SignedOut{Account: account})
		return nil
	})
}

// Session is where an account is signed in.
type Session struct {
	ID, Method, Address, Agent string
	Level                      int
	Began, Seen                time.Time
	Here                       bool // it is the one that asks
}

// Sessions lists where an account is signed in, the latest used first.
func (s *Identity) Sessions(ctx context.Context, account string) ([]Session, error) {
	now := s.Now()
	kept, err := listSessions(ctx, s.DB, s.Jurisdiction, account, now.Add(-s.Longest))
	if err != nil {
		return nil, err
	}
	var out []Session
	for _, k := range kept {
		if now.Sub(k.seen) <= s.Idle {
			out = append(out, Session{k.id, k.method, k.address, k.agent, k.levelAt(now), k.created, k.seen, k.id == who.From(ctx).Session})
		}
	}
	return out, nil
}

// EndSession ends one session of an account.
func (s *Identity) EndSession(ctx context.Context, account, session string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		gone, err := endSessionByID(ctx, tx, s.Jurisdiction, account, session)
		if err == nil && !gone {
			err = fault.New(fault.NotFound, "This session has ended already.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.SessionEnded{Account: account, Session: session, Reason: "ended by " + cmp.Or(who.From(ctx).Name, "the house")})
		return nil
	})
}

// EndOthers ends all sessions of an account but the one that asks, and says how
// many there were.
func (s *Identity) EndOthers(ctx context.Context, account string) (n int, err error) {
	return n, s.DB.Write(ctx, func(tx *db.Tx) error {
		ids, err := endSessions(ctx, tx, s.Jurisdiction, account, who.From(ctx).Session)
		if n = len(ids); err != nil || n == 0 {
			tx.Silently("there was no other session to end")
			return err
		}
		for _, one := range ids {
			tx.Record(event.SessionEnded{Account: account, Session: one, Reason: "all others ended by " + cmp.Or(who.From(ctx).Name, "the house")})
		}
		return nil
	})
}

// Who implements web.Sessions: a person by the cookie of their session, or a
// program by its bearer token.
func (s *Identity) Who(r *http.Request) (who.Person, bool) {
	p, ses, ok := s.behind(r)
	if now := s.Now(); ok && ses.hash != "" && now.Sub(ses.seen) > time.Minute {
		// A session that cannot be marked as seen ends earlier than it should;
		// that is no reason to refuse this request.
		_ = s.DB.Write(who.With(r.Context(), p), func(tx *db.Tx) error {
			tx.Silently("a session was used; what it was used for is recorded by the rooms")
			return markSeen(r.Context(), tx, s.Jurisdiction, ses.hash, ses.level, now)
		})
	}
	return p, ok
}

// Still implements web.Sessions.
func (s *Identity) Still(r *http.Request) bool { _, _, ok := s.behind(r); return ok }

// behind finds who is behind a request, and their session if they have one.
func (s *Identity) behind(r *http.Request) (p who.Person, ses session, ok bool) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		p, ok := s.program(r.Context(), bearer)
		return p, ses, ok
	}
	c, err := r.Cookie(s.cookieName())
	if err != nil || c.Value == "" {
		return p, ses, false
	}
	ses, err = findSession(r.Context(), s.DB, s.Jurisdiction, digest(c.Value))
	now := s.Now()
	if err != nil || ses.account.over(now) || now.Sub(ses.seen) > s.Idle || now.Sub(ses.created) > s.longest(ses) {
		return p, ses, false
	}
	ses.level = ses.levelAt(now)
	p = s.person(ses.account, who.Browser)
	p.Session, p.Level, p.Proved = ses.id, ses.level, ses.proved
	switch {
	case s.Rehearsal:
		p.Level, p.Proved = 3, now
	case ses.method == byEnvelope: // nothing can be proved again; the hour is short
		p.Proved = now
	}
	return p, ses, true
}

// over says whether an account's sessions and tokens end here.
func (a Account) over(now time.Time) bool {
	return a.Disabled || !a.Expires.IsZero() && !now.Before(a.Expires)
}

// longest is when a session ends in any case.
func (s *Identity) longest(ses session) time.Duration {
	if ses.method == byEnvelope {
		return min(s.Longest, envelopeLife)
	}
	return s.Longest
}

// program finds the account that a program's token acts for.
func (s *Identity) program(ctx context.Context, secret string) (p who.Person, ok bool) {
	now := s.Now()
	a, t, err := findByToken(ctx, s.DB, s.Jurisdiction, digest(secret), now)
	if err != nil || a.over(now) {
		return p, false
	}
	p = s.person(a, who.API)
	p.Level, p.Scope = 1, t.Scope
	if now.Sub(t.Used) > 24*time.Hour {
		// A token that cannot be marked as used looks unused for a day; that is
		// no reason to refuse this request.
		_ = s.DB.Write(who.With(ctx, p), func(tx *db.Tx) error {
			tx.Silently("a token was used; what it was used for is recorded by the rooms")
			return markTokenUsed(ctx, tx, s.Jurisdiction, t.ID, now)
		})
	}
	return p, true
}

// session is a session as it is kept.
type session struct {
	hash, id, method, address, agent string
	account                          Account
	level                            int
	created, proved, seen            time.Time
}

// Limits after which a session of level 3 counts as one of level 2: NIST SP
// 800-63B-4, section 2.3.3. When a session ends altogether, the office says.
const (
	idle3    = 15 * time.Minute
	longest3 = 12 * time.Hour
)

// levelAt is how well the house still knows who it is.
func (ses session) levelAt(now time.Time) int {
	if ses.level == 3 && (now.Sub(ses.seen) > idle3 || now.Sub(ses.proved) > longest3) {
		return 2
	}
	return ses.level
}

func (s *Identity) person(a Account, via string) who.Person {
	return who.Person{ID: a.ID, Name: a.Name, Jurisdiction: s.Jurisdiction, Via: via}
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// clip cuts what came in to a length, at the border of a character, and drops
// what no database keeps.
func clip(text string, n int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return text
}

// slug is a text as part of a key of the words: "password and app" is
// "password-and-app".
func slug(text string) string { return strings.ReplaceAll(text, " ", "-") }
