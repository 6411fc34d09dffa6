// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hustings/kit/db"
)

// TestAListenerThatStandsStillIsLetGoOn makes a listener stick as a broken one
// would, and passes over the entry as an operator does.
func TestAListenerThatStandsStillIsLetGoOn(t *testing.T) {
	folder := t.TempDir()
	environ := []string{"HUSTINGS_DATA_FOLDER=" + folder}
	run := func(want int, args ...string) string {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := Main(args, strings.NewReader("a long enough password for Ann\n"), &out, &errOut, environ); code != want {
			t.Fatalf("%q: exit code %d, want %d: %s%s", args, code, want, errOut.String(), out.String())
		}
		return out.String() + errOut.String()
	}
	run(exitOK, "account", "invite", "ann@vale.example", "--name", "Ann", "--role", "viewer")
	cfg := Defaults()
	cfg.Data.Folder = folder
	h, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.Write(t.Context(), func(tx *db.Tx) error {
		tx.Silently("a test makes a listener stand still")
		_, err := tx.ExecContext(t.Context(), `
			insert into ledger_cursor (jurisdiction, listener, seq, tries, error, at) values ($1, $2, 0, 7, 'the printer is on fire', $3)`,
			cfg.Office.Jurisdiction, "letters.print", db.FormatTime(h.Now()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	if said := run(exitOK, "ledger", "status"); !strings.Contains(said, "stands still before entry 1 after 7 tries: the printer is on fire") {
		t.Errorf("status says %q", said)
	}
	if said := run(exitUsage, "ledger", "skip", "letters.print", "99", "--why", "burnt"); !strings.Contains(said, "does not stand still before entry 99") {
		t.Errorf("an entry that is not there: %q", said)
	}
	if said := run(exitOK, "ledger", "skip", "letters.print", "1", "--why", "printed by hand"); said != "letters.print goes on behind entry 1\n" {
		t.Errorf("skip says %q", said)
	}
	if said := run(exitOK, "ledger", "status"); strings.Contains(said, "stands still") {
		t.Errorf("it still stands still: %q", said)
	}
	if said := run(exitOK, "ledger", "tail"); !strings.Contains(said, "ledger.skipped.v1") || !strings.Contains(said, "printed by hand") {
		t.Errorf("the ledger does not say who passed over what, and why: %q", said)
	}
}
