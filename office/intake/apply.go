// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"slices"
	"time"

	"hustings/kit/fault"
	"hustings/office/registry/roll"
	"hustings/office/registry/verify"
)

// create registers somebody who is not in the roll.
func (s *Intake) create(ctx context.Context, a *Application, state roll.State, v *verify.Verdict) error {
	from, err := s.holds(ctx, a)
	if err != nil {
		return err
	}
	voter := roll.Voter{State: state, Since: from, NeedsID: true, Document: pictureRef(a.ID, "form")}
	a.revise(&voter, nil)
	since(&voter, []Application{*a})
	v = s.verdict(ctx, a, v)
	proof := proof(a, v)
	voter.State, voter.Reason, voter.NeedsID = standing(state, proof, a)
	voter.Since = from
	c := a.change(whyOf(a))
	c.From = from
	id, err := s.Roll.Register(ctx, voter, c)
	if err != nil {
		return err
	}
	a.VoterID = id
	return s.proved(ctx, a, ending{outcome: roll.Created, reason: reasonOf(voter), from: from}, v, proof)
}

// standing is how a new registration stands by what its numbers prove. Nobody is
// turned away: who is not verified shows identification with their first vote,
// and only where no service answers the registration waits.
func standing(state roll.State, proof verify.Step, a *Application) (roll.State, roll.Reason, bool) {
	needs := proof != verify.Verified && !exempt(a)
	switch {
	case state == roll.PreRegistered:
		return state, roll.NotOfAge, needs
	case proof == verify.TryLater:
		return roll.Pending, roll.Unverified, needs
	}
	return state, roll.Verified, needs
}

// exempt are voters who vote under the Uniformed and Overseas Citizens Absentee
// Voting Act: 52 U.S.C. 21083(b)(3)(C).
func exempt(a *Application) bool { return a.Form == formFPCA }

func reasonOf(v roll.Voter) Reason {
	switch {
	case v.State == roll.PreRegistered:
		return UnderAge
	case v.NeedsID:
		return NeedsID
	}
	return AsAsked
}

// verdict is what was answered about the numbers of an application, which are
// asked about here where a person let it go on.
func (s *Intake) verdict(ctx context.Context, a *Application, v *verify.Verdict) *verify.Verdict {
	if v == nil && a.Decided.Numbers == "" {
		v = &s.Numbers.Many(ctx, []verify.Person{verify.Of(a.Voter)})[0]
	}
	return v
}

// proof is what the numbers of an application prove.
func proof(a *Application, v *verify.Verdict) verify.Step {
	if a.Decided.Numbers != "" {
		return a.Decided.Numbers
	}
	return v.Step
}

// proved ends an application whose applicant is registered, or lets it wait for
// what its numbers prove.
func (s *Intake) proved(ctx context.Context, a *Application, end ending, v *verify.Verdict, proof verify.Step) error {
	switch proof {
	case verify.AsksPerson:
		return s.wait(ctx, a, NumberOdd, entry{reason: string(v.Reason), data: v})
	case verify.TryLater:
		if s.Now().Sub(a.Received) < patience {
			return s.retry(ctx, a, v)
		}
	}
	end.evidence = v
	return s.end(ctx, a, end)
}

// patience is how long a registration waits for a service. Then the voter shows
// identification instead.
const patience = 72 * time.Hour

// settle goes on with a registration whose numbers have been asked about again,
// or about which a person has decided.
func (s *Intake) settle(ctx context.Context, a *Application, v *verify.Verdict) error {
	v = s.verdict(ctx, a, v)
	proof := proof(a, v)
	late := s.Now().Sub(a.Received) >= patience
	if proof == verify.TryLater && !late {
		return s.retry(ctx, a, v)
	}
	now, err := s.People.Voter(ctx, a.VoterID)
	if err != nil {
		return err
	}
	from, err := s.holds(ctx, a)
	if err != nil {
		return err
	}
	err = s.Roll.Revise(ctx, a.VoterID, Change{From: from, Why: "numbers checked", Cause: a.numbersCause()}, func(to *roll.Voter) error {
		if to.State == roll.Pending {
			to.State, to.Reason = roll.Active, roll.Verified
		}
		if proof == verify.Verified {
			to.NeedsID = false
		}
		return nil
	})
	if err != nil {
		return err
	}
	if proof == verify.Verified {
		now.NeedsID = false
	}
	return s.proved(ctx, a, ending{outcome: roll.Created, reason: reasonOf(now), from: from}, v, proof)
}

