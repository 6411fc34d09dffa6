// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hustings/guard/federation/saml"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
)

// party is our side of the agreement with a SAML house.
func party(p Provider, at Addresses) (*saml.SP, error) {
	return saml.New(saml.Config{EntityID: at.EntityID, ACS: at.ACS, IDPMetadata: []byte(p.Metadata)})
}

// checkMetadata reads a SAML house's metadata; who it is stands there.
func (set *Settings) checkMetadata() error {
	if set.Metadata == "" {
		return fault.On("metadata", fault.New(fault.Invalid, "The metadata of the house is missing: an XML file that it offers."))
	}
	if len(set.Metadata) > mostMetadata {
		return fault.On("metadata", fault.New(fault.TooLarge, "The metadata is larger than the %d kB that are taken.", mostMetadata>>10))
	}
	sp, err := party(Provider{Settings: *set}, Addresses{EntityID: "urn:hustings", ACS: "https://localhost/"})
	if err != nil {
		if fault.KindOf(err) == fault.Internal {
			err = fault.Wrap(fault.Invalid, err, "The metadata cannot be used: %s", err)
		}
		return fault.On("metadata", err)
	}
	set.Issuer = sp.Issuer()
	return nil
}

// askSAML is the address at a SAML house that a flow leads to.
func (s *Federation) askSAML(p Provider, f *flow, at Addresses) (string, error) {
	sp, err := party(p, at)
	if err != nil {
		return "", err
	}
	to, request, err := sp.Begin(s.Now(), f.state.Reveal(), f.purpose == toAgain)
	f.request = request
	return to, err
}

// backBySAML takes a SAML house's answer, which a page of that house sends: the
// browser sends no cookie along. So the answer is checked, and waits under a
// one-use ticket for the browser that the flow belongs to.
func (s *Federation) backBySAML(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p, err := s.open(ctx, r, SAML)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "This form cannot be read.")
	}
	at, err := s.addresses(p)
	if err != nil {
		return err
	}
	f, browser, expires, err := s.take(ctx, p.ID, r.PostForm.Get("RelayState"))
	if err != nil {
		return s.lost(w, r, err)
	}
	said, err := s.hearSAML(ctx, p, f, r.PostForm, at)
	if err != nil {
		return s.refuse(w, r, p, f, refusal{reason: badWord}, err)
	}
	f.word = &said
	ticket := hide.New(id.Token(32))
	if err := s.keep(ctx, p.ID, ticket, f, browser, expires); err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in/with/"+p.ID+"/done?"+url.Values{"ticket": {ticket.Reveal()}}.Encode(), http.StatusSeeOther)
	return nil
}

// done goes on with what a SAML house said, once the right browser comes.
func (s *Federation) done(w http.ResponseWriter, r *http.Request) error {
	p, err := s.open(r.Context(), r, SAML)
	if err != nil {
		return err
	}
	f, err := s.returned(r, p.ID, r.URL.Query().Get("ticket"))
	if err == nil && f.word == nil {
		err = errWay // a state, not a ticket
	}
	if err != nil {
		return s.lost(w, r, err)
	}
	return s.arrive(w, r, p, f, *f.word)
}

// hearSAML checks a SAML house's answer, which is good once.
func (s *Federation) hearSAML(ctx context.Context, p Provider, f flow, form url.Values, at Addresses) (word, error) {
	sp, err := party(p, at)
	if err != nil {
		return word{}, err
	}
	said, err := sp.Check(s.Now(), f.request, form)
	if err != nil {
		return word{}, err
	}
	switch {
	case strings.HasSuffix(said.SubjectFormat, ":transient"):
		return word{}, errors.New("the house gives the person another name each time (a transient NameID)")
	case said.Subject == "" || len(said.Subject) > mostText || !printable(said.Subject):
		return word{}, errors.New("the assertion names nobody")
	case f.purpose == toAgain && said.AuthnInstant.Before(f.began.Add(-slack)):
		return word{}, errors.New("the house did not have the person prove again who they are (AuthnInstant)")
	}
	if err := s.once(ctx, p.ID, "assertion "+said.AssertionID, said.NotOnOrAfter.Add(slack)); err != nil {
		return word{}, err
	}
	return assertedWord(p, said)
}

var errSeen = errors.New("this has been used before")

// once remembers what is good once; a second time is an error.
func (s *Federation) once(ctx context.Context, provider, what string, until time.Time) error {
	return s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Silently("what was said is remembered, so that it is good once; what follows from it is recorded")
		fresh, err := see(ctx, tx, s.Jurisdiction, provider, digest(what), s.Now(), until)
		if err == nil && !fresh {
			err = errSeen
		}
		return err
	})
}

// Names under which SAML houses send an address and a name.
var (
	mailNames = []string{"email", "mail", "emailAddress", "urn:oid:0.9.2342.19200300.100.1.3", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"}
	nameNames = []string{"displayName", "name", "cn", "urn:oid:2.16.840.1.113730.3.1.241", "urn:oid:2.5.4.3",
		"http://schemas.microsoft.com/identity/claims/displayname", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"}
)

// assertedWord brings an assertion into the form that both kinds of houses
// share. What a house signs about addresses of its own domains is believed.
func assertedWord(p Provider, said saml.Said) (word, error) {
	n := 0
	for _, values := range said.Attributes {
		n += len(values)
	}
	if n > mostClaims {
		return word{}, errTooMuch
	}
	w := word{Subject: said.Subject, SID: said.SessionIndex, Claims: said.Attributes, Proved: said.AuthnInstant, Level: 1, Verified: true}
	if w.Claims == nil {
		w.Claims = make(Claims)
	}
	w.Email, w.Name = w.Claims.first(mailNames...), w.Claims.first(nameNames...)
	if w.Email == "" && strings.HasSuffix(said.SubjectFormat, ":emailAddress") {
		w.Email = said.Subject
	}
	if p.Level == 2 && slices.Contains(p.Proofs, said.Context) {
		w.Level = 2
	}
	return w, nil
}

// metadata is what a SAML house is told about us.
func (s *Federation) metadata(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Provider(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if p.Kind != SAML {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	at, err := s.addresses(p)
	if err != nil {
		return err
	}
	sp, err := party(p, at)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(sp.Metadata()) // whoever asked has gone if this fails
	return nil
}
