// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// The jobs of lines. Each may run again from the beginning: a voter whom the
// lines have changed already is not changed twice.
const (
	previewJob = "registry.preview"
	assignJob  = "registry.assign"
	backJob    = "registry.unassign"
)

func (s *Registry) jobs() []job.Kind {
	return []job.Kind{{Name: previewJob, Do: s.preview}, {Name: assignJob, Do: s.assign}, {Name: backJob, Do: s.unassign}, {Name: turnJob, Do: s.turn}}
}

// byLines is the cause of what lines change.
func byLines(id string) string { return "lines " + id }

// preview works out what lines would do to the roll, and changes nothing.
func (s *Registry) preview(ctx context.Context, w *job.Work) error {
	return s.withLines(ctx, w, func(l Lines, use *place.Assigner, def *election.Definition) error {
		plan, err := s.planned(ctx, w, l, use, nil)
		if err != nil {
			return err
		}
		return s.keepPlan(ctx, l, plan, def)
	})
}

func (s *Registry) withLines(ctx context.Context, w *job.Work, do func(Lines, *place.Assigner, *election.Definition) error) error {
	var id string
	if err := w.Args(&id); err != nil {
		return err
	}
	l, err := s.OneLines(ctx, id)
	if err != nil {
		return err
	}
	def, _, err := s.Maps.Newest(ctx)
	if err != nil {
		return err
	}
	use, err := s.assignerOf(ctx, l.ID, def)
	if err != nil {
		return err
	}
	return do(l, use, def)
}

// replaced is a page of the roll as lines would have it.
type replaced struct {
	place.Plan
	ready map[roll.ID]moved // what is written, where it is
	err   error
}

// planned reads the roll as it stands on the day of the lines, and works out who
// votes elsewhere by them. With a change, they are moved. Pages are worked out
// beside one another, and written one after another.
func (s *Registry) planned(ctx context.Context, w *job.Work, l Lines, use *place.Assigner, c *Change) (place.Plan, error) {
	total, err := s.Count(ctx)
	if err != nil {
		return place.Plan{}, err
	}
	pages := func(yield func(func() replaced) bool) {
		for list, err := range parts(s.voting(ctx, l.From), rollPage) {
			if !yield(func() (p replaced) {
				if p.err = err; err != nil {
					return p
				}
				if p.Plan, p.err = use.Reassign(placed(list), nil); p.err == nil && c != nil {
					p.ready, p.err = s.readyToMove(ctx, *c, list, p.Moved)
				}
				return p
			}) {
				return
			}
		}
	}
	var all place.Plan
	begin := true
	for p := range inOrder(pagesAhead, pages) {
		if p.err != nil {
			return all, p.err
		}
		if c != nil && len(p.Moved) > 0 {
			if err := s.DB.Write(ctx, func(tx *db.Tx) error { return s.moveAll(ctx, tx, l.ID, *c, p.Moved, p.ready) }); err != nil {
				return all, err
			}
		}
		p.Left = p.Left[:min(len(p.Left), max(0, mostUnsure-len(all.Left)))]
		if begin {
			all, begin = p.Plan, false
		} else {
			all.Add(p.Plan)
		}
		w.Progress(int64(all.Voters), total, "")
	}
	return all, ctx.Err()
}

// voting are the voters of a day whom lines concern.
func (s *Registry) voting(ctx context.Context, on election.Date) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for v, err := range s.RollAsOf(ctx, on, time.Time{}) {
			if err == nil && (v.State == roll.Cancelled || v.State == roll.Denied) {
				continue
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// placed are voters as far as lines concern them.
func placed(list []Version) iter.Seq2[place.Placed, error] {
	return func(yield func(place.Placed, error) bool) {
		for i := range list {
			v := &list[i]
			if !yield(place.Placed{ID: v.ID, Home: v.Home, Unit: v.Precinct, Districts: v.Districts}, nil) {
				return
			}
		}
	}
}

// parts cuts a sequence into parts of n. An error stands alone, behind all that
// came before it.
func parts[T any](in iter.Seq2[T, error], n int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		list := make([]T, 0, n)
		for v, err := range in {
			if err != nil {
				if len(list) == 0 || yield(list, nil) {
					yield(nil, err)
				}
				return
			}
			if list = append(list, v); len(list) == n {
				if !yield(list, nil) {
					return
				}
				list = make([]T, 0, n)
			}
		}
		if len(list) > 0 {
			yield(list, nil)
		}
	}
}

// keepPlan keeps what was worked out, for people to look at.
func (s *Registry) keepPlan(ctx context.Context, l Lines, p place.Plan, def *election.Definition) error {
	out := Plan{Voters: p.Voters, Stay: p.Stay, Moved: len(p.Moved), ByHow: p.ByHow, Unsure: p.Left}
	out.Left = p.Voters - p.Stay - len(p.Moved)
	for _, u := range unitsOf(def, p) {
		out.Units = append(out.Units, UnitChange{u, p.Before[u], p.After[u]})
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `update registry_lines set plan = $3 where jurisdiction = $1 and id = $2`, s.Jurisdiction, l.ID, string(text)); err != nil {
			return err
		}
		tx.Record(event.LinesPlanned{Lines: l.ID, Voters: out.Voters, Moved: out.Moved, Left: out.Left})
		return nil
	})
}

