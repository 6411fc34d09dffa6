// SPDX-License-Identifier: Apache-2.0

// Package id makes the names of things: UUIDv7 text that sorts by the time it
// was made, and random tokens that nobody can guess.
package id

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/google/uuid"
)

// New returns a new UUIDv7 as text. Within one process each is greater than
// the one before, so that ids made in a loop keep their order.
func New() string {
	// NewV7 fails only when the system has no random numbers, and then
	// crypto/rand has ended the program already.
	return uuid.Must(uuid.NewV7()).String()
}

// Valid reports whether s is an id that New could have made: a UUIDv7 in its
// one canonical spelling, lower case with hyphens.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.Version() == 7 && u.Variant() == uuid.RFC4122 && u.String() == s
}

// Token returns n random bytes as base64url text without padding. Sixteen
// bytes cannot be guessed; use 32 where the token is a key.
func Token(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails: see crypto/rand.Read
	return base64.RawURLEncoding.EncodeToString(b)
}
