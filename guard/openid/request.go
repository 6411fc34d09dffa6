// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/kit/fault"
	"hustings/kit/web"
	"hustings/kit/who"
)

// refusal is an error in the words of RFC 6749 and its kin: a code for the
// satellite and a sentence for whoever builds it.
type refusal struct{ code, why string }

// Error implements error.
func (e *refusal) Error() string { return e.code + ": " + e.why }

// request is what a satellite asks for when it sends a person here to sign in.
type request struct {
	client, redirect        string
	state, nonce, challenge string
	scopes                  []string
	silent                  bool          // prompt=none: ask the person nothing
	again                   bool          // prompt=login: have them prove again who they are
	within                  time.Duration // how long ago their proof may be; negative: they do not say
	level                   int           // the least level that would do; 0: they do not say
	hint                    string        // an ID token of ours, about whom they expect
	since                   time.Time     // when we began to ask the person for a proof; zero: not yet
}

// Limits of a request.
const (
	mostQuery = 4 << 10
	mostField = 1000
)

// readQuery reads fields of which none may come twice. The fault is for a
// person: until we know the satellite, there is nobody else to tell.
func readQuery(raw string, fields ...string) (url.Values, error) {
	if len(raw) > mostQuery {
		return nil, fault.New(fault.TooLarge, "The program that sent you here asked in more words than we read.")
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The program that sent you here asked in a way that cannot be read.")
	}
	for _, name := range fields {
		if len(q[name]) > 1 {
			return nil, fault.New(fault.Invalid, "The program that sent you here gave its %s twice.", name)
		}
	}
	return q, nil
}

// known are the fields that we read; others are passed over, as RFC 6749 wants.
var known = []string{"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
	"prompt", "max_age", "acr_values", "response_mode", "request", "request_uri", "registration", "id_token_hint", sinceField}

// readRequest reads what is asked for; whose request it is, is known already.
func readRequest(q url.Values) (r request, err error) {
	r = request{client: q.Get("client_id"), redirect: q.Get("redirect_uri"), within: -1}
	if state := q.Get("state"); len(q["state"]) == 1 && len(state) <= mostField {
		r.state = state // every answer carries it, the refusals below too
	}
	for _, name := range known {
		if len(q[name]) > 1 || len(q.Get(name)) > mostField && name != "id_token_hint" {
			return r, &refusal{"invalid_request", name + " came twice or is too long"}
		}
	}
	for _, name := range []string{"request", "request_uri", "registration"} {
		if q.Get(name) != "" {
			return r, &refusal{name + "_not_supported", name + " is not supported"}
		}
	}
	switch {
	case q.Get("response_type") == "":
		return r, &refusal{"invalid_request", "response_type is missing"}
	case q.Get("response_type") != "code":
		return r, &refusal{"unsupported_response_type", "the only response_type is code"}
	case q.Get("response_mode") != "" && q.Get("response_mode") != "query":
		return r, &refusal{"invalid_request", "the only response_mode is query"}
	}
	r.nonce, r.hint, r.scopes = q.Get("nonce"), q.Get("id_token_hint"), strings.Fields(q.Get("scope"))
	if !slices.Contains(r.scopes, "openid") {
		return r, &refusal{"invalid_scope", "the scope must contain openid"}
	}
	if r.challenge, err = readChallenge(q); err != nil {
		return r, err
	}
	return r, r.readProof(q)
}

// readChallenge reads the challenge of RFC 7636. Without one, or with one that
// is its own answer, whoever sees a code could use it.
func readChallenge(q url.Values) (string, error) {
	challenge := q.Get("code_challenge")
	if challenge == "" || q.Get("code_challenge_method") != "S256" {
		return "", &refusal{"invalid_request", "code_challenge with code_challenge_method=S256 is required"}
	}
	if b, err := base64.RawURLEncoding.Strict().DecodeString(challenge); err != nil || len(b) != 32 {
		return "", &refusal{"invalid_request", "code_challenge is no SHA-256 in base64url"}
	}
	return challenge, nil
}

// sinceField comes from our own page (goOn), after a person was asked for a
// proof: a proof from then on is fresh enough. Who makes it up gains nothing
// that leaving out prompt and max_age would not give, and the satellite sees
// auth_time in any case.
const sinceField = "hustings_since"

// readProof reads how well and how lately the person must have proved it.
func (r *request) readProof(q url.Values) error {
	prompts := strings.Fields(q.Get("prompt"))
	for _, one := range prompts {
		switch one {
		case "none":
			r.silent = true
		case "login", "select_account":
			r.again = true
		case "consent":
		default:
			return &refusal{"invalid_request", "prompt is not one of none, login, select_account, consent"}
		}
	}
	if r.silent && len(prompts) > 1 {
		return &refusal{"invalid_request", "prompt=none stands alone"}
	}
	if text := q.Get("max_age"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return &refusal{"invalid_request", "max_age is no number of seconds"}
		}
		r.within = time.Duration(min(n, 30*86400)) * time.Second
		r.again = r.again || n == 0
	}
	for _, one := range strings.Fields(q.Get("acr_values")) {
		if level := slices.Index(levels, one); level > 0 && (r.level == 0 || level < r.level) {
			r.level = level
		}
	}
	if n, err := strconv.ParseInt(q.Get(sinceField), 10, 64); err == nil && n > 0 && n < 1<<50 {
		r.since = time.UnixMilli(n)
	}
	return nil
}

// levels are the names of the levels of assurance, by their number.
var levels = []string{"", "aal1", "aal2", "aal3"}

// proofLife is how long a person may take to prove again who they are.
const proofLife = 15 * time.Minute

// need is what a person has yet to prove for a satellite that asks for a level;
// ok is false where nothing is missing.
func (r *request) need(me who.Person, level int, now time.Time) (need web.StepUp, ok bool) {
	need.Level = max(level, r.level)
	fresh := !r.since.IsZero() && now.Sub(r.since) < proofLife && !me.Proved.Before(r.since)
	stale := r.again || r.within >= 0 && now.Sub(me.Proved) > r.within
	if stale && !fresh {
		return need, true
	}
	return need, !need.Met(me, now)
}
