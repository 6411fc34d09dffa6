// SPDX-License-Identifier: Apache-2.0

package place

import "strings"

// forms are lines without a house on a street: the words they begin with, the
// form in Publication 28, and what sort they are. The longest come first.
var forms = func() []form {
	var out []form
	for line := range strings.Lines(`PO BOX|po-box|FIRM CALLER,POST OFFICE BOX,POST OFFICE DRAWER,P O BOX,P O DRAWER,PO BOX,PO DRAWER,POBOX,POB,CALLER,LOCKBOX,LOCK BOX,DRAWER,APARTADO POSTAL,APARTADO
RR|rural-route|RURAL ROUTE,RURAL RT,RURAL RTE,RURAL RD,RFD ROUTE,RFD RT,RFD RTE,RFD,RR,R R,R F D
HC|highway-contract|HIGHWAY CONTRACT ROUTE,HIGHWAY CONTRACT RT,HIGHWAY CONTRACT,STAR ROUTE,STAR RT,HC RT,HC ROUTE,HCR,HC
PSC|military|PSC
CMR|military|CMR
UNIT|military|UNIT
`) {
		f := strings.Split(strings.TrimSpace(line), "|")
		for words := range strings.SplitSeq(f[2], ",") {
			out = append(out, form{strings.Fields(words), f[0], Kind(f[1])})
		}
	}
	return out
}()

type form struct {
	words []string
	to    string
	kind  Kind
}

// readBox reads a line that names a box or a route. Rest are the words that
// say nothing about it.
func readBox(w []string) (kind Kind, line string, rest []string) {
	if len(w) >= 2 && w[0] == "GENERAL" && w[1] == "DELIVERY" {
		return General, "GENERAL DELIVERY", w[2:]
	}
	for _, f := range forms {
		if n := len(f.words); n < len(w) && startsWith(w, f.words) {
			if line, rest, ok := f.read(w[n:]); ok {
				return f.kind, line, rest
			}
		}
	}
	if len(w) == 2 && w[0] == "BOX" && hasDigit(w[1]) {
		return Box, "PO BOX " + short(strings.Trim(w[1], "#")), nil
	}
	// ROUTE 2 BOX 5 and RD 3 BOX 9 are rural routes; without a box they are roads.
	if len(w) >= 4 && (w[0] == "ROUTE" || w[0] == "RT" || w[0] == "RTE" || w[0] == "RD") && hasDigit(w[1]) && w[2] == "BOX" {
		line, rest, _ := form{nil, "RR", Rural}.read(w[1:])
		return Rural, line, rest
	}
	return Unread, "", w
}

// read takes the number and, of a route, the box.
func (f form) read(w []string) (line string, rest []string, ok bool) {
	number, w := numberOf(w)
	if number == "" || f.kind != Box && !hasDigit(number) || len(number) > 16 {
		return "", nil, false
	}
	line = f.to + " " + number
	if f.kind == Box {
		return line, w, true
	}
	if len(w) > 1 && w[0] == "BOX" {
		if box, rest := numberOf(w[1:]); box != "" {
			return line + " BOX " + box, rest, true
		}
	}
	if len(w) > 0 && w[0][0] == '#' {
		return line + " BOX " + short(w[0][1:]), w[1:], true
	}
	return line, w, f.kind != Military
}

// numberOf takes a number, which may stand behind NO or #.
func numberOf(w []string) (string, []string) {
	for len(w) > 1 && (w[0] == "NO" || w[0] == "NUM" || w[0] == "NUMBER" || w[0] == "#") {
		w = w[1:]
	}
	if len(w) == 0 || w[0] == "," {
		return "", w
	}
	return short(strings.Trim(w[0], "#")), w[1:]
}

// findBox finds a box behind a street: 12 MAIN ST PO BOX 5.
func findBox(w []string) (box string, before []string) {
	for i := 2; i+1 < len(w); i++ {
		if w[i] == "PO" && w[i+1] == "BOX" || w[i] == "POB" || w[i] == "P" && w[i+1] == "O" {
			if kind, line, rest := readBox(w[i:]); kind == Box && len(rest) == 0 {
				return line, w[:i]
			}
		}
	}
	return "", w
}
