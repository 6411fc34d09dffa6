// SPDX-License-Identifier: Apache-2.0

// Package dmv is a pretend motor-vehicle office, with a pretend Social Security
// Administration behind it, for tests and the demo. It speaks over real HTTP
// the protocol of office/registry/verify:
//
//	POST /license   POST /ssn4
//	{"questions": [{"id", "license" or "ssn4", "first", "middle", "last", "suffix", "birth"}]}
//	{"answers": [{"id", "answer", "standing", "differs", "on_file"}]}
//
// It answers from its records: whether somebody matches, once or more often,
// alive or not, follows from who is in them. It can be told to misbehave, and
// it remembers what it was asked.
package dmv

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Record is a person as the two offices know them. Birth is 1980-02-29.
type Record struct {
	First, Middle, Last, Suffix, Birth string
	License, Standing                  string // valid, expired, surrendered, out-of-state
	SSN4                               string
	Dead                               bool
}

// The services.
const (
	License = "/license"
	SSN4    = "/ssn4"
)

// Asked is a request that came in.
type Asked struct {
	Service   string
	Key       string // Idempotency-Key
	Questions int
	Body      string
	URL       string
	Again     bool // its key had been answered before
}

// Office is both services.
type Office struct {
	Token    string // who may ask; "" for everybody
	TellFile bool   // the licence service sends the record that it has

	mu         sync.Mutex // guards the rest
	records    []Record
	byLicense  map[string]Record
	applicants []Applicant
	asked      []Asked
	answered   map[string]reply
	moods      map[string][]Mood
	slow       time.Duration
}

// reply is what a request with a key was answered.
type reply struct{ question, answer string }

// mostAnswered is how many replies are remembered.
const mostAnswered = 10_000

// Add takes in records of people.
func (o *Office) Add(list ...Record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range list {
		o.records = append(o.records, r)
		if r.License != "" {
			o.byLicense[r.License] = r
		}
	}
}

// Asked are the requests so far, in order.
func (o *Office) Asked() []Asked {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Asked(nil), o.asked...)
}

// Applicants are the people whom New made up.
func (o *Office) Applicants() []Applicant { return o.applicants }

// Running is an Office that listens.
type Running struct {
	URL    string // http://127.0.0.1:41234; the services are below it
	server *http.Server
}

// Listen starts the office at an address, such as 127.0.0.1:0.
func (o *Office) Listen(address string) (*Running, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	r := &Running{URL: "http://" + l.Addr().String(), server: &http.Server{Handler: o, ReadHeaderTimeout: 10 * time.Second}}
	go r.server.Serve(l) // ends with Close
	return r, nil
}

// Close stops listening; who asks from now on is refused the connection.
func (r *Running) Close() error { return r.server.Close() }

type question struct {
	ID      string `json:"id"`
	License string `json:"license"`
	SSN4    string `json:"ssn4"`
	First   string `json:"first"`
	Middle  string `json:"middle"`
	Last    string `json:"last"`
	Suffix  string `json:"suffix"`
	Birth   string `json:"birth"`
}

type answer struct {
	ID       string   `json:"id"`
	Answer   string   `json:"answer"`
	Standing string   `json:"standing,omitempty"`
	Differs  []string `json:"differs,omitempty"`
	OnFile   *onFile  `json:"on_file,omitempty"`
}

type onFile struct {
	First  string `json:"first"`
	Middle string `json:"middle,omitempty"`
	Last   string `json:"last"`
	Suffix string `json:"suffix,omitempty"`
	Birth  string `json:"birth"`
}

