// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// book is what a workbook says around its cells: which sheets there are, the
// texts that cells share, and how numbers are meant.
type book struct {
	zip      *Zip
	parts    map[string]*zip.File // by lower-case path
	sheets   []bookSheet
	texts    []string
	styles   []numberFormat
	from1904 bool
}

type bookSheet struct {
	name, part string
	hidden     bool
}

// open gives a part of the workbook.
func (b *book) open(part string) (io.Reader, error) {
	f, ok := b.parts[strings.ToLower(part)]
	if !ok {
		return nil, &Error{File: b.zip.name, Say: "the workbook lacks its part " + part + "; open it in a spreadsheet program and save it as .xlsx or CSV"}
	}
	return b.zip.Open(f)
}

// read collects everything but the cells.
func (b *book) read() error {
	main, err := b.related("", "officeDocument")
	if err != nil {
		return err
	}
	if main == "" {
		main = "xl/workbook.xml"
	}
	if strings.HasSuffix(main, ".bin") {
		return &Error{File: b.zip.name, Say: "this is a binary workbook (.xlsb); save it as .xlsx or CSV (UTF-8)"}
	}
	if err := b.readSheets(main); err != nil {
		return err
	}
	if err := b.readPart(main, "sharedStrings", b.readText); err != nil {
		return err
	}
	return b.readPart(main, "styles", b.styleReader())
}

// relations reads which parts belong to a part, by their ids.
func (b *book) relations(part string) ([]relation, error) {
	dir, file := path.Split(part)
	name := dir + "_rels/" + file + ".rels"
	if _, ok := b.parts[strings.ToLower(name)]; !ok {
		return nil, nil
	}
	var found []relation
	err := b.each(name, func(x *XML) error {
		if string(x.Name()) == "Relationship" {
			found = append(found, relation{id: attr(x, "Id"), kind: path.Base(attr(x, "Type")), part: join(dir, attr(x, "Target"))})
		}
		return nil
	})
	return found, err
}

type relation struct{ id, kind, part string }

// related gives the part of one kind that belongs to part, or nothing.
func (b *book) related(part, kind string) (string, error) {
	rels, err := b.relations(part)
	for _, r := range rels {
		if r.kind == kind {
			return r.part, err
		}
	}
	return "", err
}

// each calls do for every element of a part.
func (b *book) each(part string, do func(*XML) error) error {
	r, err := b.open(part)
	if err != nil {
		return err
	}
	x := NewXML(r)
	for err == nil {
		var piece Piece
		if piece, err = x.Next(); piece == Start && err == nil {
			err = do(x)
		}
	}
	var own *Error
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &own):
		return own
	}
	return &Error{File: b.zip.name, Say: "the workbook is damaged in its part " + part + "; open it in a spreadsheet program and save it again", Err: err}
}

// readPart reads a part that a workbook need not have.
func (b *book) readPart(main, kind string, do func(*XML) error) error {
	part, err := b.related(main, kind)
	if err != nil || part == "" {
		return err
	}
	return b.each(part, do)
}

func (b *book) readSheets(main string) error {
	rels, err := b.relations(main)
	if err != nil {
		return err
	}
	return b.each(main, func(x *XML) error {
		switch string(x.Name()) {
		case "workbookPr":
			b.from1904 = slices.Contains([]string{"1", "true"}, attr(x, "date1904"))
		case "sheet":
			id := string(x.Prefixed("id")) // sheets have another id, sheetId, without a prefix
			i := slices.IndexFunc(rels, func(r relation) bool { return r.id == id && r.kind == "worksheet" })
			if i >= 0 {
				b.sheets = append(b.sheets, bookSheet{name: attr(x, "name"), part: rels[i].part, hidden: strings.Contains(attr(x, "state"), "idden")})
			}
		}
		return nil
	})
}

func attr(x *XML, name string) string {
	value, _ := x.Attr(name)
	return string(value)
}

// readText reads one shared text.
func (b *book) readText(x *XML) error {
	if string(x.Name()) != "si" {
		return nil
	}
	if len(b.texts) >= maxTexts {
		return &Error{File: b.zip.name, Say: fmt.Sprintf("the workbook holds more than %d different texts; save the sheet as CSV (UTF-8) and use that", maxTexts)}
	}
	s, err := richText(x, b.zip.lim.Cell)
	b.texts = append(b.texts, s)
	return err
}

