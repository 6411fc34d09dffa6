// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"hustings/guard/audit"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/id"
)

// Where the child that gets killed finds its database and its log.
const (
	killedURL    = "HUSTINGS_TEST_KILLED_URL"
	killedFolder = "HUSTINGS_TEST_KILLED_FOLDER"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(killedURL); url != "" {
		workUntilKilled(url, os.Getenv(killedFolder))
		return
	}
	os.Exit(m.Run())
}

// notes is a room that keeps notes: the change that each fact tells of.
var notes = db.Source{Room: "note", FS: fstest.MapFS{"0001_note.sql": {Data: []byte(`
	create table note_note (jurisdiction text not null, id text not null, primary key (jurisdiction, id));`)}}}

// jot changes something and tells of it.
func jot(ctx context.Context, d *db.DB, in string) (string, error) {
	one := id.New()
	return one, d.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `insert into note_note (jurisdiction, id) values ($1, $2)`, in, one); err != nil {
			return err
		}
		tx.Record(noted{one, in})
		return nil
	})
}

type noted struct{ Note, in string }

func (noted) Name() string           { return "note.noted.v1" }
func (n noted) Subject() string      { return n.Note }
func (n noted) Jurisdiction() string { return n.in }

// workUntilKilled writes with four writers in two jurisdictions and seals, and
// says on its standard output which notes are in.
func workUntilKilled(url, folder string) {
	ctx := dbtest.As(context.Background())
	d, err := db.Open(ctx, url, db.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	o := audit.New(depsOf(d, folder, slog.Default()))
	var all sync.WaitGroup
	all.Go(func() { _ = o.Seal(ctx) })
	var mu sync.Mutex // guards standard output
	for i := range 4 {
		all.Go(func() {
			for {
				one, err := jot(ctx, d, []string{"nye", "clark"}[i%2])
				mu.Lock()
				if err != nil {
					fmt.Println("error", err)
				} else {
					fmt.Println(one)
				}
				mu.Unlock()
				time.Sleep(time.Millisecond)
			}
		})
	}
	all.Wait()
}

// A process that writes and seals is killed again and again, with kill -9,
// wherever it happens to be. Never is there a change without its fact, nor a
// fact without its change; the log and the database never contradict each
// other; and whoever seals last finds each entry once, in order.
func TestKilledWhileSealing(t *testing.T) {
	rounds := 24
	if s := os.Getenv("HUSTINGS_TEST_KILLS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal("HUSTINGS_TEST_KILLS is not a number")
		}
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		folder := filepath.Join(t.TempDir(), "log")
		o := openOffice(t, d, folder)
		told, sealedBefore := 0, uint64(0)
		for round := range rounds {
			for _, one := range killOne(t, dbtest.URL(t, d), folder) {
				if n := count(t, d, `select count(*) from note_note where id = $1`, one); n != 1 {
					t.Fatalf("round %d: note %s was said to be in; %d are", round, one, n)
				}
				told++
			}
			if n := count(t, d, `select count(*) from note_note n where not exists
				(select 1 from ledger_entry e where e.jurisdiction = n.jurisdiction and e.subject = n.id)`); n > 0 {
				t.Fatalf("round %d: %d notes have no fact", round, n)
			}
			if n := count(t, d, `select count(*) from ledger_entry e where not exists
				(select 1 from note_note n where e.jurisdiction = n.jurisdiction and e.subject = n.id)`); n > 0 {
				t.Fatalf("round %d: %d facts have no note", round, n)
			}
			if _, err := os.Stat(filepath.Join(folder, "checkpoint")); err != nil {
				continue // killed before there was a log
			}
			r := o.verify()
			if !r.Sound() {
				t.Fatalf("round %d: %v", round, r.Problems)
			}
			if r.Leaves < sealedBefore {
				t.Fatalf("round %d: %d leaves, %d before", round, r.Leaves, sealedBefore)
			}
			sealedBefore = r.Leaves
		}
		entries := uint64(count(t, d, `select count(*) from ledger_entry`))
		o.seal()
		o.sealed(entries)
		if r := o.verify(); !r.Sound() || r.Leaves != entries || r.Entries != int64(entries) || r.Waiting != 0 {
			t.Fatalf("in the end: %+v, want %d entries", r, entries)
		}
		t.Logf("%d kills, %d writes were said to be in, %d leaves were sealed on the way", rounds, told, sealedBefore)
		if told < rounds || sealedBefore == 0 {
			t.Errorf("the children hardly did anything")
		}
	}, source(), notes)
}

func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := d.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// killOne starts a child, lets it work for a moment, kills it, and gives what
// it said was in.
func killOne(t *testing.T, url, folder string) (told []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedURL+"="+url, killedFolder+"="+folder)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	var kill *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "error") {
			t.Errorf("the child: %s", line)
		}
		if kill == nil { // it is at work: the clock starts
			kill = time.AfterFunc(time.Duration(rand.IntN(400))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			defer kill.Stop()
		}
		told = append(told, line)
	}
	return told
}
