// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/kit/fault"
)

// The test program plays the publisher that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("HUSTINGS_PUBLISH_FOREVER"); dir != "" {
		publishForever(dir)
	}
	os.Exit(m.Run())
}

// numbered is the content of an edition that says its number everywhere: half
// of the files change with each edition, the others with every fourth. One is
// big enough to be spooled.
func numbered(version int64) files {
	f := files{"all.csv": strings.Repeat(fmt.Sprintf("row of edition %d\n", version), bigFile/16)}
	for i := range 30 {
		n := version
		if i%2 == 0 {
			n -= n % 4
		}
		f[fmt.Sprintf("p/%d.html", i)] = strings.Repeat(fmt.Sprintf("page %d of edition %d. ", i, n), 40)
	}
	return f
}

// publishForever publishes edition after edition and says so on standard
// output once each is done, until it is killed.
func publishForever(dir string) {
	die := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s, err := Open(dir, quiet())
	if err != nil {
		die(err)
	}
	for {
		now, _ := s.Current("x")
		d, err := s.Begin("x")
		if err != nil {
			die(err)
		}
		for path, body := range numbered(now.Version + 1) {
			if err := d.PutFrom(path, pieces(body, 10_000)); err != nil {
				die(err)
			}
		}
		r, err := d.Commit(context.Background(), Pointer{})
		if err != nil {
			die(err)
		}
		fmt.Println(r.Version)
	}
}

// TestKilledWhilePublishing kills a publisher at random moments. Afterwards the
// folder must open to a whole edition, no older than the last one that was
// acknowledged. HUSTINGS_KILLS sets how often; 25 if it is not set.
func TestKilledWhilePublishing(t *testing.T) {
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("HUSTINGS_KILLS")); err == nil {
		kills = n
	} else if testing.Short() {
		kills = 5
	}
	dir := t.TempDir()
	r := rand.New(rand.NewSource(time.Now().UnixNano()))
	var last int64
	for i := range kills {
		acknowledged := killedPublisher(t, dir, time.Duration(r.Intn(40_000))*time.Microsecond)
		last = max(last, acknowledged)
		s := open(t, dir)
		p, ok := s.Current("x")
		if !ok && last > 0 || p.Version < last || len(s.Problems()) > 0 {
			t.Fatalf("kill %d: edition %d was acknowledged, the folder opens to %d; %v", i, last, p.Version, s.Problems())
		}
		if !ok {
			continue
		}
		if diff := cmp.Diff(numbered(p.Version), have(t, s, "x", 0)); diff != "" {
			t.Fatalf("kill %d: edition %d is not whole:\n%s", i, p.Version, diff)
		}
		older := 1 + r.Int63n(p.Version)
		if diff := cmp.Diff(numbered(older), have(t, s, "x", older)); diff != "" {
			t.Fatalf("kill %d: archived edition %d is not whole:\n%s", i, older, diff)
		}
		last = p.Version
		checkNoLeftovers(t, filepath.Join(dir, "x"), p.Version)
	}
	t.Logf("%d kills, %d editions", kills, last)
}

// killedPublisher runs a publisher, kills it some time after its first sign of
// life, and returns the last edition that it acknowledged.
func killedPublisher(t *testing.T, dir string, after time.Duration) (last int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HUSTINGS_PUBLISH_FOREVER="+dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		if first {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
		if last, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Wait()
	if stderr.Len() > 0 {
		t.Fatalf("the publisher gave up: %s", stderr.String())
	}
	return last
}

func checkNoLeftovers(t *testing.T, dir string, current int64) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		name, _, _ := strings.Cut(f.Name(), ".")
		if n, ok := versionOf(name); strings.HasSuffix(f.Name(), tempExt) || ok && n > current {
			t.Errorf("edition %d is current, and %s is left over", current, f.Name())
		}
	}
}

// TestStoppedAtEveryStep stops a commit after each of its steps and, on top,
// loses or tears every file that had not been made durable by then.
func TestStoppedAtEveryStep(t *testing.T) {
	for _, tt := range []struct {
		step string
		want int64
	}{
		{"pack", 1}, {"manifest", 1}, {"folder", 1}, {"pointer", 2}, {"confirmed", 2},
	} {
		for _, torn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, torn %v", tt.step, torn), func(t *testing.T) {
				dir := t.TempDir()
				s := open(t, dir)
				publish(t, s, "x", numbered(1))
				stopAfter(t, s, tt.step)
				if torn && tt.want == 1 { // durable only once the folder is synced
					for _, ext := range []string{packExt, manifestExt} {
						os.Truncate(filepath.Join(dir, "x", "v2"+ext), 20)
					}
				}
				for i, s := range []*Shelf{open(t, dir), s} {
					s.after = nil
					s.Refresh()
					p, _ := s.Current("x")
					if p.Version != tt.want || len(s.Problems()) > 0 {
						t.Fatalf("shelf %d: got edition %d, want %d; %v", i, p.Version, tt.want, s.Problems())
					}
					if diff := cmp.Diff(numbered(p.Version), have(t, s, "x", 0)); diff != "" {
						t.Error(diff)
					}
				}
				checkNoLeftovers(t, filepath.Join(dir, "x"), tt.want)
				if got := publish(t, open(t, dir), "x", numbered(tt.want+1)); got.Version != tt.want+1 {
					t.Errorf("going on: got %+v", got)
				}
			})
		}
	}
}

