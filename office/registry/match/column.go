// SPDX-License-Identifier: Apache-2.0

package match

import (
	"fmt"
	"slices"
	"strings"

	"hustings/format/sheet"
)

// Column is what a column of a file holds.
type Column string

// The columns that matching understands. What a header is called in a file is
// told by aliases, or by a map that the person gives.
const (
	RecordID     Column = "record_id"
	FullName     Column = "full_name"
	Given        Column = "given_name"
	Middle       Column = "middle_name"
	Surname      Column = "surname"
	Suffix       Column = "suffix"
	Sex          Column = "sex"
	Birth        Column = "birth_date"
	BirthYear    Column = "birth_year"
	BirthMonth   Column = "birth_month"
	BirthDay     Column = "birth_day"
	House        Column = "house_number"
	HouseHalf    Column = "house_fraction"
	StreetBefore Column = "street_direction"
	Street       Column = "street"
	StreetType   Column = "street_type"
	StreetAfter  Column = "street_post_direction"
	Unit         Column = "unit"
	Line2        Column = "address_2"
	City         Column = "city"
	Postcode     Column = "postcode"
	State        Column = "state"
	Phone        Column = "phone"
	Email        Column = "email"
	SSN4         Column = "ssn4"
	Licence      Column = "licence"
	National     Column = "national_id"
	Ignore       Column = "ignore"
)

// aliases are the names that files give to columns, in lower snake case. The
// earlier name wins where a file has several.
var aliases = []struct {
	is    Column
	names string
}{
	{RecordID, "rec_id record_id recid id voter_id voterid voter_reg_num registration_number registration_id reg_num regn_num ncid sos_voterid state_voter_id statevoterid voter_registration_number vuid van_id row_id key uid unique_id"},
	{FullName, "full_name name voter_name fullname legal_name"},
	{Given, "given_name first_name firstname first fname givenname given first_nm name_first nm_first forename given_names"},
	{Middle, "middle_name middlename middle mname middle_initial mi middle_nm name_middle nm_mid middle_names second_name"},
	{Surname, "surname last_name lastname last lname family_name last_nm name_last nm_last familyname sur_name"},
	{Suffix, "suffix name_suffix name_suffix_lbl name_sufx_cd suffix_name sfx nm_suff generation"},
	{Sex, "sex gender gender_code sex_code gender_cd"},
	{Birth, "birth_date date_of_birth dob birthdate dateofbirth birthday birth_dt date_birth born bdate"},
	{BirthYear, "birth_year year_of_birth yob birthyear dob_year byear by"},
	{BirthMonth, "birth_month month_of_birth birthmonth dob_month bmonth bm"},
	{BirthDay, "birth_day day_of_birth birthday_day dob_day bday bd"},
	{House, "house_number street_number house_num houseno house_no streetnumber street_num street_no addr_num address_number housenum number"},
	{HouseHalf, "house_fraction half_code house_half house_number_suffix"},
	{StreetBefore, "street_direction street_dir pre_direction predir street_pre_direction pre_dir"},
	{Street, "street street_name address address_1 address1 addr1 addr_1 street_address address_line_1 address_line1 addressline1 addr streetname line1 line_1 residence_address residential_address home_address full_address res_street_address"},
	{StreetType, "street_type street_type_cd street_suffix st_type street_type_code"},
	{StreetAfter, "street_post_direction street_sufx_cd post_direction postdir post_dir"},
	{Unit, "unit unit_number unit_num apt apartment apt_num apartment_number apt_no flat unit_no"},
	{Line2, "address_2 address2 addr2 addr_2 address_line_2 address_line2 addressline2 line2 line_2"},
	{City, "city suburb town res_city_desc city_name municipality city_town place_name post_town locality"},
	{Postcode, "postcode zip zip_code zipcode postal_code zip5 zip_5 post_code pcode"},
	{State, "state state_cd st state_code province state_abbr region"},
	{Phone, "phone phone_number telephone phone_num full_phone_number phone1 phone_1 mobile cell telephone_number home_phone phone_no"},
	{Email, "email email_address e_mail e_mail_address mail_address_electronic"},
	{SSN4, "ssn4 ssn_4 last4 ssn_last4 ssn_last_4 last_4_ssn last4ssn ssn_last_four last_four_ssn"},
	{Licence, "licence license dl dl_number driver_license drivers_license driver_licence drivers_licence driver_license_number drivers_license_number dln dl_num dlnumber license_number licence_number driver_s_license state_id_number"},
	{National, "national_id soc_sec_id ssn social_security_number social_security ssn9 social_security_no medicare nhs_number national_insurance_number sin tax_file_number"},
}

