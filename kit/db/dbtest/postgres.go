// SPDX-License-Identifier: Apache-2.0

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hustings/kit/db"
)

// Postgres opens a fresh PostgreSQL database that goes away with the test. It
// skips the test where no PostgreSQL is installed.
func Postgres(t testing.TB, sources ...db.Source) *db.DB {
	t.Helper()
	return Open(t, PostgresURL(t), sources...)
}

// PostgresURL makes an empty database and gives its URL.
func PostgresURL(t testing.TB) string {
	t.Helper()
	s, err := server()
	if errors.Is(err, errNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d", s.made.Add(1))
	if err := s.admin(`create database ` + name + ` template template0`); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.admin(`drop database ` + name + ` with (force)`); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return s.url(name)
}

var errNotInstalled = errors.New("PostgreSQL is not installed (no initdb in /usr/lib/postgresql/*/bin or in the PATH); its half of the test is skipped")

// cluster is a PostgreSQL server that lives as long as this process. It talks
// through a socket in its own folder, so it needs no port.
type cluster struct {
	dir  string
	life io.Closer // the server goes when this does, or when the process dies
	made atomic.Int64
}

var server = sync.OnceValues(start)

func (s *cluster) url(name string) string {
	return "postgres://postgres@/" + name + "?host=" + url.QueryEscape(s.dir)
}

func (s *cluster) admin(query string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, query)
	return err
}

// start makes a cluster in a temporary folder and starts its server.
func start() (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	// Short, because a socket's path must fit into 107 bytes.
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	as, err := otherThanRoot(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s := &cluster{dir: dir}
	if err := s.run(bin, data, as); err != nil {
		return nil, err
	}
	return s, s.wait()
}

// keeper runs the server until its standard input ends: that is, until this
// process closes it or dies, by kill -9 even. Then it clears up.
const keeper = `
"$1" -D "$2" -k "$3" -c listen_addresses= -c max_connections=200 -c max_prepared_transactions=0 -c log_min_messages=fatal >"$3/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$3"
`

func (s *cluster) run(bin, data string, as *syscall.SysProcAttr) error {
	keep := exec.Command("/bin/sh", "-c", keeper, "keeper", filepath.Join(bin, "postgres"), data, s.dir)
	keep.Dir, keep.SysProcAttr = s.dir, as
	life, err := keep.StdinPipe()
	if err != nil {
		return err
	}
	s.life = life
	return keep.Start()
}

// wait waits until the server answers.
func (s *cluster) wait() error {
	var err error
	for range 300 {
		if err = s.admin(`select 1`); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return fmt.Errorf("the PostgreSQL server does not answer: %w\n%s", err, log)
}

// binaries finds the folder of initdb and postgres; the newest, of several.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	best, newest := "", -1
	for _, path := range found {
		version, _ := strconv.Atoi(strings.Split(path, "/")[4])
		if version > newest {
			best, newest = filepath.Dir(path), version
		}
	}
	if best != "" {
		return best, nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNotInstalled
	}
	return filepath.Dir(path), nil
}

// otherThanRoot gives dir to somebody who is not root, since PostgreSQL
// refuses to run as root.
func otherThanRoot(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres or nobody: %w", err)
		}
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}
