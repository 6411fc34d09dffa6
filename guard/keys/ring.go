// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/kit/fault"
	"hustings/kit/seal"
)

// fresh is how long a node seals with the keys that it knows before it looks
// whether another node has rotated them. A rotation begins to move fields only
// after settle, so that no field is sealed under an old key behind its back.
const (
	fresh  = 2 * time.Second
	settle = 2*fresh + time.Second
)

// office is the opened keys of one jurisdiction.
type office struct {
	rings atomic.Pointer[rings]

	mu   sync.Mutex // held while the rings are read anew
	keks map[string]tink.AEAD
}

// rings is one state of an office's keys.
type rings struct {
	version int64
	kek     string
	by      map[string]*ring
	looked  atomic.Int64 // when we last saw that this is the state, in ns since start
}

// ring is seal.Ring with what it holds.
type ring struct {
	seal.Ring
	gcm *seal.GCM
}

var start = time.Now()

// since is a clock that never jumps.
func since() int64 { return int64(time.Since(start)) }

func (k *Keys) office(jurisdiction string) *office {
	if o, ok := k.offices.Load(jurisdiction); ok {
		return o.(*office)
	}
	o, _ := k.offices.LoadOrStore(jurisdiction, &office{keks: make(map[string]tink.AEAD)})
	return o.(*office)
}

// Ring implements seal.Keys.
func (k *Keys) Ring(ctx context.Context, jurisdiction, purpose string, has uint32) (*seal.Ring, error) {
	o := k.office(jurisdiction)
	if now := o.rings.Load(); now != nil && since()-now.looked.Load() < int64(fresh) {
		if r := now.by[purpose]; r != nil && (has == 0 || r.gcm.Has(has)) {
			return &r.Ring, nil
		}
	}
	now, err := k.look(ctx, o, jurisdiction)
	if err != nil {
		return nil, err
	}
	r := now.by[purpose]
	if r == nil {
		return nil, fault.New(fault.Unavailable, "The office %s has no key for %s yet.", jurisdiction, purpose)
	}
	return &r.Ring, nil
}

// look reads the keys anew where they have changed.
func (k *Keys) look(ctx context.Context, o *office, jurisdiction string) (*rings, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.rings.Load()
	version, err := readVersion(ctx, k.DB, jurisdiction)
	switch {
	case err != nil && old != nil && ctx.Err() == nil:
		return old, nil // what is open stays open while the database is away
	case err != nil:
		return nil, err
	case old != nil && old.version == version:
		old.looked.Store(since())
		return old, nil
	}
	now, err := k.load(ctx, o, jurisdiction)
	if err != nil {
		return nil, err
	}
	now.looked.Store(since())
	o.rings.Store(now)
	return now, nil
}

// load opens all keys of a jurisdiction.
func (k *Keys) load(ctx context.Context, o *office, jurisdiction string) (*rings, error) {
	now := &rings{by: make(map[string]*ring)}
	var keks []kek
	var list []dataKey
	err := k.DB.Read(ctx, func(q reader) (err error) {
		if now.version, err = readVersion(ctx, q, jurisdiction); err != nil {
			return err
		}
		if keks, err = currentKEKs(ctx, q, jurisdiction); err != nil {
			return err
		}
		list, err = openKeys(ctx, q, jurisdiction)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(keks) == 0 {
		return nil, fault.New(fault.Unavailable, "The office %s has no keys yet.", jurisdiction)
	}
	now.kek = keks[0].id
	by, err := k.kek(ctx, o, keks[0])
	if err != nil {
		return nil, err
	}
	return now, now.assemble(by, jurisdiction, list)
}

// kek opens the key-encryption key, once.
func (k *Keys) kek(ctx context.Context, o *office, one kek) (tink.AEAD, error) {
	if by, ok := o.keks[one.id]; ok {
		return by, nil
	}
	r, err := k.rootKey()
	if err != nil {
		return nil, err
	}
	h, err := unwrapKEK(ctx, r, one)
	if err != nil {
		return nil, err
	}
	by, err := wrapper(h)
	if err != nil {
		return nil, err
	}
	o.keks = map[string]tink.AEAD{one.id: by}
	return by, nil
}

// assemble makes a ring for each purpose. The current key of a purpose comes
// first in list, then the old ones, the newest first.
func (n *rings) assemble(by tink.AEAD, jurisdiction string, list []dataKey) error {
	for _, d := range list {
		h, err := d.unwrap(by, jurisdiction)
		if err != nil {
			return err
		}
		r := n.by[d.purpose]
		if r == nil {
			g := seal.NewRing()
			r = &ring{Ring: seal.Ring{AEAD: g}, gcm: g}
			n.by[d.purpose] = r
		}
		if err := r.add(d, h); err != nil {
			return err
		}
	}
	return nil
}

func (r *ring) add(d dataKey, h *keyset.Handle) error {
	if d.kind == indexKind {
		set, err := prf.NewPRFSet(h)
		if err != nil {
			return err
		}
		r.Indexes = append(r.Indexes, seal.Index{Number: d.number, PRF: set.PRFs[set.PrimaryID]})
		return nil
	}
	if r.Newest == 0 {
		r.Newest = d.number
	}
	b, err := raw(h)
	if err != nil {
		return err
	}
	return r.gcm.Add(d.number, b)
}

// forget makes the next use look again.
func (k *Keys) forget() {
	k.offices.Range(func(_, o any) bool {
		if now := o.(*office).rings.Load(); now != nil {
			now.looked.Store(-int64(time.Hour))
		}
		return true
	})
}
