// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"math"
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

// Networks reads the networks of trusted proxies: a prefix such as 10.0.0.0/8,
// or the bare address of one host.
func Networks(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if addr, bare := netip.ParseAddr(text); bare == nil {
			p, err = addr.WithZone("").Prefix(addr.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address such as 10.0.0.7 nor a network such as 10.0.0.0/8", text)
		}
		if addr := p.Addr(); addr.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(addr.Unmap(), p.Bits()-96)
		}
		out = append(out, p)
	}
	return out, nil
}

// Address is where the request comes from: the peer, or behind a trusted proxy
// the last address that the proxy itself saw. It is the zero Addr outside of a
// request, and where the peer has none (a Unix socket).
func Address(ctx context.Context) netip.Addr {
	if sc := sceneOf(ctx); sc != nil {
		return sc.address
	}
	return netip.Addr{}
}

// Network is what counts as one address: an IPv4 address, or an IPv6 /64, which
// is what one household is given.
func Network(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	if addr.Is6() {
		prefix, _ := addr.Prefix(64)
		return prefix.Addr()
	}
	return addr
}

// limiter keeps one token bucket per network of an address, and forgets those
// that have been quiet for as long as it takes to fill them again.
type limiter struct {
	rate    Rate
	proxies []netip.Prefix
	now     func() time.Time
	flood   func(netip.Addr) // hears of a network over its rate, once a minute
	mu      sync.Mutex       // guards the rest
	buckets map[netip.Addr]*bucket
	swept   time.Time
}

type bucket struct {
	tokens *rate.Limiter
	seen   time.Time
	told   time.Time // when flood last heard of it
}

// maxBuckets bounds memory against a flood from many addresses: past it, all
// strangers share one bucket.
const maxBuckets = 100_000

func newLimiter(r Rate, proxies []netip.Prefix, now func() time.Time, flood func(netip.Addr)) *limiter {
	return &limiter{rate: r, proxies: proxies, now: now, flood: flood, buckets: make(map[netip.Addr]*bucket)}
}

// full is how long an empty bucket takes to fill.
func (l *limiter) full() time.Duration {
	return time.Duration(float64(l.rate.Burst) / l.rate.PerSecond * float64(time.Second))
}

// wait is how many seconds pass before one more request is let through.
func (r Rate) wait() int { return max(1, int(math.Ceil(1/r.PerSecond))) }

func (l *limiter) wrap(next http.Handler) http.Handler {
	if l.rate.PerSecond <= 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.allow(Network(l.address(r))) {
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
	return l.trusted(addr) || l.allow(Network(addr))
}

func (l *limiter) allow(addr netip.Addr) bool {
	ok, tell := l.take(addr)
	if tell {
		l.flood(addr)
	}
	return ok
}

// take takes a token of a network, and says whether to tell of its flood.
func (l *limiter) take(addr netip.Addr) (ok, tell bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute {
		quiet := max(time.Minute, l.full())
		for a, b := range l.buckets {
			if now.Sub(b.seen) > quiet {
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
	ok = b.tokens.AllowN(now, 1)
	if tell = !ok && now.Sub(b.told) >= time.Minute; tell {
		b.told = now
	}
	return ok, tell
}

// address is what Address says about a request. Proxies write more than one
// header X-Forwarded-For when the client sent one of its own, so all are read,
// from the last hop on.
func (l *limiter) address(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, _ := netip.ParseAddr(host)
	if l.trusted(addr) {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := readHop(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			addr = hop
			if !l.trusted(hop) {
				break
			}
		}
	}
	return addr.Unmap().WithZone("")
}

// readHop reads an address; some proxies put the port behind it.
func readHop(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(text)
}

func (l *limiter) trusted(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range l.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
