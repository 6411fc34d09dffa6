// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
)

func TestALeafDependsOnEveryPart(t *testing.T) {
	salt, entry := Salt{1}, Hash{2}
	base := Leaf(salt, "nye", 7, entry)
	if want := "56828080"; !strings.HasPrefix(fmt.Sprintf("%x", base), want) {
		t.Errorf("a leaf is another than it was: %x, want %s…", base, want)
	}
	for name, other := range map[string]Hash{
		"another salt":         Leaf(Salt{2}, "nye", 7, entry),
		"another jurisdiction": Leaf(salt, "nyf", 7, entry),
		"another place":        Leaf(salt, "nye", 8, entry),
		"another entry":        Leaf(salt, "nye", 7, Hash{3}),
		"a moved boundary":     Leaf(salt, "nye\x00", 7, entry),
	} {
		if other == base {
			t.Errorf("%s makes the same leaf", name)
		}
	}
}

// The folding of roots agrees with the library's for every size around the
// edges of tiles.
func TestRootsAreThoseOfOthers(t *testing.T) {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r := factory.NewEmptyRange(0)
	w := &walk{v: &Verified{}}
	for n := range uint64(1200) {
		leaf := sha256.Sum256([]byte(fmt.Sprint(n)))
		if err := r.Append(rfc6962.DefaultHasher.HashLeaf(leaf[:]), nil); err != nil {
			t.Fatal(err)
		}
		w.rest = append(w.rest, leafHash(leaf[:]))
		if len(w.rest) == width {
			w.nodes1 = append(w.nodes1, perfect(w.rest))
			w.rest = nil
		}
		w.v.Size = n + 1
		want, err := r.GetRootHash(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.root(); !bytes.Equal(got[:], want) {
			t.Fatalf("with %d leaves: got %x, want %x", n+1, got, want)
		}
	}
}

func TestAForgedSizeDoesNotMakeUsLookForEver(t *testing.T) {
	f := Folder(t.TempDir())
	v, err := f.Verify(context.Background(), Checkpoint{Origin: "x", Size: maxSize, Root: Hash{1}})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Problems) != 1 || !strings.Contains(v.Problems[0].String(), "missing, though the checkpoint speaks of") {
		t.Errorf("got %v", v.Problems)
	}
}

var key, _ = note.NewVerifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")

func TestCheckpointsThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "cannot be read"},
		{"no number", "log\nx\nAAAA\n", "cannot be read"},
		{"a negative number", "log\n-1\nAAAA\n", "cannot be read"},
		{"a number in another form", "log\n007\n" + strings.Repeat("A", 43) + "=\n", "plain number"},
		{"a short root", "log\n5\nAAAA\n", "root has 3 bytes"},
		{"too many leaves", "log\n2199023255552\n" + strings.Repeat("A", 43) + "=\n", "more than this program takes"},
		{"too long", "log\n5\n" + strings.Repeat("A", maxCheckpoint), "bytes, more than"},
	} {
		if _, err := Open([]byte(tt.text), nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if _, err := Open([]byte(tt.text), key); err == nil {
			t.Errorf("%s: it was taken as signed", tt.name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("log\n5\n" + strings.Repeat("A", 43) + "=\n"))
	f.Add([]byte("log\n5\n" + strings.Repeat("A", 43) + "=\nmore\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if c, err := Open(text, nil); err == nil && c.Size > maxSize {
			t.Errorf("%d leaves", c.Size)
		}
		if _, err := Open(text, key); err == nil {
			t.Error("nobody has signed this")
		}
	})
}

// Whatever stands in the files of a log, it is read within bounds, and what was
// not there before is found.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{0, 32}, []byte("tile"), []byte(`{"size":1,"root":""}`), uint16(1))
	f.Add(bytes.Repeat([]byte{0, 32}, 17), bytes.Repeat([]byte{1}, 32), []byte(`{}`), uint16(300))
	f.Fuzz(func(t *testing.T, bundle, tile, state []byte, size uint16) {
		dir := t.TempDir()
		for name, body := range map[string][]byte{
			layout.EntriesPath(0, 0): bundle, layout.EntriesPath(0, layout.PartialTileSize(0, 0, uint64(size))): bundle,
			layout.TilePath(0, 0, 0): tile, layout.EntriesPath(1, 44): bundle, ".state/treeState": state,
		} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, body, 0o644); err != nil {
				t.Skip() // a file where a folder is
			}
		}
		v, err := Folder(dir).Verify(context.Background(), Checkpoint{Origin: "x", Size: uint64(size), Root: Hash{1}})
		if err != nil || len(v.Problems) == 0 {
			t.Errorf("got %v, %v", v, err)
		}
		v.Reader().Has(0, Hash{})
	})
}
