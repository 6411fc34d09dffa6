// SPDX-License-Identifier: Apache-2.0

package openid

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/seal"
	"hustings/kit/web"
	"hustings/kit/who"
)

// half is the private half of a signing key.
var half = seal.Column{Table: "openid_key", Name: "half", Key: []string{"id"}, Purpose: "openid.key"}

// The life of a signing key.
const (
	keyLife  = 90 * 24 * time.Hour // how long one signs
	keyAhead = time.Hour           // how long before that it is published
	keyAfter = 24 * time.Hour      // how long it stays published after that; what it signed lives for minutes, but comes back as a hint
)

// Key is a signing key as the screens show it. The private half never is.
type Key struct {
	ID           string
	Made, Begins time.Time
	Signs        bool // it signs now
	Waits        bool // it will
}

// SigningKeys lists the keys that are published, the newest first.
func (s *OpenID) SigningKeys(ctx context.Context, jurisdiction string) ([]Key, error) {
	kept, err := listKeys(ctx, s.DB, jurisdiction)
	at := s.Now()
	now := current(kept, at)
	out := make([]Key, len(kept))
	for i, k := range kept {
		out[i] = Key{ID: k.id, Made: k.made, Begins: k.begins, Signs: i == now, Waits: k.begins.After(at)}
	}
	return out, err
}

// current is the place of the key that signs at a moment among keys that are
// sorted by when they begin, the newest first; their number where none does.
func current(keys []signing, now time.Time) int {
	for i, k := range keys {
		if !k.begins.After(now) && len(k.half) > 0 {
			return i
		}
	}
	return len(keys)
}

// signer is what signs now in a jurisdiction. The first key is made at its first use.
func (s *OpenID) signer(ctx context.Context, jurisdiction string) (jose.SigningKey, error) {
	keys, err := listKeys(ctx, s.DB, jurisdiction)
	if err != nil {
		return jose.SigningKey{}, err
	}
	if current(keys, s.Now()) == len(keys) {
		if keys, err = s.firstKey(ctx, jurisdiction); err != nil {
			return jose.SigningKey{}, err
		}
	}
	k := keys[current(keys, s.Now())]
	der, err := s.Sealer.Open(ctx, s.DB, half.At(jurisdiction, k.id), k.half)
	if err != nil {
		return jose.SigningKey{}, err
	}
	raw, err := base64.StdEncoding.DecodeString(der.Reveal())
	if err != nil {
		return jose.SigningKey{}, err
	}
	private, err := x509.ParsePKCS8PrivateKey(raw)
	return jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: k.id}}, err
}

// firstKey makes a key that signs at once, unless somebody was quicker.
func (s *OpenID) firstKey(ctx context.Context, jurisdiction string) (keys []signing, err error) {
	ctx = who.With(ctx, who.System("openid", jurisdiction))
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "openid.key"); err != nil {
			return err
		}
		if keys, err = listKeys(ctx, tx, jurisdiction); err != nil || current(keys, s.Now()) < len(keys) {
			return err
		}
		k, err := s.makeKey(ctx, tx, jurisdiction, s.Now())
		keys = append([]signing{k}, keys...)
		return err
	})
	return keys, err
}

// makeKey makes a key that signs from a moment on.
func (s *OpenID) makeKey(ctx context.Context, tx *db.Tx, jurisdiction string, begins time.Time) (k signing, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return k, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return k, err
	}
	k = signing{id: id.New(), made: s.Now(), begins: begins}
	public, err := json.Marshal(jose.JSONWebKey{Key: &private.PublicKey, KeyID: k.id, Algorithm: string(jose.ES256), Use: "sig"})
	if err != nil {
		return k, err
	}
	k.public = string(public)
	k.half, err = s.Sealer.Seal(ctx, tx, half.At(jurisdiction, k.id), hide.New(base64.StdEncoding.EncodeToString(der)))
	if err != nil {
		return k, err
	}
	tx.Record(event.SigningKeyMade{Key: k.id, Begins: k.begins})
	return k, insertKey(ctx, tx, jurisdiction, k)
}

// RotateKeys makes a new signing key in the office of who acts. It is published
// at once and signs an hour later, when satellites have seen it. With now, it
// signs at once and all others are gone: for a key that somebody may have seen.
func (s *OpenID) RotateKeys(ctx context.Context, now bool) (k Key, err error) {
	in := who.From(ctx).Jurisdiction
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "openid.key"); err != nil {
			return err
		}
		keys, err := listKeys(ctx, tx, in)
		if err != nil {
			return err
		}
		begins := s.Now()
		switch {
		case now:
			if err := s.endKeys(ctx, tx, in, keys); err != nil {
				return err
			}
		case len(keys) > 0 && keys[0].begins.After(begins):
			return fault.New(fault.Conflict, "A new key waits already; it signs from %s on.", keys[0].begins.Format(time.RFC3339))
		case len(keys) > 0:
			begins = begins.Add(keyAhead)
		}
		made, err := s.makeKey(ctx, tx, in, begins)
		waits := begins.After(s.Now())
		k = Key{ID: made.id, Made: made.made, Begins: made.begins, Signs: !waits, Waits: waits}
		return err
	})
	return k, err
}

func (s *OpenID) endKeys(ctx context.Context, tx *db.Tx, jurisdiction string, keys []signing) error {
	var gone []string
	for _, k := range keys {
		if err := deleteKey(ctx, tx, jurisdiction, k.id); err != nil {
			return err
		}
		gone = append(gone, k.id)
	}
	if len(gone) > 0 {
		tx.Record(event.SigningKeysEnded{Keys: gone})
	}
	return nil
}

// keepKeys publishes the next key in time, destroys the private half of the one
// before, and forgets keys whose signatures nobody needs any more.
func (s *OpenID) keepKeys(ctx context.Context, tx *db.Tx, jurisdiction string) error {
	if err := tx.Hold(ctx, "openid.key"); err != nil {
		return err
	}
	keys, err := listKeys(ctx, tx, jurisdiction)
	if err != nil || len(keys) == 0 { // the first is made when it is needed
		return err
	}
	now := s.Now()
	var over []signing
	for i := current(keys, now) + 1; i < len(keys); i++ {
		switch after := keys[i-1].begins; { // the moment from which this one signs no more
		case now.Sub(after) > keyAfter:
			over = append(over, keys[i])
		case len(keys[i].half) > 0:
			if err := dropHalf(ctx, tx, jurisdiction, keys[i].id); err != nil {
				return err
			}
		}
	}
	if err := s.endKeys(ctx, tx, jurisdiction, over); err != nil {
		return err
	}
	if due := keys[0].begins.Add(keyLife - keyAhead); now.Before(due) {
		return nil
	}
	_, err = s.makeKey(ctx, tx, jurisdiction, now.Add(keyAhead))
	return err
}

// published serves the public halves.
func (s *OpenID) published(w http.ResponseWriter, r *http.Request) error {
	keys, err := listKeys(r.Context(), s.DB, s.Jurisdiction)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		if keys, err = s.firstKey(r.Context(), s.Jurisdiction); err != nil {
			return err
		}
	}
	list := make([]json.RawMessage, len(keys))
	for i, k := range keys {
		list[i] = json.RawMessage(k.public)
	}
	return web.JSON(w, http.StatusOK, map[string]any{"keys": list})
}
