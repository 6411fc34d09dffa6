// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"hustings/guard/keys"
	"hustings/guard/keys/root"
	"hustings/guard/keys/split"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

// start opens the room anew and gives what it says.
func (h *house) start() error {
	k := keys.New(h.deps(h.DB))
	return k.Start(context.Background(), all(k))
}

func (h *house) swap(query string, args ...any) {
	h.t.Helper()
	err := h.DB.Write(as(here), func(tx *db.Tx) error {
		tx.Silently("somebody tampers with the database")
		_, err := tx.ExecContext(as(here), query, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// contents is the root key file, "" where there is none.
func (h *house) contents() string {
	body, err := os.ReadFile(h.file())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.t.Fatal(err)
	}
	return string(body)
}

func (h *house) replace(body string) {
	h.t.Helper()
	err := os.Remove(h.file())
	if body != "" {
		err = os.WriteFile(h.file(), []byte(body), 0o600)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestWithoutTheRightRootKeyTheHouseSaysSoAndLosesNothing(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		good := h.contents()
		other := &house{DB: dbtest.SQLite(t, sources()...), t: t, folder: t.TempDir()}
		other.open(t, other.DB)
		for _, tt := range []struct {
			name, body, say string
			want            fault.Kind
		}{
			{"none", "", "is not there, and the database holds keys that only it can open", fault.NotFound},
			{"that of another house", other.contents(), "holds another key", fault.Invalid},
			{"a damaged one", strings.Replace(good, "key ", "kex ", 1), "is damaged: line 2", fault.Invalid},
			{"half of it", good[:len(good)/2], "is damaged", fault.Invalid},
		} {
			h.replace(tt.body)
			err := h.start()
			if fault.KindOf(err) != tt.want || !strings.Contains(err.Error(), tt.say) || !strings.Contains(err.Error(), "Nothing was changed") {
				t.Errorf("%s: got %v, want a sentence with %q", tt.name, err, tt.say)
			}
			if h.contents() != tt.body {
				t.Errorf("%s: the file was changed", tt.name)
			}
			if tt.body == "" {
				h.put(good)
			}
		}
		h.replace(good)
		h.reads(h.open(t, dbtest.Again(t, h.DB)), here, "1", "D1 555-1 1980-01-01")
	})
}

func (h *house) put(body string) {
	h.t.Helper()
	if err := os.WriteFile(h.file(), []byte(body), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func TestKeysThatWereMovedInTheDatabaseAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, tamper, say string }{
		{"the office's key from another office", `
			update keys_kek set wrapped = (select wrapped from keys_kek where jurisdiction = '` + there + `') where jurisdiction = '` + here + `'`,
			"does not open the key of this jurisdiction"},
		{"a bit of the office's key", `update keys_kek set wrapped = substr(wrapped, 1, 20) where jurisdiction = '` + here + `'`, "does not open"},
		{"a data key of another purpose", `
			update keys_key set wrapped = (select wrapped from keys_key where jurisdiction = '` + here + `' and purpose = 'probe.contact' and kind = 'seal')
			where jurisdiction = '` + here + `' and purpose = 'probe.licence' and kind = 'seal'`, "does not open"},
		{"a data key of another office", `
			update keys_key set wrapped = (select wrapped from keys_key where jurisdiction = '` + there + `' and purpose = 'probe.licence' and kind = 'seal')
			where jurisdiction = '` + here + `' and purpose = 'probe.licence' and kind = 'seal'`, "does not open"},
		{"a data key that was cut short", `
			update keys_key set wrapped = substr(wrapped, 1, 9) where jurisdiction = '` + here + `' and purpose = 'probe.licence' and kind = 'seal'`, "does not open"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, func(t *testing.T, h *house) {
				if err := h.Ensure(t.Context(), there); err != nil {
					t.Fatal(err)
				}
				h.swap(tt.tamper)
				if err := h.start(); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.say) {
					t.Errorf("got %v, want a sentence with %q", err, tt.say)
				}
			})
		})
	}
}

func TestOfficialsBringTheRootKeyBack(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		good := h.contents()
		older, err := h.Split(as(here), 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.RotateRoot(as(here), true); err != nil {
			t.Fatal(err)
		}
		shares, err := h.Split(as(here), 3, 5)
		if err != nil {
			t.Fatal(err)
		}
		come := []split.Share{shares[4], shares[0], shares[2]}
		if err := h.Rehearse(as(here), come); err != nil {
			t.Errorf("the rehearsal: %v", err)
		}
		if err := h.Rehearse(as(here), older); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "older splitting") {
			t.Errorf("shares of the root key before: got %v", err)
		}
		for _, body := range []string{"", "# all lost\n"} {
			h.replace(body)
			late := keys.New(h.deps(h.DB))
			for name, wrong := range map[string][]split.Share{"too few": come[:2], "of an older splitting": older, "mixed": {come[0], come[1], older[0]}} {
				if err := late.Join(as(here), wrong); fault.KindOf(err) != fault.Invalid || h.contents() != body {
					t.Errorf("%s: got %v, and the file %q", name, err, h.contents())
				}
			}
			if err := late.Join(as(here), come); err != nil {
				t.Fatal(err)
			}
			if err := late.Start(t.Context(), all(late)); err != nil {
				t.Fatal(err)
			}
			h.reads(late, here, "1", "D1 555-1 1980-01-01")
		}
		if h.contents() == good {
			t.Error("the file holds the first root key again")
		}
		var kinds []string
		for _, c := range h.status().Ceremonies {
			kinds = append(kinds, c.Kind)
		}
		if got := strings.Join(kinds, " "); got != "joined joined rehearsed split rotated split" {
			t.Errorf("ceremonies, the newest first: %s", got)
		}
	})
}

