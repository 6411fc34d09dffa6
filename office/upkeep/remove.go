// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// This file is the only one that cancels a registration. Every way into it
// begins with a person who named the voters and said why, and each voter is
// looked at again at the moment it is done.

// Item is a voter who may be taken off the roll, and on what ground.
type Item struct {
	Key    string // "notice:…" or "pair:run/number"
	Voter  roll.ID
	Reason roll.Reason
	Since  election.Date // of the notice, or of the death or judgement
	Kind   Kind
	// ByProgramme says that it rests on a programme about moves, which the quiet
	// period stops; deaths, judgements and what a voter wrote are not stopped:
	// 52 U.S.C. 20507(c)(2)(B).
	ByProgramme bool
	Document    string
}

// Removable are the voters who may be taken off today.
func (s *Upkeep) Removable(ctx context.Context) ([]Item, error) {
	due, err := s.notices(ctx, `stage = 'waiting' and due_on <> '' and due_on <= $2`, string(s.today()))
	if err != nil {
		return nil, err
	}
	left, err := s.notices(ctx, `stage = 'moved'`)
	if err != nil {
		return nil, err
	}
	proposed, err := s.candidates(ctx, `and c.done = 'proposed' order by c.run, c.number`)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, n := range append(due, left...) {
		out = append(out, ofNotice(n))
	}
	for i := range proposed {
		out = append(out, ofPair(&proposed[i]))
	}
	return out, nil
}

func ofNotice(n noticeRow) Item {
	item := Item{Key: "notice:" + n.ID, Voter: n.Voter, Reason: roll.TwoElections, Since: n.Issued, Kind: n.Kind, ByProgramme: true}
	if n.Stage == Moved {
		item.Reason, item.Since, item.ByProgramme, item.Document = roll.Moved, n.Answered, false, "letter "+n.Letter
	}
	return item
}

func ofPair(c *Candidate) Item {
	return Item{Key: "pair:" + c.Run + "/" + c.Number, Voter: c.Voter, Reason: reasonOf(c.Kind, &c.Line), Since: c.Line.Day, Kind: c.Kind,
		Document: cmp.Or(c.Document, c.Line.Case, fmt.Sprintf("run %s line %d", c.Run, c.Line.Number))}
}

// item finds one that may be taken off now; a fault says why it may not.
func (s *Upkeep) item(ctx context.Context, q db.Reader, key string) (Item, noticeRow, Candidate, error) {
	kind, rest, _ := strings.Cut(key, ":")
	if kind == "notice" {
		n, err := s.findNotice(ctx, q, "id", rest)
		if err == nil && n.Stage != Moved && (n.Stage != Waiting || n.Due == "" || n.Due > s.today()) {
			err = fault.New(fault.Conflict, "The wait of this voter is not over, or they answered or voted.")
		}
		return ofNotice(n), n, Candidate{}, err
	}
	run, number, _ := strings.Cut(rest, "/")
	c, err := s.findCandidate(ctx, q, run, number)
	if err == nil && c.Done != "proposed" {
		err = fault.New(fault.Conflict, "The cancellation of this voter is not proposed any more.")
	}
	return ofPair(&c), noticeRow{}, c, err
}

// Remove takes voters off the roll, for the reason on which each rests. Who asks
// must be a person; for more than Settings.Alone voters a second one must agree.
// In a quiet period nothing that rests on a programme is done.
func (s *Upkeep) Remove(ctx context.Context, keys []string, why string) (removal string, second bool, err error) {
	me := who.From(ctx)
	why = strings.TrimSpace(why)
	switch {
	case person(me) != nil:
		return "", false, person(me)
	case len(keys) == 0:
		return "", false, fault.New(fault.Invalid, "Choose at least one voter.")
	case why == "":
		return "", false, fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	_, now, err := s.Quiets(ctx)
	if err != nil {
		return "", false, err
	}
	for _, key := range keys {
		item, _, _, err := s.item(ctx, s.DB, key)
		if err != nil {
			return "", false, err
		}
		if item.ByProgramme && now != nil {
			return "", false, errQuiet(now)
		}
	}
	removal, second = id.New(), len(keys) > s.Settings.Alone
	return removal, second, s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.insertRemoval(ctx, tx, removal, keys, why, second); err != nil {
			return err
		}
		tx.Record(event.UpkeepRemoval{Removal: removal, State: "asked", Why: why, Voters: int64(len(keys))})
		if second {
			_, err := s.Pairs.Ask(ctx, tx, pair.Ask{Act: actRemove, Subject: removal, Reason: why})
			return err
		}
		_, err := job.Enqueue(ctx, tx, job.Order{Kind: jobRemove, Args: jobArgs{Run: removal, By: me.ID}, Key: removal})
		return err
	})
}

