// SPDX-License-Identifier: Apache-2.0

package openid_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/event"
	"hustings/guard/openid"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

// notices is where a satellite is told of sign-outs. It answers the first few
// with trouble.
type notices struct {
	mu      sync.Mutex // guards what follows
	trouble int
	tokens  []string
	came    chan string
}

func (n *notices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.trouble > 0 {
		n.trouble--
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect) // not followed: trouble
		return
	}
	if r.URL.Path == "/notices" {
		n.came <- r.FormValue("logout_token")
	}
}

// work runs the room's listeners and jobs as the house does.
func (o *office) work(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var parts sync.WaitGroup
	quiet := slog.New(slog.DiscardHandler)
	parts.Go(func() { _ = (&ledger.Ledger{DB: o.DB, Log: quiet}).Run(ctx, o.Room().Hears) })
	parts.Go(func() { _ = (&job.Jobs{DB: o.DB, Log: quiet}).Run(ctx, o.Room().Jobs, nil) })
	t.Cleanup(func() { stop(); parts.Wait() })
}

// record tells a fact, as another room would.
func (o *office) record(fact db.Fact) {
	o.t.Helper()
	if err := o.DB.Write(o.ctx, func(tx *db.Tx) error { tx.Record(fact); return nil }); err != nil {
		o.t.Fatal(err)
	}
}

// TestSatellitesAreToldWhenASessionEnds: those that the session was used for,
// once, with a token that nothing else could be taken for; and again where the
// first try met trouble.
func TestSatellitesAreToldWhenASessionEnds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		n := &notices{came: make(chan string, 10), trouble: 1}
		server := httptest.NewServer(n)
		defer server.Close()
		s := o.satellite("Pollbook", func(c *openid.Client) { c.BackChannel = server.URL + "/notices" })
		o.satellite("Not visited", func(c *openid.Client) { c.BackChannel = server.URL + "/notices" })
		mute := o.satellite("Told nothing", nil)
		for _, session := range []string{"s1", "s2"} {
			o.signIn("ann", session, 2)
			s.redeem(s.code(session, nil), nil)
			mute.redeem(mute.code(session, nil), nil)
		}
		o.work(t)
		o.end("s1")
		o.record(event.SignedOut{Account: "ann"})
		var token string
		select {
		case token = <-n.came:
		case <-time.After(30 * time.Second):
			t.Fatal("nobody was told")
		}
		said, kind := o.verified(token)
		if kind != "logout+jwt" || said["iss"] != issuer || said["aud"] != s.ID || said["sub"] != "ann" || said["sid"] != "s1" || said["nonce"] != nil || said["jti"] == "" {
			t.Errorf("told %v as %s", said, kind)
		}
		if events, _ := said["events"].(map[string]any); events["http://schemas.openid.net/event/backchannel-logout"] == nil {
			t.Errorf("told %v", said)
		}
		if life := said["exp"].(float64) - said["iat"].(float64); life != 120 {
			t.Errorf("the notice lives %v s", life)
		}
		if _, to := s.authorize("s2", url.Values{"id_token_hint": {token}, "prompt": {"none"}}); to.Query().Get("error") != "login_required" {
			t.Errorf("a notice passes for an ID token: sent to %s", to)
		}
		o.record(event.SessionEnded{Account: "ann", Session: "s1"}) // heard again, and about others
		o.record(event.SessionEnded{Account: "bo", Session: "x"})
		deadline := time.Now().Add(20 * time.Second)
		for len(o.told("openid.told.v1")) == 0 && time.Now().Before(deadline) {
			time.Sleep(50 * time.Millisecond)
		}
		if list := o.told("openid.told.v1"); len(list) != 1 || !strings.Contains(string(list[0].Data), `"Taken":true`) {
			t.Errorf("recorded: %v", list)
		}
		if left := o.told("openid.left.v1"); len(left) != 2 { // Pollbook and the one that is told nothing
			t.Errorf("%d visits ended", len(left))
		}
		select {
		case <-n.came:
			t.Error("told twice, or about a session that goes on")
		default:
		}
	})
}

