// SPDX-License-Identifier: Apache-2.0

package nisterr

// How to read the structs in this package. A field has the name that it has
// on the wire, and fields stand in the order that the XML Schema asks for.
// The tag holds the rest of the standard's grammar, and plan.go reads it:
//
//	required    the standard asks for it; "blank" allows an empty text
//	ref=A|B     ids of elements of these classes
//	only=A|B    only these classes (Kind) have the field
//	count       a number of things, so neither negative nor a fraction
//	attr        an attribute in XML;  content  the text inside the element
//	date, datetime, time, uri, color, short, language   the format of a text
//
// Line is the line of the file on which the element starts.

// Opt is a value that may be absent. An absent count is not a zero.
type Opt[T bool | int64 | float64] struct {
	Value T
	Set   bool
}

// Some is a value that is there.
func Some[T bool | int64 | float64](v T) Opt[T] { return Opt[T]{Value: v, Set: true} }

// ElectionReport is a whole file: the elections, and the places, parties,
// people and offices they speak of.
type ElectionReport struct {
	// Dialect says in whose words the file was written. Writers always write
	// version 2 of the standard.
	Dialect Dialect `err:"-"`
	Line    int

	Election            []Election
	ExternalIdentifier  []ExternalIdentifier
	Format              ReportDetailLevel `err:"required"`
	GeneratedDate       string            `err:"required,datetime"`
	GpUnit              []GpUnit
	Header              []Header
	Issuer              string `err:"required"`
	IssuerAbbreviation  string `err:"required"`
	IsTest              Opt[bool]
	Notes               string
	Office              []Office
	OfficeGroup         []OfficeGroup
	Party               []Party
	Person              []Person
	SequenceStart       Opt[int64]    `err:"required"`
	SequenceEnd         Opt[int64]    `err:"required"`
	Status              ResultsStatus `err:"required"`
	TestType            string
	VendorApplicationId string `err:"required"`
}

// Election is one election: its contests, candidates, ballots and turnout.
type Election struct {
	Line int

	BallotCounts       []BallotCounts
	BallotStyle        []BallotStyle
	Candidate          []Candidate
	ContactInformation *ContactInformation
	Contest            []Contest
	CountStatus        []CountStatus
	ElectionScopeId    string `err:"required,ref=ReportingUnit"`
	ExternalIdentifier []ExternalIdentifier
	Name               *InternationalizedText `err:"required"`
	StartDate          string                 `err:"required,date"`
	EndDate            string                 `err:"required,date"`
	Type               ElectionType           `err:"required"`
	OtherType          string
}

// Contest is a race or a question. Kind says which; some fields belong to
// some kinds only.
type Contest struct {
	Line int
	Kind ContestKind
	ID   string

	Abbreviation       string
	BallotSubTitle     *InternationalizedText
	BallotTitle        *InternationalizedText
	ContestSelection   []ContestSelection
	CountStatus        []CountStatus
	ElectionDistrictId string `err:"required,ref=ReportingUnit"`
	ExternalIdentifier []ExternalIdentifier
	HasRotation        Opt[bool]
	Name               string `err:"required"`
	OtherCounts        []OtherCounts
	SequenceOrder      Opt[int64]
	SubUnitsReported   Opt[int64] `err:"count"`
	TotalSubUnits      Opt[int64] `err:"count"`
	VoteVariation      VoteVariation
	OtherVoteVariation string

	NumberElected   Opt[int64] `err:"count,only=CandidateContest"`
	NumberRunoff    Opt[int64] `err:"count,only=CandidateContest"`
	OfficeIds       []string   `err:"ref=Office,only=CandidateContest"`
	PrimaryPartyIds []string   `err:"ref=Party|Coalition,only=CandidateContest"`
	VotesAllowed    Opt[int64] `err:"required,count,only=CandidateContest"`

	ConStatement     *InternationalizedText `err:"only=BallotMeasureContest|RetentionContest"`
	EffectOfAbstain  *InternationalizedText `err:"only=BallotMeasureContest|RetentionContest"`
	FullText         *InternationalizedText `err:"only=BallotMeasureContest|RetentionContest"`
	InfoUri          []AnnotatedUri         `err:"only=BallotMeasureContest|RetentionContest"`
	PassageThreshold *InternationalizedText `err:"only=BallotMeasureContest|RetentionContest"`
	ProStatement     *InternationalizedText `err:"only=BallotMeasureContest|RetentionContest"`
	SummaryText      *InternationalizedText `err:"only=BallotMeasureContest|RetentionContest"`
	Type             BallotMeasureType      `err:"only=BallotMeasureContest|RetentionContest"`
	OtherType        string                 `err:"only=BallotMeasureContest|RetentionContest"`

	CandidateId string `err:"required,ref=Candidate,only=RetentionContest"`
	OfficeId    string `err:"ref=Office,only=RetentionContest"`
}

