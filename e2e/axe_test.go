// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"net/url"
	"slices"
	"testing"
	"time"

	"hustings/election"
	"hustings/fake/county"
	"hustings/office/results"
)

// showcase is a night with something on every page.
type showcase struct {
	*night
	held, clean, refused, returned, approved string // paths of reports
	mapping                                  string
	unit                                     election.UnitID
	contest                                  election.ContestID
}

// furnish lets the first files of the night come in, so that one report is in
// every state and every list has a line.
func furnish(n *night) *showcase {
	n.t.Helper()
	s := &showcase{night: n}
	due := results.Source{ID: "county-jail", Name: "County jail ballots, hand count", Due: time.Now().Add(-time.Hour), Every: 20 * time.Minute}
	n.must(n.Results.SaveSource(n.as(""), n.e, due))
	byNote := func(is func(d county.Delivery) bool) county.Delivery {
		return n.files[slices.IndexFunc(n.files, is)]
	}
	s.typeTwice() // before a file has numbers for the same paper
	_, r := n.take(n.files[0])
	n.approve(r)
	_, r = n.take(n.files[1])
	n.approve(r)
	s.approved = n.desk + "/reports/" + r.ID
	s.held, _ = n.take(byNote(func(d county.Delivery) bool { return d.Planted != "" }))
	s.returned, r = n.take(n.files[2])
	n.must(n.Results.Return(n.as(approver), r.ID, "The tape of precinct 12 is missing."))
	s.clean, _ = n.take(byNote(func(d county.Delivery) bool { return d.Source == "valley" }))
	wrong := byNote(func(d county.Delivery) bool { return d.Source == "polls" })
	wrong.Name, wrong.Body = "typed-by-hand.csv", bytes.ReplaceAll(wrong.Body, []byte("Sheriff"), []byte("Sherif"))
	s.refused, _ = n.take(wrong)
	n.must(n.Definition.SetAlias(n.as(""), n.e, election.Alias{Kind: election.ContestAlias, County: "Alder", Name: "SHERIFF (Vote For 1)", ID: string(s.contest)}))
	s.mapping = s.unmapped()
	n.published(2)
	return s
}

// typeTwice leaves two typings of one paper that differ.
func (s *showcase) typeTwice() {
	s.t.Helper()
	def := s.place.Definition()
	s.contest, s.unit = def.Contests[0].ID, def.Units[slices.IndexFunc(def.Units, func(u election.Unit) bool { return u.Type == election.Precinct })].ID
	for i, email := range []string{clerk, typist} {
		votes := []int64{41, 14}[i]
		_, err := s.Results.Enter(s.as(email), s.e, results.Typing{Unit: s.unit, Contest: s.contest, Numbers: results.Numbers{string(def.Contests[0].Choices[0].ID): votes, "ballots": 90}})
		s.must(err)
	}
}

// unmapped sends in a table of no known format; its path is where the columns
// are explained.
func (s *showcase) unmapped() string {
	s.t.Helper()
	res := s.signIn(clerk).send(s.desk+"/upload", map[string]string{"source": "county-jail"}, "jail.csv",
		"Pct,Race,Name on ballot,Early,Mail,Total\n1,Sheriff,Ana Ruiz,10,20,30\n1,Sheriff,Sam Lee,9,8,17\n2,Sheriff,Ana Ruiz,4,6,10\n")
	s.signIn(clerk).body(res)
	return res.Request.URL.RequestURI()
}

// page is a kind of page and who looks at it.
type page struct {
	name, as, path string
	but            string // what the console may say all the same
}

// pages are the kinds of pages of the office.
func (s *showcase) pages() []page {
	e := string(s.e)
	paper := "?unit=" + url.QueryEscape(string(s.unit)) + "&contest=" + url.QueryEscape(string(s.contest))
	return []page{
		{"sign-in", "", "/sign-in?next=%2Fresults", ""},
		{"elections", approver, "/results", ""},
		{"desk", approver, s.desk, ""},
		{"desk-of-the-clerk", clerk, s.desk, ""},
		{"upload", clerk, s.desk + "/upload", ""},
		{"mapping", clerk, s.mapping, ""},
		{"report-held", approver, s.held, ""},
		{"report-clean", approver, s.clean, ""},
		{"report-own", clerk, s.clean, ""},
		{"report-refused", clerk, s.refused, ""},
		{"report-returned", clerk, s.returned, ""},
		{"report-approved", approver, s.approved, ""},
		{"sources", approver, s.desk + "/sources?id=county-jail", ""},
		{"entry", clerk, s.desk + "/entry", ""},
		{"entry-differs", clerk, s.desk + "/entry" + paper, ""},
		{"definitions", approver, "/definition", ""},
		{"definition", approver, "/definition/" + e, ""},
		{"import", approver, "/definition/import?into=" + e, ""},
		{"aliases", approver, "/definition/" + e + "/aliases", ""},
		{"account", clerk, "/account", ""},
		{"missing", clerk, "/nowhere", "404"},
		{"denied", clerk, "/definition/import", "403"},
	}
}

// TestOfficePagesAreAccessible asks axe about every kind of page in every view.
func TestOfficePagesAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	s := furnish(o.open("2026-11-03"))
	tabs := map[string]*tab{"": o.tab(""), clerk: o.tab(clerk), approver: o.tab(approver)}
	for _, v := range views {
		for _, b := range tabs {
			b.look(v)
		}
		for _, p := range s.pages() {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := tabs[p.as].in(t)
				b.visit(p.path)
				b.barriers(program, v.wide)
				b.shoot(p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}
