// SPDX-License-Identifier: Apache-2.0

package upkeep

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/election"
	"hustings/event"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/hide"
	"hustings/kit/job"
	"hustings/kit/pair"
	"hustings/kit/seal"
	"hustings/kit/who"
	"hustings/office/registry/gate"
	"hustings/office/registry/match"
	"hustings/office/registry/roll"
)

// cabinet is a roll of paper: it knows who changed what for which cause, and
// takes that back field by field.
type cabinet struct {
	voters  map[roll.ID]roll.Voter
	changes []change
}

type change struct {
	id      roll.ID
	cause   string
	was, is roll.Voter
	back    bool
}

func (c *cabinet) Voter(_ context.Context, id roll.ID) (roll.Voter, error) {
	v, ok := c.voters[id]
	if !ok {
		return v, fault.New(fault.NotFound, "nobody")
	}
	return v, nil
}

func (c *cabinet) All(context.Context) iter.Seq2[roll.Voter, error] {
	return func(yield func(roll.Voter, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(c.voters)) {
			if !yield(c.voters[id], nil) {
				return
			}
		}
	}
}

func (c *cabinet) Revise(_ context.Context, id roll.ID, ch Change, do func(*roll.Voter) error) error {
	v, ok := c.voters[id]
	if !ok {
		return fault.New(fault.NotFound, "nobody")
	}
	if slices.ContainsFunc(c.changes, func(x change) bool { return x.id == id && x.cause == ch.Cause && ch.Cause != "" }) {
		return nil
	}
	was := v
	if err := do(&v); err != nil {
		return err
	}
	if !roll.May(was.State, v.State, v.Reason) {
		return fault.New(fault.Conflict, "from %s to %s for %s", string(was.State), string(v.State), string(v.Reason))
	}
	c.voters[id] = v
	c.changes = append(c.changes, change{id: id, cause: ch.Cause, was: was, is: v})
	return nil
}

func (c *cabinet) TakeBack(_ context.Context, id roll.ID, cause, _ string) (stays []string, err error) {
	for i := range c.changes {
		x := &c.changes[i]
		if x.id != id || x.cause != cause {
			continue
		}
		if x.back {
			return nil, nil
		}
		x.back = true
		v := c.voters[id]
		to, was, is := reflect.ValueOf(&v).Elem(), reflect.ValueOf(x.was), reflect.ValueOf(x.is)
		for f := range to.NumField() {
			switch now := to.Field(f).Interface(); {
			case reflect.DeepEqual(was.Field(f).Interface(), is.Field(f).Interface()):
			case reflect.DeepEqual(now, is.Field(f).Interface()):
				to.Field(f).Set(was.Field(f))
			default:
				stays = append(stays, to.Type().Field(f).Name)
			}
		}
		c.voters[id] = v
		return stays, nil
	}
	return nil, fault.New(fault.NotFound, "nothing was changed for that")
}

func (c *cabinet) Merge(ctx context.Context, keep, gone roll.ID, ch Change) error {
	return c.Revise(ctx, gone, ch, func(v *roll.Voter) error {
		v.State, v.Reason, v.Into = roll.Cancelled, roll.Duplicate, keep
		return nil
	})
}

func (c *cabinet) Unmerge(ctx context.Context, gone roll.ID, why string) ([]string, error) {
	for i := len(c.changes) - 1; i >= 0; i-- {
		if c.changes[i].id == gone && c.changes[i].is.Into != "" {
			return c.TakeBack(ctx, gone, c.changes[i].cause, why)
		}
	}
	return nil, fault.New(fault.Conflict, "not merged")
}

// town has one precinct, in Vale.
type town struct{}

func (town) Place(_ context.Context, a roll.Address) (Spot, bool, error) {
	return Spot{Precinct: "p2", Sure: a.Street != "UNSURE"}, a.City == "VALE", nil
}

