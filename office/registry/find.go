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
	if d := plain(text); strings.Trim(text, "0123456789()+-. ") == "" && len(d) >= 7 && isDate(text) == "" {
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
		case len(words) == 0 && q.Number == "" && w[0] >= '0' && w[0] <= '9' && len(plain(w)) <= 6 && !isYear(w):
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
			return election.Date(t.Format(time.DateOnly))
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

// byLicence finds voters by the number of their licence, which only its blind
// index tells.
func (s *Registry) byLicence(ctx context.Context, q Query, g gathered) error {
	ids, err := s.byIdentifier(ctx, s.DB, roll.License, hide.New(q.ID))
	if err != nil {
		return err
	}
	for _, id := range ids {
		list, err := s.light(ctx, "id = $2", string(id))
		if err != nil {
			return err
		}
		for _, v := range list {
			g.add(v.Version, 950, "licence")
		}
	}
	return nil
}

// gathered collects hits, each voter's best.
type gathered map[roll.ID]*Hit

func (g gathered) add(v Version, score int, why ...string) {
	if old := g[v.ID]; old == nil || old.Score < score {
		g[v.ID] = &Hit{v, score, why}
	}
}

func (s *Registry) search(ctx context.Context, q Query) ([]Hit, error) {
	g := make(gathered)
	for _, by := range []struct {
		column, value, why string
		score              int
	}{{"id", q.ID, "number", 1000}, {"phone", q.Phone, "phone", 900}, {"email", q.Email, "email", 900}} {
		if by.value == "" {
			continue
		}
		list, err := s.light(ctx, by.column+" = $2", by.value)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			g.add(v.Version, by.score, by.why)
		}
	}
	if err := s.byLicence(ctx, q, g); err != nil {
		return nil, err
	}
	if err := s.byNames(ctx, q, g); err != nil {
		return nil, err
	}
	if err := s.byStreet(ctx, q, g); err != nil {
		return nil, err
	}
	if len(q.Names) == 0 && q.Street == "" && len(q.Birth) == len(time.DateOnly) {
		list, err := s.light(ctx, "birth = $2", string(q.Birth))
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			g.add(v.Version, 300, "birth")
		}
	}
	return g.ranked(), nil
}

// ranked are the best of what was gathered.
func (g gathered) ranked() []Hit {
	out := make([]Hit, 0, len(g))
	for _, h := range g {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(b.Score-a.Score, strings.Compare(a.Name.Last, b.Name.Last), strings.Compare(a.Name.First, b.Name.First), strings.Compare(string(a.ID), string(b.ID)))
	})
	return out[:min(len(out), mostHits)]
}

// lightRow is what a list shows of a voter; nothing of it is sealed.
type lightRow struct {
	Version
	last, first, birth, street string
}

// light reads voters for a list by a condition on their row.
func (s *Registry) light(ctx context.Context, where string, args ...any) ([]lightRow, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select id, version, valid_from, body, last_key, first_key, birth, street_key from registry_voter
		where jurisdiction = $1 and `+where+` limit 200`, append([]any{s.Jurisdiction}, args...)...)
	return db.Collect(rows, err, func(scan func(...any) error) (v lightRow, err error) {
		var text string
		var id roll.ID
		if err := scan(&id, &v.Number, &v.From, &text, &v.last, &v.first, &v.birth, &v.street); err != nil {
			return v, err
		}
		v.Voter, err = roll.Whole(text, hide.String{})
		v.ID = id
		return v, err
	})
}

// byNames finds voters by the ways in which the words may be a name, with
// nicknames, slips of the finger and beginnings of names.
func (s *Registry) byNames(ctx context.Context, q Query, g gathered) error {
	if len(q.Names) == 0 {
		return nil
	}
	vocabulary, err := s.vocabulary(ctx)
	if err != nil {
		return err
	}
	for order, n := range q.Names {
		lasts, firsts := vocabulary.last.near(n.last, nil), vocabulary.first.near(n.first, spell.Forms(n.first))
		switch {
		case n.last != "" && n.first != "":
			err = s.byPair(ctx, q, g, lasts, firsts, order)
		case n.last != "":
			err = s.byOne(ctx, q, g, "last_key", lasts, order)
		default:
			err = s.byOne(ctx, q, g, "first_key", firsts, order)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mostPairs bounds how many pairs of a surname and a given name are looked up.
const mostPairs = 60

// byPair looks up surnames with given names, the nearest pairs first.
func (s *Registry) byPair(ctx context.Context, q Query, g gathered, lasts, firsts []guess, order int) error {
	type pair struct{ last, first guess }
	var pairs []pair
	for _, l := range lasts {
		for _, f := range firsts {
			pairs = append(pairs, pair{l, f})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.last.score + b.first.score - a.last.score - a.first.score })
	for _, p := range pairs[:min(len(pairs), mostPairs)] {
		list, err := s.named(ctx, "last_key = $2 and first_key = $3", p.last.word, p.first.word)
		if err != nil {
			return err
		}
		for _, v := range list {
			score, why := born(q.Birth, v.birth, p.last.score+p.first.score-order, []string{"last." + p.last.how, "first." + p.first.how})
			if score > 0 {
				g.add(v.Version, score, why...)
			}
		}
		if len(g) >= 4*mostHits {
			return nil
		}
	}
	return nil
}

// byOne looks up one half of a name alone.
func (s *Registry) byOne(ctx context.Context, q Query, g gathered, column string, words []guess, order int) error {
	half, _, _ := strings.Cut(column, "_")
	for _, w := range words {
		where, args := column+" = $2", []any{w.word}
		if len(q.Birth) == len(time.DateOnly) {
			where, args = where+" and birth = $3", append(args, string(q.Birth))
		}
		list, err := s.named(ctx, where, args...)
		if err != nil {
			return err
		}
		for _, v := range list {
			score, why := born(q.Birth, v.birth, w.score-order, []string{half + "." + w.how})
			if score > 0 {
				g.add(v.Version, score, why...)
			}
		}
		if len(g) >= 4*mostHits {
			return nil
		}
	}
	return nil
}

// named reads voters by their name, and those who have it as a further one.
func (s *Registry) named(ctx context.Context, where string, args ...any) ([]lightRow, error) {
	list, err := s.light(ctx, where, args...)
	if err != nil || strings.Contains(where, "birth") {
		return list, err
	}
	rows, err := s.DB.QueryContext(ctx, `
		select voter from registry_name where jurisdiction = $1 and `+where+` limit 50`, append([]any{s.Jurisdiction}, args...)...)
	ids, err := db.Collect(rows, err, func(scan func(...any) error) (id string, err error) { return id, scan(&id) })
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		more, err := s.light(ctx, "id = $2", id)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
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

// byStreet finds voters by house and street. What kind of street it is may be
// missing or spelled another way.
func (s *Registry) byStreet(ctx context.Context, q Query, g gathered) error {
	if q.Street == "" {
		return nil
	}
	words := strings.Fields(q.Street)
	list, err := s.light(ctx, "street_key >= $2 and street_key < $3 and (street_key like $4 or street_key like $5)",
		words[0], words[0]+"~", "% "+q.Number, "% "+q.Number+" %")
	if err != nil {
		return err
	}
	for _, v := range list {
		score, why := 500, "address"
		for _, w := range words[1:] {
			if !strings.Contains(" "+v.street+" ", " "+w) {
				score, why = score-100, "addressnear"
			}
		}
		g.add(v.Version, score, why)
	}
	return nil
}
