// SPDX-License-Identifier: Apache-2.0

package county

import (
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
	share float64 // of all votes in the county
	pull  float64 // how much the leaning of a place matters: 1 for Lantern, -1 for Harvest
}

// option is a line of a contest as the tables below have it.
type option struct {
	party election.PartyID
	share float64
	pull  float64
	kind  lineKind
	also  election.PartyID // a second party on the same line
}

type lineKind uint8

const (
	newcomer lineKind = iota
	incumbent
	withdrawn   // too late to be taken off the ballot
	named       // a write-in candidate who registered
	others      // all other names written in
	everyWriter // all names written in, where nobody registered
)

// writers ends most contests: a line for names that were written in.
var writers = option{share: 0.006, kind: everyWriter}

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
	b.tickets(election.Contest{ID: "president", Name: election.Text{"en": "President and Vice President", "es": "Presidente y vicepresidente"}, District: "state"}, 0.007,
		option{lantern, 0.491, 1, newcomer, ""}, option{harvest, 0.474, -1, incumbent, ""},
		option{orchard, 0.017, 0.5, newcomer, ""}, option{compass, 0.013, -0.3, newcomer, ""}, option{share: 0.005, kind: everyWriter})
	b.office(election.Contest{ID: "us-senate", Name: election.Text{"en": "U.S. Senator", "es": "Senador de los Estados Unidos"}, District: "state"}, 0.014,
		option{lantern, 0.497, 0.95, incumbent, ""}, option{harvest, 0.462, -0.95, newcomer, ""}, option{orchard, 0.024, 0.5, newcomer, ""},
		option{"", 0.013, 0, named, ""}, option{"", 0.004, 0, others, ""})
	for n, share := range []float64{0.452, 0.526} {
		b.office(election.Contest{ID: id("us-house", n+1), Office: "U.S. House", Name: numberedName("U.S. House, District ", "Cámara de Representantes de EE. UU., distrito ", n+1),
			District: numbered("congress", n+1)}, 0.02,
			option{lantern, share, 0.95, newcomer, ""}, option{harvest, 0.97 - share, -0.95, incumbent, ""}, option{compass, 0.024, -0.2, newcomer, ""}, writers)
	}
}

func (b *ballot) state() {
	house := func(n int, under float64, list ...option) {
		b.office(election.Contest{ID: id("state-house", n), Office: "State House", Name: numberedName("State Representative, District ", "Representante estatal, distrito ", n),
			District: numbered("house", n)}, under, append(list, writers)...)
	}
	house(1, 0.03, option{lantern, 0.536, 0.9, incumbent, ""}, option{harvest, 0.458, -0.9, newcomer, ""})
	// The fusion candidate stands for two parties on one line.
	house(2, 0.03, option{harvest, 0.487, -0.9, incumbent, ""}, option{lantern, 0.507, 0.9, newcomer, orchard})
	// Nobody stands against the incumbent.
	house(3, 0.24, option{harvest, 0.971, -0.3, incumbent, ""})
}

func (b *ballot) county() {
	for n, share := range []float64{0.561, 0.447, 0.522, 0.431, 0.479} {
		list := []option{{lantern, share, 0.85, newcomer, ""}, {harvest, 0.994 - share, -0.85, incumbent, ""}, writers}
		if n == 3 { // withdrew after the ballots were printed
			list = slices.Insert(list, 2, option{compass, 0.017, 0, withdrawn, ""})
			list[1].share -= 0.017
		}
		b.office(election.Contest{ID: id("supervisor", n+1), Office: "County Supervisor",
			Name: numberedName("County Supervisor, District ", "Supervisor del condado, distrito ", n+1), District: numbered("supervisor", n+1)}, 0.045, list...)
	}
	// The race that the night is about: less than half a percent apart.
	b.office(election.Contest{ID: "sheriff", Office: "Sheriff", Name: election.Text{"en": "Sheriff", "es": "Alguacil del condado"}, District: "county"}, 0.035,
		option{lantern, 0.4976, 0.9, newcomer, ""}, option{harvest, 0.4964, -0.9, incumbent, ""}, writers)
	b.races[len(b.races)-1].lead = 148
	b.office(election.Contest{ID: "clerk", Office: "County Clerk", Name: election.Text{"en": "County Clerk and Recorder", "es": "Secretario y registrador del condado"}, District: "county"}, 0.055,
		option{harvest, 0.468, -0.8, newcomer, ""}, option{lantern, 0.526, 0.8, incumbent, orchard}, writers)
}

