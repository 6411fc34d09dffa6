// SPDX-License-Identifier: Apache-2.0

package nisterr

import "slices"

// The closed lists of the standard. A reader keeps a code that is not on its
// list, and says so; a writer refuses it.

// BallotMeasureType says what sort of question a ballot measure is.
type BallotMeasureType string

// The codes of BallotMeasureType.
const (
	BallotMeasureTypeBallotMeasure BallotMeasureType = "ballot-measure"
	BallotMeasureTypeInitiative    BallotMeasureType = "initiative"
	BallotMeasureTypeRecall        BallotMeasureType = "recall"
	BallotMeasureTypeReferendum    BallotMeasureType = "referendum"
	BallotMeasureTypeOther         BallotMeasureType = "other"
)

var allBallotMeasureType = []BallotMeasureType{
	BallotMeasureTypeBallotMeasure,
	BallotMeasureTypeInitiative,
	BallotMeasureTypeRecall,
	BallotMeasureTypeReferendum,
	BallotMeasureTypeOther,
}

// Valid says whether the standard knows the code.
func (c BallotMeasureType) Valid() bool { return slices.Contains(allBallotMeasureType, c) }

func (BallotMeasureType) codes() []string { return words(allBallotMeasureType) }

// CandidatePostElectionStatus says how the election went for a candidate.
type CandidatePostElectionStatus string

// The codes of CandidatePostElectionStatus.
const (
	CandidatePostElectionStatusAdvancedToRunoff CandidatePostElectionStatus = "advanced-to-runoff"
	CandidatePostElectionStatusDefeated         CandidatePostElectionStatus = "defeated"
	CandidatePostElectionStatusProjectedWinner  CandidatePostElectionStatus = "projected-winner"
	CandidatePostElectionStatusWinner           CandidatePostElectionStatus = "winner"
	CandidatePostElectionStatusWithdrawn        CandidatePostElectionStatus = "withdrawn"
)

var allCandidatePostElectionStatus = []CandidatePostElectionStatus{
	CandidatePostElectionStatusAdvancedToRunoff,
	CandidatePostElectionStatusDefeated,
	CandidatePostElectionStatusProjectedWinner,
	CandidatePostElectionStatusWinner,
	CandidatePostElectionStatusWithdrawn,
}

// Valid says whether the standard knows the code.
func (c CandidatePostElectionStatus) Valid() bool {
	return slices.Contains(allCandidatePostElectionStatus, c)
}

func (CandidatePostElectionStatus) codes() []string { return words(allCandidatePostElectionStatus) }

// CandidatePreElectionStatus says how far a candidate got before the election.
type CandidatePreElectionStatus string

// The codes of CandidatePreElectionStatus.
const (
	CandidatePreElectionStatusFiled     CandidatePreElectionStatus = "filed"
	CandidatePreElectionStatusQualified CandidatePreElectionStatus = "qualified"
	CandidatePreElectionStatusWithdrawn CandidatePreElectionStatus = "withdrawn"
)

var allCandidatePreElectionStatus = []CandidatePreElectionStatus{
	CandidatePreElectionStatusFiled,
	CandidatePreElectionStatusQualified,
	CandidatePreElectionStatusWithdrawn,
}

// Valid says whether the standard knows the code.
func (c CandidatePreElectionStatus) Valid() bool {
	return slices.Contains(allCandidatePreElectionStatus, c)
}

func (CandidatePreElectionStatus) codes() []string { return words(allCandidatePreElectionStatus) }

// CountItemStatus says how far a count has got.
type CountItemStatus string

// The codes of CountItemStatus.
const (
	CountItemStatusCompleted    CountItemStatus = "completed"
	CountItemStatusInProcess    CountItemStatus = "in-process"
	CountItemStatusNotProcessed CountItemStatus = "not-processed"
	CountItemStatusUnknown      CountItemStatus = "unknown"
)

var allCountItemStatus = []CountItemStatus{
	CountItemStatusCompleted,
	CountItemStatusInProcess,
	CountItemStatusNotProcessed,
	CountItemStatusUnknown,
}

// Valid says whether the standard knows the code.
func (c CountItemStatus) Valid() bool { return slices.Contains(allCountItemStatus, c) }

func (CountItemStatus) codes() []string { return words(allCountItemStatus) }

// CountItemType says which ballots a count covers.
type CountItemType string

