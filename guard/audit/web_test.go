// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hustings/event"
	"hustings/format/eel"
	"hustings/format/ocsf/ocsftest"
	"hustings/guard/audit"
	"hustings/guard/audit/receipt"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/kit/publish"
	"hustings/kit/web"
	"hustings/kit/who"
)

// people are who works here and who may do what.
type people struct{ as string }

func (p people) Who(*http.Request) (who.Person, bool) {
	return who.Person{ID: p.as, Name: p.as, Jurisdiction: "nye", Via: who.Browser}, p.as != ""
}
func (p people) Still(*http.Request) bool { return true }

// May lets ann do all in nye and below, and eve nothing.
func (people) May(_ context.Context, p who.Person, _ string) error {
	if p.ID == "eve" || p.Jurisdiction != "nye" && p.Jurisdiction != "nye/pahrump" {
		return fault.New(fault.Denied, "no")
	}
	return nil
}

func (people) People(context.Context) ([]audit.Person, error) {
	return []audit.Person{{ID: "ann", Name: "Ann Clark", Email: "ann@county.example"}, {ID: "bo", Name: "Bo Rivera", Email: "bo@county.example"}}, nil
}

// desk is the office door for one person.
type desk struct {
	*office
	door http.Handler
}

func openDesk(t *testing.T, d *db.DB, as string) *desk {
	t.Helper()
	shelf, err := publish.Open(t.TempDir(), publish.Options{Poll: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shelf.Close() })
	o := openOffice(t, d, filepath.Join(t.TempDir(), "log"), func(deps *audit.Deps) {
		deps.Access, deps.People, deps.Words, deps.Shelf, deps.Office = people{}, people{}, catalog(t), shelf, "Nye County"
		deps.Style = audit.Asset{Path: "assets/site-0.css", Body: []byte("body{}")}
	})
	s := &web.Server{Routes: o.Room().Routes, Menu: o.Room().Menu, Sessions: people{as}, Access: people{}, Words: o.Words, Log: o.Log, Now: time.Now}
	door, err := s.Door(web.OfficeDoor)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{o, door}
}

func (d *desk) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, r)
	return w
}

func (d *desk) get(path string) string {
	d.t.Helper()
	w := d.do("GET", path, nil)
	if w.Code != 200 {
		d.t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// act records a fact as a person, in a request, at a moment.
func act(t *testing.T, d *db.DB, as, request string, f db.Fact) {
	t.Helper()
	ctx := who.WithRequest(who.With(context.Background(), who.Person{ID: as, Jurisdiction: "nye", Via: who.Browser}), request)
	if err := ledger.Saw(ctx, d, f); err != nil {
		t.Fatal(err)
	}
}

func TestPeopleFindWhatHappened(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openDesk(t, d, "ann")
		act(t, d, "ann", "r1", event.ResultsHeld{Election: "2026", Source: "mail", Report: "rep-1", File: "a.csv"})
		act(t, d, "bo", "r2", event.ResultsApproved{Election: "2026", Report: "rep-1", Version: 1})
		act(t, d, "bo", "r3", event.RoleGranted{Person: "ann", Role: "auditor", Where: "nye"})
		act(t, d, "ann", "r4", event.RecordsRead{Kind: "voter", Records: []string{"v-1", "v-2"}, Why: "a call"})
		act(t, d, "ann", "r5", said{What: "x", in: "nye/pahrump"})
		act(t, d, "ann", "r6", said{What: "y", in: "clark"})
		for _, tt := range []struct {
			name, query string
			want, not   string
		}{
			{"everything of one's own jurisdiction", "", "Ann Clark sent in a.csv", "subject x"},
			{"by person's name", "person=bo+rivera", "Bo Rivera approved version 1", "sent in"},
			{"by person's id", "person=ann", "sent in", "approved version"},
			{"by subject", "subject=rep-1", "approved version 1", "the role auditor"},
			{"by fact", "action=access.role-granted.v1", "Bo Rivera gave Ann Clark the role auditor", "rep-1"},
			{"by room", "action=results", "approved version 1", "the role auditor"},
			{"by request", "request=r3", "the role auditor", "approved version"},
			{"by time", "from=2000-01-01&to=2099-12-31", "approved version 1", "Nothing was found"},
			{"by a time long ago", "to=2000-01-01", "Nothing was found", "approved version 1"},
			{"reading shows up too", "action=audit.records-read.v1", "read protected records (voter): v-1, v-2", "approved"},
			{"a jurisdiction below", "in=nye/pahrump", "test.said, about subject x", "approved"},
			{"in Spanish", "lang=es&action=access.role-granted.v1", "dio a Ann Clark la función auditor", "gave"},
		} {
			body := o.get("/audit?" + tt.query)
			list := table(body)
			if !strings.Contains(list, tt.want) || strings.Contains(list, tt.not) {
				t.Errorf("%s: want %q and not %q in\n%s", tt.name, tt.want, tt.not, list)
			}
		}
		if w := o.do("GET", "/audit?in=clark", nil); w.Code != 403 {
			t.Errorf("another's jurisdiction: got %d", w.Code)
		}
		if w := o.do("GET", "/audit?from=noon", nil); w.Code != 422 || !strings.Contains(w.Body.String(), "“noon” is no day") || !strings.Contains(w.Body.String(), `aria-invalid="true"`) {
			t.Errorf("an odd day: got %d\n%s", w.Code, w.Body)
		}
		if w := openDesk(t, d, "eve").do("GET", "/audit", nil); w.Code != 403 {
			t.Errorf("without the permission: got %d", w.Code)
		}
	}, source())
}

