// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/who"
	"hustings/office/registry/roll"
)

// Template is the text with which letters of a kind are written in a language.
type Template struct {
	Kind     Kind
	Language string
	Text     string
	Own      bool  // the office's own version
	Version  int64 // of the office's; 0 where it never had one
	KeptAt   time.Time
}

// Template reads the template of a kind in a language; its text is empty where
// there is none.
func (s *Letters) Template(ctx context.Context, kind Kind, lang string) (Template, error) {
	if !kind.known() {
		return Template{}, fault.New(fault.NotFound, "There is no letter of the kind %q.", string(kind))
	}
	lang, err := languageOf(lang)
	if err != nil {
		return Template{}, err
	}
	return s.template(ctx, s.DB, kind, lang)
}

func (s *Letters) template(ctx context.Context, q db.Reader, kind Kind, lang string) (Template, error) {
	t := Template{Kind: kind, Language: lang}
	err := q.QueryRowContext(ctx, `
		select version, body, kept_at from letters_template
		where jurisdiction = $1 and kind = $2 and language = $3
		order by version desc limit 1`, s.Jurisdiction, string(kind), lang).Scan(&t.Version, &t.Text, &t.KeptAt)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, err
	}
	if t.Own = t.Text != ""; !t.Own {
		t.Text = ours(kind, lang)
	}
	return t, nil
}

// Templates lists the templates that there are: ours and the office's own.
func (s *Letters) Templates(ctx context.Context) (list []Template, err error) {
	rows, err := s.DB.QueryContext(ctx, `
		select distinct language from letters_template where jurisdiction = $1 and language not in ('en', 'es') order by language`, s.Jurisdiction)
	more, err := db.Collect(rows, err, func(scan func(...any) error) (lang string, err error) { return lang, scan(&lang) })
	if err != nil {
		return nil, err
	}
	for _, k := range Kinds() {
		for _, lang := range append([]string{"en", "es"}, more...) {
			t, err := s.template(ctx, s.DB, k, lang)
			if err != nil {
				return nil, err
			}
			if t.Text != "" {
				list = append(list, t)
			}
		}
	}
	return list, nil
}

// current is the text with which a letter is written, and its language: that of
// the letter, or else the closest in which there is a template.
func (s *Letters) current(ctx context.Context, q db.Reader, kind Kind, lang string) (text, used string, err error) {
	for _, l := range closest(lang) {
		t, err := s.template(ctx, q, kind, l)
		if err != nil || t.Text != "" {
			return t.Text, l, err
		}
	}
	return "", "", fault.New(fault.Internal, "there is no template %s in English", string(kind))
}

// KeepTemplate keeps the office's own version of a template. It must read, say
// what the law wants said, and fit on paper with sample texts.
func (s *Letters) KeepTemplate(ctx context.Context, kind Kind, lang, text string) error {
	lang, err := s.try(kind, lang, text)
	if err != nil {
		return err
	}
	return s.keep(ctx, kind, lang, text)
}

// try reads a template and lays a sample of it out.
func (s *Letters) try(kind Kind, lang, text string) (string, error) {
	if !kind.known() {
		return "", fault.New(fault.NotFound, "There is no letter of the kind %q.", string(kind))
	}
	lang, err := languageOf(lang)
	if err != nil {
		return "", err
	}
	t, err := readTemplate(kind, text)
	if err != nil {
		return "", err
	}
	missing, err := unprintable(s.today().paper(s.Words.In(lang), s.sample(kind, lang), t))
	if missing != "" {
		return "", fault.New(fault.Invalid, "The template cannot be printed: the fonts have no %s.", missing)
	}
	return lang, err
}

// ResetTemplate goes back to the template that comes with the program.
func (s *Letters) ResetTemplate(ctx context.Context, kind Kind, lang string) error {
	t, err := s.Template(ctx, kind, lang)
	if err != nil {
		return err
	}
	if !t.Own {
		return fault.New(fault.Conflict, "This template is the one that comes with the program already.")
	}
	return s.keep(ctx, kind, t.Language, "")
}

func (s *Letters) keep(ctx context.Context, kind Kind, lang, text string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "letters.template"); err != nil {
			return err
		}
		was, err := s.template(ctx, tx, kind, lang)
		if err != nil {
			return err
		}
		if was.Text == text {
			tx.Silently("the template is as it was")
			return nil
		}
		e := event.LetterTemplateKept{Kind: string(kind), Language: lang, Version: was.Version + 1, Ours: text == ""}
		if !e.Ours {
			e.SHA256 = sum(text)
		}
		if _, err := tx.ExecContext(ctx, `
			insert into letters_template (jurisdiction, kind, language, version, body, kept_at, kept_by)
			values ($1, $2, $3, $4, $5, $6, $7)`,
			s.Jurisdiction, string(kind), lang, e.Version, text, s.Now(), who.From(ctx).ID); err != nil {
			return err
		}
		tx.Record(e)
		return nil
	})
}

// sum is the SHA-256 of a text.
func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

// sample is a letter to nobody, with something in every field.
func (s *Letters) sample(kind Kind, lang string) *Kept {
	p := s.Words.In(lang)
	k := &Kept{ID: "000000000000", Letter: Letter{Kind: kind, Language: lang, Fields: make(map[string]string)}}
	k.To = To{Name: []string{p.T("letters.sample.name")}, Mail: roll.Address{Number: "12", Street: "Elm", Type: "St", City: "Springfield", State: "XX", ZIP: "00501"}}
	for _, f := range kinds[kind].fields {
		k.Fields[f.Name] = p.T("letters.sample." + f.Name)
	}
	return k
}
