// SPDX-License-Identifier: Apache-2.0

package match

import "hustings/office/registry/spell"

// closeness is how like one another two values are.
type closeness = spell.Closeness

const (
	apart = spell.Apart
	alike = spell.Alike
	typo  = spell.Typo
	same  = spell.Same
)

func likeness(a, b string) closeness { return spell.Likeness(a, b) }
