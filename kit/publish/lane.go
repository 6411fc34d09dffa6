// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// LaneOptions are what a layer in front of the shelf would have done.
type LaneOptions struct {
	// Headers are put into every answer, such as the security headers; a file's
	// own header of the same name wins.
	Headers http.Header
	// Admit is asked for every request; false hands the connection to the
	// http.Server, which may refuse it properly. Nil admits all.
	Admit func(remote net.Addr) bool
	// Served hears the path of every request that the lane has answered, as a
	// handler around the shelf would. It is called from many goroutines and must
	// be quick.
	Served func(path string)
}

// Lane is a fast lane in front of an http.Server: a listener that answers the
// simplest and by far most frequent requests itself, and hands every other
// connection on, as if it had not been read from.
//
//	srv.Serve(shelf.Lane(listener, publish.LaneOptions{Headers: security}))
//
// What it answers is a plain GET over HTTP/1.1 for a file of a current edition
// that is in memory. Anything with a body, a query, a range, an escape, an
// unusual header, a redirect or an archived edition is handed on, and so is
// every TLS connection. net/http spends more than half of its time per request
// on generality that such a request does not need; see bench/serve.
//
// A published file wins over a route of the http.Server with the same path.
type Lane struct {
	shelf   *Shelf
	inner   net.Listener
	opt     LaneOptions
	headers []header
	date    atomic.Pointer[dateLine]
	slow    chan handed
	closed  chan struct{}

	mu      sync.Mutex // guards everything below
	conns   map[net.Conn]struct{}
	closing bool
	serving sync.WaitGroup
}

// handed is what Accept returns.
type handed struct {
	conn net.Conn
	err  error
}

// laneIdle is how long a connection may be silent, or a client may take for
// one answer. It is renewed only now and then, which saves a lock per request.
const (
	laneIdle  = 75 * time.Second
	laneRenew = 5 * time.Second
	laneWait  = 2 * time.Second // for answers under way when the lane is closed
)

// Lane puts a fast lane in front of a listener.
func (s *Shelf) Lane(inner net.Listener, opt LaneOptions) *Lane {
	l := &Lane{
		shelf: s, inner: inner, opt: opt,
		slow: make(chan handed), closed: make(chan struct{}), conns: map[net.Conn]struct{}{},
	}
	for name, values := range opt.Headers {
		l.headers = append(l.headers, header{name, values})
	}
	sort.Slice(l.headers, func(i, j int) bool { return l.headers[i].name < l.headers[j].name })
	go l.accept()
	return l
}

// Addr is the address of the listener.
func (l *Lane) Addr() net.Addr { return l.inner.Addr() }

