// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// WriteCSVZip writes a feed as a zip of CSV tables. The same feed gives the
// same bytes. A feed that the schema would refuse is not written: the error is
// then an *InvalidError. The CSV form carries less than XML does: one
// language, one e-mail address, one external identifier. What it cannot carry
// is returned.
func WriteCSVZip(w io.Writer, f *Feed) (lost []Problem, err error) {
	if bad := blocking(f); len(bad) > 0 {
		return nil, &InvalidError{bad}
	}
	t := &tableWriter{zip: zip.NewWriter(w), ps: &problems{limit: 1 << 20}, used: map[ID]bool{}}
	t.unfold(f)
	if err := t.writeAll(f); err != nil {
		return nil, err
	}
	return t.ps.done(), t.zip.Close()
}

// tableWriter collects the rows of the parts, then writes table by table.
type tableWriter struct {
	zip    *zip.Writer
	ps     *problems
	used   map[ID]bool      // ids of elements and rows
	parts  map[string][]row // rows of parts, by table
	linked map[string][]ID  // what a class's row says in its first extra column
}

// unfold lays out what XML nests as rows of their own.
func (t *tableWriter) unfold(f *Feed) {
	t.parts, t.linked = map[string][]row{}, map[string][]ID{}
	feed := reflect.ValueOf(f).Elem()
	for _, class := range feedPlan().fields {
		list := feed.FieldByIndex(class.index)
		for i := range list.Len() {
			t.used[ID(list.Index(i).FieldByIndex(class.within.id).String())] = true
		}
	}
	t.unfoldContacts(f)
	t.unfoldOffices(f)
	for i := range f.HoursOpen {
		t.unfoldHours(&f.HoursOpen[i])
	}
	for i := range f.Precincts {
		t.unfoldBoundary(&f.Precincts[i])
	}
	for i := range f.ExternalFiles {
		file := &f.ExternalFiles[i]
		id := t.newID("", "sum", file.ID)
		t.add(checksumTable, reflect.ValueOf(file.Checksum).Elem(), id, "")
		t.link("ExternalFile", id)
	}
}

// newID is the id of a row: the label that the part came with, or a new one
// made from the id of the element it belongs to.
func (t *tableWriter) newID(label, prefix string, owner ID) ID {
	id := ID(label)
	if id == "" {
		id = ID(prefix + "-" + string(owner))
	}
	for n, first := 2, id; t.used[id]; n++ {
		id = ID(fmt.Sprintf("%s-%d", first, n))
	}
	t.used[id] = true
	return id
}

func (t *tableWriter) add(tab table, v reflect.Value, extra ...ID) {
	t.parts[tab.name] = append(t.parts[tab.name], row{value: v, extra: extra})
}

func (t *tableWriter) link(class string, id ID) {
	t.linked[class] = append(t.linked[class], id)
}

func (t *tableWriter) contact(c *ContactInformation, owner ID) ID {
	if c == nil {
		return ""
	}
	id := t.newID(c.Label, "ci", owner)
	t.add(contactTable, reflect.ValueOf(c).Elem(), id, owner)
	return id
}

func (t *tableWriter) unfoldContacts(f *Feed) {
	for i := range f.Sources {
		t.link("Source", t.contact(f.Sources[i].FeedContactInformation, f.Sources[i].ID))
	}
	for i := range f.Persons {
		for j := range f.Persons[i].ContactInformation {
			t.contact(&f.Persons[i].ContactInformation[j], f.Persons[i].ID)
		}
	}
	for i := range f.Offices {
		for j := range f.Offices[i].ContactInformation {
			t.contact(&f.Offices[i].ContactInformation[j], f.Offices[i].ID)
		}
	}
	for i := range f.Candidates {
		t.contact(f.Candidates[i].ContactInformation, f.Candidates[i].ID)
	}
}

func (t *tableWriter) unfoldOffices(f *Feed) {
	for i := range f.ElectionAdministrations {
		ea := &f.ElectionAdministrations[i]
		for j := range ea.Departments {
			d := &ea.Departments[j]
			id := t.newID(d.Label, "dep", ea.ID)
			t.add(deptTable, reflect.ValueOf(d).Elem(), id, ea.ID)
			t.contact(d.ContactInformation, id)
			for k := range d.VoterServices {
				s := &d.VoterServices[k]
				serviceID := t.newID(s.Label, "vs", id)
				t.add(serviceTable, reflect.ValueOf(s).Elem(), serviceID, id)
				t.contact(s.ContactInformation, serviceID)
			}
		}
	}
}

