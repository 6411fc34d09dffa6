// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"

	"hustings/kit/fault"
)

const (
	packExt     = ".pack"
	manifestExt = ".manifest"
	tempExt     = ".tmp"
	lockName    = ".lock"
	// packHead opens every pack, so that a person who finds one knows what it is.
	packHead = "hustings pack 1\n"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// makeDir makes a folder that is still there after a power cut.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// writeFile writes a file under a temporary name, makes it durable and moves
// it into place. The caller syncs the folder.
func writeFile(path string, write func(w *bufio.Writer) error) (err error) {
	f, err := os.OpenFile(path+tempExt, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path+tempExt))
		}
	}()
	w := bufio.NewWriterSize(f, 1<<18)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+tempExt, path)
}

func writeBytes(path string, data []byte) error {
	return writeFile(path, func(w *bufio.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writePack writes the bodies one after the other and returns where each lies.
func writePack(path string, version int64, bodies []stored) ([]place, error) {
	places := make([]place, len(bodies))
	off := int64(len(packHead))
	err := writeFile(path, func(w *bufio.Writer) error {
		w.WriteString(packHead) // a bufio.Writer keeps its first error until Flush
		for i, b := range bodies {
			places[i] = place{pack: version, off: off, raw: b.rawSize(), gz: int64(len(b.gz)), br: int64(len(b.br))}
			if b.spool != nil {
				if err := b.spool.copyTo(w); err != nil {
					return err
				}
				places[i].crc = b.spool.crc
			}
			for _, part := range [][]byte{b.raw, b.gz, b.br} {
				w.Write(part)
				places[i].crc = crc32.Update(places[i].crc, castagnoli, part)
			}
			off += b.size()
		}
		return nil
	})
	return places, err
}

// lock takes the site for one publisher, also against other processes on the
// same folder. The returned func gives it back.
func (st *site) lock(ctx context.Context) (unlock func(), err error) {
	for {
		unlock, err := st.tryLock()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, fault.Wrap(fault.Conflict, ctx.Err(), "someone else is publishing %s", siteWord(st.name))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (st *site) tryLock() (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(st.dir, lockName), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil // closing gives the lock back
}

// siteWord is how a sentence names a site.
func siteWord(name string) string {
	if name == "" {
		return "the root site"
	}
	return name
}

func (st *site) packPath(version int64) string {
	return filepath.Join(st.dir, versionName(version)+packExt)
}

func (st *site) manifestPath(version int64) string {
	return filepath.Join(st.dir, versionName(version)+manifestExt)
}

// readPointer reads the pointer file. The bytes are returned even when they
// make no sense, so that the follower notices a change.
func (st *site) readPointer() (p Pointer, data []byte, err error) {
	data, err = readLimited(filepath.Join(st.dir, pointerName), maxPointer)
	if err != nil {
		return p, nil, err
	}
	p, err = decodePointer(data)
	return p, data, err
}

func readLimited(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fault.New(fault.TooLarge, "%s is larger than %d bytes", filepath.Base(path), limit)
	}
	return os.ReadFile(path)
}

// versions lists the editions that have a manifest, newest first.
func (st *site) versions() []int64 {
	return st.numbered(manifestExt)
}

func (st *site) numbered(ext string) []int64 {
	files, _ := os.ReadDir(st.dir) // a folder that cannot be read has no editions
	var all []int64
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ext); ok {
			if n, ok := versionOf(name); ok {
				all = append(all, n)
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i] > all[j] })
	return all
}

// readManifest reads and checks the manifest of one edition. want is its
// checksum, where the pointer says so.
func (st *site) readManifest(version int64, want string) (*manifest, string, error) {
	data, err := readLimited(st.manifestPath(version), maxManifest)
	if err != nil {
		return nil, "", err
	}
	hash := sha256.Sum256(data)
	sum := sumText.EncodeToString(hash[:])
	if want != "" && sum != want {
		return nil, "", fault.New(fault.Internal, "the manifest of edition %d is not the one that %s names", version, pointerName)
	}
	m, err := readManifest(data)
	if err != nil {
		return nil, "", err
	}
	if m.Site != st.name || m.Version != version {
		return nil, "", fault.New(fault.Internal, "the manifest of edition %d belongs to edition %d of %s", version, m.Version, siteWord(m.Site))
	}
	return m, sum, nil
}

// packs reads bodies from the packs of a site; it opens each pack once.
type packs struct {
	st   *site
	open map[int64]*openPack
}

type openPack struct {
	*os.File
	size int64
}

func (p *packs) close() {
	for _, f := range p.open {
		f.Close()
	}
}

// read reads one body and checks it. Lengths are compared with the pack's own
// size first, so a false length cannot ask for memory.
func (p *packs) read(e *entry) (stored, error) {
	f, err := p.pack(e.at.pack)
	if err != nil {
		return stored{}, err
	}
	if e.at.off+e.at.size() > f.size {
		return stored{}, fault.New(fault.Internal, "%s: its pack v%d is torn", e.path, e.at.pack)
	}
	buf := make([]byte, e.at.size())
	if _, err := f.ReadAt(buf, e.at.off); err != nil {
		return stored{}, err
	}
	if crc32.Checksum(buf, castagnoli) != e.at.crc {
		return stored{}, fault.New(fault.Internal, "%s: its bytes in pack v%d do not match their checksum", e.path, e.at.pack)
	}
	return e.at.split(buf), nil
}

// split parts a record into its forms. The plain form of a big file is left
// out, and the others copied, so that the rest of buf can be freed.
func (p place) split(buf []byte) stored {
	raw, gz, br := buf[:p.raw:p.raw], buf[p.raw:p.raw+p.gz:p.raw+p.gz], buf[p.raw+p.gz:]
	if p.raw > bigFile {
		return stored{gz: bytes.Clone(gz), br: bytes.Clone(br)}
	}
	return stored{raw: raw, gz: gz, br: br}
}

func (p *packs) pack(version int64) (*openPack, error) {
	if f := p.open[version]; f != nil {
		return f, nil
	}
	f, err := os.Open(p.st.packPath(version))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if p.open == nil {
		p.open = map[int64]*openPack{}
	}
	p.open[version] = &openPack{f, info.Size()}
	return p.open[version], nil
}

// clean removes what a crash left behind. A site that someone is publishing, or
// that cannot be locked, is left alone.
func (st *site) clean() {
	unlock, err := st.tryLock()
	if err != nil {
		return
	}
	defer unlock()
	st.tidy()
}

// tidy removes temporary files, and the one edition above the pointer whose
// pointer was never swapped: its number must not become an address by a later
// edition passing it. More than one above the pointer is not what a crash
// leaves (perhaps an old pointer was put back), so then they stay. The caller
// holds the lock; what cannot be removed is removed next time.
func (st *site) tidy() {
	files, _ := os.ReadDir(st.dir)
	for _, f := range files {
		if strings.HasSuffix(f.Name(), tempExt) {
			os.Remove(filepath.Join(st.dir, f.Name()))
		}
	}
	p, _, err := st.readPointer()
	if err != nil && !missing(err) {
		return
	}
	above := map[int64]bool{}
	for _, n := range append(st.numbered(manifestExt), st.numbered(packExt)...) {
		if n > p.Version {
			above[n] = true
		}
	}
	if len(above) != 1 {
		return
	}
	for n := range above {
		os.Remove(st.manifestPath(n))
		os.Remove(st.packPath(n))
	}
}

// missing says whether err means that a file is not there.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
