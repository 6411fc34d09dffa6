// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hustings/event"
	"hustings/guard/identity"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// code is what an app shows now.
func (o *office) code(t testing.TB, app identity.App) string {
	t.Helper()
	c, err := totp.GenerateCode(app.Secret.Reveal(), o.now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// app gives an account an authenticator app, and its recovery codes.
func (o *office) app(t testing.TB, account string) (identity.App, []hide.String) {
	t.Helper()
	app, err := o.PrepareApp(o.ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := o.ConfirmApp(o.ctx, account, o.code(t, app))
	if err != nil {
		t.Fatal(err)
	}
	return app, codes
}

func (o *office) withCode(password, code string) (identity.Entry, error) {
	return o.SignIn(o.ctx, "ann@vale.example", hide.New(password), code, identity.Place{Address: netip.MustParseAddr("192.0.2.1"), Agent: "test"})
}

func TestAPasswordSignsInBesideAnApp(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		o.PasswordAlone = false
		ann := hire(t, o, "Ann")
		if _, err := o.withCode(good, ""); fault.KindOf(err) != fault.SignIn {
			t.Errorf("a password alone, where the office does not allow it: got %v", err)
		}
		app, codes := o.app(t, ann.ID)
		if len(codes) != 10 {
			t.Fatalf("got %d recovery codes", len(codes))
		}
		first := o.code(t, app)
		o.now = o.now.Add(30 * time.Second)
		now := func() string { return o.code(t, app) }
		spaced := func() string { c := now(); return c[:3] + " " + c[3:] }
		taken := ""
		always := func(code string) func() string { return func() string { return code } }
		for _, tt := range []struct {
			name, password string
			code           func() string
			want           int // level; 0: refused
		}{
			{"the code with which the app was set up", good, always(first), 0},
			{"no code", good, always(""), 0},
			{"a wrong code", good, always("000000"), 0},
			{"the app's code and a wrong password", "wrong", now, 0},
			{"the app's code", good, spaced, 2},
			{"the same code again", good, func() string {
				o.now = o.now.Add(-20 * time.Minute)
				return taken
			}, 0},
			{"a recovery code", good, always(strings.ToLower(codes[3].Reveal())), 2},
			{"the same recovery code again", good, always(codes[3].Reveal()), 0},
			{"another recovery code, without its hyphens", good, always(strings.ReplaceAll(codes[4].Reveal(), "-", "")), 2},
			{"a recovery code without the password", "", always(codes[5].Reveal()), 0},
		} {
			taken = tt.code()
			e, err := o.withCode(tt.password, taken)
			if (tt.want == 0) != (fault.KindOf(err) == fault.SignIn) || e.Level != tt.want && err == nil {
				t.Errorf("%s: got level %d, %v", tt.name, e.Level, err)
			}
			o.now = o.now.Add(20 * time.Minute) // past any lock
		}
		if f, err := o.Factors(o.ctx, ann.ID); err != nil || f.Codes != 8 {
			t.Errorf("recovery codes left: %d, %v", f.Codes, err)
		}
		if err := o.RemoveApp(o.ctx, ann.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("removing the app beside which alone the password is good: got %v", err)
		}
	})
}

// TestACodeIsGoodOnce sends the same code many times at once.
func TestACodeIsGoodOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann := hire(t, o, "Ann")
		app, codes := o.app(t, ann.ID)
		o.now = o.now.Add(time.Minute)
		for name, now := range map[string]func() string{
			"of the app":   func() string { return o.code(t, app) },
			"for recovery": func() string { return codes[0].Reveal() },
		} {
			code := now()
			in := make(chan bool)
			for range 4 {
				go func() { _, err := o.withCode(good, code); in <- err == nil }()
			}
			n := 0
			for range 4 {
				if <-in {
					n++
				}
			}
			if n != 1 {
				t.Errorf("a code %s let in %d", name, n)
			}
			o.now = o.now.Add(time.Hour)
		}
	})
}

func TestWrongCodesLockAsWrongPasswordsDo(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := hire(t, o, "Ann")
	app, _ := o.app(t, ann.ID)
	o.now = o.now.Add(time.Minute)
	for range 5 {
		if _, err := o.withCode(good, "000000"); fault.KindOf(err) != fault.SignIn {
			t.Fatal(err)
		}
	}
	if _, err := o.withCode(good, o.code(t, app)); fault.KindOf(err) != fault.SignIn {
		t.Errorf("the right code during the lock: got %v", err)
	}
	k := o.key(t, ann.ID, false)
	k.added()
	if _, err := k.in(); err != nil {
		t.Errorf("a passkey during the lock: %v", err)
	}
}

