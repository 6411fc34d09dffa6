// SPDX-License-Identifier: Apache-2.0

package db_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing/fstest"

	"hustings/kit/db"
	"hustings/kit/ledger"
	"hustings/kit/who"
)

// voterMoved is a fact. Its name never changes; a new shape gets v2.
type voterMoved struct{ Voter, From, To string }

func (voterMoved) Name() string      { return "voters.moved.v1" }
func (v voterMoved) Subject() string { return v.Voter }

// A change and the fact that tells of it go in together.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := who.With(context.Background(), who.Person{ID: "ann", Jurisdiction: "nye", Via: who.Browser})

	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "hustings.db"), db.Options{})
	if err != nil {
		panic(err)
	}
	defer d.Close()
	err = d.Migrate(ctx, []db.Source{{Room: "voters", FS: fstest.MapFS{"0001_voter.sql": {Data: []byte(`
		create table voters_voter (
			jurisdiction text not null,
			id           text not null,
			precinct     text not null,
			primary key (jurisdiction, id)
		);
		insert into voters_voter (jurisdiction, id, precinct) values ('nye', 'v1', '7');`)}}}})
	if err != nil {
		panic(err)
	}

	err = d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			update voters_voter set precinct = $3
			where jurisdiction = $1 and id = $2`, "nye", "v1", "12")
		if err != nil {
			return err
		}
		tx.Record(voterMoved{Voter: "v1", From: "7", To: "12"})
		return nil
	})
	if err != nil {
		panic(err)
	}

	for e, err := range (&ledger.Ledger{DB: d}).All(ctx, "nye", 0) {
		fmt.Println(e.Seq, e.Actor, e.Name, string(e.Data), err)
	}
	// Output: 1 ann voters.moved.v1 {"Voter":"v1","From":"7","To":"12"} <nil>
}
