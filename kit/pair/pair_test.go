// SPDX-License-Identifier: Apache-2.0

package pair_test

import (
	"testing"
	"time"

	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/who"
)

func TestSecond(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    who.Person
		want fault.Kind
	}{
		{"somebody else may", who.Person{ID: "bo", Via: who.Browser}, ""},
		{"the first may not", who.Person{ID: "ann", Via: who.Browser}, fault.Denied},
		{"the other of two who typed may not", who.Person{ID: "cy", Via: who.Browser}, fault.Denied},
		{"somebody who acts for the first may not", who.Person{ID: "bo", OnBehalf: "ann", Via: who.Browser}, fault.Denied},
		{"nobody may not", who.Person{}, fault.Denied},
		{"the house may not", who.System("publisher", "vale"), fault.Denied},
		{"the operator, who may be anybody, may not", who.Person{ID: "operator", Via: who.CLI}, fault.Denied},
	} {
		if got := fault.KindOf(pair.Second(tt.p, "ann", "cy")); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUntil(t *testing.T) {
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	if got := (pair.Act{}).Until(now); got != now.Add(72*time.Hour) {
		t.Errorf("an act that does not say waits until %v", got)
	}
	if got := (pair.Act{Life: time.Hour}).Until(now); got != now.Add(time.Hour) {
		t.Errorf("an hour ends at %v", got)
	}
}
