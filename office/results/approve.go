// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
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
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, r, err := s.locate(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := approvable(n, r, me, base, reason); err != nil {
			return err
		}
		v = Version{Number: n.Version + 1, Mode: r.Mode, Kind: kindOf(r), Status: r.Status, Report: r.ID,
			Reason: reason, ApprovedBy: me.ID, ApprovedAt: s.Now()}
		if v.Reason == "" {
			v.Reason = r.Correction
		}
		if err := nextVersion(ctx, tx, s.Jurisdiction, r.Election, v); err != nil {
			return err
		}
		if err := decide(ctx, tx, s.Jurisdiction, id, Approved, me.ID, me.Name, v.ApprovedAt, reason, v.Number); err != nil {
			return err
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

func approvable(n Night, r Report, me who.Person, base int64, reason string) error {
	switch {
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
		return err
	}
	if now := s.Now(); now.Before(closes) {
		return fault.New(fault.Denied, "The last poll closes at %s. Nothing may be published before.",
			closes.In(def.Election.Zone()).Format("15:04 MST on January 2"))
	}
	return nil
}

// Return sends a held report back with a reason. The sender may do so too, to
// take back their own mistake before anyone has approved it.
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
		Correction: strings.TrimSpace(reason), Status: election.Correction})
}

// AskStatus asks for the results to be called something else: complete,
// certified, a recount. It is held until a second person agrees. Results are
// certified only when nothing is held any more (check S04).
func (s *Results) AskStatus(ctx context.Context, e election.ID, st election.Status, reason string) (Report, error) {
	n, err := findNight(ctx, s.DB, s.Jurisdiction, e)
	if err != nil {
		return Report{}, err
	}
	if !st.Valid() {
		return Report{}, fault.On("status", fault.New(fault.Invalid, "There is no status %q.", st))
	}
	if st == election.Certified {
		all, err := listReports(ctx, s.DB, s.Jurisdiction, e, n.Mode)
		if err != nil {
			return Report{}, err
		}
		for _, r := range all {
			if r.State == Held {
				return Report{}, fault.New(fault.Conflict, "The report %s is still held. Approve it or send it back, then certify.", r.File)
			}
		}
	}
	return s.hold(ctx, n, Report{Kind: StatusOnly, File: string(st), Correction: strings.TrimSpace(reason), Status: st})
}
