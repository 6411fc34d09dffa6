// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that Text recognises.
const (
	UTF8        = "UTF-8"
	UTF16LE     = "UTF-16 (little endian)"
	UTF16BE     = "UTF-16 (big endian)"
	Windows1252 = "Windows-1252"
)

const chunk = 64 << 10

// Text reads a text file of unknown encoding as clean UTF-8 with "\n" at the
// end of each line. It stops at the size limit and at NUL bytes. Bytes that
// are not UTF-8 are read as Windows-1252, each for itself, because files that
// were pasted together often hold both.
type Text struct {
	name  string
	src   io.Reader
	in    []byte // bytes as read
	rest  []byte // bytes held back from the last read, at most four
	ready []byte // clean bytes not yet handed out
	mend  []byte // room for chunks that had to be mended
	err   error

	encoding string
	line     int // line that the next clean byte is on
	mended   int // bytes read as Windows-1252
	mendedAt int // line of the first of them
}

// NewText prepares r for reading as text. The name is for error messages.
func NewText(name string, r io.Reader, lim Limits) *Text {
	lim = lim.OrDefault()
	br := bufio.NewReaderSize(&capped{name: name, r: r, left: lim.Bytes, most: lim.Bytes}, chunk)
	head, _ := br.Peek(1024) // an error here comes back from Read
	t := &Text{name: name, src: br, in: make([]byte, chunk), line: 1}
	t.encoding = encodingOf(head)
	switch t.encoding {
	case UTF16LE:
		t.src = transform.NewReader(br, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
	case UTF16BE:
		t.src = transform.NewReader(br, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	default:
		if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
			br.Discard(3) // cannot fail: the bytes were just peeked
		}
	}
	return t
}

// encodingOf looks at the byte order mark and, where there is none, at where
// the zero bytes of plain letters lie.
func encodingOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return UTF16BE
	}
	var even, odd int
	for i, b := range head {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	half := len(head) / 2
	switch {
	case half >= 2 && odd*10 >= half*7 && even*10 <= half:
		return UTF16LE
	case half >= 2 && even*10 >= half*7 && odd*10 <= half:
		return UTF16BE
	}
	return UTF8
}

// Encoding tells how the file was read so far.
func (t *Text) Encoding() string {
	if t.mended > 0 {
		return Windows1252
	}
	return t.encoding
}

// Mended gives the number of bytes that were not UTF-8 and were read as
// Windows-1252, and the line of the first of them.
func (t *Text) Mended() (bytes, line int) { return t.mended, t.mendedAt }

// Read gives clean UTF-8.
func (t *Text) Read(p []byte) (int, error) {
	for len(t.ready) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.refill()
	}
	n := copy(p, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

// refill reads one chunk and cleans it. What may belong together with bytes
// of the next chunk, half a letter or a lone "\r", is held back.
func (t *Text) refill() {
	held := copy(t.in, t.rest)
	n, err := t.src.Read(t.in[held:])
	got := t.in[:held+n]
	t.err = err
	keep := 0
	if err == nil {
		keep = tail(got)
	}
	t.rest = append(t.rest[:0], got[len(got)-keep:]...)
	t.clean(got[:len(got)-keep])
}

// tail counts the bytes at the end that cannot be judged yet.
func tail(b []byte) int {
	if len(b) > 0 && b[len(b)-1] == '\r' {
		return 1
	}
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

func (t *Text) clean(b []byte) {
	b = unixLines(b)
	if i := bytes.IndexByte(b, 0); i >= 0 {
		t.err = &Error{File: t.name, Line: t.line + bytes.Count(b[:i], []byte{'\n'}), Say: "the file holds a NUL byte, so it is not a text file or was damaged on its way; " +
			"export it again as CSV (UTF-8) or as .xlsx"}
		b = b[:i]
	}
	if !utf8.Valid(b) {
		b = t.fromWindows(b)
	}
	t.line += bytes.Count(b, []byte{'\n'})
	t.ready = b
}

// unixLines turns "\r\n" and "\r" into "\n", in place.
func unixLines(b []byte) []byte {
	i := bytes.IndexByte(b, '\r')
	if i < 0 {
		return b
	}
	to := i
	for i < len(b) {
		if b[i] == '\r' {
			b[to] = '\n'
			to++
			i++
			if i < len(b) && b[i] == '\n' {
				i++
			}
		}
		j := bytes.IndexByte(b[i:], '\r')
		if j < 0 {
			j = len(b) - i
		}
		to += copy(b[to:], b[i:i+j])
		i += j
	}
	return b[:to]
}

// fromWindows keeps what is UTF-8 and reads every other byte as Windows-1252.
func (t *Text) fromWindows(b []byte) []byte {
	out := t.mend[:0]
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			if t.mended == 0 {
				t.mendedAt = t.line + bytes.Count(b[:i], []byte{'\n'})
			}
			t.mended++
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(b[i]))
		} else {
			out = append(out, b[i:i+size]...)
		}
		i += size
	}
	t.mend = out
	return out
}

// capped stops a file that is larger than it may be.
type capped struct {
	name       string
	r          io.Reader
	left, most int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, OverLimit(c.name, 0, "bytes", c.most, "the file is larger")
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1] // one more than allowed shows that there is more
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return n - 1, OverLimit(c.name, 0, "bytes", c.most, "the file is larger")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &Error{File: c.name, Say: "the file could not be read to its end", Err: err}
	}
	return n, err
}
