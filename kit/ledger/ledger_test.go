// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/hide"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

type said struct {
	What    string
	Licence hide.String
	in      string
}

func (s said) Name() string         { return "test.said.v1" }
func (s said) Subject() string      { return "subject " + s.What }
func (s said) Jurisdiction() string { return s.in }

type whispered struct{ What string }

func (whispered) Name() string { return "test.whispered.v1" }

// say records n facts in a jurisdiction, each in a write of its own.
func say(t *testing.T, d *db.DB, in string, n int) {
	t.Helper()
	ctx := dbtest.Context(t)
	for i := range n {
		err := d.Write(ctx, func(tx *db.Tx) error {
			tx.Record(said{What: fmt.Sprintf("<%d> & more", i), Licence: hide.New("D1234567"), in: in})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnEntrySaysWhoWhatAndWhere(t *testing.T) {
	at := time.Date(2026, 11, 3, 20, 15, 0, 123456789, time.FixedZone("west", -7*3600))
	dbtest.Run(t, func(t *testing.T, first *db.DB) {
		d, err := db.Open(t.Context(), dbtest.URL(t, first), db.Options{Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		ctx := who.With(t.Context(), who.Person{ID: "ann", Jurisdiction: "nye", OnBehalf: "bo", Via: who.API})
		err = d.Write(who.WithRequest(ctx, "r1"), func(tx *db.Tx) error {
			tx.Record(whispered{"hush"})
			tx.Record(said{What: "a < b", Licence: hide.New("D1234567"), in: "clark"})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		l := &ledger.Ledger{DB: d}
		list, err := l.Tail(ctx, "clark", 0, 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("got %d entries, %v, want 1", len(list), err)
		}
		e := list[0]
		want := `{"What":"a < b","Licence":"[hidden]"}`
		if e.Seq != 1 || e.Actor != "ann" || e.OnBehalf != "bo" || e.Via != "api" || e.Request != "r1" ||
			e.Name != "test.said.v1" || e.Subject != "subject a < b" || string(e.Data) != want || !e.At.Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("got %+v with data %s", e, e.Data)
		}
		if list, err := l.Tail(ctx, "nye", 0, 10); err != nil || len(list) != 1 || list[0].Subject != "" {
			t.Errorf("in nye: got %v, %v", list, err)
		}
	})
}

func TestAllGivesEveryEntryInOrder(t *testing.T) {
	d := dbtest.SQLite(t)
	say(t, d, "nye", 1203) // more than two pages
	say(t, d, "clark", 3)
	l := &ledger.Ledger{DB: d}
	var want int64 = 4
	for e, err := range l.All(t.Context(), "nye", 3) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq != want || e.Jurisdiction != "nye" {
			t.Fatalf("got entry %d of %s, want %d of nye", e.Seq, e.Jurisdiction, want)
		}
		want++
	}
	if want != 1204 {
		t.Errorf("stopped before %d", want)
	}
	last, err := l.Jurisdictions(t.Context())
	if err != nil || last["nye"] != 1203 || last["clark"] != 3 || len(last) != 2 {
		t.Errorf("got %v, %v", last, err)
	}
}

func TestVerifyFindsEveryChange(t *testing.T) {
	for _, tt := range []struct {
		name, tamper string
		want         []string // the problems, each by its beginning
	}{
		{"nothing was changed", ``, nil},
		{"a letter in the data", `update ledger_entry set data = replace(data, 'more', 'less') where jurisdiction = 'nye' and seq = 4`,
			[]string{"nye, entry 4: it was altered"}},
		{"another actor", `update ledger_entry set actor = 'bo' where jurisdiction = 'nye' and seq = 1`,
			[]string{"nye, entry 1: it was altered"}},
		{"another time", `update ledger_entry set at = '2026-11-03T00:00:00.000000Z' where jurisdiction = 'nye' and seq = 10`,
			[]string{"nye, entry 10: it was altered"}},
		{"a text moved from one field into the next", `update ledger_entry set name = name || substr(subject, 1, 1), subject = substr(subject, 2) where jurisdiction = 'nye' and seq = 4`,
			[]string{"nye, entry 4: it was altered"}},
		{"one in the middle is gone", `delete from ledger_entry where jurisdiction = 'nye' and seq = 5`,
			[]string{"nye, entry 5: missing"}},
		{"several are gone", `delete from ledger_entry where jurisdiction = 'nye' and seq in (5, 6)`,
			[]string{"nye, entry 5: missing, with all up to 6"}},
		{"the first is gone", `delete from ledger_entry where jurisdiction = 'nye' and seq = 1`,
			[]string{"nye, entry 1: missing"}},
		{"the last is gone", `delete from ledger_entry where jurisdiction = 'nye' and seq = 10`,
			[]string{"nye, entry 10: missing, with all up to 10"}},
		{"the last is gone and the head was moved back", `delete from ledger_entry where jurisdiction = 'nye' and seq = 10; update ledger_head set seq = 9 where jurisdiction = 'nye'`,
			[]string{"nye, entry 9: its hash is not the one in the head"}},
		{"the head is gone", `delete from ledger_head where jurisdiction = 'nye'`,
			[]string{"nye: there are entries, but the head of the chain is missing"}},
		{"one was put in behind the head", `insert into ledger_entry select jurisdiction, 12, 'x', at, actor, on_behalf, via, request, name, subject, data, prev, hash from ledger_entry where jurisdiction = 'nye' and seq = 10`,
			[]string{"nye, entry 12: the head of the chain says that 10 is the last"}},
		{"two have changed places", `update ledger_entry set seq = 99 where jurisdiction = 'nye' and seq = 3; update ledger_entry set seq = 3 where jurisdiction = 'nye' and seq = 4; update ledger_entry set seq = 4 where jurisdiction = 'nye' and seq = 99`,
			[]string{"nye, entry 3: it does not follow", "nye, entry 3: it was altered", "nye, entry 4: it does not follow", "nye, entry 4: it was altered", "nye, entry 5: it does not follow"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dbtest.Run(t, func(t *testing.T, d *db.DB) {
				say(t, d, "nye", 10)
				say(t, d, "clark", 10)
				tamper(t, d, tt.tamper)
				r, err := (&ledger.Ledger{DB: d}).Verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Problems) != len(tt.want) {
					t.Fatalf("got problems %v, want %v", r.Problems, tt.want)
				}
				for i, want := range tt.want {
					if got := r.Problems[i].String(); !strings.HasPrefix(got, want) {
						t.Errorf("got %q, want %q", got, want)
					}
				}
				if tt.want == nil && (r.Entries != 20 || r.Jurisdictions != 2) {
					t.Errorf("got %d entries in %d jurisdictions, want 20 in 2", r.Entries, r.Jurisdictions)
				}
			})
		})
	}
}

func tamper(t *testing.T, d *db.DB, statements string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		tx.Silently("tampering")
		for statement := range strings.SplitSeq(statements, ";") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := tx.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsARewrittenEntryAtTheNextOne(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		say(t, d, "nye", 5)
		l := &ledger.Ledger{DB: d}
		list, err := l.Tail(t.Context(), "nye", 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		e := list[0]
		e.Actor = "mallory"
		err = d.Write(t.Context(), func(tx *db.Tx) error {
			tx.Silently("tampering")
			_, err := tx.ExecContext(t.Context(), `update ledger_entry set actor = $1, hash = $2 where jurisdiction = 'nye' and seq = 3`, e.Actor, e.Sum())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := l.Verify(t.Context())
		if err != nil || len(r.Problems) != 1 || r.Problems[0].Seq != 4 {
			t.Errorf("got %v, %v, want a problem at entry 4", r.Problems, err)
		}
	})
}

func TestVerifyListsOnlySoMany(t *testing.T) {
	d := dbtest.SQLite(t)
	say(t, d, "nye", 130)
	tamper(t, d, `update ledger_entry set actor = 'mallory'`)
	r, err := (&ledger.Ledger{DB: d}).Verify(t.Context())
	if err != nil || len(r.Problems) != 100 || r.More != 30 {
		t.Errorf("got %d problems and %d more, %v, want 100 and 30", len(r.Problems), r.More, err)
	}
}

// The encoding of the hash is a promise to everyone who has ever kept one.
func TestTheHashOfAnEntryNeverChanges(t *testing.T) {
	e := ledger.Entry{
		Jurisdiction: "nye", Seq: 7, ID: "01890a5d-ac96-774b-bcce-b302099a8057",
		At:    time.Date(2026, 11, 3, 20, 15, 0, 120000000, time.UTC),
		Actor: "ann", Via: "browser", Request: "r1", Name: "test.said.v1", Data: []byte(`{}`), Prev: slices.Repeat([]byte{1}, 32),
	}
	const want = "3aaed611c3645efa68ceae0fb3e12406e07b6680389132f71c5870cb159317b3" // by another program, from the words of Sum
	if got := fmt.Sprintf("%x", e.Sum()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	west := e
	west.At = e.At.In(time.FixedZone("west", -7*3600))
	if string(west.Sum()) != string(e.Sum()) {
		t.Error("the same moment in another zone hashes differently")
	}
}

func BenchmarkVerify(b *testing.B) {
	d := dbtest.SQLite(b)
	const n = 20000
	ctx := dbtest.Context(b)
	err := d.Write(ctx, func(tx *db.Tx) error {
		for i := range n {
			tx.Record(said{What: fmt.Sprint(i), in: "nye"})
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	l := &ledger.Ledger{DB: d}
	for b.Loop() {
		if r, err := l.Verify(context.Background()); err != nil || r.Entries != n {
			b.Fatal(r, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}
