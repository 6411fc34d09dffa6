// SPDX-License-Identifier: Apache-2.0

package event

import "cmp"

// KeysMade says that a jurisdiction has keys for these purposes.
type KeysMade struct {
	KeyEncryptionKey string
	Purposes         []string
}

// Name is the fact's name in the ledger.
func (KeysMade) Name() string { return "keys.made.v1" }

// Subject is the key-encryption key.
func (e KeysMade) Subject() string { return e.KeyEncryptionKey }

// KeysRotated says that new keys seal from now on. What is "data", "kek" or
// "root"; Origin is "made" or "brought".
type KeysRotated struct{ What, Key, Origin, Rotation string }

// Name is the fact's name in the ledger.
func (KeysRotated) Name() string { return "keys.rotated.v1" }

// Subject is the new key, or the rotation of many.
func (e KeysRotated) Subject() string { return cmp.Or(e.Key, e.Rotation) }

// KeysRenewed says that a rotation has put every sealed field under the new
// keys, save those that do not open.
type KeysRenewed struct {
	Rotation                  string
	Seen, Renewed, Unreadable int64
}

// Name is the fact's name in the ledger.
func (KeysRenewed) Name() string { return "keys.renewed.v1" }

// Subject is the rotation.
func (e KeysRenewed) Subject() string { return e.Rotation }

// KeysDestroyed says that old keys, under which nothing is sealed any more,
// are gone.
type KeysDestroyed struct {
	What string
	Keys []string
}

// Name is the fact's name in the ledger.
func (KeysDestroyed) Name() string { return "keys.destroyed.v1" }

// Subject is what kind of key it was.
func (e KeysDestroyed) Subject() string { return e.What }

// SubjectShredded says that the key of a person or an election is destroyed,
// and with it all that was sealed under it. Rooms that keep copies of it in
// clear, such as a search index, forget them when they hear this.
type SubjectShredded struct{ Of, Reason string }

// Name is the fact's name in the ledger.
func (SubjectShredded) Name() string { return "keys.shredded.v1" }

// Subject is whose key it was.
func (e SubjectShredded) Subject() string { return e.Of }

// RootSplit says that the root key was split among officials.
type RootSplit struct {
	Root, Set       string
	Need, Officials int
}

// Name is the fact's name in the ledger.
func (RootSplit) Name() string { return "keys.split.v1" }

// Subject is the root key.
func (e RootSplit) Subject() string { return e.Root }

// RootJoined says that officials brought the root key together from their
// shares; with Rehearsal, to see that they can, and nothing was changed.
type RootJoined struct {
	Root, Set string
	Shares    int
	Rehearsal bool
}

// Name is the fact's name in the ledger.
func (RootJoined) Name() string { return "keys.joined.v1" }

// Subject is the root key.
func (e RootJoined) Subject() string { return e.Root }
