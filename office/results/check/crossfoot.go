// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"math"
	"slices"

	"hustings/election"
	"hustings/office/results/tally"
)

func hasTypes(r *run) bool {
	return slices.ContainsFunc(r.page.raw, func(c tally.Cell) bool { return c.Type != tally.TotalType })
}

// C01: the vote types of a row do not make its total. Washington County,
// Arkansas, 2020, had the right numbers in the wrong column and certified them;
// 569 rows of Arizona's 2020 file still do not add up.
//
//	sum of vote types = total, for each choice and measure of each unit
func (r *run) typesMakeTotal() {
	cells := r.page.raw
	for i := 0; i < len(cells); {
		j := i + 1
		for j < len(cells) && sameChoice(cells[i], cells[j]) {
			j++
		}
		if j-i > 1 {
			r.eachRow(cells[i:j])
		}
		i = j
	}
}

// eachRow adds up one choice, row by row where the file tells it in several.
func (r *run) eachRow(cells []tally.Cell) {
	repeated := false
	for i := 1; i < len(cells); i++ {
		repeated = repeated || cells[i].Type == cells[i-1].Type
	}
	if !repeated {
		r.addUp(cells)
		return
	}
	rows := slices.Clone(cells)
	slices.SortFunc(rows, func(a, b tally.Cell) int { return cmp.Or(cmp.Compare(a.Line, b.Line), byRow(a, b)) })
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && rows[j].Line == rows[i].Line {
			j++
		}
		r.addUp(rows[i:j])
		i = j
	}
}

func (r *run) addUp(row []tally.Cell) {
	if row[0].Type != tally.TotalType || len(row) < 2 {
		return
	}
	sum := int64(0)
	for _, c := range row[1:] {
		sum += c.N
	}
	if total := row[0].N; sum != total {
		r.say(tally.Hold, "", atCell(row[0]).of(-1), "sum", sum, "total", total, "difference", total-sum)
	}
}

func hasCheckIns(r *run) bool {
	return r.Sheet != nil && (len(r.CheckIns) > 0 ||
		slices.ContainsFunc(r.page.facts, func(f facts) bool { return f.checkIns.ok }))
}

// C02: ballots that do not meet the people who cast them. Monmouth County 2022
// loaded a stick twice; nobody held the ballots against the check-ins.
//
//	|B - check-ins| >= 15 and >= 2 % of check-ins (Abacus W.203)
//
// While the count is under way ballots may still be missing, never too many.
func (r *run) ballotsMeetCheckIns() {
	for u := range r.page.facts {
		f := r.page.facts[u]
		want := f.checkIns
		if n, ok := r.CheckIns[r.x.Def.Units[u].ID]; ok {
			want = num{n, true}
		}
		if !f.ballots.ok || !want.ok || f.ballots.n == want.n {
			continue
		}
		if f.ballots.n < want.n && !r.counted(int32(u)) {
			continue
		}
		level, variant := tally.Warn, "small"
		diff := f.ballots.n - want.n
		if n := max(diff, -diff); n >= r.rules.CheckInDifference && float64(n)*100 >= r.rules.CheckInPercent*float64(want.n) {
			level, variant = tally.Hold, ""
		}
		r.say(level, variant, atUnit(int32(u)).on(f.line), "ballots", f.ballots.n, "checkins", want.n, "difference", diff)
	}
}

// counted says whether a unit's count is complete.
func (r *run) counted(u int32) bool {
	if p, ok := r.told[progressKey{u, tally.TotalType}]; ok {
		return p.State == election.Completed
	}
	return !r.partial()
}

func hasLimits(r *run) bool {
	for u := range r.page.facts {
		b := r.page.facts[u].ballots.ok
		if b && len(r.page.at(int32(u))) > 0 || (b || len(r.page.at(int32(u))) > 0) && r.registered(int32(u)).ok {
			return true
		}
	}
	return slices.ContainsFunc(r.page.blocks, func(b block) bool { return b.ballots.ok })
}

