// SPDX-License-Identifier: Apache-2.0

package county

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/openelections"
	"hustings/format/sheet"
)

// region is the county in files that have a column for it.
var region = strings.TrimSuffix(countyName, " County")

// openElections writes election-day tapes in the columns of OpenElections.
func (c *County) openElections(tapes []tape) []byte {
	var rows []openelections.Row
	for i := range tapes {
		t := &tapes[i]
		add := func(office, district, party, candidate string, n int64, typ sheet.Count) {
			rows = append(rows, openelections.Row{County: region, Precinct: t.name, Office: office, District: district, Party: party,
				Candidate: candidate, Votes: sheet.N(n), Types: []sheet.Count{typ}})
		}
		add("Registered Voters", "", "", "", t.voters, sheet.Count{})
		add("Ballots Cast", "", "", "", t.ballots[dayType], sheet.N(t.ballots[dayType]))
		for k := range t.counts {
			rc := &t.counts[k]
			office, district := c.officeOf(rc.race)
			line := func(party, candidate string, n int64) { add(office, district, party, candidate, n, sheet.N(n)) }
			for i, ch := range rc.Choices {
				line(partyAbbr(ch), ch.Name["en"], rc.votes[i][dayType])
			}
			line("", "Over Votes", rc.over[dayType])
			line("", "Under Votes", rc.under[dayType])
		}
	}
	var out bytes.Buffer
	must(openelections.Write(&out, []string{"election_day"}, rows, sheet.Style{}))
	return out.Bytes()
}

// officeOf is a contest as OpenElections has it: an office and, where there are
// several, a district.
func (c *County) officeOf(r *race) (office, district string) {
	for _, d := range c.def.Districts {
		if d.ID == r.District && d.Number != "" {
			return r.Office, d.Number
		}
	}
	return r.Name["en"], ""
}

// The detail XML of Clarity, as far as it is needed.
type (
	clarityResult struct {
		XMLName                                       xml.Name `xml:"ElectionResult"`
		Timestamp, ElectionName, ElectionDate, Region string
		VoterTurnout                                  clarityTurnout
		Contest                                       []clarityContest
	}
	clarityTurnout struct {
		TotalVoters int64          `xml:"totalVoters,attr"` // of the county, which a town does not know: 0
		BallotsCast int64          `xml:"ballotsCast,attr"`
		Precincts   []clarityPlace `xml:"Precincts>Precinct"`
	}
	clarityPlace struct {
		Name        string `xml:"name,attr"`
		TotalVoters int64  `xml:"totalVoters,attr"`
		BallotsCast int64  `xml:"ballotsCast,attr"`
		Turnout     string `xml:"voterTurnout,attr"`
		Reporting   int    `xml:"percentReporting,attr"`
	}
	clarityContest struct {
		Key        int    `xml:"key,attr"`
		Text       string `xml:"text,attr"`
		VoteFor    int    `xml:"voteFor,attr"`
		IsQuestion bool   `xml:"isQuestion,attr"`
		Taking     int    `xml:"precinctsReporting,attr"`
		Reported   int    `xml:"precinctsReported,attr"`
		VoteType   []clarityType
		Choice     []clarityChoice
	}
	clarityChoice struct {
		Key        int    `xml:"key,attr"`
		Text       string `xml:"text,attr"`
		Party      string `xml:"party,attr,omitempty"`
		TotalVotes int64  `xml:"totalVotes,attr"`
		VoteType   []clarityType
	}
	clarityType struct {
		Name     string `xml:"name,attr"`
		Votes    int64  `xml:"votes,attr"`
		Precinct []clarityVotes
	}
	clarityVotes struct {
		Name  string `xml:"name,attr"`
		Votes int64  `xml:"votes,attr"`
	}
)

