// SPDX-License-Identifier: Apache-2.0

package vri

import "strings"

// The classes of addresses, which are those of the standard for addresses of
// the Federal Geographic Data Committee (FGDC).
const (
	CommunityAddress    = "CommunityAddress_type"
	FourNumberRange     = "FourNumberAddressRange_type"
	GeneralAddress      = "GeneralAddressClass_type"
	IntersectionPlace   = "IntersectionAddress_type"
	LandmarkPlace       = "LandmarkAddress_type"
	NumberedStreet      = "NumberedThoroughfareAddress_type"
	TwoNumberRange      = "TwoNumberAddressRange_type"
	GeneralDelivery     = "USPSGeneralDeliveryOffice_type"
	PostOfficeBox       = "USPSPostalDeliveryBox_type"
	RuralRoute          = "USPSPostalDeliveryRoute_type"
	UnnumberedStreet    = "UnnumberedThoroughfareAddress_type"
	municipalityOfPlace = "MunicipalJurisdiction"
)

// Address is an address of any of the eleven classes. Which fields may be set
// depends on the class.
type Address struct {
	Class         string
	Action        string                  // ADD or DELETE, as an attribute
	Landmark      *CompleteLandmarkName   // a name such as Grant Hall
	LandmarkPlace *CompletePlaceName      // a place that stands where a landmark may
	Number        []CompleteAddressNumber // one, and of ranges two or four
	Separator     []string                // between the numbers of a range, or the streets that meet
	CornerOf      string
	Street        []CompleteStreetName // one, and of intersections two
	Subaddress    *CompleteSubaddress
	Box           *USPSBox
	Route         *USPSAddress
	DeliveryPoint string // a line as the postal service reads it
	General       string // the whole address in one line, which nothing can follow

	Place         *CompletePlaceName
	StateName     string
	ZipCode       string // five digits
	ZipPlus4      string // the four behind them
	CountryName   string
	PlaceStateZip []string // all of that in one line, instead

	Attributes []AddressAttribute // what is known about the address, in the order of the schema
}

// AddressAttribute is a fact about an address, such as its AddressLongitude.
type AddressAttribute struct{ Name, Value string }

// CompleteLandmarkName is the name of a landmark.
type CompleteLandmarkName struct {
	LandmarkName []LandmarkName `vri:"required"`
	Separator    string         `vri:"attr,blank"`
}

// LandmarkName is a part of the name of a landmark.
type LandmarkName struct {
	Value                 string `vri:"required,content"`
	ElementSequenceNumber string `vri:"attr,integer"`
	GNISFeatureID         string `vri:"attr,integer"`
}

// CompletePlaceName names the community or the county, or both.
type CompletePlaceName struct {
	PlaceName []PlaceName `vri:"required"`
	Separator string      `vri:"attr,blank"`
}

// PlaceName names a community or a county.
type PlaceName struct {
	Value                 string `vri:"required,content"`
	PlaceNameType         string `vri:"attr,code=PlaceNameType"`
	ElementSequenceNumber string `vri:"attr,integer"`
	GNISFeatureID         string `vri:"attr,integer"`
}

// CompleteAddressNumber is a house number: digits, and what stands around them.
type CompleteAddressNumber struct {
	AddressNumberPrefix *Affix `vri:"class=addr_type.AddressNumberPrefix_type"`
	AddressNumber       string `vri:"required,digits"`
	AddressNumberSuffix *Affix `vri:"class=addr_type.AddressNumberSuffix_type"`
	AddressNumberParity string `vri:"attr,code=AddressNumberParity"`
	AttachedElement     string `vri:"attr,code=AttachedElement"`
}

// CompleteStreetName is the name of a street with what belongs to it.
type CompleteStreetName struct {
	StreetNamePreModifier     *Affix `vri:"class=addr_type.StreetNamePreModifier_type"`
	StreetNamePreDirectional  *Affix `vri:"class=addr_type.StreetNamePreDirectional_type"`
	StreetNamePreType         *Affix `vri:"class=addr_type.StreetNamePreType_type"`
	StreetName                string `vri:"required"`
	StreetNamePostType        *Affix `vri:"class=addr_type.StreetNamePreType_type"`
	StreetNamePostDirectional *Affix `vri:"class=addr_type.StreetNamePreDirectional_type"`
	StreetNamePostModifier    *Affix `vri:"class=addr_type.StreetNamePreModifier_type"`
	AttachedElement           string `vri:"attr,code=AttachedElement"`
}

// Affix is what stands in front of a number or a name, or behind it.
type Affix struct {
	Value     string `vri:"required,content"`
	Separator string `vri:"attr,blank"`
}

// CompleteSubaddress is a part of a building, such as an apartment.
type CompleteSubaddress struct {
	SubaddressElement []SubaddressElement `vri:"required"`
}

// SubaddressElement is a floor, an apartment, a room.
type SubaddressElement struct {
	SubaddressType           string
	SubaddressIdentifier     string `vri:"required"`
	ElementSequenceNumber    string `vri:"attr,integer"`
	SubaddressComponentOrder string `vri:"attr,code=SubaddressComponentOrder"`
	Separator                string `vri:"attr,blank"`
	GNISFeatureID            string `vri:"attr,integer"`
}

// USPSAddress is a box on a rural or highway route.
type USPSAddress struct {
	USPSRoute *USPSRoute `vri:"required"`
	USPSBox   *USPSBox   `vri:"required"`
}

// USPSRoute is a route: its type, such as RR, and its number.
type USPSRoute struct {
	USPSBoxGroupType string `vri:"required"`
	USPSBoxGroupId   string `vri:"required"`
}

