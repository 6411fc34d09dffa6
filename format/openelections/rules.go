// SPDX-License-Identifier: Apache-2.0

package openelections

import (
	"strings"
	"unicode"
)

// Kind says what a row counts. Files mix votes for candidates with totals and
// turnout in the same columns; adding all of them up gives nonsense.
type Kind uint8

// What a row can count.
const (
	Choice           Kind = iota // votes for a candidate or an answer
	RegisteredVoters             // voters on the roll of the unit
	RegisteredPart               // voters of one party; a part of RegisteredVoters
	BallotsCast                  // ballots cast in the unit
	BallotsPart                  // ballots of one party or one way of voting; a part of BallotsCast
	BlankBallots                 // ballots cast without a single vote
	Turnout                      // a percentage, not a count
	PrecinctsCounted             // how many precincts have reported
	TimesCast                    // ballots on which this contest stood
	TotalVotes                   // the sum of the other rows of the contest
	OverVotes                    // too many choices marked
	UnderVotes                   // too few choices marked
	Residual                     // overvotes and undervotes in one number
	Blank                        // ballots without a mark in this contest
	Void                         // spoiled or rejected in this contest
	WriteIns                     // write-in votes; may be a subtotal of named ones
	NotQualified                 // write-in votes for people who cannot win
	Scattering                   // votes for many others in one number
)

var kindNames = [...]string{
	"choice", "registered voters", "registered voters of a party", "ballots cast", "ballots of a party or kind",
	"blank ballots", "turnout", "precincts counted", "times cast", "total votes", "overvotes", "undervotes",
	"overvotes and undervotes", "blank", "void", "write-ins", "not qualified", "scattering",
}

// String names the kind in words.
func (k Kind) String() string { return kindNames[k] }

// IsVote says whether the row counts votes that somebody received.
func (k Kind) IsVote() bool {
	return k == Choice || k == WriteIns || k == NotQualified || k == Scattering
}

// offices lists what stands in the office column and is no office. Names are
// folded: lower case, letters and digits only.
var offices = map[string]Kind{
	"registeredvoters":        RegisteredVoters,
	"registeredvoterstotal":   RegisteredVoters,
	"totalregisteredvoters":   RegisteredVoters,
	"registration":            RegisteredVoters,
	"totalregistration":       RegisteredVoters,
	"voterregistration":       RegisteredVoters,
	"votersregistered":        RegisteredVoters,
	"registered":              RegisteredVoters,
	"eligiblevoters":          RegisteredVoters,
	"activevoters":            RegisteredVoters,
	"ballotscast":             BallotsCast,
	"ballotscasttotal":        BallotsCast,
	"totalballotscast":        BallotsCast,
	"totalballots":            BallotsCast,
	"ballotscounted":          BallotsCast,
	"ballotscountedtotal":     BallotsCast,
	"totalballotscounted":     BallotsCast,
	"ballots":                 BallotsCast,
	"cardscast":               BallotsPart, // a ballot may have several cards
	"ballotscastblank":        BlankBallots,
	"ballotscastblanks":       BlankBallots,
	"blankballotscast":        BlankBallots,
	"blankballots":            BlankBallots,
	"ballotsblank":            BlankBallots,
	"totalblankballots":       BlankBallots,
	"voterturnout":            Turnout,
	"voterturnouttotal":       Turnout,
	"turnout":                 Turnout,
	"turnoutpercentage":       Turnout,
	"turnoutpercent":          Turnout,
	"percentturnout":          Turnout,
	"voterturnoutpercentage":  Turnout,
	"precinctscounted":        PrecinctsCounted,
	"precinctscountedtotal":   PrecinctsCounted,
	"precinctsreporting":      PrecinctsCounted,
	"precinctsreported":       PrecinctsCounted,
	"numberofprecincts":       PrecinctsCounted,
	"totalprecinctsreporting": PrecinctsCounted,
	"precinctsreportingtotal": PrecinctsCounted,
}

// officePrefixes catch "Registered Voters - Democratic" and its like. They are
// tried in order, after the whole names above.
var officePrefixes = []struct {
	begins string
	kind   Kind
}{
	{"ballotscastblank", BlankBallots},
	{"registeredvoters", RegisteredPart},
	{"ballotscast", BallotsPart},
	{"voterturnout", Turnout},
	{"precinctscounted", PrecinctsCounted},
}

