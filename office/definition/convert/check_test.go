// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"math"
	"slices"
	"testing"
	"time"

	"hustings/election"
)

// TestCheck breaks the example in one place at a time.
func TestCheck(t *testing.T) {
	square := []election.Polygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 0}}}}
	minus := int64(-1)
	for _, tt := range []struct {
		name, want string // level and key; "" for nothing at all
		break_     func(d *election.Definition)
	}{
		{"the example itself", "", func(*election.Definition) {}},
		{"no id", "block no_election_id", func(d *election.Definition) { d.Election.ID = "" }},
		{"an id with capitals", "block bad_election_id", func(d *election.Definition) { d.Election.ID = "2026-General" }},
		{"an id that ends in a hyphen", "block bad_election_id", func(d *election.Definition) { d.Election.ID = "2026-" }},
		{"no name", "block no_election_name", func(d *election.Definition) { d.Election.Name = nil }},
		{"a day that is none", "block bad_date", func(d *election.Definition) { d.Election.End = "2026-02-30" }},
		{"it ends before it starts", "block dates_order", func(d *election.Definition) { d.Election.Start = "2026-11-04" }},
		{"an unknown type", "hold election_type", func(d *election.Definition) { d.Election.Type = "mayoral" }},
		{"an unknown zone", "block bad_zone", func(d *election.Definition) { d.Election.TimeZone = "Mars/Olympus" }},
		{"no zone", "hold no_zone", func(d *election.Definition) { d.Election.TimeZone = "" }},
		{"a closing time in words", "block bad_clock", func(d *election.Definition) { d.Election.PollsClose = "7 pm" }},
		{"it closes before it opens", "block clock_order", func(d *election.Definition) { d.Election.PollsClose = "05:00" }},
		{"a state in full", "warn bad_state", func(d *election.Definition) { d.Election.State = "Ohio" }},
		{"a deadline without a day", "block deadline_undated", func(d *election.Definition) { d.Election.Calendar[0].At = time.Time{} }},
		{"registration after the election", "hold deadline_late", func(d *election.Definition) { d.Election.Calendar[0].At = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }},
		{"a canvass before the election", "hold deadline_early", func(d *election.Definition) {
			d.Election.Calendar[1].Kind = "canvass"
			d.Election.Calendar[1].At = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		}},

		{"two units with one id", "block dup_id", func(d *election.Definition) { d.Units[2].ID = "p1" }},
		{"a party without id", "block empty_id", func(d *election.Definition) { d.Parties[0].ID = "" }},
		{"two choices with one id", "block dup_id", func(d *election.Definition) { d.Contests[0].Choices[1].ID = "lee-ortiz" }},
		{"no units", "block no_units", func(d *election.Definition) { d.Units = nil }},
		{"no scope", "block no_scope", func(d *election.Definition) { d.Election.Scope = "" }},
		{"a scope that is not there", "block bad_scope", func(d *election.Definition) { d.Election.Scope = "elsewhere" }},
		{"a scope inside a precinct", "block scope_inside", func(d *election.Definition) { d.Election.Scope = "p1" }},
		{"a second root", "block roots", func(d *election.Definition) { d.Units[1].Parent = "" }},
		{"a parent that is not there", "block dangling", func(d *election.Definition) { d.Units[1].Parent = "elsewhere" }},
		{"units in a circle", "block circle", func(d *election.Definition) { d.Units[2].Parent = "p2-a" }},
		{"a unit in itself", "block circle", func(d *election.Definition) { d.Units[1].Parent = "p1" }},
		{"a district that is not there", "block dangling", func(d *election.Definition) { d.Units[1].Districts[0] = "elsewhere" }},
		{"fewer than no voters", "block negative_registered", func(d *election.Definition) { d.Units[1].Registered = &minus }},
		{"a unit without a name", "warn unit_unnamed", func(d *election.Definition) { d.Units[1].Name = "" }},
		{"two precincts with one number", "hold number_twice", func(d *election.Definition) { d.Units[2].Number = "0001" }},

		{"no contests", "hold no_contests", func(d *election.Definition) {
			d.Contests = nil
			d.Styles = nil
		}},
		{"a contest without a name", "block contest_unnamed", func(d *election.Definition) { d.Contests[0].Name = nil }},
		{"an unknown kind of contest", "block contest_kind", func(d *election.Definition) { d.Contests[0].Kind = "raffle" }},
		{"vote for none", "block votes_allowed", func(d *election.Definition) { d.Contests[0].VotesAllowed = 0 }},
		{"elect none", "block elected", func(d *election.Definition) { d.Contests[0].Elected = 0 }},
		{"a contest in no district", "block dangling", func(d *election.Definition) { d.Contests[0].District = "elsewhere" }},
		{"a primary of no party", "block dangling", func(d *election.Definition) { d.Contests[0].PrimaryParty = "whig" }},
		{"no choices", "block no_choices", func(d *election.Definition) { d.Contests[1].Choices = nil }},
		{"a choice without a name", "block choice_unnamed", func(d *election.Definition) { d.Contests[1].Choices[0].Name = nil }},
		{"an unknown kind of choice", "block choice_kind", func(d *election.Definition) { d.Contests[1].Choices[0].Kind = "perhaps" }},
		{"a candidate of no party", "block dangling", func(d *election.Definition) { d.Contests[0].Choices[0].Parties[0] = "whig" }},
		{"two candidates of one name", "hold choice_twice", func(d *election.Definition) { d.Contests[1].Choices[1].Name = election.T("eve  FOX") }},
		{"fewer candidates than votes", "warn few_choices", func(d *election.Definition) { d.Contests[1].VotesAllowed = 4 }},
		{"a measure with one answer", "block no_yes_no", func(d *election.Definition) { d.Contests[2].Choices = d.Contests[2].Choices[:1] }},
		{"a threshold without a Yes", "block threshold_no_yes", func(d *election.Definition) {
			d.Contests[2].Choices[0].Kind, d.Contests[2].Choices[1].Kind = election.Option, election.Option
		}},
		{"a measure between two answers", "", func(d *election.Definition) {
			d.Contests[2].Choices[0].Kind, d.Contests[2].Choices[1].Kind, d.Contests[2].Threshold = election.Option, election.Option, nil
		}},
		{"a candidate in a measure", "hold measure_lines", func(d *election.Definition) {
			d.Contests[2].Choices = append(d.Contests[2].Choices, election.Choice{ID: "x", Name: election.T("Xi"), Kind: election.Candidate})
		}},
		{"a Yes among candidates", "hold candidate_answers", func(d *election.Definition) { d.Contests[1].Choices[0].Kind = election.Yes }},
		{"a threshold above all", "block threshold", func(d *election.Definition) { d.Contests[2].Threshold.Numerator = 7 }},
		{"a threshold of nothing", "block threshold", func(d *election.Definition) { d.Contests[2].Threshold.Of = "" }},
		{"more than all", "block threshold", func(d *election.Definition) {
			*d.Contests[2].Threshold = election.Threshold{Numerator: 1, Denominator: 1, Over: true, Of: "votes"}
		}},
		{"a party color in words", "warn party_color", func(d *election.Definition) { d.Parties[0].Color = "blue" }},

		{"a style for no unit that is there", "block dangling", func(d *election.Definition) { d.Styles[0].Units[0] = "elsewhere" }},
		{"a style with an unknown contest", "block dangling", func(d *election.Definition) { d.Styles[0].Contests[0] = "elsewhere" }},
		{"a style of no party", "block dangling", func(d *election.Definition) { d.Styles[0].Party = "whig" }},
		{"a contest twice on a style", "block style_twice", func(d *election.Definition) { d.Styles[0].Contests[1] = "president" }},
		{"a style for nobody", "hold style_no_units", func(d *election.Definition) { d.Styles[0].Units = nil }},
		{"a style of nothing", "hold style_no_contests", func(d *election.Definition) { d.Styles[0].Contests = nil }},
		{"an order of unknown choices", "block dangling", func(d *election.Definition) { d.Styles[1].Orders["school-board"][0] = "nobody" }},
		{"an order of a contest not on the style", "block dangling", func(d *election.Definition) { d.Styles[0].Orders = d.Styles[1].Orders }},
		{"a precinct without a style", "hold no_style", func(d *election.Definition) { d.Styles[0].Units = d.Styles[0].Units[:1] }},
		{"a style of the whole covers the parts", "", func(d *election.Definition) {
			d.Styles[0].Units, d.Styles[1].Units = []election.UnitID{"p1"}, []election.UnitID{"p2"}
		}},
		{"a contest on no style", "hold contest_no_style", func(d *election.Definition) {
			d.Styles[1].Contests = d.Styles[1].Contests[:1]
			d.Styles[1].Orders = nil
		}},
		{"a contest where nobody lives", "hold contest_nowhere", func(d *election.Definition) { d.Styles = nil; d.Units[3].Districts = d.Units[3].Districts[:1] }},
		{"without styles, districts tell", "", func(d *election.Definition) { d.Styles = nil }},
		{"a derived definition knows no ballots", "", func(d *election.Definition) {
			d.Styles = nil
			d.Derived = true
			d.Units[3].Districts = d.Units[3].Districts[:1]
		}},

		{"an unknown kind of place", "block place_kind", func(d *election.Definition) { d.Places[0].Kind = "tent" }},
		{"a place without a name", "warn place_unnamed", func(d *election.Definition) { d.Places[0].Name = "" }},
		{"a place in an unknown zone", "block bad_zone", func(d *election.Definition) { d.Places[0].TimeZone = "America/Nowhere" }},
		{"a place for no unit that is there", "block dangling", func(d *election.Definition) { d.Places[0].Units[0] = "elsewhere" }},
		{"a place beyond the pole", "block off_earth", func(d *election.Definition) { d.Places[0].Lat = 91 }},
		{"a place that is not a number", "block off_earth", func(d *election.Definition) { d.Places[0].Lon = math.NaN() }},
		{"hours on no day", "block hours_date", func(d *election.Definition) { d.Places[0].Hours[0].Start = "" }},
		{"hours that end before they start", "block hours_order", func(d *election.Definition) { d.Places[0].Hours[0].Start = "2026-11-04" }},
		{"hours without a time", "block hours_open", func(d *election.Definition) { d.Places[0].Hours[0].Close = "" }},
		{"hours in words", "block bad_clock", func(d *election.Definition) { d.Places[0].Hours[0].Close = "noon" }},
		{"a polling place closed on the day, in an election without hours", "hold no_hours", func(d *election.Definition) {
			d.Places[0].Hours = nil
			d.Election.PollsOpen, d.Election.PollsClose = "", ""
		}},
		{"a polling place without hours of its own", "", func(d *election.Definition) { d.Places[0].Hours = nil }},
		{"a drop box needs no hours", "", func(d *election.Definition) {
			d.Places[0].Hours, d.Places[0].Kind = nil, election.DropBox
			d.Election.PollsOpen, d.Election.PollsClose = "", ""
		}},
		{"nothing says when the polls close", "hold no_close", func(d *election.Definition) { d.Places = nil; d.Election.PollsOpen, d.Election.PollsClose = "", "" }},

		{"a boundary of no unit", "block dangling", func(d *election.Definition) { d.Shapes = []election.Shape{{Unit: "elsewhere", Polygons: square}} }},
		{"a boundary of nothing", "block shape_empty", func(d *election.Definition) { d.Shapes = []election.Shape{{Unit: "p1"}} }},
		{"a boundary that does not close", "block shape_open", func(d *election.Definition) {
			d.Shapes = []election.Shape{{Unit: "p1", Polygons: []election.Polygon{{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}}}
		}},
		{"a boundary in feet", "block off_earth", func(d *election.Definition) {
			d.Shapes = []election.Shape{{Unit: "p1", Polygons: []election.Polygon{{{{0, 0}, {600000, 0}, {1, 1}, {0, 0}}}}}}
		}},
		{"a good boundary", "", func(d *election.Definition) { d.Shapes = []election.Shape{{Unit: "p1", Polygons: square}} }},
		{"the total as a vote type", "block type_total", func(d *election.Definition) { d.VoteTypes[0].Item = election.Total }},
		{"an unknown vote type", "block type_item", func(d *election.Definition) { d.VoteTypes[0].Item = "by pigeon" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			def := example()
			tt.break_(def)
			got := keys(Check(def))
			if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Contains(got, tt.want) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

// TestCheckIsBounded gives it a definition in which everything is wrong.
func TestCheckIsBounded(t *testing.T) {
	def := &election.Definition{}
	for range 5000 {
		def.Units = append(def.Units, election.Unit{ID: "u", Parent: "u"})
		def.Contests = append(def.Contests, election.Contest{ID: "c"})
	}
	list := Check(def)
	if len(list) > mostProblems+4 || !has(list, "block more") {
		t.Errorf("%d problems: %v", len(list), keys(list)[:5])
	}
	if list[0].Level != Block {
		t.Error("the gravest do not come first")
	}
}
