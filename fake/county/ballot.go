// SPDX-License-Identifier: Apache-2.0

package county

import (
	"cmp"
	"slices"
	"strconv"

	"hustings/election"
)

// The parties. Lantern is strong in the city, Harvest in the country; the
// other two are small.
const (
	lantern election.PartyID = "lantern"
	harvest election.PartyID = "harvest"
	orchard election.PartyID = "orchard"
	compass election.PartyID = "compass"
)

var parties = []election.Party{
	{ID: lantern, Name: election.Text{"en": "Lantern Party", "es": "Partido de la Linterna"}, Abbr: "LAN", Color: "5b3f99"},
	{ID: harvest, Name: election.Text{"en": "Harvest Party", "es": "Partido de la Cosecha"}, Abbr: "HAR", Color: "b4570b"},
	{ID: orchard, Name: election.Text{"en": "Orchard Party", "es": "Partido del Huerto"}, Abbr: "ORC", Color: "1f7a5c"},
	{ID: compass, Name: election.Text{"en": "Compass Party", "es": "Partido de la Brújula"}, Abbr: "COM", Color: "3b6ea5"},
}

// race is a contest and how people vote in it.
type race struct {
	election.Contest
	runners []runner // of each choice
	under   float64  // share of ballots that leave it out
	over    float64  // share that mark too many
	lead    int64    // by which the first choice must win; 0: whatever comes out
}

// runner is what moves people to a choice.
type runner struct {
	share float64 // of all votes for the contest
	pull  float64 // how much the leaning of a place matters: 1 for Lantern, -1 for Harvest
}

// line is a line of a contest: who stands there, and how people vote for them.
type line struct {
	runner
	kind    lineKind
	parties []election.PartyID
}

type lineKind uint8

const (
	newcomer lineKind = iota
	incumbent
	withdrawn  // too late to be taken off the ballot
	registered // a write-in candidate
	others     // all other names written in
	anybody    // all names written in, where nobody registered
)

// of is a candidate of a party, with a share of the votes and a pull.
func of(party election.PartyID, share, pull float64) line {
	return line{runner{share, pull}, newcomer, []election.PartyID{party}}
}

// free is a candidate of no party.
func free(share, pull float64) line { return line{runner: runner{share, pull}} }

// written is a line for names that were written in.
func written(kind lineKind, share float64) line {
	return line{runner: runner{share: share}, kind: kind}
}

// is says what else there is to know about a candidate.
func (l line) is(kind lineKind) line { l.kind = kind; return l }

// also puts a second party on the same line.
func (l line) also(party election.PartyID) line {
	l.parties = append(l.parties, party)
	return l
}

// ballot adds contests in the order in which they stand on the ballot.
type ballot struct {
	*County
	names *namer
}

// addRaces makes the ballot: 25 contests of every kind that a county meets.
func (c *County) addRaces() {
	b := &ballot{c, newNamer(c.rand(drawNames))}
	b.federal()
	b.state()
	b.county()
	b.local()
	b.judges()
	b.measures()
	for i := range c.races {
		c.def.Contests = append(c.def.Contests, c.races[i].Contest)
	}
}

func (b *ballot) federal() {
	b.tickets(election.Contest{ID: "president", District: "state",
		Name: election.Text{"en": "President and Vice President", "es": "Presidente y vicepresidente"}}, 0.007,
		of(lantern, 0.491, 1), of(harvest, 0.474, -1).is(incumbent), of(orchard, 0.017, 0.5), of(compass, 0.013, -0.3), written(anybody, 0.005))
	b.office(election.Contest{ID: "us-senate", District: "state",
		Name: election.Text{"en": "U.S. Senator", "es": "Senador de los Estados Unidos"}}, 0.014,
		of(lantern, 0.497, 0.95).is(incumbent), of(harvest, 0.462, -0.95), of(orchard, 0.024, 0.5), free(0.013, 0).is(registered), written(others, 0.004))
	for i, share := range []float64{0.452, 0.526} {
		b.office(numbered(election.Contest{ID: "us-house", Office: "U.S. House", District: "congress",
			Name: election.Text{"en": "U.S. House, District ", "es": "Cámara de Representantes de EE. UU., distrito "}}, i+1), 0.02,
			of(lantern, share, 0.95), of(harvest, 0.97-share, -0.95).is(incumbent), of(compass, 0.024, -0.2), written(anybody, 0.006))
	}
}

