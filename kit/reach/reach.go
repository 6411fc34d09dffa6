// SPDX-License-Identifier: Apache-2.0

// Package reach is how the house asks others over HTTP: other houses that sign
// people in, satellites, key services, collectors, the offices that verify
// identities. One rule says which addresses may be asked, and one client asks
// them: quickly or not at all, and nowhere else than where it was sent.
package reach

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"hustings/kit/fault"
)

// Safe says whether what travels to an address stays unread and unchanged:
// over https, or in clear on this machine itself. An address with a password in
// it is not safe, for addresses stand in logs.
func Safe(u *url.URL) bool {
	if u.Hostname() == "" || u.Opaque != "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && Here(u.Hostname())
}

// Here says whether a host is this machine itself.
func Here(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Authority reads the PEM file with whose certificates others are believed; nil,
// the machine's own, where path is empty. The faults name the file.
func Authority(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file %s, with the authority of another house's certificate, cannot be read.", path)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(body) {
		return nil, fault.New(fault.Invalid, "There is no certificate in the file %s.", path)
	}
	return pool, nil
}

// Client asks safe addresses only, believes an authority (nil: the machine's
// own), and follows an answer nowhere else. Timeout is for a whole request; 0
// where the context has a deadline.
func Client(timeout time.Duration, authority *x509.CertPool) *http.Client {
	return &http.Client{Timeout: timeout,
		Transport: careful{&http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authority}, TLSHandshakeTimeout: 5 * time.Second,
			IdleConnTimeout: time.Minute, MaxConnsPerHost: 16, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// careful asks safe addresses only.
type careful struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (c careful) RoundTrip(r *http.Request) (*http.Response, error) {
	if !Safe(r.URL) {
		return nil, fault.New(fault.Invalid, "%s is neither https nor on this machine.", r.URL.Redacted())
	}
	return c.next.RoundTrip(r)
}
