// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hustings/fake/witness"
	"hustings/guard/audit"
	"hustings/kit/db"
	"hustings/kit/ledger"
)

// spoken is a fact of these tests.
type spoken struct{ What string }

func (spoken) Name() string { return "test.spoken.v1" }

// sealedHouse is a house whose ledger was sealed and countersigned, closed
// again.
func sealedHouse(t *testing.T, n int) (folder, policy, entryID string) {
	t.Helper()
	cfg := Defaults()
	folder = filepath.Join(t.TempDir(), "data")
	policy = filepath.Join(t.TempDir(), "witnesses")
	cfg.Data.Folder, cfg.Audit.Witnesses = folder, policy
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:vale"
	h, err := Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	if err != nil {
		if strings.Contains(err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(err)
	}
	defer h.Close()
	key, err := h.Audit.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.New("witness.example", key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(w)
	defer srv.Close()
	if err := os.WriteFile(policy, fmt.Appendf(nil, "# who is asked\nwitness state %s %s/state\nquorum state\n", w.Public, srv.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(operator(context.Background(), cfg))
	sealing := make(chan error, 1)
	go func() { sealing <- h.Audit.Seal(ctx) }()
	defer func() { stop(); <-sealing }()
	for i := range n {
		if err := ledger.Saw(ctx, h.DB, spoken{fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	heads, err := h.Ledger.Jurisdictions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	total := heads[cfg.Office.Jurisdiction]
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		c, err := h.Audit.Checkpoint(ctx)
		if err == nil && c.Size >= uint64(total) {
			break
		}
		if time.Since(start) > 30*time.Second {
			t.Fatalf("waited 30 s for %d leaves: %+v, %v", total, c, err)
		}
	}
	e, _, err := h.Ledger.At(ctx, cfg.Office.Jurisdiction, total)
	if err != nil || w.Signed() == 0 {
		t.Fatalf("the witness signed %d times; %v", w.Signed(), err)
	}
	return folder, policy, e.ID
}

// hustings runs a command and returns its exit code and what it said.
func hustings(t *testing.T, folder string, args ...string) (int, string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := Main(args, strings.NewReader(""), &out, &errOut, []string{"HUSTINGS_DATA_FOLDER=" + folder,
		"HUSTINGS_OFFICE_JURISDICTION=ocd-division/country:us/state:xx/county:vale"})
	return code, out.String() + errOut.String()
}

func TestAuditCommands(t *testing.T) {
	folder, policy, entryID := sealedHouse(t, 30)
	dir := t.TempDir()
	proof, copied := filepath.Join(dir, "receipt.json"), filepath.Join(dir, "log")
	code, key := hustings(t, folder, "audit", "key")
	key = strings.TrimSpace(key)
	if code != 0 || !strings.HasPrefix(key, "hustings/ocd-division") {
		t.Fatalf("audit key: %d %s", code, key)
	}
	other := filepath.Join(t.TempDir(), "other.key")
	_, otherKey, err := audit.KeyFile(other).LogKey("elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"the house itself is sound", []string{"verify"}, 0, "sound: nothing was changed"},
		{"a copy of it by its folder", []string{"verify", "--data", folder, "--policy", policy}, 0, "witness.example"},
		{"as JSON", []string{"verify", "--json"}, 0, `"problems": []`},
		{"with another's key it is not", []string{"verify", "--key", otherKey}, exitBlocked, "NOT SOUND"},
		{"with a key that is none", []string{"verify", "--key", "hello"}, exitUsage, "is no public key of a log"},
		{"a folder without a database", []string{"verify", "--data", dir}, exitUsage, "there is no database"},
		{"a folder without a log", []string{"verify", "--tiles", dir}, exitUsage, "there is no sealed log"},
		{"the log is copied", []string{"tiles", "--to", copied}, 0, "files copied"},
		{"and verified as a copy", []string{"verify", "--tiles", copied, "--key", key}, 0, "sound"},
		{"an entry is proved", []string{"prove", entryID, "--out", proof}, 0, ""},
		{"one that is not there is not", []string{"prove", "none"}, exitUsage, "There is no entry none"},
		{"its receipt is good", []string{"check", proof, "--key", key, "--policy", policy}, 0, "proved: entry "},
		{"and as JSON", []string{"check", proof, "--key", key, "--json"}, 0, `"leaf": `},
		{"not with another's key", []string{"check", proof, "--key", otherKey}, exitBlocked, "NOT PROVED"},
		{"a file that is no receipt", []string{"check", policy, "--key", key}, exitUsage, "the receipt cannot be read"},
		{"a list without its file", []string{"check", proof, "--key", key, "--list", policy}, exitBlocked, "give both"},
		{"salts are shredded with a reason", []string{"shred", "--from", "2", "--to", "3", "--reason", "a test"}, 0, ""},
		{"what is not there cannot be", []string{"shred", "--from", "9000", "--to", "9001", "--reason", "a test"}, exitFailed, "are not sealed yet"},
		{"and the rest stays sound", []string{"verify"}, 0, "2 entries have no salt any more"},
	} {
		code, said := hustings(t, folder, append([]string{"audit"}, tt.args...)...)
		if code != tt.code || !strings.Contains(said, tt.want) {
			t.Errorf("%s: got %d\n%s\nwant %d, %q", tt.name, code, said, tt.code, tt.want)
		}
	}
}

// Somebody changes the database of a closed house.
func TestAuditVerifyNamesTheEntry(t *testing.T) {
	folder, _, _ := sealedHouse(t, 10)
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(folder, "hustings.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(context.Background(), `update ledger_entry set actor = 'nobody' where seq = 4`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	code, said := hustings(t, folder, "audit", "verify", "--json")
	var r audit.Report
	if err := json.Unmarshal([]byte(said), &r); err != nil {
		t.Fatal(err, said)
	}
	if code != exitBlocked || len(r.Problems) != 1 || r.Problems[0].Where != "ocd-division/country:us/state:xx/county:vale, entry 4" {
		t.Errorf("got %d, %+v", code, r)
	}
}