// The codes of CountItemType.
const (
	CountItemTypeAbsentee         CountItemType = "absentee"
	CountItemTypeAbsenteeFwab     CountItemType = "absentee-fwab"
	CountItemTypeAbsenteeInPerson CountItemType = "absentee-in-person"
	CountItemTypeAbsenteeMail     CountItemType = "absentee-mail"
	CountItemTypeEarly            CountItemType = "early"
	CountItemTypeElectionDay      CountItemType = "election-day"
	CountItemTypeProvisional      CountItemType = "provisional"
	CountItemTypeSeats            CountItemType = "seats"
	CountItemTypeTotal            CountItemType = "total"
	CountItemTypeUocava           CountItemType = "uocava"
	CountItemTypeWriteIn          CountItemType = "write-in"
	CountItemTypeOther            CountItemType = "other"
)

var allCountItemType = []CountItemType{
	CountItemTypeAbsentee,
	CountItemTypeAbsenteeFwab,
	CountItemTypeAbsenteeInPerson,
	CountItemTypeAbsenteeMail,
	CountItemTypeEarly,
	CountItemTypeElectionDay,
	CountItemTypeProvisional,
	CountItemTypeSeats,
	CountItemTypeTotal,
	CountItemTypeUocava,
	CountItemTypeWriteIn,
	CountItemTypeOther,
}

// Valid says whether the standard knows the code.
func (c CountItemType) Valid() bool { return slices.Contains(allCountItemType, c) }

func (CountItemType) codes() []string { return words(allCountItemType) }

// DayType is a day of the week, or several.
type DayType string

// The codes of DayType.
const (
	DayTypeAll       DayType = "all"
	DayTypeSunday    DayType = "sunday"
	DayTypeMonday    DayType = "monday"
	DayTypeTuesday   DayType = "tuesday"
	DayTypeWednesday DayType = "wednesday"
	DayTypeThursday  DayType = "thursday"
	DayTypeFriday    DayType = "friday"
	DayTypeSaturday  DayType = "saturday"
	DayTypeWeekday   DayType = "weekday"
	DayTypeWeekend   DayType = "weekend"
)

var allDayType = []DayType{
	DayTypeAll,
	DayTypeSunday,
	DayTypeMonday,
	DayTypeTuesday,
	DayTypeWednesday,
	DayTypeThursday,
	DayTypeFriday,
	DayTypeSaturday,
	DayTypeWeekday,
	DayTypeWeekend,
}

// Valid says whether the standard knows the code.
func (c DayType) Valid() bool { return slices.Contains(allDayType, c) }

func (DayType) codes() []string { return words(allDayType) }

// DeviceType is a sort of counting device.
type DeviceType string

// The codes of DeviceType.
const (
	DeviceTypeBmd            DeviceType = "bmd"
	DeviceTypeDre            DeviceType = "dre"
	DeviceTypeManualCount    DeviceType = "manual-count"
	DeviceTypeOpscanCentral  DeviceType = "opscan-central"
	DeviceTypeOpscanPrecinct DeviceType = "opscan-precinct"
	DeviceTypeUnknown        DeviceType = "unknown"
	DeviceTypeOther          DeviceType = "other"
)

var allDeviceType = []DeviceType{
	DeviceTypeBmd,
	DeviceTypeDre,
	DeviceTypeManualCount,
	DeviceTypeOpscanCentral,
	DeviceTypeOpscanPrecinct,
	DeviceTypeUnknown,
	DeviceTypeOther,
}

// Valid says whether the standard knows the code.
func (c DeviceType) Valid() bool { return slices.Contains(allDeviceType, c) }

func (DeviceType) codes() []string { return words(allDeviceType) }

// ElectionType is a sort of election.
type ElectionType string

// The codes of ElectionType.
const (
	ElectionTypeGeneral               ElectionType = "general"
	ElectionTypePartisanPrimaryClosed ElectionType = "partisan-primary-closed"
	ElectionTypePartisanPrimaryOpen   ElectionType = "partisan-primary-open"
	ElectionTypePrimary               ElectionType = "primary"
	ElectionTypeRunoff                ElectionType = "runoff"
	ElectionTypeSpecial               ElectionType = "special"
	ElectionTypeOther                 ElectionType = "other"
)

var allElectionType = []ElectionType{
	ElectionTypeGeneral,
	ElectionTypePartisanPrimaryClosed,
	ElectionTypePartisanPrimaryOpen,
	ElectionTypePrimary,
	ElectionTypeRunoff,
	ElectionTypeSpecial,
	ElectionTypeOther,
}

// Valid says whether the standard knows the code.
func (c ElectionType) Valid() bool { return slices.Contains(allElectionType, c) }

func (ElectionType) codes() []string { return words(allElectionType) }

// GeoSpatialFormat is the format of a map.
type GeoSpatialFormat string

// The codes of GeoSpatialFormat.
const (
	GeoSpatialFormatGeoJson GeoSpatialFormat = "geo-json"
	GeoSpatialFormatGml     GeoSpatialFormat = "gml"
	GeoSpatialFormatKml     GeoSpatialFormat = "kml"
	GeoSpatialFormatShp     GeoSpatialFormat = "shp"
	GeoSpatialFormatWkt     GeoSpatialFormat = "wkt"
)

