// SPDX-License-Identifier: Apache-2.0

// Package root holds the root key, which wraps the key-encryption key of each
// jurisdiction and nothing else. It lives in a file apart from the database,
// in a hardware token (PKCS#11, with the build tag pkcs11), or in an external
// key service that speaks the transit protocol of OpenBao and Vault.
package root

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"os"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Root wraps and unwraps key-encryption keys.
type Root interface {
	// Kind is "file", "kms" or "pkcs11".
	Kind() string
	// ID names the key that wraps now; it tells nothing about the key.
	ID() string
	// Wrap seals key, bound to what it is for, with the newest key that there is,
	// whoever made it; id names that key.
	Wrap(ctx context.Context, key, bound []byte) (id string, wrapped []byte, err error)
	// Unwrap opens what the key id wrapped.
	Unwrap(ctx context.Context, id string, wrapped, bound []byte) ([]byte, error)
	// Rotate makes a new key, which wraps from now on; the old ones unwrap.
	Rotate(ctx context.Context) error
	// Forget destroys every key but the one that wraps, and gives their ids.
	Forget(ctx context.Context) (forgotten []string, err error)
	// Close gives back what is held.
	Close() error
}

// Size is the length of a root key in bytes: AES-256.
const Size = 32

// Place is where the root key is, as the settings say it.
type Place struct {
	URL    string // file:PATH, kms:https://HOST/MOUNT/KEY, or pkcs11:MODULE?token=LABEL&key=LABEL
	Secret string // path of a file with the token of the service or the PIN
}

// Path is the path of a root key in a file; ok is false for the others.
func (p Place) Path() (string, bool) { return strings.CutPrefix(p.URL, "file:") }

// Open finds the root key. With fresh, a key that is not there yet is made;
// without, that is refused: something exists that only it can open.
func Open(ctx context.Context, p Place, fresh bool) (Root, error) {
	scheme, rest, _ := strings.Cut(p.URL, ":")
	switch scheme {
	case "file":
		return opened(openFile(rest, fresh))
	case "kms":
		u, err := url.Parse(rest)
		if err != nil {
			return nil, fault.New(fault.Invalid, "keys.root = %q: want kms:https://HOST/MOUNT/KEY", p.URL)
		}
		token, err := secret(p.Secret)
		if err != nil {
			return nil, err
		}
		return opened(openKMS(ctx, u, token))
	case "pkcs11":
		u, err := url.Parse(rest)
		if err != nil {
			return nil, fault.New(fault.Invalid, "keys.root = %q: want pkcs11:MODULE?token=LABEL&key=LABEL", p.URL)
		}
		pin, err := secret(p.Secret)
		if err != nil {
			return nil, err
		}
		return openToken(u, pin, fresh)
	}
	return nil, fault.New(fault.Invalid, "keys.root = %q: want file:PATH, kms:https://HOST/MOUNT/KEY or pkcs11:MODULE?token=LABEL&key=LABEL", p.URL)
}

// opened keeps a nil of a concrete type from looking like a root key.
func opened[R Root](r R, err error) (Root, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// secret reads a file of one line.
func secret(path string) (hide.String, error) {
	if path == "" {
		return hide.String{}, fault.New(fault.Invalid, "keys.secret_file is empty; want the path of a file with the token of the key service or the PIN")
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return hide.String{}, fault.Wrap(fault.Invalid, err, "keys.secret_file = %q cannot be read: %s", path, err)
	}
	text := strings.TrimSpace(string(body))
	if text == "" || len(text) > 4096 || strings.ContainsAny(text, "\r\n") {
		return hide.String{}, fault.New(fault.Invalid, "keys.secret_file = %q: want one line, the token or the PIN", path)
	}
	return hide.New(text), nil
}

// Fingerprint names a key without telling anything about it.
func Fingerprint(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("hustings key fingerprint"))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// refused is what a caller learns when wrapped bytes do not open.
func refused(where string) error {
	return fault.New(fault.Invalid, "The root key in %s does not open the key of this jurisdiction: the wrapped key is damaged, or was moved here from another jurisdiction. Nothing was changed.", where)
}
