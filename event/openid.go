// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// SatelliteAdded says that people may sign in to a satellite, a program of the
// office, with their account here.
type SatelliteAdded struct {
	Client, Label            string
	Public                   bool
	Redirects, Scopes, Roles []string
	Level                    int
}

// Name is the fact's name in the ledger.
func (SatelliteAdded) Name() string { return "openid.added.v1" }

// Subject is the satellite.
func (e SatelliteAdded) Subject() string { return e.Client }

// SatelliteRemoved says that nobody signs in to a satellite from here any more.
type SatelliteRemoved struct{ Client, Label, Reason string }

// Name is the fact's name in the ledger.
func (SatelliteRemoved) Name() string { return "openid.removed.v1" }

// Subject is the satellite.
func (e SatelliteRemoved) Subject() string { return e.Client }

// SatelliteSecretMade says that a satellite has a new secret, and that the one
// before opens nothing.
type SatelliteSecretMade struct{ Client, Label string }

// Name is the fact's name in the ledger.
func (SatelliteSecretMade) Name() string { return "openid.secret-made.v1" }

// Subject is the satellite.
func (e SatelliteSecretMade) Subject() string { return e.Client }

// SatelliteEntered says that a person has signed in to a satellite.
type SatelliteEntered struct {
	Account, Client, Label, Session string
	Scopes                          []string
	Level                           int
}

// Name is the fact's name in the ledger.
func (SatelliteEntered) Name() string { return "openid.entered.v1" }

// Subject is the account.
func (e SatelliteEntered) Subject() string { return e.Account }

// SatelliteRefused says that a person asked to sign in to a satellite that is
// not for them.
type SatelliteRefused struct{ Account, Client, Label, Reason string }

// Name is the fact's name in the ledger.
func (SatelliteRefused) Name() string { return "openid.refused.v1" }

// Subject is the account.
func (e SatelliteRefused) Subject() string { return e.Account }

// CodeReplayed is an alarm: a code came a second time, so somebody else has
// seen it. What it had opened is closed.
type CodeReplayed struct{ Account, Client, Label string }

// Name is the fact's name in the ledger.
func (CodeReplayed) Name() string { return "openid.replayed.v1" }

// Subject is the account.
func (e CodeReplayed) Subject() string { return e.Account }

// SatelliteTokenEnded says that a satellite gave back its access to what the
// house says about a person.
type SatelliteTokenEnded struct{ Account, Client, Label string }

// Name is the fact's name in the ledger.
func (SatelliteTokenEnded) Name() string { return "openid.token-ended.v1" }

// Subject is the account.
func (e SatelliteTokenEnded) Subject() string { return e.Account }

// SatelliteLeft says that a session has ended with which a person was signed in
// to a satellite, and that the satellite will be told where it asks for that.
type SatelliteLeft struct {
	Account, Client, Session string
	Tell                     bool
}

// Name is the fact's name in the ledger.
func (SatelliteLeft) Name() string { return "openid.left.v1" }

// Subject is the account.
func (e SatelliteLeft) Subject() string { return e.Account }

// SignOutTold says whether a satellite has taken it that a session is over.
type SignOutTold struct {
	Account, Client, Session string
	Taken                    bool
	Problem                  string `json:",omitzero"`
}

// Name is the fact's name in the ledger.
func (SignOutTold) Name() string { return "openid.told.v1" }

// Subject is the account.
func (e SignOutTold) Subject() string { return e.Account }

// SigningKeyMade says that there is a new key for what satellites are told, and
// from when it signs.
type SigningKeyMade struct {
	Key    string
	Begins time.Time
}

// Name is the fact's name in the ledger.
func (SigningKeyMade) Name() string { return "openid.key-made.v1" }

// Subject is the key.
func (e SigningKeyMade) Subject() string { return e.Key }

// SigningKeysEnded says that keys sign nothing more and are not published any
// more.
type SigningKeysEnded struct{ Keys []string }

// Name is the fact's name in the ledger.
func (SigningKeysEnded) Name() string { return "openid.keys-ended.v1" }
