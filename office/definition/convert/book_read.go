// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
)

// bookTable is one table of the spreadsheet, as a sheet of a workbook or as a
// text file.
type bookTable struct {
	file string // for messages
	name string // of the sheet, or the file without its ending
	body []byte
	pick bool // name is a sheet of the workbook in body
}

// tableLimits suit the largest definition: a state's precincts, and every hour
// of every place.
var tableLimits = sheet.Limits{Bytes: 128 << 20, Unpacked: 256 << 20, Rows: 500_000, Columns: 200, Problems: 200}

// workbookTables lists the sheets of a workbook.
func workbookTables(name string, body []byte) ([]bookTable, error) {
	var names []string
	t, err := sheet.Open(name, bytes.NewReader(body), tableLimits)
	if err == nil {
		names = t.Sheets
	} else if names = findSheets(name, body); len(names) == 0 {
		return nil, fault.Wrap(fault.Invalid, err, "The workbook could not be read: %s", err.Error())
	}
	var out []bookTable
	for _, n := range names {
		out = append(out, bookTable{file: name, name: n, body: body, pick: true})
	}
	return out, nil
}

// findSheets looks for our sheets by name in a workbook whose first sheet cannot
// be read: it is often left empty.
func findSheets(name string, body []byte) []string {
	var out []string
	for _, s := range sheets {
		if _, err := sheet.Open(name, bytes.NewReader(body), tableLimits, sheet.PickSheet(s.name)); err == nil {
			out = append(out, s.name)
		}
	}
	return out
}

// book is a definition in the making from sheets.
type book struct {
	def     *election.Definition
	base    *election.Definition
	notes   *notes
	ids     map[string]taken // minted so far, by noun
	choices []looseChoice
	hours   []looseHours
	former  []looseFormer
	dates   []looseDeadline
	read    []string // sheets that were read
}

// Rows that belong to something that another sheet tells.
type (
	looseChoice struct {
		rowAt
		contest string
		choice  election.Choice
	}
	looseHours struct {
		rowAt
		place string
		hours election.Hours
	}
	looseFormer struct {
		rowAt
		unit   string
		former election.Former
	}
	looseDeadline struct {
		rowAt
		deadline election.Deadline
		at       string
	}
)

// book reads the spreadsheet from its tables.
func (r *reader) book(tables []bookTable, err error) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	b := &book{def: &election.Definition{}, base: r.base, notes: &notes{}, ids: make(map[string]taken)}
	for _, t := range tables {
		if err := b.table(t); err != nil {
			return Result{}, err
		}
	}
	if len(b.read) == 0 {
		return Result{}, fault.New(fault.Invalid, "No sheet of this file is one of the spreadsheet's: %s. Download the template to see what they look like.", strings.Join(sheetNames(), ", "))
	}
	b.settle()
	def := b.def
	if r.base != nil {
		if def.Election.ID != "" && def.Election.ID != r.base.Election.ID {
			b.notes.say(Hold, "other_election", string(def.Election.ID), "id", string(def.Election.ID), "want", string(r.base.Election.ID))
		}
		def = merge(r.base, def)
	} else if !slices.Contains(b.read, "election") {
		return Result{}, fault.New(fault.Invalid, "The file has no sheet “election”, so it does not say which election it is about. Add that sheet, or choose the election that the file is to be added to.")
	}
	return Result{Def: def, Format: "Spreadsheet (" + strings.Join(b.read, ", ") + ")", Problems: b.notes.problems()}, nil
}

func sheetNames() []string {
	var out []string
	for _, s := range sheets {
		out = append(out, s.name)
	}
	return out
}

