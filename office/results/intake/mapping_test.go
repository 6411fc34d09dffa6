// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hustings/format/sheet"
)

func TestGuessMapping(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header string
		rows   []string
		want   Mapping
	}{
		{"a row for each choice, with vote types",
			"County|Precinct Name|Contest|Choice Name|Party|Early Votes|Election Day|Total|Pct", []string{"Oak|P1|Sheriff|Ann|DEM|5|6|11|50.0"},
			Mapping{Shape: Long, County: "County", Precinct: "Precinct Name", Contest: "Contest", Choice: "Choice Name", Party: "Party", Votes: "Total",
				Types: []TypeColumn{{"Early Votes", "Early Votes"}, {"Election Day", "Election Day"}}, Ignored: []string{"Pct"}}},
		{"a row for each choice and vote type",
			"county_name|precinct|office|party_detailed|mode|votes|candidate|district|county_fips|magnitude|year", []string{"OAK|P1|GOVERNOR|DEM|TOTAL|15|ANN||04013|1|2026"},
			Mapping{Shape: Long, County: "county_name", Precinct: "precinct", Contest: "office", District: "district", Choice: "candidate", Party: "party_detailed",
				Mode: "mode", Votes: "votes", VoteFor: "magnitude", Ignored: []string{"county_fips", "year"}}},
		{"a column for each choice",
			"Ward|Registered Voters|Ballots Cast|Kelly, Mark (DEM)|McSally|Over Votes|Total Votes|Turnout %|Note", []string{"1|400|200|90|80|1|171|50|ok", "2|410|201|91|81|0|172|49|"},
			Mapping{Shape: Wide, Precinct: "Ward", Registered: "Registered Voters", Ballots: "Ballots Cast", Choices: []ChoiceColumn{
				{Column: "Total Votes", Measure: "subtotal"}, {Column: "Kelly, Mark (DEM)", Choice: "Kelly, Mark", Party: "DEM"}, {Column: "McSally", Choice: "McSally"},
				{Column: "Over Votes", Measure: "over"}}, Ignored: []string{"Turnout %", "Note"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sample [][]string
			for _, r := range tt.rows {
				sample = append(sample, strings.Split(r, "|"))
			}
			got := GuessMapping(strings.Split(tt.header, "|"), sample)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			body, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var again Mapping
			if err := json.Unmarshal(body, &again); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(got, again); d != "" {
				t.Errorf("saved and loaded (-want +got):\n%s", d)
			}
		})
	}
}

func TestMappingsThatCannotBeUsed(t *testing.T) {
	long := Mapping{Shape: Long, Precinct: "p", Contest: "c", Choice: "x", Votes: "v"}
	for _, tt := range []struct {
		name   string
		change func(*Mapping)
		want   string
	}{
		{"it is complete", func(*Mapping) {}, ""},
		{"no shape", func(m *Mapping) { m.Shape = "" }, "must say its shape"},
		{"no choice", func(m *Mapping) { m.Choice = "" }, "no column for the choice"},
		{"no contest", func(m *Mapping) { m.Contest = "" }, "no column for the contest"},
		{"one contest for the whole file", func(m *Mapping) { m.Contest, m.Only = "", "Mayor" }, ""},
		{"no votes", func(m *Mapping) { m.Votes = "" }, "no column for votes"},
		{"vote types twice", func(m *Mapping) { m.Mode, m.Types = "mode", []TypeColumn{{"a", "Early"}} }, "only one of the two"},
		{"no place", func(m *Mapping) { m.Precinct = "" }, "no column for the precinct or the county"},
		{"wide without choices", func(m *Mapping) { *m = Mapping{Shape: Wide, Precinct: "p"} }, "no column for any choice"},
		{"wide with a choice of no contest", func(m *Mapping) {
			*m = Mapping{Shape: Wide, Precinct: "p", Choices: []ChoiceColumn{{Column: "a", Choice: "A"}}}
		}, "needs a contest"},
		{"wide with a measure that nobody knows", func(m *Mapping) {
			*m = Mapping{Shape: Wide, Precinct: "p", Choices: []ChoiceColumn{{Column: "a", Measure: "weather"}}}
		}, "no measure weather"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := long
			tt.change(&m)
			err := m.Check()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// FuzzReadMapped reads any table by the mapping that is proposed for it.
func FuzzReadMapped(f *testing.F) {
	f.Add([]byte("county,precinct,contest,choice,votes,early\nOak,P1,Sheriff,Ann,5,2\n"))
	f.Add([]byte("Ward\tAsh (D)\tBirch\tOver Votes\n1\t20\t30\t0\n2\t\t-3\tx\n"))
	f.Add([]byte("precinct;registered voters;candidate;office;mode;votes\nP1;400;Ann;Mayor;Early;3\nP1;401;Ann;Mayor;Total;4\n"))
	lim := sheet.Limits{Bytes: 1 << 20, Unpacked: 4 << 20, Rows: 2000, Problems: 50}
	f.Fuzz(func(t *testing.T, body []byte) {
		table, err := sheet.Open("fuzz.csv", bytes.NewReader(body), lim)
		if err != nil {
			return
		}
		var rows [][]string
		for row, err := range table.Rows() {
			if err != nil || len(rows) == 20 {
				break
			}
			cells := make([]string, len(table.Header))
			for i := range cells {
				cells[i] = row.Cell(i)
			}
			rows = append(rows, cells)
		}
		m := GuessMapping(table.Titles, rows)
		if m.Only == "" {
			m.Only = "The contest"
		}
		for i := range m.Choices {
			if m.Choices[i].Measure == "" && m.Choices[i].Choice == "" {
				m.Choices[i].Choice = "A"
			}
		}
		if m.County == "" {
			m.InCounty = "Oak"
		}
		sts, err := Read("fuzz.csv", bytes.NewReader(body), Options{Mapping: &m, Limits: lim})
		if err == nil {
			whole(t, sts)
		}
	})
}
