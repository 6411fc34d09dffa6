// SPDX-License-Identifier: Apache-2.0

// Package app introduces the rooms to each other: the one list of rooms, the
// one struct of settings, the command line, and how the house starts and
// stops. The house is crash-only: stopping is closing the doors, and starting
// after a crash is the same as starting.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"hustings/guard/access"
	"hustings/guard/audit"
	"hustings/guard/federation"
	"hustings/guard/identity"
	"hustings/guard/keys"
	"hustings/guard/openid"
	"hustings/guard/provision"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/publish"
	"hustings/kit/room"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/definition"
	"hustings/office/extract"
	"hustings/office/intake"
	"hustings/office/letters"
	"hustings/office/registry"
	"hustings/office/results"
	"hustings/office/upkeep"
	"hustings/public/register"
	front "hustings/web"
)

// House is the running program.
type House struct {
	Config     Config
	Log        *slog.Logger
	Now        func() time.Time
	DB         *db.DB
	Ledger     *ledger.Ledger
	Blobs      blob.Store
	Shelf      *publish.Shelf
	Words      *words.Catalog
	Identity   *identity.Identity
	Access     *access.Access
	Keys       *keys.Keys
	Federation *federation.Federation
	Jobs       *job.Jobs
	Definition *definition.Definition
	Results    *results.Results
	Registry   *registry.Registry
	Letters    *letters.Letters
	Extract    *extract.Extract
	Intake     *intake.Intake
	Upkeep     *upkeep.Upkeep
	Register   *register.Register
	Audit      *audit.Audit
	OpenID     *openid.OpenID
	Provision  *provision.Provision
	Rooms      []room.Room
	readers    *readers

	// Public and Office are the addresses that the doors really listen at,
	// known once Opened is closed.
	Public, Office string
	Opened         chan struct{}
}

// Role is a part of the house that a node may play.
type Role string

// The roles. A public node needs only the published folder.
const (
	PublicRole Role = "public" // serves what is published
	OfficeRole Role = "office" // serves staff
	JobsRole   Role = "jobs"   // listeners, publishing, watched folders
)

// Open builds the house on its database, which is brought up to date, and
// finds its keys, without opening a door.
func Open(ctx context.Context, cfg Config, log *slog.Logger, now func() time.Time) (*House, error) {
	h, err := build(ctx, cfg, log, now)
	if err != nil {
		return h, err
	}
	if err := h.Keys.Start(ctx, h.sealed()); err != nil {
		h.Close()
		return h, err
	}
	return h, nil
}

// build is Open without the keys.
func build(ctx context.Context, cfg Config, log *slog.Logger, now func() time.Time) (h *House, err error) {
	h = &House{Config: cfg, Log: log, Now: now, readers: newReaders(now), Opened: make(chan struct{})}
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	if err := os.MkdirAll(cfg.Data.Folder, 0o700); err != nil {
		return h, fault.Wrap(fault.Invalid, err, "the folder data.folder = %q cannot be made: %s", cfg.Data.Folder, err)
	}
	if h.Words, err = words.New(cfg.Languages...); err != nil {
		return h, err
	}
	if h.DB, err = db.Open(ctx, cfg.database(), db.Options{Now: now, Log: log}); err != nil {
		return h, err
	}
	h.Ledger = &ledger.Ledger{DB: h.DB, Log: log}
	if h.Blobs, err = blob.OpenURL(ctx, cfg.blobs()); err != nil {
		return h, err
	}
	if h.Shelf, err = publish.Open(cfg.published(), publish.Options{Log: log, Now: now}); err != nil {
		return h, err
	}
	if err := h.furnish(); err != nil {
		return h, err
	}
	return h, h.DB.Migrate(ctx, h.migrations())
}

// sealed are the columns that hold private facts.
func (h *House) sealed() []seal.Column {
	var out []seal.Column
	for _, r := range h.Rooms {
		out = append(out, r.Sealed...)
	}
	return out
}

func (h *House) migrations() []db.Source {
	out := []db.Source{job.Source()}
	for _, r := range h.Rooms {
		if r.Migrations != nil {
			out = append(out, db.Source{Room: r.Name, FS: r.Migrations})
		}
	}
	return out
}

// server is the two doors of the house.
func (h *House) server() (*web.Server, error) {
	style, script, assets, err := officeAssets()
	if err != nil {
		return nil, err
	}
	s := &web.Server{
		Sessions: h.Identity, Access: h.Access, Words: h.Words, Log: h.Log, Now: h.Now,
		Published: h.readers.count(h.Shelf), Assets: assets, Styles: style, Scripts: script, Office: h.Config.Office.Name,
		Rate: web.Rate{PerSecond: h.Config.Doors.Rate, Burst: h.Config.Doors.Burst},
		TLS:  h.Config.Doors.HTTPS, Proxies: h.Config.Doors.Proxies, Banners: h.banners,
	}
	for _, r := range h.Rooms {
		s.Routes = append(s.Routes, h.Access.Counted(r.Routes)...)
		s.Menu = append(s.Menu, r.Menu...)
	}
	s.Routes = append(s.Routes, web.Route{Pattern: "GET /{$}", Needs: web.SignedIn, Do: h.home})
	return s, nil
}

// banners are what stands above every page of the office.
func (h *House) banners(r *http.Request) (list []web.Banner) {
	if text := h.Identity.Banner(r); text != "" {
		list = append(list, web.Banner{Text: text})
	}
	if b, ok := h.Audit.Banner(r); ok {
		list = append(list, b)
	}
	return list
}

