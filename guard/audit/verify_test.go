// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hustings/guard/audit"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

// sealedOffice is an office with n sealed entries in each of two jurisdictions.
func sealedOffice(t *testing.T, d *db.DB, n int) *office {
	t.Helper()
	o := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
	stop := o.seal()
	for half := range 2 {
		say(t, d, "nye", n/2)
		say(t, d, "clark", n/2)
		o.sealed(uint64((half + 1) * n)) // each half in batches of its own
	}
	o.remembered(uint64(2 * n))
	stop()
	if r := o.verify(); !r.Sound() || r.Leaves != uint64(2*n) || r.Waiting != 0 {
		t.Fatalf("before anything was altered: %+v", r)
	}
	return o
}

// alter changes rows behind everybody's back.
func alter(t testing.TB, d *db.DB, statement string, args ...any) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		tx.Silently("a test tampers")
		for one := range strings.SplitSeq(statement, ";") {
			if _, err := tx.ExecContext(context.Background(), one, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestVerifyNamesWhatWasDoneToTheDatabase(t *testing.T) {
	for _, tt := range []struct {
		name, tamper string
		want         string // the beginning of one of the problems
	}{
		{"nothing", `update ledger_head set seq = seq`, ""},
		{"an entry's data", `update ledger_entry set data = replace(data, 'more', 'less') where jurisdiction = 'nye' and seq = 7`, "nye, entry 7: it was altered"},
		{"an entry is gone", `delete from ledger_entry where jurisdiction = 'nye' and seq = 7`, "nye, entry 7: missing"},
		{"an entry and its leaf are gone", `delete from ledger_entry where jurisdiction = 'nye' and seq > 290;
			delete from audit_batch where jurisdiction = 'nye' and seq + count > 291;
			update ledger_head set seq = 290, hash = (select hash from ledger_entry where jurisdiction = 'nye' and seq = 290) where jurisdiction = 'nye'`,
			"leaves "},
		{"a whole jurisdiction is gone", `delete from ledger_entry where jurisdiction = 'clark'; delete from audit_batch where jurisdiction = 'clark'; delete from ledger_head where jurisdiction = 'clark'`,
			"leaves "},
		{"the record of leaves is gone", `delete from audit_batch where jurisdiction = 'nye' and seq = 1`, "nye, entry 1: it was never sealed"},
		{"a batch has moved in the log", `update audit_batch set leaf = leaf + 1 where jurisdiction = 'nye' and seq = 1`, "nye, entry 1: it is not what was sealed"},
		{"a batch has moved in its chain", `update audit_batch set seq = seq + 1 where jurisdiction = 'nye' and seq = 1`, "nye, entry 2: it is not what was sealed"},
		{"the head says another number", `update ledger_head set seq = 4611686018427387904 where jurisdiction = 'nye'`, "nye, entry 301: missing, with all up to"},
		{"salts are gone without a word", `update audit_batch set salts = substr(salts, 17) where jurisdiction = 'nye' and seq = 1`, "nye, entry 1: its record of leaves was altered"},
		{"the remembered checkpoint has another size", `update audit_sealed set size = size - 1`, "the checkpoint remembered for nye: it is said to have"},
		{"the remembered checkpoint is another", `update audit_sealed set checkpoint = replace(checkpoint, 'vale', 'dale')`, "the checkpoint remembered for nye: the checkpoint's signature"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				o := sealedOffice(t, d, 300)
				tamper := tt.tamper
				if d.Engine() == "postgres" {
					tamper = strings.ReplaceAll(tamper, "substr(salts, 17)", "substring(salts from 17)")
				}
				alter(t, d, tamper)
				finds(t, o.verify(), tt.want)
			}, source())
		})
	}
}

// finds wants a problem that begins so; "" wants none.
func finds(t testing.TB, r *audit.Report, want string) {
	t.Helper()
	if want == "" {
		if !r.Sound() {
			t.Errorf("got %v, want no problem", r.Problems)
		}
		return
	}
	for _, p := range r.Problems {
		if strings.HasPrefix(p.String(), want) {
			return
		}
	}
	t.Errorf("got %v, want a problem that begins with %q", r.Problems, want)
}

// A chain that was rewritten from one entry on, hashes and head and all, is
// sound in itself; the sealed log knows better.
func TestAChainThatWasRewrittenIsFound(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 60)
	ctx := dbtest.Context(t)
	list, err := o.Ledger.Tail(ctx, "nye", 19, 100)
	if err != nil {
		t.Fatal(err)
	}
	prev := list[0].Prev
	for i, e := range list {
		if i == 0 {
			e.Data = []byte(strings.Replace(string(e.Data), "more", "less", 1))
		}
		e.Prev = prev
		e.Hash = e.Sum()
		prev = e.Hash
		alter(t, d, `update ledger_entry set data = $2, prev = $3, hash = $4 where jurisdiction = 'nye' and seq = $1`, e.Seq, string(e.Data), e.Prev, e.Hash)
	}
	alter(t, d, `update ledger_head set hash = $1 where jurisdiction = 'nye'`, prev)
	if r, err := o.Ledger.Verify(ctx); err != nil || len(r.Problems) > 0 {
		t.Fatalf("the chain alone: %v, %v", r.Problems, err)
	}
	finds(t, o.verify(), "nye, entry 20: it is not what was sealed as leaf")
}

// flips is how many single bytes are flipped.
func flips(t *testing.T) int {
	n := 400
	if s := os.Getenv("HUSTINGS_TEST_FLIPS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal("HUSTINGS_TEST_FLIPS is not a number")
		}
	}
	return n
}

// cell is one value of the database that must not change.
type cell struct{ table, column, where, name string }