// C03: more ballots than voters, or more votes than ballots. Shiawassee County
// 2020 typed 153,710 for 15,371.
//
//	B <= R;  V(c) <= B, also within each vote type;  sum V <= N x B
func (r *run) withinLimits() {
	for u := range r.page.facts {
		f, voters := r.page.facts[u], r.voters(int32(u))
		if f.ballots.ok && voters.ok && f.ballots.n > voters.n {
			r.say(tally.Hold, "", atUnit(int32(u)).on(f.line), "ballots", f.ballots.n, "registered", voters.n)
		}
		for i := range r.page.at(int32(u)) {
			r.votesWithin(&r.page.at(int32(u))[i], voters)
		}
	}
}

// voters is the most people who can have voted in a unit, where that is known.
func (r *run) voters(u int32) num {
	if r.rules.SameDayRegistration || r.x.Def.Units[u].Type == election.BallotBatch {
		return num{}
	}
	return r.registered(u)
}

func (r *run) votesWithin(b *block, voters num) {
	most := r.cast(b)
	variant, name := "choice", "ballots"
	if !most.ok {
		most, variant, name = voters, "voters", "registered"
	}
	if !most.ok || r.x.Def.Contests[b.contest].Variation == "cumulative" {
		return
	}
	above := false
	b.totals(func(c tally.Cell) {
		if c.N > most.n {
			above = true
			r.say(tally.Hold, variant, atCell(c).of(-1), "votes", c.N, name, most.n)
		}
	})
	if n := int64(r.votesAllowed(b.contest)); !above && n > 0 && b.votes > n*most.n {
		r.say(tally.Hold, "all", atBlock(b), "votes", b.votes, "most", n*most.n, "allowed", n)
	}
	if !above && name == "ballots" {
		r.typesWithin(b)
	}
}

// typesWithin holds a choice that has more votes of a type than there are
// ballots of that type: the sign of a number in the wrong column.
func (r *run) typesWithin(b *block) {
	limits := b.cells
	if !b.ballots.ok {
		limits = r.page.unitCells(b.unit)
	}
	contest := b.contest
	if !b.ballots.ok {
		contest = tally.NoContest
	}
	for _, l := range limits {
		if l.Contest > contest {
			break
		}
		if l.Contest != contest || l.Choice != tally.Ballots || l.Type == tally.TotalType || l.Round != 0 {
			continue
		}
		for _, c := range b.cells {
			if c.Choice >= 0 && c.Type == l.Type && c.N > l.N {
				r.say(tally.Hold, "type", atCell(c), "votes", c.N, "ballots", l.N)
			}
		}
	}
}

// account is the votes that a contest's ballots were worth in a unit, and
// whether all its parts were reported.
//
//	sum V + U + O, where O counts N for each overvoted ballot
//
// Vendors that report overvoted ballots instead declare it (OverBallots).
func (r *run) account(b *block) (n int64, ok bool) {
	return b.votes + b.under.n + r.worth(b, r.page.sheet.OverBallots), b.voted && b.under.ok && b.over.ok
}

func (r *run) worth(b *block, inBallots bool) int64 {
	if inBallots {
		return b.over.n * int64(max(1, r.votesAllowed(b.contest)))
	}
	return b.over.n
}

func hasBalance(r *run) bool {
	return slices.ContainsFunc(r.page.blocks, func(b block) bool {
		_, ok := r.account(&b)
		return ok && r.cast(&b).ok
	})
}

// C04: votes, undervotes and overvotes do not make the ballots. The identity
// holds in all 743 precincts of Maricopa County 2020.
//
//	sum V + U + O = N x B, on contests that stand on every ballot of the unit;
//	never more than N x B on the others
func (r *run) balances() {
	for c := range r.page.byContest {
		n := int64(r.votesAllowed(int32(c)))
		if n == 0 || r.otherConvention(int32(c), n) {
			continue
		}
		for _, i := range r.page.byContest[c] {
			b := &r.page.blocks[i]
			got, ok := r.account(b)
			cast := r.cast(b)
			if !ok || !cast.ok || got == n*cast.n || got < n*cast.n && !r.onEvery(b) {
				continue
			}
			r.say(tally.Hold, "", atBlock(b), "votes", b.votes, "under", b.under.n, "over", b.over.n,
				"sum", got, "expected", n*cast.n, "allowed", n, "ballots", cast.n, "difference", got-n*cast.n)
		}
	}
}

