// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of XML that no honest file comes near. Without them a small packed
// file could make the decoder remember gigabytes of open elements or text.
const (
	maxXMLDepth = 64
	maxXMLToken = 8 << 20
)

// XML walks through an XML file token by token within bounded memory. It
// refuses document type definitions, and with them every entity but the five
// of XML itself, so that nothing can expand into more than it is.
type XML struct {
	d     *xml.Decoder
	src   *tokenBudget
	depth int
}

// NewXML begins to walk through r, which must be UTF-8 whatever the file
// declares; Text makes it so.
func NewXML(r io.Reader) *XML {
	src := &tokenBudget{r: r}
	d := xml.NewDecoder(src)
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return &XML{d: d, src: src}
}

// Token gives the next token; io.EOF after the last. Its text is valid until
// the next call.
func (x *XML) Token() (xml.Token, error) {
	x.src.left = maxXMLToken
	tok, err := x.d.Token()
	if err != nil {
		return nil, err
	}
	switch tok.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxXMLDepth {
			return nil, fmt.Errorf("the elements are nested more than %d deep", maxXMLDepth)
		}
	case xml.EndElement:
		x.depth--
	case xml.Directive:
		return nil, errors.New("the file has a document type definition (<!DOCTYPE>), which is not accepted because entities can be used to do harm; remove it")
	}
	return tok, nil
}

// Skip passes over the rest of the element that was just opened.
func (x *XML) Skip() error {
	for outside := x.depth - 1; x.depth > outside; {
		if _, err := x.Token(); err != nil {
			return unexpected(err)
		}
	}
	return nil
}

// Line is the line that the last token ends on.
func (x *XML) Line() int {
	line, _ := x.d.InputPos()
	return line
}

// tokenBudget stops a single token that is far too large.
type tokenBudget struct {
	r    io.Reader
	left int
}

func (t *tokenBudget) Read(p []byte) (int, error) {
	if t.left <= 0 {
		return 0, fmt.Errorf("a single text or element is larger than %d MiB", maxXMLToken>>20)
	}
	n, err := t.r.Read(p)
	t.left -= n
	return n, err
}

// unexpected makes the end of the file an error where more had to come.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
