// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"hustings/guard/identity"
	"hustings/kit/db/dbtest"
)

// peer prepares a script of ../../peers, or skips where its packages are not
// installed.
func peer(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	folder, err := filepath.Abs("../../peers")
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
	cmd := exec.CommandContext(t.Context(), node, append([]string{filepath.Join(folder, script)}, args...)...)
	cmd.Dir = folder
	return cmd
}

// said runs a script with JSON on its standard input and reads what it prints.
func said(t *testing.T, cmd *exec.Cmd, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = bytes.NewReader(body)
	printed, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	if err := json.Unmarshal(printed, out); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
}

// challengeOf is the challenge within the options that a page's script gets.
func challengeOf(t *testing.T, c identity.Challenge) string {
	t.Helper()
	var o struct {
		PublicKey struct{ Challenge string }
	}
	if err := json.Unmarshal([]byte(options(t, c)), &o); err != nil {
		t.Fatal(err)
	}
	return o.PublicKey.Challenge
}

// TestAnotherVerifierAgrees has the same answers judged by us and by
// @simplewebauthn/server.
func TestAnotherVerifierAgrees(t *testing.T) {
	cmd := peer(t, "passkey.mjs")
	for _, synced := range []bool{false, true} {
		o := open(t, dbtest.SQLite(t))
		k := o.key(t, hire(t, o, "Ann").ID, synced)
		offer, err := o.OfferPasskey(o.ctx, vale, k.owner)
		if err != nil {
			t.Fatal(err)
		}
		made := k.make(offer)
		ours, err := o.AddPasskey(o.ctx, vale, k.owner, "", offer.Ceremony, made)
		if err != nil {
			t.Fatal(err)
		}
		ask := k.ask()
		signed := k.sign(ask)
		if _, err := o.SignInByPasskey(o.ctx, vale, ask.Ceremony, signed, identity.Place{}); err != nil {
			t.Fatal(err)
		}
		var theirs struct {
			Made, Signed bool
			ID, Device   string
			Counter      uint32
		}
		said(t, cmd, map[string]any{"made": json.RawMessage(made), "makeChallenge": challengeOf(t, offer), "signed": json.RawMessage(signed),
			"signChallenge": challengeOf(t, ask), "origin": vale.Origin, "host": vale.Host}, &theirs)
		if !theirs.Made || !theirs.Signed || theirs.ID != ours.ID || theirs.Counter != k.cred.Counter ||
			(theirs.Device == "multiDevice") != ours.Synced {
			t.Errorf("they found %+v, we %+v", theirs, ours)
		}
		cmd = peer(t, "passkey.mjs")
	}
}
