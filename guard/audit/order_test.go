// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"path/filepath"
	"testing"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

// TestLeavesInAnotherOrderArePutRight lets groups of leaves pass each other on
// their way into the log, and one be lost on the way, and goes on sealing.
func TestLeavesInAnotherOrderArePutRight(t *testing.T) {
	for _, tt := range []struct {
		name string
		lost bool
	}{{"one group before the other", false}, {"the second only, and then the machine stopped", true}} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				o := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
				say(t, d, "nye", 130)
				stop := o.seal()
				o.sealed(130)
				stop()
				say(t, d, "clark", 70)
				say(t, d, "nye", 700)
				if err := o.Misplace(t.Context(), tt.lost); err != nil {
					t.Fatal(err)
				}
				say(t, d, "nye", 50)
				stop = o.seal()
				o.sealed(950)
				stop()
				if r := o.verify(); !r.Sound() || r.Leaves != 950 || r.Entries != 950 || r.Waiting != 0 {
					t.Errorf("%+v", r)
				}
			}, source())
		})
	}
}

// TestLeavesOfSomebodyElseAreNotPutRight puts leaves into the log that no entry
// was given: nothing is changed, and nothing is sealed on top of them.
func TestLeavesOfSomebodyElseAreNotPutRight(t *testing.T) {
	d := dbtest.SQLite(t, source())
	o := openOffice(t, d, filepath.Join(t.TempDir(), "log"))
	say(t, d, "nye", 20)
	if err := o.Misplace(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	alter(t, d, `update audit_batch set leaves = randomblob(32 * 20)`)
	if err := o.Settle(t.Context()); err == nil {
		t.Error("it was put right")
	}
}
