// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/office/registry/roll"
)

// Voter is a voter as they stand now.
func (s *Registry) Voter(ctx context.Context, id roll.ID) (Version, error) {
	return s.find(ctx, s.DB, id)
}

// History are all versions of a voter, the first recorded first.
func (s *Registry) History(ctx context.Context, id roll.ID) ([]Version, error) {
	return s.versions(ctx, s.DB, id)
}

// AsOf is a voter as they stood on a day, by what was known at a moment; by all
// that is known now for the zero time.
func (s *Registry) AsOf(ctx context.Context, id roll.ID, on election.Date, known time.Time) (Version, error) {
	all, err := s.versions(ctx, s.DB, id)
	if err != nil {
		return Version{}, err
	}
	line := timeline(all, known)
	if i := at(line, on); i >= 0 {
		return line[i], nil
	}
	return Version{}, errNoVoter
}

// RollAsOf gives the whole roll as it stood on a day, by what was known at a
// moment, in the order of the numbers. It reads a page at a time, so that
// nothing waits for whoever reads slowly.
func (s *Registry) RollAsOf(ctx context.Context, on election.Date, known time.Time) iter.Seq2[Version, error] {
	if known.IsZero() {
		known = s.Now()
	}
	return func(yield func(Version, error) bool) {
		for p := range inOrder(pagesAhead, s.pagesAsOf(ctx, on, known)) {
			for _, v := range p.list {
				if !yield(v, nil) {
					return
				}
			}
			if p.err != nil {
				yield(Version{}, p.err)
				return
			}
		}
	}
}

// page is a part of the roll.
type page struct {
	list []Version
	err  error
}

const (
	rollPage   = 5000 // voters who are read at once
	pagesAhead = 2    // how many pages are read while one is used
)

// pagesAsOf gives the reading of the roll's pages, which can be done side by
// side: where a page ends is known before it is read.
func (s *Registry) pagesAsOf(ctx context.Context, on election.Date, known time.Time) iter.Seq[func() page] {
	return func(yield func(func() page) bool) {
		for after, n := "", rollPage; n == rollPage; {
			var last sql.NullString
			if err := s.DB.QueryRowContext(ctx, `
				select max(id), count(*) from (select id from registry_voter where jurisdiction = $1 and id > $2 order by id limit $3) p`,
				s.Jurisdiction, after, rollPage).Scan(&last, &n); err != nil {
				yield(func() page { return page{err: err} })
				return
			}
			from := after
			if n == 0 || !yield(func() (p page) {
				p.list, p.err = s.readPage(ctx, on, known, from, last.String)
				return p
			}) {
				return
			}
			after = last.String
		}
	}
}

// readPage reads the voters between two numbers: those with one version from
// the roll itself, the others from the history.
func (s *Registry) readPage(ctx context.Context, on election.Date, known time.Time, after, last string) ([]Version, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select `+kept+` from registry_voter where jurisdiction = $1 and id > $2 and id <= $3 order by id`, s.Jurisdiction, after, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := make([]sealedVoter, 0, rollPage)
	for rows.Next() {
		list = append(list, sealedVoter{})
		if err := rows.Scan(list[len(list)-1].columns()...); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	older, err := s.changedAsOf(ctx, on, known, after, last)
	if err != nil {
		return nil, err
	}
	return s.openPage(ctx, on, known, list, older)
}

// openPage opens what was read.
func (s *Registry) openPage(ctx context.Context, on election.Date, known time.Time, list []sealedVoter, older map[roll.ID]Version) ([]Version, error) {
	out := make([]Version, 0, len(list))
	for i := range list {
		v := &list[i]
		if v.Number > 1 {
			if one, ok := older[v.ID]; ok {
				out = append(out, one)
			}
			continue
		}
		if v.From > on || v.Recorded.After(known) {
			continue
		}
		one, err := s.open(ctx, s.DB, v)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// changedAsOf are, of the voters between two numbers that have a history, the
// versions that held on a day by what was known at a moment.
func (s *Registry) changedAsOf(ctx context.Context, on election.Date, known time.Time, after, last string) (map[roll.ID]Version, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select `+keptVersion+` from registry_version v
		where jurisdiction = $1 and voter > $2 and voter <= $3 and valid_from <= $4 and recorded_at <= $5
		and not exists (
			select 1 from registry_version o where o.jurisdiction = v.jurisdiction and o.voter = v.voter and o.valid_from <= $4 and o.recorded_at <= $5
			and (o.valid_from > v.valid_from or o.valid_from = v.valid_from and o.version > v.version))`,
		s.Jurisdiction, after, last, string(on), known)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (v sealedVersion, err error) { return v, scan(v.columns()...) })
	if err != nil {
		return nil, err
	}
	out := make(map[roll.ID]Version, len(list))
	for i := range list {
		one, err := s.openVersion(ctx, s.DB, &list[i])
		if err != nil {
			return nil, err
		}
		out[one.ID] = one
	}
	return out, nil
}