// ServeHTTP answers POST /license and POST /ssn4.
func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		return
	}
	var q struct {
		Questions []question `json:"questions"`
	}
	bad := json.Unmarshal(body, &q)
	key := r.Header.Get("Idempotency-Key")
	mood, slow, before, known := o.note(r, key, string(body), len(q.Questions))
	switch {
	case r.URL.Path != License && r.URL.Path != SSN4 || r.Method != http.MethodPost:
		http.NotFound(w, r)
	case o.Token != "" && r.Header.Get("Authorization") != "Bearer "+o.Token:
		http.Error(w, "who are you?", http.StatusUnauthorized)
	case key == "" || bad != nil || len(q.Questions) == 0:
		http.Error(w, "want an Idempotency-Key and questions", http.StatusBadRequest)
	case known && before.question != string(body):
		http.Error(w, "the Idempotency-Key was used for another request", http.StatusUnprocessableEntity)
	case known && mood == Fine:
		write(w, []byte(before.answer))
	default:
		o.act(w, r, mood, slow, o.answer(r.URL.Path, q.Questions), func(text []byte) { o.keep(r.URL.Path+" "+key, string(body), string(text)) })
	}
}

// note writes a request down, and gives how to behave and what the same request
// was answered before.
func (o *Office) note(r *http.Request, key, body string, n int) (mood Mood, slow time.Duration, before reply, known bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before, known = o.answered[r.URL.Path+" "+key]
	o.asked = append(o.asked, Asked{Service: r.URL.Path, Key: key, Questions: n, Body: body, URL: r.URL.String(), Again: known})
	if list := o.moods[r.URL.Path]; len(list) > 0 {
		if mood = list[0]; len(list) > 1 {
			o.moods[r.URL.Path] = list[1:]
		}
	}
	return mood, o.slow, before, known
}

// keep remembers a reply.
func (o *Office) keep(key, question, answer string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.answered) >= mostAnswered {
		clear(o.answered)
	}
	o.answered[key] = reply{question, answer}
}

// answer answers questions.
func (o *Office) answer(service string, list []question) []answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make([]answer, len(list))
	for i, q := range list {
		if service == SSN4 {
			out[i] = answer{ID: q.ID, Answer: o.social(q)}
		} else {
			out[i] = o.licence(q)
		}
	}
	return out
}

// social is the answer of the Social Security Administration, which compares
// letter by letter. The caller holds mu.
func (o *Office) social(q question) string {
	if len(q.SSN4) != 4 || strings.Trim(q.SSN4, "0123456789") != "" || q.Last == "" || !isDay(q.Birth) {
		return "invalid-input"
	}
	alive, dead := 0, 0
	for _, r := range o.records {
		if r.SSN4 != q.SSN4 || r.Birth != q.Birth || !strings.EqualFold(r.First, q.First) || !strings.EqualFold(r.Last, q.Last) {
			continue
		}
		if r.Dead {
			dead++
		} else {
			alive++
		}
	}
	switch {
	case alive+dead == 0:
		return "no-match"
	case alive == 1 && dead == 0:
		return "single-match-alive"
	case dead == 1 && alive == 0:
		return "single-match-deceased"
	case dead == 0:
		return "multiple-matches-alive"
	case alive == 0:
		return "multiple-matches-deceased"
	}
	return "multiple-matches-mixed"
}

// licence is the answer of the motor-vehicle office. The caller holds mu.
func (o *Office) licence(q question) answer {
	a := answer{ID: q.ID}
	if q.License == "" || q.Last == "" || !isDay(q.Birth) {
		a.Answer = "invalid-input"
		return a
	}
	r, found := o.byLicense[q.License]
	if !found {
		a.Answer = "not-found"
		return a
	}
	a.Answer, a.Standing = "match", r.Standing
	for _, f := range []struct{ name, asked, filed string }{{"first", q.First, r.First}, {"middle", q.Middle, r.Middle},
		{"last", q.Last, r.Last}, {"suffix", q.Suffix, r.Suffix}, {"birth", q.Birth, r.Birth}} {
		if !strings.EqualFold(f.asked, f.filed) {
			a.Differs = append(a.Differs, f.name)
		}
	}
	if len(a.Differs) > 0 {
		a.Answer = "no-match"
	}
	if o.TellFile {
		a.OnFile = &onFile{r.First, r.Middle, r.Last, r.Suffix, r.Birth}
	}
	return a
}

func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// write sends JSON. The asker may have gone.
func write(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.Copy(w, bytes.NewReader(text))
}
