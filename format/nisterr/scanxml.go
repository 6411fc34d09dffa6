// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlScan walks over an XML text, tag by tag. It is several times faster than
// encoding/xml and knows only what a report needs: no document type, and so no
// entities of the file's own, which is how small files blow up. A fuzz test
// holds it against encoding/xml.
type xmlScan struct {
	src []byte
	pos int

	name  []byte // of the start or end tag last taken, without its prefix
	space string // namespace of that element
	attrs []xmlAttr
	text  []byte // text last taken

	closing bool // the start tag last taken ends in />
	open    []xmlOpen
	spaces  []xmlSpace
	scratch []byte
	tags    int // start tags taken
}

// xmlAttr is an attribute. Its value is good until the next tag.
type xmlAttr struct{ prefix, name, value []byte }

// xmlOpen is an element that is not closed yet.
type xmlOpen struct {
	name   []byte // as written, with its prefix
	spaces int    // namespaces known outside of it
}

// xmlSpace is a namespace and its prefix.
type xmlSpace struct{ prefix, uri string }

// xmlToken is what the scanner has come upon.
type xmlToken uint8

const (
	xmlStart xmlToken = iota
	xmlEnd
	xmlText
	xmlDone
)

// next takes the next tag or piece of text.
func (s *xmlScan) next() (xmlToken, error) {
	if s.closing {
		s.closing = false
		return xmlEnd, s.endTag(s.open[len(s.open)-1].name)
	}
	s.scratch = s.scratch[:0]
	for s.pos < len(s.src) {
		rest := s.src[s.pos:]
		if rest[0] != '<' {
			return s.takeText(rest)
		}
		switch {
		case bytes.HasPrefix(rest, []byte("</")):
			return xmlEnd, s.takeEnd(rest)
		case bytes.HasPrefix(rest, []byte("<!--")):
			if err := s.pass("<!--", "-->", "comment"); err != nil {
				return 0, err
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			if len(s.open) == 0 {
				return 0, errors.New("text stands outside of the report")
			}
			return xmlText, s.takeCDATA()
		case bytes.HasPrefix(rest, []byte("<?")):
			if err := s.pass("<?", "?>", "processing instruction"); err != nil {
				return 0, err
			}
		case bytes.HasPrefix(rest, []byte("<!")):
			return 0, errors.New("the file has a document type (<!DOCTYPE ...>); take it out, results do not need one")
		default:
			return xmlStart, s.takeStart(rest)
		}
	}
	if len(s.open) > 0 {
		return 0, errCut
	}
	return xmlDone, nil
}

// pass moves behind something that ends in a certain way.
func (s *xmlScan) pass(from, to, what string) error {
	i := bytes.Index(s.src[s.pos+len(from):], []byte(to))
	if i < 0 {
		return fmt.Errorf("a %s has no end", what)
	}
	s.pos += len(from) + i + len(to)
	return nil
}

// takeCDATA takes a piece of text in which & and < stand for themselves.
func (s *xmlScan) takeCDATA() error {
	start := s.pos + len("<![CDATA[")
	if err := s.pass("<![CDATA[", "]]>", "CDATA section"); err != nil {
		return err
	}
	s.text = s.oneNewline(s.src[start : s.pos-len("]]>")])
	return nil
}

// takeText takes the text up to the next tag.
func (s *xmlScan) takeText(rest []byte) (xmlToken, error) {
	end := bytes.IndexByte(rest, '<')
	if end < 0 {
		end = len(rest)
	}
	if len(s.open) == 0 {
		if len(bytes.TrimSpace(rest[:end])) > 0 {
			return 0, errors.New("text stands outside of the report")
		}
		s.pos += end
		return s.next()
	}
	var err error
	s.text, err = s.plain(rest[:end], false)
	s.pos += end
	return xmlText, err
}

// takeEnd takes an end tag.
func (s *xmlScan) takeEnd(rest []byte) error {
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		return errCut
	}
	name := bytes.TrimRight(rest[2:end], " \t\r\n")
	if len(s.open) == 0 {
		return fmt.Errorf("</%s> closes what was never opened", name)
	}
	if want := s.open[len(s.open)-1].name; !bytes.Equal(name, want) {
		return fmt.Errorf("</%s> stands where </%s> should be", name, want)
	}
	s.pos += end + 1
	return s.endTag(name)
}

// endTag closes the innermost element.
func (s *xmlScan) endTag(name []byte) error {
	top := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.spaces = s.spaces[:top.spaces]
	_, s.name = splitName(name)
	return nil
}

