// SPDX-License-Identifier: Apache-2.0

package check

import (
	"hustings/election"
	"hustings/office/results/tally"
)

func hasRelease(r *run) bool { return r.Release != nil }

// P01: released by one person alone. Antrim County's first report went out at
// 4:09 in the morning, unchecked.
func (r *run) secondPerson() {
	switch rel := r.Release; {
	case rel.ApprovedBy == "":
		r.say(tally.Block, "nobody", nowhere(), "by", rel.UploadedBy)
	case rel.ApprovedBy == rel.UploadedBy:
		r.say(tally.Block, "", nowhere(), "by", rel.UploadedBy)
	case !rel.DiffSeen:
		r.say(tally.Block, "unseen", nowhere(), "by", rel.ApprovedBy)
	}
}

// handTyped is the format of a file whose numbers a person typed.
const handTyped = "hand"

func hasTyped(r *run) bool {
	return r.Sheet != nil && (r.Typed != nil || r.Sheet.Format == handTyped)
}

// P02: numbers typed by hand are typed twice, by two persons who do not see
// each other's (Abacus W.001, the Dutch double entry).
func (r *run) typedTwice() {
	switch t := r.Typed; {
	case t == nil || t.Second == nil:
		r.say(tally.Hold, "once", nowhere())
	case t.By == t.SecondBy:
		r.say(tally.Hold, "same", nowhere(), "by", t.By)
	default:
		second := lay(r.x, t.Second)
		compare(r.page.cells, second.cells, func(c tally.Cell, first, again num) {
			switch {
			case first == again:
			case !again.ok || !first.ok:
				r.say(tally.Hold, "left-out", atCell(c).on(0), "votes", first.n+again.n)
			default:
				r.say(tally.Hold, "", atCell(c).on(0), "votes", first.n, "again", again.n)
			}
		})
	}
}

func hasLog(r *run) bool { return len(r.Log) > 0 }

// P03: the public change log is signed, chained and says why. A correction
// that nobody can follow is what rumours are made of.
func (r *run) openLog() {
	for i, e := range r.Log {
		if !e.Signed {
			r.say(tally.Block, "unsigned", nowhere(), "version", e.Version)
		}
		if i > 0 && e.Previous != r.Log[i-1].Hash {
			r.say(tally.Block, "chain", nowhere(), "version", e.Version, "previous", r.Log[i-1].Version)
		}
		if i > 0 && e.Version <= r.Log[i-1].Version {
			r.say(tally.Block, "order", nowhere(), "version", e.Version, "previous", r.Log[i-1].Version)
		}
		if e.Reason == "" && (e.Retracts || e.Status == election.Correction || e.Status == election.Recount) {
			r.say(tally.Block, "reason", nowhere(), "version", e.Version)
		}
	}
}
