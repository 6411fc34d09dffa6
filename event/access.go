// SPDX-License-Identifier: Apache-2.0

package event

// RoleGranted says that a person now holds a role in the jurisdiction.
type RoleGranted struct {
	Person, Role string
	Reason       string `json:",omitempty"`
	Where        string `json:"-"` // the jurisdiction
}

// Name is the fact's name in the ledger.
func (RoleGranted) Name() string { return "access.role-granted.v1" }

// Subject is the person.
func (e RoleGranted) Subject() string { return e.Person }

// Jurisdiction is where the role is held.
func (e RoleGranted) Jurisdiction() string { return e.Where }

// RoleRevoked says that a person no longer holds a role in the jurisdiction.
type RoleRevoked struct {
	Person, Role string
	Reason       string `json:",omitempty"`
	Where        string `json:"-"` // the jurisdiction
}

// Name is the fact's name in the ledger.
func (RoleRevoked) Name() string { return "access.role-revoked.v1" }

// Subject is the person.
func (e RoleRevoked) Subject() string { return e.Person }

// Jurisdiction is where the role was held.
func (e RoleRevoked) Jurisdiction() string { return e.Where }

// SecondAsked says that somebody asked for what needs a second person.
type SecondAsked struct{ Request, Act, About, Reason string }

// Name is the fact's name in the ledger.
func (SecondAsked) Name() string { return "access.second-asked.v1" }

// Subject is the request.
func (e SecondAsked) Subject() string { return e.Request }

// SecondAgreed says that a second person agreed; whoever acts is that person.
type SecondAgreed struct{ Request, Act, About, AskedBy, Reason string }

// Name is the fact's name in the ledger.
func (SecondAgreed) Name() string { return "access.second-agreed.v1" }

// Subject is the request.
func (e SecondAgreed) Subject() string { return e.Request }

// SecondRefused says that a request ended without anything happening: refused
// by a second person, or withdrawn by who asked.
type SecondRefused struct {
	Request, Act, About, AskedBy, Reason string
	Withdrawn                            bool
}

// Name is the fact's name in the ledger.
func (SecondRefused) Name() string { return "access.second-refused.v1" }

// Subject is the request.
func (e SecondRefused) Subject() string { return e.Request }

// PolicyApplied says that another version of an office's own policies is in
// force.
type PolicyApplied struct {
	Version         int64
	Hash            string // sha256 of the text
	AskedBy, Reason string
}

// Name is the fact's name in the ledger.
func (PolicyApplied) Name() string { return "access.policy-applied.v1" }

// ReviewOpened says that a review of all grants began.
type ReviewOpened struct {
	Review, Reason, Due string
	Grants              int
}

// Name is the fact's name in the ledger.
func (ReviewOpened) Name() string { return "access.review-opened.v1" }

// Subject is the review.
func (e ReviewOpened) Subject() string { return e.Review }

// ReviewDecided says that a grant under review was kept or revoked.
type ReviewDecided struct{ Review, Place, Person, Role, Decision, Note string }

// Name is the fact's name in the ledger.
func (ReviewDecided) Name() string { return "access.review-decided.v1" }

// Subject is the person whose grant it is.
func (e ReviewDecided) Subject() string { return e.Person }

// ReviewAttested says that a review is over: whoever acts attests that each
// grant was looked at. Hash is the sha256 of what they attest.
type ReviewAttested struct {
	Review, Hash  string
	Kept, Revoked int
}

// Name is the fact's name in the ledger.
func (ReviewAttested) Name() string { return "access.review-attested.v1" }

// Subject is the review.
func (e ReviewAttested) Subject() string { return e.Review }
