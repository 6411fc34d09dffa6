// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// token is what the scanner found.
type token int

const (
	tokEnd   token = iota // of an element
	tokStart              // of an element
	tokText
	tokEOF
)

// scanner takes XML apart as it streams by. It knows as much XML as a feed
// needs and refuses the rest: a document type could define entities that
// swell, so there is none. It is here, and encoding/xml is not, because
// statewide feeds hold millions of street segments and this is many times as
// fast, bounds every token, and can read the stray Windows-1252 letters that
// real feeds hold.
type scanner struct {
	in    *bufio.Reader
	left  int64 // bytes that may still be read
	most  int   // bytes of one token
	line  int   // where the scanner is
	latin bool  // the file declares ISO-8859-1 or Windows-1252
	stray func(line int, b byte)

	name      []byte // of the element that tokStart or tokEnd found, without prefix
	attrs     []attr
	text      []byte
	startLine int  // where the token starts
	closing   bool // <a/> was a start; the end comes next
	raw       []byte
	clean     []byte
}

// attr is one attribute, its name without prefix.
type attr struct{ name, value []byte }

// errTooLong says that a token went over the limit.
var errTooLong = errors.New("one tag or value is longer than the limit; is a quotation mark or a > missing?")

// errTooLarge says that the file went over the limit.
var errTooLarge = errors.New("the feed is larger than the limit")

func newScanner(r io.Reader, limits Limits) (*scanner, error) {
	s := &scanner{in: bufio.NewReaderSize(r, 1<<16), left: limits.Bytes, most: limits.Value, line: 1}
	head, err := s.in.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.Equal(head, []byte("\xef\xbb\xbf")):
		s.in.Discard(3)
	case len(head) >= 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff):
		return nil, errors.New("the file is in UTF-16; save it as UTF-8 and try again")
	case len(head) >= 2 && head[0] == 'P' && head[1] == 'K':
		return nil, errors.New("the file is a zip, not XML; read it as a zip")
	}
	return s, nil
}

// next finds the next token.
func (s *scanner) next() (token, error) {
	if s.closing {
		s.closing = false
		return tokEnd, nil
	}
	for {
		s.startLine = s.line
		c, err := s.in.Peek(1)
		if err == io.EOF {
			return tokEOF, nil
		}
		if err != nil {
			return tokEOF, err
		}
		if c[0] != '<' {
			return tokText, s.readText()
		}
		skip, tok, err := s.markup()
		if err != nil || !skip {
			return tok, err
		}
	}
}

// readText reads up to the next tag. At the end of the file that is no error;
// whether text may stand there is for the reader to say.
func (s *scanner) readText() error {
	err := s.until('<')
	if err != nil && err != io.EOF {
		return err
	}
	if err == nil {
		s.raw = s.raw[:len(s.raw)-1]
		s.left++
		s.in.UnreadByte()
	}
	s.text, err = s.unescape(s.raw, true)
	return err
}

// markup reads what starts with <. Comments and processing instructions are
// skipped.
func (s *scanner) markup() (skip bool, tok token, err error) {
	head, _ := s.in.Peek(9)
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		return true, 0, s.untilString("<!--", "-->")
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		if err := s.untilString("<![CDATA[", "]]>"); err != nil {
			return false, 0, err
		}
		s.text, err = s.unescape(s.raw[len("<![CDATA["):len(s.raw)-len("]]>")], false)
		return false, tokText, err
	case bytes.HasPrefix(head, []byte("<?")):
		if err := s.untilString("<?", "?>"); err != nil {
			return false, 0, err
		}
		return true, 0, s.declaration(string(s.raw))
	case bytes.HasPrefix(head, []byte("<!")):
		return false, 0, errors.New("the file has a document type (<!DOCTYPE …>), which a feed must not have; remove it")
	}
	if err := s.tag(); err != nil {
		return false, 0, err
	}
	if bytes.HasPrefix(s.raw, []byte("</")) {
		name, rest := cutName(s.raw[2 : len(s.raw)-1])
		if len(name) == 0 || len(bytes.TrimSpace(rest)) > 0 {
			return false, 0, fmt.Errorf("%q is not an end tag", clip(string(s.raw)))
		}
		s.name = localName(name)
		return false, tokEnd, nil
	}
	return false, tokStart, s.startTag(s.raw[1 : len(s.raw)-1])
}

// tag reads up to the > that is not within quotation marks.
func (s *scanner) tag() error {
	s.raw = s.raw[:0]
	var quote byte
	for from := 0; ; from = len(s.raw) {
		if err := s.more('>'); err != nil {
			if err == io.EOF {
				return errors.New("the file ends in the middle of a tag")
			}
			return err
		}
		for _, c := range s.raw[from:] {
			switch {
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			}
		}
		if quote == 0 {
			return nil
		}
	}
}

// startTag takes a start tag apart: name, attributes, and whether it closes
// itself.
func (s *scanner) startTag(tag []byte) error {
	if bytes.HasSuffix(tag, []byte("/")) {
		s.closing = true
		tag = tag[:len(tag)-1]
	}
	name, rest := cutName(tag)
	if len(name) == 0 {
		return fmt.Errorf("%q is not a tag; write a plain < as &lt;", clip(string(s.raw)))
	}
	s.name = localName(name)
	s.attrs = s.attrs[:0]
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if len(rest) == 0 {
			return nil
		}
		var err error
		if rest, err = s.attribute(rest); err != nil {
			return err
		}
	}
}

