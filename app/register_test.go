// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hustings/kit/web"
)

// TestDraftsOfRegistrationsAreShredded begins one at the public door, and looks
// a week later, with the house's real keys.
func TestDraftsOfRegistrationsAreShredded(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	s, err := h.server()
	if err != nil {
		t.Fatal(err)
	}
	door, err := s.Door(web.PublicDoor)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/register/question/want", strings.NewReader(url.Values{"want": {"register"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	if to := w.Header().Get("Location"); to != "/register/question/citizen" {
		t.Fatalf("got %d, to %q: %s", w.Code, to, w.Body)
	}
	count := func(query string) (n int) {
		t.Helper()
		if err := h.DB.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const drafts, shredded = `select count(*) from register_draft`, `select count(*) from keys_subject where subject like 'drafts:%' and shredded_at is not null`
	for _, tt := range []struct {
		name         string
		later        time.Duration
		drafts, keys int
	}{
		{"on its last day", 7*24*time.Hour - time.Minute, 1, 0},
		{"two days later", 2 * 24 * time.Hour, 0, 1},
		{"and again", time.Hour, 0, 1},
	} {
		h.now = h.now.Add(tt.later)
		for _, k := range h.Register.Room().Jobs {
			if k.Name == "register.expire" {
				if err := k.Do(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n, keys := count(drafts), count(shredded); n != tt.drafts || keys != tt.keys {
			t.Errorf("%s: %d drafts, %d destroyed keys; want %d, %d", tt.name, n, keys, tt.drafts, tt.keys)
		}
	}
}

// TestAnOfficesOwnRules take the place of those of the house, and a file that
// cannot be used keeps the house closed, saying which.
func TestAnOfficesOwnRules(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("vt.toml", "state = \"VT\"\nname.en = \"Vermont\"\n[[edition]]\nfrom = \"2020-01-01\"\nage = 18\nage_by = \"election\"\n")
	bad := file("bad.toml", "state = \"VT\"\nnaem = \"Vermont\"\n")
	book, err := RegistryConfig{Rules: []string{good}}.book()
	if err != nil {
		t.Fatal(err)
	}
	_, vermont := book.For("VT", "2026-11-23")
	_, meridian := book.For("XX", "2026-11-23")
	if err := errors.Join(vermont, meridian); err != nil {
		t.Error(err)
	}
	for _, path := range []string{bad, filepath.Join(folder, "none.toml")} {
		if _, err := (RegistryConfig{Rules: []string{path}}).book(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTextSettings(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    TextsConfig
		want string
	}{
		{"none", TextsConfig{}, ""},
		{"a gateway", TextsConfig{Server: "https://gateway.example", Account: "AC1", From: "+15555550100"}, ""},
		{"in the clear", TextsConfig{Server: "http://gateway.example", Account: "AC1", From: "+15555550100"}, "https://HOST"},
		{"no secret in the file", TextsConfig{Server: "https://gateway.example", Account: "AC1", From: "+15555550100", Secret: "/nowhere/at/all"}, "texts.secret_file"},
	} {
		m, err := tt.c.texter()
		if tt.want == "" && (err != nil || (m == nil) != (tt.c.Server == "")) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, %v", tt.name, m, err)
		}
	}
}

func TestMailSettings(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    MailConfig
		want string
	}{
		{"none", MailConfig{}, ""},
		{"a server", MailConfig{Server: "smtp://127.0.0.1:2525", From: "elections@vale.example"}, ""},
		{"no sender", MailConfig{Server: "smtp://127.0.0.1:2525"}, "The sender of letters"},
		{"no password in the file", MailConfig{Server: "smtp://127.0.0.1:2525", From: "elections@vale.example", Password: "/nowhere/at/all"}, "mail.password_file"},
	} {
		m, err := tt.c.mailer()
		if tt.want == "" && (err != nil || (m == nil) != (tt.c.Server == "")) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, %v", tt.name, m, err)
		}
	}
}
