// SPDX-License-Identifier: Apache-2.0

// Package roll holds the nouns of the voter registry: the voter, their names,
// addresses and identifiers, and what may become of a registration. It is data
// and rules without a database; what is private is of a type that cannot print
// itself.
//
// The vocabulary is that of NIST SP 1500-102 (Voter Records Interchange); the
// enumerations of kinds keep its spelling on the wire. States and reasons
// follow the statuses and reasons of the statewide lists, such as North
// Carolina's.
package roll

import (
	"slices"

	"hustings/election"
	"hustings/kit/hide"
)

// ID is a voter's number in the roll of a jurisdiction.
type ID string

// Voter is one person's registration as it stands at one moment.
type Voter struct {
	ID      ID               `json:",omitzero"`
	Name    Name             `json:",omitzero"`
	Former  []Name           `json:",omitzero"` // names of earlier registrations
	Birth   election.Date    `json:",omitzero"`
	Year    int              `json:",omitzero"` // of birth, where no more of it is known
	Home    Address          `json:",omitzero"` // where they reside
	Mail    *Address         `json:",omitzero"` // where mail goes, where that is elsewhere
	Gender  string           `json:",omitzero"`
	Race    string           `json:",omitzero"` // as the state's codes have it, where the state asks
	Ethnic  string           `json:",omitzero"`
	Party   election.PartyID `json:",omitzero"`
	Contact []Contact        `json:",omitzero"`
	Langs   []string         `json:",omitzero"` // BCP 47, the most wanted first

	Identifiers []Identifier `json:",omitzero"`
	Assertions  []Assertion  `json:",omitzero"`
	Wishes      []Wish       `json:",omitzero"` // how they wish to get a ballot

	State  State         `json:",omitzero"`
	Reason Reason        `json:",omitzero"`
	Since  election.Date `json:",omitzero"` // when the state began
	Into   ID            `json:",omitzero"` // the registration that this one, a duplicate, was merged into

	Registered election.Date `json:",omitzero"` // when they were first registered
	Source     Source        `json:",omitzero"` // how they came in
	Document   string        `json:",omitzero"` // blob of the form that this rests on
	Signature  string        `json:",omitzero"` // blob of the picture of their signature

	NeedsID   bool   `json:",omitzero"` // HAVA section 303(b): shows identification at the first vote
	Protected string `json:",omitzero"` // programme of address confidentiality; "" for none

	County    string                `json:",omitzero"` // its name, in lists of a whole state
	Precinct  election.UnitID       `json:",omitzero"` // or the split of one
	Districts []election.DistrictID `json:",omitzero"`
}

// Name is a person's name in its parts. Full is the whole of it where the parts
// are not known.
type Name struct {
	Prefix, First, Middle, Last, Suffix string `json:",omitzero"`
	Full                                string `json:",omitzero"`
}

// Address is a postal or residence address. Residences in the country may be
// told by Directions alone.
type Address struct {
	Number     string   `json:",omitzero"` // house number, with its fraction: "12 1/2"
	Before     string   `json:",omitzero"` // direction before the street's name: "N"
	Street     string   `json:",omitzero"`
	Type       string   `json:",omitzero"` // USPS Publication 28: "ST"
	After      string   `json:",omitzero"` // direction behind it
	UnitKind   string   `json:",omitzero"` // "APT"
	Unit       string   `json:",omitzero"`
	City       string   `json:",omitzero"`
	State      string   `json:",omitzero"`
	ZIP        string   `json:",omitzero"` // five digits, or nine with a hyphen
	Country    string   `json:",omitzero"` // ISO 3166; "" for the United States
	Lines      []string `json:",omitzero"`
	Directions string   `json:",omitzero"` // "third house behind the mill"
	Point      *Point   `json:",omitzero"`
}

// Clone is a copy that shares nothing with the address.
func (a Address) Clone() Address {
	a.Lines = slices.Clone(a.Lines)
	if a.Point != nil {
		p := *a.Point
		a.Point = &p
	}
	return a
}

