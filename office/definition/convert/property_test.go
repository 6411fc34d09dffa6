// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hustings/election"
)

// The parts of a definition made up by chance: anything that Check lets pass.
var (
	anyName = rapid.StringMatching(`[A-Za-zÀ-ÿ0-9]([A-Za-zÀ-ÿ0-9 .;=\\'&<>"/()-]{0,12}[A-Za-zÀ-ÿ0-9.)])?`)
	anyDay  = rapid.Custom(func(t *rapid.T) election.Date {
		return addDays("2026-10-01", rapid.IntRange(0, 60).Draw(t, "day"))
	})
)

// anyText is a wording in English and perhaps Spanish or Chinese.
func anyText(t *rapid.T, label string) election.Text {
	out := election.T(anyName.Draw(t, label))
	for _, tag := range []string{"es", "zh-Hant"} {
		if rapid.IntRange(0, 3).Draw(t, label+" "+tag) == 0 {
			out[tag] = anyName.Draw(t, label)
		}
	}
	return out
}

// anyCodes are identifiers of other systems, none twice.
func anyCodes(t *rapid.T, label string) map[string]string {
	var out map[string]string
	for _, key := range []string{"fips", "ocd-id", "vendor", "local-level"} {
		if rapid.IntRange(0, 4).Draw(t, label+" "+key) == 0 {
			out = union(out, map[string]string{key: anyName.Draw(t, label)})
		}
	}
	return out
}

// names hands out ids of a noun, some of them awkward.
func someIDs(t *rapid.T, noun string, least, most int) []string {
	n := rapid.IntRange(least, most).Draw(t, noun+"s")
	out := make([]string, n)
	for i := range out {
		form := rapid.SampledFrom([]string{noun + "-%d", "%04d", noun + " %d / ü", noun + "_%d..x", "hx_%d", "%d"}).Draw(t, noun)
		out[i] = fmt.Sprintf(form, i+1)
	}
	seen := make(map[string]bool)
	for i, id := range out {
		if seen[id] {
			out[i] = fmt.Sprintf("%s-other-%d", noun, i)
		}
		seen[out[i]] = true
	}
	return out
}

func somePart[T any](t *rapid.T, label string, list []T) []T {
	var out []T
	for _, x := range list {
		if rapid.Bool().Draw(t, label) {
			out = append(out, x)
		}
	}
	return out
}

// anyDefinition makes a definition that Check finds no error in.
func anyDefinition(t *rapid.T) *election.Definition {
	def := &election.Definition{Election: election.Election{ID: "2026-11-03-made-up", Name: anyText(t, "name"), Type: election.General, Start: "2026-11-03", End: "2026-11-03",
		Jurisdiction: "ocd-division/country:us/state:mi", State: "MI", TimeZone: "America/Detroit", Scope: "root", PollsOpen: "07:00", PollsClose: "20:00"}}
	for _, id := range someIDs(t, "party", 0, 3) {
		def.Parties = append(def.Parties, election.Party{ID: election.PartyID(id), Name: anyText(t, "party name"), Abbr: rapid.StringMatching(`[A-Z]{0,3}`).Draw(t, "abbr")})
	}
	for _, id := range someIDs(t, "district", 1, 4) {
		def.Districts = append(def.Districts, election.District{ID: election.DistrictID(id), Name: anyText(t, "district name"),
			Type: rapid.SampledFrom([]string{"congressional", "school", "county", "city", "other", "ward"}).Draw(t, "type"), Number: rapid.SampledFrom([]string{"", "1", "7"}).Draw(t, "number"), External: anyCodes(t, "district codes")})
	}
	anyUnits(t, def)
	anyContests(t, def)
	anyStyles(t, def)
	anyPlaces(t, def)
	for _, item := range somePart(t, "item", countItems[:8]) {
		def.VoteTypes = append(def.VoteTypes, election.VoteType{ID: election.VoteTypeID(item.item), Name: election.T(item.name), Item: item.item})
	}
	return def
}

