// SPDX-License-Identifier: Apache-2.0

// Package paper lays letters out on US Letter sheets and writes them as one
// PDF, each letter from its own page on, as they come: ten thousand letters
// need no more memory than one. The same letters give the same bytes.
//
// The first page is made for a #10 envelope with a left window: folded in
// three, the window shows the letter's number, its QR code and the address,
// wherever the sheet lies in the envelope. So returned mail is scanned without
// being opened. It thinks and touches no database.
package paper

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Letter is one letter as it is printed.
type Letter struct {
	Number string   // as people read it, with hyphens
	Code   string   // as machines read it
	From   []string // the sender: name, then the lines of the address
	To     []string // lines of the address
	Date   string
	Page   func(page, of int) string // "Page 1 of 2"
	Body   []Block
	Card   []Block // what stands on a card to be sent back; none where empty
	Stamp  string  // what stands where the card's stamp goes
}

// Kind is how a block looks.
type Kind uint8

// The kinds of blocks.
const (
	Paragraph Kind = iota
	Title
	Heading
	Item  // of a list
	Check // a box to be ticked
	Blank // a line to be filled in
)

// Block is a paragraph of some kind.
type Block struct {
	Kind Kind
	Text string
}

// line is one line of type at its place within a block.
type line struct {
	face   *face
	size   float64
	lead   float64 // down from the line before
	indent float64
	mark   Kind // what stands before it, or behind it
	first  bool // of its block
	keep   bool // it never ends a page
	text   string
	width  float64
}

// looks are how blocks are set.
var looks = [...]struct {
	bold                     bool
	size, before, lead, hang float64
}{
	Paragraph: {false, 11, 8, 14.5, 0},
	Title:     {true, 14, 0, 18, 0},
	Heading:   {true, 11.5, 12, 15, 0},
	Item:      {false, 11, 4, 14.5, 16},
	Check:     {false, 11, 6, 14.5, 20},
	Blank:     {false, 11, 10, 18, 0},
}

// set breaks blocks into lines of a width.
func set(blocks []Block, width, scale float64) (lines []line) {
	for _, b := range blocks {
		look := looks[b.Kind]
		f := regular()
		if look.bold {
			f = bold()
		}
		size := look.size * scale
		for i, text := range f.wrap(clean(b.Text), size, width-look.hang) {
			l := line{face: f, size: size, lead: look.lead * scale, indent: look.hang, mark: b.Kind, first: i == 0, keep: look.bold, text: text, width: f.width(text, size)}
			if i == 0 && len(lines) > 0 {
				l.lead += look.before * scale
			}
			lines = append(lines, l)
		}
	}
	return lines
}

// clean is text in the form that the fonts have, on one line.
func clean(text string) string {
	return norm.NFC.String(strings.Join(strings.Fields(text), " "))
}

// wrap breaks a text into lines that are no wider than width. A word that is
// wider by itself is broken.
func (f *face) wrap(text string, size, width float64) (lines []string) {
	space := f.width(" ", size)
	start, end, used := 0, 0, 0.0
	for at := 0; at <= len(text); {
		stop := strings.IndexByte(text[at:], ' ')
		if stop < 0 {
			stop = len(text)
		} else {
			stop += at
		}
		w := f.width(text[at:stop], size)
		switch {
		case at == start && w > width:
			cut := f.fits(text[at:stop], size, width)
			lines = append(lines, text[at:at+cut])
			at += cut
			start, end, used = at, at, 0
			continue
		case at == start:
			used, end = w, stop
		case used+space+w <= width:
			used, end = used+space+w, stop
		default:
			lines = append(lines, text[start:end])
			start, end, used = at, at, 0
			continue
		}
		at = stop + 1
	}
	return append(lines, text[start:end])
}

// fits is how many bytes of a word are no wider than width, at least one letter.
func (f *face) fits(word string, size, width float64) int {
	used := 0.0
	for i, r := range word {
		used += f.width(string(r), size)
		if used > width && i > 0 {
			return i
		}
	}
	return len(word)
}

// Missing are the characters of a text that cannot be printed, each once.
func Missing(text string) string {
	var out strings.Builder
	for _, r := range clean(text) {
		if regular().glyph(r) == 0 && !strings.ContainsRune(out.String(), r) && out.Len() < 200 {
			out.WriteRune(r)
		}
	}
	return out.String()
}