var allGeoSpatialFormat = []GeoSpatialFormat{
	GeoSpatialFormatGeoJson,
	GeoSpatialFormatGml,
	GeoSpatialFormatKml,
	GeoSpatialFormatShp,
	GeoSpatialFormatWkt,
}

// Valid says whether the standard knows the code.
func (c GeoSpatialFormat) Valid() bool { return slices.Contains(allGeoSpatialFormat, c) }

func (GeoSpatialFormat) codes() []string { return words(allGeoSpatialFormat) }

// IdentifierType says who gave an external identifier.
type IdentifierType string

// The codes of IdentifierType.
const (
	IdentifierTypeFips          IdentifierType = "fips"
	IdentifierTypeLocalLevel    IdentifierType = "local-level"
	IdentifierTypeNationalLevel IdentifierType = "national-level"
	IdentifierTypeOcdId         IdentifierType = "ocd-id"
	IdentifierTypeStateLevel    IdentifierType = "state-level"
	IdentifierTypeOther         IdentifierType = "other"
)

var allIdentifierType = []IdentifierType{
	IdentifierTypeFips,
	IdentifierTypeLocalLevel,
	IdentifierTypeNationalLevel,
	IdentifierTypeOcdId,
	IdentifierTypeStateLevel,
	IdentifierTypeOther,
}

// Valid says whether the standard knows the code.
func (c IdentifierType) Valid() bool { return slices.Contains(allIdentifierType, c) }

func (IdentifierType) codes() []string { return words(allIdentifierType) }

// OfficeTermType says whether a term of office is a whole one.
type OfficeTermType string

// The codes of OfficeTermType.
const (
	OfficeTermTypeFullTerm      OfficeTermType = "full-term"
	OfficeTermTypeUnexpiredTerm OfficeTermType = "unexpired-term"
)

var allOfficeTermType = []OfficeTermType{
	OfficeTermTypeFullTerm,
	OfficeTermTypeUnexpiredTerm,
}

// Valid says whether the standard knows the code.
func (c OfficeTermType) Valid() bool { return slices.Contains(allOfficeTermType, c) }

func (OfficeTermType) codes() []string { return words(allOfficeTermType) }

// ReportDetailLevel says whether a report goes down to precincts.
type ReportDetailLevel string

// The codes of ReportDetailLevel.
const (
	ReportDetailLevelPrecinctLevel  ReportDetailLevel = "precinct-level"
	ReportDetailLevelSummaryContest ReportDetailLevel = "summary-contest"
)

var allReportDetailLevel = []ReportDetailLevel{
	ReportDetailLevelPrecinctLevel,
	ReportDetailLevelSummaryContest,
}

// Valid says whether the standard knows the code.
func (c ReportDetailLevel) Valid() bool { return slices.Contains(allReportDetailLevel, c) }

func (ReportDetailLevel) codes() []string { return words(allReportDetailLevel) }

// ReportingUnitType is a sort of place or district that reports counts.
type ReportingUnitType string

// The codes of ReportingUnitType.
const (
	ReportingUnitTypeBallotBatch      ReportingUnitType = "ballot-batch"
	ReportingUnitTypeBallotStyleArea  ReportingUnitType = "ballot-style-area"
	ReportingUnitTypeBorough          ReportingUnitType = "borough"
	ReportingUnitTypeCity             ReportingUnitType = "city"
	ReportingUnitTypeCityCouncil      ReportingUnitType = "city-council"
	ReportingUnitTypeCombinedPrecinct ReportingUnitType = "combined-precinct"
	ReportingUnitTypeCongressional    ReportingUnitType = "congressional"
	ReportingUnitTypeCountry          ReportingUnitType = "country"
	ReportingUnitTypeCounty           ReportingUnitType = "county"
	ReportingUnitTypeCountyCouncil    ReportingUnitType = "county-council"
	ReportingUnitTypeDropBox          ReportingUnitType = "drop-box"
	ReportingUnitTypeJudicial         ReportingUnitType = "judicial"
	ReportingUnitTypeMunicipality     ReportingUnitType = "municipality"
	ReportingUnitTypePollingPlace     ReportingUnitType = "polling-place"
	ReportingUnitTypePrecinct         ReportingUnitType = "precinct"
	ReportingUnitTypeSchool           ReportingUnitType = "school"
	ReportingUnitTypeSpecial          ReportingUnitType = "special"
	ReportingUnitTypeSplitPrecinct    ReportingUnitType = "split-precinct"
	ReportingUnitTypeState            ReportingUnitType = "state"
	ReportingUnitTypeStateHouse       ReportingUnitType = "state-house"
	ReportingUnitTypeStateSenate      ReportingUnitType = "state-senate"
	ReportingUnitTypeTown             ReportingUnitType = "town"
	ReportingUnitTypeTownship         ReportingUnitType = "township"
	ReportingUnitTypeUtility          ReportingUnitType = "utility"
	ReportingUnitTypeVillage          ReportingUnitType = "village"
	ReportingUnitTypeVoteCenter       ReportingUnitType = "vote-center"
	ReportingUnitTypeWard             ReportingUnitType = "ward"
	ReportingUnitTypeWater            ReportingUnitType = "water"
	ReportingUnitTypeOther            ReportingUnitType = "other"
)