func anyUnits(t *rapid.T, def *election.Definition) {
	root := election.Unit{ID: "root", Type: rapid.SampledFrom([]election.UnitType{election.County, election.State, election.City}).Draw(t, "root"), Name: "Everything"}
	def.Units = append(def.Units, root)
	parents := []election.UnitID{"root"}
	if root.Type == election.State {
		parents = nil
		for _, id := range someIDs(t, "county", 1, 3) {
			def.Units = append(def.Units, election.Unit{ID: election.UnitID(id), Type: election.County, Name: anyName.Draw(t, "county"), Parent: "root", External: anyCodes(t, "county codes")})
			parents = append(parents, election.UnitID(id))
		}
	}
	for i, id := range someIDs(t, "precinct", 1, 5) {
		u := election.Unit{ID: election.UnitID("p " + id), Type: election.Precinct, Name: anyName.Draw(t, "precinct"), Number: fmt.Sprintf("%03d", i+1), Parent: rapid.SampledFrom(parents).Draw(t, "parent"),
			MailOnly: rapid.Bool().Draw(t, "mail")}
		if rapid.Bool().Draw(t, "registered") {
			n := rapid.Int64Range(0, 5000).Draw(t, "voters")
			u.Registered = &n
		}
		if rapid.IntRange(0, 3).Draw(t, "split") == 0 {
			def.Units = append(def.Units, u)
			for _, part := range []string{"A", "B"} {
				def.Units = append(def.Units, election.Unit{ID: u.ID + election.UnitID(part), Type: election.SplitPrecinct, Name: splitName(u.Name, part), Number: splitNumber(u.Number, part), Parent: u.ID, Districts: anyDistricts(t, def)})
			}
			continue
		}
		u.Districts = anyDistricts(t, def)
		def.Units = append(def.Units, u)
	}
}

func anyDistricts(t *rapid.T, def *election.Definition) []election.DistrictID {
	var all []election.DistrictID
	for _, d := range def.Districts {
		all = append(all, d.ID)
	}
	return somePart(t, "lives in", all)
}

func anyContests(t *rapid.T, def *election.Definition) {
	var parties []election.PartyID
	for _, p := range def.Parties {
		parties = append(parties, p.ID)
	}
	for _, id := range someIDs(t, "contest", 1, 4) {
		c := election.Contest{ID: election.ContestID(id), Name: anyText(t, "contest"), District: rapid.SampledFrom(def.Districts).Draw(t, "district").ID, VotesAllowed: 1, Variation: election.Plurality,
			Rotates: rapid.Bool().Draw(t, "rotates"), External: anyCodes(t, "contest codes")}
		if rapid.Bool().Draw(t, "subtitle") {
			c.Subtitle = anyText(t, "subtitle")
		}
		c.Kind = rapid.SampledFrom([]election.ContestKind{election.CandidateContest, election.MeasureContest, election.RetentionContest}).Draw(t, "kind")
		if c.Kind != election.CandidateContest {
			c.Question = anyText(t, "question")
			c.Choices = []election.Choice{{ID: "y", Name: election.Text{"en": "Yes", "es": "Sí"}, Kind: election.Yes}, {ID: "n", Name: election.T("No"), Kind: election.No}}
			if c.Kind == election.RetentionContest {
				c.Holder = anyText(t, "holder")
			}
			if rapid.Bool().Draw(t, "threshold") {
				c.Threshold = &election.Threshold{Numerator: 3, Denominator: 5, Over: rapid.Bool().Draw(t, "over"), Of: rapid.SampledFrom([]string{"votes", "ballots"}).Draw(t, "of")}
			}
		} else {
			c.VotesAllowed = rapid.IntRange(1, 3).Draw(t, "vote for")
			c.Elected = rapid.IntRange(1, 3).Draw(t, "elect")
			c.Variation = rapid.SampledFrom([]election.Variation{election.Plurality, election.Ranked, election.NofM, election.Majority}).Draw(t, "variation")
			for i, id := range someIDs(t, "choice", 1, 4) {
				c.Choices = append(c.Choices, anyChoice(t, i, id, parties))
			}
			c.Choices = append(c.Choices, election.Choice{ID: "write-in", Name: election.T(writeInName), Kind: election.WriteIn})
		}
		def.Contests = append(def.Contests, c)
	}
}

func anyChoice(t *rapid.T, i int, id string, parties []election.PartyID) election.Choice {
	ch := election.Choice{ID: election.ChoiceID(id), Kind: election.Candidate, Parties: somePart(t, "party", parties),
		Incumbent: rapid.Bool().Draw(t, "incumbent"), Withdrawn: rapid.Bool().Draw(t, "withdrawn"), External: anyCodes(t, "choice codes")}
	ch.Name = anyText(t, "candidate")
	ch.Name["en"] += fmt.Sprint(" ", i) // no two alike
	if rapid.IntRange(0, 3).Draw(t, "ticket") == 0 {
		ch.Ticket = []election.Text{anyText(t, "first"), anyText(t, "second")}
		ch.Name = joined(ch.Ticket, func(t election.Text) election.Text { return t })
	}
	return ch
}

