// SPDX-License-Identifier: Apache-2.0

package saml_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	theirs "github.com/crewjam/saml"
	"github.com/crewjam/saml/logger"

	"hustings/guard/federation/saml"
)

// peer has ../../../peers/saml.mjs answer a question, or skips where its
// packages are not installed.
func peer(t *testing.T, ask map[string]any, answer any) {
	t.Helper()
	folder, err := filepath.Abs("../../../peers")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "samlify")); err != nil {
		t.Skip("the programs of others are not installed; run npm ci in peers")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join(folder, "saml.mjs"))
	cmd.Dir, cmd.Stdin = folder, bytes.NewReader(in)
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, wrong.String())
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func (h *house) pems(t *testing.T) (key, cert string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(h.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.cert.Raw}))
}

// current is a house whose certificate is good today, for programs that ask the
// machine what time it is.
func current(t *testing.T) *house {
	h := newHouse(t, rsaKeys[0])
	if now := time.Now(); now.Before(h.cert.NotBefore) || now.After(h.cert.NotAfter) {
		t.Skip("the certificate of this test is not of this year")
	}
	return h
}

// TestAnotherProviderSignsPeopleIn has samlify read our metadata and our signed
// request, and takes its answers.
func TestAnotherProviderSignsPeopleIn(t *testing.T) {
	h := current(t)
	key, cert := h.pems(t)
	for _, tt := range []struct {
		name   string
		signed bool
	}{
		{"a plain request", false},
		{"a signed request", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(h.metadata())}
			if tt.signed {
				c.Key = rsaKeys[1]
			}
			first, err := saml.New(c)
			if err != nil {
				t.Fatal(err)
			}
			ask := map[string]any{"metadata": string(first.Metadata()), "entity": "https://samlify.example/idp", "key": key, "cert": cert,
				"signed": tt.signed, "location": "https://samlify.example/sso", "template": samlifyAnswer, "acs": acs, "us": us, "subject": "u-1700"}
			var said struct{ Metadata, Answer, Relay, ID, Issuer, Refused string }
			peer(t, ask, &said)
			c.IDPMetadata = []byte(said.Metadata)
			sp, err := saml.New(c)
			if err != nil {
				t.Fatalf("%v: %s", err, said.Metadata)
			}
			address, id, err := sp.Begin(time.Now(), "r/1 &=", false)
			if err != nil {
				t.Fatal(err)
			}
			ask["request"] = address
			peer(t, ask, &said)
			if said.Refused != "" || said.ID != id || said.Relay != "r/1 &=" || said.Issuer != us {
				t.Errorf("they read %+v", said)
			}
			got, err := sp.Check(time.Now(), id, url.Values{"SAMLResponse": {said.Answer}})
			if err != nil {
				t.Fatal(err)
			}
			if got.Subject != "u-1700" || got.Issuer != "https://samlify.example/idp" || len(got.Attributes["groups"]) != 2 {
				t.Errorf("got %+v", got)
			}
			if !tt.signed {
				return
			}
			said.Refused = ""
			ask["request"] = strings.Replace(address, "RelayState=", "RelayState=x", 1)
			if peer(t, ask, &said); said.Refused == "" {
				t.Error("they took a request that was changed after it was signed")
			}
		})
	}
}

const samlifyAnswer = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{ID}" Version="2.0" IssueInstant="{Now}" Destination="{Destination}" InResponseTo="{InResponseTo}"><saml:Issuer>{Issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="{AssertionID}" Version="2.0" IssueInstant="{Now}"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{NameID}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{Later}" Recipient="{Destination}" InResponseTo="{InResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{Now}" NotOnOrAfter="{Later}"><saml:AudienceRestriction><saml:Audience>{Audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{Now}" SessionIndex="i1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="groups"><saml:AttributeValue>clerks</saml:AttributeValue><saml:AttributeValue>press</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>`

// TestAnotherReaderAgrees has node-saml judge good answers and wrapped ones.
// What it refuses we must refuse; whom it takes a wrapped one for is logged.
func TestAnotherReaderAgrees(t *testing.T) {
	h := current(t)
	_, cert := h.pems(t)
	good := answer(t)
	h.sign(t, part(good))
	answers := []string{form(t, good).Get("SAMLResponse")}
	for _, w := range wrappings {
		root := answer(t)
		if w.response {
			h.sign(t, root)
		} else {
			h.sign(t, part(root))
		}
		answers = append(answers, form(t, w.wrap(root)).Get("SAMLResponse"))
	}
	var said struct{ TakenFor []string }
	peer(t, map[string]any{"answers": answers, "acs": acs, "us": us, "entity": them, "location": "https://id.example.org/sso", "cert": cert}, &said)
	if len(said.TakenFor) != len(answers) || said.TakenFor[0] != wantSaid.Subject {
		t.Fatalf("they take a good answer for %q", said.TakenFor)
	}
	sp := agree(t, h)
	for i, who := range said.TakenFor {
		got, err := sp.Check(noon, request, url.Values{"SAMLResponse": {answers[i]}})
		if strings.HasPrefix(who, "refused") && err == nil {
			t.Errorf("they refused answer %d (%s), we took it for %s", i, who, got.Subject)
		}
		if i > 0 {
			t.Logf("%s: %s", wrappings[i-1].name, who)
		}
	}
}

// crewjam is the identity provider of the library whose words we use.
type crewjam struct{ sp *theirs.EntityDescriptor }

func (c crewjam) GetServiceProvider(*http.Request, string) (*theirs.EntityDescriptor, error) {
	return c.sp, nil
}

func (c crewjam) GetSession(http.ResponseWriter, *http.Request, *theirs.IdpAuthnRequest) *theirs.Session {
	return &theirs.Session{ID: "s1", Index: "s1", CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour), NameID: "u-1800",
		Groups: []string{"clerks"}, UserEmail: "bo@vale.gov"}
}

// TestASecondProviderSignsPeopleIn lets crewjam's provider answer our request.
func TestASecondProviderSignsPeopleIn(t *testing.T) {
	h := current(t)
	c := saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(h.metadata())}
	first, err := saml.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var ours theirs.EntityDescriptor
	if err := xml.Unmarshal(first.Metadata(), &ours); err != nil {
		t.Fatal(err)
	}
	idp := &theirs.IdentityProvider{Key: h.key, Certificate: h.cert, Logger: logger.DefaultLogger,
		MetadataURL: url.URL{Scheme: "https", Host: "crewjam.example", Path: "/metadata"}, SSOURL: url.URL{Scheme: "https", Host: "crewjam.example", Path: "/sso"},
		ServiceProviderProvider: crewjam{&ours}, SessionProvider: crewjam{}, SignatureMethod: h.method}
	if c.IDPMetadata, err = xml.Marshal(idp.Metadata()); err != nil {
		t.Fatal(err)
	}
	sp, err := saml.New(c)
	if err != nil {
		t.Fatal(err)
	}
	address, id, err := sp.Begin(time.Now(), "r1", true)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	idp.ServeSSO(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
	_, rest, _ := strings.Cut(w.Body.String(), `name="SAMLResponse" value="`)
	field, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	field = strings.NewReplacer("&#43;", "+", "&#61;", "=", "&#47;", "/").Replace(field)
	if _, err := base64.StdEncoding.DecodeString(field); err != nil {
		t.Fatal(err)
	}
	got, err := sp.Check(time.Now(), id, url.Values{"SAMLResponse": {field}})
	if err != nil || got.Subject != "u-1800" {
		t.Fatalf("got %+v, %v", got, err)
	}
}
