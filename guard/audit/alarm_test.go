// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/who"
)

// powers say that bo, and the role admin, open all doors.
type powers struct{}

func (powers) PowerfulPerson(_ context.Context, person, _ string) (bool, error) {
	return person == "bo", nil
}
func (powers) PowerfulRole(_ context.Context, role, _ string) (bool, error) {
	return role == "admin", nil
}

// hear lets the alarms' listener hear the whole ledger once.
func (d *desk) hear() {
	d.t.Helper()
	for _, l := range d.Room().Hears {
		if l.Listener != "audit.alarms" {
			continue
		}
		for e, err := range d.Ledger.Each(d.t.Context(), ledger.Filter{Jurisdiction: "nye"}) {
			if err != nil {
				d.t.Fatal(err)
			}
			for _, name := range l.Names {
				if name == e.Name {
					if err := l.Do(d.t.Context(), e); err != nil {
						d.t.Fatal(err)
					}
				}
			}
		}
	}
}

// alarms are the alarms as "rule about times", open ones only.
func (d *desk) alarms() string {
	d.t.Helper()
	list, err := d.Alarms(who.With(d.t.Context(), who.Person{ID: "ann", Jurisdiction: "nye"}), 100)
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, a := range list {
		if a.Seen.IsZero() {
			out = append(out, fmt.Sprintf("%s %s %d", a.Rule, a.Subject, a.Times))
		}
	}
	return strings.Join(out, ", ")
}

func TestWhatMattersRaisesAnAlarm(t *testing.T) {
	refused := func(account, address, reason string) db.Fact {
		return event.SignInRefused{Account: account, Address: address, Reason: reason}
	}
	for _, tt := range []struct {
		name  string
		facts []db.Fact
		want  string
	}{
		{"a wrong password", []db.Fact{refused("cy", "192.0.2.1", "wrong password")}, ""},
		{"a lock", []db.Fact{event.SignInRefused{Account: "cy", Address: "192.0.2.1", Reason: "wrong password", LockedUntil: time.Now()}}, "locked cy 1"},
		{"a wrong password of an administrator, twice", []db.Fact{refused("bo", "192.0.2.1", "wrong password"), refused("bo", "192.0.2.1", "wrong password")}, "administrator bo 2"},
		{"an account that was stopped", []db.Fact{refused("cy", "192.0.2.1", "account disabled")}, "stopped cy 1"},
		{"a new browser of a clerk", []db.Fact{event.SignedIn{Account: "cy", NewBrowser: true}}, ""},
		{"a new browser of an administrator", []db.Fact{event.SignedIn{Account: "bo", NewBrowser: true}}, "newbrowser bo 1"},
		{"a known browser of an administrator", []db.Fact{event.SignedIn{Account: "bo"}}, ""},
		{"a small role", []db.Fact{event.RoleGranted{Person: "cy", Role: "viewer", Where: "nye"}}, ""},
		{"a role that opens all doors", []db.Fact{event.RoleGranted{Person: "cy", Role: "admin", Where: "nye"}}, "role cy 1"},
		{"a copy of a passkey", []db.Fact{event.PasskeyCloned{Account: "cy", Passkey: "k"}}, "copied cy 1"},
		{"a rehearsal of putting the root together", []db.Fact{event.RootJoined{Root: "r", Rehearsal: true}}, ""},
		{"policies", []db.Fact{event.PolicyApplied{Version: 2}}, "policy  1"},
		{"a group that gives a small role", []db.Fact{event.GroupMapped{Group: "g", Role: "viewer", Gives: true}}, ""},
		{"a group that gives one that opens all doors", []db.Fact{event.GroupMapped{Group: "g", Role: "admin", Gives: true}}, "mapping g 1"},
		{"a group that gives it no more", []db.Fact{event.GroupMapped{Group: "g", Role: "admin"}}, ""},
		{"another house", []db.Fact{event.ProviderSet{Provider: "p", House: "County"}}, "provider p 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := openDesk(t, dbtest.SQLite(t, source()), "ann")
			d.Powers = powers{}
			for _, f := range tt.facts {
				act(t, d.DB, "ann", "r", f)
			}
			d.hear()
			if got := d.alarms(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOneAddressAtManyDoorsRaisesAnAlarm(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *db.DB) {
		d := openDesk(t, db, "ann")
		for i := range 9 {
			account := fmt.Sprintf("p%d", i)
			if i > 5 {
				account = "" // nobody of that address works here
			}
			act(t, db, "", "r", event.SignInRefused{Account: account, Address: "192.0.2.9", Reason: "wrong password"})
			act(t, db, "", "r", event.SignInRefused{Account: "p0", Address: "192.0.2.7", Reason: "wrong password"}) // one person who has forgotten theirs
		}
		d.hear()
		if got := d.alarms(); got != "" {
			t.Errorf("after nine: got %q", got)
		}
		act(t, db, "", "r", event.SignInRefused{Account: "p9", Address: "192.0.2.9", Reason: "wrong password"})
		d.hear()
		if got := d.alarms(); got != "spray 192.0.2.9 1" {
			t.Errorf("after ten: got %q", got)
		}
	}, source())
}

func TestSomebodyLooksIntoAnAlarm(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *db.DB) {
		d := openDesk(t, db, "ann")
		act(t, db, "cy", "r", event.PasskeyCloned{Account: "bo", Passkey: "k"})
		act(t, db, "cy", "r", event.PasskeyCloned{Account: "ann", Passkey: "k"})
		d.hear()
		d.hear() // a listener may hear an entry again
		if got := d.alarms(); got != "copied ann 1, copied bo 1" && got != "copied bo 1, copied ann 1" {
			t.Fatalf("got %q", got)
		}
		page := d.get("/audit/alarms")
		for _, want := range []string{"There may be a copy of a passkey", "I have looked into it"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		ids := map[string]string{}
		list, err := d.Alarms(who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: "nye"}), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			ids[a.Subject] = a.ID
		}
		for _, tt := range []struct {
			name, about, found string
			want               int
		}{
			{"with nothing found", "bo", " ", 422},
			{"about oneself", "ann", "all is well", 403},
			{"another's", "bo", "a lost phone; the passkey was removed", 303},
			{"once more", "bo", "again", 409},
		} {
			if w := d.do("POST", "/audit/alarms/"+ids[tt.about]+"/close", url.Values{"found": {tt.found}, "seq": {"100"}}); w.Code != tt.want {
				t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.want)
			}
		}
		if got := d.alarms(); got != "copied ann 1" {
			t.Errorf("open are %q", got)
		}
		if page := d.get("/audit/alarms"); !strings.Contains(page, "a lost phone") {
			t.Error("the page does not say what was found")
		}
		act(t, db, "ann", "r", event.PasskeyCloned{Account: "bo", Passkey: "k"})
		d.hear()
		if got := d.alarms(); !strings.Contains(got, "copied bo 1") {
			t.Errorf("it happened again and open are %q", got)
		}
	}, source())
}

