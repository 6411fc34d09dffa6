// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hustings/election"
	"hustings/fake/dmv"
	"hustings/kit/hide"
	kitwords "hustings/kit/words"
	"hustings/office/registry/roll"
)

// house is a Check against a pretend office over a real connection, with a
// clock of its own that moves when somebody waits.
type house struct {
	*Check
	office  *dmv.Office
	running *dmv.Running
	log     *safe

	mu    sync.Mutex // guards the rest
	at    time.Time
	waits []time.Duration
}

// safe is a buffer for several goroutines.
type safe struct {
	mu  sync.Mutex // guards out
	out bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// wait moves the clock and does not wait.
func (h *house) wait(ctx context.Context, d time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at = h.at.Add(d); d > 0 {
		h.waits = append(h.waits, d)
	}
	return ctx.Err()
}

func (h *house) remote(k Kind) *Remote {
	if k == SSN4 {
		return h.SSN4.(*Remote)
	}
	return h.License.(*Remote)
}

const state = "AZ"

func open(t *testing.T) *house {
	t.Helper()
	h := &house{office: dmv.New(7, 3*len(dmv.Cases)), log: &safe{}, at: time.Date(2026, 9, 1, 15, 0, 0, 0, time.UTC)}
	h.office.Token = "s3cret-token"
	var err error
	if h.running, err = h.office.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.running.Close() })
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("s3cret-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	service := func(k Kind, path string) *Remote {
		r, err := Open(k, Settings{URL: h.running.URL + path, Key: key, Timeout: 5 * time.Second, PerSecond: 100}, h.now, slog.New(slog.NewJSONHandler(h.log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.Close)
		r.wait = h.wait
		return r
	}
	h.Check = &Check{License: service(License, dmv.License), SSN4: service(SSN4, dmv.SSN4), Practices: Shipped(), State: state, Zone: time.UTC, Now: h.now}
	return h
}

// person is an applicant as the roll has them.
func person(a dmv.Applicant) Person {
	v := roll.Voter{Name: roll.Name{First: a.First, Middle: a.Middle, Last: a.Last, Suffix: a.Suffix}, Birth: election.Date(a.Birth)}
	if a.License != "" {
		v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: roll.License, Value: hide.New(a.License)})
	}
	if a.SSN4 != "" {
		v.Identifiers = append(v.Identifiers, roll.Identifier{Kind: roll.SSN4, Value: hide.New(a.SSN4)})
	}
	return Of(v)
}

// applicant is the first of a kind.
func (h *house) applicant(t *testing.T, kind string) Person {
	t.Helper()
	all := h.office.Applicants()
	i := slices.IndexFunc(all, func(a dmv.Applicant) bool { return a.Case == kind })
	if i < 0 {
		t.Fatalf("there is no applicant %q", kind)
	}
	return person(all[i])
}

// outcomes are what each kind of applicant comes to.
var outcomes = map[string]struct {
	step   Step
	reason Reason
	fields []Field
}{
	"license matches":                 {Verified, LicenseMatches, nil},
	"license nickname":                {AsksPerson, FieldsDiffer, []Field{First}},
	"license hyphen":                  {AsksPerson, FieldsDiffer, []Field{Last}},
	"license suffix":                  {Verified, LicenseMatches, nil}, // the suffix does not count
	"license last name differs":       {AsksPerson, FieldsDiffer, []Field{Last}},
	"license birth differs":           {AsksPerson, FieldsDiffer, []Field{Birth}},
	"license expired":                 {Verified, LicenseMatches, nil},
	"license surrendered":             {AsksPerson, LicenseSurrendered, nil},
	"license out of state":            {AsksPerson, LicenseOutOfState, nil},
	"license not found":               {NeedsID, LicenseNotFound, nil},
	"license not found, ssn4 matches": {Verified, SSN4Matches, nil},
	"no match":                        {NeedsID, SSN4DoesNotMatch, nil},
	"single match alive":              {Verified, SSN4Matches, nil},
	"single match deceased":           {AsksPerson, Deceased, nil},
	"multiple matches alive":          {AsksPerson, SeveralPeople, nil},
	"multiple matches deceased":       {AsksPerson, Deceased, nil},
	"multiple matches mixed":          {AsksPerson, SeveralPeople, nil},
	"invalid input":                   {AsksPerson, NumberImpossible, nil},
	"no number":                       {NeedsID, NoNumber, nil},
}

