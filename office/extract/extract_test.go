// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	tinkaead "github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hustings/election"
	"hustings/event"
	"hustings/kit/blob"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
	"hustings/kit/job"
	"hustings/kit/ledger"
	"hustings/kit/pair"
	"hustings/kit/seal"
	"hustings/kit/who"
	"hustings/office/extract/figure"
	"hustings/office/extract/list"
	"hustings/office/registry/roll"
)

// desk is the room on a database of its own, with a roll and a clock that a test
// sets.
type desk struct {
	*Extract
	t      testing.TB
	ctx    context.Context
	now    time.Time
	people []dated
	pairs  *book
}

// dated is a voter from a day on.
type dated struct {
	from election.Date
	v    roll.Voter
}

// RollAsOf implements Roll.
func (k *desk) RollAsOf(_ context.Context, on election.Date) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		for i := range k.people {
			p := &k.people[i]
			later := i+1 < len(k.people) && k.people[i+1].v.ID == p.v.ID && k.people[i+1].from <= on
			if p.from <= on && !later && !yield(list.Entry{Voter: &p.v, From: p.from, Recorded: p.from}, nil) {
				return
			}
		}
	}
}

// book is who agrees to what: it keeps what was asked.
type book struct{ asked []pair.Ask }

func (b *book) Ask(_ context.Context, _ *db.Tx, a pair.Ask) (pair.Request, error) {
	b.asked = append(b.asked, a)
	return pair.Request{ID: "r", Ask: a}, nil
}

func (b *book) Agree(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, errors.New("decided on the page of the request")
}

func (b *book) Refuse(context.Context, *db.Tx, string, string, string) (pair.Request, error) {
	return pair.Request{}, errors.New("decided on the page of the request")
}

// vault is one key for every purpose, in memory.
type vault struct{ tink.AEAD }

func (k vault) Ring(context.Context, string, string, uint32) (*seal.Ring, error) {
	return &seal.Ring{AEAD: k.AEAD}, nil
}

func (vault) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return nil, errors.New("no subject has a key here")
}

func openDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	handle, err := keyset.NewHandle(tinkaead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	a, err := tinkaead.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	k := &desk{t: t, now: time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC), pairs: &book{}}
	k.Extract = New(Deps{DB: d, Blobs: blobs, Now: func() time.Time { return k.now }, Jurisdiction: dbtest.Jurisdiction, Office: "Vale County",
		Sealer: &seal.Sealer{Keys: vault{a}}, Pairs: k.pairs, Jobs: &job.Jobs{DB: d}, Roll: k, Settings: Settings{TwoFrom: 4}})
	k.ctx = dbtest.Context(t)
	for i := range 6 {
		v := roll.Voter{ID: roll.ID(fmt.Sprint(100 + i)), Name: roll.Name{First: "F", Last: fmt.Sprintf("Last%d", i)}, Birth: "1980-01-01", State: roll.Active, Precinct: election.UnitID(fmt.Sprint("P", i%2)),
			Party: "ind", Source: roll.ByMail, Registered: "2020-01-01", Home: roll.Address{Number: fmt.Sprint(i), Street: "ELM", Type: "ST", City: "Vale", State: "XX"}}
		if i == 5 {
			v.Protected, v.Name.Last, v.Home.Street = "acp", "Zzyzx", "SAFEHOUSE"
		}
		k.people = append(k.people, dated{"2020-01-01", v})
	}
	return k
}

func sources() []db.Source {
	return []db.Source{job.Source(), {Room: "extract", FS: migrations}}
}

func order(k list.Kind, change ...func(*Order)) Order {
	o := Order{Choices: list.Choices{List: k, Format: list.CSV}, Recipient: "The Paper", Purpose: "a story", Agreed: true}
	for _, c := range change {
		c(&o)
	}
	return o
}

