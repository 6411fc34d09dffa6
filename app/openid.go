// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"net/http"

	"hustings/guard/access"
	"hustings/guard/identity"
	"hustings/guard/openid"
	"hustings/kit/who"
)

// visitors tells guard/openid whose session it is that satellites are opened with.
type visitors struct{ identity *identity.Identity }

// Session implements openid.Staff.
func (v visitors) Session(ctx context.Context, jurisdiction, session string) (openid.Person, bool, error) {
	a, ses, ok, err := v.identity.Standing(ctx, jurisdiction, session)
	return openid.Person{ID: a.ID, Name: a.Name, Email: a.Email, Method: ses.Method}, ok, err
}

// Leave implements openid.Staff.
func (v visitors) Leave(w http.ResponseWriter, r *http.Request) (string, error) {
	return v.identity.Leave(w, r)
}

// admittance tells guard/openid who holds which role.
type admittance struct{ access *access.Access }

// Held implements openid.Roles.
func (a admittance) Held(ctx context.Context, jurisdiction, account string) ([]string, error) {
	held, err := a.access.Held(ctx, who.Person{ID: account, Jurisdiction: jurisdiction})
	return names(held), err
}

// All implements openid.Roles.
func (a admittance) All(ctx context.Context, jurisdiction string) ([]string, error) {
	all, err := a.access.RolesIn(ctx, jurisdiction)
	return names(all), err
}

func names(roles []access.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}
