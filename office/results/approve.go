// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"slices"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/results/check"
	"hustings/office/results/tally"
)

// Approve lets a held report out as the next version. The person who sent it
// in cannot be the one who approves it; base is the version that the approver
// compared with, so that nobody approves differences that they did not see. A
// report that a check held needs a reason. It returns the new version.
func (s *Results) Approve(ctx context.Context, id string, base int64, reason string) (v Version, err error) {
	me := who.From(ctx)
	reason = strings.TrimSpace(reason)
	if err := s.mayPublish(ctx, id); err != nil {
		return v, err
	}
	seen, err := s.stillGood(ctx, id, base)
	if err != nil {
		return v, err
	}
	zero, err := s.startsFromZero(ctx, seen)
	if err != nil {
		return v, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, r, err := s.locate(ctx, tx, id)
		if err != nil {
			return err
		}
		r.Holds = seen.report.Holds
		if err := approvable(n, r, me, base, reason); err != nil {
			return err
		}
		if err := s.nothingHeld(ctx, tx, n, r); err != nil {
			return err
		}
		if _, err := s.Pairs.Agree(ctx, tx, letOut, pairSubject(r), reason); err != nil {
			return err
		}
		v = Version{Number: n.Version + 1, Mode: r.Mode, Kind: kindOf(r), Definition: n.Definition, Status: statusOf(n, r), Report: r.ID,
			Reason: reason, ApprovedBy: me.ID, ApprovedAt: s.Now()}
		if v.Reason == "" {
			v.Reason = r.Correction
		}
		stays := n.Status
		if r.Kind == StatusOnly {
			stays = v.Status
		}
		if err := nextVersion(ctx, tx, s.Jurisdiction, r.Election, v, stays); err != nil {
			return err
		}
		if err := decide(ctx, tx, s.Jurisdiction, id, Approved, me.ID, me.Name, v.ApprovedAt, reason, v.Number); err != nil {
			return err
		}
		if zero {
			if err := zeroSeen(ctx, tx, s.Jurisdiction, r); err != nil {
				return err
			}
		}
		if r.Kind == Withdrawal {
			if err := withdraw(ctx, tx, s.Jurisdiction, r.Target, v.Number); err != nil {
				return err
			}
		}
		tx.Record(event.ResultsApproved{Election: r.Election, Report: id, Version: v.Number, Kind: v.Kind,
			Status: v.Status, Mode: string(v.Mode), Reason: v.Reason, At: v.ApprovedAt})
		return nil
	})
	return v, err
}

// letOut is the act of a second person by which a held report becomes a
// version; its subject is the election and the report.
const letOut = "results.approve"

func pairSubject(r Report) string { return string(r.Election) + "/" + r.ID }

// pairPath is the page where a second person sees what they would let out.
func pairPath(subject string) string {
	e, id, _ := strings.Cut(subject, "/")
	return reportPath(Report{Election: election.ID(e), ID: id})
}

func approvable(n Night, r Report, me who.Person, base int64, reason string) error {
	switch {
	case r.AlsoBy == me.ID && r.AlsoBy != "":
		return fault.New(fault.Denied, "You typed these numbers. A third person must approve them.")
	case r.UploadedBy == me.ID:
		return fault.New(fault.Denied, "You sent this report in. A second person must approve it.")
	case r.State == Blocked:
		return fault.New(fault.Conflict, "A check refused this report; it cannot be approved. A corrected file is needed.")
	case r.Mode != n.Mode:
		return fault.New(fault.Conflict, "This report belongs to the %s; the election is now in %s mode.", r.Mode, n.Mode)
	case n.Version != base:
		return fault.New(fault.Conflict, "Another version was approved since you looked. Look at the differences again.")
	case r.Holds > 0 && reason == "":
		return fault.On("reason", fault.New(fault.Invalid, "A check held this report. Say why it is right all the same."))
	}
	return nil
}