// USPSBox is a box: its type, such as PO BOX, and its number.
type USPSBox struct {
	USPSBoxType string `vri:"required"`
	USPSBoxId   string `vri:"required"`
}

// slot is a place in the order in which an address class lists its parts.
type slot uint8

const (
	slotFront  slot = iota // a landmark, or a place instead of one
	slotMark               // a landmark, which must be there
	slotNumber             // each slotNumber takes the next of the numbers, and so on
	slotSeparator
	slotCorner
	slotStreet
	slotSub
	slotBox
	slotRoute
	slotPoint
)

// classOf is how an address class looks.
type classOf struct {
	slots    []slot
	split    bool // JSON tells the place in front from the one behind by a 1 and a 2
	numbers  int  // how many numbers, streets and separators it wants
	streets  int
	between  int
	mustZip  bool // XML wants a place or a line with the place
	mustMark bool // a landmark or a place in front
}

var classes = map[string]classOf{
	NumberedStreet:    {slots: []slot{slotFront, slotNumber, slotStreet, slotSub}, split: true, numbers: 1, streets: 1},
	IntersectionPlace: {slots: []slot{slotFront, slotCorner, slotStreet, slotSeparator, slotStreet}, split: true, streets: 2, between: 1, mustZip: true},
	TwoNumberRange:    {slots: []slot{slotFront, slotNumber, slotSeparator, slotNumber, slotStreet}, split: true, numbers: 2, streets: 1, between: 1, mustZip: true},
	FourNumberRange: {slots: []slot{slotFront, slotNumber, slotSeparator, slotNumber, slotNumber, slotSeparator, slotNumber, slotStreet},
		split: true, numbers: 4, streets: 1, between: 2, mustZip: true},
	UnnumberedStreet: {slots: []slot{slotFront, slotStreet, slotSub}, split: true, streets: 1, mustZip: true},
	LandmarkPlace:    {slots: []slot{slotMark, slotSub}, mustZip: true, mustMark: true},
	CommunityAddress: {slots: []slot{slotNumber, slotFront, slotSub}, split: true, numbers: 1, mustZip: true, mustMark: true},
	PostOfficeBox:    {slots: []slot{slotBox, slotSub}, mustZip: true},
	RuralRoute:       {slots: []slot{slotRoute}, mustZip: true},
	GeneralDelivery:  {slots: []slot{slotPoint}, mustZip: true},
	GeneralAddress:   {slots: []slot{slotPoint}, mustZip: true},
}

// addressAttributes lists the facts about addresses in the order of the schema,
// and how each is written.
var addressAttributes = []struct {
	name, format string
	many         bool
}{
	{"AddressId", "", false},
	{"AddressAuthority", "", false},
	{"RelatedAddressId", "", true},
	{"AddressXCoordinate", "number", false},
	{"AddressYCoordinate", "number", false},
	{"AddressLongitude", "number", false},
	{"AddressLatitude", "number", false},
	{"USNationalGridCoordinate", "", false},
	{"AddressElevation", "number", false},
	{"AddressCoordinateReferenceSystem", "system", false}, // AddressCoordinateReferenceSystemAuthority and …ID, written as EPSG:4326
	{"AddressParcelIdentifierSource", "", true},
	{"AddressParcelIdentifier", "", true},
	{"AddressTransportationSystemName", "", false},
	{"AddressTransportationSystemAuthority", "", false},
	{"AddressTransportationFeatureType", "", false},
	{"AddressTransportationFeatureID", "", false},
	{"RelatedTransportationFeatureID", "", true},
	{"AddressRangeType", "code", true},
	{"AddressRangeParity", "code", true},
	{"AddressRangeDirectionality", "code", true},
	{"AddressRangeSpan", "code", true},
	{"AddressClassification", "code", false},
	{"AddressFeatureType", "", true},
	{"AddressLifecycleStatus", "code", false},
	{"OfficialStatus", "code", false},
	{"AddressAnomalyStatus", "", false},
	{"AddressSideOfStreet", "code", false},
	{"AddressZLevel", "", false},
	{"LocationDescription", "", false},
	{"MailableAddress", "code", false},
	{"AddressStartDate", "date", false},
	{"AddressEndDate", "date", false},
	{"DataSetID", "", false},
	{"AddressReferenceSystemId", "integer", false},
	{"AddressReferenceSystemAuthority", "", false},
}

// Loosen makes an address fit to be written whose state or ZIP code is not as
// the schema wants it, such as the ZIP code "unknown": city, state and ZIP code
// go into one line, as they stand. It says whether it had to.
func (a *Address) Loosen() bool {
	wrong := a.ZipCode != "" && badRegion(a.ZipCode, 5) || a.ZipPlus4 != "" && badRegion(a.ZipPlus4, 4) || a.ZipPlus4 != "" && a.ZipCode == ""
	wrong = wrong || a.Place == nil && a.General == "" && a.StateName+a.ZipCode+a.CountryName != "" && len(a.PlaceStateZip) == 0
	if !wrong {
		return false
	}
	var parts []string
	if a.Place != nil {
		for _, p := range a.Place.PlaceName {
			parts = append(parts, p.Value)
		}
	}
	line := strings.Join(append(parts, strings.TrimSpace(a.StateName+" "+a.ZipCode)), ", ")
	if a.ZipPlus4 != "" {
		line += "-" + a.ZipPlus4
	}
	if a.CountryName != "" {
		line += ", " + a.CountryName
	}
	a.Place, a.StateName, a.ZipCode, a.ZipPlus4, a.CountryName = nil, "", "", "", ""
	a.PlaceStateZip = append([]string{strings.TrimPrefix(line, ", ")}, a.PlaceStateZip...)
	return true
}

func badRegion(s string, n int) bool { return len(s) != n || strings.Trim(s, digits) != "" }
