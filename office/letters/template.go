// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"hustings/kit/fault"
	"hustings/office/letters/paper"
)

//go:embed templates/*/*.txt
var shipped embed.FS

// A template is text in paragraphs, with an empty line between them. One that
// begins with "# " is the title, with "## " a heading, with "- " an item of a
// list, with "[ ] " a box to be ticked; one that ends in ____ is filled in by
// hand. {name} stands for a field. A paragraph with a field that is empty is
// left out, and so is a heading with nothing below it; an item with a field of several lines is an item for each. What
// follows the line "=== card" is on the card that is sent back.
const (
	cardLine     = "=== card"
	mostTemplate = 20_000 // bytes
)

// piece is a text between fields, or the name of a field.
type piece struct {
	text  string
	field bool
}

type paragraph struct {
	kind   paper.Kind
	pieces []piece
}

// template is a template that was read.
type template struct {
	body, card []paragraph
}

// readTemplate reads a template of a kind of letter. What the kind does not
// know is refused, and so is a template that leaves out what the law wants
// said.
func readTemplate(kind Kind, text string) (*template, error) {
	if len(text) > mostTemplate {
		return nil, fault.New(fault.TooLarge, "A template has at most %d characters; this one has %d.", mostTemplate, len(text))
	}
	body, card, hasCard := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n")+"\n", "\n"+cardLine+"\n")
	t := &template{}
	var err error
	if t.body, err = readParagraphs(kind, body); err != nil {
		return nil, err
	}
	if t.card, err = readParagraphs(kind, card); err != nil {
		return nil, err
	}
	if len(t.body) == 0 || t.body[0].kind != paper.Title {
		return nil, fault.New(fault.Invalid, "A template begins with its title: a line such as “# You are registered to vote”.")
	}
	if hasCard != kinds[kind].card {
		return nil, wrongCard(hasCard)
	}
	return t, t.says(kind)
}

func wrongCard(has bool) error {
	if has {
		return fault.New(fault.Invalid, "A letter of this kind has no card to be sent back; take out the line “%s” and what follows it.", cardLine)
	}
	return fault.New(fault.Invalid, "A letter of this kind has a card to be sent back: put the line “%s” before what the card says.", cardLine)
}

// says is nil where a template says what a letter of its kind must say.
func (t *template) says(kind Kind) error {
	for _, must := range kinds[kind].must {
		if !slices.ContainsFunc(slices.Concat(t.body, t.card), func(p paragraph) bool { return slices.Contains(p.pieces, piece{must, true}) }) {
			return fault.New(fault.Invalid, "A letter of this kind must say {%s}; the template does not.", must)
		}
	}
	return nil
}

func readParagraphs(kind Kind, text string) (list []paragraph, err error) {
	for _, part := range strings.Split(text, "\n\n") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p := paragraph{}
		p.kind, part = kindOf(part)
		if p.pieces, err = readPieces(kind, part); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// kindOf is how a paragraph looks, and its text without the mark that says so.
func kindOf(text string) (paper.Kind, string) {
	for _, m := range []struct {
		mark string
		kind paper.Kind
	}{{"# ", paper.Title}, {"## ", paper.Heading}, {"- ", paper.Item}, {"[ ] ", paper.Check}} {
		if rest, ok := strings.CutPrefix(text, m.mark); ok {
			return m.kind, rest
		}
	}
	if rest := strings.TrimRight(text, "_"); len(text)-len(rest) > 3 {
		return paper.Blank, rest
	}
	return paper.Paragraph, text
}

// readPieces cuts a paragraph at its fields.
func readPieces(kind Kind, text string) (list []piece, err error) {
	for text != "" {
		before, rest, open := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return nil, fault.New(fault.Invalid, "There is a } without a { before it: “%s”.", before)
		}
		if before != "" {
			list = append(list, piece{text: before})
		}
		if !open {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fault.New(fault.Invalid, "There is a { without a } behind it: “%s”.", rest)
		}
		if !slices.ContainsFunc(kind.fields(), func(f Field) bool { return f.Name == name }) {
			return nil, fault.New(fault.Invalid, "There is no field {%s} in a letter of this kind; these exist: %s.", name, strings.Join(names(kind.fields()), ", "))
		}
		list, text = append(list, piece{name, true}), after
	}
	return list, nil
}

func names(fields []Field) (list []string) {
	for _, f := range fields {
		list = append(list, f.Name)
	}
	return list
}

// fill puts the fields into a template.
func (t *template) fill(fields map[string]string) (body, card []paper.Block) {
	return fillAll(t.body, fields), fillAll(t.card, fields)
}

func fillAll(list []paragraph, fields map[string]string) (out []paper.Block) {
	for _, p := range list {
		if n := len(out); p.kind == paper.Heading && n > 0 && out[n-1].Kind == paper.Heading {
			out = out[:n-1] // nothing stood below it
		}
		lines := 1
		if p.kind == paper.Item {
			lines = p.most(fields)
		}
		for i := range lines {
			if text, ok := p.fill(fields, i, lines); ok {
				out = append(out, paper.Block{Kind: p.kind, Text: text})
			}
		}
	}
	if n := len(out); n > 0 && out[n-1].Kind == paper.Heading {
		out = out[:n-1]
	}
	return out
}

// most is how many lines the longest of a paragraph's fields has.
func (p paragraph) most(fields map[string]string) int {
	n := 1
	for _, x := range p.pieces {
		if x.field {
			n = max(n, 1+strings.Count(strings.TrimSpace(fields[x.text]), "\n"))
		}
	}
	return n
}

// fill is a paragraph, or line i of lines of it; it is left out where a field is
// empty.
func (p paragraph) fill(fields map[string]string, i, lines int) (string, bool) {
	var b strings.Builder
	for _, x := range p.pieces {
		text := x.text
		if x.field {
			text = strings.TrimSpace(fields[x.text])
			if all := strings.Split(text, "\n"); lines > 1 && len(all) > 1 {
				text = all[min(i, len(all)-1)]
			}
			if strings.TrimSpace(text) == "" {
				return "", false
			}
		}
		b.WriteString(text)
	}
	return b.String(), true
}

// ours is the template that comes with the program; empty where there is none in
// the language.
func ours(kind Kind, lang string) string {
	text, err := fs.ReadFile(shipped, "templates/"+lang+"/"+string(kind)+".txt")
	if err != nil {
		return ""
	}
	return string(text)
}

// languageOf is a language's tag as it is kept.
func languageOf(tag string) (string, error) {
	if tag == "" {
		return "en", nil
	}
	t, err := language.Parse(tag)
	if err != nil || len(tag) > 35 {
		return "", fault.New(fault.Invalid, "%q is no language; write en, es, or another tag of BCP 47.", tag)
	}
	return t.String(), nil
}

// closest are the languages in which a letter may be written, the best first.
func closest(lang string) []string {
	base, _, _ := strings.Cut(lang, "-")
	return slices.Compact([]string{lang, base, "en"})
}
