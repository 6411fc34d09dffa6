// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hustings/election"
)

// person is somebody at a browser that runs no scripts.
type person struct {
	*office
	client *http.Client
}

// stranger is somebody who has not signed in.
func (o *office) stranger() *person {
	o.t.Helper()
	jar, err := cookiejar.New(nil)
	o.must(err)
	return &person{o, &http.Client{Jar: jar}}
}

func (o *office) signIn(email string) *person {
	o.t.Helper()
	p := o.stranger()
	p.post("/sign-in", url.Values{"email": {email}, "password": {password}, "next": {"/account"}})
	return p
}

func (p *person) get(path string) string {
	p.t.Helper()
	res, err := p.client.Get("http://" + p.Office + path)
	p.must(err)
	return p.body(res)
}

func (p *person) post(path string, form url.Values) string {
	p.t.Helper()
	res, err := p.client.PostForm("http://"+p.Office+path, form)
	p.must(err)
	return p.body(res)
}

// send posts a form with a file.
func (p *person) send(path string, fields map[string]string, name, content string) *http.Response {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range fields {
		p.must(form.WriteField(k, v))
	}
	file, err := form.CreateFormFile("file", name)
	p.must(err)
	_, err = io.WriteString(file, content)
	p.must(err)
	p.must(form.Close())
	res, err := p.client.Post("http://"+p.Office+path, form.FormDataContentType(), &body)
	p.must(err)
	return res
}

func (p *person) body(res *http.Response) string {
	p.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	p.must(err)
	if res.StatusCode >= 300 {
		p.t.Fatalf("%s: %s\n%s", res.Request.URL, res.Status, body)
	}
	return string(body)
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	out, _, _ := strings.Cut(rest, after)
	return out
}

// says stops the test where a page lacks a text.
func (p *person) says(page, want string) {
	p.t.Helper()
	if !strings.Contains(page, want) {
		p.t.Fatalf("the page lacks %q:\n%s", want, page)
	}
}

// hidden is the value of a form's hidden field.
func (p *person) hidden(page, name string) string {
	p.t.Helper()
	p.says(page, `name="`+name+`"`)
	return between(page, `name="`+name+`" value="`, `"`)
}

var reportLink = regexp.MustCompile(`/reports/[0-9a-f-]{36}/approve`)

// TestAResultsFileGoesTheWholeWayWithoutScripts uses plain forms and links, as
// a browser without JavaScript does.
func TestAResultsFileGoesTheWholeWayWithoutScripts(t *testing.T) {
	o := openOffice(t)
	n := o.open("2026-11-10")
	ann, bo := o.signIn(clerk), o.signIn(approver)

	form := ann.get(n.desk + "/upload")
	for _, want := range []string{`enctype="multipart/form-data"`, `name="source"`, `name="file"`} {
		ann.says(form, want)
	}
	d := n.files[0]
	res := ann.send(n.desk+"/upload", map[string]string{"source": d.Source}, d.Name, string(d.Body))
	report := res.Request.URL.Path
	page := ann.body(res)
	ann.says(page, "You sent this in. A second person must approve it.")
	if reportLink.MatchString(page) {
		t.Error("who sent a file in is offered to approve it")
	}

	page = bo.get(report)
	bo.post(report+"/approve", url.Values{"base": {bo.hidden(page, "base")}, "reason": {"compared with the tapes"}})
	n.published(1)
	res, err := http.Get("http://" + o.Public + "/results/" + string(n.e) + "/")
	o.must(err)
	bo.says(bo.body(res), "<main")
}

// TestAReportIsSentBackWithoutScripts asks for a reason, and the desk says so.
func TestAReportIsSentBackWithoutScripts(t *testing.T) {
	n := openOffice(t).open("2026-11-11")
	bo := n.signIn(approver)
	report, _ := n.take(n.files[0])
	bo.says(bo.get(report), `action="`+report+`/return"`)
	res, err := bo.client.PostForm("http://"+n.Office+report+"/return", url.Values{"reason": {" "}})
	n.must(err)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: got %s, want 422", res.Status)
	}
	bo.says(bo.post(report+"/return", url.Values{"reason": {"The tape of precinct 12 is missing."}}), "The report is sent back.")
	bo.says(bo.get(report), "The tape of precinct 12 is missing.")
}

