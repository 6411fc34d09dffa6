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

var errNoAddress = fault.New(fault.Unavailable, "Nobody can sign in by another house's word yet. Set doors.office_url to where staff find these pages, with https://, and start the house again.")

// base is where staff find these pages, without the final slash. It comes from
// the settings alone. What a browser calls us may be an attacker's site: an
// answer that was meant for it would be taken here.
func (s *Federation) base() (string, error) {
	if u, err := url.Parse(s.URL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host, nil
	}
	return "", errNoAddress
}

// addresses are where a provider reaches this office.
func (s *Federation) addresses(p Provider) (Addresses, error) {
	base, err := s.base()
	return AddressesOf(base, p.ID), err
}

// open finds a provider whose word is taken, of a kind.
func (s *Federation) open(ctx context.Context, r *http.Request, kind Kind) (Provider, error) {
	if _, err := s.base(); err != nil {
		return Provider{}, err
	}
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
// where it can begin again. Other errors come back as they are.
func (s *Federation) lost(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) == fault.Gone {
		return s.Desk.Refused(w, r, nil, fault.New(fault.SignIn, errWay.Say))
	}
	return err
}
