// SPDX-License-Identifier: Apache-2.0

package county

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/election"
)

const (
	testDay  = election.Date("2026-11-03")
	testZone = "America/Denver"
)

// seeds are the counties that every test looks at.
var seeds = []uint64{1, 2, 23, 1 << 63}

// made are the counties of the seeds. A county never changes, so the tests may
// share them.
var made = sync.OnceValue(func() (out []*County) {
	for _, seed := range seeds {
		out = append(out, New(seed, testDay, testZone))
	}
	return out
})

func eachCounty(t *testing.T, do func(t *testing.T, c *County)) {
	t.Helper()
	for i, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { do(t, made()[i]) })
	}
}

func ExampleNew() {
	c := New(1, "2026-11-03", "America/Denver")
	d := c.Definition()
	fmt.Println(d.Units[0].Name, d.Election.ID, "with", *d.Units[0].Registered, "voters")
	for _, file := range c.Night()[:3] {
		fmt.Println(file.At, file.SourceName, file.Name)
	}
	// Output:
	// Alder County 2026-11-03-general with 188905 voters
	// 6m0s Central count central-count-1.xml
	// 21m0s County polling places 20261103__xx__general__alder__precinct__1921.csv
	// 44m0s County polling places 20261103__xx__general__alder__precinct__1944.csv
}

func TestTheSameSeedMakesTheSameBytes(t *testing.T) {
	a, b, other := New(5, testDay, testZone), New(5, testDay, testZone), New(6, testDay, testZone)
	if a.Definition().Hash() != b.Definition().Hash() {
		t.Error("two definitions of one seed differ")
	}
	if a.Definition().Hash() == other.Definition().Hash() {
		t.Error("definitions of two seeds are the same")
	}
	first, again := append(a.Night(), a.Deck()), append(b.Night(), b.Deck())
	for i, d := range first {
		if !bytes.Equal(d.Body, again[i].Body) || d.Name != again[i].Name || d.At != again[i].At {
			t.Errorf("%s after %s is not the same twice", d.Name, d.At)
		}
	}
	if !bytes.Equal(a.Night()[0].Body, first[0].Body) {
		t.Error("the night of one county is not the same twice")
	}
	if bytes.Equal(first[0].Body, other.Night()[0].Body) {
		t.Error("the first files of two seeds are the same")
	}
}

func TestACountyIsMadeQuickly(t *testing.T) {
	began := time.Now()
	c := New(11, testDay, testZone)
	c.Night()
	c.Deck()
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("a county took %s, want at most 1.5 s", took)
	}
}

func TestADayThatIsNoneIsRefused(t *testing.T) {
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `"November" is not a day`) {
			t.Errorf("New said %q", said)
		}
	}()
	New(1, "November", testZone)
}

func TestTheCountyIsAsLargeAsPromised(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		d := c.Definition()
		count := func(kind election.UnitType) (n int, voters int64) {
			for _, u := range d.Units {
				if u.Type == kind {
					n, voters = n+1, voters+*u.Registered
				}
			}
			return n, voters
		}
		for _, tt := range []struct {
			what      string
			got, want int
		}{
			{"contests", len(d.Contests), 25}, {"shapes", len(d.Shapes), 96 + 8}, {"vote types", len(d.VoteTypes), 4},
			{"places", len(d.Places), 60 + 8 + 12 + 1}, {"districts", len(d.Districts), 2 + 2 + 3 + 5 + 2 + 1 + 5},
		} {
			if tt.got != tt.want {
				t.Errorf("%d %s, want %d", tt.got, tt.what, tt.want)
			}
		}
		n, voters := count(election.Precinct)
		if n != 96 || voters < 185_000 || voters > 190_000 || voters != *d.Units[0].Registered {
			t.Errorf("%d precincts with %d voters, the county says %d", n, voters, *d.Units[0].Registered)
		}
		if n, _ := count(election.SplitPrecinct); n != 8 {
			t.Errorf("%d parts of split precincts, want 8", n)
		}
		ballots := int64(0)
		for _, n := range c.Truth().Ballots {
			ballots += n
		}
		if ballots < 120_000 {
			t.Errorf("%d ballots, want at least 120,000", ballots)
		}
	})
}

