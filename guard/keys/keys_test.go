// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hustings/guard/keys"
	"hustings/guard/keys/root"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/seal"
	"hustings/kit/who"
)

// The probe is a room with sealed columns.
var (
	licence = seal.Column{Table: "probe_voter", Name: "licence", Key: []string{"id"}, Purpose: "probe.licence", Index: "licence_index", Normal: letters}
	phone   = seal.Column{Table: "probe_voter", Name: "phone", Key: []string{"id"}, Purpose: "probe.contact"}
	birth   = seal.Column{Table: "probe_voter", Name: "birth", Key: []string{"id"}, Purpose: "probe.birth", Subject: "subject", Index: "birth_index"}
	columns = []seal.Column{licence, phone, birth}
)

func letters(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "")) }

var probe = db.Source{Room: "probe", FS: fstest.MapFS{"migrations/0001_voter.sql": {Data: []byte(`
create table probe_voter (
  jurisdiction text not null,
  id           text not null,
  subject      text not null,
  licence bytea, licence_index bytea, phone bytea, birth bytea, birth_index bytea,
  primary key (jurisdiction, id)
);`)}}}

type added struct{ ID string }

func (added) Name() string { return "probe.added.v1" }

// quiet keeps what is expected out of the test's output.
var quiet = slog.New(slog.DiscardHandler)

func sources() []db.Source {
	return []db.Source{job.Source(), {Room: "keys", FS: keys.New(keys.Deps{}).Room().Migrations}, probe}
}

// run runs the test on every engine.
func run(t *testing.T, test func(t *testing.T, h *house)) {
	t.Parallel() // they mostly wait
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := &house{DB: d, t: t, folder: t.TempDir()}
		h.Keys = h.open(t, d)
		test(t, h)
	}, sources()...)
}

// house is the keys room with its probe.
type house struct {
	*keys.Keys
	DB     *db.DB
	t      *testing.T
	folder string
	ahead  time.Duration // how far the clock has been put forward
}

func (h *house) deps(d *db.DB) keys.Deps {
	return keys.Deps{DB: d, Jobs: &job.Jobs{DB: d, Log: quiet}, Now: func() time.Time { return time.Now().Add(h.ahead) }, Log: quiet,
		Jurisdiction: dbtest.Jurisdiction, Root: root.Place{URL: "file:" + h.file()}}
}

func (h *house) file() string { return filepath.Join(h.folder, "keys", "root.key") }

// all is what app hands to Start.
func all(k *keys.Keys) []seal.Column { return append(slices.Clone(columns), k.Room().Sealed...) }

// open opens the room as another node, or after a restart.
func (h *house) open(t *testing.T, d *db.DB) *keys.Keys {
	t.Helper()
	k := keys.New(h.deps(d))
	if err := k.Start(t.Context(), all(k)); err != nil {
		t.Fatal(err)
	}
	return k
}