// attribute takes name="value" off the front of a tag.
func (s *scanner) attribute(tag []byte) (rest []byte, err error) {
	name, rest := cutName(tag)
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if len(name) == 0 || len(rest) == 0 || rest[0] != '=' {
		return nil, fmt.Errorf("attribute %q has no value", clip(string(tag)))
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
		return nil, fmt.Errorf("the value of attribute %s has no quotation marks", clip(string(name)))
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return nil, fmt.Errorf("the value of attribute %s has no closing quotation mark", clip(string(name)))
	}
	raw := rest[1 : 1+end]
	if bytes.IndexByte(raw, '<') >= 0 {
		return nil, fmt.Errorf("attribute %s holds a <; write it as &lt;, or is a quotation mark missing?", clip(string(name)))
	}
	value, err := s.unescape(raw, true)
	if err != nil {
		return nil, err
	}
	if len(value) > 0 && &value[0] != &raw[0] {
		value = bytes.Clone(value) // the buffer of unescape is used again
	}
	s.attrs = append(s.attrs, attr{localName(name), value})
	return rest[2+end:], nil
}

// cutName cuts an XML name off the front. Which letters may stand in a name
// matters little here: a name we do not know is skipped.
func cutName(b []byte) (name, rest []byte) {
	for i, c := range b {
		ok := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':' || c >= 0x80 ||
			i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.')
		if !ok {
			return b[:i], b[i:]
		}
	}
	return b, nil
}

func localName(name []byte) []byte {
	if i := bytes.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// until reads up to and including a byte into raw.
func (s *scanner) until(end byte) error {
	s.raw = s.raw[:0]
	return s.more(end)
}

// more reads up to and including a byte onto the end of raw, within the
// limits, and counts lines.
func (s *scanner) more(end byte) error {
	for {
		part, err := s.in.ReadSlice(end)
		if s.left -= int64(len(part)); s.left < 0 {
			return errTooLarge
		}
		if len(s.raw)+len(part) > s.most {
			return errTooLong
		}
		s.raw = append(s.raw, part...)
		s.line += bytes.Count(part, []byte{'\n'})
		if err != bufio.ErrBufferFull {
			return err
		}
	}
}

// untilString reads from an opening such as <!-- through its end such as -->.
func (s *scanner) untilString(open, end string) error {
	s.raw = s.raw[:0]
	for {
		err := s.more('>')
		if err == io.EOF {
			return fmt.Errorf("%s is never closed with %s", open, end)
		}
		if err != nil {
			return err
		}
		if len(s.raw) >= len(open)+len(end) && bytes.HasSuffix(s.raw, []byte(end)) {
			return nil
		}
	}
}

// declaration looks for the character set in <?xml … encoding="…"?>.
func (s *scanner) declaration(pi string) error {
	if !strings.HasPrefix(pi, "<?xml") {
		return nil
	}
	_, after, ok := strings.Cut(pi, "encoding")
	if !ok {
		return nil
	}
	after = strings.TrimLeft(after, " \t\r\n=")
	name := ""
	if after != "" {
		name, _, _ = strings.Cut(after[1:], after[:1])
	}
	switch strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii":
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		s.latin = true
	default:
		return fmt.Errorf("the file declares the character set %q; save it as UTF-8 and try again", clip(name))
	}
	return nil
}

// unescape gives text as the author meant it: entities resolved, line ends as
// \n, UTF-8 throughout. Plain ASCII, which is nearly everything, is returned
// as it is.
func (s *scanner) unescape(raw []byte, entities bool) ([]byte, error) {
	plain := true
	for _, c := range raw {
		if c == '&' && entities || c >= 0x80 || c < ' ' && c != '\n' && c != '\t' {
			plain = false
			break
		}
	}
	if plain {
		return raw, nil
	}
	out := s.clean[:0]
	line := s.startLine
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '&' && entities:
			r, n, err := entity(raw[i:])
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
			i += n
		case c == '\r':
			if i+1 == len(raw) || raw[i+1] != '\n' {
				out = append(out, '\n')
			}
			i++
		case c < ' ' && c != '\n' && c != '\t':
			s.stray(line, c)
			out = append(out, ' ')
			i++
		case c < 0x80:
			if c == '\n' {
				line++
			}
			out = append(out, c)
			i++
		default:
			r, n := utf8.DecodeRune(raw[i:])
			if s.latin || r == utf8.RuneError && n == 1 {
				if !s.latin {
					s.stray(line, c)
				}
				r, n = windows1252(c), 1
			}
			out = utf8.AppendRune(out, r)
			i += n
		}
	}
	s.clean = out
	return out, nil
}

// entity reads &amp; &#233; &#xE9; and how long it is.
func entity(b []byte) (rune, int, error) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 0 {
		return 0, 0, fmt.Errorf("%q: a plain & must be written as &amp;", clip(string(b[:min(len(b), 12)])))
	}
	name := string(b[1:end])
	switch name {
	case "amp":
		return '&', end + 1, nil
	case "lt":
		return '<', end + 1, nil
	case "gt":
		return '>', end + 1, nil
	case "quot":
		return '"', end + 1, nil
	case "apos":
		return '\'', end + 1, nil
	}
	digits, base := strings.TrimPrefix(name, "#"), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !strings.HasPrefix(name, "#") || !isChar(rune(n)) {
		return 0, 0, fmt.Errorf("&%s; is not known; a plain & must be written as &amp;", clip(name))
	}
	return rune(n), end + 1, nil
}

// isChar tells whether XML can carry a character.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// windows1252 is the letter that a byte stands for in the character set that
// Windows programs in the United States write. ISO-8859-1 is the same but for
// characters that no feed holds.
func windows1252(b byte) rune { return charmap.Windows1252.DecodeByte(b) }
