// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
)

// Passkey is a key pair of which the private half stays with the person: on a
// security key, a phone or a computer.
type Passkey struct {
	ID, Account, Name string
	Synced            bool // its maker's cloud may copy it to the person's other devices
	Cloned            bool // its counter once went backwards
	Created, Used     time.Time

	key                []byte
	aaguid, transports string
	counter            int64
	backedUp           bool
}

// Level is what a proof by the passkey is worth. One that can be copied to
// other devices is not of level 3: NIST SP 800-63B-4, section 3.1.7 and
// appendix B.
func (k Passkey) Level() int {
	if k.Synced {
		return 2
	}
	return 3
}

// credential is the passkey as the library knows it.
func (k Passkey) credential() (c webauthn.Credential, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(k.ID)
	if err != nil {
		return c, err
	}
	c = webauthn.Credential{ID: raw, PublicKey: k.key,
		Flags:         webauthn.CredentialFlags{UserPresent: true, UserVerified: true, BackupEligible: k.Synced, BackupState: k.backedUp},
		Authenticator: webauthn.Authenticator{SignCount: uint32(k.counter)}} // #nosec G115: it came from a uint32
	for t := range strings.FieldsSeq(k.transports) {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c, nil
}

// holder is an account as the library knows it.
type holder struct {
	account     Account
	credentials []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.account.ID) }
func (h holder) WebAuthnName() string                       { return h.account.Email }
func (h holder) WebAuthnDisplayName() string                { return h.account.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func (s *Identity) holder(ctx context.Context, q db.Reader, account string) (h holder, err error) {
	if h.account, err = findByID(ctx, q, s.Jurisdiction, account); err != nil {
		return h, err
	}
	keys, err := listPasskeys(ctx, q, s.Jurisdiction, account)
	if err != nil {
		return h, err
	}
	for _, k := range keys {
		c, err := k.credential()
		if err != nil {
			return h, err
		}
		h.credentials = append(h.credentials, c)
	}
	return h, nil
}

// Site is the address at which the office's pages are reached. Passkeys belong
// to its host.
type Site struct {
	Host   string // "office.vale.example", or "localhost" on one machine
	Origin string // "https://office.vale.example"
}

// party is the library for a site.
func (s *Identity) party(at Site) (*webauthn.WebAuthn, error) {
	if protocol.ValidateRPID(at.Host) != nil {
		return nil, fault.New(fault.Invalid, "Passkeys need a name in the address of this page, and %q is a number. Open the page by its name (on this machine: localhost), or use an authenticator app.", at.Host)
	}
	return webauthn.New(&webauthn.Config{
		RPID: at.Host, RPDisplayName: cmp.Or(s.Office, "Hustings"), RPOrigins: []string{at.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired},
	})
}

// Challenge is what a browser hands to a passkey, and the key by which the
// answer finds its ceremony.
type Challenge struct {
	Ceremony hide.String
	Options  any // for navigator.credentials, as JSON
}

// The kinds of passkey ceremonies.
const (
	addPasskey   = "passkey to add"
	enterPasskey = "passkey to sign in"
	againPasskey = "passkey once more"
)

// ceremonyLife is how long a challenge waits for its answer.
const ceremonyLife = 5 * time.Minute

// begun keeps a ceremony until its answer comes.
func (s *Identity) begun(ctx context.Context, kind, account string, data any, life time.Duration) (key hide.String, err error) {
	body, err := json.Marshal(data)
	if err != nil {
		return key, err
	}
	secret, now := id.Token(32), s.Now()
	return hide.New(secret), s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Silently("a challenge was given out; its answer is recorded")
		return insertCeremony(ctx, tx, s.Jurisdiction, digest(secret), ceremony{kind, account, string(body)}, now, now.Add(life))
	})
}

