// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"
	"time"
)

// Used is a grant and the last day on which it was made use of.
type Used struct {
	Grant
	LastUsed string // "": never
	Beside   bool   // everything that it permits, another role of the person permits too
}

// Unused lists the grants at and below a jurisdiction that are older than some
// days and that nobody made use of since. A role counts as used by what no
// other role of the person would have let them do.
func (s *Access) Unused(ctx context.Context, where string, days int) ([]Used, error) {
	all, err := s.lastUses(ctx, where)
	if err != nil {
		return nil, err
	}
	since := s.Now().Add(-time.Duration(days) * 24 * time.Hour)
	return slices.DeleteFunc(all, func(u Used) bool { return u.At.After(since) || u.LastUsed >= day(since) }), nil
}

func (s *Access) lastUses(ctx context.Context, where string) ([]Used, error) {
	c := s.catalogue.Load()
	if c == nil {
		return nil, errNotFurnished
	}
	st, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	grants, err := s.Grants(ctx, where)
	if err != nil {
		return nil, err
	}
	if err := s.Flush(ctx); err != nil {
		return nil, err
	}
	seen, err := s.useDays(ctx, where)
	if err != nil {
		return nil, err
	}
	permits := make(map[string]map[Role][]string) // by jurisdiction: what each role permits
	of := func(at string, r Role) []string {
		if permits[at] == nil {
			permits[at] = make(map[Role][]string)
		}
		if _, ok := permits[at][r]; !ok {
			permits[at][r] = st.rulesOf(at).permissions(r, c.names())
		}
		return permits[at][r]
	}
	out := make([]Used, len(grants))
	for i, g := range grants {
		var others []string
		for _, r := range st.held(g.Person, g.Jurisdiction) {
			if r != g.Role {
				others = append(others, of(g.Jurisdiction, r)...)
			}
		}
		out[i] = Used{Grant: g, Beside: true}
		for _, p := range of(g.Jurisdiction, g.Role) {
			if slices.Contains(others, p) {
				continue
			}
			out[i].Beside = false
			for _, d := range seen[use{person: g.Person, permission: p}] {
				if covers(g.Jurisdiction, d.where) && d.day > out[i].LastUsed {
					out[i].LastUsed = d.day
				}
			}
		}
	}
	return out, nil
}

// usedOn is a last day in one jurisdiction.
type usedOn struct{ where, day string }

// useDays are the last days of use, by person and permission.
func (s *Access) useDays(ctx context.Context, where string) (map[use][]usedOn, error) {
	all, err := listUses(ctx, s.DB, where)
	out := make(map[use][]usedOn, len(all))
	for u, d := range all {
		key := use{person: u.person, permission: u.permission}
		out[key] = append(out[key], usedOn{u.jurisdiction, d})
	}
	return out, err
}
