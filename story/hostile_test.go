// SPDX-License-Identifier: Apache-2.0

//go:build unix

package story

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"

	"hustings/format/sheet"
)

// mostMemory is what one file may cost the program, in MiB, and mostWait the
// time until it is refused. A process begins with the memory of this one, so
// this one must stay small: large files are written as they are made.
const (
	mostMemory = 700
	mostWait   = 20 * time.Second
)

// TestHostileFiles sends in what was made or broken to do harm: each ends with
// one sentence that names the file, in bounded memory and time, and leaves what
// was there before as it was.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, write := range hostile {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			write(t, path)
			defer os.RemoveAll(path) // some are large
			refused(t, nil, path)
		})
	}
}

// refused checks, converts and renders a file, which must be refused each time.
func refused(t *testing.T, as func(*exec.Cmd), path string) {
	t.Helper()
	out := t.TempDir()
	old := filepath.Join(out, "old.csv")
	if err := os.WriteFile(old, []byte("what was here before"), 0o644); err != nil {
		t.Fatal(err)
	}
	site := filepath.Join(out, "site")
	for _, args := range [][]string{
		{"results", "check", path},
		{"results", "convert", path, "--to", "csv", "--out", old},
		{"results", "render", path, "--out", site},
	} {
		r := run(t, as, args...)
		said := r.err
		if r.code == 4 {
			said += r.out // a file that was read is refused by a finding
		}
		if r.code != 2 && r.code != 4 {
			t.Fatalf("%q: exit code %d, want 2 or 4\n%s%s", args[:2], r.code, r.err, r.out)
		}
		if !strings.Contains(said, filepath.Base(path)) {
			t.Errorf("%q does not name the file: %s", args[:2], said)
		}
		if r.code == 2 && (strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "hustings: ") || r.out != "") {
			t.Errorf("%q: want one sentence, got %q and %q", args[:2], r.err, r.out)
		}
		if strings.Contains(said, "goroutine") || strings.Contains(said, "on our side") {
			t.Errorf("%q: %s", args[:2], said)
		}
		if r.memory == 0 || r.memory > mostMemory || r.took > mostWait {
			t.Errorf("%q: %d MiB and %v, want at most %d MiB and %v", args[:2], r.memory, r.took, mostMemory, mostWait)
		}
	}
	if body, err := os.ReadFile(old); err != nil || string(body) != "what was here before" {
		t.Errorf("what was there before is now %q (%v)", body, err)
	}
	if left, _ := os.ReadDir(out); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

const header = "county,precinct,office,district,candidate,party,votes\n"

// someRows is a file of n precincts, in the columns of OpenElections.
func someRows(n int) []byte {
	var b bytes.Buffer
	b.WriteString(header)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "Vale,%d,Mayor,,José Núñez,,%d\nVale,%d,Mayor,,Alan Turing,,%d\n", i, i+20, i, i+31)
	}
	return b.Bytes()
}