func (b *ballot) state() {
	house := election.Contest{ID: "state-house", Office: "State House", District: "house",
		Name: election.Text{"en": "State Representative, District ", "es": "Representante estatal, distrito "}}
	b.office(numbered(house, 1), 0.03, of(lantern, 0.536, 0.9).is(incumbent), of(harvest, 0.458, -0.9), written(anybody, 0.006))
	// The fusion candidate stands for two parties on one line.
	b.office(numbered(house, 2), 0.03, of(harvest, 0.487, -0.9).is(incumbent), of(lantern, 0.507, 0.9).also(orchard), written(anybody, 0.006))
	// Nobody stands against the incumbent.
	b.office(numbered(house, 3), 0.24, of(harvest, 0.984, -0.3).is(incumbent), written(anybody, 0.016))
}

func (b *ballot) county() {
	supervisor := election.Contest{ID: "supervisor", Office: "County Supervisor", District: "supervisor",
		Name: election.Text{"en": "County Supervisor, District ", "es": "Supervisor del condado, distrito "}}
	for i, share := range []float64{0.561, 0.447, 0.522, 0.431, 0.479} {
		list := []line{of(lantern, share, 0.85), of(harvest, 0.994-share, -0.85).is(incumbent), written(anybody, 0.006)}
		if i == 3 { // this one withdrew when the ballots were printed
			list = slices.Insert(list, 2, of(compass, 0.017, 0).is(withdrawn))
		}
		b.office(numbered(supervisor, i+1), 0.045, list...)
	}
	b.office(election.Contest{ID: "sheriff", Office: "Sheriff", District: "county",
		Name: election.Text{"en": "Sheriff", "es": "Alguacil del condado"}}, 0.035,
		of(lantern, 0.4976, 0.9), of(harvest, 0.4964, -0.9).is(incumbent), written(anybody, 0.006))
	b.races[len(b.races)-1].lead = 148 // far below half a percent: the race that the night is about
	b.office(election.Contest{ID: "clerk", Office: "County Clerk", District: "county",
		Name: election.Text{"en": "County Clerk and Recorder", "es": "Secretario y registrador del condado"}}, 0.055,
		of(harvest, 0.468, -0.8), of(lantern, 0.526, 0.8).is(incumbent).also(orchard), written(anybody, 0.006))
}

func (b *ballot) local() {
	b.office(election.Contest{ID: "school-board", Office: "School Board", District: "school-unified",
		Name:      election.Text{"en": "Alder Unified School Board", "es": "Junta Escolar Unificada de Alder"},
		Subtitle:  election.Text{"en": "Vote for up to three", "es": "Vote hasta por tres"},
		Variation: election.NofM, VotesAllowed: 3, Elected: 3, Rotates: true}, 0.27,
		free(0.213, 0.5).is(incumbent), free(0.197, -0.4), free(0.181, 0.3), free(0.173, -0.5).is(incumbent), free(0.142, 0), free(0.084, 0.2),
		written(anybody, 0.01))
	b.office(election.Contest{ID: "city-council", Office: "City Council", District: "marlow",
		Name:      election.Text{"en": "Marlow City Council", "es": "Concejo Municipal de Marlow"},
		Subtitle:  election.Text{"en": "Vote for up to two", "es": "Vote hasta por dos"},
		Variation: election.NofM, VotesAllowed: 2, Elected: 2, Rotates: true}, 0.2,
		free(0.284, 0.4).is(incumbent), free(0.251, -0.3), free(0.244, 0.5), free(0.212, -0.4), written(anybody, 0.009))
	// The incumbent leads at first; whom the others' voters rank next decides.
	b.office(election.Contest{ID: "mayor", Office: "Mayor", District: "marlow", Variation: election.Ranked,
		Name:     election.Text{"en": "Mayor of Marlow", "es": "Alcaldía de Marlow"},
		Subtitle: election.Text{"en": "Rank up to five", "es": "Ordene hasta cinco por preferencia"}}, 0.06,
		free(0.338, -0.7).is(incumbent), free(0.307, 0.7), free(0.186, 0.5), free(0.108, 0.1), free(0.054, -0.2), written(anybody, 0.007))
}

