// SPDX-License-Identifier: Apache-2.0

package definition_test

import (
	"bytes"
	"context"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/definition"
	"hustings/office/definition/convert"
)

// office is the room in a test, with its clock.
type office struct {
	*definition.Definition
	db  *db.DB
	ctx context.Context
	now time.Time
}

func open(t *testing.T, d *db.DB) *office {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := &office{db: d, ctx: dbtest.Context(t), now: time.Date(2026, 9, 1, 16, 0, 0, 0, time.UTC)}
	o.Definition = definition.New(definition.Deps{DB: d, Blobs: blobs, Now: func() time.Time { return o.now }, Jurisdiction: dbtest.Jurisdiction, MaxFile: 1 << 20})
	if err := d.Migrate(o.ctx, []db.Source{{Room: "definition", FS: o.Room().Migrations}}); err != nil {
		t.Fatal(err)
	}
	return o
}

// everywhere runs a test on every database engine that is here.
func everywhere(t *testing.T, test func(t *testing.T, o *office)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

// alder is the election of the template, as a fresh definition.
func alder(t testing.TB) *election.Definition {
	t.Helper()
	res, err := convert.Read("template.xlsx", template(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res.Def
}

var templateOnce = sync.OnceValues(convert.Template)

func template(t testing.TB) []byte {
	t.Helper()
	body, err := templateOnce()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// told lists the facts that the ledger has heard, in order.
func (o *office) told(t *testing.T) []string {
	t.Helper()
	entries, err := (&ledger.Ledger{DB: o.db}).Tail(o.ctx, dbtest.Jurisdiction, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name)
	}
	return out
}

// states lists the versions of an election with their states, newest first.
func (o *office) states(t *testing.T, e election.ID) []definition.State {
	t.Helper()
	all, err := o.Versions(o.ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	var out []definition.State
	for _, v := range all {
		out = append(out, v.State)
	}
	return out
}

const general = election.ID("2026-11-03-general")

func TestFromDraftToSuperseded(t *testing.T) {
	everywhere(t, func(t *testing.T, o *office) {
		def := alder(t)
		first, err := o.SaveDraft(o.ctx, def, "alder.xlsx")
		if err != nil || first.Number != 1 || first.Hash != def.Hash() {
			t.Fatalf("draft: %+v, %v", first, err)
		}
		if ballots, err := o.Locked(o.ctx); err != nil || len(ballots) > 0 {
			t.Errorf("a draft is open to results: %v, %v", ballots, err)
		}
		if err := o.Lock(o.ctx, general, "sha256:other", ""); fault.KindOf(err) != fault.Conflict {
			t.Errorf("locking what one has not seen: %v", err)
		}
		if err := o.Lock(o.ctx, general, first.Hash, ""); err != nil {
			t.Fatal(err)
		}
		if err := o.Lock(o.ctx, general, first.Hash, ""); fault.KindOf(err) != fault.NotFound {
			t.Errorf("locking twice: %v", err)
		}
		got, err := o.ByHash(o.ctx, general, first.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(def, got); diff != "" {
			t.Errorf("the locked definition (-want +got):\n%s", diff)
		}

		next := alder(t)
		next.Contests[1].Choices[0].Withdrawn = true
		second, err := o.SaveDraft(o.ctx, next, "court order")
		if err != nil || second.Number != 2 {
			t.Fatalf("second draft: %+v, %v", second, err)
		}
		if err := o.Lock(o.ctx, general, second.Hash, "  "); fault.KindOf(err) != fault.Invalid {
			t.Errorf("superseding without a reason: %v", err)
		}
		if diff := cmp.Diff([]definition.State{definition.Draft, definition.Locked}, o.states(t, general)); diff != "" {
			t.Errorf("after a refusal: %s", diff)
		}
		o.now = o.now.Add(time.Hour)
		if err := o.Lock(o.ctx, general, second.Hash, "Eve Fox withdrew, order of September 2"); err != nil {
			t.Fatal(err)
		}
		all, err := o.Versions(o.ctx, general)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0].State != definition.Locked || all[1].State != definition.Superseded || all[1].Reason == "" || !all[0].LockedAt.Equal(o.now) {
			t.Errorf("versions: %+v", all)
		}
		if old, err := o.ByHash(o.ctx, general, first.Hash); err != nil || old.Contests[1].Choices[0].Withdrawn {
			t.Errorf("the superseded version is not what it was: %v", err)
		}
		if ballots, _ := o.Locked(o.ctx); len(ballots) != 1 || ballots[0].Hash != second.Hash {
			t.Errorf("open to results: %+v", ballots)
		}
		want := []string{"definition.drafted.v1", "definition.locked.v1", "definition.drafted.v1", "definition.superseded.v1", "definition.locked.v1"}
		if diff := cmp.Diff(want, o.told(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestADraftWithErrorsIsNotLocked(t *testing.T) {
	everywhere(t, func(t *testing.T, o *office) {
		def := alder(t)
		def.Contests[0].Choices = nil
		v, err := o.SaveDraft(o.ctx, def, "alder.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Lock(o.ctx, general, v.Hash, ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("got %v", err)
		}
		def.Election.ID = ""
		if _, err := o.SaveDraft(o.ctx, def, "alder.xlsx"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a definition of no election: %v", err)
		}
		if diff := cmp.Diff([]definition.State{definition.Draft}, o.states(t, general)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestANewDraftTakesThePlaceOfTheOld(t *testing.T) {
	everywhere(t, func(t *testing.T, o *office) {
		for range 3 {
			def := alder(t)
			if v, err := o.SaveDraft(o.ctx, def, "alder.xlsx"); err != nil || v.Number != 1 {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		if diff := cmp.Diff([]definition.State{definition.Draft}, o.states(t, general)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestOnlyOneLocks lets several people lock the same draft at once.
func TestOnlyOneLocks(t *testing.T) {
	everywhere(t, func(t *testing.T, o *office) {
		v, err := o.SaveDraft(o.ctx, alder(t), "alder.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { errs <- o.Lock(o.ctx, general, v.Hash, "") }()
		}
		won := 0
		for range cap(errs) {
			switch err := <-errs; fault.KindOf(err) {
			case "":
				won++
			case fault.Conflict, fault.NotFound, fault.Invalid:
			default:
				t.Errorf("lost with %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d locked it", won)
		}
		if diff := cmp.Diff([]definition.State{definition.Locked}, o.states(t, general)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPreviewChangesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, o *office) {
		def := alder(t)
		v, err := o.SaveDraft(o.ctx, def, "alder.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Lock(o.ctx, general, v.Hash, ""); err != nil {
			t.Fatal(err)
		}
		told := o.told(t)
		pre, err := o.Preview(o.ctx, general, "places.csv", []byte("ID,Name,Kind,Line 1,City,State,Zip\ncourthouse,Alder Courthouse,polling-place,1 Court Square,Alder,OH,43999\n"))
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(pre.Changes, func(c convert.Change) bool { return c.Noun == "place" && c.Field == "name" }); i < 0 || pre.Changes[i].After != "Alder Courthouse" {
			t.Errorf("changes: %+v", pre.Changes)
		}
		whole, err := o.Preview(o.ctx, "", "template.xlsx", template(t))
		if err != nil || len(whole.Changes) > 0 || whole.Base == nil {
			t.Errorf("the same file again: %v, %v", whole.Changes, err)
		}
		if _, err := o.Preview(o.ctx, "", "map.geojson", []byte(`{"type":"FeatureCollection","features":[]}`)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a map of no election: %v", err)
		}
		if _, err := o.Preview(o.ctx, "2031-01-01-none", "places.csv", nil); fault.KindOf(err) != fault.NotFound {
			t.Errorf("into an election that is not there: %v", err)
		}
		if diff := cmp.Diff(told, o.told(t)); diff != "" {
			t.Errorf("previews were told: %s", diff)
		}
		if now, err := o.ByHash(o.ctx, general, v.Hash); err != nil || now.Hash() != v.Hash || now.Places[0].Name != "Alder County Courthouse" {
			t.Errorf("the locked definition was changed: %v", err)
		}
		if diff := cmp.Diff([]definition.State{definition.Locked}, o.states(t, general)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAliases(t *testing.T) {
	everywhere(t, func(t *testing.T, o *office) {
		if _, err := o.SaveDraft(o.ctx, alder(t), "alder.xlsx"); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name  string
			alias election.Alias
			want  fault.Kind
		}{
			{"a unit", election.Alias{Kind: election.UnitAlias, County: "Alder", Name: " CRTHSE ", ID: "p1"}, ""},
			{"the same again means something else", election.Alias{Kind: election.UnitAlias, County: "Alder", Name: "CRTHSE", ID: "p2"}, ""},
			{"a contest", election.Alias{Kind: election.ContestAlias, Name: "Prez", ID: "president"}, ""},
			{"a choice", election.Alias{Kind: election.ChoiceAlias, Contest: "school-board", Name: "E. FOX", ID: "eve-fox"}, ""},
			{"a choice of another contest", election.Alias{Kind: election.ChoiceAlias, Contest: "president", Name: "E. FOX", ID: "eve-fox"}, fault.Invalid},
			{"a vote type", election.Alias{Kind: election.TypeAlias, Name: "One Stop", ID: "early"}, ""},
			{"a unit that is not there", election.Alias{Kind: election.UnitAlias, Name: "x", ID: "p9"}, fault.Invalid},
			{"nothing", election.Alias{Kind: election.UnitAlias, Name: "  ", ID: "p1"}, fault.Invalid},
			{"something unknown", election.Alias{Kind: "place", Name: "x", ID: "courthouse"}, fault.Invalid},
		} {
			if err := o.SetAlias(o.ctx, general, tt.alias); fault.KindOf(err) != tt.want {
				t.Errorf("%s: got %v", tt.name, err)
			}
		}
		list, err := o.Aliases(o.ctx, general)
		if err != nil || len(list) != 4 {
			t.Fatalf("%+v, %v", list, err)
		}
		unit := list[slices.IndexFunc(list, func(a election.Alias) bool { return a.Kind == election.UnitAlias })]
		if unit.ID != "p2" || unit.Name != "CRTHSE" {
			t.Errorf("the unit's alias: %+v", unit)
		}
		if err := o.RemoveAlias(o.ctx, general, unit); err != nil {
			t.Fatal(err)
		}
		if err := o.RemoveAlias(o.ctx, general, unit); fault.KindOf(err) != fault.Conflict {
			t.Errorf("removing it twice: %v", err)
		}
		if list, _ := o.Aliases(o.ctx, general); len(list) != 3 {
			t.Errorf("left: %+v", list)
		}
	})
}

// clerk is signed in at the office door and may do everything.
type clerk struct{}

func (clerk) Who(*http.Request) (who.Person, bool) {
	return who.Person{ID: "ann", Name: "Ann", Jurisdiction: dbtest.Jurisdiction, Via: who.Browser}, true
}

func (clerk) Still(*http.Request) bool { return true }

func (clerk) May(context.Context, who.Person, string) error { return nil }

// door is the office door with nothing but this room behind it.
func (o *office) door(t *testing.T) http.Handler {
	t.Helper()
	c, err := words.New("es")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range append(o.Room().Words, web.Sentences) {
		if err := c.Add(w); err != nil {
			t.Fatal(err)
		}
	}
	s := &web.Server{Routes: o.Room().Routes, Menu: o.Room().Menu, Sessions: clerk{}, Access: clerk{}, Words: c,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() time.Time { return o.now }}
	door, err := s.Door(web.OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// ask sends a request and returns the answer; want is its status.
func ask(t *testing.T, door http.Handler, r *http.Request, want int) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	if w.Code != want {
		t.Fatalf("%s %s: got %d, want %d: %.600s", r.Method, r.URL, w.Code, want, w.Body)
	}
	return w
}

func form(path string, values url.Values) *http.Request {
	r := httptest.NewRequest("POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func upload(t *testing.T, into, name string, body []byte) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("into", into); err != nil {
		t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/definition/import", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

var hiddenForm = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// hidden are the hidden fields of the forms on a page.
func hidden(page string) url.Values {
	out := make(url.Values)
	for _, m := range hiddenForm.FindAllStringSubmatch(page, -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	return out
}

// TestAtTheDesk goes through the pages as a clerk does: template, preview, draft,
// lock, export, outside names.
func TestAtTheDesk(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	door := o.door(t)
	get := func(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }
	ask(t, door, get("/definition"), http.StatusOK)
	sheet := ask(t, door, get("/definition/template.xlsx"), http.StatusOK)
	if !strings.Contains(sheet.Header().Get("Content-Disposition"), "hustings-definition.xlsx") {
		t.Errorf("the template is called %s", sheet.Header().Get("Content-Disposition"))
	}
	preview := ask(t, door, upload(t, "", "alder.xlsx", sheet.Body.Bytes()), http.StatusOK).Body.String()
	for _, want := range []string{"General election", "Eve Fox · School board, district 3", "Keep as draft"} {
		if !strings.Contains(preview, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if all, _ := o.Versions(o.ctx, ""); len(all) > 0 {
		t.Fatal("a preview kept something")
	}
	kept := ask(t, door, form("/definition/draft", hidden(preview)), http.StatusSeeOther)
	if to := kept.Header().Get("Location"); to != "/definition/2026-11-03-general" {
		t.Errorf("after keeping the draft: %s", to)
	}
	draft := ask(t, door, get("/definition/2026-11-03-general"), http.StatusOK).Body.String()
	if strings.Contains(draft, "definition.") || !strings.Contains(draft, "Lock the draft") {
		t.Errorf("the draft's page: %.900s", draft)
	}
	ask(t, door, form("/definition/2026-11-03-general/lock", hidden(draft)), http.StatusSeeOther)

	changes := ask(t, door, upload(t, "2026-11-03-general", "election.csv", []byte("Polls close\n8 pm\n")), http.StatusOK).Body.String()
	if !strings.Contains(changes, "19:30") || !strings.Contains(changes, "20:00") {
		t.Error("the preview does not show that the polls close later")
	}
	ask(t, door, form("/definition/draft", hidden(changes)), http.StatusSeeOther)
	page := ask(t, door, get("/definition/2026-11-03-general"), http.StatusOK).Body.String()
	again := hidden(page)
	ask(t, door, form("/definition/2026-11-03-general/lock", again), http.StatusUnprocessableEntity)
	again.Set("reason", "The county agreed on later hours.")
	ask(t, door, form("/definition/2026-11-03-general/lock", again), http.StatusSeeOther)

	for _, f := range convert.Formats {
		want := http.StatusOK
		if f.Name == "geojson" {
			want = http.StatusUnprocessableEntity // there are no boundaries
		}
		ask(t, door, get("/definition/2026-11-03-general/export/"+f.Name), want)
	}
	ask(t, door, get("/definition/2026-11-03-general/export/papyrus"), http.StatusNotFound)
	ask(t, door, upload(t, "", "cat.png", []byte("\x89PNG\r\n\x1a\n\x00")), http.StatusUnprocessableEntity)
	ask(t, door, upload(t, "", "big.csv", make([]byte, 1<<20+1)), http.StatusRequestEntityTooLarge)

	ask(t, door, form("/definition/2026-11-03-general/aliases", url.Values{"kind": {"unit"}, "name": {"CRTHSE"}, "id": {"p1"}}), http.StatusSeeOther)
	names := ask(t, door, get("/definition/2026-11-03-general/aliases"), http.StatusOK).Body.String()
	if !strings.Contains(names, "CRTHSE") {
		t.Error("the outside name is not on its page")
	}
	ask(t, door, form("/definition/2026-11-03-general/aliases/remove", hidden(names)), http.StatusSeeOther)
}

// TestTwoPreviewsAtOnce: who keeps a draft second, having looked first, is told.
func TestTwoPreviewsAtOnce(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	door := o.door(t)
	if _, err := o.SaveDraft(o.ctx, alder(t), "alder.xlsx"); err != nil {
		t.Fatal(err)
	}
	var forms []url.Values
	for _, close := range []string{"8 pm", "9 pm"} {
		page := ask(t, door, upload(t, "2026-11-03-general", "election.csv", []byte("Polls close\n"+close+"\n")), http.StatusOK).Body.String()
		forms = append(forms, hidden(page))
	}
	ask(t, door, form("/definition/draft", forms[0]), http.StatusSeeOther)
	ask(t, door, form("/definition/draft", forms[1]), http.StatusConflict)
}

// TestThePagesInSpanish looks for sentences that nobody translated.
func TestThePagesInSpanish(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	door := o.door(t)
	def := alder(t)
	def.Election.TimeZone = "" // so that there is a problem to tell
	if _, err := o.SaveDraft(o.ctx, def, "alder.xlsx"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/definition", "/definition/import", "/definition/2026-11-03-general", "/definition/2026-11-03-general/aliases"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Language", "es")
		page := ask(t, door, r, http.StatusOK).Body.String()
		if !strings.Contains(page, `lang="es"`) || strings.Contains(page, "definition.") {
			t.Errorf("%s: %.400s", path, page)
		}
		if path == "/definition/2026-11-03-general" && !strings.Contains(page, "no indica zona horaria") {
			t.Error("the problem is not told in Spanish")
		}
	}
}
