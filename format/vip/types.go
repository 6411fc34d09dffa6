// SPDX-License-Identifier: Apache-2.0

package vip

// The tags of the structs in this file and in parts.go:
//
//	vip:"Name"            the XML element; ",attr" an attribute, ",text" the text between the tags
//	     ,required        the schema will not do without it
//	     ,ref=A|B         the ids must belong to an A or a B
//	     ,since=6.0       not part of 5.2
//	csv:"name"            the CSV column; "a|b" writes a and reads either;
//	                      "a_#" is a_1, a_2 …; "+" takes in the columns of the
//	                      struct within; no tag, no column

// Element is what every top-level element has.
type Element struct {
	ID   ID  `vip:"id,attr,required" csv:"id"`
	Line int // where the element starts in its file
}

// Feed is one VipObject: all that a state or county says about one election.
type Feed struct {
	Version string `vip:"schemaVersion,attr"` // "5.2", "6.0", or as the file said

	Sources                 []Source                 `vip:"Source" csv:"source"`
	Elections               []Election               `vip:"Election" csv:"election"`
	States                  []State                  `vip:"State" csv:"state"`
	Localities              []Locality               `vip:"Locality" csv:"locality"`
	ElectionAdministrations []ElectionAdministration `vip:"ElectionAdministration" csv:"election_administration"`
	Persons                 []Person                 `vip:"Person" csv:"person"`
	HoursOpen               []HoursOpen              `vip:"HoursOpen"`
	Parties                 []Party                  `vip:"Party" csv:"party"`
	ElectoralDistricts      []ElectoralDistrict      `vip:"ElectoralDistrict" csv:"electoral_district"`
	Offices                 []Office                 `vip:"Office" csv:"office"`
	CandidateContests       []CandidateContest       `vip:"CandidateContest" csv:"candidate_contest"`
	BallotMeasureContests   []BallotMeasureContest   `vip:"BallotMeasureContest" csv:"ballot_measure_contest"`
	RetentionContests       []RetentionContest       `vip:"RetentionContest" csv:"retention_contest"`
	PartyContests           []PartyContest           `vip:"PartyContest" csv:"party_contest"`
	BallotStyles            []BallotStyle            `vip:"BallotStyle" csv:"ballot_style"`
	OrderedContests         []OrderedContest         `vip:"OrderedContest" csv:"ordered_contest"`
	CandidateSelections     []CandidateSelection     `vip:"CandidateSelection" csv:"candidate_selection"`
	BallotMeasureSelections []BallotMeasureSelection `vip:"BallotMeasureSelection" csv:"ballot_measure_selection"`
	PartySelections         []PartySelection         `vip:"PartySelection" csv:"party_selection"`
	Candidates              []Candidate              `vip:"Candidate" csv:"candidate"`
	PollingLocations        []PollingLocation        `vip:"PollingLocation" csv:"polling_location"`
	Precincts               []Precinct               `vip:"Precinct" csv:"precinct"`
	ExternalFiles           []ExternalFile           `vip:"ExternalFile,since=6.0" csv:"external_file"`
	StreetSegments          []StreetSegment          `vip:"StreetSegment" csv:"street_segment"`
}

// Source says who made the feed, and when.
type Source struct {
	Element
	DateTime               DateTime            `vip:"DateTime,required" csv:"date_time"`
	Description            *Text               `vip:"Description" csv:"description"`
	FeedContactInformation *ContactInformation `vip:"FeedContactInformation"`
	Name                   string              `vip:"Name,required" csv:"name"`
	OrganizationURI        string              `vip:"OrganizationUri" csv:"organization_uri"`
	TermsOfUseURI          string              `vip:"TermsOfUseUri" csv:"terms_of_use_uri|tou_uri"`
	VipID                  string              `vip:"VipId,required" csv:"vip_id"`
}

