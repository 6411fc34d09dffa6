// SPDX-License-Identifier: Apache-2.0

package roll

import (
	"strings"

	"hustings/kit/hide"
)

// String is the name as people read it, and as it stands on an envelope.
func (n Name) String() string {
	if n.Full != "" && n.Last == "" {
		return n.Full
	}
	return join([]string{n.First, n.Middle, n.Last, n.Suffix})
}

// NumberOf is a voter's number of a kind; empty for none.
func (v *Voter) NumberOf(kind IdentifierKind) hide.String {
	for _, i := range v.Identifiers {
		if i.Kind == kind && !i.None {
			return i.Value
		}
	}
	return hide.String{}
}

// Ending is the end of a voter's number of a kind, enough to know it by: its
// last four, or dots alone where those would be all of it.
func (v *Voter) Ending(kind IdentifierKind) string {
	n := Plain(v.NumberOf(kind).Reveal())
	switch {
	case n == "":
		return ""
	case len(n) <= 4:
		return "••••"
	}
	return "…" + n[len(n)-4:]
}

// Reached are the ways of a kind (email, phone) in which a voter is reached, as
// they were given.
func (v *Voter) Reached(kind string) (out []string) {
	for _, c := range v.Contact {
		if c.Kind == kind && strings.TrimSpace(c.Value) != "" {
			out = append(out, strings.TrimSpace(c.Value))
		}
	}
	return out
}

// Plain is a number as it is compared: capital letters and digits alone.
func Plain(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9', 'A' <= r && r <= 'Z':
			return r
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, number)
}
