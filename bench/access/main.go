// SPDX-License-Identifier: Apache-2.0

// Command access measures what it costs to ask who may do what: single
// decisions in a house of 100,000 people, places and records, and what the
// policies add to a whole page.
//
//	go run ./bench/access
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"hustings/app"
	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
)

// The house that is measured: a state's, with all counties of a country in it.
const (
	states   = 50
	counties = 63    // in each
	people   = 96800 // spread over all of them
	asks     = 200_000
	pages    = 3000
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	folder, err := os.MkdirTemp("", "hustings-bench-access-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	cfg := app.Defaults()
	cfg.Data.Folder, cfg.Office.Jurisdiction = folder, county(0, 0)
	h, err := app.Open(context.Background(), cfg, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
	if err != nil {
		return err
	}
	defer h.Close()
	places, err := settle(h.DB)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := h.Access.May(context.Background(), person(0), "results.view"); err != nil {
		return err
	}
	fmt.Printf("%d people hold roles in %d places; read into memory in %v\n\n", people, places, time.Since(begin).Round(time.Millisecond))
	decisions("as they ship", h)
	if err := ownPolicies(h); err != nil {
		return err
	}
	decisions("with 40 policies of the office's own", h)
	return wholePages(h)
}

func county(state, n int) string {
	return fmt.Sprintf("ocd-division/country:us/state:s%02d/county:c%02d", state, n)
}

// placeOf is where a person works.
func placeOf(i int) string { return county(i%states, (i/states)%counties) }

func person(i int) who.Person {
	return who.Person{ID: fmt.Sprintf("person-%06d", i), Name: "Somebody", Jurisdiction: placeOf(i), Via: who.Browser, Level: 3, Proved: time.Now()}
}

// settle gives everybody their roles; person 0 holds all but the auditor's.
func settle(d *db.DB) (places int, err error) {
	ctx := who.With(context.Background(), who.System("bench", county(0, 0)))
	roles, seen := access.Roles(), make(map[string]bool)
	err = d.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a house to be measured")
		for i := range people {
			mine := []access.Role{roles[i%len(roles)], roles[(i/7)%len(roles)]}
			if i == 0 {
				mine = slices.DeleteFunc(slices.Clone(roles), func(r access.Role) bool { return r == access.Auditor })
			}
			for _, r := range mine {
				if _, err := tx.ExecContext(ctx, `
					insert into access_grant (jurisdiction, person, role, granted_by, granted_at)
					values ($1, $2, $3, 'bench', $4) on conflict do nothing`, placeOf(i), person(i).ID, string(r), time.Now()); err != nil {
					return err
				}
			}
			if seen[placeOf(i)] {
				continue
			}
			seen[placeOf(i)] = true
			if _, err := tx.ExecContext(ctx, `insert into access_version (jurisdiction, n) values ($1, 1)`, placeOf(i)); err != nil {
				return err
			}
		}
		return nil
	})
	return len(seen), err
}

// ownPolicies puts 40 policies into force in every office: they are the state's
// and the country's, so that every decision looks at them.
func ownPolicies(h *app.House) error {
	const country = "ocd-division/country:us"
	text := ""
	for i := range 40 {
		text += fmt.Sprintf("@id(\"own-%d\") forbid (principal in Role::\"helper-%d\", action in Action::\"results\", resource is Record) when { resource has by && resource.by == principal && context.level < 2 };\n", i, i)
	}
	if err := h.Access.Check(country, text); err != nil {
		return err
	}
	ctx := who.With(context.Background(), who.System("bench", country))
	err := h.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("a house to be measured")
		if _, err := tx.ExecContext(ctx, `
			insert into access_policy (jurisdiction, version, body, hash, reason, asked_by, asked_name, agreed_by, agreed_name, applied_at)
			values ($1, 1, $2, '', 'bench', 'a', 'a', 'b', 'b', $3)`, country, text, time.Now()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `insert into access_version (jurisdiction, n) values ($1, 1)`, country)
		return err
	})
	time.Sleep(1100 * time.Millisecond) // as another node's change is felt
	return err
}

// spent is the processor time of this thread.
func spent() time.Duration {
	const threadCPU = 3 // CLOCK_THREAD_CPUTIME_ID of Linux
	var at syscall.Timespec
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadCPU, uintptr(unsafe.Pointer(&at)), 0)
	return time.Duration(at.Nano())
}

// watch times one thing by both clocks.
type watch struct {
	wall time.Time
	cpu  time.Duration
}

func start() watch { return watch{time.Now(), spent()} }

