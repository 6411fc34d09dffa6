// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/web"
	"hustings/office/registry/roll"
)

// editView is the form on which a registration is changed.
type editView struct {
	voter     Version
	typed     edit
	from, why string
	standings []string
	parties   []election.Party
	wrong     map[string]string // by field
}

func (s *Registry) showEdit(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Voter(r.Context(), roll.ID(r.PathValue("voter")))
	if err != nil {
		return err
	}
	return s.editPage(w, r, editView{voter: v, typed: editOf(&v.Voter), from: string(election.DayOf(s.Now()))}, 0)
}

func (s *Registry) editPage(w http.ResponseWriter, r *http.Request, v editView, status int) error {
	v.standings = standings(&v.voter.Voter)
	if s.Maps != nil {
		def, _, err := s.Maps.Newest(r.Context())
		if err != nil {
			return err
		}
		if def != nil {
			v.parties = def.Parties
		}
	}
	if known := func(p election.Party) bool { return p.ID == v.voter.Party }; v.voter.Party != "" && !slices.ContainsFunc(v.parties, known) {
		v.parties = append(v.parties, election.Party{ID: v.voter.Party, Name: election.T(string(v.voter.Party))})
	}
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("registry.edit"), Status: status, Body: editPage(p, v)})
}

func (s *Registry) keepEdit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	v, err := s.Voter(ctx, roll.ID(r.PathValue("voter")))
	if err != nil {
		return err
	}
	view := editView{voter: v, typed: readEdit(r.Form), from: strings.TrimSpace(r.FormValue("from")), why: strings.TrimSpace(r.FormValue("why"))}
	var unsure bool
	if r.FormValue("version") != strconv.FormatInt(v.Number, 10) {
		err = fault.New(fault.Conflict, "Somebody has changed this registration in the meantime. Look at it as it is now, and change it again.")
		view.typed = editOf(&v.Voter)
	} else {
		unsure, err = s.Edit(ctx, v.ID, view.typed, Change{From: election.Date(view.from), Why: view.why, Cause: "edit " + id.New()})
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		view.wrong = make(map[string]string)
		for _, one := range fault.All(err) {
			view.wrong[one.Field] = web.Words(ctx).Sentence(one)
		}
		status := http.StatusUnprocessableEntity
		if fault.KindOf(err) == fault.Conflict {
			status = http.StatusConflict
		}
		return s.editPage(w, r, view, status)
	}
	if err != nil {
		return err
	}
	said := "registry.edited"
	if unsure {
		said = "registry.edited.unsure"
	}
	return web.Done(w, r, voterPath(v.ID), said)
}

// voterPath is a voter's page.
func voterPath(id roll.ID) string { return "/registry/voters/" + string(id) }

// takeBackChange undoes one change of a voter, by the number of its version.
func (s *Registry) takeBackChange(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), roll.ID(r.PathValue("voter"))
	all, err := s.History(ctx, who)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(v Version) bool { return fmt.Sprint(v.Number) == r.FormValue("version") })
	if i < 0 || all[i].Cause == "" {
		return fault.New(fault.Conflict, "This change cannot be taken back by itself; change the registration instead.")
	}
	stays, err := s.TakeBack(ctx, who, all[i].Cause, cmp.Or(strings.TrimSpace(r.FormValue("why")), "taken back"))
	if err != nil {
		return err
	}
	return tookBack(w, r, who, stays)
}

func tookBack(w http.ResponseWriter, r *http.Request, voter roll.ID, stays []string) error {
	if len(stays) > 0 {
		return web.Done(w, r, voterPath(voter), "registry.tookback.but", "fields", strings.Join(stays, ", "))
	}
	return web.Done(w, r, voterPath(voter), "registry.tookback")
}

// mergeView is the page on which two registrations are looked at side by side.
type mergeView struct {
	voter Version
	other *Version
	like  []Likeness // who may be the same person
	one   *Likeness  // of them, the other
	wrong string
}

