// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"hustings/election"
)

// Fold is a name as Resolve compares it: without regard to upper and lower
// case and to how many spaces stand where. Everything else counts.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// plain says that folding would change nothing, which saves the copy.
func plain(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' || c < ' ' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return last != ' ' || s == ""
}

// Squeeze is a name as Derive compares it when it puts a definition together:
// folded, without quotes and full stops, other punctuation as a space.
func Squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			b.WriteRune(unicode.ToLower(r))
		case strings.ContainsRune("'’‘`´\"“”„.", r):
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// BareName is a candidate's name without the marks that some counties put
// behind it and others do not: "(I)" for the incumbent, and the party in
// parentheses or behind a dash where the party column says the same.
func BareName(name, party string) (bare string, incumbent bool) {
	bare = strings.TrimSpace(name)
	for {
		open := strings.LastIndexAny(bare, "([")
		if open <= 0 || !strings.HasSuffix(bare, ")") && !strings.HasSuffix(bare, "]") {
			return bare, incumbent
		}
		mark := bare[open+1 : len(bare)-1]
		switch {
		case party != "" && PartyKey(mark) == PartyKey(party):
		case isIncumbent(mark):
			incumbent = true
		default:
			return bare, incumbent
		}
		bare = strings.TrimSpace(bare[:open])
	}
}

func isIncumbent(mark string) bool {
	switch Squeeze(mark) {
	case "i", "inc", "incumbent":
		return true
	}
	return false
}

// parties lists how files spell the parties that most states know.
var parties = map[string]string{
	"d": "dem", "dem": "dem", "democrat": "dem", "democratic": "dem", "democratic party": "dem", "dnl": "dem", "dfl": "dem",
	"r": "rep", "rep": "rep", "republican": "rep", "republican party": "rep", "gop": "rep",
	"l": "lib", "lib": "lib", "lbt": "lib", "lbr": "lib", "lpn": "lib", "libertarian": "lib", "libertarian party": "lib",
	"g": "grn", "grn": "grn", "gre": "grn", "green": "grn", "green party": "grn",
	"ind": "ind", "independent": "ind", "cst": "cst", "con": "cst", "constitution": "cst", "constitution party": "cst",
	"np": "npa", "npa": "npa", "non": "npa", "nonpartisan": "npa", "non partisan": "npa", "no party": "npa",
	"no party affiliation": "npa", "unaffiliated": "npa", "una": "npa",
}

// PartyKey is the same for every spelling of a party: DEM, Dem., Democratic.
func PartyKey(s string) string {
	k := Squeeze(s)
	if p, ok := parties[k]; ok {
		return p
	}
	return k
}

// genericWriteIns is what files call all write-ins together.
var genericWriteIns = map[string]bool{
	"write in": true, "write ins": true, "writein": true, "writeins": true, "write in votes": true,
	"write in total": true, "write in totals": true, "total write ins": true, "total write in": true,
	"total write in votes": true, "write ins total": true, "writein totals": true, "all write ins": true,
	"write in candidate": true, "write in candidates": true, "write in miscellaneous": true,
	"write in misc": true, "w in": true,
}

// GenericWriteIn says that a choice's name means all write-ins together.
func GenericWriteIn(name string) bool { return genericWriteIns[Squeeze(name)] }

// otherWriteIns is what files call the write-ins that went to nobody in
// particular: names that were not candidates, or could not be read.
var otherWriteIns = map[string]bool{
	"not qualified": true, "not assigned": true, "unassigned": true, "unqualified": true,
	"unqualified write in": true, "unqualified write ins": true, "non qualified": true,
	"scattering": true, "scatter": true, "scattered": true, "scattering votes": true,
	"invalid write in": true, "invalid write ins": true, "unresolved write in": true,
	"unresolved write ins": true, "write in scattering": true, "other write ins": true,
	"miscellaneous": true, "miscellaneous write in": true, "misc": true, "uncertified write ins": true,
	"rejected write ins": true, "unresolved": true,
}

// OtherWriteIn says that a choice's name means write-ins for nobody in
// particular, such as NOT QUALIFIED or scattering.
func OtherWriteIn(name string) bool {
	k := Squeeze(name)
	if rest, ok := strings.CutPrefix(k, "write in "); ok && !genericWriteIns[k] {
		k = rest
	}
	if otherWriteIns[k] {
		return true
	}
	// Some counties number the lines of unreadable names: "Invalid Write-in (2)".
	cut := strings.TrimRight(k, "0123456789")
	return cut != k && otherWriteIns[strings.TrimSpace(cut)]
}