// unfoldHours writes a schedule once for each opening of its day.
func (t *tableWriter) unfoldHours(h *HoursOpen) {
	for i := range h.Schedules {
		s := &h.Schedules[i]
		if len(s.Hours) > 1 {
			t.ps.add(Problem{Line: s.Line, Element: "HoursOpen", ID: h.ID, Field: "Schedule/Hours", Kind: Lost,
				Say: fmt.Sprintf("the CSV form has one opening for each schedule; this one was written as %d schedules", len(s.Hours))})
		}
		for j := range max(1, len(s.Hours)) {
			one := *s
			if len(s.Hours) > 0 {
				one.Hours = s.Hours[j : j+1]
			}
			t.add(scheduleTable, reflect.ValueOf(&one).Elem(), t.newID(s.Label, "sch", h.ID), h.ID)
		}
	}
}

func (t *tableWriter) unfoldBoundary(p *Precinct) {
	if p.SpatialBoundary == nil {
		t.link("Precinct", "")
		return
	}
	feature := p.SpatialBoundary.ExternalGeospatialFeature
	shapes := make([]string, len(feature.FeatureIdentifiers))
	for i, f := range feature.FeatureIdentifiers {
		shapes[i] = f.Index
	}
	boundaryID, featureID := t.newID("", "sb", p.ID), t.newID("", "egf", p.ID)
	t.add(featureTable, reflect.ValueOf(feature).Elem(), featureID, ID(strings.Join(shapes, " ")))
	t.add(boundaryTable, reflect.ValueOf(p.SpatialBoundary).Elem(), boundaryID, featureID)
	t.link("Precinct", boundaryID)
}

func (t *tableWriter) writeAll(f *Feed) error {
	feed := reflect.ValueOf(f).Elem()
	for _, class := range feedPlan().fields {
		tab, ok := classTable(class)
		if !ok {
			continue
		}
		list := feed.FieldByIndex(class.index)
		rows := make([]row, list.Len())
		for i := range rows {
			rows[i] = row{value: list.Index(i), extra: make([]ID, len(tab.extra))}
			if linked := t.linked[class.name]; linked != nil {
				rows[i].extra[0] = linked[i]
			}
			if class.name == "Source" {
				rows[i].extra[1] = ID(f.Version)
			}
		}
		if class.name == "Person" || class.name == "Office" {
			tab.extra = nil // their contacts name them
		}
		if err := t.write(tab, rows); err != nil {
			return err
		}
	}
	for _, tab := range []table{contactTable, deptTable, serviceTable, scheduleTable, boundaryTable, featureTable, checksumTable} {
		if err := t.write(tab, t.parts[tab.name]); err != nil {
			return err
		}
	}
	return nil
}

// write writes one table, unless it has no rows.
func (t *tableWriter) write(tab table, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	// No time stamp: the same feed gives the same bytes.
	file, err := t.zip.CreateHeader(&zip.FileHeader{Name: tab.name + ".txt", Method: zip.Deflate})
	if err != nil {
		return err
	}
	columns := columnsOf(tab.plan)
	out := csv.NewWriter(file)
	header := make([]string, 0, len(columns)+len(tab.extra))
	header, rest := cutID(header, tab.extra, tab.extra)
	for _, c := range columns {
		header = append(header, c.names[0])
	}
	out.Write(append(header, rest...))
	for _, r := range rows {
		texts := make([]string, len(r.extra))
		for i, id := range r.extra {
			texts[i] = string(id)
		}
		cells, rest := cutID(make([]string, 0, cap(header)), tab.extra, texts[:len(tab.extra)])
		for _, c := range columns {
			cells = append(cells, t.cell(tab, c, r))
		}
		out.Write(append(cells, rest...))
	}
	out.Flush()
	return out.Error()
}

// cutID puts the id of a part first and leaves its links for the end. Links
// without a name are for the writer alone.
func cutID(first []string, names, texts []string) (cells, rest []string) {
	for i, name := range names {
		switch name {
		case "id":
			first = append(first, texts[i])
		case "":
		default:
			rest = append(rest, texts[i])
		}
	}
	return first, rest
}

// cell is the text of one cell; what it cannot carry is noted.
func (t *tableWriter) cell(tab table, c column, r row) string {
	text, lost := cell(c, r.value)
	if lost != "" {
		p := Problem{Element: tab.class, Field: c.leaf().name, Kind: Lost, Say: lost}
		if len(tab.extra) > 0 && tab.extra[0] == "id" {
			p.ID = r.extra[0]
		}
		if tab.plan.id != nil {
			p.ID = ID(r.value.FieldByIndex(tab.plan.id).String())
		}
		if tab.plan.line != nil {
			p.Line = int(r.value.FieldByIndex(tab.plan.line).Int())
		}
		t.ps.add(p)
	}
	return text
}
