// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// AccountAdded says that a member of staff can now sign in.
type AccountAdded struct{ Account, Person string }

// Name is the fact's name in the ledger.
func (AccountAdded) Name() string { return "identity.account-added.v1" }

// Subject is the account.
func (e AccountAdded) Subject() string { return e.Account }

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
type SignedIn struct{ Account, Address, Agent string }

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

// TokenMade says that a program may act for an account until a day.
type TokenMade struct {
	Account, Token, Purpose string
	Expires                 time.Time
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