// ended takes a ceremony, so that an answer is good only once, and reads what
// was kept of it.
func (s *Identity) ended(ctx context.Context, kind string, key hide.String, data any) (account string, err error) {
	var c ceremony
	ok := false
	err = s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Silently("a challenge was taken back; its answer is recorded")
		c, ok, err = takeCeremony(ctx, tx, s.Jurisdiction, digest(key.Reveal()), kind, s.Now())
		return err
	})
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", errStale
	}
	return c.account, json.Unmarshal([]byte(c.data), data)
}

var errStale = fault.New(fault.Gone, "This step was begun too long ago, or has been answered already. Begin it again.")

// acting gives a context somebody who acts: before a sign-in there is nobody.
func (s *Identity) acting(ctx context.Context) context.Context {
	if who.From(ctx).Known() {
		return ctx
	}
	return who.With(ctx, who.System("identity", s.Jurisdiction))
}

// OfferPasskey begins to add a passkey to an account.
func (s *Identity) OfferPasskey(ctx context.Context, at Site, account string) (c Challenge, err error) {
	party, err := s.party(at)
	if err != nil {
		return c, err
	}
	h, err := s.holder(ctx, s.DB, account)
	if err != nil {
		return c, err
	}
	var known []protocol.CredentialDescriptor
	for _, k := range h.credentials {
		known = append(known, k.Descriptor())
	}
	options, kept, err := party.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return c, err
	}
	c.Options = options
	c.Ceremony, err = s.begun(ctx, addPasskey, account, kept, ceremonyLife)
	return c, err
}

var errPasskeyNew = fault.New(fault.Invalid, "The new passkey could not be taken. Begin again; if it goes wrong once more, try another device or browser.")

// created checks the answer of a ceremony that adds a passkey to an account.
func (s *Identity) created(ctx context.Context, at Site, account string, key hide.String, answer []byte) (k Passkey, err error) {
	party, err := s.party(at)
	if err != nil {
		return k, err
	}
	var kept webauthn.SessionData
	whose, err := s.ended(ctx, addPasskey, key, &kept)
	if err != nil {
		return k, err
	}
	if whose != account {
		return k, errStale
	}
	h, err := s.holder(ctx, s.DB, account)
	if err != nil {
		return k, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return k, refusedBecause(errPasskeyNew, err)
	}
	c, err := party.CreateCredential(h, kept, parsed)
	if err != nil {
		return k, refusedBecause(errPasskeyNew, err)
	}
	if weak(c.PublicKey) {
		return k, errWeakKey
	}
	k = Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Account: account, Created: s.Now(), key: c.PublicKey,
		Synced: c.Flags.BackupEligible, backedUp: c.Flags.BackupState, counter: int64(c.Authenticator.SignCount)}
	k.aaguid = hex.EncodeToString(c.Authenticator.AAGUID)
	for _, t := range c.Transport {
		k.transports = strings.TrimSpace(k.transports + " " + clip(string(t), 20))
	}
	return k, nil
}

var errWeakKey = fault.New(fault.Invalid, "This passkey's key is too short to be safe for years. Use another device or security key.")

// weak says whether a public key is worth less than 128 bits: RSA of fewer than
// 3,072 bits (NIST SP 800-57 part 1, table 2). Whatever else the library takes
// is worth that much.
func weak(cose []byte) bool {
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return true
	}
	rsa, ok := key.(webauthncose.RSAPublicKeyData)
	return ok && len(bytes.TrimLeft(rsa.Modulus, "\x00"))*8 < 3072
}

// refusedBecause is a refusal that keeps its cause for the operator.
func refusedBecause(said *fault.Error, cause error) error {
	var detail *protocol.Error
	if errors.As(cause, &detail) && detail.DevInfo != "" {
		cause = errors.New(detail.Details + ": " + detail.DevInfo)
	}
	f := *said
	f.Err = cause
	return &f
}

// mostPasskeys is how many passkeys an account may have.
const mostPasskeys = 20

