// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/pair"
	"hustings/kit/web"
	"hustings/kit/who"
)

// actProvider is a provider, new or changed, that waits for a second person.
const actProvider = "federation.provider"

// asked is what the second person agrees to, and how the provider stood when it
// was asked for.
type asked struct {
	Provider string   `json:"provider"`
	Settings Settings `json:"settings"`
	Seen     seen     `json:"seen"`
}

// seen is how a provider stood: its zero value is none. What was asked for does
// not go over what has happened since: a stop is not undone by an older request.
type seen struct {
	Known   bool      `json:"known,omitempty"`
	Active  bool      `json:"active,omitempty"`
	Changed time.Time `json:"changed,omitzero"`
}

func seenOf(p Provider) seen {
	if p.ID == "" {
		return seen{}
	}
	return seen{true, p.Active, p.Changed}
}

func (a seen) same(b seen) bool {
	return a.Known == b.Known && a.Active == b.Active && a.Changed.Equal(b.Changed)
}

// restarts says whether a change takes the word of a stopped provider again.
func (a seen) restarts() bool { return a.Known && !a.Active }

// Change is what somebody wants a provider to be.
type Change struct {
	Provider string // empty: a new one
	Settings Settings
	Secret   hide.String // empty: as it is
	Public   bool        // without a secret from now on
	Reason   string
}

// Propose asks a second person to take a provider as it is said here; whoever
// acts without an account puts it in force at once. It returns the provider's
// id, and whether somebody has yet to agree.
func (s *Federation) Propose(ctx context.Context, c Change) (provider string, waits bool, err error) {
	if err := s.complete(ctx, &c); err != nil {
		return c.Provider, false, err
	}
	ask := asked{Provider: c.Provider, Settings: c.Settings}
	if ask.Provider == "" {
		ask.Provider = id.New()
	}
	waits = !alone(who.From(ctx))
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := findProvider(ctx, tx, s.Jurisdiction, ask.Provider)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		ask.Seen = seenOf(was)
		if !c.Secret.IsZero() {
			ask.Settings.Secret = id.New()
			sealed, err := s.Sealer.Seal(ctx, tx, secretColumn.At(s.Jurisdiction, ask.Settings.Secret), c.Secret)
			if err != nil {
				return err
			}
			if err := insertSecret(ctx, tx, s.Jurisdiction, ask.Settings.Secret, ask.Provider, sealed); err != nil {
				return err
			}
		}
		if !waits {
			return s.putInForce(ctx, tx, ask)
		}
		payload, err := ask.payload()
		if err != nil {
			return err
		}
		if _, err := s.Pairs.Ask(ctx, tx, pair.Ask{Act: actProvider, Subject: ask.Provider, Reason: c.Reason, Payload: payload}); err != nil {
			return err
		}
		return s.dropSecrets(ctx, tx, ask)
	})
	return ask.Provider, waits, err
}

// complete fills in what a change leaves as it is, and checks the whole.
func (s *Federation) complete(ctx context.Context, c *Change) error {
	if _, err := s.base(); err != nil {
		return err
	}
	c.Settings.tidy()
	c.Settings.Secret = ""
	if c.Provider != "" {
		was, err := s.Provider(ctx, c.Provider)
		if err != nil {
			return err
		}
		if !c.Public {
			c.Settings.Secret = was.Secret
		}
	}
	if c.Public && !c.Secret.IsZero() {
		return fault.On("secret", fault.New(fault.Invalid, "Either give a secret, or say that the house gave none."))
	}
	if len(c.Secret.Reveal()) > mostText || !printable(c.Secret.Reveal()) {
		return fault.On("secret", fault.New(fault.Invalid, "A secret has at most %d printable characters.", mostText))
	}
	roles, err := s.Roles.All(ctx)
	if err != nil {
		return err
	}
	return c.Settings.check(roles)
}

// payload is written without the escapes for pages, which would make a SAML
// house's metadata six times as long.
func (a asked) payload() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(a)
	return bytes.TrimSpace(b.Bytes()), err
}

