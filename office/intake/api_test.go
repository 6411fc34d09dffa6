// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"hustings/format/sheet"
	"hustings/format/vri"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/registry/roll"
)

const samples = "../../../shared/data/vri"

// sessions are people by the name in their cookie.
type sessions struct{ k *desk }

func (s sessions) Who(r *http.Request) (who.Person, bool) {
	c, err := r.Cookie("me")
	if err != nil {
		return who.Person{}, false
	}
	return who.Person{ID: c.Value, Name: c.Value, Jurisdiction: s.k.Jurisdiction, Via: who.Browser}, true
}

func (sessions) Still(*http.Request) bool { return true }

// May lets everybody do everything, but for one.
func (sessions) May(_ context.Context, p who.Person, permission string) error {
	if p.ID == "clerk" && permission == mayProtected {
		return fault.New(fault.Denied, "You may not see this.")
	}
	return nil
}

func TestTheFormOfAProtectedVoterIsForThoseWhoMaySeeIt(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		door := k.door()
		k.Intake.Access = sessions{k}
		for i, protected := range []string{"", "safe at home"} {
			ids, err := k.Scanned(k.ctx, []Scan{{"form.png", page(t, byte(i))}}, true, roll.ByMail, "")
			k.must(err)
			a, err := k.Application(k.ctx, ids[0])
			k.must(err)
			a.Voter.Protected, a.Voter.Name, a.Voter.Home = protected, mary().Voter.Name, mary().Voter.Home
			k.must(k.Entered(k.ctx, a.ID, a.Version, a.Application))
			pictures, err := k.Pictures(k.ctx, a.ID)
			k.must(err)
			for who, hidden := range map[string]bool{"clerk": protected != "", "officer": false} {
				for _, path := range []string{"/form", "/pictures/" + pictures[0].N} {
					w := ask(door, who, "GET", pathOf(a.ID)+path, "", nil)
					if want := map[bool]int{true: http.StatusForbidden, false: http.StatusOK}[hidden]; w.Code != want {
						t.Errorf("%s, %q, %s: %d, want %d", who, protected, path, w.Code, want)
					}
				}
				w := ask(door, who, "GET", pathOf(a.ID), "", nil)
				if shown := strings.Contains(w.Body.String(), mary().Voter.Home.Street); w.Code != http.StatusOK || shown == (protected != "") {
					t.Errorf("%s, %q: the page answers %d, and shows the residence: %v", who, protected, w.Code, shown)
				}
			}
		}
	})
}

// door is the office door with this room behind it.
func (k *desk) door() http.Handler {
	k.t.Helper()
	c, err := words.New("es")
	k.must(err)
	k.must(c.Add(web.Sentences))
	for _, w := range k.Room().Words {
		k.must(c.Add(w))
	}
	s := &web.Server{Routes: k.Room().Routes, Sessions: sessions{k}, Access: sessions{k}, Words: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: k.Now, TLS: true}
	door, err := s.Door(web.OfficeDoor)
	k.must(err)
	return door
}

// ask sends a request as a person or a program.
func ask(door http.Handler, as, method, path, contentType string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, body)
	r.AddCookie(&http.Cookie{Name: "me", Value: as})
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

// judge holds answers to the official schema.
type judge struct {
	t      *testing.T
	schema *jsonschema.Schema
	dir    string
	files  []string
}

