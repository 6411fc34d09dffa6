// SPDX-License-Identifier: Apache-2.0

package saml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The shape of an answer, as far as it is read. What may stand there once only
// is a list as well, so that a second one is seen and not passed over.
type (
	response struct {
		XMLName      xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:protocol Response"`
		Version      string   `xml:"Version,attr"`
		IssueInstant string   `xml:"IssueInstant,attr"`
		Destination  string   `xml:"Destination,attr"`
		InResponseTo string   `xml:"InResponseTo,attr"`
		Issuers      []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
		Statuses     []status `xml:"urn:oasis:names:tc:SAML:2.0:protocol Status"`
		Assertions   []said   `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`

		signed bool
	}
	status struct {
		Code struct {
			Value string `xml:"Value,attr"`
			Inner struct {
				Value string `xml:"Value,attr"`
			} `xml:"urn:oasis:names:tc:SAML:2.0:protocol StatusCode"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:protocol StatusCode"`
		Message string `xml:"urn:oasis:names:tc:SAML:2.0:protocol StatusMessage"`
	}
	said struct {
		XMLName    xml.Name     `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`
		ID         string       `xml:"ID,attr"`
		Version    string       `xml:"Version,attr"`
		Issuers    []string     `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
		Subjects   []subject    `xml:"urn:oasis:names:tc:SAML:2.0:assertion Subject"`
		Conditions []conditions `xml:"urn:oasis:names:tc:SAML:2.0:assertion Conditions"`
		Authns     []authn      `xml:"urn:oasis:names:tc:SAML:2.0:assertion AuthnStatement"`
		Attributes []attribute  `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeStatement>Attribute"`
	}
	subject struct {
		Names []struct {
			Format string `xml:"Format,attr"`
			Value  string `xml:",chardata"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		Confirmations []struct {
			Method string `xml:"Method,attr"`
			Data   struct {
				Recipient    string `xml:"Recipient,attr"`
				InResponseTo string `xml:"InResponseTo,attr"`
				NotBefore    string `xml:"NotBefore,attr"`
				NotOnOrAfter string `xml:"NotOnOrAfter,attr"`
			} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmationData"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmation"`
	}
	conditions struct {
		NotBefore    string `xml:"NotBefore,attr"`
		NotOnOrAfter string `xml:"NotOnOrAfter,attr"`
		Audiences    []struct {
			Names []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion Audience"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AudienceRestriction"`
		Once  []struct{} `xml:"urn:oasis:names:tc:SAML:2.0:assertion OneTimeUse"`
		Proxy []struct{} `xml:"urn:oasis:names:tc:SAML:2.0:assertion ProxyRestriction"`
		Other []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
	authn struct {
		Instant      string `xml:"AuthnInstant,attr"`
		SessionIndex string `xml:"SessionIndex,attr"`
		SessionEnd   string `xml:"SessionNotOnOrAfter,attr"`
		Class        string `xml:"urn:oasis:names:tc:SAML:2.0:assertion AuthnContext>AuthnContextClassRef"`
	}
	attribute struct {
		Name   string   `xml:"Name,attr"`
		Values []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeValue"`
	}
)

// checkResponse checks what stands around the assertion.
func (sp *SP) checkResponse(now time.Time, requestID string, r response) error {
	if r.Version != "2.0" {
		return fmt.Errorf("the answer is SAML %q", clip(r.Version))
	}
	if r.InResponseTo != requestID {
		return fmt.Errorf("the answer is to the request %q, not to %q", clip(r.InResponseTo), requestID)
	}
	// saml-bindings-2.0, 3.5.5.2: a signed answer names where it goes.
	if r.Destination != sp.acs && (r.signed || r.Destination != "") {
		return fmt.Errorf("the answer goes to %q", clip(r.Destination))
	}
	if len(r.Issuers) > 1 || len(r.Issuers) == 1 && strings.TrimSpace(r.Issuers[0]) != sp.idp.entityID {
		return fmt.Errorf("the answer is by %q", r.Issuers)
	}
	if len(r.Statuses) != 1 || r.Statuses[0].Code.Value != success {
		return fmt.Errorf("the other house did not sign the person in: %+v", r.Statuses)
	}
	at, err := moment(r.IssueInstant)
	if err != nil {
		return err
	}
	if at.After(now.Add(skew)) || at.Before(now.Add(-longWait)) {
		return fmt.Errorf("the answer was written at %s, and it is %s", at, now)
	}
	return nil
}

// checkAssertion checks the assertion after saml-profiles-2.0, 4.1.4.3, and
// takes from it what it says.
func (sp *SP) checkAssertion(now time.Time, requestID string, a said) (s Said, err error) {
	if a.Version != "2.0" || a.ID == "" {
		return s, fmt.Errorf("the assertion %q is SAML %q", clip(a.ID), clip(a.Version))
	}
	if len(a.Issuers) != 1 || strings.TrimSpace(a.Issuers[0]) != sp.idp.entityID {
		return s, fmt.Errorf("the assertion is by %q, not by %q", a.Issuers, sp.idp.entityID)
	}
	s = Said{Issuer: sp.idp.entityID, AssertionID: a.ID}
	if err := sp.takeSubject(now, requestID, a, &s); err != nil {
		return s, err
	}
	if err := sp.checkConditions(now, a, &s); err != nil {
		return s, err
	}
	if err := takeAuthn(now, a, &s); err != nil {
		return s, err
	}
	s.Attributes = make(map[string][]string, len(a.Attributes))
	for _, at := range a.Attributes {
		for _, v := range at.Values {
			s.Attributes[at.Name] = append(s.Attributes[at.Name], strings.TrimSpace(v))
		}
	}
	return s, nil
}

// takeSubject takes the person, if whoever brings the answer may: one of the
// confirmations has to be for a bearer, here, now, and for this request.
func (sp *SP) takeSubject(now time.Time, requestID string, a said, s *Said) error {
	if len(a.Subjects) != 1 || len(a.Subjects[0].Names) != 1 {
		return errors.New("the assertion should name one person")
	}
	name := a.Subjects[0].Names[0]
	if s.Subject, s.SubjectFormat = strings.TrimSpace(name.Value), name.Format; s.Subject == "" {
		return errors.New("the person has no name")
	}
	why := errors.New("the assertion is for no bearer")
	for _, c := range a.Subjects[0].Confirmations {
		if c.Method != bearer {
			continue
		}
		if c.Data.Recipient != sp.acs {
			why = fmt.Errorf("the assertion is for %q", clip(c.Data.Recipient))
			continue
		}
		if c.Data.InResponseTo != requestID {
			why = fmt.Errorf("the assertion is for the request %q", clip(c.Data.InResponseTo))
			continue
		}
		end, err := moment(c.Data.NotOnOrAfter) // has to be there
		if err == nil {
			err = during(now, c.Data.NotBefore, c.Data.NotOnOrAfter)
		}
		if err != nil {
			why = fmt.Errorf("the confirmation of the subject: %w", err)
			continue
		}
		s.NotOnOrAfter = end.Add(skew)
		return nil
	}
	return why
}

// checkConditions wants the assertion to be for us and for now, and to have no
// condition that is not understood (saml-core-2.0, 2.5.1.1).
func (sp *SP) checkConditions(now time.Time, a said, s *Said) error {
	if len(a.Conditions) != 1 || len(a.Conditions[0].Audiences) == 0 {
		return errors.New("the assertion does not say for whom it is")
	}
	c := a.Conditions[0]
	if len(c.Other) > 0 {
		return fmt.Errorf("the assertion has the condition <%s>", clip(c.Other[0].XMLName.Local))
	}
	if err := during(now, c.NotBefore, c.NotOnOrAfter); err != nil {
		return fmt.Errorf("the conditions: %w", err)
	}
	if end, err := moment(c.NotOnOrAfter); err == nil && end.Add(skew).Before(s.NotOnOrAfter) {
		s.NotOnOrAfter = end.Add(skew)
	}
	for _, restriction := range c.Audiences { // each of them has to name us
		if !named(restriction.Names, sp.entityID) {
			return fmt.Errorf("the assertion is for %q, not for %q", restriction.Names, sp.entityID)
		}
	}
	return nil
}

func named(names []string, us string) bool {
	for _, n := range names {
		if strings.TrimSpace(n) == us {
			return true
		}
	}
	return false
}

// takeAuthn takes when and how the person proved who they are.
func takeAuthn(now time.Time, a said, s *Said) (err error) {
	if len(a.Authns) != 1 {
		return fmt.Errorf("the assertion should say once how the person signed in, and says it %d times", len(a.Authns))
	}
	said := a.Authns[0]
	if s.AuthnInstant, err = moment(said.Instant); err != nil {
		return err
	}
	if s.AuthnInstant.After(now.Add(skew)) {
		return fmt.Errorf("the person will sign in at %s, and it is %s", s.AuthnInstant, now)
	}
	if err := during(now, "", said.SessionEnd); err != nil {
		return fmt.Errorf("the session over there: %w", err)
	}
	s.SessionIndex, s.Context = said.SessionIndex, strings.TrimSpace(said.Class)
	return nil
}

// during checks a window of time of which either end may be open.
func during(now time.Time, from, to string) error {
	if from != "" {
		at, err := moment(from)
		if err != nil {
			return err
		}
		if now.Add(skew).Before(at) {
			return fmt.Errorf("begins at %s, and it is %s", at, now)
		}
	}
	if to == "" {
		return nil
	}
	at, err := moment(to)
	if err != nil {
		return err
	}
	if !now.Add(-skew).Before(at) {
		return fmt.Errorf("ended at %s, and it is %s", at, now)
	}
	return nil
}

// moment reads a time; saml-core-2.0, 1.3.3 wants UTC, and some leave the Z out.
func moment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", clip(s))
}
