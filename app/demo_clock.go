// SPDX-License-Identifier: Apache-2.0

package app

import (
	"sync"
	"time"
)

// demoClock stands at the closing of the polls when a demo starts for the
// first time. While the night plays it runs so fast that the hours of a real
// night fit into its minutes; after that it runs on like any clock.
type demoClock struct {
	Ahead time.Duration `json:"ahead"`          // of the machine's clock, before the night
	Began time.Time     `json:"began,omitzero"` // by the machine's clock; zero: not yet
	Hours time.Duration `json:"hours"`          // of the night that is played
	Night time.Duration `json:"night"`          // how long playing it takes
	mu    sync.Mutex    // guards the rest, which change once
}

// begin lets the night begin now; a second time changes nothing.
func (c *demoClock) begin(hours, night time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Began.IsZero() {
		c.Began, c.Hours, c.Night = time.Now(), hours, night
	}
}

func (c *demoClock) now() time.Time { return c.at(time.Now()) }

// at is the demo's time when the machine's clock shows real.
func (c *demoClock) at(real time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Began.IsZero() || c.Night <= 0 {
		return real.Add(c.Ahead)
	}
	played := real.Sub(c.Began)
	if played >= c.Night {
		return real.Add(c.Ahead + c.Hours - c.Night)
	}
	return c.Began.Add(c.Ahead + time.Duration(float64(played)/float64(c.Night)*float64(c.Hours)))
}
