// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/registry/match"
)

// Label writes down what a person says of a pair of the sample by which a
// programme is measured. Nothing else comes of it.
func (s *Upkeep) Label(ctx context.Context, run, number string, l Decision) error {
	if l != Same && l != Different && l != Unsure {
		return fault.On("label", fault.New(fault.Invalid, "Say whether it is the same person."))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := oneRow(tx.ExecContext(ctx, `
			update upkeep_candidate set label = $4, label_by = $5 where jurisdiction = $1 and run = $2 and number = $3 and sampled`,
			s.Jurisdiction, run, number, string(l), who.From(ctx).ID)); err != nil {
			return err
		}
		tx.Record(event.UpkeepLabelled{Run: run, Number: number, Label: string(l)})
		return nil
	})
}

// nextLabel is the next pair of the sample that nobody has judged, in no order
// that tells its weight.
func (s *Upkeep) nextLabel(ctx context.Context, run string) (number string, err error) {
	err = s.DB.QueryRowContext(ctx, `
		select number from upkeep_candidate where jurisdiction = $1 and run = $2 and sampled and label = ''
		order by substr(number, 8, 1), number limit 1`, s.Jurisdiction, run).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return number, err
}

// Quality is what people's labels say of the matching of a run.
type Quality struct {
	Labelled, Sampled int
	Auto, Review      Share // of the pairs of a tier, those of one person
	Recall            float64
	Known             bool    // there are labels enough for Recall
	Threshold         float64 // the least weight from which on the labels speak for the automatic tier
	HasThreshold      bool
}

// Share is an estimate with the bounds between which it lies in 95 of 100
// cases.
type Share struct {
	Same, Of      int
	Low, P, High  float64
	ModelSays     float64
	ModelHasPairs bool
}

// wilson gives the interval of Wilson (1927) for a share, 95 in 100.
func wilson(same, of int) (low, p, high float64) {
	if of == 0 {
		return 0, 0, 1
	}
	const z = 1.959964
	n := float64(of)
	p = float64(same) / n
	mid, off, scale := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)), 1+z*z/n
	return max(0, (mid-off)/scale), p, min(1, (mid+off)/scale)
}

// labels are the labels of a stratum.
type labels struct{ same, different, all int }

// sureEnough is how precise the automatic tier should be for the threshold that
// is proposed.
const sureEnough = 0.99

// Quality estimates precision and recall from the labels of a run. Each stratum
// counts with how many pairs it has.
func (s *Upkeep) Quality(ctx context.Context, r Run) (Quality, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select stratum, tier, label, count(*) from upkeep_candidate where jurisdiction = $1 and run = $2 and sampled group by stratum, tier, label`, s.Jurisdiction, r.ID)
	type cell struct {
		stratum int
		tier    match.Tier
		label   Decision
		n       int
	}
	cells, err := db.Collect(rows, err, func(scan func(...any) error) (c cell, err error) { return c, scan(&c.stratum, &c.tier, &c.label, &c.n) })
	if err != nil {
		return Quality{}, err
	}
	q, by := Quality{}, make([]labels, len(strata)+1)
	for _, c := range cells {
		q.Sampled += c.n
		if c.label != Undecided {
			q.Labelled += c.n
		}
		l, tier := &by[c.stratum], &q.Review
		if c.tier == match.Auto {
			tier = &q.Auto
		}
		switch c.label {
		case Same:
			l.same, l.all = l.same+c.n, l.all+c.n
			if c.tier != match.None {
				tier.Same, tier.Of = tier.Same+c.n, tier.Of+c.n
			}
		case Different:
			l.different, l.all = l.different+c.n, l.all+c.n
			if c.tier != match.None {
				tier.Of += c.n
			}
		}
	}
	for tier, share := range map[match.Tier]*Share{match.Auto: &q.Auto, match.Review: &q.Review} {
		share.Low, share.P, share.High = wilson(share.Same, share.Of)
		e, has := r.Summary.Tiers[tier]
		share.ModelSays, share.ModelHasPairs = e.Precision, has
	}
	q.weigh(by, r.Summary.Strata)
	return q, nil
}

// weigh estimates recall, and from where on the pairs are sure enough.
func (q *Quality) weigh(by []labels, pairs map[int]int) {
	found, all := 0.0, 0.0
	first := stratum(match.ReviewWeight)
	q.Known = true
	for n, l := range by {
		if pairs[n] == 0 {
			continue
		}
		if l.all == 0 {
			q.Known = false
			continue
		}
		same := float64(pairs[n]) * float64(l.same) / float64(l.all)
		all += same
		if n >= first {
			found += same
		}
	}
	q.Known = q.Known && all > 0
	if q.Known {
		q.Recall = found / all
	}
	same, of := 0, 0
	for n := len(by) - 1; n > 0; n-- {
		same, of = same+by[n].same, of+by[n].all
		low, _, _ := wilson(same, of)
		if of == 0 || low < sureEnough {
			if of > 0 && by[n].all > 0 {
				break
			}
			continue
		}
		q.Threshold, q.HasThreshold = strata[n-1], true
	}
}
