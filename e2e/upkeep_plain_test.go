// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hustings/election"
	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/registry"
	"hustings/office/registry/roll"
)

// TestUpkeepWithoutScripts runs a programme by forms alone: a file of deaths is
// handed in, looked at, a cancellation proposed, thought better of, proposed
// again, and the run taken back.
func TestUpkeepWithoutScripts(t *testing.T) {
	o := openOffice(t)
	a, err := o.Identity.Add(o.as(""), registrar, "Quinn", hide.New(password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = o.Identity.ByEmail(o.as(""), registrar)
	}
	o.must(err)
	o.must(o.Access.Grant(o.as(""), a.ID, access.Registrar))
	var file strings.Builder
	file.WriteString("first_name,last_name,birth_date,ssn4,death_date,address\n")
	var last roll.ID
	for i, name := range strings.Fields("Zoltan Yvonne Xander Wanda Viktor Ursula") {
		v := roll.Voter{Name: roll.Name{First: name, Last: "Quillfeather" + string(rune('a'+i))}, Birth: election.Date(fmt.Sprintf("19%d-0%d-11", 30+i*3, 1+i)), State: roll.Active, Reason: roll.Verified,
			Home:        roll.Address{Number: fmt.Sprint(30 + i), Street: "BIRCH", Type: "ST", City: "ALDER", State: "XX", ZIP: "00501"},
			Identifiers: []roll.Identifier{{Kind: roll.SSN4, Value: hide.New(fmt.Sprintf("77%02d", i))}}}
		made, err := o.Registry.Register(o.as(""), v, registry.Change{From: "2015-01-01", Why: "a form"})
		o.must(err)
		last = made.ID
		number := fmt.Sprintf("77%02d", i)
		if i == 5 {
			number = "" // so that somebody must look
		}
		fmt.Fprintf(&file, "%s,%s,%s,%s,2026-09-01,%s\n", v.Name.First, v.Name.Last, v.Birth, number, v.Home.Line())
	}
	p := o.signIn(registrar)
	p.says(p.get("/upkeep"), "Run a programme")
	page := p.body(p.send("/upkeep/runs", map[string]string{"kind": "deaths"}, "deaths.csv", file.String()))
	run := regexp.MustCompile(`/upkeep/runs/([0-9a-f-]{36})`).FindStringSubmatch(page)
	if run == nil {
		t.Fatalf("no run was made: %.2000s", page)
	}
	path := "/upkeep/runs/" + run[1]
	for range 100 {
		if page = p.get(path); strings.Contains(page, "Look at the pairs") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.says(page, "Look at the pairs")
	page = p.get(path + "/review")
	p.says(page, "Ursula")
	p.says(page, "Not all of name, birth date and number are the same.")
	pair := regexp.MustCompile(`action="(` + path + `/pairs/[0-9]{8})"`).FindStringSubmatch(page)
	if pair == nil {
		t.Fatalf("nothing can be decided: %.2000s", page)
	}
	p.post(pair[1], url.Values{"decision": {"same"}})
	page = p.get(pair[1])
	p.says(page, "cancellation proposed")
	p.post(pair[1]+"/back", url.Values{"why": {"the wrong one"}})
	p.says(p.get(pair[1]), "Your decision")
	p.post(pair[1], url.Values{"decision": {"same"}})
	p.says(p.get("/upkeep/removals"), "Ursula Quillfeatherf")
	p.refused("/upkeep/removals", url.Values{"voter": {"pair:" + run[1] + "/00000001"}, "why": {"dead"}}, 403)
	p.post(path+"/undo", url.Values{"why": {"the wrong county"}})
	for range 100 {
		if page = p.get(path); strings.Contains(page, "Taken back on") {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.says(page, "Taken back on")
	v, err := o.Registry.Voter(o.as(""), last)
	o.must(err)
	if v.State != roll.Active {
		t.Errorf("the voter is %s", v.State)
	}
}
