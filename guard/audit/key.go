// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Keys keeps the key with which the log signs its checkpoints.
type Keys interface {
	// LogKey returns the key pair in the form of C2SP signed-note. It makes one
	// for a log of this name where there is none yet.
	LogKey(name string) (private hide.String, public string, err error)
}

// KeyFile keeps the key in a file that its owner alone can read: the private
// key on the first line, the public one on the second.
type KeyFile string

// LogKey implements Keys.
func (f KeyFile) LogKey(name string) (private hide.String, public string, err error) {
	private, public, err = f.read()
	if errors.Is(err, fs.ErrNotExist) {
		if err = f.make(name); err == nil || errors.Is(err, fs.ErrExist) {
			return f.read() // another process may have been quicker
		}
	}
	return private, public, err
}

func (f KeyFile) read() (private hide.String, public string, err error) {
	info, err := os.Stat(string(f))
	if err != nil {
		return private, "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return private, "", fault.New(fault.Invalid, "the key of the sealed log %s can be read by others than its owner; run chmod 600 on it", string(f))
	}
	body, err := os.ReadFile(string(f))
	if err != nil {
		return private, "", err
	}
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	if len(lines) != 2 {
		return private, "", fault.New(fault.Invalid, "the key of the sealed log %s has %d lines; want the private key on the first and the public one on the second", string(f), len(lines))
	}
	return hide.New(lines[0]), lines[1], nil
}

// make writes a new key beside its place and puts it there in one step, so that
// a crash leaves no half of one.
func (f KeyFile) make(name string) error {
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return fmt.Errorf("make the key of the log: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(string(f)), ".log-key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = fmt.Fprintf(temp, "%s\n%s\n", private, public)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Link(temp.Name(), string(f)) // never over another key
}

// keyPair is the log's key once it has been read.
type keyPair struct {
	signer note.Signer
	public string
	key    note.Verifier
}

// PublicKey is the key that everybody may have: with it anyone can check
// checkpoints and receipts.
func (s *Audit) PublicKey() (string, error) {
	p, err := s.key()
	if err != nil {
		return "", err
	}
	return p.public, nil
}

// keyOnce reads the key when it is first needed: most commands never do.
type keyOnce struct {
	mu   sync.Mutex // guards pair
	pair *keyPair
}

// key is the log's key pair.
func (s *Audit) key() (*keyPair, error) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if s.keys.pair != nil {
		return s.keys.pair, nil
	}
	private, public, err := s.Keys.LogKey(s.Origin)
	if err != nil {
		return nil, err
	}
	p := &keyPair{public: public}
	if p.signer, err = note.NewSigner(private.Reveal()); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the private key of the sealed log is damaged; put it back from its copy")
	}
	if p.key, err = note.NewVerifier(public); err != nil || p.key.Name() != p.signer.Name() || p.key.KeyHash() != p.signer.KeyHash() {
		return nil, fault.Wrap(fault.Invalid, err, "the public key of the sealed log does not belong to its private key; put both back from their copy")
	}
	s.keys.pair = p
	return p, nil
}
