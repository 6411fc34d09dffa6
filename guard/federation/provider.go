// SPDX-License-Identifier: Apache-2.0

package federation

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/reach"
)

// Kind is how a provider speaks.
type Kind string

// The kinds of providers.
const (
	OIDC Kind = "oidc" // OpenID Connect
	SAML Kind = "saml" // SAML 2.0
)

// Settings are what two people agree on about a provider.
type Settings struct {
	Kind     Kind     `json:"kind"`
	Name     string   `json:"name"`
	Issuer   string   `json:"issuer"`             // issuer URL, or SAML entity id
	Client   string   `json:"client,omitempty"`   // what the provider calls us
	Secret   string   `json:"secret,omitempty"`   // id of the sealed secret; empty: PKCE alone
	Scopes   []string `json:"scopes,omitempty"`   // beside openid
	Metadata string   `json:"metadata,omitempty"` // SAML: the provider's, as XML
	Level    int      `json:"level"`              // the best that its word is worth: 1 or 2
	Proofs   []string `json:"proofs,omitempty"`   // acr, amr or AuthnContextClassRef values that are worth 2
	Domains  []string `json:"domains,omitempty"`  // of e-mail, for which it speaks
	Makes    bool     `json:"makes,omitempty"`    // accounts for people of its domains who have none
	Rules    []Rule   `json:"rules,omitempty"`
}

// Rule gives a role to whom a provider says something of.
type Rule struct {
	Claim string `json:"claim"`
	Value string `json:"value"`
	Role  string `json:"role"`
}

// String is the rule as it is typed.
func (r Rule) String() string { return r.Claim + " = " + r.Value + " -> " + r.Role }

// Provider is a house whose word is taken here.
type Provider struct {
	ID string
	Settings
	Active        bool
	Made, Changed time.Time
}

// Limits of what a provider's settings hold.
const (
	mostName     = 60
	mostText     = 1024      // of an issuer, a client id, a claim's value
	mostMetadata = 100 << 10 // a request for a second person holds 128 KiB
	mostList     = 100
)

// tidy brings typed settings into the one form that they are kept in.
func (set *Settings) tidy() {
	for _, text := range []*string{&set.Name, &set.Issuer, &set.Client, &set.Metadata} {
		*text = strings.TrimSpace(*text)
	}
	set.Name = strings.Join(strings.Fields(set.Name), " ")
	for i, d := range set.Domains {
		set.Domains[i] = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(d)), "@")
	}
	set.Domains, set.Scopes, set.Proofs = distinct(set.Domains), distinct(set.Scopes), distinct(set.Proofs)
	set.Scopes = slices.DeleteFunc(set.Scopes, func(scope string) bool { return scope == "openid" })
	slices.Sort(set.Domains)
}

