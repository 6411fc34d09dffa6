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
// it is made and never lies in memory as a whole; one that cannot be packed is
// kept on disk until Commit. If write fails the draft stays as it was.
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
	if in.sum == nil {
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

// spool is a big body on disk, on its way into a pack or out of one. Its file
// has no name any more, so that nothing is left behind however the program ends:
// the system frees it when it is closed, which Go does on its own for a draft
// that was given up.
type spool struct {
	file *os.File
	size int64
	crc  uint32
}

func newSpool(dir string) (*spool, error) {
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

// Write adds to the body.
func (s *spool) Write(p []byte) (int, error) {
	n, err := s.file.WriteAt(p, s.size)
	s.crc = crc32.Update(s.crc, castagnoli, p[:n])
	s.size += int64(n)
	return n, err
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

// intake takes in a body piece by piece: as it is while it is small, hashed and
// packed or spooled once it is big.
type intake struct {
	dir, path string
	how       packing
	buf       *bytes.Buffer // what was not taken yet
	size      int64         // of what was taken
	sum       hash.Hash     // of what was taken; nil while the body is small
	gz        *bytes.Buffer
	packer    *gzip.Writer
	spool     *spool
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
	if in.sum == nil {
		enough = bigFile + 1
	}
	if in.buf.Len() < enough {
		return len(p), nil
	}
	return len(p), in.take()
}

// take hashes what has come, and packs or spools it.
func (in *intake) take() (err error) {
	if in.sum == nil {
		if err := in.grow(); err != nil {
			return fault.Wrap(fault.Unavailable, err, "%s cannot be put on disk", in.path)
		}
	}
	p := in.buf.Bytes()
	in.sum.Write(p)
	in.size += int64(len(p))
	if in.packer != nil {
		_, err = in.packer.Write(p)
	} else if _, err = in.spool.Write(p); err != nil {
		err = fault.Wrap(fault.Unavailable, err, "%s cannot be put on disk", in.path)
	}
	in.buf.Reset()
	return err
}

// grow gets ready for a big body.
func (in *intake) grow() (err error) {
	in.sum = sha256.New()
	if in.how != asIs {
		in.gz, in.packer = buffers.Get().(*bytes.Buffer), gzipWriters.Get().(*gzip.Writer)
		in.gz.Reset()
		in.packer.Reset(in.gz)
		return nil
	}
	if err := makeDir(in.dir); err != nil {
		return err
	}
	in.spool, err = newSpool(in.dir)
	return err
}

// finish gives the body as it is stored, once all of it has been taken.
func (in *intake) finish() (stored, error) {
	if in.packer == nil {
		in.handed = true
		return stored{spool: in.spool}, nil
	}
	if err := in.packer.Close(); err != nil {
		return stored{}, err
	}
	return stored{gz: bytes.Clone(in.gz.Bytes())}, nil
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
