// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"embed"
	"fmt"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed fonts/*.ttf
var fonts embed.FS

// most is the largest character that is looked for in a font: those of the
// basic plane.
const most = 0xFFFF

// face is a font made ready: what it has for each character, and how wide.
type face struct {
	name   string
	size   int       // of the file
	packed []byte    // the file
	glyphs []uint16  // by character; 0 where there is none
	widths []float64 // by glyph, in thousandths of the size
	first  []rune    // by glyph, the first character that it stands for

	characters []byte // which character each glyph is, packed

	ascent, descent, capital int
	box                      [4]int
}

var (
	regular = sync.OnceValue(func() *face { return load("PublicSans-Regular") })
	bold    = sync.OnceValue(func() *face { return load("PublicSans-Bold") })
)

// load reads a font that comes with the program; one that cannot be read never
// passed its tests.
func load(name string) *face {
	file, err := fonts.ReadFile("fonts/" + name + ".ttf")
	if err != nil {
		panic(err)
	}
	f := &face{name: name, size: len(file), glyphs: make([]uint16, most+1)}
	if err := f.read(file); err != nil {
		panic(fmt.Errorf("the font %s: %w", name, err))
	}
	z := newZip()
	f.packed, f.characters = pack(z, new(bytes.Buffer), file), pack(z, new(bytes.Buffer), f.unicode())
	return f
}

func (f *face) read(file []byte) error {
	font, err := sfnt.Parse(file)
	if err != nil {
		return err
	}
	var buf sfnt.Buffer
	f.widths, f.first = make([]float64, font.NumGlyphs()), make([]rune, font.NumGlyphs())
	em := fixed.I(1000)
	for g := range f.widths {
		w, err := font.GlyphAdvance(&buf, sfnt.GlyphIndex(g), em, 0)
		if err != nil {
			return err
		}
		f.widths[g] = float64(w) / 64
	}
	for r := rune(' '); r <= most; r++ {
		g, err := font.GlyphIndex(&buf, r)
		if err != nil {
			return err
		}
		f.glyphs[r] = uint16(g)
		if f.first[g] == 0 {
			f.first[g] = r
		}
	}
	f.first[0] = 0
	return f.measure(font, &buf, em)
}

// measure reads what a PDF wants to know of the font as a whole.
func (f *face) measure(font *sfnt.Font, buf *sfnt.Buffer, em fixed.Int26_6) error {
	m, err := font.Metrics(buf, em, hinting)
	if err != nil {
		return err
	}
	b, err := font.Bounds(buf, em, hinting)
	if err != nil {
		return err
	}
	f.ascent, f.descent, f.capital = m.Ascent.Round(), -m.Descent.Round(), m.CapHeight.Round()
	f.box = [4]int{b.Min.X.Floor(), -b.Max.Y.Ceil(), b.Max.X.Ceil(), -b.Min.Y.Floor()}
	return nil
}

const hinting = font.HintingNone

func (f *face) glyph(r rune) uint16 {
	if r < 0 || r > most {
		return 0
	}
	return f.glyphs[r]
}

// width is how wide a text is at a size.
func (f *face) width(text string, size float64) (w float64) {
	for _, r := range text {
		w += f.widths[f.glyph(r)]
	}
	return w * size / 1000
}
