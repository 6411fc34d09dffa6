// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestUnwrap(t *testing.T) {
	many := make([]string, 0, 40)
	for i := range 20 {
		many = append(many, string(rune('a'+i))+".csv", "a,b\n")
	}
	for _, tt := range []struct {
		name      string
		in        []byte
		lim       Limits
		want, as  string
		err       string
		errReader string
	}{
		{name: "a file that is no archive", in: []byte("a,b\n"), want: "a,b\n", as: "in.zip"},
		{name: "one file", in: zipOf(t, "results.txt", "a,b\n"), want: "a,b\n", as: "in.zip/results.txt"},
		{name: "a path is ignored", in: zipOf(t, `..\..\windows/../../etc/passwd`, "a,b\n"), want: "a,b\n", as: "in.zip/passwd"},
		{name: "what macOS adds", in: zipOf(t, "__MACOSX/._a.csv", "x", "a.csv", "a,b\n", ".DS_Store", "x", "dir/", ""), want: "a,b\n", as: "in.zip/a.csv"},
		{name: "an empty archive", in: zipOf(t), err: "in.zip: the archive must hold exactly one data file and holds 0"},
		{name: "several files", in: zipOf(t, many...), err: "in.zip: the archive must hold exactly one data file and holds 20: a.csv, b.csv, c.csv, d.csv, e.csv, …"},
		{name: "too many files", in: zipOf(t, many...), lim: Limits{Entries: 19}, err: `in.zip: the archive holds more files than the limit of 19; if the file is right, raise the import limit "entries", otherwise split the file`},
		{name: "too large", in: zipOf(t, "a.csv", strings.Repeat("a", 2000)), lim: Limits{Unpacked: 1999}, err: `in.zip: the archive unpacks to more than the limit of 1999 bytes; if the file is right, raise the import limit "unpacked", otherwise split the file`},
		{name: "a bomb", in: zipOf(t, "a.csv", strings.Repeat("a", ratioFloor+1)), err: `in.zip: the archive unpacks to more times its size than the limit of 200; if the file is right, raise the import limit "ratio", otherwise split the file`},
		{name: "an archive larger than a file may be", in: zipOf(t, "a.csv", "a,b\n"), lim: Limits{Bytes: 10}, err: `in.zip: the file is larger than the limit of 10 bytes; if the file is right, raise the import limit "bytes", otherwise split the file`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, as, err := Unwrap("in.zip", bytes.NewReader(tt.in), tt.lim)
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("got  %v\nwant %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != tt.want || as != tt.as {
				t.Errorf("got %q as %s (%v), want %q as %s", got, as, err, tt.want, tt.as)
			}
		})
	}
}

// An archive that says less than it holds must not get past the check.
func TestAnArchiveThatLiesAboutItsSize(t *testing.T) {
	in := zipOf(t, "a.csv", strings.Repeat("a,b\n", 10000))
	// The size stands in the central directory, 24 bytes after its signature.
	at := bytes.LastIndex(in, []byte("PK\x01\x02")) + 24
	copy(in[at:], []byte{10, 0, 0, 0})
	r, _, err := Unwrap("in.zip", bytes.NewReader(in), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	var e *Error
	if !errors.As(err, &e) || n > 10 {
		t.Errorf("got %d bytes and %v, want an error and no more than was said", n, err)
	}
}

func TestADamagedArchive(t *testing.T) {
	in := zipOf(t, "a.csv", strings.Repeat("county,precinct\n", 500))
	in[60] ^= 0xff
	r, _, err := Unwrap("in.zip", bytes.NewReader(in), Limits{})
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "in.zip: a.csv in the archive is damaged; fetch or export it again") {
		t.Errorf("got %v", err)
	}
}
