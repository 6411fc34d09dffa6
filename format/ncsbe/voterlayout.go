// SPDX-License-Identifier: Apache-2.0

package ncsbe

import (
	"strconv"
	"strings"
)

// VoterColumn is a column of the voter file.
type VoterColumn int

// The columns of the voter file, in its order (layout_ncvoter.txt of 2022).
const (
	CountyID VoterColumn = iota
	CountyName
	RegistrationNumber
	NCID
	LastName
	FirstName
	MiddleName
	NameSuffix
	Status
	StatusName
	Reason
	ReasonName
	Residence
	ResidenceCity
	ResidenceState
	ResidenceZip
	Mail1
	Mail2
	Mail3
	Mail4
	MailCity
	MailState
	MailZip
	Phone
	Confidential
	Registered
	Race
	Ethnicity
	PartyCode
	Gender
	BirthYear
	Age
	BirthState
	HasLicense
	PrecinctCode
	PrecinctName
	MunicipalityCode
	MunicipalityName
	WardCode
	WardName
	Congress
	SuperiorCourt
	Judicial
	Senate
	House
	CommissionerCode
	CommissionerName
	TownshipCode
	TownshipName
	SchoolCode
	SchoolName
	FireCode
	FireName
	WaterCode
	WaterName
	SewerCode
	SewerName
	SanitaryCode
	SanitaryName
	RescueCode
	RescueName
	MunicipalDistrictCode
	MunicipalDistrictName
	ProsecutorCode
	ProsecutorName
	TabulationCode
	TabulationName
	voterColumns = iota
)

// HistoryColumn is a column of the history file.
type HistoryColumn int

// The columns of the history file, in its order.
const (
	HistoryCountyID HistoryColumn = iota
	HistoryCountyName
	HistoryRegistrationNumber
	ElectionDay
	ElectionName
	VotingMethod
	VotedPartyCode
	VotedPartyName
	HistoryPrecinctCode
	HistoryPrecinctName
	HistoryNCID
	VotedCountyID
	VotedCountyName
	HistoryTabulationCode
	HistoryTabulationName
	historyColumns = iota
)

// Voter is one line of the voter file.
type Voter struct {
	Line  int
	Cells [voterColumns]string
}

// Get gives a cell.
func (v *Voter) Get(c VoterColumn) string { return v.Cells[c] }

// History is one line of the history file: a voter took part in an election.
type History struct {
	Line  int
	Cells [historyColumns]string
}

// Get gives a cell.
func (h *History) Get(c HistoryColumn) string { return h.Cells[c] }

// layout names the columns of a file, with how many characters each may have.
type layout struct {
	names []string
	most  []int
	also  map[string]string // other names that files have used
	keys  []int             // columns without which a line is of no use
	need  int               // of the keys, how many a header must have
}

func newLayout(list string) layout {
	var l layout
	for line := range strings.Lines(list) {
		name, most, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(most)
		if err != nil {
			panic("ncsbe: " + line)
		}
		l.names, l.most = append(l.names, name), append(l.most, n)
	}
	return l
}

// older are names that the voter file had in other years.
var older = map[string]string{
	"midl_name": "middle_name", "name_sufx_cd": "name_suffix_lbl", "name_suffix": "name_suffix_lbl", "full_phone_num": "full_phone_number",
	"reg_dt": "registr_dt", "sex_code": "gender_code", "birth_age": "age_at_year_end", "age": "age_at_year_end", "reason_desc": "voter_status_reason_desc",
	"status_desc": "voter_status_desc", "res_state": "state_cd", "res_zip_code": "zip_code", "precinct": "precinct_abbrv", "mail_zip": "mail_zipcode",
	"confidential": "confidential_ind", "driver_lic": "drivers_lic", "vtd": "vtd_abbrv",
}

var (
	voterLayout = func() layout {
		l := newLayout(voterList)
		l.also, l.keys, l.need = older, []int{int(NCID), int(RegistrationNumber)}, 1
		return l
	}()
	historyLayout = func() layout {
		l := newLayout(historyList)
		l.keys, l.need = []int{int(HistoryNCID), int(HistoryRegistrationNumber)}, 1
		return l
	}()
)

