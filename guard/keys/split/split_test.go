// SPDX-License-Identifier: Apache-2.0

package split

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hustings/kit/fault"
)

// TestTheField compares the field with one worked out the long way.
func TestTheField(t *testing.T) {
	long := func(a, b byte) byte {
		var wide uint16
		for i := range 8 {
			if b>>i&1 == 1 {
				wide ^= uint16(a) << i
			}
		}
		for i := 15; i >= 8; i-- {
			if wide>>i&1 == 1 {
				wide ^= 0x11b << (i - 8)
			}
		}
		return byte(wide)
	}
	for a := range 256 {
		for b := range 256 {
			if got, want := mul(byte(a), byte(b)), long(byte(a), byte(b)); got != want {
				t.Fatalf("%02x times %02x: got %02x, want %02x", a, b, got, want)
			}
		}
		if a > 0 && mul(byte(a), inv(byte(a))) != 1 {
			t.Errorf("%02x times its inverse is not 1", a)
		}
	}
	// FIPS 197, section 4.2: {57} times {83} is {c1}.
	if mul(0x57, 0x83) != 0xc1 {
		t.Error("not the field of AES")
	}
}

func key() []byte {
	k := make([]byte, keySize)
	rand.Read(k)
	return k
}

// Any k of n bring the key together, in any order; the words on paper are all
// that they need.
func TestAnyEnoughOfThemBringItTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), keySize, keySize).Draw(t, "key")
		officials := rapid.IntRange(2, 12).Draw(t, "officials")
		need := rapid.IntRange(2, officials).Draw(t, "need")
		shares, err := Split(secret, need, officials)
		if err != nil {
			t.Fatal(err)
		}
		come := rapid.Permutation(shares).Draw(t, "come")[:rapid.IntRange(need, officials).Draw(t, "how many")]
		for i, s := range come {
			typed, err := Read(strings.ToUpper(strings.Join(s.Words(), ", ")))
			if err != nil || !typed.Equal(s) {
				t.Fatalf("share %d typed: %v", s.Number, err)
			}
			come[i] = typed
		}
		if got, err := Join(come); err != nil || !bytes.Equal(got, secret) {
			t.Fatalf("got another key, %v", err)
		}
	})
}

// With fewer than k, every key is as likely as any other: for one byte of two
// of three shares there is, for each secret, a third share that leads to it.
func TestTooFewLearnNothing(t *testing.T) {
	secret := key()
	shares, err := Split(secret, 3, 3)
	if err != nil {
		t.Fatal(err)
	}
	reached := make(map[byte]bool)
	for third := range 256 {
		reached[atZero([]byte{1, 2, 3}, []byte{shares[0].raw[header], shares[1].raw[header], byte(third)})] = true
	}
	if len(reached) != 256 {
		t.Errorf("two shares of three leave %d of 256 values of a byte", len(reached))
	}
	if _, err := Join(shares[:2]); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "2 shares are here, and 3 are needed") {
		t.Errorf("two of three: got %v", err)
	}
}

func TestWrongSharesAreRefusedInASentence(t *testing.T) {
	secret := key()
	shares, err := Split(secret, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Split(secret, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		shares []Share
		say    string
	}{
		{"none", nil, "0 shares are here"},
		{"one twice", []Share{shares[0], shares[0]}, "given twice"},
		{"of two splittings", []Share{shares[0], other[1]}, "does not belong"},
		{"an empty one", []Share{shares[0], {}}, "is empty"},
	} {
		if _, err := Join(tt.shares); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: got %v, want a sentence with %q", tt.name, err, tt.say)
		}
	}
	for _, tt := range []struct{ need, officials int }{{1, 3}, {0, 0}, {4, 3}, {2, 33}, {-1, 2}} {
		if _, err := Split(secret, tt.need, tt.officials); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d of %d: got %v, want it refused", tt.need, tt.officials, err)
		}
	}
}

func TestASlipOnPaperIsFound(t *testing.T) {
	shares, err := Split(key(), 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	words := shares[0].Words()
	for i := range words {
		wrong := slices.Clone(words)
		n, _ := find(wrong[i])
		wrong[i] = dictionary[(n+1)%len(dictionary)]
		if _, err := Read(strings.Join(wrong, " ")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("word %d is another: got %v", i+1, err)
		}
	}
	for i := range len(words) - 1 {
		wrong := slices.Clone(words)
		if wrong[i], wrong[i+1] = wrong[i+1], wrong[i]; wrong[i] == wrong[i+1] {
			continue
		}
		if _, err := Read(strings.Join(wrong, " ")); err == nil {
			t.Errorf("words %d and %d in each other's place: not noticed", i+1, i+2)
		}
	}
	for _, tt := range []struct{ name, typed, say string }{
		{"a word short", strings.Join(words[1:], " "), "32 words; here are 31"},
		{"a word that is none", strings.Replace(strings.Join(words, " "), words[4], "zzzz", 1), "is none of the words"},
		{"nothing", "", "here are 0"},
		{"a book", strings.Repeat("abandon ", 1000), "longer than"},
	} {
		_, err := Read(tt.typed)
		if err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.say)
		}
	}
	var short []string
	for _, w := range words {
		short = append(short, w[:min(4, len(w))])
	}
	if s, err := Read(strings.Join(short, " ")); err != nil || !s.Equal(shares[0]) {
		t.Errorf("the first four letters of each word: %v", err)
	}
}

// TestTheList keeps the property that the list was chosen for.
func TestTheList(t *testing.T) {
	if len(dictionary) != 2048 || !slices.IsSorted(dictionary) {
		t.Fatalf("%d words, sorted: %v", len(dictionary), slices.IsSorted(dictionary))
	}
	seen := make(map[string]bool)
	for _, w := range dictionary {
		if start := w[:min(4, len(w))]; seen[start] {
			t.Errorf("two words begin with %s", start)
		} else {
			seen[start] = true
		}
	}
}

func TestThePageHasTheWordsAndTheirCode(t *testing.T) {
	shares, err := Split(key(), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	page, err := shares[1].Page("Vale <County>", "2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range append(shares[1].Words(), "Share 2 of 3", "<svg ", "Vale &lt;County&gt;", shares[1].Set) {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("a page for paper has a script")
	}
}

func FuzzReadShare(f *testing.F) {
	shares, err := Split(bytes.Repeat([]byte{1}, keySize), 2, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(strings.Join(shares[0].Words(), " "))
	f.Add(strings.Repeat("zoo ", wordCount))
	f.Add("")
	f.Add(strings.Repeat("abandon\n", wordCount))
	f.Fuzz(func(t *testing.T, typed string) {
		s, err := Read(typed)
		if err != nil {
			return
		}
		if again, err := Read(strings.Join(s.Words(), " ")); err != nil || !again.Equal(s) {
			t.Errorf("a share that was read is another when written: %v", err)
		}
	})
}
