// SPDX-License-Identifier: Apache-2.0

package event

import "hustings/election"

// DefinitionDrafted says that a draft of an election's definition was made or changed.
type DefinitionDrafted struct {
	Election election.ID
	Version  int64
	Hash     string
	From     string // what it came from: a file's name, or "edited"
}

// Name is the fact's name in the ledger.
func (DefinitionDrafted) Name() string { return "definition.drafted.v1" }

// Subject is the election.
func (e DefinitionDrafted) Subject() string { return string(e.Election) }

// DefinitionLocked says that a version of a definition can no longer change:
// results may refer to it by its hash.
type DefinitionLocked struct {
	Election election.ID
	Version  int64
	Hash     string
}

// Name is the fact's name in the ledger.
func (DefinitionLocked) Name() string { return "definition.locked.v1" }

// Subject is the election.
func (e DefinitionLocked) Subject() string { return string(e.Election) }

// DefinitionSuperseded says that a locked version has given way to another.
type DefinitionSuperseded struct {
	Election     election.ID
	Version, New int64
	Reason       string
}

// Name is the fact's name in the ledger.
func (DefinitionSuperseded) Name() string { return "definition.superseded.v1" }

// Subject is the election.
func (e DefinitionSuperseded) Subject() string { return string(e.Election) }

// AliasSet says that a person decided what an outside name means.
type AliasSet struct {
	Election election.ID
	Kind     string // unit, contest, choice or vote-type
	Outside  string
	Means    string
}

// Name is the fact's name in the ledger.
func (AliasSet) Name() string { return "definition.alias-set.v1" }

// Subject is the election.
func (e AliasSet) Subject() string { return string(e.Election) }

// AliasRemoved says that an outside name no longer means anything.
type AliasRemoved struct {
	Election      election.ID
	Kind, Outside string
}

// Name is the fact's name in the ledger.
func (AliasRemoved) Name() string { return "definition.alias-removed.v1" }

// Subject is the election.
func (e AliasRemoved) Subject() string { return string(e.Election) }
