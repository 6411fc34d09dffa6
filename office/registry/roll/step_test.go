// SPDX-License-Identifier: Apache-2.0

package roll

import "testing"

func TestSteps(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to State
		why      Reason
		may      bool
	}{
		{"a form that was verified", Pending, Active, Verified, true},
		{"a notice went out", Active, Inactive, ConfirmationSent, true},
		{"two elections without a word", Inactive, Cancelled, TwoElections, true},
		{"no notice, no removal", Active, Cancelled, TwoElections, false},
		{"not answering alone removes nobody", Inactive, Cancelled, NotAnswered, false},
		{"who has died", Active, Cancelled, Deceased, true},
		{"who turns eighteen", PreRegistered, Active, Verified, true},
		{"a challenge that failed", Challenged, Active, Verified, true},
		{"cancelled by mistake", Cancelled, Active, Mistake, true},
		{"the dead get no notice", Cancelled, Inactive, ConfirmationSent, false},
		{"to stay is no step", Active, Active, Deceased, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if May(tt.from, tt.to, tt.why) != tt.may {
				t.Errorf("%s to %s for %s: %v", tt.from, tt.to, tt.why, !tt.may)
			}
		})
	}
	all := []State{"", Pending, PreRegistered, Active, Inactive, Challenged, Denied, Cancelled}
	for from := range steps {
		for to, why := range steps[from] {
			for _, s := range []State{from, to} {
				found := false
				for _, one := range all {
					found = found || one == s
				}
				if !found || len(why) == 0 {
					t.Errorf("%s to %s", from, to)
				}
			}
		}
	}
}
