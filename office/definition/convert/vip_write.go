// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hustings/election"
	"hustings/format/nisterr"
	"hustings/format/vip"
)

func writeVIP(version string) func(io.Writer, *election.Definition) error {
	return func(w io.Writer, def *election.Definition) error {
		_, err := vip.WriteXML(w, newVIPWriter(def).feed(version), version)
		return err
	}
}

func writeVIPTables(w io.Writer, def *election.Definition) error {
	_, err := vip.WriteCSVZip(w, newVIPWriter(def).feed(vip.Version52))
	return err
}

// vipWriter makes a feed of a definition.
type vipWriter struct {
	def        *election.Definition
	tree       *tree
	ids        xmlIDs
	out        *vip.Feed
	units      map[election.UnitID]vip.ID // localities and precincts
	districts  map[election.DistrictID]vip.ID
	parties    map[election.PartyID]string
	places     map[election.PlaceID]vip.ID
	styles     map[election.StyleID]vip.ID
	contests   map[election.ContestID]vip.ID
	contestAt  map[election.ContestID]int
	choices    []map[election.ChoiceID]string
	people     map[string]int
	officeIDs  map[string]vip.ID
	localities []int                    // units that are localities
	local      map[election.UnitID]bool // the same by id
	stateID    vip.ID                   // of the one state
	everywhere vip.ID                   // the district of contests that name none; made when needed
}

func newVIPWriter(def *election.Definition) *vipWriter {
	return &vipWriter{def: def, tree: treeOf(def), ids: make(xmlIDs), units: make(map[election.UnitID]vip.ID), districts: make(map[election.DistrictID]vip.ID),
		parties: make(map[election.PartyID]string), places: make(map[election.PlaceID]vip.ID), styles: make(map[election.StyleID]vip.ID),
		contests: make(map[election.ContestID]vip.ID), contestAt: make(map[election.ContestID]int), people: make(map[string]int), officeIDs: make(map[string]vip.ID)}
}

func (w *vipWriter) feed(version string) *vip.Feed {
	w.out = &vip.Feed{Version: version}
	w.name()
	w.areas()
	for i := range w.def.Districts {
		w.district(&w.def.Districts[i])
	}
	for _, p := range w.def.Parties {
		w.out.Parties = append(w.out.Parties, vip.Party{Element: vip.Element{ID: vip.ID(w.parties[p.ID])}, Name: vipWords(p.Name, string(p.ID)), Abbreviation: p.Abbr, Color: strings.ToLower(p.Color)})
	}
	for i := range w.def.Contests {
		w.contest(i)
	}
	for i := range w.def.Styles {
		w.style(&w.def.Styles[i], i)
	}
	w.precincts()
	w.placeList()
	w.election()
	return w.out
}

// name takes an id for everything that keeps its own where it can.
func (w *vipWriter) name() {
	for _, u := range w.def.Units {
		w.units[u.ID] = vip.ID(w.ids.take("u", string(u.ID)))
	}
	for _, d := range w.def.Districts {
		w.districts[d.ID] = vip.ID(w.ids.take("d", string(d.ID)))
	}
	for _, p := range w.def.Parties {
		w.parties[p.ID] = w.ids.take("p", string(p.ID))
	}
	for _, p := range w.def.Places {
		w.places[p.ID] = vip.ID(w.ids.take("pl", string(p.ID)))
	}
	for _, s := range w.def.Styles {
		w.styles[s.ID] = vip.ID(w.ids.take("st", string(s.ID)))
	}
	for i, c := range w.def.Contests {
		w.contests[c.ID] = vip.ID(w.ids.take("c", string(c.ID)))
		w.contestAt[c.ID] = i
	}
	w.choices = choiceIDs(w.def, w.ids)
}

// vipWords is a wording as a feed has it.
func vipWords(t election.Text, instead string) *vip.Text {
	out := &vip.Text{}
	for _, tag := range tags(t) {
		if strings.TrimSpace(t[tag]) != "" {
			out.Texts = append(out.Texts, vip.LanguageString{Language: tag, Value: t[tag]})
		}
	}
	switch {
	case len(out.Texts) > 0:
		return out
	case instead != "":
		return vip.English(instead)
	}
	return nil
}

// vipIdentifiers writes an External map, our own id first where the feed has it
// in another form.
func vipIdentifiers(m map[string]string, own string) *vip.ExternalIdentifiers {
	out := &vip.ExternalIdentifiers{}
	for _, x := range identifiers(m, [2]string{ourMark, own}) {
		out.Identifiers = append(out.Identifiers, vip.ExternalIdentifier{Type: vip.IdentifierType(x.Type), OtherType: x.OtherType, Value: x.Value})
	}
	if len(out.Identifiers) == 0 {
		return nil
	}
	return out
}