// Point is a place on the map, in degrees of WGS 84.
type Point struct{ Latitude, Longitude float64 }

// Contact is a way to reach the voter.
type Contact struct {
	Kind  string `json:",omitzero"` // email, phone, fax, other, as SP 1500-102 spells them
	Value string `json:",omitzero"`
	Texts bool   `json:",omitzero"` // a phone that takes text messages
}

// Identifier is a number by which another office knows the voter, or the
// statement that there is none.
type Identifier struct {
	Kind  IdentifierKind
	Value hide.String
	None  bool // the voter attests that they have no such number
}

// IdentifierKind is a kind of identifier.
type IdentifierKind string

// The kinds of identifiers.
const (
	License IdentifierKind = "drivers-license"
	SSN     IdentifierKind = "ssn"
	SSN4    IdentifierKind = "ssn4"
	StateID IdentifierKind = "state-id"
	StateNo IdentifierKind = "state-voter-registration-id"
	LocalNo IdentifierKind = "local-voter-registration-id"
)

// Assertion is what the voter says of themselves, such as that they are a
// citizen.
type Assertion struct {
	Kind  string // VoterClassificationType of SP 1500-102
	Value string // yes, no, unknown, other
}

// Wish is how a voter wishes to get a ballot, and until when.
type Wish struct {
	How         []string      `json:",omitzero"` // mail, email, fax, online, email-or-online: the most wanted first
	Permanent   bool          `json:",omitzero"`
	From, Until election.Date `json:",omitzero"`
	Election    election.ID   `json:",omitzero"`
}

// State is how far a registration has come.
type State string

// The states.
const (
	Pending       State = "pending"        // something is missing or being verified
	PreRegistered State = "pre-registered" // not yet of age
	Active        State = "active"
	Inactive      State = "inactive" // sent a notice of 52 U.S.C. 20507(d)(2); may vote
	Challenged    State = "challenged"
	Denied        State = "denied"
	Cancelled     State = "cancelled"
)

// Votes says whether a registration in this state lets its voter vote.
func (s State) Votes() bool { return s == Active || s == Inactive || s == Challenged }

// Reason is why a registration is in its state.
type Reason string

// The reasons.
const (
	Verified         Reason = "verified"
	Unverified       Reason = "unverified" // the check of identifiers has not come back
	Incomplete       Reason = "incomplete"
	ConfirmationSent Reason = "confirmation-sent"
	Undeliverable    Reason = "undeliverable"
	NotAnswered      Reason = "not-answered"
	ByVoter          Reason = "by-voter"
	Moved            Reason = "moved"         // out of the jurisdiction, in writing
	TwoElections     Reason = "two-elections" // no answer and no vote in two federal general elections
	Deceased         Reason = "deceased"
	Felony           Reason = "felony"
	Incapacity       Reason = "incapacity"
	NotCitizen       Reason = "not-citizen"
	NotOfAge         Reason = "not-of-age"
	Duplicate        Reason = "duplicate"
	Mistake          Reason = "mistake"   // made in error, by the office
	Sustained        Reason = "challenge" // a challenge was sustained
	Temporary        Reason = "temporary" // a registration for one election or one year
)

// Source is how a registration or a change of one came in.
type Source string

// The sources, of which SP 1500-102 has names and EAVS counts most.
const (
	ByInternet    Source = "voter-via-internet"
	ByMail        Source = "voter-via-mail"
	ByEmail       Source = "voter-via-email"
	ByFax         Source = "voter-via-fax"
	AtOffice      Source = "voter-via-election-registrars-office"
	MotorVehicles Source = "motor-vehicle-office"
	Assistance    Source = "public-assistance-office"
	Disability    Source = "state-funded-agency-serving-persons-with-disabilities"
	Recruitment   Source = "armed-forces-recruitment-office"
	Drive         Source = "registration-drive-from-advocacy-group-or-political-party"
	OtherAgency   Source = "other-agency-designated-by-state"
	UnknownSource Source = "unknown"
	OtherSource   Source = "other"
)
