// SPDX-License-Identifier: Apache-2.0

package enhanced

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"hustings/format/sheet"
)

// maxDepth is how deep values may be nested; an honest file has about ten.
const maxDepth = 64

// maxNames bounds the texts that are kept once for many uses.
const maxNames = 100_000

// scanner walks through JSON value by value and knows the line it is on, which
// encoding/json does not tell. Each method reads exactly one value.
type scanner struct {
	r     *bufio.Reader
	lim   sheet.Limits
	name  string
	line  int
	depth int
	buf   []byte
	names map[string]string // texts that come again and again, kept once
}

func newScanner(name string, text io.Reader, lim sheet.Limits) *scanner {
	return &scanner{r: bufio.NewReaderSize(text, 64<<10), lim: lim, name: name, line: 1, names: map[string]string{}}
}

// broken makes the error for JSON that cannot be read.
func (s *scanner) broken(format string, args ...any) error {
	return &sheet.Error{File: s.name, Line: s.line, Say: fmt.Sprintf(format, args...) + "; fetch or export the file again"}
}

// cut turns the end of the file into a sentence where more had to come.
func (s *scanner) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return s.broken("the file is cut short")
	}
	return err
}

// peek gives the first byte of the next value or mark without taking it.
func (s *scanner) peek() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			s.line++
		case ' ', '\t', '\r':
		default:
			return c, s.r.UnreadByte()
		}
	}
}

// mark takes the byte that must come next.
func (s *scanner) mark(want byte) error {
	c, err := s.peek()
	if err != nil {
		return s.cut(err)
	}
	if c != want {
		return s.broken("%q stands where %q should be, so this is not correct JSON", c, want)
	}
	_, err = s.r.ReadByte()
	return err
}

// list reads the items between two brackets, separated by commas.
func (s *scanner) list(open, closing byte, item func() error) error {
	if err := s.mark(open); err != nil {
		return err
	}
	if s.depth++; s.depth > maxDepth {
		return s.broken("the values are nested more than %d deep", maxDepth)
	}
	defer func() { s.depth-- }()
	c, err := s.peek()
	if err != nil {
		return s.cut(err)
	}
	if c == closing {
		return s.mark(closing)
	}
	for {
		if err := item(); err != nil {
			return err
		}
		c, err := s.peek()
		if err != nil {
			return s.cut(err)
		}
		if c == closing {
			return s.mark(closing)
		}
		if err := s.mark(','); err != nil {
			return err
		}
	}
}

// object calls do for every key of an object; null has none. do must read the
// value. What is neither is skipped, and is says so.
func (s *scanner) object(do func(key string) error) (is bool, err error) {
	c, err := s.peek()
	if err != nil {
		return false, s.cut(err)
	}
	if c != '{' {
		return false, s.skip()
	}
	return true, s.list('{', '}', func() error {
		key, err := s.str()
		if err != nil {
			return err
		}
		if err := s.mark(':'); err != nil {
			return err
		}
		return do(key)
	})
}

// array calls do for every item of an array; do must read it. What is no array
// is skipped, and is says so.
func (s *scanner) array(do func() error) (is bool, err error) {
	c, err := s.peek()
	if err != nil {
		return false, s.cut(err)
	}
	if c != '[' {
		return false, s.skip()
	}
	return true, s.list('[', ']', do)
}

// skip passes over one value of any kind.
func (s *scanner) skip() error {
	c, err := s.peek()
	if err != nil {
		return s.cut(err)
	}
	switch c {
	case '{':
		_, err = s.object(func(string) error { return s.skip() })
	case '[':
		_, err = s.array(s.skip)
	case '"':
		_, err = s.str()
	default:
		_, err = s.word()
	}
	return err
}

// word reads what is not in quotes: a number, true, false or null.
func (s *scanner) word() (string, error) {
	s.buf = s.buf[:0]
	for {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) && len(s.buf) > 0 {
			break
		}
		if err != nil {
			return "", s.cut(err)
		}
		if c <= ' ' || c == ',' || c == ']' || c == '}' || c == ':' || c == '"' || c == '[' || c == '{' {
			if err := s.r.UnreadByte(); err != nil {
				return "", err
			}
			break
		}
		if s.buf = append(s.buf, c); len(s.buf) > 64 {
			return "", s.broken("a number or word is longer than any can be")
		}
	}
	w := s.keep()
	if !json.Valid([]byte(w)) {
		return "", s.broken("%q is neither a number nor true, false or null, so this is not correct JSON", w)
	}
	return w, nil
}

// keep turns the buffer into a string, the same one for the same text.
func (s *scanner) keep() string {
	if kept, ok := s.names[string(s.buf)]; ok {
		return kept
	}
	text := string(s.buf)
	if len(s.names) < maxNames && len(text) <= 64 {
		s.names[text] = text
	}
	return text
}

// str reads a text in quotes.
func (s *scanner) str() (string, error) {
	if err := s.mark('"'); err != nil {
		return "", err
	}
	s.buf = s.buf[:0]
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return "", s.cut(err)
		}
		switch {
		case c == '"':
			return s.keep(), nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return "", err
			}
		case c < ' ':
			return "", s.broken("a text runs over the end of a line, so this is not correct JSON")
		default:
			s.buf = append(s.buf, c)
		}
		if len(s.buf) > s.lim.Cell {
			return "", sheet.OverLimit(s.name, s.line, "cell", int64(s.lim.Cell), "a text is longer")
		}
	}
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape() error {
	c, err := s.r.ReadByte()
	if err != nil {
		return s.cut(err)
	}
	if c == 'u' {
		return s.unicode()
	}
	plain, ok := escapes[c]
	if !ok {
		return s.broken(`\%c in a text means nothing, so this is not correct JSON`, c)
	}
	s.buf = append(s.buf, plain)
	return nil
}

// unicode reads the four digits behind \u, and the second half of a pair.
func (s *scanner) unicode() error {
	r, err := s.hex4()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		if next, err := s.r.Peek(2); err == nil && next[0] == '\\' && next[1] == 'u' {
			s.r.Discard(2) // cannot fail: the bytes were just peeked
			second, err := s.hex4()
			if err != nil {
				return err
			}
			r = utf16.DecodeRune(r, second)
		} else {
			r = utf8.RuneError
		}
	}
	s.buf = utf8.AppendRune(s.buf, r)
	return nil
}

func (s *scanner) hex4() (rune, error) {
	var digits [4]byte
	if _, err := io.ReadFull(s.r, digits[:]); err != nil {
		return 0, s.broken("the file is cut short")
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return 0, s.broken(`\u%s is not a letter, so this is not correct JSON`, digits)
	}
	return rune(n), nil
}

// scalar reads a text, number, true or false as text; null as nothing. Lists
// and objects are skipped, and is says so.
func (s *scanner) scalar() (text string, is bool, err error) {
	c, err := s.peek()
	if err != nil {
		return "", false, s.cut(err)
	}
	switch c {
	case '"':
		text, err = s.str()
		return text, true, err
	case '{', '[':
		return "", false, s.skip()
	}
	if text, err = s.word(); text == "null" {
		text = ""
	}
	return text, true, err
}
