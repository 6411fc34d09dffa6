// SPDX-License-Identifier: Apache-2.0

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"hustings/election"
)

// The page's ground in the light and the dark theme, as in web/styles. Bars
// and map areas stand out from it by at least 3:1 (WCAG 1.4.11).
var (
	lightGround = rgb{0xff, 0xff, 0xff}
	darkGround  = rgb{0x14, 0x1a, 0x22}
)

const (
	lightContrast = 3.2
	darkContrast  = 4.2 // faint areas of a map need more of it in the dark
)

// tones are for choices without a party colour, in ballot order: far apart for
// most kinds of colour blindness, and none of them a party's usual red or blue.
var toneColors = []string{"0f766e", "b45309", "6d4aa8", "5c7a1f", "a83267", "2f5f98", "8a6d00", "4b5563"}

// paint chooses a class of colour for every choice, and writes the style sheet
// that says what each class looks like. Colours are in a sheet of their own
// because pages carry no inline styles.
func (f *Frame) paint() {
	def := f.Index.Def
	f.parties = make(map[election.PartyID]int, len(def.Parties))
	for i, p := range def.Parties {
		f.parties[p.ID] = i
	}
	for _, c := range def.Contests {
		f.tones = append(f.tones, f.tonesOf(c))
	}
	var css strings.Builder
	for i, hex := range toneColors {
		writeTone(&css, "t"+strconv.Itoa(i), hex)
	}
	writeTone(&css, "tw", "6b7280")
	writeTone(&css, "ty", "0f766e")
	writeTone(&css, "tn", "b45309")
	writeTone(&css, shareClass, "35607d") // turnout, nobody's own
	for i, p := range def.Parties {
		writeTone(&css, "p-"+f.partySlugs[i], orElse(p.Color, toneColors[i%len(toneColors)]))
	}
	body := []byte(css.String())
	sum := sha256.Sum256(body)
	f.palette = Asset{Path: "assets/colors-" + hex.EncodeToString(sum[:5]) + ".css", Body: body}
}

// tonesOf gives the choices of one contest their classes: the party's, unless
// two choices share a party, for then the map could not tell them apart.
func (f *Frame) tonesOf(c election.Contest) []string {
	seen := make(map[election.PartyID]int)
	for _, choice := range c.Choices {
		for _, id := range choice.Parties[:min(1, len(choice.Parties))] {
			seen[id]++
		}
	}
	out := make([]string, len(c.Choices))
	next := 0
	for i, choice := range c.Choices {
		var own string
		if len(choice.Parties) > 0 && seen[choice.Parties[0]] == 1 {
			if p, ok := f.parties[choice.Parties[0]]; ok {
				own = "p-" + f.partySlugs[p]
			}
		}
		switch {
		case choice.Kind == election.Yes:
			out[i] = "ty"
		case choice.Kind == election.No:
			out[i] = "tn"
		case own != "":
			out[i] = own
		case choice.Kind == election.WriteIn:
			out[i] = "tw"
		default:
			out[i] = "t" + strconv.Itoa(next%len(toneColors))
			next++
		}
	}
	return out
}

// writeTone writes a class with its colour in both themes.
func writeTone(css *strings.Builder, class, hex string) {
	c, ok := parseColor(hex)
	if !ok {
		c, _ = parseColor(toneColors[len(toneColors)-1])
	}
	fmt.Fprintf(css, ".%s{--c:%s}@media(prefers-color-scheme:dark){.%s{--c:%s}}\n",
		class, c.against(lightGround, lightContrast), class, c.against(darkGround, darkContrast))
}

type rgb [3]float64

func parseColor(s string) (rgb, bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(strings.TrimPrefix(s, "#")) != 6 {
		return rgb{}, false
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, true
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(c[0]+0.5), int(c[1]+0.5), int(c[2]+0.5))
}

// against moves a colour away from the ground, towards black or white, until
// it stands out enough.
func (c rgb) against(ground rgb, enough float64) rgb {
	goal := rgb{255, 255, 255}
	if ground.luminance() > 0.5 {
		goal = rgb{}
	}
	out := c
	for step := 1.0; contrast(out, ground) < enough && step <= 40; step++ {
		for i := range out {
			out[i] = c[i] + (goal[i]-c[i])*step/40
		}
	}
	return out
}

// luminance is the relative luminance of WCAG 2.2.
func (c rgb) luminance() float64 {
	var part [3]float64
	for i, v := range c {
		v /= 255
		if v <= 0.04045 {
			part[i] = v / 12.92
		} else {
			part[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*part[0] + 0.7152*part[1] + 0.0722*part[2]
}

func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
