// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/note"

	"hustings/event"
	"hustings/guard/audit/tree"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/ledger"
)

// Report is what Verify found. Nothing was changed, removed, reordered or added
// where it has no problems.
type Report struct {
	Log      string    `json:"log"`
	Leaves   uint64    `json:"leaves"` // under the checkpoint
	Root     string    `json:"root"`   // hexadecimal
	Signed   []string  `json:"signed"` // whose signatures are there and good; empty when no key was given
	Entries  int64     `json:"entries"`
	Waiting  int64     `json:"waiting"`  // the newest entries, which the checkpoint does not cover yet
	Shredded int64     `json:"shredded"` // entries whose salt was shredded; their chain alone speaks for them
	Problems []Problem `json:"problems"`
	More     int       `json:"more"` // problems beyond those listed
}

// Sound reports whether there is nothing wrong.
func (r *Report) Sound() bool { return len(r.Problems) == 0 }

// Problem is an entry, a file or the whole, and what is wrong with it.
type Problem struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// String says where and what.
func (p Problem) String() string { return p.Where + ": " + p.What }

// listed is how many problems a report lists.
const listed = 100

func (r *Report) add(where, what string) {
	if len(r.Problems) == listed {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{where, what})
}

// Copy is what Verify looks at: a database and the files of the log. It needs
// neither the house nor the network.
type Copy struct {
	DB     *db.DB
	Folder string
	Key    note.Verifier // the log's public key; nil leaves the signature unchecked
	Policy *Policy       // the witnesses who must have signed; nil for none
}

// Verify proves that the ledger is what was sealed: each file of the log
// against the signed checkpoint, each entry against its chain, and each entry
// against its leaf. Take the copy of the log before that of the database: what
// came in between then only waits.
func Verify(ctx context.Context, c Copy) (*Report, error) {
	r := &Report{Problems: []Problem{}, Signed: []string{}}
	text, err := tree.Folder(c.Folder).Checkpoint()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "there is no sealed log in %s: its checkpoint cannot be read", c.Folder)
	}
	cp, ok := c.checkpoint(r, text)
	if !ok {
		return r, nil
	}
	log, err := tree.Folder(c.Folder).Verify(ctx, cp)
	if err != nil {
		return nil, err
	}
	for _, p := range log.Problems {
		r.add(p.File, p.What)
	}
	v := &verifier{Copy: c, report: r, log: log, seen: newSeen(log.Size)}
	return r, v.all(ctx)
}

// checkpoint opens the checkpoint and says whose signatures it bears. Where a
// signature is wrong it goes on without, to find what else was altered.
func (c Copy) checkpoint(r *Report, text []byte) (tree.Checkpoint, bool) {
	cp, err := tree.Open(text, c.Key, c.Policy.Verifiers()...)
	if err != nil {
		r.add("checkpoint", err.Error())
		if cp, err = tree.Open(text, nil); err != nil {
			return cp, false
		}
	}
	if !c.Policy.Met(string(text)) {
		r.add("checkpoint", "too few of the witnesses have signed it")
	}
	r.Log, r.Leaves, r.Root = cp.Origin, cp.Size, fmt.Sprintf("%x", cp.Root)
	r.Signed = append(r.Signed, cp.Signed...)
	return cp, true
}

// verifier compares entries with leaves.
type verifier struct {
	Copy
	log      *tree.Verified
	report   *Report
	shredded map[string][]span // what facts tell of having been shredded
	seen     *seen

	mu      sync.Mutex // guards what follows and report while runs are checked
	waiting map[string][]span
	sealed  map[string]int64 // the last sealed entry of each jurisdiction
}

// span is a run of sequences, both ends included.
type span struct{ from, to int64 }

func (v *verifier) all(ctx context.Context) (err error) {
	v.waiting, v.sealed = map[string][]span{}, map[string]int64{}
	if v.shredded, err = shredded(ctx, v.DB); err != nil {
		return err
	}
	lr, err := (&ledger.Ledger{DB: v.DB}).VerifyAnd(ctx, v.run)
	if err != nil {
		return err
	}
	v.report.Entries = lr.Entries
	for _, p := range lr.Problems {
		where := p.Jurisdiction
		if p.Seq != 0 {
			where = fmt.Sprintf("%s, entry %d", p.Jurisdiction, p.Seq)
		}
		v.report.add(where, p.What)
	}
	v.report.More += lr.More
	v.waited()
	if err := v.unclaimed(ctx); err != nil {
		return err
	}
	return v.last(ctx)
}

