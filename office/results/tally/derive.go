// SPDX-License-Identifier: Apache-2.0

package tally

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
)

// Deriving is what is known beforehand of an election whose definition is
// derived from result files.
type Deriving struct {
	Election election.Election // fields left empty are filled from the files
	Counties []string          // that should report; each becomes a unit, whether or not it does
	Aliases  Aliases           // names that a person said are the same, by the ids that Derive gives
}

// Derived is a definition made from result files.
type Derived struct {
	Definition *election.Definition
	Aliases    Aliases   // every spelling that was taken for another, for Resolve
	Findings   []Finding // the same for people, and what looks alike but was kept apart
}

// Derive makes a definition from result files alone, for want of a better one:
// the units, contests, choices and vote types that the files name. Names are
// the same if only case, spacing, punctuation, a party in parentheses equal to
// the party column or a mark for the incumbent tell them apart; each such
// merge is reported. Names that merely look alike stay apart and are
// suggested. The same files give the same ids, whatever else is loaded later,
// except for names that collide.
func Derive(sts []*Statement, with Deriving) Derived {
	d := &deriver{
		sts: sts, with: with, confirmed: newAliasBook(with.Aliases),
		def: &election.Definition{Election: with.Election, Derived: true},
	}
	d.out.Definition = d.def
	d.out.Aliases = slices.Clone(with.Aliases)
	d.deriveElection()
	d.deriveUnits()
	d.deriveParties()
	d.deriveTypes()
	d.deriveContests()
	d.inferVotesAllowed()
	return d.out
}

type deriver struct {
	sts       []*Statement
	with      Deriving
	confirmed aliasBook
	def       *election.Definition
	out       Derived

	nodes    map[string]*node // unit by path
	paths    [][]string       // path of each statement's units
	partyIDs map[string]election.PartyID
	unitAt   map[string]int // position in def.Units by path
}

func (d *deriver) find(f Finding) { d.out.Findings = append(d.out.Findings, f) }

// deriveElection fills what is not known of the election from the files.
func (d *deriver) deriveElection() {
	e := &d.def.Election
	name := ""
	for _, st := range d.sts {
		if e.Start == "" {
			e.Start = st.Date
		}
		if e.State == "" {
			e.State = strings.ToUpper(st.State)
		}
		name = cmp.Or(name, st.Election)
	}
	e.End = cmp.Or(e.End, e.Start)
	if len(e.Name) == 0 {
		e.Name = election.T(cmp.Or(name, "Election"))
	}
	if e.Type == "" {
		e.Type = electionType(e.Name.String())
	}
	if e.ID == "" {
		e.ID = election.ID(cmp.Or(Slug(string(e.Start), electionSlug(e)), "election"))
	}
}

// electionSlug is the election's type, or its name where the type says little.
func electionSlug(e *election.Election) string {
	if e.Type == election.OtherType {
		return e.Name.String()
	}
	return string(e.Type)
}

// electionType reads the type out of an election's name.
func electionType(name string) election.Type {
	k := Squeeze(name)
	for _, t := range []struct {
		word string
		typ  election.Type
	}{
		{"runoff", election.Runoff}, {"run off", election.Runoff}, {"special", election.Special},
		{"primary", election.Primary}, {"general", election.General},
	} {
		if strings.Contains(k, t.word) {
			return t.typ
		}
	}
	return election.OtherType
}

// deriveParties lists every party once, under the longest name it is given.
func (d *deriver) deriveParties() {
	d.partyIDs = make(map[string]election.PartyID)
	at := make(map[string]int)
	ids := make(slugs)
	add := func(name string) {
		key := PartyKey(name)
		if key == "" {
			return
		}
		i, ok := at[key]
		if !ok {
			i = len(d.def.Parties)
			at[key] = i
			id := election.PartyID(ids.take("party", key))
			d.partyIDs[key] = id
			d.def.Parties = append(d.def.Parties, election.Party{ID: id, Name: election.T(name)})
		}
		p := &d.def.Parties[i]
		if len(name) > len(p.Name.String()) {
			p.Name = election.T(name)
		}
		if len(name) <= 4 && p.Abbr == "" {
			p.Abbr = name
		}
	}
	for _, st := range d.sts {
		for _, c := range st.Contests {
			add(c.Party)
		}
		for _, ch := range st.Choices {
			add(ch.Party)
		}
	}
}

// itemOrder is the order in which vote types stand on a page.
var itemOrder = []election.CountItem{
	election.ElectionDay, election.Early, election.AbsenteeInPerson, election.Absentee, election.AbsenteeMail,
	election.UOCAVA, election.AbsenteeFWAB, election.Provisional, election.WriteInItem, election.OtherItem, "",
}

