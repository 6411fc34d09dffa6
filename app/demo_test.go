// SPDX-License-Identifier: Apache-2.0

package app

import (
	"log/slog"
	"testing"
	"time"

	"hustings/fake/county"
)

func TestTheDemosClockPlaysHoursInMinutes(t *testing.T) {
	real := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	c := &demoClock{Ahead: time.Hour}
	if got := c.at(real); !got.Equal(real.Add(time.Hour)) {
		t.Errorf("before the night: %s", got)
	}
	c.Began, c.Hours, c.Night = real, 4*time.Hour, 4*time.Minute
	for _, tt := range []struct {
		name      string
		real, sim time.Duration // since the night began
	}{
		{"at its beginning", 0, 0},
		{"half way", 2 * time.Minute, 2 * time.Hour},
		{"at its end", 4 * time.Minute, 4 * time.Hour},
		{"an hour later", 64 * time.Minute, 5 * time.Hour},
	} {
		if got := c.at(real.Add(tt.real)).Sub(real.Add(time.Hour)); got != tt.sim {
			t.Errorf("%s: %s of the night are over, want %s", tt.name, got, tt.sim)
		}
	}
}

// TestTheDemoGoesOnWhereItStopped furnishes an office that was killed after its
// definition was drafted and before it was locked, and then once more.
func TestTheDemoGoesOnWhereItStopped(t *testing.T) {
	openHouse(t) // skips where the front end is not built
	c := demoCmd{Folder: t.TempDir(), Seed: 3, Public: "127.0.0.1:0", Office: "127.0.0.1:0"}
	st, err := openDemo(c.Folder, c.Seed)
	if err != nil {
		t.Fatal(err)
	}
	place := county.New(st.Seed, demoDay, demoZone)
	h, err := Open(t.Context(), c.config(place), slog.New(slog.DiscardHandler), st.Clock.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	if _, err := h.Definition.SaveDraft(operator(t.Context(), h.Config), place.Definition(), "synthetic county"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		st.Ready = false
		if err := st.furnish(t.Context(), h, place, newDemoRoll(st.Seed, place, demoVoters)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := h.Registry.Count(t.Context()); err != nil || n != demoVoters {
		t.Errorf("the roll has %d voters, %v", n, err)
	}
}
