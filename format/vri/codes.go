// SPDX-License-Identifier: Apache-2.0

package vri

import (
	"slices"
	"strings"
)

// enumerations are the closed lists of the standard.
var enumerations = readLists(lists)

func readLists(lists string) map[string][]string {
	out := make(map[string][]string)
	for line := range strings.Lines(lists) {
		if name, codes, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			out[name] = strings.Split(codes, " | ")
		}
	}
	return out
}

const lists = `
AssertionValue: no | other | unknown | yes
BallotReceiptMethod: email | email-or-online | fax | mail | online
ContactMethodType: email | other | phone
IdentifierType: fips | local-level | national-level | ocd-id | other | state-level
PhoneCapability: fax | mms | sms | voice
ReportingUnitType: ballot-batch | ballot-style-area | borough | city | city-council | combined-precinct | congressional | county | county-council | drop-box | judicial | municipality | other | polling-place | precinct | school | special | split-precinct | state | state-house | state-senate | town | township | utility | village | vote-center | ward | water
RequestError: identity-lookup-failed | incomplete | ineligible | invalid-form | other
RequestForm: fpca | nvra | other
RequestMethod: armed-forces-recruitment-office | motor-vehicle-office | other | other-agency-designated-by-state | public-assistance-office | registration-drive-from-advocacy-group-or-political-party | state-funded-agency-serving-persons-with-disabilities | unknown | voter-via-election-registrars-office | voter-via-email | voter-via-fax | voter-via-internet | voter-via-mail
RequestProxyType: armed-forces-recruitment-office | motor-vehicle-office | other | other-agency-designated-by-state | public-assistance-office | registration-drive-from-advocacy-group-or-political-party | state-funded-agency-serving-persons-with-disabilities
SignatureSource: dmv | local | other | state | voter
SignatureType: dynamic | electronic | other
SuccessAction: address-updated | name-updated | other | registration-cancelled | registration-created | registration-updated | status-updated
VoterClassificationType: activated-national-guard | active-duty | active-duty-spouse-or-dependent | citizen-abroad-intent-to-return | citizen-abroad-never-resided | citizen-abroad-return-uncertain | deceased | declared-incompetent | eighteen-on-election-day | felon | other | permanently-denied | protected-voter | restored-felon | united-states-citizen
VoterHelperType: assistant | witness
VoterIdType: drivers-license | local-voter-registration-id | other | ssn | ssn4 | state-id | state-voter-registration-id | unknown | unspecified-document | unspecified-document-with-name-and-address | unspecified-document-with-photo-identification
VoterRequestType: ballot-request | lookup | other | registration
VoterStatus: active | inactive | other
PlaceNameType: County | MunicipalJurisdiction | USPSCommunity
AddressNumberParity: Even | Odd
AttachedElement: Attached | Not Attached | Unknown
SubaddressComponentOrder: 1 | 2 | 3
Action: ADD | DELETE
AddressRangeType: Actual | Potential | Unknown
AddressRangeParity: both | even | none | odd | unknown
AddressRangeDirectionality: Against | Against-With | NA | Null | Unknown | With | With-Against
AddressRangeSpan: Entire Street | Multi Segment | Partial Segment | Single Segment | Unknown
AddressClassification: CommunityAddress | FourNumberAddressRange | GeneralAddressClass | IntersectionAddress | LandmarkAddress | NumberedThoroughfareAddress | TwoNumberAddressRange | USPSGeneral DeliveryOffice | USPSPostal DeliveryRoute | USPSPostalDeliveryBox | UnnumberedThoroughfareAddress
AddressLifecycleStatus: Active | Potential | Proposed | Retired
OfficialStatus: Alternate Names Established by Colloquial Use in a Community | Alternate or Alias | Alternates Established by an Address Authority | Official | Official Alternate or Alias | Official Renaming Action of the Address Authority | Posted or Vanity Address | Unofficial Alternate Names Frequently Encountered | Unofficial Alternate Names In Use by an Agency or Entity | Unofficial Alternate or Alias | Verified Invalid
AddressSideOfStreet: both | left | none | right | unknown
MailableAddress: No | Unknown | Yes
`

// Codes lists the values that an enumeration of the standard has, such as those
// of VoterIdType; nil for a name that it does not have.
func Codes(enumeration string) []string { return slices.Clone(enumerations[enumeration]) }

// codeFor finds the code that a text means: the same letters in another case,
// or with other marks between the words.
func codeFor(list []string, s string) (string, bool) {
	if slices.Contains(list, s) {
		return s, true
	}
	want := plainCode(s)
	for _, c := range list {
		if plainCode(c) == want {
			return c, true
		}
	}
	for _, alias := range codeAliases[want] {
		if slices.Contains(list, alias) {
			return alias, true
		}
	}
	return "", false
}

// plainCode is a code without what people vary.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == '-' || r == '_' || r == ' ' || r == '\'' || r == '.':
			return -1
		}
		return r
	}, s)
}

// codeAliases are other words that files use.
var codeAliases = map[string][]string{
	"true": {"yes"}, "y": {"yes"}, "1": {"yes"}, "false": {"no"}, "n": {"no"}, "0": {"no"}, "notsure": {"unknown"},
	"driverslicence": {"drivers-license"}, "driverlicense": {"drivers-license"}, "dl": {"drivers-license"}, "last4ssn": {"ssn4"},
	"citizen": {"united-states-citizen"}, "uscitizen": {"united-states-citizen"}, "telephone": {"phone"}, "text": {"sms"},
	"online": {"voter-via-internet"}, "internet": {"voter-via-internet"}, "mail": {"voter-via-mail"}, "dmv": {"motor-vehicle-office"},
}
