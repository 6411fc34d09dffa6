// SPDX-License-Identifier: Apache-2.0

// Package definition keeps what is on the ballot: elections with their
// contests, units, districts, styles, places and vote types.
//
//	imported -> previewed -> draft -> locked (named by its hash) -> superseded, with a reason
//
// The inner package convert reads and writes outside formats and compares
// definitions; it is pure.
//
// Tables:  definition_version, definition_alias
// Tells:   definition.drafted.v1, definition.locked.v1, definition.superseded.v1, definition.alias-set.v1
// Asks:    nobody
package definition

import (
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"hustings/election"
	"hustings/event"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/room"
	"hustings/kit/web"
	"hustings/kit/who"
	"hustings/office/definition/convert"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed words/*.json
var sentences embed.FS

// Deps is what the room needs from the house.
type Deps struct {
	DB           *db.DB
	Blobs        blob.Store
	Now          func() time.Time
	Jurisdiction string
	MaxFile      int64 // bytes of one imported file; 64 MiB where zero
}

// Definition is the room.
type Definition struct {
	Deps
	mu    sync.Mutex // guards known
	known map[string]*election.Definition
}

// keptDefinitions bounds the definitions kept in memory.
const keptDefinitions = 16

// New opens the room.
func New(d Deps) *Definition {
	if d.MaxFile == 0 {
		d.MaxFile = 64 << 20
	}
	return &Definition{Deps: d, known: make(map[string]*election.Definition)}
}

// Room is everything that definition brings into the house.
func (s *Definition) Room() room.Room {
	return room.Room{
		Name: "definition",
		Permissions: []room.Permission{
			{Name: "definition.view", Doc: "see definitions and export them"},
			{Name: "definition.edit", Doc: "import into a draft, and say what outside names mean"},
			{Name: "definition.lock", Doc: "lock a draft, and supersede a locked version", Level: 2, Fresh: 30 * time.Minute},
		},
		Migrations: migrations,
		Words:      []fs.FS{sentences, convert.Words},
		Routes: []web.Route{
			{Pattern: "GET /definition", Needs: "definition.view", Do: s.showAll},
			{Pattern: "GET /definition/import", Needs: "definition.edit", Do: s.showImport},
			{Pattern: "POST /definition/import", Needs: "definition.edit", MaxBody: s.MaxFile + 1<<20, Timeout: 5 * time.Minute, Do: s.preview},
			{Pattern: "POST /definition/draft", Needs: "definition.edit", Do: s.keepDraft},
			{Pattern: "GET /definition/template.xlsx", Needs: "definition.view", Do: s.template},
			{Pattern: "GET /definition/{election}", Needs: "definition.view", Do: s.showOne},
			{Pattern: "GET /definition/{election}/export/{format}", Needs: "definition.view", Timeout: 2 * time.Minute, Do: s.export},
			{Pattern: "POST /definition/{election}/lock", Needs: "definition.lock", Do: s.lock},
			{Pattern: "GET /definition/{election}/aliases", Needs: "definition.view", Do: s.showAliases},
			{Pattern: "POST /definition/{election}/aliases", Needs: "definition.edit", Do: s.saveAlias},
			{Pattern: "POST /definition/{election}/aliases/remove", Needs: "definition.edit", Do: s.dropAlias},
		},
		Menu: []web.Item{{Path: "/definition", Key: "definition.menu", Needs: "definition.view", Order: 20}},
	}
}

// State is how firm a version is.
type State string

// The states of a version.
const (
	Draft      State = "draft"
	Locked     State = "locked"
	Superseded State = "superseded"
)

// Version is one version of an election's definition.
type Version struct {
	Election  election.ID
	Number    int64
	State     State
	Name      election.Text
	Day       election.Date
	Hash      string
	Source    string
	DraftedAt time.Time
	LockedAt  time.Time
	Reason    string
	body      string
	draftedBy string
}

// SaveDraft keeps a definition as the draft of its election, in place of the
// draft that is there, whatever that is. from names the file it came from.
func (s *Definition) SaveDraft(ctx context.Context, def *election.Definition, from string) (Version, error) {
	return s.saveDraft(ctx, def, from, nil)
}

// saveDraft is SaveDraft on the condition that the draft that it takes the
// place of has the hash *over ("" for none), so that nobody's work is lost
// unseen.
func (s *Definition) saveDraft(ctx context.Context, def *election.Definition, from string, over *string) (v Version, err error) {
	body, err := json.Marshal(def)
	if err != nil {
		return v, err
	}
	key, err := s.Blobs.Put(ctx, body)
	if err != nil {
		return v, err
	}
	me := who.From(ctx)
	v = Version{Election: def.Election.ID, State: Draft, Name: def.Election.Name, Day: def.Election.End, Hash: def.Hash(),
		Source: from, DraftedAt: s.Now(), body: key, draftedBy: me.ID}
	if v.Election == "" {
		return v, fault.New(fault.Invalid, "The file does not name its election; add an id, a name and a day.")
	}
	return v, s.DB.Write(ctx, func(tx *db.Tx) error {
		was, err := findVersion(ctx, tx, s.Jurisdiction, v.Election, Draft)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if over != nil && was.Hash != *over {
			return fault.New(fault.Conflict, "The draft has changed since you looked. Look at it again.")
		}
		if v.Number, err = replaceDraft(ctx, tx, s.Jurisdiction, v); err != nil {
			return err
		}
		tx.Record(event.DefinitionDrafted{Election: v.Election, Version: v.Number, Hash: v.Hash, From: from})
		return nil
	})
}

// Lock makes the draft of an election the version that results refer to. A
// version that was locked before is superseded, for which a reason is needed.
// A draft with errors cannot be locked.
func (s *Definition) Lock(ctx context.Context, e election.ID, hash, reason string) error {
	draft, err := findVersion(ctx, s.DB, s.Jurisdiction, e, Draft)
	if err != nil {
		return err
	}
	if draft.Hash != hash {
		return fault.New(fault.Conflict, "The draft has changed since you looked. Look at it again.")
	}
	def, err := s.load(ctx, draft)
	if err != nil {
		return err
	}
	if bad := convert.Errors(convert.Check(def)); len(bad) > 0 {
		return fault.New(fault.Invalid, "The draft has %d errors that must be mended before it can be locked.", len(bad))
	}
	me := who.From(ctx)
	reason = strings.TrimSpace(reason)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		old, err := findVersion(ctx, tx, s.Jurisdiction, e, Locked)
		switch {
		case err == nil && reason == "":
			return fault.On("reason", fault.New(fault.Invalid, "Version %d is locked. Say why a new one takes its place.", old.Number))
		case err == nil:
			if err := supersede(ctx, tx, s.Jurisdiction, old, reason); err != nil {
				return err
			}
			tx.Record(event.DefinitionSuperseded{Election: e, Version: old.Number, New: draft.Number, Reason: reason})
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
		tx.Record(event.DefinitionLocked{Election: e, Version: draft.Number, Hash: draft.Hash})
		return lockDraft(ctx, tx, s.Jurisdiction, draft, me.ID, s.Now())
	})
}

// Locked lists the elections whose definition is locked, the latest day first.
func (s *Definition) Locked(ctx context.Context) ([]election.Ballot, error) {
	all, err := listVersions(ctx, s.DB, s.Jurisdiction)
	if err != nil {
		return nil, err
	}
	var out []election.Ballot
	for _, v := range all {
		if v.State == Locked {
			out = append(out, election.Ballot{Election: v.Election, Name: v.Name, Hash: v.Hash})
		}
	}
	return out, nil
}

// Versions lists the versions of an election, the newest first, or those of
// all elections where e is empty.
func (s *Definition) Versions(ctx context.Context, e election.ID) ([]Version, error) {
	all, err := listVersions(ctx, s.DB, s.Jurisdiction)
	if e == "" || err != nil {
		return all, err
	}
	return slices.DeleteFunc(all, func(v Version) bool { return v.Election != e }), nil
}

// ByHash returns a definition that is or was locked. It must not be changed.
func (s *Definition) ByHash(ctx context.Context, e election.ID, hash string) (*election.Definition, error) {
	v, err := findByHash(ctx, s.DB, s.Jurisdiction, e, hash)
	if err != nil {
		return nil, err
	}
	return s.load(ctx, v)
}

// load reads a version's body, and remembers it: a version never changes.
func (s *Definition) load(ctx context.Context, v Version) (*election.Definition, error) {
	s.mu.Lock()
	def := s.known[v.body]
	s.mu.Unlock()
	if def != nil {
		return def, nil
	}
	body, err := s.Blobs.Get(ctx, v.body)
	if err != nil {
		return nil, err
	}
	def = &election.Definition{}
	if err := json.Unmarshal(body, def); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= keptDefinitions {
		clear(s.known)
	}
	s.known[v.body] = def
	return def, nil
}
