// SPDX-License-Identifier: Apache-2.0

package publish

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// resealed gives lines the end that makes them a manifest whose checksum is right.
func resealed(lines string, count int) []byte {
	sum := sha256.Sum256([]byte(lines))
	return []byte(lines + "end\t" + strconv.Itoa(count) + "\t" + sumText.EncodeToString(sum[:]) + "\n")
}

const (
	goodAbout = `{"site":"x","version":7,"pointer":{"version":7,"at":"2026-11-03T12:00:00Z"},"kinds":[{"type":"text/html; charset=utf-8"}]}` + "\n"
	goodSum   = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
	goodLine  = "a.html\t" + goodSum + "\t3\t0\t7\t16\t3\t0\t0\tabc\n"
)

func TestManifestsThatCannotBeRight(t *testing.T) {
	head := manifestHead + "\n"
	if _, err := readManifest(resealed(head+goodAbout+goodLine, 1)); err != nil {
		t.Fatalf("the good one: %v", err)
	}
	swap := func(old, new string) []byte {
		return resealed(strings.Replace(head+goodAbout+goodLine, old, new, 1), 1)
	}
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "torn"},
		{"no line feed", []byte("end"), "torn"},
		{"no end", []byte(head + goodAbout + goodLine), "torn"},
		{"only an end", resealed("", 0), "line 1"},
		{"cut in the middle", resealed(head+goodAbout+goodLine, 1)[:200], "torn"},
		{"one letter changed", bytes.Replace(resealed(head+goodAbout+goodLine, 1), []byte("a.html"), []byte("b.html"), 1), "does not match the checksum"},
		{"a false count", resealed(head+goodAbout+goodLine, 2), "lists 1 files and ends with the count 2"},
		{"a huge count", resealed(head+goodAbout+goodLine, 900_000), "torn"},
		{"another format", swap(manifestHead, "hustings edition 2"), "line 1"},
		{"no JSON", swap(`{"site"`, `{site`), "line 2"},
		{"a site that goes up", swap(`"site":"x"`, `"site":"../x"`), "line 2"},
		{"another pointer", swap(`"version":7,"pointer"`, `"version":8,"pointer"`), "line 2"},
		{"a header that splits", swap(`charset=utf-8"`, `","headers":{"X":"a\r\nb"}`), "line 2"},
		{"a header that is ours", swap(`charset=utf-8"`, `","headers":{"Content-Length":"1"}`), "line 2"},
		{"too few fields", swap("\t0\tabc", "\tabc"), "line 3"},
		{"too many fields", swap("\tabc", "\t0\tabc"), "line 3"},
		{"a path that goes up", swap("a.html", "../a.html"), "line 3"},
		{"a short checksum", swap(goodSum, goodSum[1:]), "line 3"},
		{"a long checksum", swap(goodSum, goodSum+"A"), "line 3"},
		{"a negative size", swap("\t3\t0\t7", "\t-3\t0\t7"), "line 3"},
		{"a number with a leading zero", swap("\t16\t", "\t016\t"), "line 3"},
		{"a number beyond 63 bits", swap("\t16\t", "\t9223372036854775808\t"), "line 3"},
		{"an offset that overflows", swap("\t16\t", "\t9223372036854775807\t"), "line 3"},
		{"a huge body", swap("\t3\t0\t7\t16\t3", "\t999999999999\t0\t7\t16\t999999999999"), "line 3"},
		{"a body that is nowhere", swap("\t16\t3\t0\t0", "\t16\t0\t0\t0"), "line 3"},
		{"a plain body of another size", swap("\t16\t3\t", "\t16\t4\t"), "line 3"},
		{"brotli without gzip", swap("\t16\t3\t0\t0", "\t16\t3\t0\t2"), "line 3"},
		{"a kind that is not there", swap("\t3\t0\t7", "\t3\t1\t7"), "no kind 1"},
		{"a pack from the future", swap("\t0\t7\t16", "\t0\t8\t16"), "newer"},
		{"pack nought", swap("\t0\t7\t16", "\t0\t0\t16"), "line 3"},
		{"a checksum in capitals", swap("abc", "ABC"), "line 3"},
		{"the same path twice", resealed(head+goodAbout+goodLine+goodLine, 2), "line 4"},
		{"paths out of order", resealed(head+goodAbout+strings.Replace(goodLine, "a.html", "b.html", 1)+goodLine, 2), "line 4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readManifest(tt.data); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// FuzzReadManifest feeds anything. What is accepted must come out again byte
// for byte once it has been written, and never take the process down.
func FuzzReadManifest(f *testing.F) {
	lines := manifestHead + "\n" + goodAbout + goodLine
	f.Add([]byte(lines))
	f.Add([]byte(manifestHead + "\n" + goodAbout))
	f.Add([]byte(lines + strings.Replace(goodLine, "a.html", "b/ö.html", 1)))
	f.Fuzz(func(t *testing.T, lines []byte) {
		readManifest(lines) // almost never has the right end
		for n := range 3 {
			m, err := readManifest(resealed(string(lines), n))
			if err != nil {
				continue
			}
			once, err := m.encode()
			if err != nil {
				t.Fatal(err)
			}
			again, err := readManifest(once)
			if err != nil {
				t.Fatalf("cannot read what was written: %v\n%s", err, once)
			}
			if twice, _ := again.encode(); !bytes.Equal(once, twice) {
				t.Fatalf("written twice, differs:\n%s\n%s", once, twice)
			}
		}
	})
}

// FuzzReadPointer feeds a pointer that someone else wrote.
func FuzzReadPointer(f *testing.F) {
	f.Add([]byte(`{"version":7,"at":"2026-11-03T12:00:00Z","manifest":"` + goodSum + `"}`))
	f.Add([]byte(`{"version":-7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodePointer(data)
		if err != nil {
			return
		}
		out, err := p.encode()
		if err != nil {
			return
		}
		if again, err := decodePointer(out); err != nil || again.Version != p.Version || again.Manifest != p.Manifest {
			t.Fatalf("got %+v, %v, want %+v", again, err, p)
		}
	})
}

// TestLyingManifestsTakeNoMemory puts manifests with false places in front of a
// pack: the damage is reported, and nothing the size of the lie is allocated.
func TestLyingManifestsTakeNoMemory(t *testing.T) {
	for _, tt := range []struct{ name, line string }{
		{"longer than the pack", "a.html\t" + goodSum + "\t200000000\t0\t7\t16\t200000000\t0\t0\tabc\n"},
		{"beyond the pack", "a.html\t" + goodSum + "\t3\t0\t7\t5000000000\t3\t0\t0\tabc\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			site := filepath.Join(dir, "x")
			if err := os.Mkdir(site, 0o755); err != nil {
				t.Fatal(err)
			}
			data := resealed(manifestHead+"\n"+goodAbout+tt.line, 1)
			sum := sha256.Sum256(data)
			pointer, _ := Pointer{Version: 7, Manifest: sumText.EncodeToString(sum[:])}.encode()
			for name, data := range map[string][]byte{"v7.manifest": data, "v7.pack": []byte(packHead + "abc"), pointerName: pointer} {
				if err := os.WriteFile(filepath.Join(site, name), data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var s *Shelf
			n := testing.AllocsPerRun(1, func() { s = open(t, dir) })
			if len(s.Problems()) != 1 || n > 10_000 {
				t.Errorf("got problems %v, %v allocations", s.Problems(), n)
			}
		})
	}
}

// TestUnpackingStopsAtTheSize gives a body that unpacks to more than the
// manifest says.
func TestUnpackingStopsAtTheSize(t *testing.T) {
	b, err := pack(bytes.Repeat([]byte("a"), 1<<20), smaller)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{0, 10, 1<<20 - 1, 1<<20 + 1} {
		if _, err := unpackGzip(b.gz, size); err == nil {
			t.Errorf("gzip, %d bytes: no error", size)
		}
		if _, err := unpackBrotli(b.br, size); err == nil {
			t.Errorf("brotli, %d bytes: no error", size)
		}
	}
	if raw, err := unpackGzip(b.gz, 1<<20); err != nil || len(raw) != 1<<20 {
		t.Errorf("got %d bytes, %v", len(raw), err)
	}
}

// FuzzPack checks that whatever is packed comes out the same.
func FuzzPack(f *testing.F) {
	f.Add([]byte("precinct 12"), uint16(40))
	f.Add([]byte{0, 1, 2, 255}, uint16(9000))
	f.Fuzz(func(t *testing.T, piece []byte, times uint16) {
		if len(piece)*int(times) > 1<<20 {
			return
		}
		raw := bytes.Repeat(piece, int(times))
		b, err := pack(raw, smaller)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]func() ([]byte, error){
			"gzip":   func() ([]byte, error) { return unpackGzip(b.gz, int64(len(raw))) },
			"brotli": func() ([]byte, error) { return unpackBrotli(b.br, int64(len(raw))) },
			"plain":  func() ([]byte, error) { return b.raw, nil },
		} {
			if name == "gzip" && b.gz == nil || name == "brotli" && b.br == nil || name == "plain" && b.gz != nil {
				continue
			}
			if body, err := got(); err != nil || !bytes.Equal(body, raw) {
				t.Errorf("%s: %v, %d bytes of %d", name, err, len(body), len(raw))
			}
		}
	})
}