// places in front of a name that change nothing: res_city is a city. A mailing
// address is not where somebody lives, so mail_ is not among them.
var prefixes = []string{"res_", "residence_", "residential_", "home_", "voter_", "legal_", "person_", "r_", "cust_", "customer_"}

// truths name the person behind a record. They are neither evidence nor, where
// they repeat, an id.
var truths = []string{"person_id", "personid", "cluster", "cluster_id", "entity_id", "entity", "label", "true_id", "truth", "match_id", "is_match", "duplicate_of", "unique_person_id", "household_id"}

// layout says which column of a file holds what.
type layout struct {
	at      map[Column]int
	used    []Use
	ignored []string
}

// Use says what a column of a file was taken for.
type Use struct {
	Header string `json:"header"`
	As     Column `json:"as"`
}

// findColumns recognises the columns of a table by their headers; the map that
// a person gave goes first.
func findColumns(t *sheet.Table, given map[string]Column) (layout, error) {
	l := layout{at: make(map[Column]int)}
	taken := make([]bool, len(t.Header))
	if err := l.fromMap(t, given, taken); err != nil {
		return l, err
	}
	for _, a := range aliases {
		if _, have := l.at[a.is]; have {
			continue
		}
		if i := findAlias(t.Header, taken, strings.Fields(a.names)); i >= 0 {
			l.at[a.is], taken[i] = i, true
		}
	}
	for i, title := range t.Titles {
		as, found := l.columnAt(i)
		if !found {
			l.ignored = append(l.ignored, title)
			continue
		}
		l.used = append(l.used, Use{Header: title, As: as})
	}
	return l, l.enough(t)
}

// fromMap takes what the person has said about headers.
func (l *layout) fromMap(t *sheet.Table, given map[string]Column, taken []bool) error {
	headers := make([]string, 0, len(given))
	for h := range given {
		headers = append(headers, h)
	}
	slices.Sort(headers)
	for _, h := range headers {
		is := given[h]
		i := t.Col(sheet.Snake(h))
		if i < 0 {
			continue // the other file may have it
		}
		taken[i] = true
		if is == Ignore {
			continue
		}
		if j, twice := l.at[is]; twice {
			return &sheet.Error{File: t.Name, Line: t.HeaderLine, Say: fmt.Sprintf("the map names both %s and %s as %s; keep one", t.Titles[j], t.Titles[i], is)}
		}
		l.at[is] = i
	}
	return nil
}

func findAlias(header []string, taken []bool, names []string) int {
	for _, name := range names {
		for i, h := range header {
			if !taken[i] && joined(h) == joined(name) {
				return i
			}
		}
	}
	for _, name := range names {
		for i, h := range header {
			if !taken[i] && !slices.Contains(truths, h) && joined(bare(h)) == joined(name) {
				return i
			}
		}
	}
	return -1
}

// joined takes DateOfBirth and date_of_birth for one header.
func joined(header string) string { return strings.ReplaceAll(header, "_", "") }

func bare(header string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(header, p); ok {
			return rest
		}
	}
	return header
}

func (l *layout) columnAt(i int) (Column, bool) {
	for c, j := range l.at {
		if i == j {
			return c, true
		}
	}
	return "", false
}

// enough refuses a file that says nothing about who its people are.
func (l *layout) enough(t *sheet.Table) error {
	known := 0
	for c := range l.at {
		if c != RecordID && c != State && c != Sex {
			known++
		}
	}
	if known < 2 {
		return &sheet.Error{File: t.Name, Line: t.HeaderLine, Say: "fewer than two columns were recognised that say who somebody is; it has: " +
			t.Columns() + "; say what they are with --columns map.toml, as in surname = \"family\""}
	}
	return nil
}

// Columns lists everything that a column map may name.
func Columns() []Column {
	out := []Column{Ignore}
	for _, a := range aliases {
		out = append(out, a.is)
	}
	return out
}
