// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"time"

	"hustings/election"
	"hustings/kit/conf"
	"hustings/kit/fault"
	"hustings/office/extract"
	"hustings/office/extract/eavs"
	"hustings/office/extract/list"
	"hustings/office/intake"
	"hustings/office/registry"
	"hustings/office/upkeep"
)

// ExtractConfig is what an office may say about lists.
type ExtractConfig struct {
	TwoFrom   int64         `toml:"two_people_from" doc:"a list of so many voters that is not the public file takes two people"`
	Keep      conf.Duration `toml:"keep" doc:"how long the file of a list is kept"`
	Statement string        `toml:"statement" doc:"what may be done with lists, in the words of the office's law; empty: the program's own"`
	FIPS      string        `toml:"fips" doc:"the jurisdiction's ten digits in the federal survey (EAVS)"`
}

// check says what cannot be.
func (c ExtractConfig) check() error {
	switch {
	case c.TwoFrom < 0:
		return fault.New(fault.Invalid, "extract.two_people_from = %d is no number of voters", c.TwoFrom)
	case c.Keep < 0:
		return fault.New(fault.Invalid, "extract.keep = %s is no time to keep a file for", c.Keep)
	}
	return nil
}

// openExtract opens the room by which lists leave the house.
func (h *House) openExtract() *extract.Extract {
	c := h.Config
	return extract.New(extract.Deps{DB: h.DB, Blobs: h.Blobs, Now: h.Now, Log: h.Log, Jurisdiction: c.Office.Jurisdiction, Office: c.Office.Name,
		Sealer: h.Keys.Sealer(), Pairs: h.Access, Jobs: h.Jobs, Roll: extractedRoll{h.Registry}, Shapes: outlines{h}, Deadlines: h.deadlines, Queues: h.queues, Intakes: surveyed{h}, Programmes: maintained{h}, Zone: c.zone(),
		Settings: extract.Settings{TwoFrom: c.Extract.TwoFrom, Keep: c.Extract.Keep.Or(0), Statement: c.Extract.Statement, FIPS: c.Extract.FIPS}})
}

// extractedRoll is the roll as lists read it.
type extractedRoll struct{ *registry.Registry }

// RollAsOf implements extract.Roll.
func (r extractedRoll) RollAsOf(ctx context.Context, on election.Date) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		for v, err := range r.Registry.RollAsOf(ctx, on, time.Time{}) {
			if !yield(list.Entry{Voter: &v.Voter, From: v.From, Recorded: election.DayOf(v.Recorded)}, err) || err != nil {
				return
			}
		}
	}
}

// outlines are those of the precincts of the newest election that is locked.
type outlines struct{ h *House }

// Precincts implements extract.Shapes.
func (p outlines) Precincts(ctx context.Context) (version string, shapes []election.Shape, names map[election.UnitID]string, err error) {
	def, version, err := surveyor{p.h.Definition}.Newest(ctx)
	if err != nil || def == nil {
		return "", nil, nil, err
	}
	names = make(map[election.UnitID]string)
	for _, u := range def.Units {
		if slices.Contains([]election.UnitType{election.Precinct, election.SplitPrecinct, election.CombinedPrecinct}, u.Type) {
			names[u.ID] = u.Name
		}
	}
	split := make(map[election.UnitID]bool) // precincts whose voters are in splits that have shapes of their own
	for _, u := range def.Units {
		if u.Type == election.SplitPrecinct && slices.ContainsFunc(def.Shapes, func(s election.Shape) bool { return s.Unit == u.ID }) {
			split[u.Parent] = true
		}
	}
	for _, s := range def.Shapes {
		if _, ok := names[s.Unit]; ok && !split[s.Unit] {
			shapes = append(shapes, s)
		}
	}
	return version, shapes, names, nil
}

