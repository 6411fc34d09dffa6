// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"

	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

// linkJob matches the lines of a run with the roll. What an earlier try left is
// thrown away: nobody has seen it yet.
func (s *Upkeep) linkJob(ctx context.Context, w *job.Work) error {
	var a jobArgs
	if err := w.Args(&a); err != nil {
		return err
	}
	return s.Link(ctx, a.Run, w.Progress)
}

// progress says how far something is.
type progress = func(done, total int64, say string)

// Link matches the lines of a run with the roll, at once. A run that is not to
// be matched is left as it is.
func (s *Upkeep) Link(ctx context.Context, run string, say progress) error {
	r, err := s.Run(ctx, run)
	if err != nil || r.State != Linking {
		return err
	}
	k := &linker{s: s, run: r, say: say, lines: map[int]Line{}, sum: Summary{Without: map[string]int{}, Strata: map[int]int{}}}
	if err := k.wants(ctx); err != nil {
		return err
	}
	if err := k.match(ctx); err != nil {
		return err
	}
	err = k.keep(ctx)
	if fault.KindOf(err) == fault.Conflict { // a job was at it, too
		if r, again := s.Run(ctx, run); again == nil && r.State != Linking {
			return nil
		}
	}
	return err
}

// linker links one run.
type linker struct {
	s     *Upkeep
	run   Run
	say   progress
	lines map[int]Line // those that ask for something, by their number
	ids   map[roll.ID][]int
	found []Candidate
	sum   Summary
}

// wants reads the lines that ask for something.
func (k *linker) wants(ctx context.Context) error {
	k.ids = map[roll.ID][]int{}
	return k.s.parts(ctx, k.run.ID, func(lines []Line) error {
		for _, l := range lines {
			if _, why := asks(k.run.Kind, &l); why != "" {
				k.sum.Without[why]++
				continue
			}
			k.sum.Read++
			k.lines[l.Number] = l
			for _, id := range []roll.ID{l.Person.ID, l.Other} {
				if id != "" {
					k.ids[id] = append(k.ids[id], l.Number)
				}
			}
		}
		return nil
	})
}

// header is what the matching is given of a person, by names that it knows.
var header = []string{"record_id", "given_name", "middle_name", "surname", "suffix", "full_name", "sex", "birth_date", "house_number", "street_direction", "street",
	"street_type", "street_post_direction", "unit", "city", "state", "postcode", "ssn4", "licence"}

// record is a person as the matching reads them. Where a protected voter lives
// is not told to it.
func record(id string, v *roll.Voter) []string {
	h := v.Home
	if v.Protected != "" {
		h = roll.Address{}
	}
	street := h.Street
	if street == "" {
		street = h.Line()
	}
	return []string{id, v.Name.First, v.Name.Middle, v.Name.Last, v.Name.Suffix, v.Name.Full, v.Gender, string(v.Birth), h.Number, h.Before, street, h.Type, h.After, h.Unit,
		h.City, h.State, h.ZIP, v.NumberOf(roll.SSN4).Reveal(), v.NumberOf(roll.License).Reveal()}
}

// table streams people as a table, so that a roll never lies in memory whole.
func table(name string, each func(write func(id string, v *roll.Voter) error) error) (match.Source, func()) {
	in, out := io.Pipe()
	go func() {
		w := csv.NewWriter(out)
		err := w.Write(header)
		if err == nil {
			err = each(func(id string, v *roll.Voter) error { return w.Write(record(id, v)) })
		}
		w.Flush()
		out.CloseWithError(cmp.Or(err, w.Error()))
	}()
	return match.Source{Name: name, In: in}, func() { in.Close() }
}