// judges asks whether two judges may stay.
func (b *ballot) judges() {
	for n, share := range []float64{0.684, 0.531} {
		who := b.names.next()
		b.question(election.Contest{ID: election.ContestID("retain-" + lastName(who)), Kind: election.RetentionContest, Variation: election.Majority,
			Name:     election.Text{"en": "Retain Judge " + who, "es": "Retención: " + who},
			Question: election.Text{"en": "Shall Judge " + who + " of the District Court be retained in office?", "es": "¿Debe " + who + " permanecer en su cargo de juez del Tribunal de Distrito?"},
			Holder:   election.T(who), District: "county"}, 0.15+0.01*float64(n), runner{share, 0.15})
	}
}

func (b *ballot) measures() {
	half := election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "votes"}
	ofBallots := election.Threshold{Numerator: 1, Denominator: 2, Over: true, Of: "ballots"}
	bond := election.Threshold{Numerator: 3, Denominator: 5, Of: "votes"}
	levy := election.Threshold{Numerator: 2, Denominator: 3, Of: "votes"}
	for _, m := range []struct {
		id, district   string
		threshold      election.Threshold
		yes, pull      float64
		name, spanish  string
		question, asks string
	}{
		{"state-question-1", "state", half, 0.573, 0.4, "State Question 1: Open Meetings", "Pregunta estatal 1: Reuniones abiertas",
			"Shall the constitution be amended so that every meeting of the legislature and its committees is open to the public?",
			"¿Debe enmendarse la constitución para que toda reunión de la legislatura y de sus comisiones sea pública?"},
		{"measure-a", "county", half, 0.514, 0.6, "Measure A: Road Repair Sales Tax", "Medida A: Impuesto de ventas para reparar caminos",
			"Shall Alder County levy a sales tax of one quarter of one percent for ten years to repair county roads and bridges?",
			"¿Debe el Condado de Alder imponer durante diez años un impuesto de ventas de un cuarto del uno por ciento para reparar caminos y puentes?"},
		{"measure-b", "county", ofBallots, 0.538, -0.3, "Measure B: County Charter Amendment", "Medida B: Enmienda a la carta del condado",
			"Shall the county charter be amended to limit supervisors to three terms? To pass, it needs more than half of all ballots cast.",
			"¿Debe enmendarse la carta del condado para limitar a los supervisores a tres mandatos? Para aprobarse necesita más de la mitad de todas las boletas emitidas."},
		{"measure-c", "school-western", bond, 0.588, 0.5, "Measure C: Western Valley School Bond", "Medida C: Bonos escolares del Valle Occidental",
			"Shall the Western Valley School District issue bonds of $24,600,000 to rebuild two schools? To pass, it needs 60 percent of the votes.",
			"¿Debe el Distrito Escolar del Valle Occidental emitir bonos por $24,600,000 para reconstruir dos escuelas? Para aprobarse necesita el 60 por ciento de los votos."},
		{"measure-d", "fire", levy, 0.683, 0.1, "Measure D: North Bench Fire District Levy", "Medida D: Gravamen del Distrito de Bomberos de North Bench",
			"Shall the North Bench Fire District renew its property tax levy for six years? To pass, it needs two thirds of the votes.",
			"¿Debe el Distrito de Bomberos de North Bench renovar por seis años su gravamen sobre la propiedad? Para aprobarse necesita dos tercios de los votos."},
		{"measure-e", "marlow", half, 0.607, 0.5, "Measure E: Marlow Riverfront Park", "Medida E: Parque ribereño de Marlow",
			"Shall the City of Marlow turn the old rail yard on the river into a public park?",
			"¿Debe la Ciudad de Marlow convertir el antiguo patio ferroviario junto al río en un parque público?"},
	} {
		t := m.threshold
		variation := election.Majority
		if t.Numerator*2 != t.Denominator {
			variation = election.SuperMajority
		}
		b.question(election.Contest{ID: election.ContestID(m.id), Kind: election.MeasureContest, Variation: variation, Threshold: &t,
			Name:     election.Text{"en": m.name, "es": m.spanish},
			Question: election.Text{"en": m.question, "es": m.asks}, District: election.DistrictID(m.district)}, 0.07, runner{m.yes, m.pull})
	}
}