// shredded reads which salts may be missing.
func shredded(ctx context.Context, d *db.DB) (map[string][]span, error) {
	l := &ledger.Ledger{DB: d}
	heads, err := l.Jurisdictions(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]span{}
	for j := range heads {
		list, err := l.Named(ctx, j, event.SaltsShredded{}.Name())
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			var f event.SaltsShredded
			if json.Unmarshal(e.Data, &f) == nil { // an altered one is told of by the chain
				out[j] = append(out[j], span{f.From, f.To})
			}
		}
	}
	return out, nil
}

// run compares the entries of a run with their leaves.
func (v *verifier) run(ctx context.Context, run ledger.Run) ([]ledger.Problem, error) {
	w := &runWalk{verifier: v, run: run, leaves: v.log.Reader()}
	if len(run.Links) == 0 {
		return nil, nil
	}
	list, err := batchesOf(ctx, v.DB, run.Jurisdiction, run.From+1, run.To)
	var bad *unsound
	switch {
	case errors.As(err, &bad):
		w.add(bad.seq, "its record of leaves was altered: %s", bad.what)
		return w.problems, nil
	case err != nil:
		return nil, err
	}
	for _, b := range list {
		w.batch(&b)
	}
	for w.at < len(run.Links) {
		w.unsealed()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.report.Shredded += w.shreds
	v.waiting[run.Jurisdiction] = append(v.waiting[run.Jurisdiction], w.waits...)
	v.sealed[run.Jurisdiction] = max(v.sealed[run.Jurisdiction], w.last)
	return w.problems, nil
}

// runWalk goes through a run's entries and batches side by side.
type runWalk struct {
	*verifier
	run      ledger.Run
	at       int // of the next link
	last     int64
	shreds   int64
	waits    []span
	leaves   *tree.Reader
	problems []ledger.Problem
}

func (w *runWalk) add(seq int64, format string, args ...any) {
	w.problems = append(w.problems, ledger.Problem{Jurisdiction: w.run.Jurisdiction, Seq: seq, What: fmt.Sprintf(format, args...)})
}

// unsealed notes an entry that has no leaf.
func (w *runWalk) unsealed() {
	seq := w.run.Links[w.at].Seq
	if n := len(w.waits); n > 0 && w.waits[n-1].to == seq-1 {
		w.waits[n-1].to = seq
	} else {
		w.waits = append(w.waits, span{seq, seq})
	}
	w.at++
}

// batch compares the entries that became leaves together.
func (w *runWalk) batch(b *batch) {
	for i := range b.size() {
		seq := b.seq + int64(i)
		if seq <= w.run.From || seq > w.run.To {
			continue
		}
		for w.at < len(w.run.Links) && w.run.Links[w.at].Seq < seq {
			w.unsealed()
		}
		if w.at == len(w.run.Links) || w.run.Links[w.at].Seq > seq {
			// The entry is missing, which the chain tells; its leaf is claimed.
			w.seen.claim(b.leaf + uint64(i))
			continue
		}
		w.entry(b, i, w.run.Links[w.at])
		w.at++
	}
}

// entry compares one entry with its leaf.
func (w *runWalk) entry(b *batch, i int, link ledger.Link) {
	index, salt, leaf := b.leaf+uint64(i), b.salt(i), b.at(i)
	if index >= w.log.Size {
		w.waits = append(w.waits, span{link.Seq, link.Seq})
		return
	}
	w.last = link.Seq
	if !w.seen.claim(index) {
		w.add(link.Seq, "leaf %d of the log belongs to another entry as well", index)
	}
	want := leaf
	if salt != (tree.Salt{}) {
		want = tree.Leaf(salt, w.run.Jurisdiction, link.Seq, link.Hash)
	} else if w.shreds++; !covered(w.shredded[w.run.Jurisdiction], link.Seq) {
		w.add(link.Seq, "its salt is missing, and no fact tells that it was shredded")
	}
	has, known := w.leaves.Has(index, want)
	switch {
	case known && !has:
		stands, _ := w.leaves.Has(index, leaf)
		w.add(link.Seq, "it is not what was sealed as leaf %d: %s", index, blame(stands, want == leaf))
	case want != leaf:
		w.add(link.Seq, "the copy of its leaf beside it was altered")
	}
}

// blame says what was altered, as far as that can be known.
func blame(stands, same bool) string {
	switch {
	case stands:
		return "the entry or its salt was altered"
	case same:
		return "its place in the log, or the leaf itself, is another"
	}
	return "the entry, its salt or its place was altered"
}

func covered(list []span, seq int64) bool {
	return slices.ContainsFunc(list, func(s span) bool { return s.from <= seq && seq <= s.to })
}

// waited accepts entries without a leaf at the end of a chain, where they wait
// to be sealed, and nowhere else.
func (v *verifier) waited() {
	for j, list := range v.waiting {
		for _, s := range list {
			if s.to < v.sealed[j] {
				v.report.add(fmt.Sprintf("%s, entry %d", j, s.from), "it was never sealed, and entries behind it were: it was added later, or its record of leaves was removed")
				continue
			}
			v.report.Waiting += s.to - s.from + 1
		}
	}
}

// unclaimed finds leaves to which no entry belongs.
func (v *verifier) unclaimed(ctx context.Context) error {
	none := true
	v.seen.gaps(func(from, to uint64) {
		none = false
		where := fmt.Sprintf("leaf %d", from)
		if to > from {
			where = fmt.Sprintf("leaves %d to %d", from, to)
		}
		v.report.add(where, "no entry belongs to it: entries were removed, or the copy of the database is older than that of the log")
	})
	if none {
		return nil
	}
	return v.misplaced(ctx)
}

// misplaced finds the records of leaves that do not follow each other. It is
// asked only where leaves lack an entry: there may be millions of records.
func (v *verifier) misplaced(ctx context.Context) error {
	rows, err := v.DB.QueryContext(ctx, `select jurisdiction, seq, leaf, count from audit_batch order by leaf`)
	if err != nil {
		return err
	}
	defer rows.Close()
	due := int64(0)
	for rows.Next() {
		var j string
		var seq, leaf, count int64
		if err := rows.Scan(&j, &seq, &leaf, &count); err != nil {
			return err
		}
		if leaf != due {
			v.report.add(fmt.Sprintf("%s, entry %d", j, seq), fmt.Sprintf("its record says leaf %d, where %d is due: it was altered, or one before it is missing", leaf, due))
		}
		due = leaf + count
	}
	return rows.Err()
}

// last compares the checkpoint that the database remembers.
func (v *verifier) last(ctx context.Context) error {
	rows, err := v.DB.QueryContext(ctx, `select jurisdiction, size, checkpoint from audit_sealed order by jurisdiction`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var j, text string
		var size int64
		if err := rows.Scan(&j, &size, &text); err != nil {
			return err
		}
		where := "the checkpoint remembered for " + j
		c, err := tree.Open([]byte(text), v.Key)
		switch {
		case err != nil:
			v.report.add(where, err.Error())
		case c.Size != uint64(size):
			v.report.add(where, fmt.Sprintf("it is said to have %d leaves, and has %d", size, c.Size))
		case c.Origin != v.report.Log:
			v.report.add(where, "it is of another log: "+c.Origin)
		case c.Size <= v.log.Size:
			if root, ok := v.log.RootAt(c.Size); ok && root != c.Root {
				v.report.add(where, "its root is not that of the log")
			}
		}
	}
	return rows.Err()
}

// seen marks leaves to which an entry belongs: one bit each.
type seen struct {
	mu   sync.Mutex // guards bits
	bits []uint64
	size uint64
}

func newSeen(size uint64) *seen { return &seen{bits: make([]uint64, (size+63)/64), size: size} }

// claim marks a leaf and reports whether it was free.
func (s *seen) claim(leaf uint64) bool {
	if leaf >= s.size {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.bits[leaf/64] & (1 << (leaf % 64))
	s.bits[leaf/64] |= 1 << (leaf % 64)
	return was == 0
}

// gaps calls tell for each run of leaves that nobody claimed.
func (s *seen) gaps(tell func(from, to uint64)) {
	open, from := false, uint64(0)
	for leaf := uint64(0); leaf < s.size; leaf++ {
		if leaf%64 == 0 && s.bits[leaf/64] == ^uint64(0) && !open {
			leaf += 63
			continue
		}
		free := s.bits[leaf/64]&(1<<(leaf%64)) == 0
		if free && !open {
			open, from = true, leaf
		}
		if !free && open {
			open = false
			tell(from, leaf-1)
		}
	}
	if open {
		tell(from, s.size-1)
	}
}
