// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
)

// actClient is registering a satellite: whoever signs people in to it can learn
// who they are, so it takes two people.
const actClient = "openid.client"

// Clients lists the satellites of an office by name.
func (s *OpenID) Clients(ctx context.Context, jurisdiction string) ([]Client, error) {
	return listClients(ctx, s.DB, jurisdiction)
}

// Find finds a satellite of the office of who acts.
func (s *OpenID) Find(ctx context.Context, id string) (Client, error) {
	return s.find(ctx, s.DB, id)
}

func (s *OpenID) find(ctx context.Context, q db.Reader, id string) (Client, error) {
	c, ok, err := findClient(ctx, q, who.From(ctx).Jurisdiction, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "There is no such satellite.")
	}
	return c, err
}

// Add registers a satellite where the operator at the machine asks, and else
// asks for a second person: waits is true then. The satellite has no secret yet.
func (s *OpenID) Add(ctx context.Context, c Client, reason string) (added Client, waits bool, err error) {
	me := who.From(ctx)
	c.tidy()
	roles, err := s.Roles.All(ctx, me.Jurisdiction)
	if err != nil {
		return c, false, err
	}
	if err := c.check(roles); err != nil {
		return c, false, err
	}
	c.ID, c.MadeBy = id.New(), me.ID
	waits = me.ID != who.Operator
	return c, waits, s.DB.Write(ctx, func(tx *db.Tx) error {
		if !waits {
			return s.addIn(ctx, tx, me.Jurisdiction, c)
		}
		removed, err := timesRemoved(ctx, tx, me.Jurisdiction, c.Name)
		if err != nil {
			return err
		}
		payload, err := json.Marshal(proposal{c, removed})
		if err != nil {
			return err
		}
		_, err = s.Pairs.Ask(ctx, tx, pair.Ask{Act: actClient, Subject: c.Name, Reason: reason, Payload: payload})
		return err
	})
}

func (s *OpenID) addIn(ctx context.Context, tx *db.Tx, jurisdiction string, c Client) error {
	c.Made = s.Now()
	ok, err := insertClient(ctx, tx, jurisdiction, c)
	if err != nil {
		return err
	}
	if !ok {
		return fault.On("name", fault.New(fault.Conflict, "There is a satellite of this name already. Remove it first, or choose another name."))
	}
	tx.Record(event.SatelliteAdded{Client: c.ID, Label: c.Name, Public: c.Public, Redirects: c.Redirects, Scopes: c.Scopes, Roles: c.Roles, Level: c.Level})
	return nil
}

// proposal is what a second person agrees to.
type proposal struct {
	Client
	Removed int64 // how often satellites of this name had been removed by then
}

// doAdd registers what a second person has agreed to, if it still makes sense.
func (s *OpenID) doAdd(ctx context.Context, tx *db.Tx, r pair.Request) error {
	c, err := pair.Wanted[proposal](r)
	if err != nil {
		return err
	}
	removed, err := timesRemoved(ctx, tx, r.Jurisdiction, c.Name)
	if err != nil {
		return err
	}
	if removed != c.Removed {
		return fault.New(fault.Conflict, "A satellite of this name was removed meanwhile. Refuse the request, and ask again if it should be there.")
	}
	roles, err := s.Roles.All(ctx, r.Jurisdiction)
	if err != nil {
		return err
	}
	if err := c.check(roles); err != nil {
		return err
	}
	return s.addIn(ctx, tx, r.Jurisdiction, c.Client)
}

// showAdd is what the second person sees.
func (s *OpenID) showAdd(ctx context.Context, r pair.Request) ([]string, error) {
	c, err := pair.Wanted[proposal](r)
	if err != nil {
		return nil, err
	}
	p := web.Words(ctx)
	lines := []string{p.T("openid.act.name", "name", c.Name), p.T(kindKey(c.Client))}
	for _, one := range c.Redirects {
		lines = append(lines, p.T("openid.act.redirect", "address", one))
	}
	for _, one := range c.SignOuts {
		lines = append(lines, p.T("openid.act.signout", "address", one))
	}
	if c.BackChannel != "" {
		lines = append(lines, p.T("openid.act.back", "address", c.BackChannel))
	}
	lines = append(lines, p.T("openid.act.scopes", "scopes", cmp.Or(strings.Join(c.Scopes, ", "), p.T("openid.nothing"))))
	lines = append(lines, p.T("openid.act.roles", "roles", cmp.Or(strings.Join(c.Roles, ", "), p.T("openid.everybody"))))
	return append(lines, p.T("openid.level."+fmt.Sprint(c.Level))), nil
}

func kindKey(c Client) string {
	if c.Public {
		return "openid.kind.public"
	}
	return "openid.kind.confidential"
}

// MakeSecret gives a satellite a new secret, to be shown once. The one before
// opens nothing from now on.
func (s *OpenID) MakeSecret(ctx context.Context, client string) (secret hide.String, err error) {
	text := id.Token(32)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.find(ctx, tx, client)
		if err != nil {
			return err
		}
		ok, err := setSecret(ctx, tx, who.From(ctx).Jurisdiction, c.ID, digest(text), s.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Conflict, "This satellite runs where it can keep no secret, so it has none.")
		}
		tx.Record(event.SatelliteSecretMade{Client: c.ID, Label: c.Name})
		return nil
	})
	return hide.New(text), err
}

// Remove ends a satellite: nobody signs in to it from here any more, and what it
// was given opens nothing.
func (s *OpenID) Remove(ctx context.Context, client, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > mostAddress {
		return fault.On("reason", fault.New(fault.Invalid, "Say why, in at most %d letters; it is recorded.", mostAddress))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := s.find(ctx, tx, client)
		if err != nil {
			return err
		}
		tx.Record(event.SatelliteRemoved{Client: c.ID, Label: c.Name, Reason: reason})
		return deleteClient(ctx, tx, who.From(ctx).Jurisdiction, c.ID)
	})
}
