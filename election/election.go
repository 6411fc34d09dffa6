// SPDX-License-Identifier: Apache-2.0

// Package election holds the nouns that every room shares: the election, its
// contests and choices, the units that report, the districts, ballot styles,
// places and vote types, and the words for how far a count has come. It is
// data only and uses the standard library alone.
//
// The vocabulary is that of NIST SP 1500-100 v2 (Election Results Reporting)
// and of the Voting Information Project; enumerations keep the spelling that
// both use on the wire.
package election

import (
	"slices"
	"sort"
	"time"
)

// ID names an election within an office, for example "2026-11-03-general".
// It is a slug: it stands in addresses that never move.
type ID string

// The ids of a definition's nouns. Each is unique among its kind within one
// definition, and is text that may be printed on a map or a ballot.
type (
	UnitID     string // a reporting unit: state, county, precinct, split …
	DistrictID string // an electoral district
	ContestID  string
	ChoiceID   string // unique within its contest
	PartyID    string
	StyleID    string // a ballot style
	PlaceID    string // a voting place
	VoteTypeID string // a count group: early, election-day, absentee-mail …
)

// Text is a wording in one or more languages, keyed by BCP 47 tag. A wording
// with the tag "en" serves every language that has none of its own.
type Text map[string]string

// T is a Text with only an English wording.
func T(s string) Text { return Text{"en": s} }

// In returns the wording for a language tag: the exact tag, else its base
// language, else English, else the first wording in order of tags.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	for i := range lang {
		if lang[i] == '-' {
			if s, ok := t[lang[:i]]; ok {
				return s
			}
			break
		}
	}
	if s, ok := t["en"]; ok {
		return s
	}
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	if len(tags) == 0 {
		return ""
	}
	sort.Strings(tags)
	return t[tags[0]]
}

// String returns the English wording.
func (t Text) String() string { return t.In("en") }

// Date is a calendar day, YYYY-MM-DD, in the time zone of the election.
type Date string

// In returns the first instant of the day in a time zone.
func (d Date) In(loc *time.Location) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, string(d), loc)
}

// DayOf is the day of a moment, in the moment's own time zone.
func DayOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Election is one election as an office holds it.
type Election struct {
	ID           ID         `json:"id"`
	Name         Text       `json:"name"`
	Type         Type       `json:"type"`
	Start        Date       `json:"start"`
	End          Date       `json:"end"`
	Jurisdiction string     `json:"jurisdiction"` // OCD division id, such as ocd-division/country:us/state:az/county:maricopa
	State        string     `json:"state"`        // two-letter postal code
	Scope        UnitID     `json:"scope"`        // the unit that contains all others
	TimeZone     string     `json:"timeZone"`     // IANA name, such as America/Phoenix
	PollsOpen    string     `json:"pollsOpen"`    // local "07:00" where no place says otherwise
	PollsClose   string     `json:"pollsClose"`   // local "19:00" where no place says otherwise
	Calendar     []Deadline `json:"calendar,omitempty"`
}

// Zone returns the election's time zone, UTC where none is named or known.
func (e Election) Zone() *time.Location {
	if loc, err := time.LoadLocation(e.TimeZone); err == nil && e.TimeZone != "" {
		return loc
	}
	return time.UTC
}

// Deadline is a day or instant of the election calendar.
type Deadline struct {
	Kind string    `json:"kind"` // registration, absentee-request, absentee-return, canvass, certification, recount-request …
	Name Text      `json:"name"`
	At   time.Time `json:"at"`
}

// Type is the kind of an election, as in NIST ElectionType.
type Type string

// The kinds of elections.
const (
	General              Type = "general"
	Primary              Type = "primary"
	PartisanPrimaryOpen  Type = "partisan-primary-open"
	PartisanPrimaryClose Type = "partisan-primary-closed"
	Runoff               Type = "runoff"
	Special              Type = "special"
	OtherType            Type = "other"
)

// Definition is everything that a count may refer to: the election with its
// contests, units, districts, styles, places and vote types. A locked
// definition never changes; its Hash names it.
type Definition struct {
	Election  Election   `json:"election"`
	Parties   []Party    `json:"parties,omitempty"`
	Units     []Unit     `json:"units,omitempty"`
	Districts []District `json:"districts,omitempty"`
	Contests  []Contest  `json:"contests,omitempty"`
	Styles    []Style    `json:"styles,omitempty"`
	Places    []Place    `json:"places,omitempty"`
	VoteTypes []VoteType `json:"voteTypes,omitempty"`
	Shapes    []Shape    `json:"shapes,omitempty"`
	// Derived says that the definition was made from result files for want of
	// a better one: it knows no ballot styles, so nothing can be missing from it.
	Derived bool `json:"derived,omitempty"`
}

// Party is a political party.
type Party struct {
	ID    PartyID `json:"id"`
	Name  Text    `json:"name"`
	Abbr  string  `json:"abbr,omitempty"`
	Color string  `json:"color,omitempty"` // six hexadecimal digits
}

// UnitType is the kind of a reporting unit, as in NIST ReportingUnitType.
type UnitType string

