// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/guard/audit"
	"hustings/guard/identity"
)

// recorded tells guard/audit the names of those who act.
type recorded struct{ identity *identity.Identity }

// People implements audit.People.
func (r recorded) People(ctx context.Context) ([]audit.Person, error) {
	accounts, err := r.identity.Accounts(ctx)
	out := make([]audit.Person, len(accounts))
	for i, a := range accounts {
		out[i] = audit.Person{ID: a.ID, Name: a.Name, Email: a.Email}
	}
	return out, err
}
