// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"hustings/format/sheet"
)

// ReadZip reads a feed from a zip that holds one XML file, or the tables of
// the CSV form as .txt or .csv files, in any folder. Other files (boundaries,
// readmes) are left alone.
func ReadZip(r io.ReaderAt, size int64, limits Limits) (*Feed, []Problem, error) {
	limits = limits.orDefaults()
	z, err := sheet.OpenZip("the zip", io.NewSectionReader(r, 0, size), sheetLimits(limits))
	if err != nil {
		return nil, nil, err
	}
	xml, tables, err := sortFiles(z.Files())
	switch {
	case err != nil:
		return nil, nil, err
	case xml != nil:
		return readXMLFile(z, xml, limits)
	case len(tables) == 0:
		return nil, nil, errors.New("the zip holds neither an XML feed nor tables such as precinct.txt")
	}
	return readTableFiles(z, tables, limits)
}

// sortFiles finds the one XML feed, or else the tables by name.
func sortFiles(files []*zip.File) (xml *zip.File, tables map[string]*zip.File, problem error) {
	tables = map[string]*zip.File{}
	for _, f := range files {
		base := strings.ToLower(sheet.Base(f.Name))
		ext := path.Ext(base)
		name := strings.TrimSuffix(base, ext)
		switch {
		case ext == ".xml" && xml != nil:
			return nil, nil, fmt.Errorf("the zip holds two XML files, %q and %q; send one feed at a time", clip(xml.Name), clip(f.Name))
		case ext == ".xml":
			xml = f
		case ext != ".txt" && ext != ".csv":
		case tables[name] != nil && isTable(name):
			return nil, nil, fmt.Errorf("the zip holds the table %s twice, as %q and %q", name, clip(tables[name].Name), clip(f.Name))
		default:
			tables[name] = f
		}
	}
	for name := range tables {
		if isTable(name) {
			return xml, tables, nil
		}
	}
	return xml, nil, nil
}

func readXMLFile(z *sheet.Zip, f *zip.File, limits Limits) (*Feed, []Problem, error) {
	r, err := z.Open(f)
	if err != nil {
		return nil, nil, err
	}
	feed, ps, err := Read(r, limits)
	if err != nil {
		err = fmt.Errorf("%s: %w", clip(f.Name), err)
	}
	return feed, ps, err
}

func readTableFiles(z *sheet.Zip, files map[string]*zip.File, limits Limits) (*Feed, []Problem, error) {
	ps := &problems{limit: limits.Problems}
	c := newCSVFeed(limits, ps, func(name string) (io.Reader, error) {
		f := files[name]
		if f == nil || f.UncompressedSize64 == 0 {
			return nil, nil
		}
		return z.Open(f)
	})
	reportOtherFiles(files, ps)
	if err := c.readTables(); err != nil {
		return nil, ps.done(), err
	}
	from := len(ps.list)
	check(c.feed, ps)
	for i := from; i < len(ps.list); i++ {
		ps.list[i].File = fileOf(ps.list[i])
	}
	return c.feed, ps.done(), nil
}

// reportOtherFiles names the text files that are no table, in order.
func reportOtherFiles(files map[string]*zip.File, ps *problems) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !isTable(name) {
			ps.add(Problem{File: clip(files[name].Name), Kind: Unknown, Say: "this is not a table of VIP; it was left alone"})
		}
	}
}

// partTables are the tables of the parts, by the name of the part in XML.
var partTables = map[string]table{
	"ContactInformation":        contactTable,
	"FeedContactInformation":    contactTable,
	"Department":                deptTable,
	"VoterService":              serviceTable,
	"Schedule":                  scheduleTable,
	"SpatialBoundary":           boundaryTable,
	"ExternalGeospatialFeature": featureTable,
	"Checksum":                  checksumTable,
}

// isTable tells whether a file of that name belongs to the CSV form.
func isTable(name string) bool {
	for _, class := range feedPlan().fields {
		if len(class.columns) > 0 && class.columns[0] == name {
			return true
		}
	}
	for _, t := range partTables {
		if t.name == name {
			return true
		}
	}
	return false
}

// fileOf is the table in which a problem that the checker found stands: that
// of the innermost part on the way to the field.
func fileOf(p Problem) string {
	steps := strings.Split(p.Field, "/")
	for _, step := range slices.Backward(steps) {
		if t, ok := partTables[step]; ok {
			return t.file()
		}
	}
	if p.Element == "HoursOpen" {
		return scheduleTable.file()
	}
	if f := feedPlan().byName[p.Element]; f != nil && len(f.columns) > 0 {
		return f.columns[0] + ".txt"
	}
	return ""
}
