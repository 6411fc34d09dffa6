// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Bounds of XML that no honest file comes near. Without them a small packed
// file could make the reader remember gigabytes of open elements or text.
const (
	maxXMLDepth = 64
	maxXMLToken = 8 << 20
)

// XML walks through an XML file piece by piece within bounded memory. It
// refuses document type definitions, and with them every entity but the five
// of XML itself, so that nothing can expand into more than it is.
//
// It exists beside encoding/xml because workbooks and county results are large
// and regular: it is several times as fast, makes no garbage for what nobody
// asks for, and knows the line of each element. Names are compared without
// their name space prefix.
type XML struct {
	r    io.Reader
	buf  []byte // bytes read and not yet passed over are buf[p:w]
	p, w int
	err  error
	line int // line that buf[p] is on

	open   []byte // names of the open elements, one behind the other
	starts []int  // where each of them starts in open
	seen   bool   // the outermost element has begun
	empty  bool   // the last tag was <a/>, its end comes next

	name    []byte // full name of the last tag
	attrs   []xmlAttr
	text    []byte
	scratch []byte // room for text and values that had to be unescaped
	at      int    // line of the last piece
}

type xmlAttr struct{ name, value []byte }

// Piece is what XML.Next has found.
type Piece uint8

// The pieces of an XML file.
const (
	Start Piece = iota + 1 // the start of an element
	End                    // the end of an element
	Chars                  // text inside an element
)

// NewXML begins to walk through r, which must be UTF-8 whatever the file
// declares; Text makes it so.
func NewXML(r io.Reader) *XML {
	return &XML{r: r, buf: make([]byte, chunk), line: 1, at: 1}
}

// Line is the line that the last piece begins on.
func (x *XML) Line() int { return x.at }

// Name is the name of the element that Next has found the start of, without
// its prefix. Compare it; it is valid until the next call of Next.
func (x *XML) Name() []byte { return local(x.name) }

// Chars is the text that Next has found, valid until the next call of Next.
func (x *XML) Chars() []byte { return x.text }

// Attr gives the value of the attribute with this name, in any name space. It
// is valid until the next call of Next.
func (x *XML) Attr(name string) (value []byte, ok bool) {
	for _, a := range x.attrs {
		if string(local(a.name)) == name {
			return a.value, true
		}
	}
	return nil, false
}

// Prefixed gives the value of the attribute with this name and some prefix, as
// in r:id.
func (x *XML) Prefixed(name string) []byte {
	for _, a := range x.attrs {
		if l := local(a.name); len(l) < len(a.name) && string(l) == name {
			return a.value
		}
	}
	return nil
}

// Space gives the name space of the element that Next has found the start of,
// if the element itself declares it, as the outermost one does.
func (x *XML) Space() []byte {
	declared := []byte("xmlns")
	if i := bytes.IndexByte(x.name, ':'); i >= 0 {
		declared = append(declared, ':')
		declared = append(declared, x.name[:i]...)
	}
	for _, a := range x.attrs {
		if bytes.Equal(a.name, declared) {
			return a.value
		}
	}
	return nil
}

func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// Next finds the next piece; io.EOF after the last.
func (x *XML) Next() (Piece, error) {
	if x.empty {
		x.empty = false
		return End, x.close(x.name)
	}
	for {
		x.at = x.line
		if !x.have(1) {
			return 0, x.ended()
		}
		if x.buf[x.p] != '<' {
			if ok, err := x.chars(); ok || err != nil {
				return Chars, err
			}
			continue
		}
		if !x.have(2) {
			return 0, x.cut()
		}
		switch x.buf[x.p+1] {
		case '/':
			return End, x.endTag()
		case '?':
			b, err := x.until("?>", 2)
			if err != nil {
				return 0, err
			}
			if n := 2 + nameLength(b[2:]); n == 2 || b[n] != '?' && !isSpace(b[n]) {
				return 0, fmt.Errorf("%s is not an instruction", show(shortened(b)))
			}
			if err := x.valid(b); err != nil {
				return 0, err
			}
		case '!':
			if ok, err := x.special(); ok || err != nil {
				return Chars, err
			}
		default:
			return Start, x.startTag()
		}
	}
}