// ContestSelection is a choice that a voter has in a contest, and the votes
// it got: candidates (a ticket has several), a party, or an answer.
type ContestSelection struct {
	Line int
	Kind SelectionKind
	ID   string

	SequenceOrder Opt[int64]
	VoteCounts    []VoteCounts

	ExternalIdentifier []ExternalIdentifier   `err:"only=BallotMeasureSelection"`
	Selection          *InternationalizedText `err:"required,only=BallotMeasureSelection"`

	CandidateIds        []string  `err:"ref=Candidate,only=CandidateSelection"`
	EndorsementPartyIds []string  `err:"ref=Party|Coalition,only=CandidateSelection"`
	IsWriteIn           Opt[bool] `err:"only=CandidateSelection"`

	PartyIds []string `err:"required,ref=Party|Coalition,only=PartySelection"`
}

// VoteCounts is a number of votes for one choice, in one unit, of one type.
type VoteCounts struct {
	Line int

	DeviceClass            *DeviceClass
	GpUnitId               string `err:"required,ref=ReportingDevice|ReportingUnit"`
	IsSuppressedForPrivacy Opt[bool]
	Round                  Opt[int64]
	Type                   CountItemType `err:"required"`
	OtherType              string
	Count                  Opt[float64] `err:"required,count"`
}

// BallotCounts is a number of ballots in one unit, of one type.
type BallotCounts struct {
	Line int

	DeviceClass            *DeviceClass
	GpUnitId               string `err:"required,ref=ReportingDevice|ReportingUnit"`
	IsSuppressedForPrivacy Opt[bool]
	Round                  Opt[int64]
	Type                   CountItemType `err:"required"`
	OtherType              string
	BallotsCast            Opt[int64] `err:"count"`
	BallotsOutstanding     Opt[int64] `err:"count"`
	BallotsRejected        Opt[int64] `err:"count"`
}

// OtherCounts is what else was counted in a contest: marks too many, marks
// too few, names written in.
type OtherCounts struct {
	Line int

	DeviceClass *DeviceClass
	GpUnitId    string       `err:"required,ref=ReportingDevice|ReportingUnit"`
	Overvotes   Opt[float64] `err:"count"`
	Undervotes  Opt[float64] `err:"count"`
	WriteIns    Opt[int64]   `err:"count"`
}

// CountStatus says how far the count of one type of ballots has got.
type CountStatus struct {
	Line int

	Status    CountItemStatus `err:"required"`
	Type      CountItemType   `err:"required"`
	OtherType string
}

// Candidate is a name on the ballot.
type Candidate struct {
	Line int
	ID   string

	BallotName         *InternationalizedText `err:"required"`
	CampaignSlogan     *InternationalizedText
	ContactInformation *ContactInformation
	ExternalIdentifier []ExternalIdentifier
	FileDate           string `err:"date"`
	IsIncumbent        Opt[bool]
	IsTopTicket        Opt[bool]
	PartyId            string `err:"ref=Party|Coalition"`
	PersonId           string `err:"ref=Person"`
	PostElectionStatus CandidatePostElectionStatus
	PreElectionStatus  CandidatePreElectionStatus
}

// BallotStyle is one face of the ballot: what stands on it, in order, and
// where it is used.
type BallotStyle struct {
	Line int

	ExternalIdentifier []ExternalIdentifier
	GpUnitIds          []string `err:"required,ref=ReportingDevice|ReportingUnit"`
	ImageUri           []AnnotatedUri
	OrderedContent     []OrderedContent
	PartyIds           []string `err:"ref=Party|Coalition"`
}

// OrderedContent is one entry on a ballot style: a contest, or a header with
// entries below it.
type OrderedContent struct {
	Line int
	Kind OrderedKind

	ContestId                  string   `err:"required,ref=CandidateContest|BallotMeasureContest|PartyContest|RetentionContest,only=OrderedContest"`
	OrderedContestSelectionIds []string `err:"ref=CandidateSelection|BallotMeasureSelection|PartySelection,only=OrderedContest"`

	HeaderId       string           `err:"required,ref=Header,only=OrderedHeader"`
	OrderedContent []OrderedContent `err:"only=OrderedHeader"`
}

// Header is a heading on the ballot.
type Header struct {
	Line int
	ID   string

	ExternalIdentifier []ExternalIdentifier
	Name               *InternationalizedText `err:"required"`
}
