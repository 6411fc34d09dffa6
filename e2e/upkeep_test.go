// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"hustings/election"
	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry"
	"hustings/office/registry/roll"
	"hustings/office/upkeep"
)

// TestUpkeepIsAccessible looks at the pages of list maintenance on a phone and
// on a desk, light and dark, in each language.
func TestUpkeepIsAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	a, err := o.Identity.Add(o.as(""), registrar, "Quinn", hide.New(password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = o.Identity.ByEmail(o.as(""), registrar)
	}
	o.must(err)
	for _, role := range []access.Role{access.Registrar, access.Removals} {
		o.must(o.Access.Grant(o.as(""), a.ID, role))
	}
	var moves, deaths strings.Builder
	moves.WriteString("voter_id,first_name,last_name,birth_date,address,city,state,zip,return_code,move_type,effective,new_address,new_city,new_state,new_zip\n")
	deaths.WriteString("first_name,last_name,birth_date,ssn4,death_date\n")
	firsts, lasts := strings.Fields("Ada Ben Cora Dan Eva Finn Gia"), strings.Fields("Abbott Baker Castillo Dawson Eklund Fischer Garcia Huang Ivers Jackson Keller")
	for i := range 40 {
		v := roll.Voter{Name: roll.Name{First: firsts[i%7], Last: lasts[i%11]}, Birth: election.Date(fmt.Sprintf("19%02d-%02d-03", 40+i, 1+i%12)), State: roll.Active, Reason: roll.Verified, Registered: "2015-01-01", Since: "2015-01-01",
			Home:        roll.Address{Number: fmt.Sprint(10 + i), Street: "ELM", Type: "ST", City: "ALDER", State: "XX", ZIP: "00501"},
			Identifiers: []roll.Identifier{{Kind: roll.SSN4, Value: hide.New(fmt.Sprintf("%04d", i*37))}}}
		made, err := o.Registry.Register(o.as(""), v, registry.Change{From: "2015-01-01", Why: "a form"})
		o.must(err)
		switch i % 4 {
		case 0:
			move := "I"
			if i%8 == 0 {
				move = "F"
			}
			fmt.Fprintf(&moves, "%s,%s,%s,%s,%s,ALDER,XX,00501,A,%s,2026-08-01,5 FAR RD,ELSEWHERE,YY,99999\n", made.ID, v.Name.First, v.Name.Last, v.Birth, v.Home.Line(), move)
		case 1:
			fmt.Fprintf(&deaths, "%s,%s,,%04d,2026-09-01\n", v.Name.First, v.Name.Last, i*37) // no birth date: the gate holds it
		}
	}
	run, err := o.Upkeep.Take(o.as(""), upkeep.NCOA, "from the Postal Service.csv", strings.NewReader(moves.String()))
	o.must(err)
	for run.State == upkeep.Linking {
		if err := o.Upkeep.Link(o.as(""), run.ID, func(int64, int64, string) {}); fault.KindOf(err) != fault.Conflict { // the job may be quicker
			o.must(err)
		}
		run, err = o.Upkeep.Run(o.as(""), run.ID)
		o.must(err)
	}
	held, err := o.Upkeep.Take(o.as(""), upkeep.Deaths, "deaths.csv", strings.NewReader(deaths.String()))
	o.must(err)
	b := o.tab(registrar)
	for _, v := range views {
		b.look(v)
		for _, p := range []struct{ name, path, but string }{
			{name: "upkeep", path: "/upkeep"},
			{name: "upkeep-run", path: "/upkeep/runs/" + run.ID},
			{name: "upkeep-held", path: "/upkeep/runs/" + held.ID},
			{name: "upkeep-review", path: "/upkeep/runs/" + run.ID + "/review"},
			{name: "upkeep-sample", path: "/upkeep/runs/" + run.ID + "/pairs/00000001?sample=yes"},
			{name: "upkeep-report", path: "/upkeep/runs/" + run.ID + "/report"},
			{name: "upkeep-waiting", path: "/upkeep/waiting"},
			{name: "upkeep-removals", path: "/upkeep/removals"},
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
