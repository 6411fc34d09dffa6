// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
	"hustings/office/letters/paper"
)

// Line is a letter in the manifest of a batch.
type Line struct {
	Sequence int64  `json:"sequence"`
	Letter   string `json:"letter"`
	Kind     Kind   `json:"kind"`
	Language string `json:"language"`
	ZIP      string `json:"zip"`
	Pages    int64  `json:"pages"`
	Forward  bool   `json:"forwardable"` // in what envelope it goes
	Spoiled  bool   `json:"spoiled"`

	template string // SHA-256 of its text
}

// text is a template that was read, and the language that it is in.
type text struct {
	*template
	lang, body string
}

// Finish makes the file of a batch that was claimed: the manifest, and the count
// and hash that the printer's confirmation must have. A batch that was made or
// cancelled meanwhile stays as it is.
func (s *Letters) Finish(ctx context.Context, batch string, progress func(done, total int64)) (Batch, error) {
	b, err := s.Batch(ctx, batch)
	if err != nil || b.State != Making {
		return b, err
	}
	lines, texts, err := s.claimed(ctx, b)
	if err != nil {
		return b, err
	}
	hash := sha256.New()
	if b.Pages, err = s.print(ctx, b, lines, texts, hash, progress); err != nil {
		return b, err
	}
	b.SHA256 = hex.EncodeToString(hash.Sum(nil))
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := changed(tx.ExecContext(ctx, `
			update letters_batch set state = 'made', pages = $3, sha256 = $4 where jurisdiction = $1 and id = $2 and state = 'making'`,
			s.Jurisdiction, b.ID, b.Pages, b.SHA256))
		if err != nil || n == 0 {
			tx.Silently("the batch was made or cancelled meanwhile")
			return err
		}
		if err := s.keepLines(ctx, tx, b, lines, texts); err != nil {
			return err
		}
		tx.Record(event.LettersBatched{Batch: b.ID, Letters: b.Letters, Pages: b.Pages, SHA256: b.SHA256})
		return nil
	})
	if err != nil {
		return b, err
	}
	s.sure.Store(b.ID, b.SHA256)
	return s.Batch(ctx, batch)
}

