// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/who"
)

// What a command may need besides a permission.
const (
	theHouse = "the house"  // it runs the house itself
	noHouse  = "files only" // it opens no house
)

// commandNeeds is the permission of every command. Like a route, a command that
// is not here is refused. The policies decide: as they ship, the operator at the
// machine may do everything, and an office may forbid some of it.
var commandNeeds = map[string]string{
	"serve": theHouse, "demo": theHouse, "migrate": theHouse, "config check": noHouse, "config print": noHouse,

	"account add": "identity.staff", "account list": "identity.view", "account invite": "identity.staff", "account link": "identity.staff",
	"account expire": "identity.staff", "account sessions": "identity.staff", "account envelope": "identity.staff", "account password": "identity.staff", "account disable": "identity.staff",
	"account enable": "identity.staff", "account grant": "access.grant", "account revoke": "access.grant", "account token": "identity.staff",

	"access roles": "access.view", "access grants": "access.view", "access grant": "access.grant", "access revoke": "access.grant",
	"access who-can": "access.view", "access what-can": "access.view",
	"access policy check": "access.view", "access policy diff": "access.view", "access policy apply": "access.policy",

	"keys status": "keys.view", "keys rotate": "keys.manage", "keys split": "keys.manage", "keys join": "keys.manage",
	"keys import": "keys.manage", "keys move": "keys.manage", "keys shred": "keys.manage",

	"openid client add": "openid.manage", "openid client list": "openid.view", "openid client secret": "openid.manage", "openid client remove": "openid.manage",
	"openid rotate-keys": "openid.manage",

	"sso list": "federation.view", "sso add": "federation.manage", "sso try": "federation.manage", "sso stop": "federation.manage", "sso link": "federation.manage", "sso remove": "federation.manage",

	"definition import": "definition.edit", "definition export": "definition.view", "definition show": "definition.view",
	"definition lock": "definition.lock", "definition check": noHouse, "definition convert": noHouse, "definition derive": noHouse,

	"results open": "results.settings", "results import": "results.upload", "results status": "results.view", "results export": "results.view",
	"results check": noHouse, "results convert": noHouse, "results mapping": noHouse, "results render": noHouse,

	"registry load": "registry.load", "registry match": noHouse, "registry check": noHouse, "registry convert": noHouse, "registry sample": noHouse,

	"upkeep run": "upkeep.run", "upkeep undo": "upkeep.run", "upkeep report": "upkeep.view",

	"extract make": "extract.make", "extract count": "extract.view", "extract survey": "extract.view",

	"intake load": "intake.load", "intake process": "intake.decide", "intake status": "intake.view",
	"letters batch": "letters.print", "letters confirm": "letters.print", "letters returned": "letters.print",

	"publish": "results.view", "ledger tail": "audit.view", "ledger status": "audit.view", "ledger skip": theHouse,

	"audit verify": noHouse, "audit check": noHouse, "audit prove": "audit.export", "audit key": "audit.view", "audit tiles": "audit.export", "audit shred": "keys.manage",
}

// permitted asks the policies whether whoever runs a command may.
func (t *terminal) permitted(ctx context.Context, h *House) error {
	need, ok := commandNeeds[t.command]
	switch {
	case !ok:
		return fault.New(fault.Denied, "the command %q names no permission, so it is refused; say in commandNeeds what it needs", t.command)
	case need == theHouse || need == noHouse:
		return nil
	}
	return h.Access.May(ctx, who.From(ctx), need)
}

type accessCmd struct {
	Roles   accessRoles  `cmd:"" help:"List roles and what each permits."`
	Grants  accessGrants `cmd:"" help:"List who holds which role where; with --unused, those nobody made use of."`
	Grant   accessGrant  `cmd:"" help:"Give a role."`
	Revoke  accessRevoke `cmd:"" help:"Take a role away."`
	WhoCan  accessWho    `cmd:"" name:"who-can" help:"List who can do something."`
	WhatCan accessWhat   `cmd:"" name:"what-can" help:"List what a person can do."`
	Policy  struct {
		Check accessCheck `cmd:"" help:"Check a file of the office's own policies."`
		Diff  accessDiff  `cmd:"" help:"Say who would gain and who would lose what by a file of policies."`
		Apply accessApply `cmd:"" help:"Ask for a file of policies to come into force; a second person agrees at the office door."`
	} `cmd:"" help:"The office's own policies."`
}

