// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/kit/db"
	"hustings/kit/seal"
)

// keys is one key for every purpose, in memory.
type keys struct{ tink.AEAD }

func newKeys(t testing.TB) keys {
	t.Helper()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	return keys{a}
}

func (k keys) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (keys) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}