// post writes letters into a list.
type post struct {
	letters []Notice
	by      map[string]string
	issued  map[string]bool
	gone    []string
}

func (p *post) Write(_ context.Context, n Notice) (string, error) {
	if id, ok := p.by[n.Cause]; ok {
		return id, nil
	}
	p.letters = append(p.letters, n)
	id := fmt.Sprintf("L%d", len(p.letters))
	p.by[n.Cause] = id
	return id, nil
}

func (p *post) Withdraw(_ context.Context, id, _ string) error {
	if p.issued[id] {
		return fault.New(fault.Conflict, "it went out")
	}
	p.gone = append(p.gone, id)
	return nil
}

// calendar has the primaries that a test gives it.
type calendar []FederalElection

func (c calendar) Primaries(context.Context) ([]FederalElection, error) { return c, nil }

// book is the book of two-person requests: it remembers who asked.
type book map[string]string

func (b book) Ask(ctx context.Context, _ *db.Tx, a pair.Ask) (pair.Request, error) {
	b[a.Act+a.Subject] = who.From(ctx).ID
	return pair.Request{Ask: a, AskedBy: who.From(ctx).ID}, nil
}

func (b book) Agree(ctx context.Context, _ *db.Tx, act, subject, _ string) (pair.Request, error) {
	return pair.Request{}, pair.Second(who.From(ctx), b[act+subject])
}

func (b book) Refuse(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, nil
}

// vault is one key for everything.
type vault struct{ tink.AEAD }

func (k vault) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (vault) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

// office is the room at work, with everything that it asks made up.
type office struct {
	*Upkeep
	t    testing.TB
	ctx  context.Context // of ann
	roll *cabinet
	post *post
	now  time.Time
}

func openOffice(t testing.TB, d *db.DB) *office {
	t.Helper()
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := aead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, now: time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC), roll: &cabinet{voters: map[roll.ID]roll.Voter{}},
		post: &post{by: map[string]string{}, issued: map[string]bool{}}}
	o.Upkeep = New(Deps{DB: d, Now: func() time.Time { return o.now }, Jurisdiction: dbtest.Jurisdiction, Sealer: &seal.Sealer{Keys: vault{key}}, Pairs: book{},
		Roll: o.roll, Desk: o.roll, Merger: o.roll, Places: town{}, Letters: o.post, Elections: calendar{}, Settings: Settings{Alone: 3}})
	o.ctx = o.as("ann")
	return o
}

func (o *office) as(person string) context.Context {
	return who.With(context.Background(), who.Person{ID: person, Name: person, Jurisdiction: o.Jurisdiction, Via: who.Browser, Level: 2})
}

// people fills the roll with made-up people of many names, doors and days.
func (o *office) people(n int) {
	lasts := strings.Fields("Abbott Baker Castillo Dawson Eklund Fischer Garcia Huang Ivers Jackson Keller Lopez Moreau Novak Okafor Petrov Quinn Rossi Schmidt Tanaka Ulrich Vance Walsh Xu Young Zimmer")
	firsts := strings.Fields("Ada Ben Cora Dan Eva Finn Gia Hal Ida Jon Kay Leo Mia Ned Ola Pia Quy Rex Sue Tim Una Vic Wes Xia Yan Zoe")
	streets := strings.Fields("ELM OAK PINE MAIN MILL HIGH LAKE HILL PARK ROSE")
	for i := range n {
		id := roll.ID(fmt.Sprintf("V%04d", i))
		o.roll.voters[id] = roll.Voter{ID: id, Name: roll.Name{First: firsts[i%26], Middle: string(rune('A' + i/7%26)), Last: lasts[(i/26+i*7)%26]},
			Birth: election.DayOf(time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*7919%24000)), State: roll.Active, Reason: roll.Verified, Since: "2015-01-01", Registered: "2015-01-01",
			Home:        roll.Address{Number: fmt.Sprint(10 + i*13%900), Street: streets[i%10], Type: "ST", City: "VALE", State: "XX", ZIP: fmt.Sprintf("005%02d", i%10)},
			Identifiers: []roll.Identifier{{Kind: roll.SSN4, Value: hide.New(fmt.Sprintf("%04d", i*37%10000))}}, Precinct: "p1"}
	}
}

