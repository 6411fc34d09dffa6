// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bytes"
	"context"
	"crypto/fips140"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"pgregory.net/rapid"

	"hustings/kit/db"
	"hustings/kit/fault"
	"hustings/kit/hide"
)

// TestTinkOpensWhatWeSeal and the other way round, with keys that Tink made.
func TestTinkOpensWhatWeSeal(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("Tink draws its nonces outside of the FIPS module, which is refused here; that is why we draw ours")
	}
	m := keyset.NewManager()
	var numbers []uint32
	for range 3 {
		n, err := m.Add(aead.AES256GCMKeyTemplate())
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, n)
	}
	if err := m.SetPrimary(numbers[1]); err != nil {
		t.Fatal(err)
	}
	h, err := m.Handle()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := aead.New(h)
	if err != nil {
		t.Fatal(err)
	}
	ours := NewRing()
	for _, i := range []int{1, 0, 2} { // the primary first
		e, err := h.Entry(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := ours.Add(e.KeyID(), e.Key().(*aesgcm.Key).KeyBytes().Data(insecuresecretdataaccess.Token{})); err != nil {
			t.Fatal(err)
		}
	}
	both(t, ours, theirs)
	raw := bytes.Repeat([]byte{5}, 32)
	single, err := NewGCM(raw)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := subtle.NewAESGCM(raw)
	if err != nil {
		t.Fatal(err)
	}
	both(t, single, plain)
}

func both(t *testing.T, ours, theirs tink.AEAD) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		clear, bound := rapid.SliceOf(rapid.Byte()).Draw(t, "clear"), rapid.SliceOf(rapid.Byte()).Draw(t, "bound")
		for _, way := range []struct {
			name     string
			from, to tink.AEAD
		}{{"ours to theirs", ours, theirs}, {"theirs to ours", theirs, ours}, {"ours to ours", ours, ours}} {
			sealed, err := way.from.Encrypt(clear, bound)
			if err != nil {
				t.Fatal(err)
			}
			got, err := way.to.Decrypt(sealed, bound)
			if err != nil || !bytes.Equal(got, clear) {
				t.Fatalf("%s: got %x, %v", way.name, got, err)
			}
			at := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
			sealed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if got, err := way.to.Decrypt(sealed, bound); err == nil {
				t.Fatalf("%s: a bit of byte %d flipped, and it opens: %x", way.name, at, got)
			}
		}
	})
}

// fixed is one ring for everything, and one key for every subject.
type fixed struct{ ring *Ring }

func (f fixed) Ring(context.Context, string, string, uint32) (*Ring, error) { return f.ring, nil }
func (f fixed) Subject(context.Context, db.Reader, string, string, string) (tink.AEAD, error) {
	return f.ring.AEAD, nil
}

func fixedSealer(t testing.TB) *Sealer {
	t.Helper()
	g := NewRing()
	if err := g.Add(7, bytes.Repeat([]byte{1}, 32)); err != nil {
		t.Fatal(err)
	}
	return &Sealer{Keys: fixed{&Ring{AEAD: g, Newest: 7}}}
}

var (
	licence = Column{Table: "registry_voter", Name: "licence", Key: []string{"election", "id"}, Purpose: "registry.licence"}
	mother  = Column{Table: "registry_voter", Name: "mother", Key: []string{"id"}, Purpose: "registry.names", Subject: "subject"}
)

// Whatever differs in two places, bytes of one do not open in the other.
func TestAFieldOpensInItsPlaceAlone(t *testing.T) {
	s := fixedSealer(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`[ab]{0,2}`) // often equal, and often equal when joined
		type place struct{ in, one, two string }
		draw := func(name string) place {
			return place{"j" + words.Draw(t, name+" in"), words.Draw(t, name+" one"), words.Draw(t, name+" two")}
		}
		from, to := draw("from"), draw("to")
		sealed, err := s.Seal(t.Context(), nil, licence.At(from.in, from.one, from.two), hide.New("D1234567"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Open(t.Context(), nil, licence.At(to.in, to.one, to.two), sealed)
		if (from == to) != (err == nil) || err == nil && got.Reveal() != "D1234567" {
			t.Fatalf("sealed at %+v, opened at %+v: %v", from, to, err)
		}
	})
}

func TestPlacesThatAreNotAFieldsOwn(t *testing.T) {
	s := fixedSealer(t)
	for _, tt := range []struct {
		name string
		at   Field
	}{
		{"no jurisdiction", licence.At("", "1", "2")},
		{"half a key", licence.At("j", "1")},
		{"no key", licence.At("j")},
		{"a subject that the column does not have", licence.At("j", "1", "2").Of("voter:1")},
		{"no subject where there must be one", mother.At("j", "1")},
	} {
		if _, err := s.Seal(t.Context(), nil, tt.at, hide.New("x")); err == nil {
			t.Errorf("%s: sealed", tt.name)
		}
		if _, err := s.Open(t.Context(), nil, tt.at, []byte{1, 2, 3}); err == nil {
			t.Errorf("%s: opened", tt.name)
		}
	}
}

func TestNothingAndTooMuch(t *testing.T) {
	s := fixedSealer(t)
	if sealed, err := s.Seal(t.Context(), nil, licence.At("j", "1", "2"), hide.String{}); sealed != nil || err != nil {
		t.Errorf("nothing: got %x, %v", sealed, err)
	}
	if text, err := s.Open(t.Context(), nil, licence.At("j", "1", "2"), nil); !text.IsZero() || err != nil {
		t.Errorf("null: got %v, %v", text, err)
	}
	if _, err := s.Seal(t.Context(), nil, licence.At("j", "1", "2"), hide.New(strings.Repeat("x", maxText+1))); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too much: got %v", err)
	}
}

func TestDeclarations(t *testing.T) {
	good := Column{Table: "a_b", Name: "c", Key: []string{"id"}, Purpose: "p"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Column){
		"a table with SQL in it":   func(c *Column) { c.Table = "a; drop table a" },
		"a key with a quote in it": func(c *Column) { c.Key = []string{`id"`} },
		"an index of capitals":     func(c *Column) { c.Index = "X" },
		"a subject with a space":   func(c *Column) { c.Subject = "a b" },
		"no key":                   func(c *Column) { c.Key = nil },
		"no purpose":               func(c *Column) { c.Purpose = "" },
	} {
		c := good
		if change(&c); c.Check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzReadSealed(f *testing.F) {
	s := fixedSealer(f)
	good, err := s.Seal(f.Context(), nil, licence.At("j", "1", "2"), hide.New("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{1})
	f.Add([]byte{1, 0, 0, 0, 7})
	f.Add([]byte{2, 0, 0, 0, 7, 1})
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, sealed []byte) {
		for _, at := range []Field{licence.At("j", "1", "2"), mother.At("j", "1").Of("voter:1")} {
			if text, err := s.Open(t.Context(), nil, at, sealed); err == nil && len(sealed) > 0 && !bytes.Equal(sealed, good) {
				t.Errorf("forged bytes open: %q", text.Reveal())
			}
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	s, at, text := fixedSealer(b), licence.At("ocd-division/country:us/state:zz/county:test", "2026-11-03", "voter-000000001"), hide.New("D1234567")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(b.Context(), nil, at, text); err != nil {
			b.Fatal(err)
		}
	}
}
