// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const maxDepth = 64

// scanner takes JSON apart, a byte at a time, and knows the line.
type scanner struct {
	r    *bufio.Reader
	line int
	most int // bytes of one text; what is longer is passed over
	long int // bytes of the last text, where it was too long
	buf  []byte
}

func (s *scanner) byte() (byte, error) {
	c, err := s.r.ReadByte()
	if c == '\n' {
		s.line++
	}
	return c, err
}

// peek is the next byte that is not blank.
func (s *scanner) peek() (byte, error) {
	for {
		c, err := s.byte()
		if err != nil {
			return 0, err
		}
		switch c {
		case ' ', '\t', '\n', '\r':
		case 0xEF, 0xBB, 0xBF: // a mark at the start
		default:
			return c, s.r.UnreadByte()
		}
	}
}

// take takes the mark that must come next.
func (s *scanner) take(want byte) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c != want {
		return fmt.Errorf("%q stands where %q must be; the file is not JSON", c, want)
	}
	_, err = s.byte()
	return err
}

// more says whether another member follows in an object or a list. A comma
// before the end is forgiven.
func (s *scanner) more(end byte) (bool, error) {
	c, err := s.peek()
	if err != nil {
		return false, err
	}
	switch c {
	case end:
		_, err := s.byte()
		return false, err
	case ',':
		s.byte()
		if c, err = s.peek(); err != nil {
			return false, err
		}
		if c == end {
			s.byte()
			return false, nil
		}
		return true, nil
	}
	return false, fmt.Errorf("%q stands where a comma or %q must be; the file is not JSON", c, end)
}

// text reads a string. One that is too long is passed over: it is empty, and
// long says how much there was.
func (s *scanner) text() (string, error) {
	err := s.quoted()
	return string(s.buf), err
}

// quoted reads a string into the buffer.
func (s *scanner) quoted() error {
	if err := s.take('"'); err != nil {
		return err
	}
	s.buf, s.long = s.buf[:0], 0
	for {
		c, err := s.byte()
		if err != nil {
			return err
		}
		switch c {
		case '"':
			if s.long > 0 {
				s.long, s.buf = s.long+len(s.buf), s.buf[:0]
			}
			return nil
		case '\\':
			if err := s.escape(); err != nil {
				return err
			}
		default:
			s.buf = append(s.buf, c)
		}
		if len(s.buf) > s.most {
			s.long, s.buf = s.long+len(s.buf), s.buf[:0]
		}
	}
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape() error {
	c, err := s.byte()
	if err != nil {
		return err
	}
	if plain, ok := escapes[c]; ok {
		s.buf = append(s.buf, plain)
		return nil
	}
	if c != 'u' {
		return fmt.Errorf("\\%c is not an escape of JSON", c)
	}
	r, err := s.hex()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		if b, _ := s.r.Peek(2); string(b) != "\\u" {
			s.buf = utf8.AppendRune(s.buf, utf8.RuneError)
			return nil
		}
		s.r.Discard(2)
		low, err := s.hex()
		if err != nil {
			return err
		}
		r = utf16.DecodeRune(r, low)
	}
	s.buf = utf8.AppendRune(s.buf, r)
	return nil
}

func (s *scanner) hex() (r rune, err error) {
	for range 4 {
		c, err := s.byte()
		if err != nil {
			return 0, err
		}
		i := strings.IndexByte("0123456789abcdef", c|0x20)
		if i < 0 || c < '0' {
			return 0, errors.New("an escape \\u is not followed by four hexadecimal digits")
		}
		r = r<<4 | rune(i)
	}
	return r, nil
}

// word reads a number, true, false or null.
func (s *scanner) word() (string, error) {
	s.buf = s.buf[:0]
	for {
		b, err := s.r.Peek(1)
		if len(b) == 0 && !errors.Is(err, io.EOF) {
			return "", err
		}
		if len(b) == 0 || strings.IndexByte(" \t\r\n,]}:", b[0]) >= 0 || len(s.buf) > 400 {
			break
		}
		s.buf = append(s.buf, b[0])
		s.r.ReadByte()
	}
	switch w := string(s.buf); {
	case w == "true", w == "false", w == "null":
		return w, nil
	case len(w) > 0 && strings.Trim(w, "0123456789+-.eE") == "":
		return w, nil
	}
	return "", fmt.Errorf("%q is neither a text, a number, a list nor an object", short(string(s.buf)))
}

