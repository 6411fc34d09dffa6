// SPDX-License-Identifier: Apache-2.0

package register

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/words"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
)

// vault makes a key for each subject, and destroys it.
type vault struct {
	mu   sync.Mutex // guards gone
	gone map[string]bool
}

func (v *vault) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return nil, errors.New("nothing here is sealed under a purpose's key")
}

func (v *vault) Subject(_ context.Context, _ db.Reader, jurisdiction, subject, purpose string) (tink.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gone[subject] {
		return nil, fault.New(fault.Gone, "destroyed")
	}
	key := sha256.Sum256([]byte(jurisdiction + subject + purpose))
	return seal.NewGCM(key[:])
}

// Shred destroys a subject's key.
func (v *vault) Shred(_ context.Context, subject, reason string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.gone[subject] || reason == "" {
		return fault.New(fault.Conflict, "destroyed already")
	}
	v.gone[subject] = true
	return nil
}

// counter is an intake in memory.
type counter struct {
	mu      sync.Mutex // guards the rest
	taken   map[string]taken
	trouble error // what Accept answers, after it has taken
	hold    chan struct{}
}

type taken struct {
	roll.Application
	receipt string
	picture []byte
}

func (c *counter) Accept(_ context.Context, key string, a roll.Application, signature []byte) (string, error) {
	if c.hold != nil {
		<-c.hold
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.taken[key]; !ok {
		c.taken[key] = taken{a, fmt.Sprintf("AB%03d-CDEFG-HJKM", len(c.taken)), signature}
	}
	return c.taken[key].receipt, c.trouble
}

func (c *counter) Status(_ context.Context, receipt string, birth election.Date) (Standing, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.taken {
		if t.receipt == receipt && t.Voter.Birth == birth {
			return Standing{State: "received", Since: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)}, nil
		}
	}
	return Standing{}, fault.New(fault.NotFound, "none")
}

// one is the only application that was taken.
func (c *counter) one(t *testing.T) taken {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.taken) != 1 {
		t.Fatalf("%d applications were taken, want 1", len(c.taken))
	}
	for _, one := range c.taken {
		return one
	}
	panic("unreachable")
}

type calendar []election.Election

func (c calendar) Upcoming(_ context.Context, from election.Date) (out []election.Election, err error) {
	for _, e := range c {
		if e.End >= from {
			out = append(out, e)
		}
	}
	return out, nil
}

// mailbox keeps letters, and text messages.
type mailbox struct {
	letters, texts []string
	trouble        error
}

func (m *mailbox) Text(_ context.Context, to, text string) error {
	if m.trouble != nil {
		return m.trouble
	}
	m.texts = append(m.texts, to+"\n"+text)
	return nil
}

func (m *mailbox) Mail(_ context.Context, to, subject, text, key string) error {
	if m.trouble != nil {
		return m.trouble
	}
	m.letters = append(m.letters, to+"\n"+subject+"\n"+text)
	return nil
}

// site is the room behind a public door.
type site struct {
	*Register
	t      *testing.T
	now    time.Time
	intake *counter
	vault  *vault
	mail   *mailbox
	door   *httptest.Server
	log    *bytes.Buffer
}

func source() db.Source { return db.Source{Room: "register", FS: migrations} }

func openSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, now: time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), intake: &counter{taken: map[string]taken{}}, vault: &vault{gone: map[string]bool{}}, mail: &mailbox{}, log: new(bytes.Buffer)}
	book, err := rules.Shipped()
	s.must(err)
	catalog, err := words.New("es")
	s.must(err)
	s.must(catalog.Add(web.Sentences))
	s.must(catalog.Add(sentences))
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Register = New(Deps{DB: d, Now: func() time.Time { return s.now }, Log: log, Words: catalog, Jurisdiction: dbtest.Jurisdiction, State: "XX",
		Sealer: &seal.Sealer{Keys: s.vault}, Book: book, Intake: s.intake, Shredder: s.vault, Post: s.mail, Texts: s.mail,
		Elections: calendar{{ID: "2026-11-03-general", Name: election.Text{"en": "General Election", "es": "Elección general"}, Type: election.General, End: "2026-11-03"}},
		Office:    Office{Name: "Vale Elections", Phone: "555-010-0100"}, Style: "/assets/office.css", Script: "/assets/register.js"})
	door, err := (&web.Server{Routes: s.routes(), Words: catalog, Log: log, Now: s.Now}).Door(web.PublicDoor)
	s.must(err)
	s.door = httptest.NewServer(door)
	t.Cleanup(s.door.Close)
	return s
}

