// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// Header values that are the same for every response. Shared, so never changed.
var (
	varyEncoding = one("Accept-Encoding")
	acceptRanges = one("bytes")
	encodingOf   = [codings][]string{gzipped: one("gzip"), brotlied: one("br")}
)

// notFoundName is the file of an edition that is shown where there is no page.
const notFoundName = "404.html"

// Handler serves the shelf.
func (s *Shelf) Handler() http.Handler { return s }

// ServeHTTP answers a request with the published file at its path, or with the
// edition's own 404.html.
func (s *Shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.TryServe(w, r) {
		s.notFound(w, r)
	}
}

// TryServe answers a request if something is published at its path. Otherwise
// it writes nothing and returns false, so that another handler may answer.
func (s *Shelf) TryServe(w http.ResponseWriter, r *http.Request) bool {
	st, rest, bare := s.findSite(r.URL.Path)
	if st == nil {
		return false
	}
	v := st.view.Load()
	if bare {
		return v != nil && redirect(w, r, slashed(st.name), s.policy.short)
	}
	if rest == pointerName {
		return s.send(w, r, v.edition, v.page, v.page.sent.cache)
	}
	e, rest, archived := s.editionFor(r, st, v, rest)
	if e == nil {
		return false
	}
	p := e.pages[rest]
	switch {
	case rest == "" && archived && !strings.HasSuffix(r.URL.Path, "/"):
		return redirect(w, r, slashed(versionName(e.Version())), s.policy.forever)
	case p == nil:
		return false
	case p.redirect != "" && archived:
		return redirect(w, r, p.redirect, s.policy.forever)
	case p.redirect != "":
		return redirect(w, r, p.redirect, s.policy.short)
	case archived:
		return s.send(w, r, e, p, s.policy.forever)
	}
	return s.send(w, r, e, p, p.sent.cache)
}

// findSite finds the site with the longest name that the path lies under, and
// the rest of the path. bare says that the path is the site's own name without
// the slash that its relative links need.
func (s *Shelf) findSite(path string) (st *site, rest string, bare bool) {
	sites := *s.sites.Load()
	path = strings.TrimPrefix(path, "/")
	end := len(path)
	if end > maxSiteName {
		end = strings.LastIndexByte(path[:maxSiteName+1], '/') // a very long path costs no more than a long one
	}
	for ; end > 0; end = strings.LastIndexByte(path[:end], '/') {
		if st := sites[path[:end]]; st != nil && st.view.Load() != nil {
			if end == len(path) {
				return st, "", true
			}
			return st, path[end+1:], false
		}
	}
	if st := sites[""]; st != nil && st.view.Load() != nil {
		return st, path, false
	}
	return nil, "", false
}

// editionFor finds the edition that the rest of a path asks for: the current
// one, or with v12/ an archived one. It is nil where there is no such edition.
func (s *Shelf) editionFor(r *http.Request, st *site, v *view, rest string) (e *Edition, within string, archived bool) {
	if rest == "" || rest[0] != 'v' {
		return v.edition, rest, false
	}
	first, within, _ := strings.Cut(rest, "/")
	version, ok := versionOf(first)
	if !ok {
		return v.edition, rest, false
	}
	if version == v.pointer.Version {
		return v.edition, within, true
	}
	e, err := s.archive(r.Context(), st, v, version)
	if err != nil {
		return nil, "", true
	}
	return e, within, true
}

// send answers with a page, whole or in part, or says that the client has it.
func (s *Shelf) send(w http.ResponseWriter, r *http.Request, e *Edition, p *page, cache []string) bool {
	if !readMethod(w, r) {
		return true
	}
	h := w.Header()
	c := plain
	if p.forms[gzipped].there {
		addVary(h)
		if r.Header["Range"] == nil {
			c = choose(r.Header["Accept-Encoding"], &p.forms)
		}
	}
	form := &p.forms[c]
	h["Etag"] = form.etag
	h["Cache-Control"] = cache
	for _, x := range p.sent.headers {
		h[x.name] = x.value
	}
	if tags := r.Header["If-None-Match"]; tags != nil && matches(tags, form.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	h["Content-Type"] = p.sent.contentType
	if c == plain {
		h["Accept-Ranges"] = acceptRanges
		return s.sendPlain(w, r, e, p)
	}
	h["Content-Encoding"] = encodingOf[c]
	return s.sendWhole(w, r, e, p, c, http.StatusOK)
}

// readMethod answers anything but GET and HEAD.
func readMethod(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "This address can only be read.", http.StatusMethodNotAllowed)
	return false
}

