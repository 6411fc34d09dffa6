// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonScan walks over a JSON text, value by value, and always knows where it
// is. encoding/json cannot say on which line a member stands.
type jsonScan struct {
	src     []byte
	pos     int
	scratch []byte
}

var errCut = errors.New("the file ends too early; was the upload cut short?")

// peek is the first byte of the next token, without taking it.
func (s *jsonScan) peek() (byte, error) {
	for ; s.pos < len(s.src); s.pos++ {
		switch s.src[s.pos] {
		case ' ', '\t', '\r', '\n':
		default:
			return s.src[s.pos], nil
		}
	}
	return 0, errCut
}

// take takes the next token, which must be this one.
func (s *jsonScan) take(want byte) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != want {
		return fmt.Errorf("%q stands where %q should be", rune(c), rune(want))
	}
	s.pos++
	return nil
}

// more says whether a list or object goes on after a value, and takes the
// comma or the closing bracket.
func (s *jsonScan) more(closing byte) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	switch c {
	case ',':
		s.pos++
		if c, err = s.peek(); err == nil && c == closing {
			err = fmt.Errorf("a comma stands before %q", rune(closing))
		}
		return true, err
	case closing:
		s.pos++
		return false, nil
	}
	return false, fmt.Errorf("%q stands where a comma or %q should be", rune(c), rune(closing))
}

// text takes a string. What it returns is good until the next call.
func (s *jsonScan) text() ([]byte, error) {
	if err := s.take('"'); err != nil {
		return nil, err
	}
	rest := s.src[s.pos:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, errCut
	}
	if bytes.IndexByte(rest[:end], '\\') < 0 {
		s.pos += end + 1
		return rest[:end], nil
	}
	return s.escapedText()
}

// escapedText takes the rest of a string that has a backslash in it.
func (s *jsonScan) escapedText() ([]byte, error) {
	s.scratch = s.scratch[:0]
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		s.pos++
		switch c {
		case '"':
			return s.scratch, nil
		case '\\':
			if err := s.escape(); err != nil {
				return nil, err
			}
		default:
			s.scratch = append(s.scratch, c)
		}
	}
	return nil, errCut
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape takes what stands after a backslash.
func (s *jsonScan) escape() error {
	if s.pos >= len(s.src) {
		return errCut
	}
	c := s.src[s.pos]
	s.pos++
	if plain, ok := escapes[c]; ok {
		s.scratch = append(s.scratch, plain)
		return nil
	}
	if c != 'u' {
		return fmt.Errorf("a text holds \\%c, which JSON does not know", c)
	}
	r, err := s.hex4()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) && bytes.HasPrefix(s.src[s.pos:], []byte(`\u`)) {
		back := s.pos
		s.pos += 2
		low, err := s.hex4()
		if err != nil {
			return err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			s.pos = back // the second one stands for itself
		}
	}
	s.scratch = utf8.AppendRune(s.scratch, r) // half a pair becomes U+FFFD
	return nil
}

// hex4 takes four hexadecimal digits.
func (s *jsonScan) hex4() (rune, error) {
	if len(s.src)-s.pos < 4 {
		return 0, errCut
	}
	digits := s.src[s.pos : s.pos+4]
	n, err := strconv.ParseUint(string(digits), 16, 32)
	if err != nil {
		return 0, fmt.Errorf("a text holds \\u%q, which is not a character", digits)
	}
	s.pos += 4
	return rune(n), nil
}

// word takes a number, or one of true, false and null.
func (s *jsonScan) word() ([]byte, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	start := s.pos
	for s.pos < len(s.src) && isWord(s.src[s.pos]) {
		s.pos++
	}
	if start == s.pos {
		return nil, fmt.Errorf("%q stands where a value should be", rune(s.src[s.pos]))
	}
	return s.src[start:s.pos], nil
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// skip passes over a whole value, however deep; depth is how much deeper it
// may go.
func (s *jsonScan) skip(depth int) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{', '[':
		if depth <= 0 {
			return errors.New("values are nested deeper than is read")
		}
		return s.skipInside(c, depth-1)
	case '"':
		_, err = s.text()
	default:
		_, err = s.word()
	}
	return err
}

// skipInside passes over an object or a list.
func (s *jsonScan) skipInside(open byte, depth int) error {
	s.pos++
	closing := open + 2 // } and ] stand two places after { and [
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == closing {
		s.pos++
		return nil
	}
	for more := true; more; {
		if open == '{' {
			if _, err := s.text(); err != nil {
				return err
			}
			if err := s.take(':'); err != nil {
				return err
			}
		}
		if err := s.skip(depth); err != nil {
			return err
		}
		if more, err = s.more(closing); err != nil {
			return err
		}
	}
	return nil
}
