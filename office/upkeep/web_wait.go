// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/registry/roll"
)

func me(r *http.Request) string { return who.From(r.Context()).ID }

// mostShown is how many rows a list shows; the rest is in the report.
const mostShown = 200

// waitView is the page of those who wait.
type waitView struct {
	calm
	stages []Stage
	stage  string
	rows   []waitRow
	more   bool
}

// waitRow is a notice with the name of its voter.
type waitRow struct {
	noticeRow
	name string
}

func (s *Upkeep) showWaiting(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	v := waitView{stage: r.URL.Query().Get("stage")}
	if !slices.Contains(Stages(), v.stage) {
		v.stage = Waiting
	}
	if v.calm, err = s.calm(r); err != nil {
		return err
	}
	if v.stages, err = s.stages(ctx); err != nil {
		return err
	}
	list, err := s.notices(ctx, `leaves and stage = $2`, v.stage)
	if err != nil {
		return err
	}
	if v.more = len(list) > mostShown; v.more {
		list = list[:mostShown]
	}
	for _, n := range list {
		name, err := s.name(ctx, n.Voter)
		if err != nil {
			return err
		}
		v.rows = append(v.rows, waitRow{n, name})
	}
	p := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: p.T("upkeep.waiting"), Wide: true, Body: waitPage(p, v)})
}

// name is a voter's name, or their number where they are not in the roll.
func (s *Upkeep) name(ctx context.Context, id roll.ID) (string, error) {
	v, err := s.Roll.Voter(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return string(id), nil
	}
	return v.Name.String(), err
}

func (s *Upkeep) answerNotice(w http.ResponseWriter, r *http.Request) error {
	if err := s.Answer(r.Context(), r.FormValue("notice"), r.FormValue("left") == "yes", r.FormValue("why")); err != nil {
		return err
	}
	return web.Done(w, r, "/upkeep/waiting?stage="+Answered, "upkeep.answer.done")
}

// removeView is the page on which voters are taken off the roll.
type removeView struct {
	calm
	rows     []removeRow
	more     int
	alone    int
	removals []Removal
}

// removeRow is somebody who may be taken off, with their name.
type removeRow struct {
	Item
	name  string
	quiet bool
}

func (s *Upkeep) showRemovals(w http.ResponseWriter, r *http.Request) (err error) {
	ctx := r.Context()
	v := removeView{alone: s.Settings.Alone}
	if v.calm, err = s.calm(r); err != nil {
		return err
	}
	items, err := s.Removable(ctx)
	if err != nil {
		return err
	}
	v.more = max(0, len(items)-mostShown)
	for _, i := range items[:len(items)-v.more] {
		name, err := s.name(ctx, i.Voter)
		if err != nil {
			return err
		}
		v.rows = append(v.rows, removeRow{i, name, i.ByProgramme && v.now != nil})
	}
	if v.removals, err = s.Removals(ctx); err != nil {
		return err
	}
	p := web.Words(ctx)
	return web.Show(w, r, web.Page{Title: p.T("upkeep.removals"), Wide: true, Body: removePage(p, v)})
}

func (s *Upkeep) removeVoters(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read.")
	}
	_, second, err := s.Remove(r.Context(), r.PostForm["voter"], r.FormValue("why"))
	if err != nil {
		return err
	}
	if second {
		return web.Done(w, r, "/upkeep/removals", "upkeep.remove.asked")
	}
	return web.Done(w, r, "/upkeep/removals", "upkeep.remove.begun")
}

// field is one thing that is known of two people, side by side.
type field struct{ key, left, right string }

// differs says whether both know something, and not the same.
func (f field) differs() bool {
	return f.left != "" && f.right != "" && !strings.EqualFold(f.left, f.right)
}

// compare puts two people side by side. Where a protected voter lives is not
// shown, and nobody's numbers are: only whether they agree.
func compare(a, b *roll.Voter, l *Line) []field {
	out := []field{
		{"name.first", a.Name.First, b.Name.First}, {"name.middle", a.Name.Middle, b.Name.Middle}, {"name.last", last(a.Name), last(b.Name)}, {"name.suffix", a.Name.Suffix, b.Name.Suffix},
		{"birth", string(a.Birth), string(b.Birth)}, {"gender", a.Gender, b.Gender}, {"home", home(a), home(b)},
	}
	for _, n := range []struct {
		key  string
		kind roll.IdentifierKind
	}{{"ssn4", roll.SSN4}, {"licence", roll.License}} {
		x, y := a.NumberOf(n.kind), b.NumberOf(n.kind)
		if x.IsZero() && y.IsZero() {
			continue
		}
		f := field{key: n.key}
		if !x.IsZero() {
			f.left = "•••1"
		}
		if !y.IsZero() {
			f.right = "•••2"
		}
		if x.Equal(y) {
			f.right = f.left
		}
		out = append(out, f)
	}
	out = append(out, field{"registered", string(a.Registered), string(b.Registered)})
	if l.New != nil {
		out = append(out, field{"new", "", postal(*l.New)})
	}
	for _, x := range []field{{"day", "", string(l.Day)}, {"event", "", l.Event}, {"code", "", l.Code}, {"move", "", l.Move}, {"case", "", l.Case}} {
		if x.right != "" {
			out = append(out, x)
		}
	}
	return out
}

func last(n roll.Name) string {
	if n.Last == "" {
		return n.Full
	}
	return n.Last
}

// hidden stands for a residence that is not shown.
const hidden = "—"

func home(v *roll.Voter) string {
	if v.Protected != "" {
		return hidden
	}
	return postal(v.Home)
}

// postal is an address on one line.
func postal(a roll.Address) string {
	out := a.Line()
	for _, part := range []string{a.City, strings.TrimSpace(a.State + " " + a.ZIP)} {
		if part != "" {
			out += ", " + part
		}
	}
	return strings.TrimPrefix(out, ", ")
}

// dayText is a day as the language writes it.
func dayText(p *words.Printer, day election.Date) string {
	if t := dayOf(day); !t.IsZero() {
		return p.Date(t)
	}
	return string(day)
}