// csv makes a file of voters with further columns.
func (o *office) csv(more string, row func(v roll.Voter) (string, bool)) string {
	var b strings.Builder
	b.WriteString("voter_id,first_name,middle_name,last_name,birth_date,ssn4,address,city,state,zip," + more + "\n")
	for _, id := range slices.Sorted(maps.Keys(o.roll.voters)) {
		v := o.roll.voters[id]
		rest, ok := row(v)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", v.ID, v.Name.First, v.Name.Middle, v.Name.Last, v.Birth, v.NumberOf(roll.SSN4).Reveal(), v.Home.Line(), v.Home.City, v.Home.State, v.Home.ZIP, rest)
	}
	return b.String()
}

// take puts a file through a programme and links it.
func (o *office) take(kind Kind, text string) Run {
	o.t.Helper()
	r, err := o.Take(o.ctx, kind, string(kind)+".csv", strings.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	if r.State == Held {
		o.t.Fatalf("the file was held: %v", r.Verdict.Findings)
	}
	return o.linked(r.ID)
}

func (o *office) linked(run string) Run {
	o.t.Helper()
	if err := o.Link(o.house(), run, quietly); err != nil {
		o.t.Fatal(err)
	}
	r, err := o.Run(o.ctx, run)
	if err != nil || r.State != Open {
		o.t.Fatalf("the run is %s: %v", r.State, err)
	}
	return r
}

func quietly(int64, int64, string) {}

// house is the house itself, on behalf of ann.
func (o *office) house() context.Context {
	p := who.System("upkeep.act", o.Jurisdiction)
	p.OnBehalf = "ann"
	return who.With(context.Background(), p)
}

func (o *office) pairs(run string) []Candidate {
	o.t.Helper()
	list, err := o.candidates(o.ctx, `and c.run = $2 order by c.number`, run)
	if err != nil {
		o.t.Fatal(err)
	}
	return list
}

func (o *office) states() map[roll.State]int {
	out := map[roll.State]int{}
	for _, v := range o.roll.voters {
		out[v.State]++
	}
	return out
}

func sources() []db.Source {
	return []db.Source{{Room: "upkeep", FS: migrations}, job.Source()}
}

// moves makes a return file of the Postal Service: some voters moved inside the
// town, some out of it.
func (o *office) moves(every int) string {
	i := 0
	return o.csv("return_code,move_type,effective,new_address,new_city,new_state,new_zip", func(v roll.Voter) (string, bool) {
		i++
		switch {
		case i%every != 0:
			return "00,,,,,,", i%every == 1
		case i%(2*every) == 0:
			return "A,I,2026-12-01,99 NEW ST,VALE,XX,00501", true
		}
		return "A,I,2026-12-01,5 FAR RD,ELSEWHERE,YY,99999", true
	})
}

func TestMovesBecomeAddressesAndNotices(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(200)
		text := o.moves(10)
		before := maps.Clone(o.roll.voters)
		r := o.take(NCOA, text)
		if r.Summary.Read != 20 || r.Summary.Matched != 20 || r.Summary.Without["no-move"] != 20 {
			t.Fatalf("of the lines: %+v", r.Summary)
		}
		for _, c := range o.pairs(r.ID) {
			sum := 0.0
			for _, st := range c.Steps {
				sum += st.Bits
			}
			if c.Voter != c.Line.Person.ID || c.Tier != match.Auto || len(c.Steps) < 3 || sum-c.Weight > 0.002 || c.Weight-sum > 0.002 {
				t.Errorf("%s of %s: tier %s, %d steps that sum to %.3f, weight %.3f", c.Number, c.Voter, c.Tier, len(c.Steps), sum, c.Weight)
			}
		}
		if err := o.actOn(o.house(), r.ID, quietly); err != nil {
			t.Fatal(err)
		}
		if got := o.states(); got[roll.Active] != 200 {
			t.Errorf("before a letter goes out nobody is anything but active: %v", got)
		}
		moved := 0
		for _, v := range o.roll.voters {
			if v.Home.Street == "NEW" && v.Precinct == "p2" {
				moved++
			}
		}
		if moved != 10 || len(o.post.letters) != 20 {
			t.Errorf("%d moved, %d letters", moved, len(o.post.letters))
		}
		if again := o.take2(NCOA, text); again.ID != r.ID || len(o.post.letters) != 20 {
			t.Errorf("the same file again made the run %s, and %d letters", again.ID, len(o.post.letters))
		}
		for i := range o.post.letters {
			o.post.issued[fmt.Sprintf("L%d", i+1)] = i < 3
			if err := o.issued(o.ctx, fmt.Sprintf("L%d", i+1), "2027-02-10"); err != nil {
				t.Fatal(err)
			}
		}
		if got := o.states(); got[roll.Inactive] != 10 {
			t.Errorf("after the letters went out: %v", got)
		}
		list, err := o.notices(o.ctx, `stage = 'waiting'`)
		if err != nil || len(list) != 10 || list[0].Due != "2030-11-07" {
			t.Errorf("those who wait: %+v, %v", list, err)
		}
		if err := o.Undo(o.ctx, r.ID, "the wrong file"); err != nil {
			t.Fatal(err)
		}
		if err := o.Finish(o.house(), r.ID, "the wrong file", quietly); err != nil {
			t.Fatal(err)
		}
		o.same(before)
		if r, err = o.Run(o.ctx, r.ID); err != nil || r.State != Undone || len(r.Stays) != 3 {
			t.Errorf("the run is %s and says what stays: %q, %v", r.State, r.Stays, err)
		}
		if again := o.take(NCOA, text); again.ID == r.ID {
			t.Error("a file that was taken back cannot be taken again")
		}
	}, sources()...)
}

