// SPDX-License-Identifier: Apache-2.0

package db

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hustings/kit/fault"
	"hustings/kit/id"
	"hustings/kit/who"
)

// Fact is something that happened, told in the past tense. Its exported
// fields are its data; hidden ones (hide.String) show as their mask, and kit/seal
// says how to tell one all the same. A fact may also have
//
//	Subject() string      what it is about: a voter, a report
//	Jurisdiction() string where, if not in the jurisdiction of the person who acts
type Fact interface {
	Name() string // on the wire, with a version: "results.published.v1"
}

// maxFact is the largest data of one fact. Facts are read again by every
// listener; what is larger belongs into kit/blob, with its key in the fact.
const maxFact = 1 << 20

// fact is a Fact taken down, before it has a place in the ledger.
type fact struct {
	id, jurisdiction, name, subject string
	data                            []byte
}

// Record takes down a fact for the ledger. It is encoded at once, so changing
// f afterwards changes nothing.
func (tx *Tx) Record(f Fact) {
	if tx.over {
		panic("db: Record after its Write was over; the fact would be lost")
	}
	one, err := takeDown(f, who.From(tx.ctx).Jurisdiction)
	if err != nil && tx.bad == nil {
		tx.bad = fault.Wrap(fault.Internal, err, "the fact %s cannot be recorded", f.Name())
	}
	tx.facts = append(tx.facts, one)
}

func takeDown(f Fact, jurisdiction string) (fact, error) {
	one := fact{id: id.New(), jurisdiction: jurisdiction, name: f.Name()}
	if s, ok := f.(interface{ Subject() string }); ok {
		one.subject = s.Subject()
	}
	if j, ok := f.(interface{ Jurisdiction() string }); ok {
		one.jurisdiction = j.Jurisdiction()
	}
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return one, err
	}
	one.data = bytes.TrimSuffix(data.Bytes(), []byte("\n"))
	switch {
	case one.name == "":
		return one, errors.New("it has no name")
	case one.jurisdiction == "":
		return one, errors.New("it has no jurisdiction, and neither has the person who acts")
	case len(one.data) > maxFact:
		return one, fmt.Errorf("its data is %d bytes, more than %d", len(one.data), maxFact)
	}
	return one, nil
}

// head is the end of one jurisdiction's chain.
type head struct {
	seq  int64
	hash []byte
}

// entries gives the facts their places behind the heads, and moves the heads.
func (tx *Tx) entries(heads map[string]*head, at time.Time) []Entry {
	person, request := who.From(tx.ctx), who.Request(tx.ctx)
	list := make([]Entry, len(tx.facts))
	for i, f := range tx.facts {
		h := heads[f.jurisdiction]
		h.seq++
		e := Entry{
			Jurisdiction: f.jurisdiction, Seq: h.seq, ID: f.id, At: at,
			Actor: person.ID, OnBehalf: person.OnBehalf, Via: person.Via, Request: request,
			Name: f.name, Subject: f.subject, Data: f.data, Prev: h.hash,
		}
		e.Hash = e.Sum()
		h.hash = e.Hash
		list[i] = e
	}
	return list
}

// jurisdictions are those that the facts touch, sorted, so that two writers
// always lock their heads in the same order.
func (tx *Tx) jurisdictions() []string {
	var list []string
	for _, f := range tx.facts {
		if !slices.Contains(list, f.jurisdiction) {
			list = append(list, f.jurisdiction)
		}
	}
	slices.Sort(list)
	return list
}

// The statements that append to the ledger, the same on both engines.
const (
	sqlNewHead  = `insert into ledger_head (jurisdiction, seq, hash) values ($1, 0, $2) on conflict (jurisdiction) do nothing`
	sqlReadHead = `select seq, hash from ledger_head where jurisdiction = $1`
	sqlMoveHead = `update ledger_head set seq = $2, hash = $3 where jurisdiction = $1`
	sqlAppend   = `insert into ledger_entry
		(jurisdiction, seq, id, at, actor, on_behalf, via, request, name, subject, data, prev, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
)

// args are the entry's columns in the order of sqlAppend.
func (e *Entry) args() []any {
	return []any{e.Jurisdiction, e.Seq, e.ID, FormatTime(e.At), e.Actor, e.OnBehalf, e.Via, e.Request,
		e.Name, e.Subject, string(e.Data), e.Prev, e.Hash}
}

// readHead reads the end of a chain, starting it if there is none. With
// forUpdate nobody else can move it until the transaction is over.
func readHead(ctx context.Context, on conn, jurisdiction, forUpdate string) (*head, error) {
	h := new(head)
	for range 2 {
		err := on.QueryRowContext(ctx, sqlReadHead+forUpdate, jurisdiction).Scan(&h.seq, &h.hash)
		if !errors.Is(err, sql.ErrNoRows) {
			return h, err
		}
		if _, err := on.ExecContext(ctx, sqlNewHead, jurisdiction, zeroHash); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the ledger of %s has no head", jurisdiction)
}
