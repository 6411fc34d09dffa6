// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hustings/fake/kms"
	"hustings/guard/keys/root"
	"hustings/kit/fault"
)

// secretFile is a file of one line that nobody else reads.
func secretFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestARootKeyInAKeyService(t *testing.T) {
	service := kms.New("s.token", "hustings")
	server := httptest.NewServer(service)
	defer server.Close()
	place := root.Place{URL: "kms:" + server.URL + "/transit/hustings", Secret: secretFile(t, "s.token\n")}
	open := func(p root.Place) root.Root {
		t.Helper()
		r, err := root.Open(t.Context(), p, true)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r, key, bound := open(place), []byte("0123456789abcdef0123456789abcdef"), []byte("a jurisdiction")
	_, wrapped, err := r.Wrap(t.Context(), key, bound)
	if err != nil || bytes.Contains(wrapped, key) {
		t.Fatalf("wrapped %q, %v", wrapped, err)
	}
	if err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := open(place).Unwrap(t.Context(), r.ID(), wrapped, bound); err != nil || !bytes.Equal(got, key) {
		t.Errorf("after a rotation, opened anew: got %x, %v", got, err)
	}
	_, newer, err := r.Wrap(t.Context(), key, bound)
	if err != nil || !strings.HasPrefix(string(newer), "vault:v2:") {
		t.Errorf("wrapped anew: %q, %v", newer, err)
	}
	for _, tt := range []struct {
		name string
		id   string
		with []byte
		to   []byte
		by   root.Place
		want fault.Kind
	}{
		{"of another jurisdiction", r.ID(), wrapped, []byte("another"), place, fault.Invalid},
		{"damaged", r.ID(), append([]byte("vault:v1:AAAA"), wrapped[13:]...), bound, place, fault.Invalid},
		{"of a version that is not there", r.ID(), []byte("vault:v9:AAAA"), bound, place, fault.Invalid},
		{"by another root key", "file", wrapped, bound, place, fault.Invalid},
		{"with another token", r.ID(), wrapped, bound, root.Place{URL: place.URL, Secret: secretFile(t, "s.other")}, fault.Invalid},
		{"by a key that is not there", r.ID(), wrapped, bound, root.Place{URL: "kms:" + server.URL + "/transit/nothing", Secret: place.Secret}, fault.Invalid},
	} {
		got, err := open(tt.by).Unwrap(t.Context(), tt.id, tt.with, tt.to)
		if fault.KindOf(err) != tt.want || got != nil || strings.Contains(err.Error(), "s.other") {
			t.Errorf("%s: got %x, %v", tt.name, got, err)
		}
	}
	service.Down.Store(true)
	if _, err := r.Unwrap(t.Context(), r.ID(), wrapped, bound); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("while the service is down: got %v", err)
	}
	server.Close()
	if _, _, err := r.Wrap(t.Context(), key, bound); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("with nobody there: got %v", err)
	}
}

// A house whose root key is in a key service starts with it, and without it
// says so.
func TestAHouseWithAKeyService(t *testing.T) {
	service := kms.New("s.token", "hustings")
	server := httptest.NewServer(service)
	defer server.Close()
	cfg := Defaults()
	cfg.Data.Folder = t.TempDir()
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:vale"
	cfg.Keys.Root, cfg.Keys.Secret = "kms:"+server.URL+"/transit/hustings", secretFile(t, "s.token")
	start := func() error {
		h, err := Open(context.Background(), cfg, slog.New(slog.DiscardHandler), time.Now)
		if err != nil && strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		h.Close()
		return err
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data.Folder, "keys")); err == nil {
		t.Error("a root key was made in a file")
	}
	if err := start(); err != nil {
		t.Errorf("the second start: %v", err)
	}
	service.Down.Store(true)
	if err := start(); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("while the service is down: got %v", err)
	}
	cfg.Keys.Root = ""
	if err := start(); fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("with a file instead: got %v", err)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data.Folder, "keys")); err == nil {
		t.Error("a second root key was made beside the first")
	}
}
