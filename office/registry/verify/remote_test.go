// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hustings/fake/dmv"
	"hustings/kit/fault"
)

func TestTroubleEndsInTryLater(t *testing.T) {
	for _, tt := range []struct {
		mood     dmv.Mood
		reason   Reason
		requests int
		says     string
	}{
		{dmv.Slow, Down, 3, "no answer within 50ms"},
		{dmv.Unavailable, Down, 3, "status 503"},
		{dmv.ComeLater, Down, 1, "status 503"},
		{dmv.Busy, Busy, 3, "status 429"},
		{dmv.HangsUp, Down, 3, "broke off"},
		{dmv.BreaksOff, Down, 3, "broke off"},
		{dmv.Cut, Malformed, 1, "cut off"},
		{dmv.WrongTypes, Malformed, 1, "the field answers is a JSON object"},
		{dmv.HTML, Malformed, 1, "text/html"},
		{dmv.Huge, Malformed, 1, "larger than"},
		{dmv.Empty, Malformed, 1, "cut off after 0 bytes"},
		{dmv.BadLine, Malformed, 1, "answer 1: the field answer is a JSON number"},
		{dmv.MissingLine, NoAnswer, 1, "no answer"},
		{dmv.UnknownCode, Malformed, 1, "answer 1: the field answer is none of"},
		{dmv.Moved, Malformed, 1, "status 307"},
	} {
		t.Run(string(tt.mood), func(t *testing.T) {
			h := open(t)
			h.office.Behave(dmv.SSN4, tt.mood)
			h.remote(SSN4).timeout = 5 * time.Second
			if tt.mood == dmv.Slow {
				h.remote(SSN4).timeout = 50 * time.Millisecond
			}
			got := h.One(t.Context(), h.applicant(t, "single match alive"))
			if got.Step != TryLater || got.Reason != tt.reason || fault.KindOf(got.Err) != fault.Unavailable {
				t.Fatalf("got %s because %s: %v", got.Step, got.Reason, got.Err)
			}
			if n := len(h.office.Asked()); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
			if !strings.Contains(got.Err.Error(), tt.says) {
				t.Errorf("%q does not say %q", got.Err, tt.says)
			}
			if tt.mood == dmv.ComeLater && !got.After.Equal(h.now().Add(30*time.Minute)) {
				t.Errorf("after %s", got.After)
			}
		})
	}
}

func TestAServiceThatRecoversIsAskedWithTheSameKey(t *testing.T) {
	h := open(t)
	h.office.Behave(dmv.SSN4, dmv.Unavailable, dmv.HangsUp, dmv.Fine)
	if got := h.One(t.Context(), h.applicant(t, "single match alive")); got.Step != Verified {
		t.Fatalf("got %+v", got)
	}
	asked := h.office.Asked()
	if len(asked) != 3 || asked[0].Key == "" || asked[1].Key != asked[0].Key || asked[2].Key != asked[0].Key || asked[2].Body != asked[0].Body {
		t.Errorf("asked %d times", len(asked))
	}
	if w := h.waits; len(w) != 2 || w[0] < firstWait/2 || w[0] > firstWait || w[1] < firstWait || w[1] > 2*firstWait {
		t.Errorf("waited %v", w)
	}
}

func TestALateAnswerIsNotCountedTwice(t *testing.T) {
	h := open(t)
	h.office.SlowBy(time.Second)
	h.remote(SSN4).timeout = 100 * time.Millisecond
	h.office.Behave(dmv.SSN4, dmv.Slow, dmv.Fine)
	if got := h.One(t.Context(), h.applicant(t, "single match alive")); got.Step != Verified {
		t.Fatalf("got %+v", got)
	}
	if asked := h.office.Asked(); len(asked) != 2 || !asked[1].Again {
		t.Errorf("asked %d times", len(asked))
	}
}

func TestNoLicenceServiceDoesNotMakeTheWeakerNumberDo(t *testing.T) {
	h := open(t)
	p := h.applicant(t, "license not found, ssn4 matches")
	h.office.Behave(dmv.License, dmv.Unavailable)
	if got := h.One(t.Context(), p); got.Step != TryLater || got.Reason != Down {
		t.Errorf("got %+v", got)
	}
}

