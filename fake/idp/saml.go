// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"hustings/kit/id"
)

// Where the SAML house is.
const (
	samlMetadata = "/saml/metadata"
	samlSSO      = "/saml/sso"
)

// samlHouse is the SAML side of the house.
type samlHouse struct{ saml.IdentityProvider }

// serveSAML answers with metadata, or with a form whose button sends an
// assertion to the application.
func (h *House) serveSAML(w http.ResponseWriter, r *http.Request) {
	s, err := h.samlSide()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.URL.Path == samlMetadata {
		s.ServeMetadata(w, r)
		return
	}
	s.ServeSSO(w, r)
}

func (h *House) samlSide() (*samlHouse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.saml != nil {
		return h.saml, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	plan := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pretend house"},
		NotBefore: h.Now().Add(-time.Hour), NotAfter: h.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, plan, plan, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	at := func(path string) url.URL {
		u, _ := url.Parse(h.URL + path) // the house listens there
		return *u
	}
	h.saml = &samlHouse{saml.IdentityProvider{Key: key, Certificate: certificate, MetadataURL: at(samlMetadata), SSOURL: at(samlSSO),
		SignatureMethod: dsig.RSASHA256SignatureMethod, ServiceProviderProvider: applications{}, SessionProvider: sessions{h}}}
	return h.saml, nil
}

// applications knows every application by the metadata at its own address.
type applications struct{}

// GetServiceProvider implements saml.ServiceProviderProvider.
func (applications) GetServiceProvider(r *http.Request, entity string) (*saml.EntityDescriptor, error) {
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, entity, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %w", entity, os.ErrNotExist)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	var d saml.EntityDescriptor
	return &d, xml.Unmarshal(body, &d)
}

// sessions says who is signed in at the house.
type sessions struct{ house *House }

// GetSession implements saml.SessionProvider.
func (s sessions) GetSession(w http.ResponseWriter, r *http.Request, _ *saml.IdpAuthnRequest) *saml.Session {
	p, ok := s.house.whoever(w, r)
	if !ok {
		return nil
	}
	now := s.house.Now()
	out := &saml.Session{ID: id.New(), CreateTime: now, ExpireTime: now.Add(time.Hour), Index: id.New(), NameID: p.Subject,
		NameIDFormat: string(saml.PersistentNameIDFormat), UserEmail: p.Email, UserCommonName: p.Name}
	for name, value := range p.Claims {
		a := saml.Attribute{Name: name, NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"}
		list, ok := value.([]string)
		if !ok {
			list = []string{fmt.Sprint(value)}
		}
		for _, v := range list {
			a.Values = append(a.Values, saml.AttributeValue{Type: "xs:string", Value: v})
		}
		out.CustomAttributes = append(out.CustomAttributes, a)
	}
	return out
}
