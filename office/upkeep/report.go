// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"io"
	"time"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// Row is a line of the public report of a programme: who was sent a notice, and
// whether they answered. 52 U.S.C. 20507(i) lets everybody see it for two years.
type Row struct {
	Voter                   roll.ID
	Name                    string
	Kind                    Kind
	Stage                   string
	Sent, Returned          election.Date
	Answered, Voted, Ending election.Date
}

// Report is the public report of a run.
type Report struct {
	Run       Run
	Tallies   []Tally
	Rows      []Row
	Protected int // voters who are left out
}

// Report makes the public report of a run, or of the notices to those whose
// mail came back, which have no run: "returned". Protected voters are counted
// and not named.
func (s *Upkeep) Report(ctx context.Context, run string) (Report, error) {
	r, err := Run{ID: run, Kind: Returned, TakenAt: s.Now()}, error(nil)
	if run != string(Returned) {
		r, err = s.Run(ctx, run)
	}
	if err != nil {
		return Report{}, err
	}
	out := Report{Run: r}
	if out.Tallies, err = s.Tallies(ctx, run); err != nil {
		return out, err
	}
	list, err := s.notices(ctx, `id >= $2 and id < $3`, run+"/", run+"0") // 0 follows the slash
	if err != nil {
		return out, err
	}
	for _, n := range list {
		v, err := s.Roll.Voter(ctx, n.Voter)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return out, err
		}
		if v.Protected != "" {
			out.Protected++
			continue
		}
		row := Row{Voter: n.Voter, Name: v.Name.String(), Kind: n.Kind, Stage: n.Stage, Sent: n.Issued, Returned: n.Returned, Answered: n.Answered}
		switch n.Stage {
		case Voted:
			row.Voted = n.Ended
		case Removed, TakenBack:
			row.Ending = n.Ended
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// CSV writes the report as a table.
func (r *Report) CSV(w io.Writer) error {
	out, err := sheet.NewWriter(w, []string{"programme", "run", "voter_id", "name", "notice", "sent", "returned", "answered", "voted", "ended"}, sheet.Style{})
	if err != nil {
		return err
	}
	for _, x := range r.Rows {
		if err := out.Write(string(x.Kind), r.Run.ID, string(x.Voter), x.Name, x.Stage, string(x.Sent), string(x.Returned), string(x.Answered), string(x.Voted), string(x.Ending)); err != nil {
			return err
		}
	}
	return out.Close()
}

// keptFor is how long the lines of a file are kept: two years, as 52 U.S.C.
// 20507(i)(1) wants of the records of programmes.
const keptFor = 2 * 365 * 24 * time.Hour

// shed drops the lines of files that nobody has to keep any more. What came of
// them stays.
func (s *Upkeep) shed(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("lines of files are kept for two years; what came of them stays")
		_, err := tx.ExecContext(ctx, `
			delete from upkeep_part where jurisdiction = $1 and run in (select id from upkeep_run where jurisdiction = $1 and taken_at < $2)`,
			s.Jurisdiction, s.Now().Add(-keptFor))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `delete from upkeep_run where jurisdiction = $1 and state = 'reading' and taken_at < $2`, s.Jurisdiction, s.Now().Add(-24*time.Hour))
		return err
	})
}