// distinct drops what is empty or there twice.
func distinct(list []string) []string {
	var out []string
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// check says all that is wrong with settings; roles are those that there are.
func (set *Settings) check(roles []string) error {
	var bad []error
	wrong := func(field, format string, args ...any) {
		bad = append(bad, fault.On(field, fault.New(fault.Invalid, format, args...)))
	}
	if set.Name == "" || len(set.Name) > mostName || !printable(set.Name) {
		wrong("name", "Give the house a name of at most %d letters, as people know it.", mostName)
	}
	if set.Level != 1 && set.Level != 2 {
		wrong("level", "A house's word is worth level 1 or 2.")
	}
	if set.Level == 2 && len(set.Proofs) == 0 {
		wrong("proofs", "Say by which values the house tells that it saw two factors; without any, its word is worth level 1.")
	}
	if set.Makes && len(set.Domains) == 0 {
		wrong("domains", "Say for which e-mail domains the house speaks, so that it can make accounts there.")
	}
	for _, d := range set.Domains {
		if !domain(d) {
			wrong("domains", "%q is no e-mail domain. Write it like county.example.", clip(d))
		}
	}
	for _, long := range [][]string{set.Domains, set.Scopes, set.Proofs} {
		if len(long) > mostList || slices.ContainsFunc(long, func(one string) bool { return len(one) > mostText || !printable(one) }) {
			wrong("", "A list holds at most %d entries of at most %d letters.", mostList, mostText)
		}
	}
	bad = append(bad, set.checkRules(roles), set.checkKind())
	return errors.Join(bad...)
}

func (set *Settings) checkRules(roles []string) error {
	if len(set.Rules) > mostList {
		return fault.On("rules", fault.New(fault.Invalid, "There are more than %d rules.", mostList))
	}
	for i, r := range set.Rules {
		switch {
		case r.Claim == "" || r.Value == "" || len(r.Claim) > mostText || len(r.Value) > mostText || !printable(r.Claim+r.Value):
			return fault.On("rules", fault.New(fault.Invalid, "Rule %d: write it like groups = Elections -> viewer.", i+1))
		case !slices.Contains(roles, r.Role):
			return fault.On("rules", fault.New(fault.Invalid, "Rule %d: there is no role %q; choose from %s.", i+1, clip(r.Role), strings.Join(roles, ", ")))
		}
	}
	return nil
}

func (set *Settings) checkKind() error {
	switch set.Kind {
	case OIDC:
		if err := checkAddress(set.Issuer); err != nil {
			return fault.On("issuer", err)
		}
		if set.Client == "" || len(set.Client) > mostText || !printable(set.Client) {
			return fault.On("client", fault.New(fault.Invalid, "The client id is missing: the name that the house has given to this office."))
		}
		for _, scope := range set.Scopes {
			if strings.ContainsAny(scope, " \"\\") {
				return fault.On("scopes", fault.New(fault.Invalid, "%q is no scope.", clip(scope)))
			}
		}
		return nil
	case SAML:
		return set.checkMetadata()
	}
	return fault.On("kind", fault.New(fault.Invalid, "Choose OpenID Connect or SAML."))
}

// checkAddress wants an https address; on this machine itself plain http will
// do, for rehearsals and tests.
func checkAddress(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || len(text) > mostText || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fault.New(fault.Invalid, "%q is no address such as https://login.county.example.", clip(text))
	case !reach.Safe(u):
		return fault.New(fault.Invalid, "The address must begin with https://, so that nobody on the way can change what the house says.")
	}
	return nil
}

// domain says whether a text is a whole domain with at least one dot.
func domain(text string) bool {
	labels := strings.Split(text, ".")
	if len(labels) < 2 || len(text) > 253 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	return true
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
}

// clip cuts what was typed to what fits into a sentence.
func clip(text string) string { return clipTo(text, 100) }

func clipTo(text string, most int) string {
	if text = strings.ToValidUTF8(text, ""); len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// speaks says whether a provider speaks for an address.
func (set *Settings) speaks(email string) bool {
	_, at, ok := strings.Cut(strings.ToLower(email), "@")
	return ok && slices.Contains(set.Domains, at)
}

// roles are what the rules give to whom these claims are about, each with the
// rule that gives it.
func (set *Settings) roles(claims Claims) map[string]Rule {
	out := make(map[string]Rule)
	for _, r := range set.Rules {
		if _, has := out[r.Role]; !has && slices.Contains(claims[r.Claim], r.Value) {
			out[r.Role] = r
		}
	}
	return out
}

// ReadRules reads rules as they are typed, one in a line.
func ReadRules(text string) ([]Rule, error) {
	var out []Rule
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		at := strings.LastIndex(line, "->") // a value may hold either sign
		claim, value, ok := strings.Cut(line[:max(at, 0)], "=")
		if !ok {
			return nil, fault.On("rules", fault.New(fault.Invalid, "Line %d: write a rule like groups = Elections -> viewer.", i+1))
		}
		out = append(out, Rule{Claim: strings.TrimSpace(claim), Value: strings.TrimSpace(value), Role: strings.TrimSpace(line[at+2:])})
		if len(out) > mostList {
			break // check says that there are too many
		}
	}
	return out, nil
}

// WriteRules writes rules as they are typed.
func WriteRules(rules []Rule) string {
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// Providers lists the providers by name.
func (s *Federation) Providers(ctx context.Context) ([]Provider, error) {
	return listProviders(ctx, s.DB, s.Jurisdiction)
}

// Provider finds a provider.
func (s *Federation) Provider(ctx context.Context, id string) (Provider, error) {
	return findProvider(ctx, s.DB, s.Jurisdiction, id)
}

// Named are the providers by id.
func (s *Federation) Named(ctx context.Context, q db.Reader) (map[string]Provider, error) {
	all, err := listProviders(ctx, q, s.Jurisdiction)
	out := make(map[string]Provider, len(all))
	for _, p := range all {
		out[p.ID] = p
	}
	return out, err
}
