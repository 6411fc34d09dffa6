// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"strconv"
	"strings"

	"hustings/format/sheet"
)

// limits lets the roll of a whole state pass, and fields that no person wrote
// only so far that the line they are on can be named.
var limits = sheet.Limits{Bytes: 16 << 30, Unpacked: 16 << 30, Rows: 100_000_000, Cell: 32 << 20, Line: 64 << 20, Problems: 200}

// longestValue is how long a value may be that is compared. A longer one is
// left out of the comparison and named.
const longestValue = 200

// File says what was read of a file and what could not be used.
type File struct {
	Path     string   `json:"path"`
	Records  int      `json:"records"`
	Encoding string   `json:"encoding"`
	Used     []Use    `json:"used"`
	Ignored  []string `json:"ignored"`
	ID       string   `json:"id"` // what the ids are taken from
	LeftOut  int      `json:"left_out"`
	Problems []string `json:"problems"`
	More     int      `json:"more_problems"`
}

// reader turns rows into records.
type reader struct {
	roll     *roll
	at       layout
	value    func(Column) string // the row at hand
	line     int                 // its line
	problems *sheet.Problems
	caches   map[Column]map[string]uint32
	idHashes []uint64
	turns    [2]int // dates whose day can only come first, and second
}

// readRoll reads a file of people: CSV of any delimiter or a workbook, plain or
// packed with gzip.
func readRoll(name string, in io.Reader, given map[string]Column) (*roll, error) {
	in, name, err := unpack(name, in)
	if err != nil {
		return nil, err
	}
	t, err := sheet.Open(name, in, limits)
	if err != nil {
		return nil, err
	}
	at, err := findColumns(t, given)
	if err != nil {
		return nil, err
	}
	rd := newReader(&roll{lex: newLexicon(), headers: t.Header}, &t.Problems)
	rd.at = at
	var now sheet.Row
	rd.value = func(c Column) string {
		if i, ok := at.at[c]; ok {
			return now.Cell(i)
		}
		return ""
	}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if row.Len() > len(t.Header) {
			rd.roll.File.LeftOut++ // the table has noted the line: its cells are shifted
			continue
		}
		now, rd.line = row, row.Line
		rd.roll.recs = append(grow(&rd.roll.spill, rd.roll.recs, 1), rd.read())
		rd.keepID()
	}
	rd.finish(t)
	return rd.roll, nil
}

func newReader(r *roll, problems *sheet.Problems) *reader {
	return &reader{roll: r, problems: problems, caches: make(map[Column]map[string]uint32)}
}

// unpack looks for gzip by its first bytes, whatever the file is called.
func unpack(name string, in io.Reader) (io.Reader, string, error) {
	br := bufio.NewReaderSize(in, 1<<16)
	if head, _ := br.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return br, name, nil
	}
	z, err := gzip.NewReader(br)
	if err != nil {
		return nil, name, &sheet.Error{File: name, Say: "the file begins like gzip and cannot be unpacked; pack it again", Err: err}
	}
	return z, strings.TrimSuffix(name, ".gz"), nil
}

// cell gives a value, or nothing where it is too long to be one.
func (rd *reader) cell(c Column) string {
	s := rd.value(c)
	if len(s) > longestValue {
		rd.problems.Add(rd.line, string(c), "a value of %d characters is nobody's; it was not compared", len(s))
		return ""
	}
	if len(s) <= 4 && none(s) && c != Given && c != Middle && c != Surname && c != FullName { // people are called Na and Null
		return ""
	}
	return s
}

// none are the ways in which files write that they know nothing.
func none(s string) bool {
	switch strings.ToUpper(s) {
	case "NULL", "N/A", "NA", "NONE", "NAN", "UNK", "-", ".", "?":
		return true
	}
	return false
}

// word gives the number of a cell's value, through what was seen before.
func (rd *reader) word(c Column) uint32 {
	return rd.intern(c, rd.cell(c), fold)
}

func (rd *reader) intern(c Column, raw string, ready func(string) string) uint32 {
	if raw == "" {
		return 0
	}
	cache := rd.caches[c]
	if cache == nil {
		cache = make(map[string]uint32)
		rd.caches[c] = cache
	}
	n, ok := cache[raw]
	if !ok {
		n = rd.roll.lex.add(ready(raw))
		cache[strings.Clone(raw)] = n
	}
	return n
}