// agreed is what happens when a second person agrees to a removal.
func (s *Upkeep) agreed(ctx context.Context, tx *db.Tx, r pair.Request) error {
	me := who.From(ctx)
	if err := person(me); err != nil {
		return err
	}
	if err := oneRow(tx.ExecContext(ctx, `
		update upkeep_removal set state = 'agreed', agreed_by = $3, agreed_name = $4, agreed_at = $5
		where jurisdiction = $1 and id = $2 and state = 'asked' and asked_by <> $3`, s.Jurisdiction, r.Subject, me.ID, me.Name, s.Now())); err != nil {
		return err
	}
	tx.Record(event.UpkeepRemoval{Removal: r.Subject, State: "agreed", Why: r.Reason})
	_, err := job.Enqueue(ctx, tx, job.Order{Kind: jobRemove, Args: jobArgs{Run: r.Subject, By: me.ID}, Key: r.Subject})
	return err
}

// showRemoval tells a second person what they would agree to.
func (s *Upkeep) showRemoval(ctx context.Context, r pair.Request) ([]string, error) {
	d, err := s.findRemoval(ctx, r.Subject)
	if err != nil {
		return nil, err
	}
	p := web.Words(ctx)
	counted := map[roll.Reason]int64{}
	for _, key := range d.Items {
		item, _, _, err := s.item(ctx, s.DB, key)
		if err != nil && !ordinary(err) {
			return nil, err
		}
		counted[item.Reason]++
	}
	out := []string{p.N("upkeep.remove.count", int64(len(d.Items)))}
	for _, reason := range reasons {
		if n := counted[reason]; n > 0 {
			out = append(out, p.T("upkeep.reason."+string(reason))+": "+p.Number(n))
		}
	}
	return out, nil
}

// Removal is what people decided about voters to be taken off.
type Removal struct {
	ID, State, Why         string
	Items                  []string
	AskedBy, AskedName     string
	AgreedBy, AgreedByName string
	Removed                int64
	LeftIn                 []string // who was left in after all, and why
}

// removeJob carries out what was decided. Who has answered, voted or changed in
// the meantime is left in.
func (s *Upkeep) removeJob(ctx context.Context, w *job.Work) error {
	var a jobArgs
	if err := w.Args(&a); err != nil {
		return err
	}
	return s.carryOut(ctx, a.Run, w.Progress)
}

func (s *Upkeep) carryOut(ctx context.Context, removal string, say progress) error {
	d, err := s.findRemoval(ctx, removal)
	if err != nil || d.State == "done" {
		return err
	}
	if d.State != "agreed" || d.AskedBy == "" {
		return fault.New(fault.Denied, "Nobody has decided this removal.")
	}
	_, now, err := s.Quiets(ctx)
	if err != nil {
		return err
	}
	removed := int64(0)
	d.LeftIn = nil
	for i, key := range d.Items {
		say(int64(i), int64(len(d.Items)), "taking off the roll")
		why, err := s.takeOff(ctx, &d, key, now)
		if err != nil {
			return err
		}
		if why == "" {
			removed++
		} else {
			d.LeftIn = append(d.LeftIn, key+": "+why)
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := oneRow(tx.ExecContext(ctx, `update upkeep_removal set state = 'done', removed = $3, left_in = $4 where jurisdiction = $1 and id = $2 and state = 'agreed'`,
			s.Jurisdiction, removal, removed, asText(d.LeftIn))); err != nil {
			return err
		}
		tx.Record(event.UpkeepRemoval{Removal: removal, State: "done", Why: d.Why, Voters: removed})
		return nil
	})
}

