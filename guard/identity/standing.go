// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"hustings/kit/db"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// Standing finds a session by its id in an office, and whose it is. ok is false
// once it was ended, its longest time is over, or its account no longer signs
// in. One that rests still stands: it is this house's pages that it may not open
// any more, not what was opened elsewhere with it.
func (s *Identity) Standing(ctx context.Context, jurisdiction, session string) (a Account, ses Session, ok bool, err error) {
	k, ok, err := findSessionByID(ctx, s.DB, jurisdiction, session)
	now := s.Now()
	if err != nil || !ok || k.account.over(now) || now.Sub(k.created) > s.longest(k) {
		return a, ses, false, err
	}
	return k.account, Session{ID: k.id, Method: k.method, Address: k.address, Agent: k.agent, Level: k.levelAt(now), Began: k.created, Seen: k.seen}, true, nil
}

func findSessionByID(ctx context.Context, q db.Reader, jurisdiction, id string) (ses session, ok bool, err error) {
	rows, err := q.QueryContext(ctx, `
		select `+accountColumns+`, `+sessionColumns+`
		from identity_session s join identity_account a on a.jurisdiction = s.jurisdiction and a.id = s.account
		where s.jurisdiction = $1 and s.id = $2`, jurisdiction, id)
	found, err := db.Collect(rows, err, func(scan func(...any) error) (s session, err error) {
		s.account, err = scanAccount(scan, s.columns()...)
		return s, err
	})
	if err != nil || len(found) == 0 {
		return ses, false, err
	}
	return found[0], true, nil
}

// Leave ends the session of a request and takes its cookie back. The path is
// where its person goes then: the page of the sign-in, or another house's.
func (s *Identity) Leave(w http.ResponseWriter, r *http.Request) (path string, err error) {
	path = "/sign-in"
	if s.Outside != nil {
		other, err := s.Outside.Left(r.Context(), who.From(r.Context()).Session)
		if err != nil {
			return "", err
		}
		path = cmp.Or(other, path)
	}
	if c, err := r.Cookie(s.cookieName()); err == nil {
		if err := s.SignOut(r.Context(), c.Value); err != nil {
			return "", err
		}
	}
	s.setCookie(w, s.cookieName(), hide.String{}, -time.Second)
	return path, nil
}
