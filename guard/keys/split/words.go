// SPDX-License-Identifier: Apache-2.0

package split

import (
	_ "embed"
	"fmt"
	"html"
	"slices"
	"strings"

	"rsc.io/qr"

	"hustings/kit/fault"
)

// list is the English list of BIP-39 (github.com/bitcoin/bips, MIT): 2,048
// words of which no two begin with the same four letters.
//
//go:embed words.txt
var list string

var dictionary = strings.Fields(list)

// wordCount words of 11 bits are a share's 44 bytes.
const wordCount = size * 8 / 11

// Words is the share as it is printed and typed.
func (s Share) Words() []string {
	words := make([]string, wordCount)
	for i := range words {
		n := 0
		for bit := i * 11; bit < (i+1)*11; bit++ {
			n = n<<1 | int(s.raw[bit/8]>>(7-bit%8)&1)
		}
		words[i] = dictionary[n]
	}
	return words
}

// maxTyped is far more than the words of a share take.
const maxTyped = 4096

// Read reads a share that was typed or scanned: its words, in order, in any
// case, with anything between them that is no letter. The first four letters
// of a word are enough. Errors name the place of a word, and quote none: a
// share belongs neither into a log nor onto a screen.
func Read(typed string) (Share, error) {
	if len(typed) > maxTyped {
		return Share{}, fault.New(fault.TooLarge, "That is no share: it is longer than %d letters.", maxTyped)
	}
	words := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return r < 'a' || r > 'z' })
	if len(words) != wordCount {
		return Share{}, fault.New(fault.Invalid, "A share has %d words; here are %d.", wordCount, len(words))
	}
	raw := make([]byte, size)
	for i, w := range words {
		n, ok := find(w)
		if !ok {
			return Share{}, fault.New(fault.Invalid, "Word %d is none of the words that shares are made of. Compare it with the printed page.", i+1)
		}
		for b := range 11 {
			bit := i*11 + b
			raw[bit/8] |= byte(n>>(10-b)&1) << (7 - bit%8)
		}
	}
	return read(raw)
}

func find(word string) (int, bool) {
	n, found := slices.BinarySearch(dictionary, word)
	if found {
		return n, true
	}
	if len(word) >= 4 && n < len(dictionary) && strings.HasPrefix(dictionary[n], word) {
		return n, true
	}
	return 0, false
}

// SVG is a QR code of the share's words, to be scanned instead of typed.
func (s Share) SVG() (string, error) {
	code, err := qr.Encode(strings.Join(s.Words(), " "), qr.M)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	side := code.Size + 8 // a quiet zone of four on each side
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="280" height="280" role="img" aria-label="QR code of the words"><rect width="100%%" height="100%%" fill="#fff"/><path fill="#000" d="`, side, side)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}

// Page is what an official gets on paper, a whole page of HTML by itself. Its
// sentences are in both languages that an office's officials read.
func (s Share) Page(office, day string) (string, error) {
	svg, err := s.SVG()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Share %d of %d</title>
<style>body{font:16px/1.5 sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#000;background:#fff}
ol{columns:4 8rem;font:18px/1.8 monospace;padding-left:2.5rem}@media print{body{margin:0}}</style></head><body>
<h1>Share %d of %d</h1>
<p>%s, %s. Set %s. Any %d of the %d officials together bring the root key back; fewer learn nothing.</p>
<p>Keep this page where nobody else comes. Do not copy or photograph it. When it is lost or seen, tell the office: the key is then split anew.</p>
<p lang="es">%s, %s. Juego %s. %d cualesquiera de los %d funcionarios recuperan juntos la clave raíz; menos no averiguan nada. Guarde esta hoja donde nadie más entre. No la copie ni la fotografíe. Si se pierde o alguien la ve, avise a la oficina: entonces la clave se reparte de nuevo.</p>
<ol>
`, s.Number, s.Officials, s.Number, s.Officials, html.EscapeString(office), html.EscapeString(day), s.Set, s.Need, s.Officials,
		html.EscapeString(office), html.EscapeString(day), s.Set, s.Need, s.Officials)
	for _, w := range s.Words() {
		fmt.Fprintf(&b, "<li>%s</li>\n", w)
	}
	fmt.Fprintf(&b, "</ol>\n%s\n</body></html>\n", svg)
	return b.String(), nil
}
