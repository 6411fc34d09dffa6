// SPDX-License-Identifier: Apache-2.0

// Package receipt is the proof that one entry of the ledger stands in the
// sealed log: a small JSON file that anyone can check with the log's public key
// alone, years later, without us.
//
//	entry -> its hash -> with the salt, its leaf -> up the proof -> the root that the log has signed
package receipt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"

	"hustings/guard/audit/tree"
	"hustings/kit/db"
)

// Format is the first thing that a receipt says of itself.
const Format = "hustings audit receipt v1"

// Receipt is a receipt as it stands in its file.
type Receipt struct {
	Format     string   `json:"format"`
	Log        string   `json:"log"` // the log's name
	Entry      Entry    `json:"entry"`
	Salt       string   `json:"salt"`       // hexadecimal
	Index      uint64   `json:"index"`      // of the leaf, counted from 0
	Proof      [][]byte `json:"proof"`      // base64, from the leaf up
	Checkpoint string   `json:"checkpoint"` // a signed note
}

// Entry is an entry of the ledger, each field as it was hashed.
type Entry struct {
	Jurisdiction string `json:"jurisdiction"`
	Seq          int64  `json:"seq"`
	ID           string `json:"id"`
	At           string `json:"at"`
	Actor        string `json:"actor"`
	OnBehalf     string `json:"on_behalf"`
	Via          string `json:"via"`
	Request      string `json:"request"`
	Name         string `json:"name"`
	Subject      string `json:"subject"`
	Data         string `json:"data"` // JSON, as text: it is hashed byte for byte
	Prev         string `json:"prev"` // hexadecimal
	Hash         string `json:"hash"` // hexadecimal
}

// EntryOf puts an entry into a receipt's shape.
func EntryOf(e db.Entry) Entry {
	return Entry{
		Jurisdiction: e.Jurisdiction, Seq: e.Seq, ID: e.ID, At: db.FormatTime(e.At), Actor: e.Actor, OnBehalf: e.OnBehalf,
		Via: e.Via, Request: e.Request, Name: e.Name, Subject: e.Subject, Data: string(e.Data),
		Prev: hex.EncodeToString(e.Prev), Hash: hex.EncodeToString(e.Hash),
	}
}

// entry is the way back.
func (e Entry) entry() (out db.Entry, err error) {
	at, err := db.ParseTime(e.At)
	if err != nil {
		return out, fmt.Errorf("the entry's time %q is not one", e.At)
	}
	prev, err := sum(e.Prev)
	if err != nil {
		return out, fmt.Errorf("the hash of the entry before: %w", err)
	}
	hash, err := sum(e.Hash)
	if err != nil {
		return out, fmt.Errorf("the entry's hash: %w", err)
	}
	return db.Entry{
		Jurisdiction: e.Jurisdiction, Seq: e.Seq, ID: e.ID, At: at, Actor: e.Actor, OnBehalf: e.OnBehalf, Via: e.Via,
		Request: e.Request, Name: e.Name, Subject: e.Subject, Data: []byte(e.Data), Prev: prev[:], Hash: hash[:],
	}, nil
}

func sum(text string) (h tree.Hash, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("%.80q is not 64 hexadecimal digits", text)
	}
	return tree.Hash(b), nil
}

// maxReceipt bounds a receipt's file: one fact may have a megabyte of data.
const maxReceipt = 4 << 20

// maxProof is the longest proof of any tree.
const maxProof = 64

// Read reads a receipt and checks its shape, not yet its truth.
func Read(from io.Reader) (r Receipt, err error) {
	body, err := io.ReadAll(io.LimitReader(from, maxReceipt+1))
	if err != nil {
		return r, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	if len(body) > maxReceipt {
		return r, fmt.Errorf("the receipt is larger than %d bytes", maxReceipt)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return r, fmt.Errorf("the receipt cannot be read: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return r, errors.New("the receipt cannot be read: something follows it")
	}
	switch {
	case r.Format != Format:
		return r, fmt.Errorf("this is no receipt: its format is %.80q, not %q", r.Format, Format)
	case len(r.Proof) > maxProof:
		return r, fmt.Errorf("the proof has %d steps, more than any tree is high", len(r.Proof))
	}
	return r, nil
}

// Write writes the receipt as its file.
func (r Receipt) Write(to io.Writer) error {
	enc := json.NewEncoder(to)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// Check proves the receipt with the log's public key: that exactly this entry
// stands at this place of the log that the checkpoint speaks of. It returns the
// entry and the checkpoint with the names of all who have signed it.
func (r Receipt) Check(key note.Verifier, witnesses ...note.Verifier) (e db.Entry, c tree.Checkpoint, err error) {
	if e, err = r.Entry.entry(); err != nil {
		return e, c, err
	}
	if !bytes.Equal(e.Sum(), e.Hash) {
		return e, c, errors.New("the entry was altered: its hash does not fit its content")
	}
	if c, err = tree.Open([]byte(r.Checkpoint), key, witnesses...); err != nil {
		return e, c, err
	}
	if r.Log != c.Origin {
		return e, c, fmt.Errorf("the receipt names the log %q, its checkpoint %q", r.Log, c.Origin)
	}
	salt, err := hex.DecodeString(r.Salt)
	if err != nil || len(salt) != tree.SaltSize {
		return e, c, fmt.Errorf("the salt %.80q is not %d hexadecimal digits", r.Salt, 2*tree.SaltSize)
	}
	for _, step := range r.Proof {
		if len(step) != sha256.Size {
			return e, c, fmt.Errorf("a step of the proof has %d bytes, not %d", len(step), sha256.Size)
		}
	}
	leaf := tree.Leaf(tree.Salt(salt), e.Jurisdiction, e.Seq, tree.Hash(e.Hash))
	return e, c, tree.Included(leaf, r.Index, r.Proof, c)
}
