// SPDX-License-Identifier: Apache-2.0

package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"

	"hustings/kit/fault"
)

const rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

// Begin makes a request and the address that takes a browser to the other house
// with it. The answer has to name the request's id; relayState comes back as it
// was, at most 80 bytes (saml-bindings-2.0, 3.4.3). With forceAuthn the other
// house has the person prove who they are even if it knows them already.
func (sp *SP) Begin(now time.Time, relayState string, forceAuthn bool) (address, requestID string, err error) {
	if !now.Before(sp.idp.until) {
		return "", "", fault.New(fault.Unavailable, "What this house knows of the other one has run out. Ask whoever runs the sign-in for its new metadata.")
	}
	if len(relayState) > 80 {
		return "", "", fmt.Errorf("a relay state has at most 80 bytes, this one %d", len(relayState))
	}
	yes := true
	r := saml.AuthnRequest{
		ID: newID(), Version: "2.0", IssueInstant: now.UTC(), Destination: sp.idp.location,
		Issuer:                      &saml.Issuer{Format: entity, Value: sp.entityID},
		NameIDPolicy:                &saml.NameIDPolicy{AllowCreate: &yes},
		AssertionConsumerServiceURL: sp.acs, ProtocolBinding: saml.HTTPPostBinding,
	}
	if forceAuthn {
		r.ForceAuthn = &yes
	}
	address, err = sp.redirect(r.Element(), relayState)
	return address, r.ID, err
}

// newID is an id that cannot be guessed; XML wants it to begin with a letter.
func newID() string {
	raw := make([]byte, 20)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return "id-" + hex.EncodeToString(raw)
}

// redirect puts a message into an address. The signature covers the fields in
// this order, as they are escaped here (saml-bindings-2.0, 3.4.4.1).
func (sp *SP) redirect(message *etree.Element, relayState string) (string, error) {
	packed, err := deflate(message)
	if err != nil {
		return "", err
	}
	query := "SAMLRequest=" + url.QueryEscape(packed)
	if relayState != "" {
		query += "&RelayState=" + url.QueryEscape(relayState)
	}
	if sp.key != nil {
		query += "&SigAlg=" + url.QueryEscape(rsaSHA256)
		sum := sha256.Sum256([]byte(query))
		signed, err := sp.key.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			return "", err
		}
		query += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signed))
	}
	to, _, _ := strings.Cut(sp.idp.location, "#")
	if strings.Contains(to, "?") {
		return to + "&" + query, nil
	}
	return to + "?" + query, nil
}

func deflate(message *etree.Element) (string, error) {
	doc := etree.NewDocument()
	doc.SetRoot(message)
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := doc.WriteTo(w); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}
