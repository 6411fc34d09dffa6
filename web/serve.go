// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed icon.svg
var icon []byte

// Handler serves the built files under /assets/, with /assets/icon.svg.
func Handler() http.Handler { return front.handler() }

func (f *files) handler() http.Handler {
	var mu sync.Mutex // guards ready
	ready := make(map[string]*served)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		if name == "icon.svg" {
			w.Header().Set("Content-Type", "image/svg+xml")
			w.Header().Set("Cache-Control", "public, max-age=86400")
			_, _ = w.Write(icon)
			return
		}
		mu.Lock()
		s, ok := ready[name]
		if !ok {
			if s = f.prepare(name); s != nil {
				ready[name] = s
			}
		}
		mu.Unlock()
		if s == nil {
			http.NotFound(w, r)
			return
		}
		s.serve(w, r)
	})
}

// served is a file as it goes over the wire, plain and gzipped.
type served struct {
	kind          string
	plain, zipped []byte
}

// prepare compresses the file with a hashed name, nil where there is none.
func (f *files) prepare(hashed string) *served {
	f.once.Do(f.read)
	for name, h := range f.names {
		if h != hashed {
			continue
		}
		_, body, err := f.asset(name)
		if err != nil {
			return nil
		}
		var z bytes.Buffer
		w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
		if err != nil {
			return nil
		}
		_, _ = w.Write(body) // a buffer does not fail
		_ = w.Close()
		return &served{mime.TypeByExtension(path.Ext(hashed)), body, z.Bytes()}
	}
	return nil
}

func (s *served) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", s.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable") // another content has another name
	h.Set("Vary", "Accept-Encoding")
	body := s.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = s.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