// TestALostRoleEndsAVisit to the satellites that are for that role, and no other.
func TestALostRoleEndsAVisit(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s := o.satellite("For viewers", func(c *openid.Client) { c.Roles = []string{"viewer"} })
		all := o.satellite("For all", nil)
		o.signIn("ann", "s1", 1)
		o.give("ann", "viewer", "admin")
		s.redeem(s.code("s1", nil), nil)
		kept := all.redeem(all.code("s1", nil), nil)
		hears := o.Room().Hears[0]
		hear := func() {
			t.Helper()
			if err := hears.Do(t.Context(), ledger.Entry{Jurisdiction: dbtest.Jurisdiction, Name: event.RoleRevoked{}.Name(), Data: []byte(`{"Person":"ann"}`)}); err != nil {
				t.Fatal(err)
			}
		}
		o.give("ann", "viewer")
		hear()
		if left := o.told("openid.left.v1"); len(left) != 0 {
			t.Errorf("another role was lost: left %v", left)
		}
		o.give("ann", "admin")
		hear()
		hear()
		left := o.told("openid.left.v1")
		if len(left) != 1 || !strings.Contains(string(left[0].Data), s.ID) {
			t.Errorf("left %v", left)
		}
		if status, _ := o.userinfo(kept.AccessToken); status != http.StatusOK {
			t.Errorf("the other satellite's token: %d", status)
		}
	})
}

// TestASessionThatEndsInTheMiddle of an exchange leaves no visit behind.
func TestASessionThatEndsInTheMiddle(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s := o.satellite("Pollbook", nil)
		o.signIn("ann", "s1", 1)
		code, questions := s.code("s1", nil), 0
		o.asked = func(session string) {
			if questions++; questions == 2 { // after the write
				o.end(session)
			}
		}
		if got := s.redeem(code, nil); got.Error != "invalid_grant" || got.AccessToken != "" {
			t.Errorf("got %+v", got)
		}
		if len(o.told("openid.entered.v1")) != 1 || len(o.told("openid.left.v1")) != 1 {
			t.Errorf("entered %v, left %v", o.told("openid.entered.v1"), o.told("openid.left.v1"))
		}
	})
}

// TestASatelliteThatCannotBeToldIsRecorded after the last try.
func TestASatelliteThatCannotBeToldIsRecorded(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	s := o.satellite("Pollbook", func(c *openid.Client) { c.BackChannel = server.URL + "/notices" })
	o.signIn("ann", "s1", 1)
	s.redeem(s.code("s1", nil), nil)
	o.end("s1")
	house := who.With(t.Context(), who.System("openid", dbtest.Jurisdiction))
	if err := o.Keep(house); err != nil {
		t.Fatal(err)
	}
	err := o.DB.Write(house, func(tx *db.Tx) error { // the earlier tries take their time
		tx.Silently("a test's clock")
		_, err := tx.ExecContext(house, `update job_job set tries = $1`, 7)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- (&job.Jobs{DB: o.DB, Log: slog.New(slog.DiscardHandler)}).Run(ctx, o.Room().Jobs, nil)
	}()
	for deadline := time.Now().Add(20 * time.Second); len(o.told("job.finished.v1")) == 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	<-ended
	if told := o.told("openid.told.v1"); len(told) != 1 || !strings.Contains(string(told[0].Data), `"Taken":false`) {
		t.Errorf("got %v", told)
	}
}

func TestSigningKeysAreRenewed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		s := o.satellite("Pollbook", nil)
		house := who.With(t.Context(), who.System("openid", dbtest.Jurisdiction))
		signed := func() (key, token string) {
			t.Helper()
			o.signIn("ann", "s1", 1)
			token = s.redeem(s.code("s1", nil), nil).IDToken
			o.verified(token)
			return keyOf(t, token), token
		}
		list := func() (ids []string) {
			t.Helper()
			keys, err := o.SigningKeys(o.ctx, dbtest.Jurisdiction)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				ids = append(ids, k.ID)
			}
			return ids
		}
		keep := func() {
			t.Helper()
			if err := o.Keep(house); err != nil {
				t.Fatal(err)
			}
		}
		keep()
		if len(list()) != 0 {
			t.Error("a key was made before anybody asked")
		}
		first, _ := signed()
		for _, step := range []struct {
			name string
			wait time.Duration
			keys int  // that are published afterwards
			same bool // the first still signs
		}{
			{"at once", 0, 1, true},
			{"before it is due", 89 * 24 * time.Hour, 1, true},
			{"an hour before its end, the next is published", 23*time.Hour + time.Minute, 2, true},
			{"nothing more happens meanwhile", 30 * time.Minute, 2, true},
			{"the next signs", 31 * time.Minute, 2, false},
			{"the old one is kept for what it signed", 23 * time.Hour, 2, false},
			{"and then it is gone", 2 * time.Hour, 1, false},
		} {
			o.wait(step.wait)
			keep()
			keep() // twice is as good as once
			if got, _ := signed(); (got == first) != step.same {
				t.Errorf("%s: signed by %s, the first is %s", step.name, got, first)
			}
			if n := len(list()); n != step.keys {
				t.Errorf("%s: %d keys are published, want %d", step.name, n, step.keys)
			}
		}
		second, old := signed()
		if k, err := o.RotateKeys(o.ctx, false); err != nil || k.Signs {
			t.Errorf("got %+v, %v", k, err)
		}
		if _, err := o.RotateKeys(o.ctx, false); err == nil {
			t.Error("a key was made while another waits")
		}
		if got, _ := signed(); got != second {
			t.Error("a key signs that satellites have not seen")
		}
		k, err := o.RotateKeys(o.ctx, true)
		if err != nil || !k.Signs || len(list()) != 1 {
			t.Errorf("got %+v, %v, %v", k, err, list())
		}
		if got, _ := signed(); got != k.ID {
			t.Errorf("signed by %s, want %s", got, k.ID)
		}
		if _, to := s.authorize("s1", url.Values{"id_token_hint": {old}, "prompt": {"none"}}); to.Query().Get("error") != "login_required" {
			t.Errorf("a token by a key that is gone still counts: %s", to)
		}
	})
}

