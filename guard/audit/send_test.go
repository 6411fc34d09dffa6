// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/guard/audit"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

// collector takes lines over HTTPS, and is down at times.
type collector struct {
	*httptest.Server
	mu   sync.Mutex // guards the rest
	down bool
	got  []int64 // numbers of entries, as they came
	asks int
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks++
	if c.down || r.Header.Get("Authorization") != "Bearer a key of the collector" {
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		var e struct {
			Metadata struct{ Sequence int64 }
		}
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			c.got = append(c.got, e.Metadata.Sequence)
		}
	}
}

func (c *collector) state() (asks int, got []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asks, append([]int64(nil), c.got...)
}

func (c *collector) set(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
}

func TestACopyOfEveryEntryIsSentOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		c := &collector{down: true}
		c.Server = httptest.NewTLSServer(c)
		defer c.Close()
		dir := t.TempDir()
		ca, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "key")
		for path, body := range map[string][]byte{key: []byte("a key of the collector\n"),
			ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw})} {
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		say(t, d, "nye", 700) // more than go at once
		o := openOffice(t, d, filepath.Join(dir, "log"), func(deps *audit.Deps) {
			deps.People, deps.Words = people{}, catalog(t)
			deps.Collector = audit.Collector{URL: c.URL, Key: key, CA: ca}
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- o.Send(ctx) }()
		until := func(what string, so func() bool) {
			t.Helper()
			for start := time.Now(); !so(); time.Sleep(20 * time.Millisecond) {
				if time.Since(start) > 30*time.Second {
					t.Fatal(what)
				}
			}
		}
		until("the collector was never asked", func() bool { asks, _ := c.state(); return asks > 0 })
		c.set(false)
		until("what was refused never came", func() bool { _, got := c.state(); return len(got) >= 700 })
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		say(t, d, "nye", 10) // while nobody sends
		ctx, stop = context.WithCancel(t.Context())
		go func() { done <- o.Send(ctx) }()
		until("what came later was not sent", func() bool { _, got := c.state(); return len(got) >= 710 })
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		seen := make(map[int64]bool)
		_, got := c.state()
		last := int64(0)
		for _, n := range got {
			if !seen[n] && n != last+1 {
				t.Fatalf("entry %d came after %d", n, last)
			}
			if !seen[n] {
				last = n
			}
			seen[n] = true
		}
		if last != 710 || len(got) > 710+500 {
			t.Errorf("the last is %d, of %d lines", last, len(got))
		}
	}, source())
}

func TestTheCollectorIsReachedSafely(t *testing.T) {
	for address, ok := range map[string]bool{"": true, "https://logs.vale.example/in": true, "http://127.0.0.1:9000/": true, "http://localhost:9000/": true,
		"http://logs.vale.example/in": false, "https://a:secret@logs.vale.example/": false, "logs.vale.example": false, "https://": false} {
		err := audit.Collector{URL: address}.Check()
		if (err == nil) != ok || err != nil && strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%q: got %v", address, err)
		}
	}
}