// Election is the election that the feed is about.
type Election struct {
	Element
	AbsenteeBallotInfo         *Text     `vip:"AbsenteeBallotInfo" csv:"absentee_ballot_info"`
	AbsenteeRequestDeadline    Date      `vip:"AbsenteeRequestDeadline" csv:"absentee_request_deadline"`
	Date                       Date      `vip:"Date,required" csv:"date"`
	ElectionType               *Text     `vip:"ElectionType" csv:"election_type"`
	HasElectionDayRegistration Opt[bool] `vip:"HasElectionDayRegistration" csv:"has_election_day_registration"`
	HoursOpenID                ID        `vip:"HoursOpenId,ref=HoursOpen" csv:"hours_open_id|hours_open_ids"`
	IsStatewide                Opt[bool] `vip:"IsStatewide" csv:"is_statewide"`
	Name                       *Text     `vip:"Name" csv:"name"`
	PollingHours               *Text     `vip:"PollingHours" csv:"polling_hours"` // deprecated in favour of HoursOpenID
	RegistrationDeadline       Date      `vip:"RegistrationDeadline" csv:"registration_deadline"`
	RegistrationInfo           *Text     `vip:"RegistrationInfo" csv:"registration_info"`
	ResultsURI                 string    `vip:"ResultsUri" csv:"results_uri"`
	StateID                    ID        `vip:"StateId,required,ref=State" csv:"state_id"`
}

// Statewide tells whether the election is held in the whole state, which the
// specification says to assume when the feed does not tell.
func (e *Election) Statewide() bool { return e.IsStatewide.Value || !e.IsStatewide.Set }

// State is the state in which the election is held.
type State struct {
	Element
	ElectionAdministrationID ID                   `vip:"ElectionAdministrationId,ref=ElectionAdministration" csv:"election_administration_id"`
	ExternalIdentifiers      *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	Name                     string               `vip:"Name,required" csv:"name"`
	PollingLocationIDs       []ID                 `vip:"PollingLocationIds,ref=PollingLocation" csv:"polling_location_ids"`
}

// Locality is a county, town or other area that runs part of the election.
type Locality struct {
	Element
	ElectionAdministrationID ID                   `vip:"ElectionAdministrationId,ref=ElectionAdministration" csv:"election_administration_id"`
	ExternalIdentifiers      *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	IsMailOnly               Opt[bool]            `vip:"IsMailOnly" csv:"is_mail_only"`
	Name                     string               `vip:"Name,required" csv:"name"`
	PollingLocationIDs       []ID                 `vip:"PollingLocationIds,ref=PollingLocation" csv:"polling_location_ids"`
	StateID                  ID                   `vip:"StateId,required,ref=State" csv:"state_id"`
	Type                     DistrictType         `vip:"Type" csv:"type"`
	OtherType                string               `vip:"OtherType" csv:"other_type"`
}

// ElectionAdministration is the office that runs elections somewhere.
type ElectionAdministration struct {
	Element
	AbsenteeURI                  string          `vip:"AbsenteeUri" csv:"absentee_uri"`
	AmIRegisteredURI             string          `vip:"AmIRegisteredUri" csv:"am_i_registered_uri"`
	BallotTrackingURI            string          `vip:"BallotTrackingUri" csv:"ballot_tracking_uri"`
	BallotProvisionalTrackingURI string          `vip:"BallotProvisionalTrackingUri" csv:"ballot_tracking_provisional_uri|ballot_provisional_tracking_uri"`
	Departments                  []Department    `vip:"Department,required"`
	ElectionNotice               *ElectionNotice `vip:"ElectionNotice" csv:"+"`
	ElectionsURI                 string          `vip:"ElectionsUri" csv:"elections_uri"`
	RegistrationURI              string          `vip:"RegistrationUri" csv:"registration_uri"`
	RulesURI                     string          `vip:"RulesUri" csv:"rules_uri"`
	WhatIsOnMyBallotURI          string          `vip:"WhatIsOnMyBallotUri" csv:"what_is_on_my_ballot_uri"`
	WhereDoIVoteURI              string          `vip:"WhereDoIVoteUri" csv:"where_do_i_vote_uri"`
}

// Person is a candidate, office holder or election official.
type Person struct {
	Element
	ContactInformation  []ContactInformation `vip:"ContactInformation"`
	DateOfBirth         Date                 `vip:"DateOfBirth" csv:"date_of_birth"`
	ExternalIdentifiers *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	FirstName           string               `vip:"FirstName" csv:"first_name"`
	FullName            *Text                `vip:"FullName" csv:"full_name"`
	Gender              string               `vip:"Gender" csv:"gender"`
	LastName            string               `vip:"LastName" csv:"last_name"`
	MiddleNames         []string             `vip:"MiddleName" csv:"middle_name"`
	Nickname            string               `vip:"Nickname" csv:"nickname"`
	PartyID             ID                   `vip:"PartyId,ref=Party" csv:"party_id"`
	Prefix              string               `vip:"Prefix" csv:"prefix"`
	Profession          *Text                `vip:"Profession" csv:"profession"`
	Suffix              string               `vip:"Suffix" csv:"suffix"`
	Title               *Text                `vip:"Title" csv:"title"`
}

