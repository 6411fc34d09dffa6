// SPDX-License-Identifier: Apache-2.0

// Package blobtest is the one suite for all who keep blobs.
package blobtest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"hustings/kit/blob"
	"hustings/kit/fault"
)

// Run tests a store; open returns a fresh, empty one.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	ctx := context.Background()
	t.Run("what is put comes back under its hash", func(t *testing.T) {
		s := open(t)
		for _, body := range [][]byte{{}, []byte("a"), bytes.Repeat([]byte("long "), 1<<18)} {
			key, err := s.Put(ctx, body)
			if err != nil || key != blob.Key(body) {
				t.Fatalf("put: %s, %v", key, err)
			}
			if got, err := s.Get(ctx, key); err != nil || !bytes.Equal(got, body) {
				t.Errorf("get: %d bytes, %v; want %d", len(got), err, len(body))
			}
			if again, err := s.Put(ctx, body); err != nil || again != key {
				t.Errorf("put again: %s, %v", again, err)
			}
		}
	})
	t.Run("what is not there is not found", func(t *testing.T) {
		s := open(t)
		for _, key := range []string{strings.Repeat("0", 64), "", "../../etc/passwd", strings.Repeat("Z", 64)} {
			if _, err := s.Get(ctx, key); fault.KindOf(err) != fault.NotFound {
				t.Errorf("get %q: got %v, want not found", key, err)
			}
			if has, err := s.Has(ctx, key); has || err != nil {
				t.Errorf("has %q: got %v, %v", key, has, err)
			}
			if err := s.Delete(ctx, key); err != nil {
				t.Errorf("delete %q: %v", key, err)
			}
		}
	})
	t.Run("listing and deleting", func(t *testing.T) {
		s := open(t)
		var want []string
		for _, text := range []string{"one", "two", "three"} {
			key, err := s.Put(ctx, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, key)
		}
		slices.Sort(want)
		if got, err := s.List(ctx, ""); err != nil || !slices.Equal(got, want) {
			t.Errorf("list: %v, %v; want %v", got, err, want)
		}
		if got, err := s.List(ctx, want[0][:8]); err != nil || len(got) != 1 {
			t.Errorf("list by prefix: %v, %v", got, err)
		}
		if err := s.Delete(ctx, want[0]); err != nil {
			t.Fatal(err)
		}
		if has, err := s.Has(ctx, want[0]); has || err != nil {
			t.Errorf("after delete: %v, %v", has, err)
		}
	})
	t.Run("many put the same at once", func(t *testing.T) {
		s := open(t)
		body := bytes.Repeat([]byte("x"), 1<<16)
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				if _, err := s.Put(ctx, body); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got, err := s.Get(ctx, blob.Key(body)); err != nil || !bytes.Equal(got, body) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	})
}
