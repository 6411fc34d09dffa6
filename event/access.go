// SPDX-License-Identifier: Apache-2.0

package event

// RoleGranted says that a person now holds a role in the jurisdiction.
type RoleGranted struct{ Person, Role string }

// Name is the fact's name in the ledger.
func (RoleGranted) Name() string { return "access.role-granted.v1" }

// Subject is the person.
func (e RoleGranted) Subject() string { return e.Person }

// RoleRevoked says that a person no longer holds a role in the jurisdiction.
type RoleRevoked struct{ Person, Role string }

// Name is the fact's name in the ledger.
func (RoleRevoked) Name() string { return "access.role-revoked.v1" }

// Subject is the person.
func (e RoleRevoked) Subject() string { return e.Person }
