// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"hustings/kit/db"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// Likeness is a voter of the roll who may be the person asked about.
type Likeness struct {
	Version
	Weight      float64 // in bits: the logarithm of the odds
	Probability float64
	Tier        match.Tier
	Steps       []match.Step // sum to Weight
}

// judge keeps what was learned of the roll.
type judge struct {
	mu      sync.Mutex // guards all below
	index   *match.Index
	voters  int64 // on the roll at that time
	learned time.Time
}

// The size of the sample that is learned from, and how long that holds.
const (
	sampleSize = 20_000
	sampleAge  = 24 * time.Hour
)

// Similar says who of the roll may be a person, the likeliest first, with a
// weight each that its steps explain. Those are looked at who share a number, a
// name, a birth date and part of a name, a door, a telephone or an e-mail
// address with them. Where a protected voter lives is no evidence.
func (s *Registry) Similar(ctx context.Context, v roll.Voter) ([]Likeness, error) {
	ids, err := s.alike(ctx, &v)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	voters, err := s.whole(ctx, ids)
	if err != nil {
		return nil, err
	}
	index, among, err := s.learned(ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Version, len(voters))
	known := make([]match.Known, 0, len(voters))
	for _, one := range voters {
		if one.Into == "" && one.ID != v.ID {
			byID[string(one.ID)] = one
			known = append(known, match.Known{ID: string(one.ID), Values: Values(&one.Voter)})
		}
	}
	hits, err := index.Weigh(Values(&v), known, int(max(among, leastAmong)), true)
	out := make([]Likeness, 0, len(hits))
	for _, h := range hits {
		out = append(out, Likeness{byID[h.ID], h.Weight, h.Probability, h.Tier, h.Steps})
	}
	return out, err
}

// Values are a voter as matching reads them.
func Values(v *roll.Voter) map[match.Column]string {
	out := map[match.Column]string{
		match.Given: v.Name.First, match.Middle: v.Name.Middle, match.Surname: v.Name.Last, match.Suffix: v.Name.Suffix, match.Sex: v.Gender,
		match.Birth: string(v.Birth), match.SSN4: v.NumberOf(roll.SSN4).Reveal(), match.Licence: v.NumberOf(roll.License).Reveal(),
	}
	if v.Name.Last == "" {
		out[match.FullName] = v.Name.Full
	}
	if v.Birth == "" && v.Year > 0 {
		out[match.BirthYear] = fmt.Sprint(v.Year)
	}
	if v.Protected == "" {
		h := &v.Home
		for c, value := range map[match.Column]string{match.House: h.Number, match.StreetBefore: h.Before, match.Street: h.Street, match.StreetType: h.Type,
			match.StreetAfter: h.After, match.Unit: h.Unit, match.City: h.City, match.State: h.State, match.Postcode: h.ZIP} {
			out[c] = value
		}
		if h.Street == "" && len(h.Lines) > 0 {
			out[match.Street] = h.Lines[0]
		}
	}
	for c, kind := range map[match.Column]string{match.Phone: "phone", match.Email: "email"} {
		if list := v.Reached(kind); len(list) > 0 {
			out[c] = list[0]
		}
	}
	return out
}

// leastAmong is among how many voters somebody is taken to have been found at
// the least: on a roll that has just been begun, likeness must not seem proof.
const leastAmong = 10_000

// mostAlike bounds how many voters are weighed.
const mostAlike = 300

// alike are the voters who share something telling with a person.
func (s *Registry) alike(ctx context.Context, v *roll.Voter) (ids []roll.ID, err error) {
	for _, kind := range []roll.IdentifierKind{roll.License, roll.SSN4} {
		if value := v.NumberOf(kind); !value.IsZero() {
			list, err := s.byIdentifier(ctx, s.DB, kind, value)
			if err != nil {
				return nil, err
			}
			if kind == roll.SSN4 { // ten thousand people share one
				list = list[:min(len(list), 50)]
			}
			ids = append(ids, list...)
		}
	}
	for _, part := range s.telling(v) {
		list, err := s.keyed(ctx, part, 60)
		if err != nil {
			return nil, err
		}
		ids = append(ids, list...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), mostAlike)], nil
}

