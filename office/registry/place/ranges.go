// SPDX-License-Identifier: Apache-2.0

package place

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/format/vip"
	"hustings/kit/fault"
	"hustings/office/registry/roll"
)

// Ranges reads street ranges: a VIP feed as XML or as a zip of CSV, or a table
// with columns start, end, side, street, type, city, zip and precinct; also
// direction, post_direction, state, suffix and id. What cannot be used ends it:
// a street that is left out sends its people nowhere.
func Ranges(name string, body []byte) ([]Segment, error) {
	switch ext := strings.ToLower(path.Ext(name)); {
	case bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff \t\r\n"), []byte("<")):
		feed, _, err := vip.Read(bytes.NewReader(body), vip.Limits{})
		if err != nil {
			return nil, fault.On("file", fault.Wrap(fault.Invalid, err, "%s is no VIP feed that can be read.", name))
		}
		return FromVIP(feed.StreetSegments), nil
	case ext == ".zip":
		feed, _, err := vip.ReadZip(bytes.NewReader(body), int64(len(body)), vip.Limits{})
		if err != nil {
			return nil, fault.On("file", fault.Wrap(fault.Invalid, err, "%s is no VIP feed that can be read.", name))
		}
		return FromVIP(feed.StreetSegments), nil
	}
	return rangeTable(name, bytes.NewReader(body))
}

// columns of a table of ranges, with the names that VIP's own CSV has.
var rangeColumns = map[string][]string{
	"start": {"start", "low", "from", "start_house_number"}, "end": {"end", "high", "to", "end_house_number"},
	"side": {"side", "odd_even_both", "parity"}, "street": {"street", "street_name"}, "type": {"type", "street_type", "street_suffix"},
	"before": {"direction", "street_direction", "pre_direction"}, "after": {"post_direction", "address_direction"},
	"city": {"city"}, "state": {"state"}, "zip": {"zip", "zip_code"}, "precinct": {"precinct", "precinct_id", "precinct_code"},
	"suffix": {"suffix", "house_number_suffix"}, "id": {"id"},
}

func rangeTable(name string, in io.Reader) ([]Segment, error) {
	t, err := sheet.Open(name, in, sheet.Limits{})
	if err != nil {
		return nil, fault.On("file", fault.Wrap(fault.Invalid, err, "%s is no table that can be read.", name))
	}
	at := make(map[string]int, len(rangeColumns))
	for is, names := range rangeColumns {
		at[is] = t.Col(names...)
	}
	for _, need := range []string{"start", "end", "street", "precinct"} {
		if at[need] < 0 {
			return nil, fault.On("file", fault.New(fault.Invalid, "%s has no column “%s”.", name, need))
		}
	}
	var out []Segment
	for row, err := range t.Rows() {
		if err != nil {
			return nil, fault.On("file", fault.Wrap(fault.Invalid, err, "%s is no table that can be read.", name))
		}
		cell := func(is string) string {
			if i := at[is]; i >= 0 {
				return row.Cell(i)
			}
			return ""
		}
		s := Segment{ID: cell("id"), Unit: election.UnitID(cell("precinct")), Start: cell("start"), End: cell("end"), Side: sideNamed(cell("side")), Suffix: cell("suffix"),
			Street: roll.Address{Before: cell("before"), Street: cell("street"), Type: cell("type"), After: cell("after"), City: cell("city"), State: cell("state"), ZIP: cell("zip")}}
		if s.ID == "" {
			s.ID = fmt.Sprintf("line %d", row.Line)
		}
		if s.Side == "" {
			return nil, fault.On("file", fault.New(fault.Invalid, "%s, line %d: the side is %q; write both, even or odd.", name, row.Line, cell("side")))
		}
		if s.Unit == "" || s.Street.Street == "" {
			return nil, fault.On("file", fault.New(fault.Invalid, "%s, line %d: there is no street or no precinct.", name, row.Line))
		}
		out = append(out, s)
	}
	return out, nil
}

// sideNamed reads a side as people write it; "" for what is none.
func sideNamed(s string) Side {
	switch strings.ToLower(s) {
	case "", "b", "both", "all", "a":
		return Both
	case "e", "even":
		return Even
	case "o", "odd":
		return Odd
	}
	return ""
}
