// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/publish"
)

// TestEveryTableBelongsToAJurisdiction asks the schema of the whole house.
func TestEveryTableBelongsToAJurisdiction(t *testing.T) {
	h := openHouse(t)
	if problems, err := db.LintSchema(context.Background(), h.DB, h.migrations()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestPublishedPagesNeedNoDatabase publishes something, takes the house down,
// and serves the folder alone.
func TestPublishedPagesNeedNoDatabase(t *testing.T) {
	h := openHouse(t)
	draft, err := h.Shelf.Begin("results/e")
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Put("index.html", []byte("<h1>counted</h1>")); err != nil {
		t.Fatal(err)
	}
	if _, err := draft.Commit(context.Background(), publish.Pointer{At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	cfg := h.Config
	h.Close()
	cfg.Data.Database = "sqlite:/nowhere/at/all.db"
	cfg.Doors.Public = "127.0.0.1:0"
	alone, err := openPublished(cfg, h.Log)
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- alone.runPublished(ctx) }()
	<-alone.Opened
	res, err := http.Get("http://" + alone.Public + "/results/e/")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusOK || string(body) != "<h1>counted</h1>" || res.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("got %s, %q, policy %q", res.Status, body, res.Header.Get("Content-Security-Policy"))
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestReadersAreThoseOfTheLastWindow counts questions for the pointer.
func TestReadersAreThoseOfTheLastWindow(t *testing.T) {
	now := time.Unix(0, 0)
	r := newReaders(func() time.Time { return now })
	for range 5 {
		r.served("/results/e/current.json")
		r.served("/results/e/index.html")
	}
	if got := r.now(); got != 5 {
		t.Errorf("in the first window: %d, want 5", got)
	}
	now = now.Add(window)
	r.served("/results/e/current.json")
	if got := r.now(); got != 5 {
		t.Errorf("in the next window: %d, want the last one's 5", got)
	}
	now = now.Add(3 * window)
	if got := r.now(); got != 0 {
		t.Errorf("after quiet windows: %d, want 0", got)
	}
}

// TestMainSaysWhatIsWrong tries the command line as a newcomer would.
func TestMainSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no such command", []string{"tally"}, exitUsage, "unexpected argument tally"},
		{"a setting that is none", []string{"config", "check", "--config", "/nonexistent.toml"}, exitUsage, "cannot be read"},
		{"a role that is none", []string{"serve", "--run", "everything"}, exitUsage, "there is no role"},
	} {
		var out, errOut strings.Builder
		code := Main(tt.args, strings.NewReader(""), &out, &errOut, nil)
		if code != tt.code || !strings.Contains(out.String()+errOut.String(), tt.want) {
			t.Errorf("%s: code %d, said %q %q", tt.name, code, out.String(), errOut.String())
		}
	}
}

// TestTheFirstPageIsOneThatAPersonMaySee leads each to the first entry of their
// own menu, and who has no role yet to their account.
func TestTheFirstPageIsOneThatAPersonMaySee(t *testing.T) {
	h := openWatched(t, func(*Config) {})
	for _, tt := range []struct {
		name  string
		roles []access.Role
		want  string
	}{{"ann", []access.Role{access.Clerk}, "/results"}, {"bo", []access.Role{"security-officer"}, "/access"}, {"cy", nil, "/account"}} {
		h.hire(tt.name, tt.roles...)
		w := h.send("/", nil, h.signIn(tt.name, passwordOfAnn))
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != tt.want {
			t.Errorf("%s: %d to %s, want %s", tt.name, w.Code, got, tt.want)
		}
	}
}