// jobs does the jobs that wait, as the house does.
func (k *desk) jobs(until func() bool) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.ctx, 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- k.Jobs.Run(ctx, k.Room().Jobs, nil) }()
	for !until() {
		select {
		case <-ctx.Done():
			k.t.Fatal("the jobs were not done in time")
		case <-time.After(5 * time.Millisecond):
		}
	}
	cancel()
	<-done
}

func (k *desk) state(id string) State {
	k.t.Helper()
	one, err := k.Find(k.ctx, id)
	if err != nil {
		k.t.Fatal(err)
	}
	return one.State
}

// fetched is the file of an extract, by the names inside.
func (k *desk) fetched(id string, public bool) map[string]string {
	k.t.Helper()
	var b bytes.Buffer
	if err := k.Fetch(k.ctx, id, public, func(One) io.Writer { return &b }); err != nil {
		k.t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		k.t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			k.t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			k.t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

func (k *desk) facts(name string) int {
	k.t.Helper()
	n, err := (&ledger.Ledger{DB: k.DB}).Count(k.ctx, ledger.Filter{Jurisdiction: k.Jurisdiction, Name: name})
	if err != nil {
		k.t.Fatal(err)
	}
	return int(n)
}

func TestThePublicFileIsMadeAtOnceAndGoneAfterAWeek(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		one, err := k.Ask(k.ctx, order(list.Public))
		if err != nil || one.State != Queued || len(k.pairs.asked) != 0 {
			t.Fatal(one, err)
		}
		k.jobs(func() bool { return k.state(one.ID) == Made })
		files := k.fetched(one.ID, true)
		name := fmt.Sprintf("public-2026-11-03-%s.csv", one.Number())
		if strings.Count(files[name], "\n") != 6 || !strings.Contains(files["ABOUT.txt"], "The Paper") || !strings.Contains(files["ABOUT.txt"], one.Number()) {
			t.Errorf("got %q", files)
		}
		for _, text := range files {
			if strings.Contains(text, "Zzyzx") || strings.Contains(text, "SAFEHOUSE") {
				t.Error("a protected voter left the house")
			}
		}
		if err := k.Fetch(k.ctx, one.ID, false, func(One) io.Writer { return io.Discard }); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by the door of other lists: %v", err)
		}
		if asked, made, fetched := k.facts("extract.asked.v1"), k.facts("extract.made.v1"), k.facts("extract.fetched.v1"); asked != 1 || made != 1 || fetched != 1 {
			t.Errorf("facts: asked %d, made %d, fetched %d", asked, made, fetched)
		}
		kept, err := k.Blobs.List(k.ctx, "")
		if err != nil || len(kept) != 1 {
			t.Fatal(kept, err)
		}
		body, err := k.Blobs.Get(k.ctx, kept[0])
		if err != nil || bytes.Contains(body, []byte("PK")) && bytes.Contains(body, []byte("ABOUT.txt")) {
			t.Errorf("the file lies open in the store, %v", err)
		}
		k.now = k.now.Add(8 * 24 * time.Hour)
		if err := k.Fetch(k.ctx, one.ID, true, func(One) io.Writer { return io.Discard }); fault.KindOf(err) != fault.Gone {
			t.Errorf("after a week: %v", err)
		}
		if err := k.expire(k.ctx, &job.Work{}); err != nil {
			t.Fatal(err)
		}
		if kept, err := k.Blobs.List(k.ctx, ""); err != nil || len(kept) != 0 || k.state(one.ID) != Expired {
			t.Errorf("kept %v, %v, state %s", kept, err, k.state(one.ID))
		}
	}, sources()...)
}

