// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// Query is what somebody looks for in the roll.
type Query struct {
	ID, Phone, Email string
	Birth            election.Date // a day, or a year alone
	Number, Street   string        // of a house, folded
	Names            []named       // ways in which the words may be a name
}

// named is a surname and a given name as they may be meant, folded.
type named struct{ last, first string }

// Hit is a voter who was found.
type Hit struct {
	Version
	Score int
	Why   []string // words keys, without "registry.why.": what agrees, the strongest first
}

// mostTyped and mostHits bound a search.
const (
	mostTyped = 200
	mostHits  = 50
)

// readQuery reads what somebody typed into one box: a number of the roll, a
// telephone, an e-mail address, a birth date or year, a house and its street, or
// a name in whatever order, with or without a comma.
func readQuery(text string) (q Query, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return q, fault.On("q", fault.New(fault.Invalid, "Type a name, a birth date, an address, a telephone or a number of the roll."))
	}
	if len(text) > mostTyped {
		return q, fault.On("q", fault.New(fault.Invalid, "This is too long to search for."))
	}
	if d := roll.Plain(text); strings.Trim(text, "0123456789()+-. ") == "" && len(d) >= 7 && isDate(text) == "" {
		return Query{ID: d, Phone: d}, nil
	}
	if !strings.ContainsAny(text, " ,@") && strings.ContainsAny(text, "0123456789") {
		q.ID = text // other programs' numbers have letters
	}
	var words []string
	comma := -1
	for _, w := range strings.Fields(strings.ReplaceAll(text, ",", " , ")) {
		switch {
		case w == ",":
			if comma < 0 {
				comma = len(words)
			}
		case strings.Contains(w, "@"):
			q.Email = strings.ToLower(w)
		case isDate(w) != "":
			q.Birth = isDate(w)
		case len(words) == 0 && q.Number == "" && w[0] >= '0' && w[0] <= '9' && len(roll.Plain(w)) <= 6 && !isYear(w):
			q.Number = spell.Fold(w)
		case isYear(w):
			q.Birth = election.Date(w)
		default:
			words = append(words, spell.Fold(w))
		}
	}
	if q.Number != "" && len(words) > 0 {
		q.Street = strings.Join(words, " ")
		return q, nil
	}
	q.Names = ways(words, comma)
	if q.Number != "" {
		q.ID, q.Number = q.Number, ""
	}
	return q, nil
}

// ways are the ways in which words may be a name.
func ways(words []string, comma int) []named {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	n := len(words)
	join := func(list []string) string { return strings.Join(list, " ") }
	switch {
	case n == 0:
		return nil
	case comma > 0 && comma <= n:
		return []named{{join(words[:comma]), join(words[comma:])}}
	case n == 1:
		return []named{{words[0], ""}, {"", words[0]}}
	}
	out := []named{{words[n-1], words[0]}, {words[0], words[n-1]}} // a middle name is left out
	if n == 2 {
		return append(out, named{join(words), ""})
	}
	// Compound surnames stand at either end, with their particles.
	return append(out, named{join(words[1:]), words[0]}, named{join(words[:n-1]), words[n-1]}, named{join(words[n-2:]), words[0]})
}

// isDate reads a birth date as people type it, "" for none.
func isDate(w string) election.Date {
	for _, layout := range []string{time.DateOnly, "1/2/2006", "1-2-2006", "1.2.2006"} {
		if t, err := time.Parse(layout, w); err == nil {
			return election.DayOf(t)
		}
	}
	return ""
}

func isYear(w string) bool {
	return len(w) == 4 && strings.Trim(w, "0123456789") == "" && w >= "1880" && w <= "2099"
}

// Find looks for voters by what somebody typed, the likeliest first, each with
// why. Where they live is no way to a protected voter.
func (s *Registry) Find(ctx context.Context, text string) ([]Hit, error) {
	q, err := readQuery(text)
	if err != nil {
		return nil, err
	}
	return s.search(ctx, q)
}

// asked is a query with the words that may be meant by what was typed.
type asked struct {
	Query
	ways    []way
	streets []guess // that may be meant, each with the words behind it
	rest    map[string][]string
	marked  map[roll.ID]mark // who was found by what is not in the voter's row
}

// way is one way in which the words may be a name.
type way struct{ lasts, firsts []guess }

// mark is what somebody was found by, and what that is worth.
type mark struct {
	score int
	why   string
}

// mostGathered is how many voters are looked at for what was typed.
const mostGathered = 2 * mostHits

