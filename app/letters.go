// SPDX-License-Identifier: Apache-2.0

package app

import (
	"cmp"
	"context"
	"strings"
	"time"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/intake"
	"hustings/office/letters"
)

// openLetters opens the room that writes to people.
func (h *House) openLetters() *letters.Letters {
	o := h.Config.Office
	return letters.New(letters.Deps{DB: h.DB, Now: h.Now, Jurisdiction: o.Jurisdiction, Sealer: h.Keys.Sealer(), Words: h.Words, Jobs: h.Jobs, Zone: h.Config.zone(),
		Office: letters.Office{Name: o.Name, Address: o.Address, Phone: o.Phone, Email: o.Email, URL: o.URL}})
}

// applicantLetters writes to applicants. What the intake says in codes and days
// is put into the words of the letter's language.
type applicantLetters struct {
	*letters.Letters
	words *words.Catalog
}

var _ intake.Letters = applicantLetters{}

// Write implements intake.Letters.
func (a applicantLetters) Write(ctx context.Context, l intake.Letter) error {
	p := a.words.In(l.Language)
	said := map[string]string{"precinct": l.Fields["precinct"], "received": dayIn(p, election.Date(l.Fields["received"])), "effective": dayIn(p, election.Date(cmp.Or(l.Fields["effective"], l.Fields["received"]))),
		"reason": sayOr(p, "letters.why.", l.Fields["reason"]), "appeal": p.T("letters.appeal")}
	var lacks []string
	for _, field := range strings.Fields(l.Fields["missing"]) {
		lacks = append(lacks, sayOr(p, "letters.lack.", field))
	}
	said["missing"] = strings.Join(lacks, "\n")
	kind, fields := letters.Kind(l.Kind), make(map[string]string)
	for _, f := range letters.Fields(kind) {
		fields[f.Name] = said[f.Name]
	}
	_, err := a.Letters.Write(ctx, letters.Letter{Kind: kind, Language: l.Language, To: letters.To{Name: []string{l.Name}, Mail: l.To}, Fields: fields, About: l.About, Cause: l.Cause})
	return err
}

// sayOr is what a code means in a language, or the code itself.
func sayOr(p *words.Printer, prefix, code string) string {
	if said := p.T(prefix + code); said != prefix+code {
		return said
	}
	return code
}

// dayIn is a day as a language writes it; empty for none.
func dayIn(p *words.Printer, d election.Date) string {
	t, err := d.In(time.UTC)
	if err != nil {
		return ""
	}
	return p.Date(t)
}