// where is the jurisdiction that a command is about: the office, or one below it.
type where struct {
	In string `help:"A jurisdiction below the office, by its OCD division id." placeholder:"ID"`
}

func (w where) of(h *House) string { return cmp.Or(w.In, h.Config.Office.Jurisdiction) }

type accessRoles struct {
	where
	JSON bool `name:"json" help:"As JSON."`
}

func (c accessRoles) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		type row struct {
			Role     access.Role `json:"role"`
			Powerful bool        `json:"powerful"`
			Can      []string    `json:"can"`
		}
		roles, err := h.Access.RolesIn(ctx, c.of(h))
		if err != nil {
			return err
		}
		var rows []row
		for _, role := range roles {
			r := row{Role: role, Can: []string{}}
			if r.Powerful, err = h.Access.Powerful(ctx, role, c.of(h)); err != nil {
				return err
			}
			can, err := h.Access.RoleCan(ctx, role, c.of(h))
			if err != nil {
				return err
			}
			for _, p := range can {
				r.Can = append(r.Can, sentenceOf(p))
			}
			rows = append(rows, r)
		}
		if c.JSON {
			return t.json(rows)
		}
		for _, r := range rows {
			mark := ""
			if r.Powerful {
				mark = " (granted by two people)"
			}
			fmt.Fprintf(t.out, "%s%s\n  %s\n", r.Role, mark, strings.Join(r.Can, "\n  "))
		}
		return nil
	})
}

// sentenceOf is what somebody can do, with the cases in which they cannot.
func sentenceOf(c access.Can) string {
	switch {
	case len(c.But) == 0:
		return c.Permission
	case c.Usually:
		return c.Permission + " (but not: " + strings.Join(c.But, ", ") + ")"
	}
	return c.Permission + " (only: " + strings.Join(c.But, ", ") + ")"
}

type accessGrants struct {
	where
	Unused int  `help:"Only those older than so many days that nobody made use of since." placeholder:"DAYS"`
	JSON   bool `name:"json" help:"As JSON."`
}

func (c accessGrants) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		var list []access.Used
		if c.Unused > 0 {
			unused, err := h.Access.Unused(ctx, c.of(h), c.Unused)
			if err != nil {
				return err
			}
			list = unused
		} else {
			grants, err := h.Access.Grants(ctx, c.of(h))
			if err != nil {
				return err
			}
			for _, g := range grants {
				list = append(list, access.Used{Grant: g})
			}
		}
		emails, err := h.emails(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(list)
		}
		for _, g := range list {
			fmt.Fprintf(t.out, "%-32s %-20s %s\n", cmp.Or(emails[g.Person], g.Person), g.Role, strings.TrimSpace(g.Jurisdiction+" "+g.LastUsed))
		}
		return nil
	})
}

// emails are the addresses of those who work here, by account.
func (h *House) emails(ctx context.Context) (map[string]string, error) {
	people, err := staff{h.Identity}.People(ctx)
	out := make(map[string]string, len(people))
	for _, p := range people {
		out[p.ID] = p.Email
	}
	return out, err
}

type accessGrant struct {
	Email  string `arg:""`
	Role   string `arg:""`
	Reason string `required:"" help:"Why; it is recorded."`
	where
}

func (c accessGrant) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		apart, err := h.Access.Apart(ctx, account, access.Role(c.Role), c.of(h))
		if err != nil {
			return err
		}
		for held, policy := range apart {
			fmt.Fprintf(t.err, "warning: %s should not be with one person together with %s, which they hold (policy %s)\n", c.Role, held, policy)
		}
		_, err = h.Access.Give(ctx, access.Grant{Jurisdiction: c.of(h), Person: account, Role: access.Role(c.Role), Reason: c.Reason})
		return err
	})
}

