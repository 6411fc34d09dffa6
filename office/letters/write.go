// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/kit/words"
	"hustings/office/letters/paper"
	"hustings/office/registry/roll"
)

// Limits of what a letter says.
const (
	mostField = 4000 // bytes of a field
	mostName  = 2    // lines
)

// said is what is sealed of a letter.
type said struct {
	To     To
	Fields map[string]string `json:",omitempty"`
}

// Write puts a letter into the queue and gives its number. For a cause, one
// letter of a kind is written: asked again, the number is that of the first.
func (s *Letters) Write(ctx context.Context, l Letter) (number string, err error) {
	if err := l.check(); err != nil {
		return "", err
	}
	if l.Language, err = languageOf(l.Language); err != nil {
		return "", err
	}
	text, err := json.Marshal(said{l.To, l.Fields})
	if err != nil {
		return "", err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		number, err = s.findCause(ctx, tx, l)
		if err != nil || number != "" {
			tx.Silently("the letter was written before")
			return err
		}
		k := Kept{Letter: l, ID: newNumber(), WrittenAt: s.Now()}
		if k.Problem, err = s.problem(ctx, tx, &k); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &k, hide.New(string(text))); err != nil {
			return err
		}
		number = k.ID
		tx.Record(event.LetterWritten{Letter: k.ID, Kind: string(l.Kind), Language: l.Language, About: l.About, Cause: l.Cause})
		return nil
	})
	return number, err
}

// newNumber is a number that no letter has.
func newNumber() string {
	raw, _ := base64.RawURLEncoding.DecodeString(id.Token(digits - 1)) // our own text: always reads
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw) + string(check(string(raw)))
}

// check says what is wrong with a letter that was asked for.
func (l *Letter) check() error {
	switch {
	case !l.Kind.known():
		return fault.New(fault.Invalid, "There is no letter of the kind %q.", string(l.Kind))
	case l.About == "" || l.Cause == "":
		return fault.New(fault.Invalid, "A letter needs to say whom it is about and what led to it.")
	case len(l.To.Name) == 0 || strings.TrimSpace(strings.Join(l.To.Name, "")) == "":
		return fault.New(fault.Invalid, "The letter is to nobody: the name is missing.")
	case len(l.To.Name) > mostName:
		return fault.New(fault.Invalid, "A name has at most %d lines on a letter; this one has %d.", mostName, len(l.To.Name))
	}
	if err := l.checkFields(); err != nil {
		return err
	}
	a := l.To.Mail
	if a.Line() == "" && len(a.Lines) == 0 || a.Country == "" && a.City == "" && a.ZIP == "" {
		return fault.New(fault.Invalid, "The mailing address is not complete: it needs a street or box, and a city or ZIP code.")
	}
	return nil
}

func (l *Letter) checkFields() error {
	fields := kinds[l.Kind].fields
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			return fault.New(fault.Invalid, "A letter of the kind %s has no field %s; it has: %s.", string(l.Kind), name, strings.Join(names(fields), ", "))
		}
		if len(l.Fields[name]) > mostField {
			return fault.New(fault.TooLarge, "The field %s of a letter has at most %d characters; this one has %d.", name, mostField, len(l.Fields[name]))
		}
	}
	for _, f := range fields {
		if f.Needed && strings.TrimSpace(l.Fields[f.Name]) == "" {
			return fault.New(fault.Invalid, "A letter of the kind %s must say %s.", string(l.Kind), f.Name)
		}
	}
	return nil
}

// problem says why a letter cannot be printed as it is.
func (s *Letters) problem(ctx context.Context, q db.Reader, k *Kept) (string, error) {
	text, lang, err := s.current(ctx, q, k.Kind, k.Language)
	if err != nil {
		return "", err
	}
	t, err := readTemplate(k.Kind, text)
	if err != nil {
		return "", err
	}
	missing, err := unprintable(s.today().paper(s.Words.In(lang), k, t))
	if err != nil {
		return tooLong, nil
	}
	return missing, nil
}

// tooLong is the problem of a letter whose address or card has no room on paper.
const tooLong = ":long"

