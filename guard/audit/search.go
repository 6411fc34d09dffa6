// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

// Person is a member of staff, as search and sentences name them.
type Person struct{ ID, Name, Email string }

// People knows who works here.
type People interface {
	People(ctx context.Context) ([]Person, error)
}

// Search is what somebody looks for, as they typed it.
type Search struct {
	In      string // jurisdiction; "" for their own
	Person  string // a name, an e-mail address or an id
	Subject string
	Action  string // a fact, or a room
	Request string
	From    string // 2026-11-03 or 2026-11-03T20:00, UTC
	To      string // included to the end of its day, or minute
}

// searchFields are the names of the fields in an address.
var searchFields = []string{"in", "person", "subject", "action", "request", "from", "to"}

func (s *Search) field(name string) *string {
	return map[string]*string{"in": &s.In, "person": &s.Person, "subject": &s.Subject, "action": &s.Action,
		"request": &s.Request, "from": &s.From, "to": &s.To}[name]
}

// maxField bounds what is typed into a field.
const maxField = 300

// readSearch reads a search from an address or a form.
func readSearch(v url.Values) (s Search, err error) {
	for _, name := range searchFields {
		text := strings.TrimSpace(v.Get(name))
		if len(text) > maxField {
			return s, fault.On(name, fault.New(fault.Invalid, "This is too long to search for."))
		}
		*s.field(name) = text
	}
	return s, nil
}

// query is the way back.
func (s Search) query() string {
	v := url.Values{}
	for _, name := range searchFields {
		if text := *s.field(name); text != "" {
			v.Set(name, text)
		}
	}
	return v.Encode()
}

// filter works out what a search means for the person who searches.
func (s *Audit) filter(ctx context.Context, q Search) (f ledger.Filter, err error) {
	me := who.From(ctx)
	f = ledger.Filter{Jurisdiction: q.In, Subject: q.Subject, Name: q.Action, Request: q.Request}
	if f.Jurisdiction == "" {
		f.Jurisdiction = me.Jurisdiction
	}
	if err := s.mayIn(ctx, f.Jurisdiction); err != nil {
		return f, err
	}
	if f.From, err = moment("from", q.From, false); err != nil {
		return f, err
	}
	if f.To, err = moment("to", q.To, true); err != nil {
		return f, err
	}
	if q.Person != "" {
		f.Actors, err = s.actors(ctx, q.Person)
	}
	return f, err
}

// mayIn asks whether the person may see the entries of a jurisdiction.
func (s *Audit) mayIn(ctx context.Context, jurisdiction string) error {
	me := who.From(ctx)
	if jurisdiction == me.Jurisdiction {
		return nil // the route has asked
	}
	me.Jurisdiction = jurisdiction
	return s.Access.May(ctx, me, "audit.view")
}

// places are the jurisdictions whose entries the person may see.
func (s *Audit) places(ctx context.Context) ([]string, error) {
	heads, err := s.Ledger.Jurisdictions(ctx)
	if err != nil {
		return nil, err
	}
	list := []string{}
	for j := range heads {
		err := s.mayIn(ctx, j)
		if err == nil {
			list = append(list, j)
		} else if fault.KindOf(err) != fault.Denied {
			return nil, err
		}
	}
	slices.Sort(list)
	return list, nil
}

// moment reads a day or a minute; its end where end is set.
func moment(field, text string, end bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for layout, step := range map[string]time.Duration{time.DateOnly: 24 * time.Hour, "2006-01-02T15:04": time.Minute, "2006-01-02T15:04:05": time.Second} {
		if at, err := time.Parse(layout, text); err == nil {
			if end {
				at = at.Add(step)
			}
			return at, nil
		}
	}
	return time.Time{}, fault.On(field, fault.New(fault.Invalid, "“%s” is no day; write it like 2026-11-03, or 2026-11-03T20:00.", text))
}

// actors are the ids behind a name, an e-mail address or an id.
func (s *Audit) actors(ctx context.Context, text string) ([]string, error) {
	people, err := s.staff(ctx)
	if err != nil {
		return nil, err
	}
	ids := []string{text}
	for _, p := range people {
		if strings.EqualFold(p.Name, text) || strings.EqualFold(p.Email, text) {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

func (s *Audit) staff(ctx context.Context) ([]Person, error) {
	if s.People == nil {
		return nil, nil
	}
	return s.People.People(ctx)
}

// names maps ids to names.
func (s *Audit) names(ctx context.Context) (map[string]string, error) {
	people, err := s.staff(ctx)
	out := make(map[string]string, len(people))
	for _, p := range people {
		out[p.ID] = p.Name
	}
	return out, err
}
