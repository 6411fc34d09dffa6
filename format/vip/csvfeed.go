// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// The CSV form is flat: what XML nests stands in tables of its own, tied by
// ids. contact_information, department, voter_service and schedule name the
// row they belong to; precinct -> spatial_boundary ->
// external_geospatial_feature and external_file -> checksum name the row that
// belongs to them. There is no hours_open table: its rows would only be ids.

// extraColumns are the linking columns of the classes.
var extraColumns = map[string][]string{
	"Source":       {"feed_contact_information_id", "version"},
	"Person":       {"contact_information_id"},
	"Office":       {"contact_information_id"},
	"Precinct":     {"spatial_boundary_id"},
	"ExternalFile": {"checksum_id"},
}

// classTable is the table of a class, if it has one.
func classTable(class *field) (table, bool) {
	if len(class.columns) == 0 {
		return table{}, false
	}
	return table{class.columns[0], class.name, class.within, class.elem, extraColumns[class.name]}, true
}

// partTable is the table of a part. Its first two extra columns are its own id
// and the linking one.
func partTable[T any](name, link string) table {
	elem := reflect.TypeFor[T]()
	return table{name, elem.Name(), newPlan(elem, map[reflect.Type]*plan{}), elem, []string{"id", link}}
}

// The tables of the parts.
var (
	contactTable  = partTable[ContactInformation]("contact_information", "parent_id")
	deptTable     = partTable[Department]("department", "election_administration_id")
	serviceTable  = partTable[VoterService]("voter_service", "department_id")
	scheduleTable = partTable[Schedule]("schedule", "hours_open_id")
	boundaryTable = partTable[SpatialBoundary]("spatial_boundary", "external_geospatial_feature_id")
	featureTable  = partTable[ExternalGeospatialFeature]("external_geospatial_feature", "shape_identifiers")
	checksumTable = partTable[Checksum]("checksum", "")
)

// opener opens a table of a feed; it returns nil where there is none.
type opener func(name string) (io.Reader, error)

// csvFeed puts a feed together from its tables.
type csvFeed struct {
	*tableReader
	open   opener
	feed   *Feed
	extras map[string][][]ID // linking columns, by class, in the order of the rows
}

func newCSVFeed(limits Limits, ps *problems, open opener) *csvFeed {
	return &csvFeed{tableReader: newTableReader(limits, ps), open: open, feed: &Feed{}, extras: map[string][][]ID{}}
}

// linked is a row of a part's table.
type linked[T any] struct {
	id, link ID
	line     int
	value    T
}

// readTables reads the classes, then the parts, then ties them together.
func (c *csvFeed) readTables() error {
	feed := reflect.ValueOf(c.feed).Elem()
	for _, class := range feedPlan().fields {
		tab, ok := classTable(class)
		if !ok {
			continue
		}
		list := feed.FieldByIndex(class.index)
		room := func() reflect.Value { return oneMore(list) }
		if err := c.table(tab, room, func(r row) {
			c.extras[class.name] = append(c.extras[class.name], r.extra)
		}); err != nil {
			return err
		}
	}
	for i := range c.feed.Sources {
		c.feed.Version = string(c.extras["Source"][i][1])
	}
	for _, step := range []func() error{c.readSchedules, c.readBoundaries, c.readChecksums, c.readOffices} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvFeed) table(tab table, room func() reflect.Value, take func(row)) error {
	r, err := c.open(tab.name)
	if r == nil || err != nil {
		return err
	}
	return c.read(tab, r, room, take)
}

// readParts reads a part's table; a label keeps the id of each row.
func readParts[T any](c *csvFeed, tab table) ([]linked[T], error) {
	var list []linked[T]
	seen := map[ID]bool{}
	room := func() reflect.Value { return reflect.New(tab.elem).Elem() }
	err := c.table(tab, room, func(r row) {
		id := r.extra[0]
		if id != "" && seen[id] {
			c.report(tab, r.line, id, "id", Duplicate, "an earlier row has the same id")
		}
		seen[id] = true
		if f := tab.plan.attribute("label"); f != nil {
			r.value.FieldByIndex(f.index).SetString(string(id))
		}
		list = append(list, linked[T]{id, r.extra[1], r.line, r.value.Interface().(T)})
	})
	return list, err
}

func (c *csvFeed) report(tab table, line int, id ID, field string, kind Kind, format string, args ...any) {
	c.ps.add(Problem{File: tab.file(), Line: line, Element: tab.class, ID: ID(clip(string(id))), Field: field, Kind: kind, Say: fmt.Sprintf(format, args...)})
}

