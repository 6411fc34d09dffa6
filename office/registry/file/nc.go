// SPDX-License-Identifier: Apache-2.0

package file

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/ncsbe"
	"hustings/format/vri"
	"hustings/office/registry/roll"
)

// standing is a status and a reason of the North Carolina file.
type standing struct{ status, reason string }

// The statuses and reasons, with what the roll calls them. Where several mean
// the same, the first is written.
var standings = []struct {
	standing
	state  roll.State
	why    roll.Reason
	assert string
}{
	{standing{"A", "AV"}, roll.Active, roll.Verified, ""},
	{standing{"A", "AP"}, roll.Active, roll.Unverified, ""},
	{standing{"A", "AN"}, roll.Active, roll.Unverified, ""},
	{standing{"A", "A1"}, roll.Active, roll.Unverified, ""},
	{standing{"A", "A2"}, roll.Active, roll.ConfirmationSent, ""},
	{standing{"A", "AA"}, roll.Active, roll.Verified, "active-duty"},
	{standing{"A", "AL"}, roll.Active, roll.Verified, ""},
	{standing{"D", "DI"}, roll.Denied, roll.Incomplete, ""},
	{standing{"D", "DN"}, roll.Denied, roll.NotAnswered, ""},
	{standing{"D", "DU"}, roll.Denied, roll.Undeliverable, ""},
	{standing{"I", "IN"}, roll.Inactive, roll.NotAnswered, ""},
	{standing{"I", "IU"}, roll.Inactive, roll.Undeliverable, ""},
	{standing{"I", "IA"}, roll.Inactive, "", ""},
	{standing{"I", "IL"}, roll.Inactive, "", ""},
	{standing{"R", "RD"}, roll.Cancelled, roll.Deceased, ""},
	{standing{"R", "RS"}, roll.Cancelled, roll.Moved, ""},
	{standing{"R", "RL"}, roll.Cancelled, roll.Moved, ""},
	{standing{"R", "RH"}, roll.Cancelled, roll.Moved, ""},
	{standing{"R", "RM"}, roll.Cancelled, roll.TwoElections, ""},
	{standing{"R", "RP"}, roll.Cancelled, roll.TwoElections, ""},
	{standing{"R", "RQ"}, roll.Cancelled, roll.ByVoter, ""},
	{standing{"R", "RF"}, roll.Cancelled, roll.Felony, ""},
	{standing{"R", "R2"}, roll.Cancelled, roll.Duplicate, ""},
	{standing{"R", "RC"}, roll.Cancelled, roll.Sustained, ""},
	{standing{"R", "RT"}, roll.Cancelled, roll.Temporary, ""},
	{standing{"R", "RA"}, roll.Cancelled, roll.Mistake, ""},
	{standing{"R", "RR"}, roll.Cancelled, roll.Mistake, ""},
	{standing{"S", "SM"}, roll.Active, roll.Temporary, "active-duty"},
	{standing{"S", "SO"}, roll.Active, roll.Temporary, "citizen-abroad-intent-to-return"},
}

// units are the columns of the file that say where somebody votes, and the kind
// of district in the words of SP 1500-102.
var units = []struct {
	code, name ncsbe.VoterColumn
	kind       string
}{
	{ncsbe.MunicipalityCode, ncsbe.MunicipalityName, "municipality"}, {ncsbe.WardCode, ncsbe.WardName, "ward"},
	{ncsbe.Congress, -1, "congressional"}, {ncsbe.SuperiorCourt, -1, "superior-court"}, {ncsbe.Judicial, -1, "judicial"},
	{ncsbe.Senate, -1, "state-senate"}, {ncsbe.House, -1, "state-house"}, {ncsbe.CommissionerCode, ncsbe.CommissionerName, "county-council"},
	{ncsbe.TownshipCode, ncsbe.TownshipName, "township"}, {ncsbe.SchoolCode, ncsbe.SchoolName, "school"}, {ncsbe.FireCode, ncsbe.FireName, "fire"},
	{ncsbe.WaterCode, ncsbe.WaterName, "water"}, {ncsbe.SewerCode, ncsbe.SewerName, "sewer"}, {ncsbe.SanitaryCode, ncsbe.SanitaryName, "sanitary"},
	{ncsbe.RescueCode, ncsbe.RescueName, "rescue"}, {ncsbe.MunicipalDistrictCode, ncsbe.MunicipalDistrictName, "municipal-district"},
	{ncsbe.ProsecutorCode, ncsbe.ProsecutorName, "prosecutor"},
}

