// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
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
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		pages := make(chan chan page, pagesAhead)
		go s.pagesAsOf(ctx, on, known, pages)
		for p := range pages {
			one := <-p
			for _, v := range one.list {
				if !yield(v, nil) {
					return
				}
			}
			if one.err != nil {
				yield(Version{}, one.err)
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Version{}, err)
		}
	}
}

// page is a part of the roll.
type page struct {
	list []Version
	err  error
}

// pagesAhead is how many pages are read and opened while one is used.
const pagesAhead = 2

// pagesAsOf reads the roll page by page. Opening takes longer than reading, and
// is done beside it; the pages come in their order.
func (s *Registry) pagesAsOf(ctx context.Context, on election.Date, known time.Time, to chan<- chan page) {
	defer close(to)
	for after, more := "", true; more; {
		p := make(chan page, 1)
		select {
		case to <- p:
		case <-ctx.Done():
			return
		}
		list, older, next, err := s.readPage(ctx, on, known, after)
		if err != nil {
			p <- page{nil, err}
			return
		}
		go func() {
			out, err := s.openPage(ctx, on, known, list, older)
			p <- page{out, err}
		}()
		after, more = next, next != ""
	}
}

// rollPage is how many voters are read at once.
const rollPage = 5000

// readPage reads the voters behind a number: those with one version from the
// roll itself, the others from the history.
func (s *Registry) readPage(ctx context.Context, on election.Date, known time.Time, after string) (list []sealedVoter, older map[roll.ID]Version, next string, err error) {
	rows, err := s.DB.QueryContext(ctx, `
		select `+kept+` from registry_voter where jurisdiction = $1 and id > $2 order by id limit $3`, s.Jurisdiction, after, rollPage)
	list, err = db.Collect(rows, err, func(scan func(...any) error) (v sealedVoter, err error) { return v, scan(v.columns()...) })
	if err != nil || len(list) == 0 {
		return nil, nil, "", err
	}
	last := string(list[len(list)-1].ID)
	if len(list) == rollPage {
		next = last
	}
	older, err = s.changedAsOf(ctx, on, known, after, last)
	return list, older, next, err
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
