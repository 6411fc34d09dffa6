// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"testing"

	"hustings/election"
	"hustings/fake/county"
	fake "hustings/fake/roll"
	"hustings/format/vri"
	"hustings/kit/who"
	"hustings/office/intake"
	"hustings/office/registry/file"
	"hustings/office/registry/place"
	"hustings/office/registry/roll"
)

// anywhere places every address, as an office with complete maps does.
type anywhere struct{}

func (anywhere) Place(context.Context, roll.Address) (place.Answer, error) {
	return place.Answer{Unit: "p1", Confidence: place.Certain}, nil
}

// TestFormsMeetTheRoll loads a roll and a file of forms that reach its office,
// of new people and of people there who moved, took other names and made slips.
// Nobody's form may change somebody else's registration.
func TestFormsMeetTheRoll(t *testing.T) {
	h := openHouse(t)
	h.Intake.Places = anywhere{}
	ctx := who.With(t.Context(), who.Person{ID: "ann", Name: "Ann", Jurisdiction: h.Config.Office.Jurisdiction, Via: who.CLI})
	made := fake.New(county.New(3, demoDay, demoZone), fake.Options{Seed: 3, Voters: 2000})
	n, err := h.Registry.Load(ctx, "2026-01-01", voters(func(do func(*file.Record) error) error {
		return made.Each(func(p *fake.Person) error { return do(&file.Record{Voter: SampleVoter(p)}) })
	}))
	if err != nil || n != 2000 {
		t.Fatalf("%d voters, %v", n, err)
	}
	var forms bytes.Buffer
	truth := map[string]*fake.Intake{}
	err = made.Intakes(300, func(in *fake.Intake) error {
		v := SampleVoter(&in.Person)
		v.ID, v.State, v.Reason, v.Registered = "", "", "", ""
		number := "form-" + string(rune('a'+len(truth)/100)) + "-" + string(rune('a'+len(truth)/10%10)) + string(rune('a'+len(truth)%10))
		one := *in
		truth[number] = &one
		v.Source = roll.MotorVehicles
		return vri.Write(&forms, vri.JSON, vri.Message{Request: file.Request(&v, number, "2026-10-01", "registration")})
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Intake.Load(ctx, "forms.json", "dmv", bytes.NewReader(forms.Bytes()))
	if err != nil || b.State != "held" { // more names and birth dates are blank than the office agreed to
		t.Fatalf("%+v %v", b, err)
	}
	second := who.With(t.Context(), who.Person{ID: "bo", Name: "Bo", Jurisdiction: h.Config.Office.Jurisdiction, Via: who.Browser})
	if err := h.Intake.Release(second, b.ID, "they told us why"); err != nil {
		t.Fatal(err)
	}
	b, err = h.Intake.Load(ctx, "forms.json", "dmv", bytes.NewReader(forms.Bytes()))
	if err != nil || b.Fresh != 300 || b.State != "loaded" {
		t.Fatalf("%+v %v", b, err)
	}
	if _, err := h.Intake.Process(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := h.Intake.Waiting(ctx, intake.Filter{Step: intake.Any, Batch: b.ID, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, a := range list {
		of := truth[a.Transaction]
		switch {
		case a.Step != intake.Ended:
			count["a person looks: "+string(a.Doubt)]++
		case a.Outcome == roll.Lacking:
			count["incomplete"]++
		case a.Outcome == roll.Created && of.Of == "":
			count["new, rightly"]++
		case a.Outcome == roll.Created:
			count["registered twice"]++
		case string(a.VoterID) == of.Of:
			count["known, rightly"]++
		case of.Of != "":
			count["somebody else's"]++
			t.Errorf("the form %s (%s) of %s changed the registration of %s", a.Transaction, of.Kind, of.Of, a.VoterID)
		default: // somebody new, or one who came before in this very file
			count["known from another form"]++
		}
	}
	t.Logf("%v", count)
	if count["somebody else's"]+count["registered twice"]*20 > 300 || count["known, rightly"] < 60 || count["new, rightly"] < 80 {
		t.Errorf("of 300 forms: %v", count)
	}
	letters, err := h.Intake.Tally(ctx, "2026-01-01", election.Date("9999-12-31"))
	if err != nil || len(letters) == 0 {
		t.Errorf("nothing to tally: %v", err)
	}
}
