// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"hustings/election"
)

// slug makes an id of names: lower-case letters and digits with hyphens
// between the words, accents dropped.
func slug(names ...string) string {
	var b strings.Builder
	gap := false
	for _, name := range names {
		gap = b.Len() > 0
		for _, r := range norm.NFD.String(strings.ToLower(name)) {
			switch {
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				if gap {
					b.WriteByte('-')
					gap = false
				}
				b.WriteRune(r)
			case unicode.IsMark(r) || strings.ContainsRune("'’‘.\"“”", r):
			default:
				gap = b.Len() > 0
			}
		}
	}
	const most = 72 // an id stands in addresses that people read out
	s := b.String()
	if len(s) > most {
		s = strings.TrimRight(s[:most], "-")
	}
	return s
}

// fold makes names comparable: no case, no accents, single blanks.
func fold(s string) string {
	if plain(s) {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if !unicode.IsMark(r) {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// plain says whether a text is ASCII, as most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// taken hands out ids, each once.
type taken map[string]bool

// mint returns the slug of names, or fallback where they have no letter or
// digit of the alphabet, with a number behind it if it is gone.
func (t taken) mint(fallback string, names ...string) string {
	base := slug(names...)
	if base == "" {
		base = fallback
	}
	id := base
	for n := 2; t[id]; n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	t[id] = true
	return id
}

var electionIDForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// electionID names an election whose file has no id for it: by its last day
// and its type, and by its name where the type says little.
func electionID(day election.Date, typ election.Type, name string) election.ID {
	switch typ {
	case election.Special, election.OtherType, "":
		return election.ID(slug(string(day), name))
	}
	return election.ID(slug(string(day), string(typ)))
}

// The marks that our ids carry in outside formats.
const (
	ourMark  = "hustings"          // kind of the external identifier that holds one of our ids
	ourPlace = "hustings-place"    // holds the kind of a place
	ourArea  = "hustings-district" // holds the id of a district that is not a unit
	ourState = "hustings-state"
	ourZone  = "hustings-timezone"
	ourOpen  = "hustings-polls-open"
	ourClose = "hustings-polls-close"
	idMark   = "hx_" // begins every id that had to be written in another form
	idEnd    = ".."
)

var plainID = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]*$`)

// xmlIDs hands out ids that XML accepts (xs:ID), each once in a file. xs:ID
// allows letters of other alphabets too; those are marked all the same.
type xmlIDs map[string]bool

// take returns the id itself where XML accepts it and nothing else in the file
// has it. Otherwise it is marked: kind keeps ids of different nouns apart.
func (x xmlIDs) take(kind, id string) string {
	if plainID.MatchString(id) && !strings.HasPrefix(id, idMark) && !x[id] {
		x[id] = true
		return id
	}
	return x.mark(kind, id)
}

// mark returns a marked id whatever the id looks like.
func (x xmlIDs) mark(kind, id string) string {
	marked := markID(kind, id)
	for n := 2; x[marked]; n++ {
		marked = markID(kind+"n"+strconv.Itoa(n), id)
	}
	x[marked] = true
	return marked
}

// markID writes any id as an XML id: "0042" of a unit is hx_u..0042. kind has
// letters and digits only.
func markID(kind, id string) string {
	var b strings.Builder
	b.WriteString(idMark + kind + idEnd)
	for _, r := range id {
		switch {
		case r < 128 && (r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "_%x_", r)
		}
	}
	return b.String()
}

// unmarkID is the id that markID was given; any other id is itself.
func unmarkID(id string) string {
	rest, ok := strings.CutPrefix(id, idMark)
	if !ok {
		return id
	}
	_, rest, ok = strings.Cut(rest, idEnd)
	if !ok {
		return id
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(rest, "_")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		code, after, ok := strings.Cut(after, "_")
		r, err := strconv.ParseUint(code, 16, 21)
		if !ok || err != nil {
			return id
		}
		b.WriteRune(rune(r))
		rest = after
	}
}

// isMarked says whether an id is one of ours in another form.
func isMarked(id string) bool { return strings.HasPrefix(id, idMark) }

// text is a wording from pairs of language and content. English of any country
// is English where there is no plain one; empty wordings are left out.
func text(pairs func(yield func(lang, content string))) election.Text {
	var out election.Text
	put := func(tag, s string, replace bool) {
		if _, have := out[tag]; have && !replace {
			return
		}
		if out == nil {
			out = make(election.Text)
		}
		out[tag] = s
	}
	plain := false
	pairs(func(lang, content string) {
		s := strings.TrimSpace(content)
		if s == "" {
			return
		}
		tag := languageTag(lang)
		switch {
		case tag == "en":
			put("en", s, !plain)
			plain = true
		case strings.HasPrefix(tag, "en-"):
			put("en", s, false)
		default:
			put(tag, s, false)
		}
	})
	return out
}

// languageTag writes a tag as BCP 47 does: es, zh-Hant. What is no tag at all
// is English, the language of the files that leave it out.
func languageTag(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "en"
	}
	tag, err := language.Parse(strings.ReplaceAll(s, "_", "-"))
	if err != nil || tag == language.Und {
		return "en"
	}
	return tag.String()
}

// plainText is an English wording; none for nothing.
func plainText(s string) election.Text {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return election.T(s)
}
