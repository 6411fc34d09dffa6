// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/gzip"

	"hustings/kit/fault"
)

// copiesBytes is how much of the disk unpacked copies may take.
const copiesBytes = 1 << 30

// plainCopies keeps copies of big packed bodies on disk, plain, for clients that
// do not speak gzip or ask for ranges. The first one waits until the copy is
// made, about 3 ms a megabyte; one copy is made at a time, so that nobody can
// take every core by asking for many.
type plainCopies struct {
	limit  int64
	making chan struct{} // holds one token while a copy is made

	mu     sync.Mutex // guards everything below
	copies map[bodyKey]*plainCopy
	used   int64 // bytes of all copies
	turn   int64 // counts requests
}

// plainCopy is one of them with those who read it. It is closed by whoever leaves
// it last once it has been dropped.
type plainCopy struct {
	spool   *spool
	readers int
	asked   int64 // the turn of the last request
	dropped bool
}

func newPlainCopies(limit int64) *plainCopies {
	return &plainCopies{limit: limit, making: make(chan struct{}, 1), copies: map[bodyKey]*plainCopy{}}
}

// open gives a page's plain body. done must be called when it is read.
func (u *plainCopies) open(ctx context.Context, s *Shelf, e *Edition, p *page) (body io.ReadSeeker, done func(), err error) {
	key := bodyKey{e.st.name, p.sum, plain}
	c := u.take(key)
	if c == nil {
		select {
		case u.making <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		defer func() { <-u.making }()
		if c = u.take(key); c == nil {
			sp, err := s.unpack(e, p)
			if err != nil {
				return nil, nil, err
			}
			c = u.put(key, sp)
		}
	}
	return io.NewSectionReader(c.spool.file, 0, c.spool.size), func() { u.leave(c) }, nil
}

// take finds a copy that is there and counts its reader.
func (u *plainCopies) take(key bodyKey) *plainCopy {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := u.copies[key]
	if c != nil {
		u.turn++
		c.asked = u.turn
		c.readers++
	}
	return c
}

// put keeps a copy for its first reader, and drops others until all of them
// fit, those first that nobody has asked for the longest.
func (u *plainCopies) put(key bodyKey, sp *spool) *plainCopy {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.used += sp.size
	for u.used > u.limit && len(u.copies) > 0 {
		var oldest bodyKey
		least := u.turn + 1
		for k, c := range u.copies {
			if c.asked < least {
				oldest, least = k, c.asked
			}
		}
		u.drop(oldest)
	}
	u.turn++
	c := &plainCopy{spool: sp, readers: 1, asked: u.turn}
	u.copies[key] = c
	return c
}

// drop takes a copy off the list. The caller holds the lock.
func (u *plainCopies) drop(key bodyKey) {
	c := u.copies[key]
	delete(u.copies, key)
	u.used -= c.spool.size
	c.dropped = true
	if c.readers == 0 {
		c.spool.file.Close()
	}
}

func (u *plainCopies) leave(c *plainCopy) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c.readers--; c.readers == 0 && c.dropped {
		c.spool.file.Close()
	}
}

// unpack makes a plain copy of a packed body on disk.
func (s *Shelf) unpack(e *Edition, p *page) (*spool, error) {
	gz, err := s.body(e, p, gzipped)
	if err != nil {
		return nil, err
	}
	dir := e.st.dir
	if s.opt.ReadOnly {
		dir = os.TempDir()
	}
	sp, err := newSpool(dir)
	if err != nil {
		return nil, err
	}
	r := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(r)
	if err = r.Reset(bytes.NewReader(gz)); err == nil {
		_, err = io.CopyBuffer(sp, io.LimitReader(r, p.size+1), make([]byte, intakeChunk))
	}
	if err == nil && sp.size != p.size {
		err = fault.New(fault.Internal, "a body has more or fewer than its %d bytes", p.size)
	}
	if err != nil {
		sp.file.Close()
		return nil, err
	}
	return sp, nil
}
