// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"cmp"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/web"
)

// row is a provider in the list.
type row struct {
	Provider
	links int64
}

func (s *Federation) showAll(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := s.Providers(ctx)
	if err != nil {
		return err
	}
	rows := make([]row, len(all))
	for i, p := range all {
		if rows[i].links, err = countLinks(ctx, s.DB, s.Jurisdiction, p.ID); err != nil {
			return err
		}
		rows[i].Provider = p
	}
	t := web.Words(ctx)
	_, err = s.base()
	return web.Show(w, r, web.Page{Title: t.T("federation.menu"), Body: listPage(t, rows, err != nil)})
}

// form is what is typed about a provider.
type form struct {
	provider                       string // empty: a new one
	set                            Settings
	rules, scopes, proofs, domains string
	reason                         string
	hasSecret, public              bool
	wrong                          map[string]string // by field; "" for the whole
	roles                          []string
	active                         bool
	at                             Addresses
	homeless                       bool // the house does not know its own address
	links                          int64
}

// formOf shows settings as they are typed.
func formOf(set Settings) form {
	return form{set: set, rules: WriteRules(set.Rules), scopes: strings.Join(set.Scopes, " "), proofs: strings.Join(set.Proofs, "\n"),
		domains: strings.Join(set.Domains, "\n"), hasSecret: set.Secret != ""}
}

func (s *Federation) showNew(w http.ResponseWriter, r *http.Request) error {
	set := Settings{Kind: OIDC, Level: 1, Scopes: []string{"email", "profile"}}
	if r.URL.Query().Get("kind") == string(SAML) {
		set = Settings{Kind: SAML, Level: 1}
	}
	return s.formPage(w, r, formOf(set), 0)
}

func (s *Federation) showOne(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Provider(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.onePage(w, r, p, formOf(p.Settings), 0)
}

// onePage is a provider's own page.
func (s *Federation) onePage(w http.ResponseWriter, r *http.Request, p Provider, f form, status int) (err error) {
	f.provider, f.active, f.hasSecret = p.ID, p.Active, p.Secret != ""
	f.set.Kind, f.set.Issuer = p.Kind, p.Issuer
	if f.links, err = countLinks(r.Context(), s.DB, s.Jurisdiction, p.ID); err != nil {
		return err
	}
	return s.formPage(w, r, f, status)
}

func (s *Federation) formPage(w http.ResponseWriter, r *http.Request, f form, status int) error {
	ctx := r.Context()
	var err error
	if base, err := s.base(); err != nil {
		f.homeless = true
	} else {
		f.at = AddressesOf(base, f.provider)
	}
	if f.roles, err = s.Roles.All(ctx); err != nil {
		return err
	}
	t := web.Words(ctx)
	title := t.T("federation.new." + string(f.set.Kind))
	if f.provider != "" {
		title = f.set.Name
	}
	return web.Show(w, r, web.Page{Title: title, Status: status, Body: providerPage(t, title, f)})
}

// typed reads the form of a provider.
func typed(r *http.Request) (Change, form, error) {
	level, _ := strconv.Atoi(r.FormValue("level")) // check says what it may be
	set := Settings{Kind: Kind(r.FormValue("kind")), Name: r.FormValue("name"), Issuer: r.FormValue("issuer"), Client: r.FormValue("client"),
		Scopes: strings.Fields(r.FormValue("scopes")), Level: level, Proofs: strings.Split(r.FormValue("proofs"), "\n"),
		Domains: strings.Fields(r.FormValue("domains")), Makes: r.FormValue("makes") == "yes", Metadata: r.FormValue("metadata")}
	f := form{set: set, rules: r.FormValue("rules"), scopes: r.FormValue("scopes"), proofs: r.FormValue("proofs"),
		domains: r.FormValue("domains"), reason: r.FormValue("reason"), public: r.FormValue("public") == "yes"}
	c := Change{Settings: set, Secret: hide.New(strings.TrimSpace(r.FormValue("secret"))), Public: f.public, Reason: f.reason}
	file, err := uploaded(r)
	if err != nil {
		return c, f, err
	}
	if file != "" {
		c.Settings.Metadata, f.set.Metadata = file, file
	}
	c.Settings.Rules, err = ReadRules(f.rules)
	return c, f, err
}

// uploaded is the metadata that came as a file, "" for none.
func uploaded(r *http.Request) (string, error) {
	file, _, err := r.FormFile("file")
	if err != nil { // none was sent
		return "", nil
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, mostMetadata+1))
	return string(body), err
}

