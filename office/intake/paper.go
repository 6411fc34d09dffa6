// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	_ "image/jpeg" // scans are JPEG, PNG or PDF
	_ "image/png"
	"net/http"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// Forms on paper are scanned and then typed in beside their picture. The
// pictures are kept sealed in the database, as all that is private here is, and
// not in the store of blobs, which seals nothing.

// The limits of scans.
const (
	largestScan = 10 << 20 // bytes of a file
	mostScans   = 50       // files of one upload
	mostPixels  = 100_000_000
)

// Scan is a file as it comes from the scanner.
type Scan struct {
	Name string
	Body []byte
}

func sniff(body []byte) string { return http.DetectContentType(body) }

// check says whether a scan can be kept and looked at, and its kind.
func (c Scan) check() (media string, err error) {
	if len(c.Body) > largestScan {
		return "", fault.On("file", fault.New(fault.TooLarge, "%s is larger than %d megabytes. Scan it in black and white, or page by page.", c.Name, largestScan>>20))
	}
	switch media = sniff(c.Body); media {
	case "application/pdf":
		if !bytes.Contains(c.Body[max(len(c.Body)-2048, 0):], []byte("%%EOF")) {
			return "", fault.On("file", fault.New(fault.Invalid, "%s is cut short. Scan it again.", c.Name))
		}
		return media, nil
	case "image/jpeg", "image/png":
		conf, _, err := image.DecodeConfig(bytes.NewReader(c.Body))
		if err != nil {
			return "", fault.On("file", fault.Wrap(fault.Invalid, err, "%s is damaged. Scan it again.", c.Name))
		}
		if conf.Width*conf.Height > mostPixels {
			return "", fault.On("file", fault.New(fault.TooLarge, "%s has too many pixels. Scan it with 300 dots per inch.", c.Name))
		}
		return media, nil
	}
	return "", fault.On("file", fault.New(fault.Invalid, "%s is no picture of a form. Use PDF, JPEG or PNG.", c.Name))
}

// Scanned takes in scans: each is a form of its own, or all are pages of one.
// The same scan again is the same form. If one cannot be used, none is taken.
func (s *Intake) Scanned(ctx context.Context, scans []Scan, one bool, source roll.Source, drive string) (ids []ID, err error) {
	if len(scans) == 0 {
		return nil, fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
	}
	if len(scans) > mostScans {
		return nil, fault.On("file", fault.New(fault.TooLarge, "Hand in at most %d files at once.", mostScans))
	}
	var forms []arrival
	for i, c := range scans {
		media, err := c.check()
		if err != nil {
			return nil, err
		}
		page := newPicture{pagePicture, media, c.Body}
		if one && i > 0 {
			forms[0].pictures = append(forms[0].pictures, page)
			continue
		}
		sum := sha256.Sum256(c.Body)
		forms = append(forms, arrival{key: "scan:" + hex.EncodeToString(sum[:]), step: Entering, pictures: []newPicture{page},
			app: roll.Application{Asks: roll.ToRegister, Form: formNVRA, Drive: drive, Voter: roll.Voter{Source: source}}})
	}
	var ready []prepared
	for _, f := range forms {
		p, err := s.ready(f)
		if err != nil {
			return nil, err
		}
		ready = append(ready, p)
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		ids = nil
		any := false
		for _, p := range ready {
			id, _, fresh, err := s.insert(ctx, tx, p)
			if err != nil {
				return err
			}
			ids, any = append(ids, id), any || fresh
		}
		if !any {
			tx.Silently("all of them were scanned before")
		}
		return nil
	})
	return ids, err
}

// Entered takes over what somebody typed from a form; it is then an application
// like any other. A form that waits for a person is corrected in the same way.
func (s *Intake) Entered(ctx context.Context, app ID, version int64, a roll.Application) error {
	s.turn.Lock()
	old, err := s.looked(ctx, app, version)
	if err == nil && old.VoterID != "" {
		err = fault.New(fault.Conflict, "This application is in the roll already. Send it back first.")
	}
	if err == nil {
		err = s.enter(ctx, &old, a)
	}
	s.turn.Unlock()
	if err != nil {
		return err
	}
	return s.takeOn(ctx, app, nil)
}

func (s *Intake) enter(ctx context.Context, old *Application, a roll.Application) error {
	a.Received, a.Transaction, a.Voter.Signature = old.Received, old.Transaction, ""
	p, err := s.ready(arrival{key: old.Key, batch: old.Batch, app: a, step: Accepted})
	if err != nil {
		return err
	}
	first := old.Step == Entering
	old.Step, old.Doubt, old.Decided = Accepted, "", Decision{}
	return s.step(ctx, old, entry{what: "entered"}, func(tx *db.Tx) error {
		sealed, err := s.Sealer.Seal(ctx, tx, private.At(s.Jurisdiction, string(old.ID)), p.hidden)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			update intake_application set asks = $3, form = $4, source = $5, drive = $6, counts_on = $7, birth = $8, body = $9, private = $10 where jurisdiction = $1 and id = $2`,
			s.Jurisdiction, string(old.ID), string(a.Asks), a.Form, string(a.Voter.Source), a.Drive, string(p.counts), string(a.Voter.Birth), p.clear, sealed); err != nil {
			return err
		}
		if first {
			tx.Record(accepted(old.ID, p.app, old.Batch, p.counts))
		} else {
			tx.Record(decidedFact(old, "entered", ""))
		}
		return nil
	})
}

// neighbours are the forms before and after one in the queue of forms to be
// typed in; "" for none.
func (s *Intake) neighbours(ctx context.Context, a *Application) (before, after ID, err error) {
	one := func(query string) (id ID, err error) {
		rows, err := s.DB.QueryContext(ctx, query, s.Jurisdiction, string(a.CountsOn), string(a.ID))
		list, err := db.Collect(rows, err, func(scan func(...any) error) (id ID, err error) { err = scan(&id); return id, err })
		if len(list) > 0 {
			id = list[0]
		}
		return id, err
	}
	const of = `select id from intake_application where jurisdiction = $1 and step = 'entering' and `
	if before, err = one(of + `(counts_on < $2 or counts_on = $2 and id < $3) order by counts_on desc, id desc limit 1`); err != nil {
		return "", "", err
	}
	after, err = one(of + `(counts_on > $2 or counts_on = $2 and id > $3) order by counts_on, id limit 1`)
	return before, after, err
}

// endOfYear is until when a wish for ballots counts that names no end: the
// calendar year, as most states have it for the federal post card.
func endOfYear(day election.Date) election.Date { return day[:min(len(day), 4)] + "-12-31" }