// home leads staff to the first page of their menu.
func (h *House) home(w http.ResponseWriter, r *http.Request) error {
	var menu []web.Item
	for _, room := range h.Rooms {
		menu = append(menu, room.Menu...)
	}
	slices.SortStableFunc(menu, func(a, b web.Item) int { return a.Order - b.Order })
	for _, item := range menu {
		if err := h.Access.May(r.Context(), who.From(r.Context()), item.Needs); err == nil || errors.As(err, new(web.StepUp)) {
			http.Redirect(w, r, item.Path, http.StatusSeeOther)
			return nil
		}
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}

// Run opens the doors and works until the context ends or a part fails.
func (h *House) Run(ctx context.Context, roles ...Role) error {
	if len(roles) == 0 {
		roles = []Role{PublicRole, OfficeRole, JobsRole}
	}
	s, err := h.server()
	if err != nil {
		return err
	}
	return h.open(ctx, s, roles)
}

func (h *House) open(ctx context.Context, s *web.Server, roles []Role) (err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var parts sync.WaitGroup
	part := func(name string, do func() error) {
		parts.Go(func() {
			if err := do(); err != nil && ctx.Err() == nil {
				h.Log.Error("part stopped", "part", name, "error", err)
				stop(err)
			}
		})
	}
	if slices.Contains(roles, PublicRole) {
		if h.Public, err = h.listen(ctx, s, web.PublicDoor, h.Config.Doors.Public, part); err != nil {
			return err
		}
	}
	if slices.Contains(roles, OfficeRole) {
		if h.Office, err = h.listen(ctx, s, web.OfficeDoor, h.Config.Doors.Office, part); err != nil {
			stop(nil)
			parts.Wait()
			return err
		}
		part("uses of permissions", func() error { return h.Access.Run(ctx) })
	}
	if h.Ledger != nil { // a public node without a database hears nothing
		part("listeners", func() error { return h.Ledger.Run(ctx, h.hears(slices.Contains(roles, JobsRole))) })
	}
	if slices.Contains(roles, JobsRole) {
		part("sealing", func() error { return h.Audit.Seal(ctx) })
		part("copies of the record", func() error { return h.Audit.Send(ctx) })
		part("jobs", func() error { return h.Jobs.Run(ctx, h.kinds(), h.repeats()) })
		if h.Config.Results.Watch != "" {
			part("watched folder", func() error { return h.Results.Watch(ctx, h.Config.Results.Watch) })
		}
	}
	close(h.Opened)
	h.Log.Info("the house is open", "public", h.Public, "office", h.Office)
	parts.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// kinds and repeats are the work that takes longer than a request.
func (h *House) kinds() []job.Kind {
	var out []job.Kind
	for _, r := range h.Rooms {
		out = append(out, r.Jobs...)
	}
	return out
}

func (h *House) repeats() []job.Repeat {
	var out []job.Repeat
	for _, r := range h.Rooms {
		out = append(out, r.Repeats...)
	}
	return out
}

// hears are the listeners of this node: all where it does the house's jobs,
// else those that every node needs for its own screens.
func (h *House) hears(jobs bool) []ledger.Hear {
	var out []ledger.Hear
	for _, r := range h.Rooms {
		for _, l := range r.Hears {
			if jobs || l.Here {
				out = append(out, l)
			}
		}
	}
	return out
}

// listen opens one door and returns the address that it listens at.
func (h *House) listen(ctx context.Context, s *web.Server, d web.Door, addr string, part func(string, func() error)) (string, error) {
	handler, err := s.Door(d)
	if err != nil {
		return "", err
	}
	socket, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "the %s door cannot listen at %s; is another program there? doors.%s chooses another address", d, addr, d)
	}
	srv := web.Listener(addr, handler, h.Log)
	srv.BaseContext = func(net.Listener) context.Context { return ctx }
	if d == web.PublicDoor {
		socket = h.Shelf.Lane(socket, publish.LaneOptions{Headers: s.Headers(), Admit: s.Admit(d), Served: h.readers.served})
	}
	part(string(d)+" door", func() error {
		if err := srv.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	part("closing of the "+string(d)+" door", func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return srv.Shutdown(grace)
	})
	return socket.Addr().String(), nil
}

// Close gives back what the house holds; again, it does nothing. Nothing is
// lost without it.
func (h *House) Close() {
	if h.Shelf != nil {
		_ = h.Shelf.Close()
		h.Shelf = nil
	}
	if h.Keys != nil {
		_ = h.Keys.Close()
		h.Keys = nil
	}
	if h.DB != nil {
		_ = h.DB.Close()
		h.DB = nil
	}
}

// officeAssets are the staff's styles and scripts, served under /assets/.
func officeAssets() (styles, scripts []string, h http.Handler, err error) {
	css, _, err := front.Asset("office.css")
	if err != nil {
		return nil, nil, nil, err
	}
	js, _, err := front.Asset("office.js")
	if err != nil {
		return nil, nil, nil, err
	}
	return []string{"/assets/" + filepath.Base(css)}, []string{"/assets/" + filepath.Base(js)}, front.Handler(), nil
}

// runPublished is Run for a node that has nothing but the published folder.
func (h *House) runPublished(ctx context.Context) error {
	s := &web.Server{Routes: audit.PublicRoutes(h.Config.log()), Words: h.Words, Log: h.Log, Now: h.Now, Published: h.readers.count(h.Shelf), Office: h.Config.Office.Name,
		Rate: web.Rate{PerSecond: h.Config.Doors.Rate, Burst: h.Config.Doors.Burst}, TLS: h.Config.Doors.HTTPS, Proxies: h.Config.Doors.Proxies}
	return h.open(ctx, s, []Role{PublicRole})
}
