// SPDX-License-Identifier: Apache-2.0

// Package keys keeps the keys under which private facts are sealed.
//
//	root key          in a file, a hardware token or a key service; wraps
//	  key-encryption key   one per jurisdiction; wraps
//	    data keys          one per purpose, and one per searched purpose for its index
//	      subject keys     one per person or election, for what must be forgettable
//
//	data key: current -> old (opens, while fields are put under the new one) -> destroyed
//	subject key: made with the first field -> shredded, and its fields are gone
//
// A database that is stolen without the root key opens nothing; an office
// whose keys are stolen opens no other office's fields.
//
// Tables:  keys_kek, keys_key, keys_version, keys_subject, keys_rotation, keys_walk, keys_ceremony
// Tells:   keys.made.v1 and its siblings in event/keys.go
// Asks:    nobody
package keys

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"hustings/guard/keys/root"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/pair"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Jobs         *job.Jobs
	Pairs        pair.Book // who agrees to what needs two people
	Now          func() time.Time
	Log          *slog.Logger
	Jurisdiction string        // the office whose keys are made at the first start
	Root         root.Place    // where the root key is
	Every        time.Duration // how old data keys become before they are rotated; 365 days where zero
	Folder       string        // the house's data, to warn of a root key that lies among it
}

// Keys is the room.
type Keys struct {
	Deps
	columns []seal.Column
	root    atomic.Pointer[root.Root]

	offices  sync.Map // jurisdiction -> *office
	subjects subjects
}

// New opens the room. Fields can be sealed once Start has found the root key.
func New(d Deps) *Keys {
	if d.Every == 0 {
		d.Every = 365 * 24 * time.Hour
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Keys{Deps: d, subjects: subjects{by: make(map[subjectKey]subjectEntry)}}
}

// Sealer is what rooms with sealed columns are handed.
func (k *Keys) Sealer() *seal.Sealer { return &seal.Sealer{Keys: k} }

// own is the room's own sealed column: the keys of subjects.
var own = seal.Column{Table: "keys_subject", Name: "sealed", Key: []string{"subject"}, Purpose: "keys.subject"}

// Room is everything that keys brings into the house.
func (k *Keys) Room() room.Room {
	return room.Room{
		Name: "keys",
		Permissions: []room.Permission{
			{Name: "keys.view", Doc: "see which keys there are, how old they are and how far a rotation has come"},
			{Name: "keys.manage", Doc: "rotate, import and destroy keys", Level: 2, Fresh: 10 * time.Minute, Powerful: true},
		},
		Pairs:      k.acts(),
		Migrations: migrations,
		Words:      []fs.FS{sentences},
		Sealed:     []seal.Column{own},
		Jobs:       []job.Kind{{Name: renewKind, Do: k.renew}, {Name: keepKind, Do: func(ctx context.Context, _ *job.Work) error { return k.Keep(ctx) }, Tries: 1}},
		Repeats:    []job.Repeat{{Kind: keepKind, Jurisdiction: k.Jurisdiction, Every: keepEvery}},
		Routes: []web.Route{
			{Pattern: "GET /keys", Needs: "keys.view", Do: k.show},
			{Pattern: "POST /keys/rotate", Needs: "keys.manage", MaxBody: 8 << 10, Do: k.rotate},
			{Pattern: "POST /keys/shred", Needs: "keys.manage", MaxBody: 8 << 10, Do: k.shred},
		},
		Menu:  []web.Item{{Path: "/keys", Key: "keys.menu", Needs: "keys.view", Order: 85, Group: "web.menu.trust"}},
		Ready: k.ready,
	}
}

// Start finds the root key, makes one at the very first start, and makes the
// office's keys for every purpose that a room has declared.
func (k *Keys) Start(ctx context.Context, columns []seal.Column) error {
	for i := range columns {
		if err := columns[i].Check(); err != nil {
			return err
		}
	}
	k.columns = columns
	if err := k.openRoot(ctx); err != nil {
		return err
	}
	return k.Ensure(ctx, k.Jurisdiction)
}

func (k *Keys) openRoot(ctx context.Context) error {
	if k.root.Load() != nil {
		return nil
	}
	var waiting bool // something waits for the root key that was
	if err := k.DB.QueryRowContext(ctx, `select count(*) > 0 from keys_kek`).Scan(&waiting); err != nil {
		return err
	}
	r, err := root.Open(ctx, k.Root, !waiting)
	if err != nil {
		return err
	}
	if !k.root.CompareAndSwap(nil, &r) {
		return r.Close()
	}
	return nil
}

var errNotStarted = fault.New(fault.Unavailable, "The root key has not been opened yet.")

func (k *Keys) rootKey() (root.Root, error) {
	if r := k.root.Load(); r != nil {
		return *r, nil
	}
	return nil, errNotStarted
}

// Close gives back what the root key holds.
func (k *Keys) Close() error {
	if r := k.root.Swap(nil); r != nil {
		return (*r).Close()
	}
	return nil
}

// ready says whether the office's fields can be opened.
func (k *Keys) ready(ctx context.Context) error {
	_, err := k.Ring(ctx, k.Jurisdiction, own.Purpose, 0)
	return err
}
