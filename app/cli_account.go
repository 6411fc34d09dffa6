// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
)

type accountCmd struct {
	Add      accountAdd      `cmd:"" help:"For demos and rehearsals: add an account with a password, which is asked for, or made and shown once."`
	Invite   accountInvite   `cmd:"" help:"Add an account and print the one-time link with which its person chooses how to sign in."`
	Link     accountLink     `cmd:"" help:"Print a new one-time link for a person who cannot sign in any more."`
	Expire   accountExpire   `cmd:"" help:"Let an account end on a day, or go on."`
	Sessions accountSessions `cmd:"" help:"List where an account is signed in, or end it."`
	Envelope accountEnvelope `cmd:"" help:"Print the page of a new envelope for emergencies; the one before opens nothing any more."`
	List     accountList     `cmd:"" help:"List accounts with their roles."`
	Password accountPassword `cmd:"" help:"For demos and rehearsals: set a new password; all sessions and tokens of the account end."`
	Disable  accountDisable  `cmd:"" help:"Stop an account at once; its sessions and tokens end."`
	Enable   accountEnable   `cmd:"" help:"Let a disabled or locked account sign in again, from everywhere."`
	Grant    accountGrant    `cmd:"" help:"Give a role."`
	Revoke   accountRevoke   `cmd:"" help:"Take a role away."`
	Token    accountToken    `cmd:"" help:"Make a token with which a program acts for an account, shown once; or list or revoke them."`
}

type accountAdd struct {
	Email string   `arg:"" help:"E-mail address."`
	Name  string   `required:"" help:"The person's name."`
	Role  []string `help:"Roles: admin, definition-editor, results-clerk, results-approver, viewer."`
	Make  bool     `help:"Make a password and show it once, instead of asking for one."`
}

func (c accountAdd) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		if err := h.rehearses("account invite", "account add"); err != nil {
			return err
		}
		password, shown, err := t.password(c.Make)
		if err != nil {
			return err
		}
		a, err := h.Identity.Add(ctx, c.Email, c.Name, password)
		if err != nil {
			return err
		}
		for _, r := range c.Role {
			if err := h.Access.Grant(ctx, a.ID, access.Role(r)); err != nil {
				return err
			}
		}
		fmt.Fprintf(t.out, "added %s %s\n%s", a.Email, a.ID, shown)
		return nil
	})
}

// within opens the house for a command and closes it behind.
func (t *terminal) within(ctx context.Context, do func(context.Context, *House) error) error {
	ctx, h, err := t.house(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	return do(ctx, h)
}

// rehearses refuses to give somebody a password outside of demos and rehearsals:
// a person's password is for that person alone to choose.
func (h *House) rehearses(instead, command string) error {
	if h.Config.SignIn.Rehearsal {
		return nil
	}
	return fault.New(fault.Denied, "Nobody chooses another person's password, so “hustings %s” is for demos and rehearsals (sign_in.rehearsal). Use “hustings %s”: it prints a one-time link with which the person chooses how to sign in.", command, instead)
}

// password asks for a password at the terminal, reads one line where there is
// no terminal, or makes one; shown is the line that tells a made one.
func (t *terminal) password(made bool) (p hide.String, shown string, err error) {
	if made {
		text := id.Token(18)
		return hide.New(text), "password " + text + "\n", nil
	}
	if f, ok := t.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(t.err, "New password: ")
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(t.err)
		return hide.New(string(b)), "", err
	}
	line, err := bufio.NewReader(io.LimitReader(t.in, 4096)).ReadString('\n')
	if err != nil && line == "" {
		return p, "", fault.New(fault.Invalid, "no password was given; type one, pipe one in, or use --make")
	}
	return hide.New(strings.TrimRight(line, "\r\n")), "", nil
}

