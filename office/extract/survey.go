// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/format/sheet"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/office/extract/eavs"
	"hustings/office/registry/roll"
)

// Intakes knows how applications ended.
type Intakes interface {
	// Tally counts what was received from a day to a day, both included.
	Tally(ctx context.Context, from, to election.Date) ([]eavs.Tally, error)
}

// Record is what a programme of list maintenance did about a voter. Protected
// voters have none.
type Record struct {
	Programme, Run          string
	Voter                   roll.ID
	Name, Notice            string
	Sent, Returned          election.Date // returned: by the postal service
	Answered, Voted, Ending election.Date
	Removed                 bool
}

// Programmes knows what list maintenance has done.
type Programmes interface {
	// Records are the records of notices sent from a day to a day.
	Records(ctx context.Context, from, to election.Date) iter.Seq2[Record, error]
	// Notices counts them, those to protected voters too.
	Notices(ctx context.Context, from, to election.Date) (eavs.Notices, error)
}

// SurveyAsked is what a survey is computed for.
type SurveyAsked struct {
	Year     string        `json:"year"`
	From     election.Date `json:"from"`
	To       election.Date `json:"to"`
	Excluded []string      `json:"excluded,omitempty"` // codes that do not apply here
}

// Surveyed is what was computed.
type Surveyed struct {
	SurveyAsked
	Asked, Computed time.Time
	Problem         string
	surveyResult
}

type surveyResult struct {
	Answers  eavs.Answers          `json:"answers"`
	Counties map[string]*eavs.Area `json:"counties"`
	Places   map[string]*eavs.Area `json:"precincts"`
}

const jobSurvey = "extract.survey"

// lastSurvey is the survey of the last general election of an even year, with
// the period since the one before.
func (s *Extract) lastSurvey() SurveyAsked {
	t, err := time.Parse(time.DateOnly, string(s.today()))
	if err != nil {
		t = s.Now()
	}
	year := t.Year() - t.Year()%2
	if t.Before(general(year)) {
		year -= 2
	}
	return surveyOf(year)
}

func surveyOf(year int) SurveyAsked {
	return SurveyAsked{Year: general(year).Format("2006"), From: election.DayOf(general(year-2).AddDate(0, 0, 1)), To: election.DayOf(general(year))}
}

// general is the day of the federal general election of a year: the Tuesday
// next after the first Monday of November (2 U.S.C. 7).
func general(year int) time.Time {
	d := time.Date(year, time.November, 1, 0, 0, 0, 0, time.UTC)
	return d.AddDate(0, 0, (8-int(d.Weekday()))%7+1)
}