// TestEverythingPointsAtSomething follows every reference of the definition.
func TestEverythingPointsAtSomething(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		d := c.Definition()
		known := make(map[string]bool)
		name := func(kind, id string) {
			if known[kind+id] || id == "" {
				t.Errorf("%s %q is there twice, or has no id", kind, id)
			}
			known[kind+id] = true
		}
		for _, u := range d.Units {
			name("unit ", string(u.ID))
			name("name ", u.Name)
		}
		for _, x := range d.Districts {
			name("district ", string(x.ID))
		}
		for _, p := range d.Parties {
			name("party ", string(p.ID))
		}
		for _, con := range d.Contests {
			name("contest ", string(con.ID))
			for _, ch := range con.Choices {
				name("choice ", string(con.ID)+" "+string(ch.ID))
			}
		}
		for _, p := range d.Places {
			name("place ", string(p.ID))
			name("place name ", p.Name)
		}
		for _, ref := range references(d) {
			if !known[ref] {
				t.Errorf("nothing is %q", ref)
			}
		}
	})
}

func references(d *election.Definition) (out []string) {
	for _, u := range d.Units[1:] {
		out = append(out, "unit "+string(u.Parent))
		for _, x := range u.Districts {
			out = append(out, "district "+string(x))
		}
	}
	for _, con := range d.Contests {
		out = append(out, "district "+string(con.District))
		for _, ch := range con.Choices {
			for _, p := range ch.Parties {
				out = append(out, "party "+string(p))
			}
		}
	}
	for _, s := range d.Styles {
		for _, u := range s.Units {
			out = append(out, "unit "+string(u))
		}
		for con, order := range s.Orders {
			for _, ch := range order {
				out = append(out, "choice "+string(con)+" "+string(ch))
			}
		}
	}
	for _, p := range d.Places {
		for _, u := range p.Units {
			out = append(out, "unit "+string(u))
		}
	}
	for _, s := range d.Shapes {
		out = append(out, "unit "+string(s.Unit))
	}
	return out
}

func TestBallotStylesFollowTheDistricts(t *testing.T) {
	eachCounty(t, func(t *testing.T, c *County) {
		d := c.Definition()
		styled := make(map[election.UnitID][]election.ContestID)
		for _, s := range d.Styles {
			for _, u := range s.Units {
				if styled[u] != nil {
					t.Errorf("unit %s has two ballot styles", u)
				}
				styled[u] = s.Contests
			}
			for con, order := range s.Orders {
				if !slices.Contains(s.Contests, con) || len(order) < 3 {
					t.Errorf("style %s orders %s as %v", s.ID, con, order)
				}
			}
		}
		on := make(map[election.ContestID]bool)
		for _, u := range d.Units {
			if len(u.Districts) == 0 {
				if styled[u.ID] != nil {
					t.Errorf("%s has a ballot style and no districts", u.Name)
				}
				continue
			}
			var want []election.ContestID
			for _, con := range d.Contests {
				if slices.Contains(u.Districts, con.District) {
					want = append(want, con.ID)
					on[con.ID] = true
				}
			}
			if !slices.Equal(styled[u.ID], want) {
				t.Errorf("the ballot of %s has %v, its districts ask for %v", u.Name, styled[u.ID], want)
			}
		}
		if len(on) != len(d.Contests) {
			t.Errorf("only %d of %d contests are on a ballot", len(on), len(d.Contests))
		}
	})
}

