// SPDX-License-Identifier: Apache-2.0

package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"hustings/kit/fault"
)

// Folder keeps blobs as files: DIR/ab/abcdef….
type Folder struct{ dir string }

// Open opens a folder of blobs, and makes it where it is missing.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the folder %s cannot be made", dir)
	}
	return &Folder{dir}, nil
}

func (f *Folder) path(key string) (string, error) {
	if !keyForm.MatchString(key) {
		return "", fault.New(fault.NotFound, "there is no blob %q", key)
	}
	return filepath.Join(f.dir, key[:2], key), nil
}

// Put writes a temporary file, syncs it, and moves it into place.
func (f *Folder) Put(_ context.Context, body []byte) (string, error) {
	key := Key(body)
	to, err := f.path(key)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(to); err == nil && info.Size() == int64(len(body)) {
		return key, nil
	}
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	tmp, err := os.CreateTemp(dir, ".put-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name()) // gone already once it is in place
	_, err = tmp.Write(body)
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), to)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err == nil {
		err = syncDir(f.dir)
	}
	return key, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Get reads a body and compares it with its key, so that a damaged disk is
// noticed before anyone relies on it.
func (f *Folder) Get(_ context.Context, key string) ([]byte, error) {
	path, err := f.path(key)
	if err != nil {
		return nil, err
	}
	body, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(fault.NotFound, err, "there is no blob %q", key)
	case err != nil:
		return nil, err
	case Key(body) != key:
		return nil, fault.New(fault.Internal, "the blob %s is damaged", key)
	}
	return body, nil
}

// Has says whether there is a body under the key.
func (f *Folder) Has(_ context.Context, key string) (bool, error) {
	path, err := f.path(key)
	if err != nil {
		return false, nil
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Delete removes a body.
func (f *Folder) Delete(_ context.Context, key string) error {
	path, err := f.path(key)
	if err != nil {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List lists the keys that begin with a prefix, in order.
func (f *Folder) List(ctx context.Context, prefix string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(f.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if keyForm.MatchString(d.Name()) && strings.HasPrefix(d.Name(), prefix) {
			out = append(out, d.Name())
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}