// Flip any byte of any value that matters, and Verify names it.
func TestAFlippedByteInTheDatabaseIsFound(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 260)
	batches := starts(t, d)
	for range flips(t) {
		c := someCell(batches)
		var kind string
		var was []byte
		if err := d.QueryRowContext(t.Context(), `select typeof(`+c.column+`), cast(`+c.column+` as blob) from `+c.table+` where `+c.where).Scan(&kind, &was); err != nil {
			t.Fatal(err)
		}
		if len(was) == 0 {
			continue
		}
		now := append([]byte(nil), was...)
		now[rand.IntN(len(now))] ^= 1 << rand.IntN(8)
		if kind == "integer" {
			now = []byte(strconv.Itoa(rand.IntN(1 << 20)))
			if string(now) == string(was) {
				continue
			}
		}
		set := `update ` + c.table + ` set ` + c.column + ` = cast($1 as ` + kind + `) where ` + c.where
		alter(t, d, set, now)
		r := o.verify()
		finds(t, r, c.name)
		if t.Failed() {
			t.Fatalf("%s of %s where %s: %q became %q", c.column, c.table, c.where, was, now)
		}
		alter(t, d, set, was)
	}
	finds(t, o.verify(), "")
}

// starts are the first sequences of nye's batches.
func starts(t *testing.T, d *db.DB) (list []int64) {
	t.Helper()
	rows, err := d.QueryContext(t.Context(), `select seq from audit_batch where jurisdiction = 'nye' order by seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			t.Fatal(err)
		}
		list = append(list, seq)
	}
	return list
}

func someCell(batches []int64) cell {
	entry := []string{"id", "at", "actor", "on_behalf", "via", "request", "name", "subject", "data", "prev", "hash"}
	seq := rand.IntN(260) + 1
	switch rand.IntN(8) {
	case 0:
		return cell{"ledger_head", []string{"seq", "hash"}[rand.IntN(2)], `jurisdiction = 'nye'`, "nye, entry"}
	case 1:
		return cell{"audit_sealed", []string{"size", "checkpoint"}[rand.IntN(2)], `jurisdiction = 'nye'`, "the checkpoint remembered for nye"}
	case 2, 3:
		first := batches[rand.IntN(len(batches))]
		return cell{"audit_batch", []string{"salts", "leaves", "salts", "leaves", "leaf"}[rand.IntN(5)], fmt.Sprintf(`jurisdiction = 'nye' and seq = %d`, first), "nye, entry"}
	}
	c := cell{"ledger_entry", entry[rand.IntN(len(entry))], fmt.Sprintf(`jurisdiction = 'nye' and seq = %d`, seq), fmt.Sprintf("nye, entry %d:", seq)}
	return c
}

// Flip any byte of any file of the log, and Verify names the file.
func TestAFlippedByteInTheLogIsFound(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 300)
	files := logFiles(t, o.folder)
	for range flips(t) {
		name := files[rand.IntN(len(files))]
		path := filepath.Join(o.folder, name)
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		now := append([]byte(nil), was...)
		at := rand.IntN(len(now))
		now[at] ^= 1 << rand.IntN(8)
		if err := os.WriteFile(path, now, 0o644); err != nil {
			t.Fatal(err)
		}
		finds(t, o.verify(), name+":")
		if t.Failed() {
			t.Fatalf("byte %d of %s", at, name)
		}
		if err := os.WriteFile(path, was, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	finds(t, o.verify(), "")
}

// logFiles are the files that Verify speaks of.
func logFiles(t *testing.T, folder string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(path, filepath.Join(folder, ".state")) && e.Name() != "treeState" {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		list = append(list, rel)
		return err
	})
	if err != nil || len(list) < 6 {
		t.Fatalf("got %v, %v", list, err)
	}
	return list
}

func TestAMissingFileOfTheLogIsFound(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 300)
	for _, name := range []string{"tile/entries/000", "tile/entries/001", "tile/0/000", "tile/0/001"} {
		path := filepath.Join(o.folder, name)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		finds(t, o.verify(), name+": missing")
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
	// the newest bundle, in part
	for _, kind := range []string{"entries", "0"} {
		path := filepath.Join(o.folder, "tile", kind, "002.p")
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		finds(t, o.verify(), "tile/"+kind+"/002.p/88: missing")
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
	finds(t, o.verify(), "")
}

func TestAnotherKeyOrAnotherLogIsRefused(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 20)
	other := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
	r, err := audit.Verify(t.Context(), audit.Copy{DB: d, Folder: o.folder, Key: other.key})
	if err != nil {
		t.Fatal(err)
	}
	finds(t, r, "checkpoint: the checkpoint's signature is not right")
	if _, err := audit.Verify(t.Context(), audit.Copy{DB: d, Folder: t.TempDir(), Key: o.key}); err == nil {
		t.Error("an empty folder was verified")
	}
}

func TestShreddingTakesTheSaltAndLeavesTheRest(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := sealedOffice(t, d, 300)
		ctx := dbtest.Context(t)
		if err := o.Shred(ctx, "nye", 10, 299, "the retention period is over"); err != nil {
			t.Fatal(err)
		}
		stop := o.seal()
		o.sealed(601) // the fact itself
		stop()
		r := o.verify()
		if !r.Sound() || r.Shredded != 290 {
			t.Fatalf("got %+v", r)
		}
		e, _, err := o.Ledger.At(ctx, "nye", 12)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Prove(ctx, e.ID); err == nil || !strings.Contains(err.Error(), "shredded") {
			t.Errorf("got %v, want no proof for a shredded entry", err)
		}
		alter(t, d, `update ledger_entry set name = 'test.hushed.v1' where name = 'audit.salts-shredded.v1'`)
		finds(t, o.verify(), "nye, entry 10: its salt is missing, and no fact tells")
	}, source())
}
