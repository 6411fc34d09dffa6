// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/who"
	"hustings/office/registry"
	"hustings/office/registry/roll"
	"hustings/office/upkeep"
)

// upkeepRoll puts made-up voters into the roll and gives them, with a return
// file of the Postal Service by which every third has moved away.
func upkeepRoll(t *testing.T, ctx context.Context, h *House, n int) (ids []roll.ID, moves string) {
	t.Helper()
	firsts, lasts := strings.Fields("Ada Ben Cora Dan Eva Finn Gia"), strings.Fields("Abbott Baker Castillo Dawson Eklund Fischer Garcia Huang Ivers Jackson Keller")
	var out strings.Builder
	out.WriteString("voter_id,first_name,last_name,birth_date,address,city,state,zip,return_code,move_type,effective,new_address,new_city,new_state,new_zip\n")
	for i := range n {
		v := roll.Voter{Name: roll.Name{First: firsts[i%len(firsts)], Last: lasts[i%len(lasts)]}, Birth: election.Date(fmt.Sprintf("19%02d-%02d-%02d", 40+i%50, 1+i%12, 1+i%28)),
			Home:  roll.Address{Number: fmt.Sprint(10 + i*7), Street: []string{"ELM", "OAK", "MILL"}[i%3], Type: "ST", City: "MARLOW", State: "XX", ZIP: "00501"},
			State: roll.Active, Reason: roll.Verified, Registered: "2015-01-01", Since: "2015-01-01", Source: roll.AtOffice,
			Identifiers: []roll.Identifier{{Kind: roll.SSN4, Value: hide.New(fmt.Sprintf("%04d", i*37%10000))}}}
		made, err := h.Registry.Register(ctx, v, registry.Change{From: "2015-01-01", Why: "a form"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
		if i%3 == 0 {
			fmt.Fprintf(&out, "%s,%s,%s,%s,%s,MARLOW,XX,00501,A,I,2026-08-01,5 FAR RD,ELSEWHERE,YY,99999\n", made.ID, v.Name.First, v.Name.Last, v.Birth, v.Home.Line())
		}
	}
	return ids, out.String()
}

// standing is the roll as one text, with what is private of it.
func standing(t *testing.T, ctx context.Context, h *House, ids []roll.ID) string {
	t.Helper()
	var out strings.Builder
	for _, id := range ids {
		v, err := h.Registry.Voter(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		clear, hidden, err := roll.Part(v.Voter)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, clear, hidden.Reveal())
	}
	return out.String()
}

// TestARunOfAProgrammeIsTakenBackExactly plays a whole run against the real
// rooms: file, match, notices, undo.
func TestARunOfAProgrammeIsTakenBackExactly(t *testing.T) {
	h := openHouse(t)
	ctx, stop := context.WithCancel(operator(t.Context(), h.Config))
	done := make(chan error, 1)
	go func() { done <- h.Jobs.Run(ctx, h.kinds(), nil) }()
	defer func() { stop(); <-done }()
	ids, moves := upkeepRoll(t, ctx, h, 30)
	before := standing(t, ctx, h, ids)

	run, err := h.Upkeep.Take(ctx, upkeep.NCOA, "back.csv", strings.NewReader(moves))
	if err != nil {
		t.Fatal(err)
	}
	run = awaitRun(t, ctx, h, run.ID, upkeep.Open)
	if run.Summary.Matched != 10 {
		t.Fatalf("of ten lines: %+v, %v", run.Summary, run.Verdict)
	}
	if err := h.Upkeep.ActOnSure(ctx, run.ID); err != nil {
		t.Fatal(err)
	}
	noticed := int64(0)
	for range 200 {
		tallies, err := h.Upkeep.Tallies(ctx, run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if noticed = 0; len(tallies) > 0 {
			for _, one := range tallies {
				if one.Done == "noticed" {
					noticed += one.N
				}
			}
		}
		if noticed == 10 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if noticed != 10 {
		t.Fatalf("%d of ten were written to", noticed)
	}
	if err := h.Upkeep.Undo(ctx, run.ID, "the file of another county"); err != nil {
		t.Fatal(err)
	}
	if run = awaitRun(t, ctx, h, run.ID, upkeep.Undone); len(run.Stays) > 0 {
		t.Errorf("something stays: %q", run.Stays)
	}
	if after := standing(t, ctx, h, ids); after != before {
		t.Errorf("the roll is not as it was:\n%s\nwas\n%s", after, before)
	}
	letters, err := h.Letters.About(ctx, string(ids[0]))
	if err != nil || len(letters) != 1 || letters[0].State != "withdrawn" {
		t.Errorf("the letter to the first: %+v, %v", letters, err)
	}
	var report bytes.Buffer
	rep, err := h.Upkeep.Report(ctx, run.ID)
	if err != nil || rep.CSV(&report) != nil || strings.Count(report.String(), "\n") != 11 {
		t.Errorf("the report: %q, %v", report.String(), err)
	}
	if me := who.From(ctx); me.Via == who.House {
		t.Error("the test acts as the house")
	}
}

// awaitRun waits until a run has come to a state.
func awaitRun(t *testing.T, ctx context.Context, h *House, id string, want upkeep.State) upkeep.Run {
	t.Helper()
	for range 200 {
		r, err := h.Upkeep.Run(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if r.State == want {
			return r
		}
		if j, err := h.Jobs.Get(ctx, h.Config.Office.Jurisdiction, r.Job); err == nil && (j.State == job.Failed || j.Tries > 1) {
			t.Fatalf("the job of the run %s failed: %s", r.State, j.Error)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the run never was %s", want)
	return upkeep.Run{}
}