// takeStart takes a start tag and its attributes.
func (s *xmlScan) takeStart(rest []byte) error {
	name := rest[1 : 1+nameLen(rest[1:])]
	if len(name) == 0 {
		return errors.New("a < stands where no tag starts; in a text it is written &lt;")
	}
	if len(s.open) == 0 && s.tags > 0 {
		return errors.New("there is more text after the end of the report")
	}
	s.tags++
	s.open = append(s.open, xmlOpen{name: name, spaces: len(s.spaces)})
	s.attrs = s.attrs[:0]
	s.pos += 1 + len(name)
	for {
		done, err := s.attribute()
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	prefix, local := splitName(name)
	s.name = local
	s.space = s.spaceOf(prefix)
	return nil
}

// attribute takes one attribute, or the end of the tag.
func (s *xmlScan) attribute() (done bool, err error) {
	s.skipSpace()
	if s.pos >= len(s.src) {
		return false, errCut
	}
	switch rest := s.src[s.pos:]; {
	case rest[0] == '>':
		s.pos++
		return true, nil
	case bytes.HasPrefix(rest, []byte("/>")):
		s.pos += 2
		s.closing = true
		return true, nil
	}
	return false, s.nameAndValue()
}

// nameAndValue takes name="value".
func (s *xmlScan) nameAndValue() error {
	name := s.src[s.pos : s.pos+nameLen(s.src[s.pos:])]
	s.pos += len(name)
	s.skipSpace()
	if len(name) == 0 || s.pos >= len(s.src) || s.src[s.pos] != '=' {
		return fmt.Errorf("an attribute in <%s> has no value", s.open[len(s.open)-1].name)
	}
	s.pos++
	s.skipSpace()
	if s.pos >= len(s.src) {
		return errCut
	}
	mark := s.src[s.pos]
	end := bytes.IndexByte(s.src[s.pos+1:], mark)
	if mark != '"' && mark != '\'' {
		return fmt.Errorf("the value of attribute %s has no quotation marks", name)
	}
	if end < 0 {
		return errCut
	}
	raw := s.src[s.pos+1 : s.pos+1+end]
	s.pos += end + 2
	if bytes.IndexByte(raw, '<') >= 0 {
		return fmt.Errorf("the value of attribute %s holds a <; it is written &lt;", name)
	}
	value, err := s.plain(raw, true)
	if err != nil {
		return err
	}
	return s.addAttr(name, value)
}

// addAttr keeps an attribute, or a namespace.
func (s *xmlScan) addAttr(name, value []byte) error {
	prefix, local := splitName(name)
	if len(s.spaces) > 64 { // each element looks through them
		return errors.New("the file declares more than 64 namespaces")
	}
	switch {
	case len(prefix) == 0 && string(local) == "xmlns":
		s.spaces = append(s.spaces, xmlSpace{uri: string(value)})
		return nil
	case string(prefix) == "xmlns":
		s.spaces = append(s.spaces, xmlSpace{prefix: string(local), uri: string(value)})
		return nil
	}
	for _, a := range s.attrs {
		if bytes.Equal(a.name, local) && bytes.Equal(a.prefix, prefix) {
			return fmt.Errorf("attribute %s is given twice", name)
		}
	}
	if len(s.attrs) == 32 {
		return errors.New("a tag has more than 32 attributes")
	}
	s.attrs = append(s.attrs, xmlAttr{prefix: prefix, name: local, value: value})
	return nil
}

// spaceOf is the namespace behind a prefix.
func (s *xmlScan) spaceOf(prefix []byte) string {
	for i := len(s.spaces) - 1; i >= 0; i-- {
		if s.spaces[i].prefix == string(prefix) {
			return s.spaces[i].uri
		}
	}
	return ""
}

func (s *xmlScan) skipSpace() {
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// nameLen is how long the name at the start of b is.
func nameLen(b []byte) int {
	for i, c := range b {
		switch c {
		case ' ', '\t', '\r', '\n', '/', '>', '=', '<', '"', '\'', '&':
			return i
		}
	}
	return len(b)
}

// splitName parts a name and its prefix.
func splitName(name []byte) (prefix, local []byte) {
	if i := bytes.IndexByte(name, ':'); i > 0 {
		return name[:i], name[i+1:]
	}
	return nil, name
}

// oneNewline turns the line ends of Windows and of old Macs into \n, as XML
// asks for.
func (s *xmlScan) oneNewline(raw []byte) []byte {
	if bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
}

// plain resolves line ends and references in a piece of text.
func (s *xmlScan) plain(raw []byte, attr bool) ([]byte, error) {
	raw = s.oneNewline(raw)
	if bytes.IndexByte(raw, '&') < 0 && (!attr || bytes.IndexAny(raw, "\t\n") < 0) {
		return raw, nil
	}
	start := len(s.scratch)
	for len(raw) > 0 {
		switch c := raw[0]; {
		case c == '&':
			size, err := s.reference(raw)
			if err != nil {
				return nil, err
			}
			raw = raw[size:]
			continue
		case attr && (c == '\t' || c == '\n'):
			s.scratch = append(s.scratch, ' ')
		default:
			s.scratch = append(s.scratch, c)
		}
		raw = raw[1:]
	}
	return s.scratch[start:], nil
}

var entities = map[string]byte{"lt": '<', "gt": '>', "amp": '&', "apos": '\'', "quot": '"'}

// reference resolves &lt; or &#65; at the start of raw and says how long it is.
func (s *xmlScan) reference(raw []byte) (int, error) {
	end := bytes.IndexByte(raw[:min(len(raw), 16)], ';')
	if end < 0 {
		return 0, errors.New("an & stands alone; it is written &amp;")
	}
	name := string(raw[1:end])
	if c, ok := entities[name]; ok {
		s.scratch = append(s.scratch, c)
		return end + 1, nil
	}
	digits, numeric := strings.CutPrefix(name, "#")
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if !numeric || err != nil || n > utf8.MaxRune || !xmlRune(rune(n)) {
		return 0, fmt.Errorf("&%s; is not a character that XML knows", name)
	}
	s.scratch = utf8.AppendRune(s.scratch, rune(n))
	return end + 1, nil
}

// xmlRune says whether XML 1.0 can hold a character.
func xmlRune(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}
