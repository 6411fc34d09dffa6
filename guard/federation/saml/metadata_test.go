// SPDX-License-Identifier: Apache-2.0

package saml_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	theirs "github.com/crewjam/saml"

	"hustings/guard/federation/saml"
	"hustings/kit/fault"
)

func TestMetadataSaysWhatIsMissing(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	fine := h.metadata()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip("this Go makes no short keys")
	}
	role := fine[strings.Index(fine, "<md:IDPSSO"):strings.Index(fine, "</md:EntityDescriptor>")]
	one := strings.TrimPrefix(fine, `<?xml version="1.0" encoding="UTF-8"?>`)
	all := func(inner ...string) string {
		return `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` + strings.Join(inner, "") + `</md:EntitiesDescriptor>`
	}
	for _, tt := range []struct{ name, body, want string }{
		{"one house", fine, ""},
		{"one house after a mark", "\xef\xbb\xbf" + fine, ""},
		{"a list of one", all(one), ""},
		{"a list of lists", all(all(one)), ""},
		{"a list with somebody who signs nobody in", all(strings.NewReplacer(role, "", them, "urn:x").Replace(one), one), ""},
		{"a list of two", all(one, one), "it holds 2"},
		{"a list of nobody", all(), "it holds 0"},
		{"nothing", "", "no EntityDescriptor"},
		{"a page", "<html><body>Sign in</body></html>", "no EntityDescriptor"},
		{"no XML", "hello & good day", "cannot be read as XML"},
		{"a document type", "<!DOCTYPE x>" + one, "cannot be read as XML"},
		{"two roles", strings.Replace(fine, role, role+role, 1), "describes 2"},
		{"an older SAML", strings.Replace(fine, "SAML:2.0:protocol", "SAML:1.1:protocol", 1), "describes 0"},
		{"no name", strings.Replace(fine, them, "", 1), "no name"},
		{"no address", strings.Replace(fine, "HTTP-Redirect", "HTTP-Artifact", 1), "HTTP-Redirect"},
		{"an address without TLS", strings.Replace(fine, "https://id.example.org/sso", "http://id.example.org/sso", 1), "https address"},
		{"an address that is a script", strings.Replace(fine, "https://id.example.org/sso", "javascript:alert(1)//", 1), "no EntityDescriptor"},
		{"no certificate", strings.Replace(fine, h.certificate(), "", 1), "cannot be used"},
		{"a certificate for encryption alone", strings.Replace(fine, `use="signing"`, `use="encryption"`, 1), "holds 0"},
		{"a short key", newHouse(t, short).metadata(), "2048 bits"},
		{"signed requests wanted", strings.Replace(fine, `WantAuthnRequestsSigned="false"`, `WantAuthnRequestsSigned="true"`, 1), "no key to sign with"},
		{"more than one house has", fine + strings.Repeat(" ", 1<<20), "more than the metadata of one house"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sp, err := saml.New(saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(tt.body)})
			if tt.want == "" {
				if err != nil || sp.Issuer() != them {
					t.Fatalf("got %v", err)
				}
				return
			}
			if say := fault.Sentence(err); !strings.Contains(say, tt.want) {
				t.Errorf("got %q (%v), want a sentence with %q", say, err, tt.want)
			}
		})
	}
}

func TestMetadataThatEndsIsNotUsed(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	body := strings.Replace(h.metadata(), "entityID=", `validUntil="2026-11-03T12:01:00Z" entityID=`, 1)
	sp, err := saml.New(saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(body)})
	if err != nil || !sp.Until().Equal(noon.Add(time.Minute)) {
		t.Fatalf("ends %v, %v", sp.Until(), err)
	}
	root := answer(t)
	h.sign(t, part(root))
	if _, err := sp.Check(noon, request, form(t, root)); err != nil {
		t.Errorf("before: %v", err)
	}
	refuses(t, sp, noon.Add(time.Minute), form(t, root))
	if _, _, err := sp.Begin(noon.Add(time.Minute), "", false); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want a request refused", err)
	}
}

