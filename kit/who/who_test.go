// SPDX-License-Identifier: Apache-2.0

package who_test

import (
	"context"
	"testing"

	"hustings/kit/who"
)

func TestThePersonTravelsWithTheContext(t *testing.T) {
	ctx := context.Background()
	if p := who.From(ctx); p.Known() || p != (who.Person{}) {
		t.Errorf("an empty context: got %+v, want nobody", p)
	}
	if r := who.Request(ctx); r != "" {
		t.Errorf("an empty context: got request %q, want none", r)
	}

	ann := who.Person{ID: "ann", Name: "Ann", Jurisdiction: "nye", OnBehalf: "bo", Via: who.Browser}
	ctx = who.WithRequest(who.With(ctx, ann), "r1")
	if p := who.From(ctx); p != ann || !p.Known() {
		t.Errorf("got %+v, want %+v", p, ann)
	}
	if r := who.Request(ctx); r != "r1" {
		t.Errorf("got request %q, want r1", r)
	}

	inner := who.With(ctx, who.System("sweep", "nye"))
	if p := who.From(inner); p.ID != "system:sweep" || p.Via != who.House || p.Jurisdiction != "nye" {
		t.Errorf("the house itself: got %+v", p)
	}
	if p := who.From(ctx); p != ann {
		t.Errorf("the outer context changed: got %+v", p)
	}
}