func (s *Federation) add(w http.ResponseWriter, r *http.Request) error {
	c, f, err := typed(r)
	if err == nil {
		_, _, err = s.Propose(r.Context(), c)
	}
	if err != nil {
		status, err := f.refused(r, err)
		if err != nil {
			return err
		}
		if f.set.Kind != SAML {
			f.set.Kind = OIDC
		}
		return s.formPage(w, r, f, status)
	}
	return web.Done(w, r, "/federation", "federation.asked")
}

func (s *Federation) change(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Provider(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	c, f, err := typed(r)
	c.Provider, c.Settings.Kind = p.ID, p.Kind
	if p.Kind == OIDC {
		c.Settings.Issuer = p.Issuer
	}
	if err == nil {
		_, _, err = s.Propose(r.Context(), c)
	}
	if err != nil {
		status, err := f.refused(r, err)
		if err != nil {
			return err
		}
		return s.onePage(w, r, p, f, status)
	}
	return web.Done(w, r, "/federation/"+p.ID, "federation.asked")
}

// refused puts what is wrong beside its field; other errors come back.
func (f *form) refused(r *http.Request, err error) (status int, _ error) {
	f.wrong = make(map[string]string)
	for _, one := range fault.All(err) {
		f.wrong[one.Field] = web.Words(r.Context()).Sentence(one)
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge:
		return http.StatusUnprocessableEntity, nil
	case fault.Conflict:
		return http.StatusConflict, nil
	}
	return 0, err
}

func (s *Federation) stop(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := s.Stop(r.Context(), id, r.FormValue("reason")); err != nil {
		return err
	}
	return web.Done(w, r, "/federation/"+url.PathEscape(id), "federation.stopped")
}

func (s *Federation) remove(w http.ResponseWriter, r *http.Request) error {
	if err := s.Remove(r.Context(), r.PathValue("id"), r.FormValue("reason")); err != nil {
		return err
	}
	return web.Done(w, r, "/federation", "federation.removed")
}

// try leads to a provider and back to a page that shows what it says of
// whoever tries, without signing anybody in.
func (s *Federation) try(w http.ResponseWriter, r *http.Request) error {
	p, err := s.working(r)
	if err != nil {
		return err
	}
	to, err := s.send(w, r, p, toTry, nil)
	if fault.KindOf(err) == fault.Unavailable {
		return s.tried(w, r, p, nil, err)
	}
	if err != nil {
		return err
	}
	return s.waysOut(w, r, p, to)
}

// trial is what a provider said when somebody tried it.
type trial struct {
	name, provider string
	said           *word
	cause          string // why it did not work, for whoever looks after it
	claims         []claim
	roles          []string
	account        string // whose it would be; empty: nobody's
	speaks         bool
}

type claim struct{ name, value string }

func (s *Federation) tried(w http.ResponseWriter, r *http.Request, p Provider, said *word, cause error) error {
	ctx := r.Context()
	t := web.Words(ctx)
	v := trial{name: p.Name, provider: p.ID, said: said}
	if said == nil {
		v.cause = told(cause) // they look after the provider: the cause is what they came for
		return web.Show(w, r, web.Page{Title: t.T("federation.tried", "name", p.Name), Body: triedPage(t, v)})
	}
	for _, name := range slices.Sorted(maps.Keys(said.Claims)) {
		v.claims = append(v.claims, claim{clip(name), clipTo(strings.Join(said.Claims[name], ", "), 500)})
	}
	v.roles, v.speaks = slices.Sorted(maps.Keys(p.roles(said.Claims))), p.speaks(said.Email)
	link, ok, err := findLink(ctx, s.DB, s.Jurisdiction, p.ID, said.Subject)
	if err != nil {
		return err
	}
	var whose Person
	if ok {
		whose, err = s.People.ByID(ctx, link.Account)
	} else if v.speaks && said.Verified {
		whose, err = s.People.ByEmail(ctx, said.Email)
	}
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	v.account = cmp.Or(whose.Name, whose.Email)
	return web.Show(w, r, web.Page{Title: t.T("federation.tried", "name", p.Name), Body: triedPage(t, v)})
}