var vipDistrictTypes = strings.Fields("borough city city-council congressional county county-council judicial municipality national school special state state-house state-senate town township utility village ward water")

// districtType is a kind of district in the words of VIP.
func districtType(typ string, ext map[string]string) (vip.DistrictType, string) {
	if slices.Contains(vipDistrictTypes, typ) {
		return vip.DistrictType(typ), ""
	}
	if typ == "other" || typ == "" {
		return "other", ext[otherTypeKey]
	}
	return "other", typ
}

func (w *vipWriter) district(d *election.District) {
	id := w.districts[d.ID]
	x := vip.ElectoralDistrict{Element: vip.Element{ID: id}, Name: cmp.Or(d.Name.String(), string(d.ID)), ExternalIdentifiers: vipIdentifiers(d.External, changed(string(id), string(d.ID)))}
	x.Type, x.OtherType = districtType(d.Type, d.External)
	if n, err := strconv.Atoi(d.Number); err == nil {
		x.Number = vip.Some(n)
	}
	w.out.ElectoralDistricts = append(w.out.ElectoralDistricts, x)
}

// areas writes the state and the localities: the counties, or else the one
// unit that contains all precincts.
func (w *vipWriter) areas() {
	root, ok := w.tree.at[w.def.Election.Scope]
	if !ok {
		return
	}
	if w.def.Units[root].Type != election.County {
		for i, u := range w.def.Units {
			if u.Type == election.County {
				w.localities = append(w.localities, i)
			}
		}
	}
	st, known := findState(w.def.Election.State)
	state := vip.State{Name: st.name}
	switch {
	case len(w.localities) == 0:
		w.localities = []int{root}
		if !known {
			st.fips, state.Name = "00", "Unknown"
		}
		state.ID = vip.ID(w.ids.take("state", "st"+st.fips))
	default:
		u := w.def.Units[root]
		state.ID, state.Name = w.units[u.ID], cmp.Or(u.Name, st.name)
		state.ExternalIdentifiers = vipIdentifiers(u.External, changed(string(state.ID), string(u.ID)))
	}
	w.stateID = state.ID
	w.out.States = []vip.State{state}
	w.local = make(map[election.UnitID]bool, len(w.localities))
	for _, i := range w.localities {
		w.local[w.def.Units[i].ID] = true
		w.locality(w.def.Units[i])
	}
	w.out.Sources = []vip.Source{w.source(st)}
}

func (w *vipWriter) locality(u election.Unit) {
	id := w.units[u.ID]
	l := vip.Locality{Element: vip.Element{ID: id}, Name: cmp.Or(u.Name, string(u.ID)), StateID: w.stateID,
		ExternalIdentifiers: vipIdentifiers(u.External, changed(string(id), string(u.ID)))}
	l.Type, l.OtherType = districtType(string(u.Type), u.External)
	if u.MailOnly {
		l.IsMailOnly = vip.Some(true)
	}
	w.out.Localities = append(w.out.Localities, l)
}

// source says who made the feed; the time is the first day of the election.
func (w *vipWriter) source(st state) vip.Source {
	s := vip.Source{Element: vip.Element{ID: vip.ID(w.ids.mark("source", "1"))}, Name: issuer(w.def), VipID: cmp.Or(st.fips, "00")}
	if root := rootOf(w.def); root != nil && root.External["fips"] != "" {
		s.VipID = root.External["fips"]
	}
	if at, err := w.def.Election.Start.In(w.def.Election.Zone()); err == nil {
		s.DateTime = vip.DateTime{Time: at}
	}
	return s
}

func (w *vipWriter) election() {
	e := w.def.Election
	x := vip.Election{Element: vip.Element{ID: vip.ID(electionMark + string(e.ID))}, Date: vipDate(e.End), Name: vipWords(e.Name, ""),
		ElectionType: vip.English(string(e.Type)), StateID: w.stateID}
	if !plainID.MatchString(string(x.ID)) {
		x.ID = vip.ID(w.ids.mark("e", string(e.ID)))
	}
	if e.Type == "" {
		x.ElectionType = nil
	}
	if e.PollsOpen != "" && e.PollsClose != "" {
		hours := []election.Hours{{Start: e.End, End: e.End, Open: e.PollsOpen, Close: e.PollsClose}}
		x.HoursOpenID = w.hours("polls", "polls", hours, e.Zone())
	}
	for _, d := range e.Calendar {
		day := vipDate(election.DayOf(d.At.In(e.Zone())))
		switch d.Kind {
		case "registration":
			x.RegistrationDeadline = day
		case "absentee-request":
			x.AbsenteeRequestDeadline = day
		}
	}
	w.out.Elections = []vip.Election{x}
}

