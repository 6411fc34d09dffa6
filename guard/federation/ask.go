// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hustings/kit/fault"
)

// Answer is what a provider says of itself, for whoever sets it up.
type Answer struct {
	Issuer     string
	Authorize  string    `json:",omitempty"`
	EndSession string    `json:",omitempty"`
	Algorithms []string  `json:",omitempty"`
	Keys       int       `json:",omitempty"`
	Until      time.Time `json:",omitzero"` // SAML: when its metadata or its last certificate ends
}

// Ask asks a provider about itself, as a sign-in would.
func (s *Federation) Ask(ctx context.Context, provider string) (Answer, error) {
	p, err := s.Provider(ctx, provider)
	if err != nil {
		return Answer{}, err
	}
	if p.Kind == SAML {
		sp, err := party(p, AddressesOf("https://localhost", p.ID))
		if err != nil {
			return Answer{}, err
		}
		return Answer{Issuer: sp.Issuer(), Until: sp.Until()}, nil
	}
	h, err := s.discover(ctx, p, nil)
	if err != nil {
		return Answer{}, fault.Wrap(fault.Unavailable, err, "%s does not answer as it should: %s", p.Name, clipTo(err.Error(), 300))
	}
	keys, err := h.keys.ask(ctx)
	if err != nil {
		return Answer{}, fault.Wrap(fault.Unavailable, err, "%s has no keys to believe it by: %s", p.Name, clipTo(err.Error(), 300))
	}
	return Answer{Issuer: h.Issuer, Authorize: h.Authorize, EndSession: h.EndSession, Algorithms: h.Algorithms, Keys: len(keys)}, nil
}

// String is the answer in lines.
func (a Answer) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "issuer      %s\n", a.Issuer)
	if a.Authorize != "" {
		fmt.Fprintf(&b, "sign-in     %s\nsign-out    %s\nalgorithms  %s\nkeys        %d\n", a.Authorize, a.EndSession, strings.Join(a.Algorithms, ", "), a.Keys)
	}
	if !a.Until.IsZero() {
		fmt.Fprintf(&b, "good until  %s\n", a.Until.Format(time.DateOnly))
	}
	return b.String()
}
