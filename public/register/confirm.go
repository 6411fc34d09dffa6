// SPDX-License-Identifier: Apache-2.0

package register

import (
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

// confirm writes to somebody that their application is here. The letter says
// the receipt number and nothing else about them, for mail lies open on its
// way; then the address is forgotten.
func (s *Register) confirm(ctx context.Context, w *job.Work) error {
	var c confirmation
	if err := w.Args(&c); err != nil {
		return err
	}
	d, err := s.find(ctx, `id = $2`, c.Draft)
	if fault.KindOf(err) == fault.NotFound {
		return nil // a week has passed
	}
	to := d.get("email")
	if err != nil || to == "" || d.state != sent {
		return err
	}
	p := s.Words.In(d.get("letters"))
	text := p.T("register.mail.text", "receipt", d.get("receipt"), "office", s.Office.Name)
	err = s.Post.Mail(ctx, to, p.T("register.mail.subject", "office", s.Office.Name), text, d.id)
	if err != nil && fault.KindOf(err) != fault.Invalid { // no box has this address: the page has said the number
		return err
	}
	d.put("email", "")
	return s.rewrite(ctx, d)
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
