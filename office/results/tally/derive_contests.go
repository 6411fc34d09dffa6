// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"hustings/election"
)

// draft is a contest in the making: everything that files call by one name.
type draft struct {
	uses  []use          // where files name it
	names map[string]int // how often each spelling is used
}

// use is one contest of one statement.
type use struct {
	st      int
	contest int32
}

// seen is a choice in a county.
type seen struct {
	choice int32
	county int32
}

// usage is how often a choice is counted in a county.
type usage struct {
	seen
	n int
}

// usages are the choices of each contest of a statement, by choice and county.
type usages [][]usage

// deriveContests lists every contest with its choices.
func (d *deriver) deriveContests() {
	counts := make([]usages, len(d.sts))
	counties := newCounties()
	units := make([]map[[2]int32]bool, len(d.sts)) // (unit, contest) that are counted
	for s, st := range d.sts {
		counts[s], units[s] = d.tallyUses(st, counties)
	}
	ids := make(slugs)
	for _, dr := range d.drafts(counts, counties) {
		parts := d.split(dr, counts, counties)
		for _, part := range parts {
			d.addContest(dr, part, len(parts) > 1, counts, counties, ids)
		}
	}
	d.placeDistricts(units, counties)
}

// counties numbers county names.
type counties struct {
	at    map[string]int32
	keys  []string
	names []string
}

func newCounties() *counties { return &counties{at: make(map[string]int32)} }

func (c *counties) number(name string) int32 {
	key := countyKey(name)
	n, ok := c.at[key]
	if !ok {
		n = int32(len(c.keys))
		c.at[key] = n
		c.keys, c.names = append(c.keys, key), append(c.names, countyTitle(name))
	}
	return n
}

// tallyUses counts how often each choice is used in each county, and notes
// which unit reports which contest.
func (d *deriver) tallyUses(st *Statement, c *counties) (usages, map[[2]int32]bool) {
	of := make([]int32, len(st.Units))
	for i := range st.Units {
		of[i] = c.number(countyName(st, int32(i)))
	}
	uses, units := make(map[seen]int), make(map[[2]int32]bool)
	var last seen
	n := 0
	for _, count := range st.Counts {
		contest := st.Choices[count.Choice].Contest
		if contest == NoContest {
			continue
		}
		k := seen{count.Choice, of[count.Unit]}
		if k != last && n > 0 {
			uses[last] += n
			n = 0
		}
		last = k
		n++
		units[[2]int32{count.Unit, contest}] = true
	}
	if n > 0 {
		uses[last] += n
	}
	return byContest(st, uses), units
}

func byContest(st *Statement, uses map[seen]int) usages {
	out := make(usages, len(st.Contests))
	for k, n := range uses {
		c := st.Choices[k.choice].Contest
		out[c] = append(out[c], usage{k, n})
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b usage) int {
			return cmp.Or(cmp.Compare(a.choice, b.choice), cmp.Compare(a.county, b.county))
		})
	}
	return out
}

// countyName is the county that a statement's unit lies in, as the file says.
func countyName(st *Statement, i int32) string {
	for steps := 0; steps < 32; steps++ {
		u := st.Units[i]
		switch {
		case u.County != "":
			return u.County
		case u.Type == election.County:
			return u.Name
		case u.Parent < 0:
			return ""
		}
		i = u.Parent
	}
	return ""
}

// drafts groups the contests of all statements by name, district and party.
func (d *deriver) drafts(counts []usages, c *counties) []*draft {
	by := make(map[string]*draft)
	var list []*draft
	for s, st := range d.sts {
		twice := make(map[string]int)
		keys := make([]string, len(st.Contests))
		for i, con := range st.Contests {
			keys[i] = strings.Join([]string{Squeeze(con.Name), districtKey(con.District), PartyKey(con.Party)}, pathMark)
			twice[keys[i]]++
		}
		for i, con := range st.Contests {
			key := keys[i]
			if twice[key] > 1 && con.Code != "" {
				key += pathMark + con.Code // one file tells them apart, so must we
			}
			dr := by[key]
			if dr == nil {
				dr = &draft{names: make(map[string]int)}
				by[key] = dr
				list = append(list, dr)
			}
			dr.uses = append(dr.uses, use{s, int32(i)})
			dr.names[strings.Join(strings.Fields(con.Name), " ")]++
		}
	}
	return list
}

