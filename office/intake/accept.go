// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"

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
func (s *Intake) accept(ctx context.Context, in arrival) (ID, string, error) {
	if in.key == "" || len(in.key) > longestKey {
		return "", "", fault.New(fault.Invalid, "An application is handed in with a key of 1 to %d letters.", longestKey)
	}
	now := s.Now()
	if in.app.Received.IsZero() {
		in.app.Received = now
	}
	clear, hidden, err := part(in.app)
	if err != nil {
		return "", "", err
	}
	appID, receipt := ID(id.New()), newReceipt()
	counts := in.app.Counts(s.Zone)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		sealed, err := s.Sealer.Seal(ctx, tx, private.At(s.Jurisdiction, string(appID)), hidden)
		if err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, insertApplication, s.Jurisdiction, string(appID), in.key, receipt, in.sender, in.app.Transaction, in.batch, in.app.Drive,
			string(in.app.Asks), in.app.Form, string(in.app.Voter.Source), string(counts), in.app.Received, string(in.app.Voter.Birth), string(in.step), "", now, 0, 1, "", 1, "{}", "", "", "", clear, sealed)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			tx.Silently("the application came before, and nothing is changed")
			return tx.QueryRowContext(ctx, `select id, receipt from intake_application where jurisdiction = $1 and accept_key = $2`, s.Jurisdiction, in.key).Scan(&appID, &receipt)
		}
		for i, p := range in.pictures {
			if err := s.insertPicture(ctx, tx, appID, i, p); err != nil {
				return err
			}
		}
		if in.step == Entering {
			tx.Record(event.ApplicationScanned{Application: string(appID), Pages: len(in.pictures)})
			return nil
		}
		tx.Record(accepted(appID, in.app, in.batch, counts))
		return nil
	})
	return appID, receipt, err
}

var applicationColumns = strings.Fields(`jurisdiction id accept_key receipt sender transaction_id batch drive asks form source counts_on received_at birth
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
	n := fmt.Sprintf("%02d", i)
	if p.kind == signaturePicture {
		n = signaturePicture
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