// claimed are the letters of a batch that is being made, as they will be
// printed, and the texts of their templates.
func (s *Letters) claimed(ctx context.Context, b Batch) ([]Line, map[string]text, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select id, kind, language, zip from letters_letter where jurisdiction = $1 and batch = $2 order by zip, id`, s.Jurisdiction, b.ID)
	n := int64(0)
	lines, err := db.Collect(rows, err, func(scan func(...any) error) (l Line, err error) {
		n++
		l.Sequence = n
		return l, scan(&l.Letter, &l.Kind, &l.Language, &l.ZIP)
	})
	texts, used := make(map[string]text), make(map[[2]string]string)
	for i := range lines {
		l := &lines[i]
		which := [2]string{string(l.Kind), l.Language}
		if used[which] == "" {
			body, lang, err := s.current(ctx, s.DB, l.Kind, l.Language)
			if err != nil {
				return nil, nil, err
			}
			t, err := readTemplate(l.Kind, body)
			if err != nil {
				return nil, nil, err
			}
			used[which] = sum(lang + "\n" + body)
			texts[used[which]] = text{t, lang, body}
		}
		l.template = used[which]
	}
	return lines, texts, err
}

// keepLines keeps the manifest of a batch.
func (s *Letters) keepLines(ctx context.Context, tx *db.Tx, b Batch, lines []Line, texts map[string]text) error {
	for _, hash := range slices.Sorted(maps.Keys(texts)) {
		t := texts[hash]
		if _, err := tx.ExecContext(ctx, `
			insert into letters_text (jurisdiction, sha256, body) values ($1, $2, $3) on conflict do nothing`,
			s.Jurisdiction, hash, t.lang+"\n"+t.body); err != nil {
			return err
		}
	}
	_, err := tx.Load(ctx, "letters_line", []string{"jurisdiction", "batch", "sequence", "letter", "kind", "language", "zip", "pages", "template", "spoiled"},
		func(yield func([]any, error) bool) {
			for _, l := range lines {
				if !yield([]any{s.Jurisdiction, b.ID, l.Sequence, l.Letter, string(l.Kind), l.Language, l.ZIP, l.Pages, l.template, false}, nil) {
					return
				}
			}
		})
	return err
}

// chunk is how many letters are read at a time.
const chunk = 500

// print writes the letters of a batch as one PDF. It puts the pages of each into
// its line and says how many there are in all.
func (s *Letters) print(ctx context.Context, b Batch, lines []Line, texts map[string]text, w io.Writer, progress func(done, total int64)) (total int64, err error) {
	out := paper.New(w)
	for part := range slices.Chunk(lines, chunk) {
		letters, err := s.read(ctx, part)
		if err != nil {
			return total, err
		}
		for i := range part {
			l := &part[i]
			k, known := letters[l.Letter]
			if !known {
				return total, fault.New(fault.Internal, "the letter %s of the batch %s is gone", l.Letter, b.ID)
			}
			t := texts[l.template]
			n, err := out.Letter(b.sender.paper(s.Words.In(t.lang), &k, t.template))
			if err != nil {
				return total, err
			}
			l.Pages, total = int64(n), total+int64(n)
		}
		progress(part[len(part)-1].Sequence, int64(len(lines)))
	}
	return total, out.Close()
}

// read reads the letters of some lines.
func (s *Letters) read(ctx context.Context, lines []Line) (map[string]Kept, error) {
	args := make([]any, len(lines))
	for i, l := range lines {
		args[i] = l.Letter
	}
	list, err := s.list(ctx, s.DB, `id in (`+placeholders(2, len(args))+`)`, args...)
	out := make(map[string]Kept, len(list))
	for _, k := range list {
		out[k.ID] = k
	}
	return out, err
}

// Manifest is the list of a batch's letters in the order of the file.
func (s *Letters) Manifest(ctx context.Context, batch string) ([]Line, error) {
	rows, err := s.DB.QueryContext(ctx, `
		select sequence, letter, kind, language, zip, pages, template, spoiled
		from letters_line where jurisdiction = $1 and batch = $2 order by sequence`, s.Jurisdiction, batch)
	return db.Collect(rows, err, func(scan func(...any) error) (l Line, err error) {
		err = scan(&l.Sequence, &l.Letter, &l.Kind, &l.Language, &l.ZIP, &l.Pages, &l.template, &l.Spoiled)
		l.Forward = l.Kind.Forwardable()
		return l, err
	})
}

// texts are the texts with which a batch was made.
func (s *Letters) texts(ctx context.Context, lines []Line) (map[string]text, error) {
	out := make(map[string]text)
	for l := range distinct(lines) {
		t := text{}
		if err := s.DB.QueryRowContext(ctx, `select body from letters_text where jurisdiction = $1 and sha256 = $2`, s.Jurisdiction, l.template).Scan(&t.body); err != nil {
			return nil, err
		}
		t.lang, t.body, _ = strings.Cut(t.body, "\n")
		var err error
		if t.template, err = readTemplate(l.Kind, t.body); err != nil {
			return nil, err
		}
		out[l.template] = t
	}
	return out, nil
}

// distinct gives the first line of each template.
func distinct(lines []Line) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		seen := make(map[string]bool)
		for _, l := range lines {
			if !seen[l.template] && !yield(l) {
				return
			}
			seen[l.template] = true
		}
	}
}

// Fetch writes the file of a batch, which is made again from the letters; where
// this process has not made it before, first for its hash alone, so that nothing
// is written that is not the file that was made.
func (s *Letters) Fetch(ctx context.Context, batch string, ready func(b Batch) io.Writer) error {
	b, err := s.Batch(ctx, batch)
	if err != nil {
		return err
	}
	if b.State == Making || b.State == Cancelled {
		return s.notOpen(ctx, s.DB, batch)
	}
	lines, err := s.Manifest(ctx, batch)
	if err != nil {
		return err
	}
	texts, err := s.texts(ctx, lines)
	if err != nil {
		return err
	}
	if known, _ := s.sure.Load(b.ID); known != b.SHA256 {
		if err := s.checkFile(ctx, b, lines, texts); err != nil {
			return err
		}
	}
	if err := ledger.Saw(ctx, s.DB, event.RecordsRead{Kind: "letters of a batch", Records: []string{batch}, Why: "the file to be printed"}); err != nil {
		return err
	}
	_, err = s.print(ctx, b, lines, texts, ready(b), func(int64, int64) {})
	return err
}

// checkFile makes the file of a batch for its hash alone.
func (s *Letters) checkFile(ctx context.Context, b Batch, lines []Line, texts map[string]text) error {
	hash := sha256.New()
	if _, err := s.print(ctx, b, lines, texts, hash, func(int64, int64) {}); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != b.SHA256 {
		return fault.New(fault.Conflict, "This batch was made by another version of the program, which set its letters otherwise. Cancel it and make it again.")
	}
	s.sure.Store(b.ID, b.SHA256)
	return nil
}

// Paper is a letter as it was printed, or as it would be now.
func (s *Letters) Paper(ctx context.Context, k *Kept) (l paper.Letter, lang string, err error) {
	if k.Batch != "" {
		b, err := s.Batch(ctx, k.Batch)
		if err != nil {
			return l, "", err
		}
		rows, err := s.DB.QueryContext(ctx, `
			select sequence, letter, kind, template from letters_line where jurisdiction = $1 and batch = $2 and letter = $3`, s.Jurisdiction, k.Batch, k.ID)
		lines, err := db.Collect(rows, err, func(scan func(...any) error) (l Line, err error) {
			return l, scan(&l.Sequence, &l.Letter, &l.Kind, &l.template)
		})
		if err != nil {
			return l, "", err
		}
		texts, err := s.texts(ctx, lines)
		if err != nil {
			return l, "", err
		}
		for _, t := range texts {
			return b.sender.paper(s.Words.In(t.lang), k, t.template), t.lang, nil
		}
	}
	body, lang, err := s.current(ctx, s.DB, k.Kind, k.Language)
	if err != nil {
		return l, lang, err
	}
	t, err := readTemplate(k.Kind, body)
	if err != nil {
		return l, lang, err
	}
	return s.today().paper(s.Words.In(lang), k, t), lang, nil
}