func anyStyles(t *rapid.T, def *election.Definition) {
	var contests []election.ContestID
	for _, c := range def.Contests {
		contests = append(contests, c.ID)
	}
	tr := treeOf(def)
	var leaves []election.UnitID
	tr.leaves(0, func(leaf int) {
		if leaf > 0 {
			leaves = append(leaves, def.Units[leaf].ID)
		}
	})
	for i, id := range someIDs(t, "style", 0, 3) {
		s := election.Style{ID: election.StyleID(id), Name: anyName.Draw(t, "style name"), Contests: somePart(t, "contest on style", contests)}
		for k, u := range leaves { // each precinct gets one style
			if k%3 == i {
				s.Units = append(s.Units, u)
			}
		}
		if len(s.Units) == 0 || len(s.Contests) == 0 {
			continue
		}
		if c := def.Contests[0]; s.Contests[0] == c.ID && len(c.Choices) > 1 && rapid.Bool().Draw(t, "rotate") {
			order := []election.ChoiceID{}
			for _, ch := range c.Choices {
				order = append([]election.ChoiceID{ch.ID}, order...)
			}
			s.Orders = map[election.ContestID][]election.ChoiceID{c.ID: order}
		}
		def.Styles = append(def.Styles, s)
	}
}

func anyPlaces(t *rapid.T, def *election.Definition) {
	var units []election.UnitID
	for _, u := range def.Units {
		if u.Type == election.Precinct {
			units = append(units, u.ID)
		}
	}
	for _, id := range someIDs(t, "place", 0, 3) {
		p := election.Place{ID: election.PlaceID("at " + id), Name: anyName.Draw(t, "place"), Kind: rapid.SampledFrom([]election.PlaceKind{election.PollingPlace, election.Center, election.EarlySite, election.DropBox, election.Office}).Draw(t, "place kind"),
			Line1: "1 Main St", City: "Alder", State: "MI", Zip: "49999", Units: somePart(t, "serves", units)}
		if rapid.Bool().Draw(t, "position") {
			p.Lat, p.Lon = rapid.Float64Range(41, 47).Draw(t, "lat"), rapid.Float64Range(-90, -83).Draw(t, "lon")
		}
		day := anyDay.Draw(t, "hours")
		p.Hours = []election.Hours{{Start: day, End: addDays(day, rapid.IntRange(0, 9).Draw(t, "days")), Open: "08:00", Close: "16:30"}, {Start: addDays(day, 12), End: addDays(day, 12), Open: "09:00", Close: "24:00", ByAppointment: true}}
		def.Places = append(def.Places, p)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "deadlines") {
		at := time.Date(2026, 10, 1+i, rapid.IntRange(0, 23).Draw(t, "hour"), 0, rapid.SampledFrom([]int{0, 59}).Draw(t, "second"), 0, time.UTC)
		def.Election.Calendar = append(def.Election.Calendar, election.Deadline{Kind: []string{"registration", "absentee-request"}[i], Name: anyText(t, "deadline"), At: at})
	}
}

// back writes a definition in a format and reads it back.
func back(t *rapid.T, format string, def *election.Definition) *election.Definition {
	f, _ := FormatNamed(format)
	var b bytes.Buffer
	if err := f.Write(&b, def); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	res, err := Read("file"+f.Ext, b.Bytes(), nil)
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	if bad := Errors(res.Problems); len(bad) > 0 {
		t.Fatalf("%s: %v", format, bad)
	}
	return res.Def
}

func equal(t *rapid.T, what string, want, got *election.Definition) {
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}

// TestAnyDefinition: whatever a definition says, the formats that carry
// everything give it back, the others come to rest at once, and nothing changes
// in a definition that is only looked at.
func TestAnyDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		def := anyDefinition(t)
		hash := def.Hash()
		if bad := Errors(Check(def)); len(bad) > 0 {
			t.Fatalf("made up with errors: %v", bad)
		}
		equal(t, "JSON", def, back(t, "hustings-json", def))
		equal(t, "spreadsheet", def, back(t, "spreadsheet", def))
		want := clone(def)
		want.Election.Calendar = nil
		arrange(want)
		if want.Hash() == hash && len(def.Election.Calendar) > 0 {
			t.Fatal("a definition without its deadlines has the same hash")
		}
		nist := back(t, "nist-json", def)
		if changes := Diff(want, nist); len(changes) > 0 {
			t.Fatalf("NIST lost: %+v", changes)
		}
		equal(t, "NIST, XML after JSON", nist, back(t, "nist-xml", nist))
		for _, format := range []string{"vip60", "vip52", "vip-csv"} {
			one := back(t, format, def)
			equal(t, format+", second time", one, back(t, format, one))
		}
		if changes := Diff(def, def); len(changes) > 0 {
			t.Fatalf("changes between equals: %v", changes)
		}
		if def.Hash() != hash {
			t.Fatal("the definition was changed")
		}
	})
}

// TestPartsMakeTheWhole imports a definition sheet by sheet, in any order.
func TestPartsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		def := anyDefinition(t)
		base := &election.Definition{Election: election.Election{ID: def.Election.ID}}
		var b bytes.Buffer
		if err := writeBook(&b, def); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time changes nothing
			res, err := Read("book.xlsx", b.Bytes(), base)
			if err != nil {
				t.Fatal(err)
			}
			base = res.Def
		}
		equal(t, "added to an empty election", def, base)
	})
}
