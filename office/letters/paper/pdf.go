// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/klauspost/compress/zlib"
)

// The objects of a file that stand at fixed numbers.
const (
	catalog = 1 + iota
	pageTree
	fontRegular // a font takes five objects
	fontBold    = fontRegular + 5
	firstFree   = fontBold + 5
)

// leaf is how many pages hang from one branch of the tree of pages.
const leaf = 128

// pdf writes the objects of a PDF 1.7 file one after the other (ISO 32000-1).
type pdf struct {
	w        io.Writer
	err      error // the first; nothing is written behind it
	at       int64
	offsets  []int64 // by number of the object
	branches []int
	pages    []int // of the branch that grows
	count    int

	body   bytes.Buffer // content of a page
	packed bytes.Buffer
	zip    *zlib.Writer
}

func newPDF(w io.Writer) *pdf {
	d := &pdf{w: w, offsets: make([]int64, firstFree), zip: newZip()}
	d.write([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"))
	d.font(fontRegular, regular())
	d.font(fontBold, bold())
	return d
}

func newZip() *zlib.Writer {
	z, _ := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed) // a level that there is: never fails
	return z
}

// pack packs content into a buffer.
func pack(z *zlib.Writer, into *bytes.Buffer, content []byte) []byte {
	into.Reset()
	z.Reset(into)
	_, _ = z.Write(content) // into memory: never fails
	_ = z.Close()
	return into.Bytes()
}

func (d *pdf) write(b []byte) {
	if d.err != nil {
		return
	}
	n, err := d.w.Write(b)
	d.at, d.err = d.at+int64(n), err
}

func (d *pdf) put(format string, args ...any) {
	d.write(fmt.Appendf(nil, format, args...))
}

// next is the number of a new object.
func (d *pdf) next() int {
	d.offsets = append(d.offsets, 0)
	return len(d.offsets) - 1
}

func (d *pdf) object(number int, format string, args ...any) {
	d.offsets[number] = d.at
	d.put("%d 0 obj\n", number)
	d.put(format, args...)
	d.put("\nendobj\n")
}

// stream writes an object with packed content.
func (d *pdf) stream(number int, more string, packed []byte) {
	d.offsets[number] = d.at
	d.put("%d 0 obj\n<</Length %d/Filter/FlateDecode%s>>stream\n", number, len(packed), more)
	d.write(packed)
	d.put("\nendstream\nendobj\n")
}

// font embeds a whole font, so that letters can be written before it is known
// which characters later ones have.
func (d *pdf) font(n int, f *face) {
	d.object(n, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", f.name, n+1, n+4)
	var widths bytes.Buffer
	for _, w := range f.widths {
		widths.WriteString(short(w))
		widths.WriteByte(' ')
	}
	d.object(n+1, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/W[0[%s]]>>",
		f.name, n+2, widths.String())
	d.object(n+2, "<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		f.name, f.box[0], f.box[1], f.box[2], f.box[3], f.ascent, f.descent, f.capital, n+3)
	d.stream(n+3, fmt.Sprintf("/Length1 %d", f.size), f.packed)
	d.stream(n+4, "", f.characters)
}

// unicode says which character each glyph is, so that a text can be searched
// and copied.
func (f *face) unicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
		"/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	var known []int
	for g, r := range f.first {
		if r != 0 {
			known = append(known, g)
		}
	}
	for len(known) > 0 {
		n := min(100, len(known)) // a block has at most a hundred
		fmt.Fprintf(&b, "%d beginbfchar\n", n)
		for _, g := range known[:n] {
			fmt.Fprintf(&b, "<%04X><%04X>\n", g, utf16.Encode([]rune{f.first[g]})[0])
		}
		b.WriteString("endbfchar\n")
		known = known[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// page writes the page whose content is in body.
func (d *pdf) page() {
	if len(d.pages) == 0 {
		d.branches = append(d.branches, d.next())
	}
	content, number := d.next(), d.next()
	d.stream(content, "", pack(d.zip, &d.packed, d.body.Bytes()))
	d.object(number, "<</Type/Page/Parent %d 0 R/Contents %d 0 R>>", d.branches[len(d.branches)-1], content)
	d.pages, d.count = append(d.pages, number), d.count+1
	if len(d.pages) == leaf {
		d.branch()
	}
	d.body.Reset()
}

// branch ends the branch that grows.
func (d *pdf) branch() {
	if len(d.pages) == 0 {
		return
	}
	d.object(d.branches[len(d.branches)-1], "<</Type/Pages/Parent %d 0 R/Count %d/Kids[%s]>>", pageTree, len(d.pages), references(d.pages))
	d.pages = d.pages[:0]
}

func references(list []int) string {
	var b []byte
	for _, n := range list {
		b = append(strconv.AppendInt(b, int64(n), 10), " 0 R "...)
	}
	return string(b)
}

// close writes what stands at the end of a file.
func (d *pdf) close() error {
	d.branch()
	d.object(pageTree, "<</Type/Pages/Count %d/MediaBox[0 0 %d %d]/Resources<</Font<</R %d 0 R/B %d 0 R>>>>/Kids[%s]>>",
		d.count, int(sheetWidth), int(sheetHeight), fontRegular, fontBold, references(d.branches))
	d.object(catalog, "<</Type/Catalog/Pages %d 0 R>>", pageTree)
	start := d.at
	d.put("xref\n0 %d\n0000000000 65535 f \n", len(d.offsets))
	for _, at := range d.offsets[1:] {
		d.put("%010d 00000 n \n", at)
	}
	d.put("trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(d.offsets), catalog, start)
	return d.err
}

// text sets a line of type with its base line at y, counted from the top of the
// sheet as all places are.
func (d *pdf) text(f *face, size, x, y float64, text string) {
	if text == "" {
		return
	}
	name := "/R "
	if f == bold() {
		name = "/B "
	}
	b := append(d.body.AvailableBuffer(), "BT "...)
	b = append(append(append(b, name...), short(size)...), " Tf "...)
	b = append(append(append(append(b, short(x)...), ' '), short(sheetHeight-y)...), " Td ("...)
	for _, r := range text {
		g := f.glyph(r)
		b = escaped(escaped(b, byte(g>>8)), byte(g))
	}
	d.body.Write(append(b, ") Tj ET\n"...))
}

// escaped adds a byte to a literal string.
func escaped(b []byte, c byte) []byte {
	switch c {
	case '(', ')', '\\':
		return append(b, '\\', c)
	case '\r':
		return append(b, '\\', 'r')
	}
	return append(b, c)
}

// grid begins a drawing in modules of a QR code, from its upper left corner, y
// downwards.
func (d *pdf) grid(x, y float64) []byte {
	return fmt.Appendf(d.body.AvailableBuffer(), "q %s 0 0 -%s %s %s cm ", short(modules), short(modules), short(x), short(sheetHeight-y))
}

// frame draws the edge of a rectangle.
func (d *pdf) frame(x, y, w, h float64) {
	fmt.Fprintf(&d.body, "0.75 w %s %s %s %s re S\n", short(x), short(sheetHeight-y-h), short(w), short(h))
}

// rule draws a line from left to right, broken where dashed.
func (d *pdf) rule(x, y, w float64, dashed bool) {
	dash := "[] 0 d"
	if dashed {
		dash = "[4 4] 0 d"
	}
	fmt.Fprintf(&d.body, "%s 0.5 w %s %s m %s %s l S [] 0 d\n", dash, short(x), short(sheetHeight-y), short(x+w), short(sheetHeight-y))
}

// short is a number with at most two places.
func short(v float64) string {
	b := strconv.AppendFloat(nil, v, 'f', 2, 64)
	b = bytes.TrimRight(b, "0")
	return string(bytes.TrimSuffix(b, []byte(".")))
}