// unitsOf are the units of a plan, in the definition's order, those that it does
// not know at the end.
func unitsOf(def *election.Definition, p place.Plan) (out []election.UnitID) {
	seen := make(map[election.UnitID]bool)
	add := func(u election.UnitID) {
		if !seen[u] && (p.Before[u] > 0 || p.After[u] > 0) {
			seen[u] = true
			out = append(out, u)
		}
	}
	if def != nil {
		for _, u := range def.Units {
			add(u.ID)
		}
	}
	var rest []election.UnitID
	for u := range p.Before {
		rest = append(rest, u)
	}
	for u := range p.After {
		rest = append(rest, u)
	}
	slices.Sort(rest)
	for _, u := range rest {
		add(u)
	}
	return out
}

// UseLines puts lines to use: new addresses are placed by them at once, and the
// roll is gone through in a job.
func (s *Registry) UseLines(ctx context.Context, id string) error {
	l, err := s.OneLines(ctx, id)
	if err != nil {
		return err
	}
	if l.State != "draft" || l.Plan == nil {
		return fault.New(fault.Conflict, "These street ranges are not waiting to be put to use.")
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `update registry_lines set state = 'superseded' where jurisdiction = $1 and state = 'in use'`, s.Jurisdiction); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `update registry_lines set state = 'in use', used_at = $3 where jurisdiction = $1 and id = $2`, s.Jurisdiction, id, s.Now()); err != nil {
			return err
		}
		tx.Record(event.LinesUsed{Lines: id, From: l.From})
		_, err := job.Enqueue(ctx, tx, job.Order{Kind: assignJob, Args: id, Key: id})
		return err
	})
}

// assign moves the voters whom the lines put elsewhere.
func (s *Registry) assign(ctx context.Context, w *job.Work) error {
	return s.withLines(ctx, w, func(l Lines, use *place.Assigner, _ *election.Definition) error {
		_, err := s.planned(ctx, w, l, use, &Change{From: l.From, Why: "street ranges " + l.Name, Cause: byLines(l.ID)})
		return err
	})
}

// TakeLinesBack undoes what lines did to the roll, and puts the lines before
// them to use again.
func (s *Registry) TakeLinesBack(ctx context.Context, id, why string) error {
	l, err := s.OneLines(ctx, id)
	if err != nil {
		return err
	}
	if l.State != "in use" {
		return fault.New(fault.Conflict, "These street ranges are not in use.")
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `update registry_lines set state = 'taken back' where jurisdiction = $1 and id = $2`, s.Jurisdiction, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			update registry_lines set state = 'in use' where jurisdiction = $1 and state = 'superseded' and used_at = (
				select max(used_at) from registry_lines where jurisdiction = $1 and state = 'superseded')`, s.Jurisdiction); err != nil {
			return err
		}
		tx.Record(event.LinesTakenBack{Lines: id, Why: why})
		_, err := job.Enqueue(ctx, tx, job.Order{Kind: backJob, Args: [2]string{id, why}, Key: id})
		return err
	})
}

// backAtOnce is how many voters are put back in one write.
const backAtOnce = 200

func (s *Registry) unassign(ctx context.Context, w *job.Work) error {
	var args [2]string
	if err := w.Args(&args); err != nil {
		return err
	}
	ids, err := s.Changed(ctx, byLines(args[0]))
	if err != nil {
		return err
	}
	stay, done := 0, 0
	for part := range slices.Chunk(ids, backAtOnce) {
		in := 0
		if err := s.DB.Write(ctx, func(tx *db.Tx) error {
			in = 0
			for _, id := range part {
				kept, err := s.takeBack(ctx, tx, id, byLines(args[0]), args[1])
				if err != nil {
					return err
				}
				if len(kept) > 0 {
					in++
				}
			}
			return nil
		}); err != nil {
			return err
		}
		stay, done = stay+in, done+len(part)
		w.Progress(int64(done), int64(len(ids)), "")
	}
	return w.Result(stay)
}