// table reads one table, if it is one of the spreadsheet's.
func (b *book) table(in bookTable) error {
	var how []sheet.Choice
	if in.pick {
		how = append(how, sheet.PickSheet(in.name))
	}
	t, err := sheet.Open(in.file, bytes.NewReader(in.body), tableLimits, how...)
	if err != nil {
		if in.pick { // most often it is empty
			b.notes.say(Info, "sheet_unread", in.name, "sheet", in.name, "why", why(err))
			return nil
		}
		return fault.Wrap(fault.Invalid, err, "The table %s could not be read: %s", in.name, err.Error())
	}
	s := sheetNamed(in.name)
	if s == nil && !in.pick {
		s = sheetLike(t)
	}
	if s == nil {
		if k := fold(in.name); k != "help" && k != "ayuda" {
			b.notes.say(Info, "sheet_passed", in.name, "sheet", in.name)
		}
		return nil
	}
	b.read = append(b.read, s.name)
	row := bookRow{rowAt: rowAt{sheet: s, notes: b.notes}, columns: make(map[string]map[string]int)}
	row.titles(t)
	for line, err := range t.Rows() {
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The table %s could not be read: %s", in.name, err.Error())
		}
		row.row, row.line = line, line.Line
		row.id = row.str("id")
		s.take(&row, b)
	}
	for _, p := range t.Problems.List {
		if p.Line > 0 {
			b.notes.at(p.Line, Info, "file", s.name, "say", s.name+": "+p.Say)
		}
	}
	return nil
}

// why is the sentence of a table reader's error, without the file's name.
func why(err error) string {
	var e *sheet.Error
	if errors.As(err, &e) {
		return e.Say
	}
	return err.Error()
}

// sheetNamed finds a sheet by its name, nil for none.
func sheetNamed(name string) *bookSheet {
	k := fold(strings.NewReplacer("_", " ", "-", " ").Replace(strings.TrimSuffix(strings.TrimSuffix(sheet.Base(name), ".csv"), ".tsv")))
	for i := range sheets {
		s := &sheets[i]
		if s.name == k || slices.ContainsFunc(s.also, func(a string) bool { return strings.ReplaceAll(a, "_", " ") == k }) {
			return s
		}
	}
	return nil
}

// sheetLike finds the sheet whose columns a table has: at least three of them,
// or all, and more than of any other.
func sheetLike(t *sheet.Table) *bookSheet {
	var best *bookSheet
	most, tie := 0, false
	for i := range sheets {
		s := &sheets[i]
		hits := 0
		for _, title := range t.Titles {
			key, _ := columnKey(title)
			if s.has(key) {
				hits++
			}
		}
		if hits < min(3, len(s.columns)) || hits*2 < len(t.Titles) {
			continue
		}
		if hits == most {
			tie = true
		}
		if hits > most {
			best, most, tie = s, hits, false
		}
	}
	if tie {
		return nil
	}
	return best
}

func (s *bookSheet) has(key string) bool {
	return slices.ContainsFunc(s.columns, func(c column) bool { return sheet.Snake(c.title) == key })
}

// id is the row's id, or one made of names where the office left it empty.
func (b *book) id(r *bookRow, noun, key string, names ...string) string {
	if id := r.str(key); id != "" {
		return id
	}
	if b.ids[noun] == nil {
		b.ids[noun] = make(taken)
	}
	return b.ids[noun].mint(noun, names...)
}

// settle puts rows where they belong, once every sheet is read.
func (b *book) settle() {
	for _, d := range b.dates {
		e := b.def.Election
		if e.TimeZone == "" && b.base != nil {
			e.TimeZone = b.base.Election.TimeZone
		}
		at, ok := instant(d.at, e)
		if !ok {
			d.bad(Block, "cell_date", "At", d.at)
			continue
		}
		d.deadline.At = at
		b.def.Election.Calendar = append(b.def.Election.Calendar, d.deadline)
	}
	b.settleChoices()
	b.settleHours()
	b.settleFormer()
	if b.base == nil {
		b.rootUnit()
	}
	b.keepInner()
}

