// SPDX-License-Identifier: Apache-2.0

package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/beevik/etree"
	xrv "github.com/mattermost/xml-roundtrip-validator"
)

// Limits of a file. An answer of a large office, with all its groups, has some
// 30 KB, 600 elements and a depth of 9.
const (
	mostDepth      = 32
	mostElements   = 20_000
	mostAttributes = 32 // of one element
)

// plain reads XML that says one thing to every reader: no document type, no
// processing instructions, no attribute twice and, in an answer, no comments.
func plain(body []byte, comments bool) (*etree.Element, error) {
	if err := look(body, comments); err != nil {
		return nil, err
	}
	if err := xrv.Validate(bytes.NewReader(body)); err != nil {
		return nil, fmt.Errorf("reads differently when it is written again: %w", err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(body); err != nil {
		return nil, err
	}
	if doc.Root() == nil {
		return nil, errors.New("holds no element")
	}
	return doc.Root(), nil
}

// look goes through the file once, in bounded memory, before anything is built
// from it. A reader without a charset table refuses all but UTF-8.
func look(body []byte, comments bool) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	depth, elements, roots := 0, 0, 0
	for {
		at := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			depth, elements = depth+1, elements+1
			if depth > mostDepth || elements > mostElements || len(t.Attr) > mostAttributes || roots > 1 {
				return fmt.Errorf("has more elements, depth or attributes than any real one, at byte %d", at)
			}
			if err := single(t); err != nil {
				return err
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errors.New("has a document type")
		case xml.ProcInst:
			if t.Target != "xml" || at != 0 {
				return fmt.Errorf("has the instruction %q", clip(t.Target))
			}
		case xml.Comment:
			if !comments {
				return errors.New("has a comment: two readers may see two names around it")
			}
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return errors.New("has text outside of its element")
			}
		}
	}
}

// single wants each attribute of an element once, and its id without a prefix:
// readers differ in which of two they take.
func single(e xml.StartElement) error {
	for i, a := range e.Attr {
		if a.Name.Space != "" && strings.EqualFold(a.Name.Local, "id") && a.Name.Space != "xmlns" {
			return fmt.Errorf("<%s> has an id with a prefix", clip(e.Name.Local))
		}
		for _, b := range e.Attr[:i] {
			if a.Name == b.Name {
				return fmt.Errorf("<%s> has the attribute %s twice", clip(e.Name.Local), clip(a.Name.Local))
			}
		}
	}
	return nil
}

// clip keeps what a stranger wrote from filling the log.
func clip(s string) string {
	if len(s) > 100 {
		return strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}