// candidates lists what stands in the candidate column and is no candidate.
var candidates = map[string]Kind{
	"overvotes":                OverVotes,
	"overvote":                 OverVotes,
	"over":                     OverVotes,
	"overvotestotal":           OverVotes,
	"totalovervotes":           OverVotes,
	"timesovervoted":           OverVotes,
	"timesovervote":            OverVotes,
	"numberofovervotes":        OverVotes,
	"overvoted":                OverVotes,
	"undervotes":               UnderVotes,
	"undervote":                UnderVotes,
	"under":                    UnderVotes,
	"undervotestotal":          UnderVotes,
	"totalundervotes":          UnderVotes,
	"timesundervoted":          UnderVotes,
	"timesundervote":           UnderVotes,
	"numberofundervotes":       UnderVotes,
	"undervoted":               UnderVotes,
	"overundervotes":           Residual,
	"overunder":                Residual,
	"undervotesovervotes":      Residual,
	"overvotesundervotes":      Residual,
	"underovervotes":           Residual,
	"overandundervotes":        Residual,
	"underandovervotes":        Residual,
	"residualvotes":            Residual,
	"blank":                    Blank,
	"blanks":                   Blank,
	"blankvotes":               Blank,
	"blankvote":                Blank,
	"blankballots":             Blank,
	"void":                     Void,
	"voids":                    Void,
	"voidvotes":                Void,
	"spoiled":                  Void,
	"spoiledballots":           Void,
	"writein":                  WriteIns,
	"writeins":                 WriteIns,
	"writeinvotes":             WriteIns,
	"writeinvote":              WriteIns,
	"writeintotal":             WriteIns,
	"writeintotals":            WriteIns,
	"writeinstotal":            WriteIns,
	"writeinstotals":           WriteIns,
	"totalwritein":             WriteIns,
	"totalwriteins":            WriteIns,
	"totalwriteinvotes":        WriteIns,
	"writeinmiscellaneous":     WriteIns,
	"writeinsmiscellaneous":    WriteIns,
	"miscellaneouswriteins":    WriteIns,
	"miscwriteins":             WriteIns,
	"otherwriteins":            WriteIns,
	"otherwritein":             WriteIns,
	"unassignedwriteins":       WriteIns,
	"unassignedwritein":        WriteIns,
	"unresolvedwritein":        WriteIns,
	"unresolvedwriteins":       WriteIns,
	"qualifiedwritein":         WriteIns,
	"qualifiedwriteins":        WriteIns,
	"certifiedwriteins":        WriteIns,
	"notqualified":             NotQualified,
	"notqualifiedwriteins":     NotQualified,
	"unqualifiedwriteins":      NotQualified,
	"unqualifiedwritein":       NotQualified,
	"unqualified":              NotQualified,
	"invalidwritein":           NotQualified,
	"invalidwriteins":          NotQualified,
	"rejectedwritein":          NotQualified,
	"rejectedwriteins":         NotQualified,
	"notassigned":              NotQualified,
	"scattering":               Scattering,
	"scatterings":              Scattering,
	"scattered":                Scattering,
	"scatter":                  Scattering,
	"writeinscattering":        Scattering,
	"writeinscattered":         Scattering,
	"scatteringwritein":        Scattering,
	"scatteringwriteins":       Scattering,
	"allothers":                Scattering,
	"timescast":                TimesCast,
	"timescounted":             TimesCast,
	"contestballots":           TimesCast,
	"contestballotscast":       TimesCast,
	"total":                    TotalVotes,
	"totals":                   TotalVotes,
	"totalvotes":               TotalVotes,
	"totalvotescast":           TotalVotes,
	"votescast":                TotalVotes,
	"contesttotal":             TotalVotes,
	"contesttotals":            TotalVotes,
	"grandtotal":               TotalVotes,
	"registeredvoters":         RegisteredVoters,
	"registeredvoterstotal":    RegisteredVoters,
	"totalregisteredvoters":    RegisteredVoters,
	"ballotscast":              BallotsCast,
	"ballotscasttotal":         BallotsCast,
	"totalballotscast":         BallotsCast,
	"ballotscastblank":         BlankBallots,
	"voterturnout":             Turnout,
	"voterturnouttotal":        Turnout,
	"turnout":                  Turnout,
	"precinctscounted":         PrecinctsCounted,
	"precinctsreporting":       PrecinctsCounted,
	"numberofprecincts":        PrecinctsCounted,
	"precinctscountedtotal":    PrecinctsCounted,
	"totalnumberofprecincts":   PrecinctsCounted,
	"numberofprecinctsforrace": PrecinctsCounted,
}

