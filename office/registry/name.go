// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"strings"

	"hustings/kit/db"
	"hustings/office/registry/roll"
	"hustings/office/registry/spell"
)

// particles stand before a surname and are left out as often as not.
var particles = map[string]bool{"DE": true, "DEL": true, "LA": true, "LAS": true, "LOS": true, "DA": true, "DOS": true, "DI": true, "VAN": true, "VON": true,
	"DER": true, "DEN": true, "LE": true, "DU": true, "ST": true, "AL": true, "EL": true, "BEN": true, "BIN": true, "MAC": true, "Y": true}

// found are the names by which a voter is found besides the one in their row:
// the parts of a compound name, and earlier names.
func found(v roll.Voter) (names [][2]string) {
	k := keysOf(v)
	seen := map[[2]string]bool{{k.last, k.first}: true}
	add := func(last, first string) {
		one := [2]string{last, first}
		if last != "" && !seen[one] {
			seen[one] = true
			names = append(names, one)
		}
	}
	parts := func(last, first string) {
		words := strings.Fields(last)
		for _, w := range words {
			if len(words) > 1 && !particles[w] && len(w) > 1 {
				add(w, first)
			}
		}
		if len(words) > 1 {
			add(strings.Join(words, ""), first) // DELACRUZ for DE LA CRUZ
		}
		if given := strings.Fields(first); len(given) > 1 {
			for _, g := range given {
				add(last, g)
			}
		}
	}
	parts(k.last, k.first)
	if middle := spell.Fold(v.Name.Middle); len(middle) > 1 {
		add(k.last, middle) // many go by their second name
	}
	for _, f := range v.Former {
		last, first := spell.Fold(f.Last), spell.Fold(f.First)
		if first == "" {
			first = k.first
		}
		add(last, first)
		parts(last, first)
	}
	return names
}

// name keeps the further names and the words by which a voter is found.
func (s *Registry) name(ctx context.Context, tx *db.Tx, v roll.Voter) error {
	if _, err := tx.ExecContext(ctx, `delete from registry_name where jurisdiction = $1 and voter = $2`, s.Jurisdiction, string(v.ID)); err != nil {
		return err
	}
	k := keysOf(v)
	all := append(found(v), [2]string{k.last, k.first})
	for i, one := range all {
		if i < len(all)-1 {
			if _, err := tx.ExecContext(ctx, `
				insert into registry_name (jurisdiction, last_key, first_key, voter) values ($1, $2, $3, $4)`, s.Jurisdiction, one[0], one[1], string(v.ID)); err != nil {
				return err
			}
		}
		for n, kind := range []string{"l", "f"} {
			if one[n] == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, `
				insert into registry_word (jurisdiction, kind, word) values ($1, $2, $3) on conflict do nothing`, s.Jurisdiction, kind, one[n]); err != nil {
				return err
			}
		}
	}
	return nil
}
