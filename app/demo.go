// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hustings/election"
	"hustings/fake/county"
	"hustings/guard/access"
	"hustings/kit/conf"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/log"
	"hustings/kit/who"
	"hustings/office/results"
)

type demoCmd struct {
	Folder  string        `default:"demo-data" help:"Where the demo office keeps its things." type:"path"`
	Fresh   bool          `help:"Start over with an empty folder."`
	Seed    uint64        `default:"1" help:"The synthetic county; another seed, another county."`
	Night   time.Duration `default:"4m" help:"How long the election night takes."`
	Public  string        `default:"127.0.0.1:8080" help:"Address of the public door."`
	Office  string        `default:"127.0.0.1:8081" help:"Address of the office door."`
	Voters  int           `default:"3000" help:"How many voters are on the roll."`
	EndWhen string        `name:"until" enum:"stopped,played" default:"stopped" help:"Go on until it is stopped, or end when the night is over."`
}

// Day and zone of the demo's election.
const (
	demoDay  = election.Date("2026-11-03")
	demoZone = "America/Denver"
)

// demoState is what the demo keeps in its folder between runs.
type demoState struct {
	Seed    uint64    `json:"seed"`
	Clock   demoClock `json:"clock"`
	Played  int       `json:"played"`
	Ready   bool      `json:"ready"` // accounts, definition and sources are there
	Token   string    `json:"token"`
	SignIns []signIn  `json:"signIns"`
	path    string
}

type signIn struct {
	Email, Name, Password string
	Roles                 []access.Role
}

func (c demoCmd) Run(ctx context.Context, t *terminal) error {
	if c.Fresh {
		if err := removeDemo(c.Folder); err != nil {
			return err
		}
	}
	st, err := openDemo(c.Folder, c.Seed)
	if err != nil {
		return err
	}
	fmt.Fprintln(t.out, "Making a synthetic county …")
	place := county.New(st.Seed, demoDay, demoZone)
	cfg := c.config(place)
	people := newDemoRoll(st.Seed, place, c.Voters)
	motor, err := people.open(&cfg)
	if err != nil {
		return err
	}
	defer motor.Close()
	l, err := log.New(t.err, "text", "warn")
	if err != nil {
		return err
	}
	slog.SetDefault(l)
	h, err := Open(ctx, cfg, l, st.Clock.now)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := st.furnish(ctx, h, place, people); err != nil {
		return err
	}
	return c.play(ctx, t, h, st, place, people)
}

// config is a county on one machine, on loopback.
func (c demoCmd) config(place *county.County) Config {
	cfg := Defaults()
	def := place.Definition()
	cfg.Office.Name = def.Units[0].Name + " Elections"
	cfg.Office.Jurisdiction = def.Election.Jurisdiction
	cfg.Office.Phone, cfg.Office.Email = "+1 555 0100", "elections@county.example"
	cfg.Data.Folder = c.Folder
	cfg.Doors.Public, cfg.Doors.Office = c.Public, c.Office
	cfg.Doors.PublicURL = "http://" + c.Public + "/"
	cfg.Doors.Rate, cfg.Doors.Burst = 0, 0
	cfg.Doors.Idle = conf.Duration(12 * time.Hour)
	cfg.Access.StepUp = false // its people have passwords alone
	cfg.SignIn.Rehearsal = true
	cfg.Results.RecountShare, cfg.Results.RecountLaw = "1/200", "Fictitious Election Code, section 7"
	return cfg
}

// removeDemo empties the folder of an earlier demo, and only of a demo.
func removeDemo(folder string) error {
	if _, err := os.Stat(filepath.Join(folder, "demo.json")); err != nil {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fault.New(fault.Invalid, "%s is not the folder of a demo; --fresh removes nothing else", folder)
	}
	return os.RemoveAll(folder)
}

func openDemo(folder string, seed uint64) (*demoState, error) {
	st := &demoState{Seed: seed, path: filepath.Join(folder, "demo.json")}
	body, err := os.ReadFile(st.path)
	switch {
	case err == nil:
		if err := json.Unmarshal(body, st); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s is damaged; run the demo with --fresh", st.path)
		}
		return st, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return nil, err
	}
	day, err := demoDay.In(zone)
	if err != nil {
		return nil, err
	}
	st.Clock.Ahead = time.Until(day.Add(19*time.Hour + 5*time.Second))
	for _, p := range []signIn{
		{"chief@county.example", "Casey (administrator)", "", []access.Role{access.Admin, access.Editor}},
		{"clerk@county.example", "Robin (results clerk)", "", []access.Role{access.Clerk}},
		{"approver@county.example", "Jordan (results approver)", "", []access.Role{access.Approver, access.Removals}},
		{"viewer@county.example", "Sky (viewer)", "", []access.Role{access.Viewer}},
		{"registrar@county.example", "Quinn (registrar)", "", []access.Role{access.Registrar}},
	} {
		p.Password = id.Token(12)
		st.SignIns = append(st.SignIns, p)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the folder %s cannot be made", folder)
	}
	return st, st.save()
}