func TestPasswordsAreChecked(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := hire(t, o, "Ann")
	o.app(t, ann.ID) // eight letters are enough beside it
	for _, tt := range []struct {
		name, password string
		ok             bool
	}{
		{"eight letters that nobody tries", "quarp-7k", true},
		{"seven", "quarp7k", false},
		{"one of the lists", "Password1", false},
		{"one of the lists with digits behind it", "Liverpool1892!", false},
		{"one letter again and again", "mmmmmmmmmmmm", false},
		{"a word again and again", "abababababab", false},
		{"counting", "23456789", false},
		{"counting down", "hgfedcba", false},
		{"the person's address", "ann@vale.example", false},
		{"the office's name and a year", "vale-county-2026", false},
		{"a sentence", "the clerk walks to the annexe", true},
		{"in another script", "пароль для вторника", true},
		{"as long as any", strings.Repeat("a long sentence ", 64), true},
		{"longer", strings.Repeat("a long sentence ", 65), false},
	} {
		if err := o.SetPassword(o.ctx, ann.ID, hide.New(tt.password)); (err == nil) != tt.ok || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestAnInvitationIsGoodOnceAndForAWhile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		o.PasswordAlone = false
		invite := func(name string) (identity.Account, hide.String) {
			t.Helper()
			a, link, err := o.Invite(o.ctx, strings.ToLower(name)+"@vale.example", name, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			return a, link
		}
		ann, link := invite("Ann")
		for range 2 { // mail scanners look, too
			if w, err := o.Welcome(o.ctx, link); err != nil || w.Account.ID != ann.ID {
				t.Fatalf("got %+v, %v", w, err)
			}
		}
		k := o.key(t, ann.ID, false)
		accept := func(link hide.String) (identity.Entry, error) {
			c, err := o.OfferPasskey(o.ctx, vale, ann.ID)
			if err != nil {
				t.Fatal(err)
			}
			return o.WelcomeByPasskey(o.ctx, vale, link, "blue key", c.Ceremony, k.make(c), identity.Place{})
		}
		e, err := accept(link)
		if err != nil || o.person(e.Secret.Reveal()).Level != 3 {
			t.Fatalf("got %+v, %v", e, err)
		}
		k = o.key(t, ann.ID, false)
		if _, err := accept(link); fault.KindOf(err) != fault.Gone {
			t.Errorf("used again: got %v", err)
		}
		if f, _ := o.Factors(o.ctx, ann.ID); len(f.Passkeys) != 1 {
			t.Errorf("a used link added a passkey")
		}

		bo, link := invite("Bo")
		app, err := o.PrepareApp(o.ctx, bo.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name, password, code string
			want                 fault.Kind
		}{
			{"a short password", "short", o.code(t, app), fault.Invalid},
			{"a wrong code", "quarp-7k", "000000", fault.Invalid},
			{"a password and its app's code", "quarp-7k", o.code(t, app), ""},
			{"the same again", "quarp-7k", o.code(t, app), fault.Gone},
		} {
			e, codes, err := o.WelcomeByPassword(o.ctx, link, hide.New(tt.password), tt.code, identity.Place{})
			if fault.KindOf(err) != tt.want || err == nil && (len(codes) != 10 || o.person(e.Secret.Reveal()).Level != 2) {
				t.Errorf("%s: got %v, %d codes", tt.name, err, len(codes))
			}
		}

		cy, old := invite("Cy")
		renewed, err := o.Relink(o.ctx, cy.ID, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Welcome(o.ctx, old); fault.KindOf(err) != fault.Gone {
			t.Errorf("a link that was replaced: got %v", err)
		}
		o.now = o.now.Add(73 * time.Hour)
		if _, err := o.Welcome(o.ctx, renewed); fault.KindOf(err) != fault.Gone {
			t.Errorf("a link of three days ago: got %v", err)
		}
		if _, _, err := o.Invite(o.ctx, "ANN@vale.example", "Other", time.Time{}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an address that is taken: got %v", err)
		}
		if _, _, err := o.Invite(o.ctx, "di@vale.example", "Di", o.now.Add(-time.Hour)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an account that ends before it begins: got %v", err)
		}
	})
}

func TestALinkThatResetsTakesEverythingAwayAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann := hire(t, o, "Ann")
		k := o.key(t, ann.ID, false)
		k.added()
		o.app(t, ann.ID)
		e, err := k.in()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Relink(o.ctx, ann.ID, true); err != nil {
			t.Fatal(err)
		}
		f, err := o.Factors(o.ctx, ann.ID)
		if err != nil || len(f.Passkeys) != 0 || f.Password || !f.App.IsZero() || f.Codes != 0 {
			t.Errorf("left: %+v, %v", f, err)
		}
		if o.person(e.Secret.Reveal()).Known() {
			t.Error("the session goes on")
		}
		if _, err := k.in(); fault.KindOf(err) != fault.SignIn {
			t.Errorf("the passkey: got %v", err)
		}
	})
}

