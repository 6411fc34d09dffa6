// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/format/geojson"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/who"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// Maps tells the precincts, their splits and their shapes.
type Maps interface {
	// Newest is the newest locked definition, with a text that changes with it;
	// nil where none is locked.
	Newest(ctx context.Context) (*election.Definition, string, error)
}

// Lines are street ranges that an office brought in.
type Lines struct {
	ID, Name, SHA256, State string
	From                    election.Date // from when they hold
	At                      time.Time
	By                      string
	Used                    time.Time // when they were put to use; zero before
	Ranges                  int64
	Flaws                   []place.Flaw
	Plan                    *Plan // what they would do, or did; nil while that is being worked out
}

// Plan is what lines do to the roll, for people to look at.
type Plan struct {
	Voters, Stay, Moved, Left int
	Units                     []UnitChange // in the order of the ballot's definition
	ByHow                     map[place.How]int
	Unsure                    []place.Left // some of those who are left
	Changed                   int          // how many voters the lines have changed
}

// UnitChange is how many voters a precinct or split has before and after.
type UnitChange struct {
	Unit          election.UnitID
	Before, After int
}

// mostUnsure is how many voters without a certain answer a plan names.
const mostUnsure = 500

// assigner keeps what is worked out from lines and maps.
type assigner struct {
	mu  sync.Mutex // guards all below
	of  string     // the lines and the definition it was made of
	use *place.Assigner
}

// BringLines keeps street ranges as a draft, and has what they would do to the
// roll worked out. Nothing changes yet.
func (s *Registry) BringLines(ctx context.Context, name string, from election.Date, segments []place.Segment) (Lines, error) {
	if len(segments) == 0 {
		return Lines{}, fault.On("file", fault.New(fault.Invalid, "%s has no street ranges.", name))
	}
	if _, err := from.In(time.UTC); err != nil {
		return Lines{}, fault.On("from", fault.New(fault.Invalid, "%q is no day; write it as 2026-11-03.", from))
	}
	def, _, err := s.Maps.Newest(ctx)
	if err != nil {
		return Lines{}, err
	}
	if err := resolve(segments, def); err != nil {
		return Lines{}, err
	}
	_, flaws := place.NewStreets(segments)
	flaws = flaws[:min(len(flaws), mostUnsure)]
	text, err := json.Marshal(segments)
	if err != nil {
		return Lines{}, err
	}
	sum := sha256.Sum256(text)
	l := Lines{ID: id.New(), Name: name, SHA256: hex.EncodeToString(sum[:]), State: "draft", From: from, At: s.Now(), By: who.From(ctx).ID, Ranges: int64(len(segments)), Flaws: flaws}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(text); err != nil {
		return l, err
	}
	if err := z.Close(); err != nil {
		return l, err
	}
	told, err := json.Marshal(flaws)
	if err != nil {
		return l, err
	}
	return l, s.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.ExecContext(ctx, `
			insert into registry_lines (jurisdiction, id, name, sha256, state, holds_from, brought_at, brought_by, segments, ranges, flaws, plan)
			values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, '')`,
			s.Jurisdiction, l.ID, l.Name, l.SHA256, string(l.From), l.At, l.By, packed.Bytes(), l.Ranges, string(told)); err != nil {
			return err
		}
		tx.Record(event.LinesBrought{Lines: l.ID, File: name, SHA256: l.SHA256, Ranges: l.Ranges, From: from})
		_, err := job.Enqueue(ctx, tx, job.Order{Kind: previewJob, Args: l.ID, Key: l.ID})
		return err
	})
}

// resolve turns the precincts' names in a file into ours: by id, by another
// program's id, by number or by name.
func resolve(segments []place.Segment, def *election.Definition) error {
	if def == nil {
		return fault.New(fault.Conflict, "There are no precincts yet. Lock an election's definition first.")
	}
	names := make(map[string]election.UnitID)
	for _, u := range def.Units {
		for _, name := range []string{u.Name, u.Number} {
			if _, taken := names[name]; name != "" && !taken {
				names[name] = u.ID
			}
		}
	}
	for _, u := range def.Units {
		for _, name := range u.External {
			names[name] = u.ID
		}
	}
	for _, u := range def.Units {
		names[string(u.ID)] = u.ID
	}
	for i := range segments {
		unit, known := names[string(segments[i].Unit)]
		if !known {
			return fault.On("file", fault.New(fault.Invalid, "Street range %d (%s) is of the precinct %q, which the definition does not have.", i+1, segments[i].Street.Street, segments[i].Unit))
		}
		segments[i].Unit = unit
	}
	return nil
}

