// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"slices"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

// but is mary's application with something else in it.
func but(change func(a *roll.Application)) roll.Application {
	a := mary()
	change(&a)
	return a
}

func TestEveryApplicationEndsTyped(t *testing.T) {
	type want struct {
		step    Step
		doubt   Doubt
		outcome roll.Outcome
		reason  Reason
		letter  string
	}
	for _, tt := range []struct {
		name  string
		first *roll.Application // is in the roll before
		app   roll.Application
		want  want
	}{
		{"a new voter whose licence is known", nil, mary(), want{Ended, "", roll.Created, AsAsked, "acknowledgement"}},
		{"a new voter without a number shows identification", nil, but(func(a *roll.Application) { a.Voter.Identifiers = nil }), want{Ended, "", roll.Created, NeedsID, "id-required"}},
		{"overseas nobody shows identification", nil, but(func(a *roll.Application) { a.Voter.Identifiers, a.Form = nil, formFPCA }), want{Ended, "", roll.Created, AsAsked, "acknowledgement"}},
		{"the same again is a duplicate", ptr(mary()), mary(), want{Ended, "", roll.IsDuplicate, TheSame, "duplicate"}},
		{"another street is a change", ptr(mary()), but(func(a *roll.Application) { a.Voter.Home.Street = "Oak" }), want{Ended, "", roll.Updated, AsAsked, "acknowledgement"}},
		{"a twin is not taken for the voter", ptr(mary()), but(func(a *roll.Application) { a.Voter.Name.First, a.Voter.Identifiers = "Martha", nil }), want{step: Looking, doubt: WhoIsIt}},
		{"a son is not taken for his father", ptr(but(func(a *roll.Application) { a.Voter.Name.Suffix = "Sr." })),
			but(func(a *roll.Application) { a.Voter.Name.Suffix, a.Voter.Identifiers = "Jr", nil }), want{step: Looking, doubt: WhoIsIt}},
		{"two licences are two people, or a slip", ptr(mary()), but(func(a *roll.Application) {
			a.Voter.Identifiers = []roll.Identifier{{Kind: roll.License, Value: hide.New("D999")}}
		}), want{step: Looking, doubt: WhoIsIt}},
		{"a slip in the birth date is looked at", ptr(mary()), but(func(a *roll.Application) { a.Voter.Birth = "1980-02-28" }), want{step: Looking, doubt: WhoIsIt}},
		{"no name", nil, but(func(a *roll.Application) { a.Voter.Name = roll.Name{First: "Mary"} }), want{Ended, "", roll.Lacking, Missing, "incomplete"}},
		{"no birth date", nil, but(func(a *roll.Application) { a.Voter.Birth = "" }), want{Ended, "", roll.Lacking, Missing, "incomplete"}},
		{"a day that there is not", nil, but(func(a *roll.Application) { a.Voter.Birth = "1981-02-29" }), want{Ended, "", roll.Lacking, Missing, "incomplete"}},
		{"no signature on paper", nil, but(func(a *roll.Application) { a.Voter.Source, a.Signed = roll.ByMail, "" }), want{Ended, "", roll.Lacking, Missing, "incomplete"}},
		{"no answer about citizenship", nil, but(func(a *roll.Application) { a.Voter.Assertions = nil }), want{Ended, "", roll.Lacking, Missing, "incomplete"}},
		{"no citizen, in their own words", nil, but(func(a *roll.Application) { a.Voter.Assertions[0].Value = "no" }), want{Ended, "", roll.Rejected, Reason(roll.NotCitizen), "denial"}},
		{"of seventeen years, ahead", nil, but(func(a *roll.Application) { a.Voter.Birth = "2009-06-01" }), want{Ended, "", roll.Created, UnderAge, "acknowledgement"}},
		{"a child, or a slip", nil, but(func(a *roll.Application) { a.Voter.Birth = "2020-06-01" }), want{step: Looking, doubt: TooYoung}},
		{"a street that nobody knows", nil, but(func(a *roll.Application) { a.Voter.Home.Street = "Nowhere" }), want{step: Looking, doubt: WhereIsIt}},
		{"an end that the voter asks for", ptr(mary()), but(func(a *roll.Application) { a.Asks = roll.ToCancel }), want{Ended, "", roll.Updated, AsAsked, "cancellation"}},
		{"an end of what is not there", nil, but(func(a *roll.Application) { a.Asks = roll.ToCancel }), want{step: Looking, doubt: NotThere}},
		{"a change of what is not there", nil, but(func(a *roll.Application) { a.Asks = roll.ToUpdate }), want{step: Looking, doubt: NotThere}},
		{"a change with no more than name and number", ptr(mary()), roll.Application{Asks: roll.ToUpdate, Voter: roll.Voter{ID: "000000001", Name: mary().Voter.Name, Birth: "1980-02-29", Party: "harvest"}},
			want{Ended, "", roll.Updated, AsAsked, ""}},
		{"a number of the roll that is somebody else's", ptr(mary()), roll.Application{Asks: roll.ToUpdate, Voter: roll.Voter{ID: "000000001", Name: roll.Name{First: "John", Last: "Doe"}, Birth: "1990-01-01", Party: "harvest"}},
			want{step: Looking, doubt: WhoIsIt}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounty()
			k := openDesk(t, dbtest.SQLite(t, source())).with(c)
			if tt.first != nil {
				k.hand("first", *tt.first)
				k.process()
				k.later(24 * time.Hour)
				c.letters = nil
			}
			id := k.hand("second", tt.app)
			k.process()
			a := k.get(id)
			got := want{a.Step, a.Doubt, a.Outcome, a.Reason, ""}
			if len(c.letters) > 0 {
				got.letter = c.letters[0].Kind
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v; missing %v", got, tt.want, a.Missing)
			}
			before := len(c.voters)
			k.process()
			if again := k.get(id); again.Version != a.Version || len(c.voters) != before {
				t.Errorf("processing again changed something: %+v", again)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestNoServiceTurnsAnybodyAway(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		c := newCounty()
		k.with(c)
		c.down = true
		id := k.hand("one", mary())
		k.process()
		a := k.get(id)
		if v, _ := c.now(a.VoterID); a.Step != Verifying || v.State != roll.Pending || !v.NeedsID {
			t.Fatalf("while nobody answers: %s, %s", a.Step, v.State)
		}
		k.process()
		if c.asked != 1 {
			t.Errorf("it was asked again at once")
		}
		k.later(2 * time.Minute)
		c.down = false
		k.process()
		a = k.get(id)
		if v, _ := c.now(a.VoterID); a.Outcome != roll.Created || v.State != roll.Active || v.NeedsID {
			t.Errorf("when it answers: %s %s, %s, needs ID %v", a.Step, a.Outcome, v.State, v.NeedsID)
		}
		c.down = true
		other := k.hand("two", but(func(a *roll.Application) {
			a.Voter.Name, a.Voter.Birth, a.Voter.Identifiers = roll.Name{First: "Zoe", Last: "Quill"}, "1990-01-01", nil
		}))
		k.process()
		k.later(patience + time.Hour)
		k.process()
		a = k.get(other)
		if v, _ := c.now(a.VoterID); a.Outcome != roll.Created || a.Reason != NeedsID || v.State != roll.Active {
			t.Errorf("when nobody has answered for %s: %s %s, %s", patience, a.Outcome, a.Reason, v.State)
		}
	})
}

func TestAnOddAnswerHoldsNobodyUp(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		c := newCounty()
		k.with(c)
		c.answers["D123456"] = verify.Verdict{Step: verify.AsksPerson, Reason: verify.Deceased}
		id := k.hand("one", mary())
		k.process()
		a := k.get(id)
		if v, _ := c.now(a.VoterID); a.Doubt != NumberOdd || v.State != roll.Active || !v.NeedsID {
			t.Fatalf("%s %s: %s, needs ID %v", a.Step, a.Doubt, v.State, v.NeedsID)
		}
		k.must(k.Prove(k.ctx, id, a.Version, verify.Verified, "saw the licence"))
		a = k.get(id)
		if v, _ := c.now(a.VoterID); a.Outcome != roll.Created || v.NeedsID {
			t.Errorf("after the clerk: %s %s, needs ID %v", a.Step, a.Outcome, v.NeedsID)
		}
	})
}

