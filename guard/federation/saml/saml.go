// SPDX-License-Identifier: Apache-2.0

// Package saml is the half of SAML 2.0 that asks who somebody is: the service
// provider of the Web Browser SSO profile. It is pure: no clock, no network, no
// database.
//
//	Begin  sends a browser to the other house with a request (HTTP-Redirect)
//	Check  judges the answer that the browser brings back (HTTP-POST)
//
// SAML's answers are XML, and nearly all its holes came from one reader seeing
// what was signed and another reading something else. So an answer goes through
// three gates, each of which would stop the known attacks alone:
//
//	plain.go      the file is plain: no DTD, no comments, no entities, no name
//	              twice, and it reads the same when written again
//	signature.go  each signature stands where it belongs, covers its own parent
//	              by one reference, and was made by a key of the metadata
//	answer.go     every value is read from the bytes that were digested, never
//	              from the file as it came
//
// Whoever fails hears one sentence, whatever was wrong; the reason is for the
// log, in the fault's cause.
package saml

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/reach"
)

// Words holds the sentences of this package, for the room's catalogue.
//
//go:embed words/*.json
var Words embed.FS

// Names of the standard.
const (
	protocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	assertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	dsig      = "http://www.w3.org/2000/09/xmldsig#"
	success   = "urn:oasis:names:tc:SAML:2.0:status:Success"
	bearer    = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	entity    = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
)

const (
	skew     = 2 * time.Minute // how far the two houses' clocks may be apart
	longWait = 10 * time.Minute
)

// Config is what the two houses know of each other.
type Config struct {
	EntityID    string // our name, as the other house knows it
	ACS         string // the address that answers come to
	IDPMetadata []byte // the other house, in its own words

	// Key signs our requests, if the other house wants that: an RSA key of at
	// least 2048 bits. Nil leaves them unsigned.
	Key crypto.Signer
}

// SP is our side of one agreement with another house. It is safe for use by
// several goroutines.
type SP struct {
	entityID, acs string
	key           crypto.Signer
	certificate   *x509.Certificate // of key
	idp           idp
}

// New reads the agreement. What is wrong with the metadata of the other house
// it says in a sentence.
func New(c Config) (*SP, error) {
	if err := address(c.ACS); err != nil {
		return nil, fmt.Errorf("the address that answers come to: %w", err)
	}
	if c.EntityID == "" {
		return nil, errors.New("our own name is missing")
	}
	sp := &SP{entityID: c.EntityID, acs: c.ACS, key: c.Key}
	var err error
	if c.Key != nil {
		if sp.certificate, err = certificateOf(c.Key); err != nil {
			return nil, err
		}
	}
	if sp.idp, err = readMetadata(c.IDPMetadata); err != nil {
		return nil, err
	}
	if sp.idp.wantsSigned && c.Key == nil {
		return nil, fault.New(fault.Invalid, "The other house wants signed requests, and this one has no key to sign with.")
	}
	return sp, nil
}

// Issuer is the other house's name.
func (sp *SP) Issuer() string { return sp.idp.entityID }

// SignIn is where people are sent to sign in.
func (sp *SP) SignIn() string { return sp.idp.location }

// Fingerprints are the SHA-256 sums of the certificates that answers may be
// signed by, as others show them: in hexadecimal, with colons.
func (sp *SP) Fingerprints() []string {
	var out []string
	for _, c := range sp.idp.keys {
		sum := sha256.Sum256(c.Raw)
		out = append(out, strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":"))
	}
	return out
}

// Until is when the other house's metadata, or the last of the certificates in
// it, ends: nobody can sign in after it.
func (sp *SP) Until() time.Time { return sp.idp.until }

// address wants an absolute https address; plain http is for one's own machine.
func address(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if !reach.Safe(u) {
		return fmt.Errorf("%q is not an https address", s)
	}
	return nil
}

// strong says why a key is too weak to trust a signature of, if it is.
func strong(key crypto.PublicKey) error {
	if k, ok := key.(*rsa.PublicKey); ok && k.N.BitLen() < 2048 {
		return fmt.Errorf("an RSA key of %d bits is too short", k.N.BitLen())
	}
	return nil
}

// refused is what everybody hears who does not get in; why is for the log.
func refused(why error) error {
	return fault.Wrap(fault.SignIn, why, "The other house's answer could not be used. Please try to sign in again; if it happens twice, tell your office's IT staff.")
}
