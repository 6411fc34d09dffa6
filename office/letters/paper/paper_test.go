// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hustings/kit/fault"
)

// letter is a letter with something in every part of it.
func letter(n int) Letter {
	return Letter{
		Number: fmt.Sprintf("K7Q2-9XWD-%04d", n), Code: fmt.Sprintf("K7Q29XWD%04d", n),
		From: []string{"Vale County Elections", "1 Court Square", "Vale, XX 00501"},
		To:   []string{"Nguyễn Thị Hồng Đào", "1204 N San Francisco Ave Apt 12", "Vale XX 00501-1234"},
		Date: "November 3, 2026",
		Page: func(page, of int) string { return fmt.Sprintf("Page %d of %d", page, of) },
		Body: []Block{
			{Title, "Acuse de recibo: su solicitud de inscripción"},
			{Paragraph, "Estimada señora Nguyễn: ¿Recibió usted “esta” carta? " + strings.Repeat("We received your application to register to vote. ", 9)},
			{Heading, "What is missing"},
			{Item, "Your signature"}, {Item, strings.Repeat("The last four digits of your social security number ", 4)},
			{Check, "I still live at this address"}, {Blank, "Signature"},
		},
	}
}

func written(t testing.TB, letters ...Letter) (file []byte, pages []int) {
	t.Helper()
	var out bytes.Buffer
	w := New(&out)
	for _, l := range letters {
		n, err := w.Letter(l)
		if err != nil {
			t.Fatal(err)
		}
		if promised, err := l.Pages(); err != nil || promised != n {
			t.Errorf("a letter of %d pages was to have %d: %v", n, promised, err)
		}
		pages = append(pages, n)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), pages
}

// said is the text of a file's pages, as another program reads it.
func said(t testing.TB, file []byte) []string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed; nobody else reads what we write")
	}
	path := filepath.Join(t.TempDir(), "letters.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	c := exec.Command(program, "-layout", path, "-") // #nosec G204: found by its name
	c.Stderr = &complaints
	text, err := c.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%v %s", err, complaints.String())
	}
	return strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
}

func TestOthersReadWhatIsWritten(t *testing.T) {
	long, card := letter(2), letter(3)
	for range 5 {
		long.Body = append(long.Body, letter(2).Body[1:]...)
	}
	card.Card, card.Stamp = []Block{{Title, "Card"}, {Check, "I have moved"}, {Blank, "New address"}}, "No postage needed"
	var many []Letter
	for n := range 300 { // more pages than hang from one branch
		many = append(many, letter(n+10))
	}
	file, pages := written(t, append([]Letter{letter(1), long, card}, many...)...)
	text := said(t, file)
	if pages[0] != 1 || pages[1] != 3 || pages[2] != 2 || len(text) != 306 {
		t.Fatalf("pages %v, in the file %d", pages[:3], len(text))
	}
	for page, wants := range map[int][]string{
		0: {"Nguyễn Thị Hồng Đào", "Acuse de recibo: su solicitud de inscripción", "¿Recibió usted “esta” carta?", "Vale County Elections", "• ", "Page 1 of 1", "K7Q2-9XWD-0001"},
		1: {"Page 1 of 3", "K7Q2-9XWD-0002"}, 3: {"Page 3 of 3"},
		5:   {"I have moved", "New address", "No postage", "Page 2 of 2"},
		305: {"K7Q2-9XWD-0309"},
	} {
		for _, want := range wants {
			if !strings.Contains(text[page], want) {
				t.Errorf("page %d lacks %q:\n%s", page+1, want, text[page])
			}
		}
	}
}

func TestTheSameLettersGiveTheSameBytes(t *testing.T) {
	a, _ := written(t, letter(1), letter(2))
	b, _ := written(t, letter(1), letter(2))
	if !bytes.Equal(a, b) {
		t.Error("two writings of the same letters differ")
	}
}

func TestWhatCannotBePrinted(t *testing.T) {
	for _, tt := range []struct{ name, text, missing string }{
		{"English", "We received “your” form — today…", ""},
		{"Spanish", "¿Año? ¡Sí! Ñandú, pingüino, ª º", ""},
		{"Vietnamese", "Cử tri: Đặng Thị Ngọc Ánh, ưỡựữ ằẳẵặ", ""},
		{"in pieces that belong together", "Nguyễn", ""},
		{"Polish and Czech", "Łódź, Příbram, Győr", ""},
		{"Chinese", "選舉 office 選", "選舉"},
		{"Arabic", "صوت", "صوت"},
		{"a picture", "vote 🗳", "🗳"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Missing(tt.text); got != tt.missing {
				t.Errorf("%q lacks %q, want %q", tt.text, got, tt.missing)
			}
		})
	}
	tall, wordy := letter(1), letter(1)
	tall.To = []string{"1", "2", "3", "4", "5", "6"}
	wordy.Card = []Block{{Paragraph, strings.Repeat("word ", 900)}}
	for name, l := range map[string]Letter{"an address of six lines": tall, "a card that is too long": wordy} {
		if _, err := New(io.Discard).Letter(l); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := l.Pages(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinesAreNeverTooWide(t *testing.T) {
	for _, text := range []string{"", "one", strings.Repeat("word ", 100), strings.Repeat("w", 400), "a " + strings.Repeat("ñ", 300) + " b c"} {
		lines := regular().wrap(clean(text), 11, 200)
		for _, l := range lines {
			if regular().width(l, 11) > 200.01 {
				t.Errorf("%q is wider than 200", l)
			}
		}
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzLetters(f *testing.F) {
	f.Add("Dear voter", "12 Elm St\nVale", "card")
	f.Add("\x00\xff𝄞 ((\\)", "", strings.Repeat("x", 3000))
	f.Fuzz(func(t *testing.T, body, to, card string) {
		if len(body)+len(to)+len(card) > 20_000 {
			return
		}
		l := letter(1)
		l.To = strings.Split(to, "\n")
		l.Body = []Block{{Title, to}, {Paragraph, body}, {Item, body}}
		if card != "" {
			l.Card = []Block{{Check, card}, {Blank, card}}
		}
		promised, err := l.Pages()
		n, again := New(io.Discard).Letter(l)
		if (err == nil) != (again == nil) || n != promised && err == nil {
			t.Errorf("%d pages were promised (%v), %d written (%v)", promised, err, n, again)
		}
	})
}

// BenchmarkTenThousandLetters writes ten thousand letters of two pages.
func BenchmarkTenThousandLetters(b *testing.B) {
	l := letter(1)
	for range 4 {
		l.Body = append(l.Body, letter(2).Body[1:]...)
	}
	for b.Loop() {
		sum := sha256.New()
		w := New(sum)
		for n := range 10_000 {
			l.Code = fmt.Sprintf("K7Q29XWD%04d", n)
			if _, err := w.Letter(l); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
