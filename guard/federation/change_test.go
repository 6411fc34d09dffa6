// SPDX-License-Identifier: Apache-2.0

package federation_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hustings/fake/idp"
	"hustings/guard/federation"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/pair"
	"hustings/kit/who"
)

// clerk is a person, whose changes wait for a second one.
func (o *office) clerk() context.Context {
	return who.With(o.t.Context(), who.Person{ID: "mo", Name: "Mo", Jurisdiction: here, Via: who.Browser})
}

// asks has a person ask for a change, and returns the request.
func (o *office) asks(c federation.Change) pair.Request {
	o.t.Helper()
	c.Reason = "because"
	if _, waits, err := o.Propose(o.clerk(), c); err != nil || !waits {
		o.t.Fatalf("%v, waits %v", err, waits)
	}
	return pair.Request{Ask: o.asked[len(o.asked)-1], Jurisdiction: here}
}

// agrees has the second person agree.
func (o *office) agrees(r pair.Request) error {
	return o.d.Write(o.clerk(), func(tx *db.Tx) error { return o.Room().Pairs[0].Do(o.clerk(), tx, r) })
}

// shows is what the second person reads.
func (o *office) shows(r pair.Request) string {
	o.t.Helper()
	o.request = r
	return o.browser().get("/request").body
}

// showRequest is a page with what a request asks for, as the page of the request
// has it.
func (o *office) showRequest(w http.ResponseWriter, r *http.Request) error {
	lines, err := o.Room().Pairs[0].Show(r.Context(), o.request)
	if err == nil {
		_, err = io.WriteString(w, strings.Join(lines, "\n"))
	}
	return err
}

// What a second person agrees to is what was asked for while nothing else has
// happened: an older request brings no stopped house back.
func TestOlderRequests(t *testing.T) {
	for _, tt := range []struct {
		name      string
		meanwhile func(o *office, p federation.Provider) error
		want      fault.Kind
	}{
		{"nothing happened", func(*office, federation.Provider) error { return nil }, ""},
		{"it was stopped", func(o *office, p federation.Provider) error { return o.Stop(o.as(), p.ID, "broken into") }, fault.Conflict},
		{"it was changed", func(o *office, p federation.Provider) error {
			p.Settings.Name = "Parish"
			_, _, err := o.Propose(o.as(), federation.Change{Provider: p.ID, Settings: p.Settings})
			return err
		}, fault.Conflict},
		{"it was removed", func(o *office, p federation.Provider) error {
			if err := o.Stop(o.as(), p.ID, "broken into"); err != nil {
				return err
			}
			return o.Remove(o.as(), p.ID, "over")
		}, fault.Conflict},
		{"a role of its rules was done away with", func(o *office, _ federation.Provider) error {
			o.roles = []string{"clerk"}
			return nil
		}, fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run(t, func(t *testing.T, o *office) {
				_, p := o.house(nil, ann)
				set := p.Settings
				set.Name, set.Rules = "County of Vale", []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}
				r := o.asks(federation.Change{Provider: p.ID, Settings: set})
				if err := tt.meanwhile(o, p); err != nil {
					t.Fatal(err)
				}
				before, _ := o.Provider(o.as(), p.ID)
				if err := o.agrees(r); fault.KindOf(err) != tt.want {
					t.Fatalf("got %v, want %q", err, tt.want)
				}
				now, _ := o.Provider(o.as(), p.ID)
				if tt.want != "" && (now.Active != before.Active || now.Name != before.Name) {
					t.Errorf("was %v %s, is %v %s", before.Active, before.Name, now.Active, now.Name)
				}
				if got := strings.Contains(o.shows(r), "refuse it, and ask again"); got != (fault.KindOf(o.agrees(r)) == fault.Conflict) {
					t.Errorf("says that it cannot be agreed to: %v", got)
				}
			})
		})
	}
}

func TestStartingAgainIsSaid(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.house(nil, ann)
		change := federation.Change{Provider: p.ID, Settings: p.Settings, Secret: hide.New("another")}
		r := o.asks(change)
		if text := o.shows(r); strings.Contains(text, "starts it again") {
			t.Errorf("of one that is not stopped: %s", text)
		}
		if err := o.Stop(o.as(), p.ID, "a rehearsal"); err != nil {
			t.Fatal(err)
		}
		r = o.asks(change)
		if text := o.shows(r); !strings.Contains(text, "starts it again") {
			t.Errorf("not said: %s", text)
		}
		if err := o.agrees(r); err != nil {
			t.Fatal(err)
		}
		if now, err := o.Provider(o.as(), p.ID); err != nil || !now.Active {
			t.Errorf("not started: %v", err)
		}
	})
}

// The second person sees by what a SAML house is believed and where it sends
// people, before and after; of a secret, that it is another.
func TestWhatTheSecondPersonSees(t *testing.T) {
	run(t, func(t *testing.T, o *office) {
		_, p := o.samlHouse(ann)
		h := idp.New("", "", "", ann)
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		h.URL = server.URL
		sum := func(metadata string) string {
			_, rest, _ := strings.Cut(metadata, "<X509Certificate")
			_, rest, _ = strings.Cut(rest, ">")
			text, _, _ := strings.Cut(rest, "<")
			der, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
			if err != nil || len(der) == 0 {
				t.Fatalf("no certificate: %v in %s", err, metadata)
			}
			return strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(der)), " ", ":")
		}
		other := o.browser().get(h.URL + "/saml/metadata").body
		before, after := sum(p.Metadata), sum(other)
		set := p.Settings
		set.Metadata = strings.ReplaceAll(other, h.URL+"/saml/metadata", p.Issuer) // the house by its old name, with another key
		text := html.UnescapeString(o.shows(o.asks(federation.Change{Provider: p.ID, Settings: set})))
		for _, want := range []string{before, after, h.URL + "/saml", strings.TrimSuffix(p.Issuer, "/metadata")} {
			if before == after || !strings.Contains(text, want) {
				t.Errorf("%q is not in\n%s", want, text)
			}
		}
		_, oidc := o.house(func(c *federation.Change) { c.Settings.Domains = nil }, ann)
		for _, tt := range []struct {
			name string
			with hide.String
			want bool
		}{
			{"a new secret", hide.New("another"), true},
			{"the same secret", hide.String{}, false},
		} {
			text := o.shows(o.asks(federation.Change{Provider: oidc.ID, Settings: oidc.Settings, Secret: tt.with}))
			if strings.Contains(text, "Client secret: a new one (before: Client secret: there is one)") != tt.want {
				t.Errorf("%s: %s", tt.name, text)
			}
		}
	})
}
