// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"slices"
	"time"

	"hustings/election"
	"hustings/fake/county"
	"hustings/office/results"
)

// showcase is a night with something on every page: one report is in every
// state, and every list has a line.
type showcase struct {
	*night
	held, clean, lower, refused, returned, approved string // paths of reports
	mapping                                         string
	unit                                            election.UnitID
	contest                                         election.ContestID
}

func furnish(n *night) *showcase {
	n.t.Helper()
	s := &showcase{night: n}
	n.must(n.Results.SaveSource(n.as(""), n.e, results.Source{ID: "county-jail", Name: "County jail ballots, hand count",
		Due: time.Now().Add(-time.Hour), Every: 20 * time.Minute}))
	s.typeTwice() // before a file has numbers for the same paper
	_, r := n.take(n.files[0])
	n.approve(r)
	_, r = n.take(n.from("fairhaven", 1))
	n.approve(r)
	_, r = n.take(n.from("polls", 0))
	n.approve(r)
	s.approved = n.desk + "/reports/" + r.ID
	s.returned, r = n.take(n.from("polls", 1))
	n.must(n.Results.Return(n.as(approver), r.ID, "The tape of precinct 12 is missing."))
	s.held, _ = n.take(n.files[slices.IndexFunc(n.files, func(d county.Delivery) bool { return d.Planted != "" })])
	s.clean, _ = n.take(n.from("valley", 0))
	s.lower = s.corrected()
	wrong := n.from("polls", 0)
	wrong.Name, wrong.Body = "typed-by-hand.csv", bytes.ReplaceAll(wrong.Body, []byte("Sheriff"), []byte("Sherif"))
	s.refused, _ = n.take(wrong)
	n.must(n.Definition.SetAlias(n.as(""), n.e, election.Alias{Kind: election.ContestAlias, County: "Alder", Name: "SHERIFF (Vote For 1)", ID: string(s.contest)}))
	s.mapping = s.unmapped()
	n.published(3)
	return s
}

// from is the file that a source sends after so many others.
func (n *night) from(source string, after int) county.Delivery {
	n.t.Helper()
	for _, d := range n.files {
		if d.Source != source {
			continue
		}
		if after == 0 {
			return d
		}
		after--
	}
	n.t.Fatalf("%s sends no such file", source)
	return county.Delivery{}
}

// typeTwice leaves two typings of one paper that differ.
func (s *showcase) typeTwice() {
	s.t.Helper()
	def := s.place.Definition()
	s.contest, s.unit = def.Contests[0].ID, s.precinct()
	for i, email := range []string{clerk, typist} {
		votes := []int64{41, 14}[i]
		_, err := s.Results.Enter(s.as(email), s.e, results.Typing{Unit: s.unit, Contest: s.contest, Numbers: results.Numbers{string(def.Contests[0].Choices[0].ID): votes, "ballots": 90}})
		s.must(err)
	}
}

// precinct is the first unit that reports for itself.
func (n *night) precinct() election.UnitID {
	units := n.place.Definition().Units
	return units[slices.IndexFunc(units, func(u election.Unit) bool { return u.Type == election.Precinct })].ID
}

// corrected sends in a file in which numbers go down, with the reason.
func (s *showcase) corrected() string {
	s.t.Helper()
	d := s.from("fairhaven", 0)
	r, err := s.Results.Take(s.as(clerk), results.Upload{Election: s.e, Source: d.Source, Name: "detail-corrected.zip",
		Body: bytes.NewReader(d.Body), Correction: "Half of the precincts were sent before their tapes were signed."})
	s.must(err)
	return s.desk + "/reports/" + r.ID
}

// unmapped sends in a table of no known format; its path is where the columns
// are explained.
func (s *showcase) unmapped() string {
	s.t.Helper()
	p := s.signIn(clerk)
	res := p.send(s.desk+"/upload", map[string]string{"source": "county-jail"}, "jail.csv",
		"Pct,Race,Name on ballot,Early,Mail,Total\n1,Sheriff,Ana Ruiz,10,20,30\n1,Sheriff,Sam Lee,9,8,17\n2,Sheriff,Ana Ruiz,4,6,10\n")
	p.body(res)
	return res.Request.URL.RequestURI()
}

// draft is an election that was locked and opened, takes no file yet, and has a
// newer draft: what an office sees in the weeks before.
func (o *office) draft(day election.Date) *night {
	o.t.Helper()
	n := o.county(day)
	def := *n.place.Definition()
	v, err := o.Definition.SaveDraft(o.as(""), &def, "alder-county.xml")
	o.must(err)
	o.must(o.Definition.Lock(o.as(""), n.e, v.Hash, ""))
	o.must(o.Results.Open(o.as(""), n.e))
	def.Contests = slices.Clone(def.Contests)
	def.Contests[0].Name = election.Text{"en": "President", "es": "Presidente"}
	def.Contests = def.Contests[:len(def.Contests)-1]
	_, err = o.Definition.SaveDraft(o.as(""), &def, "alder-county-2.xml")
	o.must(err)
	return n
}