// HoursOpen is when a place, an office or the election itself is open.
type HoursOpen struct {
	Element
	Schedules []Schedule `vip:"Schedule,required"`
}

// Party is a political party.
type Party struct {
	Element
	Abbreviation        string               `vip:"Abbreviation" csv:"abbreviation"`
	Color               string               `vip:"Color" csv:"color"` // six hexadecimal digits: e91d0e
	ExternalIdentifiers *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	IsWriteIn           Opt[bool]            `vip:"IsWriteIn" csv:"is_write_in"`
	LeaderPersonIDs     []ID                 `vip:"LeaderPersonIds,ref=Person,since=6.0" csv:"leader_person_ids"`
	LogoURI             string               `vip:"LogoUri" csv:"logo_uri"`
	Name                *Text                `vip:"Name,required" csv:"name"`
}

// ElectoralDistrict is an area whose voters vote on the same contest.
type ElectoralDistrict struct {
	Element
	ExternalIdentifiers *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	Name                string               `vip:"Name,required" csv:"name"`
	Number              Opt[int]             `vip:"Number" csv:"number"`
	Type                DistrictType         `vip:"Type,required" csv:"type"`
	OtherType           string               `vip:"OtherType" csv:"other_type"`
}

// Office is a public office that someone is elected to.
type Office struct {
	Element
	ContactInformation    []ContactInformation `vip:"ContactInformation"`
	Description           *Text                `vip:"Description" csv:"description"`
	ElectoralDistrictID   ID                   `vip:"ElectoralDistrictId,required,ref=ElectoralDistrict" csv:"electoral_district_id"`
	ExternalIdentifiers   *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	FilingDeadline        Date                 `vip:"FilingDeadline" csv:"filing_deadline"`
	IsPartisan            Opt[bool]            `vip:"IsPartisan" csv:"is_partisan"`
	Name                  *Text                `vip:"Name,required" csv:"name"`
	OfficeHolderPersonIDs []ID                 `vip:"OfficeHolderPersonIds,ref=Person" csv:"office_holder_person_ids"`
	Term                  *Term                `vip:"Term" csv:"+"`
}

// Contest is what every contest has (ContestBase in the schema).
type Contest struct {
	Element
	Abbreviation            string               `vip:"Abbreviation" csv:"abbreviation"`
	BallotSelectionIDs      []ID                 `vip:"BallotSelectionIds,ref=BallotMeasureSelection|CandidateSelection|PartySelection" csv:"ballot_selection_ids"`
	BallotSubTitle          *Text                `vip:"BallotSubTitle" csv:"ballot_sub_title"`
	BallotTitle             *Text                `vip:"BallotTitle" csv:"ballot_title"`
	ElectoralDistrictID     ID                   `vip:"ElectoralDistrictId,required,ref=ElectoralDistrict" csv:"electoral_district_id|elecoral_district_id"` // the second is a slip of the specification's own sample
	ElectorateSpecification *Text                `vip:"ElectorateSpecification" csv:"electorate_specification"`
	ExternalIdentifiers     *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	HasRotation             Opt[bool]            `vip:"HasRotation" csv:"has_rotation"`
	Name                    string               `vip:"Name,required" csv:"name"`
	SequenceOrder           Opt[int]             `vip:"SequenceOrder" csv:"sequence_order"`
	VoteVariation           VoteVariation        `vip:"VoteVariation" csv:"vote_variation"`
	OtherVoteVariation      string               `vip:"OtherVoteVariation" csv:"other_vote_variation"`
}

// CandidateContest is a contest among candidates.
type CandidateContest struct {
	Contest
	NumberElected   Opt[int] `vip:"NumberElected" csv:"number_elected"`
	OfficeIDs       []ID     `vip:"OfficeIds,ref=Office" csv:"office_ids"`
	PrimaryPartyIDs []ID     `vip:"PrimaryPartyIds,ref=Party" csv:"primary_party_ids"`
	VotesAllowed    Opt[int] `vip:"VotesAllowed" csv:"votes_allowed"`
}

