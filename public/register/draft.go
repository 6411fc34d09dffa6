// SPDX-License-Identifier: Apache-2.0

package register

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/who"
)

// draft is what somebody has answered so far.
type draft struct {
	id, subject string
	version     int64
	state       string // open or sent
	signed      bool   // a picture of a signature is here
	answers
}

// The states of a draft.
const (
	open = "open"
	sent = "sent"
)

const (
	cookieName = "registration"
	lifetime   = 7 * 24 * time.Hour
	codeLife   = time.Hour
)

// notHere is no fault: a draft that nobody has, or not any more.
var errNoDraft = fault.New(fault.NotFound, "What you began is not here any more. Please begin again.")

// errOvertaken is the answer where two pages of one draft were saved at once.
var errOvertaken = fault.New(fault.Conflict, "This was changed on another page at the same time. Please look at it again.")

func digest(token string) []byte { sum := sha256.Sum256([]byte(token)); return sum[:] }

// token is the request's cookie, "" for none.
func token(r *http.Request) string {
	c, err := r.Cookie(cookieName)
	if err != nil || len(c.Value) != 43 {
		return ""
	}
	return c.Value
}

// give hands out the cookie of a draft; an empty token takes it away.
func (s *Register) give(w http.ResponseWriter, token string) {
	c := &http.Cookie{Name: cookieName, Value: token, Path: "/register", MaxAge: int(lifetime.Seconds()), HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// mine is the draft of a request.
func (s *Register) mine(r *http.Request) (draft, error) {
	t := token(r)
	if t == "" {
		return draft{}, errNoDraft
	}
	return s.find(r.Context(), `token = $2`, digest(t))
}

// find is the draft that a condition about $2 fits.
func (s *Register) find(ctx context.Context, where string, value any) (d draft, err error) {
	var sealed []byte
	err = s.DB.QueryRowContext(ctx, `
		select id, subject, version, state, body, picture is not null
		from register_draft where jurisdiction = $1 and `+where+` and expires_at > $3`,
		s.Jurisdiction, value, s.Now().UTC()).Scan(&d.id, &d.subject, &d.version, &d.state, &sealed, &d.signed)
	if errors.Is(err, sql.ErrNoRows) {
		return d, errNoDraft
	}
	if err != nil {
		return d, err
	}
	text, err := s.Sealer.Open(ctx, s.DB, body.At(s.Jurisdiction, d.id).Of(d.subject), sealed)
	if fault.KindOf(err) == fault.Gone {
		return d, errNoDraft
	}
	if err != nil {
		return d, err
	}
	d.answers, err = unpack(text)
	return d, err
}

// begin makes a draft and gives its token.
func (s *Register) begin(ctx context.Context, a answers) (token string, err error) {
	now := s.Now().UTC()
	token = id.Token(32)
	d := draft{id: id.New(), subject: "drafts:" + now.Format(time.DateOnly), answers: a}
	return token, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a draft is nobody's record until it is sent")
		sealed, err := s.sealed(ctx, tx, d)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			insert into register_draft (jurisdiction, id, token, subject, version, state, begun_at, expires_at, body)
			values ($1, $2, $3, $4, 1, 'open', $5, $6, $7)`, s.Jurisdiction, d.id, digest(token), d.subject, now, now.Add(lifetime), sealed)
		return err
	})
}

func (s *Register) sealed(ctx context.Context, tx *db.Tx, d draft) ([]byte, error) {
	text, err := d.pack()
	if err != nil {
		return nil, err
	}
	return s.Sealer.Seal(ctx, tx, body.At(s.Jurisdiction, d.id).Of(d.subject), text)
}

// save keeps the answers of a draft that nobody has saved since it was read.
func (s *Register) save(ctx context.Context, d draft) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a draft is nobody's record until it is sent")
		sealed, err := s.sealed(ctx, tx, d)
		if err != nil {
			return err
		}
		return one(tx.ExecContext(ctx, `
			update register_draft set body = $4, version = version + 1
			where jurisdiction = $1 and id = $2 and version = $3 and state = 'open'`, s.Jurisdiction, d.id, d.version, sealed))
	})
}

// saveSigned keeps the answers together with a picture; nil takes away the one
// that is there.
func (s *Register) saveSigned(ctx context.Context, d draft, png []byte) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a draft is nobody's record until it is sent")
		sealed, err := s.sealed(ctx, tx, d)
		if err != nil {
			return err
		}
		drawn, err := s.Sealer.Seal(ctx, tx, picture.At(s.Jurisdiction, d.id).Of(d.subject), hide.New(string(png)))
		if err != nil {
			return err
		}
		return one(tx.ExecContext(ctx, `
			update register_draft set body = $4, picture = $5, version = version + 1
			where jurisdiction = $1 and id = $2 and version = $3 and state = 'open'`, s.Jurisdiction, d.id, d.version, sealed, drawn))
	})
}

// one wants one row to have changed.
func one(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return errOvertaken
}

// signature is the picture of a draft.
func (s *Register) signature(ctx context.Context, d draft) ([]byte, error) {
	if !d.signed {
		return nil, nil
	}
	var sealed []byte
	if err := s.DB.QueryRowContext(ctx, `select picture from register_draft where jurisdiction = $1 and id = $2`, s.Jurisdiction, d.id).Scan(&sealed); err != nil {
		return nil, err
	}
	text, err := s.Sealer.Open(ctx, s.DB, picture.At(s.Jurisdiction, d.id).Of(d.subject), sealed)
	return []byte(text.Reveal()), err
}

// finish forgets what a draft said and keeps its receipt, and where its sender
// wants to be written to until that is done. Answers that were changed on
// another page in the meantime stay: they are yet to be sent.
func (s *Register) finish(ctx context.Context, d draft, kept answers) error {
	d.answers = kept
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("the application is the intake's record; its draft is emptied")
		sealed, err := s.sealed(ctx, tx, d)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `
			update register_draft set state = 'sent', body = $4, picture = null, code = null, code_until = null
			where jurisdiction = $1 and id = $2 and version = $3 and state = 'open'`, s.Jurisdiction, d.id, d.version, sealed)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // another press of the button was quicker, with the same receipt
		}
		if (kept.get("email") == "" || s.Post == nil) && (kept.get("text") == "" || s.Texts == nil) {
			return nil
		}
		_, err = job.Enqueue(ctx, tx, job.Order{Kind: confirmKind, Args: confirmation{Draft: d.id}, Key: d.id})
		return err
	})
}

// forget takes a draft away.
func (s *Register) forget(ctx context.Context, d draft) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("whoever began the draft does not want it")
		_, err := tx.ExecContext(ctx, `delete from register_draft where jurisdiction = $1 and id = $2 and state = 'open'`, s.Jurisdiction, d.id)
		return err
	})
}

// letters are Crockford's 32, without those that are misread or misheard.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode makes a code of 60 bits, with which a draft is gone on with on
// another device, once and within the hour.
func (s *Register) newCode(ctx context.Context, d draft) (string, error) {
	b := make([]byte, 12)
	rand.Read(b) // never fails: see crypto/rand.Read
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a draft is nobody's record until it is sent")
		return one(tx.ExecContext(ctx, `
			update register_draft set code = $3, code_until = $4 where jurisdiction = $1 and id = $2 and state = 'open'`,
			s.Jurisdiction, d.id, digest(string(b)), s.Now().UTC().Add(codeLife)))
	})
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:]), err
}

// readCode reads a code as somebody typed it.
func readCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'o' || r == 'O':
			return '0'
		case strings.ContainsRune("iIlL", r):
			return '1'
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == '-' || r == ' ':
			return -1
		}
		return r
	}, typed)
}

// take gives a draft to the device that has its code. The device on which it
// was begun has it no longer.
func (s *Register) take(ctx context.Context, typed string) (token string, err error) {
	token = id.Token(32)
	return token, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a draft is nobody's record until it is sent")
		err := one(tx.ExecContext(ctx, `
			update register_draft set token = $3, code = null, code_until = null
			where jurisdiction = $1 and code = $2 and code_until > $4 and expires_at > $4 and state = 'open'`,
			s.Jurisdiction, digest(readCode(typed)), digest(token), s.Now().UTC()))
		if errors.Is(err, errOvertaken) {
			return fault.On("code", fault.New(fault.Invalid, "This code is not right, or was used, or is more than an hour old. Ask for another on the device where you began."))
		}
		return err
	})
}

const expireKind = "register.expire"

// expire destroys the keys of the days whose drafts have all expired, and the
// drafts. First the key: whoever is stopped in between goes on with the rest.
func (s *Register) expire(ctx context.Context, _ *job.Work) error {
	now := s.Now().UTC()
	rows, err := s.DB.QueryContext(ctx, `
		select subject, count(*) from register_draft where jurisdiction = $1 and expires_at <= $2 group by subject order by subject`, s.Jurisdiction, now)
	type old struct {
		subject string
		n       int64
	}
	list, err := db.Collect(rows, err, func(scan func(...any) error) (o old, err error) { return o, scan(&o.subject, &o.n) })
	if err != nil {
		return err
	}
	for _, o := range list {
		day, err := time.Parse(time.DateOnly, strings.TrimPrefix(o.subject, "drafts:"))
		if err != nil || now.Before(day.Add(24*time.Hour+lifetime)) {
			continue // drafts of this day are still in use
		}
		if err := s.shred(ctx, o.subject); err != nil {
			return err
		}
	}
	return nil
}

func (s *Register) shred(ctx context.Context, subject string) error {
	ctx = who.With(ctx, who.System("register", s.Jurisdiction))
	err := s.Shredder.Shred(ctx, subject, "drafts of registrations are kept for a week")
	if kind := fault.KindOf(err); err != nil && kind != fault.Gone && kind != fault.NotFound && kind != fault.Conflict {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		res, err := tx.ExecContext(ctx, `delete from register_draft where jurisdiction = $1 and subject = $2`, s.Jurisdiction, subject)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		tx.Record(event.DraftsShredded{Day: strings.TrimPrefix(subject, "drafts:"), Drafts: n})
		return err
	})
}
