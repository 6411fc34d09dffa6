// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"hustings/kit/db"
)

// Status is what there is to know about a jurisdiction's keys without knowing
// any key.
type Status struct {
	RootKind   string // "file", "kms" or "pkcs11"
	RootID     string
	RootNear   string // path of the root key, where it lies among the house's data
	KEK        string
	KEKMade    time.Time
	KEKOrigin  string // "made" or "brought"
	Purposes   []Purpose
	Subjects   int64 // persons and elections with keys of their own
	Shredded   int64 // and those whose keys are destroyed
	Next       time.Time
	Rotation   *Rotation // the newest; nil where there was none
	Ceremonies []Ceremony
}

// Purpose is the data keys of one purpose.
type Purpose struct {
	Name     string
	Searched bool
	Made     time.Time // the key that seals now
	Old      int       // older keys that still open
}

// Rotation is one rotation of the data keys.
type Rotation struct {
	ID, Job, By     string
	Began, Finished time.Time // Finished is zero while it is under way
	Walks           []Walk
	Stuck           string // why its job was given up
}

// Sums adds the columns up.
func (r *Rotation) Sums() (seen, total, unreadable int64) {
	for _, w := range r.Walks {
		seen += w.Seen
		total += max(w.Total, w.Seen)
		unreadable += w.Unreadable
	}
	return seen, total, unreadable
}

// Status reads the status of a jurisdiction's keys.
func (k *Keys) Status(ctx context.Context, jurisdiction string) (s Status, err error) {
	r, err := k.rootKey()
	if err != nil {
		return s, err
	}
	s.RootKind, s.RootID, s.RootNear = r.Kind(), r.ID(), k.near()
	err = k.DB.Read(ctx, func(q reader) error { return s.read(ctx, q, jurisdiction) })
	if err != nil {
		return s, err
	}
	for _, p := range s.Purposes {
		if due := p.Made.Add(k.Every); s.Next.IsZero() || due.Before(s.Next) {
			s.Next = due
		}
	}
	if s.Rotation != nil && s.Rotation.Finished.IsZero() && k.Jobs != nil {
		one, err := k.Jobs.Get(ctx, jurisdiction, s.Rotation.Job)
		if err != nil {
			return s, err
		}
		s.Rotation.Stuck = one.Error
	}
	return s, nil
}

func (s *Status) read(ctx context.Context, q reader, jurisdiction string) (err error) {
	keks, err := currentKEKs(ctx, q, jurisdiction)
	if err != nil {
		return err
	}
	for _, one := range keks {
		s.KEK, s.KEKMade, s.KEKOrigin = one.id, one.made, one.origin
	}
	if s.Purposes, err = readPurposes(ctx, q, jurisdiction); err != nil {
		return err
	}
	err = q.QueryRowContext(ctx, `
		select count(*) filter (where shredded_at is null), count(*) filter (where shredded_at is not null)
		from keys_subject where jurisdiction = $1`, jurisdiction).Scan(&s.Subjects, &s.Shredded)
	if err != nil {
		return err
	}
	if s.Ceremonies, err = readCeremonies(ctx, q, jurisdiction, 10); err != nil {
		return err
	}
	s.Rotation, err = lastRotation(ctx, q, jurisdiction)
	if err != nil || s.Rotation == nil {
		return err
	}
	s.Rotation.Walks, err = readWalks(ctx, q, jurisdiction, s.Rotation.ID)
	return err
}

func readPurposes(ctx context.Context, q reader, jurisdiction string) ([]Purpose, error) {
	rows, err := q.QueryContext(ctx, `
		select purpose, count(*) filter (where kind = 'index') > 0, max(made_at) filter (where kind = 'seal' and state = 'current'),
			count(*) filter (where kind = 'seal' and state = 'old')
		from keys_key where jurisdiction = $1 and state <> 'destroyed' group by purpose order by purpose`, jurisdiction)
	return db.Collect(rows, err, func(scan func(...any) error) (p Purpose, err error) {
		err = scan(&p.Name, &p.Searched, db.AsTime(&p.Made), &p.Old)
		return p, err
	})
}

// near is where the root key lies, if that is among what it protects: one copy
// of the folder would open everything.
func (k *Keys) near() string {
	path, ok := k.Root.Path()
	if !ok || k.Folder == "" {
		return ""
	}
	rel, err := filepath.Rel(k.Folder, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return ""
	}
	return path
}
