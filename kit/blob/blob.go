// SPDX-License-Identifier: Apache-2.0

// Package blob keeps bodies of bytes under the hash of their content: files as
// they came in, rendered sheets, letters. A body never changes; putting the
// same body again is the same key.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// Store keeps blobs. Its keys are the SHA-256 of the body in hexadecimal.
type Store interface {
	// Put keeps a body and returns its key once it is safe on disk.
	Put(ctx context.Context, body []byte) (key string, err error)
	// Get returns a body; a fault of kind NotFound where there is none, and of
	// kind Internal where what is kept is not what was put.
	Get(ctx context.Context, key string) ([]byte, error)
	// Has says whether there is a body under the key.
	Has(ctx context.Context, key string) (bool, error)
	// Delete removes a body; removing what is not there is no error.
	Delete(ctx context.Context, key string) error
	// List lists the keys that begin with a prefix, in order.
	List(ctx context.Context, prefix string) ([]string, error)
}

// Key is the key of a body.
func Key(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

var keyForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
