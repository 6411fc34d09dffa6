// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// Register puts a new voter into the roll and gives them a number. The change
// holds from a day on.
func (s *Registry) Register(ctx context.Context, v roll.Voter, from election.Date, why string) (Version, error) {
	out := Version{Voter: v, Number: 1, From: from, Recorded: s.Now(), By: who.From(ctx).ID, Why: strings.TrimSpace(why)}
	if err := out.check(); err != nil {
		return out, err
	}
	return out, s.DB.Write(ctx, func(tx *db.Tx) error {
		id, err := s.freshID(ctx, tx)
		if err != nil {
			return err
		}
		out.ID = id
		if err := s.insert(ctx, tx, out); err != nil {
			return err
		}
		tx.Record(event.VoterRegistered{Voter: string(id), State: string(v.State), Reason: string(v.Reason), Source: string(v.Source), From: from})
		return nil
	})
}

// check says what cannot be kept.
func (v Version) check() error {
	if _, err := v.From.In(time.UTC); err != nil {
		return fault.On("from", fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", v.From))
	}
	if v.Name.Last == "" && v.Name.First == "" && v.Name.Full == "" {
		return fault.On("name", fault.New(fault.Invalid, "The voter has no name."))
	}
	if v.State == "" {
		return fault.On("state", fault.New(fault.Invalid, "Say in which state the registration is."))
	}
	return nil
}

// freshID is a number that nobody has: nine digits that cannot be guessed from
// another's, and one that catches a slip (Luhn, ISO/IEC 7812-1).
func (s *Registry) freshID(ctx context.Context, tx *db.Tx) (roll.ID, error) {
	for range 20 {
		n, err := rand.Int(rand.Reader, big.NewInt(900_000_000))
		if err != nil {
			return "", err
		}
		id := withCheck(fmt.Sprintf("%d", n.Int64()+100_000_000))
		var taken int
		if err := tx.QueryRowContext(ctx, `select count(*) from registry_voter where jurisdiction = $1 and id = $2`, s.Jurisdiction, id).Scan(&taken); err != nil {
			return "", err
		}
		if taken == 0 {
			return roll.ID(id), nil
		}
	}
	return "", fault.New(fault.Internal, "no free number was found in the roll")
}

// withCheck puts the check digit behind a number.
func withCheck(digits string) string {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

// insert writes a voter's first row, and the further names and words that they
// are found by.
func (s *Registry) insert(ctx context.Context, tx *db.Tx, v Version) error {
	values, err := s.row(ctx, tx, v)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insertVoter, values...); err != nil {
		return err
	}
	return s.name(ctx, tx, v.Voter)
}

// Revise changes a voter from a day on. Where versions hold from later days
// already, the change is made in each of them, so that what is corrected for
// the past does not come back. change gets a copy of each.
func (s *Registry) Revise(ctx context.Context, id roll.ID, from election.Date, why string, change func(*roll.Voter) error) error {
	if why = strings.TrimSpace(why); why == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.revise(ctx, tx, id, from, why, change)
	})
}

func (s *Registry) revise(ctx context.Context, tx *db.Tx, id roll.ID, from election.Date, why string, change func(*roll.Voter) error) error {
	all, err := s.versions(ctx, tx, id)
	if err != nil {
		return err
	}
	line := timeline(all, time.Time{})
	if len(line) == 0 {
		return errNoVoter
	}
	last := all[len(all)-1].Number
	base := at(line, from)
	if base < 0 { // from before the registration began: it begins earlier
		base = 0
	}
	todo := []Version{line[base]}
	todo[0].From = from
	for _, later := range line {
		if later.From > from {
			todo = append(todo, later)
		}
	}
	if last == 1 { // until now the row itself was the history
		if err := s.insertVersion(ctx, tx, all[0]); err != nil {
			return err
		}
	}
	now, by := s.Now(), who.From(ctx).ID
	for _, v := range todo {
		next := v
		next.Voter = clone(v.Voter)
		if err := change(&next.Voter); err != nil {
			return err
		}
		last++
		next.Voter.ID, next.Number, next.Recorded, next.By, next.Why = id, last, now, by, why
		if err := next.check(); err != nil {
			return err
		}
		if err := s.insertVersion(ctx, tx, next); err != nil {
			return err
		}
		tx.Record(event.VoterRevised{Voter: string(id), Version: last, From: next.From, What: differences(v.Voter, next.Voter), Why: why,
			State: string(next.State), Reason: string(next.Reason)})
		all = append(all, next)
	}
	return s.stand(ctx, tx, all)
}

// stand writes the row of a voter as of today.
func (s *Registry) stand(ctx context.Context, tx *db.Tx, all []Version) error {
	line := timeline(all, time.Time{})
	i := max(at(line, day(s.Now())), 0) // one that begins later is shown as it will be
	v := line[i]
	v.Number = all[len(all)-1].Number
	values, err := s.row(ctx, tx, v)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, updateVoter, values...); err != nil {
		return err
	}
	return s.name(ctx, tx, v.Voter)
}

// timeline are the versions that count, by the day from which each holds: of
// those that hold from the same day, the one recorded last. What was recorded
// after known, unless that is zero, is left out.
func timeline(all []Version, known time.Time) []Version {
	byDay := make(map[election.Date]Version)
	for _, v := range all {
		if !known.IsZero() && v.Recorded.After(known) {
			continue
		}
		if old, ok := byDay[v.From]; !ok || old.Number < v.Number {
			byDay[v.From] = v
		}
	}
	return slices.SortedFunc(maps.Values(byDay), func(a, b Version) int { return strings.Compare(string(a.From), string(b.From)) })
}

// at is the place in a timeline of the version that holds on a day; -1 before
// the first.
func at(line []Version, on election.Date) int {
	i := -1
	for k, v := range line {
		if v.From <= on {
			i = k
		}
	}
	return i
}

// clone is a copy that shares nothing with the voter.
func clone(v roll.Voter) roll.Voter {
	v.Former, v.Contact, v.Langs = slices.Clone(v.Former), slices.Clone(v.Contact), slices.Clone(v.Langs)
	v.Identifiers, v.Assertions, v.Districts = slices.Clone(v.Identifiers), slices.Clone(v.Assertions), slices.Clone(v.Districts)
	v.Wishes = slices.Clone(v.Wishes)
	for i := range v.Wishes {
		v.Wishes[i].How = slices.Clone(v.Wishes[i].How)
	}
	v.Home = v.Home.Clone()
	if v.Mail != nil {
		mail := v.Mail.Clone()
		v.Mail = &mail
	}
	return v
}

// differences names the fields in which two versions differ.
func differences(was, is roll.Voter) (fields []string) {
	a, b := reflect.ValueOf(was), reflect.ValueOf(is)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		same := reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface())
		if name == "Identifiers" {
			same = slices.EqualFunc(was.Identifiers, is.Identifiers, func(x, y roll.Identifier) bool {
				return x.Kind == y.Kind && x.None == y.None && x.Value.Equal(y.Value)
			})
		}
		if !same {
			fields = append(fields, name)
		}
	}
	return fields
}
