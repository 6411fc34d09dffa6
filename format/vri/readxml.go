// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"hustings/format/sheet"
)

// xmlAttributes are the attributes of the standard.
var xmlAttributes = []string{"FileName", "MimeType", "Separator", "PlaceNameType", "ElementSequenceNumber", "GNISFeatureID", "action",
	"AttachedElement", "AddressNumberParity", "SubaddressComponentOrder"}

func (r *reader) readXML(in io.Reader) error {
	x := sheet.NewXML(in)
	if err := r.root(x); err != nil {
		return r.broken(x.Line(), err)
	}
	for { // nothing may follow, and the file must be whole
		if _, err := x.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return r.broken(x.Line(), err)
		}
	}
}

// root reads the outermost element: a message, or a wrapper around several.
func (r *reader) root(x *sheet.XML) error {
	if _, err := x.Next(); err != nil {
		return err
	}
	r.Space = string(x.Space())
	name := string(x.Name())
	if isMessage(name) {
		if r.Space != space {
			r.Problems.Add(x.Line(), name, "its name space is %q where %q should be; it was read all the same", r.Space, space)
		}
		return r.xmlMessage(x)
	}
	r.Problems.Add(x.Line(), "", "the file begins with <%s>, which the standard does not know; the messages in it were read", short(name))
	found := false
	for {
		piece, err := x.Next()
		switch {
		case err != nil:
			return err
		case piece == sheet.End:
			if !found {
				return errNoMessage
			}
			return nil
		case piece == sheet.Start && isMessage(string(x.Name())):
			found = true
			err = r.xmlMessage(x)
		case piece == sheet.Start:
			r.tellOnce(x.Line(), short(name), fmt.Sprintf("the standard knows no %s here; it was left aside", short(string(x.Name()))))
			err = x.Skip()
		}
		if err != nil {
			return err
		}
	}
}

func isMessage(name string) bool {
	return name == "VoterRecordsResponse" || messageClasses[name] != nil
}

// xmlMessage reads a message, its records one by one.
func (r *reader) xmlMessage(x *sheet.XML) error {
	r.parts, r.used = 0, 0
	n := r.open(x)
	if n.class == "" && messageClasses[n.name] != nil {
		n.class = n.name
	}
	records := false
	for {
		piece, err := x.Next()
		if err != nil {
			return err
		}
		switch piece {
		case sheet.End:
			return r.message(n, records)
		case sheet.Chars:
			if len(bytes.TrimSpace(x.Chars())) > 0 {
				r.tellOnce(x.Line(), n.name, "there is text between the elements; it was left aside")
			}
		case sheet.Start:
			parts, used := r.parts, r.used
			k, err := r.tree(x)
			if err != nil {
				return err
			}
			if k.name != "VoterRecord" {
				n.kids = append(n.kids, k)
				continue
			}
			records = true
			if err := r.record(k); err != nil {
				return err
			}
			r.parts, r.used = parts, used
		}
	}
}

// open makes a node of the element that has just begun.
func (r *reader) open(x *sheet.XML) *node {
	n := r.fresh(r.intern(x.Name()), x.Line())
	n.part = true
	if class := x.Prefixed("type"); len(class) > 0 {
		n.class = bareClass(string(class))
	}
	for _, a := range xmlAttributes {
		if v, ok := x.Attr(a); ok && len(v) > 0 {
			k := r.fresh(a, n.line)
			k.text = string(v)
			n.kids = append(n.kids, k)
		}
	}
	return n
}

// tree reads an element with everything in it.
func (r *reader) tree(x *sheet.XML) (*node, error) {
	if err := r.count(); err != nil {
		return nil, err
	}
	n := r.open(x)
	blank := false
	var long []byte // the text, where it comes in several pieces
	for {
		piece, err := x.Next()
		if err != nil {
			return nil, err
		}
		switch piece {
		case sheet.End:
			switch {
			case long != nil:
				n.text = string(long)
			case n.text == "" && blank && len(n.kids) == 0:
				n.text = " " // which says something of a separator, and nothing elsewhere
			}
			return n, nil
		case sheet.Chars:
			if n.text == "" && len(bytes.TrimSpace(x.Chars())) == 0 {
				blank = true
				continue
			}
			switch {
			case n.text == "":
				n.text = string(x.Chars())
			case long == nil:
				long = append([]byte(n.text), x.Chars()...)
			default:
				long = append(long, x.Chars()...)
			}
			if max(len(long), len(n.text)) > r.lim.Line*8 {
				return nil, sheet.OverLimit(r.Name, x.Line(), "line", int64(r.lim.Line)*8, "the text of an element is larger")
			}
		case sheet.Start:
			k, err := r.tree(x)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, k)
		}
	}
}

// short is a name for a message, cut where it is absurdly long.
func short(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
