// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"strconv"
)

// Limits bounds what one file may cost. The zero value means the defaults of
// DefaultLimits, field by field, so a setting that is left out still protects.
type Limits struct {
	Bytes    int64 // size of the file as it arrives
	Unpacked int64 // size of everything inside a zip or workbook once unpacked
	Ratio    int64 // how many times its size a packed file may grow to
	Entries  int   // files inside one zip or workbook
	Rows     int   // rows after the header
	Columns  int   // columns of one row
	Cell     int   // bytes of one cell
	Line     int   // bytes of one row of a text file
	Problems int   // problems kept word by word; further ones are only counted
}

// DefaultLimits lets a whole state's results or a county's voter roll pass and
// stops a file that was made to fill the disk or the memory.
var DefaultLimits = Limits{
	Bytes:    256 << 20,
	Unpacked: 512 << 20,
	Ratio:    200,
	Entries:  1000,
	Rows:     5_000_000,
	Columns:  1024,
	Cell:     64 << 10,
	Line:     1 << 20,
	Problems: 1000,
}

// ratioFloor is the unpacked size below which the ratio is not looked at: a
// small file full of zeros packs very well and harms nobody.
const ratioFloor = 16 << 20

// OrDefault fills every limit that was left at zero.
func (l Limits) OrDefault() Limits {
	d := DefaultLimits
	pick(&l.Bytes, d.Bytes)
	pick(&l.Unpacked, d.Unpacked)
	pick(&l.Ratio, d.Ratio)
	pick(&l.Entries, d.Entries)
	pick(&l.Rows, d.Rows)
	pick(&l.Columns, d.Columns)
	pick(&l.Cell, d.Cell)
	pick(&l.Line, d.Line)
	pick(&l.Problems, d.Problems)
	return l
}

func pick[T int | int64](have *T, fallback T) {
	if *have <= 0 {
		*have = fallback
	}
}

// Error says why a file could not be read any further: which file, which
// line, what is wrong and what to do about it.
type Error struct {
	File  string // the name the file came with
	Line  int    // 1 for the first line, 0 when no line is to blame
	Say   string // the sentence for the person
	Limit string // the name of the limit that was passed, if it was one
	Err   error  // the cause for the operator, if there is one
}

// Error gives the whole sentence, with the file and the line in front.
func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += ", line " + strconv.Itoa(e.Line)
	}
	s += ": " + e.Say
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// OverLimit makes the error for a file that passes a limit. The sentence names
// the limit, so that whoever runs the house knows which setting to look at.
func OverLimit(file string, line int, limit string, most int64, what string) *Error {
	return &Error{File: file, Line: line, Limit: limit, Say: fmt.Sprintf(
		"%s than the limit of %s; if the file is right, raise the import limit %q, otherwise split the file",
		what, amount(limit, most), limit)}
}

// amount writes a limit in the unit people think in.
func amount(limit string, n int64) string {
	switch limit {
	case "bytes", "unpacked", "cell", "line":
		if n >= 1<<20 && n%(1<<20) == 0 {
			return strconv.FormatInt(n>>20, 10) + " MiB"
		}
		return strconv.FormatInt(n, 10) + " bytes"
	}
	return strconv.FormatInt(n, 10)
}