// stopAfter publishes edition 2 and stops after a step, as if the machine had.
func stopAfter(t *testing.T, s *Shelf, step string) {
	t.Helper()
	d, err := s.Begin("x")
	if err != nil {
		t.Fatal(err)
	}
	numbered(2).putInto(t, d)
	s.after = func(at string) {
		if at == step {
			panic(step)
		}
	}
	defer func() {
		if r := recover(); r != step {
			t.Fatalf("the commit did not stop after %q: %v", step, r)
		}
	}()
	d.Commit(t.Context(), Pointer{Status: "unofficial-partial"})
}

// TestDamageOnDisk damages the newest of three editions. The site must open
// with the newest edition that is whole, say so, refuse to build on it, and be
// whole again after a complete edition.
func TestDamageOnDisk(t *testing.T) {
	cut := func(n int64) func(string) error {
		return func(path string) error { return os.Truncate(path, n) }
	}
	flip := func(path string) error { // in the first body of a pack, which all editions share
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[len(packHead)+3] ^= 1
		return os.WriteFile(path, data, 0o644)
	}
	for _, tt := range []struct {
		name, file string
		damage     func(path string) error
		announced  int64
		serving    int64
	}{
		{"a torn pack", "v3.pack", cut(100), 3, 2},
		{"an empty pack", "v3.pack", cut(0), 3, 2},
		{"a pack with one bit turned", "v3.pack", flip, 3, 2},
		{"no pack", "v3.pack", os.Remove, 3, 2},
		{"a torn manifest", "v3.manifest", cut(500), 3, 2},
		{"an empty manifest", "v3.manifest", cut(0), 3, 2},
		{"a manifest with one bit turned", "v3.manifest", flip, 3, 2},
		{"no manifest", "v3.manifest", os.Remove, 3, 2},
		{"an empty pointer", "current.json", cut(0), 0, 3},
		{"a torn pointer", "current.json", cut(30), 0, 3},
		{"no pointer: nothing says that it was published", "current.json", os.Remove, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for s, v := open(t, dir), int64(1); v <= 3; v++ {
				publish(t, s, "x", numbered(v))
			}
			if err := tt.damage(filepath.Join(dir, "x", tt.file)); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			problems := s.Problems()
			if len(problems) != 1 || problems[0].Site != "x" || problems[0].Err == nil {
				t.Fatalf("got problems %v, want one", problems)
			}
			p, _ := s.Current("x")
			if p.Version != tt.serving || problems[0].Serving != tt.serving || problems[0].Version != tt.announced {
				t.Fatalf("serving %d, problem %+v", p.Version, problems[0])
			}
			if tt.serving > 0 {
				if diff := cmp.Diff(numbered(tt.serving), have(t, s, "x", 0)); diff != "" {
					t.Error(diff)
				}
			}
			d, _ := s.Begin("x")
			d.Put("one.html", []byte("1"))
			if _, err := d.Commit(t.Context(), Pointer{}); fault.KindOf(err) != fault.Conflict {
				t.Errorf("building on it: got %v, want a refusal", err)
			}
			d, _ = s.Begin("x")
			numbered(4).putInto(t, d)
			d.Whole()
			if r, err := d.Commit(t.Context(), Pointer{}); err != nil || r.Version != 4 {
				t.Fatalf("a whole edition: got %+v, %v", r, err)
			}
			for _, s := range []*Shelf{s, open(t, dir)} {
				if diff := cmp.Diff(numbered(4), have(t, s, "x", 0)); diff != "" || len(s.Problems()) > 0 {
					t.Errorf("after it: %v\n%s", s.Problems(), diff)
				}
			}
		})
	}
}

