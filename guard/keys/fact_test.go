// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"encoding/json"
	"strings"
	"testing"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/ledger"
	"hustings/kit/seal"
)

// moved is a fact that tells a private text to who may open it.
type moved struct {
	ID    string
	Phone hide.String // shown as its mask
	Was   []byte      // sealed
}

// Name is the fact's name in the ledger.
func (moved) Name() string { return "probe.moved.v1" }

// movedWas is the place of moved.Was.
var movedWas = seal.Column{Table: "probe.moved.v1", Name: "Was", Key: []string{"id"}, Purpose: "probe.moved", Subject: "id"}

// What a fact tells sealed is read back from the ledger, after a rotation too,
// until its subject is shredded. The ledger itself never changes.
func TestAFactTellsAPrivateTextSealed(t *testing.T) {
	run(t, func(t *testing.T, h *house) {
		ctx, at := as(here), movedWas.At(here, "1").Of("voter:1")
		err := h.DB.Write(ctx, func(tx *db.Tx) error {
			was, err := h.Sealer().Seal(ctx, tx, at, hide.New("12 Elm Street"))
			if err != nil {
				return err
			}
			tx.Record(moved{ID: "1", Phone: hide.New("555-0100"), Was: was})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		read := func() (string, error) {
			for e, err := range (&ledger.Ledger{DB: h.DB}).All(ctx, here, 0) {
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(e.Data), "Elm") || strings.Contains(string(e.Data), "0100") {
					t.Errorf("the ledger tells it: %s", e.Data)
				}
				if e.Name != "probe.moved.v1" {
					continue
				}
				if !strings.Contains(string(e.Data), hide.Mask) {
					t.Errorf("no mask: %s", e.Data)
				}
				var f struct{ Was []byte }
				if err := json.Unmarshal(e.Data, &f); err != nil {
					t.Fatal(err)
				}
				text, err := h.Sealer().Open(ctx, h.DB, at, f.Was)
				return text.Reveal(), err
			}
			return "", nil
		}
		if got, err := read(); got != "12 Elm Street" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := h.RotateData(ctx); err != nil {
			t.Fatal(err)
		}
		h.jobs()
		h.ahead = rested
		if _, err := h.Retire(ctx, here); err != nil {
			t.Fatal(err)
		}
		if got, err := read(); got != "12 Elm Street" || err != nil {
			t.Errorf("after a rotation: got %q, %v", got, err)
		}
		if err := h.Shred(ctx, "voter:1", "request 7"); err != nil {
			t.Fatal(err)
		}
		if got, err := read(); fault.KindOf(err) != fault.Gone {
			t.Errorf("after it was shredded: got %q, %v", got, err)
		}
	})
}
