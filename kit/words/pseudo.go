// SPDX-License-Identifier: Apache-2.0

package words

import (
	"strings"
)

// pseudo is a made-up right-to-left language: English with accents, two fifths
// longer, in brackets. Text that stays plain on a page in this language has
// not gone through the catalog; text that breaks a page would break it in
// German or Arabic too. Tests ask for it by this tag.
const pseudo = "ar-XB"

var accents = strings.NewReplacer(
	"a", "á", "e", "é", "i", "í", "o", "ö", "u", "ü", "c", "ç", "n", "ñ", "s", "š", "z", "ž",
	"A", "Á", "E", "É", "I", "Í", "O", "Ö", "U", "Ü", "C", "Ç", "N", "Ñ", "S", "Š", "Z", "Ž")

// imitate makes every message of another language this language's own.
func (p *Printer) imitate(other *Printer) error {
	for key, m := range other.messages {
		if byEnglish(key) {
			continue
		}
		var out message
		out.plain = m.plain
		for form, pieces := range m.forms {
			if pieces == nil {
				continue
			}
			long := 0
			strange := []piece{{text: "["}}
			for _, piece := range pieces {
				long += len(piece.text)
				piece.text = accents.Replace(piece.text)
				strange = append(strange, piece)
			}
			out.forms[form] = append(strange, piece{text: strings.Repeat("~", long*2/5) + "]"})
		}
		p.messages[key] = out
	}
	return nil
}
