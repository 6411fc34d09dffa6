// SPDX-License-Identifier: Apache-2.0

// Package publish puts in front of the public what the public reads: immutable,
// numbered editions of rendered files, and a tiny pointer that says which one
// is current. It needs no database; a folder is enough to serve from.
//
//	draft -> pack and manifest on disk -> pointer swapped -> served from memory
//
// A shelf holds sites; a site's name is the path its pages live under, such as
// results/2026-11-03-general, or "" for the root of the address.
//
//	shelf, err := publish.Open(dir, publish.Options{})
//	draft, err := shelf.Begin("results/2026-11-03-general")
//	err = draft.Put("index.html", page)
//	done, err := draft.Commit(ctx, publish.Pointer{Status: "unofficial-partial"})
//	http.Handle("/", shelf)
//
// Addresses, for a site S:
//
//	/S/current.json     the pointer: version, time, status, when to ask again
//	/S/a/page.html      the current edition; kept a few seconds by caches
//	/S/v12/a/page.html  edition 12; it never changes, caches keep it for a year
//
// Lane answers the plainest requests at the cost of nginx. Export copies editions
// to a folder or bucket that any static host can serve. Check compares every
// byte of an edition with its checksum.
//
// On disk a site is one folder:
//
//	v12.pack       the bodies that edition 12 brought (gzip and brotli, or plain)
//	v12.manifest   every file of edition 12: checksum, size, and where its body is
//	current.json   the pointer, written last and swapped in one step
//
// A body that did not change stays in the pack that first held it, so a small
// update writes a small pack. Editions are never removed: an address that was
// printed in a newspaper stays good.
//
// Whatever is damaged on disk is found by its checksum, told by Problems and in
// the log, and stood in for by the newest edition that is whole; publishing a
// whole edition heals it.
package publish

import (
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hustings/kit/fault"
)

// Options are the settings of a shelf. The zero value works.
type Options struct {
	ReadOnly      bool             // serve and follow only: never write, clean or lock
	PointerMaxAge time.Duration    // how long caches may keep current.json; 10 s
	PointerStale  time.Duration    // how long they may show it while they ask again; 60 s
	PageMaxAge    time.Duration    // how long caches may keep a current page; 10 s
	PageStale     time.Duration    // how long they may show it while they ask again; 60 s
	Poll          time.Duration    // how often to look for editions of other processes; 1 s, negative: never
	CacheBytes    int64            // memory for archived and unpacked bodies; 32 MB
	Archived      int              // archived editions whose list of files is kept in memory; 8
	Now           func() time.Time // dates a pointer that has none; time.Now
	Log           *slog.Logger     // hears about damage and new editions; slog.Default
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		of   *time.Duration
		want time.Duration
	}{
		{&o.PointerMaxAge, 10 * time.Second}, {&o.PointerStale, time.Minute},
		{&o.PageMaxAge, 10 * time.Second}, {&o.PageStale, time.Minute},
		{&o.Poll, time.Second},
	} {
		if *d.of == 0 {
			*d.of = d.want
		}
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 32 << 20
	}
	if o.Archived == 0 {
		o.Archived = 8
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Shelf is a folder of published sites and what it takes to serve them.
type Shelf struct {
	dir      string
	opt      Options
	policy   policies
	sites    atomic.Pointer[map[string]*site] // replaced, never changed, so that readers need no lock
	adding   sync.Mutex                       // guards the replacing of sites
	bodies   *lru[bodyKey, []byte]
	archived *lru[editionKey, *Edition]
	copies   *plainCopies
	loading  chan struct{}     // one archived edition is read at a time, so that a crawler cannot take every core
	after    func(step string) // set by tests, to stop a commit on its way
	stop     chan struct{}
	stopped  sync.WaitGroup
}

// site is one published site.
type site struct {
	name, dir string
	mu        sync.Mutex           // held while view is replaced: by a commit or by the follower
	view      atomic.Pointer[view] // nil until the first edition
	seen      []byte               // the pointer file as last read; guarded by mu
	tried     time.Time            // when it was last read; guarded by mu
	problem   atomic.Pointer[Problem]
}

// view is what the public sees of a site at one moment.
type view struct {
	pointer Pointer
	page    *page // the pointer as it is served
	edition *Edition
	// announced is the version that the pointer on disk names, 0 for a pointer
	// that cannot be read. It differs from pointer.Version only while there is
	// damage and another edition stands in.
	announced int64
}

// Problem is damage found on the shelf. The site stays up with the newest
// edition that is whole, if there is one.
type Problem struct {
	Site    string
	Version int64 // the damaged edition; 0 when it is the pointer itself
	Serving int64 // the edition that stands in; 0 for none
	Err     error
}

// Open opens a folder of published sites, reads every current edition into
// memory and checks it. Damage does not stop it: see Problems.
func Open(dir string, opt Options) (*Shelf, error) {
	s := &Shelf{dir: dir, opt: opt.withDefaults(), stop: make(chan struct{}), loading: make(chan struct{}, 1)}
	s.policy = s.opt.policies()
	s.bodies = newLRU[bodyKey, []byte](s.opt.CacheBytes)
	s.archived = newLRU[editionKey, *Edition](int64(s.opt.Archived))
	s.copies = newPlainCopies(copiesBytes)
	s.sites.Store(&map[string]*site{})
	if !s.opt.ReadOnly {
		if err := makeDir(dir); err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, "the folder for published pages %s cannot be made", dir)
		}
	}
	if err := s.find(); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the folder of published pages %s cannot be read", dir)
	}
	for _, st := range *s.sites.Load() {
		if !s.opt.ReadOnly {
			st.clean()
		}
		s.follow(st)
	}
	if s.opt.Poll > 0 {
		s.stopped.Add(1)
		go s.poll()
	}
	return s, nil
}