// granted is what a room that knows roles was told.
type granted struct{ list []string }

func (*granted) All() []string { return []string{"admin", "viewer"} }
func (g *granted) Held(_ context.Context, account string) ([]string, error) {
	return g.of(account), nil
}
func (g *granted) Grant(_ context.Context, account, role string) error {
	g.list = append(g.list, account+" "+role)
	return nil
}
func (g *granted) Revoke(_ context.Context, account, role string) error {
	g.list = slices.DeleteFunc(g.list, func(s string) bool { return s == account+" "+role })
	return nil
}

func (g *granted) of(account string) (out []string) {
	for _, one := range g.list {
		if role, ok := strings.CutPrefix(one, account+" "); ok {
			out = append(out, role)
		}
	}
	return out
}

func TestTheFirstAdministratorComesByALink(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		g := &granted{}
		o.Roles = g
		old, ok, err := o.FirstLink(o.ctx)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		link, ok, err := o.FirstLink(o.ctx) // started again
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, err := o.Welcome(o.ctx, old); fault.KindOf(err) != fault.Gone {
			t.Errorf("the link of an earlier start: got %v", err)
		}
		if w, err := o.Welcome(o.ctx, link); err != nil || w.Account.ID != "" {
			t.Errorf("got %+v, %v", w, err)
		}
		for range 2 { // the form sent twice
			if err := o.Introduce(o.ctx, link, "chief@vale.example", "Chief"); err != nil {
				t.Fatal(err)
			}
		}
		w, err := o.Welcome(o.ctx, link)
		if err != nil || w.Account.Name != "Chief" || len(g.list) != 0 {
			t.Fatalf("got %+v, %v, %v", w, g.list, err)
		}
		k := o.key(t, w.Account.ID, true)
		c, err := o.OfferPasskey(o.ctx, vale, w.Account.ID)
		if err != nil {
			t.Fatal(err)
		}
		e, err := o.WelcomeByPasskey(o.ctx, vale, link, "", c.Ceremony, k.make(c), identity.Place{})
		if err != nil || o.person(e.Secret.Reveal()).Name != "Chief" || !slices.Equal(g.list, []string{w.Account.ID + " admin"}) {
			t.Errorf("got %v, %v", g.list, err)
		}
		if _, ok, err := o.FirstLink(o.ctx); ok || err != nil {
			t.Errorf("a house with people prints another link: %v", err)
		}
	})
}

func TestProvingAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann := hire(t, o, "Ann")
		app, codes := o.app(t, ann.ID)
		k := o.key(t, ann.ID, false)
		k.added()
		o.now = o.now.Add(time.Minute)
		e, err := o.withCode(good, o.code(t, app))
		if err != nil {
			t.Fatal(err)
		}
		began := o.now
		secret := e.Secret
		again := func(do func() (hide.String, error)) (hide.String, error) {
			o.now = o.now.Add(10 * time.Minute)
			before := o.ctx
			defer func() { o.ctx = before }()
			o.ctx = who.With(o.ctx, o.person(secret.Reveal()))
			return do()
		}
		for _, tt := range []struct {
			name  string
			do    func() (hide.String, error)
			level int // 0: refused
		}{
			{"the password alone", func() (hide.String, error) { return o.AgainByPassword(o.ctx, hide.New(good)) }, 0},
			{"a code of the app", func() (hide.String, error) { return o.AgainByCode(o.ctx, o.code(t, app)) }, 2},
			{"a wrong code", func() (hide.String, error) { return o.AgainByCode(o.ctx, "000000") }, 0},
			{"a recovery code", func() (hide.String, error) { return o.AgainByCode(o.ctx, codes[0].Reveal()) }, 2},
			{"the passkey", func() (hide.String, error) {
				c, err := o.AskAgain(o.ctx, vale, 3)
				if err != nil {
					return hide.String{}, err
				}
				return o.AgainByPasskey(o.ctx, vale, c.Ceremony, k.sign(c))
			}, 3},
			{"a code of the app after the passkey, which stays as old as it is", func() (hide.String, error) { return o.AgainByCode(o.ctx, o.code(t, app)) }, 2},
		} {
			fresh, err := again(tt.do)
			if tt.level == 0 {
				if fault.KindOf(err) != fault.Invalid {
					t.Errorf("%s: got %v", tt.name, err)
				}
				continue
			}
			p := o.person(fresh.Reveal())
			if err != nil || p.Level != tt.level || !p.Proved.Equal(o.now) || !p.Proved.After(began) {
				t.Errorf("%s: got %+v, %v", tt.name, p, err)
			}
			if o.person(secret.Reveal()).Known() {
				t.Errorf("%s: the old secret still signs in", tt.name)
			}
			secret = fresh
		}
		if !slices.Contains(o.names(t, d), event.ProvedAgain{}.Name()) {
			t.Error("nothing was recorded")
		}
		for i := range 5 {
			_, err := again(func() (hide.String, error) { return o.AgainByCode(o.ctx, "000000") })
			if want := map[bool]fault.Kind{false: fault.Invalid, true: fault.SignIn}[i == 4]; fault.KindOf(err) != want {
				t.Errorf("wrong code %d: got %v", i+1, err)
			}
		}
		if o.person(secret.Reveal()).Known() {
			t.Error("after five wrong codes the session goes on")
		}
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann, bo := hire(t, o, "Ann"), hire(t, o, "Bo")
		var secrets []string
		for range 3 {
			e, err := o.withCode(good, "")
			if err != nil {
				t.Fatal(err)
			}
			secrets = append(secrets, e.Secret.Reveal())
		}
		here := who.With(o.ctx, o.person(secrets[0]))
		list, err := o.Sessions(here, ann.ID)
		if err != nil || len(list) != 3 {
			t.Fatalf("got %+v, %v", list, err)
		}
		for _, one := range list {
			if one.Here != (one.ID == o.person(secrets[0]).Session) || one.Address != "192.0.2.1" || one.Level != 1 {
				t.Errorf("got %+v", one)
			}
		}
		second := o.person(secrets[1]).Session
		if err := o.EndSession(here, bo.ID, second); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another's session: got %v", err)
		}
		if err := o.EndSession(here, ann.ID, second); err != nil || o.asks(secrets[1]) != "" {
			t.Errorf("one's own: %v", err)
		}
		if n, err := o.EndOthers(here, ann.ID); err != nil || n != 1 || o.asks(secrets[2]) != "" || o.asks(secrets[0]) != "Ann" {
			t.Errorf("all others: %d, %v", n, err)
		}
		o.now = o.now.Add(31 * time.Minute)
		if list, err := o.Sessions(here, ann.ID); err != nil || len(list) != 0 {
			t.Errorf("sessions that ended idle are listed: %+v, %v", list, err)
		}
	})
}

func TestTheOwnerSeesWhatHappened(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann := hire(t, o, "Ann")
		first, err := o.withCode(good, "")
		if err != nil || first.Alerts != 0 {
			t.Fatalf("the first browser: %d alerts, %v", first.Alerts, err)
		}
		known := identity.Place{Browser: first.Browser, Agent: "test", Address: netip.MustParseAddr("192.0.2.1")}
		if e, err := o.SignIn(o.ctx, ann.Email, hide.New(good), "", known); err != nil || e.Alerts != 0 {
			t.Errorf("the same browser: %d alerts, %v", e.Alerts, err)
		}
		for range 3 {
			if _, err := o.withCode("wrong", ""); fault.KindOf(err) != fault.SignIn {
				t.Fatal(err)
			}
		}
		other, err := o.withCode(good, "")
		if err != nil || other.Alerts != 1 {
			t.Errorf("another browser: %d alerts, %v", other.Alerts, err)
		}
		list, err := o.History(o.ctx, ann.ID, 100)
		if err != nil || len(list) != 4 {
			t.Fatalf("got %+v, %v", list, err)
		}
		if h := list[0]; h.What != "signed-in" || !h.Alert {
			t.Errorf("the new browser: got %+v", h)
		}
		if h := list[1]; h.What != "refused" || h.Times != 3 {
			t.Errorf("three refusals within the hour: got %+v", h)
		}
		if err := o.Seen(o.ctx, ann.ID); err != nil {
			t.Fatal(err)
		}
		if e, err := o.SignIn(o.ctx, ann.Email, hide.New(good), "", known); err != nil || e.Alerts != 0 {
			t.Errorf("after having looked: %d alerts, %v", e.Alerts, err)
		}
	})
}

