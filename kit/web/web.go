// SPDX-License-Identifier: Apache-2.0

// Package web is the house's two front doors. The public door serves what has
// been published and the few forms that voters use; the office door serves
// signed-in staff. Rooms bring routes as plain data; this package brings what
// every request needs: an id, a language, limits on size, rate and time,
// security headers, protection against forged cross-site requests, the
// question who is asking and whether they may, and pages for faults.
//
//	request -> limits -> headers -> who -> may -> the room's handler -> page or fault
//
// A route is refused unless it names the permission it needs, or says Public
// or SignedIn. Whoever holds the permission may still have to prove that it is
// them (StepUp): the office door leads them there and back.
package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"hustings/kit/who"
)

// What a route may need besides a permission.
const (
	Public   = "public"    // anyone
	SignedIn = "signed-in" // any member of staff
)

// Door is one of the two listeners.
type Door string

// The doors.
const (
	OfficeDoor Door = "office"
	PublicDoor Door = "public"
)

// Handler answers a request or returns an error, which becomes a page (or
// JSON, for who asks for it) with the status of its fault kind.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one address of a room.
type Route struct {
	Pattern string        // as for http.ServeMux: "POST /results/reports/{id}/approve"
	Needs   string        // a permission of the room, Public or SignedIn
	Door    Door          // OfficeDoor where empty
	MaxBody int64         // bytes; 0: 1 MiB
	Timeout time.Duration // for reading the request and writing the answer; 0: 30 s, negative: none (streams)
	Cross   bool          // it takes forms that pages of other sites send; what it is told proves itself
	Rate    Rate          // how often one address may ask here, besides the door's own limit; zero: as often as the door lets it
	Do      Handler

	// Fault answers in place of the house's pages and JSON where something is
	// wrong, for an interface whose standard says how. The status is that of the
	// fault's kind.
	Fault func(w http.ResponseWriter, r *http.Request, status int, err error)
}

// Method and Path are the two halves of the pattern.
func (r Route) Method() string { m, _, _ := strings.Cut(r.Pattern, " "); return m }

// Path is the pattern without its method.
func (r Route) Path() string { _, p, _ := strings.Cut(r.Pattern, " "); return p }

// Banner is a sentence above every page of the office, and where it leads, ""
// for nowhere.
type Banner struct{ Text, Path string }

// Item is an entry of the office's menu, shown to those who may use it.
type Item struct {
	Path  string // "/results"
	Key   string // words key of its name
	Needs string // as for a route
	Order int
	Group string // words key of the group that it is folded into; empty: it stands by itself
}

// Sessions knows who is asking.
type Sessions interface {
	// Who returns the person behind a request; ok is false for nobody.
	Who(r *http.Request) (p who.Person, ok bool)
	// Still says whether Who would still find the person. A stream asks it on
	// each beat, so it must not count as a sign of life: a page left open would
	// keep its session from ending idle.
	Still(r *http.Request) bool
}

// Access knows what a person may do.
type Access interface {
	// May returns nil where the person holds the permission in their
	// jurisdiction, a fault of kind Denied where not, and a StepUp where they
	// hold it and have yet to prove better or again that it is them.
	May(ctx context.Context, p who.Person, permission string) error
}
