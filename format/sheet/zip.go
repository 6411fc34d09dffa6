// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Zip is an opened archive whose size has been checked: everything in it
// together stays within Limits.Unpacked.
type Zip struct {
	name string
	lim  Limits
	at   io.ReaderAt
	size int64
	r    *zip.Reader
}

// IsZip says whether a file begins like a zip archive, which a workbook is too.
func IsZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// packed chooses how to read an archive: a file on disk by position, anything
// else through the reader that already holds its first bytes.
func packed(r io.Reader, peeked *bufio.Reader) io.Reader {
	if _, ok := r.(positioned); ok {
		return r
	}
	return peeked
}

// positioned is a file that can be read from any place, so that an archive
// need not be copied into memory.
type positioned interface {
	io.ReaderAt
	io.Seeker
}

// OpenZip opens an archive and refuses one that would unpack to more than the
// limits allow, before a single byte is unpacked.
func OpenZip(name string, r io.Reader, lim Limits) (*Zip, error) {
	lim = lim.OrDefault()
	at, size, err := whole(name, r, lim)
	if err != nil {
		return nil, err
	}
	zr, err := zip.NewReader(at, size)
	if errors.Is(err, zip.ErrFormat) {
		return nil, &Error{File: name, Say: "the archive is cut short or damaged; fetch or export it again", Err: err}
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // paths are never used
		return nil, &Error{File: name, Say: "the archive could not be opened", Err: err}
	}
	z := &Zip{name: name, lim: lim, at: at, size: size, r: zr}
	return z, z.check()
}

// Whole gives the archive itself from its first byte, for a reader that opens
// it on its own.
func (z *Zip) Whole() *io.SectionReader { return io.NewSectionReader(z.at, 0, z.size) }

// whole gives the file for reading by position, and its size.
func whole(name string, r io.Reader, lim Limits) (io.ReaderAt, int64, error) {
	if p, ok := r.(positioned); ok {
		size, err := p.Seek(0, io.SeekEnd)
		if err != nil {
			return nil, 0, &Error{File: name, Say: "the file could not be read", Err: err}
		}
		if size > lim.Bytes {
			return nil, 0, OverLimit(name, 0, "bytes", lim.Bytes, "the file is larger")
		}
		return p, size, nil
	}
	b, err := io.ReadAll(&capped{name: name, r: r, left: lim.Bytes, most: lim.Bytes})
	if err != nil {
		return nil, 0, err
	}
	return bytes.NewReader(b), int64(len(b)), nil
}

// check adds up what the archive says it holds. The zip reader fails on an
// entry that turns out to be larger than it says, so the sum can be believed.
func (z *Zip) check() error {
	if len(z.r.File) > z.lim.Entries {
		return OverLimit(z.name, 0, "entries", int64(z.lim.Entries), "the archive holds more files")
	}
	var sum uint64
	for _, f := range z.r.File {
		sum += f.UncompressedSize64
		if sum > uint64(z.lim.Unpacked) || f.UncompressedSize64 > uint64(z.lim.Unpacked) {
			return OverLimit(z.name, 0, "unpacked", z.lim.Unpacked, "the archive unpacks to more")
		}
	}
	if sum > ratioFloor && sum/uint64(z.lim.Ratio) > uint64(z.size) {
		return OverLimit(z.name, 0, "ratio", z.lim.Ratio, "the archive unpacks to more times its size")
	}
	return nil
}

// Files lists the data files in the archive by their names without folders.
// Folders and what macOS and Windows add of their own are left out.
func (z *Zip) Files() []*zip.File {
	var files []*zip.File
	for _, f := range z.r.File {
		base := Base(f.Name)
		hidden := strings.HasPrefix(base, ".") || base == "Thumbs.db" || base == "desktop.ini"
		if f.FileInfo().IsDir() || hidden || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		files = append(files, f)
	}
	return files
}

// Base is the name of an archived file without its folders, which are never
// used: a name like ../../etc/passwd means nothing here.
func Base(name string) string {
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

// IsWorkbook says whether the archive is an Excel workbook.
func (z *Zip) IsWorkbook() bool {
	for _, f := range z.r.File {
		if strings.HasPrefix(f.Name, "xl/") || f.Name == "[Content_Types].xml" {
			return true
		}
	}
	return false
}

// Open unpacks one file while it is read.
func (z *Zip) Open(f *zip.File) (io.Reader, error) {
	if f.Flags&1 != 0 {
		return nil, &Error{File: z.name, Say: "the archive has a password; make one without, or unpack it first"}
	}
	r, err := f.Open()
	if err != nil {
		return nil, &Error{File: z.name, Say: Base(f.Name) + " could not be unpacked", Err: err}
	}
	return &unpacking{zip: z.name, file: Base(f.Name), r: r}, nil
}

// unpacking gives errors in words, and closes itself at the end.
type unpacking struct {
	zip, file string
	r         io.ReadCloser
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err == nil {
		return n, nil
	}
	u.r.Close() // an error here would only repeat the one from Read
	if !errors.Is(err, io.EOF) {
		err = &Error{File: u.zip, Say: u.file + " in the archive is damaged; fetch or export it again", Err: err}
	}
	return n, err
}

// Unwrap gives the one data file inside a zip archive, and the file itself if
// it is none or is a workbook. The name that comes back is for messages.
func Unwrap(name string, r io.Reader, lim Limits) (io.Reader, string, error) {
	br := bufio.NewReader(r)
	if head, _ := br.Peek(4); !IsZip(head) {
		return br, name, nil
	}
	z, err := OpenZip(name, packed(r, br), lim)
	if err != nil {
		return nil, name, err
	}
	if z.IsWorkbook() {
		return z.Whole(), name, nil
	}
	files := z.Files()
	if len(files) != 1 {
		return nil, name, &Error{File: name, Say: fmt.Sprintf(
			"the archive must hold exactly one data file and holds %d%s", len(files), names(files))}
	}
	inner, err := z.Open(files[0])
	return inner, name + "/" + Base(files[0].Name), err
}

// names lists the first few files of an archive for a sentence.
func names(files []*zip.File) string {
	const most = 5
	var list []string
	for _, f := range files[:min(most, len(files))] {
		list = append(list, Base(f.Name))
	}
	if len(files) > most {
		list = append(list, "…")
	}
	if len(list) == 0 {
		return ""
	}
	return ": " + strings.Join(list, ", ")
}