func newJudge(t *testing.T) *judge {
	t.Helper()
	f, err := os.Open(filepath.Join(samples, "schema/NIST_V0_voter_records_interchange.json"))
	if err != nil {
		t.Skip("the schema of NIST SP 1500-102 is not on this machine")
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	if err := c.AddResource("vri.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("vri.json")
	if err != nil {
		t.Fatal(err)
	}
	return &judge{t: t, schema: s, dir: t.TempDir()}
}

// read holds an answer to the schema, and gives the message in it.
func (j *judge) read(what string, w *httptest.ResponseRecorder) vri.Message {
	j.t.Helper()
	body := w.Body.Bytes()
	if strings.Contains(w.Header().Get("Content-Type"), "xml") {
		name := filepath.Join(j.dir, strings.NewReplacer("/", "_", " ", "_").Replace(what)+".xml")
		if err := os.WriteFile(name, body, 0o600); err != nil {
			j.t.Fatal(err)
		}
		j.files = append(j.files, name)
	} else if inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil {
		j.t.Errorf("%s: %v: %s", what, err, body)
	} else if err := j.schema.Validate(inst); err != nil {
		j.t.Errorf("%s: %v: %s", what, err, body)
	}
	_, list, err := vri.Read("answer", bytes.NewReader(body), sheet.Limits{})
	if err != nil || len(list) != 1 {
		j.t.Fatalf("%s: %v, %d messages: %s", what, err, len(list), body)
	}
	return list[0]
}

// lint holds the answers in XML to the schema.
func (j *judge) lint() {
	j.t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil || len(j.files) == 0 {
		return
	}
	args := append([]string{"--noout", "--nonet", "--schema", filepath.Join(samples, "schema/flattened/NIST_V0_voter_records_interchange.xsd")}, j.files...)
	if out, err := exec.Command("xmllint", args...).CombinedOutput(); err != nil {
		j.t.Errorf("xmllint: %v\n%s", err, out)
	}
}

// TestEverySampleIsAnswered hands in the samples of the standard, dirty ones
// among them: each is acknowledged, kept to the last byte, processed and
// answered, and whatever is answered is valid.
func TestEverySampleIsAnswered(t *testing.T) {
	j := newJudge(t)
	k := openDesk(t, dbtest.SQLite(t, source())).with(newCounty())
	door := k.door()
	var files []string
	for _, dir := range []string{"nvra-examples/*", "va-examples/*"} {
		list, err := filepath.Glob(filepath.Join(samples, dir))
		k.must(err)
		files = append(files, list...)
	}
	if len(files) < 29 {
		t.Fatalf("%d samples, want 29", len(files))
	}
	requests := 0
	ends := map[string]int{}
	where := map[string]string{}
	for _, path := range files {
		body, err := os.ReadFile(path)
		k.must(err)
		name := filepath.Base(path)
		media := "application/xml"
		if strings.HasSuffix(name, ".json") {
			media = "application/json"
		}
		w := ask(door, "bmv", "POST", "/api/registry/applications", media, bytes.NewReader(body))
		m := j.read("first "+name, w)
		if strings.Contains(name, "acknowledgement") {
			if m.Rejection == nil || w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: an answer was taken for a request: %d", name, w.Code)
			}
			continue
		}
		requests++
		if w.Code != http.StatusAccepted || m.Acknowledgement == nil || m.Acknowledgement.TransactionId == "" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
			continue
		}
		where[name] = w.Header().Get("Location")
		var id ID
		k.must(k.DB.QueryRowContext(k.ctx, `select id from intake_application where transaction_id = $1 order by id desc limit 1`, m.Acknowledgement.TransactionId).Scan(&id))
		if _, kept, err := k.OpenPicture(k.ctx, id, messagePicture); err != nil || !bytes.Equal(kept, body) {
			t.Errorf("%s: the message was not kept: %v", name, err)
		}
	}
	k.process()
	for name, path := range where {
		for _, accept := range []string{"application/json", "application/xml"} {
			r := httptest.NewRequest("GET", path, nil)
			r.AddCookie(&http.Cookie{Name: "me", Value: "bmv"})
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			m := j.read("then "+name+" "+accept[12:], w)
			switch {
			case m.Acknowledgement != nil:
				ends["waits"]++
			case m.Success != nil:
				ends["success"]++
			case m.Rejection != nil:
				ends["rejection"]++
			}
		}
		if w := ask(door, "other", "GET", path, "", nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: another sender is told %d", name, w.Code)
		}
	}
	j.lint()
	list, err := k.Waiting(k.ctx, Filter{Step: Any, Limit: 100})
	k.must(err)
	t.Logf("%d requests, %d applications, %v", requests, len(list), ends)
	if requests != 29 || len(list) != requests || ends["success"] == 0 {
		t.Errorf("%d requests, %d applications, %v", requests, len(list), ends)
	}
}

func TestAProgramIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		c := newCounty()
		k.with(c)
		k.t = t
		door := k.door()
		request := func(number, more string) string {
			return `{"@type":"VRI.VoterRecordsRequest","GeneratedDate":"2026-08-31","Type":["registration"],"RequestMethod":"motor-vehicle-office","TransactionId":"` + number + `",
				"Subject":{"@type":"VRI.Voter","Name":{"@type":"VRI.Name","FirstName":"Jo","LastName":"Doe"},"DateOfBirth":"1990-05-05",
				"VoterId":[{"@type":"VRI.VoterId","Type":"drivers-license","StringValue":"D77"}],
				"ResidenceAddress":{"@type":"addr.GeneralAddressClass_type","GeneralAddress":"12 Elm St"}` + more + `}}`
		}
		post := func(body string) (int, vri.Message) {
			w := ask(door, "bmv", "POST", "/api/registry/applications", "application/json", strings.NewReader(body))
			_, list, err := vri.Read("answer", w.Body, sheet.Limits{})
			if err != nil || len(list) != 1 {
				t.Fatalf("%v %d", err, len(list))
			}
			return w.Code, list[0]
		}
		get := func(number string) vri.Message {
			_, list, err := vri.Read("answer", ask(door, "bmv", "GET", "/api/registry/applications/"+number, "", nil).Body, sheet.Limits{})
			if err != nil || len(list) != 1 {
				t.Fatalf("%v %d", err, len(list))
			}
			return list[0]
		}
		for range 2 {
			if code, m := post(request("t-1", "")); code != http.StatusAccepted || m.Acknowledgement.TransactionId != "t-1" {
				t.Fatalf("%d %+v", code, m)
			}
		}
		if get("t-1").Acknowledgement == nil {
			t.Error("before it is processed there is another answer than the acknowledgement")
		}
		k.process()
		if m := get("t-1"); m.Success == nil || strings.Join(m.Success.Action, " ") != "registration-created" || m.Success.Locality[0].Name != "p1" {
			t.Errorf("%+v", m.Success)
		}
		if len(c.voters) != 1 {
			t.Errorf("the same number twice made %d voters", len(c.voters))
		}
		post(strings.Replace(request("t-2", ""), `"DateOfBirth":"1990-05-05",`, "", 1))
		k.process()
		if m := get("t-2"); m.Rejection == nil || m.Rejection.Error[0].Name != "incomplete" || m.Rejection.Error[0].Ref != "Subject/DateOfBirth" {
			t.Errorf("%+v", m.Rejection)
		}
		post(request("t-3", `,"VoterClassification":[{"@type":"VRI.VoterClassification","Type":"united-states-citizen","Assertion":"no"}]`))
		k.process()
		if m := get("t-3"); m.Rejection == nil || m.Rejection.Error[0].Name != "ineligible" {
			t.Errorf("%+v", m.Rejection)
		}
		post(strings.Replace(request("t-4", ""), `"registration"`, `"lookup"`, 1))
		k.process()
		if m := get("t-4"); m.Rejection == nil || m.Rejection.Error[0].Ref != "Type" || len(c.voters) != 1 {
			t.Errorf("%+v", m.Rejection)
		}
		for _, bad := range []string{"", "hello", "{}", "<a/>", `{"@type":"VRI.VoterRecordsRequest"`, "last_name,first_name\nDoe,Jo\n"} {
			if code, m := post(bad); code != http.StatusUnprocessableEntity || m.Rejection == nil || m.Rejection.Error[0].Name != "invalid-form" {
				t.Errorf("%q: %d %+v", bad, code, m)
			}
		}
	})
}

// FuzzMessage has no message stop the house, and none accepted that holds no
// request.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{"", "{}", "<a/>", `{"@type":"VRI.VoterRecordsRequest","Type":["registration"],"Subject":{"Name":{"LastName":"Doe"}}}`,
		`<VoterRecordsRequest xmlns="NIST_V0_voter_records_interchange.xsd"><Subject><Name><LastName>Doe</LastName></Name></Subject></VoterRecordsRequest>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > largestMessage {
			return
		}
		rec, _, err := readMessage(body)
		if (err == nil) == (rec == nil) {
			t.Errorf("%v and %v", rec, err)
		}
	})
}