// Classify says what a row counts, from its office and its candidate. "None of
// these candidates" and the like are choices: they stand on the ballot.
func Classify(office, candidate string) Kind {
	folded := fold(office)
	if kind, ok := offices[folded]; ok {
		return kind
	}
	for _, p := range officePrefixes {
		if strings.HasPrefix(folded, p.begins) {
			return p.kind
		}
	}
	return candidates[fold(candidate)] // Choice when it is not in the table
}

// Place says whether a row belongs to one precinct or to something larger.
type Place uint8

// What the precinct column can name.
const (
	InPrecinct Place = iota // a precinct, a vote centre or another unit of its own
	Countywide              // votes that the county reports without a precinct
	Total                   // the sum of other rows; adding it counts twice
)

var placeNames = [...]string{"precinct", "countywide", "total"}

// String names the place in words.
func (p Place) String() string { return placeNames[p] }

// places lists what stands in the precinct or county column and is neither.
var places = map[string]Place{
	"countywide":            Countywide,
	"countywideresults":     Countywide,
	"countywidevotes":       Countywide,
	"electionwide":          Countywide,
	"jurisdictionwide":      Countywide,
	"total":                 Total,
	"totals":                Total,
	"grandtotal":            Total,
	"grandtotals":           Total,
	"countytotal":           Total,
	"countytotals":          Total,
	"totalcounty":           Total,
	"countywidetotal":       Total,
	"countywidetotals":      Total,
	"electionwidetotal":     Total,
	"jurisdictionwidetotal": Total,
	"cumulative":            Total,
	"cumulativetotal":       Total,
	"precincttotal":         Total,
	"precincttotals":        Total,
	"alltotals":             Total,
	"allprecincts":          Total,
	"subtotal":              Total,
	"statewide":             Total,
	"statewidetotal":        Total,
	"statetotal":            Total,
}

// PlaceOf says what a row's precinct is. Some counties write their own name
// before "Total".
func PlaceOf(county, precinct string) Place {
	folded := fold(precinct)
	if p, ok := places[folded]; ok {
		return p
	}
	if p := places[fold(county)]; p == Total {
		return Total
	}
	if folded != "" && county != "" {
		if rest, ok := strings.CutPrefix(folded, fold(county)); ok && places[rest] == Total {
			return Total
		}
	}
	return InPrecinct
}

// fold keeps letters and digits, in lower case: "Write-In Totals" and
// "WRITE-IN TOTALS" become the same.
func fold(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c-'a' > 25 && c-'0' > 9 {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// columns lists the names under which the known columns come.
var columns = struct{ county, precinct, office, district, party, candidate, votes, winner []string }{
	county:    []string{"county", "parish", "county_name", "jurisdiction", "jurisdiction_name"},
	precinct:  []string{"precinct", "precinct_name"},
	office:    []string{"office", "contest", "race", "contest_name", "office_name"},
	district:  []string{"district"},
	party:     []string{"party"},
	candidate: []string{"candidate", "choice", "candidate_name"},
	votes:     []string{"votes", "total_votes", "votes_total", "total", "vote_total", "vote_count"},
	winner:    []string{"winner"},
}

// notVoteTypes lists columns that may hold whole numbers and still are no
// vote types.
var notVoteTypes = map[string]bool{
	"votes": true, "total_votes": true, "votes_total": true, "total": true, "vote_total": true, "vote_count": true,
	"percent": true, "percentage": true, "pct": true, "vote_pct": true, "votes_pct": true, "percent_of_votes": true, "vote_percent": true,
	"fips": true, "county_fips": true, "state_fips": true, "county_code": true, "county_id": true, "county_number": true, "fips_code": true,
	"precinct_id": true, "precinct_code": true, "precinct_number": true, "precinct_split": true, "vtd": true, "geoid": true,
	"ward": true, "ed": true, "ad": true, "assembly_district": true, "election_district": true, "municipality": true, "town": true, "city_town": true, "division": true, "sub_precinct": true,
	"office_id": true, "contest_id": true, "candidate_id": true, "candidate_number": true, "id": true, "code": true, "line": true, "page": true,
	"year": true, "date": true, "election_date": true, "vote_for": true, "seats": true, "term": true, "rank": true, "round": true,
	"registered_voters": true, "ballots_cast": true, "turnout": true, "voter_turnout": true, "registered": true,
	"notes": true, "incumbent": true, "write_in": true, "writein": true, "is_writein": true, "stage": true, "special": true,
}