func (st *demoState) save() error {
	body, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return err
	}
	tmp := st.path + ".new"
	if err := os.WriteFile(tmp, append(body, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, st.path)
}

// furnish gives the office its people, its election and its sources, once.
// Done again after a crash half way, it goes on where it stopped.
func (st *demoState) furnish(ctx context.Context, h *House, place *county.County, people *demoRoll) error {
	if st.Ready {
		return nil
	}
	ctx = operator(ctx, h.Config)
	for _, p := range st.SignIns {
		if err := st.employ(ctx, h, p); err != nil {
			return err
		}
	}
	def := place.Definition()
	e := def.Election.ID
	if err := lockOnce(ctx, h, def); err != nil {
		return err
	}
	if err := h.Results.Open(ctx, e); err != nil && fault.KindOf(err) != fault.Conflict {
		return err
	}
	for _, d := range append(place.Night(), place.Deck()) {
		src := results.Source{ID: d.Source, Name: d.SourceName, Incremental: d.Incremental, ByType: d.ByType}
		if err := h.Results.SaveSource(ctx, e, src); err != nil {
			return err
		}
	}
	if err := people.load(ctx, h); err != nil {
		return err
	}
	clerk, err := h.Identity.ByEmail(ctx, st.SignIns[1].Email)
	if err != nil {
		return err
	}
	if _, st.Token, err = h.Identity.MakeToken(ctx, clerk.ID, "the demo's uploads", 365*24*time.Hour); err != nil {
		return err
	}
	st.Ready = true
	return st.save()
}

// lockOnce locks a definition of an election that has none yet, whether or not a
// draft of it is there.
func lockOnce(ctx context.Context, h *House, def *election.Definition) error {
	locked, err := h.Definition.Locked(ctx)
	if err != nil || slices.ContainsFunc(locked, func(b election.Ballot) bool { return b.Election == def.Election.ID }) {
		return err
	}
	v, err := h.Definition.SaveDraft(ctx, def, "synthetic county")
	if err != nil {
		return err
	}
	return h.Definition.Lock(ctx, def.Election.ID, v.Hash, "")
}

func (st *demoState) employ(ctx context.Context, h *House, p signIn) error {
	a, err := h.Identity.Add(ctx, p.Email, p.Name, hide.New(p.Password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = h.Identity.ByEmail(ctx, p.Email)
	}
	if err != nil {
		return err
	}
	for _, r := range p.Roles {
		if err := h.Access.Grant(ctx, a.ID, r); err != nil {
			return err
		}
	}
	return nil
}

// play opens the doors and lets the night happen in front of them.
func (c demoCmd) play(ctx context.Context, t *terminal, h *House, st *demoState, place *county.County, people *demoRoll) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	running := make(chan error, 1)
	go func() { running <- h.Run(ctx) }()
	night := &demoNight{house: h, state: st, place: place, out: t.out, length: c.Night}
	select {
	case <-h.Opened:
	case err := <-running:
		return err
	}
	night.welcome()
	go func() {
		if err := st.bring(ctx, h, people); err != nil && ctx.Err() == nil {
			h.Log.Warn("what waits for the registrar", "err", err)
		}
	}()
	err := night.play(ctx)
	if err == nil && c.EndWhen == "stopped" {
		fmt.Fprintln(t.out, "\nThe night is over. The office stays open until you stop it with Ctrl-C.")
		select {
		case <-ctx.Done():
		case err := <-running:
			return err
		}
		return nil
	}
	stop()
	if stopped := <-running; err == nil || errors.Is(err, context.Canceled) {
		err = stopped
	}
	return err
}

// bring has the registrar's work brought in, once.
func (st *demoState) bring(ctx context.Context, h *House, people *demoRoll) error {
	done := filepath.Join(filepath.Dir(st.path), "registrar.done")
	if _, err := os.Stat(done); err == nil {
		return nil
	}
	if err := people.work(ctx, h); err != nil {
		return err
	}
	return os.WriteFile(done, nil, 0o600)
}

// system is the demo itself acting inside the house.
func system(h *House) context.Context {
	return who.With(context.Background(), who.System("demo", h.Config.Office.Jurisdiction))
}

// narrate prints one line of the night with the demo's clock.
func narrate(out io.Writer, h *House, format string, args ...any) {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		zone = time.UTC
	}
	fmt.Fprintf(out, "%s  %s\n", h.Now().In(zone).Format("15:04:05"), fmt.Sprintf(format, args...))
}
