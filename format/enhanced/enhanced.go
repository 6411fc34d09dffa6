// SPDX-License-Identifier: Apache-2.0

// Package enhanced reads the results JSON of Enhanced Voting, as Georgia has
// published it since 2024.
//
//	{ electionName, electionDate, createdAt,
//	  results:        { name, ballotItems },                     the whole state
//	  localResults: [ { name, ballotItems: [                     one per county
//	    { name, ballotOptions: [
//	      { name, politicalParty, voteCount, groupResults: [ { groupName, voteCount } ],
//	        precinctResults: [ { id, name, voteCount, reportingStatus, groupResults } ] } ] } ] } ] }
//
// The vote types are free text (groupName). A voteCount of null means that the
// count is not reported. Every number comes with its line.
package enhanced

import (
	"errors"
	"io"
	"strings"
	"time"

	"hustings/format/sheet"
)

// Report is one file.
type Report struct {
	Name         string // with the name inside the archive, if it was one
	ElectionName string
	ElectionDate time.Time // the day; zero when it cannot be read
	CreatedAt    time.Time // when the file was made; zero when it does not say
	State        *Area     // the results of the whole jurisdiction, if the file has them
	Locals       []Area
	Problems     sheet.Problems
}

// Area is a county, or the whole state.
type Area struct {
	Line  int
	ID    string
	Name  string
	Items []Item
}

// Item is an office or a question.
type Item struct {
	Line      int
	ID        string
	Name      string
	VoteFor   Number
	Precincts Reporting
	Options   []Option
}

// Reporting is how many precincts take part and how many have reported.
type Reporting struct {
	Participating Number
	Reporting     Number
}

// Option is a candidate or an answer.
type Option struct {
	Line      int
	ID        string
	Name      string
	Party     string
	Votes     Number
	Groups    []Group
	Precincts []Precinct
}

// Group is one way of voting.
type Group struct {
	Name  string
	Votes Number
}

// Precinct is what one precinct counted for an option.
type Precinct struct {
	Line   int
	ID     string
	Name   string
	Status string // reportingStatus as written
	Votes  Number
	Groups []Group
}

// Number is a count and the line it stands on.
type Number struct {
	sheet.Count
	Line int
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
		scanner: newScanner(name, text, lim),
		report:  &Report{Name: name, Problems: sheet.Problems{Keep: lim.Problems}},
	}
	if err := rd.read(); err != nil {
		return nil, err
	}
	if n, line := text.Mended(); n > 0 {
		rd.report.Problems.Add(line, "", "from here on %d bytes are not UTF-8; they were read as Windows-1252", n)
	}
	return rd.report, nil
}

// reader fills the report. Every method that is named after a key reads the
// value of that key.
type reader struct {
	*scanner
	report *Report
	kept   int
}

func (rd *reader) read() error {
	if _, err := rd.peek(); errors.Is(err, io.EOF) {
		return &sheet.Error{File: rd.name, Say: "the file is empty"}
	}
	isObject, err := rd.object(rd.top)
	if err != nil {
		return err
	}
	switch c, err := rd.peek(); {
	case err == nil:
		return rd.broken("%q stands behind the end of the JSON", c)
	case !errors.Is(err, io.EOF):
		return err
	}
	if !isObject || rd.report.State == nil && rd.report.Locals == nil {
		return &sheet.Error{File: rd.name, Say: "the file has neither results nor localResults, so it is not Enhanced Voting JSON"}
	}
	return nil
}

func (rd *reader) top(key string) (err error) {
	r := rd.report
	switch key {
	case "electionName":
		r.ElectionName, err = rd.text()
	case "electionDate":
		r.ElectionDate, err = rd.time(key)
	case "createdAt":
		r.CreatedAt, err = rd.time(key)
	case "results":
		var area Area
		var is bool
		if area, is, err = rd.area(); is {
			r.State = &area
		}
	case "localResults":
		var is bool
		is, err = rd.array(func() error {
			area, is, err := rd.area()
			if is {
				r.Locals = append(r.Locals, area)
			}
			return err
		})
		if is && r.Locals == nil {
			r.Locals = []Area{}
		}
	default:
		err = rd.skip()
	}
	return err
}

// layouts are the ways a date or a moment is written.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly, "1/2/2006"}