// numbered is one of several contests for an office, each in its own district.
func numbered(con election.Contest, n int) election.Contest {
	number := strconv.Itoa(n)
	con.ID += election.ContestID("-" + number)
	con.District += election.DistrictID("-" + number)
	con.Name = election.Text{"en": con.Name["en"] + number, "es": con.Name["es"] + number}
	return con
}

// tickets adds a contest for two people together.
func (b *ballot) tickets(con election.Contest, under float64, list ...line) {
	b.candidates(con, under, list, 2)
}

// office adds a contest for one person, or several one by one.
func (b *ballot) office(con election.Contest, under float64, list ...line) {
	b.candidates(con, under, list, 1)
}

func (b *ballot) candidates(con election.Contest, under float64, list []line, people int) {
	con.Kind = election.CandidateContest
	con.VotesAllowed, con.Elected = max(1, con.VotesAllowed), max(1, con.Elected)
	con.Variation = cmp.Or(con.Variation, election.Plurality)
	r := race{Contest: con, under: under, over: 0.0006}
	all := 0.0
	for _, l := range list {
		all += l.share
	}
	for _, l := range list {
		r.Choices = append(r.Choices, b.choice(l, people))
		r.runners = append(r.runners, runner{l.share / all, l.pull})
	}
	b.races = append(b.races, r)
}

// choice is a line as the ballot has it.
func (b *ballot) choice(l line, people int) election.Choice {
	switch l.kind {
	case anybody:
		return election.Choice{ID: "write-in", Name: election.Text{"en": "Write-in", "es": "Nombre por escrito"}, Kind: election.WriteIn}
	case others:
		return election.Choice{ID: "write-in-other", Name: election.Text{"en": "Unqualified write-ins", "es": "Otros nombres por escrito"}, Kind: election.WriteIn}
	}
	name := b.names.next()
	ch := election.Choice{ID: election.ChoiceID(lastName(name)), Name: election.T(name), Kind: election.Candidate, Parties: l.parties,
		Incumbent: l.kind == incumbent, Withdrawn: l.kind == withdrawn}
	if l.kind == registered {
		ch.Kind = election.WriteIn
	}
	if people == 2 {
		second := b.names.next()
		ch.ID += election.ChoiceID("-" + lastName(second))
		ch.Name = election.T(name + " / " + second)
		ch.Ticket = []election.Text{election.T(name), election.T(second)}
	}
	return ch
}

// question adds a contest with the answers yes and no.
func (b *ballot) question(con election.Contest, under float64, yes runner) {
	con.VotesAllowed = 1
	con.Choices = []election.Choice{
		{ID: "yes", Name: election.Text{"en": "Yes", "es": "Sí"}, Kind: election.Yes},
		{ID: "no", Name: election.Text{"en": "No", "es": "No"}, Kind: election.No},
	}
	b.races = append(b.races, race{Contest: con, under: under, over: 0.0004, runners: []runner{yes, {1 - yes.share, -yes.pull}}})
}
