// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
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

// Change says from which day something holds, and why.
type Change struct {
	From election.Date
	Why  string
	// Cause is what it rests on, such as the id of an application or of a run. A
	// change for a cause is made once for each voter; the same again does
	// nothing, so that whoever was stopped may go on from the beginning.
	Cause string
}

// Register puts a new voter into the roll and gives them a number. The same
// cause again gives the voter that was made for it. Who is pre-registered is
// active from their eighteenth birthday on.
func (s *Registry) Register(ctx context.Context, v roll.Voter, c Change) (Version, error) {
	out := Version{Voter: v, Number: 1, From: c.From, Recorded: s.Now(), By: who.From(ctx).ID, Why: strings.TrimSpace(c.Why), Cause: c.Cause}
	if err := out.check(); err != nil {
		return out, err
	}
	made := out
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		made = out
		id, err := s.madeFor(ctx, tx, c.Cause)
		if err != nil || id != "" {
			made.ID = id
			return err
		}
		if made.ID, err = s.freshID(ctx, tx); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, made); err != nil {
			return err
		}
		tx.Record(event.VoterRegistered{Voter: string(made.ID), State: string(v.State), Reason: string(v.Reason), Source: string(v.Source), From: c.From})
		if on, known := ofAge(v.Birth); known && v.State == roll.PreRegistered && on > c.From {
			return s.revise(ctx, tx, made.ID, Change{From: on, Why: "of age"}, func(_ election.Date, v *roll.Voter) error {
				v.State, v.Reason, v.Since = roll.Active, roll.Verified, on
				return nil
			})
		}
		return nil
	})
	if c.Cause != "" && (err == nil || fault.KindOf(err) == fault.Conflict) {
		id, err := s.madeFor(ctx, s.DB, c.Cause) // another may have been a moment earlier
		if err != nil {
			return made, err
		}
		return s.find(ctx, s.DB, id)
	}
	return made, err
}

// madeFor is the voter that was registered for a cause; "" for none.
func (s *Registry) madeFor(ctx context.Context, q db.Reader, cause string) (id roll.ID, err error) {
	if cause == "" {
		return "", nil
	}
	err = q.QueryRowContext(ctx, `
		select id from registry_voter where jurisdiction = $1 and cause = $2 and version = 1
		union all select voter from registry_version where jurisdiction = $1 and cause = $2 and version = $3`, s.Jurisdiction, cause, number(1)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, err
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

// insert writes a voter's first row, and what they are found by.
func (s *Registry) insert(ctx context.Context, tx *db.Tx, v Version) error {
	values, err := s.row(ctx, tx, v)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insertVoter, values...); err != nil {
		return err
	}
	return s.rekey(ctx, tx, nil, &v.Voter)
}

// Revise changes a voter from a day on. Where versions hold from later days
// already, the change is made in each of them, so that what is corrected for
// the past does not come back. change gets a copy of each.
func (s *Registry) Revise(ctx context.Context, id roll.ID, c Change, change func(*roll.Voter) error) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.revise(ctx, tx, id, c, func(_ election.Date, v *roll.Voter) error { return change(v) })
	})
}

// revise is Revise inside of a write; change also hears from when the copy
// holds.
func (s *Registry) revise(ctx context.Context, tx *db.Tx, id roll.ID, c Change, change func(election.Date, *roll.Voter) error) error {
	if c.Why = strings.TrimSpace(c.Why); c.Why == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	all, err := s.versions(ctx, tx, id)
	if err != nil {
		return err
	}
	if c.Cause != "" && slices.ContainsFunc(all, func(v Version) bool { return v.Cause == c.Cause }) {
		return nil
	}
	line := timeline(all, time.Time{})
	base := max(at(line, c.From), 0) // from before the registration began: it begins earlier
	todo := []Version{line[base]}
	todo[0].From = c.From
	for _, later := range line {
		if later.From > c.From {
			todo = append(todo, later)
		}
	}
	last := all[len(all)-1].Number
	if last == 1 { // until now the row itself was the history
		if err := s.insertVersion(ctx, tx, all[0]); err != nil {
			return err
		}
	}
	now, by := s.Now(), who.From(ctx).ID
	for _, v := range todo {
		next := v
		next.Voter = clone(v.Voter)
		if err := change(v.From, &next.Voter); err != nil {
			return err
		}
		last++
		next.Voter.ID, next.Number, next.Recorded, next.By, next.Why, next.Cause = id, last, now, by, c.Why, c.Cause
		if err := next.check(); err != nil {
			return err
		}
		if err := s.insertVersion(ctx, tx, next); err != nil {
			return err
		}
		tx.Record(event.VoterRevised{Voter: string(id), Version: last, From: next.From, What: differences(v.Voter, next.Voter), Why: c.Why,
			State: string(next.State), Reason: string(next.Reason)})
		all = append(all, next)
	}
	return s.stand(ctx, tx, all)
}

// stand writes the row of a voter as of today.
func (s *Registry) stand(ctx context.Context, tx *db.Tx, all []Version) error {
	line := timeline(all, time.Time{})
	i := max(at(line, election.DayOf(s.Now())), 0) // one that begins later is shown as it will be
	v := line[i]
	v.Number = all[len(all)-1].Number
	values, err := s.row(ctx, tx, v)
	if err != nil {
		return err
	}
	was, err := s.find(ctx, tx, v.ID)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, updateVoter, values...); err != nil {
		return err
	}
	return s.rekey(ctx, tx, &was.Voter, &v.Voter)
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
	kind := reflect.TypeFor[roll.Voter]()
	for i := range kind.NumField() {
		if !sameField(i, &was, &is) {
			fields = append(fields, kind.Field(i).Name)
		}
	}
	return fields
}

// sameField says whether two voters have the same in their i-th field.
func sameField(i int, a, b *roll.Voter) bool {
	if reflect.TypeFor[roll.Voter]().Field(i).Name == "Identifiers" { // hidden texts are not compared by what is in memory
		return slices.EqualFunc(a.Identifiers, b.Identifiers, func(x, y roll.Identifier) bool {
			return x.Kind == y.Kind && x.None == y.None && x.Value.Equal(y.Value)
		})
	}
	return reflect.DeepEqual(reflect.ValueOf(a).Elem().Field(i).Interface(), reflect.ValueOf(b).Elem().Field(i).Interface())
}
