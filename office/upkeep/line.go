// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"encoding/json"
	"io"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/gate"
	"hustings/office/registry/roll"
)

// Line is what a line of a file says of a person.
type Line struct {
	Number int        // in the file
	Person roll.Voter // ID, name, birth, numbers, and where they lived
	Other  roll.ID    // the second registration, where the file says that there are two
	New    *roll.Address
	Day    election.Date // of the move, the death, the judgement
	Code   string        // what the Postal Service answered
	Move   string        // I, F or B: a person, a family, a business
	Event  string        // what happened, or what they claim, in the file's words
	Case   string        // number of the case or certificate
}

// limits of a file; what is longer is split by whoever sends it.
var limits = sheet.Limits{Bytes: 256 << 20, Unpacked: 512 << 20, Rows: 500_000, Cell: 8 << 10, Line: 64 << 10, Problems: 200}

// columns are what the files of programmes have, and by what names.
var columns = []struct{ is, names string }{
	{"voter_id", "voter_id voterid voter_reg_num registration_number registration_id reg_num sos_voterid state_voter_id voter_registration_number voter_id_1 vuid key record_key keyline"},
	{"other_id", "other_voter_id other_id voter_id_2 duplicate_voter_id duplicate_id second_voter_id match_voter_id"},
	{"full_name", "full_name name voter_name legal_name decedent decedent_name defendant juror juror_name"},
	{"first_name", "first_name firstname first given_name fname first_nm"},
	{"middle_name", "middle_name middlename middle middle_initial mi mname"},
	{"last_name", "last_name lastname last surname family_name lname last_nm"},
	{"suffix", "suffix name_suffix sfx generation"},
	{"birth_date", "birth_date date_of_birth dob birthdate birthday born birth_dt"},
	{"gender", "gender sex"},
	{"ssn4", "ssn4 last4 last_4_ssn ssn_last_4 ssn_last4 ssn_last_four last_four_ssn"},
	{"licence", "licence license dl dl_number dln drivers_license driver_license driver_license_number drivers_license_number license_number"},
	{"address", "address old_address address_1 address1 address_line_1 street_address residence_address res_address old_address_1 from_address prior_address street residence"},
	{"unit", "unit apt apartment address_2 address2 address_line_2 old_address_2"},
	{"city", "city old_city res_city from_city prior_city town"},
	{"state", "state old_state res_state from_state prior_state"},
	{"zip", "zip zip_code zip5 zipcode postcode old_zip res_zip from_zip prior_zip old_zip_code"},
	{"new_address", "new_address new_address_1 new_address1 new_street_address to_address new_address_line_1 current_address"},
	{"new_unit", "new_unit new_apt new_address_2 new_address2 new_address_line_2"},
	{"new_city", "new_city to_city current_city"},
	{"new_state", "new_state to_state current_state"},
	{"new_zip", "new_zip new_zip_code new_zip5 to_zip new_zipcode current_zip"},
	{"return_code", "return_code ncoa_return_code ncoalink_return_code nixie_code code"},
	{"move_type", "move_type type_of_move move_code"},
	{"effective", "effective effective_date move_effective_date move_date date_of_move transfer_date change_date"},
	{"death_date", "death_date date_of_death dod deceased_date dt_of_death"},
	{"event", "event event_type action report report_type transaction type disposition"},
	{"event_date", "event_date conviction_date judgment_date restoration_date disposition_date order_date"},
	{"claim", "claim excuse disqualification reason disqualification_reason"},
	{"case", "case case_number docket docket_number certificate certificate_number state_file_number document"},
}

// lineReader turns rows into lines.
type lineReader struct {
	at  map[string]int
	row sheet.Row
}

// readLines reads a file of a programme. What cannot be used is told with its
// line; the others are handed over and counted.
func readLines(kind Kind, name string, in io.Reader, count *gate.Counter, contract *gate.Contract, do func(Line) error) (troubles []string, err error) {
	t, err := sheet.Open(name, in, limits)
	if err != nil {
		return nil, err
	}
	rd := lineReader{at: map[string]int{}}
	for _, c := range columns {
		for _, n := range strings.Fields(c.names) {
			if i := t.Col(n); i >= 0 {
				rd.at[c.is] = i
				break
			}
		}
	}
	for i := range contract.Column {
		if c := contract.Column[i].Name; !rd.has(c) {
			count.Lacks(c)
		}
	}
	for row, err := range t.Rows() {
		if err != nil {
			return nil, err
		}
		if row.Len() > len(t.Header) {
			count.Reject() // the table has told of it: its cells are shifted
			continue
		}
		rd.row = row
		l := rd.line(kind)
		if l.Person.ID == "" && l.Person.Name == (roll.Name{}) {
			count.Reject()
			t.Problems.Add(row.Line, "last_name", "nobody is named; the line cannot be used")
			continue
		}
		count.Row(rd.cell)
		if err := do(l); err != nil {
			return nil, err
		}
	}
	for _, p := range t.Problems.List {
		troubles = append(troubles, p.String())
	}
	return troubles, nil
}