// The kinds of units that Hustings treats differently; any other NIST word is kept.
const (
	State            UnitType = "state"
	County           UnitType = "county"
	City             UnitType = "city"
	Town             UnitType = "town"
	Ward             UnitType = "ward"
	Precinct         UnitType = "precinct"
	SplitPrecinct    UnitType = "split-precinct"
	CombinedPrecinct UnitType = "combined-precinct"
	VoteCenter       UnitType = "vote-center"
	PollingPlaceUnit UnitType = "polling-place"
	BallotBatch      UnitType = "ballot-batch" // also central-count pseudo-precincts: absentee boards, one-stop sites
	OtherUnit        UnitType = "other"
)

// Unit is a place that reports counts, or one that contains such places. Units
// form a tree by Parent; the root's Parent is empty.
type Unit struct {
	ID         UnitID       `json:"id"`
	Type       UnitType     `json:"type"`
	Name       string       `json:"name"`
	Number     string       `json:"number,omitempty"` // as printed on maps, such as "0042"
	Parent     UnitID       `json:"parent,omitempty"`
	Districts  []DistrictID `json:"districts,omitempty"`  // whose voters live here; of a split, its own
	Registered *int64       `json:"registered,omitempty"` // registered voters, nil where not known
	MailOnly   bool         `json:"mailOnly,omitempty"`
	// Former is the unit's turnout and votes in earlier elections, for comparison.
	Former   []Former          `json:"former,omitempty"`
	External map[string]string `json:"external,omitempty"` // other systems' codes: fips, ocd-id, local-level …
}

// Former is what a unit did in an earlier comparable election.
type Former struct {
	Election   ID               `json:"election"`
	Registered int64            `json:"registered,omitempty"`
	Ballots    int64            `json:"ballots,omitempty"`
	Votes      map[string]int64 `json:"votes,omitempty"` // top contest, by party id
}

// Leaf says whether counts are reported for the unit itself rather than summed
// from the units below it.
func (u Unit) Leaf() bool {
	switch u.Type {
	case State, County, City, Town, Ward:
		return false
	}
	return true
}

// District is an electoral district.
type District struct {
	ID       DistrictID        `json:"id"`
	Name     Text              `json:"name"`
	Type     string            `json:"type"` // as in NIST ReportingUnitType and VIP DistrictType: congressional, state-house, school …
	Number   string            `json:"number,omitempty"`
	External map[string]string `json:"external,omitempty"`
}

// ContestKind is the kind of a contest, as the four Contest classes of NIST.
type ContestKind string

// The kinds of contests.
const (
	CandidateContest ContestKind = "candidate"
	MeasureContest   ContestKind = "measure"
	RetentionContest ContestKind = "retention"
	PartyContest     ContestKind = "party"
)

// Variation is how votes decide a contest, as in NIST VoteVariation.
type Variation string

// The vote variations that Hustings treats differently; any other NIST word is kept.
const (
	Plurality     Variation = "plurality"
	Majority      Variation = "majority"
	NofM          Variation = "n-of-m"
	Ranked        Variation = "rcv"
	SuperMajority Variation = "super-majority"
	Approval      Variation = "approval"
)

// Contest is one question on the ballot.
type Contest struct {
	ID           ContestID         `json:"id"`
	Name         Text              `json:"name"`
	Kind         ContestKind       `json:"kind"`
	Variation    Variation         `json:"variation"`
	District     DistrictID        `json:"district,omitempty"`
	VotesAllowed int               `json:"votesAllowed"` // at least 1
	Elected      int               `json:"elected"`      // seats to fill; at least 1 for candidates
	PrimaryParty PartyID           `json:"primaryParty,omitempty"`
	Office       string            `json:"office,omitempty"`
	Threshold    *Threshold        `json:"threshold,omitempty"`
	Question     Text              `json:"question,omitempty"` // a measure's full text
	Subtitle     Text              `json:"subtitle,omitempty"` // below the name on the ballot
	Holder       Text              `json:"holder,omitempty"`   // of a retention contest: who asks to stay
	Rotates      bool              `json:"rotates,omitempty"`  // choices stand in another order on some ballots
	Choices      []Choice          `json:"choices"`
	External     map[string]string `json:"external,omitempty"`
}

// Threshold is the share of yes votes at which a measure passes.
type Threshold struct {
	Numerator   int64  `json:"numerator"`
	Denominator int64  `json:"denominator"`
	Over        bool   `json:"over,omitempty"` // strictly more than the share, as in "a majority"
	Of          string `json:"of"`             // "votes" for the measure, or "ballots" cast
}

// Met says whether yes votes out of a base reach the threshold, in whole numbers.
func (t Threshold) Met(yes, base int64) bool {
	if base <= 0 || t.Denominator <= 0 {
		return false
	}
	left, right := yes*t.Denominator, base*t.Numerator
	if t.Over {
		return left > right
	}
	return left >= right
}

// ChoiceKind tells what a choice stands for.
type ChoiceKind string