// table is the list of entries, or what stands in its place.
func table(body string) string {
	at := strings.Index(body, `id="found-h"`)
	if at < 0 {
		return body
	}
	end := strings.Index(body[at:], "office-forms")
	return body[at:][:end]
}

var seqs = regexp.MustCompile(`<td>(\d+)</td></tr>`)

func TestPagesFollowEachOtherWithoutGapOrRepeat(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := openDesk(t, d, "ann")
	say(t, d, "nye", 120)
	link := regexp.MustCompile(`rel="(next|prev)" href="([^"]+)"`)
	var got []string
	at, last := "/audit?subject=", ""
	for at != "" {
		body := o.get(at)
		for _, m := range seqs.FindAllStringSubmatch(body, -1) {
			got = append(got, m[1])
		}
		last, at = at, ""
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			if m[1] == "next" {
				at = strings.ReplaceAll(m[2], "&amp;", "&")
			}
		}
	}
	if len(got) != 120 || got[0] != "120" || got[119] != "1" || got[50] != "70" {
		t.Fatalf("got %d entries: %v", len(got), got)
	}
	// and back
	body := o.get(last)
	for _, m := range link.FindAllStringSubmatch(body, -1) {
		if m[1] == "prev" {
			back := seqs.FindAllStringSubmatch(o.get(strings.ReplaceAll(m[2], "&amp;", "&")), -1)
			if len(back) != 50 || back[0][1] != "70" || back[49][1] != "21" {
				t.Errorf("back: got %v", back)
			}
		}
	}
}

