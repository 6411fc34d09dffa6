// SPDX-License-Identifier: Apache-2.0

package site

import (
	"fmt"
	"math"
	"math/rand"
	"testing"
	"time"

	"hustings/election"
	"hustings/kit/words"
	"hustings/office/results/tally"
)

// The county of these tests: Larkspur, 12 by 8 precincts between a river and
// the hills, with a contest of every kind.
const acrossCounty, downCounty = 12, 8

var night = time.Date(2026, 11, 4, 3, 42, 0, 0, time.UTC) // 8:42 p.m. in Denver

func text(en, es string) election.Text { return election.Text{"en": en, "es": es} }

func larkspur() *election.Definition {
	d := &election.Definition{
		Election: election.Election{ID: "2026-11-03-general", Name: text("General Election", "Elección General"), Type: election.General,
			Start: "2026-11-03", End: "2026-11-03", Jurisdiction: "ocd-division/country:us/state:co/county:larkspur", State: "CO",
			Scope: "larkspur", TimeZone: "America/Denver", PollsOpen: "07:00", PollsClose: "19:00"},
		Parties: []election.Party{
			{ID: "fed", Name: text("Federalist Party", "Partido Federalista"), Abbr: "FED", Color: "1d4f91"},
			{ID: "whig", Name: text("Whig Party", "Partido Whig"), Abbr: "WHG", Color: "b3282d"},
			{ID: "grange", Name: text("Grange Party", "Partido Agrario"), Abbr: "GRA", Color: "2e7d32"},
			{ID: "lib", Name: text("Liberty Party", "Partido Libertad"), Abbr: "LIB", Color: "e6b800"},
		},
		VoteTypes: []election.VoteType{
			{ID: "mail", Name: text("Mail", "Correo"), Item: election.AbsenteeMail},
			{ID: "early", Name: text("Early", "Anticipado"), Item: election.Early},
			{ID: "day", Name: text("Election day", "Día de la elección"), Item: election.ElectionDay},
			{ID: "provisional", Name: text("Provisional", "Provisional"), Item: election.Provisional},
		},
		Units: []election.Unit{{ID: "larkspur", Type: election.County, Name: "Larkspur County"}},
	}
	for _, name := range []string{"county", "city", "west", "east", "river"} {
		d.Districts = append(d.Districts, election.District{ID: election.DistrictID(name), Name: text(map[string]string{
			"county": "Countywide", "city": "City of Larkspur", "west": "District 1", "east": "District 2", "river": "River Fire District"}[name],
			map[string]string{"county": "Todo el condado", "city": "Ciudad de Larkspur", "west": "Distrito 1", "east": "Distrito 2", "river": "Distrito de bomberos del río"}[name])})
	}
	larkspurPrecincts(d)
	larkspurContests(d)
	return d
}

