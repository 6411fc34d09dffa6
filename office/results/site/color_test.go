// SPDX-License-Identifier: Apache-2.0

package site

import (
	"strings"
	"testing"
)

// TestEveryColourStandsOut tries the whole wheel, black and white: whatever a
// party chooses, its bars can be told from the ground in both themes.
func TestEveryColourStandsOut(t *testing.T) {
	for r := 0.0; r <= 255; r += 51 {
		for g := 0.0; g <= 255; g += 51 {
			for b := 0.0; b <= 255; b += 51 {
				c := rgb{r, g, b}
				if got := contrast(c.against(lightGround, lightContrast), lightGround); got < 3 {
					t.Errorf("%v has a contrast of %.2f in the light theme, want at least 3", c, got)
				}
				if got := contrast(c.against(darkGround, darkContrast), darkGround); got < 3 {
					t.Errorf("%v has a contrast of %.2f in the dark theme, want at least 3", c, got)
				}
			}
		}
	}
}

func TestAnUnreadableColourIsReplaced(t *testing.T) {
	for _, hex := range []string{"", "red", "12345", "#1234567", "zzzzzz"} {
		var css strings.Builder
		writeTone(&css, "p-x", hex)
		if !strings.Contains(css.String(), ".p-x{--c:#4b5563}") {
			t.Errorf("colour %q gave %s", hex, css.String())
		}
	}
}
