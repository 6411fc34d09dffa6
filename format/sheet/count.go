// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Count is a number of votes, ballots or voters that a file may have left out.
// Its zero value is "not reported": nothing that was never written down can
// turn into a 0 by accident.
type Count struct {
	N  int64
	Is Reported
}

// Reported says whether a count is there, and if not, why.
type Reported uint8

// What a cell for a count can say.
const (
	NotReported Reported = iota // the cell is empty or says "not available"
	Given                       // the cell holds a whole number
	Suppressed                  // the office hides it, usually to protect the secrecy of a few ballots
)

// N makes a count that is there.
func N(n int64) Count { return Count{N: n, Is: Given} }

// Known says whether the count is there.
func (c Count) Known() bool { return c.Is == Given }

// String writes the number, nothing when it was not reported, and "*" when it
// is suppressed; ParseCount reads all three back.
func (c Count) String() string {
	switch c.Is {
	case Given:
		return strconv.FormatInt(c.N, 10)
	case Suppressed:
		return "*"
	}
	return ""
}

// MaxCount is the largest count that can be true: no unit on earth has more
// voters, and larger numbers are ids or dates in the wrong column.
const MaxCount = math.MaxInt32

// absent lists what people write where a count is missing. Keys are lower case.
var absent = map[string]Reported{
	"-": NotReported, "--": NotReported, "–": NotReported, "—": NotReported, "−": NotReported,
	"n/a": NotReported, "na": NotReported, "n.a.": NotReported, "n.a": NotReported, "#n/a": NotReported,
	"null": NotReported, "none": NotReported, "nil": NotReported, ".": NotReported,
	"not reported": NotReported, "not available": NotReported, "pending": NotReported,
	"*": Suppressed, "**": Suppressed, "***": Suppressed, "****": Suppressed, "†": Suppressed,
	"suppressed": Suppressed, "withheld": Suppressed, "redacted": Suppressed,
}

// ParseCount reads one cell as a count. An empty cell is not reported, never
// zero. The error is a sentence without the line; the caller knows the line.
func ParseCount(s string) (Count, error) {
	if n, ok := digits(s); ok {
		return Count{N: n, Is: Given}, nil
	}
	return parseDirtyCount(s)
}

// digits is the short way for the cell that nearly all cells are.
func digits(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}

func parseDirtyCount(s string) (Count, error) {
	t := trimCount(s)
	if t == "" {
		return Count{}, nil
	}
	if is, ok := absent[strings.ToLower(t)]; ok {
		return Count{Is: is}, nil
	}
	if isBelow(t) {
		return Count{Is: Suppressed}, nil
	}
	whole, err := wholePart(t)
	if err != nil {
		return Count{}, err
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > MaxCount {
		return Count{}, fmt.Errorf("%s is larger than any count can be (%d)", show(t), MaxCount)
	}
	return Count{N: n, Is: Given}, nil
}

// trimCount takes off the spaces, quotes and the plus that spreadsheets leave.
func trimCount(s string) string {
	t := strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '"' || r == '\'' || r == '\u200b' || r == '\ufeff'
	})
	if len(t) > 1 && t[0] == '+' {
		t = t[1:]
	}
	return t
}

// isBelow recognises "<10", the other way of hiding a small number.
func isBelow(t string) bool {
	rest, ok := strings.CutPrefix(t, "<")
	if !ok {
		return false
	}
	_, ok = digits(strings.TrimSpace(rest))
	return ok
}

// wholePart gives the digits of t without thousands separators and without an
// empty fraction, or says what else t is.
func wholePart(t string) (string, error) {
	if negative(t) {
		return "", fmt.Errorf("%s is negative, and a count cannot be", show(t))
	}
	if strings.HasSuffix(t, "%") {
		return "", fmt.Errorf("%s is a percentage, not a count", show(t))
	}
	whole, fraction, _ := strings.Cut(t, ".")
	if !allDigits(fraction) {
		return "", notNumber(t)
	}
	whole, ok := ungroup(whole)
	if !ok {
		return "", notNumber(t)
	}
	if strings.Trim(fraction, "0") != "" {
		return "", fmt.Errorf("%s is not a whole number", show(t))
	}
	return whole, nil
}

func negative(t string) bool {
	t = strings.Replace(t, "−", "-", 1)
	if strings.HasPrefix(t, "(") && strings.HasSuffix(t, ")") {
		t = "-" + t[1:len(t)-1] // bookkeepers write (12) for -12
	}
	rest, ok := strings.CutPrefix(t, "-")
	return ok && rest != "" && strings.Trim(rest, "0123456789,. ") == ""
}

// ungroup takes "1,234,567" apart. Groups that are not of three digits are
// refused: "1,23" may be a decimal comma, and a guess would be a false count.
func ungroup(s string) (string, bool) {
	if !strings.Contains(s, ",") {
		return s, s != "" && allDigits(s)
	}
	groups := strings.Split(s, ",")
	if g := groups[0]; g == "" || len(g) > 3 || !allDigits(g) {
		return "", false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 || !allDigits(g) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// notNumber explains the two dangerous cases in their own words.
func notNumber(t string) error {
	if _, err := strconv.ParseFloat(t, 64); err == nil && strings.ContainsAny(t, "eE") {
		return errors.New(show(t) + " was shortened by a spreadsheet; format the column as a plain number and save again")
	}
	return errors.New(show(t) + " is not a number")
}

// show quotes a cell for a sentence, cut to a length that still reads well.
func show(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