// statusOf is what the results are called in the version that a report makes: a
// correction where numbers are corrected or taken back, what was asked for
// where the report asks for it, else as they were called before. One contest's
// status is not the election's.
func statusOf(n Night, r Report) election.Status {
	switch {
	case r.Kind == StatusOnly && r.Target == "":
		return r.Status
	case r.Kind == StatusOnly:
		return n.Status
	case r.Kind == Withdrawal || r.Correction != "":
		return election.Correction
	}
	return n.Status
}

// nothingHeld refuses to certify while another report waits (check S04); it is
// asked again in the transaction that approves.
func (s *Results) nothingHeld(ctx context.Context, q db.Reader, n Night, r Report) error {
	if r.Kind != StatusOnly || r.Status != election.Certified {
		return nil
	}
	reports, err := listReports(ctx, q, s.Jurisdiction, n.Election, n.Mode)
	if err != nil {
		return err
	}
	for _, other := range reports {
		if other.State == Held && other.ID != r.ID {
			return fault.New(fault.Conflict, "The report %s is still held. Approve it or send it back, then certify.", other.File)
		}
	}
	return nil
}

// stillGood applies the checks again where something was published since a
// report came in: what was right then may be a repeat or a step back now. It
// returns the report as it is to be looked at today.
func (s *Results) stillGood(ctx context.Context, id string, base int64) (*look, error) {
	v, err := s.look(ctx, id)
	if err != nil {
		return nil, err
	}
	if v.night.Version != base {
		return nil, fault.New(fault.Conflict, "Another version was approved since you looked. Look at the differences again.")
	}
	if v.report.State == Held && v.report.Worst == tally.Block {
		return nil, fault.New(fault.Conflict, "Since this report came in another was approved, and now a check refuses it. Open it to see why, and send it back.")
	}
	return v, nil
}

// startsFromZero says whether a live report is the zero report that its source
// still owes (check I05): numbers, and all of them 0.
func (s *Results) startsFromZero(ctx context.Context, v *look) (bool, error) {
	r := v.report
	if r.Kind != File || r.Mode != Live || v.source(r.Source).Zero != check.ZeroAwaits {
		return false, nil
	}
	sheet, err := s.sheetOf(ctx, r, v.index, v.picture)
	if err != nil {
		return false, err
	}
	counted := func(c tally.Cell) bool { return c.Choice != tally.Registered && c.N != 0 }
	return len(sheet.Cells) > 0 && !slices.ContainsFunc(sheet.Cells, counted), nil
}

// zeroSeen notes that a source has shown that it starts from zero.
func zeroSeen(ctx context.Context, tx *db.Tx, jurisdiction string, r Report) error {
	tx.Record(event.ResultsZeroSeen{Election: r.Election, Source: r.Source, Report: r.ID})
	return exactly(ctx, tx, "There is no such source for this election.", `
		update results_source set zero = 'seen' where jurisdiction = $1 and election = $2 and id = $3`,
		jurisdiction, string(r.Election), r.Source)
}

func kindOf(r Report) string {
	switch {
	case r.Kind == Withdrawal:
		return "withdrawal"
	case r.Kind == StatusOnly:
		return "status"
	case r.Correction != "":
		return "correction"
	}
	return "publish"
}

// mayPublish refuses to publish live results before the last poll in scope
// closes (check I05).
func (s *Results) mayPublish(ctx context.Context, id string) error {
	n, r, err := s.locate(ctx, s.DB, id)
	if err != nil || r.Mode == Test || s.Settings.Early {
		return err
	}
	def, err := s.Definitions.ByHash(ctx, n.Election, n.Definition)
	if err != nil {
		return err
	}
	closes, err := def.LastClose()
	if err != nil {
		return fault.Wrap(fault.Conflict, err, "It is not known when the last poll closes, so nothing may be published: %s. Mend the definition.", err)
	}
	if now := s.Now(); now.Before(closes) {
		return fault.New(fault.Denied, "The last poll closes at %s. Nothing may be published before.",
			closes.In(def.Election.Zone()).Format("15:04 MST on January 2"))
	}
	return nil
}

