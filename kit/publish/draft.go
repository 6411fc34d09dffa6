// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"crypto/sha256"
	"net/textproto"
	"sync"

	"hustings/kit/fault"
)

// File is one file to publish.
type File struct {
	Path    string
	Body    []byte            // the shelf keeps it; it must not be changed afterwards
	Type    string            // content type; "" goes by the extension
	Cache   Cache             // how long caches may keep the current edition's copy
	Headers map[string]string // further headers, such as Content-Security-Policy for a page that may be embedded
	// Rare says that the file is one of thousands, each for a few readers, such
	// as the page of a precinct. It is packed with gzip alone, in half the time.
	Rare bool
}

// Draft is the next edition of a site while it is put together. Its methods
// may be called from many goroutines at once.
type Draft struct {
	shelf   *Shelf
	st      *site
	version int64             // 0: one above whatever is current
	base    *view             // what the draft was begun on; nil for the first edition
	known   map[packKey]place // bodies that earlier packs hold

	mu     sync.Mutex // guards everything below
	files  map[string]*drafted
	bodies map[bodyID]*packed
	whole  bool
	done   bool
}

// drafted is one file of a draft; nil in Draft.files is a file to remove.
type drafted struct {
	entry
	kind kind
	body *packed // nil when an earlier pack holds the body
}

// packed is a body that is packed once, however many files have it.
type packed struct {
	once   sync.Once
	stored stored
	err    error
}

// packKey names a body in the form in which it is stored: the same bytes are
// stored packed as text and plain as an image.
type packKey struct {
	sum     [sha256.Size]byte
	shrinks bool
}

// bodyID names a body that this draft packs.
type bodyID struct {
	packKey
	how packing
}

// Begin starts the next edition of a site on top of the current one.
func (s *Shelf) Begin(name string) (*Draft, error) {
	return s.begin(name, 0)
}

// BeginVersion starts an edition whose number the caller knows, because its
// database decides. Publishing a version again with the same content does
// nothing; with other content, or below the current version, it is refused.
func (s *Shelf) BeginVersion(name string, version int64) (*Draft, error) {
	if version < 1 {
		return nil, fault.New(fault.Invalid, "editions are numbered from 1, not %d", version)
	}
	return s.begin(name, version)
}

func (s *Shelf) begin(name string, version int64) (*Draft, error) {
	if s.opt.ReadOnly {
		return nil, fault.New(fault.Denied, "this folder of published pages was opened for reading only")
	}
	if err := checkSite(name); err != nil {
		return nil, err
	}
	st := s.site(name)
	d := &Draft{
		shelf: s, st: st, version: version, base: st.view.Load(),
		files: map[string]*drafted{}, bodies: map[bodyID]*packed{},
	}
	if d.base == nil {
		return d, nil
	}
	if version > 0 && version < d.base.pointer.Version {
		return nil, errLower(name, version, d.base.pointer.Version)
	}
	if st.problem.Load() != nil {
		return d, nil // some pack is damaged: every body is written anew
	}
	files := d.base.edition.manifest.files
	d.known = make(map[packKey]place, len(files))
	for i := range files {
		key := packKey{files[i].sum, shrinks(d.base.edition.manifest.Kinds[files[i].kind].Type)}
		d.known[key] = files[i].at
	}
	return d, nil
}

func errLower(name string, version, current int64) error {
	return fault.New(fault.Conflict, "edition %d of %s cannot be published: edition %d is already in front of the public", version, siteWord(name), current)
}

// Put adds or replaces a file. The body is packed before Put returns, so call
// it from as many goroutines as there are cores. body must not be changed
// afterwards.
func (d *Draft) Put(path string, body []byte) error {
	return d.PutFile(File{Path: path, Body: body})
}

// PutFile adds or replaces a file that needs more than Put can say.
func (d *Draft) PutFile(f File) error {
	if err := checkPath(f.Path); err != nil {
		return err
	}
	if len(f.Body) > maxBody {
		return fault.New(fault.TooLarge, "%s is larger than %d bytes", f.Path, maxBody)
	}
	k, err := f.kind()
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", f.Path)
	}
	file := &drafted{entry: entry{path: f.Path, sum: sha256.Sum256(f.Body), size: int64(len(f.Body))}, kind: k}
	if err := d.place(file, f.packing(k), func() (stored, error) { return pack(f.Body, f.packing(k)) }); err != nil {
		return err
	}
	return d.set(f.Path, file)
}

// place finds where an earlier pack holds a body, or has it packed.
func (d *Draft) place(file *drafted, how packing, do func() (stored, error)) (err error) {
	id := bodyID{packKey{file.sum, how != asIs}, how}
	var known bool
	if file.at, known = d.known[id.packKey]; !known {
		file.body, err = d.pack(id, do)
	}
	return err
}

func (f *File) packing(k kind) packing {
	switch {
	case !shrinks(k.Type):
		return asIs
	case f.Rare:
		return light
	}
	return smaller
}

func (f *File) kind() (kind, error) {
	k := kind{Type: f.Type, Cache: f.Cache}
	if k.Type == "" {
		k.Type = typeOf(f.Path)
	}
	for name, value := range f.Headers {
		if k.Headers == nil {
			k.Headers = make(map[string]string, len(f.Headers))
		}
		k.Headers[textproto.CanonicalMIMEHeaderKey(name)] = value
	}
	return k, k.check()
}

// pack packs a body, or waits for whoever is packing the same one.
func (d *Draft) pack(id bodyID, do func() (stored, error)) (*packed, error) {
	d.mu.Lock()
	p := d.bodies[id]
	if p == nil {
		p = &packed{}
		d.bodies[id] = p
	}
	d.mu.Unlock()
	p.once.Do(func() { p.stored, p.err = do() })
	return p, p.err
}

// Remove leaves a file of the previous edition out of this one. A file that is
// not there is no mistake.
func (d *Draft) Remove(path string) error {
	if err := checkPath(path); err != nil {
		return err
	}
	return d.set(path, nil)
}

func (d *Draft) set(path string, file *drafted) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return errDone
	}
	d.files[path] = file
	return nil
}

var errDone = fault.New(fault.Conflict, "this draft has been published already; begin another")

// Whole says that the draft is complete: files that were not put are dropped.
// Without it they are kept from the previous edition.
func (d *Draft) Whole() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.whole = true
}