func TestTokensAreGoodForTheirScope(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	p, err := o.AddProgram(o.ctx, "  uploader ")
	if err != nil || p.Name != "uploader" {
		t.Fatal(p, err)
	}
	_, secret, err := o.MakeToken(o.ctx, p.ID, "results", time.Hour, "results.upload", "results.view")
	if err != nil {
		t.Fatal(err)
	}
	r := o.request("")
	r.Header.Set("Authorization", "Bearer "+secret)
	me, ok := o.Who(r)
	if !ok || me.Level != 1 || !me.Covers("results.view") || me.Covers("results.approve") || me.Covers("results") {
		t.Errorf("got %+v, %v", me, ok)
	}
	if _, err := o.Relink(o.ctx, p.ID, false); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a link for a program: got %v", err)
	}
	if list, err := o.Tokens(o.ctx, p.ID); err != nil || len(list) != 1 || list[0].Used.IsZero() {
		t.Errorf("got %+v, %v", list, err)
	}
}

func TestTheEnvelopeOpensOnceAndRings(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		g := &granted{}
		o.Roles = g
		if _, err := o.SealEnvelope(o.ctx); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a role: got %v", err)
		}
		old, err := o.SealEnvelope(o.ctx, "admin")
		if err != nil {
			t.Fatal(err)
		}
		code, err := o.SealEnvelope(o.ctx, "admin")
		if err != nil || len(g.list) != 2 {
			t.Fatal(g.list, err)
		}
		for _, tt := range []struct {
			name, code, person, reason string
			want                       fault.Kind
		}{
			{"an envelope that was replaced", old.Reveal(), "Ann", "fire", fault.SignIn},
			{"a wrong code", "AAAA-AAAA", "Ann", "fire", fault.SignIn},
			{"no code", "", "Ann", "fire", fault.SignIn},
			{"nobody", code.Reveal(), " ", "fire", fault.Invalid},
			{"no reason", code.Reveal(), "Ann", "", fault.Invalid},
			{"in small letters", strings.ToLower(code.Reveal()), "Ann", "fire", ""},
			{"once more", code.Reveal(), "Ann", "fire", fault.SignIn},
		} {
			e, err := o.OpenEnvelope(o.ctx, tt.code, tt.person, tt.reason, identity.Place{})
			if fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
			if err != nil {
				continue
			}
			open, err := o.Openings(o.ctx)
			if err != nil || len(open) != 1 || open[0].Detail != "Ann: fire" {
				t.Fatalf("openings: %+v, %v", open, err)
			}
			p := o.person(e.Secret.Reveal())
			inside := who.With(o.ctx, p)
			if p.Level != 2 || fault.KindOf(o.SawOpening(inside, p.ID, "all well")) != fault.Denied {
				t.Errorf("who opened it looks into it, or is of level %d", p.Level)
			}
			if err := o.SawOpening(o.ctx, p.ID, "a fire drill"); err != nil {
				t.Fatal(err)
			}
			if open, err := o.Openings(o.ctx); err != nil || len(open) != 0 {
				t.Errorf("the alarm goes on: %+v, %v", open, err)
			}
			for range 3 {
				o.now = o.now.Add(25 * time.Minute)
				if in := o.person(e.Secret.Reveal()).Known(); in != (o.now.Sub(p.Proved) <= time.Hour) {
					t.Errorf("%v later: in %v", o.now.Sub(p.Proved), in)
				}
			}
		}
		if !slices.Contains(o.names(t, d), event.EnvelopeOpened{}.Name()) {
			t.Error("no alarm was recorded")
		}
	})
}
