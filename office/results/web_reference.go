// SPDX-License-Identifier: Apache-2.0

package results

import (
	"net/http"
	"net/url"
	"strings"

	"hustings/election"
	"hustings/format/sheet"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/office/results/tally"
)

func (s *Results) showReferences(w http.ResponseWriter, r *http.Request) error {
	pic, err := s.see(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("results.references"), referencesPage(p, pic, nil))
}

func (s *Results) saveReference(w http.ResponseWriter, r *http.Request) error {
	var kind ReferenceKind
	for part, err := range web.Parts(r) {
		switch {
		case err != nil:
			return err
		case part.FormName() == "kind":
			kind = ReferenceKind(textOf(part))
			continue
		case part.FormName() != "file" || part.FileName() == "":
			continue
		}
		refused, err := s.SaveReference(r.Context(), electionOf(r), kind, part.FileName(), part)
		if err != nil {
			return err
		}
		if len(refused) == 0 {
			return web.Done(w, r, deskPath(electionOf(r))+"/references", "results.references.saved", "file", fileName(part.FileName()))
		}
		pic, err := s.see(r.Context(), electionOf(r))
		if err != nil {
			return err
		}
		p := web.Words(r.Context())
		return web.Show(w, r, web.Page{Title: p.T("results.references"), Body: referencesPage(p, pic, refused), Wide: true, Status: http.StatusUnprocessableEntity})
	}
	return fault.On("file", fault.New(fault.Invalid, "Choose a file first."))
}

func (s *Results) removeReference(w http.ResponseWriter, r *http.Request) error {
	if err := s.RemoveReference(r.Context(), electionOf(r), ReferenceKind(r.PathValue("kind"))); err != nil {
		return err
	}
	return web.Done(w, r, deskPath(electionOf(r))+"/references", "results.references.removed")
}

// blankTable is a table of every unit that reports, to be filled in.
func (s *Results) blankTable(w http.ResponseWriter, r *http.Request) error {
	kind := ReferenceKind(r.PathValue("kind"))
	if !kind.table() {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	pic, err := s.see(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(kind)+`.csv"`)
	out, err := sheet.NewWriter(w, []string{"id", "precinct", pick(kind == DueTimes, "due", "check_ins")}, sheet.Style{})
	if err != nil {
		return err
	}
	for _, u := range pic.leaves() {
		if err := out.Write(string(u.ID), u.Name, ""); err != nil {
			return err
		}
	}
	return out.Close()
}

// aliasPath is where a person says what a name that is not understood means,
// with all that is known of it filled in.
func aliasPath(e election.ID, f tally.Finding) string {
	v := url.Values{"name": {f.Args["raw"]}}
	for _, field := range []string{"kind", "county", "district", "party"} {
		if f.Args[field] != "" {
			v.Set(field, f.Args[field])
		}
	}
	if ids := strings.Fields(f.Args["near_ids"]); len(ids) > 0 {
		v.Set("id", ids[0])
	}
	return "/definition/" + string(e) + "/aliases?" + v.Encode()
}