func TestAnEntryShowsBeforeAndAfterAndItsReceipt(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := openDesk(t, d, "ann")
	act(t, d, "ann", "r1", event.ResultsSourceSaved{Election: "2026", Source: "mail", Mode: "cumulative", Split: "total"})
	act(t, d, "bo", "r2", event.ResultsSourceSaved{Election: "2026", Source: "mail", Mode: "incremental", Split: "total"})
	act(t, d, "bo", "r2", said{What: "secret", in: "clark"})
	o.seal()
	o.sealed(3)
	o.remembered(3)
	e, _, err := o.Ledger.At(t.Context(), "nye", 2)
	if err != nil {
		t.Fatal(err)
	}
	body := o.get("/audit/entries/" + e.ID)
	for _, want := range []string{"Bo Rivera said how files of mail", "<th scope=\"row\">Mode</th><td>cumulative</td><td>incremental</td>", " of the sealed log", "/receipt"} {
		if !strings.Contains(body, want) {
			t.Errorf("want %q in\n%s", want, body)
		}
	}
	r, err := receipt.Read(strings.NewReader(o.get("/audit/entries/" + e.ID + "/receipt")))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Check(o.key); err != nil {
		t.Error(err)
	}
	other, _, err := o.Ledger.At(t.Context(), "clark", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/audit/entries/" + other.ID, "/audit/entries/" + other.ID + "/receipt", "/audit/entries/none"} {
		if w := o.do("GET", path, nil); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
}

func TestSearchesAreKeptEachByTheirOwner(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openDesk(t, d, "ann")
		w := o.do("POST", "/audit/searches", url.Values{"title": {"Bo's work"}, "person": {"bo"}, "from": {"2026-11-03"}})
		if w.Code != 303 || w.Header().Get("Location") != "/audit?from=2026-11-03&person=bo" {
			t.Fatalf("got %d %s", w.Code, w.Header().Get("Location"))
		}
		if w := o.do("POST", "/audit/searches", url.Values{"title": {" "}}); w.Code != 422 {
			t.Errorf("without a name: got %d", w.Code)
		}
		body := o.get("/audit")
		m := regexp.MustCompile(`/audit/searches/([^/]+)/remove`).FindStringSubmatch(body)
		if m == nil || !strings.Contains(body, `href="/audit?from=2026-11-03&amp;person=bo">Bo&#39;s work</a>`) {
			t.Fatalf("got\n%s", body)
		}
		bo := openDesk(t, d, "bo")
		if strings.Contains(bo.get("/audit"), "Remove “") {
			t.Error("bo sees ann's search")
		}
		if w := bo.do("POST", "/audit/searches/"+m[1]+"/remove", nil); w.Code != 404 {
			t.Errorf("bo removes ann's search: got %d", w.Code)
		}
		if w := o.do("POST", "/audit/searches/"+m[1]+"/remove", nil); w.Code != 303 {
			t.Errorf("got %d", w.Code)
		}
		if strings.Contains(o.get("/audit"), "Remove “") {
			t.Error("it is still there")
		}
	}, source())
}

func TestExportsAreValidAndRecorded(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := openDesk(t, d, "ann")
	n := 2 // the head, and what follows
	for _, f := range event.All() {
		if j, ok := f.(interface{ Jurisdiction() string }); ok && j.Jurisdiction() == "" {
			continue // it says itself where it belongs, and this one does not
		}
		act(t, d, "bo", "r", f)
		n++
	}
	act(t, d, "bo", "r", event.RoleGranted{Person: "ann", Role: "auditor", Where: "nye"})
	n++
	act(t, d, "bo", "r", event.SignedIn{Account: "bo", Address: "192.0.2.7", Agent: "Mozilla"})
	act(t, d, "system:results.publisher", "r", said{What: "=1+1", in: "nye"})
	export := func(form string) string {
		w := o.do("POST", "/audit/export", url.Values{"form": {form}, "person": {"bo"}})
		if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
			t.Fatalf("%s: got %d\n%s", form, w.Code, w.Body)
		}
		return w.Body.String()
	}
	rows, err := csv.NewReader(strings.NewReader(export("csv"))).ReadAll()
	if err != nil || len(rows) != n {
		t.Errorf("csv: %d rows, %v, want %d", len(rows), err, n)
	}
	for _, form := range []string{"eel-xml", "eel-json"} {
		l, problems, err := eel.Read(strings.NewReader(export(form)))
		if err != nil || len(problems) > 0 || len(l.Devices) != 1 || len(l.Devices[0].Events) != n-1 {
			t.Errorf("%s: %v, %v, %d devices", form, problems, err, len(l.Devices))
		}
	}
	lines := strings.Split(strings.TrimSpace(export("ocsf")), "\n")
	if len(lines) != n-1 {
		t.Errorf("ocsf: %d lines, want %d", len(lines), n-1)
	}
	checkOCSF(t, lines)
	all := o.do("POST", "/audit/export", url.Values{"form": {"csv"}}).Body.String()
	if !strings.Contains(all, "subject =1+1") || strings.Contains(all, ",=1") {
		t.Errorf("got %s", all)
	}
	if w := o.do("POST", "/audit/export", url.Values{"form": {"pdf"}}); w.Code != 422 {
		t.Errorf("an odd form: got %d", w.Code)
	}
	if w := o.do("POST", "/audit/export", url.Values{"form": {"csv"}, "in": {"clark"}}); w.Code != 403 {
		t.Errorf("another's jurisdiction: got %d", w.Code)
	}
	list, err := o.Ledger.Named(t.Context(), "nye", "audit.exported.v1")
	if err != nil {
		t.Fatal(err)
	}
	var f event.AuditExported
	last := list[len(list)-1]
	if err := json.Unmarshal(last.Data, &f); err != nil || last.Actor != "ann" || f.Form != "csv" || f.Entries == 0 {
		t.Errorf("got %+v by %s, %v", f, last.Actor, err)
	}
}

