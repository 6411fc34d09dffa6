// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
)

// errRefused is said for a wrong password, an unknown address, a disabled and
// a locked account alike.
var errRefused = fault.New(fault.SignIn, "The e-mail address and password do not match, or the account is resting after several wrong passwords. Wait a few minutes, then try again.")

// SignIn checks a password and begins a session. It returns the secret for the
// person's cookie, or a fault of kind SignIn that does not say what was wrong.
// Checking takes a while and waits its turn, so the account may be locked,
// disabled or given another password meanwhile: what counts is what stands in
// the database when the session is written.
func (s *Identity) SignIn(ctx context.Context, email string, password hide.String, address netip.Addr, agent string) (secret string, err error) {
	a := attempt{email: strings.ToLower(strings.TrimSpace(email)), address: address, agent: clip(agent, 200)}
	a.account, a.phc, err = findAccount(ctx, s.DB, s.Jurisdiction, a.email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	if a.right, err = s.matches(ctx, password, a.phc); err != nil {
		return "", err
	}
	ctx = who.With(ctx, who.Person{ID: a.account.ID, Name: a.account.Name, Jurisdiction: s.Jurisdiction, Via: who.Browser})
	in := false
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if in, err = s.decide(ctx, tx, a); err != nil || !in {
			return err
		}
		secret = id.Token(32)
		return s.begin(ctx, tx, a, secret)
	})
	switch {
	case err != nil:
		return "", err
	case !in:
		return "", errRefused
	}
	return secret, nil
}

// begin writes the session of an attempt that was let in.
func (s *Identity) begin(ctx context.Context, tx *db.Tx, a attempt, secret string) error {
	now := s.Now()
	tx.Record(event.SignedIn{Account: a.account.ID, Address: a.at(), Agent: a.agent})
	if from := a.from(); from != "" {
		if err := rememberAddress(ctx, tx, s.Jurisdiction, a.account.ID, from, now); err != nil {
			return err
		}
	}
	return insertSession(ctx, tx, s.Jurisdiction, session{hash: digest(secret), id: id.New(), account: a.account, level: 1, method: "password",
		created: now, address: a.at(), agent: a.agent})
}

// SignOut ends the session behind a secret.
func (s *Identity) SignOut(ctx context.Context, secret string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.SignedOut{Account: who.From(ctx).ID})
		return endSession(ctx, tx, s.Jurisdiction, digest(secret))
	})
}

// cookieName has the __Host- prefix over https, so that no other host and no
// plain connection can set it.
func (s *Identity) cookieName() string {
	if s.Secure {
		return "__Host-hustings"
	}
	return "hustings"
}

// Who implements web.Sessions: a person by the cookie of their session, or a
// program by its bearer token.
func (s *Identity) Who(r *http.Request) (who.Person, bool) {
	p, ses, ok := s.behind(r)
	if now := s.Now(); ok && ses.hash != "" && now.Sub(ses.seen) > time.Minute {
		// A session that cannot be marked as seen ends earlier than it should;
		// that is no reason to refuse this request.
		_ = s.DB.Write(r.Context(), func(tx *db.Tx) error {
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
		a, err := findByToken(r.Context(), s.DB, s.Jurisdiction, digest(bearer), s.Now())
		p := s.person(a, who.API)
		p.Level = 1
		return p, ses, err == nil && !a.Disabled
	}
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return p, ses, false
	}
	ses, err = findSession(r.Context(), s.DB, s.Jurisdiction, digest(c.Value))
	now := s.Now()
	if err != nil || ses.account.Disabled || now.Sub(ses.seen) > s.Idle || now.Sub(ses.created) > s.Longest {
		return p, ses, false
	}
	ses.level = ses.levelAt(now)
	p = s.person(ses.account, who.Browser)
	p.Session, p.Level, p.Proved = ses.id, ses.level, ses.proved
	if s.Rehearsal {
		p.Level, p.Proved = 3, now
	}
	return p, ses, true
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

func clip(text string, n int) string {
	if len(text) > n {
		return text[:n]
	}
	return text
}
