// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"iter"
	"slices"
	"time"

	"hustings/election"
	"hustings/office/letters"
	"hustings/office/registry"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/upkeep"
)

// UpkeepConfig is what an office may say about keeping the roll clean.
type UpkeepConfig struct {
	Alone int `toml:"alone" doc:"how many voters one person may take off the roll at once; more take two people"`
}

// openUpkeep opens the room that keeps the roll clean.
func (h *House) openUpkeep() *upkeep.Upkeep {
	c := h.Config
	r := upkeptRoll{h.Registry}
	return upkeep.New(upkeep.Deps{DB: h.DB, Now: h.Now, Log: h.Log, Zone: c.zone(), Jurisdiction: c.Office.Jurisdiction, Sealer: h.Keys.Sealer(), Pairs: h.Access, Jobs: h.Jobs,
		Roll: r, Desk: r, Merger: r, Places: r, Letters: upkeepLetters{h}, Elections: primaries{h},
		Settings: upkeep.Settings{Alone: c.Upkeep.Alone}})
}

// upkeptRoll is the roll as list maintenance sees and changes it.
type upkeptRoll struct{ registry *registry.Registry }

// Voter implements upkeep.Roll.
func (r upkeptRoll) Voter(ctx context.Context, id roll.ID) (roll.Voter, error) {
	v, err := r.registry.Voter(ctx, id)
	return v.Voter, err
}

// All implements upkeep.Roll.
func (r upkeptRoll) All(ctx context.Context) iter.Seq2[roll.Voter, error] {
	return func(yield func(roll.Voter, error) bool) {
		today := election.DayOf(r.registry.Now())
		for v, err := range r.registry.RollAsOf(ctx, today, time.Time{}) {
			if !yield(v.Voter, err) || err != nil {
				return
			}
		}
	}
}

// Revise implements upkeep.Desk.
func (r upkeptRoll) Revise(ctx context.Context, id roll.ID, c upkeep.Change, change func(*roll.Voter) error) error {
	return r.registry.Revise(ctx, id, registry.Change(c), change)
}

// TakeBack implements upkeep.Desk.
func (r upkeptRoll) TakeBack(ctx context.Context, id roll.ID, cause, why string) ([]string, error) {
	return r.registry.TakeBack(ctx, id, cause, why)
}

// Merge implements upkeep.Merger.
func (r upkeptRoll) Merge(ctx context.Context, keep, gone roll.ID, c upkeep.Change) error {
	return r.registry.Merge(ctx, keep, gone, registry.Change(c))
}

// Unmerge implements upkeep.Merger.
func (r upkeptRoll) Unmerge(ctx context.Context, gone roll.ID, why string) ([]string, error) {
	return r.registry.Unmerge(ctx, gone, why)
}

// Place implements upkeep.Places.
func (r upkeptRoll) Place(ctx context.Context, a roll.Address) (upkeep.Spot, bool, error) {
	at, err := r.registry.Place(ctx, a)
	return upkeep.Spot{Precinct: at.Unit, Districts: at.Districts, Sure: at.Confidence == place.Certain && at.Unit != ""}, at.Confidence != place.None, err
}

// upkeepLetters writes to voters for list maintenance.
type upkeepLetters struct{ h *House }

// Write implements upkeep.Letters.
func (l upkeepLetters) Write(ctx context.Context, n upkeep.Notice) (string, error) {
	p := l.h.Words.In(n.Language)
	day := func(d election.Date) string {
		t, err := d.In(time.UTC)
		if err != nil {
			return string(d)
		}
		return p.Date(t)
	}
	fields := map[string]string{"effective": day(n.From)}
	if n.Kind == string(letters.Confirmation) {
		fields = map[string]string{"reply_by": day(n.ReplyBy), "until": day(n.Until)}
	}
	return l.h.Letters.Write(ctx, letters.Letter{Kind: letters.Kind(n.Kind), Language: n.Language, To: letters.To{Name: n.To, Mail: n.Address}, Fields: fields, About: string(n.About), Cause: n.Cause})
}

// Withdraw implements upkeep.Letters.
func (l upkeepLetters) Withdraw(ctx context.Context, id, why string) error {
	return l.h.Letters.Withdraw(ctx, id, why)
}

// primaries are the primaries that the office has locked definitions of. Which
// of their contests are federal a definition does not tell, so that all count.
type primaries struct{ h *House }

// Primaries implements upkeep.Elections.
func (p primaries) Primaries(ctx context.Context) (out []upkeep.FederalElection, err error) {
	ballots, err := p.h.Definition.Locked(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range ballots {
		def, err := p.h.Definition.ByHash(ctx, b.Election, b.Hash)
		if err != nil {
			return nil, err
		}
		if e := def.Election; slices.Contains([]election.Type{election.Primary, election.PartisanPrimaryOpen, election.PartisanPrimaryClose}, e.Type) {
			out = append(out, upkeep.FederalElection{Day: e.End, Primary: true, Name: string(e.ID)})
		}
	}
	return out, nil
}
