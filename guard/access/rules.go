// SPDX-License-Identifier: Apache-2.0

package access

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"hustings/kit/fault"
)

// rule is one policy with its name, and what its scope says about principals.
type rule struct {
	id      cedar.PolicyID
	policy  *cedar.Policy
	file    string           // where it stands
	role    Role             // it is about who holds this role only; "": about others too
	kind    cedar.EntityType // it is about principals of this type only; "": of any
	context bool             // it looks at how the request came
}

func newRule(id, file string, p *cedar.Policy) rule {
	r := rule{id: cedar.PolicyID(id), policy: p, file: file, context: bytes.Contains(p.MarshalCedar(), []byte("context"))}
	switch scope := (*ast.Policy)(p.AST()).Principal.(type) {
	case ast.ScopeTypeEq:
		r.kind = scope.Entity.Type
	case ast.ScopeTypeIs:
		r.kind = scope.Type
	case ast.ScopeTypeIn:
		if scope.Entity.Type == roleType {
			r.role, r.kind = Role(scope.Entity.ID), personType
		}
	case ast.ScopeTypeIsIn:
		r.kind = scope.Type
		if scope.Entity.Type == roleType {
			r.role = Role(scope.Entity.ID)
		}
	}
	return r
}

// could says whether a policy's scope may fit who asks.
func (r *rule) could(kind cedar.EntityType, held []Role) bool {
	return (r.kind == "" || r.kind == kind) && (r.role == "" || slices.Contains(held, r.role))
}

// rules are policies that hold together, sorted by the actions that they speak
// of, so that a decision looks at those alone. What is not looked at could not
// have matched: its scope names other actions, or other principals.
type rules struct {
	all      []rule
	any      []rule            // speak of every action
	byAction map[string][]rule // by action, or group of actions
}

func newRules(list []rule) *rules {
	r := &rules{all: list, byAction: make(map[string][]rule)}
	for _, one := range list {
		names, every := actionsOf(one.policy)
		if every {
			r.any = append(r.any, one)
		}
		for _, name := range names {
			r.byAction[name] = append(r.byAction[name], one)
		}
	}
	return r
}

// with is r and more.
func (r *rules) with(more []rule) *rules {
	if len(more) == 0 {
		return r
	}
	return newRules(slices.Concat(r.all, more))
}

// about are the policies that may have a say in a decision. A policy that names
// both the action and its group comes twice, which changes no decision.
type about []*rule

// about collects them; context says that one of them looks at how the request
// came.
func (r *rules) about(action string, kind cedar.EntityType, held []Role) (list about, context bool) {
	list = make(about, 0, 8)
	for _, some := range [][]rule{r.any, r.byAction[action], r.byAction[groupOf(action)]} {
		for i := range some {
			if one := &some[i]; one.could(kind, held) {
				list, context = append(list, one), context || one.context
			}
		}
	}
	return list, context
}

// All implements cedar.PolicyIterator.
func (a about) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, one := range a {
			if !yield(one.id, one.policy) {
				return
			}
		}
	}
}

// groupOf is the group of an action: the name of its room.
func groupOf(action string) string { room, _, _ := strings.Cut(action, "."); return room }

// actionsOf are the actions and groups that a policy's scope names; every says
// that it names none and so speaks of all.
func actionsOf(p *cedar.Policy) (names []string, every bool) {
	switch scope := (*ast.Policy)(p.AST()).Action.(type) {
	case ast.ScopeTypeEq:
		return []string{string(scope.Entity.ID)}, false
	case ast.ScopeTypeIn:
		return []string{string(scope.Entity.ID)}, false
	case ast.ScopeTypeInSet:
		for _, e := range scope.Entities {
			names = append(names, string(e.ID))
		}
		return names, false
	}
	return nil, true
}

// roles are those that some permit speaks of, in their order in the policies.
func (r *rules) roles() []Role {
	var out []Role
	for _, one := range r.all {
		if one.role != "" && one.policy.Effect() == cedar.Permit && !slices.Contains(out, one.role) {
			out = append(out, one.role)
		}
	}
	return out
}

// apart are the sets of roles that should not be with one person.
func (r *rules) apart() []pairOfRoles {
	var out []pairOfRoles
	for _, one := range r.all {
		names := strings.Fields(string(one.policy.Annotations()["apart"]))
		for i, a := range names {
			for _, b := range names[i+1:] {
				out = append(out, pairOfRoles{Role(a), Role(b), string(one.id)})
			}
		}
	}
	return out
}

// pairOfRoles are two roles that a policy keeps apart.
type pairOfRoles struct {
	A, B   Role
	Policy string
}

// How large an office's own policies may be. Together they are looked at in
// every decision of the office, so there are few, and each is short.
const (
	mostText     = 24 << 10 // bytes of all of them
	mostPolicies = 64
	mostNesting  = 24 // of brackets, and of one operator behind another
	mostWords    = 4096
)

// readPolicies reads policies. A policy's name is its @id, or its number where
// it has none; prefix keeps the names of one file from those of others.
func readPolicies(file, prefix, text string) ([]rule, error) {
	if err := bounded(file, text); err != nil {
		return nil, err
	}
	list, err := cedar.NewPolicyListFromBytes(file, []byte(text))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s: the policies cannot be read: %s", file, strings.TrimPrefix(err.Error(), "parser error: "))
	}
	if len(list) > mostPolicies {
		return nil, fault.New(fault.TooLarge, "%s holds %d policies, more than %d.", file, len(list), mostPolicies)
	}
	out := make([]rule, len(list))
	seen := make(map[string]int)
	for i, p := range list {
		name := string(p.Annotations()["id"])
		if name == "" {
			name = fmt.Sprintf("policy %d", i+1)
		}
		if first, twice := seen[name]; twice {
			return nil, fault.New(fault.Invalid, "%s line %d: the name %q is taken by the policy in line %d; give it another @id.", file, p.Position().Line, name, first)
		}
		seen[name] = p.Position().Line
		out[i] = newRule(prefix+name, file, p)
	}
	return out, nil
}

// bounded refuses text that would cost too much to read or to decide by, before
// it is read. Brackets are counted where they stand; a bracket within a comment
// or a text counts too, which only makes the limit a little stricter there.
func bounded(file, text string) error {
	if len(text) > mostText {
		return fault.New(fault.TooLarge, "%s is %d bytes long, more than %d.", file, len(text), mostText)
	}
	depth, deepest, line, deep := 0, 0, 1, 1
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '(', '[', '{':
			if depth++; depth > deepest {
				deepest, deep = depth, line
			}
		case ')', ']', '}':
			depth--
		case ';':
			depth = 0
		}
	}
	if deepest > mostNesting {
		return fault.New(fault.TooLarge, "%s line %d: brackets stand %d deep, more than %d.", file, deep, deepest, mostNesting)
	}
	if n := operators(text); n > mostWords {
		return fault.New(fault.TooLarge, "%s: the policies have %d words and signs, more than %d.", file, n, mostWords)
	}
	return nil
}

// operators counts roughly what the reader would see as words and signs.
func operators(text string) int {
	n, word := 0, false
	for _, c := range text {
		letter := c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c > 127
		if letter && !word || !letter && c > ' ' {
			n++
		}
		word = letter
	}
	return n
}
