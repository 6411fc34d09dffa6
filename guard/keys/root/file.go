// SPDX-License-Identifier: Apache-2.0

package root

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"hustings/kit/fault"
	"hustings/kit/seal"
)

// The form of the file: a line that says what it is, then a line for each key,
// the newest last:
//
//	key FINGERPRINT MADE BASE64 CHECK
//
// CHECK is the first 8 hex digits of the SHA-256 of the line before it, so
// that a slip of an editor is not taken for another key.
const fileTitle = "# Hustings root keys. Whoever has this file can open every sealed field; keep a copy apart from the database."

const (
	maxFile = 64 << 10
	maxKeys = 64
)

// File is a root key in a file.
type File struct {
	path string

	mu   sync.Mutex // guards keys, and the file
	keys []fileKey  // the newest last
}

type fileKey struct {
	id    string
	made  string
	bytes []byte
}

func openFile(path string, fresh bool) (*File, error) {
	f := &File{path: path}
	body, err := readPrivate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && fresh:
		return f, f.create()
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "The root key file %s is not there, and the database holds keys that only it can open. Put it back from its copy, or bring the officials' shares together with `hustings keys join`. Nothing was changed.", path)
	case err != nil:
		return nil, err
	}
	f.keys, err = readKeys(body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The root key file %s is damaged: %s. Put it back from its copy, or bring the officials' shares together with `hustings keys join`. Nothing was changed.", path, err)
	}
	return f, nil
}

// readPrivate reads a file that nobody else may read.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, fault.Wrap(fault.Invalid, err, "The root key file %s cannot be read: %s", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Invalid, "The root key file %s may be read by others on this machine (mode %s). Take that away with `chmod 600`, and think of the key as seen: rotate it.", path, info.Mode().Perm())
	}
	if info.Size() > maxFile {
		return nil, fault.New(fault.Invalid, "%s has %d bytes; that is no root key file", path, info.Size())
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The root key file %s cannot be read: %s", path, err)
	}
	return body, nil
}

// readKeys reads the file's text. Its errors never quote the text.
func readKeys(body []byte) (keys []fileKey, err error) {
	if len(body) > maxFile {
		return nil, errors.New("it is too large")
	}
	for i, line := range strings.Split(string(body), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := readKey(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if keys = append(keys, k); len(keys) > maxKeys {
			return nil, fmt.Errorf("more than %d keys", maxKeys)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("it holds no key")
	}
	return keys, nil
}

func readKey(line string) (k fileKey, err error) {
	parts := strings.Fields(line)
	if len(parts) != 5 || parts[0] != "key" {
		return k, errors.New("want: key FINGERPRINT MADE BASE64 CHECK")
	}
	if parts[4] != check(strings.Join(parts[:4], " ")) {
		return k, errors.New("the check at its end does not fit")
	}
	k.id, k.made = parts[1], parts[2]
	k.bytes, err = base64.StdEncoding.DecodeString(parts[3])
	if err != nil || len(k.bytes) != Size || Fingerprint(k.bytes) != k.id {
		return k, errors.New("its key and its fingerprint do not fit each other")
	}
	return k, nil
}

func check(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:4])
}

func writeKeys(keys []fileKey) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, fileTitle)
	for _, k := range keys {
		line := "key " + k.id + " " + k.made + " " + base64.StdEncoding.EncodeToString(k.bytes)
		fmt.Fprintln(&b, line, check(line))
	}
	return b.Bytes()
}

func newKey(bytes []byte) fileKey {
	return fileKey{id: Fingerprint(bytes), made: time.Now().UTC().Format(time.RFC3339), bytes: bytes}
}

// create makes the first key. Of two processes that start at once, one makes
// the file and the other reads it.
func (f *File) create() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fault.Wrap(fault.Invalid, err, "The folder of the root key file %s cannot be made: %s", f.path, err)
	}
	key := make([]byte, Size)
	rand.Read(key) // never fails: see crypto/rand
	f.keys = []fileKey{newKey(key)}
	tmp, err := f.write()
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	err = os.Link(tmp, f.path) // unlike a rename, it never replaces
	if errors.Is(err, fs.ErrExist) {
		other, err := openFile(f.path, false)
		if err == nil {
			f.keys = other.keys
		}
		return err
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The root key file %s cannot be made: %s", f.path, err)
	}
	return syncFolder(f.path)
}

