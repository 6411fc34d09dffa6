// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// arrival is an application at the door, with what the house knows of its way.
type arrival struct {
	key, sender, batch string
	line               int  // in the batch
	step               Step // Accepted, or Entering for a form that was scanned only
	app                roll.Application
	pictures           []newPicture
}

// newPicture is a picture that came with an application.
type newPicture struct {
	kind, media string
	body        []byte
}

// The kinds of pictures.
const (
	signaturePicture = "signature"
	pagePicture      = "page"
	messagePicture   = "message" // the message of a program as it came, so that nothing of it is lost
)

// longestKey is how long a sender's key may be.
const longestKey = 200

// Accept keeps an application and gives its receipt; when it returns, both are
// on disk. It thinks about nothing: what is wrong with the application is found
// later, and its applicant is told then. The same key again gives the same
// receipt and changes nothing.
func (s *Intake) Accept(ctx context.Context, key string, a roll.Application, signature []byte) (receipt string, err error) {
	in := arrival{key: key, app: a, step: Accepted}
	if len(signature) > 0 {
		in.pictures = []newPicture{{signaturePicture, http.DetectContentType(signature), signature}}
	}
	_, receipt, err = s.accept(ctx, in)
	return Grouped(receipt), err
}

// accept keeps an application; id and receipt are those of the first that came
// with the key.
func (s *Intake) accept(ctx context.Context, in arrival) (app ID, receipt string, err error) {
	p, err := s.ready(in)
	if err != nil {
		return "", "", err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var fresh bool
		if app, receipt, fresh, err = s.insert(ctx, tx, p); err == nil && !fresh {
			tx.Silently("the application came before, and nothing is changed")
		}
		return err
	})
	return app, receipt, err
}

// prepared is an arrival with all that can be made of it before the write.
type prepared struct {
	arrival
	clear  string
	hidden hide.String
	counts election.Date
}

// ready prepares an arrival. A day that has not come yet counts for nothing.
func (s *Intake) ready(in arrival) (p prepared, err error) {
	if in.key == "" || len(in.key) > longestKey {
		return p, fault.New(fault.Invalid, "An application is handed in with a key of 1 to %d letters.", longestKey)
	}
	if in.app.Received.IsZero() {
		in.app.Received = s.Now()
	}
	today := election.DayOf(in.app.Received.In(s.Zone))
	for _, d := range []*election.Date{&in.app.Delivered, &in.app.Postmark, &in.app.Signed} {
		if *d > today {
			*d = ""
		}
	}
	p = prepared{arrival: in, counts: in.app.Counts(s.Zone)}
	p.clear, p.hidden, err = part(in.app)
	return p, err
}

// insert writes an application, unless one came with the same key before.
func (s *Intake) insert(ctx context.Context, tx *db.Tx, p prepared) (app ID, receipt string, fresh bool, err error) {
	app, receipt = ID(id.New()), newReceipt()
	sealed, err := s.Sealer.Seal(ctx, tx, private.At(s.Jurisdiction, string(app)), p.hidden)
	if err != nil {
		return "", "", false, err
	}
	a := p.app
	done, err := tx.ExecContext(ctx, insertApplication, s.Jurisdiction, string(app), p.key, receipt, p.sender, a.Transaction, p.batch, p.line, a.Drive,
		string(a.Asks), a.Form, string(a.Voter.Source), string(p.counts), a.Received, string(a.Voter.Birth), string(p.step), "", s.Now(), 0, 1, "", 1, "{}", "", "", "", p.clear, sealed)
	if err != nil {
		return "", "", false, err
	}
	if n, err := done.RowsAffected(); err != nil {
		return "", "", false, err
	} else if n == 0 {
		err := tx.QueryRowContext(ctx, `select id, receipt from intake_application where jurisdiction = $1 and accept_key = $2`, s.Jurisdiction, p.key).Scan(&app, &receipt)
		return app, receipt, false, err
	}
	for i, picture := range p.pictures {
		if err := s.insertPicture(ctx, tx, app, i, picture); err != nil {
			return "", "", false, err
		}
	}
	if p.step == Entering {
		tx.Record(event.ApplicationScanned{Application: string(app), Pages: len(p.pictures)})
	} else {
		tx.Record(accepted(app, a, p.batch, p.counts))
	}
	return app, receipt, true, nil
}

var applicationColumns = strings.Fields(`jurisdiction id accept_key receipt sender transaction_id batch line drive asks form source counts_on received_at birth
	step doubt since tries version voter attempt decided outcome reason missing body private`)

var insertApplication = `insert into intake_application (` + strings.Join(applicationColumns, ", ") + `) values (` + placeholders(len(applicationColumns)) + `)
	on conflict (jurisdiction, accept_key) do nothing`

// placeholders are $1, $2 … for n values.
func placeholders(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(list, ", ")
}

func (s *Intake) insertPicture(ctx context.Context, tx *db.Tx, app ID, i int, p newPicture) error {
	n := p.kind
	if p.kind == pagePicture {
		n = fmt.Sprintf("%02d", i)
	}
	sealed, err := s.Sealer.Seal(ctx, tx, picture.At(s.Jurisdiction, string(app), n), hide.New(string(p.body)))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into intake_picture (jurisdiction, application, n, kind, media, size, body) values ($1, $2, $3, $4, $5, $6, $7)`,
		s.Jurisdiction, string(app), n, p.kind, p.media, len(p.body), sealed)
	return err
}

// Picture is one of the pictures of an application.
type Picture struct {
	N, Kind, Media string
	Size           int64
}

// Pictures lists the pictures of an application, the pages of its form first.
func (s *Intake) Pictures(ctx context.Context, app ID) ([]Picture, error) {
	rows, err := s.DB.QueryContext(ctx, `select n, kind, media, size from intake_picture where jurisdiction = $1 and application = $2 order by n`, s.Jurisdiction, string(app))
	return db.Collect(rows, err, func(scan func(...any) error) (p Picture, err error) {
		return p, scan(&p.N, &p.Kind, &p.Media, &p.Size)
	})
}

// OpenPicture gives a picture. The caller records that it was seen.
func (s *Intake) OpenPicture(ctx context.Context, app ID, n string) (media string, body []byte, err error) {
	var sealed []byte
	err = s.DB.QueryRowContext(ctx, `select media, body from intake_picture where jurisdiction = $1 and application = $2 and n = $3`, s.Jurisdiction, string(app), n).Scan(&media, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, fault.New(fault.NotFound, "The application has no such picture.")
	}
	if err != nil {
		return "", nil, err
	}
	text, err := s.Sealer.Open(ctx, s.DB, picture.At(s.Jurisdiction, string(app), n), sealed)
	return media, []byte(text.Reveal()), err
}

// me is who acts.
func me(ctx context.Context) string { return who.From(ctx).ID }