// addVary keeps what a layer in front has said already.
func addVary(h http.Header) {
	if have := h["Vary"]; len(have) > 0 {
		h["Vary"] = append(have[:len(have):len(have)], varyEncoding[0])
		return
	}
	h["Vary"] = varyEncoding
}

// sendPlain answers with plain bytes, or with the ranges of them that were
// asked for.
func (s *Shelf) sendPlain(w http.ResponseWriter, r *http.Request, e *Edition, p *page) bool {
	if r.Header["Range"] == nil && (p.size <= bigFile || r.Method == http.MethodHead) {
		return s.sendWhole(w, r, e, p, plain, http.StatusOK)
	}
	body, done, err := s.seekable(r.Context(), e, p)
	if err != nil {
		return r.Context().Err() != nil || s.broken(w, e, p, err)
	}
	defer done()
	http.ServeContent(w, r, p.path, time.Time{}, body)
	return true
}

// seekable gives the plain body of a page for reading by position: a big one
// from disk, any other from memory.
func (s *Shelf) seekable(ctx context.Context, e *Edition, p *page) (body io.ReadSeeker, done func(), err error) {
	switch {
	case p.at.raw > bigFile:
		r, f, err := e.onDisk(p)
		return r, func() { f.Close() }, err
	case p.size > bigFile:
		return s.copies.open(ctx, s, e, p)
	}
	b, err := s.body(e, p, plain)
	return bytes.NewReader(b), func() {}, err
}

func (s *Shelf) sendWhole(w http.ResponseWriter, r *http.Request, e *Edition, p *page, c coding, status int) bool {
	w.Header()["Content-Length"] = p.forms[c].length
	if r.Method == http.MethodHead {
		w.WriteHeader(status)
		return true
	}
	body, err := s.body(e, p, c)
	if err != nil {
		return s.broken(w, e, p, err)
	}
	w.WriteHeader(status)
	w.Write(body) // a client that went away is no concern of ours
	return true
}

// broken answers where the disk has let us down. Nobody may keep that answer.
func (s *Shelf) broken(w http.ResponseWriter, e *Edition, p *page, err error) bool {
	s.opt.Log.Error("published file unreadable", "site", e.st.name, "version", e.Version(), "path", p.path, "error", err)
	h := w.Header()
	for _, name := range []string{"Etag", "Content-Encoding", "Content-Length", "Accept-Ranges"} {
		delete(h, name)
	}
	h.Set("Cache-Control", "no-store")
	http.Error(w, "This page cannot be read at the moment. Please try again later.", http.StatusServiceUnavailable)
	return true
}

// redirect sends the client to the same address with a slash at its end.
func redirect(w http.ResponseWriter, r *http.Request, to string, cache []string) bool {
	if !readMethod(w, r) {
		return true
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	h := w.Header()
	h["Cache-Control"] = cache
	h["Location"] = []string{to}
	w.WriteHeader(http.StatusMovedPermanently)
	return true
}

// notFound shows the 404.html of the edition that was asked for, or else of the
// site, or else of the root site.
func (s *Shelf) notFound(w http.ResponseWriter, r *http.Request) {
	if !readMethod(w, r) {
		return
	}
	h := w.Header()
	h["Cache-Control"] = s.policy.short
	st, _, _ := s.findSite(r.URL.Path)
	for _, try := range []*site{st, (*s.sites.Load())[""]} {
		if try == nil || try.view.Load() == nil {
			continue
		}
		e := try.view.Load().edition
		p := e.pages[notFoundName]
		if p == nil || p.size > bigFile {
			continue
		}
		for _, x := range p.sent.headers {
			h[x.name] = x.value
		}
		h["Content-Type"] = p.sent.contentType
		c := choose(r.Header["Accept-Encoding"], &p.forms)
		addVary(h)
		if c != plain {
			h["Content-Encoding"] = encodingOf[c]
		}
		s.sendWhole(w, r, e, p, c, http.StatusNotFound)
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	io.WriteString(w, "There is no such page.\n")
}
