// SPDX-License-Identifier: Apache-2.0

package match

import (
	"embed"
	"fmt"
	"math"
	"strings"

	"hustings/kit/words"
)

// Words are the names of traits (registry.match.trait.…) and what is seen of them
// (registry.match.seen.…).
//
//go:embed words/*.json
var Words embed.FS

// Name is what a step is about, in a language.
func (s Step) Name(p *words.Printer) string { return p.T("registry.match.trait." + slug(s.Trait)) }

// In says a step in a language, as Say does in English.
func (s Step) In(p *words.Printer) string {
	key := "registry.match.seen." + slug(s.Seen)
	if !p.Has(key) {
		return s.Say
	}
	seen := p.T(key)
	switch {
	case s.Trait == before:
		return p.T("registry.match.before", "seen", seen, "pairs", pairs(p, s.Chance))
	case s.Chance > 0:
		return p.T("registry.match.chance", "seen", seen, "pairs", pairs(p, s.Chance))
	}
	return seen
}

// pairs writes how many pairs there are for one, in three digits.
func pairs(p *words.Printer, n float64) string {
	if n < 100 || n >= math.MaxInt64 {
		return fmt.Sprintf("%.3g", n)
	}
	unit := math.Pow(10, math.Floor(math.Log10(n))-2)
	return p.Number(int64(math.Round(n/unit) * unit))
}

// slug is the end of a key for an English text.
func slug(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-")
}
