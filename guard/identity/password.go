// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"crypto/fips140"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"hustings/kit/fault"
	"hustings/kit/hide"
)

// Argon2id parameters: 19 MiB, 2 passes, 1 lane; and rounds of PBKDF2 with
// HMAC-SHA-256 (OWASP Password Storage Cheat Sheet). They are kept with each
// hash, so that they can be raised later.
const (
	memory  = 19 * 1024
	passes  = 2
	lanes   = 1
	rounds  = 600_000
	keySize = 32
)

// today is how passwords are hashed now, as the beginning of a PHC string: by
// Argon2id, or on the FIPS 140-3 module, which has none, by PBKDF2 (NIST SP
// 800-132). Either build reads both.
func today() string {
	if fips140.Enabled() {
		return fmt.Sprintf("$pbkdf2-sha256$v=1$i=%d$", rounds)
	}
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", memory, passes, lanes)
}

// A password that stands alone has at least 15 characters, one beside an app 8;
// at most it has 1,024 bytes. There are no rules of composition and no days
// after which it ends (NIST SP 800-63B-4, section 3.1.1.2).
const (
	shortestAlone  = 15
	shortestBeside = 8
	longest        = 1024
)

// checkPassword says why a password is not good enough for an account.
func (s *Identity) checkPassword(p hide.String, shortest int, a Account) error {
	shortest = max(shortest, s.Shortest)
	n := utf8.RuneCountInString(p.Reveal())
	if n < shortest {
		return fault.On("password", fault.New(fault.Invalid, "The password has %d characters; it needs at least %d. A sentence is easy to remember.", n, shortest))
	}
	if len(p.Reveal()) > longest {
		return fault.On("password", fault.New(fault.Invalid, "The password is longer than %d bytes.", longest))
	}
	return checkGuessable(p.Reveal(), a.Name, a.Email, s.Office, "hustings")
}

// hash makes the PHC string of a password with a fresh salt.
func (s *Identity) hash(ctx context.Context, p hide.String) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	derive, _ := slow(today())
	key, err := s.key(ctx, p, salt, derive)
	if err != nil {
		return "", err
	}
	return today() + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key), nil
}

var b64 = base64.RawStdEncoding

// derivation makes a key of a password and a salt, slowly.
type derivation func(password, salt []byte) []byte

// slow reads the beginning of a PHC string.
func slow(phc string) (derivation, bool) {
	var m, t uint32
	var l uint8
	var i int
	if n, _ := fmt.Sscanf(phc, "$argon2id$v=19$m=%d,t=%d,p=%d$", &m, &t, &l); n == 3 && l > 0 && t > 0 {
		return func(password, salt []byte) []byte { return argon2.IDKey(password, salt, t, m, l, keySize) }, true
	}
	if n, _ := fmt.Sscanf(phc, "$pbkdf2-sha256$v=1$i=%d$", &i); n == 1 && i > 0 {
		return func(password, salt []byte) []byte {
			key, _ := pbkdf2.Key(sha256.New, string(password), salt, i, keySize) // fails for keys longer than we ask for
			return key
		}, true
	}
	return nil, false
}

// key derives a key once it is this password's turn; who has gone away in the
// meantime gives up their place.
func (s *Identity) key(ctx context.Context, p hide.String, salt []byte, derive derivation) ([]byte, error) {
	if err := ctx.Err(); err != nil { // select would toss a coin between a free place and this
		return nil, fmt.Errorf("wait to hash a password: %w", err)
	}
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
	defer func() { <-s.hashing }()
	return derive([]byte(p.Reveal()), salt), nil
}

// outdated says whether a hash was made otherwise than today's.
func outdated(phc string) bool { return !strings.HasPrefix(phc, today()) }

// matches says whether a password is the one behind a PHC string. An unusable
// string takes as long as a wrong password, so that time does not tell whether
// an account exists.
func (s *Identity) matches(ctx context.Context, p hide.String, phc string) (bool, error) {
	var salt, want []byte
	derive, ok := slow(phc)
	if parts := strings.Split(phc, "$"); ok && len(parts) == 6 {
		var saltErr, keyErr error
		salt, saltErr = b64.DecodeString(parts[4])
		want, keyErr = b64.DecodeString(parts[5])
		ok = saltErr == nil && keyErr == nil && len(want) == keySize
	} else {
		ok = false
	}
	if !ok {
		derive, _ = slow(today())
		salt, want = make([]byte, 16), make([]byte, keySize)
	}
	got, err := s.key(ctx, p, salt, derive)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1 && ok, err
}