func (s *Registry) search(ctx context.Context, q Query) ([]Hit, error) {
	a := asked{Query: q, rest: make(map[string][]string), marked: make(map[roll.ID]mark)}
	if err := s.guess(ctx, &a); err != nil {
		return nil, err
	}
	ids, err := s.gather(ctx, &a)
	if err != nil {
		return nil, err
	}
	voters, err := s.light(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Hit
	for _, v := range voters {
		if score, why := a.score(&v.Voter); score > 0 {
			out = append(out, Hit{v, score, why})
		}
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(b.Score-a.Score, strings.Compare(a.Name.Last, b.Name.Last), strings.Compare(a.Name.First, b.Name.First), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out[:min(len(out), mostHits)], nil
}

// guess finds the words that may be meant by what was typed.
func (s *Registry) guess(ctx context.Context, a *asked) error {
	if len(a.Names) == 0 && a.Street == "" {
		return nil
	}
	known, err := s.vocabulary(ctx)
	if err != nil {
		return err
	}
	for _, n := range a.Names {
		a.ways = append(a.ways, way{known.last.near(n.last, nil), known.first.near(n.first, spell.Forms(n.first))})
	}
	words := strings.Fields(a.Street)
	for n := len(words); n > 0; n-- { // what kind of street it is may stand behind
		for _, g := range known.street.near(strings.Join(words[:n], " "), nil) {
			if _, have := a.rest[g.word]; !have {
				a.rest[g.word] = words[n:]
				a.streets = append(a.streets, g)
			}
		}
	}
	return nil
}

// gather finds the voters that may be meant, at most so many.
func (s *Registry) gather(ctx context.Context, a *asked) (ids []roll.ID, err error) {
	seen := make(map[roll.ID]bool)
	add := func(list []roll.ID, m mark) {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
			if m.score > a.marked[id].score {
				a.marked[id] = m
			}
		}
	}
	if a.ID != "" {
		add([]roll.ID{roll.ID(a.ID)}, mark{1000, "number"})
		list, err := s.byIdentifier(ctx, s.DB, roll.License, hide.New(a.ID))
		if err != nil {
			return nil, err
		}
		add(list, mark{950, "licence"})
	}
	for _, one := range []struct {
		kind  kind
		value string
		mark  mark
	}{{byPhone, a.Phone, mark{900, "phone"}}, {byEmail, a.Email, mark{900, "email"}}} {
		if one.value == "" {
			continue
		}
		list, err := s.keyed(ctx, []int64{s.key(one.kind, one.value)}, mostHits)
		if err != nil {
			return nil, err
		}
		add(list, one.mark)
	}
	if len(a.Birth) == len(time.DateOnly) && len(a.ways) == 0 {
		list, err := s.keyed(ctx, []int64{s.key(byBirth, string(a.Birth))}, bornOneDay)
		if err != nil {
			return nil, err
		}
		add(list, mark{})
	}
	most := len(ids) + mostGathered
	for _, part := range s.askedKeys(a) {
		if len(ids) >= most {
			break
		}
		list, err := s.keyed(ctx, part, most-len(ids))
		if err != nil {
			return nil, err
		}
		add(list, mark{})
	}
	return ids, nil
}

// bornOneDay is how many voters who were born on one day are looked at: in a
// state of five million some two hundred are.
const bornOneDay = 400

// askedKeys are the keys under which those may be who are meant, the likeliest
// first, in the parts in which they are asked for.
func (s *Registry) askedKeys(a *asked) (parts [][]int64) {
	whole := len(a.Birth) == len(time.DateOnly)
	type weighed struct {
		key   int64
		score int
	}
	var list []weighed
	for order, w := range a.ways {
		if whole { // who share a birth date and a name are few
			born := w.lasts
			if a.Names[order].last == "" {
				born = w.firsts
			}
			for _, g := range born[:min(len(born), mostBorn)] {
				list = append(list, weighed{s.key(byBorn, string(a.Birth), g.word), 2*exactly + g.score - order})
			}
		}
		switch {
		case len(w.lasts) > 0 && len(w.firsts) > 0:
			for _, l := range w.lasts {
				for _, f := range w.firsts {
					k := s.key(byName, l.word, f.word)
					if len(a.Birth) == 4 {
						k = s.key(byNameYear, l.word, f.word, string(a.Birth))
					}
					list = append(list, weighed{k, l.score + f.score - order})
				}
			}
		case whole || len(a.Names[order].first) > 0 && len(a.Names[order].last) > 0:
		case len(w.lasts) > 0:
			for _, l := range w.lasts {
				list = append(list, weighed{s.key(byLast, l.word), l.score - order})
			}
		default:
			for _, f := range w.firsts {
				list = append(list, weighed{s.key(byFirst, f.word), f.score - order})
			}
		}
	}
	for _, g := range a.streets {
		list = append(list, weighed{s.key(byDoor, g.word, a.Number), g.score})
	}
	slices.SortStableFunc(list, func(a, b weighed) int { return b.score - a.score })
	for i, w := range list[:min(len(list), mostKeys)] {
		// The best are asked for alone, lest a common neighbour takes their place.
		if i < 4 || len(parts[len(parts)-1]) == keysAtOnce {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], w.key)
	}
	return parts
}

// mostKeys bounds how many keys are asked for, and mostBorn those of a birth
// date and one name, for each way in which words may be a name.
const (
	mostKeys = 100
	mostBorn = 12
)

// score says how well a voter is what was asked for, and by what; zero for not
// at all.
func (a *asked) score(v *roll.Voter) (best int, why []string) {
	if m := a.marked[v.ID]; m.score > 0 && (m.why != "number" || string(v.ID) == a.ID) {
		best, why = m.score, []string{m.why}
	}
	better := func(score int, by ...string) {
		if score > best {
			best, why = score, by
		}
	}
	names := namesOf(v)
	for order, w := range a.ways {
		for _, n := range names {
			l, f := meant(w.lasts, n.last), meant(w.firsts, n.first)
			typed := a.Names[order]
			if typed.last != "" && l == nil || typed.first != "" && f == nil {
				continue
			}
			score, by := -order, []string(nil)
			if l != nil {
				score, by = score+l.score, append(by, "last."+l.how)
			}
			if f != nil {
				score, by = score+f.score, append(by, "first."+f.how)
			}
			score, by = born(a.Birth, string(v.Birth), score, by)
			better(score, by...)
		}
	}
	if len(a.ways) == 0 && a.Street == "" && a.Birth != "" && v.Birth == a.Birth {
		better(300, "birth")
	}
	better(a.atDoor(v))
	return best, why
}

// meant is the guess that a word is, if any.
func meant(guesses []guess, word string) *guess {
	for i := range guesses {
		if guesses[i].word == word {
			return &guesses[i]
		}
	}
	return nil
}

// atDoor weighs a house and its street. What kind of street it is may be missing
// or another.
func (a *asked) atDoor(v *roll.Voter) (score int, why string) {
	street, number := door(v)
	g := meant(a.streets, street)
	if g == nil || number != a.Number {
		return 0, ""
	}
	score, why = 400+g.score, "address"
	if g.how != "exact" {
		why = "addressnear"
	}
	line := " " + spell.Fold(v.Home.Line()) + " "
	for _, w := range a.rest[street] {
		if !strings.Contains(line, " "+w) {
			score, why = score-100, "addressnear"
		}
	}
	return score, why
}

// born weighs a birth date or year that was typed beside something else: who
// was born on another day is not meant, unless it is one slip away.
func born(typed election.Date, is string, score int, why []string) (int, []string) {
	switch {
	case typed == "":
		return score, why
	case is == string(typed):
		return score + 100, append(why, "birth")
	case len(typed) == 4 && strings.HasPrefix(is, string(typed)):
		return score + 60, append(why, "birthyear")
	case len(typed) == len(time.DateOnly) && spell.Slips(is, string(typed)) == 1:
		return score + 20, append(why, "birthslip")
	}
	return 0, nil
}

// light reads voters for a list; nothing of them that is sealed.
func (s *Registry) light(ctx context.Context, ids []roll.ID) (out []Version, err error) {
	for part := range slices.Chunk(ids, mostHits) {
		places := 1
		if len(part) > 1 {
			places = mostHits
		}
		args := []any{s.Jurisdiction}
		for i := range places {
			args = append(args, string(part[min(i, len(part)-1)]))
		}
		rows, err := s.DB.QueryContext(ctx, `
			select `+lightly+` from registry_voter where jurisdiction = $1 and id in (`+from(2, places)+`)`, args...)
		list, err := db.Collect(rows, err, func(scan func(...any) error) (Version, error) {
			var v sealedVoter
			if err := scan(v.lightly()...); err != nil {
				return v.Version, err
			}
			return v.Version, roll.Whole(&v.Voter, v.body, hide.String{})
		})
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}
