// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"hustings/kit/db"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// kind is what a key is made of.
type kind string

// The kinds of keys. Those of whole names are there with the year of birth too:
// a state has thousands of JOHN SMITH.
const (
	byName     kind = "n"
	byNameYear kind = "y"
	byLast     kind = "l"
	byFirst    kind = "f"
	byBirth    kind = "b"
	byBorn     kind = "d" // a day of birth and one name
	byDoor     kind = "s"
	byPhone    kind = "p"
	byEmail    kind = "e"
)

// key is the key of a value: FNV-1a of the office, the kind and the value.
func (s *Registry) key(k kind, value ...string) int64 {
	const prime, start = 1099511628211, 14695981039346656037
	h := uint64(start)
	add := func(text string) {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * prime
		}
		h *= prime // texts are apart
	}
	add(s.Jurisdiction)
	add(string(k))
	for _, v := range value {
		add(v)
	}
	return int64(h) // #nosec G115: all bits count, whatever the sign
}

// particles stand before a surname and are left out as often as not.
var particles = map[string]bool{"DE": true, "DEL": true, "LA": true, "LAS": true, "LOS": true, "DA": true, "DOS": true, "DI": true, "VAN": true, "VON": true,
	"DER": true, "DEN": true, "LE": true, "DU": true, "ST": true, "AL": true, "EL": true, "BEN": true, "BIN": true, "MAC": true, "Y": true}

// namesOf are the names by which a voter is found, folded: the whole name, the
// parts of a compound one, and earlier names.
func namesOf(v *roll.Voter) (names []named) {
	names = make([]named, 0, 4)
	add := func(last, first string) {
		if one := (named{last, first}); last+first != "" && !slices.Contains(names, one) {
			names = append(names, one)
		}
	}
	both := func(last, first string) {
		add(last, first)
		words := strings.Fields(last)
		for _, w := range words {
			if len(words) > 1 && !particles[w] && len(w) > 1 {
				add(w, first)
			}
		}
		if len(words) > 1 {
			add(strings.Join(words, ""), first) // DELACRUZ for DE LA CRUZ
		}
		if given := strings.Fields(first); len(given) > 1 {
			for _, g := range given {
				add(last, g)
			}
		}
	}
	last, first := spell.Fold(v.Name.Last), spell.Fold(v.Name.First)
	if last == "" {
		last = spell.Fold(v.Name.Full)
	}
	both(last, first)
	if middle := spell.Fold(v.Name.Middle); len(middle) > 1 {
		add(last, middle) // many go by their second name
	}
	for _, f := range v.Former {
		given := spell.Fold(f.First)
		if given == "" {
			given = first
		}
		both(spell.Fold(f.Last), given)
	}
	return names
}

// door is a house on a street, folded; empty for a protected voter, of whom
// nothing tells where they live.
func door(v *roll.Voter) (street, number string) {
	if v.Protected != "" || v.Home.Street == "" {
		return "", ""
	}
	return spell.Fold(v.Home.Street), spell.Fold(v.Home.Number)
}

// keys are all keys of a voter, and words are the words of their names and their
// street, each with its kind.
func (s *Registry) keys(v *roll.Voter) (keys []int64, words [][2]string) {
	keys, words = make([]int64, 0, 16), make([][2]string, 0, 8)
	for i, n := range namesOf(v) {
		if n.last != "" && n.first != "" {
			keys = append(keys, s.key(byName, n.last, n.first))
		}
		if i == 0 && len(v.Birth) >= 4 {
			keys = append(keys, s.key(byNameYear, n.last, n.first, string(v.Birth[:4])))
		}
		for _, one := range []struct {
			kind kind
			word string
		}{{byLast, n.last}, {byFirst, n.first}} {
			if one.word != "" {
				words = append(words, [2]string{string(one.kind), one.word})
			}
			if one.word != "" && (one.kind == byLast || i == 0) {
				keys = append(keys, s.key(one.kind, one.word))
			}
			if one.word != "" && len(v.Birth) == len(time.DateOnly) {
				keys = append(keys, s.key(byBorn, string(v.Birth), one.word))
			}
		}
	}
	if v.Birth != "" {
		keys = append(keys, s.key(byBirth, string(v.Birth)))
	}
	if street, number := door(v); street != "" {
		keys = append(keys, s.key(byDoor, street, number))
		words = append(words, [2]string{string(byDoor), street})
	}
	for _, p := range v.Reached("phone") {
		keys = append(keys, s.key(byPhone, roll.Plain(p)))
	}
	for _, e := range v.Reached("email") {
		keys = append(keys, s.key(byEmail, strings.ToLower(e)))
	}
	slices.Sort(keys)
	return slices.Compact(keys), words
}