// times are what many things took.
type times struct{ cpu, wall []time.Duration }

func (t *times) stop(w watch) {
	t.cpu = append(t.cpu, spent()-w.cpu)
	t.wall = append(t.wall, time.Since(w.wall))
}

func (t *times) sort() { slices.Sort(t.cpu); slices.Sort(t.wall) }

func at(list []time.Duration, share float64) time.Duration {
	return list[int(share*float64(len(list)-1))]
}

// decisions asks many random questions and prints how long they took.
func decisions(name string, h *app.House) {
	var permissions []string
	for _, r := range h.Rooms {
		for _, p := range r.Permissions {
			permissions = append(permissions, p.Name)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	ctx := context.Background()
	var took times
	allowed := 0
	runtime.GC()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range asks {
		p, permission := person(rng.IntN(people)), permissions[rng.IntN(len(permissions))]
		rec := room.Record{Room: "results", Kind: "report", ID: fmt.Sprintf("report-%d", rng.IntN(1e6)), Jurisdiction: placeOf(rng.IntN(people)),
			By: person(rng.IntN(people)).ID, Election: "e", State: "held", Protected: rng.IntN(10) == 0}
		if rng.IntN(2) == 0 {
			rec.Jurisdiction = p.Jurisdiction
		}
		in := who.With(ctx, p)
		var err error
		w := start()
		if i%2 == 0 {
			err = h.Access.May(ctx, p, permission)
		} else {
			err = h.Access.On(in, permission, rec)
		}
		took.stop(w)
		if err == nil {
			allowed++
		}
	}
	took.sort()
	fmt.Printf("%d decisions %s (%d %% allowed; half of them about a record)\n  processor p50 %v  p99 %v  p99.9 %v\n  wall      p50 %v  p99 %v  p99.9 %v\n\n",
		asks, name, 100*allowed/asks, at(took.cpu, 0.5), at(took.cpu, 0.99), at(took.cpu, 0.999), at(took.wall, 0.5), at(took.wall, 0.99), at(took.wall, 0.999))
}

// open lets everybody do everything.
type open struct{}

// May implements web.Access.
func (open) May(context.Context, who.Person, string) error { return nil }

// signedIn says that every request is person 0's.
type signedIn struct{}

// Who and Still implement web.Sessions.
func (signedIn) Who(*http.Request) (who.Person, bool) { return person(0), true }
func (signedIn) Still(*http.Request) bool             { return true }

// wholePages asks for the same page in turn of a door with the policies and of
// one that lets everybody in.
func wholePages(h *app.House) error {
	var doors [2]http.Handler
	for i, a := range []web.Access{open{}, h.Access} {
		s := &web.Server{Sessions: signedIn{}, Access: a, Words: h.Words, Log: h.Log, Now: h.Now, Office: "Bench"}
		for _, r := range h.Rooms {
			routes := r.Routes
			if i == 1 {
				routes = h.Access.Counted(routes)
			}
			s.Routes, s.Menu = append(s.Routes, routes...), append(s.Menu, r.Menu...)
		}
		var err error
		if doors[i], err = s.Door(web.OfficeDoor); err != nil {
			return err
		}
	}
	var took [2]times
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for n := range pages {
		for i := range doors {
			i = (i + n) % 2
			rec, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/results", nil)
			w := start()
			doors[i].ServeHTTP(rec, r)
			took[i].stop(w)
			if rec.Code != http.StatusOK {
				return fmt.Errorf("the page answers %d: %s", rec.Code, rec.Body)
			}
		}
	}
	took[0].sort()
	took[1].sort()
	fmt.Printf("%d times the page /results, with the menu\n", pages)
	for i, name := range []string{"everybody let in", "policies asked"} {
		fmt.Printf("  %-17s processor p50 %v mean %v  wall p50 %v\n", name, at(took[i].cpu, 0.5), mean(took[i].cpu), at(took[i].wall, 0.5))
	}
	fmt.Printf("  the policies add  processor p50 %v mean %v  wall p50 %v\n",
		at(took[1].cpu, 0.5)-at(took[0].cpu, 0.5), mean(took[1].cpu)-mean(took[0].cpu), at(took[1].wall, 0.5)-at(took[0].wall, 0.5))
	return nil
}

// mean leaves out the extremes: a twentieth at each end.
func mean(sorted []time.Duration) time.Duration {
	middle := sorted[len(sorted)/20 : len(sorted)-len(sorted)/20]
	sum := time.Duration(0)
	for _, d := range middle {
		sum += d
	}
	return sum / time.Duration(len(middle))
}