type accessRevoke struct {
	Email  string `arg:""`
	Role   string `arg:""`
	Reason string `required:"" help:"Why; it is recorded."`
	where
}

func (c accessRevoke) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		return h.Access.Take(ctx, access.Grant{Jurisdiction: c.of(h), Person: account, Role: access.Role(c.Role), Reason: c.Reason})
	})
}

type accessWho struct {
	Permission string `arg:"" help:"As docs/permissions.md lists them: results.approve."`
	where
	JSON bool `name:"json" help:"As JSON."`
}

func (c accessWho) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		list, err := h.Access.WhoCan(ctx, c.Permission, c.of(h))
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(list)
		}
		for _, p := range list {
			roles := make([]string, len(p.Roles))
			for i, r := range p.Roles {
				roles[i] = string(r)
			}
			fmt.Fprintf(t.out, "%-32s %-24s %s\n", cmp.Or(p.Person.Email, p.Person.ID), strings.Join(roles, " "), sentenceOf(p.Can))
		}
		return nil
	})
}

type accessWhat struct {
	Email string `arg:""`
	where
	JSON bool `name:"json" help:"As JSON."`
}

func (c accessWhat) Run(ctx context.Context, t *terminal) error {
	return t.account(ctx, c.Email, func(ctx context.Context, h *House, account string) error {
		list, err := h.Access.WhatCan(ctx, account, c.of(h))
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(list)
		}
		for _, p := range list {
			fmt.Fprintln(t.out, sentenceOf(p))
		}
		return nil
	})
}

type accessCheck struct {
	File string `arg:"" help:"File of Cedar policies; - reads them from the terminal." type:"path"`
}

func (c accessCheck) Run(ctx context.Context, t *terminal) error {
	return t.policies(ctx, c.File, func(_ context.Context, h *House, text string) error {
		if err := h.Access.Check(h.Config.Office.Jurisdiction, text); err != nil {
			return err
		}
		fmt.Fprintln(t.out, "the policies are good")
		return nil
	})
}

type accessDiff struct {
	File string `arg:"" help:"File of Cedar policies; - reads them from the terminal." type:"path"`
	JSON bool   `name:"json" help:"As JSON."`
}

func (c accessDiff) Run(ctx context.Context, t *terminal) error {
	return t.policies(ctx, c.File, func(ctx context.Context, h *House, text string) error {
		list, err := h.Access.Diff(ctx, h.Config.Office.Jurisdiction, text)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(list)
		}
		emails, err := h.emails(ctx)
		if err != nil {
			return err
		}
		for _, ch := range list {
			for i, p := range ch.People {
				ch.People[i] = cmp.Or(emails[p], p)
			}
			fmt.Fprintln(t.out, ch)
		}
		if len(list) == 0 {
			fmt.Fprintln(t.out, "nobody gains or loses anything")
		}
		return nil
	})
}

type accessApply struct {
	File   string `arg:"" help:"File of Cedar policies; - reads them from the terminal." type:"path"`
	Reason string `required:"" help:"Why; it is recorded."`
}

func (c accessApply) Run(ctx context.Context, t *terminal) error {
	return t.policies(ctx, c.File, func(ctx context.Context, h *House, text string) error {
		r, err := h.Access.Propose(ctx, text, c.Reason)
		if err == nil {
			fmt.Fprintf(t.out, "asked; a second person agrees at /access/requests/%s until %s\n", r.ID, r.Expires.Format("2006-01-02 15:04 MST"))
		}
		return err
	})
}

// mostPolicyFile bounds what is read of a file that may be anything.
const mostPolicyFile = 1 << 20

// policies opens the house for a command about a file of policies.
func (t *terminal) policies(ctx context.Context, path string, do func(context.Context, *House, string) error) error {
	in := t.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			var p *os.PathError
			if errors.As(err, &p) {
				err = p.Err
			}
			return fault.Wrap(fault.Invalid, err, "%s cannot be read: %s", path, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, mostPolicyFile))
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be read: %s", path, err)
	}
	return t.within(ctx, func(ctx context.Context, h *House) error { return do(ctx, h, string(text)) })
}