// each runs a test on both engines.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) { test(t, openSite(t, d)) }, source(), job.Source())
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// voter is somebody at a browser without scripts.
type voter struct {
	*site
	client *http.Client
	path   string // of the page that they see
	page   string
	status int
	head   http.Header
}

func (s *site) voter() *voter {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &voter{site: s, client: &http.Client{Jar: jar}}
}

func (v *voter) see(res *http.Response, err error) {
	v.t.Helper()
	v.must(err)
	defer res.Body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	v.must(err)
	v.path, v.page, v.status, v.head = res.Request.URL.Path, b.String(), res.StatusCode, res.Header
}

func (v *voter) visit(path string) { v.t.Helper(); v.see(v.client.Get(v.door.URL + path)) }

func (v *voter) post(path string, fields ...string) {
	v.t.Helper()
	v.see(v.client.PostForm(v.door.URL+path, pairs(fields)))
}

func pairs(fields []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return form
}

// say answers the question that the voter is at, and wants to arrive somewhere.
func (v *voter) say(to string, fields ...string) {
	v.t.Helper()
	was := v.path
	if v.path == "/register/question/sign" {
		v.sign(nil, fields...)
	} else {
		v.post(v.path, fields...)
	}
	if v.path != "/register/"+to || v.status != http.StatusOK {
		v.t.Fatalf("after %s %v: at %s (%d), want /register/%s\n%s", was, fields, v.path, v.status, to, v.page)
	}
}

// sign posts the form with the signature.
func (v *voter) sign(file []byte, fields ...string) {
	v.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, values := range pairs(fields) {
		v.must(form.WriteField(name, values[0]))
	}
	part, err := form.CreateFormFile("picture", "me.jpg")
	v.must(err)
	_, err = part.Write(file)
	v.must(err)
	v.must(form.Close())
	v.see(v.client.Post(v.door.URL+"/register/signature", form.FormDataContentType(), &b))
}

func (v *voter) sees(want ...string) {
	v.t.Helper()
	for _, w := range want {
		if !strings.Contains(v.page, w) {
			v.t.Fatalf("%s does not say %q:\n%s", v.path, w, v.page)
		}
	}
}

var versionField = regexp.MustCompile(`name="version" value="(\d+)"`)

// send presses the button of the page with all answers.
func (v *voter) send() {
	v.t.Helper()
	v.visit("/register/check")
	m := versionField.FindStringSubmatch(v.page)
	if m == nil {
		v.t.Fatalf("no button to send with:\n%s", v.page)
	}
	v.post("/register/check", "version", m[1])
}

var affirmed = []string{"affirm", "united-states-citizen", "affirm", "eighteen-on-election-day", "affirm", "residence", "affirm", "felon", "affirm", "truthful"}

// upToSign answers everything before the signature.
func (v *voter) upToSign() {
	v.t.Helper()
	v.visit("/register/question/want")
	v.say("question/citizen", "want", "register")
	v.say("question/where", "citizen", "yes")
	v.say("question/safe", "where", "here")
	v.say("question/birth", "safe", "no")
	v.say("question/number", "birth-month", "2", "birth-day", "29", "birth-year", "1980")
	v.say("question/name", "number", "licence", "licence", "x 123-456-789")
	v.say("question/before", "first", "María", "middle", "Elena", "last", "García-López")
	v.say("question/home", "before", "yes", "was-last", "García", "was-line", "9 Hidden Hollow Rd", "was-city", "Dale", "was-state", "zz", "was-zip", "00999")
	v.say("question/mail", "home-line", "12 North Elm Street", "home-unit", "4b", "home-city", "Vale", "home-zip", "005011234")
	v.say("question/contact", "mail", "same")
	v.say("question/party", "email", "maria@example.com", "phone", "(555) 010-0199", "texts", "yes")
	v.say("question/letters", "party", "orchard")
	v.say("question/sign", "letters", "es")
}

