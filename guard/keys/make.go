// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// Ensure makes the keys that a jurisdiction lacks: its key-encryption key, and
// data keys for every declared purpose. It is called at each start; nodes that
// start together wait for each other.
func (k *Keys) Ensure(ctx context.Context, jurisdiction string) error {
	ctx = who.With(ctx, who.System("keys", jurisdiction))
	o := k.office(jurisdiction)
	by, id, err := k.ensureKEK(ctx, o, jurisdiction)
	if err != nil {
		return err
	}
	have, err := openKeys(ctx, k.DB, jurisdiction)
	if err != nil {
		return err
	}
	if len(missing(k.columns, have)) > 0 {
		if err := k.ensureKeys(ctx, jurisdiction, by, id); err != nil {
			return err
		}
	}
	k.forget()
	_, err = k.look(ctx, o, jurisdiction)
	return err
}

// wanted is one key that must be there.
type wanted struct{ purpose, kind string }

func missing(columns []seal.Column, have []dataKey) (out []wanted) {
	there := make(map[wanted]bool)
	for _, d := range have {
		if d.state == "current" {
			there[wanted{d.purpose, d.kind}] = true
		}
	}
	names, indexed := seal.Purposes(columns)
	for _, purpose := range names {
		if w := (wanted{purpose, sealKind}); !there[w] {
			out = append(out, w)
		}
		if w := (wanted{purpose, indexKind}); indexed[purpose] && !there[w] {
			out = append(out, w)
		}
	}
	return out
}

// ensureKEK opens the key-encryption key, or makes the first.
func (k *Keys) ensureKEK(ctx context.Context, o *office, jurisdiction string) (by tink.AEAD, id string, err error) {
	list, err := currentKEKs(ctx, k.DB, jurisdiction)
	if err != nil {
		return nil, "", err
	}
	if len(list) == 0 {
		if err := k.makeKEK(ctx, jurisdiction); err != nil {
			return nil, "", err
		}
		if list, err = currentKEKs(ctx, k.DB, jurisdiction); err != nil {
			return nil, "", err
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	by, err = k.kek(ctx, o, list[0])
	return by, list[0].id, err
}

func (k *Keys) makeKEK(ctx context.Context, jurisdiction string) error {
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "keys"); err != nil {
			return err
		}
		there, err := currentKEKs(ctx, tx, jurisdiction)
		if err != nil || len(there) > 0 {
			return err // another node was quicker
		}
		one, _, err := k.wrappedKEK(ctx, jurisdiction, nil)
		if err != nil {
			return err
		}
		one.made = tx.Now()
		tx.Record(event.KeysMade{KeyEncryptionKey: one.id})
		return insertKEK(ctx, tx, one)
	})
}

// wrappedKEK makes a key-encryption key and wraps it with the root key. It is
// called inside of the write that keeps it: see RotateRoot on forgetting.
func (k *Keys) wrappedKEK(ctx context.Context, jurisdiction string, brought []byte) (one kek, h *keyset.Handle, err error) {
	r, err := k.rootKey()
	if err != nil {
		return one, nil, err
	}
	h, id, err := newKEK(brought)
	if err != nil {
		return one, nil, err
	}
	one = kek{jurisdiction: jurisdiction, id: id, origin: "made"}
	if brought != nil {
		one.origin = "brought"
	}
	one.root, one.wrapped, err = wrapKEK(ctx, r, h, jurisdiction, id)
	return one, h, err
}

// ensureKeys makes the data keys that are missing.
func (k *Keys) ensureKeys(ctx context.Context, jurisdiction string, by tink.AEAD, id string) error {
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "keys"); err != nil {
			return err
		}
		have, err := openKeys(ctx, tx, jurisdiction)
		if err != nil {
			return err
		}
		lacking := missing(k.columns, have)
		if len(lacking) == 0 {
			return nil
		}
		fact := event.KeysMade{KeyEncryptionKey: id}
		for _, w := range lacking {
			d, err := newDataKey(by, jurisdiction, w.purpose, w.kind, id)
			if err != nil {
				return err
			}
			if err := insertKey(ctx, tx, jurisdiction, d, tx.Now()); err != nil {
				return err
			}
			fact.Purposes = append(fact.Purposes, w.purpose+" "+w.kind)
		}
		tx.Record(fact)
		return nextVersion(ctx, tx, jurisdiction)
	})
}
