// SPDX-License-Identifier: Apache-2.0

package app

import (
	"testing"
	"time"
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
