// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"time"

	"hustings/guard/openid"
)

type openidCmd struct {
	Client struct {
		Add    openidAdd    `cmd:"" help:"Register a satellite; its client id and secret are printed, the secret once."`
		List   openidList   `cmd:"" help:"List the satellites."`
		Secret openidSecret `cmd:"" help:"Make a new secret for a satellite and print it once; the one before opens nothing."`
		Remove openidRemove `cmd:"" help:"Remove a satellite: nobody signs in to it from here any more."`
	} `cmd:"" help:"Programs of the office whose people sign in with their account here."`
	RotateKeys openidRotate `cmd:"" name:"rotate-keys" help:"Make a new signing key: published now, it signs in an hour."`
}

type openidAdd struct {
	Name        string   `arg:"" help:"Its name, as people see it when they sign in."`
	Redirect    []string `required:"" sep:"none" help:"Where people come back to, letter by letter; may be given several times." placeholder:"URL"`
	SignedOut   []string `sep:"none" help:"Where they may go after signing out." placeholder:"URL"`
	BackChannel string   `help:"Where it is told that a session has ended." placeholder:"URL"`
	Public      bool     `help:"It runs on people's own devices and can keep no secret."`
	Scope       []string `help:"What it learns about a person: profile, email, roles."`
	Role        []string `help:"Whose holders may use it; none: all staff."`
	Level       int      `default:"2" help:"How well people must have proved who they are: 1, 2 or 3."`
}

func (c openidAdd) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		issuer, err := h.OpenID.Issuer()
		if err != nil {
			return err
		}
		added, _, err := h.OpenID.Add(ctx, openid.Client{Name: c.Name, Public: c.Public, Redirects: c.Redirect, SignOuts: c.SignedOut,
			BackChannel: c.BackChannel, Scopes: c.Scope, Roles: c.Role, Level: c.Level}, "at the machine")
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "issuer %s\nclient id %s\n", issuer, added.ID)
		if c.Public {
			return nil
		}
		return openidSecret{added.ID}.print(ctx, t, h)
	})
}

type openidSecret struct {
	ID string `arg:"" help:"The satellite's client id."`
}

func (c openidSecret) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error { return c.print(ctx, t, h) })
}

func (c openidSecret) print(ctx context.Context, t *terminal, h *House) error {
	secret, err := h.OpenID.MakeSecret(ctx, c.ID)
	if err == nil {
		fmt.Fprintf(t.out, "client secret %s\n", secret.Reveal())
	}
	return err
}

type openidList struct {
	JSON bool `name:"json" help:"As JSON."`
}

func (c openidList) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		clients, err := h.OpenID.Clients(ctx, h.Config.Office.Jurisdiction)
		if err != nil {
			return err
		}
		type row struct {
			ID          string    `json:"id"`
			Name        string    `json:"name"`
			Public      bool      `json:"public"`
			Redirects   []string  `json:"redirects"`
			SignOuts    []string  `json:"signed_out"`
			BackChannel string    `json:"back_channel,omitempty"`
			Scopes      []string  `json:"scopes"`
			Roles       []string  `json:"roles"`
			Level       int       `json:"level"`
			Made        time.Time `json:"made"`
			SecretMade  time.Time `json:"secret_made,omitzero"`
		}
		rows := []row{}
		for _, one := range clients {
			rows = append(rows, row{one.ID, one.Name, one.Public, one.Redirects, one.SignOuts, one.BackChannel, one.Scopes, one.Roles, one.Level, one.Made, one.SecretMade})
		}
		if c.JSON {
			return t.json(rows)
		}
		for _, r := range rows {
			fmt.Fprintf(t.out, "%s  %s  %v\n", r.ID, r.Name, r.Redirects)
		}
		return nil
	})
}

type openidRemove struct {
	ID     string `arg:"" help:"The satellite's client id."`
	Reason string `required:"" help:"Why; it is recorded."`
}

func (c openidRemove) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error { return h.OpenID.Remove(ctx, c.ID, c.Reason) })
}

type openidRotate struct {
	Now bool `help:"Somebody may have seen a key: the new one signs at once and all others are gone. What they signed is good for nothing."`
}

func (c openidRotate) Run(ctx context.Context, t *terminal) error {
	return t.within(ctx, func(ctx context.Context, h *House) error {
		k, err := h.OpenID.RotateKeys(ctx, c.Now)
		if err == nil {
			fmt.Fprintf(t.out, "key %s signs from %s on\n", k.ID, k.Begins.UTC().Format(time.RFC3339))
		}
		return err
	})
}
