// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"context"
	"crypto/sha256"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"hustings/kit/fault"
)

// Edition is one published edition of a site. It never changes.
type Edition struct {
	st       *site
	manifest *manifest
	sum      string // of the manifest
	kinds    []sent
	pages    map[string]*page // by the address within the site, also "" and "folder/" for index.html
}

// editionKey names an edition in the cache of archived ones.
type editionKey struct {
	site    string
	version int64
}

// coding is a form in which a body can be sent.
type coding uint8

const (
	plain coding = iota
	gzipped
	brotlied
	codings
)

var codingName = [codings]string{"", "gzip", "br"}

// page is one address: a file, or a redirect to the same address with a slash.
type page struct {
	*entry
	sent     *sent
	stored   stored // in memory for the current edition, empty for an archived one
	forms    [codings]form
	redirect string
}

// form is a body as it is sent, with the header values that only it has.
type form struct {
	there  bool
	etag   []string
	length []string
}

// sent holds the header values that a kind of file has in common. They are
// put into responses as they are and must never be changed.
type sent struct {
	contentType []string
	cache       []string // for the current edition
	headers     []header
}

type header struct {
	name  string
	value []string
}

func one(s string) []string { return []string{s}[:1:1] }

// policies are the Cache-Control values of a shelf.
type policies struct {
	pointer, short, forever []string
}

func (o Options) policies() policies {
	short := func(fresh, stale time.Duration) []string {
		return one("public, max-age=" + strconv.Itoa(int(fresh.Seconds())) + ", stale-while-revalidate=" + strconv.Itoa(int(stale.Seconds())))
	}
	return policies{
		pointer: short(o.PointerMaxAge, o.PointerStale),
		short:   short(o.PageMaxAge, o.PageStale),
		forever: one("public, max-age=31536000, immutable"),
	}
}

func (p policies) of(c Cache) []string {
	if c == Forever {
		return p.forever
	}
	return p.short
}

// newEdition makes the table of addresses. bodies gives what is already in
// memory; nil leaves every body on disk, as for an archived edition.
func (s *Shelf) newEdition(st *site, m *manifest, sum string, bodies []stored) *Edition {
	e := &Edition{st: st, manifest: m, sum: sum, kinds: make([]sent, len(m.Kinds)), pages: make(map[string]*page, len(m.files)*9/8)}
	for i, k := range m.Kinds {
		e.kinds[i] = sent{contentType: one(k.Type), cache: s.policy.of(k.Cache)}
		for name, value := range k.Headers {
			e.kinds[i].headers = append(e.kinds[i].headers, header{name, one(value)})
		}
	}
	pages := make([]page, len(m.files))
	for i := range m.files {
		p := &pages[i]
		p.entry, p.sent = &m.files[i], &e.kinds[m.files[i].kind]
		if bodies != nil {
			p.stored = bodies[i]
		}
		p.makeForms()
		e.pages[p.path] = p
		e.addIndex(p)
	}
	return e
}

// addIndex gives a folder's index.html the address of the folder.
func (e *Edition) addIndex(p *page) {
	dir, ok := strings.CutSuffix(p.path, "index.html")
	if !ok || dir != "" && dir[len(dir)-1] != '/' {
		return
	}
	e.pages[dir] = p
	if dir != "" {
		bare := dir[:len(dir)-1]
		e.pages[bare] = &page{sent: p.sent, redirect: slashed(bare)}
	}
}

// slashed is the relative address that adds the slash: it stays right when the
// shelf is mounted below some other path.
func slashed(bare string) string {
	return "./" + url.PathEscape(path.Base(bare)) + "/"
}

func (p *page) makeForms() {
	at := &p.at
	tag := sumText.EncodeToString(p.sum[:12])
	p.forms[plain] = form{true, one(`"` + tag + `"`), one(strconv.FormatInt(p.size, 10))}
	if at.gz > 0 {
		p.forms[gzipped] = form{true, one(`"` + tag + `-g"`), one(strconv.FormatInt(at.gz, 10))}
	}
	if at.br > 0 {
		p.forms[brotlied] = form{true, one(`"` + tag + `-b"`), one(strconv.FormatInt(at.br, 10))}
	}
}

// inMemory is the body of a form, empty where it is not in memory.
func (p *page) inMemory(c coding) []byte {
	switch c {
	case gzipped:
		return p.stored.gz
	case brotlied:
		return p.stored.br
	}
	return p.stored.raw
}

// bodyKey names a body in the cache: where it lies and in which form.
type bodyKey struct {
	site string
	sum  [sha256.Size]byte
	form coding
}

// body is the body of a form, from memory, from the cache, or from disk.
func (s *Shelf) body(e *Edition, p *page, c coding) ([]byte, error) {
	if b := p.inMemory(c); len(b) > 0 || p.size == 0 {
		return b, nil
	}
	key := bodyKey{e.st.name, p.sum, c}
	if b, ok := s.bodies.get(key); ok {
		return b, nil
	}
	b, err := s.fetch(e, p, c)
	if err == nil {
		s.bodies.put(key, b, int64(len(b)))
	}
	return b, err
}

func (s *Shelf) fetch(e *Edition, p *page, c coding) ([]byte, error) {
	have := p.stored
	if have.size() == 0 {
		from := packs{st: e.st}
		defer from.close()
		var err error
		if have, err = from.read(p.entry); err != nil {
			return nil, err
		}
	}
	loaded := page{entry: p.entry, stored: have}
	if b := loaded.inMemory(c); len(b) > 0 {
		return b, nil
	}
	return unpackGzip(have.gz, p.size)
}