func larkspurPrecincts(d *election.Definition) {
	names := []string{"Acacia", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gum Tree", "Hazel", "Ironwood", "Juniper", "Katsura", "Larch"}
	places := []string{"Hill", "Mill", "Bend", "Ford", "Grove", "Creek", "Bridge", "Gate"}
	r := rand.New(rand.NewSource(7))
	corner := func(x, y int) [2]float64 {
		s := rand.New(rand.NewSource(int64(x*100 + y)))
		at := [2]float64{-105.4 + 0.05*float64(x), 40.3 - 0.04*float64(y)}
		if x > 0 && x < acrossCounty {
			at[0] += 0.03 * (s.Float64() - 0.5)
		}
		at[1] += 0.022 * (s.Float64() - 0.5)
		return at
	}
	side := func(a, b [2]float64, seed int64) [][2]float64 { // a border with some bends, the same from both sides
		if a[0] > b[0] || a[0] == b[0] && a[1] > b[1] {
			return nil
		}
		s := rand.New(rand.NewSource(seed))
		pts := [][2]float64{a}
		for k := 1; k < 6; k++ {
			t := float64(k) / 6
			pts = append(pts, [2]float64{a[0] + (b[0]-a[0])*t + 0.004*(s.Float64()-0.5), a[1] + (b[1]-a[1])*t + 0.004*(s.Float64()-0.5)})
		}
		return append(pts, b)
	}
	border := func(a, b [2]float64, seed int64) [][2]float64 {
		if pts := side(a, b, seed); pts != nil {
			return pts[:len(pts)-1]
		}
		pts := side(b, a, seed)
		out := make([][2]float64, 0, len(pts))
		for i := len(pts) - 1; i > 0; i-- {
			out = append(out, pts[i])
		}
		return out
	}
	for y := range downCounty {
		for x := range acrossCounty {
			n := y*acrossCounty + x + 1
			registered := int64(600 + r.Intn(1800))
			if n == 96 {
				registered = 9 // a precinct so small that vote types would tell on its voters
			}
			u := election.Unit{ID: election.UnitID(fmt.Sprintf("p-%04d", n)), Type: election.Precinct, Parent: "larkspur",
				Name: names[x] + " " + places[y], Number: fmt.Sprintf("%04d", n), Registered: &registered, Districts: []election.DistrictID{"county"}}
			if x < acrossCounty/2 {
				u.Districts = append(u.Districts, "west")
			} else {
				u.Districts = append(u.Districts, "east")
			}
			if math.Hypot(float64(x)-5.5, float64(y)-3.5) < 3.4 {
				u.Districts = append(u.Districts, "city")
			}
			if y == downCounty-1 {
				u.Districts = append(u.Districts, "river")
			}
			d.Units = append(d.Units, u)
			a, b, c, e := corner(x, y), corner(x+1, y), corner(x+1, y+1), corner(x, y+1)
			id := func(vertical bool, x, y int) int64 {
				if vertical {
					return int64(1000 + x*50 + y)
				}
				return int64(5000 + x*50 + y)
			}
			var ring election.Ring
			for _, part := range [][][2]float64{border(a, b, id(false, x, y)), border(b, c, id(true, x+1, y)), border(c, e, id(false, x, y+1)), border(e, a, id(true, x, y))} {
				ring = append(ring, part...)
			}
			ring = append(ring, ring[0])
			d.Shapes = append(d.Shapes, election.Shape{Unit: u.ID, Polygons: []election.Polygon{{ring}}})
		}
	}
}

func larkspurContests(d *election.Definition) {
	people := []string{"Ana Ruiz", "Thomas Whitfield", "Grace Okafor", "Bo Lindqvist", "Marta Delgado", "Henry Yazzie", "Ruth Abelson",
		"Caleb O’Neill", "Linh Tran", "Samuel Price", "Iris Novak", "Jorge Peña", "Edith Crane", "Walter Boone", "Noor Haddad", "Peter Sand"}
	next := 0
	who := func() string { next++; return people[next%len(people)] }
	office := func(id, en, es string, district election.DistrictID, elected int, parties ...election.PartyID) *election.Contest {
		c := election.Contest{ID: election.ContestID(id), Name: text(en, es), Kind: election.CandidateContest, Variation: election.Plurality,
			District: district, VotesAllowed: elected, Elected: elected}
		for i, party := range parties {
			choice := election.Choice{ID: election.ChoiceID(fmt.Sprintf("c%d", i+1)), Name: election.T(who()), Kind: election.Candidate, Incumbent: i == 0 && elected == 1}
			if party != "" {
				choice.Parties = []election.PartyID{party}
			}
			c.Choices = append(c.Choices, choice)
		}
		d.Contests = append(d.Contests, c)
		return &d.Contests[len(d.Contests)-1]
	}
	writeIn := func(c *election.Contest) {
		c.Choices = append(c.Choices, election.Choice{ID: "w", Name: text("Write-in candidates", "Candidatos por escrito"), Kind: election.WriteIn})
	}
	writeIn(office("governor", "Governor", "Gobernador", "county", 1, "fed", "whig", "grange", "lib"))
	writeIn(office("us-senate", "United States Senator", "Senador de los Estados Unidos", "county", 1, "whig", "fed", "lib"))
	office("us-house-1", "Representative in Congress, District 1", "Representante en el Congreso, Distrito 1", "west", 1, "fed", "whig")
	office("us-house-2", "Representative in Congress, District 2", "Representante en el Congreso, Distrito 2", "east", 1, "whig", "fed")
	office("attorney-general", "Attorney General", "Fiscal General", "county", 1, "fed", "whig")
	office("secretary-of-state", "Secretary of State", "Secretario de Estado", "county", 1, "whig", "fed", "grange")
	office("treasurer", "State Treasurer", "Tesorero Estatal", "county", 1, "fed", "whig")
	office("state-senate-12", "State Senator, District 12", "Senador Estatal, Distrito 12", "east", 1, "fed", "whig")
	office("state-house-40", "State Representatives, District 40", "Representantes Estatales, Distrito 40", "west", 2, "fed", "whig", "fed", "whig", "grange")
	office("sheriff", "Sheriff", "Alguacil", "county", 1, "whig", "fed")
	office("clerk", "County Clerk and Recorder", "Secretario y Registrador del Condado", "county", 1, "grange")
	office("assessor", "Assessor", "Tasador", "county", 1, "fed", "whig")
	office("commissioner-1", "County Commissioner, District 1", "Comisionado del Condado, Distrito 1", "west", 1, "whig", "fed")
	office("commissioner-2", "County Commissioner, District 2", "Comisionado del Condado, Distrito 2", "east", 1, "fed", "whig", "lib")
	school := office("school-board", "School Board Directors", "Directores de la Junta Escolar", "county", 3, "", "", "", "", "", "", "")
	school.Variation = election.NofM
	council := office("council", "City Council at Large", "Concejo Municipal, General", "city", 2, "", "", "", "")
	council.Variation = election.NofM
	mayor := office("mayor", "Mayor of Larkspur", "Alcalde de Larkspur", "city", 1, "", "", "", "", "")
	mayor.Variation = election.Ranked
	fire := office("fire-chief", "Fire District Director", "Director del Distrito de Bomberos", "river", 1, "", "", "")
	fire.Variation = election.Majority
	yesNo := []election.Choice{{ID: "yes", Name: text("Yes", "Sí"), Kind: election.Yes}, {ID: "no", Name: text("No", "No"), Kind: election.No}}
	for _, name := range []string{"Adams", "Brandt", "Cho"} {
		d.Contests = append(d.Contests, election.Contest{ID: election.ContestID("judge-" + name), Name: text("Judge "+name+", Court of Appeals", "Juez "+name+", Tribunal de Apelaciones"),
			Kind: election.RetentionContest, Variation: election.Majority, District: "county", VotesAllowed: 1, Elected: 1, Choices: yesNo})
	}
	measure := func(id, en, es string, district election.DistrictID, t *election.Threshold, question string) {
		d.Contests = append(d.Contests, election.Contest{ID: election.ContestID(id), Name: text(en, es), Kind: election.MeasureContest, Variation: election.SuperMajority,
			District: district, VotesAllowed: 1, Threshold: t, Choices: yesNo, Question: text(question, question)})
	}
	measure("amendment-a", "Amendment A: Water Storage", "Enmienda A: Almacenamiento de agua", "county", &election.Threshold{Numerator: 55, Denominator: 100, Of: "votes"},
		"Shall the state build and keep up reservoirs for dry years, paid for by bonds of not more than $400 million?")
	measure("measure-1a", "Measure 1A: Road Repair Tax", "Medida 1A: Impuesto para reparar caminos", "county", &election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "votes"},
		"Shall county taxes be raised by one quarter of one percent for ten years, to repair roads and bridges?\nThe money may be used for nothing else.")
	measure("measure-2b", "Measure 2B: Library Levy", "Medida 2B: Impuesto para bibliotecas", "city", &election.Threshold{Numerator: 60, Denominator: 100, Of: "votes"},
		"Shall the city keep its libraries open on Sundays, paid for by a levy of two mills?")
	measure("measure-3c", "Measure 3C: Charter Change", "Medida 3C: Cambio de la carta municipal", "city", &election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "ballots"},
		"Shall the city charter be changed so that council members serve four years?")
}