// doProvider puts in force what a second person has agreed to.
func (s *Federation) doProvider(ctx context.Context, tx *db.Tx, r pair.Request) error {
	a, err := pair.Wanted[asked](r)
	if err != nil {
		return err
	}
	return s.putInForce(ctx, tx, a)
}

// putInForce takes a provider as it is said from now on.
func (s *Federation) putInForce(ctx context.Context, tx *db.Tx, a asked) error {
	set, now := a.Settings, s.Now()
	if err := lockProvider(ctx, tx, s.Jurisdiction, a.Provider); err != nil {
		return err
	}
	was, err := findProvider(ctx, tx, s.Jurisdiction, a.Provider)
	added := fault.KindOf(err) == fault.NotFound
	switch {
	case err != nil && !added:
		return err
	case !a.Seen.same(seenOf(was)):
		return fault.New(fault.Conflict, "The provider has been changed, stopped or removed since this was asked for. Ask again.")
	case !added && (was.Kind != set.Kind || was.Issuer != set.Issuer):
		// Its links would be taken over by another house.
		return fault.On("issuer", fault.New(fault.Conflict, "A provider stays the house that it is. Add the other house as a new provider, and remove this one."))
	}
	if err := s.checkAgain(ctx, &set); err != nil {
		return err
	}
	if set.Secret != "" {
		if _, err := findSecret(ctx, tx, s.Jurisdiction, set.Secret); err != nil {
			return err
		}
	}
	if err := saveProvider(ctx, tx, s.Jurisdiction, Provider{ID: a.Provider, Settings: set, Active: true, Made: now, Changed: now}); err != nil {
		return err
	}
	if err := s.claimDomains(ctx, tx, a.Provider, set.Domains); err != nil {
		return err
	}
	rules := make([]string, len(set.Rules))
	for i, r := range set.Rules {
		rules[i] = r.String()
	}
	tx.Record(event.ProviderSet{Provider: a.Provider, House: set.Name, Kind: string(set.Kind), Issuer: set.Issuer, Level: set.Level,
		Domains: set.Domains, Rules: rules, Makes: set.Makes, Added: added})
	return s.dropSecrets(ctx, tx, a)
}

// checkAgain checks settings when they are put in force: roles may be gone and
// certificates may have ended since they were asked for.
func (s *Federation) checkAgain(ctx context.Context, set *Settings) error {
	if _, err := s.base(); err != nil {
		return err
	}
	roles, err := s.Roles.All(s.acting(ctx))
	if err != nil {
		return err
	}
	return set.check(roles)
}

// claimDomains makes a provider the one that speaks for some domains.
func (s *Federation) claimDomains(ctx context.Context, tx *db.Tx, provider string, domains []string) error {
	if err := dropDomains(ctx, tx, s.Jurisdiction, provider); err != nil {
		return err
	}
	for _, d := range domains {
		ok, err := insertDomain(ctx, tx, s.Jurisdiction, d, provider)
		if err != nil {
			return err
		}
		if !ok {
			return fault.On("domains", fault.New(fault.Conflict, "Another provider speaks for %s already. Take the domain away from it first.", d))
		}
	}
	return nil
}

// dropSecrets forgets the secrets of a provider that neither its settings in
// force nor those that are asked for name.
func (s *Federation) dropSecrets(ctx context.Context, tx *db.Tx, a asked) error {
	was, err := findProvider(ctx, tx, s.Jurisdiction, a.Provider)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return deleteSecrets(ctx, tx, s.Jurisdiction, a.Provider, was.Secret, a.Settings.Secret)
}