// WriteInName takes "Write-In:" or "(Write-in)" off a name and says whether
// it was there.
func WriteInName(name string) (bare string, is bool) {
	trim := strings.TrimSpace(name)
	low := strings.ToLower(trim)
	for _, head := range []string{"write-in:", "write in:", "writein:", "write-in -", "w/i:", "w-i:"} {
		if strings.HasPrefix(low, head) {
			return strings.TrimSpace(trim[len(head):]), true
		}
	}
	for _, tail := range []string{"(write-in)", "(write in)", "(writein)", "(w-i)", "(w/i)", "- write-in", ", write-in"} {
		if len(low) > len(tail) && strings.HasSuffix(low, tail) {
			return strings.TrimSpace(trim[:len(trim)-len(tail)]), true
		}
	}
	return trim, false
}

// answers is how files say yes and no.
var answers = map[string]election.ChoiceKind{
	"yes": election.Yes, "no": election.No, "sí": election.Yes, "si": election.Yes,
	"yes sí": election.Yes, "yes si": election.Yes, "sí yes": election.Yes, "no no": election.No,
	"for": election.Yes, "against": election.No, "yea": election.Yes, "nay": election.No,
	"approve": election.Yes, "reject": election.No, "retain": election.Yes, "oppose": election.No,
	"approved": election.Yes, "rejected": election.No, "bonds yes": election.Yes, "bonds no": election.No,
	"for the measure": election.Yes, "against the measure": election.No,
	"for the amendment": election.Yes, "against the amendment": election.No,
}

// Answer says whether a choice's name means yes or no; it is empty for any
// other name. "BOND APPROVAL, YES" and "No - against the tax" count.
func Answer(name string) election.ChoiceKind {
	k := Squeeze(name)
	if a, ok := answers[k]; ok {
		return a
	}
	if cut := strings.LastIndexAny(name, ",-:"); cut > 0 {
		if a, ok := answers[Squeeze(name[cut+1:])]; ok && (a == election.Yes || a == election.No) {
			return a
		}
	}
	if cut := strings.IndexAny(name, ",-:"); cut > 0 {
		switch Squeeze(name[:cut]) {
		case "yes":
			return election.Yes
		case "no":
			return election.No
		}
	}
	switch {
	case strings.HasSuffix(k, " yes"):
		return election.Yes
	case strings.HasSuffix(k, " no") && len(k) > 12:
		return election.No // long enough not to be a person called No
	}
	return ""
}

// items is how files call the count groups, squeezed and without the words
// votes, voting and ballots.
var items = map[string]election.CountItem{
	"total": election.Total, "totals": election.Total, "": election.Total, "all": election.Total,
	"election day": election.ElectionDay, "electionday": election.ElectionDay, "ed": election.ElectionDay,
	"polls": election.ElectionDay, "polling": election.ElectionDay, "poll": election.ElectionDay,
	"polling place": election.ElectionDay, "precinct": election.ElectionDay,
	"early": election.Early, "ev": election.Early, "early in person": election.Early, "advance": election.Early,
	"advanced": election.Early, "advance in person": election.Early, "advanced in person": election.Early,
	"one stop": election.Early, "onestop": election.Early, "absentee one stop": election.Early,
	"absentee": election.Absentee, "abs": election.Absentee, "absentee mail": election.AbsenteeMail,
	"absentee by mail": election.AbsenteeMail, "mail": election.AbsenteeMail, "by mail": election.AbsenteeMail,
	"mail in": election.AbsenteeMail, "vote by mail": election.AbsenteeMail, "vbm": election.AbsenteeMail, "mailed": election.AbsenteeMail,
	"absentee in person": election.AbsenteeInPerson, "in person absentee": election.AbsenteeInPerson,
	"absentee fwab": election.AbsenteeFWAB, "fwab": election.AbsenteeFWAB, "federal write in": election.AbsenteeFWAB,
	"uocava": election.UOCAVA, "military": election.UOCAVA, "overseas": election.UOCAVA,
	"military and overseas": election.UOCAVA, "military overseas": election.UOCAVA,
	"provisional": election.Provisional, "prov": election.Provisional, "provisionals": election.Provisional,
	"affidavit": election.Provisional, "write in": election.WriteInItem, "other": election.OtherItem,
}

// Item is what a count group's name means in the words of NIST, empty where
// the name is not known.
func Item(name string) election.CountItem { return items[typeKey(name)] }

// typeKey is a vote type's name without the words that add nothing to it.
func typeKey(name string) string {
	words := strings.Fields(Squeeze(name))
	keep := words[:0]
	for i, w := range words {
		switch w {
		case "votes", "voting", "ballots", "ballot", "count", "counts":
			continue
		case "vote":
			if i > 0 { // "election day vote", but "vote by mail"
				continue
			}
		}
		keep = append(keep, w)
	}
	return strings.Join(keep, " ")
}
