// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/job"
	"hustings/kit/who"
	"hustings/office/extract/list"
)

// mostTries is how often a list is tried before somebody has to look.
const mostTries = 3

// work makes a list. What a run that was killed has left is put away first.
func (s *Extract) work(ctx context.Context, w *job.Work) error {
	var args makeArgs
	if err := w.Args(&args); err != nil {
		return err
	}
	one, err := s.Find(ctx, args.Extract)
	if err != nil {
		return err
	}
	if one.State != Queued {
		return nil // a run before this has made it
	}
	err = s.make(ctx, w, &one)
	if err == nil || w.Try() < mostTries && !final(err) || ctx.Err() != nil {
		return err
	}
	s.Log.ErrorContext(ctx, "list not made", "extract", one.ID, "error", err)
	if err := s.clear(ctx, one.ID); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ExtractFailed{Extract: one.ID, Number: one.Number(), Why: fault.Sentence(err)})
		return s.markFailed(ctx, tx, one.ID, fault.Sentence(err))
	})
}

// final says whether the same list would fail the same way again.
func final(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Invalid || k == fault.TooLarge || k == fault.Denied
}

func (s *Extract) make(ctx context.Context, w *job.Work, one *One) error {
	if err := s.clear(ctx, one.ID); err != nil {
		return err
	}
	key := id.Token(32)
	if err := s.keepSecret(ctx, one.ID, key); err != nil {
		return err
	}
	keep, err := s.newKeeper(ctx, one.ID, key)
	if err != nil {
		return err
	}
	if one.Report, err = s.pack(ctx, keep, *one, func(seen int64) { w.Progress(seen, 0, "") }); err != nil {
		return err
	}
	if err := keep.Close(); err != nil {
		return err
	}
	if one.Report.Voters >= s.TwoFrom && one.Choices.List != list.Public && !one.Second {
		return fault.New(fault.Denied, "The list has %d voters by now, which takes two people; ask for it again.", one.Report.Voters)
	}
	one.MadeAt = s.Now()
	one.Expires = one.MadeAt.Add(s.Keep)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ExtractMade{Extract: one.ID, Number: one.Number(), List: string(one.Choices.List), Voters: one.Report.Voters, Bytes: one.Report.Bytes, SHA256: one.Report.SHA256})
		return s.markMade(ctx, tx, *one)
	})
}

// mark is what is said of an extract inside of its file.
func (s *Extract) mark(one One) list.Mark {
	by := one.AskedName
	if one.AgreedBy != "" {
		by += ", with a second person's agreement"
	}
	return list.Mark{Number: one.Number(), Office: s.Office, For: one.Recipient, Purpose: one.Purpose, By: by,
		When: s.Now().UTC().Format(time.RFC3339), Statement: s.statement()}
}

// Statement is what the house says where the office has no words of its own.
const Statement = "This list may be used for elections, for government and for research about them, as the law of the state allows. It may not be sold, published whole, or used to advertise. Who gives it away answers for it."

func (s *Extract) statement() string {
	if s.Settings.Statement != "" {
		return s.Settings.Statement
	}
	return Statement
}

// file is what the list is called inside of its archive.
func (o One) file() string {
	return fmt.Sprintf("%s-%s-%s.%s", o.Choices.List, o.Choices.AsOf, o.Number(), o.Choices.Format.Ending())
}

// pack writes the archive of an extract: the list, in its layout and nothing
// added, and beside it a page that says whose it is. So the file stays valid for
// whatever reads such files.
func (s *Extract) pack(ctx context.Context, w io.Writer, one One, progress func(int64)) (list.Report, error) {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	mark, now := s.mark(one), s.Now().UTC()
	method := zip.Deflate
	if one.Choices.Format.Packed() {
		method = zip.Store
	}
	part, err := z.CreateHeader(&zip.FileHeader{Name: one.file(), Method: method, Modified: now})
	if err != nil {
		return list.Report{}, err
	}
	rep, err := list.Make(part, one.Choices, mark, s.Roll.RollAsOf(ctx, one.Choices.AsOf), progress)
	if err != nil {
		return rep, err
	}
	if part, err = z.CreateHeader(&zip.FileHeader{Name: "ABOUT.txt", Method: zip.Deflate, Modified: now}); err != nil {
		return rep, err
	}
	if _, err := io.WriteString(part, about(one, mark, rep)); err != nil {
		return rep, err
	}
	if err := z.SetComment("Extract " + one.Number() + " for " + cut(one.Recipient, 200)); err != nil {
		return rep, err
	}
	return rep, z.Close()
}

func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "") }

// about is the page beside a list. It is English, as the columns are.
func about(one One, m list.Mark, rep list.Report) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-14s %s\r\n", name+":", strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
	}
	line("Extract", "%s", m.Number)
	line("Office", "%s", m.Office)
	line("Recipient", "%s", m.For)
	line("Purpose", "%s", m.Purpose)
	line("Made by", "%s", m.By)
	line("Made at", "%s", m.When)
	line("List", "%s", one.Choices.List)
	line("As of", "%s", one.Choices.AsOf)
	line("Voters", "%d", rep.Voters)
	if one.Choices.List == list.Jury {
		line("Drawn from", "%d who may be drawn", rep.Eligible)
		line("Seed", "%s", one.Choices.Seed)
		line("How", "the lowest SHA-256 of the seed, a comma and the voter's number in the roll")
	}
	line("File", "%s", one.file())
	line("SHA-256", "%s", rep.SHA256)
	for _, l := range rep.Losses {
		line("Left out", "%s (%d times)", l.What, l.N)
	}
	line("Use", "%s", m.Statement)
	return b.String()
}

// WriteTo writes a list straight into a file at the machine, and the page about
// it. Nothing is kept of it but that it was written.
func (s *Extract) WriteTo(ctx context.Context, out, beside io.Writer, o Order, progress func(int64)) (One, error) {
	if err := s.check(&o); err != nil {
		return One{}, err
	}
	me := who.From(ctx)
	one := One{ID: id.New(), Choices: o.Choices, Recipient: o.Recipient, Purpose: o.Purpose, State: Written, AskedBy: me.ID, AskedName: me.Name, AskedAt: s.Now()}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(one.asked())
		return s.insert(ctx, tx, one)
	})
	if err != nil {
		return one, err
	}
	mark := s.mark(one)
	if one.Report, err = list.Make(out, o.Choices, mark, s.Roll.RollAsOf(ctx, o.AsOf), progress); err != nil {
		return one, err
	}
	if _, err := io.WriteString(beside, about(one, mark, one.Report)); err != nil {
		return one, err
	}
	one.MadeAt = s.Now()
	return one, s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Record(event.ExtractMade{Extract: one.ID, Number: one.Number(), List: string(o.List), Voters: one.Report.Voters, Bytes: one.Report.Bytes, SHA256: one.Report.SHA256})
		return s.markWritten(ctx, tx, one)
	})
}