// otherConvention finds a source that counts overvotes the other way than it
// declared, and says so once instead of at every unit.
func (r *run) otherConvention(c int32, n int64) bool {
	if n < 2 {
		return false
	}
	explained, broken := 0, 0
	for _, i := range r.page.byContest[c] {
		b := &r.page.blocks[i]
		got, ok := r.account(b)
		if cast := r.cast(b); ok && cast.ok && b.over.n > 0 {
			if other := b.votes + b.under.n + r.worth(b, !r.page.sheet.OverBallots); other == n*cast.n {
				explained++
			} else if got != other {
				broken++
			}
		}
	}
	if explained < 3 || broken*10 > explained {
		return false
	}
	variant := "as-votes"
	if !r.page.sheet.OverBallots {
		variant = "as-ballots"
	}
	r.say(tally.Hold, variant, atContest(c), "units", explained, "allowed", n)
	return true
}

// onEvery says whether a contest stands on every ballot of a unit, so that its
// account must meet the unit's ballots. Ballot styles tell; without them the
// file itself does: a contest that balances in three of four units of a county
// is on every ballot there. (State contests are not on the federal-only
// ballots of voters abroad, and fall short by a few everywhere.)
func (r *run) onEvery(b *block) bool {
	if b.ballots.ok {
		return true
	}
	if every, known := r.inEveryStyle(b.unit, b.contest); known && every {
		return true
	}
	if r.full == nil {
		r.full = r.balancingCounties()
	}
	return r.full[pair{r.x.Parent(b.unit), b.contest}]
}

// balancingCounties are the contests that balance in three of four units of a county.
func (r *run) balancingCounties() map[pair]bool {
	full := make(map[pair]bool)
	for _, blocks := range r.counties() {
		all, exact := 0, 0
		for _, i := range blocks {
			b := &r.page.blocks[i]
			got, ok := r.account(b)
			cast := r.cast(b)
			if !ok || !cast.ok {
				continue
			}
			if all++; got == int64(r.votesAllowed(b.contest))*cast.n {
				exact++
			}
		}
		if first := &r.page.blocks[blocks[0]]; all > 0 && exact*4 >= all*3 {
			full[pair{r.x.Parent(first.unit), first.contest}] = true
		}
	}
	return full
}

// votesAllowed is N of a contest, 0 where it is not known. A definition made
// from result files does not know it, but the ballots do.
func (r *run) votesAllowed(c int32) int {
	if r.allowed == nil {
		r.allowed = make([]int, len(r.x.Def.Contests))
		for i, con := range r.x.Def.Contests {
			if r.allowed[i] = con.VotesAllowed; r.x.Def.Derived && con.VotesAllowed <= 1 {
				r.allowed[i] = r.seemsAllowed(int32(i))
			}
		}
	}
	return r.allowed[c]
}

// seemsAllowed takes the whole number of times the ballots that a contest's
// accounts come to or, without undervotes, one where its votes use nearly all
// ballots.
func (r *run) seemsAllowed(c int32) int {
	var accounts, votes []float64
	for _, i := range r.page.byContest[c] {
		b := &r.page.blocks[i]
		cast := r.cast(b)
		if !cast.ok || cast.n <= 0 || !b.voted {
			continue
		}
		votes = append(votes, float64(b.votes)/float64(cast.n))
		if b.under.ok && b.over.ok {
			accounts = append(accounts, float64(b.votes+b.under.n+b.over.n)/float64(cast.n))
		}
	}
	if m := median(accounts); len(accounts) > 0 {
		if n := math.Round(m); n >= 1 && math.Abs(m-n) <= 0.02*n {
			return int(n)
		}
		return 0
	}
	if m := median(votes); m > 0.75 && m <= 1 {
		return 1
	}
	return 0
}

