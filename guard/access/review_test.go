// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// TestReview: every grant is kept or revoked by somebody else, and then attested.
func TestReview(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.grant("pat", access.Admin, vale)
		h.grant("sam", access.Security, vale)
		h.grant("ann", access.Clerk, vale)
		h.grant("kim", access.Viewer, dale)
		sam := as("sam", vale)
		rev, err := h.OpenReview(sam, "each quarter", "2026-12-01")
		h.must(err)
		_, items, err := h.Review(sam, rev.ID)
		h.must(err)
		if len(items) != 3 {
			t.Fatalf("under review are %+v, want the three of the county", items)
		}
		if _, err := h.Attest(sam, rev.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("attested before anything was decided: got %v", err)
		}
		for _, it := range items {
			switch it.Decision = access.Kept; it.Person {
			case "sam":
				if err := h.Judge(sam, rev.ID, it); fault.KindOf(err) != fault.Denied {
					t.Errorf("on one's own grant: got %v", err)
				}
				h.must(h.Judge(as("pat", vale), rev.ID, it))
			case "ann":
				it.Decision = access.Revoked
				if err := h.Judge(sam, rev.ID, it); fault.KindOf(err) != fault.Invalid {
					t.Errorf("revoked without a word: got %v", err)
				}
				it.Note = "left in May"
				h.must(h.Judge(sam, rev.ID, it))
			default:
				h.must(h.Judge(sam, rev.ID, it))
			}
		}
		if err := h.May(t.Context(), person("ann", vale), "results.upload"); fault.KindOf(err) != fault.Denied {
			t.Errorf("after the review revoked it: got %v", err)
		}
		done, err := h.Attest(sam, rev.ID)
		h.must(err)
		if len(done.Hash) != 64 || done.ClosedBy != "sam" {
			t.Errorf("attested as %+v", done)
		}
		items[0].Decision = access.Kept
		if err := h.Judge(as("pat", vale), rev.ID, items[0]); fault.KindOf(err) != fault.Conflict {
			t.Errorf("decided after it was attested: got %v", err)
		}
		if _, _, err := h.Review(as("kim", dale), rev.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("from another county: got %v", err)
		}
	})
}

// TestUnused: a role counts as used by what it alone permits.
func TestUnused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.grant("ann", access.Clerk, vale)
		h.grant("bo", access.Approver, vale)
		h.grant("bo", access.Viewer, vale)
		use := func(person, permission string) {
			route := h.Counted([]web.Route{{Needs: permission, Do: func(http.ResponseWriter, *http.Request) error { return nil }}})[0]
			r := httptest.NewRequest("GET", "/", nil)
			h.must(route.Do(nil, r.WithContext(who.With(r.Context(), who.Person{ID: person, Jurisdiction: vale, Via: who.Browser}))))
		}
		h.clock = h.clock.Add(100 * 24 * time.Hour)
		use("ann", "results.upload")
		use("bo", "results.view") // which the approver's role permits too
		h.clock = h.clock.Add(10 * 24 * time.Hour)
		h.grant("new", access.Viewer, vale)
		for _, tt := range []struct {
			days int
			want map[string]string
		}{
			{30, map[string]string{"bo results-approver": "", "bo viewer": "beside"}},
			{5, map[string]string{"bo results-approver": "", "bo viewer": "beside", "ann results-clerk": "2027-02-11"}},
		} {
			list, err := h.Unused(t.Context(), vale, tt.days)
			h.must(err)
			got := make(map[string]string)
			for _, u := range list {
				got[u.Person+" "+string(u.Role)] = u.LastUsed
				if u.Beside {
					got[u.Person+" "+string(u.Role)] = "beside"
				}
			}
			if len(got) != len(tt.want) {
				t.Errorf("unused for %d days: got %v, want %v", tt.days, got, tt.want)
			}
			for k, v := range tt.want {
				if got[k] != v {
					t.Errorf("unused for %d days: %s is %q, want %q", tt.days, k, got[k], v)
				}
			}
		}
	})
}

// TestWhoAndWhat: both questions are answered by the policies.
func TestWhoAndWhat(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	h.grant("ann", access.Clerk, vale)
	h.grant("bo", access.Approver, vale)
	h.grant("kim", access.Approver, state)
	list, err := h.WhoCan(t.Context(), "results.approve", vale)
	h.must(err)
	if len(list) != 2 || list[0].Person.ID != "bo" || list[1].Person.ID != "kim" {
		t.Fatalf("who can approve: %+v", list)
	}
	if got := list[0].But; len(got) != 1 || got[0] != "own" {
		t.Errorf("an approver may but for %v, want their own", got)
	}
	can, err := h.WhatCan(t.Context(), "ann", vale)
	h.must(err)
	if len(can) != len(access.Permissions(access.Clerk)) {
		t.Errorf("a clerk can %+v", can)
	}
	if _, err := h.WhoCan(t.Context(), "results.burn", vale); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a permission that there is not: got %v", err)
	}
	apart, err := h.Apart(t.Context(), "ann", access.Approver, vale)
	h.must(err)
	if apart[access.Clerk] != "own-report" {
		t.Errorf("what should be apart: %v", apart)
	}
}
