// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// RotateData makes new data keys for every purpose in the jurisdiction of the
// person who acts. New fields are sealed under them at once; a job puts the
// others under them, while everything stays readable. It gives the rotation.
func (k *Keys) RotateData(ctx context.Context) (rotation string, err error) {
	defer k.forget()
	me := who.From(ctx)
	o := k.office(me.Jurisdiction)
	if _, err := k.look(ctx, o, me.Jurisdiction); err != nil {
		return "", err
	}
	rotation = id.New()
	return rotation, k.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "keys"); err != nil {
			return err
		}
		if err := k.newDataKeys(ctx, tx, o, me.Jurisdiction); err != nil {
			return err
		}
		return k.beginRenewal(ctx, tx, me, rotation)
	})
}

func (k *Keys) newDataKeys(ctx context.Context, tx *db.Tx, o *office, jurisdiction string) error {
	by, one, err := k.inUse(ctx, tx, o, jurisdiction)
	if err != nil {
		return err
	}
	have, err := openKeys(ctx, tx, jurisdiction)
	if err != nil {
		return err
	}
	if err := ageKeys(ctx, tx, jurisdiction, tx.Now()); err != nil {
		return err
	}
	for _, d := range have {
		if d.state != "current" {
			continue
		}
		next, err := newDataKey(by, jurisdiction, d.purpose, d.kind, one.id)
		if err != nil {
			return err
		}
		if err := insertKey(ctx, tx, jurisdiction, next, tx.Now()); err != nil {
			return err
		}
	}
	return nextVersion(ctx, tx, jurisdiction)
}

// inUse is the key-encryption key as tx sees it.
func (k *Keys) inUse(ctx context.Context, tx *db.Tx, o *office, jurisdiction string) (tink.AEAD, kek, error) {
	list, err := currentKEKs(ctx, tx, jurisdiction)
	if err != nil {
		return nil, kek{}, err
	}
	if len(list) == 0 {
		return nil, kek{}, fault.New(fault.Unavailable, "The office %s has no keys yet.", jurisdiction)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	by, err := k.kek(ctx, o, list[0])
	return by, list[0], err
}

// beginRenewal writes down what there is to do, and queues the job.
func (k *Keys) beginRenewal(ctx context.Context, tx *db.Tx, me who.Person, rotation string) error {
	for _, c := range k.columns {
		total, err := c.Count(ctx, tx, me.Jurisdiction)
		if err != nil {
			return err
		}
		if err := insertWalk(ctx, tx, me.Jurisdiction, rotation, field(c), total); err != nil {
			return err
		}
	}
	work, err := job.Enqueue(ctx, tx, job.Order{Kind: renewKind, Key: rotation, Args: renewal{rotation}, NotBefore: tx.Now().Add(settle)})
	if err != nil {
		return err
	}
	if err := insertRotation(ctx, tx, me, rotation, work); err != nil {
		return err
	}
	tx.Record(event.KeysRotated{What: "data", Origin: "made", Rotation: rotation})
	return nil
}

func field(c seal.Column) string { return c.Table + "." + c.Name }

// RotateKEK gives the jurisdiction of the person who acts a new key-encryption
// key: one that is made, or 32 bytes that the office brought. All data keys
// are wrapped anew and the old key is destroyed, in one write.
func (k *Keys) RotateKEK(ctx context.Context, brought []byte) (newID string, err error) {
	defer k.forget()
	err = k.DB.Write(ctx, func(tx *db.Tx) error {
		newID, err = k.rotateKEKIn(ctx, tx, who.From(ctx).Jurisdiction, brought)
		return err
	})
	return newID, err
}

func (k *Keys) rotateKEKIn(ctx context.Context, tx *db.Tx, jurisdiction string, brought []byte) (string, error) {
	if brought != nil && len(brought) != kekSize {
		return "", fault.New(fault.Invalid, "A key has %d bytes, not %d.", kekSize, len(brought))
	}
	if err := tx.Hold(ctx, "keys"); err != nil {
		return "", err
	}
	was, old, err := k.inUse(ctx, tx, k.office(jurisdiction), jurisdiction)
	if err != nil {
		return "", err
	}
	next, h, err := k.wrappedKEK(ctx, jurisdiction, brought)
	if err != nil {
		return "", err
	}
	if old.id == next.id {
		return "", fault.New(fault.Conflict, "This key is the one in use.")
	}
	by, err := wrapper(h)
	if err != nil {
		return "", err
	}
	tx.Record(event.KeysRotated{What: "kek", Key: next.id, Origin: next.origin})
	return next.id, k.replaceKEK(ctx, tx, next, was, by)
}

func (k *Keys) replaceKEK(ctx context.Context, tx *db.Tx, next kek, was, by tink.AEAD) error {
	list, err := openKeys(ctx, tx, next.jurisdiction)
	if err != nil {
		return err
	}
	for _, d := range list {
		h, err := d.unwrap(was, next.jurisdiction)
		if err != nil {
			return err
		}
		d.kek = next.id
		if err := d.wrap(by, h, next.jurisdiction); err != nil {
			return err
		}
		if err := rewrapKey(ctx, tx, next.jurisdiction, d); err != nil {
			return err
		}
	}
	next.made = tx.Now()
	if err := endKEK(ctx, tx, next.jurisdiction, next.made); err != nil {
		return err
	}
	if err := insertKEK(ctx, tx, next); err != nil {
		return err
	}
	return nextVersion(ctx, tx, next.jurisdiction)
}

// rest is how long an old data key is kept after it was last in use, so that
// the slowest write under way then is over.
const rest = time.Hour

// Retire destroys the old data keys under which nothing is left, and gives
// their number.
func (k *Keys) Retire(ctx context.Context, jurisdiction string) (n int, err error) {
	list, err := retirable(ctx, k.DB, jurisdiction, k.Now().Add(-rest))
	if err != nil || len(list) == 0 {
		return 0, err
	}
	err = k.DB.Write(ctx, func(tx *db.Tx) error {
		n = 0
		if err := tx.Hold(ctx, "keys"); err != nil {
			return err
		}
		fact := event.KeysDestroyed{What: "data"}
		for _, d := range list {
			left, err := k.under(ctx, tx, jurisdiction, d)
			if err != nil {
				return err
			}
			if left > 0 {
				continue
			}
			if err := destroyKey(ctx, tx, jurisdiction, d, tx.Now()); err != nil {
				return err
			}
			fact.Keys = append(fact.Keys, d.purpose+" "+d.kind)
		}
		if n = len(fact.Keys); n == 0 {
			return nil
		}
		tx.Record(fact)
		return nextVersion(ctx, tx, jurisdiction)
	})
	k.forget()
	return n, err
}

// under counts what is still under an old key, in every column of its purpose.
// A purpose that no room declares any more keeps its keys: its columns may
// still be there.
func (k *Keys) under(ctx context.Context, tx *db.Tx, jurisdiction string, d dataKey) (n int64, err error) {
	known := false
	for i := range k.columns {
		c := &k.columns[i]
		if c.Purpose != d.purpose {
			continue
		}
		known = true
		here, err := c.Under(ctx, tx, jurisdiction, d.number, d.kind == indexKind)
		if err != nil {
			return 0, err
		}
		n += here
	}
	if !known {
		return 1, nil
	}
	return n, nil
}

// RotateRoot makes a new root key and wraps the key-encryption key of every
// jurisdiction with it. Where forget is set, older root keys are destroyed
// afterwards, and with them every backup from before: keep it for the day when
// the root key was seen by somebody.
func (k *Keys) RotateRoot(ctx context.Context, forget bool) error {
	r, err := k.rootKey()
	if err != nil {
		return err
	}
	if _, err := k.allKEKs(ctx, r); err != nil {
		return err // before there is a new root key that nothing uses
	}
	if err := r.Rotate(ctx); err != nil {
		return err
	}
	if err := k.rewrap(ctx, r, "rotated"); err != nil {
		return err
	}
	if !forget {
		return nil
	}
	if err := k.stray(ctx, r); err != nil {
		return err
	}
	gone, err := r.Forget(ctx)
	if err != nil || len(gone) == 0 {
		return err
	}
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.KeysDestroyed{What: "root", Keys: gone})
		return nil
	})
}