const linesColumns = `id, name, sha256, state, holds_from, brought_at, brought_by, used_at, ranges, flaws, plan`

func scanLines(scan func(...any) error) (l Lines, err error) {
	var used sql.NullTime
	var flaws, plan string
	if err := scan(&l.ID, &l.Name, &l.SHA256, &l.State, &l.From, db.AsTime(&l.At), &l.By, &used, &l.Ranges, &flaws, &plan); err != nil {
		return l, err
	}
	l.Used = used.Time
	if err := json.Unmarshal([]byte(flaws), &l.Flaws); err != nil {
		return l, err
	}
	if plan != "" {
		err = json.Unmarshal([]byte(plan), &l.Plan)
	}
	return l, err
}

// AllLines are the lists of street ranges, the newest first.
func (s *Registry) AllLines(ctx context.Context) ([]Lines, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+linesColumns+` from registry_lines where jurisdiction = $1 order by id desc limit 100`, s.Jurisdiction)
	return db.Collect(rows, err, scanLines)
}

// OneLines is one list of street ranges.
func (s *Registry) OneLines(ctx context.Context, id string) (Lines, error) {
	l, err := scanLines(s.DB.QueryRowContext(ctx, `select `+linesColumns+` from registry_lines where jurisdiction = $1 and id = $2`, s.Jurisdiction, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "There are no such street ranges.")
	}
	return l, err
}

func (s *Registry) segments(ctx context.Context, id string) (out []place.Segment, err error) {
	var packed []byte
	if err := s.DB.QueryRowContext(ctx, `select segments from registry_lines where jurisdiction = $1 and id = $2`, s.Jurisdiction, id).Scan(&packed); err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(text, &out)
}

// Place says where an address votes, by the street ranges in use and by the
// shapes of the newest locked definition.
func (s *Registry) Place(ctx context.Context, a roll.Address) (place.Answer, error) {
	use, err := s.assigner(ctx)
	if err != nil {
		return place.Answer{}, err
	}
	return use.Assign(a), nil
}

// assigner is what places addresses now. It is made anew when other lines are
// put to use or another definition is locked.
func (s *Registry) assigner(ctx context.Context) (*place.Assigner, error) {
	def, version, err := s.Maps.Newest(ctx)
	if err != nil {
		return nil, err
	}
	lines := ""
	err = s.DB.QueryRowContext(ctx, `select id from registry_lines where jurisdiction = $1 and state = 'in use'`, s.Jurisdiction).Scan(&lines)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	s.placing.mu.Lock()
	defer s.placing.mu.Unlock()
	if of := lines + " " + version; s.placing.use == nil || s.placing.of != of {
		use, err := s.assignerOf(ctx, lines, def)
		if err != nil {
			return nil, err
		}
		s.placing.of, s.placing.use = of, use
	}
	return s.placing.use, nil
}

// assignerOf puts lines and a definition's shapes together.
func (s *Registry) assignerOf(ctx context.Context, lines string, def *election.Definition) (*place.Assigner, error) {
	out := &place.Assigner{}
	if lines != "" {
		segments, err := s.segments(ctx, lines)
		if err != nil {
			return nil, err
		}
		out.Streets, _ = place.NewStreets(segments)
	}
	if def == nil {
		return out, nil
	}
	out.Parent, out.Of = make(map[election.UnitID]election.UnitID), make(map[election.UnitID][]election.DistrictID)
	for _, u := range def.Units {
		out.Of[u.ID] = u.Districts
		if u.Type == election.SplitPrecinct {
			out.Parent[u.ID] = u.Parent
		}
	}
	if features := features(def); len(features) > 0 {
		out.Areas, _ = place.NewLayer("precincts", features, func(f *geojson.Feature) string { return f.ID })
	}
	return out, nil
}

// features are the shapes of the precincts and splits.
func features(def *election.Definition) (out []geojson.Feature) {
	votes := make(map[election.UnitID]bool)
	for _, u := range def.Units {
		if u.Type == election.Precinct || u.Type == election.SplitPrecinct {
			votes[u.ID] = true
		}
	}
	for _, shape := range def.Shapes {
		if !votes[shape.Unit] {
			continue
		}
		g := &geojson.Geometry{Type: "MultiPolygon"}
		for _, p := range shape.Polygons {
			var rings geojson.Polygon
			for _, ring := range p {
				var line []geojson.Point
				for _, point := range ring {
					line = append(line, geojson.Point(point))
				}
				rings = append(rings, line)
			}
			g.Polygons = append(g.Polygons, rings)
		}
		out = append(out, geojson.Feature{ID: string(shape.Unit), Geometry: g})
	}
	return out
}
