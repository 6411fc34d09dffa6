// SPDX-License-Identifier: Apache-2.0

package blob

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hustings/kit/fault"
)

// Folder keeps blobs as files: ab/abcdef… in its folder. New ones are written
// in tmp/ and renamed, so a file under its key is always whole.
type Folder struct {
	root string
}

// leftOver is how old a file in tmp/ is when nobody can be writing it any more.
const leftOver = 24 * time.Hour

// Open opens a folder of blobs, and makes it where it is missing.
func Open(dir string) (*Folder, error) {
	if dir == "" {
		return nil, fault.New(fault.Invalid, "no folder is named for the blobs")
	}
	f := &Folder{root: dir}
	if err := os.MkdirAll(f.tmp(), 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the folder %s cannot be made", dir)
	}
	if err := f.clear(); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the folder %s cannot be read", dir)
	}
	return f, nil
}

func (f *Folder) tmp() string { return filepath.Join(f.root, "tmp") }

func (f *Folder) path(key string) string { return filepath.Join(f.root, key[:2], key) }

// clear removes what a process that was killed left in tmp/. The machine's
// clock is right here: the files' times are the machine's too.
func (f *Folder) clear() error {
	list, err := os.ReadDir(f.tmp())
	if err != nil {
		return err
	}
	for _, e := range list {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftOver {
			if err := os.Remove(filepath.Join(f.tmp(), e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Put writes a new file, and makes sure that it is on the disk under its name
// before it says so: first the content, then the rename, then the folder.
func (f *Folder) Put(ctx context.Context, body []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	key := Key(body)
	if err := f.put(key, body); err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "The file could not be stored.")
	}
	return key, nil
}

func (f *Folder) put(key string, body []byte) error {
	tmp, err := os.CreateTemp(f.tmp(), "new-")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing to remove
	_, err = tmp.Write(body)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return f.place(tmp.Name(), key)
}

// place moves a finished file to its name. One that is there already holds the
// same; replacing it mends it in case it was damaged.
func (f *Folder) place(tmp, key string) error {
	dir := filepath.Dir(f.path(key))
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		err = syncDir(f.root)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(tmp, f.path(key)); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir puts a folder's list of names onto the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Get reads a body and compares it with its key, so that a damaged disk is
// noticed before anyone relies on it.
func (f *Folder) Get(_ context.Context, key string) ([]byte, error) {
	if !valid(key) {
		return nil, missing(key)
	}
	body, err := os.ReadFile(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(key)
	}
	if err != nil {
		return nil, err
	}
	return whole(key, body)
}

// Has looks for a file.
func (f *Folder) Has(_ context.Context, key string) (bool, error) {
	if !valid(key) {
		return false, nil
	}
	_, err := os.Stat(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Delete removes a file.
func (f *Folder) Delete(_ context.Context, key string) error {
	if !valid(key) {
		return nil
	}
	err := os.Remove(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(f.path(key)))
}

// List goes through the folders, which os.ReadDir gives in order.
func (f *Folder) List(ctx context.Context, prefix string) ([]string, error) {
	dirs, err := os.ReadDir(f.root)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, d := range dirs {
		name := d.Name()
		if len(name) != 2 || !isHex(name) || !strings.HasPrefix(name, prefix[:min(2, len(prefix))]) {
			continue
		}
		files, err := os.ReadDir(filepath.Join(f.root, name))
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		for _, e := range files {
			if key := e.Name(); valid(key) && strings.HasPrefix(key, prefix) {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}
