// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"crypto/fips140"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"
	"golang.org/x/crypto/argon2"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

func TestAShortKeyIsNoPasskey(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := hire(t, o, "Ann")
	k := o.key(t, ann.ID, false)
	k.cred = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA) // 2,048 bits
	c, err := o.OfferPasskey(o.ctx, vale, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.AddPasskey(o.ctx, vale, ann.ID, "old key", c.Ceremony, k.make(c))
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "too short") {
		t.Errorf("got %v", err)
	}
}

func TestAnOfficeMayAskForLongerPasswords(t *testing.T) {
	o := open(t, dbtest.SQLite(t))
	ann := hire(t, o, "Ann")
	o.app(t, ann.ID) // eight letters would do beside it
	o.Shortest = 12
	for password, ok := range map[string]bool{"quarp-7k-wo": false, "quarp-7k-wov": true} {
		if err := o.SetPassword(o.ctx, ann.ID, hide.New(password)); (err == nil) != ok || err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d letters: got %v", len(password), err)
		}
	}
	o.Shortest = 10 // what always holds is not made less
	bo := hire(t, o, "Bo")
	if err := o.SetPassword(o.ctx, bo.ID, hide.New("quarp-7k-wov")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("twelve letters alone: got %v", err)
	}
}

// TestAnOldHashIsRenewed gives an account a hash as it was made before the
// parameters were raised, and signs in.
func TestAnOldHashIsRenewed(t *testing.T) {
	salt := []byte("sixteen letters.")
	enc := base64.RawStdEncoding.EncodeToString
	weaker, err := pbkdf2.Key(sha256.New, good, salt, 1000, 32)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, phc string }{
		{"of fewer passes", fmt.Sprintf("$argon2id$v=19$m=8192,t=1,p=1$%s$%s", enc(salt), enc(argon2.IDKey([]byte(good), salt, 1, 8192, 1, 32)))},
		{"of fewer rounds, as the other build made it", fmt.Sprintf("$pbkdf2-sha256$v=1$i=1000$%s$%s", enc(salt), enc(weaker))},
	} {
		t.Run(tt.name, func(t *testing.T) { renewed(t, tt.phc) })
	}
}

func renewed(t *testing.T, old string) {
	today := "$argon2id$v=19$m=19456,t=2,p=1$"
	if fips140.Enabled() {
		today = "$pbkdf2-sha256$v=1$i=600000$"
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		ann := hire(t, o, "Ann")
		err := d.Write(o.ctx, func(tx *db.Tx) error {
			tx.Silently("a test sets the clock of hashing back")
			_, err := tx.ExecContext(o.ctx, "update identity_account set password = $1 where id = $2", old, ann.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		kept := func() (phc string) {
			t.Helper()
			if err := d.QueryRowContext(o.ctx, "select password from identity_account where id = $1", ann.ID).Scan(&phc); err != nil {
				t.Fatal(err)
			}
			return phc
		}
		if _, err := o.signIn("ann@vale.example", "wrong"); fault.KindOf(err) != fault.SignIn || kept() != old {
			t.Errorf("a wrong password: got %v, and the hash %s", err, kept())
		}
		if _, err := o.signIn("ann@vale.example", good); err != nil || !strings.HasPrefix(kept(), today) {
			t.Errorf("the right one: got %v, and the hash %s", err, kept())
		}
		renewed := kept()
		if _, err := o.signIn("ann@vale.example", good); err != nil || kept() != renewed {
			t.Errorf("once more: got %v, and the hash %s", err, kept())
		}
	})
}
