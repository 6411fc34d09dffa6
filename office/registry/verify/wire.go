// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hustings/kit/hide"
)

// What goes over the wire, to either service:
//
//	POST …  Idempotency-Key: 0192…
//	{"questions": [{"id": "0192…", "license": "D1234567", "first": "Ann", "last": "Lee", "birth": "1980-02-29"}]}
//
//	{"answers": [{"id": "0192…", "answer": "match", "standing": "valid"}]}
//
// A question has license or ssn4. An answer of a licence service may have
// differs, a list of fields, and on_file, the record that the service has.

// asked is a question on its way out. It exists only while a body is written.
type asked struct {
	ID      string `json:"id"`
	License string `json:"license,omitempty"`
	SSN4    string `json:"ssn4,omitempty"`
	First   string `json:"first,omitempty"`
	Middle  string `json:"middle,omitempty"`
	Last    string `json:"last"`
	Suffix  string `json:"suffix,omitempty"`
	Birth   string `json:"birth"`
}

// write is the body of a request.
func write(k Kind, list []Question) ([]byte, error) {
	var body struct {
		Questions []asked `json:"questions"`
	}
	for _, q := range list {
		r := q.Record
		a := asked{ID: q.ID, First: r.First.Reveal(), Middle: r.Middle.Reveal(), Last: r.Last.Reveal(), Suffix: r.Suffix.Reveal(), Birth: r.Birth.Reveal()}
		if k == SSN4 {
			a.SSN4 = q.Number.Reveal()
		} else {
			a.License = q.Number.Reveal()
		}
		body.Questions = append(body.Questions, a)
	}
	return json.Marshal(body)
}

// answered is an answer as it comes in.
type answered struct {
	ID       string     `json:"id"`
	Answer   Code       `json:"answer"`
	Standing Standing   `json:"standing"`
	Differs  []Field    `json:"differs"`
	OnFile   *filedCard `json:"on_file"`
}

type filedCard struct {
	First  string `json:"first"`
	Middle string `json:"middle"`
	Last   string `json:"last"`
	Suffix string `json:"suffix"`
	Birth  string `json:"birth"`
}

// largest is how many bytes an answer to n questions may have.
func largest(n int) int { return 16<<10 + n*4<<10 }

// read reads the answers to the questions with these ids, in their order. One
// that cannot be used has its Err and leaves the others alone. What is said of
// a body names places, never what stands there: it may be private.
func read(body []byte, k Kind, ids []string) ([]Answer, error) {
	if len(body) > largest(len(ids)) {
		return nil, fmt.Errorf("the answer is larger than %d bytes", largest(len(ids)))
	}
	var whole struct {
		Answers *[]json.RawMessage `json:"answers"`
	}
	if err := decode(body, &whole); err != nil {
		return nil, err
	}
	if whole.Answers == nil {
		return nil, errors.New("the field answers is missing")
	}
	out := make([]Answer, len(ids))
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
		out[i].Err = &Trouble{Reason: NoAnswer, Err: errors.New("one of the questions has no answer")}
	}
	said := make([]bool, len(ids))
	for n, line := range *whole.Answers {
		var a answered
		err := decode(line, &a)
		i, known := place[a.ID]
		if !known {
			continue // nobody's; whose it was meant to be has none, and is told so
		}
		var got Answer
		if err == nil {
			got, err = a.check(k)
		}
		if said[i] {
			err = errors.New("the question has been answered already")
		}
		if said[i] = true; err != nil {
			got = Answer{Err: &Trouble{Reason: Malformed, Err: fmt.Errorf("answer %d: %w", n+1, err)}}
		}
		out[i] = got
	}
	return out, nil
}

// decode reads JSON and says what is wrong with it without quoting it: the
// standard library's own words show numbers and letters of the text.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax) && int(syntax.Offset) >= len(body):
		return fmt.Errorf("the JSON is cut off after %d bytes", len(body))
	case errors.As(err, &syntax):
		return fmt.Errorf("byte %d is no JSON", syntax.Offset)
	case errors.As(err, &kind):
		found, _, _ := strings.Cut(kind.Value, " ") // "number 4711"
		if kind.Field == "" {
			return fmt.Errorf("a JSON %s stands where an object should", found)
		}
		return fmt.Errorf("the field %s is a JSON %s, which it cannot be", kind.Field, found)
	}
	return errors.New("it cannot be read as JSON")
}

// check says whether an answer makes sense, and gives it.
func (a answered) check(k Kind) (Answer, error) {
	out := Answer{Code: a.Answer, Standing: a.Standing, Differs: a.Differs}
	if !slices.Contains(codes[k], a.Answer) {
		return out, fmt.Errorf("the field answer is none of %v", codes[k])
	}
	if !out.found(k) && (a.Standing != "" || len(a.Differs) > 0 || a.OnFile != nil) {
		return out, fmt.Errorf("with %s there can be no standing, differs or on_file", a.Answer)
	}
	if out.found(k) && !slices.Contains(standings, a.Standing) {
		return out, fmt.Errorf("the field standing is none of %v", standings)
	}
	if len(a.Differs) > len(fields) || slices.ContainsFunc(a.Differs, func(f Field) bool { return !slices.Contains(fields, f) }) {
		return out, fmt.Errorf("the field differs has other values than %v", fields)
	}
	if a.Answer == Match && len(a.Differs) > 0 {
		return out, errors.New("it matches and differs at once")
	}
	return out, a.file(&out)
}

// file takes the record that the service has.
func (a answered) file(out *Answer) error {
	if a.OnFile == nil {
		return nil
	}
	c := *a.OnFile
	for _, text := range []string{c.First, c.Middle, c.Last, c.Suffix, c.Birth} {
		if len(text) > longestName {
			return fmt.Errorf("the field on_file has a value of more than %d bytes", longestName)
		}
	}
	if c.Last == "" || c.Birth == "" {
		return errors.New("the field on_file lacks last or birth")
	}
	out.OnFile = &Record{First: hide.New(c.First), Middle: hide.New(c.Middle), Last: hide.New(c.Last), Suffix: hide.New(c.Suffix), Birth: hide.New(c.Birth)}
	return nil
}