func (s *Registry) showMerge(w http.ResponseWriter, r *http.Request) error {
	return s.mergePage(w, r, strings.TrimSpace(r.URL.Query().Get("with")), "", 0)
}

func (s *Registry) mergePage(w http.ResponseWriter, r *http.Request, with, wrong string, status int) error {
	ctx := r.Context()
	v, err := s.Voter(ctx, roll.ID(r.PathValue("voter")))
	if err != nil {
		return err
	}
	view := mergeView{voter: v, wrong: wrong}
	if view.like, err = s.Similar(ctx, v.Voter); err != nil {
		return err
	}
	p := web.Words(ctx)
	if with != "" {
		other, err := s.Voter(ctx, roll.ID(with))
		switch {
		case err == nil && other.ID != v.ID:
			view.other = &other
		case err == nil || fault.KindOf(err) == fault.NotFound:
			view.wrong, status = p.Sentence(errNoVoter), http.StatusUnprocessableEntity
		default:
			return err
		}
		if i := slices.IndexFunc(view.like, func(l Likeness) bool { return string(l.ID) == with }); i >= 0 {
			view.one = &view.like[i]
		}
	}
	return web.Show(w, r, web.Page{Title: p.T("registry.merge"), Wide: true, Status: status, Body: mergePage(p, view)})
}

func (s *Registry) merge(w http.ResponseWriter, r *http.Request) error {
	ctx, keep, gone := r.Context(), roll.ID(r.PathValue("voter")), roll.ID(strings.TrimSpace(r.FormValue("with")))
	why := strings.TrimSpace(r.FormValue("why"))
	err := s.Merge(ctx, keep, gone, Change{From: election.DayOf(s.Now()), Why: why})
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		return s.mergePage(w, r, string(gone), web.Words(ctx).Sentence(err), http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, voterPath(keep), "registry.merged")
}

func (s *Registry) unmerge(w http.ResponseWriter, r *http.Request) error {
	gone := roll.ID(r.PathValue("voter"))
	stays, err := s.Unmerge(r.Context(), gone, cmp.Or(strings.TrimSpace(r.FormValue("why")), "taken back"))
	if err != nil {
		return err
	}
	return tookBack(w, r, gone, stays)
}

// row is a line of two registrations side by side.
type row struct {
	key, left, right string
	differs          bool // both sides say something, and not the same
}

// sideBySide are two registrations line by line. Where a protected voter lives
// is in none, and of numbers only the end.
func sideBySide(a, b *roll.Voter) (out []row) {
	home := func(v *roll.Voter) string {
		if v.Protected != "" {
			return ""
		}
		return v.Home.Whole()
	}
	reached := func(kind string) func(*roll.Voter) string {
		return func(v *roll.Voter) string { return strings.Join(v.Reached(kind), ", ") }
	}
	number := func(kind roll.IdentifierKind) func(*roll.Voter) string {
		return func(v *roll.Voter) string { return roll.Plain(v.NumberOf(kind).Reveal()) }
	}
	for _, f := range []struct {
		key      string
		of, show func(*roll.Voter) string // what is compared, and what is shown where that is something else
	}{
		{"name", func(v *roll.Voter) string { return v.Name.String() }, nil},
		{"birth", func(v *roll.Voter) string { return string(v.Birth) }, nil},
		{"home", home, nil},
		{"phone", func(v *roll.Voter) string { return roll.Plain(reached("phone")(v)) }, reached("phone")},
		{"email", reached("email"), nil},
		{"licence", number(roll.License), func(v *roll.Voter) string { return v.Ending(roll.License) }},
		{"ssn4", number(roll.SSN4), func(v *roll.Voter) string { return v.Ending(roll.SSN4) }},
		{"party", func(v *roll.Voter) string { return string(v.Party) }, nil},
		{"registered", func(v *roll.Voter) string { return string(v.Registered) }, nil},
	} {
		x, y := f.of(a), f.of(b)
		if f.show == nil {
			f.show = f.of
		}
		out = append(out, row{f.key, f.show(a), f.show(b), x != "" && y != "" && !strings.EqualFold(x, y)})
	}
	return out
}
