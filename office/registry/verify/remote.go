// SPDX-License-Identifier: Apache-2.0

package verify

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/time/rate"

	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/reach"
)

// Settings say where a service is and how to ask it.
type Settings struct {
	URL       string        // https://…; http on this machine only
	Key       string        // path of a file with the bearer token; "" for none
	CA        string        // path of a PEM file with the authority of its certificate; "" for the machine's own
	Timeout   time.Duration // of one attempt; 0 for 10 seconds
	PerSecond float64       // questions at most; 0 for 10
}

// Remote is a service at the other end of HTTPS.
type Remote struct {
	kind    Kind
	url     *url.URL
	key     string
	timeout time.Duration
	client  *http.Client
	limit   *rate.Limiter
	breaker *breaker
	now     func() time.Time
	wait    func(ctx context.Context, d time.Duration) error
	log     *slog.Logger
}

// How patient a Remote is.
const (
	attempts      = 3
	firstWait     = 250 * time.Millisecond // before the second attempt; twice that before the third
	longestWait   = 5 * time.Second        // that a service may ask for before another attempt
	longestAfter  = time.Hour              // that we leave it alone because it said so
	failuresInRow = 5
	firstPause    = 30 * time.Second
	longestPause  = 5 * time.Minute
	mostAtOnce    = 100 // questions in a request
	perSecond     = 10
	timeout       = 10 * time.Second
)

// Open gets ready to ask a service. Nothing is asked yet.
func Open(k Kind, s Settings, now func() time.Time, log *slog.Logger) (*Remote, error) {
	u, err := address(s.URL)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(s.PerSecond) || s.PerSecond < 0 || s.Timeout < 0 {
		return nil, fault.New(fault.Invalid, "The limits of the service at %s are less than nothing.", u.Host)
	}
	if s.PerSecond == 0 {
		s.PerSecond = perSecond
	}
	if s.Timeout == 0 {
		s.Timeout = timeout
	}
	authority, err := reach.Authority(s.CA)
	if err != nil {
		return nil, err
	}
	burst := int(min(max(math.Ceil(s.PerSecond), 1), mostAtOnce))
	return &Remote{kind: k, url: u, key: s.Key, timeout: s.Timeout, now: now, wait: wait, log: log,
		limit:   rate.NewLimiter(rate.Limit(s.PerSecond), burst),
		breaker: &breaker{failures: failuresInRow, first: firstPause, longest: longestPause, now: now},
		client:  reach.Client(0, authority)}, nil
}

// address wants a service's address to be one over which private values may go.
func address(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fault.New(fault.Invalid, "The address of the verification service: want one such as https://verify.example.gov/license, without a password or a question mark in it.")
	}
	if !reach.Safe(u) {
		return nil, fault.New(fault.Invalid, "The address of the verification service at %s must begin with https://, so that nobody on the way reads what is private.", u.Host)
	}
	return u, nil
}

// Close lets go of idle connections.
func (r *Remote) Close() { r.client.CloseIdleConnections() }

// Down says whether the service is left alone because it fails, and until when.
func (r *Remote) Down() (until time.Time, down bool) {
	until, _, down = r.breaker.open()
	return until, down
}

// Ask asks, as many at once as the limit of questions per second lets.
func (r *Remote) Ask(ctx context.Context, list []Question) []Answer {
	out := make([]Answer, 0, len(list))
	for some := range slices.Chunk(list, r.limit.Burst()) {
		answers, err := r.persist(ctx, some)
		if err != nil {
			answers = slices.Repeat([]Answer{{Err: err}}, len(some))
		}
		out = append(out, answers...)
	}
	return out
}

