// SPDX-License-Identifier: Apache-2.0

package ocsf

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"hustings/format/ocsf/ocsftest"
)

const folder = "../../../shared/data/ocsf"

func schema(t testing.TB) *ocsftest.Schema {
	t.Helper()
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the public data set is not here: %v", err)
	}
	s, err := ocsftest.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// event is a good event of a class, with all that it may have.
func event(c Class, activity int) Event {
	e := Event{Class: c, Activity: activity, Severity: Informational, Status: Success, StatusDetail: "all well", At: time.Date(2026, 11, 3, 20, 0, 0, 0, time.UTC),
		Message: "Ann did it.", Metadata: Metadata{Product: Product{Name: "Hustings", Vendor: "Hustings", Version: "1"}, UID: "u", Sequence: 7,
			LogName: "ledger", Correlation: "r", EventCode: "x.y.v1", Original: "2026-11-03T20:00:00.000000Z", Tenant: "nye"},
		Actor:  &Actor{User: &User{UID: "ann", Name: "Ann", Type: Person}, AppName: "browser"},
		Source: &Endpoint{IP: "192.0.2.7"}, Request: &HTTPRequest{UID: "r", UserAgent: "Mozilla"}, RawData: `{"a":1}`, Unmapped: map[string]any{"hash": "00"}}
	switch c {
	case EntityManagement:
		e.Entity = &Entity{UID: "e1", Name: "an election", Type: "election", Data: map[string]any{"a": 1}}
	case Authentication:
		e.User, e.Service = &User{UID: "ann", Type: Person}, &Service{Name: "Hustings"}
	case UserAccess:
		e.User, e.Role = &User{UID: "bo", Type: System}, &Role{Name: "admin"}
	default:
		e.User = &User{UID: "bo"}
	}
	if activity == OtherActivity {
		e.ActivityName = "something else"
	}
	return e
}

func TestEveryClassAndActivityIsValid(t *testing.T) {
	s := schema(t)
	for class, activities := range activityNames {
		for _, a := range append([]int{OtherActivity}, ids(activities)...) {
			var out bytes.Buffer
			if err := Write(&out, event(class, a)); err != nil {
				t.Fatal(err)
			}
			for _, p := range s.Check(out.Bytes()) {
				t.Errorf("class %d, activity %d: %s", class, a, p)
			}
		}
	}
}

func ids(m map[int]string) (list []int) {
	for id := range m {
		list = append(list, id)
	}
	return list
}

// The checker itself finds what is wrong.
func TestTheCheckerFindsWhatIsWrong(t *testing.T) {
	s := schema(t)
	for _, tt := range []struct{ name, from, to, want string }{
		{"an unknown class", `"class_uid":3004`, `"class_uid":3999`, "there is no class"},
		{"a type that does not fit", `"type_uid":300401`, `"type_uid":300402`, "type_uid:"},
		{"an activity of nobody's", `"activity_id":1`, `"activity_id":55`, "activity_id: 55 is none of"},
		{"no metadata", `"metadata"`, `"meta"`, "metadata: it is required"},
		{"no version", `"version":"1.9.0-dev"`, `"versions":"1"`, "metadata.version: it is required"},
		{"an entity without a name", `"uid":"e1","name":"an election",`, ``, "at least one of"},
		{"an address that is none", `192.0.2.7`, `here`, "is no ip_t"},
		{"a text for a number", `"severity_id":1`, `"severity_id":"1"`, "whole number"},
	} {
		var out bytes.Buffer
		if err := Write(&out, event(EntityManagement, EntityCreate)); err != nil {
			t.Fatal(err)
		}
		line := strings.Replace(out.String(), tt.from, tt.to, 1)
		if said := strings.Join(s.Check([]byte(line)), "\n"); !strings.Contains(said, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, said, tt.want)
		}
	}
}

func TestWriteRefusesWhatTheSchemaWould(t *testing.T) {
	for name, change := range map[string]func(e *Event){
		"class 1":           func(e *Event) { e.Class = 1 },
		"no activity":       func(e *Event) { e.Activity = 55 },
		"other, unnamed":    func(e *Event) { e.Activity = OtherActivity },
		"there is no sever": func(e *Event) { e.Severity = 0 },
		"status":            func(e *Event) { e.Status = 9 },
		"time is missing":   func(e *Event) { e.At = time.Time{} },
		"product":           func(e *Event) { e.Metadata.Product.Name = "" },
		"entity":            func(e *Event) { e.Entity = &Entity{} },
	} {
		e := event(EntityManagement, EntityCreate)
		change(&e)
		if err := Write(io.Discard, e); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
	for _, c := range []Class{Authentication, UserAccess, UserManagement} {
		e := event(c, 3)
		e.User = nil
		if err := Write(io.Discard, e); err == nil {
			t.Errorf("class %d was written without its user", c)
		}
	}
}

func TestALineIsOneLine(t *testing.T) {
	e := event(EntityManagement, EntityRead)
	e.Message = "two\nlines & <more>"
	var out bytes.Buffer
	if err := Write(&out, e); err != nil {
		t.Fatal(err)
	}
	if bytes.Count(out.Bytes(), []byte("\n")) != 1 || !json.Valid(out.Bytes()) {
		t.Errorf("got %s", out.Bytes())
	}
}
