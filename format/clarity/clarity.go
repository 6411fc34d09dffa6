// SPDX-License-Identifier: Apache-2.0

// Package clarity reads the detail XML of Clarity Elections (Scytl, SOE), the
// file behind "detailxml.zip" on the results pages of many states.
//
// There are two levels. A county's file counts by precinct:
//
//	ElectionResult > VoterTurnout > Precincts > Precinct
//	               > Contest > VoteType (Undervotes, Overvotes) > Precinct
//	                         > Choice > VoteType > Precinct
//
// A state's file counts by county (ElectionVoterTurnout > Counties > County)
// and says how many precincts take part and have reported.
//
// The file is read as a stream; only what it says is kept. A count that is not
// written stays "not reported".
package clarity

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"hustings/format/sheet"
)

// Level says what the counts of a file are broken down by.
type Level string

// The levels of a file.
const (
	ByPrecinct Level = "precinct" // a county's file
	ByCounty   Level = "county"   // a state's file
)

// Report is one file.
type Report struct {
	Name         string    // with the name inside the archive, if it was one
	Timestamp    string    // as written: local time with an American zone
	Time         time.Time // the moment it means; zero when the zone is not known
	ElectionName string
	ElectionDate time.Time // zero when it cannot be read
	Region       string    // the county, or the letters of the state
	Level        Level
	Turnout      Turnout
	Places       []Place // precincts or counties, in the order of the file
	Contests     []Contest
	Problems     sheet.Problems
}

// Turnout is how many voters there are and how many ballots were cast. A
// county that does not know its voters by precinct writes 0 voters there.
type Turnout struct {
	Line        int
	TotalVoters sheet.Count
	BallotsCast sheet.Count
	Percent     Percent
}

// Place is a precinct or a county, with its turnout and how far its count is.
type Place struct {
	Name string
	Turnout
	PercentReporting Percent // of a precinct: which share of its machines or batches is in
	Precincts        Reporting
}

// Reporting is how many precincts take part and how many have reported.
type Reporting struct {
	Participating sheet.Count
	Reported      sheet.Count
	Percent       Percent
}

// Percent is a percentage that a file may leave out.
type Percent struct {
	Value float64
	Known bool
}

// Contest is an office or a question with its choices.
type Contest struct {
	Line       int
	Key        string
	Text       string
	VoteFor    sheet.Count
	IsQuestion bool
	Precincts  Reporting
	Counties   Reporting
	Places     []Place    // in a state's file: the counties where it is on the ballot
	VoteTypes  []VoteType // overvotes and undervotes, which belong to no choice
	Choices    []Choice
}

// Choice is a candidate or an answer.
type Choice struct {
	Line       int
	Key        string
	Text       string
	Party      string
	TotalVotes sheet.Count
	VoteTypes  []VoteType
}

// VoteType is one way of voting, or Undervotes and Overvotes.
type VoteType struct {
	Line   int
	Name   string
	Votes  sheet.Count
	Counts []PlaceCount
}

// PlaceCount is the count of one precinct or county.
type PlaceCount struct {
	Line  int
	Place string
	Votes sheet.Count
}

// Read reads a file, inside a zip archive or not.
func Read(name string, r io.Reader, lim sheet.Limits) (*Report, error) {
	inner, name, err := sheet.Unwrap(name, r, lim)
	if err != nil {
		return nil, err
	}
	lim = lim.OrDefault()
	text := sheet.NewText(name, inner, lim)
	rd := &reader{
		x: sheet.NewXML(text), lim: lim, names: map[string]string{},
		report: &Report{Name: name, Problems: sheet.Problems{Keep: lim.Problems}},
	}
	if err := rd.read(); err != nil {
		return nil, rd.explain(err)
	}
	if n, line := text.Mended(); n > 0 {
		rd.report.Problems.Add(line, "", "from here on %d bytes are not UTF-8; they were read as Windows-1252", n)
	}
	return rd.report, nil
}

// reader walks through the file. Every method that is named after an element
// reads that element to its end.
type reader struct {
	x      *sheet.XML
	lim    sheet.Limits
	report *Report
	names  map[string]string // place names, kept once: they come back for every choice
	counts int
}

// explain says where a file could not be read any further.
func (rd *reader) explain(err error) error {
	var own *sheet.Error
	if errors.As(err, &own) {
		return own
	}
	return &sheet.Error{File: rd.report.Name, Line: rd.x.Line(), Say: "the XML is damaged, cut short or not acceptable; fetch or export the file again", Err: err}
}

func (rd *reader) read() error {
	for {
		piece, err := rd.x.Next()
		if errors.Is(err, io.EOF) {
			return &sheet.Error{File: rd.report.Name, Say: "the file holds no ElectionResult element, so it is not Clarity detail XML"}
		}
		if err != nil {
			return err
		}
		if piece == sheet.Start {
			if name := string(rd.x.Name()); name != "ElectionResult" {
				return &sheet.Error{File: rd.report.Name, Line: rd.x.Line(), Say: "the file begins with the element " + name + ", but Clarity detail XML begins with ElectionResult"}
			}
			return rd.electionResult()
		}
	}
}

