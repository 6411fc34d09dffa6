// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"crypto/subtle"

	"hustings/event"
	"hustings/guard/keys/root"
	"hustings/guard/keys/split"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// fileRoot is the root key where it is one that can be handed out.
func (k *Keys) fileRoot() (*root.File, error) {
	r, err := k.rootKey()
	if err != nil {
		return nil, err
	}
	f, ok := r.(*root.File)
	if !ok {
		return nil, fault.New(fault.Invalid, "The root key is in %s, which never hands it out; only a root key in a file can be split or brought.", r.ID())
	}
	return f, nil
}

// Split splits the root key among officials. The shares are nowhere but in
// what it gives.
func (k *Keys) Split(ctx context.Context, need, officials int) ([]split.Share, error) {
	f, err := k.fileRoot()
	if err != nil {
		return nil, err
	}
	shares, err := split.Split(f.Key(), need, officials)
	if err != nil {
		return nil, err
	}
	return shares, k.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.RootSplit{Root: f.ID(), Set: shares[0].Set, Need: need, Officials: officials})
		return insertCeremony(ctx, tx, Ceremony{Kind: "split", Root: f.ID(), Need: need, Officials: officials})
	})
}

// Rehearse has officials bring the root key together without using it: it
// says whether it is the one in use.
func (k *Keys) Rehearse(ctx context.Context, shares []split.Share) error {
	f, err := k.fileRoot()
	if err != nil {
		return err
	}
	key, err := split.Join(shares)
	if err != nil {
		return err
	}
	defer clear(key)
	if subtle.ConstantTimeCompare(key, f.Key()) != 1 {
		return notTheKey(root.Fingerprint(key), f.ID())
	}
	return k.joined(ctx, f.ID(), shares, true)
}

func notTheKey(got, want string) error {
	return fault.New(fault.Invalid, "These shares bring together another root key (%s) than the one in use (%s). One of them is of an older splitting, or was forged. Nothing was changed.", got, want)
}

func (k *Keys) joined(ctx context.Context, id string, shares []split.Share, rehearsal bool) error {
	return k.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.RootJoined{Root: id, Set: shares[0].Set, Shares: len(shares), Rehearsal: rehearsal})
		kind := "joined"
		if rehearsal {
			kind = "rehearsed"
		}
		return insertCeremony(ctx, tx, Ceremony{Kind: kind, Root: id, Need: shares[0].Need, Officials: len(shares)})
	})
}

// Join has officials bring the root key together and writes it into its file,
// which is not there or damaged. It is called before Start, on a house whose
// doors are closed.
func (k *Keys) Join(ctx context.Context, shares []split.Share) error {
	path, ok := k.Root.Path()
	if !ok {
		return fault.New(fault.Invalid, "keys.root = %q: only a root key in a file can be brought together.", k.Root.URL)
	}
	key, err := split.Join(shares)
	if err != nil {
		return err
	}
	defer clear(key)
	list, err := currentKEKs(ctx, k.DB, "")
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.root != root.Fingerprint(key) {
			return notTheKey(root.Fingerprint(key), one.root)
		}
	}
	f, err := root.Restore(path, key)
	if err != nil {
		return err
	}
	return k.joined(ctx, f.ID(), shares, false)
}

// ImportRoot makes 32 bytes that the office brought the root key.
func (k *Keys) ImportRoot(ctx context.Context, key []byte) error {
	f, err := k.fileRoot()
	if err != nil {
		return err
	}
	if err := f.Add(key); err != nil {
		return err
	}
	return k.rewrap(ctx, f, "brought")
}

// MoveRoot wraps the office's keys with a root key in another place. The
// settings must name that place from the next start on.
func (k *Keys) MoveRoot(ctx context.Context, to root.Place) error {
	r, err := root.Open(ctx, to, true)
	if err != nil {
		return err
	}
	if err := k.rewrap(ctx, r, "rotated"); err != nil {
		_ = r.Close() // the first error tells more
		return err
	}
	if old := k.root.Swap(&r); old != nil {
		return (*old).Close()
	}
	return nil
}
