// SPDX-License-Identifier: Apache-2.0

package nisterr

import "slices"

// Where the standard has a family of classes, this package has one struct and
// a Kind: the name of the class, as it stands in "@type" and xsi:type.

// ContestKind is the class of a contest.
type ContestKind string

// The classes of contests.
const (
	BallotMeasureContest ContestKind = "BallotMeasureContest"
	CandidateContest     ContestKind = "CandidateContest"
	PartyContest         ContestKind = "PartyContest"
	RetentionContest     ContestKind = "RetentionContest"
)

var allContestKind = []ContestKind{BallotMeasureContest, CandidateContest, PartyContest, RetentionContest}

// Valid says whether the standard knows the class.
func (k ContestKind) Valid() bool { return slices.Contains(allContestKind, k) }

func (ContestKind) codes() []string { return words(allContestKind) }

// SelectionKind is the class of a choice in a contest.
type SelectionKind string

// The classes of choices.
const (
	BallotMeasureSelection SelectionKind = "BallotMeasureSelection"
	CandidateSelection     SelectionKind = "CandidateSelection"
	PartySelection         SelectionKind = "PartySelection"
)

var allSelectionKind = []SelectionKind{BallotMeasureSelection, CandidateSelection, PartySelection}

// Valid says whether the standard knows the class.
func (k SelectionKind) Valid() bool { return slices.Contains(allSelectionKind, k) }

func (SelectionKind) codes() []string { return words(allSelectionKind) }

// GpUnitKind is the class of a geopolitical unit.
type GpUnitKind string

// The classes of units.
const (
	ReportingDevice GpUnitKind = "ReportingDevice"
	ReportingUnit   GpUnitKind = "ReportingUnit"
)

var allGpUnitKind = []GpUnitKind{ReportingDevice, ReportingUnit}

// Valid says whether the standard knows the class.
func (k GpUnitKind) Valid() bool { return slices.Contains(allGpUnitKind, k) }

func (GpUnitKind) codes() []string { return words(allGpUnitKind) }

// PartyKind is the class of a party: one party, or several that stand together.
type PartyKind string

// The classes of parties.
const (
	SingleParty PartyKind = "Party"
	Coalition   PartyKind = "Coalition"
)

var allPartyKind = []PartyKind{SingleParty, Coalition}

// Valid says whether the standard knows the class.
func (k PartyKind) Valid() bool { return slices.Contains(allPartyKind, k) }

func (PartyKind) codes() []string { return words(allPartyKind) }

// OrderedKind is the class of one entry in the order of a ballot.
type OrderedKind string

// The classes of entries.
const (
	OrderedContest OrderedKind = "OrderedContest"
	OrderedHeader  OrderedKind = "OrderedHeader"
)

var allOrderedKind = []OrderedKind{OrderedContest, OrderedHeader}

// Valid says whether the standard knows the class.
func (k OrderedKind) Valid() bool { return slices.Contains(allOrderedKind, k) }

func (OrderedKind) codes() []string { return words(allOrderedKind) }