// each calls do with the name of every element inside the one that was just
// opened. do must read its element to the end.
func (rd *reader) each(do func(element string) error) error {
	for {
		piece, err := rd.x.Next()
		if err != nil {
			return err
		}
		switch piece {
		case sheet.Start:
			if err := do(rd.once(rd.x.Name())); err != nil {
				return err
			}
		case sheet.End:
			return nil
		}
	}
}

func (rd *reader) electionResult() error {
	r := rd.report
	err := rd.each(func(element string) (err error) {
		switch element {
		case "Timestamp":
			err = rd.timestamp()
		case "ElectionName":
			r.ElectionName, err = rd.text()
		case "ElectionDate":
			err = rd.electionDate()
		case "Region":
			r.Region, err = rd.text()
		case "VoterTurnout", "ElectionVoterTurnout":
			err = rd.voterTurnout(element)
		case "Contest":
			err = rd.contest(element)
		default:
			rd.report.Problems.Add(rd.x.Line(), element, "this element is not known and was left out")
			err = rd.x.Skip()
		}
		return err
	})
	if err == nil && len(r.Contests) == 0 {
		r.Problems.Add(0, "", "the file holds no contest")
	}
	return err
}

func (rd *reader) timestamp() (err error) {
	r := rd.report
	if r.Timestamp, err = rd.text(); err != nil {
		return err
	}
	at, ok := parseTime(r.Timestamp)
	if !ok {
		r.Problems.Add(rd.x.Line(), "Timestamp", "%q is not a time with an American time zone such as EST; the moment is not known", r.Timestamp)
		return nil
	}
	r.Time = at.UTC()
	return nil
}

func (rd *reader) electionDate() error {
	s, err := rd.text()
	if err != nil {
		return err
	}
	for _, layout := range []string{"1/2/2006", time.DateOnly} {
		if day, err := time.Parse(layout, s); err == nil {
			rd.report.ElectionDate = day
			return nil
		}
	}
	rd.report.Problems.Add(rd.x.Line(), "ElectionDate", "%q is not a date like 11/3/2026; it was left out", s)
	return nil
}

// text reads the text of the element that was just opened.
func (rd *reader) text() (string, error) {
	var b strings.Builder
	for {
		piece, err := rd.x.Next()
		if err != nil {
			return "", err
		}
		switch piece {
		case sheet.Chars:
			if b.Len()+len(rd.x.Chars()) > rd.lim.Cell {
				return "", sheet.OverLimit(rd.report.Name, rd.x.Line(), "cell", int64(rd.lim.Cell), "the text of an element is longer")
			}
			b.Write(rd.x.Chars())
		case sheet.Start:
			if err := rd.x.Skip(); err != nil {
				return "", err
			}
		case sheet.End:
			return strings.TrimSpace(b.String()), nil
		}
	}
}

func (rd *reader) voterTurnout(element string) error {
	a := rd.attrs(element)
	rd.report.Turnout = rd.turnout(a)
	rd.report.Level = ByPrecinct
	if element == "ElectionVoterTurnout" {
		rd.report.Level = ByCounty
	}
	return rd.each(func(element string) error {
		switch element {
		case "Counties":
			rd.report.Level = ByCounty
		case "Precincts":
		default:
			return rd.x.Skip()
		}
		places, err := rd.places()
		rd.report.Places = append(rd.report.Places, places...)
		return err
	})
}

// places reads a list of precincts or counties.
func (rd *reader) places() ([]Place, error) {
	var places []Place
	err := rd.each(func(element string) error {
		if element == "Precinct" || element == "County" {
			if err := rd.room(); err != nil {
				return err
			}
			a := rd.attrs(element)
			places = append(places, Place{
				Name: a.name(), Turnout: rd.turnout(a),
				PercentReporting: a.percent("percentReporting"), Precincts: a.precincts(),
			})
		}
		return rd.x.Skip()
	})
	return places, err
}

func (rd *reader) turnout(a attrs) Turnout {
	return Turnout{Line: a.line, TotalVoters: a.count("totalVoters"), BallotsCast: a.count("ballotsCast"), Percent: a.percent("voterTurnout")}
}