// upToCheck answers every question.
func (v *voter) upToCheck() {
	v.t.Helper()
	v.upToSign()
	v.say("question/affirm", "sign", "licence")
	v.say("check", affirmed...)
}

func TestAVoterRegistersWithoutScripts(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.voter()
		v.visit("/register")
		v.sees("General Election", "Register here, on the web, until", "October 9, 2026", "/register/question/want")
		v.upToCheck()
		v.sees("María", "García-López", "12 North Elm Street", "••••••6789", "February 29, 1980", "Orchard Party", "/register/question/home?change=1")
		v.send()
		if v.path != "/register/done" {
			t.Fatalf("at %s: %s", v.path, v.page)
		}
		one := s.intake.one(t)
		v.sees(one.receipt, "You are not registered yet.")
		a := one.Application
		if a.Asks != roll.ToRegister || a.Voter.Home.Line() != "12 N ELM ST #4B" && a.Voter.Home.Unit != "4b" || a.Voter.Home.ZIP != "00501-1234" || a.Voter.NumberOf(roll.License).Reveal() != "X123456789" ||
			a.Voter.Birth != "1980-02-29" || a.Voter.Party != "orchard" || a.Language != "es" || a.Was.Home == nil || a.Was.Home.State != "ZZ" || a.Was.Name.Last != "García" ||
			a.Voter.Source != roll.ByInternet || a.Signed != "2026-09-01" || len(a.Voter.Contact) != 2 || !a.Voter.Contact[1].Texts {
			t.Errorf("it was taken as %+v", a)
		}
		for _, want := range []roll.Assertion{{Kind: "united-states-citizen", Value: "yes"}, {Kind: "felon", Value: "no"}, {Kind: signatureOnFile, Value: "yes"}} {
			if !slices.Contains(a.Voter.Assertions, want) {
				t.Errorf("it lacks %v: %v", want, a.Voter.Assertions)
			}
		}
		v.send2(one.receipt)
	})
}

// send2 presses the button again, in an old window.
func (v *voter) send2(receipt string) {
	v.t.Helper()
	v.post("/register/check", "version", "1")
	if v.path != "/register/done" {
		v.t.Errorf("pressing again leads to %s", v.path)
	}
	v.sees(receipt)
	v.intake.one(v.t)
}

// TestNothingIsLostBetween has the house fail after the intake has taken the
// application: the next press of the button gives the same receipt. Whoever
// changes an answer first sends another application.
func TestNothingIsLostBetween(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v, w := s.voter(), s.voter()
		v.upToCheck()
		w.upToCheck()
		s.intake.trouble = fault.New(fault.Unavailable, "the cable is out")
		v.send()
		if v.status != http.StatusServiceUnavailable || v.head.Get("Retry-After") == "" {
			t.Fatalf("got %d at %s", v.status, v.path)
		}
		v.sees(`http-equiv="refresh"`, "url=/register/sending")
		s.intake.trouble = nil
		v.visit("/register/sending") // as the waiting page does by itself
		if v.path != "/register/done" {
			t.Fatalf("at %s: %s", v.path, v.page)
		}
		v.sees(s.intake.one(t).receipt)

		s.intake.trouble = fault.New(fault.Unavailable, "the cable is out")
		w.send()
		s.intake.trouble = nil
		w.visit("/register/question/name")
		w.say("check", "change", "1", "first", "Ana", "last", "Lopez")
		w.visit("/register/sending")
		if w.path != "/register/check" {
			t.Errorf("answers that changed are sent by themselves: %s", w.path)
		}
		w.send()
		if len(s.intake.taken) != 3 {
			t.Errorf("%d applications, want that of the first, and two of the second", len(s.intake.taken))
		}
		w.sees("AB002")
	})
}

