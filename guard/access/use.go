// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"

	"hustings/kit/db"
	"hustings/kit/web"
	"hustings/kit/who"
)

// use is a person making use of a permission.
type use struct{ jurisdiction, person, permission string }

// uses remembers the last day of each use. What is new is written now and then,
// in one go: a request costs no write.
type uses struct {
	mu    sync.Mutex     // guards all
	day   string         // today
	today map[use]bool   // seen today
	fresh map[use]string // not written yet
}

// Counted are routes that note who used their permission, once a day each.
func (s *Access) Counted(routes []web.Route) []web.Route {
	out := make([]web.Route, len(routes))
	for i, r := range routes {
		out[i] = r
		if r.Needs == web.Public || r.Needs == web.SignedIn || r.Do == nil {
			continue
		}
		out[i].Do = func(w http.ResponseWriter, req *http.Request) error {
			s.used(who.From(req.Context()), r.Needs)
			return r.Do(w, req)
		}
	}
	return out
}

// used notes that a person made use of a permission today.
func (s *Access) used(p who.Person, permission string) {
	u, today := use{p.Jurisdiction, p.ID, permission}, day(s.Now())
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	if s.uses.day != today {
		s.uses.day, s.uses.today = today, make(map[use]bool)
	}
	if !s.uses.today[u] {
		s.uses.today[u] = true
		if s.uses.fresh == nil {
			s.uses.fresh = make(map[use]string)
		}
		s.uses.fresh[u] = today
	}
}

// Run writes down each minute, and once more when ctx ends, which permissions
// were used.
func (s *Access) Run(ctx context.Context) error {
	ticks := time.NewTicker(time.Minute)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				s.log().Warn("uses of permissions not written; they are kept for later", "error", err)
			}
		case <-ctx.Done():
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer stop()
			return s.Flush(last)
		}
	}
}

// Flush writes down what was used since it last did. What cannot be written is
// kept for the next time.
func (s *Access) Flush(ctx context.Context) error {
	s.uses.mu.Lock()
	fresh := s.uses.fresh
	s.uses.fresh = nil
	s.uses.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the last day of a use; what was done is recorded by the rooms")
		for u, day := range fresh {
			if err := saveUse(ctx, tx, u, day); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.uses.mu.Lock()
		defer s.uses.mu.Unlock()
		maps.Copy(fresh, s.uses.fresh)
		s.uses.fresh = fresh
	}
	return err
}
