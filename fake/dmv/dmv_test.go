// SPDX-License-Identifier: Apache-2.0

package dmv

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func post(t *testing.T, url, key, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestTheSameSeedMakesTheSamePeople(t *testing.T) {
	a, b, c := New(1, 100), New(1, 100), New(2, 100)
	if !reflect.DeepEqual(a.Applicants(), b.Applicants()) || reflect.DeepEqual(a.Applicants(), c.Applicants()) {
		t.Error("the people do not follow from the seed")
	}
	seen := make(map[string]bool)
	for _, p := range a.Applicants() {
		seen[p.Case] = true
	}
	if len(seen) != len(Cases) {
		t.Errorf("%d of %d cases", len(seen), len(Cases))
	}
}

func TestARequestIsAnsweredAlikeTwice(t *testing.T) {
	o := New(1, 0)
	o.Add(Record{First: "ANN", Last: "LEE", Birth: "1980-02-29", SSN4: "1234"})
	r, err := o.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	body := `{"questions":[{"id":"1","ssn4":"1234","first":"Ann","last":"Lee","birth":"1980-02-29"},{"id":"2","ssn4":"12x4","last":"Lee","birth":"1980-02-29"}]}`
	_, first := post(t, r.URL+SSN4, "k1", body)
	if want := `{"answers":[{"id":"1","answer":"single-match-alive"},{"id":"2","answer":"invalid-input"}]}`; first != want {
		t.Errorf("got %s, want %s", first, want)
	}
	o.Add(Record{First: "ANN", Last: "LEE", Birth: "1980-02-29", SSN4: "1234", Dead: true})
	if _, again := post(t, r.URL+SSN4, "k1", body); again != first {
		t.Errorf("the same request: %s, then %s", first, again)
	}
	if _, other := post(t, r.URL+SSN4, "k2", body); !strings.Contains(other, "multiple-matches-mixed") {
		t.Errorf("a new request: %s", other)
	}
	for name, bad := range map[string]struct{ path, key, body string }{"another body": {SSN4, "k1", `{"questions":[{"id":"1"}]}`},
		"no key": {SSN4, "", body}, "no questions": {SSN4, "k3", `{}`}, "no such door": {"/vin", "k4", body}} {
		if status, _ := post(t, r.URL+bad.path, bad.key, bad.body); status < 400 || status > 499 {
			t.Errorf("%s: status %d", name, status)
		}
	}
	if asked := o.Asked(); len(asked) != 7 || !asked[1].Again || asked[2].Again || asked[0].Questions != 2 {
		t.Errorf("it remembers %d requests", len(asked))
	}
}