// keepPasskey adds a checked passkey to its account.
func (s *Identity) keepPasskey(ctx context.Context, tx *db.Tx, k *Passkey, name string) error {
	if err := touchAccount(ctx, tx, s.Jurisdiction, k.Account); err != nil {
		return err
	}
	have, err := listPasskeys(ctx, tx, s.Jurisdiction, k.Account)
	if err != nil {
		return err
	}
	if len(have) >= mostPasskeys {
		return fault.New(fault.Invalid, "An account has at most %d passkeys. Remove one that is not used any more.", mostPasskeys)
	}
	if k.Name = cleanName(name); k.Name == "" {
		k.Name = "Passkey " + s.Now().UTC().Format(time.DateOnly)
	}
	if err := insertPasskey(ctx, tx, s.Jurisdiction, *k); err != nil {
		return err
	}
	tx.Record(event.PasskeyAdded{Account: k.Account, Passkey: k.ID, Label: k.Name, Synced: k.Synced})
	return s.note(ctx, tx, k.Account, entry{What: "passkey-added", Detail: k.Name, Alert: true}, Place{})
}

// cleanName is a name as people type it, on one line and not too long.
func cleanName(name string) string {
	line := []rune(strings.Join(strings.Fields(name), " "))
	return string(line[:min(60, len(line))])
}

// AddPasskey ends what OfferPasskey began: the account has one more passkey.
func (s *Identity) AddPasskey(ctx context.Context, at Site, account, name string, key hide.String, answer []byte) (Passkey, error) {
	k, err := s.created(ctx, at, account, key, answer)
	if err != nil {
		return k, err
	}
	return k, s.DB.Write(ctx, func(tx *db.Tx) error { return s.keepPasskey(ctx, tx, &k, name) })
}

// RenamePasskey gives a passkey the name that its owner knows it by.
func (s *Identity) RenamePasskey(ctx context.Context, account, passkey, name string) error {
	if name = cleanName(name); name == "" {
		return fault.On("name", fault.New(fault.Invalid, "Give the passkey a name."))
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		ok, err := renamePasskey(ctx, tx, s.Jurisdiction, account, passkey, name)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "There is no such passkey.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.PasskeyRenamed{Account: account, Passkey: passkey, Label: name})
		return nil
	})
}

// RemovePasskey ends a passkey, unless it is the last way into the account.
func (s *Identity) RemovePasskey(ctx context.Context, account, passkey string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		var label string
		err := s.leaves(ctx, tx, account, func(f *Factors) {
			for i, k := range f.Passkeys {
				if k.ID == passkey {
					label = k.Name
					f.Passkeys = append(f.Passkeys[:i:i], f.Passkeys[i+1:]...)
					return
				}
			}
		})
		if err != nil {
			return err
		}
		ok, err := deletePasskey(ctx, tx, s.Jurisdiction, account, passkey)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "There is no such passkey.")
		}
		if err != nil {
			return err
		}
		tx.Record(event.PasskeyRemoved{Account: account, Passkey: passkey, Label: label})
		return s.note(ctx, tx, account, entry{What: "passkey-removed", Detail: label, Alert: true}, Place{})
	})
}

// AskPasskey begins a sign-in by whatever passkey the person chooses. Nobody
// says who they are before, so nothing can be learned about who exists.
func (s *Identity) AskPasskey(ctx context.Context, at Site) (c Challenge, err error) {
	party, err := s.party(at)
	if err != nil {
		return c, err
	}
	options, kept, err := party.BeginDiscoverableLogin()
	if err != nil {
		return c, err
	}
	c.Options = options
	c.Ceremony, err = s.begun(ctx, enterPasskey, "", kept, ceremonyLife)
	return c, err
}

var errPasskey = fault.New(fault.SignIn, "The passkey was not accepted. Try again, try another passkey, or sign in with your password and the code of your app.")

