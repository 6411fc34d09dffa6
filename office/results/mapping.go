// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/format/sheet"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/office/results/intake"
)

// roles are what a column of a flat file can be, as the mapping screen offers
// them. A role with set fills a plain field of the mapping.
var roles = []struct {
	name string
	set  func(m *intake.Mapping) *string
}{
	{"county", func(m *intake.Mapping) *string { return &m.County }},
	{"precinct", func(m *intake.Mapping) *string { return &m.Precinct }},
	{"code", func(m *intake.Mapping) *string { return &m.Code }},
	{"registered", func(m *intake.Mapping) *string { return &m.Registered }},
	{"ballots", func(m *intake.Mapping) *string { return &m.Ballots }},
	{"contest", func(m *intake.Mapping) *string { return &m.Contest }},
	{"district", func(m *intake.Mapping) *string { return &m.District }},
	{"choice", func(m *intake.Mapping) *string { return &m.Choice }},
	{"party", func(m *intake.Mapping) *string { return &m.Party }},
	{"mode", func(m *intake.Mapping) *string { return &m.Mode }},
	{"votefor", func(m *intake.Mapping) *string { return &m.VoteFor }},
	{"votes", func(m *intake.Mapping) *string { return &m.Votes }},
	{"type", nil},      // the votes of one vote type
	{"candidate", nil}, // the votes for one choice
	{"over", nil}, {"under", nil}, {"subtotal", nil},
}

// sampleRows is how many rows the mapping screen shows.
const sampleRows = 5

// column is a column of a flat file with what a person may say of it.
type column struct {
	name   string
	sample []string
	role   string
	intake.ChoiceColumn
}

// flat is a file that waits for its columns to be explained.
type flat struct {
	*picture
	source  Source
	name    string
	key     string // of the file, among the blobs
	shape   intake.Shape
	only    string
	columns []column
	wrong   string
}

// openFlat reads the header and some rows of a kept file, and what is known or
// guessed about its columns.
func (s *Results) openFlat(ctx context.Context, pic *picture, source, name, key string) (*flat, error) {
	body, err := s.Blobs.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	table, err := sheet.Open(name, bytes.NewReader(body), sheet.Limits{})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s", err)
	}
	f := &flat{picture: pic, source: pic.source(source), name: name, key: key}
	var rows [][]string
	for row, err := range table.Rows() {
		if err != nil || len(rows) == sampleRows {
			break // the rest is read, with its problems told, once the columns are known
		}
		cells := make([]string, len(table.Titles))
		for i := range cells {
			cells[i] = row.Cell(i)
		}
		rows = append(rows, cells)
	}
	m := intake.GuessMapping(table.Titles, rows)
	if f.source.Mapping != nil {
		var kept intake.Mapping
		if json.Unmarshal(f.source.Mapping, &kept) == nil {
			m = kept
		}
	}
	f.shape, f.only = m.Shape, m.Only
	for i, title := range table.Titles {
		c := column{name: title}
		for _, r := range rows {
			c.sample = append(c.sample, r[i])
		}
		c.role, c.ChoiceColumn = roleOf(&m, title)
		f.columns = append(f.columns, c)
	}
	return f, nil
}

// roleOf is what a mapping says of a column.
func roleOf(m *intake.Mapping, title string) (string, intake.ChoiceColumn) {
	for _, r := range roles {
		if r.set != nil && *r.set(m) == title {
			return r.name, intake.ChoiceColumn{}
		}
	}
	for _, t := range m.Types {
		if t.Column == title {
			return "type", intake.ChoiceColumn{Type: t.Type}
		}
	}
	for _, c := range m.Choices {
		if c.Column == title {
			if c.Measure != "" {
				return c.Measure, c
			}
			return "candidate", c
		}
	}
	return "", intake.ChoiceColumn{}
}

// mappingOf is the mapping that a person has filled in.
func mappingOf(r *http.Request) intake.Mapping {
	m := intake.Mapping{Shape: intake.Long, Only: strings.TrimSpace(r.FormValue("only"))}
	for i := 0; r.Form.Has("column." + strconv.Itoa(i)); i++ {
		n := strconv.Itoa(i)
		title, role := r.FormValue("column."+n), r.FormValue("role."+n)
		text := func(name string) string { return strings.TrimSpace(r.FormValue(name + "." + n)) }
		switch role {
		case "":
			m.Ignored = append(m.Ignored, title)
		case "type":
			m.Types = append(m.Types, intake.TypeColumn{Column: title, Type: cmp.Or(text("type"), title)})
		case "candidate":
			m.Shape = intake.Wide
			m.Choices = append(m.Choices, intake.ChoiceColumn{Column: title, Contest: text("contest"), Choice: cmp.Or(text("choice"), title), Party: text("party")})
		case "over", "under", "subtotal":
			m.Choices = append(m.Choices, intake.ChoiceColumn{Column: title, Contest: text("contest"), Measure: role})
		default:
			for _, known := range roles {
				if known.name == role && known.set != nil {
					*known.set(&m) = title
				}
			}
		}
	}
	return m
}

func (s *Results) showMapping(w http.ResponseWriter, r *http.Request) error {
	return s.mappingPage(w, r, "", 0)
}

func (s *Results) mappingPage(w http.ResponseWriter, r *http.Request, wrong string, status int) error {
	pic, err := s.see(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	f, err := s.openFlat(r.Context(), pic, r.FormValue("source"), r.FormValue("name"), r.FormValue("key"))
	if err != nil {
		return err
	}
	f.wrong = wrong
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("results.map.title"), Body: mappingPage(p, f), Wide: true, Status: status})
}

// SaveMapping keeps what a person said of the columns of a source's files.
func (s *Results) SaveMapping(ctx context.Context, e election.ID, source string, m intake.Mapping) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ResultsMapped{Election: e, Source: source})
		return setMapping(ctx, tx, s.Jurisdiction, e, source, body)
	})
}

// saveMapping keeps what a person said of the columns with the source, and
// takes the waiting file again.
func (s *Results) saveMapping(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	m := mappingOf(r)
	if err := m.Check(); err != nil {
		return s.mappingPage(w, r, err.Error(), http.StatusUnprocessableEntity)
	}
	pic, err := s.see(ctx, electionOf(r))
	if err != nil {
		return err
	}
	src := pic.source(r.FormValue("source"))
	if err := s.SaveMapping(ctx, electionOf(r), src.ID, m); err != nil {
		return err
	}
	body, err := s.Blobs.Get(ctx, r.FormValue("key"))
	if err != nil {
		return err
	}
	rep, err := s.Take(ctx, Upload{Election: electionOf(r), Source: src.ID, Name: r.FormValue("name"), Body: bytes.NewReader(body)})
	if err != nil {
		return err
	}
	return web.Done(w, r, reportPath(rep), saidOf(rep), "file", rep.File)
}