// VoterHeader gives the columns of the voter file.
func VoterHeader() []string { return append([]string(nil), voterLayout.names...) }

// HistoryHeader gives the columns of the history file.
func HistoryHeader() []string { return append([]string(nil), historyLayout.names...) }

const voterList = `
county_id 9
county_desc 15
voter_reg_num 12
ncid 12
last_name 25
first_name 20
middle_name 20
name_suffix_lbl 3
status_cd 2
voter_status_desc 25
reason_cd 2
voter_status_reason_desc 60
res_street_address 65
res_city_desc 60
state_cd 2
zip_code 9
mail_addr1 40
mail_addr2 40
mail_addr3 40
mail_addr4 40
mail_city 30
mail_state 2
mail_zipcode 9
full_phone_number 12
confidential_ind 1
registr_dt 10
race_code 3
ethnic_code 3
party_cd 3
gender_code 1
birth_year 4
age_at_year_end 3
birth_state 2
drivers_lic 1
precinct_abbrv 6
precinct_desc 60
municipality_abbrv 6
municipality_desc 60
ward_abbrv 6
ward_desc 60
cong_dist_abbrv 6
super_court_abbrv 6
judic_dist_abbrv 6
nc_senate_abbrv 6
nc_house_abbrv 6
county_commiss_abbrv 6
county_commiss_desc 60
township_abbrv 6
township_desc 60
school_dist_abbrv 6
school_dist_desc 60
fire_dist_abbrv 6
fire_dist_desc 60
water_dist_abbrv 6
water_dist_desc 60
sewer_dist_abbrv 6
sewer_dist_desc 60
sanit_dist_abbrv 6
sanit_dist_desc 60
rescue_dist_abbrv 6
rescue_dist_desc 60
munic_dist_abbrv 6
munic_dist_desc 60
dist_1_abbrv 6
dist_1_desc 60
vtd_abbrv 6
vtd_desc 60
`

const historyList = `
county_id 9
county_desc 15
voter_reg_num 12
election_lbl 10
election_desc 230
voting_method 32
voted_party_cd 3
voted_party_desc 60
pct_label 6
pct_description 60
ncid 12
voted_county_id 9
voted_county_desc 15
vtd_label 6
vtd_description 60
`

// Statuses are the status codes of the voter file, with what they mean.
var Statuses = map[string]string{
	"A": "ACTIVE",
	"D": "DENIED",
	"I": "INACTIVE",
	"R": "REMOVED",
	"S": "TEMPORARY",
}

// Reasons are the reason codes of the voter file, with what they mean.
var Reasons = map[string]string{
	"A1": "UNVERIFIED",
	"A2": "CONFIRMATION PENDING",
	"AA": "ARMED FORCES",
	"AL": "LEGACY DATA",
	"AN": "UNVERIFIED NEW",
	"AP": "VERIFICATION PENDING",
	"AV": "VERIFIED",
	"DI": "UNAVAILABLE ESSENTIAL INFORMATION",
	"DN": "CONFIRMATION NOT RETURNED",
	"DU": "VERIFICATION RETURNED UNDELIVERABLE",
	"IA": "ADMINISTRATIVE",
	"IL": "LEGACY CONVERSION",
	"IN": "CONFIRMATION NOT RETURNED",
	"IU": "CONFIRMATION RETURNED UNDELIVERABLE",
	"R2": "DUPLICATE",
	"RA": "ADMINISTRATIVE",
	"RC": "REMOVED DUE TO SUSTAINED CHALLENGE",
	"RD": "DECEASED",
	"RF": "FELONY CONVICTION",
	"RH": "MOVED WITHIN STATE",
	"RL": "MOVED FROM COUNTY",
	"RM": "REMOVED AFTER 2 FEDERAL GENERAL ELECTIONS IN INACTIVE STATUS",
	"RP": "REMOVED UNDER OLD PURGE LAW",
	"RQ": "REQUEST FROM VOTER",
	"RR": "FELONY SENTENCE COMPLETED",
	"RS": "MOVED FROM STATE",
	"RT": "TEMPORARY REGISTRANT",
	"SM": "MILITARY",
	"SO": "OVERSEAS CITIZEN",
}
