// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"hustings/kit/fault"
)

// Levels chosen by measurement: 3,200 result pages of 5 to 40 kB (74 MB) on
// one core of the smallest machine we build for.
//
//	gzip   1: 0.46 s 8.4 MB   2: 0.60 s 8.3 MB   5: 1.13 s 7.7 MB
//	brotli 1: 0.53 s 7.8 MB   3: 1.12 s 7.4 MB   (the encoder of NewWriterV2)
//	brotli 1: 0.88 s 8.4 MB   4: 1.74 s 7.2 MB   (the encoder of NewWriterLevel)
//
// On election night seconds count more than a tenth of the bytes.
//
// What brotli 1 saved beyond gzip 1 in the 5,083 pages of a state (95 MB; 0.9 s
// more): nothing up to 4 kB, 1 to 2 % up to 32 kB, 4 % up to 64 kB, 13 to 29 %
// above.
const (
	gzipLevel   = 1
	brotliLevel = 1
)

const (
	// worthPacking is the least saving that pays for a Content-Encoding header
	// and for unpacking at the other end.
	worthPacking = 64
	// worthBrotli is the size up to which brotli saves nothing beyond gzip.
	worthBrotli = 4 << 10
	// bigFile is the size above which a body is a download: it is packed with
	// gzip alone, because whoever asks for so much is a program, and those speak
	// gzip, and it is not kept in memory plain. Whoever wants it plain all the
	// same, or a range of it, gets it from an unpacked copy.
	bigFile = 1 << 20
)

// stored is one body as it lies in a pack: plain (raw, or what it was spooled
// to), or packed with gzip and perhaps brotli, which is there only when it is
// smaller. Packs of earlier times also hold big bodies both plain and packed.
type stored struct {
	raw, gz, br []byte
	spool       *spool
}

func (b stored) rawSize() int64 {
	if b.spool != nil {
		return b.spool.size
	}
	return int64(len(b.raw))
}

func (b stored) size() int64 { return b.rawSize() + int64(len(b.gz)+len(b.br)) }

// packing says how a body is packed.
type packing uint8

const (
	asIs    packing = iota // no shorter when packed, as a picture
	light                  // gzip alone
	smaller                // gzip, and brotli where it may pay
)

var (
	gzipWriters   = sync.Pool{New: func() any { w, _ := gzip.NewWriterLevel(io.Discard, gzipLevel); return w }}
	brotliWriters = sync.Pool{New: func() any { return brotli.NewWriterV2(io.Discard, brotliLevel) }}
	gzipReaders   = sync.Pool{New: func() any { return new(gzip.Reader) }}
	buffers       = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

// resetter is what the two writers have in common.
type resetter interface {
	io.WriteCloser
	Reset(io.Writer)
}

// pack packs a body. It runs in the goroutine that hands the body over, so
// that rendering on every core also packs on every core.
func pack(raw []byte, how packing) (stored, error) {
	if how == asIs || len(raw) <= worthPacking {
		return stored{raw: raw}, nil
	}
	gz, err := squeeze(&gzipWriters, raw)
	if err != nil {
		return stored{}, err
	}
	b := stored{gz: gz}
	if len(raw) > bigFile {
		return b, nil
	}
	if len(gz)+worthPacking > len(raw) {
		return stored{raw: raw}, nil
	}
	if how == light || len(raw) <= worthBrotli {
		return b, nil
	}
	if b.br, err = squeeze(&brotliWriters, raw); len(b.br) >= len(gz) {
		b.br = nil
	}
	return b, err
}

func squeeze(writers *sync.Pool, raw []byte) ([]byte, error) {
	w := writers.Get().(resetter)
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	w.Reset(buf)
	_, err := w.Write(raw)
	if err == nil {
		err = w.Close()
	}
	out := bytes.Clone(buf.Bytes())
	writers.Put(w)
	buffers.Put(buf)
	return out, err
}

// unpackGzip gives back the plain body, which must have exactly size bytes: a
// damaged manifest cannot make it grow without end.
func unpackGzip(gz []byte, size int64) ([]byte, error) {
	r := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(r)
	if err := r.Reset(bytes.NewReader(gz)); err != nil {
		return nil, err
	}
	return readSized(r, size)
}

func unpackBrotli(br []byte, size int64) ([]byte, error) {
	return readSized(brotli.NewReader(bytes.NewReader(br)), size)
}

func readSized(r io.Reader, size int64) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(min(size, 4<<20)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(r, size+1))
	if err != nil {
		return nil, err
	}
	if n != size {
		return nil, fault.New(fault.Internal, "a body has more or fewer than its %d bytes", size)
	}
	return buf.Bytes(), nil
}
