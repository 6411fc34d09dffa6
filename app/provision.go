// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/guard/access"
	"hustings/guard/identity"
	"hustings/guard/provision"
	"hustings/kit/db"
	"hustings/kit/who"
)

// provided tells guard/provision who works here, and keeps their accounts.
type provided struct{ *identity.Identity }

func providedOf(a identity.Account) provision.Account {
	return provision.Account{ID: a.ID, Email: a.Email, Name: a.Name, Disabled: a.Disabled, Human: a.Kind == identity.Human}
}

// All implements provision.Accounts.
func (p provided) All(ctx context.Context) ([]provision.Account, error) {
	accounts, err := p.Accounts(ctx)
	out := make([]provision.Account, len(accounts))
	for i, a := range accounts {
		out[i] = providedOf(a)
	}
	return out, err
}

// ByID implements provision.Accounts.
func (p provided) ByID(ctx context.Context, account string) (provision.Account, error) {
	a, err := p.Identity.ByID(ctx, account)
	return providedOf(a), err
}

// ByEmail implements provision.Accounts.
func (p provided) ByEmail(ctx context.Context, email string) (provision.Account, error) {
	a, err := p.Identity.ByEmail(ctx, email)
	return providedOf(a), err
}

// Provide implements provision.Accounts.
func (p provided) Provide(ctx context.Context, email, name string, also func(tx *db.Tx, account string) error) error {
	_, err := p.Identity.Provide(ctx, email, name, func(tx *db.Tx, a identity.Account) error { return also(tx, a.ID) })
	return err
}

// mapped tells guard/provision which roles there are, and changes who has them.
type mapped struct{ access *access.Access }

// All implements provision.Roles.
func (g mapped) All(ctx context.Context) ([]string, error) { return ruled(g).All(ctx) }

// Powerful implements provision.Roles.
func (g mapped) Powerful(ctx context.Context, role string) (bool, error) {
	return g.access.Powerful(ctx, access.Role(role), who.From(ctx).Jurisdiction)
}

// Opens implements provision.Roles.
func (g mapped) Opens(ctx context.Context, q db.Reader, account string) (bool, error) {
	return g.access.HoldsPowerful(ctx, q, account)
}

// Held implements provision.Roles.
func (g mapped) Held(ctx context.Context, account string) (map[string]bool, error) {
	return ruled(g).Held(ctx, account)
}

// Give implements provision.Roles.
func (g mapped) Give(ctx context.Context, account, role, reason string) error {
	return ruled(g).Give(ctx, account, role, reason)
}

// Take implements provision.Roles.
func (g mapped) Take(ctx context.Context, account, role, reason string) error {
	return ruled(g).Take(ctx, account, role, reason)
}
