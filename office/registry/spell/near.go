// SPDX-License-Identifier: Apache-2.0

package spell

import "math/bits"

// Closeness is how like one another two values are.
type Closeness uint8

// How like one another two values are.
const (
	Apart Closeness = iota
	Alike           // could be the same word, badly written
	Typo            // one slip of the finger
	Same
)

// compared is how much of a value is compared.
const compared = 40

// Likeness compares two folded values letter by letter.
func Likeness(a, b string) Closeness {
	if a == b {
		return Same
	}
	a, b = a[:min(len(a), compared)], b[:min(len(b), compared)]
	if len(a) < len(b) || len(a) == len(b) && a < b {
		a, b = b, a // Jaro-Winkler matches letters from the left of one of them
	}
	if len(b) < 2 || len(a) > 2*len(b)+2 || apart(a, b) {
		return Apart
	}
	d := Slips(a, b)
	if d >= 4 && len(a)-len(b) > 4 {
		return Apart
	}
	switch {
	case d == 1 && len(b) >= 3, d == 2 && len(b) >= 9:
		return Typo
	case d == 2 && len(b) >= 6, d == 3 && len(b) >= 9:
		return Alike
	case winkler(a, b) >= alike:
		return Alike
	}
	return Apart
}

// alike is the Jaro-Winkler likeness from which on two values are alike.
const alike = 0.86

// apart says of most values that are apart that they are, by their letters
// alone: one that the other has not is a slip, and in common with nothing. a is
// not the shorter.
func apart(a, b string) bool {
	inA, inB := letters(a), letters(b)
	onlyA, onlyB := bits.OnesCount64(inA&^inB), bits.OnesCount64(inB&^inA)
	slips := max(onlyA, onlyB, len(a)-len(b))
	if slips <= 1 || slips == 2 && len(b) >= 6 || slips == 3 && len(b) >= 9 {
		return false
	}
	common := float64(min(len(a)-onlyA, len(b)-onlyB))
	return jaroWinkler(a, b, common, 0) < alike-1e-9
}

// letters are the letters of a folded value, a bit each.
func letters(s string) (set uint64) {
	for i := range len(s) {
		set |= 1 << (s[i] & 63)
	}
	return set
}

// Slips counts letters left out, put in, mistaken or exchanged with the one
// beside them (the restricted Damerau-Levenshtein distance), up to four.
func Slips(a, b string) int {
	const most = 4
	if len(a)-len(b) >= most {
		return most
	}
	for len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(b) == 0 {
		return len(a)
	}
	var rows [3][compared + 1]int8
	for j := range len(b) + 1 {
		rows[0][j] = int8(j)
	}
	for i := 1; i <= len(a); i++ {
		row, up, up2 := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = int8(i)
		best := row[0]
		for j := 1; j <= len(b); j++ {
			d := up[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, up[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, up2[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best >= most {
			return most
		}
	}
	return min(int(rows[len(a)%3][len(b)]), most)
}

// winkler is the Jaro-Winkler likeness of two values of at most 64 letters.
func winkler(a, b string) float64 {
	reach := max(len(a)/2-1, 0)
	var usedA, usedB uint64
	common := 0
	for i := range len(a) {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if usedB&(1<<j) == 0 && a[i] == b[j] {
				usedA |= 1 << i
				usedB |= 1 << j
				common++
				break
			}
		}
	}
	turned, j := 0, 0
	for i := range len(a) {
		if usedA&(1<<i) == 0 {
			continue
		}
		for usedB&(1<<j) == 0 {
			j++
		}
		if a[i] != b[j] {
			turned++
		}
		j++
	}
	return jaroWinkler(a, b, float64(common), float64(turned/2))
}

// jaroWinkler is the likeness of two values that have letters in common, some of
// them exchanged.
func jaroWinkler(a, b string, common, exchanged float64) float64 {
	if common == 0 {
		return 0
	}
	jaro := (common/float64(len(a)) + common/float64(len(b)) + (common-exchanged)/common) / 3
	head := 0
	for head < min(4, len(b)) && a[head] == b[head] {
		head++
	}
	return jaro + float64(head)*0.1*(1-jaro)
}