// telling are the keys under which a person may be on the roll: their names with
// nicknames and halves exchanged, alone and with the year of birth; and the
// birth date, door, telephone and e-mail address.
func (s *Registry) telling(v *roll.Voter) (parts [][]int64) {
	var names []int64
	year := ""
	if len(v.Birth) >= 4 {
		year = string(v.Birth[:4])
	}
	for i, n := range namesOf(v) {
		for _, first := range append([]string{n.first}, spell.Forms(n.first)...) {
			if n.last == "" || first == "" {
				continue
			}
			if i == 0 && year != "" {
				parts = append(parts, []int64{s.key(byNameYear, n.last, first, year)})
			}
			names = append(names, s.key(byName, n.last, first))
		}
		names = append(names, s.key(byName, n.first, n.last))
	}
	parts = append(parts[:min(len(parts), 4)], names[:min(len(names), keysAtOnce)])
	if v.Birth != "" {
		parts = append(parts, []int64{s.key(byBirth, string(v.Birth))})
	}
	var rest []int64
	if street, number := door(v); street != "" {
		rest = append(rest, s.key(byDoor, street, number))
	}
	for _, p := range v.Reached("phone") {
		rest = append(rest, s.key(byPhone, roll.Plain(p)))
	}
	for _, e := range v.Reached("email") {
		rest = append(rest, s.key(byEmail, strings.ToLower(e)))
	}
	if len(rest) > 0 {
		parts = append(parts, rest[:min(len(rest), keysAtOnce)])
	}
	return parts
}

// whole reads voters with all that is private of them.
func (s *Registry) whole(ctx context.Context, ids []roll.ID) (out []Version, err error) {
	for part := range slices.Chunk(ids, mostHits) {
		args := []any{s.Jurisdiction}
		for i := range mostHits {
			args = append(args, string(part[min(i, len(part)-1)]))
		}
		rows, err := s.DB.QueryContext(ctx, `
			select `+kept+` from registry_voter where jurisdiction = $1 and id in (`+from(2, mostHits)+`) order by id`, args...)
		list, err := db.Collect(rows, err, func(scan func(...any) error) (v sealedVoter, err error) { return v, scan(v.columns()...) })
		if err != nil {
			return nil, err
		}
		for i := range list {
			v, err := s.open(ctx, s.DB, &list[i])
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// learned is what a sample of the roll teaches about how records come to look
// alike, and how many voters there are. It is learned anew once a day, and when
// the roll has grown by half.
func (s *Registry) learned(ctx context.Context) (*match.Index, int64, error) {
	j := &s.judge
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.index != nil && s.Now().Sub(j.learned) < sampleAge && j.voters > sampleSize {
		return j.index, j.voters, nil
	}
	n, err := s.Count(ctx)
	if err != nil {
		return nil, 0, err
	}
	if j.index != nil && s.Now().Sub(j.learned) < sampleAge && n < j.voters*3/2 {
		return j.index, n, nil
	}
	ids, err := s.sample(ctx)
	if err != nil {
		return nil, 0, err
	}
	voters, err := s.whole(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	list := make([]match.Known, len(voters))
	for i := range voters {
		list[i] = match.Known{ID: string(voters[i].ID), Values: Values(&voters[i].Voter)}
	}
	index, err := match.NewJudge(list)
	if err != nil {
		return nil, 0, err
	}
	j.index, j.voters, j.learned = index, n, s.Now()
	return index, n, nil
}

// sample are the numbers of voters from all over the roll: runs of them behind
// keys at even distances, which are hashes and so in no order of the roll's.
func (s *Registry) sample(ctx context.Context) (ids []roll.ID, err error) {
	const runs, most = 200, sampleSize / 200
	seen := make(map[roll.ID]bool)
	for i := range int64(runs) {
		key := math.MinInt64 + i*(math.MaxInt64/runs*2)
		rows, err := s.DB.QueryContext(ctx, `
			select voter from registry_key where jurisdiction = $1 and key >= $2 order by key limit $3`, s.Jurisdiction, key, most)
		list, err := db.Collect(rows, err, func(scan func(...any) error) (id roll.ID, err error) { err = scan(&id); return id, err })
		if err != nil {
			return nil, err
		}
		loaded, err := s.behind(ctx, bucketOf(key), most)
		if err != nil {
			return nil, err
		}
		for _, id := range append(list, loaded...) {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	slices.SortFunc(ids, func(a, b roll.ID) int { return strings.Compare(string(a), string(b)) })
	return ids, nil
}
