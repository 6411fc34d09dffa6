// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"

	"hustings/election"
	"hustings/office/intake"
	"hustings/office/registry"
	"hustings/office/registry/roll"
	"hustings/office/registry/rules"
	"hustings/office/registry/verify"
)

// IntakeConfig is where the offices are that are asked about the numbers of new
// registrations.
type IntakeConfig struct {
	License ServiceConfig `toml:"license"`
	SSN4    ServiceConfig `toml:"ssn4"`
}

// ServiceConfig is such an office.
type ServiceConfig struct {
	URL  string  `toml:"url" doc:"https address of the service; empty: nobody is asked, and voters show identification with their first vote"`
	Key  string  `toml:"key" doc:"path of a file with the bearer token for it"`
	CA   string  `toml:"ca" doc:"path of a PEM file with the authority of its certificate; empty: those that the machine trusts"`
	Rate float64 `toml:"rate" doc:"questions a second at most; 0: 10"`
}

// openIntake opens the room that takes applications to the roll.
func (h *House) openIntake() (*intake.Intake, error) {
	c := h.Config
	book, err := c.Registry.book()
	if err != nil {
		return nil, err
	}
	check, err := h.checker()
	if err != nil {
		return nil, err
	}
	in := rollOf{h.Registry}
	return intake.New(intake.Deps{DB: h.DB, Now: h.Now, Log: h.Log, Jurisdiction: c.Office.Jurisdiction, Zone: c.zone(), Sealer: h.Keys.Sealer(), Access: h.Access,
		Roll: in, People: in, Places: h.Registry, Numbers: check, Letters: applicantLetters{h.Letters, h.Words}, Elections: upcoming{h.Definition},
		Rules: func(on election.Date) (rules.Rules, error) { return book.For(c.state(), on) }}), nil
}

// checker asks other offices about identifiers.
func (h *House) checker() (*verify.Check, error) {
	c := h.Config
	check := &verify.Check{Practices: verify.Shipped(), State: c.state(), Zone: c.zone(), Now: h.Now}
	for _, one := range []struct {
		kind verify.Kind
		to   ServiceConfig
		at   *verify.Service
	}{{verify.License, c.Intake.License, &check.License}, {verify.SSN4, c.Intake.SSN4, &check.SSN4}} {
		if one.to.URL == "" {
			continue
		}
		remote, err := verify.Open(one.kind, verify.Settings{URL: one.to.URL, Key: one.to.Key, CA: one.to.CA, PerSecond: one.to.Rate}, h.Now, h.Log)
		if err != nil {
			return nil, err
		}
		*one.at = remote
	}
	return check, nil
}

// rollOf is the roll as the intake sees it.
type rollOf struct{ r *registry.Registry }

// Register implements intake.Roll.
func (o rollOf) Register(ctx context.Context, v roll.Voter, c intake.Change) (roll.ID, error) {
	made, err := o.r.Register(ctx, v, registry.Change(c))
	return made.ID, err
}

// Revise implements intake.Roll.
func (o rollOf) Revise(ctx context.Context, id roll.ID, c intake.Change, change func(*roll.Voter) error) error {
	if all, err := o.r.History(ctx, id); err != nil {
		return err
	} else if begins := all[0].From; c.From < begins { // too late for an election is too late for what is said afterwards as well
		c.From = begins
	}
	return o.r.Revise(ctx, id, registry.Change(c), change)
}

// TakeBack implements intake.Roll.
func (o rollOf) TakeBack(ctx context.Context, id roll.ID, cause, why string) ([]string, error) {
	return o.r.TakeBack(ctx, id, cause, why)
}

// Similar implements intake.People.
func (o rollOf) Similar(ctx context.Context, v roll.Voter) ([]intake.Likeness, error) {
	list, err := o.r.Similar(ctx, v)
	out := make([]intake.Likeness, len(list))
	for i, l := range list {
		out[i] = intake.Likeness{ID: l.ID, Weight: l.Weight, Probability: l.Probability, Tier: l.Tier, Steps: l.Steps}
	}
	return out, err
}

// History implements intake.People.
func (o rollOf) History(ctx context.Context, id roll.ID) ([]intake.Version, error) {
	list, err := o.r.History(ctx, id)
	out := make([]intake.Version, len(list))
	for i, v := range list {
		out[i] = intake.Version{Voter: v.Voter, From: v.From, Cause: v.Cause}
	}
	return out, err
}

// Voter implements intake.People.
func (o rollOf) Voter(ctx context.Context, id roll.ID) (roll.Voter, error) {
	v, err := o.r.Voter(ctx, id)
	return v.Voter, err
}