func hasParents(r *run) bool {
	if r.Independent != nil && r.whole() != nil {
		return true
	}
	for u := range r.page.facts {
		if !r.leaf(int32(u)) && (len(r.page.at(int32(u))) > 0 || r.page.facts[u].ballots.ok) {
			return true
		}
	}
	return false
}

// C05: a whole that is not the sum of its parts. Milwaukee 2018: the county's
// page said 219,300 votes, its wards 109,473.
//
//	county = its precincts and central-count units;  state = its counties
func (r *run) partsMakeWhole() {
	for u := range r.x.Def.Units {
		for i := range r.page.at(int32(u)) {
			if !r.leaf(int32(u)) {
				r.wholeOf(&r.page.at(int32(u))[i])
			}
		}
		if b := r.page.facts[u].ballots; b.ok && !r.leaf(int32(u)) {
			if sum, all := r.ballotsBelow(int32(u)); sum.ok && (sum.n > b.n || sum.n < b.n && all) {
				r.say(tally.Hold, "fact", atUnit(int32(u)).on(r.page.facts[u].line).at(tally.Ballots),
					"whole", b.n, "sum", sum.n, "difference", b.n-sum.n)
			}
		}
	}
	if t := r.whole(); t != nil && r.Independent != nil {
		r.otherFeed(t)
	}
}

// part is a choice and a vote type.
type part struct {
	choice int32
	typ    int16
}

// wholeOf compares what a unit says of a contest with the units below it.
// Where some of those have not reported, the whole may be more, never less.
func (r *run) wholeOf(b *block) {
	sums := make(map[part]int64)
	found, all := r.sumBelow(b.unit, b.contest, sums)
	if !found {
		return
	}
	wrong := absent // the choice whose total is already said to be wrong
	for _, c := range b.cells {
		sum, ok := sums[part{c.Choice, c.Type}]
		if !ok || sum == c.N || sum < c.N && !all || c.Choice == wrong {
			continue
		}
		variant, at := "", atCell(c).of(-1)
		if c.Type == tally.TotalType {
			wrong = c.Choice
		} else {
			variant, at = "type", atCell(c)
		}
		r.say(tally.Hold, variant, at, "whole", c.N, "sum", sum, "difference", c.N-sum)
	}
}

// sumBelow adds up a contest over the units below u, each at the lowest level
// that reports it. Found says whether any does; all is false where a unit that
// has it on its ballot does not.
func (r *run) sumBelow(u, contest int32, sums map[part]int64) (found, all bool) {
	all = true
	for _, k := range r.x.Children(u) {
		if below, whole := r.sumBelow(k, contest, sums); below {
			found, all = true, all && whole
			continue
		}
		if b := r.page.find(k, contest); b != nil {
			found = true
			for _, c := range b.cells {
				sums[part{c.Choice, c.Type}] += c.N
			}
		} else if on, known := r.x.OnBallot(k, contest); r.leaf(k) && (on || !known && !r.x.Def.Derived) {
			all = false
		}
	}
	return found, all
}

func (r *run) ballotsBelow(u int32) (sum num, all bool) {
	all = true
	for _, k := range r.x.Children(u) {
		n := r.page.facts[k].ballots
		if !r.leaf(k) {
			below, whole := r.ballotsBelow(k)
			if below.ok {
				n, all = below, all && whole
			}
		}
		if all = all && n.ok; n.ok {
			sum = num{sum.n + n.n, true}
		}
	}
	return sum, all
}

// otherFeed compares what would be published with totals that reached the
// office another way.
func (r *run) otherFeed(t *tally.Tally) {
	feed := lay(r.x, r.Independent)
	for _, c := range feed.cells {
		if c.Round != 0 || c.Choice == tally.Registered {
			continue
		}
		if n, ok := t.N(c.Unit, c.Contest, c.Choice, c.Type); ok && n != c.N {
			variant := "feed"
			if c.Contest == tally.NoContest {
				variant = "feed-fact"
			}
			r.say(tally.Hold, variant, atCell(c), "whole", c.N, "sum", n, "difference", c.N-n, "path", r.Independent.Path)
		}
	}
}