// nc reads the voter file of North Carolina.
func (rd *reader) nc(name string, in *bufio.Reader) error {
	src, err := ncsbe.EachVoter(name, in, rd.lim, func(line *ncsbe.Voter) error {
		for c, s := range line.Cells {
			if len(s) > longest {
				line.Cells[c] = ""
				rd.Troubles = append(rd.Troubles, tooLong(line.Line, ncsbe.VoterColumn(c).String(), len(s)))
			}
		}
		rd.fromNC(line)
		rd.Records++
		return rd.do(&rd.record)
	})
	rd.Kind = NC
	if src != nil {
		rd.Encoding, rd.Ignored, rd.LeftOut = src.Encoding, src.Other, src.LeftOut
		rd.take(src.Problems)
	}
	return err
}

func tooLong(line int, field string, n int) Trouble {
	return Trouble{Line: line, Field: field, What: "it holds " + strconv.Itoa(n) + " bytes, which cannot be right", Remedy: "it was left aside; look at the line for a missing quote"}
}

// fromNC takes over a line.
func (rd *reader) fromNC(n *ncsbe.Voter) {
	rd.record = Record{Line: n.Line}
	v := &rd.record.Voter
	v.ID = roll.ID(n.Get(ncsbe.NCID))
	if v.ID == "" {
		v.ID = roll.ID(n.Get(ncsbe.CountyID) + "-" + n.Get(ncsbe.RegistrationNumber))
	}
	v.Name = roll.Name{First: n.Get(ncsbe.FirstName), Middle: n.Get(ncsbe.MiddleName), Last: n.Get(ncsbe.LastName), Suffix: n.Get(ncsbe.NameSuffix)}
	v.Gender, v.Race, v.Ethnic = n.Get(ncsbe.Gender), n.Get(ncsbe.Race), n.Get(ncsbe.Ethnicity)
	v.Party, v.County = election.PartyID(n.Get(ncsbe.PartyCode)), n.Get(ncsbe.CountyName)
	v.Precinct = election.UnitID(n.Get(ncsbe.PrecinctCode))
	if y, err := strconv.Atoi(n.Get(ncsbe.BirthYear)); err == nil && y > 1800 && y < 2200 {
		v.Year = y
	}
	if t, ok := ncsbe.Day(n.Get(ncsbe.Registered)); ok {
		v.Registered = election.DayOf(t)
	}
	if c := n.Get(ncsbe.Confidential); c != "" && c != "N" {
		v.Protected = "confidential"
	}
	rd.ncStanding(n)
	rd.ncAddresses(n)
	if s := n.Get(ncsbe.Phone); s != "" {
		v.Contact = []roll.Contact{{Kind: "phone", Value: s}}
	}
	for _, u := range units {
		if s := n.Get(u.code); s != "" {
			v.Districts = append(v.Districts, election.DistrictID(u.kind+":"+s))
		}
	}
	for _, c := range []ncsbe.VoterColumn{ncsbe.BirthState, ncsbe.HasLicense, ncsbe.TabulationCode} {
		rd.drop(c.String(), one(n.Get(c)))
	}
}

func (rd *reader) ncStanding(n *ncsbe.Voter) {
	v := &rd.record.Voter
	have := standing{n.Get(ncsbe.Status), n.Get(ncsbe.Reason)}
	for _, s := range standings {
		if s.status == have.status && (v.State == "" || s.standing == have) {
			v.State, v.Reason = s.state, ""
		}
		if s.standing == have {
			v.Reason = s.why
			if s.assert != "" {
				v.Assertions = []roll.Assertion{{Kind: s.assert, Value: "yes"}}
			}
			return
		}
	}
}

