// SPDX-License-Identifier: Apache-2.0

package results

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
)

// Open lets an election take results, beginning with the logic-and-accuracy
// test: nothing that comes in now can reach the live pages.
func (s *Results) Open(ctx context.Context, e election.ID) error {
	ballots, err := s.Definitions.Locked(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(ballots, func(b election.Ballot) bool { return b.Election == e })
	if i < 0 {
		return fault.New(fault.Conflict, "Lock the definition of this election first; results refer to it.")
	}
	for _, m := range []Mode{Test, Live} {
		if _, err := s.Shelf.Begin(siteName(m, e)); fault.KindOf(err) == fault.Invalid {
			return fault.Wrap(fault.Invalid, err, "The election's id %q cannot stand in an address. Use small letters, digits and hyphens.", e)
		}
	}
	n := Night{Election: e, Definition: ballots[i].Hash, Mode: Test, Status: election.UnofficialPartial, Opened: s.Now()}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertNight(ctx, tx, s.Jurisdiction, n); err != nil {
			if fault.KindOf(err) == fault.Conflict {
				return fault.New(fault.Conflict, "This election takes results already.")
			}
			return err
		}
		tx.Record(event.ResultsOpened{Election: e, Definition: n.Definition, Mode: string(n.Mode)})
		return nil
	})
}

// GoLive ends the test: from now on files count. Test files, versions and
// pages stay where they are, apart. There is no way back, and a definition
// that was locked again in the meantime is taken up now.
func (s *Results) GoLive(ctx context.Context, e election.ID) error {
	ballots, err := s.Definitions.Locked(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := findNight(ctx, tx, s.Jurisdiction, e)
		if err != nil {
			return err
		}
		if n.Mode == Live {
			return fault.New(fault.Conflict, "This election is live already.")
		}
		for _, b := range ballots {
			if b.Election == e {
				n.Definition = b.Hash
			}
		}
		tx.Record(event.ResultsOpened{Election: e, Definition: n.Definition, Mode: string(Live)})
		return setMode(ctx, tx, s.Jurisdiction, e, n.Definition, Live, election.UnofficialPartial)
	})
}

var sourceID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// SaveSource adds a source or changes how its next files are read.
func (s *Results) SaveSource(ctx context.Context, e election.ID, src Source) error {
	src.Name = strings.TrimSpace(src.Name)
	if src.Name == "" {
		return fault.On("name", fault.New(fault.Invalid, "Give the source a name, such as “Central count”."))
	}
	if !sourceID.MatchString(src.ID) {
		return fault.On("id", fault.New(fault.Invalid, "The short name %q may have small letters, digits and hyphens only, at most 40.", src.ID))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := findNight(ctx, tx, s.Jurisdiction, e); err != nil {
			return err
		}
		tx.Record(event.ResultsSourceSaved{Election: e, Source: src.ID,
			Mode: pick(src.Incremental, "incremental", "cumulative"), Split: pick(src.ByType, "types", "total")})
		return upsertSource(ctx, tx, s.Jurisdiction, e, src)
	})
}

// Announce says when the next update is expected; the public reads it with the
// next version. The zero time takes it back: then Settings.Update decides.
func (s *Results) Announce(ctx context.Context, e election.ID, at time.Time) error {
	var next *time.Time
	if !at.IsZero() {
		next = &at
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("an announcement changes no result and is replaced by the next")
		return setNext(ctx, tx, s.Jurisdiction, e, next)
	})
}
