// SPDX-License-Identifier: Apache-2.0

package letters

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hustings/kit/db"
	"hustings/kit/db/dbtest"
	"hustings/kit/fault"
)

func TestAFileOfReturnedMail(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		var n []string
		for i := range 5 {
			n = append(n, k.write(ack(fmt.Sprint("r", i), "00501")))
		}
		k.made()
		k.must(k.Confirm(k.ctx, k.newest(), k.receipt()))
		waits := k.write(ack("waits", "00501"))
		file := "Letter Number;Reason;New Address;City;State;ZIP\n" +
			n[0] + ";RTS;;;;\n" +
			Hyphens(n[1]) + ";Moved, left no address;;;;\n" +
			n[2] + ";Forwarded;1 New Rd;Dale;XX;00502\n" +
			n[3] + ";forwarded;;;;\n" +
			n[4] + ";eaten by a dog;;;;\n" +
			";RTS;;;;\n" +
			waits + ";utf;;;;\n" +
			strings.ToLower(n[0]) + ";ANK;;;;\n"
		got, err := k.TakeFile(k.ctx, "mail.csv", strings.NewReader(file))
		k.must(err)
		var lines []int
		for _, p := range got.Troubles {
			lines = append(lines, p.Line)
		}
		if got.Taken != 3 || got.Before != 1 || !slices.Equal(lines, []int{5, 6, 7, 8}) {
			t.Errorf("%+v", got)
		}
		for i, want := range []State{Returned, Returned, Returned, Issued, Issued} {
			if l := k.letter(n[i]); l.State != want || (l.New != nil) != (i == 2) {
				t.Errorf("letter %d is %s, %v", i, l.State, l.New)
			}
		}
		if got, err = k.TakeFile(k.ctx, "mail.csv", strings.NewReader(file)); err != nil || got.Taken != 0 || got.Before != 4 {
			t.Errorf("the same file again: %+v %v", got, err)
		}
	}, sources()...)
}

// newest is the batch that was made last.
func (k *desk) newest() string {
	k.t.Helper()
	list, err := k.Batches(k.ctx)
	k.must(err)
	return list[0].ID
}

func TestReadReceipt(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       Receipt
		says       string
	}{
		{"all of it", "sequence,result\n1,printed\n2,ok\n", Receipt{Printed: 2}, ""},
		{"with the hash", "Seq,Status,SHA-256\n1,Mailed,AB\n2,Spoiled,ab\n", Receipt{Printed: 1, SHA256: "ab", Spoiled: []int64{2}}, ""},
		{"two hashes", "seq,status,sha256\n1,ok,ab\n2,ok,cd\n", Receipt{}, "Line 3"},
		{"a place twice", "seq,status\n1,ok\n1,ok\n", Receipt{}, "twice"},
		{"no place", "seq,status\nx,ok\n", Receipt{}, "Line 2"},
		{"a result that is not", "seq,status\n1,perhaps\n", Receipt{}, "perhaps"},
		{"no columns", "a,b\n1,2\n", Receipt{}, "sequence and result"},
		{"nothing", "", Receipt{}, "read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadReceipt("receipt.csv", strings.NewReader(tt.file))
			if tt.says != "" {
				if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v, want %q", err, tt.says)
				}
				return
			}
			if err != nil || got.Printed != tt.want.Printed || got.SHA256 != tt.want.SHA256 || !slices.Equal(got.Spoiled, tt.want.Spoiled) {
				t.Errorf("got %+v %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func FuzzReadReturns(f *testing.F) {
	f.Add([]byte("letter,reason\n0000-0000-0000,RTS\n"))
	f.Add([]byte("letter;reason;address\n1;forwarded;\n\"\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		lines, _, err := ReadReturns("mail.csv", bytes.NewReader(body))
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("an apology and no sentence: %v", err)
		}
		for _, l := range lines {
			if !slices.Contains(Reasons(), l.Why) || l.Line < 1 {
				t.Errorf("%+v", l)
			}
		}
	})
}

func FuzzReadReceipt(f *testing.F) {
	f.Add([]byte("sequence,result,sha256\n1,printed,ab\n2,spoiled,ab\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ReadReceipt("receipt.csv", bytes.NewReader(body))
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("an apology and no sentence: %v", err)
		}
		if err == nil && (c.Printed < 0 || slices.ContainsFunc(c.Spoiled, func(n int64) bool { return n < 1 })) {
			t.Errorf("%+v", c)
		}
	})
}
