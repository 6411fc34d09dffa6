// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/kit/words"
)

// Server makes the two doors from the rooms' routes.
type Server struct {
	Routes    []Route
	Menu      []Item
	Sessions  Sessions
	Access    Access
	Words     *words.Catalog
	Log       *slog.Logger
	Now       func() time.Time
	Published http.Handler                   // what the public door serves where no route matches
	Assets    http.Handler                   // /assets/
	Styles    []string                       // addresses of the office's style sheets
	Scripts   []string                       // addresses of the office's scripts
	Office    string                         // the office's name, for the header of its pages
	Banners   func(r *http.Request) []Banner // what stands above every page
	Rate      Rate                           // requests per address
	TLS       bool                           // the doors are reached over https, here or at a proxy in front
	Proxies   []string                       // whose X-Forwarded-For is believed; see Networks

	mu     sync.Mutex // guards limits
	limits map[Door]*limiter
}

// limit is the rate limiter of a door.
func (s *Server) limit(d Door) *limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limits == nil {
		s.limits = make(map[Door]*limiter)
	}
	if s.limits[d] == nil {
		proxies, _ := Networks(s.Proxies) // Door says what is wrong with them
		s.limits[d] = newLimiter(s.Rate, proxies, s.Now, func(from netip.Addr) { s.Log.Warn("flood", "door", d, "network", from) })
	}
	return s.limits[d]
}

// Admit is the question of a door's rate limit for what answers requests in
// front of it, knowing only the peer's address.
func (s *Server) Admit(d Door) func(net.Addr) bool { return s.limit(d).admit }

// Headers are the security headers of every answer.
func (s *Server) Headers() http.Header {
	h := make(http.Header)
	secure(h, s.TLS)
	return h
}

// Defaults for routes that do not say otherwise.
const (
	defaultMaxBody = 1 << 20
	defaultTimeout = 30 * time.Second
)

