// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"

	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
)

// Seal makes every entry a leaf and keeps the log until ctx ends. Of several
// nodes one does it at a time.
//
// Which entry becomes which leaf is decided in the database first, with its
// salt; only then do the leaves go into the log. So a crash at any moment
// leaves nothing undecided: whoever goes on finds how many leaves the log has
// and adds those that are missing, the very same.
func (s *Audit) Seal(ctx context.Context) error {
	s.Ledger.Alone(ctx, "audit.seal", s.seal)
	return nil
}

// sealer is the sealing under way on this node.
type sealer struct {
	*Audit
	turn   ledger.Turn
	log    *log
	key    *keyPair
	next   uint64           // the leaf that the next entry becomes
	places map[string]int64 // the last entry of each jurisdiction that has a leaf
}

const (
	gather    = 40 * time.Millisecond  // a little wait lets commits of one moment become leaves together
	lookAgain = 250 * time.Millisecond // for commits of other processes
	atOnce    = 4096                   // entries of a batch at most

	announceEvery = 1 << 17 // leaves between two announcements while a great many wait
)

func (s *Audit) seal(ctx context.Context, turn ledger.Turn) error {
	w := &sealer{Audit: s, turn: turn, places: map[string]int64{}}
	if err := w.open(ctx); err != nil {
		return err
	}
	defer func() {
		if err := w.log.close(ctx); err != nil {
			s.Log.Warn("the sealed log was closed before all of it was signed; the next start goes on", "error", err)
		}
	}()
	if s.Style.Path != "" {
		if err := s.PublishPage(ctx); err != nil {
			s.Log.Warn("the public page about checking result files could not be published; the next start tries again", "error", err)
		}
	}
	woken, stop := s.DB.Wake()
	defer stop()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		if err := w.round(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
			pause(ctx, gather)
		case <-tick.C:
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// open opens the log and adds the leaves that were decided before a crash.
func (w *sealer) open(ctx context.Context) (err error) {
	if w.key, err = w.Audit.key(); err != nil {
		return err
	}
	if w.next, err = assigned(ctx, w.DB); err != nil {
		return err
	}
	before, err := readSealed(ctx, w.DB, w.Jurisdiction)
	if err != nil {
		return err
	}
	if err := w.rebuild(ctx, before); err != nil {
		return err
	}
	group, err := readPolicy(w.Witness)
	if err != nil {
		return err
	}
	floor := new(atomic.Uint64)
	floor.Store(before.Size)
	if w.log, err = openLog(ctx, w.Folder, careful{w.key.signer, floor}, group, w.Log); err != nil {
		return err
	}
	if err = w.settle(ctx, before.Size); err == nil {
		err = w.fits(ctx)
	}
	if err == nil {
		err = w.feed(ctx)
	}
	if err != nil {
		err = errors.Join(err, w.log.close(ctx))
	}
	return err
}

// fits refuses a log that is not this database's.
func (w *sealer) fits(ctx context.Context) error {
	if w.log.size > w.next {
		return fault.New(fault.Conflict, "the sealed log in %s has %d leaves, and the database knows of %d: the database was put back from an older copy; put back its newest copy, or the log would contradict what it has signed", w.Folder, w.log.size, w.next)
	}
	if w.log.size == 0 {
		return nil
	}
	there, err := w.log.folder.Last(w.log.size)
	if err != nil {
		return err
	}
	list, err := batchesFrom(ctx, w.DB, w.log.size-1, 1)
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].at(int(w.log.size-1-list[0].leaf)) != there {
		return fault.New(fault.Conflict, "the sealed log in %s is not that of this database: leaf %d differs", w.Folder, w.log.size-1)
	}
	return nil
}

// feed adds the leaves that are decided and not yet in the log.
func (w *sealer) feed(ctx context.Context) error {
	for w.log.size < w.next {
		list, err := batchesFrom(ctx, w.DB, w.log.size, 64)
		if err != nil {
			return err
		}
		for _, b := range list {
			if w.turn.Over() {
				return errors.New("another node may seal by now")
			}
			if b.leaf > w.log.size {
				return fault.New(fault.Internal, "leaf %d of the sealed log is missing in the database", w.log.size)
			}
			if err := w.log.add(ctx, b.leaves[(w.log.size-b.leaf)*uint64(len(tree.Hash{})):]); err != nil {
				return err
			}
		}
		if len(list) == 0 || ctx.Err() != nil {
			return errors.Join(ctx.Err(), fs.ErrNotExist)
		}
	}
	return nil
}

// rebuild puts the log together anew, beside its place, where its folder lacks
// leaves that a published checkpoint covers: on a node that has never sealed,
// or after a disk was lost. The public never sees it grow again.
func (w *sealer) rebuild(ctx context.Context, before Sealed) error {
	if before.Size == 0 {
		return nil
	}
	if text, err := tree.Folder(w.Folder).Checkpoint(); err == nil {
		if c, err := tree.Open(text, nil); err == nil && c.Size >= before.Size {
			return nil
		}
		return w.behind(ctx, before)
	}
	return w.behind(ctx, before)
}

func (w *sealer) behind(ctx context.Context, before Sealed) error {
	beside := w.Folder + ".new"
	w.Log.Warn("the sealed log is behind what was published; it is put together anew from the database", "folder", w.Folder, "leaves", before.Size)
	if err := os.RemoveAll(beside); err != nil {
		return err
	}
	group := (*tessera.WitnessGroup)(nil)
	var err error
	if w.log, err = openLog(ctx, beside, w.key.signer, group, w.Log); err != nil {
		return err
	}
	err = w.feed(ctx)
	if err == nil {
		_, err = w.log.published(ctx)
	}
	if err := errors.Join(err, w.log.close(ctx)); err != nil {
		return err
	}
	aside := fmt.Sprintf("%s.behind-%d", w.Folder, time.Now().Unix())
	if err := os.Rename(w.Folder, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(beside, w.Folder)
}

// round seals what has come in, until there is nothing new.
func (w *sealer) round(ctx context.Context) error {
	for {
		list, err := w.decide(ctx)
		if err != nil || ctx.Err() != nil {
			return err
		}
		for _, b := range list {
			if w.turn.Over() {
				return errors.New("another node may seal by now")
			}
			if err := w.log.add(ctx, b.leaves); err != nil {
				return err
			}
		}
		if len(list) == 0 {
			return w.announce(ctx)
		}
		if now := w.sealed.Load(); now == nil || w.log.size-now.Size > announceEvery {
			if err := w.announce(ctx); err != nil {
				return err
			}
		}
	}
}

// decide gives new entries their leaves, a batch for each jurisdiction.
func (w *sealer) decide(ctx context.Context) ([]batch, error) {
	heads, err := w.Ledger.Jurisdictions(ctx)
	if err != nil {
		return nil, err
	}
	next := w.next
	var list []batch
	for _, j := range slices.Sorted(maps.Keys(heads)) {
		after, err := w.place(ctx, j)
		if err != nil {
			return nil, err
		}
		if heads[j] <= after {
			continue
		}
		links, err := w.Ledger.Links(ctx, j, after, atOnce)
		if err != nil {
			return nil, err
		}
		b, err := newBatch(j, after, next, links)
		if err != nil {
			return nil, err
		}
		list, next = append(list, b), next+uint64(b.size())
	}
	if len(list) == 0 {
		return nil, nil
	}
	err = w.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("which entry is which leaf follows from the entries")
		if err := w.turn.Fenced(ctx, tx); err != nil {
			return err
		}
		for _, b := range list {
			if err := addBatch(ctx, tx, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		w.places[b.jurisdiction] = b.seq + int64(b.size()) - 1
	}
	w.next = next
	return list, nil
}

// place is the last entry of a jurisdiction that has a leaf.
func (w *sealer) place(ctx context.Context, jurisdiction string) (int64, error) {
	if at, ok := w.places[jurisdiction]; ok {
		return at, nil
	}
	at, err := lastSeq(ctx, w.DB, jurisdiction)
	if err == nil {
		w.places[jurisdiction] = at
	}
	return at, err
}

// newBatch makes leaves of entries.
func newBatch(jurisdiction string, after int64, leaf uint64, links []ledger.Link) (b batch, err error) {
	b = batch{jurisdiction: jurisdiction, seq: after + 1, leaf: leaf, salts: make([]byte, len(links)*tree.SaltSize)}
	if _, err := rand.Read(b.salts); err != nil {
		return b, err
	}
	for i, l := range links {
		if l.Seq != b.seq+int64(i) {
			return b, fault.New(fault.Internal, "entry %d of %s is missing in the ledger; run hustings audit verify", b.seq+int64(i), jurisdiction)
		}
		one := tree.Leaf(b.salt(i), jurisdiction, l.Seq, l.Hash)
		b.leaves = append(b.leaves, one[:]...)
	}
	return b, nil
}

// announce waits for the signature over all that is in, and keeps it.
func (w *sealer) announce(ctx context.Context) error {
	if now := w.sealed.Load(); now != nil && now.Size == w.log.size {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := w.log.published(within)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("no checkpoint was signed for 30 seconds: %w", err)
	}
	c.At = w.Now()
	err = w.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("what was sealed follows from the entries")
		if err := w.turn.Fenced(ctx, tx); err != nil {
			return err
		}
		return keepSealed(ctx, tx, w.Jurisdiction, c)
	})
	if err == nil {
		w.sealed.Store(&c)
	}
	return err
}

// Checkpoint is the newest signed checkpoint; it has the size 0 where nothing
// has been sealed yet. Pages that show it may ask as often as they like.
func (s *Audit) Checkpoint(ctx context.Context) (Sealed, error) {
	now := time.Now().UnixNano()
	if c := s.sealed.Load(); c != nil && now-s.asked.Load() < int64(time.Second) {
		return *c, nil
	}
	c, err := readSealed(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return c, err
	}
	s.asked.Store(now)
	if old := s.sealed.Load(); old == nil || old.Size <= c.Size {
		s.sealed.CompareAndSwap(old, &c)
	}
	return c, nil
}
