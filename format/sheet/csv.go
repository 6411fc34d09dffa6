// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// textRows cuts a text file into rows of cells. It follows RFC 4180 and, where
// a file does not, loses nothing: what cannot be a quoted cell is read as it
// stands and noted.
type textRows struct {
	name     string
	text     *Text
	lim      Limits
	comma    byte
	problems *Problems
	width    int // cells in the header, 0 until it is read

	buf  []byte // bytes read and not yet handed out are buf[r:w]
	r, w int
	end  error // why there is no more to read: io.EOF or a failure
	line int   // line that buf[r] is on

	spans []span
	cells []string
}

// span is where one cell lies in the record, counted from buf[r].
type span struct {
	from, to int
	doubled  bool // it holds quotes written twice
}

func newTextRows(name string, r io.Reader, lim Limits, problems *Problems) *textRows {
	return &textRows{
		name: name, text: NewText(name, r, lim), lim: lim, problems: problems,
		buf: make([]byte, chunk), line: 1,
	}
}

// fill reads more into the buffer and says whether anything came.
func (t *textRows) fill() bool {
	if t.end != nil {
		return false
	}
	if t.r > 0 {
		t.w = copy(t.buf, t.buf[t.r:t.w])
		t.r = 0
	}
	if t.w == len(t.buf) {
		if t.w >= t.lim.Line {
			return false // the caller sees that the row is too long
		}
		bigger := make([]byte, 2*len(t.buf))
		copy(bigger, t.buf)
		t.buf = bigger
	}
	for {
		n, err := t.text.Read(t.buf[t.w:])
		t.w += n
		t.end = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
}

// lineEnd gives where the line that holds buf[r+from] ends, counted from r.
func (t *textRows) lineEnd(from int) (int, error) {
	for {
		if i := bytes.IndexByte(t.buf[t.r+from:t.w], '\n'); i >= 0 {
			return t.within(from + i)
		}
		from = t.w - t.r
		if t.fill() {
			continue
		}
		if t.end == nil {
			return 0, t.tooLong()
		}
		if !errors.Is(t.end, io.EOF) {
			return 0, t.end
		}
		return t.within(t.w - t.r)
	}
}

func (t *textRows) within(n int) (int, error) {
	if n > t.lim.Line {
		return 0, t.tooLong()
	}
	return n, nil
}

func (t *textRows) tooLong() error {
	return OverLimit(t.name, t.line, "line", int64(t.lim.Line), "the row is longer")
}

// next gives the cells of the next row that is not blank and the line it
// starts on. The slice is used again for the row after.
func (t *textRows) next() ([]string, int, error) {
	for {
		n, err := t.lineEnd(0)
		if err != nil {
			return nil, t.line, err
		}
		if n == 0 && t.r == t.w {
			return nil, t.line, io.EOF
		}
		record := t.buf[t.r : t.r+n]
		if blank(record, t.comma) {
			t.skip(n, 1)
			continue
		}
		line := t.line
		if bytes.IndexByte(record, '"') < 0 {
			err = t.plain(string(record))
			t.skip(n, 1)
		} else {
			err = t.quoted()
		}
		return t.cells, line, err
	}
}

// blank says whether a line holds nothing but spaces. A tab counts as a space
// only where it is not the delimiter.
func blank(record []byte, comma byte) bool {
	for _, c := range record {
		if c != ' ' && (c != '\t' || comma == '\t') {
			return false
		}
	}
	return true
}

// skip moves past n bytes and the line end behind them.
func (t *textRows) skip(n, lines int) {
	t.r = min(t.r+n+1, t.w)
	t.line += lines
}

// plain cuts a line without quotes: nearly every line of nearly every file.
func (t *textRows) plain(s string) error {
	t.cells = t.cells[:0]
	for {
		i := strings.IndexByte(s, t.comma)
		if i < 0 {
			return t.add(s)
		}
		if err := t.add(s[:i]); err != nil {
			return err
		}
		s = s[i+1:]
	}
}

func (t *textRows) add(cell string) error {
	if len(cell) > t.lim.Cell {
		return OverLimit(t.name, t.line, "cell", int64(t.lim.Cell), "a cell is longer")
	}
	if len(t.cells) >= t.lim.Columns {
		return OverLimit(t.name, t.line, "columns", int64(t.lim.Columns), "the row has more columns")
	}
	t.cells = append(t.cells, cell)
	return nil
}

// quoted cuts a record with quotes in it, which may run over several lines.
func (t *textRows) quoted() error {
	n, stray, ok, err := t.scan()
	if err != nil {
		return err
	}
	if ok && n <= t.lim.Line && !t.swallowed(n) {
		if stray {
			t.problems.Add(t.line, "", "a quote inside a quoted cell is not written twice; it was read as part of the text")
		}
		record := t.buf[t.r : t.r+n]
		lines := 1 + bytes.Count(record, []byte{'\n'})
		if err := t.take(string(record)); err != nil {
			return err
		}
		if stray && t.width > 0 && len(t.cells) != t.width && lines == 1 {
			err = t.unquoted(n)
		}
		t.skip(n, lines)
		return err
	}
	n, err = t.lineEnd(0)
	if err != nil {
		return err
	}
	t.problems.Add(t.line, "", "a quote opens a cell and is never closed; the line was read on its own and the quote as part of the text")
	t.scanLine(n)
	err = t.take(string(t.buf[t.r : t.r+n]))
	t.skip(n, 1)
	return err
}

// unquoted tries a line whose quotes make no sense with the quotes as plain
// letters, and keeps that reading if it gives the width of the header.
func (t *textRows) unquoted(n int) error {
	s := string(t.buf[t.r : t.r+n])
	if strings.Count(s, string(t.comma))+1 != t.width {
		return nil
	}
	return t.plain(s)
}

// scan finds the cells of the record at buf[r]. It gives the length of the
// record, whether a quote stood inside a quoted cell undoubled, and whether
// every quoted cell is closed.
func (t *textRows) scan() (n int, stray, ok bool, err error) {
	t.spans = t.spans[:0]
	for p := 0; ; p++ {
		if !t.have(p) {
			t.spans = append(t.spans, span{from: p, to: p})
			return p, stray, true, t.cutShort()
		}
		sp := span{from: p}
		if t.buf[t.r+p] == '"' {
			var odd, closed bool
			sp, p, odd, closed = t.scanQuoted(p)
			stray = stray || odd
			if !closed {
				return 0, stray, false, t.failure()
			}
		} else {
			p = t.scanPlain(p)
			sp.to = p
		}
		t.spans = append(t.spans, sp)
		if !t.have(p) {
			return p, stray, true, t.cutShort()
		}
		if t.buf[t.r+p] == '\n' {
			return p, stray, true, nil
		}
		if len(t.spans) > t.lim.Columns {
			return p, stray, true, nil // take says that there are too many
		}
	}
}

// failure is why reading ended, unless it ended well or has not ended.
func (t *textRows) failure() error {
	if t.end == nil || errors.Is(t.end, io.EOF) {
		return nil
	}
	return t.end
}

// cutShort is why a row ends where no line ends: nothing is wrong at the end of
// the file, everything else is.
func (t *textRows) cutShort() error {
	if t.end == nil {
		return t.tooLong()
	}
	return t.failure()
}

// have says whether there is a byte at buf[r+p].
func (t *textRows) have(p int) bool {
	for t.r+p >= t.w {
		if !t.fill() {
			return false
		}
	}
	return true
}

// scanPlain gives where the cell without quotes that starts at p ends.
func (t *textRows) scanPlain(p int) int {
	for t.have(p) {
		rest := t.buf[t.r+p : t.w]
		for i, c := range rest {
			if c == t.comma || c == '\n' {
				return p + i
			}
		}
		p += len(rest)
	}
	return p
}

// scanQuoted reads the quoted cell that opens at p. It gives what lies between
// the quotes and where the delimiter behind it stands. A stray quote in a cell
// that runs on to the next line means that the opening quote was no quote at
// all: going on would swallow the rows that follow.
func (t *textRows) scanQuoted(p int) (sp span, next int, stray, closed bool) {
	p++
	sp = span{from: p}
	for t.have(p) {
		rest := t.buf[t.r+p : t.w]
		i := bytes.IndexByte(rest, '"')
		if i >= 0 {
			rest = rest[:i]
		}
		if stray && bytes.IndexByte(rest, '\n') >= 0 {
			return sp, p, stray, false
		}
		if p += len(rest); i < 0 {
			continue
		}
		if t.have(p+1) && t.buf[t.r+p+1] == '"' {
			if next, ok := t.afterQuote(p + 2); stray && ok {
				sp.to = p + 1 // "Bob "Bo"" ends with a stray quote and the closing one
				return sp, next, stray, true
			}
			sp.doubled = true
			p += 2
			continue
		}
		if next, ok := t.afterQuote(p + 1); ok {
			sp.to = p
			return sp, next, stray, true
		}
		stray = true
		p++
	}
	return sp, p, stray, false
}

// afterQuote says whether a cell can end at p, and where its delimiter is.
func (t *textRows) afterQuote(p int) (int, bool) {
	for ; t.have(p); p++ {
		switch c := t.buf[t.r+p]; {
		case c == t.comma || c == '\n':
			return p, true
		case c != ' ' && c != '\t':
			return p, false
		}
	}
	return p, true
}

// swallowed says whether a record of several lines holds a line that is a
// whole row by itself. Then a forgotten quote has eaten rows. In a narrow table
// an honest line of prose can look like a row, so there the quotes are believed.
func (t *textRows) swallowed(n int) bool {
	record := t.buf[t.r : t.r+n]
	if t.width < 5 || bytes.Count(record, []byte{'\n'}) < 2 {
		return false
	}
	_, inner, _ := bytes.Cut(record, []byte{'\n'})
	for {
		line, rest, more := bytes.Cut(inner, []byte{'\n'})
		if !more {
			return false // the last line ends the record and may be a part of a row
		}
		if bytes.Count(line, []byte{t.comma}) == t.width-1 {
			return true
		}
		inner = rest
	}
}

// scanLine finds the cells of a single line of n bytes. Quoted cells that
// close on the line are honoured up to the first that does not; from there on
// quotes are plain letters, which also keeps the work linear.
func (t *textRows) scanLine(n int) {
	w, end := t.w, t.end
	t.w, t.end = t.r+n, io.EOF // for scanQuoted the line is all there is
	defer func() { t.w, t.end = w, end }()
	t.spans = t.spans[:0]
	line := t.buf[t.r : t.r+n]
	quotes := true
	for p := 0; p <= n && len(t.spans) <= t.lim.Columns; p++ {
		if quotes && p < n && line[p] == '"' {
			if sp, next, _, closed := t.scanQuoted(p); closed {
				t.spans = append(t.spans, sp)
				p = next
				continue
			}
			quotes = false
		}
		to := n
		if i := bytes.IndexByte(line[p:], t.comma); i >= 0 {
			to = p + i
		}
		t.spans = append(t.spans, span{from: p, to: to})
		p = to
	}
}

// take turns the spans into cells of record.
func (t *textRows) take(record string) error {
	t.cells = t.cells[:0]
	for _, sp := range t.spans {
		cell := record[sp.from:sp.to]
		if sp.doubled {
			cell = strings.ReplaceAll(cell, `""`, `"`)
		}
		if err := t.add(cell); err != nil {
			return err
		}
	}
	return nil
}

// candidates are the delimiters that are looked for, the likeliest first.
var candidates = []byte{',', '\t', ';', '|'}

// delimiter finds what separates the cells: what cuts the first lines into
// the same number of cells as the header, and into the most of them.
func delimiter(head []byte) byte {
	best, bestLines, bestCells := candidates[0], 0, 1
	for _, c := range candidates {
		lines, cells := consistent(head, c)
		if cells > 1 && (lines > bestLines || lines == bestLines && cells > bestCells) {
			best, bestLines, bestCells = c, lines, cells
		}
	}
	return best
}

// consistent counts how many of the first lines have as many cells as the
// first that is not blank, and how many cells that is.
func consistent(head []byte, comma byte) (lines, cells int) {
	const look = 30
	n, length, inQuote, fresh := 1, 0, false, true
	for _, c := range head {
		length++
		switch {
		case c == '"' && (fresh || inQuote):
			inQuote = !inQuote
			fresh = false
		case c == comma && !inQuote:
			n++
			fresh = true
		case c == '\n' && !inQuote:
			if cells == 0 && length > 1 {
				cells = n
			}
			if n == cells {
				lines++
			}
			if lines >= look {
				return lines, cells
			}
			n, length, fresh = 1, 0, true
		default:
			fresh = false
		}
	}
	if cells == 0 {
		return 1, n // a header without a line end
	}
	return lines, cells
}

// start looks at the first bytes and settles the delimiter.
func (t *textRows) start(comma byte) error {
	for t.w < chunk && t.fill() {
	}
	if err := t.failure(); err != nil && t.w == 0 {
		return err
	}
	if said, n := sepLine(t.buf[:t.w]); n > 0 {
		t.comma = said
		t.skip(n, 1)
	}
	if comma != 0 {
		t.comma = comma
	}
	if t.comma == 0 {
		t.comma = delimiter(t.buf[t.r:t.w])
	}
	return nil
}

// sepLine recognises "sep=;", which Excel writes as a first line of its own.
func sepLine(b []byte) (comma byte, n int) {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	said := bytes.Trim(line, `"`)
	if len(said) == 5 && bytes.EqualFold(said[:4], []byte("sep=")) {
		return said[4], len(line)
	}
	return 0, 0
}