// unprintable says which characters of a letter the fonts lack, or what has no
// room on paper.
func unprintable(l paper.Letter) (missing string, err error) {
	texts := slices.Concat(l.From, l.To)
	for _, b := range slices.Concat(l.Body, l.Card) {
		texts = append(texts, b.Text)
	}
	_, err = l.Pages()
	return paper.Missing(strings.Join(texts, " ")), err
}

// paper is a letter as the office prints it on its day.
func (o sender) paper(p *words.Printer, k *Kept, t *template) paper.Letter {
	day, _ := o.Day.In(time.UTC) // written by us: always a day
	fields := map[string]string{"name": strings.Join(k.To.Name, " "), "date": p.Date(day), "number": k.Number(),
		"office": o.Name, "office_address": strings.Join(o.Address, ", "), "office_phone": o.Phone,
		"office_email": o.Email, "office_url": o.URL}
	maps.Copy(fields, k.Fields)
	l := paper.Letter{Number: k.Number(), Code: k.ID, From: append([]string{o.Name}, o.Address...), To: lines(k.To),
		Date: p.Date(day), Page: pages(p), Stamp: p.T("letters.paper.stamp")}
	l.Body, l.Card = t.fill(fields)
	return l
}

func pages(p *words.Printer) func(page, of int) string {
	return func(page, of int) string { return p.T("letters.paper.page", "page", page, "of", of) }
}

// lines are the lines of an address on an envelope: the name, then what the mail
// needs, the city last.
func lines(to To) (out []string) {
	for _, n := range to.Name {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	a := to.Mail
	if l := a.Line(); l != "" && len(a.Lines) == 0 {
		out = append(out, l)
	}
	out = append(out, a.Lines...)
	town := strings.Join(strings.Fields(strings.Join([]string{a.City, a.State, a.ZIP}, " ")), " ")
	for _, l := range []string{town, a.Country} {
		if l != "" && l != "US" {
			out = append(out, l)
		}
	}
	return out
}

// zip is what the mail is sorted by: five digits, or nothing for other
// countries.
func zip(a roll.Address) string {
	z, _, _ := strings.Cut(strings.TrimSpace(a.ZIP), "-")
	if a.Country != "" && a.Country != "US" || len(z) < 5 || strings.Trim(z[:5], "0123456789") != "" {
		return ""
	}
	return z[:5]
}

// Withdraw takes a letter out of the queue before it is in a batch.
func (s *Letters) Withdraw(ctx context.Context, number, why string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		e := event.LetterWithdrawn{Letter: number, Why: why}
		err := tx.QueryRowContext(ctx, `
			update letters_letter set state = 'withdrawn'
			where jurisdiction = $1 and id = $2 and state = 'written'
			returning kind, about, cause`, s.Jurisdiction, number).Scan(&e.Kind, &e.About, &e.Cause)
		if errors.Is(err, sql.ErrNoRows) {
			return s.notWritten(ctx, tx, number)
		}
		if err != nil {
			return err
		}
		tx.Record(e)
		return nil
	})
}

// notWritten says why a letter cannot be withdrawn.
func (s *Letters) notWritten(ctx context.Context, tx *db.Tx, number string) error {
	if _, err := s.find(ctx, tx, number); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "The letter %s does not wait in the queue any more, so it cannot be withdrawn.", Hyphens(number))
}

func (s *Letters) insert(ctx context.Context, tx *db.Tx, k *Kept, text hide.String) error {
	sealed, err := s.Sealer.Seal(ctx, tx, content.At(s.Jurisdiction, k.ID), text)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		insert into letters_letter (jurisdiction, id, kind, language, about, cause, state, problem, zip, written_at, written_by, content, batch)
		values ($1, $2, $3, $4, $5, $6, 'written', $7, $8, $9, $10, $11, '')`,
		s.Jurisdiction, k.ID, string(k.Kind), k.Language, k.About, k.Cause, k.Problem, zip(k.To.Mail), k.WrittenAt, who.From(ctx).ID, sealed)
	return err
}