// read makes a record of the row at hand.
func (rd *reader) read() record {
	r := record{line: uint32(rd.line), sex: readSex(rd.cell(Sex))}
	rd.name(&r)
	rd.address(&r)
	r.birth = rd.birth()
	if s := rd.cell(Phone); s != "" {
		if r.phone = readPhone(s); r.phone == 0 {
			rd.problems.Add(rd.line, string(Phone), "%q is no telephone number; it was not compared", s)
		}
	}
	if s := rd.cell(Email); strings.IndexByte(s, '@') > 0 {
		r.email = hash(strings.ToUpper(s))
	}
	rd.numbers(&r)
	return r
}

// numbers reads the identifiers. Whoever has all nine digits of a social
// security number has the last four too.
func (rd *reader) numbers(r *record) {
	four, whole := rd.cell(SSN4), rd.cell(National)
	if last := lastFour(four); last != "" {
		four = last
	}
	last := lastFour(whole)
	if four == "" {
		four = last
	}
	if last != "" && strings.ContainsAny(whole, "xX*") {
		whole = ""
	}
	r.ids = [numIDs]code{readCode(four), readCode(rd.cell(Licence)), readCode(whole)}
}

// name reads the parts of a name, and what stands in the wrong part of it.
func (rd *reader) name(r *record) {
	lex := rd.roll.lex
	r.given, r.middle, r.surname = rd.word(Given), rd.word(Middle), rd.word(Surname)
	r.suffix = generations[fold(rd.cell(Suffix))]
	if full := rd.cell(FullName); full != "" && r.given == 0 && r.surname == 0 {
		given, middle, surname, suffix := splitName(full)
		r.given, r.middle, r.surname = lex.add(given), lex.add(middle), lex.add(surname)
		if r.suffix == 0 {
			r.suffix = suffix
		}
	}
	if w := &lex.words[r.surname]; len(w.parts) > 0 && r.suffix == 0 {
		folded := fold(rd.cell(Surname))
		if name, g := takeGeneration(folded); g > 0 {
			r.surname, r.suffix = lex.add(name), g
		}
	}
	if _, own := rd.at.at[Middle]; !own && r.given != 0 {
		r.given, r.middle = rd.splitGiven(r.given, r.middle)
	}
}

// splitGiven takes the initial off "JOHN A" where a file has no middle names.
func (rd *reader) splitGiven(given, middle uint32) (g, m uint32) {
	folded := fold(rd.cell(Given))
	i := strings.LastIndexByte(folded, ' ')
	if i < 0 || len(folded)-i != 2 {
		return given, middle
	}
	return rd.roll.lex.add(folded[:i]), rd.roll.lex.add(folded[i+1:])
}

// splitName takes a whole name apart: "SMITH, JOHN A JR" or "JOHN A SMITH JR".
func splitName(full string) (given, middle, surname string, suffix uint8) {
	if before, after, ok := strings.Cut(full, ","); ok && generations[fold(after)] == 0 {
		surname, suffix = takeGeneration(fold(before))
		rest := fold(after)
		if suffix == 0 {
			rest, suffix = takeGeneration(rest)
		}
		given, middle, _ = strings.Cut(rest, " ")
		return given, middle, surname, suffix
	}
	rest, suffix := takeGeneration(fold(full))
	words := strings.Fields(rest)
	if len(words) == 0 {
		return "", "", "", 0
	}
	last := len(words) - 1
	for last > 1 && particles[words[last-1]] && len(words[last-1]) > 1 {
		last-- // JUAN DE LA CRUZ
	}
	if last == 0 {
		return "", "", words[0], suffix
	}
	return words[0], strings.Join(words[1:last], " "), strings.Join(words[last:], " "), suffix
}

// address reads where somebody lives.
func (rd *reader) address(r *record) {
	lex := rd.roll.lex
	r.city, r.state = rd.word(City), rd.word(State)
	r.postcode = rd.intern(Postcode, rd.cell(Postcode), readPostcode)
	line := rd.cell(Street)
	for _, c := range [...]Column{StreetType, StreetAfter} {
		if s := rd.cell(c); s != "" {
			line += " " + s
		}
	}
	if s := rd.cell(StreetBefore); s != "" {
		line = s + " " + line
	}
	house := rd.cell(House)
	if half := rd.cell(HouseHalf); half != "" && house != "" {
		house += "H"
	}
	unit := rd.cell(Unit)
	second := fold(strings.ReplaceAll(rd.cell(Line2), "#", " HASH "))
	if unit == "" && isUnit(second) {
		unit, second = second, ""
	}
	p := readDoor(house, line, unit)
	r.house, r.street, r.unit, r.line2 = lex.add(p.house), lex.add(p.street), lex.add(p.unit), lex.add(second)
	if p.core != "" {
		r.core = hash(p.core)
	}
	r.locate(lex)
}

