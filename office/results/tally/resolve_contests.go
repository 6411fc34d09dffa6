// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"math"
	"slices"
	"strconv"

	"hustings/election"
)

// findContests looks each contest up once for the whole state; where that
// leaves more than one, each county is looked up by itself when it comes.
func (r *resolver) findContests() {
	r.listDistricts()
	r.contests = make([]int32, len(r.st.Contests))
	r.inCounty, r.choices = make(map[pair]int32), make(map[choiceAt]int32)
	perCounty := make(map[string]bool)
	for k := range r.aliases {
		if k.kind == ContestAlias && k.county != "" {
			perCounty[k.name] = true
		}
		r.local = r.local || k.kind == ChoiceAlias && k.county != ""
	}
	for i, c := range r.st.Contests {
		if perCounty[Fold(c.Name)] {
			r.contests[i] = several
			continue
		}
		r.contests[i] = r.lookUpContest(c, "", none)
	}
}

// listDistricts works out in which counties each contest can be voted on.
func (r *resolver) listDistricts() {
	in := make(map[election.DistrictID]map[int32]bool)
	for u, unit := range r.x.Def.Units {
		for _, d := range unit.Districts {
			if in[d] == nil {
				in[d] = make(map[int32]bool)
			}
			in[d][r.names.county[u]] = true
		}
	}
	r.within = make([]map[int32]bool, len(r.x.Def.Contests))
	for i, c := range r.x.Def.Contests {
		if c.District != "" {
			r.within[i] = in[c.District]
		}
	}
}

// contestIn is the contest that a name means in a county.
func (r *resolver) contestIn(contest, county int32, countyName string) int32 {
	if n := r.contests[contest]; n != several {
		return n
	}
	k := pair{contest, county}
	n, ok := r.inCounty[k]
	if !ok {
		n = r.lookUpContest(r.st.Contests[contest], countyName, county)
		r.inCounty[k] = n
	}
	return n
}

func (r *resolver) lookUpContest(c NamedContest, countyName string, county int32) int32 {
	if id, ok := r.aliases.find(ContestAlias, countyName, "", c.District, c.Name, c.Party); ok {
		if n, ok := r.x.Contest(election.ContestID(id)); ok {
			return n
		}
	}
	for _, code := range fileCodes(r.st, c.Code) {
		if n := lookUp(r.names.ccodes, code); n >= 0 && r.sameContest(n, c) {
			return n
		}
	}
	for _, k := range fileContestKeys(c) {
		if n := r.choose(r.names.contests[k], c, county); n != none {
			return n
		}
	}
	return none
}

// sameContest says that a contest found by its code also bears the name, or
// that nothing else does: a code of another system may mean something else.
func (r *resolver) sameContest(n int32, c NamedContest) bool {
	for _, k := range fileContestKeys(c) {
		if list := r.names.contests[k]; len(list) > 0 {
			return slices.Contains(list, n)
		}
	}
	return true
}

// fileContestKeys are the ways to write a file's contest, the closest first.
func fileContestKeys(c NamedContest) []string {
	if c.District == "" {
		return []string{contestKey(c.Name, "")}
	}
	return []string{
		contestKey(c.Name, c.District),
		Fold(c.Name + " " + c.District), Fold(c.Name + " District " + c.District),
		Fold(c.Name + ", District " + c.District), Fold(c.Name + " - District " + c.District),
	}
}

// choose takes the one contest of a list that fits the party and the county.
func (r *resolver) choose(list []int32, c NamedContest, county int32) int32 {
	fit := none
	for _, n := range list {
		party := r.names.parties[r.x.Def.Contests[n].PrimaryParty]
		if c.Party != "" && party != "" && party != PartyKey(c.Party) {
			continue
		}
		if c.Party == "" && party != "" && len(list) > 1 {
			continue // which party's primary, the file does not say
		}
		if in := r.within[n]; county >= 0 && len(list) > 1 && in != nil && !in[county] {
			continue
		}
		if fit >= 0 {
			return several
		}
		fit = n
	}
	return fit
}

// choice finds a choice within the contest that its contest turned out to be.
func (r *resolver) choice(choice, contest, county int32, countyName string) int32 {
	ch := &r.st.Choices[choice]
	if ch.Measure < 0 {
		return ch.Measure
	}
	k := choiceAt{choice, contest, none}
	if r.local {
		k.county = county
	}
	n, ok := r.choices[k]
	if !ok {
		n = r.lookUpChoice(ch, contest, countyName)
		r.choices[k] = n
	}
	return n
}

const unknownChoice int32 = math.MinInt32

func (r *resolver) lookUpChoice(ch *NamedChoice, contest int32, county string) int32 {
	def := r.x.Def.Contests[contest]
	if id, ok := r.aliases.find(ChoiceAlias, county, string(def.ID), "", ch.Name, ch.Party); ok {
		for i, c := range def.Choices {
			if string(c.ID) == id {
				return int32(i)
			}
		}
	}
	keys := r.names.choices[contest]
	named := r.oneChoice(keys[Fold(ch.Name)], def, ch)
	if named == unknownChoice {
		named = r.choiceByKind(keys, def, ch)
	}
	var coded []int32
	for _, code := range fileCodes(r.st, ch.Code) {
		if coded = keys["\x01"+code]; len(coded) > 0 {
			break
		}
	}
	switch {
	case len(coded) != 1:
		return named
	case named != unknownChoice && named != coded[0]:
		r.choiceConflict(ch, def, coded[0], named)
		return unknownChoice
	}
	return coded[0]
}

// choiceByKind finds the choices that need no name: yes, no, a party's ticket,
// all write-ins.
func (r *resolver) choiceByKind(keys map[string][]int32, def election.Contest, ch *NamedChoice) int32 {
	switch {
	case ch.Kind == election.Yes:
		return r.oneChoice(keys[anyYes], def, ch)
	case ch.Kind == election.No:
		return r.oneChoice(keys[anyNo], def, ch)
	case ch.Kind == election.Ticket && ch.Party != "":
		return r.oneChoice(keys[anyTicket], def, ch)
	case GenericWriteIn(ch.Name):
		return r.oneChoice(keys[allWriteIns], def, ch)
	}
	return unknownChoice
}

// oneChoice takes the only choice of a list, or the only one of the party.
func (r *resolver) oneChoice(list []int32, def election.Contest, ch *NamedChoice) int32 {
	fit := unknownChoice
	for _, n := range list {
		if !r.partyFits(def.Choices[n], ch.Party) {
			continue
		}
		if fit != unknownChoice {
			return unknownChoice
		}
		fit = n
	}
	return fit
}

func (r *resolver) partyFits(c election.Choice, party string) bool {
	if party == "" || len(c.Parties) == 0 {
		return true
	}
	k := PartyKey(party)
	for _, p := range c.Parties {
		if have, ok := r.names.parties[p]; have == k || !ok && PartyKey(string(p)) == k {
			return true
		}
	}
	return false
}

func (r *resolver) choiceConflict(ch *NamedChoice, def election.Contest, coded, named int32) {
	r.findings = append(r.findings, Finding{
		Check: "I01", Level: Block, Key: "results.intake.choice_conflict", Line: int(ch.Line),
		Contest: def.Name.String(), Choice: ch.Name,
		Args: map[string]string{"line": strconv.Itoa(int(ch.Line)), "name": ch.Name, "code": ch.Code, "contest": def.Name.String(),
			"a": def.Choices[coded].Name.String(), "b": def.Choices[named].Name.String()},
	})
}