// Close stops looking for new editions. Pages stay readable.
func (s *Shelf) Close() error {
	close(s.stop)
	s.stopped.Wait()
	return nil
}

// Sites lists the names of all sites that have an edition, in order.
func (s *Shelf) Sites() []string {
	var names []string
	for name, st := range *s.sites.Load() {
		if st.view.Load() != nil {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// Current is the pointer of a site, and whether the site has one.
func (s *Shelf) Current(name string) (Pointer, bool) {
	st := (*s.sites.Load())[name]
	if st == nil {
		return Pointer{}, false
	}
	v := st.view.Load()
	if v == nil {
		return Pointer{}, false
	}
	return v.pointer, true
}

// Problems lists the damage that is known, in order of the sites. A shelf in
// good order has none.
func (s *Shelf) Problems() []Problem {
	var all []Problem
	for _, st := range *s.sites.Load() {
		if p := st.problem.Load(); p != nil {
			all = append(all, *p)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Site < all[j].Site })
	return all
}

// site returns the named site, making it (in memory only) where it is new.
func (s *Shelf) site(name string) *site {
	s.adding.Lock()
	defer s.adding.Unlock()
	old := *s.sites.Load()
	if st := old[name]; st != nil {
		return st
	}
	sites := make(map[string]*site, len(old)+1)
	for n, st := range old {
		sites[n] = st
	}
	st := &site{name: name, dir: filepath.Join(s.dir, folderOf(name))}
	sites[name] = st
	s.sites.Store(&sites)
	return st
}

// find adds the sites that have a folder.
func (s *Shelf) find() error {
	folders, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, f := range folders {
		if name, ok := nameOf(f.Name()); ok && f.IsDir() {
			s.site(name)
		}
	}
	return nil
}

// folderOf is the folder of a site: its name with "~" for "/", and "~" for the
// root. A name never holds "~", so the way back is unambiguous.
func folderOf(name string) string {
	if name == "" {
		return "~"
	}
	return strings.ReplaceAll(name, "/", "~")
}

func nameOf(folder string) (string, bool) {
	if folder == "~" {
		return "", true
	}
	name := strings.ReplaceAll(folder, "~", "/")
	return name, checkSite(name) == nil
}