func TestTheRestOfABatchIsUsed(t *testing.T) {
	for mood, reason := range map[dmv.Mood]Reason{dmv.BadLine: Malformed, dmv.MissingLine: NoAnswer} {
		h := open(t)
		h.office.Behave(dmv.SSN4, mood)
		p := h.applicant(t, "single match alive")
		got := h.Many(t.Context(), []Person{p, p, p})
		if got[0].Step != TryLater || got[0].Reason != reason || got[1].Step != Verified || got[2].Step != Verified {
			t.Errorf("%s: got %+v", mood, got)
		}
		if log := h.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, `"lost":1`) {
			t.Errorf("%s: the log says %s", mood, log)
		}
	}
}

func TestTheBreakerOpensAndCloses(t *testing.T) {
	h := open(t)
	p := h.applicant(t, "single match alive")
	ask := func(step Step, requests int) Verdict {
		t.Helper()
		before := len(h.office.Asked())
		got := h.One(t.Context(), p)
		if n := len(h.office.Asked()) - before; got.Step != step || n != requests {
			t.Errorf("got %s with %d requests, want %s with %d", got.Step, n, step, requests)
		}
		return got
	}
	h.office.Behave(dmv.SSN4, dmv.Unavailable)
	ask(TryLater, 3)
	ask(TryLater, 2) // the fifth failure opens it
	until, down := h.remote(SSN4).Down()
	if !down || until.Sub(h.now()) > firstPause || until.Sub(h.now()) < firstPause-time.Second {
		t.Errorf("down %v until %s", down, until)
	}
	if got := ask(TryLater, 0); !got.After.Equal(until) {
		t.Errorf("after %s, want %s", got.After, until)
	}
	h.forward(firstPause)
	ask(TryLater, 1) // the probe fails, and it stays open for twice as long
	if again, _ := h.remote(SSN4).Down(); again.Sub(h.now()) < 2*firstPause-time.Second {
		t.Errorf("opened until %s only", again)
	}
	h.forward(firstPause)
	ask(TryLater, 0)
	h.forward(firstPause)
	h.office.Behave(dmv.SSN4, dmv.Fine)
	ask(Verified, 1)
	if _, down := h.remote(SSN4).Down(); down {
		t.Error("still open")
	}
	if log := h.log.String(); strings.Count(log, "is left alone") != 2 || strings.Count(log, "answers again") != 1 {
		t.Errorf("the log says %s", log)
	}
}

func TestOneProbeAtATime(t *testing.T) {
	now := time.Unix(0, 0)
	b := &breaker{failures: 1, first: time.Second, longest: time.Minute, now: func() time.Time { return now }}
	p, _, _ := b.enter()
	if p.done(failed) != opened {
		t.Fatal("not opened")
	}
	now = now.Add(time.Second)
	probe, _, ok := b.enter()
	if _, _, second := b.enter(); !ok || second {
		t.Fatal("want one probe")
	}
	probe.done(unknown) // the asker went away
	probe, _, ok = b.enter()
	if !ok || probe.done(worked) != closed {
		t.Error("a probe that nobody waited for keeps others out")
	}
}

func TestARefusedConnection(t *testing.T) {
	h := open(t)
	h.running.Close()
	got := h.One(t.Context(), h.applicant(t, "single match alive"))
	if got.Step != TryLater || got.Reason != Down || !strings.Contains(got.Err.Error(), "the connection is refused") {
		t.Errorf("got %+v", got)
	}
}