// split takes a contest apart where counties use one name for different
// contests: a Sheriff is elected in each of them. They are different if fewer
// than half of their candidates resemble each other.
func (d *deriver) split(dr *draft, counts []usages, c *counties) [][]int32 {
	fields := d.fields(dr, counts)
	if len(fields) > mostCounties {
		return [][]int32{slices.Sorted(maps.Keys(fields))}
	}
	var groups [][]int32
	for _, county := range slices.Sorted(maps.Keys(fields)) {
		joined := -1
		for g := 0; g < len(groups); g++ {
			if !slices.ContainsFunc(groups[g], func(o int32) bool { return sameField(fields[county], fields[o]) }) {
				continue
			}
			if joined < 0 {
				joined = g
				groups[g] = append(groups[g], county)
				continue
			}
			groups[joined] = append(groups[joined], groups[g]...)
			groups = slices.Delete(groups, g, g+1)
			g--
		}
		if joined < 0 {
			groups = append(groups, []int32{county})
		}
	}
	for _, g := range groups {
		slices.Sort(g)
	}
	return groups
}

// No state has more counties, and no contest more candidates that resemble one
// another; files that say so are left as they are.
const (
	mostCounties = 500
	mostChoices  = 500
)

// field is the candidates of a contest in one county.
type field []runner

type runner struct {
	party string
	words []string
}

func (d *deriver) fields(dr *draft, counts []usages) map[int32]field {
	out := make(map[int32]field)
	for _, u := range dr.uses {
		for _, k := range counts[u.st][u.contest] {
			ch := d.sts[u.st].Choices[k.choice]
			f := out[k.county]
			if ch.Measure == 0 && Answer(ch.Name) == "" && !GenericWriteIn(ch.Name) && !OtherWriteIn(ch.Name) && ch.Kind != election.WriteIn {
				name, _ := BareName(ch.Name, ch.Party)
				f = append(f, runner{PartyKey(ch.Party), strings.Fields(Squeeze(name))})
			}
			out[k.county] = f
		}
	}
	return out
}

// sameField says whether two counties vote on the same candidates.
func sameField(a, b field) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	same := 0
	for _, x := range a {
		if slices.ContainsFunc(b, x.resembles) {
			same++
		}
	}
	return same*2 >= len(a)
}

// resembles says that two names of one party share a word that is not just an
// initial or a generation.
func (r runner) resembles(o runner) bool {
	if r.party != "" && o.party != "" && r.party != o.party {
		return false
	}
	for _, w := range r.words {
		if len(w) >= 3 && w != "iii" && slices.Contains(o.words, w) {
			return true
		}
	}
	return false
}

// addContest puts one contest with its choices into the definition.
func (d *deriver) addContest(dr *draft, in []int32, split bool, counts []usages, c *counties, ids slugs) {
	first := d.sts[dr.uses[0].st].Contests[dr.uses[0].contest]
	party := " (" + first.Party + ")"
	name := strings.TrimSuffix(commonest(dr.names), party) // as a report that we have written ourselves has it
	con := election.Contest{Office: name, PrimaryParty: d.partyIDs[PartyKey(first.Party)]}
	title := ContestTitle(name, districtName(first.District))
	parts := []string{name, districtName(first.District), string(con.PrimaryParty)}
	if split {
		var names []string
		for _, n := range in {
			names = append(names, c.names[n])
		}
		title += " (" + strings.Join(names, ", ") + ")"
		parts = append(parts, names...)
	}
	if con.PrimaryParty != "" {
		title += party
	}
	con.Name = election.T(title)
	con.ID = election.ContestID(ids.take("contest", parts...))
	con.District = d.contestDistrict(first, name, in, split, c)
	d.fillContest(&con, dr)
	d.nameContest(dr, con, in, split, c)
	d.addChoices(&con, dr, in, counts, c)
	d.judgeKind(&con)
	d.def.Contests = append(d.def.Contests, con)
}

// districtName is a district as people write it: 8 for 08, else as the file has
// it.
func districtName(s string) string {
	if n := districtKey(s); allDigits(n) {
		return n
	}
	return strings.Join(strings.Fields(s), " ")
}

// commonest is the spelling used most, the first in the alphabet among equals,
// one in capitals only if there is no other.
func commonest(names map[string]int) string {
	best := ""
	for _, n := range slices.Sorted(maps.Keys(names)) {
		shout, bestShouts := n == strings.ToUpper(n), best == strings.ToUpper(best)
		if best == "" || bestShouts && !shout || bestShouts == shout && names[n] > names[best] {
			best = n
		}
	}
	return best
}

// contestDistrict makes or finds the district of a contest that has one.
func (d *deriver) contestDistrict(first NamedContest, office string, in []int32, split bool, c *counties) election.DistrictID {
	var dis election.District
	switch {
	case strings.TrimSpace(first.District) != "":
		number := districtName(first.District)
		dis = election.District{ID: election.DistrictID(Slug(office, number)), Name: election.T(ContestTitle(office, number)),
			Type: districtType(office), Number: number}
		if split {
			dis.ID += election.DistrictID("-" + Slug(c.names[in[0]]))
		}
	case split:
		dis = election.District{ID: election.DistrictID(Slug(office, c.names[in[0]])), Name: election.T(c.names[in[0]]), Type: "county"}
	default:
		return ""
	}
	if !slices.ContainsFunc(d.def.Districts, func(have election.District) bool { return have.ID == dis.ID }) {
		d.def.Districts = append(d.def.Districts, dis)
	}
	return dis.ID
}