func TestEveryApplicantGetsTheirVerdict(t *testing.T) {
	for _, tt := range []struct {
		name   string
		told   bool // the licence service tells what it has, so that we compare
		expect map[string]Reason
	}{
		{"the service says what differs", false, nil},
		{"the service tells its record, and names are compared leniently here", true,
			map[string]Reason{"license nickname": LicenseMatches, "license hyphen": LicenseMatches}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			h.office.TellFile = tt.told
			all := h.office.Applicants()
			var people []Person
			for _, a := range all {
				people = append(people, person(a))
			}
			many := h.Many(t.Context(), people)
			if got := len(h.office.Asked()); got != 3 {
				t.Errorf("%d people took %d requests, want 3: licences, digits, digits of those whose licence is not known", len(all), got)
			}
			for i, a := range all {
				want := outcomes[a.Case]
				if r := tt.expect[a.Case]; r != "" {
					want.step, want.reason, want.fields = Verified, r, nil
				}
				for how, got := range map[string]Verdict{"one of many": many[i], "alone": h.One(t.Context(), people[i])} {
					if got.Step != want.step || got.Reason != want.reason || !slices.Equal(got.Fields, want.fields) || got.Err != nil {
						t.Errorf("%s, %s: got %s because %s, fields %v, %v; want %s because %s, fields %v", a.Case, how, got.Step, got.Reason, got.Fields, got.Err, want.step, want.reason, want.fields)
					}
					if got.ShowsID() != (want.step != Verified) {
						t.Errorf("%s: shows ID: %v", a.Case, got.ShowsID())
					}
				}
			}
		})
	}
}

func TestTheServicesGiveAllTheirAnswers(t *testing.T) {
	h := open(t)
	for _, tt := range []struct {
		kind Kind
		of   string
		want Answer
	}{
		{SSN4, "no match", Answer{Code: NoMatch}},
		{SSN4, "single match alive", Answer{Code: SingleAlive}},
		{SSN4, "single match deceased", Answer{Code: SingleDeceased}},
		{SSN4, "multiple matches alive", Answer{Code: MultipleAlive}},
		{SSN4, "multiple matches deceased", Answer{Code: MultipleDeceased}},
		{SSN4, "multiple matches mixed", Answer{Code: MultipleMixed}},
		{SSN4, "invalid input", Answer{Code: InvalidInput}},
		{License, "license matches", Answer{Code: Match, Standing: Valid}},
		{License, "license expired", Answer{Code: Match, Standing: Expired}},
		{License, "license surrendered", Answer{Code: Match, Standing: Surrendered}},
		{License, "license out of state", Answer{Code: Match, Standing: OutOfState}},
		{License, "license birth differs", Answer{Code: NoMatch, Standing: Valid, Differs: []Field{Birth}}},
		{License, "license not found", Answer{Code: NotFound}},
		{License, "no number", Answer{Code: InvalidInput}},
	} {
		p := h.applicant(t, tt.of)
		got := h.remote(tt.kind).Ask(t.Context(), []Question{{ID: "q", Record: p.Record, Number: p.number(tt.kind)}})
		if diff := cmp.Diff([]Answer{tt.want}, got); diff != "" {
			t.Errorf("%s: %s", tt.of, diff)
		}
	}
}

