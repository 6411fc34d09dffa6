// SPDX-License-Identifier: Apache-2.0

// Package split divides a root key among n officials so that any k of them can
// bring it together again, and fewer than k learn nothing at all (Shamir's
// scheme, byte by byte over GF(256)).
//
// A share is 44 bytes, printed as 32 words of the BIP-39 list and as a QR code
// of the same words:
//
//	version 1 | set 4 | need 1 | officials 1 | number 1 | share 32 | check 4
//
// The check finds every slip that people make; the set tells shares of another
// splitting apart; and the key that comes out is checked against its
// fingerprint by whoever asked for it.
package split

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"

	"hustings/kit/fault"
)

const (
	version = 1
	keySize = 32
	header  = 8
	size    = header + keySize + 4
)

// MaxOfficials is among how many a key can be split; more than any office has.
const MaxOfficials = 32

// Share is one official's part.
type Share struct {
	Set             string // the same for all shares of one splitting
	Number          int    // 1, 2, 3 …
	Need, Officials int
	raw             []byte
}

// Split makes a share for each official, of which need bring the key together.
func Split(key []byte, need, officials int) ([]Share, error) {
	switch {
	case len(key) != keySize:
		return nil, fault.New(fault.Invalid, "A key of %d bytes cannot be split; want %d.", len(key), keySize)
	case need < 2 || officials < need || officials > MaxOfficials:
		return nil, fault.New(fault.Invalid, "A key is split among at most %d officials, of whom at least 2 are needed, and not more than there are; not among %d with %d needed.", MaxOfficials, officials, need)
	}
	set := make([]byte, 4)
	rand.Read(set)
	shares := make([]Share, officials)
	for i := range shares {
		raw := append(make([]byte, 0, size), version)
		raw = append(append(raw, set...), byte(need), byte(officials), byte(i+1))
		shares[i] = Share{Set: hex.EncodeToString(set), Number: i + 1, Need: need, Officials: officials, raw: raw}
	}
	coefficients := make([]byte, need)
	for _, secret := range key {
		rand.Read(coefficients)
		coefficients[0] = secret
		for i := range shares {
			shares[i].raw = append(shares[i].raw, at(coefficients, byte(i+1)))
		}
	}
	clear(coefficients)
	for i := range shares {
		shares[i].raw = append(shares[i].raw, check(shares[i].raw)...)
	}
	return shares, nil
}

func check(raw []byte) []byte {
	sum := sha256.Sum256(append([]byte("hustings share v1"), raw...))
	return sum[:4]
}

// read takes a share's bytes apart.
func read(raw []byte) (s Share, err error) {
	if len(raw) != size || subtle.ConstantTimeCompare(raw[size-4:], check(raw[:size-4])) != 1 {
		return s, fault.New(fault.Invalid, "This share is damaged: its words do not fit together. Compare each with the printed page, in order.")
	}
	s = Share{Set: hex.EncodeToString(raw[1:5]), Need: int(raw[5]), Officials: int(raw[6]), Number: int(raw[7]), raw: raw}
	if raw[0] != version || s.Need < 2 || s.Number < 1 || s.Number > s.Officials || s.Need > s.Officials || s.Officials > MaxOfficials {
		return s, fault.New(fault.Invalid, "This share was made by a newer version of the program.")
	}
	return s, nil
}

// Join brings the key together. A share that does not belong is refused by its
// number; whether the key is the right one, its fingerprint tells.
func Join(shares []Share) ([]byte, error) {
	var xs []byte
	for i, s := range shares {
		switch {
		case len(s.raw) != size:
			return nil, fault.New(fault.Invalid, "Share number %d is empty.", i+1)
		case s.Set != shares[0].Set || s.Need != shares[0].Need:
			return nil, fault.New(fault.Invalid, "Share %d of set %s does not belong to set %s, of which the first share is. Bring shares of one splitting.", s.Number, s.Set, shares[0].Set)
		case slices.Contains(xs, byte(s.Number)):
			return nil, fault.New(fault.Invalid, "Share %d was given twice. Each official has another one.", s.Number)
		}
		xs = append(xs, byte(s.Number))
	}
	if len(shares) == 0 || len(shares) < shares[0].Need {
		need := 2
		if len(shares) > 0 {
			need = shares[0].Need
		}
		return nil, fault.New(fault.Invalid, "%d shares are here, and %d are needed.", len(shares), need)
	}
	key, ys := make([]byte, keySize), make([]byte, len(shares))
	for i := range key {
		for j, s := range shares {
			ys[j] = s.raw[header+i]
		}
		key[i] = atZero(xs, ys)
	}
	clear(ys)
	return key, nil
}

// Equal reports whether two shares are the same.
func (s Share) Equal(t Share) bool { return bytes.Equal(s.raw, t.raw) }
