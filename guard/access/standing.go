// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hustings/kit/db"
	"hustings/kit/fault"
)

// standing is what decisions rest on, kept in memory: who holds what, and the
// offices' own policies. It is never changed; a change makes another one.
type standing struct {
	sum     stamp
	offices map[string]*office
	rules   sync.Map // jurisdiction -> *rules, of those with policies of their own in force
}

// office is what one jurisdiction has said.
type office struct {
	n    int64 // its version when this was read
	held map[string][]Role
	own  []rule
}

// stamp tells whether anything has changed anywhere.
type stamp struct{ offices, n int64 }

// held are the roles that a person holds in a jurisdiction or above it.
func (st *standing) held(person, where string) []Role {
	var out []Role
	for j := where; j != ""; j = above(j) {
		if o := st.offices[j]; o != nil {
			out = append(out, o.held[person]...)
		}
	}
	return out
}

// rulesOf are the policies that hold in a jurisdiction: those that ship, and the
// own ones of it and of every jurisdiction above.
func (st *standing) rulesOf(where string) *rules {
	if r, ok := st.rules.Load(where); ok {
		return r.(*rules)
	}
	own := st.ownFor(where)
	if len(own) == 0 {
		return shipped()
	}
	r := shipped().with(own)
	st.rules.Store(where, r)
	return r
}

// ownFor are the own policies in force in a jurisdiction, the topmost first.
func (st *standing) ownFor(where string) []rule {
	var own []rule
	for j := where; j != ""; j = above(j) {
		if o := st.offices[j]; o != nil {
			own = slices.Concat(o.own, own)
		}
	}
	return own
}

// people are all who hold a role in a jurisdiction or above it.
func (st *standing) people(where string) []string {
	seen := make(map[string]bool)
	for j := where; j != ""; j = above(j) {
		if o := st.offices[j]; o != nil {
			for p := range o.held {
				seen[p] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// below are the jurisdictions at and below one in which something stands.
func (st *standing) below(where string) []string {
	var out []string
	for j := range st.offices {
		if covers(where, j) {
			out = append(out, j)
		}
	}
	slices.Sort(out)
	return out
}

// How old what is in memory may be: after askAgain a decision looks whether it
// still holds, and past tooOld it does without no more. A revocation on another
// node is so felt within askAgain.
const (
	askAgain = time.Second
	tooOld   = 2 * time.Second
)

// memory keeps the standing of this node fresh. Time here is the machine's
// own: how old a copy is has nothing to do with the house's clock, which may be
// rehearsing.
type memory struct {
	now     atomic.Pointer[standing]
	checked atomic.Int64 // when it was seen to hold, since begin
	changes atomic.Int64 // made on this node
	seen    atomic.Int64 // of changes, those that now has
	mu      sync.Mutex   // one looks at a time
	begin   time.Time
}

func (m *memory) age() time.Duration { return time.Since(m.begin) - time.Duration(m.checked.Load()) }

// forget makes the next decision look again: something was changed here.
func (m *memory) forget() { m.changes.Add(1) }

// fresh gives the copy where it is not older than a time and knows of every
// change made on this node.
func (m *memory) fresh(than time.Duration) *standing {
	if m.seen.Load() != m.changes.Load() || m.age() >= than {
		return nil
	}
	return m.now.Load()
}

// standing gives what decisions rest on, at most a moment old.
func (s *Access) standing(ctx context.Context) (*standing, error) {
	m := &s.memory
	if st := m.fresh(askAgain); st != nil {
		return st, nil
	}
	if !m.mu.TryLock() {
		if st := m.fresh(tooOld); st != nil {
			return st, nil // somebody is looking already
		}
		m.mu.Lock()
	}
	defer m.mu.Unlock()
	if st := m.fresh(askAgain); st != nil {
		return st, nil
	}
	at, changes := time.Since(m.begin), m.changes.Load()
	next, err := s.look(ctx, m.now.Load())
	if err != nil {
		if st := m.fresh(tooOld); st != nil {
			return st, nil
		}
		return nil, fault.Wrap(fault.Unavailable, err, "Who may do what cannot be read at the moment. Please try again in a minute.")
	}
	m.now.Store(next)
	m.checked.Store(int64(at))
	m.seen.Store(changes)
	return next, nil
}

// look reads what has changed since st; st itself where nothing has.
func (s *Access) look(ctx context.Context, st *standing) (*standing, error) {
	sum, err := readStamp(ctx, s.DB)
	if err != nil || st != nil && st.sum == sum {
		return st, err
	}
	if st == nil {
		st = &standing{}
	}
	next := &standing{}
	err = s.DB.Read(ctx, func(q db.Reader) error {
		if next.sum, err = readStamp(ctx, q); err != nil {
			return err
		}
		versions, err := readVersions(ctx, q)
		if err != nil {
			return err
		}
		next.offices = make(map[string]*office, len(versions))
		var changed []string
		for j, n := range versions {
			if had := st.offices[j]; had != nil && had.n == n {
				next.offices[j] = had
				continue
			}
			next.offices[j] = &office{n: n, held: make(map[string][]Role)}
			changed = append(changed, j)
		}
		return s.readOffices(ctx, q, next, changed)
	})
	return next, err
}

// readOffices fills the offices that have changed; all at once, where there are
// many: when the house opens.
func (s *Access) readOffices(ctx context.Context, q db.Reader, into *standing, changed []string) error {
	take := func(g Grant) {
		o := into.offices[g.Jurisdiction]
		o.held[g.Person] = append(o.held[g.Person], g.Role)
	}
	policies := func(j, text string) error {
		own, err := s.ownRules(j, text)
		into.offices[j].own = own
		return err
	}
	if len(changed) > 8 {
		want := make(map[string]bool, len(changed))
		for _, j := range changed {
			want[j] = true
		}
		if err := eachHeld(ctx, q, "", func(g Grant) {
			if want[g.Jurisdiction] {
				take(g)
			}
		}); err != nil {
			return err
		}
		return eachPolicy(ctx, q, "", func(j, text string) error {
			if want[j] {
				return policies(j, text)
			}
			return nil
		})
	}
	for _, j := range changed {
		if err := eachHeld(ctx, q, j, take); err != nil {
			return err
		}
		if err := eachPolicy(ctx, q, j, policies); err != nil {
			return err
		}
	}
	return nil
}

// ownRules reads an office's policies as they are kept. They were checked
// before they were kept; where the program has lost an action since, what
// speaks of it can match nothing. Policies that cannot be read at all stop
// every decision of that office, for a forbid may be among them.
func (s *Access) ownRules(jurisdiction, text string) ([]rule, error) {
	return readPolicies("policies of "+place(jurisdiction), jurisdiction+" ", text)
}
