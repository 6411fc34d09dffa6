// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"io"
)

// signatures are files that people take for a table, and what to do with them.
var signatures = []struct{ begins, say string }{
	{"%PDF", "this is a PDF, which holds pictures of tables; ask for the CSV or Excel export of the report"},
	{"\x1f\x8b", "this is a gzip archive; unpack it first"},
	{"7z\xbc\xaf", "this is a 7-Zip archive; unpack it first"},
	{"Rar!", "this is a RAR archive; unpack it first"},
	{"SQLite format 3", "this is a database file; export the table as CSV first"},
	{"{\\rtf", "this is a word processor document; save the table as CSV"},
	{"\x89PNG", "this is a picture; ask for the CSV or Excel export of the report"},
	{"\xff\xd8\xff", "this is a picture; ask for the CSV or Excel export of the report"},
}

// NotText says what a file is that is certainly neither text nor a workbook of
// today, and what to do about it; nothing for any other file.
func NotText(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.begins)) {
			return s.say
		}
	}
	if bytes.HasPrefix(head, []byte(oleMagic)) {
		return oldWorkbook(bytes.NewReader(head))
	}
	return ""
}

// markup says what a file of angle brackets is, or nothing.
func markup(head []byte) string {
	text := bytes.ToLower(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))))
	for _, tag := range []string{"<!doctype html", "<html", "<table"} {
		if bytes.HasPrefix(text, []byte(tag)) {
			return "this is a web page, even if it is called .xls; open it in a spreadsheet program and save it as .xlsx or CSV"
		}
	}
	if bytes.HasPrefix(text, []byte("<?xml")) {
		return "this is an XML file, not a table"
	}
	return ""
}

// oleMagic begins the container that old Office files, and new ones with a
// password, come in.
const oleMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// oldWorkbook says which of the two it is. The names of the parts stand in
// UTF-16 anywhere in the file.
func oldWorkbook(r io.Reader) string {
	content, _ := io.ReadAll(r) // what could be read is enough to tell
	switch {
	case bytes.Contains(content, wide("EncryptedPackage")):
		return "this workbook has a password; open it in Excel, remove the password (File, Info, Protect Workbook) and save it again"
	case bytes.Contains(content, wide("WordDocument")):
		return "this is a word processor document; save the table as CSV"
	}
	return "this is an Excel workbook in the old format (.xls); open it in a spreadsheet program and save it as .xlsx or CSV (UTF-8)"
}

func wide(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}
