// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
	"hustings/office/registry/file"
	"hustings/office/registry/gate"
	"hustings/office/registry/roll"
)

// Batch is a file of applications.
type Batch struct {
	ID, Name, SHA256       string
	Source                 roll.Source
	Kind                   file.Kind
	State                  string // held, released, loaded
	TakenAt                time.Time
	TakenBy, ReleasedBy    string
	Why                    string
	Records, Fresh, Failed int64
	Profile                gate.Profile
	Findings               []gate.Finding
	Again                  bool // the file had been taken in before
}

// sources are who files come from, and the short names for them.
var sources = map[string]roll.Source{"dmv": roll.MotorVehicles, "agency": roll.OtherAgency, "assistance": roll.Assistance, "disability": roll.Disability,
	"recruitment": roll.Recruitment, "drive": roll.Drive, "internet": roll.ByInternet, "mail": roll.ByMail, "office": roll.AtOffice}

// Sources lists the short names of sources.
func Sources() (names []string) {
	for name := range sources {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Load takes in a file of applications. It is read twice: once to count it,
// which tells whether it is as agreed with its source, and once to accept what
// stands in it. One that is not as agreed is held until a second person releases
// it, and is then handed in again. The same file again changes nothing; one that
// was cut short goes on.
func (s *Intake) Load(ctx context.Context, name, source string, in io.ReadSeeker) (b Batch, err error) {
	from, ok := sources[source]
	if !ok {
		return b, fault.On("source", fault.New(fault.Invalid, "There is no source %q; choose from %s.", source, strings.Join(Sources(), ", ")))
	}
	b = Batch{ID: id.New(), Name: name, Source: from, TakenAt: s.Now(), TakenBy: me(ctx), State: "loaded"}
	if b.SHA256, err = fingerprint(in); err != nil {
		return b, err
	}
	src, err := b.count(in)
	if err != nil {
		return b, err
	}
	if err := s.judge(ctx, &b); err != nil {
		return b, err
	}
	if b.State == "held" {
		return b, s.hold(ctx, &b)
	}
	if err := s.acceptAll(ctx, &b, in); err != nil {
		return b, err
	}
	return b, s.loaded(ctx, &b, src)
}

func fingerprint(in io.ReadSeeker) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The file could not be read to its end.")
	}
	_, err := in.Seek(0, io.SeekStart)
	return hex.EncodeToString(h.Sum(nil)), err
}

// read reads a file from its beginning.
func (b *Batch) read(in io.ReadSeeker, do func(*file.Record) error) (*file.Source, error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	src, err := file.Read(b.Name, in, file.Options{}, do)
	if err != nil && fault.KindOf(err) == fault.Internal && src != nil && !errors.As(err, new(stopped)) {
		return src, fault.Wrap(fault.Invalid, err, "The file cannot be read: %s", err)
	}
	return src, err
}

// stopped carries an error of ours through a reader of files.
type stopped struct{ error }

// Unwrap is the error.
func (s stopped) Unwrap() error { return s.error }

// count counts a file for the gate.
func (b *Batch) count(in io.ReadSeeker) (*file.Source, error) {
	contract, err := gate.For(string(b.Source))
	if err != nil {
		if contract, err = gate.For(string(agency)); err != nil {
			return nil, err
		}
	}
	k := gate.NewCounter(contract)
	src, err := b.read(in, func(r *file.Record) error {
		k.Row(func(column string) string { return columnOf(&r.Voter, column) })
		return nil
	})
	if err != nil {
		return src, err
	}
	for range src.LeftOut {
		k.Reject()
	}
	b.Kind, b.Records, b.Failed, b.Profile = src.Kind, int64(src.Records), int64(src.LeftOut), k.Profile()
	return src, nil
}

// agency is the source whose contract holds for those without one.
const agency = "other-agency"

// columnOf is what a voter has in a column of a contract.
func columnOf(v *roll.Voter, column string) string {
	switch column {
	case "last_name":
		if v.Name.Last == "" {
			return v.Name.Full
		}
		return v.Name.Last
	case "first_name":
		if v.Name.First == "" {
			return v.Name.Full
		}
		return v.Name.First
	case "birth_date":
		return string(v.Birth)
	case "ssn4":
		return v.NumberOf(roll.SSN4).Reveal()
	case "licence":
		return v.NumberOf(roll.License).Reveal()
	case "address":
		return v.Home.Line()
	case "city":
		return v.Home.City
	case "state":
		return v.Home.State
	case "zip":
		return v.Home.ZIP
	}
	return ""
}