// locate hashes what names the door of a record.
func (r *record) locate(lex *lexicon) {
	if r.house == 0 || r.core == 0 {
		return
	}
	town := r.postcode
	if town == 0 {
		town = r.city
	}
	r.door = short(stir(stir(uint64(hash(lex.words[r.house].text)), uint64(r.core)), uint64(hash(lex.words[town].text))))
}

// readPostcode keeps the first five of ZIP+4, and the zeros that a spreadsheet
// takes away.
func readPostcode(s string) string {
	s = tight(fold(s))
	if len(s) == 9 && strings.Trim(s, "0123456789") == "" {
		return s[:5]
	}
	return s
}

// birth reads a date of birth, from one column or three.
func (rd *reader) birth() day {
	s := rd.cell(Birth)
	if s == "" {
		if y := number(rd.cell(BirthYear)); y >= oldest && y <= youngest {
			return makeDay(y, number(rd.cell(BirthMonth))%100, number(rd.cell(BirthDay))%100)
		}
		return 0
	}
	d := readDay(s)
	bare := d &^ turnable
	switch {
	case d == 0:
		rd.problems.Add(rd.line, string(Birth), "%q is no date of birth; it was not compared", s)
	case !bare.possible():
		rd.problems.Add(rd.line, string(Birth), "%q is not in the calendar; it was compared as it stands", s)
	case d&turnable == 0 && dayFirst(s):
		rd.turns[0]++
	case d&turnable == 0 && monthFirst(s):
		rd.turns[1]++
	}
	return d
}

// dayFirst says whether a date with marks can only have the day first.
func dayFirst(s string) bool { n, m := firstTwo(s); return n > 12 && m > 0 && m <= 12 }

// monthFirst says whether a date with marks can only have the month first.
func monthFirst(s string) bool { n, m := firstTwo(s); return m > 12 && m <= 31 && n > 0 && n <= 12 }

func firstTwo(s string) (a, b int) {
	i := strings.IndexAny(s, "/.- ")
	if i < 1 || i > 2 {
		return 0, 0
	}
	j := strings.IndexAny(s[i+1:], "/.- ")
	if j < 1 || j > 2 {
		return 0, 0
	}
	return number(s[:i]), number(s[i+1 : i+1+j])
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > youngest {
		return 0
	}
	return n
}

// keepID takes the id of a line, or its number where it has none.
func (rd *reader) keepID() {
	id := rd.cell(RecordID)
	if id == "" {
		id = strconv.Itoa(rd.line)
	}
	rd.roll.ids = append(rd.roll.ids, id...)
	rd.roll.ends = append(rd.roll.ends, uint32(len(rd.roll.ids)))
	rd.idHashes = append(rd.idHashes, hash64(id))
}

// finish settles what only the whole file can tell.
func (rd *reader) finish(t *sheet.Table) {
	r := rd.roll
	daysFirst := rd.turns[0] > rd.turns[1]
	for i := range r.recs {
		rec := &r.recs[i]
		if rec.birth&turnable != 0 {
			rec.birth &^= turnable
			if daysFirst {
				rec.birth = rec.birth.turned()
			}
		}
		rec.restamp(r.lex)
	}
	r.File = File{Path: t.Name, Records: len(r.recs), Encoding: t.Encoding(), Used: rd.at.used, Ignored: rd.at.ignored, LeftOut: r.File.LeftOut, ID: "line number"}
	if i, ok := rd.at.at[RecordID]; ok {
		r.File.ID = t.Titles[i]
		if repeats(rd.idHashes) {
			t.Problems.Add(0, t.Titles[i], "the same value stands on several lines, so it cannot be the id; line numbers are used")
			r.File.ID = "line number"
			r.number()
		}
	}
	for _, p := range t.Problems.List {
		r.File.Problems = append(r.File.Problems, p.String())
	}
	r.File.More = t.Problems.More
	rd.caches, rd.idHashes = nil, nil
}

func repeats(h []uint64) bool {
	slices.Sort(h)
	for i := 1; i < len(h); i++ {
		if h[i] == h[i-1] {
			return true
		}
	}
	return false
}

// number calls every record by its line.
func (r *roll) number() {
	r.ids, r.ends = r.ids[:0], r.ends[:0]
	for i := range r.recs {
		r.ids = strconv.AppendUint(r.ids, uint64(r.recs[i].line), 10)
		r.ends = append(r.ends, uint32(len(r.ids)))
	}
}
