// SPDX-License-Identifier: Apache-2.0

package blob_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"hustings/kit/blob"
	"hustings/kit/blob/blobtest"
	"hustings/kit/fault"
)

func TestFolder(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		f, err := blob.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return f
	})
}

func TestADamagedBodyIsNotHandedOut(t *testing.T) {
	dir := t.TempDir()
	f, err := blob.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	key, err := f.Put(context.Background(), []byte("votes"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, key[:2], key), []byte("Votes"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(context.Background(), key); fault.KindOf(err) != fault.Internal {
		t.Errorf("got %v, want an internal fault", err)
	}
}
