// SPDX-License-Identifier: Apache-2.0

package nisterr

// GpUnit is a geopolitical unit: a place or district that reports counts, or
// a device that does.
type GpUnit struct {
	Line int
	Kind GpUnitKind
	ID   string

	ComposingGpUnitIds []string `err:"ref=ReportingDevice|ReportingUnit"`
	ExternalIdentifier []ExternalIdentifier
	Name               *InternationalizedText

	AuthorityIds           []string                `err:"ref=Person,only=ReportingUnit"`
	ContactInformation     *ContactInformation     `err:"only=ReportingUnit"`
	CountStatus            []CountStatus           `err:"only=ReportingUnit"`
	ElectionAdministration *ElectionAdministration `err:"only=ReportingUnit"`
	IsDistricted           Opt[bool]               `err:"only=ReportingUnit"`
	IsMailOnly             Opt[bool]               `err:"only=ReportingUnit"`
	Number                 string                  `err:"only=ReportingUnit"`
	PartyRegistration      []PartyRegistration     `err:"only=ReportingUnit"`
	SpatialDimension       *SpatialDimension       `err:"only=ReportingUnit"`
	SubUnitsReported       Opt[int64]              `err:"count,only=ReportingUnit"`
	TotalSubUnits          Opt[int64]              `err:"count,only=ReportingUnit"`
	Type                   ReportingUnitType       `err:"required,only=ReportingUnit"`
	OtherType              string                  `err:"only=ReportingUnit"`
	VotersParticipated     Opt[int64]              `err:"count,only=ReportingUnit"`
	VotersRegistered       Opt[int64]              `err:"count,only=ReportingUnit"`

	DeviceClass  *DeviceClass `err:"only=ReportingDevice"`
	SerialNumber string       `err:"only=ReportingDevice"`
}

// DeviceClass is the make and sort of a counting device.
type DeviceClass struct {
	Manufacturer string
	Model        string
	Type         DeviceType
	OtherType    string
}

// PartyRegistration is how many voters of a party are registered in a unit.
type PartyRegistration struct {
	Line int

	Count   Opt[int64] `err:"required,count"`
	PartyId string     `err:"required,ref=Party|Coalition"`
}

// ElectionAdministration is the office that runs elections in a unit.
type ElectionAdministration struct {
	ContactInformation        *ContactInformation
	ElectionOfficialPersonIds []string `err:"ref=Person"`
	Name                      string
}

// SpatialDimension is where the map of a unit can be found.
type SpatialDimension struct {
	MapUri        []AnnotatedUri
	SpatialExtent *SpatialExtent
}

// SpatialExtent is the map itself.
type SpatialExtent struct {
	Coordinates string           `err:"required"`
	Format      GeoSpatialFormat `err:"required"`
}

// Party is a political party, or a coalition of parties.
type Party struct {
	Line int
	Kind PartyKind
	ID   string

	Abbreviation        *InternationalizedText
	Color               string `err:"color"`
	ContactInformation  *ContactInformation
	ExternalIdentifier  []ExternalIdentifier
	IsRecognizedParty   Opt[bool]
	LeaderPersonIds     []string `err:"ref=Person"`
	LogoUri             []AnnotatedUri
	Name                *InternationalizedText `err:"required"`
	PartyScopeGpUnitIds []string               `err:"ref=ReportingDevice|ReportingUnit"`
	Slogan              *InternationalizedText

	ContestIds []string `err:"ref=CandidateContest|BallotMeasureContest|PartyContest|RetentionContest,only=Coalition"`
	PartyIds   []string `err:"ref=Party|Coalition,only=Coalition"`
}

// Person is a candidate, an office holder, an official or a party's leader.
type Person struct {
	Line int
	ID   string

	ContactInformation []ContactInformation
	DateOfBirth        string `err:"date"`
	ExternalIdentifier []ExternalIdentifier
	FirstName          string
	FullName           *InternationalizedText
	Gender             string
	LastName           string
	MiddleName         []string
	Nickname           string
	PartyId            string `err:"ref=Party|Coalition"`
	Prefix             string
	Profession         *InternationalizedText
	Suffix             string
	Title              *InternationalizedText
}

// Office is what a candidate stands for.
type Office struct {
	Line int
	ID   string

	ContactInformation    *ContactInformation
	Description           *InternationalizedText
	ElectionDistrictId    string `err:"ref=ReportingUnit"`
	ExternalIdentifier    []ExternalIdentifier
	FilingDeadline        string `err:"date"`
	IsPartisan            Opt[bool]
	Name                  *InternationalizedText `err:"required"`
	OfficeHolderPersonIds []string               `err:"ref=Person"`
	Term                  *Term
}

// Term is how long an office is held.
type Term struct {
	Label string `err:"attr"`

	StartDate string `err:"date"`
	EndDate   string `err:"date"`
	Type      OfficeTermType
}

// OfficeGroup puts offices under one name, such as "Judges".
type OfficeGroup struct {
	Line  int
	Label string `err:"attr"`

	Name           string   `err:"required"`
	OfficeIds      []string `err:"ref=Office"`
	SubOfficeGroup []OfficeGroup
}
