// SPDX-License-Identifier: Apache-2.0

package event

// PersonProvisioned says that a directory's program changed an account. What is
// "made", "changed", "stopped", "restored", "removed" or, by people, "handed-over".
type PersonProvisioned struct {
	Account, What string
	Changed       []string // names of attributes
}

// Name is the fact's name in the ledger.
func (PersonProvisioned) Name() string { return "provision.person.v1" }

// Subject is the account.
func (e PersonProvisioned) Subject() string { return e.Account }

// ProvisionRefused is an alarm: a change was refused that would have let somebody
// else into an account that can open all other doors. What is "userName" for
// another address, which a directory's program wanted, or "hand-over".
type ProvisionRefused struct{ Account, What string }

// Name is the fact's name in the ledger.
func (ProvisionRefused) Name() string { return "provision.refused.v1" }

// Subject is the account.
func (e ProvisionRefused) Subject() string { return e.Account }

// GroupProvisioned says that a directory's program changed a group. What is
// "made", "changed" or "removed"; Added and Gone are accounts.
type GroupProvisioned struct {
	Group, Display, What string
	Added, Gone          []string
}

// Name is the fact's name in the ledger.
func (GroupProvisioned) Name() string { return "provision.group.v1" }

// Subject is the group.
func (e GroupProvisioned) Subject() string { return e.Group }

// GroupMapped says that from now on a group of a directory gives a role to its
// members, or gives it no more.
type GroupMapped struct {
	Group, Display, Role string
	Gives                bool
	Reason               string
}

// Name is the fact's name in the ledger.
func (GroupMapped) Name() string { return "provision.mapping.v1" }

// Subject is the group.
func (e GroupMapped) Subject() string { return e.Group }