// districtType is the kind of a district, as far as the office's name tells.
func districtType(office string) string {
	k := Squeeze(office)
	for _, t := range [][2]string{
		{"us house", "congressional"}, {"us representative", "congressional"}, {"congress", "congressional"},
		{"state senat", "state-senate"}, {"state house", "state-house"}, {"state representative", "state-house"},
		{"state assembly", "state-house"}, {"house of delegates", "state-house"}, {"school", "school"},
		{"judge", "judicial"}, {"justice", "judicial"}, {"city council", "city-council"}, {"supervisor", "county-council"},
		{"county commission", "county-council"}, {"ward", "ward"},
	} {
		if strings.Contains(k, t[0]) {
			return t[1]
		}
	}
	return "other"
}

// fillContest takes what files say of the contest beyond its name.
func (d *deriver) fillContest(con *election.Contest, dr *draft) {
	for _, u := range dr.uses {
		st := d.sts[u.st]
		c := st.Contests[u.contest]
		con.Kind = cmp.Or(con.Kind, c.Kind)
		con.Variation = cmp.Or(con.Variation, c.Variation)
		con.VotesAllowed = max(con.VotesAllowed, c.VotesAllowed)
		con.Elected = max(con.Elected, c.Elected)
		if c.Code != "" && hasCodes(st) {
			con.External = map[string]string{"nist": c.Code}
		}
	}
	if con.VotesAllowed > 0 {
		con.Elected = max(con.Elected, 1)
	}
	if con.Variation == "" {
		con.Variation = election.Plurality
		if con.VotesAllowed > 1 {
			con.Variation = election.NofM
		}
	}
}

// nameContest notes the spellings that mean the contest.
func (d *deriver) nameContest(dr *draft, con election.Contest, in []int32, split bool, c *counties) {
	done := make(map[Alias]bool)
	var merged []string
	for _, u := range dr.uses {
		file := d.sts[u.st].Contests[u.contest]
		if file.Name != con.Office && !slices.Contains(merged, file.Name) {
			merged = append(merged, file.Name)
		}
		if Fold(file.Name) == Fold(con.Office) && !split {
			continue
		}
		a := Alias{Kind: ContestAlias, District: file.District, Name: file.Name, Party: file.Party, ID: string(con.ID)}
		for _, county := range in {
			if split {
				a.County = c.names[county]
			}
			if !done[a] {
				done[a] = true
				d.alias(a)
			}
		}
	}
	if split {
		d.find(Finding{Check: "I01", Level: Info, Key: "results.intake.contest_split", Contest: con.Name.String(),
			Args: map[string]string{"name": con.Office, "contest": con.Name.String()}})
	}
	if len(merged) > 0 {
		d.find(Finding{Check: "I01", Level: Info, Key: "results.intake.contest_merged", Contest: con.Name.String(),
			Args: map[string]string{"contest": con.Name.String(), "names": strings.Join(merged, "; ")}})
	}
}

// judgeKind settles what kind of contest its choices make it.
func (d *deriver) judgeKind(con *election.Contest) {
	if con.Kind != "" {
		return
	}
	con.Kind = election.CandidateContest
	answers := 0
	for _, ch := range con.Choices {
		if ch.Kind == election.Yes || ch.Kind == election.No {
			answers++
		}
	}
	if answers > 0 && answers == len(con.Choices) {
		con.Kind = election.MeasureContest
		if k := Squeeze(con.Office); strings.Contains(k, "judge") || strings.Contains(k, "justice") || strings.Contains(k, "reten") || strings.Contains(k, "retain") {
			con.Kind = election.RetentionContest
		}
	}
}

// placeDistricts tells each unit the districts whose contests it reports.
func (d *deriver) placeDistricts(units []map[[2]int32]bool, c *counties) {
	x := newRoster(NewIndex(d.def))
	r := &resolver{x: x.x, names: x, aliases: newAliasBook(d.out.Aliases)}
	have := make(map[int]map[election.DistrictID]bool)
	for s, st := range d.sts {
		r.st = st
		r.findContests()
		for k := range units[s] {
			at, ok := d.unitAt[d.paths[s][k[0]]]
			if !ok {
				continue
			}
			name := countyName(st, k[0])
			contest := r.contestIn(k[1], c.number(name), name)
			if contest < 0 || d.def.Contests[contest].District == "" {
				continue
			}
			if have[at] == nil {
				have[at] = make(map[election.DistrictID]bool)
			}
			have[at][d.def.Contests[contest].District] = true
		}
	}
	for at, set := range have {
		d.def.Units[at].Districts = slices.Sorted(maps.Keys(set))
	}
}
