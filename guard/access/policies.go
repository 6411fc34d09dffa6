// SPDX-License-Identifier: Apache-2.0

package access

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"sync"
)

//go:embed policies/*.cedar
var policyFiles embed.FS

// Role is a bundle of permissions with a name that an office would use. What a
// role may do is said by the policies that name it: policies/*.cedar for those
// that ship, and an office's own.
type Role string

// The roles that ship.
const (
	Admin     Role = "admin"
	Editor    Role = "definition-editor"
	Clerk     Role = "results-clerk"
	Approver  Role = "results-approver"
	Viewer    Role = "viewer"
	Press     Role = "press" // newsrooms, with a token
	Security  Role = "security-officer"
	Auditor   Role = "auditor"
	Registrar Role = "registrar"        // looks after the roll
	Removals  Role = "removals-officer" // decides who is taken off the roll
	Directory Role = "directory"        // the program of a directory, with a token
)

// shippedText is every shipped policy file by its name.
func shippedText() (names []string, text map[string]string) {
	entries, err := policyFiles.ReadDir("policies")
	if err != nil {
		panic(err) // it is embedded
	}
	text = make(map[string]string)
	for _, e := range entries {
		body, err := policyFiles.ReadFile(path.Join("policies", e.Name()))
		if err != nil {
			panic(err) // it is embedded
		}
		names = append(names, e.Name())
		text[e.Name()] = string(body)
	}
	return names, text
}

// shipped are the policies that every house has.
var shipped = sync.OnceValue(func() *rules {
	var all []rule
	names, text := shippedText()
	for _, name := range names {
		list, err := readPolicies(name, "", text[name])
		if err != nil {
			panic(fmt.Sprintf("access: a shipped policy is broken: %v", err)) // a test reads them first
		}
		all = append(all, list...)
	}
	return newRules(all)
})

// Roles lists the roles that ship, by name.
func Roles() []Role { return slices.Sorted(slices.Values(shipped().roles())) }

// Permissions lists what a role that ships may do, of the actions that the
// shipped policies name, by asking them.
func Permissions(r Role) []string { return shipped().permissions(r, shipped().named()) }

// named are all actions that the policies name one by one.
func (r *rules) named() []string {
	var out []string
	for _, one := range r.all {
		names, _ := actionsOf(one.policy)
		out = append(out, names...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// permissions are those of the actions that somebody who holds only this role
// may do.
func (r *rules) permissions(role Role, actions []string) []string {
	var out []string
	for _, action := range actions {
		if r.ask(sample(role, action)).allow {
			out = append(out, action)
		}
	}
	return out
}
