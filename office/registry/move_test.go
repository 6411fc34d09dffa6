// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hustings/election"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// TestMovingManyIsMovingEach moves voters all at once and one by one, before and
// after the day, some of whom have a history.
func TestMovingManyIsMovingEach(t *testing.T) {
	const voters = 60
	for _, from := range []election.Date{"2026-08-15", "2026-09-01", "2026-12-01", "2025-01-01"} {
		t.Run(string(from), func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				var ended [2][]any
				for way := range 2 {
					k := openDesk(t, d)
					k.Registry.Jurisdiction += fmt.Sprint(way)
					_, err := k.Load(k.ctx, "2026-01-01", func(yield func(roll.Voter, error) bool) {
						for i := range voters {
							v := mary()
							v.ID, v.Precinct, v.Districts = roll.ID(fmt.Sprintf("%09d", i)), "p1", []election.DistrictID{"d1"}
							if i%7 == 0 {
								v.Protected = "safe"
							}
							if !yield(v, nil) {
								return
							}
						}
					})
					k.must(err)
					for i := 0; i < voters; i += 5 {
						k.revise(roll.ID(fmt.Sprintf("%09d", i)), "2026-07-01", func(v *roll.Voter) { v.Party = "x" })
					}
					page, moves, c := []Version(nil), []place.Move(nil), Change{From: from, Why: "lines", Cause: "lines 1"}
					for v, err := range k.RollAsOf(k.ctx, from, time.Time{}) {
						k.must(err)
						page = append(page, v)
					}
					for i := range voters {
						if i%3 != 0 {
							moves = append(moves, place.Move{ID: roll.ID(fmt.Sprintf("%09d", i)), To: "p2", Districts: []election.DistrictID{"d2", "d3"}})
						}
					}
					k.now = k.now.Add(time.Hour)
					if way == 0 {
						ready, err := k.readyToMove(k.ctx, c, page, moves)
						k.must(err)
						k.must(k.DB.Write(k.ctx, func(tx *db.Tx) error { return k.moveAll(k.ctx, tx, "1", c, moves, ready) }))
						k.must(k.DB.Write(k.ctx, func(tx *db.Tx) error { // the same again does nothing
							tx.Silently("a repetition")
							return k.moveAll(k.ctx, tx, "1", c, moves, ready)
						}))
					} else {
						for _, m := range moves {
							k.must(k.Revise(k.ctx, m.ID, c, func(v *roll.Voter) error { v.Precinct, v.Districts = m.To, m.Districts; return nil }))
						}
					}
					for i := range voters {
						id := roll.ID(fmt.Sprintf("%09d", i))
						now, err := k.Voter(k.ctx, id)
						k.must(err)
						all, err := k.History(k.ctx, id)
						k.must(err)
						ended[way] = append(ended[way], now, all)
					}
				}
				same := cmp.Options{cmp.Comparer(func(a, b hide.String) bool { return a.Equal(b) }), cmpopts.EquateEmpty(),
					cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Why" || p.Last().String() == ".Recorded" }, cmp.Ignore())}
				if diff := cmp.Diff(ended[1], ended[0], same); diff != "" {
					t.Errorf("one by one (-) and all at once (+):\n%.3000s", diff)
				}
			}, source())
		})
	}
}
