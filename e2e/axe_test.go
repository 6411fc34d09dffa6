// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// page is a kind of page and who looks at it.
type page struct {
	name, as, path string
	but            string       // what the console may say all the same
	then           func(b *tab) // what a person does to get to the page from there
}

// pages are the kinds of pages of the office.
func (s *showcase) pages(before *night) []page {
	e := string(s.e)
	paper := "?unit=" + url.QueryEscape(string(s.unit)) + "&contest=" + url.QueryEscape(string(s.contest))
	template := s.template()
	return []page{
		{name: "sign-in", path: "/sign-in?next=%2Fresults"},
		{name: "elections", as: approver, path: "/results"},
		{name: "desk", as: approver, path: s.desk},
		{name: "desk-of-the-clerk", as: clerk, path: s.desk},
		{name: "desk-before", as: approver, path: before.desk},
		{name: "upload", as: clerk, path: s.desk + "/upload"},
		{name: "upload-without-sources", as: clerk, path: before.desk + "/upload"},
		{name: "mapping", as: clerk, path: s.mapping},
		{name: "report-held", as: approver, path: s.held},
		{name: "report-own", as: clerk, path: s.clean},
		{name: "report-lower", as: approver, path: s.lower},
		{name: "report-refused", as: clerk, path: s.refused},
		{name: "report-returned", as: clerk, path: s.returned},
		{name: "report-approved", as: approver, path: s.approved},
		{name: "sources", as: approver, path: s.desk + "/sources?id=county-jail"},
		{name: "references", as: approver, path: s.desk + "/references"},
		{name: "entry", as: clerk, path: s.desk + "/entry"},
		{name: "entry-differs", as: clerk, path: s.desk + "/entry" + paper},
		{name: "definitions", as: approver, path: "/definition"},
		{name: "definition", as: approver, path: "/definition/" + e},
		{name: "definition-draft", as: approver, path: "/definition/" + string(before.e)},
		{name: "import", as: approver, path: "/definition/import?into=" + e},
		{name: "preview", as: approver, path: "/definition/import", then: func(b *tab) {
			b.run(chromedp.SetUploadFiles("#file", []string{template}, chromedp.ByQuery), chromedp.Click("form[data-upload] button", chromedp.ByQuery),
				chromedp.WaitReady("form[action='/definition/draft']", chromedp.ByQuery))
		}},
		{name: "aliases", as: approver, path: "/definition/" + e + "/aliases"},
		{name: "account", as: clerk, path: "/account"},
		{name: "missing", as: clerk, path: "/nowhere", but: "404"},
		{name: "denied", as: clerk, path: "/definition/import", but: "403"},
	}
}

// template is the spreadsheet that the office hands out, as a file.
func (o *office) template() string {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "filled-in.xlsx")
	o.must(os.WriteFile(path, []byte(o.signIn(approver).get("/definition/template.xlsx")), 0o600))
	return path
}

// TestOfficePagesAreAccessible asks axe about every kind of page in every view.
func TestOfficePagesAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	s, before := furnish(o.open("2026-11-03")), o.draft("2026-12-08")
	tabs := map[string]*tab{"": o.tab(""), clerk: o.tab(clerk), approver: o.tab(approver)}
	pages := s.pages(before)
	for _, v := range views {
		for _, b := range tabs {
			b.look(v)
		}
		for _, p := range pages {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := tabs[p.as].in(t)
				b.visit(p.path)
				if p.then != nil {
					p.then(b)
				}
				b.barriers(program, v.wide)
				b.shoot(p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}
