// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strings"
	"testing"

	"hustings/election"
	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

const registrar = "quinn@county.example"

// TestTheRollIsAccessible looks at the pages of the roll on a phone and on a
// desk, light and dark, in each language.
func TestTheRollIsAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	a, err := o.Identity.Add(o.as(""), registrar, "Quinn", hide.New(password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = o.Identity.ByEmail(o.as(""), registrar)
	}
	o.must(err)
	o.must(o.Access.Grant(o.as(""), a.ID, access.Registrar))
	home := roll.Address{Number: "12", Street: "Elm", Type: "ST", City: "Alder", State: "XX", ZIP: "00501"}
	register := func(v roll.Voter) string {
		v.State, v.Reason, v.Home, v.Birth, v.Registered = roll.Active, roll.Verified, home, "1980-02-29", "2026-09-01"
		out, err := o.Registry.Register(o.as(""), v, registry.Change{From: "2026-09-01", Why: "a form at the counter"})
		o.must(err)
		return string(out.ID)
	}
	plain := register(roll.Voter{Name: roll.Name{First: "María", Middle: "Elena", Last: "García-López"}, Contact: []roll.Contact{{Kind: "phone", Value: "555-010-0001"}}})
	hidden := register(roll.Voter{Name: roll.Name{First: "Olive", Last: "Garcia"}, Protected: "address confidentiality"})
	o.must(o.Registry.Revise(o.as(""), roll.ID(plain), registry.Change{From: "2026-10-01", Why: "moved"}, func(v *roll.Voter) error { v.Home.Number = "99"; return nil }))
	twin := register(roll.Voter{Name: roll.Name{First: "Maria", Last: "Garcia Lopez"}, Contact: []roll.Contact{{Kind: "phone", Value: "555-010-0001"}}})
	o.must(o.Registry.Revise(o.as(""), roll.ID(twin), registry.Change{From: "2026-10-01", Why: "a form", Cause: "form 1"}, func(v *roll.Voter) error { v.Party = "ind"; return nil }))
	merged := register(roll.Voter{Name: roll.Name{First: "Mary", Last: "Garcia"}})
	o.must(o.Registry.Merge(o.as(""), roll.ID(plain), roll.ID(merged), registry.Change{From: "2026-10-02", Why: "one person"}))
	def := o.anyDefinition()
	units := def.Units[len(def.Units)-2:]
	lines, err := o.Registry.BringLines(o.as(""), "streets.csv", "2026-11-04", []place.Segment{
		{ID: "1", Unit: units[0].ID, Start: "1", End: "99", Side: place.Both, Street: roll.Address{Street: "ELM", Type: "ST"}},
		{ID: "2", Unit: units[1].ID, Start: "50", End: "99", Side: place.Both, Street: roll.Address{Street: "ELM", Type: "ST"}}})
	o.must(err)
	b := o.tab(registrar)
	for _, v := range views {
		b.look(v)
		for _, p := range []struct{ name, path, but string }{
			{name: "roll", path: "/registry"},
			{name: "roll-found", path: "/registry?q=garcia"},
			{name: "roll-nobody", path: "/registry?q=zzyzx"},
			{name: "roll-voter", path: "/registry/voters/" + plain},
			{name: "roll-protected", path: "/registry/voters/" + hidden},
			{name: "roll-residence", path: "/registry/voters/" + hidden + "/residence"},
			{name: "roll-edit", path: "/registry/voters/" + plain + "/edit"},
			{name: "roll-changed", path: "/registry/voters/" + twin},
			{name: "roll-merged", path: "/registry/voters/" + merged},
			{name: "roll-merge", path: "/registry/voters/" + plain + "/merge"},
			{name: "roll-pair", path: "/registry/voters/" + plain + "/merge?with=" + twin},
			{name: "roll-lines", path: "/registry/lines"},
			{name: "roll-lines-one", path: "/registry/lines/" + lines.ID},
			{name: "roll-too-long", path: "/registry?q=" + strings.Repeat("a", 300), but: "422"},
		} {
			t.Run(v.name+"/"+p.name, func(t *testing.T) {
				b := b.in(t)
				b.visit(p.path)
				b.barriers(program, v.wide)
				b.shoot(p.name + "-" + v.name)
				b.quiet(p.but)
			})
		}
	}
}

// anyDefinition is one that is locked; a new one where none is.
func (o *office) anyDefinition() *election.Definition {
	o.t.Helper()
	list, err := o.Definition.Locked(o.as(""))
	o.must(err)
	if len(list) == 0 {
		return o.open("2026-11-03").place.Definition()
	}
	def, err := o.Definition.ByHash(o.as(""), list[0].Election, list[0].Hash)
	o.must(err)
	return def
}
