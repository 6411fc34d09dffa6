// SPDX-License-Identifier: Apache-2.0

// Package blob keeps bodies of bytes under the hash of their content: files as
// they came in, rendered sheets, letters. A body never changes; putting the
// same body again is the same key, and what comes out is what was put in, or
// an error. They lie in a folder, or in a bucket that speaks S3:
//
//	/var/lib/hustings/blobs
//	s3://bucket/prefix?endpoint=s3.example.org&region=us-west-1&credentials=/etc/hustings/s3
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"hustings/kit/fault"
)

// Store keeps blobs. Its keys are the SHA-256 of the body in hexadecimal. Its
// methods may be called by many at once.
type Store interface {
	// Put keeps a body and returns its key once it is safely stored.
	Put(ctx context.Context, body []byte) (key string, err error)
	// Get returns a body; a fault of kind NotFound where there is none, and of
	// kind Internal where what is kept is not what was put.
	Get(ctx context.Context, key string) ([]byte, error)
	// Has says whether there is a body under the key, without reading it.
	Has(ctx context.Context, key string) (bool, error)
	// Delete removes a body; removing what is not there is no error.
	Delete(ctx context.Context, key string) error
	// List lists the keys that begin with a prefix, in order.
	List(ctx context.Context, prefix string) ([]string, error)
}

// OpenURL opens the store at an s3: URL, or the folder at anything else.
func OpenURL(ctx context.Context, where string) (Store, error) {
	if !strings.HasPrefix(where, "s3:") {
		return Open(where)
	}
	u, err := url.Parse(where)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the blob store's URL cannot be read")
	}
	return openBucket(ctx, u)
}

// Key is the key of a body.
func Key(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// valid reports whether key could be a body's. What is not a key never reaches
// a file system or a bucket.
func valid(key string) bool { return len(key) == 2*sha256.Size && isHex(key) }

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func missing(key string) error {
	return fault.New(fault.NotFound, "there is no blob %q", key)
}

// whole gives the body back if it is the one that key stands for.
func whole(key string, body []byte) ([]byte, error) {
	if Key(body) != key {
		return nil, fault.New(fault.Internal, "the blob %s is damaged", key)
	}
	return body, nil
}
