// SPDX-License-Identifier: Apache-2.0

package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"hustings/kit/fault"
	"hustings/kit/pair"
	"hustings/kit/room"
)

// nouns are the entities that policies speak of; the actions are made from the
// rooms' manifests.
const nouns = `// What the policies of this house may speak of. Made from the rooms' manifests;
// a policy that speaks of anything else is refused.

// An office's area, inside of a larger one: the id is its OCD division id.
entity Jurisdiction in [Jurisdiction];

// A role, such as Role::"results-clerk".
entity Role;

// A member of staff, or a program with a token of theirs. "principal in Role"
// asks whether they hold the role in the jurisdiction of the resource or in one
// above it.
entity Person in [Role] {
  office: Jurisdiction,
};

// The house's own work, and whoever runs the program at the machine.
entity House;
entity Operator;

// A room of the house as the office has it: the resource of whatever is not
// about one record.
entity Room in [Jurisdiction];

// One thing that a room keeps.
entity Record in [Room] {
  kind: String,       // "report", "grant", "request"
  by?: Person,        // who made it or sent it in
  of?: Person,        // whom it is about
  election?: String,
  state?: String,
  protected: Bool,    // of a protected voter
};

// How the request came: via "browser", "api", "cli"; how well the person has
// proved who they are (level 1 to 3), and how many seconds ago.
type Request = {
  via: String,
  level: Long,
  age: Long,
};
`

// schemaText writes the schema for rooms, sorted by action.
func schemaText(rooms []room.Room) string {
	var b strings.Builder
	b.WriteString(nouns)
	for _, r := range rooms {
		if len(r.Permissions) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n// The room %s: Action::%q is all of these.\naction %q;\n", r.Name, r.Name, r.Name)
		for _, p := range r.Permissions {
			fmt.Fprintf(&b, "// %s\naction %q in [Action::%q] appliesTo {\n  principal: [Person, House, Operator],\n  resource: [Room, Record],\n  context: Request,\n};\n",
				p.Doc, p.Name, r.Name)
		}
	}
	return b.String()
}

// catalogue is what the rooms of the house say about themselves.
type catalogue struct {
	permissions []room.Permission
	byName      map[string]room.Permission
	acts        map[string]pair.Act
	schema      string
	validator   *validate.Validator
}

// names of all permissions, in the order of the rooms.
func (c *catalogue) names() []string {
	out := make([]string, len(c.permissions))
	for i, p := range c.permissions {
		out[i] = p.Name
	}
	return out
}

func newCatalogue(rooms []room.Room) (*catalogue, error) {
	c := &catalogue{byName: make(map[string]room.Permission), acts: make(map[string]pair.Act), schema: schemaText(rooms)}
	for _, r := range rooms {
		for _, p := range r.Permissions {
			c.permissions = append(c.permissions, p)
			c.byName[p.Name] = p
		}
		for _, a := range r.Pairs {
			c.acts[a.Name] = a
		}
	}
	for _, a := range c.acts {
		if _, ok := c.byName[a.Needs]; !ok {
			return nil, fmt.Errorf("%s needs %q of the second person, which no room declares", a.Name, a.Needs)
		}
	}
	var s schema.Schema
	if err := s.UnmarshalCedar([]byte(c.schema)); err != nil {
		return nil, fmt.Errorf("the schema of the permissions: %w", err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		return nil, fmt.Errorf("the schema of the permissions: %w", err)
	}
	c.validator = validate.New(resolved)
	return c, nil
}

// check validates policies; each that speaks of what is not there, or that
// compares what cannot be compared, is named with its line.
func (c *catalogue) check(list []rule) error {
	var all []error
	for _, one := range list {
		err := c.validator.Policy("", (*ast.Policy)(one.policy.AST()))
		if err == nil {
			continue
		}
		said := strings.Split(err.Error(), "\n")
		slices.Sort(said)
		all = append(all, fault.Wrap(fault.Invalid, err, "%s line %d, policy %q: %s", one.file, one.policy.Position().Line, one.id, strings.Join(slices.Compact(said), "; ")))
	}
	return errors.Join(all...)
}
