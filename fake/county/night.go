// SPDX-License-Identifier: Apache-2.0

package county

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hustings/format/nisterr"
)

// source is a sender of files.
type source struct {
	id, name string
	byType   bool
}

var (
	central   = source{"central", "Central count", true}
	polls     = source{"polls", "County polling places", true}
	fairhaven = source{"fairhaven", "Town of Fairhaven", true}
	valley    = source{"valley", "Town of Cedar Fork", false}
)

// night gathers the files of election night.
type night struct {
	*County
	files []Delivery

	counties, first, second []int // leaves by who reports their election day
}

// Night is every file of election night, in the order in which they arrive.
// One has a number with a digit too many, said in Planted, and one comes twice.
// With the file that has the wrong number left aside, the last file of each
// source adds up to Truth. The night is told in one go: where a county waits
// days for the last ballots, these come within hours.
func (c *County) Night() []Delivery {
	n := &night{County: c}
	for i := range c.leaves {
		switch c.leaves[i].zone {
		case 1:
			n.first = append(n.first, i)
		case 2:
			n.second = append(n.second, i)
		default:
			n.counties = append(n.counties, i)
		}
	}
	n.centralCount()
	n.pollingPlaces()
	n.towns()
	slices.SortStableFunc(n.files, func(a, b Delivery) int { return cmp.Compare(a.At, b.At) })
	return n.files
}

func (n *night) add(at time.Duration, from source, name string, body []byte, note string) *Delivery {
	n.files = append(n.files, Delivery{At: at, Source: from.id, SourceName: from.name, ByType: from.byType, Name: name, Body: body, Note: note})
	return &n.files[len(n.files)-1]
}

// all is every unit that reports.
func (c *County) all() []int {
	out := make([]int, len(c.leaves))
	for i := range out {
		out[i] = i
	}
	return out
}

// centralCount is early and mail ballots when the polls close, the mail of the
// day itself late at night, and provisional ballots at the very end.
func (n *night) centralCount() {
	done, going := nisterr.CountItemStatusCompleted, nisterr.CountItemStatusInProcess
	f := &nistFile{County: n.County, at: 6 * time.Minute, status: nisterr.ResultsStatusUnofficialPartial, left: -1,
		tapes: n.tapes(n.all(), earlyPile, mailPile), types: []int{earlyType, mailType},
		state: map[int]nisterr.CountItemStatus{earlyType: done, mailType: going}}
	n.add(f.at, central, "central-count-1.xml", f.xml(), "Early voting and the mail counted before election day, all precincts.")

	left := int64(0)
	for i := range n.leaves {
		left += n.leaves[i].cast[provisionalPile]
	}
	f.at, f.left, f.tapes = 226*time.Minute, left, n.tapes(n.all(), earlyPile, mailPile, latePile)
	f.state = map[int]nisterr.CountItemStatus{earlyType: done, mailType: done}
	n.add(f.at, central, "central-count-2.json", f.json(), "Mail from the drop boxes on election day. Watch the race for sheriff: provisional ballots are still to come.")

	f.at, f.left, f.rounds, f.status = 262*time.Minute, 0, true, nisterr.ResultsStatusUnofficialComplete
	f.tapes, f.types = n.tapes(n.all(), earlyPile, mailPile, latePile, provisionalPile), []int{earlyType, mailType, provisionalType}
	f.state = map[int]nisterr.CountItemStatus{earlyType: done, mailType: done, provisionalType: done}
	n.add(f.at, central, "central-count-3.json", f.json(), "Provisional ballots, and the rounds of the ranked race for mayor. Everything is in.")
}

// waves says when the polling places send their files, and which part of the
// precincts is in by then.
var waves = []struct {
	at   time.Duration
	part float64
	note string
}{
	{21 * time.Minute, 0.07, "The first precincts, far out in the country."},
	{44 * time.Minute, 0.19, "More of the country."},
	{69 * time.Minute, 0.36, "The country is nearly in; the small towns follow."},
	{97 * time.Minute, 0.55, "The first precincts of the city."},
	{128 * time.Minute, 0.72, "More of the city."},
	{158 * time.Minute, 0.89, "Nearly everything is in."},
	{191 * time.Minute, 1, "The last polling places."},
}

// slipWave is the wave with the planted mistake.
const slipWave = 3

// pollingPlaces sends the county's own precincts: small ones far from the city
// are through first.
func (n *night) pollingPlaces() {
	r := n.rand(drawNight)
	when := make([]float64, len(n.leaves))
	for _, i := range n.counties {
		l := &n.leaves[i]
		when[i] = float64(l.voters)/6000 + 0.5*r.Float64()
		if l.zone == 0 {
			when[i] += 0.8
		}
	}
	slices.SortFunc(n.counties, func(a, b int) int { return cmp.Compare(when[a], when[b]) })
	sent := 0
	for w, wave := range waves {
		in := int(wave.part * float64(len(n.counties)))
		tapes := n.tapes(n.counties[:in], dayPile)
		if w == slipWave {
			n.slip(wave.at-9*time.Minute, tapes, sent)
			tapes = n.tapes(n.counties[:in], dayPile)
			wave.note = "The same file with the number put right. " + wave.note
		}
		n.add(wave.at, polls, n.csvName(wave.at), n.openElections(tapes), wave.note)
		sent = in
	}
}

// csvName is a file name as OpenElections has them, with the time behind it.
func (n *night) csvName(at time.Duration) string {
	return fmt.Sprintf("%s__xx__general__alder__precinct__%s.csv", n.closes.Format("20060102"), n.closes.Add(at).Format("1504"))
}

// slip types one digit too many: the largest of the new precincts gets ten
// times the votes for the first candidate for sheriff.
func (n *night) slip(at time.Duration, tapes []tape, sent int) {
	race := slices.IndexFunc(n.races, func(r race) bool { return r.lead > 0 })
	t := slices.MaxFunc(tapes[sent:], func(a, b tape) int { return cmp.Compare(a.ballots[dayType], b.ballots[dayType]) })
	rc := t.find(race)
	right := rc.votes[0][dayType]
	rc.votes[0][dayType] *= 10
	d := n.add(at, polls, n.csvName(at), n.openElections(tapes), "Typed in a hurry. Look closely before you approve it.")
	d.Planted = fmt.Sprintf("In %s, %s has %d votes for %s; the tape says %d. Somebody typed a 0 too many.",
		t.name, rc.Choices[0].Name, rc.votes[0][dayType], rc.Name, right)
}

// towns sends the two towns with machines of their own. Fairhaven sends half
// of its precincts, all of them, and then the same file once more.
func (n *night) towns() {
	n.add(58*time.Minute, valley, "EL45.TXT", n.fixedWidth(n.tapes(n.second, dayPile)), "The machines of Cedar Fork print totals only.")
	half := n.tapes(n.first[:(len(n.first)+1)/2], dayPile)
	at := 83 * time.Minute
	n.add(at, fairhaven, "detailxml.zip", n.clarity(at, half, len(n.first)), "Half of Fairhaven.")
	at = 112 * time.Minute
	whole := n.clarity(at, n.tapes(n.first, dayPile), len(n.first))
	n.add(at, fairhaven, "detailxml.zip", whole, "All of Fairhaven.")
	n.add(at+6*time.Minute, fairhaven, "detailxml.zip", whole, "Fairhaven sends the same file again. Nothing may change.")
}