// SignInByPasskey ends what AskPasskey began and begins a session.
func (s *Identity) SignInByPasskey(ctx context.Context, at Site, key hide.String, answer []byte, from Place) (e Entry, err error) {
	k, counter, backedUp, err := s.signed(ctx, at, enterPasskey, "", key, answer)
	if fault.KindOf(err) == fault.SignIn {
		return e, s.refusePasskey(ctx, k, from, err)
	}
	if err != nil {
		return e, err
	}
	a, err := findByID(ctx, s.DB, s.Jurisdiction, k.Account)
	if err != nil {
		return e, err
	}
	ctx = who.With(ctx, who.Person{ID: a.ID, Name: a.Name, Jurisdiction: s.Jurisdiction, Via: who.Browser})
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := s.countPasskey(ctx, tx, k, counter, backedUp); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, a, proof{method: byPasskey, level: k.Level()}, from)
		return err
	})
	if fault.KindOf(err) == fault.SignIn {
		return e, s.refusePasskey(ctx, k, from, err)
	}
	return e, err
}

// signed checks the answer of a ceremony in which a passkey signs; account is
// whose it must be, "" for anybody's.
func (s *Identity) signed(ctx context.Context, at Site, kind, account string, key hide.String, answer []byte) (k Passkey, counter int64, backedUp bool, err error) {
	party, err := s.party(at)
	if err != nil {
		return k, 0, false, err
	}
	var kept webauthn.SessionData
	whose, err := s.ended(ctx, kind, key, &kept)
	if err != nil {
		return k, 0, false, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil || whose != account {
		return k, 0, false, refusedBecause(errPasskey, err)
	}
	find := func(raw, handle []byte) (webauthn.User, error) {
		if k, err = findPasskey(ctx, s.DB, s.Jurisdiction, base64.RawURLEncoding.EncodeToString(raw)); err != nil {
			return nil, err
		}
		if k.Account != string(handle) || account != "" && k.Account != account {
			return nil, errors.New("the passkey is another account's")
		}
		return s.holder(ctx, s.DB, k.Account)
	}
	_, c, err := party.ValidatePasskeyLogin(find, kept, parsed)
	if err != nil {
		return k, 0, false, refusedBecause(errPasskey, err)
	}
	return k, int64(c.Authenticator.SignCount), c.Flags.BackupState, nil
}

// countPasskey takes down a signature. Where the counter did not go forward
// there may be a copy of the passkey, and it is refused.
func (s *Identity) countPasskey(ctx context.Context, tx *db.Tx, k Passkey, counter int64, backedUp bool) error {
	if counter > 0 && counter <= k.counter {
		return errCloned
	}
	ok, err := usePasskey(ctx, tx, s.Jurisdiction, k, counter, backedUp, s.Now())
	if err == nil && !ok {
		err = errCloned
	}
	return err
}

var errCloned = refusedBecause(errPasskey, errors.New("the passkey's counter did not go forward: there may be a copy of it"))

// refusePasskey takes a refusal down and gives back what the person is told.
func (s *Identity) refusePasskey(ctx context.Context, k Passkey, from Place, why error) error {
	reason := "passkey not accepted"
	var f *fault.Error
	if errors.As(why, &f) && f.Err != nil {
		reason = "passkey not accepted: " + clip(f.Err.Error(), 200)
	}
	err := s.DB.Write(s.acting(ctx), func(tx *db.Tx) error {
		tx.Record(event.SignInRefused{Account: k.Account, Address: from.at(), Reason: reason})
		if k.Account == "" {
			return nil
		}
		if errors.Is(why, errCloned) {
			tx.Record(event.PasskeyCloned{Account: k.Account, Passkey: k.ID})
			if err := markCloned(ctx, tx, s.Jurisdiction, k.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, k.Account, entry{What: "refused", Detail: "passkey", Alert: errors.Is(why, errCloned)}, from)
	})
	if err != nil {
		return err
	}
	return errPasskey
}
