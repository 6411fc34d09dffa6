// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// limits of the files of printers and of returned mail.
var limits = sheet.Limits{Bytes: 32 << 20, Unpacked: 64 << 20, Rows: 200_000, Columns: 60, Cell: 2000, Problems: mostTroubles}

// ReturnLine is one line of a file of returned mail.
type ReturnLine struct {
	Line int
	Return
}

// reasons are the words by which the mail, scanners and people say why a letter
// came back: the endorsements of the Postal Service (Domestic Mail Manual 507,
// exhibit 1.4.1) and their abbreviations.
var reasons = map[string]Reason{
	"undeliverable": Undeliverable, "returned": Undeliverable, "return_to_sender": Undeliverable, "rts": Undeliverable,
	"attempted_not_known": Undeliverable, "ank": Undeliverable, "insufficient_address": Undeliverable, "ia": Undeliverable,
	"no_such_number": Undeliverable, "nsn": Undeliverable, "no_such_street": Undeliverable, "nss": Undeliverable,
	"no_mail_receptacle": Undeliverable, "nmr": Undeliverable, "not_deliverable_as_addressed": Undeliverable, "ndaa": Undeliverable,
	"unable_to_forward": Undeliverable, "utf": Undeliverable, "vacant": Undeliverable, "vac": Undeliverable,
	"refused": Undeliverable, "ref": Undeliverable, "unclaimed": Undeliverable, "unc": Undeliverable, "deceased": Undeliverable, "dec": Undeliverable,
	"moved": Moved, "moved_left_no_address": Moved, "mlna": Moved, "left_no_address": Moved,
	"forwarded": Forwarded, "forward": Forwarded, "new_address": Forwarded, "coa": Forwarded, "forward_expired": Forwarded, "notify_sender": Forwarded,
	"answered": ByCard, "card": ByCard, "reply": ByCard, "response": ByCard,
}

// ReadReturns reads a table of returned mail: CSV or a workbook with a column
// letter, a column reason, and columns address, city, state and zip for letters
// that were forwarded. What cannot be used is told line by line.
func ReadReturns(name string, r io.Reader) (lines []ReturnLine, troubles *sheet.Problems, err error) {
	t, err := sheet.Open(name, r, limits)
	if err != nil {
		return nil, nil, asFault(err)
	}
	number, why := t.Col("letter", "number", "letter_number", "letter_id", "code", "barcode", "id"), t.Col("reason", "why", "status", "endorsement", "result")
	if number < 0 || why < 0 {
		return nil, nil, fault.New(fault.Invalid, "The file %s needs the columns letter and reason; it has: %s.", t.Name, t.Columns())
	}
	street, city, state, zip := t.Col("address", "new_address", "street", "line", "line1", "address1"), t.Col("city", "new_city", "town"), t.Col("state", "new_state"), t.Col("zip", "new_zip", "zip_code", "postal_code")
	for row, err := range t.Rows() {
		if err != nil {
			return nil, nil, asFault(err)
		}
		reason, known := reasons[sheet.Snake(row.Cell(why))]
		if !known {
			t.Problems.Add(row.Line, t.Titles[why], "%q is no reason; write undeliverable, moved, forwarded or answered", shorten(row.Cell(why)))
			continue
		}
		l := ReturnLine{Line: row.Line, Return: Return{Number: row.Cell(number), Why: reason}}
		if reason == Forwarded {
			l.New = newAddress(cell(row, street), cell(row, city), cell(row, state), cell(row, zip))
		}
		lines = append(lines, l)
	}
	return lines, &t.Problems, nil
}

// cell is a cell, or nothing where there is no such column.
func cell(row sheet.Row, i int) string {
	if i < 0 {
		return ""
	}
	return row.Cell(i)
}

// newAddress is an address as the mail tells it; nil for none.
func newAddress(street, city, state, zip string) *roll.Address {
	a := roll.Address{City: strings.TrimSpace(city), State: strings.TrimSpace(state), ZIP: strings.TrimSpace(zip)}
	if street = strings.TrimSpace(street); street != "" {
		a.Lines = []string{street}
	}
	if len(a.Lines) == 0 && a.Empty() {
		return nil
	}
	return &a
}

// results are the words by which printers say what became of a letter; true
// where it was printed.
var results = map[string]bool{"printed": true, "ok": true, "mailed": true, "issued": true, "sent": true, "good": true, "yes": true,
	"spoiled": false, "spoilt": false, "damaged": false, "failed": false, "not_printed": false, "jam": false, "no": false, "missing": false}

// ReadReceipt reads a printer's confirmation: a table with a line for each letter
// of the file, its place in the column sequence and printed or spoiled in the
// column result; a column sha256 says which file was printed. A line that cannot
// be read refuses the whole: what was printed must be known of every letter.
func ReadReceipt(name string, r io.Reader) (Receipt, error) {
	var c Receipt
	t, err := sheet.Open(name, r, limits)
	if err != nil {
		return c, asFault(err)
	}
	place, result, hash := t.Col("sequence", "place", "seq", "number", "record"), t.Col("result", "status", "printed"), t.Col("sha256", "sha_256", "hash", "file_sha256")
	if place < 0 || result < 0 {
		return c, fault.New(fault.Invalid, "The file %s needs the columns sequence and result; it has: %s.", t.Name, t.Columns())
	}
	seen := make(map[int64]bool)
	for row, err := range t.Rows() {
		if err != nil {
			return c, asFault(err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(row.Cell(place)), 10, 64)
		if err != nil || n < 1 || seen[n] {
			return c, fault.New(fault.Invalid, "Line %d of the file %s: the place %q is no number, or stands there twice. Nothing was changed.", row.Line, t.Name, shorten(row.Cell(place)))
		}
		seen[n] = true
		printed, known := results[sheet.Snake(row.Cell(result))]
		if !known {
			return c, fault.New(fault.Invalid, "Line %d of the file %s: %q is no result; write printed or spoiled. Nothing was changed.", row.Line, t.Name, shorten(row.Cell(result)))
		}
		if printed {
			c.Printed++
		} else {
			c.Spoiled = append(c.Spoiled, n)
		}
		if h := strings.ToLower(strings.TrimSpace(cell(row, hash))); h != "" {
			if c.SHA256 != "" && c.SHA256 != h {
				return c, fault.New(fault.Invalid, "Line %d of the file %s names another hash than the lines before. Nothing was changed.", row.Line, t.Name)
			}
			c.SHA256 = h
		}
	}
	return c, nil
}

// asFault says what was wrong with a table in a sentence for people.
func asFault(err error) error {
	if fault.KindOf(err) != fault.Internal {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "The file cannot be read: %s", fmt.Sprint(err))
}
