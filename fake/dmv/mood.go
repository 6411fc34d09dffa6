// SPDX-License-Identifier: Apache-2.0

package dmv

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Mood is how the office treats a request.
type Mood string

// The moods.
const (
	Fine        Mood = ""
	Slow        Mood = "slow"        // answers after a while
	Unavailable Mood = "unavailable" // 503
	ComeLater   Mood = "come later"  // 503, and Retry-After far away
	Busy        Mood = "busy"        // 429, and Retry-After in a second
	HangsUp     Mood = "hangs up"    // the connection breaks before the answer
	BreaksOff   Mood = "breaks off"  // the connection breaks in the middle of the answer
	Cut         Mood = "cut"         // a whole answer of half the JSON
	WrongTypes  Mood = "wrong types" // a number where there should be a text
	HTML        Mood = "html"        // a page, with status 200
	Huge        Mood = "huge"        // 10 MB
	Empty       Mood = "empty"
	BadLine     Mood = "bad line"     // the first answer has an odd type, the others are good
	MissingLine Mood = "missing line" // the first question has no answer
	UnknownCode Mood = "unknown code" // an answer that nobody knows
	Moved       Mood = "moved"        // a redirect to another address
)

// Moods are all of them but Fine.
var Moods = []Mood{Slow, Unavailable, ComeLater, Busy, HangsUp, BreaksOff, Cut, WrongTypes, HTML, Huge, Empty, BadLine, MissingLine, UnknownCode, Moved}

// Behave says how a service treats its next requests, one mood each; the last
// one stays.
func (o *Office) Behave(service string, moods ...Mood) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.moods[service] = moods
}

// SlowBy says how long Slow is.
func (o *Office) SlowBy(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slow = d
}

// answers is the body of a good answer.
func answers(list any) []byte {
	text, err := json.Marshal(map[string]any{"answers": list})
	if err != nil {
		panic(err) // texts can always be written
	}
	return text
}

// act answers in a mood. Answers that are whole and right are kept, and given
// again to the same request.
func (o *Office) act(w http.ResponseWriter, r *http.Request, mood Mood, slow time.Duration, list []answer, keep func([]byte)) {
	good := answers(list)
	switch mood {
	case Fine:
		keep(good)
		write(w, good)
	case Slow:
		keep(good)
		select {
		case <-time.After(slow):
			write(w, good)
		case <-r.Context().Done():
		}
	case Unavailable, ComeLater, Busy:
		turnAway(w, mood)
	case HangsUp, BreaksOff:
		if mood == BreaksOff {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(good)
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler) // closes the connection
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Scheduled maintenance</title>"))
	case Moved:
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	default:
		write(w, spoil(mood, good, list))
	}
}

func turnAway(w http.ResponseWriter, mood Mood) {
	switch mood {
	case Busy:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many questions", http.StatusTooManyRequests)
		return
	case ComeLater:
		w.Header().Set("Retry-After", "1800")
	}
	http.Error(w, "closed", http.StatusServiceUnavailable)
}

// spoil makes a bad body of a good one.
func spoil(mood Mood, good []byte, list []answer) []byte {
	switch mood {
	case Cut:
		return good[:len(good)/2]
	case WrongTypes:
		return []byte(`{"answers": {"id": 4711}}`)
	case Huge:
		return []byte(`{"answers": [` + strings.Repeat(`{"id":"nobody"},`, 10<<20/16) + `{}]}`)
	case BadLine:
		odd := []any{map[string]any{"id": list[0].ID, "answer": 4711}}
		for _, a := range list[1:] {
			odd = append(odd, a)
		}
		return answers(odd)
	case MissingLine:
		return answers(list[1:])
	case UnknownCode:
		for i := range list {
			list[i].Answer = "rejected"
		}
		return answers(list)
	}
	return nil // Empty
}
