// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
)

// Why a person is sent to another house.
const (
	toEnter = "enter"
	toAgain = "again"
	toTry   = "try"
)

// flow is a person on their way to another house and back.
type flow struct {
	purpose, session, request string
	goal                      url.Values
	began                     time.Time
	word                      *word       // of a SAML house, until the browser comes with its ticket
	state, browser            hide.String // the secrets that go along, and that stay with the browser
}

// flowLife is how long a way there and back may take.
const flowLife = 10 * time.Minute

// derived are the nonce and the PKCE verifier of a flow. They come from what the
// browser keeps, and so are neither in the database nor known to whoever sees
// the address that the browser is sent to.
func (f flow) derived(what string) string {
	mac := hmac.New(sha256.New, []byte(f.browser.Reveal()))
	mac.Write([]byte(what + "\x00" + f.state.Reveal()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (f flow) nonce() string    { return f.derived("nonce") }
func (f flow) verifier() string { return f.derived("verifier") }

// digest is what the database keeps of a secret.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// cookieName has the __Host- prefix over https, so that no other host and no
// plain connection can set it.
func (s *Federation) cookieName() string {
	if s.Secure {
		return "__Host-hustings-way"
	}
	return "hustings-way"
}

// tokenSize is how long our secrets are as text: 32 bytes.
const tokenSize = 43

// browser is the secret that a browser on its way keeps, "" for none.
func (s *Federation) browser(r *http.Request) hide.String {
	if c, err := r.Cookie(s.cookieName()); err == nil && len(c.Value) == tokenSize {
		return hide.New(c.Value)
	}
	return hide.String{}
}

// begin starts a flow: its state, and the cookie that it belongs to. A browser
// that is on its way in another tab keeps the cookie that it has.
func (s *Federation) begin(w http.ResponseWriter, r *http.Request, purpose string, goal url.Values) flow {
	f := flow{purpose: purpose, goal: goal, session: who.From(r.Context()).Session, began: s.Now(),
		state: hide.New(id.Token(32)), browser: s.browser(r)}
	if f.browser.IsZero() {
		f.browser = hide.New(id.Token(32))
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: f.browser.Reveal(), Path: "/", HttpOnly: true,
		Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: int(flowLife.Seconds())})
	return f
}

// keep writes a flow down under a secret: its state, or the ticket after it.
func (s *Federation) keep(ctx context.Context, provider string, secret hide.String, f flow, browser string, expires time.Time) error {
	goal, err := json.Marshal(f.goal)
	if err != nil {
		return err
	}
	var said hide.String
	if f.word != nil {
		body, err := json.Marshal(f.word)
		if err != nil {
			return err
		}
		said = hide.New(string(body))
	}
	hash := digest(secret.Reveal())
	return s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Silently("somebody is on their way; where they come in or are refused is recorded")
		k := kept{provider: provider, purpose: f.purpose, browser: browser, session: f.session, request: f.request, began: f.began, expires: expires}
		if k.goal, err = s.Sealer.Seal(ctx, tx, goalColumn.At(s.Jurisdiction, hash), hide.New(string(goal))); err != nil {
			return err
		}
		if k.word, err = s.Sealer.Seal(ctx, tx, wordColumn.At(s.Jurisdiction, hash), said); err != nil {
			return err
		}
		return insertFlow(ctx, tx, s.Jurisdiction, hash, k, s.Now())
	})
}

var errWay = fault.New(fault.Gone, "This took longer than ten minutes, was used before, or began in another browser. Please begin again.")

// take ends a flow and hands it over; browser is the hash of the cookie that it
// belongs to. A flow of another provider's is none.
func (s *Federation) take(ctx context.Context, provider string, secret string) (f flow, browser string, expires time.Time, err error) {
	if len(secret) != tokenSize {
		return f, "", expires, errWay
	}
	hash := digest(secret)
	var k kept
	var ok bool
	err = s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Silently("somebody came back; that they come in or are refused is recorded")
		k, ok, err = takeFlow(ctx, tx, s.Jurisdiction, hash, s.Now())
		return err
	})
	if err != nil {
		return f, "", expires, err
	}
	if !ok || k.provider != provider {
		return f, "", expires, errWay
	}
	goal, err := s.Sealer.Open(ctx, s.DB, goalColumn.At(s.Jurisdiction, hash), k.goal)
	if err != nil {
		return f, "", expires, err
	}
	f = flow{purpose: k.purpose, session: k.session, request: k.request, began: k.began, state: hide.New(secret)}
	if err := json.Unmarshal([]byte(goal.Reveal()), &f.goal); err != nil {
		return f, "", expires, err
	}
	said, err := s.Sealer.Open(ctx, s.DB, wordColumn.At(s.Jurisdiction, hash), k.word)
	if err == nil && !said.IsZero() {
		err = json.Unmarshal([]byte(said.Reveal()), &f.word)
	}
	return f, k.browser, k.expires, err
}

// returned takes the flow of a browser that comes back, if it is the one that
// was sent, in the session that it was sent in.
func (s *Federation) returned(r *http.Request, provider, secret string) (flow, error) {
	f, browser, _, err := s.take(r.Context(), provider, secret)
	if err != nil {
		return f, err
	}
	f.browser = s.browser(r)
	if f.browser.IsZero() || subtle.ConstantTimeCompare([]byte(digest(f.browser.Reveal())), []byte(browser)) != 1 {
		return flow{}, errWay
	}
	if f.purpose != toEnter && (f.session == "" || f.session != who.From(r.Context()).Session) {
		return flow{}, errWay
	}
	return f, nil
}
