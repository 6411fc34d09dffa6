// SPDX-License-Identifier: Apache-2.0

// Package tree knows the sealed log as it lies in a folder of files: leaves,
// tiles and the signed checkpoint, in the shapes that C2SP calls tlog-tiles,
// signed-note and tlog-checkpoint. It only thinks and reads; guard/audit lets
// Tessera write.
//
//	entry of the ledger -> leaf (a salted hash) -> tiles -> root -> checkpoint
//
// A leaf says nothing about its entry to who does not have the salt, and
// everything to who has it: the same entry and the same salt give the same
// leaf, and nothing else does.
package tree

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

// Hash is a SHA-256 sum.
type Hash = [sha256.Size]byte

// SaltSize is the length of a salt. 128 random bits cannot be guessed, so that
// a leaf does not tell whether a guess at its entry is right.
const SaltSize = 16

// Salt hides an entry's hash in its leaf. The zero Salt stands for one that
// was shredded.
type Salt = [SaltSize]byte

// leafVersion starts what is hashed, so that a later form cannot be mistaken
// for this one.
const leafVersion = "hustings audit leaf v1\n"

// Leaf is what the log keeps of an entry: SHA-256 over
//
//	"hustings audit leaf v1\n", salt (16 bytes),
//	length of the jurisdiction (8 bytes, most significant first), jurisdiction,
//	sequence (8 bytes), hash of the entry in its chain (32 bytes)
func Leaf(salt Salt, jurisdiction string, seq int64, entry Hash) Hash {
	b := make([]byte, 0, len(leafVersion)+SaltSize+8+len(jurisdiction)+8+sha256.Size)
	b = append(b, leafVersion...)
	b = append(b, salt[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(len(jurisdiction)))
	b = append(b, jurisdiction...)
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = append(b, entry[:]...)
	return sha256.Sum256(b)
}

// leafHash is a leaf's node in the tree (RFC 6962).
func leafHash(leaf []byte) Hash {
	var b [1 + sha256.Size]byte
	copy(b[1:], leaf)
	return sha256.Sum256(b[:])
}

// parent is the node above two.
func parent(left, right *Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// fold is the root over nodes of one height, with whatever is smaller on their
// right: nil for nothing.
func fold(nodes []Hash, rest *Hash) *Hash {
	list := append([]Hash(nil), nodes...)
	for len(list) > 0 {
		// The nodes that fill a power of two by themselves stand on the left;
		// the last such group is joined with the rest first.
		group := len(list) & -len(list)
		top := perfect(list[len(list)-group:])
		if rest == nil {
			rest = &top
		} else {
			joined := parent(&top, rest)
			rest = &joined
		}
		list = list[:len(list)-group]
	}
	return rest
}

// perfect is the root over a power of two of nodes. It works in their place.
func perfect(nodes []Hash) Hash {
	for len(nodes) > 1 {
		for i := 0; i < len(nodes); i += 2 {
			nodes[i/2] = parent(&nodes[i], &nodes[i+1])
		}
		nodes = nodes[:len(nodes)/2]
	}
	return nodes[0]
}

// emptyRoot is the root of a tree without leaves.
var emptyRoot = sha256.Sum256(nil)

// Checkpoint is what a log has signed: this many leaves, under this root.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   Hash
	Signed []string // the names of those whose signatures were checked and are good
}

// maxCheckpoint bounds what is read as a checkpoint.
const maxCheckpoint = 64 << 10

// Open reads a signed checkpoint. With a key it must be signed by it; without
// one its signatures are not looked at. Witnesses whose signatures are there
// and good are listed; a signature of theirs that is not good is an error.
func Open(text []byte, key note.Verifier, witnesses ...note.Verifier) (c Checkpoint, err error) {
	if len(text) > maxCheckpoint {
		return c, fmt.Errorf("the checkpoint has %d bytes, more than %d", len(text), maxCheckpoint)
	}
	if key == nil {
		return parse(text)
	}
	list := append([]note.Verifier{key}, witnesses...)
	n, err := note.Open(text, note.VerifierList(list...))
	if err != nil {
		return c, fmt.Errorf("the checkpoint's signature is not right: %w", err)
	}
	if c, err = parse([]byte(n.Text)); err != nil {
		return c, err
	}
	if c.Origin != key.Name() {
		return c, fmt.Errorf("the checkpoint is of the log %q, not of %q", c.Origin, key.Name())
	}
	ours := false
	for _, s := range n.Sigs {
		c.Signed = append(c.Signed, s.Name)
		ours = ours || s.Name == key.Name() && s.Hash == key.KeyHash()
	}
	if !ours {
		return c, errors.New("the checkpoint is not signed by the log's own key")
	}
	return c, nil
}

func parse(text []byte) (c Checkpoint, err error) {
	var cp log.Checkpoint
	if _, err := cp.Unmarshal(text); err != nil {
		return c, fmt.Errorf("the checkpoint cannot be read: %w", err)
	}
	if len(cp.Hash) != sha256.Size {
		return c, fmt.Errorf("the checkpoint cannot be read: its root has %d bytes", len(cp.Hash))
	}
	if cp.Size > maxSize {
		return c, fmt.Errorf("the checkpoint speaks of %d leaves, more than this program takes", cp.Size)
	}
	c = Checkpoint{Origin: cp.Origin, Size: cp.Size, Root: Hash(cp.Hash)}
	// The library is lenient about numbers; what was signed is not.
	if want := fmt.Sprintf("%s\n%d\n", c.Origin, c.Size); !bytes.HasPrefix(text, []byte(want)) {
		return c, errors.New("the checkpoint cannot be read: its size is not written as a plain number")
	}
	return c, nil
}

// maxSize bounds the leaves of a log: far more than any office will ever have.
const maxSize = 1 << 40

// Key reads a public key as it is printed on pages:
// name+hash+base64.
func Key(text string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("%q is no public key of a log; it looks like NAME+8 hexadecimal digits+base64: %w", text, err)
	}
	return v, nil
}