func TestALongListTakesTwoPeople(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		one, err := k.Ask(k.ctx, order(list.Precinct))
		if err != nil || one.State != Waiting || len(k.pairs.asked) != 1 || k.pairs.asked[0].Subject != one.ID {
			t.Fatal(one, err, k.pairs.asked)
		}
		second := who.With(k.ctx, who.Person{ID: "bo", Jurisdiction: k.Jurisdiction, Via: who.Browser})
		err = d.Write(second, func(tx *db.Tx) error {
			return k.act().Do(second, tx, pair.Request{Ask: k.pairs.asked[0], Jurisdiction: k.Jurisdiction})
		})
		if err != nil {
			t.Fatal(err)
		}
		k.jobs(func() bool { return k.state(one.ID) == Made })
		got, err := k.Find(k.ctx, one.ID)
		if err != nil || got.AgreedBy != "bo" || got.Report.Voters != 5 || got.Report.Protected != 1 {
			t.Errorf("got %+v, %v", got, err)
		}
		short, err := k.Ask(k.ctx, order(list.Precinct, func(o *Order) { o.Precincts = []string{"P1"} }))
		if err != nil || short.State != Queued {
			t.Errorf("a short list: %s, %v", short.State, err)
		}
	}, sources()...)
}

func TestAListThatGrewMeanwhileIsNotLetOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		one, err := k.Ask(k.ctx, order(list.Precinct, func(o *Order) { o.Precincts = []string{"P0"} }))
		if err != nil || one.State != Queued {
			t.Fatal(one, err)
		}
		for i := range 3 {
			v := k.people[0].v
			v.ID = roll.ID(fmt.Sprint("9", i))
			k.people = append(k.people, dated{"2020-01-01", v})
		}
		k.jobs(func() bool { return k.state(one.ID) == Failed })
		if kept, err := k.Blobs.List(k.ctx, ""); err != nil || len(kept) != 0 || k.facts("extract.failed.v1") != 1 {
			t.Errorf("kept %v, %v", kept, err)
		}
	}, sources()...)
}

func TestARefusedListIsNeverMade(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		one, err := k.Ask(k.ctx, order(list.Party))
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(event.SecondRefused{Act: actMake, About: one.ID, Reason: "too much"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // facts are heard twice
			if err := k.heardRefusal(k.ctx, ledger.Entry{Jurisdiction: k.Jurisdiction, Data: data}); err != nil {
				t.Fatal(err)
			}
		}
		if k.state(one.ID) != Refused || k.facts("extract.failed.v1") != 1 {
			t.Errorf("state %s, %d facts", k.state(one.ID), k.facts("extract.failed.v1"))
		}
		err = d.Write(k.ctx, func(tx *db.Tx) error { return k.enqueue(k.ctx, tx, one.ID, "bo") })
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("agreeing later: %v", err)
		}
	}, sources()...)
}