// has says whether the file has a column; a whole name stands for its parts.
func (rd *lineReader) has(column string) bool {
	if _, ok := rd.at[column]; ok {
		return true
	}
	_, full := rd.at["full_name"]
	return full && (column == "last_name" || column == "first_name")
}

// cell is what stands in a column.
func (rd *lineReader) cell(column string) string {
	if i, ok := rd.at[column]; ok {
		return rd.row.Cell(i)
	}
	if column == "last_name" || column == "first_name" {
		if i, ok := rd.at["full_name"]; ok {
			return rd.row.Cell(i)
		}
	}
	return ""
}

func (rd *lineReader) line(kind Kind) Line {
	only := func(column string) string {
		if i, ok := rd.at[column]; ok {
			return rd.row.Cell(i)
		}
		return ""
	}
	l := Line{Number: rd.row.Line, Other: roll.ID(only("other_id")), Code: strings.ToUpper(only("return_code")), Move: moveType(only("move_type")), Case: only("case")}
	l.Person = roll.Voter{ID: roll.ID(only("voter_id")), Birth: readDay(only("birth_date")), Gender: only("gender"),
		Name: roll.Name{First: only("first_name"), Middle: only("middle_name"), Last: only("last_name"), Suffix: only("suffix")},
		Home: rd.address("")}
	if l.Person.Name.Last == "" && l.Person.Name.First == "" {
		l.Person.Name.Full = only("full_name")
	}
	for _, n := range []struct {
		kind   roll.IdentifierKind
		column string
	}{{roll.SSN4, "ssn4"}, {roll.License, "licence"}} {
		if v := only(n.column); v != "" {
			l.Person.Identifiers = append(l.Person.Identifiers, roll.Identifier{Kind: n.kind, Value: hide.New(v)})
		}
	}
	if a := rd.address("new_"); !a.Empty() {
		l.New = &a
	}
	l.Event = only("event")
	if l.Event == "" {
		l.Event = only("claim")
	}
	for _, column := range []string{"death_date", "effective", "event_date"} {
		if d := readDay(only(column)); d != "" {
			l.Day = d
			if column == "death_date" {
				l.Event = "deceased"
			}
			break
		}
	}
	if kind == Deaths {
		l.Event = "deceased"
	}
	return l
}

// address reads where somebody lived, or with "new_" where they live now.
func (rd *lineReader) address(prefix string) roll.Address {
	only := func(column string) string {
		if i, ok := rd.at[prefix+column]; ok {
			return rd.row.Cell(i)
		}
		return ""
	}
	text := only("address")
	if u := only("unit"); u != "" && text != "" {
		if strings.Trim(u, "0123456789") == "" || len(u) == 1 {
			u = "UNIT " + u
		}
		text += " " + u
	}
	a := roll.ReadLine(text)
	a.City, a.State, a.ZIP = strings.ToUpper(only("city")), strings.ToUpper(only("state")), only("zip")
	return a
}

// moveType is I, F or B, also where a file spells it out.
func moveType(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1])
}

// readDay reads a day as files write it; a month alone is its first.
func readDay(text string) election.Date {
	if t, ok := gate.ReadDay(text); ok {
		return election.DayOf(t)
	}
	if len(text) == 6 {
		if t, ok := gate.ReadDay(text + "01"); ok {
			return election.DayOf(t)
		}
	}
	return ""
}

// keptLine is a line as it is sealed.
type keptLine struct {
	Line
	Person json.RawMessage // hides Line.Person
	Secret string          `json:",omitempty"`
}

// pack makes one text of lines, for sealing.
func pack(lines ...Line) (hide.String, error) {
	out := make([]keptLine, len(lines))
	for i, l := range lines {
		clear, hidden, err := roll.Part(l.Person)
		if err != nil {
			return hide.String{}, err
		}
		l.Person = roll.Voter{}
		out[i] = keptLine{Line: l, Person: json.RawMessage(clear), Secret: hidden.Reveal()}
	}
	text, err := json.Marshal(out)
	return hide.New(string(text)), err
}

// unpack reads what pack made.
func unpack(text hide.String) ([]Line, error) {
	if text.IsZero() {
		return nil, nil
	}
	var list []keptLine
	if err := json.Unmarshal([]byte(text.Reveal()), &list); err != nil {
		return nil, fault.New(fault.Internal, "the lines of a file that were kept cannot be read")
	}
	out := make([]Line, len(list))
	for i, k := range list {
		out[i] = k.Line
		if err := roll.Whole(&out[i].Person, string(k.Person), hide.New(k.Secret)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
