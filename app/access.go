// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/guard/access"
	"hustings/guard/identity"
	"hustings/kit/fault"
)

// staff tells guard/access who works here.
type staff struct{ identity *identity.Identity }

// People implements access.People.
func (s staff) People(ctx context.Context) ([]access.Person, error) {
	accounts, err := s.identity.Accounts(ctx)
	out := make([]access.Person, len(accounts))
	for i, a := range accounts {
		out[i] = access.Person{ID: a.ID, Name: a.Name, Email: a.Email, Disabled: a.Disabled}
	}
	return out, err
}

// Works implements access.People.
func (s staff) Works(ctx context.Context, account string) (bool, error) {
	a, err := s.identity.ByID(ctx, account)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return !a.Disabled && (a.Expires.IsZero() || s.identity.Now().Before(a.Expires)), err
}