func (o *office) take2(kind Kind, text string) Run {
	o.t.Helper()
	r, err := o.Take(o.ctx, kind, "again.csv", strings.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// same wants the roll as it was.
func (o *office) same(want map[roll.ID]roll.Voter) {
	o.t.Helper()
	for id, v := range want {
		if got := o.roll.voters[id]; !reflect.DeepEqual(got, v) {
			o.t.Errorf("%s is not as it was: %+v, want %+v", id, got, v)
		}
	}
}

func TestNoMatchAloneTakesAnybodyOffTheRoll(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(120)
		n := 0
		each := func(rest string) func(roll.Voter) (string, bool) {
			return func(v roll.Voter) (string, bool) { n++; return rest, n%4 == 0 }
		}
		for kind, text := range map[Kind]string{
			Deaths: o.csv("death_date", each("2026-12-24")),
			ERIC:   o.csv("report,death_date", each("Deceased,2026-12-24")),
			DMV:    o.csv("licence,event,new_address,new_city,new_state,new_zip", each("A1,surrendered,1 X ST,ELSEWHERE,YY,99999")),
			Courts: o.csv("event,case", each("convicted,CR-1")),
			Jury:   o.csv("claim", each("not a citizen")),
			NCOA:   o.moves(3),
		} {
			r := o.take(kind, text)
			if r.Summary.Matched == 0 {
				t.Errorf("%s matched nobody: %+v", kind, r.Summary)
			}
			if err := o.actOn(o.house(), r.ID, quietly); err != nil {
				t.Fatal(err)
			}
		}
		r, err := o.Take(o.ctx, Duplicates, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		o.linked(r.ID)
		if err := o.actOn(o.house(), r.ID, quietly); err != nil {
			t.Fatal(err)
		}
		for i := range o.post.letters {
			if err := o.issued(o.house(), fmt.Sprintf("L%d", i+1), "2027-02-10"); err != nil {
				t.Fatal(err)
			}
		}
		o.now = o.now.AddDate(20, 0, 0)
		if got := o.states(); got[roll.Cancelled] != 0 {
			t.Errorf("the house alone cancelled %d: %v", got[roll.Cancelled], got)
		}
		items, err := o.Removable(o.ctx)
		if err != nil || len(items) < 20 {
			t.Fatalf("%d could be taken off: %v", len(items), err)
		}
		for _, ctx := range []context.Context{o.house(), context.Background(), who.With(o.ctx, who.Person{ID: "file", Via: who.Watch})} {
			if _, _, err := o.Remove(ctx, []string{items[0].Key}, "because"); fault.KindOf(err) != fault.Denied {
				t.Errorf("somebody who is no person took a voter off: %v", err)
			}
		}
		if err := o.carryOut(o.house(), "nothing", quietly); err == nil {
			t.Error("a removal that nobody decided was carried out")
		}
		if got := o.states(); got[roll.Cancelled] != 0 {
			t.Errorf("cancelled: %v", got)
		}
	}, sources()...)
}

func TestAPersonTakesOffWhoIsDead(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(60)
		n := 0
		r := o.take(Deaths, o.csv("death_date", func(roll.Voter) (string, bool) { n++; return "2026-12-24", n%10 == 0 }))
		if err := o.actOn(o.house(), r.ID, quietly); err != nil {
			t.Fatal(err)
		}
		items, err := o.Removable(o.ctx)
		if err != nil || len(items) != 6 {
			t.Fatalf("%d are proposed: %+v, %v", len(items), o.pairs(r.ID), err)
		}
		o.now = time.Date(2028, 10, 20, 12, 0, 0, 0, time.UTC) // a quiet period does not stop deaths
		one, second, err := o.Remove(o.ctx, []string{items[0].Key}, "death records of December")
		if err != nil || second {
			t.Fatalf("one voter: %v, %v", second, err)
		}
		if err := o.carryOut(o.house(), one, quietly); err != nil {
			t.Fatal(err)
		}
		if v := o.roll.voters[items[0].Voter]; v.State != roll.Cancelled || v.Reason != roll.Deceased {
			t.Errorf("the voter is %s, %s", v.State, v.Reason)
		}
		var keys []string
		for _, i := range items[1:] {
			keys = append(keys, i.Key)
		}
		many, second, err := o.Remove(o.ctx, keys, "death records of December")
		if err != nil || !second {
			t.Fatalf("five voters want a second person: %v, %v", second, err)
		}
		if err := o.carryOut(o.house(), many, quietly); fault.KindOf(err) != fault.Denied {
			t.Errorf("nobody agreed: %v", err)
		}
		for _, tt := range []struct {
			name string
			ctx  context.Context
			want bool
		}{{"the house", o.house(), false}, {"who asked", o.ctx, false}, {"a second person", o.as("bo"), true}} {
			err := d.Write(tt.ctx, func(tx *db.Tx) error {
				return o.agreed(tt.ctx, tx, pair.Request{Ask: pair.Ask{Subject: many, Reason: "yes"}})
			})
			if (err == nil) != tt.want {
				t.Errorf("%s agreed: %v", tt.name, err)
			}
		}
		if err := o.carryOut(o.house(), many, quietly); err != nil {
			t.Fatal(err)
		}
		if got := o.states(); got[roll.Cancelled] != 6 {
			t.Errorf("%v", got)
		}
	}, sources()...)
}

