// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"hustings/guard/access"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/office/intake"
	"hustings/office/registry"
	"hustings/office/registry/roll"
)

// TestTheIntakeIsAccessible looks at the pages of the intake on a phone and on a
// desk, light and dark, in each language.
func TestTheIntakeIsAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	a, err := o.Identity.Add(o.as(""), registrar, "Quinn", hide.New(password))
	if fault.KindOf(err) == fault.Conflict {
		a, err = o.Identity.ByEmail(o.as(""), registrar)
	}
	o.must(err)
	o.must(o.Access.Grant(o.as(""), a.ID, access.Registrar))
	ctx := o.as(registrar)
	apply := func(key, first, last, street string) intake.ID {
		_, err := o.Intake.Accept(ctx, key, roll.Application{Asks: roll.ToRegister, Signed: "2026-08-01", Form: "nvra", Voter: roll.Voter{Name: roll.Name{First: first, Last: last}, Birth: "1981-03-04",
			Source: roll.ByMail, Home: roll.Address{Number: "12", Street: street, Type: "ST", City: "Alder", State: "XX", ZIP: "00501"},
			Assertions: []roll.Assertion{{Kind: "united-states-citizen", Value: "yes"}}}}, nil)
		o.must(err)
		list, err := o.Intake.Waiting(ctx, intake.Filter{Step: intake.Any, Limit: 1000})
		o.must(err)
		for _, one := range list {
			if one.Key == key {
				return one.ID
			}
		}
		t.Fatalf("the application %s is not there", key)
		return ""
	}
	_, err = o.Registry.Register(ctx, roll.Voter{Name: roll.Name{First: "Martha", Last: "Intaker"}, Birth: "1981-04-03", State: roll.Active, Reason: roll.Verified,
		Home: roll.Address{Number: "12", Street: "Intake", Type: "ST", City: "Alder", State: "XX", ZIP: "00501"}}, registry.Change{From: "2026-01-01", Why: "a form"})
	o.must(err)
	twin, where, lacking := apply("e2e:1", "Martha", "Intaker", "Elsewhere"), apply("e2e:2", "Nora", "Nowhere", "Nowhere"), apply("e2e:3", "", "", "Elm")
	_, err = o.Intake.Process(ctx)
	o.must(err)
	var pic bytes.Buffer
	o.must(png.Encode(&pic, image.NewGray(image.Rect(0, 0, 600, 800))))
	scans, err := o.Intake.Scanned(ctx, []intake.Scan{{Name: "form.png", Body: pic.Bytes()}}, false, roll.ByMail, "")
	o.must(err)
	file, err := o.Intake.Load(ctx, "agency.csv", "agency", strings.NewReader("last_name,first_name,birth_date,address\nDoe,Jo,1980-05-05,12 Elm St\nRoe,,yesterday,\n"))
	o.must(err)
	_, err = o.Intake.OpenDrive(ctx, "Friends of voting", "", 10)
	o.must(err)
	one := func(id intake.ID) string { return fmt.Sprintf("/intake/applications/%s", id) }
	b := o.tab(registrar)
	for _, v := range views {
		b.look(v)
		for _, p := range []struct{ name, path, but string }{
			{name: "intake", path: "/intake"},
			{name: "intake-nobody", path: "/intake?source=voter-via-fax"},
			{name: "intake-wrong-receipt", path: "/intake?receipt=hello", but: "422"},
			{name: "intake-who", path: one(twin)},
			{name: "intake-where", path: one(where)},
			{name: "intake-ended", path: one(lacking)},
			{name: "intake-paper", path: "/intake/paper"},
			{name: "intake-form", path: one(scans[0]) + "/form"},
			{name: "intake-files", path: "/intake/files"},
			{name: "intake-file", path: "/intake/files/" + file.ID},
			{name: "intake-drives", path: "/intake/drives"},
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
