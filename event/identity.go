// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// AccountAdded says that there is a new account. Kind is empty for a person's,
// else "service" for a program's or "envelope" for the sealed one.
type AccountAdded struct {
	Account, Person string
	Kind            string `json:",omitzero"`
}

// Name is the fact's name in the ledger.
func (AccountAdded) Name() string { return "identity.account-added.v1" }

// Subject is the account.
func (e AccountAdded) Subject() string { return e.Account }

// AccountRenamed says that an account has another name, or another address to
// sign in with.
type AccountRenamed struct {
	Account, Person string
	NewAddress      bool `json:",omitzero"`
}

// Name is the fact's name in the ledger.
func (AccountRenamed) Name() string { return "identity.account-renamed.v1" }

// Subject is the account.
func (e AccountRenamed) Subject() string { return e.Account }

// AccountDisabled says that a member of staff can no longer sign in.
type AccountDisabled struct{ Account, Reason string }

// Name is the fact's name in the ledger.
func (AccountDisabled) Name() string { return "identity.account-disabled.v1" }

// Subject is the account.
func (e AccountDisabled) Subject() string { return e.Account }

// AccountEnabled says that a disabled account may sign in again.
type AccountEnabled struct{ Account string }

// Name is the fact's name in the ledger.
func (AccountEnabled) Name() string { return "identity.account-enabled.v1" }

// Subject is the account.
func (e AccountEnabled) Subject() string { return e.Account }

// PasswordChanged says that an account has a new password; all its sessions ended.
type PasswordChanged struct{ Account string }

// Name is the fact's name in the ledger.
func (PasswordChanged) Name() string { return "identity.password-changed.v1" }

// Subject is the account.
func (e PasswordChanged) Subject() string { return e.Account }

// SignedIn says that a person began a session.
type SignedIn struct {
	Account, Address, Agent string
	Session, Method         string `json:",omitzero"`
	Level                   int    `json:",omitzero"`
	NewBrowser              bool   `json:",omitzero"` // and it is not their first
}

// Name is the fact's name in the ledger.
func (SignedIn) Name() string { return "identity.signed-in.v1" }

// Subject is the account.
func (e SignedIn) Subject() string { return e.Account }

// SignInRefused says that a sign-in failed. Account is empty where there is
// none of that name; what was typed is not kept, it may be a password.
type SignInRefused struct {
	Account, Address, Reason string
	LockedUntil              time.Time `json:",omitzero"`
}

// Name is the fact's name in the ledger.
func (SignInRefused) Name() string { return "identity.sign-in-refused.v1" }

// Subject is the account.
func (e SignInRefused) Subject() string { return e.Account }

// SignedOut says that a person ended a session.
type SignedOut struct{ Account string }

// Name is the fact's name in the ledger.
func (SignedOut) Name() string { return "identity.signed-out.v1" }

// Subject is the account.
func (e SignedOut) Subject() string { return e.Account }

// TokenMade says that a program may act for an account until a day. Scope is
// the permissions that it is good for; empty: all of the account's.
type TokenMade struct {
	Account, Token, Purpose string
	Expires                 time.Time
	Scope                   string `json:",omitzero"`
}

// Name is the fact's name in the ledger.
func (TokenMade) Name() string { return "identity.token-made.v1" }

// Subject is the account.
func (e TokenMade) Subject() string { return e.Account }

// TokenRevoked says that a token no longer works.
type TokenRevoked struct{ Account, Token string }

// Name is the fact's name in the ledger.
func (TokenRevoked) Name() string { return "identity.token-revoked.v1" }

// Subject is the account.
func (e TokenRevoked) Subject() string { return e.Account }

// AccountExpires says that an account ends on a day, or with no day that it does not.
type AccountExpires struct {
	Account string
	At      time.Time `json:",omitzero"`
}

// Name is the fact's name in the ledger.
func (AccountExpires) Name() string { return "identity.account-expires.v1" }

// Subject is the account.
func (e AccountExpires) Subject() string { return e.Account }

// LinkMade says that a one-time link was made with which a person chooses how to sign in.
type LinkMade struct {
	Account string // empty: the first administrator's
	Expires time.Time
	Reset   bool // all that the account signed in with before was taken away
}

// Name is the fact's name in the ledger.
func (LinkMade) Name() string { return "identity.link-made.v1" }

// Subject is the account.
func (e LinkMade) Subject() string { return e.Account }

// LinkUsed says that a person has used their one-time link.
type LinkUsed struct{ Account string }

// Name is the fact's name in the ledger.
func (LinkUsed) Name() string { return "identity.link-used.v1" }

// Subject is the account.
func (e LinkUsed) Subject() string { return e.Account }

// PasskeyAdded says that a person can sign in with one more passkey.
type PasskeyAdded struct {
	Account, Passkey, Label string
	Synced                  bool
}

// Name is the fact's name in the ledger.
func (PasskeyAdded) Name() string { return "identity.passkey-added.v1" }

