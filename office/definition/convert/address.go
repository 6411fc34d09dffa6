// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"regexp"
	"strings"

	"hustings/election"
)

var cityForm = regexp.MustCompile(`^(.+?)(?:[, ]\s*([A-Za-z]{2})\.?,?\s+(\d{5}(?:-?\d{4})?)|,\s*([A-Z]{2}))$`)

// setAddress fills a place's address from lines: the last may be "City, ST 12345".
func setAddress(p *election.Place, lines []string) {
	var kept []string
	for _, l := range lines {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			kept = append(kept, l)
		}
	}
	if n := len(kept); n > 1 {
		if m := cityForm.FindStringSubmatch(kept[n-1]); m != nil {
			if st, ok := findState(m[2] + m[4]); ok {
				p.City, p.State, p.Zip = strings.TrimRight(m[1], ", "), st.code, m[3]
				kept = kept[:n-1]
			}
		}
	}
	if len(kept) > 0 {
		p.Line1 = kept[0]
		p.Line2 = strings.Join(kept[1:], ", ")
	}
}

// addressLines writes a place's address so that setAddress reads it back.
func addressLines(p election.Place) []string {
	var out []string
	for _, l := range []string{p.Line1, p.Line2} {
		if l != "" {
			out = append(out, l)
		}
	}
	last := strings.TrimSpace(p.City)
	if p.State != "" {
		last = strings.TrimLeft(last+", "+p.State, ", ")
	}
	if p.Zip != "" {
		last = strings.TrimSpace(last + " " + p.Zip)
	}
	if last != "" {
		out = append(out, last)
	}
	return out
}

// point is a position on the map as files have it, and whether it is one:
// some write 0, 0 for nowhere.
func point(lat, lon float64, set bool) (float64, float64, bool) {
	ok := set && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && (lat != 0 || lon != 0)
	if !ok {
		return 0, 0, false
	}
	return lat, lon, true
}