func (rd *reader) ncAddresses(n *ncsbe.Voter) {
	v := &rd.record.Voter
	v.Home = roll.ReadLine(n.Get(ncsbe.Residence))
	v.Home.City, v.Home.State, v.Home.ZIP = n.Get(ncsbe.ResidenceCity), n.Get(ncsbe.ResidenceState), zip(n.Get(ncsbe.ResidenceZip))
	first := n.Get(ncsbe.Mail1)
	if first == "" && n.Get(ncsbe.MailCity) == "" {
		return
	}
	m := roll.ReadLine(first)
	for _, c := range []ncsbe.VoterColumn{ncsbe.Mail2, ncsbe.Mail3, ncsbe.Mail4} {
		if s := n.Get(c); s != "" {
			m.Lines = append(m.Lines, s)
		}
	}
	m.City, m.State, m.ZIP = n.Get(ncsbe.MailCity), n.Get(ncsbe.MailState), zip(n.Get(ncsbe.MailZip))
	v.Mail = &m
}

// zip writes nine digits with their hyphen.
func zip(s string) string {
	if len(s) == 9 && digits(s, 9) {
		return s[:5] + "-" + s[5:]
	}
	return s
}

// ncWriter writes the voter file of North Carolina.
type ncWriter struct {
	losses
	w    *ncsbe.Writer
	line ncsbe.Voter
}

func newNC(w io.Writer) *ncWriter { return &ncWriter{losses: newLosses(), w: ncsbe.NewVoterWriter(w)} }

// Write adds a voter. The layout is a public one: it has neither birth dates nor
// identifiers.
func (w *ncWriter) Write(r *Record) error {
	v := &r.Voter
	if v.ID == "" {
		w.leftOut++
		w.lose(1, "the whole record: it has no number, which the layout requires")
		return nil
	}
	w.line = ncsbe.Voter{}
	w.who(v)
	w.standing(v)
	w.where(v)
	for _, c := range w.line.Fit() {
		w.lose(1, "what was longer than the layout allows, of "+c.String())
	}
	w.losses.lose(len(r.Asks), "what a request asked for")
	w.records++
	return w.w.Voter(&w.line)
}

func (w *ncWriter) who(v *roll.Voter) {
	set := func(c ncsbe.VoterColumn, s string) { w.line.Cells[c] = s }
	set(ncsbe.NCID, string(v.ID))
	set(ncsbe.RegistrationNumber, string(v.ID))
	set(ncsbe.CountyName, v.County)
	set(ncsbe.LastName, v.Name.Last)
	set(ncsbe.FirstName, v.Name.First)
	set(ncsbe.MiddleName, v.Name.Middle)
	set(ncsbe.NameSuffix, v.Name.Suffix)
	if v.Name.Last == "" && v.Name.First == "" {
		set(ncsbe.LastName, v.Name.Full)
	}
	set(ncsbe.PartyCode, string(v.Party))
	set(ncsbe.Gender, gender(v.Gender))
	set(ncsbe.Race, v.Race)
	set(ncsbe.Ethnicity, v.Ethnic)
	set(ncsbe.Confidential, "N")
	if v.Protected != "" {
		set(ncsbe.Confidential, "Y")
	}
	set(ncsbe.HasLicense, "N")
	for _, id := range v.Identifiers {
		if id.Kind == roll.License && !id.None {
			set(ncsbe.HasLicense, "Y")
		}
		w.lose(1, "identifiers, which a public layout does not have")
	}
	if t, err := time.Parse(time.DateOnly, string(v.Registered)); err == nil {
		set(ncsbe.Registered, t.Format("01/02/2006"))
	}
	year := v.Year
	if t, err := time.Parse(time.DateOnly, string(v.Birth)); err == nil {
		year = t.Year()
		w.lose(1, "month and day of birth, which a public layout does not have")
	}
	if year > 0 {
		set(ncsbe.BirthYear, strconv.Itoa(year))
	}
	for _, c := range v.Contact {
		if c.Kind == "phone" && w.line.Cells[ncsbe.Phone] == "" {
			set(ncsbe.Phone, justDigits(c.Value))
			continue
		}
		w.lose(1, "contacts beside the first phone")
	}
	w.lose(one(v.Name.Prefix), "the title in front of the name")
	w.lose(len(v.Former), "former names")
	w.lose(len(v.Langs), "languages")
	w.lose(len(v.Wishes), "standing requests for ballots")
	w.lose(one(string(v.Source)), "how the voter registered")
	w.lose(one(string(v.Since)), "the date of the status")
}