// TestAFullHouseAsksToWait fills the room's gates.
func TestAFullHouseAsksToWait(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.upToCheck()
	fill := func(g gate) (empty func()) {
		for range cap(g) {
			g <- struct{}{}
		}
		return func() {
			for range cap(g) {
				g.leave()
			}
		}
	}
	empty := fill(s.sends)
	v.send()
	if v.status != http.StatusServiceUnavailable || v.head.Get("Retry-After") == "" {
		t.Errorf("a full room answers %d", v.status)
	}
	v.sees(`http-equiv="refresh"`, "url=/register/sending", "You keep your place")
	empty()
	v.visit("/register/sending")
	v.sees(s.intake.one(t).receipt)

	w := s.voter()
	empty = fill(s.saves)
	w.visit("/register/question/want")
	w.post("/register/question/want", "want", "register")
	if w.status != http.StatusServiceUnavailable {
		t.Errorf("a full room answers %d", w.status)
	}
	w.sees(`name="want" value="register"`, `action="/register/question/want"`)
	empty()
	empty = fill(s.looks)
	w.visit("/register/question/want")
	if w.status != http.StatusServiceUnavailable {
		t.Errorf("a full room answers %d", w.status)
	}
	w.visit("/register")
	if w.status != http.StatusOK {
		t.Errorf("the first page answers %d", w.status)
	}
	empty()
}

// TestOnlyWhoPressedIsSentByItself: the address that the waiting page loads
// sends nothing for somebody who has not pressed the button, or has changed an
// answer since.
func TestOnlyWhoPressedIsSentByItself(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.upToCheck()
	v.visit("/register/sending")
	if v.path != "/register/check" || len(s.intake.taken) != 0 {
		t.Fatalf("at %s with %d taken", v.path, len(s.intake.taken))
	}
	v.post("/register/check", "version", "2")
	if v.path != "/register/check" || len(s.intake.taken) != 0 {
		t.Errorf("answers that changed since were sent: %s", v.path)
	}
}

func TestQuestionsByNeed(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	licence := []string{"number", "licence", "licence", "X123456789"}
	for _, tt := range []struct {
		name  string
		steps [][]string // where each leads to, and what is said
		says  string
	}{
		{"somebody who is no citizen", [][]string{{"question/citizen", "want", "register"}, {"stop/citizen", "citizen", "no"}}, "Only citizens"},
		{"a soldier", [][]string{{"question/citizen", "want", "register"}, {"question/where", "citizen", "yes"}, {"stop/abroad", "where", "abroad"}}, "Federal Post Card"},
		{"a protected voter", [][]string{{"question/citizen", "want", "register"}, {"question/where", "citizen", "yes"}, {"question/safe", "where", "here"}, {"stop/protected", "safe", "yes"}}, "555-010-0100"},
		{"a child", [][]string{{"question/citizen", "want", "register"}, {"question/where", "citizen", "yes"}, {"question/safe", "where", "here"}, {"question/birth", "safe", "no"},
			{"stop/young", "birth-month", "9", "birth-day", "2", "birth-year", "2010"}}, "September 2, 2026"},
		{"somebody who leaves", [][]string{{"question/birth", "want", "cancel"}, {"question/number", "birth-month", "1", "birth-day", "1", "birth-year", "1980"}, append([]string{"question/name"}, licence...),
			{"question/home", "last", "Doe"}, {"question/contact", "home-told", "the mill", "home-city", "Vale", "home-zip", "00501"}, {"question/affirm"}, {"check", "affirm", "end"}}, "the mill"},
		{"a new party", [][]string{{"question/what", "want", "update"}, {"question/where", "what", "party"}, {"question/birth", "where", "here"}, {"question/number", "birth-month", "1", "birth-day", "1", "birth-year", "1980"},
			{"question/name", "number", "ssn4", "ssn4", "1234"}, {"question/home", "last", "Doe"}, {"question/contact", "home-line", "1 Elm St", "home-city", "Vale", "home-zip", "00501"}, {"question/party"}, {"question/letters", "party", "NP"}}, "language"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := s.voter()
			v.t = t
			v.visit("/register/question/want")
			for _, step := range tt.steps {
				v.say(step[0], step[1:]...)
			}
			v.sees(tt.says)
		})
	}
}

