// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/id"
)

// killedURL tells a test binary that it is the child that gets killed.
const killedURL = "HUSTINGS_TEST_KILLED_URL"

func TestMain(m *testing.M) {
	if target := os.Getenv(killedURL); target != "" {
		writeUntilKilled(target)
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled writes with eight writers, each a note and its fact, and
// says on its standard output which are in.
func writeUntilKilled(target string) {
	d, err := db.Open(context.Background(), target, db.Options{})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	ctx := dbtest.As(context.Background())
	var mu sync.Mutex // guards standard output
	race(8, func() {
		for {
			one := id.New()
			err := write(ctx, d, one, one)
			mu.Lock()
			if err != nil {
				fmt.Println("error", err)
			} else {
				fmt.Println(one)
			}
			mu.Unlock()
		}
	})
}

// A process that writes is killed again and again, with kill -9, wherever it
// happens to be. What it had been told was in is in; a change is never there
// without its fact, nor a fact without its change.
func TestKilledInTheMiddle(t *testing.T) {
	rounds := 20
	if s := os.Getenv("HUSTINGS_TEST_KILLS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal("HUSTINGS_TEST_KILLS is not a number")
		}
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		told := 0
		for range rounds {
			for _, one := range killOne(t, dbtest.URL(t, d)) {
				if n := count(t, d, `select count(*) from note_note where id = $1`, one); n != 1 {
					t.Fatalf("note %s was said to be in; %d are", one, n)
				}
				told++
			}
			if n := count(t, d, `select count(*) from note_note n where not exists
				(select 1 from ledger_entry e where e.jurisdiction = n.jurisdiction and e.subject = n.id)`); n > 0 {
				t.Fatalf("%d notes have no fact", n)
			}
			if n := count(t, d, `select count(*) from ledger_entry e where not exists
				(select 1 from note_note n where e.jurisdiction = n.jurisdiction and e.subject = n.id)`); n > 0 {
				t.Fatalf("%d facts have no note", n)
			}
			sound(t, d)
		}
		t.Logf("%d kills, %d writes were said to be in", rounds, told)
		if told < rounds {
			t.Errorf("the children hardly wrote anything: %d", told)
		}
	}, notes)
}

// killOne starts a child, lets it write for a moment, kills it, and gives what
// it said was in.
func killOne(t *testing.T, target string) (told []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killedURL+"="+target)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var kill *time.Timer
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "error") {
			t.Errorf("the child: %s", line)
		}
		if kill == nil { // it is at work: the clock starts
			kill = time.AfterFunc(rand.N(60*time.Millisecond), func() { child.Process.Kill() })
		}
		if len(line) == 36 {
			told = append(told, line)
		}
	}
	child.Wait() // says that it was killed
	return told
}

// The server ends connections right in the middle of the work, many times.
// Every write is in exactly once all the same.
func TestConnectionsThatAreEndedByTheServer(t *testing.T) {
	target := dbtest.PostgresURL(t)
	d := dbtest.Open(t, target, notes)
	other := dbtest.Open(t, target) // asks the server to end connections
	ctx := dbtest.Context(t)
	const writers, each = 8, 30
	finished := make(chan struct{})
	var cutter sync.WaitGroup
	var cuts atomic.Int64
	cutter.Go(func() {
		for {
			select {
			case <-finished:
				return
			case <-time.After(rand.N(20 * time.Millisecond)):
			}
			cuts.Add(int64(count(t, other, `
				select count(pg_terminate_backend(pid)) from pg_stat_activity
				where datname = current_database() and pid <> pg_backend_pid() and query <> '' and random() < 0.5`)))
		}
	})
	var next atomic.Int64
	race(writers, func() {
		for range each {
			one := fmt.Sprint(next.Add(1))
			if err := write(ctx, d, one, one); err != nil {
				t.Error(err)
			}
		}
	})
	close(finished)
	cutter.Wait()
	both(t, other, writers*each)
	sound(t, other)
	t.Logf("%d connections were ended", cuts.Load())
	if cuts.Load() == 0 {
		t.Error("no connection was ever ended")
	}
}

