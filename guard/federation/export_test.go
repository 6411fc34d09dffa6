// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
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
