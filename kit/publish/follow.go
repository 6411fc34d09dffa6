// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"time"

	"hustings/kit/fault"
)

// retryDamaged is how long a damaged edition rests before it is read again. It
// may only be half copied, so it is worth another look, but not a whole core.
const retryDamaged = 5 * time.Second

// poll looks for editions that another process has published. It reads each
// pointer anew, a few hundred bytes: that works on every file system, shared
// ones included, where notifications do not.
func (s *Shelf) poll() {
	defer s.stopped.Done()
	tick := time.NewTicker(s.opt.Poll)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.Refresh()
		}
	}
}

// Refresh looks for editions of other processes now, as the shelf otherwise
// does each second. While the folder cannot be read everything stays as it is.
func (s *Shelf) Refresh() {
	if err := s.find(); err != nil {
		return
	}
	for _, st := range *s.sites.Load() {
		s.follow(st)
	}
}

// follow brings a site to the edition that its pointer on disk names.
func (s *Shelf) follow(st *site) {
	st.mu.Lock()
	defer st.mu.Unlock()
	s.followLocked(st)
}

func (s *Shelf) followLocked(st *site) {
	p, data, err := st.readPointer()
	if missing(err) && len(st.versions()) <= 1 {
		return // nothing published yet, or the first publication did not finish
	}
	same := !st.tried.IsZero() && bytes.Equal(data, st.seen)
	if same && data != nil && st.problem.Load() == nil || same && time.Since(st.tried) < retryDamaged {
		return
	}
	st.seen, st.tried = data, time.Now()
	if err == nil {
		if err = s.show(st, p, data); err == nil {
			if st.problem.Swap(nil) != nil {
				s.opt.Log.Info("published edition repaired", "site", st.name, "version", p.Version)
			}
			return
		}
	}
	s.standIn(st, p.Version, err, data != nil)
}

// show reads the edition that p names and puts it in front of the public.
func (s *Shelf) show(st *site, p Pointer, data []byte) error {
	m, sum, err := st.readManifest(p.Version, p.Manifest)
	if err != nil {
		return err
	}
	var earlier *Edition
	if v := st.view.Load(); v != nil {
		earlier = v.edition
	}
	bodies, err := st.readBodies(m, earlier)
	if err != nil {
		return err
	}
	st.view.Store(s.newView(s.newEdition(st, m, sum, bodies), p, data))
	return nil
}

// standIn handles damage: what is in front of the public stays; where there is
// nothing yet, the newest edition that is whole stands in. Without any pointer
// nothing does, because nothing says that those editions were ever published.
func (s *Shelf) standIn(st *site, announced int64, cause error, pointed bool) {
	v := st.view.Load()
	if v == nil && pointed {
		v = s.newestWhole(st, announced)
	} else if v != nil && v.announced != announced {
		stale := *v
		stale.announced = announced
		v = &stale
	}
	problem := Problem{Site: st.name, Version: announced, Err: cause}
	if v != nil {
		st.view.Store(v)
		problem.Serving = v.pointer.Version
	}
	if old := st.problem.Swap(&problem); old == nil || old.Version != announced {
		s.opt.Log.Error("published edition damaged", "site", st.name, "version", announced, "serving", problem.Serving, "error", cause)
	}
}

// newestWhole finds the newest edition below the announced one of which every
// body is whole. Where no edition is, the newest that has a list of files must
// do: a site with one broken page is better than no site.
func (s *Shelf) newestWhole(st *site, announced int64) *view {
	var best *Edition
	for _, n := range st.versions() {
		if announced > 0 && n > announced {
			continue // never announced
		}
		m, sum, err := st.readManifest(n, "")
		if err != nil {
			continue
		}
		bodies, err := st.readBodies(m, nil)
		if err == nil {
			best = s.newEdition(st, m, sum, bodies)
			break
		}
		if best == nil {
			best = s.newEdition(st, m, sum, bodies) // with what could be read
		}
	}
	if best == nil {
		return nil
	}
	data, err := best.Pointer().encode()
	if err != nil {
		return nil
	}
	v := s.newView(best, best.Pointer(), data)
	v.announced = announced
	return v
}

// newView joins an edition and its pointer as the public sees them.
func (s *Shelf) newView(e *Edition, p Pointer, data []byte) *view {
	return &view{pointer: p, page: s.pointerPage(data), edition: e, announced: p.Version}
}

// damaged says why only a whole edition may be published now, nil when all is well.
func (st *site) damaged() error {
	p := st.problem.Load()
	if p == nil {
		return nil
	}
	return fault.Wrap(fault.Conflict, p.Err, "edition %d of %s is damaged on disk; publish a whole edition", p.Version, siteWord(st.name))
}
