// SPDX-License-Identifier: Apache-2.0

package saml_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	xmldsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"

	"hustings/guard/federation/saml"
	"hustings/kit/fault"
)

const (
	us      = "https://office.example.gov/sso/saml"
	acs     = "https://office.example.gov/sso/saml/answer"
	them    = "https://id.example.org/idp"
	request = "id-1234567890"
)

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// house is another house, made by hand, so that it can be made to do wrong.
type house struct {
	key    crypto.Signer
	cert   *x509.Certificate
	method string
}

var rsaKeys = func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return keys
}()

func newHouse(t testing.TB, key crypto.Signer) *house {
	t.Helper()
	plate := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "their key"},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, plate, plate, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{key: key, cert: cert, method: xmldsig.RSASHA256SignatureMethod}
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		h.method = xmldsig.ECDSASHA256SignatureMethod
	}
	return h
}

func (h *house) certificate() string { return base64.StdEncoding.EncodeToString(h.cert.Raw) }

func (h *house) metadata() string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + them + `">
  <!-- as exported -->
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="false">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>` + h.certificate() + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://id.example.org/post"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://id.example.org/sso?tenant=7"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`
}

const good = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r1" Version="2.0" IssueInstant="2026-11-03T12:00:00Z" Destination="` + acs + `" InResponseTo="` + request + `">
<saml:Issuer>` + them + `</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="a1" Version="2.0" IssueInstant="2026-11-03T12:00:00Z">
<saml:Issuer>` + them + `</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">ann@vale.gov.evil.example</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="` + acs + `" InResponseTo="` + request + `" NotOnOrAfter="2026-11-03T12:05:00Z"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="2026-11-03T11:59:00Z" NotOnOrAfter="2026-11-03T12:04:00Z"><saml:AudienceRestriction><saml:Audience>https://elsewhere.example/</saml:Audience><saml:Audience>` + us + `</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="2026-11-03T11:58:30.25Z" SessionIndex="s1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><saml:Attribute Name="groups"><saml:AttributeValue xsi:type="xs:string">clerks</saml:AttributeValue><saml:AttributeValue xsi:type="xs:string"> press </saml:AttributeValue></saml:Attribute><saml:Attribute Name="name"><saml:AttributeValue>Ann Óladóttir</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>
</saml:Assertion>
</samlp:Response>`

var wantSaid = saml.Said{
	Issuer: them, Subject: "ann@vale.gov.evil.example", SubjectFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
	SessionIndex: "s1", AssertionID: "a1", NotOnOrAfter: noon.Add(6 * time.Minute), AuthnInstant: noon.Add(-90*time.Second + 250*time.Millisecond),
	Context:    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
	Attributes: map[string][]string{"groups": {"clerks", "press"}, "name": {"Ann Óladóttir"}},
}

// answer is a good answer, changed before it is signed.
func answer(t testing.TB, changes ...string) *etree.Element {
	t.Helper()
	text := good
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%q is not in the answer", changes[i])
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// sign puts a signature after the issuer of an element, where it belongs.
func (h *house) sign(t testing.TB, el *etree.Element) {
	t.Helper()
	ctx, err := xmldsig.NewSigningContext(h.key, [][]byte{h.cert.Raw})
	if err != nil {
		t.Fatal(err)
	}
	ctx.Canonicalizer = xmldsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if err := ctx.SetSignatureMethod(h.method); err != nil {
		t.Fatal(err)
	}
	around, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := etreeutils.NSDetatch(around, el)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := ctx.ConstructSignature(alone, true)
	if err != nil {
		t.Fatal(err)
	}
	el.InsertChildAt(el.FindElement("./Issuer").Index()+1, signature)
}

func part(root *etree.Element) *etree.Element { return root.FindElement("./Assertion") }

func form(t testing.TB, root *etree.Element) url.Values {
	t.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(root.Copy())
	body, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return formOf(string(body))
}

func formOf(body string) url.Values {
	return url.Values{"SAMLResponse": {base64.StdEncoding.EncodeToString([]byte(body))}}
}

func agree(t testing.TB, h *house) *saml.SP {
	t.Helper()
	sp, err := saml.New(saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(h.metadata())})
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

func TestAGoodAnswerIsTaken(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	sp := agree(t, h)
	for _, tt := range []struct {
		name string
		sign func(root *etree.Element)
	}{
		{"with a signed assertion", func(r *etree.Element) { h.sign(t, part(r)) }},
		{"with a signed response", func(r *etree.Element) { h.sign(t, r) }},
		{"with both signed", func(r *etree.Element) { h.sign(t, part(r)); h.sign(t, r) }},
		{"with SHA-512", func(r *etree.Element) {
			h := *h
			h.method = xmldsig.RSASHA512SignatureMethod
			h.sign(t, part(r))
		}},
		{"without the certificate in the signature", func(r *etree.Element) {
			h.sign(t, part(r))
			s := part(r).FindElement("./Signature")
			s.RemoveChild(s.FindElement("./KeyInfo"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := answer(t)
			tt.sign(root)
			got, err := sp.Check(noon, request, form(t, root))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wantSaid, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEllipticSignaturesAreReadAsXMLWritesThem signs as the XML standard says:
// the two numbers side by side.
func TestEllipticSignaturesAreReadAsXMLWritesThem(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, key)
	root := answer(t)
	h.sign(t, part(root))
	value := part(root).FindElement("./Signature/SignatureValue")
	der, err := base64.StdEncoding.DecodeString(value.Text())
	if err != nil {
		t.Fatal(err)
	}
	var n struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &n); err != nil {
		t.Fatal(err)
	}
	raw := append(n.R.FillBytes(make([]byte, 32)), n.S.FillBytes(make([]byte, 32))...)
	value.SetText(base64.StdEncoding.EncodeToString(raw))
	if _, err := agree(t, h).Check(noon, request, form(t, root)); err != nil {
		t.Fatal(err)
	}
	raw[5] ^= 1
	value.SetText(base64.StdEncoding.EncodeToString(raw))
	if _, err := agree(t, h).Check(noon, request, form(t, root)); fault.KindOf(err) != fault.SignIn {
		t.Fatalf("got %v, want it refused", err)
	}
}

// TestWhatTheOtherHouseSignedIsNotForUs has answers that are signed well and
// say something that must not let anybody in.
func TestWhatTheOtherHouseSignedIsNotForUs(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	sp := agree(t, h)
	confirmation := `<saml:SubjectConfirmationData Recipient="` + acs + `" InResponseTo="` + request + `" NotOnOrAfter="2026-11-03T12:05:00Z"/>`
	for _, tt := range []struct {
		name    string
		changes []string
	}{
		{"to another request", []string{request, "id-other"}},
		{"to no request", []string{` InResponseTo="` + request + `"`, ""}},
		{"whose assertion is to another request", []string{confirmation, strings.Replace(confirmation, request, "id-other", 1)}},
		{"whose response is to another request", []string{`Destination="` + acs + `" InResponseTo="` + request, `Destination="` + acs + `" InResponseTo="id-other`}},
		{"for another audience", []string{us + "<", "https://other.example/<"}},
		{"for an audience that begins as we do", []string{us + "<", us + "2<"}},
		{"for one audience of two that both have to be us", []string{"</saml:AudienceRestriction>", "</saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction>"}},
		{"for nobody in particular", []string{"<saml:AudienceRestriction><saml:Audience>https://elsewhere.example/</saml:Audience><saml:Audience>" + us + "</saml:Audience></saml:AudienceRestriction>", ""}},
		{"for another recipient", []string{`Recipient="` + acs, `Recipient="https://other.example/acs`}},
		{"to another destination", []string{`Destination="` + acs, `Destination="https://other.example/acs`}},
		{"whose conditions have ended", []string{`NotOnOrAfter="2026-11-03T12:04:00Z"`, `NotOnOrAfter="2026-11-03T11:58:00Z"`}},
		{"whose conditions begin later", []string{`NotBefore="2026-11-03T11:59:00Z"`, `NotBefore="2026-11-03T12:02:01Z"`}},
		{"whose confirmation has ended", []string{`NotOnOrAfter="2026-11-03T12:05:00Z"`, `NotOnOrAfter="2026-11-03T11:58:00Z"`}},
		{"whose confirmation never ends", []string{` NotOnOrAfter="2026-11-03T12:05:00Z"`, ""}},
		{"whose confirmation begins later", []string{` NotOnOrAfter="2026-11-03T12:05:00Z"`, ` NotBefore="2026-11-03T12:03:00Z" NotOnOrAfter="2026-11-03T12:05:00Z"`}},
		{"written long ago", []string{`InResponseTo="` + request + `">`, `InResponseTo="` + request + `">`, `Version="2.0" IssueInstant="2026-11-03T12:00:00Z" Dest`, `Version="2.0" IssueInstant="2026-11-03T11:49:00Z" Dest`}},
		{"written in the future", []string{`Version="2.0" IssueInstant="2026-11-03T12:00:00Z" Dest`, `Version="2.0" IssueInstant="2026-11-03T12:03:00Z" Dest`}},
		{"with a time that is none", []string{`2026-11-03T12:05:00Z`, `soon`}},
		{"by another house", []string{"<saml:Issuer>" + them, "<saml:Issuer>https://other.example/idp"}},
		{"of an older SAML", []string{`Version="2.0"`, `Version="1.1"`}},
		{"that says no", []string{"status:Success", "status:Requester"}},
		{"that says no, inside a yes", []string{`<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>`, `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:StatusCode></samlp:Status>`}},
		{"of two minds", []string{`</samlp:Status>`, `</samlp:Status><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:Status>`}},
		{"held by a key", []string{"cm:bearer", "cm:holder-of-key"}},
		{"about nobody", []string{">ann@vale.gov.evil.example<", "> <"}},
		{"about two people", []string{"</saml:NameID>", "</saml:NameID><saml:NameID>bo@vale.gov</saml:NameID>"}},
		{"with two subjects", []string{"<saml:Conditions", "<saml:Subject><saml:NameID>bo</saml:NameID></saml:Subject><saml:Conditions"}},
		{"with a condition that nobody knows", []string{"</saml:Conditions>", `<x:Weekday xmlns:x="urn:x"/></saml:Conditions>`}},
		{"where nobody signed in", []string{"saml:AuthnStatement", "saml:Other"}},
		{"where somebody will sign in", []string{"2026-11-03T11:58:30.25Z", "2026-11-03T12:08:00Z"}},
		{"whose session over there is over", []string{`SessionIndex="s1"`, `SessionIndex="s1" SessionNotOnOrAfter="2026-11-03T11:00:00Z"`}},
		{"with an encrypted assertion", []string{"saml:Assertion", "saml:EncryptedAssertion"}},
		{"with an encrypted name", []string{"</saml:NameID>", "</saml:NameID><saml:EncryptedID/>"}},
		{"with a comment", []string{"evil.example", "<!-- -->evil.example"}},
		{"with an instruction", []string{"<saml:Conditions", "<?php x?><saml:Conditions"}},
		{"without an id", []string{` ID="a1"`, ""}},
	} {
		t.Run("an answer "+tt.name, func(t *testing.T) {
			for mode := range 2 { // the assertion signed, the response signed
				root := answer(t, tt.changes...)
				signed := root
				if a := part(root); mode == 0 && a != nil && a.SelectAttr("ID") != nil {
					signed = a
				}
				h.sign(t, signed)
				refuses(t, sp, noon, form(t, root))
			}
		})
	}
}