func TestTheRootKeyMovesToAnotherPlace(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		to := root.Place{URL: "file:" + h.folder + "/elsewhere/root.key"}
		if err := h.MoveRoot(as(here), to); err != nil {
			t.Fatal(err)
		}
		h.reads(h.Keys, here, "1", "D1 555-1 1980-01-01")
		if err := h.start(); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "holds another key") {
			t.Errorf("at the old place: got %v", err)
		}
		d := h.deps(dbtest.Again(t, h.DB))
		d.Root = to
		k := keys.New(d)
		if err := k.Start(t.Context(), all(k)); err != nil {
			t.Fatal(err)
		}
		h.reads(k, here, "1", "D1 555-1 1980-01-01")
	})
}

// A rotation whose node goes away, again and again, ends all the same, and
// looks at no field twice.
func TestARotationSurvivesItsNode(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.many(2600)
		if _, err := h.RotateData(as(here)); err != nil {
			t.Fatal(err)
		}
		interrupted := 0
		for range 20 {
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan error, 1)
			k := h.open(t, dbtest.Again(t, h.DB))
			before := h.seen()
			go func() { done <- k.Jobs.Run(ctx, k.Room().Jobs, nil) }()
			for until := time.Now().Add(30 * time.Second); h.seen() == before && !h.over() && time.Now().Before(until); {
				time.Sleep(time.Millisecond)
			}
			stop()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if h.over() {
				break
			}
			interrupted++
		}
		h.jobs()
		if interrupted == 0 {
			t.Log("the rotation was over before it could be interrupted")
		}
		for _, w := range h.status().Rotation.Walks {
			if w.Seen != 2600 || w.Unreadable != 0 || w.Renewed != 2600 {
				t.Errorf("%+v, want each of 2600 fields seen once", w)
			}
		}
		h.ahead = rested
		if n, err := h.Retire(as(here), here); n != 6 || err != nil {
			t.Errorf("retired %d keys, %v; want 6", n, err)
		}
		h.reads(h.open(t, dbtest.Again(t, h.DB)), here, "v00002599", "D2599 555-v00002599 1980-01-01")
	})
}

func (h *house) seen() (n int64) {
	if r := h.status().Rotation; r != nil {
		n, _, _ = r.Sums()
	}
	return n
}

func (h *house) over() bool { return !h.status().Rotation.Finished.IsZero() }

// A field that does not open keeps its old key alive, and nothing else.
func TestARotationLeavesAloneWhatDoesNotOpen(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.many(3)
		var sealed []byte
		err := h.DB.QueryRowContext(t.Context(), `select licence from probe_voter where id = 'v00000001'`).Scan(&sealed)
		if err != nil {
			t.Fatal(err)
		}
		broken := bytes.Clone(sealed)
		broken[len(broken)-1] ^= 1
		h.swap(`update probe_voter set licence = $1 where id = 'v00000001'`, broken)
		if _, err := h.RotateData(as(here)); err != nil {
			t.Fatal(err)
		}
		h.jobs()
		for _, w := range h.status().Rotation.Walks {
			if w.Field == "probe_voter.licence" && (w.Unreadable != 1 || w.Renewed != 2 || !strings.Contains(w.Problem, "v00000001")) {
				t.Errorf("%+v", w)
			}
		}
		h.ahead = rested
		if n, err := h.Retire(as(here), here); n != 4 || err != nil {
			t.Errorf("retired %d keys, %v; want all but the two that the licence needs", n, err)
		}
		h.swap(`update probe_voter set licence = $1 where id = 'v00000001'`, sealed) // put back from a backup
		h.reads(h.open(t, dbtest.Again(t, h.DB)), here, "v00000001", "D1 555-v00000001 1980-01-01")
	})
}

func TestDataKeysThatAreDueAreRotatedByTheHourlyJob(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		if due := h.status().Next; time.Until(due) < 364*24*time.Hour {
			t.Errorf("the next rotation is due %v", due)
		}
		for _, ahead := range []time.Duration{0, 366 * 24 * time.Hour} {
			h.ahead = ahead
			if err := h.Keep(as(here)); err != nil {
				t.Fatal(err)
			}
			if rotated := h.status().Rotation != nil; rotated != (ahead > 0) {
				t.Errorf("%v ahead: rotated %v", ahead, rotated)
			}
		}
		if err := h.Keep(as(here)); err != nil {
			t.Errorf("while it is under way: %v", err)
		}
	})
}

// A private fact in an error or a fact of the room's own is masked.
func TestNothingIsSaidAboutTheText(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		_, err := h.Sealer().Open(as(here), h.DB, licence.At(here, "1"), append([]byte{1}, "PLANTED-TEXT"...))
		if err == nil || strings.Contains(err.Error(), "PLANTED") {
			t.Errorf("got %v", err)
		}
		_, err = h.Sealer().Seal(as(here), nil, licence.At(here, "1"), hide.New(strings.Repeat("PLANTED", 1<<18)))
		if err == nil || strings.Contains(err.Error(), "PLANTED") {
			t.Errorf("got %v", err)
		}
	})
}
