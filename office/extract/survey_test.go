// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"testing"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/office/extract/eavs"
)

// kept are the records of a programme.
type kept []Record

func (k kept) Records(_ context.Context, from, to election.Date) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, r := range k {
			if r.Sent >= from && r.Sent <= to && !yield(r, nil) {
				return
			}
		}
	}
}

func (k kept) Notices(context.Context, election.Date, election.Date) (eavs.Notices, error) {
	return eavs.Notices{Sent: int64(len(k)), Confirmed: 1}, nil
}

func TestTheSurveyIsComputedAndKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		k.Programmes, k.FIPS = kept{{Sent: "2025-01-01"}, {Sent: "2025-02-01"}}, "0100100000"
		a := SurveyAsked{Year: "2026", From: "2024-11-06", To: "2026-11-03", Excluded: []string{"A2"}}
		if err := k.AskSurvey(k.ctx, a); err != nil {
			t.Fatal(err)
		}
		if v, ok, err := k.Surveyed(k.ctx, "2026"); err != nil || !ok || !v.Computed.IsZero() {
			t.Fatal(v, ok, err)
		}
		if err := k.Compute(k.ctx, a); err != nil {
			t.Fatal(err)
		}
		other := a
		other.From = "2024-01-01"
		if err := k.Compute(k.ctx, other); err != nil { // of a form that was sent before this one
			t.Fatal(err)
		}
		v, _, err := k.Surveyed(k.ctx, "2026")
		if err != nil || v.Answers["total"].N != 6 || v.Answers["notices/unknown"].N != 1 || v.Answers["forms"].Kind != eavs.NoData || v.From != a.From || v.Places["P1"].Active != 3 {
			t.Errorf("got %+v, %v", v, err)
		}
		var b bytes.Buffer
		if err := k.WriteSurvey(&b, v); err != nil || !strings.Contains(b.String(), "0100100000,VALE COUNTY,,ZZ,6,6,0,-88,-88,-88,-99") {
			t.Errorf("got %s, %v", b.String(), err)
		}
	}, sources()...)
}

func TestTheLastSurvey(t *testing.T) {
	for _, tt := range []struct{ today, year, from, to string }{
		{"2026-11-03", "2026", "2024-11-06", "2026-11-03"}, {"2026-11-02", "2024", "2022-11-09", "2024-11-05"}, {"2027-05-05", "2026", "2024-11-06", "2026-11-03"},
	} {
		k := openDesk(t, dbtest.SQLite(t, sources()...))
		day, err := election.Date(tt.today).In(k.Zone)
		if err != nil {
			t.Fatal(err)
		}
		k.now = day
		if a := k.lastSurvey(); a.Year != tt.year || string(a.From) != tt.from || string(a.To) != tt.to {
			t.Errorf("on %s: %+v", tt.today, a)
		}
	}
}

func TestRecordsOfProgrammesAreHandedOut(t *testing.T) {
	k := openDesk(t, dbtest.SQLite(t, sources()...))
	if err := k.Inspect(k.ctx, "2025-01-01", "2026-01-01", func() io.Writer { return io.Discard }); fault.KindOf(err) != fault.NotFound {
		t.Errorf("without programmes: %v", err)
	}
	k.Programmes = kept{{Programme: "ncoa", Name: "=Ann", Sent: "2025-01-01", Removed: true}, {Programme: "ncoa", Name: "Bo", Sent: "2020-01-01"}}
	if err := k.Inspect(k.ctx, "soon", "2026-01-01", func() io.Writer { return io.Discard }); fault.KindOf(err) != fault.Invalid {
		t.Errorf("from a day that is none: %v", err)
	}
	var b bytes.Buffer
	if err := k.Inspect(k.ctx, "2025-01-01", "2026-01-01", func() io.Writer { return &b }); err != nil || strings.Contains(b.String(), "Bo") || !strings.Contains(b.String(), "'=Ann") {
		t.Errorf("got %s, %v", b.String(), err)
	}
	if k.facts("extract.fetched.v1") != 1 {
		t.Error("it was not recorded")
	}
}