func keyOf(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	var h struct{ Kid, Alg string }
	if err := json.Unmarshal(decoded(t, head), &h); err != nil || h.Alg != "ES256" {
		t.Fatal(h, err)
	}
	return h.Kid
}

func TestSigningOutAsksFirst(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s, other := o.satellite("Pollbook", nil), o.satellite("Dashboard", func(c *openid.Client) { c.SignOuts = []string{"https://dashboard.vale.example/"} })
	o.signIn("ann", "s1", 1)
	hint := s.redeem(s.code("s1", nil), nil).IDToken
	foreign := other.redeem(other.code("s1", nil), nil).IDToken
	const bye = "https://pollbook.vale.example/bye"
	for _, tt := range []struct {
		name string
		q    url.Values
		to   string // where the person goes then, "" for nowhere
	}{
		{"with a hint", url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {bye}, "state": {"st"}}, bye + "?state=st"},
		{"with an old hint", url.Values{"id_token_hint": {hint}, "client_id": {s.ID}, "post_logout_redirect_uri": {bye}}, bye},
		{"with a name alone", url.Values{"client_id": {s.ID}, "post_logout_redirect_uri": {bye}}, bye},
		{"to an address that is not its own", url.Values{"client_id": {s.ID}, "post_logout_redirect_uri": {"https://evil.example/"}}, ""},
		{"to another satellite's address", url.Values{"id_token_hint": {foreign}, "post_logout_redirect_uri": {bye}}, ""},
		{"without a name", url.Values{"post_logout_redirect_uri": {bye}}, ""},
		{"with a forged hint", url.Values{"id_token_hint": {hint[:len(hint)-8] + "AAAAAAAA"}, "post_logout_redirect_uri": {bye}}, ""},
		{"with nothing", url.Values{}, ""},
	} {
		o.signIn("ann", "s1", 1)
		w := o.ask("/openid/sign-out?"+tt.q.Encode(), "s1", nil, nil)
		if w.Code != http.StatusOK || w.Header().Get("Refresh") != "" || !o.Still(request("s1")) {
			t.Errorf("%s: %d, and the session is over before anybody said so", tt.name, w.Code)
		}
		done := o.ask("/openid/sign-out/now", "s1", hidden(w.Body.String()), nil)
		if o.Still(request("s1")) || done.Code != http.StatusSeeOther {
			t.Errorf("%s: %d, and the session goes on", tt.name, done.Code)
		}
		last := o.ask(done.Header().Get("Location"), "", nil, nil)
		_, to, _ := strings.Cut(last.Header().Get("Refresh"), "url=")
		if last.Code != http.StatusOK || to != tt.to {
			t.Errorf("%s: %d, on to %q, want %q", tt.name, last.Code, to, tt.to)
		}
	}
	two := url.Values{"id_token_hint": {hint}, "client_id": {other.ID}}
	if w := o.ask("/openid/sign-out?"+two.Encode(), "s1", nil, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("with two names: got %d", w.Code)
	}
}

// TestAHintSaysWhoIsExpected and no other token of ours does.
func TestAHintSaysWhoIsExpected(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	s := o.satellite("Pollbook", nil)
	o.signIn("ann", "s1", 1)
	o.signIn("bo", "s2", 1)
	hint := s.redeem(s.code("s1", nil), nil).IDToken
	o.wait(time.Hour) // it may be over
	for _, tt := range []struct{ name, session, want string }{{"Ann herself", "s1", ""}, {"Bo in her place", "s2", "login_required"}} {
		if _, to := s.authorize(tt.session, url.Values{"id_token_hint": {hint}, "prompt": {"none"}}); to.Query().Get("error") != tt.want {
			t.Errorf("%s: sent to %s", tt.name, to)
		}
	}
	o.URL = "https://another.vale.example/"
	if _, to := s.authorize("s1", url.Values{"id_token_hint": {hint}, "prompt": {"none"}}); to.Query().Get("error") != "login_required" {
		t.Errorf("under another name of the house: sent to %s", to)
	}
}