// Subject is the account.
func (e PasskeyAdded) Subject() string { return e.Account }

// PasskeyRenamed says that a passkey has another name.
type PasskeyRenamed struct{ Account, Passkey, Label string }

// Name is the fact's name in the ledger.
func (PasskeyRenamed) Name() string { return "identity.passkey-renamed.v1" }

// Subject is the account.
func (e PasskeyRenamed) Subject() string { return e.Account }

// PasskeyRemoved says that a passkey no longer signs in.
type PasskeyRemoved struct{ Account, Passkey, Label string }

// Name is the fact's name in the ledger.
func (PasskeyRemoved) Name() string { return "identity.passkey-removed.v1" }

// Subject is the account.
func (e PasskeyRemoved) Subject() string { return e.Account }

// PasskeyCloned says that a passkey's counter went backwards: there may be a copy of it.
type PasskeyCloned struct{ Account, Passkey string }

// Name is the fact's name in the ledger.
func (PasskeyCloned) Name() string { return "identity.passkey-cloned.v1" }

// Subject is the account.
func (e PasskeyCloned) Subject() string { return e.Account }

// AppAdded says that a person's authenticator app gives codes that count.
type AppAdded struct{ Account string }

// Name is the fact's name in the ledger.
func (AppAdded) Name() string { return "identity.app-added.v1" }

// Subject is the account.
func (e AppAdded) Subject() string { return e.Account }

// AppRemoved says that the codes of a person's authenticator app no longer count.
type AppRemoved struct{ Account string }

// Name is the fact's name in the ledger.
func (AppRemoved) Name() string { return "identity.app-removed.v1" }

// Subject is the account.
func (e AppRemoved) Subject() string { return e.Account }

// PasswordRemoved says that an account has no password any more.
type PasswordRemoved struct{ Account string }

// Name is the fact's name in the ledger.
func (PasswordRemoved) Name() string { return "identity.password-removed.v1" }

// Subject is the account.
func (e PasswordRemoved) Subject() string { return e.Account }

// RecoveryCodesMade says that a person has new recovery codes; earlier ones no longer count.
type RecoveryCodesMade struct {
	Account string
	Codes   int
}

// Name is the fact's name in the ledger.
func (RecoveryCodesMade) Name() string { return "identity.recovery-codes-made.v1" }

// Subject is the account.
func (e RecoveryCodesMade) Subject() string { return e.Account }

// RecoveryCodeUsed says that a recovery code was used in place of an app.
type RecoveryCodeUsed struct {
	Account string
	Left    int
}

// Name is the fact's name in the ledger.
func (RecoveryCodeUsed) Name() string { return "identity.recovery-code-used.v1" }

// Subject is the account.
func (e RecoveryCodeUsed) Subject() string { return e.Account }

// ProvedAgain says that a person proved once more that it is them.
type ProvedAgain struct {
	Account, Session, Method string
	Level                    int
}

// Name is the fact's name in the ledger.
func (ProvedAgain) Name() string { return "identity.proved-again.v1" }

// Subject is the account.
func (e ProvedAgain) Subject() string { return e.Account }

// ProofRefused says that somebody in a session could not prove that it is them.
type ProofRefused struct{ Account, Session, Reason string }

// Name is the fact's name in the ledger.
func (ProofRefused) Name() string { return "identity.proof-refused.v1" }

// Subject is the account.
func (e ProofRefused) Subject() string { return e.Account }

// SessionEnded says that a session was ended other than by signing out.
type SessionEnded struct{ Account, Session, Reason string }

// Name is the fact's name in the ledger.
func (SessionEnded) Name() string { return "identity.session-ended.v1" }

// Subject is the account.
func (e SessionEnded) Subject() string { return e.Account }

// EnvelopeSealed says that there is a new envelope for emergencies, and that earlier ones no longer open anything.
type EnvelopeSealed struct {
	Account string
	Roles   []string
}

// Name is the fact's name in the ledger.
func (EnvelopeSealed) Name() string { return "identity.envelope-sealed.v1" }

// Subject is the account.
func (e EnvelopeSealed) Subject() string { return e.Account }

// EnvelopeOpened is an alarm: the envelope for emergencies was opened, by whom as they say, and why.
type EnvelopeOpened struct{ Account, Person, Reason, Address string }

// Name is the fact's name in the ledger.
func (EnvelopeOpened) Name() string { return "identity.envelope-opened.v1" }

// Subject is the account.
func (e EnvelopeOpened) Subject() string { return e.Account }

// EnvelopeSeen says that somebody has looked into the opening of the envelope.
type EnvelopeSeen struct{ Account, Note string }

// Name is the fact's name in the ledger.
func (EnvelopeSeen) Name() string { return "identity.envelope-seen.v1" }

// Subject is the account.
func (e EnvelopeSeen) Subject() string { return e.Account }
