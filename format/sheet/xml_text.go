// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// plain resolves entities and line ends. Text without any is given as it is.
func (x *XML) plain(raw []byte) ([]byte, error) {
	if bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return raw, x.valid(raw)
	}
	if err := x.valid(raw); err != nil {
		return nil, err
	}
	from := len(x.scratch)
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\r':
			if i+1 >= len(raw) || raw[i+1] != '\n' {
				x.scratch = append(x.scratch, '\n')
			}
		case c == '&':
			n, err := x.entity(raw[i:])
			if err != nil {
				return nil, err
			}
			i += n - 1
		default:
			x.scratch = append(x.scratch, c)
		}
	}
	return x.scratch[from:len(x.scratch):len(x.scratch)], nil
}

// valid refuses what XML cannot hold: letters that are not UTF-8, and control
// characters.
func (x *XML) valid(b []byte) error {
	if !utf8.Valid(b) {
		return errors.New("the text is not UTF-8")
	}
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return fmt.Errorf("the character %U cannot stand in XML", c)
		}
	}
	return nil
}

// entity appends what the entity at the start of b means, and gives its length.
func (x *XML) entity(b []byte) (int, error) {
	const longest = 12
	end := bytes.IndexByte(b[:min(len(b), longest)], ';')
	if end < 0 {
		return 0, errors.New("an & is not followed by the name of an entity and a semicolon")
	}
	name := string(b[1:end])
	if c, ok := entities[name]; ok {
		x.scratch = append(x.scratch, c)
		return end + 1, nil
	}
	var n uint64
	err := errors.New("no number")
	if len(name) > 1 && name[0] == '#' {
		if name[1] == 'x' {
			n, err = strconv.ParseUint(name[2:], 16, 32)
		} else {
			n, err = strconv.ParseUint(name[1:], 10, 32)
		}
	}
	if err != nil || !utf8.ValidRune(rune(n)) || n < ' ' && n != '\t' && n != '\n' && n != '\r' {
		return 0, fmt.Errorf("the entity &%s; is not known", name)
	}
	x.scratch = utf8.AppendRune(x.scratch, rune(n))
	return end + 1, nil
}

var entities = map[string]byte{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}
