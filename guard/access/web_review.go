// SPDX-License-Identifier: Apache-2.0

package access

import (
	"fmt"
	"net/http"
	"net/url"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// reviewForm is what is typed to open a review.
type reviewForm struct{ Reason, Due, Wrong string }

func (s *Access) showReviews(w http.ResponseWriter, r *http.Request) error {
	return s.reviewsPage(w, r, reviewForm{}, nil)
}

func (s *Access) reviewsPage(w http.ResponseWriter, r *http.Request, form reviewForm, wrong error) error {
	list, err := s.Reviews(r.Context())
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	if wrong != nil {
		form.Wrong = p.Sentence(wrong)
	}
	if form.Due == "" {
		form.Due = day(s.Now().AddDate(0, 0, 14))
	}
	return show(w, r, p.T("access.reviews"), statusOf(wrong), reviewsPage(p, list, form))
}

func (s *Access) postReview(w http.ResponseWriter, r *http.Request) error {
	form := reviewForm{Reason: r.FormValue("reason"), Due: r.FormValue("due")}
	rev, err := s.OpenReview(r.Context(), form.Reason, form.Due)
	if typed(err) {
		return s.reviewsPage(w, r, form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/access/reviews/"+rev.ID, "access.review.opened")
}

// reviewView is a review with its grants, and what is wrong with the decisions
// that were sent.
type reviewView struct {
	Review
	List  []Item
	Names names
	Me    string
	Here  string
	Wrong string
}

func (s *Access) showReview(w http.ResponseWriter, r *http.Request) error {
	return s.reviewPage(w, r, nil)
}

func (s *Access) reviewPage(w http.ResponseWriter, r *http.Request, wrong error) error {
	ctx := r.Context()
	rev, items, err := s.Review(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	names, err := s.names(ctx)
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	v := reviewView{Review: rev, List: items, Names: names, Me: who.From(ctx).ID, Here: who.From(ctx).Jurisdiction}
	if wrong != nil {
		v.Wrong = p.Sentence(wrong)
	}
	return show(w, r, p.T("access.review"), statusOf(wrong), reviewPage(p, v))
}

// postJudge takes the decisions of one form. Each stands for itself: those
// before one that is refused are kept.
func (s *Access) postJudge(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	_, items, err := s.Review(r.Context(), id)
	if err != nil {
		return err
	}
	done := 0
	for _, it := range items {
		key := itemKey(it)
		decision := r.FormValue("decision " + key)
		if decision == "" || decision == it.Decision {
			continue
		}
		it.Decision, it.Note = decision, r.FormValue("note "+key)
		if err := s.Judge(r.Context(), id, it); err != nil {
			if typed(err) || fault.KindOf(err) == fault.Denied && done > 0 {
				return s.reviewPage(w, r, err)
			}
			return err
		}
		done++
	}
	if done == 0 {
		return s.reviewPage(w, r, fault.New(fault.Invalid, "Choose for each grant whether it is kept or revoked."))
	}
	return web.Done(w, r, "/access/reviews/"+url.PathEscape(id), "access.review.decided", "n", fmt.Sprint(done))
}

// itemKey names the fields of a grant in the form.
func itemKey(it Item) string { return it.Jurisdiction + " " + it.Person + " " + string(it.Role) }

func (s *Access) postAttest(w http.ResponseWriter, r *http.Request) error {
	if r.FormValue("attest") != "yes" {
		return s.reviewPage(w, r, fault.New(fault.Invalid, "Tick that you attest it."))
	}
	rev, err := s.Attest(r.Context(), r.PathValue("id"))
	if typed(err) {
		return s.reviewPage(w, r, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/access/reviews/"+url.PathEscape(rev.ID), "access.review.attested")
}
