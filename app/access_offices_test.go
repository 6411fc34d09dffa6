// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/event"
	"hustings/fake/county"
	"hustings/fake/idp"
	"hustings/guard/access"
	"hustings/guard/audit"
	"hustings/guard/federation"
	"hustings/guard/identity"
	"hustings/guard/openid"
	"hustings/kit/db"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/who"
	"hustings/office/extract"
	"hustings/office/extract/list"
	"hustings/office/letters"
	"hustings/office/registry"
	streets "hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/results"
	"hustings/office/upkeep"
)

// twoOffices opens two houses on one database, as the nodes of two counties
// that a state hosts: vale, with something in it, and dale.
func twoOffices(t *testing.T) (vale, dale *asked, kept map[string]string) {
	t.Helper()
	v := openHouse(t)
	cfg := v.Config
	cfg.Data.Database = cfg.database()
	cfg.Data.Folder = t.TempDir()
	cfg.Keys.Root = v.Config.rootKey().URL
	cfg.Office.Jurisdiction = strings.Replace(cfg.Office.Jurisdiction, "county:vale", "county:dale", 1)
	d, err := Open(context.Background(), cfg, v.Log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	vale, dale = askable(t, v, false), askable(t, d, false)
	for person, a := range map[string]*asked{"everything in vale": vale, "everything in dale": dale} {
		for _, role := range access.Roles() {
			if role != access.Auditor { // who may not change anything
				a.grant(person, role)
			}
		}
		a.signedIn(person, a.Config.Office.Jurisdiction)
	}
	return vale, dale, vale.furnished()
}

// furnished puts one of everything into the office that has an id, and gives
// the ids by what routes call them.
func (a *asked) furnished() map[string]string {
	a.t.Helper()
	must := func(err error) {
		a.t.Helper()
		if err != nil {
			a.t.Fatal(err)
		}
	}
	ctx := operator(a.t.Context(), a.Config)
	place := county.New(7, "2026-11-03", "America/Denver")
	def := place.Definition()
	v, err := a.Definition.SaveDraft(ctx, def, "county.xml")
	must(err)
	must(a.Definition.Lock(ctx, def.Election.ID, v.Hash, ""))
	must(a.Results.Open(ctx, def.Election.ID))
	file := place.Night()[0]
	must(a.Results.SaveSource(ctx, def.Election.ID, results.Source{ID: file.Source, Name: file.SourceName, Incremental: file.Incremental, ByType: file.ByType}))
	rep, err := a.Results.Take(ctx, results.Upload{Election: def.Election.ID, Source: file.Source, Name: file.Name, Body: bytes.NewReader(file.Body)})
	must(err)
	ann, err := a.Identity.Add(ctx, "ann@vale.example", "Ann", hide.New("a sentence that is easy to remember"))
	must(err)
	program, err := a.Identity.AddProgram(ctx, "uploader")
	must(err)
	key, _, err := a.Identity.MakeToken(ctx, program.ID, "uploads", time.Hour, "results.upload")
	must(err)
	a.Identity.PasswordAlone = true // Ann has no app
	_, err = a.Identity.SignIn(ctx, "ann@vale.example", hide.New("a sentence that is easy to remember"), "", identity.Place{})
	must(err)
	sessions, err := a.Identity.Sessions(ctx, ann.ID)
	must(err)
	asker := who.With(a.t.Context(), a.me)
	must(a.Audit.Save(asker, "mine", audit.Search{}))
	searches, err := a.Audit.Searches(asker)
	must(err)
	entries, err := a.Ledger.Tail(ctx, a.me.Jurisdiction, 0, 1)
	must(err)
	rev, err := a.Access.OpenReview(asker, "each quarter", "2026-12-01")
	must(err)
	officer, err := a.Identity.Add(ctx, "officer@vale.example", "Officer", hide.New("a sentence that is easy to remember"))
	must(err)
	a.grant(officer.ID, access.Security)
	proposer := who.With(a.t.Context(), who.Person{ID: officer.ID, Name: officer.Name, Jurisdiction: a.me.Jurisdiction, Via: who.Browser, Level: 3, Proved: a.Now()})
	req, err := a.Access.Propose(proposer, `@id("own") forbid (principal in Role::"helper", action == Action::"results.view", resource);`, "because")
	must(err)
	a.grant("second", access.Security)
	second := who.With(a.t.Context(), who.Person{ID: "second", Name: "Second", Jurisdiction: a.me.Jurisdiction, Via: who.Browser, Level: 3, Proved: a.Now()})
	_, err = a.Access.Decide(second, req.ID, true, "")
	must(err)
	var waiting pair.Request
	must(a.DB.Write(asker, func(tx *db.Tx) error {
		waiting, err = a.Access.Ask(asker, tx, pair.Ask{Act: "access.policy", Subject: "again", Reason: "because", Payload: []byte(`{"Base":1}`)})
		return err
	}))
	a.Federation.URL = "https://office.vale.example/"
	outside := idp.New("", "office", "")
	server := httptest.NewServer(outside)
	a.t.Cleanup(server.Close)
	outside.URL = server.URL
	provider, _, err := a.Federation.Propose(ctx, federation.Change{Settings: federation.Settings{Kind: federation.OIDC, Name: "County", Issuer: outside.URL, Client: "office", Level: 1}})
	must(err)
	satellite, _, err := a.OpenID.Add(ctx, openid.Client{Name: "Pollbook", Redirects: []string{"https://pollbook.example/"}}, "")
	must(err)
	provided, err := a.Provision.AddPerson(asker, map[string]any{"userName": "cy@vale.example"})
	must(err)
	group, err := a.Provision.AddGroup(asker, map[string]any{"displayName": "Clerks"})
	must(err)
	voter, err := a.Registry.Register(ctx, roll.Voter{Name: roll.Name{First: "Cy", Last: "Roe"}, State: roll.Active}, registry.Change{From: "2026-09-01", Why: "a form"})
	must(err)
	letter, err := a.Letters.Write(ctx, letters.Letter{Kind: letters.Duplicate, To: letters.To{Name: []string{"Cy Roe"}, Mail: roll.Address{Lines: []string{"12 Elm St"}, City: "Vale", ZIP: "00501"}},
		Fields: map[string]string{"received": "September 1, 2026"}, About: string(voter.ID), Cause: "a form"})
	must(err)
	batch, err := a.Letters.Make(ctx, []letters.Kind{letters.Duplicate})
	must(err)
	cleaning, err := a.Upkeep.Take(ctx, upkeep.Jury, "jury.csv", strings.NewReader("voter_id,first_name,last_name,birth_date,claim\n"+string(voter.ID)+",Cy,Roe,1980-01-02,moved\n"))
	must(err)
	must(a.Upkeep.Link(ctx, cleaning.ID, func(int64, int64, string) {}))
	def2, _, err := surveyor{a.Definition}.Newest(ctx)
	must(err)
	ranges, err := a.Registry.BringLines(ctx, "streets.csv", "2026-09-01", []streets.Segment{{ID: "1", Unit: def2.Units[0].ID, Start: "1", End: "99", Side: streets.Both, Street: roll.Address{Street: "Oak"}}})
	must(err)
	alarm := a.alarm()
	order := extract.Order{Choices: list.Choices{List: list.Public, Format: list.CSV}, Recipient: "The Paper", Purpose: "a story", Agreed: true}
	public, err := a.Extract.Ask(ctx, order)
	must(err)
	order.List = list.Precinct
	precinct, err := a.Extract.Ask(ctx, order)
	must(err)
	must(a.Extract.Save(ctx, "walkers", order.Choices))
	choices, err := a.Extract.Saved(ctx)
	must(err)
	survey := extract.SurveyAsked{Year: "2026", From: "2024-11-06", To: "2026-11-03"}
	must(a.Extract.AskSurvey(ctx, survey))
	must(a.Extract.Compute(ctx, survey))
	sent, _, err := a.Intake.Send(asker, []byte(`{"@type":"VRI.VoterRecordsRequest","Type":["registration"],"RequestMethod":"voter-via-mail","TransactionId":"t-1",
		"Subject":{"@type":"VRI.Voter","Name":{"@type":"VRI.Name","LastName":"Doe"}}}`), "")
	must(err)
	delivery, err := a.Intake.Load(asker, "agency.csv", "agency", strings.NewReader("last_name,first_name,birth_date,address\nDoe,Jo,1980-05-05,12 Elm St\n"))
	must(err)
	drive, err := a.Intake.OpenDrive(asker, "Friends of voting", "", 10)
	must(err)
	return map[string]string{
		"application": string(sent.ID), "transaction": sent.Transaction, "picture": "message", "delivery": delivery.ID, "drive": drive,
		"/extract/public id": public.ID, "/extract/lists id": precinct.ID, "/extract/made id": public.ID, "/extract/saved id": choices[0].ID, "year": "2026",
		"/audit/alarms id": alarm, "voter": string(voter.ID), "lines": ranges.ID, "run": cleaning.ID, "number": "00000001", "letter": letter, "batch": batch.ID,
		"/scim/v2/Users id": provided.Account, "/scim/v2/Groups id": group.ID, "/staff/provisioning/groups id": group.ID,
		"/sign-in/with id": provider, "/sign-in/left id": provider, "/federation id": provider,
		"/openid/clients id": satellite.ID, "/access/requests id": waiting.ID, "/access/reviews id": rev.ID, "person": ann.ID, "version": "1",
		"/staff id": program.ID, "token": key, "/account/sessions id": sessions[0].ID,
		"/audit/entries id": entries[0].ID, "/audit/searches id": searches[0].ID,
		"election": string(def.Election.ID), "/results id": rep.ID, "source": file.Source,
		"format": "vip60", "kind": "results",
	}
}

// alarm lets something happen that raises an alarm, and gives the alarm's id.
func (a *asked) alarm() string {
	a.t.Helper()
	ctx := operator(a.t.Context(), a.Config)
	if err := ledger.Saw(ctx, a.DB, event.PasskeyCloned{Account: "ann", Passkey: "k"}); err != nil {
		a.t.Fatal(err)
	}
	list, err := a.Ledger.Find(ctx, ledger.Filter{Jurisdiction: a.me.Jurisdiction, Name: event.PasskeyCloned{}.Name()}, 0, 1)
	if err != nil || len(list) == 0 {
		a.t.Fatal(list, err)
	}
	for _, l := range a.Audit.Room().Hears {
		if l.Listener == "audit.alarms" {
			if err := l.Do(ctx, list[0]); err != nil {
				a.t.Fatal(err)
			}
		}
	}
	alarms, err := a.Audit.Alarms(ctx, 1)
	if err != nil || len(alarms) == 0 {
		a.t.Fatal(alarms, err)
	}
	return alarms[0].ID
}

// idOf is what stands for a placeholder of a route: an id of the office where
// there is one.
func idOf(kept map[string]string, path, name string) (string, bool) {
	if v, ok := kept[name]; ok {
		return v, true
	}
	for key, v := range kept {
		if prefix, of, ok := strings.Cut(key, " "); ok && of == name && strings.HasPrefix(path, prefix+"/") {
			return v, true
		}
	}
	return "", false
}

// byDevice are routes about what only a person's own device or another house
// can make; guard/identity and guard/federation try them with one.
var byDevice = []string{"/account/passkeys/{id}/name", "/account/passkeys/{id}/remove", "/account/links/{id}/end"}

// free are placeholders that choose a shape and name no record.
var free = []string{"format", "list", "kind", "tag", "level", "index", "question", "why"}

// asksMore are routes that find nothing by the id alone, or not yet.
var asksMore = []string{"/extract/public/{id}/file", "/extract/lists/{id}/file", "/results/{election}/mapping", "/audit/entries/{id}/receipt", "/results/{election}/references/{kind}/table",
	"/sign-in/with/{id}/back", "/sign-in/with/{id}/done", "/sign-in/with/{id}/metadata"}

// reference is what differs between two answers in any case.
var reference = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// TestNoRouteShowsAnotherOfficesRecords asks one county's doors for the records
// of another, with every role there is: each answers word for word as it does
// for an id that never was. Asked in its own office, the same id is found.
func TestNoRouteShowsAnotherOfficesRecords(t *testing.T) {
	vale, dale, kept := twoOffices(t)
	found := 0
	for _, r := range dale.routes() {
		names := placeholder.FindAllStringSubmatch(r.Path(), -1)
		names = slices.DeleteFunc(names, func(m []string) bool { return m[1] == "$" || slices.Contains(free, m[1]) })
		if len(names) == 0 || slices.Contains(byDevice, r.Path()) {
			continue
		}
		theirs, nowhere := make(map[string]string), make(map[string]string)
		for _, m := range names {
			v, ok := idOf(kept, r.Path(), m[1])
			if !ok {
				t.Errorf("%s: {%s} names a record that furnished does not make; make one there, or say in free that it names none", r.Pattern, m[1])
				continue
			}
			theirs[m[1]], nowhere[m[1]] = v, never(v)
		}
		fill := func(ids map[string]string) func(string) string {
			return func(name string) string {
				if v, ok := ids[name]; ok {
					return v
				}
				return kept[name]
			}
		}
		other, none := dale.ask(r, fill(theirs)), dale.ask(r, fill(nowhere))
		plain := func(body, placed string) string {
			for name := range theirs {
				body = strings.NewReplacer(theirs[name], "ID", nowhere[name], "ID").Replace(body)
			}
			return reference.ReplaceAllString(strings.ReplaceAll(body, placed, "PATH"), "REFERENCE")
		}
		a, b := plain(other.Body.String(), placed(r, fill(theirs))), plain(none.Body.String(), placed(r, fill(nowhere)))
		if other.Code != none.Code || a != b || other.Header().Get("Location") != "" && plain(other.Header().Get("Location"), "") != plain(none.Header().Get("Location"), "") {
			t.Errorf("%s: another office's record answers %d, one that never was %d\n%s\n%s", r.Pattern, other.Code, none.Code, a, b)
		}
		if other.Code < 400 {
			t.Errorf("%s: another office's record answers %d", r.Pattern, other.Code)
		}
		if r.Method() == http.MethodGet && r.Timeout >= 0 && !slices.Contains(asksMore, r.Path()) {
			own := vale.ask(r, fill(theirs))
			if own.Code >= 400 {
				t.Errorf("%s: in its own office the record answers %d: %s", r.Pattern, own.Code, own.Body)
			}
			found++
		}
	}
	if found < 8 {
		t.Errorf("only %d routes found the record in its own office; the test proves little", found)
	}
}

// never is an id of the same shape that nothing has.
func never(v string) string {
	switch {
	case reference.MatchString(v):
		return id.New()
	case v == "1":
		return "77"
	}
	return "never-" + v
}
