// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/time/rate"
)

// algorithms are those by which we believe a provider's signature: asymmetric
// ones only, so that what is public can sign nothing.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

const (
	mostKeys     = 100
	shortestRSA  = 2048
	keysGoodFor  = time.Hour
	keysUsableIn = 24 * time.Hour // where the provider does not answer
)

// keyset is a provider's keys. A key that we do not know makes us fetch them
// again: the provider has changed its keys. It cannot make us do so often.
type keyset struct {
	url    string
	client *http.Client
	now    func() time.Time
	again  *rate.Limiter

	mu      sync.Mutex // guards the rest, and lets one fetch at a time
	keys    []jose.JSONWebKey
	fetched time.Time
	trouble trouble
}

// trouble remembers for a moment that a provider did not answer, so that those
// who wait for it do not each wait in turn.
type trouble struct {
	err   error
	until time.Time
}

const spell = 5 * time.Second

// last is the trouble that still counts.
func (t *trouble) last() error {
	if t.err != nil && time.Now().Before(t.until) {
		return t.err
	}
	return nil
}

// met remembers trouble, unless whoever asked has gone.
func (t *trouble) met(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		t.err, t.until = err, time.Now().Add(spell)
	}
	return err
}

func newKeyset(url string, client *http.Client, now func() time.Time) *keyset {
	return &keyset{url: url, client: client, now: now, again: rate.NewLimiter(rate.Every(30*time.Second), 3)}
}

var errNoKey = errors.New("none of the provider's keys made this signature")

// VerifySignature implements oidc.KeySet.
func (k *keyset) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSigned(token, algorithms)
	if err != nil {
		return nil, err
	}
	if len(signed.Signatures) != 1 {
		return nil, errors.New("the token has other than one signature")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.refresh(ctx); err != nil {
		return nil, err
	}
	if payload, ok := k.opens(signed); ok {
		return payload, nil
	}
	if !k.again.AllowN(k.now(), 1) {
		return nil, errNoKey
	}
	if err := k.fetch(ctx); err != nil {
		return nil, err
	}
	if payload, ok := k.opens(signed); ok {
		return payload, nil
	}
	return nil, errNoKey
}

// refresh fetches keys that are too old to go by, so that a key which the
// provider has taken back is soon worth nothing here either.
func (k *keyset) refresh(ctx context.Context) error {
	age := k.now().Sub(k.fetched)
	if k.fetched.IsZero() {
		return k.fetch(ctx)
	}
	if age < keysGoodFor || !k.again.AllowN(k.now(), 1) && age < keysUsableIn {
		return nil
	}
	if err := k.fetch(ctx); err != nil && age >= keysUsableIn {
		return err
	}
	return nil
}

// opens looks for the key that made a signature.
func (k *keyset) opens(signed *jose.JSONWebSignature) ([]byte, bool) {
	header := signed.Signatures[0].Header
	for _, key := range k.keys {
		if header.KeyID != "" && key.KeyID != "" && key.KeyID != header.KeyID || key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

func (k *keyset) fetch(ctx context.Context) error {
	if err := k.trouble.last(); err != nil {
		return err
	}
	keys, err := k.ask(ctx)
	if err != nil {
		return k.trouble.met(ctx, fmt.Errorf("fetch keys: %w", err))
	}
	k.keys, k.fetched = keys, k.now()
	return nil
}

func (k *keyset) ask(ctx context.Context) ([]jose.JSONWebKey, error) {
	body, err := fetched(ctx, k.client, k.url)
	if err != nil {
		return nil, err
	}
	return readKeys(body)
}

// readKeys reads a JSON Web Key Set and keeps what can check signatures. Keys
// of other kinds may stand beside them.
func readKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errors.New("not a set of keys")
	}
	if len(set.Keys) > mostKeys {
		return nil, fmt.Errorf("%d keys are more than the %d that a provider may have", len(set.Keys), mostKeys)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && checks(key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("none of the keys is a public key that checks signatures")
	}
	return keys, nil
}

// checks says whether a key is one to check signatures with.
func checks(key jose.JSONWebKey) bool {
	if key.Use == "enc" {
		return false
	}
	switch k := key.Key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() >= shortestRSA
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}