// judge asks the gate, unless a second person has released the file.
func (s *Intake) judge(ctx context.Context, b *Batch) error {
	old, err := s.batchOf(ctx, b.Source, b.SHA256)
	if err == nil {
		b.ID, b.Again = old.ID, old.State == "loaded"
		if b.State = "loaded"; old.State == "held" {
			b.State, b.TakenBy, b.Findings = "held", old.TakenBy, old.Findings
		}
		return nil
	}
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	earlier, err := s.Batches(ctx, 20)
	if err != nil {
		return err
	}
	var profiles []gate.Profile
	for _, e := range slices.Backward(earlier) {
		if e.Source == b.Source && e.State == "loaded" {
			profiles = append(profiles, e.Profile)
		}
	}
	contract, err := gate.For(string(b.Source))
	if err != nil {
		if contract, err = gate.For(agency); err != nil {
			return err
		}
	}
	v := gate.Check(contract, b.Profile, profiles)
	if b.Findings = v.Findings; v.Answer == gate.Hold {
		b.State = "held"
	}
	return nil
}

// together is how many applications are accepted with one write.
const together = 200

// acceptAll accepts what stands in a file.
func (s *Intake) acceptAll(ctx context.Context, b *Batch, in io.ReadSeeker) error {
	var some []prepared
	received := b.TakenAt
	flush := func() error {
		n := int64(0)
		err := s.DB.Write(ctx, func(tx *db.Tx) error {
			n = 0
			for _, p := range some {
				_, _, fresh, err := s.insert(ctx, tx, p)
				if err != nil {
					return err
				}
				if fresh {
					n++
				}
			}
			if n == 0 {
				tx.Silently("all of them came before, and nothing is changed")
			}
			return nil
		})
		b.Fresh += n
		some = some[:0]
		return err
	}
	_, err := b.read(in, func(r *file.Record) error {
		p, err := s.ready(b.arrival(r, received))
		if err == nil {
			some = append(some, p)
		}
		if err == nil && len(some) == together {
			err = flush()
		}
		if err != nil {
			return stopped{err}
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return flush()
}

// arrival is a line of a file as an application. A line with a number of its
// sender is the same in whatever file it comes.
func (b *Batch) arrival(r *file.Record, received time.Time) arrival {
	a, signature := file.Application(r)
	a.Voter.Identifiers = slices.Clone(a.Voter.Identifiers)
	a.Received = received
	if a.Voter.Source == "" || a.Voter.Source == roll.UnknownSource || a.Voter.Source == roll.OtherSource {
		a.Voter.Source = b.Source
	}
	// A file of applications says nothing of states and precincts that the roll would take over.
	a.Voter.State, a.Voter.Reason, a.Voter.Since, a.Voter.Registered, a.Voter.Precinct, a.Voter.Districts = "", "", "", "", "", nil
	in := arrival{key: "file:" + b.SHA256 + ":" + strconv.Itoa(r.Line), batch: b.ID, line: r.Line, step: Accepted, app: a}
	if a.Transaction != "" && len(a.Transaction) < 100 {
		in.key = "file:" + string(b.Source) + ":" + a.Transaction
	}
	if len(signature) > 0 {
		in.pictures = []newPicture{{signaturePicture, sniff(signature), signature}}
	}
	return in
}

// hold keeps what is known of a file that is not as agreed.
func (s *Intake) hold(ctx context.Context, b *Batch) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		fresh, err := s.insertBatch(ctx, tx, b)
		if err != nil {
			return err
		}
		if !fresh {
			tx.Silently("the file is held already")
			return nil
		}
		tx.Record(event.ApplicationsHeld{Batch: b.ID, Source: string(b.Source), SHA256: b.SHA256, Findings: len(b.Findings)})
		return nil
	})
}

