// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"hash"
	"hash/crc32"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"hustings/kit/fault"
)

// PutFrom adds or replaces a file that write makes. A big one is packed while
// it is made and kept on disk, not in memory, until Commit. If write fails the
// draft stays as it was.
func (d *Draft) PutFrom(path string, write func(io.Writer) error) error {
	f := File{Path: path}
	if err := checkPath(path); err != nil {
		return err
	}
	k, err := f.kind()
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", path)
	}
	in := &intake{dir: d.st.dir, path: path, how: f.packing(k), buf: buffers.Get().(*bytes.Buffer)}
	in.buf.Reset()
	defer in.release()
	if err := write(in); err != nil {
		return err
	}
	if in.spool == nil {
		return d.PutFile(File{Path: path, Body: bytes.Clone(in.buf.Bytes())})
	}
	if err := in.take(); err != nil {
		return err
	}
	file := &drafted{entry: entry{path: path, size: in.size, sum: [sha256.Size]byte(in.sum.Sum(nil))}, kind: k}
	if err := d.place(file, in.how, in.finish); err != nil {
		return err
	}
	return d.set(path, file)
}

// spool is a big body on its way into a pack. Its file has no name any more, so
// that nothing is left behind however the program ends: the system frees it when
// it is closed, which Go does on its own for a draft that was given up.
type spool struct {
	file *os.File
	size int64
	crc  uint32
}

func newSpool(dir string) (*spool, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "spool-*"+tempExt)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil && !missing(err) { // another publisher may have tidied it away
		f.Close()
		return nil, err
	}
	return &spool{file: f}, nil
}

func (s *spool) write(p []byte) error {
	n, err := s.file.WriteAt(p, s.size)
	s.crc = crc32.Update(s.crc, castagnoli, p[:n])
	s.size += int64(n)
	return err
}

// copyTo copies the body into a pack. Between two files the system does so on
// its own.
func (s *spool) copyTo(w *bufio.Writer) error {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	n, err := w.ReadFrom(io.LimitReader(s.file, s.size))
	if err == nil && n != s.size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// intake takes in a body piece by piece: as it is while it is small, hashed,
// packed and spooled once it is big.
type intake struct {
	dir, path string
	how       packing
	buf       *bytes.Buffer
	size      int64
	sum       hash.Hash
	spool     *spool
	gz        *bytes.Buffer
	packer    *gzip.Writer
	handed    bool // the spool belongs to the draft now
}

// intakeChunk is how much of a big body is taken at a time.
const intakeChunk = 128 << 10

// Write takes in the next piece.
func (in *intake) Write(p []byte) (int, error) {
	if in.size+int64(in.buf.Len()+len(p)) > maxBody {
		return 0, fault.New(fault.TooLarge, "%s is larger than %d bytes", in.path, maxBody)
	}
	in.buf.Write(p)
	enough := intakeChunk
	if in.spool == nil {
		enough = bigFile + 1
	}
	if in.buf.Len() < enough {
		return len(p), nil
	}
	return len(p), in.take()
}

// take hashes, packs and spools what has come.
func (in *intake) take() (err error) {
	if in.spool == nil {
		if in.spool, err = newSpool(in.dir); err != nil {
			return fault.Wrap(fault.Unavailable, err, "%s cannot be put on disk", in.path)
		}
		in.sum = sha256.New()
		if in.how != asIs {
			in.gz, in.packer = buffers.Get().(*bytes.Buffer), gzipWriters.Get().(*gzip.Writer)
			in.gz.Reset()
			in.packer.Reset(in.gz)
		}
	}
	p := in.buf.Bytes()
	in.sum.Write(p)
	in.size += int64(len(p))
	if in.packer != nil {
		if _, err := in.packer.Write(p); err != nil {
			return err
		}
	}
	if err := in.spool.write(p); err != nil {
		return fault.Wrap(fault.Unavailable, err, "%s cannot be put on disk", in.path)
	}
	in.buf.Reset()
	return nil
}

// finish gives the body as it is stored, once all of it has been taken.
func (in *intake) finish() (stored, error) {
	b := stored{spool: in.spool}
	if in.packer != nil {
		if err := in.packer.Close(); err != nil {
			return stored{}, err
		}
		if int64(in.gz.Len()+worthPacking) <= in.size {
			b.gz = bytes.Clone(in.gz.Bytes())
		}
	}
	in.handed = true
	return b, nil
}

// release gives back what was borrowed.
func (in *intake) release() {
	buffers.Put(in.buf)
	if in.packer != nil {
		gzipWriters.Put(in.packer)
		buffers.Put(in.gz)
	}
	if in.spool != nil && !in.handed {
		in.spool.file.Close()
	}
}