// The connection dies exactly at the commit: before the server has seen it, or
// after, with only the answer lost. Either way the write is in once.
func TestAnAnswerToACommitThatGetsLost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		passOn bool // the commit reaches the server
	}{
		{"the server never saw the commit", false},
		{"the server did commit", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target := dbtest.PostgresURL(t)
			direct := dbtest.Open(t, target, notes)
			cutter := cutAtCommit(t, target, tt.passOn)
			d := dbtest.Open(t, cutter.url, notes)
			ctx := dbtest.Context(t)
			runs := 0
			for i := range 5 {
				if err := write(ctx, d, fmt.Sprint("before", i), fmt.Sprint("before", i)); err != nil {
					t.Fatal(err)
				}
				cutter.armed.Store(true)
				one := fmt.Sprint(i)
				err := d.Write(ctx, func(tx *db.Tx) error {
					runs++
					return addNote(ctx, tx, one, one)
				})
				if err != nil {
					t.Fatal(err)
				}
				if cutter.armed.Load() {
					t.Fatal("nothing was cut")
				}
			}
			both(t, direct, 10)
			sound(t, direct)
			want := 10
			if tt.passOn {
				want = 5
			}
			if runs != want {
				t.Errorf("the writes ran %d times, want %d", runs, want)
			}
		})
	}
}

// The caller has left by the time the answer is looked for: they are told that
// it failed, and then it must not turn up later either.
func TestACallerWhoLeavesDuringALostCommit(t *testing.T) {
	target := dbtest.PostgresURL(t)
	direct := dbtest.Open(t, target, notes)
	cutter := cutAtCommit(t, target, false)
	d := dbtest.Open(t, cutter.url, notes)
	ctx, cancel := context.WithCancel(dbtest.Context(t))
	defer cancel()
	cutter.armed.Store(true)
	cutter.onCut = cancel
	err := write(ctx, d, "1", "a")
	if err == nil {
		t.Fatal("got no error")
	}
	time.Sleep(100 * time.Millisecond)
	both(t, direct, 0)
}

// The server stays away after the cut: the caller is told that nobody knows,
// and the write is not run a second time on the chance.
func TestACommitThatStaysInDoubtIsSaidToBe(t *testing.T) {
	target := dbtest.PostgresURL(t)
	direct := dbtest.Open(t, target, notes)
	cutter := cutAtCommit(t, target, true)
	d := dbtest.Open(t, cutter.url, notes)
	db.TryFor(t, 300*time.Millisecond)
	ctx := dbtest.Context(t)
	cutter.armed.Store(true)
	cutter.onCut = cutter.stop
	runs := 0
	err := d.Write(ctx, func(tx *db.Tx) error {
		runs++
		return addNote(ctx, tx, "1", "a")
	})
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Sentence(err), "not known") || runs != 1 {
		t.Errorf("got %v after %d runs", err, runs)
	}
	both(t, direct, 1)
	err = write(ctx, d, "2", "b")
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Sentence(err), "Nothing was changed") {
		t.Errorf("a write while the server is away: got %v", err)
	}
	both(t, direct, 1)
}

// cutter stands between the program and the server.
type cutter struct {
	url    string
	armed  atomic.Bool
	passOn bool
	onCut  func()
	stop   func() // no new connections from here on
	server string // the real socket
}

// cutAtCommit starts a proxy that, while armed, ends the connection at the
// next commit: with the commit passed on and the answer thrown away, or not.
func cutAtCommit(t *testing.T, target string, passOn bool) *cutter {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{passOn: passOn, server: u.Query().Get("host") + "/.s.PGSQL.5432"}
	c.url = fmt.Sprintf("postgres://postgres@%s%s?sslmode=disable", listener.Addr(), u.Path)
	c.stop = func() { listener.Close() }
	t.Cleanup(c.stop)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.serve(client)
		}
	}()
	return c
}

func (c *cutter) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", c.server)
	if err != nil {
		return
	}
	defer server.Close()
	var mute atomic.Bool
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		b := make([]byte, 1<<16)
		for {
			n, err := server.Read(b)
			if err != nil || mute.Load() {
				return
			}
			if _, err := client.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	b := make([]byte, 1<<16)
	for {
		n, err := client.Read(b)
		if err != nil {
			return
		}
		// The fact's name goes to the server only together with the commit.
		cut := strings.Contains(string(b[:n]), "note.noted.v1") && c.armed.CompareAndSwap(true, false)
		mute.Store(cut)
		if !cut || c.passOn {
			server.Write(b[:n])
		}
		if !cut {
			continue
		}
		if c.onCut != nil {
			c.onCut()
		}
		if c.passOn {
			<-answered
		}
		return
	}
}
