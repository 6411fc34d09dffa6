// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"hustings/kit/reach"
)

// Limits of what a provider may take and send.
const (
	patience   = 10 * time.Second
	mostAnswer = 512 << 10
	mostHops   = 3
)

// outgoing is the client with which providers are asked: nothing in clear but
// on this machine itself, no other host than the one that was meant, nothing
// slow and nothing large.
func outgoing() *http.Client {
	c := reach.Client(patience, nil)
	c.Transport = bounded{c.Transport}
	c.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme || len(via) > mostHops {
			return fmt.Errorf("%s leads on to %s, which was not asked for", via[0].URL.Redacted(), r.URL.Redacted())
		}
		return nil
	}
	return c
}

// bounded reads answers up to a size.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.ContentLength > mostAnswer {
		_ = res.Body.Close()
		return nil, errTooLarge
	}
	res.Body = &measured{ReadCloser: res.Body, left: mostAnswer}
	return res, nil
}

var errTooLarge = errors.New("the answer is larger than what a provider may send")

// measured fails once more was read than is left.
type measured struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (m *measured) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p[:min(len(p), m.left+1)])
	if m.left -= n; m.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// fetched is what stands at an address.
func fetched(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", r.URL.Redacted(), res.Status)
	}
	return body, err
}