// update changes the registration of somebody who is in the roll, in each part
// that no later application has said and nobody has changed since.
func (s *Intake) update(ctx context.Context, a *Application, state roll.State, v *verify.Verdict) error {
	now, overtaken, err := s.compare(ctx, a)
	if err != nil {
		return err
	}
	if now.State == roll.Cancelled && now.Reason == roll.Deceased && !overtaken["state"] {
		return fault.New(fault.Conflict, "The roll has this voter as deceased. Take that back first, or reject the application.")
	}
	all, err := s.of(ctx, a)
	if err != nil {
		return err
	}
	next := now
	changed := slices.DeleteFunc(a.revise(&next, overtaken), func(p string) bool { return p == "signature" })
	verified := false
	if now.NeedsID && hasNumber(&a.Voter) {
		v = s.verdict(ctx, a, v)
		verified = proof(a, v) == verify.Verified
	}
	back := !overtaken["state"] && (slices.Contains([]roll.State{roll.Inactive, roll.Cancelled, roll.Denied}, now.State))
	apply := func(to *roll.Voter) error {
		a.revise(to, overtaken)
		since(to, all)
		if verified {
			to.NeedsID = false
		}
		if back && to.State != state {
			to.State, to.Reason, to.Since = state, roll.Verified, a.CountsOn
			if state == roll.PreRegistered {
				to.Reason = roll.NotOfAge
			}
		}
		return nil
	}
	if err := apply(&next); err != nil {
		return err
	}
	if asText(next) == asText(now) && len(changed) == 0 {
		end := ending{outcome: roll.IsDuplicate, reason: TheSame, evidence: v}
		if slices.ContainsFunc(parts(a), func(p partOf) bool { return overtaken[p.name] }) {
			end.reason = Overtaken
		}
		return s.end(ctx, a, end)
	}
	if err := s.Roll.Revise(ctx, a.VoterID, a.change(whyOf(a)), apply); err != nil {
		return err
	}
	if len(changed) == 0 && !back && !verified {
		return s.end(ctx, a, ending{outcome: roll.IsDuplicate, reason: TheSame, evidence: v})
	}
	return s.end(ctx, a, ending{outcome: roll.Updated, reason: AsAsked, evidence: v, changed: changed, moved: now.Precinct != next.Precinct && now.Precinct != ""})
}

// cancel ends a registration because its voter asks for it.
func (s *Intake) cancel(ctx context.Context, a *Application) error {
	signed, err := s.hasSignature(ctx, a.ID)
	if err != nil {
		return err
	}
	if missing := a.missing(signed); len(missing) > 0 {
		return s.end(ctx, a, ending{outcome: roll.Lacking, reason: Missing, missing: missing})
	}
	f, err := s.whose(ctx, a)
	if err != nil {
		return err
	}
	if f.doubt != "" || f.decision.New {
		if f.doubt == "" {
			f.doubt = NotThere
		}
		return s.wait(ctx, a, f.doubt, entry{data: f.candidates})
	}
	if err := s.know(ctx, a, f); err != nil {
		return err
	}
	now, overtaken, err := s.compare(ctx, a)
	switch {
	case err != nil:
		return err
	case overtaken["state"]:
		return s.end(ctx, a, ending{outcome: roll.IsDuplicate, reason: Overtaken})
	case now.State == roll.Cancelled:
		return s.end(ctx, a, ending{outcome: roll.IsDuplicate, reason: TheSame})
	}
	if err := s.Roll.Revise(ctx, a.VoterID, a.change("by the voter's own request"), func(v *roll.Voter) error {
		v.State, v.Reason, v.Since = roll.Cancelled, roll.ByVoter, a.CountsOn
		return nil
	}); err != nil {
		return err
	}
	return s.end(ctx, a, ending{outcome: roll.Updated, reason: AsAsked, changed: []string{"state"}})
}

// compare is the voter of an application as they stand now, and the parts that
// have been said or changed since the day that counts for it.
func (s *Intake) compare(ctx context.Context, a *Application) (now roll.Voter, overtaken map[string]bool, err error) {
	history, err := s.People.History(ctx, a.VoterID)
	if err != nil {
		return now, nil, err
	}
	// Our own change may be there from before a crash; the answer is as it was before it.
	history = slices.DeleteFunc(slices.Clone(history), func(v Version) bool { return v.Cause == a.cause() })
	if len(history) == 0 {
		return now, nil, fault.New(fault.NotFound, "There is no such voter in the roll.")
	}
	all, err := s.of(ctx, a)
	if err != nil {
		return now, nil, err
	}
	now = before(history, "9999-12-31").Voter
	return now, newer(a, all, history), nil
}

// of are the applications that have been found to be of the same voter, this
// one among them.
func (s *Intake) of(ctx context.Context, a *Application) ([]Application, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+applicationRow+` from intake_application
		where jurisdiction = $1 and voter = $2 and outcome <> 'rejected' order by id`, s.Jurisdiction, string(a.VoterID))
	return s.openAll(ctx, rows, err)
}
