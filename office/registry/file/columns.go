// SPDX-License-Identifier: Apache-2.0

package file

import (
	"slices"
	"strings"

	"hustings/format/sheet"
)

// Column is what a column of a table holds.
type Column string

// The columns that are understood. What a header is called is told by aliases.
const (
	ID         Column = "voter_id"
	FullName   Column = "full_name"
	Prefix     Column = "name_prefix"
	First      Column = "first_name"
	Middle     Column = "middle_name"
	Last       Column = "last_name"
	Suffix     Column = "name_suffix"
	Birth      Column = "birth_date"
	BirthYear  Column = "birth_year"
	Gender     Column = "gender"
	Race       Column = "race"
	Ethnicity  Column = "ethnicity"
	Party      Column = "party"
	Status     Column = "status"
	Reason     Column = "reason"
	Since      Column = "status_date"
	Registered Column = "registration_date"
	From       Column = "source"
	Number     Column = "house_number"
	Half       Column = "house_fraction"
	Before     Column = "street_direction"
	Street     Column = "street_name"
	Type       Column = "street_type"
	After      Column = "street_post_direction"
	UnitKind   Column = "unit_type"
	Unit       Column = "unit"
	Line1      Column = "address"
	Line2      Column = "address_2"
	City       Column = "city"
	StateCode  Column = "state"
	ZIP        Column = "zip"
	Zip4       Column = "zip4"
	Mail1      Column = "mail_address"
	Mail2      Column = "mail_address_2"
	Mail3      Column = "mail_address_3"
	Mail4      Column = "mail_address_4"
	MailCity   Column = "mail_city"
	MailState  Column = "mail_state"
	MailZIP    Column = "mail_zip"
	MailLand   Column = "mail_country"
	Phone      Column = "phone"
	Email      Column = "email"
	Language   Column = "language"
	County     Column = "county"
	Precinct   Column = "precinct"
	License    Column = "drivers_license"
	SSN4       Column = "ssn4"
	SSN        Column = "ssn"
	StateID    Column = "state_id"
	Citizen    Column = "citizen"
	Protected  Column = "protected"
	NeedsID    Column = "id_required"
	Longitude  Column = "longitude"
	Latitude   Column = "latitude"
	Ignore     Column = "ignore"
)

// aliases are the names that files give to columns, in lower snake case; the
// earlier name wins where a file has several.
var aliases = []struct {
	is    Column
	names string
}{
	{ID, "voter_id voterid voter_reg_num registration_number registration_id reg_num regn_num ncid sos_voterid state_voter_id statevoterid voter_registration_number vuid rec_id record_id recid id county_voter_id voter_number"},
	{FullName, "full_name name voter_name fullname legal_name"},
	{Prefix, "name_prefix prefix title salutation"},
	{First, "first_name given_name firstname first fname givenname given first_nm name_first nm_first forename"},
	{Middle, "middle_name middlename middle mname middle_initial mi middle_nm midl_name name_middle nm_mid"},
	{Last, "last_name surname lastname last lname family_name last_nm name_last nm_last familyname"},
	{Suffix, "name_suffix suffix name_suffix_lbl name_sufx_cd suffix_name sfx nm_suff generation"},
	{Birth, "birth_date date_of_birth dob birthdate dateofbirth birthday birth_dt date_birth born bdate"},
	{BirthYear, "birth_year year_of_birth yob birthyear dob_year"},
	{Gender, "gender sex gender_code sex_code gender_cd"},
	{Race, "race race_code race_cd"},
	{Ethnicity, "ethnicity ethnic_code ethnic"},
	{Party, "party party_cd party_code party_affiliation political_party party_abbr party_desc"},
	{Status, "status voter_status status_code status_cd registration_status voter_status_desc status_desc"},
	{Reason, "reason status_reason reason_code reason_cd voter_status_reason_desc voter_status_reason"},
	{Since, "status_date status_dt"},
	{Registered, "registration_date registr_dt date_registered reg_date registered registration_dt date_of_registration regdate"},
	{From, "source registration_source registration_method request_method how_registered"},
	{Number, "house_number street_number house_num houseno house_no streetnumber street_num street_no addr_num address_number housenum"},
	{Half, "house_fraction half_code house_half house_number_suffix"},
	{Before, "street_direction street_dir pre_direction predir street_pre_direction pre_dir"},
	{Street, "street_name streetname"},
	{Type, "street_type street_type_cd street_suffix st_type street_type_code"},
	{After, "street_post_direction street_sufx_cd post_direction postdir post_dir"},
	{UnitKind, "unit_type unit_kind unit_designator apt_type"},
	{Unit, "unit unit_number unit_num apt apartment apt_num apartment_number apt_no unit_no"},
	{Line1, "address street address_1 address1 addr1 addr_1 street_address address_line_1 address_line1 addressline1 addr line1 line_1 residence residence_address residential_address home_address full_address"},
	{Line2, "address_2 address2 addr2 addr_2 address_line_2 address_line2 addressline2 line2 line_2"},
	{City, "city suburb town res_city_desc city_desc city_name municipality city_town post_town"},
	{StateCode, "state state_cd st state_code state_abbr"},
	{ZIP, "zip postcode zip_code zipcode postal_code zip5 zip_5"},
	{Zip4, "zip4 zip_4 zip_plus_4 zipplus4 plus4"},
	{Mail1, "mail_address mail_addr1 mail_addr_1 mailing_address mailing_address_1 mail_address_1 mail1 mailing_addr1 mailing_line_1 mail_line_1"},
	{Mail2, "mail_address_2 mail_addr2 mail_addr_2 mailing_address_2 mail2 mailing_addr2 mailing_line_2 mail_line_2"},
	{Mail3, "mail_address_3 mail_addr3 mail_addr_3 mailing_address_3 mail3 mail_line_3"},
	{Mail4, "mail_address_4 mail_addr4 mail_addr_4 mailing_address_4 mail4 mail_line_4"},
	{MailCity, "mail_city mailing_city"},
	{MailState, "mail_state mailing_state"},
	{MailZIP, "mail_zip mail_zipcode mailing_zip mailing_zip_code mail_zip_code"},
	{MailLand, "mail_country mailing_country"},
	{Phone, "phone phone_number telephone phone_num full_phone_number full_phone_num phone1 phone_1 mobile cell home_phone phone_no"},
	{Email, "email email_address e_mail e_mail_address"},
	{Language, "language preferred_language lang language_code"},
	{County, "county county_desc county_name"},
	{Precinct, "precinct precinct_abbrv precinct_code precinct_id precinct_name precinct_desc pct"},
	{License, "drivers_license license licence dl dl_number driver_license drivers_licence driver_license_number drivers_license_number dln dl_num license_number"},
	{SSN4, "ssn4 ssn_4 last4 ssn_last4 ssn_last_4 last_4_ssn last4ssn last_four_ssn"},
	{SSN, "ssn soc_sec_id social_security_number ssn9"},
	{StateID, "state_id state_id_number"},
	{Citizen, "citizen us_citizen is_citizen citizenship united_states_citizen"},
	{Protected, "protected confidential confidential_ind acp address_confidential"},
	{NeedsID, "id_required needs_id hava_id_required"},
	{Longitude, "longitude lon lng"},
	{Latitude, "latitude lat"},
}

