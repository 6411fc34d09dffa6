// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
)

// mostUnknown bounds how many unknown names are reported one by one; a file of
// another election would otherwise bury the clerk.
const mostUnknown = 200

// miss notes that a count's name is not known, and always returns false.
func (r *resolver) miss(kind AliasKind, at, line int32) bool {
	if r.unknown == nil {
		r.unknown = make(map[unknownKey]*unknown)
	}
	k := unknownKey{kind, at}
	u := r.unknown[k]
	if u == nil {
		u = &unknown{finding: Finding{Check: "I01", Level: Block, Line: int(line)}}
		r.unknown[k] = u
	}
	if line != u.lastLine || u.lines == 0 {
		u.lines++
		u.lastLine = line
	}
	u.numbers++
	return false
}

// reportUnknown makes one finding of each unknown name, in the order of lines.
func (r *resolver) reportUnknown() {
	keys := make([]unknownKey, 0, len(r.unknown))
	for k := range r.unknown {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b unknownKey) int {
		return cmp.Or(cmp.Compare(r.unknown[a].finding.Line, r.unknown[b].finding.Line),
			cmp.Compare(a.kind, b.kind), cmp.Compare(a.at, b.at))
	})
	for i, k := range keys {
		if i == mostUnknown {
			r.findings = append(r.findings, Finding{Check: "I01", Level: Block, Key: "results.intake.unknown_more",
				Args: map[string]string{"n": strconv.Itoa(len(keys) - mostUnknown)}})
			return
		}
		r.findings = append(r.findings, r.unknownFinding(k))
	}
}

func (r *resolver) unknownFinding(k unknownKey) Finding {
	u := r.unknown[k]
	f := u.finding
	f.Args = map[string]string{"kind": string(k.kind), "lines": strconv.Itoa(max(u.lines, 1)), "n": strconv.Itoa(u.numbers), "line": strconv.Itoa(f.Line)}
	var close []near
	switch k.kind {
	case UnitAlias:
		unit := r.st.Units[k.at]
		f.Key, f.Unit = "results.intake.unknown_unit", strings.Trim(unit.County+" / "+unit.Name, " /")
		f.Args["name"], f.Args["county"], f.Args["code"] = f.Unit, unit.County, cmp.Or(unit.Code, unit.Number)
		f.Args["raw"] = unit.Name
		close = r.nearUnits(unit)
	case ContestAlias:
		c := r.st.Contests[k.at]
		f.Key, f.Contest = "results.intake.unknown_contest", ContestTitle(c.Name, c.District)
		f.Args["name"], f.Args["district"], f.Args["party"], f.Args["code"] = f.Contest, c.District, c.Party, c.Code
		f.Args["raw"] = c.Name
		close = r.nearContests(c)
	case ChoiceAlias:
		ch := r.st.Choices[k.at]
		c := r.st.Contests[ch.Contest]
		f.Key, f.Contest, f.Choice = "results.intake.unknown_choice", ContestTitle(c.Name, c.District), ch.Name
		f.Args["name"], f.Args["party"], f.Args["contest"], f.Args["code"] = ch.Name, ch.Party, f.Contest, ch.Code
		f.Args["raw"] = ch.Name
		close = r.nearChoices(ch)
	case TypeAlias:
		t := r.st.Types[k.at]
		f.Key = "results.intake.unknown_type"
		f.Args["name"], f.Args["raw"] = t.Name, t.Name
		for _, vt := range r.x.Def.VoteTypes {
			close = closest(close, t.Name, vt.Name.String(), string(vt.ID))
		}
	}
	if len(close) > 0 {
		f.Key += "_near"
	}
	suggest(f.Args, close)
	return f
}

// ContestTitle is a contest as a person would say it.
func ContestTitle(name, district string) string {
	if district == "" {
		return name
	}
	if strings.ContainsAny(district, "0123456789") && len(district) <= 4 {
		return name + ", District " + district
	}
	return name + ", " + district
}

// near is a name of the definition that resembles an unknown one.
type near struct {
	name, id string
	score    float64
}

const (
	mostNear  = 3
	leastNear = 0.6 // below this, a suggestion would only distract
)

// closest keeps the best few suggestions.
func closest(list []near, name, candidate, id string) []near {
	s := Likeness(name, candidate)
	if s < leastNear {
		return list
	}
	at, _ := slices.BinarySearchFunc(list, s, func(n near, s float64) int { return cmp.Compare(s, n.score) })
	for at < len(list) && list[at].score == s {
		at++
	}
	list = slices.Insert(list, at, near{candidate, id, s})
	return list[:min(len(list), mostNear)]
}

// suggest puts the suggestions into a finding: names for the sentence, ids for
// the form that makes an alias of one of them.
func suggest(args map[string]string, list []near) {
	var names, ids []string
	for _, n := range list {
		names, ids = append(names, n.name), append(ids, n.id)
	}
	args["near"], args["near_ids"] = strings.Join(names, "; "), strings.Join(ids, " ")
}

func (r *resolver) nearUnits(u NamedUnit) []near {
	var list []near
	county := lookUp(r.names.counties, countyKey(u.County))
	for i, unit := range r.x.Def.Units {
		if county >= 0 && r.names.county[i] != county {
			continue
		}
		if county < 0 && u.County != "" {
			if unit.Type == election.County {
				list = closest(list, u.County, unit.Name, string(unit.ID))
			}
			continue
		}
		list = closest(list, u.Name, strings.TrimSpace(unit.Number+" "+unit.Name), string(unit.ID))
	}
	return list
}

func (r *resolver) nearContests(c NamedContest) []near {
	var list []near
	for _, def := range r.x.Def.Contests {
		list = closest(list, ContestTitle(c.Name, c.District), def.Name.String(), string(def.ID))
	}
	return list
}

func (r *resolver) nearChoices(ch NamedChoice) []near {
	var list []near
	contest := r.contests[ch.Contest]
	if contest < 0 {
		for k, n := range r.inCounty {
			if k.a == ch.Contest && n > contest {
				contest = n // any of its counties' contests serves for a suggestion
			}
		}
	}
	if contest < 0 {
		return nil
	}
	for _, def := range r.x.Def.Contests[contest].Choices {
		list = closest(list, ch.Name, def.Name.String(), string(def.ID))
	}
	return list
}

// Likeness tells how alike two names are, from 0 to 1: the words they share,
// in any order, or else the letters they share in order. It serves to suggest,
// never to decide.
func Likeness(a, b string) float64 {
	wa, wb := strings.Fields(Squeeze(a)), strings.Fields(Squeeze(b))
	return max(wordLikeness(wa, wb), letterLikeness(strings.Join(wa, " "), strings.Join(wb, " ")))
}

func wordLikeness(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	same := 0
	for _, w := range a {
		if slices.Contains(b, w) {
			same += len(w)
		}
	}
	letters := 0
	for _, w := range append(slices.Clone(a), b...) {
		letters += len(w)
	}
	return min(1, 2*float64(same)/float64(letters))
}

// letterLikeness is one less the share of letters to change (Levenshtein).
func letterLikeness(a, b string) float64 {
	const most = 80 // longer names differ in their words
	if len(a) > most || len(b) > most || a == "" || b == "" {
		return 0
	}
	if longer, shorter := max(len(a), len(b)), min(len(a), len(b)); float64(shorter) < leastNear*float64(longer) {
		return 0 // too different in length to come out alike
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return 1 - float64(row[len(b)])/float64(max(len(a), len(b)))
}