func TestWhatIsAskedIsSaid(t *testing.T) {
	d := dbtest.SQLite(t, sources()...)
	k := openDesk(t, d)
	for _, tt := range []struct {
		name, field string
		change      func(*Order)
	}{
		{"for whom", "recipient", func(o *Order) { o.Recipient = " " }},
		{"what for", "purpose", func(o *Order) { o.Purpose = "" }},
		{"what may be done with it", "agreed", func(o *Order) { o.Agreed = false }},
		{"a column that the list does not have", "columns", func(o *Order) { o.Columns = []string{"ssn"} }},
	} {
		_, err := k.Ask(k.ctx, order(list.Public, tt.change))
		if f := fault.All(err); len(f) != 1 || f[0].Field != tt.field {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if k.facts("extract.asked.v1") != 0 {
		t.Error("something was asked for")
	}
}

// TestAListAsOfADayStays: what changes later changes no list of an earlier day.
func TestAListAsOfADayStays(t *testing.T) {
	d := dbtest.SQLite(t, sources()...)
	k := openDesk(t, d)
	written := func() string {
		var b bytes.Buffer
		if _, err := k.WriteTo(k.ctx, &b, io.Discard, order(list.Public, func(o *Order) { o.AsOf = "2026-10-01" }), nil); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	was := written()
	moved := k.people[2].v
	moved.Home.Number = "999"
	k.people = append(k.people[:3], append([]dated{{"2026-10-02", moved}}, k.people[3:]...)...)
	k.people = append(k.people, dated{"2026-10-02", roll.Voter{ID: "999", Name: roll.Name{Last: "New"}, State: roll.Active}})
	if is := written(); is != was {
		t.Errorf("was\n%s\nis\n%s", was, is)
	}
	var b bytes.Buffer
	if _, err := k.WriteTo(k.ctx, &b, io.Discard, order(list.Public), nil); err != nil || !strings.Contains(b.String(), "999") {
		t.Errorf("today: %s, %v", b.String(), err)
	}
}

func TestAPieceMovedToAnotherPlaceDoesNotOpen(t *testing.T) {
	d := dbtest.SQLite(t, sources()...)
	k := openDesk(t, d)
	one, err := k.Ask(k.ctx, order(list.Public))
	if err != nil {
		t.Fatal(err)
	}
	k.jobs(func() bool { return k.state(one.ID) == Made })
	err = d.Write(k.ctx, func(tx *db.Tx) error {
		tx.Silently("somebody with the database")
		_, err := tx.ExecContext(k.ctx, `update extract_piece set number = number + 1 where extract = $1`, one.ID)
		return errors.Join(err, k.insertPiece(k.ctx, tx, one.ID, 0, mustPut(t, k, []byte("something else"))))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Fetch(k.ctx, one.ID, true, func(One) io.Writer { return io.Discard }); fault.KindOf(err) != fault.Internal {
		t.Errorf("got %v", err)
	}
}

func mustPut(t *testing.T, k *desk, body []byte) string {
	t.Helper()
	key, err := k.Blobs.Put(k.ctx, body)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestChoicesAreKept(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		c := list.Choices{List: list.Precinct, Format: list.XLSX, Precincts: []string{"P1", "P 2"}, States: []roll.State{roll.Active}, Columns: []string{"last_name"}}
		for range 2 {
			if err := k.Save(k.ctx, " walkers ", c); err != nil {
				t.Fatal(err)
			}
		}
		saved, err := k.Saved(k.ctx)
		if err != nil || len(saved) != 1 || saved[0].Label != "walkers" || saved[0].Choices.Precincts[1] != "P 2" {
			t.Fatal(saved, err)
		}
		if err := k.Forget(k.ctx, saved[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := k.Forget(k.ctx, saved[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("again: %v", err)
		}
	}, sources()...)
}

func TestTheRollIsCountedAgainAfterChanges(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		if c, err := k.Counts(k.ctx); err != nil || !c.At.IsZero() {
			t.Fatal(c, err)
		}
		heard := func() {
			t.Helper()
			if err := k.heardChange(k.ctx, ledger.Entry{Jurisdiction: k.Jurisdiction}); err != nil {
				t.Fatal(err)
			}
		}
		heard()
		heard()
		if n := k.facts("job.queued.v1"); n != 1 {
			t.Errorf("%d jobs for changes that come together", n)
		}
		if err := k.Count(k.ctx, nil); err != nil {
			t.Fatal(err)
		}
		c, err := k.Counts(k.ctx)
		if err != nil || c.Stale || c.Voters != 6 || c.Of(figure.Precinct, "P1", figure.Registered...) != 3 || c.Of(figure.Party, "ind") != 6 {
			t.Errorf("counted %+v, %v", c, err)
		}
		k.people = k.people[:2]
		heard()
		if c, err := k.Counts(k.ctx); err != nil || !c.Stale || c.Voters != 6 {
			t.Errorf("after a change: %+v, %v", c, err)
		}
		k.now = k.now.Add(time.Minute)
		if err := k.Count(k.ctx, nil); err != nil {
			t.Fatal(err)
		}
		if c, err := k.Counts(k.ctx); err != nil || c.Stale || c.Voters != 2 || c.Of(figure.Age, "45-54") != 2 {
			t.Errorf("counted anew: %+v, %v", c, err)
		}
	}, sources()...)
}