// readSchedules makes the HoursOpen elements, in the order in which schedules
// first name them.
func (c *csvFeed) readSchedules() error {
	schedules, err := readParts[Schedule](c, scheduleTable)
	at := map[ID]int{}
	for _, s := range schedules {
		if s.link == "" {
			c.report(scheduleTable, s.line, s.id, "hours_open_id", Missing, "the schedule does not say whose it is; it was left out")
			continue
		}
		i, ok := at[s.link]
		if !ok {
			i = len(c.feed.HoursOpen)
			at[s.link] = i
			c.feed.HoursOpen = append(c.feed.HoursOpen, HoursOpen{Element: Element{s.link, s.line}})
		}
		c.feed.HoursOpen[i].Schedules = append(c.feed.HoursOpen[i].Schedules, s.value)
	}
	return err
}

// readBoundaries follows precinct -> boundary -> feature.
func (c *csvFeed) readBoundaries() error {
	boundaries, err := readParts[SpatialBoundary](c, boundaryTable)
	if err != nil {
		return err
	}
	features, err := readParts[ExternalGeospatialFeature](c, featureTable)
	if err != nil {
		return err
	}
	featureOf := map[ID]*ExternalGeospatialFeature{}
	for i := range features {
		f := &features[i]
		for index := range strings.FieldsSeq(string(f.link)) {
			f.value.FeatureIdentifiers = append(f.value.FeatureIdentifiers, FeatureIdentifier{index})
		}
		featureOf[f.id] = &f.value
	}
	boundaryOf := map[ID]SpatialBoundary{}
	for _, b := range boundaries {
		if b.value.ExternalGeospatialFeature = featureOf[b.link]; b.value.ExternalGeospatialFeature == nil {
			c.report(boundaryTable, b.line, b.id, "external_geospatial_feature_id", Dangling, "no row of external_geospatial_feature.txt has the id %q", clip(string(b.link)))
			continue
		}
		boundaryOf[b.id] = b.value
	}
	for i := range c.feed.Precincts {
		p, want := &c.feed.Precincts[i], c.extras["Precinct"][i][0]
		if want == "" {
			continue
		}
		if b, ok := boundaryOf[want]; ok {
			p.SpatialBoundary = &b
			continue
		}
		c.missingRow("precinct", "Precinct", p.Element, "spatial_boundary_id", boundaryTable, want)
	}
	return nil
}

func (c *csvFeed) readChecksums() error {
	sums, err := readParts[Checksum](c, checksumTable)
	sumOf := map[ID]*Checksum{}
	for i := range sums {
		sumOf[sums[i].id] = &sums[i].value
	}
	for i := range c.feed.ExternalFiles {
		f, want := &c.feed.ExternalFiles[i], c.extras["ExternalFile"][i][0]
		if f.Checksum = sumOf[want]; f.Checksum == nil && want != "" {
			c.missingRow("external_file", "ExternalFile", f.Element, "checksum_id", checksumTable, want)
		}
	}
	return err
}

func (c *csvFeed) missingRow(file, class string, e Element, column string, in table, want ID) {
	c.report(table{name: file, class: class}, e.Line, e.ID, column, Dangling, "no row of %s has the id %q", in.file(), clip(string(want)))
}

// readOffices puts contacts, voter services and departments where they belong.
func (c *csvFeed) readOffices() error {
	contacts, err := readParts[ContactInformation](c, contactTable)
	if err != nil {
		return err
	}
	services, err := readParts[VoterService](c, serviceTable)
	if err != nil {
		return err
	}
	depts, err := readParts[Department](c, deptTable)
	if err != nil {
		return err
	}
	book := newContactBook(c, contacts)
	servicesOf := map[ID][]VoterService{}
	for _, s := range services {
		s.value.ContactInformation = book.one(s.id)
		servicesOf[s.link] = append(servicesOf[s.link], s.value)
	}
	deptsOf, isDept := map[ID][]Department{}, map[ID]bool{}
	for _, d := range depts {
		isDept[d.id] = true
		d.value.ContactInformation = book.one(d.id)
		d.value.VoterServices = servicesOf[d.id]
		deptsOf[d.link] = append(deptsOf[d.link], d.value)
	}
	isOffice := map[ID]bool{}
	for i := range c.feed.ElectionAdministrations {
		ea := &c.feed.ElectionAdministrations[i]
		ea.Departments = deptsOf[ea.ID]
		isOffice[ea.ID] = true
	}
	book.handOut(c.feed)
	reportLost(c, serviceTable, services, func(id ID) bool { return isDept[id] })
	reportLost(c, deptTable, depts, func(id ID) bool { return isOffice[id] })
	reportLost(c, contactTable, book.list, func(id ID) bool { return book.taken[id] })
	return nil
}

// reportLost reports the rows that belong to nothing.
func reportLost[T any](c *csvFeed, tab table, list []linked[T], known func(ID) bool) {
	for _, x := range list {
		if !known(x.link) {
			c.report(tab, x.line, x.id, tab.extra[1], Dangling, "%q is no row that this could belong to; it was left out", clip(string(x.link)))
		}
	}
}
