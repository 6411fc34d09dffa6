// SPDX-License-Identifier: Apache-2.0

package saml

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/crewjam/saml"

	"hustings/kit/fault"
)

// mostMetadata is the largest file of metadata. One house has some 10 KB; the
// files of whole federations have a hundred MB and are not for this.
const mostMetadata = 1 << 20

// idp is what we take from another house's metadata.
type idp struct {
	entityID    string
	location    string // where browsers are sent, HTTP-Redirect
	keys        []*x509.Certificate
	wantsSigned bool
	until       time.Time
}

// readMetadata reads a file of metadata that holds one identity provider.
func readMetadata(body []byte) (idp, error) {
	found, err := provider(body)
	if err != nil {
		return idp{}, err
	}
	roles := slices.DeleteFunc(found.IDPSSODescriptors, func(r saml.IDPSSODescriptor) bool {
		return !slices.Contains(strings.Fields(r.ProtocolSupportEnumeration), protocol)
	})
	if len(roles) != 1 {
		return idp{}, fault.New(fault.Invalid, "The metadata of %s should describe one sign-in by SAML 2.0, and it describes %d.", clip(found.EntityID), len(roles))
	}
	p := idp{entityID: found.EntityID, wantsSigned: roles[0].WantAuthnRequestsSigned != nil && *roles[0].WantAuthnRequestsSigned}
	for _, s := range roles[0].SingleSignOnServices {
		if s.Binding == saml.HTTPRedirectBinding {
			p.location = s.Location
			break
		}
	}
	if err := address(p.location); err != nil {
		return idp{}, fault.Wrap(fault.Invalid, err, "The metadata names no https address to send people to (a SingleSignOnService with the binding HTTP-Redirect).")
	}
	if p.keys, err = signingKeys(roles[0].KeyDescriptors); err != nil {
		return idp{}, err
	}
	p.until = until(found.ValidUntil, roles[0].ValidUntil, p.keys)
	return p, nil
}

// provider finds the one identity provider of a file.
func provider(body []byte) (found saml.EntityDescriptor, err error) {
	if len(body) > mostMetadata {
		return found, fault.New(fault.TooLarge, "This is more than the metadata of one house. Ask for the file of the one identity provider.")
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if err := look(body, true); err != nil {
		return found, fault.Wrap(fault.Invalid, err, "This file is not the metadata of a SAML identity provider: it cannot be read as XML.")
	}
	var many saml.EntitiesDescriptor
	if err = xml.Unmarshal(body, &many); err != nil { // the other kind of file
		err = xml.Unmarshal(body, &found)
		many = saml.EntitiesDescriptor{EntityDescriptors: []saml.EntityDescriptor{found}}
	}
	if err != nil {
		return found, fault.Wrap(fault.Invalid, err, "This file is not the metadata of a SAML identity provider: it holds no EntityDescriptor that can be read.")
	}
	all := slices.DeleteFunc(entities(many), func(e saml.EntityDescriptor) bool { return len(e.IDPSSODescriptors) == 0 })
	if len(all) != 1 {
		return found, fault.New(fault.Invalid, "The metadata should hold one identity provider (IDPSSODescriptor), and it holds %d.", len(all))
	}
	if all[0].EntityID == "" || len(all[0].EntityID) > 1024 {
		return found, fault.New(fault.Invalid, "The identity provider in the metadata has no name (entityID) that can be used.")
	}
	if t := many.ValidUntil; t != nil && (all[0].ValidUntil.IsZero() || t.Before(all[0].ValidUntil)) {
		all[0].ValidUntil = *t
	}
	return all[0], nil
}

// entities lists what a file holds, at any depth; look has bounded it.
func entities(e saml.EntitiesDescriptor) []saml.EntityDescriptor {
	all := e.EntityDescriptors
	for _, inner := range e.EntitiesDescriptors {
		all = append(all, entities(inner)...)
	}
	return all
}

// signingKeys are the certificates that answers may be signed by. A certificate
// in metadata is a wrapping for its key: who issued it does not matter.
func signingKeys(described []saml.KeyDescriptor) (keys []*x509.Certificate, err error) {
	for _, k := range described {
		if k.Use != "" && k.Use != "signing" {
			continue
		}
		for _, c := range k.KeyInfo.X509Data.X509Certificates {
			key, err := certificate(c.Data)
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "A certificate for signing in the metadata cannot be used. It should hold an RSA key of at least 2048 bits, or an ECDSA key.")
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 || len(keys) > 20 {
		return nil, fault.New(fault.Invalid, "The metadata should hold the certificate that answers are signed by (a KeyDescriptor for signing with an X509Certificate), and it holds %d.", len(keys))
	}
	return keys, nil
}

func certificate(data string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), ""))
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	switch c.PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return c, strong(c.PublicKey)
	}
	return nil, fmt.Errorf("a key of the kind %v signs no SAML", c.PublicKeyAlgorithm)
}

// until is the first of what ends: the metadata, its role, the last certificate.
func until(entity time.Time, role *time.Time, keys []*x509.Certificate) (end time.Time) {
	for _, k := range keys {
		if k.NotAfter.After(end) {
			end = k.NotAfter
		}
	}
	if role != nil && role.Before(end) {
		end = *role
	}
	if !entity.IsZero() && entity.Before(end) {
		end = entity
	}
	return end
}

// The shape of our own metadata: what crewjam's has beside it (a time after
// which the file is void, artifacts, encryption) we do not do.
type (
	ourMetadata struct {
		XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
		EntityID string   `xml:"entityID,attr"`
		Role     ourRole  `xml:"SPSSODescriptor"`
	}
	ourRole struct {
		Protocol       string                 `xml:"protocolSupportEnumeration,attr"`
		RequestsSigned bool                   `xml:"AuthnRequestsSigned,attr"`
		WantsSigned    bool                   `xml:"WantAssertionsSigned,attr"`
		Keys           []ourKey               `xml:"KeyDescriptor"`
		Answers        []saml.IndexedEndpoint `xml:"AssertionConsumerService"`
	}
	ourKey struct {
		Use  string       `xml:"use,attr"`
		Info saml.KeyInfo `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo"`
	}
)

// Metadata describes us to the other house. It is the same each time.
func (sp *SP) Metadata() []byte {
	yes := true
	role := ourRole{Protocol: protocol, RequestsSigned: sp.key != nil, WantsSigned: true,
		Answers: []saml.IndexedEndpoint{{Binding: saml.HTTPPostBinding, Location: sp.acs, Index: 0, IsDefault: &yes}}}
	if sp.certificate != nil {
		role.Keys = []ourKey{{Use: "signing", Info: saml.KeyInfo{X509Data: saml.X509Data{
			X509Certificates: []saml.X509Certificate{{Data: base64.StdEncoding.EncodeToString(sp.certificate.Raw)}}}}}}
	}
	body, err := xml.MarshalIndent(ourMetadata{EntityID: sp.entityID, Role: role}, "", "  ")
	if err != nil {
		panic(err) // strings and booleans always marshal
	}
	return append([]byte(xml.Header), append(body, '\n')...)
}

// certificateOf wraps our key as metadata wants it: a certificate that says
// nothing but the key, the same each time it is made.
func certificateOf(key crypto.Signer) (*x509.Certificate, error) {
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("requests are signed with an RSA key")
	}
	if err := strong(public); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(public))
	plate := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(sum[:16]),
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, 4.1.2.5: does not end
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, plate, plate, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
