// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"net/http"
	"strings"
	"time"
)

// laneBody is the largest body that the lane sends: a slow client must be able
// to take it within laneIdle.
const laneBody = 256 << 10

var headMark = []byte("\r\n\r\n")

// headEnd finds the end of a request head, looking from a position on.
func headEnd(in []byte, from int) int {
	if i := bytes.Index(in[from:], headMark); i >= 0 {
		return from + i + len(headMark)
	}
	return 0
}

// laneRequest is all that the lane needs to know of a request.
type laneRequest struct {
	path           string
	acceptEncoding [1]string
	ifNoneMatch    [1]string
}

// readLaneRequest reads a request head of the simple kind. It is stricter than
// any client needs: whatever is not plainly harmless is left to net/http, so
// there is only one opinion on how to read an unusual request.
func readLaneRequest(head []byte) (r laneRequest, ok bool) {
	text := string(head[:len(head)-len("\r\n")])
	line, rest, _ := strings.Cut(text, "\r\n")
	target, ok := strings.CutPrefix(line, "GET ")
	if !ok {
		return r, false
	}
	if r.path, ok = strings.CutSuffix(target, " HTTP/1.1"); !ok || !plainPath(r.path) {
		return r, false
	}
	hosts := 0
	for rest != "" {
		line, rest, _ = strings.Cut(rest, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		if !ok || !token(name) || !plainHeaderValue(value) {
			return r, false
		}
		switch len(name) { // a quick look first: most headers are none of these
		case 4, 5, 6, 7, 8, 10, 13, 14, 15, 17, 19:
			if !r.take(name, strings.Trim(value, " \t"), &hosts) {
				return r, false
			}
		}
	}
	return r, hosts == 1
}

// take reads the headers that matter; false hands the request on.
func (r *laneRequest) take(name, value string, hosts *int) bool {
	is := func(want string) bool { return strings.EqualFold(name, want) }
	switch {
	case is("Host"):
		*hosts++
		return plainHost(value)
	case is("Accept-Encoding"):
		first := r.acceptEncoding[0] == ""
		r.acceptEncoding[0] = value
		return first
	case is("If-None-Match"):
		first := r.ifNoneMatch[0] == ""
		r.ifNoneMatch[0] = value
		return first
	case is("Connection"):
		return strings.EqualFold(value, "keep-alive")
	case is("Range"), is("If-Range"), is("If-Match"), is("If-Unmodified-Since"), is("Content-Length"),
		is("Transfer-Encoding"), is("Expect"), is("Upgrade"), is("Trailer"), is("HTTP2-Settings"):
		return false
	}
	return true
}

// plainPath says whether a path is an absolute one that means what it says,
// without escapes, queries or empty parts at its start.
func plainPath(p string) bool {
	if p == "" || p[0] != '/' || strings.HasPrefix(p, "//") {
		return false
	}
	for i := range len(p) {
		if !pathByte[p[i]] {
			return false
		}
	}
	return true
}

func plainHost(h string) bool {
	for i := range len(h) {
		if c := h[i]; !pathByte[c] && c != '[' && c != ']' || c == '/' || c == '@' {
			return false
		}
	}
	return h != ""
}

// pathByte are RFC 3986's pchar without "%", and the slash.
var pathByte = func() (ok [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/" {
		ok[c] = true
	}
	return ok
}()

// answer writes the head of an answer into w.head and returns the body. It
// says what TryServe would say; false where the lane has no answer.
func (w *laneConn) answer(r *laneRequest) (body []byte, ok bool) {
	p := w.lane.shelf.current(r.path)
	if p == nil {
		return nil, false
	}
	c := plain
	if p.forms[gzipped].there && r.acceptEncoding[0] != "" {
		c = choose(r.acceptEncoding[:], &p.forms)
	}
	form := &p.forms[c]
	if r.ifNoneMatch[0] != "" && matches(r.ifNoneMatch[:], form.etag[0]) {
		w.start("HTTP/1.1 304 Not Modified\r\n", p, form)
		w.head = append(w.head, "\r\n"...)
		return nil, true
	}
	body = p.inMemory(c)
	if len(body) == 0 && p.size > 0 || len(body) > laneBody {
		return nil, false
	}
	w.start("HTTP/1.1 200 OK\r\n", p, form)
	w.line("Content-Type", p.sent.contentType[0])
	w.line("Content-Length", form.length[0])
	if c == plain {
		w.line("Accept-Ranges", "bytes")
	} else {
		w.line("Content-Encoding", codingName[c])
	}
	w.head = append(w.head, "\r\n"...)
	return body, true
}

// current finds the file of a current edition that lies at a path; nil for
// anything that takes more thought.
func (s *Shelf) current(path string) *page {
	st, rest, bare := s.findSite(path)
	if st == nil || bare {
		return nil
	}
	v := st.view.Load()
	if rest == pointerName {
		return v.page
	}
	p := v.edition.pages[rest]
	if p == nil || p.redirect != "" {
		return nil
	}
	return p
}

// start writes what every answer has.
func (w *laneConn) start(status string, p *page, form *form) {
	w.head = append(w.head[:0], status...)
	w.head = append(w.head, w.lane.dateAt(w.at).text...)
	w.line("Etag", form.etag[0])
	w.line("Cache-Control", p.sent.cache[0])
	if p.forms[gzipped].there {
		w.line("Vary", varyEncoding[0])
	}
	for _, h := range p.sent.headers {
		w.line(h.name, h.value[0])
	}
	for _, h := range w.lane.headers {
		if p.sent.has(h.name) {
			continue
		}
		for _, value := range h.value {
			w.line(h.name, value)
		}
	}
}

func (k *sent) has(name string) bool {
	for i := range k.headers {
		if k.headers[i].name == name {
			return true
		}
	}
	return false
}

func (w *laneConn) line(name, value string) {
	w.head = append(w.head, name...)
	w.head = append(w.head, ": "...)
	w.head = append(w.head, value...)
	w.head = append(w.head, "\r\n"...)
}

// dateLine is the Date header of one second.
type dateLine struct {
	second int64
	text   string
}

// dateAt is the Date header. It is the machine's clock and not the house's:
// caches compare it with their own.
func (l *Lane) dateAt(t time.Time) *dateLine {
	d := l.date.Load()
	if d == nil || d.second != t.Unix() {
		d = &dateLine{t.Unix(), "Date: " + t.UTC().Format(http.TimeFormat) + "\r\n"}
		l.date.Store(d)
	}
	return d
}