// add writes a voter, as a room would.
func (h *house) add(j, id, number, day string) {
	h.t.Helper()
	err := h.DB.Write(as(j), func(tx *db.Tx) error { return h.insert(as(j), tx, j, id, number, day) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) insert(ctx context.Context, tx *db.Tx, j, id, number, day string) error {
	s := h.Sealer()
	sealed, err := s.Seal(ctx, tx, licence.At(j, id), hide.New(number))
	if err != nil {
		return err
	}
	index, _, err := s.Index(ctx, &licence, j, hide.New(number))
	if err != nil {
		return err
	}
	call, err := s.Seal(ctx, tx, phone.At(j, id), hide.New("555-"+id))
	if err != nil {
		return err
	}
	born, err := s.Seal(ctx, tx, birth.At(j, id).Of("voter:"+id), hide.New(day))
	if err != nil {
		return err
	}
	days, _, err := s.Index(ctx, &birth, j, hide.New(day))
	if err != nil {
		return err
	}
	tx.Record(added{id})
	_, err = tx.ExecContext(ctx, `
		insert into probe_voter (jurisdiction, id, subject, licence, licence_index, phone, birth, birth_index)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`, j, id, "voter:"+id, sealed, index, call, born, days)
	return err
}

// many writes n voters at once: v00000000, v00000001 …
func (h *house) many(n int) {
	h.t.Helper()
	err := h.DB.Write(as(here), func(tx *db.Tx) error {
		for i := range n {
			if err := h.insert(as(here), tx, here, fmt.Sprintf("v%08d", i), fmt.Sprintf("D%d", i), "1980-01-01"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// as is somebody in a jurisdiction.
func as(j string) context.Context {
	return who.With(context.Background(), who.Person{ID: "ann", Jurisdiction: j, Via: who.Browser})
}

// read gives a voter's three private facts, or the first error.
func (h *house) read(k *keys.Keys, j, id string) (string, error) {
	var number, call, born []byte
	err := h.DB.QueryRowContext(as(j), `select licence, phone, birth from probe_voter where jurisdiction = $1 and id = $2`, j, id).Scan(&number, &call, &born)
	if err != nil {
		return "", err
	}
	var out []string
	for _, f := range []struct {
		at    seal.Field
		bytes []byte
	}{{licence.At(j, id), number}, {phone.At(j, id), call}, {birth.At(j, id).Of("voter:" + id), born}} {
		text, err := k.Sealer().Open(as(j), h.DB, f.at, f.bytes)
		if err != nil {
			return strings.Join(out, " "), err
		}
		out = append(out, text.Reveal())
	}
	return strings.Join(out, " "), nil
}

func (h *house) reads(k *keys.Keys, j, id, want string) {
	h.t.Helper()
	if got, err := h.read(k, j, id); got != want || err != nil {
		h.t.Errorf("voter %s: got %q, %v; want %q", id, got, err, want)
	}
}

// find looks a voter up by licence.
func (h *house) find(j, asked string) string {
	h.t.Helper()
	now, before, err := h.Sealer().Index(as(j), &licence, j, hide.New(asked))
	if err != nil {
		h.t.Fatal(err)
	}
	rows, err := h.DB.QueryContext(as(j), `select id from probe_voter where jurisdiction = $1 and licence_index in ($2, $3) order by id`, j, now, before)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			h.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

// rested is long enough for old keys to be destroyed.
const rested = 2 * time.Hour

const (
	here  = dbtest.Jurisdiction
	there = "ocd-division/country:us/state:zz/county:other"
)

func TestARoomSealsAndReadsAndFinds(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D123-4567", "1980-02-29")
		h.add(here, "2", "D999-0000", "")
		h.reads(h.Keys, here, "1", "D123-4567 555-1 1980-02-29")
		h.reads(h.Keys, here, "2", "D999-0000 555-2 ")
		if got := h.find(here, "d1234567"); got != "1" {
			t.Errorf("found %q by licence, want 1", got)
		}
		if got := h.find(here, "D1234568"); got != "" {
			t.Errorf("found %q by a licence that nobody has", got)
		}
		h.reads(h.open(t, dbtest.Again(t, h.DB)), here, "1", "D123-4567 555-1 1980-02-29")
	})
}

func TestWhatWasMovedDoesNotOpen(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		if err := h.Ensure(t.Context(), there); err != nil {
			t.Fatal(err)
		}
		h.add(here, "1", "D1", "1980-01-01")
		h.add(here, "2", "D2", "1990-01-01")
		h.add(there, "1", "D3", "1970-01-01")
		var sealed, born []byte
		err := h.DB.QueryRowContext(t.Context(), `select licence, birth from probe_voter where jurisdiction = $1 and id = '1'`, here).Scan(&sealed, &born)
		if err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(sealed)
		flipped[len(flipped)-1] ^= 1
		unknown := bytes.Clone(sealed)
		unknown[2] ^= 0x55
		var said []string
		for _, tt := range []struct {
			name  string
			at    seal.Field
			bytes []byte
		}{
			{"into another row", licence.At(here, "2"), sealed},
			{"into another column", phone.At(here, "1"), sealed},
			{"into another jurisdiction", licence.At(there, "1"), sealed},
			{"to another subject", birth.At(here, "1").Of("voter:2"), born},
			{"a subject's field into a purpose's", licence.At(here, "1"), born},
			{"a purpose's field into a subject's", birth.At(here, "1").Of("voter:1"), sealed},
			{"a bit flipped", licence.At(here, "1"), flipped},
			{"under a key that nobody has", licence.At(here, "1"), unknown},
			{"cut short", licence.At(here, "1"), sealed[:3]},
			{"one byte", licence.At(here, "1"), []byte{1}},
			{"something else", licence.At(here, "1"), []byte("D1")},
		} {
			text, err := h.Sealer().Open(as(here), h.DB, tt.at, tt.bytes)
			if !errors.Is(err, seal.ErrUnreadable) || !text.IsZero() {
				t.Errorf("%s: got %q, %v; want it refused", tt.name, text.Reveal(), err)
				continue
			}
			said = append(said, fault.Sentence(err))
		}
		if slices.Sort(said); len(slices.Compact(said)) != 1 {
			t.Errorf("the refusals differ, which tells a forger how far they came: %q", said)
		}
		h.reads(h.Keys, here, "1", "D1 555-1 1980-01-01")
	})
}

// jobs runs the room's jobs until the rotation is over.
func (h *house) jobs() {
	h.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Jobs.Run(ctx, h.Room().Jobs, nil) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	}()
	for until := time.Now().Add(40 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		s, err := h.Status(ctx, here)
		if err != nil {
			h.t.Fatal(err)
		}
		if s.Rotation != nil && !s.Rotation.Finished.IsZero() {
			return
		}
	}
	h.t.Fatal("the rotation does not end")
}

func TestARotationMovesEveryFieldWhileAllStaysReadable(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.many(1203) // more than two batches
		other := h.open(t, dbtest.Again(t, h.DB))
		if _, err := h.RotateData(as(here)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.RotateData(as(here)); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a second rotation meanwhile: got %v, want a conflict", err)
		}
		h.add(here, "new", "D-NEW", "2000-01-01")
		h.reads(other, here, "new", "D-NEW 555-new 2000-01-01")
		h.reads(h.Keys, here, "v00000007", "D7 555-v00000007 1980-01-01")
		if h.find(here, "D7") != "v00000007" || h.find(here, "dnew") != "new" {
			t.Error("a search during the rotation misses an older or a newer row")
		}
		h.jobs()
		s, err := h.Status(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range s.Rotation.Walks {
			want := map[string]int64{"probe_voter.licence": 1203, "probe_voter.phone": 1203, "probe_voter.birth": 1203, "keys_subject.sealed": 1203}[w.Field]
			if w.Seen != 1204 || w.Renewed != want || w.Unreadable != 0 {
				t.Errorf("%s: %+v, want %d of 1204 renewed", w.Field, w, want)
			}
		}
		if n, err := h.Retire(t.Context(), here); n != 0 || err != nil {
			t.Errorf("retired %d keys (%v) that were in use a moment ago", n, err)
		}
		h.ahead = rested
		if n, err := h.Retire(as(here), here); n != 6 || err != nil { // four seal, two search
			t.Errorf("retired %d keys, %v; want 6", n, err)
		}
		again := h.open(t, dbtest.Again(t, h.DB))
		h.reads(again, here, "v00000007", "D7 555-v00000007 1980-01-01")
		h.reads(again, here, "v00001202", "D1202 555-v00001202 1980-01-01")
		if h.find(here, "D7") != "v00000007" {
			t.Error("a search after the rotation misses a row")
		}
	})
}

func TestAShreddedPersonIsGoneAndNobodyElse(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		h.add(here, "2", "D2", "1980-01-01")
		other := h.open(t, dbtest.Again(t, h.DB))
		h.reads(other, here, "1", "D1 555-1 1980-01-01")
		if err := h.Shred(as(here), "voter:1", ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: got %v", err)
		}
		if err := h.Shred(as(here), "voter:9", "request 7"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody: got %v", err)
		}
		if err := h.Shred(as(here), "voter:1", "request 7"); err != nil {
			t.Fatal(err)
		}
		if err := h.Shred(as(here), "voter:1", "request 7"); fault.KindOf(err) != fault.Conflict {
			t.Errorf("twice: got %v", err)
		}
		if got, err := h.read(h.Keys, here, "1"); fault.KindOf(err) != fault.Gone {
			t.Errorf("got %q, %v; want it gone", got, err)
		}
		h.reads(h.Keys, here, "2", "D2 555-2 1980-01-01")
		time.Sleep(2100 * time.Millisecond) // a node that held the key lets go of it
		if got, err := h.read(other, here, "1"); fault.KindOf(err) != fault.Gone {
			t.Errorf("on another node: got %q, %v; want it gone", got, err)
		}
		var left int
		err := h.DB.QueryRowContext(t.Context(), `select count(*) from probe_voter where jurisdiction = $1 and birth_index is not null`, here).Scan(&left)
		if left != 1 || err != nil {
			t.Errorf("%d birth dates can be searched, %v; want the other voter's alone", left, err)
		}
		err = h.DB.Write(as(here), func(tx *db.Tx) error {
			_, err := h.Sealer().Seal(as(here), tx, birth.At(here, "1").Of("voter:1"), hide.New("1980-01-01"))
			return err
		})
		if fault.KindOf(err) != fault.Gone {
			t.Errorf("sealing for a shredded voter again: got %v, want it refused", err)
		}
	})
}