func TestWrongAnswersAreSaidAtTheirField(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.upToCheck()
	for _, tt := range []struct {
		name, question string
		fields         []string
		link, say      string
	}{
		{"nothing chosen", "want", nil, "#want-register", "Choose one"},
		{"something that is no choice", "party", []string{"party", "pirates"}, "#party-lantern", "Choose one"},
		{"a day that never was", "birth", []string{"birth-month", "2", "birth-day", "30", "birth-year", "1980"}, "#birth-month", "three numbers"},
		{"a day to come", "birth", []string{"birth-month", "2", "birth-day", "3", "birth-year", "2080"}, "#birth-month", "yet to come"},
		{"a year of two digits", "birth", []string{"birth-month", "2", "birth-day", "3", "birth-year", "80"}, "#birth-month", "three numbers"},
		{"another state's licence", "number", []string{"number", "licence", "licence", "D12345678"}, "#licence", "This is not the number"},
		{"four zeros", "number", []string{"number", "ssn4", "ssn4", "0000"}, "#ssn4", "last four digits"},
		{"no last name", "name", []string{"first", "Ann"}, "#last", "Fill in: Last name"},
		{"a very long name", "name", []string{"last", strings.Repeat("é", 81)}, "#last", "at most 80"},
		{"nowhere", "home", []string{"home-city", "Vale", "home-zip", "00501"}, "#home-line", "describe where"},
		{"half a ZIP code", "home", []string{"home-line", "1 Elm St", "home-city", "Vale", "home-zip", "0050"}, "#home-zip", "five digits"},
		{"mail to nowhere", "mail", []string{"mail", "other", "mail-zip", "00501"}, "#mail-line", "Fill in"},
		{"half an address", "contact", []string{"email", "ann@example"}, "#email", "e-mail address"},
		{"texts to no telephone", "contact", []string{"texts", "yes"}, "#phone", "For text messages"},
		{"a short telephone", "contact", []string{"phone", "12345"}, "#phone", "area code"},
		{"one sentence less", "affirm", affirmed[2:], "#affirm-united-states-citizen", "every sentence"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := *v
			v.t = t
			v.post("/register/question/"+tt.question, tt.fields...)
			if v.status != http.StatusUnprocessableEntity {
				t.Errorf("got %d", v.status)
			}
			v.sees(`<a href="`+tt.link+`"`, tt.say, `id="`+tt.link[1:]+`"`, "<title>Error: ")
		})
	}
	v.visit("/register/check")
	v.sees("María", "12 North Elm Street") // nothing wrong was kept
}

// TestAnAnswerIsChanged goes back to the page with all answers.
func TestAnAnswerIsChanged(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.upToCheck()
	v.visit("/register/question/name?change=1")
	v.sees(`value="García-López"`, `name="change" value="1"`, `href="/register/check"`)
	v.say("check", "change", "1", "first", "Ana", "last", "Lopez")
	v.sees("Ana", "Lopez")
	v.visit("/register/question/number?change=1")
	v.say("question/sign", "number", "none") // the licence's signature will not do any more
	if strings.Contains(v.page, `value="licence"`) {
		t.Error("the signature of no licence is offered")
	}
	v.visit("/register/question/want")
	v.say("question/birth", "want", "cancel") // other questions then
}

