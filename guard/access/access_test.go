// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

// The tree of the tests: a state with two counties.
const (
	state = "ocd-division/country:us/state:xx"
	vale  = state + "/county:vale"
	dale  = state + "/county:dale"
)

// manifest is what the rooms of the tests let people do: what the shipped
// policies speak of, and the room itself.
func manifest(s *access.Access) []room.Room {
	rooms := []room.Room{s.Room()}
	byRoom := make(map[string]int)
	for _, r := range access.Roles() {
		for _, p := range access.Permissions(r) {
			name, _, _ := cutDot(p)
			if name == "access" {
				continue
			}
			i, ok := byRoom[name]
			if !ok {
				i = len(rooms)
				byRoom[name] = i
				rooms = append(rooms, room.Room{Name: name})
			}
			if !slices.ContainsFunc(rooms[i].Permissions, func(have room.Permission) bool { return have.Name == p }) {
				rooms[i].Permissions = append(rooms[i].Permissions, room.Permission{Name: p, Doc: "do " + p})
			}
		}
	}
	return rooms
}

func cutDot(p string) (before, after string, ok bool) {
	for i := range p {
		if p[i] == '.' {
			return p[:i], p[i+1:], true
		}
	}
	return p, "", false
}

// house is the room on a database, with a clock that tests turn.
type house struct {
	*access.Access
	t     *testing.T
	clock time.Time
}

func open(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, clock: time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC)}
	h.Access = access.New(access.Deps{DB: d, Now: func() time.Time { return h.clock }})
	if err := d.Migrate(context.Background(), []db.Source{{Room: "access", FS: h.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	h.must(h.Learn(manifest(h.Access)))
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// person is somebody signed in, in a jurisdiction.
func person(id, jurisdiction string) who.Person {
	return who.Person{ID: id, Name: id, Jurisdiction: jurisdiction, Via: who.Browser, Level: 1}
}

func as(id, jurisdiction string) context.Context {
	return who.With(context.Background(), person(id, jurisdiction))
}

// setup is the operator at the machine.
func setup(jurisdiction string) context.Context {
	return who.With(context.Background(), who.Person{ID: "operator", Name: "Operator", Jurisdiction: jurisdiction, Via: who.CLI})
}

func (h *house) grant(person string, r access.Role, where string) {
	h.t.Helper()
	h.must(h.Grant(setup(where), person, r))
}

func TestMay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		for range 2 { // granting twice is no error
			h.grant("ann", access.Clerk, vale)
			h.grant("bo", access.Approver, vale)
			h.grant("kim", access.Viewer, state)
		}
		for _, tt := range []struct {
			name, person, jurisdiction, permission string
			want                                   fault.Kind
		}{
			{"a clerk may upload", "ann", vale, "results.upload", ""},
			{"a clerk may not approve", "ann", vale, "results.approve", fault.Denied},
			{"an approver may approve", "bo", vale, "results.approve", ""},
			{"an approver may not upload", "bo", vale, "results.upload", fault.Denied},
			{"a role ends at the jurisdiction's border", "bo", dale, "results.approve", fault.Denied},
			{"a role in a county is none in its state", "bo", state, "results.approve", fault.Denied},
			{"a role in a state holds in its counties", "kim", dale, "results.view", ""},
			{"and no further than its name: a county that begins alike is another", "bo", vale + "-north", "results.approve", fault.Denied},
			{"a stranger may nothing", "eve", vale, "results.view", fault.Denied},
			{"nobody may nothing", "", vale, "results.view", fault.Denied},
			{"nobody may what no role holds", "bo", vale, "results.invented", fault.Denied},
			{"somebody called operator is none in a browser", "operator", vale, "results.view", fault.Denied},
		} {
			if err := h.May(t.Context(), person(tt.person, tt.jurisdiction), tt.permission); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
		h.must(h.May(t.Context(), who.System("publisher", vale), "results.approve"))
		h.must(h.Revoke(setup(vale), "bo", access.Approver))
		if err := h.May(t.Context(), person("bo", vale), "results.approve"); fault.KindOf(err) != fault.Denied {
			t.Errorf("after revoking: got %v", err)
		}
		if err := h.Grant(setup(vale), "ann", "king"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an unknown role: got %v", err)
		}
	})
}

func TestOn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		for _, r := range []access.Role{access.Clerk, access.Approver} {
			h.grant("ann", r, vale)
		}
		h.grant("bo", access.Approver, vale)
		h.grant("kim", access.Approver, state)
		report := room.Record{Room: "results", Kind: "report", ID: "r1", Jurisdiction: vale, By: "ann"}
		for _, tt := range []struct {
			name string
			who  context.Context
			want fault.Kind
		}{
			{"a second person may let out a report", as("bo", vale), ""},
			{"whoever sent it in may not, with both roles", as("ann", vale), fault.Denied},
			{"the state's approver may, from the state", as("kim", state), ""},
			{"an approver of the county may while working for another", as("bo", dale), ""},
			{"for somebody of another county it is not there", as("cy", dale), fault.NotFound},
			{"a stranger of the same county is told that they may not", as("eve", vale), fault.Denied},
		} {
			if err := h.On(tt.who, "results.approve", report); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
	})
}

// TestRevocationElsewhere: what one node revokes, another node feels within two
// seconds, and its own at once.
func TestRevocationElsewhere(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		here := open(t, d)
		there := open(t, dbtest.Again(t, d))
		here.grant("bo", access.Approver, vale)
		bo := person("bo", vale)
		here.must(here.May(t.Context(), bo, "results.approve"))
		here.must(there.May(t.Context(), bo, "results.approve"))
		here.must(here.Revoke(setup(vale), "bo", access.Approver))
		if err := here.May(t.Context(), bo, "results.approve"); fault.KindOf(err) != fault.Denied {
			t.Errorf("on the node that revoked: got %v", err)
		}
		begin := time.Now()
		for there.May(t.Context(), bo, "results.approve") == nil {
			if time.Since(begin) > 2*time.Second {
				t.Fatal("another node did not feel the revocation within 2 s")
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

func TestStepUp(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.StepUp = true
	h.grant("pat", access.Admin, vale)
	pat := person("pat", vale)
	var ask web.StepUp
	if err := h.May(t.Context(), pat, "access.grant"); !errors.As(err, &ask) || ask.Level != 2 || ask.Within != 15*time.Minute {
		t.Errorf("with a password alone: got %v", err)
	}
	pat.Level, pat.Proved = 3, h.clock.Add(-time.Hour)
	if err := h.May(t.Context(), pat, "access.grant"); !errors.As(err, &ask) {
		t.Errorf("with a proof of an hour ago: got %v", err)
	}
	pat.Proved = h.clock.Add(-time.Minute)
	h.must(h.May(t.Context(), pat, "access.grant"))
	pat.Level, pat.Proved = 1, time.Time{}
	h.must(h.May(t.Context(), pat, "access.view")) // asks for no proof
	if err := h.May(t.Context(), person("eve", vale), "access.grant"); errors.As(err, &ask) {
		t.Error("who may not is asked for a proof all the same")
	}
	h.must(h.Grant(setup(vale), "ann", access.Clerk)) // the operator cannot prove more
}