// persist sends one request until it is answered, a few times at most. To send
// it again is safe: it has one key, by which the service knows it.
func (r *Remote) persist(ctx context.Context, list []Question) ([]Answer, error) {
	body, err := write(r.kind, list)
	if err != nil {
		return nil, fault.New(fault.Internal, "questions to a verification service cannot be written")
	}
	key := id.New()
	for n := 1; ; n++ {
		if err := r.pace(ctx, len(list)); err != nil {
			return nil, err
		}
		answers, again, err := r.attempt(ctx, key, body, list)
		if err == nil || !again || n == attempts || ctx.Err() != nil {
			return answers, err
		}
		if r.wait(ctx, r.pause(n, err)) != nil {
			return nil, err
		}
	}
}

// pause is how long to wait after the nth attempt: as long as the service says,
// else half of a doubling time and a random part of the other half, so that
// many who fail together do not come back together.
func (r *Remote) pause(n int, err error) time.Duration {
	var t *Trouble
	if errors.As(err, &t) && !t.After.IsZero() {
		return max(0, t.After.Sub(r.now()))
	}
	d := firstWait << (n - 1)
	var b [8]byte
	rand.Read(b[:])
	return d/2 + time.Duration(binary.NativeEndian.Uint64(b[:])%uint64(d/2))
}

// pace waits until the limit lets n more questions out.
func (r *Remote) pace(ctx context.Context, n int) error {
	now := r.now()
	turn := r.limit.ReserveN(now, n)
	d := turn.DelayFrom(now)
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		turn.CancelAt(now)
		return &Trouble{Reason: Busy, After: now.Add(d), Err: fault.New(fault.TooMany, "More questions wait for %s than it takes in this time.", r.url.Host)}
	}
	if r.wait(ctx, d) != nil {
		turn.CancelAt(r.now())
		return r.trouble(Down, "we stopped waiting")
	}
	return nil
}

// wait waits, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt sends a request once, if the service is not left alone just now.
func (r *Remote) attempt(ctx context.Context, key string, body []byte, list []Question) (answers []Answer, again bool, err error) {
	leave, until, ok := r.breaker.enter()
	if !ok {
		return nil, false, &Trouble{Reason: Down, After: until,
			Err: fault.New(fault.Unavailable, "The service at %s has failed several times and is left alone for a while.", r.url.Host)}
	}
	text, how, again, err := r.send(ctx, key, body, largest(len(list)))
	if err == nil {
		if answers, err = r.understand(text, list); err != nil {
			how = failed
		}
	}
	r.tell(leave.done(how), err)
	return answers, again, err
}

// understand reads a body.
func (r *Remote) understand(text []byte, list []Question) ([]Answer, error) {
	ids := make([]string, len(list))
	for i, q := range list {
		ids[i] = q.ID
	}
	answers, err := read(text, r.kind, ids)
	if err != nil {
		return nil, r.malformed(err)
	}
	lost := 0
	for i := range answers {
		var t *Trouble
		if errors.As(answers[i].Err, &t) {
			t.Err = r.malformed(t.Err).Err
			if lost++; lost == 1 {
				err = t
			}
		}
	}
	if lost > 0 {
		r.log.Warn("verification answers could not be used", "service", r.kind, "host", r.url.Host, "questions", len(list), "lost", lost, "first", err.Error())
	}
	return answers, nil
}

// tell writes down that the service went down, or came back.
func (r *Remote) tell(c change, err error) {
	switch c {
	case opened:
		until, row, _ := r.breaker.open()
		r.log.Warn("verification service is left alone", "service", r.kind, "host", r.url.Host, "until", until, "failures", row, "last", err.Error())
	case closed:
		r.log.Info("verification service answers again", "service", r.kind, "host", r.url.Host)
	}
}

// trouble is a fault about a service that does not answer.
func (r *Remote) trouble(why Reason, what string) *Trouble {
	return &Trouble{Reason: why, Err: fault.Wrap(fault.Unavailable, errors.New(what), "The service at %s does not answer.", r.url.Host)}
}

