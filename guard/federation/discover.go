// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"hustings/kit/fault"
	"hustings/kit/reach"
)

// discovery is what an OpenID provider says about itself.
type discovery struct {
	Issuer     string   `json:"issuer"`
	Authorize  string   `json:"authorization_endpoint"`
	Token      string   `json:"token_endpoint"`
	Keys       string   `json:"jwks_uri"`
	UserInfo   string   `json:"userinfo_endpoint"`
	EndSession string   `json:"end_session_endpoint"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
	Methods    []string `json:"token_endpoint_auth_methods_supported"`
	Challenges []string `json:"code_challenge_methods_supported"`
	SaysIssuer bool     `json:"authorization_response_iss_parameter_supported"`
}

// house is an OpenID provider as it says that it is.
type house struct {
	discovery
	keys     *keyset
	verifier *oidc.IDTokenVerifier
}

// houses remembers what providers say about themselves.
type houses struct {
	mu sync.Mutex // guards by
	by map[string]*remembered
}

// remembered is one provider's discovery while it is good.
type remembered struct {
	mu      sync.Mutex // guards the rest, and lets one fetch at a time
	house   *house
	changed time.Time // of the provider's settings
	fetched time.Time
	trouble trouble
}

const (
	goodFor  = time.Hour
	usableIn = 24 * time.Hour // where the provider does not answer
)

func (h *houses) of(provider string) *remembered {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by == nil {
		h.by = make(map[string]*remembered)
	}
	if h.by[provider] == nil {
		h.by[provider] = &remembered{}
	}
	return h.by[provider]
}

// house asks an OpenID provider about itself, or remembers.
func (s *Federation) house(ctx context.Context, p Provider) (*house, error) {
	known := s.houses.of(p.ID)
	known.mu.Lock()
	defer known.mu.Unlock()
	if !known.changed.Equal(p.Changed) {
		known.house, known.changed, known.trouble = nil, p.Changed, trouble{}
	}
	age := s.Now().Sub(known.fetched)
	if known.house != nil && age < goodFor {
		return known.house, nil
	}
	err := known.trouble.last()
	if err == nil {
		var h *house
		if h, err = s.discover(ctx, p, known.house); err == nil {
			known.house, known.fetched = h, s.Now()
			return h, nil
		}
		err = known.trouble.met(ctx, err)
	}
	if known.house != nil && age < usableIn {
		return known.house, nil
	}
	return nil, fault.Wrap(fault.Unavailable, err, "%s does not answer as it should. Try again in a moment, or sign in another way.", p.Name)
}

// discover reads OpenID Connect Discovery 1.0, section 4. The keys of before
// are kept where they are still at the same place.
func (s *Federation) discover(ctx context.Context, p Provider, before *house) (*house, error) {
	body, err := fetched(ctx, s.client, strings.TrimSuffix(p.Issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	h := &house{}
	if err := json.Unmarshal(body, &h.discovery); err != nil {
		return nil, fmt.Errorf("discover: not what a provider says about itself: %w", err)
	}
	algs, err := h.check(p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	h.keys = newKeyset(h.discovery.Keys, s.client, s.Now)
	if before != nil && before.discovery.Keys == h.discovery.Keys {
		h.keys = before.keys
	}
	h.verifier = oidc.NewVerifier(p.Issuer, h.keys, &oidc.Config{ClientID: p.Client, SupportedSigningAlgs: algs, Now: s.Now})
	return h, nil
}

// check refuses what a provider must not say about itself, and finds the
// algorithms that it and we take.
func (d *discovery) check(issuer string) (algs []string, err error) {
	if d.Issuer != issuer {
		return nil, fmt.Errorf("it says that it is %q, not %q", clip(d.Issuer), issuer)
	}
	for name, at := range map[string]string{"authorization_endpoint": d.Authorize, "token_endpoint": d.Token, "jwks_uri": d.Keys} {
		if at == "" {
			return nil, fmt.Errorf("it names no %s", name)
		}
	}
	for _, at := range []string{d.Authorize, d.Token, d.Keys, d.UserInfo, d.EndSession} {
		if u, err := url.Parse(at); at != "" && (err != nil || !reach.Safe(u)) {
			return nil, fmt.Errorf("%q is neither https nor on this machine", clip(at))
		}
	}
	if len(d.Challenges) > 0 && !slices.Contains(d.Challenges, "S256") {
		return nil, fmt.Errorf("it does not take PKCE with S256")
	}
	for _, a := range algorithms {
		if len(d.Algorithms) == 0 && a == "RS256" || slices.Contains(d.Algorithms, string(a)) {
			algs = append(algs, string(a))
		}
	}
	if len(algs) == 0 {
		return nil, fmt.Errorf("it signs by none of the algorithms that are taken here: %s", clip(strings.Join(d.Algorithms, ", ")))
	}
	return algs, nil
}