var allReportingUnitType = []ReportingUnitType{
	ReportingUnitTypeBallotBatch,
	ReportingUnitTypeBallotStyleArea,
	ReportingUnitTypeBorough,
	ReportingUnitTypeCity,
	ReportingUnitTypeCityCouncil,
	ReportingUnitTypeCombinedPrecinct,
	ReportingUnitTypeCongressional,
	ReportingUnitTypeCountry,
	ReportingUnitTypeCounty,
	ReportingUnitTypeCountyCouncil,
	ReportingUnitTypeDropBox,
	ReportingUnitTypeJudicial,
	ReportingUnitTypeMunicipality,
	ReportingUnitTypePollingPlace,
	ReportingUnitTypePrecinct,
	ReportingUnitTypeSchool,
	ReportingUnitTypeSpecial,
	ReportingUnitTypeSplitPrecinct,
	ReportingUnitTypeState,
	ReportingUnitTypeStateHouse,
	ReportingUnitTypeStateSenate,
	ReportingUnitTypeTown,
	ReportingUnitTypeTownship,
	ReportingUnitTypeUtility,
	ReportingUnitTypeVillage,
	ReportingUnitTypeVoteCenter,
	ReportingUnitTypeWard,
	ReportingUnitTypeWater,
	ReportingUnitTypeOther,
}

// Valid says whether the standard knows the code.
func (c ReportingUnitType) Valid() bool { return slices.Contains(allReportingUnitType, c) }

func (ReportingUnitType) codes() []string { return words(allReportingUnitType) }

// ResultsStatus says how official the results in a report are.
type ResultsStatus string

// The codes of ResultsStatus.
const (
	ResultsStatusCertified          ResultsStatus = "certified"
	ResultsStatusCorrection         ResultsStatus = "correction"
	ResultsStatusPreElection        ResultsStatus = "pre-election"
	ResultsStatusRecount            ResultsStatus = "recount"
	ResultsStatusUnofficialComplete ResultsStatus = "unofficial-complete"
	ResultsStatusUnofficialPartial  ResultsStatus = "unofficial-partial"
)

var allResultsStatus = []ResultsStatus{
	ResultsStatusCertified,
	ResultsStatusCorrection,
	ResultsStatusPreElection,
	ResultsStatusRecount,
	ResultsStatusUnofficialComplete,
	ResultsStatusUnofficialPartial,
}

// Valid says whether the standard knows the code.
func (c ResultsStatus) Valid() bool { return slices.Contains(allResultsStatus, c) }

func (ResultsStatus) codes() []string { return words(allResultsStatus) }

// VoteVariation is the rule by which a contest is decided.
type VoteVariation string

// The codes of VoteVariation.
const (
	VoteVariationApproval      VoteVariation = "approval"
	VoteVariationBorda         VoteVariation = "borda"
	VoteVariationCumulative    VoteVariation = "cumulative"
	VoteVariationMajority      VoteVariation = "majority"
	VoteVariationNOfM          VoteVariation = "n-of-m"
	VoteVariationPlurality     VoteVariation = "plurality"
	VoteVariationProportional  VoteVariation = "proportional"
	VoteVariationRange         VoteVariation = "range"
	VoteVariationRcv           VoteVariation = "rcv"
	VoteVariationSuperMajority VoteVariation = "super-majority"
	VoteVariationOther         VoteVariation = "other"
)

var allVoteVariation = []VoteVariation{
	VoteVariationApproval,
	VoteVariationBorda,
	VoteVariationCumulative,
	VoteVariationMajority,
	VoteVariationNOfM,
	VoteVariationPlurality,
	VoteVariationProportional,
	VoteVariationRange,
	VoteVariationRcv,
	VoteVariationSuperMajority,
	VoteVariationOther,
}

// Valid says whether the standard knows the code.
func (c VoteVariation) Valid() bool { return slices.Contains(allVoteVariation, c) }

func (VoteVariation) codes() []string { return words(allVoteVariation) }

// words turns a list of codes into plain text.
func words[T ~string](codes []T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}