// The kinds of choices.
const (
	Candidate ChoiceKind = "candidate"
	WriteIn   ChoiceKind = "write-in" // a qualified write-in candidate by name, or all write-ins where they are not told apart
	Yes       ChoiceKind = "yes"
	No        ChoiceKind = "no"
	Option    ChoiceKind = "option" // an answer that is neither yes nor no
	Ticket    ChoiceKind = "party"  // a party list or straight-party choice
)

// Choice is one answer to a contest.
type Choice struct {
	ID        ChoiceID          `json:"id"`
	Name      Text              `json:"name"`
	Kind      ChoiceKind        `json:"kind"`
	Parties   []PartyID         `json:"parties,omitempty"` // more than one for fusion lines
	Ticket    []Text            `json:"ticket,omitempty"`  // of a ticket: its members' names, who heads it first
	Incumbent bool              `json:"incumbent,omitempty"`
	Withdrawn bool              `json:"withdrawn,omitempty"`
	External  map[string]string `json:"external,omitempty"`
}

// Style is a ballot style: which contests, in which order, in which units.
type Style struct {
	ID       StyleID     `json:"id"`
	Name     string      `json:"name,omitempty"`
	Party    PartyID     `json:"party,omitempty"`
	Units    []UnitID    `json:"units"`
	Contests []ContestID `json:"contests"`
	// Orders lists a contest's choices where this style has them in another
	// order than the contest itself.
	Orders map[ContestID][]ChoiceID `json:"orders,omitempty"`
}

// PlaceKind is what a voter can do at a place.
type PlaceKind string

// The kinds of places.
const (
	PollingPlace PlaceKind = "polling-place"
	Center       PlaceKind = "vote-center" // any voter of the county
	EarlySite    PlaceKind = "early-voting"
	DropBox      PlaceKind = "drop-box"
	Office       PlaceKind = "election-office"
)

// Place is where people vote or return a ballot.
type Place struct {
	ID         PlaceID   `json:"id"`
	Name       string    `json:"name"`
	Kind       PlaceKind `json:"kind"`
	Line1      string    `json:"line1,omitempty"`
	Line2      string    `json:"line2,omitempty"`
	City       string    `json:"city,omitempty"`
	State      string    `json:"state,omitempty"`
	Zip        string    `json:"zip,omitempty"`
	Directions Text      `json:"directions,omitempty"`
	Lat        float64   `json:"lat,omitempty"`
	Lon        float64   `json:"lon,omitempty"`
	TimeZone   string    `json:"timeZone,omitempty"` // where it differs from the election's
	Hours      []Hours   `json:"hours,omitempty"`
	Units      []UnitID  `json:"units,omitempty"` // whose voters are assigned here; empty: all
}

// Hours is when a place is open, in local time, on each day from Start to End.
type Hours struct {
	Start         Date   `json:"start"`
	End           Date   `json:"end"`
	Open          string `json:"open"`  // "07:00"
	Close         string `json:"close"` // "19:00"
	ByAppointment bool   `json:"byAppointment,omitempty"`
}

// VoteType is a count group: how or when ballots were cast.
type VoteType struct {
	ID   VoteTypeID `json:"id"`
	Name Text       `json:"name"`
	Item CountItem  `json:"item"`
}

// CountItem is a count group in the words of NIST CountItemType.
type CountItem string

// The count groups of NIST SP 1500-100 v2.
const (
	Total            CountItem = "total"
	ElectionDay      CountItem = "election-day"
	Early            CountItem = "early"
	Absentee         CountItem = "absentee"
	AbsenteeMail     CountItem = "absentee-mail"
	AbsenteeInPerson CountItem = "absentee-in-person"
	AbsenteeFWAB     CountItem = "absentee-fwab"
	UOCAVA           CountItem = "uocava"
	Provisional      CountItem = "provisional"
	WriteInItem      CountItem = "write-in"
	OtherItem        CountItem = "other"
)

// Shape is a unit's boundary in longitude and latitude (WGS 84).
type Shape struct {
	Unit     UnitID    `json:"unit"`
	Polygons []Polygon `json:"polygons"`
}

// Polygon is an outer ring followed by its holes; each ring is closed.
type Polygon []Ring

// Ring is a closed line of longitude, latitude pairs.
type Ring [][2]float64

// Status is how final a result is, as in NIST ResultsStatus.
type Status string

// The statuses of results.
const (
	PreElection        Status = "pre-election"
	UnofficialPartial  Status = "unofficial-partial"
	UnofficialComplete Status = "unofficial-complete"
	Certified          Status = "certified"
	Correction         Status = "correction"
	Recount            Status = "recount"
)

// Statuses lists every status in the order in which an election meets them.
func Statuses() []Status {
	return []Status{PreElection, UnofficialPartial, UnofficialComplete, Certified, Correction, Recount}
}

// Valid says whether the status is one of NIST's.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// CountState is how far the count of one vote type has come in one unit, as in
// NIST CountItemStatus.
type CountState string

// The states of a count.
const (
	Completed    CountState = "completed"
	InProcess    CountState = "in-process"
	NotProcessed CountState = "not-processed"
	Unknown      CountState = "unknown"
)