func (r *Remote) malformed(err error) *Trouble {
	return &Trouble{Reason: Malformed, Err: fault.Wrap(fault.Unavailable, err, "The service at %s gives an answer that cannot be used.", r.url.Host)}
}

// send sends a request and gives the body of its answer.
func (r *Remote) send(ctx context.Context, key string, body []byte, most int) (text []byte, how outcome, again bool, err error) {
	token, err := secret(r.key)
	if err != nil {
		return nil, unknown, false, &Trouble{Reason: KeyRefused, Err: err}
	}
	one, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(one, http.MethodPost, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, unknown, false, r.trouble(Down, "the request cannot be made")
	}
	req.GetBody = nil // else the standard library sends it again by itself, past our count
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Idempotency-Key", key)
	if !token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	res, err := r.client.Do(req)
	if err != nil {
		return r.broken(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, res.Body, 64<<10) // so that the connection can be used again
		how, again, err = r.refused(res)
		return nil, how, again, err
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "application/json" {
		return nil, failed, false, r.malformed(errors.New(notJSON(kind)))
	}
	text, err = io.ReadAll(io.LimitReader(res.Body, int64(most)+1))
	if err != nil {
		return r.broken(ctx, err)
	}
	return text, worked, false, nil
}

// broken says what went wrong on the way, in our own words: those of the
// network may quote what the other side sent.
func (r *Remote) broken(ctx context.Context, err error) ([]byte, outcome, bool, error) {
	if ctx.Err() != nil {
		return nil, unknown, false, r.trouble(Down, "we stopped waiting")
	}
	return nil, failed, true, r.trouble(Down, plainly(err, r.timeout))
}

func plainly(err error, timeout time.Duration) string {
	var name *net.DNSError
	var cert *tls.CertificateVerificationError
	var late net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return fmt.Sprintf("no answer within %s", timeout)
	case errors.As(err, &name):
		return "its name is not known"
	case errors.As(err, &cert):
		return "its certificate is not one that we trust"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection is refused"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection broke off"
	}
	return "the connection failed"
}

// notJSON names a kind of body that is often sent by mistake.
func notJSON(kind string) string {
	if slices.Contains([]string{"text/html", "text/plain", "text/xml", "application/xml"}, kind) {
		return "it is " + kind + ", not application/json"
	}
	return "its Content-Type is not application/json"
}

// refused reads an answer that is not 200.
func (r *Remote) refused(res *http.Response) (outcome, bool, error) {
	code := res.StatusCode
	t := r.trouble(Down, "status "+strconv.Itoa(code))
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		t.Reason, t.Err = KeyRefused, fault.New(fault.Unavailable, "The service at %s does not accept our key; look at the file that the settings name.", r.url.Host)
		return worked, false, t
	case code == http.StatusTooManyRequests:
		t.Reason = Busy
		return worked, r.after(t, res.Header), t
	case code >= 500:
		return failed, r.after(t, res.Header), t
	}
	return failed, false, r.malformed(fmt.Errorf("status %d", code))
}

// after notes when the service wants to be asked again, and says whether that
// is soon.
func (r *Remote) after(t *Trouble, h http.Header) (soon bool) {
	text := h.Get("Retry-After")
	if text == "" {
		return true
	}
	var d time.Duration
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		d = time.Duration(n) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(r.now())
	} else {
		return true
	}
	d = min(max(d, 0), longestAfter)
	t.After = r.now().Add(d)
	return d <= longestWait
}

// secret reads the file of a token, each time: tokens are renewed.
func secret(path string) (hide.String, error) {
	if path == "" {
		return hide.String{}, nil
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return hide.String{}, fault.Wrap(fault.Invalid, err, "The file %s with the key of the verification service cannot be read.", path)
	}
	text := strings.TrimSpace(string(body))
	if text == "" || len(text) > 4096 || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return hide.String{}, fault.New(fault.Invalid, "The file %s: want one line, the key of the verification service.", path)
	}
	return hide.New(text), nil
}
