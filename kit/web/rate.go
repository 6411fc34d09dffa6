// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how often one address may ask. A zero PerSecond means no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// limiter keeps one token bucket per address (per /64 for IPv6), and forgets
// those that have been quiet.
type limiter struct {
	rate    Rate
	proxies []netip.Prefix
	now     func() time.Time
	mu      sync.Mutex // guards the rest
	buckets map[netip.Addr]*bucket
	swept   time.Time
}

type bucket struct {
	tokens *rate.Limiter
	seen   time.Time
}

// maxBuckets bounds memory against a flood from many addresses: past it, all
// strangers share one bucket.
const maxBuckets = 100_000

func newLimiter(r Rate, proxies []string, now func() time.Time) *limiter {
	l := &limiter{rate: r, now: now, buckets: make(map[netip.Addr]*bucket)}
	for _, p := range proxies {
		if prefix, err := netip.ParsePrefix(p); err == nil {
			l.proxies = append(l.proxies, prefix)
		}
	}
	return l
}

func (l *limiter) wrap(next http.Handler) http.Handler {
	if l.rate.PerSecond <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.allow(l.address(r)) {
			w.Header().Set("Retry-After", "2")
			http.Error(w, "Too many requests; please wait a moment.", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// admit is the limit for a peer whose request has not been read. A trusted
// proxy speaks for many, so it is let through: what stands behind this
// question is cheap, and the proxy has limits of its own.
func (l *limiter) admit(remote net.Addr) bool {
	if l.rate.PerSecond <= 0 {
		return true
	}
	tcp, ok := remote.(*net.TCPAddr)
	if !ok {
		return false
	}
	addr := tcp.AddrPort().Addr()
	return l.trusted(addr) || l.allow(group(addr))
}

func (l *limiter) allow(addr netip.Addr) bool {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute {
		for a, b := range l.buckets {
			if now.Sub(b.seen) > time.Minute {
				delete(l.buckets, a)
			}
		}
		l.swept = now
	}
	b := l.buckets[addr]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			addr = netip.Addr{}
			b = l.buckets[addr]
		}
		if b == nil {
			b = &bucket{tokens: rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)}
			l.buckets[addr] = b
		}
	}
	b.seen = now
	return b.tokens.AllowN(now, 1)
}

// address is who is asking: the peer, or behind a trusted proxy the last
// address that the proxy itself saw.
func (l *limiter) address(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, _ := netip.ParseAddr(host)
	if l.trusted(addr) {
		hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			addr = hop
			if !l.trusted(hop) {
				break
			}
		}
	}
	return group(addr)
}

// group is what counts as one address: an IPv4 address, or an IPv6 /64.
func group(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	if addr.Is6() {
		prefix, _ := addr.Prefix(64)
		return prefix.Addr()
	}
	return addr
}

func (l *limiter) trusted(addr netip.Addr) bool {
	for _, p := range l.proxies {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