// counted makes a sheet of the first precincts of the county; the same seed
// makes the same votes, so a larger share only adds to a smaller one.
func counted(x *tally.Index, share float64) *tally.Sheet {
	def := x.Def
	s := &tally.Sheet{Index: x, Source: "county", Status: election.UnofficialPartial}
	var leaves []int32
	for u := range def.Units {
		if len(x.Children(int32(u))) == 0 {
			leaves = append(leaves, int32(u))
		}
	}
	for i, u := range leaves {
		r := rand.New(rand.NewSource(int64(u)))
		if float64((i*37)%len(leaves)) >= share*float64(len(leaves)) {
			continue
		}
		countPrecinct(x, s, u, r, float64(i%acrossCounty)/acrossCounty)
	}
	tally.Sort(s.Cells)
	return s
}

func countPrecinct(x *tally.Index, s *tally.Sheet, u int32, r *rand.Rand, east float64) {
	def := x.Def
	registered := *def.Units[u].Registered
	ballots := registered * int64(58+r.Intn(25)) / 100
	put := func(c, choice int32, typ, round int16, n int64) {
		s.Cells = append(s.Cells, tally.Cell{Unit: u, Contest: c, Choice: choice, Type: typ, Round: round, N: n})
	}
	put(tally.NoContest, tally.Registered, 0, 0, registered)
	put(tally.NoContest, tally.Ballots, 0, 0, ballots)
	for c := range def.Contests {
		c, con := int32(c), &def.Contests[c]
		if on, _ := x.OnBallot(u, c); !on {
			continue
		}
		votes := int64(max(1, con.VotesAllowed)) * ballots
		over, under := votes/300, votes*int64(2+r.Intn(6))/100
		put(c, tally.Over, 0, 0, over)
		put(c, tally.Under, 0, 0, under)
		shares := make([]float64, len(con.Choices))
		sum := 0.0
		for i, choice := range con.Choices {
			w := rand.New(rand.NewSource(int64(c)*31+int64(i))).Float64()*0.35 + 0.8
			if len(choice.Parties) > 0 && choice.Parties[0] == "fed" {
				w *= 1.2 - 0.5*east
			}
			if len(choice.Parties) > 0 && choice.Parties[0] == "whig" {
				w *= 0.75 + 0.5*east
			}
			if len(choice.Parties) > 0 && (choice.Parties[0] == "lib" || choice.Parties[0] == "grange") && len(con.Choices) > 1 {
				w *= 0.12
			}
			if choice.Kind == election.WriteIn {
				w *= 0.02
			}
			shares[i] = w * (0.85 + 0.3*r.Float64())
			sum += shares[i]
		}
		left := votes - over - under
		for i := range con.Choices {
			n := int64(float64(votes-over-under) * shares[i] / sum)
			if i == len(con.Choices)-1 {
				n = left
			}
			left -= n
			if con.Variation == election.Ranked {
				continue
			}
			put(c, int32(i), 0, 0, n)
			rest := n
			for typ := int16(1); typ <= int16(len(def.VoteTypes)); typ++ {
				part := n * int64([]int{0, 45, 20, 33, 2}[typ]) / 100
				if int(typ) == len(def.VoteTypes) {
					part = rest
				}
				rest -= part
				put(c, int32(i), typ, 0, part)
			}
		}
		if con.Variation == election.Ranked {
			countRounds(c, put, votes-over-under, shares, sum)
		}
	}
}

