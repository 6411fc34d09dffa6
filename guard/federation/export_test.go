// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"net/url"
	"time"
)

// Hurry makes the room give providers less time to answer.
func (s *Federation) Hurry(d time.Duration) { s.client.Timeout = d }

// Once is once.
func (s *Federation) Once(ctx context.Context, provider, what string, until time.Time) error {
	return s.once(ctx, provider, what, until)
}

// TakeFlow is take, without what it finds.
func (s *Federation) TakeFlow(ctx context.Context, provider, secret string) (ok bool, err error) {
	_, _, _, err = s.take(ctx, provider, secret)
	return err == nil, err
}

// HearSAML takes a SAML house's answer as a flow would that was begun at a time
// with a request.
func (s *Federation) HearSAML(ctx context.Context, p Provider, purpose, request string, began time.Time, form url.Values, base string) error {
	_, err := s.hearSAML(ctx, p, flow{purpose: purpose, request: request, began: began}, form, AddressesOf(base, p.ID))
	return err
}

// Digest is digest.
func Digest(secret string) string { return digest(secret) }
