// SPDX-License-Identifier: Apache-2.0

package event

// ProviderSet says that another house's word is taken from now on as it is
// said here: whose, for whom, and what it gives.
type ProviderSet struct {
	Provider, House, Kind, Issuer string
	Level                         int
	Domains, Rules                []string
	Makes, Added                  bool
}

// Name is the fact's name in the ledger.
func (ProviderSet) Name() string { return "federation.provider-set.v1" }

// Subject is the provider.
func (e ProviderSet) Subject() string { return e.Provider }

// ProviderStopped says that another house's word is not taken any more.
type ProviderStopped struct{ Provider, House, Reason string }

// Name is the fact's name in the ledger.
func (ProviderStopped) Name() string { return "federation.provider-stopped.v1" }

// Subject is the provider.
func (e ProviderStopped) Subject() string { return e.Provider }

// ProviderRemoved says that another house was forgotten, and all links to it.
type ProviderRemoved struct {
	Provider, House, Reason string
	Links                   int
}

// Name is the fact's name in the ledger.
func (ProviderRemoved) Name() string { return "federation.provider-removed.v1" }

// Subject is the provider.
func (e ProviderRemoved) Subject() string { return e.Provider }

// AccountLinked says that another house vouches for an account from now on. How
// is "address" for an account that was there, "made" for one made for it,
// "hand" for one that somebody linked at the machine.
type AccountLinked struct{ Account, Provider, House, How string }

// Name is the fact's name in the ledger.
func (AccountLinked) Name() string { return "federation.linked.v1" }

// Subject is the account.
func (e AccountLinked) Subject() string { return e.Account }

// AccountUnlinked says that another house vouches for an account no more.
type AccountUnlinked struct{ Account, Provider string }

// Name is the fact's name in the ledger.
func (AccountUnlinked) Name() string { return "federation.unlinked.v1" }

// Subject is the account.
func (e AccountUnlinked) Subject() string { return e.Account }

// WordRefused says that another house's word let nobody in, and why. Account is
// whose it would have been, where that is known.
type WordRefused struct {
	Provider, House, Reason string
	Account                 string `json:",omitempty"`
	Address                 string
}

// Name is the fact's name in the ledger.
func (WordRefused) Name() string { return "federation.refused.v1" }

// Subject is the provider.
func (e WordRefused) Subject() string { return e.Provider }

// LeftOutside says that another house told us that somebody signed out there;
// the sessions that its word began have ended.
type LeftOutside struct {
	Provider, House string
	Sessions        int
}

// Name is the fact's name in the ledger.
func (LeftOutside) Name() string { return "federation.left.v1" }

// Subject is the provider.
func (e LeftOutside) Subject() string { return e.Provider }