func TestTheGateHoldsAFile(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(100)
		bad := o.csv("death_date", func(v roll.Voter) (string, bool) { return "2026-12-24", true })
		for _, v := range o.roll.voters {
			bad = strings.ReplaceAll(bad, ","+string(v.Birth)+",", ",,")
		}
		r := o.take2(Deaths, bad)
		if r.State != Held || len(r.Verdict.Findings) == 0 || r.Verdict.Findings[0].Kind != gate.Blank {
			t.Fatalf("a file without birth dates is %s: %v", r.State, r.Verdict)
		}
		if err := o.Link(o.house(), r.ID, quietly); err != nil || len(o.pairs(r.ID)) != 0 {
			t.Errorf("a held file touched the roll: %v", err)
		}
		if err := o.Release(o.as("bo"), r.ID, true, " "); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		if err := o.Release(o.ctx, r.ID, true, "it is right"); fault.KindOf(err) != fault.Denied {
			t.Errorf("ann released her own file: %v", err)
		}
		if err := o.Release(o.as("bo"), r.ID, true, "vital records told us so"); err != nil {
			t.Fatal(err)
		}
		o.linked(r.ID)
	}, sources()...)
}

func TestDecisions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(80)
		n := 0
		r := o.take(Courts, o.csv("event,case", func(roll.Voter) (string, bool) { n++; return "convicted,", n%20 == 0 }))
		c := o.pairs(r.ID)[0]
		if c.Tier != match.Review {
			t.Errorf("a court's line is of the tier %s", c.Tier)
		}
		for _, tt := range []struct {
			name, document string
			d              Decision
			want           fault.Kind
		}{
			{"without a case", "", Same, fault.Invalid},
			{"nothing said", "x", "", fault.Invalid},
			{"unsure", "", Unsure, ""},
			{"with a case", "CR-12", Same, ""},
			{"twice", "CR-12", Same, fault.Conflict},
		} {
			t.Run(tt.name, func(t *testing.T) {
				if _, err := o.Decide(o.ctx, r.ID, c.Number, tt.d, "", "", tt.document); fault.KindOf(err) != tt.want {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		}
		if _, err := o.Reconsider(o.ctx, r.ID, c.Number, "the wrong person"); err != nil {
			t.Fatal(err)
		}
		if c, err := o.Candidate(o.ctx, r.ID, c.Number); err != nil || c.Decision != Undecided || c.Done != "" {
			t.Errorf("after a second thought: %+v, %v", c, err)
		}
		next, err := o.next(o.ctx, r.ID, c.Number)
		if err != nil || next == "" || next == c.Number {
			t.Errorf("the next one is %q, %v", next, err)
		}
		if n, oldest, err := o.ToReview(o.ctx); err != nil || n == 0 || !oldest.Equal(r.TakenAt) {
			t.Errorf("%d pairs wait since %s, %v; the run was taken at %s", n, oldest, err, r.TakenAt)
		}
	}, sources()...)
}