func (rd *reader) time(key string) (time.Time, error) {
	s, err := rd.text()
	if err != nil || s == "" {
		return time.Time{}, err
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	rd.report.Problems.Add(rd.line, key, "%q is not a date; it was left out", s)
	return time.Time{}, nil
}

// text reads a text. Newer files write one text per language:
// [{"languageId": "en", "text": "Sheriff"}, …]; English comes first.
func (rd *reader) text() (string, error) {
	c, err := rd.peek()
	if err != nil {
		return "", rd.cut(err)
	}
	if c == '[' || c == '{' {
		return rd.translated()
	}
	s, _, err := rd.scalar()
	return strings.TrimSpace(s), err
}

func (rd *reader) translated() (best string, err error) {
	one := func() error {
		var text, language string
		_, err := rd.object(func(key string) (err error) {
			switch strings.ToLower(key) {
			case "text", "value":
				text, _, err = rd.scalar()
			case "languageid", "language", "lang":
				language, _, err = rd.scalar()
			default:
				err = rd.skip()
			}
			return err
		})
		if best == "" || strings.HasPrefix(strings.ToLower(language), "en") && text != "" {
			best = strings.TrimSpace(text)
		}
		return err
	}
	c, err := rd.peek()
	if err != nil {
		return "", rd.cut(err)
	}
	if c == '{' {
		err = one()
		return best, err
	}
	_, err = rd.array(one)
	return best, err
}

// number reads a count. null and a missing count are not reported.
func (rd *reader) number(key string) (Number, error) {
	s, is, err := rd.scalar()
	if err != nil {
		return Number{}, err
	}
	n := Number{Line: rd.line}
	if !is {
		rd.report.Problems.Add(rd.line, key, "a list stands where a count should be; it was read as not reported")
		return n, nil
	}
	var bad error
	if n.Count, bad = sheet.ParseCount(s); bad != nil {
		rd.report.Problems.Add(rd.line, key, "%s; it was read as not reported", bad)
	}
	return n, nil
}

// room counts everything that is kept; the limit on rows bounds it.
func (rd *reader) room() error {
	if rd.kept++; rd.kept > rd.lim.Rows {
		return sheet.OverLimit(rd.name, rd.line, "rows", int64(rd.lim.Rows), "the file holds more entries")
	}
	return nil
}

// here gives the line of the value that comes next.
func (rd *reader) here() int {
	if _, err := rd.peek(); err != nil {
		return 0 // the read that follows says why
	}
	return rd.line
}

func (rd *reader) area() (a Area, is bool, err error) {
	a.Line = rd.here()
	if err := rd.room(); err != nil {
		return a, false, err
	}
	is, err = rd.object(func(key string) (err error) {
		switch key {
		case "id":
			a.ID, _, err = rd.scalar()
		case "name":
			a.Name, err = rd.text()
		case "ballotItems":
			_, err = rd.array(func() error {
				item, err := rd.item()
				a.Items = append(a.Items, item)
				return err
			})
		default:
			err = rd.skip()
		}
		return err
	})
	return a, is, err
}

func (rd *reader) item() (it Item, err error) {
	it.Line = rd.here()
	if err := rd.room(); err != nil {
		return it, err
	}
	_, err = rd.object(func(key string) (err error) {
		switch key {
		case "id":
			it.ID, _, err = rd.scalar()
		case "name":
			it.Name, err = rd.text()
		case "voteFor":
			it.VoteFor, err = rd.number(key)
		case "precinctsParticipating":
			it.Precincts.Participating, err = rd.number(key)
		case "precinctsReporting":
			it.Precincts.Reporting, err = rd.number(key)
		case "ballotOptions":
			_, err = rd.array(func() error {
				o, err := rd.option()
				it.Options = append(it.Options, o)
				return err
			})
		default:
			err = rd.skip()
		}
		return err
	})
	rd.named(it.Line, "ballotItems", it.Name, err)
	return it, err
}

// named notes an entry that does not say what it is.
func (rd *reader) named(line int, where, name string, err error) {
	if err == nil && name == "" {
		rd.report.Problems.Add(line, where, "the entry has no name")
	}
}

func (rd *reader) option() (o Option, err error) {
	o.Line = rd.here()
	if err := rd.room(); err != nil {
		return o, err
	}
	_, err = rd.object(func(key string) (err error) {
		switch key {
		case "id":
			o.ID, _, err = rd.scalar()
		case "name":
			o.Name, err = rd.text()
		case "politicalParty":
			o.Party, err = rd.text()
		case "voteCount":
			o.Votes, err = rd.number(key)
		case "groupResults":
			o.Groups, err = rd.groups()
		case "precinctResults":
			o.Precincts, err = rd.precincts()
		default:
			err = rd.skip()
		}
		return err
	})
	rd.named(o.Line, "ballotOptions", o.Name, err)
	return o, err
}

func (rd *reader) groups() (groups []Group, err error) {
	_, err = rd.array(func() error {
		if err := rd.room(); err != nil {
			return err
		}
		var g Group
		line := rd.here()
		_, err := rd.object(func(key string) (err error) {
			switch key {
			case "groupName":
				g.Name, err = rd.text()
			case "voteCount":
				g.Votes, err = rd.number(key)
			default:
				err = rd.skip()
			}
			return err
		})
		rd.named(line, "groupResults", g.Name, err)
		groups = append(groups, g)
		return err
	})
	return groups, err
}

func (rd *reader) precincts() (precincts []Precinct, err error) {
	_, err = rd.array(func() error {
		if err := rd.room(); err != nil {
			return err
		}
		p := Precinct{Line: rd.here()}
		_, err := rd.object(func(key string) (err error) {
			switch key {
			case "id":
				p.ID, _, err = rd.scalar()
			case "name":
				p.Name, err = rd.text()
			case "reportingStatus":
				p.Status, err = rd.text()
			case "voteCount":
				p.Votes, err = rd.number(key)
			case "groupResults":
				p.Groups, err = rd.groups()
			default:
				err = rd.skip()
			}
			return err
		})
		rd.named(p.Line, "precinctResults", p.Name+p.ID, err)
		precincts = append(precincts, p)
		return err
	})
	return precincts, err
}
