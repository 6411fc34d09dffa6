// SPDX-License-Identifier: Apache-2.0

// Package blobtest is the suite that every blob.Store passes.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"hustings/kit/blob"
	"hustings/kit/fault"
)

// Run runs the suite. open gives an empty store each time.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, s blob.Store)
	}{
		{"what was put in comes out", comesOut},
		{"the same content is kept once", once},
		{"what is not there is not found", notFound},
		{"a name that is no key is not found", noKey},
		{"deleting twice is fine", deleteTwice},
		{"a caller who leaves stores nothing", leaving},
		{"lists are in order and by prefix", lists},
		{"many at once", many},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// absent is a key that nothing in this suite has.
var absent = strings.Repeat("0f", 32)

func put(t *testing.T, s blob.Store, body string) string {
	t.Helper()
	key, err := s.Put(t.Context(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func list(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	keys, err := s.List(t.Context(), prefix)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func comesOut(t *testing.T, s blob.Store) {
	big := make([]byte, 3<<20+17)
	rand.NewChaCha8([32]byte{1}).Read(big)
	for _, body := range [][]byte{{}, []byte("a"), []byte("naïve\x00\r\n"), big} {
		key, err := s.Put(t.Context(), body)
		if err != nil {
			t.Fatal(err)
		}
		if want := blob.Key(body); key != want {
			t.Errorf("got key %s, want %s", key, want)
		}
		got, err := s.Get(t.Context(), key)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d bytes went in, %d came out, %v", len(body), len(got), err)
		}
		if has, err := s.Has(t.Context(), key); !has || err != nil {
			t.Errorf("Has: got %v, %v", has, err)
		}
	}
}

func once(t *testing.T, s blob.Store) {
	if one, two := put(t, s, "same"), put(t, s, "same"); one != two {
		t.Errorf("got keys %s and %s", one, two)
	}
	if keys := list(t, s, ""); len(keys) != 1 {
		t.Errorf("got %d blobs, want 1", len(keys))
	}
}

func notFound(t *testing.T, s blob.Store) {
	put(t, s, "something else")
	if _, err := s.Get(t.Context(), absent); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Get: got %v, want not found", err)
	}
	if has, err := s.Has(t.Context(), absent); has || err != nil {
		t.Errorf("Has: got %v, %v", has, err)
	}
}

func noKey(t *testing.T, s blob.Store) {
	key := put(t, s, "a")
	for _, name := range []string{"", "..", "../" + key[3:], strings.ToUpper(key), key + "0", key[:63], key[:63] + "/", "tmp"} {
		if _, err := s.Get(t.Context(), name); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Get(%q): got %v, want not found", name, err)
		}
		if has, err := s.Has(t.Context(), name); has || err != nil {
			t.Errorf("Has(%q): got %v, %v", name, has, err)
		}
		if err := s.Delete(t.Context(), name); err != nil {
			t.Errorf("Delete(%q): got %v", name, err)
		}
	}
	if has, err := s.Has(t.Context(), key); !has || err != nil {
		t.Errorf("the blob itself: got %v, %v", has, err)
	}
}

func deleteTwice(t *testing.T, s blob.Store) {
	key, other := put(t, s, "a"), put(t, s, "b")
	for range 2 {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if got := list(t, s, ""); !slices.Equal(got, []string{other}) {
		t.Errorf("got %v, want only %s", got, other)
	}
}

func leaving(t *testing.T, s blob.Store) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Put(ctx, []byte("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := list(t, s, ""); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func lists(t *testing.T, s blob.Store) {
	var all []string
	for i := range 40 {
		all = append(all, put(t, s, fmt.Sprint(i)))
	}
	slices.Sort(all)
	for _, prefix := range []string{"", all[3][:1], all[3][:2], all[3][:3], all[3], "zz"} {
		var want []string
		for _, key := range all {
			if strings.HasPrefix(key, prefix) {
				want = append(want, key)
			}
		}
		if got := list(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q): got %v, want %v", prefix, got, want)
		}
	}
}

func many(t *testing.T, s blob.Store) {
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			body := fmt.Appendf(nil, "body %d", i%4)
			key, err := s.Put(t.Context(), body)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := s.Get(t.Context(), key); err != nil || !bytes.Equal(got, body) {
				t.Errorf("got %q, %v, want %q", got, err, body)
			}
		})
	}
	all.Wait()
	if got := list(t, s, ""); len(got) != 4 {
		t.Errorf("got %d blobs, want 4", len(got))
	}
}