// countRounds drops the weakest choice in each round; a tenth of its ballots
// name no other.
func countRounds(c int32, put func(c, choice int32, typ, round int16, n int64), votes int64, shares []float64, sum float64) {
	now := make([]int64, len(shares))
	for i := range now {
		now[i] = int64(float64(votes) * shares[i] / sum)
	}
	exhausted := int64(0)
	// The order of elimination is the county's, not the precinct's.
	for round := int16(1); round <= int16(len(shares)-1); round++ {
		for i, n := range now {
			if n >= 0 {
				put(c, int32(i), 0, round, n)
			}
		}
		put(c, tally.Exhausted, 0, round, exhausted)
		out := len(shares) - int(round)
		moving := now[out]
		now[out] = -1
		exhausted += moving / 10
		for i := range out {
			now[i] += moving * 9 / 10 / int64(out)
		}
	}
}

// catalog speaks the languages of the pages.
func catalog(t testing.TB, tags ...string) *words.Catalog {
	t.Helper()
	c, err := words.New(tags...)
	if err == nil {
		err = c.Add(Words)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// evening is the county's night: versions at rising shares of the count.
func evening(t testing.TB, f *Frame, shares ...float64) []Input {
	t.Helper()
	var out []Input
	var before *tally.Tally
	var log []Change
	for i, share := range shares {
		var now *tally.Tally
		if share == 0 {
			now = tally.Merge(f.Index)
		} else {
			now = tally.Merge(f.Index, counted(f.Index, share))
		}
		at := night.Add(time.Duration(i-len(shares)+1) * 14 * time.Minute)
		done, due := now.Reporting(f.Index.Root(), tally.NoContest)
		ballots, _ := now.N(f.Index.Root(), tally.NoContest, tally.Ballots, tally.TotalType)
		c := Change{Version: i + 1, At: at, Kind: Counted, Status: election.UnofficialPartial, Ballots: ballots, Reported: done, Expected: due,
			Contests: Differences(before, now), Path: fmt.Sprintf("v%d/index.html", i+1), Digest: fmt.Sprintf("sha256:%064x", i+1)}
		if share == 0 {
			c.Kind = Opened
		}
		log = append(log[:len(log):len(log)], c)
		in := Input{Frame: f, Now: now, Version: i + 1, At: at, Next: at.Add(15 * time.Minute), Status: election.UnofficialPartial,
			Changes: log, SmallUnit: 10, Recount: &Recount{Numerator: 1, Denominator: 200, Law: text("See C.R.S. 1-10.5-101.", "Véase C.R.S. 1-10.5-101.")},
			Office: Office{Name: text("Larkspur County Clerk and Recorder", "Secretaría del Condado de Larkspur"), Phone: "+1-970-555-0142",
				Email: "elections@larkspur.example", URL: "https://larkspur.example/elections"},
			Sources: []Source{{Name: "Central count", At: at.Add(-3 * time.Minute), State: election.InProcess, Note: "Mail and early ballots"},
				{Name: "Election day scanners", At: at.Add(-9 * time.Minute), State: election.InProcess}},
			Downloads: []Download{{Name: "results.csv", Path: "results.csv", Size: 812_344}, {Name: "results.xlsx", Path: "results.xlsx", Size: 1_402_118}},
			Style:     Asset{Path: "assets/site.css", Body: []byte("body{}")}, Script: Asset{Path: "assets/site.js", Body: []byte("0")},
			Checkpoint: "larkspur.example/results\n12\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"}
		var prev *Input
		if i > 0 {
			prev = &out[i-1]
		}
		in.Stamps = after(t, prev, in).now.Stamps
		out = append(out, in)
		before = now
	}
	return out
}