// styleReader collects how each cell style shows its number.
func (b *book) styleReader() func(*XML) error {
	codes := map[string]string{}
	cells := false
	return func(x *XML) error {
		switch string(x.Name()) {
		case "numFmt":
			codes[attr(x, "numFmtId")] = attr(x, "formatCode")
		case "cellStyleXfs", "cellStyles", "dxfs":
			cells = false
		case "cellXfs":
			cells = true
		case "xf":
			if cells && len(b.styles) < 1<<16 { // the format allows 65,490
				id := attr(x, "numFmtId")
				b.styles = append(b.styles, formatOf(id, codes[id]))
			}
		}
		return nil
	}
}

// numberFormat is the little that matters of how a cell shows its number:
// whether it is a date, and whether leading zeros belong to it.
type numberFormat struct {
	date bool
	pad  string // the pattern of an identifier such as 00000 or 000-00-0000
}

// formatOf judges a number format by its number, for those that every
// spreadsheet knows, or by its code.
func formatOf(id, code string) numberFormat {
	n, _ := strconv.Atoi(id)
	if code == "" {
		return numberFormat{date: n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58}
	}
	letters, pattern := plainCode(code)
	if strings.ContainsAny(letters, "ydhsYDHS") || strings.Contains(strings.ToLower(letters), "mm") {
		return numberFormat{date: true}
	}
	if strings.Trim(pattern, "0-() ") == "" && strings.Count(pattern, "0") > 1 {
		return numberFormat{pad: pattern}
	}
	return numberFormat{}
}

// plainCode strips a format code of colours, conditions and quoted words.
// letters has no escaped characters, pattern keeps them.
func plainCode(code string) (letters, pattern string) {
	code, _, _ = strings.Cut(code, ";")
	var l, p strings.Builder
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return l.String(), p.String()
			}
			if inner := strings.ToLower(code[i+1 : i+end]); inner != "" && strings.Trim(inner, "hms") == "" {
				l.WriteString(inner) // [h]:mm counts hours beyond a day
			}
			i += end
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return l.String(), p.String()
			}
			p.WriteString(code[i+1 : i+1+end])
			i += end + 1
		case '\\':
			if i++; i < len(code) {
				p.WriteByte(code[i])
			}
		case '_', '*':
			i++
		default:
			l.WriteByte(c)
			p.WriteByte(c)
		}
	}
	return l.String(), p.String()
}

// show writes a stored number as what it means: a date in the ISO order, an
// identifier with its leading zeros, any other number in full.
func (f numberFormat) show(value string, from1904 bool) string {
	if _, ok := digits(value); ok && !f.date && f.pad == "" {
		return value
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return value
	}
	if f.date {
		if s, ok := showDate(n, from1904); ok {
			return s
		}
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		return pad(strconv.FormatInt(int64(n), 10), f.pad)
	}
	return strconv.FormatFloat(n, 'g', 15, 64)
}

// pad fills the zeros of a pattern from the right.
func pad(digits, pattern string) string {
	if pattern == "" || digits[0] == '-' || len(digits) > strings.Count(pattern, "0") {
		return digits
	}
	out := []byte(pattern)
	for i, d := len(out)-1, len(digits)-1; i >= 0 && d >= 0; i-- {
		if out[i] == '0' {
			out[i] = digits[d]
			d--
		}
	}
	return string(out)
}

// showDate writes a serial day number as a date, as a time where it has no
// day, or as both.
func showDate(n float64, from1904 bool) (string, bool) {
	if n < 0 || n >= 2958466 { // the year 10000
		return "", false
	}
	days := int(n)
	second := int(math.Round((n - math.Trunc(n)) * 86400))
	if second == 86400 { // a day that ends a thousandth of a second early
		days, second = days+1, 0
	}
	if days == 0 && !from1904 {
		return time.Unix(int64(second), 0).UTC().Format(time.TimeOnly), true
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if days < 60 {
		days++ // spreadsheets believe in 29 February 1900
	}
	at := epoch.AddDate(0, 0, days).Add(time.Duration(second) * time.Second)
	if second == 0 {
		return at.Format(time.DateOnly), true
	}
	return at.Format(time.DateTime), true
}