// Door builds the handler of one door. It is an error for a route to be
// without a handler or a statement of what it needs, or for two to collide.
func (s *Server) Door(d Door) (h http.Handler, err error) {
	defer func() {
		if p := recover(); p != nil { // ServeMux panics on colliding patterns
			err = fmt.Errorf("routes of the %s door: %v", d, p)
		}
	}()
	if _, err := Networks(s.Proxies); err != nil {
		return nil, fmt.Errorf("proxies: %w", err)
	}
	mux := http.NewServeMux()
	for _, r := range s.Routes {
		if r.Door == "" {
			r.Door = OfficeDoor
		}
		if r.Needs == "" || r.Do == nil {
			return nil, fmt.Errorf("route %q names no permission or no handler", r.Pattern)
		}
		if r.Door == d {
			mux.Handle(r.Pattern, s.serve(r))
		}
	}
	if s.Assets != nil {
		mux.Handle("GET /assets/", s.Assets)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	if d == PublicDoor && s.Published != nil {
		mux.Handle("GET /", s.Published)
	} else {
		mux.Handle("/", s.serve(Route{Pattern: "/", Needs: Public, Door: d, Do: func(_ http.ResponseWriter, r *http.Request) error {
			return fault.New(fault.NotFound, "There is no page at this address.")
		}}))
	}
	return s.recovered(d, headers(s.TLS, s.limit(d).wrap(s.sameOrigin(d, mux)))), nil
}

// serve wraps a room's handler in everything that the house brings.
func (s *Server) serve(route Route) http.Handler {
	maxBody, timeout := route.MaxBody, route.Timeout
	if maxBody == 0 {
		maxBody = defaultMaxBody
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	var own *limiter
	if route.Rate.PerSecond > 0 {
		own = newLimiter(route.Rate, nil, s.Now, func(from netip.Addr) { s.Log.Warn("flood", "route", route.Pattern, "network", from) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		deadline := time.Time{}
		if timeout > 0 {
			deadline = time.Now().Add(timeout)
		}
		control := http.NewResponseController(w)
		// Not every writer has deadlines (a test's recorder has none); the
		// listener's own limits stand behind these.
		_ = control.SetReadDeadline(deadline)
		_ = control.SetWriteDeadline(deadline)
		r = s.prepare(route, r)
		if own != nil && !own.allow(Network(Address(r.Context()))) {
			w.Header().Set("Retry-After", strconv.Itoa(own.rate.wait()))
			s.Fault(w, r, fault.New(fault.TooMany, "Too many requests came from your address. Please wait a moment, then try again."))
			return
		}
		if err := s.admit(route, r); err != nil {
			s.Fault(w, r, err)
			return
		}
		if err := route.Do(w, r); err != nil && r.Context().Err() == nil { // else whoever asked has gone
			s.Fault(w, r, err)
		}
	})
}

// prepare puts the request's id, person, address, language and server into its
// context.
func (s *Server) prepare(route Route, r *http.Request) *http.Request {
	ctx := who.WithRequest(r.Context(), id.New())
	if s.Sessions != nil {
		if p, ok := s.Sessions.Who(r); ok {
			ctx = who.With(ctx, p)
		}
	}
	return r.WithContext(withScene(ctx, &scene{server: s, route: route,
		address: s.limit(route.Door).address(r), printer: s.language(r)}))
}

// admit decides whether the request's person may use the route.
func (s *Server) admit(route Route, r *http.Request) error {
	if route.Needs == Public {
		return nil
	}
	p := who.From(r.Context())
	if !p.Known() && route.Door == PublicDoor {
		return fault.New(fault.SignIn, "This address needs a key. Send it in the header “Authorization: Bearer KEY”.")
	}
	if !p.Known() {
		return fault.New(fault.SignIn, "Please sign in first.")
	}
	if route.Needs == SignedIn && p.Scope == "" {
		return nil
	}
	if !p.Covers(route.Needs) {
		return fault.New(fault.Denied, "This key is not good for “%s”. Make one whose scope includes it.", route.Needs)
	}
	return s.Access.May(r.Context(), p, route.Needs)
}

// still asks again what was asked when a request came in, for one that goes on
// for long: is the person there, and may they?
func still(r *http.Request) bool {
	sc := sceneOf(r.Context())
	if sc.route.Needs == Public {
		return true
	}
	return sc.server.Sessions.Still(r) && sc.server.admit(sc.route, r) == nil
}

// recovered turns a panic into an internal fault and a log line with the stack.
func (s *Server) recovered(d Door, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { // net/http's own way to hang up
				panic(p)
			}
			s.Log.ErrorContext(r.Context(), "handler panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.Fault(w, s.prepare(Route{Door: d}, r), fault.New(fault.Internal, "panic"))
		}()
		next.ServeHTTP(w, r)
	})
}

// sameOrigin refuses requests that change something and come from another
// site's page (forged requests, CSRF), but for routes that are made for those.
func (s *Server) sameOrigin(d Door, next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Fault(w, s.prepare(Route{Door: d}, r), fault.New(fault.Denied, "This form was sent from another site, so it was refused."))
	}))
	for _, r := range s.Routes {
		if r.Cross {
			guard.AddInsecureBypassPattern(r.Pattern)
		}
	}
	return guard.Handler(next)
}

// Policy is the Content-Security-Policy of every page: our own styles, scripts
// and pictures, and nothing else.
const Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"

func headers(tls bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header(), tls)
		next.ServeHTTP(w, r)
	})
}

func secure(h http.Header, tls bool) {
	h["Content-Security-Policy"] = policy
	h["X-Content-Type-Options"] = nosniff
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = referrer
	h["Cross-Origin-Opener-Policy"] = sameSite
	h["Permissions-Policy"] = permissions
	if tls {
		h["Strict-Transport-Security"] = transport
	}
}

// Header values shared by all answers, so that none is allocated per request.
var (
	policy      = []string{Policy}
	nosniff     = []string{"nosniff"}
	deny        = []string{"DENY"}
	referrer    = []string{"strict-origin-when-cross-origin"}
	sameSite    = []string{"same-origin"}
	permissions = []string{"camera=(), microphone=(), geolocation=(), payment=()"}
	transport   = []string{"max-age=31536000; includeSubDomains"}
)

// Listener is an http.Server with the limits that a door needs against slow
// and oversized requests; routes set their own deadlines within them.
func Listener(addr string, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
