// SPDX-License-Identifier: Apache-2.0

// Package e2e walks through the running house in a real browser and without
// one: the office's pages by axe on a phone and on a desk, light and dark, in
// each language; what their scripts add; every journey by plain forms and
// links; and the public's pages as the public door serves them.
//
// One house and one browser serve all tests. Each test works on an election of
// its own day, so that none depends on another.
package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"hustings/app"
	"hustings/election"
	"hustings/fake/county"
	"hustings/guard/access"
	"hustings/guard/identity"
	"hustings/kit/hide"
	"hustings/kit/who"
	"hustings/office/results"
)

var shots = flag.String("shots", "", "keep screenshots of the pages in this folder")

const password = "a sentence that is easy to remember"

// The people of the office.
const (
	clerk    = "ann@county.example"
	typist   = "cy@county.example"
	approver = "bo@county.example"
)

var staff = []struct {
	email, name string
	roles       []access.Role
}{
	{clerk, "Ann Clark", []access.Role{access.Clerk}},
	{typist, "Cy Young", []access.Role{access.Clerk}},
	{approver, "Bo Rivera", []access.Role{access.Approver, access.Admin, access.Editor}},
}

// house is the running house, opened by the first test that needs it.
type house struct {
	*app.House
	people map[string]identity.Account // by e-mail
	err    error
}

var (
	once   sync.Once
	open   house
	closes []func() // run after all tests, the last one first
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for i := len(closes) - 1; i >= 0; i-- {
		closes[i]()
	}
	os.Exit(code)
}

// office is the house as one test sees it.
type office struct {
	*app.House
	t      *testing.T
	people map[string]identity.Account
}

func openOffice(t *testing.T) *office {
	t.Helper()
	once.Do(func() { open.err = open.start() })
	if open.err != nil {
		if strings.Contains(open.err.Error(), "front end is not built") {
			t.Skip("the front end is not built; run make web")
		}
		t.Fatal(open.err)
	}
	return &office{open.House, t, open.people}
}

func (h *house) start() error {
	folder, err := os.MkdirTemp("", "hustings-e2e-")
	if err != nil {
		return err
	}
	closes = append(closes, func() { _ = os.RemoveAll(folder) })
	cfg := app.Defaults()
	cfg.Data.Folder = folder
	cfg.Office.Name = "Alder County Elections"
	cfg.Office.Jurisdiction = "ocd-division/country:us/state:xx/county:alder"
	cfg.Doors.Public, cfg.Doors.Office, cfg.Doors.Rate = "127.0.0.1:0", "127.0.0.1:0", 0
	cfg.Results.PublishBefore = true
	cfg.SignIn.Rehearsal = true
	cfg.Access.StepUp = false // people here have passwords alone
	if h.House, err = app.Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	closes = append(closes, func() { stop(); <-ended; h.Close() })
	select {
	case <-h.Opened:
		return h.hire()
	case err := <-ended:
		ended <- err
		return fmt.Errorf("the house did not open: %w", err)
	}
}

// hire gives each person of the office an account and their roles.
func (h *house) hire() error {
	ctx := who.With(context.Background(), who.System("setup", h.Config.Office.Jurisdiction))
	h.people = make(map[string]identity.Account)
	for _, p := range staff {
		a, err := h.Identity.Add(ctx, p.email, p.name, hide.New(password))
		if err != nil {
			return err
		}
		h.people[p.email] = a
		for _, r := range p.roles {
			if err := h.Access.Grant(ctx, a.ID, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// as is the context of somebody who works in the house without a browser.
func (o *office) as(email string) context.Context {
	a, ok := o.people[email]
	if !ok {
		return who.With(context.Background(), who.System("setup", o.Config.Office.Jurisdiction))
	}
	return who.With(context.Background(), who.Person{ID: a.ID, Name: a.Name, Jurisdiction: o.Config.Office.Jurisdiction, Via: who.CLI})
}

// eventually waits until something is so.
func (o *office) eventually(what string, is func() bool) {
	o.t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	o.t.Fatalf("not within 10 s: %s", what)
}

// night is the election of one test: a synthetic county and the files of its
// night.
type night struct {
	*office
	place *county.County
	e     election.ID
	desk  string // path of its desk
	files []county.Delivery
}

// open locks the definition of a county that votes on a day, has its sources
// set up, and goes live.
func (o *office) open(day election.Date) *night {
	o.t.Helper()
	n := o.county(day)
	v, err := o.Definition.SaveDraft(o.as(""), n.place.Definition(), "alder-county.xml")
	o.must(err)
	o.must(o.Definition.Lock(o.as(""), n.e, v.Hash, ""))
	o.must(o.Results.Open(o.as(""), n.e))
	o.must(o.Results.GoLive(o.as(""), n.e))
	for _, d := range n.files {
		o.must(o.Results.SaveSource(o.as(""), n.e, results.Source{ID: d.Source, Name: d.SourceName, Incremental: d.Incremental, ByType: d.ByType}))
	}
	return n
}

// county is a synthetic county of which the house knows nothing yet.
func (o *office) county(day election.Date) *night {
	place := county.New(7, day, "America/Denver")
	e := place.Definition().Election.ID
	return &night{office: o, place: place, e: e, desk: "/results/" + string(e), files: place.Night()}
}

// take sends in a file as the clerk does; its path is the report's.
func (n *night) take(d county.Delivery) (path string, r results.Report) {
	n.t.Helper()
	r, err := n.Results.Take(n.as(clerk), results.Upload{Election: n.e, Source: d.Source, Name: d.Name, Body: bytes.NewReader(d.Body)})
	n.must(err)
	return n.desk + "/reports/" + r.ID, r
}

// approve lets a report out, as the approver does.
func (n *night) approve(r results.Report) {
	n.t.Helper()
	_, err := n.Results.Approve(n.as(approver), r.ID, n.version(), "compared with the tapes")
	n.must(err)
}

func (n *night) version() int64 {
	n.t.Helper()
	list, err := n.Results.Standing(n.as(""), n.e)
	n.must(err)
	return list[0].Version
}

// published waits until the public can see a version.
func (n *night) published(version int64) {
	n.t.Helper()
	n.eventually(fmt.Sprintf("version %d in front of the public", version), func() bool {
		p, ok := n.Shelf.Current("results/" + string(n.e))
		return ok && p.Version >= version
	})
}
