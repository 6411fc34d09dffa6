// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"hustings/guard/audit/receipt"
	"hustings/kit/db"
	"hustings/kit/db/dbtest"
)

func TestAReceiptProvesItsEntryAlone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		o := sealedOffice(t, d, 300)
		other := openOffice(t, dbtest.SQLite(t, source()), filepath.Join(t.TempDir(), "log"))
		for _, at := range []struct {
			in  string
			seq int64
		}{{"nye", 1}, {"nye", 150}, {"clark", 300}} {
			e, ok, err := o.Ledger.At(t.Context(), at.in, at.seq)
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			r, err := o.Prove(t.Context(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			var file bytes.Buffer
			if err := r.Write(&file); err != nil {
				t.Fatal(err)
			}
			back, err := receipt.Read(bytes.NewReader(file.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			got, cp, err := back.Check(o.key)
			if err != nil || got.ID != e.ID || !bytes.Equal(got.Data, e.Data) || cp.Size != 600 {
				t.Errorf("%v: got %+v, %v, %v", at, got, cp, err)
			}
			if _, _, err := back.Check(other.key); err == nil {
				t.Error("another log's key was taken")
			}
			tampered(t, o, back)
		}
	}, source())
}

// tampered changes one thing of a receipt after the other.
func tampered(t *testing.T, o *office, good receipt.Receipt) {
	t.Helper()
	flip := func(text string) string {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		b[3] ^= 4
		return hex.EncodeToString(b)
	}
	for name, change := range map[string]func(r *receipt.Receipt){
		"another log":            func(r *receipt.Receipt) { r.Log = "dale.example/log" },
		"another jurisdiction":   func(r *receipt.Receipt) { r.Entry.Jurisdiction += "x" },
		"another place":          func(r *receipt.Receipt) { r.Entry.Seq++ },
		"another id":             func(r *receipt.Receipt) { r.Entry.ID = strings.ToUpper(r.Entry.ID) + "x" },
		"another time":           func(r *receipt.Receipt) { r.Entry.At = "2026-11-03T00:00:00.000000Z" },
		"no time":                func(r *receipt.Receipt) { r.Entry.At = "yesterday" },
		"another actor":          func(r *receipt.Receipt) { r.Entry.Actor = "bo" },
		"on another's behalf":    func(r *receipt.Receipt) { r.Entry.OnBehalf = "bo" },
		"by another way":         func(r *receipt.Receipt) { r.Entry.Via = "api" },
		"in another request":     func(r *receipt.Receipt) { r.Entry.Request = "r" },
		"another fact":           func(r *receipt.Receipt) { r.Entry.Name = "test.unsaid.v1" },
		"another subject":        func(r *receipt.Receipt) { r.Entry.Subject = "" },
		"other data":             func(r *receipt.Receipt) { r.Entry.Data = strings.Replace(r.Entry.Data, "more", "less", 1) },
		"another entry before":   func(r *receipt.Receipt) { r.Entry.Prev = flip(r.Entry.Prev) },
		"another hash":           func(r *receipt.Receipt) { r.Entry.Hash = flip(r.Entry.Hash) },
		"a hash that is none":    func(r *receipt.Receipt) { r.Entry.Hash = "00" },
		"another salt":           func(r *receipt.Receipt) { r.Salt = flip(r.Salt) },
		"no salt":                func(r *receipt.Receipt) { r.Salt = "" },
		"another leaf":           func(r *receipt.Receipt) { r.Index ^= 1 },
		"a leaf beyond the tree": func(r *receipt.Receipt) { r.Index = 1 << 60 },
		"a step less":            func(r *receipt.Receipt) { r.Proof = r.Proof[1:] },
		"a step more":            func(r *receipt.Receipt) { r.Proof = append(r.Proof, r.Proof[0]) },
		"another step":           func(r *receipt.Receipt) { r.Proof = append([][]byte{make([]byte, 32)}, r.Proof[1:]...) },
		"a step of another size": func(r *receipt.Receipt) { r.Proof = append([][]byte{make([]byte, 31)}, r.Proof[1:]...) },
		"another checkpoint":     func(r *receipt.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "\n600\n", "\n601\n", 1) },
		"no checkpoint":          func(r *receipt.Receipt) { r.Checkpoint = "" },
	} {
		bad := good
		bad.Proof = append([][]byte(nil), good.Proof...)
		change(&bad)
		if _, _, err := bad.Check(o.key); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

func TestAPublishedFileIsProvedThroughItsList(t *testing.T) {
	sum := func(s string) string {
		h := hash(s)
		return base64.RawURLEncoding.EncodeToString(h[:])
	}
	list := "hustings edition 1\n{}\na/index.html\t" + sum("<h1>") + "\t4\t0\t1\t0\t4\t0\t0\t0\ndownloads/results.csv\t" + sum("a,b\n") + "\t4\t0\t1\t4\t4\t0\t0\t0\nend\t2\tx\n"
	r := receipt.Receipt{Entry: receipt.Entry{Data: fmt.Sprintf(`{"Version":3,"SHA256":%q}`, sum(list))}}
	for _, tt := range []struct {
		name, data, list, file string
		want, wrong            string
	}{
		{"a file of the list", r.Entry.Data, list, "a,b\n", "downloads/results.csv", ""},
		{"another file", r.Entry.Data, list, "a,c\n", "", "not in the list"},
		{"another list", r.Entry.Data, list + " ", "a,b\n", "", "not the one that the receipt's entry speaks of"},
		{"an entry about something else", `{"Version":3}`, list, "a,b\n", "", "does not speak of a list"},
		{"an entry that is no JSON", `hello`, list, "a,b\n", "", "does not speak of a list"},
	} {
		got, err := receipt.Receipt{Entry: receipt.Entry{Data: tt.data}}.Published([]byte(tt.list), strings.NewReader(tt.file))
		if got != tt.want || (err == nil) != (tt.wrong == "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
			t.Errorf("%s: got %q, %v", tt.name, got, err)
		}
	}
}
