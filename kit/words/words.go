// SPDX-License-Identifier: Apache-2.0

// Package words keeps every sentence that a person can see, in each language
// that the house speaks. A room's sentences are in its words folder, one JSON
// object per language, with full keys:
//
//	"results.site.title": "Results",
//	"results.held": {"one": "{n} file is held", "other": "{n} files are held"},
//	"fault: no report %s": "no hay informe %s"
//
// Placeholders are {name}; {n} in a plural is the number, written as the
// language writes it. A sentence with a plain number of something has one form
// for each plural category of CLDR that the language knows. Keys that start
// with "fault: " translate the sentences of kit/fault by their English text,
// those with "doc: " what a permission allows.
//
// Messages are compiled once; a Printer does no parsing, because thousands of
// pages are rendered in a second on election night.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

//go:embed words/*.json
var own embed.FS

// Catalog is all sentences in all languages. It is filled at start and then
// only read.
type Catalog struct {
	langs map[string]*Printer
	order []string

	match    language.Matcher // of the languages but the pseudo-language
	printers []*Printer       // theirs
}

// Language is what the house must know about a language before it can speak it.
type Language struct {
	Tag     string // BCP 47
	Endonym string // its name for itself
	Dir     string // ltr or rtl
	Group   string // between thousands
	Decimal string
}

// languages lists what may be shipped, the fallback first. Spanish writes
// numbers as in the United States (es-US), where these pages are read.
var languages = []Language{
	{"en", "English", "ltr", ",", "."},
	{"es", "Español", "ltr", ",", "."},
	{pseudo, "[Ṗšéüđö]", "rtl", "٬", "٫"},
}

// New returns a catalog that speaks the given languages, English always first.
func New(tags ...string) (*Catalog, error) {
	c := &Catalog{langs: make(map[string]*Printer)}
	var have []language.Tag
	for _, tag := range append([]string{"en"}, tags...) {
		if c.langs[tag] != nil {
			continue
		}
		i := slices.IndexFunc(languages, func(l Language) bool { return l.Tag == tag })
		if i < 0 {
			return nil, fmt.Errorf("language %q is not shipped; choose from %s", tag, strings.Join(Shipped(), ", "))
		}
		c.langs[tag] = newPrinter(languages[i], c.langs["en"])
		c.order = append(c.order, tag)
		if tag != pseudo {
			have, c.printers = append(have, language.Make(tag)), append(c.printers, c.langs[tag])
		}
	}
	c.match = language.NewMatcher(have)
	return c, c.Add(own)
}

// Shipped lists the tags of the languages whose sentences come with the house.
func Shipped() []string {
	var tags []string
	for _, l := range languages {
		if l.Tag != pseudo {
			tags = append(tags, l.Tag)
		}
	}
	return tags
}

// Languages lists what the catalog speaks, the fallback first.
func (c *Catalog) Languages() []Language {
	var out []Language
	for _, tag := range c.order {
		out = append(out, c.langs[tag].lang)
	}
	return out
}

// In returns the printer of a language tag, its base language, or English.
func (c *Catalog) In(tag string) *Printer {
	if p := c.langs[tag]; p != nil {
		return p
	}
	if base, _, ok := strings.Cut(tag, "-"); ok && c.langs[base] != nil {
		return c.langs[base]
	}
	return c.langs["en"]
}

// Match returns the printer that suits an Accept-Language header best. The
// pseudo-language suits only who asks for it by its own tag; a reader of Arabic
// gets English.
func (c *Catalog) Match(accept string) *Printer {
	want, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(want) == 0 {
		return c.langs["en"]
	}
	if p := c.langs[pseudo]; p != nil && want[0].String() == pseudo {
		return p
	}
	_, i, _ := c.match.Match(want...)
	return c.printers[i]
}

// Add reads every words/*.json of a file system. Languages that the catalog
// does not speak are passed over; a key said twice is an error.
func (c *Catalog) Add(fsys fs.FS) error {
	files, err := fs.Glob(fsys, "words/*.json")
	if err != nil {
		return err
	}
	for _, f := range files {
		p := c.langs[strings.TrimSuffix(path.Base(f), ".json")]
		if p == nil {
			continue
		}
		body, err := fs.ReadFile(fsys, f)
		if err != nil {
			return err
		}
		messages, err := Parse(body)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		for _, key := range slices.Sorted(maps.Keys(messages)) {
			if err := p.add(key, messages[key]); err != nil {
				return fmt.Errorf("%s: %w", f, err)
			}
		}
	}
	if p := c.langs[pseudo]; p != nil {
		return p.imitate(c.langs["en"])
	}
	return nil
}

// Message is a sentence before it is compiled: plural forms by CLDR category,
// or a single form under "other" where Plain is true.
type Message struct {
	Plain bool
	Forms map[string]string
}

// Parse reads one words file: a flat object of strings and of plural forms.
func Parse(body []byte) (map[string]Message, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, err
	}
	out := make(map[string]Message, len(raw))
	for key, v := range raw {
		var s string
		if json.Unmarshal(v, &s) == nil {
			out[key] = Message{Plain: true, Forms: map[string]string{"other": s}}
			continue
		}
		m := Message{}
		if err := json.Unmarshal(v, &m.Forms); err != nil {
			return nil, fmt.Errorf("%s: want a sentence or its plural forms: %w", key, err)
		}
		out[key] = m
	}
	return out, nil
}
