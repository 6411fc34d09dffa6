// SPDX-License-Identifier: Apache-2.0

package eavs

import (
	"iter"
	"strings"

	"hustings/election"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

// Period is what a survey is about: the roll as of its last day, and what
// happened since the close of the general election before.
type Period struct {
	From, To election.Date
}

// Area is what the roll says of one county or precinct.
type Area struct {
	Active, Inactive, Removed int64
}

// Rolled is what the roll itself says.
type Rolled struct {
	Area
	By       map[roll.Reason]int64 // of removals
	Counties map[string]*Area
	Places   map[string]*Area // precincts
}

// Read reads the roll as of the last day. Voters whose registration is
// challenged may vote until that is decided, so they count as active. Someone
// counts as removed whose registration was cancelled within the period.
func Read(p Period, voters iter.Seq2[list.Entry, error]) (*Rolled, error) {
	r := &Rolled{By: make(map[roll.Reason]int64), Counties: make(map[string]*Area), Places: make(map[string]*Area)}
	for e, err := range voters {
		if err != nil {
			return nil, err
		}
		v := e.Voter
		since := v.Since
		if since == "" {
			since = e.From
		}
		removed := v.State == roll.Cancelled && since >= p.From && since <= p.To
		if removed {
			r.By[v.Reason]++
		}
		for _, a := range []*Area{&r.Area, area(r.Counties, v.County), area(r.Places, string(v.Precinct))} {
			switch {
			case v.State == roll.Active || v.State == roll.Challenged:
				a.Active++
			case v.State == roll.Inactive:
				a.Inactive++
			case removed:
				a.Removed++
			}
		}
	}
	return r, nil
}

func area(in map[string]*Area, name string) *Area {
	a := in[name]
	if a == nil {
		a = &Area{}
		in[name] = a
	}
	return a
}

// Tally is how many applications of a source ended in a way.
type Tally struct {
	Ask     roll.Ask
	Outcome roll.Outcome // "" for those that have not ended
	Source  roll.Source
	N       int64
}

// Notices are the notices of 52 U.S.C. 20507(d)(2) that were sent, by what came
// back.
type Notices struct {
	Sent, Confirmed, Remove, Undeliverable int64
}

// Facts are what the survey is computed from. What is nil, nobody knows.
type Facts struct {
	Roll    *Rolled
	Tallies []Tally
	Counted bool // applications are counted at all
	Notices *Notices
}

// reasons are the removals of the survey by the reasons of the roll.
var reasons = map[roll.Reason]string{roll.Moved: "moved", roll.Deceased: "death", roll.Felony: "felony", roll.TwoElections: "failed",
	roll.Incapacity: "incapacity", roll.ByVoter: "request", roll.Duplicate: "duplicate"}

// sources are the sources of the survey by those of the roll. Polling places
// have none yet.
var sources = map[roll.Source]string{roll.ByMail: "mail", roll.ByEmail: "mail", roll.ByFax: "mail", roll.AtOffice: "office", roll.ByInternet: "online",
	roll.MotorVehicles: "vehicles", roll.Assistance: "assistance", roll.Disability: "disability", roll.Recruitment: "forces", roll.OtherAgency: "agency", roll.Drive: "drives"}

// Compute answers what can be answered, and says of the rest that there is no
// data.
func (b *Book) Compute(f Facts) Answers {
	out := make(Answers, len(b.Items))
	for _, i := range b.Items {
		out[i.Concept] = Answer{Kind: NoData, How: "nodata"}
	}
	if f.Roll != nil {
		out.roll(f.Roll)
	}
	if f.Counted {
		out.applications(f.Tallies)
	}
	if n := f.Notices; n != nil {
		out.put("notices", "notices", n.Sent)
		out.put("notices/confirmed", "notices", n.Confirmed)
		out.put("notices/remove", "notices", n.Remove)
		out.put("notices/undeliverable", "notices", n.Undeliverable)
		out.put("notices/unknown", "notices", n.Sent-n.Confirmed-n.Remove-n.Undeliverable)
		out.put("notices/other", "notices", 0)
	}
	return out
}

// put answers a question of the book; others are none.
func (a Answers) put(concept, how string, n int64) {
	if _, asked := a[concept]; asked {
		a[concept] = Answer{N: n, How: how}
	}
}

func (a Answers) roll(r *Rolled) {
	a.put("total", "roll", r.Active+r.Inactive)
	a.put("active", "roll", r.Active)
	a.put("inactive", "roll", r.Inactive)
	a.put("removed", "removed", r.Removed)
	by := map[string]int64{"other": 0}
	for _, name := range reasons {
		by[name] = 0
	}
	for why, n := range r.By {
		name := reasons[why]
		if name == "" {
			name = "other"
		}
		by[name] += n
	}
	for name, n := range by {
		a.put("removed/"+name, "removed", n)
	}
}

// blockOf is the block of the survey in which an application counts.
func blockOf(t Tally) string {
	switch {
	case t.Outcome == roll.IsDuplicate:
		return "duplicate"
	case t.Outcome == roll.Rejected:
		return "rejected"
	case t.Ask == roll.ToPreRegister && t.Outcome == roll.Created:
		return "preregistered"
	case t.Outcome == roll.Created:
		return "new"
	case t.Outcome == roll.Updated:
		return "update"
	}
	return "otherform" // incomplete, or not ended
}

func (a Answers) applications(list []Tally) {
	sum := make(map[string]int64)
	for _, block := range strings.Fields("forms new preregistered duplicate update rejected otherform") {
		sum[block] = 0
		for _, source := range append(values(sources), "other1", "other2") {
			sum[block+"/"+source] = 0
		}
	}
	for _, t := range list {
		source := sources[t.Source]
		if source == "" {
			source = "other1"
		}
		for _, block := range []string{"forms", blockOf(t)} {
			sum[block] += t.N
			sum[block+"/"+source] += t.N
		}
	}
	for concept, n := range sum {
		a.put(concept, "applications", n)
	}
}

func values(m map[roll.Source]string) (out []string) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}
