// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/room"
	"hustings/kit/who"
)

// Review is a time when every grant of an office is looked at.
type Review struct {
	ID, Jurisdiction, Reason string
	OpenedBy, OpenedName     string
	Opened                   time.Time
	Due                      string // day
	ClosedBy, ClosedName     string
	Closed                   time.Time // zero while it is open
	Hash                     string    // of what was attested
	Items, Decided           int
}

// The decisions on a grant under review.
const (
	Kept    = "kept"
	Revoked = "revoked"
)

// Item is a grant as it was when the review began, and what was decided.
type Item struct {
	Grant
	Name                   string // of the person
	LastUsed               string // day on which they last did what the role alone lets them do
	Decision, Note         string
	DecidedBy, DecidedName string
	DecidedAt              time.Time
}

// OpenReview begins a review of every grant at and below the office of who acts.
func (s *Access) OpenReview(ctx context.Context, reason, due string) (Review, error) {
	me := who.From(ctx)
	r := Review{ID: id.New(), Jurisdiction: me.Jurisdiction, Reason: strings.TrimSpace(reason), OpenedBy: me.ID, OpenedName: me.Name, Opened: s.Now(), Due: due}
	if r.Reason == "" || len(r.Reason) > mostReason {
		return r, fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	if _, err := time.Parse(time.DateOnly, due); err != nil {
		return r, fault.On("due", fault.Wrap(fault.Invalid, err, "Choose the day by which the review is to be done."))
	}
	items, err := s.itemsNow(ctx, me.Jurisdiction)
	if err != nil {
		return r, err
	}
	r.Items = len(items)
	return r, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := insertReview(ctx, tx, r); err != nil {
			return err
		}
		for _, it := range items {
			if err := insertItem(ctx, tx, r, it); err != nil {
				return err
			}
		}
		tx.Record(event.ReviewOpened{Review: r.ID, Reason: r.Reason, Due: r.Due, Grants: r.Items})
		return nil
	})
}

// itemsNow are all grants as they are, with when they were last made use of.
func (s *Access) itemsNow(ctx context.Context, where string) ([]Item, error) {
	unused, err := s.lastUses(ctx, where)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(unused))
	for i, g := range unused {
		out[i] = Item{Grant: g.Grant, Name: names.of(g.Person), LastUsed: g.LastUsed}
	}
	return out, nil
}

// Review finds a review of the office of who acts, with its grants.
func (s *Access) Review(ctx context.Context, id string) (Review, []Item, error) {
	r, err := findReview(ctx, s.DB, who.From(ctx).Jurisdiction, id)
	if none(err) {
		return r, nil, fault.New(fault.NotFound, "There is no such review.")
	}
	if err != nil {
		return r, nil, err
	}
	items, err := listItems(ctx, s.DB, r.Jurisdiction, r.ID)
	return counted(r, items), items, err
}

func counted(r Review, items []Item) Review {
	r.Items, r.Decided = len(items), 0
	for _, it := range items {
		if it.Decision != "" {
			r.Decided++
		}
	}
	return r
}

// Reviews lists the reviews of the office of who acts, the newest first.
func (s *Access) Reviews(ctx context.Context) ([]Review, error) {
	return listReviews(ctx, s.DB, who.From(ctx).Jurisdiction)
}

// Judge keeps or revokes a grant under review. Nobody judges their own. A
// revocation takes effect in the same write; it needs a note.
func (s *Access) Judge(ctx context.Context, review string, it Item) error {
	me := who.From(ctx)
	it.Note, it.DecidedBy, it.DecidedName, it.DecidedAt = strings.TrimSpace(it.Note), me.ID, me.Name, s.Now()
	switch {
	case it.Decision != Kept && it.Decision != Revoked:
		return fault.New(fault.Invalid, "Choose for each grant whether it is kept or revoked.")
	case it.Decision == Revoked && it.Note == "":
		return fault.On("note", fault.New(fault.Invalid, "Say why %s is to lose the role; it is recorded.", it.Person))
	case len(it.Note) > mostReason:
		return fault.On("note", fault.New(fault.TooLarge, "The reason is longer than %d letters.", mostReason))
	}
	rec := room.Record{Room: "access", Kind: "review", ID: review, Jurisdiction: it.Jurisdiction, Of: it.Person}
	if err := s.On(ctx, "access.review", rec); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "access review "+review); err != nil {
			return err
		}
		hit, err := judgeItem(ctx, tx, me.Jurisdiction, review, it)
		if err != nil {
			return err
		}
		if !hit {
			return fault.New(fault.Conflict, "This grant is not waiting for a decision in an open review.")
		}
		tx.Record(event.ReviewDecided{Review: review, Place: it.Jurisdiction, Person: it.Person, Role: string(it.Role), Decision: it.Decision, Note: it.Note})
		if it.Decision == Kept {
			return nil
		}
		g := it.Grant
		g.Reason = it.Note
		if err := s.revoke(ctx, tx, g); fault.KindOf(err) != fault.NotFound {
			return err // gone already is good enough
		}
		return nil
	})
	s.memory.forget()
	return err
}

// Attest ends a review: who acts attests that each grant was looked at. What
// they attest is summed up in a hash that the ledger keeps, so that the printed
// list can be compared later.
func (s *Access) Attest(ctx context.Context, id string) (Review, error) {
	me := who.From(ctx)
	r, items, err := s.Review(ctx, id)
	if err != nil {
		return r, err
	}
	if me.ID == "" || !r.Closed.IsZero() {
		return r, fault.New(fault.Conflict, "This review is over already.")
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "access review "+r.ID); err != nil {
			return err // nobody changes a decision while it is being attested
		}
		if items, err = listItems(ctx, tx, r.Jurisdiction, r.ID); err != nil {
			return err
		}
		if r = counted(r, items); r.Decided < r.Items {
			return fault.New(fault.Conflict, "%d grants are not decided yet.", r.Items-r.Decided)
		}
		r.ClosedBy, r.ClosedName, r.Closed, r.Hash = me.ID, me.Name, s.Now(), attested(r, items)
		hit, err := closeReview(ctx, tx, r)
		if err != nil {
			return err
		}
		if !hit {
			return fault.New(fault.Conflict, "This review is over already.")
		}
		kept := 0
		for _, it := range items {
			if it.Decision == Kept {
				kept++
			}
		}
		tx.Record(event.ReviewAttested{Review: r.ID, Hash: r.Hash, Kept: kept, Revoked: len(items) - kept})
		return nil
	})
	return r, err
}

// attested is the hash of what somebody attests, a line for each grant.
func attested(r Review, items []Item) string {
	lines := make([]string, len(items))
	for i, it := range items {
		lines[i] = fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s", it.Jurisdiction, it.Person, it.Role, it.Decision, it.DecidedBy, db.FormatTime(it.DecidedAt), it.Note)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(r.Jurisdiction + "\n" + r.ID + "\n" + strings.Join(lines, "\n") + "\n"))
	return hex.EncodeToString(sum[:])
}