// loaded keeps what came of a file, and has its applications taken on.
func (s *Intake) loaded(ctx context.Context, b *Batch, src *file.Source) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		fresh, err := s.insertBatch(ctx, tx, b)
		if err != nil {
			return err
		}
		if !fresh {
			done, err := tx.ExecContext(ctx, `update intake_batch set state = 'loaded', fresh = fresh + $4 where jurisdiction = $1 and id = $2 and (state <> $3 or $4 > 0)`,
				s.Jurisdiction, b.ID, "loaded", b.Fresh)
			if err != nil {
				return err
			}
			if n, err := done.RowsAffected(); err != nil || n == 0 {
				tx.Silently("the file came before, and nothing is changed")
				return err
			}
		}
		for i, t := range src.Troubles {
			if _, err := tx.ExecContext(ctx, `
				insert into intake_line (jurisdiction, batch, n, line, field, what, remedy) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
				s.Jurisdiction, b.ID, i, t.Line, t.Field, t.What, t.Remedy); err != nil {
				return err
			}
		}
		tx.Record(event.ApplicationsLoaded{Batch: b.ID, Source: string(b.Source), SHA256: b.SHA256, Records: b.Records, Fresh: b.Fresh, Rejected: b.Failed})
		return nil
	})
}

func (s *Intake) insertBatch(ctx context.Context, tx *db.Tx, b *Batch) (fresh bool, err error) {
	profile, err := json.Marshal(b.Profile)
	if err != nil {
		return false, err
	}
	findings, err := json.Marshal(b.Findings)
	if err != nil {
		return false, err
	}
	done, err := tx.ExecContext(ctx, `
		insert into intake_batch (jurisdiction, id, name, sha256, source, kind, state, taken_at, taken_by, released_by, why, records, fresh, rejected, profile, findings)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, $11, $12, $13, $14) on conflict do nothing`,
		s.Jurisdiction, b.ID, b.Name, b.SHA256, string(b.Source), string(b.Kind), b.State, b.TakenAt, b.TakenBy, b.Records, b.Fresh, b.Failed, string(profile), string(findings))
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

// Release lets a held file in: a second person says why. It is then handed in
// again, for nothing of it was kept.
func (s *Intake) Release(ctx context.Context, batch, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return fault.On("why", fault.New(fault.Invalid, "Say why; it is recorded."))
	}
	p := who.From(ctx)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		b, err := s.batch(ctx, tx, `id = $2`, batch)
		switch {
		case err != nil:
			return err
		case b.State != "held":
			return fault.New(fault.Conflict, "This file is not held.")
		case b.TakenBy == p.ID || b.TakenBy == p.OnBehalf || !p.Known() || p.ID == who.Operator:
			return fault.New(fault.Denied, "You had a hand in this yourself. A second person must agree.")
		}
		if _, err := tx.ExecContext(ctx, `update intake_batch set state = 'released', released_by = $3, why = $4 where jurisdiction = $1 and id = $2 and state = 'held'`,
			s.Jurisdiction, batch, p.ID, why); err != nil {
			return err
		}
		tx.Record(event.ApplicationsReleased{Batch: batch, Why: why})
		return nil
	})
}

const batchRow = `id, name, sha256, source, kind, state, taken_at, taken_by, released_by, why, records, fresh, rejected, profile, findings`

func scanBatch(scan func(...any) error) (b Batch, err error) {
	var profile, findings string
	if err := scan(&b.ID, &b.Name, &b.SHA256, &b.Source, &b.Kind, &b.State, db.AsTime(&b.TakenAt), &b.TakenBy, &b.ReleasedBy, &b.Why, &b.Records, &b.Fresh, &b.Failed, &profile, &findings); err != nil {
		return b, err
	}
	return b, errors.Join(json.Unmarshal([]byte(profile), &b.Profile), json.Unmarshal([]byte(findings), &b.Findings))
}

func (s *Intake) batch(ctx context.Context, q db.Reader, where string, args ...any) (Batch, error) {
	b, err := scanBatch(q.QueryRowContext(ctx, `select `+batchRow+` from intake_batch where jurisdiction = $1 and `+where, append([]any{s.Jurisdiction}, args...)...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return b, fault.New(fault.NotFound, "There is no such file.")
	}
	return b, err
}

func (s *Intake) batchOf(ctx context.Context, source roll.Source, sum string) (Batch, error) {
	return s.batch(ctx, s.DB, `source = $2 and sha256 = $3`, string(source), sum)
}

// Batches lists the last files, the newest first.
func (s *Intake) Batches(ctx context.Context, limit int) ([]Batch, error) {
	rows, err := s.DB.QueryContext(ctx, `select `+batchRow+` from intake_batch where jurisdiction = $1 order by taken_at desc, id desc limit `+strconv.Itoa(limit), s.Jurisdiction)
	return db.Collect(rows, err, scanBatch)
}

// Row is a line of a file and what became of it.
type Row struct {
	Line        int
	Outcome     string // of the application, its step, or unusable
	Reason      string
	Field, What string
	Application ID
}

// Rows gives every line of a file with what became of it: the applications by
// line, and then what could not be used.
func (s *Intake) Rows(ctx context.Context, batch string, do func(Row) error) error {
	for _, query := range []string{
		`select line, case when step = 'ended' then outcome else step end, reason, missing, '', id from intake_application where jurisdiction = $1 and batch = $2 order by line, id`,
		`select line, 'unusable', '', field, what || case when remedy = '' then '' else '; ' || remedy end, '' from intake_line where jurisdiction = $1 and batch = $2 order by n`,
	} {
		rows, err := s.DB.QueryContext(ctx, query, s.Jurisdiction, batch)
		list, err := db.Collect(rows, err, func(scan func(...any) error) (r Row, err error) {
			return r, scan(&r.Line, &r.Outcome, &r.Reason, &r.Field, &r.What, &r.Application)
		})
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := do(r); err != nil {
				return err
			}
		}
	}
	return nil
}
