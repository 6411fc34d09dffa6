// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"hustings/election"
	"hustings/format/geojson"
	"hustings/format/sheet"
	"hustings/format/sniff"
	"hustings/format/topojson"
	"hustings/format/vip"
	"hustings/kit/fault"
)

// Read makes a definition of a file, whatever known format it is in, and says
// what could not be used. With a base, the file adds to that election: what both
// have is taken from the file, what only one has is kept. Maps need a base. The
// base is not changed. The error is for a file that cannot be used at all.
func Read(name string, body []byte, base *election.Definition) (Result, error) {
	r := reader{name: name, base: base}
	res, err := r.read(body)
	if err != nil {
		return Result{}, err
	}
	return res, nil
}

// reader reads one file, and what is packed in it.
type reader struct {
	name   string
	base   *election.Definition
	packed bool
}

func (r *reader) read(body []byte) (Result, error) {
	switch kind := sniff.Detect(r.name, body[:min(len(body), sniff.HeadSize)]); kind {
	case sniff.NISTJSON, sniff.NISTXML, sniff.GoogleXML:
		def, format, n, err := readNIST(body, r.want())
		return r.whole(def, format, n, err)
	case sniff.VIPXML:
		feed, found, err := vip.Read(bytes.NewReader(body), vip.Limits{})
		return r.feed(feed, found, " (XML)", err)
	case sniff.GeoJSON:
		c, found, err := geojson.Read(bytes.NewReader(body), geojson.Limits{})
		if err != nil {
			return Result{}, fault.Wrap(fault.Invalid, err, "The map could not be read: %s", err.Error())
		}
		n := &notes{}
		for _, p := range found {
			n.say(Warn, "file", p.ID, "say", p.String())
		}
		return r.mapOf("GeoJSON", c.Features, n)
	case sniff.TopoJSON:
		return r.topology(body)
	case sniff.XLSX:
		return r.book(workbookTables(r.name, body))
	case sniff.Zip:
		return r.archive(body)
	case sniff.CSV, sniff.TSV:
		return r.book([]bookTable{{file: r.name, name: r.name, body: body}}, nil)
	default:
		return r.other(body)
	}
}

// want is the election that is added to, if one is.
func (r *reader) want() election.ID {
	if r.base == nil {
		return ""
	}
	return r.base.Election.ID
}

// whole is the result of a file that holds a whole election.
func (r *reader) whole(def *election.Definition, format string, n *notes, err error) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	if r.base != nil {
		if def.Election.End != "" && r.base.Election.End != "" && def.Election.End != r.base.Election.End {
			n.say(Hold, "other_day", "", "day", string(def.Election.End), "want", string(r.base.Election.End))
		}
		def = merge(r.base, def)
		arrange(def)
	}
	return Result{Def: def, Format: format, Problems: n.problems()}, nil
}

func (r *reader) feed(feed *vip.Feed, found []vip.Problem, form string, err error) (Result, error) {
	if err != nil {
		return Result{}, fault.Wrap(fault.Invalid, err, "The file could not be read as a VIP feed: %s", err.Error())
	}
	def, format, n := readVIP(feed, found, form)
	if r.base != nil {
		def = addFeed(r.base, def, n)
	}
	return Result{Def: def, Format: format, Problems: n.problems()}, nil
}

func (r *reader) mapOf(format string, features []geojson.Feature, n *notes) (Result, error) {
	if r.base == nil {
		return Result{}, fault.New(fault.Invalid, "%s is a map. Boundaries belong to an election: import the election first, then choose it and import the map into it.", path.Base(r.name))
	}
	if len(features) == 0 {
		return Result{}, fault.New(fault.Invalid, "The map has no features.")
	}
	def, err := addMap(r.base, features, n)
	if err != nil {
		return Result{}, err
	}
	return Result{Def: def, Format: format, Problems: n.problems()}, nil
}

// topology reads the object of a topology that joins best.
func (r *reader) topology(body []byte) (Result, error) {
	t, found, err := topojson.Read(bytes.NewReader(body), topojson.Limits{})
	if err != nil {
		return Result{}, fault.Wrap(fault.Invalid, err, "The map could not be read: %s", err.Error())
	}
	n := &notes{}
	for _, p := range found {
		n.say(Warn, "file", p.ID, "say", p.String())
	}
	var best []geojson.Feature
	most := -1
	for _, name := range t.Names() {
		features := t.Features(name)
		hits := 0
		if r.base != nil && len(t.Objects) > 1 {
			j, _ := findJoin(newFinder(r.base), features)
			hits = j.units
		}
		if hits > most {
			best, most = features, hits
		}
	}
	return r.mapOf("TopoJSON", best, n)
}