// Return sends a held report back with a reason.
func (s *Results) Return(ctx context.Context, id, reason string) error {
	me := who.From(ctx)
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return fault.On("reason", fault.New(fault.Invalid, "Say why the report goes back."))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		r, err := findReport(ctx, tx, s.Jurisdiction, id)
		if err != nil {
			return err
		}
		if r.State == Blocked {
			return fault.New(fault.Conflict, "A check has refused this report already; there is nothing to send back.")
		}
		if _, err := s.Pairs.Refuse(ctx, tx, letOut, pairSubject(r), reason); err != nil {
			return err
		}
		if err := decide(ctx, tx, s.Jurisdiction, id, Returned, me.ID, me.Name, s.Now(), reason, 0); err != nil {
			return err
		}
		tx.Record(event.ResultsReturned{Election: r.Election, Report: id, Reason: reason})
		return nil
	})
}

// AskWithdrawal asks for an approved report to be taken back; it is held until
// a second person agrees, like any other report. The version that showed it
// stays in the archive.
func (s *Results) AskWithdrawal(ctx context.Context, id, reason string) (Report, error) {
	if strings.TrimSpace(reason) == "" {
		return Report{}, fault.On("reason", fault.New(fault.Invalid, "Say why the report is withdrawn; the public will read it."))
	}
	n, target, err := s.locate(ctx, s.DB, id)
	if err != nil {
		return Report{}, err
	}
	if target.State != Approved || target.WithdrawnIn != 0 || target.Kind == Withdrawal || target.Kind == StatusOnly {
		return Report{}, fault.New(fault.Conflict, "Only an approved report that still counts can be withdrawn.")
	}
	return s.hold(ctx, n, Report{Kind: Withdrawal, Source: target.Source, File: target.File, Target: id,
		Correction: strings.TrimSpace(reason), Status: election.Correction}, nil)
}

// AskStatus asks for the results to be called something else: complete,
// certified, a recount; of one contest, or of all where contest is empty. It
// is held until a second person agrees. Results are certified only when
// nothing is held any more (check S04).
func (s *Results) AskStatus(ctx context.Context, e election.ID, contest election.ContestID, st election.Status, reason string) (Report, error) {
	n, err := findNight(ctx, s.DB, s.Jurisdiction, e)
	if err != nil {
		return Report{}, err
	}
	if !st.Valid() {
		return Report{}, fault.On("status", fault.New(fault.Invalid, "There is no status %q.", st))
	}
	pic, err := s.see(ctx, e)
	if err != nil {
		return Report{}, err
	}
	if _, ok := pic.index.Contest(contest); contest != "" && !ok {
		return Report{}, fault.On("contest", fault.New(fault.NotFound, "There is no such unit or contest in this election."))
	}
	r := Report{Kind: StatusOnly, File: string(st), Target: string(contest), Correction: strings.TrimSpace(reason), Status: st}
	if err := s.nothingHeld(ctx, s.DB, n, r); err != nil {
		return Report{}, err
	}
	findings, err := s.completeness(ctx, pic, st)
	if err != nil {
		return Report{}, err
	}
	return s.hold(ctx, n, r, findings)
}

// completeness asks the checks whether everything that must be in before
// results are called complete or certified is in (check S02).
func (s *Results) completeness(ctx context.Context, pic *picture, st election.Status) ([]tally.Finding, error) {
	in, err := s.question(ctx, pic, Report{})
	if err != nil {
		return nil, err
	}
	in.Sheet = &tally.Sheet{Index: pic.index, Status: st}
	for i, sheet := range pic.sheets {
		in.Sheet.Cells = append(in.Sheet.Cells, sheet.Cells...)
		in.Received = append(in.Received, pic.reports[i].Source)
	}
	tally.Sort(in.Sheet.Cells)
	for _, src := range pic.sources {
		in.Expected = append(in.Expected, check.Item{Kind: check.ExpectDevice, ID: src.ID, Name: src.Name})
	}
	return slices.DeleteFunc(check.Run(in), func(f tally.Finding) bool { return f.Check != "S02" }), nil
}