type accountList struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (c accountList) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		accounts, err := h.Identity.Accounts(ctx)
		if err != nil {
			return err
		}
		type row struct {
			ID       string        `json:"id"`
			Email    string        `json:"email"`
			Name     string        `json:"name"`
			Disabled bool          `json:"disabled"`
			Roles    []access.Role `json:"roles"`
		}
		rows := []row{}
		for _, a := range accounts {
			held, err := h.Access.Held(ctx, who.Person{ID: a.ID, Jurisdiction: h.Config.Office.Jurisdiction})
			if err != nil {
				return err
			}
			rows = append(rows, row{a.ID, a.Email, a.Name, a.Disabled, held})
		}
		if c.JSON {
			return t.json(rows)
		}
		for _, r := range rows {
			fmt.Fprintf(t.out, "%-32s %-24s %v\n", r.Email, r.Name, r.Roles)
		}
		return nil
	})
}

type accountPassword struct {
	Email string `arg:""`
	Make  bool   `help:"Make a password and show it once, instead of asking for one."`
}

func (c accountPassword) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		if err := h.rehearses("account link", "account password"); err != nil {
			return err
		}
		p, shown, err := t.password(c.Make)
		if err != nil {
			return err
		}
		fmt.Fprint(t.out, shown)
		return h.Identity.SetPassword(ctx, account, p)
	})
}

// account opens the house for a command about one account.
func (t *terminal) account(ctx context.Context, email string, do func(context.Context, *House, string) error) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		a, err := h.Identity.ByEmail(ctx, email)
		if err != nil {
			return err
		}
		return do(ctx, h, a.ID)
	})
}

type accountDisable struct {
	Email  string `arg:""`
	Reason string `required:"" help:"Why; it is recorded."`
}

func (c accountDisable) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, a string) error { return h.Identity.Disable(ctx, a, c.Reason) })
}

type accountEnable struct {
	Email string `arg:""`
}

func (c accountEnable) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, a string) error { return h.Identity.Enable(ctx, a) })
}

type accountGrant struct {
	Email string `arg:""`
	Role  string `arg:""`
}

func (c accountGrant) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, a string) error {
		return h.Access.Grant(ctx, a, access.Role(c.Role))
	})
}

type accountRevoke struct {
	Email string `arg:""`
	Role  string `arg:""`
}

func (c accountRevoke) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, a string) error {
		return h.Access.Revoke(ctx, a, access.Role(c.Role))
	})
}

type accountToken struct {
	Email   string        `arg:""`
	Purpose string        `help:"What the token is for." xor:"do" required:""`
	Life    time.Duration `default:"720h" help:"How long it works, at most 9600h (400 days)."`
	List    bool          `help:"List the account's tokens instead." xor:"do" required:""`
	Revoke  string        `help:"End the token of this id instead." placeholder:"ID" xor:"do" required:""`
	JSON    bool          `name:"json" help:"With --list, as JSON."`
}

func (c accountToken) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, a string) error {
		switch {
		case c.List:
			return c.list(ctx, t, h, a)
		case c.Revoke != "":
			return h.Identity.RevokeToken(ctx, a, c.Revoke)
		}
		tokenID, secret, err := h.Identity.MakeToken(ctx, a, c.Purpose, c.Life)
		if err == nil {
			fmt.Fprintf(t.out, "token %s\n%s\n", tokenID, secret)
		}
		return err
	})
}

func (c accountToken) list(ctx context.Context, t *terminal, h *House, account string) error {
	tokens, err := h.Identity.Tokens(ctx, account)
	if err != nil {
		return err
	}
	type row struct {
		ID      string    `json:"id"`
		Purpose string    `json:"purpose"`
		Created time.Time `json:"created"`
		Expires time.Time `json:"expires"`
		Expired bool      `json:"expired"`
	}
	rows := []row{}
	for _, k := range tokens {
		rows = append(rows, row{k.ID, k.Purpose, k.Created, k.Expires, !h.Now().Before(k.Expires)})
	}
	if c.JSON {
		return t.json(rows)
	}
	for _, r := range rows {
		state := "until"
		if r.Expired {
			state = "ended"
		}
		fmt.Fprintf(t.out, "%s  %s %s  %s\n", r.ID, state, r.Expires.Format(time.DateTime), r.Purpose)
	}
	return nil
}
