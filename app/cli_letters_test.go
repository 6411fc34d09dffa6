// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hustings/kit/blob"
	"hustings/office/intake"
	"hustings/office/letters"
	"hustings/office/registry/roll"
)

// TestAPrintingRoomWorksWithFiles plays a batch from the queue to the returned
// envelope by commands alone. The letters are an applicant's, as the intake asks
// for them.
func TestAPrintingRoomWorksWithFiles(t *testing.T) {
	folder, out := t.TempDir(), t.TempDir()
	environ := []string{"HUSTINGS_DATA_FOLDER=" + folder}
	run := func(want int, args ...string) string {
		t.Helper()
		var said, bad bytes.Buffer
		if code := Main(append([]string{"letters"}, args...), strings.NewReader(""), &said, &bad, environ); code != want {
			t.Fatalf("%q: exit code %d, want %d: %s%s", args, code, want, bad.String(), said.String())
		}
		return said.String() + bad.String()
	}
	within := func(do func(*House)) {
		t.Helper()
		cfg := Defaults()
		cfg.Data.Folder = folder
		h, err := Open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		do(h)
	}
	within(func(h *House) {
		post := applicantLetters{h.Letters, h.Words}
		for _, kind := range letters.Kinds() {
			if kind == letters.Confirmation {
				continue // no applicant's
			}
			err := post.Write(operator(t.Context(), h.Config), intake.Letter{Kind: string(kind), Language: "es", Name: "Ann Roe", About: "v1", Cause: "application 1",
				To:     roll.Address{Number: "12", Street: "Elm", Type: "ST", City: "Vale", State: "XX", ZIP: "00501"},
				Fields: map[string]string{"received": "2026-09-01", "reason": "under-age", "missing": "birth signature", "asks": "register", "voter": "v1", "receipt": "R", "precinct": "p1"}})
			if err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
		list, err := h.Letters.About(operator(t.Context(), h.Config), "v1")
		if err != nil || len(list) != len(letters.Kinds())-1 {
			t.Fatal(list, err)
		}
		for _, k := range list {
			if k.Kind == letters.Incomplete && (k.Fields["missing"] != "su fecha de nacimiento\nsu firma" || k.Fields["received"] != "1 de septiembre de 2026") {
				t.Errorf("%+v", k.Fields)
			}
		}
	})
	run(exitUsage, "batch", "greeting", "--out", out)
	said := run(exitOK, "batch", "--out", out)
	names, err := filepath.Glob(filepath.Join(out, "letters-*.json"))
	if err != nil || len(names) != 1 {
		t.Fatal(names, err)
	}
	body, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Batch, SHA256  string
		Letters, Pages int64
		Lines          []letters.Line
	}
	if err := json.Unmarshal(body, &manifest); err != nil {
		t.Fatal(err)
	}
	pdf, err := os.ReadFile(strings.TrimSuffix(names[0], ".json") + ".pdf")
	if err != nil || blob.Key(pdf) != manifest.SHA256 || !strings.Contains(said, manifest.SHA256) || int(manifest.Letters) != len(manifest.Lines) {
		t.Errorf("the file and its manifest differ: %+v %v", manifest, err)
	}
	run(exitUsage, "confirm", manifest.Batch, "--printed", "7")
	run(exitFailed, "confirm", manifest.Batch, "--printed", "6", "--sha256", manifest.SHA256)
	if said := run(exitOK, "confirm", manifest.Batch, "--printed", "6", "--spoiled", "2", "--sha256", manifest.SHA256); !strings.Contains(said, "6 letters issued, 1 spoiled") {
		t.Error(said)
	}
	mail := filepath.Join(out, "mail.csv")
	if err := os.WriteFile(mail, []byte("letter,reason\n"+manifest.Lines[0].Letter+",RTS\n"+manifest.Lines[1].Letter+",RTS\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := run(exitHeld, "returned", mail); !strings.Contains(said, "1 lines taken down, 0 had been before, 1 could not be used") || !strings.Contains(said, "mail.csv:3: number:") {
		t.Error(said)
	}
}
