// SPDX-License-Identifier: Apache-2.0

// Package kms is a pretend external key service. It speaks as much of the
// transit protocol of OpenBao and Vault as guard/keys uses, keeps its keys in
// memory, and can be told to fail.
package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Service is the pretend service. Serve it with httptest.
type Service struct {
	Token string      // who may ask
	Down  atomic.Bool // answers 503 while set
	Asked atomic.Int64

	mu   sync.Mutex // guards keys
	keys map[string][][]byte
}

// New is a service with one key.
func New(token, key string) *Service {
	return &Service{Token: token, keys: map[string][][]byte{key: {random(32)}}}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// ServeHTTP answers POST /v1/transit/{encrypt,decrypt}/KEY and
// /v1/transit/keys/KEY/rotate.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Asked.Add(1)
	var q struct {
		Plaintext  []byte `json:"plaintext"`
		Ciphertext string `json:"ciphertext"`
		Bound      []byte `json:"associated_data"`
	}
	switch {
	case s.Down.Load():
		refuse(w, http.StatusServiceUnavailable, "Vault is sealed")
		return
	case r.Header.Get("X-Vault-Token") != s.Token:
		refuse(w, http.StatusForbidden, "permission denied")
		return
	case r.Method != http.MethodPost || json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&q) != nil:
		refuse(w, http.StatusBadRequest, "malformed request")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/transit/"), "/")
	if len(parts) < 2 || !strings.HasPrefix(r.URL.Path, "/v1/transit/") {
		refuse(w, http.StatusNotFound, "no handler for route")
		return
	}
	versions := s.keys[parts[1]]
	switch {
	case versions == nil:
		refuse(w, http.StatusBadRequest, "encryption key not found")
	case parts[0] == "encrypt":
		say(w, "ciphertext", fmt.Sprintf("vault:v%d:%s", len(versions), base64.StdEncoding.EncodeToString(seal(versions[len(versions)-1], q.Plaintext, q.Bound))))
	case parts[0] == "decrypt":
		clear, err := open(versions, q.Ciphertext, q.Bound)
		if err != nil {
			refuse(w, http.StatusBadRequest, "cipher: message authentication failed")
			return
		}
		say(w, "plaintext", base64.StdEncoding.EncodeToString(clear))
	case parts[0] == "keys" && len(parts) == 3 && parts[2] == "rotate":
		s.keys[parts[1]] = append(versions, random(32))
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, http.StatusNotFound, "no handler for route")
	}
}

func say(w http.ResponseWriter, name, value string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{name: value}}) // the asker may have gone
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []string{why}}) // the asker may have gone
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // keys are made here, and have 32 bytes
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return a
}

func seal(key, clear, bound []byte) []byte { return gcm(key).Seal(nil, nil, clear, bound) }

func open(versions [][]byte, text string, bound []byte) ([]byte, error) {
	version, body, ok := strings.Cut(strings.TrimPrefix(text, "vault:v"), ":")
	n, err := strconv.Atoi(version)
	if err != nil || !ok || n < 1 || n > len(versions) {
		return nil, fmt.Errorf("no such version")
	}
	sealed, err := base64.StdEncoding.DecodeString(body)
	if err != nil {
		return nil, err
	}
	return gcm(versions[n-1]).Open(nil, nil, sealed, bound)
}
