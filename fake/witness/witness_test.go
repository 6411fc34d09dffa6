// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

func TestItNeverSignsWhatTakesSomethingBack(t *testing.T) {
	private, public, err := note.GenerateKey(rand.Reader, "vale.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	w, err := New("witness.example", public)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint := func(size uint64, root string) string {
		sum := sha256.Sum256([]byte(root))
		text := log.Checkpoint{Origin: "vale.example/log", Size: size, Hash: sum[:]}.Marshal()
		signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(signed)
	}
	for _, tt := range []struct {
		name, body string
		want       int
	}{
		{"the first is signed", "old 0\n\n" + checkpoint(5, "a"), 200},
		{"the same again is signed", "old 5\n\n" + checkpoint(5, "a"), 200},
		{"another of the same size is not", "old 5\n\n" + checkpoint(5, "b"), 422},
		{"a larger one without a proof is not", "old 5\n\n" + checkpoint(6, "c"), 422},
		{"a smaller one is not", "old 5\n\n" + checkpoint(4, "d"), 400},
		{"who is behind is told", "old 3\n\n" + checkpoint(6, "c"), 409},
		{"an unknown log is refused", "old 0\n\n" + strings.Replace(checkpoint(5, "a"), "vale", "dale", 1), 403},
		{"something else is refused", "hello", 400},
	} {
		out := httptest.NewRecorder()
		w.ServeHTTP(out, httptest.NewRequest("POST", "/add-checkpoint", strings.NewReader(tt.body)))
		if out.Code != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.name, out.Code, out.Body, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("old 5\nAAAA\n\nlog\n5\nAAAA\n")
	f.Add("old -1\n\n")
	f.Fuzz(func(t *testing.T, body string) {
		_, path, _, err := read(body)
		if err != nil && len(path) > 64 {
			t.Error("too much was read")
		}
	})
}
