// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/office/registry/match"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
	"hustings/office/registry/spell"
	"hustings/office/registry/verify"
)

// county is a roll in memory that keeps its promises: a change for a cause is
// made once, and what was done for a cause can be taken back.
type county struct {
	mu      sync.Mutex
	n       int
	voters  map[roll.ID][]Version
	made    map[string]roll.ID
	dies    int  // after how many changes it stops answering; 0: never
	down    bool // services do not answer
	answers map[string]verify.Verdict
	asked   int
	letters []Letter
	mended  bool // Nowhere Street is known too
}

func newCounty() *county {
	return &county{voters: map[roll.ID][]Version{}, made: map[string]roll.ID{}, answers: map[string]verify.Verdict{}}
}

var errKilled = errors.New("the house was killed here")

// alive counts changes down to the one that kills the house, before or after it
// is made.
func (c *county) alive() error {
	if c.dies > 0 {
		if c.dies--; c.dies == 0 {
			return errKilled
		}
	}
	return nil
}

func (c *county) Register(_ context.Context, v roll.Voter, ch Change) (roll.ID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.alive(); err != nil {
		return "", err
	}
	if id, ok := c.made[ch.Cause]; ok {
		return id, nil
	}
	c.n++
	v.ID = roll.ID(fmt.Sprintf("%09d", c.n))
	c.voters[v.ID], c.made[ch.Cause] = []Version{{v, ch.From, ch.Cause}}, v.ID
	return v.ID, c.alive()
}

func (c *county) Revise(_ context.Context, id roll.ID, ch Change, change func(*roll.Voter) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.alive(); err != nil {
		return err
	}
	all := c.voters[id]
	if len(all) == 0 {
		return fault.New(fault.NotFound, "nobody")
	}
	if slices.ContainsFunc(all, func(v Version) bool { return v.Cause == ch.Cause }) {
		return nil
	}
	line := timeline(all)
	base := line[0]
	for _, v := range line {
		if v.From <= ch.From {
			base = v
		}
	}
	base.From = ch.From
	todo := []Version{base}
	for _, v := range line {
		if v.From > ch.From {
			todo = append(todo, v)
		}
	}
	for _, v := range todo {
		if err := change(&v.Voter); err != nil {
			return err
		}
		v.Cause, v.ID = ch.Cause, id
		all = append(all, v)
	}
	c.voters[id] = all
	return c.alive()
}

func timeline(all []Version) []Version {
	byDay := map[election.Date]Version{}
	for _, v := range all {
		byDay[v.From] = v
	}
	var out []Version
	for _, v := range byDay {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b Version) int { return compare(a.From, b.From) })
	return out
}

func compare(a, b election.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// TakeBack takes all of a voter's changes for a cause out of the history, which
// is what it comes to where nothing was changed since.
func (c *county) TakeBack(_ context.Context, id roll.ID, cause, _ string) ([]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.voters[id]
	kept := slices.DeleteFunc(slices.Clone(all), func(v Version) bool { return v.Cause == cause })
	if len(kept) == len(all) {
		return nil, fault.New(fault.NotFound, "nothing was done for it")
	}
	if c.voters[id] = kept; c.made[cause] == id {
		gone := all[len(all)-1]
		gone.State, gone.Reason, gone.Cause = roll.Cancelled, roll.Mistake, "undo "+cause
		c.voters[id] = []Version{gone}
	}
	return nil, nil
}

func (c *county) now(id roll.ID) (v roll.Voter, ok bool) {
	if len(c.voters[id]) == 0 {
		return v, false
	}
	line := timeline(c.voters[id])
	return line[len(line)-1].Voter, true
}

func (c *county) Voter(_ context.Context, id roll.ID) (roll.Voter, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.now(id); ok {
		return v, nil
	}
	return roll.Voter{}, fault.New(fault.NotFound, "nobody")
}

func (c *county) History(_ context.Context, id roll.ID) ([]Version, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.voters[id]) == 0 {
		return nil, fault.New(fault.NotFound, "nobody")
	}
	return slices.Clone(c.voters[id]), nil
}

// Similar goes by licence, and by birth date with surname: with another given
// name it may be a twin.
func (c *county) Similar(_ context.Context, v roll.Voter) (list []Likeness, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.voters {
		x, _ := c.now(id)
		if x.Reason == roll.Mistake {
			continue
		}
		weight := 0.0
		if l := v.NumberOf(roll.License); !l.IsZero() && l.Equal(x.NumberOf(roll.License)) {
			weight += 15
		}
		if v.Birth == x.Birth && slices.ContainsFunc(append(x.Former, x.Name), func(n roll.Name) bool { return spell.Fold(n.Last) == spell.Fold(v.Name.Last) }) {
			weight += 5
			if spell.Fold(v.Name.First) == spell.Fold(x.Name.First) {
				weight += 5
			}
		}
		switch {
		case weight >= 10:
			list = append(list, Likeness{ID: id, Weight: weight, Tier: match.Auto})
		case weight > 0:
			list = append(list, Likeness{ID: id, Weight: weight, Tier: match.Review})
		}
	}
	slices.SortFunc(list, func(a, b Likeness) int { return int(b.Weight - a.Weight) })
	return list, nil
}

// Place knows Elm Street.
func (c *county) Place(_ context.Context, a roll.Address) (place.Answer, error) {
	if spell.Fold(a.Street) == "NOWHERE" && !c.mended {
		return place.Answer{Note: "no street here is called so", Choice: []election.UnitID{"p1", "p2"}}, nil
	}
	return place.Answer{Unit: "p1", Districts: []election.DistrictID{"d1"}, Confidence: place.Certain}, nil
}

// Many knows every licence that begins with D, unless told otherwise.
func (c *county) Many(_ context.Context, people []verify.Person) []verify.Verdict {
	out := make([]verify.Verdict, len(people))
	for i, p := range people {
		c.asked++
		number := p.License.Reveal()
		special, told := c.answers[number]
		switch {
		case c.down:
			out[i] = verify.Verdict{Step: verify.TryLater, Reason: verify.Down}
		case told:
			out[i] = special
		case len(number) > 0 && number[0] == 'D':
			out[i] = verify.Verdict{Step: verify.Verified, Reason: verify.LicenseMatches}
		default:
			out[i] = verify.Verdict{Step: verify.NeedsID, Reason: verify.NoNumber}
		}
	}
	return out
}

func (c *county) Write(_ context.Context, l Letter) error {
	if !slices.ContainsFunc(c.letters, func(x Letter) bool { return x.Cause == l.Cause && x.Kind == l.Kind }) {
		c.letters = append(c.letters, l)
	}
	return nil
}

// with gives the room a county and the rules of the demo's state.
func (k *desk) with(c *county) *desk {
	book, err := rules.Shipped()
	k.must(err)
	k.Roll, k.People, k.Places, k.Numbers, k.Letters = c, c, c, c, c
	k.Rules = func(on election.Date) (rules.Rules, error) { return book.For("XX", on) }
	return k
}

// hand accepts an application and gives its id.
func (k *desk) hand(key string, a roll.Application) ID {
	k.t.Helper()
	id, _, err := k.accept(k.ctx, arrival{key: key, app: a, step: Accepted})
	k.must(err)
	return id
}

func (k *desk) process() {
	k.t.Helper()
	_, err := k.Process(k.ctx)
	k.must(err)
}

func (k *desk) get(id ID) Application {
	k.t.Helper()
	a, err := k.Application(k.ctx, id)
	k.must(err)
	return a
}

// later moves the clock.
func (k *desk) later(d time.Duration) { k.now = k.now.Add(d) }