func TestTheBannerTellsOfAlarms(t *testing.T) {
	for _, tt := range []struct{ as, want string }{{"ann", "There is an alarm that nobody has looked into."}, {"eve", ""}, {"", ""}} {
		d := openDesk(t, dbtest.SQLite(t, source()), tt.as)
		d.Jurisdiction = "nye"
		act(t, d.DB, "ann", "r", event.PasskeyCloned{Account: "bo", Passkey: "k"})
		d.hear()
		said := ""
		ask := func(_ http.ResponseWriter, r *http.Request) error {
			b, _ := d.Banner(r)
			said = b.Text
			return nil
		}
		s := &web.Server{Routes: []web.Route{{Pattern: "GET /x", Needs: web.Public, Do: ask}}, Sessions: people{tt.as}, Access: people{}, Words: d.Words, Log: d.Log, Now: time.Now}
		door, err := s.Door(web.OfficeDoor)
		if err != nil {
			t.Fatal(err)
		}
		(&desk{d.office, door}).do("GET", "/x", nil)
		if said != tt.want {
			t.Errorf("%q is told %q, want %q", tt.as, said, tt.want)
		}
	}
}

func TestTheFirstAdministratorIsNoAlarm(t *testing.T) {
	d := openDesk(t, dbtest.SQLite(t, source()), "ann")
	d.Powers = powers{}
	ctx := who.With(t.Context(), who.System("first start", "nye"))
	if err := ledger.Saw(ctx, d.DB, event.RoleGranted{Person: "ann", Role: "admin", Where: "nye"}); err != nil {
		t.Fatal(err)
	}
	d.hear()
	if got := d.alarms(); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestWhoeverDidItDoesNotCloseTheAlarm(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *db.DB) {
		for _, tt := range []struct {
			name, by string
			fact     event.PolicyApplied
			want     int
		}{
			{"who agreed", "ann", event.PolicyApplied{Version: 2, AskedBy: "bo"}, 403},
			{"who asked", "bo", event.PolicyApplied{Version: 3, AskedBy: "ann"}, 403},
			{"who did one of those that are counted together", "bo", event.PolicyApplied{Version: 4, AskedBy: "cy"}, 403},
		} {
			d := openDesk(t, db, "ann")
			act(t, db, tt.by, "r", tt.fact)
			d.hear()
			list, err := d.Alarms(who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: "nye"}), 1)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			form := url.Values{"found": {"as it should be"}, "seq": {fmt.Sprint(list[0].Seq)}}
			if w := d.do("POST", "/audit/alarms/"+list[0].ID+"/close", form); w.Code != tt.want {
				t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.want)
			}
		}
	}, source())
}

func TestOnlyWhatWasSeenIsClosed(t *testing.T) {
	d := openDesk(t, dbtest.SQLite(t, source()), "ann")
	act(t, d.DB, "cy", "r", event.PasskeyCloned{Account: "bo", Passkey: "k"})
	d.hear()
	list, err := d.Alarms(who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: "nye"}), 1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	act(t, d.DB, "cy", "r", event.PasskeyCloned{Account: "bo", Passkey: "k"})
	d.hear()
	form := url.Values{"found": {"one copy"}, "seq": {fmt.Sprint(list[0].Seq)}}
	if w := d.do("POST", "/audit/alarms/"+list[0].ID+"/close", form); w.Code != 409 {
		t.Errorf("status %d, want 409", w.Code)
	}
}

func TestAnIPv6NetworkCountsAsOneAddress(t *testing.T) {
	d := openDesk(t, dbtest.SQLite(t, source()), "ann")
	for i := range 10 {
		act(t, d.DB, "", "r", event.SignInRefused{Account: fmt.Sprint("p", i), Address: fmt.Sprintf("2001:db8:1:2::%d", i+1), Reason: "wrong password"})
	}
	d.hear()
	if got := d.alarms(); got != "spray 2001:db8:1:2:: 1" {
		t.Errorf("got %q", got)
	}
}