// refuses wants nobody let in, and the one sentence with a reason behind it.
func refuses(t testing.TB, sp *saml.SP, now time.Time, f url.Values) {
	t.Helper()
	got, err := sp.Check(now, request, f)
	if fault.KindOf(err) != fault.SignIn || got.Subject != "" {
		t.Fatalf("got %+v, %v; want it refused", got, err)
	}
	const say = "The other house's answer could not be used. Please try to sign in again; if it happens twice, tell your office's IT staff."
	if all := fault.All(err); len(all) != 1 || fault.Sentence(err) != say || all[0].Err == nil {
		t.Errorf("got %q, want the one sentence and a reason", fault.Sentence(err))
	} else {
		t.Log(all[0].Err) // -v shows that each was refused for its own reason
	}
}

func TestAnAnswerHasItsTime(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	sp := agree(t, h)
	root := answer(t)
	h.sign(t, part(root))
	f := form(t, root)
	for _, tt := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"clocks may be a little apart", noon.Add(-2 * time.Minute), true},
		{"but not more", noon.Add(-3*time.Minute - time.Second), false},
		{"just before it ends", noon.Add(6*time.Minute - time.Second), true},
		{"when it ends", wantSaid.NotOnOrAfter, false},
		{"after the key has ended", noon.AddDate(1, 0, 1), false},
	} {
		if _, err := sp.Check(tt.at, request, f); (err == nil) != tt.want {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if _, err := sp.Check(noon, "", f); fault.KindOf(err) != fault.SignIn {
		t.Errorf("an answer that nobody asked for: got %v", err)
	}
	if _, err := sp.Check(noon, "id-another-request", f); fault.KindOf(err) != fault.SignIn {
		t.Errorf("an answer used again for another request: got %v", err)
	}
}
