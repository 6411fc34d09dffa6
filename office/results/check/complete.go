// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

// S01: how far each county has come, by vote type.
func (r *run) howFar() {
	for u := range r.x.Def.Units {
		kids := r.x.Children(int32(u))
		if len(kids) == 0 || !r.leaf(kids[0]) {
			continue
		}
		in := make([]int, len(r.x.Def.VoteTypes)+1)
		for _, k := range kids {
			r.countTypes(k, in)
		}
		for t, n := range in {
			if n > 0 {
				r.say(tally.Info, "", atUnit(int32(u)).of(int16(t)), "reported", n, "expected", len(kids))
			}
		}
	}
	for _, p := range r.progress() {
		if p.Expected > 0 || p.State != "" {
			r.say(tally.Info, string(cmp.Or(p.State, election.Unknown)), atUnit(p.Unit).of(p.Type), "reported", p.Reported, "expected", p.Expected)
		}
	}
}

// countTypes counts a unit once for each vote type that it reported.
func (r *run) countTypes(u int32, in []int) {
	if len(r.page.at(u)) == 0 {
		return
	}
	seen := make([]bool, len(in))
	for _, c := range r.page.unitCells(u) {
		if c.Contest >= 0 && !seen[c.Type] {
			seen[c.Type] = true
			in[c.Type]++
		}
	}
}

func hasCompleteness(r *run) bool {
	return r.Sheet != nil && (r.finished() || len(r.Sheet.Progress) > 0)
}

// S02: a count that calls itself complete while something is missing. Scott
// County 2016 forgot 476 early votes on a machine that was never read, Faulkner
// County 759; New Berlin 2018 a dead memory stick.
func (r *run) missingParts() {
	for _, p := range r.progress() {
		if p.State == election.Completed && p.Expected > 0 && p.Reported < p.Expected {
			r.say(tally.Hold, "progress", atUnit(p.Unit).of(p.Type), "reported", p.Reported, "expected", p.Expected)
		}
	}
	if !r.finished() {
		return
	}
	received := make(map[string]bool, len(r.Received)+2*len(r.Batches))
	for _, id := range r.Received {
		received[id] = true
	}
	for _, d := range r.Devices {
		received[d.Serial] = true
	}
	for _, b := range slices.Concat(r.Counted, r.Batches) {
		received[b.Device], received[b.ID] = true, true
	}
	for _, item := range inOrder(r.Expected, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) }) {
		if !received[item.ID] && !(item.Kind == ExpectUnit && r.unitIsIn(election.UnitID(item.ID))) {
			r.say(tally.Hold, string(item.Kind), nowhere(), "name", cmp.Or(item.Name, item.ID), "id", item.ID)
		}
	}
	r.missingUnits()
}

// unitIsIn says whether the file, or one before it, has votes of a unit.
func (r *run) unitIsIn(id election.UnitID) bool {
	u, ok := r.x.Unit(id)
	if !ok {
		return false
	}
	if r.After != nil {
		return r.After.Reported(u)
	}
	return r.pageReports(u) || r.Before != nil && r.Before.Reported(u)
}

// pageReports says whether the file has votes or ballots of a unit, or of any
// unit below or above it.
func (r *run) pageReports(u int32) bool {
	if len(r.page.at(u)) > 0 || r.page.facts[u].ballots.ok {
		return true
	}
	return slices.ContainsFunc(r.x.Children(u), r.pageReports)
}

// missingUnits lists the units of which nothing has been reported. A unit
// whose county alone reports is not missing.
func (r *run) missingUnits() {
	mine := make(map[election.UnitID]bool, len(r.Source.Units))
	for _, id := range r.Source.Units {
		mine[id] = true
	}
	alone := make(map[int32]bool)
	for u, unit := range r.x.Def.Units {
		if !r.leaf(int32(u)) || len(mine) > 0 && !mine[unit.ID] || r.unitIsIn(unit.ID) || r.parentAlone(int32(u), alone) {
			continue
		}
		r.say(tally.Hold, "", atUnit(int32(u)))
	}
}

// parentAlone says whether a unit above reports for all below it; known keeps
// what was found out of each.
func (r *run) parentAlone(u int32, known map[int32]bool) bool {
	p := r.x.Parent(u)
	if p < 0 {
		return false
	}
	alone, ok := known[p]
	if !ok {
		alone = len(r.page.at(p)) > 0 && !slices.ContainsFunc(r.x.Children(p), r.pageReports) || r.parentAlone(p, known)
		known[p] = alone
	}
	return alone
}

func hasDue(r *run) bool { return len(r.Due) > 0 && !r.Now.IsZero() }

// S03: a unit that should have reported by now. Phillips County 2022 counted
// its votes and did not report them for nine days.
func (r *run) overdue() {
	for _, d := range inOrder(r.Due, func(a, b Due) int { return cmp.Compare(a.Unit, b.Unit) }) {
		if u, ok := r.x.Unit(d.Unit); ok && r.Now.After(d.At) && !r.unitIsIn(d.Unit) {
			late := r.Now.Sub(d.At)
			r.say(tally.Warn, "", atUnit(u), "due", d.At, "minutes", int(late.Minutes()))
		}
	}
}

func hasCertified(r *run) bool { return r.status() == election.Certified }

// S04: certified although somebody still has to look at something.
func (r *run) openHolds() {
	if r.OpenHolds > 0 {
		r.say(tally.Block, "", nowhere(), "n", r.OpenHolds)
	}
}