// TestBegin reads our request as the standard says, and checks its signature
// over the bytes as they were sent.
func TestBegin(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	for _, signed := range []bool{false, true} {
		c := saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(h.metadata())}
		if signed {
			c.Key = rsaKeys[1]
		}
		sp, err := saml.New(c)
		if err != nil {
			t.Fatal(err)
		}
		address, id, err := sp.Begin(noon, "state=1&next=/x y", signed)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if u.Host != "id.example.org" || u.Path != "/sso" || q.Get("tenant") != "7" || q.Get("RelayState") != "state=1&next=/x y" || len(q["SAMLRequest"]) != 1 {
			t.Fatalf("got %s", address)
		}
		var r theirs.AuthnRequest
		if err := xml.Unmarshal(inflate(t, q.Get("SAMLRequest")), &r); err != nil {
			t.Fatal(err)
		}
		if r.ID != id || r.Version != "2.0" || !r.IssueInstant.Equal(noon) || r.Destination != "https://id.example.org/sso?tenant=7" ||
			r.AssertionConsumerServiceURL != acs || r.Issuer.Value != us || (r.ForceAuthn != nil) != signed {
			t.Errorf("got %+v", r)
		}
		if !signed {
			continue
		}
		from, to := strings.Index(u.RawQuery, "SAMLRequest="), strings.Index(u.RawQuery, "&Signature=")
		sum := sha256.Sum256([]byte(u.RawQuery[from:to]))
		signature, err := base64.StdEncoding.DecodeString(q.Get("Signature"))
		if err != nil {
			t.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(&rsaKeys[1].PublicKey, crypto.SHA256, sum[:], signature); err != nil {
			t.Error(err)
		}
	}
}

func inflate(t *testing.T, field string) []byte {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(field)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestRequestsDiffer(t *testing.T) {
	sp := agree(t, newHouse(t, rsaKeys[0]))
	_, one, err := sp.Begin(noon, "", false)
	if err != nil {
		t.Fatal(err)
	}
	_, two, err := sp.Begin(noon, "", false)
	if err != nil || one == two {
		t.Errorf("got %s and %s, %v", one, two, err)
	}
	if _, _, err := sp.Begin(noon, strings.Repeat("x", 81), false); err == nil {
		t.Error("a relay state of 81 bytes went out")
	}
}

// TestOurMetadata is read by another's reader, and is the same each time.
func TestOurMetadata(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	var before []byte
	for range 2 {
		sp, err := saml.New(saml.Config{EntityID: us, ACS: acs, IDPMetadata: []byte(h.metadata()), Key: rsaKeys[1]})
		if err != nil {
			t.Fatal(err)
		}
		body := sp.Metadata()
		var e theirs.EntityDescriptor
		if err := xml.Unmarshal(body, &e); err != nil {
			t.Fatal(err)
		}
		if len(e.SPSSODescriptors) != 1 || e.EntityID != us || !e.ValidUntil.IsZero() {
			t.Fatalf("got %s", body)
		}
		role := e.SPSSODescriptors[0]
		if !*role.AuthnRequestsSigned || !*role.WantAssertionsSigned || len(role.AssertionConsumerServices) != 1 ||
			role.AssertionConsumerServices[0].Location != acs || len(role.KeyDescriptors) != 1 || role.KeyDescriptors[0].Use != "signing" {
			t.Errorf("got %s", body)
		}
		if before != nil && !bytes.Equal(before, body) {
			t.Error("it is another each time")
		}
		before = body
	}
}

func TestAKeyHasToBeGoodEnough(t *testing.T) {
	h := newHouse(t, rsaKeys[0])
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]saml.Config{
		"a key of another kind": {EntityID: us, ACS: acs, IDPMetadata: []byte(h.metadata()), Key: ed},
		"no name of ours":       {ACS: acs, IDPMetadata: []byte(h.metadata())},
		"no address of ours":    {EntityID: us, IDPMetadata: []byte(h.metadata())},
		"an address in clear":   {EntityID: us, ACS: "http://office.example.gov/", IDPMetadata: []byte(h.metadata())},
	} {
		if _, err := saml.New(c); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func FuzzReadMetadata(f *testing.F) {
	h := newHouse(f, rsaKeys[0])
	f.Add([]byte(h.metadata()))
	f.Add([]byte(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><EntityDescriptor entityID="x"/></EntitiesDescriptor>`))
	f.Add([]byte("<!DOCTYPE a>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sp, err := saml.New(saml.Config{EntityID: us, ACS: acs, IDPMetadata: body})
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Errorf("no sentence for %v", err)
			}
			return
		}
		if sp.Issuer() == "" {
			t.Error("a house without a name")
		}
		_, _, _ = sp.Begin(noon, "", false) // must not panic
	})
}
