// SPDX-License-Identifier: Apache-2.0

package saml

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// mostAnswer is the largest answer. Whoever reads the form bounds it too.
const mostAnswer = 512 << 10

// Said is what the other house says of a person, signed by it.
type Said struct {
	Issuer        string
	Subject       string // the person, as the other house names them
	SubjectFormat string // what kind of a name that is
	SessionIndex  string
	AssertionID   string

	NotOnOrAfter time.Time // from here on Check refuses this answer by itself
	AuthnInstant time.Time // when the person proved to the other house who they are
	Context      string    // how they did (AuthnContextClassRef)
	Attributes   map[string][]string
}

// Check judges the answer to a request in the form that came with it. One answer
// must get one session: whoever calls uses up the request, or keeps AssertionID
// until NotOnOrAfter.
func (sp *SP) Check(now time.Time, requestID string, form url.Values) (Said, error) {
	said, err := sp.check(now, requestID, form)
	if err != nil {
		return Said{}, refused(err)
	}
	return said, nil
}

func (sp *SP) check(now time.Time, requestID string, form url.Values) (said Said, err error) {
	if requestID == "" {
		return said, errors.New("nobody here asked for this answer")
	}
	if !now.Before(sp.idp.until) {
		return said, fmt.Errorf("the metadata of %s ended at %s", sp.idp.entityID, sp.idp.until)
	}
	body, err := decode(form["SAMLResponse"])
	if err != nil {
		return said, err
	}
	root, err := plain(body, false)
	if err != nil {
		return said, fmt.Errorf("the answer %w", err)
	}
	r, a, err := sp.signedParts(now, root)
	if err != nil {
		return said, err
	}
	if err := sp.checkResponse(now, requestID, r); err != nil {
		return said, err
	}
	return sp.checkAssertion(now, requestID, a)
}

// decode takes the base64 off the one answer of a form.
func decode(fields []string) ([]byte, error) {
	if len(fields) != 1 {
		return nil, fmt.Errorf("the form holds %d answers", len(fields))
	}
	if len(fields[0]) > base64.StdEncoding.EncodedLen(mostAnswer) {
		return nil, fmt.Errorf("the answer has %d characters", len(fields[0]))
	}
	body, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(fields[0]), ""))
	if err != nil {
		return nil, fmt.Errorf("the answer is not base64: %w", err)
	}
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))), nil
}

// signedParts reads the response and its assertion, each from what a signature
// covers: its own, or for the assertion that of the response around it. A
// response without a signature is read as it is; the assertion in it says again
// all that counts.
func (sp *SP) signedParts(now time.Time, root *etree.Element) (r response, a said, err error) {
	if root.Tag != "Response" || root.NamespaceURI() != protocol {
		return r, a, fmt.Errorf("the answer is a <%s>", clip(root.Tag))
	}
	inner, err := only(root)
	if err != nil {
		return r, a, err
	}
	whole, err := sp.signed(now, root)
	if err != nil {
		return r, a, err
	}
	part, err := sp.signed(now, inner)
	if err != nil {
		return r, a, err
	}
	if whole == nil && part == nil {
		return r, a, errors.New("nothing in the answer is signed")
	}
	if r.signed = whole != nil; whole == nil {
		doc := etree.NewDocument()
		doc.SetRoot(root.Copy())
		if whole, err = doc.WriteToBytes(); err != nil {
			return r, a, err
		}
	}
	if err := xml.Unmarshal(whole, &r); err != nil {
		return r, a, err
	}
	if part == nil {
		if len(r.Assertions) != 1 {
			return r, a, errors.New("the signed response holds no assertion")
		}
		return r, r.Assertions[0], nil
	}
	return r, a, xml.Unmarshal(part, &a)
}

// only finds the one assertion of a response, right within it, and wants what
// signatures refer to to be there once: nothing can be wrapped around it or
// hidden beside it. Names count without their namespace, so that a look-alike
// counts too.
func only(root *etree.Element) (*etree.Element, error) {
	names, ids := make(map[string]int), make(map[string]bool)
	for _, el := range append(root.FindElements(".//*"), root) {
		names[el.Tag]++
		for _, a := range el.Attr {
			if !strings.EqualFold(a.Key, "id") || a.Space == "xmlns" {
				continue
			}
			if a.Value == "" || ids[a.Value] {
				return nil, fmt.Errorf("two elements have the id %q", clip(a.Value))
			}
			ids[a.Value] = true
		}
		if el.Tag == "Signature" && el.Parent() != root && (el.Parent().Tag != "Assertion" || el.Parent().Parent() != root) {
			return nil, errors.New("a signature stands where none belongs")
		}
	}
	if names["EncryptedAssertion"] > 0 || names["EncryptedID"] > 0 {
		return nil, errors.New("the assertion is encrypted, which is not taken here: have the other house send it signed and in the clear, over TLS")
	}
	found := children(root, "Assertion")
	if len(found) != 1 || names["Assertion"] != 1 || names["Response"] != 1 || found[0].NamespaceURI() != assertion {
		return nil, fmt.Errorf("the answer should hold one assertion, and holds %d", names["Assertion"])
	}
	return found[0], nil
}