// deriveTypes lists every vote type once: by the item it stands for where the
// name is known and the file has no second one of that item, else by its name.
func (d *deriver) deriveTypes() {
	at := make(map[string]int)
	ids := make(slugs)
	ids.take("total", "total")
	for _, st := range d.sts {
		items := make(map[election.CountItem]int)
		for _, t := range st.Types {
			items[t.Item]++
		}
		for i, t := range st.Types {
			if i == 0 || t.Item == election.Total {
				continue
			}
			known := t.Item != "" && t.Item != election.OtherItem && items[t.Item] == 1
			key := "name " + typeKey(t.Name)
			if known {
				key = "item " + string(t.Item)
			}
			n, ok := at[key]
			if !ok {
				n = len(d.def.VoteTypes)
				at[key] = n
				name := typeKey(t.Name)
				if known {
					name = string(t.Item)
				}
				d.def.VoteTypes = append(d.def.VoteTypes, election.VoteType{
					ID: election.VoteTypeID(ids.take("type", name)), Name: election.T(typeTitle(t.Name)), Item: cmp.Or(t.Item, election.OtherItem)})
			}
			if typeKey(t.Name) != typeKey(d.def.VoteTypes[n].Name.String()) {
				d.alias(Alias{Kind: TypeAlias, Name: t.Name, ID: string(d.def.VoteTypes[n].ID)})
			}
		}
	}
	slices.SortStableFunc(d.def.VoteTypes, func(a, b election.VoteType) int {
		return cmp.Compare(slices.Index(itemOrder, a.Item), slices.Index(itemOrder, b.Item))
	})
}

// typeTitle is a column name as a person would write it.
func typeTitle(name string) string {
	words := strings.Fields(strings.ReplaceAll(name, "_", " "))
	if n := len(words); n > 1 && strings.EqualFold(words[n-1], "votes") {
		words = words[:n-1]
	}
	s := strings.Join(words, " ")
	if s != "" && s == strings.ToLower(s) {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// alias notes an explanation, each once.
func (d *deriver) alias(a Alias) {
	if !slices.Contains(d.out.Aliases, a) {
		d.out.Aliases = append(d.out.Aliases, a)
	}
}

// inferVotesAllowed works out, for contests where no file says it, for how
// many choices a voter may vote: where ballots, overvotes and undervotes are
// told, the number that makes the sums come out in most units; else the least
// number at which votes do not exceed it times the ballots cast.
func (d *deriver) inferVotesAllowed() {
	ask := false
	for _, c := range d.def.Contests {
		ask = ask || c.VotesAllowed == 0
	}
	if !ask {
		return
	}
	x := NewIndex(d.def)
	sheets := make([]*Sheet, len(d.sts))
	for i, st := range d.sts {
		sheets[i], _ = Resolve(st, x, d.out.Aliases)
	}
	load := ballotLoads(Merge(x, sheets...))
	for i := range d.def.Contests {
		c := &d.def.Contests[i]
		if c.VotesAllowed > 0 {
			continue
		}
		c.VotesAllowed = 1
		if c.Kind == election.CandidateContest {
			c.VotesAllowed = load[i].votesAllowed(max(1, len(c.Choices)))
		}
		c.Elected = max(c.Elected, c.VotesAllowed)
		if c.VotesAllowed > 1 {
			c.Variation = election.NofM
			d.find(Finding{Check: "I04", Level: Info, Key: "results.intake.votes_allowed", Contest: c.Name.String(),
				Args: map[string]string{"contest": c.Name.String(), "n": strconv.Itoa(c.VotesAllowed)}})
		}
	}
}

// ballotLoad is what the units tell about the votes on a ballot of one contest.
type ballotLoad struct {
	exact map[int64]int // how many units balance at so many votes a ballot
	least []int64       // votes a ballot must have at least, by unit
}

// ballotLoads goes once through the numbers of every unit that contains no
// other.
func ballotLoads(t *Tally) []ballotLoad {
	loads := make([]ballotLoad, len(t.Index.Def.Contests))
	for u := range t.Index.Def.Units {
		if len(t.Index.Children(int32(u))) > 0 {
			continue
		}
		ballots, ok := t.N(int32(u), NoContest, Ballots, TotalType)
		if !ok || ballots <= 0 {
			continue
		}
		Runs(t.At(int32(u)), func(run []Cell) {
			if run[0].Contest >= 0 {
				loads[run[0].Contest].add(run, ballots)
			}
		})
	}
	return loads
}

func (l *ballotLoad) add(cells []Cell, ballots int64) {
	votes, lost, told := contestSum(cells)
	if told && (votes+lost)%ballots == 0 {
		if l.exact == nil {
			l.exact = make(map[int64]int)
		}
		l.exact[(votes+lost)/ballots]++
	}
	l.least = append(l.least, (votes+ballots-1)/ballots)
}

// votesAllowed guesses for how many of the choices a voter may vote.
func (l *ballotLoad) votesAllowed(choices int) int {
	if len(l.least) == 0 {
		return 1
	}
	for n, units := range l.exact {
		if n > 0 && units*2 > len(l.least) {
			return min(int(n), choices)
		}
	}
	// A few units with a wrong number of ballots must not decide.
	slices.Sort(l.least)
	return min(max(1, int(l.least[len(l.least)*9/10])), choices)
}

// contestSum is the votes for all choices, and those lost to over- and
// undervotes; told is false where a file does not tell both.
func contestSum(cells []Cell) (votes, lost int64, told bool) {
	over, under := false, false
	for _, c := range cells {
		if c.Type != TotalType || c.Round != 0 {
			continue
		}
		switch {
		case c.Choice >= 0:
			votes += c.N
		case c.Choice == Over:
			lost, over = lost+c.N, true
		case c.Choice == Under:
			lost, under = lost+c.N, true
		}
	}
	return votes, lost, over && under
}