// Skip passes over the rest of the element that was just opened.
func (x *XML) Skip() error {
	for outside := len(x.starts) - 1; len(x.starts) > outside; {
		if _, err := x.Next(); err != nil {
			return unexpected(err)
		}
	}
	return nil
}

// have makes sure that n bytes can be looked at.
func (x *XML) have(n int) bool {
	for x.w-x.p < n {
		if !x.fill() {
			return false
		}
	}
	return true
}

// fill reads more and says whether anything came. It moves what is in the
// buffer, so that slices of it are only taken when a piece is complete.
func (x *XML) fill() bool {
	if x.err != nil {
		return false
	}
	if x.p > 0 {
		x.w = copy(x.buf, x.buf[x.p:x.w])
		x.p = 0
	}
	if x.w == len(x.buf) {
		if x.w >= maxXMLToken {
			x.err = fmt.Errorf("a single text or element is larger than %d MiB", maxXMLToken>>20)
			return false
		}
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	for {
		n, err := x.r.Read(x.buf[x.w:])
		x.w += n
		x.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
}

// ended is the error at the end of what can be read.
func (x *XML) ended() error {
	if errors.Is(x.err, io.EOF) && len(x.starts) > 0 {
		return io.ErrUnexpectedEOF
	}
	return x.err
}

// cut is the error for a piece without its end.
func (x *XML) cut() error { return unexpected(x.err) }

// unexpected makes the end of the file an error where more had to come.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// pass moves over n bytes and counts their lines.
func (x *XML) pass(n int) []byte {
	b := x.buf[x.p : x.p+n]
	x.line += bytes.Count(b, []byte{'\n'})
	x.p += n
	return b
}

// until takes everything up to and with the mark, which stands at from or
// later.
func (x *XML) until(mark string, from int) ([]byte, error) {
	for {
		if x.w-x.p > from {
			if i := bytes.Index(x.buf[x.p+from:x.w], []byte(mark)); i >= 0 {
				return x.pass(from + i + len(mark)), nil
			}
			from = max(from, x.w-x.p-len(mark)+1)
		}
		if !x.fill() {
			return nil, x.cut()
		}
	}
}

// chars takes the text up to the next tag. Outside of the outermost element
// only blanks may stand, and they mean nothing.
func (x *XML) chars() (bool, error) {
	from := 0
	for {
		i := bytes.IndexByte(x.buf[x.p+from:x.w], '<')
		if i >= 0 {
			from += i
			break
		}
		if from = x.w - x.p; !x.fill() {
			if !errors.Is(x.err, io.EOF) {
				return false, x.err
			}
			break
		}
	}
	raw := x.pass(from)
	if len(x.starts) == 0 {
		if !x.seen {
			raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
		}
		if len(skipSpace(raw)) > 0 {
			return false, fmt.Errorf("the text %s stands outside of any element", show(string(raw[:min(len(raw), 100)])))
		}
		return false, nil
	}
	x.scratch = x.scratch[:0]
	var err error
	x.text, err = x.plain(raw)
	return true, err
}

// special takes what begins with <!: a comment or marked text.
func (x *XML) special() (isText bool, err error) {
	switch {
	case x.begins("<!--"):
		b, err := x.until("-->", 4)
		if err != nil {
			return false, err
		}
		return false, x.valid(b)
	case x.begins("<![CDATA["):
		b, err := x.until("]]>", 9)
		if err != nil {
			return false, err
		}
		if len(x.starts) == 0 {
			return false, errors.New("text stands outside of any element")
		}
		x.text = b[9 : len(b)-3]
		return true, x.valid(x.text)
	case x.begins("<!DOCTYPE"), x.begins("<!doctype"):
		return false, errors.New("the file has a document type definition (<!DOCTYPE>), which is not accepted because entities can be used to do harm; remove it")
	}
	return false, errors.New("a tag begins with <! and is neither a comment nor text")
}

func (x *XML) begins(mark string) bool {
	return x.have(len(mark)) && string(x.buf[x.p:x.p+len(mark)]) == mark
}

// tag makes sure that the whole tag is in the buffer and takes it. A > inside
// quotes does not end it.
func (x *XML) tag() ([]byte, error) {
	var quote byte
	for i := 1; ; i++ {
		if !x.have(i + 1) {
			return nil, x.cut()
		}
		rest := x.buf[x.p+i : x.w]
		for j, c := range rest {
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '<':
				return nil, errors.New("a < stands inside of a tag")
			case c == '>':
				return x.pass(i + j + 1), nil
			}
		}
		i += len(rest) - 1
	}
}

func (x *XML) startTag() error {
	b, err := x.tag()
	if err != nil {
		return err
	}
	if x.empty = b[len(b)-2] == '/'; x.empty {
		b = b[:len(b)-1]
	}
	b = b[1 : len(b)-1]
	n := nameLength(b)
	if n == 0 {
		return fmt.Errorf("<%s is not the start of an element", shortened(b))
	}
	x.name = b[:n]
	if len(x.starts) == 0 && x.seen {
		return fmt.Errorf("a second outermost element, %s, follows the first", x.name)
	}
	if len(x.starts) >= maxXMLDepth {
		return fmt.Errorf("the elements are nested more than %d deep", maxXMLDepth)
	}
	x.seen = true
	x.starts = append(x.starts, len(x.open))
	x.open = append(x.open, x.name...)
	return x.readAttrs(b[n:])
}

// readAttrs cuts the attributes apart: name, =, value in quotes.
func (x *XML) readAttrs(b []byte) error {
	x.attrs = x.attrs[:0]
	x.scratch = x.scratch[:0]
	for {
		trimmed := skipSpace(b)
		if len(trimmed) == 0 {
			return nil
		}
		n := nameLength(trimmed)
		if n == 0 || len(trimmed) == len(b) {
			return fmt.Errorf("%s is not an attribute", show(shortened(trimmed)))
		}
		name := trimmed[:n]
		b = skipSpace(trimmed[n:])
		if len(b) == 0 || b[0] != '=' {
			return fmt.Errorf("the attribute %s has no value", name)
		}
		b = skipSpace(b[1:])
		if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
			return fmt.Errorf("the value of the attribute %s is not in quotes", name)
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return fmt.Errorf("the value of the attribute %s does not end", name)
		}
		if bytes.IndexByte(b[1:1+end], '<') >= 0 {
			return fmt.Errorf("a < stands in the value of the attribute %s", name)
		}
		value, err := x.plain(b[1 : 1+end])
		if err != nil {
			return err
		}
		x.attrs = append(x.attrs, xmlAttr{name, value})
		b = b[2+end:]
	}
}

// nameLength counts the bytes of the name that b begins with. Names are plain
// ASCII in every format that is read here.
func nameLength(b []byte) int {
	for i, c := range b {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '.' || c == ':')) {
			return i
		}
	}
	return len(b)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func skipSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

func shortened(b []byte) string { return string(b[:min(len(b), 40)]) }

func (x *XML) endTag() error {
	b, err := x.tag()
	if err != nil {
		return err
	}
	name := b[2 : len(b)-1]
	for len(name) > 0 && isSpace(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	return x.close(name)
}

// close ends the element that was opened last, which must have this name.
func (x *XML) close(name []byte) error {
	if len(x.starts) == 0 {
		return fmt.Errorf("</%s> closes an element that is not open", shortened(name))
	}
	from := x.starts[len(x.starts)-1]
	if !bytes.Equal(x.open[from:], name) {
		return fmt.Errorf("the element <%s> is closed by </%s>", x.open[from:], shortened(name))
	}
	x.open = x.open[:from]
	x.starts = x.starts[:len(x.starts)-1]
	return nil
}