func TestAWrongKeyIsTheOperators(t *testing.T) {
	h := open(t)
	h.office.Token = "another"
	got := h.One(t.Context(), h.applicant(t, "single match alive"))
	if got.Step != TryLater || got.Reason != KeyRefused || len(h.office.Asked()) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestWhoStopsWaitingIsNotTheServicesFault(t *testing.T) {
	h := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * failuresInRow {
		if got := h.One(ctx, h.applicant(t, "single match alive")); got.Step != TryLater {
			t.Fatalf("got %+v", got)
		}
	}
	if _, down := h.remote(SSN4).Down(); down {
		t.Error("the breaker opened")
	}
}

func TestTheLimitOfQuestionsIsKept(t *testing.T) {
	h := open(t)
	p := h.applicant(t, "single match alive")
	begun := h.now()
	h.Many(t.Context(), slices.Repeat([]Person{p}, 350))
	if took := h.now().Sub(begun); took < 2400*time.Millisecond || took > 2600*time.Millisecond {
		t.Errorf("350 questions at 100 a second, 100 at once, took %s", took)
	}
	if n := len(h.office.Asked()); n != 4 {
		t.Errorf("%d requests", n)
	}
}

func TestNothingPrivateIsTold(t *testing.T) {
	h := open(t)
	var secrets []string
	for _, a := range h.office.Applicants() {
		secrets = append(secrets, a.Last, a.Birth, a.License)
		if a.SSN4 != "" {
			secrets = append(secrets, a.SSN4)
		}
	}
	var people []Person
	for _, a := range h.office.Applicants() {
		people = append(people, person(a))
	}
	h.office.TellFile = true
	said := ""
	for _, mood := range append([]dmv.Mood{dmv.Fine}, dmv.Moods...) {
		h.office.Behave(dmv.License, mood)
		h.office.Behave(dmv.SSN4, mood)
		h.office.SlowBy(0)
		for _, v := range h.Many(t.Context(), people) {
			for i := range v.Evidence {
				v.Evidence[i].Request, v.Evidence[i].At = "", time.Time{} // digits of ids and times are by chance those of somebody
			}
			v.After = time.Time{}
			said += fmt.Sprintf("%+v %v\n", v, v.Err)
		}
		h.forward(time.Hour)
	}
	said += fmt.Sprintf("%+v %#v", people, people)
	for _, line := range strings.Split(h.log.String(), "\n") {
		_, rest, _ := strings.Cut(line, `"msg":`)
		rest, _, _ = strings.Cut(rest, `"until":`)
		said += rest
	}
	said = strings.ReplaceAll(said, strings.TrimPrefix(h.running.URL, "http://"), "HOST")
	for _, s := range append(secrets, "s3cret-token") {
		if s != "" && strings.Contains(said, s) {
			t.Errorf("%q is told", s)
		}
	}
	for _, a := range h.office.Asked() {
		if a.URL != dmv.License && a.URL != dmv.SSN4 {
			t.Errorf("asked at %s", a.URL)
		}
	}
}

func TestManyAskAtOnce(t *testing.T) {
	h := open(t)
	h.office.Behave(dmv.SSN4, dmv.Unavailable, dmv.BadLine, dmv.HangsUp, dmv.Fine)
	var all sync.WaitGroup
	p, q := h.applicant(t, "single match alive"), h.applicant(t, "license matches")
	for range 20 {
		all.Go(func() {
			for _, v := range h.Many(t.Context(), []Person{p, q}) {
				if v.Step != Verified && v.Step != TryLater {
					t.Errorf("got %+v", v)
				}
			}
		})
	}
	all.Wait()
}

// TestNobodyIsEverTurnedAway lets a service answer with anything at all.
func TestNobodyIsEverTurnedAway(t *testing.T) {
	var status int
	var kind string
	var reply func(ids []string) []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var ids []string
		for _, part := range strings.Split(string(body), `"id":"`)[1:] {
			ids = append(ids, part[:36])
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write(reply(ids))
	}))
	defer server.Close()
	h := open(t)
	for k, place := range map[Kind]*Service{License: &h.License, SSN4: &h.SSN4} {
		r, err := Open(k, Settings{URL: server.URL, PerSecond: 1e6}, h.now, slog.New(slog.NewJSONHandler(h.log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		r.wait, *place = h.wait, r
	}
	person := h.applicant(t, "license matches")
	person.SSN4 = h.applicant(t, "no match").SSN4
	words := []string{"match", "no-match", "not-found", "single-match-alive", "single-match-deceased", "multiple-matches-mixed", "invalid-input",
		"rejected", "valid", "expired", "first", "birth", "1980-01-01", "", "0"}
	rapid.Check(t, func(t *rapid.T) {
		h.forward(time.Hour) // whatever was open closes
		status = rapid.SampledFrom([]int{200, 200, 200, 200, 400, 401, 404, 429, 500, 503, 599}).Draw(t, "status")
		kind = rapid.SampledFrom([]string{"application/json", "application/json", "text/html", "", "\"<"}).Draw(t, "kind")
		noise := rapid.SliceOf(rapid.Byte()).Draw(t, "noise")
		word := func(name string) string { return rapid.SampledFrom(words).Draw(t, name) }
		answer, standing, differs := word("answer"), word("standing"), word("differs")
		whole := rapid.Bool().Draw(t, "whole")
		reply = func(ids []string) []byte {
			if !whole || len(ids) == 0 {
				return noise
			}
			return fmt.Appendf(nil, `{"answers":[{"id":%q,"answer":%q,"standing":%q,"differs":[%q]}]}`, ids[0], answer, standing, differs)
		}
		got := h.One(context.Background(), person)
		if !slices.Contains(reasons[got.Step], got.Reason) {
			t.Fatalf("%s because %q", got.Step, got.Reason)
		}
		good := status == 200 && kind == "application/json" && whole
		if got.Step == Verified && !(good && answer == "single-match-alive") {
			t.Fatalf("verified by %d %s %s %s", status, kind, answer, noise)
		}
		if !good && got.Step != TryLater && !whole && status != 200 {
			t.Fatalf("%s by status %d", got.Step, status)
		}
	})
}

func TestSettingsThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, url string }{
		{"no address", ""}, {"no host", "https:///license"}, {"http to another machine", "http://dmv.example.gov/license"},
		{"a password in it", "https://me:secret@dmv.example.gov/"}, {"a question mark in it", "https://dmv.example.gov/?key=secret"},
		{"another protocol", "ftp://dmv.example.gov/"}, {"no text of an address", "https://%zz"},
	} {
		_, err := Open(License, Settings{URL: tt.url}, time.Now, slog.Default())
		if fault.KindOf(err) != fault.Invalid || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	for name, s := range map[string]Settings{"an authority that is not there": {CA: "testdata/none.pem"}, "an authority that is none": {CA: "remote.go"},
		"less than no questions": {PerSecond: -1}, "less than no time": {Timeout: -1}} {
		s.URL = "https://dmv.example.gov/"
		if _, err := Open(License, s, time.Now, slog.Default()); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzReadAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"answers":[{"id":"1","answer":"match","standing":"valid"},{"id":"2","answer":"not-found"}]}`,
		`{"answers":[{"id":"1","answer":"no-match","standing":"expired","differs":["first"],"on_file":{"first":"Ann","last":"Lee","birth":"1980-02-29"}}]}`,
		`{"answers":[{"id":"2","answer":"single-match-alive"},{"id":"2","answer":"no-match"}]}`,
		`{"answers":[{"id":4711}]}`, `{"answers":[null]}`, `{"answers":{}}`, `[]`, `<html>`, ``, strings.Repeat("[", 20000),
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	ids := []string{"1", "2"}
	f.Fuzz(func(t *testing.T, body []byte, license bool) {
		k := SSN4
		if license {
			k = License
		}
		got, err := read(body, k, ids)
		if err != nil {
			return
		}
		if len(got) != len(ids) {
			t.Fatalf("%d answers", len(got))
		}
		for _, a := range got {
			var trouble *Trouble
			if a.Err != nil {
				if !errors.As(a.Err, &trouble) || trouble.Reason != Malformed && trouble.Reason != NoAnswer {
					t.Fatalf("%v", a.Err)
				}
				continue
			}
			if !slices.Contains(codes[k], a.Code) {
				t.Fatalf("code %q", a.Code)
			}
			v := Shipped().On(state, "2026-09-01").weigh(Record{}, k, a)
			if !slices.Contains(reasons[v.step], v.reason) {
				t.Fatalf("%+v", v)
			}
		}
	})
}
