// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"archive/zip"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The parts of a workbook around its cells, as ECMA-376 has them: as few as
// Excel, LibreOffice and the readers of newsrooms ask for.
const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

	mainSpace       = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relationSpace   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageSpace    = "http://schemas.openxmlformats.org/package/2006/"
	spreadsheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	packageRelations = xmlHead + `<Relationships xmlns="` + packageSpace + `relationships">` +
		`<Relationship Id="rId1" Type="` + relationSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`

	// sheetHead keeps the header in view.
	sheetHead = xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`
	sheetTail = `</sheetData></worksheet>`

	// styles has two: 0 is plain, 1 is bold. The two fills are the ones that
	// every workbook must begin its list with.
	styles = xmlHead + `<styleSheet xmlns="` + mainSpace + `">` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)

// firstDay is 1 January 1980, the earliest date that a zip archive can hold:
// the same rows must give the same bytes on any day.
const firstDay = 1<<5 | 1

func (b *Workbook) create(name string) (err error) {
	b.part, err = b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, ModifiedDate: firstDay})
	return err
}

func (b *Workbook) writePart(name string, body []byte) error {
	if err := b.create(name); err != nil {
		return err
	}
	_, err := b.part.Write(body)
	return err
}

// begin begins the next sheet with the header.
func (b *Workbook) begin() error {
	b.sheets++
	b.row = 0
	if err := b.create(sheetPart(b.sheets)); err != nil {
		return err
	}
	b.buf, b.whole = append(b.buf[:0], sheetHead...), len(sheetHead)
	b.Add(b.header)
	return b.End()
}

func (b *Workbook) endSheet() error {
	b.flush()
	if b.err != nil {
		return b.err
	}
	_, err := b.part.Write([]byte(sheetTail))
	return err
}

func sheetPart(i int) string { return "xl/worksheets/sheet" + strconv.Itoa(i) + ".xml" }

// sheetName is what the i-th sheet is called.
func (b *Workbook) sheetName(i int) string {
	if i == 1 {
		return b.name
	}
	number := " " + strconv.Itoa(i)
	letters := utf16.Encode([]rune(b.name))
	return string(utf16.Decode(letters[:min(len(letters), maxSheetName-len(number))])) + number
}

func (b *Workbook) bookPart() []byte {
	out := []byte(xmlHead + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relationSpace + `"><bookViews><workbookView/></bookViews><sheets>`)
	for i := 1; i <= b.sheets; i++ {
		out = append(out, `<sheet name="`...)
		out = appendXML(out, b.sheetName(i))
		out = fmt.Appendf(out, `" sheetId="%d" r:id="rId%d"/>`, i, i)
	}
	return append(out, `</sheets></workbook>`...)
}

func (b *Workbook) bookRelations() []byte {
	out := []byte(xmlHead + `<Relationships xmlns="` + packageSpace + `relationships">`)
	add := func(i int, kind, target string) {
		out = fmt.Appendf(out, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i, relationSpace, kind, target)
	}
	for i := 1; i <= b.sheets; i++ {
		add(i, "worksheet", strings.TrimPrefix(sheetPart(i), "xl/"))
	}
	add(b.sheets+1, "styles", "styles.xml")
	add(b.sheets+2, "sharedStrings", "sharedStrings.xml")
	return append(out, `</Relationships>`...)
}

func (b *Workbook) contentTypes() []byte {
	out := []byte(xmlHead + `<Types xmlns="` + packageSpace + `content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>`)
	add := func(part, kind string) {
		out = fmt.Appendf(out, `<Override PartName="/%s" ContentType="%s%s+xml"/>`, part, spreadsheetType, kind)
	}
	add("xl/workbook.xml", "sheet.main")
	for i := 1; i <= b.sheets; i++ {
		add(sheetPart(i), "worksheet")
	}
	add("xl/styles.xml", "styles")
	add("xl/sharedStrings.xml", "sharedStrings")
	return append(out, `</Types>`...)
}

// sharedTexts lists the texts that cells point to.
func (b *Workbook) sharedTexts() []byte {
	out := fmt.Appendf(nil, `%s<sst xmlns="%s" count="%d" uniqueCount="%d">`, xmlHead, mainSpace, b.used, len(b.texts))
	for _, s := range b.texts {
		out = append(out, `<si><t xml:space="preserve">`...)
		out = appendXML(out, s)
		out = append(out, `</t></si>`...)
	}
	return append(out, `</sst>`...)
}

// appendXML appends a text so that it reads back the same. What XML cannot hold
// is written as _x000B_, the way workbooks do, and what looks like that already
// has its first stroke written so. A zero byte, which they cannot hold at all,
// becomes the mark of an unreadable character, as does what is not UTF-8.
func appendXML(b []byte, s string) []byte {
	for i, c := range s {
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '"':
			b = append(b, "&quot;"...)
		case c == 0:
			b = append(b, "\ufffd"...)
		case c < ' ' && c != '\t' && c != '\n' || c == 0xfffe || c == 0xffff:
			b = fmt.Appendf(b, "_x%04X_", c)
		case c == '_' && escaped(s[i:]):
			b = append(b, "_x005F_"...)
		default:
			b = utf8.AppendRune(b, c)
		}
	}
	return b
}

// escaped says whether a text begins with what reads as _x000B_.
func escaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}