func TestDecisionsAreUndone(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		c := newCounty()
		k.with(c)
		first := k.get(k.hand("one", mary()))
		k.process()
		k.later(24 * time.Hour)
		id := k.hand("two", but(func(a *roll.Application) {
			a.Voter.Name.First, a.Voter.Identifiers, a.Voter.Home.Street = "Martha", nil, "Oak"
		}))
		k.process()
		a := k.get(id)
		mine := k.get(first.ID).VoterID
		k.must(k.IsVoter(k.ctx, id, a.Version, mine, "she wrote her second name"))
		if err := k.AsNew(k.ctx, id, a.Version, "too late"); !quicker(err) {
			t.Errorf("a decision on what was seen before: %v", err)
		}
		a = k.get(id)
		if v, _ := c.now(mine); a.Outcome != roll.Updated || v.Home.Street != "OAK" || v.Name.First != "Martha" {
			t.Fatalf("%s: %s %s", a.Outcome, v.Name.First, v.Home.Street)
		}
		_, err := k.Reopen(k.ctx, id, a.Version, "her sister came to the desk")
		k.must(err)
		if v, _ := c.now(mine); v.Home.Street != "ELM" || v.Name.First != "Mary" {
			t.Errorf("taken back: %s %s", v.Name.First, v.Home.Street)
		}
		a = k.get(id)
		k.must(k.AsNew(k.ctx, id, a.Version, "it is her sister"))
		a = k.get(id)
		if a.Outcome != roll.Created || a.VoterID == mine {
			t.Errorf("%s as %s", a.Outcome, a.VoterID)
		}
		trail, err := k.Trail(k.ctx, id)
		k.must(err)
		var what []string
		for _, l := range trail {
			what = append(what, l.What)
		}
		if want := []string{"waits.who", "decided.voter", "ended.updated", "reopened", "decided.new", "ended.created"}; !slices.Equal(what, want) {
			t.Errorf("the trail is %v, want %v", what, want)
		}
	})
}