// TestTwoPeopleTypeAPaperWithoutScripts has them differ, sees the difference,
// and agree.
func TestTwoPeopleTypeAPaperWithoutScripts(t *testing.T) {
	n := openOffice(t).open("2026-11-12")
	con := n.place.Definition().Contests[0]
	entry := n.desk + "/entry"
	paper := func(votes string) url.Values {
		v := url.Values{"unit": {string(n.precinct())}, "contest": {string(con.ID)}, "n:ballots": {"90"}, "n:under": {"0"}, "n:over": {"0"}}
		for i, c := range con.Choices {
			v.Set("n:"+string(c.ID), map[bool]string{true: votes, false: "0"}[i == 0])
		}
		return v
	}
	query := "?unit=" + url.QueryEscape(string(n.precinct())) + "&contest=" + url.QueryEscape(string(con.ID))
	ann, cy := n.signIn(clerk), n.signIn(typist)
	ann.says(ann.post(entry, paper("90")), "You typed these numbers first.")
	second := cy.get(entry + query)
	cy.says(second, "Second typing, after Ann Clark.")
	if strings.Contains(second, ">90<") {
		t.Error("the second person sees what the first one typed")
	}
	differs := cy.post(entry, paper("9"))
	for _, want := range []string{"The two typings differ.", ">90<", ">9<"} {
		cy.says(differs, want)
	}
	agreed := cy.post(entry, paper("90"))
	cy.says(agreed, "Both typings agree. The report waits for approval.")
}

// TestASourceIsAddedAndChangedWithoutScripts keeps what the form said.
func TestASourceIsAddedAndChangedWithoutScripts(t *testing.T) {
	n := openOffice(t).open("2026-11-13")
	bo := n.signIn(approver)
	form := url.Values{"id": {"jail"}, "name": {"County jail"}, "mode": {"incremental"}, "split": {"types"}, "overvotes": {"ballots"}, "due": {"2026-11-13T20:30"}, "every": {"20"}}
	bo.says(bo.post(n.desk+"/sources", form), "County jail is saved.")
	form.Set("name", "County jail, east wing")
	bo.post(n.desk+"/sources", form)
	page := bo.get(n.desk + "/sources?id=jail")
	for _, want := range []string{"Change County jail, east wing", `value="2026-11-13T20:30"`, `value="incremental" checked`, `value="ballots" checked`} {
		bo.says(page, want)
	}
}

// TestADefinitionIsImportedAndLockedWithoutScripts walks from a file to an
// election that takes results.
func TestADefinitionIsImportedAndLockedWithoutScripts(t *testing.T) {
	o := openOffice(t)
	bo := o.signIn(approver)
	def := *o.county("2026-11-17").place.Definition()
	def.Election.ID = "2026-11-17-imported"
	_, err := o.Definition.SaveDraft(o.as(""), &def, "first")
	o.must(err)
	file := bo.get("/definition/" + string(def.Election.ID) + "/export/hustings-json")

	e := election.ID("2026-11-17-general")
	file = strings.Replace(file, "2026-11-17-imported", string(e), 1)
	bo.says(bo.get("/definition/import"), `name="file"`)
	preview := bo.body(bo.send("/definition/import", map[string]string{"into": ""}, "alder.json", file))
	bo.says(preview, "Nothing has changed so far.")
	kept := bo.post("/definition/draft", url.Values{"key": {bo.hidden(preview, "key")}, "over": {bo.hidden(preview, "over")}, "source": {bo.hidden(preview, "source")}})
	bo.says(kept, "The draft is kept.")
	locked := bo.post("/definition/"+string(e)+"/lock", url.Values{"hash": {bo.hidden(kept, "hash")}})
	bo.says(locked, "The definition is locked.")
	bo.says(bo.get("/results"), string(e))
	bo.says(bo.post("/results", url.Values{"election": {string(e)}}), "Say who will send result files.")
}
