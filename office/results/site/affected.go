// SPDX-License-Identifier: Apache-2.0

package site

import (
	"context"
	"reflect"
	"slices"
	"time"

	"hustings/office/results/tally"
)

// Stamps tells when the numbers of each page last changed, by the page's path
// without language and extension.
type Stamps map[string]time.Time

// Step is the way from one edition to the next.
type Step struct {
	was, now *Edition // was is nil where nothing is known of the version before
	dirt     *dirt
}

// After compares an edition with the one before it, which may be nil, and
// stamps its pages: with its own time where numbers differ, else as they were.
// With nothing before it every page that shows a contest or a unit is new.
func (s *Edition) After(was *Edition) *Step {
	step := &Step{was: was, now: s}
	if was != nil && was.Frame.Index == s.Frame.Index {
		step.dirt = compare(was, s)
	}
	s.Stamps = make(Stamps, len(s.pages))
	for _, pg := range s.pages {
		if pg.sum {
			continue
		}
		s.Stamps[pg.path] = s.At
		if step.dirt != nil && !step.dirt.touches(pg) {
			if at, ok := was.Stamps[pg.path]; ok {
				s.Stamps[pg.path] = at
			}
		}
	}
	return step
}

// Render writes the pages that are not, byte for byte, what they were. It finds
// them by what they are made of, not by rendering both, except for the few
// pages that sum everything up.
func (st *Step) Render(ctx context.Context, put Put) (err error) {
	if st.dirt == nil || !alike(st.was.Input, st.now.Input) {
		return st.now.Render(ctx, put)
	}
	for _, pg := range st.now.pages {
		switch {
		case pg.sum:
			err = st.now.writeIfOther(ctx, st.was, pg, put)
		case st.dirt.touches(pg):
			err = st.now.write(ctx, pg, put)
		}
		if err != nil {
			return err
		}
	}
	return put(st.now.root()+"live.json", st.now.live())
}

// alike says whether two versions differ in their numbers alone. Anything
// else, such as another status or a new style sheet, is on every page.
func alike(prev, next Input) bool {
	return prev.Frame == next.Frame && prev.Status == next.Status && prev.Test == next.Test &&
		prev.SmallUnit == next.SmallUnit && prev.URL == next.URL &&
		prev.Style.Path == next.Style.Path && prev.Script.Path == next.Script.Path &&
		reflect.DeepEqual(prev.Recount, next.Recount) && reflect.DeepEqual(prev.Office, next.Office)
}

// dirt marks what differs between two versions: by unit and contest, the last
// contest standing for the unit's own facts. What differs in a unit differs in
// all that contain it.
type dirt struct {
	now      *Edition
	contests int
	marked   []bool
}

func compare(was, now *Edition) *dirt {
	x := now.x
	d := &dirt{now: now, contests: len(x.Def.Contests) + 1}
	d.marked = make([]bool, len(x.Def.Units)*d.contests)
	for u := range x.Def.Units {
		d.compareUnit(was, now, int32(u))
	}
	for u := range x.Def.Units {
		for c := range x.Def.Contests {
			// What is hidden for the sake of one precinct depends on others.
			if was.privacy.Hidden(int32(u), int32(c)) != now.privacy.Hidden(int32(u), int32(c)) {
				d.mark(now, int32(u), c)
			}
		}
	}
	for c := range x.Def.Contests {
		d.compareBallots(was, now, c)
		if was.statusOf(int32(c)) != now.statusOf(int32(c)) {
			for u := range x.Def.Units {
				d.mark(now, int32(u), c)
			}
		}
	}
	return d
}

// compareBallots marks a measure whose threshold is a share of ballots that changed.
func (d *dirt) compareBallots(was, now *Edition, c int) {
	if t := now.x.Def.Contests[c].Threshold; t == nil || t.Of != "ballots" {
		return
	}
	for u := range now.x.Def.Units {
		if was.ballotsWith(int32(c), int32(u)) != now.ballotsWith(int32(c), int32(u)) {
			d.mark(now, int32(u), c)
		}
	}
}

func (d *dirt) compareUnit(was, now *Edition, u int32) {
	a, b := was.t.At(u), now.t.At(u)
	for len(a) > 0 || len(b) > 0 {
		c := nextContest(a, b)
		runA, restA := cutContest(a, c)
		runB, restB := cutContest(b, c)
		if !slices.Equal(runA, runB) {
			d.mark(now, u, d.column(c))
		}
		a, b = restA, restB
	}
	for c := range d.contests {
		i := int(u)*d.contests + c
		if was.rep.done[i] != now.rep.done[i] || was.rep.due[i] != now.rep.due[i] {
			d.mark(now, u, c)
		}
	}
	for typ := range int16(len(now.x.Def.VoteTypes) + 1) {
		p, had := was.t.Progress(u, typ)
		q, has := now.t.Progress(u, typ)
		if had != has || p != q {
			d.mark(now, u, d.contests-1)
		}
	}
}

// nextContest is the contest with which the next run of cells begins.
func nextContest(a, b []tally.Cell) int32 {
	if len(a) == 0 || len(b) > 0 && b[0].Contest < a[0].Contest {
		return b[0].Contest
	}
	return a[0].Contest
}

// cutContest splits sorted cells behind those of a contest, if it is first.
func cutContest(cells []tally.Cell, c int32) (run, rest []tally.Cell) {
	n := 0
	for n < len(cells) && cells[n].Contest == c {
		n++
	}
	return cells[:n], cells[n:]
}

func (d *dirt) column(c int32) int {
	if c == tally.NoContest {
		return d.contests - 1
	}
	return int(c)
}

// mark marks a contest in a unit and in all units above.
func (d *dirt) mark(s *Edition, u int32, c int) {
	for ; u >= 0; u = s.parents[u] {
		i := int(u)*d.contests + c
		if d.marked[i] {
			return
		}
		d.marked[i] = true
	}
}

// touches says whether a page shows anything that differs.
func (d *dirt) touches(pg pageOf) bool {
	at := int(pg.u) * d.contests
	if pg.kind == unitPage {
		return slices.Contains(d.marked[at:at+d.contests], true)
	}
	return d.marked[at+int(pg.c)] || d.marked[at+d.contests-1] && d.now.tellsTurnout(pg)
}

// tellsTurnout says whether a contest's page also shows the turnout of its
// unit: where the whole unit votes on the contest.
func (s *Edition) tellsTurnout(pg pageOf) bool {
	_, due := s.rep.at(pg.u, pg.c)
	_, all := s.rep.at(pg.u, tally.NoContest)
	return pg.kind == contestPage && due == all
}