// prefixes stand in front of a name and change nothing: res_city is a city. A
// mailing address is not where somebody lives, so mail_ is not among them.
var prefixes = []string{"res_", "residence_", "residential_", "home_", "voter_", "legal_", "person_", "registrant_", "applicant_"}

// layout says which column of a table holds what.
type layout map[Column]int

// recognise finds what the columns of a table hold, by their headers; what a
// person has said goes first.
func recognise(t *sheet.Table, given map[string]Column) (l layout, used []Use, ignored []string) {
	l = layout{}
	taken := make(map[int]Column)
	put := func(i int, c Column) {
		taken[i] = c
		if _, have := l[c]; !have && c != Ignore {
			l[c] = i
		}
	}
	for header, c := range given {
		if i := t.Col(sheet.Snake(header)); i >= 0 {
			put(i, c)
		}
	}
	for _, bare := range []bool{false, true} {
		for _, a := range aliases {
			if _, have := l[a.is]; have {
				continue
			}
			if i := findAlias(t.Header, taken, strings.Fields(a.names), bare); i >= 0 {
				put(i, a.is)
			}
		}
	}
	for i, title := range t.Titles {
		if c, ok := taken[i]; ok && c != Ignore {
			used = append(used, Use{Header: title, As: c})
			continue
		}
		ignored = append(ignored, title)
	}
	return l, used, ignored
}

func findAlias(header []string, taken map[int]Column, names []string, bare bool) int {
	for _, name := range names {
		for i, h := range header {
			if bare {
				h = bareName(h)
			}
			if _, used := taken[i]; !used && squash(h) == squash(name) {
				return i
			}
		}
	}
	return -1
}

// squash takes the marks out of a header: LastName is last_name.
func squash(s string) string { return strings.ReplaceAll(s, "_", "") }

func bareName(header string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(header, p); ok {
			return rest
		}
	}
	return header
}

// Columns lists what a table can hold.
func Columns() []Column {
	out := []Column{Ignore}
	for _, a := range aliases {
		out = append(out, a.is)
	}
	return out
}

// private columns stay out of a public table.
var private = []Column{Birth, License, SSN4, SSN, StateID}

// written are the columns of the tables that are written, in their order.
func written(all bool) []Column {
	var out []Column
	for _, a := range aliases {
		if slices.Contains([]Column{Half, Zip4, Line1, Line2, Latitude, Longitude, Protected}, a.is) || !all && slices.Contains(private, a.is) {
			continue
		}
		out = append(out, a.is)
	}
	out = slices.Insert(out, slices.Index(out, City), Line1, Line2)
	out = append(out, Longitude, Latitude)
	if all {
		out = append(out, Protected)
	}
	return out
}
