// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"

	"hustings/guard/audit"
	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/web"
)

// serve serves the log's files as the public door does.
func (o *office) serve() *url.URL {
	o.t.Helper()
	s := &web.Server{Routes: audit.PublicRoutes(o.folder), Now: time.Now, Words: catalog(o.t), Log: o.Log}
	door, err := s.Door(web.PublicDoor)
	if err != nil {
		o.t.Fatal(err)
	}
	srv := httptest.NewServer(door)
	o.t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL + "/log/")
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

// leafHashes hashes the leaves of a bundle as RFC 6962 has it.
func leafHashes(bundle []byte) (list [][]byte, err error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	for _, leaf := range b.Entries {
		list = append(list, rfc6962.DefaultHasher.HashLeaf(leaf))
	}
	return list, nil
}

// Tessera's own client and checker read what our public door serves.
func TestOthersReadTheLog(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 700)
	ctx := t.Context()
	src, err := client.NewHTTPFetcher(o.serve(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := fsck.New("vale.example/log", o.key, src, leafHashes, fsck.Opts{N: 2}).Check(ctx); err != nil {
		t.Errorf("fsck: %v", err)
	}
	cp, _, _, err := client.FetchCheckpoint(ctx, src.ReadCheckpoint, o.key, "vale.example/log")
	if err != nil {
		t.Fatal(err)
	}
	builder, err := client.NewProofBuilder(ctx, cp.Size, src.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	for _, index := range []uint64{0, 255, 256, cp.Size - 1} {
		leaf, err := client.FetchLeafHashes(ctx, src.ReadTile, index, 1, cp.Size)
		if err != nil {
			t.Fatal(err)
		}
		path, err := builder.InclusionProof(ctx, index)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, cp.Size, leaf[0], path, cp.Hash); err != nil {
			t.Errorf("leaf %d: %v", index, err)
		}
	}
}

func TestPublicFilesSayHowLongTheyLast(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 300)
	base := o.serve()
	for _, tt := range []struct {
		name, path string
		status     int
		cache      string
	}{
		{"the checkpoint is asked for again", "checkpoint", 200, "public, max-age=1"},
		{"a full tile never changes", "tile/0/000", 200, "public, max-age=31536000, immutable"},
		{"so does a full bundle", "tile/entries/001", 200, "public, max-age=31536000, immutable"},
		{"a partial tile goes away some day", "tile/0/002.p/88", 200, "public, max-age=60"},
		{"a tile that is not there", "tile/0/009", 404, ""},
		{"a name that is none", "tile/0/../../.state/treeState", 404, ""},
		{"Tessera's own notes stay inside", ".state/treeState", 404, ""},
		{"a number of another form", "tile/0/x000/000", 404, ""},
		{"a tile of no level", "tile/99/000", 404, ""},
		{"no tile at all", "tile/0/abc", 404, ""},
		{"a partial of nothing", "tile/0/000.p/0", 404, ""},
	} {
		res, err := http.Get(base.String() + tt.path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != tt.status || tt.cache != "" && res.Header.Get("Cache-Control") != tt.cache {
			t.Errorf("%s: got %d, %q", tt.name, res.StatusCode, res.Header.Get("Cache-Control"))
		}
	}
}

func TestACopyOfTheLogIsALog(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 300)
	to := filepath.Join(t.TempDir(), "copy")
	if n, err := tree.Folder(o.folder).CopyTo(t.Context(), to); err != nil || n < 6 {
		t.Fatalf("got %d, %v", n, err)
	}
	if n, err := tree.Folder(o.folder).CopyTo(t.Context(), to); err != nil || n != 1 {
		t.Errorf("again: got %d, %v, want the checkpoint alone", n, err)
	}
	r, err := audit.Verify(t.Context(), audit.Copy{DB: d, Folder: to, Key: o.key})
	if err != nil || !r.Sound() || r.Leaves != 600 {
		t.Errorf("got %+v, %v", r, err)
	}
}

// A node that has never sealed, or has lost its disk, puts the log together
// from the database, to the very same root.
func TestALostLogIsPutTogetherAnew(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := sealedOffice(t, d, 300)
		before, err := tree.Folder(o.folder).Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		was, err := tree.Open(before, o.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(o.folder); err != nil {
			t.Fatal(err)
		}
		say(t, d, "nye", 7)
		o.seal()
		o.sealed(607)
		r := o.verify()
		if !r.Sound() || r.Leaves != 607 {
			t.Fatalf("got %+v", r)
		}
		path, err := consistency(o, was.Size, 607)
		if err != nil {
			t.Fatal(err)
		}
		text, err := tree.Folder(o.folder).Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		now, err := tree.Open(text, o.key)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, was.Size, now.Size, path, was.Root[:], now.Root[:]); err != nil {
			t.Error(err)
		}
	}, source())
}

func consistency(o *office, smaller, larger uint64) ([][]byte, error) {
	src := client.FileFetcher{Root: o.folder}
	b, err := client.NewProofBuilder(context.Background(), larger, src.ReadTile)
	if err != nil {
		return nil, err
	}
	return b.ConsistencyProof(context.Background(), smaller, larger)
}

func TestALogThatIsAheadOfItsDatabaseIsLeftAlone(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := sealedOffice(t, d, 300)
	before, err := tree.Folder(o.folder).Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	// the database is put back from a copy that is an hour old
	alter(t, d, `delete from audit_batch where leaf > 100; delete from ledger_entry where seq > 40; delete from audit_sealed;
		update ledger_head set seq = 40, hash = (select hash from ledger_entry e where e.seq = 40 and e.jurisdiction = ledger_head.jurisdiction)`)
	stop := o.seal()
	say(t, d, "nye", 20)
	time.Sleep(1500 * time.Millisecond)
	stop()
	after, err := tree.Folder(o.folder).Checkpoint()
	if err != nil || string(after) != string(before) {
		t.Errorf("the log was written: %v\n%s", err, after)
	}
}

// Tessera's goroutines end with us.
func TestSealingLeavesNothingRunning(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
	say(t, d, "nye", 10)
	o.seal()() // klog starts one of its own, once
	before := runtime.NumGoroutine()
	for range 3 {
		stop := o.seal()
		say(t, d, "nye", 10)
		time.Sleep(50 * time.Millisecond)
		stop()
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 5*time.Second {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d now:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
		}
	}
}
