// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/guard/access"
	"hustings/guard/audit"
	"hustings/guard/identity"
	"hustings/kit/who"
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

// powers tells guard/audit who and what can open all other doors.
type powers struct{ access *access.Access }

// PowerfulPerson implements audit.Powers.
func (p powers) PowerfulPerson(ctx context.Context, person, jurisdiction string) (bool, error) {
	return p.access.PowerfulPerson(ctx, who.Person{ID: person, Jurisdiction: jurisdiction})
}

// PowerfulRole implements audit.Powers.
func (p powers) PowerfulRole(ctx context.Context, role, jurisdiction string) (bool, error) {
	return p.access.Powerful(ctx, access.Role(role), jurisdiction)
}
