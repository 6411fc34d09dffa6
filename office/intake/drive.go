// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// Drive is somebody who collects forms, and how it goes.
type Drive struct {
	Code, Name, Contact string
	Days                int // within which a signed form is handed in; many states have ten
	Handed              int64
	Returned            int64
	Late                int64 // signed longer before than Days
	Undated             int64
	Ended               map[string]int64 // by outcome
}

// OpenDrive takes down a drive and gives the code that is printed on its forms.
func (s *Intake) OpenDrive(ctx context.Context, name, contact string, days int) (code string, err error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", fault.On("name", fault.New(fault.Invalid, "Say who collects the forms."))
	}
	if days < 1 || days > 60 {
		return "", fault.On("days", fault.New(fault.Invalid, "Forms are handed in within 1 to 60 days."))
	}
	code = "D" + newReceipt()[:5]
	return code, s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `insert into intake_drive (jurisdiction, code, name, contact, days, made_at, made_by) values ($1, $2, $3, $4, $5, $6, $7)`,
			s.Jurisdiction, code, name, strings.TrimSpace(contact), days, s.Now(), me(ctx)); err != nil {
			return err
		}
		tx.Record(event.DriveOpened{Drive: code, Title: name, Days: days})
		return nil
	})
}

// HandOut takes down that a drive was given blank forms.
func (s *Intake) HandOut(ctx context.Context, code string, day election.Date, forms int) error {
	if !isDay(day) {
		return fault.On("day", fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", day))
	}
	if forms < 1 || forms > 100_000 {
		return fault.On("forms", fault.New(fault.Invalid, "Give the number of forms, 1 to 100,000."))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `select count(*) from intake_drive where jurisdiction = $1 and code = $2`, s.Jurisdiction, code).Scan(&n); err != nil || n == 0 {
			return firstOf(err, func() error { return fault.New(fault.NotFound, "There is no drive %s.", code) })
		}
		if _, err := tx.ExecContext(ctx, `insert into intake_handed (jurisdiction, drive, id, day, forms, at, by_id) values ($1, $2, $3, $4, $5, $6, $7)`,
			s.Jurisdiction, code, id.New(), string(day), forms, s.Now(), me(ctx)); err != nil {
			return err
		}
		tx.Record(event.FormsHanded{Drive: code, Day: day, Forms: forms})
		return nil
	})
}

// Drives lists the drives with what they were given and what came back.
func (s *Intake) Drives(ctx context.Context) ([]Drive, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select code, name, contact, days, (select coalesce(sum(forms), 0) from intake_handed h where h.jurisdiction = d.jurisdiction and h.drive = d.code)
		from intake_drive d where jurisdiction = $1 order by made_at desc, code`, s.Jurisdiction)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (d Drive, err error) {
		d.Ended = map[string]int64{}
		return d, scan(&d.Code, &d.Name, &d.Contact, &d.Days, &d.Handed)
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := s.countDrive(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// countDrive counts what came back of a drive's forms.
func (s *Intake) countDrive(ctx context.Context, d *Drive) error {
	for after := ""; ; {
		list, err := s.Waiting(ctx, Filter{Drive: d.Code, Step: Any, After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, a := range list {
			d.Returned++
			d.Ended[string(a.Outcome)]++
			switch late, dated := a.late(d.Days); {
			case !dated:
				d.Undated++
			case late:
				d.Late++
			}
		}
		if len(list) < 500 {
			return nil
		}
		after = list[len(list)-1].next()
	}
}

// late says whether a form was handed in later than so many days after it was
// signed; dated is false where the form does not tell.
func (a *Application) late(days int) (late, dated bool) {
	signed, err := a.Signed.In(time.UTC)
	counts, bad := a.CountsOn.In(time.UTC)
	if err != nil || bad != nil {
		return false, false
	}
	return counts.After(signed.AddDate(0, 0, days)), true
}
