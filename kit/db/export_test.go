// SPDX-License-Identifier: Apache-2.0

package db

import (
	"testing"
	"time"
)

// TryFor makes writes give up on a server after d, for the length of a test.
func TryFor(t *testing.T, d time.Duration) {
	was := tryFor
	tryFor = d
	t.Cleanup(func() { tryFor = was })
}