// clarity writes election-day tapes as detailxml.zip of Clarity. of is how many
// precincts the town has.
func (c *County) clarity(at time.Duration, tapes []tape, of int) []byte {
	made := c.closes.Add(at).UTC()
	r := clarityResult{Timestamp: made.Format("1/2/2006 3:04:05 PM") + " UTC", ElectionName: c.def.Election.Name["en"],
		ElectionDate: c.closes.Format("1/2/2006"), Region: region}
	for i := range tapes {
		t := &tapes[i]
		r.VoterTurnout.BallotsCast += t.ballots[dayType]
		r.VoterTurnout.Precincts = append(r.VoterTurnout.Precincts,
			clarityPlace{t.name, t.voters, t.ballots[dayType], percent(t.ballots[dayType], t.voters), 100})
	}
	for k := range c.races {
		if con, ok := clarityRace(&c.races[k], k, tapes); ok {
			con.Taking = of
			r.Contest = append(r.Contest, con)
		}
	}
	body, err := xml.MarshalIndent(r, "", " ")
	must(err)
	return packed("detail.xml", append([]byte(xml.Header), body...), made)
}

// clarityRace is one contest; ok is false where no tape has it.
func clarityRace(r *race, k int, tapes []tape) (con clarityContest, ok bool) {
	con = clarityContest{Key: k + 1, Text: r.Name["en"], VoteFor: r.VotesAllowed, IsQuestion: r.Kind != election.CandidateContest}
	con.VoteType = []clarityType{{Name: "Undervotes"}, {Name: "Overvotes"}}
	for i, ch := range r.Choices {
		con.Choice = append(con.Choice, clarityChoice{Key: i + 1, Text: ch.Name["en"], Party: partyAbbr(ch), VoteType: []clarityType{{Name: "Election Day"}}})
	}
	for i := range tapes {
		rc := tapes[i].find(k)
		if rc == nil {
			continue
		}
		con.Reported++
		con.VoteType[0].add(tapes[i].name, rc.under[dayType])
		con.VoteType[1].add(tapes[i].name, rc.over[dayType])
		for j := range con.Choice {
			con.Choice[j].VoteType[0].add(tapes[i].name, rc.votes[j][dayType])
			con.Choice[j].TotalVotes += rc.votes[j][dayType]
		}
	}
	return con, con.Reported > 0
}

func (t *clarityType) add(precinct string, n int64) {
	t.Votes += n
	t.Precinct = append(t.Precinct, clarityVotes{precinct, n})
}

func percent(part, of int64) string {
	return strconv.FormatFloat(100*float64(part)/float64(max(1, of)), 'f', 2, 64)
}

// packed is a zip archive with one file.
func packed(name string, body []byte, made time.Time) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
	must(err)
	_, err = w.Write(body)
	must(err)
	must(z.Close())
	return out.Bytes()
}

// fixedWidth writes election-day tapes as the fixed-width text of ES&S, in the
// columns called EL45. It knows no vote types.
func (c *County) fixedWidth(tapes []tape) []byte {
	var out bytes.Buffer
	for i := range tapes {
		t := &tapes[i]
		line := func(contest, candidate int, party, title, name string, n int64, allowed int, flag string) {
			fmt.Fprintf(&out, "%04d%03d%4s%06d%-3s%-3s%04d%-56.56s%-38.38s%-30.30s%-25.25s%02d%1s\n", contest, candidate, t.number, n,
				party, "CNT", 1, title, name, t.name, countyName, allowed, flag)
		}
		line(1, 1, "", "REGISTERED VOTERS - TOTAL", "REGISTERED VOTERS", t.voters, 1, "")
		line(2, 1, "", "BALLOTS CAST - TOTAL", "BALLOTS CAST", t.ballots[dayType], 1, "")
		for k := range t.counts {
			rc := &t.counts[k]
			flag := ""
			if rc.Kind != election.CandidateContest {
				flag = "1"
			}
			number, title := 10*(rc.at+1), rc.Name["en"]
			for i, ch := range rc.Choices {
				line(number, i+1, partyAbbr(ch), title, ch.Name["en"], rc.votes[i][dayType], rc.VotesAllowed, flag)
			}
			line(number, len(rc.Choices)+1, "", title, "OVER VOTES", rc.over[dayType], rc.VotesAllowed, flag)
			line(number, len(rc.Choices)+2, "", title, "UNDER VOTES", rc.under[dayType], rc.VotesAllowed, flag)
		}
	}
	return out.Bytes()
}
