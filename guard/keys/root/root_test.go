// SPDX-License-Identifier: Apache-2.0

package root

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hustings/kit/fault"
)

func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// suite is what every kind of root key keeps to. again opens the same one anew.
func suite(t *testing.T, r Root, again func() Root) {
	ctx, key, bound := t.Context(), []byte("0123456789abcdef0123456789abcdef"), []byte("a jurisdiction")
	id, wrapped, err := r.Wrap(ctx, key, bound)
	if err != nil || id != r.ID() {
		t.Fatal(id, r.ID(), err)
	}
	if bytes.Contains(wrapped, key) {
		t.Error("the wrapped key is in clear")
	}
	opens := func(name string, by Root) {
		t.Helper()
		if got, err := by.Unwrap(ctx, id, wrapped, bound); err != nil || !bytes.Equal(got, key) {
			t.Errorf("%s: got %x, %v", name, got, err)
		}
	}
	opens("at once", r)
	opens("opened anew", again())
	broken := bytes.Clone(wrapped)
	broken[len(broken)-2] ^= 1
	for name, tt := range map[string]struct{ wrapped, bound []byte }{
		"damaged":                   {broken, bound},
		"of another jurisdiction":   {wrapped, []byte("another")},
		"cut short":                 {wrapped[:4], bound},
		"empty":                     {nil, bound},
		"of an unknown form or key": {[]byte("vault:v9:AAAA"), bound},
	} {
		if got, err := r.Unwrap(ctx, id, tt.wrapped, tt.bound); fault.KindOf(err) != fault.Invalid || got != nil {
			t.Errorf("%s: got %x, %v; want it refused", name, got, err)
		}
	}
	if _, err := r.Unwrap(ctx, "another", wrapped, bound); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "Nothing was changed") {
		t.Errorf("under another root key: got %v", err)
	}
	if err := r.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	opens("after a rotation", r)
	if _, next, err := r.Wrap(ctx, key, bound); err != nil || bytes.Equal(next, wrapped) {
		t.Errorf("wrapped anew: %v", err)
	}
	opens("opened anew after a rotation", again())
}

func TestAFile(t *testing.T) {
	place := Place{URL: "file:" + filepath.Join(t.TempDir(), "new", "root.key")}
	if _, err := Open(t.Context(), place, false); fault.KindOf(err) != fault.NotFound {
		t.Errorf("where there must be one already: got %v", err)
	}
	r, err := Open(t.Context(), place, true)
	if err != nil {
		t.Fatal(err)
	}
	path, _ := place.Path()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	suite(t, r, func() Root {
		again, err := Open(t.Context(), place, false)
		if err != nil {
			t.Fatal(err)
		}
		return again
	})
	was := r.ID()
	gone, err := r.Forget(t.Context())
	if err != nil || len(gone) != 1 || r.ID() != was {
		t.Errorf("forgot %v, %v", gone, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".root-*")); len(left) != 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A process that knows the root key from before wraps with the one that
// another process has put into the file since, and not with a forgotten one.
func TestAForgottenKeyWrapsNothing(t *testing.T) {
	place := Place{URL: "file:" + filepath.Join(t.TempDir(), "root.key")}
	old, err := Open(t.Context(), place, true)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), place, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	id, wrapped, err := old.Wrap(t.Context(), []byte("key"), nil)
	if err != nil || id != other.ID() {
		t.Errorf("wrapped with %s, %v; want %s", id, err, other.ID())
	}
	if got, err := other.Unwrap(t.Context(), id, wrapped, nil); err != nil || string(got) != "key" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	good := string(writeKeys([]fileKey{newKey(bytes.Repeat([]byte{1}, Size))}))
	for _, tt := range []struct {
		name, body string
		mode       os.FileMode
		say        string
	}{
		{"empty", "", 0o600, "it holds no key"},
		{"something else", "hello\n", 0o600, "line 1: want"},
		{"a letter changed", strings.Replace(good, "AQEB", "AQEC", 1), 0o600, "line 2: the check"},
		{"cut short", good[:len(good)-5], 0o600, "line 2: the check"},
		{"zeros", strings.Repeat("\x00", 300), 0o600, "is damaged"},
		{"too large", strings.Repeat("#\n", maxFile), 0o600, "no root key file"},
		{"readable by others", good, 0o644, "may be read by others"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "root.key")
			if err := os.WriteFile(path, []byte(tt.body), tt.mode); err != nil {
				t.Fatal(err)
			}
			for _, fresh := range []bool{false, true} {
				_, err := Open(t.Context(), Place{URL: "file:" + path}, fresh)
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.say) || strings.Contains(err.Error(), "AQEB") {
					t.Errorf("got %v, want a sentence with %q and no key", err, tt.say)
				}
			}
			if body, err := os.ReadFile(path); err != nil || string(body) != tt.body {
				t.Error("the file was changed")
			}
		})
	}
}

func TestTwoStartsAtOnceMakeOneKey(t *testing.T) {
	place := Place{URL: "file:" + filepath.Join(t.TempDir(), "root.key")}
	var all sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		all.Go(func() {
			r, err := Open(t.Context(), place, true)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = r.ID()
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("two keys: %s and %s", id, ids[0])
		}
	}
}

func TestPlacesThatAreNone(t *testing.T) {
	token := secretFile(t, "x")
	for _, tt := range []Place{
		{"", ""}, {"folder:/x", ""}, {"kms:http://bao.example/transit/k", token}, {"kms:https://bao.example/k", token},
		{"kms:https://me:pw@bao.example/transit/k", token}, {"kms:https://bao.example/transit/k", ""},
		{"kms:https://bao.example/transit/k", "/nowhere"}, {"kms:https://bao.example/transit/k", secretFile(t, "a\nb")},
		{"kms:https://%zz/", token}, {"pkcs11:/nowhere.so?token=a&key=b", token}, {"pkcs11:/nowhere.so", token},
	} {
		if _, err := Open(t.Context(), tt, true); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: got %v, want it refused", tt, err)
		}
	}
}

func FuzzReadKeys(f *testing.F) {
	f.Add(writeKeys([]fileKey{newKey(bytes.Repeat([]byte{1}, Size)), newKey(bytes.Repeat([]byte{2}, Size))}))
	f.Add([]byte("key a b c d\n"))
	f.Add([]byte(fileTitle))
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := readKeys(body)
		if err != nil {
			return
		}
		again, err := readKeys(writeKeys(keys))
		if err != nil || len(again) != len(keys) || again[0].id != keys[0].id {
			t.Errorf("keys that were read are others when written: %v", err)
		}
	})
}
