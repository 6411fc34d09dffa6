// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"

	"hustings/kit/db"
	"hustings/kit/pair"
	"hustings/kit/web"
)

// What needs two people. New data keys do not: they change nothing that
// anybody could miss.
const (
	actShred = "keys.shred"
	actKEK   = "keys.kek"
)

func (k *Keys) acts() []pair.Act {
	return []pair.Act{
		{Name: actShred, Key: "keys.act.shred", Needs: "keys.manage", Level: 2,
			Do: func(ctx context.Context, tx *db.Tx, r pair.Request) error {
				return k.shredIn(ctx, tx, r.Jurisdiction, r.Subject, r.Reason)
			},
			Show: func(ctx context.Context, r pair.Request) ([]string, error) {
				return []string{web.T(ctx, "keys.act.shredshow", "subject", r.Subject)}, k.Known(ctx, r.Jurisdiction, r.Subject)
			}},
		{Name: actKEK, Key: "keys.act.kek", Needs: "keys.manage", Level: 2,
			Do: func(ctx context.Context, tx *db.Tx, r pair.Request) error {
				_, err := k.rotateKEKIn(ctx, tx, r.Jurisdiction, nil)
				return err
			}},
	}
}

// ask writes a request down for a second person.
func (k *Keys) ask(ctx context.Context, a pair.Ask) error {
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := k.Pairs.Ask(ctx, tx, a)
		return err
	})
}
