// SPDX-License-Identifier: Apache-2.0

// Package send carries short letters to mailboxes, by the office's own mail
// server (SMTP, RFC 5321, always under TLS but to this very machine), and text
// messages to telephones, by a carrier's gateway.
//
//	m, err := send.Open(send.Settings{Server: "smtp://mail.vale.example:587", From: "elections@vale.example"})
//	err = m.Mail(ctx, "ann@example.com", "Your application", "…", draft)
//
// Mail lies open on its way and in its box: what is private does not belong into
// it. Mail waits until the server has taken the letter; who must not wait, and
// wants it tried again, queues a job (kit/job). The key makes the letter's
// Message-ID, so that one that was sent twice is seen to be the same.
package send

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Settings say which server carries letters, and for whom.
type Settings struct {
	Server   string // smtp://HOST:PORT, with STARTTLS, or smtps://HOST:PORT
	From     string // the office's address
	User     string // "" where the server asks for none
	Password hide.String
}

// Mailer carries letters.
type Mailer struct {
	client *mail.Client
	from   string
	domain string
}

const patience = 30 * time.Second

// Open looks at the settings; it does not go to the server yet.
func Open(s Settings) (*Mailer, error) {
	at, err := url.Parse(s.Server)
	if err != nil || at.Scheme != "smtp" && at.Scheme != "smtps" || at.Hostname() == "" || at.Path != "" || at.User != nil {
		return nil, fault.New(fault.Invalid, "The mail server is %q; want smtp://HOST:PORT or smtps://HOST:PORT.", s.Server)
	}
	_, domain, ok := strings.Cut(s.From, "@")
	if err := mail.NewMsg().From(s.From); err != nil || !ok {
		return nil, fault.New(fault.Invalid, "The sender of letters is %q; want an address such as elections@vale.example.", s.From)
	}
	client, err := mail.NewClient(at.Hostname(), options(s, at)...)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The mail server's settings cannot be used: %s", err)
	}
	return &Mailer{client: client, from: s.From, domain: domain}, nil
}

func options(s Settings, at *url.URL) []mail.Option {
	port, _ := strconv.Atoi(at.Port()) // a URL's port is digits or none
	if port == 0 {
		port = map[string]int{"smtp": 587, "smtps": 465}[at.Scheme]
	}
	out := []mail.Option{mail.WithPort(port), mail.WithTimeout(patience), mail.WithTLSPolicy(mail.TLSMandatory)}
	switch {
	case at.Scheme == "smtps":
		out = append(out, mail.WithSSL())
	case here(at.Hostname()):
		out = append(out, mail.WithTLSPolicy(mail.TLSOpportunistic))
	}
	if s.User != "" {
		out = append(out, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password.Reveal()))
	}
	return out
}

// Mail sends a letter of plain text. A fault of kind Invalid says that the
// server will not take it for this address, however often it is tried; one of
// kind Unavailable, that it may later.
func (m *Mailer) Mail(ctx context.Context, to, subject, text, key string) error {
	letter := mail.NewMsg()
	if err := errors.Join(letter.From(m.from), letter.To(to)); err != nil {
		return fault.New(fault.Invalid, "A letter cannot be sent to this address.") // the cause names it
	}
	sum := sha256.Sum256([]byte(key))
	letter.SetMessageIDWithValue(hex.EncodeToString(sum[:16]) + "@" + m.domain)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no machine answers
	letter.Subject(subject)
	letter.SetBodyString(mail.TypeTextPlain, text)
	err := m.client.DialAndSendWithContext(ctx, letter)
	var refused *mail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && !refused.IsTemp() && refused.Reason == mail.ErrSMTPRcptTo:
		return fault.New(fault.Invalid, "The mail server takes no letters for this address.")
	case errors.As(err, &refused):
		return fault.New(fault.Unavailable, "The mail server did not take a letter; its answer was %d.", refused.ErrorCode())
	}
	return fault.Wrap(fault.Unavailable, err, "The mail server cannot be reached.")
}