// other reads what the house alone writes, or says what the file seems to be.
func (r *reader) other(body []byte) (Result, error) {
	if def, n, ok, err := readOwn(body); ok || err != nil {
		return r.whole(def, "Hustings JSON", n, err)
	}
	if line := brokenJSON(body); line > 0 {
		return Result{}, fault.New(fault.Invalid, "The file %s is JSON that is cut short or damaged near line %d. Fetch or export it again.", path.Base(r.name), line)
	}
	_, err := sniff.Open(r.name, bytes.NewReader(body), sheet.Limits{})
	say := ""
	var known *sheet.Error
	if errors.As(err, &known) {
		say, _, _ = strings.Cut(known.Say, ";")
	}
	return Result{}, fault.Wrap(fault.Invalid, err, "The file %s is none of NIST SP 1500-100, VIP, GeoJSON, TopoJSON or the spreadsheet: %s", path.Base(r.name), say)
}

// brokenJSON is the line where JSON breaks off, 0 where it does not or is none.
func brokenJSON(body []byte) int {
	start := bytes.TrimSpace(body)
	if !bytes.HasPrefix(start, []byte("{")) && !bytes.HasPrefix(start, []byte("[")) {
		return 0
	}
	var raw json.RawMessage
	var bad *json.SyntaxError
	if !errors.As(json.Unmarshal(body, &raw), &bad) {
		return 0
	}
	return 1 + bytes.Count(body[:min(int(bad.Offset), len(body))], []byte("\n"))
}

// archive reads what is packed in a zip: a feed, the spreadsheet as tables, or
// one file of any other kind.
func (r *reader) archive(body []byte) (Result, error) {
	if r.packed {
		return Result{}, fault.New(fault.Invalid, "The archive holds another archive. Unpack it first.")
	}
	z, err := sheet.OpenZip(r.name, bytes.NewReader(body), tableLimits)
	if err != nil {
		return Result{}, fault.Wrap(fault.Invalid, err, "The archive could not be opened: %s", err.Error())
	}
	if z.IsWorkbook() { // its list of contents stood too far back to be seen
		return r.book(workbookTables(r.name, body))
	}
	var tables []bookTable
	feed := false
	files := z.Files()
	for _, f := range files {
		base := strings.ToLower(sheet.Base(f.Name))
		ext := path.Ext(base)
		stem := strings.TrimSuffix(base, ext)
		switch {
		case ext == ".csv" || ext == ".txt" || ext == ".tsv":
			feed = feed || slices.Contains(vipTables, stem)
			tables = append(tables, bookTable{file: f.Name, name: stem})
		case ext == ".xml" || ext == ".json" || ext == ".geojson" || ext == ".topojson" || ext == ".xlsx":
			if isVIP, inner, err := r.unpack(z, f.Name); err != nil {
				return Result{}, err
			} else if isVIP {
				return r.zippedFeed(body)
			} else if inner != nil {
				one := reader{name: sheet.Base(f.Name), base: r.base, packed: true}
				return one.read(inner)
			}
		}
	}
	if feed {
		return r.zippedFeed(body)
	}
	if len(tables) == 0 {
		return Result{}, fault.New(fault.Invalid, "The archive holds no file that definitions are read from.")
	}
	for i := range tables {
		if _, tables[i].body, err = r.unpack(z, tables[i].file); err != nil {
			return Result{}, err
		}
	}
	return r.book(tables, nil)
}

// vipTables are names of tables that only a VIP feed has.
var vipTables = []string{"source", "state", "locality", "precinct", "polling_location", "electoral_district", "candidate_contest", "ballot_style", "street_segment", "hours_open"}

// unpack gives a file of an archive, and says whether it is a VIP feed.
func (r *reader) unpack(z *sheet.Zip, name string) (isVIP bool, body []byte, err error) {
	for _, f := range z.Files() {
		if f.Name != name {
			continue
		}
		in, err := z.Open(f)
		if err == nil {
			body, err = io.ReadAll(in)
		}
		if err != nil {
			return false, nil, fault.Wrap(fault.Invalid, err, "The file %s in the archive could not be unpacked.", sheet.Base(name))
		}
	}
	return sniff.Detect(name, body[:min(len(body), sniff.HeadSize)]) == sniff.VIPXML, body, nil
}

func (r *reader) zippedFeed(body []byte) (Result, error) {
	feed, found, err := vip.ReadZip(bytes.NewReader(body), int64(len(body)), vip.Limits{})
	return r.feed(feed, found, " (zip)", err)
}