// deadlines are the days that come with each election that is locked. Where it
// is federal, 52 U.S.C. 20507(a)(1), 20507(c)(2)(A) and 20302(a)(8) set them.
func (h *House) deadlines(ctx context.Context) ([]extract.Deadline, error) {
	versions, err := h.Definition.Versions(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []extract.Deadline
	for _, v := range versions {
		day, err := time.Parse(time.DateOnly, string(v.Day))
		if err != nil || v.State != "locked" {
			continue
		}
		for _, d := range []struct {
			key    string
			before int
		}{{"election", 0}, {"register", 30}, {"overseas", 45}, {"quiet", 90}} {
			out = append(out, extract.Deadline{Key: "extract.deadline." + d.key, Election: v.Name["en"], Day: election.DayOf(day.AddDate(0, 0, -d.before))})
		}
	}
	return out, nil
}

// surveyed are the applications as the federal survey counts them.
type surveyed struct{ h *House }

// Tally implements extract.Intakes.
func (s surveyed) Tally(ctx context.Context, from, to election.Date) ([]eavs.Tally, error) {
	list, err := s.h.Intake.Tally(ctx, from, to)
	out := make([]eavs.Tally, len(list))
	for i, t := range list {
		out[i] = eavs.Tally{Ask: t.Asks, Outcome: t.Outcome, Source: t.Source, N: t.N}
	}
	return out, err
}

// queues are what waits for somebody in the rooms of the registry.
func (h *House) queues(ctx context.Context) ([]extract.Queue, error) {
	list, err := h.Intake.Counts(ctx)
	if err != nil {
		return nil, err
	}
	by := make(map[intake.Step]*extract.Queue)
	var out []extract.Queue
	for _, c := range list {
		q := by[c.Step]
		if q == nil {
			q = &extract.Queue{Key: "extract.queue." + string(c.Step), Path: "/intake?" + url.Values{"step": {string(c.Step)}}.Encode()}
			by[c.Step] = q
		}
		q.Add(c.N, c.Oldest)
	}
	for _, s := range []intake.Step{intake.Entering, intake.Looking, intake.Verifying, intake.Accepted} {
		if q := by[s]; q != nil {
			out = append(out, *q)
		}
	}
	for _, more := range []func(context.Context) (extract.Queue, error){h.lettersWaiting, h.toReview, h.removable} {
		q, err := more(ctx)
		if err != nil {
			return out, err
		}
		if q.Count > 0 {
			out = append(out, q)
		}
	}
	return out, nil
}

// maintained are the records of list maintenance, as the public may see them.
type maintained struct{ h *House }

// Records implements extract.Programmes.
func (m maintained) Records(ctx context.Context, from, to election.Date) iter.Seq2[extract.Record, error] {
	return func(yield func(extract.Record, error) bool) {
		runs, err := m.h.Upkeep.Runs(ctx)
		if err != nil {
			yield(extract.Record{}, err)
			return
		}
		for _, run := range runs {
			rep, err := m.h.Upkeep.Report(ctx, run.ID)
			if err != nil {
				yield(extract.Record{}, err)
				return
			}
			for _, x := range rep.Rows {
				if x.Sent < from || x.Sent > to || x.Sent == "" {
					continue
				}
				if !yield(extract.Record{Programme: string(x.Kind), Run: run.ID, Voter: x.Voter, Name: x.Name, Notice: x.Stage, Sent: x.Sent, Returned: x.Returned,
					Answered: x.Answered, Voted: x.Voted, Ending: x.Ending, Removed: x.Stage == upkeep.Removed}, nil) {
					return
				}
			}
		}
	}
}

// Notices implements extract.Programmes. Those to protected voters, whom no
// record names, count with the day on which their run's file was taken.
func (m maintained) Notices(ctx context.Context, from, to election.Date) (n eavs.Notices, err error) {
	for r, err := range m.Records(ctx, from, to) {
		if err != nil {
			return n, err
		}
		n.Sent++
		switch {
		case r.Notice == upkeep.Moved || r.Removed && r.Answered != "":
			n.Remove++
		case r.Answered != "":
			n.Confirmed++
		case r.Returned != "":
			n.Undeliverable++
		}
	}
	runs, err := m.h.Upkeep.Runs(ctx)
	for _, run := range runs {
		taken := election.DayOf(run.TakenAt)
		if taken < from || taken > to || err != nil {
			continue
		}
		var rep upkeep.Report
		if rep, err = m.h.Upkeep.Report(ctx, run.ID); err == nil {
			n.Sent += int64(rep.Protected)
		}
	}
	return n, err
}

// lettersWaiting, toReview and removable are further queues of the registry.
func (h *House) lettersWaiting(ctx context.Context) (q extract.Queue, err error) {
	q = extract.Queue{Key: "extract.queue.letters", Path: "/letters"}
	list, err := h.Letters.Queue(ctx)
	for _, w := range list {
		q.Add(w.Letters, w.Oldest)
	}
	return q, err
}

func (h *House) toReview(ctx context.Context) (q extract.Queue, err error) {
	q = extract.Queue{Key: "extract.queue.review", Path: "/upkeep"}
	n, oldest, err := h.Upkeep.ToReview(ctx)
	if n > 0 {
		q.Add(n, oldest)
	}
	return q, err
}

func (h *House) removable(ctx context.Context) (q extract.Queue, err error) {
	q = extract.Queue{Key: "extract.queue.removals", Path: "/upkeep/removals"}
	list, err := h.Upkeep.Removable(ctx)
	q.Count = int64(len(list))
	return q, err
}
