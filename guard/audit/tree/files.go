// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
)

// width is how many nodes a tile holds, and how many leaves a bundle.
const width = layout.TileWidth

// bundled is the length of a leaf in its bundle: two bytes that give its
// length, and itself.
const bundled = 2 + sha256.Size

// Folder is a log, or a copy of one, in a folder of files.
type Folder string

// Checkpoint reads the signed checkpoint as it stands.
func (f Folder) Checkpoint() ([]byte, error) { return f.read(layout.CheckpointPath, maxCheckpoint) }

// read reads a file that is no larger than it may be.
func (f Folder) read(name string, most int64) ([]byte, error) {
	file, err := os.Open(filepath.Join(string(f), filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, most)
	}
	return b, err
}

// partial reads the file of a tile or bundle of which only n items matter: the
// full one if it is there, or the one of just that many.
func (f Folder) partial(path func(p uint8) string, n int, item int64) (b []byte, name string, err error) {
	name = path(0)
	if n < width {
		name = path(uint8(n))
	}
	b, err = f.read(name, width*item)
	if n < width && errors.Is(err, fs.ErrNotExist) {
		if full, ferr := f.read(path(0), width*item); ferr == nil {
			return full[:min(len(full), n*int(item))], path(0), nil
		}
	}
	return b, name, err
}

// bundle reads the leaves of a bundle.
func (f Folder) bundle(index uint64, n int) (leaves []Hash, name string, err error) {
	b, name, err := f.partial(func(p uint8) string { return layout.EntriesPath(index, p) }, n, bundled)
	if err != nil {
		return nil, name, err
	}
	if len(b) != n*bundled {
		return nil, name, fmt.Errorf("it has %d bytes, not %d", len(b), n*bundled)
	}
	leaves = make([]Hash, n)
	for i := range leaves {
		one := b[i*bundled : (i+1)*bundled]
		if one[0] != 0 || one[1] != sha256.Size {
			return nil, name, fmt.Errorf("leaf %d has another length than a leaf has", index*width+uint64(i))
		}
		leaves[i] = Hash(one[2:])
	}
	return leaves, name, nil
}

// nodes reads the nodes of a tile.
func (f Folder) nodes(level, index uint64, n int) (list []Hash, name string, err error) {
	b, name, err := f.partial(func(p uint8) string { return layout.TilePath(level, index, p) }, n, sha256.Size)
	if err != nil {
		return nil, name, err
	}
	if len(b) != n*sha256.Size {
		return nil, name, fmt.Errorf("it has %d bytes, not %d", len(b), n*sha256.Size)
	}
	list = make([]Hash, n)
	for i := range list {
		list[i] = Hash(b[i*sha256.Size:])
	}
	return list, name, nil
}

// Proof is the inclusion proof of a leaf in the tree of a size.
func (f Folder) Proof(ctx context.Context, index, size uint64) ([][]byte, error) {
	b, err := client.NewProofBuilder(ctx, size, f.tile)
	if err != nil {
		return nil, fmt.Errorf("the tiles do not make a tree of %d leaves: %w", size, err)
	}
	p, err := b.InclusionProof(ctx, index)
	if err != nil {
		return nil, fmt.Errorf("the tiles give no proof for leaf %d of %d: %w", index, size, err)
	}
	return p, nil
}

// tile is what Tessera's client asks for: a full tile in the place of a partial
// one is cut by the client itself.
func (f Folder) tile(_ context.Context, level, index uint64, p uint8) ([]byte, error) {
	b, err := f.read(layout.TilePath(level, index, p), width*sha256.Size)
	if p != 0 && errors.Is(err, fs.ErrNotExist) {
		return f.read(layout.TilePath(level, index, 0), width*sha256.Size)
	}
	return b, err
}

// Included checks that a leaf stands at its place in the tree of a checkpoint.
func Included(leaf Hash, index uint64, path [][]byte, c Checkpoint) error {
	h := leafHash(leaf[:])
	root, err := proof.RootFromInclusionProof(hasher{}, index, c.Size, h[:], path)
	if err != nil {
		return fmt.Errorf("the proof does not fit its place: %w", err)
	}
	if !bytes.Equal(root, c.Root[:]) {
		return errors.New("the proof does not lead to the checkpoint's root: the entry, the salt or the proof was altered")
	}
	return nil
}

// hasher is RFC 6962's, for the library of proofs.
type hasher struct{}

// EmptyRoot is the root of nothing.
func (hasher) EmptyRoot() []byte { return emptyRoot[:] }

// HashLeaf is the node of a leaf.
func (hasher) HashLeaf(leaf []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, leaf...))
	return sum[:]
}

// HashChildren is the node above two.
func (hasher) HashChildren(l, r []byte) []byte {
	b := make([]byte, 0, 1+2*sha256.Size)
	b = append(append(append(b, 1), l...), r...)
	sum := sha256.Sum256(b)
	return sum[:]
}

// Size is the length of a node.
func (hasher) Size() int { return sha256.Size }

// CopyTo copies what is public of the log. The checkpoint is read first and
// written last: a copy is complete, or has the checkpoint that it had before.
func (f Folder) CopyTo(ctx context.Context, to string) (n int, err error) {
	text, err := f.Checkpoint()
	if err != nil {
		return 0, fmt.Errorf("there is no sealed log in %s: %w", string(f), err)
	}
	root := filepath.Join(string(f), "tile")
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a partial tile that was swept meanwhile, or a log without leaves
		}
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		rel, err := filepath.Rel(string(f), path)
		if err != nil || d.IsDir() || !whole.MatchString(filepath.ToSlash(rel)) {
			return err
		}
		copied, err := f.copyFile(rel, to)
		if copied {
			n++
		}
		return err
	})
	if err != nil {
		return n, err
	}
	return n + 1, replace(filepath.Join(to, layout.CheckpointPath), text)
}

// whole are the names that tiles and bundles have.
var whole = regexp.MustCompile(`^tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?$`)

// copyFile copies a tile that is not there yet.
func (f Folder) copyFile(name, to string) (copied bool, err error) {
	target := filepath.Join(to, name)
	if _, err := os.Stat(target); err == nil {
		return false, nil // tiles never change
	}
	body, err := f.read(filepath.ToSlash(name), width*bundled)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, replace(target, body)
}

// replace writes a file in one step.
func replace(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".copy-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(body)
	if err := errors.Join(err, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
