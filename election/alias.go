// SPDX-License-Identifier: Apache-2.0

package election

// AliasKind is what an alias names.
type AliasKind string

// What can have an alias.
const (
	UnitAlias    AliasKind = "unit"
	ContestAlias AliasKind = "contest"
	ChoiceAlias  AliasKind = "choice"
	TypeAlias    AliasKind = "vote-type"
)

// Alias says that a name in a file means something in the definition, because
// a person said so. It is compared without regard to case and spaces.
type Alias struct {
	Kind     AliasKind `json:"kind"`
	County   string    `json:"county,omitempty"`   // only in this county, as the file names it; empty: in any
	Contest  string    `json:"contest,omitempty"`  // of a choice: only in this contest, by its id; empty: in any
	District string    `json:"district,omitempty"` // of a contest: the file's district; of a choice: unused
	Name     string    `json:"name"`
	Party    string    `json:"party,omitempty"` // only with this party, as the file names it; empty: with any
	ID       string    `json:"id"`              // of the unit, contest, choice or vote type
}

// Ballot is an election whose definition is locked.
type Ballot struct {
	Election ID
	Name     Text
	Hash     string // of the locked definition
}
