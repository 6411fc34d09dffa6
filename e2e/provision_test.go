// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestThePageOfProvisioningIsAccessible asks axe about it, with nothing wrong
// and with something.
func TestThePageOfProvisioningIsAccessible(t *testing.T) {
	program := axe(t)
	browser(t)
	o := openOffice(t)
	ctx := o.as(approver)
	ann, err := o.Provision.AddPerson(ctx, map[string]any{"userName": "provided@alder.example", "displayName": "Ann with a rather long name, so that it wraps"})
	o.must(err)
	group, err := o.Provision.AddGroup(ctx, map[string]any{"displayName": "Counting room", "members": []any{map[string]any{"value": ann.Account}}})
	o.must(err)
	_, err = o.Provision.SetRole(ctx, group.ID, "viewer", "they look")
	o.must(err)
	b := o.tab(approver)
	for _, v := range views {
		b.look(v)
		for _, one := range []struct {
			name, but string
			then      func(b *tab)
		}{
			{name: "provisioning"},
			{name: "provisioning-wrong", but: "422", then: func(b *tab) {
				b.run(chromedp.SetValue("#email", "nobody@alder.example", chromedp.ByQuery),
					chromedp.Click("form[action='/staff/provisioning/people'] button", chromedp.ByQuery), chromedp.WaitReady("#email-wrong", chromedp.ByQuery))
			}},
		} {
			t.Run(v.name+"/"+one.name, func(t *testing.T) {
				b := b.in(t)
				b.visit("/staff/provisioning")
				if one.then != nil {
					one.then(b)
				}
				b.barriers(program, v.wide)
				b.shoot(one.name + "-" + v.name)
				b.quiet(one.but)
			})
		}
	}
}