func TestDuplicatesAreMergedByAPersonAndPartedAgain(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(150)
		twin := o.roll.voters["V0007"]
		twin.ID, twin.Home.Number = "W0007", "4711"
		o.roll.voters[twin.ID] = twin
		before := maps.Clone(o.roll.voters)
		r, err := o.Take(o.ctx, Duplicates, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		o.linked(r.ID)
		list := o.pairs(r.ID)
		i := slices.IndexFunc(list, func(c Candidate) bool { return c.Voter == "V0007" && c.Other == "W0007" })
		if i < 0 || list[i].Tier != match.Review {
			t.Fatalf("the pair is not for review: %+v", list)
		}
		if _, err := o.Decide(o.ctx, r.ID, list[i].Number, Same, "", "", ""); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without saying who stays: %v", err)
		}
		if _, err := o.Decide(o.ctx, r.ID, list[i].Number, Same, "W0007", "", ""); err != nil {
			t.Fatal(err)
		}
		if v := o.roll.voters["V0007"]; v.Into != "W0007" {
			t.Errorf("it went into %q", v.Into)
		}
		if _, err := o.Reconsider(o.ctx, r.ID, list[i].Number, "they are cousins"); err != nil {
			t.Fatal(err)
		}
		o.same(before)
		if _, err := o.Decide(o.ctx, r.ID, list[i].Number, Same, "V0007", "", ""); err != nil {
			t.Fatal(err)
		}
		if v := o.roll.voters["W0007"]; v.Into != "V0007" {
			t.Errorf("decided again, it went into %q", v.Into)
		}
	}, sources()...)
}

