// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"

	"github.com/a-h/templ"

	"hustings/election"
	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/office/definition/convert"
)

func (s *Definition) show(w http.ResponseWriter, r *http.Request, title string, body templ.Component) error {
	return web.Show(w, r, web.Page{Title: title, Body: body, Wide: true})
}

func electionOf(r *http.Request) election.ID { return election.ID(r.PathValue("election")) }

func path(e election.ID) string { return "/definition/" + string(e) }

func (s *Definition) showAll(w http.ResponseWriter, r *http.Request) error {
	all, err := listVersions(r.Context(), s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("definition.menu"), listPage(p, all))
}

func (s *Definition) showImport(w http.ResponseWriter, r *http.Request) error {
	all, err := listVersions(r.Context(), s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("definition.import"), importPage(p, all, election.ID(r.URL.Query().Get("into"))))
}

// Preview is what an import would change.
type Preview struct {
	Def      *election.Definition
	Format   string
	Source   string
	Base     *election.Definition // nil for a new election
	Problems []convert.Problem    // of reading, then of the whole
	Changes  []convert.Change
	key      string // blob of the definition, to be kept as the draft
	over     string // hash of the draft that it takes the place of; empty for none
}

// Preview reads files and works out what they would change, before anything
// does. into names the election that the files add to; empty: they tell.
func (s *Definition) Preview(ctx context.Context, into election.ID, name string, body []byte) (*Preview, error) {
	var base *election.Definition
	var over string
	if into != "" {
		var err error
		if base, over, err = s.working(ctx, into); err != nil {
			return nil, err
		}
	}
	res, err := convert.Read(name, body, base)
	if err != nil {
		return nil, err
	}
	pre := &Preview{over: over, Def: res.Def, Format: res.Format, Source: name, Base: base, Problems: append(res.Problems, convert.Check(res.Def)...)}
	if base == nil && res.Def.Election.ID != "" {
		if old, draft, err := s.working(ctx, res.Def.Election.ID); err == nil {
			pre.Base, pre.over = old, draft
		}
	}
	pre.Changes = convert.Diff(pre.Base, res.Def)
	out, err := json.Marshal(res.Def)
	if err != nil {
		return nil, err
	}
	pre.key, err = s.Blobs.Put(ctx, out)
	return pre, err
}

func (s *Definition) preview(w http.ResponseWriter, r *http.Request) error {
	name, body, err := web.File(r, s.MaxFile)
	if err != nil {
		return err
	}
	pre, err := s.Preview(r.Context(), election.ID(r.FormValue("into")), name, body)
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.T("definition.preview"), previewPage(p, pre))
}

// keepDraft keeps what a preview showed.
func (s *Definition) keepDraft(w http.ResponseWriter, r *http.Request) error {
	body, err := s.Blobs.Get(r.Context(), r.FormValue("key"))
	if err != nil {
		return fault.Wrap(fault.Gone, err, "This preview is no longer there. Import the file again.")
	}
	def := &election.Definition{}
	if err := json.Unmarshal(body, def); err != nil {
		return fault.Wrap(fault.Gone, err, "This preview is no longer there. Import the file again.")
	}
	over := r.FormValue("over")
	v, err := s.saveDraft(r.Context(), def, r.FormValue("source"), &over)
	if err != nil {
		return err
	}
	return web.Done(w, r, path(v.Election), "definition.drafted")
}

func (s *Definition) template(w http.ResponseWriter, _ *http.Request) error {
	body, err := convert.Template()
	if err != nil {
		return err
	}
	return send(w, "hustings-definition.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body)
}

func send(w http.ResponseWriter, name, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, err := w.Write(body)
	return err
}

func (s *Definition) showOne(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	p := web.Words(r.Context())
	return s.show(w, r, p.Text(v.def.Election.Name), onePage(p, v))
}

// view is one election as its page shows it.
type view struct {
	def      *election.Definition // the draft where there is one, else the locked version
	versions []Version
	draft    *Version
	locked   *Version
	problems []convert.Problem
	changes  []convert.Change // from the locked version to the draft
}

func (s *Definition) view(ctx context.Context, e election.ID) (*view, error) {
	all, err := listVersions(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return nil, err
	}
	v := &view{}
	for _, ver := range all {
		if ver.Election != e {
			continue
		}
		v.versions = append(v.versions, ver)
		switch ver.State {
		case Draft:
			v.draft = &ver
		case Locked:
			v.locked = &ver
		}
	}
	if len(v.versions) == 0 {
		return nil, fault.New(fault.NotFound, "There is no such definition.")
	}
	var was *election.Definition
	if v.locked != nil {
		if was, err = s.load(ctx, *v.locked); err != nil {
			return nil, err
		}
		v.def = was
	}
	if v.draft != nil {
		if v.def, err = s.load(ctx, *v.draft); err != nil {
			return nil, err
		}
		v.changes = convert.Diff(was, v.def)
	}
	v.problems = convert.Check(v.def)
	return v, nil
}

func (s *Definition) lock(w http.ResponseWriter, r *http.Request) error {
	if err := s.Lock(r.Context(), electionOf(r), r.FormValue("hash"), r.FormValue("reason")); err != nil {
		return err
	}
	return web.Done(w, r, path(electionOf(r)), "definition.isnowlocked")
}

func (s *Definition) export(w http.ResponseWriter, r *http.Request) error {
	def, err := s.Newest(r.Context(), electionOf(r))
	if err != nil {
		return err
	}
	f, ok := convert.FormatNamed(r.PathValue("format"))
	if !ok {
		return fault.New(fault.NotFound, "There is no export format %q.", r.PathValue("format"))
	}
	var body bytes.Buffer
	if err := f.Write(&body, def); err != nil {
		return err
	}
	return send(w, string(def.Election.ID)+f.Ext, f.Type, body.Bytes())
}

func (s *Definition) showAliases(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	def, err := s.Newest(ctx, electionOf(r))
	if err != nil {
		return err
	}
	aliases, err := s.Aliases(ctx, electionOf(r))
	if err != nil {
		return err
	}
	p := web.Words(ctx)
	return s.show(w, r, p.T("definition.aliases"), aliasPage(p, def, aliases, aliasOf(r)))
}

func aliasOf(r *http.Request) election.Alias {
	return election.Alias{Kind: election.AliasKind(r.FormValue("kind")), County: r.FormValue("county"), Contest: r.FormValue("contest"),
		District: r.FormValue("district"), Name: r.FormValue("name"), Party: r.FormValue("party"), ID: r.FormValue("id")}
}

func (s *Definition) saveAlias(w http.ResponseWriter, r *http.Request) error {
	if err := s.SetAlias(r.Context(), electionOf(r), aliasOf(r)); err != nil {
		return err
	}
	return web.Done(w, r, path(electionOf(r))+"/aliases", "definition.alias.set", "name", r.FormValue("name"))
}

func (s *Definition) dropAlias(w http.ResponseWriter, r *http.Request) error {
	if err := s.RemoveAlias(r.Context(), electionOf(r), aliasOf(r)); err != nil {
		return err
	}
	return web.Done(w, r, path(electionOf(r))+"/aliases", "definition.alias.removed", "name", r.FormValue("name"))
}