// rekey keeps the keys of a voter in step with a change; was is nil for somebody
// new.
func (s *Registry) rekey(ctx context.Context, tx *db.Tx, was, is *roll.Voter) error {
	var old []int64
	if was != nil {
		old, _ = s.keys(was)
	}
	now, words := s.keys(is)
	for _, k := range old {
		if _, there := slices.BinarySearch(now, k); there {
			continue
		}
		if _, err := tx.ExecContext(ctx, `delete from registry_key where jurisdiction = $1 and key = $2 and voter = $3`, s.Jurisdiction, k, string(is.ID)); err != nil {
			return err
		}
		if err := s.pluck(ctx, tx, k, is.ID); err != nil {
			return err
		}
	}
	for _, k := range now {
		if _, there := slices.BinarySearch(old, k); there {
			continue
		}
		if _, err := tx.ExecContext(ctx, `
			insert into registry_key (jurisdiction, key, voter) values ($1, $2, $3) on conflict do nothing`, s.Jurisdiction, k, string(is.ID)); err != nil {
			return err
		}
	}
	for _, w := range words {
		if _, err := tx.ExecContext(ctx, `
			insert into registry_word (jurisdiction, kind, word) values ($1, $2, $3) on conflict do nothing`, s.Jurisdiction, w[0], w[1]); err != nil {
			return err
		}
	}
	return nil
}

// loadKeys keeps the keys and words of many voters, in the order in which the
// tables have them.
func (s *Registry) loadKeys(ctx context.Context, tx *db.Tx, steps []stepKeys, words map[[2]string]bool) error {
	if err := s.loadLeaves(ctx, tx, steps); err != nil {
		return err
	}
	known, err := s.words(ctx, tx)
	if err != nil {
		return err
	}
	var fresh [][]any
	for _, w := range slices.SortedFunc(maps.Keys(words), func(a, b [2]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
	}) {
		if !known[w] {
			fresh = append(fresh, []any{s.Jurisdiction, w[0], w[1]})
		}
	}
	_, err = tx.Load(ctx, "registry_word", []string{"jurisdiction", "kind", "word"}, each(fresh))
	return err
}

func each(list [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// words are the words of the roll, by kind.
func (s *Registry) words(ctx context.Context, q db.Reader) (map[[2]string]bool, error) {
	rows, err := q.QueryContext(ctx, `select kind, word from registry_word where jurisdiction = $1`, s.Jurisdiction)
	list, err := db.Collect(rows, err, func(scan func(...any) error) (w [2]string, err error) { return w, scan(&w[0], &w[1]) })
	out := make(map[[2]string]bool, len(list))
	for _, w := range list {
		out[w] = true
	}
	return out, err
}

// keysAtOnce is how many keys one question asks for; the places that are not
// needed repeat the first.
const keysAtOnce = 16

// keyed are the voters under any of the keys, at most so many of each sixteen:
// those of later changes first, then those of the leaves.
func (s *Registry) keyed(ctx context.Context, keys []int64, most int) (out []roll.ID, err error) {
	for part := range slices.Chunk(keys, keysAtOnce) {
		places := 1
		if len(part) > 1 {
			places = keysAtOnce
		}
		args := make([]any, 2+2*places)
		args[0], args[1] = s.Jurisdiction, most
		for i := range places {
			k := part[min(i, len(part)-1)]
			args[2+i], args[2+places+i] = k, bucketOf(k)
		}
		list, err := s.voters(ctx, part, most, `
			select voter, cast(null as bytea) from (select voter from registry_key where jurisdiction = $1 and key in (`+from(3, places)+`) limit $2) k
			union all select '', entries from registry_leaf where jurisdiction = $1 and bucket in (`+from(3+places, places)+`)`, args)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// voters reads the voters of a query of keys, each by their number or in a leaf
// with others.
func (s *Registry) voters(ctx context.Context, keys []int64, most int, query string, args []any) (out []roll.ID, err error) {
	rows, err := s.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for len(out) < most && rows.Next() {
		var voter roll.ID
		var leaf []byte
		if err := rows.Scan(&voter, &leaf); err != nil {
			return nil, err
		}
		if leaf == nil {
			out = append(out, voter)
			continue
		}
		out = appendUnder(out, leaf, keys)
	}
	return out[:min(len(out), most)], rows.Err()
}

// from are the places $i, $i+1 … of n values.
func from(i, n int) string {
	list := make([]string, n)
	for k := range list {
		list[k] = fmt.Sprintf("$%d", i+k)
	}
	return strings.Join(list, ", ")
}
