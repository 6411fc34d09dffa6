// SPDX-License-Identifier: Apache-2.0

package place

import "strings"

// House is a house number in the parts that count: 12 1/2, 37-18 in Queens,
// N6W23001 on a Wisconsin grid, B22, 12A.
type House struct {
	Prefix string // "37-", "N6W", "B"
	Number int
	Suffix string // "1/2", "A"
}

// maxHouse is the most digits a house number has.
const maxHouse = 9

// ReadHouse takes a house number apart; ok is false where it is none.
func ReadHouse(s string) (h House, ok bool) { return readHouse(clean(s)) }

func readHouse(s string) (h House, ok bool) {
	s, fraction, _ := strings.Cut(s, " ")
	to := len(s)
	for to > 0 && !digit(s[to-1]) {
		to--
	}
	from := to
	for from > 0 && digit(s[from-1]) {
		from--
	}
	if from == to || to-from > maxHouse || from > 12 || len(s)-to > 4 || fraction != "" && !isFraction(fraction) {
		return House{}, false
	}
	for _, c := range []byte(s[from:to]) {
		h.Number = h.Number*10 + int(c-'0')
	}
	h.Prefix, h.Suffix = s[:from], strings.TrimPrefix(s[to:], "-")
	if fraction != "" {
		h.Suffix = strings.TrimSpace(h.Suffix + " " + fraction)
	}
	return h, true
}

func isFraction(s string) bool {
	return len(s) == 3 && digit(s[0]) && s[1] == '/' && digit(s[2])
}

// joined is the number without its hyphen: some offices keep 37-18 as 3718.
func (h House) joined() (House, bool) {
	first, isHyphen := strings.CutSuffix(h.Prefix, "-")
	if !isHyphen || !digits(first) || len(first) > 4 || h.Number > 99 {
		return h, false
	}
	n := 0
	for _, c := range []byte(first) {
		n = n*10 + int(c-'0')
	}
	return House{Number: n*100 + h.Number, Suffix: h.Suffix}, true
}

// takeHouse takes the house number off the front of a line. Ordinals are
// streets: 1ST AVE has no number.
func takeHouse(w []string) (number string, rest []string) {
	if len(w) < 2 || !looksLikeHouse(w[0]) {
		return "", w
	}
	number, rest = w[0], w[1:]
	if len(rest) > 1 && grid(number) && grid(rest[0]) && digits(number[1:]) && digits(rest[0][1:]) { // N6 W23001
		number, rest = number+rest[0], rest[1:]
	}
	if at := strings.IndexByte(number, '-'); at > 0 && isFraction(number[at+1:]) { // 12-1/2
		number = number[:at] + " " + number[at+1:]
	}
	if len(rest) > 1 && isFraction(rest[0]) && !strings.Contains(number, " ") {
		number, rest = number+" "+rest[0], rest[1:]
	}
	return short(number), rest
}

// short takes the zeros off the front of a plain number.
func short(number string) string {
	for len(number) > 1 && number[0] == '0' && digit(number[1]) {
		number = number[1:]
	}
	return number
}

func looksLikeHouse(s string) bool {
	if isOrdinal(s) || len(s) > 16 {
		return false
	}
	if _, ok := readHouse(s); !ok || strings.ContainsAny(s, "/.#") && !strings.Contains(s, "-") {
		return false
	}
	return digit(s[0]) || grid(s) || len(s) > 1 && digit(s[1])
}

// grid says whether a number tells two directions, or one: N6W23001, W239.
func grid(s string) bool {
	switch {
	case len(s) < 2 || !strings.ContainsRune("NSEW", rune(s[0])) || !digit(s[1]):
		return false
	}
	turns := 0
	for i := range len(s) {
		if !digit(s[i]) {
			if !strings.ContainsRune("NSEW", rune(s[i])) {
				return false
			}
			turns++
		}
	}
	return turns <= 2 && digit(s[len(s)-1])
}

// isOrdinal knows 1ST, 22ND, 103RD and 11TH.
func isOrdinal(s string) bool {
	n := len(s)
	if n < 3 || !digits(s[:n-2]) {
		return false
	}
	switch s[n-2:] {
	case "ST", "ND", "RD", "TH":
		return true
	}
	return false
}
