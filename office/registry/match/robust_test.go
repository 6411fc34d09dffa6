// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hustings/office/registry/match/matchtest"
)

// lists writes both lists of a town.
func lists(t *testing.T, town matchtest.Town) (left, right string) {
	t.Helper()
	var l, r bytes.Buffer
	if err := town.Left(&l); err != nil {
		t.Fatal(err)
	}
	if err := town.Right(&r); err != nil {
		t.Fatal(err)
	}
	return l.String(), r.String()
}

// idsOf gives who is behind each line of a list.
func idsOf(list string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(list), "\n")[1:] {
		id, _, _ := strings.Cut(line, ",")
		out[id] = matchtest.Who(id)
	}
	return out
}

func link(t *testing.T, left, right string, o Options) *Result {
	t.Helper()
	res, err := Link(Source{"left.csv", strings.NewReader(left)}, Source{"right.csv", strings.NewReader(right)}, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func duplicates(t *testing.T, list string) *Result {
	t.Helper()
	res, err := Duplicates(Source{"list.csv", strings.NewReader(list)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestTownsOfAllKinds is the same program on people that it has not seen: other
// rates of mistakes, other sizes, other columns.
func TestTownsOfAllKinds(t *testing.T) {
	ids := []string{"dl_number", "ssn4", "phone"}
	for _, tt := range []struct {
		name string
		town matchtest.Town
		f1   float64
	}{
		{"the usual mistakes", matchtest.Town{Seed: 11, People: 2500, Errors: 1, Shared: 0.5}, 0.993},
		{"another seed", matchtest.Town{Seed: 12, People: 2500, Errors: 1, Shared: 0.5}, 0.993},
		{"hardly any mistakes", matchtest.Town{Seed: 13, People: 2500, Errors: 0.1, Shared: 0.5}, 0.998},
		{"twice the mistakes", matchtest.Town{Seed: 14, People: 2500, Errors: 2, Shared: 0.5}, 0.985},
		{"no identifiers", matchtest.Town{Seed: 15, People: 2500, Errors: 1, Shared: 0.5, Without: ids}, 0.988},
		{"twice the mistakes, no identifiers", matchtest.Town{Seed: 16, People: 2500, Errors: 2, Shared: 0.5, Without: ids}, 0.96},
		{"few are on both lists", matchtest.Town{Seed: 17, People: 2500, Errors: 1, Shared: 0.03}, 0.97},
		{"nearly all are on both lists", matchtest.Town{Seed: 18, People: 2500, Errors: 1, Shared: 0.97}, 0.993},
		{"two hundred people", matchtest.Town{Seed: 19, People: 200, Errors: 1, Shared: 0.5}, 0.98},
		{"two hundred people, no identifiers", matchtest.Town{Seed: 20, People: 200, Errors: 1, Shared: 0.5, Without: ids}, 0.97},
		{"half of the columns are missing", matchtest.Town{Seed: 21, People: 2500, Errors: 1, Shared: 0.5, Without: append([]string{"middle_name", "suffix", "sex", "unit", "house_number"}, ids...)}, 0.96},
		{"names and birth dates alone", matchtest.Town{Seed: 22, People: 2500, Errors: 0.5, Shared: 0.5, Without: append([]string{"middle_name", "suffix", "sex", "unit", "house_number", "street", "city", "zip", "state"}, ids...)}, 0.95},
		{"Australians", matchtest.Town{Seed: 23, People: 2500, Errors: 1, Shared: 0.5, Australian: true}, 0.993},
	} {
		t.Run(tt.name, func(t *testing.T) {
			left, right := lists(t, tt.town)
			truth := idsOf(left)
			n := pairsOfTruth(idsOf(left), idsOf(right))
			for id, who := range idsOf(right) {
				truth[id] = who
			}
			q := judge(link(t, left, right, Options{}), truth, n)
			t.Logf("P %.4f R %.4f F1 %.4f, auto P %.5f R %.4f", q.P, q.R, q.F1, q.AutoP, q.AutoR)
			if q.F1 < tt.f1 {
				t.Errorf("F1 is %.4f, want %.3f", q.F1, tt.f1)
			}
			if q.AutoP < 0.998 {
				t.Errorf("tier auto has precision %.5f, want 0.998", q.AutoP)
			}
		})
	}
}

func TestDuplicatesInOneRoll(t *testing.T) {
	for _, tt := range []struct {
		name string
		town matchtest.Town
		f1   float64
	}{
		{"one in twenty is twice on it", matchtest.Town{Seed: 31, People: 5000, Errors: 1, Duplicates: 0.05}, 0.985},
		{"one in two is twice on it", matchtest.Town{Seed: 32, People: 3000, Errors: 1, Duplicates: 0.5}, 0.993},
		{"a hundred people, half of them twice", matchtest.Town{Seed: 33, People: 100, Errors: 1, Duplicates: 0.5}, 0.97},
	} {
		t.Run(tt.name, func(t *testing.T) {
			left, _ := lists(t, tt.town)
			truth := idsOf(left)
			q := judge(duplicates(t, left), truth, pairsOfTruth(truth, nil))
			t.Logf("P %.4f R %.4f F1 %.4f", q.P, q.R, q.F1)
			if q.F1 < tt.f1 {
				t.Errorf("F1 is %.4f, want %.3f", q.F1, tt.f1)
			}
		})
	}
}

// TestNoDuplicatesWhereThereAreNone: with nothing to find, learning must not
// find something else instead.
func TestNoDuplicatesWhereThereAreNone(t *testing.T) {
	for _, people := range []int{2, 30, 200, 5000} {
		t.Run(fmt.Sprint(people), func(t *testing.T) {
			left, _ := lists(t, matchtest.Town{Seed: 41, People: people, Errors: 1})
			res := duplicates(t, left)
			if auto := res.Tiers[Auto].Pairs; auto > 0 {
				t.Errorf("%d pairs are of tier auto, want none", auto)
			}
			if review := res.Tiers[Review].Pairs; review > people/1000 {
				t.Errorf("%d pairs are of tier review", review)
			}
		})
	}
}

func TestStrangersListsHaveNothingInCommon(t *testing.T) {
	left, _ := lists(t, matchtest.Town{Seed: 51, People: 3000, Errors: 1})
	right, _ := lists(t, matchtest.Town{Seed: 52, People: 3000, Errors: 1})
	if res := link(t, left, right, Options{}); len(res.Pairs) > 3 || res.Tiers[Auto].Pairs > 0 {
		t.Errorf("%d pairs, %d of tier auto, between lists of other people", len(res.Pairs), res.Tiers[Auto].Pairs)
	}
}

// named are the pairs by the ids, with their weights.
func named(res *Result, swapped bool) map[[2]string]float64 {
	out := map[[2]string]float64{}
	for _, p := range res.Pairs {
		a, b := res.ID(p.A), res.ID(p.B)
		if swapped {
			a, b = b, a
		}
		if len(res.Files) == 1 && b < a {
			a, b = b, a
		}
		out[[2]string{a, b}] = p.Weight
	}
	return out
}

func equalPairs(t *testing.T, got, want map[[2]string]float64) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("got %d pairs, want %d", len(got), len(want))
	}
	for pair, w := range want {
		if g, ok := got[pair]; !ok || math.Abs(g-w) > 1e-6 {
			t.Fatalf("the weight of %v is %v, want %v", pair, g, w)
		}
	}
}

func shuffled(list string, seed uint64) string {
	lines := strings.Split(strings.TrimSpace(list), "\n")
	r := rand.New(rand.NewPCG(seed, 1))
	rows := lines[1:]
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return strings.Join(lines, "\n") + "\n"
}

func TestTheOrderOfRowsAndOfFilesChangesNothing(t *testing.T) {
	left, right := lists(t, matchtest.Town{Seed: 61, People: 1500, Errors: 1, Shared: 0.5})
	want := named(link(t, left, right, Options{All: true}), false)
	t.Run("files exchanged", func(t *testing.T) {
		equalPairs(t, named(link(t, right, left, Options{All: true}), true), want)
	})
	t.Run("rows shuffled", func(t *testing.T) {
		equalPairs(t, named(link(t, shuffled(left, 1), shuffled(right, 2), Options{All: true}), false), want)
	})
	t.Run("one file, rows shuffled", func(t *testing.T) {
		one, _ := lists(t, matchtest.Town{Seed: 62, People: 1500, Errors: 1, Duplicates: 0.2})
		equalPairs(t, named(duplicates(t, shuffled(one, 3)), false), named(duplicates(t, one), false))
	})
}

func TestTheSameInputGivesTheSameOutput(t *testing.T) {
	left, right := lists(t, matchtest.Town{Seed: 63, People: 1500, Errors: 1, Shared: 0.5})
	text := func() string {
		var b strings.Builder
		res := link(t, left, right, Options{All: true})
		for _, p := range res.Pairs {
			fmt.Fprintln(&b, res.ID(p.A), res.ID(p.B), p.Weight, p.Tier, res.Reasons(p, 9))
		}
		fmt.Fprintln(&b, res.Clusters(), res.Tiers, res.Keys)
		return b.String()
	}
	if text() != text() {
		t.Error("two runs differ")
	}
}

func TestEveryWaterfallSumsToItsWeight(t *testing.T) {
	left, right := lists(t, matchtest.Town{Seed: 64, People: 2000, Errors: 2, Shared: 0.5})
	res := link(t, left, right, Options{All: true})
	for _, p := range res.Pairs {
		sum := 0.0
		for _, s := range res.Explain(p) {
			sum += s.Bits
		}
		if math.Abs(sum-p.Weight) > 1e-9 {
			t.Fatalf("the waterfall of %s and %s sums to %v, the weight is %v", res.ID(p.A), res.ID(p.B), sum, p.Weight)
		}
		if other := res.Pair(p.A, p.B); other != p {
			t.Fatalf("the pair alone is %+v, in the list %+v", other, p)
		}
	}
}

func TestOneToOne(t *testing.T) {
	left, right := lists(t, matchtest.Town{Seed: 65, People: 2000, Errors: 1, Shared: 0.5, Duplicates: 0.3})
	res := link(t, left, right, Options{OneToOne: true})
	seen := map[int32]bool{}
	for _, p := range res.Pairs {
		if seen[p.A] || seen[p.B] {
			t.Fatalf("%s or %s is in two pairs", res.ID(p.A), res.ID(p.B))
		}
		seen[p.A], seen[p.B] = true, true
	}
	if all := link(t, left, right, Options{}); len(all.Pairs) <= len(res.Pairs) {
		t.Errorf("%d pairs one to one, %d without", len(res.Pairs), len(all.Pairs))
	}
}

func TestClustersHoldWhoeverIsMatched(t *testing.T) {
	left, _ := lists(t, matchtest.Town{Seed: 66, People: 1000, Errors: 1, Duplicates: 0.3})
	res := duplicates(t, left)
	in := map[int32]int{}
	for i, c := range res.Clusters() {
		if !slices.IsSortedFunc(c, res.byID) || len(c) < 2 {
			t.Errorf("cluster %d is %v", i, c)
		}
		for _, m := range c {
			in[m] = i + 1
		}
	}
	for _, p := range res.Pairs {
		if in[p.A] == 0 || in[p.A] != in[p.B] {
			t.Errorf("%s and %s are in clusters %d and %d", res.ID(p.A), res.ID(p.B), in[p.A], in[p.B])
		}
	}
}
