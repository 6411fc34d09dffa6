// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/who"
)

// greet prints the one-time link of the first administrator, where nobody can
// sign in to the house yet. There is no password that a house begins with.
func (h *House) greet(ctx context.Context, out io.Writer) {
	select {
	case <-h.Opened:
	case <-ctx.Done():
		return
	}
	link, ok, err := h.Identity.FirstLink(ctx)
	if err != nil {
		h.Log.Error("no link for the first administrator", "error", err)
		return
	}
	if ok {
		fmt.Fprintf(out, "Nobody can sign in to this house yet. Whoever opens this link first, within a day, becomes its administrator:\n%s\n", h.welcome(link))
	}
}

// welcome is the address that a one-time link leads to.
func (h *House) welcome(link hide.String) string {
	base := h.Config.Doors.OfficeURL
	if base == "" {
		at := cmp.Or(h.Office, h.Config.Doors.Office)
		// Passkeys belong to a name; on this machine that is localhost.
		base = "http://" + strings.Replace(at, "127.0.0.1", "localhost", 1) + "/"
	}
	return base + "welcome?key=" + link.Reveal()
}

type accountInvite struct {
	Email string   `arg:"" help:"E-mail address."`
	Name  string   `required:"" help:"The person's name."`
	Role  []string `help:"Roles, as for account add."`
	Until string   `help:"Last day of the account, such as 2026-11-30; empty: no end." placeholder:"DAY"`
}

func (c accountInvite) Run(ctx context.Context, t *terminal) error {
	until, err := lastDay(c.Until)
	if err != nil {
		return err
	}
	return t.within(ctx, func(ctx context.Context, h *House) error {
		a, link, err := h.Identity.Invite(ctx, c.Email, c.Name, until)
		if err != nil {
			return err
		}
		for _, r := range c.Role {
			if err := h.Access.Grant(ctx, a.ID, access.Role(r)); err != nil {
				return err
			}
		}
		fmt.Fprintf(t.out, "invited %s %s\n%s\n", a.Email, a.ID, h.welcome(link))
		return nil
	})
}

// lastDay is the end of a day in UTC; the zero time for no day.
func lastDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, fault.New(fault.Invalid, "%q is no day; write it like 2026-11-30", text)
	}
	return day.AddDate(0, 0, 1), nil
}

type accountLink struct {
	Email string `arg:""`
	Reset bool   `help:"Take away the passkeys, password and app that the person has lost, and end their sessions and tokens."`
}

func (c accountLink) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		link, err := h.Identity.Relink(ctx, account, c.Reset)
		if err == nil {
			fmt.Fprintln(t.out, h.welcome(link))
		}
		return err
	})
}

type accountExpire struct {
	Email string `arg:""`
	Day   string `arg:"" optional:"" help:"Last day, such as 2026-11-30; none: the account goes on."`
}

func (c accountExpire) Run(ctx context.Context, t *terminal) error {
	until, err := lastDay(c.Day)
	if err != nil {
		return err
	}
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		return h.Identity.Expire(ctx, account, until)
	})
}

type accountSessions struct {
	Email string `arg:""`
	End   bool   `help:"End all of them."`
	JSON  bool   `name:"json" help:"As JSON."`
}

func (c accountSessions) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		if c.End {
			n, err := h.Identity.EndOthers(ctx, account)
			if err == nil {
				fmt.Fprintf(t.out, "ended %d sessions\n", n)
			}
			return err
		}
		list, err := h.Identity.Sessions(ctx, account)
		if err != nil || c.JSON {
			if err == nil {
				err = t.json(list)
			}
			return err
		}
		for _, s := range list {
			fmt.Fprintf(t.out, "%s  %s  level %d  %-24s %s\n", s.ID, s.Seen.Format(time.DateTime), s.Level, s.Address, s.Agent)
		}
		return nil
	})
}

// roles tells guard/identity what people may do.
type roles struct{ access *access.Access }

// All implements identity.Roles.
func (r roles) All() []string {
	var out []string
	for _, one := range access.Roles() {
		out = append(out, string(one))
	}
	return out
}

// Held implements identity.Roles.
func (r roles) Held(ctx context.Context, account string) ([]string, error) {
	held, err := r.access.Held(ctx, who.Person{ID: account, Jurisdiction: who.From(ctx).Jurisdiction})
	var out []string
	for _, one := range held {
		out = append(out, string(one))
	}
	return out, err
}

// Grant implements identity.Roles.
func (r roles) Grant(ctx context.Context, account, role string) error {
	return r.access.Grant(ctx, account, access.Role(role))
}

// Revoke implements identity.Roles.
func (r roles) Revoke(ctx context.Context, account, role string) error {
	return r.access.Revoke(ctx, account, access.Role(role))
}

type accountEnvelope struct {
	Role []string `default:"admin" help:"Roles that the envelope opens."`
}

func (c accountEnvelope) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		code, err := h.Identity.SealEnvelope(ctx, c.Role...)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, `FOR EMERGENCIES ONLY - %s

Print this page, show it to nobody, seal it in an envelope, sign across the
flap, and lock it away. An envelope that was sealed before opens nothing now.

To open the office when nobody else can:
  1. Go to the sign-in page and choose "Open the envelope for emergencies".
  2. Type this code:  %s
  3. Say who you are and why. Everybody will see it.

It works once, for one hour. Seal a new one afterwards:
  hustings account envelope
`, h.Config.Office.Name, code.Reveal())
		return nil
	})
}