// onDisk opens the plain body of a big file where it lies in its pack.
func (e *Edition) onDisk(p *page) (*io.SectionReader, io.Closer, error) {
	from := packs{st: e.st}
	f, err := from.pack(p.at.pack)
	if err != nil {
		return nil, nil, err
	}
	return io.NewSectionReader(f, p.at.off, p.at.raw), f, nil
}

// readBodies reads every body of a manifest, taking those that an earlier
// edition has in memory from there. It goes on past damage and returns the
// first error with all that could be read.
func (st *site) readBodies(m *manifest, earlier *Edition) (bodies []stored, damage error) {
	bodies = make([]stored, len(m.files))
	from := packs{st: st}
	defer from.close()
	for i := range m.files {
		f := &m.files[i]
		if earlier != nil {
			if p := earlier.pages[f.path]; p != nil && p.entry != nil && p.at == f.at && p.sum == f.sum {
				bodies[i] = p.stored
				continue
			}
		}
		var err error
		if bodies[i], err = from.read(f); err != nil && damage == nil {
			damage = err
		}
	}
	return bodies, damage
}

// Edition finds an edition of a site; version 0 is the current one.
func (s *Shelf) Edition(ctx context.Context, name string, version int64) (*Edition, error) {
	st := (*s.sites.Load())[name]
	if st == nil || st.view.Load() == nil {
		return nil, fault.New(fault.NotFound, "nothing has been published for %s", siteWord(name))
	}
	v := st.view.Load()
	if version == 0 || version == v.pointer.Version {
		return v.edition, nil
	}
	return s.archive(ctx, st, v, version)
}

// archive reads the list of files of an earlier edition, or finds it among
// those read lately.
func (s *Shelf) archive(ctx context.Context, st *site, v *view, version int64) (*Edition, error) {
	gone := func() error {
		return fault.New(fault.NotFound, "there is no edition %d of %s", version, siteWord(st.name))
	}
	if version < 1 || version > v.pointer.Version {
		return nil, gone()
	}
	key := editionKey{st.name, version}
	if e, ok := s.archived.get(key); ok {
		return e, nil
	}
	select {
	case s.loading <- struct{}{}:
		defer func() { <-s.loading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if e, ok := s.archived.get(key); ok {
		return e, nil
	}
	m, sum, err := st.readManifest(version, "")
	if missing(err) {
		return nil, gone()
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "edition %d of %s is damaged", version, siteWord(st.name))
	}
	e := s.newEdition(st, m, sum, nil)
	s.archived.put(key, e, 1)
	return e, nil
}

// Version is the number of the edition.
func (e *Edition) Version() int64 { return e.manifest.Version }

// Pointer is the pointer with which the edition was published.
func (e *Edition) Pointer() Pointer {
	p := e.manifest.Pointer
	p.Manifest = e.sum
	return p
}

// Paths lists the files of the edition, sorted.
func (e *Edition) Paths() []string {
	paths := make([]string, len(e.manifest.files))
	for i := range e.manifest.files {
		paths[i] = e.manifest.files[i].path
	}
	return paths
}

// Read gives one file as it was handed to the draft.
func (s *Shelf) Read(ctx context.Context, name string, version int64, path string) (File, error) {
	e, err := s.Edition(ctx, name, version)
	if err != nil {
		return File{}, err
	}
	p := e.pages[path]
	if p == nil || p.entry == nil || p.path != path {
		return File{}, fault.New(fault.NotFound, "edition %d of %s has no file %s", e.Version(), siteWord(name), path)
	}
	return s.file(e, p)
}

func (s *Shelf) file(e *Edition, p *page) (File, error) {
	k := e.manifest.Kinds[p.kind]
	f := File{Path: p.path, Type: k.Type, Cache: k.Cache, Headers: k.Headers}
	var err error
	if p.at.raw > bigFile {
		f.Body, err = e.readDisk(p)
	} else {
		f.Body, err = s.body(e, p, plain)
	}
	return f, err
}

func (e *Edition) readDisk(p *page) ([]byte, error) {
	r, f, err := e.onDisk(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(r)
}

// Check reads every body of an edition from disk and compares each of its
// forms with the checksum of the plain body. Version 0 is the current edition.
func (s *Shelf) Check(ctx context.Context, name string, version int64) error {
	e, err := s.Edition(ctx, name, version)
	if err != nil {
		return err
	}
	from := packs{st: e.st}
	defer from.close()
	for i := range e.manifest.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := &e.manifest.files[i]
		if err := from.check(f); err != nil {
			return fault.Wrap(fault.Internal, err, "edition %d of %s: %s is damaged", e.Version(), siteWord(name), f.path)
		}
	}
	return nil
}

func (p *packs) check(e *entry) error {
	have, err := p.read(e)
	if err != nil {
		return err
	}
	if e.at.raw > 0 || e.size == 0 {
		f, err := p.pack(e.at.pack)
		if err != nil {
			return err
		}
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(f, e.at.off, e.at.raw)); err != nil {
			return err
		}
		if [sha256.Size]byte(h.Sum(nil)) != e.sum {
			return fault.New(fault.Internal, "the plain body does not match its checksum")
		}
	}
	return errFirst(
		checkPacked(e, have.gz, "gzip", unpackGzip),
		checkPacked(e, have.br, "brotli", unpackBrotli))
}

func checkPacked(e *entry, body []byte, name string, unpack func([]byte, int64) ([]byte, error)) error {
	if len(body) == 0 {
		return nil
	}
	raw, err := unpack(body, e.size)
	if err != nil {
		return err
	}
	if sha256.Sum256(raw) != e.sum {
		return fault.New(fault.Internal, "the %s body does not match its checksum", name)
	}
	return nil
}

func errFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