// check says what cannot be computed.
func (a SurveyAsked) check(b *eavs.Book) error {
	var wrong []error
	if len(a.Year) != 4 || b.Mapped(a.Year) == "" || a.Year > "2100" {
		wrong = append(wrong, fault.On("year", fault.New(fault.Invalid, "No survey of this year is known; the first is of %s.", b.Years[0])))
	}
	for field, d := range map[string]election.Date{"from": a.From, "to": a.To} {
		if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
			wrong = append(wrong, fault.On(field, fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", d)))
		}
	}
	if len(a.Excluded) > 300 {
		wrong = append(wrong, fault.On("excluded", fault.New(fault.Invalid, "This is more than can be chosen at once.")))
	}
	return errors.Join(wrong...)
}

// AskSurvey has the survey of a year computed.
func (s *Extract) AskSurvey(ctx context.Context, a SurveyAsked) error {
	b, err := eavs.Survey()
	if err != nil {
		return err
	}
	if err := a.check(b); err != nil {
		return err
	}
	asked, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			insert into extract_survey (jurisdiction, year, asked, asked_at) values ($1, $2, $3, $4)
			on conflict (jurisdiction, year) do update set asked = excluded.asked, asked_at = excluded.asked_at, result = '', computed_at = null, problem = ''`,
			s.Jurisdiction, a.Year, string(asked), s.Now())
		if err != nil {
			return err
		}
		tx.Record(event.SurveyAsked{Year: a.Year, From: a.From, To: a.To, Excluded: strings.Join(a.Excluded, " ")})
		_, err = job.Enqueue(ctx, tx, job.Order{Kind: jobSurvey, Args: a})
		return err
	})
}

// survey computes what was asked for.
func (s *Extract) survey(ctx context.Context, w *job.Work) error {
	var a SurveyAsked
	if err := w.Args(&a); err != nil {
		return err
	}
	return s.Compute(ctx, a)
}

// Compute computes a survey and keeps it, unless it was asked for anew since.
func (s *Extract) Compute(ctx context.Context, a SurveyAsked) error {
	b, err := eavs.Survey()
	if err != nil {
		return err
	}
	r, err := eavs.Read(eavs.Period{From: a.From, To: a.To}, s.Roll.RollAsOf(ctx, a.To))
	if err != nil {
		return err
	}
	facts := eavs.Facts{Roll: r, Counted: s.Intakes != nil}
	if s.Intakes != nil {
		if facts.Tallies, err = s.Intakes.Tally(ctx, a.From, a.To); err != nil {
			return err
		}
	}
	if s.Programmes != nil {
		n, err := s.Programmes.Notices(ctx, a.From, a.To)
		if err != nil {
			return err
		}
		facts.Notices = &n
	}
	out := surveyResult{Answers: b.Compute(facts), Counties: r.Counties, Places: r.Places}
	b.Exclude(out.Answers, a.Year, a.Excluded)
	result, err := json.Marshal(out)
	if err != nil {
		return err
	}
	asked, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("figures of the roll change nothing; that they were asked for is recorded")
		_, err := tx.ExecContext(ctx, `update extract_survey set result = $3, computed_at = $4 where jurisdiction = $1 and year = $2 and asked = $5`,
			s.Jurisdiction, a.Year, string(result), s.Now(), string(asked))
		return err
	})
}

// Surveyed finds what was computed for a year.
func (s *Extract) Surveyed(ctx context.Context, year string) (v Surveyed, ok bool, err error) {
	var asked, result string
	var computed sql.NullTime
	err = s.DB.QueryRowContext(ctx, `select asked, result, asked_at, computed_at, problem from extract_survey where jurisdiction = $1 and year = $2`, s.Jurisdiction, year).
		Scan(&asked, &result, db.AsTime(&v.Asked), &computed, &v.Problem)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(asked), &v.SurveyAsked)
	}
	if err != nil || result == "" {
		return v, true, err
	}
	v.Computed = computed.Time
	return v, true, json.Unmarshal([]byte(result), &v.surveyResult)
}

// WriteSurvey writes a survey in the commission's layout.
func (s *Extract) WriteSurvey(w io.Writer, v Surveyed) error {
	b, err := eavs.Survey()
	if err != nil {
		return err
	}
	return b.Write(w, eavs.Place{FIPS: s.FIPS, Name: strings.ToUpper(s.Office), Abbr: strings.ToUpper(s.abbr())}, v.Year, v.Answers)
}

// abbr is the state's, from the office's OCD division id.
func (s *Extract) abbr() string {
	for part := range strings.SplitSeq(s.Jurisdiction, "/") {
		if of, ok := strings.CutPrefix(part, "state:"); ok {
			return of
		}
	}
	return ""
}

// Inspect writes the records of programmes that the public may see. That they
// were taken out is recorded first.
func (s *Extract) Inspect(ctx context.Context, from, to election.Date, begin func() io.Writer) error {
	if s.Programmes == nil {
		return fault.New(fault.NotFound, "No programme of list maintenance has any records.")
	}
	for field, d := range map[string]election.Date{"from": from, "to": to} {
		if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
			return fault.On(field, fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", d))
		}
	}
	if err := ledger.Saw(ctx, s.DB, event.ExtractFetched{Extract: "programmes", Number: string(from) + "–" + string(to), List: "programmes"}); err != nil {
		return err
	}
	out, err := sheet.NewWriter(begin(), []string{"programme", "run", "voter_id", "name", "notice", "sent", "returned_by_post", "answered", "voted", "ended", "removed"}, sheet.Style{Guard: true})
	if err != nil {
		return err
	}
	for r, err := range s.Programmes.Records(ctx, from, to) {
		if err != nil {
			return err
		}
		removed := ""
		if r.Removed {
			removed = "yes"
		}
		if err := out.Write(r.Programme, r.Run, string(r.Voter), r.Name, r.Notice, string(r.Sent), string(r.Returned), string(r.Answered), string(r.Voted), string(r.Ending), removed); err != nil {
			return err
		}
	}
	return out.Close()
}

// areas lists what is drilled down to, by name.
func areas(by map[string]*eavs.Area) []string {
	var out []string
	for name := range by {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