func (r *reader) readJSON(in *bufio.Reader) error {
	s := &scanner{r: in, line: 1, most: 8 * r.lim.Line}
	for first := true; ; first = false {
		c, err := s.peek()
		switch {
		case errors.Is(err, io.EOF) && !first:
			return nil
		case err != nil:
			return r.broken(s.line, err)
		case c == '[':
			err = r.list(s, 1, func() error { return r.jsonMessage(s) })
		case c == ',' && !first:
			_, err = s.byte()
		default:
			err = r.jsonMessage(s)
		}
		if err != nil {
			return r.broken(s.line, err)
		}
	}
}

// list reads a list, with do for each of its members.
func (r *reader) list(s *scanner, depth int, do func() error) error {
	if depth > maxDepth {
		return fmt.Errorf("objects and lists are nested more than %d deep", maxDepth)
	}
	if err := s.take('['); err != nil {
		return err
	}
	if c, err := s.peek(); err != nil {
		return err
	} else if c == ']' {
		_, err = s.byte()
		return err
	}
	for more := true; more; {
		if err := do(); err != nil {
			return err
		}
		var err error
		if more, err = s.more(']'); err != nil {
			return err
		}
	}
	return nil
}

// object reads an object, with do for each of its members.
func (r *reader) object(s *scanner, depth int, do func(name string) error) error {
	if depth > maxDepth {
		return fmt.Errorf("objects and lists are nested more than %d deep", maxDepth)
	}
	if err := s.take('{'); err != nil {
		return err
	}
	if c, err := s.peek(); err != nil {
		return err
	} else if c == '}' {
		_, err = s.byte()
		return err
	}
	for more := true; more; {
		if err := s.quoted(); err != nil {
			return err
		}
		name := r.intern(s.buf)
		if err := s.take(':'); err != nil {
			return err
		}
		if err := do(name); err != nil {
			return err
		}
		var err error
		if more, err = s.more('}'); err != nil {
			return err
		}
	}
	return nil
}

// jsonMessage reads a message, its records one by one.
func (r *reader) jsonMessage(s *scanner) error {
	r.parts, r.used = 0, 0
	if _, err := s.peek(); err != nil {
		return err
	}
	n := r.fresh("", s.line)
	n.part = true
	records := false
	record := func() error {
		parts, used := r.parts, r.used
		k := r.fresh("VoterRecord", s.line)
		if err := r.value(s, k, 2); err != nil {
			return err
		}
		records = true
		err := r.record(k)
		r.parts, r.used = parts, used
		return err
	}
	err := r.object(s, 1, func(name string) error {
		if name != "VoterRecord" {
			return r.member(s, n, name, 2)
		}
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == '[' {
			return r.list(s, 2, record)
		}
		return record()
	})
	if err != nil {
		return err
	}
	return r.message(n, records)
}

// member reads a member of an object into its node.
func (r *reader) member(s *scanner, n *node, name string, depth int) error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	if c == '[' {
		return r.list(s, depth, func() error { return r.member(s, n, name, depth+1) })
	}
	if err := r.count(); err != nil {
		return err
	}
	k := r.fresh(name, s.line)
	if err := r.value(s, k, depth); err != nil {
		return err
	}
	switch {
	case name == "@type":
		n.class = bareClass(k.text)
	case k.text != "" || k.part:
		n.kids = append(n.kids, k)
	}
	return nil
}

// value reads what a member holds; null is nothing.
func (r *reader) value(s *scanner, n *node, depth int) (err error) {
	c, err := s.peek()
	if err != nil {
		return err
	}
	n.line = s.line
	switch c {
	case '{':
		n.part = true
		return r.object(s, depth, func(name string) error { return r.member(s, n, name, depth+1) })
	case '"':
		n.text, err = s.text()
		if s.long > 0 {
			r.Problems.Add(n.line, short(n.name), "it holds %d bytes, where at most %d make sense; it was left aside", s.long, s.most)
		}
		return err
	}
	if n.text, err = s.word(); n.text == "null" {
		n.text = ""
	}
	return err
}