func TestAVerdictKeepsWhatMayBeKept(t *testing.T) {
	h := open(t)
	got := h.One(t.Context(), h.applicant(t, "license not found, ssn4 matches"))
	if len(got.Evidence) != 2 || got.Evidence[0].Request == "" || got.Evidence[0].Request == got.Evidence[1].Request {
		t.Fatalf("evidence %+v", got.Evidence)
	}
	for i := range got.Evidence {
		got.Evidence[i].Request = ""
	}
	want := Verdict{Step: Verified, Reason: SSN4Matches, Practice: "2004-01-01", Evidence: []Evidence{
		{Service: License, Answer: NotFound, At: h.now()}, {Service: SSN4, Answer: SingleAlive, At: h.now()}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAStateMayAskAgainInOtherSpellings(t *testing.T) {
	h := open(t)
	h.office.Add(dmv.Record{First: "WILLIAM", Last: "OBRIEN", Birth: "1970-01-02", SSN4: "4821"}, dmv.Record{First: "ANA", Last: "RUIZ", Birth: "1970-01-02", SSN4: "4821"})
	ask := func(first, last string) Verdict {
		return h.One(t.Context(), Person{Record: Record{First: hide.New(first), Last: hide.New(last), Birth: hide.New("1970-01-02")}, SSN4: hide.New("4821")})
	}
	if got := ask("Bill", "O'Brien"); got.Step != NeedsID || len(got.Evidence) != 1 {
		t.Errorf("where names are exact: %+v", got)
	}
	h.State = "XX"
	for _, tt := range []struct {
		name, first, last string
		step              Step
		most              int // questions
	}{
		{"a nickname and an apostrophe", "Bill", "O'Brien", Verified, 5},
		{"a compound name", "Ana", "Ruiz-Ortega", Verified, 5},
		{"an accent", "Ána", "Ruiz", Verified, 2},
		{"the last name as it is", "Ana", "Ruiz", Verified, 1},
		{"somebody else", "Zoltan", "Ruiz-Ortega", NeedsID, 5},
	} {
		got := ask(tt.first, tt.last)
		if got.Step != tt.step || len(got.Evidence) > tt.most {
			t.Errorf("%s: %s because %s with %d questions", tt.name, got.Step, got.Reason, len(got.Evidence))
		}
		for i, e := range got.Evidence {
			if e.Respelt != (i > 0) {
				t.Errorf("%s: question %d: respelt %v", tt.name, i+1, e.Respelt)
			}
		}
	}
}

func TestWhatCannotBeAskedIsNotAsked(t *testing.T) {
	good := Record{First: hide.New("Ann"), Last: hide.New("Lee"), Birth: hide.New("1980-02-29")}
	noBirth, noName, impossible, long := good, good, good, good
	noBirth.Birth, noName.Last, impossible.Birth, long.First = hide.New(""), hide.New(" "), hide.New("1981-02-29"), hide.New(strings.Repeat("A", 300))
	number := hide.New("D1234567")
	for _, tt := range []struct {
		name   string
		p      Person
		step   Step
		reason Reason
		fields []Field
		kinds  []Kind
	}{
		{"no number", Person{Record: good}, NeedsID, NoNumber, nil, nil},
		{"no birth date", Person{Record: noBirth, License: number}, AsksPerson, Incomplete, []Field{Birth}, nil},
		{"a day that there was not", Person{Record: impossible, License: number}, AsksPerson, Incomplete, []Field{Birth}, nil},
		{"no last name", Person{Record: noName, License: number}, AsksPerson, Incomplete, []Field{Last}, nil},
		{"an endless first name", Person{Record: long, License: number}, AsksPerson, Incomplete, []Field{First}, nil},
		{"three digits", Person{Record: good, SSN4: hide.New("123")}, AsksPerson, NumberImpossible, nil, []Kind{SSN4}},
		{"digits that are never given out", Person{Record: good, SSN4: hide.New("0000")}, AsksPerson, NumberImpossible, nil, []Kind{SSN4}},
		{"a licence of hyphens", Person{Record: good, License: hide.New("--")}, AsksPerson, NumberImpossible, nil, []Kind{License}},
		{"a licence with a line in it", Person{Record: good, License: hide.New("D12\n34")}, AsksPerson, NumberImpossible, nil, []Kind{License}},
		{"no birth date and no number", Person{Record: noBirth}, NeedsID, NoNumber, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			got := h.One(t.Context(), tt.p)
			if got.Step != tt.step || got.Reason != tt.reason || !slices.Equal(got.Fields, tt.fields) || !slices.Equal(got.Numbers, tt.kinds) {
				t.Errorf("got %+v", got)
			}
			if n := len(h.office.Asked()); n != 0 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
}

func TestAnImpossibleNumberDoesNotHideAGoodOne(t *testing.T) {
	h := open(t)
	p := h.applicant(t, "single match alive")
	p.License = hide.New("??")
	if got := h.One(t.Context(), p); got.Step != Verified || !slices.Equal(got.Numbers, []Kind{License}) {
		t.Errorf("got %+v", got)
	}
}

func TestAStateWithoutAServiceLeavesItToIdentification(t *testing.T) {
	h := open(t)
	h.SSN4 = nil
	if got := h.One(t.Context(), h.applicant(t, "single match alive")); got.Step != NeedsID || got.Reason != NoService {
		t.Errorf("got %+v", got)
	}
	if got := h.One(t.Context(), h.applicant(t, "license not found, ssn4 matches")); got.Step != NeedsID || got.Reason != LicenseNotFound {
		t.Errorf("got %+v", got)
	}
}

func TestOfTakesTheNumbersThatAreChecked(t *testing.T) {
	id := func(k roll.IdentifierKind, text string) roll.Identifier {
		return roll.Identifier{Kind: k, Value: hide.New(text)}
	}
	for _, tt := range []struct {
		name          string
		list          []roll.Identifier
		license, ssn4 string
	}{
		{"a licence as it is written", []roll.Identifier{id(roll.License, "d12-34 567")}, "D1234567", ""},
		{"the card of a state", []roll.Identifier{id(roll.StateID, "X9")}, "X9", ""},
		{"a licence goes before the card of a state", []roll.Identifier{id(roll.StateID, "X9"), id(roll.License, "D1")}, "D1", ""},
		{"four digits of nine", []roll.Identifier{id(roll.SSN, "123-45-6789")}, "", "6789"},
		{"four digits go before nine", []roll.Identifier{id(roll.SSN4, "1111"), id(roll.SSN, "123-45-6789")}, "", "1111"},
		{"eight digits are none, and stay so", []roll.Identifier{id(roll.SSN, "123-45-678")}, "", "123-45-678"},
		{"none, as the voter says", []roll.Identifier{{Kind: roll.License, None: true}}, "", ""},
	} {
		p := Of(roll.Voter{Identifiers: tt.list})
		if l, s := p.number(License).Reveal(), p.number(SSN4).Reveal(); l != tt.license || s != tt.ssn4 {
			t.Errorf("%s: got %q and %q", tt.name, l, s)
		}
	}
}

func TestEveryStepAndReasonIsSaid(t *testing.T) {
	body, err := Words.ReadFile("words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	said, err := kitwords.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	for step, list := range reasons {
		for _, key := range append([]string{"step." + string(step)}, texts(list)...) {
			if _, ok := said["registry.verify."+key]; !ok {
				t.Errorf("%s is not said", key)
			}
			delete(said, "registry.verify."+key)
		}
	}
	for key := range said {
		t.Errorf("%s is said of nothing", key)
	}
}

func texts(list []Reason) (out []string) {
	for _, r := range list {
		out = append(out, "reason."+string(r))
	}
	return out
}