// Accept returns the next connection that the lane does not serve itself.
func (l *Lane) Accept() (net.Conn, error) {
	select {
	case h := <-l.slow:
		return h.conn, h.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops listening, lets answers under way finish and ends the lane's
// connections.
func (l *Lane) Close() error {
	l.mu.Lock()
	if l.closing {
		l.mu.Unlock()
		return nil
	}
	l.closing = true
	for c := range l.conns {
		c.SetReadDeadline(time.Unix(1, 0)) // wakes those that wait for a request
	}
	l.mu.Unlock()
	close(l.closed)
	err := l.inner.Close()
	done := make(chan struct{})
	go func() { l.serving.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(laneWait):
	}
	return err
}

func (l *Lane) accept() {
	for {
		c, err := l.inner.Accept()
		if err != nil {
			if !l.hand(handed{err: err}) {
				return
			}
			continue // the http.Server decides whether it goes on accepting
		}
		if _, ok := c.(*tls.Conn); ok {
			l.hand(handed{conn: c})
			continue
		}
		if !l.add(c) {
			c.Close()
			return
		}
		go l.serve(c)
	}
}

// hand gives a connection to the http.Server, or ends it if there is none any more.
func (l *Lane) hand(h handed) bool {
	select {
	case l.slow <- h:
		return true
	case <-l.closed:
		if h.conn != nil {
			h.conn.Close()
		}
		return false
	}
}

func (l *Lane) add(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return false
	}
	l.conns[c] = struct{}{}
	l.serving.Add(1)
	return true
}

// renew gives a connection more time, unless the lane is closing.
func (l *Lane) renew(c net.Conn, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closing && c.SetDeadline(now.Add(laneIdle)) == nil
}

func (l *Lane) leave(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.serving.Done()
}

// serve answers requests on a connection until one comes that is not for the
// lane, or the client goes.
func (l *Lane) serve(c net.Conn) {
	w := laneConn{lane: l, conn: c, at: time.Now(), in: make([]byte, 0, 4096), head: make([]byte, 0, 1024)}
	pass := w.loop()
	l.leave(c)
	if !pass {
		c.Close()
		return
	}
	c.SetDeadline(time.Time{})
	l.hand(handed{conn: &readBefore{Conn: c, head: w.in}})
}

// laneConn is one connection in the lane.
type laneConn struct {
	lane    *Lane
	conn    net.Conn
	in      []byte // read and not yet answered
	head    []byte // of the answer
	parts   [2][]byte
	buffers net.Buffers
	at      time.Time // when something was last read: one look at the clock per request
	renewed time.Time
}

// loop answers requests; true hands the connection on with all that is in w.in.
func (w *laneConn) loop() (pass bool) {
	for {
		end, ok := w.request()
		if !ok {
			return end < 0
		}
		req, ok := readLaneRequest(w.in[:end])
		if !ok || w.lane.opt.Admit != nil && !w.lane.opt.Admit(w.conn.RemoteAddr()) {
			return true
		}
		body, ok := w.answer(&req)
		if !ok {
			return true
		}
		if w.write(body) != nil {
			return false
		}
		if w.lane.opt.Served != nil {
			w.lane.opt.Served(req.path)
		}
		w.in = w.in[:copy(w.in, w.in[end:])]
	}
}

// request reads until a whole request head is in w.in and returns its end. A
// head that is too long for the lane, or ends its lines in another way, gives -1.
func (w *laneConn) request() (end int, ok bool) {
	from := 0
	for {
		if end := headEnd(w.in, from); end > 0 {
			return end, true
		}
		if len(w.in) == cap(w.in) || bareLineFeed(w.in[max(0, from-1):]) {
			return -1, false
		}
		from = max(0, len(w.in)-3)
		if w.at.Sub(w.renewed) > laneRenew {
			if !w.lane.renew(w.conn, w.at) {
				return 0, false
			}
			w.renewed = w.at
		}
		n, err := w.conn.Read(w.in[len(w.in):cap(w.in)])
		w.at = time.Now()
		w.in = w.in[:len(w.in)+n]
		if err != nil && n == 0 {
			return 0, false
		}
	}
}

func bareLineFeed(in []byte) bool {
	for i, c := range in {
		if c == '\n' && i > 0 && in[i-1] != '\r' {
			return true
		}
	}
	return false
}

// write sends head and body in one call to the system.
func (w *laneConn) write(body []byte) error {
	w.parts = [2][]byte{w.head, body}
	w.buffers = w.parts[:]
	if len(body) == 0 {
		w.buffers = w.parts[:1]
	}
	_, err := w.buffers.WriteTo(w.conn)
	w.parts[1] = nil // an idle connection must not keep an old edition in memory
	return err
}

// readBefore is a connection of which something has been read already.
type readBefore struct {
	net.Conn
	head []byte
}

// Read gives back what was read before it reads on.
func (c *readBefore) Read(p []byte) (int, error) {
	if len(c.head) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.head)
	if c.head = c.head[n:]; len(c.head) == 0 {
		c.head = nil
	}
	return n, nil
}

// ReadFrom keeps the short way for files, which net/http looks for.
func (c *readBefore) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// CloseWrite keeps the polite way to end, which net/http looks for.
func (c *readBefore) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
