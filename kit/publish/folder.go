// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"hustings/kit/fault"
)

// Folder is a Target: a directory that a web server or a synchronizing program
// takes from there.
type Folder struct {
	root  *os.Root // so that no link in the folder leads a copy out of it
	temps atomic.Int64
}

// ToFolder opens a directory as a Target, making it if need be.
func ToFolder(dir string) (*Folder, error) {
	if err := makeDir(dir); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the folder %s cannot be made", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the folder %s cannot be opened", dir)
	}
	return &Folder{root: root}, nil
}

// Close gives the directory back.
func (f *Folder) Close() error { return f.root.Close() }

// Get reads a file.
func (f *Folder) Get(_ context.Context, name string) ([]byte, error) {
	file, err := f.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// Put writes a file under a temporary name beside it and renames it. It does
// not wait for the disk; Flush does, once for all.
func (f *Folder) Put(ctx context.Context, c Copy) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := filepath.FromSlash(c.Path)
	if err := f.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(name), fmt.Sprintf(".hustings-%d-%d%s", os.Getpid(), f.temps.Add(1), tempExt))
	err := f.root.WriteFile(temp, c.Body, 0o644)
	if err == nil {
		err = f.root.Rename(temp, name)
	}
	if err != nil {
		f.root.Remove(temp)
	}
	return err
}

// Flush waits until the disk has everything. Syncing the whole machine once is
// far quicker than syncing some thousand files one by one.
func (f *Folder) Flush(context.Context) error {
	syscall.Sync()
	return nil
}

// Delete removes a file, and the folders that are empty without it.
func (f *Folder) Delete(_ context.Context, name string) error {
	if err := f.root.Remove(filepath.FromSlash(name)); err != nil && !missing(err) {
		return err
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if f.root.Remove(filepath.FromSlash(dir)) != nil {
			break // not empty
		}
	}
	return nil
}
