// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"hustings/election"
	"hustings/format/geojson"
	"hustings/format/nisterr"
	"hustings/format/vip"
	"hustings/kit/fault"
)

// Format is something that a definition can be written as. Write refuses what
// the official schema would refuse, and says why.
type Format struct {
	Name  string // in addresses
	Label string // for people
	Ext   string
	Type  string // MIME
	Write func(io.Writer, *election.Definition) error
}

// Formats lists everything that a definition can be written as. NIST carries all
// but deadlines and former results; VIP what voters need to know, without ballot
// styles beyond one for each precinct, registration, or vote types; the
// spreadsheet all but boundaries; GeoJSON boundaries alone. Hustings JSON carries
// everything.
var Formats = []Format{
	{"nist-xml", "NIST SP 1500-100 (XML)", ".nist.xml", "application/xml", refusing(writeNISTXML)},
	{"nist-json", "NIST SP 1500-100 (JSON)", ".nist.json", "application/json", refusing(writeNISTJSON)},
	{"vip60", "VIP 6.0 (XML)", ".vip60.xml", "application/xml", refusing(writeVIP(vip.Version60))},
	{"vip52", "VIP 5.2 (XML)", ".vip52.xml", "application/xml", refusing(writeVIP(vip.Version52))},
	{"vip-csv", "VIP (CSV)", ".vip.zip", "application/zip", refusing(writeVIPTables)},
	{"geojson", "GeoJSON", ".geojson", "application/geo+json", writeMap},
	{"spreadsheet", "Spreadsheet (XLSX)", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", writeBook},
	{"hustings-json", "Hustings (JSON)", ".json", "application/json", writeOwn},
}

// FormatNamed finds a format by its name.
func FormatNamed(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// refusing turns a writer's refusal into a sentence for the office: it is the
// definition that must change.
func refusing(write func(io.Writer, *election.Definition) error) func(io.Writer, *election.Definition) error {
	return func(w io.Writer, def *election.Definition) error {
		err := write(w, def)
		var nist *nisterr.Refusal
		var feed *vip.InvalidError
		if errors.As(err, &nist) || errors.As(err, &feed) {
			return fault.Wrap(fault.Invalid, err, "This definition cannot be written in this format yet: %s", err.Error())
		}
		return err
	}
}

// writeMap writes the boundaries of a definition, each with what the definition
// says about its unit.
func writeMap(w io.Writer, def *election.Definition) error {
	if len(def.Shapes) == 0 {
		return fault.New(fault.Invalid, "This definition has no boundaries. Import a map into it first.")
	}
	at := treeOf(def).at
	c := &geojson.Collection{}
	for _, s := range def.Shapes {
		i, ok := at[s.Unit]
		if !ok {
			continue
		}
		c.Features = append(c.Features, geojson.Feature{ID: string(s.Unit), Properties: properties(def.Units[i]), Geometry: geometryOf(s)})
	}
	return geojson.Write(w, c, geojson.Exact)
}

func properties(u election.Unit) map[string]any {
	p := map[string]any{"id": string(u.ID), "name": u.Name, "type": string(u.Type)}
	for name, v := range map[string]string{"number": u.Number, "parent": string(u.Parent)} {
		if v != "" {
			p[name] = v
		}
	}
	if len(u.Districts) > 0 {
		p[ownDistricts] = u.Districts
	}
	if u.Registered != nil {
		p["registered"] = json.Number(strconv.FormatInt(*u.Registered, 10))
	}
	return p
}
