// SPDX-License-Identifier: Apache-2.0

package app

import (
	"bufio"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hustings/guard/access"
	"hustings/guard/federation"
	"hustings/kit/hide"
)

// peer prepares a script of ../peers, or skips where its packages are not
// installed.
func peer(t *testing.T, script string) *exec.Cmd {
	t.Helper()
	folder, err := filepath.Abs("../peers")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		t.Skip("the programs of others are not installed; run npm ci in peers")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join(folder, script))
	cmd.Dir, cmd.Stderr = folder, t.Output()
	return cmd
}

// freePort is a port that nobody listens at.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// provide starts a provider by others that knows one application.
func provide(t *testing.T, settings map[string]any) {
	t.Helper()
	cmd := peer(t, "provider.mjs")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait() // it ends with its input
	})
	if err := json.NewEncoder(in).Encode(settings); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "listening" {
			return
		}
	}
	t.Fatal("the provider did not start")
}

// types goes from an address at the provider through its pages: a name, and the
// consent of whoever has it, until it leads back to the office.
func (v *visitor) types(to, name string) (body string) {
	v.t.Helper()
	_, body = v.goes(to, nil)
	for range 4 {
		_, rest, ok := strings.Cut(body, `action="`)
		action, _, _ := strings.Cut(rest, `"`)
		if !ok || strings.HasPrefix(v.at, v.base) {
			return body
		}
		form := url.Values{"login": {name}, "password": {"x"}, "logout": {"yes"}}
		for key, values := range v.form(body, action) {
			form[key] = values
		}
		if at, err := url.Parse(v.at); err == nil && strings.HasPrefix(action, "/") {
			action = at.Scheme + "://" + at.Host + action
		}
		_, body = v.goes(action, form)
	}
	v.t.Fatalf("the provider leads nowhere: %s\n%s", v.at, body)
	return ""
}

// With a provider that others wrote: signing in, proving again, and signing out
// there, which it tells us by its back channel.
func TestSingleSignOnWithAProviderByOthers(t *testing.T) {
	h := openWatched(t, func(c *Config) { c.SignIn.Rehearsal = false; c.SignIn.PasswordAlone = true })
	h.hire("ann", access.Admin)
	v := h.visitors(1)[0]
	port := freePort(t)
	issuer := "http://127.0.0.1:" + strconv.Itoa(port)
	id, _, err := h.Federation.Propose(operator(t.Context(), h.Config), federation.Change{Secret: hide.New("s3cret"), Settings: federation.Settings{
		Kind: federation.OIDC, Name: "County", Issuer: issuer, Client: "office", Scopes: []string{"email", "profile"}, Level: 1, Domains: []string{"vale.example"},
		Rules: []federation.Rule{{Claim: "groups", Value: "Elections", Role: "viewer"}}}})
	if err != nil {
		t.Fatal(err)
	}
	h.links(id, "ann", "ann")
	at := federation.AddressesOf(v.base, id)
	provide(t, map[string]any{"port": port, "client": "office", "secret": "s3cret", "back": at.Back, "after": at.LeftTo, "logout": at.Logout})

	if body := v.types("/sign-in/with/"+id+"?next=/account", "ann"); !strings.Contains(body, "single sign-on begun") {
		t.Fatalf("not in: %s %s\n%s", v.at, body, h.log)
	}
	v.reads("/account", nil, "<bdi>ann</bdi>", "County")

	t.Run("proving again", func(t *testing.T) {
		h.now = h.now.Add(2 * time.Second)
		page := v.reads("/sign-in/again?next=/account&level=1&within=1", nil, "County")
		page = v.reads("/sign-in/with/"+id, v.form(page, "/sign-in/with/"+id), "On to County")
		if v.types(v.link(page, issuer), "ann"); v.at != v.base+"/account" {
			t.Errorf("led to %s\n%s", v.at, h.log)
		}
		if !slices.Contains(h.facts(), "identity.proved-again.v1") {
			t.Error("the record does not tell of the proof")
		}
	})
	t.Run("signing out there", func(t *testing.T) {
		v.reads("/account", nil, "<bdi>ann</bdi>")
		if v.types(issuer+"/session/end?client_id=office&post_logout_redirect_uri="+url.QueryEscape(at.LeftTo), ""); v.at != at.LeftTo {
			t.Errorf("led to %s", v.at)
		}
		for range 50 { // the provider tells us by its own connection
			if slices.Contains(h.facts(), "federation.left.v1") {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if _, body := v.goes("/account", nil); strings.Contains(body, "<bdi>ann</bdi>") {
			t.Errorf("still signed in here\n%s", h.log)
		}
	})
}
