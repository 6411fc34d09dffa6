// SPDX-License-Identifier: Apache-2.0

package saml

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	xmldsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// What a signature may be made of: nothing weaker than SHA-256, the exclusive
// canonical form, and the enveloped signature (saml-core-2.0, 5.4).
var (
	methods = []string{
		xmldsig.RSASHA256SignatureMethod, xmldsig.RSASHA384SignatureMethod, xmldsig.RSASHA512SignatureMethod,
		xmldsig.ECDSASHA256SignatureMethod, xmldsig.ECDSASHA384SignatureMethod, xmldsig.ECDSASHA512SignatureMethod,
	}
	digests = []string{
		"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512",
	}
	canonical = []string{
		string(xmldsig.CanonicalXML10ExclusiveAlgorithmId), string(xmldsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId),
	}
	enveloped = []string{string(xmldsig.EnvelopedSignatureAltorithmId)}
)

// signed checks the signature of an element and returns what it covers, in
// canonical form: nil where the element has no signature.
func (sp *SP) signed(now time.Time, el *etree.Element) ([]byte, error) {
	found := children(el, "Signature")
	if len(found) == 0 {
		return nil, nil
	}
	if err := shape(el, found); err != nil {
		return nil, fmt.Errorf("the signature of <%s>: %w", el.Tag, err)
	}
	var wrong []error
	for _, key := range sp.idp.keys {
		covered, err := verify(now, el, key)
		if err == nil {
			return covered, nil
		}
		wrong = append(wrong, err)
	}
	return nil, fmt.Errorf("the signature of <%s> is by no key of the metadata: %w", el.Tag, errors.Join(wrong...))
}

// verify checks the signature of an element by one key. What the signature says
// about its key is taken away first: which keys count the metadata says.
func verify(now time.Time, el *etree.Element, key *x509.Certificate) ([]byte, error) {
	around, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return nil, err
	}
	alone, err := etreeutils.NSDetatch(around, el)
	if err != nil {
		return nil, err
	}
	signature := children(alone, "Signature")[0]
	for _, hint := range children(signature, "KeyInfo") {
		signature.RemoveChild(hint)
	}
	value := children(signature, "SignatureValue")[0]
	value.SetText(readable(value.Text(), key))

	v := xmldsig.NewDefaultValidationContext(&xmldsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{key}})
	v.Clock = xmldsig.NewFakeClockAt(now)
	covered, err := v.Validate(alone)
	if err != nil {
		return nil, err
	}
	return xmldsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("").Canonicalize(covered)
}

// readable writes a signature as the checker reads it. XML has the two numbers
// of an ECDSA signature side by side (RFC 4050, 3.3), the checker wants ASN.1.
func readable(value string, key *x509.Certificate) string {
	value = strings.Join(strings.Fields(value), "")
	public, ok := key.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return value
	}
	raw, err := base64.StdEncoding.DecodeString(value)
	half := (public.Curve.Params().BitSize + 7) / 8
	if err != nil || len(raw) != 2*half {
		return value
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
	if err != nil {
		return value
	}
	return base64.StdEncoding.EncodeToString(der)
}

// shape wants a signature to be what SAML allows and no more: one reference, to
// the element that it stands in, so that there is nothing to choose from.
func shape(el *etree.Element, found []*etree.Element) error {
	if len(found) > 1 {
		return errors.New("there are two")
	}
	info, err := parts(found[0], map[string]int{"SignedInfo": 1, "SignatureValue": 1, "KeyInfo": -1})
	if err != nil {
		return err
	}
	said, err := parts(info["SignedInfo"], map[string]int{"CanonicalizationMethod": 1, "SignatureMethod": 1, "Reference": 1})
	if err != nil {
		return err
	}
	if err := algorithm(said["CanonicalizationMethod"], canonical); err != nil {
		return err
	}
	if err := algorithm(said["SignatureMethod"], methods); err != nil {
		return err
	}
	id, uri := el.SelectAttrValue("ID", ""), said["Reference"].SelectAttrValue("URI", "")
	if id == "" || uri != "#"+id {
		return fmt.Errorf("it refers to %q and stands in %q", clip(uri), clip(id))
	}
	refers, err := parts(said["Reference"], map[string]int{"Transforms": 1, "DigestMethod": 1, "DigestValue": 1})
	if err != nil {
		return err
	}
	if err := algorithm(refers["DigestMethod"], digests); err != nil {
		return err
	}
	return transforms(refers["Transforms"])
}

// transforms wants the signature left out, and then the canonical form.
func transforms(el *etree.Element) error {
	steps := el.ChildElements()
	if len(steps) != 2 || steps[0].Tag != "Transform" || steps[1].Tag != "Transform" {
		return errors.New("it should have two transforms")
	}
	if err := algorithm(steps[0], enveloped); err != nil {
		return err
	}
	return algorithm(steps[1], canonical)
}

func algorithm(el *etree.Element, allowed []string) error {
	if named := el.SelectAttrValue("Algorithm", ""); !slices.Contains(allowed, named) {
		return fmt.Errorf("%s is %q, which is not taken here", el.Tag, clip(named))
	}
	return nil
}

// parts are the children of an element of a signature: those that are named and
// no others, once each; at most once where the number is -1.
func parts(el *etree.Element, want map[string]int) (map[string]*etree.Element, error) {
	got := make(map[string]*etree.Element, len(want))
	for _, c := range el.ChildElements() {
		if want[c.Tag] == 0 || got[c.Tag] != nil || c.NamespaceURI() != dsig {
			return nil, fmt.Errorf("<%s> has <%s> in it, or twice", el.Tag, clip(c.Tag))
		}
		got[c.Tag] = c
	}
	for name, n := range want {
		if n > 0 && got[name] == nil {
			return nil, fmt.Errorf("<%s> has no <%s>", el.Tag, name)
		}
	}
	return got, nil
}

// children are the elements right within another that have a name, whatever
// their namespace: whoever asks checks that, or refuses them all.
func children(el *etree.Element, name string) (out []*etree.Element) {
	for _, c := range el.ChildElements() {
		if c.Tag == name {
			out = append(out, c)
		}
	}
	return out
}