// hostile writes each bad file.
var hostile = map[string]func(t *testing.T, path string){
	"empty.csv": bytesOf(func() []byte { return nil }),
	"cut.csv":   bytesOf(func() []byte { return someRows(100)[:3000] }),
	"cut.xml": bytesOf(func() []byte {
		return []byte(`<ElectionReport xmlns="http://itl.nist.gov/ns/voting/1500-100/v2"><Election><Contest`)
	}),
	"cut.json": bytesOf(func() []byte {
		return []byte(`{"@type":"ElectionResults.ElectionReport","Election":[{"Contest":[{"Name":"Mayo`)
	}),
	"cut.xlsx":  bytesOf(func() []byte { b := workbook(200); return b[:len(b)/2] }),
	"cut.zip":   bytesOf(func() []byte { b := zipped("night.csv", someRows(500)); return b[:len(b)-30] }),
	"junk.csv":  bytesOf(func() []byte { return junk(1 << 20) }),
	"junk.xml":  bytesOf(func() []byte { return append([]byte("<?xml version=\"1.0\"?>\n<ElectionReport>"), junk(1<<20)...) }),
	"zeros.csv": bytesOf(func() []byte { return make([]byte, 1<<20) }),
	"line.csv":  bytesOf(func() []byte { return append([]byte(header), bytes.Repeat([]byte("x"), 64<<20)...) }),
	"columns.csv": bytesOf(func() []byte {
		return append([]byte(strings.TrimSpace(header)), bytes.Repeat([]byte(",v"), 100_000)...)
	}),
	"quotes.csv": bytesOf(func() []byte { return append([]byte(header), bytes.Repeat([]byte("\"\"\","), 2<<20)...) }),
	"deep.json":  bytesOf(func() []byte { return bytes.Repeat([]byte("["), 8<<20) }),
	"deeper.json": bytesOf(func() []byte {
		return append([]byte(`{"@type":"ElectionResults.ElectionReport","Election":`), bytes.Repeat([]byte(`{"a":`), 2<<20)...)
	}),
	"deep.xml": bytesOf(func() []byte {
		return append([]byte(`<ElectionReport xmlns="http://itl.nist.gov/ns/voting/1500-100/v2">`), bytes.Repeat([]byte("<a>"), 4<<20)...)
	}),
	"laughs.xml": bytesOf(billionLaughs),
	"outside.xml": bytesOf(func() []byte {
		return []byte("<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n<ElectionReport xmlns=\"http://itl.nist.gov/ns/voting/1500-100/v2\"><Issuer>&e;</Issuer></ElectionReport>")
	}),
	"long.json": bytesOf(func() []byte {
		return append([]byte(`{"@type":"ElectionResults.ElectionReport","Notes":"`), bytes.Repeat([]byte("x"), 64<<20)...)
	}),
	"nested.zip": bytesOf(func() []byte { return zipped("inner.zip", zipped("night.csv", someRows(10))) }),
	"bomb.zip":   packed("night.csv", 700<<20),
	"bomb.xlsx":  packed("xl/worksheets/sheet1.xml", 700<<20),
	"many.zip":   manyFiles(5000),
	"rows.csv":   rows(1 << 30),
	"sparse.csv": func(t *testing.T, path string) {
		must(t, os.WriteFile(path, nil, 0o644))
		must(t, os.Truncate(path, 1<<30))
	},
	"folder.csv":   func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o755)) },
	"dangling.csv": func(t *testing.T, path string) { must(t, os.Symlink("nowhere", path)) },
	"loop.csv":     func(t *testing.T, path string) { must(t, os.Symlink("loop.csv", path)) },
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func bytesOf(body func() []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) { must(t, os.WriteFile(path, body(), 0o644)) }
}

// junk is the same noise every time.
func junk(n int) []byte {
	r := rand.NewChaCha8([32]byte{7})
	b := make([]byte, n)
	_, _ = r.Read(b) // never fails
	return b
}

func billionLaughs() []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY l0 \"lol\">")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "<!ENTITY l%d \"%s\">", i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	b.WriteString("]>\n<ElectionReport xmlns=\"http://itl.nist.gov/ns/voting/1500-100/v2\"><Issuer>&l9;</Issuer></ElectionReport>")
	return []byte(b.String())
}

func zipped(name string, body []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // memory does not refuse
	}
	return b.Bytes()
}

// packed writes an archive with one file that unpacks to n bytes. One that is
// to look like a workbook has what a workbook must have.
func packed(name string, n int64) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		f, err := os.Create(path)
		must(t, err)
		defer f.Close()
		z := zip.NewWriter(f)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
		if strings.HasSuffix(path, ".xlsx") {
			for _, part := range []string{"[Content_Types].xml", "xl/workbook.xml"} {
				_, err := z.Create(part)
				must(t, err)
			}
		}
		w, err := z.Create(name)
		must(t, err)
		_, err = io.Copy(w, io.LimitReader(&repeating{text: []byte(header)}, n))
		must(t, err)
		must(t, z.Close())
	}
}

func manyFiles(n int) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		f, err := os.Create(path)
		must(t, err)
		defer f.Close()
		z := zip.NewWriter(f)
		for i := range n {
			w, err := z.Create(fmt.Sprintf("%d.csv", i))
			must(t, err)
			_, err = io.WriteString(w, header)
			must(t, err)
		}
		must(t, z.Close())
	}
}

