// SPDX-License-Identifier: Apache-2.0

//go:build pkcs11

package root

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"

	"github.com/ThalesGroup/crypto11"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Token is a root key in a hardware token, which it never leaves. Keys of one
// label are told apart by their CKA_ID: 1, 2, 3 …; the highest wraps.
type Token struct {
	on           *crypto11.Context
	module       string
	token, label string

	mu     sync.Mutex // guards what follows
	keys   map[int]*crypto11.SecretKey
	newest int
}

func openToken(u *url.URL, pin hide.String, fresh bool) (Root, error) {
	module := u.Path
	if module == "" {
		module = u.Opaque
	}
	t := &Token{module: module, token: u.Query().Get("token"), label: u.Query().Get("key")}
	if module == "" || t.token == "" || t.label == "" {
		return nil, fault.New(fault.Invalid, "keys.root: want pkcs11:MODULE?token=LABEL&key=LABEL, such as pkcs11:/usr/lib/softhsm/libsofthsm2.so?token=hustings&key=root")
	}
	if _, err := os.Stat(module); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The module %s of the hardware token cannot be read.", module)
	}
	on, err := crypto11.Configure(&crypto11.Config{Path: module, TokenLabel: t.token, Pin: pin.Reveal(), MaxSessions: 4})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The token %s does not open with the PIN in keys.secret_file: %s", t.token, err)
	}
	t.on = on
	if err := t.read(); err != nil {
		_ = on.Close()
		return nil, err
	}
	switch {
	case t.newest == 0 && !fresh:
		_ = on.Close()
		return nil, fault.New(fault.NotFound, "The token %s has no key %s, and the database holds keys that only it can open. Put the right token back. Nothing was changed.", t.token, t.label)
	case t.newest == 0:
		if err := t.Rotate(context.Background()); err != nil {
			_ = on.Close()
			return nil, err
		}
	}
	return t, nil
}

// read finds the keys of our label.
func (t *Token) read() error {
	found, err := t.on.FindKeys(nil, []byte(t.label))
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The token %s does not answer.", t.token)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys, t.newest = make(map[int]*crypto11.SecretKey), 0
	for _, k := range found {
		a, err := t.on.GetAttribute(k, crypto11.CkaId)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(a.Value))
		if err != nil || n < 1 {
			return fault.New(fault.Invalid, "The token %s has a key %s that Hustings did not make; choose another label.", t.token, t.label)
		}
		t.keys[n] = k
		t.newest = max(t.newest, n)
	}
	return nil
}

// Kind is "pkcs11".
func (t *Token) Kind() string { return "pkcs11" }

func (t *Token) id(n int) string { return fmt.Sprintf("pkcs11:%s/%s/%d", t.token, t.label, n) }

// ID is the newest key's name.
func (t *Token) ID() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.id(t.newest)
}

// find gives a key as an AEAD.
func (t *Token) find(id string) (cipher.AEAD, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n, k := range t.keys {
		if t.id(n) == id {
			return k.NewGCM()
		}
	}
	return nil, nil
}

// Wrap has the token seal key.
func (t *Token) Wrap(_ context.Context, key, bound []byte) (id string, wrapped []byte, err error) {
	if err := t.read(); err != nil {
		return "", nil, err
	}
	id = t.ID()
	gcm, err := t.find(id)
	if err != nil {
		return "", nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	rand.Read(nonce)
	if wrapped, err = sealed(gcm, nonce, key, bound); err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, err, "The token %s does not answer.", t.token)
	}
	return id, wrapped, nil
}

// sealed turns the panic of a token that fails into an error.
func sealed(gcm cipher.AEAD, nonce, key, bound []byte) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return gcm.Seal(nonce, nonce, key, bound), nil
}

// Unwrap has the token open what it sealed.
func (t *Token) Unwrap(_ context.Context, id string, wrapped, bound []byte) ([]byte, error) {
	gcm, err := t.find(id)
	if err == nil && gcm == nil {
		if err = t.read(); err == nil {
			gcm, err = t.find(id)
		}
	}
	if err != nil {
		return nil, err
	}
	if gcm == nil {
		return nil, fault.New(fault.Invalid, "The token %s holds another root key (%s) than the one that this house's keys were wrapped with (%s). Put the right token back. Nothing was changed.", t.token, t.ID(), id)
	}
	if len(wrapped) < gcm.NonceSize() {
		return nil, refused(t.ID())
	}
	clear, err := gcm.Open(nil, wrapped[:gcm.NonceSize()], wrapped[gcm.NonceSize():], bound)
	if err != nil {
		return nil, refused(t.ID())
	}
	return clear, nil
}

// Rotate has the token make a new key.
func (t *Token) Rotate(context.Context) error {
	t.mu.Lock()
	next := t.newest + 1
	t.mu.Unlock()
	if _, err := t.on.GenerateSecretKeyWithLabel([]byte(strconv.Itoa(next)), []byte(t.label), Size*8, crypto11.CipherAES); err != nil {
		return fault.Wrap(fault.Invalid, err, "The token %s does not make a key.", t.token)
	}
	return t.read()
}

// Forget has the token destroy all keys but the newest.
func (t *Token) Forget(context.Context) (forgotten []string, err error) {
	t.mu.Lock()
	for n, k := range t.keys {
		if n == t.newest {
			continue
		}
		if err = k.Delete(); err != nil {
			break
		}
		forgotten = append(forgotten, t.id(n))
	}
	t.mu.Unlock()
	if err != nil {
		return forgotten, fault.Wrap(fault.Unavailable, err, "The token %s does not destroy a key.", t.token)
	}
	return forgotten, t.read()
}

// Close ends the sessions with the token.
func (t *Token) Close() error { return t.on.Close() }