func (b *ballot) local() {
	b.office(election.Contest{ID: "school-board", Office: "School Board", Variation: election.NofM, VotesAllowed: 3, Elected: 3, Rotates: true,
		Name:     election.Text{"en": "Alder Unified School Board", "es": "Junta Escolar Unificada de Alder"},
		Subtitle: election.Text{"en": "Vote for up to three", "es": "Vote hasta por tres"}, District: "school-unified"}, 0.27,
		option{"", 0.213, 0.5, incumbent, ""}, option{"", 0.197, -0.4, newcomer, ""}, option{"", 0.181, 0.3, newcomer, ""}, option{"", 0.173, -0.5, incumbent, ""},
		option{"", 0.142, 0, newcomer, ""}, option{"", 0.084, 0.2, newcomer, ""}, option{"", 0.01, 0, everyWriter, ""})
	b.office(election.Contest{ID: "city-council", Office: "City Council", Variation: election.NofM, VotesAllowed: 2, Elected: 2, Rotates: true,
		Name:     election.Text{"en": "Marlow City Council", "es": "Concejo Municipal de Marlow"},
		Subtitle: election.Text{"en": "Vote for up to two", "es": "Vote hasta por dos"}, District: "marlow"}, 0.2,
		option{"", 0.284, 0.4, incumbent, ""}, option{"", 0.251, -0.3, newcomer, ""}, option{"", 0.244, 0.5, newcomer, ""}, option{"", 0.212, -0.4, newcomer, ""},
		option{"", 0.009, 0, everyWriter, ""})
	b.office(election.Contest{ID: "mayor", Office: "Mayor", Variation: election.Ranked,
		Name:     election.Text{"en": "Mayor of Marlow", "es": "Alcaldía de Marlow"},
		Subtitle: election.Text{"en": "Rank up to five", "es": "Ordene hasta cinco por preferencia"}, District: "marlow"}, 0.06,
		option{"", 0.338, -0.7, incumbent, ""}, option{"", 0.307, 0.7, newcomer, ""}, option{"", 0.186, 0.5, newcomer, ""}, option{"", 0.108, 0.1, newcomer, ""},
		option{"", 0.054, -0.2, newcomer, ""}, option{"", 0.007, 0, everyWriter, ""})
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

func id(office string, n int) election.ContestID {
	return election.ContestID(office + "-" + strconv.Itoa(n))
}

func numberedName(en, es string, n int) election.Text {
	return election.Text{"en": en + strconv.Itoa(n), "es": es + strconv.Itoa(n)}
}

// tickets adds a contest for two people together.
func (b *ballot) tickets(con election.Contest, under float64, list ...option) {
	b.candidates(con, under, list, func() []string { return []string{b.names.next(), b.names.next()} })
}

// office adds a contest for one person, or several one by one.
func (b *ballot) office(con election.Contest, under float64, list ...option) {
	b.candidates(con, under, list, func() []string { return []string{b.names.next()} })
}

func (b *ballot) candidates(con election.Contest, under float64, list []option, people func() []string) {
	con.Kind = election.CandidateContest
	con.VotesAllowed, con.Elected = max(1, con.VotesAllowed), max(1, con.Elected)
	if con.Variation == "" {
		con.Variation = election.Plurality
	}
	r := race{Contest: con, under: under, over: 0.0006}
	for _, o := range list {
		r.Choices = append(r.Choices, choiceOf(o, people))
		r.runners = append(r.runners, runner{o.share, o.pull})
	}
	b.races = append(b.races, r)
}

func choiceOf(o option, people func() []string) election.Choice {
	switch o.kind {
	case everyWriter:
		return election.Choice{ID: "write-in", Name: election.Text{"en": "Write-in", "es": "Nombre por escrito"}, Kind: election.WriteIn}
	case others:
		return election.Choice{ID: "write-in-other", Name: election.Text{"en": "Unqualified write-ins", "es": "Otros nombres por escrito"}, Kind: election.WriteIn}
	}
	names := people()
	ch := election.Choice{ID: election.ChoiceID(lastName(names[0])), Name: election.T(names[0]), Kind: election.Candidate,
		Incumbent: o.kind == incumbent, Withdrawn: o.kind == withdrawn}
	if o.kind == named {
		ch.Kind = election.WriteIn
	}
	for _, p := range []election.PartyID{o.party, o.also} {
		if p != "" {
			ch.Parties = append(ch.Parties, p)
		}
	}
	if len(names) > 1 {
		ch.ID += election.ChoiceID("-" + lastName(names[1]))
		ch.Name = election.T(names[0] + " / " + names[1])
		ch.Ticket = []election.Text{election.T(names[0]), election.T(names[1])}
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
