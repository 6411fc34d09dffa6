// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/send"
	"hustings/office/definition"
	"hustings/office/intake"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
	"hustings/public/register"
	front "hustings/web"
)

// RegistryConfig is what an office may say about registration.
type RegistryConfig struct {
	Rules []string `toml:"rules" doc:"files of registration rules of the office's own, which take the place of those that come with the program"`
}

// MailConfig is the office's mail server.
type MailConfig struct {
	Server   string `toml:"server" doc:"the mail server that carries the office's letters: smtp://HOST:587, with STARTTLS, or smtps://HOST:465; empty: nobody is written to by e-mail"`
	From     string `toml:"from" doc:"the address that they come from"`
	User     string `toml:"user" doc:"who signs in at the mail server; empty: nobody needs to"`
	Password string `toml:"password_file" doc:"path of a file with their password"`
}

// TextsConfig is a carrier's gateway for text messages.
type TextsConfig struct {
	Server  string `toml:"server" doc:"the gateway that carries text messages, https://HOST, which speaks as Twilio's Messages interface does; empty: nobody is sent any"`
	Account string `toml:"account" doc:"the office's account there"`
	Secret  string `toml:"secret_file" doc:"path of a file with the account's secret"`
	From    string `toml:"from" doc:"the number that messages come from, +15555550100, or a short code"`
}

// texter is the gateway; nil for none.
func (c TextsConfig) texter() (*send.Texter, error) {
	if c.Server == "" {
		return nil, nil
	}
	secret, err := secretIn("texts.secret_file", c.Secret)
	if err != nil {
		return nil, err
	}
	t, err := send.OpenTexts(send.TextSettings{Server: c.Server, Account: c.Account, Secret: secret, From: c.From})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "texts: %s", err)
	}
	return t, nil
}

// secretIn reads the file that a setting names; nothing for none.
func secretIn(setting, path string) (hide.String, error) {
	if path == "" {
		return hide.String{}, nil
	}
	body, err := os.ReadFile(path) // #nosec G304: the operator names it
	if err != nil {
		return hide.String{}, fault.Wrap(fault.Invalid, err, "%s = %q cannot be read: %s", setting, path, err)
	}
	return hide.New(strings.TrimSpace(string(body))), nil
}

// mailer is the mail server; nil for none.
func (c MailConfig) mailer() (*send.Mailer, error) {
	if c.Server == "" {
		return nil, nil
	}
	password, err := secretIn("mail.password_file", c.Password)
	if err != nil {
		return nil, err
	}
	m, err := send.Open(send.Settings{Server: c.Server, From: c.From, User: c.User, Password: password})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "mail: %s", err)
	}
	return m, nil
}

// book are the rules of registration: those of the house, and over them the
// office's own.
func (c RegistryConfig) book() (*rules.Book, error) {
	book, err := rules.Shipped()
	if err != nil {
		return nil, err
	}
	for _, path := range c.Rules {
		f, err := os.Open(path) // #nosec G304: the operator names it
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "registry.rules: %q cannot be read: %s", path, err)
		}
		own, err := rules.Read(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "registry.rules: %s: %s", path, err)
		}
		book = book.With(own)
	}
	return book, nil
}

// zone is where the office's days end.
func (c Config) zone() *time.Location {
	if at, err := time.LoadLocation(c.Office.TimeZone); err == nil {
		return at
	}
	return time.UTC
}

// state is the postal code of the state that the office belongs to, "" for none.
func (c Config) state() string {
	for part := range strings.SplitSeq(c.Office.Jurisdiction, "/") {
		for _, kind := range []string{"state:", "district:", "territory:"} {
			if code, ok := strings.CutPrefix(part, kind); ok {
				return strings.ToUpper(code)
			}
		}
	}
	return ""
}

// openRegister opens the room in which people apply by themselves.
func (h *House) openRegister() (*register.Register, error) {
	c := h.Config
	book, err := c.Registry.book()
	if err != nil {
		return nil, err
	}
	style, _, err := front.Asset("office.css")
	if err != nil {
		return nil, err
	}
	script, _, err := front.Asset("register.js")
	if err != nil {
		return nil, err
	}
	mailer, err := c.Mail.mailer()
	if err != nil {
		return nil, err
	}
	var post register.Post // without a mail server nobody is written to
	if mailer != nil {
		post = mailer
	}
	texter, err := c.Texts.texter()
	if err != nil {
		return nil, err
	}
	var texts register.Texts // without a gateway nobody is sent a message
	if texter != nil {
		texts = texter
	}
	return register.New(register.Deps{DB: h.DB, Now: h.Now, Log: h.Log, Words: h.Words, Jurisdiction: c.Office.Jurisdiction, State: c.state(), Zone: c.zone(),
		Sealer: h.Keys.Sealer(), Book: book, Intake: accepted{h.Intake}, Elections: upcoming{h.Definition}, Shredder: h.Keys, Post: post, Texts: texts,
		Office: register.Office{Name: c.Office.Name, Phone: c.Office.Phone, Email: c.Office.Email, URL: c.Office.URL},
		Secure: c.Doors.HTTPS, Style: "/assets/" + filepath.Base(style), Script: "/assets/" + filepath.Base(script)}), nil
}

// accepted is the intake as the voter's pages see it.
type accepted struct{ in *intake.Intake }

// Accept implements register.Intake.
func (a accepted) Accept(ctx context.Context, key string, app roll.Application, signature []byte) (string, error) {
	return a.in.Accept(ctx, key, app, signature)
}

// Status implements register.Intake.
func (a accepted) Status(ctx context.Context, receipt string, birth election.Date) (register.Standing, error) {
	s, err := a.in.Status(ctx, receipt, birth)
	return register.Standing{State: s.State, Outcome: s.Outcome, Since: s.Since, Missing: s.Missing}, err
}

// upcoming are the elections to come, as far as their definitions are locked.
type upcoming struct{ d *definition.Definition }

// Upcoming implements register.Elections.
func (u upcoming) Upcoming(ctx context.Context, from election.Date) (list []election.Election, err error) {
	ballots, err := u.d.Locked(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range ballots {
		def, err := u.d.ByHash(ctx, b.Election, b.Hash)
		if err != nil {
			return nil, err
		}
		if def.Election.End >= from {
			list = append(list, def.Election)
		}
	}
	slices.SortStableFunc(list, func(a, b election.Election) int { return strings.Compare(string(a.End), string(b.End)) })
	return list, nil
}