// An undone write leaves no subject's key behind that another write would seal with.
func TestAKeyOfAnUndoneWriteIsNotUsed(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		errMine := errors.New("changed my mind")
		err := h.DB.Write(as(here), func(tx *db.Tx) error {
			_, err := h.Sealer().Seal(as(here), tx, birth.At(here, "1").Of("voter:1"), hide.New("x"))
			return errors.Join(err, errMine)
		})
		if !errors.Is(err, errMine) {
			t.Fatal(err)
		}
		h.add(here, "1", "D1", "1980-01-01")
		h.reads(h.open(t, dbtest.Again(t, h.DB)), here, "1", "D1 555-1 1980-01-01")
	})
}

func TestANewOfficeKeyAndARootKey(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		if err := h.Ensure(t.Context(), there); err != nil {
			t.Fatal(err)
		}
		h.add(here, "1", "D1", "1980-01-01")
		h.add(there, "1", "D2", "1990-01-01")
		was := h.status()
		if _, err := h.RotateKEK(as(here), nil); err != nil {
			t.Fatal(err)
		}
		h.reads(h.Keys, here, "1", "D1 555-1 1980-01-01")
		brought := bytes.Repeat([]byte{7}, 32)
		if _, err := h.RotateKEK(as(here), brought[:16]); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a short key: got %v", err)
		}
		id, err := h.RotateKEK(as(here), brought)
		if err != nil || id != root.Fingerprint(brought) {
			t.Fatalf("a brought key: %s, %v", id, err)
		}
		if _, err := h.RotateKEK(as(here), brought); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the same key again: got %v", err)
		}
		if err := h.RotateRoot(as(here), true); err != nil {
			t.Fatal(err)
		}
		now := h.status()
		if now.KEK != id || now.KEKOrigin != "brought" || now.RootID == was.RootID || now.KEK == was.KEK {
			t.Errorf("before %+v, now %+v", was, now)
		}
		if err := h.ImportRoot(as(here), bytes.Repeat([]byte{9}, 32)); err != nil {
			t.Fatal(err)
		}
		again := h.open(t, dbtest.Again(t, h.DB))
		h.reads(again, here, "1", "D1 555-1 1980-01-01")
		if err := again.Ensure(t.Context(), there); err != nil {
			t.Fatal(err)
		}
		h.reads(again, there, "1", "D2 555-1 1990-01-01")
		if body, err := os.ReadFile(h.file()); err != nil || strings.Count(string(body), "\nkey ") != 2 || strings.Contains(string(body), was.RootID) {
			t.Errorf("the file keeps the first root key, which was to be forgotten (%v)", err)
		}
	})
}

func (h *house) status() keys.Status {
	h.t.Helper()
	s, err := h.Status(h.t.Context(), here)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestFactsTellWhatWasDoneAndNoSecret(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		h.add(here, "1", "D1", "1980-01-01")
		if _, err := h.RotateKEK(as(here), nil); err != nil {
			t.Fatal(err)
		}
		if err := h.Shred(as(here), "voter:1", "request 7"); err != nil {
			t.Fatal(err)
		}
		var got []string
		for e, err := range (&ledger.Ledger{DB: h.DB}).All(t.Context(), here, 0) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Name)
			if strings.Contains(string(e.Data), "1980") || strings.Contains(string(e.Data), "D1") {
				t.Errorf("%s tells a private fact: %s", e.Name, e.Data)
			}
		}
		want := "keys.made.v1 keys.made.v1 probe.added.v1 keys.rotated.v1 keys.shredded.v1"
		if s := strings.Join(got, " "); s != want {
			t.Errorf("told %s\nwant %s", s, want)
		}
	})
}