// write puts the keys into a new file beside the old one, and on the disk.
func (f *File) write() (tmp string, err error) {
	file, err := os.CreateTemp(filepath.Dir(f.path), ".root-*") // made 0600
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The root key file %s cannot be written: %s", f.path, err)
	}
	_, err = file.Write(writeKeys(f.keys))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", fault.Wrap(fault.Invalid, err, "The root key file %s cannot be written: %s", f.path, err)
	}
	return file.Name(), nil
}

func (f *File) replace(keys []fileKey) error {
	old := f.keys
	f.keys = keys
	tmp, err := f.write()
	if err == nil {
		err = os.Rename(tmp, f.path)
	}
	if err != nil {
		f.keys = old
		return err
	}
	return syncFolder(f.path)
}

func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Kind is "file".
func (f *File) Kind() string { return "file" }

// Path is where the file is.
func (f *File) Path() string { return f.path }

// ID is the newest key's fingerprint.
func (f *File) ID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.keys[len(f.keys)-1].id
}

// Key is a copy of the newest key, to be split.
func (f *File) Key() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return bytes.Clone(f.keys[len(f.keys)-1].bytes)
}

func (f *File) find(id string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.keys {
		if k.id == id {
			return k.bytes
		}
	}
	return nil
}

// Wrap seals key under the newest key. The file is read first: another process
// may have put a new key into it and forgotten the one that we know.
func (f *File) Wrap(_ context.Context, key, bound []byte) (id string, wrapped []byte, err error) {
	if err := f.again(); err != nil {
		return "", nil, err
	}
	id = f.ID()
	gcm, err := seal.NewGCM(f.find(id))
	if err != nil {
		return "", nil, err
	}
	wrapped, err = gcm.Encrypt(key, bound)
	return id, wrapped, err
}

// Unwrap opens what one of the keys wrapped. A key that another process has
// put into the file since is read first.
func (f *File) Unwrap(_ context.Context, id string, wrapped, bound []byte) ([]byte, error) {
	key := f.find(id)
	if key == nil {
		if err := f.again(); err != nil {
			return nil, err
		}
		if key = f.find(id); key == nil {
			return nil, fault.New(fault.Invalid, "The root key file %s holds another key (%s) than the one that this house's keys were wrapped with (%s). Put the right file back from its copy, or bring the officials' shares together with `hustings keys join`. Nothing was changed.", f.path, f.ID(), id)
		}
	}
	gcm, err := seal.NewGCM(key)
	if err != nil {
		return nil, err
	}
	clear, err := gcm.Decrypt(wrapped, bound)
	if err != nil {
		return nil, refused(f.path)
	}
	return clear, nil
}

func (f *File) again() error {
	other, err := openFile(f.path, false)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys = other.keys
	return nil
}

// Rotate puts a new key into the file.
func (f *File) Rotate(context.Context) error {
	key := make([]byte, Size)
	rand.Read(key)
	return f.Add(key)
}

// Add puts a key that was brought, or brought together from shares, into the
// file as the newest.
func (f *File) Add(key []byte) error {
	if len(key) != Size {
		return fault.New(fault.Invalid, "A root key has %d bytes, not %d.", Size, len(key))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := make([]fileKey, 0, len(f.keys)+1)
	for _, k := range f.keys {
		if !bytes.Equal(k.bytes, key) {
			keys = append(keys, k)
		}
	}
	if len(keys) >= maxKeys {
		return fault.New(fault.Conflict, "The root key file %s holds %d old keys; forget them first.", f.path, len(keys))
	}
	return f.replace(append(keys, newKey(bytes.Clone(key))))
}

// Forget takes all keys but the newest out of the file.
func (f *File) Forget(context.Context) (forgotten []string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	newest := len(f.keys) - 1
	for _, k := range f.keys[:newest] {
		forgotten = append(forgotten, k.id)
	}
	if newest == 0 {
		return nil, nil
	}
	return forgotten, f.replace(f.keys[newest:])
}

// Close does nothing.
func (f *File) Close() error { return nil }

// Restore writes a root key that came together from shares into a file that is
// not there, or is damaged; a good file keeps its other keys.
func Restore(path string, key []byte) (*File, error) {
	f, err := openFile(path, false)
	if err == nil {
		return f, f.Add(key)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The folder of the root key file %s cannot be made: %s", path, err)
	}
	if _, err := os.Stat(path); err == nil {
		if err := os.Rename(path, path+".damaged"); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The damaged file %s cannot be put aside: %s", path, err)
		}
	}
	f = &File{path: path}
	return f, f.Add(key)
}
