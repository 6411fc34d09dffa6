// SPDX-License-Identifier: Apache-2.0

package nisterr

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var (
	markUTF8    = []byte("\xef\xbb\xbf")
	markUTF16LE = []byte("\xff\xfe")
	markUTF16BE = []byte("\xfe\xff")
)

// firstByte is the first character that says something, whatever the
// encoding; 0 for a file without any.
func firstByte(raw []byte) byte {
	for _, mark := range [][]byte{markUTF8, markUTF16LE, markUTF16BE} {
		raw = bytes.TrimPrefix(raw, mark)
	}
	for _, c := range raw {
		switch c {
		case ' ', '\t', '\r', '\n', 0: // 0 is half a character of UTF-16
		default:
			return c
		}
	}
	return 0
}

// toUTF8 turns the bytes of a file into UTF-8 without a mark at the start.
// The mark and the look of the first bytes go before what the file declares.
// remark is not empty where the file is not what it claims to be.
func toUTF8(raw []byte, declared string) (text []byte, remark string, err error) {
	switch {
	case bytes.HasPrefix(raw, markUTF8):
		raw, declared = raw[len(markUTF8):], "utf-8"
	case bytes.HasPrefix(raw, markUTF16LE), wide(raw, 1):
		text, err = decode(raw, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))
		return text, "", err
	case bytes.HasPrefix(raw, markUTF16BE), wide(raw, 0):
		text, err = decode(raw, unicode.UTF16(unicode.BigEndian, unicode.UseBOM))
		return text, "", err
	}
	switch strings.ToLower(declared) {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "utf-16": // UTF-16 would have been seen by now
		if utf8.Valid(raw) {
			return raw, "", nil
		}
		text, err = decode(raw, charmap.Windows1252)
		return text, "the file is not UTF-8 as it should be; it was read as Windows-1252, so look at accented letters", err
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		text, err = decode(raw, charmap.Windows1252)
		return text, "", err
	case "iso-8859-15", "latin9":
		text, err = decode(raw, charmap.ISO8859_15)
		return text, "", err
	}
	return nil, "", fmt.Errorf("the file declares the encoding %q; save it as UTF-8", declared)
}

// wide says whether the file starts like UTF-16 without a mark: every
// second byte of plain text is zero.
func wide(raw []byte, zero int) bool {
	return len(raw) >= 4 && raw[zero] == 0 && raw[zero+2] == 0 && raw[1-zero] != 0
}

// decode turns raw into UTF-8. UseBOM without a mark means the default order.
func decode(raw []byte, enc encoding.Encoding) ([]byte, error) {
	if enc != charmap.Windows1252 && enc != charmap.ISO8859_15 && len(raw)%2 != 0 {
		return nil, errors.New("the file is UTF-16 but ends in the middle of a character")
	}
	return enc.NewDecoder().Bytes(raw)
}

// declaredEncoding is what an XML declaration says, if there is one.
func declaredEncoding(raw []byte) string {
	raw = bytes.TrimPrefix(raw, markUTF8)
	if !bytes.HasPrefix(raw, []byte("<?xml")) {
		return ""
	}
	end := bytes.Index(raw, []byte("?>"))
	if end < 0 {
		return ""
	}
	_, after, found := bytes.Cut(raw[:end], []byte("encoding"))
	after = bytes.TrimLeft(after, " \t\r\n=")
	if !found || len(after) == 0 || after[0] != '"' && after[0] != '\'' {
		return ""
	}
	name, _, _ := bytes.Cut(after[1:], after[:1])
	return string(name)
}

// lines turns places in a text into line numbers. Places must be asked for
// in order, so that each byte is looked at once.
type lines struct {
	src  []byte
	pos  int
	line int // lines before pos
}

// at is the line of a place, counted from 1.
func (l *lines) at(pos int) int {
	if pos > l.pos {
		l.line += bytes.Count(l.src[l.pos:pos], []byte{'\n'})
		l.pos = pos
	}
	return l.line + 1
}
