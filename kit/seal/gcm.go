// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
)

// GCM is AES-256-GCM in the very bytes of Tink: what it seals Tink opens, and
// the other way round. Tink itself draws the nonces outside of Go's FIPS 140-3
// module, which that module then refuses to count as approved; here they come
// from within.
type GCM struct {
	newest uint32 // 0: without Tink's prefix
	by     map[uint32]cipher.AEAD
}

// NewGCM has one key and no prefix, as Tink's RAW keys.
func NewGCM(key []byte) (*GCM, error) {
	g := &GCM{by: make(map[uint32]cipher.AEAD, 1)}
	return g, g.Add(0, key)
}

// NewRing has keys told apart by their numbers, as Tink's keysets. The first
// that is added seals.
func NewRing() *GCM { return &GCM{by: make(map[uint32]cipher.AEAD)} }

// Add adds a key.
func (g *GCM) Add(number uint32, key []byte) error {
	if len(key) != 32 {
		return errors.New("seal: a key has 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	one, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return err
	}
	if len(g.by) == 0 {
		g.newest = number
	}
	g.by[number] = one
	return nil
}

// Has reports whether there is a key of this number.
func (g *GCM) Has(number uint32) bool { return g.by[number] != nil }

const (
	prefixSize = 5
	overhead   = 12 + 16 // nonce and tag
)

// Encrypt implements tink.AEAD.
func (g *GCM) Encrypt(clear, bound []byte) ([]byte, error) {
	by := g.by[g.newest]
	if by == nil {
		return nil, errors.New("seal: there is no key")
	}
	out := make([]byte, 0, prefixSize+overhead+len(clear))
	if g.newest != 0 {
		out = binary.BigEndian.AppendUint32(append(out, byPurpose), g.newest)
	}
	return by.Seal(out, nil, clear, bound), nil
}

var errGCM = errors.New("seal: decryption failed")

// Decrypt implements tink.AEAD.
func (g *GCM) Decrypt(sealed, bound []byte) ([]byte, error) {
	number := uint32(0)
	if g.newest != 0 {
		var ok bool
		if number, ok = KeyNumber(sealed); !ok {
			return nil, errGCM
		}
		sealed = sealed[prefixSize:]
	}
	by := g.by[number]
	if by == nil || len(sealed) < overhead {
		return nil, errGCM
	}
	clear, err := by.Open(nil, nil, sealed, bound)
	if err != nil {
		return nil, errGCM
	}
	return clear, nil
}