// settleChoices gives each contest its choices.
func (b *book) settleChoices() {
	at := make(map[string]int, len(b.def.Contests))
	names := make(map[string]int, len(b.def.Contests))
	list := func(i int) {
		c := &b.def.Contests[i]
		at[string(c.ID)] = i
		k := fold(c.Name.String())
		if have, ok := names[k]; ok && have != i {
			i = twice
		}
		names[k] = i
	}
	if b.base != nil && len(b.choices) > 0 { // choices may belong to contests of the base
		b.def.Contests = put(slices.Clone(b.base.Contests), b.def.Contests, contestID)
	}
	for i := range b.def.Contests {
		list(i)
	}
	for _, l := range b.choices {
		i, ok := at[l.contest]
		if !ok {
			i, ok = names[fold(l.contest)]
		}
		if !ok || i == twice {
			l.bad(Block, "row_orphan", "Contest", l.contest)
			continue
		}
		c := &b.def.Contests[i]
		ch := l.choice
		if ch.Kind == "" {
			ch.Kind = choiceKind(c.Kind, ch)
		}
		c.Choices = put(slices.Clip(c.Choices), []election.Choice{ch}, choiceID)
	}
}

// choiceKind is what a choice is, where the office did not say.
func choiceKind(kind election.ContestKind, ch election.Choice) election.ChoiceKind {
	switch {
	case kind == election.MeasureContest || kind == election.RetentionContest:
		return answerKind(ch.Name)
	case kind == election.PartyContest:
		return election.Ticket
	case isGenericWriteIn(ch.Name):
		return election.WriteIn
	}
	return election.Candidate
}

func (b *book) settleHours() {
	at := make(map[string]int, len(b.def.Places))
	if b.base != nil && len(b.hours) > 0 {
		b.def.Places = put(slices.Clone(b.base.Places), b.def.Places, placeID)
	}
	for i, p := range b.def.Places {
		at[string(p.ID)] = i
		if _, taken := at[fold(p.Name)]; !taken {
			at[fold(p.Name)] = i
		}
	}
	fresh := make(map[int]bool)
	for _, l := range b.hours {
		i, ok := at[l.place]
		if !ok {
			i, ok = at[fold(l.place)]
		}
		if !ok {
			l.bad(Block, "row_orphan", "Place", l.place)
			continue
		}
		if p := &b.def.Places[i]; fresh[i] {
			p.Hours = append(p.Hours, l.hours)
		} else {
			p.Hours = []election.Hours{l.hours}
			fresh[i] = true
		}
	}
}

func (b *book) settleFormer() {
	at := treeOf(b.def).at
	for _, l := range b.former {
		i, ok := at[election.UnitID(l.unit)]
		if !ok {
			l.bad(Warn, "row_orphan", "Unit", l.unit)
			continue
		}
		b.def.Units[i].Former = append(b.def.Units[i].Former, l.former)
	}
}

// rootUnit fills in the scope where the office left it out and one unit alone
// has no parent.
func (b *book) rootUnit() {
	e := &b.def.Election
	if e.Scope != "" {
		return
	}
	for _, u := range b.def.Units {
		if u.Parent != "" {
			continue
		}
		if e.Scope != "" {
			e.Scope = "" // several; Check tells
			return
		}
		e.Scope = u.ID
	}
}

// keepInner keeps what the base has within rows that the file replaces and says
// nothing about: choices of contests, hours of places, former results of units.
func (b *book) keepInner() {
	if b.base == nil {
		return
	}
	contests := indexOf(b.base.Contests, contestID)
	for i := range b.def.Contests {
		c := &b.def.Contests[i]
		if k, ok := contests[c.ID]; ok {
			c.Choices = put(slices.Clone(b.base.Contests[k].Choices), c.Choices, choiceID)
		}
	}
	places := indexOf(b.base.Places, placeID)
	for i := range b.def.Places {
		p := &b.def.Places[i]
		if k, ok := places[p.ID]; ok && len(p.Hours) == 0 {
			p.Hours = b.base.Places[k].Hours
		}
	}
	at := treeOf(b.base).at
	for i := range b.def.Units {
		u := &b.def.Units[i]
		if k, ok := at[u.ID]; ok && len(u.Former) == 0 {
			u.Former = b.base.Units[k].Former
		}
	}
}

// orElse is the first wording that says something.
func orElse(list ...election.Text) election.Text {
	for _, t := range list {
		if len(t) > 0 {
			return t
		}
	}
	return nil
}

// first is the first text that is not empty.
func first(list ...string) string { return cmp.Or(list...) }