// TestADraftGoesToAnotherDevice by a code that works once.
func TestADraftGoesToAnotherDevice(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v, w := s.voter(), s.voter()
		v.upToSign()
		v.visit("/register/later")
		v.post("/register/later")
		code := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(v.page)
		w.post("/register/continue", "code", "0000-0000-0000")
		if w.status != http.StatusUnprocessableEntity {
			t.Errorf("a wrong code: %d", w.status)
		}
		w.post("/register/continue", "code", strings.ToLower(strings.ReplaceAll(code, "-", " ")))
		if w.path != "/register/question/sign" {
			t.Fatalf("at %s: %s", w.path, w.page)
		}
		x := s.voter()
		x.post("/register/continue", "code", code)
		if x.status != http.StatusUnprocessableEntity {
			t.Errorf("a used code: %d", x.status)
		}
		v.visit("/register/question/name")
		if v.path != "/register" {
			t.Errorf("the first device still sees %s", v.path)
		}
		w.post("/register/leave")
		w.visit("/register/check")
		if w.path != "/register" {
			t.Errorf("what was deleted is at %s", w.path)
		}
	})
}

// TestDraftsAreSealedAndShredded looks into the table, and a week later.
func TestDraftsAreSealedAndShredded(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.voter()
		v.upToSign()
		v.sign(photo(t, "jpeg"), "sign", "uploaded")
		rows := 0
		s.must(s.DB.QueryRowContext(t.Context(), `select count(*) from register_draft where picture is not null and body is not null`).Scan(&rows))
		var kept []byte
		s.must(s.DB.QueryRowContext(t.Context(), `select body from register_draft`).Scan(&kept))
		if rows != 1 || bytes.Contains(kept, []byte("Garc")) || strings.Contains(s.log.String(), "Garc") {
			t.Errorf("%d rows; what was typed lies open: %q\n%s", rows, kept, s.log)
		}
		s.now = s.now.Add(lifetime)
		s.must(s.expire(t.Context(), nil))
		if s.vault.gone["drafts:2026-09-01"] {
			t.Error("a key was destroyed on a day on which others may still need it")
		}
		v.visit("/register/check")
		if v.path != "/register" {
			t.Errorf("what has expired is at %s", v.path)
		}
		s.now = s.now.Add(24 * time.Hour)
		for range 2 {
			s.must(s.expire(t.Context(), nil))
		}
		s.must(s.DB.QueryRowContext(t.Context(), `select count(*) from register_draft`).Scan(&rows))
		if rows != 0 || !s.vault.gone["drafts:2026-09-01"] {
			t.Errorf("%d drafts are left, keys gone: %v", rows, s.vault.gone)
		}
	})
}

// photo is a picture of somebody's signature.
func photo(t *testing.T, kind string) []byte {
	t.Helper()
	body := photoOf(kind)
	if body == nil {
		t.Fatal("the picture cannot be made")
	}
	return body
}

func photoOf(kind string) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 1600, 900))
	for i := range img.Pix {
		img.Pix[i] = 0xf0
	}
	for x := 200; x < 1400; x++ {
		for y := range 12 {
			img.Set(x, 400+y+x/10, color.RGBA{20, 20, 60, 255})
		}
	}
	var b bytes.Buffer
	var err error
	if kind == "png" {
		err = png.Encode(&b, img)
	} else {
		err = jpeg.Encode(&b, img, nil)
	}
	if err != nil {
		return nil
	}
	return b.Bytes()
}