func TestAPersonDecidesWhereAndWhat(t *testing.T) {
	c := newCounty()
	k := openDesk(t, dbtest.SQLite(t, source())).with(c)
	at := func(n string) (Application, ID) {
		id := k.hand(n, but(func(a *roll.Application) {
			a.Voter.Home.Street, a.Voter.Name.Last, a.Voter.Birth = "Nowhere", "Voter"+n, election.Date("1970-01-0"+n)
			a.Voter.Identifiers = nil
		}))
		k.process()
		return k.get(id), id
	}
	a, id := at("1")
	k.must(k.Votes(k.ctx, id, a.Version, "p2", "new street, by the map"))
	if v, _ := c.now(k.get(id).VoterID); v.Precinct != "p2" {
		t.Errorf("votes in %q", v.Precinct)
	}
	a, id = at("2")
	k.must(k.AskFor(k.ctx, id, a.Version, []string{"home"}, ""))
	if got := k.get(id); got.Outcome != roll.Lacking || !slices.Equal(got.Missing, []string{"home"}) {
		t.Errorf("%s %v", got.Outcome, got.Missing)
	}
	a, id = at("3")
	if err := k.Reject(k.ctx, id, a.Version, Reason(verify.SSN4DoesNotMatch), "no match"); err == nil {
		t.Error("somebody was rejected because a number was not found")
	}
	k.must(k.Reject(k.ctx, id, a.Version, NotOurs, "lives in the next county"))
	if got := k.get(id); got.Outcome != roll.Rejected || got.VoterID != "" {
		t.Errorf("%s %s", got.Outcome, got.VoterID)
	}
}

func TestWhatWasMendedGoesOnTogether(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		c := newCounty()
		k.with(c)
		id := k.hand("one", but(func(a *roll.Application) { a.Voter.Home.Street = "Nowhere" }))
		k.process()
		c.mended = true
		if _, err := k.SendOn(k.ctx, NumberOdd); err == nil {
			t.Error("odd numbers were sent on together")
		}
		n, err := k.SendOn(k.ctx, WhereIsIt)
		k.must(err)
		k.process()
		if a := k.get(id); n != 1 || a.Outcome != roll.Created {
			t.Errorf("%d sent on; %s %s", n, a.Step, a.Doubt)
		}
	})
}

// TestAcceptedGoesOnByItself runs the listener and the job as the house does.
func TestAcceptedGoesOnByItself(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.t = t
		k.with(newCounty())
		ctx, stop := context.WithTimeout(k.ctx, 20*time.Second)
		defer stop()
		room, jobs, done := k.Room(), &job.Jobs{DB: k.DB}, make(chan error, 2)
		go func() { done <- (&ledger.Ledger{DB: k.DB}).Run(ctx, room.Hears) }()
		go func() { done <- jobs.Run(ctx, room.Jobs, nil) }()
		id := k.hand("one", mary())
		for k.get(id).Step != Ended && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
		}
		if a := k.get(id); a.Outcome != roll.Created {
			t.Errorf("after a while it is %s %s", a.Step, a.Outcome)
		}
		stop()
		<-done
		<-done
	})
}