// TestNoEditionIsWhole damages a page that has never changed, so that every
// edition has the damage. The others must stay up, and a whole edition heals it.
func TestNoEditionIsWhole(t *testing.T) {
	for _, version := range []int64{3, 4} {
		t.Run(fmt.Sprintf("healed by edition %d", version), func(t *testing.T) {
			dir := t.TempDir()
			for s, v := open(t, dir), 1; v <= 3; v++ {
				publish(t, s, "x", files{"a.txt": "never changes", "b.txt": fmt.Sprint("edition ", v)})
			}
			pack := filepath.Join(dir, "x", "v1.pack")
			if err := os.WriteFile(pack, []byte(packHead+"never_changes"), 0o644); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			if p := s.Problems(); len(p) != 1 || p[0].Version != 3 || p[0].Serving != 3 {
				t.Errorf("got problems %+v", p)
			}
			srv := httptest.NewServer(s)
			defer srv.Close()
			if resp, body := ask(t, srv, "GET", "/x/b.txt"); resp.StatusCode != 200 || body != "edition 3" {
				t.Errorf("the whole page: got %d %q", resp.StatusCode, body)
			}
			if resp, _ := ask(t, srv, "GET", "/x/a.txt"); resp.StatusCode != 503 {
				t.Errorf("the broken page: got %d", resp.StatusCode)
			}
			if err := s.Check(t.Context(), "x", 0); err == nil || !strings.Contains(err.Error(), "a.txt") {
				t.Errorf("checking: got %v", err)
			}
			d, _ := s.BeginVersion("x", version)
			files{"a.txt": "never changes", "b.txt": "edition 3"}.putInto(t, d)
			d.Whole()
			if r, err := d.Commit(t.Context(), Pointer{}); err != nil || r.Already {
				t.Fatalf("healing: got %+v, %v", r, err)
			}
			s = open(t, dir)
			if diff := cmp.Diff(files{"a.txt": "never changes", "b.txt": "edition 3"}, have(t, s, "x", 0)); diff != "" || len(s.Problems()) > 0 {
				t.Errorf("healed: %v\n%s", s.Problems(), diff)
			}
		})
	}
}

func TestTheDamagedVersionCanBePublishedAgain(t *testing.T) {
	dir := t.TempDir()
	for s, v := open(t, dir), int64(1); v <= 3; v++ {
		publish(t, s, "x", numbered(v))
	}
	if err := os.Truncate(filepath.Join(dir, "x", "v3.pack"), 100); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	d, err := s.BeginVersion("x", 3)
	if err != nil {
		t.Fatal(err)
	}
	numbered(3).putInto(t, d)
	d.Whole()
	if r, err := d.Commit(t.Context(), Pointer{}); err != nil || r.Version != 3 || r.Already {
		t.Fatalf("got %+v, %v", r, err)
	}
	if diff := cmp.Diff(numbered(3), have(t, open(t, dir), "x", 0)); diff != "" {
		t.Error(diff)
	}
}

// TestAnEditionThatArrivesInPieces copies a newer edition into the folder of a
// running reader, pointer first, as a careless copy does.
func TestAnEditionThatArrivesInPieces(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	writer := open(t, from)
	publish(t, writer, "x", numbered(1))
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	reader := open(t, to)
	publish(t, writer, "x", numbered(2))
	for i, name := range []string{"current.json", "v2.manifest", "v2.pack"} {
		data, err := os.ReadFile(filepath.Join(from, "x", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, "x", name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		(*reader.sites.Load())["x"].tried = time.Time{} // as if some seconds had passed
		reader.Refresh()
		want := []int64{1, 1, 2}[i]
		if p, _ := reader.Current("x"); p.Version != want || (len(reader.Problems()) == 0) != (want == 2) {
			t.Errorf("after %s: serving %d, problems %v", name, p.Version, reader.Problems())
		}
		if diff := cmp.Diff(numbered(want), have(t, reader, "x", 0)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestAnEditionThatWasNeverAnnouncedHasNoAddress stops the publication of an
// edition for good; the next one has a higher number, as a database may decide.
func TestAnEditionThatWasNeverAnnouncedHasNoAddress(t *testing.T) {
	for _, first := range []bool{true, false} {
		s := open(t, t.TempDir())
		if !first {
			publish(t, s, "x", numbered(1))
		}
		d, _ := s.BeginVersion("x", 2)
		d.Put("secret.html", []byte("taken back"))
		s.after = func(at string) {
			if at == "folder" {
				panic(at)
			}
		}
		func() {
			defer func() { recover() }()
			d.Commit(t.Context(), Pointer{})
		}()
		s.after = nil
		d, _ = s.BeginVersion("x", 3)
		numbered(3).putInto(t, d)
		if _, err := d.Commit(t.Context(), Pointer{}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(t.Context(), "x", 2, "secret.html"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("first %v: got %v, want not found", first, err)
		}
		if diff := cmp.Diff(numbered(3)["p/1.html"], have(t, s, "x", 3)["p/1.html"]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCleaningKeepsWhatItDoesNotUnderstand(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	publish(t, s, "x", numbered(1))
	pointer, err := os.ReadFile(filepath.Join(dir, "x", pointerName))
	if err != nil {
		t.Fatal(err)
	}
	publish(t, s, "x", numbered(2))
	publish(t, s, "x", numbered(3))
	if err := os.WriteFile(filepath.Join(dir, "x", pointerName), pointer, 0o644); err != nil { // an old backup put back
		t.Fatal(err)
	}
	open(t, dir)
	for _, name := range []string{"v2.pack", "v2.manifest", "v3.pack", "v3.manifest"} {
		if _, err := os.Stat(filepath.Join(dir, "x", name)); err != nil {
			t.Errorf("an edition that may have been public was removed: %v", err)
		}
	}
}
