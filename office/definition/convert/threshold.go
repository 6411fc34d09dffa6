// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"math"
	"regexp"
	"strconv"
	"strings"

	"hustings/election"
)

var (
	percentForm  = regexp.MustCompile(`(\d+)(?:\.(\d{1,6}))?\s*(?:%|per ?cent\b)`)
	decimalForm  = regexp.MustCompile(`^0?\.(\d{1,6})$`) // how a spreadsheet keeps 60%
	fractionForm = regexp.MustCompile(`(\d{1,7})\s*/\s*(\d{1,7})`)
	overForm     = regexp.MustCompile(`\b(more than|greater than|over|exceed\w*|above)\b|>`)
	atLeastForm  = regexp.MustCompile(`\b(at least|or more|or greater|no less than|not less than|minimum)\b|≥|>=`)
)

// shares are fractions that laws write as words.
var shares = []struct {
	words    string
	num, den int64
}{
	{"two thirds", 2, 3}, {"two-thirds", 2, 3}, {"three fifths", 3, 5}, {"three-fifths", 3, 5},
	{"three quarters", 3, 4}, {"three-quarters", 3, 4}, {"three fourths", 3, 4}, {"three-fourths", 3, 4},
	{"four fifths", 4, 5}, {"four-fifths", 4, 5}, {"five sevenths", 5, 7}, {"five-sevenths", 5, 7}, {"four sevenths", 4, 7},
}

// threshold reads the share at which a measure passes: "majority", "60%", "two
// thirds of ballots cast", "more than 55 percent". ok is false where the text
// says something else.
func threshold(s string) (t election.Threshold, ok bool) {
	k := fold(s)
	t.Of = "votes"
	if strings.Contains(k, "ballots") || strings.Contains(k, "voters voting") || strings.Contains(k, "all voting") {
		t.Of = "ballots"
	}
	m, whole := percentForm.FindStringSubmatch(k), decimalForm.FindStringSubmatch(k)
	switch {
	case m != nil:
		t.Numerator, t.Denominator, ok = percent(m[1], m[2])
	case whole != nil:
		t.Numerator, t.Denominator, ok = percent("0", whole[1])
		if ok {
			t.Numerator, t.Denominator = lowest(t.Numerator*100, t.Denominator)
		}
	default:
		t.Numerator, t.Denominator, ok = fraction(k)
	}
	t.Over = ok && overForm.MatchString(k) && !atLeastForm.MatchString(k)
	if !ok && (strings.Contains(k, "majority") || strings.Contains(k, "50% + 1") || strings.Contains(k, "more than half")) {
		t.Numerator, t.Denominator, t.Over, ok = 1, 2, true, true
	}
	half := ok && t.Numerator*2 == t.Denominator
	if half && (strings.Contains(k, "plus one") || strings.Contains(k, "+ 1") || strings.Contains(k, "+1") || strings.Contains(k, "majority")) {
		t.Over = true
	}
	return t, ok && t.Numerator > 0 && t.Numerator <= t.Denominator
}

// percent makes the fraction of a percentage in lowest terms.
func percent(whole, part string) (num, den int64, ok bool) {
	n, err := strconv.ParseInt(whole+part, 10, 64)
	if err != nil || n == 0 {
		return 0, 0, false
	}
	d := int64(100)
	for range part {
		d *= 10
	}
	num, den = lowest(n, d)
	return num, den, true
}

func lowest(n, d int64) (int64, int64) {
	g := gcd(n, d)
	return n / g, d / g
}

func fraction(k string) (num, den int64, ok bool) {
	for _, s := range shares {
		if strings.Contains(k, s.words) {
			return s.num, s.den, true
		}
	}
	m := fractionForm.FindStringSubmatch(k)
	if m == nil {
		return 0, 0, false
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	d, _ := strconv.ParseInt(m[2], 10, 64)
	return n, d, d > 0
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// thresholdText writes a threshold so that threshold reads it back.
func thresholdText(t election.Threshold) string {
	s := ""
	switch {
	case t.Numerator == 1 && t.Denominator == 2 && t.Over:
		s = "majority"
	case t.Numerator == 2 && t.Denominator == 3:
		s = "two thirds"
	case wholePercent(t):
		s = strconv.FormatInt(t.Numerator*100/t.Denominator, 10) + "%"
	default:
		s = strconv.FormatInt(t.Numerator, 10) + "/" + strconv.FormatInt(t.Denominator, 10)
	}
	if t.Over && s != "majority" {
		s = "more than " + s
	}
	if cmp.Or(t.Of, "votes") == "ballots" {
		s += " of ballots cast"
	}
	return s
}

// wholePercent says whether the threshold is a whole number of percent that
// reads back as the same fraction.
func wholePercent(t election.Threshold) bool {
	return t.Denominator > 0 && t.Numerator > 0 && t.Numerator < math.MaxInt64/100 &&
		t.Numerator*100%t.Denominator == 0 && gcd(t.Numerator, t.Denominator) == 1
}