// match weighs the lines against the roll, or the roll against itself.
func (k *linker) match(ctx context.Context) error {
	k.say(0, int64(len(k.lines)), "reading the roll")
	voters := 0
	left, stop := table("roll.csv", func(write func(string, *roll.Voter) error) error {
		for v, err := range k.s.Roll.All(ctx) {
			if err != nil {
				return err
			}
			if !k.meant(&v) {
				continue
			}
			voters++
			if err := write(string(v.ID), &v); err != nil {
				return err
			}
		}
		return nil
	})
	defer stop()
	if k.run.Kind == Duplicates {
		res, err := match.Duplicates(left, match.Options{})
		if err != nil || voters == 0 {
			return nothing(voters, err)
		}
		defer res.Close()
		return k.twins(ctx, res)
	}
	if len(k.lines) == 0 {
		return nil
	}
	numbers := make([]int, 0, len(k.lines))
	for n := range k.lines {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	right, halt := table("lines.csv", func(write func(string, *roll.Voter) error) error {
		for _, n := range numbers {
			l := k.lines[n]
			if err := write(strconv.Itoa(n), &l.Person); err != nil {
				return err
			}
		}
		return nil
	})
	defer halt()
	res, err := match.Link(left, right, match.Options{OneToOne: true, All: true})
	if err != nil || voters == 0 {
		return nothing(voters, err)
	}
	defer res.Close()
	return k.pairs(ctx, res)
}

// nothing is no error where the roll has nobody.
func nothing(voters int, err error) error {
	if voters == 0 {
		return nil
	}
	return err
}

// meant says whether a voter may be meant at all: whoever is off the roll is
// not, but for those whom a court may have restored.
func (k *linker) meant(v *roll.Voter) bool {
	return needless(Update, v) == "" || k.run.Kind == Courts && needless(Restore, v) == ""
}

// pairs makes candidates of pairs of a line and a voter. A line that names its
// voter by number is about that one, however much else agrees; but where it
// does not agree well, somebody looks.
func (k *linker) pairs(ctx context.Context, res *match.Result) error {
	k.sum.Tiers = res.Tiers
	at := map[roll.ID]int32{} // of the voters that are named by number
	lineAt := map[int]int32{}
	for i := range int32(res.Records()) {
		if res.Side(i) == 0 {
			if id := roll.ID(res.ID(i)); len(k.ids[id]) > 0 {
				at[id] = i
			}
		} else if n, err := strconv.Atoi(res.ID(i)); err == nil {
			lineAt[n] = i
		}
	}
	best := map[int]match.Pair{} // of each line
	for _, p := range res.Pairs {
		n, err := strconv.Atoi(res.ID(p.B))
		if err != nil {
			return fault.Wrap(fault.Internal, err, "a line of the run %s", k.run.ID)
		}
		if _, have := best[n]; !have {
			best[n] = p
		}
	}
	for n, l := range k.lines {
		i, named := at[l.Person.ID]
		p, have := best[n]
		if named && (!have || p.A != i) {
			p, have = res.Pair(i, lineAt[n]), true
			p.Tier = match.Review
		}
		if !have || !named && p.Weight < strata[0] {
			k.sum.Without["nobody"]++
			continue
		}
		if err := k.candidate(ctx, res, p, l, roll.ID(res.ID(p.A)), l.Other); err != nil {
			return err
		}
	}
	return nil
}

// twins makes candidates of pairs inside of the roll.
func (k *linker) twins(ctx context.Context, res *match.Result) error {
	k.sum.Tiers = res.Tiers
	for i, p := range res.Pairs {
		a, b := roll.ID(res.ID(p.A)), roll.ID(res.ID(p.B))
		if a > b {
			a, b = b, a
		}
		if err := k.pair(ctx, res, p, Line{Number: i + 1}, a, b); err != nil {
			return err
		}
	}
	k.sum.Read = len(res.Pairs)
	return nil
}

// candidate judges what a line means for a voter, and keeps it where it means
// something.
func (k *linker) candidate(ctx context.Context, res *match.Result, p match.Pair, l Line, voter, other roll.ID) error {
	if a, _ := asks(k.run.Kind, &l); a == MergeIn {
		if other == "" || other == voter {
			k.sum.Without["one-number"]++
			return nil
		}
		return k.pair(ctx, res, p, l, voter, other)
	}
	v, err := k.s.Roll.Voter(ctx, voter)
	if err != nil {
		return err
	}
	var spot Spot
	here := false
	if l.New != nil {
		if spot, here, err = k.s.Places.Place(ctx, *l.New); err != nil {
			return err
		}
	}
	j := judge(k.run.Kind, &l, &v, p.Tier, spot, here)
	if j.drop != "" {
		k.sum.Without[j.drop]++
		return nil
	}
	k.take(res, p, l, voter, "", j)
	return nil
}

// pair judges two registrations that may be of one person.
func (k *linker) pair(ctx context.Context, res *match.Result, p match.Pair, l Line, voter, other roll.ID) error {
	for _, id := range []roll.ID{voter, other} {
		v, err := k.s.Roll.Voter(ctx, id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err != nil || needless(MergeIn, &v) != "" {
			k.sum.Without["cancelled"]++
			return nil
		}
	}
	tier := p.Tier
	if tier == match.Auto {
		tier = match.Review
	}
	k.take(res, p, l, voter, other, judged{tier: tier, action: MergeIn, cautions: []string{"by-hand"}})
	return nil
}

func (k *linker) take(res *match.Result, p match.Pair, l Line, voter, other roll.ID, j judged) {
	k.sum.Matched++
	k.found = append(k.found, Candidate{Run: k.run.ID, Voter: voter, Other: other, Line: l, Tier: j.tier, Weight: p.Weight, Steps: res.Explain(p),
		Cautions: j.cautions, Action: j.action, Stratum: stratum(p.Weight)})
	if n := len(k.found); n%100 == 0 {
		k.say(int64(n), int64(max(len(k.lines), n)), "weighing")
	}
}

// Sizes of the sample by which a programme is measured, and of a write.
const (
	sampleOfStratum = 30
	together        = 200
)

// keep writes the candidates down, the surest first.
func (k *linker) keep(ctx context.Context) error {
	slices.SortFunc(k.found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Line.Number, b.Line.Number), cmp.Compare(a.Voter, b.Voter))
	})
	counts := map[match.Tier]int64{}
	for i := range k.found {
		c := &k.found[i]
		c.Number = fmt.Sprintf("%08d", i+1)
		counts[c.Tier]++
	}
	k.sample()
	if err := k.s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.Silently("what an earlier try left, which nobody has seen")
		if err := tx.Hold(ctx, "upkeep "+k.run.ID); err != nil {
			return err
		}
		if r, err := k.s.findRun(ctx, tx, k.run.ID); err != nil || r.State != Linking {
			return cmp.Or(err, error(fault.New(fault.Conflict, "Somebody else was quicker. Look again.")))
		}
		_, err := tx.ExecContext(ctx, `delete from upkeep_candidate where jurisdiction = $1 and run = $2`, k.s.Jurisdiction, k.run.ID)
		return err
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(k.found, together) {
		if err := k.s.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Silently("candidates; that they are there is told at the end")
			for i := range part {
				if err := k.s.insertCandidate(ctx, tx, &part[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return k.s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := k.s.linked(ctx, tx, k.run.ID, k.sum); err != nil {
			return err
		}
		tx.Record(event.UpkeepLinked{Run: k.run.ID, Kind: string(k.run.Kind), Voters: int64(len(k.found)), Auto: counts[match.Auto], Review: counts[match.Review], No: counts[match.None]})
		return nil
	})
}

// sample chooses pairs of each stratum for labelling, as if by chance and yet
// always the same: by the hash of run and line.
func (k *linker) sample() {
	key := func(c *Candidate) uint64 {
		h := fnv.New64a()
		fmt.Fprintf(h, "%s\x00%d\x00%s", c.Run, c.Line.Number, c.Voter)
		return h.Sum64()
	}
	by := map[int][]*Candidate{}
	for i := range k.found {
		c := &k.found[i]
		by[c.Stratum] = append(by[c.Stratum], c)
	}
	for n, list := range by {
		slices.SortFunc(list, func(a, b *Candidate) int { return cmp.Compare(key(a), key(b)) })
		for _, c := range list[:min(len(list), sampleOfStratum)] {
			c.Sampled = true
		}
		k.sum.Strata[n] = len(list)
	}
}