// BallotMeasureContest is a question put to the voters.
type BallotMeasureContest struct {
	Contest
	ConStatement     *Text             `vip:"ConStatement" csv:"con_statement"`
	EffectOfAbstain  *Text             `vip:"EffectOfAbstain" csv:"effect_of_abstain"`
	FullText         *Text             `vip:"FullText" csv:"full_text"`
	InfoURI          string            `vip:"InfoUri" csv:"info_uri"`
	PassageThreshold *Text             `vip:"PassageThreshold" csv:"passage_threshold"`
	ProStatement     *Text             `vip:"ProStatement" csv:"pro_statement"`
	SummaryText      *Text             `vip:"SummaryText" csv:"summary_text"`
	Type             BallotMeasureType `vip:"Type" csv:"type"`
	OtherType        string            `vip:"OtherType" csv:"other_type"`
}

// RetentionContest asks whether an office holder stays.
type RetentionContest struct {
	BallotMeasureContest
	CandidateID ID `vip:"CandidateId,required,ref=Candidate" csv:"candidate_id"`
	OfficeID    ID `vip:"OfficeId,ref=Office" csv:"office_id"`
}

// PartyContest is a straight-party contest.
type PartyContest struct {
	Contest
}

// BallotStyle is the set of contests that some voters get.
type BallotStyle struct {
	Element
	ImageURI          string `vip:"ImageUri" csv:"image_uri"`
	OrderedContestIDs []ID   `vip:"OrderedContestIds,ref=OrderedContest" csv:"ordered_contest_ids|ordered_contests_ids"`
	PartyIDs          []ID   `vip:"PartyIds,ref=Party" csv:"party_ids"`
}

// OrderedContest is a contest with its selections in the order of one ballot
// style.
type OrderedContest struct {
	Element
	ContestID                 ID   `vip:"ContestId,required,ref=BallotMeasureContest|CandidateContest|PartyContest|RetentionContest" csv:"contest_id"`
	OrderedBallotSelectionIDs []ID `vip:"OrderedBallotSelectionIds,ref=BallotMeasureSelection|CandidateSelection|PartySelection" csv:"ordered_ballot_selection_ids"`
}

// Selection is what every ballot selection has (BallotSelectionBase in the
// schema).
type Selection struct {
	Element
	SequenceOrder Opt[int] `vip:"SequenceOrder" csv:"sequence_order"`
}

// CandidateSelection is a line of a ballot with one candidate, or a ticket.
type CandidateSelection struct {
	Selection
	CandidateIDs        []ID      `vip:"CandidateIds,required,ref=Candidate" csv:"candidate_ids"`
	EndorsementPartyIDs []ID      `vip:"EndorsementPartyIds,ref=Party" csv:"endorsement_party_ids"`
	IsWriteIn           Opt[bool] `vip:"IsWriteIn" csv:"is_write_in"`
}

// BallotMeasureSelection is an answer to a question, such as yes or no.
type BallotMeasureSelection struct {
	Selection
	Answer *Text `vip:"Selection,required" csv:"selection"`
}

// PartySelection is a line of a ballot with one or more parties.
type PartySelection struct {
	Selection
	PartyIDs []ID `vip:"PartyIds,required,ref=Party" csv:"party_ids"`
}

// Candidate is one person's candidacy in one contest.
type Candidate struct {
	Element
	BallotName          *Text                       `vip:"BallotName,required" csv:"ballot_name"`
	ContactInformation  *ContactInformation         `vip:"ContactInformation"`
	ExternalIdentifiers *ExternalIdentifiers        `vip:"ExternalIdentifiers" csv:"+"`
	FileDate            Date                        `vip:"FileDate" csv:"file_date"`
	IsIncumbent         Opt[bool]                   `vip:"IsIncumbent" csv:"is_incumbent"`
	IsTopTicket         Opt[bool]                   `vip:"IsTopTicket" csv:"is_top_ticket"`
	PartyID             ID                          `vip:"PartyId,ref=Party" csv:"party_id"`
	PersonID            ID                          `vip:"PersonId,ref=Person" csv:"person_id"`
	PostElectionStatus  CandidatePostElectionStatus `vip:"PostElectionStatus" csv:"post_election_status"`
	PreElectionStatus   CandidatePreElectionStatus  `vip:"PreElectionStatus" csv:"pre_election_status"`
}