func checkOCSF(t *testing.T, lines []string) {
	t.Helper()
	const folder = "../../../shared/data/ocsf"
	if _, err := os.Stat(folder); err != nil {
		t.Logf("the public data set is not here: %v", err)
		return
	}
	s, err := ocsftest.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		for _, p := range s.Check([]byte(line)) {
			t.Errorf("%s in %s", p, line)
		}
	}
}

func TestEveryFactHasItsWords(t *testing.T) {
	c := catalog(t)
	for _, lang := range []string{"en", "es"} {
		p := c.In(lang)
		for _, f := range event.All() {
			bare := regexp.MustCompile(`\.v\d+$`).ReplaceAllString(f.Name(), "")
			room, rest, _ := strings.Cut(bare, ".")
			for _, kind := range []string{"fact", "action"} {
				if !p.Has(fmt.Sprintf("%s.%s.%s", room, kind, rest)) && !p.Has(fmt.Sprintf("audit.%s.%s", kind, bare)) {
					t.Logf("%s: %s has no words (%s) of its own; it is told in general ones", lang, f.Name(), kind)
				}
			}
		}
	}
}

// A version of results is published, its receipt follows, and anybody can check
// a file with it.
func TestAPublishedVersionCanBeCheckedByAnyone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openDesk(t, d, "ann")
		draft, err := o.Shelf.Begin("results/2026-11-03")
		if err != nil {
			t.Fatal(err)
		}
		file := "contest,votes\nMayor,12\n"
		if err := draft.Put("downloads/results.csv", []byte(file)); err != nil {
			t.Fatal(err)
		}
		if _, err := draft.Commit(t.Context(), publish.Pointer{At: time.Now(), Status: "unofficial-partial"}); err != nil {
			t.Fatal(err)
		}
		now, _ := o.Shelf.Current("results/2026-11-03")
		act(t, d, "system:results.publisher", "r", event.ResultsPublished{Election: "2026-11-03", Version: 1, Mode: "test", SHA256: "x"})
		act(t, d, "system:results.publisher", "r", event.ResultsPublished{Election: "2026-11-03", Version: 1, Mode: "live", SHA256: now.Manifest, At: time.Now()})
		o.seal()
		hear, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- o.Ledger.Run(hear, o.Room().Hears) }()
		defer func() { stop(); <-done }()
		read := func(path string) []byte {
			for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
				f, err := o.Shelf.Read(t.Context(), "verify", 0, path)
				if err == nil {
					return f.Body
				}
				if time.Since(start) > 20*time.Second {
					t.Fatal(err)
				}
			}
		}
		r, err := receipt.Read(strings.NewReader(string(read("receipts/2026-11-03/v1.json"))))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.Check(o.key); err != nil {
			t.Error(err)
		}
		path, err := r.Published(read("lists/2026-11-03/v1.txt"), strings.NewReader(file))
		if err != nil || path != "downloads/results.csv" {
			t.Errorf("got %q, %v", path, err)
		}
		key, err := o.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[string]string{"index.html": "Check a result file yourself", "es/index.html": "Compruebe usted un archivo"} {
			body := string(read(at))
			if !strings.Contains(body, want) || !strings.Contains(body, "receipts/2026-11-03/v1.json") || strings.Contains(body, "<script>") || !strings.Contains(body, strings.ReplaceAll(key, "+", "&#43;")) && !strings.Contains(body, key) {
				t.Errorf("%s:\n%s", at, body)
			}
		}
	}, source())
}
