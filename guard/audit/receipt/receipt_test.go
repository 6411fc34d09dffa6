// SPDX-License-Identifier: Apache-2.0

package receipt

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestReadRefusesWhatIsNoReceipt(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", "", "cannot be read"},
		{"something else", `{"format":"hello"}`, "this is no receipt"},
		{"another field", `{"format":"hustings audit receipt v1","more":1}`, "unknown field"},
		{"something behind it", `{"format":"hustings audit receipt v1"} {}`, "something follows it"},
		{"a proof without end", `{"format":"hustings audit receipt v1","proof":[` + strings.Repeat(`"",`, 64) + `""]}`, "more than any tree is high"},
		{"too much", `{"format":"` + strings.Repeat("x", maxReceipt) + `"}`, "larger than"},
	} {
		if _, err := Read(strings.NewReader(tt.body)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// Whatever is read can be checked without harm, and what checks is written and
// read again as the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"format":"hustings audit receipt v1","log":"a","entry":{"jurisdiction":"nye","seq":1,"at":"2026-11-03T00:00:00.000000Z"},"salt":"00","index":5,"proof":["AAAA"],"checkpoint":"a\n5\nAAAA\n"}`))
	f.Add([]byte(`{"format":"hustings audit receipt v1"}`))
	key, err := note.NewVerifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := Read(bytes.NewReader(body))
		if err != nil {
			return
		}
		if _, _, err := r.Check(key); err == nil {
			t.Error("nobody has signed this")
		}
		var again bytes.Buffer
		if err := r.Write(&again); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(&again); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}