func TestThereIsEveryKindOfContest(t *testing.T) {
	d := made()[0].Definition()
	has := func(what string, like func(con election.Contest) bool) {
		if !slices.ContainsFunc(d.Contests, like) {
			t.Errorf("no contest has %s", what)
		}
	}
	choice := func(like func(ch election.Choice) bool) func(election.Contest) bool {
		return func(con election.Contest) bool { return slices.ContainsFunc(con.Choices, like) }
	}
	threshold := func(n, of int64, base string) func(election.Contest) bool {
		return func(con election.Contest) bool {
			return con.Threshold != nil && con.Threshold.Numerator == n && con.Threshold.Denominator == of && con.Threshold.Of == base
		}
	}
	has("a ticket", choice(func(ch election.Choice) bool { return len(ch.Ticket) == 2 }))
	has("a fusion candidate", choice(func(ch election.Choice) bool { return len(ch.Parties) == 2 }))
	has("a withdrawn candidate", choice(func(ch election.Choice) bool { return ch.Withdrawn }))
	has("a write-in candidate with a name", choice(func(ch election.Choice) bool {
		return ch.Kind == election.WriteIn && !strings.HasPrefix(string(ch.ID), "write-in")
	}))
	has("an incumbent", choice(func(ch election.Choice) bool { return ch.Incumbent }))
	has("three seats", func(con election.Contest) bool { return con.VotesAllowed == 3 && con.Elected == 3 })
	has("two seats", func(con election.Contest) bool { return con.VotesAllowed == 2 && con.Elected == 2 })
	has("ranks", func(con election.Contest) bool { return con.Variation == election.Ranked })
	has("a judge who wants to stay", func(con election.Contest) bool { return con.Kind == election.RetentionContest })
	has("one candidate only", func(con election.Contest) bool { return con.Kind == election.CandidateContest && len(con.Choices) == 2 })
	has("rotating names", func(con election.Contest) bool { return con.Rotates })
	has("a threshold of half the votes", threshold(1, 2, "votes"))
	has("a threshold of half the ballots", threshold(1, 2, "ballots"))
	has("a threshold of 60 percent", threshold(3, 5, "votes"))
	has("a threshold of two thirds", threshold(2, 3, "votes"))
}

func TestWhatNeedsSpanishHasIt(t *testing.T) {
	d := made()[0].Definition()
	check := func(what string, texts ...election.Text) {
		for _, t2 := range texts {
			if t2["en"] == "" || t2["es"] == "" {
				t.Errorf("%s: English %q, Spanish %q", what, t2["en"], t2["es"])
			}
		}
	}
	check("election", d.Election.Name)
	for _, x := range d.Election.Calendar {
		check("calendar", x.Name)
	}
	for _, x := range d.Districts {
		check("district", x.Name)
	}
	for _, x := range d.VoteTypes {
		check("vote type", x.Name)
	}
	for _, con := range d.Contests {
		check(string(con.ID), con.Name)
		if con.Kind != election.CandidateContest {
			check(string(con.ID), con.Question)
		}
		for _, ch := range con.Choices {
			if ch.Kind == election.Yes || ch.Kind == election.No || strings.HasPrefix(string(ch.ID), "write-in") {
				check(string(con.ID), ch.Name)
			}
		}
	}
}

func TestNamesMakeIDs(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"Andrés Quiñones", "quinones"}, {"Soren Sørensen", "sorensen"}, {"Carl D'Angelo", "dangelo"},
		{"Mei Alder-Ruiz", "alder-ruiz"}, {"Lars Hallström", "hallstrom"},
	} {
		if got := lastName(tt.name); got != tt.want {
			t.Errorf("lastName(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	seen := make(map[string]bool)
	for _, word := range strings.Fields(lastNames) {
		id := slug(word)
		if seen[id] || len([]rune(id)) != len([]rune(strings.ReplaceAll(word, "'", ""))) {
			t.Errorf("%s becomes %q, which is taken or has lost letters", word, id)
		}
		seen[id] = true
	}
}

func TestHistoryKnowsEveryUnit(t *testing.T) {
	d := made()[0].Definition()
	for _, u := range d.Units {
		if len(u.Former) != 1 || u.Former[0].Election != "2022-11-08-general" || u.Former[0].Ballots > u.Former[0].Registered {
			t.Fatalf("%s did before: %+v", u.Name, u.Former)
		}
		votes := int64(0)
		for _, n := range u.Former[0].Votes {
			votes += n
		}
		if len(u.Former[0].Votes) != len(d.Parties) || votes > u.Former[0].Ballots || votes == 0 {
			t.Errorf("%s had %d votes on %d ballots", u.Name, votes, u.Former[0].Ballots)
		}
	}
}

func TestPollsCloseWhenTheDefinitionSays(t *testing.T) {
	c := made()[0]
	at, err := c.Definition().LastClose()
	if err != nil || !at.Equal(c.closes) || at.Hour() != 19 {
		t.Errorf("the last poll closes at %s (%v), the night begins at %s", at, err, c.closes)
	}
}

func BenchmarkCounty(b *testing.B) {
	for b.Loop() {
		New(1, testDay, testZone).Night()
	}
}