func (rd *reader) contest(element string) error {
	if err := rd.room(); err != nil {
		return err
	}
	a := rd.attrs(element)
	c := Contest{
		Line: a.line, Key: a.get("key"), Text: a.need("text"), VoteFor: a.count("voteFor"),
		IsQuestion: strings.EqualFold(a.get("isQuestion"), "true"), Precincts: a.precincts(),
		Counties: Reporting{Participating: a.count("countiesParticipating"), Reported: a.count("countiesReported"), Percent: a.percent("countiesReportingPercent")},
	}
	err := rd.each(func(element string) error {
		switch element {
		case "ParticipatingCounties", "ParticipatingPrecincts":
			places, err := rd.places()
			c.Places = append(c.Places, places...)
			return err
		case "VoteType":
			v, err := rd.voteType(element)
			c.VoteTypes = append(c.VoteTypes, v)
			return err
		case "Choice":
			ch, err := rd.choice(element)
			c.Choices = append(c.Choices, ch)
			return err
		}
		rd.report.Problems.Add(rd.x.Line(), element, "this element of a contest is not known and was left out")
		return rd.x.Skip()
	})
	rd.report.Contests = append(rd.report.Contests, c)
	return err
}

func (rd *reader) choice(element string) (Choice, error) {
	if err := rd.room(); err != nil {
		return Choice{}, err
	}
	a := rd.attrs(element)
	ch := Choice{Line: a.line, Key: a.get("key"), Text: a.need("text"), Party: a.get("party"), TotalVotes: a.must("totalVotes")}
	err := rd.each(func(element string) error {
		if element != "VoteType" {
			rd.report.Problems.Add(rd.x.Line(), element, "this element of a choice is not known and was left out")
			return rd.x.Skip()
		}
		v, err := rd.voteType(element)
		ch.VoteTypes = append(ch.VoteTypes, v)
		return err
	})
	return ch, err
}

func (rd *reader) voteType(element string) (VoteType, error) {
	if err := rd.room(); err != nil {
		return VoteType{}, err
	}
	a := rd.attrs(element)
	v := VoteType{Line: a.line, Name: a.name(), Votes: a.must("votes")}
	err := rd.each(func(element string) error {
		if element == "Precinct" || element == "County" {
			if err := rd.room(); err != nil {
				return err
			}
			a := rd.attrs(element)
			v.Counts = append(v.Counts, PlaceCount{Line: a.line, Place: a.name(), Votes: a.must("votes")})
		}
		return rd.x.Skip()
	})
	return v, err
}

// room counts everything that is kept; the limit on rows bounds it.
func (rd *reader) room() error {
	if rd.counts++; rd.counts > rd.lim.Rows {
		return sheet.OverLimit(rd.report.Name, rd.x.Line(), "rows", int64(rd.lim.Rows), "the file holds more elements")
	}
	return nil
}

// once keeps a name a single time in memory, however often it comes.
func (rd *reader) once(name []byte) string {
	if kept, ok := rd.names[string(name)]; ok {
		return kept
	}
	kept := string(name)
	rd.names[kept] = kept
	return kept
}

// attrs reads the attributes of the element that was just opened and notes
// what is wrong with them. It is of no use once the walk has gone on.
type attrs struct {
	rd      *reader
	element string
	line    int
}

func (rd *reader) attrs(element string) attrs {
	return attrs{rd: rd, element: element, line: rd.x.Line()}
}

func (a attrs) find(name string) ([]byte, bool) {
	value, ok := a.rd.x.Attr(name)
	return bytes.TrimSpace(value), ok
}

func (a attrs) get(name string) string {
	value, _ := a.find(name)
	return string(value)
}

// name is the name of a place or a way of voting, which comes back often.
func (a attrs) name() string {
	a.need("name")
	value, _ := a.find("name")
	return a.rd.once(value)
}

// need is an attribute without which the element means nothing.
func (a attrs) need(name string) string {
	s := a.get(name)
	if s == "" {
		a.rd.report.Problems.Add(a.line, a.element, "the attribute %s is missing or empty", name)
	}
	return s
}

// must is a count that has to be there.
func (a attrs) must(name string) sheet.Count {
	if _, ok := a.find(name); !ok {
		a.rd.report.Problems.Add(a.line, a.element, "the attribute %s is missing; the count is not reported", name)
	}
	return a.count(name)
}

func (a attrs) count(name string) sheet.Count {
	n, err := sheet.ParseCount(a.get(name))
	if err != nil {
		a.rd.report.Problems.Add(a.line, a.element+" "+name, "%s; it was read as not reported", err)
	}
	return n
}

func (a attrs) percent(name string) Percent {
	s := strings.TrimSuffix(a.get(name), "%")
	if s == "" {
		return Percent{}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
		a.rd.report.Problems.Add(a.line, a.element+" "+name, "%q is not a percentage; it was left out", s)
		return Percent{}
	}
	return Percent{Value: v, Known: true}
}

// precincts reads how many precincts have reported. A county's file calls the
// number that takes part precinctsReporting.
func (a attrs) precincts() Reporting {
	r := Reporting{Participating: a.count("precinctsParticipating"), Reported: a.count("precinctsReported"), Percent: a.percent("precinctsReportingPercent")}
	if _, ok := a.find("precinctsParticipating"); !ok {
		r.Participating = a.count("precinctsReporting")
	}
	return r
}