// showAsked says in words what a request asks for, and what it was before.
func (s *Federation) showAsked(ctx context.Context, r pair.Request) ([]string, error) {
	a, err := pair.Wanted[asked](r)
	if err != nil {
		return nil, err
	}
	was, err := s.Provider(ctx, a.Provider)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	old, now := described(ctx, was.Settings, ""), described(ctx, a.Settings, was.Secret)
	var out []string
	if !a.Seen.same(seenOf(was)) {
		out = append(out, web.T(ctx, "federation.show.stale"))
	}
	if a.Seen.restarts() {
		out = append(out, web.T(ctx, "federation.show.restarts"))
	}
	for i, line := range now {
		if was.ID != "" && old[i] != line {
			line = web.T(ctx, "federation.show.changed", "is", line, "was", old[i])
		}
		out = append(out, line)
	}
	if was.Metadata != a.Settings.Metadata && was.ID != "" {
		out = append(out, web.T(ctx, "federation.show.metadata"))
	}
	return out, nil
}

// described is a line for each setting; secret is the one that it follows.
func described(ctx context.Context, set Settings, secret string) []string {
	t := func(key, value string) string {
		return web.T(ctx, "federation.show", "what", web.T(ctx, key), "value", value)
	}
	list := func(key string, values []string) string {
		if len(values) == 0 {
			return t(key, web.T(ctx, "federation.none"))
		}
		return t(key, strings.Join(values, ", "))
	}
	var rules []string
	for _, r := range set.Rules {
		rules = append(rules, r.String())
	}
	key := "federation.secret." + strconv.FormatBool(set.Secret != "")
	if set.Secret != "" && secret != "" && set.Secret != secret {
		key = "federation.secret.new"
	}
	out := []string{
		t("federation.name", set.Name), t("federation.issuer", set.Issuer), t("federation.client", set.Client),
		t("federation.secret", web.T(ctx, key)),
		list("federation.scopes", set.Scopes), t("federation.level", strconv.Itoa(set.Level)), list("federation.proofs", set.Proofs),
		list("federation.domains", set.Domains), t("federation.makes", web.T(ctx, "federation.yes."+strconv.FormatBool(set.Makes))),
		list("federation.rules", rules),
	}
	if set.Kind == SAML {
		at, keys := set.signsBy()
		out = append(out, t("federation.signin", at), list("federation.keys", keys))
	}
	return out
}

// signsBy is where a SAML house signs people in, and the certificates by which
// it is believed; nothing where its metadata cannot be read any more.
func (set *Settings) signsBy() (at string, keys []string) {
	sp, err := party(Provider{Settings: *set}, Addresses{EntityID: "urn:hustings", ACS: "https://localhost/"})
	if err != nil {
		return "", nil
	}
	return sp.SignIn(), sp.Fingerprints()
}

// Stop takes a provider's word no more; what began by it ends. It needs nobody
// else: taking away must be quick.
func (s *Federation) Stop(ctx context.Context, provider, reason string) error {
	if strings.TrimSpace(reason) == "" && !alone(who.From(ctx)) {
		return fault.On("reason", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	p, err := s.Provider(ctx, provider)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		stopped, err := stopProvider(ctx, tx, s.Jurisdiction, provider, s.Now())
		if err != nil {
			return err
		}
		if !stopped {
			return fault.New(fault.Conflict, "This provider is stopped already.")
		}
		tx.Record(event.ProviderStopped{Provider: provider, House: p.Name, Reason: clip(reason)})
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.endSessions(s.acting(ctx), p, "", "")
	return err
}

// Remove forgets a stopped provider, whom it vouched for and the roles that its
// rules gave.
func (s *Federation) Remove(ctx context.Context, provider, reason string) error {
	p, err := s.Provider(ctx, provider)
	if err != nil {
		return err
	}
	if p.Active {
		return fault.New(fault.Conflict, "Stop the provider first.")
	}
	given, err := listGiven(ctx, s.DB, s.Jurisdiction, provider, "")
	if err != nil {
		return err
	}
	accounts := make([]string, 0, len(given))
	for _, g := range given {
		accounts = append(accounts, g.account)
	}
	slices.Sort(accounts)
	for _, account := range slices.Compact(accounts) {
		if err := s.setRoles(s.acting(ctx), p, account, nil); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := deleteProvider(ctx, tx, s.Jurisdiction, provider)
		if err != nil {
			return err
		}
		tx.Record(event.ProviderRemoved{Provider: provider, House: p.Name, Reason: clip(reason), Links: n})
		return nil
	})
}
