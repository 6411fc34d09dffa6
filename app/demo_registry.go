// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"hustings/election"
	"hustings/fake/county"
	"hustings/fake/dmv"
	fake "hustings/fake/roll"
	"hustings/format/sheet"
	"hustings/kit/who"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
	"hustings/office/upkeep"
)

// demoVoters is how many voters the demo's roll has where nobody says: enough to
// look for somebody, and loaded in a moment.
const demoVoters = 3000

// What waits in the demo's queues.
const (
	demoForms  = 60
	demoDeaths = 25
	demoTwice  = 0.01 // of the voters are on the roll a second time
)

// demoRoll is the county's made-up roll, and the offices that know its people.
type demoRoll struct {
	made *fake.Roll
	dmv  *dmv.Office
}

func newDemoRoll(seed uint64, place *county.County, voters int) *demoRoll {
	return &demoRoll{made: fake.New(place, fake.Options{Seed: seed, Voters: voters, Duplicates: demoTwice}), dmv: dmv.New(seed, 0)}
}

// mostKnown is how many people the pretend motor vehicle office knows.
const mostKnown = 50_000

// open lets the pretend motor vehicle office answer on this machine.
func (d *demoRoll) open(cfg *Config) (*dmv.Running, error) {
	n := 0
	enough := errors.New("enough")
	if err := d.made.Each(func(p *fake.Person) error {
		if n++; n > mostKnown {
			return enough
		}
		if p.License != "" || p.SSN4 != "" {
			d.dmv.Add(dmv.Record{First: p.First, Middle: p.Middle, Last: p.Last, Suffix: p.Suffix, Birth: p.Birth.String(), License: p.License, Standing: "valid", SSN4: p.SSN4})
		}
		return nil
	}); err != nil && !errors.Is(err, enough) {
		return nil, err
	}
	running, err := d.dmv.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cfg.Intake.License.URL, cfg.Intake.SSN4.URL = running.URL+dmv.License, running.URL+dmv.SSN4
	return running, nil
}

// load gives the office its roll, where it has none yet.
func (d *demoRoll) load(ctx context.Context, h *House) error {
	if n, err := h.Registry.Count(ctx); err != nil || n > 0 {
		return err
	}
	enough := errors.New("enough")
	_, err := h.Registry.Load(ctx, "2026-09-01", func(yield func(roll.Voter, error) bool) {
		_ = d.made.Each(func(p *fake.Person) error {
			if !yield(SampleVoter(p), nil) {
				return enough
			}
			return nil
		})
	})
	return err
}

// work brings in what waits for the registrar: street ranges, forms that come by
// themselves, a list of deaths, and voters who are on the roll twice. Done again
// after a stop half way, it goes on where it stopped.
func (d *demoRoll) work(ctx context.Context, h *House) error {
	ctx = who.With(ctx, who.System("demo", h.Config.Office.Jurisdiction))
	if err := d.streets(ctx, h); err != nil {
		return fmt.Errorf("street ranges: %w", err)
	}
	if err := d.forms(ctx, h); err != nil {
		return fmt.Errorf("forms: %w", err)
	}
	if err := d.programmes(ctx, h); err != nil {
		return fmt.Errorf("programmes: %w", err)
	}
	return nil
}

func (d *demoRoll) streets(ctx context.Context, h *House) error {
	all, err := h.Registry.AllLines(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		var segments []place.Segment
		for i, s := range d.made.Segments() {
			segments = append(segments, place.Segment{ID: fmt.Sprintf("s%d", i+1), Unit: s.Precinct, Start: fmt.Sprint(s.Low), End: fmt.Sprint(s.High), Side: place.Side(s.Side),
				Street: roll.Address{Before: s.Before, Street: s.Street, Type: s.Type, City: s.City, ZIP: s.ZIP}})
		}
		l, err := h.Registry.BringLines(ctx, "county-streets.csv", "2026-09-01", segments)
		if err != nil {
			return err
		}
		all = append(all, l)
	}
	for l := all[len(all)-1]; l.State == "draft"; {
		if l.Plan != nil {
			return h.Registry.UseLines(ctx, l.ID)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		if l, err = h.Registry.OneLines(ctx, l.ID); err != nil {
			return err
		}
	}
	return nil
}

// forms reach the office over the last days, by themselves.
func (d *demoRoll) forms(ctx context.Context, h *House) error {
	n := 0
	return d.made.Intakes(demoForms, func(in *fake.Intake) error {
		n++
		v := SampleVoter(&in.Person)
		v.ID, v.State, v.Reason, v.Registered, v.Precinct, v.Protected = "", "", "", "", "", ""
		v.Assertions = append(v.Assertions, roll.Assertion{Kind: "eighteen-on-election-day", Value: "yes"})
		at := h.Now().Add(-time.Duration(demoForms-n) * 97 * time.Minute)
		a := roll.Application{Asks: roll.ToRegister, Form: "state", Voter: v, Language: in.Language, Received: at, Signed: election.DayOf(at)}
		_, err := h.Intake.Accept(ctx, fmt.Sprintf("demo form %d", n), a, nil)
		return err
	})
}

// programmes are a list of deaths and the search for voters who are there twice.
func (d *demoRoll) programmes(ctx context.Context, h *House) error {
	var list bytes.Buffer
	out, err := sheet.NewWriter(&list, []string{"last_name", "first_name", "middle_name", "birth_date", "ssn4", "death_date"}, sheet.Style{})
	if err != nil {
		return err
	}
	n, enough := 0, errors.New("enough")
	if err := d.made.Each(func(p *fake.Person) error {
		if n++; n%97 != 0 {
			return nil
		}
		if n > 97*demoDeaths {
			return enough
		}
		return out.Write(p.Last, p.First, p.Middle, p.Birth.String(), p.SSN4, "2026-10-15")
	}); err != nil && !errors.Is(err, enough) {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	if _, err := h.Upkeep.Take(ctx, upkeep.Deaths, "deaths-2026-10.csv", &list); err != nil {
		return err
	}
	_, err = h.Upkeep.Take(ctx, upkeep.Duplicates, "", nil)
	return err
}