// rows writes a table of n bytes that is right in every row.
func rows(n int64) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		f, err := os.Create(path)
		must(t, err)
		defer f.Close()
		_, err = io.WriteString(f, header)
		must(t, err)
		_, err = io.Copy(f, io.LimitReader(&repeating{text: bytes.Repeat([]byte("Vale,1,Mayor,,Ada Lovelace,,1\n"), 4096)}, n))
		must(t, err)
	}
}

// repeating is a text without end.
type repeating struct {
	text []byte
	at   int
}

func (r *repeating) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.text[r.at:])
		n, r.at = n+k, (r.at+k)%len(r.text)
	}
	return n, nil
}

// workbook is someRows as an Excel file.
func workbook(n int) []byte {
	lines := strings.Split(strings.TrimSpace(string(someRows(n))), "\n")
	var b bytes.Buffer
	w, err := sheet.NewWorkbook(&b, "Results", strings.Split(lines[0], ","))
	for _, line := range lines[1:] {
		var cells []any
		for _, c := range strings.Split(line, ",") {
			cells = append(cells, c)
		}
		if err == nil {
			err = w.Write(cells...)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory does not refuse
	}
	return b.Bytes()
}

// TestFilesOnlySomeoneElseMayRead runs the program as nobody, who may not.
func TestFilesOnlySomeoneElseMayRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret.csv")
	must(t, os.WriteFile(path, someRows(3), 0o000))
	as := func(*exec.Cmd) {}
	if os.Getuid() == 0 {
		// The folders above the binary and the file are this test's own.
		for _, dir := range []string{binaries, filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
			must(t, os.Chmod(dir, 0o755))
		}
		as = func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
	}
	r := run(t, as, "results", "check", path)
	if want := "hustings: " + path + " cannot be read: permission denied\n"; r.code != 2 || r.err != want {
		t.Errorf("exit code %d, %q, want 2, %q", r.code, r.err, want)
	}
}

// TestOddDressesOfGoodFiles reads the same votes in every dress that offices
// send them in.
func TestOddDressesOfGoodFiles(t *testing.T) {
	t.Parallel()
	plain := someRows(50)
	dir := t.TempDir()
	for _, tt := range []struct {
		name, file string
		body       []byte
	}{
		{"UTF-8 with a mark", "utf8.csv", append([]byte("\xef\xbb\xbf"), plain...)},
		{"Windows-1252", "windows.csv", bytes.ReplaceAll(bytes.ReplaceAll(plain, []byte("é"), []byte{0xe9}), []byte("úñ"), []byte{0xfa, 0xf1})},
		{"UTF-16 with a mark, as Excel saves Unicode text", "utf16.csv", utf16of(plain)},
		{"line ends of Windows", "crlf.csv", bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n"))},
		{"tabs", "tabs.txt", bytes.ReplaceAll(plain, []byte(","), []byte("\t"))},
		{"semicolons", "semicolons.csv", bytes.ReplaceAll(plain, []byte(","), []byte(";"))},
		{"a workbook that calls itself CSV", "workbook.csv", workbook(50)},
		{"in an archive", "night.zip", zipped("night.csv", plain)},
		{"an archive that calls itself CSV", "archive.csv", zipped("night.csv", plain)},
		{"without the last line end", "open.csv", bytes.TrimRight(plain, "\n")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, tt.file)
			must(t, os.WriteFile(path, tt.body, 0o644))
			c := checkFiles(t, 0, path)
			if f := c.Files[0]; f.Units != 50 || f.Rows != 100 || f.Votes != 2*50*51/2+50*20+50*31 {
				t.Errorf("%d units, %d rows, %d votes", f.Units, f.Rows, f.Votes)
			}
			r := mustRun(t, 0, "results", "convert", path, "--to", "openelections", "--out", "-")
			if n := strings.Count(r.out, ",José Núñez,"); n != 50 {
				t.Errorf("José Núñez stands in %d rows, want 50", n)
			}
		})
	}
	link := filepath.Join(dir, "link.csv")
	must(t, os.Symlink("utf8.csv", link))
	checkFiles(t, 0, link)
}

func utf16of(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(string(text))) {
		out = append(out, byte(c), byte(c>>8))
	}
	return out
}