func TestProtectedVoters(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(80)
		v := o.roll.voters["V0019"]
		v.Protected, v.Home.Street = "address confidentiality", "UNFINDABLE"
		o.roll.voters[v.ID] = v
		if text := strings.Join(record("x", &v), ","); strings.Contains(text, "UNFINDABLE") || strings.Contains(text, v.Home.ZIP) {
			t.Errorf("where they live is in %q", text)
		}
		r := o.take(NCOA, o.moves(10))
		i := slices.IndexFunc(o.pairs(r.ID), func(c Candidate) bool { return c.Voter == v.ID })
		if i < 0 {
			t.Fatal("there is no such pair")
		}
		c := o.pairs(r.ID)[i]
		if c.Tier != match.Review || !slices.Contains(c.Cautions, "protected") {
			t.Errorf("the tier is %s, %v", c.Tier, c.Cautions)
		}
		if c.Action != Notify {
			c.Action = Notify
		}
		if _, err := mailing(&v); fault.KindOf(err) != fault.Invalid {
			t.Errorf("mail would go to their residence: %v", err)
		}
		rep, err := o.Report(o.ctx, r.ID)
		if err != nil || len(rep.Rows) != 0 {
			t.Errorf("%+v, %v", rep, err)
		}
	}, sources()...)
}

func TestReturnedMail(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := openOffice(t, d)
		o.people(5)
		for range 2 { // facts may be heard twice
			if err := o.returned(o.house(), event.LetterReturned{Letter: "ACK1", Kind: "acknowledgement", About: "V0001"}, "2027-02-03"); err != nil {
				t.Fatal(err)
			}
		}
		if len(o.post.letters) != 1 || o.post.letters[0].Kind != "confirmation" || o.post.letters[0].Until != "2030-11-05" {
			t.Fatalf("the notice: %+v", o.post.letters)
		}
		if err := o.issued(o.house(), "L1", "2027-02-10"); err != nil {
			t.Fatal(err)
		}
		if err := o.returned(o.house(), event.LetterReturned{Letter: "L1", About: "V0001"}, "2027-02-20"); err != nil {
			t.Fatal(err)
		}
		n, err := o.findNotice(o.ctx, d, "letter", "L1")
		if err != nil || n.Stage != Waiting || n.Returned != "2027-02-20" || len(o.post.letters) != 1 {
			t.Errorf("%+v, %v", n, err)
		}
		if err := o.answered(o.house(), "L1", "2027-03-01"); err != nil {
			t.Fatal(err)
		}
		if err := o.Answer(o.ctx, n.ID, false, "the card says so"); err != nil {
			t.Fatal(err)
		}
		if v := o.roll.voters["V0001"]; v.State != roll.Active {
			t.Errorf("who answered is %s", v.State)
		}
		rep, err := o.Report(o.ctx, string(Returned))
		if err != nil || len(rep.Rows) != 1 || rep.Rows[0].Voter != "V0001" || rep.Rows[0].Returned != "2027-02-20" || rep.Rows[0].Answered == "" {
			t.Errorf("the report: %+v, %v", rep.Rows, err)
		}
		if err := o.returned(o.house(), event.LetterReturned{Letter: "X", About: "a candidate"}, "2027-02-20"); err != nil {
			t.Errorf("a letter about no voter: %v", err)
		}
	}, sources()...)
}
