// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/sheet"
)

// Cells of the spreadsheet hold lists as "a; b; c" and codes as "fips=04013;
// ocd-id=…". A semicolon, an equals sign or a backslash within a value has a
// backslash before it.

var escaper = strings.NewReplacer(`\`, `\\`, `;`, `\;`, `=`, `\=`)

func joinList[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = escaper.Replace(string(s))
	}
	return strings.Join(parts, "; ")
}

// cut splits a cell at a separator that has no backslash before it. The
// backslashes stay.
func cut(s string, sep byte) []string {
	var out []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func unescape(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func splitList[T ~string](s string) []T {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	var out []T
	for _, part := range cut(s, ';') {
		if v := unescape(part); v != "" {
			out = append(out, T(v))
		}
	}
	return out
}

func joinPairs(m map[string]string) string {
	keys := sortedKeys(m)
	for i, k := range keys {
		keys[i] = escaper.Replace(k) + "=" + escaper.Replace(m[k])
	}
	return strings.Join(keys, "; ")
}

// splitPairs reads codes. A part without an equals sign is the code "other".
func splitPairs(s string) map[string]string {
	var out map[string]string
	for _, part := range cut(s, ';') {
		kv := cut(part, '=')
		key, value := "other", unescape(part)
		if len(kv) > 1 {
			key, value = unescape(kv[0]), unescape(strings.Join(kv[1:], "="))
		}
		if value == "" || key == "" {
			continue
		}
		if out == nil {
			out = make(map[string]string)
		}
		out[key] = value
	}
	return out
}

// yesWords are how people fill in a column that asks yes or no.
var yesWords = map[string]bool{"yes": true, "y": true, "true": true, "1": true, "x": true, "si": true, "✓": true}

// dateForms are how people write days.
var dateForms = []string{time.DateOnly, "1/2/2006", "01/02/2006", "1/2/06", "Jan 2, 2006", "January 2, 2006", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "20060102"}

// day reads a day; one that is none stays as it was written, and Check tells.
func day(s string) election.Date {
	s = strings.TrimSpace(s)
	for _, form := range dateForms {
		if at, err := time.Parse(form, s); err == nil {
			return election.DayOf(at)
		}
	}
	return election.Date(s)
}

var amForm = regexp.MustCompile(`(?i)^(\d{1,2})(?::(\d{2}))?(?::\d{2})?\s*([ap])\.?\s*m\.?$`)

// timeOfDay reads 7:00, 7:00:00, 7 am or 7:30 p.m.; one that is none stays as it
// was written.
func timeOfDay(s string) string {
	s = strings.TrimSpace(s)
	if seconds, _, zoned, ok := clock(s); ok && !zoned {
		return hourMinute(seconds)
	}
	m := amForm.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	if h < 1 || h > 12 || min > 59 {
		return s
	}
	h %= 12
	if strings.EqualFold(m[3], "p") {
		h += 12
	}
	return hourMinute(h*3600 + min*60)
}

// instantForms are how people write a deadline with its hour.
var instantForms = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "1/2/2006 15:04", "1/2/2006 3:04 PM"}

// instant reads a deadline in the election's time zone; a day alone is its end.
func instant(s string, e election.Election) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return at.UTC(), true
	}
	for _, form := range instantForms {
		if at, err := time.ParseInLocation(form, s, e.Zone()); err == nil {
			return at.UTC(), true
		}
	}
	if d := day(s); validDate(d) {
		return endOfDay(d, e), true
	}
	return time.Time{}, false
}

// instantText writes a deadline so that instant reads it back.
func instantText(at time.Time, e election.Election) string {
	s := at.In(e.Zone()).Format(instantForms[0])
	if back, ok := instant(s, e); ok && back.Equal(at) {
		return s
	}
	return at.UTC().Format(time.RFC3339Nano)
}

var languageTitle = regexp.MustCompile(`^(.*?)\s*[\[(]\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\s*[\])]$`)

// columnKey is a title as the reader looks it up, and its language if it has
// one: "Name [es]" is name in es.
func columnKey(title string) (key, lang string) {
	if m := languageTitle.FindStringSubmatch(strings.TrimSpace(title)); m != nil {
		return sheet.Snake(m[1]), languageTag(m[2])
	}
	return sheet.Snake(strings.TrimRight(strings.TrimSpace(title), " *")), "en"
}

// languagesOf lists every language of some wordings, English first.
func languagesOf(list []election.Text) []string {
	all := election.Text{"en": ""}
	for _, t := range list {
		for tag := range t {
			all[tag] = ""
		}
	}
	out := tags(all)
	sort.SliceStable(out, func(i, j int) bool { return out[i] == "en" && out[j] != "en" })
	return out
}