// TestAPictureIsMadeAnew: what is kept of a signature is small, grey and ours.
func TestAPictureIsMadeAnew(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.upToSign()
	blank := new(bytes.Buffer)
	s.must(png.Encode(blank, image.NewGray(image.Rect(0, 0, 300, 100))))
	secret := append(photo(t, "jpeg"), []byte("GPS 40.0")...)
	for _, tt := range []struct {
		name string
		file []byte
		url  string
		ok   bool
	}{
		{"no file", nil, "", false},
		{"a letter", []byte("Dear office"), "", false},
		{"half a picture", secret[:len(secret)/2], "", false},
		{"white paper", blank.Bytes(), "", false},
		{"nothing drawn", nil, "data:,", false},
		{"a photograph", secret, "", true},
		{"a drawing", nil, "data:image/png;base64," + base64.StdEncoding.EncodeToString(photo(t, "png")), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := *v
			v.t = t
			how := "uploaded"
			if tt.url != "" {
				how = "drawn"
			}
			v.sign(tt.file, "sign", how, "drawn", tt.url)
			if (v.path == "/register/question/affirm") != tt.ok || !tt.ok && v.status != http.StatusUnprocessableEntity {
				t.Errorf("at %s (%d): %s", v.path, v.status, v.page)
			}
		})
	}
	v.visit("/register/question/affirm")
	v.say("check", affirmed...)
	v.send()
	kept := s.intake.one(t).picture
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(kept))
	if err != nil || kind != "png" || cfg.Width > widest || cfg.Height > highest || cfg.ColorModel != color.GrayModel || bytes.Contains(kept, []byte("GPS")) {
		t.Errorf("kept: %s %dx%d, %d bytes, %v", kind, cfg.Width, cfg.Height, len(kept), err)
	}
}

// TestWhereItStands asks with receipt number and birth date.
func TestWhereItStands(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.upToCheck()
	v.send()
	receipt := s.intake.one(t).receipt
	w := s.voter()
	var wrong []string
	for _, tt := range []struct {
		name, receipt, year string
		found               bool
	}{
		{"both right", receipt, "1980", true},
		{"another birth date", receipt, "1981", false},
		{"another receipt", "ZZ999-CDEFG-HJKM", "1980", false},
	} {
		began := time.Now()
		w.post("/register/status", "receipt", tt.receipt, "birth-month", "2", "birth-day", map[bool]string{true: "29", false: "28"}[tt.year == "1980"], "birth-year", tt.year)
		if took := time.Since(began); took < answerTime {
			t.Errorf("%s: answered within %v", tt.name, took)
		}
		if strings.Contains(w.page, "has not looked at it yet") != tt.found {
			t.Errorf("%s: %s", tt.name, w.page)
		}
		if !tt.found {
			wrong = append(wrong, strings.NewReplacer(tt.receipt, "", tt.year, "", `value="28"`, "", `value="29"`, "").Replace(w.page))
		}
	}
	if wrong[0] != wrong[1] {
		t.Errorf("the page says which of the two is wrong:\n%s\n%s", wrong[0], wrong[1])
	}
}

// TestTheReceiptGoesByMailAndText and says nothing else; then the address and
// the number are forgotten.
func TestTheReceiptGoesByMailAndText(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.voter()
		v.upToCheck()
		v.send()
		v.sees("e-mail address, too", "as a text message, too")
		ctx, stop := context.WithCancel(t.Context())
		jobs := &job.Jobs{DB: s.DB, Log: slog.New(slog.DiscardHandler)}
		done := make(chan error)
		go func() { done <- jobs.Run(ctx, s.Room().Jobs, nil) }()
		until := time.Now().Add(10 * time.Second)
		var left int
		for time.Now().Before(until) {
			s.must(s.DB.QueryRowContext(t.Context(), `select count(*) from job_job where state <> 'done'`).Scan(&left))
			if left == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		<-done
		if len(s.mail.letters) != 1 || left != 0 {
			t.Fatalf("letters: %q, %d jobs left", s.mail.letters, left)
		}
		letter := s.mail.letters[0]
		if !strings.HasPrefix(letter, "maria@example.com\n") || !strings.Contains(letter, s.intake.one(t).receipt) || !strings.Contains(letter, "Su número de recibo") || strings.Contains(letter, "García") || strings.Contains(letter, "1980") {
			t.Errorf("the letter: %s", letter)
		}
		if want := "555-010-0199\n" + "Vale Elections ha recibido su solicitud. Su número de recibo: " + s.intake.one(t).receipt; len(s.mail.texts) != 1 || s.mail.texts[0] != want {
			t.Errorf("the messages: %q, want %q", s.mail.texts, want)
		}
		v.visit("/register/done")
		if strings.Contains(v.page, "e-mail address, too") || strings.Contains(v.page, "as a text message, too") {
			t.Error("the address or the number is still there")
		}
	})
}