// takeOff takes one voter off the roll, or says why they are left in.
func (s *Upkeep) takeOff(ctx context.Context, d *Removal, key string, now *Quiet) (left string, err error) {
	item, n, c, err := s.item(ctx, s.DB, key)
	switch {
	case err != nil && (n.Stage == Removed || c.Done == "removed"):
		return "", nil // an earlier try came so far
	case err != nil && ordinary(err):
		return fault.Sentence(err), nil
	case err != nil:
		return "", err
	case item.ByProgramme && now != nil:
		return fault.Sentence(errQuiet(now)), nil
	}
	if item.Reason == roll.TwoElections {
		votes, err := s.votes(ctx, item.Voter)
		if err != nil {
			return "", err
		}
		if len(votes) > 0 && votes[len(votes)-1] >= n.Issued {
			return "voted since the notice", nil
		}
	}
	today := s.today()
	cause := c.cause()
	if n.ID != "" {
		cause = n.cause()
	}
	err = s.Desk.Revise(ctx, item.Voter, Change{From: today, Why: d.Why + " (" + string(item.Reason) + ", " + cmp.Or(item.Document, "notice of "+string(item.Since)) + ")", Cause: cause + becauseRemoved},
		func(v *roll.Voter) error {
			if v.State == roll.Cancelled || item.Reason == roll.TwoElections && v.State != roll.Inactive || !roll.May(v.State, roll.Cancelled, item.Reason) {
				return fault.New(fault.Conflict, "The registration is %s and cannot be cancelled for this.", string(v.State))
			}
			v.State, v.Reason, v.Since = roll.Cancelled, item.Reason, today
			return nil
		})
	if err != nil && ordinary(err) {
		return fault.Sentence(err), nil
	}
	if err != nil {
		return "", err
	}
	return "", s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.UpkeepRemoved{Removal: d.ID, Voter: string(item.Voter), Reason: string(item.Reason), By: d.AskedBy})
		if n.ID != "" {
			return s.stepIn(ctx, tx, n, Removed, today, n.Issued, n.Due)
		}
		return s.setDone(ctx, tx, &c, "removed", s.Now())
	})
}

func (s *Upkeep) insertRemoval(ctx context.Context, tx *db.Tx, removal string, keys []string, why string, second bool) error {
	me, state := who.From(ctx), "agreed"
	if second {
		state = "asked"
	}
	_, err := tx.ExecContext(ctx, `
		insert into upkeep_removal (jurisdiction, id, state, items, why, asked_by, asked_name, asked_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.Jurisdiction, removal, state, asText(keys), why, me.ID, me.Name, s.Now())
	return err
}

const removalColumns = `id, state, why, items, asked_by, asked_name, agreed_by, agreed_name, removed, left_in`

func scanRemoval(scan func(...any) error) (d Removal, err error) {
	var items, left string
	if err = scan(&d.ID, &d.State, &d.Why, &items, &d.AskedBy, &d.AskedName, &d.AgreedBy, &d.AgreedByName, &d.Removed, &left); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(items), &d.Items); err != nil {
		return d, err
	}
	return d, json.Unmarshal([]byte(left), &d.LeftIn)
}

func (s *Upkeep) findRemoval(ctx context.Context, removal string) (Removal, error) {
	return scanRemoval(s.DB.QueryRowContext(ctx, `select `+removalColumns+` from upkeep_removal where jurisdiction = $1 and id = $2`, s.Jurisdiction, removal).Scan)
}

// Removals are the latest removals, the newest first.
func (s *Upkeep) Removals(ctx context.Context) ([]Removal, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+removalColumns+` from upkeep_removal where jurisdiction = $1 order by asked_at desc, id desc limit 50`, s.Jurisdiction)
	return db.Collect(rows, err, scanRemoval)
}