// gender is the letter of the layout.
func gender(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1])
}

func justDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func (w *ncWriter) standing(v *roll.Voter) {
	best := -1
	for i, s := range standings {
		if s.state == v.State && s.why == v.Reason && best < 0 && (s.assert == "" || v.Reason == roll.Temporary) {
			best = i
		}
	}
	if best < 0 {
		for i, s := range standings {
			if s.state == v.State && best < 0 {
				best = i
			}
		}
		w.lose(one(string(v.Reason)), "the reason "+string(v.Reason)+" of "+string(v.State))
	}
	if best < 0 {
		w.lose(one(string(v.State)), "the status "+string(v.State))
		return
	}
	s := standings[best]
	w.line.Cells[ncsbe.Status], w.line.Cells[ncsbe.StatusName] = s.status, ncsbe.Statuses[s.status]
	if v.Reason != "" {
		w.line.Cells[ncsbe.Reason], w.line.Cells[ncsbe.ReasonName] = s.reason, ncsbe.Reasons[s.reason]
	}
	for _, a := range v.Assertions {
		if a.Kind != s.assert {
			w.lose(1, "what voters said of themselves")
		}
	}
}

func (w *ncWriter) where(v *roll.Voter) {
	set := func(c ncsbe.VoterColumn, s string) { w.line.Cells[c] = s }
	set(ncsbe.Residence, v.Home.Line())
	set(ncsbe.ResidenceCity, v.Home.City)
	set(ncsbe.ResidenceState, v.Home.State)
	set(ncsbe.ResidenceZip, strings.ReplaceAll(v.Home.ZIP, "-", ""))
	set(ncsbe.PrecinctCode, string(v.Precinct))
	if m := v.Mail; m != nil {
		lines := m.Lines
		set(ncsbe.Mail1, m.Line())
		if m.Street == "" && m.Number == "" && len(lines) > 0 {
			set(ncsbe.Mail1, lines[0])
			lines = lines[1:]
		}
		for i, s := range lines {
			if i > 2 {
				w.lose(1, "further lines of addresses")
				break
			}
			set(ncsbe.Mail2+ncsbe.VoterColumn(i), s)
		}
		set(ncsbe.MailCity, m.City)
		set(ncsbe.MailState, m.State)
		set(ncsbe.MailZip, strings.ReplaceAll(m.ZIP, "-", ""))
		w.lose(one(m.Country), "the country of mailing addresses")
	}
	if v.Home.Point != nil {
		w.lose(1, "the place on the map")
	}
next:
	for _, d := range v.Districts {
		kind, name, _ := strings.Cut(string(d), ":")
		for _, u := range units {
			if u.kind == kind && w.line.Cells[u.code] == "" {
				set(u.code, name)
				if u.name >= 0 {
					set(u.name, name)
				}
				continue next
			}
		}
		w.lose(1, "districts without a column")
	}
}

func (w *ncWriter) Close() error {
	w.lose(w.w.Replaced, "letters that Windows-1252 does not have, now question marks")
	return w.w.Close()
}

// day reads a date of a table.
func day(s string) election.Date {
	d, _ := vri.Day(s)
	return election.Date(d)
}