// TestAnAddressWithoutABox is forgotten, and a server that is out of order asked
// again.
func TestAnAddressWithoutABox(t *testing.T) {
	for _, tt := range []struct {
		name    string
		trouble error
		kept    bool
	}{
		{"no such box", fault.New(fault.Invalid, "no such box"), false},
		{"out of order", fault.New(fault.Unavailable, "out of order"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
			s.mail.trouble = tt.trouble
			v := s.voter()
			v.upToCheck()
			v.send()
			jobs := &job.Jobs{DB: s.DB, Log: slog.New(slog.DiscardHandler)}
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- jobs.Run(ctx, s.Room().Jobs, nil) }()
			tried := 0
			for until := time.Now().Add(10 * time.Second); tried == 0 && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
				s.must(s.DB.QueryRowContext(t.Context(), `select count(*) from job_job where tries > 0 and state <> 'running'`).Scan(&tried))
			}
			stop()
			<-done
			v.visit("/register/done")
			if strings.Contains(v.page, "e-mail address, too") != tt.kept || tried != 1 {
				t.Errorf("tried %d; the page: %s", tried, v.page)
			}
		})
	}
}

// TestEveryPageInSpanish has no English key or sentence left over.
func TestEveryPageInSpanish(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	v := s.voter()
	v.visit("/register/language/es?next=/register/question/want")
	v.sees(`lang="es"`, "¿Qué desea hacer?", "Pregunta 1 de unas")
	v.upToCheck()
	for _, q := range questions {
		v.visit("/register/question/" + q.id)
		if strings.Contains(v.page, ">register.") || !strings.Contains(v.page, `<html lang="es"`) {
			t.Errorf("%s: a sentence is missing:\n%s", q.id, v.page)
		}
	}
	v.visit("/register/check")
	v.sees("Revise sus respuestas", "Partido del Huerto")
}

// TestABrowserIsAskedForItsLanguageOnce: the first answer says which it is, and
// the links change it.
func TestABrowserIsAskedForItsLanguageOnce(t *testing.T) {
	s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.door.URL+"/register", nil)
	s.must(err)
	r.Header.Set("Accept-Language", "es-US,es;q=0.9,en;q=0.8")
	v := s.voter()
	v.see(v.client.Do(r))
	v.sees(`lang="es"`)
	v.visit("/register/question/want") // without the header
	v.sees(`lang="es"`)
	v.visit("/register/language/en?next=/register/question/want")
	v.sees(`<html lang="en"`)
}

// TestTheRulesDecideWhatIsShown: after the deadline, without an election, and
// where the state takes nothing on the web.
func TestTheRulesDecideWhatIsShown(t *testing.T) {
	for _, tt := range []struct {
		name, state string
		on          time.Time
		want        []string
		not         string
	}{
		{"before the deadline", "XX", time.Date(2026, 10, 9, 12, 0, 0, 0, time.UTC), []string{"Start now"}, "too late"},
		{"after the deadline", "XX", time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC), []string{"It is too late to register on the web for General Election", "October 23, 2026", "Start now"}, ""},
		{"no election is known", "XX", time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), []string{"Start now"}, "The next election"},
		{"on paper alone", "TX", time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC), []string{"postcard application", "By mail, until"}, "Start now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := openSite(t, dbtest.SQLite(t, source(), job.Source()))
			s.State, s.now = tt.state, tt.on
			v := s.voter()
			v.visit("/register")
			v.sees(tt.want...)
			if tt.not != "" && strings.Contains(v.page, tt.not) {
				t.Errorf("it says %q:\n%s", tt.not, v.page)
			}
			v.visit("/register/question/want")
			if open := v.path == "/register/question/want"; open != (tt.state != "TX") {
				t.Errorf("the first question is at %s", v.path)
			}
		})
	}
}
