// SPDX-License-Identifier: Apache-2.0

package vip

import (
	"reflect"
	"slices"
	"strings"
)

// BallotMeasureType says what sort of measure a contest decides.
type BallotMeasureType string

// CandidatePostElectionStatus is how a candidacy ended.
type CandidatePostElectionStatus string

// CandidatePreElectionStatus is where a candidacy stands before the election.
type CandidatePreElectionStatus string

// ChecksumAlgorithm is how a checksum was computed.
type ChecksumAlgorithm string

// DistrictType is the kind of area that a district or locality is.
type DistrictType string

// GeospatialFormat is the kind of file that holds boundaries.
type GeospatialFormat string

// IdentifierType says whose numbering an identifier comes from.
type IdentifierType string

// OddEvenBoth says which side of the street a segment covers.
type OddEvenBoth string

// OfficeTermType tells a full term from the rest of someone else's.
type OfficeTermType string

// VoteVariation is the rule by which votes are counted.
type VoteVariation string

// VoterServiceType is what an election office helps voters with.
type VoterServiceType string

// The words of the lists that the rules of this package or its callers name.
const (
	OddSide   OddEvenBoth = "odd"
	EvenSide  OddEvenBoth = "even"
	BothSides OddEvenBoth = "both"

	FIPS  IdentifierType = "fips"
	OCDID IdentifierType = "ocd-id"

	SHA256 ChecksumAlgorithm = "sha-256"
	SHA512 ChecksumAlgorithm = "sha-512"

	Shapefile GeospatialFormat = "shp"
)

// enums holds every list of the schema, by type.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[BallotMeasureType]():           words("ballot-measure initiative referendum other"),
	reflect.TypeFor[CandidatePostElectionStatus](): words("advanced-to-runoff projected-winner winner withdrawn"),
	reflect.TypeFor[CandidatePreElectionStatus]():  words("filed qualified withdrawn write-in"),
	reflect.TypeFor[ChecksumAlgorithm]():           words("sha-512 sha-256"),
	reflect.TypeFor[DistrictType]():                words("borough city city-council congressional county county-council judicial municipality national school special state state-house state-senate town township utility village ward water other"),
	reflect.TypeFor[GeospatialFormat]():            words("shp"),
	reflect.TypeFor[IdentifierType]():              words("fips local-level national-level ocd-id state-level other"),
	reflect.TypeFor[OddEvenBoth]():                 words("both even odd"),
	reflect.TypeFor[OfficeTermType]():              words("full-term unexpired-term"),
	reflect.TypeFor[VoteVariation]():               words("1-of-m approval borda cumulative majority n-of-m plurality proportional range rcv super-majority other"),
	reflect.TypeFor[VoterServiceType]():            words("absentee-ballots overseas-voting polling-places voter-registration other"),
}

func words(s string) []string { return strings.Fields(s) }

// enumSpelling finds the schema's spelling of a word that differs only in
// capitals, or in blanks and underscores where the schema has hyphens.
func enumSpelling(list []string, s string) (string, bool) {
	if slices.Contains(list, s) {
		return s, true
	}
	s = strings.NewReplacer(" ", "-", "_", "-").Replace(strings.ToLower(s))
	return s, slices.Contains(list, s)
}
