// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/fake/county"
	fake "hustings/fake/roll"
	"hustings/format/sheet"
	"hustings/format/vri"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/file"
	"hustings/office/registry/roll"
)

type registrySample struct {
	Voters     int     `help:"How many voters; as many as the county has, where it is not said." placeholder:"N"`
	Duplicates float64 `help:"Share of them who are there a second time, with slips as offices see them." default:"0"`
	Seed       uint64  `default:"1" help:"Another seed, another county and other people."`
	To         string  `help:"What to write, where the name of the file does not tell: vri-json, vri-xml, nc, csv or xlsx." enum:",vri-json,vri-xml,nc,csv,xlsx" default:""`
	Out        string  `help:"Where to write the roll: a .csv, .txt (the layout of North Carolina), .xlsx, .json or .xml; - for CSV on standard output." required:"" placeholder:"PATH"`
	Intakes    int     `help:"Make so many registration forms instead, as they reach the office of that roll: new voters, moves, new names, the same again, incomplete (Voter Records Interchange, JSON, one on a line)." placeholder:"N"`
	Truth      string  `help:"Where to write which numbers are of one person (CSV)." placeholder:"PATH"`
	Ranges     string  `help:"Where to write which house numbers lie in which precinct (CSV)." placeholder:"PATH"`
}

func (c registrySample) Run(_ context.Context, t *terminal) error {
	kind, err := c.kind()
	if err != nil {
		return err
	}
	if c.Voters < 0 || c.Voters > 50_000_000 || c.Duplicates < 0 || c.Duplicates > 0.5 {
		return fault.New(fault.Invalid, "a sample has up to 50,000,000 voters, of whom up to half (--duplicates 0.5) are there twice")
	}
	if c.Intakes > 0 {
		return c.intakes(t)
	}
	made := fake.New(county.New(c.Seed, demoDay, demoZone), fake.Options{Seed: c.Seed, Voters: c.Voters, Duplicates: c.Duplicates})
	var pairs [][]string
	var report file.Report
	err = t.write(c.Out, func(w io.Writer) error {
		out, err := file.NewWriter(w, kind, file.Choices{Private: true})
		if err != nil {
			return err
		}
		first := make(map[int]string)
		record := &file.Record{}
		err = made.Each(func(p *fake.Person) error {
			if c.Truth != "" && c.Duplicates > 0 {
				if of, second := first[p.Self]; second {
					pairs = append(pairs, []string{p.ID, of})
				} else {
					first[p.Self] = p.ID
				}
			}
			record.Voter = SampleVoter(p)
			return out.Write(record)
		})
		if err == nil {
			err = out.Close()
		}
		report = out.Report()
		return err
	})
	if err == nil && c.Truth != "" {
		err = t.write(c.Truth, func(w io.Writer) error { return writeSheet(w, []string{"voter_id", "same_person_as"}, pairs) })
	}
	if err == nil && c.Ranges != "" {
		err = t.write(c.Ranges, func(w io.Writer) error { return writeRanges(w, made.Segments()) })
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%s: %d voters of a county that does not exist\n", c.Out, report.Records)
	return nil
}

// intakes writes forms, and which registration each is of.
func (c registrySample) intakes(t *terminal) error {
	made := fake.New(county.New(c.Seed, demoDay, demoZone), fake.Options{Seed: c.Seed, Voters: c.Voters})
	var truth [][]string
	err := t.write(c.Out, func(w io.Writer) error {
		n := 0
		return made.Intakes(c.Intakes, func(in *fake.Intake) error {
			n++
			v := SampleVoter(&in.Person)
			v.State, v.Reason, v.Registered = "", "", ""
			number := fmt.Sprintf("intake-%06d", n)
			truth = append(truth, []string{number, in.Of, in.Kind})
			return vri.Write(w, vri.JSON, vri.Message{Request: file.Request(&v, number, "2026-10-01", "registration")})
		})
	})
	if err == nil && c.Truth != "" {
		err = t.write(c.Truth, func(w io.Writer) error { return writeSheet(w, []string{"transaction", "voter_id", "kind"}, truth) })
	}
	if err == nil {
		fmt.Fprintf(t.err, "%s: %d forms of a county that does not exist\n", c.Out, len(truth))
	}
	return err
}

// kind is what to write, by the name of the file.
func (c registrySample) kind() (file.Kind, error) {
	if c.To != "" {
		return file.Kind(c.To), nil
	}
	ext := strings.ToLower(filepath.Ext(c.Out))
	kind, ok := map[string]file.Kind{".csv": file.CSV, ".txt": file.NC, ".xlsx": file.XLSX, ".json": file.VRIJSON, ".xml": file.VRIXML, "": file.CSV}[ext]
	if !ok {
		return "", fault.New(fault.Invalid, "what to write is not told by the name %s; say --to %v", c.Out, file.Kinds())
	}
	return kind, nil
}

// SampleVoter is somebody who was made up as the roll keeps a voter.
func SampleVoter(p *fake.Person) roll.Voter {
	v := roll.Voter{
		ID: roll.ID(p.ID), Name: roll.Name{First: p.First, Middle: p.Middle, Last: p.Last, Suffix: p.Suffix}, Birth: election.Date(p.Birth.String()),
		Home: addressOf(&p.Address), Gender: "M", Party: p.Party, County: "ALDER", Precinct: p.Precinct,
		State: roll.State(p.Status), Reason: roll.Reason(p.Reason), Registered: election.Date(p.Registered.String()), Source: roll.Source(p.Source),
		Langs: []string{p.Language}, Assertions: []roll.Assertion{{Kind: "united-states-citizen", Value: "yes"}},
	}
	if p.Female {
		v.Gender = "F"
	}
	if p.Mail != nil {
		mail := addressOf(p.Mail)
		v.Mail = &mail
	}
	if p.Protected {
		v.Protected = "acp"
	}
	for _, c := range [2]roll.Contact{{Kind: "phone", Value: p.Phone}, {Kind: "email", Value: p.Email}} {
		if c.Value != "" {
			v.Contact = append(v.Contact, c)
		}
	}
	for _, id := range [2]struct {
		kind  roll.IdentifierKind
		value string
	}{{roll.License, p.License}, {roll.SSN4, p.SSN4}} {
		if id.value != "" {
			v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: id.kind, Value: hide.New(id.value)})
		}
	}
	return v
}

func addressOf(a *fake.Address) roll.Address {
	out := roll.Address{Number: a.Number, Before: a.Before, Street: a.Street, Type: a.Type, UnitKind: a.UnitKind, Unit: a.Unit, City: a.City, State: a.State, ZIP: a.ZIP}
	if a.Box != "" {
		out.Lines = []string{a.Box}
	}
	return out
}

// writeSheet writes rows as CSV.
func writeSheet(w io.Writer, header []string, rows [][]string) error {
	out, err := sheet.NewWriter(w, header, sheet.Style{})
	if err != nil {
		return err
	}
	for _, row := range rows {
		if err := out.Write(row...); err != nil {
			return err
		}
	}
	return out.Close()
}

func writeRanges(w io.Writer, list []fake.Segment) error {
	rows := make([][]string, 0, len(list))
	for _, s := range list {
		rows = append(rows, []string{strconv.Itoa(s.Low), strconv.Itoa(s.High), s.Side, s.Before, s.Street, s.Type, s.City, s.ZIP, string(s.Precinct)})
	}
	return writeSheet(w, []string{"low", "high", "side", "direction", "street", "type", "city", "zip", "precinct"}, rows)
}