func vipDate(d election.Date) vip.Date {
	day, err := vip.ParseDate(string(d))
	if err != nil {
		return vip.Date{}
	}
	return day
}

// hours writes when something is open, and returns the id of that.
func (w *vipWriter) hours(kind, id string, list []election.Hours, loc *time.Location) vip.ID {
	h := vip.HoursOpen{Element: vip.Element{ID: vip.ID(w.ids.mark("ho"+kind, id))}}
	for _, s := range schedules(list, loc) {
		open, err1 := vip.ParseTimeWithZone(s.open)
		shut, err2 := vip.ParseTimeWithZone(s.close)
		if err1 != nil || err2 != nil {
			continue
		}
		run := vip.Schedule{StartDate: vipDate(s.start), EndDate: vipDate(s.end), Hours: []vip.Hours{{StartTime: vip.Some(open), EndTime: vip.Some(shut)}}}
		if s.appointment {
			run.IsOnlyByAppointment = vip.Some(true)
		}
		h.Schedules = append(h.Schedules, run)
	}
	if len(h.Schedules) == 0 {
		return ""
	}
	w.out.HoursOpen = append(w.out.HoursOpen, h)
	return h.ID
}

// precincts writes the units at the bottom of the tree.
func (w *vipWriter) precincts() {
	styles := stylesOfUnits(w.def)
	for i := range w.def.Units {
		if len(w.tree.kids[i]) > 0 || w.local[w.def.Units[i].ID] || w.def.Units[i].Type == election.BallotBatch {
			continue
		}
		w.precinct(i, styles)
	}
}

// stylesOfUnits are the ballot styles of each unit.
func stylesOfUnits(def *election.Definition) map[election.UnitID][]election.StyleID {
	out := make(map[election.UnitID][]election.StyleID)
	for _, s := range def.Styles {
		for _, u := range s.Units {
			out[u] = append(out[u], s.ID)
		}
	}
	return out
}

