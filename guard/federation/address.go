// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"net/http"
	"net/url"

	"hustings/kit/fault"
)

// Addresses are where a provider reaches us, to be written into its settings.
type Addresses struct {
	Back     string // OpenID Connect: redirect URI
	LeftTo   string // OpenID Connect: where people go after they have signed out there
	Logout   string // OpenID Connect: where a provider tells of sign-outs
	ACS      string // SAML: where assertions go
	EntityID string // SAML: what we are called, and our metadata
}

// AddressesOf are where a provider reaches an office whose pages are at a base,
// such as https://office.county.example.
func AddressesOf(base, provider string) Addresses {
	with := base + "/sign-in/with/" + provider
	return Addresses{Back: with + "/back", LeftTo: base + "/sign-in", Logout: base + "/federation/" + provider + "/logout",
		ACS: with + "/saml", EntityID: with + "/metadata"}
}

// addresses goes by the settings, or by what the browser says.
func (s *Federation) addresses(r *http.Request, p Provider) Addresses {
	return AddressesOf(s.base(r), p.ID)
}

func (s *Federation) base(r *http.Request) string {
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	scheme := "http://"
	if s.Secure {
		scheme = "https://"
	}
	return scheme + r.Host
}

// open finds a provider whose word is taken, of a kind.
func (s *Federation) open(ctx context.Context, r *http.Request, kind Kind) (Provider, error) {
	p, err := s.Provider(ctx, r.PathValue("id"))
	if err == nil && p.Kind != kind {
		err = fault.New(fault.NotFound, "There is no such provider.")
	}
	if err == nil && !p.Active {
		err = fault.New(fault.NotFound, "Nobody signs in here by the word of %s at the moment.", p.Name)
	}
	return p, err
}

// lost answers a browser whose way was not found: on the page of the sign-in,
// where it can begin again.
func (s *Federation) lost(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) == fault.Gone {
		return s.Desk.Refused(w, r, nil, fault.New(fault.SignIn, errWay.Say))
	}
	return err
}
