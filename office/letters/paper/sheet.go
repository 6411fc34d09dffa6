// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"io"
	"strconv"

	"rsc.io/qr"

	"hustings/kit/fault"
)

// Places on the sheet in points, from its upper left corner.
//
// A #10 envelope is 4 1/8 inches high, and its window lies 7/8 inch from the
// left and 1/2 inch from the bottom, 4 1/2 by 1 1/8 inches. The folded sheet is
// 3 2/3 inches high and an inch narrower than the envelope, so it slides;
// between windowTop and windowBottom, and left of windowRight, it shows in the
// window almost wherever it lies.
const (
	sheetWidth, sheetHeight = 612.0, 792.0
	left, right             = 68.0, 68.0
	measure                 = sheetWidth - left - right
	windowTop, windowBottom = 170.0, 244.0
	windowRight             = 312.0
	bodyTop                 = 288.0 // below the first fold
	laterTop                = 76.0
	bottom                  = 730.0
	footer                  = 760.0
	half                    = sheetHeight / 2
	modules                 = 1.9 // size of a module of the QR code
)

// Most is how many lines an address may have.
const Most = 5

// Writer writes letters into one PDF.
type Writer struct{ pdf *pdf }

// New begins a file.
func New(w io.Writer) *Writer { return &Writer{newPDF(w)} }

// Close ends the file.
func (p *Writer) Close() error { return p.pdf.close() }

// Letter writes a letter and says how many pages it has.
func (p *Writer) Letter(l Letter) (pages int, err error) {
	body, card, err := l.lay()
	if err != nil {
		return 0, err
	}
	code, err := qr.Encode(l.Code, qr.M)
	if err != nil {
		return 0, fault.Wrap(fault.Invalid, err, "The number %s cannot be made a QR code.", l.Number)
	}
	pages = len(body)
	if card != nil {
		pages++
	}
	for i, lines := range body {
		top := laterTop
		if i == 0 {
			p.head(l, code)
			top = bodyTop
		}
		p.lines(lines, top, left, measure)
		p.foot(l, i+1, pages)
	}
	if card != nil {
		p.card(l, card, code)
		p.foot(l, pages, pages)
	}
	return pages, p.pdf.err
}

// Pages is how many pages a letter has, or why it cannot be printed.
func (l Letter) Pages() (int, error) {
	body, card, err := l.lay()
	if card != nil {
		return len(body) + 1, err
	}
	return len(body), err
}

// lay breaks a letter into pages, and sets its card.
func (l Letter) lay() (body [][]line, card []line, err error) {
	if len(l.To) > Most {
		return nil, nil, fault.New(fault.Invalid, "An address of %d lines does not fit into the window of an envelope; %d do.", len(l.To), Most)
	}
	body = paged(set(l.Body, measure, 1))
	if len(l.Card) == 0 {
		return body, nil, nil
	}
	for _, scale := range []float64{1, 0.9, 0.8} {
		card = set(l.Card, measure, scale)
		if height(card) <= half-cardTop-24 {
			return body, card, nil
		}
	}
	return nil, nil, fault.New(fault.Invalid, "The card that is sent back is too long: it must fit on half a sheet. Shorten it.")
}

func height(lines []line) (h float64) {
	for _, l := range lines {
		h += l.lead
	}
	return h
}

// paged breaks lines into pages. A heading stays with what follows it.
func paged(lines []line) (pages [][]line) {
	room := bottom - bodyTop
	start := 0
	for i := range lines {
		if room -= lines[i].lead; room >= 0 || i == start {
			continue
		}
		end := i
		for end > start+1 && lines[end-1].keep {
			end--
		}
		pages = append(pages, lines[start:end])
		start, room = end, bottom-laterTop-height(lines[end:i+1])
	}
	return append(pages, lines[start:])
}

// head is the upper third of the first page: who writes, when, and what shows
// in the window.
func (p *Writer) head(l Letter, code *qr.Code) {
	d, y := p.pdf, 52.0
	for i, text := range l.From {
		f, size := regular(), 9.5
		if i == 0 {
			f, size = bold(), 12
		}
		d.text(f, size, left, y, clean(text))
		y += 13
	}
	date := clean(l.Date)
	d.text(regular(), 10, sheetWidth-right-regular().width(date, 10), 52, date)
	side := float64(code.Size) * modules
	y = windowTop + 8
	d.text(regular(), 7.5, left, y, l.Number)
	for _, text := range l.To {
		y += 12
		d.text(regular(), fit(clean(text), 10.5, windowRight-left-side-14), left, y, clean(text))
	}
	p.code(code, windowRight-side, windowTop+(windowBottom-windowTop-side)/2)
}

// fit is the largest size, from size down, at which a text is no wider than
// width.
func fit(text string, size, width float64) float64 {
	if w := regular().width(text, size); w > width {
		return max(6, size*width/w)
	}
	return size
}

// code draws a QR code, each run of black modules as one rectangle.
func (p *Writer) code(c *qr.Code, x, y float64) {
	b := p.pdf.grid(x, y)
	for row := range c.Size {
		for from := 0; from < c.Size; from++ {
			to := from
			for to < c.Size && c.Black(to, row) {
				to++
			}
			if to > from {
				for _, n := range [...]int{from, row, to - from, 1} {
					b = append(strconv.AppendInt(b, int64(n), 10), ' ')
				}
				b = append(b, "re "...)
				from = to
			}
		}
	}
	p.pdf.body.Write(append(b, "f Q\n"...))
}

// lines sets lines from a height on.
func (p *Writer) lines(lines []line, y, x, width float64) {
	d := p.pdf
	for i, l := range lines {
		if i > 0 {
			y += l.lead
		}
		d.text(l.face, l.size, x+l.indent, y, l.text)
		switch {
		case l.mark == Item && l.first:
			d.text(regular(), l.size, x+4, y, "•")
		case l.mark == Check && l.first:
			d.frame(x, y-0.8*l.size, 0.9*l.size, 0.9*l.size)
		case l.mark == Blank && l.width+6 < width:
			d.rule(x+l.width+6, y+2, width-l.width-6, false)
		}
	}
}

// foot ends a page.
func (p *Writer) foot(l Letter, page, of int) {
	d := p.pdf
	d.text(regular(), 8.5, left, footer, l.Number)
	text := clean(l.Page(page, of))
	d.text(regular(), 8.5, sheetWidth-right-regular().width(text, 8.5), footer, text)
	d.page()
}

const cardTop = 84.0

// card is a page that is cut in two: the upper half comes back to the office in
// an envelope, or folded so that the address of the lower half is outside.
func (p *Writer) card(l Letter, lines []line, code *qr.Code) {
	d := p.pdf
	side := float64(code.Size) * modules
	d.text(regular(), 9, left, 48, l.Number)
	p.code(code, sheetWidth-right-side, 28)
	p.lines(lines, cardTop+12, left, measure)
	d.rule(36, half, sheetWidth-72, true)
	y := half + 40
	for _, text := range l.To[:1] {
		d.text(regular(), 8.5, left, y, clean(text))
	}
	d.frame(sheetWidth-right-72, half+24, 72, 54)
	y = half + 40
	for _, text := range regular().wrap(clean(l.Stamp), 7.5, 60) {
		d.text(regular(), 7.5, sheetWidth-right-66, y, text)
		y += 10
	}
	y = half + 170
	for i, text := range l.From {
		f := regular()
		if i == 0 {
			f = bold()
		}
		d.text(f, 12, 230, y, clean(text))
		y += 16
	}
}
