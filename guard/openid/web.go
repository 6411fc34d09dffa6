// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"net/http"
	"strconv"
	"strings"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// discovery says what this provider can do: OpenID Connect Discovery 1.0 and
// RFC 8414.
func (s *OpenID) discovery(w http.ResponseWriter, r *http.Request) error {
	issuer, err := s.Issuer()
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{
		"issuer":                                         issuer,
		"authorization_endpoint":                         issuer + "/openid/authorize",
		"token_endpoint":                                 issuer + "/openid/token",
		"userinfo_endpoint":                              issuer + "/openid/userinfo",
		"revocation_endpoint":                            issuer + "/openid/revoke",
		"end_session_endpoint":                           issuer + "/openid/sign-out",
		"jwks_uri":                                       issuer + "/openid/keys",
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code"},
		"code_challenge_methods_supported":               []string{"S256"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post", "none"},
		"revocation_endpoint_auth_methods_supported":     []string{"client_secret_basic", "client_secret_post", "none"},
		"scopes_supported":                               append([]string{"openid"}, Scopes...),
		"claims_supported":                               []string{"iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "name", "email", "roles"},
		"acr_values_supported":                           levels[1:],
		"prompt_values_supported":                        []string{"none", "login", "select_account", "consent"},
		"ui_locales_supported":                           []string{"en", "es"},
		"authorization_response_iss_parameter_supported": true,
		"backchannel_logout_supported":                   true,
		"backchannel_logout_session_supported":           true,
		"claims_parameter_supported":                     false,
		"request_parameter_supported":                    false,
		"request_uri_parameter_supported":                false,
	})
}

// refresh has the browser go on by itself. It is a navigation of its own, not
// the end of a form's.
func refresh(w http.ResponseWriter, to string) { w.Header().Set("Refresh", "0; url="+to) }

// passage shows the page that leads on to a satellite.
func passage(w http.ResponseWriter, r *http.Request, name, to string) error {
	refresh(w, to)
	w.Header().Set("Referrer-Policy", "no-referrer")
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("openid.passage.title", "name", name), Plain: true, Body: passagePage(p, name, to)})
}

// consentPage asks a person whether they want to go on to a satellite of which
// nobody can be sure that it is itself.
func (s *OpenID) consentPage(w http.ResponseWriter, r *http.Request, a asking) error {
	p := web.Words(r.Context())
	return web.Show(w, r, web.Page{Title: p.T("openid.consent.title", "name", a.Name), Plain: true, Body: consentForm(p, a)})
}

// listing is what the page of all satellites shows.
type listing struct {
	issuer  string
	problem string // why nobody can sign in to any
	clients []Client
	keys    []Key
	roles   []string
	form    Client // what was typed, shown again when it cannot be used
	reason  string
	wrong   map[string]string // by field; "" for the whole
}

func (s *OpenID) list(w http.ResponseWriter, r *http.Request) error {
	return s.listPage(w, r, listing{form: Client{Level: 2, Scopes: []string{"profile"}}}, 0)
}

func (s *OpenID) listPage(w http.ResponseWriter, r *http.Request, v listing, status int) (err error) {
	ctx := r.Context()
	p, in := web.Words(ctx), who.From(ctx).Jurisdiction
	if v.issuer, err = s.Issuer(); err != nil {
		v.problem = p.Sentence(err)
	}
	if v.clients, err = s.Clients(ctx, in); err != nil {
		return err
	}
	if v.keys, err = s.SigningKeys(ctx, in); err != nil {
		return err
	}
	if v.roles, err = s.Roles.All(ctx, in); err != nil {
		return err
	}
	return web.Show(w, r, web.Page{Title: p.T("openid.title"), Status: status, Body: clientsPage(p, v)})
}

func (s *OpenID) add(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "This form cannot be read.")
	}
	f := r.PostForm
	level, _ := strconv.Atoi(f.Get("level")) // what is no number is no level, and refused as such
	v := listing{reason: strings.TrimSpace(f.Get("reason")), form: Client{Name: f.Get("name"), Public: f.Get("kind") == "public",
		Redirects: strings.Fields(f.Get("redirects")), SignOuts: strings.Fields(f.Get("signouts")), BackChannel: f.Get("backchannel"),
		Scopes: f["scopes"], Roles: f["roles"], Level: level}}
	c, waits, err := s.Add(r.Context(), v.form, v.reason)
	if err != nil {
		v.wrong = make(map[string]string)
		for _, one := range fault.All(err) {
			v.wrong[one.Field] = web.Words(r.Context()).Sentence(one)
		}
		switch fault.KindOf(err) {
		case fault.Invalid:
			return s.listPage(w, r, v, http.StatusUnprocessableEntity)
		case fault.Conflict:
			return s.listPage(w, r, v, http.StatusConflict)
		}
		return err
	}
	if waits {
		return web.Done(w, r, "/openid/clients", "openid.asked", "name", c.Name)
	}
	return web.Done(w, r, "/openid/clients/"+c.ID, "openid.added", "name", c.Name)
}

// single is what the page of one satellite shows.
type single struct {
	Client
	issuer, secret, problem string
}

func (s *OpenID) show(w http.ResponseWriter, r *http.Request) error {
	return s.showPage(w, r, single{}, 0)
}

func (s *OpenID) showPage(w http.ResponseWriter, r *http.Request, v single, status int) (err error) {
	if v.Client, err = s.Find(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	p := web.Words(r.Context())
	if v.issuer, err = s.Issuer(); err != nil && v.problem == "" {
		v.problem = p.Sentence(err)
	}
	return web.Show(w, r, web.Page{Title: v.Name, Status: status, Body: clientPage(p, v)})
}

func (s *OpenID) secret(w http.ResponseWriter, r *http.Request) error {
	secret, err := s.MakeSecret(r.Context(), r.PathValue("id"))
	switch fault.KindOf(err) {
	case "":
		return s.showPage(w, r, single{secret: secret.Reveal()}, 0)
	case fault.Conflict:
		return s.showPage(w, r, single{problem: web.Words(r.Context()).Sentence(err)}, http.StatusConflict)
	}
	return err
}

func (s *OpenID) remove(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Find(r.Context(), r.PathValue("id"))
	if err == nil {
		err = s.Remove(r.Context(), c.ID, r.FormValue("reason"))
	}
	switch fault.KindOf(err) {
	case "":
		return web.Done(w, r, "/openid/clients", "openid.removed", "name", c.Name)
	case fault.Invalid:
		return s.showPage(w, r, single{problem: web.Words(r.Context()).Sentence(err)}, http.StatusUnprocessableEntity)
	}
	return err
}