// stray waits until every write that began with an older root key is over, and
// refuses to go on where one of them has left a key under it.
func (k *Keys) stray(ctx context.Context, r rootKey) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle):
	}
	list, err := currentKEKs(ctx, k.DB, "")
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.root != r.ID() {
			return errMoved
		}
	}
	return nil
}

// openKEK is a key-encryption key, opened.
type openKEK struct {
	kek
	opened *keyset.Handle
}

// allKEKs opens the key-encryption key of every jurisdiction.
func (k *Keys) allKEKs(ctx context.Context, by rootKey) (out []openKEK, err error) {
	list, err := currentKEKs(ctx, k.DB, "")
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		h, err := unwrapKEK(ctx, by, one)
		if err != nil {
			return nil, err
		}
		out = append(out, openKEK{one, h})
	}
	return out, nil
}

// rewrap wraps every key-encryption key with the root key to.
func (k *Keys) rewrap(ctx context.Context, to rootKey, how string) error {
	from, err := k.rootKey()
	if err != nil {
		return err
	}
	list, err := k.allKEKs(ctx, from)
	if err != nil {
		return err
	}
	ids, wrapped := make([]string, len(list)), make([][]byte, len(list))
	for i, one := range list {
		if ids[i], wrapped[i], err = wrapKEK(ctx, to, one.opened, one.jurisdiction, one.id); err != nil {
			return err
		}
	}
	newest := to.ID()
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		for i, one := range list {
			moved, err := rewrapKEK(ctx, tx, one.kek, ids[i], wrapped[i])
			if err != nil {
				return err
			}
			if !moved {
				return errMoved
			}
		}
		if err := insertCeremony(ctx, tx, Ceremony{Kind: how, Root: newest}); err != nil {
			return err
		}
		origin := "made"
		if how == "brought" {
			origin = how
		}
		tx.Record(event.KeysRotated{What: "root", Key: newest, Origin: origin})
		return nil
	})
}

var errMoved = fault.New(fault.Conflict, "Somebody else has changed the keys in the meantime. Look at them and try again.")