// PollingLocation is a place to vote: on election day, early, or by drop box.
type PollingLocation struct {
	Element
	AddressStructured *SimpleAddress `vip:"AddressStructured" csv:"+"` // this or AddressLines
	AddressLines      []string       `vip:"AddressLine" csv:"address_line"`
	Directions        *Text          `vip:"Directions" csv:"directions"`
	Hours             *Text          `vip:"Hours" csv:"hours"` // deprecated in favour of HoursOpenID
	HoursOpenID       ID             `vip:"HoursOpenId,ref=HoursOpen" csv:"hours_open_id"`
	IsDropBox         Opt[bool]      `vip:"IsDropBox" csv:"is_drop_box"`
	IsEarlyVoting     Opt[bool]      `vip:"IsEarlyVoting" csv:"is_early_voting"`
	LatLng            *LatLng        `vip:"LatLng" csv:"+"`
	Name              string         `vip:"Name" csv:"name"`
	PhotoURI          string         `vip:"PhotoUri" csv:"photo_uri"`
}

// Precinct is the smallest area whose voters share a polling place. A split
// precinct is one Precinct for each part, told apart by PrecinctSplitName.
type Precinct struct {
	Element
	BallotStyleID        ID                   `vip:"BallotStyleId,ref=BallotStyle" csv:"ballot_style_id"`
	ElectoralDistrictIDs []ID                 `vip:"ElectoralDistrictIds,ref=ElectoralDistrict" csv:"electoral_district_ids"`
	ExternalIdentifiers  *ExternalIdentifiers `vip:"ExternalIdentifiers" csv:"+"`
	IsMailOnly           Opt[bool]            `vip:"IsMailOnly" csv:"is_mail_only"`
	LocalityID           ID                   `vip:"LocalityId,required,ref=Locality" csv:"locality_id"`
	Name                 string               `vip:"Name,required" csv:"name"`
	Number               string               `vip:"Number" csv:"number"`
	PollingLocationIDs   []ID                 `vip:"PollingLocationIds,ref=PollingLocation" csv:"polling_location_ids"`
	PrecinctSplitName    string               `vip:"PrecinctSplitName" csv:"precinct_split_name"`
	SpatialBoundary      *SpatialBoundary     `vip:"SpatialBoundary,since=6.0"`
	Ward                 string               `vip:"Ward" csv:"ward"`
}

// ExternalFile is a file of boundaries that travels beside the feed.
type ExternalFile struct {
	Element
	FileURI  string    `vip:"FileUri,required" csv:"file_uri"`
	Checksum *Checksum `vip:"Checksum,required"`
}

// StreetSegment is a stretch of a street, or one side of it, whose addresses
// all lie in one precinct. See StreetSegment.Covers.
type StreetSegment struct {
	Element
	AddressDirection     string      `vip:"AddressDirection" csv:"address_direction"` // NE in "100 E Capitol St NE"
	City                 string      `vip:"City,required" csv:"city"`
	IncludesAllAddresses Opt[bool]   `vip:"IncludesAllAddresses" csv:"includes_all_addresses"`
	IncludesAllStreets   Opt[bool]   `vip:"IncludesAllStreets" csv:"includes_all_streets"`
	OddEvenBoth          OddEvenBoth `vip:"OddEvenBoth" csv:"odd_even_both"`
	PrecinctID           ID          `vip:"PrecinctId,required,ref=Precinct" csv:"precinct_id"`
	StartHouseNumber     Opt[int]    `vip:"StartHouseNumber" csv:"start_house_number"`
	EndHouseNumber       Opt[int]    `vip:"EndHouseNumber" csv:"end_house_number"`
	HouseNumberPrefix    string      `vip:"HouseNumberPrefix" csv:"house_number_prefix"`
	HouseNumberSuffix    string      `vip:"HouseNumberSuffix" csv:"house_number_suffix"`
	State                string      `vip:"State,required" csv:"state"`
	StreetDirection      string      `vip:"StreetDirection" csv:"street_direction"` // E in "100 E Capitol St NE"
	StreetName           string      `vip:"StreetName" csv:"street_name"`
	StreetSuffix         string      `vip:"StreetSuffix" csv:"street_suffix"`
	UnitNumbers          []string    `vip:"UnitNumber" csv:"unit_number"`
	Zip                  string      `vip:"Zip" csv:"zip"`
}
