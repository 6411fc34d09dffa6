// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// AddProgram makes an account for a program: it holds roles as a person does,
// and acts by tokens alone.
func (s *Identity) AddProgram(ctx context.Context, name string) (Account, error) {
	a := Account{ID: id.New(), Name: cleanName(name), Kind: Program, Created: s.Now()}
	a.Email = a.ID + "@program.invalid" // never written to; addresses are unique
	if a.Name == "" {
		return a, fault.On("name", fault.New(fault.Invalid, "Give the program a name."))
	}
	return a, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertAccount(ctx, tx, s.Jurisdiction, a, ""); err != nil {
			return err
		}
		tx.Record(event.AccountAdded{Account: a.ID, Person: a.Name, Kind: string(Program)})
		return nil
	})
}