// stylesAt are the ballot styles of a unit and of those above it, the nearest
// first.
func stylesAt(t *tree, i int, of map[election.UnitID][]election.StyleID) []election.StyleID {
	var out []election.StyleID
	t.above(i, func(u election.Unit) bool {
		for _, s := range of[u.ID] {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		return false
	})
	return out
}

func (w *vipWriter) precinct(i int, styles map[election.UnitID][]election.StyleID) {
	u := w.def.Units[i]
	id := w.units[u.ID]
	p := vip.Precinct{Element: vip.Element{ID: id}, Name: cmp.Or(u.Name, string(u.ID)), Number: u.Number, LocalityID: w.localityOf(i), Ward: w.ward(i),
		ExternalIdentifiers: vipIdentifiers(withoutKey(u.External, wardKey), changed(string(id), string(u.ID)))}
	if up, ok := w.tree.at[u.Parent]; ok && u.Type == election.SplitPrecinct && !w.local[u.Parent] {
		whole := w.def.Units[up]
		p.Name, p.Number, p.PrecinctSplitName = cmp.Or(whole.Name, string(whole.ID)), whole.Number, partName(whole, u)
	}
	if u.MailOnly {
		p.IsMailOnly = vip.Some(true)
	}
	for _, d := range u.Districts {
		if x, ok := w.districts[d]; ok {
			p.ElectoralDistrictIDs = append(p.ElectoralDistrictIDs, x)
		}
	}
	for k, s := range stylesAt(w.tree, i, styles) {
		if k == 0 {
			p.BallotStyleID = w.styles[s]
			continue
		}
		// A precinct has one ballot style in VIP. The others are told to
		// ourselves, and Lost tells the office that nobody else will see them.
		if p.ExternalIdentifiers == nil {
			p.ExternalIdentifiers = &vip.ExternalIdentifiers{}
		}
		p.ExternalIdentifiers.Identifiers = append(p.ExternalIdentifiers.Identifiers,
			vip.ExternalIdentifier{Type: "other", OtherType: styleMark, Value: string(w.styles[s])})
	}
	w.out.Precincts = append(w.out.Precincts, p)
}

// partName is what splitName put behind the name of the whole precinct.
func partName(whole, part election.Unit) string {
	if rest, ok := strings.CutPrefix(part.Name, whole.Name+" ("); ok && strings.HasSuffix(rest, ")") {
		return strings.TrimSuffix(rest, ")")
	}
	return cmp.Or(part.Name, string(part.ID))
}

// localityOf is the locality that a precinct lies in.
func (w *vipWriter) localityOf(i int) vip.ID {
	at := w.tree.above(i, func(u election.Unit) bool { return w.local[u.ID] })
	if at < 0 {
		at = w.localities[0]
	}
	return w.units[w.def.Units[at].ID]
}

func (w *vipWriter) ward(i int) string {
	if ward := w.def.Units[i].External[wardKey]; ward != "" {
		return ward
	}
	if at := w.tree.above(i, func(u election.Unit) bool { return u.Type == election.Ward }); at >= 0 && at != i {
		return cmp.Or(w.def.Units[at].Number, w.def.Units[at].Name)
	}
	return ""
}

func (w *vipWriter) placeList() {
	precinct := make(map[vip.ID]int, len(w.out.Precincts))
	for i := range w.out.Precincts {
		precinct[w.out.Precincts[i].ID] = i
	}
	locality := make(map[vip.ID]int, len(w.out.Localities))
	for i := range w.out.Localities {
		locality[w.out.Localities[i].ID] = i
	}
	for _, p := range w.def.Places {
		if p.Kind == election.Office {
			continue // nobody votes there
		}
		id := w.places[p.ID]
		w.out.PollingLocations = append(w.out.PollingLocations, w.place(p))
		if len(p.Units) == 0 {
			if len(w.out.Localities) == 1 {
				w.out.Localities[0].PollingLocationIDs = append(w.out.Localities[0].PollingLocationIDs, id)
			} else if len(w.out.States) > 0 {
				w.out.States[0].PollingLocationIDs = append(w.out.States[0].PollingLocationIDs, id)
			}
		}
		for _, u := range p.Units {
			w.assign(u, id, precinct, locality)
		}
	}
}

// assign lists a place with a locality, or with every precinct of a unit.
func (w *vipWriter) assign(u election.UnitID, place vip.ID, precinct, locality map[vip.ID]int) {
	if i, ok := locality[w.units[u]]; ok {
		w.out.Localities[i].PollingLocationIDs = append(w.out.Localities[i].PollingLocationIDs, place)
		return
	}
	at, ok := w.tree.at[u]
	if !ok {
		return
	}
	w.tree.leaves(at, func(leaf int) {
		if i, ok := precinct[w.units[w.def.Units[leaf].ID]]; ok && !slices.Contains(w.out.Precincts[i].PollingLocationIDs, place) {
			w.out.Precincts[i].PollingLocationIDs = append(w.out.Precincts[i].PollingLocationIDs, place)
		}
	})
}

func (w *vipWriter) place(p election.Place) vip.PollingLocation {
	l := vip.PollingLocation{Element: vip.Element{ID: w.places[p.ID]}, Name: p.Name, Directions: vipWords(p.Directions, "")}
	if p.Line1 != "" && p.City != "" && p.State != "" {
		l.AddressStructured = &vip.SimpleAddress{Line1: p.Line1, Line2: p.Line2, City: p.City, State: p.State, Zip: p.Zip}
	} else {
		l.AddressLines = addressLines(p)
	}
	switch p.Kind {
	case election.DropBox:
		l.IsDropBox = vip.Some(true)
	case election.EarlySite:
		l.IsEarlyVoting = vip.Some(true)
	}
	if lat, lon, ok := point(p.Lat, p.Lon, true); ok {
		l.LatLng = &vip.LatLng{Latitude: vip.Some(lat), Longitude: vip.Some(lon)}
	}
	l.HoursOpenID = w.hours("pl", string(p.ID), p.Hours, zoneOf(p, w.def.Election))
	return l
}

func (w *vipWriter) style(s *election.Style, n int) {
	x := vip.BallotStyle{Element: vip.Element{ID: w.styles[s.ID]}}
	if id, ok := w.parties[s.Party]; ok {
		x.PartyIDs = []vip.ID{vip.ID(id)}
	}
	for k, c := range s.Contests {
		id, ok := w.contests[c]
		if !ok {
			continue
		}
		o := vip.OrderedContest{Element: vip.Element{ID: vip.ID(w.ids.mark("oc"+strconv.Itoa(n)+"x"+strconv.Itoa(k), string(c)))}, ContestID: id}
		for _, ch := range s.Orders[c] {
			if x, ok := w.choices[w.contestAt[c]][ch]; ok {
				o.OrderedBallotSelectionIDs = append(o.OrderedBallotSelectionIDs, vip.ID(x))
			}
		}
		w.out.OrderedContests = append(w.out.OrderedContests, o)
		x.OrderedContestIDs = append(x.OrderedContestIDs, o.ID)
	}
	w.out.BallotStyles = append(w.out.BallotStyles, x)
}

// variation is a vote variation in words that NIST and VIP share.
func variation(c *election.Contest) (vip.VoteVariation, string) {
	if v := nisterr.VoteVariation(c.Variation); !v.Valid() {
		return "other", string(c.Variation)
	} else if v == nisterr.VoteVariationOther {
		return "other", c.External[otherVariationKey]
	}
	return vip.VoteVariation(c.Variation), ""
}
