// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"archive/zip"
	"bytes"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"hustings/election"
	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/extract"
	"hustings/office/extract/list"
	"hustings/office/registry"
	"hustings/office/registry/roll"
)

// lister has a registrar sign in, and puts a few voters onto the roll.
func (o *office) lister() {
	o.t.Helper()
	a, err := o.Identity.Add(o.as(""), registrar, "Quinn", hide.New(password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = o.Identity.ByEmail(o.as(""), registrar)
	}
	o.must(err)
	o.must(o.Access.Grant(o.as(""), a.ID, access.Registrar))
	for i, name := range []string{"Roe", "García-López", "Poe", "Zzyzx"} {
		v := roll.Voter{Name: roll.Name{First: "Ann", Last: name}, State: roll.Active, Reason: roll.Verified, Birth: "1980-02-29", Registered: election.DayOf(o.Now().AddDate(0, 0, -i)),
			Home: roll.Address{Number: "12", Street: "ELM", Type: "ST", City: "Alder", State: "XX", ZIP: "00501"}, Precinct: "p-1", Party: "ind", Source: roll.ByMail}
		if name == "Zzyzx" {
			v.Protected, v.Home.Street = "address confidentiality", "SAFEHOUSE"
		}
		_, err := o.Registry.Register(o.as(""), v, registry.Change{From: "2026-09-01", Why: "a form at the counter", Cause: "extract-" + name})
		o.must(err)
	}
	o.must(o.Extract.Count(o.as(""), nil))
}

// TestListsAreAccessible looks at the pages by which lists leave the house.
func TestListsAreAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	o.lister()
	b := o.tab(registrar)
	o.must(o.Extract.Save(o.as(registrar), "Walkers", list.Choices{List: list.Precinct, Format: list.CSV, Precincts: []string{"p-1"}}))
	made, err := o.Extract.Ask(o.as(registrar), extract.Order{Choices: list.Choices{List: list.Public, Format: list.NC}, Recipient: "The Paper", Purpose: "a story", Agreed: true})
	o.must(err)
	for range 200 {
		if one, err := o.Extract.Find(o.as(""), made.ID); err != nil || one.State == extract.Made {
			o.must(err)
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	asked := extract.SurveyAsked{Year: "2026", From: "2024-11-06", To: "2026-11-03", Excluded: []string{"A2"}}
	o.must(o.Extract.AskSurvey(o.as(registrar), asked))
	o.must(o.Extract.Compute(o.as(registrar), asked))
	for _, v := range views {
		b.look(v)
		for _, p := range []struct{ name, path, but string }{
			{name: "today", path: "/registry/today"},
			{name: "extract", path: "/extract"},
			{name: "extract-form", path: "/extract/lists/precinct"},
			{name: "extract-jury", path: "/extract/lists/jury"},
			{name: "extract-look", path: "/extract/lists/precinct?look=1&precincts=p-1"},
			{name: "extract-wrong", path: "/extract/lists/new?look=1", but: "422"},
			{name: "extract-one", path: "/extract/made/" + made.ID},
			{name: "survey", path: "/extract/survey?year=2026"},
			{name: "programmes", path: "/extract/programmes"},
		} {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := b.in(t)
				b.visit(p.path)
				b.barriers(program, v.wide)
				b.shoot(p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}

// TestAListByPlainForms makes a list without a script: what is missing is said,
// what is typed comes back, and the file is taken out.
func TestAListByPlainForms(t *testing.T) {
	o := openOffice(t)
	o.lister()
	p := o.signIn(registrar)
	p.says(p.get("/extract/public?look=1"), "García-López")
	res, err := p.client.PostForm("http://"+p.Office+"/extract/public", url.Values{"format": {"csv"}, "recipient": {"The Paper"}})
	p.must(err)
	body, err := io.ReadAll(res.Body)
	p.must(err)
	if res.StatusCode != 422 {
		t.Errorf("without a purpose: %d", res.StatusCode)
	}
	p.says(string(body), "Say what the list is for")
	p.says(string(body), `value="The Paper"`)
	res, err = p.client.PostForm("http://"+p.Office+"/extract/public", url.Values{"format": {"csv"}, "recipient": {"The Paper"}, "purpose": {"a story"}, "agreed": {"yes"}})
	p.must(err)
	one := strings.TrimPrefix(res.Request.URL.Path, "/extract/made/")
	var page string
	for range 200 {
		if page = p.get("/extract/made/" + one); strings.Contains(page, "/extract/public/"+one+"/file") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	file := p.get("/extract/public/" + one + "/file")
	z, err := zip.NewReader(bytes.NewReader([]byte(file)), int64(len(file)))
	p.must(err)
	for _, f := range z.File {
		r, err := f.Open()
		p.must(err)
		text, err := io.ReadAll(r)
		p.must(err)
		if strings.Contains(string(text), "Zzyzx") || strings.Contains(string(text), "SAFEHOUSE") {
			t.Errorf("%s holds a protected voter", f.Name)
		}
		if strings.HasSuffix(f.Name, ".csv") {
			p.says(string(text), "García-López")
		} else {
			p.says(string(text), "The Paper")
		}
	}
	p.says(p.get("/registry/today"), "p-1")
}
