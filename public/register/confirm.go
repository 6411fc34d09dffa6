// SPDX-License-Identifier: Apache-2.0

package register

import (
	"cmp"
	"context"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/who"
)

const confirmKind = "register.confirm"

// confirmation is the job's order. It names the draft alone: where its sender
// wants to be written to is sealed there.
type confirmation struct{ Draft string }

// confirm tells somebody that their application is here, where they wish to be
// told. Letter and message say the receipt number and nothing else about them,
// for they lie open on their way; then the address is forgotten, and so is the
// number. Each is kept until it is of no more use, so that nobody is told twice
// by one because of trouble with the other.
func (s *Register) confirm(ctx context.Context, w *job.Work) error {
	var c confirmation
	if err := w.Args(&c); err != nil {
		return err
	}
	d, err := s.find(ctx, `id = $2`, c.Draft)
	if fault.KindOf(err) == fault.NotFound {
		return nil // a week has passed
	}
	if err != nil || d.state != sent {
		return err
	}
	p := s.Words.In(d.get("letters"))
	tell := func(kind string, how func(to, receipt string) error) error {
		to := d.get(kind)
		if to == "" {
			return nil
		}
		if err := how(to, d.get("receipt")); err != nil && fault.KindOf(err) != fault.Invalid { // nobody is there: the page has said the number
			return err
		}
		d.put(kind, "")
		return s.rewrite(ctx, d)
	}
	var mailed, texted error
	if s.Post != nil {
		mailed = tell("email", func(to, receipt string) error {
			return s.Post.Mail(ctx, to, p.T("register.mail.subject", "office", s.Office.Name), p.T("register.mail.text", "receipt", receipt, "office", s.Office.Name), d.id)
		})
	}
	if s.Texts != nil {
		texted = tell("text", func(to, receipt string) error {
			return s.Texts.Text(ctx, to, p.T("register.text", "receipt", receipt, "office", s.Office.Name))
		})
	}
	return cmp.Or(mailed, texted)
}

// rewrite keeps what is still needed of a draft that was sent.
func (s *Register) rewrite(ctx context.Context, d draft) error {
	return s.DB.Write(who.With(ctx, who.System("register", s.Jurisdiction)), func(tx *db.Tx) error {
		tx.Silently("an address that is not needed any more is forgotten")
		sealed, err := s.sealed(ctx, tx, d)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `update register_draft set body = $3 where jurisdiction = $1 and id = $2 and state = 'sent'`, s.Jurisdiction, d.id, sealed)
		return err
	})
}
