// SPDX-License-Identifier: Apache-2.0

package spell

import (
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsApartByItsLettersIsApart(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("ABCDEI 19")), 2, 14, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if rapid.Bool().Draw(t, "near") {
			b = a
			for range rapid.IntRange(1, 5).Draw(t, "slips") {
				at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
				switch rapid.IntRange(0, 2).Draw(t, "how") {
				case 0:
					b = b[:at] + b[at+1:] + "Z"
				case 1:
					b = b[:at] + "Y" + b[at+1:]
				default:
					b = b[:at] + "X" + b[at:]
				}
			}
		}
		if len(a) < len(b) {
			a, b = b, a
		}
		if !apart(a, b) {
			return
		}
		d := Slips(a, b)
		if d == 1 && len(b) >= 3 || d == 2 && len(b) >= 6 || d == 3 && len(b) >= 9 || winkler(a, b) >= alike {
			t.Errorf("%q and %q: %d slips, %.3f alike", a, b, d, winkler(a, b))
		}
	})
}

func TestLikeness(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want Closeness
	}{
		{"SMITH", "SMITH", Same},
		{"SMITH", "SMIHT", Typo},
		{"SMITH", "SMYTH", Typo},
		{"GONZALEZ", "GONSALES", Alike},
		{"MARTHA", "MARHTA", Typo},
		{"DIXON", "DICKSONX", Apart},
		{"DWAYNE", "DUANE", Apart},
		{"SMITH", "JONES", Apart},
		{"LI", "LE", Apart},
		{"", "A", Apart},
	} {
		if got := Likeness(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
